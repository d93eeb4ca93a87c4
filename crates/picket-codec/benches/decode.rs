//! AIS decoding beside the crate `ais` 0.12, on one core, in one run; and NMEA 0183 alone.
//!
//! `cargo bench -p picket-codec` prints both rates and their ratio. Both read the AMSA
//! recording's `!` lines from memory into typed messages; rounds alternate, and the best of
//! each counts, because a shared machine only ever makes a round slower. NMEA reads the walk of
//! `vectors/nmea`, of which pynmea2 1.19 reads 0.29 M sentences/s.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and prints"
)]

use std::hint::black_box;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use picket_codec::ais::Ais;
use picket_codec::nmea::Nmea;
use picket_codec::{Decoded, Decoder, Settings};
use picket_model::Time;

/// Rounds of each; some three seconds in all.
const ROUNDS: usize = 60;
/// Bytes a round feeds at a time, as a socket gives them.
const CHUNK: usize = 64 * 1_024;

fn main() {
    let lines = recording();
    let sentences = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
    let (mut ours, mut theirs) = (Best::default(), Best::default());
    for _ in 0..ROUNDS {
        ours.take(|| picket(&lines));
        theirs.take(|| crate_ais(&lines));
    }
    println!("{sentences} sentences, best of {ROUNDS} rounds");
    let rates = [("picket-codec", &ours), ("ais 0.12", &theirs)].map(|(name, best)| {
        let per_second = f64::from(u32::try_from(sentences).unwrap()) / best.time.as_secs_f64();
        let ns = 1e9 / per_second;
        println!(
            "{name:>14}  {:>10.0} sentences/s  {ns:>6.0} ns each  {} messages",
            per_second, best.messages
        );
        per_second
    });
    println!("{:>14}  {:.2}", "ratio", rates[0] / rates[1]);
    nmea();
}

/// Prints the rate of NMEA 0183.
fn nmea() {
    let lines = unpacked("nmea/gnss-walk.nmea.gz");
    let (mut best, settings) = (Best::default(), Settings::default());
    for _ in 0..ROUNDS {
        best.take(|| decode(&mut Nmea::new(&settings), &lines));
    }
    let per_second = f64::from(u32::try_from(best.messages).unwrap()) / best.time.as_secs_f64();
    println!("{:>14}  {per_second:>10.0} sentences/s  {:>6.0} ns each", "nmea", 1e9 / per_second);
}

fn picket(lines: &[u8]) -> usize {
    decode(&mut Ais::default(), lines)
}

fn decode(decoder: &mut impl Decoder, lines: &[u8]) -> usize {
    let (mut out, mut messages) = (Decoded::default(), 0);
    let now = Time::from_unix_s(1_327_664_768);
    for chunk in lines.chunks(CHUNK) {
        decoder.feed(chunk, now, &mut out);
        messages += black_box(&out).messages.len();
        out.clear();
    }
    messages
}

fn crate_ais(lines: &[u8]) -> usize {
    let (mut parser, mut messages) = (ais::AisParser::new(), 0);
    for line in lines.split(|byte| *byte == b'\n') {
        if let Ok(ais::AisFragments::Complete(sentence)) = black_box(parser.parse(line, true)) {
            messages += usize::from(sentence.message.is_some());
        }
    }
    messages
}

#[derive(Default)]
struct Best {
    time: Duration,
    messages: usize,
}

impl Best {
    fn take(&mut self, run: impl FnOnce() -> usize) {
        let started = Instant::now();
        self.messages = run();
        let time = started.elapsed();
        if self.time.is_zero() || time < self.time {
            self.time = time;
        }
    }
}

/// The lines of the recording that begin with `!`.
fn recording() -> Vec<u8> {
    let bytes = unpacked("ais/amsa-2012-01-27.nmea.gz");
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"!"));
    lines.flat_map(|line| line.iter().copied().chain([b'\n'])).collect()
}

fn unpacked(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name);
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap())
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}
