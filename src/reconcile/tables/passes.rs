//! Rows that keys did not pair look for partners by other columns, pass by pass.
//!
//! A pass joins on what must be equal, keeps the candidates that hold its tolerances, and
//! lets the best assignment choose. A confirmed pair leaves the pool; so does a row with
//! several equally good partners, because a later pass knows less. A pass that only
//! suggests leaves its rows where they are and is named in their reason.

use std::collections::BTreeMap;

use crate::reconcile::choose::{Choice, assign};
use crate::reconcile::knot::Claim;
use crate::reconcile::statement::Class;
use crate::reconcile::tables::board::{Board, Pair, Single, Why};
use crate::reconcile::tables::error::Error;
use crate::reconcile::tables::hash::Hash;
use crate::reconcile::tables::judge::Desk;
use crate::reconcile::tables::plan::{Column, Note, PlannedPass};
use crate::reconcile::tables::scan;

/// Pairs of rows of one block that a pass looks at; larger blocks are passed over, and said.
const BLOCK_PAIRS_MAX: usize = 4_000_000;

/// Holds what passes suggested: row → partner and pass, by side.
pub(super) type Suggested = [BTreeMap<u32, (u32, u16)>; 2];

/// Runs every pass over the rows that are still open.
pub(super) fn run(
    desk: &Desk<'_>,
    board: &mut Board,
    notes: &mut Vec<Note>,
) -> Result<Suggested, Error> {
    let mut suggested = Suggested::default();
    for (index, pass) in desk.plan.passes.iter().enumerate() {
        let number = u16::try_from(index + 1).unwrap_or(u16::MAX);
        let claims = candidates(desk, board, pass, notes);
        let content = |hand: usize| {
            move |row: usize| {
                let [first, second] = desk.scans[hand].contents[row];
                let [first, second] = [first.to_be_bytes(), second.to_be_bytes()];
                let mut content = [0; 16];
                content[..8].copy_from_slice(&first);
                content[8..].copy_from_slice(&second);
                content
            }
        };
        let order = |hand: usize, a: usize, b: usize| {
            let of = |row: usize| (desk.whole(hand, place(row)), row);
            of(a).cmp(&of(b))
        };
        let choice = assign(&claims, [&content(0), &content(1)], &order, pass.is_unique);
        if pass.is_suggestion {
            suggest(&choice, number, &mut suggested);
        } else {
            confirm(desk, board, choice, number)?;
        }
    }
    Ok(suggested)
}

fn place(row: usize) -> u32 {
    u32::try_from(row).expect("rows were counted in 32 bits")
}

/// Returns the open rows that a pass lets meet, with how good each claim is.
fn candidates(
    desk: &Desk<'_>,
    board: &Board,
    pass: &PlannedPass,
    notes: &mut Vec<Note>,
) -> Vec<(usize, usize, Claim)> {
    let [left, right] = [0, 1].map(|hand| keyed(desk, board, hand, &pass.on));
    let mut claims = Vec::new();
    for (lefts, rights) in blocks(&left, &right) {
        if lefts.len().saturating_mul(rights.len()) > BLOCK_PAIRS_MAX {
            let (left, right) = (lefts.len(), rights.len());
            notes.push(Note::BlockTooLarge { pass: pass.name.clone(), left, right });
            continue;
        }
        for (_, l) in lefts {
            for (_, r) in rights {
                if desk.is_within(*l, *r, &pass.within) {
                    claims.push((*l as usize, *r as usize, desk.claim(*l, *r).1));
                }
            }
        }
    }
    claims
}

/// Returns the open rows of a side under what they must have equal, sorted.
pub(super) fn keyed(
    desk: &Desk<'_>,
    board: &Board,
    hand: usize,
    on: &[Column],
) -> Vec<(Hash, u32)> {
    let mut keyed: Vec<(Hash, u32)> = board
        .open_rows(hand)
        .into_iter()
        .filter_map(|row| {
            let currency = desk.scans[hand].currency(row as usize);
            let key = scan::key(&desk.sources[hand], &desk.cells(hand, row), on, Some(currency));
            Some((key?, row))
        })
        .collect();
    keyed.sort_unstable();
    keyed
}

/// Rows of both sides under one key.
type Block<'a> = (&'a [(Hash, u32)], &'a [(Hash, u32)]);

/// Returns the rows of both sides that share a key, key by key.
pub(super) fn blocks<'a>(
    left: &'a [(Hash, u32)],
    right: &'a [(Hash, u32)],
) -> impl Iterator<Item = Block<'a>> {
    left.chunk_by(|a, b| a.0 == b.0).filter_map(|lefts| {
        let from = right.partition_point(|(key, _)| *key < lefts[0].0);
        let to = right.partition_point(|(key, _)| *key <= lefts[0].0);
        (from < to).then(|| (lefts, &right[from..to]))
    })
}

fn suggest(choice: &Choice, number: u16, suggested: &mut Suggested) {
    for (left, right) in &choice.pairs {
        let (left, right) = (place(*left), place(*right));
        suggested[0].entry(left).or_insert((right, number));
        suggested[1].entry(right).or_insert((left, number));
    }
}

fn confirm(desk: &Desk<'_>, board: &mut Board, choice: Choice, number: u16) -> Result<(), Error> {
    for (left, right) in choice.pairs {
        let (left, right) = (place(left), place(right));
        let (class, _) = desk.claim(left, right);
        board.pair(Pair { left, right, class, pass: number })?;
    }
    let ambiguous = [choice.ambiguous_left, choice.ambiguous_right];
    for (hand, rows) in ambiguous.into_iter().enumerate() {
        for (row, alternatives) in rows {
            board.single(Single {
                hand,
                row: place(row),
                class: Class::Ambiguous,
                why: Why::Ambiguous { alternatives },
            })?;
        }
    }
    Ok(())
}
