//! What other rules change: tolerances, passes, suggestions, the day that counts.

use std::sync::Arc;

use super::builder::*;
use super::seen::*;
use crate::findings::{Kind, Reason};
use crate::fiscal::{Document, LedgerEntry};
use crate::reconcile::rules::{RuleSort, Rulebook};
use crate::reconcile::statement::Class::{
    Ambiguous, Differing, Matched, MatchedWithinTolerance, MissingLeft, MissingRight, Pending,
};

const ISSUED: RuleSort = RuleSort::Issued;

#[test]
fn bounds_of_a_rules_file_are_exact() {
    for (bound, cents, class) in [
        ("1.00", 12_300, MatchedWithinTolerance),
        ("1.00", 12_301, Differing),
        ("-0.00 +0.50", 12_250, MatchedWithinTolerance),
        ("-0.00 +0.50", 12_199, Differing),
        ("1% max 1.00", 12_300, MatchedWithinTolerance),
        ("1% max 1.00", 12_301, Differing),
        ("0", 12_201, Differing),
    ] {
        let mut input = invoices(vec![invoice("a", "1")], vec![booked(cents, 1, "1")]);
        input.rules = changed_rules(ISSUED, "gross = \"0.05\"", &format!("gross = \"{bound}\""));
        assert_eq!(compared(&input).row("a").class, class, "{bound} {cents}");
    }
}

#[test]
fn what_is_not_named_is_not_compared() {
    let entry = LedgerEntry { issue_date: Some(day("2026-02-12")), ..booking(1, "1") };
    let mut input = invoices(vec![invoice("a", "1")], vec![entry]);
    assert_eq!(compared(&input).row("a").class, Differing);
    input.rules = changed_rules(ISSUED, "issue_date = \"0d\"\n", "");
    assert_eq!(compared(&input).row("a").class, Matched);
    input.rules = changed_rules(ISSUED, "issue_date = \"0d\"", "issue_date = \"-1d +2d\"");
    assert_eq!(compared(&input).row("a").class, MatchedWithinTolerance);
    input.rules = changed_rules(ISSUED, "issue_date = \"0d\"", "issue_date = \"-2d +1d\"");
    let seen = compared(&input);
    assert_findings(&seen, &[(Kind::DateDiffers, "a~#1", 0)]);
}

const BY_AMOUNT: &str = "[[passes]]\nname = \"contratto\"\non = [\"party\", \"gross\"]\n\
                         within = { issue_date = \"3d\" }\n";

/// Returns an entry that no shipped pass gives to the invoice of such an amount.
fn a_day_later(row: u64, number: &str) -> LedgerEntry {
    on("2026-02-11", booked(12_200, row, number))
}

fn with_pass(more: &str) -> Arc<Rulebook> {
    added_rules(ISSUED, &format!("{BY_AMOUNT}{more}\n"))
}

#[test]
fn a_pass_of_ones_own_names_its_pairs() {
    let documents = vec![invoice("a", "77")];
    let mut input = invoices(documents, vec![a_day_later(1, "X-1")]);
    assert_eq!(compared(&input).row("a").class, MissingRight);
    input.rules = with_pass("unique = true");
    let seen = compared(&input);
    let Reason::Paired { pass, .. } = &*seen.row("a").reason else { panic!() };
    assert_eq!(pass.as_str(), "contratto");
    // What differs is still told.
    assert_findings(&seen, &[(Kind::DateDiffers, "a~#1", 0), (Kind::NumberDiffers, "a~#1", 0)]);
}

#[test]
fn a_second_candidate_stops_a_unique_pass() {
    let documents = vec![invoice("a", "77")];
    let mut input = invoices(documents, vec![a_day_later(1, "X-1"), a_day_later(2, "X-2")]);
    input.rules = with_pass("unique = true");
    let seen = compared(&input);
    assert_classes(&seen, &[("a", Ambiguous), ("#1", Ambiguous), ("#2", Ambiguous)]);
}

#[test]
fn a_suggestion_confirms_nothing() {
    let mut input =
        invoices(vec![invoice("a", "77")], vec![on("2026-02-25", booked(12_200, 1, "X-1"))]);
    // Farther apart than what the shipped rules suggest.
    let farther = BY_AMOUNT.replace("3d", "20d");
    input.rules = added_rules(ISSUED, &format!("{farther}status = \"suggest\"\n"));
    let seen = compared(&input);
    assert_classes(&seen, &[("a", MissingRight), ("#1", MissingLeft)]);
    for id in ["a", "book.csv#1"] {
        let Reason::Suggested { pass, differences, .. } = &*seen.row(id).reason else { panic!() };
        assert_eq!((pass.as_str(), differences.len()), ("contratto", 2));
    }
}

/// Returns an invoice of the end of January that the provider took in in February.
fn taken_in_later() -> Document {
    Document {
        issue_date: Some(day("2026-01-30")),
        created_at: "2026-02-02T10:00:00Z".parse().ok(),
        ..invoice("a", "1")
    }
}

#[test]
fn rows_count_by_the_day_that_the_rule_names() {
    // Issued in January, registered in February: it belongs to the February of the books.
    let document = taken_in_later();
    let january = document.issue_date;
    let entry = LedgerEntry {
        issue_date: january,
        registration_date: Some(day("2026-02-10")),
        ..booking(1, "1")
    };
    let late =
        Document { source_id: "b".to_owned(), number: Some("2".to_owned()), ..document.clone() };
    let mut input = invoices(vec![document, late], vec![entry]);
    input.today = day("2026-02-05");
    let seen = compared(&input);
    assert!(seen.rows().next().is_none(), "by their issue they lie in January");
    let dates = "[cover]\ndate = \"counted\"";
    let text = ISSUED.built_in().replace("[cover]\ndate = \"issue_date\"", dates);
    let text = format!(
        "{text}\n[columns.left]\nreception_date = \"counted\"\n[columns.right]\nregistration_date = \"counted\"\n"
    );
    input.rules = rules_of(ISSUED, &text);
    let seen = compared(&input);
    assert_classes(&seen, &[("a", Matched), ("b", Pending), ("#1", Matched)]);
    assert_eq!(seen.row("a").record.counted_on, Some(day("2026-02-02")));
    assert_eq!(seen.row("book.csv#1").record.counted_on, Some(day("2026-02-10")));
    // The grace begins on that day as well.
    assert_eq!(*seen.row("b").reason, Reason::Pending { break_on: day("2026-02-06") });
}

#[test]
fn books_tell_reception_from_registration() {
    let document = taken_in_later();
    let january = document.issue_date;
    let entry = LedgerEntry {
        issue_date: january,
        reception_date: Some(day("2026-02-02")),
        registration_date: Some(day("2026-03-10")),
        ..booking(1, "1")
    };
    let mut input = invoices(vec![document], vec![entry]);
    input.rules = changed_rules(ISSUED, "date = \"issue_date\"", "date = \"reception_date\"");
    let seen = compared(&input);
    assert_classes(&seen, &[("a", Matched), ("#1", Matched)]);
    assert_eq!(seen.row("book.csv#1").record.counted_on, Some(day("2026-02-02")));
}
