//! How long a frame takes from its last byte at a door to the live subscribers.

use std::sync::{Mutex, PoisonError};

/// Buckets an octave: quantiles are right within 9 %.
const STEPS_PER_OCTAVE: f64 = 8.0;
/// From 1 µs over 30 octaves: 18 minutes.
const BUCKETS: usize = 240;

/// A histogram of latencies in fixed memory.
#[derive(Debug)]
pub struct Latency {
    counts: Mutex<Vec<u64>>,
}

impl Default for Latency {
    fn default() -> Self {
        Self { counts: Mutex::new(vec![0; BUCKETS]) }
    }
}

impl Latency {
    /// Counts `times` frames that took so many seconds.
    pub fn record(&self, seconds: f64, times: u64) {
        let octaves = (seconds.max(1e-6) / 1e-6).log2();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at least 0, saturates"
        )]
        let bucket = ((octaves * STEPS_PER_OCTAVE) as usize).min(BUCKETS - 1);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(bucket) {
            *count = count.saturating_add(times);
        }
    }

    /// The latency in milliseconds below which this share of frames stayed; `None` before the first.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a quantile of counts")]
    pub fn quantile_ms(&self, share: f64) -> Option<f64> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let total: u64 = counts.iter().sum();
        if total == 0 {
            return None;
        }
        let wanted = share * total as f64;
        let mut seen = 0.0;
        let mut upper_octaves = 0.0;
        for &count in counts.iter() {
            seen += count as f64;
            upper_octaves += 1.0 / STEPS_PER_OCTAVE;
            if seen >= wanted {
                break;
            }
        }
        Some(1e-3 * upper_octaves.exp2())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_right_within_a_bucket() {
        let latency = Latency::default();
        assert_eq!(latency.quantile_ms(0.5), None);
        latency.record(0.001, 990);
        latency.record(0.100, 10);
        let p50 = latency.quantile_ms(0.5).unwrap();
        let p999 = latency.quantile_ms(0.999).unwrap();
        assert!((0.9..=1.2).contains(&p50), "{p50}");
        assert!((90.0..=115.0).contains(&p999), "{p999}");
    }
}
