//! How long fusion takes an observation at 5,000 moving tracks, named and nameless.
//!
//! `cargo bench -p picket-fusion` prints nanoseconds an observation; both scenes run in
//! one process, so their ratio holds on a busy machine too.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

#[path = "../tests/fusion/common.rs"]
#[expect(dead_code, reason = "the helpers of the tests; the bench needs some")]
mod common;

use common::{at, entry, report, ship, time};
use picket_fusion::{Fusion, Settings};
use picket_model::{
    Actor, Angle, Body, Class, DeviceId, Entry, Label, Observation, Picture, ViewName,
};

const TRACKS: u32 = 5_000;
const ROUNDS: u32 = 40;
const WARM: u32 = 5;
/// AIS under way.
const INTERVAL_S: f64 = 10.0;

type Scene = fn(u32, f64) -> Observation;

fn main() {
    let scenes: [(&str, Scene); 2] = [("named", named), ("nameless", nameless)];
    for (scene, make) in scenes {
        run(scene, make);
    }
}

/// Ships at 5 to 14 m/s over 140 km by 70 km, each under its MMSI.
fn named(index: u32, t: f64) -> Observation {
    let (e, n, speed, course) = motion(index, t);
    ship(200_000_000 + index, at(e, n), speed, course)
}

/// The same as a radar sees them: no name, speed and course measured.
fn nameless(index: u32, t: f64) -> Observation {
    let (e, n, speed, course) = motion(index, t);
    let mut out = report("radar", Class::Vessel, at(e, n));
    out.sigma_m = Some(20.0);
    out.kinematics.speed_mps = Some(speed);
    out.kinematics.course = Some(Angle::from_degrees(course));
    out.stale_at = Some(time(t + 30.0));
    out
}

fn motion(index: u32, t: f64) -> (f64, f64, f64, f64) {
    let row = f64::from(index / 100);
    let column = f64::from(index % 100);
    let speed = 5.0 + f64::from(index % 10);
    let course = f64::from(index * 37 % 360);
    let radians = course.to_radians();
    let along = speed * t;
    let e = column * 1_400.0 + along * libm::sin(radians);
    (e, row * 1_400.0 + along * libm::cos(radians), speed, course)
}

#[expect(clippy::disallowed_methods, reason = "a bench measures the wall clock")]
#[expect(clippy::print_stdout, reason = "a bench prints what it measured")]
fn run(scene: &str, make: Scene) {
    let mut fusion = Fusion::new(Settings::default());
    let mut picture = Picture::default();
    let mut best = f64::INFINITY;
    let mut sum = 0.0;
    for round in 0..ROUNDS {
        let entries: Vec<Entry> =
            (0..TRACKS).map(|index| observation(round, index, make)).collect();
        let tick = tick(f64::from(round) * INTERVAL_S + INTERVAL_S);
        // The publisher holds the picture: every track is copied once a round before it changes.
        let held: Vec<Arc<_>> = picture.tracks.values().cloned().collect();
        let started = Instant::now();
        for entry in &entries {
            fusion.apply(black_box(entry), &mut picture);
        }
        fusion.apply(&tick, &mut picture);
        let each_ns = started.elapsed().as_secs_f64() * 1e9 / f64::from(TRACKS);
        drop(held);
        if round >= WARM {
            best = best.min(each_ns);
            sum += each_ns;
        }
    }
    let mean = sum / f64::from(ROUNDS - WARM);
    let tracks = picture.tracks.len();
    println!("{scene:>9}: mean {mean:6.0} ns, best {best:6.0} ns an observation, {tracks} tracks");
}

fn observation(round: u32, index: u32, make: Scene) -> Entry {
    let t = f64::from(round) * INTERVAL_S + f64::from(index) * INTERVAL_S / f64::from(TRACKS);
    let body = Body::Observation(Box::new(make(index, t)));
    let author = match DeviceId::new("feed") {
        Ok(name) => Actor::Device(name),
        Err(_) => Actor::Machine(ViewName::Node),
    };
    let seq = u64::from(round) * u64::from(TRACKS) + u64::from(index);
    entry(seq, author, time(t), time(t), Label::lowest(), body)
}

fn tick(t: f64) -> Entry {
    entry(0, Actor::Machine(ViewName::Clock), time(t), time(t), Label::lowest(), Body::Tick)
}
