//! One hour in one SQLite file: its tables, and how batches of rows go in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use picket_model::{Actor, Label, Time};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior, params};

use crate::cell::{NOWHERE, cell};
use crate::coverage::Range;
use crate::row::{Batch, LinkRow, RecordRow, Row, What};
use crate::{HistoryError, pack};

/// The form of the files; files of another are made anew.
pub(crate) const VERSION: i64 = 1;
/// The folder of the files, in the data folder.
pub(crate) const FOLDER: &str = "hist";
/// How long a writer waits for the other one: each holds a file for milliseconds.
const BUSY: Duration = Duration::from_secs(10);

/// `obs` is clustered by cell, so that a small box reads few pages; `obs_t` gives a wide box, or
/// none, its records in order of time, and their places. `cells` says what a box would cost.
const SCHEMA: &str = "
CREATE TABLE covered(first INTEGER PRIMARY KEY, last INTEGER, t0 INTEGER, t1 INTEGER) STRICT;
CREATE TABLE label(id INTEGER PRIMARY KEY, body BLOB UNIQUE) STRICT;
CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT UNIQUE) STRICT;
CREATE TABLE obs(cell INTEGER, t INTEGER, seq INTEGER, lat REAL, lon REAL, kind INTEGER,
    author INTEGER, label INTEGER, occurred INTEGER, track INTEGER, subject TEXT, text TEXT,
    id BLOB, PRIMARY KEY(cell, t, seq)) STRICT, WITHOUT ROWID;
CREATE INDEX obs_t ON obs(kind, t, seq, lat, lon);
CREATE TABLE cells(cell INTEGER PRIMARY KEY, n INTEGER) STRICT;
CREATE TABLE sample(minute INTEGER, track INTEGER, seq INTEGER, t INTEGER, body BLOB,
    PRIMARY KEY(minute, track, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE keyframe(minute INTEGER PRIMARY KEY, seq INTEGER, t INTEGER) STRICT;
CREATE TABLE counts(minute INTEGER, label INTEGER, observations INTEGER, tracks INTEGER,
    PRIMARY KEY(minute, label)) STRICT, WITHOUT ROWID;
CREATE TABLE alert(alert BLOB, seq INTEGER, t INTEGER, raised INTEGER, severity INTEGER,
    label INTEGER, body BLOB, PRIMARY KEY(alert, seq)) STRICT;
CREATE INDEX alert_t ON alert(t, seq, raised, severity, label);
CREATE TABLE link(feed TEXT, t0 INTEGER, seq INTEGER, t1 INTEGER, text TEXT, label INTEGER,
    PRIMARY KEY(feed, t0, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE watch(seq INTEGER PRIMARY KEY, t INTEGER, body BLOB) STRICT;
";

/// Where an hour's file stands: `hist/<hour since 1970>.db`.
pub(crate) fn path(data: &Path, hour: i64) -> PathBuf {
    data.join(FOLDER).join(format!("{hour}.db"))
}

/// The hour that a file's name says.
pub(crate) fn hour_of(name: &str) -> Option<i64> {
    let hour = name.strip_suffix(".db")?;
    hour.parse().ok().filter(|number: &i64| number.to_string() == hour)
}

/// Opens an hour's file to read.
pub(crate) fn open_to_read(data: &Path, hour: i64) -> Result<Connection, HistoryError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path(data, hour), flags)?;
    connection.busy_timeout(BUSY)?;
    connection.execute_batch("PRAGMA query_only=ON; PRAGMA cache_size=-4096")?;
    Ok(connection)
}

/// What an hour's file covers.
pub(crate) fn covered(connection: &Connection, hour: i64) -> Result<Vec<Range>, HistoryError> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version != VERSION {
        return Err(HistoryError::Form("file of another version"));
    }
    let mut query = connection.prepare("SELECT first, last, t0, t1 FROM covered ORDER BY first")?;
    let ranges = query.query_map([], |row| {
        Ok(Range {
            hour,
            first: unsigned(row.get(0)?),
            last: unsigned(row.get(1)?),
            from: Time::from_unix_ms(row.get(2)?),
            to: Time::from_unix_ms(row.get(3)?),
        })
    })?;
    Ok(ranges.collect::<Result<_, _>>()?)
}

/// An hour's file, open to write.
pub(crate) struct HourFile {
    pub(crate) hour: i64,
    connection: Connection,
    labels: BTreeMap<Label, i64>,
    authors: BTreeMap<Actor, i64>,
}

impl HourFile {
    /// Opens the file, and makes it if there is none. `pages_max` bounds its size, 0 does not.
    pub(crate) fn open(data: &Path, hour: i64, pages_max: u32) -> Result<Self, HistoryError> {
        let connection = Connection::open(path(data, hour))?;
        connection.busy_timeout(BUSY)?;
        connection.execute_batch(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;
             PRAGMA cache_size=-16384; PRAGMA wal_autocheckpoint=4000;",
        )?;
        if pages_max > 0 {
            connection.execute_batch(&format!("PRAGMA max_page_count={pages_max}"))?;
        }
        connection.set_prepared_statement_cache_capacity(32);
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version == 0 {
            connection.execute_batch(&format!(
                "BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version={VERSION}; COMMIT"
            ))?;
        } else if version != VERSION {
            return Err(HistoryError::Form("file of another version"));
        }
        Ok(Self { hour, connection, labels: BTreeMap::new(), authors: BTreeMap::new() })
    }

    /// Writes batches of this hour in one transaction: all or nothing.
    pub(crate) fn write(&mut self, batches: &[Batch]) -> Result<(), HistoryError> {
        let done = self.try_write(batches);
        if done.is_err() {
            // Numbers that the transaction gave out are not in the file.
            self.labels.clear();
            self.authors.clear();
        }
        done
    }

    fn try_write(&mut self, batches: &[Batch]) -> Result<(), HistoryError> {
        let Self { connection, labels, authors, .. } = self;
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut put =
            Put { tx: &tx, labels, authors, cells: BTreeMap::new(), counts: BTreeMap::new() };
        for batch in batches {
            for row in &batch.rows {
                put.row(row)?;
            }
        }
        put.finish()?;
        for batch in batches {
            cover(&tx, batch)?;
        }
        tx.commit()?;
        Ok(())
    }

    /// Brings all into the file itself; the hour is over.
    pub(crate) fn close(self) {
        // What is not brought over now is when it is next opened.
        drop(self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"));
    }
}

/// Notes what a batch covers; it lengthens the range before it.
fn cover(tx: &Transaction<'_>, batch: &Batch) -> Result<(), HistoryError> {
    let (first, last) = (signed(batch.first), signed(batch.last));
    let to = batch.to.unix_ms();
    let mut lengthen =
        tx.prepare_cached("UPDATE covered SET last = ?1, t1 = ?2 WHERE last = ?3 - 1")?;
    if lengthen.execute(params![last, to, first])? == 0 {
        tx.prepare_cached("INSERT INTO covered VALUES(?1, ?2, ?3, ?4)")?.execute(params![
            first,
            last,
            batch.from.unix_ms(),
            to
        ])?;
    }
    Ok(())
}

/// A transaction under way.
struct Put<'a> {
    tx: &'a Transaction<'a>,
    labels: &'a mut BTreeMap<Label, i64>,
    authors: &'a mut BTreeMap<Actor, i64>,
    cells: BTreeMap<i64, i64>,
    /// Observations and shown tracks by minute and label.
    counts: BTreeMap<(i64, i64), (i64, i64)>,
}

impl Put<'_> {
    fn row(&mut self, row: &Row) -> Result<(), HistoryError> {
        let (seq, t) = (signed(row.seq.0), row.at.unix_ms());
        let minute = minute(row.at);
        match &row.what {
            What::Record(record) => self.record(record, seq, t, minute),
            What::Track(track, whole) => {
                let body = if *whole { pack::whole(track) } else { pack::fix(track, row.at) };
                self.sample(minute, track.id.0, seq, t, &body)
            }
            What::Gone(id) => self.sample(minute, id.0, seq, t, &[]),
            What::Keyframe(tracks) => {
                for track in tracks {
                    let label = self.label(&track.label)?;
                    self.counts.entry((minute, label)).or_default().1 += 1;
                    self.sample(minute, track.id.0, seq, t, &pack::whole(track))?;
                }
                let sql = "INSERT OR REPLACE INTO keyframe VALUES(?1, ?2, ?3)";
                self.tx.prepare_cached(sql)?.execute(params![minute, seq, t])?;
                Ok(())
            }
            What::Alert(state) => {
                let label = self.label(&state.label)?;
                let sql = "INSERT OR REPLACE INTO alert VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)";
                self.tx.prepare_cached(sql)?.execute(params![
                    state.alert.id.0,
                    seq,
                    t,
                    state.seq == row.seq,
                    pack::severity(state.alert.severity),
                    label,
                    pack::alert(state)
                ])?;
                Ok(())
            }
            What::Link(link) => self.link(link, seq),
            What::Watch(watch) => {
                let mut body = Vec::new();
                picket_model::wire::encode_watch(watch, &mut body);
                let sql = "INSERT OR REPLACE INTO watch VALUES(?1, ?2, ?3)";
                self.tx.prepare_cached(sql)?.execute(params![seq, t, body])?;
                Ok(())
            }
        }
    }

    fn record(
        &mut self,
        record: &RecordRow,
        seq: i64,
        t: i64,
        minute: i64,
    ) -> Result<(), HistoryError> {
        let cell = record.position.as_ref().map_or(NOWHERE, cell);
        let label = self.label(&record.label)?;
        let author = self.author(&record.author)?;
        *self.cells.entry(cell).or_default() += 1;
        if record.kind == 0 {
            self.counts.entry((minute, label)).or_default().0 += 1;
        }
        let sql = "INSERT OR REPLACE INTO obs
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
        self.tx.prepare_cached(sql)?.execute(params![
            cell,
            t,
            seq,
            record.position.map(|place| place.lat.degrees()),
            record.position.map(|place| place.lon.degrees()),
            record.kind,
            author,
            label,
            record.occurred_at.unix_ms(),
            record.track.map(|id| id.0),
            record.subject,
            record.text.as_deref(),
            record.id.0
        ])?;
        Ok(())
    }

    fn sample(
        &self,
        minute: i64,
        track: u32,
        seq: i64,
        t: i64,
        body: &[u8],
    ) -> Result<(), HistoryError> {
        let sql = "INSERT OR REPLACE INTO sample VALUES(?1, ?2, ?3, ?4, ?5)";
        self.tx.prepare_cached(sql)?.execute(params![minute, track, seq, t, body])?;
        Ok(())
    }

    fn link(&mut self, link: &LinkRow, seq: i64) -> Result<(), HistoryError> {
        let label = self.label(&link.label)?;
        let to = link.to.map(Time::unix_ms);
        let sql = "INSERT OR REPLACE INTO link VALUES(?1, ?2, ?3, ?4, ?5, ?6)";
        self.tx.prepare_cached(sql)?.execute(params![
            &*link.feed,
            link.from.unix_ms(),
            seq,
            to,
            &*link.text,
            label
        ])?;
        Ok(())
    }

    fn label(&mut self, label: &Label) -> Result<i64, HistoryError> {
        if let Some(id) = self.labels.get(label) {
            return Ok(*id);
        }
        let body = pack::label(label);
        let id = number(
            self.tx,
            ["SELECT id FROM label WHERE body = ?1", "INSERT INTO label(body) VALUES(?1)"],
            &body,
        )?;
        self.labels.insert(label.clone(), id);
        Ok(id)
    }

    fn author(&mut self, author: &Actor) -> Result<i64, HistoryError> {
        if let Some(id) = self.authors.get(author) {
            return Ok(*id);
        }
        let name = author.to_string();
        let id = number(
            self.tx,
            ["SELECT id FROM author WHERE name = ?1", "INSERT INTO author(name) VALUES(?1)"],
            &name,
        )?;
        self.authors.insert(author.clone(), id);
        Ok(id)
    }

    /// Adds up what the batches hold of each cell and minute.
    fn finish(self) -> Result<(), HistoryError> {
        let sql = "INSERT INTO cells VALUES(?1, ?2)
            ON CONFLICT(cell) DO UPDATE SET n = n + excluded.n";
        let mut add = self.tx.prepare_cached(sql)?;
        for (cell, count) in &self.cells {
            add.execute(params![cell, count])?;
        }
        let sql = "INSERT INTO counts VALUES(?1, ?2, ?3, ?4) ON CONFLICT(minute, label) DO UPDATE
            SET observations = observations + excluded.observations, tracks = tracks + excluded.tracks";
        let mut add = self.tx.prepare_cached(sql)?;
        for ((minute, label), (observations, tracks)) in &self.counts {
            add.execute(params![minute, label, observations, tracks])?;
        }
        Ok(())
    }
}

/// The number of a value in its table; a new one is given the next.
fn number(
    tx: &Transaction<'_>,
    [find, insert]: [&str; 2],
    value: &impl rusqlite::ToSql,
) -> Result<i64, HistoryError> {
    let mut find = tx.prepare_cached(find)?;
    let mut rows = find.query([value])?;
    if let Some(row) = rows.next()? {
        return Ok(row.get(0)?);
    }
    tx.prepare_cached(insert)?.execute([value])?;
    Ok(tx.last_insert_rowid())
}

/// The minute's number since 1970.
pub(crate) fn minute(at: Time) -> i64 {
    at.unix_s().div_euclid(60)
}

/// A place in the log as SQLite keeps it; the log ends before that.
pub(crate) fn signed(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

pub(crate) fn unsigned(seq: i64) -> u64 {
    u64::try_from(seq).unwrap_or(0)
}
