//! The rules of one sort: passes in order, tolerances, the day that counts.

use std::collections::BTreeMap;

use crate::findings::{Field, Reason};
use crate::fiscal::{LedgerEntry, NumberTier};
use crate::reconcile::record::Record;
use crate::reconcile::rules::column::{RowColumn, RowPair, known};
use crate::reconcile::rules::exclude::{self, ExcludeRule};
use crate::reconcile::rules::pass::{GroupRule, PassRule};
use crate::reconcile::rules::{RuleSort, Tolerance};
use crate::reconcile::statement::Class;
use crate::reconcile::tables::plan::{Compared, Plan};
use crate::reconcile::tables::rules::Rules;
use crate::reconcile::tables::tolerance::{Form, Tolerance as Bound};
use crate::reconcile::tables::{Error, Written};

/// What a tolerance of takings says that holds once for each receipt.
const EACH_ROW: &str = " a row";

/// Holds the rules of one sort of rows.
#[derive(Debug, Clone)]
pub(in crate::reconcile) struct RuleSet {
    pub(in crate::reconcile) passes: Vec<PassRule>,
    /// How many open rows may together answer one, once the passes are done.
    pub(in crate::reconcile) groups: Vec<GroupRule>,
    /// Rows that take no part, each with the reason of whoever wrote the rule.
    excludes: Vec<ExcludeRule>,
    pub(in crate::reconcile) tolerance: Tolerance,
    /// The date by which documents and entries count.
    pub(in crate::reconcile) day: [RowColumn; 2],
    /// Days after its date in which a document may still lack its booking.
    pub(in crate::reconcile) grace_days: u64,
    /// Days from the period's edge at which books may begin or end and be whole.
    pub(in crate::reconcile) edge_days: u64,
    /// Days after which a receipt that is not final counts as stuck.
    pub(in crate::reconcile) stuck_days: u64,
}

impl RuleSet {
    /// Reads the rules of a sort.
    pub(super) fn parse(sort: RuleSort, text: &str) -> Result<Self, Error> {
        let mut rules = Rules::parse(text)?;
        refuse_foreign(sort, &rules)?;
        for group in &mut rules.groups {
            group.sum.get_or_insert_with(|| "gross".to_owned());
        }
        let is_each_row = sort == RuleSort::Takings && take_each_row(&mut rules);
        let known = known(sort);
        let columns = exclude::columns(sort);
        let headings = known.each_ref().map(|side| names(side));
        let left_out_by = columns.each_ref().map(|side| names(side));
        let [headings, left_out_by] =
            [&headings, &left_out_by].map(|[left, right]| [&left[..], &right[..]]);
        let plan = Plan::resolve_apart(&rules, headings, left_out_by)?;
        // Tolerances first: one that is misunderstood makes a pass on its column look wrong.
        let compared = plan.compare.iter().map(|one| (one, RowPair::of(&one.column, &known)));
        let tolerance = Tolerance { is_each_row, ..tolerance(sort, compared, &rules.compare)? };
        let passes = plan
            .passes
            .iter()
            .zip(&rules.passes)
            .map(|(planned, written)| PassRule::of(planned, written, &known))
            .collect::<Result<Vec<PassRule>, Error>>()?;
        refuse_lonely(&passes)?;
        let groups = plan
            .groups
            .iter()
            .map(|planned| GroupRule::of(planned, &known))
            .collect::<Result<_, Error>>()?;
        let cover = plan.cover.as_ref();
        let day = cover.map(|cover| RowPair::of(&cover.date, &known).at);
        if let Some(at) = day.filter(|at| !at.iter().all(|column| column.is_date())) {
            return Err(not_understood("cover.date", &format!("{at:?}"), "the name of a date"));
        }
        let day = day.unwrap_or([RowColumn::IssueDate; 2]);
        let is_fixed = sort == RuleSort::Receipts || is_by_day(sort);
        if is_fixed && day != [RowColumn::IssueDate; 2] {
            let date = cover.map_or("", |cover| cover.date.name.as_str());
            return Err(not_understood("cover.date", date, "`issue_date`: a receipt has no other"));
        }
        let days = |days: Option<i32>, default: u64| {
            days.and_then(|days| u64::try_from(days).ok()).unwrap_or(default)
        };
        Ok(Self {
            passes,
            groups,
            excludes: plan
                .exclude
                .iter()
                .map(|planned| ExcludeRule::of(planned, &columns))
                .collect::<Result<_, Error>>()?,
            tolerance,
            day,
            grace_days: days(cover.and_then(|cover| cover.grace_days), 0),
            edge_days: days(cover.and_then(|cover| cover.edge_days), 0),
            stuck_days: days(cover.and_then(|cover| cover.stuck_days), 0),
        })
    }
}

impl RuleSet {
    /// Tells whether the rules leave any row out.
    pub(in crate::reconcile) fn has_excludes(&self) -> bool {
        !self.excludes.is_empty()
    }

    /// Returns why a row of a side (0 left, 1 right) is left out, if it is.
    pub(in crate::reconcile) fn excluded(&self, hand: usize, row: &Record) -> Option<&str> {
        self.excludes.iter().find_map(|rule| rule.because(hand, row, None))
    }

    /// Returns class and reason of a row that is left out, by what its entry says as well.
    pub(in crate::reconcile) fn left_out(
        &self,
        hand: usize,
        row: &Record,
        entry: Option<&LedgerEntry>,
    ) -> Option<(Class, Reason)> {
        let because = self.excludes.iter().find_map(|rule| rule.because(hand, row, entry))?;
        Some((Class::Excluded, Reason::LeftOut { because: because.to_owned() }))
    }
}

fn names<T>(columns: &[(&'static str, T)]) -> Vec<String> {
    columns.iter().map(|(name, _)| (*name).to_owned()).collect()
}

/// Reads what may differ in a pair.
fn tolerance<'a>(
    sort: RuleSort,
    compared: impl Iterator<Item = (&'a Compared, RowPair)>,
    written: &BTreeMap<String, String>,
) -> Result<Tolerance, Error> {
    let mut tolerance = Tolerance::default();
    for (one, pair) in compared {
        let place = format!("compare.{}", one.column.name);
        let (bound, text) = (one.tolerance, written.get(&one.column.name));
        let text = text.map_or("", String::as_str);
        let refuse = |expected: &str| Err(not_understood(&place, text, expected));
        let is_amount = matches!(bound, Bound::Amount { .. } | Bound::Percent { .. });
        match (pair.at, bound) {
            ([RowColumn::Gross, RowColumn::Gross], _) if is_amount => tolerance.gross = Some(bound),
            ([RowColumn::Taxable, RowColumn::Taxable], _) if is_amount => {
                tolerance.taxable = Some(bound);
            }
            ([RowColumn::Vat, RowColumn::Vat], _) if is_amount => tolerance.vat = Some(bound),
            ([RowColumn::Party, RowColumn::Party], Bound::Text(Form::Exact)) => {
                tolerance.has_party = true;
            }
            ([RowColumn::Party, _], _) => return refuse("`exact`"),
            ([RowColumn::Number, RowColumn::Number], Bound::Text(form)) => {
                tolerance.number = Some(match form {
                    Form::Exact => NumberTier::Exact,
                    Form::Normalised => NumberTier::Normalised,
                    Form::Digits => NumberTier::DigitsOnly,
                    _ => return refuse("`exact`, `normalised` or `digits`"),
                });
            }
            ([left, _], _) if left.is_date() && sort == RuleSort::Takings => {
                return refuse("`gross`, `taxable`, `vat`: takings meet on their day");
            }
            ([left, right], Bound::Days { .. }) if left.is_date() && right.is_date() => {
                let field = match right {
                    RowColumn::RegistrationDate => Field::RegistrationDate,
                    RowColumn::TransmissionDate => Field::TransmissionDate,
                    _ => Field::IssueDate,
                };
                tolerance.dates.push((pair, bound, field));
            }
            ([left, right], _) if left.is_date() && right.is_date() => {
                return refuse("a number of days: `0d`");
            }
            _ => {
                return refuse(
                    "an amount `0.01`; `gross`, `taxable`, `vat`, `party`, `number` and dates are compared",
                );
            }
        }
    }
    if is_by_day(sort) && tolerance.gross.is_none() {
        return Err(not_understood("compare", "", "at least `gross`, whose sums must agree"));
    }
    Ok(tolerance)
}

/// Refuses a pass that shares a turn where nothing could be its rival.
fn refuse_lonely(passes: &[PassRule]) -> Result<(), Error> {
    let may_share = |pass: &PassRule| pass.is_of_the_rest() && !pass.is_suggestion;
    for (place, pass) in passes.iter().enumerate().filter(|(_, pass)| pass.is_together) {
        let before = place.checked_sub(1).map(|before| &passes[before]);
        if !before.is_some_and(may_share) || !may_share(pass) {
            let expected = "`together` after another pass, where both are `unique` and confirm";
            return Err(not_understood(&format!("passes.{}", pass.name), "true", expected));
        }
    }
    Ok(())
}

/// Takes the words ` a row` off the tolerances of takings; tells whether they were there.
fn take_each_row(rules: &mut Rules) -> bool {
    let mut is_there = false;
    for column in ["taxable", "vat"] {
        if let Some(text) = rules.compare.get_mut(column)
            && let Some(bare) = text.strip_suffix(EACH_ROW)
        {
            // A share of a share has no meaning.
            is_there = !bare.contains('%');
            *text = if is_there { bare.to_owned() } else { text.clone() };
        }
    }
    is_there
}

/// Refuses what rules of this sort cannot honour.
fn refuse_foreign(sort: RuleSort, rules: &Rules) -> Result<(), Error> {
    let is_by_day = is_by_day(sort);
    let cover = rules.cover.as_ref();
    let written = [&rules.format.left, &rules.format.right];
    let is_written =
        |one: &&Written| one.decimal.is_some() || one.date.is_some() || one.delimiter.is_some();
    let places = [
        ("amount", rules.amount.is_some()),
        ("currency", rules.currency.is_some()),
        ("keys", !is_by_day && !rules.keys.is_empty()),
        ("passes", is_by_day && !rules.passes.is_empty()),
        (
            "groups",
            sort != RuleSort::Issued && sort != RuleSort::Received && !rules.groups.is_empty(),
        ),
        ("groups.first", rules.groups.iter().any(|group| group.first)),
        ("format", written.iter().any(is_written)),
        ("cover.left", cover.is_some_and(|cover| cover.left.is_some())),
        ("cover.right", cover.is_some_and(|cover| cover.right.is_some())),
        ("cover.as_of", cover.is_some_and(|cover| cover.as_of.is_some())),
        (
            "cover.stuck",
            sort != RuleSort::Receipts && cover.is_some_and(|cover| cover.stuck.is_some()),
        ),
    ];
    if let Some((place, _)) = places.into_iter().find(|(_, is_there)| *is_there) {
        return Err(Error::NotHere { place: place.to_owned() });
    }
    let (keys, expected) = match sort {
        RuleSort::Takings => {
            (&["issue_date", "slice"][..], "`issue_date`, `slice`: takings meet by nothing else")
        }
        RuleSort::Settlements => {
            (&["issue_date"][..], "`issue_date`: settlements meet by nothing else")
        }
        _ => return Ok(()),
    };
    if rules.keys != keys {
        return Err(not_understood("keys", &rules.keys.join(", "), expected));
    }
    Ok(())
}

/// Tells whether rows of this sort meet by their day and by nothing else.
fn is_by_day(sort: RuleSort) -> bool {
    matches!(sort, RuleSort::Takings | RuleSort::Settlements)
}

/// Returns the error of a value that means nothing at its place.
pub(super) fn not_understood(place: &str, value: &str, expected: &str) -> Error {
    Error::NotUnderstood {
        place: place.to_owned(),
        value: value.to_owned(),
        expected: expected.to_owned(),
    }
}
