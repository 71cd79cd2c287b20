//! Rows that a company's own rule leaves out: class, reason and totals, of each sort of rules.

use super::builder::*;
use super::orders::{shop as orders_shop, tagged};
use super::seen::*;
use super::settlements::{assert_cards, card_sale, cards, payout, transaction, with};
use super::takings::{DAY, rates, shop};
use crate::findings::{Kind, Reason, Side};
use crate::fiscal::{Currency, Document, LedgerEntry, Lifecycle};
use crate::reconcile::rules::RuleSort;
use crate::reconcile::statement::Basis::{Settlements, TakingsByTender};
use crate::reconcile::statement::Class::{
    self, Differing, Excluded, Matched, MissingLeft, MissingRight,
};

/// Writes a rule that leaves rows out.
fn exclude(side: &str, column: &str, is: &str) -> String {
    format!(
        "[[exclude]]\nside = \"{side}\"\ncolumn = \"{column}\"\nis = [\"{is}\"]\nbecause = \"a test\"\n"
    )
}

/// Checks that a row is left out for the rule's reason.
#[track_caller]
fn assert_left_out(seen: &Seen, id: &str) {
    let row = seen.row(id);
    assert_eq!(*row.reason, Reason::LeftOut { because: "a test".to_owned() }, "{id}");
    assert_eq!(row.class, Excluded);
}

/// Returns the cents that a statement's side counts in a class.
fn cents_of(seen: &Seen, place: usize, side: Side, class: Class) -> i64 {
    let bridge = &seen.outcome.statements[place].statement.currencies[&Currency::EUR];
    assert_eq!(bridge.residual_cents, 0);
    let money = if side == Side::Left { &bridge.left } else { &bridge.right };
    money.classes.get(&class).copied().unwrap_or(0)
}

#[test]
fn invoices_of_one_party_are_left_out() {
    let internal = Document { counterparty_tax_id: id(BETA), ..invoice("b", "2") };
    let mut input = invoices(vec![invoice("a", "1"), internal], vec![booking(1, "1")]);
    let rule = exclude("left", "party", BETA);
    input.rules = added_rules(RuleSort::Issued, &rule.replace(BETA, "12345678903"));
    assert_eq!(compared(&input).row("b").class, MissingRight);
    input.rules = added_rules(RuleSort::Issued, &rule);
    let seen = compared(&input);
    assert_classes(&seen, &[("a", Matched), ("b", Excluded), ("#1", Matched)]);
    assert_left_out(&seen, "b");
    assert_findings(&seen, &[]);
}

#[test]
fn a_tagged_receipt_is_left_out_of_takings() {
    let trial = Document { references: vec!["prova".to_owned()], ..sale("b", DAY) };
    let mut input = shop(vec![sale("a", DAY), trial], rates(1_000, 2_000));
    assert_eq!(compared(&input).row("b").class, Differing);
    input.rules = added_rules(RuleSort::Takings, &exclude("left", "reference", "prova"));
    let seen = compared(&input);
    assert_classes(&seen, &[("a", Matched), ("b", Excluded), ("#1", Matched), ("#2", Matched)]);
    assert_left_out(&seen, "b");
    assert_eq!(cents_of(&seen, 0, Side::Left, Excluded), 3_000);
    assert_findings(&seen, &[]);
}

#[test]
fn a_rate_of_the_books_is_left_out_of_takings() {
    let mut entries = rates(1_000, 2_000);
    entries.push(rate_line(3, DAY, "N4", 700));
    let mut input = shop(vec![sale("a", DAY)], entries);
    assert_findings(&compared(&input), &[(Kind::TakingsDiffer, "2026-02-10 N4", 700)]);
    for rate in ["N4", "n4"] {
        input.rules = added_rules(RuleSort::Takings, &exclude("right", "slice", rate));
        let seen = compared(&input);
        let classes = [("a", Matched), ("#1", Matched), ("#2", Matched), ("#3", Excluded)];
        assert_classes(&seen, &classes);
        assert_left_out(&seen, "book.csv#3");
        assert_eq!(cents_of(&seen, 0, Side::Right, Excluded), 700);
        assert_findings(&seen, &[]);
    }
}

#[test]
fn a_line_left_out_hides_no_missing_day() {
    let other = "2026-02-11";
    let mut entries = rates(1_000, 2_000);
    entries.push(rate_line(3, other, "22", 500));
    let mut input = shop(vec![sale("a", DAY), sale("b", other)], entries);
    input.rules = added_rules(RuleSort::Takings, &exclude("right", "gross", "5"));
    let seen = compared(&input);
    assert_eq!(seen.row("b").class, MissingRight);
    assert_left_out(&seen, "book.csv#3");
    let of_day = |rate: &str, cents| (Kind::TakingsDiffer, format!("{other} {rate}"), cents);
    assert_eq!(seen.findings(), [of_day("10", 1_000), of_day("22", 2_000)]);
}

#[test]
fn amounts_and_days_of_a_rule_are_exact() {
    for (column, is, class) in [
        ("gross", "30.00", Excluded),
        ("gross", "30", Excluded),
        ("gross", "30.01", Differing),
        ("gross", "29.99", Differing),
        ("gross", "-30.00", Differing),
        ("issue_date", "2026-02-10", Excluded),
        ("issue_date", "2026-02-09", Differing),
        ("issue_date", "2026-02-11", Differing),
    ] {
        let mut input = shop(vec![sale("a", DAY)], rates(900, 2_000));
        input.rules = added_rules(RuleSort::Takings, &exclude("left", column, is));
        assert_eq!(compared(&input).row("a").class, class, "{column} {is}");
    }
}

#[test]
fn a_rule_for_one_side_leaves_the_other() {
    let mut input = shop(vec![sale("a", DAY)], rates(1_000, 2_000));
    for (side, left, right) in [
        ("left", Excluded, MissingLeft),
        ("right", MissingRight, Excluded),
        ("both", Excluded, Excluded),
    ] {
        input.rules = added_rules(RuleSort::Takings, &exclude(side, "issue_date", DAY));
        let seen = compared(&input);
        assert_classes(&seen, &[("a", left), ("#1", right), ("#2", right)]);
    }
}

#[test]
fn a_day_of_tenders_is_left_out() {
    let mut input = shop(vec![sale("a", DAY)], vec![tender_line(1, DAY, 2_000, 500)]);
    let rule = exclude("both", "issue_date", DAY);
    input.rules = added_rules(RuleSort::Takings, &rule);
    let seen = compared(&input);
    let expected = [("#1", Excluded), ("a", Excluded)].map(|(id, class)| (id.to_owned(), class));
    let classes = seen.classes_by(TakingsByTender);
    assert!(expected.iter().all(|(id, class)| classes[id] == *class), "{classes:?}");
    assert_eq!(cents_of(&seen, 1, Side::Right, Excluded), 2_500);
}

#[test]
fn a_failed_receipt_left_out_is_not_told() {
    let failed = Document {
        lifecycle: Lifecycle::NeverIssued,
        references: vec!["prova".to_owned()],
        ..sale("b", DAY)
    };
    let mut input = shop(vec![sale("a", DAY), failed], rates(1_000, 2_000));
    assert_findings(&compared(&input), &[(Kind::ReceiptFailed, "b", 3_000)]);
    input.rules = added_rules(RuleSort::Receipts, &exclude("left", "reference", "prova"));
    assert_findings(&compared(&input), &[]);
}

#[test]
fn receipts_and_orders_are_left_out() {
    let trial = Document { counterparty_name: Some("Prova".to_owned()), ..tagged("a", "#1042") };
    let back = undoing("return", "r", "2026-02-12", &trial);
    let orders = vec![order(1, "#1043", DAY, "gift"), order(2, "#1043", DAY, "gift")];
    let mut input = orders_shop(vec![trial, back], orders);
    let open = [("a", MissingRight), ("r", MissingRight)];
    let seen = compared(&input);
    assert!(open.iter().all(|(id, class)| seen.row(id).class == *class));
    assert_eq!(seen.row("book.csv#1").class, MissingLeft);
    // What follows a sale is left out with it, whether the rule names it or not.
    let rules = [exclude("left", "gross", "30.00"), exclude("right", "status", "gift")].concat();
    input.rules = added_rules(RuleSort::Receipts, &rules);
    input.documents.retain(|document| !document.source_id.starts_with("anchor"));
    let seen = compared(&input);
    let of_sale = [("a", Excluded), ("r", Excluded), ("#1", Excluded), ("#2", Excluded)];
    assert_classes(&seen, &of_sale);
    for id in ["a", "r", "book.csv#1", "book.csv#2"] {
        assert_left_out(&seen, id);
    }
    assert_eq!(cents_of(&seen, 0, Side::Right, Excluded), 6_000);
    let anchors = |one: &&(Kind, String, i64)| !one.1.starts_with("#900");
    assert_eq!(seen.findings().iter().filter(anchors).count(), 0);
}

#[test]
fn a_receipt_left_out_answers_no_order() {
    let mut input = orders_shop(vec![tagged("a", "#1042")], vec![order(1, "#1042", DAY, "paid")]);
    input.rules = added_rules(RuleSort::Receipts, &exclude("left", "reference", "#1042"));
    let seen = compared(&input);
    assert_classes(&seen, &[("a", Excluded), ("#1", MissingLeft)]);
}

#[test]
fn a_terminal_of_another_is_left_out_of_settlements() {
    let at = |entry: LedgerEntry, terminal: &str| {
        with(entry, |of| {
            of.terminal = Some(terminal.to_owned());
            of.payout = Some("P1".to_owned());
        })
    };
    let entries = vec![
        at(transaction(1, DAY, 3_000), "0001"),
        at(transaction(2, DAY, 500), "0009"),
        // The bank pays both in one sum: 34.65.
        payout(3, "2026-02-20", 3_465, Some("P1")),
    ];
    let mut input = cards(vec![card_sale("a", DAY)], entries);
    let differs = [("a", Differing), ("#1", Differing), ("#2", Differing), ("#3", Excluded)];
    assert_cards(&input, &differs, &[(Kind::SettlementDiffers, DAY, 500)]);
    input.rules = added_rules(RuleSort::Settlements, &exclude("right", "terminal", "0009"));
    let classes = [("a", Matched), ("#1", Matched), ("#2", Excluded), ("#3", Excluded)];
    let seen = assert_cards(&input, &classes, &[]);
    assert_left_out(&seen, "book.csv#2");
    let place = seen.outcome.statements.iter().position(|one| one.statement.basis == Settlements);
    assert_eq!(cents_of(&seen, place.unwrap(), Side::Right, Excluded), 500);
    let settled = seen.outcome.statements[place.unwrap()].statement.settled[&Currency::EUR];
    assert_eq!((settled.transactions, settled.sales_cents), (3, 9_000));
    assert_eq!((settled.payouts, settled.unproved_payouts), (1, 0));
}

#[test]
fn a_card_receipt_is_left_out_of_settlements() {
    let trial = Document { references: vec!["prova".to_owned()], ..card_sale("b", DAY) };
    let entries = vec![transaction(1, DAY, 3_000)];
    let mut input = cards(vec![card_sale("a", DAY), trial], entries);
    input.rules = added_rules(RuleSort::Settlements, &exclude("left", "reference", "prova"));
    let classes = [("a", Matched), ("b", Excluded), ("#1", Matched)];
    let seen = assert_cards(&input, &classes, &[]);
    let on = |(basis, row): &(_, &crate::reconcile::statement::ClassedRow)| {
        *basis == Settlements && row.record.id == "b"
    };
    let (_, row) = seen.rows().find(on).unwrap();
    assert_eq!(*row.reason, Reason::LeftOut { because: "a test".to_owned() });
}

#[test]
fn takings_of_the_books_are_left_out_of_settlements() {
    let entries = vec![tender_line(1, DAY, 500, 3_000)];
    let mut input = cards(Vec::new(), entries);
    input.documents.clear();
    input.entries.retain(|(_, entry)| entry.row < 9_000);
    input.entries.push(("pos.csv".into(), transaction(2, "2026-02-12", 3_000)));
    input.entries.push(("book.csv".into(), tender_line(3, "2026-02-12", 0, 3_000)));
    input.rules = added_rules(RuleSort::Settlements, &exclude("left", "issue_date", DAY));
    let seen = compared(&input);
    let classes = seen.classes_by(Settlements);
    assert_eq!((classes["#1"], classes["#3"], classes["pos.csv#2"]), (Excluded, Matched, Matched));
}

#[test]
fn rules_that_can_mean_no_row_are_refused() {
    let of_receipts = exclude("left", "gross", "12,00");
    for (sort, rule, said) in [
        (RuleSort::Receipts, of_receipts.as_str(), "an amount: `12.00`"),
        (RuleSort::Takings, &exclude("left", "gross", "12.005"), "an amount: `12.00`"),
        (RuleSort::Takings, &exclude("left", "slice", "22"), "the left side does not have"),
        (RuleSort::Takings, &exclude("right", "slice", "ventidue"), "a VAT rate: `22` or `N4`"),
        (RuleSort::Takings, &exclude("both", "issue_date", "10/02/2026"), "a day: `2026-02-28`"),
        (RuleSort::Settlements, &exclude("right", "terminl", "1"), "did you mean `terminal`?"),
        (RuleSort::Settlements, &exclude("left", "terminal", "1"), "the left side does not have"),
        (RuleSort::Issued, &exclude("left", "party", BETA).replace("a test", ""), "your own words"),
        (
            RuleSort::Issued,
            "[[exclude]]\ncolumn = \"party\"\nbecause = \"b\"",
            "at least one value",
        ),
    ] {
        let text = format!("{}\n{rule}", sort.built_in());
        let error = crate::reconcile::rules::Rulebook::default().put(sort, &text).unwrap_err();
        let told = format!("{error} / {}", error.hint().unwrap_or_default());
        assert!(told.contains(said), "{rule}: {told}");
    }
}
