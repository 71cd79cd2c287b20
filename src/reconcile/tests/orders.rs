//! Receipts against a shop's orders: states, second receipts, returns, store tags.

use super::builder::*;
use super::seen::*;
use crate::findings::{Excluded, Kind, Reason};
use crate::fiscal::{Document, DocumentKind, LedgerEntry, Lifecycle};
use crate::reconcile::rules::RuleSort;
use crate::reconcile::statement::Class::{
    Differing, Duplicate, Excluded as LeftOut, Matched, MissingLeft, MissingRight,
};

const DAY: &str = "2026-02-10";

pub(super) fn tagged(source_id: &str, name: &str) -> Document {
    Document { references: vec![name.to_owned(), "negozio-1".to_owned()], ..sale(source_id, DAY) }
}

pub(super) fn shop(documents: Vec<Document>, entries: Vec<LedgerEntry>) -> Input {
    let mut input = february(DocumentKind::Receipt, documents, entries);
    for (row, name, at) in [(9_001, "#1", "2026-02-01"), (9_002, "#2", "2026-02-28")] {
        let references = vec![name.to_owned()];
        input.documents.push(Document { references, ..sale(&format!("anchor-{row}"), at) });
        input.entries.push(("book.csv".into(), order(row, name, at, "paid")));
    }
    input
}

#[test]
fn paid_order_matches_its_receipt() {
    let seen = compared(&shop(vec![tagged("a", "#1042")], vec![order(1, "#1042", DAY, "paid")]));
    assert_classes(&seen, &[("a", Matched), ("#1", Matched)]);
    assert_eq!(seen.row("a").record.number.as_deref(), Some("#1042"));
    assert_findings(&seen, &[]);
}

#[test]
fn store_tags_are_no_orders() {
    let seen = compared(&shop(vec![sale("a", DAY), tagged("b", "cassa 2")], Vec::new()));
    assert_classes(&seen, &[("a", LeftOut), ("b", LeftOut)]);
    let because = Excluded::WithoutOrder;
    assert_eq!(*seen.row("b").reason, Reason::Excluded { because });
    assert_findings(&seen, &[]);
}

#[test]
fn order_and_receipt_without_each_other() {
    let seen = compared(&shop(vec![tagged("a", "#1042")], vec![order(1, "#1043", DAY, "paid")]));
    assert_classes(&seen, &[("a", MissingRight), ("#1", MissingLeft)]);
    assert_findings(
        &seen,
        &[(Kind::MissingInLedger, "a", 3_000), (Kind::MissingAtProvider, "#1", 3_000)],
    );
}

#[test]
fn returned_sale_of_a_paid_order() {
    let sold = tagged("a", "#1042");
    let back = undoing("return", "r", "2026-02-12", &sold);
    let seen = compared(&shop(vec![sold, back], vec![order(1, "#1042", DAY, "paid")]));
    assert_classes(&seen, &[("a", Differing), ("r", Differing), ("#1", Differing)]);
    assert_findings(&seen, &[(Kind::ReturnedButBooked, "a~#1", 3_000)]);
}

#[test]
fn voided_sale_of_a_paid_order() {
    let sold = Document { lifecycle: Lifecycle::Voided, ..tagged("a", "#1042") };
    let void = undoing("void", "v", DAY, &sold);
    let seen = compared(&shop(vec![sold, void], vec![order(1, "#1042", DAY, "paid")]));
    assert_classes(&seen, &[("a", Differing), ("v", Differing), ("#1", Differing)]);
    assert_findings(&seen, &[(Kind::VoidedButBooked, "a~#1", 3_000)]);
}

#[test]
fn refunds_known_to_both_sides_agree() {
    let sold = tagged("a", "#1042");
    let back = undoing("return", "r", DAY, &sold);
    let part = Document { gross_cents: Some(-1_000), ..back.clone() };
    let void = undoing("void", "r", DAY, &sold);
    let voided = Document { lifecycle: Lifecycle::Voided, ..sold.clone() };
    for (status, sale, child, net) in [
        ("refunded", &sold, &back, 0),
        ("partially_refunded", &sold, &part, 2_000),
        ("cancelled", &voided, &void, 0),
        ("voided", &voided, &void, 0),
    ] {
        // Exports give the gross before the refund or the net after it.
        for gross in [3_000, net] {
            let entry = LedgerEntry { gross_cents: Some(gross), ..order(1, "#1042", DAY, status) };
            let seen = compared(&shop(vec![sale.clone(), child.clone()], vec![entry]));
            assert!(seen.classes().values().all(|class| *class == Matched), "{status} {gross}");
            assert_findings(&seen, &[]);
        }
    }
}

#[test]
fn refund_without_a_return_is_a_break() {
    for (status, returned, at_risk) in
        [("refunded", 0, 3_000), ("refunded", -1_000, 2_000), ("partially_refunded", 0, 3_000)]
    {
        let sold = tagged("a", "#1042");
        let back = Document { gross_cents: Some(returned), ..undoing("return", "r", DAY, &sold) };
        let seen = compared(&shop(vec![sold, back], vec![order(1, "#1042", DAY, status)]));
        assert_findings(&seen, &[(Kind::AmountDiffers, "a~#1", at_risk)]);
    }
}

#[test]
fn refund_of_another_amount_differs() {
    let sold = tagged("a", "#1042");
    let back = Document { gross_cents: Some(-1_000), ..undoing("return", "r", DAY, &sold) };
    let entry = order(1, "#1042", DAY, "partially_refunded");
    let entry = LedgerEntry { gross_cents: Some(1_500), ..entry };
    let seen = compared(&shop(vec![sold, back], vec![entry]));
    assert_findings(&seen, &[(Kind::AmountDiffers, "a~#1", 500)]);
}

#[test]
fn second_receipt_points_at_the_first() {
    let second = Document { issue_date: Some(day("2026-02-11")), ..tagged("b", "#1042") };
    let documents = vec![second, tagged("a", "#1042")];
    let seen = compared(&shop(documents, vec![order(1, "#1042", DAY, "paid")]));
    assert_classes(&seen, &[("a", Matched), ("b", Duplicate), ("#1", Matched)]);
    let Reason::Duplicate { of } = &*seen.row("b").reason else { panic!() };
    assert_eq!(of.id, "a");
    assert_findings(&seen, &[(Kind::DuplicateAtProvider, "b", 3_000)]);
}

#[test]
fn voided_receipt_gives_way_to_the_next() {
    let wrong = Document { lifecycle: Lifecycle::Voided, ..tagged("a", "#1042") };
    let void = undoing("void", "v", DAY, &wrong);
    let right = Document { issue_date: Some(day("2026-02-11")), ..tagged("b", "#1042") };
    let seen = compared(&shop(vec![wrong, void, right], vec![order(1, "#1042", DAY, "paid")]));
    let classes = [("a", Duplicate), ("v", Duplicate), ("b", Matched), ("#1", Matched)];
    assert_classes(&seen, &classes);
    assert_findings(&seen, &[]);
}

#[test]
fn cancelled_orders_need_no_receipt() {
    for status in ["cancelled", "voided"] {
        let seen = compared(&shop(Vec::new(), vec![order(1, "#1042", DAY, status)]));
        assert_classes(&seen, &[("#1", LeftOut)]);
        assert_findings(&seen, &[]);
    }
}

#[test]
fn order_listed_twice_is_a_duplicate() {
    let entries = vec![order(1, "#1042", DAY, "paid"), order(2, "#1042", DAY, "paid")];
    let seen = compared(&shop(vec![tagged("a", "#1042")], entries));
    assert_classes(&seen, &[("a", Matched), ("#1", Matched), ("#2", Duplicate)]);
    assert_findings(&seen, &[(Kind::DuplicateInLedger, "#2", 3_000)]);
}

#[test]
fn order_in_dollars_is_not_taken_for_a_copy() {
    let dollars =
        LedgerEntry { currency: "USD".parse().unwrap(), ..order(1, "#1042", DAY, "paid") };
    let seen = compared(&shop(vec![tagged("a", "#1042")], vec![dollars]));
    assert_classes(&seen, &[("a", MissingRight), ("#1", MissingLeft)]);
}

const BY_AMOUNT: &str = "[[passes]]\nname = \"likely\"\non = [\"gross\", \"issue_date\"]\n\
                         unique = true\nstatus = \"suggest\"\n";

#[test]
fn a_suggestion_among_orders_confirms_nothing() {
    let mut input = shop(vec![tagged("a", "#1042")], vec![order(1, "#1043", DAY, "paid")]);
    input.rules = added_rules(RuleSort::Receipts, BY_AMOUNT);
    let seen = compared(&input);
    assert_classes(&seen, &[("a", MissingRight), ("#1", MissingLeft)]);
    for (id, partner) in [("a", "book.csv#1"), ("book.csv#1", "a")] {
        let Reason::Suggested { pass, record, .. } = &*seen.row(id).reason else { panic!() };
        assert_eq!((pass.as_str(), record.id.as_str()), ("likely", partner));
    }
    // Two receipts of that amount on that day name nobody.
    input.documents.push(tagged("b", "#1044"));
    let seen = compared(&input);
    assert!(!matches!(*seen.row("book.csv#1").reason, Reason::Suggested { .. }));
}

#[test]
fn a_trial_counts_what_a_pass_would_change() {
    let [.., digits, likely] = crate::reconcile::ORDER_PASSES;
    let entries = vec![
        order(1, "#1042", DAY, "paid"),
        order(2, "#1043", DAY, "paid"),
        order(3, "#1044", DAY, "paid"),
        order(4, "#10-44", DAY, "paid"),
    ];
    // The till leaves `#` out; one order has two receipts, and one receipt two orders.
    let names = [("a", "1042"), ("b", "1043"), ("c", "1043"), ("d", "1044")];
    let documents = names.map(|(source_id, name)| tagged(source_id, name)).to_vec();
    let mut input = shop(documents, entries);
    let before = reconcile(&input).unwrap();
    let mut gained_by = |pass| {
        input.rules = added_rules(RuleSort::Receipts, &crate::reconcile::pass_as_toml(pass));
        crate::reconcile::gained(&before, &reconcile(&input).unwrap())
    };
    let gain = gained_by(digits);
    assert_eq!((gain.pairs, gain.named, gain.cents), (2, 0, 6_000));
    assert_eq!((gain.ambiguous, gain.changed), (3, 0));
    assert_eq!(gain.example, Some(("a".to_owned(), "book.csv#1".to_owned())));
    // By amount and day alone each of them might be any other.
    let gain = gained_by(likely);
    assert_eq!((gain.pairs, gain.named, gain.ambiguous), (0, 0, 0));
    input.rules = added_rules(RuleSort::Receipts, &crate::reconcile::pass_as_toml(digits));
    let seen = compared(&input);
    let Reason::Duplicate { of } = &*seen.row("c").reason else { panic!() };
    assert_eq!(of.id, "b");
}
