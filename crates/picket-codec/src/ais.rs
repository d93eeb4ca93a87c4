//! AIS: ship reports as receivers write them, NMEA 0183 lines with `VDM` and `VDO` sentences.
//!
//! [`Ais`] frames and checks lines, joins the parts of long messages and gives an
//! [`AisMessage`] for each whole one. What it never does: believe a line without a
//! checksum, or allocate by a number from the wire.
//!
//! Standard: ITU-R M.1371-5 (messages), IEC 61162-1 (sentences), NMEA 0183 v4.10 (tag blocks).

mod claim;
pub mod encode;
mod json;
pub mod message;
mod parts;
mod sentence;
mod text;

use std::fmt;

use picket_model::Time;

pub use message::AisBody;
pub use parts::{PARTS_WAIT_S, PENDING_MAX};
pub use sentence::LINE_BYTES_MAX;
pub use text::{Bits, Text};

use crate::error::DecodeError;
use crate::reader::BitReader;
use crate::{Decoded, Decoder, Message};
use parts::Pending;

/// One AIS message and the sentences that carried it.
#[derive(Debug, Clone, PartialEq)]
pub struct AisMessage {
    /// The message's type, 0 to 63; 1 to 27 have a meaning.
    pub type_number: u8,
    /// How often it was repeated on the air, 0 to 3; 3 is "do not repeat".
    pub repeat: u8,
    /// The sender's Maritime Mobile Service Identity, 30 bits; 9 digits if it is one.
    pub mmsi: u32,
    /// When the receiver heard it, by tag block or suffix.
    pub heard_at: Option<Time>,
    /// What it says.
    pub body: AisBody,
    /// Its lines as they came, one after another with `\n` between.
    pub raw: Raw,
}

/// The lines of a message; short ones are kept in place, so that reading them allocates nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Raw(RawKind);

#[derive(Clone, PartialEq, Eq)]
enum RawKind {
    Short { len: u8, bytes: [u8; RAW_SHORT_MAX] },
    Long(Box<[u8]>),
}

/// A sentence of the standard has at most 82 bytes; a Unix time behind it has 11 more.
const RAW_SHORT_MAX: usize = 94;

impl Raw {
    /// Keeps a copy of some lines.
    #[must_use]
    pub fn new(lines: &[u8]) -> Self {
        let mut bytes = [0; RAW_SHORT_MAX];
        match (bytes.get_mut(..lines.len()), u8::try_from(lines.len())) {
            (Some(room), Ok(len)) => {
                room.copy_from_slice(lines);
                Self(RawKind::Short { len, bytes })
            }
            _ => Self(RawKind::Long(Box::from(lines))),
        }
    }

    /// The lines.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            RawKind::Short { len, bytes } => bytes.get(..usize::from(*len)).unwrap_or(&[]),
            RawKind::Long(bytes) => bytes,
        }
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.as_bytes().escape_ascii())
    }
}

/// The decoder of one AIS link.
///
/// Memory: one line, [`PENDING_MAX`] unfinished messages of at most nine lines, one payload.
#[derive(Debug, Default)]
pub struct Ais {
    /// The beginning of a line whose end has not come.
    line: Vec<u8>,
    /// Whether the present line was rejected as too long, and its rest is stepped over.
    skipping: bool,
    /// Offset in the stream of the present line's first byte.
    line_at: u64,
    /// Offset in the stream of the next byte to come.
    at: u64,
    pending: Pending,
    bits: Unarmoured,
}

impl Decoder for Ais {
    fn feed(&mut self, bytes: &[u8], received_at: Time, out: &mut Decoded) {
        self.pending.expire(received_at, out);
        let mut from = 0;
        for end in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            self.end_line(bytes.get(from..end).unwrap_or(&[]), received_at, out);
            from = end + 1;
            self.line_at = self.at.saturating_add(from as u64);
        }
        self.keep(bytes.get(from..).unwrap_or(&[]), out);
        self.at = self.at.saturating_add(bytes.len() as u64);
    }

    fn end(&mut self, received_at: Time, out: &mut Decoded) {
        self.end_datagram(received_at, out);
        self.pending.give_up_all(out);
    }

    /// Ends the line; the other parts of a message may still come in datagrams of their own.
    fn end_datagram(&mut self, received_at: Time, out: &mut Decoded) {
        self.end_line(&[], received_at, out);
        self.line_at = self.at;
    }
}

impl Ais {
    /// Keeps the beginning of a line, or rejects it once it is too long.
    fn keep(&mut self, head: &[u8], out: &mut Decoded) {
        if self.skipping || head.is_empty() {
            return;
        }
        if self.line.len() + head.len() > LINE_BYTES_MAX {
            let max = LINE_BYTES_MAX;
            let error = DecodeError::TooLong { field: "line", max, unit: "bytes" };
            out.rejects.push((self.line_at, error));
            self.line.clear();
            self.skipping = true;
            return;
        }
        self.line.extend_from_slice(head);
    }

    /// Reads the line that ends with `tail`.
    fn end_line(&mut self, tail: &[u8], received_at: Time, out: &mut Decoded) {
        let is_whole_here = self.line.is_empty() && tail.len() <= LINE_BYTES_MAX;
        if is_whole_here && !self.skipping {
            return self.read(tail, received_at, out);
        }
        self.keep(tail, out);
        if !std::mem::take(&mut self.skipping) {
            let mut line = std::mem::take(&mut self.line);
            self.read(&line, received_at, out);
            line.clear();
            self.line = line;
        }
    }

    /// Reads one whole line.
    fn read(&mut self, line: &[u8], received_at: Time, out: &mut Decoded) {
        let line = line.trim_ascii();
        if line.is_empty() {
            return;
        }
        let at = self.line_at;
        let odd = |error| out.rejects.push((at, error));
        let sentence = match sentence::read_line(line, odd) {
            Ok(None) => return,
            Ok(Some(sentence)) => sentence,
            Err(error) => return out.rejects.push((at, error)),
        };
        if sentence.total == 1 {
            let read = self.bits.load([sentence.payload], sentence.fill_bits);
            let read = read.and_then(|()| self.message(sentence.heard_at, Raw::new(line)));
            return out.push(at, read.map(Message::Ais));
        }
        let Some(whole) = self.pending.add(&sentence, line, at, received_at, out) else { return };
        let read = self.bits.load(whole.payloads(), whole.fill_bits());
        let read = read.and_then(|()| self.message(whole.heard_at(), Raw::new(&whole.lines())));
        out.push(whole.at(), read.map(Message::Ais));
    }

    /// Reads the message whose bits were loaded.
    fn message(&self, heard_at: Option<Time>, raw: Raw) -> Result<AisMessage, DecodeError> {
        let mut r = self.bits.reader();
        let (type_number, repeat, mmsi) = (r.u8(6), r.u8(2), r.u32(30));
        let missing = |field| DecodeError::Truncated { at: r.at() / 6, field };
        let type_number = type_number.ok_or_else(|| missing("message type"))?;
        let repeat = repeat.ok_or_else(|| missing("repeat indicator"))?;
        let mmsi = mmsi.ok_or_else(|| missing("MMSI"))?;
        let body = AisBody::read(type_number, mmsi, &mut r)?;
        Ok(AisMessage { type_number, repeat, mmsi, heard_at, body, raw })
    }
}

/// The bits of a payload, six from each character.
#[derive(Debug, Clone)]
struct Unarmoured {
    bytes: [u8; PAYLOAD_BYTES_MAX],
    bits: usize,
}

/// Most characters of a payload, all parts together. The longest message, five slots, has
/// 1,064 bits or 178 characters; some senders pad.
pub const PAYLOAD_CHARACTERS_MAX: usize = 400;
const PAYLOAD_BYTES_MAX: usize = PAYLOAD_CHARACTERS_MAX / 4 * 3;

impl Default for Unarmoured {
    fn default() -> Self {
        Self { bytes: [0; PAYLOAD_BYTES_MAX], bits: 0 }
    }
}

impl Unarmoured {
    /// Takes the payloads of a message's parts in order, without the last `fill_bits` bits.
    ///
    /// Standard: IEC 61162-1, six-bit binary field conversion; ITU-R M.1371-5, Annex 8 table 47.
    fn load<'a>(
        &mut self,
        payloads: impl IntoIterator<Item = &'a [u8]>,
        fill_bits: u8,
    ) -> Result<(), DecodeError> {
        let mut characters = 0_usize;
        let (mut word, mut bytes) = (0_u32, self.bytes.chunks_exact_mut(3));
        for payload in payloads {
            for byte in payload {
                let code =
                    six_bits(*byte).ok_or(DecodeError::Armour { at: characters, byte: *byte })?;
                word = word << 6 | u32::from(code);
                characters += 1;
                if characters.is_multiple_of(4) {
                    let (max, unit) = (PAYLOAD_CHARACTERS_MAX, "characters");
                    let Some([a, b, c]) = bytes.next() else {
                        return Err(DecodeError::TooLong { field: "payload", max, unit });
                    };
                    [_, *a, *b, *c] = word.to_be_bytes();
                }
            }
        }
        let open = characters % 4;
        if let (1.., Some([a, b, c])) = (open, bytes.next()) {
            [_, *a, *b, *c] = (word << (6 * (4 - open))).to_be_bytes();
        }
        self.bits = (characters * 6).saturating_sub(usize::from(fill_bits));
        Ok(())
    }

    fn reader(&self) -> BitReader<'_> {
        BitReader::new(&self.bytes, self.bits)
    }
}

/// The six bits of an armoured character; `None` outside `0` to `W` and `` ` `` to `w`.
const fn six_bits(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'W' => Some(byte - 48),
        b'`'..=b'w' => Some(byte - 56),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_line_without_end_is_bounded() {
        let (mut ais, mut out) = (Ais::default(), Decoded::default());
        for _ in 0..1_000 {
            ais.feed(&[b'!'; 777], Time::MIN, &mut out);
            assert!(ais.line.len() <= LINE_BYTES_MAX);
        }
        assert!(ais.line.capacity() <= 2 * LINE_BYTES_MAX);
        assert_eq!(out.rejects.len(), 1);
    }

    #[test]
    fn the_six_bit_alphabet_has_64_characters() {
        // ITU-R M.1371-5, Annex 8 table 47; IEC 61162-1, six-bit binary field conversion.
        let codes: Vec<u8> = (0..=255).filter_map(six_bits).collect();
        assert_eq!(codes, (0..64).collect::<Vec<u8>>());
        assert_eq!([b'0', b'W', b'`', b'w'].map(six_bits), [Some(0), Some(39), Some(40), Some(63)]);
    }
}
