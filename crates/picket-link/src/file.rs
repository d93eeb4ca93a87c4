//! `file://`: a recording, played at its own pace or faster.
//!
//! The pace is that of the times in the messages. They are moved so that the first is now;
//! a message without a time follows its neighbour, and a gap of more than an hour is not waited
//! for. `speed` 0 plays as fast as the node takes it.

use std::path::Path;
use std::sync::Arc;

use picket_model::{LinkState, Time};
use tokio::io::AsyncReadExt;

use crate::feed::FeedError;
use crate::intake::{Intake, Parts};

/// What is read at once; small, so that the pace is kept.
const CHUNK_BYTES: usize = 4 * 1024;

/// A longer gap, or a step back by more, is where one recording ends and the next begins, seconds.
const GAP_S_MAX: f64 = 3_600.0;

/// Plays the file once.
pub(crate) async fn play(parts: &Arc<Parts>, path: &Path, speed: f64) -> Result<(), FeedError> {
    let mut file = tokio::fs::File::open(path).await.map_err(FeedError::Io)?;
    parts.say_link(LinkState::Up, "playing").await?;
    let mut intake = Intake::new(Arc::clone(parts));
    let mut buffer = vec![0; CHUNK_BYTES];
    let mut pace = Pace::new(speed);
    loop {
        let length = file.read(&mut buffer).await.map_err(FeedError::Io)?;
        let chunk = (length > 0).then(|| buffer.get(..length).unwrap_or_default());
        for message in intake.decode(chunk, parts.clock.now()) {
            let due = message.t().and_then(|time| pace.take(time, parts.clock.now()));
            if let (Some(due), true) = (due, speed > 0.0) {
                let wait = parts.clock.wait_until(due);
                if !wait.is_zero() {
                    intake.post(parts.clock.stamp()).await?;
                    tokio::time::sleep(wait).await;
                }
            }
            intake.admit(&message, parts.clock.now(), |said| pace.moved(said));
        }
        intake.post(parts.clock.stamp()).await?;
        if length == 0 {
            return Ok(());
        }
    }
}

/// How the times of a recording become times of ours.
#[derive(Debug)]
struct Pace {
    speed: f64,
    /// A time of the recording and when that was for us; `None` before the first.
    zero: Option<(Time, Time)>,
    /// The newest time that fits.
    last: Time,
    /// A time that does not fit; if the next agrees with it, the recording goes on from there.
    stray: Option<Time>,
}

impl Pace {
    fn new(speed: f64) -> Self {
        Self { speed, zero: None, last: Time::MIN, stray: None }
    }

    /// Takes a message's time; gives when that is for us, or `None` if it fits no neighbour.
    fn take(&mut self, time: Time, now: Time) -> Option<Time> {
        let near = |other: Time| time.since_s(other).abs() <= GAP_S_MAX;
        let fits = self.zero.is_some() && near(self.last);
        if !fits && self.zero.is_some() && !self.stray.is_some_and(near) {
            self.stray = Some(time);
            return None;
        }
        if !fits {
            self.zero = Some((time, now));
        }
        (self.last, self.stray) = (time, None);
        Some(self.moved(time))
    }

    /// A time of the recording as ours; one that fits no neighbour stays, and the gate judges it.
    fn moved(&self, said: Time) -> Time {
        let Some((zero, start)) = self.zero else { return said };
        if said.since_s(self.last).abs() > GAP_S_MAX {
            return said;
        }
        let after_s = said.since_s(zero);
        start.plus_s(if self.speed > 0.0 { after_s / self.speed } else { 0.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_unix_s(1_800_000_000);
    const THEN: Time = Time::from_unix_s(1_490_958_084);

    #[test]
    fn times_are_moved_to_now_and_keep_their_distances() {
        let mut pace = Pace::new(2.0);
        assert_eq!(pace.take(THEN, NOW), Some(NOW));
        assert_eq!(pace.take(THEN.plus_s(10.0), NOW), Some(NOW.plus_s(5.0)));
        // Out of order by a few seconds, as merged feeds are.
        assert_eq!(pace.take(THEN.plus_s(8.0), NOW), Some(NOW.plus_s(4.0)));
        assert_eq!(Pace::new(0.0).take(THEN, NOW), Some(NOW));
    }

    #[test]
    fn one_wrong_time_is_not_waited_for_and_changes_no_pace() {
        let mut pace = Pace::new(1.0);
        pace.take(THEN, NOW);
        let wrong = THEN.plus_s(1e8);
        assert_eq!(pace.take(wrong, NOW), None);
        assert_eq!(pace.moved(wrong), wrong);
        assert_eq!(pace.take(THEN.plus_s(1.0), NOW), Some(NOW.plus_s(1.0)));
    }

    #[test]
    fn a_long_gap_is_not_waited_for() {
        let mut pace = Pace::new(1.0);
        pace.take(THEN, NOW);
        let next_day = THEN.plus_s(86_400.0);
        let later = NOW.plus_s(3.0);
        assert_eq!(pace.take(next_day, later), None);
        assert_eq!(pace.take(next_day.plus_s(1.0), later), Some(later));
        assert_eq!(pace.take(next_day.plus_s(2.0), later), Some(later.plus_s(1.0)));
    }
}
