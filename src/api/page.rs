//! Splits the `data` of an answer into raw items, byte for byte.
//!
//! An item's body is exactly what stood in the array: whoever hashes or stores it keeps what
//! arrived. Only the id is read here. An element without a usable id cannot be kept under a
//! name, so it is put aside with the reason, and it still counts as a row of the page:
//! positions in the list are reckoned in rows.

use super::resource::Resource;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

/// How many characters of an element put aside are kept.
pub const PUT_ASIDE_CHARS_MAX: usize = 2_000;
/// The longest id that is believed; the API's have 24 characters.
const ID_CHARS_MAX: usize = 128;

/// Holds one document of the API exactly as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawItem {
    /// The API's id; for a configuration without one, its fiscal id.
    pub id: String,
    /// The bytes of this element of the list, a JSON object.
    pub body: String,
}

/// Holds an element of a list that has no usable id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutAside {
    /// The element's place in its page, from 0.
    pub position: usize,
    /// The SHA-256 of the whole body in hexadecimal, which names the element.
    pub body_hash: String,
    /// The body's beginning, at most [`PUT_ASIDE_CHARS_MAX`] characters.
    pub body: String,
    /// Why it was put aside, for people.
    pub reason: String,
}

/// Holds one page of a list as it arrived.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The elements with an id, in the order of the page.
    pub items: Vec<RawItem>,
    /// The elements without one, in the order of the page.
    pub put_aside: Vec<PutAside>,
    /// How many elements the page had: the items and those put aside.
    pub rows: usize,
}

impl Page {
    /// Returns what names each row, in the page's order: its id or its body's hash.
    pub fn keys(&self) -> Vec<&str> {
        let mut items = self.items.iter();
        let mut put_aside = self.put_aside.iter().peekable();
        (0..self.rows)
            .filter_map(|position| match put_aside.next_if(|aside| aside.position == position) {
                Some(aside) => Some(aside.body_hash.as_str()),
                None => items.next().map(|item| item.id.as_str()),
            })
            .collect()
    }
}

/// Returns the elements of a list, those without a usable id put aside.
///
/// The error says in words what is there in place of a list.
pub(super) fn split_list(resource: Resource, data: &RawValue) -> Result<Page, String> {
    let elements: Vec<&RawValue> = serde_json::from_str(data.get())
        .map_err(|error| format!("its `data` is no list: {error}"))?;
    let mut page = Page { rows: elements.len(), ..Page::default() };
    page.items.reserve(elements.len());
    for (position, element) in elements.into_iter().enumerate() {
        let body = element.get();
        match usable_id(resource, body) {
            Ok(id) => page.items.push(RawItem { id, body: body.to_owned() }),
            Err(reason) => page.put_aside.push(PutAside {
                position,
                body_hash: hex::encode(Sha256::digest(body)),
                body: body.chars().take(PUT_ASIDE_CHARS_MAX).collect(),
                reason,
            }),
        }
    }
    Ok(page)
}

/// Returns the only element of an answer that is about one document.
pub(super) fn single(resource: Resource, data: &RawValue) -> Result<RawItem, String> {
    let body = data.get();
    usable_id(resource, body).map(|id| RawItem { id, body: body.to_owned() })
}

#[derive(Deserialize)]
struct Names<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    fiscal_id: Option<&'a RawValue>,
}

fn usable_id(resource: Resource, body: &str) -> Result<String, String> {
    if !body.starts_with('{') {
        return Err("the element is no object".to_owned());
    }
    let names: Names<'_> = serde_json::from_str(body)
        .map_err(|error| format!("the element does not read: {error}"))?;
    let name = match resource {
        Resource::Configurations => names.id.or(names.fiscal_id),
        Resource::Receipts | Resource::Invoices => names.id,
    };
    let Some(name) = name else {
        return Err("the element has no `id`".to_owned());
    };
    let raw = name.get();
    let is_number = raw.bytes().all(|byte| byte.is_ascii_digit());
    let id = match serde_json::from_str::<String>(raw) {
        Ok(text) => text.trim().to_owned(),
        Err(_) if is_number => raw.to_owned(),
        Err(_) => return Err("the element's `id` is neither text nor a number".to_owned()),
    };
    if id.is_empty() {
        Err("the element's `id` is empty".to_owned())
    } else if id.chars().count() > ID_CHARS_MAX || id.chars().any(char::is_control) {
        Err(format!("the element's `id` is not one: over {ID_CHARS_MAX} characters or unprintable"))
    } else {
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(resource: Resource, data: &str) -> Page {
        let raw: &RawValue = serde_json::from_str(data).unwrap();
        split_list(resource, raw).unwrap()
    }

    #[test]
    fn bodies_keep_their_bytes() {
        let page =
            split(Resource::Receipts, r#"[ {"id":"a", "t": 1.50} ,{"t":8.19672131e0,"id":7}]"#);
        let bodies: Vec<&str> = page.items.iter().map(|item| item.body.as_str()).collect();
        assert_eq!(bodies, [r#"{"id":"a", "t": 1.50}"#, r#"{"t":8.19672131e0,"id":7}"#]);
        assert_eq!(page.keys(), ["a", "7"]);
    }

    #[test]
    fn nameless_elements_are_put_aside() {
        let data = r#"[{"id":"a"},{"id":null},["z"],{"id":"b"},{"id":""},{"id":{}},{"id":"x\ny"}]"#;
        let page = split(Resource::Invoices, data);
        assert_eq!(page.rows, 7);
        assert_eq!(page.items.len(), 2);
        let places: Vec<usize> = page.put_aside.iter().map(|aside| aside.position).collect();
        assert_eq!(places, [1, 2, 4, 5, 6]);
        assert_eq!(page.keys().len(), 7);
        assert_eq!((page.keys()[0], page.keys()[3]), ("a", "b"));
    }

    #[test]
    fn long_aside_is_cut_but_hashed_whole() {
        let data =
            format!(r#"[{{"note":"{}"}},{{"note":"{}b"}}]"#, "a".repeat(3000), "a".repeat(3000));
        let page = split(Resource::Receipts, &data);
        assert_eq!(page.put_aside[0].body.chars().count(), PUT_ASIDE_CHARS_MAX);
        assert_eq!(page.put_aside[0].body, page.put_aside[1].body);
        assert_ne!(page.put_aside[0].body_hash, page.put_aside[1].body_hash);
    }

    #[test]
    fn configuration_falls_back_on_fiscal_id() {
        let data = r#"[{"fiscal_id":"01234567890"}]"#;
        assert_eq!(split(Resource::Configurations, data).keys(), ["01234567890"]);
        assert_eq!(split(Resource::Receipts, data).put_aside.len(), 1);
    }

    #[test]
    fn lone_object_is_no_list() {
        let raw: &RawValue = serde_json::from_str(r#"{"id":"a"}"#).unwrap();
        assert!(split_list(Resource::Receipts, raw).is_err());
        assert_eq!(single(Resource::Receipts, raw).unwrap().id, "a");
    }
}
