//! Where the log's bytes stand: the [`Store`] seam, and the folder on disk behind it.
//!
//! ```text
//! keys/node.key log.key log.vkey    the node's secrets (0600), and its public verifier key
//! log/node                          origin and epoch
//! log/lock                          held while a process may write
//! log/journal/<8 digits>.j          blocks, in frames; 64 MiB, zero-filled ahead
//! log/spine/<8 digits>.s            of a sealed journal: headers and hashes, kept for ever
//! log/body/<group>/<8 digits>.b     its bodies, by retention group
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
use std::sync::{Mutex, PoisonError};

use rustix::fs::{FallocateFlags, FlockOperation, fallocate, flock, statvfs, syncfs};

use crate::LogError;
use crate::crc::crc32c;
use crate::filler::Filler;
use crate::key::GroupId;
use crate::spine::{SPINE_FOLDER, number_of_spine};

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

    /// Reads bytes of a file from an offset on; how many were there.
    ///
    /// # Errors
    /// Those of the medium; [`ErrorKind::NotFound`] if there is no such file.
    fn read_part(&self, name: &str, at: u64, out: &mut [u8]) -> io::Result<usize>;

    /// The length of a file; `None` if there is none.
    ///
    /// # Errors
    /// Those of the medium.
    fn len_of(&self, name: &str) -> io::Result<Option<u64>>;

    /// The names of all files below a folder, in order.
    ///
    /// # Errors
    /// Those of the medium.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;
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

    /// Has the next append begin a new journal file.
    fn turn(&mut self);

    /// Begins chores, which are done in order, beside the appends, up to the first that fails. One
    /// set at a time: [`Store::poll`] or [`Store::wait`] ends it.
    ///
    /// # Errors
    /// Those of the medium; then none was begun.
    fn begin(&mut self, chores: Vec<Chore>) -> io::Result<()>;

    /// How the chores ended; `None` while they are not done.
    fn poll(&mut self) -> Option<io::Result<()>>;

    /// Waits for the chores that were begun.
    ///
    /// # Errors
    /// Those of the medium; what the chores before did stays.
    fn wait(&mut self) -> io::Result<()>;

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

/// Work that a store does beside the appends. Each is durable when it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chore {
    /// Writes bytes into a file from an offset on, and makes it and its folders; from offset 0,
    /// what it held before is gone.
    Write {
        /// The file's name in the data folder.
        file: String,
        /// The offset, at most the file's length.
        at: u64,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// Makes all that was saved durable.
    SyncAll,
    /// Gives a file another name, at once.
    Rename {
        /// The name it has.
        from: String,
        /// The name it gets.
        to: String,
    },
    /// Removes a file, or a folder with all in it; no matter if there is none.
    Remove {
        /// Its name in the data folder.
        name: String,
    },
    /// Gives the room of a journal file back: from [`Store::begin`] on it is not read any more.
    Free {
        /// The file's number.
        journal: u32,
        /// How many of its bytes were written.
        used: u64,
    },
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

pub(crate) const JOURNAL_FOLDER: &str = "log/journal";
const LOCK_FILE: &str = "log/lock";
pub(crate) const RESERVE_FILE: &str = "log/reserve";
pub(crate) const NEXT_FILE: &str = "log/journal/next.tmp";

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
    /// Spines that stand, so that no journal gets the number of a sealed one.
    sealed: u32,
    current: Option<Current>,
    /// The next append begins a new file.
    turning: bool,
    reading: Mutex<Option<(u32, File)>>,
    /// Files of spines and bodies that were read last, the newest at the end.
    parts: Mutex<Vec<(String, File)>>,
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
            sealed: 0,
            current: None,
            turning: false,
            reading: Mutex::new(None),
            parts: Mutex::new(Vec::new()),
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
        let names = store.list(SPINE_FOLDER).map_err(io_at("list", SPINE_FOLDER))?;
        let last = names.iter().filter_map(|name| number_of_spine(name)).max();
        store.sealed = last.map_or(0, |last| last.saturating_add(1));
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
                (current.offset > 0 && (self.turning || current.offset + bytes > full))
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
        let next = match self.segments.last_key_value() {
            None => 0,
            Some((last, _)) => last.checked_add(1).ok_or(ErrorKind::StorageFull)?,
        };
        let number = next.max(self.sealed);
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
        let aged = std::mem::take(&mut self.turning);
        if let Some(filler) = &self.filler {
            if next_ready {
                filler.taken();
            }
            // A file that aged was hardly used: freed, it becomes the next one.
            if !aged {
                filler.prepare();
            }
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
                make_folder(&self.root, path.parent().unwrap_or(&self.root), synced)?;
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
}

/// Most files of spines and bodies kept open: one for each group of a busy hour.
const PARTS_OPEN_MAX: usize = 16;
/// How far an unprepared journal file grows at a time.
const GROW_BYTES: u64 = 1024 * 1024;

impl Source for FileStore {
    fn segments(&self) -> Vec<Segment> {
        self.segments.iter().map(|(number, len)| Segment { number: *number, len: *len }).collect()
    }

    fn read_raw(&self, at: u64, out: &mut [u8]) -> io::Result<usize> {
        let (number, offset) = place(at);
        let mut reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match reading.take() {
            Some((open, file)) if open == number => file,
            Some(_) | None => File::open(self.root.join(segment_file(number)))?,
        };
        let (_, file) = reading.insert((number, file));
        read_full(file, offset, out)
    }

    fn read_part(&self, name: &str, at: u64, out: &mut [u8]) -> io::Result<usize> {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let open = match parts.iter().position(|(open, _)| open == name) {
            Some(place) => parts.remove(place),
            None => (name.to_owned(), File::open(self.root.join(name))?),
        };
        if parts.len() >= PARTS_OPEN_MAX {
            parts.remove(0);
        }
        parts.push(open);
        parts.last().map_or(Ok(0), |(_, file)| read_full(file, at, out))
    }

    fn len_of(&self, name: &str) -> io::Result<Option<u64>> {
        match fs::metadata(self.root.join(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            other => other.map(|meta| Some(meta.len())),
        }
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

    fn turn(&mut self) {
        self.turning = true;
    }

    fn begin(&mut self, chores: Vec<Chore>) -> io::Result<()> {
        let Some(filler) = &self.filler else {
            return Err(io::Error::other(
                "the thread that writes beside the appends did not start",
            ));
        };
        let mut frees = false;
        for chore in &chores {
            match chore {
                Chore::Free { journal, .. } => {
                    frees = true;
                    self.segments.remove(journal);
                    let reading = self.reading.get_mut().unwrap_or_else(PoisonError::into_inner);
                    *reading = reading.take().filter(|(open, _)| open != journal);
                }
                Chore::Rename { to, .. } => {
                    let number = number_of_spine(to).map_or(0, |number| number.saturating_add(1));
                    self.sealed = self.sealed.max(number);
                }
                Chore::Remove { .. } => {
                    // What is open would keep its room.
                    self.parts.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
                }
                Chore::Write { .. } | Chore::SyncAll => {}
            }
        }
        filler.chores(chores);
        if frees {
            filler.prepare();
        }
        Ok(())
    }

    fn poll(&mut self) -> Option<io::Result<()>> {
        self.filler.as_ref().and_then(Filler::poll)
    }

    fn wait(&mut self) -> io::Result<()> {
        self.filler.as_ref().map_or(Ok(()), Filler::wait)
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
        sync_file_system(&self.root)
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

pub(crate) fn make_folder(root: &Path, folder: &Path, synced: bool) -> io::Result<()> {
    let mode = if folder.starts_with(root.join("keys")) { 0o700 } else { 0o755 };
    fs::DirBuilder::new().recursive(true).mode(mode).create(folder)?;
    if synced {
        for above in folder.ancestors().skip(1).take_while(|f| f.starts_with(root)) {
            sync_folder(above)?;
        }
    }
    Ok(())
}

pub(crate) fn sync_file_system(root: &Path) -> io::Result<()> {
    let folder = File::open(root.join("log"))?;
    syncfs(&folder).map_err(io::Error::from)
}

/// Reads from an offset on until the buffer is full or the file ends.
fn read_full(file: &File, mut offset: u64, out: &mut [u8]) -> io::Result<usize> {
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

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

pub(crate) fn remove_any(path: &Path) -> io::Result<()> {
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

pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
