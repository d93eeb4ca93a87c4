//! The three formats of Mode S, and frames whose parity is made to fit.

use picket_codec::modes::parity::{LONG_BYTES, SHORT_BYTES, parity};
use picket_codec::modes::{ModesFrame, encode};

/// Reads bytes as Beast, AVR or BaseStation, or as frames that a sender sealed.
///
/// The first byte says which; for the rest see [`crate::decode`]. Sealed frames get past the
/// parity, to the fields and to what is remembered of a sender.
///
/// # Panics
/// As [`crate::decode`].
pub fn check(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    match first % 4 {
        0 => crate::decode("beast", rest),
        1 => crate::decode("avr", rest),
        2 => crate::decode("sbs", rest),
        _ => crate::decode("beast", &sealed(rest)),
    }
}

/// Each 13 bytes become a frame of 14 or 7 with its parity, at a later time by the first two
/// of them, in steps of 5 ms.
fn sealed(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0];
    let (mut ticks, mut named) = (1_u64, [0; 3]);
    for part in data.chunks_exact(13) {
        ticks += (u64::from(part[0]) << 8 | u64::from(part[1])) * 60_000;
        let is_long = part[2] >= 0x80;
        let mut frame = [0; LONG_BYTES];
        frame[..11].copy_from_slice(&part[2..]);
        let length = if is_long { LONG_BYTES } else { SHORT_BYTES };
        let frame = &mut frame[..length];
        let mut seal = parity(frame).to_be_bytes();
        if matches!(frame[0] >> 3, 11 | 17 | 18) {
            named.copy_from_slice(&frame[1..4]);
        } else {
            // A reply hides its sender's address there: that of the last who named itself.
            seal[1..].iter_mut().zip(named).for_each(|(byte, part)| *byte ^= part);
        }
        frame[length - 3..].copy_from_slice(&seal[1..]);
        if let Some(frame) = ModesFrame::new(frame, Some(ticks), None) {
            encode::beast(&frame, &mut out);
        }
    }
    out
}
