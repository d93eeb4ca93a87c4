//! `distress`: calls, tests, cancellations.

use std::sync::Arc;

use picket_detect::Settings;
use picket_model::{
    AlertChange, Class, Distress, DistressKind, Ident, Observation, SensorKind, Severity, Subject,
};

use crate::common::{Node, at, seen};

fn node() -> Node {
    Node::new("distress", &Settings::default())
}

fn call(test: bool, cancelled: bool) -> Observation {
    // IMO SN.1/Circ.322: 970 is an AIS-SART.
    let mut out = seen(SensorKind::Ais, Some(at(0.0, 0.0)), vec![Ident::Mmsi(970_010_119)]);
    out.class = Class::Equipment;
    out.distress = Some(Distress { kind: DistressKind::AisSart, test, cancelled });
    out
}

#[test]
fn a_sart_is_told_at_once() {
    let mut node = node();
    node.see(0.0, call(false, false));
    let alert = node.alerts()[0];
    assert_eq!(alert.severity, Severity::Critical);
    assert_eq!(&*alert.title, "AIS-SART active: MMSI 970010119");
    assert!(alert.why_text.contains("54.0000° N 7.0000° E"), "{}", alert.why_text);
    assert_eq!(alert.subject, Subject::Mmsi(970_010_119));
    assert!(alert.position.is_some());
}

#[test]
fn further_calls_count_and_say_nothing() {
    let mut node = node();
    for step in 0..8 {
        node.see(f64::from(step) * 2.0, call(false, false));
    }
    assert_eq!(node.changes(), [AlertChange::Raised]);
    node.see(20.0, call(false, true));
    assert_eq!(node.changes(), [AlertChange::Raised, AlertChange::Ended]);
    assert_eq!(node.alerts()[1].count, 8);
    assert_eq!(node.alerts()[1].id, node.alerts()[0].id);
}

#[test]
fn a_test_is_information_and_a_real_call_after_it_critical() {
    let mut node = node();
    node.see(0.0, call(true, false));
    assert_eq!(node.alerts()[0].severity, Severity::Information);
    node.see(30.0, call(false, false));
    node.see(31.0, call(true, false));
    assert_eq!(node.changes(), [AlertChange::Raised, AlertChange::Updated]);
    assert_eq!(node.alerts()[1].severity, Severity::Critical);
}

#[test]
fn a_test_ends_by_itself_and_a_call_does_not() {
    for (test, changes) in
        [(true, vec![AlertChange::Raised, AlertChange::Ended]), (false, vec![AlertChange::Raised])]
    {
        let mut node = node();
        node.see(0.0, call(test, false));
        node.wait(1, 700);
        assert_eq!(node.changes(), changes);
    }
}

#[test]
fn a_ship_that_does_not_call_is_not_told() {
    let mut node = node();
    let mut quiet = call(false, false);
    quiet.distress = None;
    quiet.text = Some(Arc::from("SART TEST"));
    node.see(0.0, quiet);
    // A cancellation of a call that nobody heard is none either.
    node.see(1.0, call(false, true));
    assert!(node.claims.is_empty());
}

#[test]
fn a_place_that_becomes_known_is_said() {
    let mut node = node();
    let mut blind = call(false, false);
    blind.position = None;
    node.see(0.0, blind);
    node.see(2.0, call(false, false));
    node.see(4.0, call(false, false));
    assert_eq!(node.changes(), [AlertChange::Raised, AlertChange::Updated]);
    assert!(node.alerts()[0].why_text.contains("place not known"));
    assert!(node.alerts()[1].position.is_some());
}

#[test]
fn two_senders_are_two_alerts() {
    let mut node = node();
    node.see(0.0, call(false, false));
    let mut other = call(false, false);
    other.idents = vec![Ident::CotUid(Arc::from("TEAM-2"))];
    other.distress = Some(Distress { kind: DistressKind::CotAlert, test: false, cancelled: false });
    node.see(1.0, other);
    assert_eq!(node.changes(), [AlertChange::Raised, AlertChange::Raised]);
    assert_eq!(&*node.alerts()[1].title, "CoT emergency active: TEAM-2");
}

#[test]
fn a_safety_text_is_a_call_only_by_its_words() {
    let noise = r#"0BP@F "ADBPK!J(3'"CIEZ!5"#;
    for (text, severity) in [
        ("MAYDAY MAYDAY MV ALPHA TAKING WATER", Some(Severity::Critical)),
        ("PAN PAN engine failure", Some(Severity::Critical)),
        ("SHIP SINKING, HELP", Some(Severity::Critical)),
        ("LIGHT BUOY 5 UNLIT", Some(Severity::Information)),
        // A message 14 as a real receiver delivered it (AMSA recording), and an empty one.
        (noise, None),
        ("", None),
    ] {
        let mut node = node();
        let mut message = call(false, false);
        message.idents = vec![Ident::Mmsi(211_000_001)];
        message.distress =
            Some(Distress { kind: DistressKind::SafetyText, test: false, cancelled: false });
        message.text = Some(Arc::from(text));
        node.see(0.0, message);
        assert_eq!(node.alerts().first().map(|alert| alert.severity), severity, "{text}");
    }
}

#[test]
fn squawks_of_distress_are_calls_and_radio_failure_is_serious() {
    for (kind, severity, what) in [
        (DistressKind::SquawkUnlawful, Severity::Critical, "squawk 7500 (unlawful interference)"),
        (DistressKind::SquawkEmergency, Severity::Critical, "squawk 7700 (emergency)"),
        (DistressKind::AdsbEmergency, Severity::Critical, "ADS-B emergency state"),
        (DistressKind::SquawkRadio, Severity::Serious, "squawk 7600 (radio failure)"),
    ] {
        let mut node = node();
        let mut flight = call(false, false);
        flight.sensor = SensorKind::Adsb;
        flight.idents = vec![Ident::Icao(0x7C_6B2D)];
        flight.distress = Some(Distress { kind, test: false, cancelled: false });
        node.see(0.0, flight.clone());
        node.see(1.0, flight.clone());
        assert_eq!(node.changes(), [AlertChange::Raised], "{what}");
        let alert = node.alerts()[0];
        assert_eq!(alert.severity, severity, "{what}");
        assert!(alert.title.contains(what), "{}", alert.title);
        let says = if severity == Severity::Serious { "sets" } else { "calls for help by" };
        assert!(alert.why_text.contains(&format!("{says} {what}")), "{}", alert.why_text);
        assert_eq!(alert.subject, Subject::Icao(0x7C_6B2D));
        // The code is set back: its decoder says that the call is over.
        flight.distress = Some(Distress { kind, test: false, cancelled: true });
        node.see(60.0, flight);
        assert_eq!(node.changes(), [AlertChange::Raised, AlertChange::Ended]);
    }
}

#[test]
fn another_code_ends_a_call_by_code_and_no_other() {
    for (kind, ends) in [(DistressKind::SquawkEmergency, true), (DistressKind::AisMob, false)] {
        let mut node = node();
        let mut sender = call(false, false);
        sender.idents = vec![Ident::Icao(0x7C_6B2D)];
        sender.distress = Some(Distress { kind, test: false, cancelled: false });
        node.see(0.0, sender.clone());
        sender.distress = None;
        node.see(20.0, sender.clone());
        assert_eq!(node.changes(), [AlertChange::Raised], "no code, no end");
        sender.air.squawk = Some(1_200);
        node.see(40.0, sender);
        assert_eq!(node.changes().contains(&AlertChange::Ended), ends);
    }
}

#[test]
fn a_radio_failure_that_becomes_an_emergency_grows_graver() {
    let mut node = node();
    for (at_s, kind) in [(0.0, DistressKind::SquawkRadio), (30.0, DistressKind::SquawkEmergency)] {
        let mut flight = call(false, false);
        flight.idents = vec![Ident::Icao(0x7C_6B2D)];
        flight.distress = Some(Distress { kind, test: false, cancelled: false });
        node.see(at_s, flight);
    }
    assert_eq!(node.changes(), [AlertChange::Raised, AlertChange::Updated]);
    assert_eq!(node.alerts()[1].severity, Severity::Critical);
}
