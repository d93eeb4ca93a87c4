//! The history index: what was where and when, in one SQLite file for each hour.
//!
//! ```text
//! core --Observer--> Sampler --bounded queue--> writer --> hist/<hour>.db --> History (questions)
//!                                                ^
//! log --Reader, own Fold, same Sampler--> filler-+   (what the queue dropped, or a file lost)
//! ```
//!
//! It is a cache: every row follows from the log's entries alone, in log order, so files that are
//! lost, damaged or incomplete are made anew and equal the ones that were kept. The log never
//! waits for it: when the queue or the disk is full, rows are dropped, answers say `incomplete`,
//! and the filler adds what is missing from the log.
//!
//! Questions give everything; the caller releases each row to its reader before counting it.

mod cell;
mod coverage;
mod file;
mod fill;
mod pack;
mod query;
mod recorder;
mod row;
mod scene;
mod timeline;

pub use cell::Bounds;
pub use query::{Found, History, Over, Point, Question};
pub use recorder::{Settings, Tell, rebuild, start};
pub use scene::{Player, Scene};
pub use timeline::{Bin, Gap, Raised, Span};

/// Why history could not be written or read. The disk, a damaged file, or the question's size.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// SQLite refused.
    #[error("history: {0}")]
    Sqlite(rusqlite::Error),
    /// A file or folder could not be used.
    #[error("history: cannot {doing}: {why}")]
    Io {
        /// What was tried.
        doing: String,
        /// What the system said.
        why: std::io::Error,
    },
    /// A row is not as this program writes it.
    #[error("history: a stored {0} is not as it was written")]
    Form(&'static str),
    /// The question took longer than it may.
    #[error("the question took too long; ask for less time or a smaller area")]
    TooLong,
    /// The log could not be read to make history anew.
    #[error("history: {0}")]
    Log(#[from] picket_log::LogError),
}

impl From<rusqlite::Error> for HistoryError {
    fn from(error: rusqlite::Error) -> Self {
        if error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted) {
            return Self::TooLong;
        }
        Self::Sqlite(error)
    }
}

impl HistoryError {
    /// Whether the file itself is at fault.
    pub(crate) fn is_damage(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match self {
            Self::Form(_) => true,
            Self::Sqlite(error) => {
                // A table or column that is not there is a file of somebody else.
                let code = error.sqlite_error_code();
                matches!(code, Some(DatabaseCorrupt | NotADatabase))
                    || matches!(error, rusqlite::Error::SqlInputError { .. })
                    || matches!(error, rusqlite::Error::InvalidColumnType(..))
            }
            Self::Io { .. } | Self::TooLong | Self::Log(_) => false,
        }
    }
}
