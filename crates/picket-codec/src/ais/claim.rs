//! What an AIS message claims about the world.

use std::sync::{Arc, LazyLock};

use picket_model::observation::Frame;
use picket_model::{
    Affiliation, Angle, Body, Claim, Class, Distress, DistressKind, Ident, Kinematics, Observation,
    Position, SensorKind, Subject,
};

use super::AisMessage;
use super::message::{AisBody, Fix, PositionA, StaticVoyage};

/// One knot, m/s (1,852 m in an hour).
const KNOT_MPS: f64 = 1_852.0 / 3_600.0;

/// One sigma of a fix whose accuracy flag is set, metres. The flag promises an error of at
/// most 10 m; we take the bound for one sigma, because nobody checks the promise.
const SIGMA_ACCURATE_M: f64 = 10.0;

/// One sigma of any other fix, metres: plain GNSS keeps 10 m, but the place is that of the
/// antenna, up to half a ship's length from what others see, and up to a second old.
const SIGMA_PLAIN_M: f64 = 30.0;

/// One sigma of a long-range fix, metres: steps of 1/10 min are 185 m, whose error has a
/// sigma of 185/√12 = 53 m, beside that of the fix itself.
const SIGMA_LONG_RANGE_M: f64 = 60.0;

static FORMAT: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from("ais"));

impl AisMessage {
    /// Appends what the message claims: an observation of its sender, or nothing.
    ///
    /// Binary messages and those that run the radio channel claim nothing yet.
    pub(crate) fn claims(&self, out: &mut Vec<Claim>) {
        let Some(observation) = self.observation() else { return };
        let subject = mmsi(self.mmsi).map(Subject::Mmsi);
        let body = Body::Observation(Box::new(observation));
        out.push(Claim { occurred_at: self.heard_at, subject, ..Claim::of(body) });
    }

    fn observation(&self) -> Option<Observation> {
        let mut seen = self.blank();
        match &self.body {
            AisBody::PositionA(report) => {
                seen.place(&report.fix);
                seen.kinematics = Kinematics {
                    speed_mps: report.sog_kn.map(|knots| knots * KNOT_MPS),
                    course: course(report.cog_deg),
                    heading: course(report.heading_deg.map(f64::from)),
                };
                seen.distress = self.beacon(report);
            }
            AisBody::UtcReport(report) => seen.place(&report.fix),
            AisBody::StaticVoyage(data) => {
                seen.idents.extend(imo(data));
                seen.callsign(data.callsign.as_ref().map(|text| text.as_str()));
                seen.name(data.name.as_ref().map(|text| text.as_str()));
                seen.text = data.destination.as_ref().map(|text| Arc::from(text.as_str()));
            }
            AisBody::SarAircraft(report) => {
                seen.place(&report.fix);
                seen.kinematics = Kinematics {
                    speed_mps: report.sog_kn.map(|knots| f64::from(knots) * KNOT_MPS),
                    course: course(report.cog_deg),
                    heading: None,
                };
            }
            AisBody::PositionB(report) => {
                seen.place(&report.fix);
                seen.kinematics = Kinematics {
                    speed_mps: report.sog_kn.map(|knots| knots * KNOT_MPS),
                    course: course(report.cog_deg),
                    heading: course(report.heading_deg.map(f64::from)),
                };
            }
            AisBody::PositionBExtended(report) => {
                seen.place(&report.fix);
                seen.kinematics = Kinematics {
                    speed_mps: report.sog_kn.map(|knots| knots * KNOT_MPS),
                    course: course(report.cog_deg),
                    heading: course(report.heading_deg.map(f64::from)),
                };
                seen.name(report.name.as_ref().map(|text| text.as_str()));
            }
            AisBody::AidToNavigation(report) => {
                seen.place(&report.fix);
                seen.name(report.name.as_ref().map(|text| text.as_str()));
            }
            AisBody::StaticA(part) => {
                seen.name(part.name.as_ref().map(|text| text.as_str()));
            }
            AisBody::StaticB(part) => {
                seen.callsign(part.callsign.as_ref().map(|text| text.as_str()));
            }
            AisBody::LongRange(report) => {
                seen.place(&report.fix);
                seen.sigma_m = seen.sigma_m.map(|_| SIGMA_LONG_RANGE_M);
                seen.kinematics = Kinematics {
                    speed_mps: report.sog_kn.map(|knots| f64::from(knots) * KNOT_MPS),
                    course: course(report.cog_deg.map(f64::from)),
                    heading: None,
                };
            }
            AisBody::AddressedText(message) => {
                self.safety_text(message.text.as_deref()?, &mut seen)
            }
            AisBody::BroadcastText(message) => {
                self.safety_text(message.text.as_deref()?, &mut seen)
            }
            AisBody::AddressedBinary(_)
            | AisBody::Acknowledge(_)
            | AisBody::BroadcastBinary(_)
            | AisBody::UtcInquiry(_)
            | AisBody::Interrogation(_)
            | AisBody::Assignment(_)
            | AisBody::Dgnss(_)
            | AisBody::SlotReservation(_)
            | AisBody::ChannelManagement(_)
            | AisBody::GroupAssignment(_)
            | AisBody::SlotBinary(_)
            | AisBody::Opaque(_) => return None,
        }
        Some(seen)
    }

    /// An observation of the sender that says nothing but who it is.
    fn blank(&self) -> Observation {
        Observation {
            sensor: SensorKind::Ais,
            reporter: None,
            position: None,
            sigma_m: None,
            kinematics: Kinematics::default(),
            class: class(self.type_number, self.mmsi),
            // Anybody can send any MMSI: nothing on the air makes a ship neutral or a friend.
            affiliation: Affiliation::Pending,
            idents: mmsi(self.mmsi).map(Ident::Mmsi).into_iter().collect(),
            distress: None,
            stale_at: None,
            text: None,
            exercise: false,
            battery_percent: None,
            air: picket_model::Air::NONE,
            alarm: None,
            frame: Frame { format: Arc::clone(&FORMAT), bytes: Arc::from(self.raw.as_bytes()) },
        }
    }

    /// The call of a distress beacon: its position report is one, unless its status says test.
    ///
    /// Standard: IMO SN.1/Circ.322: status 14 is active, 15 under test. Any other status of
    /// such a device is taken for a call, because missing one costs more than asking.
    fn beacon(&self, report: &PositionA) -> Option<Distress> {
        let kind = beacon_kind(self.mmsi)?;
        Some(Distress { kind, test: report.nav_status == Some(15), cancelled: false })
    }

    fn safety_text(&self, text: &str, seen: &mut Observation) {
        let kind = beacon_kind(self.mmsi).unwrap_or(DistressKind::SafetyText);
        let test = text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "TEST");
        seen.distress = Some(Distress { kind, test, cancelled: false });
        seen.text = Some(Arc::from(text));
    }
}

/// The small steps that several message types share.
trait Fill {
    fn place(&mut self, fix: &Fix);
    fn name(&mut self, text: Option<&str>);
    fn callsign(&mut self, text: Option<&str>);
}

impl Fill for Observation {
    /// Takes the fix if it is on earth.
    fn place(&mut self, fix: &Fix) {
        let on_earth = fix
            .lat_deg
            .zip(fix.lon_deg)
            .and_then(|(lat_deg, lon_deg)| Position::from_degrees(lat_deg, lon_deg));
        self.position = on_earth;
        let is_accurate = fix.accuracy == Some(true);
        self.sigma_m = on_earth.map(|_| if is_accurate { SIGMA_ACCURATE_M } else { SIGMA_PLAIN_M });
    }

    fn name(&mut self, text: Option<&str>) {
        self.idents.extend(spoken(text).map(Ident::Name));
    }

    fn callsign(&mut self, text: Option<&str>) {
        self.idents.extend(spoken(text).map(Ident::Callsign));
    }
}

/// A name up to its padding: what stands behind an inner `@` is rubbish to a reader.
fn spoken(text: Option<&str>) -> Option<Arc<str>> {
    let name = text?.trim_start_matches('@').split('@').next()?.trim();
    (!name.is_empty()).then(|| Arc::from(name))
}

/// A direction, if it is one: the wire can say up to 409.5°.
fn course(degrees: Option<f64>) -> Option<Angle> {
    degrees.filter(|degrees| (0.0..360.0).contains(degrees)).map(Angle::from_degrees)
}

/// An MMSI, if the number can be one: 1 to 9 digits, not zero (a transponder never set up).
fn mmsi(number: u32) -> Option<u32> {
    (1..=999_999_999).contains(&number).then_some(number)
}

/// The IMO number, if it is one and not a flag state's own number.
///
/// Standard: ITU-R M.1371-5, Annex 8 table 52.
fn imo(data: &StaticVoyage) -> Option<Ident> {
    data.imo.filter(|number| (1_000_000..=9_999_999).contains(number)).map(Ident::Imo)
}

/// What a sender is, by the shape of its MMSI, unless its kind of message says it.
///
/// Standard: ITU-R M.585-9, Annexes 1 and 2.
fn class(type_number: u8, mmsi: u32) -> Class {
    match mmsi {
        _ if matches!(type_number, 4 | 21) => Class::Equipment,
        _ if type_number == 9 => Class::Aircraft,
        // 00MIDxxxx coast station; 99MIDxxxx aid to navigation.
        1..=9_999_999 | 990_000_000..=999_999_999 => Class::Equipment,
        // 111MIDxxx search and rescue aircraft.
        111_000_000..=111_999_999 => Class::Aircraft,
        // 972 marks a person in the water; 970 and 974 whatever is left afloat.
        972_000_000..=972_999_999 => Class::Person,
        970_000_000..=970_999_999 | 974_000_000..=974_999_999 => Class::Unknown,
        _ => Class::Vessel,
    }
}

/// The kind of distress beacon, by the first three digits of its MMSI.
///
/// Standard: ITU-R M.585-9, Annex 2 §2.
const fn beacon_kind(mmsi: u32) -> Option<DistressKind> {
    match mmsi / 1_000_000 {
        970 => Some(DistressKind::AisSart),
        972 => Some(DistressKind::AisMob),
        974 => Some(DistressKind::AisEpirb),
        _ => None,
    }
}
