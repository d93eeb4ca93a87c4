//! Recordings of binary frames that play again: aircraft receivers and radars.

use std::fmt;
use std::io::Read;
use std::sync::Arc;

use flate2::read::GzDecoder;
use picket_codec::asterix::{Asterix, AsterixRecord};
use picket_codec::{Decoded, Decoder, Message};
use picket_model::{Position, Time};

use crate::{Door, Emission};

/// Most bytes that a bundled recording unpacks to.
const BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Beast's clock, ticks a second.
const BEAST_HZ: f64 = 12_000_000.0;
/// Begins each Beast frame; doubled inside one.
const ESCAPE: u8 = 0x1A;
/// ASTERIX times of day, units a second and a day.
const TOD_HZ: f64 = 128.0;
const TOD_DAY: i64 = 86_400 * 128;
/// Octets of a block's category and length.
const BLOCK_HEAD: usize = 3;

/// Frames that a receiver or radar sent, played once at their own pace from a new start.
///
/// Beast frames carry a counter, not a time, and are played as they are. The times of day in
/// ASTERIX records are moved with the recording; all else is left byte for byte.
pub struct Tape {
    device: Arc<str>,
    door: Door,
    bytes: Vec<u8>,
    at: usize,
    start: Time,
    /// The first frame's time, by the recording's clock, seconds.
    first_s: Option<f64>,
    next: Option<(Time, Vec<u8>)>,
}

impl fmt::Debug for Tape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tape")
            .field("device", &self.device)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

impl Tape {
    /// The bundled recording of an aircraft receiver near Toulouse: 60,000 frames of Mode S.
    ///
    /// Source and licence stand beside it, in `picket-codec/vectors/modes/README.md`.
    #[must_use]
    pub fn adsb(start: Time) -> Self {
        let packed: &[u8] =
            include_bytes!("../../picket-codec/vectors/modes/long-flight-60000.beast.gz");
        Self::play("adsb-toulouse-2023", Door::Beast, packed, 0, start)
    }

    /// The bundled recording of a radar in the Alps, made by a program: ten minutes of sixty
    /// aircraft as plots, system tracks and ADS-B reports.
    ///
    /// Source and licence stand beside it, in `picket-codec/vectors/asterix/README.md`.
    #[must_use]
    pub fn radar(start: Time) -> Self {
        let packed: &[u8] =
            include_bytes!("../../picket-codec/vectors/asterix/synthetic-radar-midnight.pcap.gz");
        Self::play("radar-alps", Door::Asterix, packed, PCAP_HEAD, start)
    }

    /// Where the radar of [`Tape::radar`] stands: the origin of its plots.
    #[must_use]
    pub fn radar_place() -> Option<Position> {
        Position::from_degrees(47.0, 9.0)
    }

    fn play(device: &str, door: Door, packed: &[u8], skip: usize, start: Time) -> Self {
        let mut bytes = Vec::new();
        // A bundled recording is whole; a damaged one would end where the damage begins.
        let _read = GzDecoder::new(packed).take(BYTES_MAX).read_to_end(&mut bytes);
        let device = Arc::from(device);
        let mut tape = Self { device, door, bytes, at: skip, start, first_s: None, next: None };
        tape.advance();
        tape
    }

    /// The receiver's name, as [`Emission::device`] has it.
    #[must_use]
    pub const fn device(&self) -> &Arc<str> {
        &self.device
    }

    /// When its next frame is due; `None` once it has ended.
    #[must_use]
    pub fn next_at(&self) -> Option<Time> {
        self.next.as_ref().map(|(at, _)| *at)
    }

    /// Appends the frames that are due up to and at `now`, in order, at most
    /// [`EMISSIONS_MAX`](crate::EMISSIONS_MAX) at a time: call again while
    /// [`next_at`](Self::next_at) is not later.
    pub fn emit(&mut self, now: Time, out: &mut Vec<Emission>) {
        for _ in 0..crate::EMISSIONS_MAX {
            if self.next_at().is_none_or(|at| at > now) {
                return;
            }
            if let Some((at, bytes)) = self.next.take() {
                out.push(Emission { at, device: Arc::clone(&self.device), door: self.door, bytes });
            }
            self.advance();
        }
    }

    fn advance(&mut self) {
        let cut = match self.door {
            Door::Asterix => self.packet(),
            Door::Beast | Door::Cot | Door::Ais | Door::Sbs => self.frame(),
        };
        self.next = cut.map(|(second, bytes)| {
            let first_s = *self.first_s.get_or_insert(second);
            let at = self.start.plus_s(second - first_s);
            let moved_s = self.start.unix_s_f64() - first_s;
            match self.door {
                Door::Asterix => (at, move_times(&bytes, moved_s)),
                Door::Beast | Door::Cot | Door::Ais | Door::Sbs => (at, bytes),
            }
        });
    }

    /// The next Beast frame with its counter's second.
    fn frame(&mut self) -> Option<(f64, Vec<u8>)> {
        let rest = self.bytes.get(self.at..)?;
        let mut plain = Vec::with_capacity(23);
        let mut end = 2.min(rest.len());
        loop {
            match (rest.get(end), rest.get(end + 1)) {
                (Some(&ESCAPE), Some(&ESCAPE)) => {
                    plain.push(ESCAPE);
                    end += 2;
                }
                (Some(&ESCAPE) | None, _) => break,
                (Some(&byte), _) => {
                    plain.push(byte);
                    end += 1;
                }
            }
        }
        let ticks = plain.get(..6)?.iter().fold(0_u64, |ticks, byte| ticks << 8 | u64::from(*byte));
        let whole = rest.get(..end)?.to_vec();
        self.at += end;
        // 48 bits are exact in a float.
        #[expect(clippy::cast_precision_loss, reason = "48 bits")]
        let second = ticks as f64 / BEAST_HZ;
        Some((second, whole))
    }

    /// The next packet of a little-endian capture with its second.
    fn packet(&mut self) -> Option<(f64, Vec<u8>)> {
        let head = self.bytes.get(self.at..self.at.checked_add(PACKET_HEAD)?)?;
        let mut words = head.chunks_exact(4).filter_map(|word| word.try_into().ok());
        let mut word = || words.next().map(u32::from_le_bytes);
        let (seconds, micros, len) = (word()?, word()?, usize::try_from(word()?).ok()?);
        let from = self.at + PACKET_HEAD;
        let bytes = self.bytes.get(from..from.checked_add(len)?)?.to_vec();
        self.at = from + len;
        Some((f64::from(seconds) + f64::from(micros) * 1e-6, bytes))
    }
}

/// Bytes before the first packet of a capture, and before each packet's own (libpcap's format).
const PCAP_HEAD: usize = 24;
const PACKET_HEAD: usize = 16;

/// A data block with the times of day of its records moved; as it was if it cannot be read.
fn move_times(block: &[u8], moved_s: f64) -> Vec<u8> {
    let mut out = Decoded::default();
    let mut decoder = Asterix::new(&picket_codec::Settings {
        editions: radar_editions(),
        ..picket_codec::Settings::default()
    });
    decoder.feed(block, Time::from_unix_s(0), &mut out);
    decoder.end(Time::from_unix_s(0), &mut out);
    let mut moved = block.get(..BLOCK_HEAD).unwrap_or_default().to_vec();
    for (_, message) in &out.messages {
        if let Message::Asterix(record) = message {
            moved.extend_from_slice(&moved_record(record, moved_s));
        }
    }
    if out.rejects.is_empty() && moved.len() == block.len() { moved } else { block.to_vec() }
}

/// The editions in which the radar's recording was written.
#[must_use]
pub fn radar_editions() -> std::collections::BTreeMap<String, String> {
    [("021", "2.4"), ("034", "1.29"), ("048", "1.31"), ("062", "1.19"), ("065", "1.5")]
        .map(|(category, edition)| (category.to_owned(), edition.to_owned()))
        .into()
}

fn moved_record(record: &AsterixRecord, moved_s: f64) -> Vec<u8> {
    // Items that hold a time of day in three octets (EUROCONTROL-SPEC-149 parts 2b, 4, 9, 12, 15).
    let items: &[u16] = match record.category() {
        21 => &[71, 72, 73, 75, 77],
        34 | 65 => &[30],
        48 => &[140],
        62 => &[70],
        _ => &[],
    };
    let mut bytes = record.bytes().to_vec();
    for item in items {
        let Some(told) = record.item(*item).filter(|told| told.len() == 3) else { continue };
        let at = told.as_ptr() as usize - record.bytes().as_ptr() as usize;
        let tod = told.iter().fold(0_i64, |tod, byte| tod << 8 | i64::from(*byte));
        #[expect(clippy::cast_possible_truncation, reason = "seconds of 2 centuries, times 128")]
        let units = (moved_s * TOD_HZ).round() as i64;
        let [.., a, b, c] = (tod + units).rem_euclid(TOD_DAY).to_be_bytes();
        for (to, from) in bytes.iter_mut().skip(at).zip([a, b, c]) {
            *to = from;
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play(mut tape: Tape) -> Vec<Emission> {
        let mut out = Vec::new();
        while let Some(at) = tape.next_at() {
            tape.emit(at, &mut out);
        }
        out
    }

    #[test]
    fn every_frame_of_the_receiver_is_played_once_and_in_order() {
        let start = Time::from_unix_s(1_800_000_000);
        let played = play(Tape::adsb(start));
        assert_eq!(played.len(), 60_000);
        assert_eq!(played[0].at, start);
        assert!(played.windows(2).all(|pair| pair[0].at <= pair[1].at));
        let whole: Vec<u8> = played.iter().flat_map(|one| one.bytes.clone()).collect();
        let mut packed = GzDecoder::new(
            include_bytes!("../../picket-codec/vectors/modes/long-flight-60000.beast.gz")
                .as_slice(),
        );
        let mut bytes = Vec::new();
        packed.read_to_end(&mut bytes).unwrap();
        assert_eq!(whole, bytes);
    }

    #[test]
    fn the_radars_times_of_day_are_those_at_which_it_plays_across_midnight_too() {
        // Starts at 23:57 UTC.
        let start = Time::parse_rfc3339("2026-03-01T23:57:00Z").unwrap();
        let played = play(Tape::radar(start));
        assert_eq!(played.len(), 4_951, "data blocks, as the recording's page counts them");
        let settings = picket_codec::Settings { editions: radar_editions(), ..Default::default() };
        let mut decoder = Asterix::new(&settings);
        let mut out = Decoded::default();
        let mut records = 0;
        for emission in &played {
            out.clear();
            decoder.feed(&emission.bytes, emission.at, &mut out);
            assert!(out.rejects.is_empty());
            for (_, message) in &out.messages {
                let Message::Asterix(record) = message else { unreachable!() };
                records += 1;
                let Some(tod_s) = record.report().tod_s else { continue };
                let of_day = emission.at.unix_s_f64().rem_euclid(86_400.0);
                let apart = (tod_s - of_day + 43_200.0).rem_euclid(86_400.0) - 43_200.0;
                assert!(apart.abs() < 5.0, "{tod_s} told at {of_day}");
            }
        }
        assert_eq!(records, 16_507);
    }
}
