//! Opening the store: settings, owner-only file, migrations, the two pools.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection as _, Sqlite, Transaction};

use crate::store::Error;

/// How long a writer waits for another process before it gives up.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// How often a process looks whether the outbox is free.
const LOCK_POLL: Duration = Duration::from_millis(50);
/// How often a schema that another process may be creating is tried again.
const MIGRATION_TRIES: u32 = 40;
/// How many pages the write-ahead log gathers before it is folded into the file: 16 MB.
///
/// A big pull writes the same pages of its indexes again and again. Folded a quarter as often
/// as by default, they are written to the file, and waited for, a quarter as often.
const WAL_PAGES_MAX: &str = "4000";
/// How much of the file one connection keeps in memory, in KiB when negative: 8 MB.
pub(super) const CACHE_SIZE: &str = "-8000";
/// How many rows a connection's thread reads ahead: more than a page's batch returns.
///
/// With the driver's fifty, that thread and its reader wake each other for every few rows.
const ROWS_WAITING_MAX: usize = 1_024;
/// Readers run beside the writer; reports and checks need no more than this.
const READERS_MAX: u32 = 4;
/// The first release without the write-ahead-log fault that Debian 12's 3.40 has.
const LIBRARY_VERSION_MIN: (u32, u32, u32) = (3, 51, 3);

/// Holds the connections to one store.
#[derive(Debug, Clone)]
pub struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
    path: PathBuf,
    migrated: Migrated,
}

/// Tells what opening a store did to its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// Whether there was no store before.
    pub is_new: bool,
    /// How many numbered changes were applied.
    pub changes: i64,
}

/// Holds one named transaction; dropping it rolls everything back.
#[derive(Debug)]
pub struct Tx {
    pub(super) inner: Transaction<'static, Sqlite>,
    pub(super) name: &'static str,
}

/// Holds the right to empty an outbox; dropping it gives it back.
#[derive(Debug)]
pub struct OutboxLock {
    _file: File,
}

impl Store {
    /// Opens the store at `sqlite://FILE`, creating and migrating it.
    ///
    /// A new file is readable by its owner only.
    pub async fn open(url: &str) -> Result<Self, Error> {
        let path = url
            .strip_prefix("sqlite://")
            .filter(|path| !path.is_empty())
            .map(PathBuf::from)
            .ok_or_else(|| Error::Address(url.to_owned()))?;
        let shown = path.display().to_string();
        let failed = |source| Error::opening(&shown, source);
        create_for_owner(&path).map_err(|error| failed(sqlx::Error::Io(error)))?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .row_buffer_size(ROWS_WAITING_MAX)
            .pragma("trusted_schema", "off")
            .pragma("wal_autocheckpoint", WAL_PAGES_MAX)
            .pragma("cache_size", CACHE_SIZE);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            // SQLite itself rolls back what meets a full disk, and the driver then believes for
            // ever that the transaction is open: such a connection is of no use any more.
            .before_acquire(|writer, _| Box::pin(async { Ok(!writer.is_in_transaction()) }))
            .connect_with(options.clone())
            .await
            .map_err(failed)?;
        assert_library(&writer).await?;
        let before = changes(&writer).await;
        migrate(&writer, &shown).await?;
        let after = changes(&writer).await.unwrap_or_default();
        let migrated =
            Migrated { is_new: before.is_none(), changes: after - before.unwrap_or_default() };
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS_MAX)
            .connect_lazy_with(options.create_if_missing(false));
        Ok(Self { writer, readers, path, migrated })
    }

    /// Returns the store's file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what opening the store did to its schema.
    #[must_use]
    pub fn migrated(&self) -> Migrated {
        self.migrated
    }

    /// Begins the one write transaction, under a name that errors show.
    pub async fn begin(&self, name: &'static str) -> Result<Tx, Error> {
        let inner = self
            .writer
            .begin_with("begin immediate")
            .await
            .map_err(|source| Error::during(name, source))?;
        Ok(Tx { inner, name })
    }

    /// Waits until no other process on this machine empties the outbox.
    ///
    /// The system frees the lock when its holder dies, so a delivery found in `sending`
    /// under this lock has nobody who sends it.
    pub async fn lock_outbox(&self) -> Result<OutboxLock, Error> {
        self.lock("-outbox").await
    }

    /// Waits until no other process on this machine sends intents to the provider.
    ///
    /// As with the outbox, an intent found in `sending` under this lock was left by one that
    /// died.
    pub async fn lock_intents(&self) -> Result<OutboxLock, Error> {
        self.lock("-intents").await
    }

    /// Takes the right to send intents unless another process has it.
    pub fn try_lock_intents(&self) -> Result<Option<OutboxLock>, Error> {
        let (path, file) = self.lock_file("-intents")?;
        match file.try_lock() {
            Ok(()) => Ok(Some(OutboxLock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => {
                Err(Error::Lock { path: path.display().to_string(), source })
            }
        }
    }

    async fn lock(&self, suffix: &str) -> Result<OutboxLock, Error> {
        let (path, file) = self.lock_file(suffix)?;
        let mut is_told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(OutboxLock { _file: file }),
                Err(TryLockError::WouldBlock) => {
                    if !is_told {
                        tracing::info!("another process is sending: waiting for it");
                        is_told = true;
                    }
                    tokio::time::sleep(LOCK_POLL).await;
                }
                Err(TryLockError::Error(source)) => {
                    return Err(Error::Lock { path: path.display().to_string(), source });
                }
            }
        }
    }

    fn lock_file(&self, suffix: &str) -> Result<(PathBuf, File), Error> {
        let mut path = self.path.clone().into_os_string();
        path.push(suffix);
        let path = PathBuf::from(path);
        let failed = |source| Error::Lock { path: path.display().to_string(), source };
        create_for_owner(&path).map_err(failed)?;
        let file = std::fs::OpenOptions::new().write(true).open(&path).map_err(failed)?;
        Ok((path, file))
    }

    /// Closes all connections; the write-ahead log is folded into the file.
    pub async fn close(self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    pub(super) fn reader(&self) -> &SqlitePool {
        &self.readers
    }
}

impl Tx {
    /// Commits everything that the transaction wrote.
    pub async fn commit(self) -> Result<(), Error> {
        let name = self.name;
        crashpoint!("before commit", name);
        self.inner.commit().await.map_err(|source| Error::during(name, source))?;
        crashpoint!("after commit", name);
        Ok(())
    }

    pub(super) fn failed(&self) -> impl FnOnce(sqlx::Error) -> Error + use<> {
        let name = self.name;
        move |source| Error::during(name, source)
    }
}

/// Returns how many changes the schema has seen; none for a file without a schema.
async fn changes(writer: &SqlitePool) -> Option<i64> {
    sqlx::query_scalar("select count(*) from _sqlx_migrations").fetch_one(writer).await.ok()
}

/// Brings the schema up to date.
///
/// Two processes may meet at a new store: what the other one is creating is waited for.
async fn migrate(writer: &SqlitePool, path: &str) -> Result<(), Error> {
    let mut tries = 0;
    loop {
        match sqlx::migrate!("migrations/sqlite").run(writer).await {
            Ok(()) => return Ok(()),
            Err(error) if tries < MIGRATION_TRIES && Error::is_race(&error) => {
                tries += 1;
                tokio::time::sleep(LOCK_POLL).await;
            }
            Err(error) => return Err(Error::migrating(path, error)),
        }
    }
}

/// Creates the file with mode 0600 before SQLite does with the process's umask.
pub(super) fn create_for_owner(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map(drop),
    }
}

async fn assert_library(pool: &SqlitePool) -> Result<(), Error> {
    let version: String = sqlx::query_scalar("select sqlite_version()")
        .fetch_one(pool)
        .await
        .map_err(|source| Error::during("ask the version", source))?;
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    if (next(), next(), next()) < LIBRARY_VERSION_MIN {
        return Err(Error::Library(version));
    }
    Ok(())
}
