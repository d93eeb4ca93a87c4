//! Observations: what one author says that a sensor perceived at one time.

use std::fmt;
use std::sync::Arc;

use crate::geo::{Angle, Position};
use crate::time::Time;

/// What one author says that a sensor perceived, or that a thing reports of itself.
///
/// Believed only as far as its author and its `auth` go: a receiver is trusted to
/// have heard, never the ship to be what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The kind of sensor or system.
    pub sensor: SensorKind,
    /// Who perceived it, by its CoT uid or similar, when that is not the thing itself.
    ///
    /// `None`: the thing reports of itself (AIS, a team's own position).
    pub reporter: Option<Arc<str>>,
    /// Where, when the message says.
    pub position: Option<Position>,
    /// Horizontal error, one sigma, metres.
    pub sigma_m: Option<f64>,
    /// How it moves.
    pub kinematics: Kinematics,
    /// What it is.
    pub class: Class,
    /// Whose side it is said to be on.
    pub affiliation: Affiliation,
    /// What it calls itself.
    pub idents: Vec<Ident>,
    /// A call for help, real or tested.
    pub distress: Option<Distress>,
    /// When the message lapses, by its own word.
    pub stale_at: Option<Time>,
    /// Free text: remarks, safety text, destination.
    pub text: Option<Arc<str>>,
    /// Made by a simulation or an exercise.
    pub exercise: bool,
    /// Battery of the reporting device, 0 to 100 per cent.
    pub battery_percent: Option<f64>,
    /// What an aircraft's transponder or a radar adds.
    pub air: Air,
    /// A perimeter sensor's alarm, by what it senses: a thing was perceived near `position`,
    /// which is no fix of a moving object.
    pub alarm: Option<PhysicalKind>,
    /// The bytes from which all this was read.
    pub frame: Frame,
}

/// The bytes of one message and the format that read them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// A name of the codec's table of formats.
    pub format: Arc<str>,
    /// The bytes as they came; a multi-part message's parts one after another.
    pub bytes: Arc<[u8]>,
}

/// Speed, course and heading, each as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Kinematics {
    /// Speed over ground, m/s.
    pub speed_mps: Option<f64>,
    /// Direction over ground, clockwise from true north.
    pub course: Option<Angle>,
    /// Where the bow points, clockwise from true north.
    pub heading: Option<Angle>,
}

/// What aircraft report beside place and speed, each as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Air {
    /// Altitude by the standard atmosphere (1013.25 hPa), metres; not a height above the ellipsoid.
    pub pressure_altitude_m: Option<f64>,
    /// Vertical speed, m/s, up positive.
    pub climb_mps: Option<f64>,
    /// Whether it stands or rolls on the ground.
    pub on_ground: Option<bool>,
    /// Mode A code as its four octal digits are read: 7700 is the number 7700.
    pub squawk: Option<u16>,
    /// Navigation integrity category (RTCA DO-260B §2.2.3.2.7.2.6), 0 to 11.
    pub nic: Option<u8>,
    /// Navigation accuracy category for position (RTCA DO-260B table 2-71), 0 to 11.
    pub nacp: Option<u8>,
}

impl Air {
    /// Takes what `newer` knows, and keeps the rest.
    pub const fn take(&mut self, newer: &Self) {
        let old = *self;
        *self = *newer;
        if self.pressure_altitude_m.is_none() {
            self.pressure_altitude_m = old.pressure_altitude_m;
        }
        if self.climb_mps.is_none() {
            self.climb_mps = old.climb_mps;
        }
        if self.on_ground.is_none() {
            self.on_ground = old.on_ground;
        }
        if self.squawk.is_none() {
            self.squawk = old.squawk;
        }
        if self.nic.is_none() {
            self.nic = old.nic;
        }
        if self.nacp.is_none() {
            self.nacp = old.nacp;
        }
    }

    /// Nothing known.
    pub const NONE: Self = Self {
        pressure_altitude_m: None,
        climb_mps: None,
        on_ground: None,
        squawk: None,
        nic: None,
        nacp: None,
    };
}

/// By what physical effect a perimeter sensor perceives. Append only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum PhysicalKind {
    /// A taut wire, a fibre or a vibration cable on a fence: cut, climbed or shaken.
    Fence = 0,
    /// Ground vibration.
    Seismic = 1,
    /// Radio waves that come back.
    Radar = 2,
    /// An image.
    Camera = 3,
    /// Heat, without an image.
    Infrared = 4,
    /// A microwave or light barrier that is interrupted.
    Barrier = 5,
    /// Sound.
    Acoustic = 6,
    /// A change of the magnetic field.
    Magnetic = 7,
    /// A door, hatch or lid that opened.
    Contact = 8,
}

impl PhysicalKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::Fence,
        Self::Seismic,
        Self::Radar,
        Self::Camera,
        Self::Infrared,
        Self::Barrier,
        Self::Acoustic,
        Self::Magnetic,
        Self::Contact,
    ];

    /// The kind in print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fence => "fence",
            Self::Seismic => "seismic",
            Self::Radar => "radar",
            Self::Camera => "camera",
            Self::Infrared => "infrared",
            Self::Barrier => "barrier",
            Self::Acoustic => "acoustic",
            Self::Magnetic => "magnetic",
            Self::Contact => "contact",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// The kind of sensor or system behind an observation. Append only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum SensorKind {
    /// A ship's AIS transponder, heard by a receiver.
    Ais = 0,
    /// A thing that reports its own position by Cursor on Target.
    CotSelf = 1,
    /// A sensor or observer that reports another thing by Cursor on Target.
    CotReport = 2,
    /// An aircraft's transponder, heard by a receiver (Mode S, ADS-B).
    Adsb = 3,
    /// A radar's plots and local tracks.
    Radar = 4,
    /// Tracks of another system that fuses sensors.
    SystemTrack = 5,
    /// A satellite navigation receiver that tells its own place.
    Gnss = 6,
}

impl SensorKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Ais,
        Self::CotSelf,
        Self::CotReport,
        Self::Adsb,
        Self::Radar,
        Self::SystemTrack,
        Self::Gnss,
    ];

    /// Whether the thing itself reports, rather than one that perceives it.
    #[must_use]
    pub const fn tells_of_itself(self) -> bool {
        match self {
            Self::Ais | Self::CotSelf | Self::Adsb | Self::Gnss => true,
            Self::CotReport | Self::Radar | Self::SystemTrack => false,
        }
    }

    /// The kind in print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ais => "ais",
            Self::CotSelf => "cot",
            Self::CotReport => "cot report",
            Self::Adsb => "ads-b",
            Self::Radar => "radar",
            Self::SystemTrack => "system track",
            Self::Gnss => "gnss",
        }
    }
}

/// What a thing is. Append only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Class {
    /// Not known.
    Unknown = 0,
    /// A ship or boat.
    Vessel = 1,
    /// A crewed aircraft.
    Aircraft = 2,
    /// An uncrewed aircraft.
    Drone = 3,
    /// A road or cross-country vehicle.
    Vehicle = 4,
    /// A person, or a group on foot.
    Person = 5,
    /// A fixed sensor, beacon or station: equipment, never a track.
    Equipment = 6,
}

impl Class {
    /// All classes.
    pub const ALL: [Self; 7] = [
        Self::Unknown,
        Self::Vessel,
        Self::Aircraft,
        Self::Drone,
        Self::Vehicle,
        Self::Person,
        Self::Equipment,
    ];

    /// The class in print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Vessel => "vessel",
            Self::Aircraft => "aircraft",
            Self::Drone => "drone",
            Self::Vehicle => "vehicle",
            Self::Person => "person",
            Self::Equipment => "equipment",
        }
    }
}

/// Whose side a thing is said to be on. Append only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Affiliation {
    /// Not yet judged.
    Pending = 0,
    /// Judged, and still not known.
    Unknown = 1,
    /// Taken for a friend.
    AssumedFriend = 2,
    /// A friend.
    Friend = 3,
    /// Of no side.
    Neutral = 4,
    /// Perhaps of the other side.
    Suspect = 5,
    /// Of the other side.
    Hostile = 6,
}

impl Affiliation {
    /// All affiliations.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Unknown,
        Self::AssumedFriend,
        Self::Friend,
        Self::Neutral,
        Self::Suspect,
        Self::Hostile,
    ];

    /// The affiliation in print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Unknown => "unknown",
            Self::AssumedFriend => "assumed_friend",
            Self::Friend => "friend",
            Self::Neutral => "neutral",
            Self::Suspect => "suspect",
            Self::Hostile => "hostile",
        }
    }
}

/// A name that a thing claims for itself. A claim, not an identity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ident {
    /// Maritime Mobile Service Identity.
    Mmsi(u32),
    /// IMO ship number.
    Imo(u32),
    /// 24-bit ICAO aircraft address.
    Icao(u32),
    /// A Cursor on Target uid that the thing itself uses.
    CotUid(Arc<str>),
    /// A number that one reporter gives to what it sees; means nothing beyond that reporter.
    Local {
        /// The reporter.
        reporter: Arc<str>,
        /// Its number for the thing.
        number: Arc<str>,
    },
    /// Radio call sign.
    Callsign(Arc<str>),
    /// A name, as a ship's.
    Name(Arc<str>),
}

impl Ident {
    /// The kind's name on the outside.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Mmsi(_) => "mmsi",
            Self::Imo(_) => "imo",
            Self::Icao(_) => "icao",
            Self::CotUid(_) => "uid",
            Self::Local { .. } => "local",
            Self::Callsign(_) => "callsign",
            Self::Name(_) => "name",
        }
    }
}

/// The value alone, as it is spoken: `503551000`, `7C6B2D`.
impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mmsi(mmsi) => write!(f, "{mmsi:09}"),
            Self::Imo(number) => write!(f, "{number:07}"),
            Self::Icao(address) => write!(f, "{address:06X}"),
            Self::CotUid(text) | Self::Callsign(text) | Self::Name(text) => f.write_str(text),
            Self::Local { reporter, number } => write!(f, "{reporter}/{number}"),
        }
    }
}

/// A call for help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distress {
    /// By what means.
    pub kind: DistressKind,
    /// A test of the equipment, not a call.
    pub test: bool,
    /// The call is over: it was cancelled by its sender.
    pub cancelled: bool,
}

/// The means of a call for help. Append only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum DistressKind {
    /// AIS search and rescue transmitter, MMSI 970 (IMO SN.1/Circ.322).
    AisSart = 0,
    /// AIS man overboard device, MMSI 972.
    AisMob = 1,
    /// AIS position-indicating radio beacon, MMSI 974.
    AisEpirb = 2,
    /// AIS safety-related text, messages 12 and 14.
    SafetyText = 3,
    /// CoT emergency "911", `b-a-o-tbl`.
    CotAlert = 4,
    /// CoT "ring the bell", `b-a-o-pan`.
    CotRing = 5,
    /// CoT "in contact", `b-a-o-opn`.
    CotContact = 6,
    /// Mode A code 7500: unlawful interference (ICAO Doc 4444).
    SquawkUnlawful = 7,
    /// Mode A code 7600: radio failure.
    SquawkRadio = 8,
    /// Mode A code 7700: emergency.
    SquawkEmergency = 9,
    /// An emergency state in an ADS-B aircraft status message.
    AdsbEmergency = 10,
}

impl DistressKind {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::AisSart,
        Self::AisMob,
        Self::AisEpirb,
        Self::SafetyText,
        Self::CotAlert,
        Self::CotRing,
        Self::CotContact,
        Self::SquawkUnlawful,
        Self::SquawkRadio,
        Self::SquawkEmergency,
        Self::AdsbEmergency,
    ];

    /// The kind in print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AisSart => "AIS-SART",
            Self::AisMob => "AIS man-overboard device",
            Self::AisEpirb => "AIS EPIRB",
            Self::SafetyText => "AIS safety text",
            Self::CotAlert => "CoT emergency",
            Self::CotRing => "CoT ring-the-bell",
            Self::CotContact => "CoT in-contact call",
            Self::SquawkUnlawful => "squawk 7500 (unlawful interference)",
            Self::SquawkRadio => "squawk 7600 (radio failure)",
            Self::SquawkEmergency => "squawk 7700 (emergency)",
            Self::AdsbEmergency => "ADS-B emergency state",
        }
    }
}
