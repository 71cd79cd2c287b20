//! Everything that can end a step, with what a person can do about it.

use std::io::ErrorKind;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::reconcile::rules::RuleSort;
use crate::store::Claim;
use crate::worker::{DecisionError, files};
use crate::{api, config, deliver, extract, ledger, reconcile, report, store};

/// Says why a step ended; what earlier steps did is kept.
#[derive(Debug, Error)]
pub enum Error {
    /// The settings are wrong.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The provider's API failed.
    #[error(transparent)]
    Api(#[from] api::Error),
    /// The pull ended early.
    #[error(transparent)]
    Pull(#[from] extract::Error),
    /// The ledger file could not be read.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
    /// A layout that a person wrote is wrong.
    #[error(transparent)]
    Layout(#[from] Box<ledger::Mistake>),
    /// The comparison could not be proved.
    #[error("failed to reconcile {kind}s of `{company}` in {period}")]
    Reconcile {
        /// The company.
        company: String,
        /// `receipt` or `invoice`.
        kind: &'static str,
        /// The month.
        period: String,
        /// The proof's error.
        #[source]
        source: Box<reconcile::Error>,
    },
    /// Two tables could not be compared.
    #[error("failed to compare `{left}` and `{right}`")]
    Tables {
        /// The left file.
        left: PathBuf,
        /// The right file.
        right: PathBuf,
        /// What stood in the way.
        #[source]
        source: Box<reconcile::tables::Error>,
    },
    /// A rules file says what no rule means.
    #[error("failed to read the rules of `{path}`")]
    Rules {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        #[source]
        source: Box<reconcile::tables::Error>,
    },
    /// The name of a rules file is no sort of rules.
    #[error("`{path}` is no sort of rules: did you mean `{nearest}.toml`?")]
    NoRuleSort {
        /// The file.
        path: PathBuf,
        /// The sort that comes nearest.
        nearest: &'static str,
    },
    /// Two files hold different sorts of rows.
    #[error("`{left}` holds {left_sort} and `{right}` holds {right_sort}: these never meet")]
    OtherSort {
        /// The left file.
        left: PathBuf,
        /// What it holds.
        left_sort: String,
        /// The right file.
        right: PathBuf,
        /// What it holds.
        right_sort: String,
    },
    /// The workbook of a comparison could not be built.
    #[error("failed to build the workbook of a comparison")]
    Book(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The report could not be rendered.
    #[error(transparent)]
    Report(#[from] report::Error),
    /// The report could not be handed over.
    #[error(transparent)]
    Deliver(#[from] deliver::Error),
    /// A file or folder cannot be used.
    #[error("failed to {operation} `{path}`")]
    File {
        /// What was tried.
        operation: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: std::io::Error,
    },
    /// An intent that was just written is not in the store: another hand removed it.
    #[error("the intent `{key}` is not in the store any more")]
    IntentGone {
        /// Its key.
        key: String,
    },
    /// A decision on findings could not be taken.
    #[error(transparent)]
    Decision(#[from] DecisionError),
    /// No token is set.
    #[error("no API token is set")]
    NoToken,
    /// The provider does not know a company.
    #[error("the provider has no company `{company}`")]
    UnknownCompany {
        /// The id asked for.
        company: String,
        /// The ids that are known.
        known: Vec<String>,
    },
    /// Another process does the due time now.
    #[error("job `{job}`, due {due_at}, was taken over by another process")]
    ClaimLost {
        /// The job.
        job: String,
        /// The due time.
        due_at: DateTime<Utc>,
    },
    /// Nothing says whose books a file holds.
    #[error("nothing in `{file}` says whose books it holds")]
    WhoseBooks {
        /// The file.
        file: String,
    },
    /// A file holds another company's books than was said.
    #[error("row {row} of `{file}` belongs to `{found}`, not to `{wanted}`")]
    OtherCompany {
        /// The file.
        file: String,
        /// The data row.
        row: u64,
        /// The company in the row.
        found: String,
        /// The company that was said.
        wanted: String,
    },
    /// Nothing says whether a register holds sent or received invoices.
    #[error("nothing in `{file}` says whether its invoices were sent or received")]
    WhichDirection {
        /// The file.
        file: String,
    },
    /// Every row of a file was refused, so nothing was stored.
    #[error(
        "no row of `{file}` could be read: row {row}, column `{column}`, value `{value}`: {reason}"
    )]
    NothingReadable {
        /// The file.
        file: String,
        /// The first refused row.
        row: u64,
        /// Its column.
        column: String,
        /// Its value.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The day's request budget is spent.
    #[error("the day's budget of {budget} requests is spent ({sent} sent): deferred until {until}")]
    BudgetSpent {
        /// `api.daily_requests`.
        budget: i64,
        /// Requests sent today.
        sent: i64,
        /// When the next business day begins.
        until: DateTime<Utc>,
    },
}

impl Error {
    /// Returns what a person can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Config(error) => return error.hint(),
            Self::Store(error) => return error.hint(),
            Self::Api(error) => return error.hint(),
            Self::Pull(error) => {
                return store_cause(error).map_or(error.hint(), store::Error::hint);
            }
            Self::Ledger(error) => return error.hint(),
            Self::Layout(mistake) => mistake.hint(),
            Self::Decision(error) => return error.hint(),
            Self::Deliver(error) => return error.hint(),
            Self::Tables { source, .. } | Self::Rules { source, .. } => return source.hint(),
            Self::NoRuleSort { .. } => {
                let sorts: Vec<&str> = RuleSort::ALL.iter().map(|sort| sort.as_str()).collect();
                format!("rules are called by their sort: {}", sorts.join(", "))
            }
            Self::OtherSort { .. } => {
                "compare files of one sort, or say how any tables compare with `--rules FILE`"
                    .to_owned()
            }
            Self::Report(_) | Self::Book(_) | Self::IntentGone { .. } => return None,
            Self::ClaimLost { .. } => {
                "nothing is lost: the other process goes on where this one ended; look at \
                 `quadra jobs history`"
                    .to_owned()
            }
            Self::Reconcile { .. } => {
                "this is a fault of Quadra, not of the books: nothing was reported; \
                 please send the run's log"
                    .to_owned()
            }
            Self::File { path, source, .. } if source.kind() == ErrorKind::IsADirectory => {
                format!("give the files in it, such as `{}/*.csv`", path.display())
            }
            Self::File { operation: "write" | "create", path, .. } => format!(
                "check that the folder of `{}` exists and that you may write there",
                path.display()
            ),
            Self::File { path, .. } => files::hint(path),
            Self::NoToken => "set `QUADRA__API__TOKEN`, or `api.token_file` to a file of mode \
                              0600, or `api.email` and `api.api_key_file`; `quadra demo` needs none"
                .to_owned(),
            Self::UnknownCompany { known, .. } if known.is_empty() => {
                "run `quadra pull configurations` first: no company is known yet".to_owned()
            }
            Self::UnknownCompany { known, .. } => format!("known: {}", known.join(", ")),
            Self::WhoseBooks { .. } => {
                "say it with `--company ID`; in an inbox, put the file into a folder named \
                 by the company's tax id"
                    .to_owned()
            }
            Self::OtherCompany { found, .. } => {
                format!("upload it with `--company {found}`, or leave `--company` out")
            }
            Self::WhichDirection { .. } => {
                "say it with `--direction outgoing` or `--direction incoming`; in an inbox, \
                 let the file's name begin with `vendite` or `acquisti`"
                    .to_owned()
            }
            Self::NothingReadable { .. } => {
                "mend the file, or look at `quadra upload --preview` for every refused row"
                    .to_owned()
            }
            Self::BudgetSpent { .. } => {
                "run again then, or raise `api.daily_requests`: GETs past the free quota cost \
                 money"
                    .to_owned()
            }
        };
        Some(hint)
    }

    /// Tells whether running the same command again later may succeed.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            // The same call would be refused again.
            Self::Api(api::Error::Refused(_) | api::Error::NotFound(_)) => false,
            Self::Api(error) => !error.is_terminal() || matches!(error, api::Error::OutOfCredit(_)),
            Self::Store(error) => is_passing(error),
            Self::Pull(error) => match store_cause(error) {
                Some(cause) => is_passing(cause),
                None => true,
            },
            Self::Deliver(_)
            | Self::Reconcile { .. }
            | Self::BudgetSpent { .. }
            | Self::ClaimLost { .. } => true,
            _ => false,
        }
    }

    /// Returns the error of a claim that another process has taken over.
    pub(super) fn claim_lost(claim: &Claim) -> Self {
        Self::ClaimLost { job: claim.due.job.clone(), due_at: claim.due.due_at }
    }

    /// Returns a function that names the file in an I/O error.
    pub(super) fn file(
        operation: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { operation, path, source }
    }
}

fn is_passing(error: &store::Error) -> bool {
    matches!(
        error,
        store::Error::Full { .. } | store::Error::Busy { .. } | store::Error::Query { .. }
    )
}

/// Returns the store's own error when a page could not be kept.
fn store_cause(error: &extract::Error) -> Option<&store::Error> {
    match error {
        extract::Error::Sink { cause, .. } => cause.downcast_ref(),
        extract::Error::Refused { .. } => None,
    }
}

/// Returns an error's text with all its causes, outermost first.
#[must_use]
pub fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let said = cause.to_string();
        // A wrapper may show its cause's text already.
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        next = cause.source();
    }
    text
}
