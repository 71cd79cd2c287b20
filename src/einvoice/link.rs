//! Ties what was found together: notifications to files, dates to deadlines, doubles.

use std::collections::HashMap;

use crate::einvoice::checks::{self, Check, DuplicateKey};
use crate::einvoice::inspect::{Document, Inspection};
use crate::einvoice::notification::{Outcome, stem};
use crate::einvoice::{NotificationKind, Warning};

impl Inspection {
    /// Ties notifications to files, and looks for late and for double documents.
    pub fn link(&mut self) {
        self.link_notifications();
        self.check_names();
        self.check_deadlines();
        self.check_duplicates();
    }

    /// Returns the documents of a file, in their order.
    #[must_use]
    pub fn documents_of(&self, file: usize) -> &[Document] {
        let from = self.documents.partition_point(|one| one.file < file);
        let to = self.documents.partition_point(|one| one.file <= file);
        &self.documents[from..to]
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

    /// Finds files that bear the name of another one: the SdI takes a name once, for ever.
    fn check_names(&mut self) {
        let mut first: HashMap<String, usize> = HashMap::new();
        for index in 0..self.files.len() {
            let name = self.files[index].place.file_name().to_owned();
            if !checks::is_sdi_name(&name) {
                continue;
            }
            let before = *first.entry(name.clone()).or_insert(index);
            if before != index && self.files[before].sha256 != self.files[index].sha256 {
                let message = format!("another file of this name: {}", self.files[before].place);
                self.files[index].checks.push(Check::new("00002", name, message));
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
                let found = checks::check_received(
                    kind,
                    date,
                    document.delivered_on,
                    document.body,
                    received,
                );
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
            self.documents[index].checks.push(Check::new(code, path, message));
        }
    }
}
