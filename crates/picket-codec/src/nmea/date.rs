//! From a time of day to a moment.
//!
//! Most sentences tell the time of day only; RMC and ZDA tell the date, RMC with two digits
//! of the year. The rest follows from what came before, or from our own clock.

use picket_model::Time;

use super::field::{number, whole};

/// The time that a sentence tells, as far as it does.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Clock {
    /// Nanoseconds since midnight UTC. A leap second, 23:59:60, is the midnight that it precedes.
    pub(super) of_day_ns: Option<i64>,
    /// The date, if the sentence has one that can be.
    pub(super) date: Option<Date>,
    /// Whether the receiver stands by its date: RMC without a fix may tell that of its last switch-off.
    pub(super) sure: bool,
}

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    year: Year,
    month: u8,
    day: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Year {
    /// All four digits.
    Whole(u16),
    /// The last two.
    Short(u8),
}

/// What one stream told of the date.
#[derive(Debug, Default)]
pub(super) struct Dates {
    /// The newest moment with a date of its own, and when it came by our clock.
    newest: Option<(Time, Time)>,
}

/// Receive times before this are none: bytes of a file, of which nobody knows when they came.
const KNOWN_FROM: Time = Time::from_unix_s(946_684_800);

const DAY_S: i64 = 86_400;
const DAY_NS: i64 = DAY_S * 1_000_000_000;

/// The week number of GPS has ten bits: a receiver that does not know its epoch is 1,024 weeks back.
const ROLLOVER_S: i64 = 1_024 * 7 * DAY_S;

impl Dates {
    /// The moment that a sentence tells; `None` if no date is known.
    pub(super) fn moment(&mut self, clock: &Clock, received_at: Time) -> Option<Time> {
        let of_day_ns = clock.of_day_ns?;
        let known = Some(received_at).filter(|at| *at >= KNOWN_FROM);
        if let Some(date) = clock.date {
            let said = Time(date.midnight(known)?.0.checked_add(of_day_ns)?);
            let at = without_rollover(said, known);
            if clock.sure {
                self.newest = Some((at, received_at));
            }
            return Some(at);
        }
        let near = match self.newest {
            // As much later as our clock has moved since.
            Some((at, came)) => Time(at.0.saturating_add(received_at.0.saturating_sub(came.0))),
            None => known?,
        };
        nearest(of_day_ns, near)
    }
}

impl Date {
    /// Of six digits, `ddmmyy`.
    pub(super) fn short(text: &[u8]) -> Option<Self> {
        let number = (text.len() == 6).then(|| whole(text)).flatten()?;
        let part = |number: u32| u8::try_from(number % 100).ok();
        let (day, month, year) = (part(number / 10_000)?, part(number / 100)?, part(number)?);
        Self { year: Year::Short(year), month, day }.on_calendar()
    }

    /// Of day, month and a year of four digits.
    pub(super) fn long(day: Option<u8>, month: Option<u8>, year: Option<u32>) -> Option<Self> {
        let year = u16::try_from(year?).ok().filter(|year| (1_980..2_200).contains(year))?;
        Self { year: Year::Whole(year), month: month?, day: day? }.on_calendar()
    }

    fn on_calendar(self) -> Option<Self> {
        // A leap year is taken for granted here: 29 February of another is 1 March.
        let days = match self.month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 => 29,
            _ => return None,
        };
        (1..=days).contains(&self.day).then_some(self)
    }

    /// Midnight at its beginning. Two digits of a year are read as the year nearest to ours, or
    /// from 1980, the first year of GPS, to 2079 when ours is not known.
    fn midnight(self, known: Option<Time>) -> Option<Time> {
        let at = |year: i64| {
            days_from_epoch(year, i64::from(self.month), i64::from(self.day)).checked_mul(DAY_NS)
        };
        match (self.year, known) {
            (Year::Whole(year), _) => at(i64::from(year)).map(Time),
            (Year::Short(year), None) => {
                let century = if year >= 80 { 1_900 } else { 2_000 };
                at(century + i64::from(year)).map(Time)
            }
            (Year::Short(year), Some(now)) => [1_900, 2_000, 2_100]
                .into_iter()
                .filter_map(|century| at(century + i64::from(year)).map(Time))
                .min_by_key(|time| now.0.abs_diff(time.0)),
        }
    }
}

/// Moves a date that lies whole roll-overs behind our day to it, give or take a day.
///
/// Only so near: a recording of another year keeps its date.
fn without_rollover(said: Time, known: Option<Time>) -> Time {
    let Some(now) = known else { return said };
    let behind_s = now.unix_s().saturating_sub(said.unix_s());
    for rounds in 1..=2 {
        if (behind_s - rounds * ROLLOVER_S).abs() <= DAY_S {
            let moved_ns = (rounds * ROLLOVER_S).saturating_mul(1_000_000_000);
            return Time(said.0.saturating_add(moved_ns));
        }
    }
    said
}

/// The moment with this time of day that is nearest to another.
fn nearest(of_day_ns: i64, near: Time) -> Option<Time> {
    let same_day = near.0.div_euclid(DAY_NS).checked_mul(DAY_NS)?.checked_add(of_day_ns)?;
    [-DAY_NS, 0, DAY_NS]
        .into_iter()
        .filter_map(|days| same_day.checked_add(days))
        .min_by_key(|at| near.0.abs_diff(*at))
        .map(Time)
}

/// Days since 1970-01-01 of a date in the Gregorian calendar: whole 400-year cycles counted
/// from a 1 March, so that the leap day is a year's last.
fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (cycle, of_cycle) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = of_cycle * 365 + of_cycle / 4 - of_cycle / 100 + of_year;
    cycle * 146_097 + days - 719_468
}

/// A time of day, `hhmmss` and perhaps a fraction, in nanoseconds since midnight.
pub(super) fn of_day_ns(text: &[u8]) -> Option<i64> {
    let two = |from: usize| whole(text.get(from..from + 2)?).map(i64::from);
    let (hours, minutes, seconds) = (two(0)?, two(2)?, two(4)?);
    let fraction_ns = match text.get(6..)? {
        [] => 0,
        // At most nine digits count: below that no receiver's clock means anything.
        [b'.', digits @ ..] => {
            number(text.get(6..)?).filter(|_| digits.len() <= NANOSECOND_DIGITS)?;
            let value = if digits.is_empty() { 0 } else { whole(digits)? };
            (digits.len()..NANOSECOND_DIGITS).fold(i64::from(value), |value, _| value * 10)
        }
        _ => return None,
    };
    // Second 60 is a leap second.
    let is_one = hours < 24 && minutes < 60 && seconds <= 60;
    is_one.then(|| ((hours * 60 + minutes) * 60 + seconds) * 1_000_000_000 + fraction_ns)
}

const NANOSECOND_DIGITS: usize = 9;

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Time {
        Time::parse_rfc3339(text).unwrap()
    }

    fn short(of_day: &[u8], date: &[u8]) -> Clock {
        Clock { of_day_ns: of_day_ns(of_day), date: Date::short(date), sure: true }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        // date -u -d DATE +%s, divided by 86,400.
        for (year, month, day, days) in [
            (1_970, 1, 1, 0),
            (1_980, 1, 6, 3_657),
            (2_000, 2, 29, 11_016),
            (2_026, 11, 24, 20_781),
            (2_100, 3, 1, 47_541),
        ] {
            assert_eq!(days_from_epoch(year, month, day), days, "{year}-{month}-{day}");
        }
    }

    #[test]
    fn two_digits_of_a_year_mean_the_year_nearest_to_ours() {
        let read = |date: &[u8], received: Time| {
            Dates::default().moment(&short(b"120000", date), received).unwrap()
        };
        assert_eq!(read(b"241126", time("2026-11-24T12:00:01Z")), time("2026-11-24T12:00:00Z"));
        assert_eq!(read(b"311299", time("2100-01-01T00:00:00Z")), time("2099-12-31T12:00:00Z"));
        assert_eq!(read(b"010100", time("2099-12-31T00:00:00Z")), time("2100-01-01T12:00:00Z"));
        let unknown = Time::from_unix_s(0);
        assert_eq!(read(b"310317", unknown), time("2017-03-31T12:00:00Z"));
        assert_eq!(read(b"060180", unknown), time("1980-01-06T12:00:00Z"));
    }

    #[test]
    fn a_receiver_that_is_1024_weeks_back_is_moved_to_our_day_and_no_other_is() {
        // 2026-11-24 minus 7,168 days.
        let now = time("2026-11-24T12:00:03Z");
        let moment = Dates::default().moment(&short(b"120000", b"100407"), now);
        assert_eq!(moment, Some(time("2026-11-24T12:00:00Z")));
        let recording = Dates::default().moment(&short(b"120000", b"130407"), now);
        assert_eq!(recording, Some(time("2007-04-13T12:00:00Z")));
    }

    #[test]
    fn a_time_of_day_is_of_the_day_that_the_stream_told_and_passes_midnight() {
        let mut dates = Dates::default();
        let unknown = Time::from_unix_s(0);
        let bare = |text| Clock { of_day_ns: of_day_ns(text), ..Clock::default() };
        assert_eq!(dates.moment(&bare(b"235958"), unknown), None, "nothing told the date");
        dates.moment(&short(b"235959", b"311216"), unknown);
        let after = dates.moment(&bare(b"000000.25"), unknown);
        assert_eq!(after, Some(time("2017-01-01T00:00:00.250Z")));
        let leap = dates.moment(&short(b"235960", b"311216"), unknown);
        assert_eq!(leap, Some(time("2017-01-01T00:00:00Z")), "the leap second of 2016");
    }

    #[test]
    fn without_any_date_our_own_clock_tells_the_day() {
        let bare = |text| Clock { of_day_ns: of_day_ns(text), ..Clock::default() };
        let received = time("2026-11-25T00:00:01Z");
        let before = Dates::default().moment(&bare(b"235959"), received);
        assert_eq!(before, Some(time("2026-11-24T23:59:59Z")));
    }

    #[test]
    fn the_day_moves_on_with_our_clock_when_the_stream_tells_no_date_any_more() {
        let mut dates = Dates::default();
        let told = time("2026-11-20T10:00:00Z");
        dates.moment(&short(b"100000", b"201126"), told);
        let bare = Clock { of_day_ns: of_day_ns(b"100000"), ..Clock::default() };
        let later = dates.moment(&bare, time("2026-11-24T10:00:00Z"));
        assert_eq!(later, Some(time("2026-11-24T10:00:00Z")));
    }

    #[test]
    fn what_is_no_time_or_date_is_none() {
        for bad in [&b""[..], b"1200", b"240000", b"126000", b"120061", b"12000x", b"120000,5"] {
            assert_eq!(of_day_ns(bad), None, "{}", bad.escape_ascii());
        }
        for bad in [&b""[..], b"000000", b"320117", b"310417", b"011317", b"1104170"] {
            assert_eq!(Date::short(bad), None, "{}", bad.escape_ascii());
        }
    }
}
