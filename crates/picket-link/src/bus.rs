//! The bus: durable entries and the newest view, to all who listen in this process.

use std::sync::Arc;

use picket_core::View;
use picket_model::Entry;
use tokio::sync::{broadcast, watch};

/// Batches that a slow listener may lag behind; then it is told how many it missed and starts
/// anew from the view. A batch holds what one sync made durable.
const BATCHES_MAX: usize = 256;

/// Hands out durable entries, and one consistent view at most five times a second
/// (sooner when an alert changes).
#[derive(Debug, Clone)]
pub struct Bus {
    entries: broadcast::Sender<Arc<[Entry]>>,
    view: Arc<watch::Sender<Arc<View>>>,
}

impl Default for Bus {
    fn default() -> Self {
        let (entries, _) = broadcast::channel(BATCHES_MAX);
        let (view, _) = watch::channel(Arc::new(View::default()));
        Self { entries, view: Arc::new(view) }
    }
}

impl Bus {
    /// Listens to entries from now on, batch by batch, in log order.
    #[must_use]
    pub fn entries(&self) -> broadcast::Receiver<Arc<[Entry]>> {
        self.entries.subscribe()
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

    pub(crate) fn publish_entries(&self, batch: Vec<Entry>) {
        // With no listener there is nobody to hand them to.
        drop(self.entries.send(Arc::from(batch)));
    }

    pub(crate) fn publish_view(&self, view: View) {
        self.view.send_replace(Arc::new(view));
    }
}
