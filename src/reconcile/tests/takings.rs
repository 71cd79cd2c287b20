//! A day's receipts against the register by rate and the register by tender.

use super::builder::*;
use super::seen::*;
use crate::findings::{Evidence, Excluded, Explanation, Kind, Reason};
use crate::fiscal::{Document, DocumentKind, EntryKind, LedgerEntry, Lifecycle};
use crate::reconcile::statement::Class::{
    Differing, Excluded as LeftOut, Matched, MatchedWithinTolerance, MissingLeft, MissingRight,
    OutOfWindow, Pending,
};

pub(super) const DAY: &str = "2026-02-10";

/// Returns a month whose books hold 10.00 and 20.00 of a sale at both ends.
pub(super) fn shop(documents: Vec<Document>, entries: Vec<LedgerEntry>) -> Input {
    let mut input = february(DocumentKind::Receipt, documents, entries);
    for (row, at) in [(9_001, "2026-02-01"), (9_003, "2026-02-28")] {
        input.documents.push(sale(&format!("anchor-{at}"), at));
        for line in [rate_line(row, at, "10", 1_000), rate_line(row + 1, at, "22", 2_000)] {
            input.entries.push(("book.csv".into(), line));
        }
    }
    input
}

pub(super) fn rates(ten: i64, twenty_two: i64) -> Vec<LedgerEntry> {
    vec![rate_line(1, DAY, "10", ten), rate_line(2, DAY, "22", twenty_two)]
}

#[test]
fn equal_takings_match() {
    let seen = compared(&shop(vec![sale("a", DAY)], rates(1_000, 2_000)));
    assert_classes(&seen, &[("a", Matched), ("#1", Matched), ("#2", Matched)]);
    assert_findings(&seen, &[]);
}

#[test]
fn one_rate_off_is_one_finding() {
    let seen = compared(&shop(vec![sale("a", DAY)], rates(1_900, 2_000)));
    assert_classes(&seen, &[("a", Differing), ("#1", Differing), ("#2", Matched)]);
    assert_findings(&seen, &[(Kind::TakingsDiffer, "2026-02-10 10", 900)]);
}

#[test]
fn drift_is_rounding_to_a_cent_a_receipt() {
    for (cents, class) in [(2, MatchedWithinTolerance), (3, Differing)] {
        let mut lines = rates(2_000, 4_000);
        lines[0].taxable_cents = Some(1_818 + cents);
        lines[0].vat_cents = Some(182 - cents);
        lines[1].taxable_cents = Some(3_278);
        lines[1].vat_cents = Some(722);
        let seen = compared(&shop(vec![sale("a", DAY), sale("b", DAY)], lines));
        assert_eq!((seen.row("book.csv#1").class, seen.row("book.csv#2").class), (class, Matched));
    }
}

#[test]
fn void_counts_on_its_own_day() {
    let sold = Document { lifecycle: Lifecycle::Voided, ..sale("a", DAY) };
    let void = undoing("void", "v", "2026-02-11", &sold);
    let mut entries = rates(1_000, 2_000);
    for (row, rate, cents) in [(3, "10", -1_000), (4, "22", -2_000)] {
        let line = rate_line(row, "2026-02-11", rate, cents);
        entries.push(LedgerEntry {
            taxable_cents: Some(if row == 3 { -909 } else { -1_639 }),
            vat_cents: Some(if row == 3 { -91 } else { -361 }),
            ..line
        });
    }
    let seen = compared(&shop(vec![sold, void], entries));
    assert!(seen.classes().values().all(|class| *class == Matched));
}

#[test]
fn sale_booked_without_its_void() {
    let sold = Document { lifecycle: Lifecycle::Voided, ..sale("a", DAY) };
    let void = undoing("void", "v", DAY, &sold);
    let seen = compared(&shop(vec![sold, void], rates(1_000, 2_000)));
    let kind = Kind::TakingsDiffer;
    assert_findings(&seen, &[(kind, "2026-02-10 10", 1_000), (kind, "2026-02-10 22", 2_000)]);
    for finding in &seen.outcome.findings {
        let Evidence::Takings { explanation, .. } = &finding.evidence else { panic!() };
        assert_eq!(*explanation, Some(Explanation::VoidNotBooked));
    }
}

#[test]
fn unbooked_return_is_not_called_a_void() {
    let sold = sale("a", DAY);
    let back = undoing("return", "r", "2026-02-11", &sold);
    let mut entries = rates(1_000, 2_000);
    entries.push(rate_line(3, "2026-02-11", "4", 0));
    let seen = compared(&shop(vec![sold, back], entries));
    let kind = Kind::TakingsDiffer;
    assert_findings(&seen, &[(kind, "2026-02-11 10", 1_000), (kind, "2026-02-11 22", 2_000)]);
    let Evidence::Takings { explanation, .. } = &seen.outcome.findings[0].evidence else {
        panic!()
    };
    assert_eq!(*explanation, None);
}

#[test]
fn missing_day_is_told_by_rate() {
    let seen = compared(&shop(vec![sale("a", DAY)], Vec::new()));
    assert_classes(&seen, &[("a", MissingRight)]);
    let kind = Kind::TakingsDiffer;
    assert_findings(&seen, &[(kind, "2026-02-10 10", 1_000), (kind, "2026-02-10 22", 2_000)]);
}

#[test]
fn missing_rate_is_told_alone() {
    let seen = compared(&shop(vec![sale("a", DAY)], vec![rate_line(1, DAY, "10", 1_000)]));
    assert_classes(&seen, &[("a", Differing), ("#1", Matched)]);
    assert_findings(&seen, &[(Kind::TakingsDiffer, "2026-02-10 22", 2_000)]);
}

#[test]
fn extra_day_is_missing_at_the_provider() {
    let seen = compared(&shop(Vec::new(), rates(1_000, 2_000)));
    assert_classes(&seen, &[("#1", MissingLeft), ("#2", MissingLeft)]);
    let kind = Kind::TakingsDiffer;
    assert_findings(&seen, &[(kind, "2026-02-10 10", 1_000), (kind, "2026-02-10 22", 2_000)]);
}

#[test]
fn extra_day_of_an_unsettled_pull_waits() {
    let mut input = shop(Vec::new(), rates(1_000, 2_000));
    input.unsettled = vec!["2026-02-10..2026-02-11".parse().unwrap()];
    let seen = compared(&input);
    assert_classes(&seen, &[("#1", OutOfWindow), ("#2", OutOfWindow)]);
    assert_findings(&seen, &[(Kind::CoverageMissing, "2026-02-10..2026-02-11", 0)]);
}

#[test]
fn recent_day_without_lines_is_pending() {
    let mut input = shop(vec![sale("a", DAY)], Vec::new());
    input.today = day("2026-02-13");
    let seen = compared(&input);
    assert_eq!(*seen.row("a").reason, Reason::Pending { break_on: day("2026-02-14") });
    assert_eq!(seen.row("a").class, Pending);
    assert_findings(&seen, &[]);
}

#[test]
fn receipts_that_are_not_final() {
    let with = |source_id: &str, lifecycle, at: &str| Document {
        lifecycle,
        created_at: Some(format!("{at}T09:00:00Z").parse().unwrap()),
        ..sale(source_id, at)
    };
    let mut input = shop(
        vec![
            with("failed", Lifecycle::NeverIssued, DAY),
            with("stuck", Lifecycle::Open, DAY),
            with("young", Lifecycle::Open, "2026-02-18"),
        ],
        Vec::new(),
    );
    input.today = day("2026-02-20");
    let seen = compared(&input);
    assert_eq!(*seen.row("young").reason, Reason::Pending { break_on: day("2026-02-21") });
    assert_classes(&seen, &[("failed", LeftOut), ("stuck", LeftOut), ("young", Pending)]);
    let expected = [(Kind::ReceiptFailed, "failed", 3_000), (Kind::ReceiptStuck, "stuck", 3_000)];
    let found: Vec<_> =
        seen.findings().into_iter().filter(|one| !one.1.contains("anchor")).collect();
    assert_eq!(found, expected.map(|(kind, of, cents)| (kind, of.to_owned(), cents)));
}

#[test]
fn till_closings_are_left_out() {
    let closing =
        LedgerEntry { kind: EntryKind::Closing, vat_rate: None, ..rate_line(3, DAY, "22", 3_000) };
    let mut entries = rates(1_000, 2_000);
    entries.push(closing);
    let seen = compared(&shop(vec![sale("a", DAY)], entries));
    let because = Excluded::TillClosing;
    assert_eq!(*seen.row("book.csv#3").reason, Reason::Excluded { because });
    assert_findings(&seen, &[]);
}

#[test]
fn receipt_without_vat_lines_is_not_matched() {
    let blind = Document { vat_lines: Vec::new(), gross_cents: Some(700), ..sale("b", DAY) };
    let seen = compared(&shop(vec![sale("a", DAY), blind], rates(1_000, 2_000)));
    assert_eq!(seen.row("b").class, MissingRight);
    assert_findings(&seen, &[(Kind::MissingInLedger, "b", 700)]);
}
