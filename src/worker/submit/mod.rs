//! Sends intents to the provider: written first, sent once, looked up after an unclear end.
//!
//! A stage that wants something done at the provider writes a [`NewIntent`] and hands it to
//! an [`Outbox`]; what it gets back says where the intent stands, whatever happened:
//!
//! ```text
//! let client = worker::api_client(ctx)?;
//! let outbox = Outbox::open(ctx, &client).await?;          // others wait; crashes are noted
//! let intent = NewIntent {
//!     key: NewIntent::key_of(Kind::InvoiceImport, &[xml, direction.as_bytes()]),
//!     kind: Kind::InvoiceImport,
//!     company,
//!     subject: format!("invoice {number} of {issue_date}"),
//!     request: Request::import_invoice(&NewImport::new(xml, details)),
//!     needs_secret: false,
//!     clue: Clue::Invoice { number, issue_date, direction, document_type },
//! };
//! let submitted = outbox.submit(&intent, &Confidential::default()).await?;
//! match submitted.intent.state {
//!     IntentState::Done => …      // once, now or earlier (`is_new` tells)
//!     IntentState::Refused => …   // `last_reply`; `provider_id` when it was there already
//!     IntentState::Unknown => …   // may stand: shown, looked up by the next pass
//!     _ => …                      // prepared or waiting: the next pass sends it
//! }
//! ```
//!
//! An `Err` means that nothing more can be sent at all (token, credit, store): stop. The same
//! key submitted again never has a second effect: what is done is told as done, what is
//! unknown is looked up, and only what is known to have had no effect is sent again.
//!
//! The steps that a crash may fall between: the row is committed (`prepared`), claimed
//! (`sending`), sent, and its end committed. A row found in `sending` under the lock was left
//! by a process that died, so it is `unknown` and is looked up.

mod look;
mod pass;
mod send;

use std::time::Duration;

use crate::api::{Client, Confidential, RawItem};
use crate::store::{IntentEnd, OutboxLock};
use crate::submit::{Intent, IntentState, NewIntent, SETTLE_SECONDS};
use crate::worker::budget::Counter;
use crate::worker::{Context, Error};

pub use pass::PassOutcome;

/// Says how patiently an unclear end is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// The waits before each look, right after an unclear end.
    pub waits: Vec<Duration>,
    /// How long after an unclear end "not there" is believed.
    pub settle_seconds: i64,
}

impl Default for Pace {
    /// Returns three looks within a quarter of a minute, and a minute until absence counts.
    fn default() -> Self {
        let waits = [1, 4, 10].map(Duration::from_secs).to_vec();
        Self { waits, settle_seconds: SETTLE_SECONDS }
    }
}

/// Holds the right to send, and everything that sending needs.
pub struct Outbox<'a> {
    ctx: &'a Context,
    client: &'a Client,
    meter: Counter<'a>,
    pace: Pace,
    _lock: OutboxLock,
}

/// Tells where an intent stands after it was submitted or looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// The intent as it stands in the store.
    pub intent: Intent,
    /// The document as the provider answered, when it was made just now.
    pub answer: Option<RawItem>,
    /// Whether the intent was written just now; false when its key was known.
    pub is_new: bool,
    /// What a person can do, where something can be done.
    pub hint: Option<String>,
}

impl<'a> Outbox<'a> {
    /// Takes the right to send and notes what an earlier process left half done.
    ///
    /// Waits while another process of this machine holds it.
    pub async fn open(ctx: &'a Context, client: &'a Client) -> Result<Self, Error> {
        let lock = ctx.store.lock_intents().await?;
        Self::begin(ctx, client, lock).await
    }

    /// Takes the right to send unless another process has it, which then goes on itself.
    pub async fn try_open(ctx: &'a Context, client: &'a Client) -> Result<Option<Self>, Error> {
        match ctx.store.try_lock_intents()? {
            Some(lock) => Self::begin(ctx, client, lock).await.map(Some),
            None => Ok(None),
        }
    }

    async fn begin(ctx: &'a Context, client: &'a Client, lock: OutboxLock) -> Result<Self, Error> {
        let mut tx = ctx.store.begin("recover_intents").await?;
        let lost = tx.recover_intents(ctx.clock.now()).await?;
        tx.commit().await?;
        if lost > 0 {
            tracing::warn!(lost, "an earlier process died while sending: it is looked up");
        }
        let meter = Counter::new(ctx, client);
        Ok(Self { ctx, client, meter, pace: Pace::default(), _lock: lock })
    }

    /// Returns the outbox with another patience.
    #[must_use]
    pub fn with_pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Writes an intent down and does it, at most once in all.
    ///
    /// # Errors
    /// Only what stops every intent: the store, the settings, the token, the credit. The
    /// intent then stands `prepared` and had no effect.
    pub async fn submit(
        &self,
        new: &NewIntent,
        confidential: &Confidential,
    ) -> Result<Submitted, Error> {
        let mut tx = self.ctx.store.begin("prepare_intent").await?;
        let is_new = tx.prepare_intent(new, self.ctx.clock.now()).await?;
        tx.commit().await?;
        let found = self.ctx.store.intent_by_key(&new.key).await?;
        let mut intent = found.ok_or_else(|| Error::IntentGone { key: new.key.clone() })?;
        if !is_new && matches!(intent.state, IntentState::Refused | IntentState::Dropped) {
            // It had no effect, and a person may have mended what it was refused for.
            intent = self.settle(&intent, IntentEnd::of(IntentState::Prepared)).await?;
        }
        let submitted = self.carry_on(intent, confidential).await;
        self.meter.finish().await?;
        Ok(Submitted { is_new, ..submitted? })
    }

    /// Writes down where an intent stands, and returns it so.
    async fn settle(&self, intent: &Intent, end: IntentEnd) -> Result<Intent, Error> {
        let now = self.ctx.clock.now();
        let mut tx = self.ctx.store.begin("settle_intent").await?;
        tx.settle_intent(intent.id, &end, now).await?;
        tx.commit().await?;
        Ok(Intent {
            state: end.state,
            not_before: end.not_before,
            unclear_at: end.unclear_at,
            provider_id: end.provider_id.or_else(|| intent.provider_id.clone()),
            vendor_error: end.vendor_error,
            last_reply: end.last_reply,
            updated_at: now,
            ..intent.clone()
        })
    }
}

impl Submitted {
    fn of(intent: Intent) -> Self {
        Self { intent, answer: None, is_new: false, hint: None }
    }
}
