//! The rules file: keys, tolerances, passes, cover and columns, as data.
//!
//! Nothing in it is ignored: an unknown key, a tolerance of no known form and a column that
//! nobody has are errors that name what comes nearest.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::reconcile::tables::error::Error;
use crate::reconcile::tables::nearest_name;

/// Holds a rules file as it was written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// Columns that identify a row, each with its form: `invoice`, `invoice as digits`.
    pub keys: Vec<String>,
    /// The column that is the money of the statement.
    pub amount: Option<String>,
    /// The column that names the currency; without it all is in euro.
    pub currency: Option<String>,
    /// What must agree, with its tolerance.
    pub compare: BTreeMap<String, String>,
    /// Where a side has another heading: heading → name.
    pub columns: Sides<BTreeMap<String, String>>,
    /// Which days each side covers.
    pub cover: Option<Cover>,
    /// How each side writes numbers and dates.
    pub format: Sides<Written>,
    /// Rows that are left out.
    pub exclude: Vec<Exclude>,
    /// How rows that keys did not pair may find partners, most precise first.
    pub passes: Vec<Pass>,
    /// How many rows of one side may answer one row of the other.
    pub groups: Vec<Group>,
}

/// Holds a thing for either side.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Sides<T> {
    /// The left side's.
    pub left: T,
    /// The right side's.
    pub right: T,
}

/// States which days each side covers, and how long a row may wait.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Cover {
    /// The column with the date by which rows are placed.
    pub date: String,
    /// The left side's days, `2026-01-01..2026-01-31`; its rows' span when not given.
    pub left: Option<String>,
    /// The right side's days.
    pub right: Option<String>,
    /// How long after its date a row may lack its partner: `3d`.
    pub grace: Option<String>,
    /// The day of the comparison; the last day that either side covers when not given.
    pub as_of: Option<String>,
    /// How far inside the period a night's books may begin or end and still be whole: `7d`.
    pub edge: Option<String>,
    /// How long a night's receipt may stay without its final state: `2d`.
    pub stuck: Option<String>,
}

/// States how one side writes numbers and dates, where its columns do not show it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Written {
    /// `,` or `.`.
    pub decimal: Option<String>,
    /// `day` or `month`: what stands first where the year does not.
    pub date: Option<String>,
    /// The delimiter of a text file.
    pub delimiter: Option<String>,
}

/// Leaves out rows that hold one of some values.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Exclude {
    /// `left`, `right` or both when not given.
    pub side: Option<String>,
    /// The column.
    pub column: String,
    /// The values, as written.
    pub is: Vec<String>,
    /// Why, in the words of whoever wrote the rule.
    pub because: String,
}

/// Lets rows without partner meet by other columns.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Pass {
    /// Its name, which stands in every reason.
    pub name: String,
    /// Columns that must be equal, each with its form.
    pub on: Vec<String>,
    /// What else must hold for two rows to be candidates.
    pub within: BTreeMap<String, String>,
    /// Confirms pairs, or only suggests them: `confirm` or `suggest`.
    pub status: Option<String>,
    /// Confirms only rows that have a single candidate, and whose candidate has no other.
    pub unique: bool,
    /// In a night's rules: whether it takes one turn with the pass before, as its rival.
    pub together: bool,
    /// In a night's rules: what makes a pair doubtful unless the amounts are equal.
    pub doubts: Vec<String>,
    /// In a night's rules: whether rows that share a key with one row may answer it together.
    pub parts: bool,
    /// In a night's rules: what decides between equally good partners: `name`.
    pub tie: Option<String>,
}

/// Lets several rows of one side answer one row of the other.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Group {
    /// Its name, which stands in every reason.
    pub name: String,
    /// The side that has the many rows: `left` or `right`.
    pub many: String,
    /// Columns that must be equal, each with its form.
    pub on: Vec<String>,
    /// The column whose sum must agree; the statement's money when not given.
    pub sum: Option<String>,
    /// By how much it may differ.
    pub within: Option<String>,
    /// Rows of a block among which a matching subset is looked for; none when not given.
    pub subset: Option<usize>,
    /// Whether whole groups whose sum agrees are taken before the passes.
    pub first: bool,
    /// What else must hold between the one row and each of the many.
    pub near: BTreeMap<String, String>,
}

/// The known keys of each table of the file.
const KNOWN: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "keys", "amount", "currency", "compare", "columns", "cover", "format", "exclude",
            "passes", "groups",
        ],
    ),
    ("columns", &["left", "right"]),
    ("format", &["left", "right"]),
    ("format.left", &["decimal", "date", "delimiter"]),
    ("format.right", &["decimal", "date", "delimiter"]),
    ("cover", &["date", "left", "right", "grace", "as_of", "edge", "stuck"]),
    ("exclude", &["side", "column", "is", "because"]),
    ("passes", &["name", "on", "within", "status", "unique", "together", "doubts", "tie", "parts"]),
    ("groups", &["name", "many", "on", "sum", "within", "subset", "first", "near"]),
];

impl Rules {
    /// Reads a rules file.
    ///
    /// # Errors
    /// What is no TOML, or says something that no rule means.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let table: toml::Table = toml::from_str(text).map_err(|source| Error::NotToml {
            message: source.message().to_owned(),
            line: line_of(text, source.span()),
        })?;
        refuse_unknown(&table, "")?;
        toml::from_str(text).map_err(|source| Error::NotToml {
            message: source.message().to_owned(),
            line: line_of(text, source.span()),
        })
    }
}

impl Rules {
    /// Refuses what only the comparison of a night understands.
    pub(super) fn refuse_nights(&self) -> Result<(), Error> {
        let cover = self.cover.as_ref();
        let passes = || self.passes.iter();
        let places = [
            ("cover.edge", cover.is_some_and(|cover| cover.edge.is_some())),
            ("cover.stuck", cover.is_some_and(|cover| cover.stuck.is_some())),
            ("passes.doubts", passes().any(|pass| !pass.doubts.is_empty())),
            ("passes.together", passes().any(|pass| pass.together)),
            ("passes.parts", passes().any(|pass| pass.parts)),
            ("passes.tie", passes().any(|pass| pass.tie.is_some())),
        ];
        match places.into_iter().find(|(_, is_there)| *is_there) {
            Some((place, _)) => Err(Error::NotHere { place: place.to_owned() }),
            None => Ok(()),
        }
    }
}

fn line_of(text: &str, span: Option<std::ops::Range<usize>>) -> usize {
    span.and_then(|span| text.get(..span.start))
        .map_or(1, |before| before.matches('\n').count() + 1)
}

/// Refuses keys that mean nothing, in this table and the tables below it.
fn refuse_unknown(table: &toml::Table, path: &str) -> Result<(), Error> {
    let Some((_, known)) = KNOWN.iter().find(|(known, _)| *known == path) else {
        return Ok(());
    };
    for (key, value) in table {
        if !known.contains(&key.as_str()) {
            return Err(Error::UnknownKey {
                key: if path.is_empty() { key.clone() } else { format!("{path}.{key}") },
                nearest: nearest_name(key, known.iter().copied()),
                known: known.iter().map(|known| (*known).to_owned()).collect(),
            });
        }
        let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match value {
            toml::Value::Table(inner) => refuse_unknown(inner, &below)?,
            toml::Value::Array(items) => {
                for inner in items.iter().filter_map(toml::Value::as_table) {
                    refuse_unknown(inner, &below)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}
