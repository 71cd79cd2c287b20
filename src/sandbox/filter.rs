//! The query of a list: which documents, and which page of them.
//!
//! Parameters that the vendor does not document are ignored, as servers do; a value that
//! cannot be meant is refused with 400 in the vendor's envelope.

use chrono::NaiveDate;

use super::document::Document;
use super::habits::Habits;
use super::state::Collection;

/// The longest page there is.
pub(super) const LIMIT_MAX: usize = 100;

const RECEIPT_STATUSES: [&str; 6] = ["new", "retry", "submitted", "ready", "failed", "voided"];
const RECEIPT_TYPES: [&str; 3] = ["sale", "return", "void"];
const INVOICE_STATES: [&str; 5] = ["NEW", "SENT", "RECEIVED", "DONE", "ERROR"];
const DIRECTIONS: [&str; 2] = ["incoming", "outgoing"];

/// Says which documents a list shows.
#[derive(Debug, Default)]
pub(super) struct Filter {
    /// The query without the page: the same name is the same filter.
    pub(super) name: String,
    fiscal_ids: Vec<String>,
    statuses: Vec<String>,
    kinds: Vec<String>,
    directions: Vec<String>,
    document_number: Option<String>,
    parent_receipt_id: Option<String>,
    created: Days,
    dated: Days,
    bounds_inclusive: bool,
}

/// Says which part of the list is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) skip: usize,
    pub(super) limit: usize,
}

#[derive(Debug, Default)]
struct Days {
    on: Option<NaiveDate>,
    before: Option<NaiveDate>,
    after: Option<NaiveDate>,
}

impl Filter {
    /// Reads a query; the error is the message of the 400.
    pub(super) fn read(
        collection: Collection,
        query: &[(String, String)],
        habits: Habits,
    ) -> Result<(Self, Page), String> {
        let mut filter = Self { bounds_inclusive: habits.bounds_inclusive, ..Self::default() };
        let mut page = Page { skip: 0, limit: habits.default_limit };
        for (name, value) in query {
            match name.as_str() {
                "skip" => page.skip = value.parse().map_err(|_| invalid(name, value))?,
                "limit" => {
                    page.limit = value
                        .parse()
                        .ok()
                        .filter(|limit| (1..=LIMIT_MAX).contains(limit))
                        .ok_or_else(|| invalid(name, value))?;
                }
                _ => {
                    filter.name.extend(["&", name, "=", value]);
                    match collection {
                        Collection::Receipts => filter.read_receipts(name, value)?,
                        Collection::Invoices => filter.read_invoices(name, value)?,
                        Collection::Configurations => {}
                    }
                }
            }
        }
        Ok((filter, page))
    }

    fn read_receipts(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "status" => self.statuses = choices(name, value, &RECEIPT_STATUSES)?,
            "type" => self.kinds = choices(name, value, &RECEIPT_TYPES)?,
            "parent_receipt_id" => self.parent_receipt_id = Some(value.into()),
            _ => {
                if let Some(bound) = name.strip_prefix("created_at") {
                    self.created.set(bound, name, value)?;
                } else if let Some(bound) = name.strip_prefix("document_date") {
                    self.dated.set(bound, name, value)?;
                } else {
                    self.read_both(name, value);
                }
            }
        }
        Ok(())
    }

    fn read_invoices(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "state" => self.statuses = choices(name, value, &INVOICE_STATES)?,
            "direction" => self.directions = choices(name, value, &DIRECTIONS)?,
            "type" => self.kinds = vec![value.into()],
            _ => match name.strip_prefix("issue_date") {
                Some(bound) => self.dated.set(bound, name, value)?,
                None => self.read_both(name, value),
            },
        }
        Ok(())
    }

    fn read_both(&mut self, name: &str, value: &str) {
        match name {
            "fiscal_id" => self.fiscal_ids = value.split(',').map(Into::into).collect(),
            "document_number" => self.document_number = Some(value.into()),
            _ => {}
        }
    }

    /// Tells whether a document belongs to the list.
    pub(super) fn passes(&self, document: &Document) -> bool {
        let among =
            |wanted: &[String], value: &str| wanted.is_empty() || wanted.iter().any(|w| w == value);
        let is = |wanted: &Option<String>, value: &str| wanted.as_ref().is_none_or(|w| w == value);
        among(&self.fiscal_ids, &document.fiscal_id)
            && among(&self.statuses, &document.status)
            && among(&self.kinds, &document.kind)
            && among(&self.directions, &document.direction)
            && is(&self.document_number, &document.document_number)
            && is(&self.parent_receipt_id, &document.parent_receipt_id)
            && self.created.pass(document.created_day, self.bounds_inclusive)
            && self.dated.pass(document.dated_day, self.bounds_inclusive)
    }
}

impl Days {
    fn set(&mut self, bound: &str, name: &str, value: &str) -> Result<(), String> {
        // A strict form: chrono alone would take `2026-2-3` too.
        let day =
            value.parse().ok().filter(|_| value.len() == 10).ok_or_else(|| invalid(name, value))?;
        match bound {
            "" => self.on = Some(day),
            "[before]" => self.before = Some(day),
            "[after]" => self.after = Some(day),
            _ => {}
        }
        Ok(())
    }

    /// A document without a day passes only where no day is asked for.
    fn pass(&self, day: Option<NaiveDate>, inclusive: bool) -> bool {
        let holds = |bound: Option<NaiveDate>, rule: &dyn Fn(NaiveDate, NaiveDate) -> bool| {
            bound.is_none_or(|bound| day.is_some_and(|day| rule(day, bound)))
        };
        holds(self.on, &|day, bound| day == bound)
            && holds(self.before, &|day, bound| day < bound || inclusive && day == bound)
            && holds(self.after, &|day, bound| day > bound || inclusive && day == bound)
    }
}

fn choices(name: &str, value: &str, allowed: &[&str]) -> Result<Vec<String>, String> {
    let wanted: Vec<String> = value.split(',').map(Into::into).collect();
    if wanted.iter().all(|one| allowed.contains(&one.as_str())) {
        Ok(wanted)
    } else {
        Err(invalid(name, value))
    }
}

fn invalid(name: &str, value: &str) -> String {
    format!("Invalid parameter: {name}={value}")
}
