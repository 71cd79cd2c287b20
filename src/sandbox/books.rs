//! What is behind the documents: lives, effects, the till, what is known of a company.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, Days, Utc};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::answer::Refusal;
use super::callbacks::Outgoing;
use super::data::new_id;
use super::effects::{Effect, Purchase, Till};
use super::fattura::Fattura;
use super::life::Life;
use super::options::Options;
use super::tokens::Ring;

/// How long the tax portal takes a company's credentials.
const CREDENTIALS_LAST: Days = Days::new(90);

/// Document numbers of what is sent begin far above those of the documents of the start.
const FIRST_NUMBER: u32 = 500_000;

/// Decides what becomes of a receipt that is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptFate {
    /// The tax portal numbers it: `new`, `submitted`, `ready`.
    #[default]
    Issued,
    /// So many attempts fail before the portal takes it: `retry` in between.
    Retried(u32),
    /// The portal rejects it: `failed`.
    Failed,
}

/// Decides what becomes of an invoice that is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceFate {
    /// The buyer has it; of a public body an answer follows.
    Delivered,
    /// It lies in the buyer's tax drawer.
    NotDelivered,
    /// The public body accepts it.
    Accepted,
    /// The public body refuses it.
    Rejected,
    /// The public body lets its fifteen days pass.
    TermsExpired,
    /// The SdI discards it.
    Discarded,
    /// The SdI never answers.
    Stuck,
}

/// Is what the sandbox knows of a company beyond its configuration.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) credentials_stored_at: Option<DateTime<Utc>>,
    /// The company was told that its credentials are too old.
    pub(super) credentials_reported: bool,
    pub(super) visible_from: DateTime<Utc>,
}

/// Keeps what requests have set in motion.
#[derive(Debug)]
pub(super) struct Books {
    pub(super) effects: Vec<Effect>,
    pub(super) till: Till,
    pub(super) ghosts: BTreeSet<String>,
    pub(super) standings: HashMap<String, Standing>,
    pub(super) lives: HashMap<String, Life>,
    pub(super) receipt_fates: VecDeque<ReceiptFate>,
    pub(super) invoice_fates: VecDeque<InvoiceFate>,
    pub(super) portal_down_until: Option<DateTime<Utc>>,
    pub(super) outgoing: Outgoing,
    pub(super) ring: Ring,
    /// The files of invoices that were sent, by the id of the invoice.
    pub(super) fatture: HashMap<String, Arc<Fattura>>,
    /// The invoices of which the next round of callbacks speaks.
    pub(super) changed: BTreeSet<String>,
    started: DateTime<Utc>,
    agenda: BTreeMap<(DateTime<Utc>, u64), String>,
    dice: ChaCha8Rng,
    numbered: u32,
    planned: u64,
}

impl Books {
    pub(super) fn new(options: &Options, now: DateTime<Utc>) -> Self {
        let mut dice = ChaCha8Rng::seed_from_u64(options.seed);
        dice.set_stream(u64::MAX / 2);
        Self {
            effects: Vec::new(),
            till: Till::new(options.prices, options.wallet_mills),
            ghosts: options.ghosts.iter().cloned().collect(),
            standings: HashMap::new(),
            lives: HashMap::new(),
            receipt_fates: VecDeque::new(),
            invoice_fates: VecDeque::new(),
            portal_down_until: None,
            outgoing: Outgoing::default(),
            ring: Ring::default(),
            fatture: HashMap::new(),
            changed: BTreeSet::new(),
            started: now,
            agenda: BTreeMap::new(),
            dice,
            numbered: FIRST_NUMBER,
            planned: 0,
        }
    }

    /// Returns an id nobody has, in the vendor's form.
    pub(super) fn new_id(&mut self, now: DateTime<Utc>) -> String {
        new_id(&mut self.dice, now)
    }

    /// Returns the next number of the tax portal.
    pub(super) fn new_number(&mut self) -> u32 {
        self.numbered += 1;
        self.numbered
    }

    /// Pays for something, or refuses what the wallet cannot pay; nothing is booked then.
    pub(super) fn pay(&mut self, what: Purchase, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.pay_all(&[what], now)
    }

    /// Pays for all of these or for none.
    pub(super) fn pay_all(&mut self, all: &[Purchase], now: DateTime<Utc>) -> Result<(), Refusal> {
        if !self.till.can_buy(all, now) {
            return Err(Refusal::no_credit(self.till.wallet().unwrap_or_default()));
        }
        for what in all {
            self.till.buy(*what, now);
        }
        Ok(())
    }

    /// Lets a document begin to live, or go on, at a moment to come.
    pub(super) fn plan(&mut self, at: DateTime<Utc>, id: &str, life: Life) {
        self.planned += 1;
        self.agenda.insert((at, self.planned), id.to_owned());
        self.lives.insert(id.to_owned(), life);
    }

    /// Takes the next document whose moment has come.
    pub(super) fn due(&mut self, now: DateTime<Utc>) -> Option<(DateTime<Utc>, String, Life)> {
        loop {
            let entry = self.agenda.first_entry().filter(|entry| entry.key().0 <= now)?;
            let at = entry.key().0;
            let id = entry.remove();
            if let Some(life) = self.lives.remove(&id) {
                return Some((at, id, life));
            }
        }
    }

    /// Tells whether nothing lives and nothing waits to be told.
    pub(super) fn is_still(&self) -> bool {
        self.agenda.is_empty() && self.outgoing.is_idle()
    }

    pub(super) fn started(&self) -> DateTime<Utc> {
        self.started
    }

    /// Returns what is known of a company.
    ///
    /// The credentials of companies of the start are as old as the sandbox itself.
    pub(super) fn standing(&mut self, fiscal_id: &str) -> &mut Standing {
        let started = self.started;
        self.standings.entry(fiscal_id.to_owned()).or_insert(Standing {
            credentials_stored_at: Some(started),
            credentials_reported: false,
            visible_from: DateTime::UNIX_EPOCH,
        })
    }

    /// Tells whether the tax portal refuses a company's credentials for their age.
    pub(super) fn credentials_expired(&mut self, fiscal_id: &str, at: DateTime<Utc>) -> bool {
        let stored = self.standing(fiscal_id).credentials_stored_at;
        stored.is_some_and(|stored| stored + CREDENTIALS_LAST <= at)
    }

    /// Tells whether the tax portal is down at this moment.
    pub(super) fn portal_is_down(&self, at: DateTime<Utc>) -> bool {
        self.portal_down_until.is_some_and(|until| at < until)
    }
}
