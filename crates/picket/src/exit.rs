//! Exit codes, as interfaces promise them: 0 done, 1 a negative finding, 2 wrong usage or
//! input, 3 the environment.

use std::fmt;
use std::process::ExitCode;

/// How a command ends when it does not end well.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The answer is no: not verified, not found.
    Finding(String),
    /// The command, its input or the configuration is wrong.
    Usage(String),
    /// The disk, a port or a permission.
    Environment(String),
}

/// What a command gives back.
pub(crate) type Outcome = Result<(), Failure>;

impl Failure {
    pub(crate) fn usage(what: impl fmt::Display) -> Self {
        Self::Usage(what.to_string())
    }

    pub(crate) fn environment(what: impl fmt::Display) -> Self {
        Self::Environment(what.to_string())
    }

    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Finding(_) => 1,
            Self::Usage(_) => 2,
            Self::Environment(_) => 3,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finding(what) | Self::Usage(what) | Self::Environment(what) => f.write_str(what),
        }
    }
}
