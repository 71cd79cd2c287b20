//! Laws that hold for any two tables: order, threads, sides, conservation, a naive oracle.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::small::{classes, compared_with, findings};
use crate::reconcile::tables::Comparison;

const RULES: &str = "keys = [\"key\"]\namount = \"amount\"\n[compare]\namount = \"-0.01 +0.02\"\ndate = \"-1d +2d\"\nnote = \"exact\"\n\
    [[passes]]\nname = \"near\"\non = [\"amount\"]\nwithin = { date = \"-2d +1d\" }\n\
    [[groups]]\nname = \"batch\"\nmany = \"left\"\non = [\"batch\"]\nsubset = 4\n";
const MIRRORED: &str = "keys = [\"key\"]\namount = \"amount\"\n[compare]\namount = \"-0.02 +0.01\"\ndate = \"-2d +1d\"\nnote = \"exact\"\n\
    [[passes]]\nname = \"near\"\non = [\"amount\"]\nwithin = { date = \"-1d +2d\" }\n\
    [[groups]]\nname = \"batch\"\nmany = \"right\"\non = [\"batch\"]\nsubset = 4\n";

/// Holds a row of a small world in which everything collides.
type Row = (u8, i32, u8, u8, u8);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    proptest::collection::vec((0u8..5, 98i32..103, 1u8..5, 0u8..2, 0u8..3), 0..9)
}

fn table(rows: &[Row]) -> String {
    let line = |(index, (key, cents, day, note, batch)): (usize, &Row)| {
        let key = if *key == 0 { String::new() } else { format!("K{key}") };
        let batch = if *batch == 0 { String::new() } else { format!("B{batch}") };
        let amount = format!("{}.{:02}", cents / 100, cents % 100);
        format!("{key},{amount},2026-01-0{day},n{note},{batch},c{}\n", index % 2)
    };
    let lines: String = rows.iter().enumerate().map(line).collect();
    format!("key,amount,date,note,batch,carried\n{lines}")
}

/// Returns what came out with the rows in place of their numbers.
fn told(found: &Comparison, left: &[&str], right: &[&str]) -> Vec<String> {
    let row = |rows: &[&str], number: &str| match number.parse::<usize>() {
        Ok(number) => rows[number - 1].to_owned(),
        Err(_) => String::new(),
    };
    let pairs = found.pairs().map(|pair| {
        let (l, r) = (pair.left_row.to_string(), pair.right_row.to_string());
        format!("{} {} {} {}", row(left, &l), row(right, &r), pair.class, pair.pass)
    });
    let mut all: Vec<String> = pairs.collect();
    all.extend(findings(found).into_iter().map(|line| {
        format!("{} {} {} {}", line[0], row(left, &line[2]), row(right, &line[3]), line[7])
    }));
    all.sort();
    all
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().skip(1).collect()
}

/// Pairs of each key and content, n to n, as anybody would count them.
fn naive_matches(left: &[Row], right: &[Row]) -> u64 {
    let count = |rows: &[Row]| {
        let mut counts: BTreeMap<(u8, i32, u8, u8), u64> = BTreeMap::new();
        for (key, cents, day, note, _) in rows.iter().filter(|row| row.0 != 0) {
            *counts.entry((*key, *cents, *day, *note)).or_default() += 1;
        }
        counts
    };
    let (left, right) = (count(left), count(right));
    left.iter().map(|(row, n)| (*n).min(right.get(row).copied().unwrap_or(0))).sum()
}

proptest! {
    #[test]
    fn every_row_ends_in_one_class_and_money_ties_out(left in rows(), right in rows()) {
        let found = compared_with(RULES, &table(&left), &table(&right), 1).unwrap();
        let statement = found.statement();
        for (side, rows) in [(&statement.left, &left), (&statement.right, &right)] {
            prop_assert_eq!(side.rows, rows.len() as u64);
            let classes: u64 = side.classes.values().map(|count| count.rows).sum();
            prop_assert_eq!(classes, side.rows);
        }
        for bridge in statement.currencies.values() {
            prop_assert_eq!(bridge.residual_cents, 0);
            for (side, rows) in [(&bridge.left, &left), (&bridge.right, &right)] {
                let total: i64 = rows.iter().map(|row| i64::from(row.1)).sum();
                prop_assert_eq!(side.amount_cents, total);
                prop_assert_eq!(side.classes.values().sum::<i64>(), total);
            }
        }
    }

    #[test]
    fn shuffled_rows_change_only_their_numbers(
        (left, shuffled) in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        right in rows(),
    ) {
        // Whatever a row carries along belongs to the row.
        let (text, right) = (table(&left), table(&right));
        let mut turned: Vec<&str> = text.lines().skip(1).collect();
        let order: Vec<usize> = {
            let mut free: Vec<usize> = (0..left.len()).collect();
            shuffled.iter().map(|row| {
                let at = free.iter().position(|at| left[*at] == *row).unwrap();
                free.remove(at)
            }).collect()
        };
        let lines_of_left = turned.clone();
        turned = order.iter().map(|at| lines_of_left[*at]).collect();
        let other = format!("{}\n{}\n", text.lines().next().unwrap(), turned.join("\n"));
        let first = compared_with(RULES, &text, &right, 1).unwrap();
        let second = compared_with(RULES, &other, &right, 3).unwrap();
        prop_assert_eq!(
            told(&first, &lines(&text), &lines(&right)),
            told(&second, &lines(&other), &lines(&right))
        );
        prop_assert_eq!(classes(&first), classes(&second));
    }

    #[test]
    fn swapped_sides_mirror_the_classes(left in rows(), right in rows()) {
        let mirror = |text: String| {
            text.replace("missing_right", "missing_?")
                .replace("missing_left", "missing_right")
                .replace("missing_?", "missing_left")
        };
        let sorted = |text: &str| {
            let parts = text.trim_matches(['{', '}']).split("},");
            let mut parts: Vec<String> =
                parts.map(|part| part.trim_end_matches('}').to_owned()).collect();
            parts.sort();
            parts
        };
        let found = compared_with(RULES, &table(&left), &table(&right), 1).unwrap();
        let mirrored = compared_with(MIRRORED, &table(&right), &table(&left), 2).unwrap();
        let (a, b) = (classes(&found), mirror(classes(&mirrored)));
        let (a, b) = (a.split_once(' ').unwrap(), b.split_once(' ').unwrap());
        prop_assert_eq!(sorted(a.0), sorted(b.1));
        prop_assert_eq!(sorted(a.1), sorted(b.0));
    }

    #[test]
    fn equal_rows_pair_n_to_n_as_anybody_counts(left in rows(), right in rows()) {
        let rules = "keys = [\"key\"]\n[compare]\namount = \"0\"\ndate = \"0d\"\nnote = \"exact\"\n";
        let found = compared_with(rules, &table(&left), &table(&right), 2).unwrap();
        let matched = found.pairs().filter(|pair| pair.class.as_str() == "matched").count();
        prop_assert_eq!(matched as u64, naive_matches(&left, &right));
    }
}

#[test]
fn a_thousand_rows_are_the_same_for_any_threads() {
    let rows: Vec<Row> = (0..1000i32)
        .map(|n| {
            let small = |modulo: i32| u8::try_from(n % modulo).unwrap();
            (small(200) + 1, 100 + n % 3, small(5) + 1, small(2), 0)
        })
        .collect();
    let (left, right) = (table(&rows), table(&rows[..900]));
    let one = compared_with(RULES, &left, &right, 1).unwrap();
    for threads in [2, 3, 8] {
        let many = compared_with(RULES, &left, &right, threads).unwrap();
        let numbers = |found: &Comparison| {
            found.pairs().map(|pair| (pair.left_row, pair.right_row)).collect::<Vec<_>>()
        };
        assert_eq!(numbers(&one), numbers(&many));
        assert_eq!(findings(&one), findings(&many));
    }
}
