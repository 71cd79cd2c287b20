//! Looks for the effect of an intent at the provider.
//!
//! Whatever keeps us from looking (the API is down, a list that does not end) is not an
//! answer: it is `Undecidable`, never `NotSeen`. Only what stops everything is an error.

use std::collections::BTreeSet;

use super::Outbox;
use crate::api::wire::{ConfigurationChange, Invoice, Receipt};
use crate::api::{self, Filter, PAGE_ROWS_MAX, RawItem, Resource};
use crate::submit::{
    Clue, Intent, Sighting, company_settings, days_to_search, invoice_rows, new_children,
    receipt_with_tag,
};
use crate::worker::Error;
use crate::worker::error::causes;

/// How many pages one look may read: ten thousand receipts of a day or two.
const PAGES_MAX: u64 = 110;
/// How many rows two pages share, so that a list that moves is noticed.
const OVERLAP: u16 = 5;
/// How often a list that moves is begun anew.
const READS_MAX: u32 = 3;

/// Why a look gave no answer.
enum Blind {
    /// This one has no answer now.
    Reason(String),
    /// Nothing can be asked at all.
    Stop(Error),
}

impl From<api::Error> for Blind {
    fn from(error: api::Error) -> Self {
        if error.is_terminal() { Self::Stop(error.into()) } else { Self::Reason(causes(&error)) }
    }
}

impl Outbox<'_> {
    /// Looks for the effect of an intent.
    pub(super) async fn look(&self, intent: &Intent) -> Result<Sighting, Error> {
        match self.sight(intent).await {
            Ok(sighting) => Ok(sighting),
            Err(Blind::Reason(reason)) => Ok(Sighting::Undecidable { reason }),
            Err(Blind::Stop(error)) => Err(error),
        }
    }

    /// Returns the clue as it must be known just before sending, or why it is not.
    ///
    /// A return or a void is recognised by being new among its parent's children.
    pub(super) async fn clue_now(&self, intent: &Intent) -> Result<Result<Clue, String>, Error> {
        let Clue::Child { parent, is_void, .. } = &intent.clue else {
            return Ok(Ok(intent.clue.clone()));
        };
        if intent.attempts > 0 {
            return Ok(Ok(intent.clue.clone()));
        }
        match self.children(parent).await {
            Ok(children) => Ok(Ok(Clue::Child {
                parent: parent.clone(),
                is_void: *is_void,
                known: children.into_iter().map(|child| child.id).collect(),
            })),
            Err(Blind::Reason(reason)) => Ok(Err(reason)),
            Err(Blind::Stop(error)) => Err(error),
        }
    }

    async fn sight(&self, intent: &Intent) -> Result<Sighting, Blind> {
        match &intent.clue {
            Clue::Tag { tag } => self.sight_tag(intent, tag).await,
            Clue::Child { parent, is_void, known } => {
                self.sight_child(intent, parent, *is_void, known).await
            }
            Clue::Invoice { number, issue_date, direction, document_type } => {
                let filter = Filter {
                    fiscal_ids: vec![intent.company.to_string()],
                    document_number: Some(number.clone()),
                    direction: Some(direction.clone()),
                    ..Filter::default()
                };
                let items = self.whole_list(Resource::Invoices, &filter, |_| false).await?;
                let rows = readable(&items, Invoice::parse)?;
                let kind = document_type.as_deref();
                Ok(invoice_rows(number, *issue_date, direction, kind, &rows))
            }
            Clue::CompanyThere => Ok(match self.company(intent).await? {
                Some(item) => Sighting::Seen { provider_id: Some(item.id) },
                None => Sighting::NotSeen,
            }),
            Clue::CompanyGone => Ok(match self.company(intent).await? {
                Some(_) => Sighting::NotSeen,
                None => Sighting::Seen { provider_id: None },
            }),
            Clue::CompanySettings => {
                let Some(item) = self.company(intent).await? else {
                    return Ok(Sighting::NotSeen);
                };
                let change: ConfigurationChange = serde_json::from_slice(intent.request.body())
                    .map_err(|_| Blind::Reason("the change kept does not read".to_owned()))?;
                Ok(company_settings(&change, &item.id, &item.body))
            }
        }
    }

    /// Looks through the receipts of the days around the sending for our tag.
    async fn sight_tag(&self, intent: &Intent, tag: &str) -> Result<Sighting, Blind> {
        let now = self.ctx.clock.now();
        let first = intent.sent_at.unwrap_or(now);
        let (after, before) = days_to_search(first, intent.unclear_at.unwrap_or(now));
        let filter = Filter {
            fiscal_ids: vec![intent.company.to_string()],
            after: Some(after),
            before: Some(before),
            ..Filter::default()
        };
        let is_ours = |item: &RawItem| {
            Receipt::parse(&item.body).is_ok_and(|receipt| {
                receipt_with_tag(tag, std::slice::from_ref(&receipt)).is_some()
            })
        };
        let items = self.whole_list(Resource::Receipts, &filter, is_ours).await?;
        if let Some(item) = items.iter().find(|item| is_ours(item)) {
            return Ok(Sighting::Seen { provider_id: Some(item.id.clone()) });
        }
        readable(&items, Receipt::parse)?;
        Ok(Sighting::NotSeen)
    }

    async fn sight_child(
        &self,
        intent: &Intent,
        parent: &str,
        is_void: bool,
        known: &[String],
    ) -> Result<Sighting, Blind> {
        let children = self.children(parent).await?;
        let claimed = self.ctx.store.documents_of_target(parent, intent.id).await;
        let claimed = claimed.map_err(|error| Blind::Stop(error.into()))?;
        let sighting = new_children(is_void, known, &claimed, &children);
        if !is_void || sighting != Sighting::NotSeen {
            return Ok(sighting);
        }
        // The parent may say so before its child is listed.
        let item = self.client.get(Resource::Receipts, parent).await?;
        let receipts = readable(&[item], Receipt::parse)?;
        let is_voided = receipts.iter().any(|one| one.status.as_deref() == Some("voided"));
        Ok(if is_voided { Sighting::Seen { provider_id: None } } else { Sighting::NotSeen })
    }

    async fn children(&self, parent: &str) -> Result<Vec<Receipt>, Blind> {
        let filter = Filter { parent_id: Some(parent.to_owned()), ..Filter::default() };
        let items = self.whole_list(Resource::Receipts, &filter, |_| false).await?;
        let receipts = readable(&items, Receipt::parse)?;
        Ok(receipts.into_iter().filter(|one| one.parent_id.as_deref() == Some(parent)).collect())
    }

    async fn company(&self, intent: &Intent) -> Result<Option<RawItem>, Blind> {
        match self.client.get(Resource::Configurations, intent.company.as_str()).await {
            Ok(item) => Ok(Some(item)),
            Err(api::Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads a list to its end, or until the row is met that is looked for.
    ///
    /// Pages overlap; where the overlap is not what was read before, the list moved and is
    /// begun anew.
    async fn whole_list(
        &self,
        resource: Resource,
        filter: &Filter,
        is_wanted: impl Fn(&RawItem) -> bool,
    ) -> Result<Vec<RawItem>, Blind> {
        'reading: for _ in 0..READS_MAX {
            let mut items: Vec<RawItem> = Vec::new();
            let mut tail: BTreeSet<String> = BTreeSet::new();
            let mut skip = 0_u64;
            for _ in 0..PAGES_MAX {
                let page = self.client.list(resource, filter, skip, PAGE_ROWS_MAX).await?;
                let keys: Vec<String> = page.keys().iter().map(|&key| key.to_owned()).collect();
                if !tail.is_empty() && !tail.iter().all(|key| keys.contains(key)) {
                    continue 'reading;
                }
                let is_found = page.items.iter().any(&is_wanted);
                let is_last = page.rows < usize::from(PAGE_ROWS_MAX);
                items.extend(page.items);
                if is_found {
                    return Ok(items);
                }
                if !page.put_aside.is_empty() {
                    let reason = "the provider's list has rows without an id".to_owned();
                    return Err(Blind::Reason(reason));
                }
                if is_last {
                    return Ok(items);
                }
                skip += u64::from(PAGE_ROWS_MAX - OVERLAP);
                let from = keys.len().saturating_sub(usize::from(OVERLAP));
                tail = keys[from..].iter().cloned().collect();
            }
            return Err(Blind::Reason("the provider's list is too long to be searched".to_owned()));
        }
        Err(Blind::Reason("the provider's list kept moving while it was read".to_owned()))
    }
}

/// Reads rows; one that does not read might be the one that is looked for.
fn readable<T, E: std::error::Error>(
    items: &[RawItem],
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Vec<T>, Blind> {
    items
        .iter()
        .map(|item| parse(&item.body))
        .collect::<Result<_, _>>()
        .map_err(|error| Blind::Reason(causes(&error)))
}
