//! One time line from two clocks: the receiver's counter and ours.

use picket_model::Time;

/// What is known of a frame's time, nanoseconds on the stream's own line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// For windows between two positions: when in doubt, too late.
    pub(super) at: i64,
    /// For the life of what was proven, by our clock if it runs: when in doubt, too early.
    pub(super) proof: i64,
    /// Whether any clock says how much time passes at all.
    pub(super) timed: bool,
}

/// Makes one line of time from the receiver's counter where it runs evenly, else from ours.
///
/// Ours counts only once it has moved: a recording is fed with one receive time for all, and
/// then there is the counter alone.
#[derive(Debug, Clone, Default)]
pub(super) struct StreamClock {
    moment: i64,
    proof: i64,
    ticks: Option<u64>,
    received_at: Option<Time>,
    /// Our clock was seen to move.
    is_live: bool,
    /// How much of the line came from our clock since the counter was last seen.
    bridged: i64,
    /// The counter tells nanoseconds of the day.
    is_gps: bool,
    /// How often the counter stepped back lately: see [`STEP_DISTRUST`].
    distrust: u8,
}

/// How far the counter may go back because a receiver's threads overtook each other.
const REORDER_NS: i64 = 1_000_000_000;
/// What a step of unknown size counts for, and any longer pause: longer than every window
/// between two positions.
const STEP_NS: i64 = 90_000_000_000;
/// What a step back costs the counter in trust, of which each frame in order gives one back.
///
/// A receiver that restarts steps once. A stream of several receivers steps with every other
/// frame: from the third step on ([`DISTRUST_MAX`]) our clock alone counts.
const STEP_DISTRUST: u8 = 16;
const DISTRUST_MAX: u8 = 32;

/// Nanoseconds of a day.
const DAY_NS: i64 = 86_400_000_000_000;
/// The counter that a multilateration client writes for "none" (`FF 00` and `MLAT`).
const NO_TICKS: u64 = 0xff00_4d4c_4154;

impl StreamClock {
    /// The receiver says which counter it uses; another than before begins anew.
    pub(super) fn set_gps(&mut self, is_gps: bool) {
        if self.is_gps != is_gps {
            self.is_gps = is_gps;
            self.ticks = None;
        }
    }

    /// Takes the time of a frame.
    pub(super) fn tick(&mut self, ticks: Option<u64>, received_at: Time) -> Moment {
        let last = self.received_at.replace(received_at);
        let received = last.map_or(0, |last| received_at.0.saturating_sub(last.0).max(0));
        self.is_live |= received > 0;
        let is_live = self.is_live;
        let ticks = ticks.filter(|ticks| !matches!(*ticks, 0 | NO_TICKS));
        let ticks = ticks.filter(|ticks| !self.is_gps || gps_ns(*ticks).is_some());
        let Some(now) = ticks else {
            self.bridged = self.bridged.saturating_add(received);
            self.pass(received, received);
            return self.at(is_live);
        };
        let Some(before) = self.ticks.replace(now) else {
            self.bridged = 0;
            self.pass(received, received);
            return self.at(true);
        };
        let elapsed = self.between(before, now);
        // Ours since the counter's last frame, part of which is on the line already.
        let bridged = std::mem::take(&mut self.bridged);
        let ours = bridged.saturating_add(received);
        if elapsed < -REORDER_NS {
            self.distrust = self.distrust.saturating_add(STEP_DISTRUST).min(2 * DISTRUST_MAX);
        } else {
            self.distrust = self.distrust.saturating_sub(1);
        }
        if elapsed < -REORDER_NS || (is_live && self.distrust > DISTRUST_MAX) {
            self.pass(if is_live { received } else { STEP_NS }, received);
        } else if is_live && elapsed > ours.saturating_add(STEP_NS) {
            // Frames that a network kept back, or a step: windows lapse, proofs go by ours.
            self.pass(STEP_NS, received);
        } else if elapsed < 0 {
            // A little late: the counter stays where it was.
            self.ticks = Some(before);
            self.bridged = bridged;
            self.pass(0, received);
            let late = self.at(true);
            return Moment { at: late.at.saturating_add(elapsed), ..late };
        } else {
            // No window is longer than a step, and so the line has no end that is ever reached.
            let rest = elapsed.saturating_sub(bridged).clamp(0, STEP_NS);
            self.pass(rest, if is_live { received } else { rest });
        }
        self.at(true)
    }

    /// The time of day that the counter tells, on the day that brings it nearest to our clock.
    pub(super) fn heard_at(&self, ticks: Option<u64>, received_at: Time) -> Option<Time> {
        let of_day = ticks.filter(|_| self.is_gps).and_then(gps_ns)?;
        if received_at <= Time::from_unix_s(0) {
            return None;
        }
        let now = received_at.0.rem_euclid(DAY_NS);
        let midnight = received_at.0.saturating_sub(now);
        let turned = (of_day - now + DAY_NS / 2).rem_euclid(DAY_NS) - DAY_NS / 2;
        Some(Time(midnight.saturating_add(now).saturating_add(turned)))
    }

    /// Nanoseconds from one state of the counter to another, whichever way is shorter.
    fn between(&self, before: u64, now: u64) -> i64 {
        if self.is_gps {
            let (before, now) = (gps_ns(before).unwrap_or(0), gps_ns(now).unwrap_or(0));
            return (now - before + DAY_NS / 2).rem_euclid(DAY_NS) - DAY_NS / 2;
        }
        // 48 bits that wrap, sign and all in the upper bits of 64.
        let turned = (now.wrapping_sub(before) << 16).cast_signed() >> 16;
        // A twelfth of a microsecond is 250/3 ns.
        turned.saturating_mul(250) / 3
    }

    fn pass(&mut self, ns: i64, proof_ns: i64) {
        self.moment = self.moment.saturating_add(ns);
        self.proof = self.proof.saturating_add(proof_ns);
    }

    const fn at(&self, timed: bool) -> Moment {
        Moment { at: self.moment, proof: self.proof, timed }
    }
}

/// Nanoseconds of the day: seconds in the upper 18 bits, nanoseconds in the lower 30.
fn gps_ns(ticks: u64) -> Option<i64> {
    let (seconds, ns) = (ticks >> 30, ticks & 0x3fff_ffff);
    let is_time = seconds < 86_400 && ns < 1_000_000_000;
    is_time.then(|| i64::try_from(seconds * 1_000_000_000 + ns).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 12_000_000;
    const RECORDING: Time = Time::from_unix_s(0);

    fn ms(from: Moment, to: Moment) -> i64 {
        (to.at - from.at) / 1_000_000
    }

    #[test]
    fn a_recording_goes_by_the_counter_which_wraps() {
        let mut clock = StreamClock::default();
        let a = clock.tick(Some((1 << 48) - SECOND), RECORDING);
        let b = clock.tick(Some(SECOND), RECORDING);
        assert_eq!(ms(a, b), 2_000);
        assert!(b.timed);
    }

    #[test]
    fn a_recording_whose_counter_steps_back_lets_every_window_lapse_and_no_proof() {
        let mut clock = StreamClock::default();
        let a = clock.tick(Some(500 * SECOND), RECORDING);
        let b = clock.tick(Some(2 * SECOND), RECORDING);
        assert_eq!(ms(a, b), 90_000);
        assert_eq!(a.proof, b.proof);
        let c = clock.tick(Some(3 * SECOND), RECORDING);
        assert_eq!(ms(b, c), 1_000);
    }

    #[test]
    fn a_live_feed_whose_counter_steps_goes_by_our_clock() {
        let mut clock = StreamClock::default();
        let now = Time::from_unix_s(1_767_323_045);
        let mut last = clock.tick(Some(500 * SECOND), now);
        let mut received_at = now;
        // Ahead by more than a network keeps back, nothing pairs across the step.
        for (step, passed_ms) in [(2, 500), (90_000, 90_000), (90_001, 1_000)] {
            received_at = received_at.plus_s(0.5);
            let next = clock.tick(Some(step * SECOND), received_at);
            assert_eq!(ms(last, next), passed_ms, "{step}");
            last = next;
        }
        assert!(last.proof <= 2_000_000_000);
    }

    #[test]
    fn a_live_feed_of_two_receivers_goes_by_our_clock_after_a_few_frames() {
        let mut clock = StreamClock::default();
        let now = Time::from_unix_s(1_767_323_045);
        let mut last = clock.tick(Some(SECOND), now);
        for frame in 1..60_u32 {
            let counter = u64::from(frame) * SECOND / 2 + u64::from(frame % 2) * 90_000 * SECOND;
            let next = clock.tick(Some(counter + SECOND), now.plus_s(f64::from(frame) * 0.5));
            assert!(frame < 7 || ms(last, next) == 500, "{frame}");
            last = next;
        }
    }

    #[test]
    fn no_stream_of_steps_brings_the_line_to_its_end() {
        let mut clock = StreamClock::default();
        for _ in 0..10_000 {
            clock.tick(Some(1), RECORDING);
            clock.tick(Some(1 << 47), RECORDING);
        }
        let a = clock.tick(Some(SECOND), RECORDING);
        let b = clock.tick(Some(2 * SECOND), RECORDING);
        assert_eq!(ms(a, b), 1_000);
    }

    #[test]
    fn a_live_feed_that_was_kept_back_goes_by_the_counter() {
        let mut clock = StreamClock::default();
        let now = Time::from_unix_s(1_767_323_045);
        let first = clock.tick(Some(SECOND), now);
        let mut last = first;
        for second in 2..40 {
            last = clock.tick(Some(second * SECOND), now);
        }
        assert_eq!(ms(first, last), 38_000);
    }

    #[test]
    fn frames_without_a_counter_are_timed_by_our_clock_and_counted_once() {
        let mut clock = StreamClock::default();
        let now = Time::from_unix_s(1_767_323_045);
        let a = clock.tick(Some(SECOND), now);
        let b = clock.tick(Some(0), now.plus_s(2.0));
        assert_eq!(ms(a, b), 2_000);
        let c = clock.tick(Some(4 * SECOND), now.plus_s(3.0));
        assert_eq!(ms(a, c), 3_000);
        assert!(!StreamClock::default().tick(None, RECORDING).timed);
        let mut clock = StreamClock::default();
        assert!(!clock.tick(None, now).timed, "a clock that never moved is none");
        assert!(clock.tick(None, now.plus_s(0.1)).timed);
    }

    #[test]
    fn a_frame_that_was_overtaken_is_a_little_earlier() {
        let mut clock = StreamClock::default();
        let a = clock.tick(Some(10 * SECOND), RECORDING);
        let b = clock.tick(Some(10 * SECOND - SECOND / 2), RECORDING);
        let c = clock.tick(Some(11 * SECOND), RECORDING);
        assert_eq!((ms(a, b), ms(a, c)), (-500, 1_000));
    }

    #[test]
    fn a_counter_of_the_day_gives_date_and_time_over_midnight() {
        let mut clock = StreamClock::default();
        clock.set_gps(true);
        let ticks = |seconds: u64, ns: u64| Some(seconds << 30 | ns);
        let midnight = Time::from_unix_s(1_767_312_000);
        let a = clock.tick(ticks(86_399, 500_000_000), midnight);
        let b = clock.tick(ticks(0, 250_000_000), midnight);
        assert_eq!(ms(a, b), 750);
        let heard = clock.heard_at(ticks(86_399, 500_000_000), midnight.plus_s(1.0));
        assert_eq!(heard, Some(midnight.plus_s(-0.5)));
        let heard = clock.heard_at(ticks(1, 0), midnight.plus_s(-1.0));
        assert_eq!(heard, Some(midnight.plus_s(1.0)));
        assert_eq!(clock.heard_at(ticks(1, 0), RECORDING), None);
    }
}
