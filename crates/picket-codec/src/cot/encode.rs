//! Observations to events.

use std::fmt::Write as _;

use picket_model::{
    Affiliation, Body, Class, DistressKind, Ident, Observation, Record, SensorKind, Time,
};

use crate::Encoder;

/// Writes observations as events, one document each, newline after it.
#[derive(Debug, Default, Clone, Copy)]
pub struct CotEncoder;

/// When an observation lapses that does not say it, seconds: a ship at anchor reports every
/// three minutes (ITU-R M.1371-5, Annex 1 table 1).
const STALE_AFTER_S: f64 = 300.0;

impl Encoder for CotEncoder {
    /// `false` for what is no observation, has no name, has neither place nor call, or is a
    /// call made as a test: an event cannot say that it is one.
    fn encode(&mut self, record: &Record, out: &mut Vec<u8>) -> bool {
        let Body::Observation(seen) = &record.body else { return false };
        let is_test = seen.distress.as_ref().is_some_and(|call| call.test);
        let says_something = seen.position.is_some() || seen.distress.is_some();
        let Some(uid) = uid(seen).filter(|_| says_something && !is_test) else { return false };
        out.extend_from_slice(event(seen, &uid, record.occurred_at).as_bytes());
        true
    }
}

fn event(seen: &Observation, uid: &str, at: Time) -> String {
    let mut xml = String::from("<event version=\"2.0\"");
    let stale = seen.stale_at.unwrap_or_else(|| at.plus_s(STALE_AFTER_S));
    let how = match seen.sensor {
        SensorKind::Ais | SensorKind::CotSelf | SensorKind::Adsb | SensorKind::Gnss => "m-g",
        SensorKind::CotReport => "m-p",
        SensorKind::Radar => "m-r",
        SensorKind::SystemTrack => "m-f",
    };
    let atom = atom(seen.affiliation, seen.class);
    let call = seen.distress.as_ref().map(|call| (call_type(call.kind), call.cancelled));
    match call {
        Some((_, true)) => {
            attributes(&mut xml, &[("uid", &format!("{uid}-9-1-1")), ("type", "b-a-o-can")])
        }
        Some(((kind, _), false)) => {
            attributes(&mut xml, &[("uid", &format!("{uid}-9-1-1")), ("type", kind)])
        }
        // The standard's type of a detection, which is no thing.
        None if seen.alarm.is_some() => attributes(&mut xml, &[("uid", uid), ("type", "b-d")]),
        None => attributes(&mut xml, &[("uid", uid), ("type", &atom)]),
    }
    let (time, stale) = (at.to_string(), stale.to_string());
    attributes(&mut xml, &[("how", how), ("time", &time), ("start", &time), ("stale", &stale)]);
    xml.push_str("><point");
    let place = seen.position.map(|place| (place.lat.degrees(), place.lon.degrees()));
    let (lat, lon) = place.unwrap_or((0.0, 0.0));
    let hae = seen.position.and_then(|place| place.height_m).unwrap_or(UNKNOWN);
    let ce = seen.sigma_m.unwrap_or(UNKNOWN);
    for (name, value) in [("lat", lat), ("lon", lon), ("hae", hae), ("ce", ce), ("le", UNKNOWN)] {
        attributes(&mut xml, &[(name, &value.to_string())]);
    }
    xml.push_str("/><detail>");
    detail(&mut xml, seen, uid, &atom, call);
    xml.push_str("</detail></event>\n");
    xml
}

/// What stands for "unknown" in a point.
const UNKNOWN: f64 = 9_999_999.0;

fn detail(
    xml: &mut String,
    seen: &Observation,
    uid: &str,
    atom: &str,
    call: Option<((&str, &str), bool)>,
) {
    let callsign = seen.idents.iter().find_map(|ident| match ident {
        Ident::Callsign(text) | Ident::Name(text) => Some(&**text),
        Ident::Mmsi(_)
        | Ident::Imo(_)
        | Ident::Icao(_)
        | Ident::CotUid(_)
        | Ident::Local { .. } => None,
    });
    if let Some(callsign) = callsign {
        element(xml, "contact", &[("callsign", callsign)]);
    }
    match (call, &seen.reporter) {
        (Some(_), _) => element(xml, "link", &[("uid", uid), ("type", atom), ("relation", "p-p")]),
        (None, Some(by)) if **by != *uid => {
            element(xml, "link", &[("uid", by), ("relation", "p-p")])
        }
        (None, Some(_) | None) => {}
    }
    match call {
        Some(((_, words), false)) => element(xml, "emergency", &[("type", words)]),
        Some(((_, words), true)) => {
            element(xml, "emergency", &[("cancel", "true"), ("type", words)]);
        }
        None => {}
    }
    let (speed, course) = (seen.kinematics.speed_mps, seen.kinematics.course);
    if speed.is_some() || course.is_some() {
        xml.push_str("<track");
        if let Some(speed) = speed {
            attributes(xml, &[("speed", &speed.to_string())]);
        }
        if let Some(course) = course {
            attributes(xml, &[("course", &course.bearing_degrees().to_string())]);
        }
        xml.push_str("/>");
    }
    if let Some(percent) = seen.battery_percent {
        element(xml, "status", &[("battery", &percent.to_string())]);
    }
    if let Some(kind) = seen.alarm {
        element(xml, "__picket", &[("alarm", kind.as_str())]);
    }
    if let Some(text) = &seen.text {
        xml.push_str("<remarks>");
        escape(xml, text);
        xml.push_str("</remarks>");
    }
}

/// The uid of the thing: its own, its reporter's number for it, or one made of its identity
/// as other gateways make it (`MMSI-503551000`, `ICAO-7C6B2D`).
fn uid(seen: &Observation) -> Option<String> {
    seen.idents.iter().find_map(|ident| match ident {
        Ident::CotUid(uid) => Some(uid.to_string()),
        Ident::Local { number, .. } => Some(number.to_string()),
        Ident::Mmsi(mmsi) => Some(format!("MMSI-{mmsi:09}")),
        Ident::Icao(address) => Some(format!("ICAO-{address:06X}")),
        Ident::Imo(_) | Ident::Callsign(_) | Ident::Name(_) => None,
    })
}

/// The type of an atom.
fn atom(affiliation: Affiliation, class: Class) -> String {
    let side = match affiliation {
        Affiliation::Pending => "p",
        Affiliation::Unknown => "u",
        Affiliation::AssumedFriend => "a",
        Affiliation::Friend => "f",
        Affiliation::Neutral => "n",
        Affiliation::Suspect => "s",
        Affiliation::Hostile => "h",
    };
    let function = match class {
        Class::Unknown => "G",
        Class::Vessel => "S",
        Class::Aircraft => "A",
        Class::Drone => "A-M-H-Q",
        Class::Vehicle => "G-E-V",
        Class::Person => "G-U-C",
        Class::Equipment => "G-E-S",
    };
    format!("a-{side}-{function}")
}

/// The type of a call and the words that TAK clients use for it.
const fn call_type(kind: DistressKind) -> (&'static str, &'static str) {
    match kind {
        DistressKind::CotRing => ("b-a-o-pan", "Ring The Bell"),
        DistressKind::CotContact => ("b-a-o-opn", "In Contact"),
        DistressKind::AisSart
        | DistressKind::AisMob
        | DistressKind::AisEpirb
        | DistressKind::SafetyText
        | DistressKind::SquawkUnlawful
        | DistressKind::SquawkRadio
        | DistressKind::SquawkEmergency
        | DistressKind::AdsbEmergency
        | DistressKind::CotAlert => ("b-a-o-tbl", "911 Alert"),
    }
}

fn element(xml: &mut String, name: &str, pairs: &[(&str, &str)]) {
    // Writing to a String does not fail.
    let _written = write!(xml, "<{name}");
    attributes(xml, pairs);
    xml.push_str("/>");
}

fn attributes(xml: &mut String, pairs: &[(&str, &str)]) {
    for (name, value) in pairs {
        let _written = write!(xml, " {name}=\"");
        escape(xml, value);
        xml.push('"');
    }
}

/// Text with the five characters escaped; control characters, which XML cannot say, become spaces.
fn escape(xml: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\'' => xml.push_str("&apos;"),
            '\n' | '\t' => {
                let _written = write!(xml, "&#{};", u32::from(c));
            }
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => xml.push(' '),
            c => xml.push(c),
        }
    }
}
