//! What a column can fill in a ledger entry.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Names what a column fills in a ledger entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The document's own number.
    Number,
    /// The supplier's own number, where the program gives documents one of its own.
    SupplierNumber,
    /// The register's number for it, which is never the document's.
    Protocol,
    /// The series or sub-register of the number: `A` of `12/A`.
    Series,
    /// The kind of document, as a code or a phrase.
    DocumentType,
    /// The day of issue or the business day.
    IssueDate,
    /// The day of registration in the books.
    RegistrationDate,
    /// The day on which the document was received.
    ReceptionDate,
    /// The day of transmission to the SdI.
    TransmissionDate,
    /// The day on which the buyer got it; kept apart from registration.
    DeliveryDate,
    /// The VAT number of the company whose books these are.
    CompanyTaxId,
    /// Its tax code.
    CompanyTaxCode,
    /// The other party's VAT number.
    CounterpartyTaxId,
    /// The other party's tax code.
    CounterpartyTaxCode,
    /// The other party's name.
    CounterpartyName,
    /// The currency of the amounts.
    Currency,
    /// The taxable amount.
    Taxable,
    /// The VAT amount.
    Vat,
    /// The total with VAT.
    Gross,
    /// The VAT rate or nature.
    VatRate,
    /// The portal's "Ammontare delle vendite", checked against the other amounts.
    Sales,
    /// Paid in notes and coins.
    Cash,
    /// Paid by card or other electronic means.
    Electronic,
    /// Paid in meal vouchers.
    Vouchers,
    /// Delivered and not collected.
    Uncollected,
    /// What was given back of an order.
    Refunded,
    /// Another identifier of the same document; several columns may be.
    Reference,
    /// The source's word for the state.
    Status,
    /// When the order was cancelled.
    CancelledAt,
    /// Whether stamp duty is due.
    StampDuty,
    /// First day without takings.
    InactiveFrom,
    /// Last day without takings.
    InactiveTo,
    /// What a payment service took for the row.
    Fee,
    /// What is left of the row's amount after the fee.
    Net,
    /// The day on which a payment service pays the row.
    SettledOn,
    /// The payout or batch with which it is paid.
    Payout,
    /// The terminal, or the shop, where a card was read.
    Terminal,
}

/// Says what a column holds, against or beyond its layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnChoice {
    /// The heading as written, or nearly so.
    pub heading: String,
    /// What it holds; nothing of use when `None`.
    pub field: Option<Field>,
}

impl Field {
    /// Every meaning that a column can have.
    pub const ALL: [Self; 37] = [
        Self::Number,
        Self::SupplierNumber,
        Self::Protocol,
        Self::Series,
        Self::DocumentType,
        Self::IssueDate,
        Self::RegistrationDate,
        Self::ReceptionDate,
        Self::TransmissionDate,
        Self::DeliveryDate,
        Self::CompanyTaxId,
        Self::CompanyTaxCode,
        Self::CounterpartyTaxId,
        Self::CounterpartyTaxCode,
        Self::CounterpartyName,
        Self::Currency,
        Self::Taxable,
        Self::Vat,
        Self::Gross,
        Self::VatRate,
        Self::Sales,
        Self::Cash,
        Self::Electronic,
        Self::Vouchers,
        Self::Uncollected,
        Self::Refunded,
        Self::Reference,
        Self::Status,
        Self::CancelledAt,
        Self::StampDuty,
        Self::InactiveFrom,
        Self::InactiveTo,
        Self::Fee,
        Self::Net,
        Self::SettledOn,
        Self::Payout,
        Self::Terminal,
    ];

    /// Tells whether the column holds days.
    pub(in crate::ledger) fn is_date(self) -> bool {
        matches!(
            self,
            Self::IssueDate
                | Self::RegistrationDate
                | Self::ReceptionDate
                | Self::SettledOn
                | Self::TransmissionDate
                | Self::DeliveryDate
                | Self::CancelledAt
                | Self::InactiveFrom
                | Self::InactiveTo
        )
    }

    /// Tells whether the column holds money.
    pub(in crate::ledger) fn is_amount(self) -> bool {
        matches!(
            self,
            Self::Taxable
                | Self::Vat
                | Self::Gross
                | Self::Sales
                | Self::Cash
                | Self::Electronic
                | Self::Vouchers
                | Self::Uncollected
                | Self::Refunded
                | Self::Fee
                | Self::Net
        )
    }
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_meaning_stands_at_its_own_place() {
        for (place, field) in Field::ALL.into_iter().enumerate() {
            assert_eq!(field as usize, place);
        }
    }
}
