//! Layouts: which headings mean which field, as data.
//!
//! A layout is one TOML file: in `layouts/` and a line in `catalogue` for those that the
//! program knows, in a folder of the accountant's own for all others (`own` reads those,
//! and says of a mistake where it stands).
//! Headings are compared after lowering, folding accents and dropping whatever is no
//! letter or digit, so that spelling, NBSP and BOM do not matter. They are compared
//! whole: "contains" would take "Aliquota IVA" for the VAT amount.

mod catalogue;
mod field;
mod fold;
mod learn;
mod own;

pub use catalogue::Layouts;
pub(super) use catalogue::nearest;
pub use field::{ColumnChoice, Field};
pub(super) use fold::fold;
pub use own::Mistake;

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::fiscal::{Direction, EntryKind};

/// Holds one layout as its TOML file says it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the file")]
pub(in crate::ledger) struct Layout {
    /// The name used with `--layout`, in kebab case.
    pub name: String,
    /// One line for people.
    pub title: String,
    pub kind: EntryKind,
    /// Issued or received, when every row is the same.
    pub direction: Option<Direction>,
    /// Headings whose presence says the direction, when the layout does not.
    #[serde(default)]
    pub direction_headings: BTreeMap<Direction, Vec<String>>,
    /// Headings without which this is another layout: one field of each group.
    pub required: Vec<Vec<Field>>,
    /// Values without which a row is rejected: one field of each group.
    pub needed: Vec<Vec<Field>>,
    /// The decimal mark of amounts in text when the column does not show it.
    pub decimal: DecimalMark,
    /// The forms of dates in text.
    pub dates: Vec<DateForm>,
    /// A row without a date of which a cell begins with such a word is a total.
    #[serde(default)]
    pub skip_words: Vec<String>,
    /// The type of every document, when the layout has no column for it.
    pub document_type: Option<String>,
    /// What this program's words for a kind of document mean: TD01…, sale, return.
    #[serde(default, deserialize_with = "folded")]
    pub document_types: BTreeMap<String, String>,
    /// Issued or received, by the word for the kind of document.
    #[serde(default, deserialize_with = "folded")]
    pub directions: BTreeMap<String, Direction>,
    /// Words for kinds of rows that are no documents: a payout, a fee.
    #[serde(default)]
    pub other_types: Vec<String>,
    /// What this program's words for a state mean; empty when they mean nothing.
    #[serde(default, deserialize_with = "folded")]
    pub statuses: BTreeMap<String, String>,
    /// Whether the program writes what is received with the opposite sign.
    #[serde(default)]
    pub received_is_negative: bool,
    /// Whether times without a zone are UTC, so that the day in Italy may be the next.
    #[serde(default)]
    pub has_utc_times: bool,
    /// Whether the number also stands among the references.
    #[serde(default)]
    pub number_is_reference: bool,
    /// Whether the gross is the sum of taxable and VAT, because the source says so.
    #[serde(default)]
    pub gross_is_taxable_plus_vat: bool,
    /// How further lines of the same document are told: same key, no total.
    pub continuation: Option<Continuation>,
    /// Fields that name a document which may have a row for each VAT rate.
    #[serde(default)]
    pub per_rate: Vec<Field>,
    /// Fields that are the same on every line of a document whose totals are repeated.
    #[serde(default)]
    pub repeated: Vec<Field>,
    /// Whether the source writes its dates in one way only, so that none is in doubt.
    #[serde(default)]
    pub has_certain_dates: bool,
    /// The heading row by which a learned layout is known at once.
    #[serde(default)]
    pub signature: Vec<String>,
    /// Meanings that only the values of a column give away.
    #[serde(default)]
    pub content: Vec<ContentCheck>,
    /// Headings by field, the preferred one first.
    pub fields: BTreeMap<Field, Vec<String>>,
    /// Headings that belong to the layout and are not used.
    #[serde(default)]
    pub ignored: Vec<String>,
    /// Every heading, folded, with its field and its rank among the field's headings.
    #[serde(skip)]
    meanings: HashMap<String, Option<(Field, usize)>>,
}

/// Says that a row continues the one above: same key, no total.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::ledger) struct Continuation {
    /// The field that both rows share.
    pub same: Field,
    /// The field that only the first row fills.
    pub blank: Field,
}

/// Says that a column is another field when all its values have a certain form.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::ledger) struct ContentCheck {
    /// What the heading was taken for.
    pub field: Field,
    /// What all its values are.
    pub holds: Content,
    /// What it is then.
    pub means: Field,
}

/// Names a form of values that gives a column away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::ledger) enum Content {
    /// Eleven digits: a VAT number.
    TaxId,
    /// 4, 5, 10 or 22: a VAT rate.
    Rate,
}

/// Names the character between whole units and decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::ledger) enum DecimalMark {
    Comma,
    Dot,
}

/// Names a form of dates in text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::ledger) enum DateForm {
    /// `03/02/2026`, `3-2-26`, `03.02.2026`.
    DayFirst,
    /// `02/03/2026` for the third of February, as in the United States.
    MonthFirst,
    /// `2026-02-03`, `20260203`.
    YearFirst,
    /// A workbook's day number, such as `46056`.
    Serial,
}

/// Reads a map whose keys are compared as headings are.
fn folded<'de, D, V>(deserializer: D) -> Result<BTreeMap<String, V>, D::Error>
where
    D: serde::Deserializer<'de>,
    V: Deserialize<'de>,
{
    let written = BTreeMap::<String, V>::deserialize(deserializer)?;
    Ok(written.into_iter().map(|(word, meaning)| (fold(&word), meaning)).collect())
}

impl Layout {
    /// Tells whether a folded heading belongs to this layout, used or not.
    pub(in crate::ledger) fn knows(&self, folded: &str) -> bool {
        self.meanings.contains_key(folded)
    }

    /// Returns the field of a folded heading and its rank among the field's headings.
    pub(in crate::ledger) fn meaning(&self, folded: &str) -> Option<(Field, usize)> {
        self.meanings.get(folded).copied().flatten()
    }

    /// Returns the heading of a group of fields as this layout spells it first.
    pub(in crate::ledger) fn first_heading(&self, group: &[Field]) -> &str {
        group.iter().find_map(|field| self.fields.get(field)?.first()).map_or("", String::as_str)
    }

    #[cfg(test)]
    fn heading_count(&self) -> usize {
        self.meanings.len()
    }

    /// Tells whether a row of folded headings is the one from which the layout was learned.
    pub(in crate::ledger) fn is_signed(&self, folded: &[String]) -> bool {
        let own = self.signature.iter().map(|heading| fold(heading));
        !self.signature.is_empty()
            && own
                .filter(|heading| !heading.is_empty())
                .eq(folded.iter().filter(|heading| !heading.is_empty()).cloned())
    }

    fn parse(source: &str) -> Result<Self, toml::de::Error> {
        let mut layout: Self = toml::from_str(source)?;
        for heading in &layout.ignored {
            layout.meanings.insert(fold(heading), None);
        }
        for (field, headings) in &layout.fields {
            for (rank, heading) in headings.iter().enumerate() {
                layout.meanings.insert(fold(heading), Some((*field, rank)));
            }
        }
        Ok(layout)
    }
}
