//! Keeps pulled pages: raw bodies, documents, checkpoint and count in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};

use crate::api::{PutAside, RawItem, Resource};
use crate::clock::Clock;
use crate::extract::{
    self, HandedPage, Known, PageTally, RowKeys, Sink, SinkError, WindowEnd, WindowState,
};
use crate::fiscal::Document;
use crate::normalize;
use crate::store::{
    Error as StoreError, NewRaw, RawOutcome, Store, Tx, Unreadable, WindowName, WindowOutcome,
};
use crate::worker::plan::{kind_of, sweeps_from};

/// How much of a body that could not be read is kept for people.
const BODY_HEAD_CHARS: usize = 300;

/// How many bodies are read before others get their turn: about half a millisecond's worth.
const READ_AT_ONCE: usize = 32;

/// Keeps pages in the store: raw bodies, documents and checkpoint in one transaction.
pub(super) struct StoreSink<'a> {
    pub(super) store: &'a Store,
    pub(super) clock: Clock,
    /// When the pull began: what it reads is not older.
    pub(super) began_at: DateTime<Utc>,
    /// The business day of the pull.
    pub(super) today: NaiveDate,
    /// The windows to be read whole.
    pub(super) must_sweep: BTreeSet<extract::Window>,
    /// The windows that reach further than what is known of them, with its last day.
    pub(super) grown: BTreeMap<extract::Window, NaiveDate>,
    /// Documents that callbacks wait for.
    pub(super) awaited: BTreeSet<String>,
}

impl Sink for StoreSink<'_> {
    async fn known(&mut self, window: &extract::Window) -> Result<Option<Known>, SinkError> {
        let ids = window.fiscal_ids.join(",");
        let to = self.grown.get(window).copied().unwrap_or(window.to);
        let name = WindowName { to, ..name_of(window, &ids) };
        let Some(record) = self.store.window(name).await? else {
            return Ok(None);
        };
        let keys = self.store.window_keys(name).await?;
        let checkpoint = record.checkpoint.as_deref().map(extract::Checkpoint::from_json);
        Ok(Some(Known {
            rows_total: record.rows_total.cast_unsigned(),
            keys: keys.as_deref().and_then(RowKeys::from_bytes),
            state: state_of(&record.state),
            checkpoint: checkpoint.transpose()?,
            must_sweep: self.must_sweep.contains(window),
        }))
    }

    async fn store_pages(&mut self, pages: &[HandedPage<'_>]) -> Result<Vec<PageTally>, SinkError> {
        let now = self.clock.now();
        let mut tx = self.store.begin("store_pages").await?;
        let mut tallies = Vec::with_capacity(pages.len());
        for pages in pages.chunk_by(|a, b| a.window.resource == b.window.resource) {
            let resource = pages[0].window.resource;
            let items: Vec<&RawItem> = pages.iter().flat_map(|page| &page.items).collect();
            let put_aside = pages.iter().flat_map(|page| &page.put_aside);
            let outcomes = store_rows(&mut tx, resource, &items, put_aside, now).await?;
            self.answer_callbacks(&mut tx, resource, &items).await?;
            let mut rest = outcomes.as_slice();
            for page in pages {
                let (own, others) = rest.split_at(page.items.len());
                tallies.push(tally(own));
                rest = others;
            }
        }
        // Of several pages of one window, the last says where its reading goes on.
        let last: BTreeMap<_, _> = pages
            .iter()
            .filter_map(|page| Some((page.window, page.checkpoint.as_ref()?)))
            .collect();
        for (window, checkpoint) in last {
            let ids = window.fiscal_ids.join(",");
            let rows_seen = signed(checkpoint.rows_seen);
            tx.advance_window(name_of(window, &ids), rows_seen, &checkpoint.to_json(), now).await?;
        }
        tx.commit().await?;
        Ok(tallies)
    }

    async fn settle(&mut self, window: &extract::Window, end: &WindowEnd) -> Result<(), SinkError> {
        let ids = window.fiscal_ids.join(",");
        let row_keys = end.keys.as_ref().map(RowKeys::to_bytes);
        let outcome = match end.state {
            WindowState::Settled if end.unchanged => WindowOutcome::Unchanged,
            WindowState::Settled => WindowOutcome::Settled {
                rows_total: signed(end.rows_total),
                row_keys: row_keys.as_deref(),
                is_swept: end.is_swept,
            },
            WindowState::Unsettled | WindowState::Deferred => {
                WindowOutcome::Open { state: end.state.as_str(), rows_seen: signed(end.rows_total) }
            }
        };
        let filed = self.filed(window, end).await?;
        let mut tx = self.store.begin("settle_window").await?;
        if end.state == WindowState::Settled {
            tx.absorb_windows(name_of(window, &ids)).await?;
        }
        tx.settle_window(name_of(window, &ids), outcome, self.clock.now()).await?;
        if let (Some(kind), Some(keys), false) =
            (kind_of(window.resource), &end.keys, filed.is_empty())
        {
            let absent: BTreeSet<&str> = keys.without(&filed).into_iter().collect();
            let shown = filed.iter().map(String::as_str).filter(|id| !absent.contains(id));
            tx.note_present(kind, &shown.collect::<Vec<_>>()).await?;
            // The pull's own instant, so that it never counts twice for one document.
            tx.note_absent(kind, &absent.into_iter().collect::<Vec<_>>(), self.began_at).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

impl StoreSink<'_> {
    /// Returns the documents that a list read whole had to show.
    async fn filed(
        &self,
        window: &extract::Window,
        end: &WindowEnd,
    ) -> Result<Vec<String>, StoreError> {
        let Some(kind) = kind_of(window.resource).filter(|_| end.is_swept) else {
            return Ok(Vec::new());
        };
        let from = window.from.max(sweeps_from(self.today));
        let ids = &window.fiscal_ids;
        let filed = self.store.filed_documents(kind, ids, from, window.to).await?;
        Ok(filed.into_iter().map(|document| document.source_id).collect())
    }

    /// Settles the callbacks whose documents stand in these rows.
    async fn answer_callbacks(
        &self,
        tx: &mut Tx,
        resource: Resource,
        items: &[&RawItem],
    ) -> Result<(), StoreError> {
        if self.awaited.is_empty() {
            return Ok(());
        }
        let ids = items.iter().map(|item| item.id.as_str());
        let came: Vec<&str> = ids.filter(|id| self.awaited.contains(*id)).collect();
        tx.callbacks_read(resource.as_str(), &came, self.began_at, self.clock.now()).await
    }
}

/// Stores the rows of one kind and returns what became of each, in their order.
pub(super) async fn store_rows(
    tx: &mut Tx,
    resource: Resource,
    items: &[&RawItem],
    nameless: impl Iterator<Item = &PutAside>,
    now: DateTime<Utc>,
) -> Result<Vec<RawOutcome>, StoreError> {
    let sifted = tx.sift_raw(resource.as_str(), &raw(items.iter().copied())).await?;
    let fresh: Vec<&RawItem> =
        items.iter().zip(sifted.is_fresh()).filter_map(|(item, is)| is.then_some(*item)).collect();
    // The store's own thread writes the bodies while this one reads them.
    let (outcomes, read) = tokio::join!(
        tx.insert_sifted(resource.as_str(), &sifted, now),
        read_in_turns(resource, &fresh)
    );
    let outcomes = outcomes?;
    let mut unreadable = unnamed(resource, nameless);
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

fn name_of<'a>(window: &'a extract::Window, fiscal_ids: &'a str) -> WindowName<'a> {
    let extract::Window { resource, from, to, .. } = window;
    WindowName { resource: resource.as_str(), fiscal_ids, from: *from, to: *to }
}

fn signed(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

fn state_of(word: &str) -> Option<WindowState> {
    [WindowState::Settled, WindowState::Unsettled, WindowState::Deferred]
        .into_iter()
        .find(|state| state.as_str() == word)
}

pub(super) fn raw<'a>(items: impl IntoIterator<Item = &'a RawItem>) -> Vec<NewRaw<'a>> {
    items.into_iter().map(|item| NewRaw { source_id: &item.id, body: &item.body }).collect()
}

pub(super) fn unnamed<'a>(
    resource: Resource,
    aside: impl Iterator<Item = &'a PutAside>,
) -> Vec<Unreadable> {
    aside
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
