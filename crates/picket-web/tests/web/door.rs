//! The door itself: TLS, rubbish, bounds, the page's files.

use std::net::SocketAddr;

use crate::support::{Ask, Node, PATIENCE, settings, token};
use picket_gate::Role;
use picket_web::{Door, Parts, Settings, WebError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

#[tokio::test(flavor = "multi_thread")]
async fn speaks_tls_1_3_with_the_hybrid_key_exchange() {
    let node = Node::start().await;
    let stream = node.tls().await;
    let (_, connection) = stream.get_ref();
    assert_eq!(connection.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_3));
    let group = connection.negotiated_key_exchange_group().unwrap().name();
    assert_eq!(group, rustls::NamedGroup::X25519MLKEM768);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_tls_1_2_with_the_alert_of_rfc_8446() {
    let node = Node::start().await;
    // A ClientHello of RFC 5246 §7.4.1.2: version 3.3, no supported_versions extension.
    let mut hello = vec![0x03, 0x03];
    hello.extend([7; 32]);
    hello.push(0);
    hello.extend([0x00, 0x02, 0xc0, 0x2b, 0x01, 0x00]);
    // supported_groups: secp256r1; signature_algorithms: ecdsa_secp256r1_sha256.
    hello.extend([0x00, 0x10, 0, 10, 0, 4, 0, 2, 0, 23, 0, 13, 0, 4, 0, 2, 4, 3]);
    let length = u8::try_from(hello.len()).unwrap();
    let mut record = vec![0x16, 0x03, 0x01, 0, length + 4, 0x01, 0, 0, length];
    record.extend(hello);
    let mut stream = TcpStream::connect(node.people).await.unwrap();
    stream.write_all(&record).await.unwrap();
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    // Alert, fatal, protocol_version (70): RFC 8446 §6.2.
    assert_eq!((answer[0], &answer[5..7]), (0x15, &[2, 70][..]), "{answer:02x?}");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rubbish_on_the_port_harms_nobody() {
    let node = Node::start().await;
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(TcpStream::connect(node.people).await.unwrap());
    }
    for rubbish in [&b"\0\0\0\0"[..], &[0x16; 4_096], &[0xff; 65_536], b"\x16\x03\x01\xff\xff"] {
        let mut stream = TcpStream::connect(node.people).await.unwrap();
        drop(stream.write_all(rubbish).await);
    }
    let mut plain = TcpStream::connect(node.people).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    drop(timeout(PATIENCE, plain.read_to_string(&mut answer)).await.unwrap());
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    let hint = format!("https://localhost:{}/", node.people.port());
    assert!(answer.contains(&hint), "{answer}");
    let mut broken = node.tls().await;
    broken.write_all(b"\x01\x02 nonsense\r\n\r\n").await.unwrap();
    let mut many = Ask::get("/");
    for n in 0..100 {
        many = many.header(&format!("X-{n}"), "1");
    }
    assert_eq!(node.ask(many).await.status, 431);
    let long = Ask::get("/").header("X-Long", &"x".repeat(64 * 1_024));
    assert_eq!(node.ask(long).await.status, 431);
    assert_eq!(node.ask(Ask::get("/")).await.status, 200);
    drop(silent);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn serves_the_page_with_its_headers() {
    let node = Node::start().await;
    for path in ["/", "/enrol", "/alerts/00ff"] {
        let page = node.ask(Ask::get(path)).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
        let policy = &page.headers["content-security-policy"];
        for part in ["default-src 'self'", "frame-ancestors 'none'", "object-src 'none'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
        assert_eq!(page.headers["referrer-policy"], "no-referrer");
        assert_eq!(page.headers["cross-origin-opener-policy"], "same-origin");
        assert_eq!(page.headers["cross-origin-resource-policy"], "same-origin");
        assert_eq!(page.headers["strict-transport-security"], "max-age=31536000");
    }
    assert_eq!(node.ask(Ask::get("/assets/none.js")).await.status, 404);
    assert_eq!(node.ask(Ask::get("/../Cargo.toml")).await.status, 404);
    assert_eq!(node.ask(Ask::of("POST", "/")).await.status, 405);
    let head = node.ask(Ask::of("HEAD", "/")).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    let whole = node.ask(Ask::get("/")).await;
    assert_eq!(head.headers["content-length"], whole.body.len().to_string());
    let known = Ask::get("/").header("If-None-Match", &whole.headers["etag"]);
    let known = node.ask(known).await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn serves_parts_of_the_base_map() {
    let node = Node::start().await;
    let path = "/world.pmtiles";
    let part = node.ask(Ask::get(path).header("Range", "bytes=0-6")).await;
    assert_eq!(part.status, 206);
    // PMTiles specification, version 3, §3: the magic number.
    assert_eq!(part.body, b"PMTiles");
    let range = &part.headers["content-range"];
    assert!(range.starts_with("bytes 0-6/"), "{range}");
    let beyond = node.ask(Ask::get(path).header("Range", "bytes=999999999-")).await;
    assert_eq!(beyond.status, 416);
    assert!(beyond.headers["content-range"].starts_with("bytes */"));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exercise_is_also_offered_on_this_machine_without_tls() {
    let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
    let node = Node::with(Settings { localhost_http: Some(loopback), ..settings() }).await;
    let plain = node.plain.unwrap();
    let link = node.link("officer-1", Role::WatchOfficer, "open");
    let url = link.localhost_url.as_deref().unwrap();
    assert!(url.starts_with(&format!("http://localhost:{}/enrol#", plain.port())));
    let host = format!("localhost:{}", plain.port());
    let ask = |ask: Ask| {
        let host = host.clone();
        async move { ask.over(TcpStream::connect(plain).await.unwrap(), &host).await }
    };
    let page = ask(Ask::get("/enrol")).await;
    assert_eq!(page.status, 200);
    assert!(!page.headers.contains_key("strict-transport-security"));
    let body = format!(r#"{{"token":"{}"}}"#, token(&link));
    let redeem = Ask::post("/api/v1/enrol/redeem", &body);
    let answer = ask(redeem.header("Origin", &format!("http://{host}"))).await;
    assert_eq!(answer.status, 200);
    let cookie = answer.cookie().unwrap();
    let site = ask(Ask::get("/api/v1/bootstrap").header("Cookie", &cookie)).await;
    assert_eq!(site.status, 200);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn says_in_one_sentence_why_it_cannot_open() {
    let node = Node::start().await;
    let parts = || {
        let (_, ready) = tokio::sync::watch::channel(true);
        Parts {
            gate: node.gate.clone(),
            inbox: node.inbox.clone(),
            bus: node.bus.clone(),
            clock: node.clock.clone(),
            history: None,
            ready,
        }
    };
    let taken = Settings { people: node.people, ..settings() };
    let error = Door::open(taken, parts()).await.unwrap_err();
    assert!(matches!(error, WebError::InUse { .. }));
    let text = error.to_string();
    assert!(text.contains(&node.people.to_string()), "{text}");
    assert!(text.contains("[doors] people"), "{text}");
    let anywhere = SocketAddr::from(([0, 0, 0, 0], 0));
    let open = Settings { localhost_http: Some(anywhere), ..settings() };
    let error = Door::open(open, parts()).await.unwrap_err();
    assert!(matches!(error, WebError::NotLoopback { .. }));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closes_live_screens_and_idle_connections_when_told_to_stop() {
    let node = Node::start().await;
    let screen = node.officer().await;
    let mut live = screen.live(&node).await;
    assert!(live.frame().await.is_some());
    let _idle = node.tls().await;
    let _silent = TcpStream::connect(node.people).await.unwrap();
    node.stop().await;
    while live.frame().await.is_some() {}
}
