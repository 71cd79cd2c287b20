//! `quadra findings suggest`: rules that what is left over and what is confirmed speak for.

use serde_json::json;

use crate::cli::failure::Failure;
use crate::cli::{Global, output};
use crate::findings::{Affix, FindingState, Suggestion, suggestions};
use crate::fiscal::cents_to_decimal;
use crate::worker::Context;

/// Shows the suggestions of open findings, or writes them as rules to switch on.
pub(super) async fn suggest(global: &Global, ctx: &Context, is_toml: bool) -> Result<(), Failure> {
    let mut open = ctx.store.findings("").await?;
    open.retain(|one| one.state == FindingState::Open);
    let found = suggestions(open.iter().map(|one| &one.finding));
    if global.json {
        return output::json(&json!({ "suggestions": found }));
    }
    if is_toml {
        return found.iter().try_for_each(|one| output::line(&as_toml(one)));
    }
    if found.is_empty() {
        return output::line("Nothing that is left over suggests a rule.");
    }
    for one in &found {
        let rule = match &one.affix {
            Affix::BooksPrefix(text) => format!("the books put `{text}` before the number"),
            Affix::BooksSuffix(text) => format!("the books put `{text}` after the number"),
            Affix::DocumentsPrefix(text) => {
                format!("the books leave `{text}` before the number out")
            }
            Affix::DocumentsSuffix(text) => {
                format!("the books leave `{text}` after the number out")
            }
        };
        output::line(&format!(
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
        ))?;
    }
    Ok(())
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
