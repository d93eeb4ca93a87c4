//! The line that `picket decode asterix` prints for a record.

use serde_json::{Map, Number, Value};

use super::record::{AsterixRecord, Bits, subfields};
use super::table::{Field, Form, Kind};
use super::text::{from_ascii, from_icao, from_octal};
use crate::json::Line;

/// A hundredth of a millionth of a degree is a millimetre; the wire's finest step is 0.17 millionths.
const DEGREE_PARTS: f64 = 1e8;

impl AsterixRecord {
    /// The line that `picket decode` prints.
    pub(crate) fn json(&self, offset: u64) -> Map<String, Value> {
        let report = self.report();
        let mut line = Line::new(self.source.format, offset, self.t());
        line.put("cat", self.category());
        line.set("sac", report.sac);
        line.set("sic", report.sic);
        line.float("tod_s", report.tod_s);
        line.set("track_number", report.track_number);
        line.set("mode3a", report.mode3a.map(|code| from_octal(u64::from(code), 12)));
        line.set("icao", report.icao.map(|address| format!("{address:06X}")));
        line.set("callsign", report.callsign.as_ref().map(|text| text.as_str()));
        line.float("rho_nm", report.rho_nm);
        line.float("theta_deg", report.theta_deg);
        line.float("fl", report.fl);
        line.float("alt_ft", report.alt_ft);
        line.rounded("lat_deg", report.lat_deg, DEGREE_PARTS);
        line.rounded("lon_deg", report.lon_deg, DEGREE_PARTS);
        line.float("vx_mps", report.vx_mps);
        line.float("vy_mps", report.vy_mps);
        line.put("items", self.items_json());
        line.finish()
    }

    /// Every item by its number, its fields by the standard's names and in its units.
    ///
    /// What the standard does not name is the value itself, what repeats is a list, and bits
    /// that the standard does not interpret are a number up to 16 bits and hexadecimal above.
    #[must_use]
    pub fn items_json(&self) -> Map<String, Value> {
        let items = self.items();
        items.map(|(item, bytes)| (item.0.to_owned(), form(&item.2, bytes))).collect()
    }
}

fn form(form: &'static Form, bytes: &[u8]) -> Value {
    match form {
        Form::Fixed(_, fields) => one_or_all(fields, bytes),
        Form::Extended(parts) => {
            let mut map = Map::new();
            for (octet, (part, _)) in parts.iter().zip(bytes).enumerate() {
                fill(&mut map, part, bytes, octet * 8);
            }
            Value::Object(map)
        }
        Form::Counted(octets, fields) => {
            let groups = bytes.get(1..).unwrap_or(&[]).chunks_exact(*octets);
            groups.map(|group| one_or_all(fields, group)).collect()
        }
        Form::Chained(octets, fields) => {
            bytes.chunks_exact(*octets).map(|group| one_or_all(fields, group)).collect()
        }
        Form::Compound(parts) => {
            let parts = subfields(parts, bytes);
            Value::Object(
                parts
                    .map(|(part, bytes)| (part.0.to_owned(), self::form(&part.2, bytes)))
                    .collect(),
            )
        }
        Form::Explicit => hex(bytes.get(1..).unwrap_or(&[])).into(),
    }
}

/// The value of the one field without a name, or an object of all that have one.
fn one_or_all(fields: &'static [Field], bytes: &[u8]) -> Value {
    if let [field] = fields
        && field.0.is_empty()
    {
        let read = Bits::read(bytes, 0, field);
        return read.map_or(Value::Null, |read| value(&read, read.kind));
    }
    let mut map = Map::new();
    fill(&mut map, fields, bytes, 0);
    Value::Object(map)
}

fn fill(map: &mut Map<String, Value>, fields: &'static [Field], bytes: &[u8], at: usize) {
    let switch = fields.first().and_then(|first| Bits::read(bytes, at, first));
    let mut at = at;
    for field in fields {
        let shown = match &field.2 {
            Kind::Spare => None,
            Kind::Group(inner) => {
                let mut map = Map::new();
                fill(&mut map, inner, bytes, at);
                Some(Value::Object(map))
            }
            Kind::BySwitch(clear, set) => {
                let is_set = switch.is_some_and(|switch| switch.bits == 1);
                let kind = if is_set { set } else { clear };
                Bits::read(bytes, at, field).map(|read| value(&read, kind))
            }
            Kind::Raw
            | Kind::Code
            | Kind::Unsigned
            | Kind::Signed
            | Kind::Scaled(..)
            | Kind::SignedScaled(..)
            | Kind::Ascii
            | Kind::Icao
            | Kind::Octal => Bits::read(bytes, at, field).map(|read| value(&read, read.kind)),
        };
        if let Some(shown) = shown {
            map.insert(field.0.to_owned(), shown);
        }
        at += usize::from(field.1);
    }
}

/// A field's value, read as `kind`.
fn value(read: &Bits, kind: &'static Kind) -> Value {
    let Bits { bits, width, .. } = *read;
    match kind {
        Kind::Raw if width > 16 => {
            let digits = usize::from(width.div_ceil(4));
            format!("{bits:0digits$X}").into()
        }
        Kind::Raw | Kind::Code | Kind::Unsigned => bits.into(),
        Kind::Signed => read.signed().into(),
        Kind::Scaled(..) | Kind::SignedScaled(..) => {
            let number = Bits { kind, ..*read }.number().and_then(Number::from_f64);
            number.map_or(Value::Null, Value::Number)
        }
        Kind::Ascii => from_ascii(bits, width).into(),
        Kind::Icao => from_icao(bits, width).into(),
        Kind::Octal => from_octal(bits, width).into(),
        Kind::Spare | Kind::Group(_) | Kind::BySwitch(..) => Value::Null,
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().map_or('?', char::from);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
