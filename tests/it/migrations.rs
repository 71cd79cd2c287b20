//! The schema: explained column by column, and the same however often it is brought up.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeSet;
use std::path::PathBuf;

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
