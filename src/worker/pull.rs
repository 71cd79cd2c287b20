//! Lets `extract` read the provider's lists into the store.
//!
//! A pull has a client whose requests are taken out of the day's budget before they leave, and
//! ends early when somebody asks it to, at its deadline, or when nothing is left. What it does
//! in which order stands in `puller`; which windows it asks for, in `plan`.

use std::future::Future;
use std::num::NonZeroU32;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;

use crate::api::{Allowance, Client, Minting, Resource, Settings, TokenService};
use crate::clock::Clock;
use crate::config;
use crate::extract::{Progress, PullTally, Source};
use crate::fiscal::Period;
use crate::store::MissingDocument;
use crate::worker::budget::{Deadline, Meter, Stopped};
use crate::worker::plan::Sweep;
use crate::worker::puller::Puller;
use crate::worker::refresh::RefreshTally;
use crate::worker::{Context, Error};

/// Says what to pull.
#[derive(Debug, Clone)]
pub struct PullRequest {
    /// Receipts, invoices or both; configurations are always read first.
    pub resources: Vec<Resource>,
    /// The companies, by tax id; empty means all that the provider names.
    pub companies: Vec<String>,
    /// The business days.
    pub period: Period,
    /// Whether the days come on top in which something may still arrive late.
    pub looks_back: bool,
    /// Which windows are read whole.
    pub sweep: Sweep,
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
    /// What was read by identifier or by status, a tally a resource.
    pub refreshed: Vec<(Resource, RefreshTally)>,
    /// Documents that the provider showed once and shows no more.
    pub missing: Vec<MissingDocument>,
    /// All requests, those for configurations included.
    pub requests: u64,
    /// Retries among them.
    pub retries: u64,
    /// Why it ended before its end, if it did.
    pub stopped: Option<Stopped>,
    /// The instant before which the server wants no more requests.
    pub deferred_until: Option<DateTime<Utc>>,
}

impl PullOutcome {
    /// Tells whether every window settled and every row could be read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.stopped.is_none()
            && self.deferred_until.is_none()
            && self.companies_put_aside == 0
            && self.tallies.iter().all(|(_, tally)| tally.is_complete())
            && self.refreshed.iter().all(|(_, tally)| tally.failed == 0 && tally.put_aside == 0)
    }

    /// Returns what was read of all lists together.
    pub(super) fn tally(&self) -> PullTally {
        let mut all = PullTally::default();
        for (_, tally) in &self.tallies {
            all.documents_seen += tally.documents_seen;
        }
        for (_, tally) in &self.refreshed {
            all.documents_seen += tally.documents_seen();
        }
        all
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
    cancel: impl Fn() -> C + Sync,
) -> Result<PullOutcome, Error>
where
    C: Future<Output = ()> + Send,
{
    let meter = Meter::start(ctx).await?;
    let client = client(ctx, Some(meter.allowance()));
    let outcome = match &client {
        Ok(client) => {
            let stop = || -> BoxFuture<'_, Stopped> {
                Box::pin(meter.stopped(cancel(), request.deadline))
            };
            Puller { ctx, source: client, request, progress, stop: &stop }.pull().await
        }
        Err(_) => Ok(PullOutcome::default()),
    };
    let counted = meter.finish(client.as_ref().map_or(0, |client| client.tally().requests)).await;
    client?;
    let outcome = outcome?;
    counted?;
    Ok(outcome)
}

/// Pulls as [`pull`] does from another place than the API, without counting a budget.
pub async fn pull_from<S: Source, C>(
    ctx: &Context,
    source: &S,
    request: &PullRequest,
    progress: &dyn Progress,
    cancel: impl Fn() -> C + Sync,
) -> Result<PullOutcome, Error>
where
    C: Future<Output = ()> + Send,
{
    let stop = || -> BoxFuture<'_, Stopped> {
        let cancelled = cancel();
        Box::pin(async {
            cancelled.await;
            Stopped::Signal
        })
    };
    Puller { ctx, source, request, progress, stop: &stop }.pull().await
}

/// Makes the client that the settings describe, without connecting.
///
/// Its requests leave without being counted: whoever sends them does that.
pub fn api_client(ctx: &Context) -> Result<Client, Error> {
    client(ctx, None)
}

fn client(ctx: &Context, allowance: Option<Arc<Allowance>>) -> Result<Client, Error> {
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
        known_secrets: ctx.config.webhook.secret.iter().cloned().collect(),
        requests_per_second: NonZeroU32::new(api.requests_per_second),
        allowance,
        ..Settings::default()
    };
    Ok(Client::new(settings, Clock::System)?)
}

/// Asks the API which companies there are, and stores nothing but the count of requests.
pub async fn count_companies(ctx: &Context) -> Result<usize, Error> {
    let page = within_budget(ctx, async |client| Ok(client.configurations().await?)).await?;
    Ok(page.items.len())
}

/// Reads something whose requests are taken out of the day's budget before they leave.
///
/// # Errors
/// When the day has none left, before any of them or in between; nothing is lost by that.
pub(super) async fn within_budget<T>(
    ctx: &Context,
    read: impl AsyncFnOnce(&Client) -> Result<T, Error>,
) -> Result<T, Error> {
    let meter = Meter::start(ctx).await?;
    let client = client(ctx, Some(meter.allowance()));
    let outcome = match &client {
        Ok(client) => tokio::select! {
            outcome = read(client) => Some(outcome),
            _ = meter.stopped(std::future::pending(), None) => {
                Some(Err(meter.spent_error().await?))
            }
        },
        Err(_) => None,
    };
    meter.finish(client.as_ref().map_or(0, |client| client.tally().requests)).await?;
    match (client, outcome) {
        (Err(error), _) => Err(error),
        (Ok(_), outcome) => outcome.expect("a client was there to read with"),
    }
}
