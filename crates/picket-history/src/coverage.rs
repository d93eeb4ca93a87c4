//! Which entries of the log stand in which hour's file, and which are missing.

use std::collections::BTreeMap;

use picket_model::Time;

/// Entries that follow one another and stand in one hour's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) hour: i64,
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// The node's time at the first, and at the last.
    pub(crate) from: Time,
    pub(crate) to: Time,
}

/// All ranges, by their first entry.
#[derive(Debug, Default)]
pub(crate) struct Coverage {
    ranges: BTreeMap<u64, Range>,
    /// The first entry that should be covered; what is older has lapsed.
    floor: Option<(u64, Time)>,
}

impl Coverage {
    /// Adds a range, and joins it with the one before it in its hour.
    pub(crate) fn add(&mut self, range: Range) {
        let before = self.ranges.range_mut(..range.first).next_back().map(|(_, before)| before);
        match before {
            Some(before)
                if before.hour == range.hour && before.last.saturating_add(1) == range.first =>
            {
                before.last = range.last;
                before.to = range.to;
            }
            Some(_) | None => {
                self.ranges.insert(range.first, range);
            }
        }
    }

    /// Forgets an hour: its file is gone.
    pub(crate) fn remove_hour(&mut self, hour: i64) {
        self.ranges.retain(|_, range| range.hour != hour);
    }

    /// Says from where on entries should be covered.
    pub(crate) fn set_floor(&mut self, seq: u64, at: Time) {
        self.floor = Some((seq, at));
    }

    /// Lets an hour lapse: nothing up to its end need be covered any more.
    pub(crate) fn lapse(&mut self, hour: i64) {
        let newest = self.ranges.values().rfind(|range| range.hour <= hour);
        if let Some(range) = newest {
            let floor = (range.last.saturating_add(1), range.to);
            self.floor = Some(self.floor.map_or(floor, |before| before.max(floor)));
        }
    }

    pub(crate) const fn has_floor(&self) -> bool {
        self.floor.is_some()
    }

    pub(crate) fn covers(&self, seq: u64) -> bool {
        let before = self.ranges.range(..=seq).next_back();
        before.is_some_and(|(_, range)| seq <= range.last)
    }

    /// How many entries are covered.
    pub(crate) fn entries(&self) -> u64 {
        self.ranges.values().map(|range| range.last - range.first + 1).sum()
    }

    /// The missing entries between the floor and the newest that is covered, first and last of each run.
    pub(crate) fn gaps(&self) -> Vec<(u64, u64)> {
        self.holes().map(|(first, last, ..)| (first, last)).collect()
    }

    /// Whether something is missing of a span of time.
    pub(crate) fn is_incomplete(&self, from: Time, to: Time) -> bool {
        self.holes().any(|(_, _, begin, end)| begin <= to && end >= from)
    }

    /// First and last missing entry of each hole, and the times on both sides of it.
    fn holes(&self) -> impl Iterator<Item = (u64, u64, Time, Time)> {
        let mut next = self.floor;
        self.ranges.values().filter_map(move |range| {
            let (expected, at) = next.unwrap_or((range.first, range.from));
            next = Some((range.last.saturating_add(1).max(expected), range.to));
            (range.first > expected).then(|| (expected, range.first - 1, at, range.from))
        })
    }

    /// The hours that have a file, the oldest first.
    pub(crate) fn hours(&self) -> Vec<i64> {
        let mut hours: Vec<i64> = self.ranges.values().map(|range| range.hour).collect();
        hours.sort_unstable();
        hours.dedup();
        hours
    }

    /// From when to when there is anything.
    pub(crate) fn span(&self) -> Option<(Time, Time)> {
        let from = self.ranges.values().map(|range| range.from).min()?;
        let to = self.ranges.values().map(|range| range.to).max()?;
        Some((from, to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(hour: i64, first: u64, last: u64) -> Range {
        let at = |seq: u64| Time::from_unix_s(hour * 3_600 + i64::try_from(seq).unwrap());
        Range { hour, first, last, from: at(first), to: at(last) }
    }

    #[test]
    fn what_is_missing_is_named_and_filled_ranges_close_it() {
        let mut coverage = Coverage::default();
        coverage.set_floor(3, Time::from_unix_s(3));
        for range in [range(0, 5, 9), range(0, 10, 12), range(0, 20, 29), range(1, 30, 40)] {
            coverage.add(range);
        }
        assert_eq!(coverage.gaps(), [(3, 4), (13, 19)]);
        assert!(coverage.covers(12) && !coverage.covers(13) && !coverage.covers(41));
        assert_eq!(coverage.entries(), 8 + 10 + 11);
        let at = Time::from_unix_s;
        assert!(coverage.is_incomplete(at(0), at(100)));
        assert!(coverage.is_incomplete(at(15), at(16)));
        assert!(!coverage.is_incomplete(at(21), at(28)));
        coverage.add(range(0, 13, 19));
        coverage.add(range(0, 3, 4));
        assert_eq!(coverage.gaps(), []);
        assert_eq!(coverage.hours(), [0, 1]);
    }

    #[test]
    fn an_hour_that_is_lost_is_a_gap_and_a_lapsed_one_is_none() {
        let mut coverage = Coverage::default();
        coverage.set_floor(0, Time::from_unix_s(0));
        for range in [range(0, 0, 9), range(1, 10, 19), range(2, 20, 29)] {
            coverage.add(range);
        }
        coverage.remove_hour(1);
        assert_eq!(coverage.gaps(), [(10, 19)]);
        coverage.remove_hour(0);
        coverage.set_floor(20, Time::from_unix_s(20));
        assert_eq!(coverage.gaps(), []);
    }
}
