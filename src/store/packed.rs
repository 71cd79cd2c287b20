//! Rows of the books as one text: JSON arrays, in the order of the view `ledger_entries`.
//!
//! The driver copies every value twice on its way in and out and hands each row to another
//! thread, so a register of a million rows spent more time on being stored than on being read.
//! Values that few rows have stand last, and what is empty at the end is left out.

use std::borrow::Cow;

use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::fiscal::{Direction, DocumentType, LedgerEntry, Settlement, TaxId};
use crate::store::Error;
use crate::store::rows::{Words, day_if_given, each, parsed, parsed_if_given, tenders};

/// Bits of a row's handle that say which row of its file it is.
pub(super) const ROW_BITS: u32 = 32;

/// How many rows are one text: few enough that those read ahead need no memory.
pub(super) const ROWS_IN_PART: usize = 128;

/// Writes rows as they are stored; their file stands in the part's handle.
pub(super) fn pack(entries: &[LedgerEntry]) -> String {
    let mut packer = Packer { text: Vec::with_capacity(entries.len() * 192 + 2), end: 0 };
    for entry in entries {
        packer.put_row(entry);
    }
    packer.finish()
}

/// Reads the rows of a part back, in order, and hands on each.
pub(super) fn unpack(
    part_id: i64,
    content: &str,
    mut take: impl FnMut(LedgerEntry),
) -> Result<(), Error> {
    let name = || {
        let first = part_id & ((1 << ROW_BITS) - 1);
        format!("the rows from {first} on of file {}", part_id >> ROW_BITS)
    };
    each(content, name, "the values of ledger rows", |row: Packed<'_>| {
        take(row.entry()?);
        Ok(())
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
            settled_on: day_if_given(settled_on.as_deref())?,
            payout: payout.map(Cow::into_owned),
            terminal: terminal.map(Cow::into_owned),
        }))
    }
}

/// Writes rows of values one after the other and remembers where a row's last value ends.
struct Packer {
    text: Vec<u8>,
    end: usize,
}

impl Packer {
    fn put_row(&mut self, entry: &LedgerEntry) {
        let tenders = entry.tenders.as_ref();
        self.text.extend_from_slice(if self.text.is_empty() { b"[[" } else { b",[" });
        self.write(&entry.row);
        self.put(Some(entry.kind.as_str()));
        self.put(entry.company.as_ref().map(TaxId::as_str));
        self.put(entry.direction.map(Direction::as_str));
        self.put(entry.document_type.as_ref().map(DocumentType::as_str));
        self.put(entry.number.as_deref());
        self.put(entry.issue_date.map(iso).as_deref());
        self.put(entry.counterparty_tax_id.as_ref().map(TaxId::as_str));
        self.put(entry.counterparty_name.as_deref());
        self.put(Some(entry.currency.as_str()));
        self.put(entry.taxable_cents);
        self.put(entry.vat_cents);
        self.put(entry.gross_cents);
        self.put(entry.registration_date.map(iso).as_deref());
        self.put(entry.counterparty_tax_code.as_ref().map(TaxId::as_str));
        self.put(entry.transmission_date.map(iso).as_deref());
        self.put(entry.vat_rate.as_ref().map(ToString::to_string));
        self.put(tenders.map(|tenders| tenders.cash_cents));
        self.put(tenders.map(|tenders| tenders.electronic_cents));
        self.put(tenders.map(|tenders| tenders.vouchers_cents));
        self.put(tenders.map(|tenders| tenders.uncollected_cents));
        self.put(entry.has_stamp_duty.then_some(1));
        self.put(entry.status.as_deref());
        self.put(Some(&entry.references).filter(|references| !references.is_empty()));
        self.put(entry.reception_date.map(iso).as_deref());
        // What the view does not show stands behind it.
        self.put(entry.settlement.as_deref().map(PackedSettlement::of));
        self.text.truncate(self.end);
        self.text.push(b']');
    }

    fn put(&mut self, value: Option<impl Serialize>) {
        self.text.push(b',');
        match value {
            None => self.text.extend_from_slice(b"null"),
            Some(value) => self.write(&value),
        }
    }

    fn write(&mut self, value: &impl Serialize) {
        serde_json::to_writer(&mut self.text, value)
            .expect("texts, numbers and lists of texts are JSON, and memory takes them");
        self.end = self.text.len();
    }

    fn finish(mut self) -> String {
        self.text.extend_from_slice(if self.text.is_empty() { b"[]" } else { b"]" });
        String::from_utf8(self.text).expect("JSON of texts is text")
    }
}

/// The values by name; an array is read in this order, and what is left out is absent.
#[derive(Deserialize)]
struct Packed<'r> {
    row: u64,
    kind: &'r str,
    #[serde(borrow)]
    company: Option<Words<'r>>,
    direction: Option<&'r str>,
    document_type: Option<Words<'r>>,
    number: Option<String>,
    issue_date: Option<&'r str>,
    counterparty_tax_id: Option<Words<'r>>,
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
    counterparty_tax_code: Option<Words<'r>>,
    #[serde(default)]
    transmission_date: Option<&'r str>,
    #[serde(default)]
    vat_rate: Option<Words<'r>>,
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

impl Packed<'_> {
    fn entry(self) -> Result<LedgerEntry, Error> {
        let id_of = |id: Option<Words<'_>>| id.as_deref().and_then(TaxId::parse);
        Ok(LedgerEntry {
            kind: parsed(self.kind, "a kind of entry")?,
            row: self.row,
            company: id_of(self.company),
            direction: parsed_if_given(self.direction, "a direction")?,
            document_type: parsed_if_given(self.document_type.as_deref(), "a document type")?,
            number: self.number,
            issue_date: day_if_given(self.issue_date)?,
            registration_date: day_if_given(self.registration_date)?,
            transmission_date: day_if_given(self.transmission_date)?,
            counterparty_tax_id: id_of(self.counterparty_tax_id),
            counterparty_tax_code: id_of(self.counterparty_tax_code),
            counterparty_name: self.counterparty_name,
            currency: parsed(self.currency, "a currency")?,
            taxable_cents: self.taxable_cents,
            vat_cents: self.vat_cents,
            gross_cents: self.gross_cents,
            vat_rate: parsed_if_given(self.vat_rate.as_deref(), "a VAT rate")?,
            tenders: tenders([
                self.cash_cents,
                self.electronic_cents,
                self.vouchers_cents,
                self.uncollected_cents,
            ])?,
            has_stamp_duty: self.has_stamp_duty == Some(1),
            status: self.status,
            references: self.source_references.unwrap_or_default(),
            reception_date: day_if_given(self.reception_date)?,
            settlement: self.settlement.map(PackedSettlement::read).transpose()?,
        })
    }
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

    fn unpacked(part_id: i64, content: &str) -> Result<Vec<LedgerEntry>, Error> {
        let mut entries = Vec::new();
        unpack(part_id, content, |entry| entries.push(entry))?;
        Ok(entries)
    }

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
        fn what_is_packed_comes_back_alike(entries in proptest::collection::vec(entry(), 0..4)) {
            prop_assert_eq!(unpacked(1 << ROW_BITS, &pack(&entries)).unwrap(), entries);
        }
    }

    #[test]
    fn empty_values_at_the_end_are_left_out() {
        let plain =
            r#"[[7,"takings","01234567897",null,null,null,null,null,null,"EUR",null,null,5]]"#;
        let entries = unpacked((1 << ROW_BITS) + 7, plain).unwrap();
        assert_eq!((entries[0].row, entries[0].gross_cents), (7, Some(5)));
        assert_eq!(pack(&entries), plain);
    }

    #[test]
    fn damaged_rows_are_named_and_not_quoted() {
        let cut = unpacked((3 << ROW_BITS) + 7, r#"[[7,"takings","Mario Rossi"]]"#).unwrap_err();
        let expected = "the store holds `the rows from 7 on of file 3` where the values of \
            ledger rows is expected";
        assert_eq!(cut.to_string(), expected);
        let half = r#"[[1,"takings",null,null,null,null,null,null,null,"EUR",null,null,5,null,null,null,null,5]]"#;
        assert!(
            unpacked(1, half)
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
