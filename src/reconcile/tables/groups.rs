//! Many rows of one side answer one row of the other: a payout, a batch, a day.
//!
//! Rows meet by what a group has in common, and its sum must agree. A rule may take groups
//! whose sum agrees before the passes, which else would pair a part with the whole. Where a
//! rule allows it, rows of a block whose sum does not agree are searched for a subset that
//! does (`subset`). One solution is a match, several are `ambiguous` with their number; a
//! search that was not made, or not to its end, is noted.

use crate::reconcile::statement::Class;
use crate::reconcile::subset::{Found, subset};
use crate::reconcile::tables::board::{Board, Single, Why};
use crate::reconcile::tables::error::Error;
use crate::reconcile::tables::judge::Desk;
use crate::reconcile::tables::passes::{blocks, keyed};
use crate::reconcile::tables::plan::{Note, PlannedGroup};
use crate::reconcile::tables::tolerance::{Apart, Tolerance};
use crate::reconcile::tables::value::{Decimal, Value};

/// Runs every rule of groups over the rows that are still open, the early or the late ones.
pub(super) fn run(
    desk: &Desk<'_>,
    board: &mut Board,
    is_first: bool,
    notes: &mut Vec<Note>,
) -> Result<(), Error> {
    for (index, rule) in desk.plan.groups.iter().enumerate() {
        if is_first && !rule.is_first {
            continue;
        }
        let number = u16::try_from(desk.plan.passes.len() + index + 1).unwrap_or(u16::MAX);
        let many = keyed(desk, board, rule.many, &rule.on);
        let ones = keyed(desk, board, 1 - rule.many, &rule.on);
        let blocks: Vec<(Vec<u32>, Vec<u32>)> = blocks(&many, &ones)
            .map(|(many, ones)| {
                let rows = |side: &[(_, u32)]| side.iter().map(|(_, row)| *row).collect();
                (rows(many), rows(ones))
            })
            .collect();
        let mut unsought = 0;
        for (many, ones) in blocks {
            let block = Block { desk, rule, number, is_first };
            block.settle(board, many, ones, &mut unsought)?;
        }
        if unsought > 0 {
            notes.push(Note::NotSearched { pass: rule.name.clone(), rows: unsought });
        }
    }
    Ok(())
}

/// Holds what stays the same while one block is settled.
struct Block<'a> {
    desk: &'a Desk<'a>,
    rule: &'a PlannedGroup,
    number: u16,
    is_first: bool,
}

impl Block<'_> {
    fn settle(
        &self,
        board: &mut Board,
        mut many: Vec<u32>,
        mut ones: Vec<u32>,
        unsought: &mut u64,
    ) -> Result<(), Error> {
        let hand = self.rule.many;
        many.sort_by_cached_key(|row| (self.desk.whole(hand, *row), *row));
        ones.sort_by_cached_key(|row| (self.desk.whole(1 - hand, *row), *row));
        let items: Vec<(u32, Decimal)> =
            many.iter().filter_map(|row| Some((*row, self.amount(hand, *row)?))).collect();
        if let ([one], true) = (&ones[..], items.len() == many.len())
            && items.iter().all(|(row, _)| self.is_near(*row, *one))
        {
            let sum = items.iter().try_fold(Decimal::new(0, 0), |sum, (_, item)| sum.plus(*item));
            let wanted = self.amount(1 - hand, *one);
            let apart = sum.zip(wanted).map(|(sum, one)| self.judge(sum, one));
            // Before the passes a row that answers alone is left to them.
            let is_alone = |(_, item): &(u32, Decimal)| {
                wanted.is_some_and(|one| !matches!(self.judge(*item, one), Apart::Beyond(_)))
            };
            let is_left = self.is_first && (items.len() < 2 || items.iter().any(is_alone));
            match apart {
                _ if is_left => {}
                Some(Apart::Beyond(_)) | None if self.is_first || self.rule.subset.is_some() => {}
                Some(apart) => {
                    let sum = sum.unwrap_or(Decimal::new(0, 0));
                    return board.group(hand, &many, (*one, sum), class(&apart), self.number);
                }
                None => return Ok(()),
            }
        }
        if self.is_first || self.rule.subset.is_none() {
            return Ok(());
        }
        self.search(board, &items, &ones, unsought)
    }

    /// Looks for the subset of each single row; rows that two of them want are ambiguous.
    fn search(
        &self,
        board: &mut Board,
        items: &[(u32, Decimal)],
        ones: &[u32],
        unsought: &mut u64,
    ) -> Result<(), Error> {
        let hand = self.rule.many;
        let mut found: Vec<(u32, Decimal, Found)> = Vec::new();
        for one in ones {
            let Some(wanted) = self.amount(1 - hand, *one) else {
                continue;
            };
            let near: Vec<usize> =
                (0..items.len()).filter(|item| self.is_near(items[*item].0, *one)).collect();
            let solution = if self.rule.subset.is_some_and(|most| near.len() > most) {
                Found::CutShort
            } else {
                self.solve(items, &near, wanted)
            };
            *unsought += u64::from(solution == Found::CutShort);
            found.push((*one, wanted, solution));
        }
        // What one row may be made of in several ways, another may be made of too.
        let is_open = |found: &Found| matches!(found, Found::Several(_) | Found::CutShort);
        let is_doubtful = found.iter().any(|(.., found)| is_open(found));
        let wanted_twice = |item: usize| {
            let wants = |(.., found): &&(u32, Decimal, Found)| matches!(found, Found::One(items) if items.contains(&item));
            found.iter().filter(wants).count() > 1
        };
        for (one, wanted, solution) in &found {
            let alternatives = match solution {
                Found::Nothing | Found::CutShort => continue,
                Found::One(chosen) => {
                    if !is_doubtful && chosen.iter().all(|item| !wanted_twice(*item)) {
                        let rows: Vec<u32> = chosen.iter().map(|item| items[*item].0).collect();
                        let sum = chosen
                            .iter()
                            .try_fold(Decimal::new(0, 0), |sum, item| sum.plus(items[*item].1));
                        let sum = sum.unwrap_or(*wanted);
                        let class = class(&self.judge(sum, *wanted));
                        board.group(hand, &rows, (*one, sum), class, self.number)?;
                        continue;
                    }
                    2
                }
                Found::Several(count) => *count,
            };
            let why = Why::Ambiguous { alternatives };
            let (hand, row) = (1 - hand, *one);
            board.single(Single { hand, row, class: Class::Ambiguous, why })?;
        }
        Ok(())
    }

    /// Looks among the near items for those whose sum agrees, by their place in all.
    fn solve(&self, items: &[(u32, Decimal)], near: &[usize], wanted: Decimal) -> Found {
        let scale = near.iter().map(|item| items[*item].1.scale()).chain([wanted.scale()]).max();
        let scale = scale.unwrap_or(0);
        let units = |amount: Decimal| amount.at_scale(scale);
        let amounts: Option<Vec<i128>> = near.iter().map(|item| units(items[*item].1)).collect();
        let (Some(amounts), Some(target)) = (amounts, units(wanted)) else {
            return Found::CutShort;
        };
        let far = (i128::MIN / 4, i128::MAX / 4);
        let window = match self.rule.within {
            Tolerance::Amount { below, above } => {
                let bound = if below.is_at_most(above) { above } else { below };
                // A bound of more decimals than the amounts have is rounded up.
                let bound = bound.at_scale(scale.max(bound.scale()));
                let bound = bound.map(|bound| bound.saturating_add(1));
                bound.map_or(far, |b| (target.saturating_sub(b), target.saturating_add(b)))
            }
            _ => far,
        };
        let is_good =
            |sum: i128| !matches!(self.judge(Decimal::new(sum, scale), wanted), Apart::Beyond(_));
        match subset(&amounts, window, is_good) {
            Found::One(places) => Found::One(places.into_iter().map(|at| near[at]).collect()),
            other => other,
        }
    }

    fn is_near(&self, many: u32, one: u32) -> bool {
        let (left, right) = if self.rule.many == 0 { (many, one) } else { (one, many) };
        self.rule.near.is_empty() || self.desk.is_within(left, right, &self.rule.near)
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
