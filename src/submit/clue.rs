//! Knows how an effect is recognised at the provider, and judges what was found there.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::api::wire::{Configuration, ConfigurationChange, Invoice, Receipt, callback_urls};

/// Says by what the effect of an intent is recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Clue {
    /// A receipt with this tag.
    Tag {
        /// See [`super::receipt_tag`].
        tag: String,
    },
    /// A receipt that belongs to another and was not there before.
    Child {
        /// The receipt that items are taken from, or that is voided.
        parent: String,
        /// Whether a void is looked for, not a return.
        is_void: bool,
        /// The receipts that belonged to it before the first sending.
        known: Vec<String>,
    },
    /// An invoice of the company with this number.
    Invoice {
        /// The number as written.
        number: String,
        /// The day of issue.
        issue_date: NaiveDate,
        /// `outgoing` or `incoming`.
        direction: String,
        /// `TD01` and so on: a credit note may share a number.
        document_type: Option<String>,
    },
    /// The company is registered.
    CompanyThere,
    /// The company is not registered any more.
    CompanyGone,
    /// The company has the settings of the request.
    CompanySettings,
}

/// Says what was found when an effect was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sighting {
    /// It stands at the provider.
    Seen {
        /// The document that came of it, where it is one.
        provider_id: Option<String>,
    },
    /// It does not.
    NotSeen,
    /// Nobody can tell just now.
    Undecidable {
        /// Why, for people.
        reason: String,
    },
    /// Nobody can ever tell: the provider does not show it.
    Hidden {
        /// Why, for people.
        reason: String,
    },
}

/// Returns the receipt that carries a tag, if any of these does.
#[must_use]
pub fn receipt_with_tag<'a>(tag: &str, receipts: &'a [Receipt]) -> Option<&'a Receipt> {
    receipts.iter().find(|receipt| receipt.tags.iter().any(|one| one == tag))
}

/// Judges the receipts that belong to a parent against those known before.
///
/// `claimed` are those that other intents made. A receipt is voided once only, so any void
/// is the one; of two new returns nobody can say which is ours.
#[must_use]
pub fn new_children(
    is_void: bool,
    known: &[String],
    claimed: &[String],
    children: &[Receipt],
) -> Sighting {
    let wanted = if is_void { "void" } else { "return" };
    let mut fresh = children.iter().filter(|child| {
        let is_type =
            child.receipt_type.as_deref().is_some_and(|found| found.eq_ignore_ascii_case(wanted));
        is_type && !known.contains(&child.id) && !claimed.contains(&child.id)
    });
    match (fresh.next(), fresh.next()) {
        (None, _) => Sighting::NotSeen,
        (Some(child), None) => Sighting::Seen { provider_id: Some(child.id.clone()) },
        (Some(child), Some(_)) if is_void => Sighting::Seen { provider_id: Some(child.id.clone()) },
        (Some(one), Some(other)) => Sighting::Undecidable {
            reason: format!("`{}` and `{}` are both new: one may be ours", one.id, other.id),
        },
    }
}

/// Judges invoices that the provider lists under a number.
///
/// What a row does not say does not speak against it.
#[must_use]
pub fn invoice_rows(
    number: &str,
    issue_date: NaiveDate,
    direction: &str,
    document_type: Option<&str>,
    rows: &[Invoice],
) -> Sighting {
    let same = |said: Option<&str>, wanted: &str| {
        said.is_none_or(|said| said.trim().eq_ignore_ascii_case(wanted.trim()))
    };
    let found = rows.iter().find(|row| {
        row.document_number.as_deref().is_some_and(|said| same(Some(said), number))
            && same(row.direction.as_deref(), direction)
            && document_type.is_none_or(|wanted| same(row.document_type.as_deref(), wanted))
            && row.issue_date.is_none_or(|day| day == issue_date)
    });
    match found {
        Some(row) => Sighting::Seen { provider_id: Some(row.id.clone()) },
        None => Sighting::NotSeen,
    }
}

/// Judges whether a company has the settings that a request asked for.
///
/// Password and PIN are never told back, so whether they are stored cannot be seen.
#[must_use]
pub fn company_settings(change: &ConfigurationChange, id: &str, body: &str) -> Sighting {
    let Ok(found) = Configuration::parse(body) else {
        return Sighting::Undecidable { reason: "the company's settings do not read".to_owned() };
    };
    let flags = [
        (change.issues_receipts, found.issues_receipts),
        (change.sends_invoices, found.sends_invoices),
        (change.receives_invoices, found.receives_invoices),
    ];
    let flags_hold = flags.iter().all(|(wanted, found)| wanted.is_none() || wanted == found);
    let urls = callback_urls(body);
    let callbacks_hold = change.callbacks.iter().flatten().all(|wanted| {
        let url = wanted.callback.as_ref().map(|callback| callback.url.as_str());
        urls.get(&wanted.event).map(String::as_str) == url
    });
    if !flags_hold || !callbacks_hold {
        return Sighting::NotSeen;
    }
    match &change.portal_account {
        None => Sighting::Seen { provider_id: Some(id.to_owned()) },
        Some(account) if found.credentials_tax_code() != Some(account.tax_code.as_str()) => {
            Sighting::NotSeen
        }
        Some(_) => Sighting::Hidden {
            reason: "the provider never tells whether a password was stored".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::wire::{PortalAccount, callbacks};

    fn receipt(id: &str, kind: &str, tags: &str) -> Receipt {
        let body = format!(r#"{{"id":"{id}","fiscal_id":"x","type":"{kind}","tags":{tags}}}"#);
        Receipt::parse(&body).unwrap()
    }

    fn seen(id: &str) -> Sighting {
        Sighting::Seen { provider_id: Some(id.to_owned()) }
    }

    #[test]
    fn tag_is_found_nested_or_flat() {
        let rows =
            [receipt("a", "sale", r#"["x"]"#), receipt("b", "sale", r#"[["y","quadra-1"]]"#)];
        assert_eq!(receipt_with_tag("quadra-1", &rows).unwrap().id, "b");
        assert!(receipt_with_tag("quadra-2", &rows).is_none());
    }

    #[test]
    fn only_new_children_of_the_kind_count() {
        let rows = [
            receipt("a", "return", "[]"),
            receipt("b", "return", "[]"),
            receipt("v", "void", "[]"),
        ];
        let known = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        assert_eq!(new_children(false, &known(&["a", "b"]), &[], &rows), Sighting::NotSeen);
        assert_eq!(new_children(false, &known(&["a"]), &[], &rows), seen("b"));
        assert_eq!(new_children(false, &[], &known(&["b"]), &rows), seen("a"));
        assert!(matches!(new_children(false, &[], &[], &rows), Sighting::Undecidable { .. }));
        assert_eq!(new_children(true, &[], &[], &rows), seen("v"));
    }

    #[test]
    fn number_of_another_year_or_type_is_another_invoice() {
        let row = Invoice::parse(
            r#"{"id":"i","fiscal_id":"x","document_number":"12","issue_date":"2026-02-03",
            "direction":"outgoing","type":"TD01"}"#,
        )
        .unwrap();
        let rows = [row];
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let judge =
            |number, date, direction, kind| invoice_rows(number, day(date), direction, kind, &rows);
        assert_eq!(judge(" 12 ", "2026-02-03", "outgoing", Some("TD01")), seen("i"));
        assert_eq!(judge("12", "2026-02-03", "outgoing", None), seen("i"));
        assert_eq!(judge("12", "2025-02-03", "outgoing", Some("TD01")), Sighting::NotSeen);
        assert_eq!(judge("12", "2026-02-03", "outgoing", Some("TD04")), Sighting::NotSeen);
        assert_eq!(judge("12", "2026-02-03", "incoming", Some("TD01")), Sighting::NotSeen);
        assert_eq!(judge("1", "2026-02-03", "outgoing", Some("TD01")), Sighting::NotSeen);
    }

    #[test]
    fn settings_are_seen_but_passwords_are_not() {
        let body = r#"{"id":"c","fiscal_id":"x","receipts":true,
            "receipts_authentication":{"taxCode":"X9"},
            "api_configurations":[{"event":"receipt","callback":{"url":"https://q.example/receipt"}}]}"#;
        let change = ConfigurationChange {
            issues_receipts: Some(true),
            callbacks: Some(callbacks("https://q.example", &["receipt"])),
            ..ConfigurationChange::default()
        };
        assert_eq!(company_settings(&change, "c", body), seen("c"));
        let other = ConfigurationChange {
            callbacks: Some(callbacks("https://other.example", &["receipt"])),
            ..change.clone()
        };
        assert_eq!(company_settings(&other, "c", body), Sighting::NotSeen);
        let account = |tax_code: &str| ConfigurationChange {
            portal_account: Some(PortalAccount { tax_code: tax_code.to_owned() }),
            ..change.clone()
        };
        assert_eq!(company_settings(&account("Y8"), "c", body), Sighting::NotSeen);
        let same = company_settings(&account("X9"), "c", body);
        assert!(matches!(same, Sighting::Hidden { .. }));
    }
}
