//! What a payment service took for a row: fee, net, payout, terminal.
//!
//! Services write the same thing in several ways: a fee with or without its minus, a refund
//! with or without. The net tells which is meant: gross less fee. A payout to the bank and a
//! fee by itself are movements of the account and no sales: their amount is a net.

use crate::fiscal::{EntryKind, LedgerEntry, Settlement};
use crate::ledger::convert::Reading;
use crate::ledger::convert::row::Reject;
use crate::ledger::layout::Field;
use crate::ledger::table::Row;

/// What a layout calls money that goes to the bank.
pub(super) const PAYOUT: &str = "payout";
/// What a layout calls a fee that stands in a row of its own.
pub(super) const FEE: &str = "fee";

impl Reading<'_> {
    /// Reads what a payment service's row says beside its amount; nothing elsewhere.
    pub(super) fn settlement(&mut self, row: &Row) -> Result<Option<Box<Settlement>>, Reject> {
        if self.layout.kind != EntryKind::Settlement {
            return Ok(None);
        }
        Ok(Some(Box::new(Settlement {
            fee_cents: self.amount(row, Field::Fee)?,
            net_cents: self.amount(row, Field::Net)?,
            settled_on: self.date(row, Field::SettledOn)?,
            payout: self.text(row, Field::Payout),
            terminal: self.text(row, Field::Terminal),
        })))
    }
}

/// Gives fee and net the sign of the row, whose amount is `written` in the file.
pub(super) fn sign(entry: &mut LedgerEntry, written: Option<i64>) {
    let Some(settlement) = entry.settlement.as_deref_mut() else {
        return;
    };
    let kind = entry.document_type.as_ref().map_or("", |kind| kind.as_str());
    if kind == PAYOUT || kind == FEE {
        // What is paid out and what is taken are both told as positive amounts.
        let net = settlement.net_cents.filter(|cents| *cents != 0).or(written);
        let moved = net.map(i64::saturating_abs);
        entry.gross_cents = None;
        (settlement.fee_cents, settlement.net_cents) = match kind {
            PAYOUT => (None, moved),
            _ => (moved, moved.map(i64::saturating_neg)),
        };
        return;
    }
    let is_turned = written.is_some() && written != entry.gross_cents;
    if is_turned {
        settlement.net_cents = settlement.net_cents.map(|net| turned(net, entry.gross_cents));
    }
    if let (Some(gross), Some(net), Some(fee)) =
        (entry.gross_cents, settlement.net_cents, settlement.fee_cents)
    {
        let taken = gross.saturating_sub(net);
        if taken.saturating_abs() == fee.saturating_abs() {
            settlement.fee_cents = Some(taken);
        }
    }
}

/// Gives a net the sign of its gross, unless it has that already.
fn turned(net: i64, gross: Option<i64>) -> i64 {
    if gross.is_some_and(|gross| (gross < 0) != (net < 0)) { net.saturating_neg() } else { net }
}
