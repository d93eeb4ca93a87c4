//! NMEA 0183 sentence by sentence: what each means, what is refused, and what is claimed.

#![expect(clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on must stop")]

use picket_codec::nmea::{Nmea, SENTENCES_MAX};
use picket_codec::{Decoded, Decoder, Message, Settings};
use picket_model::observation::Frame;
use picket_model::{Body, Claim, Class, Ident, Observation, Position, SensorKind, Time};
use serde_json::{Value, json};

/// 2026-11-24T12:00:00Z.
const NOW: Time = Time::from_unix_s(1_795_521_600);

#[test]
fn each_sentence_means_what_its_list_of_fields_says() {
    // Sentences of the makers' manuals and of gpsd's description; values by pynmea2 1.19.0, by
    // hand where it knows the sentence not.
    for (body, expected) in [
        (
            "GPRMC,225446,A,4916.45,N,12311.12,W,000.5,054.7,191194,020.3,E",
            json!({"talker": "GP", "sentence": "RMC", "lat_deg": 49.274_166_667,
                "lon_deg": -123.185_333_333, "sog_kn": 0.5, "cog_deg": 54.7, "fix": 1,
                "t": "1994-11-19T22:54:46.000Z"}),
        ),
        (
            "GPGGA,123519,4807.038,N,01131.324,E,1,08,0.9,545.4,M,46.9,M,,",
            json!({"lat_deg": 48.1173, "lon_deg": 11.522_066_667, "alt_m": 545.4, "geoid_m": 46.9,
                "fix": 1, "sats": 8, "hdop": 0.9, "t": "2026-11-24T12:35:19.000Z"}),
        ),
        (
            "GNGNS,122310.2,3722.425671,N,12258.856215,W,DA,14,0.9,1005.543,6.5,,",
            json!({"talker": "GN", "lat_deg": 37.373_761_183, "lon_deg": -122.980_936_917, "fix": 2,
                "sats": 14, "hdop": 0.9, "alt_m": 1_005.543, "geoid_m": 6.5,
                "t": "2026-11-24T12:23:10.200Z"}),
        ),
        (
            "GPGLL,4916.45,N,12311.12,W,225444,A",
            json!({"lat_deg": 49.274_166_667, "lon_deg": -123.185_333_333, "fix": 1,
                "t": "2026-11-24T22:54:44.000Z"}),
        ),
        ("GPVTG,054.7,T,034.4,M,005.5,N,010.2,K", json!({"cog_deg": 54.7, "sog_kn": 5.5})),
        ("GPVTG,054.7,034.4,005.5,010.2", json!({"cog_deg": 54.7, "sog_kn": 5.5})),
        ("GPVTG,,T,,M,,N,18.52,K,A", json!({"sog_kn": 10.0, "fix": 1})),
        ("GPZDA,201530.00,04,07,2002,00,00", json!({"t": "2002-07-04T20:15:30.000Z"})),
        ("GPHDT,274.07,T", json!({"heading_deg": 274.07})),
        ("HCHDG,101.1,,,7.1,W", json!({"heading_mag_deg": 101.1, "heading_deg": 94.0})),
        ("HCHDG,101.1,2.0,E,,", json!({"heading_mag_deg": 101.1})),
        ("GPTHS,77.52,E", json!({"heading_deg": 77.52})),
        ("GPTHS,77.52,V", json!({})),
        (
            "VWVHW,45.1,T,38.0,M,3.5,N,6.4,K",
            json!({"heading_deg": 45.1, "heading_mag_deg": 38.0, "water_kn": 3.5}),
        ),
        // 3 and 4 make 5.
        ("IIVBW,10.5,0.1,A,3.0,4.0,A,,V,,V", json!({"water_kn": 10.5, "sog_kn": 5.0})),
        (
            "WIMWV,214.8,R,36.0,K,A",
            json!({"wind_deg": 214.8, "wind_mps": 10.0, "wind_theoretical": false}),
        ),
        ("WIMWV,214.8,R,0.1,K,V", json!({})),
        ("SDDBT,7.8,f,2.4,M,1.3,F", json!({"depth_m": 2.4})),
        ("SDDBT,10,f,,M,,F", json!({"depth_m": 3.048})),
        ("GPGSV,3,1,11,03,03,111,00", json!({"sats_in_view": 11})),
        (
            "GPGSA,A,3,04,05,,09,12,,,24,,,,,2.5,1.3,2.1",
            json!({"dimensions": 3, "sats": 5, "hdop": 1.3}),
        ),
        (
            "RAOSD,35.1,A,36.0,P,10.2,P,15.3,0.1,N",
            json!({"heading_deg": 35.1, "cog_deg": 36.0, "sog_kn": 10.2}),
        ),
        ("RAOSD,35.1,V,36.0,W,10.2,W,15.3,0.1,N", json!({"water_kn": 10.2})),
        (
            "RARSD,,,2.5,005.0,,,4.5,355.0,3.25,045.5,6.0,N,H",
            json!({"screen": {"cursor_range_nm": 3.25, "cursor_bearing_deg": 45.5,
                "marker_1_range_nm": 2.5, "marker_2_range_nm": 4.5, "line_1_bearing_deg": 5.0,
                "line_2_bearing_deg": 355.0, "scale_nm": 6.0, "up": "H"}}),
        ),
        (
            "GPALR,220516.00,041,A,V,Anchor drag",
            json!({"alarm": {"number": 41, "raised": true, "acknowledged": false,
                "text": "Anchor drag"}, "t": "2026-11-24T22:05:16.000Z"}),
        ),
        ("PGRME,15.0,M,45.0,M,25.0,M", json!({"talker": "P", "sentence": "GRME"})),
        ("IIXDR,C,19.52,C,TempAir", json!({"talker": "II", "sentence": "XDR"})),
    ] {
        let line = line(&checked('$', body));
        let fields: Vec<&str> = body.split(',').skip(1).collect();
        assert_eq!(line["fields"], json!(fields), "{body}");
        let said = shown(&line);
        let mut expected = expected.as_object().unwrap().clone();
        for key in ["talker", "sentence"] {
            let ours = expected.remove(key);
            assert!(ours.is_none_or(|ours| ours == line[key]), "{body}: {key}");
        }
        assert_eq!(said, Value::Object(expected), "{body}");
    }
}

#[test]
fn radar_targets_are_objects_of_their_own() {
    for (body, expected) in [
        (
            "RATTM,04,2.18,247.8,T,0.5,350.0,T,2.1,51.0,N,,T,,171443,M",
            json!({"number": 4, "range_nm": 2.18, "bearing_deg": 247.8, "bearing_relative": false,
                "speed_kn": 0.5, "course_deg": 350.0, "motion_relative": false, "cpa_nm": 2.1,
                "tcpa_min": 51.0, "status": "tracked"}),
        ),
        (
            "RATTM,11,1.852,13.6,R,18.52,20.0,R,0.0,-3.0,K,TUG,Q,R,154125.82,A",
            json!({"number": 11, "range_nm": 1.0, "bearing_deg": 13.6, "bearing_relative": true,
                "speed_kn": 10.0, "course_deg": 20.0, "motion_relative": true, "cpa_nm": 0.0,
                "tcpa_min": -3.0, "name": "TUG", "status": "acquiring", "reference": true}),
        ),
        ("RATTM,99,,,,,,,,,N,,L,,,", json!({"number": 99, "status": "lost"})),
        (
            "RATLL,03,5531.5000,N,00715.2500,E,BUOY,123519.00,T,R",
            json!({"number": 3, "name": "BUOY", "status": "tracked", "reference": true,
                "lat_deg": 55.525, "lon_deg": 7.254_166_667}),
        ),
    ] {
        assert_eq!(line(&checked('$', body))["target"], expected, "{body}");
    }
    // A sentence of an open source test; its bits are read by the list of a simulator's author,
    // who has them from the standard: 32, 204.9°, 2.1 kn, 302.4°, none, 4, 0, 4.52 NM, 0, 1, 0, 0.
    let packed = "INTTD,01,01,,0PP10Eg@wwP74@0,0";
    let expected = json!({"number": 32, "range_nm": 4.52, "bearing_deg": 204.9,
        "bearing_relative": false, "speed_kn": 2.1, "course_deg": 302.4, "motion_relative": false,
        "status": "tracked", "through_water": true});
    assert_eq!(line(&checked('!', packed))["target"], expected);
    let two = packed.replace(",0PP10Eg@wwP74@0", ",0PP10Eg@wwP74@00PP10Eg@wwP74@0");
    assert_eq!(line(&checked('!', &two))["targets"], json!([expected, expected]));
}

#[test]
fn a_target_stands_where_range_and_bearing_lead_from_the_streams_own_fix() {
    let settings = Settings { place: at(10.0, 10.0), source: Some("tug".into()), ..none() };
    let mut stream = Stream::new(&settings);
    stream.take("GPRMC,120000,A,5406.000,N,00754.000,E,10.0,090.0,241126,,,A");
    let claims = stream.take("RATTM,07,24.0,045.0,T,12.0,180.0,T,,,N,,T,,120000.50,A");
    let seen = only(&claims);
    // geographiclib 2.0: 44,448 m at 45 degrees from 54.1 N 7.9 E.
    let there = at(54.381_394_579, 8.383_719_134).unwrap();
    assert!(seen.position.unwrap().distance_m(&there) < 1.0);
    assert_eq!(claims[0].occurred_at, Some(NOW.plus_s(0.5)));
    assert_eq!(seen.sensor, SensorKind::Radar);
    assert_eq!(seen.idents, [number("tug", "RA 7")]);
    assert_eq!(seen.reporter.as_deref(), Some("tug"));
    assert!((seen.kinematics.speed_mps.unwrap() - 12.0 * 1_852.0 / 3_600.0).abs() < 1e-9);
    assert!((seen.kinematics.course.unwrap().degrees() - 180.0).abs() < 1e-9);
    // Half a degree at 44,448 m and half a per cent.
    assert!((seen.sigma_m.unwrap() - 447.2).abs() < 1.0, "{:?}", seen.sigma_m);
}

#[test]
fn without_an_own_fix_the_configured_place_is_where_the_radar_stands() {
    let target = "RATTM,07,24.0,045.0,T,12.0,180.0,T,,,N,,T,,,A";
    let there = at(54.381_394_579, 8.383_719_134).unwrap();
    let settings = Settings { place: at(54.1, 7.9), ..none() };
    let seen = only(&Stream::new(&settings).take(target));
    assert!(seen.position.unwrap().distance_m(&there) < 1.0);
    assert_eq!(seen.idents, [number("RA", "RA 7")]);
    assert!(Stream::new(&none()).take(target).is_empty(), "nobody knows where the radar is");
}

#[test]
fn an_own_fix_that_is_no_more_gives_way_to_the_configured_place() {
    let settings = Settings { place: at(54.1, 7.9), ..none() };
    let mut stream = Stream::new(&settings);
    stream.take("GPGLL,1000.00,N,01000.00,E,120000,A,A");
    stream.now = NOW.plus_s(30.0);
    let seen = only(&stream.take("RATTM,07,24.0,045.0,T,,,,,,N,,T,,,A"));
    let there = at(54.381_394_579, 8.383_719_134).unwrap();
    assert!(seen.position.unwrap().distance_m(&there) < 1.0);
}

#[test]
fn a_bearing_from_the_bow_counts_from_the_heading_and_means_nothing_without_one() {
    let settings = Settings { place: at(54.1, 7.9), ..none() };
    let mut stream = Stream::new(&settings);
    let target = "RATTM,07,24.0,315.0,R,12.0,180.0,R,,,N,,T,,,A";
    assert!(stream.take(target).is_empty());
    stream.take("HEHDT,090.0,T");
    let seen = only(&stream.take(target));
    let there = at(54.381_394_579, 8.383_719_134).unwrap();
    assert!(seen.position.unwrap().distance_m(&there) < 1.0, "315 + 90 is 45");
    assert_eq!(seen.kinematics.speed_mps, None, "a speed against the own craft is not over ground");
    stream.now = NOW.plus_s(30.0);
    assert!(stream.take(target).is_empty(), "the heading is half a minute old");
}

#[test]
fn a_lost_target_is_not_where_it_was_and_one_that_is_acquired_has_no_speed_yet() {
    let mut stream = Stream::new(&none());
    let of = |state| format!("RATLL,03,5531.5000,N,00715.2500,E,,120000.00,{state},");
    assert!(stream.take(&of("L")).is_empty());
    assert!(only(&stream.take(&of("T"))).position.is_some());
    let settings = Settings { place: at(54.1, 7.9), ..none() };
    let acquired = Stream::new(&settings).take("RATTM,07,2.0,045.0,T,12.0,180.0,T,,,N,,Q,,,A");
    assert_eq!(only(&acquired).kinematics.speed_mps, None);
}

#[test]
fn the_own_fix_is_claimed_once_with_what_the_other_sentences_add() {
    let settings = Settings { source: Some("patrol".into()), ..none() };
    let mut stream = Stream::new(&settings);
    stream.take("GPHDT,200.0,T");
    stream.take("GPVTG,120.0,T,,M,36.0,N,,K,A");
    let first = stream.take("GPGGA,120000,4807.038,N,01131.324,E,1,08,0.9,545.4,M,46.9,M,,");
    let seen = only(&first);
    assert_eq!(seen.sensor, SensorKind::Gnss);
    assert_eq!(seen.class, Class::Unknown);
    assert_eq!(seen.idents, [number("patrol", "own")]);
    // 545.4 m above the sea, which is 46.9 m above the ellipsoid.
    assert!((seen.position.unwrap().height_m.unwrap() - 592.3).abs() < 1e-9);
    assert!((seen.kinematics.speed_mps.unwrap() - 18.52).abs() < 1e-9);
    assert!((seen.kinematics.heading.unwrap().degrees() - 200.0).abs() < 1e-9);
    // The same second by other sentences claims nothing more.
    let rmc = "GPRMC,120000,A,4807.038,N,01131.324,E,36.0,120.0,241126,,,A";
    assert!(stream.take(rmc).is_empty());
    assert!(stream.take("GPGLL,4807.038,N,01131.324,E,120000,A,A").is_empty());
    // From now on RMC tells the fix, and GGA does not.
    stream.now = NOW.plus_s(1.0);
    let gga = "GPGGA,120001,4807.038,N,01131.324,E,1,08,0.9,545.4,M,46.9,M,,";
    assert!(stream.take(gga).is_empty());
    let next = stream.take(&rmc.replace("120000", "120001"));
    assert_eq!(next[0].occurred_at, Some(NOW.plus_s(1.0)));
    assert!(only(&next).position.unwrap().height_m.is_some(), "its height is GGA's");
    // When RMC falls silent, GGA speaks again.
    stream.now = NOW.plus_s(10.0);
    assert_eq!(stream.take(&gga.replace("120001", "120010")).len(), 1);
}

#[test]
fn a_fix_that_its_receiver_does_not_stand_by_is_shown_and_not_claimed() {
    for (body, fix) in [
        ("GPRMC,120000,V,4807.038,N,01131.324,E,0.0,0.0,241126,,,N", 0),
        ("GPGGA,120000,4807.038,N,01131.324,E,0,00,,,M,,M,,", 0),
        ("GPGLL,4807.038,N,01131.324,E,120000,V,N", 0),
        ("GNGNS,120000,4807.038,N,01131.324,E,NN,00,,,,,", 0),
    ] {
        let text = checked('$', body);
        assert_eq!(line(&text)["fix"], fix, "{body}");
        assert_eq!(line(&text)["lat_deg"], 48.1173, "{body}");
        assert!(Stream::new(&none()).take(body).is_empty(), "{body}");
    }
}

#[test]
fn a_simulated_fix_is_an_exercise_and_a_receiver_that_stands_is_equipment() {
    let simulated = "GPGGA,120000,4807.038,N,01131.324,E,8,08,0.9,545.4,M,46.9,M,,";
    assert!(only(&Stream::new(&none()).take(simulated)).exercise);
    let settings = Settings { place: at(48.0, 11.0), ..none() };
    let real = simulated.replace(",8,08", ",1,08");
    let seen = only(&Stream::new(&settings).take(&real));
    assert_eq!((seen.class, seen.exercise), (Class::Equipment, false));
}

#[test]
fn a_missing_checksum_is_a_matter_of_configuration_and_a_wrong_or_cut_one_is_not() {
    let right = checked('$', "GPHDT,274.07,T");
    let bare = "$GPHDT,274.07,T";
    let wrong = "$GPHDT,274.08,T*03";
    for (required, text, taken) in [
        (false, right.as_str(), true),
        (true, right.as_str(), true),
        (false, bare, true),
        (true, bare, false),
        (false, wrong, false),
        (false, "$GPHDT,274.07,T*", false),
        (false, "$GPHDT,274.07,T*0", false),
        (false, "$GPHDT,274.07,T*0g", false),
        (false, "$GPHDT,274.07,T\u{1}", false),
        (false, "$gp,274.07,T", false),
        (false, "!AIVDM,1,1,,A,15B4FT5000JRP>PE6E68Nbkl0PS5,0", false),
    ] {
        let settings = Settings { checksum_required: required, ..none() };
        let out = decode(&settings, text.as_bytes());
        assert_eq!(
            (out.messages.len(), out.rejects.len()),
            (usize::from(taken), usize::from(!taken)),
            "{required} {text:?}"
        );
    }
}

#[test]
fn ais_in_a_mixed_feed_is_shown_as_it_stands_and_decoded_as_ais() {
    // From libais' test file, with a position of the receiver between its two sentences.
    let first = "!AIVDM,2,1,3,B,55NBjP01mtGIL@CW;SM<D60P5Ld000000000000P0`<3557l0<50@kk@,0*66";
    let second = "!AIVDM,2,2,3,B,K5h@00000000000,2*72";
    let between = checked('$', "GPGLL,4916.45,N,12311.12,W,225444,A");
    let out = decode(&none(), format!("{first}\r\n{between}\r\n{second}\r\n").as_bytes());
    assert_eq!(out.rejects, []);
    let lines: Vec<_> = out.messages.iter().map(|(at, message)| message.json(*at)).collect();
    let formats: Vec<&Value> = lines.iter().map(|line| &line["format"]).collect();
    assert_eq!(formats, ["nmea", "nmea", "nmea", "ais"]);
    assert_eq!(lines[0]["sentence"], "VDM");
    assert_eq!(lines[0]["fields"][5], "0");
    assert_eq!((&lines[3]["name"], &lines[3]["offset"]), (&json!("SEA HAWK"), &json!(0)));
    let mut claims = Vec::new();
    out.messages.iter().for_each(|(_, message)| message.claims(NOW, &mut claims));
    let sensors: Vec<SensorKind> = claims.iter().map(|claim| observation(claim).sensor).collect();
    assert_eq!(sensors, [SensorKind::Gnss, SensorKind::Ais]);
    let Message::Ais(message) = &out.messages[3].1 else { panic!("no AIS") };
    assert_eq!(message.raw.as_bytes(), format!("{first}\n{second}").as_bytes());
}

#[test]
fn reading_resumes_at_the_next_sentence_of_a_line() {
    let (heading, place) =
        (checked('$', "GPHDT,274.07,T"), checked('$', "GPGLL,4916.45,N,12311.12,W,225444,A"));
    for (text, offsets, rejects) in [
        (format!("{heading}{place}"), vec![0, heading.len()], 0),
        (format!("4.07,T*03{heading}"), vec![9], 1),
        (format!("$GPGLL,4916.45,N,123{heading}"), vec![20], 1),
        (format!("\0\u{7f}{heading}"), vec![2], 1),
        (format!("{heading},1272412827"), vec![0], 0),
    ] {
        let out = decode(&none(), text.as_bytes());
        let at: Vec<usize> =
            out.messages.iter().map(|(at, _)| usize::try_from(*at).unwrap()).collect();
        assert_eq!((at, out.rejects.len()), (offsets, rejects), "{text:?}: {:?}", out.rejects);
    }
}

#[test]
fn a_line_of_nothing_but_beginnings_costs_a_bounded_number_of_looks() {
    let noise = format!("{}*01\r\n{}", "$".repeat(900), checked('$', "GPHDT,274.07,T"));
    let out = decode(&none(), noise.as_bytes());
    assert_eq!((out.messages.len(), out.rejects.len()), (1, SENTENCES_MAX + 1));
}

#[test]
fn tag_block_and_suffix_tell_when_a_sentence_without_a_time_was_heard() {
    let heard = "2010-04-28T00:00:27.000Z";
    let suffixed = line(&format!("{},1272412827", checked('$', "GPHDT,274.07,T")));
    assert_eq!((&suffixed["t"], &suffixed["received_at"]), (&json!(heard), &json!(heard)));
    let block = checked('\\', "c:1272412827");
    let tagged = line(&format!("{block}\\{}", checked('$', "GPHDT,274.07,T")));
    assert_eq!(tagged["t"], heard);
}

#[test]
fn an_old_receiver_that_is_1024_weeks_back_tells_today() {
    // 2007-04-10 is 7,168 days before NOW.
    let mut stream = Stream::new(&none());
    let claims = stream.take("GPRMC,120000,A,4807.038,N,01131.324,E,0.0,0.0,100407,,");
    assert_eq!(claims[0].occurred_at, Some(NOW));
}

// Helpers.

fn none() -> Settings {
    Settings::default()
}

fn at(lat_deg: f64, lon_deg: f64) -> Option<Position> {
    Position::from_degrees(lat_deg, lon_deg)
}

fn number(reporter: &str, number: &str) -> Ident {
    Ident::Local { reporter: reporter.into(), number: number.into() }
}

fn checked(start: char, body: &str) -> String {
    format!("{start}{body}*{:02X}", body.bytes().fold(0, |sum, byte| sum ^ byte))
}

fn decode(settings: &Settings, bytes: &[u8]) -> Decoded {
    let (mut nmea, mut out) = (Nmea::new(settings), Decoded::default());
    nmea.feed(bytes, NOW, &mut out);
    nmea.end(NOW, &mut out);
    out
}

/// The printed line of the first sentence.
fn line(text: &str) -> serde_json::Map<String, Value> {
    let out = decode(&none(), text.as_bytes());
    assert_eq!(out.rejects, [], "{text}");
    let (at, message) = &out.messages[0];
    message.json(*at)
}

/// What a line shows beside what every line has.
fn shown(line: &serde_json::Map<String, Value>) -> Value {
    let mut shown = line.clone();
    for key in ["format", "offset", "talker", "sentence", "fields"] {
        shown.remove(key);
    }
    Value::Object(shown)
}

/// One link, sentence after sentence.
struct Stream {
    nmea: Nmea,
    now: Time,
}

impl Stream {
    fn new(settings: &Settings) -> Self {
        Self { nmea: Nmea::new(settings), now: NOW }
    }

    /// What the next sentence claims.
    fn take(&mut self, body: &str) -> Vec<Claim> {
        let mut out = Decoded::default();
        let text = format!("{}\r\n", checked('$', body));
        self.nmea.feed(text.as_bytes(), self.now, &mut out);
        assert_eq!((out.messages.len(), out.rejects.len()), (1, 0), "{body}");
        let mut claims = Vec::new();
        out.messages[0].1.claims(self.now, &mut claims);
        for claim in &claims {
            let Frame { format, bytes } = &observation(claim).frame;
            assert_eq!((&**format, &**bytes), ("nmea", text.trim_end().as_bytes()));
        }
        claims
    }
}

fn observation(claim: &Claim) -> &Observation {
    let Body::Observation(seen) = &claim.body else { panic!("no observation") };
    seen
}

fn only(claims: &[Claim]) -> Observation {
    assert_eq!(claims.len(), 1);
    observation(&claims[0]).clone()
}
