//! Characters of six and eight bits, and octal digits.

use std::fmt;

/// Identification of at most eight characters, kept in place, without its padding.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ident8 {
    bytes: [u8; 8],
    len: u8,
}

impl Ident8 {
    /// From eight characters of six bits; `None` if they are blank or not all of the alphabet.
    ///
    /// Trailing spaces and zeros are padding.
    pub(super) fn from_icao(bits: u64) -> Option<Self> {
        let mut bytes = [b' '; 8];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = match bits >> (42 - 6 * at) & 63 {
                0 => b' ',
                code => icao(code)?,
            };
        }
        let len = bytes.iter().rposition(|byte| *byte != b' ')? + 1;
        Some(Self { bytes, len: u8::try_from(len).ok()? })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII is ever put in.
        let text = self.bytes.get(..usize::from(self.len)).unwrap_or(&[]);
        std::str::from_utf8(text).unwrap_or("")
    }
}

impl fmt::Debug for Ident8 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// A character of six bits; `None` for a code that the alphabet leaves open.
///
/// Standard: ICAO Annex 10, volume IV, table 3-8.
fn icao(code: u64) -> Option<u8> {
    let code = u8::try_from(code).ok()?;
    match code {
        1..=26 => Some(code + 64),
        32 | 48..=57 => Some(code),
        _ => None,
    }
}

/// Characters of six bits as they stand, padding too; `?` for a code that the alphabet leaves open.
pub(super) fn from_icao(bits: u64, width: u8) -> String {
    characters(bits, width, 6).map(|code| icao(code).map_or('?', char::from)).collect()
}

/// Characters of eight bits as they stand, padding too; `?` for what is no printable ASCII.
pub(super) fn from_ascii(bits: u64, width: u8) -> String {
    let printable = |code: &u8| (b' '..=b'~').contains(code);
    let one = |code| u8::try_from(code).ok().filter(printable).map_or('?', char::from);
    characters(bits, width, 8).map(one).collect()
}

/// Digits of three bits.
pub(super) fn from_octal(bits: u64, width: u8) -> String {
    characters(bits, width, 3)
        .filter_map(|digit| char::from_digit(digit.try_into().ok()?, 8))
        .collect()
}

/// Runs of `each` bits out of `width`, the first highest.
fn characters(bits: u64, width: u8, each: u8) -> impl Iterator<Item = u64> {
    let count = width / each;
    (1..=count).map(move |nth| {
        let shift = u32::from(width - nth * each);
        bits.checked_shr(shift).unwrap_or(0) & ((1 << each) - 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_six_bit_alphabet_is_that_of_annex_10() {
        // ICAO Annex 10, volume IV, table 3-8: A to Z are 1 to 26, space 32, 0 to 9 48 to 57.
        let bits = [11, 12, 13, 49, 48, 50, 32, 32].iter().fold(0, |all, code| all << 6 | code);
        assert_eq!(Ident8::from_icao(bits).unwrap().as_str(), "KLM102");
        assert_eq!(from_icao(bits, 48), "KLM102  ");
        assert_eq!(Ident8::from_icao(0), None);
        assert_eq!(Ident8::from_icao(27), None, "a code that the alphabet leaves open");
        assert_eq!(from_icao(27 << 6 | 1, 12), "?A");
    }

    #[test]
    fn octal_digits_keep_their_leading_zeros() {
        assert_eq!(from_octal(0o0126, 12), "0126");
        assert_eq!(from_octal(0o7777, 12), "7777");
    }

    #[test]
    fn eight_bit_text_shows_what_it_cannot_print() {
        assert_eq!(from_ascii(0x4142_0020, 32), "AB? ");
    }
}
