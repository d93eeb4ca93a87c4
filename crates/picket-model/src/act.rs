//! Acts: what a named person did in the system.

use std::sync::Arc;

use crate::alert::AlertId;
use crate::id::AreaName;
use crate::site::Shape;
use crate::time::Time;

/// What a named person did.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Signed in, by what factor.
    SignIn {
        /// The factor, such as `one-time link`.
        factor: Arc<str>,
    },
    /// Signed out.
    SignOut,
    /// Took an alert on.
    Acknowledge {
        /// The alert.
        alert: AlertId,
        /// Why, if it was said.
        reason: Arc<str>,
    },
    /// Said what an alert was.
    Assess {
        /// The alert.
        alert: AlertId,
        /// `true`, `benign`, `nuisance` or `unknown`.
        verdict: Arc<str>,
        /// Why.
        reason: Arc<str>,
    },
    /// Put an alert aside for a while.
    Shelve {
        /// The alert.
        alert: AlertId,
        /// Until when.
        until: Time,
        /// Why.
        reason: Arc<str>,
    },
    /// Closed an alert.
    Close {
        /// The alert.
        alert: AlertId,
        /// Why; never empty.
        reason: Arc<str>,
    },
    /// Wrote a note on an alert.
    Note {
        /// The alert.
        alert: AlertId,
        /// The note.
        text: Arc<str>,
    },
    /// Made a one-time sign-in link for another screen.
    IssueLink,
    /// Drew an area or line to be watched; one of the same name is replaced.
    Draw(Box<Shape>),
    /// Erased an area or line that was drawn.
    Erase {
        /// Its name.
        name: AreaName,
        /// Why, if it was said.
        reason: Arc<str>,
    },
}

impl Act {
    /// The alert that the act is about, if any.
    #[must_use]
    pub const fn alert(&self) -> Option<AlertId> {
        match self {
            Self::Acknowledge { alert, .. }
            | Self::Assess { alert, .. }
            | Self::Shelve { alert, .. }
            | Self::Close { alert, .. }
            | Self::Note { alert, .. } => Some(*alert),
            Self::SignIn { .. }
            | Self::SignOut
            | Self::IssueLink
            | Self::Draw(_)
            | Self::Erase { .. } => None,
        }
    }

    /// The act's verb on the outside.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::SignIn { .. } => "sign in",
            Self::SignOut => "sign out",
            Self::Acknowledge { .. } => "acknowledge",
            Self::Assess { .. } => "assess",
            Self::Shelve { .. } => "shelve",
            Self::Close { .. } => "close",
            Self::Note { .. } => "note",
            Self::IssueLink => "issue link",
            Self::Draw(_) => "draw",
            Self::Erase { .. } => "erase",
        }
    }
}
