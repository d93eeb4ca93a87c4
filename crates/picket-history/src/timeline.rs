//! What the time strip shows: counts by bin, warnings, and times in which nothing was heard.

use std::collections::BTreeMap;
use std::sync::Arc;

use picket_model::{Label, Labelled, Severity, Time};
use rusqlite::Connection;

use crate::HistoryError;
use crate::file::{minute, unsigned};
use crate::query::{History, Over, label};

/// What happened in a span of time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Span {
    /// Counts by minute and label, in order.
    pub minutes: Vec<Bin>,
    /// Each alert when it was raised.
    pub raised: Vec<Raised>,
    /// When links, or the node itself, heard nothing.
    pub gaps: Vec<Gap>,
}

/// What one minute held under one label.
#[derive(Debug, Clone, PartialEq)]
pub struct Bin {
    /// The minute's beginning.
    pub at: Time,
    /// The label of what is counted.
    pub label: Label,
    /// Observations received.
    pub observations: u64,
    /// Tracks shown at the minute's first entry.
    pub tracks: u64,
}

/// An alert when it was raised.
#[derive(Debug, Clone, PartialEq)]
pub struct Raised {
    /// When, by the node's clock.
    pub at: Time,
    /// How grave it was then.
    pub severity: Severity,
    /// Its label then.
    pub label: Label,
}

/// A time in which a link, or the node itself, heard nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// The feed's name; `picket` for the node.
    pub feed: Arc<str>,
    /// Since when.
    pub from: Time,
    /// Until when; `None` while it lasts.
    pub to: Option<Time>,
    /// What was said of it.
    pub text: Arc<str>,
    /// How far that may travel.
    pub label: Label,
}

impl Labelled for Bin {
    fn label(&self) -> &Label {
        &self.label
    }
}
impl Labelled for Raised {
    fn label(&self) -> &Label {
        &self.label
    }
}
impl Labelled for Gap {
    fn label(&self) -> &Label {
        &self.label
    }
}

impl History {
    /// What a span of time held.
    ///
    /// # Errors
    /// [`HistoryError`]; a damaged file is set aside and made anew.
    pub fn timeline(&self, from: Time, to: Time, over: &Over) -> Result<Span, HistoryError> {
        let mut span = Span::default();
        let mut gaps: BTreeMap<(Arc<str>, Time), Gap> = BTreeMap::new();
        // A gap that began in the span may have ended in an hour after it.
        let mut hours = self.hours(from, to);
        let after = self.hours(to, Time(i64::MAX)).into_iter().find(|hour| *hour > to.hour());
        hours.extend(after);
        for hour in hours {
            self.with(hour, over, |file| {
                let labels = labels(file)?;
                let of = |id: i64| labels.get(&id).cloned().ok_or(HistoryError::Form("label"));
                count(file, (from, to), &of, &mut span)?;
                links(file, &of, &mut gaps)
            })?;
        }
        let overlaps = |gap: &Gap| gap.from <= to && gap.to.is_none_or(|end| end >= from);
        span.gaps = gaps.into_values().filter(overlaps).collect();
        span.gaps.sort_by(|a, b| (a.from, &a.feed).cmp(&(b.from, &b.feed)));
        Ok(span)
    }
}

fn labels(file: &Connection) -> Result<BTreeMap<i64, Label>, HistoryError> {
    let mut ids = file.prepare_cached("SELECT id FROM label")?;
    let ids: Vec<i64> = ids.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    ids.into_iter().map(|id| Ok((id, label(file, id)?))).collect()
}

fn count(
    file: &Connection,
    (from, to): (Time, Time),
    of: &dyn Fn(i64) -> Result<Label, HistoryError>,
    span: &mut Span,
) -> Result<(), HistoryError> {
    let sql = "SELECT minute, label, observations, tracks FROM counts
        WHERE minute BETWEEN ?1 AND ?2 ORDER BY minute, label";
    let mut query = file.prepare_cached(sql)?;
    let mut rows = query.query([minute(from), minute(to)])?;
    while let Some(row) = rows.next()? {
        let minute: i64 = row.get(0)?;
        span.minutes.push(Bin {
            at: Time::from_unix_s(minute.saturating_mul(60)),
            label: of(row.get(1)?)?,
            observations: unsigned(row.get(2)?),
            tracks: unsigned(row.get(3)?),
        });
    }
    let sql = "SELECT t, severity, label FROM alert
        WHERE t BETWEEN ?1 AND ?2 AND raised = 1 ORDER BY t, seq";
    let mut query = file.prepare_cached(sql)?;
    let mut rows = query.query([from.unix_ms(), to.unix_ms()])?;
    while let Some(row) = rows.next()? {
        let severity: u8 = row.get(1)?;
        span.raised.push(Raised {
            at: Time::from_unix_ms(row.get(0)?),
            severity: Severity::ALL
                .get(usize::from(severity))
                .copied()
                .ok_or(HistoryError::Form("severity"))?,
            label: of(row.get(2)?)?,
        });
    }
    Ok(())
}

fn links(
    file: &Connection,
    of: &dyn Fn(i64) -> Result<Label, HistoryError>,
    gaps: &mut BTreeMap<(Arc<str>, Time), Gap>,
) -> Result<(), HistoryError> {
    let mut query =
        file.prepare_cached("SELECT feed, t0, t1, text, label FROM link ORDER BY seq")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let feed: Arc<str> = row.get(0)?;
        let from = Time::from_unix_ms(row.get(1)?);
        let to: Option<i64> = row.get(2)?;
        let gap = Gap {
            feed: Arc::clone(&feed),
            from,
            to: to.map(Time::from_unix_ms),
            text: row.get(3)?,
            label: of(row.get(4)?)?,
        };
        gaps.insert((feed, from), gap);
    }
    Ok(())
}
