//! Invoices that are sent and imported, and what the SdI says to them.

use base64::Engine as _;
use chrono::Duration;
use quadra::sandbox::{DuplicateImport, EffectKind, Habits, InvoiceFate, Options, start};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Client, quiet};

/// A buyer whose PartitaIva has a good check digit.
pub(crate) const BUYER: &str = "07643520567";

/// A file of one line over 122 euros.
pub(crate) fn file(seller: &str, buyer: &str, number: &str, format: &str, code: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<p:FatturaElettronica versione="{format}" xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2">
<FatturaElettronicaHeader><DatiTrasmissione><FormatoTrasmissione>{format}</FormatoTrasmissione>
<CodiceDestinatario>{code}</CodiceDestinatario></DatiTrasmissione>
<CedentePrestatore><DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>{seller}</IdCodice></IdFiscaleIVA>
<Anagrafica><Denominazione>Rossi &amp; Figli</Denominazione></Anagrafica></DatiAnagrafici>
<Sede><Indirizzo>Via Roma</Indirizzo><CAP>16100</CAP><Comune>Genova</Comune><Nazione>IT</Nazione></Sede></CedentePrestatore>
<CessionarioCommittente><DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>{buyer}</IdCodice></IdFiscaleIVA>
<Anagrafica><Nome>Ada</Nome><Cognome>Bianchi</Cognome></Anagrafica></DatiAnagrafici></CessionarioCommittente></FatturaElettronicaHeader>
<FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento><TipoDocumento>TD01</TipoDocumento><Divisa>EUR</Divisa>
<Data>2026-03-02</Data><Numero>{number}</Numero></DatiGeneraliDocumento></DatiGenerali>
<DatiBeniServizi><DettaglioLinee><NumeroLinea>1</NumeroLinea><Descrizione>Lavoro</Descrizione>
<PrezzoUnitario>100.00</PrezzoUnitario><PrezzoTotale>100.00</PrezzoTotale><AliquotaIVA>22.00</AliquotaIVA></DettaglioLinee>
<DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>100.00</ImponibileImporto><Imposta>22.00</Imposta></DatiRiepilogo>
</DatiBeniServizi></FatturaElettronicaBody></p:FatturaElettronica>"#
    )
}

fn id(document: &Value) -> &str {
    document["id"].as_str().unwrap()
}

async fn state(client: &Client, id: &str) -> (Value, Value) {
    let document = client.json(&format!("/IT-invoices/{id}")).await["data"].clone();
    (document["state"].clone(), document["details"]["sdi_status"].clone())
}

fn words(state: &str, status: &str) -> (Value, Value) {
    (json!(state), json!(status))
}

#[tokio::test]
async fn sent_invoice_reaches_its_buyer() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let company = client.company().await;
    let (status, answer) = client.send_xml(&file(&company, BUYER, "1/A", "FPR12", "ABC1234")).await;
    assert_eq!(status, StatusCode::OK);
    let new = &answer["data"];
    assert_eq!((&new["state"], &new["total_gross_amount"]), (&json!("NEW"), &json!(122)));
    assert_eq!(new["sender"]["name"], "Rossi & Figli");
    assert_eq!(new["recipient"]["name"], "Ada Bianchi");
    assert_eq!(new["details"]["sdi_id"], Value::Null);
    handle.advance(Duration::seconds(60));
    assert_eq!(state(&client, id(new)).await, words("SENT", "SENT"));
    handle.advance(Duration::seconds(60));
    assert_eq!(state(&client, id(new)).await, words("DONE", "DELIVERED"));
    let lookup =
        format!("/IT-invoices?fiscal_id={company}&document_number=1%2FA&direction=outgoing");
    assert_eq!(client.rows(&lookup).await.len(), 1);
    assert_eq!(handle.effect_count(EffectKind::InvoiceSent, "1/A"), 1);
    assert_eq!(handle.bill().lines["invoice"].mills, 50);
}

#[tokio::test]
async fn public_body_takes_its_time() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let company = client.company().await;
    let fates = [InvoiceFate::Accepted, InvoiceFate::Rejected, InvoiceFate::TermsExpired];
    handle.next_invoices(fates);
    let mut ids = Vec::new();
    for number in ["1", "2", "3"] {
        let xml = file(&company, BUYER, number, "FPA12", "UFABCD");
        ids.push(id(&client.send_xml(&xml).await.1["data"]).to_owned());
    }
    assert_eq!(handle.bill().lines["signature"].count, 3);
    handle.advance(Duration::minutes(2));
    for id in &ids {
        assert_eq!(state(&client, id).await, words("SENT", "DELIVERED"));
    }
    handle.advance(Duration::days(3));
    assert_eq!(state(&client, &ids[0]).await, words("DONE", "ACCEPTED"));
    assert_eq!(state(&client, &ids[1]).await, words("ERROR", "REJECTED"));
    assert_eq!(state(&client, &ids[2]).await, words("SENT", "DELIVERED"));
    handle.advance(Duration::days(12));
    assert_eq!(state(&client, &ids[2]).await, words("DONE", "TERMS_EXPIRED"));
}

#[tokio::test]
async fn sdi_discards_what_it_must() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let company = client.company().await;
    let mut ids = Vec::new();
    for (buyer, number, code) in [
        (BUYER, "1", "ABC1234"),
        (BUYER, "1", "ABC1234"),
        ("07643520568", "2", "ABC1234"),
        (BUYER, "3", "0000000"),
    ] {
        let (_, answer) = client.send_xml(&file(&company, buyer, number, "FPR12", code)).await;
        ids.push(id(&answer["data"]).to_owned());
    }
    handle.advance(Duration::minutes(2));
    let mut found = Vec::new();
    for id in &ids {
        found.push(state(&client, id).await.1);
    }
    assert_eq!(found, ["DELIVERED", "ERROR", "ERROR", "NOT_DELIVERED"]);
    let second = client.json(&format!("/IT-invoices/{}", ids[1])).await;
    assert!(second["data"]["details"]["sdi_message"].as_str().unwrap().starts_with("00404"));
    assert_eq!(handle.effect_count(EffectKind::InvoiceSent, "1"), 2);
}

#[tokio::test]
async fn buyer_of_this_account_receives() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let companies = client.rows("/IT-configurations").await;
    let [seller, buyer] = [0, 1].map(|place| companies[place]["fiscal_id"].as_str().unwrap());
    client.send_xml(&file(seller, buyer, "1", "FPR12", "PIC7CPS")).await;
    handle.advance(Duration::minutes(2));
    let rows = client.rows("/IT-invoices").await;
    assert_eq!(rows.len(), 2);
    let [sent, received] = ["outgoing", "incoming"]
        .map(|direction| rows.iter().find(|row| row["direction"] == direction).unwrap());
    assert_eq!((&received["state"], &received["fiscal_id"]), (&json!("RECEIVED"), &json!(buyer)));
    assert_eq!(received["details"]["sdi_id"], sent["details"]["sdi_id"]);
}

#[tokio::test]
async fn wrong_files_are_refused() {
    let sandbox = start(quiet()).await.unwrap();
    let client = Client::of(&sandbox);
    let company = client.company().await;
    let good = file(&company, BUYER, "1", "FPR12", "ABC1234");
    for (xml, status) in [
        ("{\"invoice\": 1}".to_owned(), 400),
        (good.replace("</DatiGenerali>", ""), 400),
        (good.replace("FatturaElettronica ", "Fattura "), 400),
        (good.replace("<Numero>1</Numero>", ""), 422),
        (good.replace("2026-03-02", "02/03/2026"), 422),
        (good.replace(&company, "00000000000"), 403),
    ] {
        let (found, answer) = client.send_xml(&xml).await;
        assert_eq!((found.as_u16(), &answer["error"]), (status, &json!(status)), "{answer}");
    }
    let half = client.http.post(format!("{}/IT-invoices", client.base)).bearer_auth("any");
    let half = half.header("x-signature-user", "me").body(good).send().await.unwrap();
    assert_eq!(half.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(sandbox.handle().effects().is_empty());
}

#[tokio::test]
async fn import_knows_what_it_has() {
    for (duplicate_import, status) in [
        (DuplicateImport::Refused, 400),
        (DuplicateImport::Conflict, 409),
        (DuplicateImport::SameAgain, 200),
    ] {
        let habits = Habits { duplicate_import, ..Habits::default() };
        let sandbox = start(Options { habits, ..quiet() }).await.unwrap();
        let (client, handle) = (Client::of(&sandbox), sandbox.handle());
        let company = client.company().await;
        let xml = file(&company, BUYER, "7", "FPR12", "ABC1234");
        let packed = base64::engine::general_purpose::STANDARD.encode(&xml);
        let details = json!({"sdi_id": "42", "sdi_status": "REJECTED"});
        let body = json!({"invoice": packed, "details": details});
        let kept = client.take(Method::POST, "/IT-invoices_import", &body).await;
        assert_eq!((&kept["state"], &kept["direction"]), (&json!("ERROR"), &json!("outgoing")));
        let other_number = xml.replace("<Numero>7<", "<Numero>8<");
        for body in
            [json!({"invoice": xml}), json!({"invoice": other_number, "details": {"sdi_id": "42"}})]
        {
            let (found, answer) = client.send(Method::POST, "/IT-invoices_import", &body).await;
            assert_eq!(found.as_u16(), status, "{answer}");
        }
        assert_eq!(handle.effect_count(EffectKind::InvoiceImported, "7"), 1);
        assert_eq!(handle.effects().len(), 1);
        assert_eq!(handle.bill().total_mills, 50);
    }
}

#[tokio::test]
async fn import_finds_its_direction() {
    let sandbox = start(quiet()).await.unwrap();
    let client = Client::of(&sandbox);
    let company = client.company().await;
    let body = json!({"invoice": file(BUYER, &company, "9", "FPR12", "ABC1234")});
    let kept = client.take(Method::POST, "/IT-invoices_import", &body).await;
    assert_eq!((&kept["state"], &kept["direction"]), (&json!("RECEIVED"), &json!("incoming")));
    let body = json!({"invoice": file(BUYER, BUYER, "9", "FPR12", "ABC1234")});
    let (status, answer) = client.send(Method::POST, "/IT-invoices_import", &body).await;
    assert_eq!((status, &answer["error"]), (StatusCode::NOT_FOUND, &json!(111)));
    for body in [json!({}), json!({"invoice": "%%"}), json!({"invoice": "PGE+"})] {
        let (status, _) = client.send(Method::POST, "/IT-invoices_import", &body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
    }
}
