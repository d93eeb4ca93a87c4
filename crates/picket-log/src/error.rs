//! What can go wrong with a log, and whose fault it is.

use std::fmt;
use std::io;

use picket_model::{LogClass, Seq};

/// Why the log cannot do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The machine's: a file could not be read or written.
    #[error("cannot {doing}: {source}")]
    Io {
        /// What was being done.
        doing: String,
        /// What the system said.
        source: io::Error,
    },
    /// The operator's: another process has this folder open.
    #[error(
        "cannot open the log: another process has the folder open; stop it or name another folder"
    )]
    Locked,
    /// The stored bytes are not what was written. Never repaired in silence.
    #[error("the log is damaged: {0}; keep the folder as it is and run `picket verify` on it")]
    Damaged(Position),
    /// The operator's: a key without which the log cannot be read or written is missing.
    #[error("cannot open the log: the key file {file} is missing; restore it from a backup")]
    KeyMissing {
        /// The key's name in the data folder.
        file: String,
    },
    /// The operator's: the disk is too full for entries of this importance.
    #[error("cannot append: too little disk space for class {}; free some space", .class.number())]
    NoSpace {
        /// The least important class of the batch.
        class: LogClass,
    },
    /// An earlier write or sync failed; nothing more is appended until the log is opened anew.
    #[error(
        "cannot append: an earlier write failed ({cause}); restart to recover what was acknowledged"
    )]
    Poisoned {
        /// What failed.
        cause: String,
    },
    /// The caller's: one record is larger than a block can be.
    #[error("cannot append: the record has {bytes} bytes, a block holds {max}")]
    TooLarge {
        /// The record's size in bytes.
        bytes: usize,
        /// The most a block holds.
        max: usize,
    },
    /// The caller's: the last signed checkpoint does not reach so far.
    #[error("cannot prove entry {seq}: the last checkpoint covers {size} entries; make a new one")]
    NotCovered {
        /// What was asked for.
        seq: Seq,
        /// How many entries the checkpoint covers.
        size: u64,
    },
    /// The caller's: the entry's content cannot be shown, because its key is gone or not here.
    #[error("cannot read entry {seq}: its key was destroyed or is not in this folder")]
    Unreadable {
        /// What was asked for.
        seq: Seq,
    },
    /// The caller's: there is no such retention group.
    #[error("cannot erase: there is no retention group {0}")]
    NoSuchGroup(crate::GroupId),
    /// The operator's: there is no log here.
    #[error("cannot find a log in {0}; name the data folder of a node")]
    NoLog(String),
}

impl LogError {
    pub(crate) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Io { doing, source }
    }
}

/// A place in the stored files where something is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The file, relative to the data folder.
    pub file: String,
    /// The first byte of what is wrong; of a block, its first byte.
    pub offset: u64,
    /// The first entry concerned, where it is known.
    pub seq: Option<Seq>,
    /// The first entry after those concerned, where it is known.
    pub until: Option<Seq>,
    /// What is wrong, in words.
    pub what: String,
}

impl Position {
    pub(crate) fn new(file: impl Into<String>, offset: u64, what: impl Into<String>) -> Self {
        Self { file: file.into(), offset, seq: None, until: None, what: what.into() }
    }

    pub(crate) fn since_seq(mut self, seq: u64) -> Self {
        self.seq = Some(Seq(seq));
        self
    }

    pub(crate) fn until_seq(mut self, seq: u64) -> Self {
        self.until = Some(Seq(seq));
        self
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}: {}", self.file, self.offset, self.what)?;
        match (self.seq, self.until) {
            (Some(seq), Some(until)) => {
                write!(f, " (entries {seq} to {})", until.0.saturating_sub(1))
            }
            (Some(seq), None) => write!(f, " (from entry {seq})"),
            (None, _) => Ok(()),
        }
    }
}
