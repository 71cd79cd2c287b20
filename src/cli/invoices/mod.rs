//! `quadra invoices`: one invoice at a time, by hand.

mod read;
mod send;

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};

use crate::cli::Global;
use crate::cli::failure::Failure;
use crate::cli::hand::Consent;

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

/// Narrows the list.
#[derive(Debug, Args)]
struct List {
    /// Only this company, by tax id; repeatable
    #[arg(long, value_name = "ID")]
    company: Vec<String>,
    /// Only sent or only received
    #[arg(long, value_enum)]
    direction: Option<Way>,
    /// Only this state (NEW, SENT, RECEIVED, DONE, ERROR); repeatable
    #[arg(long, value_name = "STATE")]
    state: Vec<String>,
    /// Issued on this day or later
    #[arg(long, value_name = "D")]
    from: Option<NaiveDate>,
    /// Issued on this day or earlier
    #[arg(long, value_name = "D")]
    to: Option<NaiveDate>,
    /// Only this number
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    limit: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Way {
    Outgoing,
    Incoming,
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
            What::List(list) => read::list(global, list).await,
            What::Show { id } => read::show(global, &id).await,
            What::Send(send) => send::send(global, send).await,
        }
    }
}
