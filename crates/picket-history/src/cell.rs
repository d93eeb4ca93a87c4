//! The grid by which records are found on the map.

use picket_model::Position;

/// Height of a cell, degrees of latitude.
const HEIGHT_DEG: f64 = 0.05;
/// Width of a cell, degrees of longitude: near-square at 60 degrees north, where most water is.
const WIDTH_DEG: f64 = 0.1;
/// Cells round the earth, and from pole to pole.
const COLUMNS: i64 = 3_600;
/// The cell of what has no place.
pub(crate) const NOWHERE: i64 = -1;

/// The cell of a place.
pub(crate) fn cell(place: &Position) -> i64 {
    row(place.lat.degrees()) * COLUMNS + column(place.lon.degrees())
}

fn row(lat_deg: f64) -> i64 {
    whole((lat_deg + 90.0) / HEIGHT_DEG).clamp(0, COLUMNS - 1)
}

fn column(lon_deg: f64) -> i64 {
    whole((lon_deg + 180.0) / WIDTH_DEG).rem_euclid(COLUMNS)
}

#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates, as is meant")]
fn whole(value: f64) -> i64 {
    value.floor() as i64
}

/// A box in degrees, as west, south, east, north; east below west crosses the date line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Western side.
    pub west_deg: f64,
    /// Southern side.
    pub south_deg: f64,
    /// Eastern side.
    pub east_deg: f64,
    /// Northern side.
    pub north_deg: f64,
}

/// A box's edge is moved out by so much, so that rounding loses nobody who stands on it.
const EDGE_DEG: f64 = 1e-9;

impl Bounds {
    /// Whether a place lies in it.
    pub(crate) fn holds(&self, lat_deg: f64, lon_deg: f64) -> bool {
        let west_deg = self.west_deg - EDGE_DEG;
        let wide = self.east_deg - self.west_deg >= 360.0;
        let width_deg = (self.east_deg - self.west_deg).rem_euclid(360.0) + 2.0 * EDGE_DEG;
        (self.south_deg - EDGE_DEG..=self.north_deg + EDGE_DEG).contains(&lat_deg)
            && (wide || (lon_deg - west_deg).rem_euclid(360.0) <= width_deg)
    }

    /// The share of its cells that it fills, 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "a few thousand cells each way")]
    pub(crate) fn share_of(&self, cells: &Cells) -> f64 {
        let width_deg = (self.east_deg - self.west_deg).rem_euclid(360.0);
        let height_deg = self.north_deg - self.south_deg;
        let (rows, columns) = (cells.height() as f64, (cells.more_columns + 1) as f64);
        let share = width_deg * height_deg / (rows * HEIGHT_DEG * columns * WIDTH_DEG);
        if share > 0.0 { share.min(1.0) } else { 1.0 }
    }
}

/// The cells that a box touches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cells {
    rows: (i64, i64),
    west: i64,
    /// Columns to the east of `west` that it touches too.
    more_columns: i64,
}

impl Cells {
    pub(crate) fn of(bounds: &Bounds) -> Self {
        let wide = bounds.east_deg - bounds.west_deg >= 360.0 - WIDTH_DEG;
        let (west, east) = (column(bounds.west_deg), column(bounds.east_deg));
        let span = (bounds.east_deg - bounds.west_deg).rem_euclid(360.0);
        // A box of nearly a full turn ends in the column in which it begins.
        let round = wide || (west == east && span > WIDTH_DEG * 2.0);
        let more_columns = if round { COLUMNS - 1 } else { (east - west).rem_euclid(COLUMNS) };
        Self { rows: (row(bounds.south_deg), row(bounds.north_deg)), west, more_columns }
    }

    pub(crate) fn holds(&self, cell: i64) -> bool {
        let (row, column) = (cell.div_euclid(COLUMNS), cell.rem_euclid(COLUMNS));
        (self.rows.0..=self.rows.1).contains(&row)
            && (column - self.west).rem_euclid(COLUMNS) <= self.more_columns
    }

    /// How many rows of cells it touches.
    pub(crate) const fn height(&self) -> i64 {
        self.rows.1 - self.rows.0 + 1
    }

    /// The first and last cell of each unbroken run.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (i64, i64)> {
        let end = self.west + self.more_columns;
        let over = end - COLUMNS;
        let (first, second) = if over >= 0 {
            ((self.west, COLUMNS - 1), Some((0, over.min(self.west - 1))))
        } else {
            ((self.west, end), None)
        };
        (self.rows.0..=self.rows.1).flat_map(move |row| {
            let run = move |(from, to): (i64, i64)| (row * COLUMNS + from, row * COLUMNS + to);
            std::iter::once(run(first)).chain(second.filter(|(from, to)| from <= to).map(run))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every cell that a run names is one that the box holds, and a place is in the box's cells
    /// whenever it is in the box.
    #[test]
    fn runs_and_the_test_of_one_cell_agree() {
        for (west_deg, south_deg, east_deg, north_deg) in [
            (151.26, -23.84, 151.28, -23.82),
            (151.0, -24.0, 152.0, -23.0),
            (179.5, -1.0, -179.5, 1.0),
            (-180.0, -90.0, 180.0, 90.0),
            (-200.0, 10.0, 200.0, 10.1),
            (10.0, 50.0, 9.95, 50.01),
            (10.01, 50.0, 10.02, 50.0),
        ] {
            let cells = Cells::of(&Bounds { west_deg, south_deg, east_deg, north_deg });
            let runs: Vec<(i64, i64)> = cells.runs().collect();
            let in_runs = |cell: i64| runs.iter().any(|(from, to)| (*from..=*to).contains(&cell));
            for row in [cells.rows.0 - 1, cells.rows.0, cells.rows.1, cells.rows.1 + 1] {
                for column in 0..COLUMNS {
                    let cell = row * COLUMNS + column;
                    assert_eq!(cells.holds(cell), in_runs(cell), "{west_deg} {cell}");
                }
            }
            for step in 0..=20 {
                let share = f64::from(step) / 20.0;
                let width =
                    if east_deg < west_deg { east_deg + 360.0 } else { east_deg } - west_deg;
                let mut lon_deg = west_deg + width * share;
                while lon_deg > 180.0 {
                    lon_deg -= 360.0;
                }
                while lon_deg < -180.0 {
                    lon_deg += 360.0;
                }
                let lat_deg = south_deg + (north_deg - south_deg) * share;
                let place = Position::from_degrees(lat_deg, lon_deg).unwrap();
                assert!(cells.holds(cell(&place)), "{lat_deg} {lon_deg}");
            }
        }
    }
}
