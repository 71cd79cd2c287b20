//! What can go wrong with the store, by what the caller can do about it.

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
    /// The schema was made by a newer Quadra, or was altered.
    #[error("the schema of the store `{path}` does not fit this version of Quadra")]
    Schema {
        /// The file.
        path: String,
        /// The migrator's error.
        #[source]
        source: sqlx::migrate::MigrateError,
    },
    /// The address of the store is not one that this version can use.
    #[error("the store address `{0}` is not `sqlite://FILE`")]
    Address(String),
    /// The bundled SQLite is older than the fix of a write-ahead-log fault.
    #[error("SQLite {0} is too old: its write-ahead log can lose a commit")]
    Library(String),
    /// The disk is full; the transaction was rolled back.
    #[error("the disk is full: `{operation}` was rolled back, what was stored before is kept")]
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
    /// A statement failed.
    #[error("failed to {operation} in the store")]
    Query {
        /// The named transaction or query.
        operation: &'static str,
        /// The driver's error.
        #[source]
        source: sqlx::Error,
    },
    /// A stored value does not read back: the file was altered by another hand.
    #[error("the store holds `{value}` where {expected} is expected")]
    Damaged {
        /// The value as stored.
        value: String,
        /// What should stand there.
        expected: &'static str,
    },
}

/// SQLite's result codes (primary) that ask for another reaction than "query failed".
const SQLITE_BUSY: i32 = 5;
const SQLITE_IOERR: i32 = 10;
const SQLITE_FULL: i32 = 13;

impl Error {
    /// Returns the error of a named operation, told apart by the driver's code.
    pub(super) fn during(operation: &'static str, source: sqlx::Error) -> Self {
        let code = source
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .and_then(|code| code.parse::<i32>().ok())
            .map(|code| code & 0xff);
        match code {
            // A write that the system refuses half way surfaces as an I/O error too.
            Some(SQLITE_FULL | SQLITE_IOERR) => Self::Full { operation, source },
            Some(SQLITE_BUSY) => Self::Busy { operation, source },
            _ => Self::Query { operation, source },
        }
    }

    /// Returns what a person can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Open { .. } => "check that the folder exists and that you may write in it",
            Self::Schema { .. } => {
                "use the Quadra that made this store, or restore a backup of before its upgrade"
            }
            Self::Address(_) => "set `[store] url = \"sqlite://quadra.db\"`",
            Self::Full { .. } => "free some space and run the same command again",
            Self::Busy { .. } => "wait for the other run to end, then run the same command again",
            Self::Library(_) | Self::Query { .. } => return None,
            Self::Damaged { .. } => "restore the store from a backup",
        };
        Some(hint.to_owned())
    }
}
