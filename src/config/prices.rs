//! Says what the provider charges, as the account's plan has it.

use super::read::Reader;
use super::value::Value;
use crate::fiscal::Price;

/// Holds the provider's prices, for previews and limits only.
///
/// The vendor's pages disagree by plan and by page, so these are settings: the defaults are
/// what its pages name most often for small plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prices {
    /// One receipt; a return and a void are receipts too. Default 0.019.
    pub receipt: Price,
    /// One invoice sent. Default 0.05.
    pub invoice: Price,
    /// One invoice imported. Default 0.05.
    pub import: Price,
    /// One company past the ten a day that are free. Default 1.00.
    pub configuration: Price,
}

pub(super) fn build(reader: &mut Reader) -> Option<Prices> {
    let receipt = reader.required("prices.receipt", Value::price);
    let invoice = reader.required("prices.invoice", Value::price);
    let import = reader.required("prices.import", Value::price);
    let configuration = reader.required("prices.configuration", Value::price);
    Some(Prices {
        receipt: receipt?,
        invoice: invoice?,
        import: import?,
        configuration: configuration?,
    })
}
