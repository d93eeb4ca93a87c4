//! What people see: views folded from the log.

mod alerts;
mod devices;
mod trails;

use std::collections::BTreeMap;
use std::sync::Arc;

use picket_model::{AlertId, Entry, Seq, Severity, Time, Track, TrackId, Watch};

pub use alerts::{AlertBook, AlertEvent, AlertState, Condition, Conflict, Standing};
pub use devices::{Device, DeviceBook, DeviceKey, DeviceKind, Liveness};
pub use trails::{Trail, Trails};

/// One consistent look at all views; cheap to clone, for readers on other threads.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// The last entry that it shows; `None` before the first.
    pub seq: Option<Seq>,
    /// The node's time at that entry.
    pub at: Time,
    /// Every track, tentative ones too.
    pub tracks: BTreeMap<TrackId, Arc<Track>>,
    /// Where the shown tracks were.
    pub trails: BTreeMap<TrackId, Arc<Trail>>,
    /// Every alert that is kept.
    pub alerts: BTreeMap<AlertId, Arc<AlertState>>,
    /// Every feed and sensor that was heard.
    pub devices: BTreeMap<DeviceKey, Arc<Device>>,
    /// The gravest open alert of each track that has one.
    pub alerting: BTreeMap<TrackId, Severity>,
    /// What is watched: the configuration, and what officers drew.
    pub watch: Arc<Watch>,
}

/// The views besides the picture; all follow from the entries alone.
#[derive(Debug, Default)]
pub(crate) struct Views {
    pub(crate) alerts: AlertBook,
    pub(crate) devices: DeviceBook,
    pub(crate) trails: Trails,
}

impl Views {
    pub(crate) fn apply(&mut self, entry: &Entry, picture: &picket_model::Picture) {
        self.alerts.apply(entry);
        self.devices.apply(entry);
        self.trails.apply(picture);
    }
}
