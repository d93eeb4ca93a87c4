//! Reads a log: scan, point reads, root, proofs.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use picket_model::wire::EntryReader;
use picket_model::{Entry, Seq, Time};

use crate::block::{Hash, Opener, entries};
use crate::checkpoint::{Checkpoint, Verifier};
use crate::file::{FileStore, Source, io_at, place};
use crate::key::{Group, GroupId, GroupKey, KEY_FOLDER, KeyFile, NodeKey};
use crate::load::{NODE_KEY_FILE, VERIFIER_FILE, load};
use crate::proof::{Consistency, Proof};
use crate::spine::Spines;
use crate::tape::{Item, Tape};
use crate::tile::{Edge, TileCache, Tree};
use crate::{LogError, Position, merkle};

/// A log that is read.
pub struct Reader<S> {
    pub(crate) store: S,
    pub(crate) spines: Spines,
    pub(crate) points: Vec<Point>,
    pub(crate) edge: Edge,
    pub(crate) tiles: TileCache,
    pub(crate) groups: Mutex<BTreeMap<GroupId, Arc<GroupState>>>,
    pub(crate) node_key: Option<NodeKey>,
    pub(crate) verifier: Option<Verifier>,
    pub(crate) checkpoint: Option<SignedCheckpoint>,
}

impl<S> std::fmt::Debug for Reader<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("size", &self.edge.size()).finish_non_exhaustive()
    }
}

/// A checkpoint with its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The whole note.
    pub note: String,
}

/// What a scan comes upon.
#[derive(Debug, Clone, PartialEq)]
pub enum Scanned {
    /// An entry.
    Entry(Box<Entry>),
    /// Entries whose content is gone or closed to this reader.
    Gap(Gap),
}

/// A run of entries of one block that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The first of them.
    pub first: Seq,
    /// The last of them.
    pub last: Seq,
    /// Their retention group.
    pub group: GroupId,
    /// Why.
    pub why: GapReason,
}

/// Why entries cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapReason {
    /// Their group was erased.
    Erased,
    /// The node's key is not in this folder.
    NoKey,
}

/// A retention group as [`Reader::groups`] lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupEntry {
    /// Its name in headers and files.
    pub id: GroupId,
    /// What it holds.
    pub group: Group,
    /// When it was erased, if it was.
    pub erased_at: Option<Time>,
}

pub(crate) enum GroupState {
    Live(Box<GroupKey>),
    Erased,
    NoKey,
}

/// Where in the journals a place in the log is; one for each [`POINT_BYTES`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Point {
    seq: u64,
    pub(crate) at: u64,
}

/// A point read walks at most about so many bytes; the index of 1 GiB takes 256 KiB.
const POINT_BYTES: u64 = 64 * 1024;
/// Group keys kept unwrapped: some hours of all kinds and labels.
const GROUPS_CACHED_MAX: usize = 1_024;

impl Reader<FileStore> {
    /// Opens the log in a data folder where no node runs, to read. Takes no lock and writes
    /// nothing. A torn tail is left out.
    ///
    /// # Errors
    /// [`LogError::NoLog`] if there is none; [`LogError::Damaged`] naming the first bad position.
    pub fn open(dir: &Path) -> Result<Self, LogError> {
        let store = FileStore::open_read_only(dir)?;
        Self::over(store)
    }
}

impl<S: Source> Reader<S> {
    /// Reads the log that stands in this store.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn over(store: S) -> Result<Self, LogError> {
        load(store, &mut |_, _| Ok(())).map(|(reader, _)| reader)
    }

    /// How many entries there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.edge.size()
    }

    /// The root over all entries.
    ///
    /// # Errors
    /// [`LogError`] if a tile cannot be read.
    pub fn root(&self) -> Result<Hash, LogError> {
        merkle::root(&self.tree(), self.size())
    }

    /// The last signed checkpoint.
    #[must_use]
    pub const fn last_checkpoint(&self) -> Option<&SignedCheckpoint> {
        self.checkpoint.as_ref()
    }

    /// The public key that signs the checkpoints.
    #[must_use]
    pub const fn verifier(&self) -> Option<&Verifier> {
        self.verifier.as_ref()
    }

    /// Shows all entries from a place on, in order, until told to stop.
    ///
    /// # Errors
    /// [`LogError::Damaged`] where the stored bytes are not what was written.
    pub fn scan(
        &self,
        from: Seq,
        visit: &mut impl FnMut(Scanned) -> ControlFlow<()>,
    ) -> Result<(), LogError> {
        if from.0 >= self.size() {
            return Ok(());
        }
        let mut tools = Tools { opener: Opener::new(), entries: EntryReader::new() };
        let mut tape = self.tape(from.0)?;
        while let Some(item) = tape.next()? {
            if item.header.seq.0 >= self.size() {
                return Ok(());
            }
            if item.header.seq_end() <= from.0 {
                continue;
            }
            let flow = self.show(&item, &mut tape, from.0, &mut tools, visit)?;
            // After the last entry, a reader may find a torn tail: it is not looked at.
            if flow.is_break() || item.header.seq_end() >= self.size() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The entry at a place; `None` if the log does not reach so far.
    ///
    /// # Errors
    /// [`LogError::Unreadable`] if its key is gone; [`LogError::Damaged`] if its bytes are.
    pub fn read(&self, seq: Seq) -> Result<Option<Entry>, LogError> {
        let mut found = None;
        self.scan(seq, &mut |item| {
            found = Some(item);
            ControlFlow::Break(())
        })?;
        match found {
            None => Ok(None),
            Some(Scanned::Entry(entry)) => Ok(Some(*entry)),
            Some(Scanned::Gap(_)) => Err(LogError::Unreadable { seq }),
        }
    }

    /// Proves that an entry is in the log, up to the last signed checkpoint.
    ///
    /// The proof carries the entry and its own key, never that of its group.
    ///
    /// # Errors
    /// [`LogError::NotCovered`] if the last checkpoint does not reach so far,
    /// [`LogError::Unreadable`] if the entry's key is gone.
    pub fn prove(&self, seq: Seq) -> Result<Proof, LogError> {
        let signed = self.covering(seq.0)?;
        let path = self.inclusion(seq)?;
        let verifier = self
            .verifier
            .clone()
            .ok_or_else(|| LogError::KeyMissing { file: VERIFIER_FILE.into() })?;
        let (entry_key, entry) = self.raw_entry(seq.0)?;
        Ok(Proof {
            index: seq.0,
            path,
            checkpoint_note: signed.note.clone(),
            entry_key,
            entry,
            verifier,
        })
    }

    /// The audit path alone, from the leaf's sibling up to the root of the last checkpoint.
    ///
    /// # Errors
    /// [`LogError::NotCovered`] if the last checkpoint does not reach so far.
    pub fn inclusion(&self, seq: Seq) -> Result<Vec<Hash>, LogError> {
        let signed = self.covering(seq.0)?;
        merkle::inclusion(&self.tree(), seq.0, signed.checkpoint.size)
    }

    /// Proves that the log as of the last checkpoint begins with its first `from_size` entries.
    ///
    /// # Errors
    /// [`LogError::NotCovered`] if the last checkpoint is shorter.
    pub fn consistency(&self, from_size: u64) -> Result<Consistency, LogError> {
        let signed = self.covering(from_size.saturating_sub(1))?;
        let size = signed.checkpoint.size;
        let tree = self.tree();
        Ok(Consistency {
            from_size,
            from_root: merkle::root(&tree, from_size)?,
            hashes: merkle::consistency(&tree, from_size, size)?,
            checkpoint_note: signed.note.clone(),
        })
    }

    /// How many journals were sealed into spine and bodies.
    #[must_use]
    pub fn sealed_journals(&self) -> u32 {
        self.spines.next()
    }

    /// All retention groups, erased ones too.
    ///
    /// # Errors
    /// [`LogError::KeyMissing`] without the node's key; [`LogError::Damaged`] for a bad key file.
    pub fn groups(&self) -> Result<Vec<GroupEntry>, LogError> {
        self.groups_where(|_| true)
    }

    /// The retention groups that were not erased.
    ///
    /// # Errors
    /// As [`Reader::groups`].
    pub fn live_groups(&self) -> Result<Vec<GroupEntry>, LogError> {
        self.groups_where(|erased| !erased)
    }

    /// The groups of which `wanted` says yes to whether they were erased.
    fn groups_where(&self, wanted: impl Fn(bool) -> bool) -> Result<Vec<GroupEntry>, LogError> {
        let mut groups = Vec::new();
        for name in self.store.list(KEY_FOLDER).map_err(io_at("list", KEY_FOLDER))? {
            let Some((id, erased)) = GroupId::of_file(&name).filter(|(_, erased)| wanted(*erased))
            else {
                continue;
            };
            groups.extend(self.group_entry(id, erased)?);
        }
        Ok(groups)
    }

    /// What a group holds, or held.
    pub(crate) fn group_of(&self, id: GroupId) -> Result<Option<Group>, LogError> {
        for erased in [true, false] {
            if let Some(entry) = self.group_entry(id, erased)? {
                return Ok(Some(entry.group));
            }
        }
        Ok(None)
    }

    fn group_entry(&self, id: GroupId, erased: bool) -> Result<Option<GroupEntry>, LogError> {
        let missing = || LogError::KeyMissing { file: NODE_KEY_FILE.into() };
        let node_key = self.node_key.as_ref().ok_or_else(missing)?;
        let name = if erased { id.erased_file() } else { id.file() };
        let bytes = self.store.load(&name).map_err(io_at("read", &name))?;
        let Some(bytes) = bytes else { return Ok(None) };
        let (group, erased_at) = match KeyFile::unwrap(node_key, id, erased, &bytes) {
            Some(KeyFile::Live { group, .. }) => (group, None),
            Some(KeyFile::Erased { group, at }) => (group, Some(at)),
            None => return Err(LogError::Damaged(bad_key(&name))),
        };
        Ok(Some(GroupEntry { id, group, erased_at }))
    }

    pub(crate) fn tree(&self) -> Tree<'_, S> {
        Tree { edge: &self.edge, source: &self.store, cache: &self.tiles }
    }

    fn covering(&self, seq: u64) -> Result<&SignedCheckpoint, LogError> {
        let size = self.checkpoint.as_ref().map_or(0, |signed| signed.checkpoint.size);
        let covered = self.checkpoint.as_ref().filter(|_| seq < size);
        covered.ok_or(LogError::NotCovered { seq: Seq(seq), size })
    }

    /// An entry's key and canonical bytes.
    fn raw_entry(&self, seq: u64) -> Result<([u8; 32], Vec<u8>), LogError> {
        let mut tape = self.tape(seq)?;
        while let Some(item) = tape.next()? {
            if item.header.seq_end() <= seq {
                continue;
            }
            let state = self.group(item.header.group)?;
            let GroupState::Live(key) = &*state else { break };
            let mut opener = Opener::new();
            let plain = open(&mut tape, &item, &mut opener, key)?;
            let skip = usize::try_from(seq.saturating_sub(item.header.seq.0)).unwrap_or(0);
            let entry = entries(plain).nth(skip).flatten().unwrap_or(&[]);
            return Ok((key.entry_key(seq), entry.to_vec()));
        }
        Err(LogError::Unreadable { seq: Seq(seq) })
    }

    /// The blocks from the one with this entry on, or from a little before.
    pub(crate) fn tape(&self, seq: u64) -> Result<Tape<'_, S>, LogError> {
        Tape::new(&self.store, &self.spines, seq, self.point(seq))
    }

    /// The address of a frame at or before the one with this entry.
    pub(crate) fn point(&self, seq: u64) -> u64 {
        let after = self.points.partition_point(|point| point.seq <= seq);
        self.points.get(after.saturating_sub(1)).map_or(0, |point| point.at)
    }

    pub(crate) fn add_point(&mut self, seq: u64, at: u64) {
        add_point(&mut self.points, seq, at);
    }

    fn show(
        &self,
        item: &Item,
        tape: &mut Tape<'_, S>,
        from: u64,
        tools: &mut Tools,
        visit: &mut impl FnMut(Scanned) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, LogError> {
        let header = &item.header;
        let state = self.group(header.group)?;
        let why = match &*state {
            GroupState::Live(key) => {
                let plain = open(tape, item, &mut tools.opener, key)?;
                for (seq, bytes) in (header.seq.0..).zip(entries(plain)) {
                    if seq < from {
                        continue;
                    }
                    let read = tools.entries.read(bytes.unwrap_or(&[]));
                    let (name, record, id) =
                        read.map_err(|error| item.place.damage(header, error))?;
                    let entry = Box::new(Entry { seq: Seq(seq), name, id, record });
                    if visit(Scanned::Entry(entry)).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                return Ok(ControlFlow::Continue(()));
            }
            GroupState::Erased => GapReason::Erased,
            GroupState::NoKey => GapReason::NoKey,
        };
        let first = Seq(header.seq.0.max(from));
        let last = Seq(header.seq_end().saturating_sub(1));
        Ok(visit(Scanned::Gap(Gap { first, last, group: header.group, why })))
    }

    /// Lets go of the index of a journal that is sealed.
    pub(crate) fn forget_points(&mut self, journal: u32) {
        self.points.retain(|point| place(point.at).0 != journal);
    }

    pub(crate) fn group(&self, id: GroupId) -> Result<Arc<GroupState>, LogError> {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = groups.get(&id) {
            return Ok(Arc::clone(state));
        }
        let state = Arc::new(load_group(&self.store, self.node_key.as_ref(), id)?);
        if groups.len() >= GROUPS_CACHED_MAX {
            groups.clear();
        }
        groups.insert(id, Arc::clone(&state));
        Ok(state)
    }

    pub(crate) fn forget_group(&self, id: GroupId) {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

/// What a scan reads with, for all its blocks.
struct Tools {
    opener: Opener,
    entries: EntryReader,
}

/// Opens the block that a tape has come to.
pub(crate) fn open<'o, S: Source + ?Sized>(
    tape: &mut Tape<'_, S>,
    item: &Item,
    opener: &'o mut Opener,
    key: &GroupKey,
) -> Result<&'o [u8], LogError> {
    let block = tape.block()?;
    let place = item.body.unwrap_or(item.place);
    opener.open(&block, key).map_err(|error| place.damage(&item.header, error))
}

pub(crate) fn add_point(points: &mut Vec<Point>, seq: u64, at: u64) {
    let near = points.last().is_some_and(|last| {
        place(last.at).0 == place(at).0 && at.saturating_sub(last.at) < POINT_BYTES
    });
    if !near {
        points.push(Point { seq, at });
    }
}

/// The state of a group: live, erased, or not to be told.
pub(crate) fn load_group<S: Source + ?Sized>(
    store: &S,
    node_key: Option<&NodeKey>,
    id: GroupId,
) -> Result<GroupState, LogError> {
    for (name, erased) in [(id.erased_file(), true), (id.file(), false)] {
        let Some(bytes) = store.load(&name).map_err(io_at("read", &name))? else { continue };
        let bad = || LogError::Damaged(bad_key(&name));
        if !KeyFile::is_whole(&bytes, id, erased) {
            return Err(bad());
        }
        if erased {
            return Ok(GroupState::Erased);
        }
        let Some(node_key) = node_key else { return Ok(GroupState::NoKey) };
        return match KeyFile::unwrap(node_key, id, erased, &bytes) {
            Some(KeyFile::Live { key, .. }) => {
                GroupKey::new(&key).map(|key| GroupState::Live(Box::new(key))).ok_or_else(bad)
            }
            Some(KeyFile::Erased { .. }) | None => Err(bad()),
        };
    }
    Err(LogError::Damaged(Position::new(id.file(), 0, "the group's key file is missing")))
}

pub(crate) fn bad_key(name: &str) -> Position {
    Position::new(name, 0, "the key file was changed, or another node's key wrapped it")
}
