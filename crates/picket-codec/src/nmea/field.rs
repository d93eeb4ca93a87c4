//! Fields of a sentence, and what they hold.
//!
//! An empty field is unknown; one that holds what it must not is unknown too, because the
//! rest of its sentence stands all the same and the raw fields are shown beside it.

/// The fields of a sentence, one after another; behind the last all are empty.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a>(std::slice::Split<'a, u8, fn(&u8) -> bool>);

impl<'a> Fields<'a> {
    /// The fields behind the address of a sentence's covered bytes.
    pub(super) fn of(covered: &'a [u8]) -> Self {
        let mut fields = Self::all(covered);
        fields.text();
        fields
    }

    /// All that commas part, the address first.
    pub(super) fn all(covered: &'a [u8]) -> Self {
        let is_comma: fn(&u8) -> bool = |byte| *byte == b',';
        Self(covered.split(is_comma))
    }

    /// The raw fields that are left.
    pub(super) fn rest(self) -> impl Iterator<Item = &'a [u8]> {
        self.0
    }

    /// The next field as it stands, without blanks around it.
    pub(super) fn text(&mut self) -> &'a [u8] {
        self.0.next().unwrap_or(&[]).trim_ascii()
    }

    /// Steps over so many fields.
    pub(super) fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.text();
        }
    }

    /// A field of one letter.
    pub(super) fn letter(&mut self) -> Option<u8> {
        let [letter] = self.text() else { return None };
        Some(*letter)
    }

    /// A decimal number.
    pub(super) fn number(&mut self) -> Option<f64> {
        number(self.text())
    }

    /// A whole number from 0 to 255.
    pub(super) fn small(&mut self) -> Option<u8> {
        whole(self.text()).and_then(|number| u8::try_from(number).ok())
    }

    /// A whole number of at most nine digits.
    pub(super) fn whole(&mut self) -> Option<u32> {
        whole(self.text())
    }

    /// A number that counts only if the unit `letter` follows it.
    pub(super) fn with_unit(&mut self, letter: u8) -> Option<f64> {
        let (number, unit) = (self.number(), self.letter());
        number.filter(|_| unit == Some(letter))
    }

    /// A direction in degrees, 0 to 360, where 360 is 0.
    pub(super) fn degrees(&mut self) -> Option<f64> {
        direction(self.number())
    }

    /// A direction in degrees that counts only if the letter of its reference follows it.
    pub(super) fn degrees_with(&mut self, letter: u8) -> Option<f64> {
        direction(self.with_unit(letter))
    }

    /// Latitude and longitude in degrees, from four fields: `ddmm.mm`, `N`, `dddmm.mm`, `E`.
    pub(super) fn place(&mut self) -> Option<(f64, f64)> {
        let (lat, north) = (self.text(), self.letter());
        let (lon, east) = (self.text(), self.letter());
        let lat_deg = signed(lat, north, b'N', b'S', 90.0)?;
        let lon_deg = signed(lon, east, b'E', b'W', 180.0)?;
        Some((lat_deg, lon_deg))
    }

    /// An angle that a letter gives its sign, as magnetic variation is written: east is positive.
    pub(super) fn east_west(&mut self) -> Option<f64> {
        let (number, letter) = (self.number(), self.letter());
        let number = number.filter(|degrees| (0.0..=180.0).contains(degrees))?;
        match letter? {
            b'E' => Some(number),
            b'W' => Some(-number),
            _ => None,
        }
    }
}

fn direction(degrees: Option<f64>) -> Option<f64> {
    degrees.filter(|degrees| (0.0..=360.0).contains(degrees)).map(|degrees| degrees % 360.0)
}

/// Most characters of a number; the longest seen, a centimetre receiver's longitude, has 15.
const NUMBER_BYTES_MAX: usize = 24;

/// A decimal number: a sign perhaps, digits, a point perhaps. Nothing else that a float parser takes.
pub(super) fn number(text: &[u8]) -> Option<f64> {
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    let is_one = text.len() <= NUMBER_BYTES_MAX
        && digits.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
        && digits.iter().any(u8::is_ascii_digit);
    // A second point is refused here.
    is_one.then(|| std::str::from_utf8(text).ok()?.parse().ok()).flatten()
}

/// A whole number of one to nine digits.
pub(super) fn whole(text: &[u8]) -> Option<u32> {
    (1..=9).contains(&text.len()).then_some(())?;
    text.iter().try_fold(0, |sum: u32, byte| {
        byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0'))
    })
}

/// Degrees and minutes run together, as `4916.45`, with the letter of a half of the earth.
fn signed(
    text: &[u8],
    letter: Option<u8>,
    positive: u8,
    negative: u8,
    most_deg: f64,
) -> Option<f64> {
    let point = text.iter().position(|byte| *byte == b'.').unwrap_or(text.len());
    let cut = point.checked_sub(2)?;
    let minutes = number(text.get(cut..)?).filter(|minutes| (0.0..60.0).contains(minutes))?;
    let degrees = if cut == 0 { 0 } else { whole(text.get(..cut)?)? };
    let degrees = f64::from(degrees) + minutes / 60.0;
    let degrees = (degrees <= most_deg).then_some(degrees)?;
    match letter? {
        letter if letter == positive => Some(degrees),
        letter if letter == negative => Some(-degrees),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_decimal_and_nothing_else() {
        for (text, value) in [
            (&b"152.6"[..], Some(152.6)),
            (b"-0.4", Some(-0.4)),
            (b"+1", Some(1.0)),
            (b".5", Some(0.5)),
            (b"7.", Some(7.0)),
            (b"", None),
            (b".", None),
            (b"-", None),
            (b"1e5", None),
            (b"inf", None),
            (b"NaN", None),
            (b"1.2.3", None),
            (b"0000000000000000000000001", None),
        ] {
            assert_eq!(number(text), value, "{}", text.escape_ascii());
        }
    }

    #[test]
    fn places_need_their_letters_and_lie_on_earth() {
        let place = |text: &[u8]| Fields::all(text).place();
        // NMEA 0183, example of GLL: 49 degrees 16.45 minutes north, 123 degrees 11.12 west.
        let (lat_deg, lon_deg) = place(b"4916.45,N,12311.12,W").unwrap();
        assert!((lat_deg - (49.0 + 16.45 / 60.0)).abs() < 1e-12);
        assert!((lon_deg + (123.0 + 11.12 / 60.0)).abs() < 1e-12);
        for bad in [
            &b"4916.45,,12311.12,W"[..],
            b"4916.45,N,12311.12",
            b"4960.00,N,12311.12,W",
            b"9100.00,N,12311.12,W",
            b"4916.45,N,18100.00,W",
            b"4916.45,E,12311.12,N",
            b",N,,W",
            b"4,N,1,W",
        ] {
            assert_eq!(place(bad), None, "{}", bad.escape_ascii());
        }
    }
}
