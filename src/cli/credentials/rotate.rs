//! `quadra credentials rotate`: a changed password and PIN, for every company that uses them.

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::Args;
use serde_json::json;

use crate::api::Confidential;
use crate::api::wire::Configuration;
use crate::cli::Global;
use crate::cli::companies::{portal_secrets, tax_id};
use crate::cli::credentials::past;
use crate::cli::failure::Failure;
use crate::cli::hand::{Consent, Preview, tell};
use crate::fiscal::TaxId;
use crate::worker::{self, Context};

#[derive(Debug, Args)]
pub(super) struct Rotate {
    /// The CodiceFiscale with which the tax portal knows the person
    tax_code: String,
    /// Only this company, or one that had no credentials yet; repeatable
    #[arg(long, value_name = "ID")]
    company: Vec<String>,
    /// Password and PIN from a file of mode 0600, a line each, instead of the terminal
    #[arg(long, value_name = "FILE")]
    credentials: Option<PathBuf>,
    /// The day on which they were changed at the tax portal [default: today]
    #[arg(long, value_name = "D", value_parser = crate::cli::select::day)]
    changed_on: Option<NaiveDate>,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn rotate(global: &Global, rotate: Rotate) -> Result<ExitCode, Failure> {
    let tax_code = rotate.tax_code.trim().to_uppercase();
    let ctx = global.open().await?;
    let changed_on = past(&ctx, rotate.changed_on.unwrap_or_else(|| ctx.today()))?;
    let companies = companies(&ctx, &tax_code, &rotate.company).await?;
    let mut lines = vec![format!("store credentials of {tax_code}, changed on {changed_on}, for")];
    lines.extend(companies.iter().map(|(company, name)| format!("  {company} {name}")));
    let ids: Vec<TaxId> = companies.into_iter().map(|(company, _)| company).collect();
    let preview = Preview {
        lines,
        data: json!({ "tax_code": tax_code, "companies": ids, "changed_on": changed_on }),
        ..Preview::default()
    };
    if !rotate.consent.ask(global, &preview)? {
        return Ok(ExitCode::SUCCESS);
    }
    let portal = Some(portal_secrets(rotate.credentials.as_deref())?);
    let confidential = Confidential { portal, ..Confidential::default() };
    let all = worker::rotate_credentials(&ctx, &ids, &tax_code, changed_on, &confidential).await;
    ctx.store.close().await;
    tell(global, &preview, &all?)
}

/// Returns the companies that use a person's credentials, or those that were named.
async fn companies(
    ctx: &Context,
    tax_code: &str,
    wanted: &[String],
) -> Result<Vec<(TaxId, String)>, Failure> {
    let wanted = wanted.iter().map(|id| tax_id(id)).collect::<Result<Vec<_>, _>>()?;
    let items = worker::registered(ctx).await?;
    let known: Vec<Configuration> =
        items.iter().filter_map(|item| Configuration::parse(&item.body).ok()).collect();
    let mut chosen = Vec::new();
    for company in &known {
        let Some(id) = TaxId::parse(&company.fiscal_id) else { continue };
        let uses = company
            .credentials_tax_code()
            .is_some_and(|known| known.eq_ignore_ascii_case(tax_code));
        if if wanted.is_empty() { uses } else { wanted.contains(&id) } {
            chosen.push((id, company.name.clone().unwrap_or_default()));
        }
    }
    if let Some(missing) = wanted.iter().find(|id| !chosen.iter().any(|(known, _)| known == *id)) {
        let ids: Vec<&str> = known.iter().map(|one| one.fiscal_id.as_str()).collect();
        return Err(worker::Error::UnknownCompany {
            company: missing.to_string(),
            known: ids.into_iter().map(str::to_owned).collect(),
        }
        .into());
    }
    if chosen.is_empty() {
        let codes: std::collections::BTreeSet<&str> =
            known.iter().filter_map(Configuration::credentials_tax_code).collect();
        let codes: Vec<&str> = codes.into_iter().collect();
        return Err(Failure::Usage {
            message: format!("no company uses the credentials of `{tax_code}`"),
            hint: Some(if codes.is_empty() {
                "name the companies with `--company ID`".to_owned()
            } else {
                format!(
                    "known are {}; name a company without credentials with `--company ID`",
                    codes.join(", ")
                )
            }),
        });
    }
    Ok(chosen)
}
