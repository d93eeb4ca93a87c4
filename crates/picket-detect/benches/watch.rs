//! How long all detectors take an observation at 5,000 named tracks under way.
//!
//! `cargo bench -p picket-detect` prints nanoseconds an observation, for each detector and for all,
//! with the clock's ticks shared out: at 20 areas and 5 lines, and at 100 areas. Every area has a
//! ship inside, a third of the areas are protected and a third watched, and ships stay, approach
//! and cross, so episodes are open as well. The target is 100,000 observations a second on one
//! core at 20 areas and 5 lines.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

#[path = "../tests/detect/common.rs"]
#[expect(dead_code, reason = "the helpers of the tests; the bench needs some")]
mod common;

use common::{at, entry, going, ship, time, track};
use picket_detect::{DETECTORS, Settings, all};
use picket_model::{Area, AreaName, Body, Entry, Forbidden, Line, Picture};

const TRACKS: u32 = 5_000;
const ROUNDS: u32 = 20;
const WARM: u32 = 3;
/// AIS under way.
const INTERVAL_S: f64 = 10.0;
/// Metres between two ships on a grid of 100 columns.
const STEP_M: f64 = 1_400.0;

fn main() {
    measure(20, 5);
    measure(100, 0);
}

#[expect(clippy::disallowed_methods, reason = "a bench measures the wall clock")]
#[expect(clippy::print_stdout, reason = "a bench prints what it measured")]
fn measure(areas: u32, lines: u32) {
    let settings = Settings {
        areas: (0..areas).filter_map(area).collect(),
        lines: (0..lines).filter_map(line).collect(),
        ..Settings::default()
    };
    let mut detectors = all(&settings);
    let mut picture = Picture::default();
    let mut claims = Vec::new();
    let mut spent_s = vec![0.0_f64; detectors.len()];
    for round in 0..ROUNDS {
        let entries: Vec<Entry> = (0..TRACKS).map(|index| observation(round, index)).collect();
        let now_s = f64::from(round + 1) * INTERVAL_S;
        let tick = entry(0, "clock", now_s, now_s, Body::Tick);
        for (index, entry) in (1..).zip(&entries) {
            let track = track(index, entry);
            picture.touched = vec![track.id];
            picture.tracks.insert(track.id, Arc::new(track));
            for (detector, spent_s) in detectors.iter_mut().zip(&mut spent_s) {
                let started = Instant::now();
                detector.watch(black_box(entry), &picture, &mut claims);
                *spent_s += started.elapsed().as_secs_f64();
            }
        }
        picture.touched.clear();
        for (detector, spent_s) in detectors.iter_mut().zip(&mut spent_s) {
            let started = Instant::now();
            // Ten ticks in ten seconds.
            for _ in 0..10 {
                detector.watch(&tick, &picture, &mut claims);
            }
            *spent_s += started.elapsed().as_secs_f64();
        }
        if round + 1 == WARM {
            spent_s.fill(0.0);
        }
    }
    let seen = f64::from(TRACKS * (ROUNDS - WARM));
    println!("{areas} areas, {lines} lines, {TRACKS} tracks; {} alerts", claims.len());
    for (row, spent_s) in DETECTORS.iter().zip(&spent_s) {
        println!("  {:<22} {:6.0} ns", row.id, spent_s * 1e9 / seen);
    }
    let all_s: f64 = spent_s.iter().sum();
    let (each_ns, each_second) = (all_s * 1e9 / seen, seen / all_s);
    println!("  {:<22} {each_ns:6.0} ns an observation, {each_second:.0} a second", "all");
    assert!(claims.iter().all(|claim| claim.occurred_at >= Some(time(0.0))));
}

fn place(index: u32) -> (f64, f64) {
    (f64::from(index % 100) * STEP_M, f64::from(index / 100) * STEP_M)
}

/// A square of 600 m around every fiftieth ship.
fn area(number: u32) -> Option<Area> {
    let (e, n) = place(number * 50);
    let corners = [(-300.0, -300.0), (300.0, -300.0), (300.0, 300.0), (-300.0, 300.0)];
    let polygon = corners.into_iter().map(|(de, dn)| at(e + de, n + dn)).collect();
    let name = AreaName::new(&format!("A{number}")).ok()?;
    let kinds = ["restricted", "protected", "watched"];
    let kind = kinds.into_iter().cycle().nth(usize::try_from(number).ok()?)?;
    Area::new(name, kind, polygon).ok()
}

/// A line of ten points across the way of a row of ships.
fn line(number: u32) -> Option<Line> {
    let (e, n) = place(number * 1_030 + 10);
    let step = |point: u32| at(e + 60.0, n - 2_000.0 + 400.0 * f64::from(point));
    let name = AreaName::new(&format!("L{number}")).ok()?;
    Line::new(name, (0..10).map(step).collect(), Forbidden::Both).ok()
}

fn observation(round: u32, index: u32) -> Entry {
    let t = f64::from(round) * INTERVAL_S + f64::from(index) * INTERVAL_S / f64::from(TRACKS);
    let (e, n) = place(index);
    // Every fifth lies still.
    let speed_mps = if index.is_multiple_of(5) { 0.0 } else { 5.0 };
    let seen = going(ship(211_000_000 + index, at(e + speed_mps * t, n)), speed_mps, 0.0);
    let seq = u64::from(round) * u64::from(TRACKS) + u64::from(index);
    entry(seq, "feed", t, t, Body::Observation(Box::new(seen)))
}
