//! Names the fields of a body that this client does not know.
//!
//! A body is kept as it arrived, so nothing of it is lost; this says what in it nobody here
//! reads, for people and for those who follow the vendor's changes.

use serde::de::{Deserializer, Error, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Returns the top fields of a body that `T` does not read, each with its JSON.
///
/// Empty for a body that is no object.
pub fn unknown_fields<'de, T: serde::Deserialize<'de>>(
    body: &'de str,
) -> BTreeMap<String, &'de RawValue> {
    let mut known: &'static [&'static str] = &[];
    // Ends in an error always: only the names are wanted.
    let _ = T::deserialize(Names(&mut known));
    let mut members: BTreeMap<String, &RawValue> = serde_json::from_str(body).unwrap_or_default();
    members.retain(|name, _| !known.contains(&name.as_str()));
    members
}

/// Takes a struct's field names down and reads nothing.
struct Names<'a>(&'a mut &'static [&'static str]);

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Ended(String);

impl Error for Ended {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = Ended;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Ended> {
        Err(Ended::custom("not a struct"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, Ended> {
        *self.0 = fields;
        Err(Ended::custom("the names are known now"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        option unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier
        ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Configuration, Receipt};
    use super::*;

    #[test]
    fn fields_nobody_reads_are_kept_and_named() {
        let body = r#"{"id":"a","fiscal_id":"x","total_amount":8.1967,"store_id":"s1","n":[1,{}]}"#;
        let unknown = unknown_fields::<Receipt>(body);
        let shown: Vec<(&str, &str)> =
            unknown.iter().map(|(name, raw)| (name.as_str(), raw.get())).collect();
        assert_eq!(shown, [("n", "[1,{}]"), ("store_id", "\"s1\"")]);
        let unknown = unknown_fields::<Configuration>(r#"{"id":"a","stores":[]}"#);
        assert!(unknown.contains_key("stores") && !unknown.contains_key("id"));
        assert!(unknown_fields::<Receipt>("[]").is_empty());
    }
}
