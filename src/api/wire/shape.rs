//! Reads structures whose shape the API changes: lists, objects, nothing.
//!
//! A list may be an array, a lone object (the answer to DELETE), `[{}]` (the answer to PATCH)
//! or null; an object may be null, `""` or, from writers that know one kind of empty, `[]`;
//! tags are nested one deep or flat.

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::marker::PhantomData;

/// How deep tags may be nested before the rest is kept as JSON.
const TAG_DEPTH_MAX: u8 = 4;

/// Reads a list in any of its shapes; elements without content are left out.
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default + PartialEq,
{
    let mut elements: Vec<T> = deserializer.deserialize_any(AnyShape(PhantomData))?;
    elements.retain(|element| *element != T::default());
    Ok(elements)
}

/// Reads an object that may be missing in any of the ways of being empty.
pub(super) fn object<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default + PartialEq,
{
    let mut elements = list(deserializer)?;
    match (elements.pop(), elements.is_empty()) {
        (element, true) => Ok(element),
        (_, false) => Err(D::Error::custom("a list where one object is due")),
    }
}

/// Takes an array, a lone object, null or `""` for a list.
struct AnyShape<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for AnyShape<T> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list, an object or nothing")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(Object(element)) = seq.next_element()? {
            elements.push(element);
        }
        Ok(elements)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|lone| vec![lone])
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.trim().is_empty() {
            return Ok(Vec::new());
        }
        Err(E::custom(format!("`{text}` where a list or an object is due")))
    }
}

/// Takes an object and nothing else: a derived reader would take an array for its fields.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectOnly(PhantomData)).map(Self)
    }
}

struct ObjectOnly<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectOnly<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

/// Reads a body that must be one object.
pub(super) fn document<T: DeserializeOwned>(body: &str) -> Result<T, serde_json::Error> {
    serde_json::from_str::<Object<T>>(body).map(|Object(document)| document)
}

/// Reads tags, nested or flat; a tag that is no text keeps its JSON.
pub(super) fn tags<'de, D>(deserializer: D) -> Result<Vec<String>, D::Error>
where
    D: Deserializer<'de>,
{
    let raw = <&'de RawValue>::deserialize(deserializer)?.get();
    let mut tags = Vec::new();
    gather_tags(raw, TAG_DEPTH_MAX, &mut tags).map_err(D::Error::custom)?;
    Ok(tags)
}

fn gather_tags(raw: &str, depth_left: u8, tags: &mut Vec<String>) -> Result<(), serde_json::Error> {
    if raw.starts_with('[') && depth_left > 0 {
        for element in serde_json::from_str::<Vec<&RawValue>>(raw)? {
            gather_tags(element.get(), depth_left - 1, tags)?;
        }
    } else if raw.starts_with('"') {
        let tag: String = serde_json::from_str(raw)?;
        tags.extend(Some(tag).filter(|tag| !tag.trim().is_empty()));
    } else if raw != "null" {
        tags.push(raw.to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Shapes {
        #[serde(default, deserialize_with = "list")]
        list: Vec<Element>,
        #[serde(default, deserialize_with = "object")]
        object: Option<Element>,
        #[serde(default, deserialize_with = "tags")]
        tags: Vec<String>,
    }

    #[derive(Deserialize, Default, PartialEq)]
    #[serde(default)]
    struct Element {
        n: u8,
    }

    fn shapes(body: &str) -> Shapes {
        serde_json::from_str(body).unwrap()
    }

    #[test]
    fn lists_come_in_every_shape() {
        for (written, numbers) in [
            (r#"[{"n":1},{"n":2}]"#, vec![1, 2]),
            (r#"{"n":1}"#, vec![1]),
            ("[{}]", vec![]),
            ("[ { } , {\"n\":3}]", vec![3]),
            ("[]", vec![]),
            ("null", vec![]),
            ("\"\"", vec![]),
        ] {
            let read = shapes(&format!(r#"{{"list":{written}}}"#));
            let read: Vec<u8> = read.list.iter().map(|element| element.n).collect();
            assert_eq!(read, numbers, "{written}");
        }
        assert!(serde_json::from_str::<Shapes>(r#"{"list":[{"n":"x"}]}"#).is_err());
        for wrong in [r#"{"list":"words"}"#, r#"{"list":[[1]]}"#, r#"{"object":[{"n":1},{"n":2}]}"#]
        {
            assert!(serde_json::from_str::<Shapes>(wrong).is_err(), "{wrong}");
        }
        assert!(document::<Element>("[1]").is_err());
    }

    #[test]
    fn empty_objects_are_nothing() {
        for written in ["null", "[]", "{}", "\"\""] {
            assert!(shapes(&format!(r#"{{"object":{written}}}"#)).object.is_none(), "{written}");
        }
        assert_eq!(shapes(r#"{"object":{"n":4}}"#).object.unwrap().n, 4);
    }

    #[test]
    fn tags_are_flattened() {
        for (written, tags) in [
            (r#"[["store1","store2"]]"#, vec!["store1", "store2"]),
            (r#"["es1","es2"]"#, vec!["es1", "es2"]),
            (r#""lone""#, vec!["lone"]),
            (r#"[{"k":"v"},7]"#, vec![r#"{"k":"v"}"#, "7"]),
            ("null", vec![]),
            ("[[]]", vec![]),
        ] {
            assert_eq!(shapes(&format!(r#"{{"tags":{written}}}"#)).tags, tags, "{written}");
        }
    }
}
