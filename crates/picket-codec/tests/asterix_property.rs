//! What holds for any ASTERIX bytes of any edition.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must stop"
)]

use std::collections::BTreeMap;

use picket_codec::asterix::table::{self, Edition, Form, Item};
use picket_codec::{Decoded, Message, Settings, format};
use picket_model::{Body, Position, Time};
use proptest::prelude::*;
use serde_json::Value;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    #[test]
    fn every_item_that_is_written_is_read_as_it_was(
        edition in edition(),
        entropy in prop::collection::vec(bytes(40..400), 1..4),
    ) {
        let records: Vec<_> = entropy.iter().map(|bytes| written(edition, bytes)).collect();
        let body: Vec<u8> = records.iter().flat_map(|(bytes, _)| bytes.iter().copied()).collect();
        let out = run("asterix", &settings(edition), &block(edition.category, &body), usize::MAX);
        prop_assert_eq!(&out.rejects, &[]);
        prop_assert_eq!(out.messages.len(), records.len());
        for ((_, message), (bytes, items)) in out.messages.iter().zip(&records) {
            let Message::Asterix(record) = message else { panic!() };
            prop_assert_eq!(record.bytes(), &bytes[..]);
            let read: Vec<(&str, Vec<u8>)> =
                record.items().map(|(item, bytes)| (item.0, bytes.to_vec())).collect();
            prop_assert_eq!(&read, items);
        }
    }

    #[test]
    fn the_records_of_a_block_are_all_its_bytes_and_the_items_all_of_a_record(
        (edition, body) in edition().prop_flat_map(|edition| (Just(edition), body(edition))),
    ) {
        let block = block(edition.category, &body);
        let out = run("asterix", &settings(edition), &block, usize::MAX);
        prop_assert!(out.messages.is_empty() != out.rejects.is_empty(), "a block is read whole or not at all");
        let mut read = Vec::new();
        for (at, message) in &out.messages {
            let Message::Asterix(record) = message else { panic!() };
            let map = record.bytes().iter().position(|octet| octet & 1 == 0).unwrap() + 1;
            let items: usize = record.items().map(|(_, bytes)| bytes.len()).sum();
            prop_assert_eq!(map + items, record.bytes().len());
            let shown = record.items_json();
            prop_assert_eq!(shown.len(), record.items().count());
            let mut fields = 0;
            record.each_field(|_, _, read| fields += usize::from(read.width > 0));
            let raw = record.items().filter(|(item, _)| matches!(item.0, "RE" | "SP")).count();
            prop_assert_eq!(fields + raw, leaves(&shown.into()));
            prop_assert!(message.json(*at).contains_key("cat"));
            read.extend_from_slice(record.bytes());
        }
        if out.rejects.is_empty() {
            prop_assert_eq!(read, body);
        }
    }

    #[test]
    fn the_cut_of_a_stream_or_a_capture_does_not_matter(
        (edition, bodies) in edition().prop_flat_map(|edition| {
            (Just(edition), prop::collection::vec(body(edition), 1..6))
        }),
        junk in bytes(0..8),
        link in prop::sample::select(vec![1_u32, 101, 113, 147, 276]),
        chunk in 1_usize..50,
    ) {
        let mut stream: Vec<u8> =
            bodies.iter().flat_map(|body| block(edition.category, body)).collect();
        stream.extend_from_slice(&junk);
        same_however_cut("asterix", edition, &stream, chunk)?;
        let mut capture = [0xa1b2_c3d4_u32, 0x0002_0004, 0, 0, 65_535, link]
            .map(u32::to_be_bytes)
            .concat();
        for body in &bodies {
            let packet = block(edition.category, body);
            let length = u32::try_from(packet.len()).unwrap();
            capture.extend([1_700_096_400, 0, length, length].map(u32::to_be_bytes).concat());
            capture.extend(packet);
        }
        capture.extend_from_slice(&junk);
        same_however_cut("asterix-pcap", edition, &capture, chunk)?;
    }

    #[test]
    fn what_is_claimed_is_finite_on_earth_and_within_half_a_day(
        (edition, body) in edition().prop_flat_map(|edition| (Just(edition), body(edition))),
        now_s in 0_i64..4_000_000_000,
    ) {
        let now = Time::from_unix_s(now_s);
        let out = run("asterix", &settings(edition), &block(edition.category, &body), usize::MAX);
        let mut claims = Vec::new();
        out.messages.iter().for_each(|(_, message)| message.claims(now, &mut claims));
        for claim in claims {
            if let Some(at) = claim.occurred_at {
                prop_assert!(at.since_s(now).abs() <= 43_200.0);
            }
            let Body::Observation(seen) = claim.body else { panic!() };
            let motion = seen.kinematics;
            let numbers = [seen.sigma_m, motion.speed_mps, seen.air.climb_mps, seen.air.pressure_altitude_m];
            prop_assert!(numbers.iter().flatten().all(|number| number.is_finite()));
            prop_assert!(seen.sigma_m.is_none_or(|sigma_m| sigma_m > 0.0));
            if let Some(place) = seen.position {
                prop_assert!(Position::from_degrees(place.lat.degrees(), place.lon.degrees()).is_some());
            }
        }
    }
}

/// How many values a line has, at any depth.
fn leaves(value: &Value) -> usize {
    match value {
        Value::Object(map) => map.values().map(leaves).sum(),
        Value::Array(list) => list.iter().map(leaves).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}

fn same_however_cut(
    name: &str,
    edition: &'static Edition,
    bytes: &[u8],
    chunk: usize,
) -> Result<(), TestCaseError> {
    let whole = run(name, &settings(edition), bytes, usize::MAX);
    prop_assert_eq!(&run(name, &settings(edition), bytes, chunk), &whole);
    prop_assert!(whole.messages.len() + whole.rejects.len() <= bytes.len());
    let places =
        whole.messages.iter().map(|(at, _)| at).chain(whole.rejects.iter().map(|(at, _)| at));
    for at in places {
        prop_assert!(*at < bytes.len() as u64);
    }
    Ok(())
}

fn edition() -> impl Strategy<Value = &'static Edition> {
    let all = table::CATEGORIES.iter().flat_map(|category| table::editions(*category));
    prop::sample::select(all.collect::<Vec<_>>())
}

fn bytes(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), count)
}

/// The body of a block: any bytes, or a record as the tables have it, whole or with one octet changed.
fn body(edition: &'static Edition) -> impl Strategy<Value = Vec<u8>> {
    let whole = bytes(20..200).prop_map(move |entropy| written(edition, &entropy).0).boxed();
    let changed = (whole.clone(), any::<prop::sample::Index>(), any::<u8>()).prop_map(
        |(mut bytes, index, octet)| {
            let at = index.index(bytes.len());
            bytes[at] = octet;
            bytes
        },
    );
    prop_oneof![1 => bytes(0..60), 4 => whole, 4 => changed]
}

/// A record that the edition allows, made from some entropy, and its items.
fn written(edition: &Edition, entropy: &[u8]) -> (Vec<u8>, Vec<(&'static str, Vec<u8>)>) {
    let mut entropy = Entropy { bytes: entropy.to_vec(), at: 0 };
    let (map, items) = chosen(edition.uap, &mut entropy);
    let all = items.iter().flat_map(|(_, bytes)| bytes.iter().copied());
    (map.into_iter().chain(all).collect(), items)
}

/// Some of the parts, at least one, with the presence map that names them.
fn chosen(
    parts: &[Option<&'static Item>],
    entropy: &mut Entropy,
) -> (Vec<u8>, Vec<(&'static str, Vec<u8>)>) {
    let there: Vec<usize> =
        (0..parts.len()).filter(|at| parts[*at].is_some() && entropy.next() < 80).collect();
    let first = parts.iter().position(Option::is_some).unwrap();
    let there = if there.is_empty() { vec![first] } else { there };
    let mut map = vec![0_u8; there.last().unwrap() / 7 + 1];
    let last = map.len() - 1;
    map[..last].fill(1);
    there.iter().for_each(|at| map[at / 7] |= 0x80 >> (at % 7));
    let items = there.iter().map(|at| {
        let item = parts[*at].unwrap();
        (item.0, item_bytes(&item.2, entropy))
    });
    (map, items.collect())
}

fn item_bytes(form: &'static Form, entropy: &mut Entropy) -> Vec<u8> {
    let some = |count: usize, entropy: &mut Entropy| -> Vec<u8> {
        (0..count).map(|_| entropy.next()).collect()
    };
    match form {
        Form::Fixed(octets, _) => some(*octets, entropy),
        Form::Extended(parts) => {
            let count = usize::from(entropy.next()) % parts.len() + 1;
            let mut bytes = some(count, entropy);
            let (last, others) = bytes.split_last_mut().unwrap();
            others.iter_mut().for_each(|octet| *octet |= 1);
            let bits: u8 = parts[count - 1].iter().map(|field| field.1).sum();
            if bits < 8 {
                *last &= 0xfe;
            }
            bytes
        }
        Form::Counted(octets, _) => {
            let count = entropy.next() % 4;
            [vec![count], some(usize::from(count) * octets, entropy)].concat()
        }
        Form::Chained(octets, _) => {
            let count = usize::from(entropy.next() % 4) + 1;
            let mut bytes = some(count * octets, entropy);
            let ends = bytes.chunks_mut(*octets).map(|group| group.last_mut().unwrap());
            ends.enumerate().for_each(|(at, octet)| {
                *octet = *octet & 0xfe | u8::from(at + 1 < count);
            });
            bytes
        }
        Form::Compound(parts) => {
            let parts: Vec<Option<&'static Item>> = parts.iter().map(Option::as_ref).collect();
            let (map, items) = chosen(&parts, entropy);
            let all = items.into_iter().flat_map(|(_, bytes)| bytes);
            map.into_iter().chain(all).collect()
        }
        Form::Explicit => {
            let count = entropy.next() % 6 + 1;
            [vec![count], some(usize::from(count) - 1, entropy)].concat()
        }
    }
}

/// Octets to decide by; the same again when they are used up.
struct Entropy {
    bytes: Vec<u8>,
    at: usize,
}

impl Entropy {
    fn next(&mut self) -> u8 {
        self.at += 1;
        self.bytes[self.at % self.bytes.len()]
    }
}

fn settings(edition: &Edition) -> Settings {
    let editions = BTreeMap::from([(format!("{:03}", edition.category), edition.name.to_owned())]);
    Settings { place: Position::from_degrees(-33.9, 151.2), editions, ..Settings::default() }
}

fn block(category: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 3).unwrap().to_be_bytes();
    [&[category, length[0], length[1]], body].concat()
}

fn run(name: &str, settings: &Settings, bytes: &[u8], chunk: usize) -> Decoded {
    let mut decoder = (format(name).unwrap().decoder)(settings);
    let mut out = Decoded::default();
    bytes
        .chunks(chunk)
        .for_each(|piece| decoder.feed(piece, Time::from_unix_s(1_700_096_400), &mut out));
    decoder.end(Time::from_unix_s(1_700_096_400), &mut out);
    out
}
