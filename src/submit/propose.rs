//! Turns what a person or a stage wants done into intents.
//!
//! A key comes from what makes the effect unique. Where the same may be wanted twice (two
//! equal coffees), `occurrence` tells the first from the second: 1, 2, …

use chrono::{DateTime, NaiveDate, Utc};

use super::{Clue, Kind, NewIntent, receipt_tag};
use crate::api::Request;
use crate::api::wire::{
    ConfigurationChange, NewConfiguration, NewReceipt, PortalAccount, Receipt, ReturnedItem,
};
use crate::fiscal::{TaxId, cents_to_decimal};

/// Names the invoice that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceFacts {
    /// Whose invoice it is: who sends it.
    pub company: TaxId,
    /// The number as written.
    pub number: String,
    /// The day of issue.
    pub issue_date: NaiveDate,
    /// `TD01` and so on.
    pub document_type: Option<String>,
}

/// Proposes to issue a receipt; `written` is the file it was read from.
#[must_use]
pub fn receipt(
    receipt: &NewReceipt,
    company: &TaxId,
    written: &[u8],
    gross_cents: i64,
    occurrence: u32,
) -> NewIntent {
    let parts = [company.as_str().as_bytes(), written, &occurrence.to_be_bytes()];
    let key = NewIntent::key_of(Kind::ReceiptSend, &parts);
    let tag = receipt_tag(&key);
    NewIntent {
        kind: Kind::ReceiptSend,
        company: company.clone(),
        subject: format!("receipt of {} EUR", cents_to_decimal(gross_cents)),
        request: Request::create_receipt(receipt.body(&tag)),
        needs_secret: false,
        clue: Clue::Tag { tag },
        key,
    }
}

/// Proposes to take items of a receipt back.
#[must_use]
pub fn returned(parent: &Receipt, items: &[ReturnedItem], occurrence: u32) -> Option<NewIntent> {
    let request = Request::return_items(&parent.id, items);
    let parts = [parent.id.as_bytes(), request.body(), &occurrence.to_be_bytes()];
    Some(NewIntent {
        key: NewIntent::key_of(Kind::ReceiptReturn, &parts),
        kind: Kind::ReceiptReturn,
        company: TaxId::parse(&parent.fiscal_id)?,
        subject: format!("return of {} of receipt {}", items_text(items), name_of(parent)),
        request,
        needs_secret: false,
        clue: child_of(parent, false),
    })
}

/// Proposes to void a receipt, which can be done once only.
#[must_use]
pub fn voided(parent: &Receipt) -> Option<NewIntent> {
    Some(NewIntent {
        key: NewIntent::key_of(Kind::ReceiptVoid, &[parent.id.as_bytes()]),
        kind: Kind::ReceiptVoid,
        company: TaxId::parse(&parent.fiscal_id)?,
        subject: format!("void of receipt {}", name_of(parent)),
        request: Request::void_receipt(&parent.id),
        needs_secret: false,
        clue: child_of(parent, true),
    })
}

/// Proposes to send an invoice; `needs_secret` when a signature login goes with it.
#[must_use]
pub fn invoice(facts: &InvoiceFacts, xml: Vec<u8>, needs_secret: bool) -> NewIntent {
    NewIntent {
        key: NewIntent::key_of(Kind::InvoiceSend, &[facts.company.as_str().as_bytes(), &xml]),
        kind: Kind::InvoiceSend,
        company: facts.company.clone(),
        subject: format!("invoice {} of {}", facts.number, facts.issue_date),
        request: Request::send_invoice(xml),
        needs_secret,
        clue: Clue::Invoice {
            number: facts.number.clone(),
            issue_date: facts.issue_date,
            direction: "outgoing".to_owned(),
            document_type: facts.document_type.clone(),
        },
    }
}

/// Proposes to register a company.
#[must_use]
pub fn company_added(company: &TaxId, new: &NewConfiguration, at: DateTime<Utc>) -> NewIntent {
    of_company(Kind::CompanyAdd, company, Request::create_configuration(new), at)
        .about(format!("registration of {}", new.name), Clue::CompanyThere)
        .needing_secret(new.settings.portal_account.is_some())
}

/// Proposes to change a company's settings, without its credentials.
#[must_use]
pub fn company_changed(
    company: &TaxId,
    change: &ConfigurationChange,
    at: DateTime<Utc>,
) -> NewIntent {
    let request = Request::update_configuration(company.as_str(), change);
    of_company(Kind::CompanyUpdate, company, request, at)
        .about(format!("settings of {company}"), Clue::CompanySettings)
        .needing_secret(change.portal_account.is_some())
}

/// Proposes to remove a company.
#[must_use]
pub fn company_removed(company: &TaxId, at: DateTime<Utc>) -> NewIntent {
    of_company(Kind::CompanyRemove, company, Request::delete_configuration(company.as_str()), at)
        .about(format!("removal of {company}"), Clue::CompanyGone)
}

/// Proposes to store new credentials of the tax portal for a company.
#[must_use]
pub fn credentials(company: &TaxId, tax_code: &str, at: DateTime<Utc>) -> NewIntent {
    let change = ConfigurationChange {
        portal_account: Some(PortalAccount { tax_code: tax_code.to_owned() }),
        ..ConfigurationChange::default()
    };
    let request = Request::update_configuration(company.as_str(), &change);
    of_company(Kind::CredentialsRotate, company, request, at)
        .about(format!("credentials of {tax_code} for {company}"), Clue::CompanySettings)
        .needing_secret(true)
}

/// The same change may be wanted again after another, so its instant is part of its key.
fn of_company(kind: Kind, company: &TaxId, request: Request, at: DateTime<Utc>) -> NewIntent {
    let instant = at.timestamp_micros().to_be_bytes();
    let parts = [company.as_str().as_bytes(), request.body(), &instant];
    NewIntent {
        key: NewIntent::key_of(kind, &parts),
        kind,
        company: company.clone(),
        subject: String::new(),
        request,
        needs_secret: false,
        clue: Clue::CompanyThere,
    }
}

impl NewIntent {
    fn about(self, subject: String, clue: Clue) -> Self {
        Self { subject, clue, ..self }
    }

    fn needing_secret(self, needs_secret: bool) -> Self {
        Self { needs_secret, ..self }
    }
}

/// What was known before is filled in just before sending.
fn child_of(parent: &Receipt, is_void: bool) -> Clue {
    Clue::Child { parent: parent.id.clone(), is_void, known: Vec::new() }
}

fn items_text(items: &[ReturnedItem]) -> String {
    let each = items.iter().map(|item| format!("{} × item {}", item.quantity, item.id));
    each.collect::<Vec<_>>().join(", ")
}

fn name_of(receipt: &Receipt) -> &str {
    receipt.document_number.as_deref().unwrap_or(&receipt.id)
}
