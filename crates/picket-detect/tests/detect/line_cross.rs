//! `line.cross`: over the line, along the line, and back.

use picket_detect::Settings;
use picket_model::{AlertChange, Class, Forbidden, Ident, Line, Severity};

use crate::common::{Node, Walk, at, report};

/// From west to east through the origin: north of it is the left side.
fn line(forbidden: Forbidden) -> Line {
    crate::common::line(vec![at(-500.0, 0.0), at(0.0, 0.0), at(500.0, 0.0)], forbidden)
}

fn node(line: Line) -> Walk {
    Walk(Node::new("line.cross", &Settings { lines: vec![line], ..Settings::default() }))
}

/// One fix every 10 s at each of these metres north.
fn walk(node: &mut Walk, norths: &[f64]) {
    for (step, north) in (0_u32..).zip(norths) {
        node.step(f64::from(step) * 10.0, report(Class::Person, at(20.0, *north)));
    }
}

#[test]
fn a_crossing_southwards_is_told_with_direction_time_and_hours() {
    let mut closed = line(Forbidden::Right);
    closed.hours = Some((22 * 60, 6 * 60));
    let mut node = node(closed);
    walk(&mut node, &[60.0, 40.0, 10.0, -10.0]);
    assert!(node.0.claims.is_empty(), "10 m is one sigma");
    node.step(40.0, report(Class::Person, at(20.0, -40.0)));
    let alert = node.0.alerts()[0];
    assert_eq!(alert.change, AlertChange::Raised);
    assert_eq!(alert.severity, Severity::Serious);
    assert_eq!(&*alert.title, "Person crossed Line 4 southbound");
    // Between 40 m north at 10 s and 40 m south at 40 s: half way.
    let text = "T12 crossed Line 4 southbound at 02:00:25Z; closed 22:00-06:00 UTC";
    assert_eq!(&*alert.why_text, text);
    assert_eq!(alert.area.as_ref().unwrap().as_str(), "Line 4");
    let place = alert.position.unwrap();
    assert!(place.distance_m(&at(20.0, 0.0)) < 0.5);
    assert_eq!(node.0.claims[0].cites.len(), 2);
}

#[test]
fn a_walk_along_the_line_and_noise_on_it_cross_nothing() {
    let mut node = node(line(Forbidden::Both));
    for step in 0..100_i32 {
        // Up to 18 m to both sides: below 2 sigma.
        let north = f64::from(step * 7_919 % 37) - 18.0;
        let place = at(f64::from(step) * 2.0 - 100.0, north);
        node.step(f64::from(step), report(Class::Person, place));
    }
    assert!(node.0.claims.is_empty());
}

#[test]
fn the_permitted_direction_and_the_open_hours_are_silent() {
    let mut node_right = node(line(Forbidden::Right));
    walk(&mut node_right, &[-60.0, -30.0, 30.0, 60.0]);
    assert!(node_right.0.claims.is_empty());
    // The helpers' clock stands at 02:00 UTC.
    let mut open = line(Forbidden::Both);
    open.hours = Some((6 * 60, 22 * 60));
    let mut node = node(open);
    walk(&mut node, &[-60.0, -30.0, 30.0, 60.0]);
    assert!(node.0.claims.is_empty());
}

#[test]
fn a_way_round_the_end_of_the_line_is_no_crossing() {
    let mut node = node(line(Forbidden::Both));
    for (step, (east, north)) in
        (0_u32..).zip([(450.0, 60.0), (560.0, 60.0), (560.0, -60.0), (450.0, -60.0)])
    {
        node.step(f64::from(step) * 60.0, report(Class::Person, at(east, north)));
    }
    assert!(node.0.claims.is_empty());
}

#[test]
fn going_back_ends_it_and_a_second_crossing_is_a_second_alert() {
    let mut node = node(line(Forbidden::Left));
    walk(&mut node, &[-60.0, 60.0, 60.0, -60.0, -60.0, 60.0]);
    use AlertChange::{Ended, Raised};
    assert_eq!(node.0.changes(), [Raised, Ended, Raised]);
    assert_ne!(node.0.alerts()[2].id, node.0.alerts()[0].id);
}

#[test]
fn where_neither_way_is_free_to_and_fro_is_one_alert_with_a_count() {
    let mut node = node(line(Forbidden::Both));
    walk(&mut node, &[-60.0, 60.0, -60.0, 60.0]);
    assert_eq!(node.0.changes(), [AlertChange::Raised]);
    node.0.tick(30.0 + 1_800.0);
    assert_eq!(node.0.changes(), [AlertChange::Raised, AlertChange::Ended]);
    assert_eq!(node.0.alerts()[1].count, 3);
}

#[test]
fn an_own_unit_may_cross() {
    let mut node = node(line(Forbidden::Both));
    for (step, north) in (0_u32..).zip([-60.0, 60.0]) {
        let mut team = report(Class::Person, at(0.0, north));
        team.sensor = picket_model::SensorKind::CotSelf;
        team.affiliation = picket_model::Affiliation::Friend;
        team.idents = vec![Ident::CotUid("T1".into())];
        node.step(f64::from(step) * 30.0, team);
    }
    assert!(node.0.claims.is_empty());
}

#[test]
fn a_late_fix_withdraws_a_crossing_that_went_round_the_end() {
    let mut node = node(line(Forbidden::Both));
    node.step(0.0, report(Class::Vehicle, at(480.0, 60.0)));
    node.step(9.0, report(Class::Vehicle, at(480.0, -60.0)));
    assert_eq!(node.0.changes(), [AlertChange::Raised]);
    node.late(4.5, 10.0, report(Class::Vehicle, at(570.0, 0.0)));
    assert_eq!(node.0.changes(), [AlertChange::Raised, AlertChange::Withdrawn]);
    assert!(node.0.alerts()[1].why_text.starts_with("Late reports show"));
}

#[test]
fn a_late_fix_that_moves_the_crossing_revises_it() {
    let mut node = node(line(Forbidden::Both));
    node.step(0.0, report(Class::Person, at(0.0, 40.0)));
    node.step(9.0, report(Class::Person, at(0.0, -40.0)));
    node.late(5.0, 10.0, report(Class::Person, at(0.0, -25.0)));
    assert_eq!(node.0.changes(), [AlertChange::Raised, AlertChange::Revised]);
    let (first, then) = (node.0.alerts()[0], node.0.alerts()[1]);
    assert_eq!(first.id, then.id);
    assert!(then.opened_at < first.opened_at);
}
