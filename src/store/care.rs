//! Looking after the store: is it whole, and a copy of it while it is used.

use std::path::Path;

use futures::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;

use crate::reconcile::statement::Statement;
use crate::store::entries::OF_FILE;
use crate::store::rows::get;
use crate::store::{Error, Store};

/// Holds the outcome of one check of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreCheck {
    /// What was checked, in a few words.
    pub what: &'static str,
    /// How many things were looked at.
    pub looked_at: u64,
    /// What is wrong, each in a sentence; at most a hundred.
    pub problems: Vec<String>,
}

/// A damaged file may have a problem a row: nobody reads past these.
const PROBLEMS_MAX: usize = 100;

impl StoreCheck {
    fn new(what: &'static str) -> Self {
        Self { what, looked_at: 0, problems: Vec::new() }
    }

    fn note(&mut self, problem: Option<String>) {
        self.looked_at += 1;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.extend(problem);
        }
    }
}

impl Store {
    /// Reads the whole store and says what is not as it was written.
    ///
    /// The file by SQLite's own check, references between tables, the hash of every raw
    /// document, the rows of every ledger file, and the arithmetic of every statement.
    /// Nothing is changed; a run may go on meanwhile.
    pub async fn verify(&self) -> Result<Vec<StoreCheck>, Error> {
        Ok(vec![
            self.verify_file().await?,
            self.verify_references().await?,
            self.verify_hashes().await?,
            self.verify_readings().await?,
            self.verify_ledger_files().await?,
            self.verify_statements().await?,
        ])
    }

    /// Copies the store to a new file, as of one instant, while it is used.
    ///
    /// The copy is compact, readable by its owner only, and is never written over another file.
    /// It stands under its name only when it is whole.
    pub async fn backup(&self, target: &Path) -> Result<u64, Error> {
        let failed = |source| Error::File { path: target.display().to_string(), source };
        if target.exists() {
            return Err(failed(std::io::ErrorKind::AlreadyExists.into()));
        }
        let mut partial = target.as_os_str().to_owned();
        partial.push(".partial");
        let partial = std::path::PathBuf::from(partial);
        // What a backup that was killed left behind is of no use to anybody.
        match std::fs::remove_file(&partial) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(failed(error));
            }
            _ => {}
        }
        super::connect::create_for_owner(&partial).map_err(failed)?;
        let name = partial.to_str().ok_or_else(|| {
            failed(std::io::Error::new(std::io::ErrorKind::InvalidInput, "a name outside UTF-8"))
        })?;
        let copied = sqlx::query("vacuum into $1")
            .bind(name)
            .execute(self.reader())
            .await
            .map_err(|source| Error::during("back up the store", source));
        if let Err(error) = copied {
            let _ = std::fs::remove_file(&partial);
            return Err(error);
        }
        let file = std::fs::File::open(&partial).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        let bytes = file.metadata().map_err(failed)?.len();
        crashpoint!("before rename", "backup");
        std::fs::rename(&partial, target).map_err(failed)?;
        crashpoint!("after rename", "backup");
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = std::fs::File::open(folder.unwrap_or(Path::new("."))).map_err(failed)?;
        folder.sync_all().map_err(failed)?;
        Ok(bytes)
    }

    async fn verify_file(&self) -> Result<StoreCheck, Error> {
        let mut check = StoreCheck::new("the file (SQLite's quick_check)");
        let lines: Vec<String> = sqlx::query_scalar("pragma quick_check(100)")
            .fetch_all(self.reader())
            .await
            .map_err(|source| Error::during("check the file", source))?;
        for line in lines {
            check.note((line != "ok").then_some(line));
        }
        Ok(check)
    }

    async fn verify_references(&self) -> Result<StoreCheck, Error> {
        let mut check = StoreCheck::new("references between tables");
        let failed = |source| Error::during("check references", source);
        let broken = sqlx::query("pragma foreign_key_check")
            .fetch_all(self.reader())
            .await
            .map_err(failed)?;
        for row in &broken {
            let (table, parent): (String, String) = (get(row, "table")?, get(row, "parent")?);
            check.note(Some(format!(
                "a row of `{table}` names a row of `{parent}` that is not there"
            )));
        }
        let tables: i64 = sqlx::query_scalar(
            "select count(*) from sqlite_schema where type = 'table' and name not like 'sqlite%'",
        )
        .fetch_one(self.reader())
        .await
        .map_err(failed)?;
        check.looked_at = u64::try_from(tables).unwrap_or(0);
        Ok(check)
    }

    async fn verify_hashes(&self) -> Result<StoreCheck, Error> {
        let mut check = StoreCheck::new("raw documents (their hashes)");
        let mut rows = sqlx::query(
            "select resource, source_id, revision, content_hash, body from raw_documents",
        )
        .fetch(self.reader());
        while let Some(row) =
            rows.try_next().await.map_err(|source| Error::during("check hashes", source))?
        {
            let (hash, body): (Vec<u8>, &str) =
                (get(&row, "content_hash")?, row.get_unchecked("body"));
            let is_same = Sha256::digest(body.as_bytes())[..] == hash[..];
            check.note((!is_same).then(|| {
                let [resource, id] = ["resource", "source_id"].map(|c| row.get::<String, _>(c));
                let revision: i64 = row.get("revision");
                format!("{resource} `{id}`, revision {revision}: the body is not what was received")
            }));
        }
        Ok(check)
    }

    async fn verify_readings(&self) -> Result<StoreCheck, Error> {
        let mut check = StoreCheck::new("documents (read from the newest revision)");
        let mut rows = sqlx::query(
            "select d.kind, d.source_id, d.raw_id, \
             (select max(newer.id) from raw_documents as newer \
              where newer.resource = own.resource and newer.source_id = own.source_id) as newest, \
             (select count(*) from unreadable_documents as bad \
              where bad.resource = own.resource and bad.source_id = own.source_id) as unreadable \
             from documents as d join raw_documents as own on own.id = d.raw_id",
        )
        .fetch(self.reader());
        while let Some(row) =
            rows.try_next().await.map_err(|source| Error::during("check readings", source))?
        {
            let [own, newest, unreadable] =
                ["raw_id", "newest", "unreadable"].map(|column| row.get::<i64, _>(column));
            let is_stale = own != newest && unreadable == 0;
            check.note(is_stale.then(|| {
                let [kind, id] = ["kind", "source_id"].map(|c| row.get::<String, _>(c));
                format!("{kind} `{id}` was read from an older revision than the newest")
            }));
        }
        Ok(check)
    }

    async fn verify_ledger_files(&self) -> Result<StoreCheck, Error> {
        let mut check = StoreCheck::new("ledger files (every row is there)");
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "select f.id, f.file_name, f.rows_stored, \
             (select count(*) from ledger_entries as e where {OF_FILE}) as entries \
             from ledger_files as f order by f.id"
        )))
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("check ledger files", source))?;
        for row in &rows {
            let [stored, entries] = ["rows_stored", "entries"].map(|c| row.get::<i64, _>(c));
            check.note((stored != entries).then(|| {
                let name: String = row.get("file_name");
                format!("`{name}` has {entries} rows where {stored} were stored")
            }));
        }
        Ok(check)
    }

    async fn verify_statements(&self) -> Result<StoreCheck, Error> {
        let mut check = StoreCheck::new("statements (classes add up, residual zero)");
        let rows = sqlx::query("select run_id, position, body from statements")
            .fetch_all(self.reader())
            .await
            .map_err(|source| Error::during("check statements", source))?;
        for row in &rows {
            let body: String = get(row, "body")?;
            let problem = match serde_json::from_str::<Statement>(&body) {
                Ok(statement) => statement.imbalance(),
                Err(error) => Some(format!("does not read back: {error}")),
            };
            check.note(problem.map(|problem| {
                let [run, position] = ["run_id", "position"].map(|c| row.get::<i64, _>(c));
                format!("run {run}, statement {}: {problem}", position + 1)
            }));
        }
        Ok(check)
    }
}
