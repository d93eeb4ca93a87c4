//! JSON shapes of the outside. Each may change without the model, and the model without them.

use std::sync::Arc;

use picket_core::{AlertState, Device, Trail, View};
use picket_gate::{Gate, Role, Verified};
use picket_model::{
    Affiliation, Alert, AlertId, Area, AreaName, Class, Drawn, Line, Met, Position, Source, Time,
    Track, TrackId, TrackState, Watch,
};
use serde::Serialize;

use crate::reports::Reports;

/// Alerts that one track lists at most, the newest first.
const ALERTS_PER_TRACK_MAX: usize = 50;

/// Somebody, as the page shows them.
#[derive(Debug, Serialize)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) roles: Vec<&'static str>,
}

impl Person {
    pub(crate) fn of(name: &picket_model::PersonId, roles: &[Role]) -> Self {
        let roles = roles.iter().map(|role| role.as_str()).collect();
        Self { name: name.as_str().to_owned(), roles }
    }
}

/// A track as REST shows it.
#[derive(Debug, Serialize)]
pub(crate) struct TrackShape {
    id: String,
    slot: u32,
    lat_deg: f64,
    lon_deg: f64,
    height_m: Option<f64>,
    altitude_m: Option<f64>,
    climb_mps: Option<f64>,
    squawk: Option<String>,
    speed_mps: Option<f64>,
    course_deg: Option<f64>,
    kind: &'static str,
    affiliation: &'static str,
    name: Option<String>,
    state: &'static str,
    ids: Vec<Ident>,
    sources: Vec<SourceShape>,
    sigma_m: Option<f64>,
    confidence: f64,
    class_why: Arc<str>,
    updated_at: String,
    first_seen: String,
    updates: u64,
    alerts: Vec<String>,
    flags: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    distrust: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trail: Option<Vec<(f64, f64, f64)>>,
}

#[derive(Debug, Serialize)]
struct Ident {
    kind: &'static str,
    value: String,
    claimed_by: String,
}

#[derive(Debug, Serialize)]
struct SourceShape {
    author: String,
    via: String,
    sensor: &'static str,
    last_seen: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reports_60s: Option<u64>,
    residual_m: Option<f64>,
    auth: &'static str,
    record: String,
}

impl TrackShape {
    /// A track; `reports` counts what its sources said before now.
    pub(crate) fn of(
        track: &Track,
        alerts: Vec<String>,
        reports: Option<(&Reports, Time)>,
    ) -> Self {
        let source = |source: &Source| SourceShape {
            author: match &source.reporter {
                Some(reporter) => reporter.to_string(),
                None => source.author.to_string(),
            },
            via: source.author.to_string(),
            sensor: source.sensor.as_str(),
            last_seen: source.last_at.to_string(),
            reports_60s: reports.map(|(of, now)| of.in_last_minute(track.id, source, now)),
            residual_m: finite(source.residual_m, 10.0),
            auth: source.auth.as_str(),
            record: source.record.to_string(),
        };
        let ident = |(ident, by): &(picket_model::Ident, picket_model::Actor)| Ident {
            kind: ident.kind(),
            value: ident.to_string(),
            claimed_by: by.to_string(),
        };
        Self {
            id: track.id.to_string(),
            slot: track.id.0,
            lat_deg: degrees(track.position.lat.degrees()),
            lon_deg: degrees(track.position.lon.degrees()),
            height_m: track.position.height_m.and_then(|height_m| finite(height_m, 10.0)),
            altitude_m: track.air.pressure_altitude_m.and_then(|m| finite(m, 10.0)),
            climb_mps: track.air.climb_mps.and_then(|mps| finite(mps, 10.0)),
            squawk: squawk(track),
            speed_mps: track.speed_mps().and_then(|speed| finite(speed, 100.0)),
            course_deg: track.course().and_then(|course| finite(course.bearing_degrees(), 100.0)),
            kind: kind(track.class),
            affiliation: track.affiliation.as_str(),
            name: name(track),
            state: track.state.as_str(),
            ids: track.idents.iter().map(ident).collect(),
            sources: track.sources.iter().map(source).collect(),
            sigma_m: finite(track.sigma_m(), 10.0),
            confidence: finite(track.existence.clamp(0.0, 1.0), 1e4).unwrap_or(0.0),
            class_why: Arc::clone(&track.class_why),
            updated_at: track.updated_at.to_string(),
            first_seen: track.first_at.to_string(),
            updates: track.updates,
            alerts,
            flags: flags(track),
            distrust: track.suspect.clone(),
            trail: None,
        }
    }

    pub(crate) fn with_trail(mut self, trail: Option<&Arc<Trail>>) -> Self {
        let point = |(at, place): (Time, Position)| {
            (degrees(place.lon.degrees()), degrees(place.lat.degrees()), at.unix_s_f64())
        };
        self.trail = Some(trail.map_or_else(Vec::new, |t| t.points().map(point).collect()));
        self
    }
}

/// The alerts of each track that this reader may see, the newest first.
pub(crate) fn alerts_of(
    track: TrackId,
    view: &View,
    gate: &Gate,
    by: &Verified,
    now: Time,
) -> Vec<String> {
    let mut found: Vec<&Arc<AlertState>> = view
        .alerts
        .values()
        .filter(|state| state.alert.track == Some(track))
        .filter(|state| gate.release(state.as_ref(), by, now).is_ok())
        .collect();
    found.sort_by_key(|state| std::cmp::Reverse(state.seq));
    found.iter().take(ALERTS_PER_TRACK_MAX).map(|state| state.alert.id.to_string()).collect()
}

/// The name of a track, if it has one besides its number.
pub(crate) fn name(track: &Track) -> Option<String> {
    let name = track.display_name();
    (name != track.id.to_string()).then_some(name)
}

/// What a track is, on the outside; equipment never makes one.
pub(crate) const fn kind(class: Class) -> &'static str {
    match class {
        Class::Unknown | Class::Equipment => Class::Unknown.as_str(),
        Class::Vessel | Class::Aircraft | Class::Drone | Class::Vehicle | Class::Person => {
            class.as_str()
        }
    }
}

/// The kinds of tracks on the outside.
pub(crate) const KINDS: [Class; 6] =
    [Class::Vessel, Class::Aircraft, Class::Drone, Class::Vehicle, Class::Person, Class::Unknown];

fn flags(track: &Track) -> Vec<&'static str> {
    let (coasting, stale) = match track.state {
        TrackState::Tentative | TrackState::Live => (false, false),
        TrackState::Coasting => (true, false),
        TrackState::Lost => (true, true),
    };
    let flags = [
        (track.exercise, "simulated"),
        (coasting, "coasting"),
        (stale, "stale"),
        (track.suspect.is_some(), "distrusted"),
    ];
    flags.into_iter().filter_map(|(set, name)| set.then_some(name)).collect()
}

/// An alert.
#[derive(Debug, Serialize)]
pub(crate) struct AlertShape {
    id: String,
    detector: Arc<str>,
    severity: &'static str,
    state: &'static str,
    title: Arc<str>,
    why_text: Arc<str>,
    why: Vec<Why>,
    subject: String,
    track: Option<String>,
    area: Option<String>,
    lat_deg: Option<f64>,
    lon_deg: Option<f64>,
    opened_at: String,
    updated_at: String,
    count: u32,
    condition: &'static str,
    revised: bool,
    cites: Vec<String>,
    assignee: Option<String>,
    shelved_until: Option<String>,
    exercise: bool,
    history: Vec<Event>,
    seq: u64,
}

#[derive(Debug, Serialize)]
struct Why {
    text: Arc<str>,
    value: Arc<str>,
    threshold: Arc<str>,
    met: Option<bool>,
    evidence: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Event {
    at: String,
    actor: String,
    act: &'static str,
    reason: Arc<str>,
    seq: u64,
}

impl AlertShape {
    pub(crate) fn of(state: &AlertState) -> Self {
        let alert: &Alert = &state.alert;
        let why = |reason: &picket_model::Reason| Why {
            text: Arc::clone(&reason.text),
            value: Arc::clone(&reason.value),
            threshold: Arc::clone(&reason.threshold),
            met: match reason.met {
                Met::Yes => Some(true),
                Met::No => Some(false),
                Met::Unknown => None,
            },
            evidence: reason.evidence.iter().map(ToString::to_string).collect(),
        };
        let event = |event: &picket_core::AlertEvent| Event {
            at: event.at.to_string(),
            actor: event.actor.to_string(),
            act: event.verb,
            reason: Arc::clone(&event.text),
            seq: event.seq.0,
        };
        Self {
            id: alert.id.to_string(),
            detector: Arc::clone(&alert.detector),
            severity: alert.severity.as_str(),
            state: state.standing.as_str(),
            title: Arc::clone(&alert.title),
            why_text: Arc::clone(&alert.why_text),
            why: alert.why.iter().map(why).collect(),
            subject: alert.subject.to_string(),
            track: alert.track.map(|track| track.to_string()),
            area: alert.area.as_ref().map(|area| area.as_str().to_owned()),
            lat_deg: alert.position.map(|place| degrees(place.lat.degrees())),
            lon_deg: alert.position.map(|place| degrees(place.lon.degrees())),
            opened_at: alert.opened_at.to_string(),
            updated_at: state.updated_at.to_string(),
            count: alert.count,
            condition: state.condition.as_str(),
            revised: state.revised,
            cites: state.cites.iter().map(ToString::to_string).collect(),
            assignee: state.assignee.as_ref().map(ToString::to_string),
            shelved_until: state.shelved_until.map(|until| until.to_string()),
            exercise: alert.exercise,
            history: state.history.iter().map(event).collect(),
            seq: state.seq.0,
        }
    }

    /// The alert of this id as one reader may see it.
    pub(crate) fn find(
        id: AlertId,
        view: &View,
        gate: &Gate,
        by: &Verified,
        now: Time,
    ) -> Option<Self> {
        let state = view.alerts.get(&id)?;
        let released = gate.release(state.as_ref(), by, now).ok()?;
        Some(Self::of(released.into_inner()))
    }
}

/// A feed or sensor.
#[derive(Debug, Serialize)]
pub(crate) struct DeviceShape {
    name: String,
    kind: &'static str,
    state: String,
    last_seen: Option<String>,
    lat_deg: Option<f64>,
    lon_deg: Option<f64>,
    feed: String,
    usual_gap_s: Option<f64>,
    observations: u64,
    rejects: u64,
    dropped: u64,
    battery_percent: Option<f64>,
    band: &'static str,
    affiliation: &'static str,
}

/// No trust score is computed yet, and none is pretended.
const BAND: &str = "unrated";

impl DeviceShape {
    pub(crate) fn of(device: &Device) -> Self {
        Self {
            name: device.key.name.to_string(),
            kind: device.key.kind.as_str(),
            state: device.state.to_string(),
            last_seen: (device.last_seen != Time::MIN).then(|| device.last_seen.to_string()),
            lat_deg: device.position.map(|place| degrees(place.lat.degrees())),
            lon_deg: device.position.map(|place| degrees(place.lon.degrees())),
            feed: device.feed.to_string(),
            usual_gap_s: device.usual_gap_s.and_then(|gap_s| finite(gap_s, 1e3)),
            observations: device.observations,
            rejects: device.rejects,
            dropped: device.dropped,
            battery_percent: device.battery_percent.and_then(|percent| finite(percent, 10.0)),
            band: BAND,
            affiliation: device.affiliation.as_str(),
        }
    }
}

/// An area of the map.
#[derive(Debug, Serialize)]
pub(crate) struct AreaShape {
    name: String,
    kind: String,
    polygon: Vec<(f64, f64)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hours: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    floor_m: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ceiling_m: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drawn_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drawn_at: Option<String>,
}

impl AreaShape {
    pub(crate) fn of(area: &Area, drawn: Option<&Drawn>) -> Self {
        Self {
            name: area.name.as_str().to_owned(),
            kind: area.kind.clone(),
            polygon: places(&area.polygon),
            hours: hours(area.hours),
            floor_m: area.floor_m,
            ceiling_m: area.ceiling_m,
            drawn_by: drawn.map(|drawn| drawn.by.to_string()),
            drawn_at: drawn.map(|drawn| drawn.at.to_string()),
        }
    }
}

/// A line that is watched.
#[derive(Debug, Serialize)]
pub(crate) struct LineShape {
    name: String,
    points: Vec<(f64, f64)>,
    forbidden: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hours: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drawn_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drawn_at: Option<String>,
}

impl LineShape {
    pub(crate) fn of(line: &Line, drawn: Option<&Drawn>) -> Self {
        Self {
            name: line.name.as_str().to_owned(),
            points: places(&line.points),
            forbidden: line.forbidden.as_str(),
            hours: hours(line.hours),
            drawn_by: drawn.map(|drawn| drawn.by.to_string()),
            drawn_at: drawn.map(|drawn| drawn.at.to_string()),
        }
    }
}

/// All areas and lines that are watched.
#[derive(Debug, Serialize)]
pub(crate) struct WatchShape {
    pub(crate) areas: Vec<AreaShape>,
    pub(crate) lines: Vec<LineShape>,
}

impl WatchShape {
    pub(crate) fn of(watch: &Watch) -> Self {
        let drawn = |name: &AreaName| watch.drawn.get(name).filter(|_| !watch.is_configured(name));
        Self {
            areas: watch.areas().map(|area| AreaShape::of(area, drawn(&area.name))).collect(),
            lines: watch.lines().map(|line| LineShape::of(line, drawn(&line.name))).collect(),
        }
    }
}

/// Places as `[lon_deg, lat_deg]`.
fn places(places: &[Position]) -> Vec<(f64, f64)> {
    let shown = |place: &Position| (degrees(place.lon.degrees()), degrees(place.lat.degrees()));
    places.iter().map(shown).collect()
}

/// Hours as `22:00-06:00`.
fn hours(hours: Option<(u16, u16)>) -> Option<String> {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    hours.map(|(from, until)| format!("{}-{}", clock(from), clock(until)))
}

/// The slow attributes of a track on the live stream.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Attributes {
    pub(crate) slot: u32,
    pub(crate) name: Option<String>,
    pub(crate) kind: &'static str,
    pub(crate) affiliation: &'static str,
    pub(crate) height_m: Option<f64>,
    pub(crate) altitude_m: Option<f64>,
    pub(crate) climb_mps: Option<f64>,
    pub(crate) squawk: Option<String>,
}

impl Attributes {
    pub(crate) fn of(track: &Track) -> Self {
        Self {
            slot: track.id.0,
            name: name(track),
            kind: kind(track.class),
            affiliation: track.affiliation.as_str(),
            // Whole metres: a height that trembles would be new with each fix.
            height_m: track.position.height_m.and_then(|height_m| finite(height_m, 1.0)),
            altitude_m: track.air.pressure_altitude_m.and_then(|m| finite(m, 1.0)),
            climb_mps: track.air.climb_mps.and_then(|mps| finite(mps, 1.0)),
            squawk: squawk(track),
        }
    }
}

/// A Mode A code as its four octal digits are read.
fn squawk(track: &Track) -> Option<String> {
    track.air.squawk.map(|code| format!("{code:04}"))
}

/// All affiliations on the outside, for filters.
pub(crate) fn affiliation(text: &str) -> Option<Affiliation> {
    Affiliation::ALL.into_iter().find(|each| each.as_str() == text)
}

/// Degrees to a centimetre: seven decimals.
pub(crate) fn degrees(degrees: f64) -> f64 {
    finite(degrees, 1e7).unwrap_or(0.0)
}

/// Rounds to so many steps a unit; `None` for what is no number.
pub(crate) fn finite(value: f64, steps: f64) -> Option<f64> {
    let rounded = (value * steps).round() / steps;
    rounded.is_finite().then_some(rounded)
}
