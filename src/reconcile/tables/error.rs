//! Why two tables could not be compared, and what a person can do about it.

use thiserror::Error as Derive;

/// Says why a comparison of two tables ended without a result.
#[derive(Debug, Derive)]
pub enum Error {
    /// The rules file is no TOML, or a value has the wrong type.
    #[error("line {line} of the rules: {message}")]
    NotToml {
        /// The TOML reader's words.
        message: String,
        /// The line, from 1.
        line: usize,
    },
    /// The rules file has a key that means nothing.
    #[error("the rules have an unknown key `{key}`{}", meant(nearest.as_deref()))]
    UnknownKey {
        /// The key with its table.
        key: String,
        /// The known key that comes nearest.
        nearest: Option<String>,
        /// All known keys of that table.
        known: Vec<String>,
    },
    /// The rules file says something that cannot be understood.
    #[error("`{place} = \"{value}\"` of the rules is not understood")]
    NotUnderstood {
        /// Where it stands.
        place: String,
        /// What it says.
        value: String,
        /// What may stand there.
        expected: String,
    },
    /// A key has no meaning in rules of this sort.
    #[error("`{place}` means nothing in rules of this sort")]
    NotHere {
        /// The key with its table.
        place: String,
    },
    /// Nothing says what identifies a row.
    #[error("the rules name neither `keys` nor `passes`")]
    NoKeys,
    /// A rule names a column that a side does not have.
    #[error("{place} names the column `{name}`, which the {side} side does not have{}", meant(nearest.as_deref()))]
    NoSuchColumn {
        /// The rule that names it.
        place: String,
        /// The name.
        name: String,
        /// The side.
        side: &'static str,
        /// The heading or name that comes nearest.
        nearest: Option<String>,
        /// The side's headings.
        headings: Vec<String>,
    },
    /// A heading that the rules need stands twice.
    #[error("the {side} side has the heading `{heading}` {times} times")]
    RepeatedHeading {
        /// The side.
        side: &'static str,
        /// The heading.
        heading: String,
        /// How often.
        times: usize,
    },
    /// A side has no heading.
    #[error("the {side} side has no heading row")]
    NoHeading {
        /// The side.
        side: &'static str,
    },
    /// A column's numbers may be read in two ways.
    #[error(
        "the {side} side's `{column}` may be read in two ways: `{value}` is one number with a decimal comma and another with a thousands mark"
    )]
    TwoReadings {
        /// The side.
        side: &'static str,
        /// The column.
        column: String,
        /// A value.
        value: String,
    },
    /// A side has more rows than can be counted here.
    #[error("the {side} side has more than {most} rows")]
    TooManyRows {
        /// The side.
        side: &'static str,
        /// The most that can be compared.
        most: u64,
    },
    /// The classes do not add up to the sides: a fault of ours, and the run must fail.
    #[error("the {side} side does not tie out: {total} by its rows, {classes} by its classes")]
    DoesNotTieOut {
        /// The side.
        side: &'static str,
        /// By rows.
        total: i128,
        /// By classes.
        classes: i128,
    },
    /// A row stands in no class or in several: a fault of ours, and the run must fail.
    #[error("row {row} of the {side} side stands in {classes} instead of one class")]
    RowNotInOneClass {
        /// The side.
        side: &'static str,
        /// The data row, from 1.
        row: u64,
        /// `none` or `two`.
        classes: &'static str,
    },
    /// A total leaves the range of 64-bit cents.
    #[error("a total of {0} cents is too large to be money")]
    TooLarge(i128),
}

impl Error {
    /// Returns what a person can do.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownKey { known, .. } => Some(format!("known keys are {}", quoted(known))),
            Self::NotUnderstood { expected, .. } => Some(format!("write {expected}")),
            Self::NotHere { .. } => Some(
                "the rules of a night and those of `quadra compare` are told apart in README.md"
                    .to_owned(),
            ),
            Self::NoKeys => {
                Some("name the columns that identify a row: `keys = [\"invoice\"]`".to_owned())
            }
            Self::NoSuchColumn { side, headings, .. } => Some(format!(
                "its headings are {}; where it names one otherwise, say so under [columns.{side}]: \"its heading\" = \"name\"",
                quoted(headings)
            )),
            Self::TwoReadings { side, .. } => {
                Some(format!("say which under [format.{side}]: decimal = \",\" or decimal = \".\""))
            }
            Self::RepeatedHeading { .. } => Some("rename one of them".to_owned()),
            _ => None,
        }
    }
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| format!(": did you mean `{nearest}`?"))
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
