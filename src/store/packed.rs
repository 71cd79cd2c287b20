//! A row of the books as one text: a JSON array, in the order of the view `ledger_entries`.
//!
//! The driver copies every value twice on its way in and out, so a register of a million
//! rows spent more time on twenty-six small values a row than on being read. Values that few
//! rows have stand last, and what is empty at the end is left out.

use std::borrow::Cow;

use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::fiscal::{Direction, DocumentType, LedgerEntry, Settlement, TaxId};
use crate::store::Error;
use crate::store::rows::{array, parsed, parsed_if_given, tenders};

/// Bits of a row's handle that say which row of its file it is.
pub(super) const ROW_BITS: u32 = 32;

/// Writes an entry's values as they are stored; file and row stand in the row's handle.
pub(super) fn pack(entry: &LedgerEntry) -> String {
    let tenders = entry.tenders.as_ref();
    let mut packed = Packer { text: Vec::with_capacity(192), end: 0 };
    packed.put(Some(entry.kind.as_str()));
    packed.put(entry.company.as_ref().map(TaxId::as_str));
    packed.put(entry.direction.map(Direction::as_str));
    packed.put(entry.document_type.as_ref().map(DocumentType::as_str));
    packed.put(entry.number.as_deref());
    packed.put(entry.issue_date.map(iso).as_deref());
    packed.put(entry.counterparty_tax_id.as_ref().map(TaxId::as_str));
    packed.put(entry.counterparty_name.as_deref());
    packed.put(Some(entry.currency.as_str()));
    packed.put(entry.taxable_cents);
    packed.put(entry.vat_cents);
    packed.put(entry.gross_cents);
    packed.put(entry.registration_date.map(iso).as_deref());
    packed.put(entry.counterparty_tax_code.as_ref().map(TaxId::as_str));
    packed.put(entry.transmission_date.map(iso).as_deref());
    packed.put(entry.vat_rate.as_ref().map(ToString::to_string));
    packed.put(tenders.map(|tenders| tenders.cash_cents));
    packed.put(tenders.map(|tenders| tenders.electronic_cents));
    packed.put(tenders.map(|tenders| tenders.vouchers_cents));
    packed.put(tenders.map(|tenders| tenders.uncollected_cents));
    packed.put(entry.has_stamp_duty.then_some(1));
    packed.put(entry.status.as_deref());
    packed.put(Some(&entry.references).filter(|references| !references.is_empty()));
    // What the view does not show stands behind it.
    packed.put(entry.reception_date.map(iso).as_deref());
    packed.put(entry.settlement.as_deref().map(PackedSettlement::of));
    packed.finish()
}

/// Reads an entry back from its handle and its text.
pub(super) fn unpack(id: i64, content: &str) -> Result<LedgerEntry, Error> {
    let place = id & ((1 << ROW_BITS) - 1);
    let name = || format!("row {place} of file {}", id >> ROW_BITS);
    let row: Packed<'_> = array(content, name, "the values of a ledger row")?;
    let id_of = |id: Option<String>| id.as_deref().and_then(TaxId::parse);
    Ok(LedgerEntry {
        kind: parsed(row.kind, "a kind of entry")?,
        row: place.cast_unsigned(),
        company: id_of(row.company),
        direction: parsed_if_given(row.direction, "a direction")?,
        document_type: parsed_if_given(row.document_type.as_deref(), "a document type")?,
        number: row.number,
        issue_date: parsed_if_given(row.issue_date, "a day")?,
        registration_date: parsed_if_given(row.registration_date, "a day")?,
        transmission_date: parsed_if_given(row.transmission_date, "a day")?,
        counterparty_tax_id: id_of(row.counterparty_tax_id),
        counterparty_tax_code: id_of(row.counterparty_tax_code),
        counterparty_name: row.counterparty_name,
        currency: parsed(row.currency, "a currency")?,
        taxable_cents: row.taxable_cents,
        vat_cents: row.vat_cents,
        gross_cents: row.gross_cents,
        vat_rate: parsed_if_given(row.vat_rate.as_deref(), "a VAT rate")?,
        tenders: tenders([
            row.cash_cents,
            row.electronic_cents,
            row.vouchers_cents,
            row.uncollected_cents,
        ])?,
        has_stamp_duty: row.has_stamp_duty == Some(1),
        status: row.status,
        references: row.source_references.unwrap_or_default(),
        reception_date: parsed_if_given(row.reception_date, "a day")?,
        settlement: row.settlement.map(PackedSettlement::read).transpose()?,
    })
}

/// The values of a settlement: fee, net, day, payout, terminal.
#[derive(Serialize, Deserialize)]
struct PackedSettlement<'r>(
    Option<i64>,
    Option<i64>,
    Option<Cow<'r, str>>,
    Option<Cow<'r, str>>,
    Option<Cow<'r, str>>,
);

impl<'r> PackedSettlement<'r> {
    fn of(settlement: &'r Settlement) -> Self {
        let text = |text: &'r Option<String>| text.as_deref().map(Cow::Borrowed);
        Self(
            settlement.fee_cents,
            settlement.net_cents,
            settlement.settled_on.map(iso).map(Cow::Owned),
            text(&settlement.payout),
            text(&settlement.terminal),
        )
    }

    fn read(self) -> Result<Box<Settlement>, Error> {
        let Self(fee_cents, net_cents, settled_on, payout, terminal) = self;
        Ok(Box::new(Settlement {
            fee_cents,
            net_cents,
            settled_on: parsed_if_given(settled_on.as_deref(), "a day")?,
            payout: payout.map(Cow::into_owned),
            terminal: terminal.map(Cow::into_owned),
        }))
    }
}

/// Writes values one after the other and remembers where the last one ends.
struct Packer {
    text: Vec<u8>,
    end: usize,
}

impl Packer {
    fn put(&mut self, value: Option<impl Serialize>) {
        self.text.push(if self.text.is_empty() { b'[' } else { b',' });
        match value {
            None => self.text.extend_from_slice(b"null"),
            Some(value) => {
                serde_json::to_writer(&mut self.text, &value)
                    .expect("texts, numbers and lists of texts are JSON, and memory takes them");
                self.end = self.text.len();
            }
        }
    }

    fn finish(mut self) -> String {
        self.text.truncate(self.end);
        self.text.push(b']');
        String::from_utf8(self.text).expect("JSON of texts is text")
    }
}

/// The values by name; an array is read in this order, and what is left out is absent.
#[derive(Deserialize)]
struct Packed<'r> {
    kind: &'r str,
    company: Option<String>,
    direction: Option<&'r str>,
    document_type: Option<String>,
    number: Option<String>,
    issue_date: Option<&'r str>,
    counterparty_tax_id: Option<String>,
    counterparty_name: Option<String>,
    currency: &'r str,
    #[serde(default)]
    taxable_cents: Option<i64>,
    #[serde(default)]
    vat_cents: Option<i64>,
    #[serde(default)]
    gross_cents: Option<i64>,
    #[serde(default)]
    registration_date: Option<&'r str>,
    #[serde(default)]
    counterparty_tax_code: Option<String>,
    #[serde(default)]
    transmission_date: Option<&'r str>,
    #[serde(default)]
    vat_rate: Option<String>,
    #[serde(default)]
    cash_cents: Option<i64>,
    #[serde(default)]
    electronic_cents: Option<i64>,
    #[serde(default)]
    vouchers_cents: Option<i64>,
    #[serde(default)]
    uncollected_cents: Option<i64>,
    #[serde(default)]
    has_stamp_duty: Option<u8>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    source_references: Option<Vec<String>>,
    #[serde(default)]
    reception_date: Option<&'r str>,
    #[serde(default)]
    settlement: Option<PackedSettlement<'r>>,
}

/// Writes a day as the store keeps it; the general formatter takes ten times as long.
fn iso(day: NaiveDate) -> String {
    let Ok(year @ 0..=9999) = u32::try_from(day.year()) else {
        return day.to_string();
    };
    let mut text = *b"0000-00-00";
    for (place, digits) in [(0, year / 100), (2, year % 100), (5, day.month()), (8, day.day())] {
        // Each is below a hundred.
        text[place] += u8::try_from(digits / 10).unwrap_or(0);
        text[place + 1] += u8::try_from(digits % 10).unwrap_or(0);
    }
    String::from_utf8(text.to_vec()).expect("digits and dashes are text")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fiscal::{Currency, EntryKind, Tenders};
    use proptest::prelude::*;

    fn text() -> impl Strategy<Value = Option<String>> {
        proptest::option::of("[ -~àèé\"\\\\]{1,12}")
    }

    fn day() -> impl Strategy<Value = Option<NaiveDate>> {
        proptest::option::of(
            (-9_000..3_000_000_i32)
                .prop_map(|days| NaiveDate::from_num_days_from_ce_opt(days).unwrap()),
        )
    }

    fn cents() -> impl Strategy<Value = Option<i64>> {
        proptest::option::of(any::<i64>())
    }

    prop_compose! {
        fn entry()(
            row in 1_u64..1 << 32,
            texts in [text(), text(), text(), text(), text(), text()],
            days in [day(), day(), day(), day(), day()],
            amounts in [cents(), cents(), cents(), cents(), cents()],
            is_settled in any::<bool>(),
            words in (any::<bool>(), any::<bool>(), proptest::option::of("TD0[1-9]")),
            rate in proptest::option::of(0_u16..100),
            references in proptest::collection::vec("[a-z#\"]{0,5}", 0..3),
        ) -> LedgerEntry {
            let [company, tax_id, tax_code, number, name, status] = texts;
            let settlement = is_settled.then(|| Box::new(Settlement {
                fee_cents: amounts[4],
                net_cents: amounts[0],
                settled_on: days[4],
                payout: name.clone(),
                terminal: number.clone(),
            }));
            let id = |text: Option<String>| text.as_deref().and_then(TaxId::parse);
            LedgerEntry {
                kind: EntryKind::ALL[usize::from(words.0)],
                row,
                company: id(company),
                direction: words.1.then_some(Direction::Incoming),
                document_type: words.2.map(|code| code.parse().unwrap()),
                number,
                issue_date: days[0],
                registration_date: days[1],
                reception_date: days[3],
                transmission_date: days[2],
                counterparty_tax_id: id(tax_id),
                counterparty_tax_code: id(tax_code),
                counterparty_name: name,
                currency: Currency::EUR,
                taxable_cents: amounts[0],
                vat_cents: amounts[1],
                gross_cents: amounts[2],
                vat_rate: rate.map(|rate| rate.to_string().parse().unwrap()),
                tenders: amounts[3].map(|cash_cents| Tenders { cash_cents, ..Tenders::default() }),
                has_stamp_duty: words.0,
                status,
                references,
                settlement,
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back_alike(entry in entry(), file in 1_i64..1 << 30) {
            let id = (file << ROW_BITS) + i64::try_from(entry.row).unwrap();
            prop_assert_eq!(unpack(id, &pack(&entry)).unwrap(), entry);
        }
    }

    #[test]
    fn empty_values_at_the_end_are_left_out() {
        let plain = r#"["takings","01234567897",null,null,null,null,null,null,"EUR",null,null,5]"#;
        let entry = unpack((1 << ROW_BITS) + 7, plain).unwrap();
        assert_eq!((entry.row, entry.gross_cents), (7, Some(5)));
        assert_eq!(pack(&entry), plain);
    }

    #[test]
    fn damaged_row_is_named_and_not_quoted() {
        let cut = unpack((3 << ROW_BITS) + 7, r#"["takings","Mario Rossi"]"#).unwrap_err();
        let expected =
            "the store holds `row 7 of file 3` where the values of a ledger row is expected";
        assert_eq!(cut.to_string(), expected);
        let half = r#"["takings",null,null,null,null,null,null,null,"EUR",null,null,5,null,null,null,null,5]"#;
        assert!(
            unpack(1, half)
                .unwrap_err()
                .to_string()
                .ends_with("where all four tenders is expected")
        );
    }

    #[test]
    fn days_are_written_as_everywhere() {
        for day in ["2026-02-03", "1990-12-31", "0001-01-01", "9999-10-20"] {
            assert_eq!(iso(day.parse().unwrap()), day);
        }
    }
}
