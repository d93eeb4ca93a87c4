//! Trails: where the shown tracks were in the last minutes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use picket_model::{Picture, Position, Time, TrackId};

/// A point of a trail is kept when this much older than the next.
const SPACING_S: f64 = 5.0;
/// Ten minutes at one point each five seconds.
const POINTS_MAX: usize = 120;

/// Where one track was, oldest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trail {
    /// Time and place of each kept fix.
    pub points: VecDeque<(Time, Position)>,
}

/// The trails of all shown tracks.
#[derive(Debug, Clone, Default)]
pub struct Trails {
    trails: BTreeMap<TrackId, Arc<Trail>>,
}

impl Trails {
    pub(crate) fn apply(&mut self, picture: &Picture) {
        for id in &picture.removed {
            self.trails.remove(id);
        }
        for id in &picture.touched {
            let Some(track) = picture.tracks.get(id) else { continue };
            if !track.state.is_shown() {
                continue;
            }
            let trail = self.trails.entry(*id).or_default();
            let last = trail.points.back().map(|(at, _)| *at);
            if last.is_some_and(|last| track.updated_at.since_s(last) < SPACING_S) {
                continue;
            }
            let trail = Arc::make_mut(trail);
            if trail.points.len() == POINTS_MAX {
                trail.points.pop_front();
            }
            trail.points.push_back((track.updated_at, track.position));
        }
    }

    /// All trails, by track.
    #[must_use]
    pub const fn all(&self) -> &BTreeMap<TrackId, Arc<Trail>> {
        &self.trails
    }
}
