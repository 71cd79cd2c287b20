//! Says what would become of each file, asking as little as possible.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use super::{ImportItem, ImportOutcome, ImportPlan, Lots, provider};
use crate::api::Client;
use crate::einvoice::Inspection;
use crate::fiscal::{Direction, DocumentKind, TaxId};
use crate::store::{DocumentQuery, ImportRecord};
use crate::submit::{Candidate, IntentState, candidate};
use crate::worker::budget::Counter;
use crate::worker::configurations::store_companies_now;
use crate::worker::{Context, Error};

/// Says whether the provider is asked.
#[derive(Debug, Clone, Copy)]
pub enum Asking<'a> {
    /// Which companies and documents it has, within the day's requests.
    Provider(&'a Client),
    /// Nobody is: what the store knows must do.
    Nobody,
}

/// Says what would become of every file of an inspection; nothing is imported.
pub async fn plan_import(
    ctx: &Context,
    inspection: Inspection,
    lots: Lots,
    asking: Asking<'_>,
) -> Result<ImportPlan, Error> {
    let meter = match asking {
        Asking::Provider(client) => {
            let meter = Counter::within_budget(ctx, client).await?;
            store_companies_now(ctx, client).await?;
            Some(meter)
        }
        Asking::Nobody => None,
    };
    let companies: Vec<TaxId> =
        ctx.store.companies().await?.into_iter().map(|company| company.tax_id).collect();
    let mut plan = ImportPlan {
        items: judge(&inspection, lots, &companies),
        inspection,
        companies,
        price: ctx.config.prices.import,
        is_asked: meter.is_some(),
    };
    find_repeated(&mut plan);
    find_imported_before(ctx, &mut plan).await?;
    find_pulled(ctx, &mut plan).await?;
    if let Asking::Provider(client) = asking {
        let found = provider::find(client, &fresh(&plan)).await;
        if let Some(meter) = meter {
            meter.finish().await?;
        }
        for (index, id) in found? {
            let how = "at the provider".to_owned();
            plan.items[index].outcome = ImportOutcome::AlreadyThere { provider_id: Some(id), how };
        }
    }
    Ok(plan)
}

fn judge(inspection: &Inspection, lots: Lots, companies: &[TaxId]) -> Vec<ImportItem> {
    let bodies = |file: usize| -> Vec<Option<usize>> {
        match inspection.documents_of(file) {
            lot @ [_, _, ..] if lots == Lots::Split => {
                lot.iter().map(|one| Some(one.body)).collect()
            }
            _ => vec![None],
        }
    };
    (0..inspection.files.len())
        .flat_map(|file| bodies(file).into_iter().map(move |body| (file, body)))
        .map(|(file, body)| {
            let judged = if companies.is_empty() {
                Err("no company of the account is known yet: set the token, or run \
                     `quadra pull configurations`"
                    .to_owned())
            } else {
                candidate(inspection, file, body, companies)
            };
            let (candidate, outcome) = match judged {
                Ok(candidate) => (Some(candidate), ImportOutcome::Ready),
                Err(reason) => (None, ImportOutcome::PutAside { reason }),
            };
            ImportItem { file, body, candidate, outcome, begun_as: None }
        })
        .collect()
}

/// Finds files that hold the document of an earlier one.
fn find_repeated(plan: &mut ImportPlan) {
    let mut first: HashMap<(TaxId, Direction, String, String, String), usize> = HashMap::new();
    for index in 0..plan.items.len() {
        let Some(one) = &plan.items[index].candidate else {
            continue;
        };
        let key = (
            one.company.clone(),
            one.direction,
            one.document_type.clone(),
            one.number.trim().to_lowercase(),
            one.issue_date.to_string(),
        );
        let before = *first.entry(key).or_insert(index);
        if before != index {
            let how = format!("the same document as {}", plan.place_of(&plan.items[before]));
            plan.items[index].outcome = ImportOutcome::AlreadyThere { provider_id: None, how };
        }
    }
}

/// Returns the places of the items that are still ready.
fn ready(plan: &ImportPlan) -> Vec<usize> {
    let is_ready = |index: &usize| plan.items[*index].outcome == ImportOutcome::Ready;
    (0..plan.items.len()).filter(is_ready).collect()
}

/// Returns what was not begun before: that is looked up by its own intent.
fn fresh(plan: &ImportPlan) -> Vec<(usize, &Candidate)> {
    ready(plan)
        .into_iter()
        .filter(|index| plan.items[*index].begun_as.is_none())
        .filter_map(|index| Some((index, plan.items[index].candidate.as_ref()?)))
        .collect()
}

/// Finds what was handed over before, in the same bytes or in others.
async fn find_imported_before(ctx: &Context, plan: &mut ImportPlan) -> Result<(), Error> {
    for index in ready(plan) {
        let like = record(plan, index);
        let Some(known) = ctx.store.known_import(&like).await? else {
            continue;
        };
        let Some(key) = known.intent_key else {
            let how = "found at the provider before".to_owned();
            let provider_id = known.provider_id;
            plan.items[index].outcome = ImportOutcome::AlreadyThere { provider_id, how };
            continue;
        };
        let intent = ctx.store.intent_by_key(&key).await?;
        match intent.filter(|intent| intent.state == IntentState::Done) {
            Some(intent) => {
                let how = if known.content_hash == like.content_hash {
                    format!("imported before, from {}", known.place)
                } else {
                    format!("the same document was imported before, from {}", known.place)
                };
                let provider_id = intent.provider_id;
                plan.items[index].outcome = ImportOutcome::AlreadyThere { provider_id, how };
            }
            // Begun and not ended: it goes on under its own name.
            None => plan.items[index].begun_as = Some(key),
        }
    }
    Ok(())
}

/// Finds what was pulled: a document that was there once is there.
async fn find_pulled(ctx: &Context, plan: &mut ImportPlan) -> Result<(), Error> {
    let mut spans: HashMap<TaxId, (chrono::NaiveDate, chrono::NaiveDate)> = HashMap::new();
    for (_, one) in fresh(plan) {
        let span = spans.entry(one.company.clone()).or_insert((one.issue_date, one.issue_date));
        *span = (span.0.min(one.issue_date), span.1.max(one.issue_date));
    }
    for (company, (from, to)) in spans {
        let query = DocumentQuery {
            company: &company,
            kind: DocumentKind::Invoice,
            direction: None,
            from,
            to,
            has_vat_lines: false,
            is_by_reception: false,
        };
        let mut pulled: HashMap<String, Vec<crate::fiscal::Document>> = HashMap::new();
        for document in ctx.store.documents(&query).await? {
            let number = document.number.as_deref().unwrap_or_default().trim().to_lowercase();
            pulled.entry(number).or_default().push(document);
        }
        for index in ready(plan) {
            let item = &mut plan.items[index];
            let Some(one) = item.candidate.as_ref().filter(|one| one.company == company) else {
                continue;
            };
            let alike = pulled.get(&one.number.trim().to_lowercase());
            let found = alike.into_iter().flatten().find(|document| {
                let number = document.number.as_deref().unwrap_or_default();
                document.issue_date.is_some_and(|date| {
                    let kind = Some(document.document_type.as_str());
                    one.is(number, date, Some(document.direction), kind)
                })
            });
            if let Some(found) = found.filter(|_| item.begun_as.is_none()) {
                let provider_id = Some(found.source_id.clone());
                let how = "pulled from the provider".to_owned();
                item.outcome = ImportOutcome::AlreadyThere { provider_id, how };
            }
        }
    }
    Ok(())
}

/// Returns what the store keeps of a candidate.
pub(super) fn record(plan: &ImportPlan, index: usize) -> ImportRecord {
    let item = &plan.items[index];
    let whole = &plan.inspection.files[item.file].content_sha256;
    let candidate = item.candidate.as_ref();
    let one = candidate.expect("only what is no candidate is put aside, and that is not recorded");
    ImportRecord {
        content_hash: match item.body {
            Some(body) => hex::encode(Sha256::digest(format!("{whole}#{body}"))),
            None => whole.clone(),
        },
        company: one.company.clone(),
        direction: one.direction,
        document_type: one.document_type.clone(),
        number: one.number.clone(),
        issue_date: one.issue_date,
        place: plan.place_of(item),
        intent_key: None,
        provider_id: None,
    }
}
