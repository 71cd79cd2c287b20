//! `quadra rules`: by which rules a night compares, and whether they are understood.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::cli::failure::{Failure, WRONG_USE};
use crate::cli::select::company_id;
use crate::cli::{Global, output};
use crate::reconcile::rules::RuleSort;
use crate::worker::{self, RulesFile};

/// Show and check the rules by which a night compares: passes, tolerances, days
///
/// The shipped rules of a sort (issued, received, receipts, takings, settlements, numbers) give way to a
/// file of that name in the folder of `rules.dir`, and for one company to a file in the folder there
/// that is named by its tax id. What `show` prints can be such a file.
#[derive(Debug, Args)]
pub(super) struct Rules {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print the rules in force as TOML, each sort with where it stands
    Show {
        /// Only these rules [possible values: issued, received, receipts, takings, settlements, numbers]
        #[arg(value_parser = sort)]
        sort: Option<RuleSort>,
        /// Those of a company, by tax id
        #[arg(long, value_name = "ID")]
        company: Option<String>,
    },
    /// Check rules files: those named, or all of the folder; a line each
    Check {
        /// Files, each named by its sort
        files: Vec<PathBuf>,
    },
}

impl Rules {
    pub(super) fn run(self, global: &Global) -> Result<ExitCode, Failure> {
        let config = global.load()?;
        match self.what {
            What::Show { sort, company } => {
                let company = company.as_deref().map(company_id).transpose()?;
                let mut files = worker::rules_to_begin_with(&config, company.as_ref())?;
                files.retain(|file| sort.is_none_or(|sort| file.sort == sort));
                show(global, &files)?;
                Ok(ExitCode::SUCCESS)
            }
            What::Check { files } if files.is_empty() => {
                check(global, worker::rules_files(&config)?)
            }
            What::Check { files } => check(global, files),
        }
    }
}

fn show(global: &Global, files: &[RulesFile]) -> Result<(), Failure> {
    if global.json {
        let rules: Vec<_> = files
            .iter()
            .map(|file| json!({ "sort": file.sort, "file": file.path, "text": file.text }))
            .collect();
        return output::json(&json!({ "rules": rules }));
    }
    for file in files {
        let place = file.path.as_ref().map(|path| path.display().to_string());
        let place = place.unwrap_or_else(|| "shipped with the program".to_owned());
        output::line(&format!("# {}: {place}\n{}", file.sort, file.text.trim_end()))?;
        output::line("")?;
    }
    Ok(())
}

fn check(global: &Global, files: Vec<PathBuf>) -> Result<ExitCode, Failure> {
    let mut checked = Vec::new();
    for path in files {
        let found = worker::check_rules_file(&path);
        let wrong = found.as_ref().err().map(|error| (worker::causes(error), error.hint()));
        checked.push((path, found.ok(), wrong));
    }
    if global.json {
        let all: Vec<_> = checked
            .iter()
            .map(|(path, sort, wrong)| {
                json!({
                    "file": path, "sort": sort, "error": wrong.as_ref().map(|one| &one.0),
                    "hint": wrong.as_ref().and_then(|one| one.1.as_ref()),
                })
            })
            .collect();
        output::json(&json!({ "files": all }))?;
    } else if checked.is_empty() {
        output::line("no rules of your own: the shipped ones apply")?;
    } else {
        for (path, sort, wrong) in &checked {
            match (sort, wrong) {
                (Some(sort), _) => output::line(&format!("ok     {} ({sort})", path.display()))?,
                (None, wrong) => {
                    let (error, hint) = wrong.clone().unwrap_or_default();
                    output::line(&format!("wrong  {error}"))?;
                    if let Some(hint) = hint {
                        output::line(&format!("       hint: {hint}"))?;
                    }
                }
            }
        }
    }
    let is_good = checked.iter().all(|(_, sort, _)| sort.is_some());
    Ok(ExitCode::from(if is_good { 0 } else { WRONG_USE }))
}

fn sort(text: &str) -> Result<RuleSort, String> {
    text.parse().map_err(|_| {
        let nearest = RuleSort::ALL
            .iter()
            .map(|sort| sort.as_str())
            .min_by_key(|known| strsim::osa_distance(known, text));
        format!("no sort of rules; did you mean `{}`?", nearest.unwrap_or_default())
    })
}
