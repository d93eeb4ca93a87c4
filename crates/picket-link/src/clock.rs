//! The one clock of a node. Everything else is told the time.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use picket_model::Time;

/// Tells the time; in an exercise it may run faster than the world's.
#[derive(Debug, Clone)]
pub struct Clock {
    pace: Arc<Pace>,
}

#[derive(Debug)]
enum Pace {
    World,
    Scaled { from: Time, started: Instant, speed: f64 },
}

/// A moment of the monotonic clock: for latencies and timeouts, never for records.
#[derive(Debug, Clone, Copy)]
pub struct Stamp(Instant);

impl Stamp {
    /// Seconds from this moment to a later one; 0 if it is not later.
    #[must_use]
    pub fn until_s(self, later: Self) -> f64 {
        later.0.saturating_duration_since(self.0).as_secs_f64()
    }
}

impl Clock {
    /// The world's clock.
    #[must_use]
    pub fn world() -> Self {
        Self { pace: Arc::new(Pace::World) }
    }

    /// A clock that starts at the world's time and runs `speed` times as fast; speeds that are
    /// not positive numbers count as 1.
    #[must_use]
    pub fn at_speed(speed: f64) -> Self {
        let speed = if speed.is_finite() && speed > 0.0 { speed } else { 1.0 };
        let pace = Pace::Scaled { from: wall(), started: monotonic(), speed };
        Self { pace: Arc::new(pace) }
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Time {
        match &*self.pace {
            Pace::World => wall(),
            Pace::Scaled { from, started, speed } => {
                from.plus_s(monotonic().saturating_duration_since(*started).as_secs_f64() * speed)
            }
        }
    }

    /// This moment, for latencies.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        Stamp(monotonic())
    }

    /// How long to wait in the world until this clock shows `at`; zero if it does already.
    #[must_use]
    pub fn wait_until(&self, at: Time) -> Duration {
        let speed = match &*self.pace {
            Pace::World => 1.0,
            Pace::Scaled { speed, .. } => *speed,
        };
        let wait_s = at.since_s(self.now()) / speed;
        Duration::try_from_secs_f64(wait_s.max(0.0)).unwrap_or(Duration::MAX)
    }

    /// How long a span of this clock lasts in the world.
    #[must_use]
    pub fn span(&self, seconds: f64) -> Duration {
        let speed = match &*self.pace {
            Pace::World => 1.0,
            Pace::Scaled { speed, .. } => *speed,
        };
        Duration::try_from_secs_f64((seconds / speed).max(0.0)).unwrap_or(Duration::MAX)
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
fn wall() -> Time {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => Time(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)),
        Err(before) => Time(i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |ns| -ns)),
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the monotonic clock")]
fn monotonic() -> Instant {
    Instant::now()
}
