//! Looks up what the rules name in the headings of both sides.
//!
//! A name is a heading of a side, or what the rules call one of its headings. What is not
//! there is refused with the name that comes nearest; so is a heading that stands twice.

use std::collections::BTreeMap;

use crate::fiscal::Period;
use crate::reconcile::tables::error::Error;
use crate::reconcile::tables::nearest_name;
use crate::reconcile::tables::plan::{
    Column, Compared, PlannedCover, PlannedExclude, PlannedGroup, PlannedPass, Reading, SIDES,
};
use crate::reconcile::tables::rules::{Cover, Rules, Sides};
use crate::reconcile::tables::tolerance::{FORMS, Form, Tolerance};

/// Looks names up in the headings of both sides.
pub(super) struct Lookup<'a> {
    pub(super) headings: [&'a [String]; 2],
    pub(super) columns: &'a Sides<BTreeMap<String, String>>,
    pub(super) compare: Vec<(String, Tolerance)>,
}

impl<'a> Lookup<'a> {
    /// Returns a look-up of the same names in other headings.
    pub(super) fn of(&self, headings: [&'a [String]; 2]) -> Self {
        Self { headings, columns: self.columns, compare: self.compare.clone() }
    }

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

    pub(super) fn all(&self, place: &str, names: &[String]) -> Result<Vec<Column>, Error> {
        names.iter().map(|name| self.column(place, name)).collect()
    }

    pub(super) fn read(&self, place: &str, name: &str, reading: Reading) -> Result<Column, Error> {
        let at = [self.find(place, name, 0)?, self.find(place, name, 1)?];
        Ok(Column { name: name.to_owned(), at, reading })
    }

    pub(super) fn compared(
        &self,
        place: &str,
        name: &str,
        tolerance: Tolerance,
    ) -> Result<Compared, Error> {
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
    pub(super) fn refuse_unused(&self, rules: &Rules) -> Result<(), Error> {
        let mut used: Vec<&str> = rules.compare.keys().map(String::as_str).collect();
        let texts = rules.keys.iter().chain(rules.passes.iter().flat_map(|pass| &pass.on));
        let texts = texts.chain(rules.groups.iter().flat_map(|group| &group.on));
        used.extend(texts.map(|text| split_form(text).0));
        used.extend(rules.passes.iter().flat_map(|pass| pass.within.keys()).map(String::as_str));
        used.extend(rules.groups.iter().filter_map(|group| group.sum.as_deref()));
        used.extend(rules.groups.iter().flat_map(|group| group.near.keys()).map(String::as_str));
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

    pub(super) fn cover(&self, cover: &Cover) -> Result<PlannedCover, Error> {
        let span = |text: &str| text.parse::<Period>().ok();
        let period = "days such as `2026-01-01..2026-01-31` or `2026-01`";
        let days = |place: &str, text: &Option<String>| {
            said(place, text.as_deref(), "a number of days: `3d`", |text| {
                text.trim().strip_suffix('d')?.trim().parse().ok().filter(|days| *days >= 0)
            })
        };
        Ok(PlannedCover {
            date: self.read("cover.date", &cover.date, Reading::Day)?,
            spans: [
                said("cover.left", cover.left.as_deref(), period, span)?,
                said("cover.right", cover.right.as_deref(), period, span)?,
            ],
            grace_days: days("cover.grace", &cover.grace)?,
            edge_days: days("cover.edge", &cover.edge)?,
            stuck_days: days("cover.stuck", &cover.stuck)?,
            as_of: said("cover.as_of", cover.as_of.as_deref(), "a day: `2026-02-28`", |text| {
                text.parse().ok()
            })?,
        })
    }

    pub(super) fn excludes(&self, rules: &Rules) -> Result<Vec<PlannedExclude>, Error> {
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

    pub(super) fn passes(&self, rules: &Rules) -> Result<Vec<PlannedPass>, Error> {
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
            let within = self.bounds(&format!("{place}.within"), &pass.within)?;
            planned.push(PlannedPass {
                on: self.all(&format!("{place}.on"), &pass.on)?,
                within,
                is_suggestion: status == "suggest",
                is_unique: pass.unique,
                is_together: pass.together,
                name,
            });
        }
        Ok(planned)
    }

    /// Reads what must hold between two rows.
    fn bounds(
        &self,
        place: &str,
        written: &BTreeMap<String, String>,
    ) -> Result<Vec<Compared>, Error> {
        let bound = |(column, text): (&String, &String)| {
            self.compared(place, column, tolerance(&format!("{place}.{column}"), text)?)
        };
        written.iter().map(bound).collect()
    }

    pub(super) fn groups(
        &self,
        rules: &Rules,
        amount: Option<&Column>,
    ) -> Result<Vec<PlannedGroup>, Error> {
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
                near: self.bounds(&format!("{place}.near"), &group.near)?,
                within: tolerance(&format!("{place}.within"), within)?,
                subset: group.subset,
                is_first: group.first,
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
            expected: match place {
                "exclude.side" => "`left`, `right` or `both`".to_owned(),
                _ => "`left` or `right`".to_owned(),
            },
        }),
    }
}

/// Parts `invoice as digits` into the name and the form.
pub(super) fn split_form(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(" as ") {
        Some((name, form)) => (name.trim(), Some(form.trim())),
        None => (text, None),
    }
}

fn reading_of(tolerance: &Tolerance) -> Reading {
    match tolerance {
        Tolerance::Text(form) | Tolerance::TextOrEmpty(form) => Reading::Text(*form),
        Tolerance::Amount { .. } | Tolerance::Percent { .. } => Reading::Number,
        Tolerance::Days { .. } | Tolerance::DaysOrYear(_) | Tolerance::DaysInYear(_) => {
            Reading::Day
        }
        Tolerance::Slip { .. } | Tolerance::Party => Reading::Text(Form::Exact),
        // A letter in another case is no slip.
        Tolerance::Edits(_) => Reading::Text(Form::Folded),
    }
}

pub(super) fn tolerance(place: &str, text: &str) -> Result<Tolerance, Error> {
    Tolerance::parse(text).ok_or_else(|| {
        let words: Vec<&str> = FORMS.iter().map(|(word, _)| *word).collect();
        Error::NotUnderstood {
            place: place.to_owned(),
            value: text.to_owned(),
            expected: format!(
                "{} (each also with ` or empty`), an amount `0.01`, a percentage `1%` or `1% max 5.00`, days `1d` or `-1d +3d` or `31d or year` or `10d in one year`, slips of typing `2 edits`, or a number's `slip`",
                words.join(", ")
            ),
        }
    })
}
