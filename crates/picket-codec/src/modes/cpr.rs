//! Compact position reporting: 17 bits of latitude and longitude inside a cell, and how
//! two of them, or one and a place near by, give the cell.
//!
//! Standard: RTCA DO-260B appendix A 1.7; ICAO Doc 9871, C.2.6.

use std::sync::LazyLock;

/// A place in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Latitude, -90 to 90.
    pub lat_deg: f64,
    /// Longitude, -180 to 180.
    pub lon_deg: f64,
}

/// One encoded position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cpr {
    /// Of the odd grid, which has one zone less than the even.
    pub odd: bool,
    /// A surface position, whose cells have a quarter of the size.
    pub surface: bool,
    /// Latitude in the cell, 17 bits.
    pub lat: u32,
    /// Longitude in the cell, 17 bits.
    pub lon: u32,
}

/// Steps of a cell.
const STEPS: f64 = 131_072.0;

impl Cpr {
    /// Degrees that the grid's zones share out: a turn, or a quarter on the ground.
    fn span_deg(self) -> f64 {
        if self.surface { 90.0 } else { 360.0 }
    }

    fn zone_lat_deg(self) -> f64 {
        self.span_deg() / if self.odd { 59.0 } else { 60.0 }
    }

    fn zone_lon_deg(self, lat_deg: f64) -> f64 {
        let zones = longitude_zones(lat_deg) - u32::from(self.odd);
        self.span_deg() / f64::from(zones.max(1))
    }

    fn lat_part(self) -> f64 {
        f64::from(self.lat) / STEPS
    }

    fn lon_part(self) -> f64 {
        f64::from(self.lon) / STEPS
    }
}

/// The place of `newest`, from it and one of the other grid; `None` if the two do not lie in
/// the same latitude zone, or not on earth.
///
/// `near` chooses among the quadrants of a surface position, and is needed for it: both
/// coordinates that result lie within 45° of it.
#[must_use]
pub fn from_pair(newest: Cpr, other: Cpr, near: Option<Place>) -> Option<Place> {
    if newest.surface != other.surface || newest.odd == other.odd {
        return None;
    }
    let near = if newest.surface { Some(near?) } else { None };
    let (even, odd) = if newest.odd { (other, newest) } else { (newest, other) };
    // The index of the latitude zone: exact, because all of it is whole numbers.
    let zone = nearest_whole(59 * i64::from(even.lat) - 60 * i64::from(odd.lat));
    let lat_of = |cpr: Cpr, zones: i64| {
        let lat_deg = cpr.zone_lat_deg() * (number(zone.rem_euclid(zones)) + cpr.lat_part());
        match near {
            None if lat_deg >= 270.0 => lat_deg - 360.0,
            None => lat_deg,
            // North or south of the equator.
            Some(near) if (lat_deg - near.lat_deg).abs() > 45.0 => lat_deg - 90.0,
            Some(_) => lat_deg,
        }
    };
    let (lat_even, lat_odd) = (lat_of(even, 60), lat_of(odd, 59));
    let on_earth = |lat_deg: f64| (-90.0..=90.0).contains(&lat_deg);
    let zones = longitude_zones(lat_even);
    if !on_earth(lat_even) || !on_earth(lat_odd) || zones != longitude_zones(lat_odd) {
        return None;
    }
    let lat_deg = if newest.odd { lat_odd } else { lat_even };
    let count = i64::from(zones);
    let zone = nearest_whole(i64::from(even.lon) * (count - 1) - i64::from(odd.lon) * count);
    let count = (count - i64::from(newest.odd)).max(1);
    let lon_deg =
        newest.zone_lon_deg(lat_deg) * (number(zone.rem_euclid(count)) + newest.lon_part());
    let lon_deg = match near {
        None => lon_deg,
        Some(near) => lon_deg + 90.0 * ((near.lon_deg - lon_deg) / 90.0).round(),
    };
    Some(Place { lat_deg, lon_deg: half_turn(lon_deg) })
}

/// The place nearest to `near` that the encoded position can mean; `None` if that is more
/// than half a cell away, where another would be as near.
#[must_use]
pub fn from_near(cpr: Cpr, near: Place) -> Option<Place> {
    let lat_deg = in_cell(near.lat_deg, cpr.zone_lat_deg(), cpr.lat_part())?;
    if !(-90.0..=90.0).contains(&lat_deg) {
        return None;
    }
    let lon_deg = in_cell(near.lon_deg, cpr.zone_lon_deg(lat_deg), cpr.lon_part())?;
    Some(Place { lat_deg, lon_deg: half_turn(lon_deg) })
}

/// The value nearest to `near` that lies `part` of the way into a cell of this size.
fn in_cell(near: f64, size: f64, part: f64) -> Option<f64> {
    let value = size * ((near / size - part).round() + part);
    ((value - near).abs() <= size / 2.0).then_some(value)
}

/// How many longitude zones the even grid has at a latitude, 1 to 59.
#[must_use]
pub fn longitude_zones(lat_deg: f64) -> u32 {
    let lat_deg = lat_deg.abs();
    let wider = TRANSITIONS_DEG.partition_point(|transition| *transition <= lat_deg);
    59_u32.saturating_sub(u32::try_from(wider).unwrap_or_default())
}

/// The latitudes from which the even grid has 58, 57, .. 1 longitude zones, rising.
///
/// Standard: RTCA DO-260B, A.1.7.2 (d); the last is 87° by definition.
static TRANSITIONS_DEG: LazyLock<[f64; 58]> = LazyLock::new(|| {
    let mut transitions = [87.0; 58];
    let polar = 1.0 - libm::cos(std::f64::consts::PI / 30.0);
    for (transition, zones) in transitions.iter_mut().zip((3..=59_u32).rev()) {
        let turn = 1.0 - libm::cos(2.0 * std::f64::consts::PI / f64::from(zones));
        *transition = libm::acos(libm::sqrt(polar / turn)).to_degrees();
    }
    transitions
});

/// A multiple of 1/2¹⁷ rounded to the nearest whole number, halves up.
const fn nearest_whole(steps: i64) -> i64 {
    (steps + (1 << 16)) >> 17
}

/// A zone's index; they are below 60.
fn number(index: i64) -> f64 {
    f64::from(i32::try_from(index).unwrap_or_default())
}

/// A longitude from -180 to below 180.
fn half_turn(lon_deg: f64) -> f64 {
    if lon_deg >= 180.0 {
        lon_deg - 360.0
    } else if lon_deg < -180.0 {
        lon_deg + 360.0
    } else {
        lon_deg
    }
}

/// Encodes a place, for what writes frames.
#[must_use]
pub fn encode(place: Place, odd: bool, surface: bool) -> Cpr {
    let empty = Cpr { odd, surface, lat: 0, lon: 0 };
    let part = |value: f64, size: f64| {
        let turned = value / size;
        steps_of(turned - turned.floor())
    };
    let lat = part(place.lat_deg, empty.zone_lat_deg());
    // The longitude zone is that of the latitude as it will be read.
    let read = Cpr { lat, ..empty };
    let zone = read.zone_lat_deg();
    let lat_read = zone * ((place.lat_deg / zone - read.lat_part()).round() + read.lat_part());
    let lon = part(place.lon_deg, empty.zone_lon_deg(lat_read));
    Cpr { odd, surface, lat, lon }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value lies between 0 and 2^17, and a float cast saturates"
)]
fn steps_of(part: f64) -> u32 {
    (part * STEPS + 0.5).floor() as u32 % 131_072
}

#[cfg(test)]
mod tests {
    use super::*;

    fn air(odd: bool, lat: u32, lon: u32) -> Cpr {
        Cpr { odd, surface: false, lat, lon }
    }

    fn near(a: Option<Place>, lat_deg: f64, lon_deg: f64, within: f64) {
        let a = a.unwrap();
        assert!((a.lat_deg - lat_deg).abs() < within, "{a:?}");
        assert!((a.lon_deg - lon_deg).abs() < within, "{a:?}");
    }

    // The pairs of J. Sun, The 1090 MHz Riddle, 2nd edition, chapters 5 and 6.

    #[test]
    fn a_published_airborne_pair_gives_its_place() {
        let (even, odd) = (air(false, 93_000, 51_372), air(true, 74_158, 50_194));
        near(from_pair(even, odd, None), 52.257_20, 3.919_37, 1e-5);
        near(from_pair(odd, even, None), 52.265_78, 3.938_91, 1e-5);
    }

    #[test]
    fn a_published_airborne_position_is_found_from_near_by() {
        let place = Place { lat_deg: 52.258, lon_deg: 3.918 };
        near(from_near(air(false, 93_000, 51_372), place), 52.257_20, 3.919_37, 1e-5);
    }

    #[test]
    fn a_published_surface_pair_gives_its_place_with_a_reference() {
        let even = Cpr { odd: false, surface: true, lat: 115_609, lon: 116_941 };
        let odd = Cpr { odd: true, surface: true, lat: 39_199, lon: 110_269 };
        let place = Place { lat_deg: 51.990, lon_deg: 4.375 };
        near(from_pair(odd, even, Some(place)), 52.320_607, 4.734_735, 1e-5);
        assert_eq!(from_pair(odd, even, None), None);
        near(from_near(odd, place), 52.320_607, 4.734_735, 1e-5);
    }

    #[test]
    fn the_number_of_zones_changes_where_the_standard_says() {
        // RTCA DO-260B table A-21, some rows.
        for (lat_deg, below, from) in [
            (10.470_471_30, 59, 58),
            (14.828_174_37, 58, 57),
            (48.160_391_28, 40, 39),
            (59.954_592_77, 30, 29),
            (76.396_843_91, 14, 13),
            (86.535_369_98, 3, 2),
        ] {
            assert_eq!(longitude_zones(lat_deg - 1e-7), below, "below {lat_deg}");
            assert_eq!(longitude_zones(-lat_deg - 1e-7), from, "from {lat_deg}");
        }
        assert_eq!(longitude_zones(0.0), 59);
        assert_eq!(longitude_zones(86.999_999), 2);
        assert_eq!(longitude_zones(87.1), 1);
    }

    #[test]
    fn halves_of_different_latitude_zones_make_no_pair() {
        let (a, b) =
            (Place { lat_deg: 10.46, lon_deg: 4.0 }, Place { lat_deg: 10.48, lon_deg: 4.0 });
        assert_eq!(from_pair(encode(a, false, false), encode(b, true, false), None), None);
    }

    #[test]
    fn what_is_encoded_is_read_everywhere() {
        for lat in -89..=89 {
            for lon in (-179..=179).step_by(7) {
                let place =
                    Place { lat_deg: f64::from(lat) + 0.37, lon_deg: f64::from(lon) + 0.21 };
                if place.lat_deg > 90.0 {
                    continue;
                }
                for surface in [false, true] {
                    let (even, odd) = (encode(place, false, surface), encode(place, true, surface));
                    // A cell near the pole is a turn wide: a step is up to 1/360 of a degree.
                    for pair in [(even, odd), (odd, even)] {
                        near(
                            from_pair(pair.0, pair.1, Some(place)),
                            place.lat_deg,
                            place.lon_deg,
                            3e-3,
                        );
                        near(from_near(pair.0, place), place.lat_deg, place.lon_deg, 3e-3);
                    }
                }
            }
        }
    }
}
