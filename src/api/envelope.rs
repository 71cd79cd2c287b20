//! Opens the API's envelope: HTTP status first, then what the body says of itself.
//!
//! Every answer should be `{"data": …, "success": …, "message": …, "error": …}`, and the
//! evidence says otherwise: a gateway answers 401 in XML, `success` is true in a 404, `error`
//! is a number, a float, a text or `"nulll"`, `data` may be the text `"null"`, and bodies
//! arrive empty or cut. A success without data is a failure here: an empty list is `[]`, and
//! not having looked must never look like having found nothing.

use super::call::Call;
use super::failure::{Failure, Problem};
use super::redaction::Redaction;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

/// How much of a body or message an error quotes.
pub(super) const EXCERPT_CHARS_MAX: usize = 300;

/// Holds one answer as it arrived.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: Option<String>,
    pub(super) retry_at: Option<DateTime<Utc>>,
    pub(super) body: Vec<u8>,
}

/// The documented envelope; all but `data` is optional, and every scalar may have any type.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    success: Option<&'a RawValue>,
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

/// What an envelope holds that says of itself that it is a success.
#[derive(Debug)]
pub(super) struct Opened<'a> {
    /// The data, unless it is null in one of its ways.
    pub(super) data: Option<&'a RawValue>,
    /// The vendor's words, cut.
    pub(super) message: Option<String>,
}

/// Returns the answer's `data`, or the failure that the answer amounts to.
pub(super) fn open<'a>(call: &Call, answer: &'a Answer) -> Result<&'a RawValue, Box<Failure>> {
    let opened = open_any(call, answer)?;
    opened.data.ok_or_else(|| {
        let mut failure = fail(call, answer, Problem::Malformed);
        failure.detail = Some("its `data` is null or missing".to_owned());
        if let Ok(envelope) = serde_json::from_slice::<Envelope<'_>>(&answer.body) {
            quote_vendor(&mut failure, &envelope, call);
        }
        failure
    })
}

/// Returns what a success holds, its data or not, or the failure that the answer amounts to.
///
/// Whatever a failure quotes of the answer has the call's secrets taken out before it is cut,
/// so that not even half of one is left.
pub(super) fn open_any<'a>(call: &Call, answer: &'a Answer) -> Result<Opened<'a>, Box<Failure>> {
    refuse_status(call, answer)?;
    let body = answer.body.trim_ascii();
    if body.is_empty() {
        return Err(fail(call, answer, Problem::EmptyBody));
    }
    if is_markup(body) {
        return Err(quoting(call, answer, Problem::Markup, None));
    }
    if let Some(content_type) = &answer.content_type
        && !content_type.to_ascii_lowercase().contains("json")
    {
        let detail = said_type(call, content_type);
        return Err(quoting(call, answer, Problem::ContentType, Some(detail)));
    }
    if body.starts_with(b"[") {
        // A derived reader would take an array for the envelope's fields in their order.
        let detail = "it is a bare list, without the envelope".to_owned();
        return Err(quoting(call, answer, Problem::Malformed, Some(detail)));
    }
    let envelope = serde_json::from_slice::<Envelope<'_>>(body).map_err(|error| {
        // Not every cut is met as the end of input: a lone `-` is an invalid number first.
        let is_cut = body.starts_with(b"{") && (error.is_eof() || !body.ends_with(b"}"));
        let problem = if is_cut { Problem::CutBody } else { Problem::Malformed };
        let detail = excerpt(error.to_string().as_bytes(), &call.redaction);
        quoting(call, answer, problem, detail)
    })?;
    if envelope.success.is_some_and(|success| matches!(success.get(), "false" | "\"false\"")) {
        let mut failure = fail(call, answer, Problem::Unsuccessful);
        quote_vendor(&mut failure, &envelope, call);
        return Err(failure);
    }
    let data = envelope.data.filter(|data| data.get() != "\"null\"");
    let message = envelope.message.and_then(|message| scalar(message, call));
    Ok(Opened { data, message })
}

/// Opens an answer that holds a secret of its own: no word of a success is quoted.
pub(super) fn open_bare(call: &Call, answer: &Answer) -> Result<(), Box<Failure>> {
    match open_any(call, answer) {
        Ok(_) => Ok(()),
        Err(failure) if failure.problem == Problem::Status => Err(failure),
        Err(failure) if failure.problem == Problem::Unsuccessful => Err(failure),
        Err(mut failure) => {
            failure.excerpt = None;
            failure.detail = None;
            Err(failure)
        }
    }
}

/// Returns the bytes of a PDF, or the failure that the answer amounts to.
pub(super) fn open_pdf(call: &Call, answer: &Answer) -> Result<Vec<u8>, Box<Failure>> {
    refuse_status(call, answer)?;
    if answer.body.starts_with(b"%PDF") {
        return Ok(answer.body.clone());
    }
    if answer.body.is_empty() {
        return Err(fail(call, answer, Problem::EmptyBody));
    }
    let problem = if is_markup(&answer.body) { Problem::Markup } else { Problem::ContentType };
    let detail = answer.content_type.as_deref().map(|text| said_type(call, text));
    Err(quoting(call, answer, problem, detail))
}

/// Returns the failure of a success whose content has another shape than documented.
pub(super) fn malformed(call: &Call, answer: &Answer, detail: &str) -> Box<Failure> {
    let mut failure = fail(call, answer, Problem::Malformed);
    failure.detail = excerpt(detail.as_bytes(), &call.redaction);
    failure
}

/// The HTTP status comes first, whatever the body says.
fn refuse_status(call: &Call, answer: &Answer) -> Result<(), Box<Failure>> {
    if (200..300).contains(&answer.status) {
        return Ok(());
    }
    let mut failure = quoting(call, answer, Problem::Status, None);
    if let Ok(envelope) = serde_json::from_slice::<Envelope<'_>>(&answer.body) {
        quote_vendor(&mut failure, &envelope, call);
    }
    Err(failure)
}

fn fail(call: &Call, answer: &Answer, problem: Problem) -> Box<Failure> {
    Box::new(Failure {
        status: Some(answer.status),
        retry_at: answer.retry_at,
        ..Failure::of(call, problem)
    })
}

fn quoting(call: &Call, answer: &Answer, problem: Problem, detail: Option<String>) -> Box<Failure> {
    let excerpt = excerpt(&answer.body, &call.redaction);
    Box::new(Failure { detail, excerpt, ..*fail(call, answer, problem) })
}

fn is_markup(body: &[u8]) -> bool {
    body.starts_with(b"<") || body.starts_with(b"\xEF\xBB\xBF<")
}

fn said_type(call: &Call, content_type: &str) -> String {
    let quoted = excerpt(content_type.as_bytes(), &call.redaction).unwrap_or_default();
    format!("its content type is `{quoted}`")
}

/// Takes over the vendor's number and message, which say more than the bare body.
fn quote_vendor(failure: &mut Failure, envelope: &Envelope<'_>, call: &Call) {
    failure.vendor_error = envelope.error.and_then(|error| scalar(error, call));
    failure.vendor_message = envelope.message.and_then(|message| scalar(message, call));
    if failure.vendor_error.is_some() || failure.vendor_message.is_some() {
        failure.excerpt = None;
    }
}

/// Returns a scalar of any type as cut text; the ways of saying nothing are nothing.
fn scalar(value: &RawValue, call: &Call) -> Option<String> {
    let raw = value.get();
    let text = serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.to_owned());
    match text.trim() {
        "" | "null" | "nulll" => None,
        _ => excerpt(text.as_bytes(), &call.redaction),
    }
}

/// Returns the beginning of a body as one line without secrets, or nothing if it is empty.
fn excerpt(body: &[u8], redaction: &Redaction) -> Option<String> {
    // Four bytes a character at most, and twice that, because runs of blanks shrink; and one
    // secret more, in case one begins just before the end of what is looked at.
    let beginning = &body[..body.len().min(EXCERPT_CHARS_MAX * 8 + redaction.longest())];
    let text = redaction.clean(&String::from_utf8_lossy(beginning));
    let line: Vec<&str> = text
        .split(|char: char| char.is_whitespace() || char.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let line = line.join(" ").replace('`', "'");
    let cut: String = line.chars().take(EXCERPT_CHARS_MAX).collect();
    match (cut.is_empty(), cut.len() < line.len()) {
        (true, _) => None,
        (false, true) => Some(format!("{cut}…")),
        (false, false) => Some(cut),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, content_type: &str, body: &str) -> Answer {
        Answer {
            status,
            content_type: (!content_type.is_empty()).then(|| content_type.to_owned()),
            retry_at: None,
            body: body.as_bytes().to_vec(),
        }
    }

    fn call() -> Call {
        let url = reqwest::Url::parse("https://a.example/IT-receipts").unwrap();
        let redaction = Redaction::of([&secrecy::SecretString::from("s3cr3t")]);
        Call { redaction, ..Call::get(url, "/IT-receipts".to_owned()) }
    }

    fn opened(answer: &Answer) -> Result<&RawValue, Box<Failure>> {
        open(&call(), answer)
    }

    fn json(status: u16, body: &str) -> Answer {
        answer(status, "application/json; charset=utf-8", body)
    }

    fn problem(answer: &Answer) -> Box<Failure> {
        opened(answer).unwrap_err()
    }

    #[test]
    fn data_comes_out_untouched() {
        let good =
            json(200, r#" {"message":"","success":true,"error":null,"data":[{"a": 1.50}]} "#);
        assert_eq!(opened(&good).unwrap().get(), r#"[{"a": 1.50}]"#);
        let bare = json(200, r#"{"data":[]}"#);
        assert_eq!(opened(&bare).unwrap().get(), "[]");
        assert!(opened(&answer(200, "", r#"{"data":[]}"#)).is_ok());
    }

    #[test]
    fn status_wins_over_success() {
        let body = r#"{"data":"null","success":true,"message":"Fiscal ID not found","error":111}"#;
        let failure = problem(&json(404, body));
        assert_eq!(failure.problem, Problem::Status);
        assert_eq!(failure.vendor_error.as_deref(), Some("111"));
        assert_eq!(failure.vendor_message.as_deref(), Some("Fiscal ID not found"));
        assert_eq!(failure.excerpt, None);
    }

    #[test]
    fn unsuccessful_success_is_failure() {
        let failure = problem(&json(200, r#"{"data":[],"success":false,"error":125.22}"#));
        assert_eq!(failure.problem, Problem::Unsuccessful);
        assert_eq!(failure.vendor_error.as_deref(), Some("125.22"));
    }

    #[test]
    fn error_may_be_any_scalar() {
        for (written, read) in
            [("null", None), (r#""nulll""#, None), (r#""802""#, Some("802")), ("423", Some("423"))]
        {
            let body = format!(r#"{{"data":null,"success":false,"error":{written}}}"#);
            assert_eq!(problem(&json(400, &body)).vendor_error.as_deref(), read, "{written}");
        }
    }

    #[test]
    fn missing_data_is_never_an_empty_list() {
        for body in [r#"{"data":null,"success":true}"#, r#"{"data":"null"}"#, r#"{"success":true}"#]
        {
            assert_eq!(problem(&json(200, body)).problem, Problem::Malformed, "{body}");
        }
    }

    #[test]
    fn markup_is_quoted_and_cut() {
        let page = format!("<html>\n  <body>`{}`</body></html>", "maintenance ".repeat(60));
        let failure = problem(&answer(200, "text/html", &page));
        assert_eq!(failure.problem, Problem::Markup);
        let excerpt = failure.excerpt.unwrap();
        assert!(excerpt.starts_with("<html> <body>'maintenance maintenance"), "{excerpt}");
        assert_eq!(excerpt.chars().count(), EXCERPT_CHARS_MAX + 1);

        let refused = problem(&answer(401, "text/xml", "<error><code>900902</code></error>"));
        assert_eq!(refused.problem, Problem::Status);
        assert_eq!(refused.excerpt.as_deref(), Some("<error><code>900902</code></error>"));
    }

    #[test]
    fn every_cut_of_a_body_is_seen() {
        let whole = r#"{"data":[{"id":"a\u00e8","n":-1.5e3},{}],"success":true,"error":null}"#;
        assert!(opened(&json(200, whole)).is_ok());
        for length in 1..whole.len() {
            let cut = json(200, &whole[..length]);
            assert_eq!(problem(&cut).problem, Problem::CutBody, "{}", &whole[..length]);
        }
    }

    #[test]
    fn secret_is_gone_before_the_cut() {
        for filler in 280..310 {
            let page = format!("<p>{}s3cr3t{}", "x".repeat(filler), "y".repeat(9000));
            let excerpt = problem(&answer(403, "text/html", &page)).excerpt.unwrap();
            assert!(!excerpt.contains("s3"), "{excerpt}");
        }
    }

    #[test]
    fn only_a_pdf_is_a_pdf() {
        let pdf = answer(200, "application/pdf", "%PDF-1.7 x");
        assert_eq!(open_pdf(&call(), &pdf).unwrap(), b"%PDF-1.7 x");
        for (content_type, body, problem) in [
            ("application/json", r#"{"data":{}}"#, Problem::ContentType),
            ("text/html", "<p>soon</p>", Problem::Markup),
            ("application/pdf", "", Problem::EmptyBody),
        ] {
            let failure = open_pdf(&call(), &answer(200, content_type, body)).unwrap_err();
            assert_eq!(failure.problem, problem);
        }
    }

    #[test]
    fn minted_token_is_never_quoted() {
        for body in [r#"{"token":"fresh-token","#, r#"{"token":"fresh-token"]"#, "<i>fresh-token"] {
            let failure = open_bare(&call(), &json(200, body)).unwrap_err();
            assert!(!format!("{failure} {failure:?}").contains("fresh"), "{failure:?}");
        }
    }

    #[test]
    fn null_data_and_words_of_a_removal_read() {
        let body = r#"{"data":"null","success":true,"message":"Deleted","error":null}"#;
        let answer = json(200, body);
        let opened = open_any(&call(), &answer).unwrap();
        assert!(opened.data.is_none() && opened.message.as_deref() == Some("Deleted"));
    }

    #[test]
    fn each_broken_body_has_its_name() {
        assert_eq!(problem(&json(200, "  \n")).problem, Problem::EmptyBody);
        assert_eq!(problem(&json(200, r#"{"data":[{"id":"a"},{"i"#)).problem, Problem::CutBody);
        assert_eq!(problem(&json(200, r#"{"data":[}]}"#)).problem, Problem::Malformed);
        assert_eq!(problem(&json(200, "[1,2]")).problem, Problem::Malformed);
        assert_eq!(problem(&answer(200, "application/pdf", "%PDF")).problem, Problem::ContentType);
    }
}
