//! Canonical bytes of a state, for `replay --digest`: big-endian, lengths in front.

use picket_model::{Ident, Label, Position, Time};

pub(crate) fn count(value: usize, out: &mut Vec<u8>) {
    whole(u64::try_from(value).unwrap_or(u64::MAX), out);
}

pub(crate) fn whole(value: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(&value.to_be_bytes());
}

pub(crate) fn number(value: f64, out: &mut Vec<u8>) {
    whole(value.to_bits(), out);
}

pub(crate) fn time(value: Time, out: &mut Vec<u8>) {
    out.extend_from_slice(&value.0.to_be_bytes());
}

pub(crate) fn text(value: &str, out: &mut Vec<u8>) {
    count(value.len(), out);
    out.extend_from_slice(value.as_bytes());
}

pub(crate) fn position(value: &Position, out: &mut Vec<u8>) {
    number(value.lat.radians(), out);
    number(value.lon.radians(), out);
    out.push(u8::from(value.height_m.is_some()));
    number(value.height_m.unwrap_or(0.0), out);
}

pub(crate) fn ident(value: &Ident, out: &mut Vec<u8>) {
    text(value.kind(), out);
    match value {
        Ident::Mmsi(id) | Ident::Imo(id) | Ident::Icao(id) => whole(u64::from(*id), out),
        Ident::CotUid(name) | Ident::Callsign(name) | Ident::Name(name) => text(name, out),
        Ident::Local { reporter, number } => {
            text(reporter, out);
            text(number, out);
        }
    }
}

pub(crate) fn label(value: &Label, out: &mut Vec<u8>) {
    out.push(value.level);
    for members in [&value.compartments, &value.releasable_to] {
        count(members.len(), out);
        for member in members {
            text(member, out);
        }
    }
}
