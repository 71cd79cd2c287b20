//! The schema: explained column by column, and the same however often it is brought up.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeSet;
use std::path::PathBuf;

use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

use crate::world::{World, repository};

fn migrations() -> Vec<PathBuf> {
    let folder = repository().join("migrations/sqlite");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn migrated() -> World {
    let world = World::new();
    world.quadra("check --offline");
    world
}

#[test]
fn every_column_and_table_has_a_comment() {
    let world = migrated();
    let mut explained = BTreeSet::new();
    for file in migrations() {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut table = String::new();
        let mut before = "";
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("create table ") {
                table = rest.split_whitespace().next().unwrap().to_owned();
                assert!(before.starts_with("-- "), "table {table} has no comment");
            } else if line.starts_with("alter table ") && line.contains(" rename to old_") {
                // It makes room for its successor, which explains itself.
            } else if let Some(rest) = line.strip_prefix("alter table ") {
                let (altered, added) = rest.split_once(" add column ").unwrap();
                let (column, comment) = added.split_once(" -- ").unwrap();
                assert!(comment.len() > 2, "{altered}: {line}");
                explained.insert(format!("{altered}.{}", column.split(' ').next().unwrap()));
            } else if let Some((column, comment)) = line.trim().split_once(" -- ") {
                assert!(comment.len() > 2, "{table}: {line}");
                explained.insert(format!("{table}.{}", column.split(' ').next().unwrap()));
            }
            before = line;
        }
    }
    let columns = world.sql(
        "select t.name || '.' || c.name from sqlite_schema as t, pragma_table_info(t.name) as c \
         where t.type = 'table' and t.name not like '\\_sqlx%' escape '\\'",
    );
    assert!(columns.len() > 100, "{}", columns.len());
    let silent: Vec<&String> =
        columns.iter().filter(|column| !explained.contains(*column)).collect();
    assert!(silent.is_empty(), "columns without a comment: {silent:?}");
}

/// Rows as they were stored before each became one text: every column, and what may be in it.
const OLD_ROWS: &str = r##"
insert into ledger_files values (1, x'00', '01234567897', 'a.csv', 'registro-iva', 'csv', 2, 2, 0, 0,
    '2026-02-01', '2026-02-28', '2026-03-01T00:00:00.000Z');
insert into ledger_entries values ((1 << 32) + 1, 1, 1, 'invoice', '01234567897', 'incoming', 'TD04',
    '7/"A"\b', '2026-02-03', '2026-02-05', '2026-02-04', '09876543217', 'RSSMRA85T10A562S',
    'Caffè ''Da Mario'' S.n.c.', 'EUR', -10000, -2200, -12200, '22', null, null, null, null, 1,
    'rifiutata', '["111","#1001"]');
insert into ledger_entries values ((1 << 32) + 9, 1, 9, 'takings', '01234567897', 'outgoing', null,
    null, null, null, null, null, null, null, 'EUR', null, null, 9007199254740993, 'N4', 1, 0, -3, 4, 0,
    null, '[]');
"##;

#[tokio::test]
async fn rows_of_an_older_store_read_back_alike() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new().filename(folder.path().join("quadra.db"));
    let mut store = options.create_if_missing(true).connect().await.unwrap();
    let row = "select json_array(id, file_id, row, kind, company, direction, document_type, number, \
        issue_date, registration_date, transmission_date, counterparty_tax_id, \
        counterparty_tax_code, counterparty_name, currency, taxable_cents, vat_cents, gross_cents, \
        vat_rate, cash_cents, electronic_cents, vouchers_cents, uncollected_cents, \
        has_stamp_duty, status, source_references) from ledger_entries order by id";
    let mut before: Vec<String> = Vec::new();
    for file in migrations() {
        if file.to_string_lossy().contains("0033_packed_rows") {
            sqlx::raw_sql(OLD_ROWS).execute(&mut store).await.unwrap();
            before = sqlx::query_scalar(row).fetch_all(&mut store).await.unwrap();
        }
        let text = std::fs::read_to_string(&file).unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(&mut store).await.unwrap();
    }
    let after: Vec<String> = sqlx::query_scalar(row).fetch_all(&mut store).await.unwrap();
    assert_eq!(before.len(), 2);
    assert_eq!(after, before);
}

#[test]
fn types_are_those_that_postgres_shares() {
    let world = migrated();
    let types = world.sql(
        "select distinct lower(c.type) from sqlite_schema as t, pragma_table_info(t.name) as c \
         where t.type = 'table' and t.name not like '\\_sqlx%' escape '\\' order by 1",
    );
    // `integer` is the handle that SQLite counts up by itself.
    assert_eq!(types, ["bigint", "blob", "integer", "text"]);
}

#[test]
fn schema_is_the_known_one() {
    let world = migrated();
    let schema = world.sql(
        "select t.name || '.' || c.name || ' ' || c.type || \
         case when c.\"notnull\" = 1 then ' not null' else '' end || \
         case when c.pk > 0 then ' key ' || c.pk else '' end \
         from sqlite_schema as t, pragma_table_info(t.name) as c \
         where t.type = 'table' and t.name not like '\\_sqlx%' escape '\\' \
         order by t.name, c.cid",
    );
    insta::assert_snapshot!(schema.join("\n"));
}

#[test]
fn migrating_twice_changes_nothing() {
    let world = migrated();
    let state = || {
        let schema = world.sql("select group_concat(sql, ';') from sqlite_schema");
        let applied = world.sql("select version || hex(checksum) from _sqlx_migrations");
        (schema, applied)
    };
    let before = state();
    assert_eq!(before.1.len(), migrations().len());
    world.quadra("check --offline");
    assert_eq!(state(), before);
}

#[test]
fn numbers_of_migrations_are_each_used_once() {
    let numbers: Vec<usize> = migrations()
        .iter()
        .map(|file| file.file_name().unwrap().to_string_lossy()[..4].parse().unwrap())
        .collect();
    // Branches reserve numbers, so there may be gaps; two files of one number would collide.
    assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
}
