//! Rules about numbers, on and off, and names that break a tie.

use std::sync::Arc;

use super::builder::*;
use super::seen::*;
use crate::findings::{Affix, Aid, Kind, NumberRule, Reason};
use crate::fiscal::{Document, LedgerEntry};
use crate::reconcile::rules::{RuleSort, Rulebook};
use crate::reconcile::statement::Class::{Ambiguous, Matched, MissingLeft, MissingRight};

/// Returns the shipped rules, but for the pass that takes a like number, with rules about numbers.
fn numbers(text: &str) -> Arc<Rulebook> {
    let mut book = Rulebook::default();
    let issued = RuleSort::Issued.built_in().replace("together = true", "status = \"suggest\"");
    book.put(RuleSort::Issued, &issued).unwrap();
    book.put(RuleSort::Numbers, text).unwrap();
    Arc::new(book)
}

fn aids(seen: &Seen, id: &str) -> Vec<Aid> {
    match &*seen.row(id).reason {
        Reason::Paired { aids, .. } => aids.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_number_rule_pairs_only_while_it_is_on() {
    let mut input = invoices(vec![invoice("a", "77")], vec![booking(1, "77/V3")]);
    input.rules = numbers("");
    assert_classes(&compared(&input), &[("a", MissingRight), ("#1", MissingLeft)]);
    let rule = format!(
        "[[number]]\nparty = \"{ALFA}\"\nbooks_suffix = \"/V3\"\nbecause = \"their ERP\"\n"
    );
    input.rules = numbers(&rule);
    let seen = compared(&input);
    assert_classes(&seen, &[("a", Matched), ("#1", Matched)]);
    assert_findings(&seen, &[]);
    let named = NumberRule {
        party: ALFA.to_owned(),
        affix: Affix::BooksSuffix("/V3".to_owned()),
        because: Some("their ERP".to_owned()),
    };
    assert_eq!(aids(&seen, "a"), [Aid::Number(named)]);
    for other in [
        format!("[[number]]\nparty = \"{BETA}\"\nbooks_suffix = \"/V3\"\n"),
        format!("[[number]]\nparty = \"{ALFA}\"\nbooks_prefix = \"/V3\"\n"),
        format!("[[number]]\nparty = \"{ALFA}\"\ndocuments_suffix = \"/V3\"\n"),
        format!(
            "[[number]]\nparty = \"{ALFA}\"\nbooks_suffix = \"/V3\"\ndirection = \"incoming\"\n"
        ),
        String::new(),
    ] {
        input.rules = numbers(&other);
        assert_eq!(compared(&input).row("a").class, MissingRight, "{other}");
    }
}

#[test]
fn a_number_rule_leaves_other_numbers_alone() {
    let rule = format!("[[number]]\nparty = \"{ALFA}\"\nbooks_prefix = \"VEN-\"\n");
    let documents = vec![invoice("a", "1"), invoice("b", "VEN-2")];
    let mut input = invoices(documents, vec![booking(1, "VEN-1"), booking(2, "VEN-2")]);
    input.rules = numbers(&rule);
    let seen = compared(&input);
    assert_eq!(seen.row("a").partner_id(), Some("book.csv#1"));
    // What agrees as written needs no rule.
    assert_eq!(seen.row("b").partner_id(), Some("book.csv#2"));
    assert!(aids(&seen, "b").is_empty());
}

#[test]
fn wrong_number_rules_are_refused() {
    for (text, said) in [
        ("[[nubmer]]\nparty = \"1\"", "did you mean `number`?"),
        ("[[number]]\nparty = \"1\"\nbook_prefix = \"A\"", "did you mean `books_prefix`?"),
        ("[[number]]\nparty = \"1\"", "one of books_prefix"),
        ("[[number]]\nparty = \"1\"\nbooks_prefix = \"\"", "the letters"),
        ("[[number]]\nbooks_prefix = \"A\"", "missing field"),
    ] {
        let error = Rulebook::default().put(RuleSort::Numbers, text).unwrap_err();
        let told = format!("{error} {}", error.hint().unwrap_or_default());
        assert!(told.contains(said), "{told}");
    }
}

/// Two documents and one entry of one number, told apart by nothing but the names.
fn twins(names: [&str; 2], booked: &str) -> Seen {
    let named = |id: &str, number: &str, name: &str| Document {
        counterparty_name: Some(name.to_owned()),
        ..invoice(id, number)
    };
    let documents = vec![named("a", "7/2026", names[0]), named("b", "FPR 7", names[1])];
    let entry = LedgerEntry { counterparty_name: Some(booked.to_owned()), ..booking(1, "007") };
    compared(&invoices(documents, vec![entry]))
}

#[test]
fn a_name_breaks_a_tie_and_says_so() {
    let seen = twins(["Alfa Trasporti Milano", "Alfa Edilizia Roma"], "ALFA TRASPORTI, MILANO");
    assert_classes(&seen, &[("a", Matched), ("b", MissingRight), ("#1", Matched)]);
    assert_eq!(aids(&seen, "a"), [Aid::Name]);
    assert!(seen.findings().iter().any(|one| one.0 == Kind::MissingInLedger && one.1 == "b"));
}

#[test]
fn names_that_tell_nothing_break_no_tie() {
    for names in [
        ["Alfa Trasporti", "Alfa Trasporti"],
        // Both resemble: one letter is no reason.
        ["Alfa Trasporti 1", "Alfa Trasporti 2"],
        // Neither resembles.
        ["Beta Legno", "Gamma Ferro"],
    ] {
        let seen = twins(names, "Alfa Trasporti");
        assert_classes(&seen, &[("a", Ambiguous), ("b", Ambiguous), ("#1", Ambiguous)]);
    }
}

#[test]
fn a_name_alone_pairs_nobody() {
    let document = Document { counterparty_tax_id: None, ..invoice("a", "77") };
    let entry = LedgerEntry { counterparty_tax_id: None, ..on("2026-02-11", booking(1, "78")) };
    let seen = compared(&invoices(vec![document], vec![entry]));
    assert_classes(&seen, &[("a", MissingRight), ("#1", MissingLeft)]);
}
