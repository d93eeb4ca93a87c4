//! The score of the detectors: episodes whose truth is known, and what was said of them.
//!
//! For each detector a seeded generator makes episodes in which its condition holds, and hard
//! ones in which it nearly does. Each has noise, loss, and data as late as the detectors allow; its
//! records go through fusion and the detector as a node's would. Each is played a second time with
//! the same records in order: what stands in the end has to be the same.
//!
//! Pure: the same seed gives the same table.

mod ground;
mod play;
mod sea;
mod stage;

use crate::chance::Chance;
use play::{Outcome, play};
use stage::Episode;

/// How many episodes of each kind one detector gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Episodes {
    /// Those in which its condition holds.
    pub positive: usize,
    /// Those in which it nearly does.
    pub negative: usize,
}

impl Default for Episodes {
    fn default() -> Self {
        Self { positive: 50, negative: 200 }
    }
}

/// What one detector made of its episodes.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Its id.
    pub detector: &'static str,
    /// How many episodes it was given.
    pub episodes: Episodes,
    /// How many of the positive ones it told.
    pub found: usize,
    /// How many alerts stood in the end where the truth has none.
    pub false_alerts: usize,
    /// How long the negative episodes lasted together, hours.
    pub negative_hours: f64,
    /// Seconds from the beginning of the truth to the first word that stood, in order.
    pub delays_s: Vec<f64>,
    /// How long the condition has to hold by the detector's own rule, seconds; `None` where that
    /// depends on how often it is reported.
    pub on_delay_s: Option<f64>,
    /// Episodes in which late data changed what was said; none for what is judged by our clock.
    pub late: usize,
    /// Those of them in which the same stood in the end as without delay.
    pub late_right: usize,
}

impl Score {
    /// Share of the positive episodes that were told; 1 of none.
    #[must_use]
    pub fn found_share(&self) -> f64 {
        share(self.found, self.episodes.positive)
    }

    /// False alerts an hour.
    #[must_use]
    pub fn false_per_hour(&self) -> f64 {
        count(self.false_alerts) / self.negative_hours.max(f64::MIN_POSITIVE)
    }

    /// Median of the delays, seconds; `None` if nothing was told.
    #[must_use]
    pub fn delay_s_median(&self) -> Option<f64> {
        self.delays_s.get(self.delays_s.len() / 2).copied()
    }
}

fn share(part: usize, of: usize) -> f64 {
    if of == 0 { 1.0 } else { count(part) / count(of) }
}

fn count(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

/// Makes one episode: by chance, with the condition or without.
type Make = fn(&mut Chance, bool) -> Episode;

/// Each detector, its on-delay in seconds if it has a fixed one, and its episodes.
const DETECTORS: [(&str, Option<f64>, Make); 9] = [
    ("area.entry", Some(2.0), ground::entry),
    ("pids.confirm", Some(0.0), ground::alarms),
    (SILENT, None, sea::silence),
    ("distress", Some(0.0), sea::call),
    ("approach.cpa", None, sea::approach),
    ("area.dwell", Some(600.0), ground::stay),
    ("line.cross", Some(0.0), ground::crossing),
    ("kinematic.impossible", None, sea::jump),
    ("ais.identity", None, sea::identity),
];

/// The one that is judged by our clock, for which nothing is late.
const SILENT: &str = "device.silent";

/// Plays the episodes of every detector.
#[must_use]
pub fn score(seed: u64, episodes: Episodes) -> Vec<Score> {
    let one =
        |(number, &(detector, on_delay_s, make)): (usize, &(&'static str, Option<f64>, Make))| {
            let mut out = Score {
                detector,
                episodes,
                found: 0,
                false_alerts: 0,
                negative_hours: 0.0,
                delays_s: Vec::new(),
                on_delay_s,
                late: 0,
                late_right: 0,
            };
            for index in 0..episodes.positive + episodes.negative {
                let mut chance = Chance::of_unit(seed, number * 100_000 + index);
                let episode = make(&mut chance, index < episodes.positive);
                let late = play(detector, &episode, &mut chance.clone(), true);
                let in_order = play(detector, &episode, &mut chance, false);
                out.add(&episode, &late, &in_order);
            }
            out.delays_s.sort_by(f64::total_cmp);
            out
        };
    DETECTORS.iter().enumerate().map(one).collect()
}

impl Score {
    fn add(&mut self, episode: &Episode, late: &Outcome, in_order: &Outcome) {
        match episode.truth_s {
            Some(truth_s) => {
                self.found += usize::from(!late.standing.is_empty());
                self.delays_s.extend(late.first_s.map(|first_s| first_s - truth_s));
            }
            None => {
                self.false_alerts += late.standing.len();
                self.negative_hours += (episode.until_s - episode.from_s) / 3_600.0;
            }
        }
        let differ = late.words != in_order.words;
        if (late.changed_by_late || differ) && self.detector != SILENT {
            self.late += 1;
            self.late_right += usize::from(late.agrees(in_order));
        }
    }
}

/// The table as people read it, its head first.
#[must_use]
pub fn table(scores: &[Score]) -> String {
    let mut out = format!(
        "{:<22} {:>9} {:>6} {:>9} {:>7} {:>11} {:>11}\n",
        "detector", "episodes", "Pd", "false/h", "hours", "TTD median", "revised ok"
    );
    for score in scores {
        let episodes = format!("{}+{}", score.episodes.positive, score.episodes.negative);
        let delay = score.delay_s_median().map_or_else(|| "-".to_owned(), |s| format!("{s:.1} s"));
        let revised = match (score.late_right, score.late) {
            (_, 0) => "-".to_owned(),
            (right, late) => format!("{right}/{late}"),
        };
        out.push_str(&format!(
            "{:<22} {episodes:>9} {:>6.3} {:>9.3} {:>7.1} {delay:>11} {revised:>11}\n",
            score.detector,
            score.found_share(),
            score.false_per_hour(),
            score.negative_hours,
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The targets, on a small number of episodes of a fixed seed.
    #[test]
    fn every_detector_meets_its_targets_on_a_few_episodes() {
        let episodes = Episodes { positive: 12, negative: 16 };
        let scores = score(7, episodes);
        let told = table(&scores);
        let detectors: Vec<&str> = picket_detect::DETECTORS.iter().map(|row| row.id).collect();
        assert!(scores.iter().all(|score| detectors.contains(&score.detector)), "{told}");
        assert_eq!(scores.len(), detectors.len(), "each has its episodes");
        for score in &scores {
            // Its rank in the catalogue; the first ten have to find 95 of 100.
            let is_later = ["kinematic.impossible", "ais.identity"].contains(&score.detector);
            let least = if is_later { 0.85 } else { 0.95 };
            assert!(score.found_share() >= least, "{told}");
            assert_eq!(score.false_alerts, 0, "in {:.1} h: {told}", score.negative_hours);
            assert_eq!(score.late_right, score.late, "{told}");
            let delay_s = score.delay_s_median().unwrap();
            if let Some(on_delay_s) = score.on_delay_s {
                assert!(delay_s <= on_delay_s + 2.0, "{told}");
            }
        }
        assert!(
            scores.iter().map(|score| score.late).sum::<usize>() > 0,
            "late data did something"
        );
    }

    #[test]
    fn the_same_seed_gives_the_same_table() {
        let episodes = Episodes { positive: 1, negative: 1 };
        assert_eq!(table(&score(3, episodes)), table(&score(3, episodes)));
        assert_ne!(score(3, episodes), score(4, episodes));
    }
}
