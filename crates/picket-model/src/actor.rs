//! Who vouches for a record, and who it is about.

use std::fmt;

use crate::alert::AlertId;
use crate::id::{DeviceId, Name, PartnerId, PersonId, TrackId};

/// Who vouches for a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    /// A device, or the receiver behind a feed: trusted to have heard, no more.
    Device(DeviceId),
    /// A named person.
    Person(PersonId),
    /// A view of this program.
    Machine(ViewName),
    /// Another organisation's node.
    Partner(PartnerId),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(id) => id.fmt(f),
            Self::Person(id) => id.fmt(f),
            Self::Machine(view) => f.write_str(view.as_str()),
            Self::Partner(id) => id.fmt(f),
        }
    }
}

/// A part of the program that may speak in its own name. Append only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum ViewName {
    /// The passing of time.
    Clock = 0,
    /// The gate's summed refusals.
    Gate = 1,
    /// Links and feeds: their state and what they dropped.
    Link = 2,
    /// The log: recovery, space.
    Log = 3,
    /// The detectors.
    Detect = 4,
    /// The node itself: start and stop.
    Node = 5,
}

impl ViewName {
    /// All views.
    pub const ALL: [Self; 6] =
        [Self::Clock, Self::Gate, Self::Link, Self::Log, Self::Detect, Self::Node];

    /// Whether the view's words follow from the log alone, so that a replay can check them.
    #[must_use]
    pub const fn is_fold(self) -> bool {
        match self {
            Self::Detect => true,
            Self::Clock | Self::Gate | Self::Link | Self::Log | Self::Node => false,
        }
    }

    /// The view's name in print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clock => "picket/clock",
            Self::Gate => "picket/gate",
            Self::Link => "picket/link",
            Self::Log => "picket/log",
            Self::Detect => "picket/detect",
            Self::Node => "picket/node",
        }
    }
}

/// What kind of name a CoT uid is.
#[derive(Debug)]
pub enum CotUid {}

/// Who or what a record is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// An AIS station by its Maritime Mobile Service Identity, 9 digits.
    Mmsi(u32),
    /// An aircraft by its 24-bit ICAO address.
    Icao(u32),
    /// A thing by its Cursor on Target uid.
    CotUid(Name<CotUid>),
    /// One of our devices or feeds.
    Device(DeviceId),
    /// A track of this node.
    Track(TrackId),
    /// An alert.
    Alert(AlertId),
    /// A person.
    Person(PersonId),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mmsi(mmsi) => write!(f, "MMSI {mmsi:09}"),
            Self::Icao(address) => write!(f, "ICAO {address:06X}"),
            Self::CotUid(uid) => uid.fmt(f),
            Self::Device(id) => id.fmt(f),
            Self::Track(id) => id.fmt(f),
            Self::Alert(id) => id.fmt(f),
            Self::Person(id) => id.fmt(f),
        }
    }
}
