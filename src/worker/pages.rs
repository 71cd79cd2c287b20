//! Keeps pulled pages: raw bodies, documents, checkpoint and count in one transaction.

use chrono::{Days, NaiveDate};

use crate::api::{PutAside, RawItem, Resource};
use crate::clock::Clock;
use crate::extract::{self, Known, OpenRow, PageTally, Sink, SinkError, WindowState};
use crate::fiscal::{Document, DocumentKind};
use crate::normalize;
use crate::store::{NewRaw, Store, Unreadable, WindowRecord};
use crate::worker::budget::Meter;

/// How much of a body that could not be read is kept for people.
const BODY_HEAD_CHARS: usize = 300;

/// Keeps pages in the store: raw bodies, documents and checkpoint in one transaction.
pub(super) struct StoreSink<'a> {
    pub(super) store: &'a Store,
    pub(super) clock: Clock,
    pub(super) meter: &'a Meter<'a>,
}

impl StoreSink<'_> {
    /// Returns the window's documents that are not final, those in its padding too.
    async fn open_rows(
        &self,
        kind: DocumentKind,
        window: &extract::Window,
    ) -> Result<Vec<OpenRow>, SinkError> {
        let (from, to) = padded(window.from, window.to);
        let open = self.store.open_documents(kind, &window.fiscal_ids, from, to).await?;
        Ok(open
            .into_iter()
            .map(|(id, day)| OpenRow { id, is_inside: (window.from..=window.to).contains(&day) })
            .collect())
    }
}

impl Sink for StoreSink<'_> {
    async fn known(&mut self, window: &extract::Window) -> Result<Option<Known>, SinkError> {
        let resource = window.resource.as_str();
        let ids = window.fiscal_ids.join(",");
        let Some(record) = self.store.window(resource, &ids, window.from, window.to).await? else {
            return Ok(None);
        };
        let open = match kind_of(window.resource) {
            Some(kind) => self.open_rows(kind, window).await?,
            None => Vec::new(),
        };
        let checkpoint = record.checkpoint.as_deref().map(extract::Checkpoint::from_json);
        Ok(Some(Known {
            rows_total: record.rows_total.cast_unsigned(),
            open,
            state: state_of(&record.state),
            checkpoint: checkpoint.transpose()?,
        }))
    }

    async fn store_page(
        &mut self,
        window: &extract::Window,
        items: &[RawItem],
        aside: &[PutAside],
        checkpoint: &extract::Checkpoint,
    ) -> Result<PageTally, SinkError> {
        let now = self.clock.now();
        let mut tx = self.store.begin("store_page").await?;
        let tally = tx.insert_raw(window.resource.as_str(), &raw(items), now).await?;
        let mut unreadable = unnamed(window.resource, aside);
        let mut documents: Vec<(i64, Document)> = Vec::with_capacity(tally.stored.len());
        for (index, raw_id) in &tally.stored {
            match read(window.resource, &items[*index].body) {
                Ok(document) => documents.push((*raw_id, document)),
                Err(error) => unreadable.push(put_aside(window.resource, &items[*index], &error)),
            }
        }
        tx.save_documents(&documents).await?;
        let readable: Vec<&str> =
            documents.iter().map(|(_, document)| document.source_id.as_str()).collect();
        tx.take_back(window.resource.as_str(), &readable).await?;
        tx.put_aside(&unreadable, now).await?;
        let mut record = record_of(window, "reading", checkpoint.rows_seen);
        record.checkpoint = Some(checkpoint.to_json());
        tx.save_window(&record, now).await?;
        let sent = self.meter.count(&mut tx).await?;
        tx.commit().await?;
        self.meter.kept(sent);
        Ok(PageTally {
            documents_new: tally.new,
            documents_changed: tally.changed,
            documents_known: tally.known,
        })
    }

    async fn settle(
        &mut self,
        window: &extract::Window,
        state: WindowState,
        rows_total: u64,
    ) -> Result<(), SinkError> {
        let mut record = record_of(window, state.as_str(), rows_total);
        let ids = window.fiscal_ids.join(",");
        let resource = window.resource.as_str();
        if let Some(before) = self.store.window(resource, &ids, window.from, window.to).await? {
            record.checkpoint = before.checkpoint;
        }
        let mut tx = self.store.begin("settle_window").await?;
        tx.save_window(&record, self.clock.now()).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn read(resource: Resource, body: &str) -> Result<Document, normalize::Error> {
    match resource {
        Resource::Receipts => normalize::receipt(body),
        Resource::Invoices | Resource::Configurations => normalize::invoice(body),
    }
}

fn record_of(window: &extract::Window, state: &str, rows_total: u64) -> WindowRecord {
    WindowRecord {
        resource: window.resource.as_str().to_owned(),
        fiscal_ids: window.fiscal_ids.join(","),
        from: window.from,
        to: window.to,
        state: state.to_owned(),
        rows_total: i64::try_from(rows_total).unwrap_or(i64::MAX),
        checkpoint: None,
    }
}

fn state_of(word: &str) -> Option<WindowState> {
    [WindowState::Settled, WindowState::Unsettled, WindowState::Deferred]
        .into_iter()
        .find(|state| state.as_str() == word)
}

pub(super) fn raw(items: &[RawItem]) -> Vec<NewRaw<'_>> {
    items.iter().map(|item| NewRaw { source_id: &item.id, body: &item.body }).collect()
}

pub(super) fn unnamed(resource: Resource, aside: &[PutAside]) -> Vec<Unreadable> {
    aside
        .iter()
        .map(|one| Unreadable {
            resource: resource.as_str().to_owned(),
            source_id: String::new(),
            body_head: one.body.chars().take(BODY_HEAD_CHARS).collect(),
            reason: one.reason.clone(),
        })
        .collect()
}

pub(super) fn put_aside(
    resource: Resource,
    item: &RawItem,
    error: &normalize::Error,
) -> Unreadable {
    Unreadable {
        resource: resource.as_str().to_owned(),
        source_id: item.id.clone(),
        body_head: item.body.chars().take(BODY_HEAD_CHARS).collect(),
        reason: crate::worker::error::causes(error),
    }
}

fn padded(from: NaiveDate, to: NaiveDate) -> (NaiveDate, NaiveDate) {
    (from - Days::new(2), to + Days::new(2))
}

/// Returns the kind of document that a resource holds.
fn kind_of(resource: Resource) -> Option<DocumentKind> {
    match resource {
        Resource::Receipts => Some(DocumentKind::Receipt),
        Resource::Invoices => Some(DocumentKind::Invoice),
        Resource::Configurations => None,
    }
}
