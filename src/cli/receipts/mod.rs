//! `quadra receipts`: one receipt at a time, by hand.

mod read;
mod write;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::api::Filter;
use crate::cli::Global;
use crate::cli::failure::Failure;
use crate::cli::hand::{Consent, Selection};

/// Read, issue, return and void receipts at the provider, one at a time
///
/// What is sent is written down first and takes effect at most once: the same file sent
/// again is known. From 23:55 to midnight in Rome receipts wait.
#[derive(Debug, Args)]
pub(super) struct Receipts {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List receipts as the provider has them now
    List(List),
    /// Show one receipt with its items, whose ids `return` takes
    Show {
        /// The provider's id
        id: String,
    },
    /// Save one receipt as the PDF that a customer gets
    Pdf {
        /// The provider's id
        id: String,
        /// Write to FILE [default: receipt-ID.pdf]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Issue a receipt from a JSON file in the provider's form
    Send {
        /// The file; `fiscal_id`, `items` and `cash_payment_amount` are needed
        file: PathBuf,
        /// Issue the same once more, where the file was sent before
        #[arg(long)]
        again: bool,
        #[command(flatten)]
        consent: Consent,
    },
    /// Take items of a receipt back: makes a new receipt of type return
    Return {
        /// The provider's id of the sale
        id: String,
        /// An item's id and how many come back, such as 200170=2; repeatable
        #[arg(long = "item", value_name = "ID=QUANTITY", required_unless_present = "all")]
        items: Vec<String>,
        /// Everything that was not returned yet
        #[arg(long, conflicts_with = "items")]
        all: bool,
        /// Return the same once more, where it was returned before
        #[arg(long)]
        again: bool,
        #[command(flatten)]
        consent: Consent,
    },
    /// Void a receipt within 24 hours: makes a new receipt of type void
    Void {
        /// The provider's id of the sale
        id: String,
        #[command(flatten)]
        consent: Consent,
    },
}

/// Narrows the list, by the day in Rome on which a receipt was created.
#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    selection: Selection,
    /// Only this status (new, retry, submitted, ready, failed, voided); repeatable
    #[arg(long, value_name = "STATUS")]
    status: Vec<String>,
    /// Only what belongs to this receipt: its returns and its void
    #[arg(long, value_name = "ID")]
    parent: Option<String>,
}

impl Receipts {
    pub(super) async fn run(self, global: &Global) -> Result<ExitCode, Failure> {
        match self.what {
            What::List(List { selection, status, parent }) => {
                let filter = Filter { statuses: status, parent_id: parent, ..Filter::default() };
                read::SHOWN.list(global, selection, filter).await
            }
            What::Show { id } => read::SHOWN.show(global, &id).await,
            What::Pdf { id, out } => read::pdf(global, &id, out).await,
            What::Send { file, again, consent } => write::send(global, &file, again, consent).await,
            What::Return { id, items, all: _, again, consent } => {
                write::give_back(global, &id, &items, again, consent).await
            }
            What::Void { id, consent } => write::void(global, &id, consent).await,
        }
    }
}
