//! Pairs of a track and a shape on the map, each with its episodes: what the detectors of areas
//! and lines share.
//!
//! A detector gives its [`Logic`]; here stand what is near, what is remembered, what happens
//! when the watch changes, and how a word becomes a claim. When an area or line is drawn,
//! erased or changed, the episodes of all others go on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::ops::Bound;
use std::sync::Arc;

use picket_model::geo::Frame;
use picket_model::{
    Alert, Area, AreaName, Body, Claim, Entry, Enu, Line, Met, Observation, Picture, Position,
    Reason, Subject, Track, TrackId, Watch,
};
use picket_model::{AlertId, Time};

use super::track::{Fix, at_of, fix};
use crate::episode::{Change, Episode, Key, Machine};
use crate::explain::{self, Evidence, Witness, reason};
use crate::{Settings, write_state};

/// What tells one detector of pairs from another.
pub(crate) trait Logic: Machine + Debug {
    /// What it watches.
    type Shape: Shape;
    /// The detector's id.
    const ID: &'static str;
    /// Changes when the logic or its defaults do.
    const VERSION: u32;
    /// How long a pair is remembered after its last sample, seconds, beside the lateness.
    const FORGET_S: f64;

    /// Whether it watches this shape.
    fn serves(shape: &Self::Shape) -> bool;

    /// How far from a shape a fix still matters, metres.
    fn reach_m(&self, fix: &Fix, track: &Track, lateness_s: f64) -> f64;

    /// How the track lies to the shape at a fix.
    fn sample(
        &self,
        placed: &Placed<Self::Shape>,
        fix: &Fix,
        track: &Track,
        witness: Witness,
    ) -> Self::Sample;

    /// What is said of an episode while the track is there.
    fn words(change: &Change<Self::Detail>, placed: &Placed<Self::Shape>, track: &Track) -> Words;

    /// The title of an episode, and what was so while the track was followed.
    fn last_words(episode: &Episode<Self::Detail>, shape: &Self::Shape) -> (String, String);

    /// Where an episode was last, and whether in an exercise.
    fn last_place(detail: &Self::Detail, frame: &Frame) -> (Position, bool);
}

/// What is said of an episode.
pub(crate) struct Words {
    pub(crate) title: String,
    pub(crate) why_text: String,
    pub(crate) why: Vec<Reason>,
    pub(crate) position: Position,
}

/// An area or a line.
pub(crate) trait Shape: Clone + PartialEq + Debug {
    /// All that are watched.
    fn all(watch: &Watch) -> Vec<Self>;
    /// Its name.
    fn name(&self) -> &AreaName;
    /// Its corners.
    fn points(&self) -> &[Position];
    /// Who is permitted.
    fn allow(&self) -> &[String];
}

impl Shape for Area {
    fn all(watch: &Watch) -> Vec<Self> {
        watch.areas().cloned().collect()
    }
    fn name(&self) -> &AreaName {
        &self.name
    }
    fn points(&self) -> &[Position] {
        &self.polygon
    }
    fn allow(&self) -> &[String] {
        &self.allow
    }
}

impl Shape for Line {
    fn all(watch: &Watch) -> Vec<Self> {
        watch.lines().cloned().collect()
    }
    fn name(&self) -> &AreaName {
        &self.name
    }
    fn points(&self) -> &[Position] {
        &self.points
    }
    fn allow(&self) -> &[String] {
        &[]
    }
}

/// A shape with what makes "far from it" cheap.
#[derive(Debug)]
pub(crate) struct Placed<S> {
    /// Never used again for another shape.
    number: u32,
    pub(crate) shape: Arc<S>,
    pub(crate) frame: Frame,
    /// Its points in the frame.
    pub(crate) points: Arc<[Enu]>,
    pub(crate) least: Enu,
    pub(crate) most: Enu,
    /// Who is permitted.
    pub(crate) allow: BTreeSet<String>,
}

impl<S: Shape> Placed<S> {
    fn new(number: u32, shape: &S) -> Self {
        let origin = shape.points().first().copied();
        let frame = Frame::at(origin.unwrap_or(Position {
            lat: picket_model::Angle::default(),
            lon: picket_model::Angle::default(),
            height_m: None,
        }));
        let points: Arc<[Enu]> = shape.points().iter().map(|point| frame.enu(point)).collect();
        let (mut least, mut most) = (Enu::default(), Enu::default());
        for point in points.iter() {
            least = Enu { e_m: least.e_m.min(point.e_m), n_m: least.n_m.min(point.n_m) };
            most = Enu { e_m: most.e_m.max(point.e_m), n_m: most.n_m.max(point.n_m) };
        }
        let allow = shape.allow().iter().cloned().collect();
        Self { number, shape: Arc::new(shape.clone()), frame, points, least, most, allow }
    }

    /// Whether a place is farther than `reach_m` from every part of the shape. Errs towards near.
    fn is_far(&self, position: &Position, reach_m: f64) -> bool {
        let at = self.frame.enu(position);
        // A tenth more: the flat frame stretches with distance.
        let size_m = (self.most.e_m - self.least.e_m).max(self.most.n_m - self.least.n_m);
        let slack_m = reach_m * 1.1 + size_m * 0.1;
        at.e_m < self.least.e_m - slack_m
            || at.e_m > self.most.e_m + slack_m
            || at.n_m < self.least.n_m - slack_m
            || at.n_m > self.most.n_m + slack_m
    }
}

/// Most pairs of track and shape that one detector remembers; beyond it new ones are not
/// watched, and counted.
const KEYS_MAX: usize = 20_000;

/// All pairs of one detector.
#[derive(Debug)]
pub(crate) struct Pairs<L: Logic> {
    logic: L,
    lateness_s: f64,
    watch: Watch,
    placed: Vec<Placed<L::Shape>>,
    newest: u32,
    keys: BTreeMap<Pair, Key<L>>,
    /// The pairs that are not idle: a tick looks at these.
    active: BTreeSet<Pair>,
    /// Where the forgetting of silent pairs goes on.
    swept_to: Option<Pair>,
    unwatched: u64,
}

/// A track, and the number of a shape.
type Pair = (TrackId, u32);

/// How many pairs one tick looks at to forget the silent ones: all of them within 80 s.
const SWEEP: usize = 256;

impl<L: Logic> Pairs<L> {
    pub(crate) fn new(logic: L, settings: &Settings) -> Self {
        let mut watch = Watch::default();
        watch.site.areas.clone_from(&settings.areas);
        watch.site.lines.clone_from(&settings.lines);
        let mut pairs = Self {
            logic,
            lateness_s: settings.lateness_s,
            watch,
            placed: Vec::new(),
            newest: 0,
            keys: BTreeMap::new(),
            active: BTreeSet::new(),
            swept_to: None,
            unwatched: 0,
        };
        pairs.place();
        pairs
    }

    pub(crate) fn watch(&mut self, entry: &Entry, picture: &Picture, out: &mut Vec<Claim>) {
        if !picture.removed.is_empty() && !self.keys.is_empty() {
            let pairs = picture.removed.iter().flat_map(|id| self.keys.range(all_of(*id)));
            let gone: Vec<Pair> = pairs.map(|(pair, _)| *pair).collect();
            self.end(&gone, "it is not followed any more", entry, out);
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
                    self.configure(entry, out);
                }
            }
            Body::Status(_) | Body::Alert(_) | Body::Refusal(_) => {}
        }
    }

    pub(crate) fn digest(&self, out: &mut Vec<u8>) {
        write_state(L::ID, self, out);
    }

    fn observe(&mut self, entry: &Entry, seen: &Observation, track: &Track) {
        if self.placed.is_empty() {
            return;
        }
        let Some(fix) = fix(entry, seen, track) else { return };
        let reach_m = self.logic.reach_m(&fix, track, self.lateness_s);
        let near_before = self.keys.range(all_of(track.id)).next().is_some();
        for placed in &self.placed {
            let is_far = placed.is_far(&fix.position, reach_m);
            if is_far && !near_before {
                continue;
            }
            let key = (track.id, placed.number);
            let known = self.keys.contains_key(&key);
            if is_far && !known {
                continue;
            }
            if !known && self.keys.len() >= KEYS_MAX {
                self.unwatched = self.unwatched.saturating_add(1);
                continue;
            }
            let sample = self.logic.sample(placed, &fix, track, Witness::of(entry));
            let received_at = entry.record.received_at;
            let pair = self.keys.entry(key).or_default();
            pair.take(&self.logic, sample, received_at, self.lateness_s);
            if !pair.is_idle() {
                self.active.insert(key);
            }
        }
    }

    fn tell(&mut self, track: &Track, out: &mut Vec<Claim>) {
        if !track.state.is_shown() {
            return;
        }
        for ((_, number), key) in self.keys.range_mut(all_of(track.id)) {
            let Some(placed) = find(&self.placed, *number) else { continue };
            let now = key.now(key.received_at());
            for change in key.changes(|episode| id_of::<L>(placed, track.id, episode)) {
                out.push(said::<L>(change, placed, track, now));
            }
        }
    }

    fn pass(&mut self, now: Time, picture: &Picture, out: &mut Vec<Claim>) {
        let Self { logic, placed, keys, .. } = self;
        self.active.retain(|pair| {
            let Some(key) = keys.get_mut(pair) else { return false };
            key.pass(logic, now);
            let (id, number) = *pair;
            let shown = picture.tracks.get(&id).filter(|track| track.state.is_shown());
            if let Some((placed, track)) = find(placed, number).zip(shown) {
                let event_now = key.now(now);
                for change in key.changes(|episode| id_of::<L>(placed, id, episode)) {
                    out.push(said::<L>(change, placed, track, event_now));
                }
            }
            !key.is_idle()
        });
        self.sweep(now);
    }

    /// Forgets a few of the pairs that were not sampled for long.
    fn sweep(&mut self, now: Time) {
        let keep_s = L::FORGET_S + self.lateness_s;
        let from = match self.swept_to.take() {
            Some(pair) => Bound::Excluded(pair),
            None => Bound::Unbounded,
        };
        let (mut looked_at, mut silent) = (0, Vec::new());
        for (pair, key) in self.keys.range((from, Bound::Unbounded)).take(SWEEP) {
            looked_at += 1;
            if looked_at == SWEEP {
                self.swept_to = Some(*pair);
            }
            if key.raised().is_none() && now.since_s(key.received_at()) >= keep_s {
                silent.push(*pair);
            }
        }
        for pair in silent {
            self.keys.remove(&pair);
            self.active.remove(&pair);
        }
    }

    /// Ends what was said of some pairs, because of `why`.
    fn end(&mut self, gone: &[Pair], why: &str, entry: &Entry, out: &mut Vec<Claim>) {
        let now = entry.record.received_at;
        for pair in gone {
            self.active.remove(pair);
            let Some(mut key) = self.keys.remove(pair) else { continue };
            let (id, number) = *pair;
            let Some(placed) = find(&self.placed, number) else { continue };
            let at = key.now(now);
            key.end(at);
            for change in key.changes(|episode| id_of::<L>(placed, id, episode)) {
                let mut evidence = change.episode.evidence.clone();
                evidence.add(&Witness::of(entry));
                out.push(lost::<L>(change, placed, id, evidence, at, why));
            }
        }
    }

    /// Takes the new watch over; the episodes of shapes that did not change go on.
    fn configure(&mut self, entry: &Entry, out: &mut Vec<Claim>) {
        let wanted = L::Shape::all(&self.watch);
        let gone: BTreeSet<u32> = self
            .placed
            .iter()
            .filter(|placed| !wanted.contains(&*placed.shape))
            .map(|placed| placed.number)
            .collect();
        if !gone.is_empty() {
            let why = "what is watched there has changed";
            let pairs = self.keys.keys().filter(|(_, number)| gone.contains(number));
            let gone: Vec<Pair> = pairs.copied().collect();
            self.end(&gone, why, entry, out);
        }
        self.place();
    }

    /// Puts the watched shapes in place, each that stood there before under its number.
    fn place(&mut self) {
        let mut before = std::mem::take(&mut self.placed);
        for shape in L::Shape::all(&self.watch).into_iter().filter(L::serves) {
            let place = before.iter().position(|placed| *placed.shape == shape);
            let placed = place.map(|place| before.swap_remove(place)).unwrap_or_else(|| {
                self.newest += 1;
                Placed::new(self.newest, &shape)
            });
            self.placed.push(placed);
        }
    }
}

fn all_of(id: TrackId) -> std::ops::RangeInclusive<Pair> {
    (id, 0)..=(id, u32::MAX)
}

fn find<S>(placed: &[Placed<S>], number: u32) -> Option<&Placed<S>> {
    placed.iter().find(|placed| placed.number == number)
}

fn id_of<L: Logic>(
    placed: &Placed<L::Shape>,
    track: TrackId,
    episode: &Episode<L::Detail>,
) -> AlertId {
    AlertId::of(L::ID, Some(placed.shape.name()), &track.to_string(), episode.opened_at)
}

/// The claim of a change while the track is there.
fn said<L: Logic>(
    change: Change<L::Detail>,
    placed: &Placed<L::Shape>,
    track: &Track,
    now: Time,
) -> Claim {
    let Words { title, why_text, why, position } = L::words(&change, placed, track);
    let Change { id, change, episode } = change;
    let alert = Alert {
        id,
        detector: Arc::from(L::ID),
        version: L::VERSION,
        change,
        severity: episode.severity,
        title: Arc::from(title),
        why_text: Arc::from(why_text),
        why,
        subject: Subject::Track(track.id),
        track: Some(track.id),
        area: Some(placed.shape.name().clone()),
        position: Some(position),
        opened_at: episode.opened_at,
        count: episode.count,
        exercise: track.exercise,
    };
    let at = at_of(change, &episode, now);
    explain::claim(alert, at, &episode.evidence, Some(track))
}

/// The claim of an end because the track, or the shape, is no more.
fn lost<L: Logic>(
    change: Change<L::Detail>,
    placed: &Placed<L::Shape>,
    id: TrackId,
    evidence: Evidence,
    now: Time,
    because: &str,
) -> Claim {
    let Change { id: alert_id, change, episode } = change;
    let (title, was) = L::last_words(&episode, &placed.shape);
    let (position, exercise) = L::last_place(&episode.detail, &placed.frame);
    let seen = format!("{} times, last at {}", episode.count, episode.last_at.clock_text());
    let alert = Alert {
        id: alert_id,
        detector: Arc::from(L::ID),
        version: L::VERSION,
        change,
        severity: episode.severity,
        title: Arc::from(title),
        why_text: Arc::from(format!("{id} {was}; {because}")),
        why: vec![reason("Seen so", &seen, "still followed", Met::Unknown, 0.0, &evidence)],
        subject: Subject::Track(id),
        track: Some(id),
        area: Some(placed.shape.name().clone()),
        position: Some(position),
        opened_at: episode.opened_at,
        count: episode.count,
        exercise,
    };
    explain::claim(alert, now, &evidence, None)
}
