//! `area.dwell`: something stays at an area that is protected or watched.
//!
//! | class | how near | how long | besides |
//! |---|---|---|---|
//! | person, vehicle, unknown | inside or within 150 m | 10 min | |
//! | vessel | inside or within 500 m | 30 min | slower than 2 kn; over 3 kn it leaves |
//! | drone | inside or within 300 m | 3 min | within the area's heights, else below 300 m |
//! | aircraft | inside or within 500 m | 5 min | the same |
//!
//! It has left when it was farther for 2 min, by a tenth and its own error; what goes away for
//! less is still there. A track that is not seen any more does not go on staying: the last fix may
//! be a minute old, at sea seven, because a ship at anchor reports every three.
//!
//! Permits and own units are those of `area.entry`.

use picket_model::geo::Frame;
use picket_model::{
    AlertChange, Area, Claim, Class, Entry, Met, Picture, Position, Reason, RecordId, Severity,
    Time, Track,
};

use super::pairs::{Logic, Pairs, Placed, Words};
use super::track::{
    Fix, clock, holds, hours_text, is_permitted, noun, sources_text, speed_mps_max,
};
use crate::episode::{Change, Episode, Machine};
use crate::explain::{Evidence, Witness, distance, reason, span, track_name};
use crate::{Detector, Row, Settings};

/// This detector's row.
pub const ROW: Row = Row {
    id: ID,
    also: &[],
    group: "B R M A",
    says: "a track stays at a protected or watched area: within 150 m for 10 min on the ground; \
           a vessel within 500 m for 30 min under 2 kn; a drone within 300 m for 3 min, an \
           aircraft within 500 m for 5 min; resets after 2 min away",
    metric: "share of stays found, false alarms a day",
    make: |settings| Box::new(AreaDwell::new(settings)),
};

const ID: &str = "area.dwell";

/// How long it must be away before it has left, seconds.
const AWAY_S: f64 = 120.0;
/// It is away when farther by this share of how near it must be.
const AWAY_SHARE: f64 = 0.1;
/// One knot, m/s.
const KNOT_MPS: f64 = 1_852.0 / 3_600.0;
/// Speeds below which a vessel stays, and above which it leaves, m/s.
const SLOW_MPS: f64 = 2.0 * KNOT_MPS;
const FAST_MPS: f64 = 3.0 * KNOT_MPS;

/// What staying is, for one class.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rule {
    /// How near, metres.
    near_m: f64,
    /// How long, seconds.
    stay_s: f64,
    /// How old the last fix may be, seconds.
    fresh_s: f64,
    /// Only what is slow.
    slow: bool,
}

const fn rule(class: Class) -> Rule {
    match class {
        Class::Person | Class::Vehicle | Class::Unknown | Class::Equipment => {
            Rule { near_m: 150.0, stay_s: 600.0, fresh_s: 60.0, slow: false }
        }
        Class::Vessel => Rule { near_m: 500.0, stay_s: 1_800.0, fresh_s: 420.0, slow: true },
        Class::Drone => Rule { near_m: 300.0, stay_s: 180.0, fresh_s: 60.0, slow: false },
        Class::Aircraft => Rule { near_m: 500.0, stay_s: 300.0, fresh_s: 60.0, slow: false },
    }
}

/// The detector; see the module's head.
#[derive(Debug)]
pub struct AreaDwell(Pairs<Stay>);

impl AreaDwell {
    /// A detector that has seen nothing.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self(Pairs::new(Stay, settings))
    }
}

impl Detector for AreaDwell {
    fn name(&self) -> &'static str {
        ID
    }

    fn watch(&mut self, entry: &Entry, picture: &Picture, out: &mut Vec<Claim>) {
        self.0.watch(entry, picture, out);
    }

    fn digest(&self, out: &mut Vec<u8>) {
        self.0.digest(out);
    }
}

/// The logic of one track and one area.
#[derive(Debug)]
struct Stay;

/// How a track lay to an area at one fix.
#[derive(Debug)]
struct Sample {
    at: Time,
    witness: Witness,
    /// Near enough, away, or between the two.
    near: Option<bool>,
    /// How far outside, metres; 0 inside.
    outside_m: f64,
    class: Class,
    severity: Severity,
    position: Position,
    exercise: bool,
}

#[derive(Debug, Clone, Default)]
struct State {
    episode: Option<Episode<Detail>>,
    away_since: Option<Time>,
    /// When it was seen last, near or not.
    seen_at: Option<Time>,
}

#[derive(Debug, Clone)]
struct Detail {
    class: Class,
    /// The farthest that it was from the area while it stayed, metres; 0 inside.
    within_m: f64,
    position: Position,
    exercise: bool,
}

impl Machine for Stay {
    type Sample = Sample;
    type State = State;
    type Detail = Detail;

    fn key(sample: &Sample) -> (Time, RecordId) {
        (sample.at, sample.witness.record)
    }

    fn settle(&self, state: &mut State, until: Time, done: &mut Vec<Episode<Detail>>) {
        let Some(episode) = &mut state.episode else { return };
        let away_since = state.away_since;
        let left_at = away_since.map(|since| since.plus_s(AWAY_S));
        let rule = rule(episode.detail.class);
        let stayed_at = episode.opened_at.plus_s(rule.stay_s);
        if !episode.raised
            && until >= stayed_at
            && state.seen_at >= Some(stayed_at.plus_s(-rule.fresh_s))
            && away_since.is_none_or(|since| since > stayed_at)
        {
            episode.raised = true;
        }
        if let Some(left_at) = left_at.filter(|left_at| until >= *left_at) {
            episode.ended_at = Some(left_at);
            done.extend(state.episode.take().filter(|episode| episode.raised));
            state.away_since = None;
        }
    }

    fn step(&self, state: &mut State, sample: &Sample, _done: &mut Vec<Episode<Detail>>) {
        let seen_before = state.seen_at.replace(sample.at);
        match sample.near {
            None => state.away_since = None,
            Some(false) => {
                let began = state.episode.is_some();
                state.away_since = state.away_since.or(Some(sample.at)).filter(|_| began);
                return;
            }
            Some(true) => state.away_since = None,
        }
        let stale = |episode: &Episode<Detail>| {
            let unseen_s = seen_before.map_or(0.0, |before| sample.at.since_s(before));
            unseen_s > rule(episode.detail.class).fresh_s
        };
        // A stay that was not seen for long begins anew.
        if state.episode.as_ref().is_some_and(|episode| !episode.raised && stale(episode)) {
            state.episode = None;
        }
        if sample.near.is_none() {
            if let Some(episode) = &mut state.episode {
                episode.last_at = sample.at;
            }
            return;
        }
        let detail = Detail {
            class: sample.class,
            within_m: sample.outside_m,
            position: sample.position,
            exercise: sample.exercise,
        };
        let Some(episode) = &mut state.episode else {
            state.episode = Some(Episode {
                opened_at: sample.at,
                raised: false,
                ended_at: None,
                last_at: sample.at,
                severity: sample.severity,
                count: 1,
                evidence: Evidence::of(&sample.witness),
                detail,
            });
            return;
        };
        let within_m = episode.detail.within_m.max(sample.outside_m);
        episode.count = episode.count.saturating_add(1);
        episode.last_at = sample.at;
        episode.severity = sample.severity;
        episode.evidence.add(&sample.witness);
        episode.detail = Detail { within_m, ..detail };
    }

    fn open(state: &State) -> &[Episode<Detail>] {
        state.episode.as_slice()
    }

    fn differs(one: &Detail, other: &Detail) -> bool {
        one.class != other.class
    }
}

impl Logic for Stay {
    type Shape = Area;
    const ID: &'static str = ID;
    const VERSION: u32 = 1;
    const FORGET_S: f64 = 600.0;

    fn serves(area: &Area) -> bool {
        matches!(area.kind.as_str(), "protected" | "watched")
    }

    fn reach_m(&self, fix: &Fix, track: &Track, lateness_s: f64) -> f64 {
        rule(track.class).near_m + speed_mps_max(track.class) * lateness_s + 6.0 * fix.sigma_m
    }

    fn sample(&self, placed: &Placed<Area>, fix: &Fix, track: &Track, witness: Witness) -> Sample {
        let area = &*placed.shape;
        let outside_m = (-area.depth_m(&fix.position)).max(0.0);
        let may_be = area.watched_at(fix.at.minute_of_day())
            && area.holds_altitude(fix.altitude_m)
            && !is_permitted(&placed.allow, track);
        let near = if may_be { nearness(track.class, outside_m, fix) } else { Some(false) };
        let severity = match (track.class, area.kind.as_str()) {
            (Class::Vessel | Class::Aircraft, _) | (_, "watched") => Severity::Caution,
            (
                Class::Person | Class::Vehicle | Class::Drone | Class::Unknown | Class::Equipment,
                _,
            ) => Severity::Serious,
        };
        let (class, exercise) = (track.class, track.exercise);
        let (at, position) = (fix.at, fix.position);
        Sample { at, witness, near, outside_m, class, severity, position, exercise }
    }

    fn words(change: &Change<Detail>, placed: &Placed<Area>, track: &Track) -> Words {
        let Change { change, episode, .. } = change;
        let (area, name) = (&*placed.shape, track_name(track));
        let since = episode.opened_at.clock_text();
        let (stayed, place) = (stayed(episode), place(episode, area));
        let why_text = match change {
            AlertChange::Raised | AlertChange::Updated | AlertChange::Revised => {
                format!("{name} stayed {stayed} {place}, since {since}; no permit matches")
            }
            AlertChange::Ended => format!(
                "{name} stayed {stayed} {place}, from {since} to {}",
                episode.last_at.clock_text()
            ),
            AlertChange::Withdrawn => {
                let needed = span(rule(episode.detail.class).stay_s);
                format!("Late reports show that {name} did not stay {needed} {place} from {since}")
            }
        };
        let why = why(episode, placed, track, *change);
        Words { title: title(episode, area), why_text, why, position: track.position }
    }

    fn last_words(episode: &Episode<Detail>, area: &Area) -> (String, String) {
        let last = episode.last_at.clock_text();
        let text = format!("was last seen {} at {last}", place(episode, area));
        (title(episode, area), text)
    }

    fn last_place(detail: &Detail, _frame: &Frame) -> (Position, bool) {
        (detail.position, detail.exercise)
    }
}

/// Whether a fix is near enough to stay (yes), away (no), or neither.
fn nearness(class: Class, outside_m: f64, fix: &Fix) -> Option<bool> {
    let rule = rule(class);
    let speed_mps = fix.velocity_mps.map(|[east, north]| libm::hypot(east, north));
    let is_fast = speed_mps.is_some_and(|speed_mps| speed_mps > FAST_MPS);
    let is_slow = speed_mps.is_some_and(|speed_mps| speed_mps < SLOW_MPS);
    if outside_m > rule.near_m * (1.0 + AWAY_SHARE) + fix.sigma_m || (rule.slow && is_fast) {
        return Some(false);
    }
    (outside_m <= rule.near_m && (is_slow || !rule.slow)).then_some(true)
}

fn title(episode: &Episode<Detail>, area: &Area) -> String {
    format!("{} stays at {}", noun(episode.detail.class), area.name)
}

fn stayed(episode: &Episode<Detail>) -> String {
    let seen_s = episode.last_at.since_s(episode.opened_at);
    let raised_s = if episode.raised { rule(episode.detail.class).stay_s } else { 0.0 };
    span(seen_s.max(raised_s))
}

/// `within 90 m of Gate 3`, or `inside Gate 3`.
fn place(episode: &Episode<Detail>, area: &Area) -> String {
    if episode.detail.within_m < 1.0 {
        format!("inside {}", area.name)
    } else {
        format!("within {} of {}", distance(episode.detail.within_m), area.name)
    }
}

fn why(
    episode: &Episode<Detail>,
    placed: &Placed<Area>,
    track: &Track,
    change: AlertChange,
) -> Vec<Reason> {
    let (evidence, class) = (&episode.evidence, episode.detail.class);
    let holds = holds(change);
    let rule = rule(class);
    let needed = format!("at least {}", span(rule.stay_s));
    let near = format!("inside or within {}", distance(rule.near_m));
    let farthest = format!("at most {}", distance(episode.detail.within_m));
    let at = format!("{} UTC", clock(episode.opened_at.minute_of_day()));
    let permits = format!("none of {} permits", placed.allow.len());
    let mut out = vec![
        reason("Time at the area", &stayed(episode), &needed, holds, 10.0, evidence),
        reason("Distance outside", &farthest, &near, holds, 0.0, evidence),
    ];
    if rule.slow {
        let speed = track.speed_mps().map_or_else(
            || "not known".to_owned(),
            |speed_mps| format!("{:.1} kn", speed_mps / KNOT_MPS),
        );
        out.push(reason("Speed", &speed, "under 2 kn", holds, 0.0, evidence));
    }
    let hours = hours_text(placed.shape.hours);
    out.push(reason("Area is watched", &at, &hours, Met::Yes, 0.0, evidence));
    out.push(reason("No permit matches", &permits, "1 for it", Met::Yes, 0.0, evidence));
    out.push(reason("Sources", &sources_text(track), "at least 1", Met::Yes, 0.0, evidence));
    out
}
