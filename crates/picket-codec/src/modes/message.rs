//! What one frame or line says.

use picket_model::Time;

use super::cpr::{Cpr, Place};
use super::field::{Callsign, Squawk};
use super::parity::{LONG_BYTES, SHORT_BYTES};

/// One Mode S frame, Mode A/C reply or BaseStation line.
#[derive(Debug, Clone, PartialEq)]
pub struct ModesMessage {
    /// The bytes that carried it.
    pub carrier: Carrier,
    /// When the receiver heard it, if its clock says date and time, or could be given a date.
    pub heard_at: Option<Time>,
    /// Downlink format, 0 to 24; a line has none, nor has a Mode A/C reply.
    pub df: Option<u8>,
    /// Whose it is.
    pub address: Option<Address>,
    /// The address is proven: an intact all-call reply or squitter with it was heard lately,
    /// or is this message. What a receiver writes as a line is taken for proven.
    pub proven: bool,
    /// How many bits were corrected, 0 or 1.
    pub corrected_bits: u8,
    /// Its fields.
    pub said: Said,
    /// What the same sender said shortly before.
    pub beside: Beside,
}

/// The bytes of a message in the form that its format gives them.
#[derive(Debug, Clone, PartialEq)]
pub enum Carrier {
    /// A Beast frame.
    Beast(ModesFrame),
    /// An AVR line.
    Avr(ModesFrame),
    /// A BaseStation line without its end.
    Sbs(Box<SbsLine>),
}

/// A frame as it was on the air, and what the receiver adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModesFrame {
    /// The frame; only the first [`ModesFrame::length`] bytes count, the rest are zero.
    bytes: [u8; LONG_BYTES],
    length: u8,
    /// Signal level of the receiver's own scale, if it gives one.
    pub signal: Option<u8>,
    /// The receiver's clock, 48 bits, if it gives one: 1/12 µs, or nanoseconds of the day
    /// below 30 bits and seconds of the day above them.
    pub ticks: Option<u64>,
}

/// A line of a BaseStation feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SbsLine {
    /// Transmission type, 1 to 8.
    pub transmission: u8,
    /// The line without its end.
    pub text: Box<[u8]>,
}

impl ModesFrame {
    /// A frame of 14, 7 or 2 bytes; `None` for other lengths.
    #[must_use]
    pub fn new(frame: &[u8], ticks: Option<u64>, signal: Option<u8>) -> Option<Self> {
        if !matches!(frame.len(), LONG_BYTES | SHORT_BYTES | MODE_AC_BYTES) {
            return None;
        }
        let mut bytes = [0; LONG_BYTES];
        bytes.get_mut(..frame.len())?.copy_from_slice(frame);
        Some(Self { bytes, length: u8::try_from(frame.len()).ok()?, signal, ticks })
    }

    /// A long frame without a clock.
    #[must_use]
    pub const fn of_long(bytes: [u8; LONG_BYTES]) -> Self {
        Self { bytes, length: 14, signal: None, ticks: None }
    }

    /// A short frame without a clock.
    #[must_use]
    pub const fn of_short(frame: [u8; SHORT_BYTES]) -> Self {
        let [a, b, c, d, e, f, g] = frame;
        let bytes = [a, b, c, d, e, f, g, 0, 0, 0, 0, 0, 0, 0];
        Self { bytes, length: 7, signal: None, ticks: None }
    }

    /// The frame, 14, 7 or 2 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// The frame with zeros behind it.
    pub(super) const fn padded(&self) -> &[u8; LONG_BYTES] {
        &self.bytes
    }

    /// How many bytes it has.
    #[must_use]
    pub const fn length(&self) -> u8 {
        self.length
    }
}

/// Bytes of a Mode A/C reply.
pub(super) const MODE_AC_BYTES: usize = 2;

/// Who sent a frame, or whom it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// 24 bits.
    pub number: u32,
    /// What the number is.
    pub kind: AddressKind,
    /// By what way it came.
    pub relay: Relay,
}

/// What 24 bits of address are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AddressKind {
    /// The address that ICAO gave to an airframe.
    Icao,
    /// Chosen by the sender: anonymous, a ground vehicle, an obstruction.
    Own,
    /// Given by the ground station that tracks the aircraft.
    TrackFile,
}

/// By what way a frame came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relay {
    /// From the thing itself.
    Direct,
    /// A ground station's radar track (TIS-B).
    TisB,
    /// A ground station repeats what it heard on another data link (ADS-R).
    AdsR,
}

/// The fields of a message, each as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Said {
    /// Type code of an extended squitter, 0 to 31.
    pub typecode: Option<u8>,
    /// Flight identification.
    pub callsign: Option<Callsign>,
    /// Emitter category.
    pub category: Option<Category>,
    /// Mode A code.
    pub squawk: Option<Squawk>,
    /// A Mode A/C reply, four octal digits that are a Mode A code or an altitude: nobody knows which.
    pub mode_ac: Option<Squawk>,
    /// The state of emergency that the aircraft reports.
    pub emergency: Option<Emergency>,
    /// The pilot changed the Mode A code, or it is one of emergency.
    pub alert: Option<bool>,
    /// Special position identification: the pilot pressed "ident".
    pub spi: Option<bool>,
    /// Pressure altitude, feet.
    pub alt_ft: Option<i32>,
    /// Height above the ellipsoid, feet (type codes 20 to 22).
    pub alt_gnss_ft: Option<i32>,
    /// How much the height above the ellipsoid exceeds the pressure altitude, feet.
    pub gnss_above_baro_ft: Option<i32>,
    /// On the ground or in the air.
    pub on_ground: Option<bool>,
    /// The encoded position.
    pub cpr: Option<Cpr>,
    /// The position, once a pair or a known place gives it.
    pub place: Option<Place>,
    /// Speed over ground, knots.
    pub speed_kn: Option<f64>,
    /// Direction over ground, degrees clockwise from true north; on the ground some aircraft
    /// give their heading for it.
    pub track_deg: Option<f64>,
    /// Indicated or true airspeed, knots.
    pub airspeed_kn: Option<u16>,
    /// The airspeed is the true one.
    pub airspeed_true: bool,
    /// Where the nose points, degrees, by the aircraft's own reference: most often magnetic north.
    pub heading_deg: Option<f64>,
    /// Vertical rate, feet a minute, up positive.
    pub vrate_fpm: Option<i32>,
    /// Version of the ADS-B standard that the sender follows.
    pub version: Option<u8>,
    /// Navigation integrity category of a position.
    pub nic: Option<u8>,
    /// Navigation accuracy category for position.
    pub nacp: Option<u8>,
}

/// An emitter category: the letter of its set, and its number in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Category {
    /// `A` to `D`.
    pub set: u8,
    /// 1 to 7.
    pub number: u8,
}

/// The emergency state of an aircraft status message (RTCA DO-260B, 2.2.3.2.7.8.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emergency {
    /// None.
    None,
    /// General.
    General,
    /// Lifeguard or medical flight.
    Medical,
    /// Minimum fuel.
    MinimumFuel,
    /// No communications.
    NoCommunications,
    /// Unlawful interference.
    UnlawfulInterference,
    /// Downed aircraft.
    Downed,
    /// Reserved by the standard.
    Reserved,
}

impl Emergency {
    /// From three bits.
    #[must_use]
    pub const fn from_wire(code: u8) -> Self {
        match code & 7 {
            0 => Self::None,
            1 => Self::General,
            2 => Self::Medical,
            3 => Self::MinimumFuel,
            4 => Self::NoCommunications,
            5 => Self::UnlawfulInterference,
            6 => Self::Downed,
            _ => Self::Reserved,
        }
    }

    /// The state in print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::General => "general",
            Self::Medical => "medical",
            Self::MinimumFuel => "minimum_fuel",
            Self::NoCommunications => "no_communications",
            Self::UnlawfulInterference => "unlawful_interference",
            Self::Downed => "downed",
            Self::Reserved => "reserved",
        }
    }
}

/// What the same sender said shortly before, and this message's position needs.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Beside {
    /// How it moved, at most [`MOTION_FRESH_S`](super::MOTION_FRESH_S) ago.
    pub motion: Option<Motion>,
    /// Its emitter category.
    pub category: Option<Category>,
    /// Its navigation accuracy category for position.
    pub nacp: Option<u8>,
}

/// How a thing moves.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Motion {
    /// Speed over ground, knots.
    pub speed_kn: Option<f64>,
    /// Direction over ground, degrees clockwise from true north.
    pub track_deg: Option<f64>,
    /// Vertical rate, feet a minute.
    pub vrate_fpm: Option<i32>,
}
