//! The claims of the first night, computed from its scenario.

mod alerts;

use std::collections::{BTreeMap, BTreeSet};

use picket_codec::ais::Ais;
use picket_codec::{Decoded, Decoder};
use picket_model::{Area, Body, Position, Time};
use quick_xml::events::Event as Xml;
use serde_json::{Map, Value};

use crate::chance::NORMAL_MAX;
use crate::{Door, EMISSIONS_MAX, Emission, Recording, Scenario, World};

fn start() -> Time {
    Time::parse_rfc3339("2026-03-01T20:00:30.25Z").unwrap()
}

fn night() -> Scenario {
    Scenario::first_night().unwrap()
}

/// What is said in the first seconds of a world.
fn play(scenario: &Scenario, seed: u64, seconds: f64) -> Vec<Emission> {
    play_in_steps(scenario, seed, seconds, seconds)
}

fn play_in_steps(scenario: &Scenario, seed: u64, seconds: f64, step_s: f64) -> Vec<Emission> {
    let mut world = World::new(scenario, start(), seed);
    let mut out = Vec::new();
    let mut second = 0.0;
    while second < seconds {
        second = f64::min(second + step_s, seconds);
        let now = start().plus_s(second);
        while world.next_at().is_some_and(|at| at <= now) {
            let before = out.len();
            world.emit(now, &mut out);
            assert!(out.len() <= before + EMISSIONS_MAX + 4);
        }
    }
    out
}

fn second(emission: &Emission) -> f64 {
    emission.at.since_s(start())
}

/// Elements of a document by name, with their attributes; XML that is not well-formed fails.
fn elements(emission: &Emission) -> BTreeMap<String, BTreeMap<String, String>> {
    let text = std::str::from_utf8(&emission.bytes).unwrap();
    let mut reader = quick_xml::Reader::from_str(text);
    let mut found = BTreeMap::new();
    loop {
        match reader.read_event().unwrap() {
            Xml::Start(element) | Xml::Empty(element) => {
                let name = String::from_utf8(element.name().as_ref().to_vec()).unwrap();
                let attributes = element.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    let value = std::str::from_utf8(&attribute.value).unwrap();
                    let value = quick_xml::escape::unescape(value).unwrap().into_owned();
                    (String::from_utf8(attribute.key.as_ref().to_vec()).unwrap(), value)
                });
                let before = found.insert(name, attributes.collect());
                assert_eq!(before, None, "an element twice in {text}");
            }
            Xml::Eof => return found,
            Xml::End(_) | Xml::Text(_) | Xml::Decl(_) => {}
            Xml::CData(_) | Xml::Comment(_) | Xml::PI(_) | Xml::DocType(_) | Xml::GeneralRef(_) => {
                panic!("no device writes {text}")
            }
        }
    }
}

/// A sighting: its second, who saw it, its number, its place and its error.
struct Sighting {
    second: f64,
    by: String,
    uid: String,
    position: Position,
    error_m: f64,
}

fn sightings(emissions: &[Emission]) -> Vec<Sighting> {
    let cot = emissions.iter().filter(|emission| emission.door == Door::Cot);
    cot.filter_map(|emission| {
        let found = elements(emission);
        if found["event"]["type"] != "a-u-G-U-C" {
            return None;
        }
        let by = found.get("link")?.get("uid")?.clone();
        let number = |name: &str| found["point"][name].parse::<f64>().unwrap();
        Some(Sighting {
            second: second(emission),
            by,
            uid: found["event"]["uid"].clone(),
            position: Position::from_degrees(number("lat"), number("lon")).unwrap(),
            error_m: number("ce"),
        })
    })
    .collect()
}

fn area<'a>(scenario: &'a Scenario, name: &str) -> &'a Area {
    scenario.site().areas.iter().find(|area| area.name.as_str() == name).unwrap()
}

fn intruder(scenario: &Scenario, second: f64) -> Option<Position> {
    scenario.intruder_at(second).map(|motion| scenario.frame.position(motion.at))
}

/// Tenths of a second.
fn tenths(from_s: u32, until_s: u32) -> impl Iterator<Item = f64> {
    (from_s * 10..until_s * 10).map(|tenth| f64::from(tenth) / 10.0)
}

#[test]
fn one_seed_gives_one_history_however_it_is_called() {
    let night = night();
    let whole = play(&night, 7, 500.0);
    assert!(whole == play_in_steps(&night, 7, 500.0, 0.033));
    assert!(whole != play(&night, 8, 500.0));
    assert!(whole.windows(2).all(|pair| pair[0].at <= pair[1].at), "in order");
}

#[test]
fn every_cot_event_is_xml_that_says_its_own_time_and_its_exercise() {
    for emission in play(&night(), 1, 400.0).iter().filter(|one| one.door == Door::Cot) {
        let found = elements(emission);
        let event = &found["event"];
        assert_eq!(event["version"], "2.0");
        assert_eq!(event["opex"], "e");
        assert_eq!(event["time"], emission.at.to_string());
        assert_eq!(event["start"], event["time"]);
        assert_eq!(Time::parse_rfc3339(&event["time"]), Some(emission.at));
        let stale = Time::parse_rfc3339(&event["stale"]).unwrap();
        assert!(stale > emission.at);
        for name in ["lat", "lon", "hae", "ce", "le"] {
            assert!(found["point"][name].parse::<f64>().is_ok());
        }
        assert!(found.contains_key("detail"));
        match event["type"].as_str() {
            "a-f-G-E-S" => {
                assert_eq!(event["how"], "m-g");
                assert_eq!(event["uid"], *emission.device);
                assert!(found["status"]["battery"].parse::<u8>().unwrap() <= 100);
            }
            "a-f-A-M-H-Q" | "a-f-G-U-C" | "a-f-G-E-V" => {
                assert_eq!(event["uid"], *emission.device);
                assert_eq!(found["contact"]["endpoint"], "*:-1:stcp");
                assert_eq!(found["__group"]["name"], "Cyan");
                assert!(found["track"]["speed"].parse::<f64>().unwrap() >= 0.0);
            }
            "b-d" => {
                assert_eq!(event["uid"], format!("{}.alarm", emission.device));
                assert_eq!(found["link"]["uid"], *emission.device);
                assert!(found["__picket"]["alarm"] == "fence");
            }
            "b-a-o-tbl" | "b-a-o-can" => {
                assert_eq!(event["uid"], format!("{}-9-1-1", emission.device));
                assert_eq!(found["link"]["uid"], *emission.device);
                assert!(found.contains_key("emergency"));
            }
            "a-u-G-U-C" => {
                assert!(event["uid"].starts_with(&format!("{}.", emission.device)));
                assert_eq!(found["link"]["uid"], *emission.device);
                assert_eq!(found["link"]["relation"], "p-p");
            }
            other => panic!("nobody writes {other}"),
        }
    }
}

#[test]
fn every_device_has_reported_within_5_seconds() {
    let night = night();
    let heard: BTreeSet<_> = play(&night, 3, 5.0).into_iter().map(|one| one.device).collect();
    let all: BTreeSet<_> = night.devices().into_iter().map(|device| device.name).collect();
    assert_eq!(heard, all);
    assert!(all.len() >= 10 + 6 + 1 + 2);
}

#[test]
fn the_intruder_is_sensed_at_12_s_shakes_the_fence_and_enters_at_25_s() {
    for seed in 0..5 {
        let night = night();
        let north_ammo = area(&night, "North Ammo");
        let inside = |second: f64| {
            intruder(&night, second).is_some_and(|place| north_ammo.depth_m(&place) > 0.0)
        };
        let entered = tenths(0, 60).find(|&second| inside(second)).unwrap();
        assert!((24.0..=26.0).contains(&entered), "{entered}");
        assert!(tenths(26, 100).all(inside), "stays long enough to be warned of");

        let seen = sightings(&play(&night, seed, 60.0));
        let first = seen.first().unwrap();
        assert!((11.9..=13.1).contains(&first.second), "{}", first.second);
        assert!(first.by.starts_with("CP-MOTION-"));
        let fence = seen.iter().find(|sighting| sighting.by.starts_with("CP-FENCE-")).unwrap();
        assert!(first.second < fence.second);
        assert!(fence.second < entered);
        let camera = seen.iter().find(|sighting| sighting.by == "CP-DRONE-1").unwrap();
        assert!(camera.second < 45.0, "{}", camera.second);
        // Four updates a second apart and more while it goes in: enough for a detector.
        let going_in = seen.iter().filter(|one| (entered..entered + 8.0).contains(&one.second));
        assert!(going_in.count() >= 8);
    }
}

#[test]
fn sightings_are_of_the_intruder_and_as_far_off_as_their_error_says() {
    let night = night();
    for seed in 0..3 {
        let seen = sightings(&play(&night, seed, 720.0));
        assert!(seen.len() > 100);
        let mut squares = 0.0;
        for sighting in &seen {
            let truth = intruder(&night, sighting.second).unwrap();
            let off_m = truth.distance_m(&sighting.position);
            assert!(off_m <= NORMAL_MAX * std::f64::consts::SQRT_2 * sighting.error_m + 0.1);
            squares += (off_m / sighting.error_m) * (off_m / sighting.error_m);
        }
        // A sum of n squared normal pairs has mean 2n and deviation 2√n; five of those.
        let n = f64::from(u32::try_from(seen.len()).unwrap());
        assert!((squares - 2.0 * n).abs() < 10.0 * n.sqrt(), "{squares} of {n}");
    }
}

#[test]
fn the_intruder_is_never_out_of_sight_long_while_inside_and_a_new_one_comes_each_cycle() {
    let night = night();
    let north_ammo = area(&night, "North Ammo");
    let seen = sightings(&play(&night, 11, 3.0 * night.cycle_s()));
    for pair in seen.windows(2) {
        let [before, after] = pair else { unreachable!() };
        let gap_s = after.second - before.second;
        let (one, _) = night.cycle_at(before.second);
        let (other, _) = night.cycle_at(after.second);
        if one == other {
            let place = intruder(&night, before.second).unwrap();
            // A track of sightings that lapse after 10 s is lost after 40.
            let most = if north_ammo.depth_m(&place) > 0.0 { 30.0 } else { 60.0 };
            assert!(gap_s < most, "{gap_s} s at {}", before.second);
        } else {
            // And deleted after 130, so that the next cycle's is another.
            assert!(gap_s > 140.0, "{gap_s} s between cycles");
            assert_ne!(before.uid, after.uid);
        }
    }
    let mut cycle_of = BTreeMap::new();
    for sighting in &seen {
        let (cycle, _) = night.cycle_at(sighting.second);
        assert_eq!(*cycle_of.entry(&sighting.uid).or_insert(cycle), cycle, "a number comes back");
    }
}

#[test]
fn the_silent_sensor_speaks_is_silent_and_speaks_again() {
    let night = night();
    let silence = &night.plan.silence[0];
    let said: Vec<f64> = play(&night, 2, 3.0 * night.cycle_s())
        .iter()
        .filter(|emission| *emission.device == *silence.sensor)
        .map(second)
        .collect();
    let before: Vec<f64> = said.iter().copied().filter(|at| *at < silence.from_s).collect();
    // A judgement of silence wants five gaps.
    assert!(before.len() >= 8, "{before:?}");
    for pair in before.windows(2) {
        assert!((1.8..=2.2).contains(&(pair[1] - pair[0])), "{pair:?}");
    }
    assert!(!said.iter().any(|at| (silence.from_s..silence.until_s).contains(at)));
    let cycle_s = night.cycle_s();
    let again = |from_s: f64, until_s: f64| {
        said.iter().filter(|at| (from_s..until_s).contains(*at)).count()
    };
    assert!(again(silence.until_s, cycle_s) > 40);
    assert!(again(cycle_s, 2.0 * cycle_s) > 150, "not in the second cycle");
    assert_eq!(again(2.0 * cycle_s + silence.from_s, 2.0 * cycle_s + silence.until_s), 0);
}

/// What a receiver's lines say, each with its second; a line that says nothing fails.
fn heard(emissions: &[Emission]) -> Vec<(f64, Map<String, Value>)> {
    let mut decoder = Ais::default();
    let mut all = Vec::new();
    for emission in emissions.iter().filter(|emission| emission.door == Door::Ais) {
        let line = std::str::from_utf8(&emission.bytes).unwrap();
        let (body, sum) = line.strip_prefix('!').unwrap().split_once('*').unwrap();
        let xor = body.bytes().fold(0, |sum, byte| sum ^ byte);
        assert_eq!(sum, format!("{xor:02X}\r\n"));
        let mut out = Decoded::default();
        decoder.feed(&emission.bytes, emission.at, &mut out);
        assert_eq!(out.rejects, [], "{line}");
        all.extend(out.messages.iter().map(|(at, message)| (second(emission), message.json(*at))));
    }
    all
}

/// The messages of one type, 1, 5 or 14, that one station sent.
fn of(heard: &[(f64, Map<String, Value>)], kind: u32, mmsi: u32) -> Vec<(f64, Map<String, Value>)> {
    let matching = heard.iter().filter(|(_, said)| said["type"] == kind && said["mmsi"] == mmsi);
    matching.cloned().collect()
}

fn place(said: &Map<String, Value>) -> Position {
    let degrees = |name: &str| said[name].as_f64().unwrap();
    Position::from_degrees(degrees("lat_deg"), degrees("lon_deg")).unwrap()
}

#[test]
fn ships_say_their_names_and_the_second_of_their_fix() {
    let night = night();
    let heard = heard(&play(&night, 4, 60.0));
    for row in &night.plan.vessel {
        let names = of(&heard, 5, row.mmsi);
        let (second, said) = &names[0];
        assert!(*second < 5.0);
        assert_eq!(said["name"], row.name);
        assert_eq!(said["callsign"], row.callsign);
        assert_eq!(said.get("imo").and_then(Value::as_u64), row.imo.map(u64::from));
        let reports = of(&heard, 1, row.mmsi);
        assert!(reports.len() >= 11);
        for (second, said) in reports {
            assert_eq!(said["second"], start().plus_s(second).unix_s().rem_euclid(60));
        }
    }
}

#[test]
fn one_report_is_twelve_miles_off_and_no_other_implies_a_speed_that_no_ship_has() {
    let night = night();
    let jump = &night.plan.jump[0];
    for seed in 0..3 {
        let heard = heard(&play(&night, seed, night.cycle_s()));
        for row in &night.plan.vessel {
            let reports: Vec<(f64, Position)> =
                of(&heard, 1, row.mmsi).iter().map(|(at, said)| (*at, place(said))).collect();
            // Thirty knots are more than either makes.
            let fast = |pair: &&[(f64, Position)]| {
                pair[0].1.distance_m(&pair[1].1) / (pair[1].0 - pair[0].0) > 15.0
            };
            let leaps: Vec<&[(f64, Position)]> = reports.windows(2).filter(fast).collect();
            if row.mmsi != jump.mmsi {
                assert!(leaps.is_empty(), "{leaps:?}");
                continue;
            }
            let [away, back] = leaps[..] else { panic!("{leaps:?}") };
            assert!((jump.at_s..jump.at_s + 6.0).contains(&away[1].0));
            assert_eq!(away[1], back[0], "the very next report is true again");
            let off_nm = away[0].1.distance_m(&away[1].1) / 1_852.0;
            assert!((off_nm - jump.distance_nm).abs() < 0.1, "{off_nm}");
        }
    }
}

#[test]
fn a_transmitter_calls_for_help_beside_the_stopped_ship_and_not_in_the_next_cycle() {
    let night = night();
    let distress = &night.plan.distress[0];
    let heard = heard(&play(&night, 6, 2.0 * night.cycle_s()));
    let calls = of(&heard, 1, distress.sart_mmsi);
    let first = calls[0].0;
    assert!((distress.from_s..distress.from_s + 2.5).contains(&first), "{first}");
    assert!(calls.iter().all(|(second, _)| *second < distress.until_s));
    // Bursts of eight a minute over 252 s: five bursts, the last one cut at 12 s.
    assert!((35..=42).contains(&calls.len()), "{}", calls.len());
    let ship = of(&heard, 1, distress.mmsi);
    for (second, said) in &calls {
        assert_eq!(said["nav_status"], 14);
        let (_, beside) = ship.iter().rfind(|(at, _)| at <= second).unwrap();
        assert!(place(said).distance_m(&place(beside)) < 130.0);
    }
    let (_, stopped) = ship.iter().find(|(second, _)| *second > distress.from_s + 20.0).unwrap();
    assert_eq!(stopped["nav_status"], 2);
    assert_eq!(stopped["sog_kn"].as_f64(), Some(0.0));
    let texts = of(&heard, 14, distress.sart_mmsi);
    assert_eq!(texts.len(), 5);
    assert!(texts.iter().all(|(_, said)| said["text"] == distress.text));
    assert!(texts[0].0 < 30.0);
}

#[test]
fn no_ship_of_the_recording_comes_near_the_watched_areas_or_has_a_name_of_the_world() {
    let night = night();
    let mut recording = Recording::amsa(Time::from_unix_ms(1_327_664_822_510));
    let mut lines = Vec::new();
    while let Some(at) = recording.next_at() {
        recording.emit(at, &mut lines);
    }
    let mut decoder = Ais::default();
    let mut out = Decoded::default();
    for line in &lines {
        decoder.feed(&line.bytes, line.at, &mut out);
    }
    // 34,012 messages, as the second decoder of shared/data/ais has it, less those with wrong checksums.
    assert!(out.messages.len() > 34_000, "{}", out.messages.len());
    let mut claims = Vec::new();
    for (_, message) in &out.messages {
        message.claims(start(), &mut claims);
    }
    let ours: Vec<String> =
        night.plan.vessel.iter().map(|row| format!("MMSI {:09}", row.mmsi)).collect();
    let mut near = BTreeSet::new();
    for claim in claims {
        let subject = claim.subject.map(|subject| subject.to_string()).unwrap_or_default();
        assert!(!ours.contains(&subject));
        let Body::Observation(seen) = claim.body else { continue };
        let Some(place) = seen.position else { continue };
        // Ten sigma of a plain fix.
        if night.site().areas.iter().any(|area| area.depth_m(&place) > -300.0) {
            near.insert(subject);
        }
    }
    assert_eq!(near, BTreeSet::new());
}

#[test]
fn an_hour_has_a_bounded_rate_and_a_world_does_not_grow() {
    let night = night();
    let mut world = World::new(&night, start(), 5);
    let units = world.units_len();
    let mut out = Vec::new();
    for minute in 1..=60 {
        let mut said = 0;
        let now = start().plus_s(60.0 * f64::from(minute));
        while world.next_at().is_some_and(|at| at <= now) {
            world.emit(now, &mut out);
            said += out.len();
            out.clear();
        }
        // 16 sensors each 2 s, a drone each second, teams and ships; sightings come on top.
        assert!((500..=1_200).contains(&said), "{said} in minute {minute}");
        assert_eq!(world.units_len(), units);
    }
}

#[test]
fn land_things_are_on_land_and_ships_at_sea() {
    // The coast of the base map's zoom 6 (Natural Earth 1:10m, public domain): longitude and
    // latitude of its corners at the site; land lies west.
    let coast = [
        (151.3257, -23.8607),
        (151.3298, -23.8695),
        (151.3408, -23.8883),
        (151.3477, -23.8959),
        (151.4053, -23.9499),
        (151.4232, -23.9750),
    ];
    let at_sea = |place: &Position| {
        let (lat, lon) = (place.lat.degrees(), place.lon.degrees());
        let pair = coast.windows(2).find(|pair| (pair[1].1..=pair[0].1).contains(&lat));
        let [(lon0, lat0), (lon1, lat1)] = pair.unwrap() else { unreachable!() };
        lon > lon0 + (lon1 - lon0) * (lat - lat0) / (lat1 - lat0)
    };
    let night = night();
    let place = |[e_m, n_m]: [f64; 2]| night.frame.position(picket_model::Enu { e_m, n_m });
    for row in &night.plan.sensor {
        assert!(!at_sea(&place(row.at)), "{}", row.uid);
    }
    assert!(area(&night, "North Ammo").polygon.iter().all(|corner| !at_sea(corner)));
    assert!(area(&night, "Harbour Approach").polygon.iter().all(at_sea));
    for line in &night.site().lines {
        assert!(!line.points.iter().any(at_sea), "{}", line.name);
    }
    for second in 0..360 {
        let second = f64::from(second);
        let walkers = night.plan.team.iter().filter_map(|row| row.at(second, night.cycle_s()));
        for motion in walkers.chain(night.intruder_at(second)) {
            assert!(!at_sea(&night.frame.position(motion.at)));
        }
    }
    for row in &night.plan.vessel {
        for metres in 0..40 {
            let at = row.circuit.at(f64::from(metres) * 100.0, 0.0).at;
            assert!(at_sea(&night.frame.position(at)), "{}", row.name);
        }
    }
}

#[test]
fn the_teams_keep_out_of_the_areas_that_are_watched() {
    let night = night();
    for second in 0..1_000 {
        for row in &night.plan.team {
            let at = row.at(f64::from(second), night.cycle_s()).unwrap().at;
            let place = night.frame.position(at);
            // Ten metres: four sigma of a receiver in the field.
            assert!(night.site().areas.iter().all(|area| area.depth_m(&place) < -10.0));
        }
    }
}

#[test]
fn a_scenario_that_is_wrong_is_refused_in_a_sentence() {
    let good = include_str!("../../../scenarios/first-night.toml");
    let check = |from: &str, to: &str, expected: &str| {
        assert!(good.contains(from), "{from}");
        let error = Scenario::parse(&good.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check("cycle_s = 360.0", "cycle_s = 1.0", "cannot use cycle_s of \"First night\"");
    check("cycle_s = 360.0", "cycle = 360.0", "unknown field `cycle`");
    check("cycle_s = 360.0", "cycle_s = nan", "from 60 to 86 400 seconds");
    check("[151.370, -23.930]", "[151.370, -91.0]", "cannot use origin");
    check(
        "uid = \"CP-FENCE-2\"",
        "uid = \"CP-FENCE-1\"",
        "cannot use the name \"CP-FENCE-1\" twice",
    );
    check("uid = \"CP-FENCE-2\"", "uid = \"\"", "at least one character");
    check("sensor = \"CP-FENCE-7\"", "sensor = \"CP-FENCE-77\"", "cannot find \"CP-FENCE-77\"");
    check("sart_mmsi = 970999001", "sart_mmsi = 972999001", "970 and six digits");
    check("mmsi = 503999002", "mmsi = 503999001", "cannot use the name \"503999001\" twice");
    check("name = \"CORAL STAR\"", "name = \"Coral Star\"", "six-bit ASCII");
    check("[360, 110, -105]", "[350, 110, -105]", "back where they began");
    check("[12, -197, 55]", "[0, -197, 55]", "in the order of their times");
    check(
        "polygon = [[-175, 20], [-175, 135], [-70, 135], [-70, 20]]",
        "polygon = [[0, 0], [9, 9]]",
        "needs 3 to",
    );
    check("speed_mps = 5.0", "", "either legs, or circuit and speed_mps");
    check("at = [-177, -137.5]", "at = [-177, inf]", "within 50 000 metres");
    check("every_cycles = 5", "every_cycles = -5", "cannot read the scenario");
    check("kind = \"fence\"", "kind = \"hedge\"", "unknown variant `hedge`");
}

#[test]
fn the_story_tells_of_a_dozen_events_most_of_them_within_the_first_minute() {
    let night = night();
    assert!(night.story().len() >= 12);
    assert!(night.story().iter().filter(|line| line.at_s <= 60.0).count() >= 9);
}
