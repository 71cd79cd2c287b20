//! A fiscal document as the provider holds it, in the house's words.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::fiscal::{Currency, TaxId, VatRate};

/// Holds one parsed fiscal document, amounts signed.
///
/// Credit notes, returns and voids are negative whatever sign the source wrote. A value
/// that the source did not give is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Receipt or invoice.
    pub kind: DocumentKind,
    /// The provider's identifier, opaque.
    pub source_id: String,
    /// The company whose books this document belongs to.
    pub company: TaxId,
    /// Sent or received by the company.
    pub direction: Direction,
    /// `TD01`…`TD29`, `sale`, `return`, `void`.
    pub document_type: DocumentType,
    /// The provider's own word for the state, for people.
    pub status: String,
    /// The SdI's word for the state, upper case, invoices only.
    pub sdi_status: Option<String>,
    /// What the two states mean for the books.
    pub lifecycle: Lifecycle,
    /// The provider's or the SdI's error text, when there is one.
    pub error_message: Option<String>,
    /// The document's number as written.
    pub number: Option<String>,
    /// The day of issue, in Rome for receipts.
    pub issue_date: Option<NaiveDate>,
    /// The other party's VAT number.
    pub counterparty_tax_id: Option<TaxId>,
    /// The other party's tax code, when it is another one.
    pub counterparty_tax_code: Option<TaxId>,
    /// The other party's name.
    pub counterparty_name: Option<String>,
    /// The currency of every amount of this document.
    pub currency: Currency,
    /// Signed taxable total, in cents.
    pub taxable_cents: Option<i64>,
    /// Signed VAT total, in cents.
    pub vat_cents: Option<i64>,
    /// Signed gross total, in cents.
    pub gross_cents: Option<i64>,
    /// How a receipt was paid.
    pub tenders: Option<Tenders>,
    /// Totals by VAT rate, where the source gives them.
    pub vat_lines: Vec<VatLine>,
    /// The provider's id of the document that this one returns or voids.
    pub parent_id: Option<String>,
    /// Other identifiers that the books may carry: SdI id, order names.
    pub references: Vec<String>,
    /// When the provider took the document in.
    pub created_at: Option<DateTime<Utc>>,
}

/// Holds one VAT rate's share of a document, signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VatLine {
    /// The rate or nature.
    pub rate: VatRate,
    /// Signed taxable amount, in cents.
    pub taxable_cents: i64,
    /// Signed VAT amount, in cents.
    pub vat_cents: i64,
    /// Signed gross amount, in cents.
    pub gross_cents: i64,
}

/// Holds how takings were paid, signed cents each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tenders {
    /// Notes and coins.
    pub cash_cents: i64,
    /// Cards and other electronic means.
    pub electronic_cents: i64,
    /// Meal vouchers.
    pub vouchers_cents: i64,
    /// Goods or services delivered and not collected.
    pub uncollected_cents: i64,
}

/// Names one way of paying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tender {
    /// Notes and coins.
    Cash,
    /// Cards and other electronic means.
    Electronic,
    /// Meal vouchers.
    Vouchers,
    /// Delivered and not collected.
    Uncollected,
}

impl Tenders {
    /// Returns each tender with its cents, in a fixed order.
    #[must_use]
    pub fn each(&self) -> [(Tender, i64); 4] {
        [
            (Tender::Cash, self.cash_cents),
            (Tender::Electronic, self.electronic_cents),
            (Tender::Vouchers, self.vouchers_cents),
            (Tender::Uncollected, self.uncollected_cents),
        ]
    }

    /// Returns the tenders with every sign turned.
    #[must_use]
    pub fn negated(&self) -> Self {
        Self {
            cash_cents: -self.cash_cents,
            electronic_cents: -self.electronic_cents,
            vouchers_cents: -self.vouchers_cents,
            uncollected_cents: -self.uncollected_cents,
        }
    }
}

/// Makes an enum whose variants are words: text, parsing, serde.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord,
            serde::Serialize, serde::Deserialize,
        )]
        pub enum $name { $($(#[$variant_meta])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every variant, in the order in which they are declared.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the word used in the store, files and URLs.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($word => Ok(Self::$variant),)+ other => Err(other.to_owned()) }
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Tells receipts from invoices.
    DocumentKind {
        /// A *documento commerciale* issued to a customer.
        Receipt = "receipt",
        /// An electronic invoice or credit note.
        Invoice = "invoice",
    }
}

words! {
    /// Tells whether the company sent or received the document.
    Direction {
        /// Issued by the company.
        Outgoing = "outgoing",
        /// Received by the company.
        Incoming = "incoming",
    }
}

words! {
    /// Tells what a document's state means for the books.
    Lifecycle {
        /// Not final yet: it may still fail.
        Open = "open",
        /// Issued and valid.
        Issued = "issued",
        /// Valid, but the buyer was not reached (SdI `NOT_DELIVERED`).
        NotDelivered = "not_delivered",
        /// Issued, then refused by a public body (SdI `REJECTED`).
        Refused = "refused",
        /// A receipt that a later void cancels; both count.
        Voided = "voided",
        /// Never issued: a failed receipt, an invoice that the SdI discarded.
        NeverIssued = "never_issued",
    }
}

/// Holds the type code of a document, as the law or the API names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentType(String);

impl DocumentType {
    /// Returns the type of a code; blanks fall away, `TD` codes become upper case.
    #[must_use]
    pub fn new(code: &str) -> Self {
        let trimmed = code.trim();
        let is_code = trimmed.len() == 4
            && trimmed.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("td"));
        Self(if is_code { trimmed.to_uppercase() } else { trimmed.to_owned() })
    }

    /// Returns the code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether amounts of this type count negative.
    ///
    /// Only TD04 and TD08 among invoices; returns and voids among receipts.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        matches!(self.0.as_str(), "TD04" | "TD08" | "return" | "void")
    }

    /// Tells whether the buyer made this document himself (TD16–TD23, TD26–TD28).
    #[must_use]
    pub fn is_self_invoice(&self) -> bool {
        matches!(
            self.0.as_str(),
            "TD16" | "TD17" | "TD18" | "TD19" | "TD20" | "TD21" | "TD22" | "TD23" | "TD27" | "TD28"
        )
    }

    /// Tells whether this is a notice without VAT effect (TD29).
    #[must_use]
    pub fn is_notice(&self) -> bool {
        self.0 == "TD29"
    }

    /// Returns the amount with the sign that this type carries.
    #[must_use]
    pub fn signed(&self, cents: i64) -> i64 {
        if self.is_negative() { -cents.saturating_abs() } else { cents }
    }
}

impl fmt::Display for DocumentType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for DocumentType {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credit_notes_turn_negative_once() {
        let credit = DocumentType::new("td04");
        assert_eq!((credit.signed(100), credit.signed(-100)), (-100, -100));
        assert_eq!(DocumentType::new("TD01").signed(-100), -100);
        assert_eq!(DocumentType::new("TD18").signed(-2000), -2000);
    }

    #[test]
    fn words_read_back_as_written() {
        for lifecycle in Lifecycle::ALL {
            assert_eq!(lifecycle.as_str().parse(), Ok(*lifecycle));
        }
        assert_eq!("sent".parse::<Direction>(), Err("sent".to_owned()));
    }
}
