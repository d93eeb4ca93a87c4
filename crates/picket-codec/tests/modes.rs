//! Mode S and ADS-B: what is believed, what is refused, and what is claimed.
//!
//! Frames with a source are published ones (J. Sun, The 1090 MHz Riddle, 2nd edition); the
//! others are written by the crate's own encoder, which the recording's oracle holds to account.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must stop"
)]

use picket_codec::modes::cpr::{self, Place};
use picket_codec::modes::field::{Callsign, Squawk};
use picket_codec::modes::{AIRCRAFT_MAX, ModesFrame, encode};
use picket_codec::{DecodeError, Decoded, Decoder, Settings, format};
use picket_model::{
    Body, Class, DistressKind, Ident, Observation, Position, SensorKind, Subject, Time,
};
use serde_json::{Map, Value, json};

const NOW: Time = Time::from_unix_s(1_767_323_045);
const SECOND: u64 = 12_000_000;
const ICAO: u32 = 0x4c_a2d6;
const HOME: Place = Place { lat_deg: 52.0, lon_deg: 4.0 };

#[test]
fn published_frames_are_read_as_published() {
    let named = &avr("*8D4840D6202CC371C32CE0576098;").lines[0];
    assert_eq!((&named["df"], &named["icao"]), (&json!(17), &json!("4840D6")));
    assert_eq!((&named["typecode"], &named["callsign"]), (&json!(4), &json!("KLM1023")));
    assert_eq!(named.get("category"), None, "category 0 is none");
}

#[test]
fn published_velocities_are_read_as_published() {
    let over_ground = &avr("*8D485020994409940838175B284F;").lines[0];
    assert_eq!(over_ground["vrate_fpm"], -832);
    assert!((over_ground["speed_kn"].as_f64().unwrap() - 159.20).abs() < 0.01);
    assert!((over_ground["track_deg"].as_f64().unwrap() - 182.88).abs() < 0.01);
    assert_eq!(over_ground["gnss_above_baro_ft"], 550);
    let through_air = &avr("*8DA05F219B06B6AF189400CBC33F;").lines[0];
    assert_eq!(through_air["airspeed_kn"], 375);
    assert_eq!(through_air["airspeed_true"], true);
    assert_eq!(through_air["vrate_fpm"], -2_304);
    assert!((through_air["heading_deg"].as_f64().unwrap() - 243.98).abs() < 0.01);
    assert_eq!(through_air.get("speed_kn"), None, "airspeed is no speed over ground");
}

#[test]
fn a_published_pair_gives_its_position_and_altitude() {
    let read = avr("@000000B71B00 8D40621D58C386435CC412692AD6;".replace(' ', "").as_str());
    assert_eq!(read.lines[0].get("lat_deg"), None);
    let read = avr(concat!(
        "@000000B71B008D40621D58C386435CC412692AD6;",
        "@000001B71B008D40621D58C382D690C8AC2863A7;",
    ));
    let line = &read.lines[1];
    assert!((line["lat_deg"].as_f64().unwrap() - 52.257_20).abs() < 1e-5);
    assert!((line["lon_deg"].as_f64().unwrap() - 3.919_37).abs() < 1e-5);
    assert_eq!((&line["alt_ft"], &line["on_ground"]), (&json!(38_000), &json!(false)));
}

#[test]
fn one_wrong_bit_of_a_squitter_is_mended_and_marked_and_two_are_not() {
    let good = encode::squitter(ICAO, encode::identification(3, callsign("KLM1023")));
    for first in 5..112 {
        let mut feed = Feed::new("beast", &Settings::default());
        feed.frame(good, 0.0);
        let mended = feed.frame(flipped(good, &[first]), 0.1);
        assert_eq!(mended["corrected_bits"], 1, "bit {first}");
        assert_eq!(mended["callsign"], "KLM1023", "bit {first}");
        assert_eq!(mended["icao"], "4CA2D6", "bit {first}");
        for second in first + 1..112 {
            feed.refuse(flipped(good, &[first, second]), 0.2);
        }
    }
}

#[test]
fn a_mended_squitter_of_an_unknown_sender_claims_nothing_and_proves_nothing() {
    let good = encode::squitter(ICAO, encode::identification(3, callsign("KLM1023")));
    let mut feed = Feed::new("beast", &Settings::default());
    feed.frame(flipped(good, &[40]), 0.0);
    assert_eq!(feed.claimed(), None);
    feed.refuse(encode::identity_reply(ICAO, Squawk(0o1000)), 0.1);
    feed.frame(good, 0.2);
    feed.frame(flipped(good, &[40]), 0.3);
    assert!(feed.claimed().is_some());
}

#[test]
fn a_mended_position_counts_only_near_a_place_of_its_own() {
    let mut feed = Feed::new("beast", &Settings::default());
    let [even, odd] = [false, true].map(|odd| position(ICAO, HOME, odd));
    feed.frame(flipped(even, &[60]), 0.0);
    assert_eq!(feed.frame(flipped(odd, &[60]), 0.5).get("lat_deg"), None);
    feed.frame(even, 1.0);
    assert!(feed.frame(odd, 1.5).contains_key("lat_deg"));
    assert!(feed.frame(flipped(even, &[60]), 2.0).contains_key("lat_deg"));
    let far = Place { lat_deg: 53.0, ..HOME };
    let bent = flipped(position(ICAO, far, false), &[60]);
    assert_eq!(feed.frame(bent, 2.5).get("lat_deg"), None);
}

#[test]
fn a_reply_is_taken_only_from_an_address_that_proved_itself_lately() {
    let reply = encode::identity_reply(ICAO, Squawk(0o1000));
    let mut feed = Feed::new("beast", &Settings::default());
    feed.refuse(reply, 0.0);
    assert_eq!(feed.refused(), Some(DecodeError::AddressUnproven { address: ICAO }));
    feed.frame(all_call(ICAO, 0), 1.0);
    assert_eq!(feed.frame(reply, 100.0)["squawk"], "1000");
    feed.refuse(reply, 122.0);
}

#[test]
fn an_all_call_reply_to_an_interrogator_proves_its_address_at_the_second_time() {
    let reply = encode::identity_reply(ICAO, Squawk(0o1000));
    let mut feed = Feed::new("beast", &Settings::default());
    feed.frame(all_call(ICAO, 0x35), 0.0);
    feed.refuse(reply, 0.1);
    feed.frame(all_call(ICAO, 0x12), 1.0);
    assert_eq!(feed.frame(reply, 1.1)["squawk"], "1000");
    feed.refuse(all_call(ICAO, 0x80), 1.2);
}

#[test]
fn forged_addresses_displace_each_other_and_not_an_aircraft() {
    let mut feed = Feed::new("beast", &Settings::default());
    feed.frame(all_call(ICAO, 0), 0.0);
    feed.frame(all_call(ICAO, 0), 0.1);
    for number in 1..=3 * u32::try_from(AIRCRAFT_MAX).unwrap() {
        feed.frame(all_call(number, 0), 1.0);
    }
    assert_eq!(feed.frame(encode::identity_reply(ICAO, Squawk(1)), 2.0)["squawk"], "0001");
    feed.refuse(encode::identity_reply(1, Squawk(1)), 2.0);
}

#[test]
fn halves_make_a_pair_within_ten_seconds_in_the_air() {
    for (gap_s, is_pair) in [(9.9, true), (10.1, false)] {
        let mut feed = Feed::new("beast", &Settings::default());
        feed.frame(position(ICAO, HOME, false), 100.0);
        let second = feed.frame(position(ICAO, HOME, true), 100.0 + gap_s);
        assert_eq!(second.contains_key("lat_deg"), is_pair, "{gap_s} s");
    }
}

#[test]
fn halves_make_a_pair_within_25_seconds_on_the_ground_and_50_when_slow() {
    // Movement codes 20 and 60 are 5.5 and 36 kn (RTCA DO-260B, table 2-13).
    for (movement, gap_s, is_pair) in
        [(60, 24.9, true), (60, 25.1, false), (20, 49.9, true), (20, 50.1, false), (0, 25.1, false)]
    {
        let mut feed = Feed::new("beast", &at_home());
        feed.frame(surface(ICAO, HOME, false, movement), 100.0);
        let second = feed.frame(surface(ICAO, HOME, true, movement), 100.0 + gap_s);
        assert_eq!(second.contains_key("lat_deg"), is_pair, "{movement}: {gap_s} s");
    }
}

#[test]
fn a_position_on_the_ground_needs_a_place_to_begin_from() {
    for (settings, is_known) in [(Settings::default(), false), (at_home(), true)] {
        let mut feed = Feed::new("beast", &settings);
        let near = Place { lat_deg: 52.1, lon_deg: 4.2 };
        feed.frame(surface(ICAO, near, false, 20), 0.0);
        let line = feed.frame(surface(ICAO, near, true, 20), 1.0);
        assert_eq!(line["on_ground"], true);
        assert_eq!(line.contains_key("lat_deg"), is_known);
        if is_known {
            assert!((line["lat_deg"].as_f64().unwrap() - 52.1).abs() < 1e-4);
            assert!((line["lon_deg"].as_f64().unwrap() - 4.2).abs() < 1e-4);
        }
    }
}

#[test]
fn nothing_on_the_ground_is_heard_from_beyond_the_receivers_horizon() {
    let mut feed = Feed::new("beast", &at_home());
    let far = Place { lat_deg: 54.0, lon_deg: 7.0 };
    feed.frame(surface(ICAO, far, false, 20), 0.0);
    assert_eq!(feed.frame(surface(ICAO, far, true, 20), 1.0).get("lat_deg"), None);
}

#[test]
fn a_leap_is_withheld_until_pairs_outvote_the_place_before() {
    let mut feed = Feed::new("beast", &Settings::default());
    feed.frame(position(ICAO, HOME, false), 0.0);
    assert!(feed.frame(position(ICAO, HOME, true), 0.5).contains_key("lat_deg"));
    let far = Place { lat_deg: 48.0, lon_deg: 11.0 };
    let shown: Vec<bool> = (0..6_u32)
        .map(|step| {
            let at_s = 1.0 + f64::from(step) * 0.5;
            feed.frame(position(ICAO, far, step % 2 == 1), at_s).contains_key("lat_deg")
        })
        .collect();
    // The first half is paired with one from before and gives nonsense; then four agree.
    assert_eq!(shown, [false, false, false, false, true, true]);
}

#[test]
fn a_single_half_counts_near_a_fresh_place_and_not_after_a_minute() {
    for (gap_s, is_known) in [(30.0, true), (61.0, false)] {
        let mut feed = Feed::new("beast", &Settings::default());
        feed.frame(position(ICAO, HOME, false), 0.0);
        feed.frame(position(ICAO, HOME, true), 0.5);
        let line = feed.frame(position(ICAO, HOME, true), 0.5 + gap_s);
        assert_eq!(line.contains_key("lat_deg"), is_known, "{gap_s} s");
    }
}

#[test]
fn a_recording_whose_counter_steps_pairs_nothing_over_the_step_and_loses_no_frame() {
    // Whatever receive time a recording is fed with, it stands still.
    for received_at in [Time::from_unix_s(0), NOW] {
        let mut feed = Feed::new("beast", &Settings::default());
        feed.received_at = Some(received_at);
        feed.frame(position(ICAO, HOME, false), 5_000.0);
        assert_eq!(feed.frame(position(ICAO, HOME, true), 3.0).get("lat_deg"), None);
        assert!(feed.frame(position(ICAO, HOME, false), 3.5).contains_key("lat_deg"));
        assert_eq!(feed.frame(encode::identity_reply(ICAO, Squawk(1)), 1.0)["squawk"], "0001");
    }
}

#[test]
fn a_live_feed_whose_counter_steps_goes_on_by_our_clock() {
    for (gap_s, is_pair) in [(0.5, true), (20.0, false)] {
        let mut feed = Feed::new("beast", &Settings::default());
        feed.received_at = Some(NOW);
        feed.frame(position(ICAO, HOME, false), 5_000.0);
        feed.received_at = Some(NOW.plus_s(gap_s));
        let line = feed.frame(position(ICAO, HOME, true), 3.0);
        assert_eq!(line.contains_key("lat_deg"), is_pair, "{gap_s} s");
    }
}

#[test]
fn the_control_field_says_whose_the_address_is() {
    // RTCA DO-260B, 2.2.3.2.1.2: control field, flag in the message, what the number is.
    let plain = encode::airborne_position(10_000, cpr::encode(HOME, false, false));
    let mut flagged = plain;
    flagged[0] |= 1;
    let icao = Some(Ident::Icao(ICAO));
    let local =
        |reporter: &str| Some(Ident::Local { reporter: reporter.into(), number: "~4CA2D6".into() });
    for (control, me, ident, reporter) in [
        (0, plain, icao.clone(), None),
        (0, flagged, icao.clone(), None),
        (1, plain, local("ADS-B"), None),
        (2, plain, icao.clone(), Some("TIS-B")),
        (2, flagged, local("TIS-B"), Some("TIS-B")),
        (5, plain, local("TIS-B"), Some("TIS-B")),
        (6, plain, icao, Some("ADS-R")),
        (6, flagged, local("ADS-R"), Some("ADS-R")),
        (4, plain, None, None),
        (7, plain, None, None),
    ] {
        let mut feed = Feed::new("beast", &Settings::default());
        let other = encode::airborne_position(10_000, cpr::encode(HOME, true, false));
        let other =
            [other[0] | me[0] & 1, other[1], other[2], other[3], other[4], other[5], other[6]];
        feed.frame(encode::extended(18, control, ICAO, me), 0.0);
        let line = feed.frame(encode::extended(18, control, ICAO, other), 0.5);
        let is_icao = matches!(ident, Some(Ident::Icao(_)));
        assert_eq!(line.contains_key("icao"), is_icao, "{control}: {line:?}");
        assert_eq!(line.contains_key("address"), ident.is_some() && !is_icao);
        let seen = feed.claimed();
        assert_eq!(seen.as_ref().map(|seen| seen.idents[0].clone()), ident, "{control}");
        assert_eq!(seen.and_then(|seen| seen.reporter).as_deref(), reporter, "{control}");
    }
}

#[test]
fn the_same_number_as_another_kind_of_address_is_another_sender() {
    let mut feed = Feed::new("beast", &Settings::default());
    let me = |odd| encode::airborne_position(10_000, cpr::encode(HOME, odd, false));
    feed.frame(encode::extended(18, 1, ICAO, me(false)), 0.0);
    assert_eq!(feed.frame(encode::squitter(ICAO, me(true)), 0.5).get("lat_deg"), None);
    feed.frame(encode::extended(18, 1, 0x11_2233, me(false)), 0.0);
    feed.refuse(encode::identity_reply(0x11_2233, Squawk(1)), 0.6);
}

#[test]
fn a_position_carries_the_speed_of_the_last_five_seconds() {
    for (age_s, is_carried) in [(4.9, true), (5.1, false)] {
        let mut feed = Feed::new("beast", &Settings::default());
        feed.frame(position(ICAO, HOME, false), 0.0);
        feed.frame(encode::squitter(ICAO, encode::velocity(-300, 400, 640)), 0.0);
        let velocity = feed.claimed().unwrap();
        assert_eq!(velocity.position, None);
        assert!((velocity.kinematics.speed_mps.unwrap() - 500.0 * 1_852.0 / 3_600.0).abs() < 1e-9);
        feed.frame(position(ICAO, HOME, true), age_s);
        let seen = feed.claimed().unwrap();
        assert!(seen.position.is_some());
        assert_eq!(seen.kinematics.speed_mps.is_some(), is_carried, "{age_s} s");
        assert_eq!(seen.kinematics.course.is_some(), is_carried);
        assert_eq!(seen.air.climb_mps.is_some(), is_carried);
        assert!((seen.air.pressure_altitude_m.unwrap() - 3_048.0).abs() < 1e-6);
        assert_eq!(seen.position.unwrap().height_m, None, "pressure altitude is no height");
    }
}

#[test]
fn an_aircraft_claims_who_and_what_it_is() {
    let mut feed = Feed::new("beast", &Settings::default());
    feed.frame(encode::squitter(ICAO, encode::identification(3, callsign("KLM1023"))), 0.0);
    let seen = feed.claimed().unwrap();
    assert_eq!(seen.sensor, SensorKind::Adsb);
    assert_eq!(seen.idents, [Ident::Icao(ICAO), Ident::Callsign("KLM1023".into())]);
    assert_eq!(seen.class, Class::Aircraft);
    assert_eq!(feed.subject(), Some(Subject::Icao(ICAO)));
}

#[test]
fn the_emitter_category_gives_the_class_of_all_that_follows() {
    // RTCA DO-260B, 2.2.3.2.5.2: type codes 4, 3, 2 are the sets A, B, C.
    for (typecode, number, class) in [
        (4, 3, Class::Aircraft),
        (4, 7, Class::Aircraft),
        (3, 1, Class::Aircraft),
        (3, 3, Class::Person),
        (3, 6, Class::Drone),
        (2, 1, Class::Vehicle),
        (2, 3, Class::Vehicle),
        (2, 5, Class::Equipment),
    ] {
        let mut me = encode::identification(number, callsign("ABC"));
        me[0] = typecode << 3 | number;
        let mut feed = Feed::new("beast", &Settings::default());
        feed.frame(encode::squitter(ICAO, me), 0.0);
        assert_eq!(feed.claimed().unwrap().class, class);
        feed.frame(encode::squitter(ICAO, encode::velocity(10, 10, 0)), 1.0);
        assert_eq!(feed.claimed().unwrap().class, class);
    }
}

#[test]
fn codes_and_states_of_emergency_are_calls_for_help() {
    for (state, code, kind) in [
        (0, 0o7500, Some(DistressKind::SquawkUnlawful)),
        (0, 0o7600, Some(DistressKind::SquawkRadio)),
        (0, 0o7700, Some(DistressKind::SquawkEmergency)),
        (0, 0o1000, None),
        (1, 0o1000, Some(DistressKind::SquawkEmergency)),
        (2, 0o1000, None),
        (3, 0o1000, None),
        (4, 0o1000, Some(DistressKind::SquawkRadio)),
        (5, 0o1000, Some(DistressKind::SquawkUnlawful)),
        (6, 0o1000, Some(DistressKind::SquawkEmergency)),
    ] {
        let mut feed = Feed::new("beast", &Settings::default());
        feed.frame(encode::squitter(ICAO, encode::status(state, Squawk(code))), 0.0);
        let seen = feed.claimed().unwrap();
        assert_eq!(seen.distress.map(|call| call.kind), kind, "{state} {code:o}");
    }
    let mut feed = Feed::new("beast", &Settings::default());
    feed.frame(all_call(ICAO, 0), 0.0);
    feed.frame(encode::identity_reply(ICAO, Squawk(0o7700)), 0.1);
    let seen = feed.claimed().unwrap();
    assert_eq!(seen.distress.unwrap().kind, DistressKind::SquawkEmergency);
    assert_eq!(seen.air.squawk, Some(7_700));
}

#[test]
fn the_accuracy_that_is_claimed_gives_the_error_of_positions() {
    // An operational status of version 2 with NACp 8: 92.6 m hold 95 % (DO-260B, table 2-71).
    let status = [31 << 3, 0, 0, 0, 0, 2 << 5 | 8, 0];
    let mut feed = Feed::new("beast", &Settings::default());
    feed.frame(position(ICAO, HOME, false), 0.0);
    feed.frame(position(ICAO, HOME, true), 0.5);
    // Type code 11 without supplements is NIC 8: containment in 185.2 m.
    assert!((feed.claimed().unwrap().sigma_m.unwrap() - 185.2 / 4.8).abs() < 1e-9);
    assert_eq!(feed.frame(encode::squitter(ICAO, status), 1.0)["nacp"], 8);
    assert_eq!(feed.claimed(), None);
    let line = feed.frame(position(ICAO, HOME, false), 1.5);
    assert_eq!(line["nic"], 8);
    let sigma_m = feed.claimed().unwrap().sigma_m.unwrap();
    assert!((sigma_m - 92.6 / 2.448).abs() < 1e-9);
    // Both supplements of type code 11: NIC 9 (DO-260B, table 2-14).
    let status = [31 << 3, 0, 0, 0, 0, 2 << 5 | 1 << 4 | 8, 0];
    feed.frame(encode::squitter(ICAO, status), 2.0);
    let mut me = encode::airborne_position(10_000, cpr::encode(HOME, true, false));
    me[0] |= 1;
    assert_eq!(feed.frame(encode::squitter(ICAO, me), 2.5)["nic"], 9);
}

#[test]
fn heights_above_the_ellipsoid_are_another_datum() {
    let mut feed = Feed::new("beast", &Settings::default());
    for odd in [false, true] {
        let mut me = encode::airborne_position(10_000, cpr::encode(HOME, odd, false));
        me[0] = 20 << 3;
        let line = feed.frame(encode::squitter(ICAO, me), 0.0);
        assert_eq!((line.get("alt_ft"), &line["alt_gnss_ft"]), (None, &json!(10_000)));
    }
    let seen = feed.claimed().unwrap();
    assert!((seen.position.unwrap().height_m.unwrap() - 3_048.0).abs() < 1e-6);
    assert_eq!(seen.air.pressure_altitude_m, None);
}

#[test]
fn a_register_other_than_the_identification_is_not_guessed() {
    let mut feed = Feed::new("beast", &Settings::default());
    feed.frame(all_call(ICAO, 0), 0.0);
    let reply = |me: [u8; 7]| {
        // An extended frame's parity with the address added: format 20.
        let mut bytes: [u8; 14] = encode::extended(20, 0, 0, me).as_bytes().try_into().unwrap();
        for (byte, part) in bytes[11..].iter_mut().zip(&ICAO.to_be_bytes()[1..]) {
            *byte ^= part;
        }
        ModesFrame::of_long(bytes)
    };
    let named = encode::identification(0, callsign("AFR76LT"));
    let mut register = named;
    register[0] = 0x20;
    assert_eq!(feed.frame(reply(register), 0.1)["callsign"], "AFR76LT");
    register[0] = 0x40;
    assert_eq!(feed.frame(reply(register), 0.1).get("callsign"), None);
    assert_eq!(feed.frame(reply([0x20, 0, 0, 0, 0, 0, 0]), 0.1).get("callsign"), None);
}

#[test]
fn a_beast_stream_may_begin_within_a_frame_and_loses_only_what_is_cut() {
    let frames = [position(ICAO, HOME, false), escaped_frame(), position(ICAO, HOME, true)];
    let mut bytes = Vec::new();
    for (frame, ticks) in frames.iter().zip([0x1a1a_1a1a, 0x1a1a_1b1a, 0x1a1a_1c1a]) {
        encode::beast(&timed(*frame, ticks), &mut bytes);
    }
    let whole = decode("beast", &bytes);
    assert_eq!((whole.messages.len(), whole.rejects.len()), (3, 0));
    for cut in 0..bytes.len() {
        let tail = decode("beast", &bytes[cut..]);
        // A cut between the two bytes of a doubled escape may begin what looks like a frame,
        // whose parity then fails: it costs at most the next.
        let last = whole.messages.last().unwrap().0;
        if (cut as u64) <= last {
            let offset = last - cut as u64;
            let found = tail.messages.iter().any(|(at, _)| *at == offset);
            assert!(found, "from {cut}: {:?}", tail.rejects);
        }
        let head = decode("beast", &bytes[..cut]);
        assert!(head.rejects.len() <= 1, "to {cut}");
        assert_eq!(head.messages[..], whole.messages[..head.messages.len()]);
    }
}

#[test]
fn a_frame_of_escapes_only_is_a_frame() {
    let mut bytes = Vec::new();
    encode::beast(&timed(escaped_frame(), 0x1a1a_1a1a_1a1a), &mut bytes);
    assert_eq!(
        bytes.len(),
        2 + 2 * 6 + 1 + 14 + bytes[15..].iter().filter(|byte| **byte == 0x1a).count() / 2
    );
    let read = decode("beast", &bytes);
    assert_eq!((read.messages.len(), read.rejects.len()), (1, 0));
    assert_eq!(read.messages[0].1.json(0)["icao"], "1A1A1A");
}

#[test]
fn what_keeps_a_link_alive_is_stepped_over_and_what_is_unknown_is_said() {
    let mut bytes = vec![0x1a, b'1', 0, 0, 0, 0, 0, 0, 0, 0, 0];
    bytes.extend_from_slice(&[0x1a, 0xe3, 1, 2, 3, 4, 5, 6, 7, 8]);
    encode::beast(&timed(position(ICAO, HOME, false), 1), &mut bytes);
    let read = decode("beast", &bytes);
    assert_eq!((read.messages.len(), read.rejects.len()), (1, 0));
    let read = decode("avr", b"*0000;\r\n*0000;\n");
    assert_eq!((read.messages.len(), read.rejects.len()), (0, 0));
    let read = decode("beast", b"\x1a5abcdefgh\x1a1\0\0\0\0\0\0\0\x77\0");
    assert_eq!((read.messages.len(), read.rejects.len()), (1, 1));
    assert_eq!(read.messages[0].1.json(0)["mode_ac"], "7700");
    assert!(read.rejects[0].1.to_string().contains("frame type"));
}

#[test]
fn a_receiver_with_satellite_time_dates_its_frames_by_our_clock() {
    // Switches with the fifth set, then a frame at 03:04:04.5 of the day (NOW is 03:04:05).
    let mut bytes = b"\x1a4\0\0\0\0\0\0\0\x10\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    let of_day = 3 * 3_600 + 4 * 60 + 4;
    encode::beast(&timed(position(ICAO, HOME, false), of_day << 30 | 500_000_000), &mut bytes);
    let read = decode("beast", &bytes);
    assert_eq!(read.messages[0].1.t(), Some(NOW.plus_s(-0.5)));
    let mut claims = Vec::new();
    read.messages[0].1.claims(NOW, &mut claims);
    assert!(claims.is_empty(), "half a position says nothing yet");
}

#[test]
fn all_forms_of_avr_lines_are_read() {
    let hex = "8D40621D58C382D690C8AC2863A7";
    let lower = hex.to_lowercase();
    for line in [
        format!("*{hex};"),
        format!(":{hex};"),
        format!("@016CE3671C74{hex};"),
        format!("%016CE3671C74{hex};"),
        format!("<016CE3671C74FF{hex};"),
        format!("*{lower};"),
        format!("  *{hex};\r\n\r\n"),
    ] {
        let read = avr(&line);
        assert_eq!((read.lines.len(), read.rejects), (1, 0), "{line}");
        assert_eq!(read.lines[0]["icao"], "40621D");
    }
    let read = avr(&format!("*{hex};*{hex};\n*{hex};"));
    assert_eq!((read.lines.len(), read.rejects), (3, 0));
}

#[test]
fn each_bad_avr_line_is_one_reject_and_the_next_is_read() {
    let good = "*8D40621D58C382D690C8AC2863A7;";
    for bad in [
        "*8D40621D58C382D690C8AC2863A7",
        "*8D40621D58C382D690C8AC2863;",
        "*8D40621D58C382D690C8AC2863A;",
        "*8D40621D58C382D690C8AC2863XX;",
        "@8D40621D58C382D690C8AC2863A7;",
        "*8D40621D58C382D690C8AC2863A78D40621D58C382D690C8AC2863A7;",
        "*;",
        "hello",
        ";",
    ] {
        let read = avr(&format!("{bad}\n{good}\n"));
        assert_eq!((read.lines.len(), read.rejects), (1, 1), "{bad}");
    }
}

#[test]
fn basestation_lines_are_read_with_their_empty_fields() {
    let line = "MSG,3,1,1,3944ED,1,2023/10/24,09:49:22.119,2023/10/24,09:49:22.131,,525,,,48.99000,2.55000,,,0,,0,0\r\n";
    let read = decode("sbs", line.as_bytes());
    let line = read.messages[0].1.json(0);
    assert_eq!(
        Value::Object(line),
        json!({
            "format": "sbs", "offset": 0, "t": "2023-10-24T09:49:22.119Z", "transmission": 3,
            "icao": "3944ED", "alert": false, "spi": false, "alt_ft": 525,
            "lat_deg": 48.99, "lon_deg": 2.55, "on_ground": false,
        })
    );
    let more = "MSG,4,1,1,3944ED,1,,,,,,,145.2,323.1,,,2944,,,,,\nMSG,1,1,1,3944ED,1,,,,,AFR76LT ,,,,,,,,,,,0\nMSG,6,1,1,3944ED,1,,,,,,,,,,,,7700,-1,-1,0,-1\nMSG,2,1,1,~3944ED,1,,,,,,300H,,,,,,,,,,\n";
    let read = decode("sbs", more.as_bytes());
    assert_eq!(read.rejects, []);
    let lines: Vec<_> = read.messages.iter().map(|(at, message)| message.json(*at)).collect();
    assert_eq!((&lines[0]["speed_kn"], &lines[0]["vrate_fpm"]), (&json!(145.2), &json!(2_944)));
    assert_eq!(lines[1]["callsign"], "AFR76LT");
    assert_eq!((&lines[2]["squawk"], &lines[2]["on_ground"]), (&json!("7700"), &json!(true)));
    assert_eq!((&lines[3]["address"], &lines[3]["alt_gnss_ft"]), (&json!("3944ED"), &json!(300)));
}

#[test]
fn a_basestation_line_that_is_cut_anywhere_is_refused_whole() {
    let line = "MSG,3,1,1,3944ED,1,2023/10/24,09:49:22.119,2023/10/24,09:49:22.131,,525,,,48.99000,2.55000,,,0,,0,-1";
    for cut in 1..line.len() - 2 {
        let read = decode("sbs", format!("{}\n{line}\n", &line[..cut]).as_bytes());
        assert_eq!((read.messages.len(), read.rejects.len()), (1, 1), "{cut}");
    }
}

#[test]
fn what_stands_in_a_basestation_field_must_be_what_it_should() {
    for line in [
        "MSG,9,1,1,3944ED,1,,,,,,,,,,,,,,,,0",
        "MSG,3,1,1,39ZZED,1,,,,,,,,,,,,,,,,0",
        "MSG,3,1,1,000000,1,,,,,,,,,,,,,,,,0",
        "MSG,3,1,1,3944ED,1,2023/13/24,09:49:22.119,,,,,,,,,,,,,,0",
        "MSG,3,1,1,3944ED,1,,,,,,,,,91.0,2.0,,,,,,0",
        "MSG,3,1,1,3944ED,1,,,,,,,,,nan,2.0,,,,,,0",
        "MSG,3,1,1,3944ED,1,,,,,,high,,,,,,,,,,0",
        "MSG,6,1,1,3944ED,1,,,,,,,,,,,,7800,,,,0",
        "MSG,6,1,1,3944ED,1,,,,,,,,,,,,,,,,yes",
        "XYZ,1",
    ] {
        let read = decode("sbs", format!("{line}\n").as_bytes());
        assert_eq!((read.messages.len(), read.rejects.len()), (0, 1), "{line}");
    }
    let read =
        decode("sbs", b"SEL,,1,1,3944ED,1\nAIR,,1,1,3944ED,1\nSTA,,5,179,400AE7,10103,,,,,RM\n\n");
    assert_eq!((read.messages.len(), read.rejects.len()), (0, 0));
}

#[test]
fn a_stream_without_a_frame_costs_one_reject_and_no_memory() {
    for name in ["beast", "avr", "sbs"] {
        let mut decoder = (format(name).unwrap().decoder)(&Settings::default());
        let mut out = Decoded::default();
        for _ in 0..1_000 {
            decoder.feed(&[b'x'; 777], NOW, &mut out);
        }
        decoder.end(NOW, &mut out);
        assert_eq!((out.messages.len(), out.rejects.len()), (0, 1), "{name}");
    }
}

/// A link that takes frames at seconds of the receiver's counter.
struct Feed {
    decoder: Box<dyn Decoder>,
    /// Our clock, if it does not go with the receiver's counter.
    received_at: Option<Time>,
    out: Decoded,
}

impl Feed {
    fn new(name: &str, settings: &Settings) -> Self {
        let decoder = (format(name).unwrap().decoder)(settings);
        Self { decoder, received_at: None, out: Decoded::default() }
    }

    /// The line that a frame gives.
    fn frame(&mut self, frame: ModesFrame, at_s: f64) -> Map<String, Value> {
        self.send(frame, at_s);
        assert_eq!(self.out.rejects, [], "at {at_s} s");
        self.out.messages[0].1.json(0)
    }

    fn refuse(&mut self, frame: ModesFrame, at_s: f64) {
        self.send(frame, at_s);
        assert_eq!((self.out.messages.len(), self.out.rejects.len()), (0, 1), "at {at_s} s");
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small and positive"
    )]
    fn send(&mut self, frame: ModesFrame, at_s: f64) {
        let ticks = SECOND + (at_s * 12e6) as u64;
        let mut bytes = Vec::new();
        encode::beast(&timed(frame, ticks), &mut bytes);
        self.out.clear();
        let received_at = self.received_at.unwrap_or(NOW.plus_s(at_s));
        self.decoder.feed(&bytes, received_at, &mut self.out);
    }

    fn refused(&self) -> Option<DecodeError> {
        self.out.rejects.first().map(|(_, error)| error.clone())
    }

    fn claimed(&self) -> Option<Observation> {
        let mut claims = Vec::new();
        self.out.messages[0].1.claims(NOW, &mut claims);
        assert!(claims.len() <= 1);
        let Body::Observation(seen) = claims.pop()?.body else { return None };
        Some(*seen)
    }

    fn subject(&self) -> Option<Subject> {
        let mut claims = Vec::new();
        self.out.messages[0].1.claims(NOW, &mut claims);
        claims.pop()?.subject
    }
}

struct Read {
    lines: Vec<Map<String, Value>>,
    rejects: usize,
}

fn avr(text: &str) -> Read {
    let out = decode("avr", text.as_bytes());
    let lines = out.messages.iter().map(|(at, message)| message.json(*at)).collect();
    Read { lines, rejects: out.rejects.len() }
}

fn decode(name: &str, bytes: &[u8]) -> Decoded {
    let mut decoder = (format(name).unwrap().decoder)(&Settings::default());
    let mut out = Decoded::default();
    decoder.feed(bytes, NOW, &mut out);
    decoder.end(NOW, &mut out);
    out
}

fn at_home() -> Settings {
    let place = Position::from_degrees(HOME.lat_deg, HOME.lon_deg);
    Settings { place, ..Settings::default() }
}

fn callsign(text: &str) -> Callsign {
    Callsign::new(text.as_bytes()).unwrap()
}

fn position(icao: u32, place: Place, odd: bool) -> ModesFrame {
    encode::squitter(icao, encode::airborne_position(10_000, cpr::encode(place, odd, false)))
}

fn surface(icao: u32, place: Place, odd: bool, movement: u8) -> ModesFrame {
    encode::squitter(icao, encode::surface_position(movement, 0, cpr::encode(place, odd, true)))
}

/// An all-call reply (format 11) to an interrogator of this code.
fn all_call(icao: u32, interrogator: u32) -> ModesFrame {
    let [_, a, b, c] = icao.to_be_bytes();
    let mut frame = [11 << 3 | 5, a, b, c, 0, 0, 0];
    let parity = picket_codec::modes::parity::parity(&frame) ^ interrogator;
    frame[4..].copy_from_slice(&parity.to_be_bytes()[1..]);
    ModesFrame::of_short(frame)
}

/// A squitter that is full of escapes.
fn escaped_frame() -> ModesFrame {
    encode::squitter(0x1a_1a1a, [0x1a; 7])
}

fn timed(frame: ModesFrame, ticks: u64) -> ModesFrame {
    ModesFrame::new(frame.as_bytes(), Some(ticks), Some(0x80)).unwrap()
}

fn flipped(frame: ModesFrame, bits: &[usize]) -> ModesFrame {
    let mut bytes: [u8; 14] = frame.as_bytes().try_into().unwrap();
    for bit in bits {
        bytes[bit / 8] ^= 0x80 >> (bit % 8);
    }
    ModesFrame::of_long(bytes)
}
