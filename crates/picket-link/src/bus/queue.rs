//! One listener's queue, and what happens when it reads more slowly than the log grows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use picket_model::{Actor, Body, Entry, LogClass, Seq, Subject};
use tokio::sync::Notify;

use super::Filter;

/// Most entries that wait for one listener: a second of 4,000 entries, about 2 MiB.
pub const QUEUE_MAX: usize = 4_096;
/// From so many on, a newer observation of one subject takes the place of the one that waits.
const COLLAPSE_FROM: usize = QUEUE_MAX / 4;

/// A listener's end of its queue.
///
/// A reader that keeps up gets every entry. One that does not: of classes 4 to 6 (tracks,
/// observations, files) the newest of each subject takes the place of the one before, and at
/// [`QUEUE_MAX`] the oldest of them goes; [`Handed::collapsed`] says how many. Classes 0 to 3 are
/// never left out: when only they are left in a full queue, the listener is cut off ([`Cut`])
/// and may read on from the log at the sequence number that it is told.
#[derive(Debug)]
pub struct Subscription {
    line: Arc<Line>,
}

/// An entry that was handed over.
#[derive(Debug, Clone)]
pub struct Handed {
    /// The entry.
    pub entry: Arc<Entry>,
    /// How many of classes 4 to 6 were left out since the one before.
    pub collapsed: u64,
}

/// The listener read too slowly for what may not be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cut off: read on from sequence number {}", resume.0)]
pub struct Cut {
    /// The first entry that it was not given.
    pub resume: Seq,
}

impl Subscription {
    pub(super) const fn new(line: Arc<Line>) -> Self {
        Self { line }
    }

    /// The next entry; `None` when the node has stopped. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`Cut`] when it had to be cut off; from then on each call says so.
    pub async fn next(&mut self) -> Result<Option<Handed>, Cut> {
        loop {
            let woken = self.line.wake.notified();
            if let Some(answer) = self.line.lock().pop() {
                return answer;
            }
            woken.await;
        }
    }

    /// What waits now, without waiting for more: `Ok(None)` if nothing does.
    ///
    /// # Errors
    /// As [`Subscription::next`].
    pub fn try_next(&mut self) -> Result<Option<Handed>, Cut> {
        self.line.lock().pop().unwrap_or(Ok(None))
    }

    /// The sequence number of the first entry that waits, if one does.
    #[must_use]
    pub fn first(&self) -> Option<Seq> {
        self.line.lock().waiting.first_key_value().map(|(seq, _)| *seq)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.line.left.store(true, Ordering::Relaxed);
        // What waited would otherwise be kept until the next batch.
        self.line.lock().clear();
    }
}

/// What the bus and a listener share.
#[derive(Debug)]
pub(super) struct Line {
    filter: Filter,
    left: AtomicBool,
    queue: Mutex<Queue>,
    wake: Notify,
}

impl Line {
    pub(super) fn new(filter: Filter) -> Self {
        Self { filter, left: AtomicBool::new(false), queue: Mutex::default(), wake: Notify::new() }
    }

    /// Whether the listener has gone.
    pub(super) fn is_left(&self) -> bool {
        self.left.load(Ordering::Relaxed)
    }

    pub(super) fn push(&self, batch: &[Arc<Entry>]) {
        let mut queue = self.lock();
        let mut queued = false;
        for entry in batch {
            if self.filter.passes(entry) {
                queue.push(entry);
                queued = true;
            }
        }
        drop(queue);
        if queued {
            self.wake.notify_one();
        }
    }

    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.wake.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Of whom the newest word is enough.
type Key = (Actor, Option<Subject>);

#[derive(Debug, Default)]
struct Queue {
    waiting: BTreeMap<Seq, Arc<Entry>>,
    /// Those of `waiting` that may be left out, oldest first.
    spare: BTreeSet<Seq>,
    /// The newest waiting entry of each subject that may be left out.
    newest: BTreeMap<Key, Seq>,
    collapsed: u64,
    cut: Option<Cut>,
    closed: bool,
}

impl Queue {
    /// The next entry or the end; `None` if there is nothing yet.
    fn pop(&mut self) -> Option<Result<Option<Handed>, Cut>> {
        if let Some(cut) = self.cut {
            return Some(Err(cut));
        }
        let Some((seq, entry)) = self.waiting.pop_first() else {
            return self.closed.then_some(Ok(None));
        };
        self.forget(seq, &entry);
        let collapsed = std::mem::take(&mut self.collapsed);
        Some(Ok(Some(Handed { entry, collapsed })))
    }

    fn push(&mut self, entry: &Arc<Entry>) {
        if self.cut.is_some() {
            return;
        }
        let key = spare_key(entry);
        if self.waiting.len() >= COLLAPSE_FROM
            && let Some(before) = key.as_ref().and_then(|key| self.newest.get(key)).copied()
        {
            self.leave_out(before);
        }
        if self.waiting.len() >= QUEUE_MAX {
            match self.spare.first().copied() {
                Some(oldest) => self.leave_out(oldest),
                // Only what may not be left out waits: one more spare entry is not worth a cut.
                None if key.is_some() => {
                    self.collapsed = self.collapsed.saturating_add(1);
                    return;
                }
                None => {
                    let resume = self.waiting.first_key_value().map_or(entry.seq, |(seq, _)| *seq);
                    self.clear();
                    self.cut = Some(Cut { resume });
                    return;
                }
            }
        }
        if let Some(key) = key {
            self.spare.insert(entry.seq);
            self.newest.insert(key, entry.seq);
        }
        self.waiting.insert(entry.seq, Arc::clone(entry));
    }

    fn leave_out(&mut self, seq: Seq) {
        if let Some(entry) = self.waiting.remove(&seq) {
            self.forget(seq, &entry);
            self.collapsed = self.collapsed.saturating_add(1);
        }
    }

    /// Takes an entry that waits no more off the indices.
    fn forget(&mut self, seq: Seq, entry: &Entry) {
        if self.spare.remove(&seq)
            && let Some(key) = spare_key(entry)
            && self.newest.get(&key) == Some(&seq)
        {
            self.newest.remove(&key);
        }
    }

    fn clear(&mut self) {
        self.waiting.clear();
        self.spare.clear();
        self.newest.clear();
    }
}

/// Of whom an entry is the newest word, if it may be left out.
fn spare_key(entry: &Entry) -> Option<Key> {
    let spare = match entry.name.class {
        LogClass::Control | LogClass::Alert | LogClass::Audit | LogClass::Command => false,
        LogClass::Track | LogClass::Observation | LogClass::Bulk => true,
    };
    // What a link says of itself is class 5 too, and each is another word.
    let own_word = matches!(entry.record.body, Body::Status(_));
    (spare && !own_word).then(|| (entry.record.author.clone(), entry.record.subject.clone()))
}
