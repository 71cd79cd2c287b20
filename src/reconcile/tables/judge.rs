//! Looks at two rows column by column: what agrees, what differs, and by how much.

use crate::fiscal::words;
use crate::reconcile::knot::Claim;
use crate::reconcile::statement::Class;
use crate::reconcile::tables::hash::{Hash, Hasher};
use crate::reconcile::tables::plan::{Column, Compared, Plan};
use crate::reconcile::tables::record::Cell;
use crate::reconcile::tables::scan::Scan;
use crate::reconcile::tables::source::Source;
use crate::reconcile::tables::tolerance::{Apart, Distance};
use crate::reconcile::tables::value::{Value, day_text};

words! {
    /// Says why two values of a column differ, where a known cause fits.
    Cause {
        /// At most five cents.
        Rounding = "rounding",
        /// Equal amounts with opposite signs.
        Sign = "sign",
        /// The 2.00 of the stamp duty (imposta di bollo).
        StampDuty = "stamp_duty",
        /// Two neighbouring digits changed places.
        DigitsTransposed = "digits_transposed",
        /// Day and month changed places.
        DayMonthSwapped = "day_month_swapped",
        /// Only capital letters differ.
        Case = "case",
        /// Only blanks and marks differ.
        Blanks = "blanks",
        /// Only leading zeros differ.
        LeadingZeros = "leading_zeros",
        /// One of the two is empty.
        Empty = "empty",
        /// One of the two cannot be read as what its column holds.
        Unreadable = "unreadable",
    }
}

/// Holds what differs in one column of a pair, as text for people and files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldDifference {
    /// The column's name.
    pub column: String,
    /// Whether its tolerance allows it.
    pub is_within: bool,
    /// Whether it is an amount, a date, or neither.
    pub sort: Sort,
    /// The left value as written.
    pub left: String,
    /// The right value as written.
    pub right: String,
    /// Left less right for amounts, right less left in days for dates, else empty.
    pub difference: String,
    /// A known cause that fits.
    pub cause: Option<Cause>,
}

words! {
    /// Tells what a column holds.
    Sort {
        /// Money or another number.
        Amount = "amount",
        /// A calendar day.
        Date = "date",
        /// Text.
        Text = "text",
    }
}

/// Holds both sides while they are compared.
pub(super) struct Desk<'a> {
    pub(super) plan: &'a Plan,
    pub(super) sources: &'a [Source; 2],
    pub(super) scans: &'a [Scan; 2],
}

impl Desk<'_> {
    /// Splits a row into cells.
    pub(super) fn cells(&self, hand: usize, row: u32) -> Vec<Cell> {
        let mut cells = Vec::with_capacity(self.sources[hand].headings.len());
        let start = usize::try_from(self.scans[hand].starts[row as usize]).unwrap_or(usize::MAX);
        self.sources[hand].split(start, &mut cells);
        cells
    }

    /// Returns what one column of a row says.
    pub(super) fn value(&self, hand: usize, row: u32, column: &Column) -> Value<'_> {
        self.sources[hand].value(&self.cells(hand, row), column)
    }

    /// Returns a row's name for people and for the order of rows: its key as written.
    pub(super) fn label(&self, hand: usize, row: u32) -> String {
        let cells = self.cells(hand, row);
        let texts = self.plan.label().iter().map(|column| {
            let written = self.sources[hand].written(&cells, column.at[hand]);
            String::from_utf8_lossy(&written).trim().to_owned()
        });
        texts.collect::<Vec<_>>().join(" · ")
    }

    /// Hashes all that a row says, so that ties go by content and never by place.
    pub(super) fn whole(&self, hand: usize, row: u32) -> Hash {
        let mut hasher = Hasher::new();
        let cells = self.cells(hand, row);
        for at in 0..self.sources[hand].headings.len() {
            hasher.text(&self.sources[hand].written(&cells, at));
        }
        hasher.finish()
    }

    /// Returns the class that a pair deserves, and how good a claim it is.
    pub(super) fn claim(&self, left: u32, right: u32) -> (Class, Claim) {
        let cells = [self.cells(0, left), self.cells(1, right)];
        let (mut beyond, mut within, mut days, mut size) = (0, 0, 0u64, 0u64);
        for compared in &self.plan.compare {
            let (distance, is_within) = match self.judge(&cells, compared) {
                Apart::Equal => continue,
                Apart::Within(distance) => (distance, true),
                Apart::Beyond(distance) => (distance, false),
            };
            if is_within {
                within += 1;
            } else {
                beyond += 1;
            }
            match distance {
                Distance::Amount(amount) => size = size.saturating_add(amount.weight()),
                Distance::Days(apart) => days = days.saturating_add(apart.unsigned_abs()),
                Distance::Other => size = size.saturating_add(u64::from(is_within)),
            }
        }
        let class = match (beyond, within) {
            (0, 0) => Class::Matched,
            (0, _) => Class::MatchedWithinTolerance,
            _ => Class::Differing,
        };
        let level = beyond * 2 + u64::from(days > 0 || size > 0);
        (class, Claim { level, days, cents: size })
    }

    /// Tells whether two rows keep all tolerances of a list.
    pub(super) fn is_within(&self, left: u32, right: u32, all: &[Compared]) -> bool {
        let cells = [self.cells(0, left), self.cells(1, right)];
        all.iter().all(|compared| {
            let is_blank = |hand: usize| {
                self.sources[hand].value(&cells[hand], &compared.column) == Value::Blank
            };
            let is_given = || !is_blank(0) && !is_blank(1);
            (compared.tolerance.forgives_empty() || is_given())
                && !matches!(self.judge(&cells, compared), Apart::Beyond(_))
        })
    }

    /// Returns everything in which two rows differ, in the order of the columns.
    pub(super) fn differences(&self, left: u32, right: u32) -> Vec<FieldDifference> {
        let cells = [self.cells(0, left), self.cells(1, right)];
        let compared = self.plan.compare.iter();
        compared.filter_map(|compared| self.difference(&cells, compared)).collect()
    }

    /// Returns in what two rows differ in the columns that identify a row.
    pub(super) fn key_differences(&self, left: u32, right: u32) -> Vec<FieldDifference> {
        let cells = [self.cells(0, left), self.cells(1, right)];
        let exact = crate::reconcile::tables::tolerance::Form::Exact;
        let as_compared = |column: &Column| Compared {
            column: column.clone(),
            tolerance: crate::reconcile::tables::tolerance::Tolerance::Text(exact),
            is_money: false,
        };
        let keys = self.plan.label().iter().map(as_compared);
        keys.filter_map(|key| self.difference(&cells, &key)).collect()
    }

    fn judge(&self, cells: &[Vec<Cell>; 2], compared: &Compared) -> Apart {
        let value = |hand: usize| self.sources[hand].value(&cells[hand], &compared.column);
        compared.tolerance.judge(&value(0), &value(1))
    }

    fn difference(&self, cells: &[Vec<Cell>; 2], compared: &Compared) -> Option<FieldDifference> {
        let value = |hand: usize| self.sources[hand].value(&cells[hand], &compared.column);
        let (left, right) = (value(0), value(1));
        let (distance, is_within) = match compared.tolerance.judge(&left, &right) {
            Apart::Equal => return None,
            Apart::Within(distance) => (distance, true),
            Apart::Beyond(distance) => (distance, false),
        };
        let written = |hand: usize| {
            let text = self.sources[hand].written(&cells[hand], compared.column.at[hand]);
            String::from_utf8_lossy(&text).into_owned()
        };
        let is_day = |value: &Value<'_>| matches!(value, Value::Day(_));
        let sort = match distance {
            Distance::Amount(_) => Sort::Amount,
            Distance::Days(_) => Sort::Date,
            Distance::Other if compared.is_money => Sort::Amount,
            Distance::Other if is_day(&left) || is_day(&right) => Sort::Date,
            Distance::Other => Sort::Text,
        };
        Some(FieldDifference {
            column: compared.column.name.clone(),
            is_within,
            sort,
            left: written(0),
            right: written(1),
            difference: match distance {
                Distance::Amount(amount) => amount.to_string(),
                Distance::Days(days) => format!("{days}d"),
                Distance::Other => String::new(),
            },
            cause: cause(&left, &right, compared.is_money),
        })
    }
}

/// Returns a known cause that fits the difference of two values.
fn cause(left: &Value<'_>, right: &Value<'_>, is_money: bool) -> Option<Cause> {
    match (left, right) {
        (Value::Blank, _) | (_, Value::Blank) => Some(Cause::Empty),
        (Value::Number(a), Value::Number(b)) => {
            let cents = a.minus(*b)?.abs().cents()?;
            let (left, right) = (a.abs().to_string(), b.abs().to_string());
            if left == right {
                Some(Cause::Sign)
            } else if is_money && cents <= 5 {
                Some(Cause::Rounding)
            } else if is_money && cents == 200 {
                Some(Cause::StampDuty)
            } else {
                are_transposed(&left, &right).then_some(Cause::DigitsTransposed)
            }
        }
        (Value::Day(a), Value::Day(b)) => {
            let (a, b) = (day_text(*a), day_text(*b));
            let is_swapped = a.get(..4) == b.get(..4)
                && a.get(5..7) == b.get(8..10)
                && a.get(8..10) == b.get(5..7);
            is_swapped.then_some(Cause::DayMonthSwapped)
        }
        (Value::Text(a), Value::Text(b)) => text_cause(a, b),
        _ => Some(Cause::Unreadable),
    }
}

fn text_cause(a: &[u8], b: &[u8]) -> Option<Cause> {
    let (a, b) = (String::from_utf8_lossy(a), String::from_utf8_lossy(b));
    let without_zeros = |text: &str| text.trim().trim_start_matches('0').to_owned();
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    if a.to_lowercase() == b.to_lowercase() {
        Some(Cause::Case)
    } else if letters(&a).to_lowercase() == letters(&b).to_lowercase() {
        Some(Cause::Blanks)
    } else if without_zeros(&a) == without_zeros(&b) {
        Some(Cause::LeadingZeros)
    } else {
        are_transposed(&a, &b).then_some(Cause::DigitsTransposed)
    }
}

/// Tells whether one swap of neighbouring characters turns one text into the other.
fn are_transposed(left: &str, right: &str) -> bool {
    let (a, b) = (left.as_bytes(), right.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let differing: Vec<usize> = (0..a.len()).filter(|at| a[*at] != b[*at]).collect();
    matches!(differing[..], [i, j] if j == i + 1 && a[i] == b[j] && a[j] == b[i])
}
