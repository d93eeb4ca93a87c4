//! `area.entry`: something is inside an area that is watched and has no permit there.
//!
//! The chance of being inside comes from the track's covariance: depth inside the nearest
//! edge over the larger sigma, as a normal distribution. Above 90 % for 2 s on the ground, or
//! at two updates at sea and in the air, raises; below 30 % for 30 s ends.
//!
//! No permit is asked of what the area's `allow` list names (by any ident, `MMSI 211…`, name or track
//! number), nor of own forces: a friend that reports itself by Cursor on Target. That word is only
//! as good as its proof of author, which the track card shows; a stranger who claims to be a
//! friend on an unproven link is not caught here.
//!
//! A fix that came late, so that fusion did not move the track, is judged by its own place
//! and error. Fixes that fusion held as impossible are not judged here at all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use picket_model::geo::Frame;
use picket_model::{
    Affiliation, Alert, AlertChange, AlertId, Area, Body, Claim, Class, Ident, Met, Observation,
    Picture, Position, RecordId, SensorKind, Severity, Subject, Time, Track, TrackId, Watch,
};
use picket_model::{Entry, Reason};

use crate::episode::{Change, Episode, Key, Machine};
use crate::explain::{self, Evidence, Witness, percent, reason, span, track_name};
use crate::{Detector, Row, Settings, event_time, write_state};

/// This detector's row.
pub const ROW: Row = Row {
    id: ID,
    also: &[],
    group: "B R M A",
    says: "a track is inside a watched area with more than 90 % for 2 s (ground) or 2 updates \
           (sea, air), and no permit matches; ends below 30 % for 30 s",
    metric: "share of entries found, false alarms a day, seconds to warn",
    make: |settings| Box::new(AreaEntry::new(settings)),
};

const ID: &str = "area.entry";
const VERSION: u32 = 1;

/// Chance of being inside above which it counts as inside.
const ON: f64 = 0.9;
/// Chance below which it counts as outside.
const OFF: f64 = 0.3;
/// How long a thing on the ground must be inside, seconds: one wrong fix rarely lasts.
const ON_DELAY_S: f64 = 2.0;
/// How often a ship or aircraft must be inside: they report seldom.
const ON_UPDATES: u32 = 2;
/// How long it must be outside before the episode ends, seconds.
const OFF_DELAY_S: f64 = 30.0;
/// Most pairs of track and area that are remembered; beyond it new ones are not watched, and counted.
const KEYS_MAX: usize = 20_000;
/// Sigmas by which a place may be wrong when asking whether a track is near an area at all.
const NEAR_SIGMAS: f64 = 6.0;

/// The detector; see the module's head.
#[derive(Debug)]
pub struct AreaEntry {
    lateness_s: f64,
    areas: Vec<Watched>,
    keys: BTreeMap<(TrackId, usize), Key<Inside>>,
    unwatched: u64,
    watch: Watch,
}

/// An area with what makes "far from it" cheap.
#[derive(Debug)]
struct Watched {
    area: Area,
    frame: Frame,
    radius_m: f64,
    allow: BTreeSet<String>,
}

/// The logic of one track and one area.
#[derive(Debug)]
struct Inside;

/// How a track lay to an area at one fix.
#[derive(Debug)]
struct Sample {
    at: Time,
    witness: Witness,
    /// Chance of being inside; 0 where the area is not watched at that hour or a permit matches.
    chance: f64,
    class: Class,
    severity: Severity,
    position: Position,
    exercise: bool,
}

#[derive(Debug, Clone, Default)]
struct State {
    episode: Option<Episode<Detail>>,
    outside_since: Option<Time>,
}

#[derive(Debug, Clone)]
struct Detail {
    class: Class,
    chance: f64,
    position: Position,
    exercise: bool,
}

impl AreaEntry {
    /// A detector that has seen nothing.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            lateness_s: settings.lateness_s,
            areas: settings.areas.iter().map(Watched::new).collect(),
            keys: BTreeMap::new(),
            unwatched: 0,
            watch: Watch::default(),
        }
    }

    fn observe(&mut self, entry: &Entry, seen: &Observation, track: &Track) {
        let Some(fix) = fix(entry, seen, track) else { return };
        let reach_m = speed_mps_max(track.class) * self.lateness_s + NEAR_SIGMAS * fix.sigma_m;
        let pairs = (track.id, 0)..=(track.id, usize::MAX);
        let near_before = self.keys.range(pairs).next().is_some();
        for (index, watched) in self.areas.iter().enumerate() {
            let is_far = watched.is_far(&fix.position, reach_m);
            if is_far && !near_before {
                continue;
            }
            let key = (track.id, index);
            let known = self.keys.contains_key(&key);
            if is_far && !known {
                continue;
            }
            if !known && self.keys.len() >= KEYS_MAX {
                self.unwatched = self.unwatched.saturating_add(1);
                continue;
            }
            let sample = Sample {
                at: fix.at,
                witness: Witness::of(entry),
                chance: watched.chance(&fix, track),
                class: track.class,
                severity: severity(&watched.area, track.class),
                position: fix.position,
                exercise: track.exercise,
            };
            let received_at = entry.record.received_at;
            self.keys.entry(key).or_default().take(&Inside, sample, received_at, self.lateness_s);
        }
    }

    fn tell(&mut self, track: &Track, out: &mut Vec<Claim>) {
        if !track.state.is_shown() {
            return;
        }
        for ((_, index), key) in self.keys.range_mut((track.id, 0)..=(track.id, usize::MAX)) {
            let Some(watched) = self.areas.get(*index) else { continue };
            let now = key.now(key.received_at());
            for change in key.changes(|at| id_of(&watched.area, track.id, at)) {
                out.push(said(change, watched, track, now));
            }
        }
    }

    fn pass(&mut self, now: Time, picture: &Picture, out: &mut Vec<Claim>) {
        for ((id, index), key) in &mut self.keys {
            key.pass(&Inside, now);
            let Some(watched) = self.areas.get(*index) else { continue };
            let Some(track) = picture.tracks.get(id).filter(|track| track.state.is_shown()) else {
                continue;
            };
            let event_now = key.now(now);
            for change in key.changes(|at| id_of(&watched.area, *id, at)) {
                out.push(said(change, watched, track, event_now));
            }
        }
        let lateness_s = self.lateness_s;
        self.keys.retain(|_, key| {
            key.raised().is_some() || now.since_s(key.received_at()) < FORGET_S + lateness_s
        });
    }

    /// Ends what was said of a track that is no more, or of all when the areas change.
    fn end(&mut self, which: impl Fn(TrackId) -> bool, entry: &Entry, out: &mut Vec<Claim>) {
        let now = entry.record.received_at;
        let gone: Vec<(TrackId, usize)> =
            self.keys.keys().filter(|(id, _)| which(*id)).copied().collect();
        for place in gone {
            let Some(mut key) = self.keys.remove(&place) else { continue };
            let (id, index) = place;
            let Some(watched) = self.areas.get(index) else { continue };
            let at = key.now(now);
            key.end(at);
            for change in key.changes(|at| id_of(&watched.area, id, at)) {
                let mut evidence = change.episode.evidence.clone();
                evidence.add(&Witness::of(entry));
                out.push(lost(change, watched, id, evidence, at));
            }
        }
    }

    fn configure(&mut self, entry: &Entry, areas: &[Area], out: &mut Vec<Claim>) {
        if self.areas.iter().map(|watched| &watched.area).eq(areas) {
            return;
        }
        self.end(|_| true, entry, out);
        self.areas = areas.iter().map(Watched::new).collect();
    }
}

/// How long a pair is remembered after its last sample near the area, seconds, beside the lateness.
const FORGET_S: f64 = 60.0;

impl Detector for AreaEntry {
    fn name(&self) -> &'static str {
        ID
    }

    fn watch(&mut self, entry: &Entry, picture: &Picture, out: &mut Vec<Claim>) {
        if !picture.removed.is_empty() && !self.keys.is_empty() {
            let removed: BTreeSet<TrackId> = picture.removed.iter().copied().collect();
            self.end(|id| removed.contains(&id), entry, out);
        }
        match &entry.record.body {
            Body::Observation(seen) => {
                for id in &picture.touched {
                    let Some(track) = picture.tracks.get(id) else { continue };
                    self.observe(entry, seen, track);
                    self.tell(track, out);
                }
            }
            Body::Tick => self.pass(entry.record.received_at, picture, out),
            Body::Site(_) | Body::Act(_) => {
                if self.watch.apply(&entry.record) {
                    let areas: Vec<Area> = self.watch.areas().cloned().collect();
                    self.configure(entry, &areas, out);
                }
            }
            Body::Status(_) | Body::Alert(_) | Body::Refusal(_) => {}
        }
    }

    fn digest(&self, out: &mut Vec<u8>) {
        write_state(ID, self, out);
    }
}

impl Watched {
    fn new(area: &Area) -> Self {
        let origin = area.polygon.first().copied();
        let frame = Frame::at(origin.unwrap_or(Position {
            lat: picket_model::Angle::default(),
            lon: picket_model::Angle::default(),
            height_m: None,
        }));
        let radius_m = area.polygon.iter().fold(0.0_f64, |radius_m, corner| {
            let corner = frame.enu(corner);
            radius_m.max(libm::hypot(corner.e_m, corner.n_m))
        });
        let allow = area.allow.iter().cloned().collect();
        Self { area: area.clone(), frame, radius_m, allow }
    }

    /// Whether a place is farther than `reach_m` from every part of the area. Errs towards near.
    fn is_far(&self, position: &Position, reach_m: f64) -> bool {
        let at = self.frame.enu(position);
        // A tenth more: the flat frame stretches with distance.
        let near_m = (self.radius_m + reach_m) * 1.1;
        at.e_m.abs() > near_m || at.n_m.abs() > near_m
    }

    fn chance(&self, fix: &Fix, track: &Track) -> f64 {
        if !self.area.watched_at(fix.at.minute_of_day()) || self.permits(track) {
            return 0.0;
        }
        normal(self.area.depth_m(&fix.position) / fix.sigma_m.max(0.1))
    }

    fn permits(&self, track: &Track) -> bool {
        if is_own_force(track) {
            return true;
        }
        if self.allow.is_empty() {
            return false;
        }
        let listed = |ident: &Ident| {
            let prefixed = match ident {
                Ident::Mmsi(_) => Some(format!("MMSI {ident}")),
                Ident::Icao(_) => Some(format!("ICAO {ident}")),
                Ident::Imo(_) => Some(format!("IMO {ident}")),
                Ident::CotUid(_) | Ident::Local { .. } | Ident::Callsign(_) | Ident::Name(_) => {
                    None
                }
            };
            self.allow.contains(&ident.to_string())
                || prefixed.is_some_and(|text| self.allow.contains(&text))
        };
        self.allow.contains(&track.id.to_string())
            || track.idents.iter().any(|(ident, _)| listed(ident))
    }
}

/// Whether a track is a friend that reports itself by Cursor on Target under a uid of its own.
fn is_own_force(track: &Track) -> bool {
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

/// A place at a time with its error.
struct Fix {
    at: Time,
    position: Position,
    sigma_m: f64,
}

/// Where the track was by this entry: the estimate if the entry moved it, the entry's own word if it came late.
fn fix(entry: &Entry, seen: &Observation, track: &Track) -> Option<Fix> {
    let used = track.sources.iter().find(|source| source.record == entry.id);
    if used.is_some_and(|source| source.last_at == track.updated_at) {
        let sigma_m = track.sigma_m();
        return Some(Fix { at: track.updated_at, position: track.position, sigma_m });
    }
    let at = event_time(&entry.record);
    let position = seen.position.filter(|_| at < track.updated_at)?;
    let sigma_m = seen.sigma_m.filter(|s| s.is_finite() && *s > 0.0).unwrap_or(USUAL_SIGMA_M);
    // A late fix that the track could not have been at is no better than one that fusion held.
    let moved_m = speed_mps_max(track.class) * track.updated_at.since_s(at);
    let far_m = track.position.distance_m(&position);
    let could_be = far_m <= moved_m + 3.0 * (sigma_m + track.sigma_m());
    could_be.then_some(Fix { at, position, sigma_m })
}

/// One sigma of a late fix that says none, metres.
const USUAL_SIGMA_M: f64 = 30.0;

impl Detail {
    const fn of(sample: &Sample) -> Self {
        let Sample { class, chance, position, exercise, .. } = *sample;
        Self { class, chance, position, exercise }
    }
}

impl Machine for Inside {
    type Sample = Sample;
    type State = State;
    type Detail = Detail;

    fn key(sample: &Sample) -> (Time, RecordId) {
        (sample.at, sample.witness.record)
    }

    fn settle(&self, state: &mut State, until: Time, done: &mut Vec<Episode<Detail>>) {
        let Some(episode) = &mut state.episode else { return };
        if !episode.raised {
            let sustained = until.since_s(episode.opened_at) >= ON_DELAY_S;
            episode.raised = sustained && is_ground(episode.detail.class);
            return;
        }
        let Some(since) = state.outside_since else { return };
        if until.since_s(since) >= OFF_DELAY_S {
            episode.ended_at = Some(since.plus_s(OFF_DELAY_S));
            done.extend(state.episode.take());
            state.outside_since = None;
        }
    }

    fn step(&self, state: &mut State, sample: &Sample, _done: &mut Vec<Episode<Detail>>) {
        let inside = sample.chance > ON;
        let Some(episode) = &mut state.episode else {
            if inside {
                state.episode = Some(Episode {
                    opened_at: sample.at,
                    raised: false,
                    ended_at: None,
                    last_at: sample.at,
                    severity: sample.severity,
                    count: 1,
                    evidence: Evidence::of(&sample.witness),
                    detail: Detail::of(sample),
                });
            }
            return;
        };
        if !episode.raised && !inside {
            state.episode = None;
            return;
        }
        if inside {
            episode.count = episode.count.saturating_add(1);
            episode.last_at = sample.at;
            episode.severity = sample.severity;
            episode.evidence.add(&sample.witness);
            episode.detail = Detail::of(sample);
            if !is_ground(sample.class) && episode.count >= ON_UPDATES {
                episode.raised = true;
            }
        }
        if sample.chance >= OFF {
            state.outside_since = None;
        } else if state.outside_since.is_none() {
            state.outside_since = Some(sample.at);
        }
    }

    fn open(state: &State) -> Option<&Episode<Detail>> {
        state.episode.as_ref()
    }

    fn differs(one: &Detail, other: &Detail) -> bool {
        one.class != other.class
    }
}

/// Whether a class is judged by time inside rather than by updates.
const fn is_ground(class: Class) -> bool {
    match class {
        Class::Unknown | Class::Vehicle | Class::Person | Class::Equipment => true,
        Class::Vessel | Class::Aircraft | Class::Drone => false,
    }
}

/// How fast such a thing can be, m/s: how far it may come within the lateness.
const fn speed_mps_max(class: Class) -> f64 {
    match class {
        Class::Vessel => 31.0,
        Class::Person => 12.0,
        Class::Drone => 60.0,
        Class::Vehicle | Class::Equipment | Class::Unknown => 70.0,
        Class::Aircraft => 515.0,
    }
}

fn severity(area: &Area, class: Class) -> Severity {
    let restricted = area.kind == "restricted";
    match class {
        Class::Person | Class::Vehicle | Class::Drone | Class::Unknown | Class::Equipment => {
            if restricted {
                Severity::Critical
            } else {
                Severity::Serious
            }
        }
        // Ships and aircraft stray, and are seen from far.
        Class::Vessel | Class::Aircraft => {
            if restricted {
                Severity::Serious
            } else {
                Severity::Caution
            }
        }
    }
}

/// The normal distribution function.
fn normal(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

fn id_of(area: &Area, track: TrackId, opened_at: Time) -> AlertId {
    AlertId::of(ID, Some(&area.name), &track.to_string(), opened_at)
}

const fn noun(class: Class) -> &'static str {
    match class {
        Class::Unknown | Class::Equipment => "Unknown object",
        Class::Vessel => "Vessel",
        Class::Aircraft => "Aircraft",
        Class::Drone => "Drone",
        Class::Vehicle => "Vehicle",
        Class::Person => "Person",
    }
}

/// The claim of a change while the track is there.
fn said(change: Change<Detail>, watched: &Watched, track: &Track, now: Time) -> Claim {
    let Change { id, change, episode } = change;
    let (area, name) = (&watched.area, track_name(track));
    let since = episode.opened_at.clock_text();
    let chance = percent(episode.detail.chance);
    let why_text = match change {
        AlertChange::Raised | AlertChange::Updated | AlertChange::Revised => {
            format!("{name} is inside {} since {since} ({chance}); no permit matches", area.name)
        }
        AlertChange::Ended => format!(
            "{name} was inside {} from {since} to {}, {} times seen",
            area.name,
            episode.last_at.clock_text(),
            episode.count
        ),
        AlertChange::Withdrawn => format!(
            "Late reports show that {name} was not inside {} for {ON_DELAY_S:.0} s at {since}",
            area.name
        ),
    };
    let alert = Alert {
        id,
        detector: Arc::from(ID),
        version: VERSION,
        change,
        severity: episode.severity,
        title: title(&episode, area),
        why_text: Arc::from(why_text),
        why: why(&episode, watched, track, change),
        subject: Subject::Track(track.id),
        track: Some(track.id),
        area: Some(area.name.clone()),
        position: Some(track.position),
        opened_at: episode.opened_at,
        count: episode.count,
        exercise: track.exercise,
    };
    let at = at_of(change, &episode, now);
    explain::claim(alert, at, &episode.evidence, Some(track))
}

/// The claim of an end because the track, or the area, is no more.
fn lost(
    change: Change<Detail>,
    watched: &Watched,
    id: TrackId,
    evidence: Evidence,
    now: Time,
) -> Claim {
    let area = &watched.area;
    let Change { id: alert_id, change, episode } = change;
    let last = episode.last_at.clock_text();
    let text =
        format!("{id} was last seen inside {} at {last}; it is not followed any more", area.name);
    let seen = format!("{} times, last at {last}", episode.count);
    let alert = Alert {
        id: alert_id,
        detector: Arc::from(ID),
        version: VERSION,
        change,
        severity: episode.severity,
        title: title(&episode, area),
        why_text: Arc::from(text),
        why: vec![reason("Seen inside", &seen, "still followed", Met::Unknown, 0.0, &evidence)],
        subject: Subject::Track(id),
        track: Some(id),
        area: Some(area.name.clone()),
        position: Some(episode.detail.position),
        opened_at: episode.opened_at,
        count: episode.count,
        exercise: episode.detail.exercise,
    };
    explain::claim(alert, now, &evidence, None)
}

fn title(episode: &Episode<Detail>, area: &Area) -> Arc<str> {
    Arc::from(format!("{} inside {}", noun(episode.detail.class), area.name))
}

/// When a word of an episode happened.
fn at_of(change: AlertChange, episode: &Episode<Detail>, now: Time) -> Time {
    match change {
        AlertChange::Ended => episode.ended_at.unwrap_or(now),
        AlertChange::Raised
        | AlertChange::Updated
        | AlertChange::Revised
        | AlertChange::Withdrawn => now,
    }
}

fn why(
    episode: &Episode<Detail>,
    watched: &Watched,
    track: &Track,
    change: AlertChange,
) -> Vec<Reason> {
    let evidence = &episode.evidence;
    let holds = match change {
        AlertChange::Raised | AlertChange::Updated | AlertChange::Revised => Met::Yes,
        AlertChange::Ended | AlertChange::Withdrawn => Met::No,
    };
    let chance = episode.detail.chance;
    let decibans = 10.0 * libm::log10(chance / (1.0 - chance).max(0.01));
    let inside_s = episode.last_at.since_s(episode.opened_at);
    let sustained = if is_ground(episode.detail.class) {
        let shown = span(inside_s.max(ON_DELAY_S));
        let delay = format!("at least {ON_DELAY_S:.0} s");
        reason("Time inside", &shown, &delay, holds, 0.0, evidence)
    } else {
        let shown = format!("{} in {}", episode.count, span(inside_s));
        let needed = format!("at least {ON_UPDATES}");
        reason("Updates inside", &shown, &needed, holds, 0.0, evidence)
    };
    let hours = match watched.area.hours {
        None => "at all hours".to_owned(),
        Some((from, until)) => format!("{}-{} UTC", clock(from), clock(until)),
    };
    let at = format!("{} UTC", clock(episode.opened_at.minute_of_day()));
    let permits = match watched.allow.len() {
        0 => "none of 0 permits".to_owned(),
        1 => "the 1 permit is for another".to_owned(),
        count => format!("all {count} permits are for others"),
    };
    let by: Vec<String> = track.sources.iter().map(source_name).collect();
    let by_text = format!("{}: {}", by.len(), by.join(", "));
    vec![
        reason("Chance of being inside", &percent(chance), "over 90 %", holds, decibans, evidence),
        sustained,
        reason("Area is watched", &at, &hours, Met::Yes, 0.0, evidence),
        reason("No permit matches", &permits, "1 for this subject", Met::Yes, 0.0, evidence),
        reason("Sources", &by_text, "at least 1", Met::Yes, 0.0, evidence),
    ]
}

fn source_name(source: &picket_model::Source) -> String {
    match &source.reporter {
        Some(reporter) => reporter.to_string(),
        None => format!("{} by {}", source.sensor.as_str(), source.author),
    }
}

fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}
