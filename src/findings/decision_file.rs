//! Decisions as a TOML file that people keep under version control.
//!
//! Written in a stable order, so that a difference of two versions shows what was decided;
//! read strictly: an unknown key or a wrong value names its line, and nothing is applied.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::findings::{Decision, Fingerprint, Kind};
use crate::fiscal::{Amount, Currency, DocumentKind, Period, TaxId, cents_to_decimal};

const HEAD: &str = "\
# Decisions on findings, as `quadra findings export-decisions` writes them.
# `quadra findings apply-decisions FILE` reads them back; every run applies them again.
";

/// Says why a file of decisions cannot be read.
#[derive(Debug, Error)]
pub enum DecisionFileError {
    /// The text has another form.
    #[error("it is no file of decisions")]
    Form(#[source] Box<toml::de::Error>),
    /// A value says nothing.
    #[error("decision {place}: `{key}` is `{value}`: {allowed}")]
    Value {
        /// Which decision of the file, from 1.
        place: usize,
        /// The key.
        key: &'static str,
        /// The value as written.
        value: String,
        /// What is allowed.
        allowed: &'static str,
    },
    /// Two decisions speak of one finding.
    #[error("decision {place} speaks of the finding `{fingerprint}` that decision {before} has")]
    Twice {
        /// Which decision of the file, from 1.
        place: usize,
        /// The one before it.
        before: usize,
        /// The finding.
        fingerprint: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    decision: Vec<Written>,
}

/// Holds one decision as the file writes it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    fingerprint: String,
    period: String,
    company: String,
    document_kind: String,
    kind: String,
    #[serde(default)]
    subject: String,
    at_risk: String,
    currency: String,
    owner: String,
    reason: String,
    decided_on: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

/// Writes decisions as TOML, in the order of period, company and fingerprint.
///
/// # Panics
/// Never: the file's types are tables of text.
#[must_use]
pub fn decisions_to_toml(decisions: &[Decision]) -> String {
    let mut sorted: Vec<&Decision> = decisions.iter().collect();
    sorted.sort_by(|a, b| {
        (a.period, &a.company, &a.fingerprint).cmp(&(b.period, &b.company, &b.fingerprint))
    });
    let written = |one: &&Decision| Written {
        fingerprint: one.fingerprint.as_str().to_owned(),
        period: one.period.to_string(),
        company: one.company.to_string(),
        document_kind: one.document_kind.to_string(),
        kind: one.kind.to_string(),
        subject: one.subject.clone(),
        at_risk: cents_to_decimal(one.at_risk_cents),
        currency: one.currency.to_string(),
        owner: one.owner.clone(),
        reason: one.reason.clone(),
        decided_on: one.decided_on.to_string(),
        until: one.until.map(|day| day.to_string()),
    };
    let file = File { decision: sorted.iter().map(written).collect() };
    let body = toml::to_string(&file).expect("tables of text are TOML");
    format!("{HEAD}\n{body}")
}

/// Reads decisions from TOML, all of them or none.
///
/// # Errors
/// Another form, a wrong value, two decisions on one finding.
pub fn decisions_from_toml(text: &str) -> Result<Vec<Decision>, DecisionFileError> {
    let file: File =
        toml::from_str(text).map_err(|error| DecisionFileError::Form(Box::new(error)))?;
    let mut decisions: Vec<Decision> = Vec::with_capacity(file.decision.len());
    for (index, written) in file.decision.into_iter().enumerate() {
        let place = index + 1;
        let decision = read(place, written)?;
        let is_same = |one: &Decision| {
            one.fingerprint == decision.fingerprint && one.period == decision.period
        };
        if let Some(before) = decisions.iter().position(is_same) {
            let fingerprint = decision.fingerprint.as_str().to_owned();
            return Err(DecisionFileError::Twice { place, before: before + 1, fingerprint });
        }
        decisions.push(decision);
    }
    Ok(decisions)
}

fn read(place: usize, written: Written) -> Result<Decision, DecisionFileError> {
    let refuse = |key: &'static str, value: &str, allowed: &'static str| {
        let value = value.to_owned();
        DecisionFileError::Value { place, key, value, allowed }
    };
    let day = |key: &'static str, text: &str| -> Result<NaiveDate, DecisionFileError> {
        text.parse().map_err(|_| refuse(key, text, "a day such as 2026-02-28"))
    };
    let filled = |key: &'static str, text: String| match text.trim() {
        "" => Err(refuse(key, &text, "somebody has to answer for it, and say why")),
        _ => Ok(text),
    };
    let is_hexadecimal = |text: &str| text.len() == 32 && hex::decode(text).is_ok();
    if !is_hexadecimal(&written.fingerprint) {
        return Err(refuse(
            "fingerprint",
            &written.fingerprint,
            "32 hexadecimal digits, as `quadra findings list` shows them",
        ));
    }
    let at_risk_cents = Amount::cents_from_decimal(&written.at_risk)
        .map_err(|_| refuse("at_risk", &written.at_risk, "an amount such as 12.50"))?;
    Ok(Decision {
        fingerprint: Fingerprint::from_stored(written.fingerprint.to_ascii_lowercase()),
        period: written
            .period
            .parse::<Period>()
            .map_err(|_| refuse("period", &written.period, "a month such as 2026-02"))?,
        company: TaxId::parse(&written.company)
            .ok_or_else(|| refuse("company", &written.company, "a tax id"))?,
        document_kind: written
            .document_kind
            .parse::<DocumentKind>()
            .map_err(|_| refuse("document_kind", &written.document_kind, "receipt or invoice"))?,
        kind: written
            .kind
            .parse::<Kind>()
            .map_err(|_| refuse("kind", &written.kind, "a kind of finding"))?,
        subject: written.subject,
        at_risk_cents,
        currency: written
            .currency
            .parse::<Currency>()
            .map_err(|_| refuse("currency", &written.currency, "a currency such as EUR"))?,
        owner: filled("owner", written.owner)?,
        reason: filled("reason", written.reason)?,
        decided_on: day("decided_on", &written.decided_on)?,
        until: written.until.as_deref().map(|text| day("until", text)).transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::decision::tests::decision;

    #[test]
    fn written_decisions_read_back() {
        let other = Decision { until: None, period: "2026-01".parse().unwrap(), ..decision() };
        let text = decisions_to_toml(&[decision(), other.clone()]);
        assert_eq!(decisions_from_toml(&text).unwrap(), [other, decision()]);
        assert_eq!(decisions_from_toml(&decisions_to_toml(&[])).unwrap(), []);
    }

    #[test]
    fn what_is_wrong_in_the_file_is_named() {
        let text = decisions_to_toml(&[decision()]);
        let refusal = |text: &str| {
            let error = decisions_from_toml(text).unwrap_err();
            let cause =
                std::error::Error::source(&error).map_or_else(String::new, ToString::to_string);
            format!("{error}{cause}")
        };
        for (from, to, said) in [
            ("\"12.00\"", "\"12,0x\"", "decision 1: `at_risk` is `12,0x`"),
            ("owner = \"Anna\"", "owner = \" \"", "`owner` is ` `"),
            ("missing_in_ledger", "missing_in_leger", "`kind` is `missing_in_leger`"),
            ("reason = ", "reasson = ", "unknown field `reasson`"),
            ("2026-04-30", "2026-04-31", "`until` is `2026-04-31`"),
        ] {
            assert!(text.contains(from), "{from}");
            let error = refusal(&text.replace(from, to));
            assert!(error.contains(said), "{said}: {error}");
        }
        let twice = format!("{text}{}", text.trim_start_matches(HEAD));
        assert!(refusal(&twice).contains("decision 2 speaks of the finding"));
    }
}
