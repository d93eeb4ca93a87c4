//! The Beast binary stream: `1A`, a type, six bytes of clock, one of signal, the frame.
//!
//! A byte `1A` behind the type is written twice, so that a single one always begins a frame.
//! Types `1`, `2`, `3` carry 2, 7 and 14 bytes, `4` the receiver's own state. Aggregators
//! put `E3` and eight bytes in front, which name a receiver.
//!
//! Standard: none; the wiki of the maker, "Mode-S Beast: Data Output Formats".

use picket_model::Time;

use super::message::{MODE_AC_BYTES, ModesFrame};
use super::parity::{LONG_BYTES, SHORT_BYTES};
use super::{Receiver, Wire};
use crate::error::DecodeError;
use crate::{Decoded, Decoder, Settings};

/// What begins a frame.
pub(super) const ESCAPE: u8 = 0x1a;
/// Clock and signal.
const LEAD_BYTES: usize = 7;
/// The longest frame, every byte doubled.
const FRAME_BYTES_MAX: usize = 2 + 2 * (LEAD_BYTES + LONG_BYTES);

/// The decoder of one Beast stream.
///
/// Memory: the beginning of one frame, and what [`AIRCRAFT_MAX`](super::AIRCRAFT_MAX) senders need.
#[derive(Debug)]
pub struct Beast {
    receiver: Receiver,
    /// The beginning of a frame whose end has not come.
    head: Vec<u8>,
    /// Offset in the stream of the first byte not yet read.
    at: u64,
    /// What was read last made no frame, and was said to: the rest up to the next goes with it.
    lost: bool,
}

impl Beast {
    /// A decoder for one link.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let receiver = Receiver::new(Wire::Beast, settings);
        Self { receiver, head: Vec::new(), at: 0, lost: false }
    }
}

impl Decoder for Beast {
    fn feed(&mut self, bytes: &[u8], received_at: Time, out: &mut Decoded) {
        let mut rest = bytes;
        if !self.head.is_empty() {
            let kept = self.head.len();
            let (more, _) = bytes.split_at(bytes.len().min(FRAME_BYTES_MAX));
            let mut head = std::mem::take(&mut self.head);
            head.extend_from_slice(more);
            let used = self.scan(&head, received_at, out);
            if used < kept {
                // Only a frame that all of `more` does not end leaves so much.
                head.drain(..used);
                self.head = head;
                return;
            }
            rest = bytes.get(used - kept..).unwrap_or_default();
            head.clear();
            self.head = head;
        }
        let used = self.scan(rest, received_at, out);
        self.head.extend_from_slice(rest.get(used..).unwrap_or_default());
    }

    fn end(&mut self, _received_at: Time, out: &mut Decoded) {
        if !self.head.is_empty() {
            if !self.lost || self.head.len() > 1 {
                let at = self.head.len();
                out.rejects.push((self.at, DecodeError::Truncated { at, field: "frame's end" }));
            }
            self.at = self.at.saturating_add(self.head.len() as u64);
            self.head.clear();
        }
        self.lost = false;
    }
}

/// What stands at the beginning of some bytes.
enum Found {
    /// A whole frame of so many bytes, and what it says, if it is for us.
    Frame(usize, Option<Payload>),
    /// So many bytes that make none.
    Bad(usize, DecodeError),
    /// The beginning of a frame.
    Partial,
}

enum Payload {
    Heard(ModesFrame),
    /// The receiver's switches.
    Status(u8),
}

impl Beast {
    /// Reads all whole frames and says how many bytes that took; what is left begins one.
    fn scan(&mut self, bytes: &[u8], received_at: Time, out: &mut Decoded) -> usize {
        let mut used = 0;
        loop {
            let rest = bytes.get(used..).unwrap_or_default();
            let Some(first) = rest.first() else { break };
            let at = self.at;
            let step = if *first == ESCAPE {
                match find(rest) {
                    Found::Partial => break,
                    Found::Frame(length, payload) => {
                        self.lost = false;
                        match payload {
                            Some(Payload::Heard(frame)) => {
                                match self.receiver.read(frame, received_at) {
                                    Ok(Some(message)) => out.messages.push((at, message)),
                                    Ok(None) => {}
                                    Err(error) => out.rejects.push((at, error)),
                                }
                            }
                            Some(Payload::Status(switches)) => {
                                self.receiver.clock.set_gps(switches & GPS_SWITCH != 0);
                            }
                            None => {}
                        }
                        length
                    }
                    Found::Bad(length, error) => {
                        // A doubled escape in lost bytes is one of them.
                        let goes_on = rest.get(1) == Some(&ESCAPE);
                        if !(self.lost && goes_on) {
                            out.rejects.push((at, error));
                        }
                        self.lost = true;
                        length
                    }
                }
            } else {
                if !self.lost {
                    let (field, expected) = ("byte", "0x1a, which begins a frame");
                    out.rejects.push((at, DecodeError::Invalid { at: 0, field, expected }));
                    self.lost = true;
                }
                memchr::memchr(ESCAPE, rest).unwrap_or(rest.len())
            };
            used += step;
            self.at = self.at.saturating_add(step as u64);
        }
        used
    }
}

/// The switch that makes the counter tell the time of day.
const GPS_SWITCH: u8 = 0x10;

/// Looks at bytes that begin with an escape.
#[inline]
fn find(bytes: &[u8]) -> Found {
    let Some(kind) = bytes.get(1) else { return Found::Partial };
    let payload = match kind {
        b'1' => MODE_AC_BYTES,
        b'2' => SHORT_BYTES,
        b'3' | b'4' => LONG_BYTES,
        0xe3 => 1,
        &ESCAPE => {
            let (field, expected) = ("escape", "single where a frame begins");
            return Found::Bad(2, DecodeError::Invalid { at: 1, field, expected });
        }
        _ => {
            let (field, expected) = ("frame type", "'1', '2', '3' or '4'");
            return Found::Bad(2, DecodeError::Invalid { at: 1, field, expected });
        }
    };
    let length = LEAD_BYTES + payload;
    let body = bytes.get(2..).unwrap_or_default();
    let plain = body.get(..length).filter(|body| memchr::memchr(ESCAPE, body).is_none());
    let (frame, taken) = match plain {
        Some(body) => (made(*kind, body), length),
        None => {
            let mut unescaped = [0; LEAD_BYTES + LONG_BYTES];
            match unescape(body, unescaped.iter_mut().take(length)) {
                Ok(taken) => (made(*kind, unescaped.get(..length).unwrap_or_default()), taken),
                Err(None) => return Found::Partial,
                Err(Some(short)) => {
                    let error = DecodeError::Truncated { at: 2 + short, field: "frame's end" };
                    return Found::Bad(2 + short, error);
                }
            }
        }
    };
    Found::Frame(2 + taken, frame)
}

/// Copies bytes with doubled escapes made single; how many were read for it.
///
/// `Err(None)` if they end too early, `Err(Some(n))` if a frame begins after `n`.
fn unescape<'a>(from: &[u8], to: impl Iterator<Item = &'a mut u8>) -> Result<usize, Option<usize>> {
    let mut at = 0;
    for to in to {
        let byte = *from.get(at).ok_or(None)?;
        if byte == ESCAPE {
            match from.get(at + 1) {
                None => return Err(None),
                Some(&ESCAPE) => at += 1,
                Some(_) => return Err(Some(at)),
            }
        }
        *to = byte;
        at += 1;
    }
    Ok(at)
}

/// What a frame of this type says.
fn made(kind: u8, body: &[u8]) -> Option<Payload> {
    let ([a, b, c, d, e, f, signal], frame) = body.split_first_chunk::<LEAD_BYTES>()?;
    let ticks = u64::from_be_bytes([0, 0, *a, *b, *c, *d, *e, *f]);
    match kind {
        b'1'..=b'3' => ModesFrame::new(frame, Some(ticks), Some(*signal)).map(Payload::Heard),
        b'4' => frame.first().map(|switches| Payload::Status(*switches)),
        _ => None,
    }
}

/// The frame of bytes that are one Beast frame.
pub(super) fn frame_of(bytes: &[u8]) -> Option<ModesFrame> {
    match find(bytes) {
        Found::Frame(_, Some(Payload::Heard(frame))) => Some(frame),
        Found::Frame(..) | Found::Bad(..) | Found::Partial => None,
    }
}
