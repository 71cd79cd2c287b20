//! Rows, differences and reasons that fixtures are put together from.

use chrono::NaiveDate;
use quadra::findings::{Difference, Explanation, Field, Nearest, Pass, Reason, RecordRef, Side};
use quadra::fiscal::{Currency, NumberTier, Period, TaxId, cents_to_decimal};
use quadra::reconcile::statement::{Class, ClassedRow};

pub(super) fn november() -> Period {
    Period::month(2026, 11).unwrap()
}

pub(super) fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

pub(super) fn tax_id(text: &str) -> TaxId {
    TaxId::parse(text).unwrap()
}

/// Returns a document of the provider.
pub(super) fn document(number: u32, on: u32, gross_cents: i64) -> RecordRef {
    RecordRef {
        id: format!("67c5e1{number:06}"),
        number: Some(format!("FPR {number}/26")),
        document_type: Some(if gross_cents < 0 { "TD04" } else { "TD01" }.into()),
        issue_date: Some(day(on)),
        counterparty_tax_id: Some("09876543217".into()),
        counterparty_name: Some("Officine Meccaniche Galli S.p.A.".into()),
        taxable_cents: None,
        vat_cents: None,
        gross_cents: Some(gross_cents),
        status: Some("DELIVERED".into()),
        file: None,
        row: None,
        counted_on: None,
    }
}

/// Returns an entry of the books.
pub(super) fn entry(number: u32, on: u32, gross_cents: i64) -> RecordRef {
    RecordRef {
        id: format!("vendite-novembre.xlsx#{number}"),
        number: Some(number.to_string()),
        document_type: None,
        issue_date: Some(day(on)),
        counterparty_tax_id: Some("09876543217".into()),
        counterparty_name: Some("OFFICINE MECCANICHE GALLI SPA".into()),
        taxable_cents: Some(gross_cents - gross_cents * 22 / 122),
        vat_cents: Some(gross_cents * 22 / 122),
        gross_cents: Some(gross_cents),
        status: None,
        file: Some("vendite-novembre.xlsx".into()),
        row: Some(u64::from(number)),
        counted_on: None,
    }
}

pub(super) fn differs(field: Field, left: &str, right: &str) -> Difference {
    Difference {
        field,
        left: Some(left.to_owned()),
        right: Some(right.to_owned()),
        difference_cents: None,
        explanation: None,
    }
}

pub(super) fn amounts(
    field: Field,
    left: i64,
    right: i64,
    explanation: Option<Explanation>,
) -> Difference {
    Difference {
        difference_cents: Some(left - right),
        explanation,
        ..differs(field, &cents_to_decimal(left), &cents_to_decimal(right))
    }
}

pub(super) fn nearest(record: RecordRef, failed: Difference) -> Reason {
    Reason::NoPartner { nearest: Some(Box::new(Nearest { record, failed })) }
}

pub(super) fn paired(differences: Vec<Difference>) -> Reason {
    Reason::Paired {
        pass: Pass::NumberNormalised,
        tier: Some(NumberTier::Normalised),
        differences,
        aids: vec![],
    }
}

pub(super) fn row(side: Side, class: Class, record: RecordRef, reason: Reason) -> ClassedRow {
    ClassedRow {
        side,
        amount_cents: record.gross_cents,
        record: record.into(),
        currency: Currency::EUR,
        class,
        reason: reason.into(),
        partner: None,
    }
}

/// Returns both rows of a pair, each naming the other.
pub(super) fn pair(
    class: Class,
    left: RecordRef,
    right: RecordRef,
    reason: &Reason,
) -> [ClassedRow; 2] {
    let mut rows = [
        row(Side::Left, class, left, reason.clone()),
        row(Side::Right, class, right, reason.clone()),
    ];
    let [left, right] = rows.each_ref().map(|row| row.record.clone());
    rows[0].partner = Some(right);
    rows[1].partner = Some(left);
    rows
}
