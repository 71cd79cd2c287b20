//! Reads what a callback about portal credentials says of them.

use serde_json::Value;

/// How deep the body is searched for its word.
const DEPTH_MAX: usize = 8;

/// Tells whether a `receipt-credentials` callback says that credentials were stored anew.
///
/// The vendor shows no sample of it. A `status` that speaks of an update is one; everything
/// else is taken for trouble, since an unheard expiry costs more than a needless look.
#[must_use]
pub fn tells_of_renewal(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    // A form carries the JSON in a field; its letters stand there unharmed.
    let read: Option<Value> = serde_json::from_str(&text).ok();
    let words = ["updated", "renewed", "refreshed", "stored", "valid", "active"];
    match read.as_ref().and_then(|value| status(value, DEPTH_MAX)) {
        Some(status) => words.contains(&status.trim().to_lowercase().as_str()),
        None => {
            words[..3].iter().any(|word| text.to_lowercase().contains(&format!("%22{word}%22")))
        }
    }
}

fn status(value: &Value, depth: usize) -> Option<String> {
    if depth == 0 {
        return None;
    }
    match value {
        Value::Object(fields) => fields
            .get("status")
            .and_then(Value::as_str)
            .map(str::to_owned)
            .or_else(|| fields.values().find_map(|inner| status(inner, depth - 1))),
        Value::String(text) => status(&serde_json::from_str(text).ok()?, depth - 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_update_is_a_renewal() {
        for body in [
            r#"{"data":{"fiscal_id":"1","status":"updated"},"custom":null}"#,
            r#"{"data":"{\"status\":\"Renewed\"}"}"#,
            "data=%7B%22status%22%3A%22updated%22%7D",
        ] {
            assert!(tells_of_renewal(body.as_bytes()), "{body}");
        }
        for body in [
            r#"{"data":{"fiscal_id":"1","status":"expired"}}"#,
            r#"{"data":{"fiscal_id":"1"}}"#,
            "",
            "<html>",
        ] {
            assert!(!tells_of_renewal(body.as_bytes()), "{body}");
        }
    }
}
