//! A node at scale: mixed senses, many tracks, and the memory that they take.
//!
//!     cargo bench -p picket-link --bench scale [-- SECONDS [NAME]]
//!
//! The node runs as a process of its own, so that its memory is its own: TCP feeds, decoders,
//! gate, inbox, log on disk with a sync for each batch, fold, bus, one subscriber. This process
//! pours: made AIS of so many ships, and the recorded Mode S and ASTERIX over and over.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a bench: it ends at the first surprise, and it measures"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use picket_codec::ais::encode;
use picket_codec::ais::message::{Fix, PositionA};
use picket_core::Core;
use picket_gate::{BuiltIn, Feed as GateFeed, Gate, Rate};
use picket_link::{Bus, Clock, Counters, Feed, FeedSettings, Latency, Post, inbox, node};
use picket_log::{Entropy, Log, Settings};
use picket_model::{DeviceId, Label, Levels, Position, Site};

/// A slice of a paced load.
const SLICE: Duration = Duration::from_millis(5);
/// Different fixes of one ship at anchor.
const FIXES: u32 = 4;

struct System;
impl Entropy for System {
    fn fill(&mut self, out: &mut [u8]) {
        aws_lc_rs::rand::fill(out).unwrap();
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if words.first().map(String::as_str) == Some("node") {
        return serve(words.get(1).unwrap());
    }
    let seconds = words.first().and_then(|word| word.parse().ok()).unwrap_or(10);
    let span = Duration::from_secs(seconds);
    let only = words.get(1).map_or("", String::as_str);
    for (name, ships, mixed, pace) in [
        ("mixed at 10,000/s", 5_000, true, Some(10_000)),
        ("mixed, as fast as it takes", 5_000, true, None),
        ("many tracks at 20,000/s", 100_000, false, Some(20_000)),
        ("many tracks, as fast as it takes", 100_000, false, None),
    ] {
        if name.starts_with(only) {
            report(name, ships, mixed, pace, span);
        }
    }
}

fn report(name: &str, ships: u32, mixed: bool, pace: Option<u64>, span: Duration) {
    let formats = if mixed { "ais,beast,asterix" } else { "ais" };
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["node", formats])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut sockets: Vec<TcpStream> = formats
        .split(',')
        .map(|_| TcpStream::connect(told.next().unwrap().unwrap()).unwrap())
        .collect();
    let ais = fleet(ships);
    if !mixed {
        // Every ship is known before the clock starts.
        sockets[0].write_all(&ais).unwrap();
        std::thread::sleep(Duration::from_secs(1));
    }
    let mut loads = vec![ais];
    if mixed {
        loads.push(gunzip("../picket-codec/vectors/modes/long-flight-60000.beast.gz"));
        loads.push(blocks(&gunzip(
            "../picket-codec/vectors/asterix/synthetic-radar-midnight.pcap.gz",
        )));
    }
    let stdin = child.stdin.as_mut().unwrap();
    stdin.write_all(b"begin\n").unwrap();
    std::thread::scope(|scope| {
        for (index, (socket, load)) in sockets.iter_mut().zip(&loads).enumerate() {
            // Two parts AIS, one part Mode S, one part radar, by messages.
            let share = pace.map(|pace| match (mixed, index) {
                (false, _) => pace,
                (true, 0) => pace / 2,
                (true, _) => pace / 4,
            });
            scope.spawn(move || pour(socket, load, share, span));
        }
    });
    drop(sockets);
    child.stdin.take();
    let line = told.next().unwrap().unwrap();
    println!("{name}: {line}");
    assert!(child.wait().unwrap().success());
}

/// The node: says its addresses, waits for `begin`, and reports when its standard input ends.
fn serve(formats: &str) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::world();
        let settings = Settings { reserve_bytes: 0, ..Settings::default() };
        let (log, _) = Log::open(folder.path(), settings, System, clock.now()).unwrap();
        let names: Vec<&str> = formats.split(',').collect();
        let known = names.iter().map(|name| GateFeed {
            name: DeviceId::new(name).unwrap(),
            label: Label::lowest(),
            rate: Rate { per_s: 1e6, burst: 1e6 },
        });
        let gate = Arc::new(Gate::new(Levels::default(), Arc::new(BuiltIn), known.collect()));
        let (core, _) = Core::open(log, Arc::clone(&gate), Site::default(), clock.now()).unwrap();
        let (inbox, outlet) = inbox();
        let (bus, counters, latency) =
            (Bus::default(), Arc::new(Counters::default()), Arc::new(Latency::default()));
        let mut feeds = Vec::new();
        for name in names {
            let settings = FeedSettings {
                name: DeviceId::new(name).unwrap(),
                format: picket_codec::format(name).expect("the format exists"),
                from: "tcp-listen://127.0.0.1:0".parse().unwrap(),
                decoding: picket_codec::Settings {
                    place: Position::from_degrees(47.0, 8.0),
                    ..picket_codec::Settings::default()
                },
                label: Label::lowest(),
                speed: 1.0,
                exercise: false,
            };
            let feed = Feed::open(
                settings,
                Arc::clone(&gate),
                inbox.clone(),
                clock.clone(),
                Arc::clone(&counters),
            );
            let feed = feed.unwrap();
            println!("{}", feed.local_address().unwrap());
            feeds.push(tokio::spawn(feed.run()));
        }
        std::io::stdout().flush().unwrap();
        let mut entries = bus.subscribe(picket_link::bus::Filter::all());
        tokio::spawn(async move { while let Ok(Some(_)) = entries.next().await {} });
        let ticking = {
            let inbox = inbox.clone();
            tokio::spawn(async move {
                let mut seconds = tokio::time::interval(Duration::from_secs(1));
                loop {
                    seconds.tick().await;
                    if inbox.send(Post::Tick).await.is_err() {
                        return;
                    }
                }
            })
        };
        let thread = {
            let latency = Arc::clone(&latency);
            let runtime = tokio::runtime::Handle::current();
            std::thread::spawn(move || node::drive(core, outlet, &bus, &clock, &latency, &runtime))
        };
        let heard = Arc::clone(&counters);
        let (rate, rss_mib) = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).unwrap();
            let (started, before) = (Instant::now(), heard.observations.load(Ordering::Relaxed));
            std::io::stdin().read_to_string(&mut line).unwrap();
            let heard = heard.observations.load(Ordering::Relaxed) - before;
            (heard as f64 / started.elapsed().as_secs_f64(), rss_mib())
        })
        .await
        .unwrap();
        ticking.abort();
        inbox.send(Post::Stop).await.unwrap();
        let core = tokio::task::spawn_blocking(|| thread.join().unwrap().unwrap()).await.unwrap();
        for feed in feeds {
            feed.abort();
        }
        let view = core.view();
        println!(
            "{rate:.0} observations/s durable, door to subscriber p50 {:.1} ms, p99 {:.1} ms, {} tracks, {} alerts, RSS {rss_mib:.0} MiB",
            latency.quantile_ms(0.5).unwrap(),
            latency.quantile_ms(0.99).unwrap(),
            view.tracks.len(),
            view.alerts.len(),
        );
    });
}

/// Position reports of ships at anchor, `FIXES` rounds of them.
fn fleet(ships: u32) -> Vec<u8> {
    let mut out = Vec::new();
    for round in 0..FIXES {
        for ship in 0..ships {
            let (row, column) = (f64::from(ship / 400), f64::from(ship % 400));
            let jitter = f64::from((ship * 7 + round * 13) % 11) * 1e-5;
            let fix = Fix {
                accuracy: Some(true),
                lon_deg: Some(100.0 + column * 0.05 + jitter),
                lat_deg: Some(-40.0 + row * 0.05 - jitter),
            };
            let report = PositionA { fix, sog_kn: Some(0.1), ..PositionA::default() };
            for line in encode::position_a(503_000_000 + ship, &report) {
                out.extend_from_slice(line.as_bytes());
                out.extend_from_slice(b"\r\n");
            }
        }
    }
    out
}

fn pour(socket: &mut TcpStream, load: &[u8], pace: Option<u64>, span: Duration) {
    socket.set_nodelay(true).unwrap();
    let started = Instant::now();
    // Bytes a message, about: a sentence has 48, a Beast frame 23, a radar block 40.
    let bytes_each = load.len() as f64 / count(load) as f64;
    let mut sent = 0_usize;
    while started.elapsed() < span {
        let slice = match pace {
            None => 64 * 1024,
            Some(rate) => {
                std::thread::sleep(SLICE);
                let due = started.elapsed().as_secs_f64() * rate as f64 * bytes_each;
                (due as usize).saturating_sub(sent)
            }
        };
        for _ in 0..slice.div_ceil(64 * 1024).max(1) {
            let from = sent % load.len();
            let upto = load.len().min(from + slice.min(64 * 1024));
            if socket.write_all(&load[from..upto]).is_err() {
                return;
            }
            sent += upto - from;
        }
    }
}

/// Messages in a load.
fn count(load: &[u8]) -> usize {
    match load.first() {
        Some(b'!') => load.iter().filter(|byte| **byte == b'\n').count(),
        Some(0x1A) => load.len() / 23,
        _ => load.len() / 40,
    }
}

/// The payloads of a little-endian pcap of link type 147, one after another.
fn blocks(pcap: &[u8]) -> Vec<u8> {
    let (mut out, mut at) = (Vec::new(), 24);
    while let Some(head) = pcap.get(at..at + 16) {
        let len = u32::from_le_bytes(head[8..12].try_into().unwrap()) as usize;
        out.extend_from_slice(&pcap[at + 16..at + 16 + len]);
        at += 16 + len;
    }
    out
}

fn gunzip(path: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let mut out = Vec::new();
    let file = std::fs::File::open(path).expect("the recording is there");
    flate2::read::GzDecoder::new(file).read_to_end(&mut out).unwrap();
    out
}

/// Resident memory of this process.
fn rss_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}
