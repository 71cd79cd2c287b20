//! By which rules a night compares: passes and tolerances as data, one file a sort.
//!
//! Comes in: TOML in the form of `quadra compare`'s rules, read by the same parser and
//! looked up by the same `Plan`, with what a row knows in the place of a file's headings
//! (`column`). Goes out: a [`Rulebook`] of five sorts (sent invoices, received invoices,
//! receipts against orders, takings, card settlements), each with its passes in order, what may differ in a
//! pair (`tolerance`), and the day by which rows count. The files in `defaults/` hold what
//! applies when nobody says otherwise. Nothing in a file is ignored: what a sort cannot
//! honour is refused. Absent on purpose: files and folders (see `worker`).

mod column;
mod exclude;
mod numbers;
mod pass;
mod set;
mod tolerance;

pub(super) use column::RowColumn;
pub(super) use numbers::NumberRules;
pub(super) use pass::{GroupRule, PassRule};
pub(super) use set::RuleSet;
pub(super) use tolerance::{Tolerance, are_near_each};

use crate::fiscal::{Direction, words};
use crate::reconcile::tables;

words! {
    /// Names a sort of rows that has rules of its own; also the name of its file.
    RuleSort {
        /// Sent invoices.
        Issued = "issued",
        /// Received invoices.
        Received = "received",
        /// Receipts against a shop's orders.
        Receipts = "receipts",
        /// A day's receipts against takings.
        Takings = "takings",
        /// What was paid electronically against card transactions.
        Settlements = "settlements",
        /// How programs write the numbers of one party; none is shipped.
        Numbers = "numbers",
    }
}

impl RuleSort {
    /// Returns the rules that apply when nobody says otherwise.
    #[must_use]
    pub fn built_in(self) -> &'static str {
        match self {
            Self::Issued => include_str!("defaults/issued.toml"),
            Self::Received => include_str!("defaults/received.toml"),
            Self::Receipts => include_str!("defaults/receipts.toml"),
            Self::Takings => include_str!("defaults/takings.toml"),
            Self::Settlements => include_str!("defaults/settlements.toml"),
            Self::Numbers => include_str!("defaults/numbers.toml"),
        }
    }
}

/// Holds the rules of every sort, checked.
#[derive(Debug, Clone)]
pub struct Rulebook {
    sets: [RuleSet; 5],
    numbers: NumberRules,
}

impl Default for Rulebook {
    /// The rules that the program ships.
    fn default() -> Self {
        let set = |sort: RuleSort| {
            RuleSet::parse(sort, sort.built_in()).expect("a test reads the shipped rules")
        };
        Self {
            numbers: NumberRules::default(),
            sets: [
                RuleSort::Issued,
                RuleSort::Received,
                RuleSort::Receipts,
                RuleSort::Takings,
                RuleSort::Settlements,
            ]
            .map(set),
        }
    }
}

impl Rulebook {
    /// Puts other rules of a sort into the place of those that are there.
    ///
    /// # Errors
    /// What is no rules file, names what no row has, or says what the sort cannot do.
    pub fn put(&mut self, sort: RuleSort, text: &str) -> Result<(), tables::Error> {
        match self.sets.get_mut(sort as usize) {
            Some(set) => *set = RuleSet::parse(sort, text)?,
            None => self.numbers = NumberRules::parse(text)?,
        }
        Ok(())
    }

    /// Returns the rules of invoices of a direction.
    pub(super) fn invoices(&self, direction: Direction) -> &RuleSet {
        let sort = match direction {
            Direction::Outgoing => RuleSort::Issued,
            Direction::Incoming => RuleSort::Received,
        };
        &self.sets[sort as usize]
    }

    /// Returns the rules about numbers that somebody switched on.
    pub(super) fn numbers(&self) -> &NumberRules {
        &self.numbers
    }

    /// Returns the rules of receipts against orders.
    pub(super) fn receipts(&self) -> &RuleSet {
        &self.sets[RuleSort::Receipts as usize]
    }

    /// Returns the rules of takings.
    pub(super) fn takings(&self) -> &RuleSet {
        &self.sets[RuleSort::Takings as usize]
    }

    /// Returns the rules of electronic takings against card transactions.
    pub(super) fn settlements(&self) -> &RuleSet {
        &self.sets[RuleSort::Settlements as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(sort: RuleSort, from: &str, to: &str) -> String {
        let text = sort.built_in();
        assert!(text.contains(from), "{from}");
        let mut book = Rulebook::default();
        let error = book.put(sort, &text.replacen(from, to, 1)).unwrap_err();
        format!("{error} / {}", error.hint().unwrap_or_default())
    }

    #[test]
    fn shipped_rules_are_understood() {
        let book = Rulebook::default();
        let passes = |set: &RuleSet| set.passes.len();
        assert_eq!(book.sets.each_ref().map(passes), [8, 8, 1, 0, 0]);
        assert_eq!(book.takings().edge_days, 4);
        assert_eq!(book.settlements().grace_days, 5);
        assert_eq!(book.settlements().tolerance.days_apart(), 3);
    }

    #[test]
    fn a_name_that_no_row_has_is_refused() {
        let issued = RuleSort::Issued;
        for (from, to, said) in [
            (
                "\"party\", \"number as exact\"",
                "\"partty\", \"number as exact\"",
                "did you mean `party`?",
            ),
            ("gross = \"0.05\"", "groos = \"0.05\"", "did you mean `gross`?"),
            ("date = \"issue_date\"", "date = \"isue_date\"", "did you mean `issue_date`?"),
            ("doubts = [\"year\"", "doubts = [\"yaer\"", "`year`, `sort` or `tax_id`"),
            ("name = \"id\"", "nmae = \"id\"", "did you mean `name`?"),
            ("unique = true\ntogether = true", "together = true", "are `unique` and confirm"),
            ("name = \"id\"", "name = \"id\"\ntogether = true", "are `unique` and confirm"),
            ("gross = \"0.05\"", "gross = \"0,05\"", "an amount `0.01`"),
            ("[cover]", "amount = \"gross\"\n[cover]", "`amount` means nothing"),
            ("party = \"exact\"", "party = \"words\"", "`exact`"),
            ("number = \"normalised\"", "number = \"folded\"", "`exact`, `normalised` or `digits`"),
            ("issue_date = \"0d\"", "issue_date = \"0\"", "a number of days"),
            ("edge = \"7d\"", "edge = \"7\"", "a number of days"),
        ] {
            let told = refusal(issued, from, to);
            assert!(told.contains(said), "{told}");
        }
    }

    #[test]
    fn what_a_sort_cannot_do_is_refused() {
        let takings = RuleSort::Takings;
        for (from, to, said) in [
            ("\"issue_date\", \"slice\"", "\"issue_date\"", "`issue_date`, `slice`"),
            ("[cover]", "[[passes]]\non = [\"slice\"]\n[cover]", "`passes` means nothing"),
            ("gross = \"0\"", "", "`gross`"),
            ("gross = \"0\"", "gross = \"0\"\nissue_date = \"1d\"", "meet on their day"),
        ] {
            let told = refusal(takings, from, to);
            assert!(told.contains(said), "{told}");
        }
        let told = refusal(RuleSort::Settlements, "[\"issue_date\"]", "[\"gross\"]");
        assert!(told.contains("`issue_date`: settlements meet"), "{told}");
        let told = refusal(RuleSort::Receipts, "gross = \"0.05\"", "gross = \"0.05 a row\"");
        assert!(told.contains("an amount `0.01`"), "{told}");
        let told =
            refusal(RuleSort::Issued, "on = [\"reference\"]", "on = [\"registration_date\"]");
        assert!(told.contains("the left side does not have"), "{told}");
    }
}
