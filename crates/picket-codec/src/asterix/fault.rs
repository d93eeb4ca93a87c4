//! Why ASTERIX bytes made no record.

use super::table::Edition;

/// Why a data block was skipped, or a capture is no capture.
///
/// A block is read whole or not at all: an octet that is not understood leaves the
/// beginning of every record behind it unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The block's length is no length.
    #[error("block length {said} is shorter than the block's own header of 3 bytes")]
    BlockLength {
        /// What it says.
        said: u16,
    },
    /// The block's length goes beyond what came.
    #[error("block of category {category:03} says {said} bytes, {have} came")]
    BlockCut {
        /// The block's category.
        category: u8,
        /// What it says.
        said: u16,
        /// What came.
        have: usize,
    },
    /// Bytes after a wrong block length, up to the end of the datagram or stream.
    #[error("{count} bytes behind a wrong block length are not read")]
    Unframed {
        /// How many.
        count: u64,
    },
    /// The category has no tables.
    #[error("category {category:03} is not read; 021, 034, 048, 062 and 065 are")]
    Category {
        /// The category.
        category: u8,
    },
    /// The configured edition has no tables.
    #[error("the edition that is set for category {category:03} is not known")]
    EditionUnknown {
        /// The category.
        category: u8,
    },
    /// A presence bit is set for which the edition has no item.
    #[error(
        "{edition} has no item with field reference number {frn} (byte {at}): is it the sender's edition?"
    )]
    ItemUnknown {
        /// The category and edition.
        edition: Name,
        /// The field reference number, from 1.
        frn: usize,
        /// The offset of the record in its block.
        at: usize,
    },
    /// A record or presence map that has no end within its block.
    #[error("{edition}: the presence map at byte {at} does not end within its block")]
    MapCut {
        /// The category and edition.
        edition: Name,
        /// The offset of the record in its block.
        at: usize,
    },
    /// A record without any item.
    #[error("{edition}: the record at byte {at} has no item")]
    RecordEmpty {
        /// The category and edition.
        edition: Name,
        /// The offset of the record in its block.
        at: usize,
    },
    /// An item that goes beyond its block.
    #[error("{edition}: item {item} at byte {at} goes beyond the end of its block")]
    ItemCut {
        /// The category and edition.
        edition: Name,
        /// The item's number.
        item: &'static str,
        /// Its offset in the block.
        at: usize,
    },
    /// An item with an extension or subfield that the edition does not have.
    #[error(
        "{edition}: item {item} at byte {at} has a part that this edition lacks: is it the sender's?"
    )]
    PartUnknown {
        /// The category and edition.
        edition: Name,
        /// The item's number.
        item: &'static str,
        /// Its offset in the block.
        at: usize,
    },
    /// An explicit item whose length is zero.
    #[error("{edition}: item {item} at byte {at} has a length that excludes its own octet")]
    ItemLength {
        /// The category and edition.
        edition: Name,
        /// The item's number.
        item: &'static str,
        /// Its offset in the block.
        at: usize,
    },
    /// The file does not begin as a capture does.
    #[error("not a pcap capture: begins with 0x{magic:08x} (pcapng must be converted first)")]
    NotPcap {
        /// The first four bytes, first one highest.
        magic: u32,
    },
    /// The capture's link type is not read.
    #[error("link type {link_type} is not read; 1, 101, 113, 147, 228, 229 and 276 are")]
    LinkType {
        /// The link type (LINKTYPE_ of the pcap registry).
        link_type: u32,
    },
    /// A packet longer than any capture has; what follows cannot be found.
    #[error("packet of {said} bytes is longer than a capture allows; the rest is not read")]
    PacketLength {
        /// What its header says.
        said: u32,
    },
    /// The capture ends within a packet or its header.
    #[error("the capture ends within a packet: {have} of {want} bytes came")]
    PacketCut {
        /// What came.
        have: usize,
        /// What should have come.
        want: usize,
    },
    /// A datagram of which the capture holds only a part.
    #[error("datagram of {said} bytes, of which the capture holds {have}")]
    DatagramCut {
        /// What its UDP header says.
        said: usize,
        /// What is there.
        have: usize,
    },
    /// A datagram in fragments; they are not put together.
    #[error("a fragment of a datagram; fragments are not put together")]
    Fragment,
}

/// A category and an edition in print: `048 edition 1.31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    /// The category.
    pub category: u8,
    /// The edition.
    pub edition: &'static str,
}

impl Name {
    pub(super) const fn of(edition: &Edition) -> Self {
        Self { category: edition.category, edition: edition.name }
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:03} edition {}", self.category, self.edition)
    }
}
