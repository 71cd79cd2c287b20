//! What ends a pull before its end: a signal, the job's deadline, the day's requests.
//!
//! Requests past a day's free quota cost money, so they are counted in the store with
//! every page, and a pull stops asking when the day's share is spent.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Days, Utc};
use chrono_tz::Europe::Rome;
use tokio::time::Instant;

use crate::api::Client;
use crate::store::{Error as StoreError, Tx};
use crate::worker::{Context, Error};

/// How often the count of requests is looked at while a pull reads.
const LOOK: Duration = Duration::from_millis(10);
/// How many looks a second there are.
const LOOKS_A_SECOND: u64 = 100;

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

/// Counts a client's requests into the store, and knows how many are left today.
pub(super) struct Meter<'a> {
    ctx: &'a Context,
    client: &'a Client,
    allowed: u64,
    counted: AtomicU64,
}

impl<'a> Meter<'a> {
    /// Returns a meter for what is left of the day, or the error that nothing is.
    pub(super) async fn start(ctx: &'a Context, client: &'a Client) -> Result<Self, Error> {
        let budget = i64::from(ctx.config.api.daily_requests);
        let sent = ctx.store.requests_on(ctx.today()).await?;
        match u64::try_from(budget - sent) {
            Ok(allowed) if allowed > 0 => {
                Ok(Self { ctx, client, allowed, counted: AtomicU64::new(0) })
            }
            _ => Err(Error::BudgetSpent { budget, sent, until: next_day(ctx) }),
        }
    }

    /// Returns a meter that counts and never stops anything.
    ///
    /// For what a person asked for by name: it is not held back by what a night has read.
    pub(super) fn unlimited(ctx: &'a Context, client: &'a Client) -> Self {
        let counted = AtomicU64::new(client.tally().requests);
        Self { ctx, client, allowed: u64::MAX, counted }
    }

    /// Adds the requests since the last call to the day's count.
    ///
    /// Call [`Meter::kept`] with the returned count once the transaction is committed.
    pub(super) async fn count(&self, tx: &mut Tx) -> Result<u64, StoreError> {
        let sent = self.client.tally().requests;
        let fresh = sent.saturating_sub(self.counted.load(Ordering::Relaxed));
        if fresh > 0 {
            let fresh = i64::try_from(fresh).unwrap_or(i64::MAX);
            tx.count_requests(self.ctx.today(), fresh).await?;
        }
        Ok(sent)
    }

    /// Remembers that so many requests are in the store.
    pub(super) fn kept(&self, sent: u64) {
        self.counted.store(sent, Ordering::Relaxed);
    }

    /// Counts what no page counted.
    pub(super) async fn finish(&self) -> Result<(), StoreError> {
        let mut tx = self.ctx.store.begin("count_requests").await?;
        let sent = self.count(&mut tx).await?;
        tx.commit().await?;
        self.kept(sent);
        Ok(())
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

    /// Resolves when the day's requests are spent.
    ///
    /// Between two looks a fast client sends some more, so that many are kept back.
    async fn spent(&self) -> Stopped {
        let rate = u64::from(self.ctx.config.api.requests_per_second);
        let kept_back = (rate / LOOKS_A_SECOND).min(self.allowed / 10);
        while self.client.tally().requests + kept_back < self.allowed {
            tokio::time::sleep(LOOK).await;
        }
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
