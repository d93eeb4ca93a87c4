//! The live stream over real sockets.

use crate::support::{Node, alert, id, ship};
use picket_gate::Role;
use picket_model::Alert;

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_gets_a_snapshot_attributes_and_heartbeats() {
    let node = Node::start().await;
    node.hear("ais-coast", ship(503_551_000, -23.8, 151.3, node.clock.now())).await;
    let screen = node.officer().await;
    let mut live = screen.live(&node).await;
    let snapshot = live.frame().await.unwrap();
    assert_eq!(&snapshot[..8], b"PCKT\x01\x01\x00\x00");
    assert_eq!(snapshot.len(), 24 + 20);
    let lon = i32::from_le_bytes(snapshot[28..32].try_into().unwrap());
    assert!((1_512_990_000..1_513_010_000).contains(&lon), "{lon}");
    assert_eq!(&snapshot[40..42], &11_u16.to_le_bytes(), "vessel, neutral");
    let mut kinds = Vec::new();
    while !(kinds.contains(&6) && kinds.contains(&5)) {
        kinds.push(live.frame().await.unwrap()[5]);
    }
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_screen_sees_an_act_of_the_first() {
    let node = Node::start().await;
    let first = node.officer().await;
    let second = node.sign_in("officer-2", Role::WatchOfficer, "open").await;
    let visitor = node.sign_in("visitor", Role::WatchOfficer, "open").await;
    let mut live = second.live(&node).await;
    let mut other = visitor.live(&node).await;
    node.alarm(alert(1, "Hidden", node.clock.now()), "restricted").await;
    node.alarm(alert(2, "Person inside North Ammo", node.clock.now()), "open").await;
    let event = live.event("alert", |_| true).await;
    assert_eq!(event["alert"]["id"], id(2), "the hidden one is never told");
    assert_eq!(event["alert"]["state"], "new");
    let path = format!("/api/v1/alerts/{}/acknowledge", id(2));
    assert_eq!(first.post(&node, &path, r#"{"reason":""}"#).await.status, 200);
    let event = live.event("alert", |event| event["alert"]["state"] == "acknowledged").await;
    assert_eq!(event["alert"]["assignee"], "officer-1");
    other.event("alert", |event| event["alert"]["state"] == "acknowledged").await;
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_and_a_selection_are_obeyed() {
    let node = Node::start().await;
    let now = node.clock.now();
    node.hear("ais-coast", ship(503_551_000, -23.8, 151.3, now)).await;
    let screen = node.officer().await;
    let mut live = screen.live(&node).await;
    assert_eq!(live.frame().await.unwrap().len(), 44);
    live.say(r#"{"subscribe":{"box":[10,50,11,51]}}"#).await;
    loop {
        let frame = live.frame().await.unwrap();
        if frame[5] == 3 {
            assert_eq!(frame.len(), 28, "the ship is outside now");
            break;
        }
    }
    live.say(r#"{"subscribe":{"box":[151,-24,152,-23]}}"#).await;
    loop {
        let frame = live.frame().await.unwrap();
        if frame[5] == 2 {
            assert_eq!(frame.len(), 44, "and is back");
            break;
        }
    }
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_talks_rubbish_is_cut_off_alone() {
    let node = Node::start().await;
    let screen = node.officer().await;
    let mut good = screen.live(&node).await;
    let large = format!(r#"{{"select":{}}}"#, "1".repeat(5_000));
    for rubbish in ["nonsense", r#"{"subscribe":{"box":[1,2,3]}}"#, large.as_str()] {
        let mut bad = screen.live(&node).await;
        bad.say(rubbish).await;
        while bad.frame().await.is_some() {}
    }
    good.say(r#"{"select":null}"#).await;
    node.alarm(alert(1, "Person", node.clock.now()), "open").await;
    good.event("alert", |_| true).await;
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_that_does_not_read_holds_up_nobody_and_ends_with_the_newest_state() {
    let node = Node::start().await;
    let screen = node.officer().await;
    let mut slow = screen.live(&node).await;
    let mut quick = screen.live(&node).await;
    for count in 1..=200 {
        let changed = Alert { count, ..alert(1, &"x".repeat(60_000), node.clock.now()) };
        node.alarm(changed, "open").await;
    }
    quick.event("alert", |event| event["alert"]["count"] == 200).await;
    slow.event("alert", |event| event["alert"]["count"] == 200).await;
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_are_bounded_for_each_person_and_given_back() {
    let node = Node::start().await;
    let screen = node.officer().await;
    let other = node.sign_in("officer-2", Role::WatchOfficer, "open").await;
    let mut open = Vec::new();
    for _ in 0..16 {
        open.push(screen.live(&node).await);
    }
    let origin = format!("https://{}", node.host());
    assert_eq!(crate::support::live(&node, &screen.cookie, &origin).await.err(), Some(503));
    assert!(crate::support::live(&node, &other.cookie, &origin).await.is_ok());
    drop(open.pop());
    while crate::support::live(&node, &screen.cookie, &origin).await.is_err() {
        tokio::task::yield_now().await;
    }
    node.stop().await;
}
