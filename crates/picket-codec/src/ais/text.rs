//! Six-bit text and runs of bits: the two shapes of an AIS field that are no number.

use std::fmt;

use crate::reader::BitReader;

/// Six-bit text of at most `N` characters, kept in place.
///
/// Trailing `@` (the standard's padding) and then outer spaces are cut; an `@` inside is
/// kept as it came, because senders that leave rubbish behind it cannot be told from
/// those that mean it.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.3.7 and table 47.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text<const N: usize> {
    len: u8,
    bytes: [u8; N],
}

impl<const N: usize> Text<N> {
    /// Takes text of capital letters, digits and the marks of six-bit ASCII; lower case is raised.
    ///
    /// `None` if it is longer than `N`, empty, or holds a character that the set lacks.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let mut packed = Packer::default();
        for byte in text.bytes() {
            let upper = byte.to_ascii_uppercase();
            packed.push::<N>(char_of(code_of(upper)?))?;
        }
        packed.trimmed::<N>()
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let used = self.bytes.get(..usize::from(self.len)).unwrap_or(&[]);
        // Only ASCII is ever put in.
        std::str::from_utf8(used).unwrap_or("")
    }

    /// Reads `count` characters, or as many as are left whole; `None` if they say nothing.
    pub(super) fn read(r: &mut BitReader<'_>, count: usize) -> Option<Self> {
        let mut packed = Packer::default();
        packed.read::<N>(r, count);
        packed.trimmed::<N>()
    }

    /// Reads a name of `first` characters, `between` bits of other fields by `gap`, and its extension of `more`.
    pub(super) fn read_extended<T>(
        r: &mut BitReader<'_>,
        first: usize,
        gap: impl FnOnce(&mut BitReader<'_>) -> T,
        more: usize,
    ) -> (Option<Self>, T) {
        let mut packed = Packer::default();
        packed.read::<N>(r, first);
        packed.cut_padding();
        let between = gap(r);
        packed.read::<N>(r, more);
        (packed.trimmed::<N>(), between)
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// Reads all text that is left, at most `max` characters; `None` if it says nothing.
pub(super) fn read_long(r: &mut BitReader<'_>, max: usize) -> Option<Box<str>> {
    let mut text = String::with_capacity(max.min(r.left() / 6));
    for _ in 0..max.min(r.left() / 6) {
        text.push(char::from(char_of(r.u8(6)?)));
    }
    let trimmed = text.trim_end_matches('@').trim();
    (!trimmed.is_empty()).then(|| Box::from(trimmed))
}

/// The ASCII character of a six-bit code.
const fn char_of(code: u8) -> u8 {
    if code < 32 { code + 64 } else { code }
}

/// The six-bit code of an ASCII character; `None` if the set lacks it.
pub(super) const fn code_of(byte: u8) -> Option<u8> {
    match byte {
        b'@'..=b'_' => Some(byte - 64),
        b' '..=b'?' => Some(byte),
        _ => None,
    }
}

/// The longest text that is kept in place: an aid's name of 20 with its extension of 14.
const PACKED_MAX: usize = 34;

/// Text as it grows.
struct Packer {
    bytes: [u8; PACKED_MAX],
    len: usize,
}

impl Default for Packer {
    fn default() -> Self {
        Self { bytes: [0; PACKED_MAX], len: 0 }
    }
}

impl Packer {
    fn push<const N: usize>(&mut self, byte: u8) -> Option<()> {
        *self.bytes.get_mut(..N)?.get_mut(self.len)? = byte;
        self.len += 1;
        Some(())
    }

    fn read<const N: usize>(&mut self, r: &mut BitReader<'_>, count: usize) {
        for _ in 0..count {
            let Some(code) = r.u8(6) else { return };
            if self.push::<N>(char_of(code)).is_none() {
                return;
            }
        }
    }

    fn cut_padding(&mut self) {
        while self.last() == Some(b'@') {
            self.len -= 1;
        }
    }

    fn last(&self) -> Option<u8> {
        self.len.checked_sub(1).and_then(|last| self.bytes.get(last)).copied()
    }

    fn trimmed<const N: usize>(mut self) -> Option<Text<N>> {
        self.cut_padding();
        let text = self.bytes.get(..self.len)?.trim_ascii();
        let mut bytes = [0; N];
        bytes.iter_mut().zip(text).for_each(|(to, byte)| *to = *byte);
        let len = u8::try_from(text.len().min(N)).ok()?;
        (len > 0).then_some(Text { len, bytes })
    }
}

/// A run of bits that the standard leaves to an application, in the order sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Bits {
    /// How many there are.
    pub count: usize,
    /// The bits, most significant first; the last byte is filled up with zeros.
    pub bytes: Box<[u8]>,
}

impl Bits {
    /// Reads all bits that are left, at most `max`.
    pub(super) fn read(r: &mut BitReader<'_>, max: usize) -> Self {
        r.limit(max);
        let count = r.left();
        let mut bytes = Vec::with_capacity(count.div_ceil(8));
        while let Ok(width @ 1..) = u32::try_from(r.left().min(8)) {
            bytes.push(r.u8(width).unwrap_or(0) << (8 - width));
        }
        Self { count, bytes: bytes.into_boxed_slice() }
    }

    /// The bytes in hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> String {
        let mut text = String::with_capacity(self.bytes.len() * 2);
        for byte in &self.bytes {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
            }
        }
        text
    }
}

impl fmt::Debug for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bits {}", self.count, self.hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_goes_and_an_inner_at_sign_stays() {
        // M.1371-5 table 47: '@' is 0, 'A' is 1, space is 32, '0' is 48.
        let codes = [1_u8, 0, 48, 32, 0, 0];
        let packed = codes.iter().fold(0_u64, |bits, code| (bits << 6) | u64::from(*code)) << 28;
        let bytes = packed.to_be_bytes();
        let text = Text::<6>::read(&mut BitReader::new(&bytes, 36), 6).unwrap();
        assert_eq!(text.as_str(), "A@0");
    }

    #[test]
    fn text_outside_the_six_bit_set_is_refused() {
        assert_eq!(Text::<20>::new("Ever Given").unwrap().as_str(), "EVER GIVEN");
        assert_eq!(Text::<4>::new("LONGER"), None);
        assert_eq!(Text::<20>::new("ÅLAND"), None);
        assert_eq!(Text::<20>::new("  "), None);
    }

    #[test]
    fn a_run_of_bits_is_filled_up_with_zeros() {
        let bits = Bits::read(&mut BitReader::new(&[0xff, 0xff], 11), 100);
        assert_eq!((bits.count, bits.hex().as_str()), (11, "ffe0"));
    }
}
