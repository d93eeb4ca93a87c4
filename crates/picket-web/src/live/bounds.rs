//! A box of longitudes and latitudes.

use picket_model::Position;

/// A box on the map; may cross the date line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bounds {
    west_deg: f64,
    /// Degrees east of `west_deg`, 0 to 360.
    width_deg: f64,
    south_deg: f64,
    north_deg: f64,
}

/// A map may be turned round the world this often before its box is taken for rubbish.
const LON_DEG_MAX: f64 = 1_080.0;

impl Bounds {
    /// Takes west, south, east and north in degrees; `None` unless all are finite, latitudes
    /// on the earth and south not above north. East below west crosses the date line.
    pub(crate) fn new([west, south, east, north]: [f64; 4]) -> Option<Self> {
        let lons = -LON_DEG_MAX..=LON_DEG_MAX;
        let lats = -90.0..=90.0;
        if !(lons.contains(&west) && lons.contains(&east)) {
            return None;
        }
        if !(lats.contains(&south) && lats.contains(&north) && south <= north) {
            return None;
        }
        let width_deg = if east - west >= 360.0 { 360.0 } else { (east - west).rem_euclid(360.0) };
        Some(Self { west_deg: west, width_deg, south_deg: south, north_deg: north })
    }

    /// Its sides, for the index.
    pub(crate) fn sides(&self) -> picket_history::Bounds {
        picket_history::Bounds {
            west_deg: self.west_deg,
            south_deg: self.south_deg,
            east_deg: self.west_deg + self.width_deg,
            north_deg: self.north_deg,
        }
    }

    /// The box with a margin of this share of its size on each side.
    pub(crate) fn with_margin(self, share: f64) -> Self {
        let side = self.width_deg * share;
        let up = (self.north_deg - self.south_deg) * share;
        Self {
            west_deg: self.west_deg - side,
            width_deg: (self.width_deg + 2.0 * side).min(360.0),
            south_deg: self.south_deg - up,
            north_deg: self.north_deg + up,
        }
    }

    /// Whether a place lies in it.
    pub(crate) fn holds(&self, place: &Position) -> bool {
        let east_deg = (place.lon.degrees() - self.west_deg).rem_euclid(360.0);
        (self.south_deg..=self.north_deg).contains(&place.lat.degrees())
            && (self.width_deg >= 360.0 || east_deg <= self.width_deg)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_holds_what_lies_between_its_sides() {
        for (sides, lat, lon, inside) in [
            ([151.0, -24.0, 152.0, -23.0], -23.5, 151.5, true),
            ([151.0, -24.0, 152.0, -23.0], -23.5, 152.5, false),
            ([151.0, -24.0, 152.0, -23.0], -22.5, 151.5, false),
            ([170.0, -10.0, -170.0, 10.0], 0.0, 179.0, true),
            ([170.0, -10.0, -170.0, 10.0], 0.0, -179.0, true),
            ([170.0, -10.0, -170.0, 10.0], 0.0, 0.0, false),
            ([170.0, -10.0, 190.0, 10.0], 0.0, -175.0, true),
            ([-180.0, -90.0, 180.0, 90.0], 0.0, 12.0, true),
            ([-200.0, -80.0, 200.0, 80.0], 0.0, 12.0, true),
        ] {
            let bounds = Bounds::new(sides).unwrap();
            let place = Position::from_degrees(lat, lon).unwrap();
            assert_eq!(bounds.holds(&place), inside, "{sides:?} {lat} {lon}");
        }
    }

    #[test]
    fn a_margin_widens_each_side() {
        let bounds = Bounds::new([151.0, -24.0, 152.0, -23.0]).unwrap();
        let outside = Position::from_degrees(-23.5, 152.05).unwrap();
        assert!(!bounds.holds(&outside));
        assert!(bounds.with_margin(0.1).holds(&outside));
    }

    #[test]
    fn refuses_what_is_no_box() {
        for sides in [
            [f64::NAN, 0.0, 1.0, 1.0],
            [0.0, f64::INFINITY, 1.0, 1.0],
            [0.0, 1.0, 1.0, 0.0],
            [0.0, -91.0, 1.0, 0.0],
            [-2_000.0, 0.0, 1.0, 1.0],
        ] {
            assert_eq!(Bounds::new(sides), None, "{sides:?}");
        }
    }
}
