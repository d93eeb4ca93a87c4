//! What detectors of tracks share: where a track was by an entry, what it may do, how it is called.

use std::collections::BTreeSet;

use picket_model::{
    Affiliation, Air, AlertChange, Class, Entry, Ident, Met, Observation, Position, SensorKind,
    Time, Track,
};

use crate::episode::Episode;
use crate::event_time;

/// A place at a time with its error.
#[derive(Debug, Clone)]
pub(crate) struct Fix {
    pub(crate) at: Time,
    pub(crate) position: Position,
    /// The larger axis of the error, one sigma, metres.
    pub(crate) sigma_m: f64,
    /// Covariance of the place, m²: `[ee, en, nn]`.
    pub(crate) covariance_m2: [f64; 3],
    /// m/s: `[east, north]`.
    pub(crate) velocity_mps: Option<[f64; 2]>,
    /// Altitude of what flies, metres; `None` on the ground, at sea, or unknown.
    pub(crate) altitude_m: Option<f64>,
}

/// Where the track was by this entry: the estimate if the entry moved it, the entry's own word if it came late.
///
/// `None` if it is neither: a fix that fusion held as impossible is not judged.
pub(crate) fn fix(entry: &Entry, seen: &Observation, track: &Track) -> Option<Fix> {
    let used = track.sources.iter().find(|source| source.record == entry.id);
    if used.is_some_and(|source| source.last_at == track.updated_at) {
        return Some(Fix {
            at: track.updated_at,
            position: track.position,
            sigma_m: track.sigma_m(),
            covariance_m2: track.covariance_m2,
            velocity_mps: track.velocity_mps,
            altitude_m: altitude_m(track.class, &track.position, &track.air),
        });
    }
    let at = event_time(&entry.record);
    let position = seen.position.filter(|_| at < track.updated_at)?;
    let sigma_m = seen.sigma_m.filter(|s| s.is_finite() && *s > 0.0).unwrap_or(USUAL_SIGMA_M);
    // A late fix that the track could not have been at is no better than one that fusion held.
    let moved_m = speed_mps_max(track.class) * track.updated_at.since_s(at);
    let far_m = track.position.distance_m(&position);
    let could_be = far_m <= moved_m + 3.0 * (sigma_m + track.sigma_m());
    could_be.then(|| Fix {
        at,
        position,
        sigma_m,
        covariance_m2: [sigma_m * sigma_m, 0.0, sigma_m * sigma_m],
        velocity_mps: velocity_mps(seen),
        altitude_m: altitude_m(track.class, &position, &seen.air),
    })
}

/// One sigma of a late fix that says none, metres.
const USUAL_SIGMA_M: f64 = 30.0;

/// The velocity that an observation tells, m/s: `[east, north]`.
fn velocity_mps(seen: &Observation) -> Option<[f64; 2]> {
    let speed_mps = seen.kinematics.speed_mps.filter(|speed| speed.is_finite())?;
    let course = seen.kinematics.course?.radians();
    Some([speed_mps * libm::sin(course), speed_mps * libm::cos(course)])
}

/// How high something flies: its height, or else its pressure altitude.
fn altitude_m(class: Class, position: &Position, air: &Air) -> Option<f64> {
    let flies = is_air(class) && air.on_ground != Some(true);
    position.height_m.or(air.pressure_altitude_m).filter(|_| flies)
}

/// Whether a class flies.
pub(crate) const fn is_air(class: Class) -> bool {
    match class {
        Class::Aircraft | Class::Drone => true,
        Class::Unknown | Class::Vessel | Class::Vehicle | Class::Person | Class::Equipment => false,
    }
}

/// Whether a class is on the ground; what is not known mostly is.
pub(crate) const fn is_ground(class: Class) -> bool {
    match class {
        Class::Unknown | Class::Vehicle | Class::Person | Class::Equipment => true,
        Class::Vessel | Class::Aircraft | Class::Drone => false,
    }
}

/// How fast such a thing can be, m/s: how far it may come within the lateness.
pub(crate) const fn speed_mps_max(class: Class) -> f64 {
    match class {
        Class::Vessel => 31.0,
        Class::Person => 12.0,
        Class::Drone => 60.0,
        Class::Vehicle | Class::Equipment | Class::Unknown => 70.0,
        Class::Aircraft => 515.0,
    }
}

/// A class at the beginning of a title.
pub(crate) const fn noun(class: Class) -> &'static str {
    match class {
        Class::Unknown | Class::Equipment => "Unknown object",
        Class::Vessel => "Vessel",
        Class::Aircraft => "Aircraft",
        Class::Drone => "Drone",
        Class::Vehicle => "Vehicle",
        Class::Person => "Person",
    }
}

/// Whether a track is a friend that reports itself by Cursor on Target under a uid of its own.
pub(crate) fn is_own_force(track: &Track) -> bool {
    let friendly = match track.affiliation {
        Affiliation::Friend | Affiliation::AssumedFriend => true,
        Affiliation::Pending
        | Affiliation::Unknown
        | Affiliation::Neutral
        | Affiliation::Suspect
        | Affiliation::Hostile => false,
    };
    friendly
        && track.sources.iter().any(|source| source.sensor == SensorKind::CotSelf)
        && track.idents.iter().any(|(ident, _)| matches!(ident, Ident::CotUid(_)))
}

/// Whether a track may be in an area: an own unit, or one that the list names by any ident,
/// `MMSI 211…`, name or track number.
pub(crate) fn is_permitted(allow: &BTreeSet<String>, track: &Track) -> bool {
    if is_own_force(track) {
        return true;
    }
    if allow.is_empty() {
        return false;
    }
    let listed = |ident: &Ident| {
        let prefixed = match ident {
            Ident::Mmsi(_) => Some(format!("MMSI {ident}")),
            Ident::Icao(_) => Some(format!("ICAO {ident}")),
            Ident::Imo(_) => Some(format!("IMO {ident}")),
            Ident::CotUid(_) | Ident::Local { .. } | Ident::Callsign(_) | Ident::Name(_) => None,
        };
        allow.contains(&ident.to_string()) || prefixed.is_some_and(|text| allow.contains(&text))
    };
    allow.contains(&track.id.to_string()) || track.idents.iter().any(|(ident, _)| listed(ident))
}

/// Who contributed to a track: their number and names.
pub(crate) fn sources_text(track: &Track) -> String {
    let name = |source: &picket_model::Source| match &source.reporter {
        Some(reporter) => reporter.to_string(),
        None => format!("{} by {}", source.sensor.as_str(), source.author),
    };
    let by: Vec<String> = track.sources.iter().map(name).collect();
    format!("{}: {}", by.len(), by.join(", "))
}

/// Whether the condition of an episode holds after a change.
pub(crate) const fn holds(change: AlertChange) -> Met {
    match change {
        AlertChange::Raised | AlertChange::Updated | AlertChange::Revised => Met::Yes,
        AlertChange::Ended | AlertChange::Withdrawn => Met::No,
    }
}

/// When a word of an episode happened.
pub(crate) fn at_of<D>(change: AlertChange, episode: &Episode<D>, now: Time) -> Time {
    match change {
        AlertChange::Ended => episode.ended_at.unwrap_or(now),
        AlertChange::Raised
        | AlertChange::Updated
        | AlertChange::Revised
        | AlertChange::Withdrawn => now,
    }
}

/// A minute of the UTC day as `hh:mm`.
pub(crate) fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Hours as `22:00-06:00 UTC`, or that there are none.
pub(crate) fn hours_text(hours: Option<(u16, u16)>) -> String {
    match hours {
        None => "at all hours".to_owned(),
        Some((from, until)) => format!("{}-{} UTC", clock(from), clock(until)),
    }
}

/// The normal distribution function.
pub(crate) fn normal(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}
