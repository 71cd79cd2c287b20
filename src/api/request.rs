//! Holds what is to be done at the API: one POST, PATCH or DELETE, without its secrets.
//!
//! A request can be written down, taken up again and sent by another process. What may not
//! be written down (password, PIN, signature, the secret of our callbacks) is handed over
//! beside it as [`Confidential`], and joins it only on its way out.

use super::call::Call;
use super::redaction::Redaction;
use super::wire::{ConfigurationChange, NewConfiguration, NewImport, ReturnedItem};
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

/// The header in which our callbacks carry their secret.
pub const CALLBACK_SECRET_HEADER: &str = "x-quadra-secret";

/// Names everything that can be done at the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `POST /IT-configurations`
    CreateConfiguration,
    /// `PATCH /IT-configurations/{fiscal_id}`
    UpdateConfiguration,
    /// `DELETE /IT-configurations/{fiscal_id}`
    DeleteConfiguration,
    /// `POST /IT-receipts`
    CreateReceipt,
    /// `PATCH /IT-receipts/{id}`: a new receipt of type return.
    ReturnItems,
    /// `DELETE /IT-receipts/{id}`: a new receipt of type void.
    VoidReceipt,
    /// `POST /IT-invoices`
    SendInvoice,
    /// `POST /IT-invoices_import`
    ImportInvoice,
}

impl Operation {
    fn method(self) -> Method {
        match self {
            Self::CreateConfiguration
            | Self::CreateReceipt
            | Self::SendInvoice
            | Self::ImportInvoice => Method::POST,
            Self::UpdateConfiguration | Self::ReturnItems => Method::PATCH,
            Self::DeleteConfiguration | Self::VoidReceipt => Method::DELETE,
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::CreateConfiguration | Self::UpdateConfiguration | Self::DeleteConfiguration => {
                "IT-configurations"
            }
            Self::CreateReceipt | Self::ReturnItems | Self::VoidReceipt => "IT-receipts",
            Self::SendInvoice => "IT-invoices",
            Self::ImportInvoice => "IT-invoices_import",
        }
    }

    /// Tells whether the path ends in the name of what is changed.
    pub fn has_target(self) -> bool {
        self.method() != Method::POST
    }

    /// Tells whether a success holds no document.
    pub(super) fn answers_nothing(self) -> bool {
        self == Self::DeleteConfiguration
    }

    pub(super) fn is_about_configurations(self) -> bool {
        self.path() == "IT-configurations"
    }
}

/// Holds one thing to do, as it may be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    operation: Operation,
    target: Option<String>,
    body: Vec<u8>,
}

/// Holds the secrets that a request needs on its way and that are never written down.
#[derive(Debug, Clone, Default)]
pub struct Confidential {
    /// Password and PIN of the tax portal, for a configuration.
    pub portal: Option<PortalSecrets>,
    /// The login of a signature service, for an invoice.
    pub signature: Option<Signature>,
    /// What our callbacks carry in [`CALLBACK_SECRET_HEADER`].
    pub callback_secret: Option<SecretString>,
}

/// Holds the secret half of the tax portal's credentials.
#[derive(Debug, Clone)]
pub struct PortalSecrets {
    /// The password.
    pub password: SecretString,
    /// The PIN.
    pub pin: SecretString,
}

/// Holds the login of the service that signs an invoice in our place.
#[derive(Debug, Clone)]
pub struct Signature {
    /// The user.
    pub user: SecretString,
    /// The password.
    pub password: SecretString,
}

impl Request {
    /// Registers a company.
    pub fn create_configuration(new: &NewConfiguration) -> Self {
        Self::new(Operation::CreateConfiguration, None, to_json(new))
    }

    /// Changes the settings of a company.
    pub fn update_configuration(fiscal_id: &str, change: &ConfigurationChange) -> Self {
        Self::new(Operation::UpdateConfiguration, Some(fiscal_id), to_json(change))
    }

    /// Removes a company; refused once it sent receipts.
    pub fn delete_configuration(fiscal_id: &str) -> Self {
        Self::new(Operation::DeleteConfiguration, Some(fiscal_id), Vec::new())
    }

    /// Issues a receipt; the body comes from [`super::wire::NewReceipt::body`].
    pub fn create_receipt(body: String) -> Self {
        Self::new(Operation::CreateReceipt, None, body.into_bytes())
    }

    /// Takes items back: makes a new receipt of type return.
    pub fn return_items(receipt_id: &str, items: &[ReturnedItem]) -> Self {
        let body = to_json(&json!({ "items": items }));
        Self::new(Operation::ReturnItems, Some(receipt_id), body)
    }

    /// Voids a receipt: makes a new receipt of type void.
    pub fn void_receipt(receipt_id: &str) -> Self {
        Self::new(Operation::VoidReceipt, Some(receipt_id), Vec::new())
    }

    /// Sends a FatturaPA file to the SdI, byte for byte.
    pub fn send_invoice(xml: Vec<u8>) -> Self {
        Self::new(Operation::SendInvoice, None, xml)
    }

    /// Hands over an invoice that was sent or received elsewhere.
    pub fn import_invoice(import: &NewImport) -> Self {
        Self::new(Operation::ImportInvoice, None, to_json(import))
    }

    /// Takes up again what was written down.
    pub fn restore(operation: Operation, target: Option<&str>, body: Vec<u8>) -> Self {
        Self::new(operation, target, body)
    }

    fn new(operation: Operation, target: Option<&str>, body: Vec<u8>) -> Self {
        Self { operation, target: target.map(str::to_owned), body }
    }

    /// Returns what is to be done.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// Returns the id in the path, if the path has one.
    pub fn target(&self) -> Option<&str> {
        self.target.as_deref()
    }

    /// Returns the body as it may be written down: without any secret.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns the call, its secrets joined; the error says in words what does not fit.
    pub(super) fn call(&self, base_url: &Url, secrets: &Confidential) -> Result<Call, String> {
        let mut path = self.operation.path().to_owned();
        if self.operation.has_target() {
            let target = self.target.as_deref().unwrap_or_default();
            if !super::client::fits_path(target) {
                return Err(format!("`{}` is no id", target.escape_debug()));
            }
            path = format!("{path}/{target}");
        }
        let url = base_url.join(&path).expect("a plain path joins any base address");
        let (content_type, body) = match self.operation {
            Operation::DeleteConfiguration | Operation::VoidReceipt => (None, None),
            Operation::SendInvoice => (Some("application/xml"), Some(self.body.clone())),
            operation if operation.is_about_configurations() => {
                (Some("application/json"), Some(with_secrets(&self.body, secrets)?))
            }
            _ => (Some("application/json"), Some(self.body.clone())),
        };
        let headers = match (&secrets.signature, self.operation) {
            (Some(signature), Operation::SendInvoice) => signature_headers(signature)?,
            _ => Vec::new(),
        };
        let portal = secrets.portal.iter().flat_map(|portal| [&portal.password, &portal.pin]);
        let signature = secrets.signature.iter().flat_map(|one| [&one.user, &one.password]);
        Ok(Call {
            method: self.operation.method(),
            content_type,
            body,
            headers,
            redaction: Redaction::of(portal.chain(signature).chain(&secrets.callback_secret)),
            ..Call::get(url, format!("/{path}"))
        })
    }
}

fn to_json<T: serde::Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("these types have text keys and no foreign values")
}

fn signature_headers(signature: &Signature) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    let header = |name: &'static str, secret: &SecretString| -> Result<_, String> {
        let mut value = HeaderValue::from_str(secret.expose_secret())
            .map_err(|_| format!("the value of `{name}` has a character that no header takes"))?;
        value.set_sensitive(true);
        Ok((HeaderName::from_static(name), value))
    };
    Ok(vec![
        header("x-signature-user", &signature.user)?,
        header("x-signature-password", &signature.password)?,
    ])
}

/// Joins password, PIN and the callbacks' secret to the body of a configuration.
fn with_secrets(body: &[u8], secrets: &Confidential) -> Result<Vec<u8>, String> {
    let mut body: Value =
        serde_json::from_slice(body).map_err(|_| "the body kept is no JSON".to_owned())?;
    match (&secrets.portal, body.get_mut("receipts_authentication")) {
        (Some(portal), Some(Value::Object(account))) => {
            account.insert("password".to_owned(), portal.password.expose_secret().into());
            account.insert("pin".to_owned(), portal.pin.expose_secret().into());
        }
        (None, Some(Value::Object(_))) => {
            return Err("password and PIN of the tax portal are missing".to_owned());
        }
        _ => {}
    }
    for one in
        body.get_mut("api_configurations").and_then(Value::as_array_mut).into_iter().flatten()
    {
        let Some(callback) = one.get_mut("callback").and_then(Value::as_object_mut) else {
            continue;
        };
        let Some(secret) = &secrets.callback_secret else {
            return Err("the secret of the callbacks is missing".to_owned());
        };
        callback.insert(
            "headers".to_owned(),
            json!({ CALLBACK_SECRET_HEADER: secret.expose_secret() }),
        );
    }
    Ok(to_json(&body))
}
