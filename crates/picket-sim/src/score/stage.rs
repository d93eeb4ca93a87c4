//! What episodes are made of: a site, paths, and sensors with noise.

use std::sync::Arc;

use picket_model::geo::Frame;
use picket_model::observation::Frame as Bytes;
use picket_model::{
    Affiliation, Air, Area, AreaName, Class, Enu, Ident, Kinematics, Line, Observation,
    PhysicalKind, Position, SensorKind, Site,
};

use crate::chance::Chance;
use crate::mover::Legs;

/// One episode: what was perceived when, and what is true.
#[derive(Debug)]
pub(super) struct Episode {
    pub(super) site: Site,
    /// What was perceived, by the second at which it was; in order.
    pub(super) seen: Vec<(f64, Observation)>,
    /// From when the condition holds, seconds.
    pub(super) truth_s: Option<f64>,
    pub(super) from_s: f64,
    /// Until when it is played, seconds.
    pub(super) until_s: f64,
    /// Alerts of less than this are not counted.
    pub(super) least: picket_model::Severity,
}

impl Episode {
    pub(super) fn new(site: Site, mut seen: Vec<(f64, Observation)>, truth_s: Option<f64>) -> Self {
        seen.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let from_s = seen.first().map_or(0.0, |(at_s, _)| *at_s);
        let last_s = seen.last().map_or(0.0, |(at_s, _)| *at_s);
        let least = picket_model::Severity::Information;
        // Long enough for all that is late, and for a timer or two.
        Self { site, seen, truth_s, from_s, until_s: last_s + 45.0, least }
    }
}

/// A place so many metres east and north of 54° N 7° E.
pub(super) fn at(e_m: f64, n_m: f64) -> Position {
    let origin = Position {
        lat: picket_model::Angle::from_degrees(54.0),
        lon: picket_model::Angle::from_degrees(7.0),
        height_m: None,
    };
    Frame::at(origin).position(Enu { e_m, n_m })
}

/// A site with one area: a rectangle around the middle, by its half sides.
pub(super) fn site_of(kind: &str, half_e_m: f64, half_n_m: f64) -> Site {
    let corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)];
    let polygon = corners.into_iter().map(|(e, n)| at(e * half_e_m, n * half_n_m)).collect();
    let area = AreaName::new("North").ok().and_then(|name| Area::new(name, kind, polygon).ok());
    Site { name: "score".to_owned(), areas: area.into_iter().collect(), lines: Vec::new() }
}

/// A site with one line, from the south to the north through the middle, with a bend.
pub(super) fn site_with_line(forbidden: picket_model::Forbidden) -> Site {
    let points = vec![at(0.0, -400.0), at(0.0, 0.0), at(60.0, 400.0)];
    let line = AreaName::new("Line").ok().and_then(|name| Line::new(name, points, forbidden).ok());
    Site { name: "score".to_owned(), areas: Vec::new(), lines: line.into_iter().collect() }
}

/// A sensor that follows something, with errors.
#[derive(Debug, Clone)]
pub(super) struct Sensor {
    pub(super) kind: SensorKind,
    pub(super) class: Class,
    pub(super) every_s: f64,
    pub(super) sigma_m: f64,
    pub(super) ident: Ident,
    pub(super) reporter: Option<Arc<str>>,
    /// It tells speed and course too.
    pub(super) tells_velocity: bool,
}

impl Sensor {
    /// A camera or motion sensor that gives what it sees a number.
    pub(super) fn camera(class: Class, every_s: f64, sigma_m: f64) -> Self {
        let reporter: Arc<str> = Arc::from("Camera-1");
        let ident = Ident::Local { reporter: Arc::clone(&reporter), number: Arc::from("1") };
        let (kind, reporter) = (SensorKind::CotReport, Some(reporter));
        Self { kind, class, every_s, sigma_m, ident, reporter, tells_velocity: false }
    }

    /// An own team that reports itself.
    pub(super) fn team() -> Self {
        let ident = Ident::CotUid(Arc::from("Team-1"));
        let (kind, class) = (SensorKind::CotSelf, Class::Person);
        let (every_s, sigma_m) = (2.0, 3.0);
        Self { kind, class, every_s, sigma_m, ident, reporter: None, tells_velocity: false }
    }

    /// A ship's AIS.
    pub(super) fn ais(mmsi: u32, every_s: f64) -> Self {
        let (kind, class, ident) = (SensorKind::Ais, Class::Vessel, Ident::Mmsi(mmsi));
        Self { kind, class, every_s, sigma_m: 10.0, ident, reporter: None, tells_velocity: true }
    }

    /// An aircraft's ADS-B.
    pub(super) fn adsb(address: u32) -> Self {
        let (kind, class, ident) = (SensorKind::Adsb, Class::Aircraft, Ident::Icao(address));
        let (every_s, sigma_m) = (1.0, 15.0);
        Self { kind, class, every_s, sigma_m, ident, reporter: None, tells_velocity: true }
    }

    /// What it perceives along a path, each time with another error.
    pub(super) fn along(&self, legs: &Legs, chance: &mut Chance) -> Vec<(f64, Observation)> {
        let (Some([from_s, ..]), Some([until_s, ..])) = (legs.0.first(), legs.0.last()) else {
            return Vec::new();
        };
        let mut at_s = from_s + chance.between(0.0, self.every_s);
        let mut out = Vec::new();
        while at_s < *until_s {
            if let Some(motion) = legs.at(at_s) {
                let mut seen = self.fix(motion.at.e_m, motion.at.n_m, chance);
                if self.tells_velocity {
                    let speed_mps = (motion.speed_mps + chance.normal() * 0.1).max(0.0);
                    let course_deg = motion.course.degrees() + chance.normal();
                    seen.kinematics.speed_mps = Some(speed_mps);
                    let course = course_deg.rem_euclid(360.0);
                    seen.kinematics.course = Some(picket_model::Angle::from_degrees(course));
                }
                out.push((at_s, seen));
            }
            at_s += self.every_s * chance.between(0.95, 1.05);
        }
        out
    }

    /// One look at a place.
    pub(super) fn fix(&self, e_m: f64, n_m: f64, chance: &mut Chance) -> Observation {
        let (error_e, error_n) = (chance.normal() * self.sigma_m, chance.normal() * self.sigma_m);
        let mut seen = blank(self.kind, vec![self.ident.clone()]);
        seen.reporter.clone_from(&self.reporter);
        seen.class = self.class;
        seen.position = Some(at(e_m + error_e, n_m + error_n));
        seen.sigma_m = Some(self.sigma_m);
        if self.kind == SensorKind::CotSelf {
            seen.affiliation = Affiliation::Friend;
        }
        seen
    }
}

/// A perimeter sensor's alarm at a place, with an error.
pub(super) fn alarm(
    by: &str,
    kind: PhysicalKind,
    (e_m, n_m): (f64, f64),
    chance: &mut Chance,
) -> Observation {
    let sigma_m = 3.0;
    let (error_e, error_n) = (chance.normal() * sigma_m, chance.normal() * sigma_m);
    let mut seen = blank(SensorKind::CotReport, Vec::new());
    seen.reporter = Some(Arc::from(by));
    seen.alarm = Some(kind);
    seen.position = Some(at(e_m + error_e, n_m + error_n));
    seen.sigma_m = Some(sigma_m);
    seen
}

/// An observation that says nothing but who.
pub(super) fn blank(sensor: SensorKind, idents: Vec<Ident>) -> Observation {
    Observation {
        sensor,
        reporter: None,
        position: None,
        sigma_m: None,
        kinematics: Kinematics::default(),
        class: Class::Unknown,
        affiliation: Affiliation::Unknown,
        idents,
        distress: None,
        stale_at: None,
        text: None,
        exercise: true,
        battery_percent: None,
        air: Air::NONE,
        alarm: None,
        frame: Bytes { format: Arc::from("score"), bytes: Arc::from([].as_slice()) },
    }
}

/// One of so many, by chance.
pub(super) fn pick(chance: &mut Chance, count: u32) -> u32 {
    let drawn = chance.between(0.0, f64::from(count));
    (0..count).rev().find(|number| drawn >= f64::from(*number)).unwrap_or(0)
}
