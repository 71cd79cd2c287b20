//! The events that the provider tells of, and the list that each is about.

/// Names an event of the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// A receipt became final, or a return or void of it did.
    Receipt,
    /// A receipt was refused.
    ReceiptError,
    /// A receipt will be tried again.
    ReceiptRetry,
    /// The credentials for receipts expire or are refused.
    ReceiptCredentials,
    /// The appointment of a third party changed.
    Appointee,
    /// An invoice that was sent changed.
    CustomerInvoice,
    /// An invoice was received.
    SupplierInvoice,
}

impl Event {
    /// All events.
    pub(super) const ALL: [Self; 7] = [
        Self::Receipt,
        Self::ReceiptError,
        Self::ReceiptRetry,
        Self::ReceiptCredentials,
        Self::Appointee,
        Self::CustomerInvoice,
        Self::SupplierInvoice,
    ];

    /// Returns its name, spelled with hyphens.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::ReceiptError => "receipt-error",
            Self::ReceiptRetry => "receipt-retry",
            Self::ReceiptCredentials => "receipt-credentials",
            Self::Appointee => "appointee",
            Self::CustomerInvoice => "customer-invoice",
            Self::SupplierInvoice => "supplier-invoice",
        }
    }

    /// Reads a name in either spelling, in letters of any size.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let name = text.trim().to_ascii_lowercase().replace('_', "-");
        Self::ALL.into_iter().find(|event| event.as_str() == name)
    }

    /// Returns the list in which its document stands.
    pub(super) fn resource(self) -> &'static str {
        match self {
            Self::Receipt | Self::ReceiptError | Self::ReceiptRetry => "receipts",
            Self::ReceiptCredentials | Self::Appointee => "configurations",
            Self::CustomerInvoice | Self::SupplierInvoice => "invoices",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_read() {
        for event in Event::ALL {
            assert_eq!(Event::parse(event.as_str()), Some(event));
            assert_eq!(Event::parse(&event.as_str().replace('-', "_").to_uppercase()), Some(event));
        }
        assert_eq!(Event::parse("receipts"), None);
        assert_eq!(Event::parse(""), None);
    }
}
