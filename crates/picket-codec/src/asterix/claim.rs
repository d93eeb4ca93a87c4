//! What a record claims about the world.

use std::sync::{Arc, LazyLock};

use picket_model::observation::Frame;
use picket_model::{
    Affiliation, Air, Angle, Body, Claim, Class, Distress, DistressKind, Ident, Kinematics,
    Observation, Position, SensorKind, Subject, Time,
};

use super::block::HEADER;
use super::record::AsterixRecord;
use super::report::Report;

/// One nautical mile, m.
const MILE_M: f64 = 1_852.0;
/// One foot, m.
const FOOT_M: f64 = 0.304_8;
/// One flight level, m.
const LEVEL_M: f64 = 100.0 * FOOT_M;
/// One foot a minute, m/s.
const FOOT_PER_MINUTE_MPS: f64 = FOOT_M / 60.0;

/// One sigma of a secondary radar's range, metres, and of its azimuth, degrees.
///
/// Standard: SUR.ET1.ST01.1000-STD-01-01 (EUROCONTROL, 1997), §6, random errors.
const SECONDARY: (f64, f64) = (70.0, 0.08);
/// The same of a primary radar.
const PRIMARY: (f64, f64) = (120.0, 0.15);

/// One sigma of a height above the ellipsoid that is taken from a pressure altitude, metres:
/// 20 hPa off the standard atmosphere are 160 m, and the geoid is up to 100 m off the ellipsoid.
const HEIGHT_SIGMA_M: f64 = 150.0;

/// How far above the radar's horizon a target of unknown height may well be, metres: half of
/// the 12 km below which nearly all fly.
const HEIGHT_UNKNOWN_M: f64 = 6_000.0;

/// One sigma of a system track that does not say its own, metres: the largest error that
/// EUROCONTROL-SPEC-147 lets a tracker have for a separation of 3 NM.
const SIGMA_SYSTEM_M: f64 = 300.0;

/// One sigma of an ADS-B position that does not say its own, metres: NACp 8 (93 m in 95 %)
/// would be 38 m; older transponders promise nothing.
const SIGMA_ADSB_M: f64 = 100.0;

/// The 95 % radius of a position by its NACp from 1 to 11, metres (RTCA DO-260B, table 2-71).
const NACP_M: [f64; 11] =
    [18_520.0, 7_408.0, 3_704.0, 1_852.0, 926.0, 555.6, 185.2, 92.6, 30.0, 10.0, 3.0];
/// A circle that holds 95 % of a two-dimensional normal distribution has this many sigmas.
const SIGMAS_OF_95: f64 = 2.447_7;

static FORMAT: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from("asterix"));

impl AsterixRecord {
    /// When it happened, if the bytes say the day too, as those of a capture do.
    ///
    /// The day of the time of day is the one that brings it nearest to the capture's time;
    /// without a time of day it is the capture's time itself.
    #[must_use]
    pub fn t(&self) -> Option<Time> {
        let recorded_at = self.recorded_at?;
        let tod_s = self.report().tod_s;
        Some(tod_s.and_then(|tod_s| moment(tod_s, recorded_at)).unwrap_or(recorded_at))
    }

    /// Appends what the record claims: an observation of its target, or nothing.
    ///
    /// Categories 034 and 065 are about the sender and claim nothing.
    pub(crate) fn claims(&self, received_at: Time, out: &mut Vec<Claim>) {
        let report = self.report();
        let near = self.recorded_at.unwrap_or(received_at);
        let moment = report.tod_s.and_then(|tod_s| moment(tod_s, near));
        let occurred_at = moment.or(self.recorded_at);
        let mut seen = match self.category() {
            21 => self.adsb(&report),
            48 => self.plot(&report),
            62 => self.system_track(&report),
            _ => return,
        };
        if self.is_over() {
            seen.stale_at = Some(occurred_at.unwrap_or(received_at));
        }
        let subject = seen.idents.iter().find_map(|ident| match ident {
            Ident::Icao(address) => Some(Subject::Icao(*address)),
            Ident::Mmsi(_)
            | Ident::Imo(_)
            | Ident::CotUid(_)
            | Ident::Local { .. }
            | Ident::Callsign(_)
            | Ident::Name(_) => None,
        });
        let body = Body::Observation(Box::new(seen));
        out.push(Claim { occurred_at, subject, ..Claim::of(body) });
    }

    /// Whether the sender says that this is the last of its track.
    fn is_over(&self) -> bool {
        match self.category() {
            48 => self.is_set(170, &["TRE"]),
            62 => self.is_set(80, &["TSE"]),
            _ => false,
        }
    }

    /// What a radar measured, category 048.
    fn plot(&self, report: &Report) -> Observation {
        let mut seen = self.blank(SensorKind::Radar, report);
        seen.exercise = self.is_set(20, &["SIM"]) || self.is_set(20, &["TST"]);
        seen.class = self.class_of_plot();
        let kind = self.bits(20, &["TYP"]);
        // "No detection": the position is the radar's own extrapolation, not a measurement.
        if kind != Some(0) {
            (seen.position, seen.sigma_m) = self.measured(report, kind == Some(1)).unzip();
        }
        seen.kinematics = Kinematics {
            speed_mps: self.number(200, &["GSP"]).map(|speed| speed * MILE_M),
            course: self.number(200, &["HDG"]).map(Angle::from_degrees),
            heading: None,
        };
        seen.air.on_ground = match self.bits(230, &["STAT"]) {
            Some(0 | 2) => Some(false),
            Some(1 | 3) => Some(true),
            _ => None,
        };
        seen.local(seen.reporter.clone(), report);
        seen.call(report, None);
        seen
    }

    /// What a plot is: an aircraft, unless the radar says better.
    fn class_of_plot(&self) -> Class {
        if self.is_set(20, &["RAB"]) {
            return Class::Equipment;
        }
        let codes = self.item(30).unwrap_or(&[]).iter().map(|octet| octet >> 1);
        let class = codes.into_iter().find_map(|code| match code {
            // A slow target that fits a road; a fixed plot; birds and flocks; a wind turbine.
            6 => Some(Class::Vehicle),
            7 | 19 | 20 | 23 => Some(Class::Unknown),
            _ => None,
        });
        class.unwrap_or(Class::Aircraft)
    }

    /// A plot's place and its error, if the radar's own place is known.
    fn measured(&self, report: &Report, is_primary: bool) -> Option<(Position, f64)> {
        let site = self.source.site.as_ref()?;
        let (range_m, azimuth_deg) = (report.rho_nm? * MILE_M, report.theta_deg?);
        let by_level = report.fl.filter(|_| !report.fl_doubtful).map(|fl| fl * LEVEL_M);
        let height_m = report.alt_ft.map(|feet| feet * FOOT_M).or(by_level);
        let place = site.target(range_m, Angle::from_degrees(azimuth_deg), height_m)?;
        let (range_sigma_m, azimuth_sigma_deg) = if is_primary { PRIMARY } else { SECONDARY };
        let short_m = match height_m {
            Some(height_m) => site.slope(range_m, height_m) * HEIGHT_SIGMA_M,
            // What the ground range loses if the target is higher than its horizon.
            None => {
                let lift_m = HEIGHT_UNKNOWN_M.min(range_m);
                range_m - libm::sqrt(range_m * range_m - lift_m * lift_m)
            }
        };
        let along_m = libm::hypot(range_sigma_m, short_m);
        let across_m = range_m * azimuth_sigma_deg.to_radians();
        // Neither pressure altitude nor height above the sea is a height above the ellipsoid.
        let place = Position { height_m: None, ..place };
        Some((place, along_m.max(across_m)))
    }

    /// A track of another system, category 062.
    fn system_track(&self, report: &Report) -> Observation {
        let mut seen = self.blank(SensorKind::SystemTrack, report);
        seen.exercise = self.is_set(80, &["SIM"]);
        if self.item(300).is_some() {
            seen.class = Class::Vehicle;
        }
        seen.place(report, self.system_sigma_m().unwrap_or(SIGMA_SYSTEM_M));
        if let (Some(east), Some(north)) = (report.vx_mps, report.vy_mps) {
            let speed_mps = libm::hypot(east, north);
            let course = Angle::from_degrees(libm::atan2(east, north).to_degrees());
            seen.kinematics = Kinematics {
                speed_mps: Some(speed_mps),
                course: (speed_mps > 0.0).then_some(course),
                heading: None,
            };
        }
        let calculated = self.number(135, &["CTB"]).filter(|_| !self.is_set(135, &["QNH"]));
        if seen.air.pressure_altitude_m.is_none() {
            seen.air.pressure_altitude_m = calculated.map(|fl| fl * LEVEL_M);
        }
        seen.air.climb_mps = self.number(220, &[]).map(|climb| climb * FOOT_PER_MINUTE_MPS);
        seen.air.on_ground = match self.bits(380, &["COM", "STAT"]) {
            Some(0 | 2) => Some(false),
            Some(1 | 3) => Some(true),
            _ => None,
        };
        seen.local(seen.reporter.clone(), report);
        let status = self.bits(380, &["SAB", "STAT"]).filter(|status| *status != 0);
        seen.call(report, status.or_else(|| self.bits(80, &["EMS"])).and_then(emergency));
        seen
    }

    /// The larger of a system track's own two errors, metres.
    fn system_sigma_m(&self) -> Option<f64> {
        let x_m = self.number(500, &["APC", "X"]);
        let y_m = self.number(500, &["APC", "Y"]);
        let sigma_m = x_m.zip(y_m).map(|(x_m, y_m)| x_m.max(y_m));
        sigma_m.filter(|sigma_m| *sigma_m > 0.0)
    }

    /// What an aircraft said of itself, category 021.
    fn adsb(&self, report: &Report) -> Observation {
        let mut seen = self.blank(SensorKind::Adsb, report);
        seen.exercise = self.is_set(40, &["SIM"]) || self.is_set(40, &["TST"]);
        seen.class = self.class_of_emitter();
        let nacp = self.bits(90, &["NACP"]).and_then(|nacp| u8::try_from(nacp).ok());
        let radius_m = nacp.and_then(|nacp| NACP_M.get(usize::from(nacp).checked_sub(1)?));
        let sigma_m = radius_m.map(|radius_m| (radius_m / SIGMAS_OF_95).max(1.0));
        seen.place(report, sigma_m.unwrap_or(SIGMA_ADSB_M));
        let in_range = |item| !self.is_set(item, &["RE"]);
        let speed_mps = self.number(160, &["GS"]).filter(|_| in_range(160));
        seen.kinematics = Kinematics {
            speed_mps: speed_mps.map(|speed| speed * MILE_M).filter(|speed| *speed >= 0.0),
            course: self.number(160, &["TA"]).map(Angle::from_degrees),
            heading: None,
        };
        // Editions before 1.0 give the rates no name and no "range exceeded".
        let rate = |item, name| self.number(item, &[name]).or_else(|| self.number(item, &[]));
        let barometric = rate(155, "BVR").filter(|_| in_range(155));
        let climb = barometric.or_else(|| rate(157, "GVR").filter(|_| in_range(157)));
        seen.air.climb_mps = climb.map(|climb| climb * FOOT_PER_MINUTE_MPS);
        seen.air.on_ground = self.bits(40, &["GBS"]).map(|bit| bit == 1);
        seen.air.nacp = nacp;
        // Before DO-260A the same bits are the NUCp, another scale.
        let is_nic = matches!(self.bits(210, &["VN"]), Some(1..=3));
        let nic = self.bits(90, &["NUCPNIC"]).filter(|_| is_nic);
        seen.air.nic = nic.and_then(|nic| u8::try_from(nic).ok());
        if !self.is_aircraft_address() {
            seen.idents.retain(|ident| !matches!(ident, Ident::Icao(_)));
            seen.local(sender(report), report);
        }
        let status = self.bits(200, &["PS"]).or_else(|| self.bits(200, &[]));
        seen.call(report, status.and_then(emergency));
        seen
    }

    /// Whether the target address is one that ICAO or a state gave out, and to this target only.
    fn is_aircraft_address(&self) -> bool {
        let is_old = self.edition.name.starts_with("0.");
        match self.bits(40, &["ATP"]) {
            // 24-bit address; duplicate or "non unique"; surface vehicle; anonymous.
            Some(0) => !is_old,
            Some(1) => is_old,
            Some(2) | None => true,
            Some(_) => false,
        }
    }

    /// What an emitter is, by I021/020 and I021/040.
    fn class_of_emitter(&self) -> Class {
        if self.is_set(40, &["RAB"]) {
            return Class::Equipment;
        }
        match self.bits(20, &[]) {
            Some(13) => Class::Drone,
            Some(16) => Class::Person,
            Some(20 | 21) => Class::Vehicle,
            Some(22..=24) => Class::Equipment,
            _ => Class::Aircraft,
        }
    }

    /// An observation that says nothing but who it is and at which altitude.
    fn blank(&self, sensor: SensorKind, report: &Report) -> Observation {
        let level = report.fl.filter(|_| !report.fl_doubtful);
        let squawk = report.mode3a.filter(|_| !report.mode3a_doubtful).map(decimal);
        let air = Air { pressure_altitude_m: level.map(|fl| fl * LEVEL_M), squawk, ..Air::NONE };
        let mut idents = Vec::with_capacity(3);
        idents.extend(report.icao.filter(|address| is_address(*address)).map(Ident::Icao));
        let callsign = report.callsign.as_ref().map(|text| Arc::from(text.as_str()));
        idents.extend(callsign.map(Ident::Callsign));
        Observation {
            sensor,
            // By category 021 the target tells of itself.
            reporter: if sensor.tells_of_itself() { None } else { sender(report) },
            position: None,
            sigma_m: None,
            kinematics: Kinematics::default(),
            class: Class::Aircraft,
            // A radar does not say whose side a target is on, and its answers can be sent by anybody.
            affiliation: Affiliation::Pending,
            idents,
            distress: None,
            stale_at: None,
            text: None,
            exercise: false,
            battery_percent: None,
            air,
            alarm: None,
            frame: self.frame(),
        }
    }

    /// The record as a data block of its own, which reads alone.
    fn frame(&self) -> Frame {
        let record = self.bytes();
        let length = u16::try_from(record.len() + HEADER).unwrap_or(u16::MAX);
        let [high, low] = length.to_be_bytes();
        let header = [self.category(), high, low];
        let bytes = header.iter().chain(record).copied().collect();
        Frame { format: Arc::clone(&FORMAT), bytes }
    }
}

/// The small steps that the categories share.
trait Fill {
    fn place(&mut self, report: &Report, sigma_m: f64);
    fn local(&mut self, reporter: Option<Arc<str>>, report: &Report);
    fn call(&mut self, report: &Report, said: Option<DistressKind>);
}

impl Fill for Observation {
    /// Takes the position if it is on earth; its height is geometric.
    fn place(&mut self, report: &Report, sigma_m: f64) {
        let on_earth = report.lat_deg.zip(report.lon_deg);
        let on_earth = on_earth.and_then(|(lat, lon)| Position::from_degrees(lat, lon));
        let height_m = report.alt_ft.map(|feet| feet * FOOT_M);
        self.position = on_earth.map(|place| Position { height_m, ..place });
        self.sigma_m = on_earth.map(|_| sigma_m);
    }

    /// Takes the sender's own number for the target.
    fn local(&mut self, reporter: Option<Arc<str>>, report: &Report) {
        if let (Some(reporter), Some(number)) = (reporter, report.track_number) {
            self.idents.push(Ident::Local { reporter, number: number.to_string().into() });
        }
    }

    /// Takes the call of a Mode 3/A code, or else the one that the sender says.
    fn call(&mut self, report: &Report, said: Option<DistressKind>) {
        let by_code = match report.mode3a.filter(|_| !report.mode3a_doubtful) {
            Some(0o7500) => Some(DistressKind::SquawkUnlawful),
            Some(0o7600) => Some(DistressKind::SquawkRadio),
            Some(0o7700) => Some(DistressKind::SquawkEmergency),
            _ => None,
        };
        let kind = by_code.or(said);
        self.distress = kind.map(|kind| Distress { kind, test: self.exercise, cancelled: false });
    }
}

/// The sender as its two codes: `25/7`.
fn sender(report: &Report) -> Option<Arc<str>> {
    let (sac, sic) = report.sac.zip(report.sic)?;
    Some(Arc::from(format!("{sac}/{sic}")))
}

/// A 24-bit address that an aircraft may have: all zeros and all ones are none.
fn is_address(address: u32) -> bool {
    (1..0xff_ffff).contains(&address)
}

/// Four octal digits as they are read: 0o7700 becomes 7700.
fn decimal(code: u16) -> u16 {
    (0..4).rev().fold(0, |read, digit| read * 10 + (code >> (3 * digit) & 7))
}

/// The call of an emergency status; a medical flight and one with little fuel are none.
///
/// Standard: I021/200, I062/080 and I062/380, which share the list.
const fn emergency(status: u64) -> Option<DistressKind> {
    match status {
        1 | 4 | 5 | 6 => Some(DistressKind::AdsbEmergency),
        _ => None,
    }
}

const DAY_S: i64 = 86_400;

/// The moment with this time of day that lies nearest to another; `None` if a day has no such time.
fn moment(tod_s: f64, near: Time) -> Option<Time> {
    if !(0.0..86_400.0).contains(&tod_s) {
        return None;
    }
    let midnight_s = near.unix_s().div_euclid(DAY_S) * DAY_S;
    let candidates = [-DAY_S, 0, DAY_S]
        .map(|day_s| Time::from_unix_s(midnight_s.saturating_add(day_s)).plus_s(tod_s));
    candidates.into_iter().min_by_key(|at| at.0.abs_diff(near.0))
}
