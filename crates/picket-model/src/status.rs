//! Status: how a link, a feed or the node itself is doing.

use std::sync::Arc;

use crate::id::DeviceId;

/// How a part of the node is doing.
#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// A feed's or link's state changed.
    Link {
        /// The feed.
        feed: DeviceId,
        /// Its state now.
        state: LinkState,
        /// What happened, in words.
        text: Arc<str>,
    },
    /// A feed had more than the node could take; the oldest were dropped.
    Dropped {
        /// The feed.
        feed: DeviceId,
        /// How many frames since the last such record.
        frames: u64,
    },
    /// A feed's bytes made no sense, summed.
    Rejects {
        /// The feed.
        feed: DeviceId,
        /// How many since the last such record.
        count: u64,
        /// The most frequent reason, in words.
        reason: Arc<str>,
    },
    /// The node started, stopped, or found something in its own log.
    Node {
        /// What happened, in words.
        text: Arc<str>,
    },
}

/// The state of a link. Append only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum LinkState {
    /// It is open.
    Up = 0,
    /// It is closed and will be tried again.
    Down = 1,
    /// It ended as it should, as a file does.
    Done = 2,
}

impl LinkState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Up, Self::Down, Self::Done];

    /// The state in print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Done => "done",
        }
    }
}
