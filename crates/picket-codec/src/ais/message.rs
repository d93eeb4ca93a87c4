//! The 27 messages of ITU-R M.1371-5 (Annex 8, §3), each field with bit range, step and unit.
//!
//! Bits are counted from 0 at the message's first bit; every message begins with its type
//! (0-5), repeat indicator (6-7) and the sender's MMSI (8-37), which stand in
//! [`AisMessage`](super::AisMessage). What the standard calls not available is `None`, and so is
//! what a short message does not reach. A value that the standard merely forbids (a longitude
//! of 200°, a course of 400°) is kept as it came: `claims` refuses it, `picket decode` shows it.

use super::text::{Bits, Text, read_long};
use crate::error::DecodeError;
use crate::reader::BitReader;

/// What a message says, by its type.
#[derive(Debug, Clone, PartialEq)]
pub enum AisBody {
    /// Types 1, 2 and 3: position report of a class A ship.
    PositionA(PositionA),
    /// Types 4 and 11: a base station's report, and a mobile station's answer with its time.
    UtcReport(UtcReport),
    /// Type 5: static and voyage related data of a class A ship.
    StaticVoyage(StaticVoyage),
    /// Type 6: binary message to one station.
    AddressedBinary(AddressedBinary),
    /// Types 7 and 13: acknowledgement of types 6 and 12.
    Acknowledge(Acknowledge),
    /// Type 8: binary message to all.
    BroadcastBinary(BroadcastBinary),
    /// Type 9: position report of a search and rescue aircraft.
    SarAircraft(SarAircraft),
    /// Type 10: inquiry for time and date.
    UtcInquiry(UtcInquiry),
    /// Type 12: safety-related text to one station.
    AddressedText(AddressedText),
    /// Type 14: safety-related text to all.
    BroadcastText(BroadcastText),
    /// Type 15: interrogation.
    Interrogation(Interrogation),
    /// Type 16: assignment of slots.
    Assignment(Assignment),
    /// Type 17: differential GNSS corrections.
    Dgnss(Dgnss),
    /// Type 18: position report of a class B ship.
    PositionB(PositionB),
    /// Type 19: extended position report of a class B ship.
    PositionBExtended(PositionBExtended),
    /// Type 20: data link management.
    SlotReservation(SlotReservation),
    /// Type 21: report of an aid to navigation.
    AidToNavigation(AidToNavigation),
    /// Type 22: channel management.
    ChannelManagement(ChannelManagement),
    /// Type 23: group assignment.
    GroupAssignment(GroupAssignment),
    /// Type 24, part 0 (A): name of a class B ship.
    StaticA(StaticA),
    /// Type 24, part 1 (B): call sign and dimensions of a class B ship.
    StaticB(StaticB),
    /// Types 25 and 26: binary message of one slot, of several slots with communication state.
    SlotBinary(SlotBinary),
    /// Type 27: position report for long range.
    LongRange(LongRange),
    /// Any other type: its bits behind the MMSI (38 on).
    Opaque(Bits),
}

impl AisBody {
    /// Reads what follows the MMSI in a message of this type.
    ///
    /// # Errors
    /// [`DecodeError::UnknownPart`] for a static data report with a part that is neither 0 nor 1.
    pub(super) fn read(
        type_number: u8,
        mmsi: u32,
        r: &mut BitReader<'_>,
    ) -> Result<Self, DecodeError> {
        Ok(match type_number {
            1..=3 => Self::PositionA(PositionA::read(r)),
            4 | 11 => Self::UtcReport(UtcReport::read(r)),
            5 => Self::StaticVoyage(StaticVoyage::read(r)),
            6 => Self::AddressedBinary(AddressedBinary::read(r)),
            7 | 13 => Self::Acknowledge(Acknowledge::read(r)),
            8 => Self::BroadcastBinary(BroadcastBinary::read(r)),
            9 => Self::SarAircraft(SarAircraft::read(r)),
            10 => Self::UtcInquiry(UtcInquiry::read(r)),
            12 => Self::AddressedText(AddressedText::read(r)),
            14 => Self::BroadcastText(BroadcastText::read(r)),
            15 => Self::Interrogation(Interrogation::read(r)),
            16 => Self::Assignment(Assignment::read(r)),
            17 => Self::Dgnss(Dgnss::read(r)),
            18 => Self::PositionB(PositionB::read(r)),
            19 => Self::PositionBExtended(PositionBExtended::read(r)),
            20 => Self::SlotReservation(SlotReservation::read(r)),
            21 => Self::AidToNavigation(AidToNavigation::read(r)),
            22 => Self::ChannelManagement(ChannelManagement::read(r)),
            23 => Self::GroupAssignment(GroupAssignment::read(r)),
            24 => match r.u8(2) {
                Some(0) => Self::StaticA(StaticA::read(r)),
                Some(1) => Self::StaticB(StaticB::read(mmsi, r)),
                Some(part) => return Err(DecodeError::UnknownPart { part }),
                None => {
                    return Err(DecodeError::Truncated { at: r.at() / 6, field: "part number" });
                }
            },
            25 | 26 => Self::SlotBinary(SlotBinary::read(type_number, r)),
            27 => Self::LongRange(LongRange::read(r)),
            _ => Self::Opaque(Bits::read(r, usize::MAX)),
        })
    }
}

/// A place as a message gives it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Fix {
    /// The error is at most 10 m (the flag is set) or more (1 bit).
    pub accuracy: Option<bool>,
    /// Longitude, degrees, east positive (28 bits, 1/10,000 min; 181° is not available).
    pub lon_deg: Option<f64>,
    /// Latitude, degrees, north positive (27 bits, 1/10,000 min; 91° is not available).
    pub lat_deg: Option<f64>,
}

impl Fix {
    fn read(r: &mut BitReader<'_>) -> Self {
        Self {
            accuracy: r.flag(),
            lon_deg: degrees(r.i32(28), 600_000, 181),
            lat_deg: degrees(r.i32(27), 600_000, 91),
        }
    }
}

/// Types 1, 2 and 3, 168 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.1, table 48.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PositionA {
    /// 38-41: navigational status, 0 to 15; 14 is an active distress beacon, 15 the default and a beacon's test.
    pub nav_status: Option<u8>,
    /// 42-49: rate of turn as sent, -127 to 127; -128 is not available. See [`RateOfTurn`].
    pub rate_of_turn: Option<RateOfTurn>,
    /// 50-59: speed over ground, knots (1/10 kn; 1,022 is 102.2 kn or more, 1,023 not available).
    pub sog_kn: Option<f64>,
    /// 60-115: place.
    pub fix: Fix,
    /// 116-127: course over ground, degrees (1/10°; 3,600 is not available).
    pub cog_deg: Option<f64>,
    /// 128-136: true heading, degrees (511 is not available).
    pub heading_deg: Option<u16>,
    /// 137-142: UTC second of the fix; 60 is not available, 61 manual input, 62 dead reckoning, 63 inoperative.
    pub second: Option<u8>,
    /// 143-144: special manoeuvre: 1 no, 2 yes; 0 is not available.
    pub maneuver: Option<u8>,
    /// 148: receiver autonomous integrity monitoring is in use.
    pub raim: Option<bool>,
    /// 149-167: communication state as sent.
    pub radio: Option<u32>,
}

impl PositionA {
    fn read(r: &mut BitReader<'_>) -> Self {
        Self {
            nav_status: r.u8(4),
            rate_of_turn: r.i32(8).and_then(RateOfTurn::from_wire),
            sog_kn: tenths(r.u32(10), 1_023),
            fix: Fix::read(r),
            cog_deg: tenths(r.u32(12), 3_600),
            heading_deg: unless(r.u16(9), 511),
            second: unless(r.u8(6), 60),
            maneuver: unless(r.u8(2), 0),
            raim: {
                r.skip(3);
                r.flag()
            },
            radio: r.u32(19),
        }
    }
}

/// A rate of turn as the wire has it: `4.733 √(degrees a minute)`, right positive.
///
/// Standard: ITU-R M.1371-5, Annex 8 table 48.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateOfTurn(i8);

impl RateOfTurn {
    /// From the number sent; `None` for -128, not available.
    #[must_use]
    pub fn from_wire(raw: i32) -> Option<Self> {
        i8::try_from(raw).ok().filter(|raw| *raw != i8::MIN).map(Self)
    }

    /// The number sent, -127 to 127.
    #[must_use]
    pub const fn wire(self) -> i8 {
        self.0
    }

    /// Degrees a minute, right positive; `None` if the ship has no turn indicator (±127).
    #[must_use]
    pub fn degrees_per_minute(self) -> Option<f64> {
        let root = f64::from(self.0) / 4.733;
        (self.0.unsigned_abs() != 127).then_some(libm::copysign(root * root, root))
    }

    /// Turning at more than 5° in 30 s without a turn indicator: `Some(true)` to the right.
    #[must_use]
    pub const fn fast_turn_right(self) -> Option<bool> {
        match self.0 {
            127 => Some(true),
            -127 => Some(false),
            _ => None,
        }
    }
}

/// Types 4 and 11, 168 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.2, table 51.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct UtcReport {
    /// 38-51: UTC year, 1 to 9999; 0 is not available.
    pub year: Option<u16>,
    /// 52-55: month, 1 to 12; 0 is not available.
    pub month: Option<u8>,
    /// 56-60: day, 1 to 31; 0 is not available.
    pub day: Option<u8>,
    /// 61-65: hour, 0 to 23; 24 is not available.
    pub hour: Option<u8>,
    /// 66-71: minute, 0 to 59; 60 is not available.
    pub minute: Option<u8>,
    /// 72-77: second, 0 to 59; 60 is not available.
    pub second: Option<u8>,
    /// 78-133: place.
    pub fix: Fix,
    /// 134-137: type of the position fixing device, 1 to 15; 0 is undefined.
    pub epfd: Option<u8>,
    /// 148: receiver autonomous integrity monitoring is in use.
    pub raim: Option<bool>,
    /// 149-167: communication state as sent.
    pub radio: Option<u32>,
}

impl UtcReport {
    fn read(r: &mut BitReader<'_>) -> Self {
        Self {
            year: unless(r.u16(14), 0),
            month: unless(r.u8(4), 0),
            day: unless(r.u8(5), 0),
            hour: unless(r.u8(5), 24),
            minute: unless(r.u8(6), 60),
            second: unless(r.u8(6), 60),
            fix: Fix::read(r),
            epfd: unless(r.u8(4), 0),
            raim: {
                r.skip(10);
                r.flag()
            },
            radio: r.u32(19),
        }
    }
}

/// How far a ship reaches from the reported place, metres.
///
/// Standard: ITU-R M.1371-5, Annex 8 figure 41; all zero is not available.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dimensions {
    /// To the bow (9 bits, 1 m; 511 is 511 m or more).
    pub to_bow_m: u16,
    /// To the stern (9 bits, 1 m; 511 is 511 m or more).
    pub to_stern_m: u16,
    /// To the port side (6 bits, 1 m; 63 is 63 m or more).
    pub to_port_m: u8,
    /// To the starboard side (6 bits, 1 m; 63 is 63 m or more).
    pub to_starboard_m: u8,
}

impl Dimensions {
    fn read(r: &mut BitReader<'_>) -> Option<Self> {
        let (to_bow_m, to_stern_m) = (r.u16(9), r.u16(9));
        let (to_port_m, to_starboard_m) = (r.u8(6), r.u8(6));
        let read = Self {
            to_bow_m: to_bow_m?,
            to_stern_m: to_stern_m?,
            to_port_m: to_port_m?,
            to_starboard_m: to_starboard_m?,
        };
        (read != Self::default()).then_some(read)
    }
}

/// When a ship expects to arrive, UTC, each part as far as it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Eta {
    /// Month, 1 to 12; 0 is not available.
    pub month: Option<u8>,
    /// Day, 1 to 31; 0 is not available.
    pub day: Option<u8>,
    /// Hour, 0 to 23; 24 is not available.
    pub hour: Option<u8>,
    /// Minute, 0 to 59; 60 is not available.
    pub minute: Option<u8>,
}

impl Eta {
    fn read(r: &mut BitReader<'_>) -> Self {
        Self {
            month: unless(r.u8(4), 0),
            day: unless(r.u8(5), 0),
            hour: unless(r.u8(5), 24),
            minute: unless(r.u8(6), 60),
        }
    }

    /// `04-15T20:00Z`, or its date or time alone; `None` if neither is whole.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let date = self.month.zip(self.day).map(|(month, day)| format!("{month:02}-{day:02}"));
        let time = self.hour.zip(self.minute).map(|(hour, min)| format!("T{hour:02}:{min:02}Z"));
        match (date, time) {
            (None, None) => None,
            (date, time) => Some(date.unwrap_or_default() + &time.unwrap_or_default()),
        }
    }
}

/// Type 5, 424 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.3, table 52.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StaticVoyage {
    /// 38-39: version of the standard that the station follows: 0 is edition 1, 1 edition 3, 2 edition 5.
    pub ais_version: Option<u8>,
    /// 40-69: IMO number (1,000,000 to 9,999,999) or a flag state's; 0 is not available.
    pub imo: Option<u32>,
    /// 70-111: call sign.
    pub callsign: Option<Text<7>>,
    /// 112-231: name.
    pub name: Option<Text<20>>,
    /// 232-239: type of ship and cargo, table 53; 0 is not available.
    pub ship_type: Option<u8>,
    /// 240-269: reach from the reported place.
    pub dimensions: Option<Dimensions>,
    /// 270-273: type of the position fixing device; 0 is undefined.
    pub epfd: Option<u8>,
    /// 274-293: expected arrival.
    pub eta: Eta,
    /// 294-301: greatest present draught, metres (1/10 m; 0 is not available).
    pub draught_m: Option<f64>,
    /// 302-421: destination.
    pub destination: Option<Text<20>>,
    /// 422: the data terminal is *not* available.
    pub dte: Option<bool>,
}

impl StaticVoyage {
    fn read(r: &mut BitReader<'_>) -> Self {
        Self {
            ais_version: r.u8(2),
            imo: unless(r.u32(30), 0),
            callsign: Text::read(r, 7),
            name: Text::read(r, 20),
            ship_type: unless(r.u8(8), 0),
            dimensions: Dimensions::read(r),
            epfd: unless(r.u8(4), 0),
            eta: Eta::read(r),
            draught_m: tenths(r.u32(8), 0),
            destination: Text::read(r, 20),
            dte: r.flag(),
        }
    }
}

/// Which application a binary message belongs to.
///
/// Standard: ITU-R M.1371-5, Annex 5 §2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Application {
    /// Designated area code (10 bits).
    pub dac: u16,
    /// Function identifier (6 bits).
    pub fid: u8,
}

impl Application {
    fn read(r: &mut BitReader<'_>) -> Option<Self> {
        let (dac, fid) = (r.u16(10), r.u8(6));
        Some(Self { dac: dac?, fid: fid? })
    }
}

/// Type 6, up to 1,008 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.4, table 54.
#[derive(Debug, Clone, PartialEq)]
pub struct AddressedBinary {
    /// 38-39: sequence number.
    pub sequence: Option<u8>,
    /// 40-69: MMSI of the receiver.
    pub dest_mmsi: Option<u32>,
    /// 70: it was sent before.
    pub retransmit: Option<bool>,
    /// 72-87: application.
    pub application: Option<Application>,
    /// 88 on: the application's data, at most 920 bits.
    pub data: Bits,
}

impl AddressedBinary {
    fn read(r: &mut BitReader<'_>) -> Self {
        let (sequence, dest_mmsi, retransmit) = (r.u8(2), r.u32(30), r.flag());
        r.skip(1);
        let application = Application::read(r);
        Self { sequence, dest_mmsi, retransmit, application, data: Bits::read(r, 920) }
    }
}

/// Types 7 and 13, 72 to 168 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.5, table 55.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Acknowledge {
    /// 40-71, 72-103, 104-135, 136-167: MMSI (30 bits) and sequence number (2 bits) of what is acknowledged.
    pub acks: [Option<(u32, u8)>; 4],
}

impl Acknowledge {
    fn read(r: &mut BitReader<'_>) -> Self {
        r.skip(2);
        Self { acks: std::array::from_fn(|_| r.u32(30).zip(r.u8(2))) }
    }
}

/// Type 8, up to 1,008 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.6, table 57.
#[derive(Debug, Clone, PartialEq)]
pub struct BroadcastBinary {
    /// 40-55: application.
    pub application: Option<Application>,
    /// 56 on: the application's data, at most 952 bits.
    pub data: Bits,
}

impl BroadcastBinary {
    fn read(r: &mut BitReader<'_>) -> Self {
        r.skip(2);
        let application = Application::read(r);
        Self { application, data: Bits::read(r, 952) }
    }
}

/// Type 9, 168 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.7, table 58.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SarAircraft {
    /// 38-49: altitude, metres, above the geoid or by barometer (1 m; 4,094 is 4,094 m or more, 4,095 not available).
    pub alt_m: Option<u16>,
    /// 50-59: speed over ground, knots (1 kn; 1,022 is 1,022 kn or more, 1,023 not available).
    pub sog_kn: Option<u16>,
    /// 60-115: place.
    pub fix: Fix,
    /// 116-127: course over ground, degrees (1/10°; 3,600 is not available).
    pub cog_deg: Option<f64>,
    /// 128-133: UTC second of the fix; 60 is not available.
    pub second: Option<u8>,
    /// 134: the altitude is by barometer.
    pub alt_barometric: Option<bool>,
    /// 142: the data terminal is *not* available.
    pub dte: Option<bool>,
    /// 146: in assigned mode.
    pub assigned: Option<bool>,
    /// 147: receiver autonomous integrity monitoring is in use.
    pub raim: Option<bool>,
    /// 148-167: communication state with its selector, as sent.
    pub radio: Option<u32>,
}

impl SarAircraft {
    fn read(r: &mut BitReader<'_>) -> Self {
        let alt_m = unless(r.u16(12), 4_095);
        let sog_kn = unless(r.u16(10), 1_023);
        let fix = Fix::read(r);
        let cog_deg = tenths(r.u32(12), 3_600);
        let second = unless(r.u8(6), 60);
        let alt_barometric = r.flag();
        r.skip(7);
        let dte = r.flag();
        r.skip(3);
        Self {
            alt_m,
            sog_kn,
            fix,
            cog_deg,
            second,
            alt_barometric,
            dte,
            assigned: r.flag(),
            raim: r.flag(),
            radio: r.u32(20),
        }
    }
}

/// Type 10, 72 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.8, table 59.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UtcInquiry {
    /// 40-69: MMSI of the station that is asked.
    pub dest_mmsi: Option<u32>,
}

impl UtcInquiry {
    fn read(r: &mut BitReader<'_>) -> Self {
        r.skip(2);
        Self { dest_mmsi: r.u32(30) }
    }
}

/// Type 12, up to 1,008 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.10, table 60.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AddressedText {
    /// 38-39: sequence number.
    pub sequence: Option<u8>,
    /// 40-69: MMSI of the receiver.
    pub dest_mmsi: Option<u32>,
    /// 70: it was sent before.
    pub retransmit: Option<bool>,
    /// 72 on: text, at most 156 characters.
    pub text: Option<Box<str>>,
}

impl AddressedText {
    fn read(r: &mut BitReader<'_>) -> Self {
        let (sequence, dest_mmsi, retransmit) = (r.u8(2), r.u32(30), r.flag());
        r.skip(1);
        Self { sequence, dest_mmsi, retransmit, text: read_long(r, 156) }
    }
}

/// Type 14, up to 1,008 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.12, table 61.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BroadcastText {
    /// 40 on: text, at most 161 characters.
    pub text: Option<Box<str>>,
}

impl BroadcastText {
    fn read(r: &mut BitReader<'_>) -> Self {
        r.skip(2);
        Self { text: read_long(r, 161) }
    }
}

/// Type 15, 88 to 160 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.13, table 62.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Interrogation {
    /// 40-69: MMSI of the first station.
    pub mmsi_1: Option<u32>,
    /// 70-75 and 76-87: type and slot offset of the first message asked of it.
    pub request_1_1: Option<(u8, u16)>,
    /// 90-95 and 96-107: type and slot offset of the second message asked of it.
    pub request_1_2: Option<(u8, u16)>,
    /// 110-139: MMSI of the second station.
    pub mmsi_2: Option<u32>,
    /// 140-145 and 146-157: type and slot offset of the message asked of it.
    pub request_2_1: Option<(u8, u16)>,
}

impl Interrogation {
    fn read(r: &mut BitReader<'_>) -> Self {
        r.skip(2);
        let mmsi_1 = r.u32(30);
        let request_1_1 = r.u8(6).zip(r.u16(12));
        r.skip(2);
        let request_1_2 = r.u8(6).zip(r.u16(12));
        r.skip(2);
        let mmsi_2 = r.u32(30);
        let request_2_1 = r.u8(6).zip(r.u16(12));
        Self { mmsi_1, request_1_1, request_1_2, mmsi_2, request_2_1 }
    }
}

/// Type 16, 96 or 144 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.14, table 64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Assignment {
    /// 40-91 and 92-143: MMSI (30 bits), slot offset (12 bits) and increment (10 bits) for each station.
    pub stations: [Option<(u32, u16, u16)>; 2],
}

impl Assignment {
    fn read(r: &mut BitReader<'_>) -> Self {
        r.skip(2);
        let mut station = || {
            let (mmsi, offset, increment) = (r.u32(30), r.u16(12), r.u16(10));
            Some((mmsi?, offset?, increment?))
        };
        Self { stations: [station(), station()] }
    }
}

/// Type 17, 80 to 816 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.15, table 66.
#[derive(Debug, Clone, PartialEq)]
pub struct Dgnss {
    /// 40-57: longitude of the reference station, degrees (1/10 min; 181° is not available).
    pub lon_deg: Option<f64>,
    /// 58-74: latitude of the reference station, degrees (1/10 min; 91° is not available).
    pub lat_deg: Option<f64>,
    /// 80 on: corrections, at most 736 bits.
    pub data: Bits,
}

impl Dgnss {
    fn read(r: &mut BitReader<'_>) -> Self {
        r.skip(2);
        let (lon_deg, lat_deg) = (degrees(r.i32(18), 600, 181), degrees(r.i32(17), 600, 91));
        r.skip(5);
        Self { lon_deg, lat_deg, data: Bits::read(r, 736) }
    }
}

/// Type 18, 168 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.16, table 67.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PositionB {
    /// 46-55: speed over ground, knots (1/10 kn; 1,022 is 102.2 kn or more, 1,023 not available).
    pub sog_kn: Option<f64>,
    /// 56-111: place.
    pub fix: Fix,
    /// 112-123: course over ground, degrees (1/10°; 3,600 is not available).
    pub cog_deg: Option<f64>,
    /// 124-132: true heading, degrees (511 is not available).
    pub heading_deg: Option<u16>,
    /// 133-138: UTC second of the fix; 60 is not available.
    pub second: Option<u8>,
    /// 141: carrier-sense unit (set) or SOTDMA unit.
    pub carrier_sense: Option<bool>,
    /// 142: has a display.
    pub display: Option<bool>,
    /// 143: has digital selective calling.
    pub dsc: Option<bool>,
    /// 144: can use the whole marine band.
    pub band: Option<bool>,
    /// 145: follows channel management by type 22.
    pub msg22: Option<bool>,
    /// 146: in assigned mode.
    pub assigned: Option<bool>,
    /// 147: receiver autonomous integrity monitoring is in use.
    pub raim: Option<bool>,
    /// 148-167: communication state with its selector, as sent.
    pub radio: Option<u32>,
}

impl PositionB {
    fn read(r: &mut BitReader<'_>) -> Self {
        r.skip(8);
        let sog_kn = tenths(r.u32(10), 1_023);
        let fix = Fix::read(r);
        let cog_deg = tenths(r.u32(12), 3_600);
        let heading_deg = unless(r.u16(9), 511);
        let second = unless(r.u8(6), 60);
        r.skip(2);
        Self {
            sog_kn,
            fix,
            cog_deg,
            heading_deg,
            second,
            carrier_sense: r.flag(),
            display: r.flag(),
            dsc: r.flag(),
            band: r.flag(),
            msg22: r.flag(),
            assigned: r.flag(),
            raim: r.flag(),
            radio: r.u32(20),
        }
    }
}

/// Type 19, 312 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.17, table 68.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PositionBExtended {
    /// 46-55: speed over ground, knots (1/10 kn; 1,023 is not available).
    pub sog_kn: Option<f64>,
    /// 56-111: place.
    pub fix: Fix,
    /// 112-123: course over ground, degrees (1/10°; 3,600 is not available).
    pub cog_deg: Option<f64>,
    /// 124-132: true heading, degrees (511 is not available).
    pub heading_deg: Option<u16>,
    /// 133-138: UTC second of the fix; 60 is not available.
    pub second: Option<u8>,
    /// 143-262: name.
    pub name: Option<Text<20>>,
    /// 263-270: type of ship and cargo; 0 is not available.
    pub ship_type: Option<u8>,
    /// 271-300: reach from the reported place.
    pub dimensions: Option<Dimensions>,
    /// 301-304: type of the position fixing device; 0 is undefined.
    pub epfd: Option<u8>,
    /// 305: receiver autonomous integrity monitoring is in use.
    pub raim: Option<bool>,
    /// 306: the data terminal is *not* available.
    pub dte: Option<bool>,
    /// 307: in assigned mode.
    pub assigned: Option<bool>,
}

impl PositionBExtended {
    fn read(r: &mut BitReader<'_>) -> Self {
        r.skip(8);
        let sog_kn = tenths(r.u32(10), 1_023);
        let fix = Fix::read(r);
        let cog_deg = tenths(r.u32(12), 3_600);
        let heading_deg = unless(r.u16(9), 511);
        let second = unless(r.u8(6), 60);
        r.skip(4);
        Self {
            sog_kn,
            fix,
            cog_deg,
            heading_deg,
            second,
            name: Text::read(r, 20),
            ship_type: unless(r.u8(8), 0),
            dimensions: Dimensions::read(r),
            epfd: unless(r.u8(4), 0),
            raim: r.flag(),
            dte: r.flag(),
            assigned: r.flag(),
        }
    }
}

/// One block of slots that a base station reserves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservation {
    /// Slot offset (12 bits); 0 is not available.
    pub offset: u16,
    /// How many slots (4 bits).
    pub slots: u8,
    /// How long, minutes (3 bits).
    pub timeout_min: u8,
    /// Increment (11 bits).
    pub increment: u16,
}

/// Type 20, 72 to 160 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.18, table 69.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SlotReservation {
    /// 40-69, 70-99, 100-129, 130-159: the blocks.
    pub blocks: [Option<Reservation>; 4],
}

impl SlotReservation {
    fn read(r: &mut BitReader<'_>) -> Self {
        r.skip(2);
        let mut block = || {
            let (offset, slots) = (r.u16(12), r.u8(4));
            let (timeout_min, increment) = (r.u8(3), r.u16(11));
            Some(Reservation {
                offset: offset?,
                slots: slots?,
                timeout_min: timeout_min?,
                increment: increment?,
            })
        };
        Self { blocks: [block(), block(), block(), block()] }
    }
}

/// Type 21, 272 to 360 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.19, table 70.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct AidToNavigation {
    /// 38-42: type of aid, table 71; 0 is not specified.
    pub aid_type: Option<u8>,
    /// 43-162, extended by 272 on: name, up to 34 characters.
    pub name: Option<Text<34>>,
    /// 163-218: place.
    pub fix: Fix,
    /// 219-248: reach from the reported place.
    pub dimensions: Option<Dimensions>,
    /// 249-252: type of the position fixing device; 0 is undefined.
    pub epfd: Option<u8>,
    /// 253-258: UTC second of the fix; 60 is not available.
    pub second: Option<u8>,
    /// 259: a floating aid is off its position; valid if the second is below 60.
    pub off_position: Option<bool>,
    /// 260-267: status of the aid, as sent.
    pub aid_status: Option<u8>,
    /// 268: receiver autonomous integrity monitoring is in use.
    pub raim: Option<bool>,
    /// 269: there is no such aid in the water.
    pub virtual_aid: Option<bool>,
    /// 270: in assigned mode.
    pub assigned: Option<bool>,
}

impl AidToNavigation {
    fn read(r: &mut BitReader<'_>) -> Self {
        let aid_type = unless(r.u8(5), 0);
        let between = |r: &mut BitReader<'_>| {
            let read = Self {
                aid_type,
                name: None,
                fix: Fix::read(r),
                dimensions: Dimensions::read(r),
                epfd: unless(r.u8(4), 0),
                second: unless(r.u8(6), 60),
                off_position: r.flag(),
                aid_status: r.u8(8),
                raim: r.flag(),
                virtual_aid: r.flag(),
                assigned: r.flag(),
            };
            r.skip(1);
            read
        };
        let (name, read) = Text::read_extended(r, 20, between, 14);
        Self { name, ..read }
    }
}

/// A rectangle in which an order holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    /// Longitude of the north-east corner, degrees (18 bits, 1/10 min; 181° is not available).
    pub ne_lon_deg: Option<f64>,
    /// Latitude of the north-east corner, degrees (17 bits, 1/10 min; 91° is not available).
    pub ne_lat_deg: Option<f64>,
    /// Longitude of the south-west corner, degrees (18 bits, 1/10 min; 181° is not available).
    pub sw_lon_deg: Option<f64>,
    /// Latitude of the south-west corner, degrees (17 bits, 1/10 min; 91° is not available).
    pub sw_lat_deg: Option<f64>,
}

impl Region {
    fn read(r: &mut BitReader<'_>) -> Self {
        Self {
            ne_lon_deg: degrees(r.i32(18), 600, 181),
            ne_lat_deg: degrees(r.i32(17), 600, 91),
            sw_lon_deg: degrees(r.i32(18), 600, 181),
            sw_lat_deg: degrees(r.i32(17), 600, 91),
        }
    }
}

/// For whom a channel order is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Addressees {
    /// All in a rectangle (69-138).
    Region(Region),
    /// One or two stations by MMSI (69-98 and 104-133).
    Stations([Option<u32>; 2]),
}

/// Type 22, 168 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.20, table 73.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChannelManagement {
    /// 40-51: number of channel A (ITU-R M.1084).
    pub channel_a: Option<u16>,
    /// 52-63: number of channel B (ITU-R M.1084).
    pub channel_b: Option<u16>,
    /// 64-67: which channels to send and receive on.
    pub txrx: Option<u8>,
    /// 68: low power.
    pub power_low: Option<bool>,
    /// 69-138: for whom.
    pub to: Addressees,
    /// 140: channel A has 12.5 kHz.
    pub band_a: Option<bool>,
    /// 141: channel B has 12.5 kHz.
    pub band_b: Option<bool>,
    /// 142-144: size of the transition zone as sent: nautical miles less one.
    pub zone_size: Option<u8>,
}

impl ChannelManagement {
    fn read(r: &mut BitReader<'_>) -> Self {
        r.skip(2);
        let (channel_a, channel_b) = (r.u16(12), r.u16(12));
        let (txrx, power_low) = (r.u8(4), r.flag());
        let to = if r.flag_at(139) == Some(true) {
            let first = r.u32(30);
            r.skip(5);
            let second = r.u32(30);
            r.skip(5);
            Addressees::Stations([first, second])
        } else {
            Addressees::Region(Region::read(r))
        };
        r.skip(1);
        let (band_a, band_b, zone_size) = (r.flag(), r.flag(), r.u8(3));
        Self { channel_a, channel_b, txrx, power_low, to, band_a, band_b, zone_size }
    }
}

/// Type 23, 160 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.21, table 75.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupAssignment {
    /// 40-109: where it holds.
    pub region: Region,
    /// 110-113: for which kind of station, table 76.
    pub station_type: Option<u8>,
    /// 114-121: for which type of ship; 0 is all.
    pub ship_type: Option<u8>,
    /// 144-145: which channels to send and receive on.
    pub txrx: Option<u8>,
    /// 146-149: reporting interval, table 77, as sent.
    pub interval: Option<u8>,
    /// 150-153: how long to be silent, minutes.
    pub quiet_min: Option<u8>,
}

impl GroupAssignment {
    fn read(r: &mut BitReader<'_>) -> Self {
        r.skip(2);
        let region = Region::read(r);
        let (station_type, ship_type) = (r.u8(4), r.u8(8));
        r.skip(22);
        Self {
            region,
            station_type,
            ship_type,
            txrx: r.u8(2),
            interval: r.u8(4),
            quiet_min: r.u8(4),
        }
    }
}

/// Type 24 part A, 160 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.22, table 78.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StaticA {
    /// 40-159: name.
    pub name: Option<Text<20>>,
}

impl StaticA {
    fn read(r: &mut BitReader<'_>) -> Self {
        Self { name: Text::read(r, 20) }
    }
}

/// Type 24 part B, 168 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.22, table 79.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StaticB {
    /// 40-47: type of ship and cargo; 0 is not available.
    pub ship_type: Option<u8>,
    /// 48-65: the maker's letters.
    pub vendor: Option<Text<3>>,
    /// 66-69: the maker's number for the model.
    pub model: Option<u8>,
    /// 70-89: serial number.
    pub serial: Option<u32>,
    /// 90-131: call sign.
    pub callsign: Option<Text<7>>,
    /// 132-161: reach from the reported place, unless the sender is a craft of a parent ship.
    pub dimensions: Option<Dimensions>,
    /// 132-161: MMSI of the parent ship, if the sender's own begins with 98.
    pub mothership_mmsi: Option<u32>,
    /// 162-165: type of the position fixing device; 0 is undefined.
    pub epfd: Option<u8>,
}

impl StaticB {
    fn read(mmsi: u32, r: &mut BitReader<'_>) -> Self {
        let (ship_type, vendor) = (unless(r.u8(8), 0), Text::read(r, 3));
        let (model, serial, callsign) = (r.u8(4), r.u32(20), Text::read(r, 7));
        let has_parent = (980_000_000..990_000_000).contains(&mmsi);
        Self {
            ship_type,
            vendor,
            model,
            serial,
            callsign,
            dimensions: if has_parent { None } else { Dimensions::read(r) },
            mothership_mmsi: if has_parent { unless(r.u32(30), 0) } else { None },
            epfd: unless(r.u8(4), 0),
        }
    }
}

/// Type 25, up to 168 bits, and type 26, up to 1,064 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.23 and §3.24, tables 81 and 84.
#[derive(Debug, Clone, PartialEq)]
pub struct SlotBinary {
    /// 38: it is for one station.
    pub addressed: Option<bool>,
    /// 39: its data begin with an application identifier.
    pub structured: Option<bool>,
    /// 40-69, if addressed: MMSI of the receiver.
    pub dest_mmsi: Option<u32>,
    /// 40-55 or 70-85, if structured: application.
    pub application: Option<Application>,
    /// The rest. In type 26 this includes the communication state at the end, whose
    /// place depends on a length that senders are seen to get wrong.
    pub data: Bits,
}

impl SlotBinary {
    fn read(type_number: u8, r: &mut BitReader<'_>) -> Self {
        let (addressed, structured) = (r.flag(), r.flag());
        // The data end where those of the longest message of the type do.
        r.limit(if type_number == 25 { 128 } else { 1_004 });
        let dest_mmsi = if addressed == Some(true) { r.u32(30) } else { None };
        let application = if structured == Some(true) { Application::read(r) } else { None };
        Self { addressed, structured, dest_mmsi, application, data: Bits::read(r, usize::MAX) }
    }
}

/// Type 27, 96 bits.
///
/// Standard: ITU-R M.1371-5, Annex 8 §3.25, table 85.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LongRange {
    /// 40-43: navigational status, 0 to 15.
    pub nav_status: Option<u8>,
    /// 39: receiver autonomous integrity monitoring is in use.
    pub raim: Option<bool>,
    /// 38 and 44-78: place (1/10 min: steps of 185 m in latitude).
    pub fix: Fix,
    /// 79-84: speed over ground, knots (1 kn; 63 is not available).
    pub sog_kn: Option<u8>,
    /// 85-93: course over ground, degrees (1°; 511 is not available).
    pub cog_deg: Option<u16>,
    /// 94: the fix is *older* than 5 s.
    pub latent: Option<bool>,
}

impl LongRange {
    fn read(r: &mut BitReader<'_>) -> Self {
        let (accuracy, raim, nav_status) = (r.flag(), r.flag(), r.u8(4));
        let (lon_deg, lat_deg) = (degrees(r.i32(18), 600, 181), degrees(r.i32(17), 600, 91));
        Self {
            nav_status,
            raim,
            fix: Fix { accuracy, lon_deg, lat_deg },
            sog_kn: unless(r.u8(6), 63),
            cog_deg: unless(r.u16(9), 511),
            latent: r.flag(),
        }
    }
}

/// A number, unless it is the one that means "not available".
fn unless<T: PartialEq>(raw: Option<T>, unavailable: T) -> Option<T> {
    raw.filter(|raw| *raw != unavailable)
}

/// Tenths of a unit, unless the number means "not available".
fn tenths(raw: Option<u32>, unavailable: u32) -> Option<f64> {
    unless(raw, unavailable).map(|raw| f64::from(raw) / 10.0)
}

/// Steps of `1/per_degree` degree, unless they make the degree that means "not available".
fn degrees(raw: Option<i32>, per_degree: i32, unavailable_deg: i32) -> Option<f64> {
    unless(raw, unavailable_deg * per_degree).map(|raw| f64::from(raw) / f64::from(per_degree))
}
