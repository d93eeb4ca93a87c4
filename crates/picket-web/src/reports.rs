//! How many reports each source of a track gave in the last minute.
//!
//! A track counts all reports of a source since its start; samples of these counts, taken each
//! few seconds, tell how many of them are new.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use picket_core::View;
use picket_model::{Actor, Source, Time, TrackId};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::Parts;
use crate::accept::stopped;

/// Time between two samples, by the node's clock; so exact is a count.
const EVERY_S: f64 = 10.0;
/// The window that is counted.
const WINDOW_S: f64 = 60.0;
/// Samples kept: those of the window, and the one before it.
const SAMPLES_MAX: usize = 8;
/// Tracks in one sample; those beyond it show what they gave since they began.
const TRACKS_MAX: usize = 20_000;

type Counts = BTreeMap<TrackId, Vec<(Actor, Option<Arc<str>>, u64)>>;

/// Samples of the counts, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Reports {
    samples: Mutex<VecDeque<(Time, Counts)>>,
}

impl Reports {
    /// Reports of a source in the last minute, within a sample's time.
    pub(crate) fn in_last_minute(&self, track: TrackId, source: &Source, now: Time) -> u64 {
        let samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
        let before = samples.iter().rev().find(|(at, _)| now.since_s(*at) >= WINDOW_S);
        // Before there is a sample so old, the first one is of the node's start.
        let Some((_, counts)) = before.or_else(|| samples.front()) else { return source.updates };
        let same = |(author, reporter, _): &&(Actor, Option<Arc<str>>, u64)| {
            *author == source.author && *reporter == source.reporter
        };
        let counted = counts.get(&track).and_then(|of| of.iter().find(same));
        source.updates.saturating_sub(counted.map_or(0, |(_, _, updates)| *updates))
    }

    /// Takes samples until stopped.
    pub(crate) fn sample(
        self: &Arc<Self>,
        parts: Parts,
        mut stop: watch::Receiver<bool>,
    ) -> impl Future<Output = ()> + Send + 'static {
        let reports = Arc::clone(self);
        async move {
            // At least this much, so that a clock at great speed does not spin.
            let every = parts.clock.span(EVERY_S).max(Duration::from_millis(100));
            let mut ticks = interval(every);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    () = stopped(&mut stop) => return,
                    _ = ticks.tick() => reports.take(&parts.bus.latest(), parts.clock.now()),
                }
            }
        }
    }

    fn take(&self, view: &View, now: Time) {
        let counts = view.tracks.values().filter(|track| track.state.is_shown()).take(TRACKS_MAX);
        let count = |s: &Source| (s.author.clone(), s.reporter.clone(), s.updates);
        let counts = counts.map(|track| (track.id, track.sources.iter().map(count).collect()));
        let counts = counts.collect();
        let mut samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
        if samples.len() >= SAMPLES_MAX {
            samples.pop_front();
        }
        samples.push_back((now, counts));
    }
}
