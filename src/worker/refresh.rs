//! Reads documents by what is known of them: by identifier, or by a status that may change.
//!
//! A count of a list does not show that a document in it changed. So those that are not final
//! are asked for in one list by their status; one that was open and stands there no more has
//! become final, and it is read again. Identifiers that callbacks brought are read first.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::api::{self, Filter, PAGE_ROWS_MAX, PutAside, RawItem, Resource};
use crate::extract::{self, Source};
use crate::store::{FiledDocument, RawOutcome};
use crate::worker::pages::store_rows;
use crate::worker::plan::{kind_of, sweeps_from};
use crate::worker::{Context, Error};

/// How many pages of open documents are read at most; the rest is read one by one.
const STATUS_PAGES_MAX: u64 = 50;

/// Counts what a refresh stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RefreshTally {
    /// Documents not kept before.
    pub documents_new: u64,
    /// Documents kept before with another content.
    pub documents_changed: u64,
    /// Documents kept before with the same content.
    pub documents_known: u64,
    /// Elements that have no usable id.
    pub put_aside: u64,
    /// Documents that could not be read this time.
    pub failed: u64,
}

impl RefreshTally {
    fn count(&mut self, outcomes: &[RawOutcome], put_aside: &[PutAside]) {
        for outcome in outcomes {
            match outcome {
                RawOutcome::New(_) => self.documents_new += 1,
                RawOutcome::Changed(_) => self.documents_changed += 1,
                RawOutcome::Known => self.documents_known += 1,
            }
        }
        self.put_aside += put_aside.len() as u64;
    }

    /// Returns how many documents were read.
    #[must_use]
    pub fn documents_seen(&self) -> u64 {
        self.documents_new + self.documents_changed + self.documents_known
    }
}

/// Reads the list of documents that are not final; returns those that became final.
pub(super) async fn read_open<S: Source>(
    ctx: &Context,
    source: &S,
    resource: Resource,
    companies: &[String],
    tally: &mut RefreshTally,
) -> Result<Vec<FiledDocument>, Error> {
    let Some(kind) = kind_of(resource) else { return Ok(Vec::new()) };
    let since = sweeps_from(ctx.today());
    let mut open = ctx.store.open_documents(kind, companies, since).await?;
    for fiscal_ids in extract::groups(companies) {
        let statuses = resource.open_statuses();
        let filter = Filter {
            fiscal_ids,
            statuses: statuses.iter().map(|status| (*status).to_owned()).collect(),
            ..Filter::default()
        };
        let mut skip = 0;
        for _ in 0..STATUS_PAGES_MAX {
            let asked_at = ctx.clock.now();
            let page = source.list(resource, &filter, skip, PAGE_ROWS_MAX).await?;
            let listed: BTreeSet<&str> = page.items.iter().map(|item| item.id.as_str()).collect();
            open.retain(|document| !listed.contains(document.source_id.as_str()));
            keep(ctx, resource, &page.items, &page.put_aside, (asked_at, &mut *tally)).await?;
            // The server may give fewer rows than asked for: a short page is taken for the last
            // one unless a document is missing in it. A list that moved hides one at worst,
            // which is then read by itself.
            let is_short = page.rows < usize::from(PAGE_ROWS_MAX);
            if page.rows == 0 || (is_short && open.is_empty()) {
                break;
            }
            skip += page.rows as u64;
        }
    }
    Ok(open)
}

/// Reads one document by its identifier; tells why the provider refused it, if it did.
pub(super) async fn read_one<S: Source>(
    ctx: &Context,
    source: &S,
    resource: Resource,
    id: &str,
    tally: &mut RefreshTally,
) -> Result<Result<(), String>, Error> {
    let asked_at = ctx.clock.now();
    match source.get(resource, id).await {
        Ok(item) if item.id == id => {
            keep(ctx, resource, &[item], &[], (asked_at, tally)).await?;
            Ok(Ok(()))
        }
        Ok(item) => Ok(Err(format!("the provider gave `{}` in its place", item.id))),
        Err(error) if is_about_it(&error) => Ok(Err(error.to_string())),
        Err(error) => Err(error.into()),
    }
}

/// Tells whether a failure says something of the document, and not of the API.
fn is_about_it(error: &api::Error) -> bool {
    matches!(error, api::Error::Refused(_) | api::Error::NotFound(_))
}

async fn keep(
    ctx: &Context,
    resource: Resource,
    items: &[RawItem],
    put_aside: &[PutAside],
    (asked_at, tally): (DateTime<Utc>, &mut RefreshTally),
) -> Result<(), Error> {
    if items.is_empty() && put_aside.is_empty() {
        return Ok(());
    }
    let now = ctx.clock.now();
    let mut tx = ctx.store.begin("store_documents").await?;
    let items: Vec<&RawItem> = items.iter().collect();
    let outcomes = store_rows(&mut tx, resource, &items, put_aside.iter(), now).await?;
    let ids: Vec<&str> = items.iter().map(|item| item.id.as_str()).collect();
    if let Some(kind) = kind_of(resource) {
        tx.note_present(kind, &ids).await?;
    }
    tx.callbacks_read(resource.as_str(), &ids, asked_at, now).await?;
    tx.commit().await?;
    tally.count(&outcomes, put_aside);
    Ok(())
}
