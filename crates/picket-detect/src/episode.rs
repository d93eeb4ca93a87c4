//! Episodes: the engine under the detectors of the scene.
//!
//! For each key (a subject, or a subject and an area) it keeps the samples of the last
//! `lateness_s` of event time in order, and a snapshot of the state before them. A sample
//! that comes in order is one step; a late one is sorted in and the steps after it are taken
//! anew. What the steps say is then compared with what was already said of the key, and only
//! the difference is told.

use std::collections::VecDeque;
use std::fmt::Debug;

use picket_model::{AlertChange, AlertId, RecordId, Severity, Time};

use crate::explain::Evidence;

/// What a detector's logic must answer; the engine does the rest.
pub(crate) trait Machine {
    /// One finding at one time.
    type Sample: Debug;
    /// What is remembered between samples.
    type State: Clone + Default + Debug;
    /// What an alert tells beside its episode.
    type Detail: Clone + Debug;
    /// Most samples of one key sorted at one time; beyond it the oldest are closed early.
    const WINDOW_MAX: usize = WINDOW_MAX;

    /// When a sample was taken, and by which record.
    fn key(sample: &Self::Sample) -> (Time, RecordId);

    /// Lets event time pass up to `until`: timers fire. Doing it twice changes nothing.
    fn settle(&self, state: &mut Self::State, until: Time, done: &mut Vec<Episode<Self::Detail>>);

    /// Takes one sample in, at or after all before it.
    fn step(
        &self,
        state: &mut Self::State,
        sample: &Self::Sample,
        done: &mut Vec<Episode<Self::Detail>>,
    );

    /// The episodes that are not over; most machines have at most one.
    fn open(state: &Self::State) -> &[Episode<Self::Detail>];

    /// Whether two episodes that overlap in time can be one: those at two places cannot.
    fn same(_one: &Self::Detail, _other: &Self::Detail) -> bool {
        true
    }

    /// Whether the alert should be said again because what it tells has changed.
    fn differs(one: &Self::Detail, other: &Self::Detail) -> bool;
}

/// One run of a condition, from its beginning to its end.
#[derive(Debug, Clone)]
pub(crate) struct Episode<D> {
    /// When the condition began to hold.
    pub(crate) opened_at: Time,
    /// Whether it has held long enough to be said.
    pub(crate) raised: bool,
    /// When it ended.
    pub(crate) ended_at: Option<Time>,
    /// When the condition was seen last.
    pub(crate) last_at: Time,
    pub(crate) severity: Severity,
    /// How often it was seen.
    pub(crate) count: u32,
    pub(crate) evidence: Evidence,
    pub(crate) detail: D,
}

impl<D> Episode<D> {
    fn overlaps(&self, said: &Said) -> bool {
        let before_end = |at: Time, end: Option<Time>| end.is_none_or(|end| at <= end);
        before_end(self.opened_at, said.ended_at) && before_end(said.opened_at, self.ended_at)
    }
}

/// What was said of one episode.
#[derive(Debug, Clone)]
struct Said {
    id: AlertId,
    opened_at: Time,
    ended_at: Option<Time>,
    severity: Severity,
}

/// A difference to tell.
#[derive(Debug)]
pub(crate) struct Change<D> {
    pub(crate) id: AlertId,
    pub(crate) change: AlertChange,
    pub(crate) episode: Episode<D>,
}

/// Default of [`Machine::WINDOW_MAX`]: ten a second over the lateness.
const WINDOW_MAX: usize = 100;

/// Most episodes of one key that late data may still change; beyond it the oldest are final.
const SAID_MAX: usize = 8;

/// One key's samples, states and what was said of it.
#[derive(Debug)]
pub(crate) struct Key<M: Machine> {
    /// The state before the window.
    base: M::State,
    window: VecDeque<M::Sample>,
    /// The state after the window and the timers up to `settled_to`.
    state: M::State,
    /// The episodes that ended within the window.
    done: Vec<Episode<M::Detail>>,
    said: Vec<(Said, Episode<M::Detail>)>,
    settled_to: Time,
    /// Samples before this are too late.
    closed_to: Time,
    newest: Time,
    /// When the newest came, by our clock: from here ticks move event time on.
    received_at: Time,
    /// Late samples had it judged anew since the last word.
    anew: bool,
}

impl<M: Machine> Default for Key<M> {
    fn default() -> Self {
        Self {
            base: M::State::default(),
            window: VecDeque::new(),
            state: M::State::default(),
            done: Vec::new(),
            said: Vec::new(),
            settled_to: Time::MIN,
            closed_to: Time::MIN,
            newest: Time::MIN,
            received_at: Time::MIN,
            anew: false,
        }
    }
}

impl<M: Machine> Key<M> {
    /// Sorts a sample in; `false` if it came too late or is known.
    pub(crate) fn take(
        &mut self,
        machine: &M,
        sample: M::Sample,
        received_at: Time,
        lateness_s: f64,
    ) -> bool {
        self.close(machine, lateness_s);
        let key = M::key(&sample);
        let (at, _) = key;
        if at < self.closed_to {
            return false;
        }
        let place = self.window.partition_point(|known| M::key(known) < key);
        if self.window.get(place).is_some_and(|known| M::key(known) == key) {
            return false;
        }
        if at >= self.newest {
            self.newest = at;
            self.received_at = self.received_at.max(received_at);
        }
        if self.window.len() == self.window.capacity() {
            // There are keys for every track: room for two more, not for twice as many.
            self.window.reserve_exact(2);
        }
        let in_order = place == self.window.len() && at >= self.settled_to;
        if in_order {
            machine.settle(&mut self.state, at, &mut self.done);
            machine.step(&mut self.state, &sample, &mut self.done);
            self.window.push_back(sample);
        } else {
            self.window.insert(place, sample);
            self.judge_anew(machine);
        }
        self.settled_to = self.settled_to.max(self.newest);
        true
    }

    /// Lets time pass to `now` of our clock.
    pub(crate) fn pass(&mut self, machine: &M, now: Time) {
        let until = self.now(now);
        machine.settle(&mut self.state, until, &mut self.done);
        self.settled_to = self.settled_to.max(until);
    }

    /// Event time at `now` of our clock: the newest sample's, moved on by as much as has passed since.
    pub(crate) fn now(&self, now: Time) -> Time {
        let passed_s = now.since_s(self.received_at).max(0.0);
        self.newest.plus_s(passed_s).max(self.settled_to)
    }

    /// When it was heard last, by our clock.
    pub(crate) const fn received_at(&self) -> Time {
        self.received_at
    }

    /// The first episode that is not over and has held long enough to be said.
    pub(crate) fn raised(&self) -> Option<&Episode<M::Detail>> {
        M::open(&self.state).iter().find(|episode| episode.raised)
    }

    /// Whether time alone changes nothing here: no episode is open, none was said.
    pub(crate) fn is_idle(&self) -> bool {
        M::open(&self.state).is_empty() && self.done.is_empty() && self.said.is_empty()
    }

    /// Ends whatever is open at `at`, for good.
    pub(crate) fn end(&mut self, at: Time) {
        for open in M::open(&self.state).iter().filter(|episode| episode.raised) {
            let mut episode = open.clone();
            episode.ended_at = Some(at.max(episode.opened_at));
            self.done.push(episode);
        }
        self.base = M::State::default();
        self.state = M::State::default();
        self.window.clear();
    }

    /// The differences between what is known now and what was said; they are then said.
    ///
    /// What late samples changed of an open episode is a revision, what came in order an update.
    pub(crate) fn changes(
        &mut self,
        id_of: impl Fn(&Episode<M::Detail>) -> AlertId,
    ) -> Vec<Change<M::Detail>> {
        let mut out = Vec::new();
        let anew = std::mem::take(&mut self.anew);
        if self.said.is_empty() && self.done.is_empty() && self.raised().is_none() {
            return out;
        }
        let mut known: Vec<Episode<M::Detail>> = self.done.clone();
        known.extend(M::open(&self.state).iter().filter(|episode| episode.raised).cloned());
        let mut said = std::mem::take(&mut self.said);
        // First by id, so that no id is ever given to two episodes; then by overlap in time, so
        // that late data that move a beginning do not make another alert.
        let mut take = |which: &dyn Fn(&Said, &M::Detail) -> bool| {
            let place = said.iter().position(|(said, told)| which(said, &told.detail));
            place.map(|place| said.remove(place))
        };
        let mut pairs: Vec<_> = known
            .into_iter()
            .map(|episode| {
                let id = id_of(&episode);
                (id, take(&|said, _| said.id == id), episode)
            })
            .collect();
        for (_, before, episode) in pairs.iter_mut().filter(|(_, before, _)| before.is_none()) {
            *before = take(&|said, told| episode.overlaps(said) && M::same(&episode.detail, told));
        }
        for (id, before, episode) in pairs {
            let Some((before, told)) = before else {
                out.push(Change { id, change: AlertChange::Raised, episode: raised(&episode) });
                if episode.ended_at.is_some() {
                    let episode = episode.clone();
                    out.push(Change { id, change: AlertChange::Ended, episode });
                }
                self.note(id, episode);
                continue;
            };
            let revised = episode.ended_at != before.ended_at
                || episode.severity != before.severity
                || episode.opened_at != before.opened_at
                || (episode.ended_at.is_some() && episode.count != told.count)
                || M::differs(&episode.detail, &told.detail);
            // What is over stays over: its revision is said as an end, which replaces the first.
            let change = match episode.ended_at {
                Some(_) => revised.then_some(AlertChange::Ended),
                None if anew => revised.then_some(AlertChange::Revised),
                None => revised.then_some(AlertChange::Updated),
            };
            if let Some(change) = change {
                out.push(Change { id: before.id, change, episode: episode.clone() });
                self.note(before.id, episode);
            } else {
                self.said.push((before, told));
            }
        }
        for (before, episode) in said {
            out.push(Change { id: before.id, change: AlertChange::Withdrawn, episode });
        }
        out
    }

    fn note(&mut self, id: AlertId, episode: Episode<M::Detail>) {
        let Episode { opened_at, ended_at, severity, .. } = episode;
        self.said.push((Said { id, opened_at, ended_at, severity }, episode));
    }

    fn judge_anew(&mut self, machine: &M) {
        self.anew = true;
        self.state = self.base.clone();
        self.done.clear();
        for sample in &self.window {
            let (at, _) = M::key(sample);
            machine.settle(&mut self.state, at, &mut self.done);
            machine.step(&mut self.state, sample, &mut self.done);
        }
        machine.settle(&mut self.state, self.settled_to, &mut self.done);
    }

    /// Moves samples out of the window that no late record can come before any more.
    ///
    /// It runs before a sample is taken, when all that was known has been said: what ended
    /// in the base is final.
    fn close(&mut self, machine: &M, lateness_s: f64) {
        let watermark = self.newest.plus_s(-lateness_s);
        let mut ended = Vec::new();
        while let Some(first) = self.window.front() {
            let (at, _) = M::key(first);
            if at >= watermark && self.window.len() < M::WINDOW_MAX {
                break;
            }
            machine.settle(&mut self.base, at, &mut ended);
            machine.step(&mut self.base, first, &mut ended);
            self.closed_to = self.closed_to.max(at);
            self.window.pop_front();
        }
        self.closed_to = self.closed_to.max(watermark);
        let differ = |one: &Episode<M::Detail>, other: &Episode<M::Detail>| {
            one.opened_at != other.opened_at || !M::same(&one.detail, &other.detail)
        };
        for last in &ended {
            self.done.retain(|episode| differ(episode, last));
            self.said.retain(|(_, told)| differ(told, last));
        }
        let over = self.done.len().saturating_sub(SAID_MAX);
        for old in self.done.drain(..over) {
            self.said.retain(|(_, told)| differ(told, &old));
        }
    }
}

/// An episode as it was when it was raised, for a beginning that is told together with its end.
fn raised<D: Clone>(episode: &Episode<D>) -> Episode<D> {
    Episode { ended_at: None, ..episode.clone() }
}
