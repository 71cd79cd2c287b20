//! `quadra submit`: what is open at the provider, looked up and carried on.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::cli::failure::{Failure, PARTLY_DONE};
use crate::cli::{Global, hand, output};
use crate::submit::{Intent, IntentState};
use crate::worker;

/// How much of a reply a table shows.
const REPLY_CHARACTERS_MAX: usize = 70;

/// Carry on what is open at the provider: look up what is unknown, send what waits
///
/// Everything that is sent is written down first. What ended unclearly is looked up, and
/// sent again only if it had no effect; what nobody can decide stays unknown and is shown.
/// Without a subcommand it carries on, as `quadra run` does at its beginning.
#[derive(Debug, Args)]
pub(super) struct Submit {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List what is open, or with --all the latest of everything
    List {
        /// Closed ones too, newest first
        #[arg(long)]
        all: bool,
        /// How many at most, with --all
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        limit: u32,
    },
    /// Close one by hand, after a look at the provider's console
    Close {
        /// The intent's number
        intent: i64,
        /// It took effect; the document that came of it, if there is one
        #[arg(long, value_name = "PROVIDER_ID", num_args = 0..=1, default_missing_value = "", required_unless_present = "no_effect", conflicts_with = "no_effect")]
        done: Option<String>,
        /// It had no effect and is not wanted any more
        #[arg(long)]
        no_effect: bool,
    },
}

impl Submit {
    pub(super) async fn run(self, global: &Global) -> Result<ExitCode, Failure> {
        match self.what {
            None => pass(global).await,
            Some(What::List { all, limit }) => list(global, all, limit).await,
            Some(What::Close { intent, done, .. }) => close(global, intent, done).await,
        }
    }
}

async fn pass(global: &Global) -> Result<ExitCode, Failure> {
    let ctx = global.open().await?;
    let outcome = worker::submit_open(&ctx, true).await;
    ctx.store.close().await;
    let outcome = outcome?;
    if global.json {
        let intents: Vec<Value> =
            outcome.submitted.iter().map(|one| hand::intent_json(&one.intent)).collect();
        let stopped = outcome.stopped.as_ref().map(|error| worker::causes(error));
        output::json(&json!({ "intents": intents, "stopped": stopped }))?;
    } else if outcome.submitted.is_empty() && outcome.stopped.is_none() {
        output::line("nothing is open")?;
    }
    if !global.json {
        for one in &outcome.submitted {
            output::line(&hand::told(one))?;
        }
    }
    let is_complete = outcome.is_complete();
    if let Some(error) = outcome.stopped {
        return Err(error.into());
    }
    Ok(ExitCode::from(if is_complete { 0 } else { PARTLY_DONE }))
}

async fn list(global: &Global, all: bool, limit: u32) -> Result<ExitCode, Failure> {
    let ctx = global.open().await?;
    let intents = if all { ctx.store.intents(limit).await } else { ctx.store.open_intents().await };
    ctx.store.close().await;
    let intents = intents?;
    if global.json {
        let intents: Vec<Value> = intents.iter().map(hand::intent_json).collect();
        output::json(&json!({ "intents": intents }))?;
    } else if intents.is_empty() {
        output::line(if all { "nothing was ever sent" } else { "nothing is open" })?;
    } else {
        output::line(&table(&intents))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn close(global: &Global, id: i64, done: Option<String>) -> Result<ExitCode, Failure> {
    let ctx = global.open().await?;
    let (state, provider_id) = match done {
        Some(provider_id) => (IntentState::Done, Some(provider_id).filter(|id| !id.is_empty())),
        None => (IntentState::Dropped, None),
    };
    let closed = worker::close_by_hand(&ctx, id, state, provider_id).await;
    ctx.store.close().await;
    let Some(intent) = closed? else {
        return Err(Failure::Usage {
            message: format!("intent {id} is not open"),
            hint: Some("see `quadra submit list --all`".to_owned()),
        });
    };
    if global.json {
        output::json(&hand::intent_json(&intent))?;
    } else {
        output::line(&format!("{}: {} (intent {id})", intent.state, intent.subject))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Cuts a reply to what a line of a table holds; `--json` has the whole.
fn shortened(reply: &str) -> String {
    if reply.chars().count() <= REPLY_CHARACTERS_MAX {
        return reply.to_owned();
    }
    let cut: String = reply.chars().take(REPLY_CHARACTERS_MAX).collect();
    format!("{cut}…")
}

fn table(intents: &[Intent]) -> String {
    let mut table = hand::table(&["intent", "state", "kind", "company", "what", "last reply"]);
    for intent in intents {
        table.add_row([
            intent.id.to_string(),
            intent.state.to_string(),
            intent.kind.to_string(),
            intent.company.to_string(),
            intent.subject.clone(),
            shortened(intent.last_reply.as_deref().unwrap_or_default()),
        ]);
    }
    table.to_string()
}
