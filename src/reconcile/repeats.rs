//! Lines of the books that say again what another line says.
//!
//! Two tills may take the same amount on the same day, so equal lines are not enough: a
//! line is a repeat only when the day agrees without it.

use std::collections::BTreeMap;

use crate::reconcile::content::Content;
use crate::reconcile::frame::GroupSum;
use crate::reconcile::receipts::Line;
use crate::reconcile::slices::{GroupKey, line_slices};
use crate::reconcile::statement::Basis;

type SumsByGroup = BTreeMap<GroupKey, GroupSum>;

/// Finds lines that repeat another one and without which their groups agree.
///
/// Of the lines that share a day's rate (or its tenders), all surplus copies are left out
/// if that settles it, else as many copies of a single line as settle it. The first line
/// by id stays.
pub(super) fn repeated_lines(
    basis: Basis,
    lines: &[Line<'_>],
    left: &SumsByGroup,
    right: &SumsByGroup,
) -> BTreeMap<usize, usize> {
    let mut order: Vec<usize> =
        (0..lines.len()).filter(|index| lines[*index].left_out.is_none()).collect();
    order.sort_by(|a, b| lines[*a].record.reference.id.cmp(&lines[*b].record.reference.id));
    let mut copies: BTreeMap<GroupKey, BTreeMap<Content, Vec<usize>>> = BTreeMap::new();
    for index in order {
        // All lines of a day's tenders share all four of them: the first names the group.
        if let Some((key, _)) = line_slices(basis, &lines[index]).into_iter().next() {
            let contents = copies.entry(key).or_default();
            contents.entry(lines[index].record.content).or_default().push(index);
        }
    }
    let settles = |surplus: &[usize]| {
        let mut without: BTreeMap<GroupKey, i64> = BTreeMap::new();
        for (key, sums) in surplus.iter().flat_map(|index| line_slices(basis, &lines[*index])) {
            *without.entry(key).or_insert(0) += sums.gross;
        }
        let gross = |side: &SumsByGroup, key| side.get(key).map_or(0, |sum| sum.gross_cents);
        let changes = without.values().any(|cents| *cents != 0);
        changes && without.iter().all(|(key, cents)| gross(right, key) - cents == gross(left, key))
    };
    let mut repeated = BTreeMap::new();
    for contents in copies.values() {
        let surplus: Vec<usize> = contents.values().flat_map(|all| &all[1..]).copied().collect();
        let found = if settles(&surplus) {
            surplus
        } else {
            let mut parts = contents.values().flat_map(|all| (1..all.len()).map(|n| &all[n..]));
            parts.find(|part| settles(part)).unwrap_or_default().to_vec()
        };
        for all in contents.values() {
            repeated.extend(all.iter().filter(|one| found.contains(one)).map(|one| (*one, all[0])));
        }
    }
    repeated
}
