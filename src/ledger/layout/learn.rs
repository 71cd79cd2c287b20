//! Writes the layout of a file that a person has looked at and confirmed.
//!
//! It is the layout that was used, narrowed to the columns of this file and signed with its
//! heading row: the next file with these very headings is read the same way, unasked, and
//! no other file is ever taken for it.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::fiscal::Direction;
use crate::ledger::LedgerFile;
use crate::ledger::layout::{DateForm, DecimalMark, Field, Layout, Layouts};

/// What a person who opens the file should know.
const HEADER: &str = "\
# Learned from a file whose preview was confirmed. Files with the very headings under
# `signature` are read by it, and no others. `fields` says which heading means what; take
# a heading from there to `ignored` to leave its column out. Deleting the file forgets it.

";

impl Layouts {
    /// Returns the TOML of a layout that reads files with the headings of this one.
    ///
    /// `direction` is what the uploader said; what the headings told stays with them.
    #[must_use]
    pub fn learned(&self, file: &LedgerFile, name: &str, direction: Option<Direction>) -> String {
        let base = self.iter().find(|layout| layout.name == file.layout);
        let base = base.or_else(|| self.iter().next()).expect("the program brings layouts along");
        let direction = direction.or(base.direction);
        let mut layout = heading_rules(base, file);
        layout.insert("name".to_owned(), name.into());
        layout.insert("title".to_owned(), format!("{} (learned)", base.title).into());
        layout.insert("kind".to_owned(), base.kind.as_str().into());
        if let Some(direction) = direction {
            layout.insert("direction".to_owned(), direction.as_str().into());
        } else {
            let words = base.direction_headings.iter();
            let words = words.map(|(to, words)| (to.as_str().to_owned(), list(words)));
            layout.insert("direction_headings".to_owned(), Value::Table(words.collect()));
        }
        add_value_rules(&mut layout, base, file);
        // What is empty or false goes without saying.
        layout.retain(|key, value| {
            let is_list = matches!(key, "required" | "needed" | "fields" | "dates");
            let is_nothing = match value {
                Value::Boolean(is_so) => !*is_so,
                Value::Array(list) => list.is_empty(),
                Value::Table(table) => table.is_empty(),
                _ => false,
            };
            is_list || !is_nothing
        });
        let rules = toml::to_string(&layout).expect("a table of texts and lists is TOML");
        format!("{HEADER}{rules}")
    }
}

fn list<T: ToString>(texts: impl IntoIterator<Item = T>) -> Value {
    Value::Array(texts.into_iter().map(|text| Value::String(text.to_string())).collect())
}

fn holds(file: &LedgerFile, field: Field) -> bool {
    file.columns.iter().any(|column| column.meaning == Some(field))
}

/// Returns what the layout says of headings: those of this file and no others.
fn heading_rules(base: &Layout, file: &LedgerFile) -> Table {
    let present = |fields: &[Field]| -> Vec<Field> {
        fields.iter().copied().filter(|field| holds(file, *field)).collect()
    };
    let groups = |groups: &[Vec<Field>]| {
        let groups = groups.iter().map(|group| present(group)).filter(|group| !group.is_empty());
        Value::Array(groups.map(list).collect())
    };
    let headings = |meaning: Option<Field>| {
        let columns = file.columns.iter().filter(move |column| column.meaning == meaning);
        columns.map(|column| column.heading.clone()).filter(|heading| !heading.trim().is_empty())
    };
    let fields = present(&Field::ALL);
    let fields = fields.into_iter().map(|field| (field.to_string(), list(headings(Some(field)))));
    Table::from_iter([
        ("signature".to_owned(), list(file.columns.iter().map(|column| &column.heading))),
        ("required".to_owned(), groups(&base.required)),
        ("needed".to_owned(), groups(&base.needed)),
        ("per_rate".to_owned(), list(present(&base.per_rate))),
        ("repeated".to_owned(), list(present(&base.repeated))),
        ("ignored".to_owned(), list(headings(None))),
        ("fields".to_owned(), Value::Table(fields.collect())),
    ])
}

/// Adds what the layout says of values, which is what the used one says.
fn add_value_rules(layout: &mut Table, base: &Layout, file: &LedgerFile) {
    let decimal = match base.decimal {
        DecimalMark::Comma => "comma",
        DecimalMark::Dot => "dot",
    };
    let dates = base.dates.iter().map(|form| match form {
        DateForm::DayFirst => "day_first",
        DateForm::MonthFirst => "month_first",
        DateForm::YearFirst => "year_first",
        DateForm::Serial => "serial",
    });
    let words = |words: &BTreeMap<String, String>| {
        Value::Table(words.iter().map(|(word, to)| (word.clone(), to.as_str().into())).collect())
    };
    let directions = base.directions.iter();
    let directions = directions.map(|(word, to)| (word.clone(), to.as_str().into()));
    layout.extend([
        ("decimal".to_owned(), decimal.into()),
        ("dates".to_owned(), list(dates)),
        // Whoever confirmed the preview has seen the days as they are read.
        ("has_certain_dates".to_owned(), true.into()),
        ("skip_words".to_owned(), list(&base.skip_words)),
        ("other_types".to_owned(), list(&base.other_types)),
        ("received_is_negative".to_owned(), base.received_is_negative.into()),
        ("has_utc_times".to_owned(), base.has_utc_times.into()),
        ("number_is_reference".to_owned(), base.number_is_reference.into()),
        ("gross_is_taxable_plus_vat".to_owned(), base.gross_is_taxable_plus_vat.into()),
        ("document_types".to_owned(), words(&base.document_types)),
        ("directions".to_owned(), Value::Table(directions.collect())),
        ("statuses".to_owned(), words(&base.statuses)),
    ]);
    if let Some(kind) = &base.document_type {
        layout.insert("document_type".to_owned(), kind.as_str().into());
    }
    if let Some(rule) = base.continuation.filter(|rule| holds(file, rule.same)) {
        let rule = [("same", rule.same), ("blank", rule.blank)];
        let rule = rule.map(|(key, field)| (key.to_owned(), Value::String(field.to_string())));
        layout.insert("continuation".to_owned(), Value::Table(Table::from_iter(rule)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{ColumnChoice, Upload, read};
    use std::path::Path;

    const TEXT: &str = "Codice;Giorno;Chi;Valore\n1;03/02/2026;Alfa;1,00\n2;04/02/2026;Beta;2,00\n";

    fn choice(heading: &str, field: Field) -> ColumnChoice {
        ColumnChoice { heading: heading.to_owned(), field: Some(field) }
    }

    #[test]
    fn learned_layout_reads_the_same_headings_unasked() {
        let columns = [
            choice("Codice", Field::Number),
            choice("Giorno", Field::IssueDate),
            choice("Chi", Field::CounterpartyName),
            choice("Valore", Field::Gross),
        ];
        let upload = Upload {
            direction: Some(Direction::Incoming),
            columns: &columns,
            layout: Some("registro-iva"),
            ..Upload::new("strano.csv", TEXT.as_bytes())
        };
        let taught = read(&upload).unwrap();
        assert_eq!(taught.entries.len(), 2);
        let source = Layouts::built_in().learned(&taught, "strano", upload.direction);
        let layouts = Layouts::with_own([(Path::new("strano.toml"), source.as_str())]).unwrap();
        let again =
            read(&Upload { layouts: &layouts, ..Upload::new("altro.csv", TEXT.as_bytes()) })
                .unwrap();
        assert_eq!((again.layout.as_str(), &again.entries), ("strano", &taught.entries));
        assert!(again.notes.is_empty(), "{:?}", again.notes);
        // Other headings are none of its business.
        let other = TEXT.replace("Chi", "Cosa");
        assert!(read(&Upload { layouts: &layouts, ..Upload::new("x", other.as_bytes()) }).is_err());
    }

    #[test]
    fn every_layout_can_be_learned_again() {
        for layout in Layouts::built_in().iter() {
            let file = LedgerFile::of_headings(layout);
            let source = Layouts::built_in().learned(&file, "again", None);
            let again = Layouts::with_own([(Path::new("again.toml"), source.as_str())]);
            assert!(again.is_ok(), "{}: {}\n{source}", layout.name, again.unwrap_err());
        }
    }
}
