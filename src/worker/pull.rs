//! Lets `extract` read the provider's lists into the store.

use std::future::Future;
use std::num::NonZeroU32;

use std::sync::OnceLock;

use crate::api::{Client, Minting, Page, RawItem, Resource, Settings, TokenService};
use crate::clock::Clock;
use crate::config;
use crate::extract::{self, Progress, PullTally};
use crate::fiscal::{Company, Period};
use crate::normalize;
use crate::worker::budget::{Deadline, Meter, Stopped};
use crate::worker::pages::{StoreSink, put_aside, raw, unnamed};
use crate::worker::{Context, Error};

/// How many days one window spans: about as many as a busy shop fills ten pages with, so
/// that a list that moves costs little when it is read again.
const WINDOW_DAYS: u32 = 10;

/// Says what to pull.
#[derive(Debug, Clone)]
pub struct PullRequest {
    /// Receipts, invoices or both; configurations are always read first.
    pub resources: Vec<Resource>,
    /// The companies, by tax id; empty means all that the provider names.
    pub companies: Vec<String>,
    /// The business days.
    pub period: Period,
    /// When to stop asking, if the job says so.
    pub deadline: Option<Deadline>,
    /// Whether a company that the provider does not name is left out instead of an error.
    pub skips_unknown: bool,
}

/// Holds what a pull did.
#[derive(Debug, Default)]
pub struct PullOutcome {
    /// Companies read from the configurations.
    pub companies: usize,
    /// Configurations that could not be read.
    pub companies_put_aside: usize,
    /// One tally a resource, in the order asked for.
    pub tallies: Vec<(Resource, PullTally)>,
    /// All requests, those for configurations included.
    pub requests: u64,
    /// Retries among them.
    pub retries: u64,
    /// Why it ended before its end, if it did.
    pub stopped: Option<Stopped>,
}

impl PullOutcome {
    /// Tells whether every window settled and every row could be read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.stopped.is_none()
            && self.companies_put_aside == 0
            && self.tallies.iter().all(|(_, tally)| tally.is_complete())
    }

    /// Tells whether somebody asked the process to stop.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.stopped == Some(Stopped::Signal)
    }
}

/// Pulls configurations, then the documents of the period, into the store.
///
/// `cancel`, the deadline and the day's budget end it after the page in hand and leave a
/// pull that the next one resumes. Every request counts, also those of a pull that fails.
pub async fn pull<C>(
    ctx: &Context,
    request: &PullRequest,
    progress: &dyn Progress,
    cancel: impl Fn() -> C,
) -> Result<PullOutcome, Error>
where
    C: Future<Output = ()> + Send,
{
    let client = api_client(ctx)?;
    let meter = Meter::start(ctx, &client).await?;
    let outcome = pull_with(ctx, &client, &meter, request, progress, cancel).await;
    let counted = meter.finish().await;
    let mut outcome = outcome?;
    counted?;
    let sent = client.tally();
    (outcome.requests, outcome.retries) = (sent.requests, sent.retries);
    Ok(outcome)
}

/// Makes the client that the settings describe, without connecting.
pub fn api_client(ctx: &Context) -> Result<Client, Error> {
    let api = &ctx.config.api;
    if api.token.is_none() && api.minting.is_none() {
        return Err(Error::NoToken);
    }
    let settings = Settings {
        base_url: api.base_url.clone(),
        token: api.token.clone().unwrap_or_default(),
        minting: api.minting.as_ref().map(|minting| Minting {
            service: match minting.service {
                config::TokenService::V1 => TokenService::V1,
                config::TokenService::V2 => TokenService::V2,
            },
            url: minting.url.clone(),
            email: minting.email.clone(),
            api_key: minting.api_key.clone(),
            ttl_seconds: minting.ttl_seconds,
        }),
        requests_per_second: NonZeroU32::new(api.requests_per_second),
        ..Settings::default()
    };
    Ok(Client::new(settings, Clock::System)?)
}

/// Asks the API which companies there are, and stores nothing but the count of requests.
pub async fn count_companies(ctx: &Context) -> Result<usize, Error> {
    let client = api_client(ctx)?;
    let meter = Meter::start(ctx, &client).await?;
    let page = client.configurations().await;
    meter.finish().await?;
    Ok(page?.items.len())
}

async fn pull_with<C>(
    ctx: &Context,
    client: &Client,
    meter: &Meter<'_>,
    request: &PullRequest,
    progress: &dyn Progress,
    cancel: impl Fn() -> C,
) -> Result<PullOutcome, Error>
where
    C: Future<Output = ()> + Send,
{
    let why = OnceLock::new();
    let halt = |cancel: C| async {
        let _ = why.set(meter.stopped(cancel, request.deadline).await);
    };
    let mut outcome = PullOutcome::default();
    // A GET has no effect: one that nobody waits for any more is dropped.
    tokio::select! {
        biased;
        () = halt(cancel()) => {
            outcome.stopped = why.get().copied();
            return Ok(outcome);
        }
        page = client.configurations() => store_companies(ctx, page?, &mut outcome).await?,
    }
    let wanted: Vec<String> =
        wanted(ctx, request).await?.into_iter().map(|one| one.tax_id.to_string()).collect();
    if wanted.is_empty() {
        return Ok(outcome);
    }
    for resource in &request.resources {
        if *resource == Resource::Configurations {
            continue;
        }
        let Period { from, to } = request.period;
        let windows = extract::plan(*resource, &wanted, from, to, WINDOW_DAYS);
        let mut sink = StoreSink { store: &ctx.store, clock: ctx.clock, meter };
        let tally = extract::pull(client, &windows, &mut sink, progress, halt(cancel())).await?;
        let is_interrupted = tally.interrupted;
        outcome.tallies.push((*resource, tally));
        if is_interrupted {
            outcome.stopped = why.get().copied();
            break;
        }
    }
    Ok(outcome)
}

async fn wanted(ctx: &Context, request: &PullRequest) -> Result<Vec<Company>, Error> {
    if !request.skips_unknown {
        return ctx.companies(&request.companies).await;
    }
    let (companies, unknown) = ctx.known_companies(&request.companies).await?;
    for company in unknown {
        tracing::warn!(%company, "the provider has no such company: it is not pulled");
    }
    Ok(companies)
}

/// Asks which companies there are and keeps them.
pub(super) async fn store_companies_now(ctx: &Context, client: &Client) -> Result<(), Error> {
    let page = client.configurations().await?;
    store_companies(ctx, page, &mut PullOutcome::default()).await
}

async fn store_companies(
    ctx: &Context,
    page: Page,
    outcome: &mut PullOutcome,
) -> Result<(), Error> {
    let now = ctx.clock.now();
    let mut tx = ctx.store.begin("store_configurations").await?;
    let items: Vec<RawItem> = page.items.iter().map(without_callbacks).collect();
    tx.insert_raw(Resource::Configurations.as_str(), &raw(&items), now).await?;
    let mut unreadable = unnamed(Resource::Configurations, &page.put_aside);
    let mut readable = Vec::new();
    for item in &items {
        match normalize::company(&item.body) {
            Ok(company) => {
                tx.save_company(&company, now).await?;
                readable.push(item.id.as_str());
            }
            Err(error) => unreadable.push(put_aside(Resource::Configurations, item, &error)),
        }
    }
    tx.take_back(Resource::Configurations.as_str(), &readable).await?;
    tx.put_aside(&unreadable, now).await?;
    tx.commit().await?;
    outcome.companies = readable.len();
    outcome.companies_put_aside = unreadable.len();
    Ok(())
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
