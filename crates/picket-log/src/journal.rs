//! Walks the journal frame by frame, and checks the chains that its headers make.

use std::io;

use picket_model::{Epoch, LogClass, NodeId};

use crate::block::{Block, BlockError, Cursor, Hash, Header, size};
use crate::file::{FRAME_HEAD_LEN, Segment, Source, address, parse_frame_head, place};

/// Most bytes of blocks in one frame; a frame's head that says more is no head.
pub(crate) const FRAME_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Read ahead, so that small frames do not cost a system call each.
const WINDOW_BYTES: usize = 256 * 1024;

/// Walks over whole frames.
pub(crate) struct Walker<'s, S: ?Sized> {
    source: &'s S,
    segments: Vec<Segment>,
    /// Which of the segments, and where in it.
    turn: usize,
    offset: u64,
    window: Vec<u8>,
    window_len: usize,
    window_at: Option<(u32, u64)>,
}

/// What stands next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A frame whose blocks have the right checksums; the address of its first block.
    Frame { at: u64, head_at: u64 },
    /// Nothing but zeros to the end of the last file.
    End { at: Option<u64> },
    /// Something else.
    Bad(Bad),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bad {
    /// The end of the last good frame.
    pub(crate) end: u64,
    /// The block or byte that is wrong.
    pub(crate) at: u64,
    pub(crate) what: String,
    /// A newer program wrote it: no write of this one was torn.
    pub(crate) newer: bool,
}

impl<'s, S: Source + ?Sized> Walker<'s, S> {
    /// Begins at an address where a frame begins; files before it are not looked at.
    pub(crate) fn new(source: &'s S, from: u64) -> Self {
        let (number, offset) = place(from);
        let mut segments = source.segments();
        segments.retain(|segment| segment.number >= number);
        let (turn, offset) = match segments.first() {
            Some(first) if first.number == number => (0, offset),
            Some(_) | None => (segments.len(), 0),
        };
        Self { source, segments, turn, offset, window: Vec::new(), window_len: 0, window_at: None }
    }

    /// Goes to the next frame; `blocks` then gives its blocks.
    pub(crate) fn step(&mut self) -> io::Result<Step> {
        loop {
            let Some(segment) = self.segments.get(self.turn).copied() else {
                return Ok(Step::End { at: self.end() });
            };
            let left = segment.len.saturating_sub(self.offset);
            let head_len = usize::try_from(left).unwrap_or(usize::MAX).min(FRAME_HEAD_LEN);
            let head = self.bytes(segment.number, head_len)?;
            if head.iter().all(|byte| *byte == 0) {
                if let Some(at) = self.first_non_zero(segment)? {
                    return Ok(self.bad(segment, at, "bytes after the last block"));
                }
                self.turn += 1;
                if self.turn < self.segments.len() {
                    self.offset = 0;
                }
                continue;
            }
            let head = head.first_chunk::<FRAME_HEAD_LEN>().and_then(parse_frame_head);
            let Some((bytes, blocks)) = head.filter(|(bytes, _)| size(*bytes) <= FRAME_BYTES_MAX)
            else {
                return Ok(self.bad(segment, self.offset, "no frame begins here"));
            };
            let mut at = self.offset + FRAME_HEAD_LEN as u64;
            let whole = self.bytes(segment.number, FRAME_HEAD_LEN + size(bytes))?;
            let mut rest = whole.get(FRAME_HEAD_LEN..).unwrap_or(&[]);
            let mut fault = (rest.len() < size(bytes)).then(|| "the frame is cut short".to_owned());
            let mut count = 0;
            while fault.is_none() && !rest.is_empty() {
                match Block::parse(rest) {
                    Ok(block) => {
                        at += block.bytes().len() as u64;
                        rest = rest.get(block.bytes().len()..).unwrap_or(&[]);
                        count += 1;
                    }
                    Err(error) => fault = Some(error.to_string()),
                }
            }
            if fault.is_none() && count != blocks {
                fault = Some("the frame's count of blocks is wrong".to_owned());
            }
            if let Some(what) = fault {
                return Ok(self.bad(segment, at, &what));
            }
            let head_at = self.address(segment, self.offset);
            self.offset += (FRAME_HEAD_LEN + size(bytes)) as u64;
            return Ok(Step::Frame { at: head_at + FRAME_HEAD_LEN as u64, head_at });
        }
    }

    /// The bytes of the blocks of the frame that [`Walker::step`] just found at `at`.
    pub(crate) fn frame(&self, at: u64) -> &[u8] {
        let (_, from) = place(at);
        let Some((_, window_at)) = self.window_at else { return &[] };
        let range = usize::try_from(from.saturating_sub(window_at)).unwrap_or(usize::MAX)
            ..usize::try_from(self.offset.saturating_sub(window_at)).unwrap_or(usize::MAX);
        self.window.get(range).unwrap_or(&[])
    }

    /// Where the next frame would stand, after the end was reached.
    fn end(&self) -> Option<u64> {
        self.segments.last().map(|last| self.address(*last, self.offset))
    }

    fn address(&self, segment: Segment, offset: u64) -> u64 {
        address(segment.number, u32::try_from(offset).unwrap_or(u32::MAX))
    }

    fn bad(&self, segment: Segment, at: u64, what: &str) -> Step {
        let end = self.address(segment, self.offset);
        let newer = what == BlockError::Newer.to_string();
        Step::Bad(Bad { end, at: self.address(segment, at), what: what.to_owned(), newer })
    }

    /// Up to `len` bytes from the offset on.
    fn bytes(&mut self, number: u32, len: usize) -> io::Result<&[u8]> {
        let within = self.window_at.and_then(|(open, at)| {
            let skip = usize::try_from(self.offset.checked_sub(at)?).ok()?;
            (open == number && skip.checked_add(len)? <= self.window_len).then_some(skip)
        });
        let skip = match within {
            Some(skip) => skip,
            None => {
                let at = address(number, u32::try_from(self.offset).unwrap_or(u32::MAX));
                let wanted = len.max(WINDOW_BYTES);
                if self.window.len() < wanted {
                    self.window = vec![0; wanted];
                }
                self.window_len = self.source.read_raw(at, &mut self.window)?;
                self.window_at = Some((number, self.offset));
                0
            }
        };
        let end = (skip + len).min(self.window_len);
        Ok(self.window.get(skip..end).unwrap_or(&[]))
    }

    /// The first byte from the offset to the file's end that is not zero.
    fn first_non_zero(&mut self, segment: Segment) -> io::Result<Option<u64>> {
        let mut buffer = vec![0; WINDOW_BYTES];
        let mut at = self.offset;
        while at < segment.len {
            let there = self.source.read_raw(self.address(segment, at), &mut buffer)?;
            let bytes = buffer.get(..there).unwrap_or(&[]);
            if let Some(place) = bytes.iter().position(|byte| *byte != 0) {
                return Ok(Some(at + place as u64));
            }
            if there == 0 {
                break;
            }
            at += there as u64;
        }
        Ok(None)
    }
}

/// The blocks of a frame, whose checksums were looked at before.
pub(crate) fn blocks(mut frame: &[u8]) -> impl Iterator<Item = Block<'_>> {
    std::iter::from_fn(move || {
        let block = Block::parse_checked(frame).ok()?;
        frame = frame.get(block.bytes().len()..)?;
        Some(block)
    })
}

/// Whether a good frame begins anywhere after this address: then what is bad before it was
/// once synced, and is no torn tail.
pub(crate) fn frame_follows<S: Source + ?Sized>(source: &S, bad: &Bad) -> io::Result<bool> {
    let (number, offset) = place(bad.end);
    for segment in source.segments().into_iter().filter(|segment| segment.number >= number) {
        let from = if segment.number == number { offset + 1 } else { 0 };
        let len = usize::try_from(segment.len.saturating_sub(from)).map_err(io::Error::other)?;
        let mut bytes = vec![0; len];
        let at = address(segment.number, u32::try_from(from).unwrap_or(u32::MAX));
        let there = source.read_raw(at, &mut bytes)?;
        bytes.truncate(there);
        for (place, head) in bytes.windows(FRAME_HEAD_LEN).enumerate() {
            let head: Option<&[u8; FRAME_HEAD_LEN]> = head.first_chunk();
            if head.and_then(parse_frame_head).is_some()
                && bytes
                    .get(place + FRAME_HEAD_LEN..)
                    .is_some_and(|rest| Block::parse(rest).is_ok())
            {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Bytes of [`Chain::put`].
pub(crate) const CHAIN_LEN: usize = 8 + 4 + 4 + 7 * (32 + 4 + 8);

/// The chains that headers make: one of places, one of hashes and numbers for each class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chain {
    pub(crate) origin: NodeId,
    pub(crate) epoch: Epoch,
    /// The next entry's place.
    pub(crate) seq: u64,
    heads: [Head; 7],
    pub(crate) hlc: i64,
}

/// The last block of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Head {
    hash: Hash,
    epoch: Epoch,
    /// The next entry's number in its epoch.
    next: u64,
}

impl Chain {
    pub(crate) fn new(origin: NodeId, epoch: Epoch) -> Self {
        let head = Head { hash: [0; 32], epoch, next: 1 };
        Self { origin, epoch, seq: 0, heads: [head; 7], hlc: i64::MIN }
    }

    /// Number and previous hash for the next block of a class in this epoch.
    pub(crate) fn next(&self, class: LogClass, epoch: Epoch) -> (u64, Hash) {
        let head = self.heads.get(usize::from(class.number())).copied().unwrap_or_default();
        let number = if head.epoch == epoch { head.next } else { 1 };
        (number, head.hash)
    }

    /// Whether this header continues the chains.
    pub(crate) fn check(&self, header: &Header) -> Result<(), &'static str> {
        let (number, hash) = self.next(header.class, header.epoch);
        for (right, what) in [
            (header.origin == self.origin, "the block is of another node"),
            (header.seq.0 == self.seq, "the block's place does not follow the one before"),
            (header.epoch >= self.epoch, "the block's epoch is older than the one before"),
            (header.number == number, "the block's number leaves a hole in its class"),
            (header.prev_hash == hash, "the block does not name the one before it in its class"),
            (header.hlc_first > self.hlc, "the block's clock runs backwards"),
            (header.hlc_last >= header.hlc_first, "the block's clock runs backwards"),
        ] {
            if !right {
                return Err(what);
            }
        }
        Ok(())
    }

    /// Appends all but origin and place.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.hlc.to_le_bytes());
        out.extend_from_slice(&self.epoch.0.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        for head in &self.heads {
            out.extend_from_slice(&head.hash);
            out.extend_from_slice(&head.epoch.0.to_le_bytes());
            out.extend_from_slice(&head.next.to_le_bytes());
        }
    }

    /// Reads [`Chain::put`].
    pub(crate) fn take(origin: NodeId, seq: u64, c: &mut Cursor<'_>) -> Option<Self> {
        let hlc = i64::from_le_bytes(c.take()?);
        let epoch = Epoch(c.u32()?);
        c.u32().filter(|zero| *zero == 0)?;
        let mut heads = [Head::default(); 7];
        for head in &mut heads {
            *head = Head { hash: c.take()?, epoch: Epoch(c.u32()?), next: c.u64()? };
        }
        Some(Self { origin, epoch, seq, heads, hlc })
    }

    pub(crate) fn accept(&mut self, header: &Header, hash: Hash) {
        self.epoch = header.epoch;
        self.seq = header.seq_end();
        self.hlc = header.hlc_last;
        if let Some(head) = self.heads.get_mut(usize::from(header.class.number())) {
            let next = header.number.saturating_add(u64::from(header.count));
            *head = Head { hash, epoch: header.epoch, next };
        }
    }
}
