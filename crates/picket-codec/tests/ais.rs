//! AIS on the wire: framing, parts, bad input, and what messages claim.

#![expect(clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on must stop")]

use picket_codec::ais::message::{AisBody, BroadcastText, Fix, PositionA, StaticVoyage};
use picket_codec::ais::{Ais, LINE_BYTES_MAX, PARTS_WAIT_S, PENDING_MAX, Text, encode};
use picket_codec::{DecodeError, Decoded, Decoder, Message};
use picket_model::observation::Frame;
use picket_model::{
    Affiliation, Body, Claim, Class, Distress, DistressKind, Ident, Observation, Subject, Time,
};

const NOW: Time = Time::from_unix_s(1_272_412_830);

/// From libais' test file: a type 5 in two sentences.
const FIRST: &str = "!AIVDM,2,1,3,B,55NBjP01mtGIL@CW;SM<D60P5Ld000000000000P0`<3557l0<50@kk@,0*66";
const SECOND: &str = "!AIVDM,2,2,3,B,K5h@00000000000,2*72";

#[test]
fn parts_make_a_message_in_any_order() {
    for lines in [[FIRST, SECOND], [SECOND, FIRST]] {
        let out = decode(&lines.join("\r\n"));
        assert_eq!(out.rejects, []);
        let (at, message) = &out.messages[0];
        assert_eq!(*at, 0);
        let line = message.json(*at);
        // pyais 3.3.1 reads these words in it.
        assert_eq!(line["name"], "SEA HAWK");
        assert_eq!(line["destination"], "TACOMA,WA");
        assert_eq!(line["eta"], "04-15T20:00Z");
        assert_eq!(frame(message), format!("{FIRST}\n{SECOND}").as_bytes());
    }
}

#[test]
fn parts_of_two_sources_do_not_mix() {
    let first = tagged("s:north", FIRST);
    let second = tagged("s:south", SECOND);
    let out = decode(&format!("{first}\n{second}"));
    assert_eq!(out.messages, []);
    assert_eq!(reasons(&out), ["then the stream ended", "then the stream ended"]);
}

#[test]
fn a_group_of_tag_blocks_joins_parts_though_only_the_first_names_its_source() {
    for [first, second] in
        [["g:1-2-1234,s:r003669945,c:1120959341", "g:2-2-1234"], ["1G2:77,s:r1", "2G2:77"]]
    {
        let lines = [tagged(first, FIRST), tagged(second, SECOND)];
        let out = decode(&lines.join("\n"));
        assert_eq!((out.messages.len(), out.rejects.len()), (1, 0), "{first}");
    }
}

#[test]
fn a_half_without_its_partner_is_rejected_when_its_time_is_up() {
    let (mut ais, mut out) = (Ais::default(), Decoded::default());
    ais.feed(format!("{FIRST}\n").as_bytes(), NOW, &mut out);
    ais.feed(b"\n", NOW.plus_s(PARTS_WAIT_S), &mut out);
    assert_eq!(out.rejects, []);
    ais.feed(b"\n", NOW.plus_s(PARTS_WAIT_S + 0.1), &mut out);
    assert_eq!(reasons(&out), ["the others did not come in time"]);
    ais.feed(format!("{SECOND}\n").as_bytes(), NOW.plus_s(5.0), &mut out);
    assert_eq!(out.messages, [], "a part must not meet one that was given up");
}

#[test]
fn a_part_heard_much_later_by_the_receivers_own_clock_is_another_messages() {
    let lines = [format!("{FIRST},1272412827"), format!("{SECOND},1272412927")];
    let out = decode(&lines.join("\n"));
    assert_eq!((out.messages.len(), out.rejects.len()), (0, 2));
}

#[test]
fn a_part_heard_twice_is_one_part() {
    let out = decode(&[FIRST, FIRST, SECOND].join("\n"));
    assert_eq!((out.messages.len(), out.rejects.len()), (1, 0));
}

#[test]
fn parts_may_come_in_datagrams_of_their_own() {
    let (mut ais, mut out) = (Ais::default(), Decoded::default());
    for line in [FIRST, SECOND] {
        ais.feed(line.as_bytes(), NOW, &mut out);
        ais.end_datagram(NOW, &mut out);
    }
    assert_eq!((out.messages.len(), out.rejects.len()), (1, 0));
}

#[test]
fn a_datagram_without_a_line_end_does_not_run_into_the_next() {
    let (mut ais, mut out) = (Ais::default(), Decoded::default());
    for line in ["!AIVDM,1,1,,A,cut", "!AIVDM,1,1,,A,15B4FT5000JRP>PE6E68Nbkl0PS5,0*70"] {
        ais.feed(line.as_bytes(), NOW, &mut out);
        ais.end_datagram(NOW, &mut out);
    }
    assert_eq!(out.messages.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [17]);
    assert!(matches!(out.rejects[..], [(0, DecodeError::ChecksumMissing { .. })]));
}

#[test]
fn the_table_of_waiting_messages_is_bounded() {
    let lines: Vec<String> = (0..PENDING_MAX * 3)
        .map(|n| {
            checked(&format!("AIVDM,2,1,{},{},15B4FT5000JRP>PE6E68Nbkl0PS5,0", n % 10, n / 10))
        })
        .collect();
    let mut ais = Ais::default();
    let mut out = Decoded::default();
    ais.feed((lines.join("\n") + "\n").as_bytes(), NOW, &mut out);
    assert_eq!(out.rejects.len(), PENDING_MAX * 2);
    assert!(reasons(&out).iter().all(|why| *why == "too many messages waited for parts"));
}

#[test]
fn bad_lines_are_rejected_with_offset_and_reason_and_good_ones_beside_them_are_not() {
    let good = "!AIVDM,1,1,,A,15B4FT5000JRP>PE6E68Nbkl0PS5,0*70";
    let wrong_character = checked("AIVDM,1,1,,A,15B4FT5000JRP>PE6E68Nbkl0PX!,0");
    let long = format!("!AIVDM,1,1,,A,{}", "0".repeat(LINE_BYTES_MAX));
    let too_much = checked(&format!("AIVDM,1,1,,A,{},0", "0".repeat(500)));
    let part = checked("AIVDM,1,1,,A,H6:ImbuA000,0");
    let cases: &[(&str, &str)] = &[
        (
            "!AIVDM,1,1,,A,15B4FT5000JRP>PE6E68Nbkl0PS5,0*71",
            "checksum wrong: sentence says 71, its bytes give 70",
        ),
        (
            "!AIVDM,1,1,,A,15B4FT5000JRP>P",
            "checksum missing: sentence ends at byte 29 without '*' and two hexadecimal digits",
        ),
        (
            "!AIVDM,1,1,,A,15B4*7",
            "checksum missing: sentence ends at byte 20 without '*' and two hexadecimal digits",
        ),
        (
            "\u{7f}ELF\u{1}\u{2}",
            "not a sentence: a line must begin with '!', '$' or '\\', this one has byte 0x7f at 0",
        ),
        ("\\s:a*00", "truncated: tag block's end is missing at byte 1"),
        (&wrong_character, "invalid: byte 0x58 at 26 is no six-bit character"),
        (&long, "too long: line has more than 1024 bytes"),
        (&too_much, "too long: payload has more than 400 characters"),
        (&checked("AIVDM,1,1,,A,,0"), "truncated: message type is missing at byte 0"),
        (&checked("AIVDM,1,1,,A,15B4,0"), "truncated: MMSI is missing at byte 4"),
        (&checked("AIVDM,0,1,,A,15B4,0"), "invalid: number of sentences at byte 7 is not 1 to 9"),
        (
            &checked("AIVDM,2,3,,A,15B4,0"),
            "invalid: sentence number at byte 9 is not 1 to the number of sentences",
        ),
        (&checked("AIVDM,1,1,,A,15B4,6"), "invalid: number of fill bits at byte 19 is not 0 to 5"),
        (&checked("AIVDM,1,1,,A"), "truncated: channel is missing at byte 12"),
        (&part, "unknown part: a static data report (24) has parts 0 and 1, this one says 3"),
    ];
    for (bad, reason) in cases {
        let out = decode(&format!("{good}\n{bad}\n{good}\n"));
        assert_eq!(out.messages.len(), 2, "{bad}");
        let [(at, error)] = &out.rejects[..] else { panic!("{bad}: {:?}", out.rejects) };
        assert_eq!((*at, error.to_string().as_str()), (48, *reason));
    }
}

#[test]
fn a_short_message_says_what_it_reaches() {
    // The first 14 characters of a class A report end within the longitude.
    let line = checked("AIVDM,1,1,,A,15B4FT5000JRP>,0");
    let out = decode(&line);
    let json = out.messages[0].1.json(0);
    assert_eq!(json["mmsi"], 354_490_000);
    assert_eq!(json["sog_kn"], 0.0);
    assert_eq!(json.get("lon_deg"), None);
    assert_eq!(json.get("heading_deg"), None);
}

#[test]
fn a_type_that_the_standard_lacks_is_opaque() {
    let line = decode(&checked("AIVDM,1,1,,A,L5MwdOTh0000,0")).messages[0].1.json(0);
    let keys: Vec<&str> = line.keys().map(String::as_str).collect();
    assert_eq!(keys, ["format", "offset", "type", "mmsi", "repeat", "data_hex"]);
}

#[test]
fn one_flipped_byte_never_passes_the_checksum() {
    let good = "!AIVDM,1,1,,A,15B4FT5000JRP>PE6E68Nbkl0PS5,0*70";
    let whole = decode(good);
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut bytes = good.as_bytes().to_vec();
            bytes[at] ^= 1 << bit;
            let out = decode_bytes(&bytes);
            // A flip may end the line or change the talker's, the delimiter's or a digit's case.
            for (_, message) in &out.messages {
                assert_eq!(message.json(0), whole.messages[0].1.json(0), "byte {at} bit {bit}");
            }
        }
    }
}

#[test]
fn a_position_report_claims_an_unjudged_vessel() {
    // libais' first line; pyais reads the same numbers.
    let line = "!AIVDM,1,1,,A,15B4FT5000JRP>PE6E68Nbkl0PS5,0*70,b003669794,1272412827";
    let claim = claim(line);
    assert_eq!(claim.occurred_at, Some(Time::from_unix_s(1_272_412_827)));
    assert_eq!(claim.subject, Some(Subject::Mmsi(354_490_000)));
    let seen = observation(&claim);
    let place = seen.position.unwrap();
    assert!((place.lat.degrees() - 36.873).abs() < 1e-6);
    assert!((place.lon.degrees() + 76.348_667).abs() < 1e-6);
    assert_eq!((seen.class, seen.affiliation), (Class::Vessel, Affiliation::Pending));
    assert_eq!(seen.sigma_m, Some(30.0));
    assert_eq!(seen.idents, [Ident::Mmsi(354_490_000)]);
    assert!((seen.kinematics.course.unwrap().degrees() - 217.0).abs() < 1e-9);
    assert!((seen.kinematics.heading.unwrap().degrees() - 345.0).abs() < 1e-9);
    assert_eq!(&*seen.frame.bytes, line.as_bytes());
    assert_eq!(&*seen.frame.format, "ais");
}

#[test]
fn a_claim_without_a_time_on_the_wire_has_none() {
    assert_eq!(claim("!AIVDM,1,1,,A,15B4FT5000JRP>PE6E68Nbkl0PS5,0*70").occurred_at, None);
}

#[test]
fn static_data_claim_names_without_a_place() {
    let claim = claim(&format!("{FIRST}\n{SECOND}"));
    let seen = observation(&claim);
    assert_eq!(seen.position, None);
    let (imo, callsign) = (Ident::Imo(7_729_526), Ident::Callsign("WDD9287".into()));
    let named = [Ident::Mmsi(367_309_440), imo, callsign, Ident::Name("SEA HAWK".into())];
    assert_eq!(seen.idents, named);
    assert_eq!(seen.text.as_deref(), Some("TACOMA,WA"));
}

#[test]
fn distress_beacons_call_and_their_tests_do_not() {
    // ITU-R M.585-9 Annex 2 gives the prefixes, IMO SN.1/Circ.322 the status.
    for (mmsi, status, kind, test) in [
        (970_010_119, 14, DistressKind::AisSart, false),
        (970_010_119, 15, DistressKind::AisSart, true),
        (972_000_001, 14, DistressKind::AisMob, false),
        (974_000_001, 0, DistressKind::AisEpirb, false),
    ] {
        let fix = Fix { accuracy: Some(true), lon_deg: Some(5.0), lat_deg: Some(60.0) };
        let report = PositionA { nav_status: Some(status), fix, ..PositionA::default() };
        let claim = claim(&encode::position_a(mmsi, &report).join("\n"));
        let call = Distress { kind, test, cancelled: false };
        assert_eq!(observation(&claim).distress, Some(call), "{mmsi} {status}");
    }
    let ship = PositionA { nav_status: Some(14), ..PositionA::default() };
    let claim = claim(&encode::position_a(257_000_001, &ship).join("\n"));
    assert_eq!(observation(&claim).distress, None, "a ship's status alone is no beacon's call");
}

#[test]
fn safety_text_is_a_call_and_says_when_it_is_a_test() {
    for (mmsi, text, kind, test) in [
        (970_010_119, "SART ACTIVE", DistressKind::AisSart, false),
        (970_010_119, "SART TEST", DistressKind::AisSart, true),
        (257_000_001, "LATEST FIX: TAKING WATER", DistressKind::SafetyText, false),
    ] {
        let claim = claim(&encode::safety_text(mmsi, text).join("\n"));
        let seen = observation(&claim);
        assert_eq!(seen.distress, Some(Distress { kind, test, cancelled: false }));
        assert_eq!(seen.text.as_deref(), Some(text));
    }
}

#[test]
fn what_a_sender_is_shows_in_its_mmsi() {
    for (mmsi, class) in [
        (503_551_000, Class::Vessel),
        (2_320_001, Class::Equipment),
        (992_351_000, Class::Equipment),
        (111_232_506, Class::Aircraft),
        (982_351_000, Class::Vessel),
        (972_000_001, Class::Person),
    ] {
        let claim = claim(&encode::position_a(mmsi, &PositionA::default()).join("\n"));
        assert_eq!(observation(&claim).class, class, "{mmsi}");
    }
}

#[test]
fn a_number_that_is_no_mmsi_names_nobody() {
    for number in [0, 1_073_741_823] {
        let claim = claim(&encode::position_a(number, &PositionA::default()).join("\n"));
        assert_eq!(claim.subject, None);
        assert_eq!(observation(&claim).idents, []);
    }
}

#[test]
fn a_place_that_is_not_on_earth_is_shown_but_not_claimed() {
    let fix = Fix { accuracy: None, lon_deg: Some(200.0), lat_deg: Some(10.0) };
    let line = encode::position_a(503_551_000, &PositionA { fix, ..PositionA::default() }).join("");
    assert_eq!(decode(&line).messages[0].1.json(0)["lon_deg"], 200.0);
    assert_eq!(observation(&claim(&line)).position, None);
}

#[test]
fn long_text_is_sent_in_parts_and_read_whole() {
    let text = "MAYDAY ".repeat(20).trim().to_owned();
    let body = AisBody::BroadcastText(BroadcastText { text: Some(text.into()) });
    let lines = encode::message(14, 0, 257_000_001, &body, 7).unwrap();
    assert!(lines.len() > 1);
    assert!(lines.iter().all(|line| line.len() <= 80), "IEC 61162-1: 82 with the line end");
    let Message::Ais(message) = &decode(&lines.join("\r\n")).messages[0].1 else { panic!() };
    assert_eq!(message.body, body);
}

#[test]
fn names_are_spoken_without_what_stands_behind_their_padding() {
    let name = Text::new("YONGDUCK@@@@@@@@@@@Q");
    let data = StaticVoyage { name, ..StaticVoyage::default() };
    let claim = claim(&encode::static_voyage(440_000_001, &data, 1).join("\n"));
    assert!(observation(&claim).idents.contains(&Ident::Name("YONGDUCK".into())));
}

fn decode(text: &str) -> Decoded {
    decode_bytes(text.as_bytes())
}

fn decode_bytes(bytes: &[u8]) -> Decoded {
    let (mut ais, mut out) = (Ais::default(), Decoded::default());
    ais.feed(bytes, NOW, &mut out);
    ais.end(NOW, &mut out);
    out
}

fn claim(text: &str) -> Claim {
    let out = decode(text);
    assert_eq!(out.rejects, []);
    let mut claims = Vec::new();
    out.messages[0].1.claims(NOW, &mut claims);
    assert_eq!(claims.len(), 1, "{text}");
    claims.remove(0)
}

fn observation(claim: &Claim) -> &Observation {
    let Body::Observation(seen) = &claim.body else { panic!("{claim:?}") };
    seen
}

fn frame(message: &Message) -> Vec<u8> {
    let mut claims = Vec::new();
    message.claims(NOW, &mut claims);
    let Frame { bytes, .. } = &observation(&claims[0]).frame;
    bytes.to_vec()
}

fn reasons<'a>(out: &'a Decoded) -> Vec<&'a str> {
    let reason = |(_, error): &'a (u64, DecodeError)| {
        let DecodeError::Incomplete { because, .. } = error else { panic!("{error}") };
        *because
    };
    out.rejects.iter().map(reason).collect()
}

fn sum(text: &str) -> u8 {
    text.bytes().fold(0, |sum, byte| sum ^ byte)
}

fn checked(body: &str) -> String {
    format!("!{body}*{:02X}", sum(body))
}

fn tagged(block: &str, line: &str) -> String {
    format!("\\{block}*{:02X}\\{line}", sum(block))
}
