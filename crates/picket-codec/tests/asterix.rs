//! ASTERIX on the wire: framing, bad input, captures, and what records claim.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must stop"
)]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use picket_codec::asterix::{Asterix, AsterixPcap, Fault, PACKET_BYTES_MAX};
use picket_codec::{DecodeError, Decoded, Decoder, Message, Settings};
use picket_model::{
    Body, Claim, Class, Distress, DistressKind, Ident, Observation, Position, SensorKind, Subject,
    Time,
};

/// 2023-11-16T01:00:00Z.
const NOW: Time = Time::from_unix_s(1_700_096_400);

// Encoded with libasterix 0.36.3, editions 034 1.29, 048 1.32, 062 1.20, 021 2.6 and 0.26.

/// TYP 5, 60 NM at 123°, 7700, FL360, 3C660C, DLH65A, track 3563, 0.125 NM/s to 124°, airborne, 01:00:00.5.
const PLOT: &str = "300025fdd5021907070840a03c0057770fc005a03c660c10c236d418200deb0800582e20e5";
/// TYP 1 (primary only), 20 NM at 270°, track 9, which ends.
const PRIMARY: &str = "300013f1121907070840201400c00000092780";
/// RAB 1 (field monitor), TST 1, 7500 but not validated.
const MONITOR: &str = "30000eb8190743801400c0008f40";
/// TYP 0 (no detection), 20 NM at 270°, track 9.
const COASTED: &str = "30000eb1101907001400c0000009";
/// 47.5 N 9.75 E, 100 m/s west and north, track 1234, 7600, FL350, 36,000 ft, sinking 1,000 ft/min,
/// 4B1803, SWR12AB, on the ground, 40 m by 70 m, last message, 23:59:59.
const SYSTEM: &str = "3e00369b5d35041907a8bf8000871c72001bbbbcfe7001900f80c1204b18034d74b1c810a024e504d2814005781680ff60800050008c";
/// 47.123456 N 8.654321 W, 40621D, BAW123, 0.1 NM/s to 90°, FL330, 10,000 ft, NACp 9, NIC 8, unlawful interference.
const ADSB: &str = "150033e3197b69c019070900004d10c1481cfcec43b440621d00320006403172120e000528147f33066640000815f1cb382005";
/// A surface vehicle with an anonymous address, on the ground, track 78.
const VEHICLE: &str = "15001be51901014019076960004e217e4bf9e26b00000100320015";
/// Category 021 edition 0.26: 47.1 N 8.6 W, 40621D, BAW123, FL330, climbing 640 ft/min.
const ADSB_OLD: &str = "150022f92310190700280032000085f92cffe789ac40621d052800660815f1cb3820";
/// Sector 45°, 00:01:40.
const SECTOR: &str = "22000bf019070200320020";

#[test]
fn a_stream_of_blocks_is_read_however_it_is_cut() {
    let bytes = unhex(&[PLOT, SYSTEM, SECTOR, ADSB, PRIMARY].concat());
    let whole = stream(&bytes, bytes.len());
    assert_eq!(whole.rejects, []);
    let at: Vec<u64> = whole.messages.iter().map(|(at, _)| *at).collect();
    assert_eq!(at, [0, 37, 91, 102, 153]);
    for chunk in 1..bytes.len() {
        assert_eq!(stream(&bytes, chunk), whole, "chunks of {chunk}");
    }
}

#[test]
fn a_block_longer_than_its_datagram_is_rejected_and_the_next_datagram_is_read() {
    let (mut decoder, mut out) = (Asterix::new(&Settings::default()), Decoded::default());
    let plot = unhex(PLOT);
    decoder.feed(&plot[..plot.len() - 1], NOW, &mut out);
    decoder.end_datagram(NOW, &mut out);
    decoder.feed(&plot, NOW, &mut out);
    decoder.end_datagram(NOW, &mut out);
    assert_eq!(faults(&out), [Fault::BlockCut { category: 48, said: 37, have: 36 }]);
    assert_eq!((out.rejects[0].0, out.messages[0].0), (0, 36));
}

#[test]
fn a_length_that_is_none_hides_the_rest_of_its_datagram_and_no_more() {
    let (mut decoder, mut out) = (Asterix::new(&Settings::default()), Decoded::default());
    let bytes = [unhex(SECTOR), vec![48, 0, 2], unhex(PLOT)].concat();
    decoder.feed(&bytes, NOW, &mut out);
    decoder.end_datagram(NOW, &mut out);
    decoder.feed(&unhex(PLOT), NOW, &mut out);
    decoder.end_datagram(NOW, &mut out);
    assert_eq!(out.messages.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [0, 51]);
    assert_eq!(faults(&out), [Fault::BlockLength { said: 2 }, Fault::Unframed { count: 37 }]);
    assert_eq!(out.rejects.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [11, 14]);
}

#[test]
fn a_stream_that_is_lost_says_so_again_and_again() {
    let bytes = [vec![48, 0, 0], vec![0x55; 200_000]].concat();
    let whole = stream(&bytes, usize::MAX);
    let count = |count| Fault::Unframed { count };
    let expected =
        [Fault::BlockLength { said: 0 }, count(65_536), count(65_536), count(65_536), count(3_392)];
    assert_eq!(faults(&whole), expected);
    assert_eq!(stream(&bytes, 777), whole);
}

#[test]
fn a_category_without_tables_is_stepped_over_and_counted() {
    let out = stream(&unhex(&["f000050102", PLOT].concat()), usize::MAX);
    assert_eq!(faults(&out), [Fault::Category { category: 240 }]);
    assert_eq!(out.messages.len(), 1);
}

#[test]
fn an_item_that_the_edition_lacks_skips_its_block_and_only_that() {
    // Field reference number 36 of category 062, which ends at 35; the record before it is whole.
    let whole = "8019 07".replace(' ', "");
    let bad = block(62, &format!("{whole}0101010101801907"));
    let out = stream(&unhex(&[bad, SYSTEM.to_owned()].concat()), usize::MAX);
    let text = out.rejects[0].1.to_string();
    assert!(text.contains("062 edition 1.21 has no item with field reference number 36"), "{text}");
    assert_eq!(out.messages.len(), 1, "none of the block's own records");
    assert_eq!(out.messages[0].0, 14);
}

#[test]
fn the_edition_that_is_set_decides_what_an_extension_means() {
    // I048/020 with a second extension: new in edition 1.31.
    let bytes = unhex(&block(48, "a019074101fe"));
    let with = |edition: &str| {
        let editions = BTreeMap::from([("048".to_owned(), edition.to_owned())]);
        run(&mut Asterix::new(&Settings { editions, ..Settings::default() }), &bytes)
    };
    assert_eq!(with("1.31").messages.len(), 1);
    let items = record_json(&with("1.32"))["items"]["020"].clone();
    assert_eq!(items["PAI"], serde_json::json!({ "EP": 1, "VAL": 1 }));
    let text = with("1.30").rejects[0].1.to_string();
    assert!(text.contains("048 edition 1.30: item 020 at byte 6 has a part"), "{text}");
    assert_eq!(faults(&with("9.9")), [Fault::EditionUnknown { category: 48 }]);
}

#[test]
fn older_and_newer_category_021_have_another_order_of_items() {
    let editions = BTreeMap::from([("021".to_owned(), "0.26".to_owned())]);
    let out =
        run(&mut Asterix::new(&Settings { editions, ..Settings::default() }), &unhex(ADSB_OLD));
    let line = record_json(&out);
    assert_eq!(line["icao"], "40621D");
    assert_eq!(line["tod_s"], 100.0);
    assert_eq!(line["lat_deg"], 47.099_998);
    // By the newest edition the same bytes are something else, or nothing.
    let newest = stream(&unhex(ADSB_OLD), usize::MAX);
    assert!(newest.messages.iter().all(|(at, seen)| seen.json(*at)["icao"] != "40621D"));
}

#[test]
fn a_count_that_lies_is_rejected_before_anything_is_kept() {
    // I048/250 says 255 registers, one follows.
    let out = stream(
        &unhex(&block(48, "8120 1907 ff 0102030405060740".replace(' ', "").as_str())),
        usize::MAX,
    );
    let text = out.rejects[0].1.to_string();
    assert_eq!(out.messages.len(), 0);
    assert!(text.contains("item 250 at byte 7 goes beyond the end of its block"), "{text}");
}

#[test]
fn an_explicit_length_that_excludes_itself_is_rejected() {
    // I062/SP with length 0.
    let out = stream(&unhex(&block(62, "8101010102190700")), usize::MAX);
    let text = out.rejects[0].1.to_string();
    assert!(text.contains("item SP at byte 10 has a length that excludes its own octet"), "{text}");
}

#[test]
fn expansion_and_special_purpose_fields_are_kept_raw() {
    let out = stream(&unhex(&block(62, "8101010106190704a1b2c302ff")), usize::MAX);
    let items = record_json(&out)["items"].clone();
    assert_eq!(items["RE"], "A1B2C3");
    assert_eq!(items["SP"], "FF");
}

#[test]
fn a_record_without_items_is_none() {
    for (record, word) in [("00", "no item"), ("", "does not end"), ("0101", "does not end")] {
        let out = stream(&unhex(&block(48, record)), usize::MAX);
        let text = out.rejects[0].1.to_string();
        assert!(out.messages.is_empty() && text.contains(word), "{text}");
    }
}

#[test]
fn every_truncation_of_every_item_is_rejected_as_a_datagram() {
    for (settings, block) in every_item() {
        for length in 1..block.len() {
            let mut decoder = Asterix::new(&settings);
            let mut out = Decoded::default();
            decoder.feed(&block[..length], NOW, &mut out);
            decoder.end_datagram(NOW, &mut out);
            assert_eq!((out.messages.len(), out.rejects.len()), (0, 1), "{length}");
            // The same, with a block length that fits the cut.
            if let Some(length) = u16::try_from(length).ok().filter(|length| *length > 3) {
                let mut block = block[..usize::from(length)].to_vec();
                block[1..3].copy_from_slice(&length.to_be_bytes());
                look(&run(&mut Asterix::new(&settings), &block), block.len());
            }
        }
    }
}

#[test]
fn every_byte_of_every_item_may_be_wrong() {
    for (settings, block) in every_item() {
        let mut block = block;
        for at in 0..block.len() {
            for flip in [0x01, 0xff] {
                block[at] ^= flip;
                look(&run(&mut Asterix::new(&settings), &block), block.len());
                block[at] ^= flip;
            }
        }
    }
}

#[test]
fn every_byte_of_a_capture_may_be_wrong() {
    let mut capture = recording();
    capture.truncate(800);
    for at in 0..capture.len() {
        capture[at] ^= 0xff;
        let mut decoder = AsterixPcap::new(&Settings::default());
        look(&run(&mut decoder, &capture), capture.len());
        capture[at] ^= 0xff;
    }
}

#[test]
fn a_flood_of_short_records_makes_no_more_than_its_bytes() {
    // A record of two bytes for each two: field reference number 7 of category 065, one octet.
    let records = "0232".repeat(32_000);
    let out = stream(&unhex(&block(65, &records)), usize::MAX);
    assert_eq!((out.messages.len(), out.rejects.len()), (32_000, 0));
    // All share one copy of the block.
    assert!(size_of::<(u64, Message)>() <= 512);
}

#[test]
fn the_day_is_the_one_nearest_to_the_time_of_receipt() {
    let before = Time::parse_rfc3339("2023-11-15T23:59:58Z").unwrap();
    let after = Time::parse_rfc3339("2023-11-16T00:00:02Z").unwrap();
    // 00:01:40, heard before and after midnight; 23:59:59, heard before and after.
    let early = Time::parse_rfc3339("2023-11-16T00:01:40Z").unwrap();
    let late = Time::parse_rfc3339("2023-11-15T23:59:59Z").unwrap();
    for (hex, expected) in [(VEHICLE, early), (SYSTEM, late)] {
        for received_at in [before, after] {
            let mut claims = Vec::new();
            stream(&unhex(hex), usize::MAX).messages[0].1.claims(received_at, &mut claims);
            assert_eq!(claims[0].occurred_at, Some(expected), "{received_at}");
        }
    }
}

#[test]
fn a_time_of_day_that_no_day_has_is_no_time() {
    // I021/073 is 0xffffff, 131,072 s.
    let mut bytes = unhex(VEHICLE);
    let at = bytes.len() - 4;
    bytes[at..at + 3].fill(0xff);
    let out = stream(&bytes, usize::MAX);
    assert_eq!(record_json(&out)["tod_s"], 131_071.992_187_5);
    assert_eq!(claim(&out).occurred_at, None);
}

#[test]
fn a_bare_block_says_no_day_and_a_capture_does() {
    assert_eq!(stream(&unhex(PLOT), usize::MAX).messages[0].1.t(), None);
    let capture = capture(false, 1_000, 147, &[unhex(PLOT)]);
    let out = run(&mut AsterixPcap::new(&Settings::default()), &capture);
    assert_eq!(out.messages[0].1.t().unwrap().to_string(), "2023-11-16T01:00:00.500Z");
    assert_eq!(record_json(&out)["format"], "asterix-pcap");
}

#[test]
fn a_plot_has_a_place_if_its_radar_has_one() {
    let out = stream(&unhex(PLOT), usize::MAX);
    let (claim, seen) = observed(&out);
    assert_eq!(seen.position, None, "without the radar's place");
    assert_eq!(seen.sensor, SensorKind::Radar);
    assert_eq!(claim.subject, Some(Subject::Icao(0x3c_660c)));
    assert_eq!(claim.occurred_at.unwrap().to_string(), "2023-11-16T01:00:00.500Z");
    let expected = [
        Ident::Icao(0x3c_660c),
        Ident::Callsign("DLH65A".into()),
        Ident::Local { reporter: "25/7".into(), number: "3563".into() },
    ];
    assert_eq!(seen.idents, expected);
    assert_eq!(seen.reporter.as_deref(), Some("25/7"));
    assert_eq!(seen.air.squawk, Some(7_700));
    assert_eq!(seen.distress, call(DistressKind::SquawkEmergency, false));
    assert_near(seen.air.pressure_altitude_m, 36_000.0 * 0.304_8);
    assert_eq!(seen.air.on_ground, Some(false));
    assert_near(seen.kinematics.speed_mps, 0.125 * 1_852.0);
    assert!((seen.kinematics.course.unwrap().bearing_degrees() - 124.0).abs() < 0.006);
    assert_eq!((seen.class, seen.exercise, seen.stale_at), (Class::Aircraft, false, None));

    let (_, seen) = observed(&sited(PLOT));
    // pymap3d: aer2geodetic at the azimuth of the wire and the elevation that reaches FL360.
    let expected = Position::from_degrees(46.952_094_151_087_12, 10.967_692_168_420_601).unwrap();
    assert!(seen.position.unwrap().distance_m(&expected) < 0.5);
    // 0.08° at 60 NM.
    assert_near(seen.sigma_m, 155.153);
}

#[test]
fn a_primary_plot_without_height_is_less_sure_and_its_last_says_so() {
    let (claim, seen) = observed(&sited(PRIMARY));
    // pymap3d: aer2geodetic at elevation 0.
    let expected = Position::from_degrees(47.498_946_407_633_77, 9.258_429_742_890_59).unwrap();
    assert!(seen.position.unwrap().distance_m(&expected) < 0.5);
    // 120 m of range, and what 6 km of height take from 20 NM: 37,040 - √(37,040² - 6,000²) = 489.2.
    assert_near(seen.sigma_m, 503.67);
    assert_eq!(seen.stale_at, claim.occurred_at, "end of track");
    assert_eq!(seen.idents.len(), 1);
}

#[test]
fn a_field_monitor_is_equipment_and_a_test_and_its_doubtful_code_no_call() {
    let (claim, seen) = observed(&sited(MONITOR));
    assert_eq!((seen.class, seen.exercise), (Class::Equipment, true));
    assert_eq!((seen.air.squawk, &seen.distress), (None, &None));
    assert_eq!((claim.occurred_at, claim.subject), (None, None));
    assert_eq!(record_json(&sited(MONITOR))["mode3a"], "7500");
}

#[test]
fn what_a_radar_did_not_detect_has_no_place() {
    let (_, seen) = observed(&sited(COASTED));
    assert_eq!((seen.position, seen.sigma_m), (None, None));
}

#[test]
fn a_system_track_has_its_own_place_speed_and_end() {
    let out = stream(&unhex(SYSTEM), usize::MAX);
    let (claim, seen) = observed(&out);
    let place = seen.position.unwrap();
    assert!(place.distance_m(&Position::from_degrees(47.5, 9.75).unwrap()) < 1.0);
    assert_near(place.height_m, 36_000.0 * 0.304_8);
    assert_near(seen.sigma_m, 70.0);
    assert_near(seen.kinematics.speed_mps, 141.421_356);
    assert!((seen.kinematics.course.unwrap().bearing_degrees() - 315.0).abs() < 1e-9);
    assert_near(seen.air.pressure_altitude_m, 35_000.0 * 0.304_8);
    assert_near(seen.air.climb_mps, -5.08);
    assert_eq!(seen.air.on_ground, Some(true));
    assert_eq!(seen.distress, call(DistressKind::SquawkRadio, false));
    assert_eq!(seen.sensor, SensorKind::SystemTrack);
    let expected = [
        Ident::Icao(0x4b_1803),
        Ident::Callsign("SWR12AB".into()),
        Ident::Local { reporter: "25/7".into(), number: "1234".into() },
    ];
    assert_eq!(seen.idents, expected);
    assert_eq!(seen.stale_at, claim.occurred_at, "last message of the track");
    let line = record_json(&out);
    assert_eq!((&line["vx_mps"], &line["vy_mps"]), (&(-100.0).into(), &100.0.into()));
    assert_eq!(line["alt_ft"], 36_000.0);
}

#[test]
fn an_aircraft_reports_itself_by_category_021() {
    let (claim, seen) = observed(&stream(&unhex(ADSB), usize::MAX));
    let expected = Position::from_degrees(47.123_456, -8.654_321).unwrap();
    assert!(seen.position.unwrap().distance_m(&expected) < 0.1);
    assert_near(seen.position.unwrap().height_m, 3_048.0);
    // NACp 9: 30 m in 95 %.
    assert_near(seen.sigma_m, 12.256);
    assert_eq!((seen.sensor, seen.reporter.as_deref()), (SensorKind::Adsb, None));
    assert_eq!(claim.subject, Some(Subject::Icao(0x40_621d)));
    assert_eq!(seen.idents, [Ident::Icao(0x40_621d), Ident::Callsign("BAW123".into())]);
    assert_near(seen.kinematics.speed_mps, 185.155);
    assert_near(seen.air.climb_mps, -6.508_75);
    assert_eq!((seen.air.nic, seen.air.nacp), (Some(8), Some(9)));
    assert_eq!(seen.distress, call(DistressKind::AdsbEmergency, false));
}

#[test]
fn a_surface_vehicle_with_an_anonymous_address_is_known_by_its_track_number() {
    let (claim, seen) = observed(&stream(&unhex(VEHICLE), usize::MAX));
    assert_eq!((seen.class, seen.air.on_ground), (Class::Vehicle, Some(true)));
    assert_eq!(seen.idents, [Ident::Local { reporter: "25/7".into(), number: "78".into() }]);
    assert_eq!(claim.subject, None);
}

#[test]
fn service_messages_claim_nothing() {
    let out = stream(&unhex(SECTOR), usize::MAX);
    let mut claims = Vec::new();
    out.messages[0].1.claims(NOW, &mut claims);
    assert_eq!(claims, []);
    assert_eq!(record_json(&out)["items"]["020"], 45.0);
}

#[test]
fn the_frame_of_a_claim_reads_alone_as_the_same_record() {
    // Two records in one block.
    let records = [&PLOT[6..], &PRIMARY[6..]].concat();
    let out = stream(&unhex(&block(48, &records)), usize::MAX);
    assert_eq!(out.messages.len(), 2);
    for (_, message) in &out.messages {
        let mut claims = Vec::new();
        message.claims(NOW, &mut claims);
        let Body::Observation(seen) = &claims[0].body else { panic!() };
        assert_eq!(&*seen.frame.format, "asterix");
        let again = stream(&seen.frame.bytes, usize::MAX);
        assert_eq!(again.messages[0].1.json(0), message.json(0));
    }
}

#[test]
fn captures_of_either_byte_order_and_resolution_are_read() {
    for is_little in [true, false] {
        for ns_per_tick in [1, 1_000] {
            let bytes = capture(is_little, ns_per_tick, 147, &[unhex(PLOT), unhex(SECTOR)]);
            let out = run(&mut AsterixPcap::new(&Settings::default()), &bytes);
            assert_eq!((out.messages.len(), out.rejects.len()), (2, 0));
            let Message::Asterix(record) = &out.messages[0].1 else { panic!() };
            assert_eq!(record.recorded_at, Some(NOW.plus_s(0.25)));
            assert_eq!(out.messages.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [40, 93]);
        }
    }
}

#[test]
fn a_datagram_is_found_behind_each_kind_of_header() {
    let ethernet = "0102030405060a0b0c0d0e0f";
    let sll = "000000010006010203040506cafe";
    let sll2 = "0000000000010001000601020304050607";
    let rows = [
        (1, format!("{ethernet}0800"), ipv4("")),
        (1, format!("{ethernet}8100000a0800"), ipv4("")),
        (1, format!("{ethernet}88a8000a8100000b86dd"), ipv6("")),
        (101, String::new(), ipv4("01010101")),
        (101, String::new(), ipv6("1100010400000000")),
        (228, String::new(), ipv4("")),
        (229, String::new(), ipv6("")),
        (113, format!("{sll}0800"), ipv4("")),
        (276, format!("0800{sll2}00"), ipv4("")),
    ];
    for (link, front, ip) in rows {
        let front = unhex(&front);
        let packet = [front, ip].concat();
        let length = packet.len();
        // Padding behind the datagram, as in short Ethernet frames, is no block.
        let padded = [packet, vec![0; 9]].concat();
        let out = run(
            &mut AsterixPcap::new(&Settings::default()),
            &capture(true, 1_000, link, &[padded]),
        );
        assert_eq!((out.messages.len(), &out.rejects), (2, &vec![]), "link type {link}");
        let first = 24 + 16 + length - unhex(&[PLOT, SECTOR].concat()).len();
        assert_eq!(out.messages[0].0, first as u64, "link type {link}");
    }
}

#[test]
fn other_traffic_is_stepped_over_and_a_fragment_is_counted() {
    let arp = unhex("ffffffffffff0a0b0c0d0e0f08060001");
    let mut tcp = ipv4("");
    tcp[9] = 6;
    let mut fragment = ipv4("");
    fragment[6] = 0x20;
    let mut cut = ipv4("");
    cut.truncate(50);
    let out = run(&mut AsterixPcap::new(&Settings::default()), &capture(true, 1_000, 1, &[arp]));
    assert_eq!((out.messages.len(), out.rejects.len()), (0, 0));
    let packets = [tcp, fragment, cut, ipv4("")];
    let out =
        run(&mut AsterixPcap::new(&Settings::default()), &capture(true, 1_000, 101, &packets));
    assert_eq!(faults(&out), [Fault::Fragment, Fault::DatagramCut { said: 56, have: 30 }]);
    assert_eq!(out.messages.len(), 2);
}

#[test]
fn what_is_no_capture_is_said_once_and_not_read() {
    let mut pcapng = unhex("0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff");
    pcapng.extend_from_slice(&unhex(PLOT));
    let out = run(&mut AsterixPcap::new(&Settings::default()), &pcapng);
    assert_eq!(
        faults(&out),
        [Fault::NotPcap { magic: 0x0a0d_0d0a }, Fault::Unframed { count: 37 }]
    );
    let out = run(&mut AsterixPcap::new(&Settings::default()), &capture(true, 1_000, 105, &[]));
    assert_eq!(faults(&out), [Fault::LinkType { link_type: 105 }]);
    let out = run(&mut AsterixPcap::new(&Settings::default()), b"abc");
    assert_eq!(faults(&out), [Fault::PacketCut { have: 3, want: 24 }]);
}

#[test]
fn a_packet_length_that_no_capture_has_ends_the_reading() {
    let mut bytes = capture(true, 1_000, 147, &[unhex(PLOT), unhex(PLOT)]);
    let said = u32::try_from(PACKET_BYTES_MAX + 1).unwrap();
    bytes[24 + 16 + 37 + 8..][..4].copy_from_slice(&said.to_le_bytes());
    let out = run(&mut AsterixPcap::new(&Settings::default()), &bytes);
    assert_eq!(out.messages.len(), 1);
    assert_eq!(faults(&out), [Fault::PacketLength { said }, Fault::Unframed { count: 37 }]);
}

#[test]
fn a_capture_that_ends_within_a_packet_says_what_is_missing() {
    let bytes = capture(true, 1_000, 147, &[unhex(PLOT)]);
    let out = run(&mut AsterixPcap::new(&Settings::default()), &bytes[..50]);
    assert_eq!(faults(&out), [Fault::PacketCut { have: 26, want: 53 }]);
    assert_eq!(out.rejects[0].0, 24);
}

// Below: helpers.

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().map(|digit| u8::try_from(digit.to_digit(16).unwrap()).unwrap()).collect();
    assert!(digits.len().is_multiple_of(2));
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// A data block of these records.
fn block(category: u8, records: &str) -> String {
    format!("{category:02x}{:04x}{records}", records.len() / 2 + 3)
}

fn run(decoder: &mut dyn Decoder, bytes: &[u8]) -> Decoded {
    let mut out = Decoded::default();
    decoder.feed(bytes, NOW, &mut out);
    decoder.end(NOW, &mut out);
    out
}

fn stream(bytes: &[u8], chunk: usize) -> Decoded {
    let (mut decoder, mut out) = (Asterix::new(&Settings::default()), Decoded::default());
    bytes.chunks(chunk).for_each(|piece| decoder.feed(piece, NOW, &mut out));
    decoder.end(NOW, &mut out);
    out
}

/// Read from a radar at 47.5 N 9.75 E, 420 m.
fn sited(hex: &str) -> Decoded {
    let place = Position::from_degrees(47.5, 9.75).unwrap();
    let place = Some(Position { height_m: Some(420.0), ..place });
    run(&mut Asterix::new(&Settings { place, ..Settings::default() }), &unhex(hex))
}

fn faults(out: &Decoded) -> Vec<Fault> {
    let fault = |(_, error): &(u64, DecodeError)| {
        let DecodeError::Asterix(fault) = error else { panic!("{error}") };
        *fault
    };
    out.rejects.iter().map(fault).collect()
}

fn record_json(out: &Decoded) -> serde_json::Map<String, serde_json::Value> {
    assert_eq!(out.rejects, []);
    let (at, message) = &out.messages[0];
    message.json(*at)
}

fn claim(out: &Decoded) -> Claim {
    let mut claims = Vec::new();
    out.messages[0].1.claims(NOW, &mut claims);
    assert_eq!(claims.len(), 1);
    claims.remove(0)
}

fn observed(out: &Decoded) -> (Claim, Observation) {
    let claim = claim(out);
    let Body::Observation(seen) = &claim.body else { panic!("{claim:?}") };
    let seen = (**seen).clone();
    (claim, seen)
}

fn call(kind: DistressKind, test: bool) -> Option<Distress> {
    Some(Distress { kind, test, cancelled: false })
}

fn assert_near(value: Option<f64>, expected: f64) {
    let value = value.unwrap();
    assert!(
        (value - expected).abs() < 0.01 * expected.abs().max(1.0) / 100.0,
        "{value} is not {expected}"
    );
}

/// Whatever came out can be shown and claims without a panic, and is no more than went in.
fn look(out: &Decoded, bytes: usize) {
    assert!(out.messages.len() + out.rejects.len() <= bytes);
    let mut claims = Vec::new();
    for (at, message) in &out.messages {
        assert!(*at < bytes as u64);
        assert!(message.json(*at).contains_key("items"));
        message.claims(NOW, &mut claims);
    }
    for (at, error) in &out.rejects {
        assert!(*at < bytes as u64, "{error}");
    }
    for claim in claims {
        let Body::Observation(seen) = claim.body else { panic!() };
        let numbers = [seen.sigma_m, seen.kinematics.speed_mps, seen.air.climb_mps];
        assert!(numbers.iter().flatten().all(|number| number.is_finite()));
    }
}

/// A capture of these packets at 01:00:00.25.
fn capture(is_little: bool, ns_per_tick: u32, link: u32, packets: &[Vec<u8>]) -> Vec<u8> {
    let word = |number: u32| if is_little { number.to_le_bytes() } else { number.to_be_bytes() };
    let magic = if ns_per_tick == 1 { 0xa1b2_3c4d } else { 0xa1b2_c3d4 };
    let mut bytes = [magic, 0x0002_0004, 0, 0, 65_535, link].map(word).concat();
    for packet in packets {
        let length = u32::try_from(packet.len()).unwrap();
        bytes.extend([1_700_096_400, 250_000_000 / ns_per_tick, length, length].map(word).concat());
        bytes.extend_from_slice(packet);
    }
    bytes
}

/// A UDP datagram with two blocks.
fn udp() -> Vec<u8> {
    let payload = unhex(&[PLOT, SECTOR].concat());
    let length = u16::try_from(payload.len() + 8).unwrap();
    [unhex("2134213a"), length.to_be_bytes().to_vec(), vec![0, 0], payload].concat()
}

fn ipv4(options: &str) -> Vec<u8> {
    let (options, udp) = (unhex(options), udp());
    let words = u8::try_from(5 + options.len() / 4).unwrap();
    let total = u16::try_from(20 + options.len() + udp.len()).unwrap();
    let front = [vec![0x40 | words, 0], total.to_be_bytes().to_vec()].concat();
    [front, unhex("0001000040110000c0000201c0000202"), options, udp].concat()
}

/// With one hop-by-hop header, or none.
fn ipv6(options: &str) -> Vec<u8> {
    let (options, udp) = (unhex(options), udp());
    let next = if options.is_empty() { 17 } else { 0 };
    let length = u16::try_from(options.len() + udp.len()).unwrap();
    let front = [unhex("60000000"), length.to_be_bytes().to_vec(), vec![next, 64]].concat();
    [front, vec![0x20; 32], options, udp].concat()
}

/// Each block of the libasterix vectors with the settings of its edition.
fn every_item() -> Vec<(Settings, Vec<u8>)> {
    let text = String::from_utf8(unzip("every-item.libasterix.jsonl.gz")).unwrap();
    let one = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let (category, edition) = line["edition"].as_str().unwrap().split_once('/').unwrap();
        let editions = BTreeMap::from([(category.to_owned(), edition.to_owned())]);
        let place = Position::from_degrees(47.5, 9.75);
        (
            Settings { place, editions, ..Settings::default() },
            unhex(line["block"].as_str().unwrap()),
        )
    };
    // Those of one item each; the blocks of whole records hold the same layouts once more.
    text.lines().map(one).filter(|(_, block)| block.len() < 400).collect()
}

fn recording() -> Vec<u8> {
    unzip("synthetic-radar-midnight.pcap.gz")
}

fn unzip(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/asterix").join(name);
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).unwrap();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    bytes
}
