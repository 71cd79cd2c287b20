//! Names the place where a setting stands.

use std::fmt;
use std::path::PathBuf;

/// What the name of every variable for Quadra begins with.
pub(super) const PREFIX: &str = "QUADRA__";

/// Tells where a setting was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere: the default holds.
    Default,
    /// In a file of settings; line 0 is the file as a whole.
    File {
        /// The file as it was named.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// In a variable of the environment.
    Environment {
        /// Its whole name.
        variable: String,
    },
    /// On the command line, for this key.
    Flag {
        /// The key that the flag sets.
        key: String,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line: 0 } => write!(f, "{}", path.display()),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment { variable } => f.write_str(variable),
            Self::Flag { key } => write!(f, "flag for {key}"),
        }
    }
}

/// Returns the name of the variable that sets a key.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase().replace('.', "__"))
}
