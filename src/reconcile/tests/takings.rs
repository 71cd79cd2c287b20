//! A day's receipts against the register by rate and the register by tender.

use super::builder::*;
use crate::findings::{Evidence, Excluded, Explanation, Kind, Reason};
use crate::fiscal::{Document, DocumentKind, EntryKind, LedgerEntry, Lifecycle, Tenders};
use crate::reconcile::Input;
use crate::reconcile::statement::Basis::{TakingsByRate, TakingsByTender};
use crate::reconcile::statement::Class::{
    Differing, Duplicate, Excluded as LeftOut, Matched, MatchedWithinTolerance, MissingLeft,
    MissingRight, OutOfWindow, Pending,
};

const DAY: &str = "2026-02-10";

/// Returns a month whose books hold 10.00 and 20.00 of a sale at both ends.
fn shop(documents: Vec<Document>, entries: Vec<LedgerEntry>) -> Input {
    let mut input = february(DocumentKind::Receipt, documents, entries);
    for (row, at) in [(9_001, "2026-02-01"), (9_003, "2026-02-28")] {
        input.documents.push(sale(&format!("anchor-{at}"), at));
        for line in [rate_line(row, at, "10", 1_000), rate_line(row + 1, at, "22", 2_000)] {
            input.entries.push(("book.csv".into(), line));
        }
    }
    input
}

/// Returns such a month with a register by tender too.
fn both_registers(documents: Vec<Document>, entries: Vec<LedgerEntry>) -> Input {
    let mut input = shop(documents, entries);
    for (row, at) in [(9_011, "2026-02-01"), (9_012, "2026-02-28")] {
        input.entries.push(("cash.csv".into(), tender_line(row, at, 3_000, 0)));
    }
    input
}

fn rates(ten: i64, twenty_two: i64) -> Vec<LedgerEntry> {
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
    assert_eq!(seen.row("a").reason, Reason::Pending { break_on: day("2026-02-14") });
    assert_eq!(seen.row("a").class, Pending);
    assert_findings(&seen, &[]);
}

#[test]
fn repeated_lines_are_duplicates() {
    let mut entries = rates(1_000, 2_000);
    entries.extend([rate_line(3, DAY, "22", 2_000), rate_line(4, DAY, "22", 2_000)]);
    let seen = compared(&shop(vec![sale("a", DAY)], entries));
    let classes =
        [("a", Matched), ("#1", Matched), ("#2", Matched), ("#3", Duplicate), ("#4", Duplicate)];
    assert_classes(&seen, &classes);
    let kind = Kind::DuplicateInLedger;
    assert_findings(&seen, &[(kind, "#3", 2_000), (kind, "#4", 2_000)]);
}

#[test]
fn a_day_pasted_twice_is_a_duplicate() {
    // Two tills at one rate, both pasted again: neither copy alone explains the day.
    let of = |row, cents, taxable| LedgerEntry {
        taxable_cents: Some(taxable),
        vat_cents: Some(cents - taxable),
        ..rate_line(row, DAY, "22", cents)
    };
    let mut entries = vec![rate_line(1, DAY, "10", 1_000)];
    entries.extend([of(2, 1_500, 1_229), of(3, 500, 410), of(4, 1_500, 1_229), of(5, 500, 410)]);
    let seen = compared(&shop(vec![sale("a", DAY)], entries));
    assert_eq!(
        (seen.row("book.csv#4").class, seen.row("book.csv#5").class),
        (Duplicate, Duplicate)
    );
    assert_eq!(seen.row("a").class, Matched);
}

#[test]
fn equal_lines_of_two_tills_are_summed() {
    let mut entries = rates(2_000, 4_000);
    entries[0] = rate_line(1, DAY, "10", 1_000);
    entries.push(rate_line(3, DAY, "10", 1_000));
    entries[1] =
        LedgerEntry { taxable_cents: Some(3_278), vat_cents: Some(722), ..entries[1].clone() };
    let seen = compared(&shop(vec![sale("a", DAY), sale("b", DAY)], entries));
    assert!(seen.classes().values().all(|class| *class == Matched), "{:?}", seen.classes());
}

#[test]
fn lines_of_two_natures_are_no_copies() {
    let line = |row, nature: &str| LedgerEntry {
        taxable_cents: Some(500),
        vat_cents: Some(0),
        ..rate_line(row, DAY, nature, 500)
    };
    let sold = Document {
        gross_cents: Some(500),
        vat_lines: vec![vat_line("N1", 500, 0)],
        ..sale("a", DAY)
    };
    let seen = compared(&shop(vec![sold], vec![line(1, "N1"), line(2, "N4")]));
    assert_classes(&seen, &[("a", Matched), ("#1", Matched), ("#2", MissingLeft)]);
    assert_findings(&seen, &[(Kind::TakingsDiffer, "2026-02-10 N4", 500)]);
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
    assert_eq!(seen.row("young").reason, Reason::Pending { break_on: day("2026-02-21") });
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
    assert_eq!(seen.row("book.csv#3").reason, Reason::Excluded { because });
    assert_findings(&seen, &[]);
}

#[test]
fn receipt_without_vat_lines_is_not_matched() {
    let blind = Document { vat_lines: Vec::new(), gross_cents: Some(700), ..sale("b", DAY) };
    let seen = compared(&shop(vec![sale("a", DAY), blind], rates(1_000, 2_000)));
    assert_eq!(seen.row("b").class, MissingRight);
    assert_findings(&seen, &[(Kind::MissingInLedger, "b", 700)]);
}

#[test]
fn swapped_tenders_are_one_finding() {
    let mut entries = rates(1_000, 2_000);
    entries.push(tender_line(3, DAY, 2_500, 500));
    let seen = compared(&both_registers(vec![sale("a", DAY)], entries));
    assert_eq!(seen.classes_by(TakingsByRate)["a"], Matched);
    assert_eq!(seen.classes_by(TakingsByTender)["a"], Differing);
    assert_findings(&seen, &[(Kind::TakingsDiffer, "2026-02-10 Cash", 500)]);
}

#[test]
fn a_days_total_is_at_risk_once() {
    // The books hold 9.00 too much, by rate and in cash: one mistake, seen in both.
    let mut entries = rates(1_900, 2_000);
    entries.push(tender_line(3, DAY, 3_900, 0));
    let seen = compared(&both_registers(vec![sale("a", DAY)], entries));
    let kind = Kind::TakingsDiffer;
    assert_findings(&seen, &[(kind, "2026-02-10 10", 900), (kind, "2026-02-10 Cash", 0)]);
}

#[test]
fn what_only_tenders_lack_counts_in_full() {
    // The rates lack 2.00, the tenders 5.00 of which 2.00 are the same; and the other sign.
    for (cash, at_risk) in [(2_500, 300), (3_200, 200)] {
        let mut entries = rates(1_000, 1_800);
        entries.push(tender_line(3, DAY, cash, 0));
        let seen = compared(&both_registers(vec![sale("a", DAY)], entries));
        let kind = Kind::TakingsDiffer;
        assert_findings(&seen, &[(kind, "2026-02-10 22", 200), (kind, "2026-02-10 Cash", at_risk)]);
    }
}

#[test]
fn days_outside_both_registers_count_once() {
    let outside = "2026-02-25";
    let mut input = february(
        DocumentKind::Receipt,
        vec![sale("a", "2026-02-01"), sale("b", outside)],
        vec![
            rate_line(1, "2026-02-01", "10", 1_000),
            rate_line(2, "2026-02-01", "22", 2_000),
            tender_line(3, "2026-02-01", 3_000, 0),
        ],
    );
    input.today = day("2026-03-20");
    let seen = compared(&input);
    let (kind, days) = (Kind::CoverageMissing, "2026-02-25..2026-02-25");
    assert_findings(&seen, &[(kind, days, 0), (kind, days, 3_000)]);
}

#[test]
fn tenders_of_several_kinds_are_summed() {
    let mixed = Document {
        tenders: Some(Tenders {
            cash_cents: 1_000,
            electronic_cents: 1_500,
            vouchers_cents: 500,
            uncollected_cents: 0,
        }),
        ..sale("a", DAY)
    };
    let mut line = tender_line(3, DAY, 1_000, 1_500);
    line.tenders = mixed.tenders;
    let mut entries = rates(1_000, 2_000);
    entries.push(line);
    let seen = compared(&both_registers(vec![mixed], entries));
    assert_findings(&seen, &[]);
    let by_tender = &seen.outcome.statements[1].statement;
    assert_eq!(by_tender.currencies.values().next().unwrap().left.amount_cents, 9_000);
}
