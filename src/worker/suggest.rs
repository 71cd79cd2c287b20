//! Passes between receipts and orders that the months with open findings speak for.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::Days;
use serde::Serialize;

use crate::findings::{Finding, Kind};
use crate::fiscal::{Company, Document, DocumentKind, EntryKind, LedgerEntry, Period, TaxId};
use crate::reconcile::rules::{RuleSort, Rulebook};
use crate::reconcile::{
    self, Gain, GivenDocuments, GivenEntries, Input, ORDER_PASSES, Outcome, gained, pass_as_toml,
};
use crate::store::DocumentQuery;
use crate::worker::sides::PARTNER_DAYS;
use crate::worker::sources::{resource_of, unsettled};
use crate::worker::{Context, Error, rules};

/// Fewer rows than these are chance.
const ROWS_MIN: u64 = 2;

/// Holds a pass that would pair, or name, what is left over of receipts and orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PassSuggestion {
    /// Whose receipts.
    pub company: TaxId,
    /// The sort of rules that it belongs to.
    pub sort: RuleSort,
    /// Its name.
    pub pass: &'static str,
    /// Itself, as it stands in a file of rules.
    pub toml: String,
    /// What it would change.
    #[serde(flatten)]
    pub gain: Gain,
}

/// Returns the passes that receipts and orders with open findings speak for.
///
/// Each of them is tried on the months of those findings, and nothing of that is kept. Of
/// passes that gain the same the most precise is told.
pub async fn suggested_passes<'a>(
    ctx: &Context,
    open: impl Iterator<Item = &'a Finding>,
) -> Result<Vec<PassSuggestion>, Error> {
    let left_over = open.filter(|finding| {
        finding.document_kind == DocumentKind::Receipt
            && matches!(finding.kind, Kind::MissingAtProvider | Kind::MissingInLedger)
    });
    let months: BTreeSet<(TaxId, Period)> =
        left_over.map(|finding| (finding.company.clone(), finding.period)).collect();
    let mut found: Vec<PassSuggestion> = Vec::new();
    for company in ctx.store.companies().await? {
        let mut gains: Option<Vec<Gain>> = None;
        for (_, month) in months.iter().filter(|(owner, _)| *owner == company.tax_id) {
            let tried = try_month(ctx, &company, *month).await?;
            let before = gains.unwrap_or_else(|| vec![Gain::default(); tried.len()]);
            gains = Some(before.into_iter().zip(tried).map(|(a, b)| a.and(b)).collect());
        }
        let mut best = ROWS_MIN - 1;
        for ((name, says), gain) in ORDER_PASSES.into_iter().zip(gains.into_iter().flatten()) {
            let rows = gain.pairs.max(gain.named);
            if rows > best {
                best = rows;
                found.push(PassSuggestion {
                    company: company.tax_id.clone(),
                    sort: RuleSort::Receipts,
                    pass: name,
                    toml: pass_as_toml((name, says)),
                    gain,
                });
            }
        }
    }
    Ok(found)
}

/// Compares one month by the rules in force, and again with each pass after them.
async fn try_month(ctx: &Context, company: &Company, month: Period) -> Result<Vec<Gain>, Error> {
    let (documents, orders) = read(ctx, company, month).await?;
    if orders.is_empty() {
        return Ok(vec![Gain::default(); ORDER_PASSES.len()]);
    }
    let windows = ctx
        .store
        .windows_between(resource_of(DocumentKind::Receipt).as_str(), month.from, month.to)
        .await?;
    let book = rules::rulebook(&ctx.config, Some(&company.tax_id))?;
    let in_force = rules::rules_in_force(&ctx.config, Some(&company.tax_id))?;
    let own = in_force.into_iter().find(|file| file.sort == RuleSort::Receipts);
    let own = own.expect("every sort has rules in force");
    let compared = |rules: Rulebook| -> Result<Outcome, Error> {
        let input = Input {
            company: company.clone(),
            document_kind: DocumentKind::Receipt,
            period: month,
            accounting_period: month,
            today: ctx.today(),
            unsettled: unsettled(&windows, &company.tax_id, (month, ctx.today())),
            rules: Arc::new(rules),
        };
        let mut left = GivenDocuments::new(&input, documents.len());
        for document in &documents {
            left.take(document.clone());
        }
        let mut right = GivenEntries::new(&input, orders.len());
        for (file, entry) in &orders {
            right.take(file, entry.clone());
        }
        reconcile::compare(&input, left, right).map_err(|source| Error::Reconcile {
            company: company.tax_id.to_string(),
            kind: DocumentKind::Receipt.as_str(),
            period: month.to_string(),
            source: Box::new(source),
        })
    };
    let before = compared(book.clone())?;
    ORDER_PASSES
        .into_iter()
        .map(|pass| {
            let mut book = book.clone();
            let text = format!("{}\n{}", own.text, pass_as_toml(pass));
            let path = own.path.clone().unwrap_or_else(|| "receipts.toml".into());
            book.put(RuleSort::Receipts, &text)
                .map_err(|source| Error::Rules { path, source: Box::new(source) })?;
            let gain = gained(&before, &compared(book)?);
            let example = gain.example.as_ref().map(|ids| shown(ids, &documents, &orders));
            Ok(Gain { example, ..gain })
        })
        .collect()
}

/// A shop's orders, each with a name of its file that is unique.
type Orders = Vec<(String, LedgerEntry)>;

/// Reads a month's receipts and orders, with those of the days around it.
async fn read(
    ctx: &Context,
    company: &Company,
    month: Period,
) -> Result<(Vec<Document>, Orders), Error> {
    let query = DocumentQuery {
        company: &company.tax_id,
        kind: DocumentKind::Receipt,
        direction: None,
        from: month.from - Days::new(PARTNER_DAYS),
        to: month.to + Days::new(PARTNER_DAYS),
        is_by_reception: false,
        has_vat_lines: false,
    };
    let mut orders = Orders::new();
    for file in ctx.store.ledger_files(&company.tax_id, query.from, query.to).await? {
        let id = file.id;
        let take = move |orders: &mut Orders, entry: LedgerEntry| {
            if entry.kind == EntryKind::Receipt {
                orders.push((format!("{} ({})", file.file_name, file.id), entry));
            }
        };
        orders = ctx.store.fold_entries(&company.tax_id, id, orders, take).await?;
    }
    let documents =
        if orders.is_empty() { Vec::new() } else { ctx.store.documents(&query).await? };
    Ok((documents, orders))
}

/// Returns what a receipt's tags and an order say where one would look at them.
fn shown(
    (receipt, order): &(String, String),
    documents: &[Document],
    orders: &[(String, LedgerEntry)],
) -> (String, String) {
    let tags = documents.iter().find(|one| one.source_id == *receipt).map(|one| &one.references);
    let tags = tags.filter(|tags| !tags.is_empty()).map(|tags| tags.join(", "));
    let named = orders.iter().find(|(file, entry)| format!("{file}#{}", entry.row) == *order);
    let named = named.and_then(|(_, entry)| entry.number.clone());
    (tags.unwrap_or_else(|| receipt.clone()), named.unwrap_or_else(|| order.clone()))
}
