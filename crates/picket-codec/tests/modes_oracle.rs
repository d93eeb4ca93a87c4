//! Every field of every frame of a real recording, beside what pyModeS reads.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must stop"
)]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use picket_codec::modes::{Carrier, ModesFrame, encode};
use picket_codec::{DecodeError, Decoded, Message, Settings, format};
use picket_model::{Actor, Auth, Body, Claim, DeviceId, Label, Position, Record, Time};
use serde_json::{Map, Value};

/// A recording has no receive time: what `picket decode` says then.
const RECORDING: Time = Time::from_unix_s(0);

/// What pyModeS and we both print: our name, theirs, and by how much they may differ.
const NUMBERS: [(&str, &str, f64); 8] = [
    ("df", "df", 0.0),
    ("typecode", "typecode", 0.0),
    ("alt_ft", "altitude", 1.0),
    ("speed_kn", "groundspeed", 1.0),
    ("track_deg", "track", 1e-3),
    ("vrate_fpm", "vertical_rate", 0.0),
    ("lat_deg", "latitude", 1e-6),
    ("lon_deg", "longitude", 1e-6),
];

#[test]
fn the_recording_as_beast_equals_pymodes_field_by_field() {
    let decoded = decode("beast", &recording(BEAST), usize::MAX, &Settings::default());
    let more = compare(&lines(&decoded), &decoded.rejects);
    // pyModeS waits for three positions that agree before it shows one; without a reference
    // it has none on the ground, where ours knows an aircraft that has just touched down.
    assert_eq!(more, BTreeMap::from([("airborne", 13), ("surface", 21)]));
    assert_rejects(&decoded);
}

#[test]
fn positions_on_the_ground_equal_pymodes_with_the_same_reference() {
    let place = Position::from_degrees(43.629, 1.364);
    let settings = Settings { place, ..Settings::default() };
    let decoded = decode("beast", &recording(BEAST), usize::MAX, &settings);
    let more = compare(&lines(&decoded), &decoded.rejects);
    // Of 1,334 surface positions 12 are halves whose other half did not come in time, and so
    // is the first airborne one of 398101; that of 486257 follows its place at take-off.
    assert_eq!(more, BTreeMap::from([("airborne", 14), ("surface", 1_322)]));
}

#[test]
fn the_cut_of_the_stream_changes_nothing() {
    let beast = recording(BEAST);
    let avr = as_avr(&beast, true);
    for (name, bytes) in [("beast", &beast), ("avr", &avr)] {
        let whole = decode(name, bytes, usize::MAX, &Settings::default());
        for chunk in [1, 7, 1_500] {
            let cut = decode(name, bytes, chunk, &Settings::default());
            assert!(cut == whole, "{name} in chunks of {chunk}");
        }
    }
}

#[test]
fn the_recording_as_avr_with_clocks_equals_that_as_beast() {
    let beast = recording(BEAST);
    let settings = Settings::default();
    let expected = lines(&decode("beast", &beast, usize::MAX, &settings));
    let ours = lines(&decode("avr", &as_avr(&beast, true), usize::MAX, &settings));
    assert_eq!(expected.len(), ours.len());
    for ((_, mut a), (_, mut b)) in expected.into_iter().zip(ours) {
        for line in [&mut a, &mut b] {
            line.remove("format");
            line.remove("offset");
        }
        assert_eq!(a, b);
    }
}

#[test]
fn without_any_clock_a_position_waits_for_a_second_that_agrees() {
    let decoded =
        decode("avr", &as_avr(&recording(BEAST), false), usize::MAX, &Settings::default());
    let more = compare(&lines(&decoded), &decoded.rejects);
    // One position later for each of two aircraft, and still before pyModeS.
    assert_eq!(more["airborne"], 11, "{more:?}");
    assert_rejects(&decoded);
}

#[test]
fn every_message_and_reject_stands_at_an_escape() {
    let bytes = recording(BEAST);
    let decoded = decode("beast", &bytes, usize::MAX, &Settings::default());
    let rejects = decoded.rejects.iter().map(|(at, _)| at);
    for at in decoded.messages.iter().map(|(at, _)| at).chain(rejects) {
        assert_eq!(bytes[usize::try_from(*at).unwrap()], 0x1a);
    }
}

#[test]
fn what_is_claimed_can_be_sent_again_as_it_came() {
    let bytes = recording(BEAST);
    let decoded = decode("beast", &bytes, usize::MAX, &Settings::default());
    let mut encoder = (format("beast").unwrap().encoder.unwrap())();
    let mut avr = (format("avr").unwrap().encoder.unwrap())();
    for (at, claim) in claims(&decoded) {
        let (record, mut again, mut line) = (record(claim), Vec::new(), Vec::new());
        assert!(encoder.encode(&record, &mut again));
        let at = usize::try_from(at).unwrap();
        assert_eq!(&bytes[at..at + again.len()], again);
        assert!(avr.encode(&record, &mut line));
        let read = decode("avr", &line, usize::MAX, &Settings::default());
        assert_eq!(read.messages.len() + read.rejects.len(), 1);
    }
}

#[test]
fn what_is_written_as_basestation_lines_is_read_as_it_was() {
    let decoded = decode("beast", &recording(BEAST), usize::MAX, &Settings::default());
    let mut encoder = (format("sbs").unwrap().encoder.unwrap())();
    let mut written = 0;
    for (_, claim) in claims(&decoded) {
        let Body::Observation(seen) = &claim.body else { panic!() };
        let seen = (**seen).clone();
        let mut line = Vec::new();
        assert!(encoder.encode(&record(claim), &mut line));
        let read = decode("sbs", &line, usize::MAX, &Settings::default());
        assert_eq!(read.rejects, [], "{}", line.escape_ascii());
        let (_, again) = claims(&read).pop().unwrap();
        let Body::Observation(again) = &again.body else { panic!() };
        assert_eq!(again.idents, seen.idents);
        assert_eq!(again.air.squawk, seen.air.squawk);
        assert_eq!(again.air.on_ground, seen.air.on_ground);
        assert_eq!(again.position.is_some(), seen.position.is_some());
        if let (Some(a), Some(b)) = (again.position, seen.position) {
            assert!(a.distance_m(&b) < 0.2);
        }
        let near = |a: Option<f64>, b: Option<f64>, most: f64| {
            assert_eq!(a.is_some(), b.is_some());
            assert!(a.zip(b).is_none_or(|(a, b)| (a - b).abs() <= most), "{a:?} {b:?}");
        };
        near(again.kinematics.speed_mps, seen.kinematics.speed_mps, 0.03);
        near(again.air.pressure_altitude_m, seen.air.pressure_altitude_m, 0.16);
        near(again.air.climb_mps, seen.air.climb_mps, 0.01);
        written += 1;
    }
    assert!(written > 10_000, "{written}");
}

#[test]
fn no_flipped_byte_gives_a_wrong_position() {
    // A part with a take-off: replies, squitters, both kinds of position.
    let bytes = recording(BEAST);
    let whole = decode("beast", &bytes, usize::MAX, &Settings::default());
    let starts = [28_700_usize, 28_860];
    let offsets = starts.map(|n| usize::try_from(whole_offsets(&whole)[n]).unwrap());
    let part = &bytes[offsets[0]..offsets[1]];
    let place = Position::from_degrees(43.629, 1.364);
    let settings = Settings { place, ..Settings::default() };
    let truth: Vec<(String, Position)> = positions(&decode("beast", part, usize::MAX, &settings));
    assert!(truth.len() >= 10, "{}", truth.len());
    for at in 0..part.len() {
        for mask in [0xff, 1 << (at % 8)] {
            let mut flipped = part.to_vec();
            flipped[at] ^= mask;
            let read = decode("beast", &flipped, usize::MAX, &settings);
            for (icao, position) in positions(&read) {
                // The aircraft moves some 70 m/s: within the half minute of this part, any of
                // its positions lies near another.
                let is_true = truth.iter().any(|(other, true_one)| {
                    *other == icao && true_one.distance_m(&position) < 300.0
                });
                assert!(is_true, "byte {at} ^ {mask:02x}: {icao} {position:?}");
            }
        }
    }
}

const BEAST: &str = "long-flight-60000.beast.gz";
const ORACLE: &str = "long-flight-60000.pymodes.jsonl.gz";
const REFERENCE: &str = "long-flight-60000.reference.pymodes.jsonl.gz";

/// The replies before the first squitter of 3944ED: 44 of them, the number that dump1090
/// refuses too.
fn assert_rejects(decoded: &Decoded) {
    assert_eq!(decoded.rejects.len(), 44);
    for (_, error) in &decoded.rejects {
        assert_eq!(*error, DecodeError::AddressUnproven { address: 0x39_44ed });
    }
}

/// Compares each line with the oracle's, and fails at what differs or only the oracle has.
///
/// Gives how many positions only ours has; each is compared with what pyModeS gives for the
/// frame when it is told a reference.
fn compare(
    lines: &[(u64, Map<String, Value>)],
    rejects: &[(u64, DecodeError)],
) -> BTreeMap<&'static str, usize> {
    let reference: BTreeMap<u64, Map<String, Value>> =
        oracle(REFERENCE).into_iter().map(|line| (line["n"].as_u64().unwrap(), line)).collect();
    let oracle = oracle(ORACLE);
    assert_eq!(lines.len() + rejects.len(), oracle.len());
    let mut more = BTreeMap::new();
    for (n, ours) in numbered(lines, rejects) {
        let theirs = &oracle[usize::try_from(n).unwrap()];
        // Of Comm-B replies pyModeS guesses the register and with it a speed.
        let is_guess = ours["df"] == 20 || ours["df"] == 21;
        for (our, their, most) in NUMBERS {
            let a = ours.get(our).and_then(Value::as_f64);
            let stateful = theirs.get(their);
            let alone = || reference.get(&n).and_then(|line| line.get(their));
            let b = stateful.or_else(|| alone().filter(|_| a.is_some())).and_then(Value::as_f64);
            if our == "lat_deg" && a.is_some() && stateful.is_none() {
                let surface = ours["typecode"].as_u64().unwrap() < 9;
                *more.entry(if surface { "surface" } else { "airborne" }).or_default() += 1;
            }
            match (a, b) {
                (Some(a), Some(b)) => {
                    assert!((a - b).abs() <= most, "{n}: {our}: {ours:?} {theirs:?}");
                }
                (None, Some(_)) => {
                    assert!(is_guess && our == "speed_kn", "{n}: {our}: {ours:?} {theirs:?}");
                }
                (Some(_), None) => panic!("{n}: {our}: only ours: {ours:?} {theirs:?}"),
                (None, None) => {}
            }
        }
        for key in ["icao", "callsign", "squawk"] {
            assert_eq!(ours.get(key), theirs.get(key), "{n}: {key}: {ours:?} {theirs:?}");
        }
    }
    more
}

/// Lines by the number of their frame, counting what was rejected.
fn numbered(
    lines: &[(u64, Map<String, Value>)],
    rejects: &[(u64, DecodeError)],
) -> BTreeMap<u64, Map<String, Value>> {
    let mut offsets: Vec<u64> =
        lines.iter().map(|(at, _)| *at).chain(rejects.iter().map(|(at, _)| *at)).collect();
    offsets.sort_unstable();
    let number = |at: &u64| offsets.binary_search(at).unwrap() as u64;
    lines.iter().map(|(at, line)| (number(at), line.clone())).collect()
}

fn whole_offsets(decoded: &Decoded) -> Vec<u64> {
    let mut offsets: Vec<u64> = decoded.messages.iter().map(|(at, _)| *at).collect();
    offsets.extend(decoded.rejects.iter().map(|(at, _)| *at));
    offsets.sort_unstable();
    offsets
}

fn lines(decoded: &Decoded) -> Vec<(u64, Map<String, Value>)> {
    decoded.messages.iter().map(|(at, message)| (*at, message.json(*at))).collect()
}

fn claims(decoded: &Decoded) -> Vec<(u64, Claim)> {
    let mut all = Vec::new();
    for (at, message) in &decoded.messages {
        let mut claims = Vec::new();
        message.claims(RECORDING, &mut claims);
        assert!(claims.len() <= 1);
        all.extend(claims.into_iter().map(|claim| (*at, claim)));
    }
    all
}

fn positions(decoded: &Decoded) -> Vec<(String, Position)> {
    let place = |(at, message): &(u64, Message)| {
        let line = message.json(*at);
        let position =
            Position::from_degrees(line.get("lat_deg")?.as_f64()?, line["lon_deg"].as_f64()?)?;
        Some((line["icao"].as_str()?.to_owned(), position))
    };
    decoded.messages.iter().filter_map(place).collect()
}

fn record(claim: Claim) -> Record {
    Record {
        author: Actor::Device(DeviceId::new("test").unwrap()),
        auth: Auth::None,
        label: Label::default(),
        occurred_at: claim.occurred_at.unwrap_or(RECORDING),
        received_at: RECORDING,
        subject: claim.subject,
        cites: Vec::new(),
        body: claim.body,
    }
}

/// The frames of a Beast stream as AVR lines, those that are rejected too.
fn as_avr(beast: &[u8], with_clock: bool) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::new(), beast);
    while let Some((kind, after)) = rest.strip_prefix(&[0x1a]).and_then(<[u8]>::split_first) {
        let length = if *kind == b'3' { 14 } else { 7 };
        let (mut body, mut used) = (Vec::new(), 0);
        while body.len() < 7 + length {
            body.push(after[used]);
            used += if after[used] == 0x1a { 2 } else { 1 };
        }
        let ticks = body[..6].iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        let frame = ModesFrame::new(&body[7..], with_clock.then_some(ticks), None).unwrap();
        encode::avr(&frame, &mut out);
        out.push(b'\n');
        rest = &after[used..];
    }
    out
}

fn oracle(name: &str) -> Vec<Map<String, Value>> {
    let text = String::from_utf8(recording(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn recording(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/modes").join(name);
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).unwrap();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    bytes
}

fn decode(name: &str, bytes: &[u8], chunk: usize, settings: &Settings) -> Decoded {
    let mut decoder = (format(name).unwrap().decoder)(settings);
    let mut out = Decoded::default();
    for piece in bytes.chunks(chunk) {
        decoder.feed(piece, RECORDING, &mut out);
    }
    decoder.end(RECORDING, &mut out);
    let is_frame = |carrier: &Carrier| matches!(carrier, Carrier::Beast(_) | Carrier::Avr(_));
    for (_, message) in &out.messages {
        let Message::Modes(read) = message else { panic!("{message:?}") };
        assert_eq!(is_frame(&read.carrier), name != "sbs");
    }
    out
}
