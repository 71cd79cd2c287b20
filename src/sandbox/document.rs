//! One document as it is served: its bytes, and what lists are filtered by.
//!
//! The bytes are made once and never again; the keys are read back from them, so a
//! document that a test hands in and one that was generated go the same way.

use axum::body::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::Rome;
use serde::Deserialize;

use super::habits::DayZone;
use super::json::Object;

/// Is one document with the keys that lists are filtered by.
#[expect(clippy::struct_field_names, reason = "the number is called so everywhere")]
#[derive(Debug)]
pub(super) struct Document {
    pub(super) raw: Bytes,
    pub(super) id: String,
    pub(super) fiscal_id: String,
    pub(super) document_number: String,
    pub(super) status: String,
    pub(super) kind: String,
    pub(super) direction: String,
    pub(super) parent_receipt_id: String,
    pub(super) created: i64,
    pub(super) created_day: Option<NaiveDate>,
    pub(super) dated_day: Option<NaiveDate>,
}

/// The fields of all three collections by which a document is found; all but the id may lack.
#[derive(Deserialize)]
struct Keys {
    id: String,
    #[serde(default)]
    fiscal_id: String,
    document_number: Option<String>,
    #[serde(alias = "state")]
    status: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    direction: Option<String>,
    parent_receipt_id: Option<String>,
    create_timestamp: Option<i64>,
    #[serde(alias = "create_at")]
    created_at: Option<String>,
    document_date: Option<String>,
    issue_date: Option<String>,
}

impl Document {
    /// Reads the keys of a document; the bytes are kept as they are.
    pub(super) fn read(raw: String, zone: DayZone) -> Result<Self, serde_json::Error> {
        let keys: Keys = serde_json::from_str(&raw)?;
        let created = keys.created_at.as_deref().and_then(moment);
        let dated_day = match (&keys.issue_date, &keys.document_date) {
            (Some(day), _) => day.parse().ok(),
            (None, Some(text)) => moment(text).map(|at| day_of(at, zone)),
            (None, None) => None,
        };
        Ok(Self {
            // Without the room the text grew into: a hundred thousand of them stay in memory.
            raw: Bytes::from(raw.into_bytes().into_boxed_slice()),
            id: keys.id,
            fiscal_id: keys.fiscal_id,
            document_number: keys.document_number.unwrap_or_default(),
            status: keys.status.unwrap_or_default(),
            kind: keys.kind.unwrap_or_default(),
            direction: keys.direction.unwrap_or_default(),
            parent_receipt_id: keys.parent_receipt_id.unwrap_or_default(),
            created: created.map(|at| at.timestamp()).or(keys.create_timestamp).unwrap_or_default(),
            created_day: created.map(|at| day_of(at, zone)),
            dated_day,
        })
    }

    /// Returns the receipt as a single read shows it: item ids and rates within quotes.
    pub(super) fn with_quoted_items(&self) -> Bytes {
        let Some(mut fields) = self.object() else {
            return self.raw.clone();
        };
        let Some(mut items) = fields.objects("items") else {
            return self.raw.clone();
        };
        for item in &mut items {
            for name in ["id", "vat_rate"] {
                if let Some(text) = item.string(name) {
                    item.set(name, format!("'{text}'"));
                }
            }
        }
        fields.set("items", items);
        Bytes::from(fields.text())
    }

    /// Returns a newer document like this one, under another id and number.
    pub(super) fn twin(&self, suffix: u64) -> Option<String> {
        let mut fields = self.object()?;
        let created = DateTime::from_timestamp(self.created + 1, 0)?;
        fields.set("id", format!("ffff{suffix:020x}"));
        fields.set("document_number", format!("{}-{suffix}", self.document_number));
        fields.remove("create_at");
        fields.set("created_at", created.format("%Y-%m-%dT%H:%M:%S.000Z").to_string());
        if fields.has("create_timestamp") {
            fields.set("create_timestamp", self.created + 1);
        }
        Some(fields.text())
    }

    /// Returns the document as an object, to read or to change it.
    pub(super) fn object(&self) -> Option<Object> {
        Object::read(std::str::from_utf8(&self.raw).ok()?).ok()
    }
}

/// Reads either of the vendor's two forms of a moment.
pub(super) fn moment(text: &str) -> Option<DateTime<Utc>> {
    let with_zone = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S %:z"));
    with_zone.ok().map(|at| at.to_utc())
}

fn day_of(at: DateTime<Utc>, zone: DayZone) -> NaiveDate {
    match zone {
        DayZone::Utc => at.date_naive(),
        DayZone::Rome => at.with_timezone(&Rome).date_naive(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECEIPT: &str = r#"{"id":"a1","fiscal_id":"1","items":[{"id":"7","vat_rate":"22","taxable_amount":90.16393442}],"created_at":"2026-02-03T23:30:00.000Z","document_date":"2026-02-03T23:31:00.000Z","status":"ready","type":"sale"}"#;

    #[test]
    fn single_read_quotes_rates_only() {
        let document = Document::read(RECEIPT.into(), DayZone::Utc).unwrap();
        let text = String::from_utf8(document.with_quoted_items().to_vec()).unwrap();
        assert!(text.contains(r#""vat_rate":"'22'""#), "{text}");
        assert!(text.contains(r#""id":"'7'""#), "{text}");
        assert!(text.contains("90.16393442"), "{text}");
        assert!(text.contains(r#""id":"a1""#), "{text}");
    }

    #[test]
    fn late_evening_belongs_to_zone() {
        let utc = Document::read(RECEIPT.into(), DayZone::Utc).unwrap();
        let rome = Document::read(RECEIPT.into(), DayZone::Rome).unwrap();
        assert_eq!(utc.dated_day, NaiveDate::from_ymd_opt(2026, 2, 3));
        assert_eq!(rome.dated_day, NaiveDate::from_ymd_opt(2026, 2, 4));
    }

    #[test]
    fn invoice_moment_with_blank_is_read() {
        let raw =
            r#"{"id":"b","create_at":"2026-01-26 14:06:43 +00:00","issue_date":"2026-01-25"}"#;
        let document = Document::read(raw.into(), DayZone::Utc).unwrap();
        assert_eq!(document.created, 1_769_436_403);
        assert_eq!(document.dated_day, NaiveDate::from_ymd_opt(2026, 1, 25));
    }

    #[test]
    fn twin_is_one_second_newer() {
        let document = Document::read(RECEIPT.into(), DayZone::Utc).unwrap();
        let twin = Document::read(document.twin(5).unwrap(), DayZone::Utc).unwrap();
        assert_eq!(twin.created, document.created + 1);
        assert_ne!(twin.id, document.id);
        assert_eq!(twin.status, "ready");
    }
}
