//! Feeds over real sockets on loopback, up to the inbox.

#![expect(clippy::unwrap_used, reason = "test helpers")]

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use picket_gate::{BuiltIn, Feed as GateFeed, Gate, Rate};
use picket_link::{Clock, Counters, Feed, FeedSettings, Outlet, Post, inbox};
use picket_model::{Body, DeviceId, Label, Levels, LinkState, Record, Status};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpStream, UdpSocket};

/// Recorded sentences (AMSA, 2012): a position, and a static report in two parts.
const POSITION: &str = "!AIVDM,1,1,,A,17P@<J?P00blFWmjG@5a5?v62<10,0*27\r\n";
const PART_1: &str =
    "!AIVDM,2,1,3,B,55P5TL01VIaAL@7WKO@mBplU@<PDhh000000001S;AJ::4A80?4i@E53,0*3E\r\n";
const PART_2: &str = "!AIVDM,2,2,3,B,1@0000000000000,2*55\r\n";
/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

struct Rig {
    address: Option<SocketAddr>,
    outlet: Outlet,
    counters: Arc<Counters>,
    job: tokio::task::JoinHandle<()>,
}

fn feed(from: &str, speed: f64) -> Rig {
    feed_by(Clock::world(), "ais", from, speed)
}

fn feed_by(clock: Clock, format: &str, from: &str, speed: f64) -> Rig {
    let name = DeviceId::new("ais").unwrap();
    let known = GateFeed { name: name.clone(), label: Label::lowest(), rate: Rate::FEED };
    let gate = Arc::new(Gate::new(Levels::default(), Arc::new(BuiltIn), vec![known]));
    let (inbox, outlet) = inbox();
    let counters = Arc::new(Counters::default());
    let settings = FeedSettings {
        name,
        format: picket_codec::format(format).unwrap(),
        from: from.parse().unwrap(),
        decoding: picket_codec::Settings::default(),
        label: Label::lowest(),
        speed,
        exercise: true,
    };
    let feed = Feed::open(settings, gate, inbox, clock, Arc::clone(&counters)).unwrap();
    let address = feed.local_address();
    Rig { address, outlet, counters, job: tokio::spawn(feed.run()) }
}

impl Rig {
    async fn records(&mut self) -> Vec<Record> {
        match tokio::time::timeout(PATIENCE, self.outlet.recv()).await.unwrap() {
            Some(Post::Records { records, .. }) => {
                records.into_iter().map(picket_gate::Admitted::into_inner).collect()
            }
            Some(Post::Act { .. } | Post::Ask(_) | Post::Tick | Post::Stop) | None => Vec::new(),
        }
    }

    /// Takes records until one answers.
    async fn until<T>(&mut self, mut answer: impl FnMut(&Record) -> Option<T>) -> T {
        loop {
            if let Some(found) = self.records().await.iter().find_map(&mut answer) {
                return found;
            }
        }
    }
}

fn link_state(record: &Record) -> Option<LinkState> {
    match &record.body {
        Body::Status(Status::Link { state, .. }) => Some(*state),
        Body::Status(Status::Dropped { .. } | Status::Rejects { .. } | Status::Node { .. })
        | Body::Observation(_)
        | Body::Alert(_)
        | Body::Act(_)
        | Body::Refusal(_)
        | Body::Tick
        | Body::Site(_) => None,
    }
}

/// The words with which a feed's state is told.
fn link_text(record: &Record) -> Option<(LinkState, String)> {
    let Body::Status(Status::Link { state, text, .. }) = &record.body else { return None };
    Some((*state, text.to_string()))
}

fn is_observation(record: &Record) -> bool {
    matches!(record.body, Body::Observation(_))
}

#[tokio::test]
async fn the_parts_of_a_message_may_come_in_two_datagrams() {
    let mut rig = feed("udp://127.0.0.1:0", 1.0);
    assert_eq!(rig.until(link_state).await, LinkState::Up);
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for part in [PART_1, PART_2] {
        socket.send_to(part.as_bytes(), rig.address.unwrap()).await.unwrap();
    }
    let seen = rig
        .until(|record| match &record.body {
            Body::Observation(seen) => Some(seen.clone()),
            Body::Status(_)
            | Body::Alert(_)
            | Body::Act(_)
            | Body::Refusal(_)
            | Body::Tick
            | Body::Site(_) => None,
        })
        .await;
    let frame = String::from_utf8(seen.frame.bytes.to_vec()).unwrap();
    assert!(frame.contains(PART_1.trim()) && frame.contains(PART_2.trim()), "{frame}");
    assert!(seen.exercise, "the feed's mark");
}

#[tokio::test]
async fn a_flood_of_datagrams_drops_the_oldest_and_says_how_many() {
    let mut rig = feed("udp://127.0.0.1:0", 1.0);
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    // Nobody takes posts: the inbox fills, then the ring, then the oldest give way.
    while rig.counters.dropped.load(Ordering::Relaxed) == 0 {
        for _ in 0..100 {
            socket.send_to(POSITION.as_bytes(), rig.address.unwrap()).await.unwrap();
        }
        tokio::task::yield_now().await;
    }
    let mut said = 0;
    while said == 0 {
        for record in rig.records().await {
            if let Body::Status(Status::Dropped { frames, .. }) = record.body {
                said += frames;
            }
        }
    }
    assert!(said > 0 && said <= rig.counters.dropped.load(Ordering::Relaxed));
}

#[tokio::test]
async fn a_stream_waits_when_the_inbox_is_full_and_loses_nothing() {
    let mut rig = feed("tcp-listen://127.0.0.1:0", 1.0);
    let mut stream = TcpStream::connect(rig.address.unwrap()).await.unwrap();
    let block = POSITION.repeat(1_000);
    let mut sent = 0;
    // The write that does not go through shows that the feed has stopped reading.
    while let Ok(written) =
        tokio::time::timeout(Duration::from_secs(2), stream.write(block.as_bytes())).await
    {
        sent += written.unwrap();
        assert!(sent < 64 * 1024 * 1024, "the feed reads on although nobody takes its posts");
    }
    drop(stream);
    let whole = sent / POSITION.len();
    let mut seen = 0;
    while seen < whole {
        seen += rig.records().await.iter().filter(|record| is_observation(record)).count();
    }
    assert_eq!(seen, whole);
}

#[tokio::test]
async fn rubbish_on_one_connection_is_counted_and_harms_no_other() {
    let mut rig = feed("tcp-listen://127.0.0.1:0", 1.0);
    let mut good = TcpStream::connect(rig.address.unwrap()).await.unwrap();
    let mut bad = TcpStream::connect(rig.address.unwrap()).await.unwrap();
    bad.write_all(&[0xff; 100_000]).await.unwrap();
    bad.write_all(POSITION.replace("*27", "*28").as_bytes()).await.unwrap();
    drop(bad);
    good.write_all(POSITION.as_bytes()).await.unwrap();
    let (mut observed, mut rejected) = (false, false);
    while !(observed && rejected) {
        for record in rig.records().await {
            observed |= is_observation(&record);
            rejected |= matches!(record.body, Body::Status(Status::Rejects { .. }));
        }
    }
}

#[tokio::test]
async fn a_file_plays_to_its_end_and_says_so() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(POSITION.repeat(3).as_bytes()).unwrap();
    let mut rig = feed(&format!("file://{}", file.path().display()), 0.0);
    let mut observed = 0;
    let mut state = LinkState::Up;
    while state != LinkState::Done {
        for record in rig.records().await {
            observed += usize::from(is_observation(&record));
            state = link_state(&record).unwrap_or(state);
        }
    }
    assert_eq!(observed, 3);
    tokio::time::timeout(PATIENCE, rig.job).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_recording_of_another_year_that_begins_without_a_time_is_moved_to_now() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let mut tell = |body: String| {
        let sum = body.bytes().fold(0, |sum, byte| sum ^ byte);
        write!(file, "${body}*{sum:02X}\r\n").unwrap();
    };
    for second in 0..5 {
        tell("GPGSV,1,1,01,05,00,000,17".to_owned());
        tell(format!("GPGGA,11012{second},5505.33,N,03858.58,E,1,09,0.9,2.0,M,14.0,M,,"));
        tell(format!("GPRMC,11012{second},A,5505.33,N,03858.58,E,0.0,0.0,310317,,,A"));
    }
    let clock = Clock::at_speed(100.0);
    let started = clock.now();
    let from = format!("file://{}", file.path().display());
    let mut rig = feed_by(clock.clone(), "nmea", &from, 1.0);
    let (mut times, mut state) = (Vec::new(), LinkState::Up);
    while state != LinkState::Done {
        for record in rig.records().await {
            state = link_state(&record).unwrap_or(state);
            times.extend(is_observation(&record).then_some(record.occurred_at));
        }
    }
    let [.., before, last] = times.as_slice() else { panic!("{times:?}") };
    assert!((last.since_s(*before) - 1.0).abs() < 1e-3, "a second apart: {times:?}");
    assert!(*last >= started && *last <= clock.now(), "{times:?}");
}

#[tokio::test]
async fn a_port_in_use_is_known_before_the_node_is_ready() {
    let rig = feed("tcp-listen://127.0.0.1:0", 1.0);
    let from = format!("tcp-listen://{}", rig.address.unwrap());
    let name = DeviceId::new("ais").unwrap();
    let gate = Arc::new(Gate::new(Levels::default(), Arc::new(BuiltIn), Vec::new()));
    let settings = FeedSettings {
        name,
        format: picket_codec::format("ais").unwrap(),
        from: from.parse().unwrap(),
        decoding: picket_codec::Settings::default(),
        label: Label::lowest(),
        speed: 1.0,
        exercise: false,
    };
    let (inbox, _outlet) = inbox();
    let opened = Feed::open(settings, gate, inbox, Clock::world(), Arc::default());
    assert_eq!(opened.unwrap_err().kind(), std::io::ErrorKind::AddrInUse);
}

#[tokio::test]
async fn two_listeners_of_one_group_and_port_both_hear_it() {
    let mut one = feed("udp+multicast://239.192.7.7:0?interface=127.0.0.1", 1.0);
    let group = one.address.unwrap();
    let mut other = feed(&format!("udp+multicast://{group}?interface=127.0.0.1"), 1.0);
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    rustix::net::sockopt::set_ip_multicast_if(&socket, &Ipv4Addr::LOCALHOST).unwrap();
    socket.send_to(POSITION.as_bytes(), group).await.unwrap();
    for rig in [&mut one, &mut other] {
        rig.until(|record| is_observation(record).then_some(())).await;
    }
}

#[tokio::test]
async fn a_group_of_ipv6_is_joined_on_the_interface_of_its_number() {
    if UdpSocket::bind("[::1]:0").await.is_err() {
        return; // No IPv6 on this machine.
    }
    // The loopback is number 1 wherever Linux runs.
    let mut rig = feed("udp+multicast://[ff11::7:7]:0?interface=1", 1.0);
    assert_eq!(rig.until(link_state).await, LinkState::Up);
    let socket = UdpSocket::bind("[::1]:0").await.unwrap();
    rustix::net::sockopt::set_ipv6_multicast_if(&socket, 1).unwrap();
    // Some machines have no route for groups on their loopback; then joining is all there is to see.
    if socket.send_to(POSITION.as_bytes(), rig.address.unwrap()).await.is_ok() {
        rig.until(|record| is_observation(record).then_some(())).await;
    }
}

/// A pseudo-terminal: what is written to the file comes out of the port at the path.
fn plug() -> (std::fs::File, PathBuf) {
    let flags = rustix::pty::OpenptFlags::RDWR | rustix::pty::OpenptFlags::NOCTTY;
    let controller = rustix::pty::openpt(flags).unwrap();
    rustix::pty::grantpt(&controller).unwrap();
    rustix::pty::unlockpt(&controller).unwrap();
    let name = rustix::pty::ptsname(&controller, Vec::new()).unwrap();
    (std::fs::File::from(controller), PathBuf::from(name.into_string().unwrap()))
}

#[tokio::test]
async fn a_serial_port_is_read_and_unplugged_and_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let port = folder.path().join("ttyUSB0");
    let mut rig = feed(&format!("serial://{}?baud=38400", port.display()), 1.0);
    // Not plugged in yet: the node runs, the link is down, and says why.
    let (state, text) = rig.until(link_text).await;
    assert_eq!(state, LinkState::Down);
    assert!(text.starts_with("cannot open ") && text.contains("ttyUSB0"), "{text}");
    for _ in 0..2 {
        let (mut wire, device) = plug();
        std::os::unix::fs::symlink(device, &port).unwrap();
        while rig.until(link_state).await != LinkState::Up {}
        let (head, tail) = POSITION.split_at(20);
        wire.write_all(head.as_bytes()).unwrap();
        wire.write_all(tail.as_bytes()).unwrap();
        rig.until(|record| is_observation(record).then_some(())).await;
        std::fs::remove_file(&port).unwrap();
        drop(wire);
        assert_eq!(rig.until(link_state).await, LinkState::Down);
    }
}

#[tokio::test]
async fn a_clock_that_steps_back_is_told_once_and_costs_no_report() {
    // A hundred times as fast, so that seconds of both clocks pass in no time.
    let clock = Clock::at_speed(100.0);
    let mut rig = feed_by(clock.clone(), "ais", "udp://127.0.0.1:0", 1.0);
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let (mut sent, mut heard, mut told) = (0, 0, Vec::new());
    let started = clock.now();
    while clock.now().since_s(started) < 200.0 || heard < sent {
        let after_s = clock.now().since_s(started);
        if after_s < 200.0 {
            let lag_s = if after_s < 60.0 { 0 } else { 3_600 };
            let line = format!("{},{}\r\n", POSITION.trim(), clock.now().unix_s() - lag_s);
            socket.send_to(line.as_bytes(), rig.address.unwrap()).await.unwrap();
            sent += 1;
        }
        while heard < sent {
            for record in rig.records().await {
                heard += usize::from(is_observation(&record));
                told.extend(link_text(&record).map(|(_, text)| text));
            }
        }
    }
    assert_eq!(heard, sent, "all is kept");
    let steps: Vec<&String> = told.iter().filter(|text| text.contains("its times")).collect();
    let [step] = steps.as_slice() else { panic!("{steps:?}") };
    // The seconds of a suffix are whole.
    let sizes = [3_599, 3_600, 3_601].map(|back_s| format!("its times went back by {back_s} s "));
    assert!(sizes.iter().any(|size| step.starts_with(size)), "{step}");
}
