//! Receipts as the provider has them: a list, one of them, its PDF.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use crate::api::Resource;
use crate::api::wire::{DecimalText, Receipt, ReceiptItem};
use crate::cli::failure::Failure;
use crate::cli::hand::{Shown, text};
use crate::cli::{Global, output};
use crate::fiscal::date_in_rome;
use crate::worker;

/// How receipts are shown.
pub(super) const SHOWN: Shown<Receipt> = Shown {
    resource: Resource::Receipts,
    noun: "receipt",
    headings: &["id", "company", "created", "type", "status", "number", "total"],
    parse: Receipt::parse,
    day: |receipt| receipt.created_at().map(date_in_rome),
    row: |receipt| row(receipt).to_vec(),
    described,
};

pub(super) async fn pdf(
    global: &Global,
    id: &str,
    out: Option<PathBuf>,
) -> Result<ExitCode, Failure> {
    let ctx = global.open().await?;
    let bytes = worker::receipt_pdf(&ctx, id).await;
    ctx.store.close().await;
    let bytes = bytes?;
    let path = out.unwrap_or_else(|| PathBuf::from(format!("receipt-{id}.pdf")));
    std::fs::write(&path, &bytes).map_err(|source| worker::Error::File {
        operation: "write",
        path: path.clone(),
        source,
    })?;
    if global.json {
        output::json(&json!({ "file": path, "bytes": bytes.len() }))?;
    } else {
        output::line(&format!("{} ({} bytes)", path.display(), bytes.len()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn amount(value: Option<&DecimalText>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| value.plain().into_owned())
}

fn row(receipt: &Receipt) -> [String; 7] {
    let created = receipt
        .created_at()
        .map(|at| at.with_timezone(&chrono_tz::Europe::Rome).format("%Y-%m-%d %H:%M").to_string());
    [
        receipt.id.clone(),
        receipt.fiscal_id.clone(),
        text(created.as_deref()),
        text(receipt.receipt_type.as_deref()),
        text(receipt.status.as_deref()),
        text(receipt.document_number.as_deref()),
        amount(receipt.gross_amount.as_ref()),
    ]
}

/// Returns a receipt with its items, for people.
pub(super) fn described(receipt: &Receipt) -> String {
    let [id, company, created, kind, status, number, total] = row(receipt);
    let mut lines = vec![
        format!("receipt {id} of {company}: {kind}, {status}"),
        format!("number {number}, created {created}, total {total}"),
    ];
    let payments = [
        ("cash", &receipt.cash_amount),
        ("electronic", &receipt.electronic_amount),
        ("meal vouchers", &receipt.voucher_amount),
        ("goods not collected", &receipt.goods_uncollected_amount),
        ("services not collected", &receipt.services_uncollected_amount),
    ];
    let payments: Vec<String> = payments
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_ref()?)))
        .filter(|(_, value)| value.plain().bytes().any(|digit| (b'1'..=b'9').contains(&digit)))
        .map(|(name, value)| format!("{name} {}", value.plain()))
        .collect();
    if !payments.is_empty() {
        lines.push(format!("paid: {}", payments.join(", ")));
    }
    lines.extend(receipt.parent_id.as_ref().map(|parent| format!("belongs to receipt {parent}")));
    if receipt.error_code.is_some() || receipt.error_message.is_some() {
        lines.push(format!(
            "error {}: {}",
            text(receipt.error_code.as_deref()),
            text(receipt.error_message.as_deref())
        ));
    }
    lines.extend(receipt.items.iter().map(item_line));
    lines.join("\n")
}

fn item_line(item: &ReceiptItem) -> String {
    let price = item.gross_unit_price.as_ref().or(item.unit_price.as_ref());
    let returned = match item.returned_quantity.as_ref().map(DecimalText::plain) {
        Some(quantity) if quantity.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) => {
            format!(", {quantity} returned")
        }
        _ => String::new(),
    };
    format!(
        "  item {}: {} × {} at {}, VAT {}{returned}",
        text(item.id.as_deref()),
        amount(item.quantity.as_ref()),
        text(item.description.as_deref()),
        amount(price),
        text(item.vat_rate_or_nature()),
    )
}
