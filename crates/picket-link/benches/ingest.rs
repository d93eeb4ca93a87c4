//! From a door to the live subscribers, whole and durable.
//!
//!     cargo bench -p picket-link --bench ingest [-- SECONDS]
//!
//! A node's real parts: a TCP feed, decoder, gate, inbox, log on disk with a sync for each
//! batch, fold, bus. Prints the latency at 10,000 recorded AIS sentences a second, the rate
//! at which it takes as much as it can, and beside it what the disk gives to the same bytes
//! written and synced raw, in the same run.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::disallowed_methods,
    reason = "a bench: it ends at the first surprise, and it measures"
)]

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use picket_core::Core;
use picket_gate::{BuiltIn, Feed as GateFeed, Gate, Rate};
use picket_link::{Bus, Clock, Counters, Feed, FeedSettings, Latency, Post, inbox, node};
use picket_log::{Entropy, Log, Settings};
use picket_model::{DeviceId, Label, Levels, Site};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// The paced rate, sentences a second.
const PACED: usize = 10_000;
/// A slice of the paced load.
const SLICE_MS: u64 = 5;

struct System;
impl Entropy for System {
    fn fill(&mut self, out: &mut [u8]) {
        aws_lc_rs::rand::fill(out).unwrap();
    }
}

fn main() {
    let seconds = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(10);
    let lines = recording();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let paced = runtime.block_on(run(&lines, seconds, Some(PACED)));
    println!(
        "paced at {PACED}/s: {:.0} observations/s durable, door to subscriber p50 {:.1} ms, p99 {:.1} ms",
        paced.rate, paced.p50_ms, paced.p99_ms
    );
    let full = runtime.block_on(run(&lines, seconds, None));
    println!(
        "as fast as it takes: {:.0} observations/s durable, {} tracks, {:.0} bytes of log each, p99 {:.1} ms behind a full inbox",
        full.rate,
        full.tracks,
        full.bytes / (full.rate * seconds as f64),
        full.p99_ms
    );
    let raw = raw_limit(full.bytes / full.batches.max(1) as f64, Duration::from_secs(3));
    let raw_rate = raw * full.rate * seconds as f64 / full.batches.max(1) as f64;
    println!(
        "raw write + fdatasync of batches of the same size: {raw:.0}/s, that is {raw_rate:.0} observations/s; ours is {:.2} of it",
        full.rate / raw_rate
    );
}

struct Outcome {
    rate: f64,
    p50_ms: f64,
    p99_ms: f64,
    tracks: usize,
    bytes: f64,
    batches: usize,
}

async fn run(lines: &[u8], seconds: u64, paced: Option<usize>) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::world();
    let settings = Settings { reserve_bytes: 0, ..Settings::default() };
    let (log, _) = Log::open(folder.path(), settings, System, clock.now()).unwrap();
    let name = DeviceId::new("ais").unwrap();
    let feed = GateFeed { name: name.clone(), label: Label::lowest(), rate: Rate::FEED };
    let gate = Arc::new(Gate::new(Levels::default(), Arc::new(BuiltIn), vec![feed]));
    let (core, _) = Core::open(log, Arc::clone(&gate), Site::default(), clock.now()).unwrap();
    let (inbox, outlet) = inbox();
    let (bus, counters, latency) =
        (Bus::default(), Arc::new(Counters::default()), Arc::new(Latency::default()));
    let settings = FeedSettings {
        name,
        format: picket_codec::format("ais").unwrap(),
        from: "tcp-listen://127.0.0.1:0".parse().unwrap(),
        decoding: picket_codec::Settings::default(),
        label: Label::lowest(),
        speed: 1.0,
        exercise: false,
    };
    let feed = Feed::open(settings, gate, inbox.clone(), clock.clone(), Arc::clone(&counters));
    let feed = feed.unwrap();
    let address = feed.local_address().unwrap();
    let feed = tokio::spawn(feed.run());
    let mut entries = bus.subscribe(picket_link::bus::Filter::all());
    let batches = tokio::spawn(async move {
        // What waits at one time is what one commit made durable.
        let mut batches = 0;
        while let Ok(Some(_)) = entries.next().await {
            while let Ok(Some(_)) = entries.try_next() {}
            batches += 1;
        }
        batches
    });
    let thread = {
        let (clock, latency) = (clock, Arc::clone(&latency));
        let runtime = tokio::runtime::Handle::current();
        std::thread::spawn(move || node::drive(core, outlet, &bus, &clock, &latency, &runtime))
    };
    pour(address, lines, Duration::from_secs(seconds), paced).await;
    // The feed has read what the socket holds when its count stands still.
    let mut before = 0;
    loop {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let now = counters.observations.load(Ordering::Relaxed);
        if now == before {
            break;
        }
        before = now;
    }
    inbox.send(Post::Stop).await.unwrap();
    let core = tokio::task::spawn_blocking(|| thread.join().unwrap().unwrap()).await.unwrap();
    feed.abort();
    let view = core.view();
    drop(core);
    Outcome {
        rate: before as f64 / seconds as f64,
        p50_ms: latency.quantile_ms(0.5).unwrap(),
        p99_ms: latency.quantile_ms(0.99).unwrap(),
        tracks: view.tracks.len(),
        bytes: journal_bytes(folder.path()),
        batches: batches.await.unwrap(),
    }
}

/// Writes the recording over and over for so long; at a pace, or as fast as it is read.
async fn pour(address: SocketAddr, recording: &[u8], span: Duration, paced: Option<usize>) {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.set_nodelay(true).unwrap();
    let started = Instant::now();
    match paced {
        None => {
            while started.elapsed() < span {
                for chunk in recording.chunks(64 * 1024) {
                    socket.write_all(chunk).await.unwrap();
                    if started.elapsed() >= span {
                        break;
                    }
                }
            }
        }
        Some(rate) => {
            let mut lines = recording.split_inclusive(|byte| *byte == b'\n').cycle();
            let mut ticks = tokio::time::interval(Duration::from_millis(SLICE_MS));
            let slice = rate * usize::try_from(SLICE_MS).unwrap() / 1_000;
            while started.elapsed() < span {
                ticks.tick().await;
                let bytes: Vec<u8> = lines.by_ref().take(slice).flatten().copied().collect();
                socket.write_all(&bytes).await.unwrap();
            }
        }
    }
}

/// How often a second so many bytes can be appended and synced, with nothing else done.
fn raw_limit(bytes: f64, span: Duration) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let mut file = std::fs::File::create(folder.path().join("raw")).unwrap();
    let zeros = vec![0; 64 * 1024 * 1024];
    file.write_all(&zeros).unwrap();
    file.sync_all().unwrap();
    let mut file = std::fs::File::options().write(true).open(folder.path().join("raw")).unwrap();
    let batch = vec![1_u8; (bytes.round() as usize).max(1)];
    let started = Instant::now();
    let (mut count, mut written) = (0_u32, 0);
    while started.elapsed() < span {
        if written + batch.len() > zeros.len() {
            use std::io::Seek;
            file.rewind().unwrap();
            written = 0;
        }
        file.write_all(&batch).unwrap();
        file.sync_data().unwrap();
        written += batch.len();
        count += 1;
    }
    f64::from(count) / started.elapsed().as_secs_f64()
}

/// Bytes of the journal that are not zeros ahead.
fn journal_bytes(data: &Path) -> f64 {
    let mut total = 0_usize;
    for file in std::fs::read_dir(data.join("log/journal")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        total += bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    }
    total as f64
}

/// The sentences of the recorded coast that claim an observation.
fn recording() -> Vec<u8> {
    let packed =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../picket-sim/recordings/amsa-2012-01-27.nmea.gz");
    let mut text = Vec::new();
    let file = std::fs::File::open(packed).unwrap();
    flate2::read::GzDecoder::new(file).read_to_end(&mut text).unwrap();
    let is_ais = |line: &&[u8]| line.starts_with(b"!") && line.windows(3).any(|w| w == b"VDM");
    text.split_inclusive(|byte| *byte == b'\n').filter(is_ais).flatten().copied().collect()
}
