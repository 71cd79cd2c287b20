//! Laws that hold whatever the rows: conservation, order, symmetry, agreement with oracles.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::builder::*;
use super::seen::*;
use super::small::*;
use crate::findings::{Fingerprint, Pass, Reason, Side};
use crate::fiscal::{Direction, Document, LedgerEntry, Period};
use crate::reconcile::choose::{Candidate, Choice, choose};
use crate::reconcile::compare::rank;
use crate::reconcile::one_pass::candidates;
use crate::reconcile::record::Record;
use crate::reconcile::rules::Rulebook;
use crate::reconcile::statement::ClassedRow;
use crate::reconcile::tables::tolerance::{Apart, Tolerance};
use crate::reconcile::tables::value::Value;

fn small_input() -> impl Strategy<Value = Input> {
    (
        proptest::collection::vec((small_document(), any::<bool>()), 0..9),
        proptest::collection::vec((small_booking(), any::<bool>()), 0..9),
    )
        .prop_map(|(documents, entries)| {
            let side =
                |is_incoming| if is_incoming { Direction::Incoming } else { Direction::Outgoing };
            let documents = (0..).zip(documents).map(|(index, (document, is_incoming))| Document {
                source_id: format!("doc-{index}"),
                direction: side(is_incoming),
                ..document
            });
            let entries = (1..).zip(entries).map(|(row, (entry, is_incoming))| LedgerEntry {
                row,
                direction: Some(side(is_incoming)),
                ..entry
            });
            invoices(documents.collect(), entries.collect())
        })
}

type Shown = (Vec<ClassedRow>, BTreeSet<(Fingerprint, i64)>);

/// Returns all rows by id and all findings as a set, copies told apart.
fn shown(input: &Input) -> Shown {
    let seen = compared(input);
    let mut rows: Vec<ClassedRow> = seen.rows().map(|(_, row)| row.clone()).collect();
    rows.sort_by(|a, b| a.record.id.cmp(&b.record.id));
    let mut times: BTreeMap<Fingerprint, u32> = BTreeMap::new();
    let mut findings = BTreeSet::new();
    for finding in &seen.outcome.findings {
        let count = times.entry(Fingerprint::of(finding, 1)).or_insert(0);
        *count += 1;
        findings.insert((Fingerprint::of(finding, *count), finding.at_risk_cents));
    }
    assert_eq!(findings.len(), seen.outcome.findings.len());
    (rows, findings)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn each_row_of_the_period_has_one_class(input in small_input()) {
        let (rows, _) = shown(&input);
        let mut times: BTreeMap<&str, u32> = BTreeMap::new();
        for row in &rows {
            *times.entry(&row.record.id).or_insert(0) += 1;
        }
        let within = |day: Option<_>| day.is_none_or(|day| input.period.contains(day));
        let due = input.documents.iter()
            .filter(|one| within(one.issue_date))
            .map(|one| one.source_id.clone())
            .chain(input.entries.iter()
                .filter(|(_, one)| within(one.issue_date))
                .map(|(file, one)| format!("{file}#{}", one.row)));
        for id in due.filter(|id| !id.contains("anchor") && !id.contains("#900")) {
            prop_assert_eq!(times.remove(id.as_str()), Some(1), "{}", id);
        }
        // What is left are partners from other days.
        for id in times.into_keys() {
            let row = rows.iter().find(|row| row.record.id == id).unwrap();
            let is_answered_by_several = matches!(*row.reason, Reason::Together { .. });
            prop_assert!(row.partner.is_some() || is_answered_by_several);
        }
    }

    #[test]
    fn shuffled_rows_change_nothing(
        (input, shuffled) in small_input().prop_flat_map(|input| {
            let documents = Just(input.documents.clone()).prop_shuffle();
            let entries = Just(input.entries.clone()).prop_shuffle();
            let whole = input.clone();
            let shuffled = (documents, entries).prop_map(move |(documents, entries)| {
                Input { documents, entries, ..whole.clone() }
            });
            (Just(input), shuffled)
        }),
    ) {
        prop_assert_eq!(compared(&input).outcome, compared(&shuffled).outcome);
    }

    #[test]
    fn unrelated_row_changes_no_other(input in small_input()) {
        let (before, _) = shown(&input);
        let mut more = input.clone();
        let stranger = LedgerEntry {
            counterparty_tax_id: id("DE811907980"),
            counterparty_name: Some("Fremd GmbH".into()),
            gross_cents: Some(777_777),
            ..booking(500, "X/77777")
        };
        more.entries.push(("book.csv".into(), stranger));
        let (mut after, _) = shown(&more);
        after.retain(|row| row.record.row != Some(500));
        prop_assert_eq!(before, after);
    }

    #[test]
    fn months_agree_on_each_row(input in small_input()) {
        let months = ["2026-01", "2026-02", "2026-03"].map(|month| {
            let period: Period = month.parse().unwrap();
            // A row without a date would belong to every month.
            let mut input = Input { period, accounting_period: period, ..input.clone() };
            input.documents.retain(|one| one.issue_date.is_some());
            input.entries.retain(|(_, one)| one.issue_date.is_some());
            shown(&input)
        });
        let mut classes: BTreeMap<&str, BTreeSet<_>> = BTreeMap::new();
        for row in months.iter().flat_map(|(rows, _)| rows) {
            classes.entry(&row.record.id).or_default().insert(row.class);
        }
        for (id, seen) in classes {
            prop_assert_eq!(seen.len(), 1, "{}: {:?}", id, seen);
        }
        let costly = months.iter().flat_map(|(_, findings)| findings);
        let costly: Vec<&Fingerprint> =
            costly.filter(|(_, cents)| *cents > 0).map(|(print, _)| print).collect();
        let distinct: BTreeSet<&Fingerprint> = costly.iter().copied().collect();
        prop_assert_eq!(costly.len(), distinct.len(), "euros at risk in two months");
    }

    #[test]
    fn swapped_sides_mirror_the_choice(
        left in proptest::collection::vec(small_invoice(), 0..8),
        right in proptest::collection::vec(small_invoice(), 0..8),
    ) {
        let choice = choose(&left, &right, &all_pairs(&left, &right), false);
        let mirrored = choose(&right, &left, &all_pairs(&right, &left), false);
        let mut pairs: Vec<(usize, usize)> = mirrored.pairs.iter().map(|(r, l)| (*l, *r)).collect();
        pairs.sort_unstable();
        let back = Choice {
            pairs,
            ambiguous_left: mirrored.ambiguous_right,
            ambiguous_right: mirrored.ambiguous_left,
        };
        prop_assert!(choice.ambiguous_left.values().all(|count| *count >= 2));
        prop_assert_eq!(choice, back);
    }

    #[test]
    fn candidates_agree_with_looking_at_all(
        left in proptest::collection::vec(small_invoice(), 0..12),
        right in proptest::collection::vec(small_invoice(), 0..12),
    ) {
        let book = Rulebook::default();
        for (place, pass) in book.invoices(Direction::Outgoing).passes.iter().enumerate() {
            let found: BTreeSet<(usize, usize)> =
                candidates(pass, (&left, &right), |side: Side, index| {
                    side == Side::Right || index % 3 != 0
                }).unwrap().into_iter().collect();
            let naive: BTreeSet<(usize, usize)> = (0..left.len())
                .flat_map(|l| (0..right.len()).map(move |r| (l, r)))
                .filter(|(l, _)| l % 3 != 0)
                .filter(|(l, r)| is_naive_candidate(&pass.name, &left[*l], &right[*r]))
                .filter(|(l, r)| is_naive_within(place, &left[*l], &right[*r]))
                .collect();
            prop_assert_eq!(found, naive);
        }
    }
}

fn all_pairs(left: &[Record], right: &[Record]) -> Vec<Candidate> {
    let book = Rulebook::default();
    let tolerance = &book.invoices(Direction::Outgoing).tolerance;
    let mut all = Vec::new();
    for (l, a) in left.iter().enumerate() {
        for (r, b) in right.iter().enumerate().filter(|(_, b)| b.currency == a.currency) {
            all.push(Candidate { left: l, right: r, rank: rank(a, b, tolerance) });
        }
    }
    all
}

/// Says what else the shipped passes ask for: first the amount, then the days.
fn is_naive_within(place: usize, a: &Record, b: &Record) -> bool {
    match place {
        0 => true,
        1 | 2 => match (a.amount_cents, b.amount_cents) {
            (Some(a), Some(b)) => a.abs_diff(b) <= 5,
            _ => false,
        },
        3 | 4 => a.days_apart(b).is_none_or(|days| days <= 31),
        5 => a.days_apart(b).is_none_or(|days| days <= 10) && a.is_same_year(b),
        6 => {
            let slip = Tolerance::parse("slip").unwrap();
            let text = |number| Value::Text(Cow::Borrowed(str::as_bytes(number)));
            let numbers = a.number().zip(b.number());
            a.issue_date.is_some()
                && a.issue_date == b.issue_date
                && numbers.is_none_or(|(a, b)| {
                    slip.judge(&text(a), &text(b)) == Apart::Equal
                        || matches!(slip.judge(&text(a), &text(b)), Apart::Within(_))
                })
        }
        _ => a.days_apart(b).is_none_or(|days| days <= 10),
    }
}

/// Says in plain comparisons what the joins and filters of a pass let through.
fn is_naive_candidate(pass: &Pass, a: &Record, b: &Record) -> bool {
    use chrono::Datelike as _;
    if a.currency != b.currency {
        return false;
    }
    let both = |x: Option<&str>, y: Option<&str>| x.is_some() && x == y;
    let tax_id = |record: &'_ Record| record.reference.counterparty_tax_id.clone();
    let (tax_a, tax_b) = (tax_id(a), tax_id(b));
    let has_same_id = both(tax_a.as_deref(), tax_b.as_deref());
    let name = |record: &Record| {
        let name = record.reference.counterparty_name.as_deref().unwrap_or_default();
        (!name.is_empty()).then(|| name.to_lowercase())
    };
    let has_same_party = has_same_id || both(name(a).as_deref(), name(b).as_deref());
    let has_same_total = a.amount_cents.is_some() && a.amount_cents == b.amount_cents;
    let has_same_number = match pass {
        Pass::Id => return a.shares_reference(b),
        Pass::NumberAmount => {
            return has_same_total && both(a.normalised.as_deref(), b.normalised.as_deref());
        }
        Pass::PartyAmountDay | Pass::PartyAmount => return has_same_total && has_same_party,
        Pass::NumberExact => both(a.number(), b.number()),
        _ => both(a.normalised.as_deref(), b.normalised.as_deref()),
    };
    let other_id = match (&tax_a, &tax_b) {
        (Some(a), Some(b)) => a != b && a.len() == b.len(),
        _ => false,
    };
    let has_same_amount =
        a.amount_cents.is_some() && a.amount_cents.map(i64::abs) == b.amount_cents.map(i64::abs);
    let (is_same_year, is_near) = match (a.issue_date, b.issue_date) {
        (Some(a), Some(b)) => (a.year() == b.year(), (a - b).num_days().abs() <= 31),
        _ => (true, true),
    };
    let is_credit =
        |record: &Record| record.reference.document_type.as_deref().map(|code| code == "TD04");
    let is_other_sort = matches!((is_credit(a), is_credit(b)), (Some(x), Some(y)) if x != y);
    has_same_number
        && has_same_party
        && (is_same_year || is_near)
        && (has_same_amount || (is_same_year && !is_other_sort && !other_id))
}
