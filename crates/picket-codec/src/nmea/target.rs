//! What a radar or plotting aid follows: TTM, TLL and TTD.

use picket_model::geo::Frame;
use picket_model::{Angle, Enu, Position};

use super::date::of_day_ns;
use super::field::Fields;
use super::said::{in_nm, text, turned};
use crate::ais::six_bits;
use crate::reader::BitReader;

/// One followed target.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Target {
    /// Its number at this radar, 0 to 1,023; given anew when the target is dropped.
    pub number: Option<u32>,
    /// Distance from the radar, nautical miles.
    pub range_nm: Option<f64>,
    /// Bearing from the radar, degrees: true, or from the bow.
    pub bearing_deg: Option<f64>,
    /// Whether the bearing counts from the bow.
    pub bearing_relative: bool,
    /// Speed, knots.
    pub speed_kn: Option<f64>,
    /// Course, degrees true.
    pub course_deg: Option<f64>,
    /// Whether speed and course are against the own craft rather than the earth.
    pub motion_relative: bool,
    /// Whether speed and course are through the water (TTD tells).
    pub through_water: bool,
    /// Heading as its AIS tells, degrees true (TTD).
    pub heading_deg: Option<f64>,
    /// Distance at the closest point of approach, nautical miles.
    pub cpa_nm: Option<f64>,
    /// Time to it, minutes; negative when it has passed.
    pub tcpa_min: Option<f64>,
    /// What the operator calls it.
    pub name: Option<Box<str>>,
    /// How well it is followed.
    pub state: Option<TargetState>,
    /// Whether the radar takes its own motion from this one: a thing that stands still.
    pub reference: bool,
    /// Whether it is made by a test of the radar.
    pub test: bool,
    /// The number that it shares with targets of other sensors that are the same (TTD).
    pub correlation: Option<u32>,
    /// Where it is: as TLL says, or by range and bearing from where the radar is known to be.
    pub place: Option<Position>,
}

/// How well a target is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetState {
    /// No more: its place is where it was last.
    Lost,
    /// Not yet: speed and course are not settled.
    Acquiring,
    /// It is.
    Tracked,
}

impl TargetState {
    /// The state in print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Acquiring => "acquiring",
            Self::Tracked => "tracked",
        }
    }

    const fn of(letter: u8) -> Option<Self> {
        match letter {
            b'L' => Some(Self::Lost),
            b'Q' => Some(Self::Acquiring),
            b'T' => Some(Self::Tracked),
            _ => None,
        }
    }
}

/// Metres in a nautical mile.
const METRES_IN_NM: f64 = 1_852.0;

/// Beyond this no surface radar sees, and TTD cannot say it.
const RANGE_NM_MAX: f64 = 163.84;

impl Target {
    /// Where the target is, for a radar that stands at `from` with its bow at `heading_deg`.
    ///
    /// `None` without range, bearing, or the heading that a bearing from the bow needs.
    pub(super) fn seen_from(
        &self,
        from: Option<Position>,
        heading_deg: Option<f64>,
    ) -> Option<Position> {
        let bow_deg = if self.bearing_relative { heading_deg? } else { 0.0 };
        let bearing = Angle::from_degrees(turned(bow_deg + self.bearing_deg?));
        Some(moved(from?, self.range_nm? * METRES_IN_NM, bearing))
    }

    /// One sigma of its place, metres, if range and bearing give it.
    ///
    /// IMO MSC.192(79) §5.3 allows 30 m or 1 % in range and 1° in bearing; half of each is
    /// taken for one sigma, because a type test holds its bounds nearly always.
    pub(super) fn sigma_m(&self) -> Option<f64> {
        let range_m = self.range_nm? * METRES_IN_NM;
        let along_m = (range_m * 0.005).max(15.0);
        Some(libm::hypot(along_m, range_m * 0.5_f64.to_radians()))
    }
}

/// The place at this distance and initial bearing.
///
/// By the middle latitude on the ellipsoid: within one part in 10,000 up to 100 km and 70 degrees
/// of latitude, a hundredth of what a radar's bearing is off.
fn moved(from: Position, range_m: f64, bearing: Angle) -> Position {
    let along = |angle: f64, range_m: f64| (range_m * libm::sin(angle), range_m * libm::cos(angle));
    let (e_m, n_m) = along(bearing.radians(), range_m / 2.0);
    let mut middle = Frame::at(from).position(Enu { e_m, n_m });
    let mut end = middle;
    for _ in 0..2 {
        let frame = Frame::at(middle);
        let start = frame.enu(&from);
        // Meridians draw together: from here to the middle a straight way turns by so much.
        let east = middle.lon.radians() - from.lon.radians();
        let east = libm::atan2(libm::sin(east), libm::cos(east));
        let half_turn = east * libm::sin(middle.lat.radians());
        let (e_m, n_m) = along(bearing.radians() + half_turn, range_m);
        let at = |share: f64| Enu { e_m: start.e_m + e_m * share, n_m: start.n_m + n_m * share };
        end = frame.position(at(1.0));
        middle = frame.position(at(0.5));
    }
    end
}

/// `number,range,bearing,T or R,speed,course,T or R,cpa,tcpa,unit,name,state,R,hhmmss.ss,acquisition`
pub(super) fn ttm(mut f: Fields<'_>) -> (Target, Option<i64>) {
    let number = f.whole();
    let range = f.number();
    let (bearing, bearing_by) = (f.degrees(), f.letter());
    let speed = f.number();
    let (course, course_by) = (f.degrees(), f.letter());
    let (cpa, tcpa_min) = (f.number(), f.number());
    // Nautical miles and knots unless another unit is named.
    let unit = match f.text() {
        [] => b'N',
        [unit] => *unit,
        _ => 0,
    };
    let nm = |value: Option<f64>| in_nm(value.filter(|value| *value >= 0.0)?, unit);
    let target = Target {
        number,
        range_nm: nm(range).filter(|range_nm| *range_nm <= RANGE_NM_MAX),
        bearing_deg: bearing.filter(|_| matches!(bearing_by, Some(b'T' | b'R'))),
        bearing_relative: bearing_by == Some(b'R'),
        speed_kn: nm(speed),
        course_deg: course.filter(|_| matches!(course_by, Some(b'T' | b'R'))),
        motion_relative: course_by == Some(b'R'),
        cpa_nm: nm(cpa),
        tcpa_min,
        name: name(f.text()),
        state: f.letter().and_then(TargetState::of),
        reference: f.letter() == Some(b'R'),
        ..Target::default()
    };
    (target, of_day_ns(f.text()))
}

/// `number,llll.ll,a,yyyyy.yy,a,name,hhmmss.ss,state,R`
pub(super) fn tll(mut f: Fields<'_>) -> (Target, Option<i64>) {
    let number = f.whole();
    let place = f.place().and_then(|(lat_deg, lon_deg)| Position::from_degrees(lat_deg, lon_deg));
    let (name, at) = (name(f.text()), of_day_ns(f.text()));
    let state = f.letter().and_then(TargetState::of);
    let reference = f.letter() == Some(b'R');
    (Target { number, name, state, reference, place, ..Target::default() }, at)
}

/// `sentences,this,id,payload,fill bits`: targets of 90 bits, whole ones in each sentence.
pub(super) fn ttd(mut f: Fields<'_>) -> Vec<Target> {
    f.skip(3);
    let payload = f.text();
    payload.chunks_exact(TARGET_CHARACTERS).filter_map(packed).collect()
}

/// 90 bits, six in each character.
const TARGET_CHARACTERS: usize = 15;

/// One target of TTD; `None` for an empty place, a protocol that is not known, or a wrong character.
///
/// Bits: protocol 2, number 10, bearing 12 (0.1°), speed 12 (0.1 kn), course 12 (0.1°), heading 12
/// (0.1°), state 3, test 1, range 14 (0.01 NM), relative 1, water 1, reserved 2, correlation 8.
///
/// Standard: IEC 61162-1 edition 4, TTD.
fn packed(characters: &[u8]) -> Option<Target> {
    // 15 characters fill 11 bytes and two bits.
    let mut bytes = [0; 12];
    for (to, four) in bytes.chunks_exact_mut(3).zip(characters.chunks(4)) {
        let mut word = 0_u32;
        for index in 0..4 {
            let code = four.get(index).map_or(Some(0), |byte| six_bits(*byte))?;
            word = word << 6 | u32::from(code);
        }
        if let ([a, b, c], [_, x, y, z]) = (to, word.to_be_bytes()) {
            (*a, *b, *c) = (x, y, z);
        }
    }
    let mut r = BitReader::new(&bytes, TARGET_CHARACTERS * 6);
    let (protocol, number) = (r.u32(2)?, r.u32(10)?);
    if protocol != 0 || number == 0 {
        return None;
    }
    let mut tenths = |most: u32| {
        r.u32(12).map(|raw| Some(raw).filter(|raw| *raw <= most).map(|raw| f64::from(raw) / 10.0))
    };
    // 4,094 of speed is "that or more", 4,095 of any is not known.
    let (bearing_deg, speed_kn) = (tenths(3_599)?, tenths(4_093)?);
    let (course_deg, heading_deg) = (tenths(3_599)?, tenths(3_599)?);
    let state = match r.u32(3)? {
        1 => Some(TargetState::Acquiring),
        2 => Some(TargetState::Lost),
        4 | 6 | 7 => Some(TargetState::Tracked),
        _ => None,
    };
    let test = r.flag()?;
    let range_nm = Some(r.u32(14)?).filter(|raw| *raw < 16_383).map(|raw| f64::from(raw) / 100.0);
    let (motion_relative, through_water) = (r.flag()?, r.flag()?);
    r.skip(2);
    let correlation = Some(r.u32(8)?).filter(|number| *number != 0);
    Some(Target {
        number: Some(number),
        range_nm,
        bearing_deg,
        speed_kn,
        course_deg,
        motion_relative,
        through_water,
        heading_deg,
        state,
        test,
        correlation,
        ..Target::default()
    })
}

fn name(bytes: &[u8]) -> Option<Box<str>> {
    (!bytes.is_empty()).then(|| text(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_at_a_distance_is_that_of_the_ellipsoid() {
        // geographiclib 2.0, Geodesic.WGS84.Direct.
        for (from, range_m, bearing_deg, to) in MOVES {
            let from = Position::from_degrees(from.0, from.1).unwrap();
            let to = Position::from_degrees(to.0, to.1).unwrap();
            let missed_m = moved(from, range_m, Angle::from_degrees(bearing_deg)).distance_m(&to);
            assert!(missed_m < range_m * 1e-4, "{range_m} m at {bearing_deg}: {missed_m} m off");
        }
    }

    type Move = ((f64, f64), f64, f64, (f64, f64));

    const MOVES: [Move; 6] = [
        ((0.0, 0.0), 50000.0, 90.0, (0.000000000, 0.449157642)),
        ((54.1, 7.9), 44448.0, 45.0, (54.381394579, 8.383719134)),
        ((54.1, 7.9), 100000.0, 300.0, (54.541818421, 6.561848594)),
        ((-33.9, 151.2), 1852.0, 200.0, (-33.915689490, 151.193150422)),
        ((69.5, 179.9), 60000.0, 80.0, (69.586824071, -178.582480414)),
        ((-60.0, -30.0), 100000.0, 135.0, (-60.628435978, -28.708148841)),
    ];
}
