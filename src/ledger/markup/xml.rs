//! What the readers of XML share: local names, attributes, text, and what is refused.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// What a reader meets, with names that have lost their prefix.
pub(super) enum Tag<'t> {
    Open(&'t str, &'t BytesStart<'t>),
    Close(&'t str),
    Text(&'t str),
}

/// Gives every tag and text to `meet`; an empty element opens and closes.
///
/// A DOCTYPE and entities of its own are refused: both make small files large.
pub(super) fn walk(
    text: &str,
    mut meet: impl FnMut(Tag) -> Result<(), String>,
) -> Result<(), String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    // Real files close tags that they never opened; the tables in them are whole.
    reader.config_mut().check_end_names = false;
    let mut depth = 0_u64;
    loop {
        let event = reader.read_event().map_err(|error| {
            format!("its XML breaks at byte {}: {error}", reader.error_position())
        })?;
        match event {
            Event::Start(start) => {
                depth += 1;
                meet(Tag::Open(start.local_name().into_inner(), &start))?;
            }
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                meet(Tag::Close(end.local_name().into_inner()))?;
            }
            Event::Text(piece) => meet(Tag::Text(&piece))?,
            Event::CData(piece) => meet(Tag::Text(&piece))?,
            Event::GeneralRef(reference) => meet(Tag::Text(&resolve(&reference)?))?,
            Event::DocType(_) => return Err("it has a DOCTYPE".to_owned()),
            Event::Eof if depth > 0 => return Err("its XML ends within an element".to_owned()),
            Event::Eof => return Ok(()),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::Empty(_) => {}
        }
    }
}

fn resolve(reference: &BytesRef) -> Result<String, String> {
    let name: &str = reference;
    if let Some(text) = resolve_predefined_entity(name) {
        return Ok(text.to_owned());
    }
    match reference.resolve_char_ref() {
        Ok(Some(character)) => Ok(character.to_string()),
        _ if name == "nbsp" => Ok("\u{a0}".to_owned()),
        _ => Err("it uses an entity that it may not define".to_owned()),
    }
}

/// Returns an attribute by its local name.
pub(super) fn attribute(start: &BytesStart, name: &str) -> Option<String> {
    start
        .attributes()
        .flatten()
        .find(|attribute| attribute.key.local_name().into_inner() == name)
        .map(|attribute| {
            quick_xml::escape::unescape(&attribute.value)
                .map_or_else(|_| attribute.value.to_string(), |text| text.to_string())
        })
}

/// Returns an attribute that counts, `usual` when it is missing or no number.
pub(super) fn count(start: &BytesStart, name: &str, usual: u32) -> u32 {
    attribute(start, name).and_then(|text| text.trim().parse().ok()).unwrap_or(usual)
}
