//! One line: tag blocks, the sentence with its checksum, and what receivers append.
//!
//! ```text
//! \s:2573135,c:1671620143*0B\!AIVDM,2,1,3,B,55P5TL01VIaAL@7W,0*1C,1671620143
//! '-- tag block ------------''-- sentence -------------------''-- suffix ---'
//! ```
//! Standard: IEC 61162-1 (NMEA 0183), §7 for the sentence; NMEA 0183 v4.10 for tag blocks.

use picket_model::Time;

use crate::error::DecodeError;
use crate::reader::Cursor;

/// Most bytes of a line, tag blocks and suffix included.
///
/// The standard's sentence has 82; the longest seen, a type 5 in one sentence with tag
/// block and suffix, stays below 200. What is longer is rejected up to its line end.
pub const LINE_BYTES_MAX: usize = 1_024;

/// A `VDM` or `VDO` sentence whose checksum fits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sentence<'a> {
    /// The two bytes that name the talker.
    pub(super) talker: [u8; 2],
    /// How many sentences make the message, 1 to 9.
    pub(super) total: u8,
    /// Which of them this is, from 1.
    pub(super) number: u8,
    /// The sequence id that the message's sentences share.
    pub(super) sequence: &'a [u8],
    /// The radio channel as written.
    pub(super) channel: &'a [u8],
    /// The armoured payload.
    pub(super) payload: &'a [u8],
    /// How many bits at the payload's end fill its last character.
    pub(super) fill_bits: u8,
    /// What the tag block says.
    pub(super) tag: Tag<'a>,
    /// When the receiver heard it, by tag block or suffix.
    pub(super) heard_at: Option<Time>,
}

/// What the tag blocks of a line say.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tag<'a> {
    /// `s`: who sent the line.
    pub(super) source: &'a [u8],
    /// `g`: the number of the group to which the line belongs.
    pub(super) group: &'a [u8],
    /// `c`: when it was heard.
    pub(super) heard_at: Option<Time>,
}

/// Reads a line without its end. `Ok(None)`: a sentence of another kind, or none.
///
/// A tag block that its own checksum gives the lie is reported through `odd` and the
/// sentence is read without it: the sentence has a checksum of its own.
pub(super) fn read_line<'a>(
    line: &'a [u8],
    mut odd: impl FnMut(DecodeError),
) -> Result<Option<Sentence<'a>>, DecodeError> {
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
    let start = c.at();
    let body = c.rest().get(1..).unwrap_or(&[]);
    let Some([a, b, b'V', b'D', b'M' | b'O', b',']) = body.first_chunk::<6>() else {
        return Ok(None);
    };
    let (covered, suffix) = checked(body, start + 1, "sentence")?;
    let mut sentence = read_fields(covered, start + 1)?;
    sentence.talker = [*a, *b];
    sentence.heard_at = tag.heard_at.or_else(|| suffix_time(suffix));
    sentence.tag = tag;
    Ok(Some(sentence))
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

/// Reads `AIVDM,total,number,sequence,channel,payload,fill`; talker, tag and time are the caller's.
fn read_fields(body: &[u8], start: usize) -> Result<Sentence<'_>, DecodeError> {
    let mut c = Cursor::new(body);
    let mut field = |name: &'static str| {
        let at = start + c.at();
        c.until(b',').map(|bytes| (bytes, at)).ok_or(DecodeError::Truncated { at, field: name })
    };
    field("address")?;
    let (total, total_at) = field("number of sentences")?;
    let (number, number_at) = field("sentence number")?;
    let (sequence, sequence_at) = field("sequence id")?;
    let (channel, channel_at) = field("channel")?;
    let (payload, _) = field("payload")?;
    let fill_at = start + c.at();
    let total = digit(total, 1..=9).ok_or(DecodeError::Invalid {
        at: total_at,
        field: "number of sentences",
        expected: "1 to 9",
    })?;
    let number = digit(number, 1..=total).ok_or(DecodeError::Invalid {
        at: number_at,
        field: "sentence number",
        expected: "1 to the number of sentences",
    })?;
    if sequence.len() > SHORT_FIELD_BYTES_MAX {
        let (at, expected) = (sequence_at, "at most 4 bytes long");
        return Err(DecodeError::Invalid { at, field: "sequence id", expected });
    }
    if channel.len() > SHORT_FIELD_BYTES_MAX {
        let (at, expected) = (channel_at, "at most 4 bytes long");
        return Err(DecodeError::Invalid { at, field: "channel", expected });
    }
    // Some senders leave the count of fill bits out.
    let fill_bits = match c.rest() {
        [] => 0,
        rest => digit(rest, 0..=5).ok_or(DecodeError::Invalid {
            at: fill_at,
            field: "number of fill bits",
            expected: "0 to 5",
        })?,
    };
    let (talker, tag, heard_at) = ([0; 2], Tag::default(), None);
    Ok(Sentence { talker, total, number, sequence, channel, payload, fill_bits, tag, heard_at })
}

/// Most bytes of sequence id and channel; the standard has one digit and one letter.
const SHORT_FIELD_BYTES_MAX: usize = 4;

fn digit(text: &[u8], range: std::ops::RangeInclusive<u8>) -> Option<u8> {
    let [digit @ b'0'..=b'9'] = text else { return None };
    Some(digit - b'0').filter(|value| range.contains(value))
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

    fn read(line: &[u8]) -> Result<Option<Sentence<'_>>, DecodeError> {
        read_line(line, |error| panic!("{error}"))
    }

    #[test]
    fn a_garbled_talker_is_one_more_talker() {
        // From the AMSA recording: the checksum fits.
        let line = b"!=IVDM,1,1,,A,18JSmJ001D8FqSClKd51JAD20D0W,0*2E";
        assert_eq!(read(line).unwrap().unwrap().talker, *b"=I");
    }

    #[test]
    fn other_sentences_and_remarks_are_stepped_over() {
        let others: [&[u8]; 6] =
            [b"", b"$PSHI,001,01.5", b"!AIABM,1,1", b"$GPZDA,114702.51,27", b"# remark", b"$"];
        for other in others {
            assert!(read(other).unwrap().is_none(), "{}", other.escape_ascii());
        }
    }

    #[test]
    fn tag_block_and_suffix_give_the_receive_time() {
        // libais and pyais documentation show these two forms.
        let tagged =
            b"\\s:2573135,c:1671620143*0B\\!BSVDM,1,1,,A,13m:q@0P01PG6eFOsLpNkVb`0000,0*00";
        let error = read(tagged).unwrap_err();
        assert!(matches!(error, DecodeError::ChecksumWrong { field: "sentence", .. }), "{error}");
        let suffixed = b"!AIVDM,1,1,,A,15B4FT5000JRP>PE6E68Nbkl0PS5,0*70,b003669794,1272412827";
        let heard = read(suffixed).unwrap().unwrap().heard_at;
        assert_eq!(heard, Some(Time::from_unix_s(1_272_412_827)));
    }

    #[test]
    fn times_are_told_from_other_numbers_by_their_length() {
        assert_eq!(unix_time(b"1272412827"), Some(Time::from_unix_s(1_272_412_827)));
        assert_eq!(unix_time(b"1272412827123"), Some(Time::from_unix_ms(1_272_412_827_123)));
        assert_eq!(unix_time(b"1272412827.25"), Some(Time::from_unix_ms(1_272_412_827_250)));
        assert_eq!(unix_time(b"003669794"), None);
        assert_eq!(unix_time(b"12724128a7"), None);
    }

    #[test]
    fn a_tag_block_with_a_wrong_checksum_does_not_cost_the_sentence() {
        let line = b"\\c:1671620143*00\\!AIVDM,1,1,,A,15B4FT5000JRP>PE6E68Nbkl0PS5,0*70";
        let mut odd = Vec::new();
        let sentence = read_line(line, |error| odd.push(error)).unwrap().unwrap();
        assert_eq!(sentence.heard_at, None);
        assert!(matches!(odd[..], [DecodeError::ChecksumWrong { field: "tag block", .. }]));
    }
}
