//! `quadra findings suggest`: rules that what is left over and what is confirmed speak for.

use clap::ValueEnum;
use serde_json::json;

use crate::cli::failure::Failure;
use crate::cli::{Global, output};
use crate::findings::{Affix, FindingState, Suggestion, suggestions};
use crate::fiscal::cents_to_decimal;
use crate::worker::{Context, PassSuggestion, suggested_passes};

/// Names a file of rules that suggestions are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum RulesOf {
    Numbers,
    Receipts,
}

/// Shows the suggestions of open findings, or writes them as rules to switch on.
pub(super) async fn suggest(
    global: &Global,
    ctx: &Context,
    toml: Option<RulesOf>,
    company: Option<&str>,
) -> Result<(), Failure> {
    let mut open = ctx.store.findings("").await?;
    open.retain(|one| {
        one.state == FindingState::Open
            && company.is_none_or(|id| one.finding.company.as_str() == id)
    });
    let numbers = suggestions(open.iter().map(|one| &one.finding));
    if toml == Some(RulesOf::Numbers) && !global.json {
        return numbers.iter().try_for_each(|one| output::line(&as_toml(one)));
    }
    let passes = suggested_passes(ctx, open.iter().map(|one| &one.finding)).await?;
    if global.json {
        return output::json(&json!({ "suggestions": numbers, "passes": passes }));
    }
    if toml.is_some() {
        return passes.iter().try_for_each(|one| output::line(&pass_as_toml(one)));
    }
    if numbers.is_empty() && passes.is_empty() {
        return output::line("Nothing that is left over suggests a rule.");
    }
    numbers.iter().try_for_each(|one| output::line(&of_numbers(one)))?;
    passes.iter().try_for_each(|one| output::line(&of_pass(one)))
}

fn of_numbers(one: &Suggestion) -> String {
    let rule = match &one.affix {
        Affix::BooksPrefix(text) => format!("the books put `{text}` before the number"),
        Affix::BooksSuffix(text) => format!("the books put `{text}` after the number"),
        Affix::DocumentsPrefix(text) => format!("the books leave `{text}` before the number out"),
        Affix::DocumentsSuffix(text) => format!("the books leave `{text}` after the number out"),
    };
    format!(
        "{} {} {}: {rule} ({} and {}): {} pairs, {}; {} confirmed pairs differ just so; {} rows would be ambiguous",
        one.company,
        one.direction,
        one.counterparty,
        one.example.0,
        one.example.1,
        one.pairs,
        cents_to_decimal(one.cents),
        one.confirmed,
        one.ambiguous,
    )
}

fn of_pass(one: &PassSuggestion) -> String {
    let (receipt, order) = one.gain.example.clone().unwrap_or_default();
    format!("{} receipts: pass `{}` ({receipt} and {order}): {}", one.company, one.pass, gain(one))
}

/// Says what a pass would change.
fn gain(one: &PassSuggestion) -> String {
    let (gain, cents) = (&one.gain, cents_to_decimal(one.gain.cents));
    if gain.pairs == 0 {
        let named = gain.named;
        return format!(
            "names a likely receipt of {named} orders, {cents}; an amount and a day prove nothing, so it pairs none"
        );
    }
    let changed = match gain.changed {
        0 => String::new(),
        rows => format!("; {rows} rows would have another partner than now"),
    };
    format!("{} pairs, {cents}; {} rows would be ambiguous{changed}", gain.pairs, gain.ambiguous)
}

/// Writes a pass with where it belongs: after the rules in force, which a file replaces.
fn pass_as_toml(one: &PassSuggestion) -> String {
    format!(
        "# at the end of rules/{0}/receipts.toml (of which `quadra rules show receipts --company {0}` is the beginning): {1}\n{2}",
        one.company,
        gain(one),
        one.toml
    )
}

/// Writes a suggestion as a rule for `numbers.toml`, of its company's folder.
fn as_toml(one: &Suggestion) -> String {
    let text = |text: &str| toml::Value::String(text.to_owned()).to_string();
    format!(
        "# rules/{}/numbers.toml: {} pairs, {}; {} confirmed; {} rows would be ambiguous\n\
         [[number]]\nparty = {}\ndirection = {}\n{} = {}\n",
        one.company,
        one.pairs,
        cents_to_decimal(one.cents),
        one.confirmed,
        one.ambiguous,
        text(&one.counterparty),
        text(one.direction.as_str()),
        one.affix.key(),
        text(one.affix.text()),
    )
}
