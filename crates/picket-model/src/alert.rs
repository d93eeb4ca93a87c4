//! Alerts: explained warnings by a detector.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest;

use crate::actor::Subject;
use crate::geo::Position;
use crate::id::{AreaName, RecordId, TrackId, write_hex};
use crate::time::Time;

/// One episode of one warning: same detector, area and subject, from one start.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AlertId(pub [u8; 16]);

impl AlertId {
    /// The id of an episode: the first 16 bytes of the SHA-256 of what makes it one.
    ///
    /// Derived, not drawn, so that a replay names the same alert.
    #[must_use]
    pub fn of(detector: &str, area: Option<&AreaName>, subject: &str, opened_at: Time) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in [detector, area.map_or("", AreaName::as_str), subject] {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part.as_bytes());
        }
        context.update(&opened_at.0.to_be_bytes());
        let hash = context.finish();
        let mut id = [0; 16];
        for (to, from) in id.iter_mut().zip(hash.as_ref()) {
            *to = *from;
        }
        Self(id)
    }
}

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}
impl fmt::Debug for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, self.0.get(..6).unwrap_or(&[]))
    }
}
impl std::str::FromStr for AlertId {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        crate::id::parse_hex(text).map(Self).ok_or(())
    }
}

/// What a detector says of one episode. Each later word of the same `id` replaces the earlier.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// The episode.
    pub id: AlertId,
    /// The detector's name, such as `area.entry`.
    pub detector: Arc<str>,
    /// The detector's version: it changes when its logic or its defaults do.
    pub version: u32,
    /// Why this word is said now.
    pub change: AlertChange,
    /// How much it matters.
    pub severity: Severity,
    /// What and where, in plain words.
    pub title: Arc<str>,
    /// Why, as one sentence with its numbers.
    pub why_text: Arc<str>,
    /// Why, condition by condition; never empty.
    pub why: Vec<Reason>,
    /// Who or what it is about.
    pub subject: Subject,
    /// The track it is about, if any.
    pub track: Option<TrackId>,
    /// The area or line it is about, if any.
    pub area: Option<AreaName>,
    /// Where it happens.
    pub position: Option<Position>,
    /// When the episode began, by the author's clock.
    pub opened_at: Time,
    /// How often the condition was seen in this episode.
    pub count: u32,
    /// Made by a simulation or an exercise.
    pub exercise: bool,
}

/// Why a detector speaks of an episode. Append only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum AlertChange {
    /// It begins.
    Raised = 0,
    /// Its severity or its reasons changed.
    Updated = 1,
    /// Its condition ended.
    Ended = 2,
    /// Late data show that it never was.
    Withdrawn = 3,
    /// Late data changed when it was, how grave or why; its condition holds.
    Revised = 4,
}

impl AlertChange {
    /// All changes.
    pub const ALL: [Self; 5] =
        [Self::Raised, Self::Updated, Self::Ended, Self::Withdrawn, Self::Revised];
}

/// How much an alert matters. Append only; ordered from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Severity {
    /// To know.
    Information = 0,
    /// To look at when there is time.
    Caution = 1,
    /// To look at soon.
    Serious = 2,
    /// To look at now.
    Critical = 3,
}

impl Severity {
    /// All severities, the least first.
    pub const ALL: [Self; 4] = [Self::Information, Self::Caution, Self::Serious, Self::Critical];

    /// The severity in print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::Caution => "caution",
            Self::Serious => "serious",
            Self::Critical => "critical",
        }
    }
}

/// One condition of a detector, with what was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// The condition in words.
    pub text: Arc<str>,
    /// What was measured, with its unit.
    pub value: Arc<str>,
    /// What it was measured against, with its unit.
    pub threshold: Arc<str>,
    /// Whether it holds.
    pub met: Met,
    /// Weight of the evidence, decibans: 10·log10 of P(seen | threat) / P(seen | benign).
    pub decibans: f64,
    /// The records that show it.
    pub evidence: Vec<RecordId>,
}

/// Whether a condition holds. Append only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Met {
    /// It does not.
    No = 0,
    /// It does.
    Yes = 1,
    /// It cannot be said.
    Unknown = 2,
}

impl Met {
    /// All answers.
    pub const ALL: [Self; 3] = [Self::No, Self::Yes, Self::Unknown];
}
