//! One line of NMEA 0183: framing, tag blocks, the checksum, and what receivers append.
//!
//! ```text
//! \s:2573135,c:1671620143*0B\!AIVDM,2,1,3,B,55P5TL01VIaAL@7W,0*1C,1671620143
//! '-- tag block ------------''-- sentence -------------------''-- suffix ---'
//! ```
//! Shared by all formats that come in sentences.
//!
//! Standard: IEC 61162-1 (NMEA 0183), §7 for the sentence; NMEA 0183 v4.10 for tag blocks.

use std::fmt;

use picket_model::Time;

use crate::Decoded;
use crate::error::DecodeError;
use crate::reader::Cursor;

/// Most bytes of a line, tag blocks and suffix included.
///
/// The standard's sentence has 82; the longest seen, a type 5 in one sentence with tag
/// block and suffix, stays below 200. What is longer is rejected up to its line end.
pub const LINE_BYTES_MAX: usize = 1_024;

/// Cuts a stream into lines, however it comes in pieces.
///
/// Memory: one line.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// The beginning of a line whose end has not come.
    line: Vec<u8>,
    /// Whether the present line was rejected as too long, and its rest is stepped over.
    skipping: bool,
    /// Offset in the stream of the present line's first byte.
    line_at: u64,
    /// Offset in the stream of the next byte to come.
    at: u64,
}

impl Lines {
    /// Takes the next bytes and calls `read` for each line that ends in them, with its offset,
    /// without its end; empty lines are none.
    pub(crate) fn feed(
        &mut self,
        bytes: &[u8],
        out: &mut Decoded,
        mut read: impl FnMut(u64, &[u8], &mut Decoded),
    ) {
        let mut from = 0;
        for end in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            self.end_line(bytes.get(from..end).unwrap_or(&[]), out, &mut read);
            from = end + 1;
            self.line_at = self.at.saturating_add(from as u64);
        }
        self.keep(bytes.get(from..).unwrap_or(&[]), out);
        self.at = self.at.saturating_add(bytes.len() as u64);
    }

    /// The stream or datagram is over, and so is the line.
    pub(crate) fn end(
        &mut self,
        out: &mut Decoded,
        mut read: impl FnMut(u64, &[u8], &mut Decoded),
    ) {
        self.end_line(&[], out, &mut read);
        self.line_at = self.at;
    }

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

    /// Gives the line that ends with `tail` to `read`.
    fn end_line(
        &mut self,
        tail: &[u8],
        out: &mut Decoded,
        read: &mut impl FnMut(u64, &[u8], &mut Decoded),
    ) {
        let at = self.line_at;
        let mut give = |line: &[u8], out: &mut Decoded| {
            let line = line.trim_ascii();
            if !line.is_empty() {
                read(at, line, out);
            }
        };
        let is_whole_here = self.line.is_empty() && tail.len() <= LINE_BYTES_MAX;
        if is_whole_here && !self.skipping {
            return give(tail, out);
        }
        self.keep(tail, out);
        if !std::mem::take(&mut self.skipping) {
            give(&self.line, out);
            self.line.clear();
        }
    }
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

/// What the tag blocks of a line say.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tag<'a> {
    /// `s`: who sent the line.
    pub(crate) source: &'a [u8],
    /// `g`: the number of the group to which the line belongs.
    pub(crate) group: &'a [u8],
    /// `c`: when it was heard.
    pub(crate) heard_at: Option<Time>,
}

/// A sentence behind its tag blocks, not yet checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sentence<'a> {
    /// Offset in the line of the `$` or `!`.
    pub(crate) at: usize,
    /// What follows that character, up to the end of the line.
    pub(crate) body: &'a [u8],
    /// What the tag blocks say.
    pub(crate) tag: Tag<'a>,
}

impl<'a> Sentence<'a> {
    /// Finds the sentence of a line that came without its end. `Ok(None)`: a remark, or nothing.
    ///
    /// A tag block that its own checksum gives the lie is reported through `odd` and the
    /// sentence is read without it: the sentence has a checksum of its own.
    pub(crate) fn open(
        line: &'a [u8],
        mut odd: impl FnMut(DecodeError),
    ) -> Result<Option<Self>, DecodeError> {
        let mut c = Cursor::new(line);
        let mut tag = Tag::default();
        while c.skip(b'\\') {
            let at = c.at();
            let block =
                c.until(b'\\').ok_or(DecodeError::Truncated { at, field: "tag block's end" })?;
            if let Err(error) = read_tag_block(block, at, &mut tag) {
                tag = Tag::default();
                odd(error);
            }
        }
        match c.peek() {
            None => return Ok(None),
            Some(b'!' | b'$') => {}
            // A remark, as in recordings that people annotate.
            Some(b'#') if c.at() == 0 => return Ok(None),
            Some(byte) => return Err(DecodeError::NotASentence { at: c.at(), byte }),
        }
        Ok(Some(Self { at: c.at(), body: c.rest().get(1..).unwrap_or(&[]), tag }))
    }

    /// Splits the body at its checksum: what that covers, and what follows it.
    pub(crate) fn checked(&self) -> Result<(&'a [u8], &'a [u8]), DecodeError> {
        checked(self.body, self.at + 1, "sentence")
    }

    /// When the receiver heard it, by tag block or suffix.
    pub(crate) fn heard_at(&self, suffix: &[u8]) -> Option<Time> {
        self.tag.heard_at.or_else(|| suffix_time(suffix))
    }

    /// Whether it carries AIS.
    pub(crate) const fn is_ais(&self) -> bool {
        matches!(self.body, [_, _, b'V', b'D', b'M' | b'O', b',', ..])
    }
}

/// Splits bytes at their checksum: what it covers, and what follows it.
fn checked<'a>(
    bytes: &'a [u8],
    at: usize,
    field: &'static str,
) -> Result<(&'a [u8], &'a [u8]), DecodeError> {
    let mut c = Cursor::new(bytes);
    let missing = DecodeError::ChecksumMissing { field, at: at + bytes.len() };
    let Some(covered) = c.until(b'*') else { return Err(missing) };
    let Some([high, low]) = c.take(2) else { return Err(missing) };
    let (Some(high), Some(low)) = (hex_digit(*high), hex_digit(*low)) else { return Err(missing) };
    let said = high << 4 | low;
    let computed = covered.iter().fold(0, |sum, byte| sum ^ byte);
    if said != computed {
        return Err(DecodeError::ChecksumWrong { field, said, computed });
    }
    Ok((covered, c.rest()))
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Reads `s:..,g:..,c:..*hh`; unknown parameters are stepped over.
fn read_tag_block<'a>(block: &'a [u8], at: usize, tag: &mut Tag<'a>) -> Result<(), DecodeError> {
    let (covered, _) = checked(block, at, "tag block")?;
    for parameter in covered.split(|byte| *byte == b',') {
        match parameter {
            [b's', b':', source @ ..] => tag.source = source,
            [b'c', b':', time @ ..] => tag.heard_at = unix_time(time),
            // `g:1-2-1234`: line, lines, group.
            [b'g', b':', group @ ..] => {
                tag.group = group.rsplit(|byte| *byte == b'-').next().unwrap_or(&[]);
            }
            // The same in the older way: `1G2:1234`.
            [b'1'..=b'9', b'G', b'1'..=b'9', b':', group @ ..] => tag.group = group,
            _ => {}
        }
    }
    Ok(())
}

/// The Unix time that ends a suffix such as `,r003669983,1272412825`.
fn suffix_time(suffix: &[u8]) -> Option<Time> {
    let mut fields = suffix.rsplit(|byte| *byte == b',');
    let last = fields.next()?.trim_ascii_end();
    fields.next()?;
    unix_time(last)
}

/// Unix time of ten digits (seconds, perhaps with a fraction) or thirteen (milliseconds):
/// from 2001 to 2286. Other lengths are other numbers, such as an MMSI.
fn unix_time(text: &[u8]) -> Option<Time> {
    let (whole, fraction) = match text.iter().position(|byte| *byte == b'.') {
        Some(point) => (text.get(..point)?, text.get(point + 1..)?),
        None => (text, &[][..]),
    };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_i64, |sum, byte| {
            byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0'))
        })
    };
    match (whole.len(), fraction.len()) {
        (13, 0) => Some(Time::from_unix_ms(number(whole)?)),
        (10, digits @ 0..=9) => {
            let scale = (digits..9).fold(1_i64, |scale, _| scale * 10);
            let Time(ns) = Time::from_unix_s(number(whole)?);
            Some(Time(ns.saturating_add(number(fraction)? * scale)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_line_without_end_is_bounded() {
        let (mut lines, mut out) = (Lines::default(), Decoded::default());
        for _ in 0..1_000 {
            lines.feed(&[b'!'; 777], &mut out, |_, _, _| panic!("no line ends"));
            assert!(lines.line.len() <= LINE_BYTES_MAX);
        }
        assert!(lines.line.capacity() <= 2 * LINE_BYTES_MAX);
        assert_eq!(out.rejects.len(), 1);
    }

    #[test]
    fn times_are_told_from_other_numbers_by_their_length() {
        assert_eq!(unix_time(b"1272412827"), Some(Time::from_unix_s(1_272_412_827)));
        assert_eq!(unix_time(b"1272412827123"), Some(Time::from_unix_ms(1_272_412_827_123)));
        assert_eq!(unix_time(b"1272412827.25"), Some(Time::from_unix_ms(1_272_412_827_250)));
        assert_eq!(unix_time(b"003669794"), None);
        assert_eq!(unix_time(b"12724128a7"), None);
    }
}
