//! Observations to tracks: a first honest fusion.
//!
//! [`Fusion::apply`] folds one entry into the [`Picture`]. It cannot fail: what it cannot
//! use it leaves out, and counts. One observation goes this way:
//!
//! 1. **Register** (`register.rs`): a usable place becomes a fix; a clock more than a minute
//!    ahead of ours is replaced by ours; places off the earth and errors that are no numbers end here.
//! 2. **Associate**: what claims a strong name (MMSI, ICAO address, CoT uid) goes to the track
//!    of that name; what a reporter follows under its own number goes where it went before, if
//!    it still fits; the rest goes to the nearest track in a chi-square validation region,
//!    found by a spatial hash over predicted places.
//! 3. **Validate**: a name is a claim. A fix that its track could not have reached is *held*:
//!    the track keeps its prediction and is marked suspect. The third held fix in a row
//!    that agrees with the ones before moves the track there.
//! 4. **Update** (`filter.rs`): predict to the fix's time, take in place and velocity.
//! 5. **Life** (`lifecycle.rs`): 2 of 3 fixes confirm what names itself, 3 of 5 a plain plot;
//!    silence, counted by our clock and told by [`Body::Tick`], makes it coast, then lost, then ends it.
//!
//! Rules that keep two things two:
//! - two different names of one kind never share a track;
//! - one reporter's two numbers, or its two plots of one instant, never share a track;
//! - a sensor's report joins a friend that reports itself, and a newly named thing joins a
//!   nameless track, only within 2 sigma, where the classes fit and the place is known to 200 m:
//!   an intruder near a patrol stays an intruder.
//!
//! Time: a fix older than its track's newest one says what and who, within
//! [`Settings::late_s`]; it never moves the place back. Older ones are counted and left out.
//! [`Class::Equipment`] never makes a track.
//!
//! Not here yet, behind the same `apply`: several motion models, re-filtering late fixes,
//! sensor bias, joint association.

mod affiliation;
mod associate;
mod digest;
mod filter;
mod lifecycle;
mod motion;
mod register;
mod statics;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use picket_model::track::{IDENTS_MAX, SOURCES_MAX};
use picket_model::{
    Air, Body, Class, Entry, Ident, Observation, Picture, Position, SensorKind, Source, Time,
    Track, TrackId, TrackState,
};

use affiliation::Said;
use associate::{Cell, DRIFT_M, Grid};
use filter::{Filter, Innovation, PREDICT_S_MAX, Velocity};
use lifecycle::{Deadlines, Needed, Patience};
use motion::Motion;
use register::Fix;
use statics::{Statics, Word};

/// What an administrator may set; the defaults serve a site of any kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// How late a fix may come, against its track's newest, and still say who and what, seconds.
    pub late_s: f64,
    /// Most tracks; at the bound the one lost longest makes room, then the oldest tentative
    /// one; if there is neither, new things are refused and counted.
    pub tracks_max: usize,
    /// Most names heard before their place; at the bound the one heard longest ago is forgotten.
    pub statics_max: usize,
}

/// Default of [`Settings::late_s`]: three AIS reports of a ship under way.
pub const LATE_S: f64 = 30.0;
/// Default of [`Settings::tracks_max`]: the world's AIS fleet at one time; about 200 MiB.
pub const TRACKS_MAX: usize = 200_000;
/// Default of [`Settings::statics_max`]: a quarter of the tracks; ships send both within 6 minutes.
pub const STATICS_MAX: usize = 50_000;

impl Default for Settings {
    fn default() -> Self {
        Self { late_s: LATE_S, tracks_max: TRACKS_MAX, statics_max: STATICS_MAX }
    }
}

/// What fusion did with observations that moved no track, since it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// New things refused because there was no room.
    pub refused: u64,
    /// Lost or tentative tracks that made room.
    pub evicted: u64,
    /// Fixes that their track could not have reached.
    pub held: u64,
    /// Tracks moved to where three held fixes agreed.
    pub moved: u64,
    /// Fixes older than their track's newest, used for who and what only.
    pub late: u64,
    /// Fixes too old for that as well.
    pub late_unused: u64,
}

/// The tracker: all that it needs beside the picture.
#[derive(Debug)]
pub struct Fusion {
    settings: Settings,
    newest: u32,
    /// Boxed: the nodes of a map that grows at its end stay half empty.
    states: BTreeMap<TrackId, Box<State>>,
    /// Strong names and reporters' numbers; an ident stands here exactly if it stands in that track.
    by_ident: BTreeMap<Ident, TrackId>,
    grid: Grid,
    /// When to look at a track next, by our clock; exactly one entry for each.
    due: BTreeSet<(Time, TrackId)>,
    /// The lost tracks by the time they became it: the first make room.
    lost: BTreeSet<(Time, TrackId)>,
    /// The tentative tracks by the time they came: the next make room.
    tentative: BTreeSet<(Time, TrackId)>,
    statics: Statics,
    counts: Counts,
}

/// What is remembered of a track beside what people see.
#[derive(Debug)]
struct State {
    filter: Filter,
    /// Time of the filter's state: that of the newest fix.
    at: Time,
    motion: Motion,
    said: Said,
    /// Times of the three newest fixes, the newest last.
    hits: [Time; 3],
    outlier: Option<Outlier>,
    /// Why its place is distrusted, and how many clean fixes came since.
    jump: Option<(Arc<str>, u8)>,
    /// Which kinds of strong name it has.
    strong: u8,
    cell: Cell,
    /// When its predicted place may have left the cell's surroundings, by our clock.
    reindex_at: Time,
    deadlines: Deadlines,
    scheduled: Time,
    /// Its key among the tentative or the lost.
    waiting_since: Time,
}

/// Fixes in a row that the track could not have reached.
#[derive(Debug, Clone, Copy)]
struct Outlier {
    fix: Fix,
    count: u8,
}

/// Where an observation belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// To this track.
    Of(TrackId),
    /// To this track by name, which cannot have got there.
    Beyond(TrackId),
    /// To none.
    New,
}

/// Chi-square, two degrees of freedom, 99.9 %: the validation region of nearest neighbour.
const GATE: f64 = 13.816;
/// Two sigma: the region in which a nameless report joins a friend, or a new name a nameless track.
const GATE_TIGHT: f64 = 4.0;
/// Two sigma of a prediction that itself is worse than this say nothing, metres.
const TIGHT_SIGMA_M_MAX: f64 = 200.0;
/// Most tracks that one nameless plot is compared with; a crowd beyond it is clutter or an attack.
const CANDIDATES_MAX: usize = 512;
/// So many agreeing fixes in a row move a track to where it could not have gone.
const OUTLIERS_AGREEING: u8 = 3;
/// So many clean fixes clear the mark of a jump.
const CLEAN_FIXES: u8 = 10;
/// After so long without a fix a track starts again where it is seen, seconds.
const RESTART_S: f64 = 300.0;
/// Two numbers of one reporter are two things if both were seen within so many seconds.
const LOCAL_ALIVE_S: f64 = 10.0;
/// Sigmas by which a fix must miss what was reachable before it counts as impossible.
const REACH_SIGMAS: f64 = 3.0;

impl Fusion {
    /// A tracker that has seen nothing.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            newest: 0,
            states: BTreeMap::new(),
            by_ident: BTreeMap::new(),
            grid: Grid::default(),
            due: BTreeSet::new(),
            lost: BTreeSet::new(),
            tentative: BTreeSet::new(),
            statics: Statics::new(settings.statics_max),
            counts: Counts::default(),
        }
    }

    /// Folds one entry into the picture, and says there what it touched and removed.
    ///
    /// The picture must be the one that this tracker has made so far. `O(log tracks)`, plus
    /// the tracks within reach for a plot without a name; a tick costs only what is due.
    pub fn apply(&mut self, entry: &Entry, picture: &mut Picture) {
        picture.touched.clear();
        picture.removed.clear();
        match &entry.record.body {
            Body::Observation(seen) => self.observe(entry, seen, picture),
            Body::Tick => self.tick(entry.record.received_at, picture),
            Body::Status(_) | Body::Alert(_) | Body::Act(_) | Body::Refusal(_) | Body::Site(_) => {}
        }
    }

    /// What it did with observations that moved no track.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// Writes all its state in canonical bytes: equal states, equal bytes.
    pub fn digest(&self, out: &mut Vec<u8>) {
        digest::text("picket-fusion 1", out);
        digest::whole(u64::from(self.newest), out);
        digest::count(self.states.len(), out);
        for (id, state) in &self.states {
            digest::whole(u64::from(id.0), out);
            state.digest(out);
        }
        digest::count(self.by_ident.len(), out);
        for (ident, id) in &self.by_ident {
            digest::ident(ident, out);
            digest::whole(u64::from(id.0), out);
        }
        self.grid.digest(out);
        for set in [&self.due, &self.lost, &self.tentative] {
            digest::count(set.len(), out);
            for (time, id) in set {
                digest::time(*time, out);
                digest::whole(u64::from(id.0), out);
            }
        }
        self.statics.digest(out);
        let Counts { refused, evicted, held, moved, late, late_unused } = self.counts;
        for count in [refused, evicted, held, moved, late, late_unused] {
            digest::whole(count, out);
        }
    }

    fn observe(&mut self, entry: &Entry, seen: &Observation, picture: &mut Picture) {
        // Fixed equipment does not travel, and a perimeter alarm is no fix of what set it off.
        if seen.class == Class::Equipment || seen.alarm.is_some() {
            return;
        }
        let Some(fix) = register::fix(&entry.record, seen) else {
            return self.hear_names(entry, seen, picture);
        };
        match self.place(&fix, entry, seen, picture) {
            Place::Of(id) => {
                let late_s = self.states.get(&id).map_or(0.0, |state| state.at.since_s(fix.at));
                if late_s <= 0.0 {
                    self.update(id, &fix, entry, seen, picture);
                } else if late_s <= self.settings.late_s {
                    self.counts.late += 1;
                    self.enrich(id, Some(&fix), entry, seen, picture);
                } else {
                    self.counts.late_unused += 1;
                }
            }
            Place::Beyond(id) => self.hold(id, &fix, entry, seen, picture),
            Place::New => self.begin(&fix, entry, seen, picture),
        }
    }

    // Association.

    fn place(&self, fix: &Fix, entry: &Entry, seen: &Observation, picture: &Picture) -> Place {
        for ident in seen.idents.iter().filter(|ident| strong_kind(ident) != 0) {
            let Some(id) = self.by_ident.get(ident) else { continue };
            let Some(state) = self.states.get(id) else { continue };
            let late = fix.at < state.at;
            return if late || state.could_reach(fix) {
                Place::Of(*id)
            } else {
                Place::Beyond(*id)
            };
        }
        let local = seen.idents.iter().find(|ident| matches!(ident, Ident::Local { .. }));
        if let Some(id) = local.and_then(|ident| self.by_ident.get(ident))
            && self.states.get(id).is_some_and(|state| state.still_fits(fix))
        {
            return Place::Of(*id);
        }
        self.nearest(fix, entry, seen, picture).map_or(Place::New, Place::Of)
    }

    /// The track in whose validation region the fix lies best: least `χ² + ln |S|`, lowest number first.
    fn nearest(
        &self,
        fix: &Fix,
        entry: &Entry,
        seen: &Observation,
        picture: &Picture,
    ) -> Option<TrackId> {
        let kinds = seen.idents.iter().fold(0, |kinds, ident| kinds | strong_kind(ident));
        let named = kinds != 0;
        let gate_m = motion_of(seen.class, seen.sensor).gate_m_max;
        let mut best: Option<(f64, TrackId)> = None;
        let mut looked_at = 0;
        self.grid.near(&fix.position, gate_m + DRIFT_M, |id| {
            looked_at += 1;
            let Some(state) = self.states.get(&id) else { return looked_at < CANDIDATES_MAX };
            let tight = named || (state.is_own_force() && !seen.sensor.tells_of_itself());
            if let Some(score) = self.score(state, fix, gate_m, tight)
                && state.strong & kinds == 0
                && best.is_none_or(|(least, first)| (score, id) < (least, first))
                && picture.tracks.get(&id).is_some_and(|track| may_join(track, fix, entry, seen))
            {
                best = Some((score, id));
            }
            looked_at < CANDIDATES_MAX
        });
        best.map(|(_, id)| id)
    }

    /// How well a fix lies in a track's region; `None` outside.
    fn score(&self, state: &State, fix: &Fix, gate_m: f64, tight: bool) -> Option<f64> {
        if state.at.since_s(fix.at) > self.settings.late_s {
            return None;
        }
        let innovation = state.innovation(fix)?;
        let gate = if tight { GATE_TIGHT } else { GATE };
        let known = !tight || innovation.sigma_m <= TIGHT_SIGMA_M_MAX;
        let inside = innovation.chi_square <= gate && innovation.distance_m <= gate_m;
        (inside && known).then_some(innovation.chi_square + innovation.log_spread)
    }

    // Update.

    fn update(
        &mut self,
        id: TrackId,
        fix: &Fix,
        entry: &Entry,
        seen: &Observation,
        picture: &mut Picture,
    ) {
        let Some(state) = self.states.get_mut(&id) else { return };
        state.outlier = None;
        if let Some((_, clean)) = &mut state.jump {
            *clean = clean.saturating_add(1);
        }
        if state.jump.as_ref().is_some_and(|(_, clean)| *clean >= CLEAN_FIXES) {
            state.jump = None;
        }
        let innovation = state.take(fix);
        self.after_fix(id, fix, innovation, entry, seen, picture);
    }

    /// Keeps the prediction; the third fix in a row that agrees with the ones before moves the track.
    fn hold(
        &mut self,
        id: TrackId,
        fix: &Fix,
        entry: &Entry,
        seen: &Observation,
        picture: &mut Picture,
    ) {
        let Some(state) = self.states.get_mut(&id) else { return };
        self.counts.held += 1;
        let agreeing = state.outlier.filter(|held| {
            reachable(&held.fix.position, held.fix.sigma_m, held.fix.at, fix, &state.motion)
        });
        let count = agreeing.map_or(1, |held| held.count.saturating_add(1));
        let distance_m = state.filter.position().distance_m(&fix.position);
        let elapsed_s = fix.at.since_s(state.at);
        let text = format!("said to be {:.1} km away after {elapsed_s:.0} s", distance_m / 1e3);
        state.jump = Some((Arc::from(text), 0));
        if count < OUTLIERS_AGREEING {
            state.outlier = Some(Outlier { fix: *fix, count });
            return self.enrich(id, None, entry, seen, picture);
        }
        self.counts.moved += 1;
        state.outlier = None;
        let innovation = state.innovation(fix);
        state.restart(fix, fix.velocity);
        self.after_fix(id, fix, innovation, entry, seen, picture);
    }

    /// Brings the picture and the indices up to a fix that the filter has taken.
    fn after_fix(
        &mut self,
        id: TrackId,
        fix: &Fix,
        innovation: Option<Innovation>,
        entry: &Entry,
        seen: &Observation,
        picture: &mut Picture,
    ) {
        self.enrich(id, None, entry, seen, picture);
        let Some(state) = self.states.get_mut(&id) else { return };
        let Some(track) = picture.tracks.get_mut(&id) else { return };
        let track = Arc::make_mut(track);
        let named = is_named(seen);
        let [_, second, newest] = state.hits;
        // Plots of one instant, as from one scan or one copy, count once.
        if named || fix.at > newest {
            state.hits = [second, newest, fix.at];
        }
        let patience = lifecycle::patience(seen, fix.at, named);
        state.deadlines.extend(fix.received_at, &patience);
        track.updates = track.updates.saturating_add(1);
        track.existence = hit(track.existence, named);
        track.received_at = track.received_at.max(fix.received_at);
        state.show(fix, track);
        if let Some(heading) = seen.kinematics.heading.filter(|h| h.radians().is_finite()) {
            track.heading = Some(heading);
        }
        let residual_m = innovation.map_or(0.0, |innovation| innovation.distance_m);
        note_source(track, fix, residual_m, entry, seen);
        match track.state {
            TrackState::Tentative => {
                if state.is_confirmed(&patience) {
                    self.tentative.remove(&(state.waiting_since, id));
                    track.state = TrackState::Live;
                    track.confirmed_at = Some(fix.at);
                }
            }
            TrackState::Lost => {
                self.lost.remove(&(state.waiting_since, id));
                track.state = TrackState::Live;
            }
            TrackState::Live | TrackState::Coasting => track.state = TrackState::Live,
        }
        let stage = track.state;
        self.reindex(id, fix.position, fix.received_at);
        self.schedule(id, stage);
    }

    /// Takes from an observation who and what it is: never where.
    fn enrich(
        &mut self,
        id: TrackId,
        late: Option<&Fix>,
        entry: &Entry,
        seen: &Observation,
        picture: &mut Picture,
    ) {
        self.take_idents(id, &seen.idents, entry, picture);
        let Some(state) = self.states.get_mut(&id) else { return };
        let Some(track) = picture.tracks.get_mut(&id) else { return };
        let track = Arc::make_mut(track);
        state.said.hear(seen.sensor, seen.affiliation);
        if state.said.hear_class(seen.sensor, seen.class) && track.class != seen.class {
            track.class = seen.class;
            track.class_why = class_why(entry, seen);
            state.motion = motion_of(seen.class, seen.sensor);
        }
        track.affiliation = state.said.judged();
        if late.is_none() {
            track.air.take(&seen.air);
        }
        track.exercise |= seen.exercise;
        track.label.raise(&entry.record.label);
        state.show_suspicion(track);
        if let Some(fix) = late {
            let residual_m = state.innovation(fix).map_or(0.0, |i| i.distance_m);
            note_source(track, fix, residual_m, entry, seen);
        }
        touch(picture, id);
    }

    /// A message without a place: names for a track that there is, or for one to come.
    fn hear_names(&mut self, entry: &Entry, seen: &Observation, picture: &mut Picture) {
        let strong = |ident: &&Ident| strong_kind(ident) != 0;
        let known = seen.idents.iter().filter(strong).find_map(|ident| self.by_ident.get(ident));
        match (known.copied(), seen.idents.iter().find(strong)) {
            (Some(id), _) => self.enrich(id, None, entry, seen, picture),
            (None, Some(ident)) => self.statics.keep(ident, Word::of(entry, seen)),
            (None, None) => {}
        }
    }

    // Names.

    fn take_idents(&mut self, id: TrackId, idents: &[Ident], entry: &Entry, picture: &mut Picture) {
        for ident in idents {
            let Some(track) = picture.tracks.get(&id) else { return };
            if track.idents.iter().any(|(known, _)| known == ident) {
                continue;
            }
            let kind = strong_kind(ident);
            if kind != 0 {
                let taken = self.by_ident.contains_key(ident);
                let Some(state) = self.states.get_mut(&id) else { return };
                if taken || state.strong & kind != 0 {
                    continue;
                }
                state.strong |= kind;
            }
            if let Ident::Local { .. } = ident
                && let Some(former) = self.by_ident.get(ident).copied()
            {
                self.drop_idents(former, picture, |known| known == ident);
            }
            self.drop_idents(id, picture, |known| replaces(ident, known));
            self.make_room(id, picture);
            let Some(track) = picture.tracks.get_mut(&id) else { return };
            let idents = &mut Arc::make_mut(track).idents;
            // Most tracks have one to three: room for more would cost more than growing.
            idents.reserve_exact(1);
            idents.push((ident.clone(), entry.record.author.clone()));
            if is_indexed(ident) {
                self.by_ident.insert(ident.clone(), id);
            }
        }
    }

    /// Takes idents from a track, and from the index with it.
    fn drop_idents(&mut self, id: TrackId, picture: &mut Picture, which: impl Fn(&Ident) -> bool) {
        let Some(track) = picture.tracks.get_mut(&id) else { return };
        if !track.idents.iter().any(|(ident, _)| which(ident)) {
            return;
        }
        for (ident, _) in Arc::make_mut(track).idents.extract_if(.., |(ident, _)| which(ident)) {
            if self.by_ident.get(&ident) == Some(&id) {
                self.by_ident.remove(&ident);
            }
        }
        touch(picture, id);
    }

    /// Drops the oldest ident that is not a strong name when there are as many as may be.
    fn make_room(&mut self, id: TrackId, picture: &mut Picture) {
        let Some(track) = picture.tracks.get(&id) else { return };
        if track.idents.len() < IDENTS_MAX {
            return;
        }
        let oldest = track.idents.iter().map(|(ident, _)| ident).find(|i| strong_kind(i) == 0);
        if let Some(oldest) = oldest.cloned() {
            self.drop_idents(id, picture, |known| *known == oldest);
        }
    }

    // Life.

    fn begin(&mut self, fix: &Fix, entry: &Entry, seen: &Observation, picture: &mut Picture) {
        if self.states.len() >= self.settings.tracks_max && !self.evict(picture) {
            self.counts.refused += 1;
            return;
        }
        let Some(number) = self.newest.checked_add(1) else {
            self.counts.refused += 1;
            return;
        };
        self.newest = number;
        let id = TrackId(number);
        let motion = motion_of(seen.class, seen.sensor);
        let filter =
            Filter::start(&fix.position, fix.sigma_m, fix.velocity, motion.speed_mps_sigma);
        let cell = Cell::of(&fix.position);
        self.grid.insert(cell, id);
        self.tentative.insert((fix.received_at, id));
        self.due.insert((Time(i64::MAX), id));
        let state = State {
            filter,
            at: fix.at,
            motion,
            said: Said::NOTHING,
            hits: [Time::MIN; 3],
            outlier: None,
            jump: None,
            strong: 0,
            cell,
            reindex_at: Time(i64::MAX),
            deadlines: Deadlines::NONE,
            scheduled: Time(i64::MAX),
            waiting_since: fix.received_at,
        };
        self.states.insert(id, Box::new(state));
        picture.tracks.insert(id, Arc::new(new_track(id, fix, entry, seen)));
        let words = seen.idents.iter().filter_map(|ident| self.statics.take(ident));
        let words: Vec<Word> = words.collect();
        self.after_fix(id, fix, None, entry, seen, picture);
        for word in words {
            self.apply_word(id, word, entry, picture);
        }
    }

    /// Gives a new track the names that were heard before its place.
    fn apply_word(&mut self, id: TrackId, word: Word, entry: &Entry, picture: &mut Picture) {
        self.take_idents(id, &word.idents, entry, picture);
        let Some(state) = self.states.get_mut(&id) else { return };
        let Some(track) = picture.tracks.get_mut(&id) else { return };
        let track = Arc::make_mut(track);
        for (ident, author) in &mut track.idents {
            if word.idents.contains(ident) && !is_indexed(ident) {
                author.clone_from(&word.author);
            }
        }
        state.said.hear(word.sensor, word.affiliation);
        if state.said.hear_class(word.sensor, word.class) && track.class != word.class {
            track.class = word.class;
            track.class_why = Arc::from("its own static message");
            state.motion = motion_of(word.class, word.sensor);
        }
        track.affiliation = state.said.judged();
        track.exercise |= word.exercise;
        track.label.raise(&word.label);
    }

    /// Ends the track that can be missed most; `false` if there is none.
    fn evict(&mut self, picture: &mut Picture) -> bool {
        let first = self.lost.first().or_else(|| self.tentative.first()).copied();
        let Some((_, id)) = first else { return false };
        self.remove(id, picture);
        self.counts.evicted += 1;
        true
    }

    fn remove(&mut self, id: TrackId, picture: &mut Picture) {
        if let Some(state) = self.states.remove(&id) {
            self.grid.remove(state.cell, id);
            self.due.remove(&(state.scheduled, id));
            self.lost.remove(&(state.waiting_since, id));
            self.tentative.remove(&(state.waiting_since, id));
        }
        if let Some(track) = picture.tracks.remove(&id) {
            for (ident, _) in &track.idents {
                if self.by_ident.get(ident) == Some(&id) {
                    self.by_ident.remove(ident);
                }
            }
        }
        picture.touched.retain(|touched| *touched != id);
        picture.removed.push(id);
    }

    fn tick(&mut self, now: Time, picture: &mut Picture) {
        let due = self.due.range(..=(now, TrackId(u32::MAX)));
        let due: Vec<TrackId> = due.map(|(_, id)| *id).collect();
        for id in due {
            self.age(id, now, picture);
        }
    }

    /// Lets a track coast, lose its place or end, as its silence says.
    fn age(&mut self, id: TrackId, now: Time, picture: &mut Picture) {
        let Some(state) = self.states.get_mut(&id) else { return };
        let Some(track) = picture.tracks.get_mut(&id) else { return };
        let ends = match track.state {
            TrackState::Tentative => state.deadlines.tentative,
            TrackState::Live | TrackState::Coasting | TrackState::Lost => state.deadlines.delete,
        };
        if now >= ends {
            return self.remove(id, picture);
        }
        let stage = match track.state {
            TrackState::Tentative => TrackState::Tentative,
            TrackState::Live | TrackState::Coasting | TrackState::Lost => {
                if now >= state.deadlines.lost {
                    TrackState::Lost
                } else if now >= state.deadlines.coast {
                    TrackState::Coasting
                } else {
                    TrackState::Live
                }
            }
        };
        let received_at = track.received_at;
        if stage != track.state {
            if stage == TrackState::Lost {
                state.waiting_since = now;
                self.lost.insert((now, id));
            } else if track.state == TrackState::Lost {
                // Our clock was set back.
                self.lost.remove(&(state.waiting_since, id));
            }
            let track = Arc::make_mut(track);
            track.state = stage;
            track.existence *= MISSED;
            touch(picture, id);
        }
        if now >= state.reindex_at {
            let silent_s = now.since_s(received_at);
            let predicted = state.filter.predicted(silent_s, 0.0).position();
            self.reindex(id, predicted, now);
        }
        self.schedule(id, stage);
    }

    /// Files a track under the cell of its predicted place.
    fn reindex(&mut self, id: TrackId, position: Position, now: Time) {
        let Some(state) = self.states.get_mut(&id) else { return };
        let cell = Cell::of(&position);
        if cell != state.cell {
            self.grid.remove(state.cell, id);
            self.grid.insert(cell, id);
            state.cell = cell;
        }
        // At least a second, so that a tick never finds the same track twice.
        let stays_s = (DRIFT_M / state.filter.speed_mps().max(0.1)).max(1.0);
        state.reindex_at = now.plus_s(stays_s);
    }

    /// Sets when to look at a track next, at the latest; looking early does no harm.
    fn schedule(&mut self, id: TrackId, stage: TrackState) {
        let Some(state) = self.states.get_mut(&id) else { return };
        let next = match stage {
            TrackState::Tentative => state.deadlines.tentative.min(state.reindex_at),
            TrackState::Live => state.deadlines.coast.min(state.reindex_at),
            TrackState::Coasting => state.deadlines.lost.min(state.reindex_at),
            TrackState::Lost => state.deadlines.delete,
        };
        if next == state.scheduled {
            return;
        }
        self.due.remove(&(state.scheduled, id));
        self.due.insert((next, id));
        state.scheduled = next;
    }
}

/// Odds of existence fall by about this each time a track is overdue.
const MISSED: f64 = 0.7;

impl State {
    /// The state carried to the fix's time; `None` if that is too far off to say anything.
    fn innovation(&self, fix: &Fix) -> Option<Innovation> {
        let elapsed_s = fix.at.since_s(self.at);
        if elapsed_s.abs() > PREDICT_S_MAX {
            return None;
        }
        let predicted = self.filter.predicted(elapsed_s, self.motion.q_m2ps3);
        Some(predicted.innovation(&fix.position, fix.sigma_m))
    }

    /// Whether a thing of this class could have come from its last place to the fix.
    fn could_reach(&self, fix: &Fix) -> bool {
        let position = self.filter.position();
        reachable(&position, self.filter.sigma_m(), self.at, fix, &self.motion)
    }

    /// Whether a reporter's number may stay with the track it was given to.
    ///
    /// A nameless track may manoeuvre; one with a name of its own must be where it says, or
    /// the reporter follows something else by now.
    fn still_fits(&self, fix: &Fix) -> bool {
        if self.strong == 0 {
            return self.could_reach(fix);
        }
        self.innovation(fix).is_some_and(|innovation| innovation.chi_square <= GATE)
    }

    /// Predicts to the fix and takes it in; starts again where the prediction was no use.
    fn take(&mut self, fix: &Fix) -> Option<Innovation> {
        let elapsed_s = fix.at.since_s(self.at);
        if elapsed_s > RESTART_S {
            self.restart(fix, fix.velocity);
            return None;
        }
        let before = self.filter.position();
        let mut filter = self.filter.predicted(elapsed_s, self.motion.q_m2ps3);
        let innovation = filter.innovation(&fix.position, fix.sigma_m);
        if innovation.chi_square > GATE {
            // It manoeuvred: what the filter knew of its velocity is worth nothing.
            let velocity = fix.velocity.or_else(|| self.travelled(&before, fix, elapsed_s));
            self.restart(fix, velocity);
            return Some(innovation);
        }
        filter.update_place(&fix.position, fix.sigma_m);
        if let Some(velocity) = fix.velocity {
            filter.update_velocity(velocity);
        }
        self.filter = filter;
        self.at = fix.at;
        if !self.filter.is_finite() {
            self.restart(fix, None);
        }
        Some(innovation)
    }

    fn restart(&mut self, fix: &Fix, velocity: Option<Velocity>) {
        let sigma_mps = self.motion.speed_mps_sigma;
        self.filter = Filter::start(&fix.position, fix.sigma_m, velocity, sigma_mps);
        self.at = fix.at;
    }

    /// The mean velocity from the last place to the fix, if there was time to tell.
    fn travelled(&self, before: &Position, fix: &Fix, elapsed_s: f64) -> Option<Velocity> {
        if elapsed_s < 1.0 {
            return None;
        }
        let distance_m = before.distance_m(&fix.position);
        let speed_mps = (distance_m / elapsed_s).min(self.motion.speed_mps_max);
        let east_north_mps = filter::along(before.bearing_to(&fix.position), speed_mps);
        Some(Velocity { east_north_mps, sigma_mps: self.motion.speed_mps_sigma })
    }

    fn is_confirmed(&self, patience: &Patience) -> bool {
        let [first, second, newest] = self.hits;
        let oldest = match patience.needed {
            Needed::TwoOfThree => second,
            Needed::ThreeOfFive => first,
        };
        newest.since_s(oldest) <= patience.needed.intervals() * patience.interval_s
    }

    /// Whether it is a friend that reports itself by Cursor on Target.
    const fn is_own_force(&self) -> bool {
        self.strong & COT != 0 && affiliation::is_friendly(self.said.by_itself)
    }

    /// Writes the estimate where people see it.
    fn show(&self, fix: &Fix, track: &mut Track) {
        let height_m = fix.position.height_m.or(track.position.height_m);
        track.position = Position { height_m, ..self.filter.position() };
        track.covariance_m2 = self.filter.covariance_m2();
        let known = fix.velocity.is_some() || track.updates > 1;
        track.velocity_mps = known.then(|| self.filter.velocity());
        track.updated_at = self.at;
    }

    fn show_suspicion(&self, track: &mut Track) {
        match &self.jump {
            Some((text, _)) => track.suspect = Some(Arc::clone(text)),
            None if self.said.is_contradicted() => {
                let text = "a sensor calls it suspect or hostile, it calls itself a friend";
                if track.suspect.as_deref() != Some(text) {
                    track.suspect = Some(Arc::from(text));
                }
            }
            None => track.suspect = None,
        }
    }

    fn digest(&self, out: &mut Vec<u8>) {
        self.filter.digest(out);
        digest::time(self.at, out);
        digest::number(self.motion.speed_mps_max, out);
        digest::text(self.said.by_itself.as_str(), out);
        digest::text(self.said.by_others.as_str(), out);
        out.push(self.said.class_rank);
        for time in self.hits {
            digest::time(time, out);
        }
        out.push(self.outlier.map_or(0, |outlier| outlier.count));
        if let Some(Outlier { fix, .. }) = &self.outlier {
            digest::time(fix.at, out);
            digest::position(&fix.position, out);
            digest::number(fix.sigma_m, out);
            digest::number(fix.jitter_s, out);
        }
        let (text, clean) = self.jump.as_ref().map_or(("", 0), |(text, clean)| (&**text, *clean));
        digest::text(text, out);
        out.push(clean);
        out.push(self.strong);
        self.cell.digest(out);
        let Deadlines { tentative, coast, lost, delete } = self.deadlines;
        let (next, since) = (self.scheduled, self.waiting_since);
        for time in [self.reindex_at, tentative, coast, lost, delete, next, since] {
            digest::time(time, out);
        }
    }
}

/// Whether a thing that moves so could be at the fix after having been at a place.
///
/// Both errors are taken off the distance, both clocks' errors added to the time.
fn reachable(from: &Position, sigma_m: f64, at: Time, fix: &Fix, motion: &Motion) -> bool {
    let distance_m = from.distance_m(&fix.position);
    let slack_m = REACH_SIGMAS * libm::hypot(sigma_m, fix.sigma_m);
    let elapsed_s = fix.at.since_s(at).abs() + fix.jitter_s;
    distance_m - slack_m <= motion.speed_mps_max * elapsed_s
}

/// How a thing moves of which this sensor says this class.
const fn motion_of(class: Class, sensor: SensorKind) -> Motion {
    motion::of(register::class_of(class, sensor))
}

/// Whether a fix may join a track that it lies near: classes fit, and its reporter does not
/// tell the two apart itself.
fn may_join(track: &Track, fix: &Fix, entry: &Entry, seen: &Observation) -> bool {
    let known_place = match track.state {
        TrackState::Tentative | TrackState::Live | TrackState::Coasting => true,
        TrackState::Lost => false,
    };
    known_place
        && motion::compatible(track.class, seen.class)
        && !told_apart(track, fix, entry, seen)
}

fn told_apart(track: &Track, fix: &Fix, entry: &Entry, seen: &Observation) -> bool {
    let mine =
        |source: &&Source| source.author == entry.record.author && source.reporter == seen.reporter;
    let Some(last) = track.sources.iter().find(mine) else { return false };
    let local = seen.idents.iter().find_map(|ident| match ident {
        Ident::Local { reporter, .. } => Some(reporter),
        Ident::Mmsi(_)
        | Ident::Imo(_)
        | Ident::Icao(_)
        | Ident::CotUid(_)
        | Ident::Callsign(_)
        | Ident::Name(_) => None,
    });
    let Some(reporter) = local else {
        // One scan's two plots are two things.
        return !is_named(seen) && last.last_at == fix.at;
    };
    // The same number would have been found by name, so any number here is another one.
    let numbered = track.idents.iter().any(|(ident, _)| match ident {
        Ident::Local { reporter: other, .. } => other == reporter,
        Ident::Mmsi(_)
        | Ident::Imo(_)
        | Ident::Icao(_)
        | Ident::CotUid(_)
        | Ident::Callsign(_)
        | Ident::Name(_) => false,
    });
    numbered && fix.at.since_s(last.last_at).abs() <= LOCAL_ALIVE_S
}

/// Bit of each kind of strong name; 0 for the rest.
const MMSI: u8 = 1;
const ICAO: u8 = 2;
const COT: u8 = 4;

const fn strong_kind(ident: &Ident) -> u8 {
    match ident {
        Ident::Mmsi(_) => MMSI,
        Ident::Icao(_) => ICAO,
        Ident::CotUid(_) => COT,
        Ident::Imo(_) | Ident::Local { .. } | Ident::Callsign(_) | Ident::Name(_) => 0,
    }
}

/// Whether tracks are found by such an ident.
const fn is_indexed(ident: &Ident) -> bool {
    strong_kind(ident) != 0 || matches!(ident, Ident::Local { .. })
}

fn is_named(seen: &Observation) -> bool {
    seen.idents.iter().any(is_indexed)
}

/// Whether a new ident takes the place of a known one: same kind, and for numbers same reporter.
fn replaces(new: &Ident, known: &Ident) -> bool {
    match (new, known) {
        (Ident::Local { reporter: one, .. }, Ident::Local { reporter: other, .. }) => one == other,
        (
            Ident::Mmsi(_)
            | Ident::Imo(_)
            | Ident::Icao(_)
            | Ident::CotUid(_)
            | Ident::Local { .. }
            | Ident::Callsign(_)
            | Ident::Name(_),
            _,
        ) => new.kind() == known.kind(),
    }
}

/// Existence after a fix, by Bayes: how much more often a thing gives one than clutter does.
fn hit(existence: f64, named: bool) -> f64 {
    let ratio = if named { 9.0 } else { 4.0 };
    (ratio * existence / (ratio * existence + 1.0 - existence)).min(0.999)
}

fn new_track(id: TrackId, fix: &Fix, entry: &Entry, seen: &Observation) -> Track {
    Track {
        id,
        state: TrackState::Tentative,
        position: fix.position,
        covariance_m2: [0.0; 3],
        velocity_mps: None,
        heading: None,
        class: Class::Unknown,
        class_why: Arc::from("nothing says it yet"),
        affiliation: seen.affiliation,
        idents: Vec::new(),
        // A first plot is as likely clutter as not.
        existence: 0.5,
        updated_at: fix.at,
        received_at: fix.received_at,
        first_at: fix.at,
        confirmed_at: None,
        updates: 0,
        sources: Vec::new(),
        label: entry.record.label.clone(),
        exercise: seen.exercise,
        suspect: None,
        air: Air::NONE,
    }
}

fn class_why(entry: &Entry, seen: &Observation) -> Arc<str> {
    let class = seen.class.as_str();
    let author = &entry.record.author;
    Arc::from(match (seen.sensor, &seen.reporter) {
        (SensorKind::Ais, _) => format!("its own AIS says {class}, heard by {author}"),
        (SensorKind::CotSelf, _) => format!("its own report says {class}, heard by {author}"),
        (SensorKind::Adsb, _) => format!("its own transponder says {class}, heard by {author}"),
        (SensorKind::Gnss, _) => format!("{author} tells its own place and is {class}"),
        (SensorKind::Radar, _) => format!("radar {author} takes it for {class}"),
        (SensorKind::SystemTrack, _) => format!("the system behind {author} says {class}"),
        (SensorKind::CotReport, Some(reporter)) => format!("{reporter} says {class}"),
        (SensorKind::CotReport, None) => format!("{author} says {class}"),
    })
}

/// Notes a fix as its author's newest, unless a newer one is known.
fn note_source(track: &mut Track, fix: &Fix, residual_m: f64, entry: &Entry, seen: &Observation) {
    let record = &entry.record;
    let same = |source: &&mut Source| {
        source.author == record.author
            && source.reporter == seen.reporter
            && source.sensor == seen.sensor
    };
    if let Some(source) = track.sources.iter_mut().find(same) {
        source.updates = source.updates.saturating_add(1);
        if fix.at >= source.last_at {
            source.auth = record.auth;
            source.last_at = fix.at;
            source.record = entry.id;
            source.residual_m = residual_m;
        }
        return;
    }
    if track.sources.len() >= SOURCES_MAX {
        let silent = track.sources.iter().enumerate().min_by_key(|(_, source)| source.last_at);
        if let Some((index, _)) = silent {
            track.sources.remove(index);
        }
    }
    track.sources.reserve_exact(1);
    track.sources.push(Source {
        author: record.author.clone(),
        reporter: seen.reporter.clone(),
        sensor: seen.sensor,
        auth: record.auth,
        last_at: fix.at,
        record: entry.id,
        residual_m,
        updates: 1,
    });
}

fn touch(picture: &mut Picture, id: TrackId) {
    if picture.touched.last() != Some(&id) && !picture.touched.contains(&id) {
        picture.touched.push(id);
    }
}
