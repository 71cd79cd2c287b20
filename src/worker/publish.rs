//! Renders the report and puts it into the outbox.

use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::fiscal::Language;
use crate::report::model::Model;
use crate::report::{self, Format, Rendered};
use crate::store::{DeliveryPart, NewDelivery, PartRole};
use crate::worker::{Context, Error};

/// Stands between the recipients of one delivery: no address holds a line end, and a
/// quoted name may hold a comma.
pub(super) const BETWEEN_RECIPIENTS: &str = "\n";

/// Says where a report goes and in which forms.
#[derive(Debug, Clone)]
pub struct Publication<'a> {
    /// The forms for the folder.
    pub formats: &'a [Format],
    /// The reader's language.
    pub language: Language,
    /// The folder that gets the files.
    pub folder: &'a Path,
    /// Who gets the mail; empty means none is sent.
    pub recipients: &'a [String],
}

/// Renders the report and queues its deliveries in one transaction.
///
/// A mail that says the same as one queued the same day is not queued again: its key comes
/// from what it says and to whom. A folder gets the files of every run, unless they are the
/// same byte for byte. Returns how many deliveries are new.
pub async fn publish(
    ctx: &Context,
    model: &Model,
    publication: &Publication<'_>,
) -> Result<u64, Error> {
    let mut deliveries = vec![folder_delivery(ctx, model, publication)?];
    if !publication.recipients.is_empty() {
        deliveries.push(mail_delivery(ctx, model, publication)?);
    }
    let mut queued = 0;
    let mut tx = ctx.store.begin("queue_deliveries").await?;
    for delivery in &deliveries {
        queued += u64::from(tx.queue_delivery(model.run_id, delivery, ctx.clock.now()).await?);
    }
    tx.commit().await?;
    Ok(queued)
}

/// Renders a report in each of the formats.
pub fn render_files(
    model: &Model,
    formats: &[Format],
    language: Language,
) -> Result<Vec<Rendered>, Error> {
    let mut files = Vec::new();
    for format in formats {
        files.extend(report::render(model, *format, language)?);
    }
    Ok(files)
}

fn folder_delivery(
    ctx: &Context,
    model: &Model,
    publication: &Publication<'_>,
) -> Result<NewDelivery, Error> {
    let files = render_files(model, publication.formats, publication.language)?;
    let parts: Vec<DeliveryPart> =
        files.into_iter().map(|file| part(PartRole::File, file)).collect();
    let address = publication.folder.display().to_string();
    let mut hasher = Sha256::new();
    for part in &parts {
        hasher.update(&part.bytes);
    }
    Ok(NewDelivery {
        delivery_key: key(ctx, model, "folder", &address, hasher),
        channel: "folder".to_owned(),
        address,
        subject: String::new(),
        parts,
    })
}

/// A mail says the text, shows the page and carries the workbook.
fn mail_delivery(
    ctx: &Context,
    model: &Model,
    publication: &Publication<'_>,
) -> Result<NewDelivery, Error> {
    let language = publication.language;
    let text = report::render(model, Format::Text, language)?.remove(0);
    let html = Rendered {
        file_name: String::new(),
        media_type: "text/html",
        bytes: report::mail_html(model, language).into_bytes(),
    };
    let workbook = report::render(model, Format::Xlsx, language)?.remove(0);
    let address = publication.recipients.join(BETWEEN_RECIPIENTS);
    Ok(NewDelivery {
        delivery_key: key(ctx, model, "mail", &address, said(model)),
        channel: "mail".to_owned(),
        address,
        subject: report::subject(model, language),
        parts: vec![
            part(PartRole::Text, text),
            part(PartRole::Html, html),
            part(PartRole::Attachment, workbook),
        ],
    })
}

/// Hashes what a report says: verdict, findings and amounts, not when it was made.
fn said(model: &Model) -> Sha256 {
    let mut hasher = Sha256::new();
    hasher.update(model.verdict.as_str());
    for standing in &model.findings {
        hasher.update(standing.fingerprint.as_str());
        hasher.update(standing.finding.at_risk_cents.to_be_bytes());
    }
    for with_rows in &model.statements {
        for (currency, bridge) in &with_rows.statement.currencies {
            hasher.update(currency.as_str());
            hasher.update(bridge.left.amount_cents.to_be_bytes());
            hasher.update(bridge.right.amount_cents.to_be_bytes());
        }
    }
    hasher
}

fn key(ctx: &Context, model: &Model, channel: &str, address: &str, mut hasher: Sha256) -> String {
    hasher.update(channel);
    hasher.update(address);
    let digest = hex::encode(&hasher.finalize()[..8]);
    format!("{}.{}.{}.{channel}.{digest}", model.job, model.period, ctx.today())
}

fn part(role: PartRole, file: Rendered) -> DeliveryPart {
    DeliveryPart {
        role,
        file_name: file.file_name,
        media_type: file.media_type.to_owned(),
        bytes: file.bytes,
    }
}
