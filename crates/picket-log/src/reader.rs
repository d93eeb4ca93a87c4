//! Reads a log: scan, point reads, root, proofs.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use picket_model::{Entry, Epoch, NodeId, Seq, Time, id, wire};

use crate::block::{Block, Hash, Opener, entries, sha256};
use crate::checkpoint::{CHECKPOINT_FILE, Checkpoint, Verifier};
use crate::crc::crc32c;
use crate::file::{FileStore, Source, io_at, place, segment_file};
use crate::journal::{Bad, Chain, Step, Walker, blocks, frame_follows};
use crate::key::{Group, GroupId, GroupKey, KEY_FOLDER, KeyFile, Leaf, NodeKey, leaf};
use crate::key::{parse_secret_line, secret_line};
use crate::proof::{Consistency, Proof};
use crate::tile::{BUNDLE_STRIDE, leaf_of_bundle, width_in};
use crate::tile::{Edge, TILE_WIDTH, Tile, TileCache, TileFile, Tree};
use crate::{LogError, Position, merkle};

/// The node's name and epoch.
pub(crate) const NODE_FILE: &str = "log/node";
pub(crate) const NODE_KEY_FILE: &str = "keys/node.key";
pub(crate) const NODE_KEY_KIND: &str = "picket-node-key";
pub(crate) const SIGNER_FILE: &str = "keys/log.key";
pub(crate) const VERIFIER_FILE: &str = "keys/log.vkey";

/// A log that is read.
pub struct Reader<S> {
    pub(crate) store: S,
    points: Vec<Point>,
    pub(crate) edge: Edge,
    tiles: TileCache,
    groups: Mutex<BTreeMap<GroupId, Arc<GroupState>>>,
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

/// Where in the journal a place in the log is; one for each [`POINT_BYTES`].
#[derive(Debug, Clone, Copy)]
struct Point {
    seq: u64,
    at: u64,
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
        let mut opener = Opener::new();
        let mut walker = Walker::new(&self.store, Some(self.point(from.0)));
        while let Some(at) = self.next_frame(&mut walker)? {
            for block in blocks(walker.frame(at)) {
                if block.header.seq.0 >= self.size() {
                    return Ok(());
                }
                if block.header.seq_end() <= from.0 {
                    continue;
                }
                let flow = self.show(&block, at, from.0, &mut opener, visit)?;
                // After the last entry, a reader may find a torn tail: it is not looked at.
                if flow.is_break() || block.header.seq_end() >= self.size() {
                    return Ok(());
                }
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

    /// All retention groups, erased ones too.
    ///
    /// # Errors
    /// [`LogError::KeyMissing`] without the node's key; [`LogError::Damaged`] for a bad key file.
    pub fn groups(&self) -> Result<Vec<GroupEntry>, LogError> {
        let missing = || LogError::KeyMissing { file: NODE_KEY_FILE.into() };
        let node_key = self.node_key.as_ref().ok_or_else(missing)?;
        let mut groups = Vec::new();
        for name in self.store.list(KEY_FOLDER).map_err(io_at("list", KEY_FOLDER))? {
            let Some((id, erased)) = GroupId::of_file(&name) else { continue };
            let bytes = self.store.load(&name).map_err(io_at("read", &name))?.unwrap_or_default();
            let (group, erased_at) = match KeyFile::unwrap(node_key, id, erased, &bytes) {
                Some(KeyFile::Live { group, .. }) => (group, None),
                Some(KeyFile::Erased { group, at }) => (group, Some(at)),
                None => return Err(LogError::Damaged(bad_key(&name))),
            };
            groups.push(GroupEntry { id, group, erased_at });
        }
        Ok(groups)
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
        let mut walker = Walker::new(&self.store, Some(self.point(seq)));
        while let Some(at) = self.next_frame(&mut walker)? {
            for block in blocks(walker.frame(at)) {
                if block.header.seq_end() <= seq {
                    continue;
                }
                let state = self.group(block.header.group)?;
                let GroupState::Live(key) = &*state else {
                    return Err(LogError::Unreadable { seq: Seq(seq) });
                };
                let mut opener = Opener::new();
                let plain = opener.open(&block, key).map_err(|error| damaged(at, &block, error))?;
                let skip = usize::try_from(seq.saturating_sub(block.header.seq.0)).unwrap_or(0);
                let entry = entries(plain).nth(skip).flatten().unwrap_or(&[]);
                return Ok((key.entry_key(seq), entry.to_vec()));
            }
        }
        Err(LogError::Unreadable { seq: Seq(seq) })
    }

    /// The address of a frame at or before the one with this entry.
    fn point(&self, seq: u64) -> u64 {
        let after = self.points.partition_point(|point| point.seq <= seq);
        self.points.get(after.saturating_sub(1)).map_or(0, |point| point.at)
    }

    pub(crate) fn add_point(&mut self, seq: u64, at: u64) {
        add_point(&mut self.points, seq, at);
    }

    fn next_frame(&self, walker: &mut Walker<'_, S>) -> Result<Option<u64>, LogError> {
        match walker.step().map_err(LogError::io("read the journal"))? {
            Step::Frame { at, .. } => Ok(Some(at)),
            Step::End { .. } => Ok(None),
            Step::Bad(bad) => Err(LogError::Damaged(bad_position(&bad))),
        }
    }

    fn show(
        &self,
        block: &Block<'_>,
        at: u64,
        from: u64,
        opener: &mut Opener,
        visit: &mut impl FnMut(Scanned) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, LogError> {
        let header = &block.header;
        let state = self.group(header.group)?;
        let why = match &*state {
            GroupState::Live(key) => {
                let plain = opener.open(block, key).map_err(|error| damaged(at, block, error))?;
                for (seq, bytes) in (header.seq.0..).zip(entries(plain)) {
                    if seq < from {
                        continue;
                    }
                    let (name, record) = wire::decode_entry(bytes.unwrap_or(&[]))
                        .map_err(|error| damaged(at, block, error))?;
                    let id = record.id();
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

fn add_point(points: &mut Vec<Point>, seq: u64, at: u64) {
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

/// What loading found, for those who go on writing.
pub(crate) struct Loaded {
    pub(crate) chain: Chain,
    pub(crate) epoch: Epoch,
    pub(crate) end: Option<u64>,
    pub(crate) torn: Option<Bad>,
    pub(crate) blocks: u64,
    pub(crate) tiles_rebuilt: bool,
    /// The groups of the last hour in which blocks came.
    pub(crate) recent_groups: BTreeSet<GroupId>,
}

/// Writes a tile file, if the loader is one who writes.
pub(crate) type TileSink<'f, S> = dyn FnMut(&mut S, TileFile) -> Result<(), LogError> + 'f;

/// Reads a log: walks the journal, checks its chains, and compares the tree with the checkpoint.
pub(crate) fn load<S: Source>(
    store: S,
    tiles: &mut TileSink<'_, S>,
) -> Result<(Reader<S>, Loaded), LogError> {
    let (origin, epoch) = load_node(&store)?
        .ok_or_else(|| LogError::NoLog(format!("this folder ({NODE_FILE} is missing)")))?;
    let node_key = load_node_key(&store)?;
    let verifier = load_verifier(&store)?;
    let checkpoint = load_checkpoint(&store, verifier.as_ref())?;
    let covered = checkpoint.as_ref().map_or(0, |signed| signed.checkpoint.size);
    let mut reader = Reader {
        store,
        points: Vec::new(),
        edge: Edge::default(),
        tiles: TileCache::default(),
        groups: Mutex::default(),
        node_key: node_key.as_ref().and_then(NodeKey::new),
        verifier,
        checkpoint,
    };
    let mut loaded = Loaded {
        chain: Chain::new(origin, Epoch(0)),
        epoch,
        end: None,
        torn: None,
        blocks: 0,
        tiles_rebuilt: false,
        recent_groups: BTreeSet::new(),
    };
    walk(&mut reader, &mut loaded, covered)?;
    if loaded.chain.seq < covered {
        let end = loaded.end.unwrap_or(0);
        let (number, offset) = place(end);
        let what = format!(
            "the log ends with {} entries, but a signed checkpoint covers {covered}",
            loaded.chain.seq
        );
        let position = Position::new(segment_file(number), offset, what);
        return Err(LogError::Damaged(position.since_seq(loaded.chain.seq).until_seq(covered)));
    }
    grow_tree(&mut reader, &mut loaded, covered, tiles)?;
    Ok((reader, loaded))
}

/// Walks the journal to its end or to what is bad in it.
fn walk<S: Source>(
    reader: &mut Reader<S>,
    loaded: &mut Loaded,
    covered: u64,
) -> Result<(), LogError> {
    check_segments(&reader.store)?;
    let mut points = Vec::new();
    let mut walker = Walker::new(&reader.store, None);
    let bad = loop {
        match walker.step().map_err(LogError::io("read the journal"))? {
            Step::Frame { at, head_at } => {
                add_point(&mut points, loaded.chain.seq, head_at);
                let mut block_at = at;
                let mut hour = loaded.chain.hlc.div_euclid(HOUR_NS);
                for block in blocks(walker.frame(at)) {
                    if let Err(what) = loaded.chain.check(&block.header) {
                        let (number, offset) = place(block_at);
                        let position = Position::new(segment_file(number), offset, what);
                        return Err(LogError::Damaged(position.since_seq(loaded.chain.seq)));
                    }
                    loaded.chain.accept(&block.header, block.hash());
                    loaded.blocks += 1;
                    block_at += block.bytes().len() as u64;
                    if loaded.chain.hlc.div_euclid(HOUR_NS) != hour {
                        hour = loaded.chain.hlc.div_euclid(HOUR_NS);
                        loaded.recent_groups.clear();
                    }
                    loaded.recent_groups.insert(block.header.group);
                }
            }
            Step::End { at } => {
                loaded.end = at;
                break None;
            }
            Step::Bad(bad) => break Some(bad),
        }
    };
    if let Some(bad) = bad {
        loaded.end = Some(bad.end);
        let seq = loaded.chain.seq;
        let follows =
            frame_follows(&reader.store, &bad).map_err(LogError::io("read the journal"))?;
        let last = reader.store.segments().last().map(|last| last.number);
        if follows || bad.newer || covered > seq || last != Some(place(bad.end).0) {
            let mut position = bad_position(&bad).since_seq(seq);
            if covered > seq {
                position = position.until_seq(covered);
            }
            return Err(LogError::Damaged(position));
        }
        loaded.torn = Some(bad);
    }
    reader.points = points;
    Ok(())
}

/// Nanoseconds of an hour.
pub(crate) const HOUR_NS: i64 = 3_600_000_000_000;

pub(crate) fn check_segments<S: Source + ?Sized>(store: &S) -> Result<(), LogError> {
    for (number, segment) in (0_u32..).zip(store.segments()) {
        if segment.number != number {
            let position = Position::new(segment_file(number), 0, "the journal file is missing");
            return Err(LogError::Damaged(position));
        }
    }
    Ok(())
}

/// Builds the tree's edge: from the tiles up to the checkpoint, from the journal after it.
/// Where the tiles do not give the signed root, from the journal alone.
fn grow_tree<S: Source>(
    reader: &mut Reader<S>,
    loaded: &mut Loaded,
    covered: u64,
    tiles: &mut TileSink<'_, S>,
) -> Result<(), LogError> {
    let signed_root = reader.checkpoint.as_ref().map(|signed| signed.checkpoint.root);
    let edge = Edge::load(&reader.store, covered)?;
    let whole = edge.filter(|edge| signed_root.is_none_or(|root| edge.root() == root));
    match whole {
        Some(edge) => {
            reader.edge = edge;
            return grow_edge(reader, loaded.chain.seq, tiles);
        }
        None if reader.node_key.is_none() => {
            let what =
                "the tiles do not give the signed root, and no key is here to make them anew";
            return Err(LogError::Damaged(Position::new(Tile::Hashes(0, 0).file(), 0, what)));
        }
        None => {}
    }
    loaded.tiles_rebuilt = true;
    reader.edge = Edge::default();
    grow_edge(reader, covered, tiles)?;
    if signed_root.is_some_and(|root| reader.edge.root() != root) {
        let what = "the signed root differs from that of the entries in the journal";
        return Err(LogError::Damaged(Position::new(CHECKPOINT_FILE, 0, what).until_seq(covered)));
    }
    grow_edge(reader, loaded.chain.seq, tiles)
}

/// Appends the leaves of the journal's entries from the edge's size up to `end`.
fn grow_edge<S: Source>(
    reader: &mut Reader<S>,
    end: u64,
    tiles: &mut TileSink<'_, S>,
) -> Result<(), LogError> {
    let from = reader.edge.size();
    if from >= end {
        return Ok(());
    }
    let mut edge = std::mem::take(&mut reader.edge);
    let mut opener = Opener::new();
    let mut full = Vec::new();
    let mut after = Some(reader.point(from));
    // Frame by frame, so that the store is free to take the tiles that a frame fills.
    while let Some(at) = after {
        let mut walker = Walker::new(&reader.store, Some(at));
        let mut readable = true;
        for _ in 0..FRAMES_PER_TURN {
            let Some(at) = reader.next_frame(&mut walker)? else {
                after = None;
                break;
            };
            for block in blocks(walker.frame(at)) {
                if block.header.seq_end() <= edge.size() || block.header.seq.0 >= end {
                    continue;
                }
                let Some(leaves) = leaves_of(reader, &block, at, &mut opener)? else {
                    readable = false;
                    break;
                };
                for (seq, leaf) in (block.header.seq.0..).zip(&leaves) {
                    if seq >= edge.size() && seq < end {
                        edge.push(leaf, &mut full);
                    }
                }
            }
            after = walker.position();
            if edge.size() >= end {
                break;
            }
        }
        for file in full.drain(..) {
            tiles(&mut reader.store, file)?;
        }
        if !readable || edge.size() >= end {
            break;
        }
    }
    reader.edge = edge;
    Ok(())
}

const FRAMES_PER_TURN: usize = 64;

/// The leaves of a block: from its content, or where that is gone from the bundles, against the
/// header's hash of them. `None` without a key and without bundles.
fn leaves_of<S: Source>(
    reader: &Reader<S>,
    block: &Block<'_>,
    at: u64,
    opener: &mut Opener,
) -> Result<Option<Vec<Leaf>>, LogError> {
    let header = &block.header;
    let state = reader.group(header.group)?;
    let leaves: Vec<Leaf> = match &*state {
        GroupState::Live(key) => {
            let plain = opener.open(block, key).map_err(|error| damaged(at, block, error))?;
            let items = (header.seq.0..).zip(entries(plain));
            items.map(|(seq, entry)| leaf(&key.entry_key(seq), entry.unwrap_or(&[]))).collect()
        }
        GroupState::NoKey => return Ok(None),
        GroupState::Erased => {
            let signed = reader.checkpoint.as_ref();
            let covered = signed.map_or(0, |signed| signed.checkpoint.size);
            bundled_leaves(&reader.store, header.seq.0, header.seq_end(), covered)?
        }
    };
    if sha256(&[leaves.as_flattened()]) == header.leaves_hash {
        return Ok(Some(leaves));
    }
    let what = "the leaves of these entries are not those that their block names";
    let position = match &*state {
        GroupState::Erased => Position::new(Tile::Entries(header.seq.0 / 256).file(), 0, what),
        GroupState::Live(_) | GroupState::NoKey => {
            let (number, offset) = place(at);
            Position::new(segment_file(number), offset, what)
        }
    };
    Err(LogError::Damaged(position.since_seq(header.seq.0).until_seq(header.seq_end())))
}

/// The leaves of a run of entries, from the entry bundles; fewer if a bundle is missing or bad.
pub(crate) fn bundled_leaves<S: Source + ?Sized>(
    store: &S,
    first: u64,
    end: u64,
    covered: u64,
) -> Result<Vec<Leaf>, LogError> {
    let width = TILE_WIDTH as u64;
    let mut leaves = Vec::new();
    let mut seq = first;
    while seq < end {
        let tile = Tile::Entries(seq / width);
        let until = end.min((seq / width + 1) * width);
        let Some(file) = find_bundle(store, tile, until, covered)? else { break };
        let bundle = store.load(&file).map_err(io_at("read", &file))?.unwrap_or_default();
        while seq < until {
            let place = usize::try_from(seq % width).unwrap_or(0);
            let Some(leaf) = leaf_of_bundle(&bundle, place) else { return Ok(leaves) };
            leaves.push(leaf);
            seq += 1;
        }
    }
    Ok(leaves)
}

/// The file of a bundle that has the leaves before `until`: the one that a checkpoint over
/// `covered` entries calls for, the full one, or an older partial one. After a power cut, only
/// the last may be there: it was synced when a group of its entries was erased.
pub(crate) fn find_bundle<S: Source + ?Sized>(
    store: &S,
    tile: Tile,
    until: u64,
    covered: u64,
) -> Result<Option<String>, LogError> {
    let needed = width_in(tile, until);
    let folder = format!("{}.p", tile.file());
    let names = store.list(&folder).map_err(io_at("list", &folder))?;
    let mut widths: Vec<usize> =
        names.iter().filter_map(|name| Tile::of_file(name)).map(|(_, width)| width).collect();
    // The one of the checkpoint first, then the widest.
    let called_for = width_in(tile, covered);
    widths.sort_unstable_by_key(|width| (*width != called_for, std::cmp::Reverse(*width)));
    let mut files: Vec<String> = widths
        .into_iter()
        .filter(|width| *width >= needed)
        .map(|width| tile.partial_file(width))
        .collect();
    let full_at = if called_for == TILE_WIDTH { 0 } else { files.len().min(1) };
    files.insert(full_at, tile.file());
    for file in files {
        let bytes = store.load(&file).map_err(io_at("read", &file))?.unwrap_or_default();
        if bytes.len() >= needed * BUNDLE_STRIDE {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

pub(crate) fn bad_position(bad: &Bad) -> Position {
    let (number, offset) = place(bad.at);
    Position::new(segment_file(number), offset, bad.what.clone())
}

fn damaged(frame_at: u64, block: &Block<'_>, error: impl std::fmt::Display) -> LogError {
    let (number, offset) = place(frame_at);
    let position = Position::new(segment_file(number), offset, error.to_string());
    LogError::Damaged(position.since_seq(block.header.seq.0).until_seq(block.header.seq_end()))
}

/// `log/node`: one line with origin, epoch and checksum.
pub(crate) fn node_line(origin: NodeId, epoch: Epoch) -> String {
    let body = format!("picket-node {origin} {}", epoch.0);
    format!("{body} {:08x}\n", crc32c(&[body.as_bytes()]))
}

pub(crate) fn load_node<S: Source + ?Sized>(
    store: &S,
) -> Result<Option<(NodeId, Epoch)>, LogError> {
    let Some(bytes) = store.load(NODE_FILE).map_err(io_at("read", NODE_FILE))? else {
        return Ok(None);
    };
    let node = parse_node(&bytes);
    let bad = || LogError::Damaged(Position::new(NODE_FILE, 0, "the file was changed"));
    node.map(Some).ok_or_else(bad)
}

pub(crate) fn parse_node(bytes: &[u8]) -> Option<(NodeId, Epoch)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut words = text.strip_prefix("picket-node ")?.split(' ');
    let origin = NodeId(id::parse_hex(words.next()?)?);
    let epoch = Epoch(words.next()?.parse().ok()?);
    (node_line(origin, epoch) == text).then_some((origin, epoch))
}

pub(crate) fn load_node_key<S: Source + ?Sized>(store: &S) -> Result<Option<[u8; 32]>, LogError> {
    let Some(bytes) = store.load(NODE_KEY_FILE).map_err(io_at("read", NODE_KEY_FILE))? else {
        return Ok(None);
    };
    let bad = || LogError::Damaged(Position::new(NODE_KEY_FILE, 0, "the key file was changed"));
    parse_secret_line(NODE_KEY_KIND, &bytes).map(Some).ok_or_else(bad)
}

pub(crate) fn node_key_line(key: &[u8; 32]) -> String {
    secret_line(NODE_KEY_KIND, key)
}

pub(crate) fn load_verifier<S: Source + ?Sized>(store: &S) -> Result<Option<Verifier>, LogError> {
    let Some(bytes) = store.load(VERIFIER_FILE).map_err(io_at("read", VERIFIER_FILE))? else {
        return Ok(None);
    };
    let bad = || LogError::Damaged(Position::new(VERIFIER_FILE, 0, "the key file was changed"));
    let text = std::str::from_utf8(&bytes).ok().and_then(|text| text.strip_suffix('\n'));
    text.and_then(Verifier::parse).map(Some).ok_or_else(bad)
}

pub(crate) fn load_checkpoint<S: Source + ?Sized>(
    store: &S,
    verifier: Option<&Verifier>,
) -> Result<Option<SignedCheckpoint>, LogError> {
    let bytes = store.load(CHECKPOINT_FILE).map_err(io_at("read", CHECKPOINT_FILE))?;
    let (Some(bytes), Some(verifier)) = (bytes, verifier) else { return Ok(None) };
    let what = "the checkpoint is not one that this log's key signed";
    let bad = || LogError::Damaged(Position::new(CHECKPOINT_FILE, 0, what));
    let note = String::from_utf8(bytes).map_err(|_| bad())?;
    let checkpoint = Checkpoint::open(&note, verifier).ok_or_else(bad)?;
    Ok(Some(SignedCheckpoint { checkpoint, note }))
}
