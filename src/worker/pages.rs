//! Keeps pulled pages: raw bodies, documents, checkpoint and count in one transaction.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};

use crate::api::{PutAside, RawItem, Resource};
use crate::clock::Clock;
use crate::extract::{self, HandedPage, Known, OpenRow, PageTally, Sink, SinkError, WindowState};
use crate::fiscal::{Document, DocumentKind};
use crate::normalize;
use crate::store::{NewRaw, RawOutcome, Store, Tx, Unreadable, WindowRecord};
use crate::worker::budget::Meter;

/// How much of a body that could not be read is kept for people.
const BODY_HEAD_CHARS: usize = 300;

/// How many bodies are read before others get their turn: about half a millisecond's worth.
const READ_AT_ONCE: usize = 32;

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

    async fn store_pages(&mut self, pages: &[HandedPage<'_>]) -> Result<Vec<PageTally>, SinkError> {
        let now = self.clock.now();
        let mut tx = self.store.begin("store_pages").await?;
        let mut tallies = Vec::with_capacity(pages.len());
        for pages in pages.chunk_by(|a, b| a.window.resource == b.window.resource) {
            let outcomes = store_rows(&mut tx, pages, now).await?;
            let mut rest = outcomes.as_slice();
            for page in pages {
                let (own, others) = rest.split_at(page.items.len());
                tallies.push(tally(own));
                rest = others;
            }
        }
        // Of several pages of one window, the last says where its reading goes on.
        let last: BTreeMap<_, _> = pages.iter().map(|page| (page.window, page)).collect();
        for (window, page) in last {
            let mut record = record_of(window, "reading", page.checkpoint.rows_seen);
            record.checkpoint = Some(page.checkpoint.to_json());
            tx.save_window(&record, now).await?;
        }
        let sent = self.meter.count(&mut tx).await?;
        tx.commit().await?;
        self.meter.kept(sent);
        Ok(tallies)
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

/// Stores the rows of pages of one kind and returns what became of each, in their order.
async fn store_rows(
    tx: &mut Tx,
    pages: &[HandedPage<'_>],
    now: DateTime<Utc>,
) -> Result<Vec<RawOutcome>, SinkError> {
    let resource = pages[0].window.resource;
    let items: Vec<&RawItem> = pages.iter().flat_map(|page| &page.items).collect();
    let sifted = tx.sift_raw(resource.as_str(), &raw(items.iter().copied())).await?;
    let fresh: Vec<&RawItem> =
        items.iter().zip(sifted.is_fresh()).filter_map(|(item, is)| is.then_some(*item)).collect();
    // The store's own thread writes the bodies while this one reads them.
    let (outcomes, read) = tokio::join!(
        tx.insert_sifted(resource.as_str(), &sifted, now),
        read_in_turns(resource, &fresh)
    );
    let outcomes = outcomes?;
    let mut unreadable: Vec<Unreadable> =
        pages.iter().flat_map(|page| unnamed(resource, &page.put_aside)).collect();
    let mut documents: Vec<(i64, Document)> = Vec::with_capacity(fresh.len());
    let raw_ids = outcomes.iter().filter_map(|outcome| outcome.stored_id());
    for ((item, read), raw_id) in fresh.iter().zip(read).zip(raw_ids) {
        match read {
            Ok(document) => documents.push((raw_id, document)),
            Err(error) => unreadable.push(put_aside(resource, item, &error)),
        }
    }
    tx.save_documents(&documents).await?;
    let readable: Vec<&str> =
        documents.iter().map(|(_, document)| document.source_id.as_str()).collect();
    tx.take_back(resource.as_str(), &readable).await?;
    tx.put_aside(&unreadable, now).await?;
    Ok(outcomes)
}

/// Reads bodies a few at a time, so that whoever runs beside gets his turn.
async fn read_in_turns(
    resource: Resource,
    items: &[&RawItem],
) -> Vec<Result<Document, normalize::Error>> {
    let mut documents = Vec::with_capacity(items.len());
    for few in items.chunks(READ_AT_ONCE) {
        documents.extend(few.iter().map(|item| read(resource, &item.body)));
        tokio::task::yield_now().await;
    }
    documents
}

fn tally(outcomes: &[RawOutcome]) -> PageTally {
    let mut tally = PageTally::default();
    for outcome in outcomes {
        match outcome {
            RawOutcome::New(_) => tally.documents_new += 1,
            RawOutcome::Changed(_) => tally.documents_changed += 1,
            RawOutcome::Known => tally.documents_known += 1,
        }
    }
    tally
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

pub(super) fn raw<'a>(items: impl IntoIterator<Item = &'a RawItem>) -> Vec<NewRaw<'a>> {
    items.into_iter().map(|item| NewRaw { source_id: &item.id, body: &item.body }).collect()
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
