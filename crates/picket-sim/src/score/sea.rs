//! Episodes at sea, in the air and of devices: approaches, identities, jumps, calls, silence.

use std::sync::Arc;

use picket_model::{Class, Distress, DistressKind, Ident, Observation, SensorKind, Severity, Site};

use super::stage::{Episode, Sensor, at, blank, pick, site_of};
use crate::chance::Chance;
use crate::mover::Legs;

const MMSI: u32 = 211_000_001;

fn no_site() -> Site {
    Site { name: "score".to_owned(), areas: Vec::new(), lines: Vec::new() }
}

/// `approach.cpa`: a ship turns towards the pier, or passes, turns off, leaves, lies there.
pub(super) fn approach(chance: &mut Chance, is_positive: bool) -> Episode {
    let half_m = chance.between(200.0, 350.0);
    let site = site_of("protected", half_m, half_m);
    let speed_mps = chance.between(3.0, 8.0);
    let sensor = Sensor::ais(MMSI, if speed_mps > 7.0 { 6.0 } else { 10.0 });
    if is_positive {
        // Past at some distance, then towards the middle.
        let (turn_e, turn_n) =
            (half_m + chance.between(900.0, 1_800.0), chance.between(-400.0, 400.0));
        let aim_n = chance.between(-half_m * 0.3, half_m * 0.3);
        let past_s = chance.between(120.0, 240.0);
        let way_m = libm::hypot(turn_e, turn_n - aim_n);
        let legs = Legs(vec![
            [0.0, turn_e, turn_n - past_s * speed_mps],
            [past_s, turn_e, turn_n],
            [past_s + way_m / speed_mps, 0.0, aim_n],
        ]);
        return Episode::new(site, sensor.along(&legs, chance), Some(past_s));
    }
    let off_m = half_m + chance.between(900.0, 2_500.0);
    let long_s = chance.between(300.0, 700.0);
    let legs = match pick(chance, 4) {
        // Passes at a distance of several hundred metres.
        0 => {
            let aside_m = half_m + chance.between(600.0, 1_200.0);
            let way_m = speed_mps * long_s;
            Legs(vec![[0.0, aside_m, -way_m / 2.0], [long_s, aside_m, way_m / 2.0]])
        }
        // Comes, but far off the bow: aims 25° or more past the corner.
        1 => {
            let aim_n = half_m + off_m * chance.between(0.5, 0.9);
            let way_m = libm::hypot(off_m, aim_n);
            Legs(vec![[0.0, off_m, 0.0], [way_m / speed_mps, 0.0, aim_n]])
        }
        // Leaves.
        2 => Legs(vec![
            [0.0, half_m + 50.0, 0.0],
            [long_s, half_m + 50.0 + speed_mps * long_s, 200.0],
        ]),
        // Lies off the pier and drifts.
        _ => Legs(vec![[0.0, off_m, 0.0], [long_s, off_m - 0.3 * long_s, 20.0]]),
    };
    Episode::new(site, sensor.along(&legs, chance), None)
}

fn told(mmsi: u32, idents: Vec<Ident>) -> Observation {
    let mut seen = blank(SensorKind::Ais, vec![Ident::Mmsi(mmsi)]);
    seen.class = Class::Vessel;
    seen.idents.extend(idents);
    seen
}

fn name(text: &str) -> Ident {
    Ident::Name(Arc::from(text))
}

/// An IMO number that is right, by chance.
fn imo(chance: &mut Chance) -> u32 {
    let stem = 900_000 + pick(chance, 60_000);
    let sum: u32 = (0..6).map(|place| stem / 10_u32.pow(place) % 10 * (place + 2)).sum();
    stem * 10 + sum % 10
}

/// `ais.identity`: wrong numbers, changing names, one number twice; or a sale, a leap, noise.
pub(super) fn identity(chance: &mut Chance, is_positive: bool) -> Episode {
    let speed_mps = chance.between(2.0, 9.0);
    let legs = Legs(vec![[0.0, 0.0, 0.0], [1_500.0, speed_mps * 1_500.0, 0.0]]);
    let right = imo(chance);
    let sail = |mmsi: u32, chance: &mut Chance| Sensor::ais(mmsi, 10.0).along(&legs, chance);
    // Who it is, every two minutes.
    let statics = |mmsi: u32, ident: &dyn Fn(u32) -> Ident| -> Vec<(f64, Observation)> {
        (0..12).map(|word| (5.0 + f64::from(word) * 120.0, told(mmsi, vec![ident(word)]))).collect()
    };
    let (mut seen, truth_s) = match (is_positive, pick(chance, 4)) {
        // The second wrong number, the third report, the second change, the third turn.
        (true, 0) => {
            let mut seen = sail(MMSI, chance);
            let wrong = if right % 10 < 9 { right + 1 } else { right - 1 };
            seen.extend(statics(MMSI, &|_| Ident::Imo(wrong)));
            (seen, Some(125.0))
        }
        (true, 1) => {
            let mmsi = 221_000_000 + pick(chance, 900_000);
            (sail(mmsi, chance), Some(20.0))
        }
        (true, 2) => {
            let mut seen = sail(MMSI, chance);
            let names = ["ALPHA", "BRAVO", "CHARLIE"];
            let ident = |word: u32| {
                let place = usize::try_from(word / 4).unwrap_or(0);
                name(names.get(place).copied().unwrap_or("ALPHA"))
            };
            seen.extend(statics(MMSI, &ident));
            (seen, Some(5.0 + 8.0 * 120.0))
        }
        (true, _) => {
            let mut seen = sail(MMSI, chance);
            let away_m = chance.between(30_000.0, 400_000.0);
            let other = Legs(vec![[300.0, 0.0, away_m], [1_500.0, 6_000.0, away_m]]);
            seen.extend(Sensor::ais(MMSI, 10.0).along(&other, chance));
            (seen, Some(310.0))
        }
        // A plain ship; one that was sold; one false position and a leap; noise.
        (false, 0) => {
            let mut seen = sail(MMSI, chance);
            seen.extend(statics(MMSI, &|_| Ident::Imo(right)));
            (seen, None)
        }
        (false, 1) => {
            let mut seen = sail(MMSI, chance);
            let ident = |word: u32| name(if word < 6 { "ALPHA" } else { "BRAVO" });
            seen.extend(statics(MMSI, &ident));
            (seen, None)
        }
        (false, 2) => {
            let mut seen = sail(MMSI, chance);
            let wrong = seen.len() / 3;
            if let Some((_, seen)) = seen.get_mut(wrong) {
                seen.position = Some(at(0.0, chance.between(20_000.0, 200_000.0)));
            }
            for (_, seen) in seen.iter_mut().filter(|(at_s, _)| *at_s > 1_000.0) {
                seen.position = Some(at(50_000.0, 90_000.0));
            }
            (seen, None)
        }
        (false, _) => {
            let mut seen = sail(MMSI, chance);
            for number in 0..5 {
                let mmsi = 221_000_000 + number + pick(chance, 900_000) * 10;
                seen.push((chance.between(0.0, 1_400.0), told(mmsi, Vec::new())));
            }
            let wrong = right ^ 1;
            seen.push((700.0, told(MMSI + 1, vec![Ident::Imo(wrong)])));
            (seen, None)
        }
    };
    seen.retain(|(at_s, _)| *at_s < 1_450.0);
    Episode::new(no_site(), seen, truth_s)
}

/// `kinematic.impossible`: false positions; or noise, gaps, speed and delay.
pub(super) fn jump(chance: &mut Chance, is_positive: bool) -> Episode {
    let is_flight = pick(chance, 3) == 0;
    let (sensor, speed_mps, far_m) = if is_flight {
        (Sensor::adsb(0x3C_6586), chance.between(60.0, 250.0), 40_000.0)
    } else {
        (Sensor::ais(MMSI, 10.0), chance.between(0.0, 28.0), 12_000.0)
    };
    let long_s = if is_flight { 150.0 } else { 500.0 };
    let legs = Legs(vec![[0.0, 0.0, 0.0], [long_s, speed_mps * long_s, 0.0]]);
    let mut seen = sensor.along(&legs, chance);
    if is_positive {
        // One false position, told twice in a row so that the loss of one does not hide it.
        let middle = seen.len() / 2;
        let away_m = far_m * chance.between(1.0, 4.0);
        let mut truth_s = None;
        for (at_s, seen) in seen.iter_mut().skip(middle).take(2) {
            truth_s = truth_s.or(Some(*at_s));
            seen.position = Some(at(speed_mps * *at_s, away_m));
        }
        return Episode::new(no_site(), seen, truth_s);
    }
    if pick(chance, 2) == 0 {
        // A gap of minutes, as behind a headland.
        seen.retain(|(at_s, _)| !(long_s * 0.3..long_s * 0.7).contains(at_s));
    }
    Episode::new(no_site(), seen, None)
}

/// `distress`: calls by beacon, word and squawk; or tests, and texts about buoys.
pub(super) fn call(chance: &mut Chance, is_positive: bool) -> Episode {
    let calls = |kind: DistressKind, test: bool, text: Option<&str>, ident: Ident| {
        let mut seen = blank(SensorKind::Ais, vec![ident]);
        seen.position = Some(at(0.0, 0.0));
        seen.text = text.map(Arc::from);
        seen.distress = Some(Distress { kind, test, cancelled: false });
        seen
    };
    let beacon = Ident::Mmsi(970_000_000 + pick(chance, 99_999));
    let (call, times, every_s) = match (is_positive, pick(chance, 3)) {
        (true, 0) => (calls(DistressKind::AisSart, false, None, beacon), 8, 7.5),
        (true, 1) => {
            let text = Some("MAYDAY TAKING WATER");
            (calls(DistressKind::SafetyText, false, text, Ident::Mmsi(MMSI)), 4, 20.0)
        }
        (true, _) => {
            let kind = DistressKind::SquawkEmergency;
            (calls(kind, false, None, Ident::Icao(0x3C_6586)), 30, 1.0)
        }
        (false, 0 | 1) => (calls(DistressKind::AisSart, true, None, beacon), 8, 7.5),
        (false, _) => {
            let text = Some("LIGHT BUOY 5 UNLIT");
            (calls(DistressKind::SafetyText, false, text, Ident::Mmsi(MMSI)), 3, 30.0)
        }
    };
    let begin_s = chance.between(0.0, 10.0);
    let seen = (0..times).map(|word| (begin_s + f64::from(word) * every_s, call.clone())).collect();
    let mut episode = Episode::new(no_site(), seen, is_positive.then_some(begin_s));
    episode.least = Severity::Serious;
    episode
}

/// `device.silent`: a sensor dies; or skips a beat or two, or begins again.
pub(super) fn silence(chance: &mut Chance, is_positive: bool) -> Episode {
    let every_s = chance.between(3.0, 10.0);
    let beats = |chance: &mut Chance, from_s: f64, until_s: f64| {
        let mut at_s = from_s;
        let mut out = Vec::new();
        while at_s < until_s {
            let mut seen = blank(SensorKind::CotSelf, vec![Ident::CotUid(Arc::from("Fence-07"))]);
            seen.class = Class::Equipment;
            seen.position = Some(at(0.0, 0.0));
            out.push((at_s, seen));
            at_s += every_s * chance.between(0.9, 1.1);
        }
        out
    };
    let die_s = chance.between(30.0, 60.0) * every_s;
    let mut seen = beats(chance, 0.0, if is_positive { die_s } else { die_s * 1.5 });
    let last_s = seen.last().map_or(0.0, |(at_s, _)| *at_s);
    if is_positive {
        let mut episode = Episode::new(no_site(), seen, Some(last_s));
        episode.until_s = last_s + 20.0 * every_s;
        return episode;
    }
    // Every tenth beat is missing on top of what is lost.
    let mut number = 0;
    seen.retain(|_| {
        number += 1;
        number % 10 != 0
    });
    let mut episode = Episode::new(no_site(), seen, None);
    episode.until_s = last_s + every_s * 0.5;
    episode
}
