//! Registration: from what an author wrote to a fix that a filter may take.
//!
//! Everything that could poison an estimate ends here: places off the earth, errors that
//! are no numbers, clocks in another century.

use picket_model::{Class, Observation, Position, Record, SensorKind, Time};

use crate::filter::{Velocity, along};
use crate::motion;

/// A place at a time with its errors: every number is finite, every sigma above zero.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fix {
    pub(crate) at: Time,
    pub(crate) received_at: Time,
    /// How far `at` may be off, seconds.
    pub(crate) jitter_s: f64,
    pub(crate) position: Position,
    pub(crate) sigma_m: f64,
    pub(crate) velocity: Option<Velocity>,
}

/// How far an author's clock may run ahead of ours, seconds; beyond it our clock counts.
///
/// Clocks that are set at all agree within seconds; a minute leaves room for bad ones.
const AHEAD_S_MAX: f64 = 60.0;

/// Error of a time that the author gave, seconds: AIS and CoT round to a second.
const JITTER_TIMED_S: f64 = 1.0;

/// Error of a time that is our receive time, seconds: a receiver or a TCP link may hold back that long.
const JITTER_RECEIVED_S: f64 = 5.0;

/// No receiver is better than this, metres; it keeps two equal fixes from becoming certainty.
const SIGMA_M_MIN: f64 = 1.0;

/// A place that is not known better than this, metres, is no place.
const SIGMA_M_MAX: f64 = 10_000.0;

/// Speed below which a thing is taken to stand, so that a missing course does not matter, m/s.
const STANDING_MPS: f64 = 0.3;

/// The fix in an observation, if it holds a usable place.
pub(crate) fn fix(record: &Record, seen: &Observation) -> Option<Fix> {
    let position = seen.position.filter(is_on_earth)?;
    let height_m = position.height_m.filter(|height_m| height_m.is_finite());
    let given = seen.sigma_m.filter(|sigma_m| sigma_m.is_finite() && *sigma_m > 0.0);
    let sigma_m = given.unwrap_or_else(|| usual_sigma_m(seen.sensor));
    if sigma_m > SIGMA_M_MAX {
        return None;
    }
    let ahead = record.occurred_at.since_s(record.received_at) > AHEAD_S_MAX;
    let timed = record.is_timed() && !ahead;
    Some(Fix {
        at: if ahead { record.received_at } else { record.occurred_at },
        received_at: record.received_at,
        jitter_s: if timed { JITTER_TIMED_S } else { JITTER_RECEIVED_S },
        position: Position { height_m, ..position },
        sigma_m: sigma_m.max(SIGMA_M_MIN),
        velocity: velocity(seen),
    })
}

/// What a thing is taken for when it is not said: what AIS hears is a ship, what sends Mode S flies.
pub(crate) const fn class_of(class: Class, sensor: SensorKind) -> Class {
    match (class, sensor) {
        (Class::Unknown, SensorKind::Ais) => Class::Vessel,
        (Class::Unknown, SensorKind::Adsb) => Class::Aircraft,
        (
            _,
            SensorKind::Ais
            | SensorKind::Adsb
            | SensorKind::CotSelf
            | SensorKind::CotReport
            | SensorKind::Radar
            | SensorKind::SystemTrack
            | SensorKind::Gnss,
        ) => class,
    }
}

/// One sigma where the message says none, metres.
const fn usual_sigma_m(sensor: SensorKind) -> f64 {
    match sensor {
        // ITU-R M.1371-5, position accuracy 0: worse than 10 m; uncorrected GNSS is about 5 m.
        SensorKind::Ais => 15.0,
        SensorKind::CotSelf | SensorKind::Gnss => 10.0,
        // NACp 8 (DO-260B): 95 % within 92.6 m.
        SensorKind::Adsb => 40.0,
        // 0.1° at 60 km.
        SensorKind::Radar => 100.0,
        SensorKind::SystemTrack => 50.0,
        // A motion sensor or a person on a map.
        SensorKind::CotReport => 30.0,
    }
}

fn is_on_earth(position: &Position) -> bool {
    let quarter = std::f64::consts::FRAC_PI_2;
    let half = std::f64::consts::PI;
    (-quarter..=quarter).contains(&position.lat.radians())
        && (-half..=half).contains(&position.lon.radians())
}

fn velocity(seen: &Observation) -> Option<Velocity> {
    let speed_mps = seen.kinematics.speed_mps?;
    let class = class_of(seen.class, seen.sensor);
    if !(0.0..=motion::of(class).speed_mps_max).contains(&speed_mps) {
        return None;
    }
    // 0.5 m/s is an AIS speed's rounding and swing; 5 per cent a course that errs by 3 degrees.
    let sigma_mps = 0.5 + 0.05 * speed_mps;
    let course = seen.kinematics.course.filter(|course| course.radians().is_finite());
    match course {
        Some(course) => Some(Velocity { east_north_mps: along(course, speed_mps), sigma_mps }),
        None if speed_mps < STANDING_MPS => Some(Velocity { east_north_mps: [0.0; 2], sigma_mps }),
        None => None,
    }
}
