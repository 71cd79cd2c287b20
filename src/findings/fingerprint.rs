//! What makes two findings the same thing, night after night.
//!
//! Identity comes from content, never from a row number or a file name: an export that is
//! uploaded again, sorted otherwise, must find its old cases.

use sha2::{Digest as _, Sha256};

use crate::findings::{Evidence, Finding, Lacking, RecordRef, Side, Slice};
use crate::fiscal::{Tender, VatRate};

/// Identifies a finding within its period; 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Returns the identity of the n-th finding with this content, n from 1.
    ///
    /// Two surplus copies of one row have the same content; `occurrence` keeps them apart.
    #[must_use]
    pub fn of(finding: &Finding, occurrence: u32) -> Self {
        let mut parts = vec![
            finding.kind.as_str().to_owned(),
            finding.company.as_str().to_owned(),
            finding.document_kind.as_str().to_owned(),
            finding.direction.as_str().to_owned(),
        ];
        match &finding.evidence {
            Evidence::Row { side, record, .. } | Evidence::Check { side, record, .. } => {
                parts.extend(identity(*side, record));
            }
            Evidence::Pair { left, .. } => parts.extend(identity(Side::Left, left)),
            Evidence::Takings { day, slice, .. } => {
                parts.push(day.to_string());
                parts.push(slice_text(slice));
            }
            Evidence::Settled { of } => {
                parts.extend([of.day.to_string(), finding.currency.to_string()]);
            }
            Evidence::Payout { of } => {
                parts.extend([of.day.to_string(), of.name.clone(), finding.currency.to_string()]);
            }
            Evidence::Uncovered { days, lacking } => {
                parts.push(days.to_string());
                // That a register is lacking is the same whatever else is there.
                let of_cards = lacking.filter(|lacking| *lacking != Lacking::Register);
                parts.extend(of_cards.map(|lacking| lacking.as_str().to_owned()));
            }
            Evidence::File { file, reason, .. } => parts.extend([file.clone(), reason.clone()]),
            Evidence::Gap { before, after, day, .. } => {
                parts.extend([before.clone(), after.clone(), day.format("%Y").to_string()]);
            }
            Evidence::Decision { fingerprint, why, .. } => {
                parts.extend([fingerprint.clone(), why.as_str().to_owned()]);
            }
        }
        if occurrence > 1 {
            parts.push(occurrence.to_string());
        }
        Self(digest(&parts))
    }

    /// Takes a fingerprint back from the store.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the hexadecimal text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns what identifies a row: the provider's id, or the content of a ledger row.
fn identity(side: Side, record: &RecordRef) -> Vec<String> {
    if side == Side::Left {
        return vec![record.id.clone()];
    }
    let cents = |value: Option<i64>| value.map_or_else(String::new, |cents| cents.to_string());
    vec![
        record.number.clone().unwrap_or_default(),
        record.document_type.as_deref().unwrap_or_default().to_owned(),
        record.issue_date.map_or_else(String::new, |day| day.to_string()),
        record.counterparty_tax_id.as_deref().unwrap_or_default().to_owned(),
        cents(record.taxable_cents),
        cents(record.vat_cents),
        cents(record.gross_cents),
    ]
}

/// Returns a slice's text in fingerprints, which must outlive every renaming in the code.
fn slice_text(slice: &Slice) -> String {
    match slice {
        Slice::Rate(VatRate::Rate(hundredths)) => format!("Rate(Rate({hundredths}))"),
        Slice::Rate(VatRate::Nature(code)) => format!("Rate(Nature(\"{code}\"))"),
        Slice::Tender(Tender::Cash) => "Tender(Cash)".to_owned(),
        Slice::Tender(Tender::Electronic) => "Tender(Electronic)".to_owned(),
        Slice::Tender(Tender::Vouchers) => "Tender(Vouchers)".to_owned(),
        Slice::Tender(Tender::Uncollected) => "Tender(Uncollected)".to_owned(),
    }
}

/// Hashes the parts with their lengths, so that no two lists collide by joining.
fn digest(parts: &[String]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hex::encode(&hasher.finalize()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{Kind, Reason};
    use crate::fiscal::{Currency, Direction, DocumentKind, Period, TaxId};

    fn finding(row: u64, gross_cents: i64) -> Finding {
        let record = RecordRef {
            id: format!("book.csv#{row}"),
            number: Some("12".to_owned()),
            gross_cents: Some(gross_cents),
            row: Some(row),
            ..RecordRef::default()
        };
        Finding {
            kind: Kind::MissingAtProvider,
            company: TaxId::parse("01234567897").unwrap(),
            document_kind: DocumentKind::Invoice,
            direction: Direction::Outgoing,
            period: Period::month(2026, 2).unwrap(),
            evidence: Evidence::Row {
                side: Side::Right,
                record,
                reason: Reason::NoPartner { nearest: None },
            },
            at_risk_cents: gross_cents,
            currency: Currency::EUR,
        }
    }

    #[test]
    fn a_moved_row_keeps_its_fingerprint() {
        assert_eq!(Fingerprint::of(&finding(1, 100), 1), Fingerprint::of(&finding(9, 100), 1));
    }

    #[test]
    fn each_slice_of_a_day_is_its_own() {
        let of = |slice: Slice| {
            let evidence = Evidence::Takings {
                day: "2026-02-10".parse().unwrap(),
                slice,
                receipts: 1,
                left_cents: 100,
                right_cents: 0,
                line: None,
                explanation: None,
            };
            Fingerprint::of(&Finding { evidence, ..finding(1, 100) }, 1)
        };
        let rate = |text: &str| of(Slice::Rate(text.parse().unwrap()));
        assert_eq!(rate("22"), rate("22.00"));
        assert_ne!(rate("22"), rate("10"));
        assert_ne!(of(Slice::Tender(Tender::Cash)), of(Slice::Tender(Tender::Vouchers)));
    }

    #[test]
    fn other_content_or_copy_differs() {
        let first = Fingerprint::of(&finding(1, 100), 1);
        assert_ne!(first, Fingerprint::of(&finding(1, 101), 1));
        assert_ne!(first, Fingerprint::of(&finding(1, 100), 2));
    }
}
