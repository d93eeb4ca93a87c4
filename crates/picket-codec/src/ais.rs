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

use picket_model::Time;

pub use message::AisBody;
pub use parts::{PARTS_WAIT_S, PENDING_MAX};
pub use text::{Bits, Text};

pub use crate::sentence::{LINE_BYTES_MAX, Raw};

use crate::error::DecodeError;
use crate::reader::BitReader;
use crate::sentence::{Lines, Sentence};
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

/// The decoder of one AIS link.
///
/// Memory: one line, and what its joiner of parts holds.
#[derive(Debug, Default)]
pub struct Ais {
    lines: Lines,
    joiner: Joiner,
}

impl Decoder for Ais {
    fn feed(&mut self, bytes: &[u8], received_at: Time, out: &mut Decoded) {
        let Self { lines, joiner } = self;
        joiner.expire(received_at, out);
        lines.feed(bytes, out, |at, line, out| joiner.line(at, line, received_at, out));
    }

    fn end(&mut self, received_at: Time, out: &mut Decoded) {
        self.end_datagram(received_at, out);
        self.joiner.end(out);
    }

    /// Ends the line; the other parts of a message may still come in datagrams of their own.
    fn end_datagram(&mut self, received_at: Time, out: &mut Decoded) {
        let Self { lines, joiner } = self;
        lines.end(out, |at, line, out| joiner.line(at, line, received_at, out));
    }
}

/// Makes messages of sentences.
///
/// Memory: [`PENDING_MAX`] unfinished messages of at most nine lines, one payload.
#[derive(Debug, Default)]
pub(crate) struct Joiner {
    pending: Pending,
    bits: Unarmoured,
}

impl Joiner {
    /// Rejects the parts that waited too long for others.
    pub(crate) fn expire(&mut self, now: Time, out: &mut Decoded) {
        self.pending.expire(now, out);
    }

    /// The stream is over: rejects the parts that wait.
    pub(crate) fn end(&mut self, out: &mut Decoded) {
        self.pending.give_up_all(out);
    }

    fn line(&mut self, at: u64, line: &[u8], received_at: Time, out: &mut Decoded) {
        let odd = |error| out.rejects.push((at, error));
        match Sentence::open(line, odd) {
            Ok(Some(sentence)) if sentence.is_ais() => {
                self.take(&sentence, line, at, received_at, out);
            }
            Ok(_) => {}
            Err(error) => out.rejects.push((at, error)),
        }
    }

    /// Takes a sentence that [is of AIS](Sentence::is_ais) and stands at `at` in the stream, in `line`.
    pub(crate) fn take(
        &mut self,
        sentence: &Sentence<'_>,
        line: &[u8],
        at: u64,
        received_at: Time,
        out: &mut Decoded,
    ) {
        let part = match sentence::read(sentence) {
            Ok(part) => part,
            Err(error) => return out.rejects.push((at, error)),
        };
        if part.total == 1 {
            let read = self.bits.load([part.payload], part.fill_bits);
            let read = read.and_then(|()| self.message(part.heard_at, Raw::new(line)));
            return out.push(at, read.map(Message::Ais));
        }
        let Some(whole) = self.pending.add(&part, line, at, received_at, out) else { return };
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
pub(crate) const fn six_bits(byte: u8) -> Option<u8> {
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
    fn the_six_bit_alphabet_has_64_characters() {
        // ITU-R M.1371-5, Annex 8 table 47; IEC 61162-1, six-bit binary field conversion.
        let codes: Vec<u8> = (0..=255).filter_map(six_bits).collect();
        assert_eq!(codes, (0..64).collect::<Vec<u8>>());
        assert_eq!([b'0', b'W', b'`', b'w'].map(six_bits), [Some(0), Some(39), Some(40), Some(63)]);
    }
}
