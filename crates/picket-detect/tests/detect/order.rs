//! The same records in any order within the lateness give the same alerts in the end.

use std::collections::BTreeMap;
use std::sync::Arc;

use picket_detect::Settings;
use picket_model::{
    AlertChange, AlertId, Body, Class, Distress, DistressKind, Entry, Ident, Picture, SensorKind,
    Severity, Time,
};
use proptest::prelude::*;

use crate::common::{Node, alert, area, at, entry, report, seen, ship, track};

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
    let settings = Settings { areas: vec![area()], ..Settings::default() };
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
}
