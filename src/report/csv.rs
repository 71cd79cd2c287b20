//! Two CSV files for machines: every finding, and every row with its class.
//!
//! UTF-8 with a heading line, comma, quotes where needed, `\n` at line ends. Machine words
//! stay untranslated and cents are whole numbers; only `reason` is in the reader's
//! language. Text from outside that a spreadsheet would run as a formula (it begins with
//! `=`, `+`, `-`, `@`, a tab, a line break, or their full-width forms) gets an apostrophe
//! in front; plain numbers such as `-12.00` do not.

use std::fmt::{Display, Write as _};
use std::sync::Arc;

use chrono::NaiveDate;
use csv::{Error, Writer};
use rayon::prelude::*;

use super::facts::Facts;
use super::model::Model;
use super::sentence;
use crate::fiscal::{Amount, Language};
use crate::reconcile::statement::{ClassedRow, Statement};

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

/// More than most rows take; memory that nothing is written to costs nothing.
const BYTES_A_ROW: usize = 320;

/// How many rows are written by one core at a time.
const ROWS_AT_ONCE: usize = 8_192;

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
    // A list that doubles at its end would hold a file of half a gigabyte twice.
    let count: usize = model.statements.iter().map(|one| one.rows.len()).sum();
    let mut all = Vec::with_capacity((count + 1) * BYTES_A_ROW);
    let mut heading = Writer::from_writer(vec![]);
    heading.write_record(ROW_COLUMNS)?;
    all.extend(finish(heading)?);
    for one in &model.statements {
        // As many at once as there are cores, so that few are held beside the whole.
        for turn in one.rows.chunks(ROWS_AT_ONCE * rayon::current_num_threads()) {
            let parts = turn.par_chunks(ROWS_AT_ONCE);
            let parts = parts.map(|rows| RowLines::new(&one.statement, language).all(rows));
            for part in parts.collect::<Result<Vec<_>, _>>()? {
                all.extend(part);
            }
        }
    }
    Ok(all)
}

/// Writes rows of one statement, and what many have in common once.
struct RowLines<'a> {
    writer: Writer<Vec<u8>>,
    /// Company, kind, direction and basis.
    statement: [String; 4],
    language: Language,
    /// The last reason with its sentence: rows that agree share one.
    reason: Option<(&'a ClassedRow, String)>,
    /// The last day as it is written: rows are in the order of their days.
    day: Option<(Option<NaiveDate>, String)>,
    /// A number, before it is copied.
    value: String,
}

impl<'a> RowLines<'a> {
    fn new(statement: &Statement, language: Language) -> Self {
        Self {
            writer: Writer::from_writer(Vec::with_capacity(ROWS_AT_ONCE * BYTES_A_ROW)),
            statement: [
                safe(statement.company.as_str()),
                statement.document_kind.to_string(),
                statement.direction.to_string(),
                statement.basis.to_string(),
            ],
            language,
            reason: None,
            day: None,
            value: String::new(),
        }
    }

    fn all(mut self, rows: &'a [ClassedRow]) -> Result<Vec<u8>, Error> {
        for row in rows {
            self.line(row)?;
        }
        finish(self.writer)
    }

    fn line(&mut self, row: &'a ClassedRow) -> Result<(), Error> {
        let record = &row.record;
        for field in &self.statement {
            self.writer.write_field(field)?;
        }
        self.writer.write_field(row.side.as_str())?;
        self.writer.write_field(row.class.as_str())?;
        self.shown(row.amount_cents)?;
        self.writer.write_field(row.currency.as_str())?;
        self.text(record.number.as_deref())?;
        self.text(record.document_type.as_deref())?;
        let is_last = self.day.as_ref().is_some_and(|(day, _)| *day == record.issue_date);
        if !is_last {
            self.day = Some((record.issue_date, shown(record.issue_date)));
        }
        self.writer.write_field(self.day.as_ref().map_or("", |(_, text)| text))?;
        self.text(record.counterparty_tax_id.as_deref())?;
        self.text(record.counterparty_name.as_deref())?;
        self.text(record.file.as_deref())?;
        self.shown(record.row)?;
        self.text(Some(&record.id))?;
        self.text(row.partner_id())?;
        let is_told = |(other, _): &(&ClassedRow, String)| {
            let is_same = Arc::ptr_eq(&other.reason, &row.reason);
            is_same && other.side == row.side && other.currency == row.currency
        };
        let known = self.reason.take().filter(is_told);
        let (_, told) = self.reason.insert(known.unwrap_or_else(|| {
            let told = sentence::row_reason(row.side, &row.reason, row.currency, self.language);
            (row, safe(&told))
        }));
        self.writer.write_field(told)?;
        self.writer.write_record(None::<&[u8]>)
    }

    fn text(&mut self, text: Option<&str>) -> Result<(), Error> {
        let text = text.unwrap_or_default();
        if looks_like_formula(text) {
            return self.writer.write_field(safe(text));
        }
        self.writer.write_field(text)
    }

    /// Writes a value of ours, which never looks like a formula.
    fn shown(&mut self, value: Option<impl Display>) -> Result<(), Error> {
        self.value.clear();
        if let Some(value) = value {
            write!(self.value, "{value}").expect("memory takes a number");
        }
        self.writer.write_field(&self.value)
    }
}

/// Tells whether a spreadsheet may take a text for a formula.
pub(super) fn looks_like_formula(text: &str) -> bool {
    // The full-width forms begin with one byte, which few other letters do.
    let may = |byte| matches!(byte, b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r' | b'\n' | 0xEF);
    let begins = text.as_bytes().first().is_some_and(|first| may(*first))
        && text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
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
fn shown<T: Display>(value: Option<T>) -> String {
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
