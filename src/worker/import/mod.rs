//! Hands invoices that were sent or received elsewhere to the provider, once each.
//!
//! In comes an [`Inspection`] of files; [`plan_import`] says what would become of each: ready,
//! there already, put aside. It looks in four places, cheapest first: among the files
//! themselves, in what was handed over before (by content, then by document), in the
//! documents pulled so far, and at the provider, a few pages by days or one request a number,
//! whichever is fewer. [`import`] then carries a plan out through the outbox
//! ([`crate::worker::Outbox`]), so that whatever kills the process, running it again sends
//! only the rest; it stops before a limit of money would be passed.
//!
//! The provider takes one document a file and finds the direction itself. A file goes out as
//! UTF-8, without its signature: the XML inside the wrappers, base64 of it in JSON.
//!
//! A lot holds several, under one SdI id that the provider lets stand once. It is put aside
//! unless somebody asks to split it: then each document goes out as a file of its own, made of
//! the lot's header and the document's own bytes, and the id and the position in its message.
//!
//! Absent on purpose: splitting lots unasked, sending to the SdI, a second try of what the provider
//! refused within one run.

mod inbox;
mod plan;
mod provider;
mod send;
mod step;

use crate::einvoice::{Document, Inspection};
use crate::fiscal::{Price, TaxId};
use crate::submit::Candidate;

pub use inbox::{ImportIntake, take_in_invoices};
pub use plan::{Asking, plan_import};
pub use send::{ImportEnd, Limits, import};
pub(super) use step::import_step;

/// Holds what becomes of every file of an inspection.
#[derive(Debug)]
pub struct ImportPlan {
    /// What the files hold.
    pub inspection: Inspection,
    /// One item a file of the inspection, or a document of a lot that is split, in order.
    pub items: Vec<ImportItem>,
    /// The companies of the account.
    pub companies: Vec<TaxId>,
    /// What one import costs.
    pub price: Price,
    /// Whether the provider was asked what it has.
    pub is_asked: bool,
}

/// Says what becomes of files that hold several documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lots {
    /// They are put aside, for a person to decide.
    PutAside,
    /// Each document is handed over as a file of its own.
    Split,
}

/// Holds what becomes of one file, or of one document of a lot that is split.
#[derive(Debug)]
pub struct ImportItem {
    /// The file, by its index in the inspection.
    pub file: usize,
    /// The document's position in a lot that is split, from 1.
    pub body: Option<usize>,
    /// What it is to the provider; `None` when it is put aside.
    pub candidate: Option<Candidate>,
    /// What became, or would become, of it.
    pub outcome: ImportOutcome,
    /// The intent under which it was begun earlier.
    pub(super) begun_as: Option<String>,
}

/// Tells what becomes of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportOutcome {
    /// It can be imported.
    Ready,
    /// It was imported now.
    Imported {
        /// The provider's document.
        provider_id: Option<String>,
    },
    /// The provider has it, or it was imported before.
    AlreadyThere {
        /// The provider's document, where it is known.
        provider_id: Option<String>,
        /// How that is known.
        how: String,
    },
    /// The provider refused it.
    Refused {
        /// The vendor's error number.
        vendor_error: Option<String>,
        /// What the provider said.
        reason: String,
    },
    /// It is none to import.
    PutAside {
        /// Why.
        reason: String,
    },
    /// It may stand at the provider: it is looked up again by the next run.
    Unclear {
        /// What happened.
        reason: String,
    },
    /// It was not sent; the next run sends it.
    Left {
        /// Why.
        reason: String,
    },
}

impl ImportOutcome {
    /// Returns the word for files and tables.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Imported { .. } => "imported",
            Self::AlreadyThere { .. } => "already_there",
            Self::Refused { .. } => "refused",
            Self::PutAside { .. } => "put_aside",
            Self::Unclear { .. } => "unclear",
            Self::Left { .. } => "left",
        }
    }

    /// Returns the reason, where there is one.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Ready | Self::Imported { .. } => None,
            Self::AlreadyThere { how, .. } => Some(how),
            Self::Refused { reason, .. }
            | Self::PutAside { reason }
            | Self::Unclear { reason }
            | Self::Left { reason } => Some(reason),
        }
    }

    /// Returns the provider's document, where it is known.
    #[must_use]
    pub fn provider_id(&self) -> Option<&str> {
        match self {
            Self::Imported { provider_id } | Self::AlreadyThere { provider_id, .. } => {
                provider_id.as_deref()
            }
            _ => None,
        }
    }
}

impl ImportPlan {
    /// Returns where an item was found, the document of a split lot by its position.
    #[must_use]
    pub fn place_of(&self, item: &ImportItem) -> String {
        let place = &self.inspection.files[item.file].place;
        match item.body {
            Some(body) => format!("{place}, document {body}"),
            None => place.to_string(),
        }
    }

    /// Returns what becomes of a document of the inspection.
    #[must_use]
    pub fn item_of(&self, document: &Document) -> &ImportItem {
        let place = (document.file, document.body);
        let behind = |item: &ImportItem| (item.file, item.body.unwrap_or(0)) <= place;
        &self.items[self.items.partition_point(behind) - 1]
    }

    /// Counts the files with an outcome, by its word.
    #[must_use]
    pub fn count(&self, word: &str) -> u64 {
        self.items.iter().filter(|item| item.outcome.as_str() == word).count() as u64
    }

    /// Returns what importing all that is ready would cost.
    #[must_use]
    pub fn cost(&self) -> Price {
        self.price.times(self.count("ready"))
    }

    /// Tells whether every file is at the provider now.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let done = self.count("imported") + self.count("already_there");
        done == self.items.len() as u64 && self.inspection.rejected.is_empty()
    }
}
