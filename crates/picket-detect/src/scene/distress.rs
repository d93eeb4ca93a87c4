//! `distress`: somebody calls for help.
//!
//! Immediate: the first call raises, each further call of the same sender counts. A test is
//! information; a real call after a test makes it critical. A cancelled call ends. A call
//! that is not heard any more stays open for a day, because a battery that dies rescues
//! nobody; a test for ten minutes.
//!
//! AIS safety texts (messages 12 and 14) are mostly warnings of buoys and weather, and on real
//! receivers often noise that passed its check sum. One that holds a word of distress is a
//! call; a readable one without is information; an unreadable one is left in the log.
//!
//! `Standard:` IMO SN.1/Circ.322 (AIS-SART, MOB, EPIRB: MMSI 970, 972, 974; test by text "SART TEST").

use std::collections::BTreeMap;
use std::sync::Arc;

use picket_model::{
    Actor, Alert, AlertChange, AlertId, Body, Claim, Distress as CallForHelp, DistressKind, Entry,
    Ident, Met, Observation, Picture, Position, Reason, RecordId, Severity, Subject, Time, Track,
    TrackId,
};

use crate::episode::{Change, Episode, Key, Machine};
use crate::explain::{self, Evidence, Witness, place, reason, span};
use crate::{Detector, Row, Settings, event_time, write_state};

/// This detector's row.
pub const ROW: Row = Row {
    id: ID,
    also: &[],
    group: "M A B R",
    says: "somebody calls for help: AIS-SART, man overboard or EPIRB, AIS safety text, CoT \
           emergency; a test, or a text without a word of distress, is information; a cancelled \
           call ends",
    metric: "share of calls found (all of the vectors), seconds to warn (under 2)",
    make: |settings| Box::new(Distress::new(settings)),
};

const ID: &str = "distress";
const VERSION: u32 = 1;

/// How long a call stays open unheard, seconds: a day; an AIS-SART's battery lasts four.
const CALL_S: f64 = 86_400.0;
/// How long a test stays open unheard, seconds: a test is one burst of 8 messages in a minute.
const TEST_S: f64 = 600.0;
/// Most senders remembered; beyond it the one heard longest ago is forgotten.
const KEYS_MAX: usize = 10_000;
/// How long a sender is remembered after its call has ended, seconds.
const FORGET_S: f64 = 600.0;

/// The detector; see the module's head.
#[derive(Debug)]
pub struct Distress {
    lateness_s: f64,
    keys: BTreeMap<Subject, Key<Call>>,
}

/// The logic of one sender.
#[derive(Debug)]
struct Call;

/// One call.
#[derive(Debug)]
struct Sample {
    at: Time,
    witness: Witness,
    kind: DistressKind,
    severity: Severity,
    cancelled: bool,
    detail: Detail,
}

#[derive(Debug, Clone)]
struct Detail {
    kind: DistressKind,
    position: Option<Position>,
    track: Option<TrackId>,
    text: Option<Arc<str>>,
    test: bool,
    exercise: bool,
}

#[derive(Debug, Clone, Default)]
struct State {
    episode: Option<Episode<Detail>>,
}

impl Distress {
    /// A detector that has seen nothing.
    #[must_use]
    pub const fn new(settings: &Settings) -> Self {
        Self { lateness_s: settings.lateness_s, keys: BTreeMap::new() }
    }

    fn observe(
        &mut self,
        entry: &Entry,
        seen: &Observation,
        picture: &Picture,
        out: &mut Vec<Claim>,
    ) {
        let subject = subject_of(entry, seen);
        let cleared = self.cleared(&subject, seen);
        let Some(call) = seen.distress.as_ref().or(cleared.as_ref()) else { return };
        let Some(severity) = severity(call, seen.text.as_deref()) else { return };
        let track = picture.touched.iter().find_map(|id| picture.tracks.get(id));
        let sample = Sample {
            at: event_time(&entry.record),
            witness: Witness::of(entry),
            kind: call.kind,
            severity,
            cancelled: call.cancelled,
            detail: Detail {
                kind: call.kind,
                position: seen.position.or_else(|| track.map(|track| track.position)),
                track: track.map(|track| track.id),
                text: seen.text.clone(),
                test: call.test,
                exercise: seen.exercise,
            },
        };
        if !self.keys.contains_key(&subject) {
            self.make_room();
        }
        let key = self.keys.entry(subject.clone()).or_default();
        key.take(&Call, sample, entry.record.received_at, self.lateness_s);
        let now = key.now(key.received_at());
        for change in key.changes(|episode| id_of(&subject, episode.opened_at)) {
            out.push(said(change, &subject, track.map(AsRef::as_ref), now));
        }
    }

    /// The end of a call that an aircraft made by its code alone: it has set another one.
    fn cleared(&self, subject: &Subject, seen: &Observation) -> Option<CallForHelp> {
        if seen.distress.is_some() || seen.air.squawk.is_none() {
            return None;
        }
        let kind = self.keys.get(subject)?.raised()?.detail.kind;
        let by_code = match kind {
            DistressKind::SquawkUnlawful
            | DistressKind::SquawkRadio
            | DistressKind::SquawkEmergency => true,
            DistressKind::AisSart
            | DistressKind::AisMob
            | DistressKind::AisEpirb
            | DistressKind::SafetyText
            | DistressKind::CotAlert
            | DistressKind::CotRing
            | DistressKind::CotContact
            | DistressKind::AdsbEmergency => false,
        };
        by_code.then_some(CallForHelp { kind, test: false, cancelled: true })
    }

    fn make_room(&mut self) {
        if self.keys.len() < KEYS_MAX {
            return;
        }
        let oldest = self.keys.iter().min_by_key(|(_, key)| key.received_at());
        if let Some(subject) = oldest.map(|(subject, _)| subject.clone()) {
            self.keys.remove(&subject);
        }
    }

    fn pass(&mut self, now: Time, out: &mut Vec<Claim>) {
        for (subject, key) in &mut self.keys {
            key.pass(&Call, now);
            let event_now = key.now(now);
            for change in key.changes(|episode| id_of(subject, episode.opened_at)) {
                out.push(said(change, subject, None, event_now));
            }
        }
        self.keys
            .retain(|_, key| key.raised().is_some() || now.since_s(key.received_at()) < FORGET_S);
    }
}

impl Detector for Distress {
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

impl Machine for Call {
    type Sample = Sample;
    type State = State;
    type Detail = Detail;

    fn key(sample: &Sample) -> (Time, RecordId) {
        (sample.at, sample.witness.record)
    }

    fn settle(&self, state: &mut State, until: Time, done: &mut Vec<Episode<Detail>>) {
        let Some(episode) = &mut state.episode else { return };
        let quiet_s = match episode.severity {
            Severity::Information => TEST_S,
            Severity::Caution | Severity::Serious | Severity::Critical => CALL_S,
        };
        if until.since_s(episode.last_at) >= quiet_s {
            episode.ended_at = Some(episode.last_at.plus_s(quiet_s));
            done.extend(state.episode.take());
        }
    }

    fn step(&self, state: &mut State, sample: &Sample, done: &mut Vec<Episode<Detail>>) {
        if sample.cancelled {
            if let Some(mut episode) = state.episode.take() {
                episode.ended_at = Some(sample.at);
                episode.evidence.add(&sample.witness);
                done.push(episode);
            }
            return;
        }
        let severity = sample.severity;
        let Some(episode) = &mut state.episode else {
            state.episode = Some(Episode {
                opened_at: sample.at,
                raised: true,
                ended_at: None,
                last_at: sample.at,
                severity,
                count: 1,
                evidence: Evidence::of(&sample.witness),
                detail: sample.detail.clone(),
            });
            return;
        };
        episode.count = episode.count.saturating_add(1);
        episode.last_at = sample.at;
        episode.evidence.add(&sample.witness);
        if severity >= episode.severity {
            episode.severity = severity;
            episode.detail.kind = sample.kind;
            episode.detail.test = sample.detail.test;
            episode.detail.text = sample.detail.text.clone().or_else(|| episode.detail.text.take());
        }
        episode.detail.position = sample.detail.position.or(episode.detail.position);
        episode.detail.track = sample.detail.track.or(episode.detail.track);
        episode.detail.exercise |= sample.detail.exercise;
    }

    fn open(state: &State) -> &[Episode<Detail>] {
        state.episode.as_slice()
    }

    fn differs(one: &Detail, other: &Detail) -> bool {
        one.kind != other.kind || one.position.is_some() != other.position.is_some()
    }
}

/// How much a call matters; `None` if it is none.
fn severity(call: &CallForHelp, text: Option<&str>) -> Option<Severity> {
    if call.test {
        return Some(Severity::Information);
    }
    match (call.kind, text) {
        (DistressKind::SafetyText, Some(text)) if !is_call(text) => {
            is_readable(text).then_some(Severity::Information)
        }
        (
            DistressKind::AisSart
            | DistressKind::AisMob
            | DistressKind::AisEpirb
            | DistressKind::SafetyText
            | DistressKind::CotAlert
            | DistressKind::CotRing
            | DistressKind::CotContact
            | DistressKind::SquawkUnlawful
            | DistressKind::SquawkEmergency
            | DistressKind::AdsbEmergency,
            _,
        ) => Some(Severity::Critical),
        // Radio failure alone is no danger yet: the flight goes on as filed (ICAO Annex 2 §3.6.5.2).
        (DistressKind::SquawkRadio, _) => Some(Severity::Serious),
    }
}

/// Whether a safety text holds a word of distress or urgency.
fn is_call(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let words: Vec<&str> = upper.split(|c: char| !c.is_alphanumeric()).collect();
    let urgent = words.windows(2).any(|pair| pair == ["PAN", "PAN"]);
    urgent || words.iter().any(|word| CALL_WORDS.contains(word))
}

/// Words of ships in distress (ITU Radio Regulations, articles 32 and 33, and plain speech).
const CALL_WORDS: [&str; 10] = [
    "MAYDAY",
    "SOS",
    "DISTRESS",
    "PANPAN",
    "SINKING",
    "OVERBOARD",
    "MOB",
    "ABANDON",
    "HELP",
    "EPIRB",
];

/// Whether a text is mostly letters, digits and spaces, as noise in the six-bit alphabet is not:
/// there 27 of 64 signs are none of these.
fn is_readable(text: &str) -> bool {
    let signs = text.chars().count();
    let plain = text.chars().filter(|c| c.is_alphanumeric() || *c == ' ').count();
    signs > 0 && plain * 100 >= signs * READABLE_PERCENT
}

/// Share of plain signs from which a text is readable, per cent.
const READABLE_PERCENT: usize = 85;

/// Who calls: the record's subject, else the sender's own name, else who heard it.
fn subject_of(entry: &Entry, seen: &Observation) -> Subject {
    if let Some(subject) = &entry.record.subject {
        return subject.clone();
    }
    let named = seen.idents.iter().find_map(|ident| match ident {
        Ident::Mmsi(mmsi) => Some(Subject::Mmsi(*mmsi)),
        Ident::Icao(address) => Some(Subject::Icao(*address)),
        Ident::CotUid(uid) => picket_model::id::Name::new(uid).ok().map(Subject::CotUid),
        Ident::Imo(_) | Ident::Local { .. } | Ident::Callsign(_) | Ident::Name(_) => None,
    });
    named.unwrap_or_else(|| match &entry.record.author {
        Actor::Device(id) => Subject::Device(id.clone()),
        Actor::Person(id) => Subject::Person(id.clone()),
        // A partner or a view that relays a call without a name: the place tells them apart.
        Actor::Machine(_) | Actor::Partner(_) => Subject::Track(TrackId(0)),
    })
}

fn id_of(subject: &Subject, opened_at: Time) -> AlertId {
    AlertId::of(ID, None, &subject.to_string(), opened_at)
}

fn said(change: Change<Detail>, subject: &Subject, track: Option<&Track>, now: Time) -> Claim {
    let Change { id, change, episode } = change;
    let Detail { kind, position, track: track_id, text, test, exercise } = &episode.detail;
    let is_call = episode.severity == Severity::Critical;
    let name = match track {
        Some(track) if track.display_name() != track.id.to_string() => {
            let shown = track.display_name();
            if subject.to_string().ends_with(&shown) {
                subject.to_string()
            } else {
                format!("{shown}, {subject}")
            }
        }
        Some(_) | None => subject.to_string(),
    };
    let what = kind.as_str();
    let title = match (is_call, *test) {
        (true, _) => format!("{what} active: {name}"),
        (false, true) => format!("{what} test: {name}"),
        (false, false) => format!("{what}: {name}"),
    };
    let since = episode.opened_at.clock_text();
    let at = position.map_or_else(|| "place not known".to_owned(), |p| format!("at {}", place(&p)));
    let why_text = match change {
        AlertChange::Raised | AlertChange::Updated | AlertChange::Revised if !is_call && *test => {
            format!("{name} tests its {what} since {since}, {at}")
        }
        AlertChange::Raised | AlertChange::Updated | AlertChange::Revised
            if *kind == DistressKind::SquawkRadio =>
        {
            format!("{name} sets {what} since {since}, {at}")
        }
        AlertChange::Raised | AlertChange::Updated | AlertChange::Revised if !is_call => {
            format!("{name} sent an {what} without a word of distress at {since}, {at}")
        }
        AlertChange::Raised | AlertChange::Updated | AlertChange::Revised => {
            format!("{name} calls for help by {what} since {since}, {at}")
        }
        AlertChange::Ended => {
            let until = episode.ended_at.unwrap_or(now).clock_text();
            format!("{name} called from {since}; cancelled or unheard at {until}, {at}")
        }
        AlertChange::Withdrawn => format!("Late reports show that {name} did not call at {since}"),
    };
    let alert = Alert {
        id,
        detector: Arc::from(ID),
        version: VERSION,
        change,
        severity: episode.severity,
        title: Arc::from(title),
        why_text: Arc::from(why_text),
        why: why(&episode, change, text.as_deref(), &at),
        subject: subject.clone(),
        track: *track_id,
        area: None,
        position: *position,
        opened_at: episode.opened_at,
        count: episode.count,
        exercise: *exercise,
    };
    let at = match change {
        AlertChange::Raised => episode.opened_at,
        AlertChange::Ended => episode.ended_at.unwrap_or(now),
        AlertChange::Updated | AlertChange::Revised | AlertChange::Withdrawn => now,
    };
    explain::claim(alert, at, &episode.evidence, track)
}

fn why(
    episode: &Episode<Detail>,
    change: AlertChange,
    text: Option<&str>,
    at: &str,
) -> Vec<Reason> {
    let evidence = &episode.evidence;
    let active = match change {
        AlertChange::Raised | AlertChange::Updated | AlertChange::Revised => Met::Yes,
        AlertChange::Ended | AlertChange::Withdrawn => Met::No,
    };
    let real = match episode.severity {
        Severity::Information => Met::No,
        Severity::Caution | Severity::Serious | Severity::Critical => Met::Yes,
    };
    let lasted = span(episode.last_at.since_s(episode.opened_at));
    let calls = format!("{} in {lasted}", episode.count);
    // A false alarm of a beacon is common, but a call is never held back for that.
    let mut out = vec![
        reason("Calls heard", &calls, "at least 1", active, 20.0, evidence),
        reason(
            "A call, not a test or notice",
            episode.detail.kind.as_str(),
            "no test mark; in a text, a word of distress",
            real,
            0.0,
            evidence,
        ),
        reason("Place", at, "known", met(episode.detail.position.is_some()), 0.0, evidence),
    ];
    if let Some(text) = text {
        out.push(reason("Its words", text, "any", Met::Yes, 0.0, evidence));
    }
    out
}

const fn met(holds: bool) -> Met {
    if holds { Met::Yes } else { Met::Unknown }
}
