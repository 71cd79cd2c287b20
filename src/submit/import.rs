//! Decides what an invoice file is to the provider: whose, which way, with what known of it.
//!
//! Pure: an inspected file and the companies of the account go in, a [`Candidate`] or the
//! reason to put the file aside comes out. The provider finds the direction by the tax ids
//! (the seller's first) and so does this; what the SdI said comes from the notifications that
//! were found beside the file, final words only.

use chrono::NaiveDate;

use crate::api::wire::ImportDetails;
use crate::einvoice::{
    Document, Inspection, InvoiceFile, Maker, Notification, NotificationKind, Outcome, Party,
    VatNumber, Wrapper, checks,
};
use crate::fiscal::{Direction, TaxId};

/// Holds an invoice file that may be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The company of the account that it belongs to.
    pub company: TaxId,
    /// Sent by the company, or received.
    pub direction: Direction,
    /// Whether the provider may file it the other way round: self-invoices have two ways.
    pub is_two_way: bool,
    /// `TD01` and so on.
    pub document_type: String,
    /// The number as written.
    pub number: String,
    /// The day of issue.
    pub issue_date: NaiveDate,
    /// What the SdI said of it.
    pub details: ImportDetails,
    /// What a person should know.
    pub notes: Vec<String>,
}

impl Candidate {
    /// Tells whether a document with these facts is this one, as the provider compares.
    ///
    /// What is not said does not speak against it.
    #[must_use]
    pub fn is(
        &self,
        number: &str,
        issue_date: NaiveDate,
        direction: Option<Direction>,
        document_type: Option<&str>,
    ) -> bool {
        let is_way = self.is_two_way || direction.is_none_or(|one| one == self.direction);
        let is_type =
            document_type.is_none_or(|one| one.trim().eq_ignore_ascii_case(&self.document_type));
        is_way
            && is_type
            && issue_date == self.issue_date
            && number.trim().eq_ignore_ascii_case(self.number.trim())
    }

    /// Returns what it is, for people.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("{} {} of {}", self.document_type, self.number, self.issue_date)
    }
}

/// Returns what a file of an inspection is to the provider, or why it is put aside.
///
/// `body` is the position of one document of a lot, which then goes out as a file of its own;
/// without it a lot is put aside. `companies` are those of the account, as the store spells
/// them.
pub fn candidate(
    inspection: &Inspection,
    file: usize,
    body: Option<usize>,
    companies: &[TaxId],
) -> Result<Candidate, String> {
    let documents = inspection.documents_of(file);
    let found = match (documents, body) {
        ([only], None) => Some(only),
        (all, Some(body)) => all.iter().find(|one| one.body == body),
        (_, None) => None,
    };
    let Some(document) = found else {
        return Err(format!(
            "a lot of {} documents, and the provider takes one document a file: --split-lots \
             hands each over as a file of its own",
            documents.len()
        ));
    };
    let notices: Vec<&Notification> = inspection.files[file]
        .notifications
        .iter()
        .map(|index| &inspection.notifications[*index].notification)
        .filter(|notice| is_meant(notice, document))
        .collect();
    if let Some(discarded) = notices.iter().find(|one| one.kind == NotificationKind::Rejected) {
        let codes: Vec<&str> = discarded.errors.iter().map(|one| one.code.as_str()).collect();
        return Err(format!("the SdI discarded it ({}): it was never issued", codes.join(", ")));
    }
    let mut notes = signature_notes(&inspection.files[file])?;
    let (direction, company) = whose(document, companies)?;
    let missing = |what| format!("it has no {what}: nothing would tell it from another document");
    let document_type = document.document_type.as_ref().ok_or_else(|| missing("type"))?;
    let issue_date = document.issue_date.ok_or_else(|| missing("date"))?;
    let number = document.number.clone().ok_or_else(|| missing("number"))?;
    let is_both_ours =
        direction == Direction::Outgoing && owner(&document.buyer, companies).is_some();
    if is_both_ours {
        notes.push("seller and buyer are both companies of the account".to_owned());
    }
    let file_name = inspection.files[file].place.file_name();
    let mut details = ImportDetails {
        invoice_date: Some(issue_date.to_string()),
        ..details(&notices, file_name, &mut notes)
    };
    if let Some(body) = body {
        say_where_it_was(&mut details, body, documents.len(), file_name, &mut notes);
    }
    Ok(Candidate {
        company,
        direction,
        is_two_way: document.made_by == Maker::Buyer || is_both_ours,
        document_type: document_type.to_string(),
        number,
        issue_date,
        details,
        notes,
    })
}

/// Returns what to know of a file's signatures; one around it must fit its content.
///
/// A signature around the file does not go out with it, so nobody could see later that it was
/// wrong. One within it (XAdES) stays there, and is often wrong only because some program
/// indented the file.
fn signature_notes(file: &InvoiceFile) -> Result<Vec<String>, String> {
    let around = file.wrappers.iter().filter(|one| **one == Wrapper::Signed).count();
    let mut notes = Vec::new();
    for bad in file.signatures.iter().filter(|one| one.is_bad()) {
        let signer = bad.signer.as_deref().unwrap_or("its signer");
        if bad.layer <= around {
            return Err(format!("its content is not what `{signer}` signed"));
        }
        notes.push(format!("the XML signature of `{signer}` within it does not fit its content"));
    }
    Ok(notes)
}

/// Tells whether a notification is about a document, or about its whole file.
fn is_meant(notice: &Notification, document: &Document) -> bool {
    notice.invoices.is_empty()
        || notice.invoices.iter().any(|one| {
            one.position.map_or(one.number == document.number, |position| position == document.body)
        })
}

/// Returns which company a document belongs to: the seller first, as the provider looks.
fn whose(document: &Document, companies: &[TaxId]) -> Result<(Direction, TaxId), String> {
    if let Some(company) = owner(&document.seller, companies) {
        return Ok((Direction::Outgoing, company.clone()));
    }
    if let Some(company) = owner(&document.buyer, companies) {
        return Ok((Direction::Incoming, company.clone()));
    }
    let shown =
        |party: &Party| party.tax_id().map_or_else(|| "unknown".to_owned(), |id| id.to_string());
    Err(format!(
        "neither the seller ({}) nor the buyer ({}) is a company of the account; `quadra companies list` shows them",
        shown(&document.seller),
        shown(&document.buyer)
    ))
}

/// Returns the company that a party is, by VAT number or else by tax code.
fn owner<'c>(party: &Party, companies: &'c [TaxId]) -> Option<&'c TaxId> {
    let vat = party.vat_number.as_ref().and_then(VatNumber::tax_id);
    [vat.as_ref(), party.tax_code.as_ref()]
        .into_iter()
        .flatten()
        .find_map(|id| companies.iter().find(|company| *company == id))
}

/// Returns what notifications say, in the provider's words.
fn details(notices: &[&Notification], file_name: &str, notes: &mut Vec<String>) -> ImportDetails {
    let mut ids: Vec<&str> = notices.iter().filter_map(|one| one.sdi_id.as_deref()).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > 1 {
        notes.push(format!("its notifications name several SdI ids ({})", ids.join(", ")));
        ids.clear();
    }
    let stated = notices.iter().find_map(|one| one.file_name.as_deref());
    let own = Some(file_name).filter(|name| checks::is_sdi_name(name));
    let last = final_word(notices);
    ImportDetails {
        sdi_id: ids.first().map(|id| (*id).to_owned()),
        sdi_filename: stated.or(own).map(str::to_owned),
        sdi_status: last.map(|(status, _)| status.to_owned()),
        sdi_message: last.and_then(|(_, notice)| notice.note.clone()),
        sdi_update_date: last
            .and_then(|(_, notice)| notice.said_at)
            .map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
        invoice_date: None,
    }
}

/// Says where a document of a lot comes from.
///
/// An SdI id may stand only once at the provider, so a lot's cannot be that of each document:
/// it goes into the message, with the position.
fn say_where_it_was(
    details: &mut ImportDetails,
    body: usize,
    of: usize,
    file_name: &str,
    notes: &mut Vec<String>,
) {
    let id = details.sdi_id.take().map_or_else(String::new, |id| format!(", SdI id {id}"));
    let place = format!("document {body} of {of} of {file_name}{id}");
    notes.push(format!("{place}: handed over as a file of its own"));
    let said = details.sdi_message.take().map(|said| format!("{said} ({place})"));
    details.sdi_message = Some(said.unwrap_or(place));
}

/// Returns the last word of the SdI among notifications, and who said it.
///
/// A public body's outcome is later than its silence, that than a delivery, and a delivery
/// than the failure of one. What is not final (metadata, an outcome refused) is no word.
fn final_word<'n>(notices: &[&'n Notification]) -> Option<(&'static str, &'n Notification)> {
    let words = [
        (NotificationKind::Outcome, Some(Outcome::Accepted), "ACCEPTED"),
        (NotificationKind::Outcome, Some(Outcome::Refused), "REJECTED"),
        (NotificationKind::DeadlinePassed, None, "TERMS_EXPIRED"),
        (NotificationKind::Delivered, None, "DELIVERED"),
        (NotificationKind::NotDelivered, None, "NOT_DELIVERED"),
        (NotificationKind::Attestation, None, "NOT_DELIVERED"),
    ];
    words.into_iter().find_map(|(kind, outcome, status)| {
        let said = |one: &&&Notification| one.kind == kind && one.outcome == outcome;
        notices.iter().find(said).map(|notice| (status, *notice))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SELLER: &str = "33401825030";
    const BUYER: &str = "19044175016";

    fn sample(name: &str) -> Vec<u8> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/einvoices");
        std::fs::read(folder.join(name)).unwrap()
    }

    fn of(names: &[&str], companies: &[&str]) -> Result<Candidate, String> {
        let mut inspection = Inspection::default();
        for name in names {
            inspection.add(name, &sample(name), "2026-03-02".parse().unwrap());
        }
        inspection.link();
        let companies: Vec<TaxId> = companies.iter().filter_map(|id| TaxId::parse(id)).collect();
        candidate(&inspection, 0, None, &companies)
    }

    #[test]
    fn direction_follows_the_tax_ids() {
        let sent = of(&["IT33401825030_00001.xml"], &[SELLER]).unwrap();
        assert_eq!((sent.direction, sent.company.as_str()), (Direction::Outgoing, SELLER));
        assert_eq!(sent.subject(), "TD01 12/A of 2025-03-10");
        let received = of(&["IT33401825030_00001.xml"], &[BUYER]).unwrap();
        assert_eq!((received.direction, received.company.as_str()), (Direction::Incoming, BUYER));
        let both = of(&["IT33401825030_00001.xml"], &[BUYER, SELLER]).unwrap();
        assert_eq!((both.direction, both.notes.len()), (Direction::Outgoing, 1));
        let neither = of(&["IT33401825030_00001.xml"], &["20123335208"]).unwrap_err();
        assert!(neither.contains(SELLER) && neither.contains(BUYER), "{neither}");
        let own = of(&["IT33401825030_0000A.xml"], &[BUYER]).unwrap();
        assert!(own.is_two_way, "a self-invoice may stand either way");
    }

    #[test]
    fn lots_and_discarded_files_are_put_aside() {
        let lot = of(&["IT33401825030_00003.xml"], &[SELLER]).unwrap_err();
        assert!(lot.starts_with("a lot of 2 documents") && lot.contains("--split-lots"), "{lot}");
        let discarded = of(
            &["notices/IT33401825030_N0002.xml", "notices/IT33401825030_N0002_NS_001.xml"],
            &[SELLER],
        );
        assert!(discarded.unwrap_err().contains("discarded it (00404)"));
    }

    #[test]
    fn document_of_a_lot_says_where_it_was() {
        let mut inspection = Inspection::default();
        let name = "IT33401825030_00003.xml";
        inspection.add(name, &sample(name), "2026-03-02".parse().unwrap());
        let notice = String::from_utf8(sample("notices/IT33401825030_N0001_RC_001.xml")).unwrap();
        let notice = notice.replace("IT33401825030_N0001", "IT33401825030_00003");
        inspection.add("RC_001.xml", notice.as_bytes(), "2026-03-02".parse().unwrap());
        inspection.link();
        let companies = [TaxId::parse(SELLER).unwrap()];
        let of = |body| candidate(&inspection, 0, Some(body), &companies);
        let second = of(2).unwrap();
        assert_ne!(second.number, of(1).unwrap().number);
        assert_eq!(second.details.sdi_id, None, "it may stand only once");
        let said = second.details.sdi_message.unwrap();
        assert_eq!(said, format!("document 2 of 2 of {name}, SdI id 900001"));
        assert_eq!(second.details.sdi_status.as_deref(), Some("DELIVERED"));
        assert!(of(3).is_err());
    }

    #[test]
    fn altered_content_is_put_aside() {
        let altered = of(&["signed/IT33401825030_P0010_altered.xml.p7m"], &[SELLER]).unwrap_err();
        assert!(altered.contains("not what `Anna Ferri` signed"), "{altered}");
        let signed = of(&["signed/IT33401825030_P0004_cosigned.xml.p7m"], &[SELLER]);
        assert!(signed.is_ok());
        let within = of(&["signed/IT33401825030_X0004_altered.xml"], &[SELLER]).unwrap();
        assert!(within.notes[0].contains("XML signature of `Anna Ferri`"), "{:?}", within.notes);
    }

    #[test]
    fn only_final_words_are_handed_on() {
        let with = |number: u8, notices: &[&str]| {
            let mut names = vec![format!("notices/IT33401825030_N000{number}.xml")];
            names.extend(
                notices
                    .iter()
                    .map(|kind| format!("notices/IT33401825030_N000{number}_{kind}_001.xml")),
            );
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            of(&names, &[SELLER]).unwrap().details
        };
        let delivered = with(1, &["RC"]);
        assert_eq!(delivered.sdi_id.as_deref(), Some("900001"));
        assert_eq!(delivered.sdi_filename.as_deref(), Some("IT33401825030_N0001.xml"));
        assert_eq!(delivered.sdi_status.as_deref(), Some("DELIVERED"));
        assert_eq!(delivered.sdi_update_date.as_deref(), Some("2025-05-20T09:00:00Z"));
        assert_eq!(with(3, &["MC"]).sdi_status.as_deref(), Some("NOT_DELIVERED"));
        let none = of(
            &[
                "notices/IT33401825030_N0004.xml",
                "notices/IT33401825030_N0004_MT_001.xml",
                "notices/IT33401825030_N0004_SE_001.xml",
                "notices/IT33401825030_N0004_EC_001.xml",
            ],
            &[SELLER],
        );
        assert_eq!(none.unwrap().details.sdi_status, None);
        assert_eq!(with(4, &["AT"]).sdi_status.as_deref(), Some("NOT_DELIVERED"));
        assert_eq!(with(4, &["DT", "AT"]).sdi_status.as_deref(), Some("TERMS_EXPIRED"));
        let refused = with(4, &["DT", "NE", "AT"]);
        assert_eq!(refused.sdi_status.as_deref(), Some("REJECTED"));
        assert_eq!(refused.sdi_message.as_deref(), Some("Ordine non presente"));
    }
}
