//! `approach.cpa`: who comes, who passes, who is there already.

use picket_detect::Settings;
use picket_model::{AlertChange, Area, Class, Observation, Severity};

use crate::common::{Node, Walk, area_of, at, going, report, ship};

const MMSI: u32 = 211_000_001;

fn node_of(area: Area) -> Walk {
    Walk(Node::new("approach.cpa", &Settings { areas: vec![area], ..Settings::default() }))
}

/// A report every 10 s from `from` until `until` (tens of seconds).
fn sail(node: &mut Walk, from: u32, until: u32, seen: impl Fn(f64) -> Observation) {
    for step in from..until {
        let t = f64::from(step) * 10.0;
        node.step(t, seen(t));
        node.0.tick(t + 0.5);
    }
}

/// From 900 m east at 5 m/s towards the middle; the edge is at 100 m.
fn comes(t: f64) -> Observation {
    going(ship(MMSI, at(900.0 - 5.0 * t, 0.0)), -5.0, 0.0)
}

#[test]
fn a_vessel_that_comes_is_told_at_the_third_update_with_time_and_chance() {
    let mut node = node_of(area_of("protected"));
    sail(&mut node, 0, 2, comes);
    assert!(node.0.claims.is_empty());
    sail(&mut node, 2, 3, comes);
    let alert = node.0.alerts()[0];
    assert_eq!(&*alert.title, "Vessel approaches North Ammo");
    // 700 m at 5 m/s within a tenth: 140 ± 14 s, 2 ± 1 min when rounded.
    let text = &alert.why_text;
    assert!(text.starts_with("211000001 (T12) reaches North Ammo in 2 ± 1 min"), "{text}");
    assert!(text.ends_with(" %)"), "{text}");
    assert_eq!(alert.severity, Severity::Serious, "within a third of 30 min");
    assert_eq!(node.0.changes(), [AlertChange::Raised]);
}

/// The share of straight ways that enter, by brute force over a fine grid of course and speed.
fn expected_chance(distance_m: f64, half_width_m: f64, course_sigma_deg: f64) -> f64 {
    // A wall across the way: it is met if |tan(course)| < half width / distance.
    let limit = libm::atan(half_width_m / distance_m).to_degrees() / course_sigma_deg;
    let steps = 200_000;
    let density = |z: f64| libm::exp(-z * z / 2.0) / (2.0 * std::f64::consts::PI).sqrt();
    let width = 2.0 * limit / f64::from(steps);
    (0..steps).map(|step| density(-limit + width * (f64::from(step) + 0.5)) * width).sum()
}

#[test]
fn the_chance_is_that_of_the_motion_model() {
    // 100 m to each side at 1,000 m: 5.7°, 1.14 sigma of a vessel's course.
    for distance_m in [400.0, 1_000.0, 1_150.0] {
        let mut node = node_of(area_of("protected"));
        for step in 0..3 {
            let t = f64::from(step);
            node.step(t, going(ship(MMSI, at(distance_m + 100.0 + 0.01 * t, 0.0)), -5.0, 0.0));
        }
        let alert = node.0.alerts()[0];
        let shown = alert.why.iter().find(|reason| &*reason.text == "Chance to enter").unwrap();
        let digits: String = shown.value.chars().filter(char::is_ascii_digit).collect();
        let found = digits.parse::<f64>().unwrap() / 100.0;
        let expected = expected_chance(distance_m, 100.0, 5.0);
        // 64 ways: a few of them lie on the edge, and the place has 10 m of error.
        assert!((found - expected).abs() < 0.05, "{distance_m}: {found} {expected}");
    }
}

#[test]
fn one_that_passes_and_one_that_leaves_are_silent() {
    let mut node = node_of(area_of("protected"));
    // Passes 700 m north of the middle.
    sail(&mut node, 0, 60, |t| going(ship(MMSI, at(1_500.0 - 5.0 * t, 700.0)), -5.0, 0.0));
    assert!(node.0.claims.is_empty());
    let mut node = node_of(area_of("protected"));
    sail(&mut node, 0, 60, |t| going(ship(MMSI, at(150.0 + 5.0 * t, 0.0)), 5.0, 0.0));
    assert!(node.0.claims.is_empty());
}

#[test]
fn what_cannot_arrive_in_time_is_not_told_yet() {
    let mut node = node_of(area_of("protected"));
    // A person at 1.5 m/s, 600 m from the edge: 400 s, more than 5 min.
    let walks = |t: f64| going(report(Class::Person, at(700.0 - 1.5 * t, 0.0)), -1.5, 0.0);
    sail(&mut node, 0, 3, walks);
    assert!(node.0.claims.is_empty());
    sail(&mut node, 3, 35, walks);
    assert_eq!(node.0.changes()[0], AlertChange::Raised);
}

#[test]
fn a_stranger_at_anchor_and_one_inside_do_not_approach() {
    let mut node = node_of(area_of("protected"));
    sail(&mut node, 0, 20, |_| going(ship(MMSI, at(300.0, 0.0)), -0.4, 0.0));
    sail(&mut node, 20, 40, |_| going(ship(MMSI, at(0.0, 0.0)), -2.0, 0.0));
    assert!(node.0.claims.is_empty());
}

#[test]
fn what_turns_away_ends_after_a_minute_and_what_arrives_is_said() {
    let mut node = node_of(area_of("protected"));
    sail(&mut node, 0, 4, comes);
    sail(&mut node, 4, 12, |t| going(ship(MMSI, at(700.0, 5.0 * t)), 0.0, 5.0));
    assert_eq!(node.0.changes(), [AlertChange::Raised, AlertChange::Ended]);
    let mut node = node_of(area_of("protected"));
    sail(&mut node, 0, 18, comes);
    assert_eq!(node.0.changes(), [AlertChange::Raised, AlertChange::Updated]);
    assert!(node.0.alerts()[1].why_text.contains("has reached North Ammo"));
}

#[test]
fn other_kinds_of_areas_and_permits_are_silent() {
    let mut permitted = area_of("protected");
    permitted.allow = vec![format!("MMSI {MMSI}")];
    for area in [area_of("restricted"), area_of("watched"), permitted] {
        let mut node = node_of(area);
        sail(&mut node, 0, 10, comes);
        assert!(node.0.claims.is_empty());
    }
}

#[test]
fn a_late_turn_withdraws_the_warning() {
    let mut node = node_of(area_of("protected"));
    for t in [0.0, 4.0, 8.0] {
        node.step(t, comes(t));
    }
    assert_eq!(node.0.changes(), [AlertChange::Raised]);
    // Between the updates it pointed elsewhere: not three in a row.
    node.late(6.0, 9.0, going(ship(MMSI, at(870.0, 0.0)), 0.0, 5.0));
    assert_eq!(node.0.changes(), [AlertChange::Raised, AlertChange::Withdrawn]);
}
