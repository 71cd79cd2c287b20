//! The state behind the server, and the control that tests hold of it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::document::Document;
use super::faults::{Fault, Faults, Throw};
use super::filter::Filter;
use super::options::{Habits, Options};
use super::shelf::Shelf;
use super::{Error, data};

/// How many requests are remembered word for word.
const REMEMBERED_REQUESTS: usize = 100_000;

/// Names one of the three lists the sandbox serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collection {
    /// `/IT-configurations`
    Configurations,
    /// `/IT-receipts`
    Receipts,
    /// `/IT-invoices`
    Invoices,
}

/// Changes data and faults of a running sandbox, in-process only.
#[derive(Clone, Debug)]
pub struct Handle {
    shared: Arc<Shared>,
}

impl Handle {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Adds a raw JSON document, or replaces the one with its `id`.
    ///
    /// It is listed by its `created_at` (or `create_at`) and served byte for byte.
    pub fn put(&self, collection: Collection, raw: &str) -> Result<(), Error> {
        let document = Document::read(raw.into(), self.shared.habits.day_zone);
        let document = document.map_err(Error::Document)?;
        self.shared.write(collection).put(document);
        Ok(())
    }

    /// Takes a document away; tells whether it was there.
    pub fn remove(&self, collection: Collection, id: &str) -> bool {
        self.shared.write(collection).remove(id)
    }

    /// Returns the raw JSON of one document, if it is there.
    pub fn get(&self, collection: Collection, id: &str) -> Option<String> {
        let shelf = self.shared.read(collection);
        let raw = shelf.get(id)?.raw.to_vec();
        String::from_utf8(raw).ok()
    }

    /// Returns the raw JSON of all documents in list order.
    pub fn all(&self, collection: Collection) -> Vec<String> {
        let shelf = self.shared.read(collection);
        let text = |document: &Arc<Document>| String::from_utf8_lossy(&document.raw).into_owned();
        shelf.iter().map(text).collect()
    }

    /// Makes the next `count` requests misbehave in this way, before any dice.
    ///
    /// Several calls queue up: the first call's requests come first.
    pub fn fail_next(&self, count: usize, fault: Fault) {
        self.fail_next_on("", count, fault);
    }

    /// Makes the next `count` requests whose path and query contain `part` misbehave.
    pub fn fail_next_on(&self, part: &str, count: usize, fault: Fault) {
        let order = (part.to_owned(), fault);
        locked(&self.shared.ordered).extend(std::iter::repeat_n(order, count));
    }

    /// Replaces the switches of the dice from the next request on.
    pub fn set_faults(&self, faults: Faults) {
        *locked(&self.shared.faults) = faults;
        for collection in [Collection::Receipts, Collection::Invoices] {
            self.shared.read(collection).forget_filters();
        }
    }

    /// Replaces the only good token; with `None` any is good.
    pub fn set_token(&self, token: Option<String>) {
        *locked(&self.shared.token) = token;
    }

    /// Returns path and query of every request so far, at most 100,000, oldest first.
    pub fn asked(&self) -> Vec<String> {
        locked(&self.shared.asked).clone()
    }
}

/// Is everything the server and its handles look at.
pub(super) struct Shared {
    seed: u64,
    habits: Habits,
    configurations: RwLock<Shelf>,
    receipts: RwLock<Shelf>,
    invoices: RwLock<Shelf>,
    faults: Mutex<Faults>,
    token: Mutex<Option<String>>,
    ordered: Mutex<VecDeque<(String, Fault)>>,
    asked: Mutex<Vec<String>>,
    requests: AtomicU64,
    shifts: AtomicU64,
}

impl Shared {
    pub(super) fn new(options: Options) -> Result<Self, Error> {
        let data = data::make(&options)?;
        let habits = options.habits;
        let shelf = |raws: Vec<String>| -> Result<RwLock<Shelf>, Error> {
            let documents = raws
                .into_iter()
                .map(|raw| Document::read(raw, habits.day_zone).map_err(Error::Document))
                .collect::<Result<_, _>>()?;
            Ok(RwLock::new(Shelf::new(documents, habits.newest_first)))
        };
        Ok(Self {
            seed: options.seed,
            habits,
            configurations: shelf(data.configurations)?,
            receipts: shelf(data.receipts)?,
            invoices: shelf(data.invoices)?,
            faults: Mutex::new(options.faults),
            token: Mutex::new(options.token),
            ordered: Mutex::default(),
            asked: Mutex::default(),
            requests: AtomicU64::new(0),
            shifts: AtomicU64::new(0),
        })
    }

    /// Counts a request and decides how it misbehaves.
    pub(super) fn arrive(&self, target: &str) -> Throw {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let mut asked = locked(&self.asked);
        if asked.len() < REMEMBERED_REQUESTS {
            asked.push(target.to_owned());
        }
        drop(asked);
        let mut throw = locked(&self.faults).throw(self.seed, number);
        let mut ordered = locked(&self.ordered);
        let first = ordered.iter().position(|(part, _)| target.contains(part));
        if let Some((_, fault)) = first.and_then(|position| ordered.remove(position)) {
            throw.fault = Some(fault);
        }
        throw
    }

    /// Adds a document to the newest end of a filtered list, as a busy shop does.
    pub(super) fn shift(&self, collection: Collection, filter: &Filter) {
        let number = self.shifts.fetch_add(1, Ordering::Relaxed);
        let mut shelf = self.write(collection);
        let twin = shelf.newest(filter).and_then(|newest| newest.twin(number));
        let document = twin.and_then(|raw| Document::read(raw, self.habits.day_zone).ok());
        if let Some(document) = document {
            shelf.put(document);
        }
    }

    pub(super) fn accepts(&self, token: &str) -> bool {
        locked(&self.token).as_ref().is_none_or(|good| good == token)
    }

    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(super) fn habits(&self) -> Habits {
        self.habits
    }

    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    pub(super) fn faults(&self) -> Faults {
        locked(&self.faults).clone()
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
            .field("seed", &self.seed)
            .field("requests", &self.requests)
            .finish_non_exhaustive()
    }
}

/// Locks even after a panic elsewhere: a failing test must not hide behind a second one.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
