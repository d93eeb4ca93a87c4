//! Places: angles, WGS-84 positions, a local east-north-up frame, areas.

use crate::id::AreaName;

/// An angle. Radians inside; degrees only at the edges.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Angle(f64);

impl Angle {
    /// From degrees.
    #[must_use]
    pub fn from_degrees(degrees: f64) -> Self {
        Self(degrees * std::f64::consts::PI / 180.0)
    }

    /// From radians.
    #[must_use]
    pub const fn from_radians(radians: f64) -> Self {
        Self(radians)
    }

    /// In degrees.
    #[must_use]
    pub fn degrees(self) -> f64 {
        self.0 * 180.0 / std::f64::consts::PI
    }

    /// In radians.
    #[must_use]
    pub const fn radians(self) -> f64 {
        self.0
    }

    /// In degrees from 0 to below 360, as a bearing is read.
    #[must_use]
    pub fn bearing_degrees(self) -> f64 {
        let turned = self.degrees().rem_euclid(360.0);
        if turned < 360.0 { turned } else { 0.0 }
    }
}

/// A place on or above the earth, WGS-84.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// Geodetic latitude, north positive, -90 to 90 degrees.
    pub lat: Angle,
    /// Longitude, east positive, -180 to 180 degrees.
    pub lon: Angle,
    /// Height above the ellipsoid, metres.
    pub height_m: Option<f64>,
}

impl Position {
    /// From degrees; `None` unless both are finite, latitude within ±90 and longitude within ±180.
    #[must_use]
    pub fn from_degrees(lat_deg: f64, lon_deg: f64) -> Option<Self> {
        let on_earth = (-90.0..=90.0).contains(&lat_deg) && (-180.0..=180.0).contains(&lon_deg);
        on_earth.then(|| Self {
            lat: Angle::from_degrees(lat_deg),
            lon: Angle::from_degrees(lon_deg),
            height_m: None,
        })
    }

    /// Great-circle distance to `other` in metres on a sphere of the mean radius; within 0.6 % of the ellipsoid's.
    #[must_use]
    pub fn distance_m(&self, other: &Self) -> f64 {
        let half_lat = libm::sin((other.lat.0 - self.lat.0) / 2.0);
        let half_lon = libm::sin((other.lon.0 - self.lon.0) / 2.0);
        let along = libm::cos(self.lat.0) * libm::cos(other.lat.0) * half_lon * half_lon;
        let h = (half_lat * half_lat + along).clamp(0.0, 1.0);
        2.0 * MEAN_RADIUS_M * libm::asin(libm::sqrt(h))
    }

    /// Initial bearing to `other`, clockwise from true north.
    #[must_use]
    pub fn bearing_to(&self, other: &Self) -> Angle {
        let dlon = other.lon.0 - self.lon.0;
        let east = libm::sin(dlon) * libm::cos(other.lat.0);
        let north = libm::cos(self.lat.0) * libm::sin(other.lat.0)
            - libm::sin(self.lat.0) * libm::cos(other.lat.0) * libm::cos(dlon);
        Angle(libm::atan2(east, north))
    }
}

/// Semi-major axis of WGS-84, metres (NGA.STND.0036).
const SEMI_MAJOR_M: f64 = 6_378_137.0;
/// First eccentricity of WGS-84, squared.
const ECCENTRICITY_SQUARED: f64 = 6.694_379_990_141_316_5e-3;
/// Mean radius of the earth, metres (IUGG R1).
const MEAN_RADIUS_M: f64 = 6_371_008.8;

/// A point of a local frame: metres east, north and up.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Enu {
    /// Metres east.
    pub e_m: f64,
    /// Metres north.
    pub n_m: f64,
}

/// A local east-north frame that touches the ellipsoid at its origin.
///
/// Uses the radii of curvature at the origin, so east and north are exact at it and
/// within about 1 part in 1,000 at 20 km below 60 degrees of latitude; longitudes wrap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    origin: Position,
    metres_per_radian_north: f64,
    metres_per_radian_east: f64,
}

impl Frame {
    /// The frame that touches the earth at `origin`.
    #[must_use]
    pub fn at(origin: Position) -> Self {
        let sin_lat = libm::sin(origin.lat.0);
        let w = libm::sqrt(1.0 - ECCENTRICITY_SQUARED * sin_lat * sin_lat);
        let prime_vertical = SEMI_MAJOR_M / w;
        let meridian = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED) / (w * w * w);
        // At a pole east has no length; the floor keeps the inverse finite.
        let cos_lat = libm::cos(origin.lat.0).max(1e-9);
        Self {
            origin,
            metres_per_radian_north: meridian,
            metres_per_radian_east: prime_vertical * cos_lat,
        }
    }

    /// Where the frame touches the earth.
    #[must_use]
    pub const fn origin(&self) -> Position {
        self.origin
    }

    /// A position in this frame.
    #[must_use]
    pub fn enu(&self, position: &Position) -> Enu {
        Enu {
            e_m: wrap(position.lon.0 - self.origin.lon.0) * self.metres_per_radian_east,
            n_m: (position.lat.0 - self.origin.lat.0) * self.metres_per_radian_north,
        }
    }

    /// The position of a point of this frame, without a height; latitude stops at the poles.
    #[must_use]
    pub fn position(&self, at: Enu) -> Position {
        let half_turn = std::f64::consts::FRAC_PI_2;
        let lat = self.origin.lat.0 + at.n_m / self.metres_per_radian_north;
        let lon = wrap(self.origin.lon.0 + at.e_m / self.metres_per_radian_east);
        Position { lat: Angle(lat.clamp(-half_turn, half_turn)), lon: Angle(lon), height_m: None }
    }
}

/// Brings an angle in radians to the short way round, -π up to π.
fn wrap(radians: f64) -> f64 {
    let pi = std::f64::consts::PI;
    if (-pi..=pi).contains(&radians) {
        return radians;
    }
    (radians + pi).rem_euclid(2.0 * pi) - pi
}

/// A polygon on the map, watched at some hours or always.
///
/// Edges are straight in longitude and latitude; a polygon that spans more than half
/// the earth is not meant, so one that crosses the date line is read the short way round.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// Its name, unique at the site.
    pub name: AreaName,
    /// What it is, such as `restricted`.
    pub kind: String,
    /// Corners in order, without the first repeated; at least three.
    pub polygon: Vec<Position>,
    /// Minutes of the UTC day when it is watched, from and until; across midnight when from > until.
    pub hours: Option<(u16, u16)>,
    /// Subjects that may be inside, as they are printed.
    pub allow: Vec<String>,
    /// From which altitude on it is watched, metres; see [`Area::holds_altitude`].
    pub floor_m: Option<f64>,
    /// Up to which altitude it is watched, metres; see [`Area::holds_altitude`].
    pub ceiling_m: Option<f64>,
}

/// Above this altitude a thing in the air is over an area without heights, not inside it, metres:
/// the least height of flight over what is built up (ICAO Annex 2 §4.6 a).
pub const OVERHEAD_M: f64 = 300.0;

/// A line on the map that is not to be crossed into one side or both, at some hours or always.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its name, unique at the site among areas and lines.
    pub name: AreaName,
    /// Its points in order; at least two.
    pub points: Vec<Position>,
    /// Into which side, seen along the points, a crossing is forbidden.
    pub forbidden: Forbidden,
    /// Minutes of the UTC day when it is watched, as [`Area::hours`].
    pub hours: Option<(u16, u16)>,
}

/// The side of a [`Line`] that is not to be entered, seen along its points. Append only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Forbidden {
    /// From right to left.
    Left = 0,
    /// From left to right.
    Right = 1,
    /// Either way.
    Both = 2,
}

impl Forbidden {
    /// All choices.
    pub const ALL: [Self; 3] = [Self::Left, Self::Right, Self::Both];

    /// The choice on the outside.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
            Self::Both => "both",
        }
    }

    /// The choice of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.as_str() == text)
    }
}

impl Line {
    /// Takes points, drops repeated ones, and checks that a line is left.
    ///
    /// # Errors
    /// [`AreaError::Points`] with fewer than two or more than [`CORNERS_MAX`] points.
    pub fn new(
        name: AreaName,
        mut points: Vec<Position>,
        forbidden: Forbidden,
    ) -> Result<Self, AreaError> {
        points.dedup();
        if !(2..=CORNERS_MAX).contains(&points.len()) {
            return Err(AreaError::Points(points.len()));
        }
        Ok(Self { name, points, forbidden, hours: None })
    }

    /// Whether the line is watched at this minute of the UTC day.
    #[must_use]
    pub fn watched_at(&self, minute_of_day: u16) -> bool {
        within_hours(self.hours, minute_of_day)
    }
}

/// Whether a minute of the UTC day lies in hours that may run across midnight.
fn within_hours(hours: Option<(u16, u16)>, minute_of_day: u16) -> bool {
    match hours {
        None => true,
        Some((from, until)) if from <= until => (from..until).contains(&minute_of_day),
        Some((from, until)) => minute_of_day >= from || minute_of_day < until,
    }
}

/// Reads `22:00-06:00` as minutes of the UTC day.
#[must_use]
pub fn parse_hours(text: &str) -> Option<(u16, u16)> {
    let minute = |clock: &str| {
        let (hour, minute) = clock.split_once(':')?;
        let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
        (hour < 24 && minute < 60).then_some(hour * 60 + minute)
    };
    let (from, until) = text.split_once('-')?;
    let (from, until) = (minute(from.trim())?, minute(until.trim())?);
    (from != until).then_some((from, until))
}

/// Most corners of an area.
pub const CORNERS_MAX: usize = 1_000;

/// Why corners make no area. The configuration is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AreaError {
    /// Fewer than three different corners, or more than [`CORNERS_MAX`].
    #[error("a polygon needs 3 to {CORNERS_MAX} different corners, this one has {0}")]
    Corners(usize),
    /// Fewer than two different points, or more than [`CORNERS_MAX`].
    #[error("a line needs 2 to {CORNERS_MAX} different points, this one has {0}")]
    Points(usize),
    /// Two edges cross.
    #[error("edges {0} and {1} of the polygon cross")]
    Crossing(usize, usize),
}

impl Area {
    /// Takes a polygon, drops a repeated last corner and checks its shape.
    ///
    /// # Errors
    /// [`AreaError`] when it has too few or too many corners, or crosses itself.
    pub fn new(name: AreaName, kind: &str, mut polygon: Vec<Position>) -> Result<Self, AreaError> {
        if polygon.len() > 1 && polygon.first() == polygon.last() {
            polygon.pop();
        }
        polygon.dedup();
        if !(3..=CORNERS_MAX).contains(&polygon.len()) {
            return Err(AreaError::Corners(polygon.len()));
        }
        let area = Self {
            name,
            kind: kind.to_owned(),
            polygon,
            hours: None,
            allow: Vec::new(),
            floor_m: None,
            ceiling_m: None,
        };
        match area.crossing() {
            Some((first, second)) => Err(AreaError::Crossing(first, second)),
            None => Ok(area),
        }
    }

    /// Whether the area is watched at this minute of the UTC day.
    #[must_use]
    pub fn watched_at(&self, minute_of_day: u16) -> bool {
        within_hours(self.hours, minute_of_day)
    }

    /// Whether an altitude lies between the area's floor and ceiling; an unknown one may.
    ///
    /// Altitudes are compared as they are told, above the ellipsoid or by pressure: heights of an
    /// area are coarse. Without a floor and a ceiling the area ends at [`OVERHEAD_M`].
    #[must_use]
    pub fn holds_altitude(&self, altitude_m: Option<f64>) -> bool {
        let Some(altitude_m) = altitude_m.filter(|m| m.is_finite()) else { return true };
        match (self.floor_m, self.ceiling_m) {
            (None, None) => altitude_m <= OVERHEAD_M,
            (floor_m, ceiling_m) => {
                floor_m.is_none_or(|floor_m| altitude_m >= floor_m)
                    && ceiling_m.is_none_or(|ceiling_m| altitude_m <= ceiling_m)
            }
        }
    }

    /// Signed distance in metres from a place to the nearest edge: positive inside, negative outside.
    ///
    /// Computed in the frame that touches the earth at `at`. `O(corners)`.
    #[must_use]
    pub fn depth_m(&self, at: &Position) -> f64 {
        let corners = self.corners_from(&Frame::at(*at));
        let mut inside = false;
        let mut nearest_m = f64::INFINITY;
        let mut previous = corners.last().copied().unwrap_or_default();
        for &corner in &corners {
            if (corner.n_m > 0.0) != (previous.n_m > 0.0) {
                let slope = (previous.e_m - corner.e_m) / (previous.n_m - corner.n_m);
                if corner.e_m - corner.n_m * slope > 0.0 {
                    inside = !inside;
                }
            }
            nearest_m = nearest_m.min(origin_to_segment_m(previous, corner));
            previous = corner;
        }
        if inside { nearest_m } else { -nearest_m }
    }

    /// The corners in a frame, each taken the short way round from the first, so that a
    /// polygon stays whole wherever it is seen from.
    fn corners_from(&self, frame: &Frame) -> Vec<Enu> {
        let Some(first) = self.polygon.first() else { return Vec::new() };
        let start = frame.enu(first);
        let place = |corner: &Position| {
            let east = wrap(corner.lon.0 - first.lon.0) * frame.metres_per_radian_east;
            Enu { e_m: start.e_m + east, n_m: frame.enu(corner).n_m }
        };
        self.polygon.iter().map(place).collect()
    }

    /// The first two edges that cross, by the index of their first corner. `O(corners²)`.
    fn crossing(&self) -> Option<(usize, usize)> {
        let corners = self.corners_from(&Frame::at(*self.polygon.first()?));
        let count = corners.len();
        let ends = corners.iter().cycle().skip(1);
        let edges: Vec<(Enu, Enu)> = corners.iter().copied().zip(ends.copied()).collect();
        for (i, &(a, b)) in edges.iter().enumerate() {
            for (j, &(c, d)) in edges.iter().enumerate().skip(i + 2) {
                let neighbours = i == 0 && j + 1 == count;
                if !neighbours && segments_cross(a, b, c, d) {
                    return Some((i, j));
                }
            }
        }
        None
    }
}

fn origin_to_segment_m(a: Enu, b: Enu) -> f64 {
    let (de, dn) = (b.e_m - a.e_m, b.n_m - a.n_m);
    let length_squared = de * de + dn * dn;
    let along = if length_squared > 0.0 {
        (-(a.e_m * de + a.n_m * dn) / length_squared).clamp(0.0, 1.0)
    } else {
        0.0
    };
    libm::hypot(a.e_m + along * de, a.n_m + along * dn)
}

fn segments_cross(a: Enu, b: Enu, c: Enu, d: Enu) -> bool {
    let side = |p: Enu, q: Enu, r: Enu| {
        (q.e_m - p.e_m) * (r.n_m - p.n_m) - (q.n_m - p.n_m) * (r.e_m - p.e_m)
    };
    let parted = |x: f64, y: f64| (x > 0.0 && y < 0.0) || (x < 0.0 && y > 0.0);
    parted(side(a, b, c), side(a, b, d)) && parted(side(c, d, a), side(c, d, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(lat_deg: f64, lon_deg: f64) -> Position {
        Position::from_degrees(lat_deg, lon_deg).unwrap()
    }

    fn area(corners: &[(f64, f64)]) -> Result<Area, AreaError> {
        let polygon = corners.iter().map(|&(lat, lon)| place(lat, lon)).collect();
        Area::new(AreaName::new("A").unwrap(), "restricted", polygon)
    }

    #[test]
    fn a_minute_of_latitude_is_a_nautical_mile() {
        let metres = place(45.0, 0.0).distance_m(&place(45.0 + 1.0 / 60.0, 0.0));
        assert!((metres - 1_852.0).abs() < 3.0, "{metres}");
    }

    #[test]
    fn a_local_frame_agrees_with_vincentys_distance() {
        // Geoscience Australia's published line Flinders Peak - Buninyong is 54 972.271 m
        // long (GDA94 Technical Manual); a tangent frame at its middle is good to 1 in 1 000.
        let flinders = place(-37.951_033_42, 144.424_867_89);
        let buninyong = place(-37.652_821_14, 143.926_495_53);
        let middle = place(-37.801_927, 144.175_682);
        let frame = Frame::at(middle);
        let (a, b) = (frame.enu(&flinders), frame.enu(&buninyong));
        let metres = libm::hypot(a.e_m - b.e_m, a.n_m - b.n_m);
        assert!((metres - 54_972.271).abs() < 55.0, "{metres}");
        assert!((flinders.distance_m(&buninyong) - 54_972.271).abs() < 330.0);
        let azimuth = flinders.bearing_to(&buninyong).bearing_degrees();
        assert!((azimuth - 306.868).abs() < 0.2, "{azimuth}");
    }

    #[test]
    fn a_frame_gives_back_the_place_it_was_given() {
        let frame = Frame::at(place(-23.8, 179.99));
        let there = place(-23.7, -179.98);
        let back = frame.position(frame.enu(&there));
        assert!(there.distance_m(&back) < 0.001);
    }

    #[test]
    fn depth_is_positive_inside_and_negative_outside() {
        let square = area(&[(0.0, 0.0), (0.0, 0.01), (0.01, 0.01), (0.01, 0.0)]).unwrap();
        let middle = square.depth_m(&place(0.005, 0.005));
        assert!((middle - 552.9).abs() < 2.0, "half of 0.01 degrees of latitude, {middle}");
        assert!(square.depth_m(&place(0.005, 0.02)) < -1_000.0);
    }

    #[test]
    fn an_area_over_the_date_line_is_read_the_short_way() {
        let corners = [(0.0, 179.9), (0.0, -179.9), (0.2, -179.9), (0.2, 179.9)];
        let across = area(&corners).unwrap();
        assert!(across.depth_m(&place(0.1, 180.0)) > 0.0);
        assert!(across.depth_m(&place(0.1, -179.95)) > 0.0);
        assert!(across.depth_m(&place(0.1, 0.0)) < 0.0);
    }

    #[test]
    fn refuses_polygons_that_cross_themselves_or_have_no_inside() {
        let bow = area(&[(0.0, 0.0), (0.01, 0.01), (0.01, 0.0), (0.0, 0.01)]);
        assert_eq!(bow, Err(AreaError::Crossing(0, 2)));
        assert_eq!(area(&[(0.0, 0.0), (1.0, 1.0), (0.0, 0.0)]), Err(AreaError::Corners(2)));
    }

    #[test]
    fn hours_may_run_across_midnight() {
        let mut night = area(&[(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)]).unwrap();
        night.hours = Some((22 * 60, 6 * 60));
        let watched: Vec<bool> =
            [21, 22, 23, 0, 5, 6].map(|hour| night.watched_at(hour * 60)).to_vec();
        assert_eq!(watched, [false, true, true, true, true, false]);
    }

    #[test]
    fn an_area_without_heights_ends_at_300_m_and_an_unknown_altitude_may_be_inside() {
        let mut low = area(&[(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)]).unwrap();
        let held = |area: &Area| [None, Some(299.0), Some(301.0)].map(|m| area.holds_altitude(m));
        assert_eq!(held(&low), [true, true, false]);
        low.floor_m = Some(300.0);
        assert_eq!(held(&low), [true, false, true]);
        low.ceiling_m = Some(300.5);
        assert_eq!(held(&low), [true, false, false]);
    }

    #[test]
    fn refuses_places_that_are_not_on_earth() {
        assert_eq!(Position::from_degrees(91.0, 0.0), None);
        assert_eq!(Position::from_degrees(f64::NAN, 0.0), None);
        assert_eq!(Position::from_degrees(0.0, 181.0), None);
    }
}
