//! Renders the report and puts it into the outbox.
//!
//! Recipients who want to read the same get one mail and see each other; each filter is a mail
//! of its own. A night that found nothing new is told shortly or not at all, as the job says.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::config::jobs::{MailStyle, NothingNew, Recipient};
use crate::findings::FindingState;
use crate::fiscal::{Language, date_in_rome};
use crate::report::model::Model;
use crate::report::{self, Filter, Format, MailForm, Rendered};
use crate::store::{DeliveryPart, NewDelivery, PartRole};
use crate::worker::{Context, Error};

/// Stands between the recipients of one delivery: no address holds a line end, and a
/// quoted name may hold a comma.
pub(super) const BETWEEN_RECIPIENTS: &str = "\n";
/// The largest attachment where no mail server is set to say otherwise.
const ATTACHMENT_BYTES_MAX: usize = 10_000_000;

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
    pub recipients: &'a [Recipient],
    /// The mail's form.
    pub style: MailStyle,
    /// What is mailed when nothing is new since the last mail.
    pub nothing_new: NothingNew,
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
    let mut files = parts(render_files(model, publication.formats, publication.language)?);
    let mut deliveries = Vec::new();
    for (filter, addresses) in groups(publication.recipients) {
        deliveries.extend(mail(ctx, model, publication, (filter, &addresses), &mut files).await?);
    }
    deliveries.insert(0, folder_delivery(ctx, model, publication, files));
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

/// Puts together those who want to read the same, in a stable order.
fn groups(recipients: &[Recipient]) -> BTreeMap<&Filter, Vec<&str>> {
    let mut groups: BTreeMap<&Filter, Vec<&str>> = BTreeMap::new();
    for one in recipients {
        groups.entry(&one.filter).or_default().push(&one.address);
    }
    groups
}

fn folder_delivery(
    ctx: &Context,
    model: &Model,
    publication: &Publication<'_>,
    parts: Vec<DeliveryPart>,
) -> NewDelivery {
    let address = publication.folder.display().to_string();
    let mut hasher = Sha256::new();
    for part in &parts {
        hasher.update(&part.bytes);
    }
    NewDelivery {
        delivery_key: key(ctx, model, "folder", &address, hasher),
        channel: "folder".to_owned(),
        address,
        subject: String::new(),
        said: String::new(),
        parts,
    }
}

/// Returns the mail for those who want to read the same, unless there is none to send.
///
/// It says the text, shows the page and carries the workbook; one that is too large for mail
/// goes to the folder's files instead.
async fn mail(
    ctx: &Context,
    model: &Model,
    publication: &Publication<'_>,
    (filter, addresses): (&Filter, &[&str]),
    files: &mut Vec<DeliveryPart>,
) -> Result<Option<NewDelivery>, Error> {
    let (language, address) = (publication.language, addresses.join(BETWEEN_RECIPIENTS));
    let (own, hidden) = report::filtered(model, filter);
    let said = said(&own);
    let Some(form) = form(ctx, &own, publication, &address, &said).await? else {
        return Ok(None);
    };
    let mut notes: Vec<String> =
        report::hidden_note(hidden, own.currency, language).into_iter().collect();
    let mut attachments = Vec::new();
    if form != MailForm::NothingNew {
        let workbook = report::render(&own, Format::Xlsx, language)?.remove(0);
        let limit =
            ctx.config.mail.as_ref().map_or(ATTACHMENT_BYTES_MAX, |mail| mail.attachment_bytes_max);
        if workbook.bytes.len() > limit {
            let file = set_down(files, workbook, (filter, &address));
            let path = publication.folder.join(&file.0);
            notes.push(report::too_large_note(file.1, &path, language));
        } else {
            attachments.push(part(PartRole::Attachment, workbook));
        }
    }
    let rendered = report::mail(&own, form, &notes, language);
    let body = |role, media_type: &str, text: String| DeliveryPart {
        role,
        file_name: String::new(),
        media_type: media_type.to_owned(),
        bytes: text.into_bytes(),
    };
    let mut parts = vec![
        body(PartRole::Text, "text/plain; charset=utf-8", rendered.text),
        body(PartRole::Html, "text/html", rendered.html),
    ];
    parts.extend(attachments);
    Ok(Some(NewDelivery {
        delivery_key: key(ctx, model, "mail", &address, content(&own)),
        channel: "mail".to_owned(),
        address,
        subject: rendered.subject,
        said,
        parts,
    }))
}

/// Says in which form a mail goes out, if one does.
///
/// A last mail that never arrived was not read: the next one says everything.
async fn form(
    ctx: &Context,
    model: &Model,
    publication: &Publication<'_>,
    address: &str,
    said: &str,
) -> Result<Option<MailForm>, Error> {
    let usual = match publication.style {
        MailStyle::Report => MailForm::Report,
        MailStyle::Digest => MailForm::Companies,
    };
    let last = ctx.store.last_mail(&model.job, address, model.run_id).await?;
    let Some((_, sent_at)) = last.filter(|(last, _)| last == said) else {
        return Ok(Some(usual));
    };
    Ok(match publication.nothing_new {
        NothingNew::Full => Some(usual),
        // The key of the day keeps a second one of the same totals from going out; one of
        // other totals but no other finding would say nothing.
        NothingNew::Short if date_in_rome(sent_at) != ctx.today() => Some(MailForm::NothingNew),
        NothingNew::Short | NothingNew::None => None,
    })
}

/// Puts a workbook among the folder's files, unless it is there; returns its name and size.
///
/// What a filter left is another workbook than the folder's own.
fn set_down(
    files: &mut Vec<DeliveryPart>,
    mut workbook: Rendered,
    (filter, address): (&Filter, &str),
) -> (String, usize) {
    if !filter.is_open() {
        let digest = hex::encode(&Sha256::digest(address.as_bytes())[..4]);
        workbook.file_name = workbook.file_name.replace(".xlsx", &format!("-{digest}.xlsx"));
    }
    let found = (workbook.file_name.clone(), workbook.bytes.len());
    if !files.iter().any(|file| file.file_name == workbook.file_name) {
        files.push(part(PartRole::File, workbook));
    }
    found
}

/// Hashes what a reader would call news: the verdict and the open findings with their money.
fn said(model: &Model) -> String {
    let mut hasher = Sha256::new();
    hasher.update(model.verdict.as_str());
    let open = |one: &&crate::findings::Standing| one.state == FindingState::Open;
    for standing in model.findings.iter().filter(open) {
        hasher.update(standing.fingerprint.as_str());
        hasher.update(standing.finding.at_risk_cents.to_be_bytes());
    }
    hex::encode(hasher.finalize())
}

/// Hashes what a report says: verdict, findings and amounts, not when it was made.
fn content(model: &Model) -> Sha256 {
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

fn parts(files: Vec<Rendered>) -> Vec<DeliveryPart> {
    files.into_iter().map(|file| part(PartRole::File, file)).collect()
}

fn part(role: PartRole, file: Rendered) -> DeliveryPart {
    DeliveryPart {
        role,
        file_name: file.file_name,
        media_type: file.media_type.to_owned(),
        bytes: file.bytes,
    }
}
