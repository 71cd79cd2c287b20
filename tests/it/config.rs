//! Settings from files, the environment and flags: what wins, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod example;
mod jobs;
mod secrets;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use quadra::config::{self, Config, Error};
use tempfile::TempDir;

/// A folder with a quadra.toml, and the variables and flags beside it.
struct World {
    folder: TempDir,
    environment: Vec<(String, String)>,
    flags: Vec<(String, String)>,
}

impl World {
    fn with(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("quadra.toml"), text).unwrap();
        Self { folder, environment: vec![], flags: vec![] }
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    fn flag(mut self, key: &str, value: &str) -> Self {
        self.flags.push((key.to_owned(), value.to_owned()));
        self
    }

    fn file(self, name: &str, text: &str, mode: u32) -> Self {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn load(&self) -> Result<Config, Error> {
        Config::load(Some(&self.path("quadra.toml")), self.environment.clone(), &self.flags)
    }

    /// Returns message and hint of the refusal, with the folder's name taken out.
    fn refusal(&self) -> String {
        let error = self.load().map(|_| ()).expect_err("these settings must be refused");
        told(&error, self.folder.path())
    }
}

fn told(error: &Error, folder: &Path) -> String {
    let hint = error.hint().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    format!("{error}{hint}").replace(&format!("{}/", folder.display()), "")
}

#[test]
fn empty_file_gives_every_default() {
    let world = World::with("");
    let config = world.load().unwrap();
    assert_eq!(config.api.base_url, "https://invoice.openapi.com");
    assert_eq!(config.store.path, world.path("quadra.db"));
    assert!(config.api.token.is_none() && config.mail.is_none());
    assert_eq!(config.schedule.time_zone, chrono_tz::Europe::Rome);
    assert_eq!(config.report.materiality, quadra::findings::Materiality::default());
    assert_eq!(config.jobs.dir, world.path("jobs"));
}

#[test]
fn flag_beats_variable_beats_file() {
    let world = World::with(
        "[api]\nrequests_per_second = 2\ndaily_requests = 2\n[report]\nlanguage = 'en'",
    )
    .variable("QUADRA__API__REQUESTS_PER_SECOND", "3")
    .variable("QUADRA__API__DAILY_REQUESTS", "3")
    .variable("QUADRA_OTHER", "not ours")
    .flag("api.requests_per_second", "4");
    let config = world.load().unwrap();
    assert_eq!((config.api.requests_per_second, config.api.daily_requests), (4, 3));
    let shown: Vec<String> = config
        .describe()
        .iter()
        .filter(|one| {
            ["api.requests_per_second", "api.daily_requests", "report.language", "jobs.dir"]
                .contains(&one.key)
        })
        .map(|one| format!("{} = {} ({})", one.key, one.value, one.origin))
        .collect();
    let shown = shown.join("\n").replace(&format!("{}/", world.folder.path().display()), "");
    insta::assert_snapshot!(shown, @"
    api.requests_per_second = 4 (flag for api.requests_per_second)
    api.daily_requests = 3 (QUADRA__API__DAILY_REQUESTS)
    report.language = en (quadra.toml:5)
    jobs.dir = jobs (default)
    ");
}

#[test]
fn all_wrong_settings_are_told_at_once() {
    let world = World::with(
        "[api]\nbase_ulr = 'https://a.example'\nrequests_per_second = 0\ndaily_requests = '5'\n\
         [mial]\nhost = 'x'\n[report]\nlanguage = 'de'\nmateriality = 1.5\ncolour = 'red'\n\
         [schedule]\ntime_zone = 'Europe/Roma'\n[store]\nurl = 'postgres://db/quadra'\n",
    )
    .variable("QUADRA__MAIL__HOTS", "x")
    .variable("QUADRA__JOBS__DIR", "")
    .flag("report.langauge", "it");
    insta::assert_snapshot!(world.refusal(), @r#"
    failed to read the settings, 12 are wrong:
      quadra.toml:2: unknown key `api.base_ulr`, did you mean `api.base_url`?
      quadra.toml:3: `api.requests_per_second` = `0` is not allowed: a whole number from 1 to 100000, unquoted
      quadra.toml:4: `api.daily_requests` = `5` is not allowed: a whole number from 1 to 1000000, unquoted
      quadra.toml:5: unknown section `mial`, did you mean `mail`?
      quadra.toml:8: `report.language` = `de` is not allowed: one of `it`, `en`
      quadra.toml:9: `report.materiality` = `1.5` is not allowed: euros with a point and up to two decimals, in quotes, like "12.50"
      quadra.toml:10: unknown key `report.colour`, known are `report.language`, `report.out_dir`, `report.materiality`, `report.materiality_percent`, `report.materiality_count`, `report.materiality_kinds`
      quadra.toml:12: `schedule.time_zone` = `Europe/Roma` is no IANA time zone, did you mean `Europe/Rome`?
      quadra.toml:14: `store.url` = `postgres://db/quadra` is not available yet: PostgreSQL joins later, use `sqlite://path`
      QUADRA__JOBS__DIR: `jobs.dir` is empty: give it a value or unset it
      QUADRA__MAIL__HOTS: unknown variable, did you mean `QUADRA__MAIL__HOST`?
      flag for report.langauge: unknown key `report.langauge`, did you mean `report.language`?
    "#);
}

#[test]
fn file_from_windows_is_read_alike() {
    let world = World::with("\u{feff}[api]\r\nrequests_per_second = 7\r\nbase = 1\r\n");
    assert!(world.refusal().contains("quadra.toml:3: unknown key `api.base`"));
    let world = World::with("\u{feff}[api]\r\nrequests_per_second = 7\r\n");
    assert_eq!(world.load().unwrap().api.requests_per_second, 7);
}

#[test]
fn mail_port_follows_its_security() {
    for (security, host, port) in [
        ("starttls", "smtp.rossi.example", 587),
        ("tls", "smtp.rossi.example", 465),
        ("none", "127.0.0.1", 25),
    ] {
        let text = format!("[mail]\nhost='{host}'\nsecurity='{security}'\nfrom='q@rossi.example'");
        assert_eq!(World::with(&text).load().unwrap().mail.unwrap().server.port, port);
    }
}

#[test]
fn half_a_mail_section_is_refused() {
    insta::assert_snapshot!(World::with("[mail]\nport = 25\n").refusal(), @"failed to read the settings: quadra.toml:2: `mail.host` is missing, and `mail.port` is set");
    insta::assert_snapshot!(
        World::with("[mail]\nhost='smtp.rossi.example'\nsecurity='none'\nusername='u'\n").refusal(),
        @"
    failed to read the settings, 3 are wrong:
      quadra.toml:2: `mail.from` is missing, and `mail.host` is set
      quadra.toml:3: `mail.security` = `none` is for this machine only, and `mail.host` = `smtp.rossi.example` is another: use `starttls` or `tls`
      quadra.toml:4: the password (QUADRA__MAIL__PASSWORD or `mail.password_file`) is missing, and `mail.username` is set
    "
    );
    insta::assert_snapshot!(
        World::with("[mail]\nhost='h.example'\nfrom='nobody'\nca_file='root.pem'\n")
            .file("root.pem", "no certificate", 0o644)
            .refusal(),
        @"
    failed to read the settings, 2 are wrong:
      quadra.toml:3: `mail.from` = `nobody` is not allowed: it is not a mail address; like `Quadra <quadra@rossi.example>`
      quadra.toml:4: `mail.ca_file` = `root.pem` cannot be used: there is no PEM certificate in it
    "
    );
}

#[test]
fn addresses_of_the_api_are_checked() {
    for allowed in [
        "https://invoice.openapi.com/",
        "http://127.0.0.1:8080",
        "http://[::1]:80",
        "http://localhost:1",
    ] {
        let world = World::with("").flag("api.base_url", allowed);
        assert_eq!(world.load().unwrap().api.base_url, allowed.trim_end_matches('/'));
    }
    for wrong in [
        "invoice.openapi.com",
        "http://invoice.openapi.com",
        "ftp://a.example",
        "https://",
        "https://user:pass@a.example",
        "https://a.example/path",
        "https://a.example?x=1",
        "http://127.0.0.1.evil.example",
        "https://a b",
        "https://a.example:99999",
    ] {
        let refusal = World::with("").flag("api.base_url", wrong).refusal();
        assert!(refusal.contains("`api.base_url` = `"), "{refusal}");
        assert!(!refusal.contains("user:pass"), "{refusal}");
    }
}

#[test]
fn named_file_must_exist() {
    let folder = tempfile::tempdir().unwrap();
    let error = Config::load(Some(&folder.path().join("quadra.toml")), [], &[]).unwrap_err();
    insta::assert_snapshot!(told(&error, folder.path()), @"
    failed to read `quadra.toml`
    hint: create `quadra.toml` or name another one
    ");
}

#[test]
fn paths_follow_the_place_that_names_them() {
    let world = World::with("[report]\nout_dir = 'reports'\n[store]\nurl='sqlite://a/b.db'")
        .variable("QUADRA__JOBS__DIR", "here");
    let config = world.load().unwrap();
    assert_eq!(config.report.out_dir, world.path("reports"));
    assert_eq!(config.store.path, world.path("a/b.db"));
    assert_eq!(config.jobs.dir, Path::new("here"));
}

fn project(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

#[test]
fn settings_without_file_are_the_defaults() {
    let flags = [("store.url".to_owned(), "sqlite://a.db".to_owned())];
    let config = Config::without_file(&flags).unwrap();
    assert_eq!(config.store.path, Path::new("a.db"));
    assert_eq!(config.jobs.dir, Path::new("jobs"));
    assert!(Config::without_file(&[("stor.url".to_owned(), "x".to_owned())]).is_err());
}

/// Tells the second process of the test below that it is the one to look.
const LOOKING: &str = "QUADRA_TEST_LOOKING";

#[test]
fn environment_gives_only_our_variables() {
    if std::env::var_os(LOOKING).is_some() {
        let world = World::with("");
        let found = config::environment();
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.len(), 2, "{names:?}");
        let error = Config::load(Some(&world.path("quadra.toml")), found, &[]).unwrap_err();
        println!("told: {}", told(&error, world.folder.path()));
        return;
    }
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "config::environment_gives_only_our_variables"])
        .env(LOOKING, "1")
        .env("QUADRA__REPORT__LANGUAGE", "fr")
        .env("QUADRA__API__TOKEN", OsStr::from_bytes(b"f00d\xff"))
        .env("NOT_OURS", OsStr::from_bytes(b"\xff"))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("QUADRA__API__TOKEN: the value of `api.token` is not UTF-8"), "{said}");
    assert!(said.contains("QUADRA__REPORT__LANGUAGE: `report.language` = `fr`"), "{said}");
    assert!(output.status.success() && !said.contains("f00d"), "{said}");
}

/// One line of a file: a key that is known, or nearly, with a value of any shape.
fn line() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        "[a-z0-9./:@ -]{0,12}".prop_map(|text| format!("'{text}'")),
        any::<i64>().prop_map(|number| number.to_string()),
        Just("1.5".to_owned()),
        Just("true".to_owned()),
        Just("2026-02-01".to_owned()),
        Just("['a', 'b']".to_owned()),
        Just("[1, []]".to_owned()),
        Just("{ a = 1 }".to_owned()),
    ];
    let keys: Vec<String> = World::with("")
        .load()
        .unwrap()
        .describe()
        .iter()
        .flat_map(|one| {
            [one.key.to_owned(), one.key.replacen('.', "", 1), format!("{}.x", one.key)]
        })
        .collect();
    (proptest::sample::select(keys), value).prop_map(|(key, value)| format!("{key} = {value}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_file_is_taken_or_explained(lines in proptest::collection::vec(line(), 0..8)) {
        let world = World::with(&lines.join("\n"));
        if let Err(error) = world.load() {
            let told = error.to_string();
            prop_assert!(told.contains("quadra.toml:"), "{}", told);
        }
    }
}
