//! `approach.cpa`: something comes towards a protected area and will reach it soon.
//!
//! The track goes on as it goes, but nobody knows quite how: 64 ways are drawn around its place
//! (by its covariance), its course and its speed (by its class), always the same 64, so that a
//! replay says the same. The chance is the share of ways that enter the area within 5 min on the
//! ground, 30 min at sea, 10 min in the air; the time is the mean of those that do, with its
//! deviation. Above 70 % at three updates in a row raises; below 30 % for a minute ends. What is
//! inside already does not approach; what was told keeps its alert while it is inside.
//!
//! | class | sigma of course | sigma of speed | slowest |
//! |---|---|---|---|
//! | vessel | 5° | 10 % | 1 m/s |
//! | aircraft | 4° | 5 % | 15 m/s |
//! | drone | 8° | 15 % | 2 m/s |
//! | person, vehicle, unknown | 12° | 25 % | 0.5 m/s |
//!
//! The ways are a low-discrepancy sequence in four dimensions (Roberts 2018, the generalised golden
//! ratio), mapped to normal deviates (Box and Muller 1958). Cost: 64 times the corners, and only for
//! tracks whose course, within 4 sigma, meets the circle around the area.
//!
//! Permits and own units are those of `area.entry`.

use picket_model::geo::Frame;
use picket_model::{
    AlertChange, Area, Claim, Class, Entry, Enu, Met, Picture, Position, Reason, RecordId,
    Severity, Time, Track,
};

use super::pairs::{Logic, Pairs, Placed, Words};
use super::track::{Fix, clock, holds, hours_text, is_permitted, noun, sources_text};
use crate::episode::{Change, Episode, Machine};
use crate::explain::{Evidence, Witness, percent, reason, span, track_name};
use crate::{Detector, Row, Settings};

/// This detector's row.
pub const ROW: Row = Row {
    id: ID,
    also: &[],
    group: "B R M A",
    says: "a track will enter a protected area with more than 70 % within 5 min (ground), 30 min \
           (sea) or 10 min (air) on its present course, at 3 updates in a row; ends below 30 % \
           for 60 s",
    metric: "share of approaches found, seconds of warning before the entry",
    make: |settings| Box::new(ApproachCpa::new(settings)),
};

const ID: &str = "approach.cpa";

/// Chance above which it approaches.
const ON: f64 = 0.7;
/// Chance below which it does not.
const OFF: f64 = 0.3;
/// Updates in a row that raise: one turn of a ship under way points anywhere.
const ON_UPDATES: u32 = 3;
/// How long it must not approach before the episode ends, seconds.
const OFF_DELAY_S: f64 = 60.0;
/// A track not heard for so long has no course any more, seconds.
const SILENT_S: f64 = 420.0;
/// Ways that are drawn.
const WAYS: usize = 64;
/// Sigmas of course beyond which no way is drawn.
const COURSE_SIGMAS: f64 = 4.0;

/// How a class goes on.
#[derive(Debug, Clone, Copy)]
struct Motion {
    /// How far ahead it is looked, seconds.
    ahead_s: f64,
    /// One sigma of its course, radians.
    course_sigma: f64,
    /// One sigma of its speed, as a share.
    speed_sigma: f64,
    /// Slower, it goes nowhere, m/s.
    speed_mps_min: f64,
    /// Sine and cosine of the angle beyond which no way is drawn.
    off: (f64, f64),
}

const fn motion(class: Class) -> Motion {
    // Four sigma of 5°, 4°, 8° and 12°.
    let (ahead_s, course_deg, speed_sigma, speed_mps_min, off) = match class {
        Class::Vessel => {
            (1_800.0, 5.0_f64, 0.1, 1.0, (0.342_020_143_325_668_7, 0.939_692_620_785_908_4))
        }
        Class::Aircraft => {
            (600.0, 4.0, 0.05, 15.0, (0.275_637_355_816_999_16, 0.961_261_695_938_318_9))
        }
        Class::Drone => (600.0, 8.0, 0.15, 2.0, (0.529_919_264_233_205, 0.848_048_096_156_426)),
        Class::Person | Class::Vehicle | Class::Unknown | Class::Equipment => {
            (300.0, 12.0, 0.25, 0.5, (0.743_144_825_477_394_2, 0.669_130_606_358_858_2))
        }
    };
    let course_sigma = course_deg.to_radians();
    Motion { ahead_s, course_sigma, speed_sigma, speed_mps_min, off }
}

/// The detector; see the module's head.
#[derive(Debug)]
pub struct ApproachCpa(Pairs<Approach>);

impl ApproachCpa {
    /// A detector that has seen nothing.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self(Pairs::new(Approach { ways: ways() }, settings))
    }
}

impl Detector for ApproachCpa {
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
struct Approach {
    /// Four normal deviates for each way: place east and north, course, speed.
    ways: Vec<[f64; 4]>,
}

/// How a track was going at one fix.
#[derive(Debug)]
struct Sample {
    at: Time,
    witness: Witness,
    forecast: Forecast,
    class: Class,
    position: Position,
    exercise: bool,
}

/// What the ways say.
#[derive(Debug, Clone, Copy)]
struct Forecast {
    inside: bool,
    /// Chance to enter in time.
    chance: f64,
    /// When, in seconds from the fix: mean and deviation of the ways that enter.
    enter_s: f64,
    spread_s: f64,
}

impl Forecast {
    const NO: Self = Self { inside: false, chance: 0.0, enter_s: 0.0, spread_s: 0.0 };
}

#[derive(Debug, Clone, Default)]
struct State {
    /// Boxed, because few have one.
    episode: Option<Box<Episode<Detail>>>,
    off_since: Option<Time>,
}

#[derive(Debug, Clone)]
struct Detail {
    class: Class,
    forecast: Forecast,
    position: Position,
    exercise: bool,
}

impl Machine for Approach {
    type Sample = Sample;
    type State = State;
    type Detail = Detail;

    fn key(sample: &Sample) -> (Time, RecordId) {
        (sample.at, sample.witness.record)
    }

    fn settle(&self, state: &mut State, until: Time, done: &mut Vec<Episode<Detail>>) {
        let Some(episode) = &mut state.episode else { return };
        let silent_at = episode.last_at.plus_s(SILENT_S);
        let off_at = state.off_since.map_or(silent_at, |since| since.plus_s(OFF_DELAY_S));
        let ended_at = off_at.min(silent_at);
        if until >= ended_at {
            episode.ended_at = Some(ended_at);
            let over = state.episode.take().filter(|episode| episode.raised);
            done.extend(over.map(|episode| *episode));
            state.off_since = None;
        }
    }

    fn step(&self, state: &mut State, sample: &Sample, _done: &mut Vec<Episode<Detail>>) {
        let Sample { forecast, class, position, exercise, .. } = *sample;
        let detail = Detail { class, forecast, position, exercise };
        let approaches = forecast.chance > ON && !forecast.inside;
        let Some(episode) = &mut state.episode else {
            if approaches {
                state.episode = Some(Box::new(Episode {
                    opened_at: sample.at,
                    raised: false,
                    ended_at: None,
                    last_at: sample.at,
                    severity: severity(class, &forecast),
                    count: 1,
                    evidence: Evidence::of(&sample.witness),
                    detail,
                }));
            }
            return;
        };
        if !episode.raised && !approaches {
            state.episode = None;
            state.off_since = None;
            return;
        }
        episode.last_at = sample.at;
        if approaches || forecast.inside {
            episode.count = episode.count.saturating_add(1);
            // It never grows less grave while it comes nearer by fits and starts.
            episode.severity = episode.severity.max(severity(class, &forecast));
            episode.evidence.add(&sample.witness);
            episode.detail = detail;
            episode.raised |= episode.count >= ON_UPDATES;
        }
        if forecast.inside || forecast.chance >= OFF {
            state.off_since = None;
        } else if state.off_since.is_none() {
            state.off_since = Some(sample.at);
        }
    }

    fn open(state: &State) -> &[Episode<Detail>] {
        state.episode.as_deref().map_or(&[], std::slice::from_ref)
    }

    fn differs(one: &Detail, other: &Detail) -> bool {
        one.class != other.class || one.forecast.inside != other.forecast.inside
    }
}

impl Logic for Approach {
    type Shape = Area;
    const ID: &'static str = ID;
    const VERSION: u32 = 1;
    const FORGET_S: f64 = SILENT_S;

    fn serves(area: &Area) -> bool {
        area.kind == "protected"
    }

    fn reach_m(&self, fix: &Fix, track: &Track, _lateness_s: f64) -> f64 {
        let motion = motion(track.class);
        let speed_mps = fix.velocity_mps.map_or(0.0, |[e, n]| libm::hypot(e, n));
        // Three sigma of speed; a little for what stands and may start.
        let fastest_mps = speed_mps * (1.0 + 3.0 * motion.speed_sigma) + motion.speed_mps_min;
        fastest_mps * motion.ahead_s + 6.0 * fix.sigma_m
    }

    fn sample(&self, placed: &Placed<Area>, fix: &Fix, track: &Track, witness: Witness) -> Sample {
        let area = &*placed.shape;
        let may_be = area.watched_at(fix.at.minute_of_day())
            && area.holds_altitude(fix.altitude_m)
            && !is_permitted(&placed.allow, track);
        let forecast = if may_be { self.forecast(placed, fix, track.class) } else { Forecast::NO };
        let (class, exercise) = (track.class, track.exercise);
        Sample { at: fix.at, witness, forecast, class, position: fix.position, exercise }
    }

    fn words(change: &Change<Detail>, placed: &Placed<Area>, track: &Track) -> Words {
        let Change { change, episode, .. } = change;
        let (area, name) = (&*placed.shape, track_name(track));
        let Forecast { inside, chance, enter_s, spread_s } = episode.detail.forecast;
        let since = episode.opened_at.clock_text();
        let why_text = match change {
            AlertChange::Raised | AlertChange::Updated | AlertChange::Revised if inside => {
                format!("{name} has reached {}; it came towards it since {since}", area.name)
            }
            AlertChange::Raised | AlertChange::Updated | AlertChange::Revised => format!(
                "{name} reaches {} in {} on present course ({})",
                area.name,
                about(enter_s, spread_s),
                percent(chance)
            ),
            AlertChange::Ended => {
                let last = episode.last_at.clock_text();
                format!(
                    "{name} does not come towards {} any more, from {since} to {last}",
                    area.name
                )
            }
            AlertChange::Withdrawn => format!(
                "Late reports show that {name} was not coming towards {} at {since}",
                area.name
            ),
        };
        let why = why(episode, placed, track, *change);
        Words { title: title(episode, area), why_text, why, position: track.position }
    }

    fn last_words(episode: &Episode<Detail>, area: &Area) -> (String, String) {
        let last = episode.last_at.clock_text();
        (title(episode, area), format!("was last coming towards {} at {last}", area.name))
    }

    fn last_place(detail: &Detail, _frame: &Frame) -> (Position, bool) {
        (detail.position, detail.exercise)
    }
}

impl Approach {
    fn forecast(&self, placed: &Placed<Area>, fix: &Fix, class: Class) -> Forecast {
        let motion = motion(class);
        let here = placed.frame.enu(&fix.position);
        let (least, most) = (placed.least, placed.most);
        let in_box = (least.e_m..=most.e_m).contains(&here.e_m)
            && (least.n_m..=most.n_m).contains(&here.n_m);
        if in_box && is_inside(&placed.points, here) {
            return Forecast { inside: true, chance: 1.0, ..Forecast::NO };
        }
        let Some([east, north]) = fix.velocity_mps else { return Forecast::NO };
        let speed_mps = libm::hypot(east, north);
        if !(speed_mps >= motion.speed_mps_min && speed_mps.is_finite()) {
            return Forecast::NO;
        }
        if passes_by(placed, fix, here, [east, north], &motion) {
            return Forecast::NO;
        }
        // Lower triangle of the covariance's root: correlated errors from independent ones.
        let [ee, en, nn] = fix.covariance_m2;
        let root_ee = libm::sqrt(ee.max(0.01));
        let root_en = en / root_ee;
        let root_nn = libm::sqrt((nn - root_en * root_en).max(0.01));
        let (mut count, mut sum_s, mut sum_s2) = (0_u32, 0.0, 0.0);
        for [place_e, place_n, turn, pace] in &self.ways {
            let from = Enu {
                e_m: here.e_m + root_ee * place_e,
                n_m: here.n_m + root_en * place_e + root_nn * place_n,
            };
            let angle = turn * motion.course_sigma;
            let (sin, cos) = (libm::sin(angle), libm::cos(angle));
            let pace = (1.0 + pace * motion.speed_sigma).max(0.1);
            let velocity = Enu {
                e_m: (east * cos + north * sin) * pace,
                n_m: (north * cos - east * sin) * pace,
            };
            let Some(enter_s) = enters_s(&placed.points, from, velocity, motion.ahead_s) else {
                continue;
            };
            count += 1;
            sum_s += enter_s;
            sum_s2 += enter_s * enter_s;
        }
        if count == 0 {
            return Forecast::NO;
        }
        let entered = f64::from(count);
        let mean_s = sum_s / entered;
        Forecast {
            inside: false,
            #[expect(clippy::cast_precision_loss, reason = "64 ways")]
            chance: entered / self.ways.len() as f64,
            enter_s: mean_s,
            spread_s: libm::sqrt((sum_s2 / entered - mean_s * mean_s).max(0.0)),
        }
    }
}

/// Whether no drawn way can meet the circle around the area.
fn passes_by(
    placed: &Placed<Area>,
    fix: &Fix,
    here: Enu,
    [east, north]: [f64; 2],
    motion: &Motion,
) -> bool {
    let (least, most) = (placed.least, placed.most);
    let to_e = (least.e_m + most.e_m) / 2.0 - here.e_m;
    let to_n = (least.n_m + most.n_m) / 2.0 - here.n_m;
    let (size_e, size_n) = (most.e_m - least.e_m, most.n_m - least.n_m);
    let radius_m =
        libm::sqrt(size_e * size_e + size_n * size_n) / 2.0 + COURSE_SIGMAS * fix.sigma_m;
    let far_m = libm::sqrt(to_e * to_e + to_n * to_n);
    if far_m <= radius_m {
        return false;
    }
    // The cosine of the circle's half angle and four sigma of course, without an inverse.
    let sin = radius_m / far_m;
    let cos = libm::sqrt(1.0 - sin * sin);
    let (sin_off, cos_off) = motion.off;
    let speed_mps = libm::sqrt(east * east + north * north);
    east * to_e + north * to_n < (cos * cos_off - sin * sin_off) * speed_mps * far_m
}

/// When a way from `from` first meets the outline, seconds; 0 if it begins inside.
fn enters_s(outline: &[Enu], from: Enu, velocity: Enu, ahead_s: f64) -> Option<f64> {
    let (mut first_s, mut inside) = (f64::INFINITY, false);
    let mut a = *outline.last()?;
    for &b in outline {
        // In passing: is the beginning inside?
        if (b.n_m > from.n_m) != (a.n_m > from.n_m) {
            let slope = (a.e_m - b.e_m) / (a.n_m - b.n_m);
            if from.e_m < b.e_m + (from.n_m - b.n_m) * slope {
                inside = !inside;
            }
        }
        let (de, dn) = (b.e_m - a.e_m, b.n_m - a.n_m);
        let turn = velocity.e_m * dn - velocity.n_m * de;
        if turn != 0.0 {
            let (ge, gn) = (a.e_m - from.e_m, a.n_m - from.n_m);
            let after_s = (ge * dn - gn * de) / turn;
            let on = (ge * velocity.n_m - gn * velocity.e_m) / turn;
            if after_s >= 0.0 && (0.0..=1.0).contains(&on) {
                first_s = first_s.min(after_s);
            }
        }
        a = b;
    }
    if inside {
        return Some(0.0);
    }
    (first_s <= ahead_s).then_some(first_s)
}

fn is_inside(outline: &[Enu], here: Enu) -> bool {
    enters_s(outline, here, Enu::default(), 0.0).is_some()
}

/// The ways: normal deviates in four dimensions.
fn ways() -> Vec<[f64; 4]> {
    // The root of x⁵ = x + 1, whose powers fill four dimensions most evenly.
    const GOLDEN_4: f64 = 1.167_303_978_261_418_7;
    let steps = [1, 2, 3, 4].map(|power| 1.0 / libm::pow(GOLDEN_4, f64::from(power)));
    let mut at = [0.5; 4];
    (0..WAYS)
        .map(|_| {
            for (at, step) in at.iter_mut().zip(steps) {
                *at = (*at + step) % 1.0;
            }
            let [a, b, c, d] = at;
            let [x, y] = pair(a, b);
            let [z, w] = pair(c, d);
            [x, y, z, w]
        })
        .collect()
}

/// Two normal deviates from two uniform ones.
fn pair(one: f64, other: f64) -> [f64; 2] {
    let radius = libm::sqrt(-2.0 * libm::log(one.max(1e-6)));
    let angle = 2.0 * std::f64::consts::PI * other;
    [radius * libm::cos(angle), radius * libm::sin(angle)]
}

/// The last third of the time to look ahead is serious.
fn severity(class: Class, forecast: &Forecast) -> Severity {
    let soon = forecast.enter_s <= motion(class).ahead_s / 3.0;
    if soon { Severity::Serious } else { Severity::Caution }
}

fn title(episode: &Episode<Detail>, area: &Area) -> String {
    format!("{} approaches {}", noun(episode.detail.class), area.name)
}

/// `11 ± 3 min`, or `40 ± 9 s`.
fn about(mean_s: f64, spread_s: f64) -> String {
    if mean_s < 120.0 {
        format!("{mean_s:.0} ± {spread_s:.0} s")
    } else {
        format!("{:.0} ± {:.0} min", mean_s / 60.0, (spread_s / 60.0).max(1.0))
    }
}

fn why(
    episode: &Episode<Detail>,
    placed: &Placed<Area>,
    track: &Track,
    change: AlertChange,
) -> Vec<Reason> {
    let (evidence, detail) = (&episode.evidence, &episode.detail);
    let holds = holds(change);
    let Forecast { chance, enter_s, spread_s, .. } = detail.forecast;
    let decibans = 10.0 * libm::log10(chance.max(0.01) / (1.0 - chance).max(0.02));
    let motion = motion(detail.class);
    let ahead = format!("within {}", span(motion.ahead_s));
    let updates = format!("{} so far", episode.count);
    let speed_mps = track.speed_mps().unwrap_or(0.0);
    let course_deg = track.course().map_or(0.0, |course| course.bearing_degrees());
    let going = format!("{speed_mps:.1} m/s on {course_deg:03.0}°");
    let around = format!(
        "± {:.0}°, ± {:.0} %",
        motion.course_sigma.to_degrees(),
        motion.speed_sigma * 100.0
    );
    let at = format!("{} UTC", clock(episode.opened_at.minute_of_day()));
    let permits = format!("none of {} permits", placed.allow.len());
    let hours = hours_text(placed.shape.hours);
    vec![
        reason("Chance to enter", &percent(chance), "over 70 %", holds, decibans, evidence),
        reason("Time to enter", &about(enter_s, spread_s), &ahead, holds, 0.0, evidence),
        reason("Updates", &updates, "3 in a row", holds, 0.0, evidence),
        reason("Course and speed", &going, &around, Met::Yes, 0.0, evidence),
        reason("Area is watched", &at, &hours, Met::Yes, 0.0, evidence),
        reason("No permit matches", &permits, "1 for it", Met::Yes, 0.0, evidence),
        reason("Sources", &sources_text(track), "at least 1", Met::Yes, 0.0, evidence),
    ]
}
