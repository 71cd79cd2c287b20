//! Series, terms and totals: what is wrong without a second side.

use super::builder::*;
use super::seen::*;
use crate::findings::{Evidence, Kind, Severity};
use crate::fiscal::{Direction, Document, DocumentType, LedgerEntry, Lifecycle};

/// Returns an invoice with a number and a day of its own.
fn on(number: &str, at: &str) -> Document {
    Document { issue_date: Some(day(at)), ..invoice(number, number) }
}

/// Returns the findings of a kind, as the numbers around a gap or the row's number.
fn told(kind: Kind, documents: Vec<Document>, entries: Vec<LedgerEntry>) -> Vec<String> {
    let seen = compared(&invoices(documents, entries));
    let mut found: Vec<String> = seen
        .outcome
        .findings
        .iter()
        .filter(|one| one.kind == kind)
        .map(|one| match &one.evidence {
            Evidence::Gap { before, after, missing, .. } => format!("{before} -{missing}- {after}"),
            Evidence::Row { record, .. } | Evidence::Check { record, .. } => {
                record.number.clone().unwrap_or_default()
            }
            other => panic!("{other:?}"),
        })
        .collect();
    found.sort();
    found
}

fn gaps(documents: Vec<Document>, entries: Vec<LedgerEntry>) -> Vec<String> {
    told(Kind::NumberGap, documents, entries)
}

#[test]
fn number_that_nobody_has_is_a_gap() {
    let documents = || vec![on("1", "2026-02-02"), on("2", "2026-02-03"), on("5", "2026-02-09")];
    assert_eq!(gaps(documents(), Vec::new()), ["2 -2- 5"]);
    // One of them is booked under another dress: then only the other is missing.
    let booked = LedgerEntry { issue_date: Some(day("2026-02-05")), ..booking(1, "FPR 0003/2026") };
    assert_eq!(gaps(documents(), vec![booked]), ["FPR 0003/2026 -1- 5"]);
}

#[test]
fn each_section_and_year_counts_by_itself() {
    let sections =
        ["1/A", "2/A", "3/A", "1/B", "2/B", "4/B"].map(|number| on(number, "2026-02-03"));
    assert_eq!(gaps(sections.to_vec(), Vec::new()), ["2/B -1- 4/B"]);
    let years = [
        ("98", "2025-12-30"),
        ("99", "2025-12-31"),
        ("1", "2026-02-02"),
        ("2", "2026-02-03"),
        ("3", "2026-02-04"),
    ];
    assert!(gaps(years.map(|(number, at)| on(number, at)).to_vec(), Vec::new()).is_empty());
}

#[test]
fn prefixes_that_meet_count_by_themselves() {
    let plain = [("1", 2), ("2", 3), ("3", 4), ("4", 5), ("5", 6)];
    let public = [("FPR 1/26", 10), ("FPR 2/26", 11), ("FPR 4/26", 12), ("FPR 5/26", 13)];
    let all = || {
        let of = |(number, at): (&str, u32)| on(number, &format!("2026-02-{at:02}"));
        plain.into_iter().chain(public).map(of).collect::<Vec<_>>()
    };
    assert_eq!(gaps(all(), Vec::new()), ["FPR 2/26 -1- FPR 4/26"]);
    // The books drop the prefix: a 3 of theirs may be that one.
    let booked = LedgerEntry { issue_date: Some(day("2026-02-12")), ..booking(1, "3") };
    assert!(gaps(all(), vec![booked]).is_empty());
    // Where they never meet, one counter is shared, and nothing is missing.
    let shared = ["1", "FPR 2/26", "3", "FPA 4/26", "FPR 5/26", "6"];
    let shared = shared.map(|number| on(number, "2026-02-03")).to_vec();
    assert!(gaps(shared, Vec::new()).is_empty());
}

#[test]
fn gap_that_began_in_january_is_told_in_march() {
    let numbers = [("1", "2026-01-10"), ("2", "2026-01-12"), ("4", "2026-03-20")];
    let documents = numbers.map(|(number, at)| on(number, at)).to_vec();
    let march = Input { period: "2026-03".parse().unwrap(), ..invoices(documents, Vec::new()) };
    let found = compared(&march).outcome.findings;
    assert!(found.iter().any(|one| one.kind == Kind::NumberGap), "{found:?}");
}

#[test]
fn sparse_numbers_are_no_series() {
    let orders = ["1001", "1200", "1900", "2500"].map(|number| on(number, "2026-02-03"));
    assert!(gaps(orders.to_vec(), Vec::new()).is_empty());
    let purchases = ["1", "2", "5"]
        .map(|number| Document { direction: Direction::Incoming, ..on(number, "2026-02-03") });
    assert!(gaps(purchases.to_vec(), Vec::new()).is_empty());
}

#[test]
fn gap_belongs_to_the_month_of_its_end() {
    let documents = || {
        vec![
            on("7", "2026-01-28"),
            on("8", "2026-01-30"),
            on("10", "2026-02-02"),
            on("11", "2026-02-03"),
        ]
    };
    assert_eq!(gaps(documents(), Vec::new()), ["8 -1- 10"]);
    let mut later = documents();
    later[2].issue_date = Some(day("2026-03-02"));
    later[3].issue_date = Some(day("2026-03-03"));
    assert!(gaps(later, Vec::new()).is_empty());
}

#[test]
fn discarded_number_is_no_gap() {
    let mut documents: Vec<Document> =
        ["1", "2", "3", "4"].map(|number| on(number, "2026-02-03")).to_vec();
    documents[1].lifecycle = Lifecycle::NeverIssued;
    assert!(gaps(documents, Vec::new()).is_empty());
}

#[test]
fn number_used_twice_is_told_once() {
    let repeats = |documents| told(Kind::NumberRepeated, documents, Vec::new());
    let other = |id: &str, cents: i64| Document {
        source_id: id.to_owned(),
        gross_cents: Some(cents),
        ..on("fe 12", "2026-02-12")
    };
    assert_eq!(repeats(vec![on("FE 12", "2026-02-03"), other("b", 500)]), ["fe 12"]);
    let elsewhere = Document { number: Some("12/2026".to_owned()), ..other("b", 500) };
    assert!(repeats(vec![on("FE 12", "2026-02-03"), elsewhere]).is_empty(), "another series");
    // A credit note may bear the number of an invoice, a copy is a duplicate, the dead do not count.
    let credit = Document { document_type: DocumentType::new("TD04"), ..other("b", -500) };
    assert!(repeats(vec![on("FE 12", "2026-02-03"), credit]).is_empty());
    let copy = Document { source_id: "b".to_owned(), ..on("FE 12", "2026-02-03") };
    assert!(repeats(vec![on("FE 12", "2026-02-03"), copy]).is_empty());
    let dead = Document { lifecycle: Lifecycle::Refused, ..other("b", 500) };
    assert!(repeats(vec![on("FE 12", "2026-02-03"), dead]).is_empty());
    // Two suppliers may both have their number 12, one may not.
    let received = |document: Document, party: &str| Document {
        direction: Direction::Incoming,
        counterparty_tax_id: id(party),
        ..document
    };
    let two =
        |party| vec![received(on("FE 12", "2026-02-03"), ALFA), received(other("b", 500), party)];
    assert!(repeats(two(BETA)).is_empty());
    assert_eq!(repeats(two(ALFA)), ["fe 12"]);
}

#[test]
fn terms_are_inclusive() {
    let entry = |kind: &str, sent: &str, registered: &str| LedgerEntry {
        document_type: Some(DocumentType::new(kind)),
        transmission_date: Some(day(sent)),
        registration_date: Some(day(registered)),
        ..booking(1, "1")
    };
    for (kind, sent, registered, late) in [
        ("TD01", "2026-02-22", "2026-03-15", vec![]),
        ("TD01", "2026-02-23", "2026-03-15", vec![Kind::TransmittedLate]),
        ("TD24", "2026-03-15", "2026-03-16", vec![Kind::RegisteredLate]),
        ("TD24", "2026-03-16", "2026-03-15", vec![Kind::TransmittedLate]),
        ("TD04", "2026-12-31", "2026-03-15", vec![]),
    ] {
        let seen =
            compared(&invoices(vec![invoice("a", "1")], vec![entry(kind, sent, registered)]));
        let kinds: Vec<Kind> = seen
            .outcome
            .findings
            .iter()
            .map(|one| one.kind)
            .filter(|kind| matches!(kind, Kind::TransmittedLate | Kind::RegisteredLate))
            .collect();
        assert_eq!(kinds, late, "{kind} {sent} {registered}");
    }
}

#[test]
fn total_that_nothing_explains_is_at_risk() {
    let of = |gross_cents: i64| {
        let entry = LedgerEntry { gross_cents: Some(gross_cents), ..booking(1, "1") };
        let document = Document { gross_cents: Some(gross_cents), ..invoice("a", "1") };
        let seen = compared(&invoices(vec![document], vec![entry]));
        let found = seen.outcome.findings.iter().find(|one| one.kind == Kind::TotalDoesNotAddUp);
        found.map(|one| (one.severity(), one.at_risk_cents))
    };
    assert_eq!(of(12_205), None);
    assert_eq!(of(12_206), Some((Severity::Warning, 6)));
    assert_eq!(of(10_000), Some((Severity::Info, 0)));
    assert_eq!(of(12_400), None, "stamp duty");
}

#[test]
fn a_gap_reaches_back_over_the_whole_year() {
    use crate::fiscal::SentNumber;
    use crate::reconcile::statement::Verdict;
    use crate::reconcile::with_older_numbers;
    let mut input = invoices(vec![on("12", "2026-02-10"), on("13", "2026-02-11")], Vec::new());
    input.documents.retain(|document| !document.source_id.starts_with("anchor"));
    input.entries.clear();
    let alone = reconcile(&input).unwrap();
    assert!(alone.sent_numbers.is_some(), "12 is not the first");
    assert!(!alone.findings.iter().any(|one| one.kind == Kind::NumberGap));
    let sent = |number: &str, at: &str| SentNumber {
        number: number.to_owned(),
        day: day(at),
        is_booked: false,
    };
    let older = [sent("8", "2026-01-02"), sent("9", "2026-01-03"), sent("10/2026", "2026-01-04")];
    let whole = with_older_numbers(&asked(&input), alone.clone(), &older);
    let gaps: Vec<_> = whole.findings.iter().filter(|one| one.kind == Kind::NumberGap).collect();
    let [gap] = gaps[..] else { panic!("{gaps:?}") };
    let Evidence::Gap { before, after, missing, .. } = &gap.evidence else { panic!() };
    assert_eq!((before.as_str(), after.as_str(), *missing), ("10/2026", "12", 1));
    assert!(whole.sent_numbers.is_none());
    assert_eq!(whole.statements[0].rows, alone.statements[0].rows);
    // With the eleventh among them nothing is missing, and the verdict says so.
    let all = [&older[..], &[sent("11", "2026-01-05")]].concat();
    let whole = with_older_numbers(&asked(&input), alone.clone(), &all);
    assert!(!whole.findings.iter().any(|one| one.kind == Kind::NumberGap));
    assert_eq!(whole.statements[0].statement.verdict, Verdict::Incomplete, "there are no books");
}

#[test]
fn a_series_that_begins_with_one_wants_nothing_older() {
    let input = invoices(vec![on("1", "2026-02-02"), on("2", "2026-02-03")], Vec::new());
    let mut input = input;
    input.documents.retain(|document| !document.source_id.starts_with("anchor"));
    input.entries.clear();
    assert!(reconcile(&input).unwrap().sent_numbers.is_none());
}
