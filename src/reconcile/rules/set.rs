//! The rules of one sort: passes in order, tolerances, the day that counts.

use std::collections::BTreeMap;

use crate::findings::{Field, Pass, Side};
use crate::fiscal::NumberTier;
use crate::reconcile::party::PartyTier;
use crate::reconcile::record::Record;
use crate::reconcile::rules::column::{RowColumn, RowPair, known};
use crate::reconcile::rules::tolerance::are_near;
use crate::reconcile::rules::{RuleSort, Tolerance};
use crate::reconcile::tables::Error;
use crate::reconcile::tables::plan::{Compared, Plan, PlannedGroup, PlannedPass};
use crate::reconcile::tables::rules::{Pass as WrittenPass, Rules};
use crate::reconcile::tables::tolerance::{Apart, Form, Tolerance as Bound};
use crate::reconcile::tables::value::{Decimal, Value};

/// What a tolerance of takings says that holds once for each receipt.
const EACH_ROW: &str = " a row";

/// Holds the rules of one sort of rows.
#[derive(Debug, Clone)]
pub(in crate::reconcile) struct RuleSet {
    pub(in crate::reconcile) passes: Vec<PassRule>,
    /// How many open rows may together answer one, once the passes are done.
    pub(in crate::reconcile) groups: Vec<GroupRule>,
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

/// Holds one pass: on what rows meet, and what may still part them.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of a rules file")]
pub(in crate::reconcile) struct PassRule {
    pub(in crate::reconcile) name: Pass,
    on: Vec<RowPair>,
    within: Vec<(RowPair, Bound)>,
    doubts: Doubts,
    pub(in crate::reconcile) is_suggestion: bool,
    pub(in crate::reconcile) is_unique: bool,
    /// Whether rows that share a key with one row may answer it together.
    pub(in crate::reconcile) has_parts: bool,
    /// Whether a resembling name decides between equally good partners.
    pub(in crate::reconcile) is_tied_by_name: bool,
}

/// Holds one rule of groups: whose open rows may add up to one row of the other side.
#[derive(Debug, Clone)]
pub(in crate::reconcile) struct GroupRule {
    pub(in crate::reconcile) name: Pass,
    /// The side of the many rows.
    pub(in crate::reconcile) many: Side,
    on: Vec<RowPair>,
    near: Vec<(RowPair, Bound)>,
    /// How far the sum may be off.
    within: Bound,
    /// The most rows among which a sum is sought.
    pub(in crate::reconcile) subset: usize,
}

/// Tells what makes a pair doubtful, unless its amounts are equal.
#[derive(Debug, Clone, Copy, Default)]
struct Doubts {
    year: bool,
    sort: bool,
    tax_id: bool,
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
        let headings = known
            .each_ref()
            .map(|side| side.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<String>>());
        let plan = Plan::resolve(&rules, [&headings[0], &headings[1]])?;
        let passes = plan
            .passes
            .iter()
            .zip(&rules.passes)
            .map(|(planned, written)| PassRule::of(planned, written, &known))
            .collect::<Result<_, Error>>()?;
        if sort == RuleSort::Receipts
            && let Some(pass) = plan.passes.iter().find(|pass| pass.is_suggestion)
        {
            let place = format!("passes.{}.status", pass.name);
            return Err(not_understood(&place, "suggest", "`confirm`: orders have no suggestions"));
        }
        let groups = plan
            .groups
            .iter()
            .map(|planned| GroupRule::of(planned, &known))
            .collect::<Result<_, Error>>()?;
        let compared = plan.compare.iter().map(|one| (one, RowPair::of(&one.column, &known)));
        let tolerance = Tolerance { is_each_row, ..tolerance(sort, compared, &rules.compare)? };
        let cover = plan.cover.as_ref();
        let day = cover.map(|cover| RowPair::of(&cover.date, &known).at);
        if let Some(at) = day.filter(|at| !at.iter().all(|column| column.is_date())) {
            return Err(not_understood("cover.date", &format!("{at:?}"), "the name of a date"));
        }
        let day = day.unwrap_or([RowColumn::IssueDate; 2]);
        let is_fixed = matches!(sort, RuleSort::Receipts | RuleSort::Takings);
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
            tolerance,
            day,
            grace_days: days(cover.and_then(|cover| cover.grace_days), 0),
            edge_days: days(cover.and_then(|cover| cover.edge_days), 0),
            stuck_days: days(cover.and_then(|cover| cover.stuck_days), 0),
        })
    }
}

impl PassRule {
    fn of(
        planned: &PlannedPass,
        written: &WrittenPass,
        known: &[Vec<(&'static str, RowColumn)>; 2],
    ) -> Result<Self, Error> {
        let place = format!("passes.{}", planned.name);
        let on: Vec<RowPair> = planned.on.iter().map(|one| RowPair::of(one, known)).collect();
        if let Some(at) = on.iter().position(|pair| !pair.is_readable()) {
            let expected =
                "a date as `day` or `month`, an amount as `number` or `size`, and text as text";
            return Err(not_understood(&format!("{place}.on"), &written.on[at], expected));
        }
        if let Some(tie) = written.tie.as_deref().filter(|tie| *tie != "name") {
            return Err(not_understood(&format!("{place}.tie"), tie, "`name`"));
        }
        Ok(Self {
            name: Pass::named(&planned.name),
            on,
            within: bounds(&format!("{place}.within"), &planned.within, known)?,
            doubts: Doubts::read(&format!("{place}.doubts"), &written.doubts)?,
            is_suggestion: planned.is_suggestion,
            is_unique: planned.is_unique,
            has_parts: written.parts,
            is_tied_by_name: written.tie.is_some(),
        })
    }

    /// Tells whether rows meet by an identifier, which decides whatever a document's state.
    pub(in crate::reconcile) fn is_by_identifier(&self) -> bool {
        self.on.iter().any(|pair| pair.at[0] == RowColumn::Reference)
    }

    /// Returns the keys under which a row of a side looks for partners.
    pub(in crate::reconcile) fn keys(&self, hand: usize, row: &Record) -> Vec<String> {
        keys(&self.on, hand, row)
    }

    /// Tells whether two rows that share a key may be the same document.
    ///
    /// A date that a row does not give speaks neither for nor against; an amount that is
    /// not there cannot be near. Where something makes the pair doubtful, the amounts must
    /// be equal, their signs aside.
    pub(in crate::reconcile) fn permits(&self, left: &Record, right: &Record) -> bool {
        if !are_within(&self.within, [left, right]) {
            return false;
        }
        let doubts = self.doubts;
        let is_doubtful = (doubts.year && !left.is_same_year(right))
            || (doubts.sort && left.is_other_sort(right))
            || (doubts.tax_id && left.party.tier(&right.party) == PartyTier::OtherId);
        !is_doubtful
            || match (left.amount_cents, right.amount_cents) {
                (Some(a), Some(b)) => a.unsigned_abs() == b.unsigned_abs(),
                _ => false,
            }
    }
}

impl GroupRule {
    fn of(
        planned: &PlannedGroup,
        known: &[Vec<(&'static str, RowColumn)>; 2],
    ) -> Result<Self, Error> {
        let place = format!("groups.{}", planned.name);
        let on: Vec<RowPair> = planned.on.iter().map(|one| RowPair::of(one, known)).collect();
        if on.is_empty() || !on.iter().all(|pair| pair.is_readable()) {
            let expected = "what the rows have in common: `party`, `reference`, a date";
            return Err(not_understood(&format!("{place}.on"), "", expected));
        }
        if RowPair::of(&planned.sum, known).at != [RowColumn::Gross; 2] {
            return Err(not_understood(&format!("{place}.sum"), &planned.sum.name, "`gross`"));
        }
        let Some(subset) = planned.subset else {
            let expected = "among how many open rows a sum is sought: `12`";
            return Err(not_understood(&format!("{place}.subset"), "", expected));
        };
        Ok(Self {
            name: Pass::named(&planned.name),
            many: if planned.many == 0 { Side::Left } else { Side::Right },
            on,
            near: bounds(&format!("{place}.near"), &planned.near, known)?,
            within: planned.within,
            subset,
        })
    }

    /// Returns the keys under which a row of a side meets others.
    pub(in crate::reconcile) fn keys(&self, hand: usize, row: &Record) -> Vec<String> {
        keys(&self.on, hand, row)
    }

    /// Tells whether one of the many rows is near enough to the one.
    pub(in crate::reconcile) fn is_near(&self, many: &Record, one: &Record) -> bool {
        let sides = if self.many == Side::Left { [many, one] } else { [one, many] };
        are_within(&self.near, sides)
    }

    /// Tells whether a sum of the many is as near to the one amount as the rule allows.
    pub(in crate::reconcile) fn is_sum(&self, many_cents: i128, one_cents: i64) -> bool {
        let Ok(many_cents) = i64::try_from(many_cents) else {
            return false;
        };
        match self.many {
            Side::Left => are_near(&self.within, many_cents, one_cents),
            Side::Right => are_near(&self.within, one_cents, many_cents),
        }
    }

    /// Returns the cents by which a sum may be off at most, for turning back early.
    pub(in crate::reconcile) fn reach_cents(&self) -> i128 {
        match self.within {
            Bound::Amount { below, above } => {
                let cents = |bound: Decimal| bound.cents().map_or(i128::MAX / 4, i128::from) + 1;
                cents(below).max(cents(above))
            }
            _ => i128::MAX / 4,
        }
    }
}

/// Returns every key of a row: one of each column's texts, put together.
fn keys(on: &[RowPair], hand: usize, row: &Record) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for (place, pair) in on.iter().enumerate() {
        let own = pair.keys(hand, row);
        all = match place {
            0 => own,
            _ => all
                .iter()
                .flat_map(|key| own.iter().map(move |part| format!("{key}\u{1f}{part}")))
                .collect(),
        };
        if all.is_empty() {
            break;
        }
    }
    all
}

impl Doubts {
    fn read(place: &str, words: &[String]) -> Result<Self, Error> {
        let mut doubts = Self::default();
        for word in words {
            match word.as_str() {
                "year" => doubts.year = true,
                "sort" => doubts.sort = true,
                "tax_id" => doubts.tax_id = true,
                other => return Err(not_understood(place, other, "`year`, `sort` or `tax_id`")),
            }
        }
        Ok(doubts)
    }
}

/// Reads what must hold between two rows beside the keys.
fn bounds(
    place: &str,
    planned: &[Compared],
    known: &[Vec<(&'static str, RowColumn)>; 2],
) -> Result<Vec<(RowPair, Bound)>, Error> {
    let bound = |one: &Compared| {
        let pair = RowPair::of(&one.column, known);
        if !pair.is_readable() {
            let name = format!("{place}.{}", one.column.name);
            return Err(not_understood(&name, "", "days for a date, an amount for an amount"));
        }
        Ok((pair, one.tolerance))
    };
    planned.iter().map(bound).collect()
}

/// Tells whether everything that a rule wants near is near.
fn are_within(within: &[(RowPair, Bound)], [left, right]: [&Record; 2]) -> bool {
    within.iter().all(|(pair, bound)| match (pair.value(0, left), pair.value(1, right)) {
        (Value::Blank, _) | (_, Value::Blank) => pair.at[0].is_date(),
        (left, right) => !matches!(bound.judge(&left, &right), Apart::Beyond(_)),
    })
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
    if sort == RuleSort::Takings && tolerance.gross.is_none() {
        return Err(not_understood("compare", "", "at least `gross`, whose sums must agree"));
    }
    Ok(tolerance)
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
    let is_takings = sort == RuleSort::Takings;
    let cover = rules.cover.as_ref();
    let written = [&rules.format.left, &rules.format.right];
    let is_written = |one: &&crate::reconcile::tables::Written| {
        one.decimal.is_some() || one.date.is_some() || one.delimiter.is_some()
    };
    let places = [
        ("amount", rules.amount.is_some()),
        ("currency", rules.currency.is_some()),
        ("keys", !is_takings && !rules.keys.is_empty()),
        ("passes", is_takings && !rules.passes.is_empty()),
        (
            "groups",
            sort != RuleSort::Issued && sort != RuleSort::Received && !rules.groups.is_empty(),
        ),
        ("groups.first", rules.groups.iter().any(|group| group.first)),
        ("exclude", !rules.exclude.is_empty()),
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
    if is_takings && rules.keys != ["issue_date", "slice"] {
        let keys = rules.keys.join(", ");
        return Err(not_understood(
            "keys",
            &keys,
            "`issue_date`, `slice`: takings meet by nothing else",
        ));
    }
    Ok(())
}

fn not_understood(place: &str, value: &str, expected: &str) -> Error {
    Error::NotUnderstood {
        place: place.to_owned(),
        value: value.to_owned(),
        expected: expected.to_owned(),
    }
}
