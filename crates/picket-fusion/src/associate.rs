//! Where tracks may be looked for: a spatial hash over their predicted places, and gates.

use std::collections::BTreeMap;

use picket_model::{Position, TrackId};

use crate::digest;

/// Height of a cell, radians of latitude: 0.01 degrees, 1.11 km. Its width is about as many metres.
const CELL_RAD: f64 = 0.01 * std::f64::consts::PI / 180.0;

/// A track's index cell is that of a place at most this far from its predicted one, metres: half a cell.
pub(crate) const DRIFT_M: f64 = 555.0;

/// The least radius of curvature of the meridian, metres (at the equator, WGS-84): never too short a search.
const RADIUS_M: f64 = 6_335_439.0;

/// A cell of the hash: rows of equal latitude, cut into columns of about equal width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cell {
    row: i32,
    column: i32,
}

impl Cell {
    /// The cell of a place.
    pub(crate) fn of(position: &Position) -> Self {
        let row = floor(position.lat.radians() / CELL_RAD);
        let columns = columns(row);
        let column = column(position.lon.radians(), columns);
        Self { row, column: column.rem_euclid(columns) }
    }

    pub(crate) fn digest(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.row.to_be_bytes());
        out.extend_from_slice(&self.column.to_be_bytes());
    }
}

/// Tracks by the cell of their predicted place. Wraps at the date line; `O(1)` a move.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    cells: BTreeMap<Cell, Vec<TrackId>>,
}

impl Grid {
    pub(crate) fn insert(&mut self, cell: Cell, id: TrackId) {
        self.cells.entry(cell).or_default().push(id);
    }

    pub(crate) fn remove(&mut self, cell: Cell, id: TrackId) {
        let Some(tracks) = self.cells.get_mut(&cell) else { return };
        tracks.retain(|other| *other != id);
        if tracks.is_empty() {
            self.cells.remove(&cell);
        }
    }

    /// Calls `found` for each track in a cell that reaches within `radius_m` of a place, until it says no.
    ///
    /// Near a pole it looks on this side of it only.
    pub(crate) fn near(
        &self,
        position: &Position,
        radius_m: f64,
        mut found: impl FnMut(TrackId) -> bool,
    ) {
        let reach = radius_m / RADIUS_M;
        let lat = position.lat.radians();
        let lon = position.lon.radians();
        for row in floor((lat - reach) / CELL_RAD)..=floor((lat + reach) / CELL_RAD) {
            let columns = columns(row);
            // The row's edge that is farther from the equator: there a metre is most longitude.
            let edge = f64::from(row).max(f64::from(-row - 1)) + 1.0;
            let wide = reach / libm::cos(edge * CELL_RAD).max(1e-6);
            let first = column(lon - wide, columns);
            let last = column(lon + wide, columns).min(first.saturating_add(columns - 1));
            for column in first..=last {
                let cell = Cell { row, column: column.rem_euclid(columns) };
                for id in self.cells.get(&cell).into_iter().flatten() {
                    if !found(*id) {
                        return;
                    }
                }
            }
        }
    }

    /// Order in a cell decides nothing but a bounded search's end; it is state, so it is told.
    pub(crate) fn digest(&self, out: &mut Vec<u8>) {
        digest::count(self.cells.len(), out);
        for (cell, tracks) in &self.cells {
            cell.digest(out);
            digest::count(tracks.len(), out);
            for id in tracks {
                digest::whole(u64::from(id.0), out);
            }
        }
    }
}

/// How many columns a row has; at least one.
fn columns(row: i32) -> i32 {
    let middle = (f64::from(row) + 0.5) * CELL_RAD;
    floor(2.0 * std::f64::consts::PI * libm::cos(middle) / CELL_RAD).max(1)
}

/// The column of a longitude, not yet wrapped.
fn column(lon: f64, columns: i32) -> i32 {
    let turn = 2.0 * std::f64::consts::PI;
    floor((lon + std::f64::consts::PI) / turn * f64::from(columns))
}

#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates; not-a-number is 0")]
fn floor(value: f64) -> i32 {
    value.floor() as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use picket_model::Enu;
    use picket_model::geo::Frame;

    fn finds(home: (f64, f64), offset_m: (f64, f64), radius_m: f64) -> bool {
        let home = Position::from_degrees(home.0, home.1).unwrap();
        let there = Frame::at(home).position(Enu { e_m: offset_m.0, n_m: offset_m.1 });
        let mut grid = Grid::default();
        grid.insert(Cell::of(&there), TrackId(1));
        let mut hit = false;
        grid.near(&home, radius_m, |id| {
            hit = id == TrackId(1);
            true
        });
        hit
    }

    #[test]
    fn everything_within_the_radius_is_found_everywhere_on_earth() {
        let homes = [
            (0.0, 0.0),
            (54.0, 7.0),
            (-33.9, 151.2),
            (-17.0, 180.0),
            (-17.0, -180.0),
            (60.0, 179.999),
            (78.2, 15.6),
            (-89.9, 30.0),
            (0.004, -0.004),
        ];
        for home in homes {
            for turn in 0..16_u32 {
                let angle = f64::from(turn) * std::f64::consts::FRAC_PI_8;
                let offset = (990.0 * libm::cos(angle), 990.0 * libm::sin(angle));
                assert!(finds(home, offset, 1_000.0), "{home:?} {offset:?}");
            }
        }
    }

    #[test]
    fn what_is_far_is_not_looked_at() {
        assert!(!finds((54.0, 7.0), (9_000.0, 0.0), 1_000.0));
        assert!(!finds((-17.0, 179.99), (0.0, -9_000.0), 1_000.0));
    }

    #[test]
    fn a_track_is_visited_once_even_where_a_row_is_one_cell() {
        let pole = Position::from_degrees(90.0, 0.0).unwrap();
        let mut grid = Grid::default();
        grid.insert(Cell::of(&pole), TrackId(1));
        let mut visits = 0;
        grid.near(&pole, 1_000.0, |_| {
            visits += 1;
            true
        });
        assert_eq!(visits, 1);
    }
}
