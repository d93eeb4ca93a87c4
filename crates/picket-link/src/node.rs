//! The core's thread: drains the inbox, commits, publishes.
//!
//! The running sync is the batching window: what arrives while the disk works is the next batch.

use std::time::Duration;

use picket_core::{Core, CoreError};
use picket_gate::Admitted;
use picket_log::{FileStore, LogError};
use picket_model::{Actor, Body, Entry, Record};
use tokio::runtime::Handle;

use crate::bus::Bus;
use crate::clock::{Clock, Stamp};
use crate::inbox::{Outlet, Post};
use crate::latency::Latency;

/// Most records in one commit: 4 MiB at 500 bytes each.
const BATCH_RECORDS_MAX: usize = 8_192;
/// The view is published at most this often…
const VIEW_S_MIN: f64 = 0.2;
/// …and at most this often when an alert or an act changed it.
const URGENT_VIEW_S_MIN: f64 = 0.02;

/// Runs the core until [`Post::Stop`] or until the log fails. Blocks its thread.
///
/// # Errors
/// [`CoreError`] when the log can take no more: the process should end with it.
pub fn drive(
    mut core: Core<FileStore>,
    mut outlet: Outlet,
    bus: &Bus,
    clock: &Clock,
    latency: &Latency,
    runtime: &Handle,
) -> Result<Core<FileStore>, CoreError> {
    let mut publisher = Publisher::new(bus, clock);
    publisher.publish_view(&core);
    loop {
        let wait = publisher.view_due_in();
        let received = match wait {
            None => runtime.block_on(outlet.recv()),
            Some(wait) => {
                let next = async { tokio::time::timeout(wait, outlet.recv()).await };
                match runtime.block_on(next) {
                    Ok(post) => post,
                    Err(_) => {
                        publisher.publish_view(&core);
                        continue;
                    }
                }
            }
        };
        let Some(first) = received else { break };
        let mut pending = Pending::default();
        let mut next = Some(first);
        let mut stop = false;
        while let Some(post) = next.take() {
            match post {
                Post::Records { records, stamp } => {
                    pending.take(records, stamp);
                }
                other @ (Post::Act { .. } | Post::Ask(_) | Post::Tick | Post::Stop) => {
                    pending.commit(&mut core, clock)?;
                    stop |= answer(other, &mut core, clock)?;
                }
            }
            if !stop && pending.records.len() < BATCH_RECORDS_MAX {
                next = outlet.try_recv().ok();
            }
        }
        pending.commit(&mut core, clock)?;
        publisher.publish_entries(&mut core);
        pending.measure(clock, latency);
        if stop {
            break;
        }
    }
    core.log().checkpoint(clock.now())?;
    publisher.publish_view(&core);
    bus.close();
    Ok(core)
}

/// Does what a post asks besides appending a link's records; true if it asks to stop.
fn answer(post: Post, core: &mut Core<FileStore>, clock: &Clock) -> Result<bool, CoreError> {
    match post {
        Post::Records { .. } => {}
        Post::Act { by, act, reply } => {
            // Who asked may have hung up; the act stands all the same.
            drop(reply.send(core.act(&by, act, clock.now())));
        }
        Post::Ask(question) => question(core),
        Post::Tick => {
            let now = clock.now();
            go_on_without_space(core.tick(now))?;
            go_on_without_space(core.log().checkpoint(now).map(drop).map_err(CoreError::from))?;
        }
        Post::Stop => return Ok(true),
    }
    Ok(false)
}

/// A full disk refuses ticks, observations and new checkpoints; the node goes on, so that alerts and
/// acts still find the room that is kept for them.
fn go_on_without_space(result: Result<(), CoreError>) -> Result<(), CoreError> {
    match result {
        Err(CoreError::Log(LogError::NoSpace { .. })) => {
            tracing::error!("the disk is nearly full: free some space");
            Ok(())
        }
        other => other,
    }
}

/// What links posted and is not committed yet.
#[derive(Default)]
struct Pending {
    records: Vec<Admitted<Record>>,
    /// Of each post: when it came, whose it is, how many records.
    posts: Vec<(Stamp, Actor, u64)>,
    /// Posts before this one are committed.
    committed: usize,
}

impl Pending {
    fn take(&mut self, records: Vec<Admitted<Record>>, stamp: Stamp) {
        let Some(first) = records.first() else { return };
        let author = first.as_inner().author.clone();
        let count = u64::try_from(records.len()).unwrap_or(u64::MAX);
        self.posts.push((stamp, author, count));
        self.records.extend(records);
    }

    fn commit(&mut self, core: &mut Core<FileStore>, clock: &Clock) -> Result<(), CoreError> {
        let batch = std::mem::take(&mut self.records);
        let posts = self.posts.get(self.committed..).unwrap_or_default();
        let now = clock.now();
        let done = core.commit(batch, now);
        if matches!(done, Err(CoreError::Log(LogError::NoSpace { .. }))) {
            // A link speaks of one author in each post: its refusals become a record.
            for (_, author, count) in posts {
                core.gate().count_no_space(author, *count, now);
            }
        }
        self.committed = self.posts.len();
        go_on_without_space(done)
    }

    fn measure(&self, clock: &Clock, latency: &Latency) {
        let now = clock.stamp();
        for (stamp, _, records) in &self.posts {
            latency.record(stamp.until_s(now), *records);
        }
    }
}

struct Publisher<'a> {
    bus: &'a Bus,
    clock: &'a Clock,
    last: Stamp,
    dirty: Option<f64>,
}

impl<'a> Publisher<'a> {
    fn new(bus: &'a Bus, clock: &'a Clock) -> Self {
        Self { bus, clock, last: clock.stamp(), dirty: None }
    }

    fn publish_entries(&mut self, core: &mut Core<FileStore>) {
        let batch: Vec<Entry> = std::iter::from_fn(|| core.poll()).collect();
        if batch.is_empty() {
            return;
        }
        let pause_s = if batch.iter().any(is_urgent) { URGENT_VIEW_S_MIN } else { VIEW_S_MIN };
        self.dirty = Some(self.dirty.map_or(pause_s, |before| before.min(pause_s)));
        self.bus.publish(batch);
        if self.view_due_in().is_some_and(|wait| wait.is_zero()) {
            self.publish_view(core);
        }
    }

    fn view_due_in(&self) -> Option<Duration> {
        let pause_s = self.dirty?;
        let wait_s = (pause_s - self.last.until_s(self.clock.stamp())).max(0.0);
        Some(Duration::try_from_secs_f64(wait_s).unwrap_or(Duration::ZERO))
    }

    fn publish_view(&mut self, core: &Core<FileStore>) {
        self.bus.publish_view(core.view());
        self.last = self.clock.stamp();
        self.dirty = None;
    }
}

fn is_urgent(entry: &Entry) -> bool {
    match entry.record.body {
        Body::Alert(_) | Body::Act(_) => true,
        Body::Observation(_) | Body::Status(_) | Body::Refusal(_) | Body::Tick | Body::Site(_) => {
            false
        }
    }
}
