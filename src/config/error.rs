//! What is wrong with the settings, all of it at once.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::origin::Origin;

/// Says why the settings cannot be used; a person must act on each.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder of settings cannot be read at all.
    #[error("failed to read `{path}`")]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Keys or values are wrong; every one is listed, in the order of the places.
    #[error("{}", list(problems))]
    Wrong {
        /// At least one.
        problems: Vec<Problem>,
    },
    /// A file of secrets cannot be used.
    #[error("failed to read secrets: `{path}` {reason}")]
    SecretFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it; none of its content.
        reason: String,
        /// What to do.
        hint: Option<String>,
    },
    /// There is no job of that name.
    #[error("failed to find job `{name}` in `{folder}`")]
    NoSuchJob {
        /// The name asked for.
        name: String,
        /// Where job files are looked for.
        folder: PathBuf,
        /// The jobs that are there.
        known: Vec<String>,
    },
}

/// Names one wrong key or value, where it stands and what helps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands.
    pub origin: Origin,
    /// What is wrong, with key and value in backticks (never a secret's value).
    pub message: String,
    /// What to do, when the message does not say it.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.origin, self.message)
    }
}

impl Error {
    /// Returns what a person can do about it, a line each.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unreadable { path, source } => {
                let path = path.display();
                Some(match source.kind() {
                    io::ErrorKind::NotFound => format!("create `{path}` or name another one"),
                    io::ErrorKind::PermissionDenied => {
                        format!("make `{path}` readable for the user that runs quadra")
                    }
                    _ => return None,
                })
            }
            Self::Wrong { problems } => {
                let mut hints: Vec<&str> = Vec::new();
                for hint in problems.iter().filter_map(|problem| problem.hint.as_deref()) {
                    if !hints.contains(&hint) {
                        hints.push(hint);
                    }
                }
                (!hints.is_empty()).then(|| hints.join("\n"))
            }
            Self::SecretFile { hint, .. } => hint.clone(),
            Self::NoSuchJob { name, known, folder } => Some(match known.as_slice() {
                [] => format!("`{}` holds no job file (`*.toml`)", folder.display()),
                known => super::nearest::suggestion(name, known.iter().map(String::as_str)),
            }),
        }
    }
}

fn list(problems: &[Problem]) -> String {
    match problems {
        [one] => format!("failed to read the settings: {one}"),
        many => {
            let lines: Vec<String> = many.iter().map(ToString::to_string).collect();
            let count = many.len();
            format!("failed to read the settings, {count} are wrong:\n  {}", lines.join("\n  "))
        }
    }
}
