//! The bits of one frame: whose it is, and what it says by itself.
//!
//! Bits are counted from 1, as the standards count them: of the frame in its head, of the
//! message field ME in an extended squitter.
//!
//! Standard: ICAO Annex 10 volume IV, 3.1.2 (replies); RTCA DO-260B, 2.2.3.2 (extended
//! squitters); ICAO Doc 9871.

use super::cpr::Cpr;
use super::field::{Callsign, Squawk, altitude_12_ft, altitude_ft, movement_kn};
use super::message::{Address, AddressKind, Category, Emergency, Relay, Said};
use super::parity::LONG_BYTES;

/// The head of a frame: its first 32 bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head(u32);

/// The 56 bits between head and parity of a long frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field56(u64);

/// What an operational or target state says for the position messages that follow.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Supplements {
    pub(super) nic_a: Option<bool>,
    pub(super) nic_c: Option<bool>,
}

impl Head {
    pub(super) fn of(frame: &[u8; LONG_BYTES]) -> Self {
        let [a, b, c, d, ..] = *frame;
        Self(u32::from_be_bytes([a, b, c, d]))
    }

    /// Downlink format; those from 24 up share the rest of their bits with the data.
    pub(super) fn df(self) -> u8 {
        let df = u8::try_from(self.0 >> 27).unwrap_or_default();
        df.min(24)
    }

    /// The announced address, bits 9 to 32.
    pub(super) const fn announced(self) -> u32 {
        self.0 & 0x00ff_ffff
    }

    /// Capability or control field, bits 6 to 8; a reply's flight status.
    pub(super) const fn three(self) -> u32 {
        self.0 >> 24 & 7
    }

    /// Altitude or identity code, bits 20 to 32.
    const fn code13(self) -> u32 {
        self.0 & 0x1fff
    }
}

impl Field56 {
    pub(super) fn of(frame: &[u8; LONG_BYTES]) -> Self {
        let [_, _, _, _, a, b, c, d, e, f, g, ..] = *frame;
        Self(u64::from_be_bytes([0, a, b, c, d, e, f, g]))
    }

    /// Bits `from` to `to`, counted from 1.
    fn bits(self, from: u32, to: u32) -> u32 {
        let mask = (1_u64 << (to + 1 - from)) - 1;
        u32::try_from(self.0 >> (56 - to) & mask).unwrap_or_default()
    }

    fn small(self, from: u32, to: u32) -> u8 {
        u8::try_from(self.bits(from, to)).unwrap_or_default()
    }

    fn bit(self, at: u32) -> bool {
        self.0 >> (56 - at) & 1 == 1
    }

    pub(super) fn typecode(self) -> u8 {
        self.small(1, 5)
    }
}

/// What a surveillance reply says (downlink formats 0, 4, 5, 16, 20, 21).
pub(super) fn reply(df: u8, head: Head, field: Field56) -> Said {
    let mut said = Said::default();
    match df {
        0 | 16 => {
            // Vertical status, bit 6.
            said.on_ground = Some(head.three() & 4 != 0);
            said.alt_ft = altitude_ft(head.code13());
        }
        4 | 20 => {
            flight_status(head.three(), &mut said);
            said.alt_ft = altitude_ft(head.code13());
        }
        5 | 21 => {
            flight_status(head.three(), &mut said);
            said.squawk = Some(Squawk::from_identity(head.code13()));
        }
        _ => {}
    }
    // Of the Comm-B registers only the aircraft identification names itself (its first byte
    // is 2,0) and has an alphabet that other contents hardly ever meet: all else is a guess.
    if matches!(df, 20 | 21) && field.bits(1, 8) == 0x20 {
        said.callsign = Callsign::from_wire(field.0 & 0xffff_ffff_ffff);
    }
    said
}

/// Standard: ICAO Annex 10 volume IV, 3.1.2.6.5.1.
fn flight_status(status: u32, said: &mut Said) {
    said.on_ground = match status {
        0 | 2 => Some(false),
        1 | 3 => Some(true),
        _ => None,
    };
    said.alert = Some(matches!(status, 2..=4));
    said.spi = Some(matches!(status, 4 | 5));
}

/// Whether the capability field says "ground" or "airborne" (formats 11 and 17).
pub(super) const fn capability_on_ground(capability: u32) -> Option<bool> {
    match capability {
        4 => Some(true),
        5 => Some(false),
        _ => None,
    }
}

/// Whose an extended squitter of format 18 is, by its control field; `None` if it is nobody's.
///
/// Standard: RTCA DO-260B, 2.2.3.2.1.2; the ICAO/Mode A flag stands at another bit in each
/// kind of message (DO-260B, 2.2.17.3).
pub(super) fn non_transponder(head: Head, me: Field56) -> Option<Address> {
    let flagged = |bit: u32| me.bit(bit);
    let has_flag = match me.typecode() {
        _ if head.three() == 3 => flagged(1),
        5..=8 => flagged(21),
        9..=18 | 20..=22 => flagged(8),
        19 => flagged(9),
        28 | 31 => flagged(56),
        29 => flagged(51),
        _ => false,
    };
    let (kind, relay) = match head.three() {
        0 => (AddressKind::Icao, Relay::Direct),
        1 => (AddressKind::Own, Relay::Direct),
        2 | 3 if has_flag => (AddressKind::TrackFile, Relay::TisB),
        2 | 3 => (AddressKind::Icao, Relay::TisB),
        5 => (AddressKind::TrackFile, Relay::TisB),
        6 if has_flag => (AddressKind::Own, Relay::AdsR),
        6 => (AddressKind::Icao, Relay::AdsR),
        // 4 runs the ground stations, 7 is reserved.
        _ => return None,
    };
    Some(Address { number: head.announced(), kind, relay })
}

/// What an extended squitter says by itself.
pub(super) fn squitter(me: Field56, is_rebroadcast: bool) -> Said {
    let mut said = Said { typecode: Some(me.typecode()), ..Said::default() };
    match me.typecode() {
        1..=4 => {
            said.callsign = Callsign::from_wire(me.0 & 0xffff_ffff_ffff);
            let set = [b'D', b'C', b'B', b'A'].get(usize::from(me.typecode() - 1));
            let number = me.small(6, 8);
            said.category = set.filter(|_| number > 0).map(|set| Category { set: *set, number });
        }
        5..=8 => {
            said.on_ground = Some(true);
            said.speed_kn = movement_kn(me.bits(6, 12));
            said.track_deg = me.bit(13).then(|| f64::from(me.bits(14, 20)) * 360.0 / 128.0);
            said.cpr = Some(encoded_position(me, true));
        }
        0 | 9..=18 | 20..=22 => airborne(me, &mut said),
        19 => velocity(me, &mut said),
        // Subtype 7 of the test message tells the Mode A code (used in one region).
        23 if me.bits(6, 8) == 7 => said.squawk = some_squawk(me.bits(9, 21)),
        28 if me.bits(6, 8) == 1 => {
            said.emergency = Some(Emergency::from_wire(me.small(9, 11)));
            said.squawk = some_squawk(me.bits(12, 24));
        }
        29 => {
            // Subtype 0 is version 1's, 1 is version 2's: both keep the category here.
            if me.bits(6, 7) < 2 {
                said.nacp = Some(me.small(40, 43));
            }
            if me.bits(6, 7) == 0 {
                said.emergency = Some(Emergency::from_wire(me.small(54, 56)));
            }
        }
        31 if me.bits(6, 8) < 2 => {
            said.version = Some(me.small(41, 43));
            // Version 0 has no categories here.
            if me.bits(41, 43) > 0 {
                said.nacp = Some(me.small(45, 48));
            }
        }
        _ => {}
    }
    if let Some(typecode @ (5..=18 | 20..=22)) = said.typecode {
        let nic_b = !is_rebroadcast && me.bit(8);
        said.nic = nic(typecode, Supplements::default(), nic_b);
    }
    said
}

fn airborne(me: Field56, said: &mut Said) {
    let (is_gnss, code) = (me.typecode() >= 20, me.bits(9, 20));
    if is_gnss {
        said.alt_gnss_ft = altitude_12_ft(code);
    } else {
        said.alt_ft = altitude_12_ft(code);
    }
    match me.bits(6, 7) {
        0 => (said.alert, said.spi) = (Some(false), Some(false)),
        1 | 2 => said.alert = Some(true),
        _ => (said.alert, said.spi) = (Some(false), Some(true)),
    }
    if me.typecode() == 0 {
        return;
    }
    said.on_ground = Some(false);
    let cpr = encoded_position(me, false);
    // Some encoders without a fix send zeros instead of type code 0.
    let is_void = code == 0 && cpr.lon == 0 && cpr.lat & 0x0fff == 0;
    said.cpr = (!is_void).then_some(cpr);
}

fn encoded_position(me: Field56, surface: bool) -> Cpr {
    Cpr { odd: me.bit(22), surface, lat: me.bits(23, 39), lon: me.bits(40, 56) }
}

/// Airborne velocity. Standard: RTCA DO-260B, 2.2.3.2.6.
fn velocity(me: Field56, said: &mut Said) {
    let subtype = me.small(6, 8);
    let scale = match subtype {
        1 | 3 => 1,
        2 | 4 => 4,
        _ => return,
    };
    let signed = |is_negative: bool, magnitude: u32| {
        let magnitude = i32::try_from(magnitude).unwrap_or_default();
        if is_negative { -magnitude } else { magnitude }
    };
    match subtype {
        1 | 2 => {
            let (east, north) = (me.bits(15, 24), me.bits(26, 35));
            if east > 0 && north > 0 {
                let east = f64::from(signed(me.bit(14), (east - 1) * scale));
                let north = f64::from(signed(me.bit(25), (north - 1) * scale));
                let speed_kn = libm::sqrt(east * east + north * north);
                said.speed_kn = Some(speed_kn);
                // What stands still has no direction.
                said.track_deg = (speed_kn > 0.0).then(|| {
                    let track_deg = libm::atan2(east, north).to_degrees();
                    if track_deg < 0.0 { track_deg + 360.0 } else { track_deg }
                });
            }
        }
        _ => {
            said.heading_deg = me.bit(14).then(|| f64::from(me.bits(15, 24)) * 360.0 / 1_024.0);
            let airspeed = me.bits(26, 35);
            let airspeed = (airspeed > 0).then(|| (airspeed - 1) * scale);
            said.airspeed_kn = airspeed.and_then(|knots| u16::try_from(knots).ok());
            said.airspeed_true = me.bit(25);
        }
    }
    let rate = me.bits(38, 46);
    said.vrate_fpm = (rate > 0).then(|| signed(me.bit(37), (rate - 1) * 64));
    let above = me.bits(50, 56);
    said.gnss_above_baro_ft = (above > 0).then(|| signed(me.bit(49), (above - 1) * 25));
}

fn some_squawk(id13: u32) -> Option<Squawk> {
    (id13 != 0).then(|| Squawk::from_identity(id13))
}

/// What an operational status adds to the meaning of position type codes.
pub(super) fn supplements(me: Field56) -> Option<Supplements> {
    if me.typecode() != 31 || me.bits(6, 8) > 1 || me.bits(41, 43) == 0 {
        return None;
    }
    let is_surface = me.bits(6, 8) == 1;
    let nic_c = (is_surface && me.bits(41, 43) == 2).then(|| me.bit(20));
    Some(Supplements { nic_a: Some(me.bit(44)), nic_c })
}

/// Whether the second supplement is set in a position message itself.
pub(super) fn nic_b(me: Field56) -> bool {
    me.bit(8)
}

/// Navigation integrity category of a position type code: how far the aircraft may be from
/// where it says, as a step of a scale; what the supplements leave open counts as the worse.
///
/// Standard: RTCA DO-260B, table 2-14 (airborne) and 2-16 (surface).
pub(super) fn nic(typecode: u8, with: Supplements, nic_b: bool) -> Option<u8> {
    let (a, c) = (with.nic_a == Some(true), with.nic_c == Some(true));
    Some(match typecode {
        5 | 9 | 20 => 11,
        6 | 10 | 21 => 10,
        7 if a && !c => 9,
        7 => 8,
        8 if a && c => 7,
        8 if a || c => 6,
        8 | 18 | 22 => 0,
        11 if a && nic_b => 9,
        11 => 8,
        12 => 7,
        13 => 6,
        14 => 5,
        15 => 4,
        16 if a && nic_b => 3,
        16 => 2,
        17 => 1,
        _ => return None,
    })
}
