//! The bus: durable entries and the newest view, to all who listen in this process.
//!
//! A listener says once what it wants ([`Filter`]) and gets a queue of its own. Filters run
//! on the core's thread, once for each entry and listener; no listener is ever waited for.
//! What a slow one gets is in [`Subscription`].

mod filter;
mod queue;

use std::sync::{Arc, Mutex, PoisonError};

use picket_core::View;
use picket_model::Entry;
use tokio::sync::watch;

pub use filter::Filter;
pub use queue::{Cut, Handed, QUEUE_MAX, Subscription};

use queue::Line;

/// Hands out durable entries in log order, and one consistent view at most five times a second
/// (sooner when an alert changes).
#[derive(Debug, Clone)]
pub struct Bus {
    lines: Arc<Mutex<Vec<Arc<Line>>>>,
    view: Arc<watch::Sender<Arc<View>>>,
}

impl Default for Bus {
    fn default() -> Self {
        let (view, _) = watch::channel(Arc::new(View::default()));
        Self { lines: Arc::default(), view: Arc::new(view) }
    }
}

impl Bus {
    /// Hands over from now on what passes the filter.
    #[must_use]
    pub fn subscribe(&self, filter: Filter) -> Subscription {
        let line = Arc::new(Line::new(filter));
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&line));
        Subscription::new(line)
    }

    /// Watches the newest view.
    #[must_use]
    pub fn view(&self) -> watch::Receiver<Arc<View>> {
        self.view.subscribe()
    }

    /// The newest view.
    #[must_use]
    pub fn latest(&self) -> Arc<View> {
        Arc::clone(&self.view.borrow())
    }

    /// Queues a batch for each listener, and forgets the listeners that have gone: what the
    /// core's thread does after each commit.
    pub fn publish(&self, batch: Vec<Entry>) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.retain(|line| !line.is_left());
        if lines.is_empty() {
            return;
        }
        let batch: Vec<Arc<Entry>> = batch.into_iter().map(Arc::new).collect();
        for line in lines.iter() {
            line.push(&batch);
        }
    }

    /// The last entry was handed out: listeners read what is queued and are told the end.
    pub(crate) fn close(&self) {
        for line in self.lines.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            line.close();
        }
    }

    pub(crate) fn publish_view(&self, view: View) {
        self.view.send_replace(Arc::new(view));
    }
}
