//! The rules, resolved against the headings of both sides.
//!
//! From here on a column is a place and a way of reading it. Everything that the rules
//! name is looked up now, so that a misspelt name stops the comparison before it begins.

use chrono::NaiveDate;

use crate::fiscal::Period;
use crate::reconcile::tables::error::Error;
use crate::reconcile::tables::lookup::{Lookup, split_form, tolerance};
use crate::reconcile::tables::rules::Rules;
use crate::reconcile::tables::tolerance::{Form, Tolerance};

/// The sides as they are called in messages and in files.
pub(super) const SIDES: [&str; 2] = ["left", "right"];

/// Names a way of reading a column's cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::reconcile) enum Reading {
    Text(Form),
    Number,
    /// A number without its sign.
    Size,
    Day,
    /// The first day of a date's month.
    Month,
}

impl Reading {
    /// Tells whether a column's way of writing must be found out.
    pub(super) fn needs_learning(self) -> bool {
        !matches!(self, Self::Text(_))
    }
}

/// Points at one column of both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::reconcile) struct Column {
    pub(in crate::reconcile) name: String,
    /// The place in a left and in a right row.
    pub(in crate::reconcile) at: [usize; 2],
    pub(in crate::reconcile) reading: Reading,
}

/// Holds a column and what may differ in it.
#[derive(Debug, Clone)]
pub(in crate::reconcile) struct Compared {
    pub(in crate::reconcile) column: Column,
    pub(in crate::reconcile) tolerance: Tolerance,
    pub(super) is_money: bool,
}

/// Holds a pass whose columns are known.
#[derive(Debug, Clone)]
pub(in crate::reconcile) struct PlannedPass {
    pub(in crate::reconcile) name: String,
    pub(in crate::reconcile) on: Vec<Column>,
    pub(in crate::reconcile) within: Vec<Compared>,
    pub(in crate::reconcile) is_suggestion: bool,
    pub(in crate::reconcile) is_unique: bool,
    /// Whether what it finds and what the pass before finds are rivals.
    pub(in crate::reconcile) is_together: bool,
}

/// Holds a rule of groups whose columns are known.
#[derive(Debug, Clone)]
pub(in crate::reconcile) struct PlannedGroup {
    pub(in crate::reconcile) name: String,
    /// The side of the many rows: 0 left, 1 right.
    pub(in crate::reconcile) many: usize,
    pub(in crate::reconcile) on: Vec<Column>,
    pub(in crate::reconcile) sum: Column,
    pub(in crate::reconcile) within: Tolerance,
    pub(in crate::reconcile) subset: Option<usize>,
    /// Whether whole groups are taken before the passes.
    pub(in crate::reconcile) is_first: bool,
    /// What must hold between the one row and each of the many.
    pub(in crate::reconcile) near: Vec<Compared>,
}

/// Holds a rule that leaves rows of one side out.
#[derive(Debug, Clone)]
pub(in crate::reconcile) struct PlannedExclude {
    pub(in crate::reconcile) hand: usize,
    pub(in crate::reconcile) at: usize,
    pub(in crate::reconcile) is: Vec<String>,
    pub(in crate::reconcile) because: String,
}

/// Holds where rows are placed in time.
#[derive(Debug, Clone)]
pub(in crate::reconcile) struct PlannedCover {
    pub(in crate::reconcile) date: Column,
    /// The days that each side covers, where the rules say it.
    pub(super) spans: [Option<Period>; 2],
    pub(in crate::reconcile) grace_days: Option<i32>,
    pub(super) as_of: Option<NaiveDate>,
    pub(in crate::reconcile) edge_days: Option<i32>,
    pub(in crate::reconcile) stuck_days: Option<i32>,
}

/// Holds everything that a comparison does.
#[derive(Debug, Clone)]
pub(in crate::reconcile) struct Plan {
    pub(in crate::reconcile) keys: Vec<Column>,
    pub(in crate::reconcile) compare: Vec<Compared>,
    pub(super) amount: Option<Column>,
    pub(super) currency: Option<Column>,
    pub(in crate::reconcile) cover: Option<PlannedCover>,
    pub(in crate::reconcile) exclude: Vec<PlannedExclude>,
    pub(in crate::reconcile) passes: Vec<PlannedPass>,
    pub(in crate::reconcile) groups: Vec<PlannedGroup>,
    pub(super) notes: Vec<Note>,
}

/// Names something that a reader of the result should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// Several columns have a tolerance in cents, and none is named as the money.
    NoMoneyColumn,
    /// A pass met a block of rows too large to look at.
    BlockTooLarge {
        /// The pass.
        pass: String,
        /// Left rows of the block.
        left: usize,
        /// Right rows of the block.
        right: usize,
    },
    /// A rule of groups met rows among which it did not look for a sum to its end.
    NotSearched {
        /// The rule.
        pass: String,
        /// Single rows whose sum was not sought, or not to the end.
        rows: u64,
    },
}

/// Returns every name that a side must have, to tell delimiters apart.
pub(super) fn wanted(rules: &Rules) -> Vec<String> {
    let name = |text: &String| split_form(text).0.to_owned();
    rules.keys.iter().map(name).chain(rules.compare.keys().cloned()).collect()
}

impl Plan {
    /// Resolves the rules, or says which name nobody has.
    pub(in crate::reconcile) fn resolve(
        rules: &Rules,
        headings: [&[String]; 2],
    ) -> Result<Self, Error> {
        Self::resolve_apart(rules, headings, headings)
    }

    /// Resolves rules whose `exclude` may name other columns than everything else.
    pub(in crate::reconcile) fn resolve_apart(
        rules: &Rules,
        headings: [&[String]; 2],
        left_out_by: [&[String]; 2],
    ) -> Result<Self, Error> {
        if rules.keys.is_empty() && rules.passes.is_empty() && rules.groups.is_empty() {
            return Err(Error::NoKeys);
        }
        let compare = rules
            .compare
            .iter()
            .map(|(name, text)| Ok((name.clone(), tolerance(&format!("compare.{name}"), text)?)))
            .collect::<Result<Vec<_>, Error>>()?;
        let lookup = Lookup { headings, columns: &rules.columns, compare };
        lookup.refuse_unused(rules)?;
        let mut notes = Vec::new();
        let money: Vec<&str> = lookup
            .compare
            .iter()
            .filter(|(_, tolerance)| tolerance.is_money())
            .map(|(name, _)| name.as_str())
            .collect();
        let amount = match (&rules.amount, &money[..]) {
            (Some(name), _) => Some(lookup.read("amount", name, Reading::Number)?),
            (None, [only]) => Some(lookup.read("compare", only, Reading::Number)?),
            (None, []) => None,
            (None, _) => {
                notes.push(Note::NoMoneyColumn);
                None
            }
        };
        let exact = Reading::Text(Form::Exact);
        let currency =
            rules.currency.as_ref().map(|name| lookup.read("currency", name, exact)).transpose()?;
        let keys = lookup.all("keys", &rules.keys)?;
        let compared = lookup
            .compare
            .iter()
            .map(|(name, tolerance)| lookup.compared("compare", name, *tolerance))
            .collect::<Result<_, Error>>()?;
        Ok(Self {
            keys,
            compare: compared,
            cover: rules.cover.as_ref().map(|cover| lookup.cover(cover)).transpose()?,
            exclude: lookup.of(left_out_by).excludes(rules)?,
            passes: lookup.passes(rules)?,
            groups: lookup.groups(rules, amount.as_ref())?,
            amount,
            currency,
            notes,
        })
    }

    /// Returns the columns by which a row is called: its keys, or what passes join on.
    pub(super) fn label(&self) -> &[Column] {
        if !self.keys.is_empty() {
            return &self.keys;
        }
        let of_groups = || self.groups.first().map(|group| &group.on[..]);
        self.passes.first().map(|pass| &pass.on[..]).or_else(of_groups).unwrap_or_default()
    }
}
