//! Where the money is: drawings a kind, then the bridge of every statement.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use maud::{Markup, html};

use super::View;
use super::charts::{self, Sides};
use crate::findings::Side;
use crate::fiscal::Currency;
use crate::reconcile::statement::{Bridge, Class, Statement, StatementWithRows};
use crate::report::words::{Word as _, class_hint, statement_title};
use crate::report::{digest, format, sentence};

/// Shows drawings and statements.
pub(super) fn section(view: &View<'_>) -> Markup {
    let mut groups: BTreeMap<_, Vec<&StatementWithRows>> = BTreeMap::new();
    for one in &view.model.statements {
        let about = &one.statement;
        let key = (about.document_kind, about.direction, about.basis);
        groups.entry(key).or_default().push(one);
    }
    html! {
        section #money {
            h2 { (view.captions.where_money_is) }
            @for (id, ((kind, direction, basis), statements)) in groups.iter().enumerate() {
                @let title = statement_title(*kind, *direction, view.language);
                h3 { (title) span.soft { " – " (basis.word(view.language)) } }
                (drawings(view, id, title, statements))
                @for one in statements { (statement(view, one)) }
            }
        }
    }
}

/// Draws a group of like statements, summed.
fn drawings(view: &View<'_>, id: usize, title: &str, group: &[&StatementWithRows]) -> Markup {
    let statements: Vec<_> = group.iter().map(|one| &one.statement).collect();
    let days = charts::day_sums(&statements);
    html! {
        div.pair {
            (charts::by_class(view, id, title, &charts::class_sums(view, &statements)))
            @if !days.is_empty() {
                div {
                    (charts::by_day(view, id, title, &days))
                    details {
                        summary { (view.captions.days_in_table) }
                        (days_table(view, &days))
                    }
                }
            }
        }
    }
}

fn days_table(view: &View<'_>, days: &BTreeMap<NaiveDate, Sides>) -> Markup {
    html! {
        table {
            thead { tr {
                th { (view.captions.day) } th.n { (view.captions.documents) }
                th.n { (view.captions.books) } th.n { (view.captions.difference) }
            } }
            tbody { @for (day, sides) in days { tr {
                th scope="row" { (format::date(*day, view.language)) }
                td.n { (view.euros(sides.left)) }
                td.n { (view.euros(sides.right)) }
                td.n {
                    @if sides.left == sides.right { "–" }
                    @else { b { (view.euros(digest::difference(sides.left, sides.right))) } }
                }
            } } }
        }
    }
}

/// Shows one statement: its verdict, cover and a bridge a currency.
fn statement(view: &View<'_>, one: &StatementWithRows) -> Markup {
    let about = &one.statement;
    let cover = about.books_cover.map_or_else(
        || view.captions.no_books.to_owned(),
        |days| format!("{}: {}", view.captions.books_cover, format::period(days, view.language)),
    );
    let counts = digest::row_counts(one);
    let counted = |side: Side| -> u64 {
        let of_side = counts.iter().filter(|((_, _, at), _)| *at == side);
        of_side.map(|(_, rows)| rows).sum()
    };
    let ties_out =
        counted(Side::Left) == about.left.rows && counted(Side::Right) == about.right.rows;
    html! {
        article {
            h4 {
                (about.company_name) " " span.soft { (about.company) } " "
                span.badge.(about.verdict.as_str()) { (about.verdict.word(view.language)) }
            }
            p.hint { (cover) "." }
            @for (currency, settled) in &about.settled {
                p { (sentence::settled_sums(settled, *currency, view.language)) }
            }
            @for (currency, bridge) in &about.currencies {
                (table(view, about, *currency, bridge, &|class, side| {
                    counts.get(&(*currency, class, side)).copied().unwrap_or(0)
                }))
            }
            @if !ties_out { p.alarm { (view.captions.rows_do_not_tie_out) } }
        }
    }
}

/// Shows the way from the documents' total to the books', class by class.
fn table(
    view: &View<'_>,
    statement: &Statement,
    currency: Currency,
    bridge: &Bridge,
    rows: &dyn Fn(Class, Side) -> u64,
) -> Markup {
    let captions = view.captions;
    let classes = classes(bridge, rows);
    let total = |side| classes.iter().map(|class| rows(*class, side)).sum();
    let side = |rows: u64, cents: i64| {
        // A phone has no room for a column of counts: there they stand under the amounts.
        html! {
            td.n.rows { (view.count(rows)) }
            td.n { (view.money(cents, currency)) small { (view.rows(rows)) } }
        }
    };
    let difference = |left, right| view.money(digest::difference(right, left), currency);
    html! {
        div.wide { table.bridge {
            caption { (captions.currency) " " (currency) }
            thead { tr {
                th { (captions.class) }
                th.n.rows { (captions.documents_rows) } th.n { (captions.documents_amount) }
                th.n.rows { (captions.books_rows) } th.n { (captions.books_amount) }
                th.n { (captions.books_less_documents) }
            } }
            tbody { @for class in &classes {
                @let [left, right] = cents(bridge, *class);
                tr {
                    th scope="row" title=(class_hint(*class, view.language)) { (class.word(view.language)) }
                    (side(rows(*class, Side::Left), left))
                    (side(rows(*class, Side::Right), right))
                    td.n { (difference(left, right)) }
                }
            } }
            tfoot {
                @let (left, right) = (bridge.left.amount_cents, bridge.right.amount_cents);
                tr {
                    th scope="row" { (captions.total) }
                    (side(total(Side::Left), left))
                    (side(total(Side::Right), right))
                    td.n { (difference(left, right)) }
                }
                tr {
                    th scope="row" { (captions.residual) }
                    td.rows {} td {} td.rows {} td {}
                    td.n { (view.money(bridge.residual_cents, currency)) }
                }
            }
        } }
        p.hint { (captions.residual) " = " (captions.residual_hint) "." }
        (warnings(view, statement, currency, bridge))
    }
}

/// Says what weakens a bridge: a residual, rows without an amount.
fn warnings(view: &View<'_>, statement: &Statement, currency: Currency, bridge: &Bridge) -> Markup {
    let captions = view.captions;
    let sides = [(&bridge.left, captions.documents), (&bridge.right, captions.books)];
    html! {
        @if bridge.residual_cents != 0 {
            p.alarm {
                (statement.company_name) ": " (captions.residual) " "
                (view.money(bridge.residual_cents, currency)) ", " (captions.residual_not_zero)
            }
        }
        @for (side, name) in sides { @if side.rows_without_amount > 0 {
            p.hint { (name) ", " (captions.rows_without_amount) ": " (view.count(side.rows_without_amount)) "." }
        } }
    }
}

fn cents(bridge: &Bridge, class: Class) -> [i64; 2] {
    [&bridge.left, &bridge.right].map(|side| side.classes.get(&class).copied().unwrap_or(0))
}

/// Returns the classes with rows or money on either side, in their order.
fn classes(bridge: &Bridge, rows: &dyn Fn(Class, Side) -> u64) -> Vec<Class> {
    let is_there = |class: &Class| {
        Side::ALL.iter().any(|side| rows(*class, *side) > 0) || cents(bridge, *class) != [0, 0]
    };
    Class::ALL.iter().copied().filter(is_there).collect()
}
