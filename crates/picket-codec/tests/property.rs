//! What holds for any bytes and any values: no panic, no cut that matters, nothing lost on the way out and back.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must stop"
)]

use picket_codec::ais::message::{
    AisBody, BroadcastText, Dimensions, Eta, Fix, PositionA, PositionB, RateOfTurn, StaticA,
    StaticB, StaticVoyage,
};
use picket_codec::ais::{Text, encode};
use picket_codec::{Decoded, FORMATS, Message, format};
use picket_model::observation::Frame;
use picket_model::{
    Actor, Affiliation, Angle, Auth, Body, Class, DeviceId, Distress, DistressKind, Ident,
    Kinematics, Label, Observation, Position, Record, SensorKind, Time,
};
use proptest::option::of;
use proptest::prelude::*;

const NOW: Time = Time::from_unix_s(1_767_323_045);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_read_without_panic_and_cuts_do_not_matter(
        bytes in prop_oneof![any_bytes(), scraps()],
        chunk in 1_usize..40,
    ) {
        for format in FORMATS {
            let whole = decode(format.name, &bytes, usize::MAX);
            prop_assert_eq!(&decode(format.name, &bytes, chunk), &whole, "{}", format.name);
            for (at, message) in &whole.messages {
                prop_assert!(*at < bytes.len() as u64);
                message.claims(NOW, &mut Vec::new());
                prop_assert!(message.json(*at).contains_key("format"));
            }
            for (at, error) in &whole.rejects {
                prop_assert!(*at < bytes.len() as u64);
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }

    #[test]
    fn any_payload_of_any_type_is_read_without_panic(
        type_number in 0_usize..64,
        payload in "[0-W`-w]{0,180}",
        fill in 0..6,
    ) {
        let armoured = char::from(u8::try_from(if type_number < 40 { type_number + 48 } else { type_number + 56 }).unwrap());
        let line = checked(&format!("AIVDM,1,1,,A,{armoured}{payload},{fill}"));
        let out = decode("ais", line.as_bytes(), usize::MAX);
        prop_assert_eq!(out.messages.len() + out.rejects.len(), 1);
        for (at, message) in &out.messages {
            message.claims(NOW, &mut Vec::new());
            prop_assert!(message.json(*at).contains_key("mmsi"));
        }
    }

    #[test]
    fn an_ais_message_that_is_sent_is_read_as_it_was(
        (type_number, body) in ais_body(),
        repeat in 0_u8..4,
        mmsi in (0_u32..1_000_000_000).prop_filter("a craft of a parent ship has one", |mmsi| mmsi / 10_000_000 != 98),
        sequence in 0_u8..10,
    ) {
        let lines = encode::message(type_number, repeat, mmsi, &body, sequence).unwrap();
        let out = decode("ais", lines.join("\r\n").as_bytes(), usize::MAX);
        prop_assert_eq!(&out.rejects, &[]);
        let Message::Ais(read) = &out.messages[0].1 else { panic!() };
        prop_assert_eq!((read.type_number, read.repeat, read.mmsi), (type_number, repeat, mmsi));
        prop_assert_eq!(&read.body, &body);
    }

    #[test]
    fn an_observation_that_is_sent_as_cot_is_read_as_it_was(seen in observation(), ms in 0_i64..4_000_000_000_000) {
        let occurred_at = Time::from_unix_ms(ms);
        let record = record(seen.clone(), occurred_at);
        let mut bytes = Vec::new();
        let mut encoder = (format("cot").unwrap().encoder.unwrap())();
        prop_assert!(encoder.encode(&record, &mut bytes));
        let out = decode("cot", &bytes, usize::MAX);
        prop_assert_eq!(&out.rejects, &[]);
        let mut claims = Vec::new();
        out.messages[0].1.claims(NOW, &mut claims);
        prop_assert_eq!(claims[0].occurred_at, Some(occurred_at));
        let Body::Observation(read) = &claims[0].body else { panic!() };
        let mut read = (**read).clone();
        same_angles(&mut read, &seen);
        read.frame = seen.frame.clone();
        prop_assert_eq!(read, seen);
    }
}

/// Degrees on the wire cost the last bit of an angle.
fn same_angles(read: &mut Observation, seen: &Observation) {
    let near = |a: Angle, b: Angle| (a.degrees() - b.degrees()).abs() < 1e-9;
    if let (Some(a), Some(b)) = (read.position.as_mut(), seen.position)
        && near(a.lat, b.lat)
        && near(a.lon, b.lon)
    {
        (a.lat, a.lon) = (b.lat, b.lon);
    }
    if let (Some(a), Some(b)) = (read.kinematics.course, seen.kinematics.course)
        && near(a, b)
    {
        read.kinematics.course = Some(b);
    }
}

fn decode(name: &str, bytes: &[u8], chunk: usize) -> Decoded {
    let mut decoder = (format(name).unwrap().decoder)(&picket_codec::Settings::default());
    let mut out = Decoded::default();
    bytes.chunks(chunk).for_each(|piece| decoder.feed(piece, NOW, &mut out));
    decoder.end(NOW, &mut out);
    out
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..400)
}

/// Bytes that come near to being something: pieces of all formats, some cut, some whole.
fn scraps() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&[u8]> = vec![
        b"!AIVDM,1,1,,A,15B4FT5000JRP>PE6E68Nbkl0PS5,0*70",
        b"!AIVDM,2,1,3,B,55NBjP01mtGIL@CW;SM<D60P5Ld000000000000P0`<3557l0<50@kk@,0*66",
        b"!AIVDM,2,2,3,B,K5h@00000000000,2*72",
        b"\\g:1-2-1234,s:r1,c:1120959341*",
        b"\\",
        b"$PSHI,001",
        b"$GPRMC,110124,A,5505.330990,N,03858.587325,E,152.6,86.2,310317,8.9,E,D*2E",
        b"$GPGGA,110124,5505.330990,N,03858.587325,E,2,09,0.9,2177.0,M,14.0,M,,",
        b"$RATTM,04,2.18,247.8,T,0.5,350.0,T,2.1,51.0,N,,T,,171443,M*23",
        b"!INTTD,01,01,,0PP10Eg@wwP74@0,0*2F",
        b",1272412827",
        b"\r\n",
        b"\n",
        b"<?xml version='1.0'?>",
        b"<event uid='a' type='a-u-G' time='2026-01-02T03:04:05Z'>",
        b"<point lat='1' lon='2' hae='9999999' ce='4' le='5'/>",
        b"<detail>",
        b"<contact callsign=\"a &amp; b\"/>",
        b"<remarks>&#x41;</remarks>",
        b"</detail>",
        b"</event>",
        b"<event uid='b' type='t-x-c-t'/>",
        b"<!-- - -->",
        b"<![CDATA[ ]] ]]>",
        b"<!DOCTYPE a [",
        b"]>",
        b"<event",
        b"<",
        b"'",
        b" ",
        b"\xff\0",
        b"*8D40621D58C382D690C8AC2863A7;",
        b"@00000BEBC2008D40621D58C386435CC412692AD6;\n",
        b"<000016E360FF1a5D4CA2D6D8F8A1;",
        b"*2000171806A983;",
        b"*0000;",
        b"\x1a3\0\0\x0b\xeb\xc2\0\x80\x8d\x40\x62\x1d\x58\xc3\x82\xd6\x90\xc8\xac\x28\x63\xa7",
        b"\x1a3\0\0\x0b\xeb\xd2\0\x80\x8d\x40\x62\x1d\x58\xc3\x86\x43\x5c\xc4\x12\x69\x2a\xd6",
        b"\x1a4\0\0\x0b\xeb\xd2\0\0\x10\0\0\0\0\0\0\0\0\0\0\0\0\0",
        b"\x1a2\0\0\0\0\0\x1a\x1a\0\x5d\x40\x62\x1d\0\0\0",
        b"\x1a1\0\0\0\0\0\0\0\x77\0",
        b"\x1a\xe3\x1a\x1a2345678",
        b"\x1a\x1a",
        b"\x1a",
        b"MSG,3,1,1,4CA2D6,1,2023/10/24,09:49:22.119,2023/10/24,09:49:22.131,,525,,,48.9,2.6,,,0,,0,0\r\n",
        b"MSG,4,1,1,4CA2D6,1,,,,,,,145.2,323.1,,,2944,,,,,\n",
        b"SEL,,,,\n",
    ];
    let piece = prop::sample::select(pieces).prop_map(<[u8]>::to_vec);
    let cut = (piece.clone(), any::<prop::sample::Index>()).prop_map(|(piece, index)| {
        let end = index.index(piece.len() + 1);
        piece[..end].to_vec()
    });
    prop::collection::vec(prop_oneof![4 => piece, 1 => cut], 0..14).prop_map(|all| all.concat())
}

fn ais_body() -> impl Strategy<Value = (u8, AisBody)> {
    prop_oneof![
        (1_u8..=3, position_a()).prop_map(|(kind, report)| (kind, AisBody::PositionA(report))),
        position_b().prop_map(|report| (18, AisBody::PositionB(report))),
        static_voyage().prop_map(|data| (5, AisBody::StaticVoyage(data))),
        of(text::<20>()).prop_map(|name| (24, AisBody::StaticA(StaticA { name }))),
        static_b().prop_map(|part| (24, AisBody::StaticB(part))),
        "[!-?A-Z]([ -?A-Z]{0,158}[!-?A-Z])?".prop_map(|text| {
            (14, AisBody::BroadcastText(BroadcastText { text: Some(text.into()) }))
        }),
    ]
}

fn scaled(range: std::ops::Range<u32>, except: u32) -> impl Strategy<Value = Option<f64>> {
    let raw = range.prop_filter("not available", move |raw| *raw != except);
    of(raw.prop_map(|raw| f64::from(raw) / 10.0))
}

fn degrees(most: i32) -> impl Strategy<Value = Option<f64>> {
    of((-most * 600_000..=most * 600_000).prop_map(|raw| f64::from(raw) / 600_000.0))
}

fn fix() -> impl Strategy<Value = Fix> {
    (any::<bool>(), degrees(180), degrees(90)).prop_map(|(accuracy, lon_deg, lat_deg)| Fix {
        accuracy: Some(accuracy),
        lon_deg,
        lat_deg,
    })
}

fn second() -> impl Strategy<Value = Option<u8>> {
    of((0_u8..64).prop_filter("not available", |second| *second != 60))
}

fn position_a() -> impl Strategy<Value = PositionA> {
    let turn = of(-127_i32..=127).prop_map(|raw| raw.and_then(RateOfTurn::from_wire));
    (
        (0_u8..16, turn, scaled(0..1_023, 1_023), fix(), scaled(0..4_096, 3_600)),
        (of(0_u16..511), second(), of(1_u8..4), any::<bool>(), 0_u32..1 << 19),
    )
        .prop_map(|((nav_status, rate_of_turn, sog_kn, fix, cog_deg), rest)| {
            let (heading_deg, second, maneuver, raim, radio) = rest;
            PositionA {
                nav_status: Some(nav_status),
                rate_of_turn,
                sog_kn,
                fix,
                cog_deg,
                heading_deg,
                second,
                maneuver,
                raim: Some(raim),
                radio: Some(radio),
            }
        })
}

fn position_b() -> impl Strategy<Value = PositionB> {
    (
        (scaled(0..1_023, 1_023), fix(), scaled(0..4_096, 3_600), of(0_u16..511), second()),
        prop::array::uniform7(any::<bool>()),
        0_u32..1 << 20,
    )
        .prop_map(|((sog_kn, fix, cog_deg, heading_deg, second), flags, radio)| PositionB {
            sog_kn,
            fix,
            cog_deg,
            heading_deg,
            second,
            carrier_sense: Some(flags[0]),
            display: Some(flags[1]),
            dsc: Some(flags[2]),
            band: Some(flags[3]),
            msg22: Some(flags[4]),
            assigned: Some(flags[5]),
            raim: Some(flags[6]),
            radio: Some(radio),
        })
}

fn text<const N: usize>() -> impl Strategy<Value = Text<N>> {
    prop::string::string_regex(&format!("[!-?A-_]([ -_]{{0,{}}}[!-?A-_])?", N - 2))
        .unwrap()
        .prop_map(|text| Text::new(&text).unwrap())
}

fn dimensions() -> impl Strategy<Value = Option<Dimensions>> {
    of((1_u16..512, 0_u16..512, 0_u8..64, 0_u8..64).prop_map(|(bow, stern, port, starboard)| {
        Dimensions { to_bow_m: bow, to_stern_m: stern, to_port_m: port, to_starboard_m: starboard }
    }))
}

fn static_voyage() -> impl Strategy<Value = StaticVoyage> {
    let eta = (of(1_u8..16), of(1_u8..32), of(0_u8..24), of(0_u8..60))
        .prop_map(|(month, day, hour, minute)| Eta { month, day, hour, minute });
    (
        (0_u8..4, of(1_u32..1 << 30), of(text::<7>()), of(text::<20>()), of(1_u8..)),
        (dimensions(), of(1_u8..16), eta, scaled(1..256, 0), of(text::<20>()), any::<bool>()),
    )
        .prop_map(|((version, imo, callsign, name, ship_type), rest)| {
            let (dimensions, epfd, eta, draught_m, destination, dte) = rest;
            StaticVoyage {
                ais_version: Some(version),
                imo,
                callsign,
                name,
                ship_type,
                dimensions,
                epfd,
                eta,
                draught_m,
                destination,
                dte: Some(dte),
            }
        })
}

fn static_b() -> impl Strategy<Value = StaticB> {
    (
        (of(1_u8..), of(text::<3>()), 0_u8..16, 0_u32..1 << 20, of(text::<7>())),
        (dimensions(), of(1_u8..16)),
    )
        .prop_map(|((ship_type, vendor, model, serial, callsign), (dimensions, epfd))| {
            StaticB {
                ship_type,
                vendor,
                model: Some(model),
                serial: Some(serial),
                callsign,
                dimensions,
                mothership_mmsi: None,
                epfd,
            }
        })
}

/// What CoT can say of a thing: an own report of a friend, a sensor's report, or a call for help.
fn observation() -> impl Strategy<Value = Observation> {
    let word = "[a-zA-Z0-9.<>&\"' é-]{0,30}[a-z]";
    let place = (-89.9_f64..89.9, -179.9_f64..179.9, of(-400.0_f64..30_000.0)).prop_map(
        |(lat_deg, lon_deg, height_m)| {
            let place = Position::from_degrees(lat_deg, lon_deg).unwrap();
            Position { height_m, ..place }
        },
    );
    let call = prop_oneof![
        Just(DistressKind::CotAlert),
        Just(DistressKind::CotRing),
        Just(DistressKind::CotContact),
    ];
    (
        (word, of(word), of(word), of("[!-~]([ -~\n]{0,60}[!-~])?")),
        (place, of(0.1_f64..1e5), of(0.0_f64..400.0), of(0.0_f64..359.9), of(0.0_f64..100.0)),
        (prop::sample::select(&Affiliation::ALL), prop::sample::select(&Class::ALL)),
        (of((call, any::<bool>())), of(0_i64..4_000_000_000_000)),
    )
        .prop_map(|((uid, reporter, callsign, text), numbers, (affiliation, class), rest)| {
            let (position, sigma_m, speed_mps, course_deg, battery_percent) = numbers;
            let (call, stale_ms) = rest;
            let distress = call.map(|(kind, cancelled)| Distress { kind, test: false, cancelled });
            let reporter = reporter.filter(|by| *by != uid && distress.is_none());
            let by_itself =
                distress.is_some() || (affiliation == Affiliation::Friend && reporter.is_none());
            let ident = match &reporter {
                Some(by) => Ident::Local { reporter: by.as_str().into(), number: uid.into() },
                None => Ident::CotUid(uid.into()),
            };
            let callsign = callsign.map(|callsign| Ident::Callsign(callsign.into()));
            Observation {
                sensor: if by_itself { SensorKind::CotSelf } else { SensorKind::CotReport },
                reporter: reporter.map(Into::into),
                position: Some(position),
                sigma_m,
                kinematics: Kinematics {
                    speed_mps,
                    course: course_deg.map(Angle::from_degrees),
                    heading: None,
                },
                class,
                affiliation,
                idents: std::iter::once(ident).chain(callsign).collect(),
                distress,
                stale_at: Some(Time::from_unix_ms(stale_ms.unwrap_or(0))),
                text: text.map(Into::into),
                exercise: false,
                battery_percent,
                air: picket_model::Air::NONE,
                alarm: None,
                frame: Frame { format: "cot".into(), bytes: [0_u8; 0].into() },
            }
        })
        // A call that is over does not say which it was but by its words, and that is enough.
        .prop_filter(
            "a uid does not end as calls do",
            |seen| !matches!(&seen.idents[0], Ident::CotUid(uid) if uid.ends_with("-9-1-1")),
        )
}

fn record(seen: Observation, occurred_at: Time) -> Record {
    Record {
        author: Actor::Device(DeviceId::new("test").unwrap()),
        auth: Auth::None,
        label: Label::default(),
        occurred_at,
        received_at: NOW,
        subject: None,
        cites: Vec::new(),
        body: Body::Observation(Box::new(seen)),
    }
}

fn checked(body: &str) -> String {
    format!("!{body}*{:02X}", body.bytes().fold(0, |sum, byte| sum ^ byte))
}
