//! `ais.identity`: what an AIS station says it is cannot be, or changes.
//!
//! Anybody can send any number and name, and many do by mistake. Four findings, one alert for each
//! MMSI that names all that hold:
//! - **two places**: its reports go to and fro, three times within 10 min, between two places that no
//!   ship can travel between; one false position goes to and fro once only;
//! - **changes**: its name, call sign or IMO number changed more than once in 30 days;
//! - **IMO number**: the last digit is not the check digit of the others, told twice;
//! - **MMSI**: its three digits of country are nobody's, or it has the form of no station, heard
//!   three times: noise that fits a checksum makes a number once, a wrong set repeats it.
//!
//! A finding that is put right (a valid IMO number, no second place for 10 min) is over; an alert
//! without findings, or of a station silent for 6 h, ends. Not judged, because an observation does
//! not tell: the size of a ship, and whether a class A set reports as seldom as class B.
//!
//! `Standard:` ITU-R M.585-9 (form of the MMSI); IMO resolution A.1117(30) (check digit).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use picket_model::{
    Alert, AlertChange, AlertId, Body, Claim, Class, Entry, Ident, Met, Observation, Picture,
    Position, Reason, RecordId, SensorKind, Severity, Subject, Time, Track,
};

use super::mid::is_allocated;
use super::track::{at_of, holds};
use crate::episode::{Change, Episode, Key, Machine};
use crate::explain::{self, Evidence, Witness, distance, reason};
use crate::{Detector, Row, Settings, event_time, write_state};

/// This detector's row.
pub const ROW: Row = Row {
    id: ID,
    also: &[],
    group: "M",
    says: "an MMSI reports from 2 places at once, changes its name, call sign or IMO number more than \
           once in 30 days, gives an IMO number with a wrong check digit twice, or is of no country, heard 3 times",
    metric: "share of true findings, findings a day",
    make: |settings| Box::new(AisIdentity::new(settings)),
};

const ID: &str = "ais.identity";
const VERSION: u32 = 1;

/// No ship is faster, m/s: 60 knots.
const SPEED_MPS_MAX: f64 = 60.0 * 1_852.0 / 3_600.0;
/// One sigma where the report says none, metres.
const USUAL_SIGMA_M: f64 = 30.0;
/// Error of two times, seconds: a receiver or link may hold a report back.
const JITTER_S: f64 = 5.0;
/// So often to and fro, within so many seconds, are two places.
const SWITCHES: usize = 3;
const SWITCHING_S: f64 = 600.0;
/// How often an MMSI must be heard before it is judged, and a wrong IMO number.
const MMSI_HEARD: u8 = 3;
const IMO_HEARD: u8 = 2;
/// Changes of one field in a month that are too many.
const CHANGES: usize = 2;
const MONTH_S: f64 = 30.0 * 86_400.0;
/// Most changes of one field remembered; beyond it the oldest go.
const CHANGES_MAX: usize = 4;
/// A station silent for so long has no alert any more, seconds.
const SILENT_S: f64 = 6.0 * 3_600.0;
/// Most stations remembered, as many as fusion remembers by name; beyond it new ones are not
/// watched, and counted.
const KEYS_MAX: usize = 50_000;
/// A station is forgotten after a month; after a day when half of the room is taken, seconds.
const FORGET_S: f64 = MONTH_S;
const FORGET_CROWDED_S: f64 = 86_400.0;
/// How many stations one tick looks at to forget the silent ones.
const SWEEP: usize = 256;

/// The detector; see the module's head.
#[derive(Debug)]
pub struct AisIdentity {
    lateness_s: f64,
    /// Boxed: one for each station, in a map that is half empty.
    keys: BTreeMap<u32, Box<Key<Station>>>,
    /// Stations with an open episode.
    open: BTreeSet<u32>,
    swept_to: u32,
    unwatched: u64,
}

/// The logic of one station.
#[derive(Debug)]
struct Station;

/// What a station said at one time.
#[derive(Debug, Clone)]
struct Sample {
    at: Time,
    witness: Witness,
    mmsi: u32,
    /// Where, with three sigma in metres.
    place: Option<(Position, f64)>,
    /// Who, which few reports say.
    statics: Option<Box<Statics>>,
    exercise: bool,
}

/// What a station says of itself.
#[derive(Debug, Clone)]
struct Statics {
    fields: [Option<Arc<str>>; FIELDS.len()],
    imo: Option<u32>,
}

/// The fields that a station says rarely; the places in [`Statics`].
const FIELDS: [&str; 3] = ["name", "call sign", "IMO number"];

#[derive(Debug, Clone, Default)]
struct State {
    spots: [Option<Spot>; 2],
    /// Which spot was heard last, and when it changed.
    at_spot: usize,
    switches: Vec<Time>,
    heard_at: Option<Time>,
    heard: u8,
    /// What it said of itself; boxed, because most reports are places.
    told: Option<Box<Told>>,
    episode: Option<Box<Episode<Detail>>>,
}

/// What a station said of itself so far.
#[derive(Debug, Clone, Default)]
struct Told {
    fields: [Field; FIELDS.len()],
    /// The wrong IMO number that it told last, and how often.
    wrong_imo: Option<(u32, u8)>,
}

/// One of two places from which a station reports.
#[derive(Debug, Clone)]
struct Spot {
    at: Time,
    position: Position,
    slack_m: f64,
}

/// What one field was, and when it changed.
#[derive(Debug, Clone, Default)]
struct Field {
    value: Option<Arc<str>>,
    before: Option<Arc<str>>,
    changed_at: Vec<Time>,
}

/// What does not hold together.
#[derive(Debug, Clone, Default, PartialEq)]
struct Findings {
    /// Distance between the two places, metres.
    two_places_m: Option<f64>,
    /// For each field, how it changed too often.
    changed: [Option<Changed>; FIELDS.len()],
    bad_imo: Option<u32>,
    bad_mmsi: bool,
}

/// How a field changed: its last values, and how often.
#[derive(Debug, Clone, PartialEq)]
struct Changed {
    before: Arc<str>,
    value: Arc<str>,
    changes: usize,
}

impl Findings {
    /// Which findings there are, for comparison: two places, fields, IMO number, MMSI.
    fn kinds(&self) -> [bool; 6] {
        let [name, callsign, imo] = &self.changed;
        [
            self.two_places_m.is_some(),
            name.is_some(),
            callsign.is_some(),
            imo.is_some(),
            self.bad_imo.is_some(),
            self.bad_mmsi,
        ]
    }

    fn severity(&self) -> Severity {
        if self.two_places_m.is_some() {
            Severity::Serious
        } else if self.changed.iter().any(Option::is_some) {
            Severity::Caution
        } else {
            // One in some dozens of ships has a number that was set up wrongly.
            Severity::Information
        }
    }
}

#[derive(Debug, Clone)]
struct Detail {
    mmsi: u32,
    findings: Findings,
    position: Option<Position>,
    exercise: bool,
}

impl AisIdentity {
    /// A detector that has seen nothing.
    #[must_use]
    pub const fn new(settings: &Settings) -> Self {
        Self {
            lateness_s: settings.lateness_s,
            keys: BTreeMap::new(),
            open: BTreeSet::new(),
            swept_to: 0,
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
        let Some(sample) = sample(entry, seen) else { return };
        let mmsi = sample.mmsi;
        let full = self.keys.len() >= KEYS_MAX;
        let key = match self.keys.get_mut(&mmsi) {
            Some(key) => key,
            None if full => {
                self.unwatched = self.unwatched.saturating_add(1);
                return;
            }
            None => self.keys.entry(mmsi).or_default(),
        };
        if !key.take(&Station, sample, entry.record.received_at, self.lateness_s) {
            return;
        }
        let now = key.now(key.received_at());
        let changes = key.changes(id_of);
        if key.raised().is_some() {
            self.open.insert(mmsi);
        }
        let track = picture.touched.iter().find_map(|id| picture.tracks.get(id));
        for change in changes {
            out.push(said(change, track.map(AsRef::as_ref), now));
        }
    }

    fn pass(&mut self, now: Time, out: &mut Vec<Claim>) {
        let keys = &mut self.keys;
        self.open.retain(|mmsi| {
            let Some(key) = keys.get_mut(mmsi) else { return false };
            key.pass(&Station, now);
            let event_now = key.now(now);
            for change in key.changes(id_of) {
                out.push(said(change, None, event_now));
            }
            key.raised().is_some()
        });
        self.sweep(now);
    }

    /// Forgets a few of the stations that were silent for long.
    fn sweep(&mut self, now: Time) {
        let crowded = self.keys.len() > KEYS_MAX / 2;
        let forget_s = if crowded { FORGET_CROWDED_S } else { FORGET_S };
        let part = self.keys.range(self.swept_to..).take(SWEEP);
        let (mut looked_at, mut last, mut silent) = (0, 0, Vec::new());
        for (mmsi, key) in part {
            looked_at += 1;
            last = *mmsi;
            if now.since_s(key.received_at()) > forget_s && key.raised().is_none() {
                silent.push(*mmsi);
            }
        }
        self.swept_to = if looked_at == SWEEP { last.saturating_add(1) } else { 0 };
        for mmsi in silent {
            self.keys.remove(&mmsi);
        }
    }
}

impl Detector for AisIdentity {
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

/// What a ship's station says of itself.
fn sample(entry: &Entry, seen: &Observation) -> Option<Sample> {
    if seen.sensor != SensorKind::Ais || seen.class != Class::Vessel {
        return None;
    }
    let mmsi = seen.idents.iter().find_map(|ident| match ident {
        Ident::Mmsi(mmsi) => Some(*mmsi),
        Ident::Imo(_)
        | Ident::Icao(_)
        | Ident::CotUid(_)
        | Ident::Local { .. }
        | Ident::Callsign(_)
        | Ident::Name(_) => None,
    })?;
    let mut told = Statics { fields: [None, None, None], imo: None };
    for ident in &seen.idents {
        let (place, text) = match ident {
            Ident::Name(name) => (0, Arc::clone(name)),
            Ident::Callsign(callsign) => (1, Arc::clone(callsign)),
            Ident::Imo(number) => {
                told.imo = Some(*number);
                (2, Arc::from(number.to_string()))
            }
            Ident::Mmsi(_) | Ident::Icao(_) | Ident::CotUid(_) | Ident::Local { .. } => continue,
        };
        if let Some(field) = told.fields.get_mut(place) {
            *field = Some(text);
        }
    }
    let tells = told.fields.iter().any(Option::is_some);
    let sigma_m = seen.sigma_m.filter(|s| s.is_finite() && *s > 0.0).unwrap_or(USUAL_SIGMA_M);
    Some(Sample {
        at: event_time(&entry.record),
        witness: Witness::of(entry),
        mmsi,
        place: seen.position.map(|position| (position, 3.0 * sigma_m)),
        statics: tells.then(|| Box::new(told)),
        exercise: seen.exercise,
    })
}

/// Whether an MMSI of a ship has a form and a country: `MIDxxxxxx`, or that of a craft of a
/// parent ship, a handheld set, a group or an aircraft; those are not looked into.
fn is_good(mmsi: u32) -> bool {
    match mmsi {
        200_000_000..=799_999_999 => is_allocated(mmsi / 1_000_000),
        980_000_000..=989_999_999 => is_allocated(mmsi / 10_000 % 1_000),
        100_000_000..=199_999_999 | 900_000_000..=969_999_999 => false,
        _ => true,
    }
}

/// Whether the last digit of a seven-digit IMO number is the check digit of the others.
fn is_checked(imo: u32) -> bool {
    let digit = |place: u32| imo / 10_u32.pow(place) % 10;
    let sum: u32 = (1..=6).map(|place| digit(place) * (place + 1)).sum();
    sum % 10 == digit(0)
}

impl State {
    fn hear(&mut self, sample: &Sample) {
        self.heard_at = Some(sample.at);
        self.heard = self.heard.saturating_add(1);
        if let Some(statics) = &sample.statics {
            self.told.get_or_insert_default().hear(statics, sample.at);
        }
        if let Some((position, slack_m)) = sample.place {
            self.stand(Spot { at: sample.at, position, slack_m });
        }
        self.switches.retain(|at| sample.at.since_s(*at) <= SWITCHING_S);
    }

    /// What does not hold together now; `None` of nearly all.
    fn findings(&self, mmsi: u32, now: Time) -> Option<Findings> {
        let bad_mmsi = self.heard >= MMSI_HEARD && !is_good(mmsi);
        let two_places_m = match &self.spots {
            [Some(one), Some(other)] if self.switches.len() >= SWITCHES => {
                Some(one.position.distance_m(&other.position))
            }
            _ => None,
        };
        let told = self.told.as_deref();
        let changed = told.map_or([None, None, None], |told| {
            let [name, callsign, imo] = &told.fields;
            [name, callsign, imo].map(|field| field.finding(now))
        });
        let is_told = |(_, heard): &(u32, u8)| *heard >= IMO_HEARD;
        let bad_imo = told.and_then(|told| told.wrong_imo).filter(is_told).map(|(imo, _)| imo);
        let findings = Findings { two_places_m, changed, bad_imo, bad_mmsi };
        findings.kinds().contains(&true).then_some(findings)
    }

    /// Takes a place to the spot from which it can be reached, or makes it the second one.
    fn stand(&mut self, here: Spot) {
        let fits = |spot: &Option<Spot>| spot.as_ref().is_some_and(|spot| spot.reaches(&here));
        let (now, other) = (self.at_spot, 1 - self.at_spot);
        let [at_now, at_other] = [now, other].map(|place| self.spots.get(place));
        let place = if at_now.is_some_and(|spot| spot.is_none() || fits(spot)) {
            now
        } else if at_other.is_some_and(fits) {
            other
        } else {
            // A third place is no second one: what was between them is forgotten.
            self.switches.clear();
            other
        };
        if place != now {
            self.switches.push(here.at);
            if self.switches.len() > SWITCHES {
                self.switches.remove(0);
            }
        }
        self.at_spot = place;
        if let Some(spot) = self.spots.get_mut(place) {
            *spot = Some(here);
        }
    }
}

impl Spot {
    fn reaches(&self, here: &Self) -> bool {
        let elapsed_s = here.at.since_s(self.at).abs() + JITTER_S;
        let reach_m = SPEED_MPS_MAX * elapsed_s + self.slack_m + here.slack_m;
        // A bound above the distance without trigonometry settles nearly all.
        let north = (self.position.lat.radians() - here.position.lat.radians()).abs();
        let east = (self.position.lon.radians() - here.position.lon.radians()).abs();
        6_400_000.0 * (north + east) <= reach_m
            || self.position.distance_m(&here.position) <= reach_m
    }
}

impl Told {
    fn hear(&mut self, statics: &Statics, at: Time) {
        if let Some(imo) = statics.imo {
            let before = self.wrong_imo.filter(|(wrong, _)| *wrong == imo);
            let heard = before.map_or(0, |(_, heard)| heard).saturating_add(1);
            self.wrong_imo = (!is_checked(imo)).then_some((imo, heard));
        }
        for (field, said) in self.fields.iter_mut().zip(&statics.fields) {
            field.hear(said.as_ref(), at);
        }
    }
}

impl Field {
    fn hear(&mut self, said: Option<&Arc<str>>, at: Time) {
        let Some(said) = said.filter(|said| self.value.as_ref() != Some(*said)) else { return };
        let before = self.value.replace(Arc::clone(said));
        if before.is_some() {
            self.before = before;
            if self.changed_at.len() >= CHANGES_MAX {
                self.changed_at.remove(0);
            }
            self.changed_at.push(at);
        }
    }

    fn finding(&self, now: Time) -> Option<Changed> {
        let recent = self.changed_at.iter().filter(|at| now.since_s(**at) <= MONTH_S);
        let changes = recent.count();
        if changes < CHANGES {
            return None;
        }
        Some(Changed { before: self.before.clone()?, value: self.value.clone()?, changes })
    }
}

impl Machine for Station {
    type Sample = Sample;
    type State = State;
    type Detail = Detail;

    fn key(sample: &Sample) -> (Time, RecordId) {
        (sample.at, sample.witness.record)
    }

    fn settle(&self, state: &mut State, until: Time, done: &mut Vec<Episode<Detail>>) {
        let Some(heard_at) = state.heard_at else { return };
        if until.since_s(heard_at) < SILENT_S {
            return;
        }
        if let Some(mut episode) = state.episode.take() {
            episode.ended_at = Some(heard_at.plus_s(SILENT_S));
            done.push(*episode);
        }
    }

    fn step(&self, state: &mut State, sample: &Sample, done: &mut Vec<Episode<Detail>>) {
        let switches = state.switches.len();
        state.hear(sample);
        let found = state.findings(sample.mmsi, sample.at);
        let position = sample.place.map(|(position, _)| position);
        let (Some(findings), Some(episode)) = (&found, &mut state.episode) else {
            if let Some(mut episode) = state.episode.take() {
                episode.ended_at = Some(sample.at);
                done.push(*episode);
            }
            state.episode = found.map(|findings| Box::new(begin(sample, findings)));
            return;
        };
        // A plain position of a station that is known to be wrong shows nothing new.
        let shows = sample.statics.is_some()
            || state.switches.len() != switches
            || findings.kinds() != episode.detail.findings.kinds();
        episode.detail.position = position.or(episode.detail.position);
        if shows {
            episode.count = episode.count.saturating_add(1);
            episode.last_at = sample.at;
            episode.severity = findings.severity();
            episode.evidence.add(&sample.witness);
            episode.detail.findings = findings.clone();
            episode.detail.exercise |= sample.exercise;
        }
    }

    fn open(state: &State) -> &[Episode<Detail>] {
        state.episode.as_deref().map_or(&[], std::slice::from_ref)
    }

    fn differs(one: &Detail, other: &Detail) -> bool {
        one.findings.kinds() != other.findings.kinds()
    }
}

/// An episode at its beginning.
fn begin(sample: &Sample, findings: Findings) -> Episode<Detail> {
    let position = sample.place.map(|(position, _)| position);
    let detail = Detail { mmsi: sample.mmsi, findings, position, exercise: sample.exercise };
    Episode {
        opened_at: sample.at,
        raised: true,
        ended_at: None,
        last_at: sample.at,
        severity: detail.findings.severity(),
        count: 1,
        evidence: Evidence::of(&sample.witness),
        detail,
    }
}

fn id_of(episode: &Episode<Detail>) -> AlertId {
    let subject = format!("MMSI {:09}", episode.detail.mmsi);
    AlertId::of(ID, None, &subject, episode.opened_at)
}

/// The findings as clauses of a sentence.
fn clauses(detail: &Detail) -> Vec<String> {
    let Detail { mmsi, findings, .. } = detail;
    let mut out = Vec::new();
    if let Some(apart_m) = findings.two_places_m {
        out.push(format!("it reports from two places {} apart", distance(apart_m)));
    }
    for (field, found) in FIELDS.iter().zip(&findings.changed) {
        let Some(Changed { before, value, changes }) = found else { continue };
        out.push(format!(
            "its {field} changed {changes} times in 30 days, last from {before} to {value}"
        ));
    }
    if let Some(imo) = findings.bad_imo {
        out.push(format!("IMO {imo:07} fails its check digit"));
    }
    if findings.bad_mmsi {
        out.push(format!("no country has the digits of MMSI {mmsi:09}"));
    }
    out
}

fn said(change: Change<Detail>, track: Option<&Track>, now: Time) -> Claim {
    let Change { id, change, episode } = change;
    let detail = &episode.detail;
    let number = format!("MMSI {:09}", detail.mmsi);
    let name = match track.map(Track::display_name) {
        Some(shown) if !number.ends_with(&shown) => format!("{shown}, {number}"),
        Some(_) | None => number,
    };
    let since = episode.opened_at.clock_text();
    let clauses = clauses(detail);
    let why_text = match change {
        AlertChange::Raised | AlertChange::Updated | AlertChange::Revised => {
            format!("{name}: {}", clauses.join("; "))
        }
        AlertChange::Ended => format!(
            "{name}: nothing more against its identity, from {since} to {}",
            episode.ended_at.unwrap_or(now).clock_text()
        ),
        AlertChange::Withdrawn => {
            format!("Late reports show that nothing was against the identity of {name} at {since}")
        }
    };
    let what = match detail.findings.kinds() {
        [true, ..] => "One number in two places",
        [_, true, ..] | [_, _, true, ..] | [_, _, _, true, ..] => "Changing identity",
        [.., true, _] => "Wrong IMO number",
        [..] => "Wrong MMSI",
    };
    let alert = Alert {
        id,
        detector: Arc::from(ID),
        version: VERSION,
        change,
        severity: episode.severity,
        title: Arc::from(format!("{what}: {name}")),
        why_text: Arc::from(why_text),
        why: why(&episode, &clauses, change),
        subject: Subject::Mmsi(detail.mmsi),
        track: track.map(|track| track.id),
        area: None,
        position: detail.position,
        opened_at: episode.opened_at,
        count: episode.count,
        exercise: detail.exercise,
    };
    let at = at_of(change, &episode, now);
    explain::claim(alert, at, &episode.evidence, track)
}

fn why(episode: &Episode<Detail>, clauses: &[String], change: AlertChange) -> Vec<Reason> {
    let evidence = &episode.evidence;
    let holds = holds(change);
    let Findings { two_places_m, changed, bad_imo, bad_mmsi } = &episode.detail.findings;
    let found = |yes: bool| if yes { holds } else { Met::No };
    let fields = changed.iter().filter(|found| found.is_some()).count();
    let mmsi = format!("{:09}", episode.detail.mmsi);
    let places =
        two_places_m.map_or_else(|| "1".to_owned(), |m| format!("2, {} apart", distance(m)));
    let imo = bad_imo.map_or_else(|| "none wrong".to_owned(), |imo| format!("{imo:07}"));
    let told = format!("{} in {} reports", clauses.len(), episode.count);
    vec![
        reason("Findings", &told, "at least 1", holds, 0.0, evidence),
        reason(
            "Places",
            &places,
            "1 that a ship of 60 kn can keep",
            found(two_places_m.is_some()),
            if two_places_m.is_some() { 15.0 } else { 0.0 },
            evidence,
        ),
        reason(
            "Fields that change",
            &fields.to_string(),
            "none more than once in 30 days",
            found(fields > 0),
            if fields > 0 { 7.0 } else { 0.0 },
            evidence,
        ),
        reason("IMO number", &imo, "with its check digit", found(bad_imo.is_some()), 0.0, evidence),
        reason("Country of the MMSI", &mmsi, "in the ITU's table", found(*bad_mmsi), 0.0, evidence),
    ]
}
