//! Carries a plan out: each ready file through the outbox, within a limit of money.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;

use futures::FutureExt as _;

use super::plan::record;
use super::{ImportOutcome, ImportPlan};
use crate::api::wire::NewImport;
use crate::api::{Client, Confidential, Request};
use crate::einvoice::{lot_document, read_with_xml, utf8_xml};
use crate::fiscal::Price;
use crate::submit::{Clue, IntentState, Kind, NewIntent};
use crate::worker::error::causes;
use crate::worker::files::load_file;
use crate::worker::{Context, Error, Outbox, Pace, Submitted};

/// Bytes of XML that are held at a time; a zip is read again for what does not fit.
const HELD_BYTES_MAX: usize = 64 << 20;

/// Says how far an import may go.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// What it may cost at most, by the price in the settings.
    pub cost: Option<Price>,
    /// How patiently an unclear end is looked up.
    pub pace: Pace,
}

/// Tells how an import ended.
#[derive(Debug, Default)]
pub struct ImportEnd {
    /// Files whose import may be on the bill: those done, and those whose end is unclear.
    pub charged: u64,
    /// What these cost, by the price in the settings.
    pub spent: Price,
    /// Whether somebody asked the process to stop.
    pub is_interrupted: bool,
    /// What ended it before its end; all that was done until then stands.
    pub error: Option<Error>,
}

/// Imports what is ready in a plan, and writes into the plan what became of it.
///
/// `each` is called after every file with its place in the plan. An import stops before the
/// one that could pass the limit; what is left keeps the reason.
pub async fn import<C>(
    ctx: &Context,
    client: &Client,
    plan: &mut ImportPlan,
    limits: &Limits,
    each: impl Fn(usize),
    cancel: impl Fn() -> C,
) -> Result<ImportEnd, Error>
where
    C: Future<Output = ()> + Send,
{
    remember_known(ctx, plan).await?;
    let outbox = Outbox::open(ctx, client).await?.with_pace(limits.pace.clone());
    let mut end = ImportEnd::default();
    let mut by_path: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut first_of: HashMap<String, usize> = HashMap::new();
    for (index, item) in plan.items.iter().enumerate() {
        if item.outcome == ImportOutcome::Ready {
            let path = plan.inspection.files[item.file].place.path.clone();
            by_path.entry(*first_of.entry(path).or_insert(index)).or_default().push(index);
        }
    }
    let mut why_not = None;
    for mut wanted in by_path.into_values() {
        while !wanted.is_empty() && why_not.is_none() {
            let loaded = load(plan, &wanted);
            if loaded.is_empty() {
                for index in wanted.drain(..) {
                    let reason = "it changed while the import went on".to_owned();
                    plan.items[index].outcome = ImportOutcome::Left { reason };
                }
            }
            for (index, xml) in loaded {
                why_not = stop(plan, limits, &mut end, &cancel);
                if why_not.is_some() {
                    break;
                }
                wanted.retain(|one| *one != index);
                match submit(ctx, &outbox, plan, index, &xml).await {
                    Ok((outcome, is_charged)) => {
                        plan.items[index].outcome = outcome;
                        end.charged += u64::from(is_charged);
                        end.spent = plan.price.times(end.charged);
                    }
                    Err(error) => {
                        let reason = causes(&error);
                        plan.items[index].outcome = ImportOutcome::Left { reason: reason.clone() };
                        end.error = Some(error);
                        why_not = Some(reason);
                        break;
                    }
                }
                each(index);
            }
        }
    }
    let reason = why_not.unwrap_or_default();
    for item in plan.items.iter_mut().filter(|item| item.outcome == ImportOutcome::Ready) {
        item.outcome = ImportOutcome::Left { reason: reason.clone() };
    }
    Ok(end)
}

/// Returns why the next file may not be sent, if it may not.
fn stop<C: Future<Output = ()>>(
    plan: &ImportPlan,
    limits: &Limits,
    end: &mut ImportEnd,
    cancel: &impl Fn() -> C,
) -> Option<String> {
    if cancel().now_or_never().is_some() {
        end.is_interrupted = true;
        return Some("stopped as asked".to_owned());
    }
    let limit = limits.cost?;
    let next = plan.price.times(end.charged + 1);
    (next > limit).then(|| format!("the limit of € {limit} would be passed"))
}

/// Remembers what is at the provider already, so that nobody is asked again.
async fn remember_known(ctx: &Context, plan: &ImportPlan) -> Result<(), Error> {
    let mut tx = ctx.store.begin("record_imports").await?;
    for (index, item) in plan.items.iter().enumerate() {
        let provider_id = item.outcome.provider_id();
        let is_there = matches!(item.outcome, ImportOutcome::AlreadyThere { .. });
        if is_there && provider_id.is_some() && item.candidate.is_some() {
            let mut record = record(plan, index);
            // What was imported before keeps the intent that did it.
            if ctx.store.known_import(&record).await?.is_none() {
                record.provider_id = provider_id.map(str::to_owned);
                tx.record_import(&record, ctx.clock.now()).await?;
            }
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Reads the XML of some files that lie under one path, as much as may be held at a time.
fn load(plan: &ImportPlan, wanted: &[usize]) -> Vec<(usize, Vec<u8>)> {
    let file = |index: usize| &plan.inspection.files[plan.items[index].file];
    let Some(path) = wanted.first().map(|index| &file(*index).place.path) else {
        return Vec::new();
    };
    let Ok(bytes) = load_file(std::path::Path::new(path)) else {
        return Vec::new();
    };
    let mut loaded: Vec<(usize, Vec<u8>)> = Vec::new();
    let mut held = 0;
    read_with_xml(&bytes, &mut |reading, xml| {
        let is_it = |index: &&usize| {
            let file = file(**index);
            file.place.member == reading.member
                && reading.content_sha256.as_ref() == Some(&file.content_sha256)
        };
        for index in wanted.iter().filter(is_it) {
            let is_new = loaded.iter().all(|(one, _)| one != index);
            if is_new && (loaded.is_empty() || held + xml.len() <= HELD_BYTES_MAX) {
                // It was read once already, so it decodes.
                let whole = utf8_xml(xml);
                let sent = match plan.items[*index].body {
                    Some(body) => whole.and_then(|whole| lot_document(&whole, body)),
                    None => whole,
                };
                if let Ok(sent) = sent {
                    held += sent.len();
                    loaded.push((*index, sent));
                }
            }
        }
    });
    loaded
}

/// Submits one file; tells what became of it and whether it may be on the bill.
async fn submit(
    ctx: &Context,
    outbox: &Outbox<'_>,
    plan: &ImportPlan,
    index: usize,
    xml: &[u8],
) -> Result<(ImportOutcome, bool), Error> {
    let mut record = record(plan, index);
    let item = &plan.items[index];
    let Some(one) = &item.candidate else {
        unreachable!("only a candidate is ready");
    };
    let key = item.begun_as.clone().unwrap_or_else(|| {
        let parts: [&[u8]; 2] = [record.content_hash.as_bytes(), one.company.as_str().as_bytes()];
        NewIntent::key_of(Kind::InvoiceImport, &parts)
    });
    record.intent_key = Some(key.clone());
    let tries = ctx.store.intent_by_key(&key).await?.map_or(0, |intent| intent.attempts);
    // What is begun is known by its document before it is sent.
    let mut tx = ctx.store.begin("record_import").await?;
    tx.record_import(&record, ctx.clock.now()).await?;
    tx.commit().await?;
    let new = NewIntent {
        key,
        kind: Kind::InvoiceImport,
        company: one.company.clone(),
        subject: format!("import of {}", one.subject()),
        request: Request::import_invoice(&NewImport::new(xml, one.details.clone())),
        needs_secret: false,
        clue: Clue::Invoice {
            number: one.number.clone(),
            issue_date: one.issue_date,
            direction: one.direction.as_str().to_owned(),
            document_type: Some(one.document_type.clone()),
        },
    };
    let submitted = outbox.submit(&new, &Confidential::default()).await?;
    let was_sent = submitted.intent.attempts > tries;
    let outcome = outcome(submitted, was_sent);
    let is_charged = was_sent
        && matches!(outcome, ImportOutcome::Imported { .. } | ImportOutcome::Unclear { .. });
    Ok((outcome, is_charged))
}

fn outcome(submitted: Submitted, was_sent: bool) -> ImportOutcome {
    let intent = submitted.intent;
    let said = intent.last_reply.unwrap_or_default();
    let says_there = said.to_lowercase().contains("already");
    let provider_id = intent.provider_id;
    match intent.state {
        IntentState::Done if was_sent && says_there => {
            ImportOutcome::AlreadyThere { provider_id, how: format!("the provider says: {said}") }
        }
        IntentState::Done => ImportOutcome::Imported { provider_id },
        IntentState::Refused if says_there || provider_id.is_some() => {
            ImportOutcome::AlreadyThere { provider_id, how: format!("the provider says: {said}") }
        }
        IntentState::Refused => {
            ImportOutcome::Refused { vendor_error: intent.vendor_error, reason: said }
        }
        IntentState::Unknown => ImportOutcome::Unclear { reason: said },
        IntentState::Prepared
        | IntentState::Waiting
        | IntentState::Sending
        | IntentState::Dropped => ImportOutcome::Left { reason: said },
    }
}
