//! Companies that are registered, changed and deleted.

use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};

use super::answer::{self, Refusal};
use super::body::{self, optional};
use super::books::{Books, Standing};
use super::data::wire::{Authentication, Configuration, text};
use super::effects::{Effect, EffectKind, Purchase};
use super::json::Object;
use super::life;
use super::receipts::company;
use super::state::{Collection, Shared};
use super::subscription;

/// Registers a company.
pub(super) fn create(shared: &Shared, content: &[u8]) -> Result<Response, Refusal> {
    let body = body::object(content)?;
    let fiscal_id = named(&body, "fiscal_id")?;
    let name = named(&body, "name")?;
    let email = named(&body, "email").and_then(checked_email)?;
    let flag = |name| Ok(optional(&body, name)?.unwrap_or_default());
    let (receipts, customer_invoice, supplier_invoice): (bool, bool, bool) =
        (flag("receipts")?, flag("customer_invoice")?, flag("supplier_invoice")?);
    let credentials = Credentials::read(&body)?;
    let subscriptions = subscription::read(&body, shared.habits())?.unwrap_or_default();
    let now = shared.now();
    let mut books = shared.books();
    let is_known = shared.read(Collection::Configurations).by_fiscal_id(&fiscal_id).is_some();
    if is_known || books.ghosts.contains(&fiscal_id) {
        return Err(Refusal::already_exists(shared.habits().already_exists));
    }
    books.pay(Purchase::Configuration, now)?;
    let id = books.new_id(now);
    let visible_after = shared.habits().configuration_visible_after_ms;
    let standing = Standing {
        credentials_stored_at: credentials.is_complete.then_some(now),
        credentials_reported: false,
        visible_from: now + chrono::TimeDelta::milliseconds(visible_after.into()),
    };
    books.standings.insert(fiscal_id.clone(), standing);
    let mut configuration = Object::read(&text(&Configuration {
        fiscal_id: &fiscal_id,
        name: &name,
        email: &email,
        receipts_authentication: credentials
            .tax_code
            .as_deref()
            .map(|tax_code| Authentication { tax_code }),
        api_configurations: Vec::new(),
        receipts,
        customer_invoice,
        supplier_invoice,
        active: true,
        create_timestamp: now.timestamp(),
        id: id.clone(),
    }))
    .expect("a struct is an object");
    subscription::apply(&mut configuration, subscriptions, true);
    shared.put_back(Collection::Configurations, &configuration);
    let kind = EffectKind::ConfigurationCreated;
    books.effects.push(Effect { kind, fiscal_id, key: name, id, at: now });
    Ok(answer::written(&configuration.text(), ""))
}

/// Changes a company; fiscal id, name and email stay for ever.
pub(super) fn change(shared: &Shared, id: &str, content: &[u8]) -> Result<Response, Refusal> {
    let body = body::object(content)?;
    let now = shared.now();
    let mut books = shared.books();
    let mut configuration = known(shared, &mut books, id, now)?;
    if let Some(field) = ["fiscal_id", "name", "email"].into_iter().find(|name| body.has(name)) {
        return Err(Refusal::not_editable(field));
    }
    let credentials = Credentials::read(&body)?;
    let subscriptions = subscription::read(&body, shared.habits())?;
    let mut changed = Vec::new();
    for name in ["receipts", "customer_invoice", "supplier_invoice"] {
        if let Some(value) = optional::<bool>(&body, name)? {
            configuration.set(name, value);
            changed.push(name);
        }
    }
    if let Some(tax_code) = credentials.tax_code {
        configuration.set("receipts_authentication", Authentication { tax_code: &tax_code });
    }
    if body.has("receipts_authentication") {
        changed.push("receipts_authentication");
        if credentials.is_complete {
            let standing = books.standing(id);
            standing.credentials_stored_at = Some(now);
            standing.credentials_reported = false;
        }
    }
    if let Some(subscriptions) = subscriptions {
        changed.push("api_configurations");
        let replaces = shared.habits().patch_replaces_callbacks;
        subscription::apply(&mut configuration, subscriptions, replaces);
    }
    shared.put_back(Collection::Configurations, &configuration);
    if credentials.is_complete {
        life::tell_credentials(shared, &mut books, id, "updated", now);
    }
    books.effects.push(Effect {
        kind: EffectKind::ConfigurationChanged,
        fiscal_id: id.to_owned(),
        key: changed.join(","),
        id: configuration.string("id").unwrap_or_default(),
        at: now,
    });
    Ok(answer::written(&configuration.text(), ""))
}

/// Deletes a company, unless receipts were sent for it.
pub(super) fn delete(shared: &Shared, id: &str) -> Result<Response, Refusal> {
    let now = shared.now();
    let mut books = shared.books();
    let configuration = known(shared, &mut books, id, now)?;
    if shared.read(Collection::Receipts).iter().any(|receipt| receipt.fiscal_id == id) {
        return Err(Refusal::bad("The configuration cannot be deleted: receipts were sent"));
    }
    let document_id = configuration.string("id").unwrap_or_default();
    shared.remove(Collection::Configurations, &document_id);
    books.standings.remove(id);
    books.effects.push(Effect {
        kind: EffectKind::ConfigurationDeleted,
        fiscal_id: id.to_owned(),
        key: String::new(),
        id: document_id,
        at: now,
    });
    Ok(answer::written(r#""null""#, &format!("Deleted configuration for id: {id}")))
}

fn known(
    shared: &Shared,
    books: &mut Books,
    id: &str,
    now: DateTime<Utc>,
) -> Result<Object, Refusal> {
    company(shared, books, id, now).ok_or_else(Refusal::unknown_company)
}

/// Is what the tax portal asks for; password and PIN are looked at and forgotten.
struct Credentials {
    tax_code: Option<String>,
    is_complete: bool,
}

impl Credentials {
    fn read(body: &Object) -> Result<Self, Refusal> {
        let given: Option<Object> = optional(body, "receipts_authentication")?;
        let given = given.unwrap_or_default();
        let tax_code: Option<String> = optional(&given, "taxCode")?;
        let password: Option<String> = optional(&given, "password")?;
        let pin: Option<String> = optional(&given, "pin")?;
        let is_complete = tax_code.is_some() && password.is_some() && pin.is_some();
        Ok(Self { tax_code, is_complete })
    }
}

/// Returns a text that must be there and not empty.
fn named(body: &Object, name: &str) -> Result<String, Refusal> {
    let text: Option<String> = optional(body, name)?;
    text.filter(|text| !text.trim().is_empty()).ok_or_else(|| {
        let message = format!("The '{name}' is required");
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, &message, 334)
    })
}

fn checked_email(email: String) -> Result<String, Refusal> {
    let halves = email.split_once('@');
    let is_email = halves.is_some_and(|(name, host)| {
        !name.is_empty() && !host.is_empty() && !host.contains('@') && !email.contains(' ')
    });
    if is_email { Ok(email) } else { Err(body::invalid("email")) }
}
