//! Writes an hour of 2,000,000 records and an hour of 2,000 tracks at 1 Hz, and asks it.
//!
//! `cargo bench -p picket-history`; a smaller world with `-- small`. Prints one line a figure.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
#![expect(clippy::cast_precision_loss, reason = "figures to print")]

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use picket_core::Fold;
use picket_history::{Bounds, History, Over, Question, Settings};
use picket_model::observation::Frame;
use picket_model::*;

const START: Time = Time::from_unix_s(1_800_000_000);
const SHIPS: u64 = 2_000;

fn main() {
    let small = std::env::args().any(|arg| arg == "small");
    let records: u64 = if small { 200_000 } else { 2_000_000 };
    let seconds = records / SHIPS;
    let folder = tempfile::tempdir().unwrap();
    let history = write(folder.path(), seconds);
    boxes(&history, seconds);
    seeks(&history, seconds);
    plays(&history, seconds);
}

/// Folds synthetic entries and lets the observer see them, as a start does: it waits for the writer.
fn write(data: &Path, seconds: u64) -> History {
    let size = seconds * (SHIPS + 1);
    let settings = Settings { catch_up_max: u64::MAX, ..Settings::default() };
    let tell = Box::new(|text| println!("# {text}"));
    let (mut observer, history) = picket_history::start(data, settings, size, START, tell).unwrap();
    let mut fold = Fold::new();
    let mut claims = Vec::new();
    let mut seq = 0;
    let (mut folding_s, began) = (0.0, Instant::now());
    for second in 0..seconds {
        for ship in 0..=SHIPS {
            let now = START.plus_s(second as f64 + ship as f64 / (SHIPS as f64 + 1.0));
            let body = if ship == SHIPS { Body::Tick } else { seen(ship, second) };
            let entry = entry(seq, now, ship, body);
            let folds = Instant::now();
            fold.apply(&entry, &mut claims);
            claims.clear();
            folding_s += folds.elapsed().as_secs_f64();
            observer.entry(&entry, &fold);
            seq += 1;
        }
    }
    drop(observer);
    let all_s = began.elapsed().as_secs_f64();
    let bytes: u64 = std::fs::read_dir(data.join("hist"))
        .unwrap()
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum();
    // Each record is a row, and so is each second's state of each ship.
    let rows = seconds * SHIPS * 2;
    println!(
        "write: {rows} rows in {:.1} s = {:.0} rows/s beside a fold of {folding_s:.1} s; {:.0} bytes a row",
        all_s - folding_s,
        rows as f64 / (all_s - folding_s),
        bytes as f64 / rows as f64
    );
    history
}

fn seen(ship: u64, second: u64) -> Body {
    let (lat_deg, lon_deg) = place(ship, second);
    let mmsi = 503_000_000 + u32::try_from(ship).unwrap();
    Body::Observation(Box::new(Observation {
        sensor: SensorKind::Ais,
        reporter: None,
        position: Position::from_degrees(lat_deg, lon_deg),
        sigma_m: Some(10.0),
        kinematics: Kinematics {
            speed_mps: Some(6.0),
            course: Some(Angle::from_degrees(90.0)),
            heading: None,
        },
        class: Class::Vessel,
        affiliation: Affiliation::Neutral,
        idents: vec![Ident::Mmsi(mmsi), Ident::Name(Arc::from(format!("SHIP {mmsi}")))],
        distress: None,
        stale_at: None,
        text: None,
        exercise: false,
        battery_percent: None,
        air: Air::NONE,
        alarm: None,
        frame: Frame { format: Arc::from("ais"), bytes: Arc::from(&b"!AIVDM"[..]) },
    }))
}

/// Two degrees by two, some parts of it full and others empty.
fn place(ship: u64, second: u64) -> (f64, f64) {
    let spread = |salt: u64| {
        let mixed = (ship + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15 ^ salt).rotate_left(23) >> 33;
        mixed as f64 / f64::from(1_u32 << 31)
    };
    let dense = spread(3) * spread(5);
    (10.0 + 2.0 * dense, 20.0 + 2.0 * spread(7) + second as f64 * 6.0 / 109_000.0)
}

fn entry(seq: u64, now: Time, ship: u64, body: Body) -> Entry {
    let subject = Some(Subject::Mmsi(503_000_000 + u32::try_from(ship).unwrap()));
    let mut id = [0; 32];
    id[..8].copy_from_slice(&seq.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes());
    Entry {
        seq: Seq(seq),
        name: EntryName {
            origin: NodeId([1; 16]),
            epoch: Epoch(0),
            class: LogClass::Observation,
            number: seq,
        },
        id: RecordId(id),
        record: Record {
            author: Actor::Device(DeviceId::new("ais").unwrap()),
            auth: Auth::None,
            label: Label::lowest(),
            occurred_at: now,
            received_at: now,
            subject,
            cites: Vec::new(),
            body,
        },
    }
}

fn never() -> Over {
    Arc::new(|| false)
}

/// A sequence of numbers from 0 to 1 that looks random and is the same each time.
struct Chance(u64);
impl Chance {
    fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / f64::from(1_u32 << 31)
    }
}

fn boxes(history: &History, seconds: u64) {
    let mut chance = Chance(1);
    for (side_deg, minutes, limit) in [
        (0.05, 10.0, 100),
        (0.2, 1.0, 100),
        (0.2, 10.0, 100),
        (1.0, 5.0, 100),
        (3.0, 15.0, 100),
        (0.2, 10.0, 1_000),
    ] {
        let mut times = Vec::new();
        let mut rows = 0;
        for _ in 0..400 {
            let (south_deg, west_deg) = (10.0 + 1.6 * chance.next(), 20.0 + 1.9 * chance.next());
            let from = START.plus_s((seconds as f64 - minutes * 60.0).max(0.0) * chance.next());
            let question = Question {
                bounds: Some(Bounds {
                    west_deg,
                    south_deg,
                    east_deg: west_deg + side_deg,
                    north_deg: south_deg + side_deg,
                }),
                from,
                to: from.plus_s(minutes * 60.0),
                kind: None,
                limit,
            };
            let began = Instant::now();
            let mut taken = 0;
            history
                .records(&question, &never(), &mut |found| {
                    let inside = found.position.is_some_and(|place| {
                        let (lat, lon) = (place.lat.degrees(), place.lon.degrees());
                        (south_deg..=south_deg + side_deg).contains(&lat)
                            && (west_deg..=west_deg + side_deg).contains(&lon)
                    });
                    taken += usize::from(inside);
                    if taken < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                })
                .unwrap();
            times.push(began.elapsed().as_secs_f64() * 1e3);
            rows += taken;
        }
        let mean = rows as f64 / times.len() as f64;
        print(&format!("box of {side_deg}° and {minutes} min, first {limit}"), times, mean);
    }
}

fn seeks(history: &History, seconds: u64) {
    let mut chance = Chance(2);
    let (mut times, mut tracks) = (Vec::new(), 0);
    for _ in 0..200 {
        let at = START.plus_s(seconds as f64 * chance.next());
        let began = Instant::now();
        tracks += history.scene(at, &never()).unwrap().tracks.len();
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    let mean = tracks as f64 / times.len() as f64;
    print("picture at a second", times, mean);
}

fn plays(history: &History, seconds: u64) {
    let mut times = Vec::new();
    let mut at = START.plus_s(seconds as f64 / 3.0);
    let mut player = history.player(at, &never()).unwrap();
    for _ in 0..300 {
        at = at.plus_s(0.8);
        let began = Instant::now();
        player.advance(at, &never()).unwrap();
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    print("play on by 0.8 s", times, player.scene().tracks.len() as f64);
}

fn print(what: &str, mut times: Vec<f64>, mean: f64) {
    times.sort_by(f64::total_cmp);
    let part = |share: f64| {
        let at = times.len() as f64 * share;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
        let at = (at as usize).min(times.len() - 1);
        times.get(at).copied().unwrap_or_default()
    };
    println!(
        "{what}: p50 {:.2} ms, p95 {:.2} ms, max {:.2} ms; {mean:.0} found on average",
        part(0.5),
        part(0.95),
        part(1.0)
    );
}
