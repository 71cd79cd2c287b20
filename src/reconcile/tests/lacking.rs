//! What is lacking to compare cards, or beside them, is said by name.

use super::builder::*;
use super::seen::*;
use super::settlements::{card_sale, cards, transaction};
use super::takings::DAY;
use crate::findings::{Evidence, Kind, Lacking, Reason};
use crate::fiscal::Period;
use crate::reconcile::statement::Basis::Settlements;

/// Returns kind, lack and days of the findings about days that were not compared.
fn uncovered(seen: &Seen) -> Vec<(Kind, Option<Lacking>, String)> {
    let told = seen.outcome.findings.iter().filter_map(|one| match &one.evidence {
        Evidence::Uncovered { days, lacking } => Some((one.kind, *lacking, days.to_string())),
        _ => None,
    });
    let mut told: Vec<_> = told.collect();
    told.sort();
    told
}

/// Returns what a row of the cards lacks.
fn lack_of(seen: &Seen, id: &str) -> Lacking {
    let (_, row) =
        seen.rows().find(|(basis, row)| *basis == Settlements && row.record.id == id).unwrap();
    let Reason::NotCompared { lacking, .. } = *row.reason else { panic!("{:?}", row.reason) };
    lacking
}

#[test]
fn cards_without_any_takings_say_so() {
    let mut input = cards(vec![], vec![transaction(1, DAY, 3_000)]);
    input.documents.clear();
    let seen = compared(&input);
    assert_eq!(lack_of(&seen, "book.csv#1"), Lacking::Takings);
    let told = (Kind::CoverageMissing, Some(Lacking::Takings), "2026-02".to_owned());
    assert_eq!(uncovered(&seen), [told]);
}

#[test]
fn cards_of_days_not_read_say_so() {
    let mut input = cards(vec![], vec![transaction(1, DAY, 3_000)]);
    input.unsettled = vec![Period { from: day(DAY), to: day(DAY) }];
    let seen = compared(&input);
    assert_eq!(lack_of(&seen, "book.csv#1"), Lacking::Receipts);
    let days = Period { from: day(DAY), to: day(DAY) }.to_string();
    assert!(uncovered(&seen).contains(&(Kind::CoverageMissing, Some(Lacking::Receipts), days)));
}

#[test]
fn takings_beyond_the_payment_file_say_so() {
    let mut input = cards(
        vec![card_sale("a", DAY), card_sale("b", "2026-02-25")],
        vec![transaction(1, DAY, 3_000)],
    );
    input.entries.retain(|(_, entry)| entry.row != 9_002);
    let seen = compared(&input);
    assert_eq!(lack_of(&seen, "b"), Lacking::PaymentFile);
    let days = "2026-02-25..2026-02-28".to_owned();
    assert!(uncovered(&seen).contains(&(Kind::CoverageMissing, Some(Lacking::PaymentFile), days)));
}

#[test]
fn a_register_that_lacks_beside_cards_is_named() {
    let seen = compared(&cards(vec![card_sale("a", DAY)], vec![transaction(1, DAY, 3_000)]));
    let register = (Kind::LedgerMissing, Some(Lacking::Register), "2026-02".to_owned());
    assert_eq!(uncovered(&seen), [register]);
    let Reason::NotCompared { lacking, .. } = *seen.row("a").reason else { panic!() };
    assert_eq!(lacking, Lacking::Register);
    // Without a payment file nothing is said of one, and it is the same finding.
    let mut without = cards(vec![card_sale("a", DAY)], Vec::new());
    without.entries.clear();
    let bare = compared(&without);
    assert_eq!(uncovered(&bare), [(Kind::LedgerMissing, None, "2026-02".to_owned())]);
    let fingerprint = |seen: &Seen| {
        let is_it = |one: &&crate::findings::Finding| one.kind == Kind::LedgerMissing;
        crate::findings::Fingerprint::of(seen.outcome.findings.iter().find(is_it).unwrap(), 1)
    };
    assert_eq!(fingerprint(&seen), fingerprint(&bare));
}

#[test]
fn days_around_a_payment_file_are_two_stretches() {
    let days = ["2026-02-02", "2026-02-03", DAY, "2026-02-17", "2026-02-20"];
    let documents = days.iter().map(|at| card_sale(at, at)).collect();
    let mut input = cards(documents, vec![transaction(1, DAY, 3_000)]);
    input.entries.retain(|(_, entry)| entry.row < 9_000);
    let told: Vec<String> = uncovered(&compared(&input))
        .into_iter()
        .filter(|(_, lacking, _)| *lacking == Some(Lacking::PaymentFile))
        .map(|(_, _, days)| days)
        .collect();
    assert_eq!(told, ["2026-02-01..2026-02-03", "2026-02-17..2026-02-28"]);
}
