//! From the core to the files: the queue, the writer's thread, and what happens when either is full.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use picket_core::{Fold, Observer};
use picket_model::{Body, Entry, Seq, Time};
use rusqlite::Connection;

use crate::HistoryError;
use crate::coverage::{Coverage, Range};
use crate::file::{self, FOLDER, HourFile};
use crate::fill::{self, Fill};
use crate::query::History;
use crate::row::{Batch, Row, Sampler};

/// How history is kept. The defaults work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// How long an hour's file is kept, seconds: 30 days.
    pub keep_s: f64,
    /// When no more entries than this are missing at a start, they are added while the log is
    /// folded anyway; more are added in the background. Five seconds' worth of writing.
    pub catch_up_max: u64,
    /// Batches of at most 2,048 rows that may wait for the writer: two seconds of it, and some
    /// 60 MiB when each is a track. When as many wait, further ones are dropped, and made anew
    /// from the log later.
    pub queue_max: usize,
    /// Most pages of 4 KiB in one file; 0 for as many as the disk holds.
    pub pages_max: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { keep_s: 30.0 * 24.0 * 3_600.0, catch_up_max: 100_000, queue_max: 32, pages_max: 0 }
    }
}

/// Takes what an administrator should know, each a sentence; must not wait.
pub type Tell = Box<dyn FnMut(String) + Send>;

/// Rows in one batch at which it is handed over, even within a second.
pub(crate) const ROWS_MAX: usize = 2_048;
/// Batches in one transaction.
const GROUP_MAX: usize = 32;
/// After a failed write, and between two times of filling, so long is waited.
const RETRY_S: f64 = 60.0;
/// A disk with less free than the log needs for itself takes no history: 10 %, at most 4 GiB.
const FREE_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;

/// What all parts share.
pub(crate) struct Shared {
    pub(crate) data: PathBuf,
    coverage: Mutex<Coverage>,
    /// Connections of readers that nobody uses just now.
    pub(crate) idle: Mutex<Vec<(i64, Connection)>>,
    pub(crate) stop: AtomicBool,
    pub(crate) posts: SyncSender<Post>,
    pub(crate) pages_max: u32,
}

impl Shared {
    pub(crate) fn coverage(&self) -> MutexGuard<'_, Coverage> {
        self.coverage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn stops(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(crate) fn added(&self, batches: &[Batch]) {
        let mut coverage = self.coverage();
        for &Batch { hour, first, last, from, to, .. } in batches {
            coverage.add(Range { hour, first, last, from, to });
        }
    }

    /// Forgets an hour whose file goes.
    fn forget(&self, hour: i64) {
        self.coverage().remove_hour(hour);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(of, _)| *of != hour);
    }
}

/// Something for the writer.
pub(crate) enum Post {
    Batch(Batch),
    /// A reader found this hour's file damaged.
    Damaged(i64),
    /// The core has ended: no more comes.
    End,
}

/// Opens history in a data folder whose log has `size` entries and is about to be folded.
///
/// The observer sees that fold and all that follows. When it is dropped, with the core that
/// holds it, what waits is written and both threads end.
///
/// # Errors
/// [`HistoryError::Io`] if the folder cannot be made or a thread not started.
pub fn start(
    data: &Path,
    settings: Settings,
    size: u64,
    now: Time,
    mut tell: Tell,
) -> Result<(Box<dyn Observer>, History), HistoryError> {
    let oldest = now.plus_s(-settings.keep_s).hour();
    let coverage = open_folder(data, size, oldest, &mut tell)?;
    let catch_up = size.saturating_sub(coverage.entries()) <= settings.catch_up_max;
    let (posts, waiting) = sync_channel(settings.queue_max);
    let (gaps, filled) = sync_channel(1);
    let shared = Arc::new(Shared {
        data: data.to_owned(),
        coverage: Mutex::new(coverage),
        idle: Mutex::default(),
        stop: AtomicBool::new(false),
        posts,
        pages_max: settings.pages_max,
    });
    let tell = Arc::new(Mutex::new(tell));
    let writer = Writer {
        shared: Arc::clone(&shared),
        keep_s: settings.keep_s,
        tell: Arc::clone(&tell),
        file: None,
        next: None,
        pause_until: None,
        fill_at: Time::MIN,
        gaps,
    };
    let fill = Fill { shared: Arc::clone(&shared), tell, gaps: filled };
    let threads = vec![
        spawn("history", move || writer.run(&waiting))?,
        spawn("history-fill", move || fill.run())?,
    ];
    let history = History::new(Arc::clone(&shared));
    let feed = Feeder {
        sampler: Sampler::default(),
        rows: Vec::new(),
        batch: None,
        shared,
        size,
        oldest,
        catch_up,
        has_floor: false,
        at: Time::MIN,
        threads,
    };
    Ok((Box::new(feed), history))
}

/// Makes all of history anew from a log that nobody writes, and gives the number of entries.
///
/// # Errors
/// [`HistoryError`] if the log cannot be read or the files not be written.
pub fn rebuild(data: &Path) -> Result<u64, HistoryError> {
    let folder = data.join(FOLDER);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(io("remove", &folder))?;
    }
    std::fs::create_dir_all(&folder).map_err(io("make", &folder))?;
    fill::rebuild(data)
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, HistoryError> {
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(work);
    thread.map_err(|why| HistoryError::Io { doing: format!("start the thread {name}"), why })
}

pub(crate) fn io(what: &str, path: &Path) -> impl Fn(std::io::Error) -> HistoryError {
    let doing = format!("{what} {}", path.display());
    move |why| HistoryError::Io { doing: doing.clone(), why }
}

/// What the files of a folder cover. Those that lapsed go; damaged ones are set aside.
fn open_folder(
    data: &Path,
    size: u64,
    oldest: i64,
    tell: &mut Tell,
) -> Result<Coverage, HistoryError> {
    let folder = data.join(FOLDER);
    std::fs::create_dir_all(&folder).map_err(io("make", &folder))?;
    let mut coverage = Coverage::default();
    for found in std::fs::read_dir(&folder).map_err(io("list", &folder))? {
        let name = found.map_err(io("list", &folder))?.file_name();
        let Some(hour) = name.to_str().and_then(file::hour_of) else { continue };
        if hour < oldest {
            remove(data, hour);
            continue;
        }
        let ranges = file::open_to_read(data, hour).and_then(|file| file::covered(&file, hour));
        match ranges {
            Ok(ranges) if ranges.iter().all(|range| range.last < size) => {
                ranges.into_iter().for_each(|range| coverage.add(range));
            }
            Ok(_) => set_aside(data, hour, "it is of another log", tell),
            Err(error) => set_aside(data, hour, &error.to_string(), tell),
        }
    }
    Ok(coverage)
}

/// The file of an hour and its companions.
fn files(data: &Path, hour: i64) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|end| data.join(FOLDER).join(format!("{hour}.db{end}")))
}

fn remove(data: &Path, hour: i64) {
    for path in files(data, hour) {
        match std::fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => tracing::warn!(%error, path = %path.display(), "cannot remove history"),
        }
    }
}

/// Keeps a damaged file for whoever wants to know why; one for each hour, the newest.
fn set_aside(data: &Path, hour: i64, why: &str, tell: &mut Tell) {
    let [path, ..] = files(data, hour);
    let aside = path.with_extension("db.damaged");
    if let Err(error) = std::fs::rename(&path, &aside) {
        tracing::warn!(%error, path = %path.display(), "cannot set damaged history aside");
    }
    remove(data, hour);
    let at = Time::from_unix_s(hour.saturating_mul(3_600));
    tell(format!(
        "the history of the hour from {at} was set aside ({why}); it is made anew from the log"
    ));
}

/// Whether the disk has so little left that the log needs it.
pub(crate) fn is_short_of_space(data: &Path) -> bool {
    let Ok(disk) = rustix::fs::statvfs(data) else { return false };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let total = disk.f_blocks.saturating_mul(disk.f_frsize);
    free < (total / 10).min(FREE_BYTES_MAX)
}

/// On the core's thread: makes rows and hands them over, and never waits once the node runs.
struct Feeder {
    sampler: Sampler,
    rows: Vec<Row>,
    batch: Option<Batch>,
    shared: Arc<Shared>,
    /// Entries before this one are folded at the start, when there is time to wait.
    size: u64,
    /// The oldest hour that is kept.
    oldest: i64,
    catch_up: bool,
    has_floor: bool,
    at: Time,
    threads: Vec<JoinHandle<()>>,
}

impl Observer for Feeder {
    fn entry(&mut self, entry: &Entry, fold: &Fold) {
        self.sampler.step(entry, fold, &mut self.rows);
        self.at = fold.at();
        let is_tick = matches!(entry.record.body, Body::Tick);
        self.take(entry.seq.0, entry.seq.0, is_tick);
    }

    fn gap(&mut self, first: Seq, last: Seq) {
        self.take(first.0, last.0, false);
    }
}

impl Feeder {
    /// Puts the rows of these entries into the batch, if they are wanted.
    fn take(&mut self, first: u64, last: u64, now: bool) {
        let hour = self.at.hour();
        let starts = first < self.size;
        if !self.is_wanted(first, hour) {
            self.rows.clear();
            return self.hand_over(starts);
        }
        let fits = |batch: &Batch| batch.hour == hour && batch.last.saturating_add(1) == first;
        if !self.batch.as_ref().is_some_and(fits) {
            self.hand_over(starts);
        }
        let (at, rows) = (self.at, &mut self.rows);
        let batch = self.batch.get_or_insert_with(|| Batch {
            hour,
            first,
            last,
            from: at,
            to: at,
            rows: Vec::new(),
        });
        let new_second = batch.to.unix_s() != at.unix_s();
        batch.last = last;
        batch.to = at;
        batch.rows.append(rows);
        // At the start larger batches are quicker, and nobody waits to see them.
        if batch.rows.len() >= ROWS_MAX || !starts && (now || new_second) {
            self.hand_over(starts);
        }
    }

    fn is_wanted(&mut self, seq: u64, hour: i64) -> bool {
        if self.has_floor && seq >= self.size {
            return true;
        }
        if hour < self.oldest {
            return false;
        }
        let mut coverage = self.shared.coverage();
        if !coverage.has_floor() {
            coverage.set_floor(seq, self.at);
        }
        self.has_floor = true;
        seq >= self.size || self.catch_up && !coverage.covers(seq)
    }

    fn hand_over(&mut self, may_wait: bool) {
        let Some(batch) = self.batch.take() else { return };
        let post = Post::Batch(batch);
        if may_wait {
            // Without a writer there is no history; the log goes on.
            drop(self.shared.posts.send(post));
        } else if self.shared.posts.try_send(post).is_err() {
            // The writer sees that entries are missing, says so and has them filled in.
            tracing::debug!("the history queue is full");
        }
    }
}

impl Drop for Feeder {
    fn drop(&mut self) {
        self.hand_over(true);
        self.shared.stop.store(true, Ordering::Relaxed);
        // The writer's end ends the filler. If it has died, there is nobody to tell.
        drop(self.shared.posts.send(Post::End));
        for thread in self.threads.drain(..) {
            drop(thread.join());
        }
    }
}

/// On its own thread: the one that writes what the core's thread hands over.
struct Writer {
    shared: Arc<Shared>,
    keep_s: f64,
    tell: Arc<Mutex<Tell>>,
    file: Option<HourFile>,
    /// The entry that should come next.
    next: Option<u64>,
    /// Nothing is written before; the disk refused.
    pause_until: Option<Time>,
    fill_at: Time,
    gaps: SyncSender<()>,
}

impl Writer {
    fn run(mut self, posts: &Receiver<Post>) {
        let mut kept = None;
        loop {
            let post = match kept.take() {
                Some(post) => post,
                None => match posts.recv() {
                    Ok(post) => post,
                    Err(_) => break,
                },
            };
            match post {
                Post::End => break,
                Post::Damaged(hour) => {
                    let why = "a question found it damaged";
                    self.set_aside(hour, why);
                    self.ask_to_fill(None);
                }
                Post::Batch(first) => {
                    let hour = first.hour;
                    let mut group = vec![first];
                    while group.len() < GROUP_MAX {
                        match posts.try_recv() {
                            Ok(Post::Batch(batch)) if batch.hour == hour => group.push(batch),
                            Ok(other) => {
                                kept = Some(other);
                                break;
                            }
                            Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
                        }
                    }
                    self.take(&group);
                }
            }
        }
        if let Some(file) = self.file.take() {
            file.close();
        }
    }

    fn say(&self, text: String) {
        tracing::warn!("{text}");
        let mut tell = self.tell.lock().unwrap_or_else(PoisonError::into_inner);
        tell(text);
    }

    fn take(&mut self, group: &[Batch]) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { return };
        let at = last.to;
        if self.pause_until.is_some_and(|until| at < until) {
            return;
        }
        if is_short_of_space(&self.shared.data) {
            return self.pause(at, "the disk has little room left, which the log needs");
        }
        let mut done = self.write(first.hour, group);
        if let Err(error) = &done
            && error.is_damage()
        {
            let why = error.to_string();
            self.set_aside(first.hour, &why);
            done = self.write(first.hour, group);
        }
        if let Err(error) = done {
            self.file = None;
            return self.pause(at, &error.to_string());
        }
        self.shared.added(group);
        if self.pause_until.take().is_some() {
            self.say("history is written again; what is missing is made from the log".to_owned());
        } else if self.next.is_some_and(|next| first.first > next) {
            let hour = Time::from_unix_s(first.hour.saturating_mul(3_600));
            self.say(format!(
                "history could not keep up; the hour from {hour} is incomplete until it is made anew from the log"
            ));
        }
        self.next = Some(last.last.saturating_add(1));
        self.ask_to_fill(Some(at));
    }

    fn write(&mut self, hour: i64, group: &[Batch]) -> Result<(), HistoryError> {
        let file = match self.file.take() {
            Some(file) if file.hour == hour => file,
            before => {
                if let Some(before) = before {
                    before.close();
                }
                self.prune(hour);
                HourFile::open(&self.shared.data, hour, self.shared.pages_max)?
            }
        };
        self.file.insert(file).write(group)
    }

    /// Unlinks the files that lapsed.
    fn prune(&self, hour: i64) {
        let begin = Time::from_unix_s(hour.saturating_mul(3_600));
        let oldest = begin.plus_s(-self.keep_s).hour();
        let lapsed: Vec<i64> = {
            let hours = self.shared.coverage().hours();
            hours.into_iter().filter(|hour| *hour < oldest).collect()
        };
        for hour in lapsed {
            self.shared.coverage().lapse(hour);
            self.shared.forget(hour);
            remove(&self.shared.data, hour);
        }
    }

    fn set_aside(&mut self, hour: i64, why: &str) {
        if self.file.as_ref().is_some_and(|file| file.hour == hour) {
            self.file = None;
        }
        if !self.shared.coverage().hours().contains(&hour)
            && !file::path(&self.shared.data, hour).exists()
        {
            return;
        }
        self.shared.forget(hour);
        let mut tell = self.tell.lock().unwrap_or_else(PoisonError::into_inner);
        set_aside(&self.shared.data, hour, why, &mut tell);
    }

    fn pause(&mut self, at: Time, why: &str) {
        if self.pause_until.is_none() {
            self.say(format!("history is not written: {why}; the log goes on"));
        }
        self.pause_until = Some(at.plus_s(RETRY_S));
    }

    /// Wakes the filler if something is missing: at once, or by a time not too often.
    fn ask_to_fill(&mut self, at: Option<Time>) {
        let too_soon = at.is_some_and(|at| at < self.fill_at);
        if too_soon || self.shared.coverage().gaps().is_empty() {
            return;
        }
        if let Some(at) = at {
            self.fill_at = at.plus_s(RETRY_S);
        }
        let is_new = self.gaps.try_send(()).is_ok();
        tracing::trace!(is_new, "history is incomplete");
    }
}
