//! Claims about the gate, each with the input that would break it.

use std::sync::Arc;

use picket_model::{
    Act, Actor, AlertId, Auth, Body, Claim, DeviceId, Label, Labelled, Levels, PersonId, Status,
    Time, ViewName,
};
use proptest::prelude::*;

use crate::{Budget, BuiltIn, Feed, Gate, Peer, Rate, Role, Rule, Session};

const NOW: Time = Time::from_unix_s(1_800_000_000);

fn label(text: &str) -> Label {
    Levels::default().parse(text).unwrap()
}

fn gate_with(rate: Rate) -> Gate {
    let feed = Feed { name: DeviceId::new("ais").unwrap(), label: label("restricted"), rate };
    Gate::new(Levels::default(), Arc::new(BuiltIn), vec![feed])
}

fn session(roles: &[Role], clearance: &str) -> Session {
    Session {
        person: PersonId::new("officer-1").unwrap(),
        roles: roles.to_vec(),
        clearance: label(clearance),
        expires_at: NOW.plus_s(60.0),
        budget: Arc::new(Budget::new(Rate::PERSON)),
    }
}

fn sighting(occurred_at: Option<Time>) -> Claim {
    Claim { occurred_at, ..Claim::of(observation()) }
}

fn observation() -> Body {
    use picket_model::observation::Frame;
    use picket_model::{Affiliation, Class, Kinematics, Observation, SensorKind};
    Body::Observation(Box::new(Observation {
        sensor: SensorKind::Ais,
        reporter: None,
        position: None,
        sigma_m: None,
        kinematics: Kinematics::default(),
        class: Class::Vessel,
        affiliation: Affiliation::Unknown,
        idents: Vec::new(),
        distress: None,
        stale_at: None,
        text: None,
        exercise: false,
        battery_percent: None,
        air: picket_model::Air::NONE,
        alarm: None,
        frame: Frame { format: "ais".into(), bytes: Arc::from(&b"!"[..]) },
    }))
}

fn acknowledge() -> Claim {
    Claim::of(Body::Act(Act::Acknowledge { alert: AlertId([1; 16]), reason: "".into() }))
}

#[test]
fn a_feed_that_nobody_configured_is_refused_and_counted() {
    let gate = gate_with(Rate::FEED);
    let stranger = DeviceId::new("stranger").unwrap();
    let refusal = gate.verify(&Peer::Feed(&stranger), NOW).unwrap_err();
    assert_eq!(refusal.rule, Rule::UnknownFeed);
    assert_eq!(gate.refusals(), 1);
}

#[test]
fn what_a_feed_says_bears_the_feeds_label_and_proves_nothing() {
    let gate = gate_with(Rate::FEED);
    let ais = gate.verify(&Peer::Feed(&DeviceId::new("ais").unwrap()), NOW).unwrap();
    let record = gate.admit(&ais, sighting(None), NOW, NOW).unwrap().into_inner();
    assert_eq!(record.label, label("restricted"));
    assert_eq!(record.auth, Auth::None);
    assert_eq!(record.occurred_at, NOW);
}

#[test]
fn a_time_that_cannot_be_believed_gives_way_to_ours() {
    let gate = gate_with(Rate::FEED);
    let ais = gate.verify(&Peer::Feed(&DeviceId::new("ais").unwrap()), NOW).unwrap();
    for (offset_s, believed) in
        [(0.5, true), (9.0, true), (11.0, false), (-21_000.0, true), (-22_000.0, false)]
    {
        let said = NOW.plus_s(offset_s);
        let record = gate.admit(&ais, sighting(Some(said)), NOW, NOW).unwrap().into_inner();
        assert_eq!(record.occurred_at == said, believed, "{offset_s} s");
    }
}

#[test]
fn only_detectors_raise_alerts_and_only_people_act() {
    let gate = gate_with(Rate::FEED);
    let ais = gate.verify(&Peer::Feed(&DeviceId::new("ais").unwrap()), NOW).unwrap();
    let officer = session(&[Role::WatchOfficer], "secret");
    let officer = gate.verify(&Peer::Session(&officer), NOW).unwrap();
    let status = Claim::of(Body::Status(Status::Node { text: "up".into() }));
    for (by, claim, may) in [
        (&ais, acknowledge(), false),
        (&ais, status.clone(), false),
        (&gate.view(ViewName::Detect), acknowledge(), false),
        (&gate.view(ViewName::Detect), status.clone(), false),
        (&gate.view(ViewName::Node), status, true),
        (&officer, sighting(None), false),
        (&officer, acknowledge(), true),
    ] {
        let said = claim.body.kind();
        let answer = gate.admit(by, claim, NOW, NOW);
        assert_eq!(answer.is_ok(), may, "{} says {said}", by.actor());
    }
}

#[test]
fn an_auditor_looks_on() {
    let gate = gate_with(Rate::FEED);
    let auditor = session(&[Role::Auditor], "secret");
    let auditor = gate.verify(&Peer::Session(&auditor), NOW).unwrap();
    assert_eq!(gate.admit(&auditor, acknowledge(), NOW, NOW).unwrap_err().rule, Rule::Role);
    let sign_out = Claim::of(Body::Act(Act::SignOut));
    assert!(gate.admit(&auditor, sign_out, NOW, NOW).is_ok());
}

#[test]
fn a_session_ends_on_its_minute() {
    let gate = gate_with(Rate::FEED);
    let officer = session(&[Role::WatchOfficer], "secret");
    let late = gate.verify(&Peer::Session(&officer), officer.expires_at);
    assert_eq!(late.unwrap_err().rule, Rule::SessionEnded);
}

#[test]
fn an_author_over_its_budget_is_refused_and_the_sum_becomes_one_claim() {
    let gate = gate_with(Rate { per_s: 10.0, burst: 10.0 });
    let ais = gate.verify(&Peer::Feed(&DeviceId::new("ais").unwrap()), NOW).unwrap();
    let admitted =
        (0..1_000).filter(|_| gate.admit(&ais, sighting(None), NOW, NOW).is_ok()).count();
    assert_eq!(admitted, 10);
    let later = NOW.plus_s(1.0);
    assert!(gate.admit(&ais, sighting(None), later, later).is_ok());

    assert!(gate.drain_refusals(NOW).is_empty(), "the minute is not over");
    let sums = gate.drain_refusals(NOW.plus_s(120.0));
    let [Claim { body: Body::Refusal(sum), .. }] = sums.as_slice() else {
        panic!("{sums:?}");
    };
    assert_eq!((sum.count, sum.rule.as_str()), (990, "over-budget"));
    assert_eq!(sum.actor, Some(Actor::Device(DeviceId::new("ais").unwrap())));
}

#[test]
fn a_thousand_strangers_make_a_bounded_number_of_sums() {
    let gate = gate_with(Rate::FEED);
    for number in 0..5_000 {
        let person = PersonId::new(&format!("p{number}")).unwrap();
        let ended = Session { person, expires_at: NOW, ..session(&[], "open") };
        assert!(gate.verify(&Peer::Session(&ended), NOW).is_err());
    }
    let sums = gate.drain_refusals(NOW.plus_s(120.0));
    assert!(sums.len() <= 1_001, "{}", sums.len());
    let total: u64 = sums
        .iter()
        .map(|claim| if let Body::Refusal(sum) = &claim.body { sum.count } else { 0 })
        .sum();
    assert_eq!(total, 5_000, "none is lost");
}

#[test]
fn an_alert_without_a_cause_is_refused() {
    use picket_model::{Alert, AlertChange, Severity, Subject};
    let gate = gate_with(Rate::FEED);
    let claim = Claim::of(Body::Alert(Box::new(Alert {
        id: AlertId([0; 16]),
        detector: "x".into(),
        version: 1,
        change: AlertChange::Raised,
        severity: Severity::Caution,
        title: "".into(),
        why_text: "".into(),
        why: Vec::new(),
        subject: Subject::Mmsi(1),
        track: None,
        area: None,
        position: None,
        opened_at: NOW,
        count: 1,
        exercise: false,
    })));
    let answer = gate.admit(&gate.view(ViewName::Detect), claim, NOW, NOW);
    assert_eq!(answer.unwrap_err().rule, Rule::NoReason);
}

struct Thing(Label);
impl Labelled for Thing {
    fn label(&self) -> &Label {
        &self.0
    }
}

#[test]
fn nothing_is_released_above_the_clearance() {
    let gate = gate_with(Rate::FEED);
    let officer = session(&[Role::WatchOfficer], "restricted/NORTH");
    let officer = gate.verify(&Peer::Session(&officer), NOW).unwrap();
    for (bears, may) in [
        ("open", true),
        ("restricted/NORTH", true),
        ("restricted/SOUTH", false),
        ("confidential", false),
    ] {
        let answer = gate.release(&Thing(label(bears)), &officer, NOW).is_ok();
        assert_eq!(answer, may, "{bears}");
    }
}

fn any_label() -> impl Strategy<Value = Label> {
    let members = proptest::collection::btree_set(
        prop_oneof![Just("A"), Just("B"), Just("C")].prop_map(Arc::from),
        0..3,
    );
    (0_u8..4, members.clone(), members).prop_map(|(level, compartments, releasable_to)| Label {
        level,
        compartments,
        releasable_to,
    })
}

proptest! {
    #[test]
    fn a_label_never_falls_on_any_path(a in any_label(), b in any_label(), clear in any_label()) {
        let joined = a.join(&b);
        prop_assert!(joined.dominates(&a) && joined.dominates(&b));
        prop_assert!(joined.releasable_to.is_subset(&a.releasable_to));
        prop_assert!(joined.releasable_to.is_subset(&b.releasable_to));
        if clear.dominates(&joined) {
            prop_assert!(clear.dominates(&a) && clear.dominates(&b));
        }
        prop_assert_eq!(a.join(&b), b.join(&a));
    }

    #[test]
    fn what_the_gate_admits_bears_at_least_the_floor(floor in any_label()) {
        let gate = gate_with(Rate::FEED);
        let ais = gate.verify(&Peer::Feed(&DeviceId::new("ais").unwrap()), NOW).unwrap();
        let claim = Claim { floor: Some(floor.clone()), ..sighting(None) };
        let record = gate.admit(&ais, claim, NOW, NOW).unwrap().into_inner();
        prop_assert!(record.label.dominates(&floor));
        prop_assert!(record.label.dominates(&label("restricted")));
    }
}
