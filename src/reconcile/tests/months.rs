//! Pairs whose rows lie in two months: both statements hold, and no euro counts twice.

use super::builder::*;
use super::seen::*;
use crate::findings::{Difference, Evidence, Explanation, Kind};
use crate::fiscal::{Document, DocumentKind, LedgerEntry, Period};
use crate::reconcile::statement::Class::{Ambiguous, Differing, Matched, MissingRight};

/// Returns the same documents and books as January and as February see them.
fn both_months(input: &Input) -> [Input; 2] {
    ["2026-01", "2026-02"].map(|month| {
        let period: Period = month.parse().unwrap();
        Input { period, accounting_period: period, ..input.clone() }
    })
}

#[test]
fn booked_in_the_next_month_is_no_break_twice() {
    let documents = vec![at("2026-01-31", invoice("a", "1")), at("2026-01-03", invoice("b", "0"))];
    let taxable_cents = Some(10_100);
    let dearer = LedgerEntry { gross_cents: Some(12_300), taxable_cents, ..booking(1, "1") };
    let entries = vec![on("2026-02-01", dearer), on("2026-01-03", booking(2, "0"))];
    let input = february(DocumentKind::Invoice, documents, entries);
    let [january, february] = both_months(&input).map(|input| compared(&input));
    // The pair stands in both statements, and its euros in the document's month.
    for seen in [&january, &february] {
        assert_eq!((seen.row("a").class, seen.row("book.csv#1").class), (Differing, Differing));
    }
    let (amount, date) = (Kind::AmountDiffers, Kind::DateDiffers);
    assert_findings(&january, &[(amount, "a~#1", 100), (date, "a~#1", 0)]);
    assert_findings(&february, &[(amount, "a~#1", 0), (date, "a~#1", 0)]);
}

#[test]
fn day_and_month_swapped_over_months() {
    let seen = compared(&invoices(
        vec![at("2026-02-05", invoice("a", "1"))],
        vec![on("2026-05-02", booking(1, "1"))],
    ));
    assert_classes(&seen, &[("a", Differing), ("#1", Differing)]);
    assert_findings(&seen, &[(Kind::DateDiffers, "a~#1", 0)]);
    let Evidence::Pair { difference, .. } = &seen.outcome.findings[0].evidence else { panic!() };
    let Difference { explanation, .. } = difference;
    assert_eq!(*explanation, Some(Explanation::DayMonthSwapped));
}

#[test]
fn pairs_of_other_months_are_not_shown() {
    let seen = compared(&invoices(
        vec![at("2026-03-05", invoice("a", "1")), at("2026-03-06", invoice("b", "2"))],
        vec![on("2026-03-05", booking(1, "1"))],
    ));
    assert_classes(&seen, &[]);
}

#[test]
fn order_before_midnight_of_a_month() {
    let tagged = Document { references: vec!["#1042".into()], ..sale("a", "2026-02-01") };
    let mut input = february(
        DocumentKind::Receipt,
        vec![tagged, Document { references: vec!["#1043".into()], ..sale("b", "2026-02-27") }],
        vec![order(1, "#1042", "2026-01-31", "paid"), order(2, "#1043", "2026-02-27", "paid")],
    );
    input.documents.push(Document { references: vec!["#1001".into()], ..sale("c", "2026-01-02") });
    input.entries.push(("book.csv".into(), order(3, "#1001", "2026-01-02", "paid")));
    for input in both_months(&input) {
        let seen = compared(&input);
        assert!(seen.classes().values().all(|class| *class == Matched), "{:?}", seen.classes());
        assert_findings(&seen, &[]);
    }
}

#[test]
fn return_of_last_months_order_follows_its_sale() {
    let sold = Document { references: vec!["#1042".into()], ..sale("a", "2026-01-20") };
    let back = undoing("return", "r", "2026-02-03", &sold);
    let other = Document { references: vec!["#1050".into()], ..sale("b", "2026-02-10") };
    let input = february(
        DocumentKind::Receipt,
        vec![sold, back, other],
        vec![order(1, "#1042", "2026-01-20", "paid"), order(2, "#1050", "2026-02-10", "paid")],
    );
    let [january, february] = both_months(&input).map(|input| compared(&input));
    assert_findings(&january, &[(Kind::ReturnedButBooked, "a~#1", 3_000)]);
    assert_eq!(february.row("r").class, Differing);
    assert_findings(&february, &[(Kind::ReturnedButBooked, "a~#1", 0)]);
}

#[test]
fn missing_counts_in_its_own_month_only() {
    let documents = vec![at("2026-01-31", invoice("a", "1"))];
    let entries = vec![
        on("2026-01-02", booking(1, "8")),
        on("2026-01-30", booking(2, "9")),
        on("2026-02-02", booking(3, "10")),
    ];
    let input = february(DocumentKind::Invoice, documents, entries);
    let [january, february] = both_months(&input).map(|input| compared(&input));
    assert_eq!(january.row("a").class, MissingRight);
    assert!(!february.classes().contains_key("a"));
}

#[test]
fn a_knot_over_months_is_told_in_both() {
    let look_alikes = ["7/2026", "FPR 7"].map(|number| at("2026-01-31", invoice(number, number)));
    let mut entries = vec![on("2026-02-01", booking(1, "007"))];
    entries.extend([on("2026-01-02", booking(2, "1")), on("2026-01-30", booking(3, "2"))]);
    let input = february(DocumentKind::Invoice, look_alikes.to_vec(), entries);
    let [january, february] = both_months(&input).map(|input| compared(&input));
    assert_eq!(january.row("FPR 7").class, Ambiguous);
    let kind = Kind::Ambiguous;
    let of_kind = |seen: &Seen| -> Vec<(String, i64)> {
        let all = seen.findings().into_iter().filter(|one| one.0 == kind);
        all.map(|one| (one.1, one.2)).collect()
    };
    assert_eq!(of_kind(&january), [("7/2026".to_owned(), 0), ("FPR 7".to_owned(), 0)]);
    assert_eq!(of_kind(&february), [("#1".to_owned(), 12_200)]);
}
