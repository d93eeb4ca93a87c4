//! Life cycle: how many fixes make a track, and how long it lives without.
//!
//! Confirmation counts fixes by their authors' clocks; silence is counted by ours.

use picket_model::{Observation, SensorKind, Time};

/// How long a track waits, and what makes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Patience {
    /// Longest usual time between two fixes, seconds.
    pub(crate) interval_s: f64,
    /// So many fixes of `window` intervals confirm it: M of N.
    pub(crate) needed: Needed,
    /// Silent so long, it coasts, seconds.
    pub(crate) coast_s: f64,
    /// Silent so long, its place is lost, seconds.
    pub(crate) lost_s: f64,
    /// Silent so long, it is deleted, seconds.
    pub(crate) delete_s: f64,
}

/// How many fixes confirm a track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needed {
    /// For what names itself, or is followed by number by its reporter: an error of a frame
    /// rarely passes its check and almost never twice with one name.
    TwoOfThree,
    /// For plots without a name, which clutter makes too.
    ThreeOfFive,
}

impl Needed {
    /// Intervals in which the fixes must fall: N - 1.
    pub(crate) const fn intervals(self) -> f64 {
        match self {
            Self::TwoOfThree => 2.0,
            Self::ThreeOfFive => 4.0,
        }
    }
}

/// AIS: the slowest of ITU-R M.1371-5 tables 1 and 2 is 3 minutes, at anchor or below 3 knots
/// (class B: 2 knots). Twice that coasts, so one lost message does not.
const AIS_SLOW: [f64; 4] = [180.0, 360.0, 900.0, 1_800.0];
/// AIS under way: class A sends every 2 to 10 s, class B carrier sense every 30 s.
const AIS_MOVING: [f64; 4] = [30.0, 60.0, 300.0, 900.0];
/// Speed from which an AIS ship counts as moving, m/s: 3 knots.
const AIS_MOVING_MPS: f64 = 3.0 * 1_852.0 / 3_600.0;
/// A self-reporter without a stale time: TAK clients send every 3 to 15 s when moving.
const COT_SELF: [f64; 4] = [15.0, 30.0, 120.0, 600.0];
/// A sensor's report without a stale time: a scan or a look of some seconds.
const COT_REPORT: [f64; 4] = [5.0, 10.0, 40.0, 120.0];
/// Mode S: positions twice a second (DO-260B §2.2.3.3.1), of which a far receiver hears one in ten.
const ADSB: [f64; 4] = [5.0, 15.0, 60.0, 300.0];
/// A radar's plot or track: one turn takes 4 to 12 s.
const RADAR: [f64; 4] = [12.0, 30.0, 60.0, 180.0];
/// Bounds of a stale time, seconds: below, a delay would make it coast; above, it is no promise.
const STALE_S: [f64; 2] = [5.0, 3_600.0];
/// Longest interval in which two fixes of a stale time's length confirm a track, seconds.
const STALE_INTERVAL_S_MAX: f64 = 60.0;

/// How long a track waits after this observation.
pub(crate) fn patience(seen: &Observation, fix_at: Time, named: bool) -> Patience {
    let [interval_s, coast_s, lost_s, delete_s] = match seen.sensor {
        SensorKind::Ais => match seen.kinematics.speed_mps {
            Some(speed_mps) if speed_mps > AIS_MOVING_MPS => AIS_MOVING,
            Some(_) | None => AIS_SLOW,
        },
        SensorKind::Adsb => ADSB,
        SensorKind::Radar | SensorKind::SystemTrack => RADAR,
        SensorKind::CotSelf | SensorKind::Gnss => by_stale(seen, fix_at).unwrap_or(COT_SELF),
        SensorKind::CotReport => by_stale(seen, fix_at).unwrap_or(COT_REPORT),
    };
    let needed = if named { Needed::TwoOfThree } else { Needed::ThreeOfFive };
    Patience { interval_s, needed, coast_s, lost_s, delete_s }
}

/// The author's own word: coasting when its message lapses, lost at four times that.
fn by_stale(seen: &Observation, fix_at: Time) -> Option<[f64; 4]> {
    let [least, most] = STALE_S;
    let stale_s = seen.stale_at?.since_s(fix_at);
    if stale_s <= 0.0 {
        return None;
    }
    let stale_s = stale_s.clamp(least, most);
    let lost_s = (4.0 * stale_s).min(stale_s + most).max(stale_s + 30.0);
    let delete_s = (10.0 * stale_s).min(lost_s + most).max(lost_s + 90.0);
    Some([(stale_s / 2.0).clamp(least, STALE_INTERVAL_S_MAX), stale_s, lost_s, delete_s])
}

/// When a silent track changes, by our clock.
///
/// Each fix moves these forward and never back: a track with a fast and a slow source
/// waits for the slow one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deadlines {
    pub(crate) tentative: Time,
    pub(crate) coast: Time,
    pub(crate) lost: Time,
    pub(crate) delete: Time,
}

impl Deadlines {
    /// Long ago.
    pub(crate) const NONE: Self =
        Self { tentative: Time::MIN, coast: Time::MIN, lost: Time::MIN, delete: Time::MIN };

    /// Moves the deadlines forward after a fix that came at `received_at`.
    pub(crate) fn extend(&mut self, received_at: Time, patience: &Patience) {
        let from = |seconds: f64| received_at.plus_s(seconds);
        let window_s = patience.needed.intervals() * patience.interval_s;
        self.tentative = self.tentative.max(from(window_s));
        self.coast = self.coast.max(from(patience.coast_s));
        self.lost = self.lost.max(from(patience.lost_s));
        self.delete = self.delete.max(from(patience.delete_s));
    }
}
