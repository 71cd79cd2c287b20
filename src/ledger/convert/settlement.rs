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

#[cfg(test)]
mod tests {
    use crate::fiscal::{LedgerEntry, Settlement};
    use crate::ledger::{Upload, read};

    const POS: &str = "Data operazione;Tipo operazione;Importo;Commissione;Importo netto;ID transazione;Terminale;Data accredito;ID accredito\n";

    fn entries(text: &str) -> Vec<LedgerEntry> {
        let file = read(&Upload::new("x.csv", text.as_bytes())).unwrap();
        assert_eq!(file.rejected, []);
        file.entries
    }

    fn money(entry: &LedgerEntry) -> [Option<i64>; 3] {
        let settlement = entry.settlement.as_deref().unwrap();
        [entry.gross_cents, settlement.fee_cents, settlement.net_cents]
    }

    #[test]
    fn fee_and_net_take_the_sign_of_the_row() {
        let rows = "03/02/2026;Acquisto;122,00;1,22;120,78;1;0001;05/02/2026;A7\n\
                    13/02/2026;Storno;22,00;0,22;21,78;2;0001;16/02/2026;A8\n\
                    13/02/2026;Storno;-22,00;0,00;-22,00;3;0001;16/02/2026;A8\n\
                    14/02/2026;Acquisto;10,00;-0,10;9,90;4;0001;;\n\
                    14/02/2026;Acquisto;10,00;;;5;;;\n";
        let entries = entries(&format!("{POS}{rows}"));
        let all: Vec<_> = entries.iter().map(money).collect();
        let some = |cents: [i64; 3]| cents.map(Some);
        let expected = [
            some([12_200, 122, 12_078]),
            some([-2_200, -22, -2_178]),
            some([-2_200, 0, -2_200]),
            some([1_000, 10, 990]),
            [Some(1_000), None, None],
        ];
        assert_eq!(all, expected);
        let first = Settlement {
            fee_cents: Some(122),
            net_cents: Some(12_078),
            settled_on: "2026-02-05".parse().ok(),
            payout: Some("A7".to_owned()),
            terminal: Some("0001".to_owned()),
        };
        assert_eq!(entries[0].settlement.as_deref(), Some(&first));
    }

    #[test]
    fn payout_and_fee_are_no_sales() {
        let text = "id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Transfer\n\
                    txn_1,payout,po_1,-97.92,0.00,-97.92,eur,2026-02-14 00:00,\n\
                    txn_2,stripe_fee,,-2.00,0.00,-2.00,eur,2026-02-14 00:00,po_1\n";
        let entries = entries(text);
        assert_eq!(money(&entries[0]), [None, None, Some(9_792)]);
        assert_eq!(money(&entries[1]), [None, Some(200), Some(-200)]);
        assert_eq!(entries[1].settlement.as_deref().unwrap().payout.as_deref(), Some("po_1"));
    }
}
