//! `device.silent` and `link.down`: sensors, units and feeds that fall silent.

use std::sync::Arc;

use picket_detect::Settings;
use picket_model::{
    Affiliation, AlertChange, Body, Class, DeviceId, Ident, LinkState, Observation, SensorKind,
    Severity, Status, Subject,
};

use crate::common::{Node, at, report, seen, ship};

fn node() -> Node {
    Node::new("device.silent", &Settings::default())
}

fn heartbeat(uid: &str) -> Observation {
    let mut out =
        seen(SensorKind::CotSelf, Some(at(0.0, 0.0)), vec![Ident::CotUid(Arc::from(uid))]);
    out.class = Class::Equipment;
    out
}

fn beat(node: &mut Node, link: &str, at_s: f64, seen: Observation) {
    let entry = node.entry(link, at_s, at_s, Body::Observation(Box::new(seen)));
    node.fold(&entry);
}

/// Ticks each second, and each of `uids` is heard every 5 s while `alive` says so.
fn run(
    node: &mut Node,
    uids: &[&str],
    from_s: u32,
    until_s: u32,
    alive: impl Fn(&str, u32) -> bool,
) {
    for second in from_s..until_s {
        for (offset, uid) in (0_u32..).zip(uids) {
            if second % 5 == offset % 5 && alive(uid, second) {
                beat(node, "north", f64::from(second), heartbeat(uid));
            }
        }
        node.tick(f64::from(second) + 0.5);
    }
}

#[test]
fn a_sensor_that_falls_silent_is_told_with_its_usual_gap() {
    let mut node = node();
    run(&mut node, &["Fence-07"], 0, 150, |_, second| second < 100);
    let alert = node.alerts()[0];
    assert_eq!(alert.change, AlertChange::Raised);
    assert_eq!(&*alert.title, "Fence-07 silent");
    assert_eq!(&*alert.detector, "device.silent");
    assert_eq!(alert.subject, Subject::Device(DeviceId::new("Fence-07").unwrap()));
    assert!(alert.why_text.contains("usual gap 5.0 ± 0.5 s"), "{}", alert.why_text);
    // Heard last at 95 s; suspect beyond twice its longest gap, 105 s; held for 5 s more.
    let said_at = node.claims[0].occurred_at.unwrap();
    let delay_s = said_at.since_s(crate::common::time(95.0));
    assert!((15.0..=17.0).contains(&delay_s), "{delay_s}");
    assert_eq!(node.claims.len(), 1, "one alert, not one a second");
    assert_eq!(alert.severity, Severity::Serious, "phi is far above 12 after two gaps");
    run(&mut node, &["Fence-07"], 150, 170, |_, _| true);
    assert_eq!(node.changes(), [AlertChange::Raised, AlertChange::Ended]);
    assert_eq!(node.alerts()[1].id, node.alerts()[0].id);
}

#[test]
fn an_irregular_device_is_a_caution_before_it_is_serious() {
    let mut node = node();
    // Gaps of 2 and 8 s in turn: 5 ± 3 s. Phi 8 is at 5 + 5.61 × 3 = 21.8 s, 12 at 26.1 s.
    let mut t = 0_u32;
    let mut beats = Vec::new();
    while t < 200 {
        beats.push(t);
        t += if beats.len() % 2 == 0 { 8 } else { 2 };
    }
    let last = *beats.last().unwrap();
    for second in 0..last + 60 {
        if beats.contains(&second) {
            beat(&mut node, "north", f64::from(second), heartbeat("pir-3"));
        }
        node.tick(f64::from(second) + 0.5);
    }
    // Raised when the hold of 5 s is over, at 27 s: serious by then, said once.
    assert_eq!(node.changes(), [AlertChange::Raised]);
    let delay_s = node.claims[0].occurred_at.unwrap().since_s(crate::common::time(f64::from(last)));
    assert!((26.0..=29.0).contains(&delay_s), "{delay_s}");
}

#[test]
fn a_missed_heartbeat_is_no_silence() {
    let mut node = node();
    // Every seventh is lost: gaps of 5 and, now and then, 10 s.
    run(&mut node, &["Fence-07"], 0, 600, |_, second| second / 5 % 7 != 6);
    assert!(node.claims.is_empty());
}

#[test]
fn a_device_without_history_is_not_judged() {
    let mut node = node();
    run(&mut node, &["Fence-07"], 0, 300, |_, second| second < 25);
    assert!(node.claims.is_empty(), "four gaps");
}

#[test]
fn a_report_proves_its_sensor_alive() {
    let mut node = node();
    for second in 0..200 {
        let t = f64::from(second);
        if second % 5 == 0 && second < 100 {
            beat(&mut node, "north", t, heartbeat("pir-3"));
        } else if second % 5 == 0 {
            beat(&mut node, "north", t, report(Class::Person, at(0.0, 0.0)));
        }
        node.tick(t + 0.5);
    }
    assert!(node.claims.is_empty());
}

#[test]
fn one_of_ten_is_the_devices_fault_and_four_of_ten_the_links() {
    let uids = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    for (dead, detector, told) in
        [(1, "device.silent", 1), (3, "device.silent", 3), (4, "link.down", 1)]
    {
        let mut node = node();
        run(&mut node, &uids, 0, 160, |uid, second| {
            second < 100 || !uids.iter().take(dead).any(|down| *down == uid)
        });
        assert_eq!(node.changes(), vec![AlertChange::Raised; told], "{dead}");
        assert!(node.alerts().iter().all(|alert| &*alert.detector == detector), "{dead}");
        run(&mut node, &uids, 160, 190, |_, _| true);
        let changes = node.changes();
        let ended = changes.iter().filter(|change| **change == AlertChange::Ended).count();
        assert_eq!((changes.len(), ended), (2 * told, told), "{dead}");
    }
}

#[test]
fn a_dead_link_of_many_devices_is_one_alert() {
    let uids = ["a", "b", "c", "d", "e", "f"];
    let mut node = node();
    run(&mut node, &uids, 0, 300, |_, second| second < 100);
    assert_eq!(node.changes(), [AlertChange::Raised]);
    let alert = node.alerts()[0];
    assert_eq!(&*alert.detector, "link.down");
    assert_eq!(alert.subject, Subject::Device(DeviceId::new("north").unwrap()));
    assert!(alert.why_text.contains("6 of 6 devices of north"), "{}", alert.why_text);
    assert_eq!(node.claims[0].cites.len(), 6);
}

#[test]
fn a_link_that_says_it_is_down_is_told_once_and_its_devices_not() {
    let uids = ["a", "b"];
    let mut node = node();
    run(&mut node, &uids, 0, 100, |_, _| true);
    let link = DeviceId::new("north").unwrap();
    let says = |state| Status::Link { feed: link.clone(), state, text: Arc::from("refused") };
    node.status(100.0, says(LinkState::Down));
    run(&mut node, &uids, 100, 200, |_, _| false);
    assert_eq!(node.changes(), [AlertChange::Raised]);
    assert_eq!(&*node.alerts()[0].detector, "link.down");
    node.status(200.0, says(LinkState::Up));
    run(&mut node, &uids, 200, 260, |_, _| true);
    assert_eq!(node.changes(), [AlertChange::Raised, AlertChange::Ended]);
}

#[test]
fn a_short_reconnect_is_not_told() {
    let mut node = node();
    run(&mut node, &["a"], 0, 100, |_, _| true);
    let link = DeviceId::new("north").unwrap();
    for (at_s, state) in [(100.0, LinkState::Down), (103.0, LinkState::Up)] {
        node.status(at_s, Status::Link { feed: link.clone(), state, text: Arc::from("reset") });
    }
    run(&mut node, &["a"], 103, 200, |_, _| true);
    assert!(node.claims.is_empty());
}

#[test]
fn a_feed_of_ships_that_stops_is_told() {
    let mut node = node();
    for second in 0..200 {
        for ship_number in 0..20 {
            if second < 100 {
                let t = f64::from(second) + f64::from(ship_number) / 20.0;
                node.see(t, ship(211_000_000 + ship_number, at(0.0, 0.0)));
            }
        }
        node.tick(f64::from(second) + 1.0);
    }
    // Ships are not our devices: one alert, of the feed.
    let alert = node.alerts()[0];
    assert_eq!(&*alert.title, "Feed feed silent");
    assert_eq!(alert.subject, Subject::Device(DeviceId::new("feed").unwrap()));
    use AlertChange::{Raised, Updated};
    assert_eq!(node.changes(), [Raised, Updated], "caution, then serious");
    assert_eq!(node.alerts()[1].severity, Severity::Serious);
}

#[test]
fn a_file_that_ends_is_not_silent() {
    let mut node = node();
    run(&mut node, &["a", "b"], 0, 100, |_, _| true);
    let feed = DeviceId::new("north").unwrap();
    let text = Arc::from("end of file");
    node.status(100.0, Status::Link { feed, state: LinkState::Done, text });
    run(&mut node, &["a", "b"], 100, 400, |_, _| false);
    assert!(node.claims.is_empty());
}

#[test]
fn an_own_unit_is_watched_and_a_strangers_is_not() {
    for (affiliation, told) in [(Affiliation::Friend, true), (Affiliation::Unknown, false)] {
        let mut node = node();
        for second in 0..300 {
            if second % 10 == 0 && second < 200 {
                let mut seen = heartbeat("TEAM-2");
                seen.class = Class::Person;
                seen.affiliation = affiliation;
                beat(&mut node, "north", f64::from(second), seen);
            }
            if second % 10 == 0 {
                beat(&mut node, "north", f64::from(second), heartbeat("other"));
            }
            node.tick(f64::from(second) + 0.5);
        }
        assert_eq!(!node.claims.is_empty(), told, "{affiliation:?}");
    }
}

#[test]
fn our_own_pause_is_nobodys_silence() {
    let mut node = node();
    run(&mut node, &["a", "b", "c"], 0, 100, |_, _| true);
    // The node was off for an hour.
    run(&mut node, &["a", "b", "c"], 3_700, 3_800, |_, _| true);
    assert!(node.claims.is_empty(), "{:?}", node.changes());
}

#[test]
fn a_new_rhythm_is_learnt_after_three_false_alarms() {
    let mut node = node();
    run(&mut node, &["a"], 0, 100, |_, _| true);
    run(&mut node, &["a"], 100, 3_000, |_, second| second % 60 == 0);
    let raised = node.changes().iter().filter(|c| **c == AlertChange::Raised).count();
    assert_eq!(raised, 3);
}
