//! What ends a pull before its end: a signal, the job's deadline, the day's requests.
//!
//! Requests past a day's free quota cost money, so they are taken out of the day's budget in
//! the store before they are sent, and a pull stops asking when nothing is left.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Europe::Rome;
use tokio::time::Instant;

use crate::api::{Allowance, Client};
use crate::store::Error as StoreError;
use crate::worker::{Context, Error};

/// How many requests are taken out of the day's budget at a time.
const TAKEN_AT_ONCE: i64 = 32;

/// Says why a pull stopped asking before it had read everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// Somebody asked the process to stop.
    Signal,
    /// The job's deadline has come.
    Deadline {
        /// `deadline_minutes` of the job.
        minutes: u32,
    },
    /// The day's requests are spent.
    Budget {
        /// `api.daily_requests`.
        budget: u32,
        /// When the next business day begins.
        until: DateTime<Utc>,
    },
}

impl Stopped {
    /// Returns the word for machines.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signal => "signal",
            Self::Deadline { .. } => "deadline",
            Self::Budget { .. } => "budget",
        }
    }
}

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Signal => f.write_str("stopped as asked"),
            Self::Deadline { minutes } => {
                write!(f, "stopped at the deadline of {minutes} minutes")
            }
            Self::Budget { budget, until } => {
                write!(f, "stopped: the day's {budget} requests are spent, deferred until {until}")
            }
        }
    }
}

/// Says when a pull must stop asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// The instant.
    pub at: Instant,
    /// The minutes that the job allows.
    pub minutes: u32,
}

impl Deadline {
    /// Returns the deadline of a run that begins now.
    #[must_use]
    pub fn from_now(minutes: u32) -> Self {
        let at = Instant::now() + Duration::from_mins(u64::from(minutes));
        Self { at, minutes }
    }
}

/// Counts the requests of a client into the day's once they were sent.
///
/// For what has an effect: whoever sends asks [`Counter::check`] before each intent, and what
/// one intent needs to be sent and looked up is not cut off in between.
pub(super) struct Counter<'a> {
    ctx: &'a Context,
    client: &'a Client,
    counted: AtomicU64,
}

impl<'a> Counter<'a> {
    /// Returns a counter of what the client sends from now on.
    pub(super) fn new(ctx: &'a Context, client: &'a Client) -> Self {
        Self { ctx, client, counted: AtomicU64::new(client.tally().requests) }
    }

    /// Returns a counter, or the error that nothing is left of the day.
    pub(super) async fn within_budget(ctx: &'a Context, client: &'a Client) -> Result<Self, Error> {
        let counter = Self::new(ctx, client);
        counter.check().await?;
        Ok(counter)
    }

    /// Returns the error that nothing is left of the day, if that is so.
    pub(super) async fn check(&self) -> Result<(), Error> {
        self.finish().await?;
        let budget = i64::from(self.ctx.config.api.daily_requests);
        let sent = self.ctx.store.requests_on(self.ctx.today()).await?;
        if sent < budget {
            return Ok(());
        }
        Err(Error::BudgetSpent { budget, sent, until: next_day(self.ctx) })
    }

    /// Adds the requests since the last call to the day's count.
    pub(super) async fn finish(&self) -> Result<(), StoreError> {
        let sent = self.client.tally().requests;
        let fresh = sent.saturating_sub(self.counted.load(Ordering::Relaxed));
        if fresh == 0 {
            return Ok(());
        }
        let mut tx = self.ctx.store.begin("count_requests").await?;
        tx.count_requests(self.ctx.today(), i64::try_from(fresh).unwrap_or(i64::MAX)).await?;
        tx.commit().await?;
        self.counted.store(sent, Ordering::Relaxed);
        Ok(())
    }
}

/// Takes a client's requests out of the day's budget before they are sent.
///
/// A few are taken at a time and count as sent at once, so that neither a second process nor
/// a crash ever leads past the budget; what was not needed is given back at the end. A crash
/// costs what was taken and not sent: less than [`TAKEN_AT_ONCE`].
pub(super) struct Meter<'a> {
    ctx: &'a Context,
    allowance: Arc<Allowance>,
    taken: Mutex<Taken>,
}

/// What was taken so far, and the day it was taken from last.
struct Taken {
    requests: u64,
    day: NaiveDate,
}

impl<'a> Meter<'a> {
    /// Returns a meter with the first requests taken, or the error that none are left.
    pub(super) async fn start(ctx: &'a Context) -> Result<Self, Error> {
        let taken = Mutex::new(Taken { requests: 0, day: ctx.today() });
        let meter = Self { ctx, allowance: Arc::default(), taken };
        if meter.take().await? {
            return Ok(meter);
        }
        Err(meter.spent_error().await?)
    }

    /// Returns the error that the day's requests are spent.
    pub(super) async fn spent_error(&self) -> Result<Error, StoreError> {
        let sent = self.ctx.store.requests_on(self.ctx.today()).await?;
        let budget = i64::from(self.ctx.config.api.daily_requests);
        Ok(Error::BudgetSpent { budget, sent, until: next_day(self.ctx) })
    }

    /// Returns what lets the client's requests leave.
    pub(super) fn allowance(&self) -> Arc<Allowance> {
        Arc::clone(&self.allowance)
    }

    /// Takes some more requests; tells whether there were any.
    async fn take(&self) -> Result<bool, StoreError> {
        let day = self.ctx.today();
        let budget = i64::from(self.ctx.config.api.daily_requests);
        let mut tx = self.ctx.store.begin("take_requests").await?;
        let granted = tx.take_requests(day, TAKEN_AT_ONCE, budget).await?;
        tx.commit().await?;
        let granted = granted.unsigned_abs();
        {
            let mut taken = self.taken();
            taken.requests += granted;
            taken.day = day;
        }
        self.allowance.grant(usize::try_from(granted).unwrap_or(usize::MAX));
        Ok(granted > 0)
    }

    /// Gives back what was taken and not sent.
    pub(super) async fn finish(&self, sent: u64) -> Result<(), StoreError> {
        let (unsent, day) = {
            let taken = self.taken();
            (taken.requests.saturating_sub(sent), taken.day)
        };
        if unsent == 0 {
            return Ok(());
        }
        let mut tx = self.ctx.store.begin("give_back_requests").await?;
        tx.count_requests(day, -i64::try_from(unsent).unwrap_or(0)).await?;
        tx.commit().await
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Resolves when the pull must stop, with the reason.
    pub(super) async fn stopped(
        &self,
        cancel: impl Future<Output = ()>,
        deadline: Option<Deadline>,
    ) -> Stopped {
        let late = async {
            match deadline {
                Some(deadline) => {
                    tokio::time::sleep_until(deadline.at).await;
                    Stopped::Deadline { minutes: deadline.minutes }
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = cancel => Stopped::Signal,
            stopped = late => stopped,
            stopped = self.spent() => stopped,
        }
    }

    /// Resolves when a request waits and the day has none left for it.
    async fn spent(&self) -> Stopped {
        loop {
            self.allowance.wanted().await;
            match self.take().await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::error!("the day's requests cannot be counted: {error}");
                    break;
                }
            }
        }
        self.allowance.all_finished().await;
        let budget = self.ctx.config.api.daily_requests;
        Stopped::Budget { budget, until: next_day(self.ctx) }
    }
}

fn next_day(ctx: &Context) -> DateTime<Utc> {
    let midnight = (ctx.today() + Days::new(1)).and_hms_opt(0, 0, 0);
    midnight
        .and_then(|naive| naive.and_local_timezone(Rome).earliest())
        .map_or_else(|| ctx.clock.now(), |local| local.to_utc())
}
