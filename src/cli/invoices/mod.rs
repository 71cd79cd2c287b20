//! `quadra invoices`: one invoice at a time, by hand.

mod read;
mod send;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};

use crate::api::Filter;
use crate::cli::Global;
use crate::cli::failure::Failure;
use crate::cli::hand::{Consent, Selection};

/// Read and send invoices at the provider, one at a time
///
/// What is sent is written down first and takes effect at most once: the provider is asked
/// for the number before, and an unclear end is looked up before anything is sent again.
#[derive(Debug, Args)]
pub(super) struct Invoices {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List invoices as the provider has them now
    List(List),
    /// Show one invoice and what the SdI says of it
    Show {
        /// The provider's id
        id: String,
    },
    /// Send a FatturaPA file to the SdI, byte for byte
    Send(Send),
}

/// Narrows the list, by the day of issue.
#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    selection: Selection,
    /// Only sent or only received
    #[arg(long, value_enum)]
    direction: Option<Way>,
    /// Only this state (NEW, SENT, RECEIVED, DONE, ERROR); repeatable
    #[arg(long, value_name = "STATE")]
    state: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Way {
    Outgoing,
    Incoming,
}

impl Way {
    /// Returns the provider's word.
    fn as_str(self) -> &'static str {
        match self {
            Self::Outgoing => "outgoing",
            Self::Incoming => "incoming",
        }
    }
}

/// Says which file is sent, and how.
#[derive(Debug, Args)]
struct Send {
    /// The XML file, plain: the provider signs it where it must be signed
    file: PathBuf,
    /// Whose invoice it is, where the file leaves it open
    #[arg(long, value_name = "ID")]
    company: Option<String>,
    /// Sign with our own service: its user and password, typed without echo
    #[arg(long)]
    sign: bool,
    /// Sign with our own service: a file of mode 0600, user and password a line each
    #[arg(long, value_name = "FILE", conflicts_with = "sign")]
    signature: Option<PathBuf>,
    #[command(flatten)]
    consent: Consent,
}

impl Invoices {
    pub(super) async fn run(self, global: &Global) -> Result<ExitCode, Failure> {
        match self.what {
            What::List(List { selection, direction, state }) => {
                let direction = direction.map(|way| way.as_str().to_owned());
                let filter = Filter { statuses: state, direction, ..Filter::default() };
                read::SHOWN.list(global, selection, filter).await
            }
            What::Show { id } => read::SHOWN.show(global, &id).await,
            What::Send(send) => send::send(global, send).await,
        }
    }
}
