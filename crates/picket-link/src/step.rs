//! Whether the clock behind a connection steps, or an hour is told again.
//!
//! Nothing is changed here: times that cannot be believed are the gate's, what was said before is
//! not appended twice, and what is late moves nothing back. This only notices, so that it is said.

use std::fmt;

use picket_model::Time;

/// Less is a slow link or a bad clock, not a step, seconds.
const STEP_S: f64 = 30.0;
/// So many messages in a row must agree on the new lag…
const RUN_MIN: u32 = 8;
/// …over so long by our clock, seconds: what a stalled link held back comes all at once.
const RUN_S: f64 = 10.0;
/// Weight of the newest lag in the usual one, which follows a clock that drifts.
const LAG_WEIGHT: f64 = 0.1;

/// How far one connection's times lie behind ours.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    usual_s: Option<f64>,
    run: Option<Run>,
}

/// Messages in a row that agree with each other and not with what was usual.
#[derive(Debug, Clone, Copy)]
struct Run {
    lag_s: f64,
    since: Time,
    count: u32,
}

/// A step that was noticed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Step {
    /// By how much the times went back, seconds; negative if they went forward.
    pub(crate) back_s: f64,
    /// How far they lie behind ours now, seconds; negative if ahead.
    pub(crate) behind_s: f64,
}

impl Steps {
    /// Takes the time of a message; gives a step once, when enough messages agree on it.
    pub(crate) fn hear(&mut self, said: Time, received_at: Time) -> Option<Step> {
        let lag_s = received_at.since_s(said);
        if let Some(usual_s) = &mut self.usual_s
            && (lag_s - *usual_s).abs() <= STEP_S
        {
            *usual_s += LAG_WEIGHT * (lag_s - *usual_s);
            self.run = None;
            return None;
        }
        let run = match self.run {
            Some(run) if (lag_s - run.lag_s).abs() <= STEP_S => {
                Run { count: run.count.saturating_add(1), ..run }
            }
            Some(_) | None => Run { lag_s, since: received_at, count: 1 },
        };
        self.run = Some(run);
        if run.count < RUN_MIN || received_at.since_s(run.since) < RUN_S {
            return None;
        }
        self.run = None;
        let before_s = self.usual_s.replace(run.lag_s)?;
        Some(Step { back_s: run.lag_s - before_s, behind_s: run.lag_s })
    }
}

/// In words for the watch officer.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { back_s, behind_s } = *self;
        let (way, side) = (
            if back_s > 0.0 { "back" } else { "forward" },
            if behind_s >= 0.0 { "behind" } else { "ahead of" },
        );
        write!(
            f,
            "its times went {way} by {:.0} s and are now {:.0} s {side} ours",
            back_s.abs(),
            behind_s.abs()
        )?;
        if back_s > 0.0 {
            f.write_str(
                ": its clock was set, or it tells again what it told; all is kept, nothing is moved back",
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Time = Time::from_unix_s(1_800_000_000);

    /// Hears a message each second for so long; gives the steps that were noticed.
    fn hear(steps: &mut Steps, from_s: u32, for_s: u32, lag_s: impl Fn(u32) -> f64) -> Vec<Step> {
        (from_s..from_s + for_s)
            .filter_map(|second| {
                let now = START.plus_s(f64::from(second));
                steps.hear(now.plus_s(-lag_s(second)), now)
            })
            .collect()
    }

    #[test]
    fn a_step_is_told_once_with_its_size_and_so_is_the_way_back() {
        let mut steps = Steps::default();
        assert_eq!(hear(&mut steps, 0, 60, |_| 2.0), []);
        let back = hear(&mut steps, 60, 600, |_| 3_602.0);
        assert_eq!(back.len(), 1);
        assert!((back[0].back_s - 3_600.0).abs() < 1.0, "{back:?}");
        let text = back[0].to_string();
        assert!(text.starts_with("its times went back by 3600 s and are now 3602 s behind ours"));
        let forth = hear(&mut steps, 660, 60, |_| 2.0);
        assert_eq!(forth.len(), 1);
        assert!(forth[0].to_string().ends_with("forward by 3600 s and are now 2 s behind ours"));
    }

    #[test]
    fn what_a_stalled_link_held_back_is_no_step() {
        let mut steps = Steps::default();
        hear(&mut steps, 0, 60, |_| 1.0);
        // Two minutes of messages at once, then as before.
        let now = START.plus_s(180.0);
        let held = (60..180).filter_map(|second| steps.hear(START.plus_s(f64::from(second)), now));
        assert_eq!(held.count(), 0);
        assert_eq!(hear(&mut steps, 180, 60, |_| 1.0), []);
    }

    #[test]
    fn sources_of_different_lateness_on_one_feed_are_no_steps() {
        let mut steps = Steps::default();
        let mixed = |second: u32| if second.is_multiple_of(3) { 900.0 } else { 1.0 };
        assert_eq!(hear(&mut steps, 0, 600, mixed), []);
    }

    #[test]
    fn a_clock_that_drifts_does_not_step() {
        let mut steps = Steps::default();
        assert_eq!(hear(&mut steps, 0, 7_200, |second| f64::from(second) * 0.05), []);
    }
}
