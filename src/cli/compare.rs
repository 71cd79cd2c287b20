//! `quadra compare`: two files against each other, without store and account.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::cli::Global;
use crate::cli::failure::{FINDINGS, Failure, PARTLY_DONE};
use crate::cli::output;
use crate::ledger;
use crate::reconcile::statement::{Class, Verdict};
use crate::worker::{self, ComparedFiles, FilesRequest, TableFormat};

/// Threads beyond which a comparison gains nothing.
const THREADS_MAX: usize = 8;

/// Compare two files: any tables by rules, or fiscal files by their layouts
///
/// Every row of either file ends in exactly one class with its reason, and totals tie out
/// to the cent. Without `--rules` both files must be registers or exports that `upload`
/// knows. Nothing is stored and no account is needed.
#[derive(Debug, Args)]
pub(super) struct Compare {
    /// The left file: CSV, XLSX, XLS, ODS
    left: PathBuf,
    /// The right file
    right: PathBuf,
    /// The sheet of the left workbook, when it holds several tables
    #[arg(long, value_name = "NAME")]
    left_sheet: Option<String>,
    /// The sheet of the right workbook, likewise
    #[arg(long, value_name = "NAME")]
    right_sheet: Option<String>,
    /// What identifies a row, what must agree, and by how much it may differ
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// The folder for statement.json, matches.csv, findings.csv and report.html
    #[arg(long, value_name = "DIR", default_value = "quadra-compare")]
    out: PathBuf,
    /// What to write
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Form::Json, Form::Csv, Form::Html])]
    format: Vec<Form>,
    /// End with 1 when the files differ
    #[arg(long)]
    exit_code: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Json,
    Csv,
    Html,
    Xlsx,
}

impl Compare {
    pub(super) fn run(self, global: &Global) -> Result<ExitCode, Failure> {
        let config = global.load()?;
        let formats = self.format.iter().map(|form| match form {
            Form::Json => TableFormat::Json,
            Form::Csv => TableFormat::Csv,
            Form::Html => TableFormat::Html,
            Form::Xlsx => TableFormat::Xlsx,
        });
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let has_rules = self.rules.is_some();
        let compared = worker::compare_files(&FilesRequest {
            sheets: [self.left_sheet, self.right_sheet],
            layouts: worker::layouts(&config)?,
            left: self.left,
            right: self.right,
            rules: self.rules,
            out: self.out,
            formats: formats.collect(),
            language: config.report.language,
            threads: threads.min(THREADS_MAX),
        })
        .map_err(|error| if has_rules { error.into() } else { without_rules(error) })?;
        if global.json {
            output::json(&compared.statement)?;
        } else {
            output::line(&summary(&compared))?;
        }
        let verdict = compared.comparison.statement().verdict;
        Ok(ExitCode::from(match verdict {
            Verdict::Incomplete => PARTLY_DONE,
            Verdict::Breaks if self.exit_code => FINDINGS,
            _ => 0,
        }))
    }
}

/// Says of files that have no known layout that any two tables compare by rules.
fn without_rules(error: worker::Error) -> Failure {
    if !matches!(error, worker::Error::Ledger(ledger::Error::UnknownLayout { .. })) {
        return error.into();
    }
    let hint = "any two tables compare with `--rules FILE`, of which the least is \
                `keys = [\"…\"]` with the columns that identify a row; for a register: rename \
                the headings that differ, or let `quadra upload FILE --learn` remember them"
        .to_owned();
    Failure::Usage { message: error.to_string(), hint: Some(hint) }
}

/// Says in a few lines what came out.
fn summary(compared: &ComparedFiles) -> String {
    let statement = compared.comparison.statement();
    let mut lines = vec![format!("verdict: {}", statement.verdict)];
    lines.push(format!("{:<26}{:>12}{:>12}", "rows", statement.left.rows, statement.right.rows));
    for class in Class::ALL {
        let rows = [&statement.left, &statement.right]
            .map(|side| side.classes.get(class).map_or(0, |count| count.rows));
        if rows != [0, 0] {
            lines.push(format!("  {:<24}{:>12}{:>12}", class.as_str(), rows[0], rows[1]));
        }
    }
    for (currency, bridge) in &statement.currencies {
        let [left, right] =
            [&bridge.left, &bridge.right].map(|side| output::money(Some(side.amount_cents)));
        lines.push(format!(
            "{currency}: left {left}, right {right}, residual {}",
            output::money(Some(bridge.residual_cents))
        ));
    }
    lines.extend(compared.written.iter().map(|path| format!("wrote {}", path.display())));
    lines.join("\n")
}
