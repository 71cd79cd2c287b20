//! The result of a comparison, read one line at a time.

use crate::reconcile::statement::Class;
use crate::reconcile::tables::account::TableStatement;
use crate::reconcile::tables::board::{Grouped, NearWay, Pair, Single, Why};
use crate::reconcile::tables::judge::{Desk, FieldDifference};
use crate::reconcile::tables::plan::{Note, Plan};
use crate::reconcile::tables::scan::{Aside, NO_CENTS, Scan};
use crate::reconcile::tables::source::Source;
use crate::reconcile::tables::value::{Value, day_text};

use crate::findings::Side;

/// Holds everything that a comparison of two tables found.
pub struct Comparison {
    pub(super) plan: Plan,
    pub(super) sources: [Source; 2],
    pub(super) scans: [Scan; 2],
    pub(super) pairs: Vec<Pair>,
    pub(super) singles: Vec<Single>,
    pub(super) groups: Vec<Grouped>,
    pub(super) statement: TableStatement,
    pub(super) notes: Vec<Note>,
    pub(super) names: Vec<String>,
    pub(super) spans: Option<[Option<(i32, i32)>; 2]>,
}

/// Holds one pair for a line of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairLine<'a> {
    /// The left row's number.
    pub left_row: u64,
    /// The right row's number.
    pub right_row: u64,
    /// The class of both.
    pub class: Class,
    /// The pass that found the pair.
    pub pass: &'a str,
    /// Whether the pair is part of a group of several rows.
    pub is_grouped: bool,
    pub(super) pair: Pair,
}

/// Holds one row without partner for a line of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SingleLine {
    /// Its side.
    pub side: Side,
    /// Its number.
    pub row: u64,
    /// Its class.
    pub class: Class,
    /// Its key as written.
    pub label: String,
    /// Its cents, when the statement has a money column.
    pub cents: Option<i64>,
    /// Why it has no partner.
    pub reason: RowReason,
}

/// Says why a row has no partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowReason {
    /// Nothing came near.
    NoPartner,
    /// A column of its key is empty, and an empty key meets nothing.
    NoKey,
    /// It has no partner, and this row came nearest.
    Nearest {
        /// The row's number.
        row: u64,
        /// By what it came near.
        way: Nearness,
        /// What it failed on, the key first.
        failed: Vec<FieldDifference>,
    },
    /// A pass that only suggests would pair it.
    Suggested {
        /// The row's number.
        row: u64,
        /// The pass.
        pass: String,
        /// What differs.
        differences: Vec<FieldDifference>,
    },
    /// It repeats another row of its side.
    Duplicate {
        /// The row that it repeats.
        of: u64,
    },
    /// Several partners are equally good.
    Ambiguous {
        /// How many choices are equally good.
        alternatives: u64,
    },
    /// It may still find its partner.
    Pending {
        /// The day on which it becomes a break.
        break_on: String,
    },
    /// The other side does not cover its date.
    OutOfWindow {
        /// The first and last day that the other side covers.
        covered: Option<(String, String)>,
    },
    /// It takes no part.
    Aside(Aside),
}

/// Says by what a row without partner came near another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nearness {
    /// The key is the same; that row has another partner.
    Taken,
    /// The key is the same but for its way of writing.
    KeyWritten,
    /// What is compared is the same; the key is another.
    Content,
    /// The amount is the same.
    Amount,
}

/// Holds one group whose sum differs, for a line of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupLine {
    /// The side that has the single row.
    pub side: Side,
    /// The single row's number.
    pub row: u64,
    /// The rule.
    pub pass: String,
    /// How many rows of the other side it answers.
    pub rows: usize,
    /// The column that was summed.
    pub column: String,
    /// The sum or the single value of the left side.
    pub left: String,
    /// The sum or the single value of the right side.
    pub right: String,
    /// Left less right.
    pub difference: String,
}

impl Comparison {
    /// Returns the proof.
    pub fn statement(&self) -> &TableStatement {
        &self.statement
    }

    /// Returns what a reader of the result should know.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Returns the names of the compared columns, in order.
    pub fn compared(&self) -> impl Iterator<Item = &str> {
        self.plan.compare.iter().map(|compared| compared.column.name.as_str())
    }

    /// Returns the name of what a row is called by.
    pub fn label_name(&self) -> String {
        let names: Vec<&str> = self.plan.label().iter().map(|column| &column.name[..]).collect();
        names.join(" · ")
    }

    /// Returns how many pairs there are.
    pub fn pair_count(&self) -> usize {
        self.pairs.len()
    }

    /// Returns every pair, in the order of keys.
    pub fn pairs(&self) -> impl Iterator<Item = PairLine<'_>> {
        let groups_from = self.plan.passes.len();
        self.pairs.iter().map(move |pair| PairLine {
            left_row: self.number(0, pair.left),
            right_row: self.number(1, pair.right),
            class: pair.class,
            pass: &self.names[usize::from(pair.pass)],
            is_grouped: usize::from(pair.pass) > groups_from,
            pair: *pair,
        })
    }

    /// Returns the key of a pair's left row as written.
    pub fn label(&self, line: &PairLine<'_>) -> String {
        self.desk().label(0, line.pair.left)
    }

    /// Returns everything in which a pair differs, in the order of the columns.
    pub fn differences(&self, line: &PairLine<'_>) -> Vec<FieldDifference> {
        if line.class == Class::Matched || line.is_grouped {
            return Vec::new();
        }
        self.desk().differences(line.pair.left, line.pair.right)
    }

    /// Returns every row without partner, in the order of class and key.
    pub fn singles(&self) -> impl Iterator<Item = SingleLine> {
        self.singles.iter().map(|single| self.single(single))
    }

    /// Returns the rows that the reader of a file could not read, with the reason.
    pub fn refused(&self, side: Side) -> &[(u64, String)] {
        &self.sources[side as usize].table.refused
    }

    /// Returns the groups whose sums differ.
    pub fn differing_groups(&self) -> impl Iterator<Item = GroupLine> {
        let differing = self.groups.iter().filter(|group| group.class == Class::Differing);
        differing.map(|group| self.group(group))
    }

    fn desk(&self) -> Desk<'_> {
        Desk { plan: &self.plan, sources: &self.sources, scans: &self.scans }
    }

    /// Returns a row's number for people: its place from 1, or what its file's reader says.
    fn number(&self, hand: usize, row: u32) -> u64 {
        match &self.sources[hand].table.row_numbers {
            Some(numbers) => numbers.get(row as usize).copied().unwrap_or(0),
            None => u64::from(row) + 1,
        }
    }

    fn single(&self, single: &Single) -> SingleLine {
        let (hand, row) = (single.hand, single.row);
        let cents = self.scans[hand].cents.get(row as usize).copied();
        SingleLine {
            side: if hand == 0 { Side::Left } else { Side::Right },
            row: self.number(hand, row),
            class: single.class,
            label: self.desk().label(hand, row),
            cents: cents.filter(|cents| *cents != NO_CENTS),
            reason: self.reason(hand, row, &single.why),
        }
    }

    fn reason(&self, hand: usize, row: u32, why: &Why) -> RowReason {
        let sides = |other: u32| if hand == 0 { (row, other) } else { (other, row) };
        match why {
            Why::NoPartner { nearest: None } => RowReason::NoPartner,
            Why::NoKey => RowReason::NoKey,
            Why::NoPartner { nearest: Some(near) } => {
                let (left, right) = sides(near.row);
                let mut failed = self.desk().key_differences(left, right);
                failed.extend(self.desk().differences(left, right));
                RowReason::Nearest {
                    row: self.number(1 - hand, near.row),
                    way: match near.way {
                        NearWay::Taken => Nearness::Taken,
                        NearWay::KeyWritten => Nearness::KeyWritten,
                        NearWay::Content => Nearness::Content,
                        NearWay::Amount => Nearness::Amount,
                    },
                    failed,
                }
            }
            Why::Suggested { row: other, pass } => {
                let (left, right) = sides(*other);
                RowReason::Suggested {
                    row: self.number(1 - hand, *other),
                    pass: self.names[usize::from(*pass)].clone(),
                    differences: self.desk().differences(left, right),
                }
            }
            Why::Duplicate { of } => RowReason::Duplicate { of: self.number(hand, *of) },
            Why::Ambiguous { alternatives } => RowReason::Ambiguous { alternatives: *alternatives },
            Why::Pending { break_on } => RowReason::Pending { break_on: day_text(*break_on) },
            Why::OutOfWindow => {
                let covered = self.spans.and_then(|spans| spans[1 - hand]);
                let covered = covered.map(|(from, to)| (day_text(from), day_text(to)));
                RowReason::OutOfWindow { covered }
            }
            Why::Aside(aside) => RowReason::Aside(aside.clone()),
        }
    }

    fn group(&self, group: &Grouped) -> GroupLine {
        let rule = &self.plan.groups[usize::from(group.pass) - self.plan.passes.len() - 1];
        let desk = self.desk();
        let one = desk.value(1 - group.many, group.one, &rule.sum);
        let one = if let Value::Number(number) = one { Some(number) } else { None };
        let (left, right) =
            if group.many == 0 { (Some(group.sum), one) } else { (one, Some(group.sum)) };
        let text = |value: Option<super::value::Decimal>| {
            value.map_or_else(String::new, |value| value.to_string())
        };
        let difference = left.zip(right).and_then(|(left, right)| left.minus(right));
        GroupLine {
            side: if group.many == 0 { Side::Right } else { Side::Left },
            row: self.number(1 - group.many, group.one),
            pass: rule.name.clone(),
            rows: group.rows,
            column: rule.sum.name.clone(),
            left: text(left),
            right: text(right),
            difference: text(difference),
        }
    }
}
