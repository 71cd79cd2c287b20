//! Layouts: which headings mean which field, as data.
//!
//! A layout is one TOML file in `layouts/`; adding one adds a file and a line below.
//! Headings are compared after lowering, folding accents and dropping whatever is no
//! letter or digit, so that spelling, NBSP and BOM do not matter. They are compared
//! whole: "contains" would take "Aliquota IVA" for the VAT amount.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::fiscal::{Direction, EntryKind};
use crate::ledger::Error;

/// The layouts that the program knows, in the order in which help lists them.
const SOURCES: [&str; 10] = [
    include_str!("layouts/portale-emesse.toml"),
    include_str!("layouts/portale-ricevute.toml"),
    include_str!("layouts/portale-transfrontaliere-emesse.toml"),
    include_str!("layouts/portale-transfrontaliere-ricevute.toml"),
    include_str!("layouts/portale-messe-a-disposizione.toml"),
    include_str!("layouts/portale-corrispettivi.toml"),
    include_str!("layouts/registro-iva.toml"),
    include_str!("layouts/registro-corrispettivi.toml"),
    include_str!("layouts/incassi-giornalieri.toml"),
    include_str!("layouts/ordini-shop.toml"),
];

/// Names what a column fills in a ledger entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The document's own number.
    Number,
    /// The register's number for it, which is never the document's.
    Protocol,
    /// The kind of document, as a code or a phrase.
    DocumentType,
    /// The day of issue or the business day.
    IssueDate,
    /// The day of registration or reception.
    RegistrationDate,
    /// The day of transmission to the SdI.
    TransmissionDate,
    /// The day on which the buyer got it; kept apart from registration.
    DeliveryDate,
    /// The VAT number of the company whose books these are.
    CompanyTaxId,
    /// Its tax code.
    CompanyTaxCode,
    /// The other party's VAT number.
    CounterpartyTaxId,
    /// The other party's tax code.
    CounterpartyTaxCode,
    /// The other party's name.
    CounterpartyName,
    /// The currency of the amounts.
    Currency,
    /// The taxable amount.
    Taxable,
    /// The VAT amount.
    Vat,
    /// The total with VAT.
    Gross,
    /// The VAT rate or nature.
    VatRate,
    /// The portal's "Ammontare delle vendite", checked against the other amounts.
    Sales,
    /// Paid in notes and coins.
    Cash,
    /// Paid by card or other electronic means.
    Electronic,
    /// Paid in meal vouchers.
    Vouchers,
    /// Delivered and not collected.
    Uncollected,
    /// What was given back of an order.
    Refunded,
    /// Another identifier of the same document; several columns may be.
    Reference,
    /// The source's word for the state.
    Status,
    /// When the order was cancelled.
    CancelledAt,
    /// Whether stamp duty is due.
    StampDuty,
    /// First day without takings.
    InactiveFrom,
    /// Last day without takings.
    InactiveTo,
}

impl Field {
    /// Tells whether the column holds money.
    pub(super) fn is_amount(self) -> bool {
        matches!(
            self,
            Self::Taxable
                | Self::Vat
                | Self::Gross
                | Self::Sales
                | Self::Cash
                | Self::Electronic
                | Self::Vouchers
                | Self::Uncollected
                | Self::Refunded
        )
    }
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(formatter)
    }
}

/// Holds one layout as its TOML file says it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Layout {
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
    /// Whether the number also stands among the references.
    #[serde(default)]
    pub number_is_reference: bool,
    /// Whether the gross is the sum of taxable and VAT, because the source says so.
    #[serde(default)]
    pub gross_is_taxable_plus_vat: bool,
    /// How further lines of the same document are told.
    pub continuation: Option<Continuation>,
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
pub(super) struct Continuation {
    /// The field that both rows share.
    pub same: Field,
    /// The field that only the first row fills.
    pub blank: Field,
}

/// Says that a column is another field when all its values have a certain form.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContentCheck {
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
pub(super) enum Content {
    /// Eleven digits: a VAT number.
    TaxId,
    /// 4, 5, 10 or 22: a VAT rate.
    Rate,
}

/// Names the character between whole units and decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum DecimalMark {
    Comma,
    Dot,
}

/// Names a form of dates in text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum DateForm {
    /// `03/02/2026`, `3-2-26`, `03.02.2026`.
    DayFirst,
    /// `2026-02-03`, `20260203`.
    YearFirst,
    /// A workbook's day number, such as `46056`.
    Serial,
}

impl Layout {
    /// Tells whether a folded heading belongs to this layout, used or not.
    pub(super) fn knows(&self, folded: &str) -> bool {
        self.meanings.contains_key(folded)
    }

    /// Returns the field of a folded heading and its rank among the field's headings.
    pub(super) fn meaning(&self, folded: &str) -> Option<(Field, usize)> {
        self.meanings.get(folded).copied().flatten()
    }

    /// Returns the heading of a group of fields as this layout spells it first.
    pub(super) fn first_heading(&self, group: &[Field]) -> &str {
        group.iter().find_map(|field| self.fields.get(field)?.first()).map_or("", String::as_str)
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

/// Returns every layout, read once.
pub(super) fn layouts() -> &'static [Layout] {
    static LAYOUTS: OnceLock<Vec<Layout>> = OnceLock::new();
    LAYOUTS.get_or_init(|| {
        SOURCES
            .iter()
            .map(|source| Layout::parse(source).expect("a test reads every built-in layout"))
            .collect()
    })
}

/// Returns each known layout's name and title, for help texts.
pub fn layout_names() -> impl Iterator<Item = (&'static str, &'static str)> {
    layouts().iter().map(|layout| (layout.name.as_str(), layout.title.as_str()))
}

/// Returns the layout of a name, or an error with the nearest name.
pub(super) fn named(name: &str) -> Result<&'static Layout, Error> {
    if let Some(layout) = layouts().iter().find(|layout| layout.name == name) {
        return Ok(layout);
    }
    let known: Vec<&'static str> = layout_names().map(|(name, _)| name).collect();
    let nearest = known
        .iter()
        .max_by(|a, b| strsim::jaro_winkler(name, a).total_cmp(&strsim::jaro_winkler(name, b)))
        .map_or_else(String::new, ToString::to_string);
    Err(Error::NoSuchLayout { name: name.to_owned(), nearest, known })
}

/// Returns a heading as it is compared: lower case, no accents, letters and digits only.
///
/// The per cent sign stays: it is all that tells "% IVA" from "IVA".
pub(super) fn fold(heading: &str) -> String {
    heading
        .chars()
        .flat_map(char::to_lowercase)
        .map(|letter| match letter {
            'à' | 'á' | 'â' | 'ä' | 'ã' => 'a',
            'è' | 'é' | 'ê' | 'ë' => 'e',
            'ì' | 'í' | 'î' | 'ï' => 'i',
            'ò' | 'ó' | 'ô' | 'ö' | 'õ' => 'o',
            'ù' | 'ú' | 'û' | 'ü' => 'u',
            other => other,
        })
        .filter(|letter| {
            (letter.is_alphanumeric() || *letter == '%') && !matches!(letter, 'º' | 'ª')
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_layout_reads_and_holds_together() {
        let mut names = BTreeSet::new();
        for source in SOURCES {
            let layout = Layout::parse(source).unwrap();
            for group in layout.required.iter().chain(&layout.needed) {
                assert!(!layout.first_heading(group).is_empty(), "{}", layout.name);
            }
            let headings =
                layout.ignored.len() + layout.fields.values().map(Vec::len).sum::<usize>();
            assert_eq!(layout.meanings.len(), headings, "{}: a heading stands twice", layout.name);
            assert!(names.insert(layout.name.clone()), "{} stands twice", layout.name);
        }
    }

    #[test]
    fn headings_fold_to_letters_and_digits() {
        assert_eq!(
            fold("\u{feff}Imponibile/Importo\u{a0}(totale in euro)"),
            "imponibileimportototaleineuro"
        );
        assert_eq!(fold("Periodo di inattività da"), "periododiinattivitada");
        assert_eq!(fold("N° doc."), "ndoc");
    }

    #[test]
    fn misspelt_layout_names_the_nearest() {
        let error = named("portale-ricevut").unwrap_err();
        assert_eq!(error.to_string(), "there is no layout `portale-ricevut`");
        assert!(error.hint().unwrap().starts_with("did you mean `portale-ricevute`?"));
    }
}
