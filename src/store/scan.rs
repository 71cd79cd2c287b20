//! Steps through many rows of the store on a thread of its own, reading each in place.
//!
//! The other driver copies each value of a row and hands the row to another thread; for a
//! month of a million documents that took longer than comparing them. Here a value is looked
//! at where SQLite holds it, and only what is kept is copied. Reading only: whatever is
//! written goes through transactions with a name.

use std::sync::{Arc, Weak};

use rusqlite::{Connection, OpenFlags, Row, ToSql};

use crate::store::connect::{BUSY_TIMEOUT, CACHE_SIZE};
use crate::store::fold::ended;
use crate::store::{Error, Store};

/// How many rows are read before the thread looks whether anybody still waits for them.
const ROWS_BETWEEN_LOOKS: usize = 1_024;

/// Reads as of one moment what a statement selects.
pub(super) struct Scan<'c> {
    moment: rusqlite::Transaction<'c>,
    operation: &'static str,
    /// Whoever waits for what is read; gone when the work was broken off.
    waiting: Weak<()>,
}

/// Holds the values of one row, which are taken one after the other.
pub(super) struct Cells<'r> {
    row: &'r Row<'r>,
    next: usize,
    expected: &'static str,
}

impl Store {
    /// Runs some reading of the named operation on a thread of its own, as of one moment.
    pub(super) async fn scan<S: Send + 'static>(
        &self,
        operation: &'static str,
        read: impl FnOnce(&Scan<'_>) -> Result<S, Error> + Send + 'static,
    ) -> Result<S, Error> {
        let path = self.path().to_owned();
        let waiting = Arc::new(());
        let is_awaited = Arc::downgrade(&waiting);
        let reading = tokio::task::spawn_blocking(move || {
            let failed = |source| Error::Read { operation, source };
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let mut connection = Connection::open_with_flags(&path, flags).map_err(failed)?;
            connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
            for (name, value) in
                [("query_only", "on"), ("trusted_schema", "off"), ("cache_size", CACHE_SIZE)]
            {
                connection.pragma_update(None, name, value).map_err(failed)?;
            }
            let moment = connection.transaction().map_err(failed)?;
            read(&Scan { moment, operation, waiting: is_awaited })
        });
        let read = ended(reading).await;
        drop(waiting);
        read
    }
}

impl Scan<'_> {
    /// Hands on the cells of each row that a statement selects.
    ///
    /// `expected` names what a row holds, for the error about one that does not.
    pub(super) fn each(
        &self,
        statement: &str,
        values: &[&dyn ToSql],
        expected: &'static str,
        mut take: impl FnMut(Cells<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let failed = |source| Error::Read { operation: self.operation, source };
        let mut prepared = self.moment.prepare(statement).map_err(failed)?;
        let mut rows = prepared.query(values).map_err(failed)?;
        let mut read = 0;
        while let Some(row) = rows.next().map_err(failed)? {
            read += 1;
            if read % ROWS_BETWEEN_LOOKS == 0 && self.waiting.strong_count() == 0 {
                break;
            }
            take(Cells { row, next: 0, expected })?;
        }
        Ok(())
    }

    /// Returns the one number that a statement selects.
    pub(super) fn number(&self, statement: &str, values: &[&dyn ToSql]) -> Result<i64, Error> {
        self.moment
            .query_row(statement, values, |row| row.get(0))
            .map_err(|source| Error::Read { operation: self.operation, source })
    }
}

impl<'r> Cells<'r> {
    /// Returns the next value, a text or nothing.
    pub(super) fn text_if_given(&mut self) -> Result<Option<&'r str>, Error> {
        let place = self.place();
        let value = self.row.get_ref(place).ok().and_then(|value| value.as_str_or_null().ok());
        value.ok_or_else(|| self.damaged(place))
    }

    /// Returns the next value, a text.
    pub(super) fn text(&mut self) -> Result<&'r str, Error> {
        let place = self.next;
        self.text_if_given()?.ok_or_else(|| self.damaged(place))
    }

    /// Returns the next value, a whole number or nothing.
    pub(super) fn number_if_given(&mut self) -> Result<Option<i64>, Error> {
        let place = self.place();
        let value = self.row.get_ref(place).ok().and_then(|value| value.as_i64_or_null().ok());
        value.ok_or_else(|| self.damaged(place))
    }

    /// Returns the next value, a whole number.
    pub(super) fn number(&mut self) -> Result<i64, Error> {
        let place = self.next;
        self.number_if_given()?.ok_or_else(|| self.damaged(place))
    }

    fn place(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }

    /// Says which column is wrong, and not what stands in it.
    fn damaged(&self, place: usize) -> Error {
        let column = self.row.as_ref().column_name(place).unwrap_or("?").to_owned();
        Error::Damaged { value: format!("something else in {column}"), expected: self.expected }
    }
}
