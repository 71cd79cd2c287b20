//! A JSON object that keeps the order of its fields and the text of its values.
//!
//! The vendor's amounts have eight decimals, which no float holds safely; and a document
//! that somebody put here by hand must come back as it was, but for what changed.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use super::money::Number;

/// Is an object whose values are read only when asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Object(Vec<(String, Box<RawValue>)>);

impl Object {
    pub(super) fn read(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// Tells whether the field is there, be it null.
    pub(super) fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// Returns the text of a value as it was written.
    pub(super) fn raw(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.get())
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    pub(super) fn string(&self, name: &str) -> Option<String> {
        self.get(name)
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.get(name)
    }

    pub(super) fn number(&self, name: &str) -> Option<Number> {
        self.raw(name).and_then(Number::parse)
    }

    pub(super) fn object(&self, name: &str) -> Option<Self> {
        self.get(name)
    }

    pub(super) fn objects(&self, name: &str) -> Option<Vec<Self>> {
        self.get(name)
    }

    /// Reads a value as what the caller makes of it; none when it is something else.
    pub(super) fn get<'a, T: Deserialize<'a>>(&'a self, name: &str) -> Option<T> {
        self.raw(name).and_then(|text| serde_json::from_str(text).ok())
    }

    /// Replaces a value where it stands, or adds it at the end.
    pub(super) fn set(&mut self, name: &str, value: impl Serialize) {
        let value = to_raw_value(&value).expect("texts, numbers and raw values are JSON");
        match self.0.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.retain(|(other, _)| other != name);
    }

    /// Returns the object as JSON.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).expect("raw values are JSON already")
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Object;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut object = Object::default();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    // Of a field given twice the last one holds, as in most readers.
                    object.remove(&name);
                    object.0.push((name, value));
                }
                Ok(object)
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unread_values_keep_order_and_text() {
        let text = r#"{"z":8.19672131,"a":1.0,"list":[{"id":"1"}]}"#;
        let mut object = Object::read(text).unwrap();
        assert_eq!(object.text(), text);
        object.set("a", "b");
        object.set("new", 3);
        assert_eq!(object.text(), r#"{"z":8.19672131,"a":"b","list":[{"id":"1"}],"new":3}"#);
        assert_eq!(object.objects("list").unwrap()[0].string("id").as_deref(), Some("1"));
        assert_eq!(object.string("z"), None);
    }

    #[test]
    fn last_of_two_equal_names_holds() {
        assert_eq!(Object::read(r#"{"a":1,"a":2}"#).unwrap().raw("a"), Some("2"));
        assert!(Object::read("[]").is_err());
    }
}
