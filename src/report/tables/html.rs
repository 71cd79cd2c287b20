//! `report.html`: one self-contained page, written as it is made.

use std::io::{self, Write};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::fiscal::{Currency, Language};
use crate::reconcile::statement::{Class, Verdict};
use crate::reconcile::tables::{Comparison, CurrencyBridge};
use crate::report::format;
use crate::report::tables::finding::{COLUMNS, each};
use crate::report::tables::heading::{heading, kind};
use crate::report::tables::matches::reason;
use crate::report::tables::sentence::{self, pick};
use crate::report::tables::{SHOWN_MATCHES, Setting};
use crate::report::words::Word as _;

const SHEET: &str = include_str!("../html/style.css");

/// The columns of `matches.csv`, which the page shows too.
const MATCH_COLUMNS: [&str; 5] = ["left_row", "right_row", "class", "pass", "reason"];

/// Writes a comparison as one page: verdict, money, every finding, some matched rows.
///
/// # Errors
/// What the target says.
pub fn write_page(
    comparison: &Comparison,
    setting: &Setting<'_>,
    target: &mut impl Write,
) -> io::Result<()> {
    let language = setting.language;
    let title = format!("{} ⇄ {}", setting.left, setting.right);
    let head = html! {
        (DOCTYPE)
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="referrer" content="no-referrer";
            title { (title) }
            style { (PreEscaped(SHEET)) }
        }
    };
    write!(target, "{}", head.into_string())?;
    target.write_all(b"<body><main>")?;
    let statement = comparison.statement();
    let tone = match statement.verdict {
        Verdict::Incomplete => "incomplete",
        Verdict::Breaks => "breaks",
        Verdict::Pending => "pending",
        Verdict::Reconciled => "reconciled",
    };
    let top = html! {
        h1 { (title) }
        div class={ "verdict " (tone) } {
            p class="word" { (sentence::verdict(statement.verdict, language)) }
        }
        @for note in comparison.notes() { p class="hint" { (sentence::note(note, language)) } }
        h2 { (pick(language, "Righe", "Rows")) }
        (rows(comparison, setting))
        @for (currency, bridge) in &statement.currencies { (money(currency, bridge, language)) }
        h2 { (pick(language, "Da guardare", "Findings")) }
    };
    write!(target, "{}", top.into_string())?;
    findings(comparison, setting, target)?;
    matches(comparison, setting, target)?;
    target.write_all(b"</main></body></html>\n")
}

/// Shows how many rows of each side each class has.
fn rows(comparison: &Comparison, setting: &Setting<'_>) -> Markup {
    let (statement, language) = (comparison.statement(), setting.language);
    let count = |number: u64| format::count(number, language);
    html! {
        table {
            thead { tr {
                th { (pick(language, "Classe", "Class")) }
                th { (setting.left) } th { (setting.right) }
            } }
            tbody {
                @for class in Class::ALL {
                    @let sides = [&statement.left, &statement.right]
                        .map(|side| side.classes.get(class).map_or(0, |count| count.rows));
                    @if sides != [0, 0] {
                        tr {
                            th { (sentence::class(*class, language)) }
                            td class="number" { (count(sides[0])) }
                            td class="number" { (count(sides[1])) }
                        }
                    }
                }
                tr {
                    th { (pick(language, "Totale", "Total")) }
                    td class="number" { (count(statement.left.rows)) }
                    td class="number" { (count(statement.right.rows)) }
                }
            }
        }
    }
}

/// Shows the bridge from one total to the other, class by class.
fn money(currency: &str, bridge: &CurrencyBridge, language: Language) -> Markup {
    let shown = |cents: i64| match currency.parse::<Currency>() {
        Ok(currency) => format::money(cents, currency, language),
        Err(_) => format!("{} {currency}", crate::fiscal::cents_to_decimal(cents)),
    };
    let of = |side: &crate::reconcile::tables::CurrencySide, class: &Class| {
        side.classes.get(class).copied().unwrap_or(0)
    };
    html! {
        h2 { (pick(language, "Denaro", "Money")) " · " (currency) }
        table {
            thead { tr {
                th { (pick(language, "Classe", "Class")) }
                th { (pick(language, "Sinistra", "Left")) }
                th { (pick(language, "Destra", "Right")) }
                th { (pick(language, "Destra − sinistra", "Right − left")) }
            } }
            tbody {
                @for class in Class::ALL {
                    @let sums = (of(&bridge.left, class), of(&bridge.right, class));
                    @if bridge.left.classes.contains_key(class) || bridge.right.classes.contains_key(class) {
                        tr {
                            th { (sentence::class(*class, language)) }
                            td class="number" { (shown(sums.0)) }
                            td class="number" { (shown(sums.1)) }
                            td class="number" { (shown(sums.1.saturating_sub(sums.0))) }
                        }
                    }
                }
                tr {
                    th { (pick(language, "Totale", "Total")) }
                    td class="number" { (shown(bridge.left.amount_cents)) }
                    td class="number" { (shown(bridge.right.amount_cents)) }
                    td class="number" {
                        (shown(bridge.right.amount_cents.saturating_sub(bridge.left.amount_cents)))
                    }
                }
                tr {
                    th { (pick(language, "Residuo", "Residual")) }
                    td {} td {}
                    td class="number" { (shown(bridge.residual_cents)) }
                }
            }
        }
    }
}

/// Lists every finding under the columns of `findings.csv`.
fn findings(
    comparison: &Comparison,
    setting: &Setting<'_>,
    target: &mut impl Write,
) -> io::Result<()> {
    let label = comparison.label_name();
    let mut count = 0u64;
    each(comparison, setting.language, |line| {
        if count == 0 {
            write!(target, "<table><thead><tr>")?;
            for column in COLUMNS.iter().copied().chain([label.as_str()]) {
                let word = heading(column, setting.language);
                write!(target, "{}", html! { th { (word) } }.into_string())?;
            }
            write!(target, "</tr></thead><tbody>")?;
        }
        count += 1;
        let [_, _, rest @ ..] = line.values();
        let row = html! {
            tr {
                // Words stay whole; numbers and texts from outside may break anywhere.
                td.d { (kind(line.kind, setting.language)) }
                td.d { (line.severity.word(setting.language)) }
                @for (column, value) in COLUMNS[2..].iter().zip(&rest) {
                    td.d[*column == "field"] { (value) }
                }
                td { (line.label) }
            }
        };
        writeln!(target, "{}", row.into_string())
    })?;
    if count == 0 {
        let none = pick(setting.language, "Nessuna.", "None.");
        return write!(target, "<p>{none}</p>");
    }
    write!(target, "</tbody></table>")
}

/// Shows the first matched rows, and says how many more there are.
fn matches(
    comparison: &Comparison,
    setting: &Setting<'_>,
    target: &mut impl Write,
) -> io::Result<()> {
    let language = setting.language;
    let title = html! { h2 { (pick(language, "Coppie", "Pairs")) } };
    write!(target, "{}<table><thead><tr>", title.into_string())?;
    let label = comparison.label_name();
    for column in MATCH_COLUMNS.into_iter().chain([label.as_str()]) {
        write!(target, "{}", html! { th { (heading(column, language)) } }.into_string())?;
    }
    write!(target, "</tr></thead><tbody>")?;
    for pair in comparison.pairs().take(SHOWN_MATCHES) {
        let row = html! {
            tr {
                td { (pair.left_row) } td { (pair.right_row) }
                td { (sentence::class(pair.class, language)) }
                td { (pair.pass) } td { (reason(comparison, &pair, setting)) }
                td { (comparison.label(&pair)) }
            }
        };
        writeln!(target, "{}", row.into_string())?;
    }
    write!(target, "</tbody></table>")?;
    let more = comparison.pair_count().saturating_sub(SHOWN_MATCHES) as u64;
    if more > 0 {
        let more = format::count(more, language);
        let text = match language {
            Language::It => format!("Altre {more} coppie sono in matches.csv."),
            Language::En => format!("{more} more pairs are in matches.csv."),
        };
        write!(target, "{}", html! { p class="hint" { (text) } }.into_string())?;
    }
    Ok(())
}
