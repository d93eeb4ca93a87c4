//! Tiles: the tree on disk, so that outside tools can read it.
//!
//! `Standard:` C2SP tlog-tiles. `log/tile/<L>/<N>` holds 256 hashes of level 8·L,
//! `log/tile/entries/<N>` the 256 leaves below tile 0/N, each with a big-endian length of
//! two bytes; the last of each level, while not full, is `<N>.p/<W>` with its width.
//! `<N>` is written in groups of three digits, all but the last behind an `x`.
//!
//! Of a tile that is not full, the hashes are in memory (the right edge of the tree,
//! at most 16 KiB a level, 4 levels for 4 billion entries). Full tiles are written when
//! their last entry is durable, partial ones at each checkpoint.
//!
//! Sync policy: tiles are never synced on the way of an entry. They follow from the journal,
//! which is, and a checkpoint's signature tells whether they are right; after a power cut
//! they are made again from the journal, and the recovery says so. They are synced when a journal
//! is sealed, so that no more than the journals after it must be read for that; and before
//! a group's key is destroyed, for then the journal alone could not give them back; a bundle
//! that takes the place of one with such leaves is synced before the older one goes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::block::{Hash, size};
use crate::file::{Source, io_at};
use crate::key::{LEAF_LEN, Leaf};
use crate::merkle::{Nodes, empty_root, leaf_hash, node_hash};
use crate::{LogError, Position};

/// The folder of tiles.
pub(crate) const TILE_FOLDER: &str = "log/tile";
/// Hashes, or leaves, of a full tile.
pub(crate) const TILE_WIDTH: usize = 256;
const TILE_HEIGHT: u8 = 8;
const HASH_LEN: usize = 32;
/// Bytes of a leaf in a bundle, with its length.
pub(crate) const BUNDLE_STRIDE: usize = LEAF_LEN + 2;

/// Which tile: of hashes at a level, or of leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tile {
    /// Leaves.
    Entries(u64),
    /// Hashes of the level and index.
    Hashes(u8, u64),
}

impl Tile {
    /// The full tile's file.
    pub(crate) fn file(self) -> String {
        let (level, index) = match self {
            Self::Entries(index) => ("entries".to_owned(), index),
            Self::Hashes(level, index) => (level.to_string(), index),
        };
        let mut path = format!("{:03}", index % 1_000);
        let mut rest = index / 1_000;
        while rest > 0 {
            path = format!("x{:03}/{path}", rest % 1_000);
            rest /= 1_000;
        }
        format!("{TILE_FOLDER}/{level}/{path}")
    }

    /// The file of its first `width` items.
    pub(crate) fn partial_file(self, width: usize) -> String {
        format!("{}.p/{width}", self.file())
    }

    /// The tile and width of a file's name; `None` if it is no tile's.
    pub(crate) fn of_file(name: &str) -> Option<(Self, usize)> {
        let path = name.strip_prefix(TILE_FOLDER)?.strip_prefix('/')?;
        let (level, path) = path.split_once('/')?;
        let (path, width) = match path.split_once(".p/") {
            Some((path, width)) => (path, width.parse().ok()?),
            None => (path, TILE_WIDTH),
        };
        let index = path.split('/').try_fold(0_u64, |index, group| {
            let digits: u64 = group.trim_start_matches('x').parse().ok()?;
            index.checked_mul(1_000)?.checked_add(digits)
        })?;
        let tile = match level {
            "entries" => Self::Entries(index),
            level => Self::Hashes(level.parse().ok()?, index),
        };
        let same = if width == TILE_WIDTH { tile.file() } else { tile.partial_file(width) };
        (same == name && width > 0).then_some((tile, width))
    }

    /// Bytes of one item.
    pub(crate) const fn stride(self) -> usize {
        match self {
            Self::Entries(_) => BUNDLE_STRIDE,
            Self::Hashes(..) => HASH_LEN,
        }
    }
}

/// The hashes of one tile with all complete nodes above them: row 0 has the tile's hashes,
/// row 8 its one top.
#[derive(Debug, Clone, Default)]
struct Rows([Vec<Hash>; 9]);

impl Rows {
    /// Appends a hash; gives the tile's top when that was the last.
    fn push(&mut self, mut hash: Hash) -> Option<Hash> {
        for row in &mut self.0 {
            row.push(hash);
            if row.len() % 2 == 1 {
                break;
            }
            let [.., left, right] = row.as_slice() else { break };
            hash = node_hash(left, right);
        }
        self.0.last().and_then(|top| top.first().copied())
    }

    fn hashes(&self) -> &[Hash] {
        let [first, ..] = &self.0;
        first
    }

    fn get(&self, row: u8, index: u64) -> Option<Hash> {
        self.0.get(usize::from(row))?.get(usize::try_from(index).ok()?).copied()
    }
}

/// A tile's bytes to be written.
pub(crate) struct TileFile {
    pub(crate) tile: Tile,
    pub(crate) width: usize,
    pub(crate) bytes: Vec<u8>,
}

/// The right edge of the tree.
#[derive(Debug, Clone, Default)]
pub(crate) struct Edge {
    size: u64,
    /// For each level of tiles, the index of the tile that is not full, and its hashes.
    levels: Vec<(u64, Rows)>,
    /// The leaves of the bundle that is not full, as they stand in its file.
    bundle: Vec<u8>,
}

impl Edge {
    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf and hands out the tiles that it fills.
    pub(crate) fn push(&mut self, leaf: &Leaf, full: &mut Vec<TileFile>) {
        // 33 fits two bytes by far.
        self.bundle.extend_from_slice(&[0, u8::try_from(LEAF_LEN).unwrap_or(0)]);
        self.bundle.extend_from_slice(leaf);
        if self.bundle.len() == TILE_WIDTH * BUNDLE_STRIDE {
            let tile = Tile::Entries(self.size >> TILE_HEIGHT);
            let bytes = std::mem::take(&mut self.bundle);
            full.push(TileFile { tile, width: TILE_WIDTH, bytes });
        }
        self.push_hash(leaf_hash(leaf), full);
    }

    /// Appends the hash of a leaf whose bytes are not at hand.
    fn push_hash(&mut self, hash: Hash, full: &mut Vec<TileFile>) {
        self.size += 1;
        let mut hash = hash;
        let mut level = 0_u8;
        loop {
            let at = usize::from(level);
            if self.levels.len() <= at {
                self.levels.push((0, Rows::default()));
            }
            let Some((index, rows)) = self.levels.get_mut(at) else { return };
            let Some(top) = rows.push(hash) else { return };
            let tile = Tile::Hashes(level, *index);
            full.push(TileFile { tile, width: TILE_WIDTH, bytes: rows.hashes().concat() });
            *index += 1;
            *rows = Rows::default();
            hash = top;
            level += 1;
        }
    }

    /// The tiles of the right edge that are not full, as files.
    pub(crate) fn partials(&self) -> Vec<TileFile> {
        let mut out = Vec::new();
        if !self.bundle.is_empty() {
            let tile = Tile::Entries(self.size >> TILE_HEIGHT);
            let width = self.bundle.len() / BUNDLE_STRIDE;
            out.push(TileFile { tile, width, bytes: self.bundle.clone() });
        }
        for (level, (index, rows)) in (0_u8..).zip(&self.levels) {
            let hashes = rows.hashes();
            if !hashes.is_empty() {
                let tile = Tile::Hashes(level, *index);
                out.push(TileFile { tile, width: hashes.len(), bytes: hashes.concat() });
            }
        }
        out
    }

    /// The root over all leaves: every complete subtree of the right edge is at hand.
    pub(crate) fn root(&self) -> Hash {
        let mut root: Option<Hash> = None;
        for (_, rows) in &self.levels {
            for row in rows.0.iter().filter(|row| row.len() % 2 == 1) {
                if let Some(last) = row.last() {
                    root = Some(root.map_or(*last, |below| node_hash(last, &below)));
                }
            }
        }
        root.unwrap_or_else(empty_root)
    }

    /// Reads the edge of a tree of this size from its tiles; `None` where one is missing or short.
    pub(crate) fn load<S: Source + ?Sized>(
        source: &S,
        size: u64,
    ) -> Result<Option<Self>, LogError> {
        let mut edge = Self { size, levels: Vec::new(), bundle: Vec::new() };
        let mut level = 0_u8;
        let mut rest = size;
        while rest > 0 {
            let index = rest >> TILE_HEIGHT;
            let width = usize::try_from(rest % 256).unwrap_or(0);
            let mut rows = Rows::default();
            if width > 0 {
                let tile = Tile::Hashes(level, index);
                let Some(bytes) = load_prefix(source, tile, width)? else { return Ok(None) };
                for hash in bytes.as_chunks::<HASH_LEN>().0 {
                    rows.push(*hash);
                }
                if level == 0 {
                    let tile = Tile::Entries(index);
                    let Some(bytes) = load_prefix(source, tile, width)? else { return Ok(None) };
                    edge.bundle = bytes;
                }
            }
            edge.levels.push((index, rows));
            rest = index;
            level += 1;
        }
        Ok(Some(edge))
    }
}

/// The first `width` items of a tile, from its full file or from a partial one that is as wide.
pub(crate) fn load_prefix<S: Source + ?Sized>(
    source: &S,
    tile: Tile,
    width: usize,
) -> Result<Option<Vec<u8>>, LogError> {
    let mut files = vec![tile.file()];
    if width < TILE_WIDTH {
        let exact = tile.partial_file(width);
        if let Some(bytes) = source.load(&exact).map_err(io_at("read", &exact))?
            && bytes.len() == width * tile.stride()
        {
            return Ok(Some(bytes));
        }
        let folder = format!("{}.p", tile.file());
        let names = source.list(&folder).map_err(io_at("list", &folder))?;
        let wide = |name: &String| Tile::of_file(name).is_some_and(|(_, wide)| wide > width);
        files.extend(names.into_iter().filter(wide));
    }
    for file in files {
        if let Some(mut bytes) = source.load(&file).map_err(io_at("read", &file))? {
            let wanted = width * tile.stride();
            if bytes.len() >= wanted {
                bytes.truncate(wanted);
                return Ok(Some(bytes));
            }
        }
    }
    Ok(None)
}

/// The leaf at a place of a bundle's bytes.
pub(crate) fn leaf_of_bundle(bundle: &[u8], place: usize) -> Option<Leaf> {
    let item = bundle.get(place * BUNDLE_STRIDE..(place + 1) * BUNDLE_STRIDE)?;
    let (len, leaf) = item.split_first_chunk::<2>()?;
    let leaf: Leaf = leaf.try_into().ok()?;
    (usize::from(u16::from_be_bytes(*len)) == LEAF_LEN).then_some(leaf)
}

/// Most full tiles kept in memory for proofs: 64 of 16 KiB are 1 MiB.
const TILES_CACHED_MAX: usize = 64;

/// The tree, from its edge in memory and its full tiles on disk.
pub(crate) struct Tree<'t, S: ?Sized> {
    pub(crate) edge: &'t Edge,
    pub(crate) source: &'t S,
    pub(crate) cache: &'t TileCache,
}

/// Full tiles that were read for proofs.
#[derive(Default)]
pub(crate) struct TileCache(Mutex<BTreeMap<(u8, u64), Arc<Rows>>>);

impl<S: Source + ?Sized> Nodes for Tree<'_, S> {
    type Error = LogError;

    fn node(&self, level: u8, index: u64) -> Result<Hash, LogError> {
        let (tile_level, row) = (level / TILE_HEIGHT, level % TILE_HEIGHT);
        let bits = u32::from(TILE_HEIGHT - row);
        let tile_index = index >> bits;
        let within = index & ((1 << bits) - 1);
        let edge = self.edge.levels.get(usize::from(tile_level));
        if let Some((edge_index, rows)) = edge
            && *edge_index == tile_index
            && let Some(hash) = rows.get(row, within)
        {
            return Ok(hash);
        }
        let rows = self.tile(tile_level, tile_index)?;
        rows.get(row, within).ok_or_else(|| missing(Tile::Hashes(tile_level, tile_index)))
    }
}

impl<S: Source + ?Sized> Tree<'_, S> {
    fn tile(&self, level: u8, index: u64) -> Result<Arc<Rows>, LogError> {
        let mut tiles = self.cache.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rows) = tiles.get(&(level, index)) {
            return Ok(Arc::clone(rows));
        }
        let tile = Tile::Hashes(level, index);
        let bytes = load_prefix(self.source, tile, TILE_WIDTH)?.ok_or_else(|| missing(tile))?;
        let mut rows = Rows::default();
        for hash in bytes.as_chunks::<HASH_LEN>().0 {
            rows.push(*hash);
        }
        if tiles.len() >= TILES_CACHED_MAX {
            // Proofs ask mostly for the newest: the lowest index of the lowest level goes.
            tiles.pop_first();
        }
        let rows = Arc::new(rows);
        tiles.insert((level, index), Arc::clone(&rows));
        Ok(rows)
    }
}

fn missing(tile: Tile) -> LogError {
    LogError::Damaged(Position::new(tile.file(), 0, "the tile is missing or short"))
}

/// How many of a tile's items belong to a tree of this size.
pub(crate) fn width_in(tile: Tile, tree_size: u64) -> usize {
    let (level, index) = match tile {
        Tile::Entries(index) => (0, index),
        Tile::Hashes(level, index) => (level, index),
    };
    let shift = u32::from(TILE_HEIGHT) * u32::from(level);
    let items = tree_size.checked_shr(shift).unwrap_or(0);
    let first = index.saturating_mul(256);
    usize::try_from(items.saturating_sub(first).min(256)).unwrap_or(0).min(size(256))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::{Durability, Store};
    use crate::memory::MemoryDisk;
    use crate::merkle;

    #[test]
    fn paths_are_those_of_c2sp_tlog_tiles() {
        for (tile, path) in [
            (Tile::Hashes(0, 1_234_067), "log/tile/0/x001/x234/067"),
            (Tile::Hashes(1, 0), "log/tile/1/000"),
            (Tile::Entries(999), "log/tile/entries/999"),
            (Tile::Entries(1_000), "log/tile/entries/x001/000"),
            (Tile::Hashes(7, 1_000_000), "log/tile/7/x001/x000/000"),
        ] {
            assert_eq!(tile.file(), path);
            assert_eq!(Tile::of_file(path), Some((tile, 256)));
            assert_eq!(tile.partial_file(8), format!("{path}.p/8"));
            assert_eq!(Tile::of_file(&format!("{path}.p/8")), Some((tile, 8)));
        }
        for bad in [
            "log/tile/0/1",
            "log/tile/0/x000/001",
            "log/tile/00/001",
            "log/tile/0/001.p/0",
            "log/tile/0/001.p/256",
            "log/tile/0/001.p/08",
            "log/tile/x/001",
            "log/tile/0/+01",
        ] {
            assert_eq!(Tile::of_file(bad), None, "{bad}");
        }
    }

    fn leaf(seq: u64) -> Leaf {
        let mut leaf = [0; LEAF_LEN];
        leaf[..8].copy_from_slice(&seq.to_be_bytes());
        leaf
    }

    #[test]
    fn a_tree_of_70_000_entries_has_the_tiles_that_c2sp_counts() {
        // C2SP tlog-tiles, "Partial Tiles", the example.
        const SIZE: u64 = 70_000;
        let mut store = MemoryDisk::new().store();
        let mut edge = Edge::default();
        let mut full = Vec::new();
        let mut roots = Vec::new();
        for seq in 0..SIZE {
            edge.push(&leaf(seq), &mut full);
            if seq % 977 == 0 {
                roots.push((edge.size(), edge.root()));
            }
        }
        let of_level =
            |level| move |t: &&TileFile| matches!(t.tile, Tile::Hashes(l, _) if l == level);
        assert_eq!(full.iter().filter(of_level(0)).count(), 273);
        assert_eq!(full.iter().filter(of_level(1)).count(), 1);
        assert_eq!(full.iter().filter(|t| matches!(t.tile, Tile::Entries(_))).count(), 273);
        let partials = edge.partials();
        let widths: Vec<usize> = partials.iter().map(|t| t.width).collect();
        assert_eq!(widths, [112, 112, 17, 1]);
        for file in full.iter().chain(&partials) {
            assert_eq!(file.bytes.len(), file.width * file.tile.stride());
            let name = match file.width {
                TILE_WIDTH => file.tile.file(),
                width => file.tile.partial_file(width),
            };
            store.save(&name, &file.bytes, Durability::Cache).unwrap();
        }
        let loaded = Edge::load(&store, SIZE).unwrap().unwrap();
        assert_eq!(loaded.root(), edge.root());
        assert_eq!(loaded.partials().len(), 4);
        let cache = TileCache::default();
        let tree = Tree { edge: &loaded, source: &store, cache: &cache };
        for (size, root) in &roots {
            assert_eq!(merkle::root(&tree, *size).unwrap(), *root, "root of {size}");
        }
        let root = edge.root();
        for seq in (0..SIZE).step_by(997).chain([0, 65_535, 65_536, SIZE - 1]) {
            let path = merkle::inclusion(&tree, seq, SIZE).unwrap();
            let hash = leaf_hash(&leaf(seq));
            assert!(merkle::verify_inclusion(seq, SIZE, &hash, &path, &root), "{seq}");
        }
        for (size, older) in &roots {
            let proof = merkle::consistency(&tree, *size, SIZE).unwrap();
            assert!(merkle::verify_consistency(*size, SIZE, &proof, older, &root), "{size}");
        }
        let bundle = load_prefix(&store, Tile::Entries(273), 112).unwrap().unwrap();
        assert_eq!(leaf_of_bundle(&bundle, 111), Some(leaf(SIZE - 1)));
        assert_eq!(leaf_of_bundle(&bundle, 112), None);
    }
}
