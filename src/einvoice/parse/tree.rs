//! XML text to a small tree of elements, read once and bounded.
//!
//! Names are local names: prefixes and namespaces are dropped, since real files use them
//! in every way there is. Leaves are trimmed and their blanks collapsed. Attachments and
//! XML signatures are passed over while reading and never kept. Anything that could make a
//! small file large (a DOCTYPE, an entity of one's own, endless nesting) is refused.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::errors::SyntaxError;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::einvoice::Error;

/// Elements within elements that are followed at most; an invoice has nine levels.
const DEPTH_MAX: usize = 64;
/// Elements that are kept at most; five megabytes of invoice have about 150,000.
const ELEMENTS_MAX: usize = 1_000_000;
const NONE: u32 = u32::MAX;

/// Holds the elements of one file, the root first.
pub(crate) struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    /// The `versione` attribute of the root.
    pub version: Option<String>,
    /// Whether the file holds an XML signature (XAdES), which is not looked into.
    pub has_signature: bool,
}

struct Node<'a> {
    name: &'a str,
    text: Cow<'a, str>,
    parent: u32,
    first_child: u32,
    last_child: u32,
    next: u32,
    /// Characters that were passed over.
    passed_over: u64,
}

/// Points at one element of a tree.
#[derive(Clone, Copy)]
pub(crate) struct Element<'t> {
    tree: &'t Tree<'t>,
    index: u32,
}

impl<'a> Tree<'a> {
    /// Builds the tree of an XML text.
    pub(crate) fn build(text: &'a str) -> Result<Self, Error> {
        let mut builder = Builder {
            tree: Tree { nodes: Vec::new(), version: None, has_signature: false },
            open: NONE,
            depth: 0,
            passing_over: None,
        };
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        loop {
            let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            let event =
                reader.read_event().map_err(|error| broken(error, reader.error_position()))?;
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

    /// Returns the root.
    pub(crate) fn root(&self) -> Element<'_> {
        Element { tree: self, index: 0 }
    }
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
            self.tree.has_signature |= name == "Signature";
            self.passing_over = Some(self.depth);
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

impl<'t> Element<'t> {
    fn node(self) -> &'t Node<'t> {
        &self.tree.nodes[self.index as usize]
    }

    fn at(self, index: u32) -> Option<Self> {
        (index != NONE).then_some(Self { tree: self.tree, index })
    }

    /// Returns the local name.
    pub(crate) fn name(self) -> &'t str {
        self.node().name
    }

    /// Returns the elements within, in order.
    pub(crate) fn each(self) -> impl Iterator<Item = Element<'t>> {
        std::iter::successors(self.at(self.node().first_child), |one| one.at(one.node().next))
    }

    /// Returns the elements of a name within, in order.
    pub(crate) fn all(self, name: &str) -> impl Iterator<Item = Element<'t>> {
        self.each().filter(move |one| one.name() == name)
    }

    /// Returns the first element at a path of names parted by `/`.
    pub(crate) fn first(self, path: &str) -> Option<Self> {
        path.split('/')
            .try_fold(self, |element, name| element.each().find(|one| one.name() == name))
    }

    /// Returns the text of the first element at a path, unless it is empty.
    pub(crate) fn text(self, path: &str) -> Option<&'t str> {
        self.first(path).and_then(Self::own_text)
    }

    /// Returns the element's own text, unless it is empty.
    pub(crate) fn own_text(self) -> Option<&'t str> {
        Some(self.node().text.as_ref()).filter(|text| !text.is_empty())
    }

    /// Returns how many characters of content were passed over.
    pub(crate) fn passed_over(self) -> u64 {
        self.node().passed_over
    }

    /// Returns the path of the element below the root, repeated elements numbered from 1.
    pub(crate) fn path(self) -> String {
        let mut parts = Vec::new();
        let mut element = Some(self);
        while let Some(one) = element.filter(|one| one.node().parent != NONE) {
            let parent = one.at(one.node().parent);
            let twins: Vec<u32> = parent
                .into_iter()
                .flat_map(|up| up.all(one.name()))
                .map(|twin| twin.index)
                .collect();
            let position = twins.iter().position(|index| *index == one.index).unwrap_or(0) + 1;
            parts.push(if twins.len() > 1 {
                format!("{}[{position}]", one.name())
            } else {
                one.name().to_owned()
            });
            element = parent;
        }
        parts.reverse();
        parts.join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        match Tree::build(text) {
            Ok(_) => panic!("`{text}` was read"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn leaves_are_trimmed_and_collapsed() {
        let tree = Tree::build(
            "<p:a xmlns:p='x'><b> 2014-12-18\n </b><p:b>a &amp;&#x20;  b<![CDATA[ c]]></p:b><c/></p:a>",
        );
        let tree = tree.unwrap_or_else(|error| panic!("{error}"));
        let texts: Vec<&str> = tree.root().all("b").map(|one| one.node().text.as_ref()).collect();
        assert_eq!(texts, ["2014-12-18", "a & b c"]);
        assert_eq!(tree.root().text("c"), None);
        assert_eq!(tree.root().all("b").last().unwrap().path(), "b[2]");
    }

    #[test]
    fn attachments_leave_only_their_size() {
        let tree = Tree::build("<a><Attachment>AAAA\nBBBB</Attachment><d>1</d></a>")
            .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(tree.root().first("Attachment").unwrap().passed_over(), 9);
        assert_eq!(tree.root().text("Attachment"), None);
        assert_eq!(tree.root().text("d"), Some("1"));
    }

    #[test]
    fn bombs_are_refused() {
        assert!(refusal("<!DOCTYPE a [<!ENTITY b 'bb'>]><a>&b;</a>").contains("DOCTYPE"));
        assert!(refusal("<a>&lol9;</a>").contains("&lol9;"));
        assert!(refusal(&"<a>".repeat(100_000)).contains("nest deeper"));
        assert!(refusal("<a><b></b>").contains("truncated"));
        assert!(refusal("<a/><b/>").contains("more than one root"));
        assert!(refusal(&format!("<a>{}</a>", "<b/>".repeat(1_000_001))).contains("elements"));
    }
}
