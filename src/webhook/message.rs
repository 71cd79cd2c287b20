//! Finds the identifier in a callback, whatever shape it has.
//!
//! The provider's documents and its clients disagree about the shape: the document stands at
//! the root, under `data`, under `data` twice, beside an `event`, under `invoice`, or as JSON
//! text inside JSON; and all of that comes as JSON or as one field of a form. So the body is
//! searched, inner objects first, for something that can be an identifier.

use serde_json::{Map, Value};

use super::event::Event;

/// How deep a body is searched.
const DEPTH_MAX: usize = 8;
/// The longest identifier that is believed; the provider's have 24 characters.
const ID_CHARS_MAX: usize = 128;

/// The keys under which a document stands, those of wrappers first.
const WRAPPERS: [&str; 6] =
    ["data", "receipt", "invoice", "notification", "configuration", "payload"];
/// The keys under which an identifier stands.
const IDS: [&str; 5] = ["id", "receipt_id", "invoice_id", "uuid", "_id"];
/// Keys that only an invoice has.
const OF_INVOICES: [&str; 6] =
    ["direction", "sdi_status", "details", "sender", "recipient", "invoice_id"];
/// Keys that only a receipt has.
const OF_RECEIPTS: [&str; 6] = [
    "items",
    "total_amount",
    "cash_payment_amount",
    "parent_receipt_id",
    "lottery_code",
    "receipt_id",
];

/// Says what a callback is about, as far as it is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// The event's name in hyphens, or the unknown word cut; empty when nothing says it.
    pub(super) event: String,
    /// `receipts`, `invoices` or `configurations`; empty when unknown.
    pub(super) resource: &'static str,
    /// The document's identifier, or the company's for a configuration; empty when none.
    pub(super) source_id: String,
    /// Why nothing is to be read for it.
    pub(super) ignored_because: Option<&'static str>,
}

/// Reads a callback; `named` is the event that the address names, if it does.
///
/// Any bytes at all are read, if only as a callback that is ignored.
pub(super) fn read(named: Option<Event>, content_type: &str, body: &[u8]) -> Message {
    let Some(root) = parse(content_type, body) else {
        let resource = named.map_or("", Event::resource);
        let word = named.map_or("", Event::as_str).to_owned();
        // Configurations are read whole in any case.
        let is_enough = resource == "configurations";
        let why = (!is_enough).then_some("its body is neither JSON nor a form that holds JSON");
        return Message { event: word, resource, source_id: String::new(), ignored_because: why };
    };
    let word = event_word(&root, DEPTH_MAX);
    let event = named.or_else(|| word.as_deref().and_then(Event::parse));
    let resource = event.map_or_else(|| guess(&root), Event::resource);
    let source_id = if resource == "configurations" {
        find(&root, &["fiscal_id", "id"], DEPTH_MAX)
    } else {
        find(&root, &IDS, DEPTH_MAX)
    };
    let shown = event.map(|event| event.as_str().to_owned()).or(word).unwrap_or_default();
    let ignored_because = match (resource, &source_id) {
        ("", _) => Some("nothing says whether it is about a receipt or an invoice"),
        ("configurations", _) | (_, Some(_)) => None,
        (_, None) => Some("it holds no identifier"),
    };
    Message {
        event: shown.chars().take(ID_CHARS_MAX).collect(),
        resource,
        source_id: source_id.unwrap_or_default(),
        ignored_because,
    }
}

/// Reads the body as JSON, or as a form with JSON in one of its fields.
fn parse(content_type: &str, body: &[u8]) -> Option<Value> {
    let is_form = content_type.to_ascii_lowercase().contains("form");
    let json = || serde_json::from_slice::<Value>(body).ok().map(unwrap_text);
    let form = || {
        let fields = body.split(|byte| *byte == b'&').filter_map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=');
            let (name, value) = at.map_or((&pair[..0], pair), |at| (&pair[..at], &pair[at + 1..]));
            let value = serde_json::from_slice::<Value>(&decoded(value)).ok().map(unwrap_text)?;
            value.is_object().then(|| (decoded(name), value))
        });
        let mut fields: Vec<(Vec<u8>, Value)> = fields.collect();
        // `data` is the field's documented name; a person may have set another.
        fields.sort_by_key(|(name, _)| name != b"data");
        fields.into_iter().next().map(|(_, value)| value)
    };
    let found = if is_form { form().or_else(json) } else { json().or_else(form) };
    found.filter(Value::is_object)
}

/// Returns the JSON that stands as text inside JSON.
fn unwrap_text(value: Value) -> Value {
    match &value {
        Value::String(text) => serde_json::from_str(text).unwrap_or(value),
        _ => value,
    }
}

/// Decodes the percent signs and pluses of a form's field.
fn decoded(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        bytes.push(match first {
            b'+' => b' ',
            b'%' => match after.get(..2).and_then(|digits| hex::decode(digits).ok()) {
                Some(byte) => {
                    rest = &after[2..];
                    byte[0]
                }
                None => b'%',
            },
            other => *other,
        });
    }
    bytes
}

/// Returns the word that names the event, wherever it stands.
fn event_word(value: &Value, depth: usize) -> Option<String> {
    let object = value.as_object()?;
    if let Some(Value::String(word)) = object.get("event") {
        return Some(word.clone());
    }
    let depth = depth.checked_sub(1)?;
    inner(object).find_map(|value| event_word(&value, depth))
}

/// Finds an identifier, in inner objects first.
fn find(value: &Value, names: &[&str], depth: usize) -> Option<String> {
    let object = value.as_object()?;
    let within = depth
        .checked_sub(1)
        .and_then(|depth| inner(object).find_map(|value| find(&value, names, depth)));
    within.or_else(|| names.iter().find_map(|name| identifier(object.get(*name)?)))
}

/// Returns what stands in a document's wrappers, text unwrapped.
fn inner(object: &Map<String, Value>) -> impl Iterator<Item = Value> {
    WRAPPERS.iter().filter_map(|name| object.get(*name)).cloned().map(unwrap_text)
}

/// Returns an identifier that can stand in an address.
fn identifier(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) if number.is_u64() => number.to_string(),
        _ => return None,
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (!text.is_empty() && text.len() <= ID_CHARS_MAX && text.chars().all(fits)).then_some(text)
}

/// Tells by its keys what a document is, where no event says it.
fn guess(root: &Value) -> &'static str {
    let has = |names: &[&str]| has_key(root, names, DEPTH_MAX);
    match (has(&OF_INVOICES), has(&OF_RECEIPTS)) {
        (true, _) => "invoices",
        (false, true) => "receipts",
        (false, false) => "",
    }
}

fn has_key(value: &Value, names: &[&str], depth: usize) -> bool {
    let Some(object) = value.as_object() else { return false };
    names.iter().any(|name| object.contains_key(*name))
        || depth
            .checked_sub(1)
            .is_some_and(|depth| inner(object).any(|value| has_key(&value, names, depth)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(event: &str, content_type: &str, body: &str) -> (String, &'static str, String) {
        let message = read(Event::parse(event), content_type, body.as_bytes());
        assert_eq!(message.ignored_because, None, "{body}");
        (message.event, message.resource, message.source_id)
    }

    /// The shapes that somebody saw or wrote down, with `#` where the document stands.
    const SHAPES: [&str; 8] = [
        "#",
        r#"{"data":#}"#,
        r#"{"data":#,"custom":null}"#,
        r#"{"data":{"data":#},"custom":null}"#,
        r#"{"data":{"data":#,"custom":{"id":"other"}}}"#,
        r#"{"event":"customer_invoice","data":#}"#,
        r#"{"data":{"invoice":#}}"#,
        r#"{"id":"delivery-7","data":{"receipt":#}}"#,
    ];

    /// Writes every byte as a form may.
    fn encoded(body: &str) -> String {
        hex::encode(body)
            .as_bytes()
            .chunks(2)
            .fold(String::new(), |form, digits| form + "%" + std::str::from_utf8(digits).unwrap())
    }

    fn in_shape(shape: &str, document: &str) -> String {
        shape.replace('#', document)
    }

    #[test]
    fn every_shape_gives_the_identifier() {
        let document = r#"{"id":"a1b2","state":"DONE","sdi_status":"DELIVERED"}"#;
        for shape in SHAPES {
            let body = in_shape(shape, document);
            let wanted = ("customer-invoice".to_owned(), "invoices", "a1b2".to_owned());
            assert_eq!(found("customer_invoice", "application/json", &body), wanted, "{body}");
            let encoded = encoded(&body);
            for form in [format!("data={encoded}"), format!("x=1&field={encoded}&custom=")] {
                let kind = "application/x-www-form-urlencoded";
                assert_eq!(found("customer-invoice", kind, &form), wanted, "{form}");
            }
            let text = serde_json::json!({ "data": body }).to_string();
            assert_eq!(found("customer-invoice", "text/plain", &text), wanted, "{text}");
        }
    }

    #[test]
    fn event_comes_from_address_body_or_keys() {
        let body = r#"{"event":"supplier_invoice","data":{"id":"x"}}"#;
        assert_eq!(found("", "application/json", body).0, "supplier-invoice");
        assert_eq!(found("receipt", "application/json", body).1, "receipts");
        assert_eq!(found("", "", r#"{"data":{"invoice_id":"7"}}"#).1, "invoices");
        assert_eq!(
            found("", "", r#"{"id":7,"items":[]}"#),
            (String::new(), "receipts", "7".into())
        );
        assert_eq!(found("receipt-credentials", "", "nothing").1, "configurations");
    }

    #[test]
    fn what_says_nothing_is_ignored_with_a_reason() {
        for body in ["", "{}", "[]", "null", "\"a\"", "{\"data\":{\"id\":\"../x\"}}", "data=7"] {
            let message = read(Some(Event::Receipt), "application/json", body.as_bytes());
            assert!(message.ignored_because.is_some() && message.source_id.is_empty(), "{body}");
        }
        let unknown = read(None, "", br#"{"event":"strange","data":{"id":"x"}}"#);
        assert_eq!((unknown.event.as_str(), unknown.resource), ("strange", ""));
        assert!(unknown.ignored_because.is_some());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..300), form: bool) {
            let kind = if form { "application/x-www-form-urlencoded" } else { "application/json" };
            let message = read(None, kind, &bytes);
            prop_assert!(message.source_id.len() <= ID_CHARS_MAX);
        }

        #[test]
        fn near_json_is_read(text in r#"(\{|\}|\[|\]|"id"|"data"|:|,|"a1"|null|7|%7B|=|&|\+){0,40}"#) {
            for kind in ["application/json", "form"] {
                let message = read(Some(Event::Receipt), kind, text.as_bytes());
                prop_assert_eq!(message.ignored_because.is_some(), message.source_id.is_empty());
            }
        }

        #[test]
        fn good_callbacks_are_never_lost(
            id in "[0-9a-f]{24}",
            shape in 0..SHAPES.len(),
            noise in "[a-z àè\"\\\\{}\\[\\]]{0,40}",
            form: bool,
        ) {
            let document = serde_json::json!({ "id": id, "note": noise, "total_amount": 8.5 });
            let body = in_shape(SHAPES[shape], &document.to_string());
            let body = if form {
                format!("data={}", encoded(&body))
            } else {
                body
            };
            let message = read(Some(Event::Receipt), "", body.as_bytes());
            prop_assert_eq!(message.source_id, id);
        }
    }
}
