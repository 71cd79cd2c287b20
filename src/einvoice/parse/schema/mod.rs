//! Whether a file has the elements of its format, in their order, with values of their form.
//!
//! The two formats are data: `ordinary.txt` and `simplified.txt` name every element with its
//! place, how often it may stand and the form of its value. A tree is walked against them
//! once; what does not fit is what the SdI rejects with 00200, up to fifty faults, after
//! which it says 00201 and looks no further.
//!
//! Two things are forgiven that a validator of schemas would not: blanks around values, which
//! the tree has dropped already, and namespaces, of which only the root's is told elsewhere.
//! What an attachment or a signature holds is not looked at.

mod grammar;
mod value;

use super::tree::{Element, Tree};
use crate::einvoice::Format;
use grammar::{Content, Grammar, Part, Sequence};

/// Faults after which the SdI looks no further.
const FAULTS_MAX: usize = 50;

/// Holds one place where a file does not follow the schema of its format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaFault {
    /// The document that it is in, from 1; `None` for the header and the file.
    pub body: Option<usize>,
    /// The field, as a path of the format's own names.
    pub path: String,
    /// What is there and what should be.
    pub message: String,
    /// Whether there were more faults than are told (00201).
    pub is_last_of_many: bool,
}

/// Returns where a file does not follow the schema of its format, in the order of the file.
///
/// The forms 1.0 and 1.1, and formats that nobody knows, have no schema here.
pub(super) fn check(tree: &Tree<'_>, format: Format) -> Vec<SchemaFault> {
    let grammar = match format {
        Format::Fpr12 | Format::Fpa12 => Grammar::ordinary(),
        Format::Fsm10 => Grammar::simplified(),
        Format::V11 | Format::V10 | Format::Unknown => return Vec::new(),
    };
    let mut faults = Faults { found: Vec::new(), body: None, bodies: 0 };
    let root = tree.root();
    match tree.version.as_deref() {
        None => faults.add(root, "the attribute `versione` is missing".to_owned()),
        Some(version) if version != format.as_str() => {
            faults.add(root, format!("`versione` is `{version}`, the format is {format}"));
        }
        Some(_) => {}
    }
    walk(root, grammar.file(), grammar, &mut faults);
    faults.found
}

/// Collects faults until there are too many.
struct Faults {
    found: Vec<SchemaFault>,
    body: Option<usize>,
    bodies: usize,
}

impl Faults {
    fn is_full(&self) -> bool {
        self.found.len() > FAULTS_MAX
    }

    fn add(&mut self, element: Element<'_>, message: String) {
        if self.is_full() {
            return;
        }
        let is_last_of_many = self.found.len() == FAULTS_MAX;
        let message = if is_last_of_many {
            format!("more than {FAULTS_MAX} faults of form: the SdI looks no further")
        } else {
            message
        };
        let path = Some(element.path()).filter(|path| !path.is_empty());
        let path = path.unwrap_or_else(|| element.name().to_owned());
        self.found.push(SchemaFault { body: self.body, path, message, is_last_of_many });
    }
}

/// Compares the elements within one element with a sequence.
fn walk(element: Element<'_>, sequence: &Sequence, grammar: &Grammar, faults: &mut Faults) {
    let parts = sequence.parts(|name| element.each().any(|child| child.name() == name));
    let mut at = 0;
    let mut is_taken = false;
    for child in element.each() {
        if faults.is_full() {
            return;
        }
        let here = parts[at..].iter().position(|part| part.name == child.name());
        let Some(ahead) = here else {
            let is_known = parts[..at].iter().any(|part| part.name == child.name());
            let why = if is_known { "stands too late" } else { "has no place here" };
            faults.add(child, format!("`{}` {why}", child.name()));
            continue;
        };
        for (skipped, part) in parts[at..at + ahead].iter().enumerate() {
            missing(element, part, is_taken && skipped == 0, faults);
        }
        let is_repeated = is_taken && ahead == 0;
        if is_repeated && !parts[at].is_many {
            faults.add(child, format!("`{}` stands more than once", child.name()));
        }
        (at, is_taken) = (at + ahead, true);
        if child.name() == "FatturaElettronicaBody" {
            faults.bodies += 1;
            faults.body = Some(faults.bodies);
        }
        look_into(child, parts[at], grammar, faults);
    }
    for (skipped, part) in parts[at..].iter().enumerate() {
        missing(element, part, is_taken && skipped == 0, faults);
    }
}

fn missing(element: Element<'_>, part: &Part, is_there: bool, faults: &mut Faults) {
    if !is_there && !part.is_optional {
        faults.add(element, format!("`{}` is missing", part.name));
    }
}

fn look_into(child: Element<'_>, part: &Part, grammar: &Grammar, faults: &mut Faults) {
    match grammar.content(part) {
        Content::Elements(sequence) => walk(child, sequence, grammar, faults),
        Content::Value(form) => {
            if child.each().next().is_some() {
                faults.add(child, "holds elements where a value should stand".to_owned());
            } else if let Err(wanted) = form.check(child.own_text().unwrap_or_default()) {
                let text = child.own_text().unwrap_or_default();
                let shown: String = text.chars().take(40).collect();
                let more = if shown.len() < text.len() { "…" } else { "" };
                let message = match shown.as_str() {
                    "" => format!("it is empty, and should be {wanted}"),
                    _ => format!("`{shown}{more}` should be {wanted}"),
                };
                faults.add(child, message);
            }
        }
        Content::Anything => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "<FatturaElettronicaHeader><DatiTrasmissione><IdTrasmittente>\
        <IdPaese>IT</IdPaese><IdCodice>01234567897</IdCodice></IdTrasmittente>\
        <ProgressivoInvio>1</ProgressivoInvio><FormatoTrasmissione>FSM10</FormatoTrasmissione>\
        <CodiceDestinatario>ABC1234</CodiceDestinatario></DatiTrasmissione><CedentePrestatore>\
        <IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>01234567897</IdCodice></IdFiscaleIVA>\
        <Nome>Ada</Nome><Cognome>Neri</Cognome><Sede><Indirizzo>Via 1</Indirizzo><CAP>16100</CAP>\
        <Comune>Genova</Comune><Nazione>IT</Nazione></Sede><RegimeFiscale>RF01</RegimeFiscale>\
        </CedentePrestatore><CessionarioCommittente><IdentificativiFiscali/>\
        </CessionarioCommittente></FatturaElettronicaHeader>";

    fn faults(body: &str) -> Vec<String> {
        let text = format!(
            "<FatturaElettronicaSemplificata versione='FSM10'>{HEADER}<FatturaElettronicaBody>\
             {body}</FatturaElettronicaBody></FatturaElettronicaSemplificata>"
        );
        let tree = Tree::build(&text).unwrap_or_else(|error| panic!("{error}"));
        let found = check(&tree, Format::Fsm10);
        found.into_iter().map(|fault| format!("{}: {}", fault.path, fault.message)).collect()
    }

    const GENERAL: &str = "<DatiGenerali><DatiGeneraliDocumento><TipoDocumento>TD07</TipoDocumento>\
        <Divisa>EUR</Divisa><Data>2026-02-01+01:00</Data><Numero>1</Numero>\
        </DatiGeneraliDocumento></DatiGenerali>";
    const GOODS: &str = "<DatiBeniServizi><Descrizione>x</Descrizione><Importo>1.00</Importo>\
        <DatiIVA><Aliquota>22.00</Aliquota></DatiIVA></DatiBeniServizi>";

    #[test]
    fn file_of_its_format_has_no_fault() {
        assert_eq!(faults(&format!("{GENERAL}{GOODS}{GOODS}")), Vec::<String>::new());
    }

    #[test]
    fn order_number_and_form_are_told_apart() {
        let at = "FatturaElettronicaBody[1]";
        assert_eq!(
            faults(&format!("{GOODS}{GENERAL}")),
            [
                format!("{at}: `DatiGenerali` is missing"),
                format!("{at}/DatiGenerali: `DatiGenerali` stands too late"),
            ]
        );
        assert_eq!(
            faults(&format!("{GENERAL}{GENERAL}{GOODS}")),
            [format!("{at}/DatiGenerali[2]: `DatiGenerali` stands more than once")]
        );
        assert_eq!(faults(GENERAL), [format!("{at}: `DatiBeniServizi` is missing")]);
        assert_eq!(
            faults(&format!("{GENERAL}{}", GOODS.replace("1.00", "1,00"))),
            [format!(
                "{at}/DatiBeniServizi/Importo: `1,00` should be an amount with a dot and \
                 2 decimals, such as 1250.00"
            )]
        );
        assert_eq!(
            faults(&format!("{GENERAL}{GOODS}<DatiPagamento/>")),
            [format!("{at}/DatiPagamento: `DatiPagamento` has no place here")]
        );
    }

    #[test]
    fn faults_without_end_are_cut() {
        let wrong = GOODS.replace("x</", "</").repeat(80);
        let found = faults(&format!("{GENERAL}{wrong}"));
        assert_eq!(found.len(), FAULTS_MAX + 1);
        assert!(found[FAULTS_MAX].contains("more than 50"), "{}", found[FAULTS_MAX]);
    }
}
