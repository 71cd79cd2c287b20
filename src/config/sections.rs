//! Holds the sections of quadra.toml as types, and puts them together.

use std::path::PathBuf;

use chrono_tz::Tz;
use secrecy::SecretString;

use super::found::Settings;
use super::mail;
use super::nearest::nearest;
use super::read::Reader;
use super::value::Value;
use super::{Config, Error, Minting, minting, prices, retention, watch, webhook};
use crate::deliver::mail::is_loopback;
use crate::findings::{Kind, Materiality};
use crate::fiscal::Language;

/// Says where the Invoice API is and how hard it may be asked.
#[derive(Debug, Clone)]
pub struct Api {
    /// Scheme and host (`https` unless it is this machine), without a slash at the end.
    ///
    /// Default `https://invoice.openapi.com`; changed to `https://test.invoice.openapi.com`
    /// for the vendor's test system, or to the local `quadra sandbox`.
    pub base_url: String,
    /// The bearer token: `QUADRA__API__TOKEN`, or the file named by `api.token_file`.
    ///
    /// None by default; needed by whatever talks to the API.
    pub token: Option<SecretString>,
    /// How tokens are minted where none is given: `api.email` and `api.api_key`.
    ///
    /// None by default. A token that is given wins over minting.
    pub minting: Option<Minting>,
    /// Requests a second at most, 1 to 100,000. Default 10.
    ///
    /// The vendor states no limit; lower it when answers 429 appear, raise it as far as it
    /// goes to measure against the sandbox.
    pub requests_per_second: u32,
    /// Requests a day at most, 1 to 1,000,000. Default 1,000.
    ///
    /// GETs past 1,000 a day are billed: raise it only when that is wanted.
    pub daily_requests: u32,
}

/// Says where documents are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// The SQLite file of `store.url` (`sqlite://path`). Default `sqlite://quadra.db`.
    ///
    /// Changed to put the store on another disk. PostgreSQL joins later.
    pub path: PathBuf,
}

/// Says how reports are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Language of reports and mails, `it` or `en`. Default `it`.
    pub language: Language,
    /// Folder of the report files. Default `out`.
    pub out_dir: PathBuf,
    /// Findings below this are listed, but do not turn the exit code.
    ///
    /// `report.materiality` in euros, in quotes (`"1.50"`, default `"0.00"`: not set),
    /// `materiality_percent`, `materiality_count` and `materiality_kinds`.
    pub materiality: Materiality,
}

/// Says when a day begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// IANA name of the business time zone. Default `Europe/Rome`.
    pub time_zone: Tz,
}

/// Says where the job files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jobs {
    /// Folder with one TOML a job. Default `jobs`.
    pub dir: PathBuf,
}

/// Says where an accountant's own ledger layouts are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// Folder with one TOML a layout; it need not exist. Default `layouts`.
    pub layouts_dir: PathBuf,
}

/// Says where rules of one's own are, by which a night compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Folder with a TOML a sort, and a folder a company; it need not exist. Default `rules`.
    pub dir: PathBuf,
}

/// Says what people decided about findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// A file of decisions that every comparison applies before it settles. Default none.
    pub decisions_file: Option<PathBuf>,
}

/// Puts the sections together, or tells everything that is wrong in them.
pub(super) fn build(settings: Settings, file: Option<PathBuf>) -> Result<Config, Error> {
    let mut reader = Reader::new(settings);
    let api = api(&mut reader);
    let store = reader.required("store.url", store);
    let mail = mail::build(&mut reader);
    let webhook = webhook::build(&mut reader);
    let prices = prices::build(&mut reader);
    let report = report(&mut reader);
    let time_zone = reader.required("schedule.time_zone", time_zone);
    let watch = watch::build(&mut reader);
    let retention = retention::build(&mut reader);
    let dir = reader.required("jobs.dir", Value::path);
    let layouts_dir = reader.required("ledger.layouts_dir", Value::path);
    let rules_dir = reader.required("rules.dir", Value::path);
    let decisions_file = reader.optional("findings.decisions_file", Value::path);
    let described = reader.describe();
    let put_together = || {
        Some(Config {
            file,
            api: api?,
            store: store?,
            mail: mail?,
            webhook: webhook?,
            prices: prices?,
            report: report?,
            schedule: Schedule { time_zone: time_zone? },
            watch: watch?,
            retention: retention?,
            jobs: Jobs { dir: dir? },
            ledger: Ledger { layouts_dir: layouts_dir? },
            rules: Rules { dir: rules_dir? },
            findings: Findings { decisions_file },
            described,
        })
    };
    let config = put_together();
    reader.finish(config)
}

fn api(reader: &mut Reader) -> Option<Api> {
    let base_url = reader.required("api.base_url", base_url);
    let token = reader.secret("api.token", "api.token_file");
    let minting = minting::build(reader, base_url.as_deref());
    let per_second = reader.required("api.requests_per_second", |value| value.number(1, 100_000));
    let daily = reader.required("api.daily_requests", |value| value.number(1, 1_000_000));
    Some(Api {
        base_url: base_url?,
        token,
        minting,
        requests_per_second: per_second?,
        daily_requests: daily?,
    })
}

/// Takes scheme and host alone: a name or a token inside would end up in logs.
pub(super) fn base_url(value: &Value) -> Result<String, String> {
    let allowed = "is not allowed: like `https://invoice.openapi.com`, without name, path, \
                   query or blank";
    let text = value.text()?;
    let url = text.trim_end_matches('/');
    let (scheme, authority) = url.split_once("://").ok_or(allowed)?;
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok_and(|port| port > 0) => host,
        _ => authority,
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let is_ipv6 = host.starts_with('[') && is_loopback(host);
    if host.is_empty() || !(is_ipv6 || host.chars().all(is_plain)) {
        return Err(allowed.to_owned());
    }
    match scheme {
        "https" => Ok(url.to_owned()),
        "http" if is_loopback(host) => Ok(url.to_owned()),
        "http" => Err("is not allowed: `http` is for this machine only, use `https`".to_owned()),
        _ => Err(allowed.to_owned()),
    }
}

fn store(value: &Value) -> Result<Store, String> {
    let url = value.text()?;
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Err("is not available yet: PostgreSQL joins later, use `sqlite://path`".to_owned());
    }
    match url.strip_prefix("sqlite://") {
        Some(path) if !path.is_empty() && !path.contains(['?', ':']) => {
            Ok(Store { path: value.resolve(path) })
        }
        _ => Err("is not allowed: `sqlite://` and the path of a file".to_owned()),
    }
}

fn report(reader: &mut Reader) -> Option<Report> {
    let language = reader.required("report.language", language);
    let out_dir = reader.required("report.out_dir", Value::path);
    let amount_cents = reader.required("report.materiality", Value::cents);
    let share = reader.optional("report.materiality_percent", Value::hundredths);
    let count = reader.optional("report.materiality_count", materiality_count);
    let kinds = reader.required("report.materiality_kinds", |value| value.choices(&kinds()));
    let materiality = Materiality { amount_cents: amount_cents?, share, count, kinds: kinds? };
    Some(Report { language: language?, out_dir: out_dir?, materiality })
}

/// The kinds of finding, by the words that the store gives them.
pub(super) fn kinds() -> Vec<(&'static str, Kind)> {
    Kind::ALL.iter().map(|kind| (kind.as_str(), *kind)).collect()
}

pub(super) fn materiality_count(value: &Value) -> Result<u32, String> {
    value.number(1, 1_000_000)
}

pub(super) fn language(value: &Value) -> Result<Language, String> {
    value.choice(&[("it", Language::It), ("en", Language::En)])
}

pub(super) fn time_zone(value: &Value) -> Result<Tz, String> {
    let name = value.text()?;
    name.parse().map_err(|_| {
        let names = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        match nearest(&name, names) {
            Some(near) => format!("is no IANA time zone, did you mean `{near}`?"),
            None => "is no IANA time zone like `Europe/Rome`".to_owned(),
        }
    })
}
