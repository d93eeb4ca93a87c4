//! The product on one page: commit, fold, views.
//!
//! [`Core`] owns the log and all that follows from it. Records come in admitted, are
//! durable when [`Core::commit`] returns, and are then folded in log order: fusion, then
//! each detector, then the views. What the detectors claim goes through the same gate.
//! There is no clock, socket or thread here: same entries, same build, same views.

mod fold;
mod replay;
mod view;

use std::collections::{BTreeSet, VecDeque};
use std::ops::ControlFlow;
use std::sync::Arc;

use picket_gate::{Admitted, Gate, Refusal, Verified};
use picket_log::{Log, LogError, Scanned, Store};
use picket_model::{
    Act, Actor, Body, Claim, Entry, Labelled, Record, RecordId, Seq, Site, Subject, Time, ViewName,
    Watch,
};

use picket_model::site::DRAWN_MAX;

pub use fold::Fold;
pub use replay::{Replay, Replayed};
pub use view::{
    AlertBook, AlertEvent, AlertState, Condition, Conflict, Device, DeviceBook, DeviceKey,
    DeviceKind, Liveness, Standing, Trail, Trails, View,
};

/// Most rounds of claims that follow from one batch; a detector that feeds on alerts ends here.
const ROUNDS_MAX: usize = 8;
/// Recent timed records that are recognised when an author says them again: two minutes of a
/// nation's AIS heard by two receivers.
const RECENT_MAX: usize = 65_536;

/// Sees each entry right after it was folded, in log order, from the log's first: what is made of
/// it follows from the log alone.
///
/// It runs on the core's thread and must be quick: it never waits for a disk or a reader.
pub trait Observer: Send {
    /// An entry was folded.
    fn entry(&mut self, entry: &Entry, fold: &Fold);

    /// These entries were erased or are closed to this node; nothing was folded.
    fn gap(&mut self, first: Seq, last: Seq);
}

/// One node's log and everything that follows from it.
pub struct Core<S: Store> {
    log: Log<S>,
    gate: Arc<Gate>,
    fold: Fold,
    recent: Recent,
    outbox: VecDeque<Entry>,
    repeats: u64,
    observer: Option<Box<dyn Observer>>,
}

impl<S: Store> std::fmt::Debug for Core<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core")
            .field("log", &self.log)
            .field("fold", &self.fold)
            .finish_non_exhaustive()
    }
}

/// Why a batch could not be committed. The environment is at fault, or the log's space.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CoreError {
    /// The log refused or failed; after a failed write it stays refused until a restart.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Why a person's act was not recorded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ActError {
    /// It does not fit the state now; says who was first.
    #[error("cannot do that: {0}")]
    Conflict(#[from] Conflict),
    /// The gate said no.
    #[error("{0}")]
    Refused(Refusal),
    /// The log could not take it.
    #[error(transparent)]
    Core(#[from] CoreError),
}

impl<S: Store> Core<S> {
    /// Folds what the log holds, compares the machine's words with it, and is ready.
    ///
    /// Words that a crash cut off between cause and effect are appended now, and the site's
    /// configuration if it is not the one in the log.
    ///
    /// # Errors
    /// [`CoreError`] if the log cannot be read or written.
    pub fn open(
        log: Log<S>,
        gate: Arc<Gate>,
        site: Site,
        now: Time,
    ) -> Result<(Self, Replayed), CoreError> {
        Self::open_observed(log, gate, site, now, None)
    }

    /// As [`Core::open`]; from the log's first entry on, the observer sees what is folded.
    ///
    /// # Errors
    /// As [`Core::open`].
    pub fn open_observed(
        log: Log<S>,
        gate: Arc<Gate>,
        site: Site,
        now: Time,
        mut observer: Option<Box<dyn Observer>>,
    ) -> Result<(Self, Replayed), CoreError> {
        let mut fold = Fold::new();
        let mut replay = Replay::default();
        let mut recent = Recent::default();
        log.scan(Seq(0), &mut |scanned| {
            if let Scanned::Entry(entry) = &scanned {
                recent.take(entry.id, &entry.record);
            }
            replay.step(&mut fold, &gate, &scanned);
            match (&mut observer, &scanned) {
                (None, _) => {}
                (Some(observer), Scanned::Entry(entry)) => observer.entry(entry, &fold),
                (Some(observer), Scanned::Gap(gap)) => observer.gap(gap.first, gap.last),
            }
            ControlFlow::Continue(())
        })?;
        let (unsaid, replayed) = replay.finish();
        let outbox = VecDeque::new();
        let mut core = Self { log, gate, fold, recent, outbox, repeats: 0, observer };
        core.commit(unsaid, now)?;
        if core.fold.site() != &site {
            let claim = Claim { occurred_at: Some(now), ..Claim::of(Body::Site(Box::new(site))) };
            core.commit(admit_claims(&core.gate, vec![(ViewName::Node, claim)], now), now)?;
        }
        core.outbox.clear();
        Ok((core, replayed))
    }

    /// Makes a batch durable, folds it, and lets what follows from it through the gate, until
    /// nothing follows.
    ///
    /// # Errors
    /// [`CoreError`] if the log cannot take it: nothing of the failed batch is visible.
    pub fn commit(&mut self, batch: Vec<Admitted<Record>>, now: Time) -> Result<(), CoreError> {
        let mut batch = batch;
        let before = batch.len();
        batch.retain(|record| self.recent.is_new(record.as_inner()));
        let repeats = before - batch.len();
        self.repeats = self.repeats.saturating_add(u64::try_from(repeats).unwrap_or(u64::MAX));
        for _ in 0..ROUNDS_MAX {
            if batch.is_empty() {
                return Ok(());
            }
            let entries = self.log.append(batch, now)?;
            let mut claims = Vec::new();
            for entry in &entries {
                self.fold.apply(entry, &mut claims);
                if let Some(observer) = &mut self.observer {
                    observer.entry(entry, &self.fold);
                }
            }
            self.outbox.extend(entries);
            batch = admit_claims(&self.gate, claims, now);
        }
        // What still follows is cut here, so that a replay sees the same end. A detector that
        // feeds on its own alerts is our bug.
        debug_assert!(batch.is_empty(), "claims still follow after {ROUNDS_MAX} rounds");
        Ok(())
    }

    /// Lets a second pass: commits the refusals of the minutes that are over, and a tick.
    ///
    /// The refusals go first and alone: a disk too full for a tick has room for them.
    ///
    /// # Errors
    /// As [`Core::commit`].
    pub fn tick(&mut self, now: Time) -> Result<(), CoreError> {
        let sums = self.gate.drain_refusals(now).into_iter().map(|sum| (ViewName::Gate, sum));
        self.commit(admit_claims(&self.gate, sums.collect(), now), now)?;
        let tick = Claim { occurred_at: Some(now), ..Claim::of(Body::Tick) };
        self.commit(admit_claims(&self.gate, vec![(ViewName::Clock, tick)], now), now)
    }

    /// Records a person's act, if it fits the state now: of two officers, the second is told who was first.
    ///
    /// # Errors
    /// [`ActError`]; then nothing changed.
    pub fn act(&mut self, by: &Verified, act: Act, now: Time) -> Result<Entry, ActError> {
        let floor = match act.alert() {
            None => None,
            Some(id) => {
                let state = self.fold.alerts().all().get(&id).ok_or(Conflict::Absent)?;
                if self.gate.release(state.as_ref(), by, now).is_err() {
                    return Err(Conflict::Absent.into());
                }
                Some(state.label().clone())
            }
        };
        self.fold.alerts().check(&act)?;
        check_drawing(self.fold.watch(), &act)?;
        let subject = act.alert().map(Subject::Alert);
        let claim = Claim { subject, floor, ..Claim::of(Body::Act(act)) };
        let record = self.gate.admit(by, claim, now, now).map_err(ActError::Refused)?;
        let before = self.outbox.len();
        self.commit(vec![record], now)?;
        let entry = self.outbox.iter().skip(before).find(|entry| is_act(entry)).cloned();
        entry.ok_or_else(|| Conflict::Incomplete("this was just recorded").into())
    }

    /// The next entry that readers have not been given; durable, in log order.
    pub fn poll(&mut self) -> Option<Entry> {
        self.outbox.pop_front()
    }

    /// One consistent look at all views.
    #[must_use]
    pub fn view(&self) -> View {
        self.fold.view()
    }

    /// A hash of every view; equal for equal logs.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.fold.digest()
    }

    /// The log, to read, prove and sign.
    pub const fn log(&mut self) -> &mut Log<S> {
        &mut self.log
    }

    /// The gate that all goes through.
    #[must_use]
    pub const fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// How many records were said before and not appended again.
    #[must_use]
    pub const fn repeats(&self) -> u64 {
        self.repeats
    }
}

/// Whether an area or line may be drawn or erased now.
fn check_drawing(watch: &Watch, act: &Act) -> Result<(), Conflict> {
    let name = match act {
        Act::Draw(shape) => shape.name(),
        Act::Erase { name, .. } => name,
        Act::SignIn { .. }
        | Act::SignOut
        | Act::IssueLink
        | Act::Acknowledge { .. }
        | Act::Assess { .. }
        | Act::Shelve { .. }
        | Act::Close { .. }
        | Act::Note { .. } => return Ok(()),
    };
    if watch.is_configured(name) {
        return Err(Conflict::Configured(name.to_string()));
    }
    let erases = matches!(act, Act::Erase { .. });
    if watch.drawn.contains_key(name) {
        Ok(())
    } else if erases {
        Err(Conflict::AbsentShape)
    } else if watch.drawn.len() >= DRAWN_MAX {
        Err(Conflict::Full { most: DRAWN_MAX })
    } else {
        Ok(())
    }
}

fn is_act(entry: &Entry) -> bool {
    matches!(entry.record.body, Body::Act(_))
}

/// Lets what views claim through the gate. A refusal is counted there and becomes a record.
pub(crate) fn admit_claims(
    gate: &Gate,
    claims: Vec<(ViewName, Claim)>,
    now: Time,
) -> Vec<Admitted<Record>> {
    let admit = |(view, claim)| gate.admit(&gate.view(view), claim, now, now).ok();
    claims.into_iter().filter_map(admit).collect()
}

/// The ids of the newest timed records, in order.
#[derive(Debug, Default)]
struct Recent {
    ids: BTreeSet<RecordId>,
    order: VecDeque<RecordId>,
}

impl Recent {
    /// Whether a record from outside is not one that its author said already.
    fn is_new(&mut self, record: &Record) -> bool {
        !is_mergeable(record) || self.insert(record.id())
    }

    fn take(&mut self, id: RecordId, record: &Record) {
        if is_mergeable(record) {
            self.insert(id);
        }
    }

    fn insert(&mut self, id: RecordId) -> bool {
        if !self.ids.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > RECENT_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }
}

/// A claim without a time is never merged: what a ship repeats word for word was heard each time.
fn is_mergeable(record: &Record) -> bool {
    match record.author {
        Actor::Device(_) | Actor::Partner(_) => record.is_timed(),
        Actor::Machine(_) | Actor::Person(_) => false,
    }
}
