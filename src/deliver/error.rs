//! What can go wrong before or beside a delivery, by what helps.

use std::io;
use std::path::PathBuf;

/// Says why nothing could be delivered, sorted by recovery.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The message itself is at fault; sending it again cannot help.
    #[error("failed to build the mail: {reason}")]
    Message {
        /// Which part is wrong, with its value in backticks.
        reason: String,
    },
    /// The server's description is at fault; a person must change a setting.
    #[error("failed to prepare the connection to mail server `{host}`: {reason}")]
    Server {
        /// The host as configured.
        host: String,
        /// What is wrong with its description.
        reason: String,
    },
    /// The disk is full; the same call succeeds once there is room.
    #[error("failed to write `{path}`: no space is left; {kept}")]
    Full {
        /// The file that did not fit.
        path: PathBuf,
        /// What stands in the folder now, in words.
        kept: Kept,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The folder or a file in it cannot be written.
    #[error("failed to write `{path}`; {kept}")]
    Unwritable {
        /// The folder or file concerned.
        path: PathBuf,
        /// What stands in the folder now, in words.
        kept: Kept,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The name is not the bare name of a file; the caller is at fault.
    #[error("failed to write `{file_name}`: it is not the bare name of a file")]
    FileName {
        /// The name as given.
        file_name: String,
    },
}

/// Counts the files already in place when a folder failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The files of this call that are whole and in place.
    pub written: Vec<PathBuf>,
}

impl std::fmt::Display for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.written.as_slice() {
            [] => f.write_str("nothing was kept, earlier files are as they were"),
            [one] => write!(f, "`{}` is in place and whole", one.display()),
            [first, rest @ ..] => {
                write!(f, "`{}` and {} more are in place and whole", first.display(), rest.len())
            }
        }
    }
}

impl Error {
    /// Returns what a person can do about it, if anything.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Message { .. } => Some("check `mail.from` and the job's `recipients`".to_owned()),
            Self::Server { .. } => {
                Some("check `mail.host`, `mail.security` and `mail.ca_file`".to_owned())
            }
            Self::Full { .. } => Some("free some space, then run it again: it is safe".to_owned()),
            Self::Unwritable { path, .. } => Some(format!(
                "make `{}` writable for the user that runs quadra, or name another folder",
                path.display()
            )),
            Self::FileName { .. } => None,
        }
    }
}
