//! Ledger files by content and company, their successors, and those that were refused.

use quadra::fiscal::{Direction, DocumentKind, LedgerEntry, TaxId};
use quadra::ledger;
use quadra::store::{NewLedgerFile, RefusedFile, Store};

use super::{at, fresh};

const HEADING: &str =
    "Numero documento;Data documento;Partita IVA;Cliente;Imponibile;IVA;Totale documento";

fn company() -> TaxId {
    TaxId::parse("01234567897").unwrap()
}

/// Reads a register whose rows are (number, day of February).
fn entries(rows: &[(&str, u32)]) -> Vec<LedgerEntry> {
    let mut text = format!("{HEADING}\n");
    text.extend(rows.iter().map(|(number, day)| {
        format!("{number};{day:02}/02/2026;20041115203;Gigi;100,00;22,00;122,00\n")
    }));
    let upload = ledger::Upload {
        company: Some(company()),
        direction: Some(Direction::Outgoing),
        ..ledger::Upload::new("vendite.csv", text.as_bytes())
    };
    let mut entries = ledger::read(&upload).unwrap().entries;
    for entry in &mut entries {
        entry.company = Some(company());
        entry.direction = Some(Direction::Outgoing);
    }
    entries
}

/// Stores a file of these rows; the hash stands for its content.
async fn store(store: &Store, name: &str, hash: u8, rows: &[(&str, u32)]) -> bool {
    let entries = entries(rows);
    let days = || entries.iter().filter_map(|entry| entry.issue_date);
    let file = NewLedgerFile {
        company: "01234567897",
        layout: "registro-iva",
        format: "csv",
        rows_read: entries.len() as u64,
        rows_stored: entries.len() as u64,
        rows_skipped: 0,
        coverage: days().min().zip(days().max()),
        rejected: &[],
    };
    let mut tx = store.begin("test").await.unwrap();
    let file_id = tx.open_ledger_file([hash; 32], name, at(1)).await.unwrap();
    tx.insert_entries(file_id, &entries).await.unwrap();
    let is_new = tx.close_ledger_file(file_id, &file).await.unwrap();
    let days = file.coverage.unwrap();
    for overlap in tx.overlaps(file_id, (file.company, file.layout), days).await.unwrap() {
        if overlap.file_name == name {
            let change = tx.version_change(file_id, overlap.file_id, days).await.unwrap();
            tx.replace_file(file_id, overlap.file_id, days, &change).await.unwrap();
        }
    }
    // A file that is known is dropped with everything that was written of it.
    if is_new {
        tx.commit().await.unwrap();
    }
    is_new
}

/// Returns the numbers that a comparison of February would see.
async fn seen(store: &Store) -> Vec<String> {
    let (from, to) = ("2026-02-01".parse().unwrap(), "2026-02-28".parse().unwrap());
    let files = store.ledger_files(&company(), from, to).await.unwrap();
    let mut numbers = Vec::new();
    for file in files {
        let entries = store.fold_entries(&company(), file.id, Vec::new(), Vec::push).await.unwrap();
        numbers.extend(entries.into_iter().filter_map(|entry| entry.number));
    }
    numbers
}

#[tokio::test]
async fn same_content_is_stored_once() {
    let fresh = fresh().await;
    assert!(store(&fresh.store, "a.csv", 1, &[("1", 3)]).await);
    assert!(!store(&fresh.store, "b.csv", 1, &[("1", 3)]).await);
    assert_eq!(seen(&fresh.store).await, ["1"]);
    let known = fresh.store.known_file([1; 32], "01234567897").await.unwrap().unwrap();
    assert_eq!((known.file_name.as_str(), known.rows_stored), ("a.csv", 1));
    assert_eq!(fresh.store.known_file([1; 32], "09876543217").await.unwrap(), None);
}

#[tokio::test]
async fn later_export_of_the_same_days_takes_the_place() {
    let fresh = fresh().await;
    store(&fresh.store, "a.csv", 1, &[("1", 3), ("wrong", 5), ("3", 20)]).await;
    store(&fresh.store, "a.csv", 2, &[("1", 3), ("2", 5), ("3", 20), ("4", 25)]).await;
    assert_eq!(seen(&fresh.store).await, ["1", "2", "3", "4"]);
}

#[tokio::test]
async fn later_export_of_some_days_leaves_the_others() {
    let fresh = fresh().await;
    store(&fresh.store, "a.csv", 1, &[("1", 3), ("2", 9), ("3", 10)]).await;
    store(&fresh.store, "a.csv", 2, &[("3", 10), ("4", 17)]).await;
    assert_eq!(seen(&fresh.store).await, ["1", "2", "3", "4"]);
}

#[tokio::test]
async fn change_counts_rows_by_what_names_them() {
    let fresh = fresh().await;
    store(&fresh.store, "a.csv", 1, &[("1", 3), ("2", 9), ("2", 9), ("3", 10)]).await;
    let mut tx = fresh.store.begin("test").await.unwrap();
    let newer = tx.open_ledger_file([2; 32], "b.csv", at(2)).await.unwrap();
    let rows = entries(&[("1", 4), ("2", 9), ("3", 10), ("4", 10)]);
    tx.insert_entries(newer, &rows).await.unwrap();
    let days = ("2026-02-01".parse().unwrap(), "2026-02-28".parse().unwrap());
    let overlaps = tx.overlaps(newer, ("01234567897", "registro-iva"), days).await.unwrap();
    assert_eq!(overlaps.len(), 1);
    let change = tx.version_change(newer, overlaps[0].file_id, days).await.unwrap();
    let counts = [change.rows_same, change.rows_changed, change.rows_added, change.rows_removed];
    assert_eq!(counts, [2, 1, 1, 1]);
    assert_eq!((change.numbered_changed, change.rows_before(), change.gross_cents), (1, 4, 0));
}

#[tokio::test]
async fn file_of_another_name_adds_to_the_books() {
    let fresh = fresh().await;
    store(&fresh.store, "a.csv", 1, &[("1", 3)]).await;
    store(&fresh.store, "b.csv", 2, &[("2", 3)]).await;
    assert_eq!(seen(&fresh.store).await, ["1", "2"]);
}

fn refused(company: &str, reason: &str) -> RefusedFile {
    RefusedFile {
        company: company.to_owned(),
        file_name: "a.csv".to_owned(),
        reason: reason.to_owned(),
    }
}

#[tokio::test]
async fn refusals_close_by_name_and_company() {
    let fresh = fresh().await;
    let mut tx = fresh.store.begin("test").await.unwrap();
    let place = ("night", DocumentKind::Receipt, 1);
    for (hash, company) in [(1, "x"), (1, "y"), (2, "x")] {
        tx.refuse_file([hash; 32], &refused(company, "bad"), place, at(1)).await.unwrap();
    }
    tx.commit().await.unwrap();
    let open = |kind| fresh.store.refused_files(kind);
    assert_eq!(
        open(DocumentKind::Receipt).await.unwrap(),
        [refused("x", "bad"), refused("y", "bad")]
    );
    assert!(open(DocumentKind::Invoice).await.unwrap().is_empty());
    let mut tx = fresh.store.begin("test").await.unwrap();
    assert_eq!(tx.resolve_refused("x", "a.csv", at(2)).await.unwrap(), 2);
    tx.commit().await.unwrap();
    assert_eq!(open(DocumentKind::Receipt).await.unwrap(), [refused("y", "bad")]);
    // The same bytes again are refused again.
    let mut tx = fresh.store.begin("test").await.unwrap();
    tx.refuse_file([1; 32], &refused("x", "worse"), place, at(3)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(open(DocumentKind::Receipt).await.unwrap()[0], refused("x", "worse"));
}
