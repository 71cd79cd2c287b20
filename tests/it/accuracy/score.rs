//! What was confirmed, held against the truth: by damage, in all, and by euro.

use std::collections::{BTreeMap, BTreeSet};

use super::generator::{Made, Paper};

/// Counts pairs, and their money, that were right, wrong and not found.
#[derive(Default, Clone, Copy)]
pub(super) struct Score {
    pub(super) right: [f64; 2],
    pub(super) wrong: [f64; 2],
    pub(super) missed: [f64; 2],
}

impl Score {
    pub(super) fn measures(&self, by: usize) -> [f64; 3] {
        let share =
            |part: f64, rest: f64| if part + rest == 0.0 { 1.0 } else { part / (part + rest) };
        let (precision, recall) =
            (share(self.right[by], self.wrong[by]), share(self.right[by], self.missed[by]));
        let sum = precision + recall;
        [precision, recall, if sum == 0.0 { 0.0 } else { 2.0 * precision * recall / sum }]
    }
}

/// Weighs a row by its money.
fn cents(paper: &Paper) -> f64 {
    f64::from(i32::try_from(paper.gross.abs()).unwrap())
}

/// Holds what was confirmed against the truth, by damage and in all.
pub(super) fn score(
    made: &Made,
    pairs: impl Iterator<Item = (usize, usize)>,
) -> BTreeMap<&'static str, Score> {
    let mut scores: BTreeMap<&'static str, Score> = BTreeMap::new();
    let damage = |truth: usize| made.damage.get(truth).copied().unwrap_or("look-alike twin");
    let mut found: BTreeSet<usize> = BTreeSet::new();
    for (left, right) in pairs {
        let (left, right) = (&made.sides[0][left], &made.sides[1][right]);
        // A confirmed pair of rows that nobody can tell apart is wrong, even by luck.
        let is_right = left.truth == right.truth && !made.doubtful.contains(&left.truth);
        let weight = [1.0, cents(left)];
        for name in [damage(left.truth), "all"] {
            let score = scores.entry(name).or_default();
            let side = if is_right { &mut score.right } else { &mut score.wrong };
            side[0] += weight[0];
            side[1] += weight[1];
        }
        found.insert(left.truth);
    }
    let rights: BTreeSet<usize> = made.sides[1].iter().map(|one| one.truth).collect();
    let mut seen = BTreeSet::new();
    for left in &made.sides[0] {
        let is_lost = rights.contains(&left.truth) && !found.contains(&left.truth);
        if is_lost && !made.doubtful.contains(&left.truth) && seen.insert(left.truth) {
            for name in [damage(left.truth), "all"] {
                let score = scores.entry(name).or_default();
                score.missed[0] += 1.0;
                score.missed[1] += cents(left);
            }
        }
    }
    scores
}

/// Prints the scores as a table, and holds them against what is promised.
pub(super) fn judge(what: &str, scores: &BTreeMap<&'static str, Score>, f1_least: f64) {
    println!("{what}");
    println!(
        "{:<26}{:>10}{:>10}{:>10}{:>12}{:>8}{:>8}",
        "damage", "precision", "recall", "F1", "F1 by euro", "wrong", "missed"
    );
    for (name, score) in scores {
        let ([precision, recall, f1], [.., by_euro]) = (score.measures(0), score.measures(1));
        let (wrong, missed) = (score.wrong[0], score.missed[0]);
        println!(
            "{name:<26}{precision:>10.5}{recall:>10.5}{f1:>10.5}{by_euro:>12.5}{wrong:>8}{missed:>8}"
        );
    }
    let [precision, _, f1] = scores["all"].measures(0);
    assert!(precision >= 0.9999, "{what}: precision {precision}");
    assert!(f1 >= f1_least, "{what}: F1 {f1}");
    let twins = scores.get("twins without a number").copied().unwrap_or_default();
    assert!(twins.wrong[0] == 0.0, "{what}: what is ambiguous was confirmed");
}
