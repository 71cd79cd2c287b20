//! Small tables, written out, and what other tests need to look at results.

use crate::findings::Side;
use crate::reconcile::statement::Class;
use crate::reconcile::tables::{Comparison, Error, RowReason, Rules, Table, compare};

/// Returns the comparison of two texts by rules.
pub(super) fn compared(rules: &str, left: &str, right: &str) -> Result<Comparison, Error> {
    compared_with(rules, left, right, 1)
}

/// Returns the comparison of two texts with so many threads.
pub(super) fn compared_with(
    rules: &str,
    left: &str,
    right: &str,
    threads: usize,
) -> Result<Comparison, Error> {
    let table = |text: &str| Table { bytes: text.as_bytes().to_vec(), ..Table::default() };
    compare([table(left), table(right)], &Rules::parse(rules)?, threads)
}

pub(super) fn classes(comparison: &Comparison) -> String {
    let text = |side| serde_json::to_string(side).unwrap();
    let statement = comparison.statement();
    text(&statement.left.classes) + " " + &text(&statement.right.classes)
}

pub(super) fn left_classes(comparison: &Comparison) -> Vec<(String, u64)> {
    let classes = &comparison.statement().left.classes;
    classes.iter().map(|(class, count)| (class.to_string(), count.rows)).collect()
}

/// Returns the pairs by the numbers of their rows.
pub(super) fn pairs(comparison: &Comparison) -> Vec<(u64, u64, &'static str)> {
    let row = |pair: crate::reconcile::tables::PairLine<'_>| {
        (pair.left_row, pair.right_row, pair.class.as_str())
    };
    let mut pairs: Vec<_> = comparison.pairs().map(row).collect();
    pairs.sort_unstable();
    pairs
}

/// Returns the findings as the report lists them, without its sentences.
pub(super) fn findings(comparison: &Comparison) -> Vec<[String; 10]> {
    let mut all = Vec::new();
    for pair in comparison.pairs().filter(|pair| pair.class == Class::Differing) {
        for one in comparison.differences(&pair).into_iter().filter(|one| !one.is_within) {
            all.push([
                format!("{}_differs", one.sort),
                String::new(),
                pair.left_row.to_string(),
                pair.right_row.to_string(),
                one.column,
                one.left,
                one.right,
                one.difference,
                String::new(),
                String::new(),
            ]);
        }
    }
    for group in comparison.differing_groups() {
        let mut line: [String; 10] = Default::default();
        line[0] = "amount_differs".to_owned();
        line[if group.side == Side::Left { 2 } else { 3 }] = group.row.to_string();
        line[7] = group.difference;
        all.push(line);
    }
    for single in comparison.singles() {
        let mut line: [String; 10] = Default::default();
        line[0] = single.class.to_string();
        line[if single.side == Side::Left { 2 } else { 3 }] = single.row.to_string();
        line[9] = match single.reason {
            RowReason::NoKey => "an empty key meets nothing".to_owned(),
            RowReason::Pending { break_on } => break_on,
            RowReason::OutOfWindow { covered: Some((from, to)) } => format!("{from}..{to}"),
            RowReason::Aside(aside) if !aside.is_wanted() => {
                line[0] = "file_rejected".to_owned();
                String::new()
            }
            _ => String::new(),
        };
        all.push(line);
    }
    all
}

const RULES: &str =
    "keys = [\"invoice\"]\n[compare]\namount = \"0.01\"\ndate = \"1d\"\nvendor = \"exact\"\n";

#[test]
fn least_rules_class_each_row() {
    let left = "invoice,amount,date,vendor\nA,10.00,2026-01-01,x\nB,5.00,2026-01-02,y\nC,1,2026-01-03,z\nD,1,2026-01-03,z\n";
    let right = "vendor;date;Importo;invoice\nx;01/01/2026;10,00;A\ny;03/01/2026;5,01;B\nz;03/01/2026;1,02;C\nz;13/01/2026;7;E\n";
    let rules = format!("{RULES}[columns.right]\n\"Importo\" = \"amount\"\n");
    let found = compared(&rules, left, right).unwrap();
    assert_eq!(
        classes(&found),
        "{\"matched\":{\"rows\":1},\"matched_within_tolerance\":{\"rows\":1},\"differing\":{\"rows\":1},\"missing_right\":{\"rows\":1}} \
         {\"matched\":{\"rows\":1},\"matched_within_tolerance\":{\"rows\":1},\"differing\":{\"rows\":1},\"missing_left\":{\"rows\":1}}"
    );
    let bridge = &found.statement().currencies["EUR"];
    assert_eq!((bridge.left.amount_cents, bridge.right.amount_cents), (1700, 2303));
}

#[test]
fn equally_good_partners_are_ambiguous() {
    let left = "invoice,amount,date,vendor\nA,10,2026-01-05,x\n";
    let right = "invoice,amount,date,vendor\nA,11,2026-01-05,x\nA,9,2026-01-05,x\n";
    let found = compared(RULES, left, right).unwrap();
    assert_eq!(classes(&found), "{\"ambiguous\":{\"rows\":1}} {\"ambiguous\":{\"rows\":2}}");
}

#[test]
fn numbers_that_may_be_read_in_two_ways_are_asked_about() {
    let table = "invoice,amount\nA,\"1,234\"\n";
    let rules = "keys = [\"invoice\"]\n[compare]\namount = \"0.01\"\n";
    let error = compared(rules, table, table).err().unwrap();
    assert!(error.to_string().contains("`1,234`"), "{error}");
    let told = format!("{rules}[format.left]\ndecimal = \",\"\n[format.right]\ndecimal = \".\"\n");
    let found = compared(&told, table, table).unwrap();
    let bridge = &found.statement().currencies["EUR"];
    assert_eq!((bridge.left.amount_cents, bridge.right.amount_cents), (123, 123_400));
}

#[test]
fn the_nearest_row_says_what_it_fails_on() {
    let left = "invoice,amount,date,vendor\nINV-0023,10.00,2026-01-05,x\n";
    let right = "invoice,amount,date,vendor\nINV-0032,10.00,2026-01-05,x\n";
    let found = compared(RULES, left, right).unwrap();
    let single = found.singles().next().unwrap();
    let RowReason::Nearest { row: 1, failed, .. } = single.reason else {
        panic!("{:?}", single.reason);
    };
    assert_eq!(failed[0].column, "invoice");
    assert_eq!(failed[0].cause.unwrap().as_str(), "digits_transposed");
}

#[test]
fn a_suggestion_confirms_nothing() {
    let rules = format!(
        "{RULES}[[passes]]\nname = \"party and amount\"\non = [\"vendor\", \"amount\"]\nstatus = \"suggest\"\n"
    );
    let left = "invoice,amount,date,vendor\nA,10.00,2026-01-05,x\n";
    let right = "invoice,amount,date,vendor\nB,10.00,2026-01-05,x\n";
    let found = compared(&rules, left, right).unwrap();
    assert_eq!(found.pair_count(), 0);
    let single = found.singles().next().unwrap();
    assert!(matches!(single.reason, RowReason::Suggested { row: 1, .. }));
}
