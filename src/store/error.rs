//! What can go wrong with the store, by what the caller can do about it.

use sqlx::migrate::MigrateError;
use thiserror::Error;

/// Says what failed in the store.
#[derive(Debug, Error)]
pub enum Error {
    /// The store's file cannot be opened or created.
    #[error("failed to open the store `{path}`")]
    Open {
        /// The file.
        path: String,
        /// The driver's error.
        #[source]
        source: sqlx::Error,
    },
    /// The file is something else, or damaged beyond reading.
    #[error("`{path}` is no store of Quadra")]
    NoStore {
        /// The file.
        path: String,
        /// The driver's error.
        #[source]
        source: sqlx::Error,
    },
    /// The schema was made by a newer Quadra, or was altered.
    #[error("the schema of the store `{path}` does not fit this version of Quadra")]
    Schema {
        /// The file.
        path: String,
        /// The migrator's error.
        #[source]
        source: MigrateError,
    },
    /// The address of the store is not one that this version can use.
    #[error("the store address `{0}` is not `sqlite://FILE`")]
    Address(String),
    /// The bundled SQLite is older than the fix of a write-ahead-log fault.
    #[error("SQLite {0} is too old: its write-ahead log can lose a commit")]
    Library(String),
    /// The store's file may not be written.
    #[error("the store may not be written: `{operation}` was rolled back")]
    ReadOnly {
        /// The named transaction or query.
        operation: &'static str,
        /// The driver's error.
        #[source]
        source: sqlx::Error,
    },
    /// The disk is full or fails; the transaction was rolled back.
    #[error(
        "the disk is full or fails: `{operation}` was rolled back, what was stored before is kept"
    )]
    Full {
        /// The named transaction or query.
        operation: &'static str,
        /// The driver's error.
        #[source]
        source: sqlx::Error,
    },
    /// Another process holds the store's write lock for too long.
    #[error("another process holds the store: `{operation}` gave up waiting")]
    Busy {
        /// The named transaction or query.
        operation: &'static str,
        /// The driver's error.
        #[source]
        source: sqlx::Error,
    },
    /// The lock that lets one process deliver cannot be had.
    #[error("failed to lock `{path}`")]
    Lock {
        /// The lock's file.
        path: String,
        /// The system's error.
        #[source]
        source: std::io::Error,
    },
    /// A file beside the store cannot be made.
    #[error("failed to write `{path}`")]
    File {
        /// The file.
        path: String,
        /// The system's error.
        #[source]
        source: std::io::Error,
    },
    /// A statement failed.
    #[error("failed to {operation} in the store")]
    Query {
        /// The named transaction or query.
        operation: &'static str,
        /// The driver's error.
        #[source]
        source: sqlx::Error,
    },
    /// Rows could not be read.
    #[error("failed to {operation} in the store")]
    Read {
        /// What was being read.
        operation: &'static str,
        /// The driver's error.
        #[source]
        source: rusqlite::Error,
    },
    /// A stored value does not read back: the file was altered by another hand.
    #[error("the store holds `{value}` where {expected} is expected")]
    Damaged {
        /// The value as stored.
        value: String,
        /// What should stand there.
        expected: &'static str,
    },
    /// A sum leaves the range of 64-bit cents.
    #[error("a total of {0} cents is too large to be money")]
    TooLarge(i128),
}

/// SQLite's result codes (primary) that ask for another reaction than "query failed".
const SQLITE_ERROR: i32 = 1;
const SQLITE_BUSY: i32 = 5;
const SQLITE_READONLY: i32 = 8;
const SQLITE_IOERR: i32 = 10;
const SQLITE_CORRUPT: i32 = 11;
const SQLITE_FULL: i32 = 13;
const SQLITE_CONSTRAINT: i32 = 19;
const SQLITE_NOTADB: i32 = 26;

impl Error {
    /// Returns the error of a named operation, told apart by the driver's code.
    pub(super) fn during(operation: &'static str, source: sqlx::Error) -> Self {
        match code(&source) {
            // A write that the system refuses half way surfaces as an I/O error too.
            Some(SQLITE_FULL | SQLITE_IOERR) => Self::Full { operation, source },
            Some(SQLITE_BUSY) => Self::Busy { operation, source },
            Some(SQLITE_READONLY) => Self::ReadOnly { operation, source },
            _ => Self::Query { operation, source },
        }
    }

    /// Returns the error of opening the store's file.
    pub(super) fn opening(path: &str, source: sqlx::Error) -> Self {
        let path = path.to_owned();
        match code(&source) {
            Some(SQLITE_NOTADB | SQLITE_CORRUPT) => Self::NoStore { path, source },
            Some(SQLITE_FULL | SQLITE_IOERR | SQLITE_BUSY | SQLITE_READONLY) => {
                Self::during("open the store", source)
            }
            _ => Self::Open { path, source },
        }
    }

    /// Tells whether another process may be bringing the schema up to date just now.
    pub(super) fn is_race(error: &MigrateError) -> bool {
        let (MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _)) = error
        else {
            return false;
        };
        matches!(code(source), Some(SQLITE_ERROR | SQLITE_BUSY | SQLITE_CONSTRAINT))
    }

    /// Returns the error of bringing the schema up to date.
    pub(super) fn migrating(path: &str, source: MigrateError) -> Self {
        match source {
            MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _)
                if code(&source).is_some_and(|code| code != SQLITE_ERROR) =>
            {
                Self::opening(path, source)
            }
            source => Self::Schema { path: path.to_owned(), source },
        }
    }

    /// Returns what a person can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Open { .. } | Self::Lock { .. } => {
                "check that the folder exists and that you may write in it"
            }
            Self::File { .. } => {
                "name a file that does not exist yet, in a folder you may write in"
            }
            Self::NoStore { .. } => {
                "name another file in `store.url`, or restore a backup: this one was left as it is"
            }
            Self::ReadOnly { .. } => {
                "make the store's file and its folder writable for the user that runs quadra"
            }
            Self::Schema { .. } => {
                "use the Quadra that made this store, or restore a backup of before its upgrade"
            }
            Self::Address(_) => "set `[store] url = \"sqlite://quadra.db\"`",
            Self::Full { .. } => "free some space and run the same command again",
            Self::Busy { .. } => "wait for the other run to end, then run the same command again",
            Self::Library(_) | Self::Query { .. } | Self::Read { .. } => return None,
            Self::Damaged { .. } => "restore the store from a backup",
            Self::TooLarge(_) => "correct the amounts in the file: no books sum to so much",
        };
        Some(hint.to_owned())
    }
}

/// Returns the driver's primary result code, if the database said one.
fn code(source: &sqlx::Error) -> Option<i32> {
    let code = source.as_database_error()?.code()?;
    code.parse::<i32>().ok().map(|code| code & 0xff)
}
