//! `kinematic.impossible`: false positions, and the noise, gaps and delays that look like them.

use std::sync::Arc;

use picket_detect::Settings;
use picket_model::{Affiliation, AlertChange, Class, Ident, SensorKind, Severity, Subject};

use crate::common::{Node, at, seen, ship};

const MMSI: u32 = 211_000_001;
/// One nautical mile, metres.
const NM: f64 = 1_852.0;

fn node() -> Node {
    Node::new("kinematic.impossible", &Settings::default())
}

/// A report every 40 s of a ship at 10 m/s.
fn sail(node: &mut Node, from: u32, until: u32) {
    for step in from..until {
        let t = f64::from(step) * 40.0;
        node.see(t, ship(MMSI, at(10.0 * t, 0.0)));
        node.tick(t + 0.5);
    }
}

#[test]
fn one_false_position_is_two_impossible_legs() {
    let mut node = node();
    sail(&mut node, 0, 5);
    node.see(200.0, ship(MMSI, at(2_000.0, 12.0 * NM)));
    assert!(node.claims.is_empty(), "one leg of three");
    sail(&mut node, 6, 7);
    let alert = node.alerts()[0];
    assert_eq!(alert.severity, Severity::Serious);
    assert_eq!(alert.subject, Subject::Mmsi(MMSI));
    // 22,228 m less 90 m of error in 45 s are 491.9 m/s, 956 knots; distances err by up to 0.6 %.
    assert!(alert.why_text.starts_with("MMSI 211000001: 12 nm in 40 s, at least 9"));
    assert!(alert.why_text.ends_with("; a vessel does at most 60 kn"));
    let words = alert.why_text.split_whitespace();
    let knots: Vec<f64> =
        words.filter_map(|word| word.parse().ok()).filter(|n| *n > 900.0).collect();
    assert!((950.0..962.0).contains(&knots[0]), "{knots:?}");
    assert_eq!(node.claims[0].cites.len(), 3, "before, the false one, after");
}

#[test]
fn places_that_follow_again_end_it() {
    let mut node = node();
    sail(&mut node, 0, 5);
    node.see(200.0, ship(MMSI, at(2_000.0, 12.0 * NM)));
    // Back at 240 s; three clean legs by 360 s, two minutes after the last impossible one.
    sail(&mut node, 6, 9);
    assert_eq!(node.changes(), [AlertChange::Raised]);
    sail(&mut node, 9, 11);
    assert_eq!(node.changes(), [AlertChange::Raised, AlertChange::Ended]);
    assert_eq!(node.alerts()[1].count, 2);
}

#[test]
fn two_ships_with_one_number_warn_once() {
    let mut node = node();
    for step in 0..100 {
        let t = f64::from(step) * 20.0;
        // Two reports of each in turn: every other leg is clean.
        let place = if step / 2 % 2 == 0 { at(t, 0.0) } else { at(0.0, 60_000.0 + t) };
        node.see(t, ship(MMSI, place));
        node.tick(t + 1.0);
    }
    assert_eq!(node.changes(), [AlertChange::Raised]);
}

#[test]
fn a_gap_of_hours_is_no_jump() {
    let mut node = node();
    sail(&mut node, 0, 5);
    for step in 0..5 {
        let t = 7_200.0 + f64::from(step) * 10.0;
        node.see(t, ship(MMSI, at(72_000.0 + 10.0 * f64::from(step), 30_000.0)));
    }
    assert!(node.claims.is_empty());
}

#[test]
fn noise_at_anchor_is_no_movement() {
    let mut node = node();
    for step in 0..400 {
        let t = f64::from(step);
        // Errors of up to 60 m, from one second to the next: 4 sigma.
        let swing = f64::from(step * 7_919 % 120) - 60.0;
        node.see(t, ship(MMSI, at(swing, -swing / 2.0)));
    }
    assert!(node.claims.is_empty());
}

#[test]
fn reports_in_the_wrong_order_are_put_right() {
    let mut node = node();
    let fast = |t: f64| ship(MMSI, at(25.0 * t, 0.0));
    for step in 0..20 {
        let t = f64::from(step) * 4.0;
        // Every other report comes 6 s late, behind its successor.
        if step % 2 == 0 {
            node.see_late(t + 4.0, t + 4.0, fast(t + 4.0));
        } else {
            node.see_late(t - 4.0, t + 6.0, fast(t - 4.0));
        }
    }
    assert!(node.claims.is_empty());
}

#[test]
fn a_burst_after_a_stall_of_the_link_is_no_jump() {
    let mut node = node();
    // Six reports of one minute arrive within a tenth of a second, timed by our clock.
    for step in 0..6 {
        let t = 60.0 + f64::from(step) / 50.0;
        node.see(t, ship(MMSI, at(100.0 * f64::from(step), 0.0)));
    }
    for step in 7..20 {
        let t = f64::from(step) * 10.0;
        node.see(t, ship(MMSI, at(10.0 * t, 0.0)));
    }
    assert!(node.claims.is_empty());
}

#[test]
fn a_copy_by_a_second_receiver_does_not_hide_the_jump() {
    let mut node = node();
    sail(&mut node, 0, 5);
    node.see(200.0, ship(MMSI, at(2_000.0, 12.0 * NM)));
    node.see(201.0, ship(MMSI, at(2_000.0, 12.0 * NM)));
    sail(&mut node, 6, 7);
    assert_eq!(node.changes(), [AlertChange::Raised]);
}

#[test]
fn what_a_class_can_do_differs() {
    // 4 km in 40 s is 97 m/s with errors taken off (4,000 - 30 m, 41 s).
    for (class, told) in [
        (Class::Person, true),
        (Class::Vehicle, true),
        (Class::Drone, true),
        (Class::Aircraft, false),
    ] {
        let mut node = node();
        for step in 0..4 {
            let place = at(if step == 2 { 4_000.0 } else { 0.0 }, 0.0);
            let idents = vec![Ident::CotUid(Arc::from("U1"))];
            let mut seen = seen(SensorKind::CotSelf, Some(place), idents);
            seen.class = class;
            seen.affiliation = Affiliation::Friend;
            seen.sigma_m = Some(5.0);
            let t = f64::from(step) * 40.0;
            node.see_late(t, t + 0.5, seen);
        }
        assert_eq!(!node.claims.is_empty(), told, "{class:?}");
    }
}

#[test]
fn a_clock_from_another_age_blinds_nobody() {
    let mut node = node();
    sail(&mut node, 0, 3);
    node.see_late(9e8, 120.0, ship(MMSI, at(1_200.0, 0.0)));
    node.see_late(-1.6e9, 121.0, ship(MMSI, at(1_210.0, 0.0)));
    sail(&mut node, 4, 5);
    assert!(node.claims.is_empty());
    node.see(200.0, ship(MMSI, at(2_000.0, 12.0 * NM)));
    sail(&mut node, 6, 7);
    assert_eq!(node.changes(), [AlertChange::Raised]);
}
