//! Any two tables become pairs, rows without partner, and a statement that ties out.
//!
//! What comes in is two sides as delimited text and the rules (keys, tolerances, passes);
//! what goes out is a [`Comparison`], from which reports read one line at a time. The walk:
//! `plan` resolves the rules against the headings, `scan` walks over each side once,
//! `join` lets rows of equal keys meet and `same_key` settles those that are not plainly
//! equal, `passes` and `groups` look for the partners of what is left, `rest` says of every
//! other row why it has none, and `account` proves that nothing was lost.
//!
//! The exact keys of a million rows are joined by our own code and not by Polars: it hashes
//! values where they stand in the file, keeps forty-eight bytes a row, and needs no frame of
//! a million texts (ARCHITECTURE.md has the measurement). Numbers are exact decimals.
//!
//! Neither the order of rows nor the number of threads changes the answer, and swapping the
//! sides mirrors it. Absent on purpose: files, words for people, a clock.

mod error;
pub(super) mod rules;

mod defaults;

mod counterparty;
mod hash;
mod record;
mod slip;
pub(super) mod tolerance;
pub(super) mod value;

mod lookup;
pub(super) mod plan;
mod source;

mod judge;
mod scan;

mod board;
mod join;
mod same_key;

mod groups;
mod passes;
mod rest;

mod account;
mod order;

mod lines;

#[cfg(test)]
mod tests;

pub use account::{ClassCount, CurrencyBridge, CurrencySide, PassCount, SideCount, TableStatement};
pub use counterparty::counterparty_text;
pub use defaults::DefaultRules;
pub use error::Error;
pub use judge::{Cause, FieldDifference, Sort};
pub use lines::{Comparison, GroupLine, Nearness, PairLine, RowReason, SingleLine};
pub use plan::Note;
pub use rules::{Cover, Exclude, Group, Pass, Rules, Sides, Written};
pub use scan::Aside;
pub use source::Table;

use crate::reconcile::statement::Class;
use board::{Board, Single, Why};
use judge::Desk;
use plan::Plan;
use source::Source;
use value::{First, Mark};

/// Compares two tables by rules, with so many threads; the answer is the same for any.
///
/// # Errors
/// Rules that name what nobody has, numbers that may be read in two ways, and a
/// comparison that does not tie out.
pub fn compare(tables: [Table; 2], rules: &Rules, threads: usize) -> Result<Comparison, Error> {
    rules.refuse_nights()?;
    let wanted = plan::wanted(rules);
    let [left, right] = tables;
    let mut sources = [open(left, 0, rules, &wanted)?, open(right, 1, rules, &wanted)?];
    let plan = Plan::resolve(rules, [&sources[0].headings, &sources[1].headings])?;
    let scans = scan_both(&mut sources, &plan, threads)?;
    let desk = Desk { plan: &plan, sources: &sources, scans: &scans };
    let mut notes = plan.notes.clone();
    let mut board = Board::new([scans[0].rows(), scans[1].rows()]);
    for (hand, scan) in scans.iter().enumerate() {
        for (row, aside) in &scan.aside {
            let why = Why::Aside(aside.clone());
            board.single(Single { hand, row: *row, class: Class::Excluded, why })?;
        }
    }
    let settled = join::join(&desk, threads);
    board.take(settled.pairs, settled.singles)?;
    groups::run(&desk, &mut board, true, &mut notes)?;
    let suggested = passes::run(&desk, &mut board, &mut notes)?;
    groups::run(&desk, &mut board, false, &mut notes)?;
    rest::place(&desk, &mut board, &suggested, &settled.taken)?;
    let names = pass_names(&plan);
    let refused = [0, 1].map(|hand: usize| sources[hand].table.refused.len() as u64);
    let statement = account::prove(&desk, &board, &names, refused)?;
    let Board { mut pairs, mut singles, groups, .. } = board;
    order::sort_pairs(&desk, &mut pairs);
    order::sort_singles(&desk, &mut singles);
    let spans = plan.cover.as_ref().map(|cover| rest::spans(&desk, cover));
    Ok(Comparison { plan, sources, scans, pairs, singles, groups, statement, notes, names, spans })
}

fn open(table: Table, hand: usize, rules: &Rules, wanted: &[String]) -> Result<Source, Error> {
    let (written, mapped) = match hand {
        0 => (&rules.format.left, &rules.columns.left),
        _ => (&rules.format.right, &rules.columns.right),
    };
    let refuse = |key: &str, value: &str, expected: &str| Error::NotUnderstood {
        place: format!("format.{}.{key}", plan::SIDES[hand]),
        value: value.to_owned(),
        expected: expected.to_owned(),
    };
    let mark = match written.decimal.as_deref() {
        None => None,
        Some(",") => Some(Mark::Comma),
        Some(".") => Some(Mark::Dot),
        Some(other) => return Err(refuse("decimal", other, "`,` or `.`")),
    };
    let first = match written.date.as_deref() {
        None => None,
        Some("day") => Some(First::Day),
        Some("month") => Some(First::Month),
        Some(other) => return Err(refuse("date", other, "`day` or `month`")),
    };
    let mut table = table;
    match written.delimiter.as_deref().map(str::as_bytes) {
        None => {}
        Some([delimiter]) => table.delimiter = Some(*delimiter),
        Some(_) => {
            let value = written.delimiter.as_deref().unwrap_or_default();
            return Err(refuse("delimiter", value, "one character"));
        }
    }
    let wanted: Vec<String> = wanted.iter().chain(mapped.keys()).cloned().collect();
    let mut source = Source::open(table, hand, &wanted)?;
    source.set_writing(mark, first);
    Ok(source)
}

fn scan_both(
    sources: &mut [Source; 2],
    plan: &Plan,
    threads: usize,
) -> Result<[scan::Scan; 2], Error> {
    let [left, right] = sources;
    if threads < 2 {
        return Ok([scan::scan(left, plan)?, scan::scan(right, plan)?]);
    }
    std::thread::scope(|scope| {
        let other = scope.spawn(|| scan::scan(right, plan));
        let left = scan::scan(left, plan);
        let right = other.join().expect("a walk over text ends");
        Ok([left?, right?])
    })
}

/// Returns the names of the keys' pass, of the passes and of the groups.
fn pass_names(plan: &Plan) -> Vec<String> {
    let keys: Vec<&str> = plan.keys.iter().map(|column| column.name.as_str()).collect();
    let passes = plan.passes.iter().map(|pass| pass.name.clone());
    let groups = plan.groups.iter().map(|group| group.name.clone());
    let first = if keys.is_empty() { "keys".to_owned() } else { keys.join(" + ") };
    std::iter::once(first).chain(passes).chain(groups).collect()
}

/// Returns the name that comes nearest to a misspelt one, if one comes near.
pub(super) fn nearest_name<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let lower = name.to_lowercase();
    names
        .filter(|known| !known.is_empty())
        .map(|known| (strsim::osa_distance(&lower, &known.to_lowercase()), known))
        .filter(|(slips, known)| *slips <= known.chars().count().max(name.chars().count()) / 2 + 1)
        .min()
        .map(|(_, known)| known.to_owned())
}
