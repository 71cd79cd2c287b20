//! Where the money is: drawings a kind, then the bridge of every statement.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::View;
use super::charts;
use crate::fiscal::Currency;
use crate::reconcile::statement::{Bridge, Class, Statement};
use crate::report::words::{Word as _, class_hint, statement_title};
use crate::report::{digest, format};

/// Shows drawings and statements.
pub(super) fn section(view: &View<'_>) -> Markup {
    let mut groups: BTreeMap<_, Vec<&Statement>> = BTreeMap::new();
    for one in &view.model.statements {
        let statement = &one.statement;
        let key = (
            statement.document_kind,
            statement.direction,
            statement.basis,
        );
        groups.entry(key).or_default().push(statement);
    }
    html! {
        section #money {
            h2 { (view.captions.where_money_is) }
            @for (id, ((kind, direction, basis), statements)) in groups.iter().enumerate() {
                @let title = statement_title(*kind, *direction, view.language);
                h3 { (title) span.soft { " – " (basis.word(view.language)) } }
                (drawings(view, id, title, statements))
                @for statement in statements { (bridge_of(view, statement)) }
            }
        }
    }
}

/// Draws a group of like statements, summed.
fn drawings(view: &View<'_>, id: usize, title: &str, statements: &[&Statement]) -> Markup {
    let days = charts::day_sums(statements);
    html! {
        div.pair {
            (charts::by_class(view, id, title, &charts::class_sums(view, statements)))
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

fn days_table(view: &View<'_>, days: &BTreeMap<chrono::NaiveDate, charts::Sides>) -> Markup {
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
                td.n { @if sides.left != sides.right { b { (view.euros(digest::difference(sides.left, sides.right))) } } @else { "–" } }
            } } }
        }
    }
}

/// Shows one statement: its verdict, cover and a bridge a currency.
fn bridge_of(view: &View<'_>, statement: &Statement) -> Markup {
    let cover = statement.books_cover.map_or_else(
        || view.captions.no_books.to_owned(),
        |days| {
            format!(
                "{}: {}",
                view.captions.books_cover,
                format::period(days, view.language)
            )
        },
    );
    html! {
        article {
            h4 {
                (statement.company_name) " " span.soft { (statement.company) } " "
                span.badge.(statement.verdict.as_str()) { (statement.verdict.word(view.language)) }
            }
            p.hint { (cover) "." }
            @for (currency, bridge) in &statement.currencies { (table(view, statement, *currency, bridge)) }
        }
    }
}

/// Shows the way from the documents' total to the books', class by class.
fn table(view: &View<'_>, statement: &Statement, currency: Currency, bridge: &Bridge) -> Markup {
    let captions = view.captions;
    let money = |cents| view.money(cents, currency);
    // Rows are counted over all currencies, so they stand in the first table only.
    let with_rows = statement.currencies.keys().next() == Some(&currency);
    let rows = |side: &crate::reconcile::statement::SideRows, class: Class| {
        if with_rows {
            view.count(side.classes.get(&class).copied().unwrap_or(0))
        } else {
            String::new()
        }
    };
    let total = |rows: u64| {
        if with_rows {
            view.count(rows)
        } else {
            String::new()
        }
    };
    html! {
        div.wide { table {
            caption { (captions.currency) " " (currency) }
            thead { tr {
                th { (captions.class) }
                th.n { (captions.documents_rows) } th.n { (captions.documents_amount) }
                th.n { (captions.books_rows) } th.n { (captions.books_amount) }
                th.n { (captions.books_less_documents) }
            } }
            tbody { @for class in classes(statement, bridge) {
                @let cents = [&bridge.left, &bridge.right].map(|side| side.classes.get(&class).copied().unwrap_or(0));
                tr {
                    th scope="row" title=(class_hint(class, view.language)) { (class.word(view.language)) }
                    td.n { (rows(&statement.left, class)) } td.n { (money(cents[0])) }
                    td.n { (rows(&statement.right, class)) } td.n { (money(cents[1])) }
                    td.n { (money(digest::difference(cents[1], cents[0]))) }
                }
            } }
            tfoot {
                tr {
                    th scope="row" { (captions.total) }
                    td.n { (total(statement.left.rows)) } td.n { (money(bridge.left.amount_cents)) }
                    td.n { (total(statement.right.rows)) } td.n { (money(bridge.right.amount_cents)) }
                    td.n { (money(digest::difference(bridge.right.amount_cents, bridge.left.amount_cents))) }
                }
                tr {
                    th scope="row" title=(captions.residual_hint) { (captions.residual) }
                    td colspan="4" { span.hint { (captions.residual_hint) } }
                    td.n { (money(bridge.residual_cents)) }
                }
            }
        } }
        @if bridge.residual_cents != 0 { p.alarm { (captions.residual) " " (money(bridge.residual_cents)) ": " (captions.residual_not_zero) } }
        @for (side, name) in [(&bridge.left, captions.documents), (&bridge.right, captions.books)] {
            @if side.rows_without_amount > 0 {
                p.hint { (name) ": " (view.count(side.rows_without_amount)) " " (captions.rows_without_amount) "." }
            }
        }
    }
}

/// Returns the classes with rows or money on either side, in their order.
pub(super) fn classes(statement: &Statement, bridge: &Bridge) -> Vec<Class> {
    let is_there = |class: &Class| {
        let rows = [&statement.left, &statement.right];
        let money = [&bridge.left, &bridge.right];
        rows.iter().any(|side| side.classes.contains_key(class))
            || money.iter().any(|side| side.classes.contains_key(class))
    };
    Class::ALL
        .iter()
        .copied()
        .filter(|class| is_there(class))
        .collect()
}
