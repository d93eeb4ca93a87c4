//! The API over real sockets, in front of a real core and log.

use crate::support::{Ask, Node, alert, id, ship};
use picket_gate::Role;
use picket_log::verify_proof;
use picket_model::{Alert, Severity};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn bootstrap_says_what_the_page_needs() {
    let node = Node::start().await;
    let screen = node.officer().await;
    let site = screen.get(&node, "/api/v1/bootstrap").await.json();
    assert_eq!(site["site"], "demo");
    assert_eq!(site["mode"], "EXERCISE");
    assert_eq!(site["me"], json!({"name": "officer-1", "roles": ["watch_officer"]}));
    assert_eq!(site["labels"]["levels"][1], "restricted");
    assert_eq!(site["symbols"][11], "13043000001400000000", "vessel, neutral");
    assert_eq!(site["areas"][0]["hours"], "22:00-06:00");
    assert_eq!(site["areas"][0]["polygon"][0], json!([151.26, -23.84]));
    assert_eq!(site["close_reasons"][6], "other");
    let home = &site["home"];
    assert!(home["lon_deg"].is_number() && home["lat_deg"].is_number() && home["zoom"].is_number());
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tracks_are_shown_filtered_and_only_within_the_clearance() {
    let node = Node::start().await;
    let now = node.clock.now();
    node.hear("ais-coast", ship(503_551_000, -23.8, 151.3, now)).await;
    node.hear("radar", ship(503_552_000, -23.9, 151.4, now)).await;
    let cleared = node.officer().await;
    let visitor = node.sign_in("visitor", Role::WatchOfficer, "open").await;
    let all = cleared.get(&node, "/api/v1/tracks").await.json();
    assert_eq!(all["tracks"].as_array().unwrap().len(), 2, "{all}");
    let open = visitor.get(&node, "/api/v1/tracks").await.json();
    assert_eq!(open["tracks"].as_array().unwrap().len(), 1);
    let track = &open["tracks"][0];
    assert_eq!(track["name"], "SHIP 503551000");
    assert_eq!(track["kind"], "vessel");
    assert_eq!(track["state"], "live");
    assert_eq!(track["sources"][0]["author"], "ais-coast");
    assert_eq!(track["sources"][0]["auth"], "none");
    assert_eq!(track["flags"], json!(["simulated"]));
    assert!(track.get("trail").is_none());
    let hidden = all["tracks"].as_array().unwrap().iter().find(|t| t["id"] != track["id"]).unwrap();
    let path = |id: &str| format!("/api/v1/tracks/{id}");
    let forbidden = visitor.get(&node, &path(hidden["id"].as_str().unwrap())).await;
    let absent = visitor.get(&node, &path("T999999")).await;
    assert_eq!(forbidden.status, 404);
    assert_eq!(forbidden.body, absent.body, "a forbidden id answers as one that is not there");
    let one = visitor.get(&node, &path(track["id"].as_str().unwrap())).await.json();
    assert_eq!(one["trail"][0].as_array().unwrap().len(), 3);
    for (query, count) in [
        ("q=ship%20503552", 1),
        ("q=nobody", 0),
        ("area=151.2,-23.85,151.35,-23.7", 1),
        ("area=0,0,1,1", 0),
        ("kind=vessel", 2),
        ("kind=person", 0),
        ("affiliation=hostile", 0),
    ] {
        let found = cleared.get(&node, &format!("/api/v1/tracks?{query}")).await.json();
        assert_eq!(found["tracks"].as_array().unwrap().len(), count, "{query}");
    }
    for (query, status) in
        [("area=1,2,3", 400), ("area=a,b,c,d", 400), ("kind=ufo", 400), ("at=yesterday", 400)]
    {
        let answer = cleared.get(&node, &format!("/api/v1/tracks?{query}")).await;
        assert_eq!(answer.status, status, "{query}");
    }
    let devices = |of: serde_json::Value| of["devices"].as_array().unwrap().len();
    assert_eq!(devices(cleared.get(&node, "/api/v1/devices").await.json()), 2);
    assert_eq!(devices(visitor.get(&node, "/api/v1/devices").await.json()), 1);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_officers_the_second_is_told_who_was_first() {
    let node = Node::start().await;
    node.alarm(alert(1, "Person inside North Ammo", node.clock.now()), "open").await;
    let first = node.officer().await;
    let second = node.sign_in("officer-2", Role::WatchOfficer, "open").await;
    let path = format!("/api/v1/alerts/{}/acknowledge", id(1));
    let done = first.post(&node, &path, r#"{"reason":""}"#).await;
    assert_eq!(done.status, 200, "{}", done.text());
    let done = done.json();
    assert_eq!(done["alert"]["state"], "acknowledged");
    assert_eq!(done["alert"]["assignee"], "officer-1");
    let late = second.post(&node, &path, r#"{"reason":""}"#).await;
    assert_eq!(late.status, 409);
    let detail = late.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("acknowledged by officer-1 at "), "{detail}");
    let seq = done["audit_seq"].as_u64().unwrap();
    let entries =
        first.get(&node, &format!("/api/v1/audit/entries?from_seq={seq}&limit=1")).await.json();
    assert_eq!(entries["entries"][0]["id"], done["audit_hash"]);
    assert_eq!(entries["entries"][0]["body"]["act"], "acknowledge");
    let closed = format!("/api/v1/alerts/{}/close", id(1));
    assert_eq!(second.post(&node, &closed, r#"{"reason":" "}"#).await.status, 400);
    let closing = second.post(&node, &closed, r#"{"reason":"handled"}"#).await.json();
    assert_eq!(closing["alert"]["state"], "closed");
    let note = format!("/api/v1/alerts/{}/note", id(1));
    let noted = first.post(&node, &note, r#"{"text":"gate was open"}"#).await.json();
    assert_eq!(
        noted["alert"]["history"].as_array().unwrap().last().unwrap()["reason"],
        "gate was open"
    );
    let assess = format!("/api/v1/alerts/{}/assess", id(1));
    assert_eq!(first.post(&node, &assess, r#"{"verdict":"perhaps"}"#).await.status, 400);
    let assessed = first.post(&node, &assess, r#"{"verdict":"true","reason":"seen"}"#).await;
    assert_eq!(assessed.status, 200);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_see_or_act_is_told_no_more_than_that() {
    let node = Node::start().await;
    let now = node.clock.now();
    node.alarm(alert(1, "Hidden", now), "restricted").await;
    node.alarm(alert(2, "Open", now), "open").await;
    let visitor = node.sign_in("visitor", Role::WatchOfficer, "open").await;
    let auditor = node.sign_in("auditor", Role::Auditor, "secret").await;
    let shown = visitor.get(&node, "/api/v1/alerts").await.json();
    assert_eq!(shown["alerts"].as_array().unwrap().len(), 1);
    for verb in ["", "/acknowledge", "/close", "/note"] {
        let body = r#"{"reason":"x","text":"x"}"#;
        let path = |id: &str| format!("/api/v1/alerts/{id}{verb}");
        let [hidden, absent, rubbish] = if verb.is_empty() {
            [
                visitor.get(&node, &path(&id(1))).await,
                visitor.get(&node, &path(&id(9))).await,
                visitor.get(&node, &path("zz")).await,
            ]
        } else {
            [
                visitor.post(&node, &path(&id(1)), body).await,
                visitor.post(&node, &path(&id(9)), body).await,
                visitor.post(&node, &path("zz"), body).await,
            ]
        };
        assert_eq!(hidden.status, 404, "{verb}");
        assert_eq!(hidden.body, absent.body, "{verb}");
        assert_eq!(hidden.body, rubbish.body, "{verb}");
    }
    let path = format!("/api/v1/alerts/{}/acknowledge", id(2));
    let refused = auditor.post(&node, &path, r#"{"reason":""}"#).await;
    assert_eq!(refused.status, 403);
    assert!(refused.json()["detail"].as_str().unwrap().contains("role"), "{}", refused.text());
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_shelved_for_a_while_by_who_may() {
    let node = Node::start().await;
    let now = node.clock.now();
    node.alarm(alert(1, "Critical", now), "open").await;
    let serious = Alert { severity: Severity::Serious, ..alert(2, "Serious", now) };
    node.alarm(serious, "open").await;
    let officer = node.officer().await;
    let supervisor = node.sign_in("supervisor", Role::Supervisor, "open").await;
    let body = |s: f64| {
        json!({"reason": "works on the fence", "until": now.plus_s(s).to_string()}).to_string()
    };
    let path = |n| format!("/api/v1/alerts/{}/shelve", id(n));
    assert_eq!(officer.post(&node, &path(1), &body(900.0)).await.status, 403);
    assert_eq!(supervisor.post(&node, &path(1), &body(900.0)).await.status, 200);
    for (until_s, status) in [(-1.0, 400), (9.0 * 3_600.0, 400), (900.0, 200)] {
        let answer = officer.post(&node, &path(2), &body(until_s)).await;
        assert_eq!(answer.status, status, "{until_s}");
    }
    let shelved = officer.get(&node, "/api/v1/alerts?state=shelved").await.json();
    assert_eq!(shelved["alerts"].as_array().unwrap().len(), 2);
    assert_eq!(officer.get(&node, "/api/v1/alerts?state=lost").await.status, 400);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_shown_and_proven_within_the_clearance() {
    let node = Node::start().await;
    let now = node.clock.now();
    node.hear("ais-coast", ship(503_551_000, -23.8, 151.3, now)).await;
    node.hear("radar", ship(503_552_000, -23.9, 151.4, now)).await;
    let cleared = node.officer().await;
    let visitor = node.sign_in("visitor", Role::WatchOfficer, "open").await;
    let seen = |of: &serde_json::Value| of["entries"].as_array().unwrap().clone();
    let path = "/api/v1/audit/entries?kind=observation";
    let all = seen(&cleared.get(&node, path).await.json());
    let open = seen(&visitor.get(&node, path).await.json());
    assert_eq!((all.len(), open.len()), (6, 3));
    assert!(open.iter().all(|entry| entry["label"] == "open"));
    let hidden = all.iter().find(|entry| entry["label"] == "restricted").unwrap();
    let proof = |entry: &serde_json::Value| format!("/api/v1/audit/proof/{}", entry["seq"]);
    assert_eq!(visitor.get(&node, &proof(hidden)).await.status, 404);
    assert_eq!(visitor.get(&node, "/api/v1/audit/proof/999999").await.status, 404);
    let proven = cleared.get(&node, &proof(hidden)).await;
    assert_eq!(proven.status, 200, "{}", proven.text());
    let proven = verify_proof(&proven.text(), None).unwrap();
    assert_eq!(proven.id.to_string(), hidden["id"].as_str().unwrap());
    let checkpoint = cleared.get(&node, "/api/v1/audit/checkpoint").await;
    assert!(checkpoint.headers["content-type"].starts_with("text/plain"));
    assert!(checkpoint.text().contains("\n\u{2014} "), "signed: {}", checkpoint.text());
    let mut from = 0;
    let mut seqs = Vec::new();
    loop {
        let page =
            cleared.get(&node, &format!("/api/v1/audit/entries?limit=2&from_seq={from}")).await;
        seqs.extend(seen(&page.json()).iter().map(|entry| entry["seq"].as_u64().unwrap()));
        match page.json()["next_seq"].as_u64() {
            Some(next) => from = next,
            None => break,
        }
    }
    let expected: Vec<u64> = (0..u64::try_from(seqs.len()).unwrap()).collect();
    assert_eq!(seqs, expected, "page by page, each once");
    for query in ["limit=0", "limit=501", "limit=x", "kind=gossip", "from_seq=-1"] {
        let answer = cleared.get(&node, &format!("/api/v1/audit/entries?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
    }
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_draws_an_area_and_erases_it_and_may_not_touch_the_configuration() {
    let node = Node::start().await;
    let officer = node.officer().await;
    let auditor = node.sign_in("auditor", Role::Auditor, "open").await;
    let pier = r#"{"name":"Pier 2","kind":"protected","polygon":[[151.2,-23.8],[151.3,-23.8],[151.3,-23.9]]}"#;
    assert_eq!(auditor.post(&node, "/api/v1/areas", pier).await.status, 403);
    let drawn = officer.post(&node, "/api/v1/areas", pier).await;
    assert_eq!(drawn.status, 200, "{}", drawn.text());
    assert_eq!(drawn.json()["area"]["drawn_by"], "officer-1");
    assert!(drawn.json()["audit_seq"].is_u64());
    let line = r#"{"name":"Line 4","line":[[151.2,-23.8],[151.3,-23.8]],"forbidden":"left","hours":"22:00-06:00"}"#;
    assert_eq!(
        officer.post(&node, "/api/v1/areas", line).await.json()["area"]["forbidden"],
        "left"
    );
    let names = |shown: serde_json::Value| -> Vec<String> {
        let all = ["areas", "lines"].map(|list| shown[list].as_array().unwrap().clone());
        all.iter().flatten().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    let shown = names(auditor.get(&node, "/api/v1/areas").await.json());
    assert_eq!(shown, ["North Ammo", "Pier 2", "Line 4"]);
    assert_eq!(names(auditor.get(&node, "/api/v1/bootstrap").await.json()), shown);
    let taken = pier.replace("Pier 2", "North Ammo");
    assert_eq!(officer.post(&node, "/api/v1/areas", &taken).await.status, 409);
    assert_eq!(officer.delete(&node, "/api/v1/areas/North%20Ammo").await.status, 409);
    assert_eq!(officer.delete(&node, "/api/v1/areas/Pier%202?reason=done").await.status, 200);
    assert_eq!(officer.delete(&node, "/api/v1/areas/Pier%202").await.status, 404);
    assert_eq!(names(auditor.get(&node, "/api/v1/areas").await.json()), ["North Ammo", "Line 4"]);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_built_or_not_there_says_so() {
    let node = Node::start().await;
    let screen = node.officer().await;
    for path in ["advice", "advice/7f3a", "forecast", "tasks", "devices/Fence-07", "gates"] {
        let answer = screen.get(&node, &format!("/api/v1/{path}")).await;
        assert_eq!(answer.status, 501, "{path}");
        assert_eq!(answer.json()["title"], "Not built yet");
    }
    assert_eq!(screen.get(&node, "/api/v1/nonsense").await.status, 404);
    assert_eq!(screen.get(&node, "/api/v2/tracks").await.status, 404);
    assert_eq!(screen.post(&node, "/api/v1/tracks", "{}").await.status, 405);
    assert_eq!(screen.get(&node, "/api/v1/live").await.status, 400, "no upgrade");
    let description = screen.get(&node, "/api/v1/openapi.json").await.json();
    assert_eq!(description["openapi"], "3.1.0");
    let head = Ask::of("HEAD", "/api/v1/tracks").header("Cookie", &screen.cookie);
    let head = node.ask(head).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    node.stop().await;
}
