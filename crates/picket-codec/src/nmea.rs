//! NMEA 0183: what navigation receivers, compasses, logs and ship's radars say in sentences.
//!
//! Every sentence with a fitting checksum is a message, known or not: talker, formatter and
//! raw fields are shown always, and what its formatter is known to mean beside them. A
//! sentence without a checksum is taken unless
//! [`Settings::checksum_required`](crate::Settings) says otherwise; one whose checksum does not
//! fit, or was cut, never is.
//!
//! A feed is often mixed. A `VDM` or `VDO` sentence is shown like any other, and the AIS
//! message that it completes follows as one of the format `ais`, read by [`crate::ais`] under
//! its rules: there the checksum is never optional.
//!
//! Where a line holds several sentences, or the end of one and the beginning of the next, as
//! a serial line that overflows makes, reading resumes at the next `$` or `!`.
//!
//! Standard: IEC 61162-1 (NMEA 0183 up to 4.11), sentences; NMEA 0183 v4.10, tag blocks.

mod claim;
mod date;
mod field;
mod json;
mod said;
mod ship;
mod target;

use std::borrow::Cow;
use std::sync::Arc;

use picket_model::Time;

pub use said::{Alarm, Said, Screen, Wind};
pub use target::{Target, TargetState};

use crate::ais::Joiner;
use crate::error::DecodeError;
use crate::sentence::{Lines, Raw, Sentence};
use crate::{Decoded, Decoder, Message, Settings};
use date::Dates;
use field::Fields;
use ship::{OwnFix, Ship};

/// One sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct NmeaMessage {
    /// When the receiver heard it, by tag block or suffix.
    pub heard_at: Option<Time>,
    /// The moment that it tells, if a date is known.
    pub told_at: Option<Time>,
    /// What it says.
    pub said: Said,
    /// Its line as it came.
    pub raw: Raw,
    /// The own fix that it claims for all sentences of its moment.
    own: Option<Box<OwnFix>>,
    /// What its source is called, if that is known.
    source: Option<Arc<str>>,
}

impl NmeaMessage {
    /// The moment that it tells, or else when its receiver heard it.
    #[must_use]
    pub fn t(&self) -> Option<Time> {
        self.told_at.or(self.heard_at)
    }

    /// Who speaks: two letters, as `GP`; `P` for a sentence of a manufacturer's own.
    #[must_use]
    pub fn talker(&self) -> Cow<'_, str> {
        self.address().0
    }

    /// What kind of sentence it is, as `RMC`; of a manufacturer's own all that follows the `P`.
    #[must_use]
    pub fn formatter(&self) -> Cow<'_, str> {
        self.address().1
    }

    /// Its raw fields in order.
    #[must_use]
    pub fn fields(&self) -> Vec<Cow<'_, str>> {
        Fields::all(self.covered()).rest().skip(1).map(String::from_utf8_lossy).collect()
    }

    fn address(&self) -> (Cow<'_, str>, Cow<'_, str>) {
        let (talker, formatter) = address(Fields::all(self.covered()).text());
        (String::from_utf8_lossy(talker), String::from_utf8_lossy(formatter))
    }

    /// The bytes from the address to before the `*`.
    fn covered(&self) -> &[u8] {
        let Ok(Some(sentence)) = Sentence::open(self.raw.as_bytes(), |_| ()) else { return &[] };
        sentence.checked().map_or(sentence.body, |(covered, _)| covered)
    }
}

/// The decoder of one NMEA link.
///
/// Memory: one line, the newest values of the own craft, and what AIS holds for unfinished messages.
#[derive(Debug)]
pub struct Nmea {
    lines: Lines,
    reading: Reading,
}

/// All of the decoder but the line that grows.
#[derive(Debug)]
struct Reading {
    checksum_required: bool,
    source: Option<Arc<str>>,
    dates: Dates,
    ship: Ship,
    ais: Joiner,
}

impl Nmea {
    /// A decoder for one link.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let reading = Reading {
            checksum_required: settings.checksum_required,
            source: settings.source.clone(),
            dates: Dates::default(),
            ship: Ship::new(settings.place),
            ais: Joiner::default(),
        };
        Self { lines: Lines::default(), reading }
    }
}

impl Decoder for Nmea {
    fn feed(&mut self, bytes: &[u8], received_at: Time, out: &mut Decoded) {
        let Self { lines, reading } = self;
        reading.ais.expire(received_at, out);
        lines.feed(bytes, out, |at, line, out| reading.line(at, line, received_at, out));
    }

    fn end(&mut self, received_at: Time, out: &mut Decoded) {
        self.end_datagram(received_at, out);
        self.reading.ais.end(out);
    }

    fn end_datagram(&mut self, received_at: Time, out: &mut Decoded) {
        let Self { lines, reading } = self;
        lines.end(out, |at, line, out| reading.line(at, line, received_at, out));
    }
}

impl Reading {
    /// Reads a line: one sentence, or as many as stand in it.
    fn line(&mut self, mut at: u64, mut line: &[u8], received_at: Time, out: &mut Decoded) {
        for _ in 0..SENTENCES_MAX {
            let rest = self.sentence(at, line, received_at, out);
            // Where a sentence may begin again.
            let Some(next) = memchr::memchr2(b'$', b'!', rest) else { return };
            at = at.saturating_add((line.len() - rest.len() + next) as u64);
            line = rest.get(next..).unwrap_or(&[]);
        }
        let (field, max, unit) = ("line", SENTENCES_MAX, "beginnings of sentences");
        out.rejects.push((at, DecodeError::TooLong { field, max, unit }));
    }

    /// Reads the sentence at the beginning of a line; gives what stands behind it.
    fn sentence<'a>(
        &mut self,
        at: u64,
        line: &'a [u8],
        received_at: Time,
        out: &mut Decoded,
    ) -> &'a [u8] {
        let odd = |error| out.rejects.push((at, error));
        let sentence = match Sentence::open(line, odd) {
            Ok(Some(sentence)) => sentence,
            Ok(None) => return &[],
            Err(error) => {
                out.rejects.push((at, error));
                return line.get(1..).unwrap_or(&[]);
            }
        };
        let checked = match sentence.checked() {
            Err(DecodeError::ChecksumMissing { .. }) => self.unchecked(&sentence),
            other => other,
        };
        let (covered, rest) = match checked {
            Ok(parts) => parts,
            Err(error) => {
                out.rejects.push((at, error));
                return sentence.body;
            }
        };
        let end = line.len() - rest.len();
        let whole = line.get(..end).unwrap_or(line);
        // A suffix belongs to the sentence unless another sentence stands in it.
        let suffix_end = memchr::memchr2(b'$', b'!', rest).unwrap_or(rest.len());
        let suffix = rest.get(..suffix_end).unwrap_or(&[]);
        let raw = if suffix.len() == rest.len() { line } else { whole };
        let heard_at = sentence.heard_at(suffix);
        match self.message(covered, heard_at, received_at, Raw::new(raw)) {
            Ok(message) => out.messages.push((at, Message::Nmea(message))),
            Err(error) => out.rejects.push((at, error)),
        }
        if sentence.is_ais() {
            self.ais.take(&sentence, raw, at, received_at, out);
        }
        rest
    }

    /// A sentence that ends without `*`, if it may: the whole of it, in plain characters.
    ///
    /// One that ends within its checksum was cut, and so was one with another behind it.
    fn unchecked<'a>(&self, sentence: &Sentence<'a>) -> Result<(&'a [u8], &'a [u8]), DecodeError> {
        let body = sentence.body;
        let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && !b"$!*\\".contains(byte);
        let address = Fields::all(body).text();
        let is_address = matches!(address, [b'P', _, ..])
            || (address.len() == 5 && address.iter().all(u8::is_ascii_alphanumeric));
        if self.checksum_required || sentence.is_ais() || !body.iter().all(is_plain) || !is_address
        {
            let at = sentence.at + 1 + body.len();
            return Err(DecodeError::ChecksumMissing { field: "sentence", at });
        }
        Ok((body, &[]))
    }

    fn message(
        &mut self,
        covered: &[u8],
        heard_at: Option<Time>,
        received_at: Time,
        raw: Raw,
    ) -> Result<NmeaMessage, DecodeError> {
        let whole_address = Fields::all(covered).text();
        let is_address = (3..=ADDRESS_BYTES_MAX).contains(&whole_address.len())
            && whole_address.iter().all(u8::is_ascii_graphic);
        if !is_address {
            let expected = "a talker and a sentence's name";
            return Err(DecodeError::Invalid { at: 1, field: "address", expected });
        }
        let (talker, formatter) = address(whole_address);
        // A manufacturer may call its own sentence as it likes.
        let known = if talker == b"P" { &[] } else { formatter };
        let said::Read { mut said, clock, own } = said::read(known, Fields::of(covered));
        let told_at = self.dates.moment(&clock, received_at);
        let own = self.ship.hear(&said, own, told_at, received_at).map(Box::new);
        for target in &mut said.targets {
            target.place = target.place.or_else(|| self.ship.locate(target, received_at));
        }
        Ok(NmeaMessage { heard_at, told_at, said, raw, own, source: self.source.clone() })
    }
}

/// Talker and formatter of an address such as `GPRMC` or `PGRME`.
fn address(address: &[u8]) -> (&[u8], &[u8]) {
    let talker = if address.first() == Some(&b'P') { 1 } else { 2 };
    address.split_at_checked(talker).unwrap_or((address, &[]))
}

/// Most beginnings of sentences that are tried in one line; the rest of it is rejected as one.
/// A serial line that overflows makes two or three; more is noise, of which each would cost
/// reading the whole line again.
pub const SENTENCES_MAX: usize = 16;

/// The standard has five characters; manufacturers' own are longer.
const ADDRESS_BYTES_MAX: usize = 16;
