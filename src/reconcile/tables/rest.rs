//! Rows that found no partner: copies, days without cover, grace, and who came nearest.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike as _, NaiveDate};
use strsim::osa_distance;

use crate::fiscal::Period;
use crate::reconcile::statement::Class;
use crate::reconcile::tables::board::{Board, Near, NearWay, Single, Why};
use crate::reconcile::tables::error::Error;
use crate::reconcile::tables::hash::{Hash, Hasher};
use crate::reconcile::tables::judge::Desk;
use crate::reconcile::tables::passes::Suggested;
use crate::reconcile::tables::plan::PlannedCover;
use crate::reconcile::tables::scan::{self, NO_CENTS, NO_DAY, NO_KEY};

/// Rows under one amount or content among which the nearest is looked for.
const BUCKET_MAX: usize = 64;

/// Gives every row that is still open its class and its reason.
pub(super) fn place(
    desk: &Desk<'_>,
    board: &mut Board,
    suggested: &Suggested,
    taken: &[(usize, u32, u32)],
) -> Result<(), Error> {
    for hand in [0, 1] {
        mark_copies(desk, board, hand)?;
    }
    excuse(desk, board)?;
    let open = [board.open_rows(0), board.open_rows(1)];
    let nearest = [Index::new(desk, 1, &open[1]), Index::new(desk, 0, &open[0])];
    let taken: BTreeMap<(usize, u32), u32> =
        taken.iter().map(|(hand, row, of)| ((*hand, *row), *of)).collect();
    for hand in [0, 1] {
        let class = if hand == 0 { Class::MissingRight } else { Class::MissingLeft };
        for row in &open[hand] {
            let key = desk.scans[hand].keys[*row as usize];
            let why = if let Some((partner, pass)) = suggested[hand].get(row) {
                Why::Suggested { row: *partner, pass: *pass }
            } else if let Some(of) = taken.get(&(hand, *row)) {
                Why::NoPartner { nearest: Some(Near { row: *of, way: NearWay::Taken }) }
            } else if key == NO_KEY && !desk.plan.keys.is_empty() && desk.plan.passes.is_empty() {
                Why::NoKey
            } else {
                Why::NoPartner { nearest: nearest[hand].nearest(desk, hand, *row) }
            };
            board.single(Single { hand, row: *row, class, why })?;
        }
    }
    Ok(())
}

/// Marks open rows that say the same as a row with a partner, or as another open row.
///
/// When none of several equal rows has a partner, the first of them by content stands for
/// the missing one and the others repeat it. Rows without a key repeat nothing.
fn mark_copies(desk: &Desk<'_>, board: &mut Board, hand: usize) -> Result<(), Error> {
    let open = board.open_rows(hand);
    if open.len() < 2 && board.pairs.iter().all(|pair| pair.pass == 0) {
        return Ok(());
    }
    let identity = |row: u32| -> Option<Hash> {
        let cells = desk.cells(hand, row);
        let currency = desk.scans[hand].currency(row as usize);
        let key = scan::key(&desk.sources[hand], &cells, desk.plan.label(), Some(currency))?;
        let mut hasher = Hasher::new();
        for word in key.iter().chain(&desk.scans[hand].contents[row as usize]) {
            hasher.word(*word);
        }
        for pass in &desk.plan.passes {
            for column in &pass.on {
                desk.sources[hand].value(&cells, column).hash_into(&mut hasher);
            }
        }
        Some(hasher.finish())
    };
    let mut first: HashMap<Hash, u32> = HashMap::new();
    for pair in board.pairs.iter().filter(|pair| pair.pass > 0) {
        let row = if hand == 0 { pair.left } else { pair.right };
        if let Some(identity) = identity(row) {
            first.entry(identity).or_insert(row);
        }
    }
    let mut equal: HashMap<Hash, Vec<u32>> = HashMap::new();
    for row in open {
        if let Some(identity) = identity(row) {
            equal.entry(identity).or_default().push(row);
        }
    }
    let mut equal: Vec<(Hash, Vec<u32>)> = equal.into_iter().collect();
    equal.sort_unstable_by_key(|(identity, _)| *identity);
    for (identity, mut rows) in equal {
        if rows.len() > 1 {
            rows.sort_by_cached_key(|row| (desk.whole(hand, *row), *row));
        }
        let of = first.get(&identity).copied();
        let skip = usize::from(of.is_none());
        let of = of.unwrap_or(rows[0]);
        for row in rows.into_iter().skip(skip) {
            let why = Why::Duplicate { of };
            board.single(Single { hand, row, class: Class::Duplicate, why })?;
        }
    }
    Ok(())
}

/// Excuses rows that the other side does not cover, or whose grace is not over.
fn excuse(desk: &Desk<'_>, board: &mut Board) -> Result<(), Error> {
    let Some(cover) = &desk.plan.cover else {
        return Ok(());
    };
    let spans = spans(desk, cover);
    let last = spans.iter().flatten().map(|(_, to)| *to).max();
    let as_of = cover.as_of.map(|day| day.num_days_from_ce()).or(last);
    for hand in [0, 1] {
        for row in board.open_rows(hand) {
            let day = desk.scans[hand].days[row as usize];
            if day == NO_DAY {
                continue;
            }
            let is_covered = spans[1 - hand].is_some_and(|(from, to)| (from..=to).contains(&day));
            let is_waiting =
                |grace: i32| as_of.is_some_and(|as_of| day.saturating_add(grace) >= as_of);
            let single = if !is_covered {
                Single { hand, row, class: Class::OutOfWindow, why: Why::OutOfWindow }
            } else if let Some(grace) = cover.grace_days.filter(|grace| is_waiting(*grace)) {
                let why = Why::Pending { break_on: day.saturating_add(grace).saturating_add(1) };
                Single { hand, row, class: Class::Pending, why }
            } else {
                continue;
            };
            board.single(single)?;
        }
    }
    Ok(())
}

/// Returns the days that each side covers: as the rules say, else from row to row.
pub(super) fn spans(desk: &Desk<'_>, cover: &PlannedCover) -> [Option<(i32, i32)>; 2] {
    [0, 1].map(|hand| {
        let said = cover.spans[hand].map(|period: Period| {
            let day = |day: NaiveDate| day.num_days_from_ce();
            (day(period.from), day(period.to))
        });
        let days = || desk.scans[hand].days.iter().copied().filter(|day| *day != NO_DAY);
        said.or_else(|| Some((days().min()?, days().max()?)))
    })
}

/// Finds the nearest of one side's rows without partner.
struct Index {
    by_key: HashMap<String, Vec<u32>>,
    by_content: HashMap<Hash, Vec<u32>>,
    by_cents: HashMap<i64, Vec<u32>>,
    hand: usize,
}

impl Index {
    fn new(desk: &Desk<'_>, hand: usize, rows: &[u32]) -> Self {
        let mut index = Self {
            by_key: HashMap::new(),
            by_content: HashMap::new(),
            by_cents: HashMap::new(),
            hand,
        };
        for row in rows {
            let scan = &desk.scans[hand];
            let label = desk.label(hand, *row);
            index.by_key.entry(loose(&label)).or_default().push(*row);
            index.by_content.entry(scan.contents[*row as usize]).or_default().push(*row);
            if let Some(cents) = scan.cents.get(*row as usize).filter(|cents| **cents != NO_CENTS) {
                index.by_cents.entry(*cents).or_default().push(*row);
            }
        }
        index
    }

    /// Returns the nearest row; ties go by content, never by place.
    fn nearest(&self, desk: &Desk<'_>, hand: usize, row: u32) -> Option<Near> {
        let label = desk.label(hand, row);
        let scan = &desk.scans[hand];
        let cents = scan.cents.get(row as usize).filter(|cents| **cents != NO_CENTS);
        let ways = [
            (NearWay::KeyWritten, self.by_key.get(&loose(&label))),
            (NearWay::Content, self.by_content.get(&scan.contents[row as usize])),
            (NearWay::Amount, cents.and_then(|cents| self.by_cents.get(cents))),
        ];
        for (way, found) in ways {
            let Some(found) = found.filter(|found| found.len() <= BUCKET_MAX) else {
                continue;
            };
            let currency = scan.currency(row as usize);
            let nearest = found
                .iter()
                .filter(|other| desk.scans[self.hand].currency(**other as usize) == currency)
                .map(|other| {
                    let (left, right) = if hand == 0 { (row, *other) } else { (*other, row) };
                    let (_, claim) = desk.claim(left, right);
                    let slips = osa_distance(&label, &desk.label(self.hand, *other));
                    (
                        claim.level,
                        slips,
                        claim.days,
                        claim.cents,
                        desk.whole(self.hand, *other),
                        *other,
                    )
                })
                .min();
            if let Some((.., row)) = nearest {
                return Some(Near { row, way });
            }
        }
        None
    }
}

/// Brings a key into the form in which ways of writing it do not count.
fn loose(label: &str) -> String {
    label
        .split(|c: char| !c.is_alphanumeric())
        .map(|part| part.trim_start_matches('0'))
        .flat_map(|part| part.chars().flat_map(char::to_lowercase))
        .collect()
}
