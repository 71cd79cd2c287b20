//! Takes one intent as far as it goes: looks, waits, sends, looks again.

use chrono::{DateTime, Utc};

use super::{Outbox, Submitted};
use crate::api::{self, Accepted, Confidential};
use crate::store::IntentEnd;
use crate::submit::{
    Clue, Intent, IntentState, Next, Sighting, after, is_settled, quiet_minutes_end,
};
use crate::worker::Error;
use crate::worker::error::causes;

impl Outbox<'_> {
    /// Takes an intent as far as it goes now.
    pub(super) async fn carry_on(
        &self,
        mut intent: Intent,
        confidential: &Confidential,
    ) -> Result<Submitted, Error> {
        if !intent.state.is_open() {
            return Ok(Submitted::of(intent));
        }
        match self.meter.check().await {
            Err(spent @ Error::BudgetSpent { .. }) => return self.spent(intent, &spent).await,
            checked => checked?,
        }
        let until = intent.not_before.filter(|until| *until > self.ctx.clock.now());
        if intent.unclear_at.is_some() && until.is_none() || intent.state == IntentState::Unknown {
            intent = self.look_again(intent).await?;
            if intent.state != IntentState::Prepared {
                return Ok(Submitted::of(intent));
            }
        }
        if let Some((until, why)) = self.wait_until(&intent) {
            let end = IntentEnd {
                not_before: Some(until),
                unclear_at: intent.unclear_at,
                last_reply: Some(why),
                ..IntentEnd::of(IntentState::Waiting)
            };
            return Ok(Submitted::of(self.settle(&intent, end).await?));
        }
        if intent.attempts == 0 && intent.kind.looks_first() {
            match self.look(&intent).await? {
                Sighting::NotSeen => {}
                Sighting::Seen { provider_id } => {
                    let end = already_there(provider_id);
                    return Ok(Submitted::of(self.settle(&intent, end).await?));
                }
                Sighting::Undecidable { reason } | Sighting::Hidden { reason } => {
                    return self.put_off(&intent, &reason).await;
                }
            }
        }
        let clue = match self.clue_now(&intent).await? {
            Ok(clue) => clue,
            Err(reason) => return self.put_off(&intent, &reason).await,
        };
        self.send(intent, clue, confidential).await
    }

    /// Leaves an intent as it stands, since the day has no request left for it.
    async fn spent(&self, intent: Intent, error: &Error) -> Result<Submitted, Error> {
        let is_fresh = intent.state == IntentState::Prepared && intent.unclear_at.is_none();
        let submitted = if is_fresh {
            self.put_off(&intent, &error.to_string()).await?
        } else {
            Submitted::of(intent)
        };
        Ok(Submitted { hint: error.hint(), ..submitted })
    }

    /// Says until when an intent waits, and why.
    fn wait_until(&self, intent: &Intent) -> Option<(DateTime<Utc>, String)> {
        let now = self.ctx.clock.now();
        if intent.kind.is_receipt()
            && let Some(until) = quiet_minutes_end(now)
        {
            let why = "the tax agency takes no receipts from 23:55 to midnight in Rome";
            return Some((until, why.to_owned()));
        }
        let until = intent.not_before.filter(|until| *until > now)?;
        let why = intent.last_reply.clone();
        Some((until, why.unwrap_or_else(|| "the provider asked to wait".to_owned())))
    }

    /// Leaves an intent unsent: what must be known before sending could not be asked.
    ///
    /// One that needs a secret is closed, since the secret is not kept.
    async fn put_off(&self, intent: &Intent, reason: &str) -> Result<Submitted, Error> {
        let state = if intent.needs_secret { IntentState::Dropped } else { IntentState::Prepared };
        let last_reply = Some(format!("not sent: {reason}"));
        let end = IntentEnd { last_reply, ..IntentEnd::of(state) };
        Ok(Submitted::of(self.settle(intent, end).await?))
    }

    /// Sends a claimed intent once, and writes down how it ended.
    async fn send(
        &self,
        intent: Intent,
        clue: Clue,
        confidential: &Confidential,
    ) -> Result<Submitted, Error> {
        let now = self.ctx.clock.now();
        let mut tx = self.ctx.store.begin("claim_intent").await?;
        let is_ours = tx.claim_intent(intent.id, &clue, now).await?;
        tx.commit().await?;
        if !is_ours {
            return Ok(Submitted::of(intent));
        }
        let was_sent_before = intent.attempts > 0;
        let intent = Intent {
            state: IntentState::Sending,
            attempts: intent.attempts + 1,
            sent_at: intent.sent_at.or(Some(now)),
            clue,
            ..intent
        };
        tracing::debug!(intent = intent.id, kind = %intent.kind, "sending");
        crashpoint!("before send", intent.kind);
        let sent = self.client.submit(&intent.request, confidential).await;
        crashpoint!("after send", intent.kind);
        let error = match sent {
            Ok(accepted) => return self.done(&intent, accepted).await,
            Err(error) => error,
        };
        let hint = error.hint();
        let submitted = match after(&error, self.ctx.clock.now()) {
            Next::Later => return self.later(&intent, error).await,
            Next::Wait(until) => self.wait(&intent, until, &error).await?,
            Next::Look => self.unclear(&intent, &error).await?,
            Next::AlreadyThere | Next::Refused if was_sent_before => {
                self.perhaps_ours(&intent, &error).await?
            }
            Next::AlreadyThere => {
                let found = match self.look(&intent).await? {
                    Sighting::Seen { provider_id } => provider_id,
                    _ => None,
                };
                let end = IntentEnd { provider_id: found, ..refused(&error) };
                Submitted::of(self.settle(&intent, end).await?)
            }
            Next::Refused => Submitted::of(self.settle(&intent, refused(&error)).await?),
        };
        Ok(Submitted { hint, ..submitted })
    }

    async fn done(&self, intent: &Intent, accepted: Accepted) -> Result<Submitted, Error> {
        let end = IntentEnd {
            provider_id: accepted.item.as_ref().map(|item| item.id.clone()),
            last_reply: accepted.message,
            ..IntentEnd::of(IntentState::Done)
        };
        let intent = self.settle(intent, end).await?;
        tracing::info!(intent = intent.id, kind = %intent.kind, "done at the provider");
        Ok(Submitted { answer: accepted.item, ..Submitted::of(intent) })
    }

    /// Nothing left this machine or nothing was taken: the intent stands as before.
    async fn later(&self, intent: &Intent, error: api::Error) -> Result<Submitted, Error> {
        let hint = error.hint();
        let submitted = self.put_off(intent, &causes(&error)).await?;
        if error.is_terminal() {
            return Err(error.into());
        }
        Ok(Submitted { hint, ..submitted })
    }

    /// The provider asked for patience, which it may do after the effect as well as before.
    async fn wait(
        &self,
        intent: &Intent,
        until: DateTime<Utc>,
        error: &api::Error,
    ) -> Result<Submitted, Error> {
        if intent.needs_secret {
            return self.unclear(intent, error).await;
        }
        let end = IntentEnd {
            not_before: Some(until),
            unclear_at: Some(self.ctx.clock.now()),
            last_reply: Some(causes(error)),
            ..IntentEnd::of(IntentState::Waiting)
        };
        Ok(Submitted::of(self.settle(intent, end).await?))
    }

    /// Notes an unclear end, then looks for the effect a few times.
    async fn unclear(&self, intent: &Intent, error: &api::Error) -> Result<Submitted, Error> {
        let end = IntentEnd {
            unclear_at: Some(self.ctx.clock.now()),
            last_reply: Some(causes(error)),
            ..IntentEnd::of(IntentState::Unknown)
        };
        let mut intent = self.settle(intent, end).await?;
        for wait in &self.pace.waits {
            tokio::time::sleep(*wait).await;
            intent = self.look_again(intent).await?;
            // What the provider never shows will not be shown by waiting.
            let is_hidden = intent.clue == Clue::CompanySettings && intent.needs_secret;
            if intent.state != IntentState::Unknown || is_hidden {
                break;
            }
        }
        Ok(Submitted::of(intent))
    }

    /// A refusal of something sent before: it may say no because the first sending stands.
    async fn perhaps_ours(&self, intent: &Intent, error: &api::Error) -> Result<Submitted, Error> {
        let end = match self.look(intent).await? {
            Sighting::Seen { provider_id } => IntentEnd {
                provider_id,
                last_reply: Some("found at the provider: an earlier sending stands".to_owned()),
                ..IntentEnd::of(IntentState::Done)
            },
            Sighting::NotSeen => refused(error),
            Sighting::Undecidable { reason } | Sighting::Hidden { reason } => IntentEnd {
                unclear_at: Some(self.ctx.clock.now()),
                last_reply: Some(format!("{}; {reason}", causes(error))),
                ..IntentEnd::of(IntentState::Unknown)
            },
        };
        Ok(Submitted::of(self.settle(intent, end).await?))
    }

    /// Looks for the effect of an intent whose end is unknown, and writes down what was found.
    pub(super) async fn look_again(&self, intent: Intent) -> Result<Intent, Error> {
        let said = intent.last_reply.clone().unwrap_or_default();
        let still_unknown = |why: String| IntentEnd {
            unclear_at: intent.unclear_at.or(intent.sent_at),
            last_reply: Some(why),
            ..IntentEnd::of(IntentState::Unknown)
        };
        let first_words = said.split("; looked up:").next().unwrap_or_default().to_owned();
        // A page that came shifted hides a row, and nobody may be charged twice for that: only
        // what two looks do not show is not there.
        let sighting = match self.look(&intent).await? {
            Sighting::NotSeen => self.look(&intent).await?,
            first => first,
        };
        let end = match sighting {
            Sighting::Seen { provider_id } => IntentEnd {
                provider_id,
                last_reply: Some(format!("{first_words}; looked up: it took effect")),
                ..IntentEnd::of(IntentState::Done)
            },
            Sighting::NotSeen
                if is_settled(&intent, self.pace.settle_seconds, self.ctx.clock.now()) =>
            {
                let state =
                    if intent.needs_secret { IntentState::Dropped } else { IntentState::Prepared };
                let last_reply = Some(format!("{first_words}; looked up: it had no effect"));
                IntentEnd { last_reply, ..IntentEnd::of(state) }
            }
            Sighting::NotSeen => still_unknown(format!("{first_words}; looked up: not there yet")),
            Sighting::Undecidable { reason } | Sighting::Hidden { reason } => {
                still_unknown(format!("{first_words}; looked up: {reason}"))
            }
        };
        self.settle(&intent, end).await
    }
}

fn already_there(provider_id: Option<String>) -> IntentEnd {
    IntentEnd {
        provider_id,
        last_reply: Some("not sent: the provider has it already, by other hands".to_owned()),
        ..IntentEnd::of(IntentState::Refused)
    }
}

fn refused(error: &api::Error) -> IntentEnd {
    IntentEnd {
        vendor_error: error.failure().and_then(|failure| failure.vendor_error.clone()),
        last_reply: Some(causes(error)),
        ..IntentEnd::of(IntentState::Refused)
    }
}
