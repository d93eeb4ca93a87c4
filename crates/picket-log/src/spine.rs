//! The spine and the bodies: what a journal becomes when it is sealed.
//!
//! `log/spine/<n>.s` stays for ever. It has, of the blocks of journal `n` in their order, all
//! but the bodies:
//!
//! | bytes | head: 16 |
//! |---|---|
//! | 4 | `PSPN` |
//! | 1 + 3 | version 1, zeros |
//! | 4 | number of the journal |
//! | 4 | CRC-32C of these 12 bytes |
//!
//! | bytes | a row: 208, one for each block |
//! |---|---|
//! | 168 | the block's header |
//! | 32 | the block's hash |
//! | 4 | offset of its body in `log/body/<group>/<n>.b`; all ones if it was dropped before |
//! | 4 | CRC-32C of the row before this field |
//!
//! | bytes | foot: 520 |
//! |---|---|
//! | 4 | `PSPF` |
//! | 4 + 4 + 4 | number of the journal, count of rows, zeros |
//! | 8 + 8 | seq of the first entry, and of the first entry after |
//! | 32 | root of the tree over all entries before the latter |
//! | 8 + 4 + 4 | hybrid logical clock and epoch of the last block, zeros |
//! | 7 · 44 | of each class: hash and epoch of its last block, its next number (32 + 4 + 8) |
//! | 32 | SHA-256 of head and rows |
//! | 32 | SHA-256 of the foot before; zeros in the first |
//! | 64 | Ed25519 by the log's key of `picket-log spine v1`, a newline, and the foot so far |
//! | 4 | CRC-32C of the foot before this field |
//!
//! A body file has nothing but bodies, one after another, as its rows say. All numbers are
//! little-endian. The feet are a chain: whoever checks the signature of the last has checked
//! what all of them say, and the last says where the chains of blocks and the tree stand.

use picket_model::NodeId;

use crate::block::{Cursor, HEADER_LEN, Hash, Header, sha256};
use crate::checkpoint::{Signer, Verifier};
use crate::crc::crc32c;
use crate::file::{Source, io_at};
use crate::journal::{CHAIN_LEN, Chain};
use crate::key::GroupId;
use crate::{LogError, Position};

/// The folder of spines.
pub(crate) const SPINE_FOLDER: &str = "log/spine";
/// The folder of bodies.
pub(crate) const BODY_FOLDER: &str = "log/body";

/// The spine of a journal.
pub(crate) fn spine_file(number: u32) -> String {
    format!("{SPINE_FOLDER}/{number:08}.s")
}

/// The spine while it is made.
pub(crate) fn spine_draft(number: u32) -> String {
    format!("{SPINE_FOLDER}/{number:08}.tmp")
}

/// The journal of a spine's name; `None` if it is no spine's.
pub(crate) fn number_of_spine(name: &str) -> Option<u32> {
    let digits = name.strip_prefix(SPINE_FOLDER)?.strip_prefix('/')?.strip_suffix(".s")?;
    digits.parse().ok().filter(|number| spine_file(*number) == name)
}

/// The bodies of a group.
pub(crate) fn body_folder(group: GroupId) -> String {
    format!("{BODY_FOLDER}/{group}")
}

/// The bodies of a group from one journal.
pub(crate) fn body_file(group: GroupId, number: u32) -> String {
    format!("{BODY_FOLDER}/{group}/{number:08}.b")
}

/// The group and journal of a body file's name; `None` if it is none's.
pub(crate) fn of_body_file(name: &str) -> Option<(GroupId, u32)> {
    let rest = name.strip_prefix(BODY_FOLDER)?.strip_prefix('/')?;
    let (group, file) = rest.split_once('/')?;
    let group = GroupId(picket_model::id::parse_hex(group)?);
    let number = file.strip_suffix(".b")?.parse().ok()?;
    (body_file(group, number) == name).then_some((group, number))
}

pub(crate) const HEAD_LEN: usize = 16;
pub(crate) const ROW_LEN: usize = HEADER_LEN + 32 + 4 + 4;
pub(crate) const FOOT_LEN: usize = SIGNED_LEN + 64 + 4;
const SIGNED_LEN: usize = 4 * 4 + 8 + 8 + 32 + CHAIN_LEN + 32 + 32;
const HEAD_MAGIC: &[u8; 4] = b"PSPN";
const FOOT_MAGIC: &[u8; 4] = b"PSPF";
const VERSION: u8 = 1;
const DROPPED: u32 = u32::MAX;
const CONTEXT: &[u8] = b"picket-log spine v1\n";

/// The head of a spine.
pub(crate) fn head(number: u32) -> [u8; HEAD_LEN] {
    let mut out = [0; HEAD_LEN];
    let fields = HEAD_MAGIC.iter().copied().chain([VERSION, 0, 0, 0]).chain(number.to_le_bytes());
    for (to, from) in out.iter_mut().zip(fields) {
        *to = from;
    }
    if let Some((covered, crc)) = out.split_last_chunk_mut::<4>() {
        *crc = crc32c(&[covered]).to_le_bytes();
    }
    out
}

/// Appends the row of a block to `out`.
pub(crate) fn put_row(
    header: &[u8; HEADER_LEN],
    hash: &Hash,
    body_at: Option<u32>,
    out: &mut Vec<u8>,
) {
    let start = out.len();
    out.extend_from_slice(header);
    out.extend_from_slice(hash);
    out.extend_from_slice(&body_at.unwrap_or(DROPPED).to_le_bytes());
    let crc = crc32c(&[out.get(start..).unwrap_or(&[])]);
    out.extend_from_slice(&crc.to_le_bytes());
}

/// What is kept of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) header: Header,
    pub(crate) hash: Hash,
    /// Where its body stands in its file, unless it was dropped before the journal was sealed.
    pub(crate) body_at: Option<u32>,
}

impl Row {
    pub(crate) fn parse(bytes: &[u8; ROW_LEN]) -> Result<Self, String> {
        let wrong = || "the row's checksum is wrong".to_owned();
        let (covered, crc) = bytes.split_last_chunk::<4>().ok_or_else(wrong)?;
        if crc32c(&[covered]) != u32::from_le_bytes(*crc) {
            return Err(wrong());
        }
        let header = Header::parse(covered).map_err(|error| error.to_string())?;
        let mut c = Cursor(covered.get(HEADER_LEN..).unwrap_or(&[]));
        let (Some(hash), Some(at)) = (c.take(), c.u32()) else { return Err(wrong()) };
        Ok(Self { header, hash, body_at: Some(at).filter(|at| *at != DROPPED) })
    }
}

/// What a spine says of all its rows, signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Foot {
    pub(crate) number: u32,
    pub(crate) rows: u32,
    /// The place of the first entry.
    pub(crate) first: u64,
    /// Where the chains of blocks stand after the last row.
    pub(crate) chain: Chain,
    /// The root of the tree over all entries so far.
    pub(crate) root: Hash,
    /// SHA-256 of head and rows.
    pub(crate) hash: Hash,
    /// SHA-256 of the foot before.
    pub(crate) previous: Hash,
}

impl Foot {
    fn covered(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(FOOT_LEN);
        out.extend_from_slice(FOOT_MAGIC);
        out.extend_from_slice(&self.number.to_le_bytes());
        out.extend_from_slice(&self.rows.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&self.first.to_le_bytes());
        out.extend_from_slice(&self.chain.seq.to_le_bytes());
        out.extend_from_slice(&self.root);
        self.chain.put(&mut out);
        out.extend_from_slice(&self.hash);
        out.extend_from_slice(&self.previous);
        out
    }

    /// The foot's bytes; `None` only if the cipher fails.
    pub(crate) fn sign(&self, signer: &Signer) -> Option<Vec<u8>> {
        let mut out = self.covered();
        let signature = signer.sign_bytes(&[CONTEXT, &out].concat())?;
        out.extend_from_slice(&signature);
        out.extend_from_slice(&crc32c(&[&out]).to_le_bytes());
        Some(out)
    }

    /// Reads a foot of this node's log; its signature is not looked at.
    pub(crate) fn parse(bytes: &[u8; FOOT_LEN], origin: NodeId) -> Option<Self> {
        let (covered, crc) = bytes.split_last_chunk::<4>()?;
        if crc32c(&[covered]) != u32::from_le_bytes(*crc) {
            return None;
        }
        let mut c = Cursor(covered.strip_prefix(FOOT_MAGIC)?);
        let (number, rows, zero) = (c.u32()?, c.u32()?, c.u32()?);
        let (first, end, root) = (c.u64()?, c.u64()?, c.take()?);
        let chain = Chain::take(origin, end, &mut c)?;
        let foot = Self { number, rows, first, chain, root, hash: c.take()?, previous: c.take()? };
        let same = covered.starts_with(&foot.covered());
        (zero == 0 && same).then_some(foot)
    }
}

/// Whether the log's key signed this foot.
pub(crate) fn is_signed(foot: &[u8; FOOT_LEN], verifier: &Verifier) -> bool {
    let signed = foot.get(..SIGNED_LEN).unwrap_or(&[]);
    let signature = foot.get(SIGNED_LEN..SIGNED_LEN + 64).unwrap_or(&[]);
    verifier.verify_bytes(&[CONTEXT, signed].concat(), signature).is_some()
}

/// A sealed journal, as far as reading needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sealed {
    pub(crate) number: u32,
    pub(crate) rows: u32,
    /// The place of the first entry, and of the first entry after.
    pub(crate) first: u64,
    pub(crate) end: u64,
    /// The clock of the last block.
    pub(crate) hlc: i64,
}

/// All spines of a log, without their rows.
#[derive(Debug, Clone)]
pub(crate) struct Spines {
    pub(crate) all: Vec<Sealed>,
    /// Where the chains stand after the last.
    pub(crate) chain: Chain,
    /// The root after the last.
    pub(crate) root: Hash,
    /// SHA-256 of the last foot.
    pub(crate) last: Hash,
}

impl Spines {
    pub(crate) fn new(chain: Chain) -> Self {
        Self { all: Vec::new(), chain, root: crate::merkle::empty_root(), last: [0; 32] }
    }

    /// The number of the first journal that is not sealed.
    pub(crate) fn next(&self) -> u32 {
        u32::try_from(self.all.len()).unwrap_or(u32::MAX)
    }

    /// The first entry that is not sealed.
    pub(crate) fn end(&self) -> u64 {
        self.all.last().map_or(0, |last| last.end)
    }

    /// Takes a foot that continues the ones before.
    pub(crate) fn push(&mut self, foot: Foot, bytes: &[u8]) -> Result<(), &'static str> {
        for (right, what) in [
            (foot.number == self.next(), "the spine's foot is of another journal"),
            (foot.previous == self.last, "the spine does not name the one before it"),
            (foot.first == self.end(), "the spine does not follow the one before it"),
            (foot.chain.seq >= foot.first, "the spine ends before it begins"),
        ] {
            if !right {
                return Err(what);
            }
        }
        let Foot { number, rows, first, chain, root, .. } = foot;
        self.all.push(Sealed { number, rows, first, end: chain.seq, hlc: chain.hlc });
        self.chain = chain;
        self.root = root;
        self.last = sha256(&[bytes]);
        Ok(())
    }

    /// Reads the feet of all spines, and checks that they follow one another and that the log's
    /// key signed the last. The rows are looked at when they are read.
    ///
    /// # Errors
    /// [`LogError::Damaged`] naming the first spine that is not as it was written.
    pub(crate) fn load<S: Source + ?Sized>(
        source: &S,
        chain: Chain,
        verifier: Option<&Verifier>,
    ) -> Result<Self, LogError> {
        let mut spines = Self::new(chain);
        let names = source.list(SPINE_FOLDER).map_err(io_at("list", SPINE_FOLDER))?;
        let count = names.iter().filter_map(|name| number_of_spine(name)).max();
        let count = count.map_or(0, |last| last.saturating_add(1));
        let mut last = None;
        for number in 0..count {
            let (foot, bytes, at) = load_foot(source, number, &spines.chain)?;
            let bad = |what| LogError::Damaged(Position::new(spine_file(number), at, what));
            spines.push(foot, &bytes).map_err(bad)?;
            last = Some((bytes, at));
        }
        if let (Some((bytes, at)), Some(verifier)) = (last, verifier)
            && !is_signed(&bytes, verifier)
        {
            let name = spine_file(count.saturating_sub(1));
            return Err(LogError::Damaged(Position::new(name, at, NOT_SIGNED)));
        }
        Ok(spines)
    }

    /// Which of the sealed journals has this entry; all of them if it is in none.
    pub(crate) fn with(&self, seq: u64) -> usize {
        self.all.partition_point(|sealed| sealed.end <= seq)
    }
}

pub(crate) const NOT_SIGNED: &str = "the log's key did not sign the spine's foot";

/// The foot of a spine, its bytes, and where it stands.
pub(crate) fn load_foot<S: Source + ?Sized>(
    source: &S,
    number: u32,
    chain: &Chain,
) -> Result<(Foot, [u8; FOOT_LEN], u64), LogError> {
    let name = spine_file(number);
    let bad = |at, what: &str| {
        LogError::Damaged(Position::new(name.clone(), at, what).since_seq(chain.seq))
    };
    let len = source.len_of(&name).map_err(io_at("read", &name))?;
    let len = len.ok_or_else(|| bad(0, "the spine is missing"))?;
    let Some(at) = len.checked_sub(FOOT_LEN as u64) else {
        return Err(bad(0, "the spine is cut short"));
    };
    let mut bytes = [0; FOOT_LEN];
    let there = source.read_part(&name, at, &mut bytes).map_err(io_at("read", &name))?;
    let foot = Foot::parse(&bytes, chain.origin).filter(|_| there == FOOT_LEN);
    let foot = foot.ok_or_else(|| bad(at, "no spine's foot stands at its end"))?;
    let rows = HEAD_LEN as u64 + u64::from(foot.rows) * ROW_LEN as u64;
    if rows != at {
        return Err(bad(at, "the spine has other rows than its foot says"));
    }
    Ok((foot, bytes, at))
}

/// Where a row stands in its file.
pub(crate) fn row_at(row: u32) -> u64 {
    HEAD_LEN as u64 + u64::from(row) * ROW_LEN as u64
}

/// The row of a sealed journal that has this entry.
pub(crate) fn find_row<S: Source + ?Sized>(
    source: &S,
    sealed: &Sealed,
    seq: u64,
) -> Result<u32, LogError> {
    let name = spine_file(sealed.number);
    let (mut low, mut high) = (0, sealed.rows);
    while low < high {
        let middle = low.midpoint(high);
        let mut bytes = [0; ROW_LEN];
        let there = source.read_part(&name, row_at(middle), &mut bytes);
        let there = there.map_err(io_at("read", &name))?;
        let row = if there == ROW_LEN { Row::parse(&bytes) } else { Err(CUT.to_owned()) };
        let bad = |what| LogError::Damaged(Position::new(&*name, row_at(middle), what));
        if row.map_err(bad)?.header.seq_end() <= seq {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

pub(crate) const CUT: &str = "the spine is cut short";
