//! The fields that people and the fusion ask for, from the items that carry them.

use super::record::{AsterixRecord, Bits, Spot};
use super::table::Edition;
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
    /// Latitude WGS-84, degrees: I062/105, I021/131 or else I021/130, if it is a place on earth.
    pub lat_deg: Option<f64>,
    /// Longitude WGS-84, degrees.
    pub lon_deg: Option<f64>,
    /// Velocity east, m/s: I062/185.
    pub vx_mps: Option<f64>,
    /// Velocity north, m/s: I062/185.
    pub vy_mps: Option<f64>,
}

/// Where an edition keeps the fields of a [`Report`], each `None` if it has no such item.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Plan {
    sac: Option<Spot>,
    sic: Option<Spot>,
    tod: [Option<Spot>; 6],
    track_number: Option<Spot>,
    mode3a: Option<Spot>,
    mode3a_flags: [Option<Spot>; 2],
    icao: Option<Spot>,
    callsign: Option<Spot>,
    rho: Option<Spot>,
    theta: Option<Spot>,
    fl: Option<Spot>,
    fl_flags: [Option<Spot>; 2],
    alt: Option<Spot>,
    /// The finer first.
    places: [(Option<Spot>, Option<Spot>); 2],
    velocity: (Option<Spot>, Option<Spot>),
}

impl Plan {
    pub(super) fn of(edition: &Edition) -> Self {
        let spot = |number, path: &[&str]| Spot::of(edition, number, path);
        let place = |number| (spot(number, &["LAT"]), spot(number, &["LON"]));
        let flags = |number| [spot(number, &["V"]), spot(number, &["G"])];
        let sender = Self { sac: spot(10, &["SAC"]), sic: spot(10, &["SIC"]), ..Self::default() };
        let mut tod = [None; 6];
        match edition.category {
            21 => Self {
                tod: [71, 73, 72, 75, 77, 30].map(|number| spot(number, &[])),
                track_number: spot(161, &["TRNUM"]),
                mode3a: spot(70, &["MODE3A"]),
                mode3a_flags: flags(70),
                icao: spot(80, &[]),
                callsign: spot(170, &[]),
                fl: spot(145, &[]),
                alt: spot(140, &[]),
                places: [place(131), place(130)],
                ..sender
            },
            48 => {
                tod[0] = spot(140, &[]);
                Self {
                    tod,
                    track_number: spot(161, &["TRN"]),
                    mode3a: spot(70, &["MODE3A"]),
                    mode3a_flags: flags(70),
                    icao: spot(220, &[]),
                    callsign: spot(240, &[]),
                    rho: spot(40, &["RHO"]),
                    theta: spot(40, &["THETA"]),
                    fl: spot(90, &["FL"]),
                    fl_flags: flags(90),
                    alt: spot(110, &["3DH"]),
                    ..sender
                }
            }
            62 => {
                tod[0] = spot(70, &[]);
                Self {
                    tod,
                    track_number: spot(40, &[]),
                    mode3a: spot(60, &["MODE3A"]),
                    mode3a_flags: flags(60),
                    callsign: spot(245, &["CHR"]),
                    fl: spot(136, &[]),
                    alt: spot(130, &[]),
                    places: [place(105), (None, None)],
                    velocity: (spot(185, &["VX"]), spot(185, &["VY"])),
                    ..sender
                }
            }
            // 034 and 065 speak of the sender itself.
            _ => {
                tod[0] = spot(30, &[]);
                Self { tod, ..sender }
            }
        }
    }
}

impl AsterixRecord {
    /// The record's common fields.
    #[must_use]
    pub fn report(&self) -> Report {
        let Some(plan) = self.source.plan(self.category()) else { return Report::default() };
        let number = |spot| self.spot(spot)?.number();
        let octet = |spot| self.spot(spot).and_then(|field| u8::try_from(field.bits).ok());
        let small = |spot| self.spot(spot).and_then(|field| u16::try_from(field.bits).ok());
        let is_set = |spot: &Option<Spot>| self.spot(*spot).is_some_and(|field| field.bits == 1);
        let address = |field: Bits| u32::try_from(field.bits).ok();
        let callsign = |field: Bits| Ident8::from_icao(field.bits);
        let mut report = Report {
            sac: octet(plan.sac),
            sic: octet(plan.sic),
            tod_s: plan.tod.into_iter().find_map(number),
            track_number: small(plan.track_number),
            mode3a: small(plan.mode3a),
            mode3a_doubtful: plan.mode3a_flags.iter().any(is_set),
            icao: self.spot(plan.icao).and_then(address),
            callsign: self.spot(plan.callsign).and_then(callsign),
            rho_nm: number(plan.rho),
            theta_deg: number(plan.theta),
            fl: number(plan.fl),
            fl_doubtful: plan.fl_flags.iter().any(is_set),
            alt_ft: number(plan.alt),
            lat_deg: None,
            lon_deg: None,
            vx_mps: number(plan.velocity.0),
            vy_mps: number(plan.velocity.1),
        };
        // The wire can say more than there is.
        let on_earth = |(lat, lon): &(f64, f64)| lat.abs() <= 90.0 && lon.abs() <= 180.0;
        let place = |(lat, lon)| number(lat).zip(number(lon)).filter(on_earth);
        (report.lat_deg, report.lon_deg) = plan.places.into_iter().find_map(place).unzip();
        if self.category() == 62 {
            report.icao = self.field(380, &["ADR"]).and_then(address);
            let derived = self.field(380, &["ID"]).and_then(callsign);
            report.callsign = derived.or(report.callsign);
        }
        report
    }
}
