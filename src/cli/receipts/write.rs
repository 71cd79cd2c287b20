//! Receipts that are issued, returned and voided: checked, shown, agreed to, sent once.

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::read::described;
use crate::api::wire::{DecimalText, NewReceipt, Receipt, ReturnedItem, unknown_fields};
use crate::api::{Confidential, Resource};
use crate::cli::Global;
use crate::cli::failure::Failure;
use crate::cli::hand::{Consent, Preview, complained, tell, unreadable};
use crate::fiscal::{TaxId, cents_to_decimal};
use crate::submit::{
    Complaint, NewIntent, check_receipt, check_returned, propose, quiet_minutes_end, void_is_late,
};
use crate::worker::{self, Context};

pub(super) async fn send(
    global: &Global,
    file: &Path,
    again: bool,
    consent: Consent,
) -> Result<ExitCode, Failure> {
    let shown = file.display().to_string();
    let written = read_text(file)?;
    let receipt = NewReceipt::parse(&written).map_err(|error| Failure::Usage {
        message: format!("`{shown}`: {}", worker::causes(&error)),
        hint: Some("the file is one JSON object as the provider documents it".to_owned()),
    })?;
    let (sum, mut complaints) = check_receipt(&receipt);
    let company = receipt.fiscal_id.as_deref().and_then(TaxId::parse);
    let Some(company) = company.filter(|_| complaints.is_empty()) else {
        if complaints.is_empty() {
            complaints.push(Complaint {
                field: "fiscal_id".to_owned(),
                value: receipt.fiscal_id.unwrap_or_default(),
                reason: "is no tax id".to_owned(),
            });
        }
        return Err(complained(&shown, &complaints));
    };
    let ctx = global.open().await?;
    let gross = sum.gross_cents;
    let new =
        worker::propose_receipt(&ctx, &receipt, &company, written.as_bytes(), gross, again).await?;
    let mut preview = Preview {
        lines: preview_lines(&receipt, &company, gross),
        price: Some(ctx.config.prices.receipt),
        data: serde_json::from_slice(new.request.body()).unwrap_or_default(),
        ..Preview::default()
    };
    for name in unknown_fields::<NewReceipt>(&written).keys() {
        preview
            .warnings
            .push(format!("`{name}` is a field that Quadra does not know: sent as it is"));
    }
    warn_of_the_hour(&ctx, &mut preview);
    carry_out(ctx, global, consent, &preview, &new).await
}

pub(super) async fn give_back(
    global: &Global,
    id: &str,
    items: &[String],
    again: bool,
    consent: Consent,
) -> Result<ExitCode, Failure> {
    let mut wanted = items.iter().map(|text| item(text)).collect::<Result<Vec<_>, _>>()?;
    let ctx = global.open().await?;
    let parent = parent(&ctx, id).await?;
    if wanted.is_empty() {
        wanted = everything_left(&parent);
    }
    let complaints = check_returned(&parent, &wanted);
    if !complaints.is_empty() {
        return Err(complained(&format!("a return of receipt {id}"), &complaints));
    }
    let items: Vec<ReturnedItem> =
        wanted.into_iter().map(|(id, quantity)| ReturnedItem { id, quantity }).collect();
    if propose::returned(&parent, &items, 1).is_none() {
        return Err(no_company(&parent));
    }
    let of = |number| propose::returned(&parent, &items, number).expect("it was proposed before");
    let new = worker::occurrence(&ctx, of, again).await?;
    let mut lines = vec![new.subject.clone()];
    for item in &items {
        let sold = parent.items.iter().find(|sold| sold.id.as_deref() == Some(&item.id));
        let name = sold.and_then(|sold| sold.description.as_deref()).unwrap_or_default();
        lines.push(format!("  item {}: {} × {name}", item.id, item.quantity));
    }
    let mut preview = preview_of(&ctx, &parent, &new, lines);
    warn_of_the_hour(&ctx, &mut preview);
    carry_out(ctx, global, consent, &preview, &new).await
}

pub(super) async fn void(global: &Global, id: &str, consent: Consent) -> Result<ExitCode, Failure> {
    let ctx = global.open().await?;
    let parent = parent(&ctx, id).await?;
    let Some(new) = propose::voided(&parent) else {
        return Err(no_company(&parent));
    };
    let lines = vec![new.subject.clone(), described(&parent)];
    let mut preview = preview_of(&ctx, &parent, &new, lines);
    if parent.created_at().is_some_and(|at| void_is_late(at, ctx.clock.now())) {
        let late = "it was created more than 24 hours ago: the provider will probably refuse";
        preview.warnings.push(late.to_owned());
    }
    warn_of_the_hour(&ctx, &mut preview);
    carry_out(ctx, global, consent, &preview, &new).await
}

async fn carry_out(
    ctx: Context,
    global: &Global,
    consent: Consent,
    preview: &Preview,
    new: &NewIntent,
) -> Result<ExitCode, Failure> {
    if !consent.ask(global, preview)? {
        return Ok(ExitCode::SUCCESS);
    }
    let submitted = worker::carry_out(&ctx, new, &Confidential::default()).await;
    ctx.store.close().await;
    tell(global, preview, &[submitted?])
}

fn preview_lines(receipt: &NewReceipt, company: &TaxId, gross_cents: i64) -> Vec<String> {
    let mut lines =
        vec![format!("receipt of {company}, total {} EUR", cents_to_decimal(gross_cents))];
    let plain = |text: Option<&DecimalText>| text.map(|text| text.plain().into_owned());
    for item in &receipt.items {
        let gift = if item.is_gift.unwrap_or(false) { ", a gift" } else { "" };
        let discount = plain(item.discount.as_ref())
            .map(|discount| format!(", discount {discount}"))
            .unwrap_or_default();
        lines.push(format!(
            "  {} × {} at {}, VAT {}{discount}{gift}",
            plain(item.quantity.as_ref()).unwrap_or_default(),
            item.description.as_deref().unwrap_or_default(),
            plain(item.gross_unit_price.as_ref()).unwrap_or_default(),
            item.vat_rate.as_deref().unwrap_or_default(),
        ));
    }
    let payments = [
        ("cash", &receipt.cash_amount),
        ("electronic", &receipt.electronic_amount),
        ("meal vouchers", &receipt.voucher_amount),
        ("goods not collected", &receipt.uncollected_goods_amount),
        ("services not collected", &receipt.uncollected_services_amount),
    ];
    let payments: Vec<String> = payments
        .into_iter()
        .filter_map(|(name, amount)| Some(format!("{name} {}", plain(amount.as_ref())?)))
        .collect();
    lines.push(format!("  paid: {}", payments.join(", ")));
    lines
}

fn preview_of(ctx: &Context, parent: &Receipt, new: &NewIntent, lines: Vec<String>) -> Preview {
    let mut preview = Preview {
        lines,
        price: Some(ctx.config.prices.receipt),
        data: json!({
            "receipt": parent.id,
            "body": serde_json::from_slice::<Value>(new.request.body()).unwrap_or_default(),
        }),
        ..Preview::default()
    };
    let status = parent.status.as_deref().unwrap_or("unknown");
    if status != "ready" {
        preview.warnings.push(format!("the receipt is `{status}`, not `ready`"));
    }
    if let Some(kind) = parent.receipt_type.as_deref().filter(|kind| *kind != "sale") {
        preview.warnings.push(format!("the receipt is a `{kind}`, not a `sale`"));
    }
    preview
}

fn warn_of_the_hour(ctx: &Context, preview: &mut Preview) {
    if let Some(until) = quiet_minutes_end(ctx.clock.now()) {
        let until = until.format("%H:%M UTC");
        preview.warnings.push(format!(
            "the tax agency takes no receipts from 23:55 to midnight in Rome: it waits until {until}"
        ));
    }
}

async fn parent(ctx: &Context, id: &str) -> Result<Receipt, Failure> {
    let item = worker::document(ctx, Resource::Receipts, id).await?;
    Receipt::parse(&item.body).map_err(|error| unreadable(&error))
}

fn no_company(parent: &Receipt) -> Failure {
    Failure::Usage { message: format!("receipt `{}` names no company", parent.id), hint: None }
}

fn item(text: &str) -> Result<(String, DecimalText), Failure> {
    let read = text
        .split_once('=')
        .and_then(|(id, quantity)| Some((id.trim().to_owned(), DecimalText::parse(quantity)?)));
    read.ok_or_else(|| Failure::Usage {
        message: format!("`--item {text}` does not read"),
        hint: Some(
            "write an item's id and how many come back, such as `--item 200170=2`".to_owned(),
        ),
    })
}

/// Returns every item with what was not returned yet.
fn everything_left(parent: &Receipt) -> Vec<(String, DecimalText)> {
    let exact = |text: Option<&DecimalText>| {
        text.and_then(|text| text.plain().parse::<rust_decimal::Decimal>().ok()).unwrap_or_default()
    };
    let left = |item: &crate::api::wire::ReceiptItem| {
        let left = exact(item.quantity.as_ref()) - exact(item.returned_quantity.as_ref());
        let text = DecimalText::parse(&left.normalize().to_string())?;
        (left > rust_decimal::Decimal::ZERO).then(|| Some((item.id.clone()?, text)))?
    };
    parent.items.iter().filter_map(left).collect()
}

/// Reads a file that must be text.
fn read_text(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|source| {
        let path = file.to_owned();
        worker::Error::File { operation: "read", path, source }.into()
    })
}
