//! Joining the sentences of a long message.

use picket_model::Time;

use super::sentence::Vdm;
use crate::Decoded;
use crate::error::DecodeError;

/// How long a part waits for the others, seconds of our clock and of the receiver's.
///
/// A transponder writes the parts of a message back to back; a few seconds cover a
/// receiver that forwards each by itself, and end before sequence ids come round again
/// (ten of them, and a busy receiver hears some three long messages a second).
pub const PARTS_WAIT_S: f64 = 4.0;

/// Most messages that wait for parts; when full, the one that waited longest is rejected.
pub const PENDING_MAX: usize = 64;

/// The messages of which some parts came.
#[derive(Debug, Default)]
pub(super) struct Pending(Vec<Parts>);

/// A message as far as its parts came.
#[derive(Debug)]
pub(super) struct Parts {
    key: Key,
    /// Offset of the part that came first.
    at: u64,
    first_at: Time,
    heard_at: Option<Time>,
    parts: Vec<Part>,
}

/// What the parts of one message share.
#[derive(Debug, PartialEq, Eq)]
struct Key {
    source: Vec<u8>,
    talker: [u8; 2],
    total: u8,
    sequence: Vec<u8>,
    channel: Vec<u8>,
}

#[derive(Debug)]
struct Part {
    number: u8,
    fill_bits: u8,
    payload: Vec<u8>,
    line: Vec<u8>,
}

impl Pending {
    /// Takes a part; gives the message when it was the last that was missing.
    pub(super) fn add(
        &mut self,
        sentence: &Vdm<'_>,
        line: &[u8],
        at: u64,
        received_at: Time,
        out: &mut Decoded,
    ) -> Option<Parts> {
        let part = Part {
            number: sentence.number,
            fill_bits: sentence.fill_bits,
            payload: sentence.payload.to_vec(),
            line: line.to_vec(),
        };
        let key = Key::of(sentence);
        let found = self.0.iter().position(|parts| parts.key == key);
        if let Some(index) = found {
            match self.0.get_mut(index)?.take(part, sentence.heard_at) {
                Taken::Whole => return Some(self.0.remove(index)),
                Taken::Partial => return None,
                Taken::Another(part) => {
                    self.give_up(index, "then another message began under the same number", out);
                    self.begin(key, part, sentence, at, received_at, out);
                }
            }
        } else {
            self.begin(key, part, sentence, at, received_at, out);
        }
        None
    }

    fn begin(
        &mut self,
        key: Key,
        part: Part,
        sentence: &Vdm<'_>,
        at: u64,
        received_at: Time,
        out: &mut Decoded,
    ) {
        if self.0.len() >= PENDING_MAX {
            self.give_up(0, "too many messages waited for parts", out);
        }
        let (first_at, heard_at) = (received_at, sentence.heard_at);
        self.0.push(Parts { key, at, first_at, heard_at, parts: vec![part] });
    }

    /// Rejects what waited too long.
    pub(super) fn expire(&mut self, now: Time, out: &mut Decoded) {
        // The order is that of arrival, so the first is the oldest.
        while self.0.first().is_some_and(|parts| now.since_s(parts.first_at) > PARTS_WAIT_S) {
            self.give_up(0, "the others did not come in time", out);
        }
    }

    /// Rejects all that wait: nothing will come any more.
    pub(super) fn give_up_all(&mut self, out: &mut Decoded) {
        while !self.0.is_empty() {
            self.give_up(0, "then the stream ended", out);
        }
    }

    fn give_up(&mut self, index: usize, because: &'static str, out: &mut Decoded) {
        let parts = self.0.remove(index);
        let have = u8::try_from(parts.parts.len()).unwrap_or(u8::MAX);
        let error = DecodeError::Incomplete { have, total: parts.key.total, because };
        out.rejects.push((parts.at, error));
    }
}

impl Key {
    fn of(sentence: &Vdm<'_>) -> Self {
        // Only the first line of a tagged group need name its source, so the group stands for it.
        let tag = sentence.tag;
        let source = if tag.group.is_empty() { tag.source } else { tag.group };
        Self {
            source: source.to_vec(),
            talker: sentence.talker,
            total: sentence.total,
            sequence: sentence.sequence.to_vec(),
            channel: sentence.channel.to_vec(),
        }
    }
}

enum Taken {
    Whole,
    Partial,
    /// The part belongs to another message under the same key.
    Another(Part),
}

impl Parts {
    fn take(&mut self, part: Part, heard_at: Option<Time>) -> Taken {
        let is_late = match (self.heard_at, heard_at) {
            (Some(first), Some(this)) => this.since_s(first).abs() > PARTS_WAIT_S,
            (None, _) | (_, None) => false,
        };
        let same = self.parts.iter().find(|known| known.number == part.number);
        match same {
            _ if is_late => return Taken::Another(part),
            // Heard twice, as by two receivers that one link joins.
            Some(known) if known.payload == part.payload => return Taken::Partial,
            Some(_) => return Taken::Another(part),
            None => {}
        }
        self.heard_at = self.heard_at.or(heard_at);
        self.parts.push(part);
        if self.parts.len() < usize::from(self.key.total) {
            return Taken::Partial;
        }
        self.parts.sort_by_key(|part| part.number);
        Taken::Whole
    }

    /// Offset of the part that came first.
    pub(super) const fn at(&self) -> u64 {
        self.at
    }

    /// When the first part that says so was heard.
    pub(super) const fn heard_at(&self) -> Option<Time> {
        self.heard_at
    }

    /// The payloads in order.
    pub(super) fn payloads(&self) -> impl Iterator<Item = &[u8]> {
        self.parts.iter().map(|part| part.payload.as_slice())
    }

    /// The fill bits of the last part; those before it have none.
    pub(super) fn fill_bits(&self) -> u8 {
        self.parts.last().map_or(0, |part| part.fill_bits)
    }

    /// The lines in order, with `\n` between.
    pub(super) fn lines(&self) -> Vec<u8> {
        let lines: Vec<&[u8]> = self.parts.iter().map(|part| part.line.as_slice()).collect();
        lines.join(&b'\n')
    }
}
