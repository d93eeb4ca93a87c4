//! The stored form, against bytes that a second implementation of CBOR wrote
//! (`vectors/wire/make.py`), and against anything else.

#![expect(clippy::unwrap_used, reason = "test helpers")]

use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::sync::Arc;

use picket_model::observation::Frame;
use picket_model::wire::{EntryReader, decode_entry, encode_entry, encode_entry_with_id};
use picket_model::*;
use proptest::prelude::*;

const AT: Time = Time::from_unix_s(1_800_000_000);

fn radians(degrees: f64) -> Angle {
    Angle::from_radians(degrees * PI / 180.0)
}

fn place(lat_deg: f64, lon_deg: f64, height_m: Option<f64>) -> Position {
    Position { lat: radians(lat_deg), lon: radians(lon_deg), height_m }
}

fn label(text: &str) -> Label {
    Levels::default().parse(text).unwrap()
}

fn alert_id() -> AlertId {
    AlertId(std::array::from_fn(|index| u8::try_from(index).unwrap()))
}

fn record(author: Actor, body: Body) -> Record {
    Record {
        author,
        auth: Auth::Channel,
        label: Label::lowest(),
        occurred_at: AT,
        received_at: AT,
        subject: None,
        cites: Vec::new(),
        body,
    }
}

fn bare() -> Observation {
    Observation {
        sensor: SensorKind::Ais,
        reporter: None,
        position: None,
        sigma_m: None,
        kinematics: Kinematics::default(),
        class: Class::Unknown,
        affiliation: Affiliation::Unknown,
        idents: Vec::new(),
        distress: None,
        stale_at: None,
        text: None,
        exercise: false,
        battery_percent: None,
        air: Air::NONE,
        alarm: None,
        frame: Frame { format: "ais".into(), bytes: Arc::from(&b"!"[..]) },
    }
}

fn full() -> Observation {
    Observation {
        sensor: SensorKind::CotReport,
        reporter: Some("Fence-07".into()),
        position: Some(place(-23.5, 151.25, Some(12.5))),
        sigma_m: Some(5.0),
        kinematics: Kinematics { speed_mps: Some(1.5), course: Some(radians(90.0)), heading: None },
        class: Class::Person,
        affiliation: Affiliation::Pending,
        idents: vec![
            Ident::Mmsi(503_551_000),
            Ident::Imo(9_074_729),
            Ident::Icao(0x7C_6B2D),
            Ident::CotUid("Team-1".into()),
            Ident::Local { reporter: "Fence-07".into(), number: "3".into() },
            Ident::Callsign("VJN2".into()),
            Ident::Name("SVITZER".into()),
        ],
        distress: Some(Distress { kind: DistressKind::AisSart, test: false, cancelled: true }),
        stale_at: Some(AT.plus_s(30.0)),
        text: Some("gap under the wire".into()),
        exercise: true,
        battery_percent: Some(87.0),
        air: Air::NONE,
        alarm: None,
        frame: Frame { format: "cot".into(), bytes: Arc::from(&b"<event/>"[..]) },
    }
}

fn air() -> Observation {
    Observation {
        sensor: SensorKind::CotReport,
        position: Some(place(-23.5, 151.25, Some(12.5))),
        sigma_m: Some(40.0),
        kinematics: Kinematics {
            speed_mps: Some(231.5),
            course: Some(radians(90.0)),
            heading: None,
        },
        class: Class::Aircraft,
        idents: vec![Ident::Icao(0x7C_6B2D)],
        air: Air {
            pressure_altitude_m: Some(10_668.0),
            climb_mps: Some(-1.5),
            on_ground: Some(false),
            squawk: Some(7_700),
            nic: Some(8),
            nacp: Some(9),
        },
        frame: Frame { format: "beast".into(), bytes: Arc::from(&b"\x1a3"[..]) },
        ..bare()
    }
}

fn fence() -> Observation {
    Observation {
        sensor: SensorKind::CotReport,
        reporter: Some("Fence-07".into()),
        position: Some(place(-23.5, 151.25, Some(12.5))),
        sigma_m: Some(5.0),
        affiliation: Affiliation::Pending,
        exercise: true,
        alarm: Some(PhysicalKind::Fence),
        frame: Frame { format: "cot".into(), bytes: Arc::from(&b"<event/>"[..]) },
        ..bare()
    }
}

fn line() -> Line {
    let points = vec![place(-23.5, 151.25, None), place(-23.75, 151.5, None)];
    let mut line = Line::new(AreaName::new("Line 4").unwrap(), points, Forbidden::Right).unwrap();
    line.hours = Some((1320, 360));
    line
}

fn alert() -> Alert {
    let cite = RecordId([7; 32]);
    Alert {
        id: alert_id(),
        detector: "area.entry".into(),
        version: 1,
        change: AlertChange::Raised,
        severity: Severity::Critical,
        title: "Person inside North Ammo".into(),
        why_text: "T12 is inside North Ammo since 02:14:07Z (97 %); no permit matches".into(),
        why: vec![
            Reason {
                text: "chance of being inside".into(),
                value: "97 %".into(),
                threshold: "90 %".into(),
                met: Met::Yes,
                decibans: 12.3,
                evidence: vec![cite],
            },
            Reason {
                text: "permit".into(),
                value: "none".into(),
                threshold: "one".into(),
                met: Met::Unknown,
                decibans: 0.0,
                evidence: Vec::new(),
            },
        ],
        subject: Subject::Track(TrackId(12)),
        track: Some(TrackId(12)),
        area: Some(AreaName::new("North Ammo").unwrap()),
        position: Some(place(-23.5, 151.25, Some(12.5))),
        opened_at: AT,
        count: 3,
        exercise: true,
    }
}

fn site() -> Site {
    let corners =
        vec![place(-23.5, 151.25, None), place(-23.5, 151.5, None), place(-23.75, 151.5, None)];
    let mut area = Area::new(AreaName::new("North Ammo").unwrap(), "restricted", corners).unwrap();
    area.hours = Some((1320, 360));
    area.allow = vec!["Team-1".to_owned()];
    Site { name: "Curtis Point".to_owned(), areas: vec![area], lines: Vec::new() }
}

/// The nouns that `make.py` describes, by the name of their line.
fn nouns() -> BTreeMap<&'static str, (u64, Record)> {
    let feed = DeviceId::new("ais-coast").unwrap();
    let author = Actor::Device(feed.clone());
    let machine = Actor::Machine;
    let person = Actor::Person(PersonId::new("officer-1").unwrap());
    let observation = |seen| Body::Observation(Box::new(seen));
    let status = |status| record(machine(ViewName::Link), Body::Status(status));
    let act = |act| record(person.clone(), Body::Act(act));
    let refused = |actor, rule: &str, minute, count| {
        let sum = Refused { actor, rule: rule.to_owned(), minute, count };
        record(machine(ViewName::Gate), Body::Refusal(sum))
    };
    BTreeMap::from([
        (
            "observation_full",
            (
                1,
                Record {
                    auth: Auth::None,
                    label: label("restricted/NORTH,SOUTH REL COASTGUARD"),
                    received_at: AT.plus_s(0.25),
                    subject: Some(Subject::CotUid(Name::new("Fence-07.3").unwrap())),
                    ..record(author.clone(), observation(full()))
                },
            ),
        ),
        (
            "observation_bare",
            (
                2,
                Record {
                    subject: Some(Subject::Mmsi(503_551_000)),
                    ..record(author.clone(), observation(bare()))
                },
            ),
        ),
        (
            "status_link",
            (
                3,
                Record {
                    subject: Some(Subject::Device(feed.clone())),
                    ..status(Status::Link {
                        feed: feed.clone(),
                        state: LinkState::Down,
                        text: "closed".into(),
                    })
                },
            ),
        ),
        ("status_dropped", (4, status(Status::Dropped { feed: feed.clone(), frames: 1000 }))),
        (
            "status_rejects",
            (5, status(Status::Rejects { feed, count: 3, reason: "wrong checksum".into() })),
        ),
        (
            "status_node",
            (
                6,
                record(
                    machine(ViewName::Node),
                    Body::Status(Status::Node { text: "the node started".into() }),
                ),
            ),
        ),
        (
            "alert",
            (
                1,
                Record {
                    label: label("restricted/NORTH,SOUTH REL COASTGUARD"),
                    subject: Some(Subject::Track(TrackId(12))),
                    cites: vec![RecordId([7; 32])],
                    ..record(machine(ViewName::Detect), Body::Alert(Box::new(alert())))
                },
            ),
        ),
        ("act_sign_in", (1, act(Act::SignIn { factor: "one-time link".into() }))),
        (
            "act_acknowledge",
            (
                2,
                Record {
                    subject: Some(Subject::Alert(alert_id())),
                    ..act(Act::Acknowledge { alert: alert_id(), reason: "".into() })
                },
            ),
        ),
        (
            "act_shelve",
            (3, act(Act::Shelve { alert: alert_id(), until: AT, reason: "exercise".into() })),
        ),
        (
            "act_close",
            (
                4,
                Record {
                    auth: Auth::Signed,
                    ..act(Act::Close { alert: alert_id(), reason: "handled".into() })
                },
            ),
        ),
        ("refusal", (5, refused(Some(author.clone()), "over-budget", 30_000_000, 990))),
        ("refusal_unproven", (6, refused(None, "unknown-feed", -1, 1))),
        ("tick", (7, record(machine(ViewName::Clock), Body::Tick))),
        (
            "observation_air",
            (
                8,
                Record {
                    auth: Auth::None,
                    subject: Some(Subject::Icao(0x7C_6B2D)),
                    ..record(author.clone(), observation(air()))
                },
            ),
        ),
        (
            "observation_alarm",
            (9, Record { auth: Auth::None, ..record(author.clone(), observation(fence())) }),
        ),
        ("act_draw_area", (7, act(Act::Draw(Box::new(Shape::Area(site().areas.swap_remove(0))))))),
        ("act_draw_line", (8, act(Act::Draw(Box::new(Shape::Line(line())))))),
        (
            "act_erase",
            (9, act(Act::Erase { name: AreaName::new("Line 4").unwrap(), reason: "done".into() })),
        ),
        (
            "site_lines",
            (
                2,
                record(
                    machine(ViewName::Node),
                    Body::Site(Box::new(Site { lines: vec![line()], ..site() })),
                ),
            ),
        ),
        ("site", (1, record(machine(ViewName::Node), Body::Site(Box::new(site()))))),
    ])
}

fn name(number: u64, record: &Record) -> EntryName {
    let origin = NodeId(std::array::from_fn(|index| u8::try_from(index).unwrap()));
    EntryName { origin, epoch: Epoch(2), class: record.class(), number }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(text.get(at..at + 2).unwrap(), 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

fn golden() -> Vec<(&'static str, &'static str, &'static str)> {
    let line = |line: &'static str| {
        let mut words = line.split(' ');
        (words.next().unwrap(), words.next().unwrap(), words.next().unwrap())
    };
    include_str!("../vectors/wire/golden-v1.txt").lines().map(line).collect()
}

#[test]
fn every_noun_is_stored_as_the_second_implementation_stores_it() {
    let nouns = nouns();
    let golden = golden();
    assert_eq!(golden.len(), nouns.len(), "each noun has a line");
    for (line, bytes, id) in golden {
        let (number, record) = nouns.get(line).unwrap();
        let mut written = Vec::new();
        encode_entry(&name(*number, record), record, &mut written);
        assert_eq!(hex(&written), bytes, "{line}");
        assert_eq!(record.id().to_string(), id, "{line}");
    }
}

#[test]
fn every_stored_noun_reads_back() {
    let nouns = nouns();
    for (line, bytes, _) in golden() {
        let (read_name, read) = decode_entry(&unhex(bytes)).unwrap();
        let (number, record) = nouns.get(line).unwrap();
        assert_eq!(&read, record, "{line}");
        assert_eq!(read_name, name(*number, record), "{line}");
    }
}

#[test]
fn a_reader_of_many_entries_gives_the_ids_that_their_bytes_have() {
    let nouns = nouns();
    let mut reader = EntryReader::new();
    // Twice, so that texts of the first round are shared by the second.
    for (line, bytes, id) in golden().into_iter().chain(golden()) {
        let bytes = unhex(bytes);
        let (number, record) = nouns.get(line).unwrap();
        let (read_name, read, read_id) = reader.read(&bytes).unwrap();
        assert_eq!((read_name, &read), (name(*number, record), record), "{line}");
        assert_eq!(read_id.to_string(), id, "{line}");
        let mut written = b"before".to_vec();
        let written_id = encode_entry_with_id(&read_name, &read, &mut written);
        assert_eq!((&written[6..], written_id), (bytes.as_slice(), read_id), "{line}");
    }
}

#[test]
fn records_that_were_read_one_after_another_share_their_texts() {
    let (_, bytes, _) = golden().into_iter().find(|(n, _, _)| *n == "observation_full").unwrap();
    let bytes = unhex(bytes);
    let mut reader = EntryReader::default();
    let mut format = || {
        let Body::Observation(seen) = reader.read(&bytes).unwrap().1.body else { panic!() };
        seen.frame.format
    };
    let formats = [format(), format()];
    assert!(Arc::ptr_eq(&formats[0], &formats[1]));
}

#[test]
fn heights_of_an_area_read_back_and_an_area_without_them_is_written_as_before() {
    let written = |site: Site| {
        let record = record(Actor::Machine(ViewName::Node), Body::Site(Box::new(site)));
        let mut bytes = Vec::new();
        encode_entry(&name(1, &record), &record, &mut bytes);
        (bytes, record)
    };
    let (plain, _) = written(site());
    for (floor_m, ceiling_m) in [(Some(50.0), None), (None, Some(914.4)), (Some(-1.5), Some(120.0))]
    {
        let mut high = site();
        high.areas[0].floor_m = floor_m;
        high.areas[0].ceiling_m = ceiling_m;
        let (bytes, record) = written(high);
        assert_eq!(decode_entry(&bytes).unwrap().1, record);
        // RFC 8949 §3.1: an array of seven items instead of five, and two items more.
        let at = plain.iter().zip(&bytes).position(|(one, other)| one != other).unwrap();
        assert_eq!((plain[at], bytes[at]), (0x85, 0x87));
        assert!(bytes.len() > plain.len());
    }
}

#[test]
fn what_one_author_says_twice_has_one_id() {
    let nouns = nouns();
    let (_, first) = nouns.get("observation_full").unwrap();
    let again = Record { received_at: AT.plus_s(9.0), label: Label::lowest(), ..first.clone() };
    assert_eq!(first.id(), again.id());
    let other = Record { occurred_at: AT.plus_s(1.0), ..first.clone() };
    assert_ne!(first.id(), other.id());
}

#[test]
fn cut_entries_are_refused_at_every_byte() {
    for (line, bytes, _) in golden() {
        let bytes = unhex(bytes);
        for cut in 0..bytes.len() {
            assert!(decode_entry(&bytes[..cut]).is_err(), "{line} cut at {cut}");
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert!(decode_entry(&longer).is_err(), "{line} with a byte more");
    }
}

#[test]
fn the_same_said_in_longer_bytes_is_refused() {
    // RFC 8949 §4.2.1 allows one form only: 24 as `18 18`, never `19 0018`.
    let (_, bytes, _) = golden().into_iter().find(|(line, _, _)| *line == "tick").unwrap();
    let longer = bytes.replacen("8301", "831801", 1);
    assert_ne!(longer, bytes);
    assert!(decode_entry(&unhex(&longer)).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_and_never_more(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok((name, record)) = decode_entry(&bytes) {
            let mut again = Vec::new();
            encode_entry(&name, &record, &mut again);
            prop_assert_eq!(again, bytes);
        }
    }

    #[test]
    fn a_changed_byte_is_refused_or_is_another_canonical_entry(line in 0_usize..21, at in any::<prop::sample::Index>(), flip in 1_u8..) {
        let (_, bytes, _) = golden()[line];
        let mut bytes = unhex(bytes);
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        let read = decode_entry(&bytes);
        if let Ok((name, record)) = &read {
            let mut again = Vec::new();
            encode_entry(name, record, &mut again);
            prop_assert_eq!(&again, &bytes);
        }
        let with_id = read.map(|(name, record)| { let id = record.id(); (name, record, id) });
        let mut reader = EntryReader::new();
        prop_assert_eq!(&reader.read(&bytes), &with_id);
        prop_assert_eq!(reader.read(&bytes), with_id);
    }

    #[test]
    fn observations_read_back(lat in -1.5_f64..1.5, lon in -3.0_f64..3.0, speed in any::<f64>(), text in ".{0,60}", mmsi in any::<u32>()) {
        prop_assume!(!speed.is_nan());
        let seen = Observation {
            position: Some(Position { lat: Angle::from_radians(lat), lon: Angle::from_radians(lon), height_m: None }),
            kinematics: Kinematics { speed_mps: Some(speed), ..Kinematics::default() },
            idents: vec![Ident::Mmsi(mmsi), Ident::Name(text.as_str().into())],
            ..bare()
        };
        let author = Actor::Device(DeviceId::new("x").unwrap());
        let said = record(author, Body::Observation(Box::new(seen)));
        let mut bytes = Vec::new();
        encode_entry(&name(1, &said), &said, &mut bytes);
        let (_, read) = decode_entry(&bytes).unwrap();
        prop_assert_eq!(read, said);
    }
}
