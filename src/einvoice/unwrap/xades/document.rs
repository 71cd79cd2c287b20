//! An XML text with everything that its canonical form needs: prefixes, blanks, comments.
//!
//! The tree of `parse` drops all of these, so a file with a signature is read once more.
//! What a strict reader would refuse is an error here, and the verdict says so.

use std::borrow::Cow;

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// Elements, texts and comments that are held at most.
const NODES_MAX: usize = 3_000_000;
/// Attributes that are held at most.
const ATTRIBUTES_MAX: usize = 500_000;
/// Namespaces that may be in scope at one place.
pub(super) const SCOPE_MAX: usize = 256;
/// The namespace of the prefix `xml`, which needs no declaration.
pub(super) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Holds the parts of a text in their order; places are indexes into them.
pub(super) struct Document<'a> {
    pub nodes: Vec<Node<'a>>,
    attributes: Vec<Attribute>,
}

/// Holds one part of a text.
pub(super) enum Node<'a> {
    Element(Tag<'a>),
    End,
    Text(Cow<'a, str>),
    Comment(Cow<'a, str>),
    Instruction(Cow<'a, str>),
}

/// Holds the beginning of an element.
pub(super) struct Tag<'a> {
    /// The name as written, with its prefix.
    pub name: &'a str,
    /// The place of the element around it.
    pub parent: Option<u32>,
    /// The place of its end.
    pub end: u32,
    attributes: (u32, u32),
}

/// Holds an attribute, or a declaration of a namespace, with its value as a reader takes it.
pub(super) struct Attribute {
    pub name: Box<str>,
    pub value: Box<str>,
}

impl Attribute {
    /// Returns the prefix that is declared, empty for the default; `None` for other attributes.
    pub(super) fn declared_prefix(&self) -> Option<&str> {
        match &*self.name {
            "xmlns" => Some(""),
            name => name.strip_prefix("xmlns:"),
        }
    }
}

/// Returns the prefix of a name, empty where it has none, and the rest.
pub(super) fn split(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

/// Returns a text with the ends of lines that every XML reader sees.
pub(super) fn with_plain_line_ends(text: &str) -> Cow<'_, str> {
    if !text.contains('\r') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
}

impl<'a> Document<'a> {
    /// Reads a text, or says why it has no canonical form.
    pub(super) fn read(text: &'a str) -> Result<Self, String> {
        let mut document = Self { nodes: Vec::new(), attributes: Vec::new() };
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        let mut open: Vec<u32> = Vec::new();
        loop {
            let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            let event = reader.read_event().map_err(|error| strict(&error))?;
            let place = u32::try_from(document.nodes.len()).unwrap_or(u32::MAX);
            if document.nodes.len() >= NODES_MAX || document.attributes.len() > ATTRIBUTES_MAX {
                return Err("the file has too many parts for its canonical form".to_owned());
            }
            let node = match event {
                Event::Start(start) => {
                    let length = start.name().0.len();
                    let name = text.get(at + 1..at + 1 + length).unwrap_or_default();
                    let attributes = document.keep_attributes(&start)?;
                    let tag = Tag { name, parent: open.last().copied(), end: place, attributes };
                    open.push(place);
                    Node::Element(tag)
                }
                Event::End(_) => {
                    let start = open.pop().map(|start| &mut document.nodes[start as usize]);
                    if let Some(Node::Element(tag)) = start {
                        tag.end = place;
                    }
                    Node::End
                }
                Event::Text(piece) => Node::Text(piece.into_inner()),
                Event::CData(piece) => Node::Text(piece.into_inner()),
                Event::GeneralRef(reference) => Node::Text(match reference.resolve_char_ref() {
                    Ok(Some(character)) => Cow::Owned(character.to_string()),
                    _ => Cow::Borrowed(
                        resolve_predefined_entity(&reference).ok_or("it uses an unknown entity")?,
                    ),
                }),
                Event::Comment(comment) => Node::Comment(comment.into_inner()),
                Event::PI(instruction) => Node::Instruction(instruction.into_inner()),
                Event::Decl(declaration)
                    if matches!(declaration.version().as_deref(), Ok("1.0")) =>
                {
                    continue;
                }
                Event::Decl(_) => return Err("it is not XML 1.0".to_owned()),
                Event::DocType(_) => return Err("it has a DOCTYPE".to_owned()),
                Event::Eof => return Ok(document),
                Event::Empty(_) => continue,
            };
            document.nodes.push(node);
        }
    }

    fn keep_attributes(&mut self, start: &BytesStart<'_>) -> Result<(u32, u32), String> {
        let place = |list: &Vec<Attribute>| u32::try_from(list.len()).unwrap_or(u32::MAX);
        let first = place(&self.attributes);
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| strict(&error))?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| strict(&error))?;
            self.attributes
                .push(Attribute { name: attribute.key.0.into(), value: value.as_ref().into() });
        }
        Ok((first, place(&self.attributes)))
    }

    /// Returns the element that begins at a place.
    pub(super) fn tag(&self, place: u32) -> Option<&Tag<'a>> {
        match self.nodes.get(place as usize) {
            Some(Node::Element(tag)) => Some(tag),
            _ => None,
        }
    }

    /// Returns the attributes of an element, declarations of namespaces among them.
    pub(super) fn attributes(&self, tag: &Tag<'_>) -> &[Attribute] {
        &self.attributes[tag.attributes.0 as usize..tag.attributes.1 as usize]
    }

    /// Returns the value of an element's attribute without prefix.
    pub(super) fn attribute(&self, place: u32, name: &str) -> Option<&str> {
        let all = self.attributes(self.tag(place)?);
        all.iter().find(|one| &*one.name == name).map(|one| &*one.value)
    }

    /// Returns the place of the outermost element.
    pub(super) fn root(&self) -> Option<u32> {
        self.elements().find(|place| self.tag(*place).is_some_and(|tag| tag.parent.is_none()))
    }

    /// Returns the places of all elements in their order.
    pub(super) fn elements(&self) -> impl Iterator<Item = u32> + '_ {
        let is_element = |(_, node): &(u32, &Node)| matches!(node, Node::Element(_));
        (0..).zip(&self.nodes).filter(is_element).map(|(place, _)| place)
    }

    /// Returns the places of the elements around a place, the innermost first.
    pub(super) fn ancestors(&self, place: u32) -> impl Iterator<Item = u32> + '_ {
        std::iter::successors(self.tag(place).and_then(|tag| tag.parent), |one| {
            self.tag(*one).and_then(|tag| tag.parent)
        })
    }

    /// Returns the places of all elements within an element that have this name.
    pub(super) fn within<'s>(
        &'s self,
        place: u32,
        namespace: &'s str,
        name: &'s str,
    ) -> impl Iterator<Item = u32> + 's {
        let end = self.tag(place).map_or(place, |tag| tag.end);
        (place + 1..end).filter(move |one| self.is(*one, namespace, name))
    }

    /// Returns the place of the first element directly within an element that has this name.
    pub(super) fn child(&self, place: u32, namespace: &str, name: &str) -> Option<u32> {
        self.within(place, namespace, name)
            .find(|one| self.tag(*one).is_some_and(|tag| tag.parent == Some(place)))
    }

    /// Tells whether an element with this name begins at a place.
    pub(super) fn is(&self, place: u32, namespace: &str, name: &str) -> bool {
        self.tag(place).is_some_and(|tag| {
            let (prefix, local) = split(tag.name);
            local == name && self.namespace(place, prefix) == Some(namespace)
        })
    }

    /// Returns what a prefix means at an element.
    pub(super) fn namespace(&self, place: u32, prefix: &str) -> Option<&str> {
        std::iter::once(place)
            .chain(self.ancestors(place))
            .filter_map(|one| self.tag(one))
            .flat_map(|tag| self.attributes(tag))
            .find(|one| one.declared_prefix() == Some(prefix))
            .map(|one| &*one.value)
    }

    /// Returns the text directly within an element, blanks left out.
    pub(super) fn compact_text(&self, place: u32) -> String {
        let Some(tag) = self.tag(place) else {
            return String::new();
        };
        let mut text = String::new();
        let mut at = place + 1;
        while at < tag.end {
            match &self.nodes[at as usize] {
                Node::Text(piece) => text.extend(piece.split_ascii_whitespace()),
                Node::Element(inner) => at = inner.end,
                Node::End | Node::Comment(_) | Node::Instruction(_) => {}
            }
            at += 1;
        }
        text
    }
}

fn strict(error: &dyn std::fmt::Display) -> String {
    format!("a strict reader would refuse the file: {error}")
}
