//! The craft or station that carries the instruments, as its own stream tells it.
//!
//! Several sentences tell the same fix each second. One of them claims it, the best that the
//! stream has; what the others add (height, quality, heading, speed) goes along.

use picket_model::{Angle, Kinematics, Position, Time};

use super::said::{Rank, Said};
use super::target::Target;

/// After so long, by our clock, a value is not that of the present craft any more, seconds.
/// Receivers send once a second, slow ones every two.
const VALUE_S: f64 = 5.0;

/// After so long without it the next best sentence claims the fix, seconds.
const RANK_S: f64 = 5.0;

/// The one-sigma error of a position for a dilution of one, metres: a receiver of one frequency.
const SIGMA_M_OF_DILUTION: f64 = 5.0;

/// The one-sigma error of a fix that is reckoned or typed in, metres.
const SIGMA_M_RECKONED: f64 = 100.0;

const KNOT_MPS: f64 = 1_852.0 / 3_600.0;

/// An own fix that is to be claimed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OwnFix {
    pub(super) position: Position,
    pub(super) sigma_m: Option<f64>,
    pub(super) kinematics: Kinematics,
    /// Whether the receiver says that it is simulated.
    pub(super) simulated: bool,
    /// Whether the instruments stand at a place that the configuration names.
    pub(super) stands: bool,
}

/// A value and when it came, by our clock.
#[derive(Debug, Clone, Copy)]
struct Newest<T>(Option<(T, Time)>);

impl<T> Default for Newest<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Copy> Newest<T> {
    fn set(&mut self, value: Option<T>, now: Time) {
        if let Some(value) = value {
            self.0 = Some((value, now));
        }
    }

    fn get(&self, now: Time) -> Option<T> {
        let (value, came) = self.0?;
        (now.since_s(came).abs() <= VALUE_S).then_some(value)
    }
}

/// What is known of the own craft now.
#[derive(Debug, Default)]
pub(super) struct Ship {
    /// Where the configuration says that the instruments stand.
    stands_at: Option<Position>,
    position: Newest<Position>,
    height_m: Newest<f64>,
    heading_deg: Newest<f64>,
    sog_kn: Newest<f64>,
    cog_deg: Newest<f64>,
    hdop: Newest<f64>,
    quality: Newest<u8>,
    claimed: Option<Claimed>,
}

#[derive(Debug, Clone, Copy)]
struct Claimed {
    rank: Rank,
    /// The fix's own time, if it is known.
    at: Option<Time>,
    came: Time,
}

impl Ship {
    pub(super) fn new(stands_at: Option<Position>) -> Self {
        Self { stands_at, ..Self::default() }
    }

    /// Takes what a sentence says; gives the fix if this sentence is to claim it.
    pub(super) fn hear(
        &mut self,
        said: &Said,
        own: Option<Rank>,
        at: Option<Time>,
        now: Time,
    ) -> Option<OwnFix> {
        self.heading_deg.set(said.heading_deg, now);
        self.sog_kn.set(said.sog_kn, now);
        self.cog_deg.set(said.cog_deg, now);
        let rank = own?;
        let position = Position::from_degrees(said.lat_deg?, said.lon_deg?)?;
        self.position.set(Some(position), now);
        self.hdop.set(said.hdop, now);
        self.height_m.set(said.alt_m.zip(said.geoid_m).map(|(sea, geoid)| sea + geoid), now);
        if rank == Rank::Fix {
            self.quality.set(said.fix, now);
        }
        let before = self.claimed.filter(|before| now.since_s(before.came).abs() <= RANK_S);
        let same_instant = before.is_some_and(|before| before.at.is_some() && before.at == at);
        if before.is_some_and(|before| before.rank > rank) {
            return None;
        }
        self.claimed = Some(Claimed { rank, at, came: now });
        (!same_instant).then(|| self.fix(position, said.fix, now))
    }

    fn fix(&self, position: Position, said: Option<u8>, now: Time) -> OwnFix {
        let quality = self.quality.get(now).or(said);
        let by_dilution = || self.hdop.get(now).filter(|hdop| *hdop > 0.0);
        let sigma_m = match quality {
            Some(6 | 7) => Some(SIGMA_M_RECKONED),
            Some(4) => Some(1.0),
            Some(_) | None => by_dilution().map(|hdop| (hdop * SIGMA_M_OF_DILUTION).max(1.0)),
        };
        OwnFix {
            position: Position { height_m: self.height_m.get(now), ..position },
            sigma_m,
            kinematics: Kinematics {
                speed_mps: self.sog_kn.get(now).map(|knots| knots * KNOT_MPS),
                course: self.cog_deg.get(now).map(Angle::from_degrees),
                heading: self.heading_deg.get(now).map(Angle::from_degrees),
            },
            simulated: quality == Some(8),
            stands: self.stands_at.is_some(),
        }
    }

    /// Where a target is that is told by range and bearing: from the stream's own fix, or else
    /// from where the configuration says that the radar stands.
    pub(super) fn locate(&self, target: &Target, now: Time) -> Option<Position> {
        let from = self.position.get(now).or(self.stands_at);
        target.seen_from(from, self.heading_deg.get(now))
    }
}
