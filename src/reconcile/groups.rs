//! Several rows of one side that together answer one row of the other.
//!
//! In two places. A pass with `parts` lets the rows that share its key with one row, and
//! with nobody else, answer it together when their sum does and none of them does alone:
//! an invoice booked in parts, an order with two receipts. After the passes, rules of groups
//! look among a party's open rows for those whose sum is the one row's: a subset, searched
//! within a budget, whose solutions are counted (`subset`). One solution is a match, several
//! are ambiguous with their number, and a search that was not made is said.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::findings::{Pass, Side};
use crate::reconcile::choose::degrees;
use crate::reconcile::pairing::Pairing;
use crate::reconcile::record::Record;
use crate::reconcile::rules::{GroupRule, Tolerance};
use crate::reconcile::subset::{Found, subset};

/// Holds rows of one side that together answer one row of the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) rule: Pass,
    /// The side of the many rows.
    pub(super) many: Side,
    pub(super) one: usize,
    /// The many rows, in their stable order.
    pub(super) members: Vec<usize>,
    /// Rows among which these are the only ones with that sum, where a sum was sought.
    pub(super) among: Option<u64>,
}

/// Holds both sides' rows.
type Sides<'a> = [&'a [Record]; 2];

/// Returns the side across.
pub(super) fn across(side: Side) -> Side {
    if side == Side::Left { Side::Right } else { Side::Left }
}

/// Finds the parts among a pass's candidates: stars whose sum agrees and no arm alone does.
pub(super) fn parts(
    rule: &Pass,
    candidates: &[(usize, usize)],
    sides: Sides<'_>,
    may_group: impl Fn(Side, usize) -> bool,
    tolerance: &Tolerance,
) -> Vec<Group> {
    let degrees = degrees(candidates.iter().copied());
    let mut stars: [BTreeMap<usize, Vec<usize>>; 2] = [BTreeMap::new(), BTreeMap::new()];
    for (left, right) in candidates {
        match (degrees[0][*left], degrees[1][*right]) {
            (1, 2..) => stars[0].entry(*right).or_default().push(*left),
            (2.., 1) => stars[1].entry(*left).or_default().push(*right),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for (many, stars) in [Side::Left, Side::Right].into_iter().zip(stars) {
        let one_side = across(many);
        for (one, mut members) in stars {
            let is_whole = degrees[one_side as usize][one] as usize == members.len();
            let is_free =
                may_group(one_side, one) && members.iter().all(|member| may_group(many, *member));
            if is_whole && is_free && is_sum(many, one, &members, sides, tolerance) {
                sort(&mut members, sides[many as usize]);
                found.push(Group { rule: rule.clone(), many, one, members, among: None });
            }
        }
    }
    found
}

/// Tells whether rows add up to one row that none of them answers alone.
fn is_sum(
    many: Side,
    one: usize,
    members: &[usize],
    sides: Sides<'_>,
    tolerance: &Tolerance,
) -> bool {
    let amount = |side: Side, row: usize| sides[side as usize][row].amount_cents;
    let Some(wanted) = amount(across(many), one) else {
        return false;
    };
    let cents: Option<Vec<i64>> = members.iter().map(|row| amount(many, *row)).collect();
    let is_near = |cents: i64| match many {
        Side::Left => tolerance.is_gross_near(cents, wanted),
        Side::Right => tolerance.is_gross_near(wanted, cents),
    };
    cents.is_some_and(|cents| {
        let sum = cents.iter().try_fold(0i64, |sum, cents| sum.checked_add(*cents));
        let has_same_sign = cents.iter().all(|cents| cents.signum() * wanted.signum() >= 0);
        has_same_sign
            && wanted != 0
            && sum == Some(wanted)
            && !cents.iter().any(|cents| is_near(*cents))
    })
}

/// Looks, rule by rule, for open rows whose sum is an open row of the other side.
pub(super) fn search(
    rule: &GroupRule,
    sides: Sides<'_>,
    is_open: impl Fn(Side, usize) -> bool,
    pairing: &mut Pairing,
) {
    let (many, one_side) = (rule.many, across(rule.many));
    let open = |side: Side| -> Vec<usize> {
        let rows = sides[side as usize];
        let has_amount = |row: &usize| rows[*row].amount_cents.is_some_and(|cents| cents != 0);
        (0..rows.len())
            .filter(|row| pairing.is_open(side, *row) && is_open(side, *row))
            .filter(has_amount)
            .collect()
    };
    let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
    for row in open(many) {
        for key in rule.keys(many as usize, &sides[many as usize][row]) {
            by_key.entry(key).or_default().push(row);
        }
    }
    let mut answers: BTreeMap<usize, (Vec<usize>, Found)> = BTreeMap::new();
    for one in open(one_side) {
        let record = &sides[one_side as usize][one];
        let keys = rule.keys(one_side as usize, record);
        let shared: BTreeSet<usize> =
            keys.iter().filter_map(|key| by_key.get(key)).flatten().copied().collect();
        let mut items: Vec<usize> = shared
            .into_iter()
            .filter(|item| may_be_part(rule, &sides[many as usize][*item], record))
            .collect();
        if items.len() < 2 {
            continue;
        }
        sort(&mut items, sides[many as usize]);
        let found = solve(rule, &items, one, sides);
        if found != Found::Nothing {
            answers.insert(one, (items, found));
        }
    }
    settle(rule, &answers, pairing);
}

/// Tells whether a row may be a part of another: currency, sort, sign, size and nearness.
fn may_be_part(rule: &GroupRule, part: &Record, whole: &Record) -> bool {
    let (Some(a), Some(b)) = (part.amount_cents, whole.amount_cents) else {
        return false;
    };
    part.currency == whole.currency
        && !part.is_other_sort(whole)
        && a.signum() == b.signum()
        && i128::from(a).abs() <= i128::from(b).abs() + rule.reach_cents()
        && rule.is_near(part, whole)
}

fn solve(rule: &GroupRule, items: &[usize], one: usize, sides: Sides<'_>) -> Found {
    if items.len() > rule.subset {
        return Found::CutShort;
    }
    let cents =
        |side: Side, row: usize| i128::from(sides[side as usize][row].amount_cents.unwrap_or(0));
    let wanted = cents(across(rule.many), one);
    let amounts: Vec<i128> = items.iter().map(|item| cents(rule.many, *item)).collect();
    let reach = rule.reach_cents();
    let window = (wanted.saturating_sub(reach), wanted.saturating_add(reach));
    let one_cents = sides[across(rule.many) as usize][one].amount_cents.unwrap_or(0);
    match subset(&amounts, window, |sum| rule.is_sum(sum, one_cents)) {
        Found::One(places) => Found::One(places.into_iter().map(|at| items[at]).collect()),
        other => other,
    }
}

/// Confirms what nobody else wants; all else is ambiguous, or was not sought.
fn settle(rule: &GroupRule, answers: &BTreeMap<usize, (Vec<usize>, Found)>, pairing: &mut Pairing) {
    let one_side = across(rule.many);
    // Whoever's answer is open may want any of its candidates.
    let wants = |(items, found): &(Vec<usize>, Found)| match found {
        Found::One(members) => members.clone(),
        _ => items.clone(),
    };
    let mut wanted: HashMap<usize, u32> = HashMap::new();
    for item in answers.values().flat_map(wants) {
        *wanted.entry(item).or_default() += 1;
    }
    for (one, (items, found)) in answers {
        match found {
            Found::One(members) if members.iter().all(|member| wanted[member] == 1) => {
                pairing.group(Group {
                    rule: rule.name.clone(),
                    many: rule.many,
                    one: *one,
                    members: members.clone(),
                    among: Some(items.len() as u64),
                });
            }
            Found::One(_) => pairing.doubt(one_side, *one, 2),
            Found::Several(count) => pairing.doubt(one_side, *one, *count),
            Found::CutShort => pairing.leave_unsought(one_side, *one, items.len() as u64),
            Found::Nothing => {}
        }
    }
}

fn sort(rows: &mut [usize], records: &[Record]) {
    rows.sort_unstable_by(|a, b| records[*a].order().cmp(&records[*b].order()));
}
