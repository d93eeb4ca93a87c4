//! Every sentence of a real recording, beside what pynmea2 reads.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must stop"
)]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use picket_codec::{Decoded, Settings};
use picket_model::Time;
use serde_json::{Map, Value};

#[test]
fn the_walk_equals_pynmea2_field_by_field_however_it_is_cut() {
    let bytes = recording("gnss-walk.nmea.gz");
    let whole = decode(&bytes, usize::MAX, true);
    assert_eq!(whole.rejects, []);
    compare(&whole, &oracle());
    for chunk in [1, 7, 1_500] {
        assert!(decode(&bytes, chunk, true) == whole, "chunks of {chunk}");
    }
}

#[test]
fn the_walk_holds_what_its_description_says() {
    let kinds = decode(&recording("gnss-walk.nmea.gz"), usize::MAX, true).messages.iter().fold(
        BTreeMap::new(),
        |mut kinds: BTreeMap<String, u32>, (_, message)| {
            *kinds.entry(message.kind()).or_default() += 1;
            kinds
        },
    );
    let expected = [("GGA", 1_307), ("GSA", 1_307), ("GSV", 9_027), ("RMC", 1_307), ("VTG", 1_307)];
    let expected = expected.map(|(kind, count)| (kind.to_owned(), count));
    assert_eq!(kinds, BTreeMap::from(expected));
}

#[test]
fn each_fix_is_claimed_once() {
    let decoded = decode(&recording("gnss-walk.nmea.gz"), usize::MAX, true);
    let (mut claims, mut fixes) = (Vec::new(), Vec::new());
    for (_, message) in &decoded.messages {
        message.claims(RECEIVED, &mut claims);
        let line = message.json(0);
        // A receiver that has lost its fix leaves the place out.
        if line["sentence"] == "RMC" && line.contains_key("lat_deg") {
            fixes.push(message.t().unwrap());
        }
    }
    let times: Vec<Time> = claims.iter().map(|claim| claim.occurred_at.unwrap()).collect();
    assert_eq!(times, fixes, "by RMC, which comes first in each second, with its date");
}

#[test]
fn no_flipped_byte_moves_a_place() {
    let bytes = recording("gnss-walk.nmea.gz");
    // One second of sentences; each byte takes a few wrong values.
    let second = bytes.get(..bytes.len().min(760)).unwrap();
    for required in [true, false] {
        let places = |bytes: &[u8]| -> Vec<(Value, Value)> {
            let decoded = decode(bytes, usize::MAX, required);
            let lines = decoded.messages.iter().map(|(at, message)| message.json(*at));
            lines
                .filter(|line| line.contains_key("lat_deg"))
                .map(|line| (line["lat_deg"].clone(), line["lon_deg"].clone()))
                .collect()
        };
        let right = places(second);
        assert_eq!(right.len(), 2);
        for at in 0..second.len() {
            for flip in [0x01, 0x04, 0x10, 0x40, 0xff] {
                let mut bytes = second.to_vec();
                bytes[at] ^= flip;
                for place in places(&bytes) {
                    assert!(right.contains(&place), "byte {at} ^ {flip:#x}: {place:?}");
                }
            }
        }
    }
}

/// The day of the recording, by its own RMC.
const RECEIVED: Time = Time::from_unix_s(1_490_958_084);

fn recording(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/nmea").join(name);
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).unwrap();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    bytes
}

fn oracle() -> Vec<Map<String, Value>> {
    let text = String::from_utf8(recording("gnss-walk.pynmea2.jsonl.gz")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn decode(bytes: &[u8], chunk: usize, checksum_required: bool) -> Decoded {
    let settings = Settings { checksum_required, ..Settings::default() };
    let mut decoder = (picket_codec::format("nmea").unwrap().decoder)(&settings);
    let mut out = Decoded::default();
    for piece in bytes.chunks(chunk) {
        decoder.feed(piece, RECEIVED, &mut out);
    }
    decoder.end(RECEIVED, &mut out);
    out
}

fn compare(ours: &Decoded, oracle: &[Map<String, Value>]) {
    assert_eq!(ours.messages.len(), oracle.len());
    for ((at, message), theirs) in ours.messages.iter().zip(oracle) {
        let line = message.json(*at);
        assert_eq!(line["talker"], theirs["talker"], "at {at}");
        assert_eq!(line["sentence"], theirs["type"], "at {at}");
        assert_eq!(line["fields"], theirs["fields"], "at {at}");
        for (key, their_key) in [("lat_deg", "lat"), ("lon_deg", "lon")] {
            match (line.get(key).and_then(Value::as_f64), theirs[their_key].as_f64()) {
                (None, None) => {}
                (Some(ours), Some(theirs)) => assert!((ours - theirs).abs() <= 1e-6, "at {at}"),
                (ours, theirs) => assert_eq!(ours, theirs, "at {at}: {key}"),
            }
        }
        // The typed values are those of the raw fields that the lists of fields name.
        let raw = |index: usize| theirs["fields"][index].as_str().unwrap().parse::<f64>().ok();
        let typed: &[(&str, usize)] = match theirs["type"].as_str().unwrap() {
            "RMC" => &[("sog_kn", 6), ("cog_deg", 7)],
            "GGA" => &[("fix", 5), ("sats", 6), ("alt_m", 8)],
            "VTG" => &[("cog_deg", 0), ("sog_kn", 4)],
            "GSV" => &[("sats_in_view", 2)],
            "GSA" => &[("dimensions", 1), ("hdop", 15)],
            _ => &[],
        };
        for (key, index) in typed {
            // One dimension means none.
            let raw = raw(*index).filter(|raw| *key != "dimensions" || *raw > 1.5);
            assert_eq!(line.get(*key).and_then(Value::as_f64), raw, "at {at}: {key}");
        }
    }
}
