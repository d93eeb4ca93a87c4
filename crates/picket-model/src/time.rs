//! A point in time, and how it is written.

use std::fmt;

use ::time::format_description::well_known::Rfc3339;
use ::time::{OffsetDateTime, UtcOffset};

/// Nanoseconds of UTC since 1970-01-01T00:00:00Z, without leap seconds.
///
/// Reaches from 1677 to 2262; arithmetic stops at the ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(pub i64);

impl Time {
    /// The first representable moment, used as "long ago".
    pub const MIN: Self = Self(i64::MIN);

    /// The moment this many seconds after 1970-01-01, UTC.
    #[must_use]
    pub const fn from_unix_s(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000_000))
    }

    /// The moment this many milliseconds after 1970-01-01, UTC.
    #[must_use]
    pub const fn from_unix_ms(milliseconds: i64) -> Self {
        Self(milliseconds.saturating_mul(1_000_000))
    }

    /// Seconds since 1970-01-01, UTC, with fractions; exact to a microsecond in this century.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "documented: a microsecond")]
    pub fn unix_s_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Whole milliseconds since 1970-01-01, UTC, rounded down.
    #[must_use]
    pub const fn unix_ms(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Whole seconds since 1970-01-01, UTC, rounded down.
    #[must_use]
    pub const fn unix_s(self) -> i64 {
        self.0.div_euclid(1_000_000_000)
    }

    /// Seconds from `earlier` to this moment; negative when `earlier` is later.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "differences of hours keep a nanosecond")]
    pub fn since_s(self, earlier: Self) -> f64 {
        self.0.saturating_sub(earlier.0) as f64 / 1e9
    }

    /// This moment moved by so many seconds; not-a-number moves nothing.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates, as documented")]
    pub fn plus_s(self, seconds: f64) -> Self {
        Self(self.0.saturating_add((seconds * 1e9) as i64))
    }

    /// Reads an RFC 3339 date and time, any offset, up to nine fraction digits kept.
    ///
    /// `None` if it is not one or lies outside 1677 to 2262.
    ///
    /// # Examples
    /// ```
    /// use picket_model::Time;
    /// let noon = Time::parse_rfc3339("1970-01-01T12:00:00.5Z");
    /// assert_eq!(noon, Some(Time::from_unix_ms(43_200_500)));
    /// ```
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        i64::try_from(at.unix_timestamp_nanos()).ok().map(Self)
    }

    fn date_time(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0))
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
            .to_offset(UtcOffset::UTC)
    }

    /// Minutes since midnight UTC, 0 to 1439.
    #[must_use]
    pub fn minute_of_day(self) -> u16 {
        u16::try_from(self.unix_s().div_euclid(60).rem_euclid(24 * 60)).unwrap_or(0)
    }

    /// The hour's number since 1970: what groups records for retention.
    #[must_use]
    pub fn hour(self) -> i64 {
        self.unix_s().div_euclid(3_600)
    }

    /// `hh:mm:ssZ`, as alerts say it.
    #[must_use]
    pub fn clock_text(self) -> String {
        let at = self.date_time();
        format!("{:02}:{:02}:{:02}Z", at.hour(), at.minute(), at.second())
    }
}

/// RFC 3339 in UTC with milliseconds: `2026-01-02T03:04:05.678Z`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.date_time();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second(),
            at.millisecond()
        )
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_what_rfc_3339_shows() {
        // RFC 3339 §5.8, first and second example.
        let first = Time::parse_rfc3339("1985-04-12T23:20:50.52Z");
        assert_eq!(first.map(|t| t.to_string()).as_deref(), Some("1985-04-12T23:20:50.520Z"));
        let second = Time::parse_rfc3339("1996-12-19T16:39:57-08:00");
        assert_eq!(second.map(|t| t.to_string()).as_deref(), Some("1996-12-20T00:39:57.000Z"));
    }

    #[test]
    fn refuses_what_is_no_time() {
        for bad in ["", "2026-01-02", "2026-13-01T00:00:00Z", "9999-01-01T00:00:00Z"] {
            assert_eq!(Time::parse_rfc3339(bad), None, "{bad}");
        }
    }

    #[test]
    fn stops_at_the_ends_of_the_scale() {
        assert_eq!(Time(i64::MAX).plus_s(1e12), Time(i64::MAX));
        assert!(Time::MIN.since_s(Time(i64::MAX)) < -9.2e9);
        assert_eq!(Time(5).plus_s(f64::NAN), Time(5));
    }
}
