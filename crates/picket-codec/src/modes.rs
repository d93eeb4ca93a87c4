//! Mode S and ADS-B: what aircraft transponders send on 1090 MHz, as receivers pass it on.
//!
//! Three formats carry it: [`Beast`] and [`Avr`] the frames themselves, [`Sbs`] what another
//! program read in them. Frames are believed as far as their parity goes:
//!
//! - all-call replies and squitters (11, 17, 18) prove themselves; a squitter may be mended in
//!   one bit, never in two, and then proves and pairs nothing;
//! - other replies hide their address in the parity, and are taken only from addresses that
//!   proved themselves lately ([`PROOF_S`]);
//! - positions come from pairs of halves within the standard's times, pass a speed gate, and
//!   fall back to one half only near a place of their own ([`PLACE_FRESH_S`]).
//!
//! Comm-B registers other than the aircraft identification are not read: nothing in the reply
//! says which register it is, and guessing invents headings.
//!
//! Standard: ICAO Annex 10 volume IV (Mode S), RTCA DO-260B (ADS-B), ICAO Doc 9871.

mod aircraft;
mod avr;
mod beast;
mod claim;
mod clock;
pub mod cpr;
pub mod encode;
pub mod field;
mod frame;
mod json;
pub mod message;
pub mod parity;
mod sbs;

use picket_model::Time;

pub use aircraft::{
    AIRCRAFT_MAX, MOTION_FRESH_S, PAIR_AIRBORNE_S, PAIR_SURFACE_FAST_S, PAIR_SURFACE_SLOW_S,
    PLACE_FRESH_S, PROOF_S, SLOW_KN,
};
pub use avr::Avr;
pub use beast::Beast;
pub use message::{Carrier, ModesFrame, ModesMessage};
pub use sbs::{LINE_BYTES_MAX, Sbs};

use crate::error::DecodeError;
use crate::{Message, Settings};
use aircraft::{Aircraft, Sky};
use clock::{Moment, StreamClock};
use field::Squawk;
use frame::{Field56, Head};
use message::{Address, AddressKind, Beside, MODE_AC_BYTES, Relay, Said};
use parity::LONG_BYTES;

/// Which of two formats brings frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wire {
    Beast,
    Avr,
}

/// Reads frames one after another, whatever brought them.
#[derive(Debug)]
struct Receiver {
    wire: Wire,
    clock: StreamClock,
    sky: Sky,
}

impl Receiver {
    fn new(wire: Wire, settings: &Settings) -> Self {
        Self { wire, clock: StreamClock::default(), sky: Sky::new(settings.place) }
    }

    /// Reads a frame; `None` for one that only keeps the link alive.
    #[inline]
    fn read(
        &mut self,
        frame: ModesFrame,
        received_at: Time,
    ) -> Result<Option<Message>, DecodeError> {
        let now = self.clock.tick(frame.ticks, received_at);
        if usize::from(frame.length()) == MODE_AC_BYTES {
            return Ok(self.mode_ac(frame, received_at).map(Message::Modes));
        }
        let read = self.mode_s(frame, received_at, now)?;
        Ok(Some(Message::Modes(read)))
    }

    /// A Mode A/C reply names nobody, and nobody knows whether it is a code or an altitude.
    fn mode_ac(&self, frame: ModesFrame, received_at: Time) -> Option<ModesMessage> {
        let [high, low] = *frame.as_bytes().first_chunk()?;
        let code = u16::from_be_bytes([high, low]);
        if code == 0 {
            return None;
        }
        // One hexadecimal digit for each octal one.
        let digits = (0..4).rev().fold(0, |sum, at| sum << 3 | (code >> (4 * at) & 7));
        let said = Said { mode_ac: Some(Squawk(digits)), ..Said::default() };
        Some(ModesMessage {
            carrier: self.carrier(frame),
            heard_at: self.clock.heard_at(frame.ticks, received_at),
            df: None,
            address: None,
            proven: false,
            corrected_bits: 0,
            said,
            beside: Beside::default(),
        })
    }

    fn mode_s(
        &mut self,
        frame: ModesFrame,
        received_at: Time,
        now: Moment,
    ) -> Result<ModesMessage, DecodeError> {
        let mut bytes = *frame.padded();
        let (head, length) = (Head::of(&bytes), usize::from(frame.length()));
        let df = head.df();
        let is_long = df >= 16;
        if is_long != (length == LONG_BYTES) {
            let expected = if is_long { "in a frame of 14 bytes" } else { "in a frame of 7 bytes" };
            return Err(DecodeError::Invalid { at: 0, field: "downlink format", expected });
        }
        let syndrome = parity::syndrome(frame.as_bytes());
        let mut message = ModesMessage {
            carrier: self.carrier(frame),
            heard_at: self.clock.heard_at(frame.ticks, received_at),
            df: Some(df),
            address: None,
            proven: true,
            corrected_bits: 0,
            said: Said::default(),
            beside: Beside::default(),
        };
        match df {
            17 | 18 => {
                if syndrome != 0 {
                    let bit = parity::one_bit(syndrome)
                        .ok_or(DecodeError::ParityWrong { df, syndrome })?;
                    if let Some(byte) = bytes.get_mut(bit / 8) {
                        *byte ^= 0x80 >> (bit % 8);
                    }
                    message.corrected_bits = 1;
                }
                self.squitter(df, &bytes, now, &mut message)?;
            }
            11 => {
                // The last seven bits may be the code of the interrogator that asked.
                if syndrome > 0x7f {
                    return Err(DecodeError::ParityWrong { df, syndrome });
                }
                let address = icao(head.announced())?;
                let aircraft = self.sky.heard(address, now);
                if syndrome == 0 {
                    aircraft.prove(now)
                } else {
                    aircraft.name(now)
                }
                message.address = Some(address);
                message.proven = aircraft.is_proven(now);
                message.said.on_ground = frame::capability_on_ground(head.three());
            }
            0 | 4 | 5 | 16 | 20 | 21 | 24 => {
                let address = self.sky.proven(syndrome, now);
                message.address =
                    Some(address.ok_or(DecodeError::AddressUnproven { address: syndrome })?);
                message.said = frame::reply(df, head, Field56::of(&bytes));
            }
            _ => {
                let expected = "one of 0, 4, 5, 11, 16, 17, 18, 20, 21, 24";
                return Err(DecodeError::Invalid { at: 0, field: "downlink format", expected });
            }
        }
        Ok(message)
    }

    /// An extended squitter, from a transponder (17) or not (18).
    fn squitter(
        &mut self,
        df: u8,
        bytes: &[u8; LONG_BYTES],
        now: Moment,
        message: &mut ModesMessage,
    ) -> Result<(), DecodeError> {
        let (head, me) = (Head::of(bytes), Field56::of(bytes));
        let address = match df {
            17 => Some(icao(head.announced())?),
            _ => frame::non_transponder(head, me),
        };
        let Some(address) = address else {
            message.proven = false;
            return Ok(());
        };
        message.address = Some(address);
        // A coarse report has a layout of its own, and is no longer sent.
        let is_coarse = df == 18 && head.three() == 3;
        if is_coarse {
            message.proven = message.corrected_bits == 0;
            return Ok(());
        }
        message.said = frame::squitter(me, address.relay == Relay::AdsR);
        if df == 17 && message.said.on_ground.is_none() {
            message.said.on_ground = frame::capability_on_ground(head.three());
        }
        let receiver = self.sky.receiver();
        if message.corrected_bits > 0 {
            let known = self.sky.known(address);
            message.proven = known.as_ref().is_some_and(|aircraft| aircraft.is_proven(now));
            if let Some(aircraft) = known.filter(|_| message.proven) {
                let place = message.said.cpr.and_then(|cpr| aircraft.locate_corrected(cpr, now));
                message.said.place = place;
                beside(aircraft, me, now, message);
            }
            return Ok(());
        }
        let aircraft = self.sky.heard(address, now);
        aircraft.prove(now);
        if let Some(with) = frame::supplements(me) {
            aircraft.supplements = with;
        }
        if let Some(cpr) = message.said.cpr {
            message.said.place = aircraft.locate(cpr, message.said.speed_kn, receiver, now);
        }
        beside(aircraft, me, now, message);
        aircraft.learn(&message.said, now);
        Ok(())
    }

    fn carrier(&self, frame: ModesFrame) -> Carrier {
        match self.wire {
            Wire::Beast => Carrier::Beast(frame),
            Wire::Avr => Carrier::Avr(frame),
        }
    }
}

/// Puts beside a message what its sender said before.
fn beside(aircraft: &Aircraft, me: Field56, now: Moment, message: &mut ModesMessage) {
    let said = &mut message.said;
    let is_rebroadcast = message.address.is_some_and(|address| address.relay == Relay::AdsR);
    if let (Some(typecode), Some(_)) = (said.typecode, said.nic) {
        let nic_b = !is_rebroadcast && frame::nic_b(me);
        said.nic = frame::nic(typecode, aircraft.supplements, nic_b);
    }
    message.beside = Beside {
        motion: aircraft.motion(now),
        category: said.category.or(aircraft.category),
        nacp: said.nacp.or(aircraft.nacp),
    };
}

/// An announced address, if it is one: zero belongs to nobody.
fn icao(number: u32) -> Result<Address, DecodeError> {
    if number == 0 {
        let expected = "above zero";
        return Err(DecodeError::Invalid { at: 1, field: "address", expected });
    }
    Ok(Address { number, kind: AddressKind::Icao, relay: Relay::Direct })
}
