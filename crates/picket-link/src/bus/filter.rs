//! What a listener wants, compiled so that most entries are told apart by a bit or a cell.

use std::collections::BTreeSet;

use picket_model::{Area, Body, Entry, Label, LogClass, Position};

/// Cells that one filter remembers; a wider area is told by its box alone before the exact test.
const CELLS_MAX: usize = 4_096;
/// Size of a cell, degrees of latitude and longitude: that of the history index.
const CELL_DEG: [f64; 2] = [0.05, 0.1];

/// What a listener wants to be handed.
///
/// A filter spares work; it releases nothing. Who hands an entry on to a person or a partner
/// still asks the gate for each.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Bit `n` set: class `n` is not wanted.
    unwanted: u8,
    clearance: Option<Label>,
    region: Option<Region>,
}

/// An area with what makes "far from it" cheap.
#[derive(Debug, Clone)]
struct Region {
    area: Area,
    /// Latitudes and the longitudes from the first corner, degrees.
    south: f64,
    north: f64,
    west: f64,
    east: f64,
    reference_lon: f64,
    /// The cells that the box touches; `None` if there are more than [`CELLS_MAX`].
    cells: Option<BTreeSet<(i32, i32)>>,
}

impl Filter {
    /// Everything.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Only these classes.
    #[must_use]
    pub fn classes(mut self, wanted: &[LogClass]) -> Self {
        let bits = wanted.iter().fold(0, |bits, class| bits | bit(*class));
        self.unwanted = !bits;
        self
    }

    /// Only what this clearance dominates.
    #[must_use]
    pub fn clearance(mut self, clearance: Label) -> Self {
        self.clearance = Some(clearance);
        self
    }

    /// Of observations and alerts with a place, only those inside; of observations without
    /// one, none. Everything else concerns every area and passes.
    #[must_use]
    pub fn within(mut self, area: Area) -> Self {
        self.region = Some(Region::new(area));
        self
    }

    /// Whether an entry is wanted.
    #[must_use]
    pub fn passes(&self, entry: &Entry) -> bool {
        if self.unwanted & bit(entry.name.class) != 0 {
            return false;
        }
        if self.clearance.as_ref().is_some_and(|most| !most.dominates(&entry.record.label)) {
            return false;
        }
        self.region.as_ref().is_none_or(|region| region.concerns(&entry.record.body))
    }
}

const fn bit(class: LogClass) -> u8 {
    1 << class.number()
}

impl Region {
    fn new(area: Area) -> Self {
        let reference_lon = area.polygon.first().map_or(0.0, |first| first.lon.degrees());
        let (mut south, mut north) = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut west, mut east) = (f64::INFINITY, f64::NEG_INFINITY);
        for corner in &area.polygon {
            let (lat, lon) =
                (corner.lat.degrees(), short_way(corner.lon.degrees() - reference_lon));
            (south, north) = (south.min(lat), north.max(lat));
            (west, east) = (west.min(lon), east.max(lon));
        }
        let mut region = Self { area, south, north, west, east, reference_lon, cells: None };
        region.cells = region.cover();
        region
    }

    /// The cells of the box, if they are few.
    fn cover(&self) -> Option<BTreeSet<(i32, i32)>> {
        let [rows, columns] = CELL_DEG;
        let (first_row, last_row) = (step(self.south, rows), step(self.north, rows));
        let (first, last) = (step(self.west, columns), step(self.east, columns));
        let count = i64::from(last_row - first_row + 1) * i64::from(last - first + 1);
        if usize::try_from(count).map_or(true, |count| count > CELLS_MAX) {
            return None;
        }
        let row = |row| (first..=last).map(move |column| (row, column));
        Some((first_row..=last_row).flat_map(row).collect())
    }

    fn concerns(&self, body: &Body) -> bool {
        match body {
            Body::Observation(seen) => seen.position.is_some_and(|place| self.holds(&place)),
            Body::Alert(alert) => alert.position.is_none_or(|place| self.holds(&place)),
            Body::Status(_) | Body::Act(_) | Body::Refusal(_) | Body::Tick | Body::Site(_) => true,
        }
    }

    fn holds(&self, place: &Position) -> bool {
        let lat = place.lat.degrees();
        let lon = short_way(place.lon.degrees() - self.reference_lon);
        if let Some(cells) = &self.cells {
            let [rows, columns] = CELL_DEG;
            if !cells.contains(&(step(lat, rows), step(lon, columns))) {
                return false;
            }
        }
        let in_box =
            (self.south..=self.north).contains(&lat) && (self.west..=self.east).contains(&lon);
        in_box && self.area.depth_m(place) >= 0.0
    }
}

/// Brings a difference of longitudes to -180 up to 180 degrees.
fn short_way(degrees: f64) -> f64 {
    (degrees + 180.0).rem_euclid(360.0) - 180.0
}

/// The number of the step in which a value lies.
fn step(value: f64, size: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates")]
    let step = (value / size).floor() as i32;
    step
}

#[cfg(test)]
mod tests {
    use picket_model::AreaName;

    use super::*;

    fn square(west: f64, east: f64, south: f64, north: f64) -> Region {
        let corner = |lat, lon| Position::from_degrees(lat, lon).unwrap();
        let corners = vec![
            corner(south, west),
            corner(south, east),
            corner(north, east),
            corner(north, west),
        ];
        Region::new(Area::new(AreaName::new("A").unwrap(), "watched", corners).unwrap())
    }

    fn at(region: &Region, lat: f64, lon: f64) -> bool {
        region.holds(&Position::from_degrees(lat, lon).unwrap())
    }

    #[test]
    fn cells_never_decide_against_the_exact_test() {
        // The same answers as the exact test alone, over a grid that steps through many cells.
        let small = square(151.22, 151.38, -23.93, -23.78);
        assert!(small.cells.is_some());
        for row in 0..60 {
            for column in 0..60 {
                let (lat, lon) =
                    (-24.0 + 0.005 * f64::from(row), 151.15 + 0.005 * f64::from(column));
                let place = Position::from_degrees(lat, lon).unwrap();
                assert_eq!(small.holds(&place), small.area.depth_m(&place) >= 0.0, "{lat} {lon}");
            }
        }
    }

    #[test]
    fn an_area_over_the_date_line_is_one_area() {
        let across = square(179.9, -179.9, -0.1, 0.1);
        assert!(at(&across, 0.0, 179.95) && at(&across, 0.0, -179.95));
        assert!(!at(&across, 0.0, 0.0) && !at(&across, 0.0, 179.8));
    }

    #[test]
    fn a_wide_area_does_without_cells() {
        let wide = square(-60.0, 60.0, -60.0, 60.0);
        assert!(wide.cells.is_none());
        assert!(at(&wide, 10.0, 10.0) && !at(&wide, 70.0, 10.0));
    }
}
