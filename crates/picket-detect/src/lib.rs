//! Tracks and device behaviour to explained alerts.
//!
//! A [`Detector`] watches the log's entries, with the picture after fusion, and claims
//! alerts. [`DETECTORS`] lists them all; `picket detectors` and the reference are printed
//! from it. To add one: one module, one row, one test file.
//!
//! What all of them obey:
//! - **Event time.** What happens in the world is judged by its authors' clocks
//!   (`occurred_at`), in the order of those, whatever the order of arrival; a record up to
//!   [`Settings::lateness_s`] behind the newest of its subject is sorted in, the subject is
//!   judged anew from a snapshot, and an alert is revised or withdrawn if it was wrong. So the
//!   same records in any order within the lateness give the same alerts in the end.
//!   Timers run in event time too, moved on by [`Body::Tick`](picket_model::Body::Tick).
//! - **Silence** (`device/`) is the exception: it is counted by our clock, `received_at`, which no device can set.
//! - **Episodes.** One detector, one area, one subject: one alert from its beginning to its end,
//!   with a count. It is said again only when its severity or what it is changes, and when it ends.
//! - **Evidence.** An alert cites the records that show it, bears the join of their labels, and
//!   names numbers in every reason.
//! - **Bounds.** Memory for each subject is bounded, subjects expire; each bound is named where it is.

pub mod device;
mod episode;
mod explain;
pub mod scene;

use picket_model::{Area, Claim, Entry, Line, Picture, Record, Time};

/// A pure state machine from entries to alerts.
pub trait Detector: Send {
    /// Its id, such as `area.entry`.
    fn name(&self) -> &'static str;

    /// Takes one entry in, with the picture after fusion has taken it, and claims what follows.
    fn watch(&mut self, entry: &Entry, picture: &Picture, out: &mut Vec<Claim>);

    /// Writes all its state: equal states, equal bytes.
    fn digest(&self, out: &mut Vec<u8>);
}

/// What an administrator may set.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Areas to watch until the log says others ([`Body::Site`](picket_model::Body::Site)).
    pub areas: Vec<Area>,
    /// Lines to watch until then.
    pub lines: Vec<Line>,
    /// How late a record may come and still be judged in its place, seconds.
    pub lateness_s: f64,
}

/// Default of [`Settings::lateness_s`]: slower links than that store and forward.
pub const LATENESS_S: f64 = 10.0;

impl Default for Settings {
    fn default() -> Self {
        Self { areas: Vec::new(), lines: Vec::new(), lateness_s: LATENESS_S }
    }
}

/// A detector as people read about it.
#[derive(Debug)]
pub struct Row {
    /// Its id.
    pub id: &'static str,
    /// Other names under which it warns.
    pub also: &'static [&'static str],
    /// Where it serves: B base, R border, M sea, A air, N device and network.
    pub group: &'static str,
    /// When it warns, with its defaults.
    pub says: &'static str,
    /// What it is measured by.
    pub metric: &'static str,
    /// Makes one that has seen nothing.
    pub make: fn(&Settings) -> Box<dyn Detector>,
}

/// Every detector there is.
pub static DETECTORS: &[Row] = &[
    scene::area_entry::ROW,
    device::silent::ROW,
    scene::distress::ROW,
    scene::kinematic_impossible::ROW,
    scene::approach_cpa::ROW,
    scene::area_dwell::ROW,
    scene::line_cross::ROW,
    scene::pids_confirm::ROW,
    scene::ais_identity::ROW,
];

/// One of each detector, in the order of the table.
#[must_use]
pub fn all(settings: &Settings) -> Vec<Box<dyn Detector>> {
    DETECTORS.iter().map(|row| (row.make)(settings)).collect()
}

/// How far an author's clock may run ahead of ours, seconds; beyond it our clock counts.
///
/// The same bound as fusion's, so that one clock in the next century blinds nobody.
const AHEAD_S_MAX: f64 = 60.0;

/// When a record happened: its author's word, unless that is impossible.
pub(crate) fn event_time(record: &Record) -> Time {
    if record.occurred_at.since_s(record.received_at) > AHEAD_S_MAX {
        record.received_at
    } else {
        record.occurred_at
    }
}

/// Writes a state as bytes: its debug form names every field and holds no address.
pub(crate) fn write_state(name: &str, state: &dyn std::fmt::Debug, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("{name} {state:?}\n").as_bytes());
}
