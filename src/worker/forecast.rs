//! Says how many requests a pull would take, without sending one.
//!
//! What is known of each window tells it: one request where the list did not change, a page
//! for every 95 rows where it is read whole. Of a window that was never read nothing is known
//! but how full the others are.

use crate::api::Resource;
use crate::extract;
use crate::worker::configurations::wanted;
use crate::worker::plan::{Planned, ROWS_A_PAGE, kind_of, plan};
use crate::worker::puller::NAMED_FIRST_MAX;
use crate::worker::{Context, Error, PullRequest};

/// Says what a pull would ask for, if nothing came since the last one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forecast {
    /// Companies that the provider named so far; nothing else is known without any.
    pub companies: usize,
    /// One a resource, in the order asked for.
    pub resources: Vec<ResourceForecast>,
    /// All requests, that for the configurations included.
    pub requests: u64,
    /// Whether some of the windows were never read, so that the number is a guess.
    pub is_guess: bool,
    /// Requests that the day's budget has left.
    pub left_today: u64,
}

/// Says what a pull would ask for one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceForecast {
    /// Receipts or invoices.
    pub resource: Resource,
    /// Windows of which one request tells whether they changed.
    pub probes: u64,
    /// Windows that are read whole.
    pub whole: u64,
    /// Pages of those.
    pub pages: u64,
    /// Lists of documents that are not final.
    pub status_lists: u64,
    /// Documents that are read by their identifier.
    pub named: u64,
}

impl ResourceForecast {
    /// Returns the requests of this resource.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.probes + self.pages + self.status_lists + self.named
    }
}

/// Returns what a pull would take, from what the store knows.
pub async fn forecast(ctx: &Context, request: &PullRequest) -> Result<Forecast, Error> {
    let budget = u64::from(ctx.config.api.daily_requests);
    let sent = ctx.store.requests_on(ctx.today()).await?.unsigned_abs();
    let mut forecast = Forecast {
        companies: ctx.companies(&[]).await?.len(),
        requests: 1,
        left_today: budget.saturating_sub(sent),
        ..Forecast::default()
    };
    if forecast.companies == 0 {
        forecast.is_guess = !request.resources.is_empty();
        return Ok(forecast);
    }
    let wanted: Vec<String> =
        wanted(ctx, request).await?.iter().map(|one| one.tax_id.to_string()).collect();
    for resource in request.resources.iter().filter(|one| **one != Resource::Configurations) {
        let of_resource = forecast_of(ctx, *resource, &wanted, request, &mut forecast).await?;
        forecast.requests += of_resource.requests();
        forecast.resources.push(of_resource);
    }
    Ok(forecast)
}

async fn forecast_of(
    ctx: &Context,
    resource: Resource,
    wanted: &[String],
    request: &PullRequest,
    forecast: &mut Forecast,
) -> Result<ResourceForecast, Error> {
    let days = (request.period, request.looks_back);
    let planned = plan(ctx, resource, wanted, days, (request.sweep, forecast.left_today)).await?;
    let named = ctx.store.waiting_callbacks(resource.as_str()).await?.len();
    let mut of_resource = ResourceForecast {
        resource,
        probes: 0,
        whole: 0,
        pages: 0,
        status_lists: extract::groups(wanted).len() as u64,
        named: if named <= NAMED_FIRST_MAX { named as u64 } else { 0 },
    };
    let rows_a_day = rows_a_day(ctx, resource).await?;
    for one in &planned {
        match one.requests() {
            Some(_) if !one.must_sweep => of_resource.probes += 1,
            Some(pages) => {
                of_resource.whole += 1;
                of_resource.pages += pages;
            }
            None => {
                forecast.is_guess = true;
                of_resource.whole += 1;
                of_resource.pages += guess(one, rows_a_day);
            }
        }
    }
    Ok(of_resource)
}

/// Returns about how many pages a window has of which nothing is known.
fn guess(one: &Planned, (rows, days): (u64, u64)) -> u64 {
    let span = (one.window.to - one.window.from).num_days().unsigned_abs() + 1;
    // The filter reaches over the window's ends.
    (rows * (span + 2)).div_ceil(days.max(1)) / ROWS_A_PAGE + 1
}

/// Returns how many rows the settled windows of a resource have, and how many days.
async fn rows_a_day(ctx: &Context, resource: Resource) -> Result<(u64, u64), Error> {
    let Some(kind) = kind_of(resource) else { return Ok((0, 1)) };
    let rows = ctx.store.count_documents(kind).await?.unsigned_abs();
    let (first, last) = (chrono::NaiveDate::MIN, chrono::NaiveDate::MAX);
    let windows = ctx.store.windows_between(resource.as_str(), first, last).await?;
    let mut spans: Vec<_> = windows.iter().map(|window| (window.from, window.to)).collect();
    spans.dedup();
    let days: i64 = spans.iter().map(|(from, to)| (*to - *from).num_days() + 1).sum();
    Ok((rows, days.unsigned_abs()))
}
