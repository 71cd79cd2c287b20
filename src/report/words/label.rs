//! Headings and captions of pages, sheets and mails.

use crate::fiscal::Language;

/// Makes the struct of captions and its two languages from one list.
macro_rules! labels {
    ($($name:ident: $it:literal, $en:literal;)+) => {
        /// Holds every caption in one language.
        pub(crate) struct Labels { $(pub(crate) $name: &'static str),+ }

        const IT: Labels = Labels { $($name: $it),+ };
        const EN: Labels = Labels { $($name: $en),+ };

        #[cfg(test)]
        const ALL: &[(&str, &str, &str)] = &[$((stringify!($name), $it, $en)),+];
    };
}

/// Returns the captions of a language.
pub(crate) fn labels(language: Language) -> &'static Labels {
    match language {
        Language::It => &IT,
        Language::En => &EN,
    }
}

labels! {
    // The head.
    reconciliation: "Quadratura", "Reconciliation";
    run: "Elaborazione", "Run";
    job: "Lavoro", "Job";
    period: "Periodo", "Period";
    verdict: "Esito", "Verdict";
    made_at: "Eseguita il", "Made on";
    companies: "Aziende", "Companies";
    company: "Azienda", "Company";
    tax_id: "Partita IVA", "Tax id";
    contents: "Indice", "Contents";
    at_risk: "A rischio", "At risk";
    differences: "Differenze", "Differences";
    severity: "Gravità", "Severity";
    materiality: "Soglia di rilevanza", "Materiality";
    below_materiality: "sotto la soglia", "below it";
    above_materiality: "sopra la soglia", "at or above it";
    since_last_run: "Che cosa è cambiato", "What changed";
    opening: "Apertura", "Opening";
    new: "Nuove", "New";
    cleared: "Chiuse", "Cleared";
    closing: "Chiusura", "Closing";
    ties_out: "apertura + nuove − chiuse = chiusura", "opening + new − cleared = closing";
    does_not_tie_out: "ATTENZIONE: i movimenti non danno la chiusura", "WARNING: the movements do not give the closing";
    number: "Numero", "Number";
    amount: "Importo", "Amount";
    total: "Totale", "Total";
    // What was not looked at.
    not_looked_at: "Che cosa non è stato verificato", "What was not looked at";
    alerts: "Credenziali e scadenze", "Credentials and expiries";
    // Money.
    where_money_is: "Dove sono gli importi", "Where the money is";
    by_class: "Per classe", "By class";
    by_day: "Per giorno", "By day";
    by_month: "Per mese", "By month";
    agrees: "Quadra", "Agrees";
    to_explain: "Da spiegare (scala propria)", "To explain (its own scale)";
    nothing_to_explain: "Niente da spiegare", "Nothing to explain";
    day_marked: "giorno con differenza", "day with a difference";
    days_in_table: "I giorni in tabella", "The days as a table";
    statement: "Prospetto", "Statement";
    statements: "Prospetti", "Statements";
    class: "Classe", "Class";
    documents: "Documenti", "Documents";
    books: "Contabilità", "Books";
    documents_rows: "Documenti: righe", "Documents: rows";
    documents_amount: "Documenti: importo", "Documents: amount";
    books_rows: "Contabilità: righe", "Books: rows";
    books_amount: "Contabilità: importo", "Books: amount";
    difference: "Differenza", "Difference";
    books_less_documents: "Contabilità − documenti", "Books − documents";
    residual: "Residuo", "Residual";
    residual_hint: "documenti + differenze delle classi − contabilità", "documents + differences of the classes − books";
    residual_not_zero: "NON È ZERO: il prospetto non è una prova", "NOT ZERO: the statement proves nothing";
    rows_do_not_tie_out: "ATTENZIONE: le righe elencate non sono tante quante ne conta il prospetto.", "WARNING: the rows listed are not as many as the statement counts.";
    source_total: "Totale delle fonti", "Total of the sources";
    rows_without_amount: "righe senza importo (contate zero)", "rows without an amount (counted as zero)";
    books_cover: "La contabilità caricata copre", "The uploaded books cover";
    no_books: "Nessuna contabilità caricata", "No books were uploaded";
    currency: "Valuta", "Currency";
    day: "Giorno", "Day";
    // Findings.
    none: "Nessuna.", "None.";
    explanation: "Spiegazione", "Explanation";
    what_to_do: "Che cosa fare", "What to do";
    document: "Documento", "Document";
    first_seen: "Vista dal", "First seen";
    age: "Età", "Age";
    today: "oggi", "today";
    age_days: "Giorni", "Days";
    by_age: "Per età", "By age";
    kind: "Tipo", "Kind";
    state: "Stato", "State";
    subject_matter: "Oggetto", "Subject";
    file: "File", "File name";
    row: "Riga", "Row";
    place: "Posizione", "Place";
    source_id: "Identificativo API", "API id";
    fingerprint: "Impronta", "Fingerprint";
    notices: "Per conoscenza", "For information";
    accepted: "Accettate", "Accepted";
    cleared_now: "Chiuse da questa elaborazione", "Closed by this run";
    is_new: "nuova", "new";
    // Rows.
    rows_by_class: "Tutte le righe, per classe", "All rows, by class";
    one_row: "riga", "row";
    rows: "righe", "rows";
    side: "Parte", "Side";
    document_type: "Tipo documento", "Type";
    issue_date: "Data", "Date";
    counterparty: "Controparte", "Counterparty";
    counterparty_tax_id: "P. IVA controparte", "Counterparty tax id";
    counterparty_name: "Nome controparte", "Counterparty name";
    partner: "Abbinata con", "Partner";
    reason: "Motivo", "Reason";
    basis: "Confronto", "Basis";
    // Sources.
    sources: "Fonti", "Sources";
    source: "Fonte", "Source";
    sources_read: "Che cosa è stato letto", "What was read";
    detail: "Tracciato o servizio", "Layout or endpoint";
    rows_read: "Lette", "Read";
    rows_rejected: "Rifiutate", "Refused";
    refused_rows: "Righe rifiutate", "Refused rows";
    column: "Colonna", "Column";
    value: "Valore", "Value";
    pull: "Estrazione", "Pull";
    upload: "Caricamento", "Upload";
    outbox: "Invii", "Sending";
    whole_file: "intero file", "whole file";
    // Foot.
    legend: "Legenda: Documenti è ciò che ha il provider (API), Contabilità ciò che hanno caricato i commercialisti. Differenza = Documenti − Contabilità, salvo nei prospetti, dove è Contabilità − Documenti.", "Legend: Documents is what the provider (API) holds, Books what accountants uploaded. Difference = Documents − Books, except in statements, where it is Books − Documents.";
    legend_sums: "I totali si ricalcolano dalle righe dei fogli: la differenza di ogni classe spiega il passaggio dai documenti alla contabilità, con residuo zero.", "The totals are recomputed from the rows of the sheets: the difference of each class explains the way from the documents to the books, with a residual of zero.";
    check: "Controllo", "Check";
    summary_sheet: "Riepilogo", "Summary";
    findings_sheet: "Differenze", "Findings";
    all_in_workbook: "L'elenco completo, riga per riga, è nel foglio di lavoro allegato.", "The whole list, row by row, is in the attached workbook.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_caption_is_translated() {
        for (name, it, en) in ALL {
            assert!(!it.trim().is_empty() && !en.trim().is_empty(), "{name}");
            assert_ne!(it, en, "{name}");
        }
    }
}
