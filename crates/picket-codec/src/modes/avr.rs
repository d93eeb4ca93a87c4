//! AVR lines: a frame in hexadecimal digits between a sign that opens it and `;`.
//!
//! `*` and `:` open a bare frame, `@` and `%` one behind 12 digits of clock, `<` one behind
//! 12 digits of clock and 2 of signal.

use picket_model::Time;

use super::message::ModesFrame;
use super::{Receiver, Wire};
use crate::error::DecodeError;
use crate::{Decoded, Decoder, Settings};

/// The longest line: clock, signal and a frame of 14 bytes.
const LINE_BYTES_MAX: usize = 1 + 12 + 2 + 28 + 1;

/// The decoder of one stream of AVR lines.
///
/// Memory: the beginning of one line, and what [`AIRCRAFT_MAX`](super::AIRCRAFT_MAX) senders need.
#[derive(Debug)]
pub struct Avr {
    receiver: Receiver,
    /// The line as far as it came; empty between lines.
    line: Vec<u8>,
    /// Offset in the stream of the line's first byte.
    line_at: u64,
    /// Offset in the stream of the next byte to come.
    at: u64,
    /// What was read last made no line, and was said to.
    lost: bool,
}

impl Avr {
    /// A decoder for one link.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let receiver = Receiver::new(Wire::Avr, settings);
        Self { receiver, line: Vec::new(), line_at: 0, at: 0, lost: false }
    }

    fn byte(&mut self, byte: u8, received_at: Time, out: &mut Decoded) {
        if opens(byte) {
            self.give_up(out);
            self.lost = false;
            self.line_at = self.at;
            self.line.push(byte);
        } else if self.line.is_empty() {
            let is_between = byte.is_ascii_whitespace() || byte == 0;
            if !is_between && !self.lost {
                let (field, expected) = ("byte", "one of * : @ % <, which open a frame");
                out.rejects.push((self.at, DecodeError::Invalid { at: 0, field, expected }));
                self.lost = true;
            } else if byte == b'\n' {
                self.lost = false;
            }
        } else if byte == b';' {
            let line = std::mem::take(&mut self.line);
            let read = frame_of(&line).and_then(|frame| self.receiver.read(frame, received_at));
            match read {
                Ok(Some(message)) => out.messages.push((self.line_at, message)),
                Ok(None) => {}
                Err(error) => out.rejects.push((self.line_at, error)),
            }
            self.line = line;
            self.line.clear();
        } else if !byte.is_ascii_hexdigit() {
            let (at, field) = (self.line.len(), "line");
            let error =
                DecodeError::Invalid { at, field, expected: "hexadecimal digits up to ';'" };
            out.rejects.push((self.line_at, error));
            self.line.clear();
            self.lost = byte != b'\n';
        } else if self.line.len() + 1 >= LINE_BYTES_MAX {
            let (field, unit) = ("line", "bytes");
            let error = DecodeError::TooLong { field, max: LINE_BYTES_MAX, unit };
            out.rejects.push((self.line_at, error));
            self.line.clear();
            self.lost = true;
        } else {
            self.line.push(byte);
        }
    }

    /// Rejects a line that has begun and does not end.
    fn give_up(&mut self, out: &mut Decoded) {
        if !self.line.is_empty() {
            let at = self.line.len();
            out.rejects.push((self.line_at, DecodeError::Truncated { at, field: "';'" }));
            self.line.clear();
        }
    }
}

impl Decoder for Avr {
    fn feed(&mut self, bytes: &[u8], received_at: Time, out: &mut Decoded) {
        for byte in bytes {
            self.byte(*byte, received_at, out);
            self.at = self.at.saturating_add(1);
        }
    }

    fn end(&mut self, _received_at: Time, out: &mut Decoded) {
        self.give_up(out);
        self.lost = false;
    }
}

/// The frame of a line without its `;`.
pub(super) fn frame_of(line: &[u8]) -> Result<ModesFrame, DecodeError> {
    let (opening, digits) = line.split_first().unwrap_or((&b'*', &[]));
    let (clock, signal) = match opening {
        b'@' | b'%' => (6, 0),
        b'<' => (6, 1),
        _ => (0, 0),
    };
    let mut bytes = [0; LINE_BYTES_MAX / 2];
    for (to, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *to = pair.iter().fold(0, |sum, digit| sum << 4 | nibble(*digit));
    }
    let bytes = bytes.get(..digits.len() / 2).unwrap_or_default();
    let ticks = bytes.get(..clock).filter(|clock| !clock.is_empty());
    let ticks = ticks.map(|clock| clock.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)));
    let level = bytes.get(clock).copied().filter(|_| signal > 0);
    let frame = bytes.get(clock + signal..).unwrap_or_default();
    let frame = ModesFrame::new(frame, ticks, level).filter(|_| digits.len() % 2 == 0);
    let (at, field, expected) = (1 + 2 * (clock + signal), "frame", "4, 14 or 28 digits long");
    frame.ok_or(DecodeError::Invalid { at, field, expected })
}

const fn opens(byte: u8) -> bool {
    matches!(byte, b'*' | b':' | b'@' | b'%' | b'<')
}

/// A hexadecimal digit's value; the caller has looked that it is one.
const fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}
