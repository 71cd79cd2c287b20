//! Renders one model for people and machines: HTML, XLSX, CSV, JSON, text.
//!
//! What comes in is a `Model`: statements with their rows, findings with their history, what
//! was read. What goes out are files as bytes, in Italian or English. All renderings start
//! from the same `digest`, so that a number is the same on the page, in the workbook and in
//! the mail; words and sentences come from `words` and `sentence` and from nowhere else.
//!
//! The page comes first for the finance team: the verdict in words, INCOMPLETE before all
//! else, the money at risk, what changed since the last run. Then where the money is, every
//! finding, the reason of every row, and what was read. A statement shows the bridge from
//! one total to the other, class by class to a residual of zero, never a bare difference.
//!
//! Absent on purpose: a clock (the only instant is the model's), files, `await`, judgement.
//! The same model gives the same bytes. Cells and fields that come from outside never run:
//! a workbook holds them as text, CSV puts an apostrophe before what begins like a formula.

pub mod model;
pub mod tables;

mod digest;
mod facts;
mod filter;
mod format;
mod sentence;
pub(crate) mod words;

mod csv;
mod html;
mod json;
mod mail;
mod note;
mod notice;
mod short;
mod text;
mod workbook;

use thiserror::Error;

use crate::findings::Finding;
use crate::fiscal::{Language, words};
pub use csv::safe as safe_for_spreadsheets;
use digest::Digest;
pub use filter::{Filter, filtered};
use model::Model;
pub use note::{hidden_note, too_large_note};
pub use notice::{Notice, notice};

words! {
    /// Names a form that a report can take.
    Format {
        /// One self-contained page.
        Html = "html",
        /// A workbook for finance.
        Xlsx = "xlsx",
        /// Two files for machines: findings and rows.
        Csv = "csv",
        /// The whole model as one object.
        Json = "json",
        /// Plain text of at most 78 columns.
        Text = "text",
    }
}

/// Holds one file of a rendered report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The file's name, made from job and period alone.
    pub file_name: String,
    /// The MIME type, with the charset of texts.
    pub media_type: &'static str,
    /// The file's content.
    pub bytes: Vec<u8>,
}

/// Says which rendering of a report failed.
#[derive(Debug, Error)]
pub enum Error {
    /// The workbook could not be built.
    #[error("failed to build the workbook of `{job}`")]
    Workbook {
        /// The job's name.
        job: String,
        /// What the workbook's writer says.
        #[source]
        source: rust_xlsxwriter::XlsxError,
    },
    /// A CSV file could not be written.
    #[error("failed to write the CSV of `{job}`")]
    Csv {
        /// The job's name.
        job: String,
        /// What the CSV writer says.
        #[source]
        source: ::csv::Error,
    },
    /// The JSON object could not be written.
    #[error("failed to write the JSON of `{job}`")]
    Json {
        /// The job's name.
        job: String,
        /// What the JSON writer says.
        #[source]
        source: serde_json::Error,
    },
}

/// Renders a report as files, CSV as two and others as one.
///
/// # Errors
/// A row or text that the format cannot hold; nothing else can fail.
pub fn render(model: &Model, format: Format, language: Language) -> Result<Vec<Rendered>, Error> {
    let job = || model.job.clone();
    let file = |suffix: &str, media_type, bytes| Rendered {
        file_name: format!("{}{suffix}", file_stem(model)),
        media_type,
        bytes,
    };
    Ok(match format {
        Format::Html => {
            let page = html::page(model, language).into_bytes();
            vec![file(".html", "text/html; charset=utf-8", page)]
        }
        Format::Xlsx => {
            let book = workbook::book(model, language)
                .map_err(|source| Error::Workbook { job: job(), source })?;
            let media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            vec![file(".xlsx", media, book)]
        }
        Format::Csv => {
            let refuse = |source| Error::Csv { job: job(), source };
            let findings = csv::findings(model, language).map_err(refuse)?;
            let rows = csv::rows(model, language).map_err(refuse)?;
            let media = "text/csv; charset=utf-8; header=present";
            vec![file("-findings.csv", media, findings), file("-rows.csv", media, rows)]
        }
        Format::Json => {
            let object = json::object(model, language)
                .map_err(|source| Error::Json { job: job(), source })?;
            vec![file(".json", "application/json", object)]
        }
        Format::Text => {
            let plain = text::plain(model, language).into_bytes();
            vec![file(".txt", "text/plain; charset=utf-8", plain)]
        }
    })
}

/// Names the forms of a report's mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailForm {
    /// Every finding up to a limit, company by company.
    Report,
    /// A line a company.
    Companies,
    /// That nothing is new, and what stands still.
    NothingNew,
}

/// Holds a report as a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// One line, led by what matters most; an incomplete report says so first.
    pub subject: String,
    /// The mail as text.
    pub text: String,
    /// The mail as a page: tables only, at most sixty findings.
    pub html: String,
}

/// Renders a report as a mail; the notes are lines of their own in it.
///
/// The page has the report's numbers without its charts, rows and style sheet, which mail
/// programs drop; what it leaves out it counts, in rows and euros.
#[must_use]
pub fn mail(model: &Model, form: MailForm, notes: &[String], language: Language) -> Mail {
    let subject = sentence::subject(model, &Digest::of(model), language);
    let with_notes = |text: String| [&[text], notes].concat().join("\n");
    match form {
        MailForm::Report => Mail {
            text: with_notes(text::plain(model, language)),
            html: mail::body(model, form, notes, language),
            subject,
        },
        MailForm::Companies => Mail {
            text: with_notes(short::companies_text(model, language)),
            html: mail::body(model, form, notes, language),
            subject,
        },
        MailForm::NothingNew => {
            let (text, html) = short::nothing_new(model, notes, language);
            let head = match language {
                Language::It => "Niente di nuovo",
                Language::En => "Nothing new",
            };
            Mail { subject: format!("{head}: {subject}"), text, html }
        }
    }
}

/// Returns what people know a finding by: number, date and party, or day and part.
#[must_use]
pub fn finding_subject(finding: &Finding, language: Language) -> String {
    sentence::subject_of(finding, language)
}

/// Explains a finding in one to three sentences.
#[must_use]
pub fn finding_text(finding: &Finding, language: Language) -> String {
    sentence::finding(finding, language)
}

/// Tells whether the open findings put more at risk than the model's materiality.
#[must_use]
pub fn is_material(model: &Model) -> bool {
    Digest::of(model).is_material(model)
}

/// Returns `quadra-<job>-<period>`, safe as a file name everywhere.
fn file_stem(model: &Model) -> String {
    let plain = |text: &str| -> String {
        let is_safe = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        text.chars().map(|c| if is_safe(c) { c } else { '-' }).collect()
    };
    let period = model.period.to_string().replace("..", "_");
    format!("quadra-{}-{}", plain(&model.job), plain(&period))
}
