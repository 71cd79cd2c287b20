//! Job files: what a short one means, and what is refused.

use std::fs;
use std::path::Path;

use quadra::config::jobs;
use quadra::report::Format;

use super::{project, told};

#[test]
fn shipped_jobs_parse() {
    let jobs = jobs::load_all(&project("jobs")).unwrap_or_else(|error| panic!("{error}"));
    let names: Vec<&str> = jobs.iter().map(|job| job.name.as_str()).collect();
    let shipped = [
        "credential-watch",
        "import-inbox",
        "monthly-sweep",
        "nightly-invoices",
        "nightly-receipts",
    ];
    assert_eq!(names, shipped);
    assert!(jobs.iter().all(|job| job.schedule.is_some()));
}

#[test]
fn job_readme_documents_every_key() {
    let readme = fs::read_to_string(project("jobs/README.md")).unwrap();
    for (key, default) in jobs::keys() {
        let row = readme
            .lines()
            .find(|line| line.starts_with(&format!("| `{key}` |")))
            .unwrap_or_else(|| panic!("`{key}` is not documented in jobs/README.md"));
        let told = row.split('|').nth(3).unwrap().trim();
        match default {
            Some("") => assert!(told.starts_with("empty"), "{key}: {told}"),
            Some(default) if !told.starts_with("all") => {
                assert_eq!(told.replace(['`', '"', '[', ']'], ""), default, "{key}");
            }
            Some(_) => {}
            None => {
                assert!(told.starts_with("none") || told.contains("quadra.toml"), "{key}: {told}");
            }
        }
    }
}

fn job(text: &str) -> Result<jobs::Job, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nightly.toml");
    fs::write(&path, text).unwrap();
    jobs::Job::load(&path).map_err(|error| told(&error, folder.path()))
}

#[test]
fn short_job_gets_its_defaults() {
    let job = job("kind = 'receipts'\ninbox = '/srv/in'\n").unwrap();
    assert_eq!((job.name.as_str(), job.kind), ("nightly", jobs::Kind::Receipts));
    assert_eq!(job.period, jobs::PeriodSpec::MonthToDate);
    assert_eq!(job.formats, [Format::Html, Format::Xlsx]);
    assert!(job.companies.is_empty() && job.recipients.is_empty() && job.schedule.is_none());
    assert_eq!((job.inbox.as_deref(), job.deadline_minutes), (Some(Path::new("/srv/in")), 120));
}

#[test]
fn wrong_job_keys_are_told_at_once() {
    let refusal = job(
        "kind = 'recepits'\nperoid = '2026-02'\nperiod = '2026-02-30..2026-03-01'\n\
         steps = ['report', 'reconcile']\nformats = ['pdf']\nrecipients = ['a@b.example', 'nobody']\n\
         companies = ['1', '1']\nmateriality = '1,50'\ndeadline_minutes = 0\n\
         [schedule]\ncron = '0 5 * *'\nzone = 'Europe/Rome'\n",
    )
    .unwrap_err();
    insta::assert_snapshot!(refusal, @r#"
    failed to read the settings, 11 are wrong:
      nightly.toml:1: `kind` = `recepits` is not allowed: one of `receipts`, `invoices`, `all`
      nightly.toml:2: unknown key `peroid`, did you mean `period`?
      nightly.toml:3: `period` = `2026-02-30..2026-03-01` is not allowed: `month_to_date`, `previous_month`, `yesterday`, a month like `2026-02`, or two dates like `2026-02-01..2026-02-15`
      nightly.toml:4: `steps` = [`report`, `reconcile`] is out of order: inbox, import, pull, credentials, reconcile, report, deliver, prune
      nightly.toml:5: `formats` = [`pdf`] has `pdf`: allowed are `html`, `xlsx`, `csv`, `json`, `text`
      nightly.toml:6: `recipients` = [`a@b.example`, `nobody`] has `nobody`: it is not a mail address
      nightly.toml:7: `companies` = [`1`, `1`] has `1` twice
      nightly.toml:8: `materiality` = `1,50` is not allowed: euros with a point and up to two decimals, in quotes, like "12.50"
      nightly.toml:9: `deadline_minutes` = `0` is not allowed: a whole number from 1 to 1440, unquoted
      nightly.toml:11: `schedule.cron` = `0 5 * *` has 4 fields where crontab has five, like `30 5 * * *`
      nightly.toml:12: unknown key `schedule.zone`, did you mean `schedule.time_zone`?
    "#);
}

#[test]
fn unknown_job_names_the_nearest() {
    let error = jobs::find(&project("jobs"), "nightly-receipt").unwrap_err();
    let shown = format!("{error}; {}", error.hint().unwrap());
    assert!(shown.ends_with("did you mean `nightly-receipts`?"), "{shown}");
    assert!(jobs::find(&project("jobs"), "nightly-receipts").is_ok());
}

#[test]
fn one_wrong_job_is_named_by_its_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("good.toml"), "kind = 'receipts'\ninbox = 'in'\n").unwrap();
    fs::write(folder.path().join("Bad Name.toml"), "kind = 'receipts'\n").unwrap();
    let error = jobs::load_all(folder.path()).unwrap_err();
    insta::assert_snapshot!(told(&error, folder.path()), @"
    failed to read the settings, 2 are wrong:
      Bad Name.toml: a job's file is named with a–z, 0–9 and hyphens
      Bad Name.toml: `inbox` is missing
    ");
    assert!(jobs::find(folder.path(), "good").is_ok());
}
