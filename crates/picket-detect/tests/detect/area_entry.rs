//! `area.entry`: the intruder, and those who are none.

use std::sync::Arc;

use picket_detect::Settings;
use picket_model::{
    Act, Affiliation, AlertChange, Area, Body, Class, Ident, Met, Observation, Picture, Position,
    SensorKind, Severity, Shape, Subject, TrackId, TrackState,
};

use crate::common::{Node, area, at, report, seen, ship};

fn node_of(area: Area) -> Node {
    Node::new("area.entry", &Settings { areas: vec![area], ..Settings::default() })
}

/// Folds an observation as fusion would have: the track stands where it was seen.
fn walk(node: &mut Node, at_s: f64, seen: Observation) {
    walk_late(node, at_s, at_s, seen);
}

fn walk_late(node: &mut Node, at_s: f64, received_s: f64, seen: Observation) {
    let entry = node.entry("feed", at_s, received_s, Body::Observation(Box::new(seen)));
    let track = crate::common::track(12, &entry);
    node.picture.touched = vec![track.id];
    let known = node.picture.tracks.get(&track.id);
    if known.is_none_or(|known| known.updated_at <= track.updated_at) {
        node.picture.tracks.insert(track.id, Arc::new(track));
    }
    node.fold(&entry);
}

/// A person inside at 0 s and 3 s.
fn intrude(node: &mut Node) {
    walk(node, 0.0, report(Class::Person, at(0.0, 0.0)));
    walk(node, 3.0, report(Class::Person, at(3.0, 0.0)));
}

#[test]
fn a_person_inside_for_two_seconds_is_told_with_numbers() {
    let mut node = node_of(area());
    walk(&mut node, -10.0, report(Class::Person, at(300.0, 0.0)));
    walk(&mut node, 0.0, report(Class::Person, at(0.0, 0.0)));
    assert!(node.claims.is_empty(), "not yet for 2 s");
    walk(&mut node, 2.0, report(Class::Person, at(2.0, 0.0)));
    let alerts = node.alerts();
    assert_eq!(alerts.len(), 1);
    let alert = alerts[0];
    assert_eq!(alert.change, AlertChange::Raised);
    assert_eq!(alert.severity, Severity::Critical);
    assert_eq!(&*alert.title, "Person inside North Ammo");
    // 98 m inside with 10 m of error is certain to many digits.
    let text = "T12 is inside North Ammo since 02:00:00Z (over 99 %); no permit matches";
    assert_eq!(&*alert.why_text, text);
    assert_eq!(alert.subject, Subject::Track(TrackId(12)));
    assert!(alert.why.iter().all(|reason| reason.met == Met::Yes));
    assert_eq!(node.claims[0].cites.len(), 2);
}

#[test]
fn a_timer_raises_where_no_second_look_comes() {
    let mut node = node_of(area());
    walk(&mut node, 0.0, report(Class::Person, at(0.0, 0.0)));
    node.tick(1.0);
    assert!(node.claims.is_empty());
    node.tick(2.0);
    assert_eq!(node.changes(), [AlertChange::Raised]);
}

#[test]
fn one_stay_is_one_alert_however_long() {
    let mut node = node_of(area());
    for second in 0..300 {
        walk(&mut node, f64::from(second), report(Class::Person, at(f64::from(second % 40), 0.0)));
        node.tick(f64::from(second) + 0.5);
    }
    assert_eq!(node.changes(), [AlertChange::Raised]);
}

#[test]
fn it_ends_after_half_a_minute_outside_and_not_at_the_fence() {
    let mut node = node_of(area());
    intrude(&mut node);
    // On the edge the chance is a half: neither in nor out, for a minute.
    for second in 4..64 {
        walk(&mut node, f64::from(second), report(Class::Person, at(100.0, 0.0)));
    }
    assert_eq!(node.changes(), [AlertChange::Raised]);
    walk(&mut node, 64.0, report(Class::Person, at(150.0, 0.0)));
    walk(&mut node, 93.0, report(Class::Person, at(250.0, 0.0)));
    assert_eq!(node.changes(), [AlertChange::Raised]);
    walk(&mut node, 94.0, report(Class::Person, at(260.0, 0.0)));
    assert_eq!(node.changes(), [AlertChange::Raised, AlertChange::Ended]);
    assert_eq!(node.alerts()[1].id, node.alerts()[0].id);
    assert_eq!(node.claims[1].occurred_at, Some(crate::common::time(94.0)));
}

#[test]
fn a_second_entry_is_a_second_alert() {
    let mut node = node_of(area());
    intrude(&mut node);
    walk(&mut node, 10.0, report(Class::Person, at(300.0, 0.0)));
    walk(&mut node, 50.0, report(Class::Person, at(300.0, 0.0)));
    walk(&mut node, 100.0, report(Class::Person, at(0.0, 0.0)));
    walk(&mut node, 103.0, report(Class::Person, at(0.0, 0.0)));
    use AlertChange::{Ended, Raised};
    assert_eq!(node.changes(), [Raised, Ended, Raised]);
    assert_ne!(node.alerts()[2].id, node.alerts()[0].id);
}

#[test]
fn one_wrong_fix_inside_is_no_entry() {
    let mut node = node_of(area());
    walk(&mut node, 0.0, report(Class::Person, at(130.0, 0.0)));
    walk(&mut node, 1.0, report(Class::Person, at(80.0, 0.0)));
    walk(&mut node, 2.0, report(Class::Person, at(130.0, 0.0)));
    node.wait(3, 20);
    assert!(node.claims.is_empty());
}

#[test]
fn a_walk_along_the_fence_is_no_entry() {
    let mut node = node_of(area());
    for second in 0..60 {
        // 10 m inside with 10 m of error: 84 %.
        walk(&mut node, f64::from(second), report(Class::Person, at(90.0, f64::from(second))));
    }
    assert!(node.claims.is_empty());
}

#[test]
fn a_vessel_needs_two_updates_not_two_seconds() {
    let mut node = node_of(area());
    walk(&mut node, 0.0, ship(211_000_001, at(0.0, 0.0)));
    node.wait(1, 9);
    assert!(node.claims.is_empty());
    walk(&mut node, 10.0, ship(211_000_001, at(20.0, 0.0)));
    assert_eq!(node.changes(), [AlertChange::Raised]);
    assert_eq!(node.alerts()[0].severity, Severity::Serious);
}

#[test]
fn who_has_a_permit_is_not_told() {
    for permit in ["211000001", "MMSI 211000001", "ALPHA", "T12"] {
        let mut permitted = area();
        permitted.allow = vec![permit.to_owned()];
        let mut node = node_of(permitted);
        for step in 0..5 {
            let mut seen = ship(211_000_001, at(0.0, 0.0));
            seen.idents.push(Ident::Name(Arc::from("ALPHA")));
            walk(&mut node, f64::from(step) * 10.0, seen);
        }
        assert!(node.claims.is_empty(), "{permit}");
    }
}

#[test]
fn anothers_permit_does_not_help() {
    let mut permitted = area();
    permitted.allow = vec!["MMSI 211000002".to_owned()];
    let mut node = node_of(permitted);
    walk(&mut node, 0.0, ship(211_000_001, at(0.0, 0.0)));
    walk(&mut node, 10.0, ship(211_000_001, at(0.0, 0.0)));
    assert_eq!(node.changes(), [AlertChange::Raised]);
}

#[test]
fn our_own_team_is_not_told_but_a_sensors_friend_is() {
    let mut node = node_of(area());
    let mut team =
        seen(SensorKind::CotSelf, Some(at(0.0, 0.0)), vec![Ident::CotUid(Arc::from("T1"))]);
    team.class = Class::Person;
    team.affiliation = Affiliation::Friend;
    walk(&mut node, 0.0, team.clone());
    walk(&mut node, 5.0, team);
    assert!(node.claims.is_empty());
    let mut node = node_of(area());
    let mut claimed = report(Class::Person, at(0.0, 0.0));
    claimed.affiliation = Affiliation::Friend;
    walk(&mut node, 0.0, claimed.clone());
    walk(&mut node, 5.0, claimed);
    assert_eq!(node.changes(), [AlertChange::Raised]);
}

#[test]
fn outside_its_hours_an_area_is_not_watched() {
    for (hours, told) in [((22 * 60, 6 * 60), true), ((6 * 60, 22 * 60), false)] {
        let mut night = area();
        night.hours = Some(hours);
        let mut node = node_of(night);
        // The helpers' clock stands at 02:00 UTC.
        intrude(&mut node);
        assert_eq!(!node.claims.is_empty(), told, "{hours:?}");
    }
}

#[test]
fn a_late_fix_that_shows_it_was_outside_withdraws_the_alert() {
    let mut node = node_of(area());
    walk(&mut node, 0.0, report(Class::Person, at(70.0, 0.0)));
    walk(&mut node, 3.0, report(Class::Person, at(70.0, 0.0)));
    assert_eq!(node.changes(), [AlertChange::Raised]);
    // Between the two looks it was outside, 12 m with 10 m of error: not inside for 2 s, then.
    walk_late(&mut node, 1.0, 4.0, report(Class::Person, at(112.0, 0.0)));
    assert_eq!(node.changes(), [AlertChange::Raised, AlertChange::Withdrawn]);
    // It stays: two seconds after its second look it is told anew.
    node.tick(6.0);
    assert_eq!(node.changes().last(), Some(&AlertChange::Raised));
}

#[test]
fn a_late_fix_where_it_cannot_have_been_withdraws_nothing() {
    let mut node = node_of(area());
    intrude(&mut node);
    walk_late(&mut node, 1.0, 4.0, report(Class::Person, at(900.0, 0.0)));
    assert_eq!(node.changes(), [AlertChange::Raised]);
}

#[test]
fn a_fix_that_fusion_held_is_not_believed() {
    let mut node = node_of(area());
    walk(&mut node, 0.0, ship(211_000_001, at(30_000.0, 0.0)));
    // The track stays where it was: touched, not moved.
    for step in 1..6 {
        let t = f64::from(step) * 10.0;
        let body = Body::Observation(Box::new(ship(211_000_001, at(0.0, 0.0))));
        let entry = node.entry("feed", t, t, body);
        node.fold(&entry);
    }
    assert!(node.claims.is_empty());
}

#[test]
fn a_track_that_is_deleted_inside_ends_the_alert() {
    let mut node = node_of(area());
    intrude(&mut node);
    node.picture = Picture { removed: vec![TrackId(12)], ..Picture::default() };
    let tick = node.entry("clock", 200.0, 200.0, Body::Tick);
    node.fold(&tick);
    assert_eq!(node.changes(), [AlertChange::Raised, AlertChange::Ended]);
    assert!(node.alerts()[1].why_text.contains("not followed any more"));
}

#[test]
fn a_tentative_track_is_told_once_it_is_confirmed() {
    let mut node = node_of(area());
    for (at_s, state) in
        [(0.0, TrackState::Tentative), (5.0, TrackState::Tentative), (10.0, TrackState::Live)]
    {
        let body = Body::Observation(Box::new(report(Class::Unknown, at(0.0, 0.0))));
        let entry = node.entry("feed", at_s, at_s, body);
        let mut track = crate::common::track(12, &entry);
        track.state = state;
        node.picture.touched = vec![track.id];
        node.picture.tracks.insert(track.id, Arc::new(track));
        node.fold(&entry);
        assert_eq!(node.claims.is_empty(), state == TrackState::Tentative);
    }
    assert_eq!(node.alerts()[0].opened_at, crate::common::time(0.0));
}

#[test]
fn what_becomes_known_as_a_person_is_said_again_once() {
    let mut node = node_of(area());
    walk(&mut node, 0.0, report(Class::Unknown, at(0.0, 0.0)));
    walk(&mut node, 3.0, report(Class::Unknown, at(0.0, 0.0)));
    for second in 4..10 {
        walk(&mut node, f64::from(second), report(Class::Person, at(0.0, 0.0)));
    }
    assert_eq!(node.changes(), [AlertChange::Raised, AlertChange::Updated]);
    assert_eq!(&*node.alerts()[1].title, "Person inside North Ammo");
}

#[test]
fn areas_may_come_from_the_log() {
    let mut node = Node::new("area.entry", &Settings::default());
    let site =
        picket_model::Site { name: "demo".to_owned(), areas: vec![area()], lines: Vec::new() };
    let entry = node.entry("feed", -1.0, -1.0, Body::Site(Box::new(site)));
    node.fold(&entry);
    intrude(&mut node);
    assert_eq!(node.changes(), [AlertChange::Raised]);
    // The same site again, as at a restart, changes nothing; another one ends what it watched.
    node.fold(&entry);
    assert_eq!(node.claims.len(), 1);
    let site = picket_model::Site { name: "demo".to_owned(), areas: Vec::new(), lines: Vec::new() };
    let entry = node.entry("feed", 5.0, 5.0, Body::Site(Box::new(site)));
    node.fold(&entry);
    assert_eq!(node.changes(), [AlertChange::Raised, AlertChange::Ended]);
}

#[test]
fn an_area_across_the_date_line_is_watched_on_both_sides() {
    let place = |lat: f64, lon: f64| Position::from_degrees(lat, lon).unwrap();
    let corners = [(0.0, 179.99), (0.0, -179.99), (0.02, -179.99), (0.02, 179.99)];
    let polygon: Vec<Position> = corners.into_iter().map(|(lat, lon)| place(lat, lon)).collect();
    let name = picket_model::AreaName::new("Strait").unwrap();
    for lon in [179.995, -179.995] {
        let area = Area::new(name.clone(), "restricted", polygon.clone()).unwrap();
        let mut node = node_of(area);
        walk(&mut node, 0.0, report(Class::Person, place(0.01, lon)));
        walk(&mut node, 3.0, report(Class::Person, place(0.01, lon)));
        assert_eq!(node.changes(), [AlertChange::Raised], "{lon}");
    }
}

#[test]
fn what_flies_above_300_m_is_over_the_area_unless_it_has_heights() {
    let flight = |height_m: f64, class: Class| {
        let mut seen = report(class, at(0.0, 0.0));
        seen.air.pressure_altitude_m = Some(height_m);
        seen
    };
    let ceiling = |ceiling_m: Option<f64>| Area { ceiling_m, ..area() };
    for (area, seen, told) in [
        (ceiling(None), flight(120.0, Class::Drone), true),
        (ceiling(None), flight(301.0, Class::Drone), false),
        (ceiling(None), flight(9_000.0, Class::Aircraft), false),
        (ceiling(Some(914.4)), flight(600.0, Class::Aircraft), true),
        (ceiling(Some(914.4)), flight(1_000.0, Class::Aircraft), false),
        // A person on a mountain is not in the air.
        (ceiling(None), flight(2_000.0, Class::Person), true),
    ] {
        let mut node = node_of(area);
        for step in 0..3 {
            walk(&mut node, f64::from(step) * 5.0, seen.clone());
        }
        assert_eq!(!node.claims.is_empty(), told, "{:?}", seen.air);
    }
}

#[test]
fn areas_that_are_protected_or_watched_are_for_other_detectors() {
    for (kind, told) in
        [("restricted", true), ("depot", true), ("protected", false), ("watched", false)]
    {
        let mut node = node_of(crate::common::area_of(kind));
        intrude(&mut node);
        assert_eq!(!node.claims.is_empty(), told, "{kind}");
    }
}

#[test]
fn a_drawn_area_is_watched_and_erasing_it_leaves_the_others_alone() {
    let mut node = node_of(area());
    let draw = |node: &mut Node, at_s: f64, act: Act| {
        let entry = node.entry("feed", at_s, at_s, Body::Act(act));
        node.fold(&entry);
    };
    let drawn = Shape::Area(crate::common::area_named("Quay", "restricted"));
    draw(&mut node, -1.0, Act::Draw(Box::new(drawn)));
    intrude(&mut node);
    assert_eq!(node.changes(), [AlertChange::Raised, AlertChange::Raised]);
    let quay = picket_model::AreaName::new("Quay").unwrap();
    draw(&mut node, 4.0, Act::Erase { name: quay, reason: "done".into() });
    use AlertChange::{Ended, Raised};
    assert_eq!(node.changes(), [Raised, Raised, Ended]);
    let ended = node.alerts()[2];
    assert_eq!(ended.area.as_ref().unwrap().as_str(), "Quay");
    assert!(ended.why_text.contains("what is watched there has changed"), "{}", ended.why_text);
    walk(&mut node, 5.0, report(Class::Person, at(5.0, 0.0)));
    node.wait(6, 10);
    assert_eq!(node.changes().len(), 3, "the other goes on as one alert");
}
