//! `ais.identity`: numbers and names that cannot be, and those that only look so.

use std::sync::Arc;

use picket_detect::Settings;
use picket_model::{AlertChange, Ident, Observation, Severity, Subject};

use crate::common::{Node, at, ship};

const MMSI: u32 = 211_000_001;

fn node() -> Node {
    Node::new("ais.identity", &Settings::default())
}

fn told(mmsi: u32, idents: &[Ident]) -> Observation {
    let mut out = ship(mmsi, at(0.0, 0.0));
    out.position = None;
    out.idents.extend_from_slice(idents);
    out
}

fn name(text: &str) -> Ident {
    Ident::Name(Arc::from(text))
}

#[test]
fn an_imo_number_with_a_wrong_check_digit_is_told_and_put_right() {
    let mut node = node();
    // IMO 9074729 is the example of the IMO number scheme: 9·7+0·6+7·5+4·4+7·3+2·2 = 139.
    node.see(0.0, told(MMSI, &[Ident::Imo(9_074_729)]));
    assert!(node.claims.is_empty());
    node.see(360.0, told(MMSI, &[Ident::Imo(9_074_728)]));
    assert!(node.claims.is_empty(), "noise may fit a checksum once");
    node.see(720.0, told(MMSI, &[Ident::Imo(9_074_728)]));
    let alert = node.alerts()[0];
    assert_eq!(alert.severity, Severity::Information);
    assert_eq!(alert.subject, Subject::Mmsi(MMSI));
    assert_eq!(&*alert.title, "Wrong IMO number: MMSI 211000001");
    assert_eq!(&*alert.why_text, "MMSI 211000001: IMO 9074728 fails its check digit");
    node.see(1_080.0, told(MMSI, &[Ident::Imo(9_074_728)]));
    assert_eq!(node.claims.len(), 1);
    node.see(1_440.0, told(MMSI, &[Ident::Imo(9_074_729)]));
    // It is now also the second change of the number within a month.
    assert_eq!(node.changes(), [AlertChange::Raised, AlertChange::Updated]);
    assert_eq!(&*node.alerts()[1].title, "Changing identity: MMSI 211000001");
}

#[test]
fn an_mmsi_of_no_country_is_told_once() {
    let mut node = node();
    for step in 0..20 {
        node.see(f64::from(step) * 10.0, ship(221_000_001, at(0.0, 0.0)));
    }
    assert_eq!(node.changes(), [AlertChange::Raised]);
    assert!(node.alerts()[0].why_text.contains("no country has the digits of MMSI 221000001"));
    for good in [211_000_001, 503_551_000, 775_000_000, 982_111_234] {
        (0..5).for_each(|step| node.see(300.0 + f64::from(step), ship(good, at(0.0, 0.0))));
    }
    // Heard twice only: noise.
    (0..2).for_each(|step| node.see(300.0 + f64::from(step), ship(222_000_001, at(0.0, 0.0))));
    assert_eq!(node.claims.len(), 1);
}

#[test]
fn a_number_in_two_places_is_told_at_the_third_turn() {
    let mut node = node();
    let report = |node: &mut Node, step: u32| {
        let t = f64::from(step) * 10.0;
        let place = if step.is_multiple_of(2) { at(t, 0.0) } else { at(0.0, 60_000.0 + t) };
        node.see(t, ship(MMSI, place));
    };
    (0..3).for_each(|step| report(&mut node, step));
    assert!(node.claims.is_empty(), "to and fro once may be one false position");
    (3..4).for_each(|step| report(&mut node, step));
    let alert = node.alerts()[0];
    assert_eq!(alert.severity, Severity::Serious);
    assert!(alert.why_text.contains("from two places 60.0 km apart"), "{}", alert.why_text);
    (4..30).for_each(|step| report(&mut node, step));
    assert_eq!(node.changes(), [AlertChange::Raised]);
    // One of the two falls silent: over after ten minutes.
    for step in 30..100 {
        node.see(f64::from(step) * 10.0, ship(MMSI, at(f64::from(step) * 10.0, 0.0)));
    }
    assert_eq!(node.changes(), [AlertChange::Raised, AlertChange::Ended]);
}

#[test]
fn one_false_position_and_one_jump_that_stays_are_silent() {
    let mut node = node();
    for step in 0..40 {
        let t = f64::from(step) * 10.0;
        let place = if step == 7 { at(0.0, 50_000.0) } else { at(5.0 * t, 0.0) };
        node.see(t, ship(MMSI, place));
    }
    for step in 40..80 {
        node.see(f64::from(step) * 10.0, ship(MMSI, at(0.0, 90_000.0)));
    }
    assert!(node.claims.is_empty());
}

#[test]
fn one_new_name_is_a_sale_and_two_in_a_month_are_told() {
    let mut node = node();
    let day = 86_400.0;
    node.see(0.0, told(MMSI, &[name("ALPHA")]));
    node.see(day, told(MMSI, &[name("BRAVO")]));
    node.see(2.0 * day, told(MMSI, &[name("BRAVO")]));
    assert!(node.claims.is_empty());
    node.see(20.0 * day, told(MMSI, &[name("CHARLIE")]));
    assert_eq!(node.alerts()[0].severity, Severity::Caution);
    let text = "its name changed 2 times in 30 days, last from BRAVO to CHARLIE";
    assert!(node.alerts()[0].why_text.ends_with(text), "{}", node.alerts()[0].why_text);
    // The same a month apart.
    let mut node = self::node();
    node.see(0.0, told(MMSI, &[name("ALPHA")]));
    node.see(day, told(MMSI, &[name("BRAVO")]));
    node.see(32.0 * day, told(MMSI, &[name("CHARLIE")]));
    assert!(node.claims.is_empty());
}

#[test]
fn a_station_that_falls_silent_has_no_alert_any_more() {
    let mut node = node();
    (-2..=0).for_each(|step| node.see(f64::from(step), ship(221_000_001, at(0.0, 0.0))));
    node.tick(6.0 * 3_600.0 - 1.0);
    assert_eq!(node.changes(), [AlertChange::Raised]);
    node.tick(6.0 * 3_600.0);
    assert_eq!(node.changes(), [AlertChange::Raised, AlertChange::Ended]);
}

#[test]
fn a_late_report_withdraws_two_places_that_were_none() {
    let mut node = node();
    let here = |node: &mut Node, t: f64| node.see(t, ship(MMSI, at(0.0, 0.0)));
    let there = |node: &mut Node, t: f64| node.see(t, ship(MMSI, at(0.0, 60_000.0)));
    here(&mut node, 0.0);
    there(&mut node, 2.0);
    here(&mut node, 4.0);
    there(&mut node, 6.0);
    assert_eq!(node.changes(), [AlertChange::Raised]);
    // A third place between them: the station reports nonsense, not two ships.
    node.see_late(5.0, 7.0, ship(MMSI, at(200_000.0, 0.0)));
    assert_eq!(node.changes(), [AlertChange::Raised, AlertChange::Withdrawn]);
}
