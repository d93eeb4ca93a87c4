//! Chance from a seed.

/// `SplitMix64`: 64 bits of state, one output a step, any seed is a good seed.
///
/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014,
/// with the constants of their figure 16. Not for secrets.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The stream of one unit of a world: units with different numbers share nothing.
    pub(crate) fn of_unit(seed: u64, number: usize) -> Self {
        let mut outer = Self(seed);
        let salt = outer.next_u64();
        let number = u64::try_from(number).unwrap_or(u64::MAX);
        Self(salt ^ number.wrapping_mul(0xd134_2543_de82_ef95))
    }

    pub(crate) fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform from 0 to below 1.
    pub(crate) fn unit(&mut self) -> f64 {
        // 53 bits are what an f64 holds exactly.
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let bits = (self.next_u64() >> 11) as f64;
        bits / 9_007_199_254_740_992.0
    }

    /// Uniform from `low` to below `high`.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Normal, mean 0 and deviation 1, but never beyond [`NORMAL_MAX`]: the sum of twelve
    /// uniform draws less six (Irwin and Hall, 1927), which is the same on every platform.
    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - NORMAL_MAX
    }
}

/// The farthest that [`Chance::normal`] strays.
pub(crate) const NORMAL_MAX: f64 = 6.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_published_outputs() {
        // Rosetta Code, task "Pseudo-random numbers/Splitmix64", seed 1234567.
        let mut chance = Chance(1_234_567);
        let first: Vec<u64> = (0..5).map(|_| chance.next_u64()).collect();
        assert_eq!(
            first,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821
            ]
        );
    }

    #[test]
    fn normal_draws_have_mean_0_and_deviation_1() {
        let mut chance = Chance::of_unit(7, 3);
        let draws: Vec<f64> = (0..20_000).map(|_| chance.normal()).collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let variance = draws.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / 20_000.0;
        // Standard errors: 1/√20000 = 0.007 and √(2/20000) = 0.01; five of each.
        assert!(mean.abs() < 0.035, "{mean}");
        assert!((variance - 1.0).abs() < 0.05, "{variance}");
    }

    #[test]
    fn units_do_not_share_a_stream() {
        assert_ne!(Chance::of_unit(1, 0).next_u64(), Chance::of_unit(1, 1).next_u64());
        assert_ne!(Chance::of_unit(1, 0).next_u64(), Chance::of_unit(2, 0).next_u64());
    }
}
