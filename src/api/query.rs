//! Writes the filters of a list into the query of its address.
//!
//! Lists go as one parameter with literal commas, as the vendor's specification has it
//! (`style: form, explode: false`): an encoded comma would be part of a value.

use super::resource::Resource;
use chrono::NaiveDate;
use std::fmt::Write;

/// Narrows a list to some companies, days and statuses.
///
/// The bounds of the days and the zone they are counted in are not documented: whoever needs
/// a day whole asks for more than it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The companies, without country prefix; empty means all of the account.
    pub fiscal_ids: Vec<String>,
    /// Receipts created, or invoices issued, after this day.
    pub after: Option<NaiveDate>,
    /// Receipts created, or invoices issued, before this day.
    pub before: Option<NaiveDate>,
    /// The statuses of receipts or the states of invoices, in the API's spelling.
    pub statuses: Vec<String>,
    /// The number of the document, exactly.
    pub document_number: Option<String>,
    /// Invoices sent (`outgoing`) or received (`incoming`) only.
    pub direction: Option<String>,
    /// The receipt whose returns and voids are wanted.
    pub parent_id: Option<String>,
}

/// Returns the query of a list, without the question mark.
pub(super) fn query_text(resource: Resource, filter: &Filter, skip: u64, limit: u16) -> String {
    let (day, status) = match resource {
        Resource::Invoices => ("issue_date", "state"),
        Resource::Receipts | Resource::Configurations => ("created_at", "status"),
    };
    let mut query = String::new();
    if !filter.fiscal_ids.is_empty() {
        push(&mut query, "fiscal_id", &comma_list(&filter.fiscal_ids));
    }
    if let Some(after) = filter.after {
        push(&mut query, &format!("{day}%5Bafter%5D"), &after.to_string());
    }
    if let Some(before) = filter.before {
        push(&mut query, &format!("{day}%5Bbefore%5D"), &before.to_string());
    }
    if !filter.statuses.is_empty() {
        push(&mut query, status, &comma_list(&filter.statuses));
    }
    let exact = [
        ("document_number", &filter.document_number),
        ("direction", &filter.direction),
        ("parent_receipt_id", &filter.parent_id),
    ];
    for (name, value) in exact {
        if let Some(value) = value {
            push(&mut query, name, &percent_encoded(value));
        }
    }
    push(&mut query, "skip", &skip.to_string());
    push(&mut query, "limit", &limit.to_string());
    query
}

fn push(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.push_str(name);
    query.push('=');
    query.push_str(value);
}

fn comma_list(values: &[String]) -> String {
    let encoded: Vec<String> = values.iter().map(|value| percent_encoded(value)).collect();
    encoded.join(",")
}

/// Returns the value with everything but the unreserved characters of RFC 3986 encoded.
fn percent_encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").expect("writing to a string cannot fail");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_keep_literal_commas() {
        let filter = Filter {
            fiscal_ids: vec!["01234567890".to_owned(), "a,b&c".to_owned()],
            after: NaiveDate::from_ymd_opt(2026, 1, 31),
            before: NaiveDate::from_ymd_opt(2026, 3, 1),
            statuses: vec!["new".to_owned(), "retry".to_owned()],
            ..Filter::default()
        };
        assert_eq!(
            query_text(Resource::Receipts, &filter, 95, 100),
            "fiscal_id=01234567890,a%2Cb%26c&created_at%5Bafter%5D=2026-01-31\
             &created_at%5Bbefore%5D=2026-03-01&status=new,retry&skip=95&limit=100"
        );
    }

    #[test]
    fn numbers_are_asked_for_as_written() {
        let filter = Filter {
            document_number: Some("FPR 12/26".to_owned()),
            direction: Some("outgoing".to_owned()),
            parent_id: Some("a1".to_owned()),
            ..Filter::default()
        };
        assert_eq!(
            query_text(Resource::Invoices, &filter, 0, 5),
            "document_number=FPR%2012%2F26&direction=outgoing&parent_receipt_id=a1&skip=0&limit=5"
        );
    }

    #[test]
    fn invoices_have_their_own_names() {
        let filter = Filter {
            after: NaiveDate::from_ymd_opt(2026, 1, 31),
            statuses: vec!["NEW".to_owned()],
            ..Filter::default()
        };
        assert_eq!(
            query_text(Resource::Invoices, &filter, 0, 1),
            "issue_date%5Bafter%5D=2026-01-31&state=NEW&skip=0&limit=1"
        );
    }
}
