//! A constant-velocity Kalman filter in a local east-north frame.
//!
//! State is `[e, n, ve, vn]`, m and m/s, in the frame that touches the earth near the
//! track; the frame moves along with it. Process noise is white acceleration of density
//! `q` (Bar-Shalom, Li, Kirubarajan 2001, §6.2.2). A step costs a few dozen multiplications
//! on the stack; updates use `R·S⁻¹·P`, which stays positive where `P - K·P` cancels.

use picket_model::geo::{Enu, Frame};
use picket_model::{Angle, Position};

use crate::digest;

/// How far the estimate may go from the frame's origin before the frame follows it, metres.
///
/// At 2 km the frame's scale errs by less than 1 part in 3,000 below 60 degrees of latitude.
const ANCHOR_M: f64 = 2_000.0;

/// Longest time that a state is carried forward, seconds: beyond it a prediction says nothing.
pub(crate) const PREDICT_S_MAX: f64 = 900.0;

/// A 2×2 matrix over east and north.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct M2 {
    ee: f64,
    en: f64,
    ne: f64,
    nn: f64,
}

impl M2 {
    const ZERO: Self = Self::scaled(0.0);

    const fn scaled(value: f64) -> Self {
        Self { ee: value, en: 0.0, ne: 0.0, nn: value }
    }

    const fn transposed(self) -> Self {
        Self { ee: self.ee, en: self.ne, ne: self.en, nn: self.nn }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            ee: self.ee + other.ee,
            en: self.en + other.en,
            ne: self.ne + other.ne,
            nn: self.nn + other.nn,
        }
    }

    fn times(self, factor: f64) -> Self {
        Self {
            ee: self.ee * factor,
            en: self.en * factor,
            ne: self.ne * factor,
            nn: self.nn * factor,
        }
    }

    fn dot(self, other: Self) -> Self {
        Self {
            ee: self.ee * other.ee + self.en * other.ne,
            en: self.ee * other.en + self.en * other.nn,
            ne: self.ne * other.ee + self.nn * other.ne,
            nn: self.ne * other.en + self.nn * other.nn,
        }
    }

    fn apply(self, [e, n]: [f64; 2]) -> [f64; 2] {
        [self.ee * e + self.en * n, self.ne * e + self.nn * n]
    }

    fn determinant(self) -> f64 {
        self.ee * self.nn - self.en * self.ne
    }

    /// The inverse; of a matrix that has none, that of the unit matrix times 1 m².
    fn inverse(self) -> Self {
        let determinant = self.determinant();
        if !determinant.is_normal() {
            return Self::scaled(1.0);
        }
        Self { ee: self.nn, en: -self.en, ne: -self.ne, nn: self.ee }.times(1.0 / determinant)
    }

    /// The nearest symmetric matrix, its diagonal held above zero.
    fn settled(self) -> Self {
        let across = (self.en + self.ne) / 2.0;
        Self { ee: self.ee.max(1e-9), en: across, ne: across, nn: self.nn.max(1e-9) }
    }

    fn is_finite(self) -> bool {
        (self.ee + self.en + self.ne + self.nn).is_finite()
    }

    fn digest(self, out: &mut Vec<u8>) {
        for value in [self.ee, self.en, self.ne, self.nn] {
            digest::number(value, out);
        }
    }
}

/// A measured velocity: east and north in m/s, and one sigma of each in m/s.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Velocity {
    pub(crate) east_north_mps: [f64; 2],
    pub(crate) sigma_mps: f64,
}

/// How a place lies against a prediction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Innovation {
    /// Distance, metres.
    pub(crate) distance_m: f64,
    /// Squared Mahalanobis distance: chi-square with two degrees of freedom if both are one thing.
    pub(crate) chi_square: f64,
    /// Natural logarithm of the determinant of the innovation's covariance, m⁴.
    pub(crate) log_spread: f64,
    /// Root mean square sigma of the innovation's two axes, metres.
    pub(crate) sigma_m: f64,
}

/// Place and velocity with their covariance, in a frame that follows them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Filter {
    frame: Frame,
    place: [f64; 2],
    velocity: [f64; 2],
    /// Covariance of the place, m².
    pp: M2,
    /// Covariance of place (row) and velocity (column), m²/s.
    pv: M2,
    /// Covariance of the velocity, m²/s².
    vv: M2,
}

impl Filter {
    /// A state at a place; without a measured velocity it stands still, within `speed_mps_sigma`.
    pub(crate) fn start(
        position: &Position,
        sigma_m: f64,
        velocity: Option<Velocity>,
        speed_mps_sigma: f64,
    ) -> Self {
        let velocity =
            velocity.unwrap_or(Velocity { east_north_mps: [0.0; 2], sigma_mps: speed_mps_sigma });
        Self {
            frame: Frame::at(Position { height_m: None, ..*position }),
            place: [0.0; 2],
            velocity: velocity.east_north_mps,
            pp: M2::scaled(sigma_m * sigma_m),
            pv: M2::ZERO,
            vv: M2::scaled(velocity.sigma_mps * velocity.sigma_mps),
        }
    }

    /// The state `elapsed_s` later, or earlier when negative: then it is surer of nothing.
    pub(crate) fn predicted(&self, elapsed_s: f64, q_m2ps3: f64) -> Self {
        let dt = elapsed_s.clamp(-PREDICT_S_MAX, PREDICT_S_MAX);
        let age = dt.abs();
        let [e, n] = self.place;
        let [ve, vn] = self.velocity;
        let noise = |power: f64| M2::scaled(q_m2ps3 * power);
        let pp = self
            .pp
            .plus(self.pv.plus(self.pv.transposed()).times(dt))
            .plus(self.vv.times(dt * dt))
            .plus(noise(age * age * age / 3.0));
        Self {
            frame: self.frame,
            place: [e + ve * dt, n + vn * dt],
            velocity: self.velocity,
            pp: pp.settled(),
            pv: self.pv.plus(self.vv.times(dt)).plus(noise(dt * age / 2.0)),
            vv: self.vv.plus(noise(age)).settled(),
        }
    }

    /// How a place with this error lies against the state.
    pub(crate) fn innovation(&self, position: &Position, sigma_m: f64) -> Innovation {
        let offset = self.offset(position);
        let spread = self.pp.plus(M2::scaled(sigma_m * sigma_m));
        let [de, dn] = offset;
        let [ie, inn] = spread.inverse().apply(offset);
        Innovation {
            distance_m: libm::hypot(de, dn),
            chi_square: (de * ie + dn * inn).max(0.0),
            log_spread: libm::log(spread.determinant().max(1e-9)),
            sigma_m: libm::sqrt((spread.ee + spread.nn) / 2.0),
        }
    }

    /// Takes a measured place in.
    pub(crate) fn update_place(&mut self, position: &Position, sigma_m: f64) {
        let offset = self.offset(position);
        let noise = M2::scaled(sigma_m * sigma_m);
        let inverse = self.pp.plus(noise).inverse();
        let to_place = self.pp.dot(inverse);
        let to_velocity = self.pv.transposed().dot(inverse);
        self.shift(to_place.apply(offset), to_velocity.apply(offset));
        let kept = noise.dot(inverse);
        self.vv = self.vv.plus(to_velocity.dot(self.pv).times(-1.0)).settled();
        self.pv = kept.dot(self.pv);
        self.pp = kept.dot(self.pp).settled();
        self.anchor();
    }

    /// Takes a measured velocity in.
    pub(crate) fn update_velocity(&mut self, measured: Velocity) {
        let [ve, vn] = self.velocity;
        let [me, mn] = measured.east_north_mps;
        let offset = [me - ve, mn - vn];
        let noise = M2::scaled(measured.sigma_mps * measured.sigma_mps);
        let inverse = self.vv.plus(noise).inverse();
        let to_place = self.pv.dot(inverse);
        let to_velocity = self.vv.dot(inverse);
        self.shift(to_place.apply(offset), to_velocity.apply(offset));
        self.pp = self.pp.plus(to_place.dot(self.pv.transposed()).times(-1.0)).settled();
        self.pv = to_place.dot(noise);
        self.vv = noise.dot(inverse).dot(self.vv).settled();
        self.anchor();
    }

    /// The estimated place.
    pub(crate) fn position(&self) -> Position {
        let [e_m, n_m] = self.place;
        self.frame.position(Enu { e_m, n_m })
    }

    /// The estimated velocity east and north, m/s.
    pub(crate) const fn velocity(&self) -> [f64; 2] {
        self.velocity
    }

    /// The estimated speed, m/s.
    pub(crate) fn speed_mps(&self) -> f64 {
        let [ve, vn] = self.velocity;
        libm::hypot(ve, vn)
    }

    /// Covariance of the place, m²: `[ee, en, nn]`.
    pub(crate) const fn covariance_m2(&self) -> [f64; 3] {
        [self.pp.ee, self.pp.en, self.pp.nn]
    }

    /// Root mean square sigma of the place's two axes, metres.
    pub(crate) fn sigma_m(&self) -> f64 {
        libm::sqrt((self.pp.ee + self.pp.nn) / 2.0)
    }

    /// Whether every number is one.
    pub(crate) fn is_finite(&self) -> bool {
        let [e, n] = self.place;
        let [ve, vn] = self.velocity;
        let numbers = (e + n + ve + vn).is_finite();
        numbers && self.pp.is_finite() && self.pv.is_finite() && self.vv.is_finite()
    }

    pub(crate) fn digest(&self, out: &mut Vec<u8>) {
        digest::position(&self.frame.origin(), out);
        for value in self.place.into_iter().chain(self.velocity) {
            digest::number(value, out);
        }
        self.pp.digest(out);
        self.pv.digest(out);
        self.vv.digest(out);
    }

    /// Metres east and north from the estimate to a place.
    fn offset(&self, position: &Position) -> [f64; 2] {
        let at = self.frame.enu(position);
        let [e, n] = self.place;
        [at.e_m - e, at.n_m - n]
    }

    fn shift(&mut self, [de, dn]: [f64; 2], [dve, dvn]: [f64; 2]) {
        let [e, n] = self.place;
        let [ve, vn] = self.velocity;
        self.place = [e + de, n + dn];
        self.velocity = [ve + dve, vn + dvn];
    }

    fn anchor(&mut self) {
        let [e, n] = self.place;
        if e.abs().max(n.abs()) > ANCHOR_M {
            self.frame = Frame::at(self.position());
            self.place = [0.0; 2];
        }
    }
}

/// East and north components of a speed along a course.
pub(crate) fn along(course: Angle, speed_mps: f64) -> [f64; 2] {
    let radians = course.radians();
    [speed_mps * libm::sin(radians), speed_mps * libm::cos(radians)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(lat_deg: f64, lon_deg: f64) -> Position {
        Position::from_degrees(lat_deg, lon_deg).unwrap()
    }

    /// The same filter with plain 4×4 matrices, as the textbook writes it.
    struct Textbook {
        x: [f64; 4],
        p: [[f64; 4]; 4],
    }

    type M4 = [[f64; 4]; 4];

    fn product(a: &M4, b: &M4) -> M4 {
        let mut out = [[0.0; 4]; 4];
        for i in 0..4 {
            for j in 0..4 {
                out[i][j] = (0..4).map(|k| a[i][k] * b[k][j]).sum();
            }
        }
        out
    }

    fn transposed(a: &M4) -> M4 {
        let mut out = [[0.0; 4]; 4];
        for i in 0..4 {
            for j in 0..4 {
                out[i][j] = a[j][i];
            }
        }
        out
    }

    impl Textbook {
        fn predict(&mut self, dt: f64, q: f64) {
            let mut f = [[0.0; 4]; 4];
            for (i, row) in f.iter_mut().enumerate() {
                row[i] = 1.0;
            }
            f[0][2] = dt;
            f[1][3] = dt;
            self.x = [self.x[0] + dt * self.x[2], self.x[1] + dt * self.x[3], self.x[2], self.x[3]];
            self.p = product(&product(&f, &self.p), &transposed(&f));
            for i in 0..2 {
                self.p[i][i] += q * dt * dt * dt / 3.0;
                self.p[i][i + 2] += q * dt * dt / 2.0;
                self.p[i + 2][i] += q * dt * dt / 2.0;
                self.p[i + 2][i + 2] += q * dt;
            }
        }

        fn update(&mut self, first: usize, z: [f64; 2], r: f64) {
            let s = [
                [self.p[first][first] + r, self.p[first][first + 1]],
                [self.p[first + 1][first], self.p[first + 1][first + 1] + r],
            ];
            let det = s[0][0] * s[1][1] - s[0][1] * s[1][0];
            let inv = [[s[1][1] / det, -s[0][1] / det], [-s[1][0] / det, s[0][0] / det]];
            let y = [z[0] - self.x[first], z[1] - self.x[first + 1]];
            let before = self.p;
            for i in 0..4 {
                let k: Vec<f64> = (0..2)
                    .map(|j| before[i][first] * inv[0][j] + before[i][first + 1] * inv[1][j])
                    .collect();
                self.x[i] += k[0] * y[0] + k[1] * y[1];
                for (j, to) in self.p[i].iter_mut().enumerate() {
                    *to -= k[0] * before[first][j] + k[1] * before[first + 1][j];
                }
            }
        }
    }

    #[test]
    fn agrees_with_the_textbook_filter_on_plain_matrices() {
        let origin = place(54.0, 7.0);
        let frame = Frame::at(origin);
        let mut ours = Filter::start(&origin, 20.0, None, 8.0);
        let mut theirs = Textbook { x: [0.0; 4], p: [[0.0; 4]; 4] };
        for i in 0..2 {
            theirs.p[i][i] = 400.0;
            theirs.p[i + 2][i + 2] = 64.0;
        }
        for step in 1..40_u32 {
            let t = f64::from(step);
            let z = [7.0 * t + libm::sin(t) * 15.0, -3.0 * t + libm::cos(2.0 * t) * 12.0];
            let velocity = [7.0 + libm::cos(t), -3.0];
            ours = ours.predicted(1.0, 0.1);
            ours.update_place(&frame.position(Enu { e_m: z[0], n_m: z[1] }), 20.0);
            ours.update_velocity(Velocity { east_north_mps: velocity, sigma_mps: 1.0 });
            theirs.predict(1.0, 0.1);
            theirs.update(0, z, 400.0);
            theirs.update(2, velocity, 1.0);
        }
        let numbers = [
            (ours.place[0], theirs.x[0]),
            (ours.place[1], theirs.x[1]),
            (ours.velocity[0], theirs.x[2]),
            (ours.velocity[1], theirs.x[3]),
            (ours.pp.ee, theirs.p[0][0]),
            (ours.pv.ee, theirs.p[0][2]),
            (ours.vv.nn, theirs.p[3][3]),
        ];
        for (our, their) in numbers {
            assert!((our - their).abs() < 1e-6, "{numbers:?}");
        }
    }

    #[test]
    fn the_frame_follows_a_track_over_the_date_line() {
        let mut filter = Filter::start(&place(-17.0, 179.99), 10.0, None, 20.0);
        // 0.001 degrees of longitude at 17 degrees south are 106.5 m (WGS-84 prime vertical).
        for step in 1..=40 {
            let lon = 179.99 + 0.001 * f64::from(step);
            let lon = if lon > 180.0 { lon - 360.0 } else { lon };
            filter = filter.predicted(10.0, 0.1);
            filter.update_place(&place(-17.0, lon), 10.0);
        }
        assert!(filter.position().lon.degrees() < -179.0);
        assert!((filter.speed_mps() - 10.65).abs() < 0.1, "{}", filter.speed_mps());
    }

    #[test]
    fn a_prediction_backwards_is_not_surer_than_the_state() {
        let filter = Filter::start(&place(0.0, 0.0), 10.0, None, 5.0);
        assert!(filter.predicted(-4.0, 1.0).sigma_m() > filter.sigma_m());
    }
}
