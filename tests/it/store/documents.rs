//! Raw bodies by revision, and documents as the latest of them.

use quadra::fiscal::{Document, DocumentKind, TaxId};
use quadra::normalize;
use quadra::store::{DocumentQuery, NewRaw, RawOutcome, Unreadable};
use sqlx::{Connection as _, SqliteConnection};

use super::{at, fresh};

const RECEIPT: &str = r#"{"id":"r1","fiscal_id":"09876543217","status":"ready","total_amount":8.19672131,"created_at":"2026-02-03T10:00:00.000Z"}"#;

async fn insert(store: &quadra::store::Store, page: &[(&str, &str)]) -> Vec<RawOutcome> {
    let page: Vec<NewRaw<'_>> =
        page.iter().map(|(source_id, body)| NewRaw { source_id, body }).collect();
    let mut tx = store.begin("test").await.unwrap();
    let tally = tx.insert_raw("receipts", &page, at(1)).await.unwrap();
    tx.commit().await.unwrap();
    tally
}

/// Chooses a company's receipts of February.
fn february(company: &TaxId) -> DocumentQuery<'_> {
    DocumentQuery {
        company,
        kind: DocumentKind::Receipt,
        direction: None,
        from: "2026-02-01".parse().unwrap(),
        to: "2026-02-28".parse().unwrap(),
        has_vat_lines: true,
        is_by_reception: false,
    }
}

/// Counts new, changed and known bodies.
fn counts(outcomes: &[RawOutcome]) -> (usize, usize, usize) {
    let count = |is_it: fn(&RawOutcome) -> bool| outcomes.iter().filter(|one| is_it(one)).count();
    (
        count(|one| matches!(one, RawOutcome::New(_))),
        count(|one| matches!(one, RawOutcome::Changed(_))),
        count(|one| matches!(one, RawOutcome::Known)),
    )
}

#[tokio::test]
async fn body_that_changes_back_has_three_revisions() {
    let fresh = fresh().await;
    assert_eq!(counts(&insert(&fresh.store, &[("a", "A")]).await), (1, 0, 0));
    assert_eq!(counts(&insert(&fresh.store, &[("a", "B")]).await), (0, 1, 0));
    assert_eq!(counts(&insert(&fresh.store, &[("a", "A")]).await), (0, 1, 0));
    assert_eq!(counts(&insert(&fresh.store, &[("a", "A")]).await), (0, 0, 1));
    // The same id in another list is another thing.
    let mut tx = fresh.store.begin("test").await.unwrap();
    let page = [NewRaw { source_id: "a", body: "A" }];
    let other = tx.insert_raw("invoices", &page, at(1)).await.unwrap();
    assert_eq!(counts(&other), (1, 0, 0));
}

#[tokio::test]
async fn page_twice_in_one_transaction_is_stored_once() {
    let fresh = fresh().await;
    let page =
        [NewRaw { source_id: "r1", body: RECEIPT }, NewRaw { source_id: "r1", body: RECEIPT }];
    let document = normalize::receipt(RECEIPT).unwrap();
    let mut tx = fresh.store.begin("test").await.unwrap();
    for is_first in [true, false] {
        let tally = tx.insert_raw("receipts", &page, at(1)).await.unwrap();
        assert_eq!(counts(&tally), if is_first { (1, 0, 1) } else { (0, 0, 2) });
        let documents: Vec<_> =
            tally.iter().filter_map(|one| Some((one.stored_id()?, document.clone()))).collect();
        tx.save_documents(&documents).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(fresh.store.count_documents(DocumentKind::Receipt).await.unwrap(), 1);
    let found = fresh.store.documents(&february(&document.company)).await.unwrap();
    assert_eq!(found, [document]);
}

#[tokio::test]
async fn many_documents_come_whole_and_once() {
    let fresh = fresh().await;
    let first = normalize::receipt(RECEIPT).unwrap();
    let ids: Vec<String> = (0..1_000).map(|number| format!("r{number:04}")).collect();
    let page: Vec<NewRaw<'_>> =
        ids.iter().map(|id| NewRaw { source_id: id, body: RECEIPT }).collect();
    let mut tx = fresh.store.begin("test").await.unwrap();
    let tally = tx.insert_raw("receipts", &page, at(1)).await.unwrap();
    let documents: Vec<_> = tally
        .iter()
        .zip(&ids)
        .map(|(one, id)| {
            (one.stored_id().unwrap(), Document { source_id: id.clone(), ..first.clone() })
        })
        .collect();
    tx.save_documents(&documents).await.unwrap();
    tx.commit().await.unwrap();
    let found = fresh.store.documents(&february(&first.company)).await.unwrap();
    assert!(found.iter().eq(documents.iter().map(|(_, document)| document)));
}

#[tokio::test]
async fn value_of_another_hand_is_named_and_not_quoted() {
    let fresh = fresh().await;
    let document = normalize::receipt(RECEIPT).unwrap();
    let mut tx = fresh.store.begin("test").await.unwrap();
    let page = [NewRaw { source_id: "r1", body: RECEIPT }];
    let tally = tx.insert_raw("receipts", &page, at(1)).await.unwrap();
    tx.save_documents(&[(tally[0].stored_id().unwrap(), document.clone())]).await.unwrap();
    tx.commit().await.unwrap();
    let address = format!("sqlite://{}", fresh.store.path().display());
    let mut other = SqliteConnection::connect(&address).await.unwrap();
    sqlx::raw_sql("update documents set gross_cents = 'Mario Rossi'")
        .execute(&mut other)
        .await
        .unwrap();
    let refused = fresh.store.documents(&february(&document.company)).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the store holds `something else in gross_cents` where a document's value is expected"
    );
}

#[tokio::test]
async fn dropped_transaction_leaves_nothing() {
    let fresh = fresh().await;
    let mut tx = fresh.store.begin("test").await.unwrap();
    let page = [NewRaw { source_id: "r1", body: RECEIPT }];
    let tally = tx.insert_raw("receipts", &page, at(1)).await.unwrap();
    let document = normalize::receipt(RECEIPT).unwrap();
    tx.save_documents(&[(tally[0].stored_id().unwrap(), document)]).await.unwrap();
    drop(tx);
    assert_eq!(fresh.store.count_documents(DocumentKind::Receipt).await.unwrap(), 0);
    assert_eq!(counts(&insert(&fresh.store, &[("r1", RECEIPT)]).await), (1, 0, 0));
}

#[tokio::test]
async fn body_that_reads_again_is_taken_back() {
    let fresh = fresh().await;
    let unreadable = |id: &str| Unreadable {
        resource: "receipts".to_owned(),
        source_id: id.to_owned(),
        body_head: "{".to_owned(),
        reason: "no amount".to_owned(),
    };
    let mut tx = fresh.store.begin("test").await.unwrap();
    tx.put_aside(&[unreadable("a"), unreadable("b")], at(1)).await.unwrap();
    tx.put_aside(&[unreadable("a")], at(2)).await.unwrap();
    tx.take_back("invoices", &["a"]).await.unwrap();
    tx.take_back("receipts", &["b", "c"]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(fresh.store.unreadable_documents().await.unwrap(), [unreadable("a")]);
}

#[tokio::test]
async fn requests_of_a_day_add_up() {
    let fresh = fresh().await;
    let day = "2026-03-10".parse().unwrap();
    for sent in [3, 4] {
        let mut tx = fresh.store.begin("test").await.unwrap();
        tx.count_requests(day, sent).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(fresh.store.requests_on(day).await.unwrap(), 7);
    assert_eq!(fresh.store.requests_on(day.succ_opt().unwrap()).await.unwrap(), 0);
}
