//! Every field of every message of two real recordings, beside what pyais reads.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must stop"
)]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use picket_codec::{DecodeError, Decoded};
use picket_model::Time;
use serde_json::{Map, Value, json};

#[test]
fn the_amsa_recording_equals_pyais_field_by_field() {
    let decoded = decode(&recording("amsa-2012-01-27.nmea.gz"), usize::MAX);
    let unmatched = compare(&decoded, &oracle("amsa-2012-01-27.pyais.jsonl.gz"));
    // pyais checks no checksum: it reads the 3 wrong lines and, of the 13 cut ones, the one
    // that lost nothing but its checksum.
    assert_eq!(unmatched.len(), 4, "{unmatched:#?}");
    let mut rejects: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, error) in &decoded.rejects {
        *rejects.entry(reason(error)).or_default() += 1;
    }
    let expected = [("checksum missing", 13), ("checksum wrong", 3), ("incomplete", 4)];
    // A fifth half without a partner is one of the cut lines.
    assert_eq!(rejects, BTreeMap::from(expected));
}

#[test]
fn the_recording_of_all_types_equals_pyais_field_by_field() {
    let decoded = decode(&recording("libais-all-types.aivdm.gz"), usize::MAX);
    let unmatched = compare(&decoded, &oracle("libais-all-types.pyais.jsonl.gz"));
    // One line is so short that, without its fill bits, the MMSI is not whole.
    assert_eq!(unmatched.len(), 1, "{unmatched:#?}");
    let rejects: Vec<&str> = decoded.rejects.iter().map(|(_, error)| reason(error)).collect();
    assert_eq!(rejects, ["truncated"]);
    let types: BTreeMap<String, usize> =
        decoded.messages.iter().fold(BTreeMap::new(), |mut types, (_, message)| {
            *types.entry(message.kind()).or_default() += 1;
            types
        });
    for type_number in 1..=28 {
        assert!(types.contains_key(&type_number.to_string()), "no type {type_number}");
    }
}

#[test]
fn the_cut_of_the_stream_changes_nothing() {
    let bytes = recording("amsa-2012-01-27.nmea.gz");
    let whole = decode(&bytes, usize::MAX);
    for chunk in [1, 7, 1_500] {
        assert!(decode(&bytes, chunk) == whole, "chunks of {chunk}");
    }
}

#[test]
fn every_reject_and_message_stands_at_a_line_start() {
    let bytes = recording("amsa-2012-01-27.nmea.gz");
    let decoded = decode(&bytes, usize::MAX);
    let rejects = decoded.rejects.iter().map(|(at, _)| at);
    for at in decoded.messages.iter().map(|(at, _)| at).chain(rejects) {
        let at = usize::try_from(*at).unwrap();
        assert_eq!(bytes.get(at), Some(&b'!'), "{at}");
        assert!(at == 0 || bytes.get(at - 1) == Some(&b'\n'), "{at}");
    }
}

fn recording(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/ais").join(name);
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).unwrap();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    bytes
}

fn oracle(name: &str) -> Vec<Map<String, Value>> {
    let text = String::from_utf8(recording(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn decode(bytes: &[u8], chunk: usize) -> Decoded {
    let mut decoder =
        (picket_codec::format("ais").unwrap().decoder)(&picket_codec::Settings::default());
    let (mut out, now) = (Decoded::default(), Time::from_unix_s(1_327_664_768));
    for piece in bytes.chunks(chunk) {
        decoder.feed(piece, now, &mut out);
    }
    decoder.end(now, &mut out);
    out
}

fn reason(error: &DecodeError) -> &'static str {
    match error {
        DecodeError::ChecksumMissing { .. } => "checksum missing",
        DecodeError::ChecksumWrong { .. } => "checksum wrong",
        DecodeError::Incomplete { .. } => "incomplete",
        DecodeError::UnknownPart { .. } => "unknown part",
        DecodeError::Truncated { .. } => "truncated",
        other @ (DecodeError::NotASentence { .. }
        | DecodeError::TooLong { .. }
        | DecodeError::Invalid { .. }
        | DecodeError::Armour { .. }
        | DecodeError::Xml { .. }
        | _) => panic!("{other}"),
    }
}

/// Finds each of our messages in the oracle's, in order; gives those of the oracle that we have not.
fn compare(ours: &Decoded, oracle: &[Map<String, Value>]) -> Vec<Map<String, Value>> {
    let (mut unmatched, mut wrong) = (Vec::new(), Vec::new());
    let mut theirs = oracle.iter();
    for (at, message) in &ours.messages {
        let line = message.json(*at);
        if message.kind() == "63" {
            // No type of the standard, and the one message that pyais gives up on.
            continue;
        }
        let is_it = |other: &&Map<String, Value>| {
            [("type", "msg_type"), ("mmsi", "mmsi")].iter().all(|(a, b)| line[*a] == other[*b])
        };
        loop {
            let Some(next) = theirs.next() else { panic!("pyais lacks {line:?}") };
            if is_it(&next) {
                wrong.extend(differences(&line, next).map(|text| format!("at {at}: {text}")));
                break;
            }
            unmatched.push(next.clone());
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ: {:#?}",
        wrong.len(),
        wrong.iter().take(20).collect::<Vec<_>>()
    );
    unmatched.extend(theirs.cloned());
    unmatched
}

/// What is not equal between our line and the oracle's message; `None` if all is.
fn differences(line: &Map<String, Value>, oracle: &Map<String, Value>) -> Option<String> {
    let mut expected = expected(oracle);
    // pyais reads what is left of a cut field as the whole; we leave it out. Such a field is
    // the last that its message has, so all that follow are null.
    let cut = oracle.iter().rev().find(|(_, value)| !value.is_null()).map(|(key, _)| key.as_str());
    let is_short = oracle.values().any(Value::is_null);
    let mut text = String::new();
    for (key, ours) in line {
        if matches!(key.as_str(), "format" | "offset" | "t" | "received_at") {
            continue;
        }
        if key == "data_hex" && oracle.get("data").is_none_or(Value::is_null) {
            // pyais took the application's data apart instead, or saw too few to call them data.
            continue;
        }
        let ours = &as_pyais(key, ours, &line["type"]);
        match expected.remove(key.as_str()) {
            None if ours.is_null() => {}
            Some((_, theirs)) if equal(key, ours, &theirs) => {}
            Some((_, theirs)) => text += &format!("{key}: {ours} is not {theirs}; "),
            None => text += &format!("{key}: {ours} is not with pyais; "),
        }
    }
    for (key, (from, theirs)) in expected {
        let is_fill = key == "data_hex" && theirs == "00";
        let is_cut = is_short && cut == Some(from);
        if !is_fill && !is_cut {
            text += &format!("{key}: {theirs} is missing; ");
        }
    }
    (!text.is_empty()).then_some(text)
}

fn equal(key: &str, ours: &Value, theirs: &Value) -> bool {
    if let ("data_hex", Some(ours), Some(theirs)) = (key, ours.as_str(), theirs.as_str()) {
        return equal_bits(ours, theirs);
    }
    if let ("text" | "name", Some(ours), Some(theirs)) = (key, ours.as_str(), theirs.as_str()) {
        // pyais makes a character of the bits that are left behind the last whole one.
        // Behind a suffix it also misses the fill bits (see below), which may make two of one.
        return ours == theirs || (theirs.starts_with(ours) && theirs.len() <= ours.len() + 2);
    }
    if let ("requests", Some(ours), Some(theirs)) = (key, ours.as_array(), theirs.as_array()) {
        // The same with the last slot offset.
        return ours == theirs || (theirs.starts_with(ours) && theirs.len() == ours.len() + 1);
    }
    match (ours.as_f64(), theirs.as_f64()) {
        (Some(ours), Some(theirs)) => {
            let tolerance =
                if key.ends_with("lon_deg") || key.ends_with("lat_deg") { 1e-6 } else { 1e-9 };
            (ours - theirs).abs() <= tolerance
        }
        _ => ours == theirs,
    }
}

/// Whether two runs of bits are one, given that pyais 3.3.1 looks for the count of fill bits
/// at the end of a line, finds a suffix there, and so has up to five bits more than were sent.
fn equal_bits(ours: &str, theirs: &str) -> bool {
    let byte = |text: &str, at: usize| {
        text.get(at * 2..at * 2 + 2).map(|hex| u8::from_str_radix(hex, 16).unwrap())
    };
    let count = ours.len() / 2;
    let body = (0..count - 1).all(|at| byte(ours, at) == byte(theirs, at));
    let (last, their_last) = (byte(ours, count - 1).unwrap(), byte(theirs, count - 1).unwrap());
    body && last & their_last == last && theirs.len() <= ours.len() + 2
}

/// Our value as pyais prints it: it folds reserved numbers of some tables into one, or into none.
fn as_pyais(key: &str, ours: &Value, message_type: &Value) -> Value {
    let raw = ours.as_u64();
    match (key, raw, message_type.as_u64()) {
        ("ship_type", Some(raw), Some(5 | 19 | 23)) => {
            let folded = match raw {
                25..=28 => 25,
                45..=48 => 45,
                56..=57 => 56,
                65..=68 => 65,
                75..=78 => 75,
                85..=88 => 85,
                95..=98 => 95,
                20..=37 | 40..=99 => raw,
                _ if message_type == 23 => 0,
                _ => return Value::Null,
            };
            json!(folded)
        }
        ("epfd", Some(9..=14), _) => Value::Null,
        ("station_type", Some(7..=9), Some(23)) => json!(6),
        ("station_type", Some(10..=15), Some(23)) => json!(1),
        ("interval", Some(11..), Some(23)) => json!(11),
        _ => ours.clone(),
    }
}

type Expected = BTreeMap<&'static str, (&'static str, Value)>;

/// The oracle's message under our names, with its not-available values left out.
fn expected(oracle: &Map<String, Value>) -> Expected {
    let mut e = Expected::new();
    let get = |key: &str| oracle.get(key).filter(|value| !value.is_null()).cloned();
    let number = |key: &str| get(key).and_then(|value| value.as_f64());
    let is = |key: &str, value: f64| number(key).is_some_and(|n| (n - value).abs() < 1e-9);
    let message_type = oracle["msg_type"].as_u64().unwrap();
    e.insert("type", ("msg_type", json!(message_type)));
    for key in ["mmsi", "repeat"] {
        e.insert(key, (key, get(key).unwrap()));
    }
    if message_type > 27 {
        // Opaque to us; its bits are checked by a test of its own.
        return e;
    }
    let mut put = |ours: &'static str, theirs: &'static str, unavailable: Option<f64>| {
        if let Some(value) = get(theirs).filter(|_| !unavailable.is_some_and(|u| is(theirs, u))) {
            e.insert(ours, (theirs, value));
        }
    };
    let binary = matches!(message_type, 6 | 8 | 25 | 26);
    let tenth_minutes = matches!(message_type, 17 | 22 | 23);
    if !binary && !tenth_minutes {
        put("lon_deg", "lon", Some(181.0));
        put("lat_deg", "lat", Some(91.0));
    }
    put("nav_status", "status", None);
    put("maneuver", "maneuver", Some(0.0));
    put("accuracy", "accuracy", None);
    put("raim", "raim", None);
    put("cog_deg", "course", Some(if message_type == 27 { 511.0 } else { 360.0 }));
    put("heading_deg", "heading", Some(511.0));
    put("second", "second", Some(60.0));
    let speed_unavailable = match message_type {
        9 => 1_023.0,
        27 => 63.0,
        _ => 102.3,
    };
    put("sog_kn", "speed", Some(speed_unavailable));
    if message_type != 26 {
        put("radio", "radio", None);
    }
    put("alt_m", "alt", Some(4_095.0));
    put("epfd", "epfd", Some(0.0));
    put("dte", "dte", None);
    put("assigned", "assigned", None);
    if matches!(message_type, 4 | 11) {
        put("year", "year", Some(0.0));
        put("month", "month", Some(0.0));
        put("day", "day", Some(0.0));
        put("hour", "hour", Some(24.0));
        put("minute", "minute", Some(60.0));
    }
    put("ais_version", "ais_version", None);
    put("imo", "imo", Some(0.0));
    put("draught_m", "draught", Some(0.0));
    if message_type == 23 {
        put("ship_type", "ship_type", None);
    } else {
        put("ship_type", "ship_type", Some(0.0));
    }
    let reach = ["to_bow", "to_stern", "to_port", "to_starboard"];
    if reach.iter().all(|key| number(key).is_some()) && !reach.iter().all(|key| is(key, 0.0)) {
        put("to_bow_m", "to_bow", None);
        put("to_stern_m", "to_stern", None);
        put("to_port_m", "to_port", None);
        put("to_starboard_m", "to_starboard", None);
    }
    put("mothership_mmsi", "mothership_mmsi", Some(0.0));
    put("part", "partno", None);
    put("model", "model", None);
    put("serial", "serial", None);
    put("carrier_sense", "cs", None);
    for key in ["display", "dsc", "band", "msg22", "off_position", "virtual_aid"] {
        put(key, key, None);
    }
    put("aid_type", "aid_type", Some(0.0));
    if message_type == 21 {
        put("aid_status", "reserved_1", None);
    }
    put("sequence", "seqno", None);
    put("dest_mmsi", "dest_mmsi", None);
    put("retransmit", "retransmit", None);
    put("dac", "dac", None);
    put("fid", "fid", None);
    put("addressed", "addressed", None);
    put("structured", "structured", None);
    if message_type == 22 {
        put("power_low", "power", None);
        put("zone_size", "zonesize", None);
        for key in ["channel_a", "channel_b", "band_a", "band_b"] {
            put(key, key, None);
        }
    }
    put("txrx", "txrx", None);
    put("station_type", "station_type", None);
    put("interval", "interval", None);
    put("quiet_min", "quiet", None);
    put("latent", "gnss", None);
    let text =
        |value: Value| value.as_str().filter(|text| !text.is_empty()).map(|text| json!(text));
    for (ours, theirs) in [
        ("callsign", "callsign"),
        ("destination", "destination"),
        ("text", "text"),
        ("vendor", "vendorid"),
        ("name", if message_type == 21 { "full_name" } else { "shipname" }),
    ] {
        if let Some(value) = get(theirs).and_then(text) {
            e.insert(ours, (theirs, value));
        }
    }
    special(message_type, oracle, &mut e);
    e
}

/// Where names alone do not map: shapes that the two print differently.
fn special(message_type: u64, oracle: &Map<String, Value>, e: &mut Expected) {
    let get = |key: &str| oracle.get(key).filter(|value| !value.is_null()).cloned();
    let whole = |key: &str| get(key).and_then(|value| value.as_i64());
    match message_type {
        1..=3 => {
            // Whole numbers with a point.
            let turn = get("turn").map(|turn| turn.to_string().replace(".0", ""));
            match turn.and_then(|turn| turn.parse::<i64>().ok()) {
                None | Some(-128) => {}
                Some(127) => drop(e.insert("rot_fast", ("turn", json!("right")))),
                Some(-127) => drop(e.insert("rot_fast", ("turn", json!("left")))),
                Some(turn) => drop(e.insert("rot_deg_min", ("turn", json!(turn)))),
            }
        }
        9 => {
            if let Some(reserved) = whole("reserved_1") {
                e.insert("alt_barometric", ("reserved_1", json!(reserved >= 128)));
            }
        }
        5 => {
            let part = |key: &str, none: i64| whole(key).filter(|value| *value != none);
            let date = part("month", 0).zip(part("day", 0));
            let time = part("hour", 24).zip(part("minute", 60));
            let mut eta = date.map_or(String::new(), |(month, day)| format!("{month:02}-{day:02}"));
            eta += &time.map_or(String::new(), |(hour, min)| format!("T{hour:02}:{min:02}Z"));
            if !eta.is_empty() {
                e.insert("eta", ("minute", json!(eta)));
            }
        }
        6 | 8 | 25 | 26 => {
            // pyais takes an addressed, unstructured type 26 to have an application
            // identifier; the standard gives it to structured ones only.
            let bit = |key: &str| get(key) == Some(json!(true));
            let (addressed, structured) = (bit("addressed"), bit("structured"));
            let mut data =
                get("data").map_or(String::new(), |data| data.as_str().unwrap().to_owned());
            if let Some(application) = whole("app_id") {
                if structured {
                    e.insert("dac", ("app_id", json!(application >> 6)));
                    e.insert("fid", ("app_id", json!(application & 63)));
                } else if data.is_empty() {
                    // Cut within what pyais takes for the identifier: its number says nothing.
                } else {
                    assert!(addressed);
                    data = format!("{application:04x}{data}");
                }
            }
            if !data.is_empty() {
                e.insert("data_hex", ("data", json!(data)));
            }
        }
        7 | 13 => {
            let ack = |n: i64| {
                let mmsi = whole(&format!("mmsi{n}"))?;
                Some(json!({ "mmsi": mmsi, "sequence": whole(&format!("mmsiseq{n}"))? }))
            };
            let acks: Vec<Value> = (1..=4).filter_map(ack).collect();
            e.insert("acks", ("mmsiseq4", json!(acks)));
        }
        15 => {
            let request = |mmsi: &str, which: &str| {
                let asked = whole(&format!("type{which}"))?;
                let offset = whole(&format!("offset{which}"))?;
                Some(json!({ "mmsi": whole(mmsi)?, "type": asked, "offset": offset }))
            };
            let asked = [("mmsi1", "1_1"), ("mmsi1", "1_2"), ("mmsi2", "2_1")];
            let requests: Vec<Value> =
                asked.iter().filter_map(|(mmsi, which)| request(mmsi, which)).collect();
            e.insert("requests", ("offset2_1", json!(requests)));
            if let Some(mmsi) = whole("mmsi1") {
                e.insert("dest_mmsi", ("mmsi1", json!(mmsi)));
            }
        }
        16 => {
            let station = |n: i64| {
                Some(json!({
                    "mmsi": whole(&format!("mmsi{n}"))?,
                    "offset": whole(&format!("offset{n}"))?,
                    "increment": whole(&format!("increment{n}"))?,
                }))
            };
            let stations: Vec<Value> = (1..=2).filter_map(station).collect();
            e.insert("assignments", ("increment2", json!(stations)));
        }
        17 => {
            // pyais prints minutes and takes the numbers for unsigned.
            for (ours, theirs, width) in [("lon_deg", "lon", 18), ("lat_deg", "lat", 17)] {
                let Some(minutes) = get(theirs).and_then(|value| value.as_f64()) else { continue };
                let wrapped = if minutes * 10.0 >= f64::from(1 << (width - 1)) {
                    minutes - f64::from(1 << width) / 10.0
                } else {
                    minutes
                };
                let unavailable = if ours == "lon_deg" { 181.0 } else { 91.0 };
                if (wrapped / 60.0 - unavailable).abs() > 1e-9 {
                    e.insert(ours, (theirs, json!(wrapped / 60.0)));
                }
            }
            let data = get("data").map_or(String::new(), |data| data.as_str().unwrap().to_owned());
            if !data.is_empty() {
                e.insert("data_hex", ("data", json!(data)));
            }
        }
        20 => {
            let block = |n: i64| {
                Some(json!({
                    "offset": whole(&format!("offset{n}"))?,
                    "slots": whole(&format!("number{n}"))?,
                    "timeout_min": whole(&format!("timeout{n}"))?,
                    "increment": whole(&format!("increment{n}"))?,
                }))
            };
            let blocks: Vec<Value> = (1..=4).filter_map(block).collect();
            e.insert("reservations", ("increment4", json!(blocks)));
        }
        22 | 23 => {
            if let (Some(first), Some(second)) = (whole("dest1"), whole("dest2")) {
                e.insert("dest_mmsis", ("dest2", json!([first, second])));
            }
            e.remove("addressed");
            for (ours, theirs, unavailable) in [
                ("ne_lon_deg", "ne_lon", 181.0),
                ("ne_lat_deg", "ne_lat", 91.0),
                ("sw_lon_deg", "sw_lon", 181.0),
                ("sw_lat_deg", "sw_lat", 91.0),
            ] {
                let degrees = get(theirs).and_then(|value| value.as_f64()).map(|min| min / 60.0);
                if let Some(degrees) = degrees.filter(|d| (d - unavailable).abs() > 1e-9) {
                    e.insert(ours, (theirs, json!(degrees)));
                }
            }
        }
        _ => {}
    }
}
