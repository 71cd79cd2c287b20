//! An accountant's own layout: read strictly, and a mistake named where it stands.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::ledger::layout::{Layout, nearest};

/// Names a mistake in a layout file that a person wrote.
#[derive(Debug, Error)]
#[error("the layout `{}` is wrong on line {line}: {reason}", path.display())]
pub struct Mistake {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, with the key or value in backticks.
    pub reason: String,
    /// The known key or value that comes nearest, when a name is not known.
    pub nearest: Option<String>,
}

impl Mistake {
    /// Returns what a person can do next.
    #[must_use]
    pub fn hint(&self) -> String {
        match &self.nearest {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => {
                "`quadra upload --learn` writes such a file from a confirmed preview".to_owned()
            }
        }
    }
}

/// Reads a layout file of a person.
pub(super) fn read(path: &Path, source: &str) -> Result<Layout, Box<Mistake>> {
    let mistake =
        |line, reason, nearest| Box::new(Mistake { path: path.to_owned(), line, reason, nearest });
    let layout = Layout::parse(source).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(source, span.start));
        let message = error.message().trim().to_owned();
        let nearest = unknown_name(&message);
        mistake(line, message, nearest)
    })?;
    for group in layout.required.iter().chain(&layout.needed) {
        if layout.first_heading(group).is_empty() {
            let names: Vec<String> = group.iter().map(|field| format!("`{field}`")).collect();
            let line = source.lines().position(|line| line.starts_with("required")).unwrap_or(0);
            let reason =
                format!("it asks for {} and `[fields]` has no heading for it", names.join(" or "));
            return Err(mistake(line + 1, reason, None));
        }
    }
    Ok(layout)
}

fn line_of(source: &str, at: usize) -> usize {
    source.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// Returns the known name nearest to the one that the reader did not know.
///
/// The reader writes: unknown field `titel`, expected one of `name`, `title`, …
fn unknown_name(message: &str) -> Option<String> {
    let (unknown, known) = message.split_once(", expected ")?;
    let word = unknown.split('`').nth(1)?;
    nearest(word, known.split('`').skip(1).step_by(2)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "name = \"mio\"\ntitle = \"Mio\"\nkind = \"invoice\"\n\
        required = [[\"number\"]]\nneeded = []\ndecimal = \"comma\"\ndates = [\"day_first\"]\n\
        [fields]\nnumber = [\"Num\"]\n";

    #[test]
    fn mistakes_name_line_key_and_nearest() {
        assert!(read(Path::new("mio.toml"), WHOLE).is_ok());
        for (from, to, line, reason, hint) in [
            ("title", "titel", 2, "unknown field `titel`", "did you mean `title`?"),
            (
                "number = [\"Num",
                "numbr = [\"Num",
                9,
                "unknown variant `numbr`",
                "did you mean `number`?",
            ),
            ("\"comma\"", "\"coma\"", 6, "unknown variant `coma`", "did you mean `comma`?"),
            (
                "[[\"number\"]]",
                "[[\"gross\"]]",
                4,
                "it asks for `gross`",
                "`quadra upload --learn`",
            ),
            ("kind = ", "kind ", 3, "", "`quadra upload --learn`"),
        ] {
            let mistake = read(Path::new("mio.toml"), &WHOLE.replace(from, to)).unwrap_err();
            assert_eq!(mistake.line, line, "{mistake}");
            assert!(mistake.to_string().contains(reason), "{mistake}");
            assert!(mistake.hint().starts_with(hint), "{}", mistake.hint());
        }
    }
}
