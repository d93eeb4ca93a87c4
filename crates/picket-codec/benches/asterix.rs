//! ASTERIX decoding, and asterix_decoder beside it in the same run.
//!
//! `cargo bench -p picket-codec --bench asterix` prints the rates of five stages over the
//! recording across midnight: records measured, their common fields, every field of every
//! item as a number, their claims, and the lines with every item. Then, if `$PYTHON` (or `python3`) can import asterix_decoder, its
//! rate to dictionaries over the same blocks and the ratios. Both are CPU time, the best of all
//! rounds, because others work on a shared machine too.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints")]

use std::hint::black_box;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use picket_codec::asterix::AsterixPcap;
use picket_codec::{Decoded, Decoder, Message, Settings};
use picket_model::{Position, Time};
use rustix::time::{ClockId, clock_gettime};

/// Rounds of each; some four seconds in all.
const ROUNDS: usize = 40;
/// Bytes a round feeds at a time, as a file gives them.
const CHUNK: usize = 64 * 1_024;

const NOW: Time = Time::from_unix_s(1_700_092_800);

/// What is made of a message; the number only keeps the compiler from leaving it out.
type Stage = fn(&Message) -> usize;

/// Reads a capture from standard input and prints records a second, and how many there were.
const PEER: &str = r#"
import struct, sys, time
import asterix
if not hasattr(asterix, "parse"):
    sys.exit("the module asterix is not asterix_decoder's")
data, at, blocks = sys.stdin.buffer.read(), 24, []
while at < len(data):
    length = struct.unpack_from("<I", data, at + 8)[0]
    blocks.append(data[at + 16 : at + 16 + length])
    at += 16 + length
best = None
for _ in range(3):
    started = time.process_time()
    records = sum(len(asterix.parse(block, verbose=False)) for block in blocks)
    taken = time.process_time() - started
    best = taken if best is None else min(best, taken)
print(records / best, records)
"#;

fn main() {
    let capture = recording();
    let place = Position::from_degrees(47.5, 9.75);
    let settings = Settings { place, ..Settings::default() };
    let stages: [(&str, Stage); 5] = [
        ("records", |_| 1),
        ("common fields", |message| {
            let Message::Asterix(record) = message else { return 0 };
            usize::from(black_box(record.report()).sac.is_some())
        }),
        ("all fields", |message| {
            let (mut count, mut sum) = (0, 0.0);
            let Message::Asterix(record) = message else { return 0 };
            record.each_field(|_, _, read| {
                count += 1;
                sum += read.number().unwrap_or_default();
            });
            black_box(sum);
            count
        }),
        ("claims", |message| {
            let mut claims = Vec::with_capacity(1);
            message.claims(NOW, &mut claims);
            black_box(claims.len())
        }),
        ("lines with all items", |message| black_box(message.json(0)).len()),
    ];
    let mut rates = Vec::new();
    for (name, stage) in stages {
        let (mut best, mut records) = (Duration::MAX, 0);
        for _ in 0..ROUNDS {
            let started = cpu_time();
            records = run(&capture, &settings, stage);
            best = best.min(cpu_time() - started);
        }
        let rate = f64::from(u32::try_from(records).unwrap()) / best.as_secs_f64();
        println!(
            "{name:>22}  {rate:>10.0} records/s  {:>5.0} ns each  {records} records",
            1e9 / rate
        );
        rates.push((name, rate));
    }
    match peer(&capture) {
        Ok((rate, records)) => {
            println!("{:>22}  {rate:>10.0} records/s  {records} records", "asterix_decoder");
            for (name, ours) in rates {
                println!("{name:>22}  {:.1} x asterix_decoder", ours / rate);
            }
        }
        Err(why) => println!("asterix_decoder was not measured: {why}"),
    }
}

/// What this thread has used of the processor.
fn cpu_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap()
}

fn run(capture: &[u8], settings: &Settings, stage: Stage) -> usize {
    let (mut decoder, mut out, mut records) = (AsterixPcap::new(settings), Decoded::default(), 0);
    for chunk in capture.chunks(CHUNK) {
        decoder.feed(chunk, NOW, &mut out);
        records += out.messages.len();
        black_box(out.messages.iter().map(|(_, message)| stage(message)).sum::<usize>());
        assert!(out.rejects.is_empty());
        out.clear();
    }
    records
}

/// Records a second of asterix_decoder, by its own CPU time, and how many it read.
fn peer(capture: &[u8]) -> Result<(f64, u64), String> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut command = Command::new(&python);
    command.args(["-c", PEER]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("{python}: {error}"))?;
    // A peer that cannot import its module reads nothing, and says why below.
    drop(child.stdin.take().unwrap().write_all(capture));
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut words = text.split_whitespace();
    match (words.next().map(str::parse), words.next().map(str::parse)) {
        (Some(Ok(rate)), Some(Ok(records))) => Ok((rate, records)),
        _ => {
            let errors = String::from_utf8_lossy(&output.stderr);
            Err(errors.trim().lines().last().unwrap_or("it printed nothing").to_owned())
        }
    }
}

fn recording() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("vectors/asterix/synthetic-radar-midnight.pcap.gz");
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).unwrap();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    bytes
}
