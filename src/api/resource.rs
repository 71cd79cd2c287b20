//! Names the kinds of things that the API keeps.

/// Names the kinds of things that the API keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// The companies registered under the account.
    Configurations,
    /// Electronic receipts.
    Receipts,
    /// Electronic invoices, sent and received.
    Invoices,
}

impl Resource {
    /// Returns the word used for it in the store and in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Configurations => "configurations",
            Self::Receipts => "receipts",
            Self::Invoices => "invoices",
        }
    }

    /// Returns the statuses of documents that may still change, in the API's spelling.
    pub fn open_statuses(self) -> &'static [&'static str] {
        match self {
            Self::Configurations => &[],
            Self::Receipts => &["new", "retry", "submitted"],
            Self::Invoices => &["NEW", "SENT"],
        }
    }

    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Configurations => "IT-configurations",
            Self::Receipts => "IT-receipts",
            Self::Invoices => "IT-invoices",
        }
    }
}
