//! XML text to a small tree of elements, read once and bounded.
//!
//! Names are local names: prefixes and namespaces are dropped, since real files use them
//! in every way there is. Leaves are trimmed and their blanks collapsed. Attachments and
//! XML signatures are passed over while reading and never kept. Anything that could make a small file large (a DOCTYPE,
//! an entity of one's own, endless nesting) is refused.

mod builder;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use foldhash::quality::RandomState;

use crate::einvoice::Error;

const NONE: u32 = u32::MAX;

/// Holds the elements of one file, the root first.
pub(crate) struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    /// The `versione` attribute of the root.
    pub version: Option<String>,
    /// Whether an XML signature (XAdES) lies within the file.
    pub has_signature: bool,
    /// Positions among siblings of the same name, worked out when the first path is asked for.
    positions: OnceLock<Vec<u32>>,
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
        builder::build(text)
    }

    /// Returns the root.
    pub(crate) fn root(&self) -> Element<'_> {
        Element { tree: self, index: 0 }
    }

    /// Returns each element's position among its siblings of the same name, 0 for the only one.
    ///
    /// All at once: one path after the other would take a file of many twins for ever.
    fn positions(&self) -> &[u32] {
        self.positions.get_or_init(|| {
            let mut counts: HashMap<(u32, &str), u32, RandomState> = HashMap::default();
            let mut positions: Vec<u32> = Vec::with_capacity(self.nodes.len());
            for node in &self.nodes {
                let count = counts.entry((node.parent, node.name)).or_default();
                *count += 1;
                positions.push(*count);
            }
            for (node, position) in self.nodes.iter().zip(&mut positions) {
                // A document is always told with its position, as the checks have it.
                let is_body = node.name == "FatturaElettronicaBody";
                if !is_body && counts.get(&(node.parent, node.name)) == Some(&1) {
                    *position = 0;
                }
            }
            positions
        })
    }
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
        let positions = self.tree.positions();
        let mut parts = Vec::new();
        let mut element = Some(self);
        while let Some(one) = element.filter(|one| one.node().parent != NONE) {
            parts.push(match positions[one.index as usize] {
                0 => one.name().to_owned(),
                position => format!("{}[{position}]", one.name()),
            });
            element = one.at(one.node().parent);
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
