//! `pids.confirm`: sensors that agree, and those that only seem to.

use std::sync::Arc;

use picket_detect::Settings;
use picket_model::{AlertChange, Class, Observation, PhysicalKind, Position, SensorKind, Severity};

use crate::common::{Node, at, report, seen};

fn node() -> Node {
    Node::new("pids.confirm", &Settings::default())
}

fn alarm(by: &str, kind: PhysicalKind, position: Position) -> Observation {
    let mut out = seen(SensorKind::CotReport, Some(position), Vec::new());
    out.reporter = Some(Arc::from(by));
    out.alarm = Some(kind);
    out
}

fn fence(east: f64) -> Observation {
    alarm("Fence-07", PhysicalKind::Fence, at(east, 0.0))
}

fn seismic(east: f64) -> Observation {
    alarm("Geo-3", PhysicalKind::Seismic, at(east, 0.0))
}

fn plot(east: f64) -> Observation {
    seen(SensorKind::Radar, Some(at(east, 0.0)), Vec::new())
}

#[test]
fn a_fence_and_a_geophone_that_agree_are_told_with_both_distances() {
    let mut node = node();
    node.see(0.0, fence(0.0));
    assert!(node.claims.is_empty());
    node.see(4.0, seismic(8.0));
    let alert = node.alerts()[0];
    assert_eq!(alert.severity, Severity::Serious);
    assert_eq!(&*alert.title, "Intrusion confirmed by fence and seismic");
    let text = &alert.why_text;
    assert!(
        text.starts_with("fence sensor Fence-07 and seismic sensor Geo-3 agree within 8 m and 4 s"),
        "{text}"
    );
    assert_eq!(node.claims[0].cites.len(), 2);
}

#[test]
fn the_same_kind_the_same_device_too_late_and_too_far_are_silent() {
    for (what, second) in [
        ("same kind", (4.0, alarm("Fence-08", PhysicalKind::Fence, at(8.0, 0.0)))),
        ("same device", (4.0, alarm("Fence-07", PhysicalKind::Seismic, at(8.0, 0.0)))),
        ("31 s", (31.0, seismic(8.0))),
        ("26 m", (4.0, seismic(26.5))),
    ] {
        let mut node = node();
        node.see(0.0, fence(0.0));
        node.see(second.0, second.1);
        node.wait(40, 60);
        assert!(node.claims.is_empty(), "{what}");
    }
}

#[test]
fn a_radar_plot_confirms_an_alarm_whichever_comes_first() {
    for radar_first in [true, false] {
        let mut node = node();
        let (first, second) =
            if radar_first { (plot(10.0), fence(0.0)) } else { (fence(0.0), plot(10.0)) };
        node.see(0.0, first);
        assert!(node.claims.is_empty());
        // Another sensor's false alarm far away, long after: what was seen is not forgotten.
        node.see(18.0, alarm("Geo-9", PhysicalKind::Seismic, at(3_000.0, 0.0)));
        node.see(20.0, second);
        assert_eq!(node.changes(), [AlertChange::Raised], "{radar_first}");
        assert_eq!(&*node.alerts()[0].title, "Intrusion confirmed by fence and radar");
    }
}

#[test]
fn radar_and_camera_alone_are_no_perimeter_alarm() {
    let mut node = node();
    for second in 0..60 {
        node.see(f64::from(second), plot(0.0));
        node.see(f64::from(second) + 0.5, report(Class::Person, at(2.0, 0.0)));
    }
    assert!(node.claims.is_empty());
}

#[test]
fn a_third_kind_makes_it_critical_and_more_of_the_same_only_counts() {
    let mut node = node();
    node.see(0.0, fence(0.0));
    node.see(4.0, seismic(8.0));
    node.see(6.0, fence(3.0));
    assert_eq!(node.changes(), [AlertChange::Raised]);
    node.see(9.0, report(Class::Person, at(5.0, 5.0)));
    assert_eq!(node.changes(), [AlertChange::Raised, AlertChange::Updated]);
    assert_eq!(node.alerts()[1].severity, Severity::Critical);
    assert_eq!(&*node.alerts()[1].title, "Intrusion confirmed by fence and seismic and camera");
    node.wait(10, 70);
    assert_eq!(node.changes().last(), Some(&AlertChange::Ended));
    assert_eq!(node.alerts()[2].count, 4);
}

#[test]
fn two_places_at_one_time_are_two_intrusions() {
    let mut node = node();
    node.see(0.0, fence(0.0));
    node.see(0.5, alarm("Fence-20", PhysicalKind::Fence, at(900.0, 0.0)));
    node.see(2.0, seismic(8.0));
    node.see(2.5, alarm("Geo-12", PhysicalKind::Seismic, at(905.0, 0.0)));
    assert_eq!(node.changes(), [AlertChange::Raised, AlertChange::Raised]);
    assert_ne!(node.alerts()[0].id, node.alerts()[1].id);
    node.wait(3, 80);
    assert_eq!(node.changes().len(), 4, "both end");
}

#[test]
fn a_late_alarm_confirms_and_moves_the_beginning() {
    let mut node = node();
    node.see(0.0, fence(0.0));
    node.see(9.0, plot(5.0));
    assert_eq!(node.changes(), [AlertChange::Raised]);
    let raised = node.alerts()[0].opened_at;
    node.see_late(3.0, 10.0, seismic(4.0));
    let changes = node.changes();
    assert_eq!(changes[1], AlertChange::Revised);
    assert!(node.alerts()[1].opened_at < raised);
    assert_eq!(node.alerts()[1].id, node.alerts()[0].id);
    assert_eq!(node.alerts()[1].severity, Severity::Critical, "three kinds");
}

#[test]
fn a_device_whose_clock_is_ahead_does_not_make_the_others_late() {
    let mut node = node();
    node.see_late(50.0, 0.0, alarm("Geo-9", PhysicalKind::Seismic, at(3_000.0, 0.0)));
    node.see(1.0, fence(0.0));
    node.see(2.0, seismic(8.0));
    assert_eq!(node.changes(), [AlertChange::Raised]);
}
