//! Where the log's bytes stand: the [`Store`] seam, and the folder on disk behind it.
//!
//! ```text
//! keys/node.key log.key log.vkey    the node's secrets (0600), and its public verifier key
//! log/node                          origin and epoch
//! log/lock                          held while a process may write
//! log/journal/<8 digits>.j          blocks, in frames; 64 MiB, zero-filled ahead
//! log/key/<group>                   wrapped data keys; <group>.erased where one was destroyed
//! log/tile/.. log/checkpoint        C2SP tiles and the signed checkpoint
//! log/evidence/                     torn tails that were set aside
//! log/reserve                       space kept for classes 0 to 3
//! ```
//! An address in the journal is the file's number and, in the low 32 bits, an offset in it.
//!
//! One append is one *frame*: `PWRT` | bytes of blocks that follow u32 | count of blocks
//! u32 | CRC-32C of these 12 bytes, little-endian; then the blocks. A frame is written with
//! one write and one sync, so it is whole or it was never acknowledged.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use rustix::fs::{FallocateFlags, FlockOperation, fallocate, flock, statvfs, syncfs};

use crate::LogError;
use crate::crc::crc32c;
use crate::key::GroupId;

/// Reads a log's bytes.
pub trait Source: Send {
    /// The journal's files, by number.
    fn segments(&self) -> Vec<Segment>;

    /// Reads journal bytes from an address on, within one file; how many were there.
    ///
    /// # Errors
    /// Those of the medium.
    fn read_raw(&self, at: u64, out: &mut [u8]) -> io::Result<usize>;

    /// Reads a small file by its name in the data folder; `None` if there is none.
    ///
    /// # Errors
    /// Those of the medium.
    fn load(&self, name: &str) -> io::Result<Option<Vec<u8>>>;

    /// The names of all files below a folder, in order.
    ///
    /// # Errors
    /// Those of the medium.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;

    /// Reads the block at an address into `out`; whether a whole block begins there.
    ///
    /// # Errors
    /// Those of the medium.
    fn read(&self, at: u64, out: &mut Vec<u8>) -> io::Result<bool> {
        use crate::block::{Block, HEADER_LEN, Header, size};
        out.resize(HEADER_LEN, 0);
        let head = self.read_raw(at, out)?;
        let Ok(header) = Header::parse(out.get(..head).unwrap_or(&[])) else {
            return Ok(false);
        };
        out.resize(HEADER_LEN + size(header.body_len), 0);
        let len = self.read_raw(at, out)?;
        out.truncate(len);
        Ok(Block::parse(out).is_ok())
    }
}

/// Keeps a log's bytes.
///
/// An error of kind [`ErrorKind::StorageFull`] promises that nothing was written. After any
/// other error of `append` the store takes no more: what reached the medium is unknown, and a
/// sync is never tried again.
pub trait Store: Source {
    /// Writes blocks as one frame, with one write and one sync; the address of the first block.
    /// The others follow without gaps. Durable on return.
    ///
    /// # Errors
    /// Those of the medium; see the trait.
    fn append(&mut self, blocks: &[&[u8]]) -> io::Result<u64>;

    /// Goes on appending at this address, where recovery found the journal's end.
    ///
    /// # Errors
    /// Those of the medium.
    fn resume(&mut self, end: u64) -> io::Result<()>;

    /// Clears the journal from an address to its file's end, durably. Only for a torn tail that
    /// was kept elsewhere.
    ///
    /// # Errors
    /// Those of the medium.
    fn clear(&mut self, at: u64) -> io::Result<()>;

    /// Writes a small file whole or not at all.
    ///
    /// # Errors
    /// Those of the medium.
    fn save(&mut self, name: &str, bytes: &[u8], durability: Durability) -> io::Result<()>;

    /// Removes a file, or a folder with all in it; no matter if there is none.
    ///
    /// # Errors
    /// Those of the medium.
    fn remove(&mut self, name: &str) -> io::Result<()>;

    /// Makes all that was saved durable.
    ///
    /// # Errors
    /// Those of the medium.
    fn sync_all(&mut self) -> io::Result<()>;

    /// Destroys the key file of a group: overwrites, syncs, removes. A medium that keeps old
    /// sectors (flash, snapshots, backups) may keep them: then the node key must go too.
    ///
    /// # Errors
    /// Those of the medium.
    fn erase_group(&mut self, group: &GroupId) -> io::Result<()>;

    /// How much room there is; `None` if that has no meaning here.
    ///
    /// # Errors
    /// Those of the medium.
    fn space(&self) -> io::Result<Option<Space>>;

    /// Gives the reserve back to the medium; whether there was any.
    ///
    /// # Errors
    /// Those of the medium.
    fn free_reserve(&mut self) -> io::Result<bool>;

    /// Has the reserve set up again in the background, when there is room.
    fn renew_reserve(&mut self);
}

/// A file of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Its number, from 0.
    pub number: u32,
    /// Its length in bytes, with the zeros at its end.
    pub len: u64,
}

/// Whether a saved file must outlive a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// It is synced, and its folder too.
    Synced,
    /// It can be made again.
    Cache,
}

/// Room on the medium, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Free for us.
    pub free: u64,
    /// In all.
    pub total: u64,
}

/// The address of an offset in a file of the journal.
#[must_use]
pub const fn address(segment: u32, offset: u32) -> u64 {
    (segment as u64) << 32 | offset as u64
}

/// The file's number and the offset of an address.
#[must_use]
pub fn place(address: u64) -> (u32, u64) {
    (u32::try_from(address >> 32).unwrap_or(u32::MAX), address & 0xffff_ffff)
}

/// The name of a journal file.
#[must_use]
pub fn segment_file(number: u32) -> String {
    format!("{JOURNAL_FOLDER}/{number:08}.j")
}

/// Bytes of a frame's head.
pub const FRAME_HEAD_LEN: usize = 16;
const FRAME_MAGIC: &[u8; 4] = b"PWRT";

/// A frame's head for blocks of this many bytes.
#[must_use]
pub fn frame_head(bytes: u32, blocks: u32) -> [u8; FRAME_HEAD_LEN] {
    let mut out = [0; FRAME_HEAD_LEN];
    let fields = FRAME_MAGIC.iter().copied().chain(bytes.to_le_bytes()).chain(blocks.to_le_bytes());
    for (to, from) in out.iter_mut().zip(fields) {
        *to = from;
    }
    if let Some((covered, crc)) = out.split_last_chunk_mut::<4>() {
        *crc = crc32c(&[covered]).to_le_bytes();
    }
    out
}

/// Bytes and count of the blocks of a frame; `None` if this is no frame's head.
#[must_use]
pub fn parse_frame_head(head: &[u8; FRAME_HEAD_LEN]) -> Option<(u32, u32)> {
    let rest = head.strip_prefix(FRAME_MAGIC)?;
    let (bytes, rest) = rest.split_first_chunk()?;
    let (blocks, _) = rest.split_first_chunk()?;
    let (bytes, blocks) = (u32::from_le_bytes(*bytes), u32::from_le_bytes(*blocks));
    (frame_head(bytes, blocks) == *head).then_some((bytes, blocks))
}

/// Puts one frame into a buffer.
pub(crate) fn put_frame(blocks: &[&[u8]], out: &mut Vec<u8>) -> io::Result<()> {
    let too_large = || io::Error::new(ErrorKind::InvalidInput, "a frame of 4 GiB or more");
    let len: usize = blocks.iter().map(|block| block.len()).sum();
    let len = u32::try_from(len).map_err(|_| too_large())?;
    let count = u32::try_from(blocks.len()).map_err(|_| too_large())?;
    out.clear();
    out.extend_from_slice(&frame_head(len, count));
    blocks.iter().for_each(|block| out.extend_from_slice(block));
    Ok(())
}

pub(crate) fn io_at(verb: &str, name: &str) -> impl FnOnce(io::Error) -> LogError {
    LogError::io(format!("{verb} {name}"))
}

const JOURNAL_FOLDER: &str = "log/journal";
const LOCK_FILE: &str = "log/lock";
const RESERVE_FILE: &str = "log/reserve";
const NEXT_FILE: &str = "log/journal/next.tmp";

/// How the folder is kept.
#[derive(Debug, Clone, Copy)]
pub struct FileSettings {
    /// Bytes of a journal file.
    pub journal_bytes: u32,
    /// Bytes kept free for classes 0 to 3; 0 for none.
    pub reserve_bytes: u64,
}

/// A data folder on disk.
#[derive(Debug)]
pub struct FileStore {
    root: PathBuf,
    settings: FileSettings,
    segments: BTreeMap<u32, u64>,
    current: Option<Current>,
    reading: Mutex<Option<(u32, File)>>,
    frame: Vec<u8>,
    filler: Option<Filler>,
    poisoned: Option<String>,
    _lock: Option<File>,
}

/// The journal file that grows.
#[derive(Debug)]
struct Current {
    number: u32,
    file: File,
    offset: u64,
    /// Zero-filled to its full length.
    prepared: bool,
}

impl FileStore {
    /// Opens a data folder to write; makes it if there is none.
    ///
    /// # Errors
    /// [`LogError::Locked`] if another process has it open; [`LogError::Io`] if it cannot be
    /// read or written.
    pub fn open(root: &Path, settings: FileSettings) -> Result<Self, LogError> {
        let folder = root.join(JOURNAL_FOLDER);
        fs::create_dir_all(&folder).map_err(LogError::io(format!("make {}", folder.display())))?;
        let path = root.join(LOCK_FILE);
        let doing = || LogError::io(format!("open {}", path.display()));
        let lock = OpenOptions::new().create(true).write(true).truncate(false).open(&path);
        let lock = lock.map_err(doing())?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(LogError::Locked),
            Err(error) => return Err(doing()(error.into())),
        }
        let next = root.join(NEXT_FILE);
        remove_any(&next).map_err(LogError::io(format!("remove {}", next.display())))?;
        let mut store = Self::at(root, settings)?;
        store._lock = Some(lock);
        store.filler = Filler::start(root, settings);
        store.renew_reserve();
        Ok(store)
    }

    /// Opens a data folder to read, without a lock; nothing is written, not even a time stamp.
    ///
    /// # Errors
    /// [`LogError::NoLog`] if there is no log in it; [`LogError::Io`] if it cannot be read.
    pub fn open_read_only(root: &Path) -> Result<Self, LogError> {
        if !root.join("log").is_dir() {
            return Err(LogError::NoLog(root.display().to_string()));
        }
        Self::at(root, FileSettings { journal_bytes: 0, reserve_bytes: 0 })
    }

    fn at(root: &Path, settings: FileSettings) -> Result<Self, LogError> {
        let mut store = Self {
            root: root.to_owned(),
            settings,
            segments: BTreeMap::new(),
            current: None,
            reading: Mutex::new(None),
            frame: Vec::new(),
            filler: None,
            poisoned: None,
            _lock: None,
        };
        let names = store.list(JOURNAL_FOLDER).map_err(io_at("list", JOURNAL_FOLDER))?;
        for name in names {
            let number = name.get(JOURNAL_FOLDER.len() + 1..).and_then(|n| n.strip_suffix(".j"));
            let number = number.and_then(|digits| digits.parse::<u32>().ok());
            if let Some(number) = number.filter(|number| segment_file(*number) == name) {
                let len = fs::metadata(root.join(&name)).map_err(io_at("read", &name))?.len();
                store.segments.insert(number, len);
            }
        }
        Ok(store)
    }

    fn check_poison(&self) -> io::Result<()> {
        match &self.poisoned {
            None => Ok(()),
            Some(cause) => Err(io::Error::other(format!("an earlier write failed: {cause}"))),
        }
    }

    fn poison(&mut self, error: io::Error) -> io::Error {
        self.poisoned = Some(error.to_string());
        if error.kind() == ErrorKind::StorageFull {
            // The kind is a promise that nothing was written; see `Store`.
            return io::Error::other(error.to_string());
        }
        error
    }

    /// A file with room for this many bytes at its offset.
    fn make_room(&mut self, bytes: u64) -> io::Result<()> {
        let full = u64::from(self.settings.journal_bytes);
        let next_ready = self.filler.as_ref().is_some_and(Filler::is_ready);
        let rotate = match &self.current {
            None => true,
            Some(current) => {
                (current.offset > 0 && current.offset + bytes > full)
                    || (!current.prepared && next_ready && bytes <= full)
            }
        };
        if rotate {
            self.rotate(next_ready)?;
        }
        let Some(current) = &self.current else { return Err(io::Error::other("no journal")) };
        let len = self.segments.get(&current.number).copied().unwrap_or(0);
        let end = current.offset + bytes;
        if end <= len {
            return Ok(());
        }
        // Ask for room first: a full disk then says so before a byte is written.
        let ahead = (end - len).max(GROW_BYTES).min(full.max(end) - len);
        for grow in [ahead, end - len] {
            match fallocate(&current.file, FallocateFlags::empty(), len, grow) {
                Ok(()) => {
                    self.segments.insert(current.number, len + grow);
                    return Ok(());
                }
                Err(rustix::io::Errno::NOSPC) => {}
                Err(_) => return Ok(()), // this file system cannot; the write will tell
            }
        }
        Err(ErrorKind::StorageFull.into())
    }

    fn rotate(&mut self, next_ready: bool) -> io::Result<()> {
        let number = match self.segments.last_key_value() {
            None => 0,
            Some((last, _)) => last.checked_add(1).ok_or(ErrorKind::StorageFull)?,
        };
        let path = self.root.join(segment_file(number));
        if next_ready {
            fs::rename(self.root.join(NEXT_FILE), &path)?;
        }
        let mut options = OpenOptions::new();
        let file = options.create(true).truncate(false).read(true).write(true).open(&path)?;
        sync_folder(&self.root.join(JOURNAL_FOLDER))?;
        let len = file.metadata()?.len();
        self.segments.insert(number, len);
        self.current = Some(Current { number, file, offset: 0, prepared: next_ready });
        if let Some(filler) = &self.filler {
            if next_ready {
                filler.taken();
            }
            filler.prepare();
        }
        Ok(())
    }

    fn write_frame(&mut self) -> io::Result<u64> {
        let Some(current) = &mut self.current else { return Err(io::Error::other("no journal")) };
        current.file.write_all_at(&self.frame, current.offset)?;
        current.file.sync_data()?;
        let at = address(current.number, u32::try_from(current.offset).unwrap_or(u32::MAX));
        current.offset += self.frame.len() as u64;
        let len = self.segments.entry(current.number).or_insert(0);
        *len = (*len).max(current.offset);
        Ok(at + FRAME_HEAD_LEN as u64)
    }

    fn write_file(&self, path: &Path, bytes: &[u8], durability: Durability) -> io::Result<()> {
        let secret = path.extension().is_none_or(|end| end != "vkey")
            && (path.starts_with(self.root.join("keys"))
                || path.starts_with(self.root.join("log/key")));
        let mode = if secret { 0o600 } else { 0o644 };
        let open = |path: &Path| {
            OpenOptions::new().create(true).write(true).truncate(true).mode(mode).open(path)
        };
        let (target, synced) = match durability {
            Durability::Cache => (path.to_owned(), false),
            Durability::Synced => (with_suffix(path, ".tmp"), true),
        };
        let mut file = match open(&target) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.make_folder(path.parent().unwrap_or(&self.root), synced)?;
                open(&target)?
            }
            other => other?,
        };
        file.write_all(bytes)?;
        if synced {
            file.sync_all()?;
            fs::rename(&target, path)?;
            sync_folder(path.parent().unwrap_or(&self.root))?;
        }
        Ok(())
    }

    fn make_folder(&self, folder: &Path, synced: bool) -> io::Result<()> {
        let mode = if folder.starts_with(self.root.join("keys")) { 0o700 } else { 0o755 };
        fs::DirBuilder::new().recursive(true).mode(mode).create(folder)?;
        if synced {
            for above in folder.ancestors().skip(1).take_while(|f| f.starts_with(&self.root)) {
                sync_folder(above)?;
            }
        }
        Ok(())
    }
}

/// How far an unprepared journal file grows at a time.
const GROW_BYTES: u64 = 1024 * 1024;

impl Source for FileStore {
    fn segments(&self) -> Vec<Segment> {
        self.segments.iter().map(|(number, len)| Segment { number: *number, len: *len }).collect()
    }

    fn read_raw(&self, at: u64, out: &mut [u8]) -> io::Result<usize> {
        let (number, mut offset) = place(at);
        let mut reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match reading.take() {
            Some((open, file)) if open == number => file,
            Some(_) | None => File::open(self.root.join(segment_file(number)))?,
        };
        let (_, file) = reading.insert((number, file));
        let mut done = 0;
        while let Some(rest) = out.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match file.read_at(rest, offset) {
                Ok(0) => break,
                Ok(n) => {
                    done += n;
                    offset += n as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn load(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        match File::open(self.root.join(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
            Ok(mut file) => {
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes)?;
                Ok(Some(bytes))
            }
        }
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        list_into(&self.root.join(folder), folder, &mut names)?;
        names.sort();
        Ok(names)
    }
}

fn list_into(path: &Path, prefix: &str, names: &mut Vec<String>) -> io::Result<()> {
    let entries = match fs::read_dir(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    for entry in entries {
        let entry = entry?;
        let name = format!("{prefix}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            list_into(&entry.path(), &name, names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}

impl Store for FileStore {
    fn append(&mut self, blocks: &[&[u8]]) -> io::Result<u64> {
        self.check_poison()?;
        put_frame(blocks, &mut self.frame)?;
        if let Err(error) = self.make_room(self.frame.len() as u64) {
            let unwritten = error.kind() == ErrorKind::StorageFull;
            return Err(if unwritten { error } else { self.poison(error) });
        }
        self.write_frame().map_err(|error| self.poison(error))
    }

    fn resume(&mut self, end: u64) -> io::Result<()> {
        let (number, offset) = place(end);
        let Some(len) = self.segments.get(&number).copied() else { return Ok(()) };
        let path = self.root.join(segment_file(number));
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let prepared = len >= u64::from(self.settings.journal_bytes);
        self.current = Some(Current { number, file, offset, prepared });
        Ok(())
    }

    fn clear(&mut self, at: u64) -> io::Result<()> {
        let (number, offset) = place(at);
        let len = self.segments.get(&number).copied().unwrap_or(0);
        let tail = usize::try_from(len.saturating_sub(offset)).map_err(io::Error::other)?;
        let file = OpenOptions::new().write(true).open(self.root.join(segment_file(number)))?;
        file.write_all_at(&vec![0; tail], offset)?;
        file.sync_all()
    }

    fn save(&mut self, name: &str, bytes: &[u8], durability: Durability) -> io::Result<()> {
        let path = self.root.join(name);
        self.write_file(&path, bytes, durability).inspect_err(|_| {
            // Half a file would stand for a damaged one; the first error is the one to report.
            let half = match durability {
                Durability::Cache => path.clone(),
                Durability::Synced => with_suffix(&path, ".tmp"),
            };
            drop(remove_any(&half));
        })
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        remove_any(&self.root.join(name))
    }

    fn sync_all(&mut self) -> io::Result<()> {
        let folder = File::open(self.root.join("log"))?;
        syncfs(&folder).map_err(io::Error::from)
    }

    fn erase_group(&mut self, group: &GroupId) -> io::Result<()> {
        let path = self.root.join(group.file());
        let file = match OpenOptions::new().write(true).open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            other => other?,
        };
        let len = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
        file.write_all_at(&vec![0; len], 0)?;
        file.sync_all()?;
        fs::remove_file(&path)?;
        sync_folder(path.parent().unwrap_or(&self.root))
    }

    fn space(&self) -> io::Result<Option<Space>> {
        let stat = statvfs(self.root.join("log"))?;
        Ok(Some(Space {
            free: stat.f_bavail.saturating_mul(stat.f_frsize),
            total: stat.f_blocks.saturating_mul(stat.f_frsize),
        }))
    }

    fn free_reserve(&mut self) -> io::Result<bool> {
        match fs::remove_file(self.root.join(RESERVE_FILE)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
            Ok(()) => Ok(true),
        }
    }

    fn renew_reserve(&mut self) {
        if let Some(filler) = &self.filler {
            filler.reserve();
        }
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn remove_any(path: &Path) -> io::Result<()> {
    let done = match fs::symlink_metadata(path) {
        Ok(kind) if kind.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match done {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The second thread: writes zeros ahead, so that a sync on the hot path changes no metadata,
/// and sets up the reserve. `posix_fallocate` alone would leave extents that are unwritten,
/// and the first sync of each would pay for the change.
#[derive(Debug)]
struct Filler {
    wishes: Option<Sender<Wish>>,
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

#[derive(Debug, Clone, Copy)]
enum Wish {
    Prepare,
    Reserve,
}

impl Filler {
    fn start(root: &Path, settings: FileSettings) -> Option<Self> {
        let (wishes, inbox) = channel();
        let state = Arc::new(FillerState::default());
        let (root, shared) = (root.to_owned(), Arc::clone(&state));
        let thread = Builder::new()
            .name("log-filler".into())
            .spawn(move || fill_loop(&root, settings, &inbox, &shared))
            .ok()?;
        let filler = Self { wishes: Some(wishes), state, thread: Some(thread) };
        filler.prepare();
        Some(filler)
    }

    fn is_ready(&self) -> bool {
        self.state.ready.load(Ordering::Acquire)
    }

    /// The next journal file was taken: another may be made in its place.
    fn taken(&self) {
        self.state.ready.store(false, Ordering::Release);
    }

    /// Has the next journal file made, unless it stands ready.
    fn prepare(&self) {
        self.wish(Wish::Prepare);
    }

    fn reserve(&self) {
        self.wish(Wish::Reserve);
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

fn fill_loop(root: &Path, settings: FileSettings, inbox: &Receiver<Wish>, state: &FillerState) {
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
    let zeros = vec![0_u8; 1024 * 1024];
    let mut left = usize::try_from(len).map_err(io::Error::other)?;
    while left > 0 {
        if state.stop.load(Ordering::Acquire) {
            return Ok(false);
        }
        let step = left.min(zeros.len());
        file.write_all(zeros.get(..step).unwrap_or(&[]))?;
        left -= step;
        // In small steps, so that the hot path's sync never waits behind 64 MiB.
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
}
