//! Questions: records in a box and a time, and where one track was.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Arc, PoisonError};

use picket_model::{Label, Labelled, Position, RecordId, Seq, Time, Track, TrackId};
use rusqlite::{Connection, Rows, params};

use crate::HistoryError;
use crate::cell::{Bounds, Cells};
use crate::file::{self, minute, unsigned};
use crate::pack::{self, Change};
use crate::recorder::{Post, Shared};
use crate::row::KINDS;

/// Says when a question has taken long enough; asked every few thousand steps.
pub type Over = Arc<dyn Fn() -> bool + Send + Sync>;

/// Connections kept open for the next question, each with up to 4 MiB of pages.
const IDLE_MAX: usize = 8;
/// Steps of SQLite's machine between two looks at the time: some 50 µs.
const STEPS: std::ffi::c_int = 5_000;
/// What the parts of a plan cost, in µs, as measured by `benches/query.rs`.
const SEEK_COST: f64 = 4.0;
const STREAM_COST: f64 = 15.0;
const ROW_COST: f64 = 0.5;
/// Cells that are read side by side, in order of time; a box of more is gathered and sorted.
const STREAMS_MAX: usize = 32;
/// A box of more rows of cells than this is looked up in the whole table of cells.
const RUNS_MAX: i64 = 64;

/// Asks history; cheap to clone, for readers on any thread. Every call reads files: never on a
/// thread that must not wait.
#[derive(Clone)]
pub struct History {
    pub(crate) shared: Arc<Shared>,
}

impl std::fmt::Debug for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("History").field("data", &self.shared.data).finish_non_exhaustive()
    }
}

/// Which records are asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Question {
    /// Only those in this box.
    pub bounds: Option<Bounds>,
    /// Received from this moment…
    pub from: Time,
    /// …to this one, to the millisecond.
    pub to: Time,
    /// Only of this kind, one of [`History::KINDS`].
    pub kind: Option<&'static str>,
    /// How many are likely to be taken: helps to choose a way, bounds nothing.
    pub limit: usize,
}

/// A record, as far as lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Its place in the log.
    pub seq: Seq,
    /// Its id.
    pub id: RecordId,
    /// What kind of record.
    pub kind: &'static str,
    /// Who vouched.
    pub author: Arc<str>,
    /// How far it may travel.
    pub label: Label,
    /// When it happened, by the author's clock, to the millisecond.
    pub occurred_at: Time,
    /// When it was received, by the node's clock, to the millisecond.
    pub received_at: Time,
    /// Where, without a height.
    pub position: Option<Position>,
    /// The track that it moved or warns of.
    pub track: Option<TrackId>,
    /// Who or what it is about.
    pub subject: Option<String>,
    /// What it says, in words.
    pub text: Option<String>,
}

impl Labelled for Found {
    fn label(&self) -> &Label {
        &self.label
    }
}

/// Where a track was.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The track as it stood; what it was told by, as of its minute.
    pub track: Track,
    /// The node's time.
    pub at: Time,
}

impl Labelled for Point {
    fn label(&self) -> &Label {
        &self.track.label
    }
}

impl History {
    /// The kinds of records that can be asked for.
    pub const KINDS: [&'static str; 6] = KINDS;

    pub(crate) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// From when to when there is anything.
    #[must_use]
    pub fn span(&self) -> Option<(Time, Time)> {
        self.shared.coverage().span()
    }

    /// Whether something is still missing of a span of time.
    #[must_use]
    pub fn is_incomplete(&self, from: Time, to: Time) -> bool {
        self.shared.coverage().is_incomplete(from, to)
    }

    /// Shows the records that may fit, in the log's order, until told to stop.
    ///
    /// # Errors
    /// [`HistoryError`]; a damaged file is set aside and made anew.
    pub fn records(
        &self,
        question: &Question,
        over: &Over,
        visit: &mut dyn FnMut(Found) -> ControlFlow<()>,
    ) -> Result<(), HistoryError> {
        for hour in self.hours(question.from, question.to) {
            let flow = self.with(hour, over, |file| {
                let hour = HourQuery::new(file);
                hour.records(question, visit)
            })?;
            if flow.is_some_and(|flow| flow.is_break()) {
                break;
            }
        }
        Ok(())
    }

    /// Shows where a track was, in order, until told to stop.
    ///
    /// # Errors
    /// As [`History::records`].
    pub fn track(
        &self,
        id: TrackId,
        from: Time,
        to: Time,
        over: &Over,
        visit: &mut dyn FnMut(Point) -> ControlFlow<()>,
    ) -> Result<(), HistoryError> {
        let mut last_fix = None;
        for hour in self.hours(from, to) {
            let flow =
                self.with(hour, over, |file| points(file, id, (from, to), &mut last_fix, visit))?;
            if flow.is_some_and(|flow| flow.is_break()) {
                break;
            }
        }
        Ok(())
    }

    /// The hours with a file in a span of time, the oldest first.
    pub(crate) fn hours(&self, from: Time, to: Time) -> Vec<i64> {
        let hours = self.shared.coverage().hours();
        hours.into_iter().filter(|hour| (from.hour()..=to.hour()).contains(hour)).collect()
    }

    /// Asks one hour's file; `None` if it has lapsed meanwhile.
    pub(crate) fn with<T>(
        &self,
        hour: i64,
        over: &Over,
        ask: impl FnOnce(&Connection) -> Result<T, HistoryError>,
    ) -> Result<Option<T>, HistoryError> {
        if over() {
            return Err(HistoryError::TooLong);
        }
        let answer = self.connection(hour).and_then(|file| {
            let Some(file) = file else { return Ok(None) };
            let over = Arc::clone(over);
            file.progress_handler(STEPS, Some(move || over()))?;
            let answer = ask(&file)?;
            file.progress_handler(STEPS, None::<fn() -> bool>)?;
            self.give_back(hour, file);
            Ok(Some(answer))
        });
        if let Err(error) = &answer
            && error.is_damage()
        {
            // If the writer has too much to do, the next question finds the same.
            drop(self.shared.posts.try_send(Post::Damaged(hour)));
        }
        answer
    }

    fn connection(&self, hour: i64) -> Result<Option<Connection>, HistoryError> {
        let mut idle = self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = idle.iter().position(|(of, _)| *of == hour) {
            return Ok(Some(idle.remove(at).1));
        }
        drop(idle);
        if !file::path(&self.shared.data, hour).exists() {
            return Ok(None);
        }
        let file = file::open_to_read(&self.shared.data, hour)?;
        file.set_prepared_statement_cache_capacity(32);
        Ok(Some(file))
    }

    fn give_back(&self, hour: i64, file: Connection) {
        let mut idle = self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() >= IDLE_MAX {
            idle.remove(0);
        }
        idle.push((hour, file));
    }
}

/// One question to one file.
struct HourQuery<'f> {
    file: &'f Connection,
    labels: BTreeMap<i64, Label>,
    authors: BTreeMap<i64, Arc<str>>,
}

impl<'f> HourQuery<'f> {
    const fn new(file: &'f Connection) -> Self {
        Self { file, labels: BTreeMap::new(), authors: BTreeMap::new() }
    }

    fn records(
        mut self,
        question: &Question,
        visit: &mut dyn FnMut(Found) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, HistoryError> {
        let cells = question.bounds.as_ref().map(Cells::of);
        let Some(cells) = cells else { return self.by_time(question, None, visit) };
        let occupied = self.occupied(&cells)?;
        let in_box: f64 = occupied.iter().map(|(_, count)| *count).sum();
        if occupied.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        let (total, share) = self.share(question)?;
        let seeks = as_f64(i64::try_from(occupied.len()).unwrap_or(i64::MAX));
        let limit = as_f64(i64::try_from(question.limit).unwrap_or(i64::MAX));
        // Rows of the cells that lie in the box itself, if they are spread evenly.
        let inside = (in_box * question.bounds.map_or(1.0, |b| b.share_of(&cells))).max(1.0);
        let by_time = (total * share).min(limit * total / inside) * ROW_COST;
        let cells_of = || occupied.iter().map(|(cell, _)| *cell);
        if occupied.len() <= STREAMS_MAX {
            let rows = (in_box * share).min(limit * in_box / inside);
            if seeks * (SEEK_COST + STREAM_COST) + rows * ROW_COST <= by_time {
                return self.by_streams(question, cells_of(), visit);
            }
        } else if seeks * SEEK_COST + in_box * share * ROW_COST <= by_time {
            return self.by_cell(question, cells_of(), visit);
        }
        self.by_time(question, Some(&cells), visit)
    }

    /// The cells of a box that hold anything, and how much.
    fn occupied(&self, cells: &Cells) -> Result<Vec<(i64, f64)>, HistoryError> {
        let mut found = Vec::new();
        if cells.height() > RUNS_MAX {
            let mut all = self.file.prepare_cached("SELECT cell, n FROM cells WHERE cell >= 0")?;
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                let cell = row.get(0)?;
                if cells.holds(cell) {
                    found.push((cell, as_f64(row.get(1)?)));
                }
            }
            return Ok(found);
        }
        let sql = "SELECT cell, n FROM cells WHERE cell BETWEEN ?1 AND ?2";
        let mut run = self.file.prepare_cached(sql)?;
        for (first, last) in cells.runs() {
            let mut rows = run.query([first, last])?;
            while let Some(row) = rows.next()? {
                found.push((row.get(0)?, as_f64(row.get(1)?)));
            }
        }
        Ok(found)
    }

    /// How many entries the hour has, and the share of its time that is asked for, 0 to 1.
    fn share(&self, question: &Question) -> Result<(f64, f64), HistoryError> {
        let sql = "SELECT min(t0), max(t1), sum(last - first + 1) FROM covered";
        let all = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let found: (Option<i64>, Option<i64>, Option<i64>) =
            self.file.prepare_cached(sql)?.query_row([], all)?;
        let (Some(from), Some(to), Some(entries)) = found else { return Ok((0.0, 0.0)) };
        let asked = question.to.unix_ms().min(to) - question.from.unix_ms().max(from);
        let share = as_f64(asked.max(0)) / as_f64((to - from).max(1));
        Ok((as_f64(entries), share.clamp(0.0, 1.0)))
    }

    /// Cell by cell, then in order: for a box with little in it.
    fn by_cell(
        &mut self,
        question: &Question,
        cells: impl Iterator<Item = i64>,
        visit: &mut dyn FnMut(Found) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, HistoryError> {
        let kind = question.kind.map(kind_number);
        let mut found: Vec<(i64, i64, i64)> = Vec::new();
        let file = self.file;
        let sql = "SELECT t, seq, kind, lat, lon FROM obs WHERE cell = ?1 AND t BETWEEN ?2 AND ?3";
        let mut of_cell = file.prepare_cached(sql)?;
        for cell in cells {
            let mut rows = of_cell.query([cell, question.from.unix_ms(), question.to.unix_ms()])?;
            while let Some(row) = rows.next()? {
                let is_kind = kind.is_none_or(|kind| row.get(2) == Ok(kind));
                if is_kind && question.holds(row.get(3)?, row.get(4)?) {
                    found.push((row.get(0)?, row.get(1)?, cell));
                }
            }
        }
        found.sort_unstable();
        let mut fetch = file.prepare_cached(FETCH)?;
        for (t, seq, cell) in found {
            if self.fetch(&mut fetch, (cell, t, seq), visit)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Cells side by side, each in order: for a small box, however much it holds.
    fn by_streams(
        &mut self,
        question: &Question,
        cells: impl Iterator<Item = i64>,
        visit: &mut dyn FnMut(Found) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, HistoryError> {
        let kind = question.kind.map_or(-1, kind_number);
        let sql = "SELECT t, seq, cell, lat, lon FROM obs WHERE cell = ?1
            AND t BETWEEN ?2 AND ?3 AND (?4 < 0 OR kind = ?4) ORDER BY t, seq";
        let (from, to) = (question.from.unix_ms(), question.to.unix_ms());
        let asked: Vec<[i64; 4]> = cells.map(|cell| [cell, from, to, kind]).collect();
        self.merge(sql, &asked, None, question, visit)
    }

    /// In the log's order, leaving out what lies elsewhere: for a wide box, or none.
    fn by_time(
        &mut self,
        question: &Question,
        cells: Option<&Cells>,
        visit: &mut dyn FnMut(Found) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, HistoryError> {
        let kinds: Vec<i64> = match question.kind {
            Some(kind) => vec![kind_number(kind)],
            None => (0..i64::try_from(KINDS.len()).unwrap_or(0)).collect(),
        };
        let sql = "SELECT t, seq, cell, lat, lon FROM obs INDEXED BY obs_t
            WHERE kind = ?1 AND t BETWEEN ?2 AND ?3 ORDER BY t, seq";
        let (from, to) = (question.from.unix_ms(), question.to.unix_ms());
        let asked: Vec<[i64; 3]> = kinds.into_iter().map(|kind| [kind, from, to]).collect();
        self.merge(sql, &asked, cells, question, visit)
    }

    /// Reads one query with several arguments side by side, and shows what lies in the box in
    /// the log's order.
    fn merge<const N: usize>(
        &mut self,
        sql: &str,
        asked: &[[i64; N]],
        cells: Option<&Cells>,
        question: &Question,
        visit: &mut dyn FnMut(Found) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, HistoryError> {
        let file = self.file;
        let mut statements = Vec::with_capacity(asked.len());
        for _ in asked {
            statements.push(file.prepare_cached(sql)?);
        }
        let mut streams = Vec::with_capacity(asked.len());
        for (statement, values) in statements.iter_mut().zip(asked) {
            let mut rows = statement.query(rusqlite::params_from_iter(values))?;
            let head = next_inside(&mut rows, cells, question)?;
            streams.push((rows, head));
        }
        let mut fetch = file.prepare_cached(FETCH)?;
        loop {
            let heads = streams.iter_mut().filter(|(_, head)| head.is_some());
            let Some((rows, head)) = heads.min_by_key(|(_, head)| *head) else { break };
            if let Some((t, seq, cell)) = *head
                && self.fetch(&mut fetch, (cell, t, seq), visit)?.is_break()
            {
                return Ok(ControlFlow::Break(()));
            }
            *head = next_inside(rows, cells, question)?;
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Reads one record and shows it.
    fn fetch(
        &mut self,
        statement: &mut rusqlite::Statement<'_>,
        (cell, t, seq): (i64, i64, i64),
        visit: &mut dyn FnMut(Found) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, HistoryError> {
        let mut rows = statement.query([cell, t, seq])?;
        let Some(row) = rows.next()? else { return Ok(ControlFlow::Continue(())) };
        let (lat, lon): (Option<f64>, Option<f64>) = (row.get(0)?, row.get(1)?);
        let kind: u32 = row.get(2)?;
        let track: Option<u32> = row.get(6)?;
        let found = Found {
            seq: Seq(unsigned(seq)),
            id: pack::record_id(row.get_ref(9)?.as_blob().unwrap_or_default())?,
            kind: kind_name(kind).ok_or(HistoryError::Form("kind of record"))?,
            author: self.author(row.get(3)?)?,
            label: self.label(row.get(4)?)?,
            occurred_at: Time::from_unix_ms(row.get(5)?),
            received_at: Time::from_unix_ms(t),
            position: lat.zip(lon).and_then(|(lat, lon)| Position::from_degrees(lat, lon)),
            track: track.map(TrackId),
            subject: row.get(7)?,
            text: row.get(8)?,
        };
        Ok(visit(found))
    }

    fn label(&mut self, id: i64) -> Result<Label, HistoryError> {
        if let Some(label) = self.labels.get(&id) {
            return Ok(label.clone());
        }
        let label = label(self.file, id)?;
        self.labels.insert(id, label.clone());
        Ok(label)
    }

    fn author(&mut self, id: i64) -> Result<Arc<str>, HistoryError> {
        if let Some(author) = self.authors.get(&id) {
            return Ok(Arc::clone(author));
        }
        let mut query = self.file.prepare_cached("SELECT name FROM author WHERE id = ?1")?;
        let author: Arc<str> = query.query_row([id], |row| row.get(0))?;
        self.authors.insert(id, Arc::clone(&author));
        Ok(author)
    }
}

/// Time, place in the log and cell of a record.
type Key = (i64, i64, i64);

const FETCH: &str = "SELECT lat, lon, kind, author, label, occurred, track, subject, text, id
    FROM obs WHERE cell = ?1 AND t = ?2 AND seq = ?3";

/// The next row that lies in the box.
fn next_inside(
    rows: &mut Rows<'_>,
    cells: Option<&Cells>,
    question: &Question,
) -> Result<Option<Key>, HistoryError> {
    while let Some(row) = rows.next()? {
        let cell = row.get(2)?;
        if cells.is_none_or(|cells| cells.holds(cell)) && question.holds(row.get(3)?, row.get(4)?) {
            return Ok(Some((row.get(0)?, row.get(1)?, cell)));
        }
    }
    Ok(None)
}

impl Question {
    /// Whether a place lies in the box, if one is asked for.
    fn holds(&self, lat_deg: Option<f64>, lon_deg: Option<f64>) -> bool {
        let Some(bounds) = &self.bounds else { return true };
        lat_deg.zip(lon_deg).is_some_and(|(lat_deg, lon_deg)| bounds.holds(lat_deg, lon_deg))
    }
}

fn kind_name(number: u32) -> Option<&'static str> {
    KINDS.get(usize::try_from(number).ok()?).copied()
}

fn kind_number(kind: &str) -> i64 {
    let at = KINDS.iter().position(|each| *each == kind);
    at.and_then(|at| i64::try_from(at).ok()).unwrap_or(-1)
}

/// The label of this number in a file.
pub(crate) fn label(file: &Connection, id: i64) -> Result<Label, HistoryError> {
    let mut query = file.prepare_cached("SELECT body FROM label WHERE id = ?1")?;
    let body: Vec<u8> = query.query_row([id], |row| row.get(0))?;
    pack::read_label(&body)
}

/// Shows one track's rows of one hour, minute by minute: each begins with a whole row if the
/// track was shown then.
fn points(
    file: &Connection,
    id: TrackId,
    (from, to): (Time, Time),
    last_fix: &mut Option<Time>,
    visit: &mut dyn FnMut(Point) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, HistoryError> {
    let minutes = minutes(file, from, to)?;
    let sql = "SELECT t, body FROM sample WHERE minute = ?1 AND track = ?2 ORDER BY seq";
    let mut query = file.prepare_cached(sql)?;
    for minute in minutes {
        let mut track: Option<Track> = None;
        let mut rows = query.query(params![minute, id.0])?;
        while let Some(row) = rows.next()? {
            let at = Time::from_unix_ms(row.get(0)?);
            match pack::change(row.get_ref(1)?.as_blob().unwrap_or_default(), at)? {
                Change::Whole(whole) => track = Some(*whole),
                Change::Gone => track = None,
                Change::Fix(fix) => {
                    if let Some(track) = &mut track {
                        fix.apply(track);
                    }
                }
            }
            let Some(track) = &track else { continue };
            // A keyframe repeats what is known; a point is a fix.
            let repeats = *last_fix == Some(track.updated_at);
            if at < from || at > to || repeats {
                continue;
            }
            *last_fix = Some(track.updated_at);
            if visit(Point { track: track.clone(), at }).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// The minutes of a file that overlap a span of time.
fn minutes(file: &Connection, from: Time, to: Time) -> Result<Vec<i64>, HistoryError> {
    let sql = "SELECT minute FROM keyframe WHERE minute BETWEEN ?1 AND ?2 ORDER BY minute";
    let mut query = file.prepare_cached(sql)?;
    let found = query.query_map([minute(from), minute(to)], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Counts and costs: far below 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
const fn as_f64(count: i64) -> f64 {
    count as f64
}
