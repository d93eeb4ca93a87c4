//! The stream of entries over real sockets.

use picket_gate::Role;

use crate::support::{Node, alert, ship, socket};

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_gets_the_log_from_a_place_on_and_then_what_comes_without_a_hole() {
    let node = Node::start().await;
    let now = node.clock.now();
    node.hear("ais-coast", ship(503_551_000, -23.8, 151.3, now)).await;
    let screen = node.officer().await;
    let mut stream = screen.stream(&node, "?since=0").await;
    node.hear("ais-coast", ship(503_552_000, -23.8, 151.4, now)).await;
    let mut next = 0;
    let mut ships = 0;
    while ships < 6 {
        let line = stream.line().await.unwrap();
        assert_eq!(line["seq"], next, "each entry once, in order");
        next += 1;
        ships += u32::from(line["kind"] == "observation");
    }
    node.stop().await;
    while stream.line().await.is_ok() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_gets_what_it_asked_for_and_may_see() {
    let node = Node::start().await;
    let now = node.clock.now();
    let visitor = node.sign_in("visitor", Role::WatchOfficer, "open").await;
    let mut alerts = visitor.stream(&node, "?class=1").await;
    let mut east = visitor.stream(&node, "?class=5&area=151.35,-24,151.6,-23").await;
    node.hear("ais-coast", ship(503_551_000, -23.8, 151.3, now)).await;
    node.hear("radar", ship(503_552_000, -23.8, 151.4, now)).await;
    node.hear("ais-coast", ship(503_553_000, -23.8, 151.5, now)).await;
    node.alarm(alert(1, "Hidden", now), "restricted").await;
    node.alarm(alert(2, "Shown", now), "open").await;
    assert_eq!(alerts.line().await.unwrap()["body"]["title"], "Shown");
    let heard = east.line().await.unwrap();
    assert_eq!(heard["body"]["ids"][0]["value"], "503553000");
    for query in ["?class=7", "?class=x", "?area=nowhere", "?area=1,2,3", "?since=-1", "?who=me"] {
        let path = format!("/api/v1/stream{query}");
        let origin = format!("https://{}", node.host());
        let refused = socket(&node, &path, &visitor.cookie, &origin).await;
        assert_eq!(refused.err(), Some(400), "{query}");
    }
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_stream() {
    let node = Node::start().await;
    let screen = node.officer().await;
    let mut stream = screen.stream(&node, "?class=1").await;
    assert_eq!(screen.delete(&node, "/api/v1/session").await.status, 204);
    assert_eq!(stream.line().await, Err("signed out".to_owned()));
    node.stop().await;
}
