//! Opens a log: the spines' feet, the journals, and the tree up to their end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use picket_model::{Epoch, NodeId, id};

use crate::block::{Opener, entries, sha256};
use crate::checkpoint::{CHECKPOINT_FILE, Checkpoint, Verifier};
use crate::crc::crc32c;
use crate::file::{Source, address, io_at, place, segment_file};
use crate::journal::{Bad, Chain, Step, Walker, blocks, frame_follows};
use crate::key::{GroupId, Leaf, NodeKey, leaf, parse_secret_line, secret_line};
use crate::reader::{GroupState, Reader, SignedCheckpoint, add_point, open};
use crate::spine::{Sealed, Spines};
use crate::tape::{Item, Tape, bad_position};
use crate::tile::{BUNDLE_STRIDE, Edge, TILE_WIDTH, Tile, TileCache, TileFile};
use crate::tile::{leaf_of_bundle, width_in};
use crate::{LogError, Position};

/// The node's name and epoch.
pub(crate) const NODE_FILE: &str = "log/node";
pub(crate) const NODE_KEY_FILE: &str = "keys/node.key";
const NODE_KEY_KIND: &str = "picket-node-key";
pub(crate) const SIGNER_FILE: &str = "keys/log.key";
pub(crate) const VERIFIER_FILE: &str = "keys/log.vkey";

/// What loading found, for those who go on writing.
pub(crate) struct Loaded {
    pub(crate) chain: Chain,
    pub(crate) epoch: Epoch,
    /// The journals' end; `None` if there is no journal.
    pub(crate) end: Option<u64>,
    /// Where each journal ends that has blocks.
    pub(crate) ends: BTreeMap<u32, u64>,
    /// The clock of the first block in the last journal.
    pub(crate) since_hlc: Option<i64>,
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
    let spines = Spines::load(&store, Chain::new(origin, Epoch(0)), verifier.as_ref())?;
    let recent_groups = recent_groups(&store, &spines)?;
    let mut reader = Reader {
        store,
        spines,
        points: Vec::new(),
        edge: Edge::default(),
        tiles: TileCache::default(),
        groups: Mutex::default(),
        node_key: node_key.as_ref().and_then(NodeKey::new),
        verifier,
        checkpoint,
    };
    let mut loaded = Loaded {
        chain: reader.spines.chain.clone(),
        epoch,
        end: None,
        ends: BTreeMap::new(),
        since_hlc: None,
        torn: None,
        blocks: reader.spines.all.iter().map(|sealed| u64::from(sealed.rows)).sum(),
        tiles_rebuilt: false,
        recent_groups,
    };
    walk(&mut reader, &mut loaded, covered)?;
    if loaded.chain.seq < covered {
        let end = loaded.end.unwrap_or(address(reader.spines.next(), 0));
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
    let first = reader.spines.next();
    check_segments(&reader.store, first)?;
    let mut points = Vec::new();
    let mut walker = Walker::new(&reader.store, address(first, 0));
    let bad = loop {
        match walker.step().map_err(LogError::io("read the journal"))? {
            Step::Frame { at, head_at } => {
                if place(head_at).1 == 0 {
                    loaded.since_hlc = None;
                }
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
                    loaded.since_hlc.get_or_insert(block.header.hlc_first);
                    loaded.blocks += 1;
                    block_at += block.bytes().len() as u64;
                    if loaded.chain.hlc.div_euclid(HOUR_NS) != hour {
                        hour = loaded.chain.hlc.div_euclid(HOUR_NS);
                        loaded.recent_groups.clear();
                    }
                    loaded.recent_groups.insert(block.header.group);
                }
                let (number, offset) = place(block_at);
                loaded.ends.insert(number, offset);
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

/// The groups in which sealed blocks came in the last hour that has any.
fn recent_groups<S: Source>(store: &S, spines: &Spines) -> Result<BTreeSet<GroupId>, LogError> {
    let mut groups = BTreeSet::new();
    let Some(last) = spines.all.last() else { return Ok(groups) };
    let hour = last.hlc.div_euclid(HOUR_NS);
    let of_hour = |sealed: &&Sealed| sealed.hlc.div_euclid(HOUR_NS) == hour;
    let Some(first) = spines.all.iter().rev().take_while(of_hour).last() else {
        return Ok(groups);
    };
    let mut tape = Tape::new(store, spines, first.first, u64::MAX)?;
    while let Some(item) = tape.next()? {
        if item.header.hlc_last.div_euclid(HOUR_NS) == hour {
            groups.insert(item.header.group);
        }
    }
    Ok(groups)
}

/// Nanoseconds of an hour.
pub(crate) const HOUR_NS: i64 = 3_600_000_000_000;

/// Looks for holes among the journals from number `first` on; those before it are sealed.
pub(crate) fn check_segments<S: Source + ?Sized>(store: &S, first: u32) -> Result<(), LogError> {
    let live = store.segments().into_iter().filter(|segment| segment.number >= first);
    for (number, segment) in (first..).zip(live) {
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
    let mut whole = edge.filter(|edge| signed_root.is_none_or(|root| edge.root() == root));
    let (sealed, sealed_root) = (reader.spines.end(), reader.spines.root);
    if whole.is_none() && sealed > 0 && sealed <= covered && reader.node_key.is_some() {
        // The tiles that a sealed journal filled were synced with it.
        let edge = Edge::load(&reader.store, sealed)?;
        if let Some(edge) = edge.filter(|edge| edge.root() == sealed_root) {
            loaded.tiles_rebuilt = true;
            reader.edge = edge;
            grow_edge(reader, covered, tiles)?;
            whole = Some(std::mem::take(&mut reader.edge))
                .filter(|edge| signed_root.is_none_or(|root| edge.root() == root));
        }
    }
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
    let mut readable = true;
    // In turns, so that the store is free to take the tiles that were filled.
    while readable && edge.size() < end {
        let before = edge.size();
        let mut tape = reader.tape(before)?;
        while edge.size() < end && full.len() < TILES_PER_TURN {
            let Some(item) = tape.next()? else { break };
            if item.header.seq_end() <= edge.size() {
                continue;
            }
            let Some(leaves) = leaves_of(reader, &item, &mut tape, &mut opener)? else {
                readable = false;
                break;
            };
            for (seq, leaf) in (item.header.seq.0..).zip(&leaves) {
                if seq >= edge.size() && seq < end {
                    edge.push(leaf, &mut full);
                }
            }
        }
        drop(tape);
        for file in full.drain(..) {
            tiles(&mut reader.store, file)?;
        }
        if edge.size() == before {
            break;
        }
    }
    reader.edge = edge;
    Ok(())
}

/// Full tiles kept before they are written: 512 KiB.
const TILES_PER_TURN: usize = 64;

/// The leaves of a block: from its content, or where that is gone from the bundles, against the
/// header's hash of them. `None` without a key and without bundles.
fn leaves_of<S: Source>(
    reader: &Reader<S>,
    item: &Item,
    tape: &mut Tape<'_, S>,
    opener: &mut Opener,
) -> Result<Option<Vec<Leaf>>, LogError> {
    let header = &item.header;
    let state = reader.group(header.group)?;
    let leaves: Vec<Leaf> = match &*state {
        GroupState::Live(key) => {
            let plain = open(tape, item, opener, key)?;
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
        GroupState::Live(_) | GroupState::NoKey => item.place.position(what),
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
