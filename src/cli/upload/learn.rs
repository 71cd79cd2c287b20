//! `quadra upload --learn`: shows how a file is understood, asks, and remembers it.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use crate::cli::Global;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::cli::upload::shown::describe;
use crate::config::Config;
use crate::ledger::{ColumnChoice, Field};
use crate::worker::{self, UploadRequest};

/// The word for a column that is left out.
const UNUSED: &str = "unused";

/// Reads `Heading=meaning`.
pub(super) fn choice(text: &str) -> Result<ColumnChoice, Failure> {
    let names = || Field::ALL.iter().map(ToString::to_string).chain([UNUSED.to_owned()]);
    let known = || names().collect::<Vec<_>>().join(", ");
    let usage = |message: String, hint: String| Failure::Usage { message, hint: Some(hint) };
    let Some((heading, meaning)) = text.rsplit_once('=') else {
        return Err(usage(
            format!("`{text}` does not say what a column holds"),
            format!("write it as `Heading=meaning`; meanings: {}", known()),
        ));
    };
    let meaning = meaning.trim();
    let field = Field::ALL.into_iter().find(|field| field.to_string() == meaning);
    if field.is_none() && meaning != UNUSED {
        let nearest = names()
            .max_by(|a, b| {
                strsim::jaro_winkler(meaning, a).total_cmp(&strsim::jaro_winkler(meaning, b))
            })
            .unwrap_or_default();
        return Err(usage(
            format!("a column cannot hold `{meaning}`"),
            format!("did you mean `{nearest}`? Meanings: {}", known()),
        ));
    }
    Ok(ColumnChoice { heading: heading.trim().to_owned(), field })
}

/// Shows one file as it is understood and writes its layout when that is confirmed.
pub(super) fn learn(
    global: &Global,
    config: &Config,
    files: &[PathBuf],
    request: &UploadRequest,
    (name, is_confirmed): (&str, bool),
) -> Result<ExitCode, Failure> {
    let [path] = files else {
        return Err(Failure::Usage {
            message: "a layout is learned from one file at a time".to_owned(),
            hint: Some("give one file with `--learn`".to_owned()),
        });
    };
    let name = if name.is_empty() { name_of(path) } else { slug(name) };
    if name.is_empty() {
        return Err(Failure::Usage {
            message: "the layout needs a name".to_owned(),
            hint: Some("give it: `--learn NAME`".to_owned()),
        });
    }
    let uploaded = worker::look(path, request, &worker::layouts(config)?)?;
    let Some(file) = &uploaded.ledger else {
        return Ok(ExitCode::SUCCESS);
    };
    if !global.json {
        output::line(&describe(&uploaded))?;
    }
    let target = config.ledger.layouts_dir.join(format!("{name}.toml"));
    let question =
        format!("Remember these columns as layout `{name}` ({})? [y/N] ", target.display());
    if !is_confirmed && !is_answered_yes(&question)? {
        eprintln!("nothing was remembered");
        return Ok(ExitCode::SUCCESS);
    }
    let written = worker::remember_layout(config, file, &name, request.direction)?;
    if global.json {
        output::json(&json!({ "layout": name, "path": written }))?;
    } else {
        output::line(&format!(
            "remembered: layout `{name}` in {}; files with these headings are now read so",
            written.display()
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks on the terminal; without one there is nobody to ask.
fn is_answered_yes(question: &str) -> Result<bool, Failure> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(Failure::Usage {
            message: "nobody can be asked: the input is no terminal".to_owned(),
            hint: Some("look at the columns above and confirm them with `--yes`".to_owned()),
        });
    }
    eprint!("{question}");
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    let is_read = stdin.lock().read_line(&mut answer).is_ok();
    let answer = answer.trim().to_lowercase();
    Ok(is_read && matches!(answer.as_str(), "y" | "yes" | "s" | "si" | "sì"))
}

/// Returns a layout's name from a file's: without its days, in kebab case.
fn name_of(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    slug(&stem.replace(|c: char| c.is_ascii_digit(), " "))
}

/// Returns words in lower case with dashes between them.
fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_files_without_their_days() {
        assert_eq!(name_of(Path::new("a/Registro Vendite 2026-02 (1).xlsx")), "registro-vendite");
        assert_eq!(name_of(Path::new("2026-02.csv")), "");
    }

    #[test]
    fn choices_name_a_heading_and_a_meaning() {
        let Ok(read) = choice("Tot. = netto=gross") else {
            panic!("the last sign parts heading and meaning");
        };
        assert_eq!((read.heading.as_str(), read.field), ("Tot. = netto", Some(Field::Gross)));
        assert!(choice("Valore=unused").is_ok_and(|choice| choice.field.is_none()));
        assert!(choice("Valore").is_err());
        assert!(choice("Valore=gros").is_err());
    }
}
