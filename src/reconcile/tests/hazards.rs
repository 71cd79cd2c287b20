//! Every hazard that other tools fell into, named after it.

use super::builder::*;
use super::seen::*;
use crate::findings::{Kind, Reason};
use crate::fiscal::{Document, DocumentKind, DocumentType, LedgerEntry};
use crate::reconcile::Error;
use crate::reconcile::rules::{RuleSort, Rulebook};
use crate::reconcile::statement::Class::{
    Ambiguous, Differing, Duplicate, Matched, MatchedWithinTolerance, MissingLeft, MissingRight,
    OutOfWindow,
};

/// Document `b` bears the number of another one, which is told beside all else.
const REPEATED: (Kind, &str, i64) = (Kind::NumberRepeated, "b", 0);

#[test]
fn duplicates_in_swapped_order_all_match() {
    let documents = vec![invoice("a", "1"), at("2026-02-11", invoice("b", "1"))];
    let mut entries = vec![booking(1, "1"), on("2026-02-11", booking(2, "1"))];
    for _ in 0..2 {
        let seen = compared(&invoices(documents.clone(), entries.clone()));
        let all = [("a", Matched), ("b", Matched), ("#1", Matched), ("#2", Matched)];
        assert_classes(&seen, &all);
        assert_findings(&seen, &[REPEATED]);
        entries.reverse();
    }
}

#[test]
fn first_copy_leaves_the_exact_partner() {
    // The first copy would do for either row; the second only for the dearer one.
    let documents = vec![invoice("near", "7"), invoice("exact", "7")];
    let mut input = invoices(documents, vec![of_cents(12_204, booking(1, "7"))]);
    input.documents[1].gross_cents = Some(12_204);
    let seen = compared(&input);
    assert_eq!(seen.row("exact").partner_id(), Some("book.csv#1"));
    assert_eq!(seen.row("near").class, MissingRight);
}

#[test]
fn duplicates_are_marked_and_never_dropped() {
    let entries = vec![booking(1, "1"), booking(2, "1"), booking(3, "1")];
    let seen = compared(&invoices(vec![invoice("a", "1")], entries));
    let classes = [("a", Matched), ("#1", Matched), ("#2", Duplicate), ("#3", Duplicate)];
    assert_classes(&seen, &classes);
    let kind = Kind::DuplicateInLedger;
    assert_findings(&seen, &[(kind, "#2", 12_200), (kind, "#3", 12_200)]);
}

#[test]
fn tolerance_holds_at_its_boundary_exactly() {
    for (cents, class) in [
        (12_205, MatchedWithinTolerance),
        (12_195, MatchedWithinTolerance),
        (12_206, Differing),
        (12_194, Differing),
    ] {
        let seen =
            compared(&invoices(vec![invoice("a", "1")], vec![of_cents(cents, booking(1, "1"))]));
        assert_classes(&seen, &[("a", class), ("#1", class)]);
    }
}

#[test]
fn large_amounts_differ_by_one_cent() {
    let large = 9_007_199_254_740_993;
    let document = Document { gross_cents: Some(large), ..invoice("a", "1") };
    let mut input = invoices(vec![document], vec![of_cents(large - 1, booking(1, "1"))]);
    input.rules = changed_rules(RuleSort::Issued, "gross = \"0.05\"", "gross = \"0\"");
    assert_findings(&compared(&input), &[(Kind::AmountDiffers, "a~#1", 1)]);
}

#[test]
fn null_keys_never_join() {
    // Alike but for what is null or empty on both sides: the party, then the number.
    let nameless =
        Document { counterparty_tax_id: None, counterparty_name: None, ..invoice("a", "1") };
    let no_party =
        LedgerEntry { counterparty_tax_id: None, counterparty_name: None, ..booking(1, "2") };
    let on_other_days = [on("2026-02-11", booking(2, "")), on("2026-02-12", booking(3, "FT"))];
    let seen = compared(&invoices(
        vec![nameless, invoice("b", "")],
        [vec![no_party], on_other_days.to_vec()].concat(),
    ));
    let classes = [
        ("a", MissingRight),
        ("b", MissingRight),
        ("#1", MissingLeft),
        ("#2", MissingLeft),
        ("#3", MissingLeft),
    ];
    assert_classes(&seen, &classes);
}

#[test]
fn one_row_never_satisfies_two() {
    let documents = vec![invoice("a", "1"), at("2026-02-12", invoice("b", "1"))];
    let seen = compared(&invoices(documents, vec![booking(1, "1")]));
    assert_classes(&seen, &[("a", Matched), ("b", MissingRight), ("#1", Matched)]);
    assert_findings(&seen, &[(Kind::MissingInLedger, "b", 12_200), REPEATED]);
}

#[test]
fn this_month_spares_last_years_number() {
    let last_year = at("2025-12-20", invoice("old", "3"));
    let entry = of_cents(50_000, on("2026-01-10", booking(1, "3")));
    let mut input = invoices(vec![last_year], vec![entry, on("2026-01-31", booking(2, "4"))]);
    input.documents.push(at("2026-01-31", invoice("new", "4")));
    input.period = "2026-01".parse().unwrap();
    input.accounting_period = input.period;
    let seen = compared(&input);
    assert_classes(&seen, &[("new", Matched), ("#1", MissingLeft), ("#2", Matched)]);
}

#[test]
fn credit_notes_are_negated_once() {
    for written in ["TD04", ""] {
        let credit = Document {
            document_type: DocumentType::new("TD04"),
            gross_cents: Some(-12_200),
            ..invoice("a", "NC 1")
        };
        let booked = LedgerEntry {
            document_type: (!written.is_empty()).then(|| DocumentType::new(written)),
            ..of_cents(-12_200, booking(1, "NC 1"))
        };
        let seen = compared(&invoices(vec![credit], vec![booked]));
        assert_classes(&seen, &[("a", Matched), ("#1", Matched)]);
        assert_findings(&seen, &[]);
    }
}

#[test]
fn different_covers_are_not_missing() {
    let documents = vec![invoice("a", "1"), at("2026-02-25", invoice("b", "2"))];
    let entries = vec![on("2026-02-02", booking(1, "0")), booking(2, "1")];
    let mut input = february(DocumentKind::Invoice, documents, entries);
    input.documents.push(at("2026-02-02", invoice("c", "0")));
    let seen = compared(&input);
    let classes =
        [("a", Matched), ("b", OutOfWindow), ("c", Matched), ("#1", Matched), ("#2", Matched)];
    assert_classes(&seen, &classes);
    assert_findings(&seen, &[(Kind::CoverageMissing, "2026-02-25..2026-02-25", 12_200)]);
}

#[test]
fn foreign_vat_rows_are_not_dropped() {
    let document = Document { counterparty_tax_id: id("DE123456789"), ..invoice("a", "1") };
    for written in ["DE123456789", "DE 123.456.789", "123456789"] {
        let entry = LedgerEntry { counterparty_tax_id: id(written), ..booking(1, "1") };
        let entry = LedgerEntry { counterparty_name: Some("Bau".to_owned()), ..entry };
        let seen = compared(&invoices(vec![document.clone()], vec![entry]));
        assert_classes(&seen, &[("a", Matched), ("#1", Matched)]);
        assert_findings(&seen, &[]);
    }
}

#[test]
fn mixed_currencies_never_meet() {
    let dollars = LedgerEntry { currency: "USD".parse().unwrap(), ..booking(2, "1") };
    let documents = vec![invoice("a", "1"), invoice("b", "2")];
    let entries = vec![
        booking(1, "1"),
        dollars.clone(),
        LedgerEntry { row: 3, number: Some("2".into()), ..dollars },
    ];
    let seen = compared(&invoices(documents, entries));
    let classes = [
        ("a", Matched),
        ("b", MissingRight),
        ("#1", Matched),
        ("#2", MissingLeft),
        ("#3", MissingLeft),
    ];
    assert_classes(&seen, &classes);
    let statement = &seen.outcome.statements[0].statement;
    assert_eq!(statement.currencies.len(), 2);
    assert_eq!(statement.currencies[&"USD".parse().unwrap()].right.amount_cents, 24_400);
    // The chart's day lines are euros only.
    let tenth = statement.days.iter().find(|line| line.day == day("2026-02-10")).unwrap();
    assert_eq!((tenth.left_cents, tenth.right_cents), (24_400, 12_200));
}

#[test]
fn foreign_lines_leave_a_days_sum_alone() {
    let dollars =
        LedgerEntry { currency: "USD".parse().unwrap(), ..rate_line(3, "2026-02-10", "22", 500) };
    let entries = vec![
        rate_line(1, "2026-02-10", "10", 1_000),
        rate_line(2, "2026-02-10", "22", 1_500),
        dollars,
    ];
    let input = february(DocumentKind::Receipt, vec![sale("a", "2026-02-10")], entries);
    let kinds: Vec<(Kind, i64)> =
        compared(&input).findings().into_iter().map(|one| (one.0, one.2)).collect();
    assert_eq!(kinds, [(Kind::TakingsDiffer, 500), (Kind::TakingsDiffer, 500)]);
}

#[test]
fn look_alikes_are_never_guessed() {
    let documents = vec![invoice("a", "7/2026"), invoice("b", "FPR 7")];
    let seen = compared(&invoices(documents, vec![booking(1, "007")]));
    assert_classes(&seen, &[("a", Ambiguous), ("b", Ambiguous), ("#1", Ambiguous)]);
    assert_findings(&seen, &[(Kind::Ambiguous, "#1", 12_200)]);
}

#[test]
fn namesakes_are_told_apart_by_id() {
    let of = |tax_id: &str, document: Document| Document {
        counterparty_tax_id: id(tax_id),
        counterparty_name: Some("Mario Rossi".into()),
        ..document
    };
    let by = |tax_id: &str, entry: LedgerEntry| LedgerEntry {
        counterparty_tax_id: id(tax_id),
        counterparty_name: Some("MARIO ROSSI".into()),
        ..entry
    };
    let documents = vec![of(ALFA, invoice("a", "12")), of(BETA, invoice("b", "12"))];
    let seen = compared(&invoices(
        documents,
        vec![by(BETA, booking(1, "12")), by(ALFA, booking(2, "12"))],
    ));
    assert_eq!(seen.row("a").partner_id(), Some("book.csv#2"));
    assert_eq!(seen.row("b").partner_id(), Some("book.csv#1"));
}

#[test]
fn rows_in_no_class_stop_the_run() {
    // Two rows of one id cannot be told apart in the proof, so the run fails loudly.
    let input = invoices(vec![invoice("a", "1"), invoice("a", "1")], Vec::new());
    assert!(matches!(reconcile(&input), Err(Error::RowNotInOneClass { .. })));
}

#[test]
fn a_sum_beyond_money_is_refused() {
    let entries = vec![
        rate_line(1, "2026-02-10", "22", i64::MAX),
        rate_line(2, "2026-02-10", "22", i64::MAX),
    ];
    let input = february(DocumentKind::Receipt, Vec::new(), entries);
    assert!(matches!(reconcile(&input), Err(Error::TooLarge(_))));
}

#[test]
fn relative_tolerance_is_the_same_from_either_side() {
    let class = |document: i64, entry: i64| {
        let document = Document { gross_cents: Some(document), ..invoice("a", "1") };
        let mut input = invoices(vec![document], vec![of_cents(entry, booking(1, "1"))]);
        input.rules = changed_rules(RuleSort::Issued, "gross = \"0.05\"", "gross = \"1%\"");
        compared(&input).row("a").class
    };
    let mut seen = Vec::new();
    for off in 90..112 {
        let (one, other) = (class(10_000, 10_000 + off), class(10_000 + off, 10_000));
        assert_eq!(one, other, "{off}");
        seen.push(one);
    }
    assert!(seen.contains(&MatchedWithinTolerance) && seen.contains(&Differing));
}

#[test]
fn duplicate_keys_give_one_answer_for_any_order() {
    let documents = vec![invoice("a", "1"), at("2026-02-11", invoice("b", "1"))];
    let mut entries = vec![booking(1, "1"), of_cents(12_203, booking(2, "1")), booking(3, "1")];
    let first = compared(&invoices(documents.clone(), entries.clone())).classes();
    for _ in 0..entries.len() {
        entries.rotate_left(1);
        let turned = invoices(documents.iter().rev().cloned().collect(), entries.clone());
        assert_eq!(compared(&turned).classes(), first);
    }
}

#[test]
fn a_misspelt_tolerance_is_refused() {
    let text = RuleSort::Issued.built_in().replace("gross = \"0.05\"", "gros = \"0.05\"");
    let error = Rulebook::default().put(RuleSort::Issued, &text).unwrap_err().to_string();
    assert!(error.contains("did you mean `gross`?"), "{error}");
}

#[test]
fn a_group_over_two_files_is_summed_whole() {
    let parts = [of_cents(10_000, booking(1, "1")), of_cents(2_200, booking(2, "1"))];
    let mut input = invoices(vec![invoice("a", "1")], parts.to_vec());
    for (file, entry) in &mut input.entries {
        if entry.row == 2 {
            "second.csv".clone_into(file);
        }
    }
    let seen = compared(&input);
    assert_classes(&seen, &[("a", Matched), ("#1", Matched), ("second.csv#2", Matched)]);
}

#[test]
fn an_overpaid_group_does_not_skip_the_tolerance() {
    for (second, class) in [(2_200, Matched), (2_206, Differing), (2_194, Differing)] {
        let parts = vec![of_cents(10_000, booking(1, "1")), of_cents(second, booking(2, "1"))];
        let mut answers = Vec::new();
        for parts in [parts.clone(), parts.into_iter().rev().collect()] {
            let seen = compared(&invoices(vec![invoice("a", "1")], parts));
            assert_eq!(seen.row("a").class, class, "{second}");
            answers.push(seen.classes());
        }
        // And groups do not depend on the order of rows.
        assert_eq!(answers[0], answers[1]);
    }
}

#[test]
fn the_direction_of_a_drift_is_kept() {
    for (booked, drift) in [(1_900, 100), (2_100, -100)] {
        let lines =
            vec![rate_line(1, "2026-02-10", "10", 1_000), rate_line(2, "2026-02-10", "22", booked)];
        let seen = compared(&super::takings::shop(vec![sale("a", "2026-02-10")], lines));
        assert_findings(&seen, &[(Kind::TakingsDiffer, "2026-02-10 22", 100)]);
        let Reason::Grouped { differences, .. } = &*seen.row("book.csv#2").reason else { panic!() };
        assert_eq!(differences[0].difference_cents, Some(drift));
    }
}
