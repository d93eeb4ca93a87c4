//! The bytes of one row: a track whole, what changed of it by a fix, an alert as it stood.
//!
//! A cache's own forms: when one changes, [`crate::file::VERSION`] rises and the files are made anew.

use std::sync::Arc;

use minicbor::{Decoder, Encoder};
use picket_core::{AlertEvent, AlertState, Condition, Standing};
use picket_model::wire::{
    decode_actor, decode_alert, decode_label, decode_track, encode_actor, encode_alert,
    encode_label, encode_track,
};
use picket_model::{
    Actor, Air, Angle, Label, Position, RecordId, Seq, Severity, Source, Time, Track, TrackState,
};

use crate::HistoryError;

/// The first byte of a row's body.
const WHOLE: u8 = 1;
const FIX: u8 = 0;

/// What a row of a track says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// All of it.
    Whole(Box<Track>),
    /// A fix: the rest is as it was.
    Fix(Fix),
    /// It ended.
    Gone,
}

/// What changes of a track with each fix; every field as in [`Track`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fix {
    state: TrackState,
    position: Position,
    sigma_m: f32,
    velocity_mps: Option<[f32; 2]>,
    heading: Option<Angle>,
    air: Option<Air>,
    existence: f32,
    updated_at: Time,
    received_at: Time,
    updates: u64,
}

impl Fix {
    pub(crate) fn apply(&self, track: &mut Track) {
        track.state = self.state;
        track.position = self.position;
        let variance = f64::from(self.sigma_m) * f64::from(self.sigma_m);
        track.covariance_m2 = [variance, 0.0, variance];
        track.velocity_mps = self.velocity_mps.map(|v| v.map(f64::from));
        track.heading = self.heading;
        track.air = self.air.unwrap_or(Air::NONE);
        track.existence = f64::from(self.existence);
        track.updated_at = self.updated_at;
        track.received_at = self.received_at;
        track.updates = self.updates;
    }
}

/// The body of a row with all of a track.
pub(crate) fn whole(track: &Track) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    encode_track(track, &mut out);
    out.push(WHOLE);
    out
}

/// The body of a row with a fix, seen at `at`.
#[expect(clippy::cast_possible_truncation, reason = "single precision keeps what is shown")]
pub(crate) fn fix(track: &Track, at: Time) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    let velocity = track.velocity_mps;
    let bits = [
        velocity.is_some(),
        track.position.height_m.is_some(),
        track.heading.is_some(),
        track.air != Air::NONE,
    ];
    let flags = bits.iter().rev().fold(0, |flags, bit| flags << 1 | u8::from(*bit));
    out.push(track.state as u8 | flags << 4);
    put(&mut out, &track.position.lat.radians().to_le_bytes());
    put(&mut out, &track.position.lon.radians().to_le_bytes());
    put(&mut out, &(track.sigma_m() as f32).to_le_bytes());
    put(&mut out, &(track.existence as f32).to_le_bytes());
    for value in velocity.into_iter().flatten() {
        put(&mut out, &(value as f32).to_le_bytes());
    }
    if let Some(height_m) = track.position.height_m {
        put(&mut out, &height_m.to_le_bytes());
    }
    if let Some(heading) = track.heading {
        put(&mut out, &heading.radians().to_le_bytes());
    }
    if track.air != Air::NONE {
        put_air(&mut out, &track.air);
    }
    put_signed(&mut out, at.0.wrapping_sub(track.updated_at.0));
    put_signed(&mut out, at.0.wrapping_sub(track.received_at.0));
    put_whole(&mut out, track.updates);
    out.push(FIX);
    out
}

/// Whether a row's body holds all of a track.
pub(crate) fn is_whole(body: &[u8]) -> bool {
    body.last() == Some(&WHOLE)
}

/// Reads the body of a row seen at `at`; an empty one ends the track.
pub(crate) fn change(body: &[u8], at: Time) -> Result<Change, HistoryError> {
    match body.split_last() {
        None => Ok(Change::Gone),
        Some((&WHOLE, rest)) => decode_track(rest)
            .map(|track| Change::Whole(Box::new(track)))
            .map_err(|_| HistoryError::Form("track")),
        Some((&FIX, rest)) => take_fix(&mut Bytes(rest), at).map(Change::Fix),
        Some(_) => Err(HistoryError::Form("row of a track")),
    }
}

fn take_fix(from: &mut Bytes<'_>, at: Time) -> Result<Fix, HistoryError> {
    let head = from.u8()?;
    let has = |bit: u8| head >> 4 & 1 << bit != 0;
    let state = match head & 0x0f {
        0 => TrackState::Tentative,
        1 => TrackState::Live,
        2 => TrackState::Coasting,
        3 => TrackState::Lost,
        _ => return Err(HistoryError::Form("state of a track")),
    };
    let (lat, lon) = (from.f64()?, from.f64()?);
    let (sigma_m, existence) = (from.f32()?, from.f32()?);
    let velocity_mps = if has(0) { Some([from.f32()?, from.f32()?]) } else { None };
    let height_m = if has(1) { Some(from.f64()?) } else { None };
    let heading = if has(2) { Some(Angle::from_radians(from.f64()?)) } else { None };
    let air = if has(3) { Some(take_air(from)?) } else { None };
    let updated_at = Time(at.0.wrapping_sub(from.signed()?));
    let received_at = Time(at.0.wrapping_sub(from.signed()?));
    Ok(Fix {
        state,
        position: Position {
            lat: Angle::from_radians(lat),
            lon: Angle::from_radians(lon),
            height_m,
        },
        sigma_m,
        velocity_mps,
        heading,
        air,
        existence,
        updated_at,
        received_at,
        updates: from.whole()?,
    })
}

fn put_air(out: &mut Vec<u8>, air: &Air) {
    let on_ground = air.on_ground.map(u8::from);
    let bits = [
        air.pressure_altitude_m.is_some(),
        air.climb_mps.is_some(),
        on_ground.is_some(),
        air.squawk.is_some(),
        air.nic.is_some(),
        air.nacp.is_some(),
    ];
    out.push(bits.iter().rev().fold(0, |flags, bit| flags << 1 | u8::from(*bit)));
    for value in [air.pressure_altitude_m, air.climb_mps].into_iter().flatten() {
        put(out, &value.to_le_bytes());
    }
    out.extend(on_ground);
    put(out, &air.squawk.map_or_else(Vec::new, |code| code.to_le_bytes().to_vec()));
    out.extend(air.nic);
    out.extend(air.nacp);
}

fn take_air(from: &mut Bytes<'_>) -> Result<Air, HistoryError> {
    let flags = from.u8()?;
    let has = |bit: u8| flags & 1 << bit != 0;
    Ok(Air {
        pressure_altitude_m: if has(0) { Some(from.f64()?) } else { None },
        climb_mps: if has(1) { Some(from.f64()?) } else { None },
        on_ground: if has(2) { Some(from.u8()? != 0) } else { None },
        squawk: if has(3) { Some(u16::from_le_bytes(from.take()?)) } else { None },
        nic: if has(4) { Some(from.u8()?) } else { None },
        nacp: if has(5) { Some(from.u8()?) } else { None },
    })
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(bytes);
}

/// Seven bits a byte, the least significant first; the top bit says that more follows.
fn put_whole(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

/// Small numbers of either sign take few bytes: 0, -1, 1, -2, ...
fn put_signed(out: &mut Vec<u8>, value: i64) {
    put_whole(out, ((value << 1) ^ (value >> 63)).cast_unsigned());
}

/// What is left to read of a row's body.
struct Bytes<'b>(&'b [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], HistoryError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(HistoryError::Form("row"))?;
        self.0 = rest;
        Ok(*taken)
    }

    fn u8(&mut self) -> Result<u8, HistoryError> {
        let [byte] = self.take()?;
        Ok(byte)
    }

    fn f32(&mut self) -> Result<f32, HistoryError> {
        Ok(f32::from_le_bytes(self.take()?))
    }

    fn f64(&mut self) -> Result<f64, HistoryError> {
        Ok(f64::from_le_bytes(self.take()?))
    }

    fn whole(&mut self) -> Result<u64, HistoryError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(HistoryError::Form("number"))
    }

    fn signed(&mut self) -> Result<i64, HistoryError> {
        let value = self.whole()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }
}

/// A hash of what of a track changes seldom: while it stays, fixes suffice.
///
/// `FNV-1a` of 64 bits (Fowler, Noll, Vo): a collision would show an old name for a minute at most.
pub(crate) fn slow_key(track: &Track) -> u64 {
    let mut hash = Fnv::new();
    hash.byte(track.class as u8).byte(track.affiliation as u8).byte(track.exercise.into());
    hash.text(&track.class_why).text(track.suspect.as_deref().unwrap_or("\u{1}"));
    hash.whole(track.first_at.0.cast_unsigned());
    hash.whole(track.confirmed_at.map_or(0, |at| at.0.cast_unsigned()));
    hash.label(&track.label);
    for (ident, by) in &track.idents {
        hash.text(ident.kind()).text(&ident.to_string()).actor(by);
    }
    for Source { author, reporter, sensor, auth, .. } in &track.sources {
        hash.actor(author).text(reporter.as_deref().unwrap_or("\u{1}"));
        hash.byte(*sensor as u8).byte(*auth as u8);
    }
    hash.0
}

struct Fnv(u64);

impl Fnv {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn byte(&mut self, byte: u8) -> &mut Self {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        for byte in text.bytes() {
            self.byte(byte);
        }
        self.byte(0)
    }

    fn whole(&mut self, value: u64) -> &mut Self {
        for byte in value.to_le_bytes() {
            self.byte(byte);
        }
        self
    }

    fn actor(&mut self, actor: &Actor) -> &mut Self {
        match actor {
            Actor::Device(id) => self.byte(0).text(id.as_str()),
            Actor::Person(id) => self.byte(1).text(id.as_str()),
            Actor::Machine(view) => self.byte(2).text(view.as_str()),
            Actor::Partner(id) => self.byte(3).text(id.as_str()),
        }
    }

    fn label(&mut self, label: &Label) -> &mut Self {
        self.byte(label.level);
        for member in &label.compartments {
            self.text(member);
        }
        self.byte(1);
        for member in &label.releasable_to {
            self.text(member);
        }
        self.byte(1)
    }
}

/// A label's bytes: equal labels, equal bytes.
pub(crate) fn label(label: &Label) -> Vec<u8> {
    let mut out = Vec::new();
    encode_label(label, &mut out);
    out
}

pub(crate) fn read_label(bytes: &[u8]) -> Result<Label, HistoryError> {
    decode_label(bytes).map_err(|_| HistoryError::Form("label"))
}

const STANDINGS: [Standing; 5] =
    [Standing::New, Standing::Acknowledged, Standing::Shelved, Standing::Cleared, Standing::Closed];
const CONDITIONS: [Condition; 3] = [Condition::Active, Condition::Ended, Condition::Withdrawn];
/// What lines of an alert's history may say.
const VERBS: [&str; 12] = [
    "raise",
    "update",
    "end",
    "withdraw",
    "revise",
    "unshelve",
    "acknowledge",
    "assess",
    "shelve",
    "close",
    "note",
    "change",
];

/// How grave an alert is, as a row's column has it.
pub(crate) const fn severity(severity: Severity) -> u8 {
    severity as u8
}

type Put = Result<(), minicbor::encode::Error<std::convert::Infallible>>;

/// An alert as it stood.
pub(crate) fn alert(state: &AlertState) -> Vec<u8> {
    let mut e = Encoder::new(Vec::with_capacity(1_024));
    let done = put_alert(&mut e, state);
    // Writing to memory fails for no value.
    debug_assert!(done.is_ok());
    e.into_writer()
}

fn put_alert(e: &mut Encoder<Vec<u8>>, state: &AlertState) -> Put {
    let mut part = Vec::new();
    encode_alert(&state.alert, &state.cites, &mut part);
    e.array(10)?.bytes(&part)?.bytes(&label(&state.label))?.bool(state.revised)?;
    e.u8(place(&STANDINGS, &state.standing))?.u8(place(&CONDITIONS, &state.condition))?;
    match &state.assignee {
        None => e.null()?,
        Some(actor) => e.bytes(&packed_actor(actor))?,
    };
    match state.shelved_until {
        None => e.null()?,
        Some(until) => e.i64(until.0)?,
    };
    e.u64(state.seq.0)?.i64(state.updated_at.0)?;
    e.array(u64::try_from(state.history.len()).unwrap_or(u64::MAX))?;
    for line in &state.history {
        e.array(5)?.i64(line.at.0)?.bytes(&packed_actor(&line.actor))?;
        e.u8(place(&VERBS, &line.verb))?.str(&line.text)?.u64(line.seq.0)?;
    }
    Ok(())
}

pub(crate) fn read_alert(bytes: &[u8]) -> Result<AlertState, HistoryError> {
    take_alert(&mut Decoder::new(bytes)).ok_or(HistoryError::Form("alert"))
}

/// Lines of one alert's history that are read at most; no alert keeps more.
const LINES_MAX: u64 = 1_000;

fn take_alert(d: &mut Decoder<'_>) -> Option<AlertState> {
    d.array().ok().flatten().filter(|items| *items == 10)?;
    let (cites, alert) = decode_alert(d.bytes().ok()?).ok()?;
    let label = decode_label(d.bytes().ok()?).ok()?;
    let revised = d.bool().ok()?;
    let standing = *STANDINGS.get(usize::from(d.u8().ok()?))?;
    let condition = *CONDITIONS.get(usize::from(d.u8().ok()?))?;
    let assignee = match optional(d)? {
        false => None,
        true => Some(decode_actor(d.bytes().ok()?).ok()?),
    };
    let shelved_until = match optional(d)? {
        false => None,
        true => Some(Time(d.i64().ok()?)),
    };
    let (seq, updated_at) = (Seq(d.u64().ok()?), Time(d.i64().ok()?));
    let lines = d.array().ok().flatten().filter(|lines| *lines <= LINES_MAX)?;
    let mut history = Vec::new();
    for _ in 0..lines {
        d.array().ok().flatten().filter(|items| *items == 5)?;
        history.push(AlertEvent {
            at: Time(d.i64().ok()?),
            actor: decode_actor(d.bytes().ok()?).ok()?,
            verb: VERBS.get(usize::from(d.u8().ok()?))?,
            text: Arc::from(d.str().ok()?),
            seq: Seq(d.u64().ok()?),
        });
    }
    Some(AlertState {
        alert,
        standing,
        condition,
        assignee,
        shelved_until,
        cites,
        history,
        seq,
        updated_at,
        label,
        revised,
    })
}

/// Whether a value stands there; a null is taken.
fn optional(d: &mut Decoder<'_>) -> Option<bool> {
    if d.datatype().ok()? == minicbor::data::Type::Null {
        d.null().ok()?;
        return Some(false);
    }
    Some(true)
}

fn packed_actor(actor: &Actor) -> Vec<u8> {
    let mut out = Vec::new();
    encode_actor(actor, &mut out);
    out
}

/// The place in a table; the last for what is not in it.
fn place<T: PartialEq>(table: &[T], value: &T) -> u8 {
    let at = table.iter().position(|each| each == value);
    u8::try_from(at.unwrap_or(table.len().saturating_sub(1))).unwrap_or(u8::MAX)
}

/// A record id from a column.
pub(crate) fn record_id(bytes: &[u8]) -> Result<RecordId, HistoryError> {
    bytes.try_into().map(RecordId).map_err(|_| HistoryError::Form("record id"))
}

#[cfg(test)]
mod tests;
