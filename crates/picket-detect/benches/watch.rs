//! How long all detectors take an observation at 5,000 named tracks and 100 areas.
//!
//! `cargo bench -p picket-detect` prints nanoseconds an observation. Every fiftieth ship is
//! inside an area, so episodes are open as well.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

#[path = "../tests/detect/common.rs"]
#[expect(dead_code, reason = "the helpers of the tests; the bench needs some")]
mod common;

use common::{at, entry, ship, time, track};
use picket_detect::{Settings, all};
use picket_model::{Area, AreaName, Body, Entry, Picture};

const TRACKS: u32 = 5_000;
const AREAS: u32 = 100;
const ROUNDS: u32 = 20;
const WARM: u32 = 3;
/// AIS under way.
const INTERVAL_S: f64 = 10.0;
/// Metres between two ships on a grid of 100 columns.
const STEP_M: f64 = 1_400.0;

#[expect(clippy::disallowed_methods, reason = "a bench measures the wall clock")]
#[expect(clippy::print_stdout, reason = "a bench prints what it measured")]
fn main() {
    let settings = Settings { areas: (0..AREAS).filter_map(area).collect(), ..Settings::default() };
    let mut detectors = all(&settings);
    let mut picture = Picture::default();
    let mut claims = Vec::new();
    let (mut best, mut sum) = (f64::INFINITY, 0.0_f64);
    for round in 0..ROUNDS {
        let entries: Vec<Entry> = (0..TRACKS).map(|index| observation(round, index)).collect();
        let now_s = f64::from(round + 1) * INTERVAL_S;
        let tick = entry(0, "clock", now_s, now_s, Body::Tick);
        let mut spent_s = 0.0;
        for (index, entry) in (1..).zip(&entries) {
            let track = track(index, entry);
            picture.touched = vec![track.id];
            picture.tracks.insert(track.id, Arc::new(track));
            let started = Instant::now();
            for detector in &mut detectors {
                detector.watch(black_box(entry), &picture, &mut claims);
            }
            spent_s += started.elapsed().as_secs_f64();
        }
        picture.touched.clear();
        let started = Instant::now();
        for detector in &mut detectors {
            detector.watch(&tick, &picture, &mut claims);
        }
        spent_s += started.elapsed().as_secs_f64();
        let each_ns = spent_s * 1e9 / f64::from(TRACKS);
        if round >= WARM {
            best = best.min(each_ns);
            sum += each_ns;
        }
    }
    let mean = sum / f64::from(ROUNDS - WARM);
    let alerts = claims.len();
    println!(
        "mean {mean:6.0} ns, best {best:6.0} ns an observation; {alerts} alerts, clock included"
    );
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
    Area::new(name, "restricted", polygon).ok()
}

fn observation(round: u32, index: u32) -> Entry {
    let t = f64::from(round) * INTERVAL_S + f64::from(index) * INTERVAL_S / f64::from(TRACKS);
    let (e, n) = place(index);
    let seen = ship(200_000_000 + index, at(e + 5.0 * t, n));
    let seq = u64::from(round) * u64::from(TRACKS) + u64::from(index);
    entry(seq, "feed", t, t, Body::Observation(Box::new(seen)))
}
