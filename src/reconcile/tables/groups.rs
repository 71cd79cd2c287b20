//! Many rows of one side answer one row of the other: a payout, a batch, a day.
//!
//! Rows meet by what a group has in common, and its sum must agree. Where a rule allows
//! it, rows of a block whose sum does not agree are searched for a subset that does. The
//! search is bounded and counts its solutions: one is a match, two are `ambiguous`,
//! because of many open items some sum nearly always fits by chance.

use crate::reconcile::statement::Class;
use crate::reconcile::tables::board::{Board, Single, Why};
use crate::reconcile::tables::error::Error;
use crate::reconcile::tables::judge::Desk;
use crate::reconcile::tables::passes::{blocks, keyed};
use crate::reconcile::tables::plan::PlannedGroup;
use crate::reconcile::tables::tolerance::{Apart, Tolerance};
use crate::reconcile::tables::value::{Decimal, Value};

/// Steps that one subset search may take; what it has not found by then is not sought.
const STEPS_MAX: u32 = 200_000;

/// Runs every rule of groups over the rows that are still open.
pub(super) fn run(desk: &Desk<'_>, board: &mut Board) -> Result<(), Error> {
    for (index, rule) in desk.plan.groups.iter().enumerate() {
        let number = u16::try_from(desk.plan.passes.len() + index + 1).unwrap_or(u16::MAX);
        let many = keyed(desk, board, rule.many, &rule.on);
        let ones = keyed(desk, board, 1 - rule.many, &rule.on);
        let blocks: Vec<(Vec<u32>, Vec<u32>)> = blocks(&many, &ones)
            .map(|(many, ones)| {
                let rows = |side: &[(_, u32)]| side.iter().map(|(_, row)| *row).collect();
                (rows(many), rows(ones))
            })
            .collect();
        for (many, ones) in blocks {
            Block { desk, rule, number }.settle(board, many, ones)?;
        }
    }
    Ok(())
}

/// Holds what stays the same while one block is settled.
struct Block<'a> {
    desk: &'a Desk<'a>,
    rule: &'a PlannedGroup,
    number: u16,
}

/// Says what a subset search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    One(Vec<usize>),
    Several,
}

impl Block<'_> {
    fn settle(
        &self,
        board: &mut Board,
        mut many: Vec<u32>,
        mut ones: Vec<u32>,
    ) -> Result<(), Error> {
        let hand = self.rule.many;
        many.sort_by_cached_key(|row| (self.desk.whole(hand, *row), *row));
        ones.sort_by_cached_key(|row| (self.desk.whole(1 - hand, *row), *row));
        let items: Vec<(u32, Decimal)> =
            many.iter().filter_map(|row| Some((*row, self.amount(hand, *row)?))).collect();
        if let ([one], true) = (&ones[..], items.len() == many.len()) {
            let sum = items.iter().try_fold(Decimal::new(0, 0), |sum, (_, item)| sum.plus(*item));
            let apart = sum.zip(self.amount(1 - hand, *one)).map(|(sum, one)| self.judge(sum, one));
            match apart {
                Some(Apart::Beyond(_)) | None if self.rule.subset.is_some() => {}
                Some(apart) => {
                    let sum = sum.unwrap_or(Decimal::new(0, 0));
                    return board.group(hand, &many, (*one, sum), class(&apart), self.number);
                }
                None => return Ok(()),
            }
        }
        if self.rule.subset.is_none_or(|most| items.len() > most) {
            return Ok(());
        }
        self.search(board, &items, &ones)
    }

    /// Looks for the subset of each single row; rows that two of them want are ambiguous.
    fn search(
        &self,
        board: &mut Board,
        items: &[(u32, Decimal)],
        ones: &[u32],
    ) -> Result<(), Error> {
        let hand = self.rule.many;
        let amounts: Vec<Decimal> = items.iter().map(|(_, amount)| *amount).collect();
        let mut found: Vec<(u32, Found)> = Vec::new();
        for one in ones {
            let Some(wanted) = self.amount(1 - hand, *one) else {
                continue;
            };
            let solution =
                subset(&amounts, |sum| !matches!(self.judge(sum, wanted), Apart::Beyond(_)));
            found.push((*one, solution));
        }
        // What one row may be made of in several ways, another may be made of too.
        let is_doubtful = found.iter().any(|(_, found)| *found == Found::Several);
        let wanted_twice = |item: usize| {
            let wants = |(_, found): &&(u32, Found)| matches!(found, Found::One(items) if items.contains(&item));
            found.iter().filter(wants).count() > 1
        };
        for (one, solution) in &found {
            let ambiguous = Single {
                hand: 1 - hand,
                row: *one,
                class: Class::Ambiguous,
                why: Why::Ambiguous { alternatives: 2 },
            };
            match solution {
                Found::Nothing => {}
                Found::One(chosen)
                    if !is_doubtful && chosen.iter().all(|item| !wanted_twice(*item)) =>
                {
                    let rows: Vec<u32> = chosen.iter().map(|item| items[*item].0).collect();
                    let sum = chosen
                        .iter()
                        .try_fold(Decimal::new(0, 0), |sum, item| sum.plus(amounts[*item]));
                    let wanted = self.amount(1 - hand, *one);
                    if let Some((sum, wanted)) = sum.zip(wanted) {
                        let class = class(&self.judge(sum, wanted));
                        board.group(hand, &rows, (*one, sum), class, self.number)?;
                    }
                }
                Found::One(_) | Found::Several => board.single(ambiguous)?,
            }
        }
        Ok(())
    }

    fn amount(&self, hand: usize, row: u32) -> Option<Decimal> {
        match self.desk.value(hand, row, &self.rule.sum) {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Judges the sum of the many against the one, each on its own side.
    fn judge(&self, many: Decimal, one: Decimal) -> Apart {
        let tolerance: &Tolerance = &self.rule.within;
        let (left, right) = if self.rule.many == 0 { (many, one) } else { (one, many) };
        tolerance.judge(&Value::Number(left), &Value::Number(right))
    }
}

fn class(apart: &Apart) -> Class {
    match apart {
        Apart::Equal => Class::Matched,
        Apart::Within(_) => Class::MatchedWithinTolerance,
        Apart::Beyond(_) => Class::Differing,
    }
}

/// Looks for subsets of two or more amounts whose sum is good, and stops at the second.
///
/// Equal amounts are interchangeable only in sum, not in meaning: two of them that serve
/// equally well are two solutions.
pub(super) fn subset(amounts: &[Decimal], is_good: impl Fn(Decimal) -> bool) -> Found {
    let mut search = Search { amounts, is_good, steps: 0, chosen: Vec::new(), found: Vec::new() };
    search.go(0, Decimal::new(0, 0));
    match (search.found.len(), search.steps > STEPS_MAX) {
        (0, _) => Found::Nothing,
        (1, false) => Found::One(search.found.remove(0)),
        // A search that was cut short cannot say that its solution is the only one.
        _ => Found::Several,
    }
}

struct Search<'a, F> {
    amounts: &'a [Decimal],
    is_good: F,
    steps: u32,
    chosen: Vec<usize>,
    found: Vec<Vec<usize>>,
}

impl<F: Fn(Decimal) -> bool> Search<'_, F> {
    fn go(&mut self, from: usize, sum: Decimal) {
        self.steps += 1;
        if self.chosen.len() > 1 && (self.is_good)(sum) {
            self.found.push(self.chosen.clone());
        }
        for item in from..self.amounts.len() {
            if self.found.len() > 1 || self.steps > STEPS_MAX {
                return;
            }
            if let Some(sum) = sum.plus(self.amounts[item]) {
                self.chosen.push(item);
                self.go(item + 1, sum);
                self.chosen.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconcile::tables::value::Mark;

    fn amounts(texts: &[&str]) -> Vec<Decimal> {
        let parse = |text: &&str| Decimal::parse(text.as_bytes(), Mark::Dot).unwrap();
        texts.iter().map(parse).collect()
    }

    #[test]
    fn one_solution_is_found_and_two_are_told() {
        let wanted = amounts(&["30.00"])[0];
        let is_good = |sum: Decimal| sum == wanted;
        let found = subset(&amounts(&["10.00", "20.00", "5.01"]), is_good);
        assert_eq!(found, Found::One(vec![0, 1]));
        let found = subset(&amounts(&["10.00", "20.00", "12.00", "18.00"]), is_good);
        assert_eq!(found, Found::Several);
        assert_eq!(subset(&amounts(&["10.00", "20.01"]), is_good), Found::Nothing);
        // The row itself is no subset: one to one is what passes are for.
        assert_eq!(subset(&amounts(&["30.00"]), is_good), Found::Nothing);
    }

    #[test]
    fn a_search_cut_short_claims_nothing() {
        let many: Vec<String> = (0..24).map(|n| format!("{}.00", 1u64 << n)).collect();
        let texts: Vec<&str> = many.iter().map(String::as_str).collect();
        let wanted = amounts(&["3.00"])[0];
        assert_eq!(subset(&amounts(&texts), |sum| sum == wanted), Found::Several);
    }
}
