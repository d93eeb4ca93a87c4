//! The fields of a `VDM` or `VDO` sentence.
//!
//! Standard: IEC 61162-1, `VDM` and `VDO`.

use picket_model::Time;

use crate::error::DecodeError;
use crate::reader::Cursor;
use crate::sentence::{Sentence, Tag};

/// A `VDM` or `VDO` sentence whose checksum fits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vdm<'a> {
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

/// Reads a sentence that [is of AIS](Sentence::is_ais).
pub(super) fn read<'a>(sentence: &Sentence<'a>) -> Result<Vdm<'a>, DecodeError> {
    let (covered, suffix) = sentence.checked()?;
    let mut part = read_fields(covered, sentence.at + 1)?;
    if let Some(talker) = covered.first_chunk::<2>() {
        part.talker = *talker;
    }
    part.heard_at = sentence.heard_at(suffix);
    part.tag = sentence.tag;
    Ok(part)
}

/// Reads `AIVDM,total,number,sequence,channel,payload,fill`; talker, tag and time are the caller's.
fn read_fields(body: &[u8], start: usize) -> Result<Vdm<'_>, DecodeError> {
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
    Ok(Vdm { talker, total, number, sequence, channel, payload, fill_bits, tag, heard_at })
}

/// Most bytes of sequence id and channel; the standard has one digit and one letter.
const SHORT_FIELD_BYTES_MAX: usize = 4;

fn digit(text: &[u8], range: std::ops::RangeInclusive<u8>) -> Option<u8> {
    let [digit @ b'0'..=b'9'] = text else { return None };
    Some(digit - b'0').filter(|value| range.contains(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &[u8]) -> Result<Option<Vdm<'_>>, DecodeError> {
        read_line(line, |error| panic!("{error}"))
    }

    fn read_line(
        line: &[u8],
        odd: impl FnMut(DecodeError),
    ) -> Result<Option<Vdm<'_>>, DecodeError> {
        let sentence = Sentence::open(line, odd)?.filter(Sentence::is_ais);
        sentence.as_ref().map(super::read).transpose()
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
    fn a_tag_block_with_a_wrong_checksum_does_not_cost_the_sentence() {
        let line = b"\\c:1671620143*00\\!AIVDM,1,1,,A,15B4FT5000JRP>PE6E68Nbkl0PS5,0*70";
        let mut odd = Vec::new();
        let sentence = read_line(line, |error| odd.push(error)).unwrap().unwrap();
        assert_eq!(sentence.heard_at, None);
        assert!(matches!(odd[..], [DecodeError::ChecksumWrong { field: "tag block", .. }]));
    }
}
