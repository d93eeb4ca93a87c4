//! What a log costs: entries/s by batch beside the raw limit of the disk, CPU an entry, the
//! check of a whole folder, proofs. `cargo bench -p picket-log --bench append [-- FOLDER]`
//!
//! The raw limit is the same number of bytes in as many writes and syncs, into a file that was
//! zero-filled ahead, in the same folder and run. Ratios hold; wall clocks on a shared machine
//! do not.
#![expect(clippy::disallowed_methods, reason = "a bench measures time")]
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::unwrap_used, reason = "a bench that fails stops")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

use std::fs::{File, OpenOptions};
use std::hint::black_box;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use picket_gate::{Admitted, BuiltIn, Feed, Gate, Peer, Rate};
use picket_log::{Log, Settings, verify};
use picket_model::observation::Frame;
use picket_model::{
    Affiliation, Angle, Body, Claim, Class, DeviceId, Ident, Kinematics, Label, Levels,
    Observation, Position, Record, SensorKind, Seq, Subject, Time,
};

const NOW: Time = Time::from_unix_s(1_800_000_000);
const FOR: Duration = Duration::from_secs(3);
const VERIFIED: u64 = 1_000_000;

fn main() {
    let folder = std::env::args().skip(1).find(|arg| !arg.starts_with("--"));
    let dir = match &folder {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir(),
    };
    let dir = dir.unwrap();
    let gate = gate();
    let sample = sighting(&gate, 1);
    let mut bytes = Vec::new();
    let name = picket_model::EntryName {
        origin: picket_model::NodeId([0; 16]),
        epoch: picket_model::Epoch(1),
        class: sample.as_inner().class(),
        number: 1,
    };
    picket_model::wire::encode_entry(&name, sample.as_inner(), &mut bytes);
    println!("an entry has {} bytes before packing", bytes.len());
    println!("batch   entries/s   appends/s   B/entry   raw syncs/s   of raw   CPU us/entry");
    for batch in [1, 10, 100, 300, 1_000] {
        append(&gate, &dir.path().join(batch.to_string()), batch);
    }
    check(&gate, &dir.path().join("verify"));
}

/// Appends batches for a while, and the same bytes raw, in turns.
fn append(gate: &Gate, dir: &Path, batch: u64) {
    let settings = Settings { reserve_bytes: 0, ..Settings::default() };
    let (mut log, _) = Log::open(dir, settings, chance(), NOW).unwrap();
    let mut raw = Raw::new(&dir.join("raw"));
    // The first file is filled in the background.
    std::thread::park_timeout(Duration::from_secs(1));
    let mut number = 0;
    let (mut ours, mut theirs, mut cpu, mut appends) = (Duration::ZERO, Duration::ZERO, 0, 0_u32);
    let mut written = 0;
    while ours < FOR {
        for _ in 0..20 {
            let records: Vec<_> = (number..number + batch).map(|n| sighting(gate, n)).collect();
            number += batch;
            let (began, began_cpu) = (Instant::now(), cpu_ns());
            black_box(log.append(records, NOW).unwrap());
            ours += began.elapsed();
            cpu += cpu_ns() - began_cpu;
            appends += 1;
        }
        log.checkpoint(NOW).unwrap();
        let bytes = journal_bytes(dir) - written;
        written += bytes;
        let each = usize::try_from(bytes / 20).unwrap();
        let began = Instant::now();
        (0..20).for_each(|_| raw.write(each));
        theirs += began.elapsed();
    }
    let per_s = number as f64 / ours.as_secs_f64();
    let raw_per_s = f64::from(appends) / theirs.as_secs_f64();
    println!(
        "{batch:>5} {per_s:>11.0} {:>11.0} {:>9.0} {raw_per_s:>13.0} {:>8.2} {:>14.2}",
        f64::from(appends) / ours.as_secs_f64(),
        written as f64 / number as f64,
        f64::from(appends) / ours.as_secs_f64() / raw_per_s,
        cpu as f64 / 1e3 / number as f64,
    );
}

/// Checks a folder of a million entries, opens it, and makes proofs.
fn check(gate: &Gate, dir: &Path) {
    let settings = Settings { reserve_bytes: 0, ..Settings::default() };
    let began = Instant::now();
    let (mut log, _) = Log::open(dir, settings, chance(), NOW).unwrap();
    println!("open: an empty folder in {:.3} s", began.elapsed().as_secs_f64());
    for first in (0..VERIFIED).step_by(1_000) {
        let records = (first..first + 1_000).map(|n| sighting(gate, n)).collect();
        log.append(records, NOW).unwrap();
    }
    log.close(NOW).unwrap();
    let began = Instant::now();
    let report = verify(dir).unwrap();
    let took = began.elapsed();
    assert_eq!((report.first_bad, report.opened), (None, VERIFIED));
    println!("verify: {VERIFIED} entries in {:.2} s", took.as_secs_f64());
    let began = Instant::now();
    let (log, _) = Log::open(dir, settings, chance(), NOW).unwrap();
    println!("open: {VERIFIED} entries in {:.3} s", began.elapsed().as_secs_f64());
    let began = Instant::now();
    let mut seen = 0_u64;
    log.scan(Seq(0), &mut |item| {
        seen += 1;
        black_box(item);
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    println!("scan: {:.0} entries/s", seen as f64 / began.elapsed().as_secs_f64());
    let places: Vec<u64> = (0..2_000).map(|n| VERIFIED - 10_000 + n * 5).collect();
    for what in ["cold", "warm"] {
        let began = Instant::now();
        places.iter().for_each(|seq| drop(black_box(log.reader().inclusion(Seq(*seq)).unwrap())));
        let us = began.elapsed().as_secs_f64() * 1e6 / places.len() as f64;
        println!("inclusion path, {what}: {us:.1} us");
    }
    let began = Instant::now();
    places.iter().step_by(10).for_each(|seq| drop(black_box(log.prove(Seq(*seq)).unwrap())));
    let us = began.elapsed().as_secs_f64() * 1e6 / 200.0;
    println!("whole proof from a block of 1000: {us:.1} us");
}

/// Writes and syncs into a file of zeros, from its start again when it is full.
struct Raw {
    file: File,
    at: usize,
    bytes: Vec<u8>,
}

const RAW_BYTES: usize = 64 * 1024 * 1024;

impl Raw {
    fn new(path: &Path) -> Self {
        let mut file = OpenOptions::new().create_new(true).write(true).open(path).unwrap();
        file.write_all(&vec![0; RAW_BYTES]).unwrap();
        file.sync_all().unwrap();
        let mut bytes = vec![0; 1024 * 1024];
        picket_log::Entropy::fill(&mut chance(), &mut bytes);
        Self { file, at: 0, bytes }
    }

    fn write(&mut self, len: usize) {
        if self.at + len > RAW_BYTES {
            self.at = 0;
        }
        self.file.write_all_at(self.bytes.get(..len).unwrap(), self.at as u64).unwrap();
        self.file.sync_data().unwrap();
        self.at += len;
    }
}

/// Bytes of all blocks so far: the length of each journal file without its zeros.
fn journal_bytes(dir: &Path) -> u64 {
    let report = picket_log::FileStore::open_read_only(dir).unwrap();
    let segments = picket_log::Source::segments(&report);
    let mut total = 0;
    for (place, segment) in segments.iter().enumerate() {
        // Only the last can have an end within; others are full but for a frame.
        if place + 1 < segments.len() {
            total += segment.len;
            continue;
        }
        let name = picket_log::file::segment_file(segment.number);
        let file = File::open(dir.join(name)).unwrap();
        let (mut low, mut high) = (0, segment.len);
        let mut page = vec![0; 4_096];
        while low < high {
            let middle = low.midpoint(high) / 4_096 * 4_096;
            let n = file.read_at(&mut page, middle).unwrap();
            if page.iter().take(n).any(|byte| *byte != 0) {
                low = middle + 4_096;
            } else {
                high = middle;
            }
        }
        total += high;
    }
    total
}

/// Nanoseconds that this thread ran on a CPU.
fn cpu_ns() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or(0)
}

fn chance() -> impl FnMut(&mut [u8]) + Send + 'static {
    let mut state = 1_u64;
    move |out| {
        for byte in out {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = state.to_le_bytes()[7];
        }
    }
}

fn gate() -> Gate {
    let name = DeviceId::new("ais-north").unwrap();
    let feed = Feed { name, label: Label::lowest(), rate: Rate { per_s: 1e12, burst: 1e12 } };
    Gate::new(Levels::default(), Arc::new(BuiltIn), vec![feed])
}

/// A sighting as an AIS feed makes it, each with its own place and bytes.
fn sighting(gate: &Gate, number: u64) -> Admitted<Record> {
    let feed = DeviceId::new("ais-north").unwrap();
    let by = gate.verify(&Peer::Feed(&feed), NOW).unwrap();
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mmsi = 211_000_000 + u32::try_from(mixed % 5_000).unwrap();
    let part = |shift: u32| (mixed >> shift & 0xfff) as f64 / 4_096.0;
    let line = format!(
        "!AIVDM,1,1,,A,{:028x}{:06x},0*{:02X}\\s:rNMEA-north,c:18000{:05}*5B\\r\\n",
        u128::from(mixed) * 0x1_0000_0001,
        number & 0xff_ffff,
        mixed & 0x7f,
        number % 100_000
    );
    let body = Body::Observation(Box::new(Observation {
        sensor: SensorKind::Ais,
        reporter: None,
        position: Some(Position {
            lat: Angle::from_degrees(54.0 + part(3)),
            lon: Angle::from_degrees(10.0 + part(17)),
            height_m: None,
        }),
        sigma_m: Some(10.0),
        kinematics: Kinematics {
            speed_mps: Some(part(29) * 10.0),
            course: Some(Angle::from_degrees(part(11) * 360.0)),
            heading: Some(Angle::from_degrees(part(41) * 360.0)),
        },
        class: Class::Vessel,
        affiliation: Affiliation::Unknown,
        idents: vec![Ident::Mmsi(mmsi)],
        distress: None,
        stale_at: None,
        text: Some("under way using engine".into()),
        exercise: false,
        battery_percent: None,
        air: picket_model::Air::NONE,
        alarm: None,
        frame: Frame { format: "ais".into(), bytes: Arc::from(line.as_bytes()) },
    }));
    let ahead = Time(NOW.0 + i64::try_from(number % 1_000_000_000).unwrap());
    let claim =
        Claim { occurred_at: Some(ahead), subject: Some(Subject::Mmsi(mmsi)), ..Claim::of(body) };
    gate.admit(&by, claim, NOW, NOW).unwrap()
}
