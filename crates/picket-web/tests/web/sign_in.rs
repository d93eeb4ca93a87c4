//! Sign-in by a one-time link, over real sockets.

use crate::support::{Ask, Node, live, settings, token};
use picket_gate::Role;
use picket_web::Settings;

#[tokio::test(flavor = "multi_thread")]
async fn a_link_signs_in_once_and_the_log_says_so() {
    let node = Node::start().await;
    let link = node.link("officer-1", Role::WatchOfficer, "restricted");
    let start = format!("https://localhost:{}/enrol#", node.people.port());
    assert!(link.url.starts_with(&start));
    let answer = node.redeem(&token(&link)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["name"], "officer-1");
    assert_eq!(answer.json()["roles"][0], "watch_officer");
    let cookie = &answer.headers["set-cookie"];
    assert!(cookie.starts_with("picket_session="));
    for flag in ["; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    let again = node.redeem(&token(&link)).await;
    assert_eq!(again.status, 403);
    assert_eq!(again.headers["content-type"], "application/problem+json");
    let cookie = answer.cookie().unwrap();
    let session = node.ask(Ask::get("/api/v1/session").header("Cookie", &cookie)).await;
    assert_eq!(session.json()["name"], "officer-1");
    assert!(session.json()["expires_at"].as_str().unwrap().ends_with('Z'));
    let acts =
        node.ask(Ask::get("/api/v1/audit/entries?kind=act").header("Cookie", &cookie)).await.json();
    assert_eq!(acts["entries"][0]["author"], "officer-1");
    assert_eq!(acts["entries"][0]["body"]["act"], "sign in");
    assert_eq!(acts["entries"].as_array().unwrap().len(), 1, "a refused link is no sign-in");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_who_race_for_a_link_one_signs_in() {
    let node = std::sync::Arc::new(Node::start().await);
    let token = token(&node.link("officer-1", Role::WatchOfficer, "open"));
    let mut race = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (node, token) = (node.clone(), token.clone());
        race.spawn(async move { node.redeem(&token).await.status });
    }
    let mut statuses = race.join_all().await;
    statuses.sort_unstable();
    let expected: Vec<u16> = std::iter::once(200).chain(std::iter::repeat_n(403, 19)).collect();
    assert_eq!(statuses, expected);
    std::sync::Arc::into_inner(node).unwrap().stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_links_that_are_late_unknown_or_no_links() {
    let node = Node::with(Settings { link_s: -1.0, ..settings() }).await;
    let late = token(&node.link("officer-1", Role::WatchOfficer, "open"));
    for token in [late.as_str(), "", "0", &"0".repeat(64), &"é".repeat(32)] {
        let answer = node.redeem(token).await;
        assert_eq!(answer.status, 403, "{token}");
        assert_eq!(answer.cookie(), None);
    }
    let path = "/api/v1/enrol/redeem";
    for (body, status) in [("", 400), ("{", 400), ("{}", 400), (r#"{"token":7}"#, 400)] {
        assert_eq!(node.ask(Ask::post(path, body)).await.status, status, "{body}");
    }
    let form = Ask::of("POST", path).header("Content-Type", "text/plain");
    assert_eq!(node.ask(form).await.status, 415);
    let large = format!(r#"{{"token":"{}"}}"#, "0".repeat(100_000));
    assert_eq!(node.ask(Ask::post(path, &large)).await.status, 413);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_too_often_has_to_wait() {
    let node = Node::start().await;
    let mut statuses = Vec::new();
    for _ in 0..70 {
        statuses.push(node.redeem(&"0".repeat(64)).await.status);
    }
    assert!(statuses[..60].iter().all(|status| *status == 403));
    assert!(statuses.contains(&429));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_answers_without_a_session() {
    let node = Node::start().await;
    for path in [
        "bootstrap",
        "session",
        "tracks",
        "tracks/T1",
        "alerts",
        "alerts/00",
        "devices",
        "audit/entries",
        "audit/checkpoint",
        "audit/proof/0",
        "openapi.json",
        "advice",
        "nonsense",
        "live",
    ] {
        let answer = node.ask(Ask::get(&format!("/api/v1/{path}"))).await;
        assert_eq!(answer.status, 401, "{path}");
        assert_eq!(answer.headers["cache-control"], "no-store");
        let forged = format!("picket_session={}", "0".repeat(64));
        let ask = Ask::get(&format!("/api/v1/{path}")).header("Cookie", &forged);
        assert_eq!(node.ask(ask).await.status, 401, "{path}");
    }
    assert_eq!(node.ask(Ask::get("/api/v1/health")).await.status, 200);
    assert_eq!(node.ask(Ask::get("/api/v1/ready")).await.status, 200);
    node.ready.send_replace(false);
    assert_eq!(node.ask(Ask::get("/api/v1/ready")).await.status, 503);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_another_site_made_changes_nothing() {
    let node = Node::start().await;
    let screen = node.officer().await;
    let other = node.officer().await;
    let path = "/api/v1/enrol/links";
    let ask = || Ask::post(path, "{}").header("Cookie", &screen.cookie);
    let own = format!("https://{}", node.host());
    assert_eq!(node.ask(ask()).await.status, 403, "no value");
    let wrong = ask().header("X-Picket-CSRF", "0");
    assert_eq!(node.ask(wrong).await.status, 403, "a wrong value");
    let borrowed = ask().header("X-Picket-CSRF", &other.csrf);
    assert_eq!(node.ask(borrowed).await.status, 403, "another session's value");
    let right = || ask().header("X-Picket-CSRF", &screen.csrf);
    let foreign = right().header("Origin", "https://example.org");
    assert_eq!(node.ask(foreign).await.status, 403, "another origin");
    let downgraded = right().header("Origin", &own.replace("https", "http"));
    assert_eq!(node.ask(downgraded).await.status, 403, "another scheme");
    let rebound = right().header("Host", "example.org");
    assert_eq!(node.ask(rebound).await.status, 421, "a name that was made to lead here");
    let answer = node.ask(right().header("Origin", &own)).await;
    assert_eq!(answer.status, 200);
    let redeem = Ask::post("/api/v1/enrol/redeem", r#"{"token":"0"}"#);
    let answer = node.ask(redeem.header("Origin", "https://example.org")).await;
    assert_eq!(answer.json()["title"], "Forged request");
    assert_eq!(live(&node, &screen.cookie, "https://example.org").await.err(), Some(403));
    assert_eq!(live(&node, "picket_session=0", &own).await.err(), Some(401));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_signs_in_another_and_signing_out_ends_only_one() {
    let node = Node::start().await;
    let first = node.officer().await;
    let link = first.post(&node, "/api/v1/enrol/links", "{}").await.json();
    let url = link["url"].as_str().unwrap();
    assert!(url.starts_with(&format!("https://{}/enrol#", node.host())));
    let answer = node.redeem(url.split_once('#').unwrap().1).await;
    assert_eq!(answer.json()["name"], "officer-1");
    let second = answer.cookie().unwrap();
    let delete = Ask::of("DELETE", "/api/v1/session").header("Cookie", &first.cookie);
    let gone = node.ask(delete.header("X-Picket-CSRF", &first.csrf)).await;
    assert_eq!(gone.status, 204);
    assert!(gone.headers["set-cookie"].contains("Max-Age=0"));
    assert_eq!(first.get(&node, "/api/v1/session").await.status, 401);
    let session = node.ask(Ask::get("/api/v1/session").header("Cookie", &second)).await;
    assert_eq!(session.status, 200);
    let acts = Ask::get("/api/v1/audit/entries?kind=act").header("Cookie", &second);
    let acts = node.ask(acts).await.json();
    let verbs: Vec<&str> = acts["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["body"]["act"].as_str().unwrap())
        .collect();
    assert_eq!(verbs, ["sign in", "issue link", "sign in", "sign out"]);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_takes_its_live_screen_along() {
    let node = Node::start().await;
    let screen = node.officer().await;
    let mut live = screen.live(&node).await;
    assert_eq!(live.frame().await.unwrap()[5], 1);
    let delete = Ask::of("DELETE", "/api/v1/session").header("Cookie", &screen.cookie);
    node.ask(delete.header("X-Picket-CSRF", &screen.csrf)).await;
    live.event("sign_out", |_| true).await;
    assert_eq!(live.frame().await, None);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_by_itself_and_the_live_screen_is_told() {
    let node = Node::with(Settings { session_s: 1.5, ..settings() }).await;
    let screen = node.officer().await;
    let mut live = screen.live(&node).await;
    live.event("sign_out", |_| true).await;
    assert_eq!(live.frame().await, None);
    assert_eq!(screen.get(&node, "/api/v1/session").await.status, 401);
    node.stop().await;
}
