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
        document_type: Some(if gross_cents < 0 { "TD04" } else { "TD01" }.to_owned()),
        issue_date: Some(day(on)),
        counterparty_tax_id: Some("09876543217".to_owned()),
        counterparty_name: Some("Officine Meccaniche Galli S.p.A.".to_owned()),
        taxable_cents: None,
        vat_cents: None,
        gross_cents: Some(gross_cents),
        status: Some("DELIVERED".to_owned()),
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
        counterparty_tax_id: Some("09876543217".to_owned()),
        counterparty_name: Some("OFFICINE MECCANICHE GALLI SPA".to_owned()),
        taxable_cents: Some(gross_cents - gross_cents * 22 / 122),
        vat_cents: Some(gross_cents * 22 / 122),
        gross_cents: Some(gross_cents),
        status: None,
        file: Some("vendite-novembre.xlsx".to_owned()),
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
        record,
        currency: Currency::EUR,
        class,
        reason,
        partner_id: None,
    }
}

/// Returns both rows of a pair, each naming the other.
pub(super) fn pair(
    class: Class,
    left: RecordRef,
    right: RecordRef,
    reason: &Reason,
) -> [ClassedRow; 2] {
    let ids = (left.id.clone(), right.id.clone());
    let mut rows = [
        row(Side::Left, class, left, reason.clone()),
        row(Side::Right, class, right, reason.clone()),
    ];
    rows[0].partner_id = Some(ids.1);
    rows[1].partner_id = Some(ids.0);
    rows
}
