//! `line.cross`: a track crossed a line into a side that is forbidden, or at a closed hour.
//!
//! A fix counts as on a side when it is more than 2 sigma from the line. Between two such fixes
//! that follow each other in event time the way is taken as straight; if it passes the line, and
//! does not pass back, the track has crossed, in the direction of that way. Fixes nearer than
//! 2 sigma say nothing: a walk along the line, or noise on it, crosses nothing.
//!
//! It holds while the track stays on that side: it ends when it goes back, 30 min after the last
//! crossing, or when the track is no more. Own units, as `area.entry` knows them, may cross.

use std::sync::Arc;

use picket_model::geo::{Frame, OVERHEAD_M};
use picket_model::{
    AlertChange, Claim, Class, Entry, Enu, Forbidden, Line, Met, Picture, Position, Reason,
    RecordId, Severity, Time, Track,
};

use super::pairs::{Logic, Pairs, Placed, Words};
use super::track::{
    Fix, clock, holds, hours_text, is_own_force, noun, sources_text, speed_mps_max,
};
use crate::episode::{Change, Episode, Machine};
use crate::explain::{Evidence, Witness, distance, reason, track_name};
use crate::{Detector, Row, Settings};

/// This detector's row.
pub const ROW: Row = Row {
    id: ID,
    also: &[],
    group: "B R",
    says: "a track crosses a watched line into a forbidden side at a closed hour, seen more than \
           2 sigma from it on both sides, but not more than 300 m above it; ends when it goes \
           back, or after 30 min",
    metric: "share of crossings found, false alarms a day",
    make: |settings| Box::new(LineCross::new(settings)),
};

const ID: &str = "line.cross";

/// Sigmas from the line beyond which a fix is on a side.
const SIGMAS: f64 = 2.0;
/// Fixes farther apart in time do not tell where the way between them went, seconds.
const GAP_S: f64 = 600.0;
/// How long a crossing holds, seconds.
const HOLD_S: f64 = 1_800.0;
/// Fixes nearer than what can be travelled in so many seconds, beside the lateness, are looked at:
/// class B AIS reports every 30 s.
const INTERVAL_S: f64 = 30.0;

/// The detector; see the module's head.
#[derive(Debug)]
pub struct LineCross(Pairs<Crossing>);

impl LineCross {
    /// A detector that has seen nothing.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self(Pairs::new(Crossing, settings))
    }
}

impl Detector for LineCross {
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

/// The logic of one track and one line.
#[derive(Debug)]
struct Crossing;

/// Where a track was, seen from the line.
#[derive(Debug, Clone)]
struct Sample {
    at: Time,
    witness: Witness,
    here: Enu,
    /// Distance to the line, metres.
    gap_m: f64,
    sigma_m: f64,
    class: Class,
    permitted: bool,
    exercise: bool,
    line: Arc<Line>,
    points: Arc<[Enu]>,
}

#[derive(Debug, Clone, Default)]
struct State {
    /// The newest fix that was on a side.
    last: Option<Sample>,
    episode: Option<Episode<Detail>>,
}

/// One crossing.
#[derive(Debug, Clone)]
struct Detail {
    class: Class,
    crossed_at: Time,
    place: Enu,
    to_left: bool,
    /// The way, metres.
    way: Enu,
    /// Distance from the line before and after, metres.
    before_m: f64,
    after_m: f64,
    /// What both must exceed, metres.
    needed_m: f64,
    exercise: bool,
}

impl Sample {
    fn is_on_a_side(&self) -> bool {
        self.gap_m > SIGMAS * self.sigma_m
    }
}

/// Where and which way a straight way passes a line, if it does not pass back.
struct Passage {
    /// Share of the way until the line.
    along: f64,
    to_left: bool,
}

fn passage(points: &[Enu], from: Enu, to: Enu) -> Option<Passage> {
    let way = Enu { e_m: to.e_m - from.e_m, n_m: to.n_m - from.n_m };
    let (mut net, mut first) = (0_i32, f64::INFINITY);
    for (a, b) in points.iter().zip(points.iter().skip(1)) {
        let stretch = Enu { e_m: b.e_m - a.e_m, n_m: b.n_m - a.n_m };
        let turn = cross(way, stretch);
        if turn == 0.0 {
            continue;
        }
        let gap = Enu { e_m: a.e_m - from.e_m, n_m: a.n_m - from.n_m };
        let along = cross(gap, stretch) / turn;
        let on = cross(gap, way) / turn;
        // A way through a corner passes one of its two stretches.
        if (0.0..=1.0).contains(&along) && (0.0..1.0).contains(&on) {
            net += if turn < 0.0 { 1 } else { -1 };
            first = first.min(along);
        }
    }
    (net != 0).then_some(Passage { along: first, to_left: net > 0 })
}

fn cross(one: Enu, other: Enu) -> f64 {
    one.e_m * other.n_m - one.n_m * other.e_m
}

/// Distance from a place to a line, metres.
fn gap_m(points: &[Enu], here: Enu) -> f64 {
    let mut nearest_m = f64::INFINITY;
    for (a, b) in points.iter().zip(points.iter().skip(1)) {
        let (de, dn) = (b.e_m - a.e_m, b.n_m - a.n_m);
        let (he, hn) = (here.e_m - a.e_m, here.n_m - a.n_m);
        let length_squared = de * de + dn * dn;
        let along = if length_squared > 0.0 {
            ((he * de + hn * dn) / length_squared).clamp(0.0, 1.0)
        } else {
            0.0
        };
        nearest_m = nearest_m.min(libm::hypot(he - along * de, hn - along * dn));
    }
    nearest_m
}

impl Machine for Crossing {
    type Sample = Sample;
    type State = State;
    type Detail = Detail;

    fn key(sample: &Sample) -> (Time, RecordId) {
        (sample.at, sample.witness.record)
    }

    fn settle(&self, state: &mut State, until: Time, done: &mut Vec<Episode<Detail>>) {
        let Some(episode) = &mut state.episode else { return };
        if until.since_s(episode.last_at) >= HOLD_S {
            episode.ended_at = Some(episode.last_at.plus_s(HOLD_S));
            done.extend(state.episode.take());
        }
    }

    fn step(&self, state: &mut State, sample: &Sample, done: &mut Vec<Episode<Detail>>) {
        if !sample.is_on_a_side() {
            return;
        }
        let Some(from) = state.last.replace(sample.clone()) else { return };
        let elapsed_s = sample.at.since_s(from.at);
        if elapsed_s > GAP_S {
            return;
        }
        let Some(passage) = passage(&sample.points, from.here, sample.here) else { return };
        let forbidden = match sample.line.forbidden {
            Forbidden::Both => true,
            Forbidden::Left => passage.to_left,
            Forbidden::Right => !passage.to_left,
        };
        if !forbidden {
            // It went back.
            if let Some(mut episode) = state.episode.take() {
                episode.ended_at = Some(sample.at);
                episode.evidence.add(&sample.witness);
                done.push(episode);
            }
            return;
        }
        let crossed_at = from.at.plus_s(elapsed_s * passage.along);
        if sample.permitted || !sample.line.watched_at(crossed_at.minute_of_day()) {
            return;
        }
        let way =
            Enu { e_m: sample.here.e_m - from.here.e_m, n_m: sample.here.n_m - from.here.n_m };
        let place = Enu {
            e_m: from.here.e_m + way.e_m * passage.along,
            n_m: from.here.n_m + way.n_m * passage.along,
        };
        let detail = Detail {
            class: sample.class,
            crossed_at,
            place,
            to_left: passage.to_left,
            way,
            before_m: from.gap_m,
            after_m: sample.gap_m,
            needed_m: SIGMAS * from.sigma_m.max(sample.sigma_m),
            exercise: sample.exercise,
        };
        let mut evidence = Evidence::of(&from.witness);
        evidence.add(&sample.witness);
        let Some(episode) = &mut state.episode else {
            state.episode = Some(Episode {
                opened_at: sample.at,
                raised: true,
                ended_at: None,
                last_at: sample.at,
                severity: severity(sample.class),
                count: 1,
                evidence,
                detail,
            });
            return;
        };
        episode.count = episode.count.saturating_add(1);
        episode.last_at = sample.at;
        episode.evidence.add(&from.witness);
        episode.evidence.add(&sample.witness);
        episode.severity = episode.severity.max(severity(sample.class));
        episode.detail = detail;
    }

    fn open(state: &State) -> &[Episode<Detail>] {
        state.episode.as_slice()
    }

    fn differs(one: &Detail, other: &Detail) -> bool {
        one.class != other.class
    }
}

impl Logic for Crossing {
    type Shape = Line;
    const ID: &'static str = ID;
    const VERSION: u32 = 1;
    const FORGET_S: f64 = GAP_S;

    fn serves(_line: &Line) -> bool {
        true
    }

    fn reach_m(&self, fix: &Fix, track: &Track, lateness_s: f64) -> f64 {
        speed_mps_max(track.class) * (lateness_s + INTERVAL_S) + 6.0 * fix.sigma_m
    }

    fn sample(&self, placed: &Placed<Line>, fix: &Fix, track: &Track, witness: Witness) -> Sample {
        let here = placed.frame.enu(&fix.position);
        Sample {
            at: fix.at,
            witness,
            here,
            gap_m: gap_m(&placed.points, here),
            sigma_m: fix.sigma_m,
            class: track.class,
            permitted: is_own_force(track)
                || fix.altitude_m.is_some_and(|altitude_m| altitude_m > OVERHEAD_M),
            exercise: track.exercise,
            line: Arc::clone(&placed.shape),
            points: Arc::clone(&placed.points),
        }
    }

    fn words(change: &Change<Detail>, placed: &Placed<Line>, track: &Track) -> Words {
        let Change { change, episode, .. } = change;
        let (line, detail, name) = (&*placed.shape, &episode.detail, track_name(track));
        let (way, at) = (bound(detail.way), detail.crossed_at.clock_text());
        let closed = match line.hours {
            Some(_) => format!("closed {}", hours_text(line.hours)),
            None => match line.forbidden {
                Forbidden::Both => "not to be crossed".to_owned(),
                Forbidden::Left | Forbidden::Right => {
                    format!("its {} side is closed", line.forbidden.as_str())
                }
            },
        };
        let why_text = match change {
            AlertChange::Raised | AlertChange::Updated | AlertChange::Revised => {
                format!("{name} crossed {} {way} at {at}; {closed}", line.name)
            }
            AlertChange::Ended => {
                let until = episode.ended_at.unwrap_or(episode.last_at).clock_text();
                format!("{name} crossed {} {way} at {at}; over at {until}", line.name)
            }
            AlertChange::Withdrawn => {
                format!("Late reports show that {name} did not cross {} at {at}", line.name)
            }
        };
        let why = why(episode, line, track, *change);
        let position = placed.frame.position(detail.place);
        Words { title: title(episode, line), why_text, why, position }
    }

    fn last_words(episode: &Episode<Detail>, line: &Line) -> (String, String) {
        let at = episode.detail.crossed_at.clock_text();
        let way = bound(episode.detail.way);
        (title(episode, line), format!("crossed {} {way} at {at}", line.name))
    }

    fn last_place(detail: &Detail, frame: &Frame) -> (Position, bool) {
        (frame.position(detail.place), detail.exercise)
    }
}

/// Ships and aircraft stray; what crosses a line on the ground means to.
const fn severity(class: Class) -> Severity {
    match class {
        Class::Person | Class::Vehicle | Class::Drone | Class::Unknown | Class::Equipment => {
            Severity::Serious
        }
        Class::Vessel | Class::Aircraft => Severity::Caution,
    }
}

fn title(episode: &Episode<Detail>, line: &Line) -> String {
    let Detail { class, way, .. } = &episode.detail;
    format!("{} crossed {} {}", noun(*class), line.name, bound(*way))
}

/// A way by its compass point, as in "southbound".
fn bound(way: Enu) -> &'static str {
    let eighths = libm::atan2(way.e_m, way.n_m) / std::f64::consts::FRAC_PI_4;
    let place = POINTS.iter().position(|(from, _)| eighths < from + 0.5);
    let (_, name) = place.and_then(|place| POINTS.get(place)).unwrap_or(&(4.0, "southbound"));
    name
}

/// Compass points in eighths of a turn from north, from the south round by west.
const POINTS: [(f64, &str); 8] = [
    (-4.0, "southbound"),
    (-3.0, "south-westbound"),
    (-2.0, "westbound"),
    (-1.0, "north-westbound"),
    (0.0, "northbound"),
    (1.0, "north-eastbound"),
    (2.0, "eastbound"),
    (3.0, "south-eastbound"),
];

fn why(episode: &Episode<Detail>, line: &Line, track: &Track, change: AlertChange) -> Vec<Reason> {
    let (evidence, detail) = (&episode.evidence, &episode.detail);
    let holds = holds(change);
    let (from, to) = if detail.to_left { ("right", "left") } else { ("left", "right") };
    let sides = format!(
        "{from} to {to}, {} before and {} after",
        distance(detail.before_m),
        distance(detail.after_m)
    );
    let needed = format!("both over 2 sigma, {}", distance(detail.needed_m));
    let closed = format!("into the {} side", line.forbidden.as_str());
    let closed = if line.forbidden == Forbidden::Both { "either way".to_owned() } else { closed };
    let at = format!("{} UTC", clock(detail.crossed_at.minute_of_day()));
    vec![
        reason("Side changed", &sides, &needed, holds, 13.0, evidence),
        reason("Direction is forbidden", bound(detail.way), &closed, holds, 0.0, evidence),
        reason("Line is closed", &at, &hours_text(line.hours), Met::Yes, 0.0, evidence),
        reason("Crossings", &episode.count.to_string(), "at least 1", holds, 0.0, evidence),
        reason("Sources", &sources_text(track), "at least 1", Met::Yes, 0.0, evidence),
    ]
}
