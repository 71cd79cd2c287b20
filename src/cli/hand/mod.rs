//! What the commands share that do one thing at the provider: consent, preview, outcome.

mod documents;
mod secrets;

pub(super) use documents::{Selection, Shown, text, unreadable};
pub(super) use secrets::{Source, ask_pair};

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::Args;
use comfy_table::{Table, presets};
use serde_json::{Value, json};

use crate::api::RawItem;
use crate::cli::failure::{Failure, PARTLY_DONE, WRONG_USE};
use crate::cli::{Global, output};
use crate::fiscal::Price;
use crate::submit::{Complaint, Intent, IntentState, Kind};
use crate::worker::Submitted;

/// Says whether a person agreed to what is about to be done.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Consent {
    /// Do it without asking; needed where nobody can be asked
    #[arg(long)]
    yes: bool,
    /// Show what would be sent and what it would cost; send nothing
    #[arg(long = "dry-run", conflicts_with = "yes")]
    is_dry: bool,
}

/// Holds what a person sees before agreeing.
#[derive(Debug, Default)]
pub(super) struct Preview {
    /// What is to be done, a line each.
    pub(super) lines: Vec<String>,
    /// What a person should know and nothing refuses.
    pub(super) warnings: Vec<String>,
    /// What it costs, by `[prices]`; none when it is free.
    pub(super) price: Option<Price>,
    /// The same for machines.
    pub(super) data: Value,
}

impl Preview {
    fn text(&self) -> String {
        let mut lines = self.lines.clone();
        lines.extend(self.warnings.iter().map(|warning| format!("warning: {warning}")));
        lines.push(match self.price {
            Some(price) => format!("price: about {price} EUR, by `[prices]` of the settings"),
            None => "price: none".to_owned(),
        });
        lines.join("\n")
    }

    /// Returns the documented object of a preview.
    pub(super) fn as_json(&self) -> Value {
        json!({
            "document": self.data, "warnings": self.warnings,
            "price": self.price.map(|price| price.to_string()),
        })
    }
}

impl Consent {
    /// Shows the preview and returns whether to go on.
    ///
    /// With `--dry-run` it is the command's only output. Where nobody can be asked and
    /// nobody agreed, it is wrong use.
    pub(super) fn ask(self, global: &Global, preview: &Preview) -> Result<bool, Failure> {
        if self.is_dry {
            if global.json {
                output::json(&json!({ "dry_run": true, "preview": preview.as_json() }))?;
            } else {
                output::line(&preview.text())?;
                output::line("dry run: nothing was sent")?;
            }
            return Ok(false);
        }
        if !global.quiet || !self.yes {
            let _ = writeln!(std::io::stderr(), "{}", preview.text());
        }
        if self.yes {
            return Ok(true);
        }
        if !std::io::stdin().is_terminal() {
            return Err(Failure::Usage {
                message: "nobody can be asked here, and `--yes` was not given: nothing was sent"
                    .to_owned(),
                hint: Some("look at it with `--dry-run`, then give `--yes`".to_owned()),
            });
        }
        let _ = write!(std::io::stderr(), "Send it? [y/N] ");
        let mut answer = String::new();
        let _ = std::io::stdin().lock().read_line(&mut answer);
        let is_yes =
            matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "s" | "si" | "sì");
        if !is_yes {
            output::line("nothing was sent")?;
        }
        Ok(is_yes)
    }
}

/// Returns the error of a document that must not be sent, naming every field at fault.
pub(super) fn complained(file: &str, complaints: &[Complaint]) -> Failure {
    let lines: Vec<String> = complaints.iter().map(|one| format!("  {one}")).collect();
    Failure::Usage {
        message: format!("`{file}` cannot be sent:\n{}", lines.join("\n")),
        hint: Some("correct what is named and try again: nothing was sent".to_owned()),
    }
}

/// Prints what became of intents, and returns the exit code.
///
/// 0 all done · 2 refused, nothing changed · 3 something is open, or only part was done.
pub(super) fn tell(
    global: &Global,
    preview: &Preview,
    all: &[Submitted],
) -> Result<ExitCode, Failure> {
    if global.json {
        let intents: Vec<Value> = all.iter().map(submitted_json).collect();
        output::json(&json!({ "preview": preview.as_json(), "intents": intents }))?;
    } else {
        for one in all {
            output::line(&told(one))?;
        }
    }
    let code = exit_code(all);
    for hint in all.iter().filter(|_| code != 0).filter_map(|one| one.hint.as_deref()) {
        let _ = writeln!(std::io::stderr(), "hint: {hint}");
    }
    Ok(ExitCode::from(code))
}

/// Returns the exit code that these ends amount to.
pub(super) fn exit_code(all: &[Submitted]) -> u8 {
    let is = |state| all.iter().filter(|one| one.intent.state == state).count();
    let done = is(IntentState::Done);
    if done == all.len() {
        0
    } else if done == 0 && is(IntentState::Refused) + is(IntentState::Dropped) == all.len() {
        WRONG_USE
    } else {
        PARTLY_DONE
    }
}

/// Returns what became of one intent, for people.
pub(super) fn told(submitted: &Submitted) -> String {
    let intent = &submitted.intent;
    let (id, subject) = (intent.id, &intent.subject);
    let reply = intent.last_reply.as_deref().unwrap_or("no reason was given");
    let provider_id = intent.provider_id.as_deref();
    let as_id = provider_id.map(|id| format!(", provider id {id}")).unwrap_or_default();
    let next = "`quadra submit` or the next `quadra run` goes on";
    match intent.state {
        IntentState::Done if submitted.is_new || submitted.answer.is_some() => {
            format!("done: {subject}{as_id} (intent {id})")
        }
        IntentState::Done => {
            let again = if matches!(intent.kind, Kind::ReceiptSend | Kind::ReceiptReturn) {
                "; `--again` does it once more"
            } else {
                ""
            };
            let at = intent.updated_at.format("%Y-%m-%d %H:%M UTC");
            format!("done before, on {at}: {subject}{as_id} (intent {id}){again}")
        }
        IntentState::Refused => format!("refused: {subject}{as_id} (intent {id}): {reply}"),
        IntentState::Dropped => format!("closed: {subject} (intent {id}): {reply}"),
        IntentState::Waiting => {
            let until = intent.not_before.map(|at| at.format("%Y-%m-%d %H:%M UTC").to_string());
            let until = until.unwrap_or_default();
            format!("waiting until {until}: {subject} (intent {id}): {reply}; {next}")
        }
        IntentState::Prepared => {
            format!("kept, not sent: {subject} (intent {id}): {reply}; {next}")
        }
        IntentState::Unknown | IntentState::Sending if intent.needs_secret => format!(
            "unknown: {subject} (intent {id}) may have taken effect: {reply}; its secret is not \
             kept, so enter it again"
        ),
        IntentState::Unknown | IntentState::Sending => format!(
            "unknown: {subject} (intent {id}) may have taken effect: {reply}; {next}, and sends \
             it again only if it had none"
        ),
    }
}

/// Returns the documented object of an intent.
pub(super) fn intent_json(intent: &Intent) -> Value {
    json!({
        "intent": intent.id, "kind": intent.kind, "company": intent.company,
        "subject": intent.subject, "state": intent.state, "attempts": intent.attempts,
        "provider_id": intent.provider_id, "vendor_error": intent.vendor_error,
        "reply": intent.last_reply, "not_before": intent.not_before,
        "created_at": intent.created_at, "updated_at": intent.updated_at,
    })
}

fn submitted_json(submitted: &Submitted) -> Value {
    let mut object = intent_json(&submitted.intent);
    object["is_new"] = submitted.is_new.into();
    object["hint"] = submitted.hint.clone().into();
    object
}

/// Returns a table with these headings, as all lists have it.
pub(super) fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY).set_header(headings.to_vec());
    table
}

/// Returns a document as the provider wrote it, for machines.
pub(super) fn body_json(item: &RawItem) -> Value {
    serde_json::from_str(&item.body).unwrap_or_else(|_| Value::String(item.body.clone()))
}
