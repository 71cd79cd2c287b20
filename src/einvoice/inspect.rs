//! Everything that is found in a set of files, told as facts.
//!
//! Files are added one by one and only their facts are kept, so that a zip of thousands
//! fits. When all are in, [`Inspection::link`] ties notifications to their files, dates of
//! transmission to deadlines, and documents to their duplicates.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::einvoice::checks::{self, Check, DuplicateKey};
use crate::einvoice::totals::{Totals, totals};
use crate::einvoice::{
    Attachment, Content, Error, Format, Invoice, Maker, Notification, Party, Reading, SchemaFault,
    Signature, Warning, Wrapper, read,
};
use crate::fiscal::{Currency, DocumentType};

/// Holds what was found in a set of files.
#[derive(Debug, Default)]
pub struct Inspection {
    /// The files and members that hold invoices.
    pub files: Vec<InvoiceFile>,
    /// The documents, in the order of their files.
    pub documents: Vec<Document>,
    /// The notifications of the SdI.
    pub notifications: Vec<Noticed>,
    /// The files that are put aside.
    pub rejected: Vec<Rejected>,
    /// The litter of systems, not looked into.
    pub skipped: Vec<Place>,
}

/// Says where something was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The path as given.
    pub path: String,
    /// The member of an archive.
    pub member: Option<String>,
}

/// Holds what is known of one file of invoices.
#[derive(Debug)]
pub struct InvoiceFile {
    /// Where it is.
    pub place: Place,
    /// The SHA-256 of its bytes.
    pub sha256: String,
    /// The SHA-256 of the XML inside the wrappers.
    pub content_sha256: String,
    /// The wrappers that were taken off.
    pub wrappers: Vec<Wrapper>,
    /// The verdicts on its signatures.
    pub signatures: Vec<Signature>,
    /// What was odd in the file as a whole.
    pub warnings: Vec<Warning>,
    /// What the SdI would reject the file as a whole for.
    pub checks: Vec<Check>,
    /// Which notifications are about it, by their index.
    pub notifications: Vec<usize>,
}

/// Holds the facts of one document.
#[derive(Debug)]
pub struct Document {
    /// Its file, by its index.
    pub file: usize,
    /// Its position in the file, from 1.
    pub body: usize,
    /// The format.
    pub format: Format,
    /// `TD01` to `TD29`.
    pub document_type: Option<DocumentType>,
    /// The number as written.
    pub number: Option<String>,
    /// The day of the document.
    pub issue_date: Option<NaiveDate>,
    /// Who sells.
    pub seller: Party,
    /// Who buys.
    pub buyer: Party,
    /// The currency.
    pub currency: Currency,
    /// What it adds up to, signed.
    pub totals: Totals,
    /// Who made the document and sends it.
    pub made_by: Maker,
    /// The first day of the deliveries that it names.
    pub delivered_on: Option<NaiveDate>,
    /// The last day on which the law lets it be sent, where the file tells.
    pub send_by: Option<NaiveDate>,
    /// The files enclosed, without their content.
    pub attachments: Vec<Attachment>,
    /// What was odd in the document.
    pub warnings: Vec<Warning>,
    /// What the SdI would reject it for.
    pub checks: Vec<Check>,
    pub(super) key: Option<DuplicateKey>,
}

/// Holds a notification and the file that it is about.
#[derive(Debug)]
pub struct Noticed {
    /// Where it was found.
    pub place: Place,
    /// What it says.
    pub notification: Notification,
    /// What was odd in it.
    pub warnings: Vec<Warning>,
    /// The file that it is about, by its index, when it is among those given.
    pub file: Option<usize>,
}

/// Holds a file that is put aside.
#[derive(Debug)]
pub struct Rejected {
    /// Where it is.
    pub place: Place,
    /// The official code under which the SdI rejects such a file.
    pub code: Option<&'static str>,
    /// Why.
    pub reason: String,
    /// What a person can do.
    pub hint: Option<String>,
    /// The wrappers that came off before it stopped.
    pub wrappers: Vec<Wrapper>,
}

impl Inspection {
    /// Adds what a file holds; `today` is the day in Rome.
    pub fn add(&mut self, path: &str, bytes: &[u8], today: NaiveDate) {
        read(bytes, &mut |reading| self.add_reading(path, reading, today));
    }

    /// Adds a file that could not even be opened.
    pub fn reject(&mut self, path: &str, reason: String, hint: Option<String>) {
        let place = Place { path: path.to_owned(), member: None };
        self.rejected.push(Rejected { place, code: None, reason, hint, wrappers: Vec::new() });
    }

    /// Adds a file that is known not to be worth opening.
    pub fn skip(&mut self, path: &str) {
        self.skipped.push(Place { path: path.to_owned(), member: None });
    }

    fn add_reading(&mut self, path: &str, reading: Reading, today: NaiveDate) {
        let place = Place { path: path.to_owned(), member: reading.member };
        match reading.content {
            Ok(Content::Litter) => self.skipped.push(place),
            Err(error) => self.rejected.push(rejected(place, &error, reading.wrappers)),
            Ok(Content::Notification(notification)) => self.notifications.push(Noticed {
                place,
                notification: *notification,
                warnings: reading.warnings,
                file: None,
            }),
            Ok(Content::Invoices(invoices)) => {
                let name = place.file_name();
                let checks = checks::check_file(name, reading.bytes, &reading.signatures, today);
                self.files.push(InvoiceFile {
                    place,
                    content_sha256: reading.content_sha256.unwrap_or_default(),
                    sha256: reading.sha256,
                    wrappers: reading.wrappers,
                    signatures: reading.signatures,
                    warnings: reading.warnings,
                    checks,
                    notifications: Vec::new(),
                });
                let file = self.files.len() - 1;
                let first = self.documents.len();
                self.documents.extend(
                    invoices
                        .into_iter()
                        .map(|(invoice, warnings)| document(file, invoice, warnings, today)),
                );
                self.add_schema_faults(file, first, reading.schema_faults);
            }
        }
    }

    /// Puts faults of form before the checks of their document, or of the file.
    fn add_schema_faults(&mut self, file: usize, first: usize, faults: Vec<SchemaFault>) {
        let mut before: HashMap<Option<usize>, Vec<Check>> = HashMap::new();
        for fault in faults {
            let code = if fault.is_last_of_many { "00201" } else { "00200" };
            let check = Check::new(code, fault.path, fault.message);
            before.entry(fault.body).or_default().push(check);
        }
        for (body, checks) in before {
            let document = body.and_then(|body| self.documents.get_mut(first + body - 1));
            let place = match document {
                Some(document) => &mut document.checks,
                None => &mut self.files[file].checks,
            };
            place.splice(0..0, checks);
        }
    }
}

impl Rejected {
    /// Tells whether its bytes were looked at; what could not be opened has no official code.
    #[must_use]
    pub fn was_opened(&self) -> bool {
        self.code.is_some()
    }
}

impl Place {
    /// Returns the name of the file or member, without folders.
    #[must_use]
    pub fn file_name(&self) -> &str {
        let whole = self.member.as_deref().unwrap_or(&self.path);
        whole.rsplit(['/', '\\']).next().unwrap_or(whole)
    }

    pub(super) fn folder(&self) -> (&str, &str) {
        let before = |text: &'_ str| text.rfind(['/', '\\']).unwrap_or(0);
        match &self.member {
            Some(member) => (&self.path, &member[..before(member)]),
            None => (&self.path[..before(&self.path)], ""),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Names come from outside: a terminal must not obey them.
        let clean = |text: &str| text.replace(|c: char| c.is_control(), "\u{fffd}");
        match &self.member {
            Some(member) => write!(formatter, "{}:{}", clean(&self.path), clean(member)),
            None => formatter.write_str(&clean(&self.path)),
        }
    }
}

fn rejected(place: Place, error: &Error, wrappers: Vec<Wrapper>) -> Rejected {
    let code = Some(error.code());
    Rejected { place, code, reason: error.reason(), hint: error.hint(), wrappers }
}

fn document(file: usize, invoice: Invoice, warnings: Vec<Warning>, today: NaiveDate) -> Document {
    let (made_by, delivered_on) = (invoice.made_by(), invoice.delivered_on());
    let send_by = invoice
        .issue_date
        .and_then(|date| checks::deadline(&invoice.type_or_unknown(), date, delivered_on));
    Document {
        file,
        body: invoice.body,
        format: invoice.format,
        totals: totals(&invoice),
        checks: checks::check(&invoice, today),
        key: checks::duplicate_key(&invoice),
        document_type: invoice.document_type,
        number: invoice.number,
        issue_date: invoice.issue_date,
        seller: invoice.seller,
        buyer: invoice.buyer,
        currency: invoice.currency,
        made_by,
        delivered_on,
        send_by,
        attachments: invoice.attachments,
        warnings,
    }
}
