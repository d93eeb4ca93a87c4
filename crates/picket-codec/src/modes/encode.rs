//! Frames and records to bytes: Beast, AVR and BaseStation out, and squitters for tests and
//! simulations.

use std::io::Write;

use picket_model::{Body, Ident, Observation, Record, Time};

use super::avr;
use super::beast::{self, ESCAPE};
use super::cpr::Cpr;
use super::field::{Callsign, FOOT_M, Squawk, identity_of};
use super::message::{MODE_AC_BYTES, ModesFrame};
use super::parity::{LONG_BYTES, SHORT_BYTES, parity};
use crate::Encoder;

/// Appends a frame as Beast has it; without a clock the counter is zero, which means none.
pub fn beast(frame: &ModesFrame, out: &mut Vec<u8>) {
    let kind = match frame.as_bytes().len() {
        MODE_AC_BYTES => b'1',
        SHORT_BYTES => b'2',
        _ => b'3',
    };
    out.extend_from_slice(&[ESCAPE, kind]);
    let [_, _, clock @ ..] = frame.ticks.unwrap_or(0).to_be_bytes();
    let signal = [frame.signal.unwrap_or(0)];
    for byte in clock.iter().chain(&signal).chain(frame.as_bytes()) {
        out.push(*byte);
        if *byte == ESCAPE {
            out.push(ESCAPE);
        }
    }
}

/// Appends a frame as an AVR line without its end: `@` with the receiver's clock, `*` without.
pub fn avr(frame: &ModesFrame, out: &mut Vec<u8>) {
    let ticks = frame.ticks.filter(|ticks| *ticks > 0);
    // Writing to memory does not fail.
    let _ = match (ticks, frame.signal) {
        (Some(ticks), Some(level)) => write!(out, "<{ticks:012X}{level:02X}"),
        (Some(ticks), None) => write!(out, "@{ticks:012X}"),
        (None, _) => write!(out, "*"),
    };
    for byte in frame.as_bytes() {
        let _ = write!(out, "{byte:02X}");
    }
    out.push(b';');
}

/// Writes records of frames as Beast; others have none.
#[derive(Debug, Default)]
pub struct BeastEncoder;

impl Encoder for BeastEncoder {
    fn encode(&mut self, record: &Record, out: &mut Vec<u8>) -> bool {
        let frame = observation(record).and_then(frame_of);
        frame.is_some_and(|frame| {
            beast(&frame, out);
            true
        })
    }
}

/// Writes records of frames as AVR lines; others have none.
#[derive(Debug, Default)]
pub struct AvrEncoder;

impl Encoder for AvrEncoder {
    fn encode(&mut self, record: &Record, out: &mut Vec<u8>) -> bool {
        let frame = observation(record).and_then(frame_of);
        frame.is_some_and(|frame| {
            // The common readers know lines with a clock, few those with a signal.
            let mut frame = frame;
            frame.signal = None;
            avr(&frame, out);
            out.push(b'\n');
            true
        })
    }
}

/// Writes what is known of aircraft as BaseStation lines, from whatever sensor: all that
/// has an ICAO address.
#[derive(Debug, Default)]
pub struct SbsEncoder;

impl Encoder for SbsEncoder {
    fn encode(&mut self, record: &Record, out: &mut Vec<u8>) -> bool {
        let Some(seen) = observation(record) else { return false };
        let icao = seen.idents.iter().find_map(|ident| match ident {
            Ident::Icao(address) => Some(*address),
            Ident::Mmsi(_)
            | Ident::Imo(_)
            | Ident::CotUid(_)
            | Ident::Local { .. }
            | Ident::Callsign(_)
            | Ident::Name(_) => None,
        });
        let Some(icao) = icao else { return false };
        line(seen, icao, record.occurred_at, record.received_at, out);
        true
    }
}

fn line(seen: &Observation, icao: u32, heard_at: Time, written_at: Time, out: &mut Vec<u8>) {
    let (air, moves) = (&seen.air, &seen.kinematics);
    let callsign = seen.idents.iter().find_map(|ident| match ident {
        Ident::Callsign(name) => Callsign::new(name.as_bytes()),
        Ident::Icao(_)
        | Ident::Mmsi(_)
        | Ident::Imo(_)
        | Ident::CotUid(_)
        | Ident::Local { .. }
        | Ident::Name(_) => None,
    });
    let on_ground = air.on_ground == Some(true);
    let transmission = match (seen.position, callsign, air.squawk) {
        (Some(_), _, _) if on_ground => 2,
        (Some(_), _, _) => 3,
        (None, Some(_), _) => 1,
        (None, None, Some(_)) => 6,
        _ if moves.speed_mps.is_some() || air.climb_mps.is_some() => 4,
        _ if air.pressure_altitude_m.is_some() => 5,
        _ => 8,
    };
    let (date, time) = date_time(heard_at);
    let (written_date, written_time) = date_time(written_at);
    let _ = write!(
        out,
        "MSG,{transmission},1,1,{icao:06X},1,{date},{time},{written_date},{written_time},{}",
        callsign.as_ref().map_or("", Callsign::as_str),
    );
    let mut number = |value: Option<f64>, digits: usize| {
        let _ = match value {
            Some(value) => write!(out, ",{value:.digits$}"),
            None => write!(out, ","),
        };
    };
    number(air.pressure_altitude_m.map(|metres| metres / FOOT_M), 0);
    number(moves.speed_mps.map(|speed| speed * 3_600.0 / 1_852.0), 1);
    number(moves.course.map(|course| course.bearing_degrees()), 1);
    number(seen.position.map(|place| place.lat.degrees()), 6);
    number(seen.position.map(|place| place.lon.degrees()), 6);
    number(air.climb_mps.map(|climb| climb * 60.0 / FOOT_M), 0);
    let flag = |value: Option<bool>| match value {
        Some(true) => "-1",
        Some(false) => "0",
        None => "",
    };
    let squawk = air.squawk.map(|code| format!("{code:04}")).unwrap_or_default();
    let emergency =
        flag((seen.distress.is_some() || air.squawk.is_some()).then_some(seen.distress.is_some()));
    let _ = write!(out, ",{squawk},,{emergency},,{}\r\n", flag(air.on_ground));
}

/// `2023/10/24` and `09:49:22.119`, UTC.
fn date_time(at: Time) -> (String, String) {
    let text = at.to_string();
    let (date, time) = text.split_once('T').unwrap_or_default();
    (date.replace('-', "/"), time.trim_end_matches('Z').to_owned())
}

fn observation(record: &Record) -> Option<&Observation> {
    if let Body::Observation(seen) = &record.body { Some(seen) } else { None }
}

/// The frame that an observation was read from.
fn frame_of(seen: &Observation) -> Option<ModesFrame> {
    let bytes = &seen.frame.bytes;
    match &*seen.frame.format {
        "beast" => beast::frame_of(bytes),
        "avr" => avr::frame_of(bytes.strip_suffix(b";")?).ok(),
        _ => None,
    }
}

/// A squitter of a transponder (format 17, capability 5: airborne) with its parity.
#[must_use]
pub fn squitter(icao: u32, me: [u8; 7]) -> ModesFrame {
    extended(17, 5, icao, me)
}

/// An extended squitter: format 17 with a capability, or 18 with a control field.
#[must_use]
pub fn extended(df: u8, three: u8, icao: u32, me: [u8; 7]) -> ModesFrame {
    let [_, a, b, c] = icao.to_be_bytes();
    let [d, e, f, g, h, i, j] = me;
    sealed([df << 3 | three & 7, a, b, c, d, e, f, g, h, i, j, 0, 0, 0], 0)
}

/// A frame whose last three bytes are set to its parity, with `hidden` added to them.
fn sealed(mut frame: [u8; LONG_BYTES], hidden: u32) -> ModesFrame {
    let [_, p, q, r] = (parity(&frame) ^ hidden).to_be_bytes();
    let [.., x, y, z] = &mut frame;
    (*x, *y, *z) = (p, q, r);
    ModesFrame::of_long(frame)
}

/// An identity reply (format 5) of an airborne aircraft.
#[must_use]
pub fn identity_reply(icao: u32, squawk: Squawk) -> ModesFrame {
    let [_, _, a, b] = identity_of(squawk).to_be_bytes();
    let mut frame = [5 << 3, 0, a, b, 0, 0, 0];
    let [_, p, q, r] = (parity(&frame) ^ icao).to_be_bytes();
    let [.., x, y, z] = &mut frame;
    (*x, *y, *z) = (p, q, r);
    ModesFrame::of_short(frame)
}

/// The message field of an airborne position (type code 11) in steps of 25 ft.
#[must_use]
pub fn airborne_position(alt_ft: i32, cpr: Cpr) -> [u8; 7] {
    let steps = u64::try_from((alt_ft + 1_000) / 25).unwrap_or(0) & 0x7ff;
    let code = (steps & 0x7f0) << 1 | 0x10 | steps & 0x0f;
    me(11 << 51 | code << 36 | encoded(cpr))
}

/// The message field of a surface position (type code 7) with a movement code and 1/128 turns.
#[must_use]
pub fn surface_position(movement: u8, track: u8, cpr: Cpr) -> [u8; 7] {
    let moves = u64::from(movement & 0x7f) << 44 | 1 << 43 | u64::from(track & 0x7f) << 36;
    me(7 << 51 | moves | encoded(cpr))
}

fn encoded(cpr: Cpr) -> u64 {
    u64::from(cpr.odd) << 34 | u64::from(cpr.lat) << 17 | u64::from(cpr.lon)
}

/// The message field of a velocity over ground (subtype 1), knots east and north, feet a minute.
#[must_use]
pub fn velocity(east_kn: i32, north_kn: i32, climb_fpm: i32) -> [u8; 7] {
    let part = |value: i32, unit: u32, most: u64| {
        let magnitude = u64::from(value.unsigned_abs() / unit).saturating_add(1).min(most);
        (u64::from(value < 0), magnitude)
    };
    let ((west, east), (south, north)) = (part(east_kn, 1, 1_023), part(north_kn, 1, 1_023));
    let (down, rate) = part(climb_fpm, 64, 511);
    me(19 << 51
        | 1 << 48
        | west << 42
        | east << 32
        | south << 31
        | north << 21
        | 1 << 20
        | down << 19
        | rate << 10)
}

/// The message field of an identification, emitter set `A` with a number.
#[must_use]
pub fn identification(category: u8, callsign: Callsign) -> [u8; 7] {
    let text = callsign.as_str().bytes().chain(std::iter::repeat(b' ')).take(8);
    let letters = text.fold(0, |word, byte| {
        let code = if byte.is_ascii_uppercase() { byte - b'A' + 1 } else { byte };
        word << 6 | u64::from(code & 0x3f)
    });
    me(4 << 51 | u64::from(category & 7) << 48 | letters)
}

/// The message field of an aircraft status: emergency state and Mode A code.
#[must_use]
pub fn status(emergency: u8, squawk: Squawk) -> [u8; 7] {
    me(28 << 51 | 1 << 48 | u64::from(emergency & 7) << 45 | u64::from(identity_of(squawk)) << 32)
}

fn me(word: u64) -> [u8; 7] {
    let [_, me @ ..] = word.to_be_bytes();
    me
}
