//! An invoice that is sent: read as the SdI would, shown, agreed to, sent once.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::Send;
use crate::api::{Confidential, Signature};
use crate::cli::Global;
use crate::cli::failure::Failure;
use crate::cli::hand::{Preview, Source, ask_pair, tell};
use crate::einvoice::{self, Content, Invoice};
use crate::fiscal::{TaxId, cents_to_decimal};
use crate::submit::propose::{self, InvoiceFacts};
use crate::worker;

pub(super) async fn send(global: &Global, send: Send) -> Result<ExitCode, Failure> {
    let shown = send.file.display().to_string();
    let xml = std::fs::read(&send.file).map_err(|source| worker::Error::File {
        operation: "read",
        path: send.file.clone(),
        source,
    })?;
    let invoice = only_invoice(&shown, &xml)?;
    let facts = facts(&shown, &invoice, send.company.as_deref())?;
    let is_signed = send.sign || send.signature.is_some();
    let ctx = global.open().await?;
    let new = propose::invoice(&facts, xml, is_signed);
    let preview = preview(&facts, &invoice, is_signed, ctx.config.prices.invoice);
    if !send.consent.ask(global, &preview)? {
        return Ok(ExitCode::SUCCESS);
    }
    let signature = is_signed.then(|| login(send.signature.as_deref())).transpose()?;
    let confidential = Confidential { signature, ..Confidential::default() };
    let submitted = worker::carry_out(&ctx, &new, &confidential).await;
    ctx.store.close().await;
    tell(global, &preview, &[submitted?])
}

fn login(file: Option<&Path>) -> Result<Signature, Failure> {
    let names = ["user of the signature service", "password of the signature service"];
    let [user, password] = ask_pair(&Source { names, file, option: "--signature" })?;
    Ok(Signature { user, password })
}

/// Returns the one invoice of a plain XML file, or says why the file cannot be sent.
fn only_invoice(file: &str, bytes: &[u8]) -> Result<Invoice, Failure> {
    let wrong = |message: String, hint: &str| Failure::Usage {
        message: format!("`{file}` cannot be sent: {message}"),
        hint: Some(hint.to_owned()),
    };
    let inspect = "`quadra inspect` shows what is in a file";
    let mut readings = Vec::new();
    einvoice::read(bytes, &mut |reading| readings.push(reading));
    let count = readings.len();
    let reading = match readings.pop() {
        Some(reading) if count == 1 && reading.member.is_none() => reading,
        _ => return Err(wrong(format!("it is an archive of {count} files"), inspect)),
    };
    if !reading.wrappers.is_empty() {
        let hint = "send the plain XML: the provider signs it, or `--sign` uses our own service";
        return Err(wrong("it is signed or encoded already".to_owned(), hint));
    }
    match reading.content {
        Err(error) => Err(wrong(worker::causes(&error), inspect)),
        Ok(Content::Invoices(mut invoices)) => {
            let count = invoices.len();
            match invoices.pop() {
                Some((invoice, _)) if count == 1 => Ok(invoice),
                _ => Err(wrong(
                    format!("it holds {count} documents, one is sent at a time"),
                    inspect,
                )),
            }
        }
        Ok(Content::Notification(_) | Content::Litter) => {
            Err(wrong("it is no invoice".to_owned(), inspect))
        }
    }
}

/// Returns whose invoice it is, and by what it is recognised.
///
/// A self-invoice is sent by its buyer.
fn facts(file: &str, invoice: &Invoice, company: Option<&str>) -> Result<InvoiceFacts, Failure> {
    let missing = |what: &str| Failure::Usage {
        message: format!("`{file}` cannot be sent: it has no {what}"),
        hint: None,
    };
    let is_self_invoice = invoice.type_or_unknown().is_self_invoice();
    let sender = if is_self_invoice { &invoice.buyer } else { &invoice.seller };
    let parties =
        [sender.vat_number.as_ref().and_then(einvoice::VatNumber::tax_id), sender.tax_code.clone()];
    let company = match company {
        Some(text) => {
            let wanted = TaxId::parse(text).ok_or_else(|| missing("such company"))?;
            if !parties.iter().flatten().any(|known| *known == wanted) {
                let known: Vec<String> =
                    parties.iter().flatten().map(ToString::to_string).collect();
                return Err(Failure::Usage {
                    message: format!(
                        "`{file}` is an invoice of {}, not of {wanted}",
                        known.join(", ")
                    ),
                    hint: Some("leave `--company` out".to_owned()),
                });
            }
            wanted
        }
        None => sender.tax_id().ok_or_else(|| missing("tax id of its sender"))?,
    };
    Ok(InvoiceFacts {
        company,
        number: invoice.number.clone().ok_or_else(|| missing("number"))?,
        issue_date: invoice.issue_date.ok_or_else(|| missing("date"))?,
        document_type: invoice.document_type.as_ref().map(|kind| kind.as_str().to_owned()),
    })
}

fn preview(
    facts: &InvoiceFacts,
    invoice: &Invoice,
    is_signed: bool,
    price: crate::fiscal::Price,
) -> Preview {
    let total = invoice.declared_total_cents.map(cents_to_decimal);
    let kind = facts.document_type.as_deref().unwrap_or("without type");
    let buyer = invoice.buyer.name.as_deref().unwrap_or("–");
    let code = invoice.transmission.recipient_code.as_deref().unwrap_or("–");
    let mut lines = vec![
        format!("{kind} {} of {}, from {}", facts.number, facts.issue_date, facts.company),
        format!("  to {buyer}, recipient code {code}"),
        format!(
            "  total {} {}",
            total.as_deref().unwrap_or("not stated"),
            invoice.currency.as_str()
        ),
    ];
    if is_signed {
        lines.push("  signed by our own service".to_owned());
    }
    let mut warnings = Vec::new();
    if total.is_none() {
        warnings.push("the file states no total (ImportoTotaleDocumento)".to_owned());
    }
    Preview {
        lines,
        warnings,
        price: Some(price),
        data: json!({
            "company": facts.company, "number": facts.number, "issue_date": facts.issue_date,
            "type": facts.document_type, "total_cents": invoice.declared_total_cents,
            "buyer": invoice.buyer.name,
        }),
    }
}
