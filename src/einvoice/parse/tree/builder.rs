//! Builds the tree from the reader's events, within limits.

use std::borrow::Cow;
use std::sync::OnceLock;

use quick_xml::Reader;
use quick_xml::errors::SyntaxError;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::{NONE, Node, Tree};
use crate::einvoice::Error;

/// Elements within elements that are followed at most; an invoice has nine levels.
const DEPTH_MAX: usize = 64;
/// Elements that are kept at most; five megabytes of invoice have about 150,000.
const ELEMENTS_MAX: usize = 1_000_000;

/// Builds the tree of an XML text.
pub(super) fn build(text: &str) -> Result<Tree<'_>, Error> {
    let mut builder = Builder {
        tree: Tree {
            nodes: Vec::new(),
            version: None,
            has_signature: false,
            positions: OnceLock::new(),
        },
        open: NONE,
        depth: 0,
        passing_over: None,
    };
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let event = reader.read_event().map_err(|error| broken(error, reader.error_position()))?;
        match event {
            Event::Start(start) => builder.start(local_name(text, at, &start), &start)?,
            Event::End(_) => builder.end(),
            Event::Text(piece) => builder.text(piece.into_inner()),
            Event::CData(piece) => builder.text(piece.into_inner()),
            Event::GeneralRef(reference) => builder.text(resolve(&reference)?),
            Event::DocType(_) => return Err(refuse("it has a DOCTYPE")),
            Event::Eof => break,
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::Empty(_) => {}
        }
    }
    if builder.depth > 0 {
        return Err(refuse("it ends before its elements do: the file is truncated"));
    }
    if builder.tree.nodes.is_empty() {
        return Err(refuse("it has no element"));
    }
    Ok(builder.tree)
}

/// Returns the name as a part of the whole text, so that it lives as long.
fn local_name<'a>(text: &'a str, at: usize, start: &BytesStart<'_>) -> &'a str {
    let name = start.name().into_inner();
    // A start tag begins with `<` where the reader stood; an expanded empty one as well.
    let whole = text.get(at + 1..at + 1 + name.len()).unwrap_or_default();
    whole.rsplit(':').next().unwrap_or(whole)
}

fn resolve<'a>(reference: &BytesRef<'a>) -> Result<Cow<'a, str>, Error> {
    if let Some(text) = resolve_predefined_entity(reference) {
        return Ok(Cow::Borrowed(text));
    }
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Ok(Cow::Owned(character.to_string()));
    }
    let name: String = reference.chars().take(40).collect();
    Err(refuse(&format!("it uses the entity `&{name};`, which it may not define")))
}

/// Tells text that ends within a tag from text that breaks a rule.
fn broken(source: quick_xml::Error, position: u64) -> Error {
    match source {
        quick_xml::Error::Syntax(error) if error != SyntaxError::InvalidBangMarkup => {
            refuse("it ends within a tag: the file is truncated")
        }
        source => Error::Xml { position, source },
    }
}

fn refuse(why: &str) -> Error {
    Error::RefusedXml { why: why.to_owned() }
}

struct Builder<'a> {
    tree: Tree<'a>,
    open: u32,
    depth: usize,
    /// The depth of an element whose content is passed over.
    passing_over: Option<usize>,
}

impl<'a> Builder<'a> {
    fn start(&mut self, name: &'a str, start: &BytesStart<'_>) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(refuse(&format!("its elements nest deeper than {DEPTH_MAX}")));
        }
        if self.passing_over.is_some() {
            return Ok(());
        }
        let index = u32::try_from(self.tree.nodes.len()).unwrap_or(NONE);
        if self.tree.nodes.len() >= ELEMENTS_MAX {
            return Err(refuse(&format!("it has more than {ELEMENTS_MAX} elements")));
        }
        if index == 0 {
            self.tree.version = version(start);
        } else if self.open == NONE {
            return Err(refuse("it has more than one root"));
        }
        self.tree.nodes.push(Node {
            name,
            text: Cow::Borrowed(""),
            parent: self.open,
            first_child: NONE,
            last_child: NONE,
            next: NONE,
            passed_over: 0,
        });
        if let Some(parent) = self.tree.nodes.get_mut(self.open as usize) {
            let before = std::mem::replace(&mut parent.last_child, index);
            if parent.first_child == NONE {
                parent.first_child = index;
                // Only leaves keep their text; what stood before a child was layout.
                parent.text = Cow::Borrowed("");
            }
            if let Some(sibling) = self.tree.nodes.get_mut(before as usize) {
                sibling.next = index;
            }
        }
        self.open = index;
        if name == "Attachment" || name == "Signature" {
            self.passing_over = Some(self.depth);
            self.tree.has_signature |= name == "Signature";
        }
        Ok(())
    }

    fn end(&mut self) {
        let is_passed_over = self.passing_over.is_some_and(|depth| depth < self.depth);
        if !is_passed_over {
            self.passing_over = None;
            if let Some(node) = self.tree.nodes.get_mut(self.open as usize) {
                node.text = collapse(std::mem::take(&mut node.text));
                self.open = node.parent;
            }
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn text(&mut self, piece: Cow<'a, str>) {
        let Some(node) = self.tree.nodes.get_mut(self.open as usize) else {
            return;
        };
        if self.passing_over.is_some() {
            node.passed_over += piece.trim_ascii().len() as u64;
        } else if node.first_child == NONE {
            if node.text.is_empty() {
                node.text = piece;
            } else {
                node.text.to_mut().push_str(&piece);
            }
        }
    }
}

fn version(start: &BytesStart<'_>) -> Option<String> {
    start
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().into_inner() == "versione")
        .map(|attribute| attribute.value.trim().to_owned())
}

/// Trims a leaf and makes each run of blanks and control characters one blank.
fn collapse(text: Cow<'_, str>) -> Cow<'_, str> {
    let is_blank = |c: char| c.is_whitespace() || c.is_control();
    let mut after_blank = true;
    let is_clean = text.chars().all(|c| {
        let is_fine = c == ' ' && !after_blank || !is_blank(c);
        after_blank = c == ' ';
        is_fine
    }) && !text.ends_with(' ');
    if is_clean {
        return text;
    }
    let words: Vec<&str> = text.split(is_blank).filter(|word| !word.is_empty()).collect();
    Cow::Owned(words.join(" "))
}
