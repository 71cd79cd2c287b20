//! A folder with settings, a sandbox and the built binary: what a night needs, for tests.
//!
//! A [`World`] lives in a temporary folder, in which `quadra` is started as a person would
//! start it. What a command prints becomes a text with its exit code, its stdout and its
//! stderr, in which times, ports and paths are replaced by their names.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use quadra::sandbox::{self, Faults, Handle, Options};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The token that every world's configuration sends.
pub(crate) const TOKEN: &str = "5ec2e77074ca11ab1e000042";

/// The repository, where `jobs/` and `samples/` lie.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) struct World {
    folder: TempDir,
    runtime: Runtime,
    sandbox: Option<sandbox::Running>,
    environment: BTreeMap<String, String>,
}

/// What a command left behind.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl World {
    /// Makes a folder with an empty configuration and nobody to ask.
    pub(crate) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let environment = BTreeMap::from([("QUADRA__API__TOKEN".to_owned(), TOKEN.to_owned())]);
        let folder = tempfile::tempdir().unwrap();
        let world = Self { folder, runtime, sandbox: None, environment };
        world.write("quadra.toml", "");
        world
    }

    /// Makes a folder whose configuration points at a sandbox.
    pub(crate) fn with(options: Options) -> Self {
        let mut world = Self::new();
        let sandbox = world.runtime.block_on(sandbox::start(options)).unwrap();
        world.write(
            "quadra.toml",
            format!("[api]\nbase_url = \"{}\"\nrequests_per_second = 1000\n", sandbox.base_url()),
        );
        world.sandbox = Some(sandbox);
        world
    }

    /// Makes a world with a few receipts and invoices of February 2026 and good manners.
    pub(crate) fn small() -> Self {
        Self::with(Options {
            receipts: 60,
            invoices: 12,
            companies: 1,
            today: chrono::NaiveDate::from_ymd_opt(2026, 4, 30).unwrap(),
            faults: Faults::none(),
            ..Options::default()
        })
    }

    /// Makes the demo's three companies, with the shipped jobs and the demo's ledgers.
    pub(crate) fn demo() -> Self {
        let world = Self::with(Options::demo());
        for job in ["nightly-receipts.toml", "nightly-invoices.toml"] {
            let text = std::fs::read_to_string(repository().join("jobs").join(job)).unwrap();
            world.write(&format!("jobs/{job}"), &text);
        }
        for (inbox, company, name) in [
            ("receipts", "19044175016", "corrispettivi-2026-02.csv"),
            ("receipts", "19044175016", "incassi-2026-02.csv"),
            ("receipts", "19044175016", "ordini-shop-2026-02.csv"),
            ("invoices", "19044175016", "registro-iva-vendite-2026-02.csv"),
            ("invoices", "21177305022", "registro-iva-vendite-2026-02.xlsx"),
            ("invoices", "21177305022", "ricevute-2026-02.csv"),
            ("invoices", "33401825030", "fatture-emesse-2026-02.ods"),
        ] {
            let from = format!("samples/ledgers/demo/{company}/{name}");
            world.copy(&from, &format!("inbox/{inbox}/{company}/{name}"));
        }
        world
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, with the folders on its way.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Adds lines to the configuration.
    pub(crate) fn configure(&self, lines: &str) {
        let before = self.read("quadra.toml");
        self.write("quadra.toml", format!("{before}\n{lines}\n"));
    }

    /// Copies a file of the repository.
    pub(crate) fn copy(&self, from: &str, to: &str) -> PathBuf {
        self.write(to, std::fs::read(repository().join(from)).unwrap())
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Lists the files under a folder, sorted, with their paths inside it.
    pub(crate) fn files(&self, folder: &str) -> Vec<String> {
        let root = self.path(folder);
        let mut files = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(next) = folders.pop() {
            for entry in std::fs::read_dir(next).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push(path.strip_prefix(&root).unwrap().display().to_string());
                }
            }
        }
        files.sort();
        files
    }

    /// Sets a variable of the environment for all commands to come.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_owned(), value.to_owned());
    }

    /// Takes a variable away for all commands to come.
    pub(crate) fn unset(&mut self, name: &str) {
        self.environment.remove(name);
    }

    pub(crate) fn handle(&self) -> Handle {
        self.sandbox.as_ref().unwrap().handle()
    }

    pub(crate) fn requests(&self) -> u64 {
        self.sandbox.as_ref().unwrap().requests()
    }

    /// Stops the sandbox, so that nobody answers at its address.
    pub(crate) fn stop_sandbox(&mut self) {
        self.runtime.block_on(self.sandbox.take().unwrap().stop());
    }

    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Returns a command inside the folder, with no variable but the world's own.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).env_clear().envs(&self.environment);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("QUADRA_BINARY", env!("CARGO_BIN_EXE_quadra"));
        command.stdin(Stdio::null());
        command
    }

    /// Runs `quadra` with these arguments, separated by blanks, to its end.
    pub(crate) fn quadra(&self, arguments: &str) -> Ran {
        let mut command = self.command(env!("CARGO_BIN_EXE_quadra"));
        command.args(arguments.split_whitespace());
        Ran::of(&command.output().unwrap())
    }

    /// Runs a line of bash, in which `$QUADRA_BINARY` is the built binary.
    pub(crate) fn bash(&self, script: &str) -> Ran {
        let mut command = self.command("bash");
        Ran::of(&command.args(["-c", script]).output().unwrap())
    }

    /// Returns what a command printed, as a snapshot shows it.
    pub(crate) fn shown(&self, arguments: &str) -> String {
        let ran = self.quadra(arguments);
        self.mask(&format!("$ quadra {arguments}\n{ran}"))
    }

    /// Replaces what differs from one run to the next by its name.
    pub(crate) fn mask(&self, text: &str) -> String {
        let folder = self.folder.path().display().to_string();
        let text = text.replace(&folder, "[FOLDER]");
        text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    }

    /// Counts the rows of every table of the store; empty when there is none.
    pub(crate) fn rows(&self) -> BTreeMap<String, i64> {
        if !self.path("quadra.db").exists() {
            return BTreeMap::new();
        }
        self.sql("select name from sqlite_schema where type = 'table' order by name")
            .into_iter()
            .map(|table| {
                let count = self.sql(&format!("select count(*) from {table}")).remove(0);
                (table, count.parse().unwrap())
            })
            .collect()
    }

    /// Counts the rows of what documents and ledgers are made of, which bad input must not change.
    pub(crate) fn books(&self) -> BTreeMap<String, i64> {
        let kept = ["raw_documents", "documents", "vat_lines", "ledger_files", "ledger_entries"];
        let mut rows = self.rows();
        rows.retain(|table, _| kept.contains(&table.as_str()) || table == "rejected_rows");
        rows
    }

    /// Changes the store behind the program's back.
    pub(crate) fn execute(&self, statement: &str) {
        let options = SqliteConnectOptions::new().filename(self.path("quadra.db"));
        self.runtime.block_on(async {
            let pool = SqlitePool::connect_with(options).await.unwrap();
            sqlx::query(sqlx::AssertSqlSafe(statement.to_owned())).execute(&pool).await.unwrap();
            pool.close().await;
        });
    }

    /// Opens the store as another process would, and keeps it open.
    pub(crate) fn hold_store(&self) -> SqlitePool {
        let options = SqliteConnectOptions::new().filename(self.path("quadra.db"));
        self.runtime.block_on(async {
            let pool = SqlitePool::connect_with(options).await.unwrap();
            sqlx::query("select count(*) from runs").fetch_one(&pool).await.unwrap();
            pool
        })
    }

    /// Asks the sandbox as somebody else's program would; returns the JSON of its answer.
    pub(crate) fn ask(
        &self,
        method: reqwest::Method,
        path: &str,
        body: &serde_json::Value,
    ) -> serde_json::Value {
        let url = format!("{}/{path}", self.sandbox.as_ref().unwrap().base_url());
        self.runtime.block_on(async {
            let http = reqwest::Client::builder().build().unwrap();
            let request = http.request(method, url).bearer_auth(TOKEN).json(body);
            request.send().await.unwrap().json().await.unwrap()
        })
    }

    /// Returns the port on which the world's sandbox listens.
    pub(crate) fn configured_port(&self) -> u16 {
        self.sandbox.as_ref().unwrap().address().port()
    }

    /// Returns the first column of a query's rows as text; null is `-`.
    pub(crate) fn sql(&self, query: &str) -> Vec<String> {
        let options = SqliteConnectOptions::new().filename(self.path("quadra.db"));
        self.runtime.block_on(async {
            let pool = SqlitePool::connect_with(options).await.unwrap();
            let text =
                format!("with answer(one) as ({query}) select cast(one as text) from answer");
            let rows = sqlx::query(sqlx::AssertSqlSafe(text)).fetch_all(&pool).await.unwrap();
            pool.close().await;
            rows.iter()
                .map(|row| row.get::<Option<String>, _>(0).unwrap_or_else(|| "-".to_owned()))
                .collect()
        })
    }
}

impl Ran {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Returns the stdout as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// Returns the stdout from the line that begins so.
    pub(crate) fn since_line(&self, beginning: &str) -> String {
        let lines = self.stdout.lines().skip_while(|line| !line.starts_with(beginning));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Stops the test unless the command ended so.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let code = self.code.map_or_else(|| "a signal".to_owned(), |code| code.to_string());
        write!(f, "exit code: {code}\n--- stdout\n{}--- stderr\n{}", self.stdout, self.stderr)
    }
}

/// Replaces instants, ports, durations and today's date for the length of a closure.
pub(crate) fn with_filters(check: impl FnOnce()) {
    let today = quadra::clock::Clock::System.today_in_rome();
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+\d\d:\d\d)", "[INSTANT]");
    settings.add_filter(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC", "[INSTANT]");
    settings.add_filter(r"\d\d/\d\d/\d{4} \d\d:\d\d", "[INSTANT]");
    settings.add_filter(r"127\.0\.0\.1:\d+", "127.0.0.1:[PORT]");
    // Windows are read at once: which of two meets a document of both first is left open.
    settings.add_filter(r"\d+ requests? \(", "[N] requests (");
    settings.add_filter(r", \d+ known", ", [N] known");
    settings.add_filter(r#""(requests|documents_seen)": \d+"#, r#""$1": [N]"#);
    settings.add_filter(r"\(\d+ documents kept\)", "([N] documents kept)");
    settings.add_filter(r"in \d+ ms", "in [N] ms");
    settings.add_filter(r"wait_ms=\d+", "wait_ms=[N]");
    settings.add_filter(&today.to_string(), "[TODAY]");
    settings.add_filter(&today.format("%d/%m/%Y").to_string(), "[TODAY]");
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(true);
    settings.bind(check);
}
