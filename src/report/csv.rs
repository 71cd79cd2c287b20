//! Two CSV files for machines: every finding, and every row with its class.
//!
//! UTF-8 with a heading line, comma, quotes where needed, `\n` at line ends. Machine words
//! stay untranslated and cents are whole numbers; only `reason` is in the reader's
//! language. Text from outside that a spreadsheet would run as a formula (it begins with
//! `=`, `+`, `-`, `@`, a tab, a line break, or their full-width forms) gets an apostrophe
//! in front; plain numbers such as `-12.00` do not.

use csv::{Error, Writer};

use super::facts::Facts;
use super::model::Model;
use super::sentence;
use crate::fiscal::{Amount, Language};

const FINDING_COLUMNS: [&str; 25] = [
    "kind",
    "severity",
    "state",
    "company",
    "document_kind",
    "direction",
    "period",
    "first_seen_on",
    "age_days",
    "side",
    "number",
    "issue_date",
    "counterparty_tax_id",
    "counterparty_name",
    "field",
    "left_value",
    "right_value",
    "difference_cents",
    "at_risk_cents",
    "currency",
    "file",
    "row",
    "source_id",
    "fingerprint",
    "reason",
];

const ROW_COLUMNS: [&str; 18] = [
    "company",
    "document_kind",
    "direction",
    "basis",
    "side",
    "class",
    "amount_cents",
    "currency",
    "number",
    "document_type",
    "issue_date",
    "counterparty_tax_id",
    "counterparty_name",
    "file",
    "row",
    "source_id",
    "partner_id",
    "reason",
];

/// Writes every finding of a model, one a line.
pub(super) fn findings(model: &Model, language: Language) -> Result<Vec<u8>, Error> {
    let mut writer = Writer::from_writer(vec![]);
    writer.write_record(FINDING_COLUMNS)?;
    for standing in &model.findings {
        let finding = &standing.finding;
        let facts = Facts::of(&finding.evidence);
        let record = facts.record;
        let file = facts.entry.and_then(|entry| entry.file.as_deref());
        writer.write_record([
            finding.kind.to_string(),
            finding.severity().to_string(),
            standing.state.to_string(),
            safe(finding.company.as_str()),
            finding.document_kind.to_string(),
            finding.direction.to_string(),
            finding.period.to_string(),
            standing.first_seen_on.to_string(),
            standing.age_days.to_string(),
            shown(facts.side),
            text(record.and_then(|one| one.number.as_deref())),
            shown(record.and_then(|one| one.issue_date)),
            text(record.and_then(|one| one.counterparty_tax_id.as_deref())),
            text(record.and_then(|one| one.counterparty_name.as_deref())),
            facts.field.clone(),
            text(facts.left.as_deref()),
            text(facts.right.as_deref()),
            shown(facts.difference_cents),
            finding.at_risk_cents.to_string(),
            finding.currency.to_string(),
            text(file.or(facts.file)),
            shown(facts.entry.and_then(|entry| entry.row)),
            text(facts.document.map(|document| document.id.as_str())),
            standing.fingerprint.as_str().to_owned(),
            safe(&sentence::finding(finding, language)),
        ])?;
    }
    finish(writer)
}

/// Writes every row of every statement, one a line, in the statements' order.
pub(super) fn rows(model: &Model, language: Language) -> Result<Vec<u8>, Error> {
    let mut writer = Writer::from_writer(vec![]);
    writer.write_record(ROW_COLUMNS)?;
    for one in &model.statements {
        let statement = &one.statement;
        for row in &one.rows {
            let record = &row.record;
            writer.write_record([
                safe(statement.company.as_str()),
                statement.document_kind.to_string(),
                statement.direction.to_string(),
                statement.basis.to_string(),
                row.side.to_string(),
                row.class.to_string(),
                shown(row.amount_cents),
                row.currency.to_string(),
                text(record.number.as_deref()),
                text(record.document_type.as_deref()),
                shown(record.issue_date),
                text(record.counterparty_tax_id.as_deref()),
                text(record.counterparty_name.as_deref()),
                text(record.file.as_deref()),
                shown(record.row),
                safe(&record.id),
                text(row.partner_id()),
                safe(&sentence::row_reason(row.side, &row.reason, row.currency, language)),
            ])?;
        }
    }
    finish(writer)
}

/// Tells whether a spreadsheet may take a text for a formula.
pub(super) fn looks_like_formula(text: &str) -> bool {
    let begins = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    begins && Amount::cents_from_decimal(text).is_err()
}

/// Puts an apostrophe before a text that a spreadsheet would run.
#[must_use]
pub fn safe(text: &str) -> String {
    if looks_like_formula(text) { format!("'{text}") } else { text.to_owned() }
}

fn text(value: Option<&str>) -> String {
    value.map_or_else(String::new, safe)
}

/// Writes a value of ours, which never looks like a formula.
fn shown<T: std::fmt::Display>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn finish(writer: Writer<Vec<u8>>) -> Result<Vec<u8>, Error> {
    writer.into_inner().map_err(|error| error.into_error().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_runs_as_a_formula(text in "[=+@\\t\\r\\n＝-]?.{0,12}") {
            let written = safe(&text);
            prop_assert!(!looks_like_formula(&written), "{written:?}");
            prop_assert_eq!(written.strip_prefix('\'').unwrap_or(&written), text.strip_prefix('\'').unwrap_or(&text));
        }
    }

    #[test]
    fn formulas_get_an_apostrophe_and_numbers_do_not() {
        for bad in ["=1+1", "+SUM(A1)", "-2+3", "@cmd", "\t=1", "\r=1", "\n=1", "＝1", "-"] {
            assert_eq!(safe(bad), format!("'{bad}"), "{bad:?}");
        }
        for good in ["-12.00", "+5", "12/A", "Rossi srl", "", "'=1"] {
            assert_eq!(safe(good), good);
        }
    }
}
