//! Episodes on the ground: entries, crossings, stays, perimeter alarms.

use picket_model::{Class, Forbidden, Observation, PhysicalKind, SensorKind};

use super::stage::{Episode, Sensor, alarm, at, blank, pick, site_of, site_with_line};
use crate::chance::Chance;
use crate::mover::Legs;

/// `area.entry`: somebody walks in, or along, past, up to the fence, or in with a permit.
pub(super) fn entry(chance: &mut Chance, is_positive: bool) -> Episode {
    let half_m = chance.between(80.0, 200.0);
    let site = site_of("restricted", half_m, half_m);
    let sigma_m = chance.between(2.0, 6.0);
    let (class, speed_mps) = match pick(chance, 3) {
        0 => (Class::Vehicle, chance.between(4.0, 8.0)),
        _ => (Class::Person, chance.between(1.0, 2.5)),
    };
    let sensor = Sensor::camera(class, 1.0, sigma_m);
    let along_m = chance.between(-half_m * 0.6, half_m * 0.6);
    let from_m = half_m + chance.between(40.0, 90.0);
    if is_positive {
        let deep_m = half_m - chance.between(35.0, 60.0);
        let in_s = (from_m - deep_m) / speed_mps;
        let stay_s = chance.between(15.0, 60.0);
        let legs = Legs(vec![
            [0.0, from_m, along_m],
            [in_s, deep_m, along_m],
            [in_s + stay_s, deep_m - 5.0, along_m + 5.0],
        ]);
        // Deep enough for 90 %, by the error of one look.
        let truth_s = (from_m - half_m + 1.28 * sigma_m) / speed_mps;
        return Episode::new(site, sensor.along(&legs, chance), Some(truth_s));
    }
    // How near the fence it comes: never within two sigma of it.
    let near_m = half_m + 2.0 * sigma_m + chance.between(1.0, 10.0);
    let long_s = chance.between(60.0, 240.0);
    let seen = match pick(chance, 4) {
        // Along the fence.
        0 => {
            let walked_m = speed_mps.min(2.0) * long_s;
            let legs = Legs(vec![[0.0, near_m, -half_m], [long_s, near_m, -half_m + walked_m]]);
            sensor.along(&legs, chance)
        }
        // Up to the fence and back.
        1 => {
            let there_s = (from_m + 60.0 - near_m) / speed_mps;
            let legs = Legs(vec![
                [0.0, from_m + 60.0, along_m],
                [there_s, near_m, along_m],
                [there_s + long_s, near_m, along_m + 10.0],
                [2.0 * there_s + long_s, from_m + 60.0, along_m],
            ]);
            sensor.along(&legs, chance)
        }
        // An own team inside.
        2 => {
            let legs = Legs(vec![[0.0, from_m, 0.0], [long_s, -from_m, 0.0]]);
            Sensor::team().along(&legs, chance)
        }
        // An aircraft above.
        _ => {
            let legs = Legs(vec![[0.0, -6_000.0, 0.0], [80.0, 6_000.0, along_m]]);
            let mut seen = Sensor::adsb(0x3C_6586).along(&legs, chance);
            let height_m = chance.between(450.0, 9_000.0);
            for (_, seen) in &mut seen {
                seen.air.pressure_altitude_m = Some(height_m);
            }
            seen
        }
    };
    Episode::new(site, seen, None)
}

/// `line.cross`: over the line, or along it, up to it, round its end, or the free way.
pub(super) fn crossing(chance: &mut Chance, is_positive: bool) -> Episode {
    // East is the right side, seen along the points.
    let site = site_with_line(Forbidden::Right);
    let sigma_m = chance.between(2.0, 6.0);
    let speed_mps = chance.between(1.0, 3.0);
    let sensor = Sensor::camera(Class::Person, 1.0, sigma_m);
    let north_m = chance.between(-300.0, -20.0);
    let west_m = -chance.between(50.0, 120.0);
    let east_m = chance.between(50.0, 120.0);
    if is_positive {
        let over_s = (east_m - west_m) / speed_mps;
        let drift_m = chance.between(-60.0, 10.0);
        let legs = Legs(vec![[0.0, west_m, north_m], [over_s, east_m, north_m + drift_m]]);
        // Two sigma, by the error of one look, beyond the line.
        let truth_s = (2.0 * sigma_m - west_m) / speed_mps;
        return Episode::new(site, sensor.along(&legs, chance), Some(truth_s));
    }
    let near_m = -2.5 * sigma_m - chance.between(1.0, 8.0);
    let legs = match pick(chance, 4) {
        0 => Legs(vec![[0.0, near_m, -380.0], [380.0 / speed_mps, near_m, 0.0]]),
        1 => {
            let there_s = (near_m - west_m) / speed_mps;
            Legs(vec![
                [0.0, west_m, north_m],
                [there_s, near_m, north_m],
                [there_s + 60.0, near_m, north_m - 5.0],
                [2.0 * there_s + 60.0, west_m, north_m],
            ])
        }
        // Round the southern end.
        2 => {
            let south_m = -400.0 - 4.0 * sigma_m - chance.between(5.0, 30.0);
            let over_s = (east_m - west_m) / speed_mps;
            Legs(vec![
                [0.0, west_m, -360.0],
                [60.0, west_m, south_m],
                [60.0 + over_s, east_m, south_m],
                [120.0 + over_s, east_m, -360.0],
            ])
        }
        // From east to west.
        _ => {
            let over_s = (east_m - west_m) / speed_mps;
            Legs(vec![[0.0, east_m, north_m], [over_s, west_m, north_m]])
        }
    };
    Episode::new(site, sensor.along(&legs, chance), None)
}

/// `area.dwell`: somebody stays for ten minutes, or a little less, or farther away, or passes.
pub(super) fn stay(chance: &mut Chance, is_positive: bool) -> Episode {
    let site = site_of(if pick(chance, 2) == 0 { "protected" } else { "watched" }, 80.0, 80.0);
    let sensor = Sensor::camera(Class::Person, 2.0, chance.between(2.0, 6.0));
    let (speed_mps, far_m) = (1.4, 330.0);
    // Wanders about a spot so far from the middle for so long.
    let wander = |spot_m: f64, long_s: f64, chance: &mut Chance| {
        let there_s = (far_m - spot_m) / speed_mps;
        let mut legs = vec![[0.0, far_m, 0.0], [there_s, spot_m, 0.0]];
        let mut at_s = there_s;
        while at_s < there_s + long_s {
            at_s += 30.0;
            legs.push([at_s, spot_m + chance.between(-8.0, 8.0), chance.between(-30.0, 30.0)]);
        }
        legs.push([at_s + there_s, far_m, 0.0]);
        legs.push([at_s + there_s + 180.0, far_m + 50.0, 0.0]);
        Legs(legs)
    };
    let within_s = |spot_m: f64| (80.0 + 150.0 - spot_m) / speed_mps;
    if is_positive {
        let spot_m = chance.between(60.0, 200.0);
        let legs = wander(spot_m, chance.between(620.0, 780.0), chance);
        let truth_s = (far_m - (80.0 + 150.0)) / speed_mps;
        return Episode::new(site, sensor.along(&legs, chance), Some(truth_s));
    }
    let legs = match pick(chance, 3) {
        // Leaves half a minute too early, or earlier; coming and going count.
        0 => {
            let spot_m = chance.between(100.0, 200.0);
            let long_s = chance.between(240.0, 540.0) - 2.0 * within_s(spot_m);
            wander(spot_m, long_s.max(60.0) - 30.0, chance)
        }
        // Farther than 150 m by more than the margin.
        1 => wander(chance.between(290.0, 320.0), 720.0, chance),
        // Passes.
        _ => Legs(vec![[0.0, -400.0, 150.0], [800.0 / speed_mps, 400.0, 150.0]]),
    };
    Episode::new(site, sensor.along(&legs, chance), None)
}

/// `pids.confirm`: somebody at the fence, or wind, traffic and a patrol.
pub(super) fn alarms(chance: &mut Chance, is_positive: bool) -> Episode {
    let place = (chance.between(-500.0, 500.0), chance.between(-500.0, 500.0));
    let near = |chance: &mut Chance, within_m: f64| {
        (place.0 + chance.between(-within_m, within_m), place.1 + chance.between(-3.0, 3.0))
    };
    let (fence, seismic) = (PhysicalKind::Fence, PhysicalKind::Seismic);
    let mut seen: Vec<(f64, Observation)> = Vec::new();
    // Nuisances of sensors far away and far from each other, all the time.
    for number in 0..pick(chance, 6) {
        let far = (place.0 + 150.0 * f64::from(number + 1), place.1);
        let kind = if number % 2 == 0 { fence } else { seismic };
        seen.push((chance.between(0.0, 120.0), alarm(&format!("Far-{number}"), kind, far, chance)));
    }
    let begin_s = chance.between(20.0, 60.0);
    if is_positive {
        // Each sensor speaks two to four times while somebody is there.
        let mut first_s = [f64::INFINITY; 2];
        for (by, kind, first) in [("Fence-07", fence, 0), ("Geo-3", seismic, 1)] {
            let offset_s = chance.between(0.0, 8.0);
            for word in 0..2 + pick(chance, 3) {
                let at_s = begin_s + offset_s + f64::from(word) * chance.between(2.0, 6.0);
                if let Some(first_s) = first_s.get_mut(first) {
                    *first_s = first_s.min(at_s);
                }
                let spot = near(chance, 8.0);
                seen.push((at_s, alarm(by, kind, spot, chance)));
            }
        }
        let truth_s = first_s.into_iter().fold(0.0, f64::max);
        return Episode::new(site_of("watched", 50.0, 50.0), seen, Some(truth_s));
    }
    match pick(chance, 4) {
        // Wind: all fences, many times.
        0 => {
            for number in 0..6 {
                let at_s = begin_s + chance.between(0.0, 60.0);
                let spot = near(chance, 20.0);
                seen.push((at_s, alarm(&format!("Fence-{number}"), fence, spot, chance)));
            }
        }
        // Two kinds, but too far apart in time.
        1 => {
            let apart_s = chance.between(33.0, 90.0);
            let (one, other) = (near(chance, 5.0), near(chance, 5.0));
            seen.push((begin_s, alarm("Fence-07", fence, one, chance)));
            seen.push((begin_s + apart_s, alarm("Geo-3", seismic, other, chance)));
        }
        // Two kinds, but too far apart in place.
        2 => {
            let far = (place.0, place.1 - chance.between(50.0, 140.0));
            let one = near(chance, 5.0);
            seen.push((begin_s, alarm("Fence-07", fence, one, chance)));
            seen.push((begin_s + chance.between(0.0, 20.0), alarm("Geo-3", seismic, far, chance)));
        }
        // A patrol at a fence that cries, and a radar that sees something farther off.
        _ => {
            for word in 0..4 {
                let spot = near(chance, 5.0);
                let at_s = begin_s + f64::from(word) * 7.0;
                seen.push((at_s, alarm("Fence-07", fence, spot, chance)));
            }
            for second in 0..60 {
                let at_s = begin_s + f64::from(second);
                let team = Sensor::team();
                seen.push((at_s, team.fix(place.0 + 5.0, place.1, chance)));
                let mut plot = blank(SensorKind::Radar, Vec::new());
                plot.position = Some(at(place.0, place.1 + 70.0 + f64::from(second)));
                plot.sigma_m = Some(5.0);
                seen.push((at_s + 0.5, plot));
            }
        }
    }
    Episode::new(site_of("watched", 50.0, 50.0), seen, None)
}
