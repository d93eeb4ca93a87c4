//! The second thread: what the disk does beside the appends.
//!
//! It writes zeros ahead, so that a sync on the hot path changes no metadata: `posix_fallocate`
//! alone would leave extents that are unwritten, and the first sync of each would pay for the
//! change. It sets up the reserve, and it does the [`Chore`]s of sealing, one set at a time.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use rustix::fs::{FallocateFlags, fallocate, statvfs};

use crate::file::{Chore, FileSettings, NEXT_FILE, RESERVE_FILE, Space, segment_file};
use crate::file::{make_folder, remove_any, sync_file_system, sync_folder};

/// The second thread.
#[derive(Debug)]
pub(crate) struct Filler {
    wishes: Option<Sender<Wish>>,
    done: Mutex<Receiver<io::Result<()>>>,
    state: Arc<FillerState>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct FillerState {
    /// The next journal file stands complete under [`NEXT_FILE`].
    ///
    /// Whose file it is: while this is set it is the writer's, who alone unsets it, after the file
    /// has become a journal; while it is not, the filler's. Zeros never meet entries.
    ready: AtomicBool,
    stop: AtomicBool,
}

#[derive(Debug)]
enum Wish {
    Prepare,
    Reserve,
    Chores(Vec<Chore>),
}

impl Filler {
    pub(crate) fn start(root: &Path, settings: FileSettings) -> Option<Self> {
        let (wishes, inbox) = channel();
        let (outcome, done) = channel();
        let state = Arc::new(FillerState::default());
        let (root, shared) = (root.to_owned(), Arc::clone(&state));
        let thread = Builder::new()
            .name("log-filler".into())
            .spawn(move || fill_loop(&root, settings, &inbox, &outcome, &shared))
            .ok()?;
        let filler =
            Self { wishes: Some(wishes), done: Mutex::new(done), state, thread: Some(thread) };
        filler.prepare();
        Some(filler)
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.state.ready.load(Ordering::Acquire)
    }

    /// The next journal file was taken: another may be made in its place.
    pub(crate) fn taken(&self) {
        self.state.ready.store(false, Ordering::Release);
    }

    /// Has the next journal file made, unless it stands ready.
    pub(crate) fn prepare(&self) {
        self.wish(Wish::Prepare);
    }

    pub(crate) fn reserve(&self) {
        self.wish(Wish::Reserve);
    }

    /// Has chores done, in order, up to the first that fails.
    pub(crate) fn chores(&self, chores: Vec<Chore>) {
        self.wish(Wish::Chores(chores));
    }

    /// How the chores ended, if they did.
    pub(crate) fn poll(&self) -> Option<io::Result<()>> {
        match self.done.lock().unwrap_or_else(PoisonError::into_inner).try_recv() {
            Ok(done) => Some(done),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Err(ended())),
        }
    }

    /// Waits for the chores to end.
    pub(crate) fn wait(&self) -> io::Result<()> {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner).recv();
        done.unwrap_or_else(|_| Err(ended()))
    }

    fn wish(&self, wish: Wish) {
        if let Some(wishes) = &self.wishes {
            // A filler that has ended leaves journals unprepared, which costs speed and no entry.
            let _ended = wishes.send(wish);
        }
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        self.state.stop.store(true, Ordering::Release);
        self.wishes = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn ended() -> io::Error {
    io::Error::other("the thread that writes beside the appends has ended")
}

fn fill_loop(
    root: &Path,
    settings: FileSettings,
    inbox: &Receiver<Wish>,
    outcome: &Sender<io::Result<()>>,
    state: &FillerState,
) {
    for wish in inbox {
        if state.stop.load(Ordering::Acquire) {
            return;
        }
        match wish {
            // Wished for more than once; the file may be a journal before we could write to it.
            Wish::Prepare if state.ready.load(Ordering::Acquire) => {}
            Wish::Prepare => match fill_next(root, settings, state) {
                Ok(true) => state.ready.store(true, Ordering::Release),
                // Stopped, or no room: the journal then grows as it is written.
                Ok(false) | Err(_) => drop(remove_any(&root.join(NEXT_FILE))),
            },
            Wish::Chores(chores) => {
                let done = chores.into_iter().try_for_each(|chore| {
                    if state.stop.load(Ordering::Acquire) {
                        return Err(ErrorKind::Interrupted.into());
                    }
                    do_chore(root, settings, state, chore)
                });
                // Nobody asks any more when the store was closed.
                drop(outcome.send(done));
            }
            Wish::Reserve => {
                if fill_reserve(root, settings).is_err() {
                    drop(remove_any(&root.join(RESERVE_FILE)));
                }
            }
        }
    }
}

fn fill_next(root: &Path, settings: FileSettings, state: &FillerState) -> io::Result<bool> {
    let len = u64::from(settings.journal_bytes);
    if !has_room(root, len)? {
        return Ok(false);
    }
    let path = root.join(NEXT_FILE);
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(path)?;
    let zeros = vec![0_u8; FILL_BYTES];
    let mut left = usize::try_from(len).map_err(io::Error::other)?;
    while left > 0 {
        if state.stop.load(Ordering::Acquire) {
            return Ok(false);
        }
        let step = left.min(zeros.len());
        file.write_all(zeros.get(..step).unwrap_or(&[]))?;
        left -= step;
        file.sync_data()?;
    }
    file.sync_all()?;
    Ok(true)
}

fn fill_reserve(root: &Path, settings: FileSettings) -> io::Result<()> {
    let path = root.join(RESERVE_FILE);
    if settings.reserve_bytes == 0 {
        return remove_any(&path);
    }
    let there = fs::metadata(&path).map_or(0, |meta| meta.len());
    if there == settings.reserve_bytes || !has_room(root, settings.reserve_bytes)? {
        return Ok(());
    }
    let file = OpenOptions::new().create(true).truncate(true).write(true).open(path)?;
    fallocate(&file, FallocateFlags::empty(), 0, settings.reserve_bytes)?;
    file.sync_all()
}

/// Does one chore; durable on return.
fn do_chore(
    root: &Path,
    settings: FileSettings,
    state: &FillerState,
    chore: Chore,
) -> io::Result<()> {
    match chore {
        Chore::Write { file, at, bytes } => write_at(root, &root.join(file), at, &bytes),
        Chore::SyncAll => sync_file_system(root),
        Chore::Rename { from, to } => {
            let to = root.join(to);
            fs::rename(root.join(from), &to)?;
            sync_folder(to.parent().unwrap_or(root))
        }
        Chore::Remove { name } => {
            let path = root.join(name);
            remove_any(&path)?;
            match sync_folder(path.parent().unwrap_or(root)) {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                other => other,
            }
        }
        Chore::Free { journal, used } => free(root, settings, state, journal, used),
    }
}

fn write_at(root: &Path, path: &Path, at: u64, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(root);
    if at > 0 {
        let file = OpenOptions::new().write(true).open(path)?;
        file.write_all_at(bytes, at)?;
        return file.sync_data();
    }
    let open = || OpenOptions::new().create(true).write(true).truncate(true).open(path);
    let file = match open() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            make_folder(root, folder, true)?;
            open()?
        }
        other => other?,
    };
    file.write_all_at(bytes, 0)?;
    file.sync_all()?;
    sync_folder(folder)
}

/// Frees a journal file: if little of it was used, it becomes the next one, so that a quiet node
/// does not write 64 MiB of zeros for each; else it goes.
fn free(
    root: &Path,
    settings: FileSettings,
    state: &FillerState,
    journal: u32,
    used: u64,
) -> io::Result<()> {
    let path = root.join(segment_file(journal));
    let len = match fs::metadata(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        other => other?.len(),
    };
    let full = u64::from(settings.journal_bytes);
    if len != full || used > full / 4 || state.ready.load(Ordering::Acquire) {
        fs::remove_file(&path)?;
        return sync_folder(path.parent().unwrap_or(root));
    }
    let next = root.join(NEXT_FILE);
    fs::rename(&path, &next)?;
    let zeros = vec![0_u8; FILL_BYTES];
    let file = OpenOptions::new().write(true).open(&next)?;
    let mut at = 0;
    while at < used {
        let step = usize::try_from(used - at).unwrap_or(FILL_BYTES).min(FILL_BYTES);
        file.write_all_at(zeros.get(..step).unwrap_or(&[]), at)?;
        file.sync_data()?;
        at += step as u64;
    }
    file.sync_all()?;
    sync_folder(path.parent().unwrap_or(root))?;
    state.ready.store(true, Ordering::Release);
    Ok(())
}

/// Bytes of zeros written at a time, so that the hot path's sync never waits behind 64 MiB.
const FILL_BYTES: usize = 1024 * 1024;

/// Whether the disk stays above the mark of refusal with this many bytes less.
fn has_room(root: &Path, bytes: u64) -> io::Result<bool> {
    let stat = statvfs(root)?;
    let space = Space {
        free: stat.f_bavail.saturating_mul(stat.f_frsize),
        total: stat.f_blocks.saturating_mul(stat.f_frsize),
    };
    Ok(space.free >= bytes.saturating_add(crate::space::refuse_bulk_below(space.total)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::JOURNAL_FOLDER;

    const BYTES: u32 = 64 * 1024;
    const SETTINGS: FileSettings = FileSettings { journal_bytes: BYTES, reserve_bytes: 4_096 };

    /// Waits until the filler has done all that was wished for: wishes are granted in order.
    fn drain(filler: &Filler, root: &Path) {
        let reserve = root.join(RESERVE_FILE);
        remove_any(&reserve).unwrap();
        filler.reserve();
        while fs::metadata(&reserve).map_or(0, |meta| meta.len()) != SETTINGS.reserve_bytes {
            std::thread::yield_now();
        }
    }

    #[test]
    fn the_filler_never_writes_to_a_file_that_the_writer_may_have_taken() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join(JOURNAL_FOLDER)).unwrap();
        let filler = Filler::start(root, SETTINGS).unwrap();
        drain(&filler, root);
        assert!(filler.is_ready());
        // The writer opens the file that stands ready, and an entry is acknowledged…
        let next = root.join(NEXT_FILE);
        let journal = OpenOptions::new().write(true).open(&next).unwrap();
        journal.write_all_at(b"entry", 0).unwrap();
        // …while a wish that was made before still waits.
        filler.prepare();
        drain(&filler, root);
        assert!(fs::read(&next).unwrap().starts_with(b"entry"));
        fs::rename(&next, root.join(segment_file(1))).unwrap();
        filler.taken();
        filler.prepare();
        drain(&filler, root);
        assert!(filler.is_ready());
        assert_eq!(fs::read(&next).unwrap(), vec![0; 64 * 1024]);
        assert!(fs::read(root.join(segment_file(1))).unwrap().starts_with(b"entry"));
    }

    #[test]
    fn a_freed_journal_that_was_hardly_used_becomes_the_next_one_without_a_trace() {
        for (used, recycled) in [(u64::from(BYTES) / 4, true), (u64::from(BYTES) / 4 + 1, false)] {
            let folder = tempfile::tempdir().unwrap();
            let root = folder.path();
            let journal = root.join(segment_file(3));
            fs::create_dir_all(root.join(JOURNAL_FOLDER)).unwrap();
            let mut bytes = vec![0; 64 * 1024];
            bytes.iter_mut().take(usize::try_from(used).unwrap()).for_each(|byte| *byte = 7);
            fs::write(&journal, bytes).unwrap();
            let state = FillerState::default();
            free(root, SETTINGS, &state, 3, used).unwrap();
            assert!(!journal.exists());
            assert_eq!(state.ready.load(Ordering::Acquire), recycled);
            let next = fs::read(root.join(NEXT_FILE)).ok();
            assert_eq!(next, recycled.then(|| vec![0; 64 * 1024]));
            free(root, SETTINGS, &state, 3, used).unwrap();
        }
    }

    #[test]
    fn chores_are_done_in_order_up_to_the_first_that_fails() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join(JOURNAL_FOLDER)).unwrap();
        let filler = Filler::start(root, SETTINGS).unwrap();
        let write = |file: &str, at: u64, bytes: &[u8]| Chore::Write {
            file: file.into(),
            at,
            bytes: bytes.to_vec(),
        };
        filler.chores(vec![
            write("log/a/b", 0, b"what was there before is longer"),
            write("log/a/b", 0, b"first"),
            write("log/a/b", 5, b", second"),
            Chore::SyncAll,
            Chore::Rename { from: "log/a/b".into(), to: "log/a/c".into() },
        ]);
        filler.wait().unwrap();
        assert_eq!(fs::read(root.join("log/a/c")).unwrap(), b"first, second");
        filler.chores(vec![
            Chore::Rename { from: "log/a/none".into(), to: "log/a/d".into() },
            write("log/a/e", 0, b"too late"),
        ]);
        assert!(filler.wait().is_err());
        assert!(!root.join("log/a/e").exists());
    }
}
