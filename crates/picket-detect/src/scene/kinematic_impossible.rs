//! `kinematic.impossible`: a name was in two places that nothing of its class can travel between.
//!
//! Judged from the reports themselves, not from tracks: for each strong name (MMSI, ICAO
//! address, CoT uid) that reports itself, the legs between fixes that follow each other in event
//! time. Three sigma of each place are taken off the distance, both clocks' errors added to the
//! time; a leg is impossible if what remains needs more than the class's greatest speed. Two of
//! three legs raise: one false position makes two, out and back. Three clean legs, two
//! minutes after the last impossible one, end it; so two ships that share a number warn once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use picket_model::{
    Alert, AlertChange, AlertId, Body, Claim, Class, Entry, Ident, Met, Observation, Picture,
    Position, Reason, RecordId, SensorKind, Severity, Subject, Time, Track, TrackId,
};

use crate::episode::{Change, Episode, Key, Machine};
use crate::explain::{self, Evidence, Witness, reason, span};
use crate::{Detector, Row, Settings, event_time, write_state};

/// This detector's row.
pub const ROW: Row = Row {
    id: ID,
    also: &[],
    group: "M A N",
    says: "2 of 3 legs between one name's reports need more speed than its class has: ship 60 \
           kn, person 12 m/s, vehicle 70 m/s, light drone 60 m/s, aircraft 1,000 kn",
    metric: "share of injected jumps found, false alarms a day",
    make: |settings| Box::new(KinematicImpossible::new(settings)),
};

const ID: &str = "kinematic.impossible";
const VERSION: u32 = 1;

/// One knot, m/s.
const KNOT_MPS: f64 = 1_852.0 / 3_600.0;
/// Legs shorter than this say nothing, seconds: copies, and bursts after a stall of the link.
const LEG_S_MIN: f64 = 0.5;
/// Sigmas of each place that are taken off the distance.
const SIGMAS: f64 = 3.0;
/// One sigma where the report says none, metres.
const USUAL_SIGMA_M: f64 = 15.0;
/// An error beyond which a place says nothing, metres.
const SIGMA_M_MAX: f64 = 10_000.0;
/// Error of two times that authors gave, seconds.
const JITTER_TIMED_S: f64 = 1.0;
/// Error of two times that are ours, seconds: a receiver or link may hold a report back.
const JITTER_RECEIVED_S: f64 = 5.0;
/// Clean legs in a row that end an episode.
const CLEAN_LEGS: u32 = 3;
/// And the time since the last impossible leg, seconds.
const CLEAN_S: f64 = 120.0;
/// An episode whose subject is silent so long ends, seconds.
const SILENT_S: f64 = 3_600.0;
/// Most names remembered, one for each ship of the world's fleet that is in reach of a large
/// node; beyond it new ones are not watched, and counted.
const KEYS_MAX: usize = 100_000;
/// How many names one tick looks at to forget the silent ones: all of them within 7 minutes.
const SWEEP: usize = 256;

/// The detector; see the module's head.
#[derive(Debug)]
pub struct KinematicImpossible {
    lateness_s: f64,
    /// Boxed: one for each thing that names itself, in a map that is half empty.
    keys: BTreeMap<Ident, Box<Key<Legs>>>,
    /// Names with an open episode.
    open: BTreeSet<Ident>,
    swept_to: Option<Ident>,
    unwatched: u64,
}

/// The logic of one name.
#[derive(Debug)]
struct Legs;

/// Where a name said it was.
#[derive(Debug, Clone)]
struct Sample {
    at: Time,
    witness: Witness,
    position: Position,
    sigma_m: f64,
    jitter_s: f64,
    class: Class,
    exercise: bool,
}

#[derive(Debug, Clone, Default)]
struct State {
    last: Option<Sample>,
    /// The newest three legs, one bit each, 1 impossible, the newest lowest.
    legs: u8,
    clean: u32,
    /// Boxed: almost no key has one.
    episode: Option<Box<Episode<Detail>>>,
}

/// The leg that asks for most.
#[derive(Debug, Clone)]
struct Detail {
    distance_m: f64,
    elapsed_s: f64,
    /// What the leg needs at least, errors taken off, m/s.
    needed_mps: f64,
    limit_mps: f64,
    class: Class,
    position: Position,
    exercise: bool,
}

impl KinematicImpossible {
    /// A detector that has seen nothing.
    #[must_use]
    pub const fn new(settings: &Settings) -> Self {
        Self {
            lateness_s: settings.lateness_s,
            keys: BTreeMap::new(),
            open: BTreeSet::new(),
            swept_to: None,
            unwatched: 0,
        }
    }

    fn observe(
        &mut self,
        entry: &Entry,
        seen: &Observation,
        picture: &Picture,
        out: &mut Vec<Claim>,
    ) {
        let Some(ident) = own_name(seen) else { return };
        let Some(sample) = sample(entry, seen) else { return };
        let full = self.keys.len() >= KEYS_MAX;
        let key = match self.keys.get_mut(ident) {
            Some(key) => key,
            None if full => {
                self.unwatched = self.unwatched.saturating_add(1);
                return;
            }
            None => self.keys.entry(ident.clone()).or_default(),
        };
        if !key.take(&Legs, sample, entry.record.received_at, self.lateness_s) {
            return;
        }
        let now = key.now(key.received_at());
        let changes = key.changes(|episode| id_of(ident, episode.opened_at));
        if changes.is_empty() {
            return;
        }
        if key.raised().is_some() {
            self.open.insert(ident.clone());
        }
        let track = picture.touched.iter().find_map(|id| picture.tracks.get(id));
        for change in changes {
            out.push(said(change, ident, track.map(AsRef::as_ref), now));
        }
    }

    fn pass(&mut self, now: Time, out: &mut Vec<Claim>) {
        let keys = &mut self.keys;
        self.open.retain(|ident| {
            let Some(key) = keys.get_mut(ident) else { return false };
            key.pass(&Legs, now);
            let event_now = key.now(now);
            for change in key.changes(|episode| id_of(ident, episode.opened_at)) {
                out.push(said(change, ident, None, event_now));
            }
            key.raised().is_some()
        });
        self.sweep(now);
    }

    /// Forgets a few of the names that were silent for an hour.
    fn sweep(&mut self, now: Time) {
        let from = match self.swept_to.take() {
            Some(ident) => std::ops::Bound::Excluded(ident),
            None => std::ops::Bound::Unbounded,
        };
        let part = self.keys.range((from, std::ops::Bound::Unbounded)).take(SWEEP);
        let mut silent = Vec::new();
        let mut looked_at = 0;
        for (ident, key) in part {
            looked_at += 1;
            if looked_at == SWEEP {
                self.swept_to = Some(ident.clone());
            }
            if now.since_s(key.received_at()) > SILENT_S && key.raised().is_none() {
                silent.push(ident.clone());
            }
        }
        for ident in silent {
            self.keys.remove(&ident);
        }
    }
}

impl Detector for KinematicImpossible {
    fn name(&self) -> &'static str {
        ID
    }

    fn watch(&mut self, entry: &Entry, picture: &Picture, out: &mut Vec<Claim>) {
        match &entry.record.body {
            Body::Observation(seen) => self.observe(entry, seen, picture, out),
            Body::Tick => self.pass(entry.record.received_at, out),
            Body::Status(_) | Body::Alert(_) | Body::Act(_) | Body::Refusal(_) | Body::Site(_) => {}
        }
    }

    fn digest(&self, out: &mut Vec<u8>) {
        write_state(ID, self, out);
    }
}

/// The strong name under which a thing reports itself; fixed equipment does not travel.
fn own_name(seen: &Observation) -> Option<&Ident> {
    let itself = seen.sensor.tells_of_itself() && seen.class != Class::Equipment;
    let strong = |ident: &&Ident| match ident {
        Ident::Mmsi(_) | Ident::Icao(_) | Ident::CotUid(_) => true,
        Ident::Imo(_) | Ident::Local { .. } | Ident::Callsign(_) | Ident::Name(_) => false,
    };
    seen.idents.iter().filter(|_| itself).find(strong)
}

fn sample(entry: &Entry, seen: &Observation) -> Option<Sample> {
    let position = seen
        .position
        .filter(|p| p.lat.degrees().abs() <= 90.0 && p.lon.degrees().abs() <= 180.0)?;
    let given = seen.sigma_m.filter(|sigma_m| sigma_m.is_finite() && *sigma_m > 0.0);
    let sigma_m = given.unwrap_or(USUAL_SIGMA_M);
    let at = event_time(&entry.record);
    let timed = entry.record.is_timed() && at == entry.record.occurred_at;
    let class = match (seen.class, seen.sensor) {
        (Class::Unknown, SensorKind::Ais) => Class::Vessel,
        (Class::Unknown, SensorKind::Adsb) => Class::Aircraft,
        (
            class,
            SensorKind::Ais
            | SensorKind::Adsb
            | SensorKind::CotSelf
            | SensorKind::CotReport
            | SensorKind::Radar
            | SensorKind::SystemTrack
            | SensorKind::Gnss,
        ) => class,
    };
    (sigma_m <= SIGMA_M_MAX).then(|| Sample {
        at,
        witness: Witness::of(entry),
        position,
        sigma_m,
        jitter_s: if timed { JITTER_TIMED_S } else { JITTER_RECEIVED_S },
        class,
        exercise: seen.exercise,
    })
}

/// No such thing is faster, m/s.
const fn speed_mps_max(class: Class) -> f64 {
    match class {
        Class::Vessel => 60.0 * KNOT_MPS,
        Class::Person => 12.0,
        Class::Vehicle => 70.0,
        Class::Drone => 60.0,
        Class::Aircraft | Class::Unknown | Class::Equipment => 1_000.0 * KNOT_MPS,
    }
}

/// What a leg between two fixes says.
enum Leg {
    /// It can be travelled.
    Clean,
    /// It cannot.
    Impossible(Detail),
}

/// The leg between two fixes; `None` if they are too close in time, or one fix told twice.
fn leg(from: &Sample, to: &Sample) -> Option<Leg> {
    let elapsed_s = to.at.since_s(from.at);
    if elapsed_s < LEG_S_MIN || (from.position == to.position && elapsed_s < COPY_S) {
        return None;
    }
    let limit_mps = speed_mps_max(from.class).max(speed_mps_max(to.class));
    let slack_m = SIGMAS * (from.sigma_m + to.sigma_m);
    let time_s = elapsed_s + from.jitter_s.max(to.jitter_s);
    let reach_m = limit_mps * time_s + slack_m;
    if distance_m_at_most(&from.position, &to.position) <= reach_m {
        return Some(Leg::Clean);
    }
    let distance_m = from.position.distance_m(&to.position);
    if distance_m <= reach_m {
        return Some(Leg::Clean);
    }
    Some(Leg::Impossible(Detail {
        distance_m,
        elapsed_s,
        needed_mps: (distance_m - slack_m) / time_s,
        limit_mps,
        class: to.class,
        position: to.position,
        exercise: from.exercise || to.exercise,
    }))
}

/// One place told again within so many seconds is a copy, as by a second receiver.
const COPY_S: f64 = 2.0;

/// A bound above the distance that needs no trigonometry: nearly all legs are clean by it.
fn distance_m_at_most(from: &Position, to: &Position) -> f64 {
    const RADIUS_M: f64 = 6_400_000.0;
    let north = (to.lat.radians() - from.lat.radians()).abs();
    let east = (to.lon.radians() - from.lon.radians()).abs();
    RADIUS_M * (north + east)
}

impl Machine for Legs {
    type Sample = Sample;
    type State = State;
    type Detail = Detail;

    fn key(sample: &Sample) -> (Time, RecordId) {
        (sample.at, sample.witness.record)
    }

    fn settle(&self, state: &mut State, until: Time, done: &mut Vec<Episode<Detail>>) {
        let Some(last) = &state.last else { return };
        if until.since_s(last.at) < SILENT_S {
            return;
        }
        let ended_at = last.at.plus_s(SILENT_S);
        if let Some(mut episode) = state.episode.take().filter(|episode| episode.raised) {
            episode.ended_at = Some(ended_at);
            done.push(*episode);
        }
    }

    fn step(&self, state: &mut State, sample: &Sample, done: &mut Vec<Episode<Detail>>) {
        let Some(from) = state.last.replace(sample.clone()) else { return };
        let Some(leg) = leg(&from, sample) else { return };
        state.legs = (state.legs << 1) & 0b111;
        let leg = match leg {
            Leg::Clean => {
                state.clean = state.clean.saturating_add(1);
                return state.clear(sample.at, done);
            }
            Leg::Impossible(leg) => leg,
        };
        state.legs |= 1;
        state.clean = 0;
        let raised = state.legs.count_ones() >= 2;
        let Some(episode) = &mut state.episode else {
            let mut evidence = Evidence::of(&from.witness);
            evidence.add(&sample.witness);
            state.episode = Some(Box::new(Episode {
                opened_at: sample.at,
                raised,
                ended_at: None,
                last_at: sample.at,
                severity: Severity::Serious,
                count: 1,
                evidence,
                detail: leg,
            }));
            return;
        };
        episode.raised |= raised;
        episode.count = episode.count.saturating_add(1);
        episode.last_at = sample.at;
        episode.evidence.add(&from.witness);
        episode.evidence.add(&sample.witness);
        let exercise = episode.detail.exercise || leg.exercise;
        if leg.needed_mps > episode.detail.needed_mps {
            episode.detail = leg;
        }
        episode.detail.exercise = exercise;
    }

    fn open(state: &State) -> &[Episode<Detail>] {
        state.episode.as_deref().map_or(&[], std::slice::from_ref)
    }

    fn differs(_one: &Detail, _other: &Detail) -> bool {
        false
    }
}

impl State {
    /// After a clean leg: forgets a single impossible one, ends what has been clean long enough.
    fn clear(&mut self, at: Time, done: &mut Vec<Episode<Detail>>) {
        let Some(episode) = &mut self.episode else { return };
        if !episode.raised {
            if self.legs == 0 {
                self.episode = None;
            }
            return;
        }
        if self.clean >= CLEAN_LEGS && at.since_s(episode.last_at) >= CLEAN_S {
            episode.ended_at = Some(at);
            done.extend(self.episode.take().map(|episode| *episode));
        }
    }
}

fn id_of(ident: &Ident, opened_at: Time) -> AlertId {
    AlertId::of(ID, None, &subject_text(ident), opened_at)
}

fn subject_text(ident: &Ident) -> String {
    match ident {
        Ident::Mmsi(_) => format!("MMSI {ident}"),
        Ident::Icao(_) => format!("ICAO {ident}"),
        Ident::CotUid(_)
        | Ident::Imo(_)
        | Ident::Local { .. }
        | Ident::Callsign(_)
        | Ident::Name(_) => ident.to_string(),
    }
}

fn subject_of(ident: &Ident, track: Option<TrackId>) -> Subject {
    let unnamed = Subject::Track(track.unwrap_or(TrackId(0)));
    match ident {
        Ident::Mmsi(mmsi) => Subject::Mmsi(*mmsi),
        Ident::Icao(address) => Subject::Icao(*address),
        Ident::CotUid(uid) => picket_model::id::Name::new(uid).map_or(unnamed, Subject::CotUid),
        Ident::Imo(_) | Ident::Local { .. } | Ident::Callsign(_) | Ident::Name(_) => unnamed,
    }
}

fn said(change: Change<Detail>, ident: &Ident, track: Option<&Track>, now: Time) -> Claim {
    let Change { id, change, episode } = change;
    let detail = &episode.detail;
    let name = match track.map(Track::display_name) {
        Some(shown) if shown != ident.to_string() => format!("{shown}, {}", subject_text(ident)),
        Some(_) | None => subject_text(ident),
    };
    let way = way(detail);
    let limit = speed(detail.class, detail.limit_mps);
    let why_text = match change {
        AlertChange::Raised | AlertChange::Updated | AlertChange::Revised => format!(
            "{name}: {way}, at least {}; {} does at most {limit}",
            speed(detail.class, detail.needed_mps),
            with_article(detail.class)
        ),
        AlertChange::Ended => format!(
            "{name}: its places follow from each other again; {} impossible legs from {} to {}",
            episode.count,
            episode.opened_at.clock_text(),
            episode.last_at.clock_text()
        ),
        AlertChange::Withdrawn => {
            format!("Late reports show that {name} can have moved so; no leg is above {limit}")
        }
    };
    let alert = Alert {
        id,
        detector: Arc::from(ID),
        version: VERSION,
        change,
        severity: episode.severity,
        title: Arc::from(format!("Impossible movement: {name}")),
        why_text: Arc::from(why_text),
        why: why(&episode, change),
        subject: subject_of(ident, track.map(|track| track.id)),
        track: track.map(|track| track.id),
        area: None,
        position: Some(detail.position),
        opened_at: episode.opened_at,
        count: episode.count,
        exercise: detail.exercise,
    };
    let at = match change {
        AlertChange::Ended => episode.ended_at.unwrap_or(now),
        AlertChange::Raised
        | AlertChange::Updated
        | AlertChange::Revised
        | AlertChange::Withdrawn => now,
    };
    explain::claim(alert, at, &episode.evidence, track)
}

fn why(episode: &Episode<Detail>, change: AlertChange) -> Vec<Reason> {
    let detail = &episode.detail;
    let evidence = &episode.evidence;
    let holds = match change {
        AlertChange::Raised | AlertChange::Updated | AlertChange::Revised => Met::Yes,
        AlertChange::Ended | AlertChange::Withdrawn => Met::No,
    };
    let needed = speed(detail.class, detail.needed_mps);
    let limit = format!(
        "at most {} for {}",
        speed(detail.class, detail.limit_mps),
        with_article(detail.class)
    );
    let legs = format!("{} so far", episode.count);
    vec![
        reason(
            "Greatest leg",
            &way(detail),
            "errors of place and time taken off",
            holds,
            0.0,
            evidence,
        ),
        // A GNSS fault or a shared number explains most; a false report is what else does.
        reason("Speed it needs", &needed, &limit, holds, 15.0, evidence),
        reason("Impossible legs", &legs, "2 of 3", holds, 0.0, evidence),
    ]
}

/// Miles and knots for what goes by sea and air, metres for the rest.
const fn is_nautical(class: Class) -> bool {
    match class {
        Class::Vessel | Class::Aircraft => true,
        Class::Unknown | Class::Drone | Class::Vehicle | Class::Person | Class::Equipment => false,
    }
}

fn way(detail: &Detail) -> String {
    let lasted = span(detail.elapsed_s);
    if is_nautical(detail.class) && detail.distance_m >= 1_852.0 {
        format!("{:.0} nm in {lasted}", detail.distance_m / 1_852.0)
    } else {
        format!("{} in {lasted}", explain::distance(detail.distance_m))
    }
}

fn speed(class: Class, mps: f64) -> String {
    if is_nautical(class) { format!("{:.0} kn", mps / KNOT_MPS) } else { format!("{mps:.0} m/s") }
}

const fn with_article(class: Class) -> &'static str {
    match class {
        Class::Unknown | Class::Equipment => "anything",
        Class::Vessel => "a vessel",
        Class::Aircraft => "an aircraft",
        Class::Drone => "a light drone",
        Class::Vehicle => "a vehicle",
        Class::Person => "a person",
    }
}
