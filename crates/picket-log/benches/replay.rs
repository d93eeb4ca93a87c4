//! What reading a log costs: entries read, checked and decoded a second, from sealed journals and
//! from a journal. `cargo bench -p picket-log --bench replay [-- FOLDER]`; with `-- decode`, decoding
//! alone.
//!
//! Figures are by the CPU time of the one thread that reads, so that they hold on a shared machine.
#![expect(clippy::disallowed_methods, reason = "a bench measures time")]
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::unwrap_used, reason = "a bench that fails stops")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use picket_gate::{Admitted, BuiltIn, Feed, Gate, Peer, Rate};
use picket_log::{Log, Reader, Scanned, Settings, verify};
use picket_model::observation::Frame;
use picket_model::{
    Affiliation, Angle, Body, Claim, Class, DeviceId, EntryName, Epoch, Ident, Kinematics, Label,
    Levels, NodeId, Observation, Position, Record, SensorKind, Seq, Subject, Time, wire,
};

const NOW: Time = Time::from_unix_s(1_800_000_000);
/// Entries of each log.
const ENTRIES: u64 = 400_000;
/// Entries of one append.
const BATCHES: [u64; 3] = [10, 100, 1_000];

fn main() {
    let folder = std::env::args().skip(1).find(|arg| !arg.starts_with("--"));
    let dir = match folder.as_deref() {
        Some(folder) if folder != "decode" => tempfile::tempdir_in(folder),
        Some(_) | None => tempfile::tempdir(),
    };
    let dir = dir.unwrap();
    let gate = gate();
    decode(&gate);
    if folder.as_deref() == Some("decode") {
        return;
    }
    println!("batch   where     entries/s by CPU   by clock    verify entries/s by CPU");
    for batch in BATCHES {
        for sealed in [false, true] {
            replay(&gate, &dir.path().join(format!("{batch}-{sealed}")), batch, sealed);
        }
    }
}

/// Decoding alone, of bytes that are at hand.
fn decode(gate: &Gate) {
    let mut entries = Vec::new();
    for number in 0..1_000 {
        let record = sighting(gate, number);
        let class = record.as_inner().class();
        let name = EntryName { origin: NodeId([1; 16]), epoch: Epoch(1), class, number };
        let mut bytes = Vec::new();
        wire::encode_entry(&name, record.as_inner(), &mut bytes);
        entries.push(bytes);
    }
    let began = cpu_ns();
    for _ in 0..300 {
        entries.iter().for_each(|bytes| drop(black_box(wire::decode_entry(bytes).unwrap())));
    }
    let alone = (cpu_ns() - began) as f64 / 300_000.0;
    let mut reader = wire::EntryReader::new();
    let began = cpu_ns();
    for _ in 0..300 {
        entries.iter().for_each(|bytes| drop(black_box(reader.read(bytes).unwrap())));
    }
    let ns = (cpu_ns() - began) as f64 / 300_000.0;
    let len = entries.first().map_or(0, Vec::len);
    println!("an entry of {len} bytes is decoded and checked in {alone:.0} ns alone,");
    println!("in {ns:.0} ns by a reader of many, its id included");
}

fn replay(gate: &Gate, dir: &Path, batch: u64, sealed: bool) {
    let settings = Settings {
        reserve_bytes: 0,
        journal_bytes: if sealed { 8 * 1024 * 1024 } else { 256 * 1024 * 1024 },
        ..Settings::default()
    };
    let (mut log, _) = Log::open(dir, settings, chance(), NOW).unwrap();
    for first in (0..ENTRIES).step_by(usize::try_from(batch).unwrap()) {
        let records = (first..first + batch).map(|n| sighting(gate, n)).collect();
        log.append(records, NOW).unwrap();
    }
    if sealed {
        let journals =
            picket_log::Source::segments(&picket_log::FileStore::open_read_only(dir).unwrap());
        let last = journals.last().unwrap().number;
        while log.reader().sealed_journals() < last {
            log.tend(NOW);
            std::thread::yield_now();
        }
    }
    log.close(NOW).unwrap();
    let reader = Reader::open(dir).unwrap();
    let (mut best_cpu, mut best) = (f64::MAX, f64::MAX);
    for _ in 0..3 {
        let (began, began_cpu) = (Instant::now(), cpu_ns());
        let mut seen = 0_u64;
        reader
            .scan(Seq(0), &mut |item| {
                seen += u64::from(matches!(item, Scanned::Entry(_)));
                black_box(item);
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(seen, ENTRIES);
        best_cpu = best_cpu.min((cpu_ns() - began_cpu) as f64 / 1e9);
        best = best.min(began.elapsed().as_secs_f64());
    }
    let began = cpu_ns();
    let report = verify(dir).unwrap();
    assert_eq!((report.first_bad, report.opened), (None, ENTRIES));
    let checked = ENTRIES as f64 / ((cpu_ns() - began) as f64 / 1e9);
    let place = if sealed { "sealed" } else { "journal" };
    println!(
        "{batch:>5}   {place:<8} {:>17.0} {:>10.0} {checked:>26.0}",
        ENTRIES as f64 / best_cpu,
        ENTRIES as f64 / best,
    );
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
