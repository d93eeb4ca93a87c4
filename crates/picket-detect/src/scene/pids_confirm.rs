//! `pids.confirm`: two perimeter sensors of different physical kinds agree.
//!
//! A fence in the wind and a geophone near a road each cry wolf daily; both within half a minute
//! at one place hardly ever do. Two sightings agree when their kinds differ, other devices
//! made them, they lie within 30 s and within 25 m and one sigma of both places, and at least one
//! is an alarm. The same kind, or the same device, counts once.
//!
//! Kinds: an alarm says its own ([`Observation::alarm`]); a radar's plot is radar; another
//! device's report of a person, vehicle or craft is camera, because it takes an image to say what
//! something is. Own units, as `area.entry` knows them, are no sighting.
//!
//! Further sightings within 75 m and 60 s belong to the same intrusion; a third kind makes it
//! critical; 60 s without any ends it. Times ahead of our clock are taken as ours, so that one
//! device's clock does not make all others late. Wind is not known here: no gate for weather.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use picket_model::{
    Alert, AlertChange, AlertId, Body, Claim, Class, DeviceId, Entry, Met, Observation,
    PhysicalKind, Picture, Position, Reason, RecordId, SensorKind, Severity, Subject, Time, Track,
    TrackId,
};

use super::track::{at_of, holds, is_own_force};
use crate::episode::{Change, Episode, Key, Machine};
use crate::explain::{self, Evidence, Witness, distance, place, reason, span};
use crate::{Detector, Row, Settings, event_time, write_state};

/// This detector's row.
pub const ROW: Row = Row {
    id: ID,
    also: &[],
    group: "B R",
    says: "2 perimeter sensors of different physical kinds agree within 30 s and 25 m; 3 kinds are \
           critical; ends after 60 s without a sighting",
    metric: "share of intrusions found against false alarms a day",
    make: |settings| Box::new(PidsConfirm::new(settings)),
};

const ID: &str = "pids.confirm";
const VERSION: u32 = 1;

/// How far apart in time sightings may agree, seconds.
const WITHIN_S: f64 = 30.0;
/// How far apart in place, metres, beside one sigma of both places.
const WITHIN_M: f64 = 25.0;
/// Most that the errors of places add, metres: what is known worse agrees with everything.
const ERROR_M_MAX: f64 = 50.0;
/// How far around its place further sightings belong to an intrusion, metres.
const JOIN_M: f64 = 75.0;
/// How long an intrusion lasts after its last sighting, seconds.
const QUIET_S: f64 = 60.0;
/// Most radar plots and reports remembered, for alarms that come after them: 40 s of 800 a
/// second; beyond it the oldest go.
const FIXES_MAX: usize = 32_768;
/// Most alarms remembered, for plots and reports that come after them; beyond it the oldest go.
const ALARMS_MAX: usize = 1_024;
/// Most sightings compared with a new one; beyond it the oldest go.
const RECENT_MAX: usize = 256;
/// Most intrusions at one time; beyond it a further one is not opened.
const OPEN_MAX: usize = 64;

/// The detector; see the module's head.
#[derive(Debug)]
pub struct PidsConfirm {
    lateness_s: f64,
    key: Key<Confirm>,
    fixes: VecDeque<Sighting>,
    alarms: VecDeque<Sighting>,
}

/// The logic of the whole perimeter.
#[derive(Debug)]
struct Confirm;

/// Something was perceived at a place.
#[derive(Debug, Clone)]
struct Sighting {
    at: Time,
    witness: Witness,
    kind: PhysicalKind,
    is_alarm: bool,
    by: Arc<str>,
    position: Position,
    sigma_m: f64,
    track: Option<TrackId>,
    exercise: bool,
}

#[derive(Debug, Clone, Default)]
struct State {
    recent: VecDeque<Sighting>,
    open: Vec<Episode<Detail>>,
}

/// One intrusion.
#[derive(Debug, Clone)]
struct Detail {
    /// Where the alarm was.
    position: Position,
    kinds: BTreeSet<PhysicalKind>,
    /// Who agreed first.
    first: (PhysicalKind, Arc<str>),
    second: (PhysicalKind, Arc<str>),
    apart_m: f64,
    apart_s: f64,
    track: Option<TrackId>,
    exercise: bool,
}

impl Sighting {
    fn is_near(&self, other: &Self) -> bool {
        let error_m = libm::hypot(self.sigma_m, other.sigma_m).min(ERROR_M_MAX);
        is_within(&self.position, &other.position, WITHIN_M + error_m)
            && self.at.since_s(other.at).abs() <= WITHIN_S
    }

    fn agrees(&self, other: &Self) -> bool {
        self.kind != other.kind
            && self.by != other.by
            && (self.is_alarm || other.is_alarm)
            && self.is_near(other)
    }
}

/// Whether two places lie within `metres`; cheap for those that are far apart.
fn is_within(one: &Position, other: &Position, metres: f64) -> bool {
    const METRES_PER_RADIAN_MIN: f64 = 6_300_000.0;
    let north = (one.lat.radians() - other.lat.radians()).abs();
    north * METRES_PER_RADIAN_MIN <= metres && one.distance_m(other) <= metres
}

impl PidsConfirm {
    /// A detector that has seen nothing.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            lateness_s: settings.lateness_s,
            key: Key::default(),
            fixes: VecDeque::new(),
            alarms: VecDeque::new(),
        }
    }

    fn observe(
        &mut self,
        entry: &Entry,
        seen: &Observation,
        picture: &Picture,
        out: &mut Vec<Claim>,
    ) {
        let Some(sighting) = sighting(entry, seen, picture) else { return };
        let (received_at, lateness_s) = (entry.record.received_at, self.lateness_s());
        let oldest = received_at.plus_s(-2.0 * lateness_s);
        let (own, others, most) = if sighting.is_alarm {
            (&mut self.alarms, &self.fixes, ALARMS_MAX)
        } else {
            (&mut self.fixes, &self.alarms, FIXES_MAX)
        };
        while own.front().is_some_and(|first| first.at < oldest) || own.len() >= most {
            own.pop_front();
        }
        own.push_back(sighting.clone());
        let near: Vec<Sighting> =
            others.iter().filter(|other| other.is_near(&sighting)).cloned().collect();
        if !sighting.is_alarm && near.is_empty() {
            return;
        }
        // A plot or report is taken in by the first alarm near it, whichever came first.
        for fix in near.into_iter().filter(|other| !other.is_alarm) {
            self.key.take(&Confirm, fix, received_at, lateness_s);
        }
        self.key.take(&Confirm, sighting, received_at, lateness_s);
        self.tell(received_at, picture, out);
    }

    /// What an alarm in its time makes matter may be older than the alarm.
    fn lateness_s(&self) -> f64 {
        self.lateness_s + WITHIN_S
    }

    fn tell(&mut self, now: Time, picture: &Picture, out: &mut Vec<Claim>) {
        let event_now = self.key.now(now);
        for change in self.key.changes(id_of) {
            let track = change.episode.detail.track.and_then(|id| picture.tracks.get(&id));
            out.push(said(change, track.map(AsRef::as_ref), event_now));
        }
    }
}

impl Detector for PidsConfirm {
    fn name(&self) -> &'static str {
        ID
    }

    fn watch(&mut self, entry: &Entry, picture: &Picture, out: &mut Vec<Claim>) {
        match &entry.record.body {
            Body::Observation(seen) => self.observe(entry, seen, picture, out),
            Body::Tick => {
                let now = entry.record.received_at;
                self.key.pass(&Confirm, now);
                self.tell(now, picture, out);
            }
            Body::Status(_) | Body::Alert(_) | Body::Act(_) | Body::Refusal(_) | Body::Site(_) => {}
        }
    }

    fn digest(&self, out: &mut Vec<u8>) {
        write_state(ID, self, out);
    }
}

/// What an observation says was perceived, if it is of a kind that counts.
fn sighting(entry: &Entry, seen: &Observation, picture: &Picture) -> Option<Sighting> {
    let position = seen.position?;
    let tracks = || picture.touched.iter().filter_map(|id| picture.tracks.get(id));
    let kind = match (seen.alarm, seen.sensor) {
        (Some(kind), _) => kind,
        (None, _) if tracks().any(|track| is_own_force(track)) => return None,
        (None, SensorKind::Radar) => PhysicalKind::Radar,
        (None, SensorKind::CotReport) if seen.reporter.is_some() && is_imaged(seen.class) => {
            PhysicalKind::Camera
        }
        (
            None,
            SensorKind::Ais
            | SensorKind::CotSelf
            | SensorKind::CotReport
            | SensorKind::Adsb
            | SensorKind::SystemTrack
            | SensorKind::Gnss,
        ) => return None,
    };
    let by = match &seen.reporter {
        Some(reporter) => Arc::clone(reporter),
        None => Arc::from(entry.record.author.to_string()),
    };
    Some(Sighting {
        at: event_time(&entry.record).min(entry.record.received_at),
        witness: Witness::of(entry),
        kind,
        is_alarm: seen.alarm.is_some(),
        by,
        position,
        sigma_m: seen.sigma_m.filter(|s| s.is_finite() && *s > 0.0).unwrap_or(0.0),
        track: tracks().next().map(|track| track.id),
        exercise: seen.exercise,
    })
}

/// Whether it takes an image to say that something is of this class.
const fn is_imaged(class: Class) -> bool {
    match class {
        Class::Person | Class::Vehicle | Class::Drone | Class::Vessel | Class::Aircraft => true,
        Class::Unknown | Class::Equipment => false,
    }
}

impl Machine for Confirm {
    type Sample = Sighting;
    type State = State;
    type Detail = Detail;
    /// The whole perimeter's alarms, and what is near them, over the lateness.
    const WINDOW_MAX: usize = 1_000;

    fn key(sample: &Sighting) -> (Time, RecordId) {
        (sample.at, sample.witness.record)
    }

    fn settle(&self, state: &mut State, until: Time, done: &mut Vec<Episode<Detail>>) {
        state.open.retain_mut(|episode| {
            let over = until.since_s(episode.last_at) >= QUIET_S;
            if over {
                episode.ended_at = Some(episode.last_at.plus_s(QUIET_S));
                done.push(episode.clone());
            }
            !over
        });
    }

    fn step(&self, state: &mut State, sample: &Sighting, _done: &mut Vec<Episode<Detail>>) {
        state.recent.retain(|other| sample.at.since_s(other.at) <= WITHIN_S);
        let partner = state.recent.iter().find(|other| other.agrees(sample)).cloned();
        if state.recent.len() >= RECENT_MAX {
            state.recent.pop_front();
        }
        state.recent.push_back(sample.clone());
        let joined = state
            .open
            .iter_mut()
            .find(|episode| is_within(&episode.detail.position, &sample.position, JOIN_M));
        if let Some(episode) = joined {
            episode.count = episode.count.saturating_add(1);
            episode.last_at = sample.at;
            episode.evidence.add(&sample.witness);
            episode.detail.kinds.insert(sample.kind);
            episode.detail.track = episode.detail.track.or(sample.track);
            episode.detail.exercise |= sample.exercise;
            episode.severity = severity(&episode.detail);
            return;
        }
        let Some(partner) = partner.filter(|_| state.open.len() < OPEN_MAX) else { return };
        let mut evidence = Evidence::of(&partner.witness);
        evidence.add(&sample.witness);
        let detail = Detail {
            position: if partner.is_alarm { partner.position } else { sample.position },
            kinds: BTreeSet::from([partner.kind, sample.kind]),
            first: (partner.kind, Arc::clone(&partner.by)),
            second: (sample.kind, Arc::clone(&sample.by)),
            apart_m: partner.position.distance_m(&sample.position),
            apart_s: sample.at.since_s(partner.at),
            track: partner.track.or(sample.track),
            exercise: partner.exercise || sample.exercise,
        };
        state.open.push(Episode {
            opened_at: sample.at,
            raised: true,
            ended_at: None,
            last_at: sample.at,
            severity: severity(&detail),
            count: 2,
            evidence,
            detail,
        });
    }

    fn open(state: &State) -> &[Episode<Detail>] {
        &state.open
    }

    fn same(one: &Detail, other: &Detail) -> bool {
        is_within(&one.position, &other.position, JOIN_M)
    }

    fn differs(one: &Detail, other: &Detail) -> bool {
        one.first != other.first || one.second != other.second
    }
}

/// Three kinds do not err together.
fn severity(detail: &Detail) -> Severity {
    if detail.kinds.len() >= 3 { Severity::Critical } else { Severity::Serious }
}

fn id_of(episode: &Episode<Detail>) -> AlertId {
    AlertId::of(ID, None, &place(&episode.detail.position), episode.opened_at)
}

fn said(change: Change<Detail>, track: Option<&Track>, now: Time) -> Claim {
    let Change { id, change, episode } = change;
    let detail = &episode.detail;
    let (first, second) = (name(&detail.first), name(&detail.second));
    let kinds: Vec<&str> = detail.kinds.iter().map(|kind| kind.as_str()).collect();
    let apart = format!("{} and {}", distance(detail.apart_m), span(detail.apart_s));
    let since = episode.opened_at.clock_text();
    let at = place(&detail.position);
    let why_text = match change {
        AlertChange::Raised | AlertChange::Updated | AlertChange::Revised => {
            format!("{first} and {second} agree within {apart}, since {since}, at {at}")
        }
        AlertChange::Ended => format!(
            "{first} and {second} agreed at {since}, at {at}; nothing perceived there since {}",
            episode.last_at.clock_text()
        ),
        AlertChange::Withdrawn => {
            format!("Late reports show that {first} and {second} did not agree at {since}")
        }
    };
    let subject = match (detail.track, DeviceId::new(&detail.first.1)) {
        (Some(id), _) => Subject::Track(id),
        (None, Ok(device)) => Subject::Device(device),
        (None, Err(_)) => Subject::Track(TrackId(0)),
    };
    let alert = Alert {
        id,
        detector: Arc::from(ID),
        version: VERSION,
        change,
        severity: episode.severity,
        title: Arc::from(format!("Intrusion confirmed by {}", kinds.join(" and "))),
        why_text: Arc::from(why_text),
        why: why(&episode, change),
        subject,
        track: detail.track,
        area: None,
        position: Some(detail.position),
        opened_at: episode.opened_at,
        count: episode.count,
        exercise: detail.exercise,
    };
    let at = at_of(change, &episode, now);
    explain::claim(alert, at, &episode.evidence, track)
}

/// `fence sensor Fence-07`.
fn name((kind, by): &(PhysicalKind, Arc<str>)) -> String {
    match kind {
        PhysicalKind::Radar | PhysicalKind::Camera => format!("{} {by}", kind.as_str()),
        PhysicalKind::Fence
        | PhysicalKind::Seismic
        | PhysicalKind::Infrared
        | PhysicalKind::Barrier
        | PhysicalKind::Acoustic
        | PhysicalKind::Magnetic
        | PhysicalKind::Contact => format!("{} sensor {by}", kind.as_str()),
    }
}

fn why(episode: &Episode<Detail>, change: AlertChange) -> Vec<Reason> {
    let (evidence, detail) = (&episode.evidence, &episode.detail);
    let holds = holds(change);
    let kinds: Vec<&str> = detail.kinds.iter().map(|kind| kind.as_str()).collect();
    let kinds = format!("{}: {}", kinds.len(), kinds.join(", "));
    let (apart_s, apart_m) = (span(detail.apart_s), distance(detail.apart_m));
    let seen = format!("{} in {}", episode.count, span(episode.last_at.since_s(episode.opened_at)));
    vec![
        // Two independent nuisances a day within 30 s at one of 100 places: 0.07 a day.
        reason("Physical kinds", &kinds, "at least 2 that differ", holds, 20.0, evidence),
        reason("Apart in time", &apart_s, "at most 30 s", holds, 0.0, evidence),
        reason("Apart in place", &apart_m, "25 m and one sigma", holds, 0.0, evidence),
        reason("Sightings", &seen, "at least 2", Met::Yes, 0.0, evidence),
    ]
}
