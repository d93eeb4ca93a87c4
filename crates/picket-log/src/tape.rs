//! Reads the blocks of a log in order, wherever they stand: of sealed journals from spine and
//! bodies, of the others from the journal.
//!
//! A header is at hand at each step; the body of a sealed block is read when it is asked for,
//! so that what was dropped is not missed by those who do not need it.

use std::collections::BTreeMap;

use crate::block::{Block, HEADER_LEN, Hash, Header, size};
use crate::file::{Source, address, io_at, place, segment_file};
use crate::journal::{Bad, Step, Walker};
use crate::key::GroupId;
use crate::spine::{CUT, ROW_LEN, Row, Spines, body_file, find_row, row_at, spine_file};
use crate::{LogError, Position};

/// Where a block stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// At an address of the journal.
    Journal(u64),
    /// In a row of a sealed journal's spine.
    Spine { number: u32, row: u32 },
    /// At an offset of a sealed group's bodies.
    Body { number: u32, group: GroupId, at: u32 },
}

impl Place {
    pub(crate) fn position(self, what: impl Into<String>) -> Position {
        match self {
            Self::Journal(at) => {
                let (number, offset) = place(at);
                Position::new(segment_file(number), offset, what)
            }
            Self::Spine { number, row } => Position::new(spine_file(number), row_at(row), what),
            Self::Body { number, group, at } => {
                Position::new(body_file(group, number), u64::from(at), what)
            }
        }
    }

    /// What is wrong with the entries of a block.
    pub(crate) fn damage(self, header: &Header, what: impl std::fmt::Display) -> LogError {
        let position = self.position(what.to_string());
        LogError::Damaged(position.since_seq(header.seq.0).until_seq(header.seq_end()))
    }
}

/// A block that the tape has come to.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) header: Header,
    /// Where the header stands.
    pub(crate) place: Place,
    /// Where the body stands, unless it was dropped before the journal was sealed.
    pub(crate) body: Option<Place>,
    /// The block's hash, as its spine has it.
    pub(crate) hash: Option<Hash>,
}

/// Reads block after block.
pub(crate) struct Tape<'r, S: ?Sized> {
    source: &'r S,
    spines: &'r Spines,
    /// Which sealed journal, and which of its rows is next.
    turn: usize,
    row: u32,
    rows: Window,
    bodies: BTreeMap<GroupId, (u32, Window)>,
    walker: Walker<'r, S>,
    /// Of the frame in the walker: the address of its next block, and of its first.
    frame: Option<(u64, u64)>,
    /// The place of the entry that must come next, after the first block.
    next: Option<u64>,
    here: Option<Item>,
    block: Vec<u8>,
}

/// Bytes of a file that were read ahead.
#[derive(Default)]
struct Window {
    at: u64,
    bytes: Vec<u8>,
}

/// Bytes read ahead, of a spine and of each group's bodies, once they are read in a row.
const WINDOW_BYTES: usize = 256 * 1024;
/// Most groups whose bodies are read ahead: 16 windows are 4 MiB.
const WINDOWS_MAX: usize = 16;

impl<'r, S: Source + ?Sized> Tape<'r, S> {
    /// Begins at or before the block with this entry. `at` is the address in the journals of a
    /// frame at or before it, where it is not sealed.
    pub(crate) fn new(
        source: &'r S,
        spines: &'r Spines,
        seq: u64,
        at: u64,
    ) -> Result<Self, LogError> {
        let turn = spines.with(seq);
        let row = match spines.all.get(turn) {
            Some(sealed) => find_row(source, sealed, seq)?,
            None => 0,
        };
        let at = at.max(address(spines.next(), 0));
        Ok(Self {
            source,
            spines,
            turn,
            row,
            rows: Window::default(),
            bodies: BTreeMap::new(),
            walker: Walker::new(source, at),
            frame: None,
            next: None,
            here: None,
            block: Vec::new(),
        })
    }

    /// Goes to the next block; `None` at the end of the last journal.
    pub(crate) fn next(&mut self) -> Result<Option<Item>, LogError> {
        self.here = self.next_sealed()?;
        if self.here.is_none() {
            self.here = self.next_in_journal()?;
        }
        if let Some(item) = &self.here {
            if self.next.is_some_and(|next| next != item.header.seq.0) {
                let what = "the block's place does not follow the one before";
                return Err(item.place.damage(&item.header, what));
            }
            self.next = Some(item.header.seq_end());
        }
        Ok(self.here.clone())
    }

    /// The block that [`Tape::next`] came to, with its body.
    ///
    /// # Errors
    /// [`LogError::Damaged`] if its body is not there, or header and body are not those that were
    /// sealed.
    pub(crate) fn block(&mut self) -> Result<Block<'_>, LogError> {
        let Some(item) = self.here.clone() else {
            return Err(LogError::io("read the log")(std::io::ErrorKind::InvalidInput.into()));
        };
        let header = &item.header;
        match item.body {
            Some(Place::Journal(at)) => {
                let block = Block::parse_checked(self.walker.frame(at));
                block.map_err(|error| item.place.damage(header, error))
            }
            Some(place @ Place::Body { number, group, at }) => {
                self.load_body(header, number, group, at)?;
                let block = Block::parse(&self.block);
                block.map_err(|error| place.damage(header, error))
            }
            Some(Place::Spine { .. }) | None => {
                let what = "the body was dropped, but its group was not erased";
                Err(item.place.damage(header, what))
            }
        }
    }

    fn next_sealed(&mut self) -> Result<Option<Item>, LogError> {
        loop {
            let Some(sealed) = self.spines.all.get(self.turn).copied() else { return Ok(None) };
            if self.row >= sealed.rows {
                self.turn += 1;
                self.row = 0;
                self.rows.bytes.clear();
                continue;
            }
            let place = Place::Spine { number: sealed.number, row: self.row };
            let name = spine_file(sealed.number);
            let end = row_at(sealed.rows);
            let read = self.rows.read(self.source, &name, row_at(self.row), ROW_LEN, end);
            let bytes = read.map_err(io_at("read", &name))?;
            let row = match bytes.as_array::<ROW_LEN>() {
                Some(bytes) => Row::parse(bytes),
                None => Err(CUT.to_owned()),
            };
            let row = row.map_err(|what| LogError::Damaged(place.position(what)))?;
            // The header's last bytes are its checksum over the body too: kept for the block.
            self.block.clear();
            self.block.extend_from_slice(bytes.get(..HEADER_LEN).unwrap_or(&[]));
            self.row += 1;
            let (number, group) = (sealed.number, row.header.group);
            let body = row.body_at.map(|at| Place::Body { number, group, at });
            return Ok(Some(Item { header: row.header, place, body, hash: Some(row.hash) }));
        }
    }

    fn next_in_journal(&mut self) -> Result<Option<Item>, LogError> {
        loop {
            if let Some((at, _)) = self.frame {
                if let Ok(block) = Block::parse_checked(self.walker.frame(at)) {
                    let len = block.bytes().len() as u64;
                    self.frame = Some((at + len, at));
                    let place = Place::Journal(at);
                    let header = block.header;
                    return Ok(Some(Item { header, place, body: Some(place), hash: None }));
                }
                self.frame = None;
            }
            match self.walker.step().map_err(LogError::io("read the journal"))? {
                Step::Frame { at, .. } => self.frame = Some((at, at)),
                Step::End { .. } => return Ok(None),
                Step::Bad(bad) => return Err(LogError::Damaged(bad_position(&bad))),
            }
        }
    }

    /// Puts the body behind the header in the buffer.
    fn load_body(
        &mut self,
        header: &Header,
        number: u32,
        group: GroupId,
        at: u32,
    ) -> Result<(), LogError> {
        if self.bodies.len() >= WINDOWS_MAX && !self.bodies.contains_key(&group) {
            self.bodies.clear();
        }
        let (of, window) = self.bodies.entry(group).or_default();
        if *of != number {
            (*of, *window) = (number, Window::default());
        }
        let name = body_file(group, number);
        let len = size(header.body_len);
        let read = window.read(self.source, &name, u64::from(at), len, u64::MAX);
        let bytes = match read {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => &[],
            other => other.map_err(io_at("read", &name))?,
        };
        let place = Place::Body { number, group, at };
        if bytes.len() < len {
            return Err(place.damage(header, "the body is missing or cut short"));
        }
        self.block.truncate(HEADER_LEN);
        self.block.extend_from_slice(bytes);
        Ok(())
    }
}

impl Window {
    /// `len` bytes from `at` on, fewer at the file's end; reads on to `end` at most.
    fn read<S: Source + ?Sized>(
        &mut self,
        source: &S,
        name: &str,
        at: u64,
        len: usize,
        end: u64,
    ) -> std::io::Result<&[u8]> {
        let here = self.at..=self.at + self.bytes.len() as u64;
        let skip = here.contains(&at).then(|| usize::try_from(at - self.at).unwrap_or(usize::MAX));
        let have = |bytes: &Vec<u8>, skip: usize| bytes.len().saturating_sub(skip) >= len;
        let skip = match skip {
            Some(skip) if have(&self.bytes, skip) => skip,
            Some(_) | None => {
                // The first read takes just what is asked for, the next ones read ahead.
                let ahead = if skip.is_some() && !self.bytes.is_empty() { WINDOW_BYTES } else { 0 };
                let left = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX);
                self.bytes.resize(ahead.max(len).min(left), 0);
                self.at = at;
                let there = source.read_part(name, at, &mut self.bytes);
                let there = there.inspect_err(|_| self.bytes.clear())?;
                self.bytes.truncate(there);
                0
            }
        };
        let until = (skip + len).min(self.bytes.len());
        Ok(self.bytes.get(skip..until).unwrap_or(&[]))
    }
}

pub(crate) fn bad_position(bad: &Bad) -> Position {
    Place::Journal(bad.at).position(bad.what.clone())
}
