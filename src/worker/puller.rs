//! The steps of one pull, in their order.
//!
//! Configurations come first. Then, for each kind: the documents that callbacks named, the
//! list of those that are not final, and the windows that `plan` chose. What the lists leave
//! open is read by identifier at the end, and so are the sales that new voids changed. Each step can be repeated, and what a pull did not
//! get to, the next one does.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::OnceLock;

use chrono::TimeDelta;
use futures::future::BoxFuture;

use crate::api::{self, Resource};
use crate::extract::{self, Progress, Source, Window};
use crate::store::FiledDocument;
use crate::worker::budget::Stopped;
use crate::worker::configurations::{store_companies, wanted};
use crate::worker::pages::StoreSink;
use crate::worker::plan::{self, Planned, kind_of, plan};
use crate::worker::refresh::{RefreshTally, read_one, read_open};
use crate::worker::{Context, Error, PullOutcome, PullRequest};

/// How many documents that callbacks named are read one by one before the lists.
///
/// More than these are left to the lists, which bring a hundred a request.
pub(super) const NAMED_FIRST_MAX: usize = 20;
/// How many documents are read one by one after the lists, at most, in one pull.
const NAMED_LAST_MAX: usize = 100;
/// How long after a void was taken in its sale is read again until it says `voided`.
const VOIDED_WITHIN_DAYS: i64 = 3;

/// One pull under way.
pub(super) struct Puller<'a, S> {
    pub(super) ctx: &'a Context,
    pub(super) source: &'a S,
    pub(super) request: &'a PullRequest,
    pub(super) progress: &'a dyn Progress,
    pub(super) stop: &'a (dyn Fn() -> BoxFuture<'a, Stopped> + Sync),
}

/// Why the work on a resource ends: nothing more is asked, or it failed.
enum End {
    Stopped(Stopped),
    Failed(Error),
}

impl<E: Into<Error>> From<E> for End {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl<S: Source> Puller<'_, S> {
    /// Pulls everything and returns what was done, also where it ended early.
    pub(super) async fn pull(&self) -> Result<PullOutcome, Error> {
        let sent_before = self.source.tally();
        let mut outcome = PullOutcome::default();
        let ended = self.pull_all(&mut outcome).await;
        let sent = self.source.tally();
        outcome.requests = sent.requests - sent_before.requests;
        outcome.retries = sent.retries - sent_before.retries;
        match ended {
            Ok(()) => {}
            Err(End::Stopped(stopped)) => outcome.stopped = Some(stopped),
            Err(End::Failed(Error::Api(api::Error::Deferred { until, failure }))) => {
                tracing::warn!(%until, "deferred: {failure}");
                outcome.deferred_until = Some(until);
            }
            // Part was done and is kept.
            Err(End::Failed(Error::Api(error))) if error.is_terminal() && outcome.companies > 0 => {
                let cause = Box::new(error);
                let tally = Box::new(outcome.tally());
                return Err(extract::Error::Refused { cause, tally }.into());
            }
            Err(End::Failed(error)) => return Err(error),
        }
        for resource in &self.request.resources {
            if let Some(kind) = kind_of(*resource) {
                outcome.missing.extend(self.ctx.store.missing_documents(kind, None).await?);
            }
        }
        Ok(outcome)
    }

    async fn pull_all(&self, outcome: &mut PullOutcome) -> Result<(), End> {
        let asked_at = self.ctx.clock.now();
        let page = self.unless_stopped(self.source.configurations()).await??;
        store_companies(self.ctx, page, asked_at, outcome).await?;
        let wanted: Vec<String> = wanted(self.ctx, self.request)
            .await?
            .iter()
            .map(|one| one.tax_id.to_string())
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        for resource in &self.request.resources {
            if *resource != Resource::Configurations {
                self.pull_resource(*resource, &wanted, outcome).await?;
            }
        }
        Ok(())
    }

    async fn pull_resource(
        &self,
        resource: Resource,
        wanted: &[String],
        outcome: &mut PullOutcome,
    ) -> Result<(), End> {
        let began_at = self.ctx.clock.now();
        outcome.refreshed.push((resource, RefreshTally::default()));
        let (_, tally) = outcome.refreshed.last_mut().expect("it was pushed just now");
        let awaited = self.ctx.store.waiting_callbacks(resource.as_str()).await?;
        if awaited.len() <= NAMED_FIRST_MAX {
            self.read_named(resource, &awaited, tally).await?;
        }
        let open = read_open(self.ctx, self.source, resource, wanted, tally);
        let became_final = match self.unless_stopped(open).await? {
            Ok(became_final) => became_final,
            Err(error) => {
                put_off("open documents", error, tally)?;
                Vec::new()
            }
        };
        let sweep = (self.request.sweep, self.requests_left().await?);
        let days = (self.request.period, self.request.looks_back);
        let mut planned = plan(self.ctx, resource, wanted, days, sweep).await?;
        let singly = split_by_cost(&became_final, &mut planned, self.ctx);
        self.read_final(resource, &singly, tally).await?;

        let windows: Vec<Window> = planned.iter().map(|one| one.window.clone()).collect();
        let grown = planned.iter().filter_map(Planned::grown).collect();
        let whole = planned.into_iter().filter(|one| one.must_sweep).map(|one| one.window);
        let waiting = self.ctx.store.waiting_callbacks(resource.as_str()).await?;
        let mut sink = StoreSink {
            store: &self.ctx.store,
            clock: self.ctx.clock,
            began_at,
            today: self.ctx.today(),
            must_sweep: whole.collect(),
            grown,
            awaited: waiting.into_iter().collect(),
        };
        let why = OnceLock::new();
        let cancel = async {
            let _ = why.set((self.stop)().await);
        };
        let pulled = extract::pull(self.source, &windows, &mut sink, self.progress, cancel).await?;
        let (is_interrupted, until) = (pulled.interrupted, pulled.deferred_until);
        outcome.deferred_until = outcome.deferred_until.max(until);
        outcome.tallies.push((resource, pulled));
        if let (true, Some(stopped)) = (is_interrupted, why.get()) {
            return Err(End::Stopped(*stopped));
        }
        if until.is_some() {
            // The server wants no more for now, whatever the list.
            return Ok(());
        }
        let mut left = self.ctx.store.waiting_callbacks(resource.as_str()).await?;
        left.truncate(NAMED_LAST_MAX);
        let (_, tally) = outcome.refreshed.last_mut().expect("it was pushed above");
        self.read_named(resource, &left, tally).await?;
        if resource == Resource::Receipts {
            // A list that grew shows the void, and says nothing of the sale that it changed.
            let since = self.ctx.clock.now() - TimeDelta::days(VOIDED_WITHIN_DAYS);
            let mut voided = self.ctx.store.outdated_parents(since).await?;
            voided.truncate(NAMED_LAST_MAX);
            self.read_final(resource, &voided, tally).await?;
        }
        Ok(())
    }

    /// Reads documents that callbacks named, and settles the callbacks.
    async fn read_named(
        &self,
        resource: Resource,
        ids: &[String],
        tally: &mut RefreshTally,
    ) -> Result<(), End> {
        for id in ids {
            let read = read_one(self.ctx, self.source, resource, id, tally);
            match self.unless_stopped(read).await? {
                Ok(Ok(())) => {}
                Ok(Err(reason)) => {
                    tracing::warn!(id, reason, "a callback named a document that is not given");
                    let now = self.ctx.clock.now();
                    let mut tx = self.ctx.store.begin("refuse_callbacks").await?;
                    tx.callbacks_refused(resource.as_str(), id, &reason, now).await?;
                    tx.commit().await?;
                }
                Err(error) => put_off(id, error, tally)?,
            }
        }
        Ok(())
    }

    /// Reads documents again that are known to have changed.
    async fn read_final(
        &self,
        resource: Resource,
        ids: &[String],
        tally: &mut RefreshTally,
    ) -> Result<(), End> {
        for id in ids {
            let read = read_one(self.ctx, self.source, resource, id, tally);
            match self.unless_stopped(read).await? {
                Ok(Ok(())) => {}
                // Gone altogether: whole readings of its window will say so.
                Ok(Err(reason)) => {
                    tracing::warn!(id, reason, "a document that changed is not given");
                }
                Err(error) => put_off(id, error, tally)?,
            }
        }
        Ok(())
    }

    async fn requests_left(&self) -> Result<u64, Error> {
        let sent = self.ctx.store.requests_on(self.ctx.today()).await?;
        Ok(u64::from(self.ctx.config.api.daily_requests).saturating_sub(sent.unsigned_abs()))
    }

    /// Does a piece of work whose requests have no effect, unless the pull must stop.
    async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Result<T, End> {
        tokio::select! {
            biased;
            stopped = (self.stop)() => Err(End::Stopped(stopped)),
            done = work => Ok(done),
        }
    }
}

/// Leaves a document to the next pull, unless every other request would fail too.
fn put_off(id: &str, error: Error, tally: &mut RefreshTally) -> Result<(), End> {
    match error {
        Error::Api(api::Error::Unavailable(_) | api::Error::Unreadable(_)) => {
            tracing::warn!(id, "left for the next pull: {error}");
            tally.failed += 1;
            Ok(())
        }
        error => Err(End::Failed(error)),
    }
}

/// Splits documents to be read again: a few singly, many by reading their windows whole.
///
/// Returns those to be read singly.
fn split_by_cost(
    documents: &[FiledDocument],
    planned: &mut [Planned],
    ctx: &Context,
) -> Vec<String> {
    let mut singly: BTreeSet<String> =
        documents.iter().map(|document| document.source_id.clone()).collect();
    let since = plan::sweeps_from(ctx.today());
    let spans: BTreeSet<_> = planned.iter().map(|one| (one.window.from, one.window.to)).collect();
    for (from, to) in spans {
        let is_inside = |one: &&FiledDocument| (from..=to).contains(&one.filed_on);
        let inside: Vec<&FiledDocument> =
            documents.iter().filter(is_inside).filter(|one| one.filed_on >= since).collect();
        let mut windows: Vec<&mut Planned> = planned
            .iter_mut()
            .filter(|one| (one.window.from, one.window.to) == (from, to))
            .collect();
        let whole = windows.iter().map(|one| Planned { must_sweep: true, ..(**one).clone() });
        let cost: Option<u64> = whole.map(|one| one.requests()).sum();
        if cost.is_none_or(|cost| (inside.len() as u64) > cost) {
            for one in &mut windows {
                one.must_sweep = true;
            }
            for one in inside {
                singly.remove(&one.source_id);
            }
        }
    }
    singly.into_iter().take(NAMED_LAST_MAX).collect()
}
