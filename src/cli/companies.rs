//! `quadra companies`: the companies registered at the provider.

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use crate::api::wire::{
    Configuration, ConfigurationChange, EVENTS, EventCallback, NewConfiguration, PortalAccount,
    callback_urls, callbacks,
};
use crate::api::{Confidential, PortalSecrets, RawItem};
use crate::cli::credentials::past;
use crate::cli::failure::Failure;
use crate::cli::hand::{Consent, Preview, Source, ask_pair, tell};
use crate::cli::{Global, hand, output};
use crate::config::Webhook;
use crate::fiscal::TaxId;
use crate::submit::{NewIntent, propose};
use crate::worker::{self, Context};

/// List, register, change and remove the companies at the provider
///
/// Where `webhook.public_url` is set, `add` and `update` register our callback addresses for
/// every event, with their secret in a header.
#[derive(Debug, Args)]
pub(super) struct Companies {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the companies of the account
    List,
    /// Register a company; tax id, name and address cannot be changed later
    Add(Add),
    /// Change what a company does, and register our callbacks anew
    Update(Update),
    /// Remove a company; the provider refuses once it sent receipts
    Remove {
        /// The company's tax id
        company: String,
        #[command(flatten)]
        consent: Consent,
    },
}

#[derive(Debug, Args)]
struct Add {
    /// The company's VAT number, without country prefix
    company: String,
    /// The company's name
    #[arg(long)]
    name: String,
    /// Where the provider writes to
    #[arg(long)]
    email: String,
    /// Whose credentials of the tax portal are stored; password and PIN are asked for
    #[arg(long, value_name = "CODICE_FISCALE")]
    tax_code: Option<String>,
    /// Password and PIN from a file of mode 0600, a line each, instead of the terminal
    #[arg(long, value_name = "FILE", requires = "tax_code")]
    credentials: Option<PathBuf>,
    /// The day on which the password was changed at the tax portal: it lives 90 days from then
    #[arg(long, value_name = "D", value_parser = crate::cli::select::day, requires = "tax_code")]
    changed_on: Option<NaiveDate>,
    #[command(flatten)]
    services: Services,
    #[command(flatten)]
    consent: Consent,
}

#[derive(Debug, Args)]
struct Update {
    /// The company's tax id
    company: String,
    #[command(flatten)]
    services: Services,
    #[command(flatten)]
    consent: Consent,
}

/// Says what a company does through the provider.
#[derive(Debug, Args)]
struct Services {
    /// Issue receipts
    #[arg(long, value_enum, value_name = "on|off")]
    receipts: Option<Switch>,
    /// Send invoices
    #[arg(long, value_enum, value_name = "on|off")]
    outgoing: Option<Switch>,
    /// Receive invoices; the company registers the recipient code PIC7CPS at the tax portal
    #[arg(long, value_enum, value_name = "on|off")]
    incoming: Option<Switch>,
    /// Leave our callbacks out
    #[arg(long)]
    no_callbacks: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

impl Companies {
    pub(super) async fn run(self, global: &Global) -> Result<ExitCode, Failure> {
        match self.what {
            What::List => list(global).await,
            What::Add(add) => self::add(global, add).await,
            What::Update(update) => self::update(global, update).await,
            What::Remove { company, consent } => remove(global, &company, consent).await,
        }
    }
}

async fn list(global: &Global) -> Result<ExitCode, Failure> {
    let ctx = global.open().await?;
    let items = worker::registered(&ctx).await;
    ctx.store.close().await;
    let items = items?;
    if global.json {
        let companies: Vec<Value> = items.iter().map(hand::body_json).collect();
        output::json(&json!({ "companies": companies }))?;
        return Ok(ExitCode::SUCCESS);
    }
    if items.is_empty() {
        output::line("no company is registered: `quadra companies add`")?;
        return Ok(ExitCode::SUCCESS);
    }
    let headings =
        ["company", "name", "receipts", "outgoing", "incoming", "credentials of", "callbacks"];
    let mut table = hand::table(&headings);
    for item in &items {
        table.add_row(row(item));
    }
    output::line(&table.to_string())?;
    Ok(ExitCode::SUCCESS)
}

fn row(item: &RawItem) -> Vec<String> {
    let company = match Configuration::parse(&item.body) {
        Ok(company) => company,
        Err(error) => return vec![item.id.clone(), worker::causes(&error)],
    };
    let switch = |value: Option<bool>| match value {
        Some(true) => "on".to_owned(),
        Some(false) => "off".to_owned(),
        None => "–".to_owned(),
    };
    vec![
        company.fiscal_id.clone(),
        company.name.clone().unwrap_or_default(),
        switch(company.issues_receipts),
        switch(company.sends_invoices),
        switch(company.receives_invoices),
        company.credentials_tax_code().unwrap_or("–").to_owned(),
        callback_urls(&item.body).len().to_string(),
    ]
}

async fn add(global: &Global, add: Add) -> Result<ExitCode, Failure> {
    let company = tax_id(&add.company)?;
    let ctx = global.open().await?;
    let changed_on = add.changed_on.map(|day| past(&ctx, day)).transpose()?;
    let tax_code = add.tax_code.map(|code| code.trim().to_uppercase());
    let new = NewConfiguration {
        fiscal_id: company.to_string(),
        name: add.name,
        email: add.email,
        settings: ConfigurationChange {
            portal_account: tax_code.clone().map(|tax_code| PortalAccount { tax_code }),
            ..add.services.change(&ctx.config.webhook)
        },
    };
    let mut lines = vec![format!("register {} as {}, {}", company, new.name, new.email)];
    lines.extend(change_lines(&new.settings));
    lines.extend(changed_on.map(|day| format!("  password changed on {day}")));
    let mut preview = Preview {
        lines,
        data: serde_json::to_value(&new).unwrap_or_default(),
        ..Preview::default()
    };
    preview.warnings.push(format!(
        "ten companies a day are free, each further one costs about {} EUR",
        ctx.config.prices.configuration
    ));
    if let (Some(code), None) = (&tax_code, changed_on) {
        preview.warnings.push(format!(
            "the age of the password stays unknown: give `--changed-on`, or afterwards \
             `quadra credentials declare {code} --changed-on D`"
        ));
    }
    let intent = propose::company_added(&company, &new, ctx.clock.now());
    if !add.consent.ask(global, &preview)? {
        return Ok(ExitCode::SUCCESS);
    }
    let mut confidential = confidential(&ctx);
    if tax_code.is_some() {
        confidential.portal = Some(portal_secrets(add.credentials.as_deref())?);
    }
    let changed = tax_code.as_deref().zip(changed_on);
    let submitted = worker::change_companies(&ctx, &intent, &confidential, changed).await;
    ctx.store.close().await;
    tell(global, &preview, &[submitted?])
}

async fn update(global: &Global, update: Update) -> Result<ExitCode, Failure> {
    let company = tax_id(&update.company)?;
    let ctx = global.open().await?;
    let change = update.services.change(&ctx.config.webhook);
    if change.is_empty() {
        return Err(Failure::Usage {
            message: "nothing is to be changed".to_owned(),
            hint: Some(
                "give `--receipts`, `--outgoing` or `--incoming`, or set `webhook.public_url`; \
                 `quadra credentials rotate` stores new credentials"
                    .to_owned(),
            ),
        });
    }
    let mut lines = vec![format!("change {company}")];
    lines.extend(change_lines(&change));
    let preview = Preview {
        lines,
        data: serde_json::to_value(&change).unwrap_or_default(),
        ..Preview::default()
    };
    let intent = propose::company_changed(&company, &change, ctx.clock.now());
    if !update.consent.ask(global, &preview)? {
        return Ok(ExitCode::SUCCESS);
    }
    let confidential = confidential(&ctx);
    carry_out(ctx, global, &preview, &intent, &confidential).await
}

async fn remove(global: &Global, company: &str, consent: Consent) -> Result<ExitCode, Failure> {
    let company = tax_id(company)?;
    let ctx = global.open().await?;
    let preview = Preview {
        lines: vec![format!("remove {company} and its settings at the provider")],
        data: json!({ "company": company }),
        ..Preview::default()
    };
    if !consent.ask(global, &preview)? {
        return Ok(ExitCode::SUCCESS);
    }
    let intent = propose::company_removed(&company, ctx.clock.now());
    let none = Confidential::default();
    let submitted = worker::change_companies(&ctx, &intent, &none, None).await;
    ctx.store.close().await;
    tell(global, &preview, &[submitted?])
}

async fn carry_out(
    ctx: Context,
    global: &Global,
    preview: &Preview,
    intent: &NewIntent,
    confidential: &Confidential,
) -> Result<ExitCode, Failure> {
    let submitted = worker::carry_out(&ctx, intent, confidential).await;
    ctx.store.close().await;
    tell(global, preview, &[submitted?])
}

impl Services {
    fn change(&self, webhook: &Webhook) -> ConfigurationChange {
        let flag = |switch: Option<Switch>| switch.map(|switch| switch == Switch::On);
        let address = webhook.public_url.as_deref().filter(|_| !self.no_callbacks);
        ConfigurationChange {
            issues_receipts: flag(self.receipts),
            sends_invoices: flag(self.outgoing),
            receives_invoices: flag(self.incoming),
            portal_account: None,
            callbacks: address.map(|address| callbacks(address, &EVENTS)),
        }
    }
}

/// Returns what a change comes to, a line each; callbacks by their address.
fn change_lines(change: &ConfigurationChange) -> Vec<String> {
    let flags = [
        ("receipts", change.issues_receipts),
        ("outgoing invoices", change.sends_invoices),
        ("incoming invoices", change.receives_invoices),
    ];
    let mut lines: Vec<String> = flags
        .into_iter()
        .filter_map(|(name, flag)| Some((name, flag?)))
        .map(|(name, is_on)| format!("  {name}: {}", if is_on { "on" } else { "off" }))
        .collect();
    lines.extend(
        change.portal_account.as_ref().map(|one| format!("  credentials of {}", one.tax_code)),
    );
    let url = |one: &EventCallback| Some(one.callback.as_ref()?.url.clone());
    lines.extend(
        change.callbacks.iter().flatten().filter_map(url).map(|url| format!("  callback: {url}")),
    );
    lines
}

/// Returns the secret of the callbacks, which the settings hold.
fn confidential(ctx: &Context) -> Confidential {
    Confidential { callback_secret: ctx.config.webhook.secret.clone(), ..Confidential::default() }
}

/// Asks for the secret half of the tax portal's credentials.
pub(super) fn portal_secrets(file: Option<&std::path::Path>) -> Result<PortalSecrets, Failure> {
    let names = ["password of the tax portal", "PIN of the tax portal"];
    let [password, pin] = ask_pair(&Source { names, file, option: "--credentials" })?;
    Ok(PortalSecrets { password, pin })
}

/// Returns a tax id as the provider takes it, without country prefix.
pub(super) fn tax_id(text: &str) -> Result<TaxId, Failure> {
    TaxId::parse(text)
        .ok_or_else(|| Failure::Usage { message: format!("`{text}` is no tax id"), hint: None })
}
