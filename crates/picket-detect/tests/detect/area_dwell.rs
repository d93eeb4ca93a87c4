//! `area.dwell`: who stays, who passes, who is permitted.

use picket_detect::Settings;
use picket_model::{Air, AlertChange, Area, Class, Observation, Severity};

use crate::common::{Node, Walk, area_of, at, going, report, ship};

fn node_of(area: Area) -> Walk {
    Walk(Node::new("area.dwell", &Settings { areas: vec![area], ..Settings::default() }))
}

/// A look every 10 s from `from_s` until `until_s`, and the clock each second.
fn stay(node: &mut Walk, from_s: u32, until_s: u32, seen: impl Fn(f64) -> Observation) {
    for second in from_s..=until_s {
        let t = f64::from(second);
        if second % 10 == 0 {
            node.step(t, seen(t));
        }
        node.0.tick(t + 0.5);
    }
}

/// 140 m east of the area's edge: within 150 m.
fn person(_: f64) -> Observation {
    report(Class::Person, at(240.0, 0.0))
}

#[test]
fn a_person_near_a_protected_area_for_ten_minutes_is_told_with_numbers() {
    let mut node = node_of(area_of("protected"));
    stay(&mut node, 0, 599, person);
    assert!(node.0.claims.is_empty(), "not yet");
    stay(&mut node, 600, 605, person);
    let alert = node.0.alerts()[0];
    assert_eq!(alert.severity, Severity::Serious);
    assert_eq!(&*alert.title, "Person stays at North Ammo");
    let text = "T12 stayed 10 min within 140 m of North Ammo, since 02:00:00Z; no permit matches";
    assert_eq!(&*alert.why_text, text);
    assert_eq!(alert.opened_at, crate::common::time(0.0));
    assert_eq!(node.0.changes(), [AlertChange::Raised]);
}

#[test]
fn nine_minutes_are_no_stay_and_two_minutes_away_begin_it_anew() {
    let mut node = node_of(area_of("watched"));
    let away = |_: f64| report(Class::Person, at(300.0, 0.0));
    stay(&mut node, 0, 540, person);
    stay(&mut node, 550, 680, away);
    stay(&mut node, 690, 1_270, person);
    assert!(node.0.claims.is_empty());
    // Away for one minute only: it is still there.
    stay(&mut node, 1_280, 1_340, away);
    stay(&mut node, 1_350, 1_360, person);
    assert_eq!(node.0.changes(), [AlertChange::Raised]);
    assert_eq!(node.0.alerts()[0].opened_at, crate::common::time(690.0));
    assert_eq!(node.0.alerts()[0].severity, Severity::Caution, "watched, not protected");
    stay(&mut node, 1_370, 1_500, away);
    assert_eq!(node.0.changes(), [AlertChange::Raised, AlertChange::Ended]);
}

#[test]
fn who_was_not_seen_any_more_did_not_stay() {
    let mut node = node_of(area_of("protected"));
    stay(&mut node, 0, 300, person);
    for second in 301..700 {
        node.0.tick(f64::from(second));
    }
    assert!(node.0.claims.is_empty());
    node.step(710.0, person(710.0));
    node.0.tick(711.0);
    assert!(node.0.claims.is_empty(), "it may have been away for 6 min");
}

#[test]
fn a_vessel_stays_only_if_it_is_slow_and_for_half_an_hour() {
    let slow = |_: f64| going(ship(211_000_001, at(400.0, 0.0)), 0.5, 0.0);
    let fast = |_: f64| going(ship(211_000_001, at(400.0, 0.0)), 2.0, 0.0);
    let mut node = node_of(area_of("protected"));
    stay(&mut node, 0, 1_790, slow);
    assert!(node.0.claims.is_empty());
    stay(&mut node, 1_800, 1_801, slow);
    assert_eq!(node.0.changes(), [AlertChange::Raised]);
    assert!(node.0.alerts()[0].why_text.contains("stayed 30 min within 300 m"));
    let mut node = node_of(area_of("protected"));
    stay(&mut node, 0, 2_400, fast);
    assert!(node.0.claims.is_empty());
}

#[test]
fn a_drone_stays_after_three_minutes_and_one_far_above_does_not() {
    for (height_m, told) in [(100.0, true), (400.0, false)] {
        let mut node = node_of(area_of("protected"));
        stay(&mut node, 0, 200, |_| {
            let mut seen = report(Class::Drone, at(150.0, 0.0));
            seen.air = Air { pressure_altitude_m: Some(height_m), ..Air::NONE };
            seen
        });
        assert_eq!(!node.0.claims.is_empty(), told, "{height_m}");
    }
}

#[test]
fn restricted_areas_and_permits_are_silent() {
    let mut permitted = area_of("protected");
    permitted.allow = vec!["T12".to_owned()];
    for area in [area_of("restricted"), permitted] {
        let mut node = node_of(area);
        stay(&mut node, 0, 700, person);
        assert!(node.0.claims.is_empty());
    }
}

#[test]
fn a_late_fix_that_shows_it_was_away_withdraws_the_stay() {
    let mut node = node_of(area_of("protected"));
    stay(&mut node, 0, 590, person);
    node.0.tick(600.0);
    assert_eq!(node.0.changes(), [AlertChange::Raised], "the ten minutes are over");
    // Five seconds before, it was 60 m farther.
    node.late(595.0, 601.0, report(Class::Person, at(310.0, 0.0)));
    assert_eq!(node.0.changes(), [AlertChange::Raised, AlertChange::Withdrawn]);
    assert!(node.0.alerts()[1].why_text.contains("did not stay 10 min"));
    // It comes back within two minutes: it has stayed after all.
    stay(&mut node, 610, 612, person);
    assert_eq!(node.0.changes().last(), Some(&AlertChange::Raised));
}
