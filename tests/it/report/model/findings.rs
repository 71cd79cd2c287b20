//! One finding of each kind.

use quadra::findings::{
    DaySettled, Difference, Evidence, Explanation, Field, Finding, FindingState, Fingerprint, Kind,
    Pass, PayoutSettled, Reason, Severity, Side, Slice, Staleness, Standing,
};
use quadra::fiscal::{Currency, Direction, DocumentKind, Period, Tender, VatRate};

use super::parts::{amounts, day, differs, document, entry, nearest, november, tax_id};
use super::{COMPANIES, FORMULA, HOSTILE};

/// Returns a finding of a kind, with evidence that fits it.
pub(super) fn standing(kind: Kind, index: usize) -> Standing {
    let age_days = [0, 1, 5, 20, 45][index % 5];
    let at_risk_cents = match kind.severity() {
        Severity::Info => 0,
        _ => 1_000 + 777 * i64::try_from(index).unwrap(),
    };
    let is_receipt = matches!(
        kind,
        Kind::TakingsDiffer
            | Kind::ReceiptFailed
            | Kind::ReceiptStuck
            | Kind::VoidedButBooked
            | Kind::ReturnedButBooked
            | Kind::SettlementDiffers
            | Kind::SettlementMissing
            | Kind::SettledWithoutTakings
            | Kind::PayoutDiffers
    );
    let finding = Finding {
        kind,
        company: tax_id(COMPANIES[if is_receipt { 2 } else { index % 2 }].0),
        document_kind: if is_receipt { DocumentKind::Receipt } else { DocumentKind::Invoice },
        direction: if index % 3 == 1 && !is_receipt {
            Direction::Incoming
        } else {
            Direction::Outgoing
        },
        period: november(),
        evidence: evidence(kind, 200 + u32::try_from(index).unwrap()),
        at_risk_cents,
        currency: Currency::EUR,
    };
    Standing {
        fingerprint: Fingerprint::of(&finding, 1),
        finding,
        state: if kind == Kind::NumberDiffers {
            FindingState::Accepted
        } else {
            FindingState::Open
        },
        first_seen_on: day(20) - chrono::Days::new(age_days),
        age_days: i64::try_from(age_days).unwrap(),
        is_new: age_days == 0,
    }
}

/// Returns a day's receipts and transactions, each a count and cents.
fn settled(
    (receipts, taken_cents): (u64, i64),
    (transactions, settled_cents): (u64, i64),
) -> DaySettled {
    let is_settled = transactions > 0;
    DaySettled {
        day: day(9),
        is_of_books: false,
        receipts,
        taken_cents,
        transactions,
        settled_cents,
        fee_cents: is_settled.then_some(settled_cents / 100),
        net_cents: is_settled.then_some(settled_cents - settled_cents / 100),
        terminals: std::collections::BTreeMap::new(),
        other_day: None,
        alike: None,
    }
}

fn evidence(kind: Kind, number: u32) -> Evidence {
    let alone = || Reason::NoPartner { nearest: None };
    let left = |status: &str| {
        let mut record = document(number, 10, 42_804);
        record.status = Some(status.into());
        Evidence::Row { side: Side::Left, record, reason: alone() }
    };
    let two = |difference| Evidence::Pair {
        left: document(number, 11, 42_804),
        right: entry(number, 11, 42_804),
        pass: Pass::NumberExact,
        difference,
    };
    match kind {
        Kind::MissingInLedger => {
            let mut record = document(number, 4, 42_804);
            record.counterparty_name = Some(HOSTILE.into());
            record.number = Some(FORMULA.to_owned());
            let failed = amounts(Field::Gross, 42_804, 42_840, Some(Explanation::DigitsTransposed));
            Evidence::Row { side: Side::Left, record, reason: nearest(entry(5, 5, 42_840), failed) }
        }
        Kind::MissingAtProvider => {
            Evidence::Row { side: Side::Right, record: entry(number, 7, 25_000), reason: alone() }
        }
        Kind::AmountDiffers => {
            two(amounts(Field::Gross, 42_804, 42_604, Some(Explanation::StampDuty)))
        }
        Kind::TaxableDiffers => two(amounts(Field::Taxable, 35_085, 35_075, None)),
        Kind::VatDiffers => two(amounts(Field::Vat, 7_719, 7_718, Some(Explanation::Rounding))),
        Kind::DateDiffers => two(Difference {
            explanation: Some(Explanation::DayMonthSwapped),
            ..differs(Field::IssueDate, "2026-11-03", "2026-03-11")
        }),
        Kind::CounterpartyDiffers => {
            two(differs(Field::Counterparty, "09876543217", "01234567897"))
        }
        Kind::NumberDiffers => two(differs(Field::Number, "FPR 12/26", "FPR 21/26")),
        Kind::SignDiffers => two(amounts(Field::Sign, -42_804, 42_804, None)),
        Kind::DuplicateInLedger => Evidence::Row {
            side: Side::Right,
            record: entry(number, 8, 18_300),
            reason: Reason::Duplicate { of: Box::new(entry(8, 8, 18_300)) },
        },
        Kind::DuplicateAtProvider => Evidence::Row {
            side: Side::Left,
            record: document(number, 8, 18_300),
            reason: Reason::Duplicate { of: Box::new(document(8, 8, 18_300)) },
        },
        Kind::VanishedAtProvider => {
            Evidence::Row { side: Side::Left, record: document(number, 8, 18_300), reason: alone() }
        }
        Kind::Ambiguous => Evidence::Row {
            side: Side::Left,
            record: document(number, 9, 5_000),
            reason: Reason::Ambiguous { alternatives: 2, among: Vec::new() },
        },
        Kind::TakingsDiffer => Evidence::Takings {
            day: day(6),
            slice: if number.is_multiple_of(2) {
                Slice::Rate(VatRate::Rate(1_000))
            } else {
                Slice::Tender(Tender::Cash)
            },
            receipts: 42,
            left_cents: 75_070,
            right_cents: 73_570,
            line: Some(entry(6, 6, 73_570)),
            explanation: Some(Explanation::VoidNotBooked),
        },
        Kind::DiscardedBySdiButBooked => left("ERROR"),
        Kind::RefusedByBuyerButBooked => left("REJECTED"),
        Kind::NotDelivered => left("NOT_DELIVERED"),
        Kind::ReceiptFailed => left("failed"),
        Kind::ReceiptStuck => left("new"),
        Kind::VoidedButBooked | Kind::ReturnedButBooked => {
            two(differs(Field::Status, "voided", "booked"))
        }
        Kind::LedgerMissing => Evidence::Uncovered { days: november(), lacking: None },
        Kind::CoverageMissing => {
            Evidence::Uncovered { days: Period::new(day(21), day(30)).unwrap(), lacking: None }
        }
        Kind::NumberGap => Evidence::Gap {
            before: "FPR 11/26".to_owned(),
            after: "FPR 14/26".to_owned(),
            day: day(12),
            missing: 2,
        },
        Kind::NumberRepeated => Evidence::Row {
            side: Side::Left,
            record: document(number, 8, 18_300),
            reason: Reason::Duplicate { of: Box::new(document(8, 3, 9_150)) },
        },
        Kind::TransmittedLate | Kind::RegisteredLate => Evidence::Check {
            side: Side::Right,
            record: entry(number, 3, 18_300),
            difference: differs(
                if kind == Kind::RegisteredLate {
                    Field::RegistrationDate
                } else {
                    Field::TransmissionDate
                },
                "2026-11-15",
                "2026-11-18",
            ),
        },
        Kind::TotalDoesNotAddUp => Evidence::Check {
            side: Side::Right,
            record: entry(number, 3, 18_300),
            difference: amounts(Field::Gross, 18_300, 15_300, Some(Explanation::Withholding)),
        },
        Kind::SettlementDiffers => Evidence::Settled {
            of: DaySettled {
                terminals: [("00012345".to_owned(), 40_000), ("00067890".to_owned(), 32_570)]
                    .into(),
                alike: Some(document(number, 9, 2_500)),
                ..settled((42, 75_070), (41, 72_570))
            },
        },
        Kind::SettlementMissing => Evidence::Settled { of: settled((42, 75_070), (0, 0)) },
        Kind::SettledWithoutTakings => Evidence::Settled { of: settled((0, 0), (3, 9_900)) },
        Kind::PayoutDiffers => Evidence::Payout {
            of: PayoutSettled {
                name: "po_1".to_owned(),
                day: day(11),
                transactions: 41,
                sales_cents: 75_070,
                refunds_cents: -2_500,
                fee_cents: 1_088,
                net_cents: 71_482,
                paid_cents: 71_382,
            },
        },
        Kind::SelfInvoiceUnmatched => Evidence::Row {
            side: Side::Right,
            record: entry(number, 7, 25_000),
            reason: nearest(document(6, 7, 30_500), amounts(Field::Gross, 30_500, 25_000, None)),
        },
        Kind::DecisionStale => Evidence::Decision {
            fingerprint: "00112233445566778899aabbccddeeff".to_owned(),
            kind: Kind::MissingInLedger,
            subject: "FPR 7/26".to_owned(),
            owner: "Anna".to_owned(),
            reason: "paid in cash".to_owned(),
            decided_on: day(2),
            until: None,
            accepted_cents: 42_804,
            now_cents: Some(43_000),
            why: Staleness::AmountChanged,
        },
        Kind::FileRejected => Evidence::File {
            file: "acquisti.csv".to_owned(),
            reason: "the heading `Imponib.` is unknown".to_owned(),
            rows: 0,
        },
    }
}
