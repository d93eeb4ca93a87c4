//! `area.entry`: something is inside an area that is restricted and has no permit there.
//!
//! The chance of being inside comes from the track's covariance: depth inside the nearest
//! edge over the larger sigma, as a normal distribution. Above 90 % for 2 s on the ground, or
//! at two updates at sea and in the air, raises; below 30 % for 30 s ends.
//!
//! Watched are areas of the kind `restricted`, and of kinds that no other detector knows; what
//! is `protected` or `watched` is for `approach.cpa` and `area.dwell`.
//!
//! What flies counts as inside only between the area's floor and ceiling; in an area without
//! either, up to 300 m. An altitude that is not told may be any.
//!
//! No permit is asked of what the area's `allow` list names (by any ident, `MMSI 211…`, name or track
//! number), nor of own forces: a friend that reports itself by Cursor on Target. That word is only
//! as good as its proof of author, which the track card shows; a stranger who claims to be a
//! friend on an unproven link is not caught here.
//!
//! A fix that came late, so that fusion did not move the track, is judged by its own place
//! and error. Fixes that fusion held as impossible are not judged here at all.

use picket_model::geo::Frame;
use picket_model::{
    AlertChange, Area, Claim, Class, Entry, Met, Picture, Position, Reason, RecordId, Severity,
    Time, Track,
};

use super::pairs::{Logic, Pairs, Placed, Words};
use super::track::{
    Fix, clock, holds, hours_text, is_ground, is_permitted, normal, noun, sources_text,
    speed_mps_max,
};
use crate::episode::{Change, Episode, Machine};
use crate::explain::{Evidence, Witness, percent, reason, span, track_name};
use crate::{Detector, Row, Settings};

/// This detector's row.
pub const ROW: Row = Row {
    id: ID,
    also: &[],
    group: "B R M A",
    says: "a track is inside a restricted area with more than 90 % for 2 s (ground) or 2 updates \
           (sea, air), and no permit matches; ends below 30 % for 30 s; what flies above 300 m is \
           not inside an area without floor and ceiling",
    metric: "share of entries found, false alarms a day, seconds to warn",
    make: |settings| Box::new(AreaEntry(Pairs::new(Inside, settings))),
};

const ID: &str = "area.entry";

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
/// Sigmas by which a place may be wrong when asking whether a track is near an area at all.
const NEAR_SIGMAS: f64 = 6.0;

/// The detector; see the module's head.
#[derive(Debug)]
pub struct AreaEntry(Pairs<Inside>);

impl AreaEntry {
    /// A detector that has seen nothing.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self(Pairs::new(Inside, settings))
    }
}

impl Detector for AreaEntry {
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

    fn open(state: &State) -> &[Episode<Detail>] {
        state.episode.as_slice()
    }

    fn differs(one: &Detail, other: &Detail) -> bool {
        one.class != other.class
    }
}

impl Logic for Inside {
    type Shape = Area;
    const ID: &'static str = ID;
    const VERSION: u32 = 2;
    const FORGET_S: f64 = 60.0;

    fn serves(area: &Area) -> bool {
        !matches!(area.kind.as_str(), "protected" | "watched")
    }

    fn reach_m(&self, fix: &Fix, track: &Track, lateness_s: f64) -> f64 {
        speed_mps_max(track.class) * lateness_s + NEAR_SIGMAS * fix.sigma_m
    }

    fn sample(&self, placed: &Placed<Area>, fix: &Fix, track: &Track, witness: Witness) -> Sample {
        Sample {
            at: fix.at,
            witness,
            chance: chance(placed, fix, track),
            class: track.class,
            severity: severity(&placed.shape, track.class),
            position: fix.position,
            exercise: track.exercise,
        }
    }

    fn words(change: &Change<Detail>, placed: &Placed<Area>, track: &Track) -> Words {
        let Change { change, episode, .. } = change;
        let (area, name) = (&placed.shape, track_name(track));
        let since = episode.opened_at.clock_text();
        let chance = percent(episode.detail.chance);
        let why_text = match change {
            AlertChange::Raised | AlertChange::Updated | AlertChange::Revised => {
                format!(
                    "{name} is inside {} since {since} ({chance}); no permit matches",
                    area.name
                )
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
        let why = why(episode, placed, track, *change);
        Words { title: title(episode, area), why_text, why, position: track.position }
    }

    fn last_words(episode: &Episode<Detail>, area: &Area) -> (String, String) {
        let last = episode.last_at.clock_text();
        (title(episode, area), format!("was last seen inside {} at {last}", area.name))
    }

    fn last_place(detail: &Detail, _frame: &Frame) -> (Position, bool) {
        (detail.position, detail.exercise)
    }
}

/// The chance that a track is where it may not be.
fn chance(placed: &Placed<Area>, fix: &Fix, track: &Track) -> f64 {
    let area = &placed.shape;
    if !area.watched_at(fix.at.minute_of_day())
        || !area.holds_altitude(fix.altitude_m)
        || is_permitted(&placed.allow, track)
    {
        return 0.0;
    }
    normal(area.depth_m(&fix.position) / fix.sigma_m.max(0.1))
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

fn title(episode: &Episode<Detail>, area: &Area) -> String {
    format!("{} inside {}", noun(episode.detail.class), area.name)
}

fn why(
    episode: &Episode<Detail>,
    placed: &Placed<Area>,
    track: &Track,
    change: AlertChange,
) -> Vec<Reason> {
    let evidence = &episode.evidence;
    let holds = holds(change);
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
    let hours = hours_text(placed.shape.hours);
    let at = format!("{} UTC", clock(episode.opened_at.minute_of_day()));
    let permits = match placed.allow.len() {
        0 => "none of 0 permits".to_owned(),
        1 => "the 1 permit is for another".to_owned(),
        count => format!("all {count} permits are for others"),
    };
    vec![
        reason("Chance of being inside", &percent(chance), "over 90 %", holds, decibans, evidence),
        sustained,
        reason("Area is watched", &at, &hours, Met::Yes, 0.0, evidence),
        reason("No permit matches", &permits, "1 for this subject", Met::Yes, 0.0, evidence),
        reason("Sources", &sources_text(track), "at least 1", Met::Yes, 0.0, evidence),
    ]
}
