//! The fields that people and the fusion ask for, from the items that carry them.

use super::record::{AsterixRecord, Bits};
use super::text::Ident8;

/// What a record says of its target or its sender, each as far as it does.
///
/// Units are those of the standard, as `picket decode` prints them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Report {
    /// System area code of the sender.
    pub sac: Option<u8>,
    /// System identification code of the sender.
    pub sic: Option<u8>,
    /// Time of day, seconds since midnight UTC, steps of 1/128 s.
    ///
    /// I034/030, I048/140, I062/070, I065/030; of I021 the time of applicability of the
    /// position (071), or else of its reception (073), of the velocity's (072, 075), of the
    /// report's sending (077), and in editions before 1.0 the time of day (030).
    pub tod_s: Option<f64>,
    /// Track number: I048/161, I062/040, I021/161.
    pub track_number: Option<u16>,
    /// Mode 3/A code, four octal digits: I048/070, I062/060, I021/070.
    pub mode3a: Option<u16>,
    /// Whether the sender says that the code is not validated or garbled.
    pub mode3a_doubtful: bool,
    /// 24-bit aircraft address: I048/220, I062/380 ADR, I021/080.
    pub icao: Option<u32>,
    /// Call sign: I048/240, I062/380 ID or else I062/245, I021/170.
    pub callsign: Option<Ident8>,
    /// Slant range, nautical miles: I048/040.
    pub rho_nm: Option<f64>,
    /// Azimuth, degrees clockwise from north: I048/040.
    pub theta_deg: Option<f64>,
    /// Flight level, hundreds of feet of the standard atmosphere: I048/090, I062/136, I021/145.
    pub fl: Option<f64>,
    /// Whether the sender says that the flight level is not validated or garbled.
    pub fl_doubtful: bool,
    /// Height in feet: of a 3D radar (I048/110, above mean sea level), geometric (I062/130, I021/140).
    pub alt_ft: Option<f64>,
    /// Latitude WGS-84, degrees: I062/105, I021/131 or else I021/130.
    pub lat_deg: Option<f64>,
    /// Longitude WGS-84, degrees.
    pub lon_deg: Option<f64>,
    /// Velocity east, m/s: I062/185.
    pub vx_mps: Option<f64>,
    /// Velocity north, m/s: I062/185.
    pub vy_mps: Option<f64>,
}

impl AsterixRecord {
    /// The record's common fields.
    #[must_use]
    pub fn report(&self) -> Report {
        let octet = |field| self.bits(10, &[field]).and_then(|bits| u8::try_from(bits).ok());
        let mut report = Report { sac: octet("SAC"), sic: octet("SIC"), ..Report::default() };
        match self.category() {
            21 => self.target_021(&mut report),
            48 => self.target_048(&mut report),
            62 => self.target_062(&mut report),
            // 034 and 065 speak of the sender itself.
            _ => report.tod_s = self.number(30, &[]),
        }
        report
    }

    fn target_021(&self, report: &mut Report) {
        let times = [71, 73, 72, 75, 77, 30];
        report.tod_s = times.into_iter().find_map(|item| self.number(item, &[]));
        report.track_number = self.small(161, &["TRNUM"]);
        self.mode3a(70, report);
        report.icao = self.address(80, &[]);
        report.callsign = self.callsign(170, &[]);
        report.fl = self.number(145, &[]);
        report.alt_ft = self.number(140, &[]);
        let place = |item| self.number(item, &["LAT"]).zip(self.number(item, &["LON"]));
        (report.lat_deg, report.lon_deg) = place(131).or_else(|| place(130)).unzip();
    }

    fn target_048(&self, report: &mut Report) {
        report.tod_s = self.number(140, &[]);
        report.track_number = self.small(161, &["TRN"]);
        self.mode3a(70, report);
        report.icao = self.address(220, &[]);
        report.callsign = self.callsign(240, &[]);
        report.rho_nm = self.number(40, &["RHO"]);
        report.theta_deg = self.number(40, &["THETA"]);
        report.fl = self.number(90, &["FL"]);
        report.fl_doubtful = self.is_set(90, &["V"]) || self.is_set(90, &["G"]);
        report.alt_ft = self.number(110, &["3DH"]);
    }

    fn target_062(&self, report: &mut Report) {
        report.tod_s = self.number(70, &[]);
        report.track_number = self.small(40, &[]);
        self.mode3a(60, report);
        report.icao = self.address(380, &["ADR"]);
        let derived = self.callsign(380, &["ID"]);
        report.callsign = derived.or_else(|| self.callsign(245, &["CHR"]));
        report.fl = self.number(136, &[]);
        report.alt_ft = self.number(130, &[]);
        report.lat_deg = self.number(105, &["LAT"]);
        report.lon_deg = self.number(105, &["LON"]);
        report.vx_mps = self.number(185, &["VX"]);
        report.vy_mps = self.number(185, &["VY"]);
    }

    fn mode3a(&self, item: u16, report: &mut Report) {
        report.mode3a = self.small(item, &["MODE3A"]);
        report.mode3a_doubtful = self.is_set(item, &["V"]) || self.is_set(item, &["G"]);
    }

    fn small(&self, item: u16, path: &[&str]) -> Option<u16> {
        self.bits(item, path).and_then(|bits| u16::try_from(bits).ok())
    }

    fn address(&self, item: u16, path: &[&str]) -> Option<u32> {
        self.bits(item, path).and_then(|bits| u32::try_from(bits).ok())
    }

    fn callsign(&self, item: u16, path: &[&str]) -> Option<Ident8> {
        self.field(item, path).as_ref().map(|Bits { bits, .. }| *bits).and_then(Ident8::from_icao)
    }
}
