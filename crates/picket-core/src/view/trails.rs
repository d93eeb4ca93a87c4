//! Trails: where the shown tracks were in the last minutes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use picket_model::{Picture, Position, Time, TrackId};

/// A point of a trail is kept when this much older than the next.
const SPACING_S: f64 = 5.0;
/// Ten minutes at one point each five seconds.
const POINTS_MAX: usize = 120;
/// Most points of all trails together, 16 bytes each: with more than 25,000 tracks each trail
/// has an equal share, so that all grow shorter alike.
const ALL_POINTS_MAX: usize = 3_000_000;

/// Where one track was, oldest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trail {
    points: VecDeque<Point>,
}

/// A place to a centimetre and its time to a millisecond.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Point {
    at_ms: i64,
    lat_e7: i32,
    lon_e7: i32,
}

impl Point {
    fn of(at: Time, place: Position) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "180 degrees are 1.8e9; a cast saturates"
        )]
        let e7 = |degrees: f64| libm::round(degrees * 1e7) as i32;
        Self {
            at_ms: at.unix_ms(),
            lat_e7: e7(place.lat.degrees()),
            lon_e7: e7(place.lon.degrees()),
        }
    }

    fn place(self) -> (Time, Position) {
        let degrees = |e7: i32| picket_model::Angle::from_degrees(f64::from(e7) / 1e7);
        let (lat, lon) = (degrees(self.lat_e7), degrees(self.lon_e7));
        (Time::from_unix_ms(self.at_ms), Position { lat, lon, height_m: None })
    }
}

impl Trail {
    /// Time and place of each kept fix, to a millisecond and a centimetre; without heights.
    pub fn points(&self) -> impl ExactSizeIterator<Item = (Time, Position)> + '_ {
        self.points.iter().map(|point| point.place())
    }
}

/// The trails of all shown tracks.
#[derive(Debug, Clone, Default)]
pub struct Trails {
    trails: BTreeMap<TrackId, Arc<Trail>>,
}

impl Trails {
    pub(crate) fn apply(&mut self, picture: &Picture) {
        self.apply_within(picture, ALL_POINTS_MAX);
    }

    fn apply_within(&mut self, picture: &Picture, most: usize) {
        for id in &picture.removed {
            self.trails.remove(id);
        }
        for id in &picture.touched {
            let Some(track) = picture.tracks.get(id) else { continue };
            if !track.state.is_shown() {
                continue;
            }
            let share = most / self.trails.len().max(1);
            let trail = self.trails.entry(*id).or_default();
            let last = trail.points.back().map(|point| Time::from_unix_ms(point.at_ms));
            if last.is_some_and(|last| track.updated_at.since_s(last) < SPACING_S) {
                continue;
            }
            let trail = Arc::make_mut(trail);
            let room_for = share.clamp(1, POINTS_MAX);
            while trail.points.len() >= room_for {
                trail.points.pop_front();
            }
            trail.points.push_back(Point::of(track.updated_at, track.position));
        }
    }

    /// All trails, by track.
    #[must_use]
    pub const fn all(&self) -> &BTreeMap<TrackId, Arc<Trail>> {
        &self.trails
    }
}

#[cfg(test)]
mod tests {
    use picket_model::*;

    use super::*;

    fn picture(tracks: u32, second: i64) -> Picture {
        let at = Time::from_unix_s(1_800_000_000 + second);
        let track = |id: u32| Track {
            id: TrackId(id),
            state: TrackState::Live,
            position: Position::from_degrees(-23.812_345_67, 151.3).unwrap(),
            covariance_m2: [1.0, 0.0, 1.0],
            velocity_mps: None,
            heading: None,
            air: Air::NONE,
            class: Class::Vessel,
            class_why: "".into(),
            affiliation: Affiliation::Neutral,
            idents: Vec::new(),
            existence: 0.9,
            updated_at: at,
            received_at: at,
            first_at: at,
            confirmed_at: Some(at),
            updates: 1,
            sources: Vec::new(),
            label: Label::lowest(),
            exercise: false,
            suspect: None,
        };
        let tracks: BTreeMap<_, _> =
            (0..tracks).map(|id| (TrackId(id), Arc::new(track(id)))).collect();
        Picture { touched: tracks.keys().copied().collect(), tracks, removed: Vec::new() }
    }

    #[test]
    fn a_trail_holds_ten_minutes_at_a_point_each_five_seconds() {
        let mut trails = Trails::default();
        for second in 0..1_200 {
            trails.apply(&picture(1, second));
        }
        let trail = trails.all().get(&TrackId(0)).unwrap();
        let points: Vec<_> = trail.points().collect();
        assert_eq!(points.len(), 120);
        assert!((points[119].0.since_s(points[0].0) - 595.0).abs() < 0.01);
        assert!((points[0].1.lat.degrees() + 23.812_345_7).abs() < 1e-7);
    }

    #[test]
    fn at_the_bound_all_trails_grow_shorter_alike() {
        let mut trails = Trails::default();
        for round in 0..40 {
            trails.apply_within(&picture(100, round * 5), 1_000);
        }
        let kept: Vec<usize> = trails.all().values().map(|trail| trail.points().len()).collect();
        assert_eq!(kept, [10; 100]);
        let gone =
            Picture { removed: trails.all().keys().copied().collect(), ..Picture::default() };
        trails.apply(&gone);
        assert!(trails.all().is_empty());
    }
}
