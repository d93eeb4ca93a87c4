//! A whole node behind a door on a free port, and a client that shares no code with it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use aws_lc_rs::{digest, rand};
use futures_util::{SinkExt, StreamExt};
use picket_core::Core;
use picket_gate::{BuiltIn, Feed, Gate, Rate, Role};
use picket_link::{Bus, Clock, Inbox, Latency, Post, node};
use picket_log::Log;
use picket_model::observation::Frame;
use picket_model::*;
use picket_web::{Door, Links, Mode, Parts, Settings, SignInLink};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{self, Message, client::IntoClientRequest};

/// Longer than anything may take on a busy machine; a test that waits so long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Node {
    pub(crate) people: SocketAddr,
    pub(crate) plain: Option<SocketAddr>,
    pub(crate) links: Links,
    pub(crate) fingerprint: String,
    pub(crate) gate: Arc<Gate>,
    pub(crate) inbox: Inbox,
    pub(crate) bus: Bus,
    pub(crate) clock: Clock,
    pub(crate) history: picket_history::History,
    pub(crate) ready: watch::Sender<bool>,
    stop: watch::Sender<bool>,
    served: tokio::task::JoinHandle<()>,
    core: Option<JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

pub(crate) fn settings() -> Settings {
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    Settings {
        people: free,
        site: "demo".to_owned(),
        marking: "EXERCISE UNCLASSIFIED".to_owned(),
        mode: Mode::Exercise,
        ..Settings::default()
    }
}

pub(crate) fn area() -> Area {
    let corner = |lat, lon| Position::from_degrees(lat, lon).unwrap();
    let corners = vec![corner(-23.84, 151.26), corner(-23.84, 151.28), corner(-23.82, 151.28)];
    let area = Area::new(AreaName::new("North Ammo").unwrap(), "restricted", corners).unwrap();
    Area { hours: Some((22 * 60, 6 * 60)), ..area }
}

impl Node {
    pub(crate) async fn start() -> Self {
        Self::with(settings()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let feed = |name: &str, label| Feed {
            name: DeviceId::new(name).unwrap(),
            label: Levels::default().parse(label).unwrap(),
            rate: Rate::FEED,
        };
        let feeds = vec![feed("ais-coast", "open"), feed("radar", "restricted")];
        let gate = Arc::new(Gate::new(Levels::default(), Arc::new(BuiltIn), feeds));
        let clock = Clock::world();
        let entropy = |out: &mut [u8]| rand::fill(out).unwrap();
        let log_settings =
            picket_log::Settings { journal_bytes: 1 << 20, reserve_bytes: 0, ..Default::default() };
        let (log, _) = Log::open(folder.path(), log_settings, entropy, clock.now()).unwrap();
        let site = Site { name: "demo".to_owned(), areas: vec![area()], lines: Vec::new() };
        let (observer, history) = picket_history::start(
            folder.path(),
            picket_history::Settings::default(),
            log.size(),
            clock.now(),
            Box::new(|_| {}),
        )
        .unwrap();
        let (core, _) =
            Core::open_observed(log, Arc::clone(&gate), site, clock.now(), Some(observer)).unwrap();
        let (inbox, outlet) = picket_link::inbox();
        let bus = Bus::default();
        let core = std::thread::spawn({
            let (bus, clock) = (bus.clone(), clock.clone());
            let runtime = tokio::runtime::Handle::current();
            move || {
                node::drive(core, outlet, &bus, &clock, &Latency::default(), &runtime).unwrap();
            }
        });
        let (ready, is_ready) = watch::channel(true);
        let parts = Parts {
            gate: Arc::clone(&gate),
            inbox: inbox.clone(),
            bus: bus.clone(),
            clock: clock.clone(),
            history: Some(history.clone()),
            ready: is_ready,
        };
        let door = Door::open(settings, parts).await.unwrap();
        let (stop, stopped) = watch::channel(false);
        Self {
            people: door.people(),
            plain: door.localhost_http(),
            links: door.links(),
            fingerprint: door.fingerprint().to_owned(),
            gate,
            inbox,
            bus,
            clock,
            history,
            ready,
            stop,
            served: tokio::spawn(door.serve(stopped)),
            core: Some(core),
            _folder: folder,
        }
    }

    pub(crate) async fn stop(mut self) {
        self.stop.send_replace(true);
        timeout(PATIENCE, &mut self.served).await.unwrap().unwrap();
        self.inbox.send(Post::Stop).await.unwrap();
        let core = self.core.take().unwrap();
        tokio::task::spawn_blocking(move || core.join().unwrap()).await.unwrap();
    }

    pub(crate) fn link(&self, name: &str, role: Role, clearance: &str) -> SignInLink {
        let clearance = Levels::default().parse(clearance).unwrap();
        self.links.sign_in_link(PersonId::new(name).unwrap(), vec![role], clearance).unwrap()
    }

    pub(crate) async fn sign_in(&self, name: &str, role: Role, clearance: &str) -> Screen {
        let token = token(&self.link(name, role, clearance));
        let answer = self.redeem(&token).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let cookie = answer.cookie().unwrap();
        let mut screen = Screen { cookie, csrf: String::new(), host: self.host() };
        screen.csrf =
            screen.get(self, "/api/v1/bootstrap").await.json()["csrf"].as_str().unwrap().to_owned();
        screen
    }

    pub(crate) async fn officer(&self) -> Screen {
        self.sign_in("officer-1", Role::WatchOfficer, "restricted").await
    }

    pub(crate) async fn redeem(&self, token: &str) -> Answer {
        let body = serde_json::json!({"token": token}).to_string();
        self.ask(Ask::post("/api/v1/enrol/redeem", &body)).await
    }

    pub(crate) fn host(&self) -> String {
        format!("localhost:{}", self.people.port())
    }

    pub(crate) async fn tls(&self) -> TlsStream<TcpStream> {
        let config = client_config(&self.fingerprint);
        let stream = TcpStream::connect(self.people).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
    }

    pub(crate) async fn ask(&self, ask: Ask) -> Answer {
        let host = self.host();
        ask.over(self.tls().await, &host).await
    }

    /// Puts claims of a feed in and waits until the view shows them.
    pub(crate) async fn hear(&self, feed: &str, claims: Vec<Claim>) {
        let now = self.clock.now();
        let name = DeviceId::new(feed).unwrap();
        let by = self.gate.verify(&picket_gate::Peer::Feed(&name), now).unwrap();
        let admit = |claim| self.gate.admit(&by, claim, now, now).unwrap();
        self.post(claims.into_iter().map(admit).collect()).await;
    }

    /// Lets a second's tick pass, and waits until history reaches it; gives its time.
    pub(crate) async fn tick(&self) -> Time {
        self.inbox.send(Post::Tick).await.unwrap();
        let last = |core: &mut Core<picket_log::FileStore>| {
            let size = core.log().size();
            core.log().read(Seq(size - 1)).unwrap().unwrap().record.received_at
        };
        let at = self.inbox.ask(last).await.unwrap();
        let at = Time::from_unix_ms(at.unix_ms());
        while self.history.span().is_none_or(|(_, to)| to < at) {
            tokio::task::yield_now().await;
        }
        at
    }

    /// Lets a detector warn.
    pub(crate) async fn alarm(&self, alert: Alert, label: &str) {
        let now = self.clock.now();
        let claim = Claim {
            occurred_at: Some(now),
            cites: vec![RecordId([7; 32])],
            floor: Some(Levels::default().parse(label).unwrap()),
            ..Claim::of(Body::Alert(Box::new(alert)))
        };
        let record = self.gate.admit(&self.gate.view(ViewName::Detect), claim, now, now).unwrap();
        self.post(vec![record]).await;
    }

    async fn post(&self, records: Vec<picket_gate::Admitted<Record>>) {
        let before = self.inbox.ask(|core| core.log().size()).await.unwrap();
        let stamp = self.clock.stamp();
        self.inbox.send(Post::Records { records, stamp }).await.unwrap();
        let mut views = self.bus.view();
        let shown = views.wait_for(|view| view.seq.is_some_and(|seq| seq.0 >= before));
        timeout(PATIENCE, shown).await.unwrap().unwrap();
    }
}

/// Three fixes of a ship, which make a confirmed track.
pub(crate) fn ship(mmsi: u32, lat_deg: f64, lon_deg: f64, now: Time) -> Vec<Claim> {
    let fix = |age_s: f64| Claim {
        occurred_at: Some(now.plus_s(-age_s)),
        subject: Some(Subject::Mmsi(mmsi)),
        ..Claim::of(Body::Observation(Box::new(Observation {
            sensor: SensorKind::Ais,
            reporter: None,
            position: Position::from_degrees(lat_deg, lon_deg - age_s * 1e-5),
            sigma_m: Some(10.0),
            kinematics: Kinematics {
                speed_mps: Some(1.0),
                course: Some(Angle::from_degrees(90.0)),
                heading: None,
            },
            class: Class::Vessel,
            affiliation: Affiliation::Neutral,
            idents: vec![Ident::Mmsi(mmsi), Ident::Name(Arc::from(format!("SHIP {mmsi}")))],
            distress: None,
            stale_at: None,
            text: None,
            exercise: true,
            battery_percent: None,
            air: picket_model::Air::NONE,
            alarm: None,
            frame: Frame { format: Arc::from("ais"), bytes: Arc::from(&b"!AIVDM"[..]) },
        })))
    };
    vec![fix(20.0), fix(10.0), fix(0.0)]
}

pub(crate) fn alert(n: u8, title: &str, now: Time) -> Alert {
    Alert {
        id: AlertId([n; 16]),
        detector: Arc::from("area.entry"),
        version: 1,
        change: AlertChange::Raised,
        severity: Severity::Critical,
        title: Arc::from(title),
        why_text: Arc::from("T12 is inside North Ammo since 02:14:07Z (97 %)"),
        why: vec![Reason {
            text: Arc::from("chance of being inside"),
            value: Arc::from("97 %"),
            threshold: Arc::from("90 %"),
            met: Met::Yes,
            decibans: 15.0,
            evidence: vec![RecordId([7; 32])],
        }],
        subject: Subject::Mmsi(503_551_000),
        track: None,
        area: Some(AreaName::new("North Ammo").unwrap()),
        position: Position::from_degrees(-23.83, 151.27),
        opened_at: now,
        count: 1,
        exercise: true,
    }
}

pub(crate) fn id(n: u8) -> String {
    AlertId([n; 16]).to_string()
}

pub(crate) fn token(link: &SignInLink) -> String {
    link.url.split_once('#').unwrap().1.to_owned()
}

/// A signed-in screen.
#[derive(Clone)]
pub(crate) struct Screen {
    pub(crate) cookie: String,
    pub(crate) csrf: String,
    pub(crate) host: String,
}

impl Screen {
    pub(crate) async fn get(&self, node: &Node, path: &str) -> Answer {
        node.ask(Ask::get(path).header("Cookie", &self.cookie)).await
    }

    pub(crate) async fn post(&self, node: &Node, path: &str, body: &str) -> Answer {
        let ask = Ask::post(path, body).header("Cookie", &self.cookie);
        node.ask(ask.header("X-Picket-CSRF", &self.csrf)).await
    }

    pub(crate) async fn delete(&self, node: &Node, path: &str) -> Answer {
        let ask = Ask::of("DELETE", path).header("Cookie", &self.cookie);
        node.ask(ask.header("X-Picket-CSRF", &self.csrf)).await
    }

    pub(crate) async fn stream(&self, node: &Node, query: &str) -> Live {
        let origin = format!("https://{}", self.host);
        let path = format!("/api/v1/stream{query}");
        Live(socket(node, &path, &self.cookie, &origin).await.unwrap())
    }

    pub(crate) async fn live(&self, node: &Node) -> Live {
        let origin = format!("https://{}", self.host);
        Live(live(node, &self.cookie, &origin).await.unwrap())
    }

    pub(crate) async fn replay(&self, node: &Node, at: Time) -> Live {
        let origin = format!("https://{}", self.host);
        let path = format!("/api/v1/replay?at={at}");
        Live(socket(node, &path, &self.cookie, &origin).await.unwrap())
    }
}

pub(crate) struct Live(pub WebSocketStream<TlsStream<TcpStream>>);

impl Live {
    /// The next binary frame; `None` once the stream is closed.
    pub(crate) async fn frame(&mut self) -> Option<Vec<u8>> {
        loop {
            match timeout(PATIENCE, self.0.next()).await.unwrap()?.ok()? {
                Message::Binary(bytes) => return Some(bytes.to_vec()),
                Message::Close(_) => return None,
                Message::Text(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    /// All frames up to an event of this type, and the event.
    pub(crate) async fn until(&mut self, kind: &str) -> (Vec<Vec<u8>>, Value) {
        let mut frames = Vec::new();
        loop {
            let frame = self.frame().await.unwrap();
            if frame[5] == 4 {
                let event: Value = serde_json::from_slice(&frame[24..]).unwrap();
                if event["type"] == kind {
                    return (frames, event);
                }
            }
            frames.push(frame);
        }
    }

    /// The next event of this type for which `is` holds.
    pub(crate) async fn event(&mut self, kind: &str, is: impl Fn(&Value) -> bool) -> Value {
        loop {
            let frame = self.frame().await.unwrap();
            if frame[5] != 4 {
                continue;
            }
            let event: Value = serde_json::from_slice(&frame[24..]).unwrap();
            if event["type"] == kind && is(&event) {
                return event;
            }
        }
    }

    /// The next text message as JSON, or the reason of the close.
    pub(crate) async fn line(&mut self) -> Result<Value, String> {
        loop {
            match timeout(PATIENCE, self.0.next()).await.unwrap().unwrap().unwrap() {
                Message::Text(text) => return Ok(serde_json::from_str(&text).unwrap()),
                Message::Close(close) => {
                    return Err(close.map(|close| close.reason.to_string()).unwrap_or_default());
                }
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    pub(crate) async fn say(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }
}

pub(crate) async fn live(
    node: &Node,
    cookie: &str,
    origin: &str,
) -> Result<WebSocketStream<TlsStream<TcpStream>>, u16> {
    socket(node, "/api/v1/live?since=0", cookie, origin).await
}

pub(crate) async fn socket(
    node: &Node,
    path: &str,
    cookie: &str,
    origin: &str,
) -> Result<WebSocketStream<TlsStream<TcpStream>>, u16> {
    let url = format!("wss://{}{path}", node.host());
    let mut request = url.into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("Cookie", cookie.parse().unwrap());
    headers.insert("Origin", origin.parse().unwrap());
    match tokio_tungstenite::client_async(request, node.tls().await).await {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

/// A request, written by hand.
pub(crate) struct Ask {
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Ask {
    pub(crate) fn of(method: &'static str, path: &str) -> Self {
        Self { method, path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    pub(crate) fn get(path: &str) -> Self {
        Self::of("GET", path)
    }

    pub(crate) fn post(path: &str, body: &str) -> Self {
        let mut ask = Self::of("POST", path).header("Content-Type", "application/json");
        ask.body = body.as_bytes().to_vec();
        ask
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) async fn over(
        self,
        mut stream: impl AsyncRead + AsyncWrite + Unpin,
        host: &str,
    ) -> Answer {
        let mut head = format!("{} {} HTTP/1.1\r\nConnection: close\r\n", self.method, self.path);
        if !self.headers.iter().any(|(name, _)| name == "Host") {
            head.push_str(&format!("Host: {host}\r\n"));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if self.method != "GET" && self.method != "HEAD" {
            head.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        head.push_str("\r\n");
        let exchange = async {
            let mut bytes = Vec::new();
            // The node may answer and close before it has read everything.
            let sent = async {
                stream.write_all(head.as_bytes()).await?;
                stream.write_all(&self.body).await?;
                stream.flush().await
            };
            drop(sent.await);
            drop(stream.read_to_end(&mut bytes).await);
            bytes
        };
        Answer::parse(&timeout(PATIENCE, exchange).await.unwrap())
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("an answer");
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Self { status, headers, body: bytes[end + 4..].to_vec() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn cookie(&self) -> Option<String> {
        let set = self.headers.get("set-cookie")?;
        Some(set.split(';').next().unwrap().to_owned())
    }
}

/// Trusts the one certificate with this fingerprint, and nothing else.
#[derive(Debug)]
struct Pinned(String);

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let hash = digest::digest(&digest::SHA256, certificate);
        let bytes: Vec<String> = hash.as_ref().iter().map(|b| format!("{b:02X}")).collect();
        match bytes.join(":") == self.0 {
            true => Ok(ServerCertVerified::assertion()),
            false => Err(rustls::Error::General("another certificate".to_owned())),
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.2".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let algorithms = provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256]
    }
}

fn client_config(fingerprint: &str) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Pinned(fingerprint.to_owned())))
        .with_no_client_auth()
}
