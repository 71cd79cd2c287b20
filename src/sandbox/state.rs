//! Everything the server and its handles look at.
//!
//! Documents stand on three shelves; what is behind them – lives, effects, the till, what
//! the portal knows of a company – is in the books, behind one lock. Whoever needs both
//! takes the books first.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::books::Books;
use super::document::Document;
use super::faults::{Faults, Throw};
use super::filter::Filter;
use super::habits::Habits;
use super::json::Object;
use super::options::Options;
use super::orders::Orders;
use super::shelf::Shelf;
use super::time::Time;
use super::{Error, data};

/// Names one of the three lists the sandbox serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Collection {
    /// `/IT-configurations`
    Configurations,
    /// `/IT-receipts`
    Receipts,
    /// `/IT-invoices`
    Invoices,
}

/// Is one running sandbox.
pub(super) struct Shared {
    options: Options,
    pub(super) time: Time,
    pub(super) orders: Orders,
    /// Wakes the task that delivers callbacks.
    pub(super) wake: tokio::sync::Notify,
    /// Where the API listens, once it does.
    pub(super) address: OnceLock<std::net::SocketAddr>,
    configurations: RwLock<Shelf>,
    receipts: RwLock<Shelf>,
    invoices: RwLock<Shelf>,
    books: Mutex<Books>,
    faults: Mutex<Faults>,
    token: Mutex<Option<String>>,
    requests: AtomicU64,
    shifts: AtomicU64,
}

impl Shared {
    pub(super) fn new(options: Options) -> Result<Self, Error> {
        let [configurations, receipts, invoices] = shelves(&options)?;
        Ok(Self {
            time: Time::new(options.clock),
            orders: Orders::default(),
            wake: tokio::sync::Notify::new(),
            address: OnceLock::new(),
            configurations: RwLock::new(configurations),
            receipts: RwLock::new(receipts),
            invoices: RwLock::new(invoices),
            books: Mutex::new(Books::new(&options, options.clock.now())),
            faults: Mutex::new(options.faults.clone()),
            token: Mutex::new(options.token.clone()),
            requests: AtomicU64::new(0),
            shifts: AtomicU64::new(0),
            options,
        })
    }

    pub(super) fn options(&self) -> &Options {
        &self.options
    }

    pub(super) fn habits(&self) -> Habits {
        self.options.habits
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.time.now()
    }

    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        locked(&self.books)
    }

    /// Counts a request and throws its dice.
    pub(super) fn throw(&self) -> Throw {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        locked(&self.faults).throw(self.options.seed, number)
    }

    /// Adds a document to the newest end of a filtered list, as a busy shop does.
    pub(super) fn shift(&self, collection: Collection, filter: &Filter) {
        let number = self.shifts.fetch_add(1, Ordering::Relaxed);
        let mut shelf = self.write(collection);
        let twin = shelf.newest(filter).and_then(|newest| newest.twin(number));
        let document = twin.and_then(|raw| Document::read(raw, self.habits().day_zone).ok());
        if let Some(document) = document {
            shelf.put(document);
        }
    }

    /// Puts a document on its shelf, in place of the one with its id.
    pub(super) fn put(&self, collection: Collection, raw: String) -> Result<(), Error> {
        let document = Document::read(raw, self.habits().day_zone).map_err(Error::Document)?;
        self.write(collection).put(document);
        Ok(())
    }

    /// Puts back a document that was read from a shelf and changed.
    pub(super) fn put_back(&self, collection: Collection, object: &Object) {
        // It still has the fields it was read by, so it can be read again.
        drop(self.put(collection, object.text()));
    }

    /// Returns a document to read or to change.
    pub(super) fn object(&self, collection: Collection, id: &str) -> Option<Object> {
        self.read(collection).get(id)?.object()
    }

    pub(super) fn remove(&self, collection: Collection, id: &str) -> bool {
        self.write(collection).remove(id)
    }

    /// Begins anew with the documents of the start; the clock and the switches stay.
    pub(super) fn forget(&self) -> Result<(), Error> {
        let mut books = self.books();
        let [configurations, receipts, invoices] = shelves(&self.options)?;
        *self.write(Collection::Configurations) = configurations;
        *self.write(Collection::Receipts) = receipts;
        *self.write(Collection::Invoices) = invoices;
        *books = Books::new(&self.options, self.now());
        self.orders.forget();
        self.requests.store(0, Ordering::Relaxed);
        Ok(())
    }

    pub(super) fn token(&self) -> Option<String> {
        locked(&self.token).clone()
    }

    pub(super) fn set_token(&self, token: Option<String>) {
        *locked(&self.token) = token;
    }

    /// Returns the hosts that the scopes of tokens may name.
    pub(super) fn hosts(&self) -> Vec<String> {
        let own = self.address.get().map(|address| (address.to_string(), address.port()));
        let own = own.map(|(address, port)| vec![address, format!("localhost:{port}")]);
        let mut hosts = own.unwrap_or_default();
        hosts.push(self.options.host.clone());
        hosts
    }

    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(super) fn faults(&self) -> Faults {
        locked(&self.faults).clone()
    }

    pub(super) fn set_faults(&self, faults: Faults) {
        *locked(&self.faults) = faults;
        for collection in [Collection::Receipts, Collection::Invoices] {
            self.read(collection).forget_filters();
        }
    }

    pub(super) fn read(&self, collection: Collection) -> RwLockReadGuard<'_, Shelf> {
        self.shelf(collection).read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, collection: Collection) -> RwLockWriteGuard<'_, Shelf> {
        self.shelf(collection).write().unwrap_or_else(PoisonError::into_inner)
    }

    fn shelf(&self, collection: Collection) -> &RwLock<Shelf> {
        match collection {
            Collection::Configurations => &self.configurations,
            Collection::Receipts => &self.receipts,
            Collection::Invoices => &self.invoices,
        }
    }
}

impl fmt::Debug for Shared {
    /// Shows no token and no documents.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Shared")
            .field("seed", &self.options.seed)
            .field("requests", &self.requests)
            .finish_non_exhaustive()
    }
}

fn shelves(options: &Options) -> Result<[Shelf; 3], Error> {
    let data = data::make(options)?;
    let habits = options.habits;
    let shelf = |raws: Vec<String>| -> Result<Shelf, Error> {
        let documents = raws
            .into_iter()
            .map(|raw| Document::read(raw, habits.day_zone).map_err(Error::Document))
            .collect::<Result<_, _>>()?;
        Ok(Shelf::new(documents, habits.newest_first))
    };
    Ok([shelf(data.configurations)?, shelf(data.receipts)?, shelf(data.invoices)?])
}

/// Locks even after a panic elsewhere: a failing test must not hide behind a second one.
pub(super) fn locked<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
