//! The kinds of finding, spelled the same in the store, CSV, JSON and TOML.

use crate::fiscal::words;

words! {
    /// Names one kind of thing that can be wrong.
    Kind {
        /// A document that no ledger entry answers.
        MissingInLedger = "missing_in_ledger",
        /// A ledger entry that no document answers.
        MissingAtProvider = "missing_at_provider",
        /// A pair whose gross totals differ.
        AmountDiffers = "amount_differs",
        /// A pair whose taxable amounts differ.
        TaxableDiffers = "taxable_differs",
        /// A pair whose VAT amounts differ.
        VatDiffers = "vat_differs",
        /// A pair whose issue dates differ.
        DateDiffers = "date_differs",
        /// A pair whose other parties differ.
        CounterpartyDiffers = "counterparty_differs",
        /// A pair, found by an identifier, whose numbers differ.
        NumberDiffers = "number_differs",
        /// A pair of equal amounts with opposite signs.
        SignDiffers = "sign_differs",
        /// A ledger entry that repeats another one.
        DuplicateInLedger = "duplicate_in_ledger",
        /// A document that the provider holds under two identifiers.
        DuplicateAtProvider = "duplicate_at_provider",
        /// A document that the provider showed once and shows no more.
        VanishedAtProvider = "vanished_at_provider",
        /// Rows that have several equally good partners.
        Ambiguous = "ambiguous",
        /// A day's receipts against its ledger line, by VAT rate or tender.
        TakingsDiffer = "takings_differ",
        /// A booked invoice that the SdI discarded: it was never issued.
        DiscardedBySdiButBooked = "discarded_by_sdi_but_booked",
        /// A booked invoice that the public body refused.
        RefusedByBuyerButBooked = "refused_by_buyer_but_booked",
        /// A valid invoice whose buyer must be told.
        NotDelivered = "not_delivered",
        /// A receipt that was never issued and needs a person.
        ReceiptFailed = "receipt_failed",
        /// A receipt that has not become final for days.
        ReceiptStuck = "receipt_stuck",
        /// A voided receipt that the books still hold.
        VoidedButBooked = "voided_but_booked",
        /// A returned receipt whose refund the books lack.
        ReturnedButBooked = "returned_but_booked",
        /// No upload covers the period.
        LedgerMissing = "ledger_missing",
        /// An upload, or a pull, covers only part of the period.
        CoverageMissing = "coverage_missing",
        /// A file that could not be read, or rows of it.
        FileRejected = "file_rejected",
        /// A person's decision that does not fit its rows any more.
        DecisionStale = "decision_stale",
        /// Numbers of the company's own invoices that neither side has.
        NumberGap = "number_gap",
        /// A number that two valid documents of a seller and year bear.
        NumberRepeated = "number_repeated",
        /// An invoice that went to the SdI after its term.
        TransmittedLate = "transmitted_late",
        /// An invoice that was registered after its term.
        RegisteredLate = "registered_late",
        /// A row whose taxable amount and VAT do not make its total.
        TotalDoesNotAddUp = "total_does_not_add_up",
        /// A day's electronic takings against its card transactions.
        SettlementDiffers = "settlement_differs",
        /// A day with electronic takings for which no card transaction was settled.
        SettlementMissing = "settlement_missing",
        /// A day with card transactions and no electronic takings.
        SettledWithoutTakings = "settled_without_takings",
        /// A payout that is not its transactions less the fees.
        PayoutDiffers = "payout_differs",
        /// A self-invoice whose supplier's own invoice the books lack, or hold otherwise.
        SelfInvoiceUnmatched = "self_invoice_unmatched",
    }
}

words! {
    /// Tells how much a finding matters, least first.
    Severity {
        /// Good to know; the books still agree.
        Info = "info",
        /// Somebody should look.
        Warning = "warning",
        /// Money or completeness is at stake.
        Serious = "serious",
    }
}

impl Kind {
    /// Returns how much findings of this kind matter.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::NotDelivered | Self::DecisionStale => Severity::Info,
            Self::DateDiffers
            | Self::CounterpartyDiffers
            | Self::NumberDiffers
            | Self::Ambiguous
            | Self::NumberGap
            | Self::NumberRepeated
            | Self::TransmittedLate
            | Self::RegisteredLate
            | Self::TotalDoesNotAddUp
            | Self::ReceiptFailed
            | Self::ReceiptStuck => Severity::Warning,
            _ => Severity::Serious,
        }
    }

    /// Tells whether this kind means that something was not looked at.
    #[must_use]
    pub fn means_incomplete(self) -> bool {
        matches!(self, Self::LedgerMissing | Self::CoverageMissing | Self::FileRejected)
    }
}
