//! What the sandbox must know of a FatturaPA file to imitate the vendor and the SdI.
//!
//! A second, smaller reader beside the worker's own: what is wrong in one must not be wrong
//! in both, or no test would see it.

use std::collections::BTreeMap;

use quick_xml::events::Event;
use quick_xml::reader::Reader;

use super::money::Number;

/// How deep the elements of a file may lie in each other.
const DEEPEST: usize = 20;

/// Is one file: its elements by their path, and the groups that repeat.
#[derive(Debug, Default)]
pub(super) struct Fattura {
    pub(super) transmission: String,
    pub(super) format: String,
    pub(super) recipient_code: String,
    pub(super) has_certified_mail: bool,
    pub(super) sender: Party,
    pub(super) recipient: Party,
    pub(super) kind: String,
    pub(super) currency: String,
    pub(super) date: String,
    pub(super) number: String,
    pub(super) declared_total: Option<Number>,
    pub(super) lines: Vec<Group>,
    pub(super) summaries: Vec<Group>,
    pub(super) payments: Vec<Group>,
}

/// Is one repeated element: its children's texts by name.
pub(super) type Group = BTreeMap<String, String>;

/// Is the seller or the buyer.
#[derive(Clone, Debug, Default)]
pub(super) struct Party {
    pub(super) country: String,
    pub(super) vat_id: String,
    pub(super) tax_code: String,
    pub(super) name: String,
    pub(super) street: String,
    pub(super) city: String,
    pub(super) zip: String,
    pub(super) province: String,
}

/// Says why a file is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It is no XML, or no FatturaPA.
    Structure,
    /// A field is missing or cannot be meant.
    Field(&'static str),
}

impl Fattura {
    /// Reads a file; of several bodies the first one counts.
    pub(super) fn read(xml: &[u8]) -> Result<Self, Unreadable> {
        let text = std::str::from_utf8(xml).map_err(|_| Unreadable::Structure)?;
        let mut fattura = Self::default();
        let mut path: Vec<String> = Vec::new();
        let mut words = String::new();
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        let (mut is_fattura, mut bodies) = (false, 0);
        loop {
            match reader.read_event().map_err(|_| Unreadable::Structure)? {
                Event::Start(start) => {
                    let name = start.local_name().as_ref().to_owned();
                    is_fattura |= path.is_empty() && name == "FatturaElettronica";
                    bodies += usize::from(name == "FatturaElettronicaBody");
                    if bodies <= 1 {
                        fattura.open(&name);
                    }
                    path.push(name);
                    words.clear();
                }
                Event::Text(text) => {
                    words.push_str(&text.xml10_content());
                }
                Event::CData(text) => words.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let name = reference.xml10_content();
                    words.push(entity(&name).ok_or(Unreadable::Structure)?);
                }
                Event::End(_) => {
                    if bodies <= 1 {
                        fattura.take(&path, words.trim());
                    }
                    words.clear();
                    path.pop();
                }
                Event::DocType(_) => return Err(Unreadable::Structure),
                Event::Eof => break,
                _ => {}
            }
            if path.len() > DEEPEST {
                return Err(Unreadable::Structure);
            }
        }
        if !is_fattura || !path.is_empty() {
            return Err(Unreadable::Structure);
        }
        fattura.checked()
    }

    /// Returns the gross total: the declared one, or the sum of the summaries.
    pub(super) fn total(&self) -> Number {
        self.declared_total.unwrap_or_else(|| self.taxable().plus(self.vat()))
    }

    pub(super) fn taxable(&self) -> Number {
        sum(&self.summaries, "ImponibileImporto")
    }

    pub(super) fn vat(&self) -> Number {
        sum(&self.summaries, "Imposta")
    }

    /// Tells whether the buyer is a public body.
    pub(super) fn is_for_public_body(&self) -> bool {
        self.format == "FPA12"
    }

    fn open(&mut self, name: &str) {
        match name {
            "DettaglioLinee" => self.lines.push(Group::new()),
            "DatiRiepilogo" => self.summaries.push(Group::new()),
            "DettaglioPagamento" => self.payments.push(Group::new()),
            _ => {}
        }
    }

    fn take(&mut self, path: &[String], words: &str) {
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        let Some((&name, above)) = names.split_last() else { return };
        let within = |wanted: &str| above.contains(&wanted);
        let text = || words.to_owned();
        if within("CedentePrestatore") {
            return self.sender.take(name, above, words);
        }
        if within("CessionarioCommittente") {
            return self.recipient.take(name, above, words);
        }
        let group = if within("DettaglioLinee") {
            self.lines.last_mut()
        } else if within("DatiRiepilogo") {
            self.summaries.last_mut()
        } else if within("DettaglioPagamento") {
            self.payments.last_mut()
        } else {
            None
        };
        if let Some(group) = group {
            group.insert(name.to_owned(), text());
            return;
        }
        let in_transmission = within("DatiTrasmissione");
        let in_document = within("DatiGeneraliDocumento");
        match name {
            "ProgressivoInvio" if in_transmission => self.transmission = text(),
            "FormatoTrasmissione" if in_transmission => self.format = text(),
            "CodiceDestinatario" if in_transmission => self.recipient_code = text(),
            "PECDestinatario" if in_transmission => self.has_certified_mail = !words.is_empty(),
            "TipoDocumento" if in_document => self.kind = text(),
            "Divisa" if in_document => self.currency = text(),
            "Data" if in_document => self.date = text(),
            "Numero" if in_document => self.number = text(),
            "ImportoTotaleDocumento" if in_document => self.declared_total = Number::parse(words),
            _ => {}
        }
    }

    fn checked(self) -> Result<Self, Unreadable> {
        let fields = [
            ("CedentePrestatore", self.sender.id()),
            ("CessionarioCommittente", self.recipient.id()),
            ("TipoDocumento", &self.kind),
            ("Numero", &self.number),
        ];
        if let Some((name, _)) = fields.iter().find(|(_, text)| text.is_empty()) {
            return Err(Unreadable::Field(name));
        }
        if self.date.parse::<chrono::NaiveDate>().is_err() {
            return Err(Unreadable::Field("Data"));
        }
        Ok(self)
    }
}

impl Party {
    /// Returns the id by which the vendor knows a company: PartitaIva, else CodiceFiscale.
    pub(super) fn id(&self) -> &str {
        if self.vat_id.is_empty() { &self.tax_code } else { &self.vat_id }
    }

    fn take(&mut self, name: &str, above: &[&str], words: &str) {
        let text = words.to_owned();
        let in_seat = above.last() == Some(&"Sede");
        match name {
            "IdPaese" if above.last() == Some(&"IdFiscaleIVA") => self.country = text,
            "IdCodice" if above.last() == Some(&"IdFiscaleIVA") => self.vat_id = text,
            "CodiceFiscale" if above.last() == Some(&"DatiAnagrafici") => self.tax_code = text,
            "Denominazione" | "Nome" if above.last() == Some(&"Anagrafica") => self.name = text,
            "Cognome" if above.last() == Some(&"Anagrafica") => {
                self.name = [&self.name, words].join(" ");
            }
            "Indirizzo" if in_seat => self.street = text,
            "Comune" if in_seat => self.city = text,
            "CAP" if in_seat => self.zip = text,
            "Provincia" if in_seat => self.province = text,
            "Nazione" if in_seat && self.country.is_empty() => self.country = text,
            _ => {}
        }
    }
}

/// Returns the character of one of the five entities XML knows by itself, or of a number.
fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

fn sum(groups: &[Group], name: &str) -> Number {
    groups
        .iter()
        .filter_map(|group| group.get(name).and_then(|text| Number::parse(text)))
        .fold(Number::ZERO, Number::plus)
}
