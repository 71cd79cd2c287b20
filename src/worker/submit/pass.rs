//! Goes over everything that is open: looks up what is unknown, sends what waited.

use super::{Outbox, Submitted};
use crate::api::Confidential;
use crate::store::IntentEnd;
use crate::submit::{Intent, IntentState};
use crate::worker::Error;

/// Holds what became of everything that was open.
#[derive(Debug, Default)]
pub struct PassOutcome {
    /// Where each intent stands now, oldest first.
    pub submitted: Vec<Submitted>,
    /// What stopped the pass before its end, if anything did.
    pub stopped: Option<Error>,
}

impl PassOutcome {
    /// Returns what is still open, or may have been done and nobody knows.
    pub fn open(&self) -> impl Iterator<Item = &Intent> {
        self.submitted.iter().map(|one| &one.intent).filter(|intent| intent.state.is_open())
    }

    /// Tells whether everything that was open is closed now.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.stopped.is_none() && self.open().next().is_none()
    }
}

impl Outbox<'_> {
    /// Takes everything that is open as far as it goes; one failure never stops the others.
    ///
    /// # Errors
    /// When the store fails. What the API refuses altogether is told in the outcome.
    pub async fn pass(&self) -> Result<PassOutcome, Error> {
        let mut outcome = PassOutcome::default();
        let confidential = Confidential {
            callback_secret: self.ctx.config.webhook.secret.clone(),
            ..Confidential::default()
        };
        for intent in self.ctx.store.open_intents().await? {
            match self.pass_one(intent, &confidential).await {
                Ok(submitted) => outcome.submitted.push(submitted),
                Err(error @ Error::Api(_)) => {
                    outcome.stopped = Some(error);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        self.meter.finish().await?;
        Ok(outcome)
    }

    async fn pass_one(
        &self,
        intent: Intent,
        confidential: &Confidential,
    ) -> Result<Submitted, Error> {
        if intent.needs_secret && intent.state != IntentState::Unknown {
            let end = IntentEnd {
                last_reply: Some("never sent, and its secret is not kept: enter it anew".into()),
                ..IntentEnd::of(IntentState::Dropped)
            };
            return Ok(Submitted::of(self.settle(&intent, end).await?));
        }
        self.carry_on(intent, confidential).await
    }
}
