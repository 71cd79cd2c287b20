//! Checks what is to be sent before it is sent, and names the field and the value.
//!
//! The provider would refuse most of this too, but only one thing at a time, after a day's
//! wait or with a word that helps nobody. Amounts are exact decimals, never floats.

mod receipt;
mod returned;

pub use receipt::{ReceiptSum, check_receipt};
pub use returned::check_returned;

use std::str::FromStr as _;

use rust_decimal::Decimal;

use crate::api::wire::DecimalText;

/// Names one thing that is wrong with what is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The field as the provider spells it, such as `items[0].unit_price`.
    pub field: String,
    /// The value as written; empty when there is none.
    pub value: String,
    /// What is wrong, as the end of a sentence.
    pub reason: String,
}

impl std::fmt::Display for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.value.as_str() {
            "" => write!(f, "`{}` {}", self.field, self.reason),
            value => write!(f, "`{}` = `{value}` {}", self.field, self.reason),
        }
    }
}

/// Gathers complaints.
#[derive(Default)]
pub(super) struct Complaints(Vec<Complaint>);

impl Complaints {
    pub(super) fn add(&mut self, field: &str, value: &str, reason: impl Into<String>) {
        let value: String = value.chars().take(80).collect();
        self.0.push(Complaint { field: field.to_owned(), value, reason: reason.into() });
    }

    /// Returns an amount that is not negative and has not too many decimals; none is zero.
    pub(super) fn amount(
        &mut self,
        field: &str,
        text: Option<&DecimalText>,
        decimals: u32,
    ) -> Decimal {
        let Some(text) = text else { return Decimal::ZERO };
        match Decimal::from_str(&text.plain()) {
            Ok(amount) if amount.is_sign_negative() && !amount.is_zero() => {
                self.add(field, text.as_str(), "is negative");
                Decimal::ZERO
            }
            Ok(amount) if amount.normalize().scale() > decimals => {
                self.add(field, text.as_str(), format!("has more than {decimals} decimals"));
                amount
            }
            Ok(amount) => amount,
            Err(_) => {
                self.add(field, text.as_str(), "is too large");
                Decimal::ZERO
            }
        }
    }

    /// Returns an amount that must be there and be more than nothing.
    pub(super) fn positive(
        &mut self,
        field: &str,
        text: Option<&DecimalText>,
        decimals: u32,
    ) -> Decimal {
        let count = self.0.len();
        let amount = self.amount(field, text, decimals);
        if text.is_none() {
            self.add(field, "", "is missing");
        } else if amount.is_zero() && self.0.len() == count {
            self.add(field, text.map_or("", DecimalText::as_str), "must be more than 0");
        }
        amount
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn all(self) -> Vec<Complaint> {
        self.0
    }
}
