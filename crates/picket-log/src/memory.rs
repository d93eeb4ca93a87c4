//! A store in memory that fails, fills up and loses power on command, for tests.
//!
//! What a power cut leaves: journal bytes of appends that returned; of the append that the
//! cut interrupts, what the test says (a prefix, or some of its 512-byte sectors); files that
//! were saved synced; files that were only cached, if they were synced since; what chores did
//! that were done, and of the one that the cut interrupts, half of what it writes.
//!
//! Chores are done one at each [`Store::poll`], so that a test may append between any two.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::file::put_frame;
use crate::file::{Chore, Durability, FRAME_HEAD_LEN, Segment, Source, Space, Store};
use crate::file::{address, place, segment_file};
use crate::key::GroupId;
use crate::spine::number_of_spine;

/// Bytes of a disk's sector: what a power cut writes whole or not at all.
pub const SECTOR_BYTES: usize = 512;

/// The medium behind [`MemoryStore`]s. Clones share it: keep one to look at what is left.
#[derive(Debug, Clone, Default)]
pub struct MemoryDisk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    journal: BTreeMap<u32, Vec<u8>>,
    journal_bytes: Option<usize>,
    files: BTreeMap<String, FileState>,
    /// A fault, and how many appends go well before it.
    fault: Option<(usize, Fault)>,
    save_fault: Option<ErrorKind>,
    chore_fault: Option<ErrorKind>,
    /// Changes to the disk so far, and the one at which it ends, in which way.
    changes: u64,
    end_at: Option<(u64, End)>,
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

/// How a disk's use ends at a change that it does not do any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The process is killed: what was written stays.
    Kill,
    /// Power is cut: what was not synced is gone.
    PowerCut,
    /// Power is cut in the midst of the change: of a chore that writes, the first half arrives.
    PowerCutHalfWay,
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
    number: u32,
    end: usize,
    turning: bool,
    chores: VecDeque<Chore>,
    begun: bool,
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
        let last = state.journal.last_key_value();
        let sealed = state.files.keys().filter(|name| number_of_spine(name).is_some()).count();
        let sealed = u32::try_from(sealed).unwrap_or(u32::MAX);
        let (number, end) = last.map_or((sealed, 0), |(number, bytes)| (*number, bytes.len()));
        let life = state.life;
        drop(state);
        MemoryStore {
            disk: self.clone(),
            life,
            number,
            end,
            turning: false,
            chores: VecDeque::new(),
            begun: false,
            frame: Vec::new(),
            poisoned: false,
        }
    }

    /// Sets how large a journal file may grow; `None` for without end.
    pub fn set_journal_bytes(&self, bytes: Option<usize>) {
        self.lock().journal_bytes = bytes;
    }

    /// How many changes were made to the disk.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.lock().changes
    }

    /// Has the disk's use end at the change after so many in all.
    pub fn end_at_change(&self, changes: u64, end: End) {
        self.lock().end_at = Some((changes, end));
    }

    /// Makes every chore fail in this way; `None` ends that.
    pub fn fail_chores(&self, kind: Option<ErrorKind>) {
        self.lock().chore_fault = kind;
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

    /// The names of all files, those of the journal first.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let state = self.lock();
        let mut names: Vec<String> = state.journal.keys().map(|n| segment_file(*n)).collect();
        names.extend(state.files.iter().filter(|(_, f)| f.now.is_some()).map(|(n, _)| n.clone()));
        names
    }

    /// The bytes of a file; empty if there is none.
    #[must_use]
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        let state = self.lock();
        if let Some(bytes) = segment_of(name).and_then(|number| state.journal.get(&number)) {
            return bytes.clone();
        }
        state.files.get(name).and_then(|file| file.now.clone()).unwrap_or_default()
    }

    /// Replaces the bytes of a file, durably.
    pub fn set_bytes(&self, name: &str, bytes: Vec<u8>) {
        let mut state = self.lock();
        if let Some(number) = segment_of(name) {
            state.journal.insert(number, bytes);
        } else {
            let file = FileState { now: Some(bytes.clone()), synced: Some(bytes) };
            state.files.insert(name.to_owned(), file);
        }
    }

    /// Removes a file, durably.
    pub fn remove_file(&self, name: &str) {
        let mut state = self.lock();
        if let Some(number) = segment_of(name) {
            state.journal.remove(&number);
        }
        state.files.remove(name);
    }

    /// A disk with the same bytes that goes its own way.
    #[must_use]
    pub fn copy(&self) -> Self {
        let state = self.lock();
        let copy = State {
            journal: state.journal.clone(),
            journal_bytes: state.journal_bytes,
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

fn segment_of(name: &str) -> Option<u32> {
    let digits = name.strip_prefix("log/journal/")?.strip_suffix(".j")?;
    digits.parse().ok().filter(|number| segment_file(*number) == name)
}

impl State {
    /// Counts a change; whether the disk's use ends with it, and how.
    fn change(&mut self) -> Option<End> {
        let ends = self.end_at.filter(|(at, _)| *at == self.changes);
        self.changes += 1;
        let (_, end) = ends?;
        self.end_at = None;
        Some(end)
    }

    /// As [`State::change`], of a change that is not done at all when the use ends.
    fn whole_change(&mut self) -> io::Result<()> {
        let Some(end) = self.change() else { return Ok(()) };
        self.end(end);
        Err(io::Error::other("the disk's use ended"))
    }

    fn end(&mut self, end: End) {
        match end {
            End::Kill => self.life += 1,
            End::PowerCut | End::PowerCutHalfWay => self.cut_power(),
        }
    }

    fn write_at(&mut self, file: &str, at: u64, bytes: &[u8]) -> io::Result<()> {
        let at = usize::try_from(at).map_err(io::Error::other)?;
        let file = self.files.entry(file.to_owned()).or_default();
        let mut now = file.now.take().unwrap_or_default();
        now.truncate(at);
        if now.len() < at {
            return Err(io::Error::other("a chore writes behind a file's end"));
        }
        now.extend_from_slice(bytes);
        file.synced = Some(now.clone());
        file.now = Some(now);
        Ok(())
    }

    fn take_fault(&mut self) -> Option<Fault> {
        match self.fault.take()? {
            (0, fault) => Some(fault),
            (after, fault) => {
                self.fault = Some((after - 1, fault));
                None
            }
        }
    }

    fn remove(&mut self, name: &str) {
        let folder = format!("{name}/");
        self.files.retain(|file, _| file != name && !file.starts_with(&folder));
    }

    fn sync_all(&mut self) {
        for file in self.files.values_mut() {
            file.synced = file.now.clone();
        }
    }

    fn cut_power(&mut self) {
        self.life += 1;
        for file in self.files.values_mut() {
            file.now = file.synced.clone();
        }
    }

    fn put(&mut self, number: u32, at: usize, bytes: &[u8]) {
        let end = at + bytes.len();
        let journal = self.journal.entry(number).or_default();
        if journal.len() < end {
            journal.resize(end, 0);
        }
        if let Some(to) = journal.get_mut(at..end) {
            to.copy_from_slice(bytes);
        }
    }

    fn put_sectors(&mut self, number: u32, at: usize, bytes: &[u8], arrive: &[bool]) {
        let first = at / SECTOR_BYTES;
        self.put(number, at, &vec![0; bytes.len()]);
        for (offset, byte) in (at..).zip(bytes) {
            let sector = offset / SECTOR_BYTES - first;
            if arrive.get(sector).copied().unwrap_or(false) {
                self.put(number, offset, std::slice::from_ref(byte));
            }
        }
    }
}

impl MemoryStore {
    fn live(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.disk.lock();
        if state.life == self.life { Ok(state) } else { Err(io::Error::other("power was cut")) }
    }

    fn do_chore(&mut self, chore: Chore) -> io::Result<()> {
        let mut state = self.live()?;
        if let Some(end) = state.change() {
            if let (End::PowerCutHalfWay, Chore::Write { file, at, bytes }) = (end, &chore) {
                state.write_at(file, *at, bytes.get(..bytes.len() / 2).unwrap_or(&[]))?;
            }
            state.end(end);
            return Err(io::Error::other("the disk's use ended"));
        }
        if let Some(kind) = state.chore_fault {
            return Err(kind.into());
        }
        match chore {
            Chore::Write { file, at, bytes } => state.write_at(&file, at, &bytes)?,
            Chore::SyncAll => state.sync_all(),
            Chore::Rename { from, to } => {
                let file = state.files.remove(&from).ok_or(ErrorKind::NotFound)?;
                state.files.insert(to, file);
            }
            Chore::Remove { name } => state.remove(&name),
            Chore::Free { journal, .. } => drop(state.journal.remove(&journal)),
        }
        Ok(())
    }
}

impl Source for MemoryStore {
    fn segments(&self) -> Vec<Segment> {
        let state = self.disk.lock();
        let segment = |(number, bytes): (&u32, &Vec<u8>)| Segment {
            number: *number,
            len: bytes.len() as u64,
        };
        state.journal.iter().map(segment).collect()
    }

    fn read_raw(&self, at: u64, out: &mut [u8]) -> io::Result<usize> {
        let state = self.live()?;
        let (number, offset) = place(at);
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        let journal = state.journal.get(&number).ok_or(ErrorKind::NotFound)?;
        Ok(copy(journal.get(offset..).unwrap_or(&[]), out))
    }

    fn read_part(&self, name: &str, at: u64, out: &mut [u8]) -> io::Result<usize> {
        let state = self.live()?;
        let at = usize::try_from(at).map_err(io::Error::other)?;
        let file = state.files.get(name).and_then(|file| file.now.as_ref());
        Ok(copy(file.ok_or(ErrorKind::NotFound)?.get(at..).unwrap_or(&[]), out))
    }

    fn len_of(&self, name: &str) -> io::Result<Option<u64>> {
        let state = self.live()?;
        let file = state.files.get(name).and_then(|file| file.now.as_ref());
        Ok(file.map(|bytes| bytes.len() as u64))
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

fn copy(from: &[u8], to: &mut [u8]) -> usize {
    let len = from.len().min(to.len());
    if let (Some(to), Some(from)) = (to.get_mut(..len), from.get(..len)) {
        to.copy_from_slice(from);
    }
    len
}

impl Store for MemoryStore {
    fn append(&mut self, blocks: &[&[u8]]) -> io::Result<u64> {
        if self.poisoned {
            return Err(io::Error::other("an earlier write failed"));
        }
        let mut frame = std::mem::take(&mut self.frame);
        put_frame(blocks, &mut frame)?;
        let mut state = self.live()?;
        state.whole_change()?;
        let full = state.journal_bytes.is_some_and(|bytes| self.end + frame.len() > bytes);
        let turns = self.end > 0 && (full || self.turning);
        let (number, end) = if turns { (self.number + 1, 0) } else { (self.number, self.end) };
        let fault = state.take_fault();
        let upto = |after: usize| frame.get(..after.min(frame.len())).unwrap_or(&[]);
        let error = match &fault {
            None => {
                state.put(number, end, &frame);
                None
            }
            Some(Fault::Full) => Some(ErrorKind::StorageFull.into()),
            Some(Fault::Write { after }) => {
                state.put(number, end, upto(*after));
                Some(io::Error::other("the write failed"))
            }
            Some(Fault::Sync) => {
                state.put(number, end, &frame);
                Some(io::Error::other("the sync failed"))
            }
            Some(Fault::PowerCut { after }) => {
                state.put(number, end, upto(*after));
                state.cut_power();
                Some(io::Error::other("power was cut"))
            }
            Some(Fault::TornSectors(arrive)) => {
                state.put_sectors(number, end, &frame, arrive);
                state.cut_power();
                Some(io::Error::other("power was cut"))
            }
        };
        drop(state);
        if let Some(error) = error {
            self.poisoned = fault != Some(Fault::Full);
            return Err(error);
        }
        self.turning &= !turns;
        (self.number, self.end) = (number, end + frame.len());
        self.frame = frame;
        let at = u32::try_from(end + FRAME_HEAD_LEN).map_err(io::Error::other)?;
        Ok(address(number, at))
    }

    fn resume(&mut self, end: u64) -> io::Result<()> {
        let (number, offset) = place(end);
        self.number = number;
        self.end = usize::try_from(offset).map_err(io::Error::other)?;
        Ok(())
    }

    fn turn(&mut self) {
        self.turning = true;
    }

    fn begin(&mut self, chores: Vec<Chore>) -> io::Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            return Err(io::Error::other("the chores before are not done"));
        }
        self.chores = VecDeque::from(chores);
        Ok(())
    }

    fn poll(&mut self) -> Option<io::Result<()>> {
        let done = match self.chores.pop_front() {
            None => Ok(()),
            Some(chore) => self.do_chore(chore),
        };
        if done.is_ok() && !self.chores.is_empty() {
            return None;
        }
        self.begun = false;
        self.chores.clear();
        Some(done)
    }

    fn wait(&mut self) -> io::Result<()> {
        loop {
            if let Some(done) = self.poll() {
                return done;
            }
        }
    }

    fn clear(&mut self, at: u64) -> io::Result<()> {
        let (number, from) = place(at);
        let from = usize::try_from(from).map_err(io::Error::other)?;
        let mut state = self.live()?;
        state.whole_change()?;
        if let Some(tail) = state.journal.get_mut(&number).and_then(|j| j.get_mut(from..)) {
            tail.fill(0);
        }
        Ok(())
    }

    fn save(&mut self, name: &str, bytes: &[u8], durability: Durability) -> io::Result<()> {
        let mut state = self.live()?;
        state.whole_change()?;
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
        state.whole_change()?;
        state.remove(name);
        Ok(())
    }

    fn sync_all(&mut self) -> io::Result<()> {
        let mut state = self.live()?;
        state.whole_change()?;
        state.sync_all();
        Ok(())
    }

    fn erase_group(&mut self, group: &GroupId) -> io::Result<()> {
        let mut state = self.live()?;
        state.whole_change()?;
        state.files.remove(&group.file());
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
