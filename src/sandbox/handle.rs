//! The control that tests hold of a running sandbox, in the same process.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use super::books::{InvoiceFate, ReceiptFate};
use super::callbacks::Callback;
use super::document::Document;
use super::effects::{Bill, Effect, EffectKind};
use super::fattura::Fattura;
use super::fault::Fault;
use super::faults::Faults;
use super::state::{Collection, Shared};
use super::{Error, life};

/// Changes data, time and manners of a running sandbox, and reads what happened.
#[derive(Clone, Debug)]
pub struct Handle {
    pub(super) shared: Arc<Shared>,
}

/// Documents.
impl Handle {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Adds a raw JSON document, or replaces the one with its `id`.
    ///
    /// It is listed by its `created_at` (or `create_at`) and served byte for byte; it does
    /// not live on by itself, unless it is one that was sent to the sandbox.
    pub fn put(&self, collection: Collection, raw: &str) -> Result<(), Error> {
        self.shared.put(collection, raw.into())
    }

    /// Tells whether a document could be put here.
    pub(super) fn check(&self, raw: &str) -> Result<(), Error> {
        let zone = self.shared.habits().day_zone;
        Document::read(raw.into(), zone).map(drop).map_err(Error::Document)
    }

    /// Lets a supplier's invoice arrive from the SdI; returns its id.
    ///
    /// The XML must be a FatturaPA file whose buyer is a company that wants such invoices.
    pub fn receive_invoice(&self, xml: &[u8]) -> Result<String, Error> {
        let fattura = Fattura::read(xml).map_err(|_| Error::NoInvoice)?;
        let now = self.shared.now();
        let id = life::receive(&self.shared, &mut self.shared.books(), fattura, now);
        self.shared.wake.notify_one();
        id.ok_or(Error::NoBuyer)
    }

    /// Takes a document away; tells whether it was there.
    pub fn remove(&self, collection: Collection, id: &str) -> bool {
        self.shared.remove(collection, id)
    }

    /// Returns the raw JSON of one document, if it is there.
    pub fn get(&self, collection: Collection, id: &str) -> Option<String> {
        life::settle(&self.shared);
        let shelf = self.shared.read(collection);
        let raw = shelf.get(id)?.raw.to_vec();
        String::from_utf8(raw).ok()
    }

    /// Returns the raw JSON of all documents in list order.
    pub fn all(&self, collection: Collection) -> Vec<String> {
        life::settle(&self.shared);
        let shelf = self.shared.read(collection);
        let text = |document: &Arc<Document>| String::from_utf8_lossy(&document.raw).into_owned();
        shelf.iter().map(text).collect()
    }

    /// Makes a change just before the `nth` request (from 1) that contains `on` is answered.
    ///
    /// `on` is looked for in method, path and query, such as `GET /IT-receipts?`.
    pub fn before(&self, on: &str, nth: usize, change: impl FnOnce(&Self) + Send + 'static) {
        self.shared.orders.plan(on, nth, Box::new(change));
    }

    /// Calls this before every request is answered, with its method, path and query.
    pub fn before_every(&self, watch: impl FnMut(&Self, &str) + Send + 'static) {
        self.shared.orders.watch(Some(Box::new(watch)));
    }
}

/// Faults and tokens.
impl Handle {
    /// Makes the next `count` requests misbehave in this way, before any dice.
    ///
    /// Several calls queue up: the first call's requests come first.
    pub fn fail_next(&self, count: usize, fault: Fault) {
        self.fail_next_on("", count, fault);
    }

    /// Makes the next `count` requests that contain `on` misbehave.
    ///
    /// `on` is looked for in method, path and query, such as `POST /IT-receipts`.
    pub fn fail_next_on(&self, on: &str, count: usize, fault: Fault) {
        self.shared.orders.order_fault(on, count, fault);
    }

    /// Returns the faults that still wait for their request, and what it must contain.
    pub fn waiting_faults(&self) -> Vec<(String, Fault)> {
        self.shared.orders.waiting()
    }

    /// Forgets the faults that still wait for their request.
    pub fn forget_faults(&self) {
        self.shared.orders.forget_faults();
    }

    /// Replaces the switches of the dice from the next request on.
    pub fn set_faults(&self, faults: Faults) {
        self.shared.set_faults(faults);
    }

    /// Replaces the only good token; with `None` any is.
    pub fn set_token(&self, token: Option<String>) {
        self.shared.set_token(token);
    }
}

/// Time and fates.
impl Handle {
    /// Returns the sandbox's time.
    pub fn now(&self) -> DateTime<Utc> {
        self.shared.now()
    }

    /// Moves the sandbox's time on, and lets documents live up to it.
    pub fn advance(&self, by: Duration) {
        self.shared.time.advance(by);
        life::settle(&self.shared);
        self.shared.wake.notify_one();
    }

    /// Moves the sandbox's time to a moment, from where it goes on.
    ///
    /// Documents live up to it; what they have lived is not undone by going back.
    pub fn set_now(&self, now: DateTime<Utc>) {
        self.shared.time.set(now);
        life::settle(&self.shared);
        self.shared.wake.notify_one();
    }

    /// Decides what becomes of the next receipts that are sent, in turn.
    pub fn next_receipts(&self, fates: impl IntoIterator<Item = ReceiptFate>) {
        self.shared.books().receipt_fates.extend(fates);
    }

    /// Decides what becomes of the next invoices that are sent, in turn.
    pub fn next_invoices(&self, fates: impl IntoIterator<Item = InvoiceFate>) {
        self.shared.books().invoice_fates.extend(fates);
    }

    /// Lets the tax portal be down for this long from now on.
    pub fn portal_down(&self, duration: Duration) {
        let until = self.shared.now() + duration;
        self.shared.books().portal_down_until = Some(until);
    }

    /// Makes a company exist for registrations and for nothing else.
    pub fn haunt(&self, fiscal_id: &str) {
        self.shared.books().ghosts.insert(fiscal_id.to_owned());
    }
}

/// What happened.
impl Handle {
    /// Returns path and query of every request so far, at most 100,000, oldest first.
    pub fn asked(&self) -> Vec<String> {
        self.shared.orders.asked()
    }

    /// Returns how many requests came, by method and path with `{id}` for ids.
    pub fn request_counts(&self) -> BTreeMap<String, u64> {
        self.shared.orders.counts()
    }

    /// Returns every change that requests brought about, oldest first.
    pub fn effects(&self) -> Vec<Effect> {
        self.shared.books().effects.clone()
    }

    /// Returns how many changes of a kind there were with this key; see [`EffectKind`].
    pub fn effect_count(&self, kind: EffectKind, key: &str) -> usize {
        let books = self.shared.books();
        books.effects.iter().filter(|one| one.kind == kind && one.key == key).count()
    }

    /// Returns what the requests so far cost.
    pub fn bill(&self) -> Bill {
        self.shared.books().till.bill().clone()
    }

    /// Replaces what is in the wallet, in thousandths of a euro; `None` never ends.
    pub fn set_wallet(&self, mills: Option<i64>) {
        self.shared.books().till.set_wallet(mills);
    }

    /// Begins anew with the documents of the start; the clock stays where it is.
    pub fn forget(&self) -> Result<(), Error> {
        self.shared.forget()
    }
}

/// Callbacks.
impl Handle {
    /// Returns every callback so far with what came of it, oldest first.
    pub fn callbacks(&self) -> Vec<Callback> {
        life::settle(&self.shared);
        self.shared.books().outgoing.list().to_vec()
    }

    /// Sends each of the next `count` callbacks twice.
    pub fn callbacks_twice(&self, count: usize) {
        self.shared.books().outgoing.order_twice(count);
    }

    /// Holds the next `count` callbacks back and sends them in reverse order.
    pub fn callbacks_reversed(&self, count: usize) {
        self.shared.books().outgoing.order_reversed(count);
    }

    /// Waits until every callback that is due by now was attempted.
    pub async fn callbacks_settled(&self) {
        loop {
            life::settle(&self.shared);
            self.shared.wake.notify_one();
            if self.shared.books().outgoing.is_quiet(self.shared.now()) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    }
}
