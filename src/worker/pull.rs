//! Lets `extract` read the provider's lists into the store.

use std::future::Future;
use std::num::NonZeroU32;

use chrono::{Days, NaiveDate};
use chrono_tz::Europe::Rome;

use crate::api::{Client, PutAside, RawItem, Resource, Settings};
use crate::clock::Clock;
use crate::extract::{
    self, Known, OpenRow, PageTally, Progress, PullTally, Sink, SinkError, WindowState,
};
use crate::fiscal::{Document, DocumentKind, Period};
use crate::normalize;
use crate::store::{NewRaw, Store, Unreadable, WindowRecord};
use crate::worker::{Context, Error};

/// How many days one window spans: about as many as a busy shop fills ten pages with, so
/// that a list that moves costs little when it is read again.
const WINDOW_DAYS: u32 = 10;
/// How much of a body that could not be read is kept for people.
const BODY_HEAD_CHARS: usize = 300;

/// Says what to pull.
#[derive(Debug, Clone)]
pub struct PullRequest {
    /// Receipts, invoices or both; configurations are always read first.
    pub resources: Vec<Resource>,
    /// The companies, by tax id; empty means all that the provider names.
    pub companies: Vec<String>,
    /// The business days.
    pub period: Period,
}

/// Holds what a pull did.
#[derive(Debug)]
pub struct PullOutcome {
    /// Companies read from the configurations.
    pub companies: usize,
    /// One tally a resource, in the order asked for.
    pub tallies: Vec<(Resource, PullTally)>,
    /// All requests, those for configurations included.
    pub requests: u64,
    /// Retries among them.
    pub retries: u64,
}

impl PullOutcome {
    /// Tells whether every window settled and every row could be read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.tallies.iter().all(|(_, tally)| tally.is_complete())
    }

    /// Tells whether the pull was told to stop.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.tallies.iter().any(|(_, tally)| tally.interrupted)
    }
}

/// Pulls configurations, then the documents of the period, into the store.
///
/// `cancel` finishes the page in hand and leaves a pull that the next one resumes.
pub async fn pull<C>(
    ctx: &Context,
    request: &PullRequest,
    progress: &dyn Progress,
    cancel: impl Fn() -> C,
) -> Result<PullOutcome, Error>
where
    C: Future<Output = ()> + Send,
{
    assert_budget(ctx).await?;
    let client = client(ctx)?;
    let outcome = pull_with(ctx, &client, request, progress, cancel).await;
    let sent = i64::try_from(client.tally().requests).unwrap_or(i64::MAX);
    let mut tx = ctx.store.begin("count_requests").await?;
    tx.count_requests(ctx.today(), sent).await?;
    tx.commit().await?;
    outcome
}

/// Makes the client that the settings describe.
fn client(ctx: &Context) -> Result<Client, Error> {
    let api = &ctx.config.api;
    let settings = Settings {
        base_url: api.base_url.clone(),
        token: api.token.clone().ok_or(Error::NoToken)?,
        requests_per_second: NonZeroU32::new(api.requests_per_second),
        ..Settings::default()
    };
    Ok(Client::new(settings, Clock::System)?)
}

/// Asks the API which companies there are, and stores nothing but the count of requests.
pub async fn count_companies(ctx: &Context) -> Result<usize, Error> {
    let client = client(ctx)?;
    let page = client.configurations().await;
    let sent = i64::try_from(client.tally().requests).unwrap_or(i64::MAX);
    let mut tx = ctx.store.begin("count_requests").await?;
    tx.count_requests(ctx.today(), sent).await?;
    tx.commit().await?;
    Ok(page?.items.len())
}

async fn pull_with<C>(
    ctx: &Context,
    client: &Client,
    request: &PullRequest,
    progress: &dyn Progress,
    cancel: impl Fn() -> C,
) -> Result<PullOutcome, Error>
where
    C: Future<Output = ()> + Send,
{
    let companies = pull_companies(ctx, client).await?;
    let wanted: Vec<String> = ctx
        .companies(&request.companies)
        .await?
        .into_iter()
        .map(|company| company.tax_id.to_string())
        .collect();
    let mut tallies = Vec::new();
    for resource in &request.resources {
        if *resource == Resource::Configurations {
            continue;
        }
        let Period { from, to } = request.period;
        let windows = extract::plan(*resource, &wanted, from, to, WINDOW_DAYS);
        let mut sink = StoreSink { store: &ctx.store, clock: ctx.clock };
        let tally = extract::pull(client, &windows, &mut sink, progress, cancel()).await?;
        let is_interrupted = tally.interrupted;
        tallies.push((*resource, tally));
        if is_interrupted {
            break;
        }
    }
    let sent = client.tally();
    Ok(PullOutcome { companies, tallies, requests: sent.requests, retries: sent.retries })
}

async fn pull_companies(ctx: &Context, client: &Client) -> Result<usize, Error> {
    let page = client.configurations().await?;
    let now = ctx.clock.now();
    let mut tx = ctx.store.begin("store_configurations").await?;
    let items: Vec<RawItem> = page.items.iter().map(without_callbacks).collect();
    tx.insert_raw(Resource::Configurations.as_str(), &raw(&items), now).await?;
    let mut unreadable = unnamed(Resource::Configurations, &page.put_aside);
    let mut companies = 0;
    for item in &items {
        match normalize::company(&item.body) {
            Ok(company) => {
                tx.save_company(&company, now).await?;
                companies += 1;
            }
            Err(error) => unreadable.push(put_aside(Resource::Configurations, item, &error)),
        }
    }
    tx.put_aside(&unreadable, now).await?;
    tx.commit().await?;
    Ok(companies)
}

/// Drops the callbacks of a configuration: their headers hold a secret of ours.
fn without_callbacks(item: &RawItem) -> RawItem {
    let body = match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&item.body)
    {
        Ok(mut fields) => {
            fields.remove("api_configurations");
            serde_json::Value::Object(fields).to_string()
        }
        Err(_) => "{}".to_owned(),
    };
    RawItem { id: item.id.clone(), body }
}

/// Ends the pull before it begins when the day's requests are spent.
async fn assert_budget(ctx: &Context) -> Result<(), Error> {
    let budget = i64::from(ctx.config.api.daily_requests);
    let sent = ctx.store.requests_on(ctx.today()).await?;
    if sent < budget {
        return Ok(());
    }
    let midnight = (ctx.today() + Days::new(1)).and_hms_opt(0, 0, 0);
    let until = midnight
        .and_then(|naive| naive.and_local_timezone(Rome).earliest())
        .map_or_else(|| ctx.clock.now(), |local| local.to_utc());
    Err(Error::BudgetSpent { budget, sent, until })
}

/// Keeps pages in the store: raw bodies, documents and checkpoint in one transaction.
struct StoreSink<'a> {
    store: &'a Store,
    clock: Clock,
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
        tx.put_aside(&unreadable, now).await?;
        let mut record = record_of(window, "reading", checkpoint.rows_seen);
        record.checkpoint = Some(checkpoint.to_json());
        tx.save_window(&record, now).await?;
        tx.commit().await?;
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

fn raw(items: &[RawItem]) -> Vec<NewRaw<'_>> {
    items.iter().map(|item| NewRaw { source_id: &item.id, body: &item.body }).collect()
}

fn unnamed(resource: Resource, aside: &[PutAside]) -> Vec<Unreadable> {
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

fn put_aside(resource: Resource, item: &RawItem, error: &normalize::Error) -> Unreadable {
    Unreadable {
        resource: resource.as_str().to_owned(),
        source_id: item.id.clone(),
        body_head: item.body.chars().take(BODY_HEAD_CHARS).collect(),
        reason: crate::worker::causes(error),
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
