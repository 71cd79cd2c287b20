//! Everything that is found in a set of files, told as facts.
//!
//! Files are added one by one and only their facts are kept, so that a zip of thousands
//! fits. When all are in, [`Inspection::link`] ties notifications to their files, dates of
//! transmission to deadlines, and documents to their duplicates.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::einvoice::checks::{self, Check, DuplicateKey};
use crate::einvoice::notification::{Outcome, stem};
use crate::einvoice::totals::{Totals, totals};
use crate::einvoice::{
    Attachment, Content, Error, Format, Invoice, Notification, NotificationKind, Party, Reading,
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
    /// The files enclosed, without their content.
    pub attachments: Vec<Attachment>,
    /// What was odd in the document.
    pub warnings: Vec<Warning>,
    /// What the SdI would reject it for.
    pub checks: Vec<Check>,
    key: Option<DuplicateKey>,
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
        self.rejected.push(Rejected { place, reason, hint, wrappers: Vec::new() });
    }

    /// Adds a file that is known not to be worth opening.
    pub fn skip(&mut self, path: &str) {
        self.skipped.push(Place { path: path.to_owned(), member: None });
    }

    /// Ties notifications to files, and looks for late and for double documents.
    pub fn link(&mut self) {
        self.link_notifications();
        self.check_deadlines();
        self.check_duplicates();
    }

    /// Tells whether a document does not stand, by a notification among those given.
    ///
    /// The SdI discarded its file, or a public body refused the document.
    #[must_use]
    pub fn is_void(&self, document: &Document) -> bool {
        self.files[document.file].notifications.iter().any(|index| {
            let notice = &self.notifications[*index].notification;
            let is_meant = notice.invoices.is_empty()
                || notice.invoices.iter().any(|one| {
                    one.position.map_or(one.number == document.number, |at| at == document.body)
                });
            match notice.kind {
                NotificationKind::Rejected => true,
                NotificationKind::Outcome => notice.outcome == Some(Outcome::Refused) && is_meant,
                _ => false,
            }
        })
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
                let checks =
                    checks::check_file(place.file_name(), reading.bytes, &reading.signatures);
                self.files.push(InvoiceFile {
                    place,
                    sha256: reading.sha256,
                    wrappers: reading.wrappers,
                    signatures: reading.signatures,
                    warnings: reading.warnings,
                    checks,
                    notifications: Vec::new(),
                });
                let file = self.files.len() - 1;
                self.documents.extend(
                    invoices
                        .into_iter()
                        .map(|(invoice, warnings)| document(file, invoice, warnings, today)),
                );
            }
        }
    }

    fn link_notifications(&mut self) {
        let mut by_stem: HashMap<String, Vec<usize>> = HashMap::new();
        let mut by_hash: HashMap<&str, usize> = HashMap::new();
        for (index, file) in self.files.iter().enumerate() {
            let key = stem(file.place.file_name()).to_lowercase();
            by_stem.entry(key).or_default().push(index);
            by_hash.entry(&file.sha256).or_insert(index);
        }
        let mut links = Vec::new();
        for noticed in &self.notifications {
            let notice = &noticed.notification;
            let wanted = notice.file_name.as_deref().map(|name| stem(name).to_lowercase());
            let alike = wanted.and_then(|key| by_stem.get(&key)).map_or(&[][..], Vec::as_slice);
            // A file of that name beside the notification is a better guess than one afar.
            let beside: Vec<usize> = alike
                .iter()
                .copied()
                .filter(|index| self.files[*index].place.folder() == noticed.place.folder())
                .collect();
            let by_name = [beside.as_slice(), alike].into_iter().find_map(|candidates| {
                let names = candidates.iter().map(|index| self.files[*index].place.file_name());
                let (found, _) = notice.find_file(names)?;
                candidates.iter().copied().find(|i| self.files[*i].place.file_name() == found)
            });
            let by_content = || by_hash.get(notice.file_hash.as_deref()?).copied();
            links.push(by_name.or_else(by_content));
        }
        for (index, file) in links.into_iter().enumerate() {
            let noticed = &mut self.notifications[index];
            noticed.file = file;
            let Some(file) = file.map(|file| &mut self.files[file]) else {
                continue;
            };
            file.notifications.push(index);
            let stated = noticed.notification.file_hash.as_deref();
            if stated.is_some_and(|hash| hash.len() == 64 && hash != file.sha256) {
                noticed.warnings.push(Warning {
                    path: None,
                    message: "the file of that name has other bytes than the SdI received"
                        .to_owned(),
                });
            }
        }
    }

    fn check_deadlines(&mut self) {
        for document in &mut self.documents {
            let received = self.files[document.file]
                .notifications
                .iter()
                .find_map(|index| self.notifications[*index].notification.received_on);
            if let (Some(kind), Some(date), Some(received)) =
                (&document.document_type, document.issue_date, received)
            {
                let found = checks::check_received(kind, date, document.body, received);
                document.checks.extend(found);
            }
        }
    }

    /// Finds documents that the SdI would take for the same; what does not stand does not count.
    fn check_duplicates(&mut self) {
        let mut first: HashMap<DuplicateKey, usize> = HashMap::new();
        for index in 0..self.documents.len() {
            let document = &self.documents[index];
            let Some(key) = document.key.clone().filter(|_| !self.is_void(document)) else {
                continue;
            };
            let Some(before) = first.get(&key).copied() else {
                first.insert(key, index);
                continue;
            };
            let (before, now) = (self.documents[before].file, document.file);
            let is_same_file = self.files[before].sha256 == self.files[now].sha256;
            let where_else = &self.files[before].place;
            let (code, message) = match (before == now, is_same_file) {
                (true, _) => ("00409", "the same document stands twice in the file".to_owned()),
                (false, true) => ("00002", format!("the same file as {where_else}")),
                (false, false) => ("00404", format!("the same document as in {where_else}")),
            };
            let path = format!(
                "FatturaElettronicaBody[{}]/DatiGenerali/DatiGeneraliDocumento/Numero",
                document.body
            );
            self.documents[index].checks.push(Check { code, path, message });
        }
    }
}

impl Place {
    /// Returns the name of the file or member, without folders.
    #[must_use]
    pub fn file_name(&self) -> &str {
        let whole = self.member.as_deref().unwrap_or(&self.path);
        whole.rsplit(['/', '\\']).next().unwrap_or(whole)
    }

    fn folder(&self) -> (&str, &str) {
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
    Rejected { place, reason: error.reason(), hint: error.hint(), wrappers }
}

fn document(file: usize, invoice: Invoice, warnings: Vec<Warning>, today: NaiveDate) -> Document {
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
        attachments: invoice.attachments,
        warnings,
    }
}
