//! Electronic invoices in the three sizes that are met, made up by counting.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// Writes many small files into a folder, as a portal's download unpacks; returns its bytes.
pub(crate) fn write_small(folder: &Path, files: u32) -> (PathBuf, u64) {
    let folder = folder.join("einvoices-small");
    fs::create_dir(&folder).expect("the benchmark's own folder can be written to");
    let mut bytes = 0;
    for index in 0..files {
        let text = invoice(index, 8, "");
        bytes += text.len() as u64;
        let name = folder.join(format!("IT01234567897_{index:05}.xml"));
        fs::write(name, text).expect("the benchmark's own folder can be written to");
    }
    (folder, bytes)
}

/// Writes one file of many lines: a telephone company's invoice.
pub(crate) fn write_long(folder: &Path, lines: u32) -> (PathBuf, u64) {
    write_one(folder, "IT01234567897_L0001.xml", &invoice(1, lines, ""))
}

/// Writes one small invoice with a large attachment.
pub(crate) fn write_attached(folder: &Path, encoded_bytes: usize) -> (PathBuf, u64) {
    let line = format!("{}\n", "JVBERi0xLjcKJeLjz9MK".repeat(3));
    let content = line.repeat(encoded_bytes / line.len());
    let attached = format!(
        "<Allegati><NomeAttachment>a.pdf</NomeAttachment><Attachment>{content}</Attachment></Allegati>"
    );
    write_one(folder, "IT01234567897_A0001.xml", &invoice(2, 8, &attached))
}

fn write_one(folder: &Path, name: &str, text: &str) -> (PathBuf, u64) {
    let path = folder.join(name);
    let file = File::create(&path).expect("the benchmark's own folder can be written to");
    BufWriter::new(file).write_all(text.as_bytes()).expect("the disk has room");
    (path, text.len() as u64)
}

/// Returns an invoice of so many lines of ten euros, as an ERP writes it: indented.
fn invoice(index: u32, lines: u32, rest: &str) -> String {
    let party = |name: &str, vat: &str, title: &str, more: &str| {
        format!(
            "    <{name}>\n      <DatiAnagrafici>\n        <IdFiscaleIVA>\n          <IdPaese>IT</IdPaese>\n          \
             <IdCodice>{vat}</IdCodice>\n        </IdFiscaleIVA>\n        <Anagrafica>\n          \
             <Denominazione>{title}</Denominazione>\n        </Anagrafica>{more}\n      </DatiAnagrafici>\n      \
             <Sede>\n        <Indirizzo>Via del Molo 1</Indirizzo>\n        <CAP>16100</CAP>\n        \
             <Comune>Genova</Comune>\n        <Nazione>IT</Nazione>\n      </Sede>\n    </{name}>\n"
        )
    };
    let regime = "\n        <RegimeFiscale>RF01</RegimeFiscale>";
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<p:FatturaElettronica versione=\"FPR12\" \
         xmlns:p=\"http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2\">\n  \
         <FatturaElettronicaHeader>\n    <DatiTrasmissione>\n      <IdTrasmittente>\n        \
         <IdPaese>IT</IdPaese>\n        <IdCodice>01234567897</IdCodice>\n      </IdTrasmittente>\n      \
         <ProgressivoInvio>{index:05}</ProgressivoInvio>\n      <FormatoTrasmissione>FPR12</FormatoTrasmissione>\n      \
         <CodiceDestinatario>ABC1234</CodiceDestinatario>\n    </DatiTrasmissione>\n{}{}  \
         </FatturaElettronicaHeader>\n  <FatturaElettronicaBody>\n    <DatiGenerali>\n      \
         <DatiGeneraliDocumento>\n        <TipoDocumento>TD01</TipoDocumento>\n        <Divisa>EUR</Divisa>\n        \
         <Data>2026-02-10</Data>\n        <Numero>{index}/A</Numero>\n        \
         <ImportoTotaleDocumento>{}.{:02}</ImportoTotaleDocumento>\n      </DatiGeneraliDocumento>\n    \
         </DatiGenerali>\n    <DatiBeniServizi>\n",
        party("CedentePrestatore", "01234567897", "Officine Meccaniche Valdarno S.p.A.", regime),
        party("CessionarioCommittente", "10000000009", "Alfa Ceramiche S.r.l.", ""),
        u64::from(lines) * 1220 / 100,
        u64::from(lines) * 1220 % 100,
    );
    for line in 1..=lines {
        write!(
            text,
            "      <DettaglioLinee>\n        <NumeroLinea>{}</NumeroLinea>\n        \
             <Descrizione>Lavorazione di serie, articolo {line}</Descrizione>\n        \
             <Quantita>2.00</Quantita>\n        <UnitaMisura>PZ</UnitaMisura>\n        \
             <PrezzoUnitario>5.00</PrezzoUnitario>\n        <PrezzoTotale>10.00</PrezzoTotale>\n        \
             <AliquotaIVA>22.00</AliquotaIVA>\n      </DettaglioLinee>\n",
            (line - 1) % 9_999 + 1
        )
        .expect("writing to a string cannot fail");
    }
    let cents = u64::from(lines) * 220;
    write!(
        text,
        "      <DatiRiepilogo>\n        <AliquotaIVA>22.00</AliquotaIVA>\n        \
         <ImponibileImporto>{}.00</ImponibileImporto>\n        <Imposta>{}.{:02}</Imposta>\n        \
         <EsigibilitaIVA>I</EsigibilitaIVA>\n      </DatiRiepilogo>\n    </DatiBeniServizi>\n{rest}  \
         </FatturaElettronicaBody>\n</p:FatturaElettronica>\n",
        lines * 10,
        cents / 100,
        cents % 100
    )
    .expect("writing to a string cannot fail");
    text
}
