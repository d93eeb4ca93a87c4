//! What becomes of tracks: scenarios with the expected outcome reasoned beside them.

use std::sync::Arc;

use crate::common::{Node, at, numbered, report, seen, ship, team, time};
use picket_fusion::Settings;
use picket_model::{
    Actor, Affiliation, Body, Class, DeviceId, Ident, Levels, Position, SensorKind, TrackState,
};

/// A ship at 10 m/s due east, one report every 10 s, from `from` to `until` reports.
fn sail(node: &mut Node, mmsi: u32, from: u32, until: u32) {
    for step in from..until {
        let t = f64::from(step) * 10.0;
        node.see(t, ship(mmsi, at(10.0 * t, 0.0), 10.0, 90.0));
        node.tick(t + 1.0);
    }
}

#[test]
fn a_ship_is_confirmed_by_its_second_report_and_keeps_its_number() {
    let mut node = Node::new();
    sail(&mut node, 211_000_001, 0, 1);
    assert_eq!(node.track().state, TrackState::Tentative);
    assert_eq!(node.track().confirmed_at, None);
    sail(&mut node, 211_000_001, 1, 2);
    assert_eq!(node.track().state, TrackState::Live);
    assert_eq!(node.track().confirmed_at, Some(time(10.0)));
    sail(&mut node, 211_000_001, 2, 30);
    let track = node.track();
    assert_eq!(track.id.0, 1);
    assert_eq!(track.updates, 30);
    // 10 m/s east by construction.
    let [east, north] = track.velocity_mps.unwrap();
    assert!((east - 10.0).abs() < 0.1 && north.abs() < 0.1, "{east} {north}");
    assert!(track.position.distance_m(&at(2_900.0, 0.0)) < 5.0);
    // Thirty fixes of 15 m each: better than one of them, worse than their mean's 2.7 m.
    assert!((2.7..15.0).contains(&track.sigma_m()), "{}", track.sigma_m());
}

#[test]
fn a_plot_without_a_name_needs_three_of_five() {
    let mut node = Node::new();
    for step in 0..3 {
        assert_eq!(node.picture.shown().count(), 0);
        node.see(f64::from(step) * 5.0, report("radar", Class::Unknown, at(0.0, 0.0)));
    }
    assert_eq!(node.track().state, TrackState::Live);
}

#[test]
fn one_scan_counts_once_however_often_it_is_told() {
    let mut node = Node::new();
    for reporter in ["a", "b", "c", "d"] {
        node.see(0.0, report(reporter, Class::Unknown, at(0.0, 0.0)));
    }
    assert_eq!(node.track().state, TrackState::Tentative);
}

#[test]
fn a_single_plot_dies_unseen() {
    let mut node = Node::new();
    node.see(0.0, report("radar", Class::Unknown, at(0.0, 0.0)));
    // Four intervals of 5 s.
    node.tick(19.0);
    assert_eq!(node.picture.tracks.len(), 1);
    node.tick(20.0);
    assert_eq!(node.picture.tracks.len(), 0);
    assert_eq!(node.picture.removed.len(), 1);
}

#[test]
fn a_silent_ship_coasts_is_lost_and_ends() {
    let mut node = Node::new();
    sail(&mut node, 211_000_001, 0, 10);
    // Its newest report came at 90 s and it was under way: 60 s, 300 s, 900 s.
    for (at_s, state) in [
        (149.0, Some(TrackState::Live)),
        (150.0, Some(TrackState::Coasting)),
        (389.0, Some(TrackState::Coasting)),
        (390.0, Some(TrackState::Lost)),
        (989.0, Some(TrackState::Lost)),
        (990.0, None),
    ] {
        node.tick(at_s);
        let found = node.picture.tracks.values().next().map(|track| track.state);
        assert_eq!(found, state, "{at_s}");
    }
    // A name's track that has ended leaves nothing behind: the ship begins anew.
    sail(&mut node, 211_000_001, 100, 102);
    assert_eq!(node.track().id.0, 2);
}

#[test]
fn a_ship_at_anchor_may_be_silent_for_three_minutes() {
    let mut node = Node::new();
    for step in 0..3 {
        node.see(f64::from(step) * 180.0, ship(211_000_001, at(0.0, 0.0), 0.0, 0.0));
    }
    node.tick(360.0 + 359.0);
    assert_eq!(node.track().state, TrackState::Live);
    node.tick(360.0 + 360.0);
    assert_eq!(node.track().state, TrackState::Coasting);
}

#[test]
fn a_message_lapses_when_it_says_so() {
    let mut node = Node::new();
    for t in [0.0, 10.0] {
        let mut seen = team("T1", at(0.0, 0.0));
        seen.stale_at = Some(time(t + 75.0));
        node.see(t, seen);
    }
    node.tick(84.0);
    assert_eq!(node.track().state, TrackState::Live);
    node.tick(85.0);
    assert_eq!(node.track().state, TrackState::Coasting);
}

#[test]
fn a_jump_does_not_drag_the_track_and_the_return_finds_it() {
    let mut node = Node::new();
    sail(&mut node, 211_000_001, 0, 10);
    let before = node.track().clone();
    // 22 km in 10 s.
    node.see(100.0, ship(211_000_001, at(1_000.0, 22_000.0), 10.0, 90.0));
    let held = node.track().clone();
    assert_eq!(held.position, before.position);
    assert_eq!(held.updated_at, before.updated_at);
    assert!(held.suspect.is_some());
    assert_eq!(node.picture.touched, [held.id]);
    sail(&mut node, 211_000_001, 11, 30);
    let track = node.track();
    assert!(track.position.distance_m(&at(2_900.0, 0.0)) < 10.0);
    assert_eq!(track.suspect, None, "ten clean fixes clear the mark");
    assert_eq!(node.fusion.counts().held, 1);
}

#[test]
fn three_agreeing_fixes_move_the_track_there() {
    let mut node = Node::new();
    sail(&mut node, 211_000_001, 0, 10);
    for step in 0..3 {
        let t = 100.0 + f64::from(step) * 10.0;
        node.see(t, ship(211_000_001, at(0.0, 22_000.0 + 5.0 * (t - 100.0)), 5.0, 0.0));
    }
    let track = node.track();
    assert!(track.position.distance_m(&at(0.0, 22_100.0)) < 1.0);
    assert!(track.suspect.is_some());
    assert_eq!(node.fusion.counts().moved, 1);
}

#[test]
fn two_ships_with_one_number_leave_the_track_with_the_first() {
    let mut node = Node::new();
    for step in 0..30 {
        let t = f64::from(step) * 10.0;
        node.see(t, ship(211_000_001, at(10.0 * t, 0.0), 10.0, 90.0));
        node.see(t + 5.0, ship(211_000_001, at(0.0, 50_000.0), 0.0, 0.0));
    }
    assert!(node.track().position.distance_m(&at(2_900.0, 0.0)) < 10.0);
}

#[test]
fn a_hard_turn_is_no_jump() {
    let mut node = Node::new();
    for step in 0..20 {
        let t = f64::from(step) * 10.0;
        let position = if t < 100.0 { at(15.0 * t, 0.0) } else { at(1_500.0, 15.0 * (t - 100.0)) };
        let mut seen = ship(211_000_001, position, 15.0, 90.0);
        seen.kinematics = picket_model::Kinematics::default();
        node.see(t, seen);
        assert!(node.track().suspect.is_none());
    }
    assert!(node.track().position.distance_m(&at(1_500.0, 1_350.0)) < 30.0);
}

#[test]
fn a_late_fix_says_who_but_never_moves_the_place_back() {
    let mut node = Node::new();
    sail(&mut node, 211_000_001, 0, 10);
    let before = node.track().clone();
    let mut late = ship(211_000_001, at(700.0, 0.0), 10.0, 90.0);
    late.idents.push(Ident::Name(Arc::from("ALPHA")));
    node.see_late(70.0, 91.0, late);
    let track = node.track();
    assert_eq!((track.position, track.updated_at), (before.position, before.updated_at));
    assert_eq!(track.updates, before.updates);
    assert_eq!(track.display_name(), "ALPHA");
    // Beyond 30 s it says nothing any more.
    let mut late = ship(211_000_001, at(500.0, 0.0), 10.0, 90.0);
    late.idents.push(Ident::Name(Arc::from("OMEGA")));
    node.see_late(50.0, 92.0, late);
    assert_eq!(node.track().display_name(), "ALPHA");
    assert_eq!(node.fusion.counts().late, 1);
    assert_eq!(node.fusion.counts().late_unused, 1);
}

#[test]
fn a_name_heard_before_the_place_is_there_at_once() {
    let mut node = Node::new();
    let mut word = seen(
        SensorKind::Ais,
        None,
        vec![Ident::Mmsi(211_000_001), Ident::Name(Arc::from("ALPHA"))],
    );
    word.class = Class::Vessel;
    node.see(0.0, word);
    assert_eq!(node.picture.tracks.len(), 0);
    // Type 24 B follows with the call sign; neither takes the other's word away.
    let idents = vec![Ident::Mmsi(211_000_001), Ident::Callsign(Arc::from("DABC"))];
    node.see(1.0, seen(SensorKind::Ais, None, idents));
    sail(&mut node, 211_000_001, 1, 2);
    assert_eq!(node.track().display_name(), "ALPHA");
    let callsign = Ident::Callsign(Arc::from("DABC"));
    assert_eq!(node.track_of(&callsign).id, node.track().id);
}

#[test]
fn names_without_places_are_bounded() {
    let mut node = Node::with(Settings { statics_max: 2, ..Settings::default() });
    for mmsi in 1..=3 {
        let name = Ident::Name(Arc::from(format!("S{mmsi}")));
        node.see(0.0, seen(SensorKind::Ais, None, vec![Ident::Mmsi(mmsi), name]));
    }
    node.see(1.0, ship(1, at(0.0, 0.0), 0.0, 0.0));
    node.see(1.0, ship(3, at(9_000.0, 0.0), 0.0, 0.0));
    assert_eq!(node.track_of(&Ident::Mmsi(1)).display_name(), "000000001", "forgotten first");
    assert_eq!(node.track_of(&Ident::Mmsi(3)).display_name(), "S3");
}

#[test]
fn two_names_of_one_kind_never_share_a_track() {
    let mut node = Node::new();
    for step in 0..20 {
        let t = f64::from(step) * 10.0;
        // A tug alongside: 3 m apart, far inside both errors.
        node.see(t, ship(211_000_001, at(0.0, 0.0), 0.0, 0.0));
        node.see(t, ship(211_000_002, at(3.0, 0.0), 0.0, 0.0));
    }
    assert_eq!(node.picture.tracks.len(), 2);
}

#[test]
fn a_nameless_plot_follows_the_thing_not_its_neighbour() {
    let mut node = Node::new();
    // Two walkers pass each other 60 m apart at 1.5 m/s, one look a second each.
    for step in 0..60 {
        let t = f64::from(step);
        node.see(t, report("radar", Class::Person, at(1.5 * t, 0.0)));
        node.see(t, report("radar", Class::Person, at(90.0 - 1.5 * t, 60.0)));
    }
    let ends: Vec<Position> = node.picture.tracks.values().map(|track| track.position).collect();
    assert_eq!(ends.len(), 2);
    assert!(ends[0].distance_m(&at(88.5, 0.0)) < 10.0);
    assert!(ends[1].distance_m(&at(1.5, 60.0)) < 10.0);
}

#[test]
fn a_sensor_that_sees_our_own_team_makes_no_second_track() {
    let mut node = Node::new();
    for step in 0..10 {
        let t = f64::from(step) * 5.0;
        node.see(t, team("T1", at(t, 0.0)));
        node.see(t + 1.0, report("pir-3", Class::Unknown, at(t + 1.0, 8.0)));
    }
    assert_eq!(node.track().affiliation, Affiliation::Friend);
    assert_eq!(node.track().sources.len(), 2);
}

#[test]
fn an_intruder_near_our_own_team_stays_an_intruder() {
    let mut node = Node::new();
    for step in 0..10 {
        let t = f64::from(step) * 5.0;
        node.see(t, team("T1", at(t, 0.0)));
        // 40 m off, with 10 m and 5 m of error, is 3.5 sigma: near, but not it.
        node.see(t + 1.0, report("pir-3", Class::Person, at(t + 1.0, 40.0)));
    }
    assert_eq!(node.picture.tracks.len(), 2);
    let team = node.track_of(&Ident::CotUid(Arc::from("T1")));
    assert_eq!(team.sources.len(), 1);
}

#[test]
fn a_team_does_not_take_over_a_nameless_track_of_another_class() {
    let mut node = Node::new();
    for step in 0..5 {
        node.see(f64::from(step), report("radar", Class::Vehicle, at(0.0, 0.0)));
    }
    node.see(5.0, team("T1", at(0.0, 0.0)));
    assert_eq!(node.picture.tracks.len(), 2);
}

#[test]
fn a_reporters_number_keeps_its_track_through_a_turn() {
    let mut node = Node::new();
    for step in 0..30 {
        let t = f64::from(step);
        let position = if t < 15.0 { at(5.0 * t, 0.0) } else { at(150.0 - 5.0 * t, 0.0) };
        node.see(t, numbered("cam", "17", Class::Person, position));
    }
    assert_eq!(node.track().idents.len(), 1);
}

#[test]
fn one_reporters_two_numbers_are_two_things() {
    let mut node = Node::new();
    for step in 0..10 {
        let t = f64::from(step);
        node.see(t, numbered("cam", "1", Class::Person, at(0.0, 0.0)));
        node.see(t, numbered("cam", "2", Class::Person, at(2.0, 0.0)));
    }
    assert_eq!(node.picture.tracks.len(), 2);
}

#[test]
fn two_reporters_numbers_for_one_thing_make_one_track() {
    let mut node = Node::new();
    for step in 0..10 {
        let t = f64::from(step);
        node.see(t, numbered("cam", "1", Class::Person, at(t, 0.0)));
        node.see(t + 0.5, numbered("radar", "77", Class::Unknown, at(t + 0.5, 4.0)));
    }
    assert_eq!(node.track().idents.len(), 2);
    assert_eq!(node.track().sources.len(), 2);
}

#[test]
fn tracks_are_found_across_the_date_line() {
    let mut node = Node::new();
    for step in 0..40 {
        let t = f64::from(step);
        // 0.0002 degrees a second at 17 degrees south: 21.3 m/s.
        let lon = 179.996 + 0.0002 * t;
        let lon = if lon > 180.0 { lon - 360.0 } else { lon };
        let position = Position::from_degrees(-17.0, lon).unwrap();
        node.see(t, report("radar", Class::Vessel, position));
    }
    assert_eq!(node.track().updates, 40);
    assert!(node.track().position.lon.degrees() < 0.0);
}

#[test]
fn a_fast_track_is_found_where_it_is_predicted_not_where_it_was() {
    let mut node = Node::new();
    let aircraft = |t: f64| {
        let mut out = report("radar", Class::Aircraft, at(200.0 * t, 0.0));
        out.kinematics.speed_mps = Some(200.0);
        out.kinematics.course = Some(picket_model::Angle::from_degrees(90.0));
        out.stale_at = Some(time(t + 60.0));
        out
    };
    for step in 0..5 {
        node.see(f64::from(step), aircraft(f64::from(step)));
    }
    // Half a minute unseen: 6 km on, five cells away.
    for t in 5..34 {
        node.tick(f64::from(t));
    }
    node.see(34.0, aircraft(34.0));
    assert_eq!(node.track().updates, 6);
}

#[test]
fn equipment_never_makes_a_track() {
    let mut node = Node::new();
    for step in 0..5 {
        let mut seen = team("Fence-07", at(0.0, 0.0));
        seen.class = Class::Equipment;
        node.see(f64::from(step), seen);
    }
    assert_eq!(node.picture.tracks.len(), 0);
}

#[test]
fn when_full_the_lost_go_first_then_the_tentative_then_the_new() {
    let mut node = Node::with(Settings { tracks_max: 3, ..Settings::default() });
    for mmsi in 1..=2 {
        for t in [0.0, 10.0] {
            node.see(t, ship(mmsi, at(f64::from(mmsi) * 5_000.0, 0.0), 9.0, 0.0));
        }
    }
    node.tick(310.0);
    node.see(310.0, ship(1, at(5_000.0, 0.0), 0.0, 0.0));
    node.see(311.0, ship(3, at(15_000.0, 0.0), 0.0, 0.0));
    // Ship 2 is lost, ship 1 live again, ship 3 tentative.
    node.see(312.0, ship(4, at(20_000.0, 0.0), 0.0, 0.0));
    assert_eq!(node.picture.removed.len(), 1);
    node.track_of(&Ident::Mmsi(1));
    node.track_of(&Ident::Mmsi(3));
    node.track_of(&Ident::Mmsi(4));
    node.see(313.0, ship(5, at(25_000.0, 0.0), 0.0, 0.0));
    node.track_of(&Ident::Mmsi(4));
    node.track_of(&Ident::Mmsi(5));
    for mmsi in [4, 5] {
        node.see(314.0, ship(mmsi, at(5_000.0 * f64::from(mmsi), 0.0), 0.0, 0.0));
    }
    node.see(315.0, ship(6, at(30_000.0, 0.0), 0.0, 0.0));
    assert_eq!(node.picture.tracks.len(), 3);
    assert_eq!(node.fusion.counts().evicted, 2);
    assert_eq!(node.fusion.counts().refused, 1);
}

#[test]
fn a_track_bears_the_label_of_all_that_made_it() {
    let mut node = Node::new();
    let label = |text: &str| Levels::default().parse(text).unwrap();
    let author = || Actor::Device(DeviceId::new("feed").unwrap());
    for (t, marking) in [(0.0, "open REL A"), (10.0, "restricted/NORTH REL A,B"), (20.0, "open")] {
        let body = Body::Observation(Box::new(ship(1, at(0.0, 0.0), 0.0, 0.0)));
        node.fold(author(), time(t), time(t), label(marking), body);
    }
    assert_eq!(node.track().label, label("restricted/NORTH"));
}

#[test]
fn a_clock_far_ahead_of_ours_does_not_lock_the_track() {
    let mut node = Node::new();
    node.see_late(9e9, 0.0, ship(1, at(0.0, 0.0), 0.0, 0.0));
    node.see(10.0, ship(1, at(0.0, 0.0), 0.0, 0.0));
    assert_eq!(node.track().updated_at, time(10.0));
    assert_eq!(node.track().state, TrackState::Live);
}

#[test]
fn a_clock_from_1970_does_not_throw_the_track() {
    let mut node = Node::new();
    node.see(0.0, ship(1, at(0.0, 0.0), 0.0, 0.0));
    node.see_late(-1.7e9, 1.0, ship(1, at(50_000.0, 0.0), 0.0, 0.0));
    node.see(10.0, ship(1, at(0.0, 0.0), 0.0, 0.0));
    assert!(node.track().position.distance_m(&at(0.0, 0.0)) < 1.0);
}

#[test]
fn a_reporter_that_renumbers_what_it_lost_makes_no_second_track() {
    let mut node = Node::new();
    for step in 0..4 {
        node.see(f64::from(step), numbered("cam", "1", Class::Person, at(0.0, 0.0)));
    }
    // The camera lost it and found it again 20 s later under a new number: one track.
    node.see(21.0, numbered("cam", "2", Class::Person, at(3.0, 0.0)));
    assert_eq!(node.track().idents.len(), 1);
    let two = Ident::Local { reporter: Arc::from("cam"), number: Arc::from("2") };
    assert_eq!(node.track_of(&two).updates, 5);
}
