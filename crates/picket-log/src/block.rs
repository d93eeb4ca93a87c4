//! The block: the only unit that is stored, sent and acknowledged.
//!
//! 1 to [`ENTRIES_MAX`] entries of one origin, class and retention group, at most
//! [`BLOCK_BYTES_MAX`] bytes, never cut anew. All numbers are little-endian.
//!
//! | offset | bytes | field |
//! |---|---|---|
//! | 0 | 4 | `PBLK` |
//! | 4 | 1 | version, 1 |
//! | 5 | 1 | class, 0 to 6 |
//! | 6 | 1 | packing: 0 as it is, 1 zstd |
//! | 7 | 1 | zero |
//! | 8 | 16 | origin |
//! | 24 | 4 | epoch |
//! | 28 | 4 | key id: generation of the group's key, 1 |
//! | 32 | 16 | group |
//! | 48 | 8 | number of the first entry in (origin, epoch, class), from 1 |
//! | 56 | 8 | seq of the first entry in this log, from 0 |
//! | 64 | 4 | count of entries |
//! | 68 | 4 | clock error, ms; all ones if unknown |
//! | 72 | 16 | hybrid logical clock of the first and the last entry, ns |
//! | 88 | 4 | dictionary of the packing, 0 for none |
//! | 92 | 4 | length of the entries before packing |
//! | 96 | 32 | hash of the class's block before this one; zeros for the first |
//! | 128 | 32 | SHA-256 of the entries' leaves, one after another |
//! | 160 | 4 | length of the body |
//! | 164 | 4 | CRC-32C of the header before this field and the body |
//! | 168 | .. | body |
//!
//! The body is AES-256-GCM-SIV of the packed entries under the group's body key; associated
//! data are the header's first 164 bytes, the nonce is seq and epoch. Entries stand one
//! after another, each as a length of 4 bytes and its canonical bytes
//! (`picket_model::wire`). The block's hash is SHA-256 of header and body. The leaves'
//! hash ties the block to the tree even when the key of its body is destroyed.

use aws_lc_rs::digest;
use picket_model::{Epoch, LogClass, NodeId, Seq};

use crate::crc::crc32c;
use crate::key::{GroupId, GroupKey, TAG_LEN};

/// Bytes of a block's header.
pub const HEADER_LEN: usize = 168;
/// Most bytes of a block: what one sync makes durable at a cost hardly above that of one entry.
pub const BLOCK_BYTES_MAX: usize = 256 * 1024;
/// Most entries of a block.
pub const ENTRIES_MAX: usize = 1_000;
/// Most bytes of a block's entries before packing, each with its length.
pub const PLAIN_MAX: usize = BLOCK_BYTES_MAX - HEADER_LEN - TAG_LEN;

/// A SHA-256.
pub type Hash = [u8; 32];

const MAGIC: &[u8; 4] = b"PBLK";
const VERSION: u8 = 1;
const AD_LEN: usize = HEADER_LEN - 4;
const CLOCK_UNKNOWN: u32 = u32::MAX;

/// The plain, authenticated part of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The importance of all its entries.
    pub class: LogClass,
    /// How the entries are packed.
    pub packing: Packing,
    /// The node that made it.
    pub origin: NodeId,
    /// The origin's epoch.
    pub epoch: Epoch,
    /// The generation of the group's key.
    pub key: u32,
    /// The retention group.
    pub group: GroupId,
    /// The number of the first entry in (origin, epoch, class), from 1.
    pub number: u64,
    /// The place of the first entry in this log.
    pub seq: Seq,
    /// How many entries it holds.
    pub count: u32,
    /// How far the origin's clock may have been off, milliseconds; `None` if unknown.
    pub clock_err_ms: Option<u32>,
    /// Hybrid logical clock of the first entry, nanoseconds.
    pub hlc_first: i64,
    /// Hybrid logical clock of the last entry, nanoseconds.
    pub hlc_last: i64,
    /// The dictionary of the packing; 0 for none.
    pub dict: u32,
    /// Bytes of the entries before packing.
    pub plain_len: u32,
    /// The hash of the class's block before this one.
    pub prev_hash: Hash,
    /// The SHA-256 of the entries' leaves, one after another.
    pub leaves_hash: Hash,
    /// Bytes of the body.
    pub body_len: u32,
}

/// How a block's entries are packed. Append only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Packing {
    /// As they are.
    Plain = 0,
    /// One zstd frame (RFC 8878).
    Zstd = 1,
}

/// Why bytes are no block. The bytes are at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlockError {
    /// They do not begin as a block does.
    #[error("no block begins here")]
    NoBlock,
    /// They end before the block does.
    #[error("the block is cut short")]
    Cut,
    /// A newer program wrote them.
    #[error("the block is of a newer version")]
    Newer,
    /// A field has a value that it cannot have.
    #[error("the block's field {0} is out of range")]
    Field(&'static str),
    /// The checksum differs.
    #[error("the block's checksum is wrong")]
    Checksum,
    /// The body does not open under the group's key.
    #[error("the block's body does not open under its group's key")]
    Seal,
    /// The body opens, but its entries are not as the header says.
    #[error("the block's entries are not as its header says")]
    Entries,
}

impl Header {
    fn encode(&self) -> [u8; HEADER_LEN] {
        let mut out = Vec::with_capacity(HEADER_LEN);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&[VERSION, self.class.number(), self.packing as u8, 0]);
        out.extend_from_slice(&self.origin.0);
        out.extend_from_slice(&self.epoch.0.to_le_bytes());
        out.extend_from_slice(&self.key.to_le_bytes());
        out.extend_from_slice(&self.group.0);
        out.extend_from_slice(&self.number.to_le_bytes());
        out.extend_from_slice(&self.seq.0.to_le_bytes());
        out.extend_from_slice(&self.count.to_le_bytes());
        out.extend_from_slice(&self.clock_err_ms.unwrap_or(CLOCK_UNKNOWN).to_le_bytes());
        out.extend_from_slice(&self.hlc_first.to_le_bytes());
        out.extend_from_slice(&self.hlc_last.to_le_bytes());
        out.extend_from_slice(&self.dict.to_le_bytes());
        out.extend_from_slice(&self.plain_len.to_le_bytes());
        out.extend_from_slice(&self.prev_hash);
        out.extend_from_slice(&self.leaves_hash);
        out.extend_from_slice(&self.body_len.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        let mut header = [0; HEADER_LEN];
        header.copy_from_slice(&out);
        header
    }

    /// Reads a header; the checksum is not looked at.
    ///
    /// # Errors
    /// [`BlockError`] if it is cut, newer, or a field is out of range.
    pub fn parse(bytes: &[u8]) -> Result<Self, BlockError> {
        if !bytes.starts_with(MAGIC) {
            return Err(BlockError::NoBlock);
        }
        let mut c = Cursor(bytes.get(4..HEADER_LEN).ok_or(BlockError::Cut)?);
        Self::take(&mut c).ok_or(BlockError::Cut)?
    }

    fn take(c: &mut Cursor<'_>) -> Option<Result<Self, BlockError>> {
        let [version, class, packing, zero] = c.take()?;
        if version > VERSION {
            return Some(Err(BlockError::Newer));
        }
        let Some(class) = LogClass::from_number(class) else {
            return Some(Err(BlockError::Field("class")));
        };
        let packing = match packing {
            0 => Packing::Plain,
            1 => Packing::Zstd,
            _ => return Some(Err(BlockError::Field("packing"))),
        };
        let header = Self {
            class,
            packing,
            origin: NodeId(c.take()?),
            epoch: Epoch(c.u32()?),
            key: c.u32()?,
            group: GroupId(c.take()?),
            number: c.u64()?,
            seq: Seq(c.u64()?),
            count: c.u32()?,
            clock_err_ms: Some(c.u32()?).filter(|ms| *ms != CLOCK_UNKNOWN),
            hlc_first: i64::from_le_bytes(c.take()?),
            hlc_last: i64::from_le_bytes(c.take()?),
            dict: c.u32()?,
            plain_len: c.u32()?,
            prev_hash: c.take()?,
            leaves_hash: c.take()?,
            body_len: c.u32()?,
        };
        let count_fits = (1..=ENTRIES_MAX).contains(&header.count_usize());
        let body_fits = (TAG_LEN..=PLAIN_MAX + TAG_LEN).contains(&size(header.body_len));
        let plain_fits = (5..=PLAIN_MAX).contains(&size(header.plain_len));
        for (fits, field) in [
            (version == VERSION && zero == 0, "version"),
            (count_fits, "count"),
            (body_fits, "body length"),
            (plain_fits, "length of the entries"),
            (header.number > 0, "number"),
            (header.number.checked_add(u64::from(header.count)).is_some(), "number"),
            (header.seq.0.checked_add(u64::from(header.count)).is_some(), "seq"),
            (header.key > 0, "key"),
        ] {
            if !fits {
                return Some(Err(BlockError::Field(field)));
            }
        }
        Some(Ok(header))
    }

    /// How many entries it holds.
    #[must_use]
    pub fn count_usize(&self) -> usize {
        size(self.count)
    }

    /// The first place after its entries.
    #[must_use]
    pub fn seq_end(&self) -> u64 {
        self.seq.0.saturating_add(u64::from(self.count))
    }

    fn nonce(&self) -> [u8; 12] {
        let mut nonce = [0; 12];
        let parts = self.seq.0.to_le_bytes().into_iter().chain(self.epoch.0.to_le_bytes());
        for (to, from) in nonce.iter_mut().zip(parts) {
            *to = from;
        }
        nonce
    }
}

/// A block whose checksum is right.
#[derive(Debug, Clone)]
pub struct Block<'b> {
    /// Its header.
    pub header: Header,
    bytes: &'b [u8],
}

impl<'b> Block<'b> {
    /// Reads the block at the start of these bytes; what follows is left alone.
    ///
    /// # Errors
    /// [`BlockError`] if none is there whole.
    pub fn parse(bytes: &'b [u8]) -> Result<Self, BlockError> {
        let header = Header::parse(bytes)?;
        let bytes = bytes.get(..HEADER_LEN + size(header.body_len)).ok_or(BlockError::Cut)?;
        let (head, body) = bytes.split_first_chunk::<HEADER_LEN>().ok_or(BlockError::Cut)?;
        let (covered, crc) = head.split_last_chunk::<4>().ok_or(BlockError::Cut)?;
        if crc32c(&[covered, body]) != u32::from_le_bytes(*crc) {
            return Err(BlockError::Checksum);
        }
        Ok(Self { header, bytes })
    }

    /// As [`Block::parse`], of bytes whose checksum was looked at before.
    pub(crate) fn parse_checked(bytes: &'b [u8]) -> Result<Self, BlockError> {
        let header = Header::parse(bytes)?;
        let bytes = bytes.get(..HEADER_LEN + size(header.body_len)).ok_or(BlockError::Cut)?;
        Ok(Self { header, bytes })
    }

    /// All its bytes.
    #[must_use]
    pub const fn bytes(&self) -> &'b [u8] {
        self.bytes
    }

    /// Its header's bytes and its body.
    pub(crate) fn parts(&self) -> Option<(&'b [u8; HEADER_LEN], &'b [u8])> {
        self.bytes.split_first_chunk()
    }

    /// SHA-256 of header and body.
    #[must_use]
    pub fn hash(&self) -> Hash {
        sha256(&[self.bytes])
    }
}

/// Opens bodies; keeps its buffers.
pub(crate) struct Opener {
    zstd: Option<zstd::bulk::Decompressor<'static>>,
    sealed: Vec<u8>,
    plain: Vec<u8>,
}

impl Opener {
    pub(crate) fn new() -> Self {
        let zstd = zstd::bulk::Decompressor::new().ok();
        Self { zstd, sealed: Vec::new(), plain: Vec::new() }
    }

    /// The entries of a block, each with its length; see [`entries`].
    pub(crate) fn open(&mut self, block: &Block<'_>, key: &GroupKey) -> Result<&[u8], BlockError> {
        let (head, body) = block.bytes.split_at_checked(HEADER_LEN).ok_or(BlockError::Cut)?;
        let ad = head.get(..AD_LEN).ok_or(BlockError::Cut)?;
        self.sealed.clear();
        self.sealed.extend_from_slice(body);
        let nonce = block.header.nonce();
        let packed = key.open(nonce, ad, &mut self.sealed).ok_or(BlockError::Seal)?;
        self.plain.clear();
        match block.header.packing {
            Packing::Plain => self.plain.extend_from_slice(packed),
            Packing::Zstd => {
                self.plain.reserve(size(block.header.plain_len));
                let zstd = self.zstd.as_mut().ok_or(BlockError::Entries)?;
                let done = zstd.decompress_to_buffer(packed, &mut self.plain);
                done.map_err(|_| BlockError::Entries)?;
            }
        }
        let split = entries(&self.plain).try_fold(0_usize, |count, entry| entry.map(|_| count + 1));
        if self.plain.len() == size(block.header.plain_len)
            && split == Some(block.header.count_usize())
        {
            Ok(&self.plain)
        } else {
            Err(BlockError::Entries)
        }
    }
}

/// The canonical bytes of each entry in an opened body; `None` where they are cut.
pub(crate) fn entries(plain: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    let mut c = Cursor(plain);
    std::iter::from_fn(move || {
        if c.0.is_empty() {
            return None;
        }
        let entry = c.u32().and_then(|len| c.slice(size(len)));
        if entry.is_none() {
            c.0 = &[];
        }
        Some(entry)
    })
}

/// Packs blocks; keeps its buffers.
pub(crate) struct Packer {
    zstd: Option<zstd::bulk::Compressor<'static>>,
    packed: Vec<u8>,
}

impl Packer {
    pub(crate) fn new() -> Self {
        // Level 1: entries of 300 bytes shrink to a third at several hundred MB/s.
        Self { zstd: zstd::bulk::Compressor::new(1).ok(), packed: Vec::new() }
    }

    /// Appends the block of these entries to `out`; sets the header's packing and lengths.
    /// `None` only if the cipher fails, which it does for no input of this size.
    pub(crate) fn seal(
        &mut self,
        header: &mut Header,
        plain: &[u8],
        key: &GroupKey,
        out: &mut Vec<u8>,
    ) -> Option<Hash> {
        let packed = self.pack(plain);
        header.packing = if packed { Packing::Zstd } else { Packing::Plain };
        let body: &[u8] = if packed { &self.packed } else { plain };
        header.plain_len = u32::try_from(plain.len()).ok()?;
        header.body_len = u32::try_from(body.len() + TAG_LEN).ok()?;
        let mut head = header.encode();
        let start = out.len();
        out.extend_from_slice(&head);
        out.extend_from_slice(body);
        let sealed = out.get_mut(start + HEADER_LEN..)?;
        let ad = head.get(..AD_LEN)?;
        let tag = key.seal(header.nonce(), ad, sealed)?;
        out.extend_from_slice(&tag);
        let crc = crc32c(&[ad, out.get(start + HEADER_LEN..)?]);
        *head.last_chunk_mut()? = crc.to_le_bytes();
        out.get_mut(start..start + HEADER_LEN)?.copy_from_slice(&head);
        Some(sha256(&[out.get(start..)?]))
    }

    fn pack(&mut self, plain: &[u8]) -> bool {
        let Some(zstd) = &mut self.zstd else { return false };
        self.packed.clear();
        self.packed.reserve(zstd::zstd_safe::compress_bound(plain.len()));
        zstd.compress_to_buffer(plain, &mut self.packed).is_ok() && self.packed.len() < plain.len()
    }
}

pub(crate) fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// A length on the wire as one in memory; this program runs where that always fits.
pub(crate) fn size(len: u32) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}

/// Reads from the front, never past the end.
pub(crate) struct Cursor<'b>(pub(crate) &'b [u8]);

impl<'b> Cursor<'b> {
    pub(crate) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }

    pub(crate) fn slice(&mut self, len: usize) -> Option<&'b [u8]> {
        let (head, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(head)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }
}
