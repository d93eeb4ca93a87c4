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
    origin: Vector,
    /// East, north and up, each of length 1.
    east: Vector,
    north: Vector,
    up: Vector,
    /// Distance from the axis' foot of the ellipsoid's normal, metres: the first guess of the
    /// earth's radius here.
    radius_m: f64,
    height_m: f64,
}

impl Site {
    /// The site at a place; a height that is not known counts as 0 m.
    pub(super) fn new(place: Position) -> Self {
        let turn = |angle: Angle| {
            let radians = angle.degrees().to_radians();
            (libm::sin(radians), libm::cos(radians))
        };
        let ((sin_lat, cos_lat), (sin_lon, cos_lon)) = (turn(place.lat), turn(place.lon));
        let height_m = place.height_m.unwrap_or(0.0);
        let radius_m = SEMI_MAJOR_M / libm::sqrt(1.0 - ECCENTRICITY_SQUARED * sin_lat * sin_lat);
        let ring_m = (radius_m + height_m) * cos_lat;
        let axis_m = (radius_m * (1.0 - ECCENTRICITY_SQUARED) + height_m) * sin_lat;
        Self {
            origin: Vector(ring_m * cos_lon, ring_m * sin_lon, axis_m),
            east: Vector(-sin_lon, cos_lon, 0.0),
            north: Vector(-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat),
            up: Vector(cos_lat * cos_lon, cos_lat * sin_lon, sin_lat),
            radius_m,
            height_m,
        }
    }

    /// How much farther along the ground a target is taken to be for each metre that it is lower:
    /// the tangent of its elevation over a flat earth, at most [`SLOPE_MAX`].
    pub(super) fn slope(&self, range_m: f64, height_m: f64) -> f64 {
        let rise_m = (height_m - self.height_m).abs();
        let level_m = libm::sqrt((range_m * range_m - rise_m * rise_m).max(0.0));
        if rise_m >= SLOPE_MAX * level_m { SLOPE_MAX } else { rise_m / level_m }
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
        let radians = azimuth.degrees().to_radians();
        let level = self.east.times(libm::sin(radians)).plus(self.north.times(libm::cos(radians)));
        let at = |sine: f64| {
            let sine = sine.clamp(-1.0, 1.0);
            let along = level.times(range_m * libm::sqrt(1.0 - sine * sine));
            self.origin.plus(along).plus(self.up.times(range_m * sine))
        };
        let Some(height_m) = height_m.filter(|_| range_m > 0.0) else { return at(0.0).geodetic() };
        let (near_m, far_m) = (self.radius_m + self.height_m, self.radius_m + height_m);
        let square = far_m * far_m - near_m * near_m - range_m * range_m;
        let mut sine = square / (2.0 * range_m * near_m);
        for _ in 0..ROUNDS {
            sine += (height_m - at(sine).height_m()) / range_m;
        }
        at(sine).geodetic()
    }
}

/// Within 6° of the zenith a slant range says nothing of the place on the ground any more.
const SLOPE_MAX: f64 = 10.0;

/// The error of the first elevation is some 40 m of height at 400 km, and each round leaves
/// a tenth of it.
const ROUNDS: usize = 4;

/// Earth-centred metres: towards 0° E on the equator, 90° E, and the north pole.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Vector(f64, f64, f64);

impl Vector {
    fn times(self, by: f64) -> Self {
        Self(self.0 * by, self.1 * by, self.2 * by)
    }

    fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1, self.2 + other.2)
    }

    /// Height over the ellipsoid along the line to the earth's centre, metres: up to 12 km it
    /// differs by less than 0.1 m from that along the normal.
    fn height_m(self) -> f64 {
        let ring_squared = self.0 * self.0 + self.1 * self.1;
        let squared = ring_squared + self.2 * self.2;
        let flat = 1.0 - ECCENTRICITY_SQUARED * ring_squared / squared;
        libm::sqrt(squared) - SEMI_MAJOR_M * libm::sqrt((1.0 - ECCENTRICITY_SQUARED) / flat)
    }

    /// Latitude, longitude and height.
    ///
    /// Bowring (1976), "Transformation from spatial to geographical coordinates", one step,
    /// its sines and cosines taken from sides instead of angles; for heights up to 30 km its
    /// error is below a micrometre.
    fn geodetic(self) -> Option<Position> {
        let semi_minor_m = SEMI_MAJOR_M * libm::sqrt(1.0 - ECCENTRICITY_SQUARED);
        let second = ECCENTRICITY_SQUARED / (1.0 - ECCENTRICITY_SQUARED);
        let ring_m = libm::sqrt(self.0 * self.0 + self.1 * self.1);
        let unit = |y: f64, x: f64| {
            let length = libm::sqrt(y * y + x * x);
            (y / length, x / length)
        };
        let (s, c) = unit(self.2 * SEMI_MAJOR_M, ring_m * semi_minor_m);
        let rise_m = self.2 + second * semi_minor_m * s * s * s;
        let reach_m = ring_m - ECCENTRICITY_SQUARED * SEMI_MAJOR_M * c * c * c;
        let (sin_lat, cos_lat) = unit(rise_m, reach_m);
        // This form of the height holds at the poles too.
        let normal_m = SEMI_MAJOR_M * libm::sqrt(1.0 - ECCENTRICITY_SQUARED * sin_lat * sin_lat);
        let height_m = ring_m * cos_lat + self.2 * sin_lat - normal_m;
        let lat_deg = libm::atan2(rise_m, reach_m).to_degrees();
        let place = Position::from_degrees(lat_deg, libm::atan2(self.1, self.0).to_degrees())?;
        Some(Position { height_m: Some(height_m), ..place })
    }
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
            let Vector(x, y, z) = Site::new(at).origin.plus(site().origin.times(-1.0));
            let slant_m = libm::sqrt(x * x + y * y + z * z);
            assert!((slant_m - range_m).abs() < 0.01, "{range_nm} NM: {slant_m}");
            let bearing_deg =
                Position::from_degrees(47.5, 9.75).unwrap().bearing_to(&at).bearing_degrees();
            assert!((bearing_deg - azimuth_deg).abs() < 0.2, "{range_nm} NM: {bearing_deg}");
        }
    }

    #[test]
    fn a_target_lies_where_pymap3d_puts_it() {
        // pymap3d 3.x, aer2geodetic(azimuth, elevation, range) at this site: latitude, longitude, height.
        let rows = [
            (123.0, 111_120.0, 46.952_104_433_233_26, 10.967_553_392_109_474, 11_062.927_971),
            (271.0, 277_800.0, 47.484_493_174_718_84, 6.071_164_270_611_355, 13_716.504_000),
            (359.0, 463_000.0, 51.652_994_702_908_95, 9.633_602_514_898_971, 19_636.067_493),
            (10.0, 9_260.0, 47.562_768_623_116_56, 9.766_352_119_733_675, 6_376.158_494),
        ];
        for (azimuth_deg, range_m, lat_deg, lon_deg, height_m) in rows {
            let at = site().target(range_m, Angle::from_degrees(azimuth_deg), Some(height_m));
            let expected = Position::from_degrees(lat_deg, lon_deg).unwrap();
            assert!(at.unwrap().distance_m(&expected) < 0.1, "{azimuth_deg}: {at:?}");
        }
        // Without a height the elevation is 0.
        let at = site().target(37_040.0, Angle::from_degrees(270.0), None).unwrap();
        let expected = Position::from_degrees(47.498_946_407_633_77, 9.258_429_742_890_59).unwrap();
        assert!(at.distance_m(&expected) < 0.1, "{at:?}");
    }

    #[test]
    fn a_height_that_the_range_cannot_reach_puts_the_target_overhead() {
        let at = site().target(2_000.0, Angle::from_degrees(90.0), Some(9_000.0)).unwrap();
        assert!(Position::from_degrees(47.5, 9.75).unwrap().distance_m(&at) < 1.0);
    }

    #[test]
    fn an_error_of_height_weighs_more_the_steeper_the_sight() {
        // At 45° a metre of height is a metre on the ground.
        let slope = site().slope(10_000.0, 420.0 + 10_000.0 * libm::sqrt(0.5));
        assert!((slope - 1.0).abs() < 1e-9, "{slope}");
        assert!(site().slope(200_000.0, 10_000.0) < 0.05);
        assert_eq!(site().slope(5_000.0, 5_420.0).to_bits(), SLOPE_MAX.to_bits());
        assert_eq!(site().slope(0.0, 420.0).to_bits(), SLOPE_MAX.to_bits());
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
