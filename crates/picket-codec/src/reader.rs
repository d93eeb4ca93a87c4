//! The two ways into bytes: a byte cursor and a bit reader, both bounds-checked.
//!
//! Neither indexes, neither allocates, and both fail at the first thing that is missing.

/// A place in a slice of bytes that moves forward only.
#[derive(Debug, Clone, Copy)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// A cursor at the first byte.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes lie behind the cursor.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// What lies ahead.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or(&[])
    }

    /// The next byte, which stays ahead; `None` at the end.
    #[must_use]
    pub fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Takes the next `count` bytes; `None`, without moving, if there are fewer.
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.rest().get(..count)?;
        self.at += count;
        Some(taken)
    }

    /// Takes what stands before the next `stop` and steps over it; `None`, without moving, if there is none.
    pub fn until(&mut self, stop: u8) -> Option<&'a [u8]> {
        let rest = self.rest();
        let found = memchr::memchr(stop, rest)?;
        self.at += found + 1;
        rest.get(..found)
    }

    /// Steps over `expected` if it is next, and says whether it was.
    pub fn skip(&mut self, expected: u8) -> bool {
        let is_next = self.peek() == Some(expected);
        self.at += usize::from(is_next);
        is_next
    }
}

/// Reads numbers of any width, most significant bit first.
///
/// The first read that needs a missing bit fails, and so do all after it: what stood
/// behind a cut is not guessed from what is left.
#[derive(Debug, Clone, Copy)]
pub struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
}

impl<'a> BitReader<'a> {
    /// A reader of the first `bits` bits of `bytes`; of all if there are not so many.
    #[must_use]
    pub fn new(bytes: &'a [u8], bits: usize) -> Self {
        Self { bytes, at: 0, end: bits.min(bytes.len().saturating_mul(8)) }
    }

    /// How many bits lie behind.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// How many bits are left.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.end - self.at
    }

    /// Forgets all bits but the next `bits`.
    pub fn limit(&mut self, bits: usize) {
        self.end = self.end.min(self.at.saturating_add(bits));
    }

    /// Steps over `width` bits, or to the end if there are fewer.
    pub fn skip(&mut self, width: usize) {
        self.at = self.at.saturating_add(width).min(self.end);
    }

    /// Reads an unsigned number of `width` bits, 1 to 32.
    #[inline]
    pub fn u32(&mut self, width: u32) -> Option<u32> {
        let value = self.window(width);
        match value {
            Some(_) => self.at += width as usize,
            None => self.at = self.end,
        }
        value
    }

    /// Reads an unsigned number of `width` bits, 1 to 16.
    #[inline]
    pub fn u16(&mut self, width: u32) -> Option<u16> {
        self.u32(width).and_then(|value| u16::try_from(value).ok())
    }

    /// Reads an unsigned number of `width` bits, 1 to 8.
    #[inline]
    pub fn u8(&mut self, width: u32) -> Option<u8> {
        self.u32(width).and_then(|value| u8::try_from(value).ok())
    }

    /// Reads a number in two's complement of `width` bits, 1 to 32.
    #[inline]
    pub fn i32(&mut self, width: u32) -> Option<i32> {
        let unused = 32_u32.checked_sub(width)?;
        self.u32(width).map(|value| (value << unused).cast_signed() >> unused)
    }

    /// Reads one bit.
    #[inline]
    pub fn flag(&mut self) -> Option<bool> {
        self.u32(1).map(|bit| bit == 1)
    }

    /// The bit at `index` from the start of the bytes, which moves nothing.
    #[must_use]
    pub fn flag_at(&self, index: usize) -> Option<bool> {
        Self { at: index.min(self.end), ..*self }.flag()
    }

    /// The next `width` bits as a number, 1 to 32.
    fn window(&self, width: u32) -> Option<u32> {
        if !(1..=32).contains(&width) || self.left() < width as usize {
            return None;
        }
        let from = self.bytes.get(self.at / 8..)?;
        let word = match from.first_chunk::<8>() {
            Some(eight) => u64::from_be_bytes(*eight),
            None => {
                let mut eight = [0_u8; 8];
                eight.iter_mut().zip(from).for_each(|(to, byte)| *to = *byte);
                u64::from_be_bytes(eight)
            }
        };
        // At most 7 bits precede the number in its first byte, so 39 of the 64 are used.
        let above = u32::try_from(self.at % 8).ok()?;
        u32::try_from((word << above) >> (64 - width)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_bits_from_the_most_significant_down() {
        let mut r = BitReader::new(&[0b1010_0101, 0xff, 0x00], 24);
        assert_eq!(r.u32(1), Some(1));
        assert_eq!(r.u32(3), Some(0b010));
        assert_eq!(r.u8(4), Some(0b0101));
        assert_eq!(r.i32(9), Some(-2));
        assert_eq!(r.left(), 7);
    }

    #[test]
    fn nothing_is_read_behind_the_first_missing_bit() {
        let mut r = BitReader::new(&[0xff, 0xff], 12);
        assert_eq!(r.u32(8), Some(255));
        assert_eq!(r.u32(5), None);
        assert_eq!(r.u32(1), None, "four bits were left, and what they are is not known any more");
    }

    #[test]
    fn a_width_that_no_number_has_reads_nothing() {
        let bytes = [0xff; 16];
        assert_eq!(BitReader::new(&bytes, 128).u32(0), None);
        assert_eq!(BitReader::new(&bytes, 128).u32(33), None);
        assert_eq!(BitReader::new(&bytes, 128).i32(40), None);
        assert_eq!(BitReader::new(&bytes, 128).i32(32), Some(-1));
    }

    #[test]
    fn a_cursor_that_finds_nothing_stays_where_it_is() {
        let mut c = Cursor::new(b"ab,cd");
        assert_eq!(c.until(b','), Some(&b"ab"[..]));
        assert_eq!(c.until(b','), None);
        assert_eq!(c.take(3), None);
        assert_eq!(c.take(2), Some(&b"cd"[..]));
        assert_eq!(c.at(), 5);
    }
}
