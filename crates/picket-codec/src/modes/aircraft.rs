//! What a decoder remembers of each sender: what proves its address, the halves of its
//! position, where and how it last moved.
//!
//! A position is believed if the two halves that give it are near in time and lie in one
//! zone, and if the sender can have flown there from its last place.

use std::collections::BTreeMap;

use super::clock::Moment;
use super::cpr::{self, Cpr, Place};
use super::frame::Supplements;
use super::message::{Address, AddressKind, Category, Motion, Relay, Said};
use picket_model::Position;

/// Most senders that are remembered. When full, the eighth part that was silent longest
/// gives way, those heard once before all others, so that forged addresses displace each other.
pub const AIRCRAFT_MAX: usize = 4_096;

/// How long an intact all-call reply or squitter proves its address, seconds: transponders
/// send one each second, and reception has gaps.
pub const PROOF_S: f64 = 120.0;

/// How far apart the halves of an airborne position may be heard, seconds.
///
/// Standard: RTCA DO-260B, 2.2.10.3.1.
pub const PAIR_AIRBORNE_S: f64 = 10.0;
/// The same on the ground, seconds, above [`SLOW_KN`] or at unknown speed.
pub const PAIR_SURFACE_FAST_S: f64 = 25.0;
/// The same on the ground, seconds, up to [`SLOW_KN`].
pub const PAIR_SURFACE_SLOW_S: f64 = 50.0;
/// What divides slow from fast on the ground, knots.
pub const SLOW_KN: f64 = 25.0;

/// How long a place serves as reference for the next and as its gate, seconds.
pub const PLACE_FRESH_S: f64 = 60.0;
/// How long a speed and a course belong to the positions that follow, seconds.
pub const MOTION_FRESH_S: f64 = 5.0;

/// No aircraft passes this, m/s (1,500 kn).
const AIR_MPS_MAX: f64 = 772.0;
/// Nor this on the ground, m/s (200 kn, above the fastest landing).
const GROUND_MPS_MAX: f64 = 103.0;
/// What the speed gate grants beside: late clocks, uncompensated positions, metres.
const AIR_MARGIN_M: f64 = 2_000.0;
const GROUND_MARGIN_M: f64 = 500.0;
/// What lies between two positions at most when no clock says how much time did, metres: a
/// pair further apart would have been no pair.
const UNTIMED_M: f64 = 9_000.0;
/// A receiver hears what stands on the ground no further than this, metres.
const SURFACE_RANGE_M: f64 = 185_000.0;
/// How many pairs that agree with each other outvote the last place.
const OUTVOTE: u8 = 3;

/// All senders that were heard lately.
#[derive(Debug, Default)]
pub(super) struct Sky {
    aircraft: BTreeMap<Address, Aircraft>,
    /// Where the receiver stands.
    receiver: Option<Place>,
}

/// One sender.
#[derive(Debug, Clone, Default)]
pub(super) struct Aircraft {
    /// How many intact squitters and all-call replies came, up to 255.
    heard: u8,
    /// When the last one came.
    heard_at: i64,
    /// When the address was last proven, on the line of proofs.
    proven_at: Option<i64>,
    /// When an all-call reply to an interrogator last named it: two are a proof.
    named_at: Option<i64>,
    even: Option<Half>,
    odd: Option<Half>,
    fix: Option<Fix>,
    rival: Option<(Fix, u8)>,
    motion: Option<(Motion, i64)>,
    pub(super) category: Option<Category>,
    pub(super) nacp: Option<u8>,
    pub(super) supplements: Supplements,
}

#[derive(Debug, Clone, Copy)]
struct Half {
    cpr: Cpr,
    at: i64,
}

#[derive(Debug, Clone, Copy)]
struct Fix {
    place: Place,
    surface: bool,
    at: i64,
}

impl Sky {
    pub(super) fn new(receiver: Option<Position>) -> Self {
        let receiver =
            receiver.map(|at| Place { lat_deg: at.lat.degrees(), lon_deg: at.lon.degrees() });
        Self { aircraft: BTreeMap::new(), receiver }
    }

    /// The sender of a reply whose parity hides its address: none, unless it is proven.
    pub(super) fn proven(&self, number: u32, now: Moment) -> Option<Address> {
        let address = Address { number, kind: AddressKind::Icao, relay: Relay::Direct };
        self.aircraft.get(&address).filter(|aircraft| aircraft.is_proven(now)).map(|_| address)
    }

    /// The sender of an intact frame that names it, remembered from now on.
    pub(super) fn heard(&mut self, address: Address, now: Moment) -> &mut Aircraft {
        if self.aircraft.len() >= AIRCRAFT_MAX && !self.aircraft.contains_key(&address) {
            self.forget_eighth();
        }
        let aircraft = self.aircraft.entry(address).or_default();
        aircraft.heard = aircraft.heard.saturating_add(1);
        aircraft.heard_at = now.at;
        aircraft
    }

    /// The sender, if it is remembered.
    pub(super) fn known(&mut self, address: Address) -> Option<&mut Aircraft> {
        self.aircraft.get_mut(&address)
    }

    pub(super) const fn receiver(&self) -> Option<Place> {
        self.receiver
    }

    fn forget_eighth(&mut self) {
        let mut order: Vec<(bool, i64, Address)> = self
            .aircraft
            .iter()
            .map(|(address, aircraft)| (aircraft.heard > 1, aircraft.heard_at, *address))
            .collect();
        order.sort_unstable();
        for (_, _, address) in order.iter().take(AIRCRAFT_MAX / 8) {
            self.aircraft.remove(address);
        }
    }
}

impl Aircraft {
    pub(super) fn prove(&mut self, now: Moment) {
        self.proven_at = Some(now.proof);
    }

    /// An all-call reply whose last seven parity bits are the interrogator's names the
    /// sender with 17 bits of proof; the second within the time of a proof is one.
    pub(super) fn name(&mut self, now: Moment) {
        if self.named_at.replace(now.proof).is_some_and(|at| within(at, now.proof, PROOF_S)) {
            self.prove(now);
        }
    }

    pub(super) fn is_proven(&self, now: Moment) -> bool {
        self.proven_at.is_some_and(|at| within(at, now.proof, PROOF_S))
    }

    /// How it moved lately.
    pub(super) fn motion(&self, now: Moment) -> Option<Motion> {
        self.motion.filter(|(_, at)| within(*at, now.at, MOTION_FRESH_S)).map(|(motion, _)| motion)
    }

    /// Remembers what the next messages need.
    pub(super) fn learn(&mut self, said: &Said, now: Moment) {
        self.category = said.category.or(self.category);
        self.nacp = said.nacp.or(self.nacp);
        if said.speed_kn.is_some() || said.track_deg.is_some() || said.vrate_fpm.is_some() {
            let Said { speed_kn, track_deg, vrate_fpm, .. } = *said;
            self.motion = Some((Motion { speed_kn, track_deg, vrate_fpm }, now.at));
        }
    }

    /// The place that the newest encoded position gives with what came before it.
    pub(super) fn locate(
        &mut self,
        newest: Cpr,
        speed_kn: Option<f64>,
        receiver: Option<Place>,
        now: Moment,
    ) -> Option<Place> {
        let half = Half { cpr: newest, at: now.at };
        let other = if newest.odd {
            self.odd = Some(half);
            self.even
        } else {
            self.even = Some(half);
            self.odd
        };
        let window_s = match (newest.surface, speed_kn) {
            (false, _) => PAIR_AIRBORNE_S,
            (true, Some(speed_kn)) if speed_kn <= SLOW_KN => PAIR_SURFACE_SLOW_S,
            (true, _) => PAIR_SURFACE_FAST_S,
        };
        let other = other.filter(|other| within(other.at, now.at, window_s));
        let last = self.fix.filter(|fix| within(fix.at, now.at, PLACE_FRESH_S));
        let near = last.map(|fix| fix.place).or(receiver);
        let paired = other.and_then(|other| cpr::from_pair(newest, other.cpr, near));
        let fix_at = |place| Fix { place, surface: newest.surface, at: now.at };
        let Some(place) = paired else {
            // One half is enough near a place of its own, if a clock says that it is fresh; or
            // else where two halves make no pair because a zone ends between them.
            let last = last.filter(|_| now.timed || other.is_some() && !newest.surface)?;
            let fix = fix_at(cpr::from_near(newest, last.place)?);
            return self.follows(last, fix, now).then(|| self.take(fix));
        };
        let fix = fix_at(place);
        let too_far = |receiver: Place| metres(receiver, place) > SURFACE_RANGE_M;
        if last.is_none() && newest.surface && receiver.is_none_or(too_far) {
            return None;
        }
        let needed = match last {
            Some(last) if self.follows(last, fix, now) => 0,
            Some(_) => OUTVOTE,
            None if now.timed => 0,
            // Halves of which nobody knows how far apart they are must agree twice.
            None => 1,
        };
        let agreed = match self.rival {
            Some((rival, agreed)) if self.follows(rival, fix, now) => agreed.saturating_add(1),
            _ => 0,
        };
        if agreed >= needed {
            return Some(self.take(fix));
        }
        self.rival = Some((fix, agreed));
        None
    }

    /// The place that a corrected frame gives: only near the last, and it changes nothing.
    pub(super) fn locate_corrected(&self, newest: Cpr, now: Moment) -> Option<Place> {
        let last = self.fix.filter(|fix| within(fix.at, now.at, PLACE_FRESH_S))?;
        let place = cpr::from_near(newest, last.place)?;
        let fix = Fix { place, surface: newest.surface, at: now.at };
        self.follows(last, fix, now).then_some(place)
    }

    fn take(&mut self, fix: Fix) -> Place {
        self.fix = Some(fix);
        self.rival = None;
        fix.place
    }

    /// The speed gate: can it have gone from one place to the other?
    fn follows(&self, from: Fix, to: Fix, now: Moment) -> bool {
        let is_ground = from.surface && to.surface;
        let (speed, margin_m) =
            if is_ground { (GROUND_MPS_MAX, GROUND_MARGIN_M) } else { (AIR_MPS_MAX, AIR_MARGIN_M) };
        let elapsed_s = seconds(from.at, to.at).abs();
        let reach_m = if now.timed { margin_m + speed * elapsed_s } else { UNTIMED_M };
        // A degree of either has at most 111.4 km: most steps need no trigonometry.
        let north = (to.place.lat_deg - from.place.lat_deg).abs();
        let east = (to.place.lon_deg - from.place.lon_deg).abs();
        (north + east) * 111_400.0 <= reach_m || metres(from.place, to.place) <= reach_m
    }
}

fn within(earlier: i64, later: i64, most_s: f64) -> bool {
    seconds(earlier, later).abs() <= most_s
}

#[expect(clippy::cast_precision_loss, reason = "differences of hours keep a nanosecond")]
fn seconds(earlier: i64, later: i64) -> f64 {
    later.saturating_sub(earlier) as f64 / 1e9
}

/// Great-circle distance, metres.
fn metres(a: Place, b: Place) -> f64 {
    let position = |place: Place| Position::from_degrees(place.lat_deg, place.lon_deg);
    match (position(a), position(b)) {
        (Some(a), Some(b)) => a.distance_m(&b),
        _ => f64::INFINITY,
    }
}
