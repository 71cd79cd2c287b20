//! An import for people: a line for what needs eyes, then a table of what became of all.

use std::collections::BTreeMap;

use comfy_table::{Table, presets};

use crate::cli::output::counted;
use crate::worker::{ImportEnd, ImportOutcome, ImportPlan};

/// Lines of one outcome that are listed; `--verbose` and `--json` list them all.
const LINES_SHOWN: usize = 20;

/// The outcomes in the order of the table, with their names for people.
const OUTCOMES: [(&str, &str); 7] = [
    ("ready", "to import"),
    ("imported", "imported"),
    ("already_there", "already there"),
    ("refused", "refused by the provider"),
    ("put_aside", "put aside"),
    ("unclear", "unclear: looked up again by the next run"),
    ("left", "left for the next run"),
];

/// Returns the lines; `is_verbose` lists every file.
pub(super) fn render(plan: &ImportPlan, end: Option<&ImportEnd>, is_verbose: bool) -> String {
    let mut by_word: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for item in &plan.items {
        let what = item.candidate.as_ref().map_or_else(String::new, |one| {
            format!("  {} {} of {}", one.direction, one.subject(), one.company)
        });
        let status = item.candidate.as_ref().and_then(|one| one.details.sdi_status.as_deref());
        let status = status.map_or_else(String::new, |status| format!("  SdI {status}"));
        let why = item.outcome.reason().map_or_else(String::new, |why| format!(": {why}"));
        let number = match &item.outcome {
            ImportOutcome::Refused { vendor_error: Some(number), .. } => {
                format!(" (error {number})")
            }
            _ => String::new(),
        };
        let word = item.outcome.as_str();
        let name = OUTCOMES.iter().find(|(one, _)| *one == word).map_or(word, |(_, name)| name);
        let short = name.split(':').next().unwrap_or(name);
        by_word
            .entry(word)
            .or_default()
            .push(format!("{}{what}{status}  {short}{number}{why}", plan.place_of(item)));
        if let Some(one) = &item.candidate {
            let notes = one.notes.iter().map(|note| format!("    note: {note}"));
            by_word.entry(word).or_default().extend(notes);
        }
    }
    for one in plan.inspection.rejected.iter().filter(|one| one.was_opened()) {
        let lines = by_word.entry("put_aside").or_default();
        lines.push(format!("{}  put aside: {}", one.place, one.reason));
        lines.extend(one.hint.iter().map(|hint| format!("    hint: {hint}")));
    }
    let mut lines = Vec::new();
    for (word, _) in OUTCOMES {
        let all = by_word.remove(word).unwrap_or_default();
        let shown = if is_verbose { all.len() } else { all.len().min(LINES_SHOWN) };
        lines.extend_from_slice(&all[..shown]);
        if shown < all.len() {
            lines.push(format!("… and {} more; --verbose lists them", all.len() - shown));
        }
    }
    lines.push(table(plan));
    lines.push(money(plan, end));
    if !plan.is_asked {
        lines.push("the provider was not asked: some may be there already".to_owned());
    }
    lines.join("\n")
}

fn table(plan: &ImportPlan) -> String {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_BORDERS_ONLY);
    table.set_header(["outcome", "files"]);
    for (word, name) in OUTCOMES {
        let unreadable =
            if word == "put_aside" { plan.inspection.rejected.len() as u64 } else { 0 };
        let count = plan.count(word) + unreadable;
        if count > 0 {
            table.add_row([name.to_owned(), count.to_string()]);
        }
    }
    table.to_string()
}

fn money(plan: &ImportPlan, end: Option<&ImportEnd>) -> String {
    match end {
        Some(end) => format!(
            "cost: {} at € {}, € {} in all",
            counted(end.charged, "import", "imports"),
            plan.price,
            end.spent
        ),
        None => format!(
            "would cost: {} at € {}, € {} in all; nothing was imported",
            counted(plan.count("ready"), "import", "imports"),
            plan.price,
            plan.cost()
        ),
    }
}
