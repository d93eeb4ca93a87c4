//! Checks a whole log offline, and names the first bad position.
//!
//! What is checked, in this order: key files and node file; the checkpoint's signature; set-aside
//! tails against the hash in their name; the feet of all spines and the last one's signature;
//! then, row by row and frame by frame, every block's checksum, the chains of hashes, numbers and
//! places, the sealed body and each entry in it (where the keys are here), the leaves against
//! header and bundles, each tile of the tree up to the checkpoint, and the root at each spine's and
//! the checkpoint's size; at last, that nothing but zeros follows the last block, and that no file
//! lies among tiles, spines and bodies that is none.
//!
//! Entries of an erased group are checked by their leaves. Nothing is written, no lock is
//! taken: the folder may be on a read-only medium. While a node runs in it, the check may
//! come upon a frame half written, or miss a journal that is sealed just then.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use picket_model::{EntryName, Epoch, NodeId, wire};

use crate::block::{Block, Hash, Header, Opener, entries, sha256};
use crate::checkpoint::{CHECKPOINT_FILE, Signer, Verifier};
use crate::file::{FileStore, Source, address, io_at, place, segment_file};
use crate::journal::{Chain, Step, Walker, blocks};
use crate::key::{GroupId, GroupKey, KEY_FOLDER, KeyFile, Leaf, NodeKey, hex, leaf};
use crate::load::{NODE_FILE, SIGNER_FILE, VERIFIER_FILE, load_node, load_node_key, load_verifier};
use crate::load::{bundled_leaves, check_segments, find_bundle, load_checkpoint};
use crate::log::EVIDENCE_FOLDER;
use crate::merkle::leaf_hash;
use crate::reader::{GroupState, bad_key};
use crate::spine::{self, BODY_FOLDER, SPINE_FOLDER, Sealed, Spines, body_file, spine_file};
use crate::tape::{Item, Place, Tape, bad_position};
use crate::tile::{BUNDLE_STRIDE, Edge, TILE_FOLDER, TILE_WIDTH, Tile, TileFile};
use crate::tile::{load_prefix, width_in};
use crate::{LogError, Position};

/// What [`verify`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Entries up to the end or to the first bad position.
    pub entries: u64,
    /// Blocks likewise.
    pub blocks: u64,
    /// Journals that were sealed into spine and bodies.
    pub sealed: u32,
    /// How many of the entries were opened and read.
    pub opened: u64,
    /// How many of the entries belong to erased groups.
    pub erased: u64,
    /// The root over these entries; over fewer, if leaves could not be had without keys.
    pub root: Hash,
    /// How many entries the signed checkpoint covers.
    pub checkpoint_size: u64,
    /// The name of the key that signed it.
    pub signed_by: Option<String>,
    /// The first thing that is wrong.
    pub first_bad: Option<Position>,
}

/// Checks the log in a data folder.
///
/// # Errors
/// [`LogError::NoLog`] if there is none, [`LogError::Io`] if it cannot be read. Damage is no error
/// but a finding of the report.
pub fn verify(dir: &Path) -> Result<Report, LogError> {
    verify_source(&FileStore::open_read_only(dir)?)
}

/// Checks the log in a store.
///
/// # Errors
/// As [`verify`].
pub fn verify_source<S: Source>(source: &S) -> Result<Report, LogError> {
    let mut report = Report {
        entries: 0,
        blocks: 0,
        sealed: 0,
        opened: 0,
        erased: 0,
        root: crate::merkle::empty_root(),
        checkpoint_size: 0,
        signed_by: None,
        first_bad: None,
    };
    match check(source, &mut report) {
        Ok(()) => {}
        Err(LogError::Damaged(position)) => report.first_bad = Some(position),
        Err(error) => return Err(error),
    }
    Ok(report)
}

fn too_long(name: &str) -> LogError {
    damaged(Position::new(name, 0, "the file is too long"))
}

fn damaged(position: Position) -> LogError {
    LogError::Damaged(position)
}

fn check<S: Source>(source: &S, report: &mut Report) -> Result<(), LogError> {
    let Some((origin, epoch)) = load_node(source)? else {
        if source.segments().is_empty() {
            return Err(LogError::NoLog(format!("this folder ({NODE_FILE} is missing)")));
        }
        return Err(damaged(Position::new(NODE_FILE, 0, "the file is missing")));
    };
    let verifier = load_verifier(source)?
        .ok_or_else(|| damaged(Position::new(VERIFIER_FILE, 0, "the file is missing")))?;
    let node_key = load_node_key(source)?.and_then(|key| NodeKey::new(&key));
    check_signer(source, &verifier)?;
    let keys = check_keys(source, node_key.as_ref())?;
    let signed = load_checkpoint(source, Some(&verifier))?
        .ok_or_else(|| damaged(Position::new(CHECKPOINT_FILE, 0, "the file is missing")))?;
    report.checkpoint_size = signed.checkpoint.size;
    report.signed_by = Some(verifier.name().to_owned());
    check_evidence(source)?;
    let spines = Spines::load(source, Chain::new(origin, Epoch(0)), Some(&verifier))?;
    report.sealed = spines.next();
    check_segments(source, spines.next())?;
    let mut walk = Walk {
        source,
        spines: &spines,
        bodies: list_bodies(source, spines.next())?,
        keys: &keys,
        covered: signed.checkpoint.size,
        signed_root: signed.checkpoint.root,
        epoch,
        edge: Edge::default(),
        whole: true,
        partials: list_partials(source, signed.checkpoint.size)?,
        full: Vec::new(),
        opener: Opener::new(),
    };
    if walk.covered == 0 && walk.edge.root() != walk.signed_root {
        return Err(damaged(walk.root_differs()));
    }
    let done = walk.all(origin, report);
    report.root = walk.edge.root();
    done
}

/// The signing key, where it is here, must be that of the public key.
fn check_signer<S: Source>(source: &S, verifier: &Verifier) -> Result<(), LogError> {
    let Some(bytes) = source.load(SIGNER_FILE).map_err(io_at("read", SIGNER_FILE))? else {
        return Ok(());
    };
    let signer = Signer::parse_file(&bytes).and_then(|seed| Signer::new(verifier.name(), &seed));
    if signer.is_some_and(|signer| signer.verifier() == verifier) {
        return Ok(());
    }
    let what = "the signing key was changed, or does not belong to the log's public key";
    Err(damaged(Position::new(SIGNER_FILE, 0, what)))
}

/// Reads all key files; without the node's key, only their checksums tell.
fn check_keys<S: Source>(
    source: &S,
    node_key: Option<&NodeKey>,
) -> Result<BTreeMap<GroupId, GroupState>, LogError> {
    let mut states = BTreeMap::new();
    for name in source.list(KEY_FOLDER).map_err(io_at("list", KEY_FOLDER))? {
        let bad = || damaged(bad_key(&name));
        let Some((id, erased)) = GroupId::of_file(&name) else {
            // What a save leaves that was cut off.
            if name.ends_with(".tmp") {
                continue;
            }
            return Err(damaged(Position::new(name, 0, "no key file has this name")));
        };
        let bytes = source.load(&name).map_err(io_at("read", &name))?.unwrap_or_default();
        if !KeyFile::is_whole(&bytes, id, erased) {
            return Err(bad());
        }
        let state = match node_key {
            None if erased => GroupState::Erased,
            None => GroupState::NoKey,
            Some(node_key) => match KeyFile::unwrap(node_key, id, erased, &bytes) {
                Some(KeyFile::Live { key, .. }) => {
                    GroupState::Live(Box::new(GroupKey::new(&key).ok_or_else(bad)?))
                }
                Some(KeyFile::Erased { .. }) => GroupState::Erased,
                None => return Err(bad()),
            },
        };
        if states.insert(id, state).is_some() {
            return Err(damaged(Position::new(
                name,
                0,
                "the erasure of this key was not finished",
            )));
        }
    }
    Ok(states)
}

/// The name of a torn tail carries its hash.
fn check_evidence<S: Source>(source: &S) -> Result<(), LogError> {
    for name in source.list(EVIDENCE_FOLDER).map_err(io_at("list", EVIDENCE_FOLDER))? {
        if name.ends_with(".tmp") {
            continue;
        }
        let bytes = source.load(&name).map_err(io_at("read", &name))?.unwrap_or_default();
        let digits = name.strip_suffix(".torn").and_then(|name| name.rsplit('-').next());
        if digits != Some(&hex(&sha256(&[&bytes]))) {
            return Err(damaged(Position::new(name, 0, "the torn tail is not what its name says")));
        }
    }
    Ok(())
}

/// The partial tiles that lie there, and that nothing else does.
fn list_partials<S: Source>(
    source: &S,
    covered: u64,
) -> Result<BTreeMap<Tile, Vec<usize>>, LogError> {
    let mut partials: BTreeMap<Tile, Vec<usize>> = BTreeMap::new();
    for name in source.list(TILE_FOLDER).map_err(io_at("list", TILE_FOLDER))? {
        let Some((tile, width)) = Tile::of_file(&name) else {
            return Err(damaged(Position::new(name, 0, "no tile has this name")));
        };
        // Above the checkpoint, tiles are a cache that may lag or lead.
        if width < TILE_WIDTH && width_in(tile, covered) > 0 {
            partials.entry(tile).or_default().push(width);
        }
    }
    Ok(partials)
}

/// The files of bodies that a spine may call for. What lies there of journals that are not sealed
/// is of a sealing that was cut off, and is written anew.
fn list_bodies<S: Source>(source: &S, next: u32) -> Result<BTreeSet<String>, LogError> {
    for name in source.list(SPINE_FOLDER).map_err(io_at("list", SPINE_FOLDER))? {
        if spine::number_of_spine(&name).is_none() && !name.ends_with(".tmp") {
            return Err(damaged(Position::new(name, 0, "no spine has this name")));
        }
    }
    let mut bodies = BTreeSet::new();
    for name in source.list(BODY_FOLDER).map_err(io_at("list", BODY_FOLDER))? {
        match spine::of_body_file(&name) {
            None => return Err(damaged(Position::new(name, 0, "no file of bodies has this name"))),
            Some((_, number)) if number < next => drop(bodies.insert(name)),
            Some(_) => {}
        }
    }
    Ok(bodies)
}

struct Walk<'s, S> {
    source: &'s S,
    spines: &'s Spines,
    /// Files of bodies that no spine has called for yet.
    bodies: BTreeSet<String>,
    keys: &'s BTreeMap<GroupId, GroupState>,
    covered: u64,
    signed_root: Hash,
    epoch: Epoch,
    edge: Edge,
    /// Whether the edge has all entries so far.
    whole: bool,
    partials: BTreeMap<Tile, Vec<usize>>,
    full: Vec<TileFile>,
    opener: Opener,
}

impl<S: Source> Walk<'_, S> {
    fn all(&mut self, origin: NodeId, report: &mut Report) -> Result<(), LogError> {
        let mut chain = Chain::new(origin, Epoch(0));
        self.sealed(&mut chain, report)?;
        self.journals(&mut chain, report)?;
        if self.whole {
            for file in self.edge.partials() {
                self.tile(&file)?;
            }
        }
        // Bodies of an erased group that were not removed yet are noise.
        let erased = |name: &&String| {
            let group = spine::of_body_file(name).map(|(group, _)| group);
            group.is_some_and(|g| matches!(self.keys.get(&g), Some(GroupState::Erased)))
        };
        match self.bodies.iter().find(|name| !erased(name)) {
            None => Ok(()),
            Some(stray) => {
                Err(damaged(Position::new(stray.as_str(), 0, "no spine calls for this file")))
            }
        }
    }

    fn sealed(&mut self, chain: &mut Chain, report: &mut Report) -> Result<(), LogError> {
        let mut tape = Tape::new(self.source, self.spines, 0, u64::MAX)?;
        for sealed in &self.spines.all {
            let mut lens: BTreeMap<GroupId, u32> = BTreeMap::new();
            for _ in 0..sealed.rows {
                let Some(item) = tape.next()? else { break };
                let group = item.header.group;
                if let Some(Place::Body { at, .. }) = item.body {
                    let len = lens.entry(group).or_insert(0);
                    if at != *len {
                        let what = "the body does not follow the one before it";
                        return Err(item.place.damage(&item.header, what));
                    }
                    *len = len.saturating_add(item.header.body_len);
                }
                let read = match self.keys.get(&group) {
                    Some(GroupState::Live(_) | GroupState::NoKey) => true,
                    Some(GroupState::Erased) | None => false,
                };
                let block = if read { Some(tape.block()?) } else { None };
                self.block(&item, block.as_ref(), chain, report)?;
            }
            self.spine(sealed, chain, &lens)?;
        }
        Ok(())
    }

    /// What a spine says of all its rows, and the files of its bodies.
    fn spine(
        &mut self,
        sealed: &Sealed,
        chain: &Chain,
        lens: &BTreeMap<GroupId, u32>,
    ) -> Result<(), LogError> {
        let number = sealed.number;
        let (foot, _, at) = spine::load_foot(self.source, number, chain)?;
        let name = spine_file(number);
        let bad = |at, what| Err(damaged(Position::new(name.clone(), at, what)));
        let mut bytes = vec![0; usize::try_from(at).map_err(|_| too_long(&name))?];
        let there = self.source.read_part(&name, 0, &mut bytes).map_err(io_at("read", &name))?;
        if there < bytes.len() || !bytes.starts_with(&spine::head(number)) {
            return bad(0, "the spine's head was changed");
        }
        if sha256(&[&bytes]) != foot.hash {
            return bad(0, "the spine is not the one that its foot names");
        }
        if foot.chain != *chain {
            return bad(at, "the spine's foot does not say where its blocks end");
        }
        if self.whole && self.edge.root() != foot.root {
            return bad(at, "the root in the spine's foot differs from that of the entries");
        }
        for (group, len) in lens {
            let name = body_file(*group, number);
            self.bodies.remove(&name);
            if matches!(self.keys.get(group), Some(GroupState::Erased)) {
                continue;
            }
            let right = u64::from(*len);
            let found = self.source.len_of(&name).map_err(io_at("read", &name))?.unwrap_or(0);
            if found != right {
                let what = "the file is longer than its bodies";
                return Err(damaged(Position::new(name, right.min(found), what)));
            }
        }
        Ok(())
    }

    fn journals(&mut self, chain: &mut Chain, report: &mut Report) -> Result<(), LogError> {
        let first = address(self.spines.next(), 0);
        let mut walker = Walker::new(self.source, first);
        let end = loop {
            match walker.step().map_err(LogError::io("read the journal"))? {
                Step::Frame { mut at, .. } => {
                    for block in blocks(walker.frame(at)) {
                        let place = Place::Journal(at);
                        let header = block.header.clone();
                        let item = Item { header, place, body: Some(place), hash: None };
                        self.block(&item, Some(&block), chain, report)?;
                        at += block.bytes().len() as u64;
                    }
                }
                Step::End { at } => break at,
                Step::Bad(bad) => {
                    let mut position = bad_position(&bad).since_seq(chain.seq);
                    if self.covered > chain.seq {
                        position = position.until_seq(self.covered);
                    }
                    return Err(damaged(position));
                }
            }
        };
        if chain.seq < self.covered {
            let (number, offset) = place(end.unwrap_or(first));
            let what = format!(
                "the log ends with {} entries, but a signed checkpoint covers {}",
                chain.seq, self.covered
            );
            let position = Position::new(segment_file(number), offset, what);
            return Err(damaged(position.since_seq(chain.seq).until_seq(self.covered)));
        }
        Ok(())
    }

    /// Checks a block; without its bytes, what its header and its spine say of it.
    fn block(
        &mut self,
        item: &Item,
        block: Option<&Block<'_>>,
        chain: &mut Chain,
        report: &mut Report,
    ) -> Result<(), LogError> {
        let header = &item.header;
        let bad = |what: &str| item.body.unwrap_or(item.place).damage(header, what);
        chain.check(header).map_err(|what| item.place.damage(header, what))?;
        if header.epoch > self.epoch {
            return Err(damaged(Position::new(NODE_FILE, 0, "the epoch is older than a block's")));
        }
        let (hash, named) = (block.map(Block::hash), item.hash);
        if let (Some(hash), Some(named)) = (hash, named)
            && hash != named
        {
            return Err(bad("the block is not the one that its spine names"));
        }
        let hash = hash.or(named).ok_or_else(|| bad("the block's hash is not known"))?;
        let count = u64::from(header.count);
        let leaves = match self.keys.get(&header.group) {
            None => {
                let what = "the group's key file is missing";
                let position = Position::new(header.group.file(), 0, what);
                return Err(damaged(position.since_seq(header.seq.0)));
            }
            Some(GroupState::Live(key)) => {
                let block = block.ok_or_else(|| bad("the body is missing"))?;
                let plain =
                    self.opener.open(block, key).map_err(|error| bad(&error.to_string()))?;
                let mut leaves: Vec<Leaf> = Vec::with_capacity(header.count_usize());
                for (ahead, entry) in (0_u64..).zip(entries(plain)) {
                    let entry = entry.unwrap_or(&[]);
                    let (name, _) =
                        wire::decode_entry(entry).map_err(|error| bad(&error.to_string()))?;
                    let EntryName { origin, epoch, class, number } = name;
                    if (origin, epoch, class) != (header.origin, header.epoch, header.class)
                        || number != header.number + ahead
                    {
                        return Err(bad("an entry does not bear the name that its block gives it"));
                    }
                    leaves.push(leaf(&key.entry_key(header.seq.0 + ahead), entry));
                }
                report.opened += count;
                if sha256(&[leaves.as_flattened()]) != header.leaves_hash {
                    return Err(bad("the entries' leaves are not those that the header names"));
                }
                Some(leaves)
            }
            Some(GroupState::Erased) => {
                report.erased += count;
                Some(self.bundled(header)?)
            }
            Some(GroupState::NoKey) if self.whole && header.seq_end() <= self.covered => {
                Some(self.bundled(header)?)
            }
            Some(GroupState::NoKey) => None,
        };
        chain.accept(header, hash);
        report.entries = chain.seq;
        report.blocks += 1;
        match leaves {
            Some(leaves) if self.whole => self.grow(&leaves),
            Some(_) => Ok(()),
            None => {
                // Without keys, what came after the checkpoint has no leaves yet.
                self.whole = false;
                Ok(())
            }
        }
    }

    /// The leaves of a block whose content is closed, against its header.
    fn bundled(&self, header: &Header) -> Result<Vec<Leaf>, LogError> {
        let (first, end) = (header.seq.0, header.seq_end());
        let leaves = bundled_leaves(self.source, first, end, self.covered)?;
        if sha256(&[leaves.as_flattened()]) == header.leaves_hash {
            return Ok(leaves);
        }
        // The tiles above tell which leaf it is; where they agree with it, or it is missing, the
        // first that is not there.
        let mut wrong = first.saturating_add(leaves.len() as u64).min(end.saturating_sub(1));
        let width = TILE_WIDTH as u64;
        for (seq, leaf) in (first..).zip(&leaves) {
            let tile = Tile::Hashes(0, seq / width);
            let hashes = load_prefix(self.source, tile, width_in(tile, self.covered))?;
            let place = usize::try_from(seq % width).unwrap_or(0);
            let hash = hashes.as_deref().and_then(|bytes| bytes.as_chunks::<32>().0.get(place));
            if hash != Some(&leaf_hash(leaf)) {
                wrong = seq;
                break;
            }
        }
        let tile = Tile::Entries(wrong / width);
        let file = find_bundle(self.source, tile, wrong + 1, self.covered)?;
        let what = "the leaves of these entries are missing, or not those that their block names";
        let offset = wrong % width * BUNDLE_STRIDE as u64;
        let position = Position::new(file.unwrap_or_else(|| tile.file()), offset, what);
        Err(damaged(position.since_seq(first).until_seq(end)))
    }

    fn grow(&mut self, leaves: &[Leaf]) -> Result<(), LogError> {
        for leaf in leaves {
            self.edge.push(leaf, &mut self.full);
            let mut full = std::mem::take(&mut self.full);
            for file in full.drain(..) {
                self.tile(&file)?;
            }
            self.full = full;
            if self.edge.size() == self.covered && self.edge.root() != self.signed_root {
                return Err(damaged(self.root_differs()));
            }
        }
        Ok(())
    }

    fn root_differs(&self) -> Position {
        let what = "the signed root differs from that of the entries in the journal";
        Position::new(CHECKPOINT_FILE, 0, what).since_seq(0).until_seq(self.covered)
    }

    /// Compares a tile, as it must be, with the files that have it or a part of it.
    fn tile(&mut self, right: &TileFile) -> Result<(), LogError> {
        let tile = right.tile;
        let needed = width_in(tile, self.covered);
        for width in self.partials.remove(&tile).unwrap_or_default() {
            let name = tile.partial_file(width);
            let bytes = self.source.load(&name).map_err(io_at("read", &name))?.unwrap_or_default();
            compare(&name, &bytes, right, width.min(needed), width)?;
        }
        if needed == 0 {
            return Ok(());
        }
        let name = tile.file();
        match self.source.load(&name).map_err(io_at("read", &name))? {
            Some(bytes) => compare(&name, &bytes, right, needed, TILE_WIDTH),
            None if needed == TILE_WIDTH => {
                Err(damaged(Position::new(name, 0, "the tile is missing")))
            }
            None => {
                let name = tile.partial_file(needed);
                match self.source.load(&name).map_err(io_at("read", &name))? {
                    Some(_) => Ok(()), // compared above
                    None => Err(damaged(Position::new(name, 0, "the tile is missing"))),
                }
            }
        }
    }
}

/// Compares the first `needed` items of a tile's file, and its length with its width.
fn compare(
    name: &str,
    found: &[u8],
    right: &TileFile,
    needed: usize,
    width: usize,
) -> Result<(), LogError> {
    let stride = right.tile.stride();
    let right = right.bytes.get(..needed * stride).unwrap_or(&right.bytes);
    let same = right.iter().zip(found).take_while(|(right, found)| right == found).count();
    let what = if same < right.len() {
        "the tile differs from the tree that the entries make"
    } else if found.len() > width * stride {
        "the tile is longer than its width"
    } else {
        return Ok(());
    };
    Err(damaged(Position::new(name, same as u64, what)))
}
