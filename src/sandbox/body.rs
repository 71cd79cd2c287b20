//! The body of a request, read field by field and strictly.
//!
//! A field that is there but is something else than the specification says is refused by
//! name; one the specification does not know is ignored, as servers do.

use serde::Deserialize;

use super::answer::Refusal;
use super::json::Object;
use super::money::Number;

/// Reads a body that must be one JSON object.
pub(super) fn object(body: &[u8]) -> Result<Object, Refusal> {
    std::str::from_utf8(body)
        .ok()
        .and_then(|text| Object::read(text).ok())
        .ok_or_else(|| Refusal::bad("Malformed JSON: one object is expected"))
}

/// Returns a field if it is there; what it must be is the type asked for.
pub(super) fn optional<'a, T: Deserialize<'a>>(
    body: &'a Object,
    name: &str,
) -> Result<Option<T>, Refusal> {
    match body.raw(name) {
        None => Ok(None),
        Some(_) => body.get(name).map(Some).ok_or_else(|| invalid(name)),
    }
}

/// Returns a field that must be there.
pub(super) fn required<'a, T: Deserialize<'a>>(body: &'a Object, name: &str) -> Result<T, Refusal> {
    optional(body, name)?.ok_or_else(|| missing(name))
}

/// Returns an amount that is not negative, zero when it is not there.
pub(super) fn amount(body: &Object, name: &str) -> Result<Number, Refusal> {
    match body.raw(name) {
        None => Ok(Number::ZERO),
        Some(text) => not_negative(name, Number::parse(text)),
    }
}

/// Returns an amount that must be there and is not negative.
pub(super) fn required_amount(body: &Object, name: &str) -> Result<Number, Refusal> {
    let text = body.raw(name).ok_or_else(|| missing(name))?;
    not_negative(name, Number::parse(text))
}

/// Returns a text of at most so many characters, if it is there.
pub(super) fn short_text(
    body: &Object,
    name: &str,
    longest: usize,
) -> Result<Option<String>, Refusal> {
    let text: Option<String> = optional(body, name)?;
    match text {
        Some(text) if text.chars().count() > longest => Err(invalid(name)),
        text => Ok(text),
    }
}

pub(super) fn invalid(name: &str) -> Refusal {
    Refusal::bad(&format!("Invalid field: {name}"))
}

fn missing(name: &str) -> Refusal {
    Refusal::bad(&format!("Missing {name}"))
}

fn not_negative(name: &str, number: Option<Number>) -> Result<Number, Refusal> {
    number.filter(|number| *number >= Number::ZERO).ok_or_else(|| invalid(name))
}
