//! Several rows for one: parts of a document, sums of a party's open rows, doubts.

use proptest::prelude::*;

use super::builder::*;
use super::seen::*;
use super::small::small_invoice;
use crate::findings::{Kind, Pass, Reason, Side};
use crate::fiscal::{Direction, Document, DocumentKind, LedgerEntry};
use crate::reconcile::groups::{Group, search};
use crate::reconcile::pairing::Pairing;
use crate::reconcile::record::Record;
use crate::reconcile::rules::Rulebook;
use crate::reconcile::statement::Class::{
    Ambiguous, Differing, Duplicate, Matched, MissingLeft, MissingRight,
};

fn sent(cents: i64, id: &str, number: &str) -> Document {
    Document { gross_cents: Some(cents), ..invoice(id, number) }
}

#[test]
fn a_document_booked_in_parts_is_whole() {
    let entries = vec![booked(2_200, 2, "1"), booked(10_000, 1, "1")];
    let seen = compared(&invoices(vec![invoice("a", "1")], entries));
    assert_classes(&seen, &[("a", Matched), ("#1", Matched), ("#2", Matched)]);
    assert_findings(&seen, &[]);
    let Reason::Together { pass, with, beside, .. } = &*seen.row("a").reason else { panic!() };
    assert_eq!((pass, with.len(), *beside), (&Pass::NumberExact, 2, 0));
    let Reason::Together { with, beside, .. } = &*seen.row("book.csv#1").reason else { panic!() };
    assert_eq!((with[0].id.as_str(), *beside), ("a", 1));
    assert_eq!(seen.row("book.csv#2").partner_id(), Some("a"));
}

#[test]
fn parts_that_do_not_add_up_are_no_group() {
    let entries = vec![booked(10_000, 1, "1"), booked(2_199, 2, "1")];
    let seen = compared(&invoices(vec![invoice("a", "1")], entries));
    assert_classes(&seen, &[("a", Differing), ("#1", Differing), ("#2", MissingLeft)]);
}

#[test]
fn a_part_that_answers_alone_is_a_pair() {
    // 122.00 and 0.03 would add up to 122.03 as well.
    let entries = vec![booked(12_200, 1, "1"), booked(3, 2, "1")];
    let seen = compared(&invoices(vec![sent(12_203, "a", "1")], entries));
    assert_eq!(seen.row("a").partner_id(), Some("book.csv#1"));
    assert_eq!(seen.row("book.csv#2").class, MissingLeft);
}

#[test]
fn equal_halves_are_parts_and_no_duplicates() {
    let entries = vec![booked(6_100, 1, "1"), booked(6_100, 2, "1")];
    let seen = compared(&invoices(vec![invoice("a", "1")], entries));
    assert_classes(&seen, &[("a", Matched), ("#1", Matched), ("#2", Matched)]);
    let thrice = (1..4).map(|row| booked(6_100, row, "1")).collect();
    let seen = compared(&invoices(vec![invoice("a", "1")], thrice));
    assert_classes(
        &seen,
        &[("a", Differing), ("#1", Differing), ("#2", Duplicate), ("#3", Duplicate)],
    );
}

#[test]
fn a_mixed_currency_group_does_not_pass() {
    let dollars = LedgerEntry { currency: "USD".parse().unwrap(), ..booked(2_200, 2, "1") };
    let seen = compared(&invoices(vec![invoice("a", "1")], vec![booked(10_000, 1, "1"), dollars]));
    assert_classes(&seen, &[("a", Differing), ("#1", Differing), ("#2", MissingLeft)]);
}

#[test]
fn documents_booked_as_one_sum_are_found() {
    let documents = vec![sent(1_000, "a", "1"), sent(2_000, "b", "2"), sent(5_050, "c", "3")];
    let seen = compared(&invoices(documents, vec![booked(3_000, 1, "")]));
    assert_classes(&seen, &[("a", Matched), ("b", Matched), ("c", MissingRight), ("#1", Matched)]);
    assert_findings(&seen, &[(Kind::MissingInLedger, "c", 5_050)]);
    let Reason::Together { pass, with, among, .. } = &*seen.row("book.csv#1").reason else {
        panic!()
    };
    assert_eq!((pass, with.len(), *among), (&Pass::SumOfDocuments, 2, Some(2)));
}

#[test]
fn entries_that_make_one_document_are_found() {
    let entries = vec![booked(10_000, 1, "acconto"), booked(2_200, 2, "saldo")];
    let seen = compared(&invoices(vec![invoice("a", "1")], entries));
    assert_classes(&seen, &[("a", Matched), ("#1", Matched), ("#2", Matched)]);
}

#[test]
fn two_possible_sums_are_ambiguous_with_their_number() {
    let documents = vec![
        sent(1_000, "a", "1"),
        sent(2_000, "b", "2"),
        sent(1_200, "c", "3"),
        sent(1_800, "d", "4"),
    ];
    let seen = compared(&invoices(documents, vec![booked(3_000, 1, "")]));
    assert_eq!(seen.row("book.csv#1").class, Ambiguous);
    assert_eq!(
        *seen.row("book.csv#1").reason,
        Reason::Ambiguous { alternatives: 2, among: Vec::new() }
    );
    assert!(["a", "b", "c", "d"].iter().all(|id| seen.row(id).class == MissingRight));
}

#[test]
fn a_single_row_of_that_amount_is_a_rival() {
    let documents = vec![sent(1_000, "a", "1"), sent(2_000, "b", "2"), sent(3_000, "c", "3")];
    let entry = booked(3_000, 1, "");
    let later = on("2026-02-11", entry.clone());
    let seen = compared(&invoices(documents.clone(), vec![later]));
    assert_eq!(
        *seen.row("book.csv#1").reason,
        Reason::Ambiguous { alternatives: 2, among: Vec::new() }
    );
    // On the document's own day it is no rival but the partner.
    let seen = compared(&invoices(documents, vec![entry]));
    assert_classes_of(&seen, &["c"]);
}

#[test]
fn two_entries_that_want_one_document_get_none() {
    let documents = vec![sent(1_000, "a", "1"), sent(2_000, "b", "2")];
    let entries = vec![booked(3_000, 1, ""), booked(3_000, 2, "")];
    let seen = compared(&invoices(documents, entries));
    assert_classes(
        &seen,
        &[("a", MissingRight), ("b", MissingRight), ("#1", Ambiguous), ("#2", Ambiguous)],
    );
}

#[test]
fn too_many_open_rows_are_said() {
    let documents: Vec<Document> =
        (0..13).map(|n| sent(100 << n, &format!("d{n}"), &format!("{n}/N"))).collect();
    let seen = compared(&invoices(documents.clone(), vec![booked(1_000_000, 1, "")]));
    let Reason::TooMany { rows, .. } = &*seen.row("book.csv#1").reason else { panic!() };
    assert_eq!(*rows, 13);
    let fewer = documents[..12].to_vec();
    let seen = compared(&invoices(fewer, vec![booked(300, 1, "")]));
    assert_classes_of(&seen, &["d0", "d1"]);
}

fn assert_classes_of(seen: &Seen, matched: &[&str]) {
    for (_, row) in seen.rows().filter(|(_, row)| row.side == Side::Left) {
        let expected = if matched.contains(&&*row.record.id) { Matched } else { MissingRight };
        assert_eq!(row.class, expected, "{}", row.record.id);
    }
}

#[test]
fn parts_are_of_one_party_sort_and_time() {
    let parts = |other: Document| {
        let seen =
            compared(&invoices(vec![sent(1_000, "a", "1"), other], vec![booked(3_000, 1, "")]));
        seen.row("book.csv#1").class
    };
    let second = sent(2_000, "b", "2");
    assert_eq!(parts(second.clone()), Matched);
    let beta = Document {
        counterparty_tax_id: id(BETA),
        counterparty_name: Some("Beta".into()),
        ..second.clone()
    };
    assert_eq!(parts(beta), MissingLeft);
    let far = Document { issue_date: Some(day("2026-03-14")), ..second.clone() };
    assert_eq!(parts(far), MissingLeft);
    let dollars = Document { currency: "USD".parse().unwrap(), ..second };
    assert_eq!(parts(dollars), MissingLeft);
}

#[test]
fn an_order_with_two_receipts_is_whole() {
    let paid = |source_id: &str, cents: i64| Document {
        gross_cents: Some(cents),
        references: vec!["#1042".into()],
        ..sale(source_id, "2026-02-10")
    };
    let input = |documents| {
        february(
            DocumentKind::Receipt,
            documents,
            vec![order(1, "#1042", "2026-02-10", "paid"), order(2, "#1043", "2026-02-10", "paid")],
        )
    };
    let seen = compared(&input(vec![paid("a", 1_000), paid("b", 2_000)]));
    assert_classes(&seen, &[("a", Matched), ("b", Matched), ("#1", Matched), ("#2", MissingLeft)]);
    // A receipt that was issued twice is still a duplicate.
    let seen = compared(&input(vec![paid("a", 3_000), paid("b", 3_000)]));
    let classes: Vec<_> = ["a", "b"].iter().map(|id| seen.row(id).class).collect();
    assert!(classes.contains(&Matched) && classes.contains(&Duplicate), "{classes:?}");
}

/// Holds groups as (one, members), and the alternatives of each single row.
type Told = (Vec<(usize, Vec<usize>)>, Vec<(usize, Option<u64>)>);

/// Returns the groups of one rule, as (one, members), in order.
fn found(many: Side, left: &[Record], right: &[Record]) -> Told {
    let book = Rulebook::default();
    let rules = &book.invoices(Direction::Outgoing).groups;
    let rule = rules.iter().find(|rule| rule.many == many).unwrap();
    let mut pairing = Pairing::default();
    search(rule, [left, right], |_, _| true, &mut pairing);
    let groups = pairing.groups.iter().map(|one: &Group| (one.one, one.members.clone())).collect();
    let one_side = if many == Side::Left { Side::Right } else { Side::Left };
    let rows = if many == Side::Left { right.len() } else { left.len() };
    let doubts = (0..rows).map(|row| (row, pairing.alternatives(one_side, row))).collect();
    (groups, doubts)
}

proptest! {
    #[test]
    fn swapped_sides_mirror_the_groups(
        left in proptest::collection::vec(small_invoice(), 0..8),
        right in proptest::collection::vec(small_invoice(), 0..8),
    ) {
        prop_assert_eq!(found(Side::Left, &left, &right), found(Side::Right, &right, &left));
    }

    #[test]
    fn groups_agree_with_trying_every_set(
        left in proptest::collection::vec(small_invoice(), 0..7),
        one in small_invoice(),
    ) {
        let right = vec![one];
        let (groups, doubts) = found(Side::Left, &left, &right);
        let fits = |row: &Record| {
            let (part, whole) = (row.amount_cents.unwrap_or(0), right[0].amount_cents.unwrap_or(0));
            row.currency == right[0].currency
                && row.party.keys().any(|key| right[0].party.keys().any(|other| other == key))
                && part.signum() * whole.signum() > 0
                && part.abs() <= whole.abs()
                && !row.is_other_sort(&right[0])
                && row.days_apart(&right[0]).is_none_or(|days| days <= 31)
        };
        let items: Vec<usize> = (0..left.len()).filter(|row| fits(&left[*row])).collect();
        let mut sets: Vec<Vec<usize>> = Vec::new();
        for mask in 1u32..1 << items.len() {
            let set: Vec<usize> = (0..items.len())
                .filter(|bit| mask & (1 << bit) != 0)
                .map(|bit| items[bit])
                .collect();
            let sum: i64 = set.iter().map(|row| left[*row].amount_cents.unwrap_or(0)).sum();
            if Some(sum) == right[0].amount_cents {
                sets.push(set);
            }
        }
        let has_several = sets.iter().any(|set| set.len() > 1);
        match &sets[..] {
            [only] if has_several => {
                let mut members = groups[0].1.clone();
                members.sort_unstable();
                prop_assert_eq!((groups.len(), &members), (1, only));
            }
            _ => {
                prop_assert!(groups.is_empty());
                let told = has_several.then_some(sets.len() as u64);
                prop_assert_eq!(doubts[0].1, told);
            }
        }
    }
}
