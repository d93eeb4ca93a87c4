//! Mode S decoding beside dump1090, on one core, in one run.
//!
//! `cargo bench -p picket-codec --bench modes` prints both rates and their ratio. Both read
//! ten copies of the recording in a row, as one Beast stream with parity, address proofs and
//! CPR; dump1090-mutability (Debian package, found on the path) reads it over loopback. What
//! counts is CPU time as the kernel accounts it, the best of some rounds in turn: a shared
//! machine only ever makes a round slower.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark waits for another program and prints"
)]

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use picket_codec::modes::Beast;
use picket_codec::{Decoded, Decoder, Message, Settings};
use picket_model::{Position, Time};

/// Rounds of each, with and without the receiver's place; dump1090 looks at its sockets ten
/// times a second, so that one takes it ten seconds or more.
const ROUNDS: usize = 4;
/// How often a round reads the recording.
const COPIES: usize = 10;
/// Bytes a round feeds at a time, as a socket gives them.
const CHUNK: usize = 64 * 1_024;
/// The recording's frames.
const FRAMES: usize = 60_000;

fn main() {
    let stream = recording().repeat(COPIES);
    let count = f64::from(u32::try_from(FRAMES * COPIES).unwrap());
    println!("{count} frames, CPU time, best of {ROUNDS} rounds");
    let place = Position::from_degrees(43.629, 1.364);
    for (name, place) in [("no surface reference", None), ("surface reference", place)] {
        println!("{name}");
        let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
        let (mut read, mut said) = (Counts::default(), None);
        for _ in 0..ROUNDS {
            // Ours takes a tenth of a second: some more tries in the pauses of its neighbours.
            for _ in 0..5 {
                let before = cpu("thread-self");
                read = picket(&stream, place);
                ours = ours.min(cpu("thread-self").saturating_sub(before));
            }
            if let Some((time, text)) = dump1090(&stream, place.is_some()) {
                theirs = theirs.min(time);
                said = Some(text);
            }
        }
        let line = |name: &str, time: Duration| {
            let per_second = count / time.as_secs_f64();
            println!("{name:>20}  {per_second:>10.0} frames/s  {:>5.0} ns each", 1e9 / per_second);
            per_second
        };
        let our_rate = line("picket-codec", ours);
        let Counts { messages, positions, rejects } = read;
        println!("{:>20}  {messages} messages, {positions} positions, {rejects} rejects", "");
        if let Some(text) = said {
            let their_rate = line("dump1090-mutability", theirs);
            println!("{:>20}  {text}", "");
            println!("{:>20}  {:.2}", "ratio", our_rate / their_rate);
        } else {
            println!("dump1090-mutability is not on the path or did not run: no comparison");
        }
    }
}

#[derive(Default)]
struct Counts {
    messages: usize,
    positions: usize,
    rejects: usize,
}

/// Our decoder; told where the receiver stands, it places what is on the ground too.
fn picket(stream: &[u8], place: Option<Position>) -> Counts {
    let mut decoder = Beast::new(&Settings { place, ..Settings::default() });
    let (mut out, mut counts) = (Decoded::default(), Counts::default());
    for chunk in stream.chunks(CHUNK) {
        decoder.feed(chunk, Time::from_unix_s(0), &mut out);
        counts.messages += black_box(&out).messages.len();
        counts.rejects += out.rejects.len();
        let placed = |(_, message): &&(u64, Message)| matches!(message, Message::Modes(read) if read.said.place.is_some());
        counts.positions += out.messages.iter().filter(placed).count();
        out.clear();
    }
    counts
}

/// dump1090's CPU time for the stream and what it says that it read; `None` if it is not there.
fn dump1090(stream: &[u8], with_place: bool) -> Option<(Duration, String)> {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let off = ["--net-ri-port", "--net-ro-port", "--net-bo-port", "--net-sbs-port"];
    let place = with_place.then_some(["--lat", "43.629", "--lon", "1.364"]);
    let mut child = Command::new("dump1090-mutability")
        .args(["--net-only", "--quiet", "--stats", "--fix"])
        .args(place.iter().flatten())
        .args(["--net-bind-address", "127.0.0.1", "--net-bi-port", &port.to_string()])
        .args(off.iter().flat_map(|option| [*option, "0"]))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let measured = feed(&child, stream, port);
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    if interrupted.is_err() {
        child.kill().unwrap();
    }
    let said = said(&mut child);
    Some((measured?, said))
}

/// Sends the stream and waits until the program has nothing more to do.
fn feed(child: &Child, stream: &[u8], port: u16) -> Option<Duration> {
    let process = child.id().to_string();
    let mut tries = 0;
    let mut socket = loop {
        match TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
            Ok(socket) => break socket,
            Err(_) if tries < 100 => tries += 1,
            Err(_) => return None,
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    std::thread::sleep(Duration::from_millis(200));
    let before = cpu(&process);
    socket.write_all(stream).ok()?;
    drop(socket);
    let mut last = before;
    loop {
        std::thread::sleep(Duration::from_millis(400));
        let now = cpu(&process);
        // Its idle loop costs some tens of microseconds a second.
        if now.saturating_sub(last) < Duration::from_millis(1) {
            return Some(last.saturating_sub(before));
        }
        last = now;
    }
}

/// The line of its statistics that counts what came from clients.
fn said(child: &mut Child) -> String {
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    child.wait().unwrap();
    let wanted = ["accepted with correct CRC", "global CPR attempts with valid positions"];
    let lines = text.lines().map(str::trim);
    let found: Vec<&str> =
        lines.filter(|line| wanted.iter().any(|word| line.contains(word))).collect();
    found.join("; ")
}

/// CPU time that a process's main thread has had, as the kernel accounts it.
fn cpu(process: &str) -> Duration {
    let text = std::fs::read_to_string(Path::new("/proc").join(process).join("schedstat"));
    let text = text.unwrap();
    Duration::from_nanos(text.split_whitespace().next().unwrap().parse().unwrap())
}

fn recording() -> Vec<u8> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/modes/long-flight-60000.beast.gz");
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap())
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}
