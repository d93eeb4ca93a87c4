//! What the world's ships send by AIS.
//!
//! Standard: ITU-R M.1371-5; IEC 61097-14 for the search and rescue transmitter, which
//! sends bursts of eight messages, one burst a minute.

use picket_codec::ais::message::{Dimensions, Fix, PositionA, StaticVoyage};
use picket_codec::ais::{Text, encode};

use picket_model::{Angle, Enu, Time};

use crate::chance::Chance;
use crate::mover::{Cruise, Motion};
use crate::scenario::{DistressRow, VesselRow};
use crate::world::Stage;

/// Seconds between two messages 5 of a ship. The standard has six minutes; a ship that comes
/// into reach is asked for it, and a newcomer should not wait for a name.
pub(crate) const SHIP_NAME_S: f64 = 30.0;
/// Seconds between two messages of a burst: 75 slots of 2,250 a minute.
pub(crate) const BEACON_S: f64 = 2.0;
/// Seconds from burst to burst, and how long one takes: eight messages.
const BURST_S: (f64, f64) = (60.0, 8.0 * BEACON_S);
/// How fast a small ship changes its speed, m/s².
const SHIP_CHANGE_MPS2: f64 = 0.3;
/// One knot, m/s.
const KNOT_MPS: f64 = 1_852.0 / 3_600.0;
/// One nautical mile, metres.
const MILE_M: f64 = 1_852.0;
/// Error of a ship's receiver, one sigma, metres.
const GNSS_M: f64 = 2.5;
/// Below this speed a receiver knows no course, m/s.
const COURSE_MPS: f64 = 0.15;
/// Navigational status: under way using engine, not under command, AIS-SART active.
const UNDER_WAY: u8 = 0;
const NOT_UNDER_COMMAND: u8 = 2;
const SART_ACTIVE: u8 = 14;

/// A ship on its circuit.
#[derive(Debug)]
pub(crate) struct Ship {
    row: VesselRow,
    cruise: Cruise,
    moved_ms: i64,
    /// The cycle in which it last reported a false place.
    jumped_in: Option<u64>,
}

impl Ship {
    pub(crate) fn new(row: &VesselRow, start_ms: i64) -> Self {
        let cruise = Cruise::new(&row.circuit, row.speed_kn * KNOT_MPS);
        Self { row: row.clone(), cruise, moved_ms: start_ms, jumped_in: None }
    }

    /// A position report, message 1; once in some cycles with a place far off.
    pub(crate) fn report(&mut self, stage: &Stage, at_ms: i64, chance: &mut Chance) -> Vec<String> {
        let motion = self.advance(stage, at_ms);
        let mut at = blurred(motion.at, chance);
        let (cycle, second) = stage.cycle(at_ms);
        let jump = stage.plan().jump.iter().find(|jump| {
            jump.mmsi == self.row.mmsi && jump.every_cycles.includes(cycle) && second >= jump.at_s
        });
        if let Some(jump) = jump.filter(|_| self.jumped_in != Some(cycle)) {
            self.jumped_in = Some(cycle);
            let (bearing, off_m) =
                (Angle::from_degrees(jump.bearing_deg), jump.distance_nm * MILE_M);
            at.e_m += off_m * libm::sin(bearing.radians());
            at.n_m += off_m * libm::cos(bearing.radians());
        }
        let in_distress = distress_of(stage, self.row.mmsi, at_ms).is_some();
        let known = motion.speed_mps > COURSE_MPS;
        let report = PositionA {
            nav_status: Some(if in_distress { NOT_UNDER_COMMAND } else { UNDER_WAY }),
            sog_kn: Some(motion.speed_mps / KNOT_MPS),
            cog_deg: known.then(|| motion.course.bearing_degrees()),
            heading_deg: whole_degrees(motion.course),
            raim: Some(false),
            ..place(stage, at, at_ms)
        };
        encode::position_a(self.row.mmsi, &report)
    }

    fn advance(&mut self, stage: &Stage, at_ms: i64) -> Motion {
        let seconds = stage.second(at_ms) - stage.second(self.moved_ms);
        self.moved_ms = at_ms;
        let in_distress = distress_of(stage, self.row.mmsi, at_ms).is_some();
        let wanted_mps = if in_distress { 0.0 } else { self.row.speed_kn * KNOT_MPS };
        self.cruise.advance(&self.row.circuit, seconds, wanted_mps, SHIP_CHANGE_MPS2);
        self.cruise.motion(&self.row.circuit)
    }
}

/// A search and rescue transmitter that floats beside its ship.
#[derive(Debug)]
pub(crate) struct Beacon {
    row: DistressRow,
    ship: Ship,
    /// The burst in which it last sent its text: cycle, and number in it.
    told_in: Option<(u64, f64)>,
}

impl Beacon {
    pub(crate) fn new(row: &DistressRow, ship: &VesselRow, start_ms: i64) -> Self {
        Self { row: row.clone(), ship: Ship::new(ship, start_ms), told_in: None }
    }

    /// Message 1 of a burst, and in the middle of the burst message 14; nothing between bursts.
    pub(crate) fn call(&mut self, stage: &Stage, at_ms: i64, chance: &mut Chance) -> Vec<String> {
        let mut at = blurred(self.ship.advance(stage, at_ms).at, chance);
        let (cycle, second) = stage.cycle(at_ms);
        if !is_on(&self.row, cycle, second) {
            return Vec::new();
        }
        let (period_s, burst_s) = BURST_S;
        let since_s = second - self.row.from_s;
        let in_burst_s = since_s.rem_euclid(period_s);
        if in_burst_s >= burst_s {
            return Vec::new();
        }
        let [e_m, n_m] = self.row.offset;
        at = Enu { e_m: at.e_m + e_m, n_m: at.n_m + n_m };
        let report = PositionA {
            nav_status: Some(SART_ACTIVE),
            sog_kn: Some(0.0),
            ..place(stage, at, at_ms)
        };
        let mut lines = encode::position_a(self.row.sart_mmsi, &report);
        let burst = (cycle, (since_s / period_s).floor());
        if in_burst_s >= burst_s / 2.0 && self.told_in != Some(burst) {
            self.told_in = Some(burst);
            lines.extend(encode::safety_text(self.row.sart_mmsi, &self.row.text));
        }
        lines
    }
}

/// Static and voyage data, message 5: two sentences.
pub(crate) fn name(row: &VesselRow) -> Vec<String> {
    let ([to_bow_m, to_stern_m], [to_port_m, to_starboard_m]) = (row.length_m, row.beam_m);
    let data = StaticVoyage {
        ais_version: Some(2),
        imo: row.imo,
        callsign: Text::new(&row.callsign),
        name: Text::new(&row.name),
        ship_type: Some(row.ship_type),
        dimensions: Some(Dimensions { to_bow_m, to_stern_m, to_port_m, to_starboard_m }),
        // 1: GPS.
        epfd: Some(1),
        destination: Text::new(&row.destination),
        ..StaticVoyage::default()
    };
    // The last digit keeps the halves of two ships apart.
    let sequence = u8::try_from(row.mmsi % 10).unwrap_or(0);
    encode::static_voyage(row.mmsi, &data, sequence)
}

fn distress_of(stage: &Stage, mmsi: u32, at_ms: i64) -> Option<&DistressRow> {
    let (cycle, second) = stage.cycle(at_ms);
    stage.plan().distress.iter().find(|row| row.mmsi == mmsi && is_on(row, cycle, second))
}

fn is_on(row: &DistressRow, cycle: u64, second: f64) -> bool {
    row.every_cycles.includes(cycle) && (row.from_s..row.until_s).contains(&second)
}

fn blurred(at: Enu, chance: &mut Chance) -> Enu {
    Enu { e_m: at.e_m + GNSS_M * chance.normal(), n_m: at.n_m + GNSS_M * chance.normal() }
}

/// A report of nothing but place and second.
fn place(stage: &Stage, at: Enu, at_ms: i64) -> PositionA {
    let position = stage.position(at);
    PositionA {
        fix: Fix {
            accuracy: Some(true),
            lon_deg: Some(position.lon.degrees()),
            lat_deg: Some(position.lat.degrees()),
        },
        second: u8::try_from(Time::from_unix_ms(at_ms).unix_s().rem_euclid(60)).ok(),
        ..PositionA::default()
    }
}

/// The nearest whole degree, 0 to 359.
fn whole_degrees(angle: Angle) -> Option<u16> {
    let nearest = (angle.bearing_degrees() + 0.5).floor();
    (0_u16..360).find(|&degree| (f64::from(degree) - nearest % 360.0).abs() < 0.5)
}
