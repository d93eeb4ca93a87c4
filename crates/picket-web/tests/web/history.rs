//! History and replay over real sockets.

use crate::support::{Ask, Live, Node, Screen, alert, area, id, ship, socket};
use picket_gate::Role;
use picket_model::{Alert, Area, Claim, Position, Severity, Subject, Time};
use serde_json::Value;

/// The track records of a snapshot or update: slot, longitude and latitude in 1e-7 degrees,
/// course, speed, symbol, and the flags without those of alerts.
fn records(frame: &[u8]) -> Vec<(u32, i32, i32, [u8; 6])> {
    let record = |bytes: &[u8]| {
        let word = |at: usize| <[u8; 4]>::try_from(&bytes[at..at + 4]).unwrap();
        let rest = [bytes[12], bytes[13], bytes[14], bytes[15], bytes[16], bytes[17]];
        (
            u32::from_le_bytes(word(0)),
            i32::from_le_bytes(word(4)),
            i32::from_le_bytes(word(8)),
            rest,
        )
    };
    frame[24..].chunks_exact(20).map(record).collect()
}

fn server_time(frame: &[u8]) -> f64 {
    f64::from_le_bytes(frame[16..24].try_into().unwrap())
}

/// The next snapshot and the state after it.
async fn sought(replay: &mut Live) -> (Vec<u8>, Vec<Value>, Value) {
    let (frames, state) = replay.until("replay").await;
    assert!(frames.iter().all(|frame| frame[6] & 1 == 1), "each bears the flag of the past");
    let snapshot = frames.iter().find(|frame| frame[5] == 1).expect("a snapshot").clone();
    let event = |frame: &Vec<u8>| serde_json::from_slice::<Value>(&frame[24..]).unwrap();
    let alerts = frames.iter().filter(|frame| frame[5] == 4).map(event);
    let alerts = alerts.filter(|event| event["type"] == "alert").collect();
    (snapshot, alerts, state)
}

async fn get(node: &Node, screen: &Screen, path: &str) -> Value {
    let answer = screen.get(node, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn named(mut claims: Vec<Claim>, mmsi: u32) -> Vec<Claim> {
    for claim in &mut claims {
        claim.subject = Some(Subject::Mmsi(mmsi));
    }
    claims
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_of_the_past_is_what_live_showed_then() {
    let node = Node::start().await;
    let now = node.clock.now();
    node.hear("ais-coast", ship(503_551_000, -23.8, 151.3, now)).await;
    node.hear("radar", named(ship(503_552_000, -23.7, 151.4, now), 503_552_000)).await;
    node.alarm(alert(1, "Person inside North Ammo", now), "open").await;
    let then = node.tick().await;
    let screen = node.officer().await;
    // What a live page gets, whose places the page carries on by their velocity to one time.
    let mut live = screen.live(&node).await;
    let snapshot = live.frame().await.unwrap();
    let mut replay = screen.replay(&node, then).await;
    let (past, alerts, state) = sought(&mut replay).await;
    assert_eq!(&past[..8], b"PCKT\x01\x01\x01\x00");
    assert!((server_time(&past) - then.unix_s_f64()).abs() < 0.002);
    let (shown, stood) = (records(&snapshot), records(&past));
    assert_eq!(shown.len(), 2);
    let s = server_time(&snapshot) - server_time(&past);
    for (shown, stood) in shown.iter().zip(&stood) {
        assert_eq!((shown.0, shown.3), (stood.0, stood.3), "{shown:?} {stood:?}");
        // 1 m/s east is 98 units of longitude a second here.
        assert!((f64::from(shown.1 - stood.1) - s * 98.0).abs() < 5.0 + s, "{shown:?} {stood:?}");
        assert!((shown.2 - stood.2).abs() <= 1);
    }
    assert_eq!(alerts.len(), 1);
    assert_eq!(alerts[0]["alert"]["state"], "new");
    assert_eq!((&state["playing"], &state["speed"]), (&false.into(), &1.0.into()));
    // What was done since does not show in the past.
    let path = format!("/api/v1/alerts/{}/acknowledge", id(1));
    assert_eq!(screen.post(&node, &path, r#"{"reason":""}"#).await.status, 200);
    let later = node.tick().await;
    replay.say(&format!(r#"{{"seek":"{then}"}}"#)).await;
    let (_, alerts, _) = sought(&mut replay).await;
    assert_eq!(alerts[0]["alert"]["state"], "new");
    replay.say(&format!(r#"{{"seek":"{later}"}}"#)).await;
    let (_, alerts, _) = sought(&mut replay).await;
    assert_eq!(alerts[0]["alert"]["state"], "acknowledged");
    // REST says the same.
    let tracks = get(&node, &screen, &format!("/api/v1/tracks?at={then}")).await;
    assert_eq!(tracks["tracks"].as_array().unwrap().len(), 2);
    assert_eq!(tracks["tracks"][0]["name"], "SHIP 503551000");
    assert!(tracks["tracks"][0]["sources"][0].get("reports_60s").is_none());
    let path = format!("/api/v1/tracks?at={then}&area=151.2,-23.9,151.35,-23.75");
    assert_eq!(get(&node, &screen, &path).await["tracks"].as_array().unwrap().len(), 1);
    assert_eq!(screen.get(&node, "/api/v1/tracks?at=noon").await.status, 400);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_below_a_label_sees_nothing_of_it_in_the_past() {
    let node = Node::start().await;
    let now = node.clock.now();
    node.hear("radar", ship(503_552_000, -23.7, 151.4, now)).await;
    node.alarm(Alert { severity: Severity::Serious, ..alert(1, "Hidden", now) }, "restricted")
        .await;
    let then = node.tick().await;
    let officer = node.officer().await;
    let auditor = node.sign_in("auditor-1", Role::Auditor, "open").await;
    for (screen, seen) in [(&officer, true), (&auditor, false)] {
        let count = |value: &Value, key: &str| value[key].as_array().unwrap().len();
        let tracks = get(&node, screen, &format!("/api/v1/tracks?at={then}")).await;
        assert_eq!(count(&tracks, "tracks") == 1, seen);
        let points = get(&node, screen, "/api/v1/tracks/T1/history").await;
        assert_eq!(count(&points, "points") > 0, seen);
        let path = "/api/v1/history?area=151,-24,152,-23&kind=observation&limit=2";
        let records = get(&node, screen, path).await;
        assert_eq!(count(&records, "records"), if seen { 2 } else { 0 });
        assert_eq!(records["more"], seen);
        let strip = get(&node, screen, "/api/v1/timeline").await;
        let sum = |key: &str| -> u64 {
            strip["bins"].as_array().unwrap().iter().map(|bin| bin[key].as_u64().unwrap()).sum()
        };
        assert_eq!(sum("observations"), if seen { 3 } else { 0 });
        assert_eq!(sum("serious"), u64::from(seen));
        let mut replay = screen.replay(&node, then).await;
        let (snapshot, alerts, _) = sought(&mut replay).await;
        assert_eq!((records_len(&snapshot), alerts.len()), if seen { (1, 1) } else { (0, 0) });
    }
    // A track that is hidden and one that never was answer the same.
    let hidden = get(&node, &auditor, "/api/v1/tracks/T1/history").await;
    let absent = get(&node, &auditor, "/api/v1/tracks/T99/history").await;
    assert_eq!(hidden["points"], absent["points"]);
    node.stop().await;
}

fn records_len(frame: &[u8]) -> usize {
    records(frame).len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_seeks_plays_quickly_in_order_and_goes_round_a_loop() {
    let node = Node::start().await;
    let now = node.clock.now();
    node.hear("ais-coast", ship(503_551_000, -23.8, 151.3, now)).await;
    let mut first = node.tick().await;
    for count in 1..=5 {
        node.alarm(Alert { count, ..alert(1, "Person", node.clock.now()) }, "open").await;
        first = first.min(node.tick().await);
    }
    // The node's clock runs on while it plays: something must come seconds later.
    let mut last = node.tick().await;
    while last.since_s(first) < 3.0 {
        last = node.tick().await;
    }
    let screen = node.officer().await;
    let mut replay = screen.replay(&node, first.plus_s(-3_600.0)).await;
    let (snapshot, alerts, state) = sought(&mut replay).await;
    assert_eq!((records_len(&snapshot), alerts.len()), (0, 0), "before the first second");
    assert!(state["from"].as_str().unwrap() <= first.to_string().as_str());
    replay.say(&format!(r#"{{"seek":"{}"}}"#, first.plus_s(-0.5))).await;
    sought(&mut replay).await;
    replay.say(r#"{"speed":8}"#).await;
    let (_, state) = replay.until("replay").await;
    assert_eq!(state["speed"], 8.0);
    replay.say(r#"{"play":true}"#).await;
    let (mut time, mut count) = (0.0, 0);
    while time < last.unix_s_f64() - 0.5 {
        let frame = replay.frame().await.unwrap();
        assert!(server_time(&frame) >= time, "time goes forward");
        time = server_time(&frame);
        if frame[5] != 4 {
            continue;
        }
        let event: Value = serde_json::from_slice(&frame[24..]).unwrap();
        if event["type"] == "alert" {
            let new = event["alert"]["count"].as_u64().unwrap();
            assert!(new > count, "alerts in their order");
            count = new;
        }
    }
    assert_eq!(count, 5);
    replay.say(&format!(r#"{{"loop":["{first}","{}"]}}"#, first.plus_s(1.0))).await;
    let mut starts = 0;
    while starts < 3 {
        let frame = replay.frame().await.unwrap();
        starts += u32::from(frame[5] == 1);
        assert!(frame[5] != 1 || server_time(&frame) < first.unix_s_f64() + 0.01);
    }
    replay.say("nonsense").await;
    while replay.frame().await.is_some() {}
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_found_in_the_exact_polygon_of_a_named_area() {
    let node = Node::start().await;
    let now = node.clock.now();
    // The area is the half of its box to the south-east of a diagonal.
    let area = Area { hours: None, ..area() };
    for (mmsi, lat, lon) in [(1, -23.838, 151.278), (2, -23.822, 151.262), (3, -23.825, 151.278)] {
        node.hear("ais-coast", ship(503_551_000 + mmsi, lat, lon, now)).await;
    }
    node.tick().await;
    let inside = |lat, lon| area.depth_m(&Position::from_degrees(lat, lon).unwrap()) >= 0.0;
    assert!(inside(-23.838, 151.278) && !inside(-23.822, 151.262) && inside(-23.825, 151.278));
    let screen = node.officer().await;
    let subjects = |answer: &Value| -> Vec<String> {
        let mut all: Vec<String> = answer["records"]
            .as_array()
            .unwrap()
            .iter()
            .map(|record| record["subject"].as_str().unwrap().to_owned())
            .collect();
        all.dedup();
        all
    };
    let found = get(&node, &screen, "/api/v1/history?area=North%20Ammo&kind=observation").await;
    assert_eq!(subjects(&found), ["MMSI 503551001", "MMSI 503551003"]);
    let record = &found["records"][0];
    assert_eq!((&record["kind"], &record["author"]), (&"observation".into(), &"ais-coast".into()));
    assert!(record["id"].as_str().unwrap().len() == 64 && record["track"].is_string());
    let boxed = "/api/v1/history?area=151.26,-23.84,151.28,-23.82&kind=observation&limit=4";
    let found = get(&node, &screen, boxed).await;
    assert_eq!(found["records"].as_array().unwrap().len(), 4);
    assert_eq!((&found["more"], &found["incomplete"]), (&true.into(), &false.into()));
    for wrong in [
        "area=Nowhere",
        "kind=tick",
        "limit=0",
        "from=x",
        "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
    ] {
        let answer = screen.get(&node, &format!("/api/v1/history?{wrong}")).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_needs_a_session_and_a_replay_the_pages_own_origin() {
    let node = Node::start().await;
    let at: Time = node.tick().await;
    for path in ["/api/v1/history", "/api/v1/timeline", "/api/v1/tracks/T1/history"] {
        assert_eq!(node.ask(Ask::get(path)).await.status, 401, "{path}");
    }
    let screen = node.officer().await;
    let path = format!("/api/v1/replay?at={at}");
    let foreign = socket(&node, &path, &screen.cookie, "https://elsewhere.example").await;
    assert_eq!(foreign.err(), Some(403));
    let origin = format!("https://{}", node.host());
    for (path, status) in [("/api/v1/replay", 400), ("/api/v1/replay?at=x", 400)] {
        assert_eq!(socket(&node, path, &screen.cookie, &origin).await.err(), Some(status));
    }
    let quick = format!("{path}&speed=65");
    assert_eq!(socket(&node, &quick, &screen.cookie, &origin).await.err(), Some(400));
    let mut open = Vec::new();
    for _ in 0..4 {
        open.push(screen.replay(&node, at).await);
    }
    assert_eq!(socket(&node, &path, &screen.cookie, &origin).await.err(), Some(503));
    node.stop().await;
}
