//! Invoices as the provider has them: a list, and one of them.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::{List, Way};
use crate::api::wire::{Invoice, Party, unknown_fields};
use crate::api::{Filter, RawItem, Resource};
use crate::cli::failure::Failure;
use crate::cli::{Global, hand, output};
use crate::worker;

pub(super) async fn list(global: &Global, list: List) -> Result<ExitCode, Failure> {
    let ctx = global.open().await?;
    let direction = list.direction.map(|way| match way {
        Way::Outgoing => "outgoing".to_owned(),
        Way::Incoming => "incoming".to_owned(),
    });
    let filter = Filter {
        fiscal_ids: list.company,
        // Whether the bounds are inclusive, nobody says.
        after: list.from.and_then(|day| day.pred_opt()),
        before: list.to.and_then(|day| day.succ_opt()),
        statuses: list.state,
        document_number: list.number,
        direction,
        ..Filter::default()
    };
    let is_wanted = |item: &RawItem| {
        let issued = Invoice::parse(&item.body).ok().and_then(|one| one.issue_date);
        issued.is_none_or(|day| {
            list.from.is_none_or(|from| day >= from) && list.to.is_none_or(|to| day <= to)
        })
    };
    let limit = usize::from(list.limit);
    let items = worker::documents(&ctx, Resource::Invoices, &filter, limit, is_wanted).await;
    ctx.store.close().await;
    let items = items?;
    if global.json {
        let invoices: Vec<Value> = items.iter().map(hand::body_json).collect();
        output::json(&json!({ "invoices": invoices }))?;
        return Ok(ExitCode::SUCCESS);
    }
    if items.is_empty() {
        output::line("no invoice")?;
        return Ok(ExitCode::SUCCESS);
    }
    let headings = [
        "id",
        "company",
        "way",
        "type",
        "number",
        "issued",
        "state",
        "SdI",
        "counterparty",
        "total",
    ];
    let mut table = hand::table(&headings);
    for item in &items {
        match Invoice::parse(&item.body) {
            Ok(invoice) => table.add_row(row(&invoice)),
            Err(error) => table.add_row([item.id.clone(), worker::causes(&error)]),
        };
    }
    output::line(&table.to_string())?;
    if items.len() == limit {
        output::line(&format!("the first {limit}; `--limit N` shows more"))?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn show(global: &Global, id: &str) -> Result<ExitCode, Failure> {
    let ctx = global.open().await?;
    let item = worker::document(&ctx, Resource::Invoices, id).await;
    ctx.store.close().await;
    let item = item?;
    if global.json {
        output::json(&hand::body_json(&item))?;
        return Ok(ExitCode::SUCCESS);
    }
    let invoice = Invoice::parse(&item.body).map_err(|error| Failure::Usage {
        message: worker::causes(&error),
        hint: Some("`--json` shows the body as the provider wrote it".to_owned()),
    })?;
    output::line(&described(&invoice))?;
    for (name, value) in unknown_fields::<Invoice>(&item.body) {
        output::line(&format!("{name}: {value} (a field that Quadra does not know)"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or("–").to_owned()
}

fn name(party: Option<&Party>) -> String {
    let party = party.cloned().unwrap_or_default();
    let id = party.vat_id.or(party.tax_code).unwrap_or_default();
    match party.name {
        Some(name) => format!("{name} {id}").trim().to_owned(),
        None if id.is_empty() => "–".to_owned(),
        None => id,
    }
}

fn row(invoice: &Invoice) -> [String; 10] {
    let is_incoming = invoice.direction.as_deref() == Some("incoming");
    let other = if is_incoming { &invoice.seller } else { &invoice.buyer };
    let status = invoice.sdi.as_ref().and_then(|sdi| sdi.status.as_deref());
    let total = invoice.gross_amount().map(|total| total.plain().into_owned());
    [
        invoice.id.clone(),
        invoice.fiscal_id.clone(),
        text(invoice.direction.as_deref()),
        text(invoice.document_type.as_deref()),
        text(invoice.document_number.as_deref()),
        invoice.issue_date.map_or_else(|| "–".to_owned(), |day| day.to_string()),
        text(invoice.state.as_deref()),
        text(status),
        name(other.as_ref()),
        text(total.as_deref()),
    ]
}

fn described(invoice: &Invoice) -> String {
    let [id, company, way, kind, number, issued, state, status, _, total] = row(invoice);
    let mut lines = vec![
        format!("invoice {id} of {company}: {way}, {state}, SdI {status}"),
        format!("{kind} {number} of {issued}, total {total}"),
        format!("seller: {}", name(invoice.seller.as_ref())),
        format!("buyer: {}", name(invoice.buyer.as_ref())),
    ];
    if let Some(sdi) = &invoice.sdi {
        lines.push(format!(
            "SdI: id {}, file {}, {}",
            text(sdi.id.as_deref()),
            text(sdi.filename.as_deref()),
            text(sdi.message.as_deref())
        ));
    }
    lines.join("\n")
}
