//! Two drawings: money by class and money by day, both sides beside each other.
//!
//! Left bars are solid and right bars striped, so that print and colour-blind readers see
//! the same; every number stands in words too. Lengths are whole units of the view box,
//! worked out in 128-bit integers. What agrees and what does not have scales of their own:
//! on one scale a missing € 200 beside € 120,000 would be no bar at all.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};
use maud::{Markup, html};

use super::View;
use super::scale::Scale;
use crate::fiscal::Period;
use crate::reconcile::statement::{Class, DayLine, Statement};
use crate::report::format;
use crate::report::words::Word as _;

/// The view box's width; on a phone it shrinks to about two thirds.
const WIDTH: i64 = 520;

/// Where a bar may end; the value stands to its right.
const BARS_WIDTH: i64 = 400;

/// More days than this are drawn as months.
const DAYS_MAX: i64 = 62;

/// One drawn pair of amounts, in cents.
#[derive(Clone, Copy, Default)]
pub(super) struct Sides {
    pub(super) left: i64,
    pub(super) right: i64,
}

/// Adds up some statements' cents by class, in the report's own currency.
pub(super) fn class_sums(view: &View<'_>, statements: &[&Statement]) -> BTreeMap<Class, Sides> {
    let mut sums: BTreeMap<Class, Sides> = BTreeMap::new();
    let bridges = statements.iter().filter_map(|one| one.currencies.get(&view.model.currency));
    for bridge in bridges {
        for (class, cents) in &bridge.left.classes {
            sums.entry(*class).or_default().left += cents;
        }
        for (class, cents) in &bridge.right.classes {
            sums.entry(*class).or_default().right += cents;
        }
    }
    sums
}

/// Adds up some statements' cents by day.
pub(super) fn day_sums(statements: &[&Statement]) -> BTreeMap<NaiveDate, Sides> {
    let mut sums: BTreeMap<NaiveDate, Sides> = BTreeMap::new();
    let days = statements.iter().flat_map(|one| one.days.iter());
    for DayLine { day, left_cents, right_cents } in days {
        let sides = sums.entry(*day).or_default();
        sides.left += left_cents;
        sides.right += right_cents;
    }
    sums
}

/// Draws both sides' totals class by class.
pub(super) fn by_class(
    view: &View<'_>,
    id: usize,
    title: &str,
    sums: &BTreeMap<Class, Sides>,
) -> Markup {
    let is_good = |class: Class| matches!(class, Class::Matched | Class::MatchedWithinTolerance);
    let part = |good: bool| -> Vec<(Class, Sides)> {
        let chosen = sums.iter().filter(|(class, _)| is_good(**class) == good);
        chosen.map(|(class, sides)| (*class, *sides)).collect()
    };
    let panels = [(view.captions.agrees, part(true)), (view.captions.to_explain, part(false))];
    let height = 26 + panels.iter().map(|(_, rows)| panel_height(rows.len())).sum::<i64>();
    let description = description(
        view,
        sums.iter().map(|(class, sides)| (class.word(view.language).to_owned(), *sides)),
    );
    let mut top = 26;
    html! {
        figure {
            svg viewBox={ "0 0 " (WIDTH) " " (height) } role="img" aria-labelledby={ "c" (id) "t c" (id) "d" } {
                title id={ "c" (id) "t" } { (title) " – " (view.captions.by_class) }
                desc id={ "c" (id) "d" } { (description) }
                (stripes(id, "c"))
                (key(view, id, "c"))
                @for (name, rows) in &panels {
                    (panel(view, id, top, name, rows))
                    ({ top += panel_height(rows.len()); "" })
                }
            }
        }
    }
}

fn panel_height(rows: usize) -> i64 {
    34 + 48 * i64::try_from(rows.max(1)).unwrap_or(1) - if rows == 0 { 24 } else { 0 }
}

/// Draws one group of classes on a scale of its own.
fn panel(view: &View<'_>, id: usize, top: i64, name: &str, rows: &[(Class, Sides)]) -> Markup {
    let ends = || rows.iter().flat_map(|(_, sides)| [sides.left, sides.right]);
    let scale = Scale::over(ends(), BARS_WIDTH);
    html! {
        text.soft x="0" y=(top + 22) { (name) }
        line.axis x1="0" x2=(WIDTH) y1=(top + 28) y2=(top + 28) {}
        @if rows.is_empty() { text x="0" y=(top + 48) { (view.captions.nothing_to_explain) } }
        @for (index, (class, sides)) in (0i64..).zip(rows) {
            @let y = top + 34 + 48 * index;
            text.strong x="0" y=(y + 14) { (class.word(view.language)) }
            (bar(&scale, y + 19, sides.left, "left", None))
            (bar(&scale, y + 32, sides.right, "right", Some(id)))
            text x=(WIDTH) y=(y + 28) text-anchor="end" { (view.euros(sides.left)) }
            text x=(WIDTH) y=(y + 42) text-anchor="end" { (view.euros(sides.right)) }
        }
    }
}

/// Draws one lying bar, at least two units long unless its amount is zero.
fn bar(scale: &Scale, y: i64, cents: i64, class: &str, striped: Option<usize>) -> Markup {
    let (from, length) = scale.bar(cents);
    let fill = striped.map(|id| format!("url(#c{id}s)"));
    html! {
        @if length > 0 {
            rect class=(class) x=(from) y=(y) width=(length) height="10" fill=[fill] {}
        }
    }
}

/// Draws both sides' totals day by day and marks the days that differ.
pub(super) fn by_day(
    view: &View<'_>,
    id: usize,
    title: &str,
    days: &BTreeMap<NaiveDate, Sides>,
) -> Markup {
    let (bars, is_months) = bins(days);
    let caption = if is_months { view.captions.by_month } else { view.captions.by_day };
    let scale = Scale::over(bars.values().flat_map(|sides| [sides.left, sides.right]), 150);
    let number = i64::try_from(bars.len().max(1)).unwrap_or(1);
    let slot = WIDTH / number.max(8);
    let width = ((slot - 2) / 2).max(1);
    let label = |day: NaiveDate| {
        if is_months {
            format!("{}/{}", day.month(), day.year() % 100)
        } else {
            day.day().to_string()
        }
    };
    let name = |day: NaiveDate| {
        if is_months {
            Period::month(day.year(), day.month())
                .map_or_else(String::new, |month| format::period(month, view.language))
        } else {
            format::date(day, view.language)
        }
    };
    let every = (number + 9) / 10;
    let description = description(view, bars.iter().map(|(day, sides)| (name(*day), *sides)));
    html! {
        figure {
            svg viewBox={ "0 0 " (WIDTH) " 236" } role="img" aria-labelledby={ "d" (id) "t d" (id) "d" } {
                title id={ "d" (id) "t" } { (title) " – " (caption) }
                desc id={ "d" (id) "d" } { (description) }
                (stripes(id, "d"))
                (key(view, id, "d"))
                polygon.mark points="330,14 335,5 340,14" {}
                text x="346" y="14" { (view.captions.day_marked) }
                text.soft x="0" y="36" { (caption) " · max " (view.euros(scale.most)) }
                @for (index, (day, sides)) in (0i64..).zip(&bars) {
                    @let x = index * slot;
                    @let (left, right) = (scale.bar(sides.left), scale.bar(sides.right));
                    g {
                        title { (say(view, &name(*day), *sides)) }
                        rect.left x=(x) y=(196 - left.0 - left.1) width=(width) height=(left.1) {}
                        rect.right x=(x + width) y=(196 - right.0 - right.1) width=(width)
                            height=(right.1) fill={ "url(#d" (id) "s)" } {}
                        @if sides.left != sides.right {
                            polygon.mark points={ (x + width - 5) ",230 " (x + width) ",221 " (x + width + 5) ",230" } {}
                        }
                    }
                    @if index % every == 0 { text.soft x=(x + width) y="215" text-anchor="middle" { (label(*day)) } }
                }
                line.axis x1="0" x2=(WIDTH) y1=(196 - scale.zero) y2=(196 - scale.zero) {}
            }
        }
    }
}

/// Returns the bars to draw: days, or months when there are too many days.
fn bins(days: &BTreeMap<NaiveDate, Sides>) -> (BTreeMap<NaiveDate, Sides>, bool) {
    if let (Some((first, _)), Some((last, _))) = (days.first_key_value(), days.last_key_value())
        && (*last - *first).num_days() < DAYS_MAX
    {
        // A day without rows keeps its place, so that a gap is seen as a gap.
        let every = first.iter_days().take_while(|day| day <= last);
        let sides = |day| days.get(&day).copied().unwrap_or_default();
        return (every.map(|day| (day, sides(day))).collect(), false);
    }
    let mut months: BTreeMap<NaiveDate, Sides> = BTreeMap::new();
    for (day, sides) in days {
        let month = months.entry(day.with_day(1).unwrap_or(*day)).or_default();
        month.left += sides.left;
        month.right += sides.right;
    }
    (months, true)
}

/// Defines the stripes of right bars, once a drawing.
fn stripes(id: usize, prefix: &str) -> Markup {
    html! {
        defs {
            pattern id={ (prefix) (id) "s" } width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                line.stripe x1="0" y1="0" x2="0" y2="5" {}
            }
        }
    }
}

/// Draws the key: solid is documents, striped is books.
fn key(view: &View<'_>, id: usize, prefix: &str) -> Markup {
    html! {
        rect.left x="0" y="4" width="18" height="11" {}
        text x="24" y="14" { (view.captions.documents) }
        rect.right x="130" y="4" width="18" height="11" fill={ "url(#" (prefix) (id) "s)" } {}
        text x="154" y="14" { (view.captions.books) }
    }
}

/// Says a drawing's numbers in words, for screen readers.
fn description(view: &View<'_>, bars: impl Iterator<Item = (String, Sides)>) -> String {
    bars.map(|(name, sides)| say(view, &name, sides)).collect::<Vec<_>>().join("; ")
}

/// Says one bar's name and both its amounts.
fn say(view: &View<'_>, name: &str, sides: Sides) -> String {
    let (captions, left, right) = (view.captions, view.euros(sides.left), view.euros(sides.right));
    format!("{name}: {} {left}, {} {right}", captions.documents, captions.books)
}
