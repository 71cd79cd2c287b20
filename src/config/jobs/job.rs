//! Holds one job as a type, and reads it from its file.

use std::path::{Path, PathBuf};

use super::PeriodSpec;
use super::recipient::{MailStyle, NOTHING_NEW, NothingNew, Recipient, STYLES, recipients};
use crate::config::catalogue;
use crate::config::error::{Error, Problem};
use crate::config::found::Settings;
use crate::config::jobs::JobMateriality;
use crate::config::origin::Origin;
use crate::config::read::Reader;
use crate::config::sections::{language, time_zone};
use crate::config::value::Value;
use crate::fiscal::{Language, Price};
use crate::report::Format;
use crate::schedule::{CatchUp, Schedule};

/// Holds one job as its file describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The file's name without `.toml`, in lower case with hyphens.
    pub name: String,
    /// Which documents are compared.
    pub kind: Kind,
    /// A sentence for `quadra jobs list`. Default empty.
    pub description: String,
    /// Folder where accountants leave their exports; needed.
    ///
    /// Needed by the step `inbox`; what uploads moves to `done/` in it, what does not to `rejected/`.
    pub inbox: Option<PathBuf>,
    /// Folder of electronic invoices to import; needed by the step `import`.
    ///
    /// What is at the provider afterwards moves to `done/` in it, what is bad to `rejected/`.
    pub import_inbox: Option<PathBuf>,
    /// What the imports of one run may cost; needed by the step `import`.
    pub import_max_cost: Option<Price>,
    /// Fiscal ids of the companies; empty (default) means all that the API knows.
    pub companies: Vec<String>,
    /// The days that are compared. Default `month_to_date`.
    pub period: PeriodSpec,
    /// What is done, in walking order. Default all but `import`, which costs money.
    pub steps: Vec<Step>,
    /// The forms of the report. Default HTML and XLSX.
    pub formats: Vec<Format>,
    /// Language of the report; none means `report.language`.
    pub language: Option<Language>,
    /// What of `report.materiality` and its companions is otherwise here.
    pub materiality: JobMateriality,
    /// Who gets the mail; empty (default) means that none is sent.
    pub recipients: Vec<Recipient>,
    /// The form of the mail. Default a report.
    pub mail_style: MailStyle,
    /// What is mailed when nothing is new since the last mail. Default one short mail.
    pub nothing_new: NothingNew,
    /// Folder that gets the report files; none means `report.out_dir`.
    pub folder: Option<PathBuf>,
    /// When windows are read whole. Default monthly.
    pub sweep: SweepRule,
    /// Minutes after which the run stops asking for more, 1 to 1440. Default 120.
    pub deadline_minutes: u32,
    /// When it runs by itself; none means only by `quadra run`.
    pub schedule: Option<Schedule>,
    /// What becomes of due times that passed while nothing ran. Default `latest`.
    pub catch_up: CatchUp,
}

/// Names the documents that a job compares with the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Commercial receipts.
    Receipts,
    /// Electronic invoices, sent and received.
    Invoices,
    /// Both: for jobs that upload nothing.
    All,
}

/// Names one step of a run, in walking order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Uploads the files that lie in the inbox.
    Inbox,
    /// Imports the electronic invoices that lie in theirs.
    Import,
    /// Pulls documents from the API.
    Pull,
    /// Watches credentials, token and credit, and warns of what is new.
    Credentials,
    /// Compares the documents with the ledger entries.
    Reconcile,
    /// Writes the report.
    Report,
    /// Mails the report and puts it into the folder.
    Deliver,
    /// Removes what is older than `[retention]` says.
    Prune,
}

/// Says when a job reads a window whole, whatever its count says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SweepRule {
    /// Once a month, the windows of the last eleven months, as the day's requests allow.
    Monthly,
    /// All windows of the job's days, every time.
    Whole,
    /// Never.
    Never,
}

const SWEEPS: [(&str, SweepRule); 3] =
    [("monthly", SweepRule::Monthly), ("whole", SweepRule::Whole), ("never", SweepRule::Never)];

const KINDS: [(&str, Kind); 3] =
    [("receipts", Kind::Receipts), ("invoices", Kind::Invoices), ("all", Kind::All)];

const STEPS: [(&str, Step); 8] = [
    ("inbox", Step::Inbox),
    ("import", Step::Import),
    ("pull", Step::Pull),
    ("credentials", Step::Credentials),
    ("reconcile", Step::Reconcile),
    ("report", Step::Report),
    ("deliver", Step::Deliver),
    ("prune", Step::Prune),
];

/// The forms of a report, by the words that `report` gives them.
fn formats() -> Vec<(&'static str, Format)> {
    Format::ALL.iter().map(|format| (format.as_str(), *format)).collect()
}

impl Job {
    /// Returns the job that a file describes.
    ///
    /// # Errors
    /// All wrong keys and values of the file together, or that it cannot be read.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let (job, problems) = read(path)?;
        match job {
            Some(job) if problems.is_empty() => Ok(job),
            _ => Err(Error::Wrong { problems }),
        }
    }
}

/// Returns the job, as far as it can be read, beside all that is wrong in its file.
pub(super) fn read(path: &Path) -> Result<(Option<Job>, Vec<Problem>), Error> {
    let mut settings = Settings::new(catalogue::JOB);
    settings.add_file(path)?;
    let mut reader = Reader::new(settings);
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if !is_job_name(&name) {
        let origin = Origin::File { path: path.to_owned(), line: 0 };
        let message = "a job's file is named with a–z, 0–9 and hyphens".to_owned();
        reader.problem(origin, message);
    }
    let job = job(&mut reader, name);
    Ok(reader.take(job))
}

fn job(reader: &mut Reader, name: String) -> Option<Job> {
    let kind = reader.required("kind", |value| value.choice(&KINDS));
    let description = reader.required("description", Value::text);
    let inbox = reader.optional("inbox", Value::path);
    let import_inbox = reader.optional("import_inbox", Value::path);
    let import_max_cost = reader.optional("import_max_cost", Value::price);
    let companies = reader.required("companies", Value::list);
    let period = reader.required("period", |value| value.text()?.parse());
    let steps = reader.required("steps", steps);
    let imports = steps.as_ref().is_some_and(|steps| steps.contains(&Step::Import));
    if imports && (import_inbox.is_none() || import_max_cost.is_none()) {
        let message = "has `import`, which needs `import_inbox` and `import_max_cost`".to_owned();
        reader.problem(reader.origin("steps").unwrap_or(Origin::Default), message);
    }
    if steps.as_ref().is_some_and(|steps| steps.contains(&Step::Inbox)) {
        check_inbox(reader, kind);
    }
    let formats = reader.required("formats", |value| value.choices(&formats()));
    let language = reader.optional("language", language);
    let materiality = JobMateriality::read(reader);
    let recipients = reader.required("recipients", recipients);
    let mail_style = reader.required("mail_style", |value| value.choice(&STYLES));
    let nothing_new = reader.required("nothing_new", |value| value.choice(&NOTHING_NEW));
    let folder = reader.optional("folder", Value::path);
    let sweep = reader.required("sweep", |value| value.choice(&SWEEPS));
    let deadline_minutes = reader.required("deadline_minutes", |value| value.number(1, 1440));
    let schedule = schedule(reader);
    let catch_up = reader.required("schedule.catch_up", |value| value.text()?.parse());
    Some(Job {
        name,
        kind: kind?,
        description: description?,
        inbox,
        import_inbox,
        import_max_cost,
        companies: companies?,
        period: period?,
        steps: steps?,
        formats: formats?,
        language,
        materiality,
        recipients: recipients?,
        mail_style: mail_style?,
        nothing_new: nothing_new?,
        folder,
        sweep: sweep?,
        deadline_minutes: deadline_minutes?,
        schedule,
        catch_up: catch_up?,
    })
}

/// What lies in an inbox is one kind's books, and must lie somewhere.
fn check_inbox(reader: &mut Reader, kind: Option<Kind>) {
    let because = reader.origin("steps").unwrap_or_else(|| reader.whole());
    if reader.origin("inbox").is_none() {
        let message = "`inbox` is missing".to_owned();
        reader.problem(because.clone(), message);
    }
    if kind == Some(Kind::All) {
        let message = "`kind` = `all` takes no inbox: name `receipts` or `invoices`".to_owned();
        reader.problem(because, message);
    }
}

/// A report before its comparison would be yesterday's: the order is the walk's.
fn steps(value: &Value) -> Result<Vec<Step>, String> {
    let steps = value.choices(&STEPS)?;
    if steps.is_empty() {
        return Err("is empty: name at least one step".to_owned());
    }
    if !steps.is_sorted() {
        return Err(
            "is out of order: inbox, import, pull, credentials, reconcile, report, deliver, \
                    prune"
                .to_owned(),
        );
    }
    if steps.contains(&Step::Report) && !steps.contains(&Step::Reconcile) {
        return Err("has `report` without `reconcile`: there would be nothing to say".to_owned());
    }
    Ok(steps)
}

fn schedule(reader: &mut Reader) -> Option<Schedule> {
    let crontab = reader.optional("schedule.cron", |value| value.text()?.parse());
    let zone = reader.required("schedule.time_zone", time_zone);
    if reader.origin("schedule.cron").is_none() {
        for key in ["schedule.time_zone", "schedule.catch_up"] {
            if let Some(origin) = reader.origin(key) {
                let message = format!("`{key}` is set, but `schedule.cron` is missing");
                reader.problem(origin, message);
            }
        }
    }
    Some(Schedule { crontab: crontab?, time_zone: zone? })
}

fn is_job_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && !name.starts_with('-') && name.chars().all(is_plain)
}
