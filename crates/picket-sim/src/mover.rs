//! How things move: along timed legs, or round a circuit.

use picket_model::{Angle, Enu};
use serde::Deserialize;

/// Where a thing is and how it moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Motion {
    pub(crate) at: Enu,
    pub(crate) speed_mps: f64,
    pub(crate) course: Angle,
}

impl Motion {
    pub(crate) fn distance_m(&self, point: Enu) -> f64 {
        distance_m(self.at, point)
    }
}

pub(crate) fn distance_m(a: Enu, b: Enu) -> f64 {
    libm::hypot(a.e_m - b.e_m, a.n_m - b.n_m)
}

/// Timed points: seconds, metres east, metres north; straight and even between them.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Legs(pub(crate) Vec<[f64; 3]>);

impl Legs {
    /// Where it is at this second; `None` before the first point and after the last.
    pub(crate) fn at(&self, second: f64) -> Option<Motion> {
        for (&[t0, e0, n0], &[t1, e1, n1]) in self.0.iter().zip(self.0.iter().skip(1)) {
            if (t0..=t1).contains(&second) {
                let (de, dn, dt) = (e1 - e0, n1 - n0, t1 - t0);
                let part = (second - t0) / dt;
                return Some(Motion {
                    at: Enu { e_m: e0 + de * part, n_m: n0 + dn * part },
                    speed_mps: libm::hypot(de, dn) / dt,
                    course: Angle::from_radians(libm::atan2(de, dn)),
                });
            }
        }
        None
    }
}

/// A racetrack: out along a straight, half a circle to the right, back, half a circle.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Circuit {
    /// Middle of the first half circle, metres east and north.
    pub(crate) from: [f64; 2],
    /// Middle of the second, metres east and north.
    pub(crate) to: [f64; 2],
    /// Radius of both, metres.
    pub(crate) radius_m: f64,
    /// Where along it the world starts, metres from the first straight's beginning.
    pub(crate) start_m: f64,
}

impl Circuit {
    fn straight_m(&self) -> f64 {
        let ([e0, n0], [e1, n1]) = (self.from, self.to);
        libm::hypot(e1 - e0, n1 - n0)
    }

    /// Once round, metres.
    pub(crate) fn length_m(&self) -> f64 {
        2.0 * (self.straight_m() + std::f64::consts::PI * self.radius_m)
    }

    /// Where a thing is that has gone so far from the circuit's beginning.
    pub(crate) fn at(&self, gone_m: f64, speed_mps: f64) -> Motion {
        let straight_m = self.straight_m();
        let half_m = straight_m + std::f64::consts::PI * self.radius_m;
        let gone_m = gone_m.rem_euclid(2.0 * half_m);
        let ([e0, n0], [e1, n1]) = (self.from, self.to);
        let (ahead_e, ahead_n) = if straight_m > 0.0 {
            ((e1 - e0) / straight_m, (n1 - n0) / straight_m)
        } else {
            (0.0, 1.0)
        };
        // The way back is the way out, seen from the other end.
        let (on_m, [e, n], sign) = if gone_m < half_m {
            (gone_m, if gone_m < straight_m { self.from } else { self.to }, 1.0)
        } else {
            let on_m = gone_m - half_m;
            (on_m, if on_m < straight_m { self.to } else { self.from }, -1.0)
        };
        let (ue, un) = (ahead_e * sign, ahead_n * sign);
        let (left_e, left_n) = (-un, ue);
        let r = self.radius_m;
        let (at, ve, vn) = if on_m < straight_m {
            let at = Enu { e_m: e + ue * on_m + left_e * r, n_m: n + un * on_m + left_n * r };
            (at, ue, un)
        } else {
            let turned = (on_m - straight_m) / r;
            let (sin, cos) = (libm::sin(turned), libm::cos(turned));
            let at = Enu {
                e_m: e + r * (cos * left_e + sin * ue),
                n_m: n + r * (cos * left_n + sin * un),
            };
            (at, cos * ue - sin * left_e, cos * un - sin * left_n)
        };
        Motion { at, speed_mps, course: Angle::from_radians(libm::atan2(ve, vn)) }
    }
}

/// A thing on a circuit that can slow down and stop.
#[derive(Debug, Clone)]
pub(crate) struct Cruise {
    gone_m: f64,
    speed_mps: f64,
}

impl Cruise {
    pub(crate) fn new(circuit: &Circuit, speed_mps: f64) -> Self {
        Self { gone_m: circuit.start_m, speed_mps }
    }

    /// Goes on for so long, changing its speed towards `wanted_mps` no faster than
    /// `change_mps2`.
    pub(crate) fn advance(
        &mut self,
        circuit: &Circuit,
        seconds: f64,
        wanted_mps: f64,
        change_mps2: f64,
    ) {
        let step = change_mps2 * seconds;
        let speed_mps = self.speed_mps + (wanted_mps - self.speed_mps).clamp(-step, step);
        self.gone_m += (self.speed_mps + speed_mps) / 2.0 * seconds;
        self.gone_m = self.gone_m.rem_euclid(circuit.length_m());
        self.speed_mps = speed_mps;
    }

    pub(crate) fn motion(&self, circuit: &Circuit) -> Motion {
        circuit.at(self.gone_m, self.speed_mps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circuit() -> Circuit {
        Circuit { from: [0.0, 0.0], to: [0.0, 100.0], radius_m: 10.0, start_m: 0.0 }
    }

    #[test]
    fn a_circuit_is_closed_turns_right_and_goes_at_its_speed() {
        let circuit = circuit();
        let length_m = circuit.length_m();
        assert!((length_m - (200.0 + 20.0 * std::f64::consts::PI)).abs() < 1e-9);
        let mut previous = circuit.at(0.0, 1.0);
        assert_eq!((previous.at.e_m, previous.at.n_m), (-10.0, 0.0));
        let mut turned = 0.0;
        let steps = 2_000;
        for step in 1..=steps {
            let now = circuit.at(length_m * f64::from(step) / f64::from(steps), 1.0);
            let went = now.distance_m(previous.at);
            assert!((went - length_m / f64::from(steps)).abs() < 1e-4, "{step}: {went}");
            let turn = (now.course.degrees() - previous.course.degrees()).rem_euclid(360.0);
            assert!(!(90.0..359.999).contains(&turn), "turned left at {step}: {turn}");
            turned += if turn > 359.0 { 0.0 } else { turn };
            previous = now;
        }
        assert!((turned - 360.0).abs() < 0.1, "{turned}");
        assert!(previous.distance_m(circuit.at(0.0, 1.0).at) < 1e-6);
    }

    #[test]
    fn a_cruise_stops_no_faster_than_it_may() {
        let circuit = circuit();
        let mut cruise = Cruise::new(&circuit, 10.0);
        for _ in 0..5 {
            cruise.advance(&circuit, 1.0, 0.0, 2.0);
        }
        let stopped = cruise.motion(&circuit);
        assert!(stopped.speed_mps.abs() < 1e-9);
        // v²/2a = 100/4.
        assert!((stopped.at.n_m - 25.0).abs() < 1e-9, "{}", stopped.at.n_m);
    }

    #[test]
    fn legs_end_where_they_end() {
        let legs = Legs(vec![[0.0, 0.0, 0.0], [10.0, 30.0, 40.0]]);
        let halfway = legs.at(5.0).unwrap();
        assert_eq!((halfway.at.e_m, halfway.at.n_m), (15.0, 20.0));
        assert!((halfway.speed_mps - 5.0).abs() < 1e-12);
        assert_eq!(legs.at(-0.1), None);
        assert_eq!(legs.at(10.1), None);
    }
}
