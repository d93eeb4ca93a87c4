//! From what a radar measures, slant range and azimuth, to a place on the earth.

use picket_model::{Angle, Position};

/// Semi-major axis of WGS-84, metres (NGA.STND.0036).
const SEMI_MAJOR_M: f64 = 6_378_137.0;
/// First eccentricity of WGS-84, squared.
const ECCENTRICITY_SQUARED: f64 = 6.694_379_990_141_316_5e-3;

/// A radar's place, with what turns its east, north and up into earth-centred axes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Site {
    /// Earth-centred place, metres.
    origin: [f64; 3],
    /// Sine and cosine of latitude and of longitude.
    lat: (f64, f64),
    lon: (f64, f64),
    height_m: f64,
}

impl Site {
    /// The site at a place; a height that is not known counts as 0 m.
    pub(super) fn new(place: Position) -> Self {
        let turn = |angle: Angle| {
            let radians = angle.degrees().to_radians();
            (libm::sin(radians), libm::cos(radians))
        };
        let (lat, lon) = (turn(place.lat), turn(place.lon));
        let height_m = place.height_m.unwrap_or(0.0);
        let normal_m = SEMI_MAJOR_M / libm::sqrt(1.0 - ECCENTRICITY_SQUARED * lat.0 * lat.0);
        let ring_m = (normal_m + height_m) * lat.1;
        let axis_m = (normal_m * (1.0 - ECCENTRICITY_SQUARED) + height_m) * lat.0;
        Self { origin: [ring_m * lon.1, ring_m * lon.0, axis_m], lat, lon, height_m }
    }

    /// The place of a target at a slant range in metres and an azimuth clockwise from true north.
    ///
    /// With a height above the ellipsoid, the elevation is the one that reaches it, found from
    /// the sphere through the site and mended against the ellipsoid; a height that the range
    /// cannot reach puts the target straight above or below. Without one, elevation is 0: the
    /// target is taken to stand on the radar's horizon.
    ///
    /// Agrees with the ellipsoid to a metre within 500 km; refraction is left out, because a
    /// slant range and a height need no elevation to be measured.
    pub(super) fn target(
        &self,
        range_m: f64,
        azimuth: Angle,
        height_m: Option<f64>,
    ) -> Option<Position> {
        let Some(height_m) = height_m else { return self.at(range_m, azimuth, 0.0) };
        let radius_m =
            SEMI_MAJOR_M / libm::sqrt(1.0 - ECCENTRICITY_SQUARED * self.lat.0 * self.lat.0);
        let (near_m, far_m) = (radius_m + self.height_m, radius_m + height_m);
        if range_m <= 0.0 {
            return self.at(0.0, azimuth, 0.0);
        }
        let mut sine =
            (far_m * far_m - near_m * near_m - range_m * range_m) / (2.0 * range_m * near_m);
        let mut place = self.at(range_m, azimuth, sine)?;
        for _ in 0..ROUNDS {
            let short_m = height_m - place.height_m.unwrap_or(height_m);
            sine += short_m / range_m;
            place = self.at(range_m, azimuth, sine)?;
        }
        Some(place)
    }

    /// The place at a slant range, an azimuth and the sine of an elevation.
    fn at(&self, range_m: f64, azimuth: Angle, sine: f64) -> Option<Position> {
        let sine = sine.clamp(-1.0, 1.0);
        let azimuth = azimuth.degrees().to_radians();
        let level_m = range_m * libm::sqrt(1.0 - sine * sine);
        let (e, n, u) =
            (level_m * libm::sin(azimuth), level_m * libm::cos(azimuth), range_m * sine);
        let [x, y, z] = self.origin;
        let ((sin_lat, cos_lat), (sin_lon, cos_lon)) = (self.lat, self.lon);
        let out = cos_lat * u - sin_lat * n;
        geodetic(
            x + cos_lon * out - sin_lon * e,
            y + sin_lon * out + cos_lon * e,
            z + sin_lat * u + cos_lat * n,
        )
    }
}

/// The error of the first elevation is some 30 m at 400 km, and each round leaves a hundredth of it.
const ROUNDS: usize = 3;

/// Earth-centred metres to latitude, longitude and height.
///
/// Bowring (1976), "Transformation from spatial to geographical coordinates", one step: for
/// heights up to 30 km its error is below a micrometre.
fn geodetic(x: f64, y: f64, z: f64) -> Option<Position> {
    let semi_minor_m = SEMI_MAJOR_M * libm::sqrt(1.0 - ECCENTRICITY_SQUARED);
    let second = ECCENTRICITY_SQUARED / (1.0 - ECCENTRICITY_SQUARED);
    let ring_m = libm::hypot(x, y);
    let reduced = libm::atan2(z * SEMI_MAJOR_M, ring_m * semi_minor_m);
    let (s, c) = (libm::sin(reduced), libm::cos(reduced));
    let lat = libm::atan2(
        z + second * semi_minor_m * s * s * s,
        ring_m - ECCENTRICITY_SQUARED * SEMI_MAJOR_M * c * c * c,
    );
    let (sin_lat, cos_lat) = (libm::sin(lat), libm::cos(lat));
    let normal_m = SEMI_MAJOR_M / libm::sqrt(1.0 - ECCENTRICITY_SQUARED * sin_lat * sin_lat);
    // This form of the height holds at the poles too.
    let height_m = ring_m * cos_lat + z * sin_lat - SEMI_MAJOR_M * SEMI_MAJOR_M / normal_m;
    let place = Position::from_degrees(lat.to_degrees(), libm::atan2(y, x).to_degrees())?;
    Some(Position { height_m: Some(height_m), ..place })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Site {
        let place = Position::from_degrees(47.5, 9.75).unwrap();
        Site::new(Position { height_m: Some(420.0), ..place })
    }

    #[test]
    fn a_target_lies_at_its_slant_range_and_height() {
        // The definition itself: the straight line from site to target is the slant range.
        for (range_nm, azimuth_deg, height_m) in [
            (5.0, 10.0, 3_000.0),
            (60.0, 123.0, 11_000.0),
            (150.0, 271.0, 12_500.0),
            (250.0, 359.0, 9_000.0),
        ] {
            let range_m = range_nm * 1_852.0;
            let at =
                site().target(range_m, Angle::from_degrees(azimuth_deg), Some(height_m)).unwrap();
            assert!((at.height_m.unwrap() - height_m).abs() < 0.5, "{range_nm} NM: {at:?}");
            let there = Site::new(at).origin;
            let squares = there.iter().zip(site().origin).map(|(a, b)| (a - b) * (a - b));
            let slant_m = libm::sqrt(squares.sum());
            assert!((slant_m - range_m).abs() < 0.01, "{range_nm} NM: {slant_m}");
            let bearing_deg =
                Position::from_degrees(47.5, 9.75).unwrap().bearing_to(&at).bearing_degrees();
            assert!((bearing_deg - azimuth_deg).abs() < 0.2, "{range_nm} NM: {bearing_deg}");
        }
    }

    #[test]
    fn a_height_that_the_range_cannot_reach_puts_the_target_overhead() {
        let at = site().target(2_000.0, Angle::from_degrees(90.0), Some(9_000.0)).unwrap();
        assert!(Position::from_degrees(47.5, 9.75).unwrap().distance_m(&at) < 1.0);
    }

    #[test]
    fn a_range_of_zero_is_the_site_itself() {
        let at = site().target(0.0, Angle::from_degrees(90.0), Some(9_000.0)).unwrap();
        assert!(Position::from_degrees(47.5, 9.75).unwrap().distance_m(&at) < 0.01);
    }

    #[test]
    fn a_radar_at_a_pole_or_the_date_line_sees_too() {
        for (lat_deg, lon_deg) in [(90.0, 0.0), (-90.0, 12.0), (10.0, 180.0), (0.0, -180.0)] {
            let site = Site::new(Position::from_degrees(lat_deg, lon_deg).unwrap());
            for azimuth_deg in [0.0, 90.0, 180.0, 270.0] {
                let at = site
                    .target(100_000.0, Angle::from_degrees(azimuth_deg), Some(10_000.0))
                    .unwrap();
                let away_m = Position::from_degrees(lat_deg, lon_deg).unwrap().distance_m(&at);
                assert!((away_m - 99_350.0).abs() < 700.0, "{lat_deg} {lon_deg}: {away_m}");
            }
        }
    }
}
