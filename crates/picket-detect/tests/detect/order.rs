//! The same records in any order within the lateness give the same alerts in the end.

use std::collections::BTreeMap;
use std::sync::Arc;

use picket_detect::Settings;
use picket_model::{
    AlertChange, AlertId, Body, Class, Distress, DistressKind, Entry, Forbidden, Ident,
    PhysicalKind, Picture, SensorKind, Severity, Time,
};
use proptest::prelude::*;

use crate::common::{
    Node, alert, area, area_named, at, entry, going, line, report, seen, ship, track,
};

/// An alert as it stands in the end: when it began, when it ended and how often it was seen, how severe.
type Outcome = (Time, Option<(Time, u32)>, Severity);

/// The last word on each alert that was not withdrawn.
fn outcome(node: &Node) -> Vec<Outcome> {
    let mut last: BTreeMap<AlertId, Option<Outcome>> = BTreeMap::new();
    for claim in &node.claims {
        let alert = alert(claim);
        let ended = claim.occurred_at.filter(|_| alert.change == AlertChange::Ended);
        let ended = ended.map(|at| (at, alert.count));
        let word = (alert.opened_at, ended, alert.severity);
        last.insert(alert.id, (alert.change != AlertChange::Withdrawn).then_some(word));
    }
    let mut outcomes: Vec<Outcome> = last.into_values().flatten().collect();
    outcomes.sort();
    outcomes
}

/// Orders entries by occurrence plus a delay of at most the lateness.
fn delayed(entries: &[Entry], delays: &[f64]) -> Vec<Entry> {
    let mut late: Vec<Entry> = entries
        .iter()
        .zip(delays)
        .map(|(entry, delay_s)| {
            let mut entry = entry.clone();
            entry.record.received_at = entry.record.occurred_at.plus_s(*delay_s);
            entry
        })
        .collect();
    late.sort_by_key(|entry| entry.record.received_at);
    late
}

/// Runs a detector over entries; the picture holds what each entry alone makes of the track.
fn run(id: &str, entries: &[Entry], with_tracks: bool) -> Node {
    let line = line(vec![at(0.0, -500.0), at(0.0, 500.0)], Forbidden::Right);
    let areas = vec![area(), area_named("Pier 2", "protected")];
    let settings = Settings { areas, lines: vec![line], ..Settings::default() };
    let mut node = Node::new(id, &settings);
    for entry in entries {
        node.picture = Picture::default();
        if with_tracks {
            let track = track(12, entry);
            node.picture.touched.push(track.id);
            node.picture.tracks.insert(track.id, Arc::new(track));
        }
        node.fold(entry);
    }
    // Two minutes later every timer has fired.
    node.tick(600.0);
    node
}

fn observations(entries: impl Iterator<Item = (f64, picket_model::Observation)>) -> Vec<Entry> {
    let numbered = (0_u64..).zip(entries);
    let made = numbered
        .map(|(seq, (t, seen))| entry(seq, "feed", t, t, Body::Observation(Box::new(seen))));
    made.collect()
}

const DELAYS: usize = 60;

fn delays() -> impl Strategy<Value = Vec<f64>> {
    proptest::collection::vec(0.0..9.9_f64, DELAYS)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn of_entries(places in proptest::collection::vec(0..3_usize, DELAYS), delays in delays()) {
        // Inside, on the fence, outside; one look every 1.5 s, each place held for four looks.
        let entries = observations((0..DELAYS).map(|step| {
            let t = f64::from(u32::try_from(step).unwrap());
            let east = [0.0, 97.0, 160.0][places[step / 4]];
            (t * 1.5, report(Class::Person, at(east, 0.0)))
        }));
        let expected = outcome(&run("area.entry", &entries, true));
        let found = outcome(&run("area.entry", &delayed(&entries, &delays), true));
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn of_calls(words in proptest::collection::vec(0..8_usize, DELAYS), delays in delays()) {
        let entries = observations((0..DELAYS).map(|step| {
            let t = f64::from(u32::try_from(step).unwrap());
            let mut call = seen(SensorKind::Ais, Some(at(0.0, 0.0)), vec![Ident::Mmsi(970_000_001)]);
            let (test, cancelled) = (words[step] < 3, words[step] == 7);
            call.distress = Some(Distress { kind: DistressKind::AisSart, test, cancelled });
            (t * 1.5, call)
        }));
        let expected = outcome(&run("distress", &entries, false));
        let found = outcome(&run("distress", &delayed(&entries, &delays), false));
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn of_jumps(jumps in proptest::collection::vec(0..6_usize, DELAYS), delays in delays()) {
        let entries = observations((0..DELAYS).map(|step| {
            let t = f64::from(u32::try_from(step).unwrap()) * 4.0;
            let north = if jumps[step] == 0 { 40_000.0 } else { 0.0 };
            (t, ship(211_000_001, at(10.0 * t, north)))
        }));
        // An author's time, so that its error is the same however late it comes.
        let on_time = delayed(&entries, &[0.25; DELAYS]);
        let expected = outcome(&run("kinematic.impossible", &on_time, false));
        let delays: Vec<f64> = delays.iter().map(|delay_s| delay_s.max(0.25)).collect();
        let found = outcome(&run("kinematic.impossible", &delayed(&entries, &delays), false));
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn of_crossings(places in proptest::collection::vec(0..4_usize, DELAYS), delays in delays()) {
        // Both sides, on the line, and round its end.
        let entries = observations((0..DELAYS).map(|step| {
            let t = f64::from(u32::try_from(step).unwrap()) * 1.5;
            let (east, north) = [(-40.0, 0.0), (40.0, 0.0), (5.0, 0.0), (0.0, 540.0)][places[step]];
            (t, report(Class::Vehicle, at(east, north)))
        }));
        let expected = outcome(&run("line.cross", &entries, true));
        let found = outcome(&run("line.cross", &delayed(&entries, &delays), true));
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn of_stays(places in proptest::collection::vec(0..4_usize, DELAYS), delays in delays()) {
        // Near, between, away and inside, one look every 6 s; a drone stays after three minutes.
        let entries = observations((0..DELAYS).map(|step| {
            let t = f64::from(u32::try_from(step).unwrap()) * 6.0;
            let east = [300.0, 420.0, 700.0, 0.0][if step % 7 == 0 { places[step] } else { 0 }];
            (t, report(Class::Drone, at(east, 0.0)))
        }));
        let expected = outcome(&run("area.dwell", &entries, true));
        let found = outcome(&run("area.dwell", &delayed(&entries, &delays), true));
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn of_approaches(turns in proptest::collection::vec(0..6_usize, DELAYS), delays in delays()) {
        // Towards the area, or past it.
        let entries = observations((0..DELAYS).map(|step| {
            let t = f64::from(u32::try_from(step).unwrap()) * 1.5;
            let north = if turns[step] == 0 { -5.0 } else { 0.0 };
            (t, going(ship(211_000_001, at(700.0 - 5.0 * t, 0.0)), -5.0, north))
        }));
        let expected = outcome(&run("approach.cpa", &entries, true));
        let found = outcome(&run("approach.cpa", &delayed(&entries, &delays), true));
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn of_alarms(words in proptest::collection::vec(0..12_usize, DELAYS), delays in delays()) {
        let entries = observations((0..DELAYS).map(|step| {
            let t = f64::from(u32::try_from(step).unwrap()) * 4.0;
            let word = words[step];
            let east = [0.0, 15.0, 60.0, 400.0][word % 4];
            let mut seen = seen(SensorKind::Radar, Some(at(east, 0.0)), Vec::new());
            if word >= 4 {
                let kind = if word < 8 { PhysicalKind::Fence } else { PhysicalKind::Seismic };
                seen.sensor = SensorKind::CotReport;
                seen.reporter = Some(Arc::from(["Fence-07", "Geo-3"][word / 8]));
                seen.alarm = Some(kind);
            }
            (t, seen)
        }));
        let expected = outcome(&run("pids.confirm", &entries, false));
        let found = outcome(&run("pids.confirm", &delayed(&entries, &delays), false));
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn of_identities(words in proptest::collection::vec(0..8_usize, DELAYS), delays in delays()) {
        let entries = observations((0..DELAYS).map(|step| {
            let t = f64::from(u32::try_from(step).unwrap()) * 4.0;
            let north = if words[step] == 0 { 90_000.0 } else { 0.0 };
            let mut seen = ship(211_000_001, at(t, north));
            match words[step] {
                1 => seen.idents.push(Ident::Name(Arc::from("ALPHA"))),
                2 if step % 5 == 0 => seen.idents.push(Ident::Name(Arc::from("BRAVO"))),
                3 => seen.idents.push(Ident::Imo(9_074_729)),
                4 if step % 3 == 0 => seen.idents.push(Ident::Imo(9_074_728)),
                _ => {}
            }
            (t, seen)
        }));
        let expected = outcome(&run("ais.identity", &entries, false));
        let found = outcome(&run("ais.identity", &delayed(&entries, &delays), false));
        prop_assert_eq!(found, expected);
    }
}
