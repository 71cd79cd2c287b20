//! Asks the provider which of some documents it has, in few requests.
//!
//! Its lists know neither totals nor a filter for many numbers, so either pages of some days
//! are read or every number is asked for on its own. Pages are read as long as they are
//! fewer than the numbers left; a busy month with one document to look for costs two
//! requests and not fifty.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;

use crate::api::wire::Invoice;
use crate::api::{Client, Filter, PAGE_ROWS_MAX, RawItem, Resource};
use crate::fiscal::{Direction, TaxId};
use crate::submit::Candidate;
use crate::worker::Error;

/// Days without a document to look for after which a new span of days begins.
const GAP_DAYS: i64 = 31;
/// Companies that are named in one request at most.
const COMPANIES_MAX: usize = 40;

/// Returns the provider's ids of those that it has, by the places given.
pub(super) async fn find(
    client: &Client,
    wanted: &[(usize, &Candidate)],
) -> Result<HashMap<usize, String>, Error> {
    let mut found = HashMap::new();
    for span in spans(wanted) {
        let mut left = span;
        let (from, to) = days(&left);
        let companies: BTreeSet<&str> = left.iter().map(|(_, one)| one.company.as_str()).collect();
        let filter = Filter {
            fiscal_ids: companies.into_iter().map(str::to_owned).collect(),
            after: from.pred_opt(),
            before: to.succ_opt(),
            ..Filter::default()
        };
        let mut skip = 0;
        let mut pages = 0;
        // As soon as the numbers left are no more than the pages read, they are asked for.
        let is_read = loop {
            if left.is_empty() {
                break true;
            }
            if pages > 0 && left.len() <= pages {
                break false;
            }
            let page = client.list(Resource::Invoices, &filter, skip, PAGE_ROWS_MAX).await?;
            take(&page.items, &mut left, &mut found);
            pages += 1;
            skip += page.rows as u64;
            if page.rows < usize::from(PAGE_ROWS_MAX) {
                break true;
            }
        };
        if !is_read {
            for one in left {
                by_number(client, one, &mut found).await?;
            }
        }
    }
    Ok(found)
}

async fn by_number(
    client: &Client,
    one: (usize, &Candidate),
    found: &mut HashMap<usize, String>,
) -> Result<(), Error> {
    let filter = Filter {
        fiscal_ids: vec![one.1.company.to_string()],
        document_number: Some(one.1.number.trim().to_owned()),
        ..Filter::default()
    };
    let page = client.list(Resource::Invoices, &filter, 0, PAGE_ROWS_MAX).await?;
    take(&page.items, &mut vec![one], found);
    Ok(())
}

/// Moves what a page shows from `left` to `found`; rows that do not read show nothing.
fn take(
    items: &[RawItem],
    left: &mut Vec<(usize, &Candidate)>,
    found: &mut HashMap<usize, String>,
) {
    for invoice in items.iter().filter_map(|item| Invoice::parse(&item.body).ok()) {
        let (Some(number), Some(date)) = (invoice.document_number.as_deref(), invoice.issue_date)
        else {
            continue;
        };
        let direction = invoice.direction.as_deref().and_then(direction);
        let company = TaxId::parse(&invoice.fiscal_id);
        left.retain(|(index, one)| {
            let kind = invoice.document_type.as_deref();
            let is_it =
                company.as_ref() == Some(&one.company) && one.is(number, date, direction, kind);
            if is_it {
                found.insert(*index, invoice.id.clone());
            }
            !is_it
        });
    }
}

fn direction(word: &str) -> Option<Direction> {
    match word.trim().to_ascii_lowercase().as_str() {
        // The vendor's own misspelling among them.
        "outgoing" | "outoming" => Some(Direction::Outgoing),
        "incoming" => Some(Direction::Incoming),
        _ => None,
    }
}

/// Cuts the wanted into spans of days that lie close together, of few companies each.
fn spans<'c>(wanted: &[(usize, &'c Candidate)]) -> Vec<Vec<(usize, &'c Candidate)>> {
    let mut sorted = wanted.to_vec();
    sorted.sort_by_key(|(index, one)| (one.issue_date, *index));
    let mut spans: Vec<Vec<(usize, &Candidate)>> = Vec::new();
    let mut companies: BTreeSet<&TaxId> = BTreeSet::new();
    for one in sorted {
        companies.insert(&one.1.company);
        let is_near = spans.last().and_then(|span| span.last()).is_some_and(|(_, before)| {
            (one.1.issue_date - before.issue_date).num_days() <= GAP_DAYS
        });
        match spans.last_mut() {
            Some(span) if is_near && companies.len() <= COMPANIES_MAX => span.push(one),
            _ => {
                companies = BTreeSet::from([&one.1.company]);
                spans.push(vec![one]);
            }
        }
    }
    spans
}

fn days(span: &[(usize, &Candidate)]) -> (NaiveDate, NaiveDate) {
    let dates = || span.iter().map(|(_, one)| one.issue_date);
    let least = dates().min().unwrap_or_default();
    (least, dates().max().unwrap_or(least))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::wire::ImportDetails;

    fn candidate(company: &str, number: &str, date: &str) -> Candidate {
        Candidate {
            company: TaxId::parse(company).unwrap(),
            direction: Direction::Outgoing,
            is_two_way: false,
            document_type: "TD01".to_owned(),
            number: number.to_owned(),
            issue_date: date.parse().unwrap(),
            details: ImportDetails::default(),
            notes: Vec::new(),
        }
    }

    fn row(fields: &str) -> RawItem {
        let body = format!(r#"{{"id":"i","fiscal_id":"01234567897",{fields}}}"#);
        RawItem { id: "i".to_owned(), body }
    }

    #[test]
    fn days_far_apart_are_asked_apart() {
        let dates = ["2026-01-05", "2026-01-20", "2026-03-30", "2025-01-01"];
        let all: Vec<Candidate> =
            dates.iter().map(|date| candidate("01234567897", "1", date)).collect();
        let wanted: Vec<(usize, &Candidate)> = all.iter().enumerate().collect();
        let spans: Vec<Vec<usize>> = spans(&wanted)
            .iter()
            .map(|span| span.iter().map(|(index, _)| *index).collect())
            .collect();
        assert_eq!(spans, [vec![3], vec![0, 1], vec![2]]);
    }

    #[test]
    fn rows_are_recognised_by_owner_number_date_and_way() {
        let one = candidate("01234567897", "12/A", "2026-02-03");
        let is_found = |fields: &str| {
            let mut found = HashMap::new();
            take(&[row(fields)], &mut vec![(7, &one)], &mut found);
            found.contains_key(&7)
        };
        let good = r#""document_number":" 12/a","issue_date":"2026-02-03","direction":"outoming","type":"TD01""#;
        assert!(is_found(good));
        assert!(is_found(r#""document_number":"12/A","issue_date":"2026-02-03""#));
        assert!(!is_found(&good.replace("TD01", "TD04")));
        assert!(!is_found(&good.replace("outoming", "incoming")));
        assert!(!is_found(&good.replace("-03", "-04")));
    }
}
