//! Tracks: our estimate over time of real objects, and the picture they make.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::actor::Actor;
use crate::geo::{Angle, Position};
use crate::id::{RecordId, TrackId};
use crate::label::{Label, Labelled};
use crate::observation::{Affiliation, Air, Class, Ident, SensorKind};
use crate::record::Auth;
use crate::time::Time;

/// Our estimate over time of one real object.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// Its number at this node; never used again.
    pub id: TrackId,
    /// Where it stands in its life.
    pub state: TrackState,
    /// Estimated place at `updated_at`.
    pub position: Position,
    /// Covariance of the place, east-north frame, m²: `[ee, en, nn]`.
    pub covariance_m2: [f64; 3],
    /// Estimated velocity, m/s: `[east, north]`; `None` before two fixes.
    pub velocity_mps: Option<[f64; 2]>,
    /// Where the bow points, as the object last said.
    pub heading: Option<Angle>,
    /// What an aircraft last reported beside place and speed.
    pub air: Air,
    /// What it is.
    pub class: Class,
    /// Why that class is believed.
    pub class_why: Arc<str>,
    /// Whose side it is on.
    pub affiliation: Affiliation,
    /// What it calls itself, and which author heard that; at most [`IDENTS_MAX`].
    pub idents: Vec<(Ident, Actor)>,
    /// Chance that it exists, 0 to 1.
    pub existence: f64,
    /// Time of the newest fix, by its author's clock.
    pub updated_at: Time,
    /// When the newest fix came, by our clock.
    pub received_at: Time,
    /// Time of the first fix.
    pub first_at: Time,
    /// When it was confirmed.
    pub confirmed_at: Option<Time>,
    /// How many fixes made it.
    pub updates: u64,
    /// Who contributed, the newest fix of each; at most [`SOURCES_MAX`].
    pub sources: Vec<Source>,
    /// The join of the labels of all that made it.
    pub label: Label,
    /// Made, at least in part, by a simulation or an exercise.
    pub exercise: bool,
    /// Why a source of it is distrusted, if one is.
    pub suspect: Option<Arc<str>>,
}

/// Most idents kept for one track; the newest claim of a kind replaces the oldest.
pub const IDENTS_MAX: usize = 12;
/// Most sources kept for one track; the one that was silent longest makes room.
pub const SOURCES_MAX: usize = 8;

/// What one author contributed to a track.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// The author.
    pub author: Actor,
    /// The device that perceived it, when the author only relays.
    pub reporter: Option<Arc<str>>,
    /// By what sensor.
    pub sensor: SensorKind,
    /// How the author was proven.
    pub auth: Auth,
    /// Its newest fix.
    pub last_at: Time,
    /// The record of that fix.
    pub record: RecordId,
    /// Distance between that fix and the prediction, metres.
    pub residual_m: f64,
    /// How many fixes it gave.
    pub updates: u64,
}

/// Where a track stands in its life. Append only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum TrackState {
    /// Not yet enough fixes: shown to nobody.
    Tentative = 0,
    /// Updated as expected.
    Live = 1,
    /// Overdue: lives on its prediction.
    Coasting = 2,
    /// Silent so long that its place is not known any more; deleted soon.
    Lost = 3,
}

impl TrackState {
    /// The state in print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tentative => "tentative",
            Self::Live => "live",
            Self::Coasting => "coasting",
            Self::Lost => "lost",
        }
    }

    /// Whether people see such a track.
    #[must_use]
    pub const fn is_shown(self) -> bool {
        match self {
            Self::Tentative => false,
            Self::Live | Self::Coasting | Self::Lost => true,
        }
    }
}

impl Labelled for Track {
    fn label(&self) -> &Label {
        &self.label
    }
}

impl Track {
    /// Speed over ground, m/s.
    #[must_use]
    pub fn speed_mps(&self) -> Option<f64> {
        self.velocity_mps.map(|[east, north]| libm::hypot(east, north))
    }

    /// Direction over ground, clockwise from true north.
    #[must_use]
    pub fn course(&self) -> Option<Angle> {
        self.velocity_mps.map(|[east, north]| Angle::from_radians(libm::atan2(east, north)))
    }

    /// The larger one-sigma axis of the place's error ellipse, metres.
    #[must_use]
    pub fn sigma_m(&self) -> f64 {
        let [ee, en, nn] = self.covariance_m2;
        let half_spread = libm::hypot((ee - nn) / 2.0, en);
        libm::sqrt(((ee + nn) / 2.0 + half_spread).max(0.0))
    }

    /// The name by which people know it: name, call sign, uid, MMSI, or its number.
    #[must_use]
    pub fn display_name(&self) -> String {
        let rank = |ident: &Ident| match ident {
            Ident::Callsign(_) if self.class != Class::Vessel => Some(0),
            Ident::Name(_) => Some(1),
            Ident::Callsign(_) => Some(2),
            Ident::CotUid(_) => Some(3),
            Ident::Mmsi(_) | Ident::Icao(_) => Some(4),
            Ident::Imo(_) | Ident::Local { .. } => None,
        };
        let ranked = self.idents.iter().filter_map(|(ident, _)| rank(ident).map(|r| (r, ident)));
        match ranked.min_by_key(|(rank, _)| *rank) {
            Some((_, ident)) => ident.to_string(),
            None => self.id.to_string(),
        }
    }
}

/// All tracks, and which of them the newest entry touched.
#[derive(Debug, Clone, Default)]
pub struct Picture {
    /// Every track, tentative ones too.
    pub tracks: BTreeMap<TrackId, Arc<Track>>,
    /// The tracks that the entry just applied made or changed.
    pub touched: Vec<TrackId>,
    /// The tracks that the entry just applied ended.
    pub removed: Vec<TrackId>,
}

impl Picture {
    /// The tracks that people see, in order of their number.
    pub fn shown(&self) -> impl Iterator<Item = &Arc<Track>> {
        self.tracks.values().filter(|track| track.state.is_shown())
    }
}
