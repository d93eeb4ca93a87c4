//! Every field of a recording across midnight beside what asterix_decoder reads, and every
//! item of every edition beside what libasterix reads.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must stop"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

use picket_codec::asterix::table;
use picket_codec::{Decoded, Message, Settings, format};
use picket_model::Time;
use serde_json::{Map, Value, json};

/// Our clock is irrelevant to a capture, which carries its own.
const NOW: Time = Time::from_unix_s(1_000_000_000);

#[test]
fn the_recording_across_midnight_equals_asterix_decoder_field_by_field() {
    let decoded = decode(&recording("synthetic-radar-midnight.pcap.gz"), usize::MAX);
    let oracle = lines("synthetic-radar-midnight.asterix_decoder.jsonl.gz");
    assert_eq!(decoded.rejects, []);
    assert_eq!(decoded.messages.len(), oracle.len());
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for ((at, message), theirs) in decoded.messages.iter().zip(&oracle) {
        let ours = message.json(*at);
        *counts.entry(message.kind()).or_default() += 1;
        assert_eq!(ours["cat"], theirs["cat"]);
        let mut seen = BTreeSet::new();
        for (item, fields) in theirs {
            let Some(number) = item.strip_prefix('I') else { continue };
            seen.insert(number.to_owned());
            for (name, value) in fields.as_object().unwrap() {
                check(&ours, theirs["cat"].as_u64().unwrap(), number, name, value);
            }
        }
        let items: BTreeSet<String> = ours["items"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(items, seen, "no item more, no item less");
        check_time(&ours, theirs["t"].as_f64().unwrap());
    }
    // As the encoder counted them, and tshark 4.0.17 the blocks.
    let expected = [("21", 2_493), ("34", 1_350), ("48", 8_373), ("62", 4_141), ("65", 150)];
    assert_eq!(counts, expected.map(|(kind, count)| (kind.to_owned(), count)).into());
    let blocks: BTreeSet<u64> = decoded.messages.iter().map(|(at, _)| *at).collect();
    assert_eq!(blocks.len(), 4_951);
}

#[test]
fn the_cut_of_the_capture_changes_nothing() {
    let bytes = recording("synthetic-radar-midnight.pcap.gz");
    let whole = decode(&bytes, usize::MAX);
    for chunk in [1, 7, 1_500] {
        assert!(decode(&bytes, chunk) == whole, "chunks of {chunk}");
    }
}

#[test]
fn the_day_changes_once_in_the_recording() {
    let decoded = decode(&recording("synthetic-radar-midnight.pcap.gz"), usize::MAX);
    let times: Vec<Time> = decoded.messages.iter().filter_map(|(_, seen)| seen.t()).collect();
    assert_eq!(times.len(), decoded.messages.len());
    // asterix_decoder: the first time of day is 86,100 s, the greatest after midnight 299.5 s.
    assert_eq!(times.iter().min().unwrap().to_string(), "2023-11-15T23:55:00.000Z");
    assert_eq!(times.iter().max().unwrap().to_string(), "2023-11-16T00:04:59.500Z");
    let steps = times.windows(2).map(|pair| pair[1].since_s(pair[0]));
    // Service messages come some seconds late in the recording; a day's jump would be 86,400 s.
    assert!(steps.into_iter().all(|step_s| (-4.0..=4.0).contains(&step_s)));
}

#[test]
fn every_item_of_every_edition_equals_libasterix() {
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in lines("every-item.libasterix.jsonl.gz") {
        let name = line["edition"].as_str().unwrap();
        let (category, edition) = name.split_once('/').unwrap();
        let editions = BTreeMap::from([(category.to_owned(), edition.to_owned())]);
        let settings = Settings { editions, ..Settings::default() };
        let out = run("asterix", &settings, &unhex(line["block"].as_str().unwrap()), usize::MAX);
        assert_eq!(out.rejects, [], "{name}");
        let records = line["records"].as_array().unwrap();
        assert_eq!(out.messages.len(), records.len(), "{name}");
        for ((_, message), expected) in out.messages.iter().zip(records) {
            let Message::Asterix(record) = message else { panic!("{message:?}") };
            let ours = Value::Object(record.items_json());
            same(&ours, expected, &format!("I{name}"));
            seen.entry(name.to_owned())
                .or_default()
                .extend(expected.as_object().unwrap().keys().cloned());
        }
    }
    for category in table::CATEGORIES {
        for edition in table::editions(category) {
            let all: BTreeSet<String> =
                edition.uap.iter().flatten().map(|item| item.0.to_owned()).collect();
            assert_eq!(seen.get(&format!("{category:03}/{}", edition.name)), Some(&all));
        }
    }
}

#[test]
fn every_item_that_asterix_decoder_knows_has_the_same_values() {
    let mut items = BTreeSet::new();
    for line in lines("every-item.asterix_decoder.jsonl.gz") {
        let name = line["edition"].as_str().unwrap();
        let (category, edition) = name.split_once('/').unwrap();
        let editions = BTreeMap::from([(category.to_owned(), edition.to_owned())]);
        let settings = Settings { editions, ..Settings::default() };
        let out = run("asterix", &settings, &unhex(line["block"].as_str().unwrap()), usize::MAX);
        let records = line["records"].as_array().unwrap();
        assert_eq!((out.messages.len(), out.rejects.len()), (records.len(), 0), "{name}");
        for ((_, message), theirs) in out.messages.iter().zip(records) {
            let Message::Asterix(record) = message else { panic!("{message:?}") };
            let ours = record.items_json();
            for (item, theirs) in theirs.as_object().unwrap() {
                let (mut values, theirs) = (Vec::new(), theirs.as_array().unwrap());
                leaves(&ours[item], &mut values);
                assert_eq!(values.len(), theirs.len(), "I{name}/{item}");
                for (ours, theirs) in values.into_iter().zip(theirs) {
                    assert!(agree(category, item, ours, theirs), "I{name}/{item}: {ours} {theirs}");
                }
                items.insert((category.to_owned(), item.clone()));
            }
        }
    }
    // All but those that it splits otherwise (I021/040, 250 and 260, I062/380 whole) or, its
    // edition being older, does not know (I048/020 and I065/040).
    let count = |category: &str| items.iter().filter(|(of, _)| of == category).count();
    assert_eq!(["021", "034", "048", "062", "065"].map(count), [40, 12, 23, 27, 6]);
}

/// The values of an item in the order of the wire.
fn leaves<'a>(value: &'a Value, out: &mut Vec<&'a Value>) {
    match value {
        Value::Object(map) => map.values().for_each(|value| leaves(value, out)),
        Value::Array(list) => list.iter().for_each(|value| leaves(value, out)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => out.push(value),
    }
}

/// Whether a value is the same as asterix_decoder's, in its unit.
fn agree(category: &str, item: &str, ours: &Value, theirs: &Value) -> bool {
    let (Some(a), Some(b)) = (ours.as_f64(), theirs.as_f64()) else {
        return match (ours, theirs) {
            // It prints some bits in hexadecimal that we give as a number.
            (Value::Number(a), Value::String(b)) => u64::from_str_radix(b, 16).ok() == a.as_u64(),
            _ => ours == theirs,
        };
    };
    let is = |a: f64, b: f64| (a - b).abs() <= 1e-7 * b.abs().max(1.0);
    let in_their_unit = match (category, item) {
        // Nanoseconds for seconds.
        ("021", "074" | "076") => a * 1e9,
        // The bits, for NM/s or Mach.
        ("021", "150") if b > 1.0 => return is(a, b / 16_384.0) || is(a, b / 1_000.0),
        // Knots for NM/s.
        ("048", "200" | "210") if !is(a, b) => a * 3_600.0,
        // Feet for flight levels.
        ("062", "135" | "136" | "500") if !is(a, b) => a * 100.0,
        // It takes the signed height for unsigned.
        ("034", "120") if a < 0.0 && b > 180.0 => a + 65_536.0,
        _ => a,
    };
    is(in_their_unit, b) || is(a, b)
}

/// The same shape, the same names, the same values.
fn same(ours: &Value, theirs: &Value, path: &str) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let names = |map: &Map<String, Value>| map.keys().cloned().collect::<BTreeSet<_>>();
            assert_eq!(names(ours), names(theirs), "{path}");
            ours.iter()
                .for_each(|(name, value)| same(value, &theirs[name], &format!("{path}/{name}")));
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            assert_eq!(ours.len(), theirs.len(), "{path}");
            ours.iter().zip(theirs).for_each(|(ours, theirs)| same(ours, theirs, path));
        }
        // Bits that are no number: we print more than 16 of them in hexadecimal.
        (Value::String(ours), Value::Number(theirs)) => {
            assert_eq!(u64::from_str_radix(ours, 16).unwrap(), theirs.as_u64().unwrap(), "{path}");
        }
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            // libasterix multiplies by a rounded step: two parts in 2^53 may differ.
            assert!((a - b).abs() <= b.abs() * 1e-15, "{path}: {a} {b}");
        }
        _ => assert_eq!(ours, theirs, "{path}"),
    }
}

/// One field of asterix_decoder beside the common field and the item's own.
fn check(ours: &Map<String, Value>, category: u64, item: &str, name: &str, value: &Value) {
    let items = &ours["items"][item];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let (common, inner) = match (category, item, name) {
        (_, "010", "SAC") => (Some("sac"), &items["SAC"]),
        (_, "010", "SIC") => (Some("sic"), &items["SIC"]),
        (34 | 65, "030", "ToD") | (48, "140", "ToD") | (62, "070", "ToT") => (Some("tod_s"), items),
        (21, "073", "time_reception_position") => (Some("tod_s"), items),
        (34, "000", "MsgTyp") | (65, "000", "Typ") | (65, "015", "SID") | (34, "020", "Azi") => {
            (None, items)
        }
        (48, "040", "RHO") => (Some("rho_nm"), &items["RHO"]),
        (48, "040", "THETA") => (Some("theta_deg"), &items["THETA"]),
        (48, "070", "Mode3A") => (Some("mode3a"), &items["MODE3A"]),
        (48, "070", "V" | "G" | "L") | (48, "090", "V" | "G") => (None, &items[name]),
        (48, "070", "spare") => return assert_eq!(*value, json!(0)),
        (48, "090", "FL") => (Some("fl"), &items["FL"]),
        (48, "161", "Tn") => (Some("track_number"), &items["TRN"]),
        (62, "040", "TrkN") => (Some("track_number"), items),
        (48, "220", "ACAddr") | (21, "080", "TAddr") => (Some("icao"), items),
        (48, "240", "TId") | (21, "170", "TId") => {
            assert_eq!(ours["callsign"], json!(value.as_str().unwrap().trim_end()));
            (None, items)
        }
        (62, "105", "Lat") | (21, "130", "Lat") => (Some("lat_deg"), &items["LAT"]),
        (62, "105", "Lon") | (21, "130", "Lon") => (Some("lon_deg"), &items["LON"]),
        (62, "185", "Vx") => (Some("vx_mps"), &items["VX"]),
        (62, "185", "Vy") => (Some("vy_mps"), &items["VY"]),
        (21, "145", "FL") => (Some("fl"), items),
        _ => panic!("{category:03} I{item} {name} has no place in this test"),
    };
    for ours in common.map(|name| &ours[name]).into_iter().chain([inner]) {
        match (ours.as_f64(), value.as_f64()) {
            (Some(ours), Some(theirs)) => {
                // Printed with 15 digits; our common positions with eight decimals.
                assert!(
                    (ours - theirs).abs() < 1e-8,
                    "{category:03} I{item} {name}: {ours} {theirs}"
                );
            }
            _ => assert_eq!(text(ours), text(value), "{category:03} I{item} {name}"),
        }
    }
}

/// The capture's time names the day; the sample's sender stamped it with its own time of day.
fn check_time(ours: &Map<String, Value>, capture_s: f64) {
    let t = Time::parse_rfc3339(ours["t"].as_str().unwrap()).unwrap();
    assert!((t.unix_s_f64() - capture_s).abs() < 1.0, "{t} is not near {capture_s}");
    let tod_s = ours["tod_s"].as_f64().unwrap();
    assert!((t.unix_s_f64().rem_euclid(86_400.0) - tod_s).abs() < 1e-3);
}

fn decode(bytes: &[u8], chunk: usize) -> Decoded {
    run("asterix-pcap", &Settings::default(), bytes, chunk)
}

fn run(name: &str, settings: &Settings, bytes: &[u8], chunk: usize) -> Decoded {
    let mut decoder = (format(name).unwrap().decoder)(settings);
    let mut out = Decoded::default();
    bytes.chunks(chunk).for_each(|piece| decoder.feed(piece, NOW, &mut out));
    decoder.end(NOW, &mut out);
    out
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().map(|digit| u8::try_from(digit.to_digit(16).unwrap()).unwrap()).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn recording(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/asterix").join(name);
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).unwrap();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    bytes
}

fn lines(name: &str) -> Vec<Map<String, Value>> {
    let text = String::from_utf8(recording(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
