//! Small tables, written out.

use crate::reconcile::tables::{Comparison, Error, Rules, Table, compare};

/// Returns the comparison of two texts by rules.
pub(super) fn compared(rules: &str, left: &str, right: &str) -> Result<Comparison, Error> {
    let table = |text: &str| Table { bytes: text.as_bytes().to_vec(), ..Table::default() };
    compare([table(left), table(right)], &Rules::parse(rules)?, 1)
}

const RULES: &str =
    "keys = [\"invoice\"]\n[compare]\namount = \"0.01\"\ndate = \"1d\"\nvendor = \"exact\"\n";

fn classes(comparison: &Comparison) -> String {
    serde_json::to_string(&comparison.statement().left.classes).unwrap()
        + " "
        + &serde_json::to_string(&comparison.statement().right.classes).unwrap()
}

#[test]
fn least_rules_class_each_row() {
    let left = "invoice,amount,date,vendor\nA,10.00,2026-01-01,x\nB,5.00,2026-01-02,y\nC,1,2026-01-03,z\nD,1,2026-01-03,z\n";
    let right = "invoice,amount,date,vendor\nA,10,2026-01-01,x\nB,5.01,2026-01-03,y\nC,1.02,2026-01-03,z\nE,7,2026-01-03,z\n";
    let found = compared(RULES, left, right).unwrap();
    assert_eq!(
        classes(&found),
        "{\"matched\":{\"rows\":1},\"matched_within_tolerance\":{\"rows\":1},\"differing\":{\"rows\":1},\"missing_right\":{\"rows\":1}} {\"matched\":{\"rows\":1},\"matched_within_tolerance\":{\"rows\":1},\"differing\":{\"rows\":1},\"missing_left\":{\"rows\":1}}"
    );
}
