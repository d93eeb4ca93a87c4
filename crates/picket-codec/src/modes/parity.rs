//! The 24 parity bits of every Mode S frame: syndromes by table, one-bit errors by theirs.
//!
//! Standard: ICAO Annex 10 volume IV, 3.1.2.3.3: generator of 25 bits, `1 FFF409`.

/// Bytes of a long frame; a short one has half.
pub const LONG_BYTES: usize = 14;
/// Bytes of a short frame.
pub const SHORT_BYTES: usize = 7;

/// The generator without its highest bit.
const GENERATOR: u32 = 0x00ff_f409;

/// What each value of each byte of a long frame adds to the syndrome.
///
/// The syndrome is linear, so that a frame's is the sum of its bytes', which do not wait
/// for one another as the steps of a division do. A short frame uses the last rows.
static SYNDROMES: [[u32; 256]; LONG_BYTES] = syndromes();

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "evaluated by the compiler, which refuses an index out of bounds; counts below 256"
)]
const fn syndromes() -> [[u32; 256]; LONG_BYTES] {
    let mut rows = [[0_u32; 256]; LONG_BYTES];
    let mut value = 0;
    while value < 256 {
        let mut remainder = value as u32;
        let mut row = LONG_BYTES;
        while row > 0 {
            row -= 1;
            // The last three bytes are the parity itself.
            if row + 3 >= LONG_BYTES {
                remainder = (value as u32) << (8 * (LONG_BYTES - 1 - row));
            } else {
                let mut step = 0;
                while step < 8 {
                    remainder <<= 1;
                    if remainder & 0x0100_0000 != 0 {
                        remainder = (remainder ^ GENERATOR) & 0x00ff_ffff;
                    }
                    step += 1;
                }
            }
            rows[row][value] = remainder;
        }
        value += 1;
    }
    rows
}

/// The syndrome of a frame of 7 or 14 bytes: what its bits give, against its parity field.
///
/// Zero for an intact extended squitter; the interrogator's code, 7 bits, for an all-call
/// reply; the address, 24 bits, for other replies.
#[must_use]
pub fn syndrome(frame: &[u8]) -> u32 {
    let rows = SYNDROMES.get(LONG_BYTES.saturating_sub(frame.len())..).unwrap_or(&[]);
    rows.iter()
        .zip(frame)
        .fold(0, |sum, (row, byte)| sum ^ row.get(usize::from(*byte)).copied().unwrap_or_default())
}

/// The parity that belongs to a frame's other bytes: sets the syndrome to zero when it is
/// put into the last three.
#[must_use]
pub fn parity(frame: &[u8]) -> u32 {
    let covered = frame.len().saturating_sub(3);
    let rows = SYNDROMES.get(LONG_BYTES.saturating_sub(frame.len())..).unwrap_or(&[]);
    rows.iter()
        .zip(frame)
        .take(covered)
        .fold(0, |sum, (row, byte)| sum ^ row.get(usize::from(*byte)).copied().unwrap_or_default())
}

/// Which bit of a long frame, from 0, alone makes this syndrome.
///
/// The first five bits, the downlink format, are no candidates: with another format the
/// frame would have been read by another rule. Any two bits of the rest have different
/// syndromes, because the code keeps a distance of six (ICAO Annex 10 volume IV).
#[must_use]
pub fn one_bit(syndrome: u32) -> Option<usize> {
    (5..LONG_BYTES * 8).find(|bit| syndrome_of_bit(*bit) == syndrome)
}

fn syndrome_of_bit(bit: usize) -> u32 {
    SYNDROMES.get(bit / 8).and_then(|row| row.get(0x80 >> (bit % 8))).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(hex: &str) -> Vec<u8> {
        (0..hex.len() / 2)
            .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
            .collect()
    }

    /// The division bit by bit, as the standard has it.
    fn divided(frame: &[u8]) -> u32 {
        let mut remainder = 0;
        for byte in &frame[..frame.len() - 3] {
            remainder ^= u32::from(*byte) << 16;
            for _ in 0..8 {
                remainder <<= 1;
                if remainder & 0x0100_0000 != 0 {
                    remainder ^= GENERATOR | 0x0100_0000;
                }
            }
        }
        let tail = &frame[frame.len() - 3..];
        remainder ^ u32::from_be_bytes([0, tail[0], tail[1], tail[2]])
    }

    #[test]
    fn published_squitters_have_no_syndrome() {
        // J. Sun, The 1090 MHz Riddle, 2nd edition: identification, position and velocity.
        for hex in [
            "8D406B902015A678D4D220AA4BDA",
            "8D40621D58C382D690C8AC2863A7",
            "8D485020994409940838175B284F",
        ] {
            assert_eq!(syndrome(&frame(hex)), 0, "{hex}");
        }
    }

    #[test]
    fn the_table_equals_the_division() {
        let mut state = 1_u32;
        for length in [SHORT_BYTES, LONG_BYTES] {
            for _ in 0..500 {
                let bytes: Vec<u8> = (0..length)
                    .map(|_| {
                        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        state.to_be_bytes()[0]
                    })
                    .collect();
                assert_eq!(syndrome(&bytes), divided(&bytes));
                let [_, a, b, c] = parity(&bytes).to_be_bytes();
                let whole: Vec<u8> = bytes[..length - 3].iter().copied().chain([a, b, c]).collect();
                assert_eq!(syndrome(&whole), 0);
            }
        }
    }

    #[test]
    fn each_single_bit_is_found_and_no_pair_of_bits_is_taken_for_one() {
        for bit in 0..112 {
            let found = one_bit(syndrome_of_bit(bit));
            assert_eq!(found, (bit >= 5).then_some(bit));
            for other in bit + 1..112 {
                assert_eq!(one_bit(syndrome_of_bit(bit) ^ syndrome_of_bit(other)), None);
            }
        }
    }
}
