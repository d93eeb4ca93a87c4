//! Filling in: what is missing is made from the log, by a fold and a sampler of its own.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};

use picket_core::Fold;
use picket_log::{Reader, Scanned};
use picket_model::{Seq, Time};

use crate::HistoryError;
use crate::file::HourFile;
use crate::recorder::{ROWS_MAX, Shared, Tell, is_short_of_space};
use crate::row::{Batch, Sampler};

/// How much this thread gives way to all others: the most that there is.
const NICE: i32 = 19;

/// On a thread of its own, of low priority: folds the log from its first entry.
pub(crate) struct Fill {
    pub(crate) shared: Arc<Shared>,
    pub(crate) tell: Arc<Mutex<Tell>>,
    /// A word when something is missing; its end ends the thread.
    pub(crate) gaps: Receiver<()>,
}

impl Fill {
    pub(crate) fn run(self) {
        if let Err(error) = rustix::process::nice(NICE) {
            tracing::debug!(%error, "filling history runs at the usual priority");
        }
        while self.gaps.recv().is_ok() {
            // More may have been dropped while this was at work; each pass makes some of it.
            while self.pass() {}
        }
    }

    /// Makes what is missing now; whether to look again at once.
    fn pass(&self) -> bool {
        let shared = &self.shared;
        let gaps = shared.coverage().gaps();
        if gaps.is_empty() || shared.stops() {
            return false;
        }
        let stop = || shared.stops() || is_short_of_space(&shared.data);
        let added = |batch: &Batch| shared.added(std::slice::from_ref(batch));
        let text = match fill(&shared.data, &gaps, shared.pages_max, &stop, &added) {
            Ok(entries) if shared.coverage().gaps().is_empty() => {
                format!("history is complete again: {entries} entries were added from the log")
            }
            Ok(entries) => return entries > 0,
            Err(error) => format!("missing history could not be made from the log: {error}"),
        };
        tracing::warn!("{text}");
        let mut tell = self.tell.lock().unwrap_or_else(PoisonError::into_inner);
        tell(text);
        false
    }
}

/// Makes all of it from a log that nobody writes.
pub(crate) fn rebuild(data: &Path) -> Result<u64, HistoryError> {
    fill(data, &[(0, u64::MAX)], 0, &|| false, &|_| {})
}

/// Makes the rows of missing entries and writes them; gives the number of entries.
fn fill(
    data: &Path,
    gaps: &[(u64, u64)],
    pages_max: u32,
    stop: &dyn Fn() -> bool,
    added: &dyn Fn(&Batch),
) -> Result<u64, HistoryError> {
    let Some(end) = gaps.iter().map(|(_, last)| *last).max() else { return Ok(0) };
    let reader = Reader::open(data)?;
    let mut filling =
        Filling { data, pages_max, added, file: None, batch: None, entries: 0, failed: None };
    let (mut fold, mut sampler) = (Fold::new(), Sampler::default());
    let (mut claims, mut rows) = (Vec::new(), Vec::new());
    reader.scan(Seq(0), &mut |scanned| {
        let (first, last) = match &scanned {
            Scanned::Entry(entry) => {
                fold.apply(entry, &mut claims);
                // What follows from it stands in the log already.
                claims.clear();
                sampler.step(entry, &fold, &mut rows);
                (entry.seq.0, entry.seq.0)
            }
            Scanned::Gap(gap) => (gap.first.0, gap.last.0),
        };
        let missing = gaps.iter().any(|(from, to)| first <= *to && last >= *from);
        if missing {
            filling.take(first, last, fold.at(), &mut rows);
        } else {
            rows.clear();
            filling.hand_over();
        }
        let checked = first % 1_024 == 0 && stop();
        if filling.failed.is_some() || last >= end || checked {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    filling.hand_over();
    if let Some(file) = filling.file.take() {
        file.close();
    }
    match filling.failed {
        None => Ok(filling.entries),
        Some(error) => Err(error),
    }
}

struct Filling<'a> {
    data: &'a Path,
    pages_max: u32,
    added: &'a dyn Fn(&Batch),
    file: Option<HourFile>,
    batch: Option<Batch>,
    entries: u64,
    failed: Option<HistoryError>,
}

impl Filling<'_> {
    fn take(&mut self, first: u64, last: u64, at: Time, rows: &mut Vec<crate::row::Row>) {
        let hour = at.hour();
        let fits = |batch: &Batch| batch.hour == hour && batch.last.saturating_add(1) == first;
        if !self.batch.as_ref().is_some_and(fits) {
            self.hand_over();
        }
        let batch = self.batch.get_or_insert_with(|| Batch {
            hour,
            first,
            last,
            from: at,
            to: at,
            rows: Vec::new(),
        });
        batch.last = last;
        batch.to = at;
        batch.rows.append(rows);
        self.entries += last - first + 1;
        if batch.rows.len() >= ROWS_MAX {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        let Some(batch) = self.batch.take() else { return };
        match self.write(&batch) {
            Ok(()) => (self.added)(&batch),
            Err(error) => self.failed = Some(error),
        }
    }

    fn write(&mut self, batch: &Batch) -> Result<(), HistoryError> {
        let file = match self.file.take() {
            Some(file) if file.hour == batch.hour => file,
            before => {
                if let Some(before) = before {
                    before.close();
                }
                HourFile::open(self.data, batch.hour, self.pages_max)?
            }
        };
        self.file.insert(file).write(std::slice::from_ref(batch))
    }
}
