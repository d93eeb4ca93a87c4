//! Budgets: how many claims an author may make.

use std::sync::{Mutex, PoisonError};

use picket_model::Time;

/// A steady rate and how far it may be exceeded at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Claims a second, in the long run.
    pub per_s: f64,
    /// Claims at once after silence.
    pub burst: f64,
}

impl Rate {
    /// A feed that nobody gave a rate: above a nation's AIS (about 1,000/s), and twice what one
    /// node is sized for (50,000/s).
    pub const FEED: Self = Self { per_s: 100_000.0, burst: 200_000.0 };
    /// A person at a screen: one act a second for a minute, then one every two.
    pub const PERSON: Self = Self { per_s: 0.5, burst: 60.0 };
}

/// A token bucket: refills by the clock that it is told.
#[derive(Debug)]
pub struct Budget {
    rate: Rate,
    state: Mutex<(f64, Time)>,
}

impl Budget {
    /// A full bucket.
    #[must_use]
    pub const fn new(rate: Rate) -> Self {
        Self { rate, state: Mutex::new((rate.burst, Time::MIN)) }
    }

    /// Takes one token; false if none is left. A clock that steps back refills nothing.
    pub fn spend(&self, now: Time) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (tokens, at) = *state;
        let elapsed_s = now.since_s(at).max(0.0);
        let filled = (tokens + elapsed_s * self.rate.per_s).min(self.rate.burst);
        let enough = filled >= 1.0;
        *state = (if enough { filled - 1.0 } else { filled }, at.max(now));
        enough
    }
}
