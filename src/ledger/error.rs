//! Why nothing of a file could be read, and what a person can do about it.

use thiserror::Error;

use crate::ledger::Format;

/// Says why a whole file was refused; nothing of it was read.
#[derive(Debug, Error)]
pub enum Error {
    /// The bytes are damaged or are no table.
    #[error("cannot read `{file}`: {reason}")]
    Unreadable {
        /// The file's name.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The workbook's own reader gave up.
    #[error("cannot open `{file}` as {format}")]
    Workbook {
        /// The file's name.
        file: String,
        /// The form that its first bytes claim.
        format: Format,
        /// The reader's own words.
        #[source]
        source: Box<calamine::Error>,
    },
    /// The workbook is encrypted.
    #[error("`{file}` is protected by a password")]
    PasswordProtected {
        /// The file's name.
        file: String,
    },
    /// The file has a form that is known but not read.
    #[error("`{file}` is {form}, which `upload` does not read")]
    Unsupported {
        /// The file's name.
        file: String,
        /// The form, with its article.
        form: &'static str,
    },
    /// The headings match no layout.
    #[error("the headings of `{file}` match no known layout: found {}{}", quoted(headings), nearest_layout(nearest.as_deref(), missing))]
    UnknownLayout {
        /// The file's name.
        file: String,
        /// The headings found.
        headings: Vec<String>,
        /// The layout that comes nearest, or the one asked for.
        nearest: Option<String>,
        /// What that layout needs and did not find.
        missing: Vec<MissingHeading>,
    },
    /// The headings match two layouts equally well.
    #[error("the headings of `{file}` match several layouts equally well: {}", quoted(layouts))]
    AmbiguousLayout {
        /// The file's name.
        file: String,
        /// The layouts' names.
        layouts: Vec<String>,
    },
    /// No layout has the name asked for.
    #[error("there is no layout `{name}`")]
    NoSuchLayout {
        /// The name asked for.
        name: String,
        /// The known name that comes nearest.
        nearest: String,
        /// Every known name.
        known: Vec<String>,
    },
    /// No sheet of the workbook has headings of a layout.
    #[error("no sheet of `{file}` has headings of a known layout: {}", glances(sheets))]
    NoTable {
        /// The file's name.
        file: String,
        /// Each sheet with its first cells.
        sheets: Vec<SheetGlance>,
    },
    /// The workbook has no sheet of the name asked for.
    #[error("`{file}` has no sheet `{sheet}`: it has {}", quoted(sheets))]
    NoSuchSheet {
        /// The file's name.
        file: String,
        /// The name asked for.
        sheet: String,
        /// The sheets there are.
        sheets: Vec<String>,
    },
    /// More than one sheet holds a table.
    #[error("several sheets of `{file}` hold a table: {}", quoted(sheets))]
    SeveralSheets {
        /// The file's name.
        file: String,
        /// The sheets whose headings match a layout.
        sheets: Vec<String>,
    },
    /// A column was named that the file does not have.
    #[error("`{file}` has no column `{heading}`")]
    NoSuchColumn {
        /// The file's name.
        file: String,
        /// The heading asked for.
        heading: String,
        /// The headings that the file has.
        headings: Vec<String>,
    },
    /// A zip archive holds more than one file.
    #[error("`{file}` is a zip archive of several files: {}", quoted(members))]
    SeveralFiles {
        /// The file's name.
        file: String,
        /// The names of the files in it.
        members: Vec<String>,
    },
    /// The file has no bytes, or only blanks.
    #[error("`{file}` is empty")]
    Empty {
        /// The file's name.
        file: String,
    },
}

/// Names a heading that a layout needs and the file lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingHeading {
    /// The heading as the layout spells it first.
    pub wanted: String,
    /// The heading of the file that looks most like it.
    pub nearest: Option<String>,
}

/// Shows the first cells of a sheet, so that a person knows which one it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetGlance {
    /// The sheet's name.
    pub name: String,
    /// The first cells that are not empty, at most four.
    pub first_cells: Vec<String>,
}

impl Error {
    /// Returns what a person can do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Unreadable { .. } | Self::Workbook { .. } => {
                "export the file again, or open it in a spreadsheet program and save it as .xlsx or CSV".to_owned()
            }
            Self::PasswordProtected { .. } => {
                "open the workbook, remove its password and save it again".to_owned()
            }
            Self::Unsupported { form, .. } if form.contains("invoice") => {
                "electronic invoices go to `quadra import`".to_owned()
            }
            Self::Unsupported { form, .. } if form.contains("archive") => {
                "unpack it and upload its files one by one".to_owned()
            }
            Self::Unsupported { form, .. } if form.contains("page") => {
                "open it: the program may have asked to sign in again; then export once more".to_owned()
            }
            Self::Unsupported { .. } => "save it as .xlsx, .ods or CSV and upload that".to_owned(),
            Self::UnknownLayout { nearest, .. } => match nearest {
                Some(name) => format!("rename the headings that differ, choose a layout with `--layout` (the nearest is `{name}`), or say what a column holds with `--column \"Heading=gross\"` and let `--learn` remember it"),
                None => "export with the headings on one row, or choose a layout with `--layout` and say what a column holds with `--column \"Heading=gross\"`; `--learn` remembers it".to_owned(),
            },
            Self::AmbiguousLayout { layouts, .. } => {
                let first = layouts.first().map_or("NAME", String::as_str);
                format!("say which is meant, such as `--layout {first}`")
            }
            Self::NoSuchLayout { nearest, known, .. } => {
                format!("did you mean `{nearest}`? Known layouts: {}", known.join(", "))
            }
            Self::NoTable { .. } => {
                "the headings must stand on one row among the first 30 of a sheet".to_owned()
            }
            Self::NoSuchSheet { .. } | Self::SeveralSheets { .. } => {
                "say which with `--sheet NAME` (`compare`: `--left-sheet`, `--right-sheet`), or keep one table in the workbook".to_owned()
            }
            Self::NoSuchColumn { heading, headings, .. } => {
                let known = headings.iter().map(String::as_str);
                let nearest = crate::ledger::layout::nearest(heading, known).unwrap_or_default();
                format!("did you mean `{nearest}`? Its columns: {}", quoted(headings))
            }
            Self::SeveralFiles { .. } => "unpack it and upload its files one by one".to_owned(),
            Self::Empty { .. } => "export the file again; an empty period still has its heading row".to_owned(),
        };
        Some(hint)
    }
}

/// Returns a text that fits a message: at most eighty characters of it.
///
/// A quotation mark that is never closed makes one cell of a whole file.
pub(super) fn clipped(text: &str) -> String {
    const CHARACTERS_MAX: usize = 80;
    match text.char_indices().nth(CHARACTERS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// Lists at most twenty names in backticks, and says how many more there are.
fn quoted(names: &[String]) -> String {
    const SHOWN_MAX: usize = 20;
    let mut list: Vec<String> =
        names.iter().take(SHOWN_MAX).map(|name| format!("`{}`", clipped(name))).collect();
    if names.len() > SHOWN_MAX {
        list.push(format!("and {} more", names.len() - SHOWN_MAX));
    }
    if list.is_empty() {
        return "none".to_owned();
    }
    list.join(", ")
}

fn nearest_layout(nearest: Option<&str>, missing: &[MissingHeading]) -> String {
    let Some(name) = nearest else {
        return String::new();
    };
    let wanted: Vec<String> = missing
        .iter()
        .map(|heading| match &heading.nearest {
            Some(found) => format!("`{}` (nearest found: `{found}`)", heading.wanted),
            None => format!("`{}`", heading.wanted),
        })
        .collect();
    format!("; layout `{name}` lacks {}", wanted.join(", "))
}

fn glances(sheets: &[SheetGlance]) -> String {
    let each: Vec<String> = sheets
        .iter()
        .map(|sheet| format!("`{}` begins with {}", sheet.name, quoted(&sheet.first_cells)))
        .collect();
    if each.is_empty() {
        return "it has no sheet".to_owned();
    }
    each.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_for_people() {
        let names: Vec<String> = vec!["è".repeat(1000); 30];
        let shown = quoted(&names);
        assert!(shown.starts_with(&format!("`{}…`, ", "è".repeat(80))));
        assert!(shown.ends_with("and 10 more"));
    }
}
