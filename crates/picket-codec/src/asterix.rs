//! ASTERIX: surveillance data of radars, trackers and ADS-B stations.
//!
//! Categories 021, 034, 048, 062 and 065, each in the editions of [`table`]. [`Asterix`] reads
//! data blocks from a stream or from datagrams, [`AsterixPcap`] from captures. A block is
//! measured by the tables of its category's edition and gives one [`AsterixRecord`] for each
//! of its records; what the items say is read on demand. What it never does: guess the length
//! of an item that the edition lacks. Such a block is skipped, and counted with the reason.
//!
//! Plots of category 048 are polar: without the radar's place in [`Settings`] they have no
//! position. Which edition a source speaks is a setting of the source, because the bytes do
//! not say it. Reserved expansion and special purpose fields are kept raw.
//!
//! Standard: EUROCONTROL-SPEC-0149 (Part 1, data blocks, records, items), and for each
//! category the document that its tables name.

mod block;
mod claim;
mod fault;
mod json;
mod pcap;
mod place;
mod record;
mod report;
pub mod table;
mod text;

use std::sync::Arc;

use picket_model::Time;

pub use fault::{Fault, Name};
pub use pcap::PACKET_BYTES_MAX;
pub use record::{AsterixRecord, Bits};
pub use report::Report;
pub use text::Ident8;

use crate::{Decoded, Decoder, Settings};
use block::{Head, Source};
use pcap::{Capture, FILE_HEADER, PACKET_HEADER};

/// The decoder of one link that carries data blocks, one after another or in datagrams.
///
/// A wrong block length hides where the next block begins: the rest of the datagram, or of
/// the stream, is stepped over and counted.
///
/// Memory: one unfinished block, at most 65,535 bytes.
#[derive(Debug)]
pub struct Asterix {
    source: Arc<Source>,
    held: Held,
    lost: Option<Lost>,
}

impl Asterix {
    /// A decoder for a source with these settings.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let source = Arc::new(Source::new("asterix", settings));
        Self { source, held: Held::default(), lost: None }
    }

    /// Reads the whole blocks at the start of `bytes` and says how many bytes they have.
    fn blocks(&mut self, bytes: &[u8], at: u64, out: &mut Decoded) -> usize {
        let mut used = 0;
        loop {
            let rest = bytes.get(used..).unwrap_or(&[]);
            let here = at.saturating_add(used as u64);
            match block::head(rest) {
                Head::Short => return used,
                Head::Wrong(fault) => {
                    out.rejects.push((here, fault.into()));
                    used += block::HEADER;
                    let mut lost = Lost::at(at.saturating_add(used as u64));
                    lost.step(bytes.len() - used, out);
                    self.lost = Some(lost);
                    return bytes.len();
                }
                Head::Block(length) => {
                    let Some(whole) = rest.get(..length) else { return used };
                    block::read(&self.source, whole, here, None, out);
                    used += length;
                }
            }
        }
    }
}

impl Decoder for Asterix {
    fn feed(&mut self, bytes: &[u8], _received_at: Time, out: &mut Decoded) {
        match &mut self.lost {
            Some(lost) => {
                lost.step(bytes.len(), out);
                self.held.skip(bytes.len());
            }
            None => {
                let mut held = std::mem::take(&mut self.held);
                held.feed(bytes, |bytes, at| self.blocks(bytes, at, out));
                self.held = held;
            }
        }
    }

    fn end(&mut self, _received_at: Time, out: &mut Decoded) {
        if let Some(lost) = self.lost.take() {
            lost.end(out);
        }
        self.held.end(|bytes, at| out.rejects.push((at, block::cut(bytes))));
    }
}

/// The decoder of a capture, a pcap file.
///
/// Memory: one unfinished packet, at most [`PACKET_BYTES_MAX`] and its header.
#[derive(Debug)]
pub struct AsterixPcap {
    source: Arc<Source>,
    held: Held,
    state: CaptureState,
}

#[derive(Debug)]
enum CaptureState {
    /// The file's header has not come.
    New,
    /// Packets come.
    Open(Capture),
    /// Where the next packet begins cannot be known, or it is no capture.
    Lost(Lost),
}

impl AsterixPcap {
    /// A decoder for a capture of a source with these settings.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let source = Arc::new(Source::new("asterix-pcap", settings));
        Self { source, held: Held::default(), state: CaptureState::New }
    }

    /// Reads the whole packets at the start of `bytes` and says how many bytes they have.
    fn packets(&mut self, bytes: &[u8], at: u64, out: &mut Decoded) -> usize {
        let mut used = 0;
        loop {
            let rest = bytes.get(used..).unwrap_or(&[]);
            let here = at.saturating_add(used as u64);
            let capture = match &self.state {
                CaptureState::New => None,
                CaptureState::Open(capture) => Some(*capture),
                CaptureState::Lost(_) => return used,
            };
            let read = match capture {
                None => {
                    let Some(header) = rest.first_chunk::<FILE_HEADER>() else { return used };
                    used += FILE_HEADER;
                    Capture::read(header).map(|capture| self.state = CaptureState::Open(capture))
                }
                Some(capture) => {
                    let Some(header) = rest.first_chunk::<PACKET_HEADER>() else { return used };
                    match capture.packet(header) {
                        Ok((recorded_at, length)) => {
                            let whole = rest.get(PACKET_HEADER..PACKET_HEADER + length);
                            let Some(packet) = whole else { return used };
                            let at = here.saturating_add(PACKET_HEADER as u64);
                            self.packet(capture, packet, at, recorded_at, out);
                            used += PACKET_HEADER + length;
                            Ok(())
                        }
                        Err(fault) => {
                            used += PACKET_HEADER;
                            Err(fault)
                        }
                    }
                }
            };
            if let Err(fault) = read {
                out.rejects.push((here, fault.into()));
                let mut lost = Lost::at(at.saturating_add(used as u64));
                lost.step(bytes.len() - used, out);
                self.state = CaptureState::Lost(lost);
                return bytes.len();
            }
        }
    }

    /// Reads the blocks of one packet.
    fn packet(
        &self,
        capture: Capture,
        packet: &[u8],
        at: u64,
        recorded_at: Time,
        out: &mut Decoded,
    ) {
        let (skip, mut bytes) = match capture.datagram(packet) {
            Ok(Some(datagram)) => datagram,
            Ok(None) => return,
            Err(fault) => return out.rejects.push((at, fault.into())),
        };
        let mut at = at.saturating_add(skip as u64);
        while !bytes.is_empty() {
            let length = match block::head(bytes) {
                Head::Block(length) => length,
                Head::Short => return out.rejects.push((at, block::cut(bytes))),
                Head::Wrong(fault) => return out.rejects.push((at, fault.into())),
            };
            let Some((whole, rest)) = bytes.split_at_checked(length) else {
                return out.rejects.push((at, block::cut(bytes)));
            };
            block::read(&self.source, whole, at, Some(recorded_at), out);
            at = at.saturating_add(length as u64);
            bytes = rest;
        }
    }
}

impl Decoder for AsterixPcap {
    fn feed(&mut self, bytes: &[u8], _received_at: Time, out: &mut Decoded) {
        match &mut self.state {
            CaptureState::Lost(lost) => {
                lost.step(bytes.len(), out);
                self.held.skip(bytes.len());
            }
            CaptureState::New | CaptureState::Open(_) => {
                let mut held = std::mem::take(&mut self.held);
                held.feed(bytes, |bytes, at| self.packets(bytes, at, out));
                self.held = held;
            }
        }
    }

    fn end(&mut self, _received_at: Time, out: &mut Decoded) {
        let state = std::mem::replace(&mut self.state, CaptureState::New);
        let capture = match state {
            CaptureState::New => None,
            CaptureState::Open(capture) => Some(capture),
            CaptureState::Lost(lost) => return lost.end(out),
        };
        self.held.end(|bytes, at| {
            let want = capture.map_or(FILE_HEADER, |capture| capture.want(bytes));
            out.rejects.push((at, Fault::PacketCut { have: bytes.len(), want }.into()));
        });
    }

    /// A capture is a file: its packets go on wherever it was cut.
    fn end_datagram(&mut self, _received_at: Time, _out: &mut Decoded) {}
}

/// The bytes of a frame whose end has not come, and where in the stream we are.
#[derive(Debug, Default)]
struct Held {
    bytes: Vec<u8>,
    /// Offset in the stream of the first byte held, or of the next to come.
    at: u64,
}

impl Held {
    /// Hands `read` all bytes that are there with their offset; it says how many it used.
    fn feed(&mut self, bytes: &[u8], read: impl FnOnce(&[u8], u64) -> usize) {
        if self.bytes.is_empty() {
            let used = read(bytes, self.at);
            self.bytes.extend_from_slice(bytes.get(used..).unwrap_or(&[]));
            self.at = self.at.saturating_add(used as u64);
        } else {
            self.bytes.extend_from_slice(bytes);
            let used = read(&self.bytes, self.at);
            self.bytes.drain(..used.min(self.bytes.len()));
            self.at = self.at.saturating_add(used as u64);
        }
    }

    /// Steps over bytes that nobody reads.
    fn skip(&mut self, count: usize) {
        self.at = self.at.saturating_add(count as u64);
    }

    /// Hands what is held to `cut`, if anything is, and forgets it.
    fn end(&mut self, cut: impl FnOnce(&[u8], u64)) {
        if !self.bytes.is_empty() {
            cut(&self.bytes, self.at);
            self.skip(self.bytes.len());
            self.bytes.clear();
        }
    }
}

/// Bytes that are stepped over because nothing says where a frame begins.
#[derive(Debug)]
struct Lost {
    /// Offset in the stream of the first byte not yet counted in a reject.
    at: u64,
    count: u64,
}

/// After so many bytes they are rejected, and again after as many more: a link that is lost
/// must not look like one that is silent.
const LOST_BYTES: u64 = 65_536;

impl Lost {
    const fn at(at: u64) -> Self {
        Self { at, count: 0 }
    }

    fn step(&mut self, count: usize, out: &mut Decoded) {
        self.count = self.count.saturating_add(count as u64);
        while self.count >= LOST_BYTES {
            out.rejects.push((self.at, Fault::Unframed { count: LOST_BYTES }.into()));
            self.at = self.at.saturating_add(LOST_BYTES);
            self.count -= LOST_BYTES;
        }
    }

    fn end(self, out: &mut Decoded) {
        if self.count > 0 {
            out.rejects.push((self.at, Fault::Unframed { count: self.count }.into()));
        }
    }
}
