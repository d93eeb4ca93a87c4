//! The small codes inside frames: altitude, squawk, letters, movement.

use std::fmt;

/// A Mode A code, four octal digits in twelve bits: 0o7700 is "7700".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Squawk(pub u16);

impl Squawk {
    /// From the identity field of 13 bits, in transmitted order
    /// `C1 A1 C2 A2 C4 A4 X B1 D1 B2 D2 B4 D4`.
    ///
    /// Standard: ICAO Annex 10 volume IV, 3.1.2.6.7.1.
    #[must_use]
    pub fn from_identity(id13: u32) -> Self {
        let digits = gillham_digits(id13);
        Self(u16::try_from(digits).unwrap_or_default())
    }

    /// From four octal digits as text.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let digits: &[u8; 4] = text.try_into().ok()?;
        digits
            .iter()
            .try_fold(0_u16, |sum, digit| {
                matches!(digit, b'0'..=b'7').then(|| sum << 3 | u16::from(digit - b'0'))
            })
            .map(Self)
    }
}

impl fmt::Display for Squawk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

/// A flight's identification, 1 to 8 letters and digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Callsign {
    text: [u8; 8],
    length: u8,
}

impl Callsign {
    /// From 48 bits, eight characters of six bits.
    ///
    /// `None` if a character is none of the alphabet, a space stands before a letter, or
    /// there is nothing but spaces.
    ///
    /// Standard: ICAO Annex 10 volume IV, table 3-9.
    #[must_use]
    pub fn from_wire(word: u64) -> Option<Self> {
        let mut text = [b' '; 8];
        for (at, letter) in text.iter_mut().enumerate() {
            let code = u8::try_from(word >> (42 - 6 * at) & 0x3f).unwrap_or_default();
            *letter = match code {
                1..=26 => b'A' + code - 1,
                32 => b' ',
                48..=57 => b'0' + code - 48,
                _ => return None,
            };
        }
        Self::new(&text)
    }

    /// From text; spaces around it do not count. `None` if it is empty, longer than 8, or
    /// has anything but capital letters and digits.
    #[must_use]
    pub fn new(text: &[u8]) -> Option<Self> {
        let trimmed = text.trim_ascii();
        let is_good = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        if trimmed.is_empty() || !trimmed.iter().all(is_good) {
            return None;
        }
        let mut kept = [0; 8];
        kept.get_mut(..trimmed.len())?.copy_from_slice(trimmed);
        Some(Self { text: kept, length: u8::try_from(trimmed.len()).ok()? })
    }

    /// The letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let text = self.text.get(..usize::from(self.length)).unwrap_or_default();
        std::str::from_utf8(text).unwrap_or_default()
    }
}

impl fmt::Debug for Callsign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

/// The altitude code of 13 bits of a reply, feet of pressure altitude; `None` if it says none.
///
/// Standard: ICAO Annex 10 volume IV, 3.1.2.6.5.4: bit 7 (M) set is metres; else bit 9 (Q)
/// set is steps of 25 ft from -1000 ft, and not set is the Gillham code in steps of 100 ft.
#[must_use]
pub fn altitude_ft(ac13: u32) -> Option<i32> {
    if ac13 == 0 {
        return None;
    }
    let above_m = ac13 >> 7 << 6;
    let below_m = ac13 & 0x3f;
    if ac13 & 0x40 != 0 {
        let metres = f64::from(above_m | below_m);
        return whole(metres / FOOT_M);
    }
    if ac13 & 0x10 != 0 {
        let above_q = (above_m | ac13 & 0x20) >> 1;
        let steps = i32::try_from(above_q | ac13 & 0x0f).ok()?;
        return Some(steps * 25 - 1_000);
    }
    gillham_ft(gillham_digits(ac13))
}

/// The altitude code of 12 bits of an extended squitter: as [`altitude_ft`] without the M bit.
#[must_use]
pub fn altitude_12_ft(ac12: u32) -> Option<i32> {
    altitude_ft((ac12 & 0x0fc0) << 1 | ac12 & 0x3f)
}

/// One foot, metres.
pub(super) const FOOT_M: f64 = 0.304_8;

/// The nearest whole number.
#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates, as wanted")]
fn whole(value: f64) -> Option<i32> {
    value.is_finite().then(|| value.round() as i32)
}

/// Twelve pulses in transmitted order as four octal digits `A B C D`, each `4 2 1`.
fn gillham_digits(bits: u32) -> u32 {
    // From the highest of 13 bits: C1 A1 C2 A2 C4 A4 X B1 D1 B2 D2 B4 D4.
    const TO: [u32; 13] = [3, 9, 4, 10, 5, 11, 12, 6, 0, 7, 1, 8, 2];
    TO.iter().zip((0..13).rev()).fold(0, |digits, (to, from)| digits | (bits >> from & 1) << to)
        & 0x0fff
}

/// Feet of a Gillham code given as octal digits `A B C D`; `None` if it is no altitude.
///
/// D2 D4 A1 A2 A4 B1 B2 B4 are a Gray code of 500 ft steps, C1 C2 C4 a reflected one of
/// five 100 ft steps; D1 is never used. Standard: ICAO Annex 10 volume IV, appendix to
/// chapter 3.
fn gillham_ft(digits: u32) -> Option<i32> {
    let bit = |at: u32| digits >> at & 1;
    let (a1, a2, a4) = (bit(9), bit(10), bit(11));
    let (b1, b2, b4) = (bit(6), bit(7), bit(8));
    let (c1, c2, c4) = (bit(3), bit(4), bit(5));
    let (d1, d2, d4) = (bit(0), bit(1), bit(2));
    if d1 == 1 {
        return None;
    }
    let gray = |bits: &[u32]| {
        let mut last = 0;
        bits.iter().fold(0, |sum, bit| {
            last ^= bit;
            sum << 1 | last
        })
    };
    let five_hundreds = gray(&[d2, d4, a1, a2, a4, b1, b2, b4]);
    let hundreds = match gray(&[c1, c2, c4]) {
        7 => 5,
        0 | 5 | 6 => return None,
        step => step,
    };
    let hundreds = if five_hundreds % 2 == 1 { 6 - hundreds } else { hundreds };
    let feet = i32::try_from(five_hundreds * 500 + hundreds * 100).ok()? - 1_300;
    // The standard's table begins there.
    (feet >= -1_000).then_some(feet)
}

/// Knots of a surface position's movement code; `None` if it says none.
///
/// The lower end of each step is given; code 124 means 175 kn and more.
///
/// Standard: RTCA DO-260B, 2.2.3.2.4.2, table 2-13.
#[must_use]
pub fn movement_kn(code: u32) -> Option<f64> {
    let steps = |from: f64, first: u32, step: f64| from + f64::from(code - first) * step;
    match code {
        1 => Some(0.0),
        2..=8 => Some(steps(0.125, 2, 0.125)),
        9..=12 => Some(steps(1.0, 9, 0.25)),
        13..=38 => Some(steps(2.0, 13, 0.5)),
        39..=93 => Some(steps(15.0, 39, 1.0)),
        94..=108 => Some(steps(70.0, 94, 2.0)),
        109..=123 => Some(steps(100.0, 109, 5.0)),
        124 => Some(175.0),
        _ => None,
    }
}

/// The identity code of 13 bits of a squawk, for writing frames.
#[must_use]
pub fn identity_of(squawk: Squawk) -> u32 {
    const TO: [u32; 13] = [3, 9, 4, 10, 5, 11, 12, 6, 0, 7, 1, 8, 2];
    let digits = u32::from(squawk.0);
    TO.iter()
        .zip((0..13).rev())
        .fold(0, |bits, (to, from)| bits | if *to == 12 { 0 } else { (digits >> to & 1) << from })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squawks_come_from_interleaved_pulses() {
        // J. Sun, The 1090 MHz Riddle, identity reply 2A00516D492B80: squawk 0356.
        let id13 = 0x2a00_516d_u32 & 0x1fff;
        assert_eq!(Squawk::from_identity(id13).to_string(), "0356");
        for code in 0..0o10000 {
            assert_eq!(Squawk::from_identity(identity_of(Squawk(code))), Squawk(code));
        }
        assert_eq!(Squawk::parse(b"7700"), Some(Squawk(0o7700)));
        assert_eq!(Squawk::parse(b"7800"), None);
        assert_eq!(Squawk::parse(b"770"), None);
    }

    #[test]
    fn altitudes_with_q_bit_are_steps_of_25_ft() {
        // J. Sun, The 1090 MHz Riddle: altitude reply 20001718029FCD is 36,000 ft;
        // the squitter's code 1100 0011 1000 is 38,000 ft.
        assert_eq!(altitude_ft(0x1718), Some(36_000));
        assert_eq!(altitude_12_ft(0b1100_0011_1000), Some(38_000));
        assert_eq!(altitude_ft(0), None);
        assert_eq!(altitude_12_ft(0b1_0000), Some(-1_000));
    }

    #[test]
    fn gillham_altitudes_follow_the_table_of_the_standard() {
        // ICAO Annex 10 volume IV, appendix to chapter 3: pulses at these altitudes.
        let code = |pulses: &str| {
            let names =
                ["C1", "A1", "C2", "A2", "C4", "A4", "X", "B1", "D1", "B2", "D2", "B4", "D4"];
            names.iter().fold(0_u32, |bits, name| {
                bits << 1 | u32::from(pulses.split(' ').any(|pulse| pulse == *name))
            })
        };
        for (pulses, feet) in [
            ("C2", Some(-1_000)),
            ("C1 C2", Some(-900)),
            ("C1", Some(-800)),
            ("B4 C1", Some(-700)),
            ("B4 C4", Some(-300)),
            ("B2 B4 C4", Some(-200)),
            ("B2 B4 C2", Some(0)),
            ("C4", None),
            ("B4", None),
        ] {
            assert_eq!(altitude_ft(code(pulses)), feet, "{pulses}");
        }
    }

    #[test]
    fn every_hundred_feet_has_one_gillham_code() {
        let mut seen: Vec<i32> = (0..1 << 12).filter_map(gillham_ft).collect();
        seen.sort_unstable();
        // -1,000 ft to 126,700 ft, as the standard's table begins and ends.
        assert_eq!(seen, (-10..=1_267).map(|hundreds| hundreds * 100).collect::<Vec<i32>>());
    }

    #[test]
    fn metres_become_feet() {
        let code = |metres: u32| (metres & 0xfc0) << 1 | 0x40 | metres & 0x3f;
        assert_eq!(altitude_ft(code(1_000)), Some(3_281));
        assert_eq!(altitude_ft(code(3_048)), Some(10_000));
    }

    #[test]
    fn callsigns_are_letters_and_digits_without_padding() {
        // J. Sun, The 1090 MHz Riddle: 8D4840D6202CC371C32CE0576098 is KLM1023.
        assert_eq!(Callsign::from_wire(0x2cc3_71c3_2ce0).unwrap().as_str(), "KLM1023");
        assert_eq!(Callsign::from_wire(0), None);
        assert_eq!(Callsign::from_wire(0x8208_2082_0820), None, "only spaces");
        assert_eq!(Callsign::new(b"AB C"), None);
        assert_eq!(Callsign::new(b"ABCDEFGHI"), None);
    }

    #[test]
    fn movement_codes_follow_the_table_of_the_standard() {
        // RTCA DO-260B table 2-13: lower ends of the steps.
        for (code, knots) in [
            (0, None),
            (1, Some(0.0)),
            (2, Some(0.125)),
            (9, Some(1.0)),
            (13, Some(2.0)),
            (38, Some(14.5)),
            (39, Some(15.0)),
            (93, Some(69.0)),
            (94, Some(70.0)),
            (108, Some(98.0)),
            (109, Some(100.0)),
            (123, Some(170.0)),
            (124, Some(175.0)),
            (125, None),
        ] {
            assert_eq!(movement_kn(code), knots, "{code}");
        }
    }
}
