//! What a frame or a BaseStation line claims about the world.

use std::sync::{Arc, LazyLock};

use picket_model::observation::{Air, Frame};
use picket_model::{
    Affiliation, Angle, Body, Claim, Class, Distress, DistressKind, Ident, Kinematics, Observation,
    Position, SensorKind, Subject,
};

use super::cpr::Place;
use super::encode;
use super::field::{FOOT_M, Squawk};
use super::message::{
    Address, AddressKind, Carrier, Category, Emergency, ModesMessage, Motion, Relay, Said,
};

/// One knot, m/s (1,852 m in an hour).
const KNOT_MPS: f64 = 1_852.0 / 3_600.0;

/// What the 95 % radius of a circular normal error is in sigmas: √(2·ln 20).
const RADIUS_95_SIGMAS: f64 = 2.448;
/// What a radius of containment is in sigmas: one error in 100,000 lies outside, √(2·ln 10⁵).
const CONTAINMENT_SIGMAS: f64 = 4.8;
/// One sigma of an airborne position at least, metres: it is told up to some tenths of a
/// second after it held, at 100 to 250 m/s.
const SIGMA_AIRBORNE_M_MIN: f64 = 30.0;
/// One sigma of a surface position at least, metres: the place of an antenna, in steps of 1 m.
const SIGMA_SURFACE_M_MIN: f64 = 10.0;
/// One sigma of a position whose sender does not say how good it is, and of one from a
/// line, which has no room for it, metres: what satellite navigation and a program's
/// rounding keep, and inertial navigation just after an update.
const SIGMA_UNKNOWN_M: f64 = 200.0;

static FORMATS: LazyLock<[Arc<str>; 3]> =
    LazyLock::new(|| [Arc::from("beast"), Arc::from("avr"), Arc::from("sbs")]);

impl ModesMessage {
    /// Appends what the message claims: an observation of its sender, or nothing.
    ///
    /// Nothing come of messages that say no more than that their sender is there and how
    /// high, of senders whose address nothing proves, and of Mode A/C replies.
    pub(crate) fn claims(&self, out: &mut Vec<Claim>) {
        let Some(address) = self.address.filter(|_| self.proven) else { return };
        let said = &self.said;
        let moves = said.speed_kn.is_some() || said.track_deg.is_some() || said.vrate_fpm.is_some();
        let names = said.callsign.is_some() || said.category.is_some() || said.squawk.is_some();
        if said.place.is_none() && !moves && !names && said.emergency.is_none() {
            return;
        }
        let subject = match address.kind {
            AddressKind::Icao => Some(Subject::Icao(address.number)),
            AddressKind::Own | AddressKind::TrackFile => None,
        };
        let body = Body::Observation(Box::new(self.observation(address)));
        out.push(Claim { occurred_at: self.heard_at, subject, ..Claim::of(body) });
    }

    fn observation(&self, address: Address) -> Observation {
        let said = &self.said;
        let motion = self.motion();
        let position = said.place.and_then(|place| position(place, said));
        let callsign = said.callsign.map(|name| Ident::Callsign(Arc::from(name.as_str())));
        Observation {
            sensor: SensorKind::Adsb,
            reporter: reporter(address).map(Arc::from),
            position,
            sigma_m: position.map(|_| self.sigma_m()),
            kinematics: Kinematics {
                speed_mps: motion.speed_kn.map(|knots| knots * KNOT_MPS),
                course: motion.track_deg.map(Angle::from_degrees),
                // The aircraft's reference is magnetic north as a rule, and not said here.
                heading: None,
            },
            class: self.class(address),
            // Anybody can send any address: nothing on the air makes a friend.
            affiliation: Affiliation::Pending,
            idents: std::iter::once(ident(address)).chain(callsign).collect(),
            distress: distress(said),
            stale_at: None,
            text: text(said).map(Arc::from),
            exercise: false,
            battery_percent: None,
            air: Air {
                pressure_altitude_m: said.alt_ft.map(|feet| f64::from(feet) * FOOT_M),
                climb_mps: motion.vrate_fpm.map(|rate| f64::from(rate) * FOOT_M / 60.0),
                on_ground: said.on_ground,
                squawk: said.squawk.map(digits),
                nic: said.nic,
                nacp: said.nacp,
            },
            alarm: None,
            frame: self.frame(),
        }
    }

    /// How it moves: by this message, and for a position by what came shortly before it.
    fn motion(&self) -> Motion {
        let own = Motion {
            speed_kn: self.said.speed_kn,
            track_deg: self.said.track_deg,
            vrate_fpm: self.said.vrate_fpm,
        };
        let Some(before) = self.beside.motion.filter(|_| self.said.place.is_some()) else {
            return own;
        };
        Motion {
            speed_kn: own.speed_kn.or(before.speed_kn),
            track_deg: own.track_deg.or(before.track_deg),
            vrate_fpm: own.vrate_fpm.or(before.vrate_fpm),
        }
    }

    /// One sigma of the position, metres: by the accuracy that the sender claims, else by the
    /// integrity of the message.
    fn sigma_m(&self) -> f64 {
        let accuracy = self.beside.nacp.and_then(accuracy_m).map(|m| m / RADIUS_95_SIGMAS);
        let integrity = || self.said.nic.and_then(containment_m).map(|m| m / CONTAINMENT_SIGMAS);
        let least = match self.said.on_ground {
            Some(true) => SIGMA_SURFACE_M_MIN,
            Some(false) | None => SIGMA_AIRBORNE_M_MIN,
        };
        accuracy.or_else(integrity).unwrap_or(SIGMA_UNKNOWN_M).max(least)
    }

    /// What it is: by its emitter category, else an aircraft.
    fn class(&self, address: Address) -> Class {
        // What has no transponder and rolls is a vehicle as often as an aircraft.
        let rolls = self.df == Some(18) && self.said.on_ground == Some(true);
        match self.beside.category.or(self.said.category) {
            Some(category) => class_of(category),
            None if rolls && address.relay == Relay::Direct => Class::Unknown,
            None => Class::Aircraft,
        }
    }

    fn frame(&self) -> Frame {
        let [beast, avr, sbs] = &*FORMATS;
        let mut bytes = Vec::new();
        let format = match &self.carrier {
            Carrier::Beast(frame) => {
                encode::beast(frame, &mut bytes);
                beast
            }
            Carrier::Avr(frame) => {
                encode::avr(frame, &mut bytes);
                avr
            }
            Carrier::Sbs(line) => {
                bytes.extend_from_slice(&line.text);
                sbs
            }
        };
        Frame { format: Arc::clone(format), bytes: Arc::from(bytes) }
    }
}

fn position(place: Place, said: &Said) -> Option<Position> {
    let on_earth = Position::from_degrees(place.lat_deg, place.lon_deg)?;
    let height_m = said.alt_gnss_ft.map(|feet| f64::from(feet) * FOOT_M);
    Some(Position { height_m, ..on_earth })
}

/// Who perceived it, where it is not the thing itself.
const fn reporter(address: Address) -> Option<&'static str> {
    match address.relay {
        Relay::Direct => None,
        Relay::TisB => Some("TIS-B"),
        Relay::AdsR => Some("ADS-R"),
    }
}

/// The name that an address is: only ICAO's means the same to everybody.
fn ident(address: Address) -> Ident {
    let local = |reporter: &str| Ident::Local {
        reporter: Arc::from(reporter),
        number: Arc::from(format!("~{:06X}", address.number)),
    };
    match address.kind {
        AddressKind::Icao => Ident::Icao(address.number),
        AddressKind::Own | AddressKind::TrackFile => local(reporter(address).unwrap_or("ADS-B")),
    }
}

/// The call for help in a Mode A code or an emergency state. Minimum fuel and medical
/// flights are no call for help: they stand in the text.
///
/// Standard: ICAO Doc 4444, 8.5 (codes); RTCA DO-260B, 2.2.3.2.7.8.1.1 (states).
fn distress(said: &Said) -> Option<Distress> {
    let by_state = match said.emergency {
        Some(Emergency::General | Emergency::Downed) => Some(DistressKind::SquawkEmergency),
        Some(Emergency::NoCommunications) => Some(DistressKind::SquawkRadio),
        Some(Emergency::UnlawfulInterference) => Some(DistressKind::SquawkUnlawful),
        Some(
            Emergency::None | Emergency::Medical | Emergency::MinimumFuel | Emergency::Reserved,
        )
        | None => None,
    };
    let by_code = match said.squawk {
        Some(Squawk(0o7500)) => Some(DistressKind::SquawkUnlawful),
        Some(Squawk(0o7600)) => Some(DistressKind::SquawkRadio),
        Some(Squawk(0o7700)) => Some(DistressKind::SquawkEmergency),
        Some(Squawk(_)) | None => None,
    };
    let kind = by_state.or(by_code)?;
    Some(Distress { kind, test: false, cancelled: false })
}

/// The emergency state in words.
const fn text(said: &Said) -> Option<&'static str> {
    match said.emergency {
        Some(Emergency::General) => Some("emergency: general"),
        Some(Emergency::Medical) => Some("emergency: medical flight"),
        Some(Emergency::MinimumFuel) => Some("emergency: minimum fuel"),
        Some(Emergency::NoCommunications) => Some("emergency: no communications"),
        Some(Emergency::UnlawfulInterference) => Some("emergency: unlawful interference"),
        Some(Emergency::Downed) => Some("emergency: downed aircraft"),
        Some(Emergency::None | Emergency::Reserved) | None => None,
    }
}

/// 0o7700 as the number 7700.
fn digits(squawk: Squawk) -> u16 {
    (0..4).rev().fold(0, |sum, at| sum * 10 + (squawk.0 >> (3 * at) & 7))
}

/// Standard: RTCA DO-260B, 2.2.3.2.5.2.
const fn class_of(category: Category) -> Class {
    match (category.set, category.number) {
        // Parachutist or skydiver.
        (b'B', 3) => Class::Person,
        (b'B', 6) => Class::Drone,
        // Emergency and service vehicles.
        (b'C', 1 | 3) => Class::Vehicle,
        // Obstructions: points, clusters, lines.
        (b'C', 4..=7) => Class::Equipment,
        (b'C' | b'D', _) => Class::Unknown,
        _ => Class::Aircraft,
    }
}

/// The radius that 95 % of positions keep, metres. Standard: RTCA DO-260B, table 2-71.
const fn accuracy_m(nacp: u8) -> Option<f64> {
    Some(match nacp {
        11 => 3.0,
        10 => 10.0,
        9 => 30.0,
        8 => 92.6,
        7 => 185.2,
        6 => 555.6,
        5 => 926.0,
        4 => 1_852.0,
        3 => 3_704.0,
        2 => 7_408.0,
        1 => 18_520.0,
        _ => return None,
    })
}

/// The radius of containment, metres. Standard: RTCA DO-260B, table 2-14.
const fn containment_m(nic: u8) -> Option<f64> {
    Some(match nic {
        11 => 7.5,
        10 => 25.0,
        9 => 75.0,
        8 => 185.2,
        7 => 370.4,
        6 => 1_111.2,
        5 => 1_852.0,
        4 => 3_704.0,
        3 => 7_408.0,
        2 => 14_816.0,
        1 => 37_040.0,
        _ => return None,
    })
}
