//! The rules, resolved against the headings of both sides.
//!
//! From here on a column is a place and a way of reading it. Everything that the rules
//! name is looked up now, so that a misspelt name stops the comparison before it begins.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::fiscal::Period;
use crate::reconcile::tables::error::Error;
use crate::reconcile::tables::nearest_name;
use crate::reconcile::tables::rules::{Cover, Rules, Sides};
use crate::reconcile::tables::tolerance::{FORMS, Form, Tolerance};

/// The sides as they are called in messages and in files.
pub(super) const SIDES: [&str; 2] = ["left", "right"];

/// Names a way of reading a column's cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Reading {
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
pub(super) struct Column {
    pub(super) name: String,
    /// The place in a left and in a right row.
    pub(super) at: [usize; 2],
    pub(super) reading: Reading,
}

/// Holds a column and what may differ in it.
#[derive(Debug, Clone)]
pub(super) struct Compared {
    pub(super) column: Column,
    pub(super) tolerance: Tolerance,
    pub(super) is_money: bool,
}

/// Holds a pass whose columns are known.
#[derive(Debug, Clone)]
pub(super) struct PlannedPass {
    pub(super) name: String,
    pub(super) on: Vec<Column>,
    pub(super) within: Vec<Compared>,
    pub(super) is_suggestion: bool,
    pub(super) is_unique: bool,
}

/// Holds a rule of groups whose columns are known.
#[derive(Debug, Clone)]
pub(super) struct PlannedGroup {
    pub(super) name: String,
    /// The side of the many rows: 0 left, 1 right.
    pub(super) many: usize,
    pub(super) on: Vec<Column>,
    pub(super) sum: Column,
    pub(super) within: Tolerance,
    pub(super) subset: Option<usize>,
}

/// Holds a rule that leaves rows of one side out.
#[derive(Debug, Clone)]
pub(super) struct PlannedExclude {
    pub(super) hand: usize,
    pub(super) at: usize,
    pub(super) is: Vec<String>,
    pub(super) because: String,
}

/// Holds where rows are placed in time.
#[derive(Debug, Clone)]
pub(super) struct PlannedCover {
    pub(super) date: Column,
    /// The days that each side covers, where the rules say it.
    pub(super) spans: [Option<Period>; 2],
    pub(super) grace_days: Option<i32>,
    pub(super) as_of: Option<NaiveDate>,
}

/// Holds everything that a comparison does.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) keys: Vec<Column>,
    pub(super) compare: Vec<Compared>,
    pub(super) amount: Option<Column>,
    pub(super) currency: Option<Column>,
    pub(super) cover: Option<PlannedCover>,
    pub(super) exclude: Vec<PlannedExclude>,
    pub(super) passes: Vec<PlannedPass>,
    pub(super) groups: Vec<PlannedGroup>,
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
}

/// Looks names up in the headings of both sides.
struct Lookup<'a> {
    headings: [&'a [String]; 2],
    columns: &'a Sides<BTreeMap<String, String>>,
    compare: Vec<(String, Tolerance)>,
}

/// Returns every name that a side must have, to tell delimiters apart.
pub(super) fn wanted(rules: &Rules) -> Vec<String> {
    let name = |text: &String| split_form(text).0.to_owned();
    rules.keys.iter().map(name).chain(rules.compare.keys().cloned()).collect()
}

impl Plan {
    /// Resolves the rules, or says which name nobody has.
    pub(super) fn resolve(rules: &Rules, headings: [&[String]; 2]) -> Result<Self, Error> {
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
            .map(|(name, tolerance)| lookup.compared("compare", name, tolerance.clone()))
            .collect::<Result<_, Error>>()?;
        Ok(Self {
            keys,
            compare: compared,
            cover: rules.cover.as_ref().map(|cover| lookup.cover(cover)).transpose()?,
            exclude: lookup.excludes(rules)?,
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

impl Lookup<'_> {
    /// Finds a column of both sides and reads it as [compare] does, else as its form says.
    fn column(&self, place: &str, text: &str) -> Result<Column, Error> {
        let (name, form) = split_form(text);
        let as_compared = self.compare.iter().find(|(known, _)| known == name);
        let reading = match form {
            None => as_compared.map_or(Reading::Text(Form::Exact), |(_, t)| reading_of(t)),
            Some("number") => Reading::Number,
            Some("size") => Reading::Size,
            Some("day") => Reading::Day,
            Some("month") => Reading::Month,
            Some(form) => {
                let known = FORMS.iter().find(|(word, _)| *word == form);
                let Some((_, form)) = known else {
                    let words = FORMS.iter().map(|(word, _)| *word);
                    let all: Vec<&str> = words.chain(["number", "size", "day", "month"]).collect();
                    return Err(Error::NotUnderstood {
                        place: place.to_owned(),
                        value: text.to_owned(),
                        expected: format!("`{name} as` one of {}", all.join(", ")),
                    });
                };
                Reading::Text(*form)
            }
        };
        self.read(place, name, reading)
    }

    fn all(&self, place: &str, names: &[String]) -> Result<Vec<Column>, Error> {
        names.iter().map(|name| self.column(place, name)).collect()
    }

    fn read(&self, place: &str, name: &str, reading: Reading) -> Result<Column, Error> {
        let at = [self.find(place, name, 0)?, self.find(place, name, 1)?];
        Ok(Column { name: name.to_owned(), at, reading })
    }

    fn compared(&self, place: &str, name: &str, tolerance: Tolerance) -> Result<Compared, Error> {
        let column = self.read(place, name, reading_of(&tolerance))?;
        Ok(Compared { column, is_money: tolerance.is_money(), tolerance })
    }

    /// Returns where a side has a column, under its own heading or another.
    fn find(&self, place: &str, name: &str, hand: usize) -> Result<usize, Error> {
        let mapped = |heading: &String| self.mapping(hand).get(heading.as_str());
        let is_it = |heading: &&String| match mapped(heading) {
            Some(named) => named == name,
            None => heading.as_str() == name,
        };
        let places: Vec<usize> =
            (0..self.headings[hand].len()).filter(|at| is_it(&&self.headings[hand][*at])).collect();
        match places[..] {
            [at] => Ok(at),
            [] => Err(self.no_such(place, name, hand)),
            [at, ..] => Err(Error::RepeatedHeading {
                side: SIDES[hand],
                heading: self.headings[hand][at].clone(),
                times: places.len(),
            }),
        }
    }

    fn mapping(&self, hand: usize) -> &BTreeMap<String, String> {
        if hand == 0 { &self.columns.left } else { &self.columns.right }
    }

    fn no_such(&self, place: &str, name: &str, hand: usize) -> Error {
        let names = self.headings[hand]
            .iter()
            .map(|heading| self.mapping(hand).get(heading).unwrap_or(heading).as_str());
        Error::NoSuchColumn {
            place: format!("`{place}`"),
            name: name.to_owned(),
            side: SIDES[hand],
            nearest: nearest_name(name, names),
            headings: self.headings[hand].to_vec(),
        }
    }

    /// Refuses a mapping from a heading that is not there, or to a name that nothing uses.
    fn refuse_unused(&self, rules: &Rules) -> Result<(), Error> {
        let mut used: Vec<&str> = rules.compare.keys().map(String::as_str).collect();
        let texts = rules.keys.iter().chain(rules.passes.iter().flat_map(|pass| &pass.on));
        let texts = texts.chain(rules.groups.iter().flat_map(|group| &group.on));
        used.extend(texts.map(|text| split_form(text).0));
        used.extend(rules.passes.iter().flat_map(|pass| pass.within.keys()).map(String::as_str));
        used.extend(rules.groups.iter().filter_map(|group| group.sum.as_deref()));
        used.extend(rules.exclude.iter().map(|rule| rule.column.as_str()));
        used.extend(rules.cover.iter().map(|cover| cover.date.as_str()));
        used.extend([&rules.amount, &rules.currency].into_iter().flatten().map(String::as_str));
        for hand in [0, 1] {
            for (heading, name) in self.mapping(hand) {
                let place = format!("columns.{}", SIDES[hand]);
                if !self.headings[hand].contains(heading) {
                    let names = self.headings[hand].iter().map(String::as_str);
                    return Err(Error::NoSuchColumn {
                        place: format!("`{place}`"),
                        name: heading.clone(),
                        side: SIDES[hand],
                        nearest: nearest_name(heading, names),
                        headings: self.headings[hand].to_vec(),
                    });
                }
                let is_carried = self.headings[1 - hand].contains(name);
                if !used.contains(&name.as_str()) && !is_carried {
                    return Err(Error::UnknownKey {
                        key: format!("{place}.{heading} = {name}"),
                        nearest: nearest_name(name, used.iter().copied()),
                        known: used.iter().map(|name| (*name).to_owned()).collect(),
                    });
                }
            }
        }
        Ok(())
    }

    fn cover(&self, cover: &Cover) -> Result<PlannedCover, Error> {
        let days = |text: &str| text.trim().strip_suffix('d')?.trim().parse().ok();
        let span = |text: &str| text.parse::<Period>().ok();
        let period = "days such as `2026-01-01..2026-01-31` or `2026-01`";
        Ok(PlannedCover {
            date: self.read("cover.date", &cover.date, Reading::Day)?,
            spans: [
                said("cover.left", cover.left.as_deref(), period, span)?,
                said("cover.right", cover.right.as_deref(), period, span)?,
            ],
            grace_days: said(
                "cover.grace",
                cover.grace.as_deref(),
                "a number of days: `3d`",
                days,
            )?,
            as_of: said("cover.as_of", cover.as_of.as_deref(), "a day: `2026-02-28`", |text| {
                text.parse().ok()
            })?,
        })
    }

    fn excludes(&self, rules: &Rules) -> Result<Vec<PlannedExclude>, Error> {
        let mut planned = Vec::new();
        for rule in &rules.exclude {
            let hands = hands("exclude.side", rule.side.as_deref().unwrap_or("both"))?;
            for hand in hands {
                let at = self.find("exclude.column", &rule.column, hand)?;
                let because = rule.because.clone();
                planned.push(PlannedExclude { hand, at, is: rule.is.clone(), because });
            }
        }
        Ok(planned)
    }

    fn passes(&self, rules: &Rules) -> Result<Vec<PlannedPass>, Error> {
        let mut planned = Vec::new();
        for (index, pass) in rules.passes.iter().enumerate() {
            let name = if pass.name.is_empty() {
                format!("pass {}", index + 1)
            } else {
                pass.name.clone()
            };
            let place = format!("passes.{name}");
            let status = pass.status.as_deref().unwrap_or("confirm");
            if !matches!(status, "confirm" | "suggest") || pass.on.is_empty() {
                return Err(Error::NotUnderstood {
                    place: format!("{place}.status"),
                    value: status.to_owned(),
                    expected: "`confirm` or `suggest`, and at least one column under `on`"
                        .to_owned(),
                });
            }
            let within = pass
                .within
                .iter()
                .map(|(column, text)| {
                    let tolerance = tolerance(&format!("{place}.within.{column}"), text)?;
                    self.compared(&place, column, tolerance)
                })
                .collect::<Result<_, Error>>()?;
            planned.push(PlannedPass {
                on: self.all(&format!("{place}.on"), &pass.on)?,
                within,
                is_suggestion: status == "suggest",
                is_unique: pass.unique,
                name,
            });
        }
        Ok(planned)
    }

    fn groups(&self, rules: &Rules, amount: Option<&Column>) -> Result<Vec<PlannedGroup>, Error> {
        let mut planned = Vec::new();
        for (index, group) in rules.groups.iter().enumerate() {
            let name = match group.name.as_str() {
                "" => format!("group {}", index + 1),
                name => name.to_owned(),
            };
            let place = format!("groups.{name}");
            let sum = match (&group.sum, amount) {
                (Some(name), _) => self.read(&place, name, Reading::Number)?,
                (None, Some(amount)) => amount.clone(),
                (None, None) => {
                    return Err(Error::NotUnderstood {
                        place: format!("{place}.sum"),
                        value: String::new(),
                        expected: "the column whose sum must agree".to_owned(),
                    });
                }
            };
            let within = group.within.as_deref().unwrap_or("0");
            let [many] = hands(&format!("{place}.many"), &group.many)?[..] else {
                return Err(Error::NotUnderstood {
                    place: format!("{place}.many"),
                    value: group.many.clone(),
                    expected: "`left` or `right`: the side that has the many rows".to_owned(),
                });
            };
            planned.push(PlannedGroup {
                on: self.all(&format!("{place}.on"), &group.on)?,
                within: tolerance(&format!("{place}.within"), within)?,
                subset: group.subset,
                many,
                sum,
                name,
            });
        }
        Ok(planned)
    }
}

/// Reads what a rule says, if it says it.
fn said<T>(
    place: &str,
    text: Option<&str>,
    expected: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Error> {
    let refuse = |text: &str| Error::NotUnderstood {
        place: place.to_owned(),
        value: text.to_owned(),
        expected: expected.to_owned(),
    };
    text.map(|text| read(text).ok_or_else(|| refuse(text))).transpose()
}

fn hands(place: &str, side: &str) -> Result<Vec<usize>, Error> {
    match side {
        "left" => Ok(vec![0]),
        "right" => Ok(vec![1]),
        "both" => Ok(vec![0, 1]),
        other => Err(Error::NotUnderstood {
            place: place.to_owned(),
            value: other.to_owned(),
            expected: "`left` or `right`".to_owned(),
        }),
    }
}

/// Parts `invoice as digits` into the name and the form.
fn split_form(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(" as ") {
        Some((name, form)) => (name.trim(), Some(form.trim())),
        None => (text, None),
    }
}

fn reading_of(tolerance: &Tolerance) -> Reading {
    match tolerance {
        Tolerance::Text(form) => Reading::Text(*form),
        Tolerance::Amount { .. } | Tolerance::Percent { .. } => Reading::Number,
        Tolerance::Days { .. } => Reading::Day,
        // A letter in another case is no slip.
        Tolerance::Edits(_) => Reading::Text(Form::Folded),
    }
}

fn tolerance(place: &str, text: &str) -> Result<Tolerance, Error> {
    Tolerance::parse(text).ok_or_else(|| {
        let words: Vec<&str> = FORMS.iter().map(|(word, _)| *word).collect();
        Error::NotUnderstood {
            place: place.to_owned(),
            value: text.to_owned(),
            expected: format!(
                "{}, an amount `0.01`, a percentage `1%` or `1% max 5.00`, days `1d` or `-1d +3d`, or slips of typing `2 edits`",
                words.join(", ")
            ),
        }
    })
}
