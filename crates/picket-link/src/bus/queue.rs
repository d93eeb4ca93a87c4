//! One listener's queue, and what happens when it reads more slowly than the log grows.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use picket_model::{Actor, Body, Entry, LogClass, Seq, Subject};
use tokio::sync::Notify;

use super::Filter;

/// Most entries that wait for one listener: a second of 4,000 entries, about 2 MiB.
pub const QUEUE_MAX: usize = 4_096;

/// A listener's end of its queue.
///
/// A reader that keeps up gets every entry. One that does not: when its queue is full
/// ([`QUEUE_MAX`]), of classes 4 to 6 (tracks, observations, files) only the newest of each
/// subject stays, and of those the newest that leave half the queue free;
/// [`Handed::collapsed`] says how many were left out. Classes 0 to 3 never are: when only they are
/// left in a full queue, the listener is cut off ([`Cut`]) and may read on from the log at the
/// sequence number that it is told.
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
        self.line.lock().waiting.front().map(|entry| entry.seq)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.line.left.store(true, Ordering::Relaxed);
        // What waited would otherwise be kept until the next batch.
        self.line.lock().waiting.clear();
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
type Key<'a> = (&'a Actor, Option<&'a Subject>);

#[derive(Debug, Default)]
struct Queue {
    /// In order of their sequence numbers.
    waiting: VecDeque<Arc<Entry>>,
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
        let Some(entry) = self.waiting.pop_front() else {
            return self.closed.then_some(Ok(None));
        };
        let collapsed = std::mem::take(&mut self.collapsed);
        Some(Ok(Some(Handed { entry, collapsed })))
    }

    fn push(&mut self, entry: &Arc<Entry>) {
        if self.cut.is_some() {
            return;
        }
        if self.waiting.len() >= QUEUE_MAX {
            self.make_room();
        }
        if self.waiting.len() >= QUEUE_MAX {
            if spare_key(entry).is_some() {
                // Only what may not be left out waits: a spare entry is not worth a cut.
                self.collapsed = self.collapsed.saturating_add(1);
            } else {
                let resume = self.waiting.front().map_or(entry.seq, |first| first.seq);
                self.waiting.clear();
                self.cut = Some(Cut { resume });
            }
            return;
        }
        self.waiting.push_back(Arc::clone(entry));
    }

    /// Leaves out what may be: all but the newest of each subject, and of these the oldest until
    /// half the queue is free. Looks at every entry, once for each half queue that comes.
    fn make_room(&mut self) {
        let before = self.waiting.len();
        let mut newest: BTreeSet<Key<'_>> = BTreeSet::new();
        let mut needed = 0;
        let mut kept: VecDeque<Arc<Entry>> = VecDeque::with_capacity(QUEUE_MAX);
        for entry in &self.waiting {
            needed += usize::from(spare_key(entry).is_none());
        }
        let mut room = (QUEUE_MAX / 2).saturating_sub(needed);
        for entry in self.waiting.iter().rev() {
            let keeps = match spare_key(entry) {
                None => true,
                Some(key) => {
                    room > 0 && newest.insert(key) && {
                        room -= 1;
                        true
                    }
                }
            };
            if keeps {
                kept.push_front(Arc::clone(entry));
            }
        }
        self.waiting = kept;
        let left_out = before.saturating_sub(self.waiting.len());
        self.collapsed = self.collapsed.saturating_add(u64::try_from(left_out).unwrap_or(u64::MAX));
    }
}

/// Of whom an entry is the newest word, if it may be left out.
fn spare_key(entry: &Entry) -> Option<Key<'_>> {
    let spare = match entry.name.class {
        LogClass::Control | LogClass::Alert | LogClass::Audit | LogClass::Command => false,
        LogClass::Track | LogClass::Observation | LogClass::Bulk => true,
    };
    // What a link says of itself is class 5 too, and each is another word.
    let own_word = matches!(entry.record.body, Body::Status(_));
    (spare && !own_word).then_some((&entry.record.author, entry.record.subject.as_ref()))
}
