//! A store in memory that fails, fills up and loses power on command, for tests.
//!
//! What a power cut leaves: journal bytes of appends that returned; of the append that the
//! cut interrupts, what the test says (a prefix, or some of its 512-byte sectors); files that
//! were saved synced; files that were only cached, if they were synced since.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::file::put_frame;
use crate::file::{Durability, FRAME_HEAD_LEN, Segment, Source, Space, Store, address, place};
use crate::key::GroupId;

/// Bytes of a disk's sector: what a power cut writes whole or not at all.
pub const SECTOR_BYTES: usize = 512;

/// The medium behind [`MemoryStore`]s. Clones share it: keep one to look at what is left.
#[derive(Debug, Clone, Default)]
pub struct MemoryDisk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    journal: Vec<u8>,
    files: BTreeMap<String, FileState>,
    /// A fault, and how many appends go well before it.
    fault: Option<(usize, Fault)>,
    save_fault: Option<ErrorKind>,
    space: Option<Space>,
    reserve: bool,
    /// Rises when power is cut: stores of before take nothing more.
    life: u64,
}

#[derive(Debug, Default, Clone)]
struct FileState {
    now: Option<Vec<u8>>,
    synced: Option<Vec<u8>>,
}

/// What happens to the next append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The write fails after so many bytes of its frame, which stay.
    Write {
        /// How many bytes arrive.
        after: usize,
    },
    /// All bytes arrive, but the sync fails.
    Sync,
    /// The disk is full; nothing is written.
    Full,
    /// Power is cut: only so many bytes of the frame arrive.
    PowerCut {
        /// How many bytes arrive.
        after: usize,
    },
    /// Power is cut: of the sectors that the frame touches, only these arrive (counted from the
    /// first that it touches; sectors beyond the list do not).
    TornSectors(Vec<bool>),
}

/// A store on a [`MemoryDisk`].
#[derive(Debug)]
pub struct MemoryStore {
    disk: MemoryDisk,
    life: u64,
    end: usize,
    frame: Vec<u8>,
    poisoned: bool,
}

impl MemoryDisk {
    /// An empty disk.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A store on this disk, as after a start.
    #[must_use]
    pub fn store(&self) -> MemoryStore {
        let state = self.lock();
        let (life, end) = (state.life, state.journal.len());
        drop(state);
        MemoryStore { disk: self.clone(), life, end, frame: Vec::new(), poisoned: false }
    }

    /// Sets what happens to the next append.
    pub fn fail_next_append(&self, fault: Fault) {
        self.fail_append(0, fault);
    }

    /// Sets what happens to the append after so many that go well.
    pub fn fail_append(&self, after: usize, fault: Fault) {
        self.lock().fault = Some((after, fault));
    }

    /// Makes every save of a small file fail in this way; `None` ends that.
    pub fn fail_saves(&self, kind: Option<ErrorKind>) {
        self.lock().save_fault = kind;
    }

    /// Sets the room that the disk says it has.
    pub fn set_space(&self, space: Option<Space>) {
        self.lock().space = space;
    }

    /// Sets up a reserve, which a full disk then gives back once.
    pub fn set_reserve(&self, reserve: bool) {
        self.lock().reserve = reserve;
    }

    /// Cuts power: files that were not synced are as they were; old stores are dead.
    pub fn cut_power(&self) {
        self.lock().cut_power();
    }

    /// The names of all files; the journal is `log/journal/00000000.j`.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let state = self.lock();
        let mut names: Vec<String> = Vec::new();
        if !state.journal.is_empty() {
            names.push(crate::file::segment_file(0));
        }
        names.extend(state.files.iter().filter(|(_, f)| f.now.is_some()).map(|(n, _)| n.clone()));
        names
    }

    /// The bytes of a file; empty if there is none.
    #[must_use]
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        let state = self.lock();
        if name == crate::file::segment_file(0) {
            return state.journal.clone();
        }
        state.files.get(name).and_then(|file| file.now.clone()).unwrap_or_default()
    }

    /// Replaces the bytes of a file, durably.
    pub fn set_bytes(&self, name: &str, bytes: Vec<u8>) {
        let mut state = self.lock();
        if name == crate::file::segment_file(0) {
            state.journal = bytes;
        } else {
            let file = FileState { now: Some(bytes.clone()), synced: Some(bytes) };
            state.files.insert(name.to_owned(), file);
        }
    }

    /// Removes a file, durably.
    pub fn remove_file(&self, name: &str) {
        self.lock().files.remove(name);
    }

    /// A disk with the same bytes that goes its own way.
    #[must_use]
    pub fn copy(&self) -> Self {
        let state = self.lock();
        let copy = State {
            journal: state.journal.clone(),
            files: state.files.clone(),
            space: state.space,
            ..State::default()
        };
        drop(state);
        Self(Arc::new(Mutex::new(copy)))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take_fault(&mut self) -> Option<Fault> {
        match self.fault.take()? {
            (0, fault) => Some(fault),
            (after, fault) => {
                self.fault = Some((after - 1, fault));
                None
            }
        }
    }

    fn cut_power(&mut self) {
        self.life += 1;
        for file in self.files.values_mut() {
            file.now = file.synced.clone();
        }
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        let end = at + bytes.len();
        if self.journal.len() < end {
            self.journal.resize(end, 0);
        }
        if let Some(to) = self.journal.get_mut(at..end) {
            to.copy_from_slice(bytes);
        }
    }

    fn put_sectors(&mut self, at: usize, bytes: &[u8], arrive: &[bool]) {
        let first = at / SECTOR_BYTES;
        self.put(at, &vec![0; bytes.len()]);
        for (offset, byte) in (at..).zip(bytes) {
            let sector = offset / SECTOR_BYTES - first;
            if arrive.get(sector).copied().unwrap_or(false) {
                self.put(offset, std::slice::from_ref(byte));
            }
        }
    }
}

impl MemoryStore {
    fn live(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.disk.lock();
        if state.life == self.life { Ok(state) } else { Err(io::Error::other("power was cut")) }
    }
}

impl Source for MemoryStore {
    fn segments(&self) -> Vec<Segment> {
        let len = self.disk.lock().journal.len();
        if len == 0 { Vec::new() } else { vec![Segment { number: 0, len: len as u64 }] }
    }

    fn read_raw(&self, at: u64, out: &mut [u8]) -> io::Result<usize> {
        let state = self.live()?;
        let (number, offset) = place(at);
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        let there = state.journal.get(offset..).filter(|_| number == 0).unwrap_or(&[]);
        let len = there.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..len), there.get(..len)) {
            to.copy_from_slice(from);
        }
        Ok(len)
    }

    fn load(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.live()?.files.get(name).and_then(|file| file.now.clone()))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let state = self.live()?;
        let inside = |name: &str| name.strip_prefix(folder).is_some_and(|n| n.starts_with('/'));
        let files = state.files.iter().filter(|(name, file)| file.now.is_some() && inside(name));
        Ok(files.map(|(name, _)| name.clone()).collect())
    }
}

impl Store for MemoryStore {
    fn append(&mut self, blocks: &[&[u8]]) -> io::Result<u64> {
        if self.poisoned {
            return Err(io::Error::other("an earlier write failed"));
        }
        let mut frame = std::mem::take(&mut self.frame);
        put_frame(blocks, &mut frame)?;
        let mut state = self.live()?;
        let (end, fault) = (self.end, state.take_fault());
        let upto = |after: usize| frame.get(..after.min(frame.len())).unwrap_or(&[]);
        let error = match &fault {
            None => {
                state.put(end, &frame);
                None
            }
            Some(Fault::Full) => Some(ErrorKind::StorageFull.into()),
            Some(Fault::Write { after }) => {
                state.put(end, upto(*after));
                Some(io::Error::other("the write failed"))
            }
            Some(Fault::Sync) => {
                state.put(end, &frame);
                Some(io::Error::other("the sync failed"))
            }
            Some(Fault::PowerCut { after }) => {
                state.put(end, upto(*after));
                state.cut_power();
                Some(io::Error::other("power was cut"))
            }
            Some(Fault::TornSectors(arrive)) => {
                state.put_sectors(end, &frame, arrive);
                state.cut_power();
                Some(io::Error::other("power was cut"))
            }
        };
        drop(state);
        if let Some(error) = error {
            self.poisoned = fault != Some(Fault::Full);
            return Err(error);
        }
        self.end += frame.len();
        self.frame = frame;
        let at = u32::try_from(end + FRAME_HEAD_LEN).map_err(io::Error::other)?;
        Ok(address(0, at))
    }

    fn resume(&mut self, end: u64) -> io::Result<()> {
        self.end = usize::try_from(place(end).1).map_err(io::Error::other)?;
        Ok(())
    }

    fn clear(&mut self, at: u64) -> io::Result<()> {
        let from = usize::try_from(place(at).1).map_err(io::Error::other)?;
        let mut state = self.live()?;
        if let Some(tail) = state.journal.get_mut(from..) {
            tail.fill(0);
        }
        Ok(())
    }

    fn save(&mut self, name: &str, bytes: &[u8], durability: Durability) -> io::Result<()> {
        let mut state = self.live()?;
        if let Some(kind) = state.save_fault {
            return Err(kind.into());
        }
        let file = state.files.entry(name.to_owned()).or_default();
        file.now = Some(bytes.to_vec());
        if durability == Durability::Synced {
            file.synced = Some(bytes.to_vec());
        }
        Ok(())
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        let mut state = self.live()?;
        let folder = format!("{name}/");
        state.files.retain(|file, _| file != name && !file.starts_with(&folder));
        Ok(())
    }

    fn sync_all(&mut self) -> io::Result<()> {
        for file in self.live()?.files.values_mut() {
            file.synced = file.now.clone();
        }
        Ok(())
    }

    fn erase_group(&mut self, group: &GroupId) -> io::Result<()> {
        self.live()?.files.remove(&group.file());
        Ok(())
    }

    fn space(&self) -> io::Result<Option<Space>> {
        Ok(self.live()?.space)
    }

    fn free_reserve(&mut self) -> io::Result<bool> {
        Ok(std::mem::take(&mut self.live()?.reserve))
    }

    fn renew_reserve(&mut self) {
        if let Ok(mut state) = self.live() {
            state.reserve = true;
        }
    }
}
