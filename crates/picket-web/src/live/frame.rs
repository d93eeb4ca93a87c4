//! The bytes of the live stream, as `docs/api.md` has them. Little-endian throughout.

use bytes::{BufMut, BytesMut};
use picket_model::geo::Frame as LocalFrame;
use picket_model::{Enu, Position, Severity, Time, Track, TrackState};
use serde::Serialize;

use crate::symbol;

/// The bytes `PCKT`.
const MAGIC: u32 = 0x544B_4350;
const VERSION: u8 = 1;
/// Bytes of one track record.
pub(crate) const RECORD_BYTES: usize = 20;
/// In course and speed: not known.
const UNKNOWN: u16 = u16::MAX;
/// A place is carried on by its velocity to the frame's time for so long, as the page does.
const AHEAD_S_MAX: f64 = 30.0;

/// The kinds of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Snapshot = 1,
    Update = 2,
    Remove = 3,
    Event = 4,
    Heartbeat = 5,
    Attributes = 6,
}

/// Begins a frame.
pub(crate) fn begin(out: &mut BytesMut, kind: Kind, seq: u64, server_time: Time) {
    out.clear();
    out.put_u32_le(MAGIC);
    out.put_u8(VERSION);
    out.put_u8(kind as u8);
    out.put_u16_le(0);
    out.put_u64_le(seq);
    out.put_f64_le(server_time.unix_s_f64());
}

/// In the head's flags: a frame of the past.
const REPLAY: u8 = 1;

/// Marks a frame as one of the past, whose time is the replayed one.
pub(crate) fn mark_replay(frame: &mut BytesMut) {
    if let Some(flags) = frame.get_mut(6) {
        *flags |= REPLAY;
    }
}

/// Puts a JSON body behind the head.
pub(crate) fn put_json(out: &mut BytesMut, body: &impl Serialize) {
    // Writing to memory fails for no value, and our shapes have no map with keys that are none.
    let written = serde_json::to_writer(out.writer(), body);
    debug_assert!(written.is_ok());
}

/// One track as it stands at the time of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) slot: u32,
    pub(crate) lon_e7: i32,
    pub(crate) lat_e7: i32,
    pub(crate) course_cdeg: u16,
    pub(crate) speed_dmps: u16,
    pub(crate) symbol: u16,
    pub(crate) confidence: u8,
    pub(crate) flags: u8,
}

impl Record {
    /// A track with the gravest open alert that its reader may see.
    pub(crate) fn of(track: &Track, alert: Option<Severity>, at: Time) -> Self {
        let place = place_at(track, at);
        let course = track.course().map(|course| course.bearing_degrees() * 100.0);
        let speed = track.speed_mps().map(|speed_mps| speed_mps * 10.0);
        Self {
            slot: track.id.0,
            lon_e7: round_i32(place.lon.degrees() * 1e7),
            lat_e7: round_i32(place.lat.degrees() * 1e7),
            // 359.996 rounds to a full turn, which is north.
            course_cdeg: course.map_or(UNKNOWN, |c| if c < 35_999.5 { round_u16(c) } else { 0 }),
            speed_dmps: speed.map_or(UNKNOWN, round_u16),
            symbol: symbol::index(track.class, track.affiliation),
            confidence: round_u8(track.existence * 255.0),
            flags: flags(track, alert),
        }
    }

    pub(crate) fn put(&self, out: &mut BytesMut) {
        out.put_u32_le(self.slot);
        out.put_i32_le(self.lon_e7);
        out.put_i32_le(self.lat_e7);
        out.put_u16_le(self.course_cdeg);
        out.put_u16_le(self.speed_dmps);
        out.put_u16_le(self.symbol);
        out.put_u8(self.confidence);
        out.put_u8(self.flags);
    }
}

/// The flags of a track's record.
pub(crate) fn flags(track: &Track, alert: Option<Severity>) -> u8 {
    let severity = match alert {
        None => 0,
        Some(Severity::Information | Severity::Caution) => 1,
        Some(Severity::Serious) => 2,
        Some(Severity::Critical) => 3,
    };
    let (coasting, stale) = match track.state {
        TrackState::Tentative | TrackState::Live => (false, false),
        TrackState::Coasting => (true, false),
        TrackState::Lost => (true, true),
    };
    severity
        | u8::from(coasting) << 2
        | u8::from(stale) << 3
        | u8::from(track.exercise) << 4
        | u8::from(track.suspect.is_some()) << 5
}

/// Where a live track is at the frame's time, by its own velocity; others where they were.
fn place_at(track: &Track, at: Time) -> Position {
    let ahead_s = at.since_s(track.updated_at).clamp(0.0, AHEAD_S_MAX);
    match (track.state, track.velocity_mps) {
        (TrackState::Live, Some([east, north])) => {
            let moved = Enu { e_m: east * ahead_s, n_m: north * ahead_s };
            LocalFrame::at(track.position).position(moved)
        }
        (TrackState::Live, None)
        | (TrackState::Tentative | TrackState::Coasting | TrackState::Lost, _) => track.position,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates, as is meant")]
fn round_i32(value: f64) -> i32 {
    value.round() as i32
}

/// Stops below the value that means unknown.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, as is meant"
)]
fn round_u16(value: f64) -> u16 {
    (value.round() as u16).min(UNKNOWN - 1)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, as is meant"
)]
fn round_u8(value: f64) -> u8 {
    value.round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_has_the_24_bytes_of_the_contract() {
        let mut out = BytesMut::new();
        begin(&mut out, Kind::Update, 0x0102_0304, Time::from_unix_ms(1_767_323_045_500));
        // docs/api.md: PCKT, 1, 2, flags 0, seq, then 1767323045.5 as Python's
        // struct.pack("<d", ..) writes it.
        let expected = [
            b'P', b'C', b'K', b'T', 1, 2, 0, 0, 0x04, 0x03, 0x02, 0x01, 0, 0, 0, 0, 0x00, 0x00,
            0x60, 0x69, 0xcd, 0x55, 0xda, 0x41,
        ];
        assert_eq!(&out[..], &expected[..]);
    }

    #[test]
    fn a_record_has_the_20_bytes_of_the_contract() {
        let record = Record {
            slot: 12,
            lon_e7: 1_513_000_000,
            lat_e7: -238_000_000,
            course_cdeg: 8_120,
            speed_dmps: 51,
            symbol: 8,
            confidence: 247,
            flags: 0b0001_0011,
        };
        let mut out = BytesMut::new();
        record.put(&mut out);
        // 151.3° E = 0x5A2E8C40, 23.8° S = 0xF1D06880, 81.20° = 0x1FB8, 5.1 m/s = 0x33.
        let expected = [
            12, 0, 0, 0, 0x40, 0x8c, 0x2e, 0x5a, 0x80, 0x68, 0xd0, 0xf1, 0xb8, 0x1f, 0x33, 0, 8, 0,
            247, 0x13,
        ];
        assert_eq!(out.len(), RECORD_BYTES);
        assert_eq!(&out[..], &expected[..]);
    }

    #[test]
    fn a_buffer_is_used_again_without_its_old_bytes() {
        let mut out = BytesMut::new();
        begin(&mut out, Kind::Event, 1, Time::from_unix_s(0));
        put_json(&mut out, &[1, 2, 3]);
        begin(&mut out, Kind::Heartbeat, 1, Time::from_unix_s(0));
        assert_eq!(out.len(), 24);
    }

    #[test]
    fn what_is_no_number_or_too_large_stops_at_the_ends() {
        assert_eq!(round_u16(1e9), 65_534);
        assert_eq!(round_u16(-1.0), 0);
        assert_eq!(round_u8(f64::NAN), 0);
        assert_eq!(round_i32(f64::INFINITY), i32::MAX);
    }
}
