//! What requests changed, kept apart from how many there were, and what they cost.
//!
//! A client that sends one thing twice shows here as two effects, whatever it was answered;
//! one that asks ten times and changes one thing shows as one.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::habits::Prices;

/// Names what a request changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectKind {
    /// A company was registered.
    ConfigurationCreated,
    /// A company was changed; the key names the fields.
    ConfigurationChanged,
    /// A company was deleted.
    ConfigurationDeleted,
    /// A sale was taken; the key is its tags, with commas.
    ReceiptCreated,
    /// A return was taken; the key is the id of the sale.
    ReturnCreated,
    /// A void was taken; the key is the id of the sale.
    VoidCreated,
    /// An invoice was taken for sending; the key is its number.
    InvoiceSent,
    /// An invoice was imported; the key is its number.
    InvoiceImported,
    /// A token was minted; the key is its scopes, with commas.
    TokenMinted,
    /// A token was changed or rotated; the key is its scopes, with commas.
    TokenChanged,
    /// A token was deleted.
    TokenDeleted,
}

/// Is one change that a request brought about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// What was changed.
    pub kind: EffectKind,
    /// Whose it is; empty for tokens.
    pub fiscal_id: String,
    /// By what a test recognises the intent; see [`EffectKind`].
    pub key: String,
    /// The id of the document, or the first digits of the token.
    pub id: String,
    /// When, on the sandbox's clock.
    pub at: DateTime<Utc>,
}

/// Is what all requests cost so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bill {
    /// What was bought: free ones and paid ones, by the name of the thing.
    pub lines: BTreeMap<&'static str, BillLine>,
    /// The sum in thousandths of a euro.
    pub total_mills: i64,
}

/// Is how often one thing was bought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BillLine {
    /// How many there were, free ones included.
    pub count: u64,
    /// How many of them were paid for.
    pub paid: u64,
    /// What those cost, in thousandths of a euro.
    pub mills: i64,
}

/// Counts what is bought and knows what is free and what the wallet holds.
#[derive(Debug)]
pub(super) struct Till {
    prices: Prices,
    wallet_mills: Option<i64>,
    bill: Bill,
    today: Option<NaiveDate>,
    gets_today: u64,
    configurations_today: u64,
}

/// Names what can be bought.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purchase {
    Get,
    Configuration,
    Receipt,
    Return,
    Void,
    Invoice,
    Import,
    Signature,
}

impl Till {
    pub(super) fn new(prices: Prices, wallet_mills: Option<i64>) -> Self {
        Self {
            prices,
            wallet_mills,
            bill: Bill::default(),
            today: None,
            gets_today: 0,
            configurations_today: 0,
        }
    }

    pub(super) fn bill(&self) -> &Bill {
        &self.bill
    }

    pub(super) fn wallet(&self) -> Option<i64> {
        self.wallet_mills
    }

    pub(super) fn set_wallet(&mut self, mills: Option<i64>) {
        self.wallet_mills = mills;
    }

    /// Tells whether the wallet holds enough for all of these.
    pub(super) fn can_buy(&mut self, all: &[Purchase], now: DateTime<Utc>) -> bool {
        let price: i64 = all.iter().map(|what| self.price(*what, now)).sum();
        self.wallet_mills.is_none_or(|wallet| price <= wallet)
    }

    /// Books one of these; the caller has asked [`Self::can_buy`] before.
    pub(super) fn buy(&mut self, what: Purchase, now: DateTime<Utc>) {
        let mills = self.price(what, now);
        match what {
            Purchase::Get => self.gets_today += 1,
            Purchase::Configuration => self.configurations_today += 1,
            _ => {}
        }
        let line = self.bill.lines.entry(what.name()).or_default();
        line.count += 1;
        line.paid += u64::from(mills > 0);
        line.mills += mills;
        self.bill.total_mills += mills;
        self.wallet_mills = self.wallet_mills.map(|wallet| wallet - mills);
    }

    fn price(&mut self, what: Purchase, now: DateTime<Utc>) -> i64 {
        if self.today != Some(now.date_naive()) {
            self.today = Some(now.date_naive());
            self.gets_today = 0;
            self.configurations_today = 0;
        }
        let prices = &self.prices;
        match what {
            Purchase::Get if self.gets_today < prices.free_gets_a_day => 0,
            Purchase::Get => prices.get_mills,
            Purchase::Configuration
                if self.configurations_today < prices.free_configurations_a_day =>
            {
                0
            }
            Purchase::Configuration => prices.configuration_mills,
            Purchase::Receipt | Purchase::Return | Purchase::Void => prices.receipt_mills,
            Purchase::Invoice => prices.invoice_mills,
            Purchase::Import => prices.import_mills,
            Purchase::Signature => prices.signature_mills,
        }
    }
}

impl Purchase {
    fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Configuration => "configuration",
            Self::Receipt => "receipt",
            Self::Return => "return",
            Self::Void => "void",
            Self::Invoice => "invoice",
            Self::Import => "invoice_import",
            Self::Signature => "signature",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_ones_return_each_day() {
        let mut till = Till::new(Prices { free_gets_a_day: 2, ..Prices::default() }, None);
        let now = DateTime::UNIX_EPOCH;
        for _ in 0..3 {
            till.buy(Purchase::Get, now);
        }
        assert_eq!(till.bill().total_mills, 1);
        till.buy(Purchase::Get, now + chrono::Days::new(1));
        let line = till.bill().lines["get"];
        assert_eq!(line, BillLine { count: 4, paid: 1, mills: 1 });
    }

    #[test]
    fn empty_wallet_buys_free_things_only() {
        let mut till = Till::new(Prices::default(), Some(18));
        let now = DateTime::UNIX_EPOCH;
        assert!(till.can_buy(&[Purchase::Get], now));
        assert!(!till.can_buy(&[Purchase::Receipt], now));
        till.set_wallet(Some(19));
        assert!(till.can_buy(&[Purchase::Receipt], now));
        assert!(!till.can_buy(&[Purchase::Receipt, Purchase::Invoice], now));
        till.buy(Purchase::Receipt, now);
        assert_eq!(till.wallet(), Some(0));
    }
}
