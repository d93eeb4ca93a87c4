//! Messages to `!AIVDM` sentences: what a simulator sends, and what proves the decoder.
//!
//! Fields that are `None` are sent as the standard's "not available".

use super::message::{
    AisBody, BroadcastText, Dimensions, Eta, Fix, PositionA, PositionB, StaticA, StaticB,
    StaticVoyage,
};
use super::text::{Text, code_of};

/// A class A position report, type 1.
///
/// # Examples
/// ```
/// use picket_codec::ais::encode;
/// use picket_codec::ais::message::{Fix, PositionA};
/// let fix = Fix { accuracy: Some(true), lon_deg: Some(151.2), lat_deg: Some(-33.85) };
/// let report = PositionA { fix, sog_kn: Some(9.6), ..PositionA::default() };
/// let lines = encode::position_a(503_551_000, &report);
/// assert!(lines[0].starts_with("!AIVDM,1,1,,A,1"));
/// ```
#[must_use]
pub fn position_a(mmsi: u32, report: &PositionA) -> Vec<String> {
    message(1, 0, mmsi, &AisBody::PositionA(*report), 0).unwrap_or_default()
}

/// A class B position report, type 18.
#[must_use]
pub fn position_b(mmsi: u32, report: &PositionB) -> Vec<String> {
    message(18, 0, mmsi, &AisBody::PositionB(*report), 0).unwrap_or_default()
}

/// Safety-related text to all, type 14; letters that the six-bit set lacks become `?`, and
/// what is longer than 161 characters is cut.
#[must_use]
pub fn safety_text(mmsi: u32, text: &str) -> Vec<String> {
    let body = AisBody::BroadcastText(BroadcastText { text: Some(Box::from(text)) });
    message(14, 0, mmsi, &body, 0).unwrap_or_default()
}

/// Static and voyage data of a class A ship, type 5, in two sentences with this sequence id, 0 to 9.
#[must_use]
pub fn static_voyage(mmsi: u32, data: &StaticVoyage, sequence: u8) -> Vec<String> {
    message(5, 0, mmsi, &AisBody::StaticVoyage(*data), sequence).unwrap_or_default()
}

/// The name of a class B ship, type 24 part A.
#[must_use]
pub fn static_a(mmsi: u32, part: &StaticA) -> Vec<String> {
    message(24, 0, mmsi, &AisBody::StaticA(*part), 0).unwrap_or_default()
}

/// Call sign and dimensions of a class B ship, type 24 part B.
#[must_use]
pub fn static_b(mmsi: u32, part: &StaticB) -> Vec<String> {
    message(24, 0, mmsi, &AisBody::StaticB(*part), 0).unwrap_or_default()
}

/// Any message of the types above, as sentences on channel A; `None` for other types.
#[must_use]
pub fn message(
    type_number: u8,
    repeat: u8,
    mmsi: u32,
    body: &AisBody,
    sequence: u8,
) -> Option<Vec<String>> {
    let mut w = BitWriter::default();
    w.unsigned(u32::from(type_number), 6);
    w.unsigned(u32::from(repeat), 2);
    w.unsigned(mmsi, 30);
    match body {
        AisBody::PositionA(report) => write_position_a(&mut w, report),
        AisBody::PositionB(report) => write_position_b(&mut w, report),
        AisBody::StaticVoyage(data) => write_static_voyage(&mut w, data),
        AisBody::StaticA(part) => {
            w.unsigned(0, 2);
            w.text(part.name.as_ref(), 20);
        }
        AisBody::StaticB(part) => write_static_b(&mut w, part),
        AisBody::BroadcastText(message) => {
            w.unsigned(0, 2);
            for byte in message.text.as_deref().unwrap_or("").chars().take(161) {
                let ascii = u8::try_from(byte.to_ascii_uppercase()).unwrap_or(b'?');
                w.unsigned(u32::from(code_of(ascii).unwrap_or(b'?')), 6);
            }
        }
        AisBody::UtcReport(_)
        | AisBody::AddressedBinary(_)
        | AisBody::Acknowledge(_)
        | AisBody::BroadcastBinary(_)
        | AisBody::SarAircraft(_)
        | AisBody::UtcInquiry(_)
        | AisBody::AddressedText(_)
        | AisBody::Interrogation(_)
        | AisBody::Assignment(_)
        | AisBody::Dgnss(_)
        | AisBody::PositionBExtended(_)
        | AisBody::SlotReservation(_)
        | AisBody::AidToNavigation(_)
        | AisBody::ChannelManagement(_)
        | AisBody::GroupAssignment(_)
        | AisBody::SlotBinary(_)
        | AisBody::LongRange(_)
        | AisBody::Opaque(_) => return None,
    }
    Some(w.sentences(sequence))
}

fn write_position_a(w: &mut BitWriter, report: &PositionA) {
    w.unsigned(u32::from(report.nav_status.unwrap_or(15)), 4);
    w.signed(report.rate_of_turn.map_or(-128, |rot| i32::from(rot.wire())), 8);
    w.scaled(report.sog_kn, 10.0, 1_023, 10);
    w.fix(&report.fix);
    w.scaled(report.cog_deg, 10.0, 3_600, 12);
    w.unsigned(u32::from(report.heading_deg.unwrap_or(511)), 9);
    w.unsigned(u32::from(report.second.unwrap_or(60)), 6);
    w.unsigned(u32::from(report.maneuver.unwrap_or(0)), 2);
    w.unsigned(0, 3);
    w.flag(report.raim);
    w.unsigned(report.radio.unwrap_or(0), 19);
}

fn write_position_b(w: &mut BitWriter, report: &PositionB) {
    w.unsigned(0, 8);
    w.scaled(report.sog_kn, 10.0, 1_023, 10);
    w.fix(&report.fix);
    w.scaled(report.cog_deg, 10.0, 3_600, 12);
    w.unsigned(u32::from(report.heading_deg.unwrap_or(511)), 9);
    w.unsigned(u32::from(report.second.unwrap_or(60)), 6);
    w.unsigned(0, 2);
    for flag in [
        report.carrier_sense,
        report.display,
        report.dsc,
        report.band,
        report.msg22,
        report.assigned,
        report.raim,
    ] {
        w.flag(flag);
    }
    w.unsigned(report.radio.unwrap_or(0), 20);
}

fn write_static_voyage(w: &mut BitWriter, data: &StaticVoyage) {
    w.unsigned(u32::from(data.ais_version.unwrap_or(0)), 2);
    w.unsigned(data.imo.unwrap_or(0), 30);
    w.text(data.callsign.as_ref(), 7);
    w.text(data.name.as_ref(), 20);
    w.unsigned(u32::from(data.ship_type.unwrap_or(0)), 8);
    w.dimensions(data.dimensions);
    w.unsigned(u32::from(data.epfd.unwrap_or(0)), 4);
    w.eta(&data.eta);
    w.scaled(data.draught_m, 10.0, 0, 8);
    w.text(data.destination.as_ref(), 20);
    w.flag(data.dte);
    w.unsigned(0, 1);
}

fn write_static_b(w: &mut BitWriter, part: &StaticB) {
    w.unsigned(1, 2);
    w.unsigned(u32::from(part.ship_type.unwrap_or(0)), 8);
    w.text(part.vendor.as_ref(), 3);
    w.unsigned(u32::from(part.model.unwrap_or(0)), 4);
    w.unsigned(part.serial.unwrap_or(0), 20);
    w.text(part.callsign.as_ref(), 7);
    match part.mothership_mmsi {
        Some(mmsi) => w.unsigned(mmsi, 30),
        None => w.dimensions(part.dimensions),
    }
    w.unsigned(u32::from(part.epfd.unwrap_or(0)), 4);
    w.unsigned(0, 2);
}

/// Writes numbers of any width, most significant bit first.
#[derive(Debug, Default)]
struct BitWriter {
    /// One bit each.
    bits: Vec<bool>,
}

impl BitWriter {
    /// The low `width` bits of a number; higher ones are lost.
    fn unsigned(&mut self, value: u32, width: u32) {
        self.bits.extend((0..width).rev().map(|bit| (value >> bit) & 1 == 1));
    }

    fn signed(&mut self, value: i32, width: u32) {
        self.unsigned(value.cast_unsigned(), width);
    }

    fn flag(&mut self, value: Option<bool>) {
        self.bits.push(value == Some(true));
    }

    /// A number in steps of `1/per_unit`, held to what `width` bits can say.
    fn scaled(&mut self, value: Option<f64>, per_unit: f64, unavailable: u32, width: u32) {
        let most = f64::from((1_u32 << width) - 1);
        let raw = value.map(|value| nearest((value * per_unit).clamp(0.0, most)));
        self.unsigned(raw.map_or(unavailable, i32::cast_unsigned), width);
    }

    fn fix(&mut self, fix: &Fix) {
        self.flag(fix.accuracy);
        let raw = |degrees: Option<f64>, unavailable: f64| {
            nearest(degrees.filter(|d| d.is_finite()).unwrap_or(unavailable) * 600_000.0)
        };
        self.signed(raw(fix.lon_deg, 181.0), 28);
        self.signed(raw(fix.lat_deg, 91.0), 27);
    }

    fn dimensions(&mut self, dimensions: Option<Dimensions>) {
        let ship = dimensions.unwrap_or_default();
        self.unsigned(u32::from(ship.to_bow_m), 9);
        self.unsigned(u32::from(ship.to_stern_m), 9);
        self.unsigned(u32::from(ship.to_port_m), 6);
        self.unsigned(u32::from(ship.to_starboard_m), 6);
    }

    fn eta(&mut self, eta: &Eta) {
        self.unsigned(u32::from(eta.month.unwrap_or(0)), 4);
        self.unsigned(u32::from(eta.day.unwrap_or(0)), 5);
        self.unsigned(u32::from(eta.hour.unwrap_or(24)), 5);
        self.unsigned(u32::from(eta.minute.unwrap_or(60)), 6);
    }

    /// Text of `count` characters, padded with `@`.
    fn text<const N: usize>(&mut self, text: Option<&Text<N>>, count: usize) {
        let bytes = text.map_or("", |text| text.as_str()).bytes();
        for byte in bytes.chain(std::iter::repeat(b'@')).take(count) {
            self.unsigned(u32::from(code_of(byte).unwrap_or(0)), 6);
        }
    }

    /// The bits as armoured sentences, each with at most [`SENTENCE_PAYLOAD_MAX`] characters.
    fn sentences(&self, sequence: u8) -> Vec<String> {
        let characters: Vec<u8> = self.bits.chunks(6).map(armour).collect();
        let fill_bits = (6 - self.bits.len() % 6) % 6;
        let parts: Vec<&[u8]> = characters.chunks(SENTENCE_PAYLOAD_MAX).collect();
        let total = parts.len();
        let sentence = |(index, part): (usize, &&[u8])| {
            let payload = String::from_utf8_lossy(part);
            let id = if total > 1 { (sequence % 10).to_string() } else { String::new() };
            let fill = if index + 1 == total { fill_bits } else { 0 };
            let body = format!("AIVDM,{total},{},{id},A,{payload},{fill}", index + 1);
            let checksum = body.bytes().fold(0_u8, |sum, byte| sum ^ byte);
            format!("!{body}*{checksum:02X}")
        };
        parts.iter().enumerate().map(sentence).collect()
    }
}

/// Most payload characters of a sentence: with 82 bytes in all, 62 are left (IEC 61162-1),
/// and 60 keeps the bits of a part a multiple of eight, as transponders do.
const SENTENCE_PAYLOAD_MAX: usize = 60;

/// The armoured character of six bits; missing ones are zero.
fn armour(bits: &[bool]) -> u8 {
    let code = (0..6).fold(0, |code, index| code << 1 | u8::from(bits.get(index) == Some(&true)));
    if code < 40 { code + 48 } else { code + 56 }
}

#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates, and NaN becomes 0")]
fn nearest(value: f64) -> i32 {
    value.round() as i32
}
