//! The canonical form of an XML text or of a part of it: C14N 1.0, 1.1 and exclusive.
//!
//! By the W3C's recommendations of 15 March 2001, 2 May 2008 and 18 July 2002. A part is an
//! element with all in it, some elements left out; that is all that signers of invoices use.

use super::document::{Attribute, Document, Node, SCOPE_MAX, Tag, XML, split};

/// Bytes that are handed on at a time.
const PIECE_BYTES: usize = 64 << 10;

/// Names a way of writing an XML text so that equal ones have equal bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Method {
    /// Only namespaces that are used are written.
    pub is_exclusive: bool,
    /// Version 1.1, which hands fewer attributes down.
    pub is_newer: bool,
    /// Whether comments are kept.
    pub keeps_comments: bool,
    /// Prefixes that the exclusive form treats as the other one does.
    pub prefixes: Vec<String>,
}

impl Method {
    /// Returns the method of this name, as signatures write it.
    pub(super) fn named(name: &str) -> Option<Self> {
        let (base, keeps_comments) = match name.strip_suffix("WithComments") {
            Some(base) => (
                base.strip_suffix('#').filter(|base| !base.ends_with("exc-c14n")).unwrap_or(base),
                true,
            ),
            None => (name, false),
        };
        let (is_exclusive, is_newer) = match base {
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315" => (false, false),
            "http://www.w3.org/2006/12/xml-c14n11" => (false, true),
            "http://www.w3.org/2001/10/xml-exc-c14n#" => (true, false),
            _ => return None,
        };
        Some(Self { is_exclusive, is_newer, keeps_comments, prefixes: Vec::new() })
    }
}

/// Says which part of a document is written.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    /// The element; the whole document without one.
    pub element: Option<u32>,
    /// Elements that are left out with all that is in them.
    pub without: Vec<u32>,
}

/// Writes a part of a document and hands its bytes on, piece by piece.
pub(super) fn write(
    document: &Document<'_>,
    part: &Part,
    method: &Method,
    each: &mut dyn FnMut(&[u8]) -> Result<(), String>,
) -> Result<(), String> {
    let mut writer =
        Writer { document, method, scope: Vec::new(), written: Vec::new(), out: Vec::new() };
    let (mut at, end) = match part.element.and_then(|place| Some((place, document.tag(place)?.end)))
    {
        Some((place, end)) => {
            let mut around: Vec<u32> = document.ancestors(place).collect();
            around.reverse();
            for one in around.into_iter().filter_map(|one| document.tag(one)) {
                writer.declare(one);
            }
            (place as usize, end as usize + 1)
        }
        None => (0, document.nodes.len()),
    };
    let mut open: Vec<(&Tag, usize, usize)> = Vec::new();
    let mut has_begun = false;
    while at < end {
        match &document.nodes[at] {
            Node::Element(tag) if part.without.iter().any(|one| *one as usize == at) => {
                at = tag.end as usize;
            }
            Node::Element(tag) => {
                let is_first = open.is_empty();
                open.push((tag, writer.scope.len(), writer.written.len()));
                writer.declare(tag);
                writer.begin(tag, is_first.then_some(part.element).flatten(), is_first)?;
                has_begun = true;
            }
            Node::End => {
                if let Some((tag, scope, written)) = open.pop() {
                    writer.raw(&["</", tag.name, ">"]);
                    writer.scope.truncate(scope);
                    writer.written.truncate(written);
                }
            }
            // Blanks around the outermost element are no part of a document.
            Node::Text(_) if open.is_empty() => {}
            Node::Text(text) => writer.escaped(text, is_escaped_in_text),
            Node::Comment(_) if !method.keeps_comments => {}
            Node::Comment(text) => writer.aside(&["<!--", text, "-->"], open.is_empty(), has_begun),
            Node::Instruction(text) => {
                let (target, rest) = text
                    .split_at(text.find(|c: char| c.is_ascii_whitespace()).unwrap_or(text.len()));
                let rest = rest.trim_ascii_start();
                let blank = if rest.is_empty() { "" } else { " " };
                let pieces = ["<?", target, blank, rest, "?>"];
                writer.aside(&pieces, open.is_empty(), has_begun);
            }
        }
        at += 1;
        if writer.out.len() >= PIECE_BYTES {
            each(&writer.out)?;
            writer.out.clear();
        }
    }
    each(&writer.out)
}

struct Writer<'d> {
    document: &'d Document<'d>,
    method: &'d Method,
    /// What prefixes mean here, the innermost declaration last.
    scope: Vec<(&'d str, &'d str)>,
    /// What was written of that.
    written: Vec<(&'d str, &'d str)>,
    out: Vec<u8>,
}

fn meaning<'d>(list: &[(&'d str, &'d str)], prefix: &str) -> Option<&'d str> {
    list.iter().rev().find(|(one, _)| *one == prefix).map(|(_, namespace)| *namespace)
}

impl<'d> Writer<'d> {
    fn declare(&mut self, tag: &Tag<'_>) {
        let declared = self.document.attributes(tag).iter();
        self.scope.extend(declared.filter_map(|one| Some((one.declared_prefix()?, &*one.value))));
    }

    /// Writes the beginning of an element; `part` is it when it was cut out of a document.
    fn begin(&mut self, tag: &Tag<'_>, part: Option<u32>, is_first: bool) -> Result<(), String> {
        if self.scope.len() > SCOPE_MAX {
            return Err(format!("more than {SCOPE_MAX} namespaces are declared at one place"));
        }
        let document = self.document;
        let mut attributes: Vec<(&str, &str, &Attribute)> = Vec::new();
        let own = document.attributes(tag).iter().filter(|one| one.declared_prefix().is_none());
        let inherited = self.inherited(tag, part)?;
        for one in own.chain(inherited) {
            let (prefix, local) = split(&one.name);
            let namespace = match prefix {
                "" => "",
                "xml" => XML,
                prefix => meaning(&self.scope, prefix).ok_or_else(|| undeclared(prefix))?,
            };
            attributes.push((namespace, local, one));
        }
        attributes.sort_by_key(|(namespace, local, _)| (*namespace, *local));
        let namespaces = self.namespaces(tag, is_first, &attributes)?;
        self.raw(&["<", tag.name]);
        for (prefix, namespace) in namespaces {
            let colon = if prefix.is_empty() { "" } else { ":" };
            self.raw(&[" xmlns", colon, prefix]);
            self.value(namespace);
            self.written.push((prefix, namespace));
        }
        for (_, _, attribute) in attributes {
            self.raw(&[" ", &attribute.name]);
            self.value(&attribute.value);
        }
        self.raw(&[">"]);
        Ok(())
    }

    /// Returns the namespaces to write at an element, in their order.
    fn namespaces(
        &self,
        tag: &Tag<'_>,
        is_first: bool,
        attributes: &[(&str, &str, &'d Attribute)],
    ) -> Result<Vec<(&'d str, &'d str)>, String> {
        let used = split(tag.name).0;
        if !used.is_empty() && used != "xml" && meaning(&self.scope, used).is_none() {
            return Err(undeclared(used));
        }
        let own = || self.document.attributes(tag).iter().filter_map(Attribute::declared_prefix);
        let listed = |prefix: &str| {
            let word = if prefix.is_empty() { "#default" } else { prefix };
            !self.method.is_exclusive || self.method.prefixes.iter().any(|one| one == word)
        };
        let mut prefixes: Vec<&str> = if is_first {
            self.scope.iter().map(|(prefix, _)| *prefix).filter(|one| listed(one)).collect()
        } else {
            own().filter(|one| listed(one)).collect()
        };
        if self.method.is_exclusive {
            prefixes.push(used);
            let of_attributes = attributes.iter().map(|(_, _, one)| split(&one.name).0);
            prefixes.extend(of_attributes.filter(|prefix| !prefix.is_empty()));
        }
        prefixes.sort_unstable();
        prefixes.dedup();
        let new = prefixes.into_iter().filter(|prefix| *prefix != "xml").filter_map(|prefix| {
            let (known, namespace) = self
                .scope
                .iter()
                .rev()
                .find(|(one, _)| *one == prefix)
                .copied()
                .unwrap_or_default();
            let is_written = meaning(&self.written, prefix).unwrap_or_default() == namespace;
            (!is_written).then_some((known, namespace))
        });
        Ok(new.collect())
    }

    /// Returns the attributes `xml:…` that a part takes over from the elements around it.
    fn inherited(&self, tag: &Tag<'_>, part: Option<u32>) -> Result<Vec<&'d Attribute>, String> {
        let document = self.document;
        let mut found: Vec<&Attribute> = Vec::new();
        let (Some(place), false) = (part, self.method.is_exclusive) else {
            return Ok(found);
        };
        for around in document.ancestors(place).filter_map(|one| document.tag(one)) {
            for one in document.attributes(around).iter().filter(|one| one.name.starts_with("xml:"))
            {
                if self.method.is_newer && &*one.name == "xml:base" {
                    return Err("it uses `xml:base` with C14N 1.1".to_owned());
                }
                let is_newer_id = self.method.is_newer && &*one.name == "xml:id";
                let mut nearer = document.attributes(tag).iter().chain(found.iter().copied());
                if !is_newer_id && nearer.all(|other| other.name != one.name) {
                    found.push(one);
                }
            }
        }
        Ok(found)
    }

    fn raw(&mut self, pieces: &[&str]) {
        for piece in pieces {
            self.out.extend_from_slice(piece.as_bytes());
        }
    }

    fn value(&mut self, value: &str) {
        self.raw(&["=\""]);
        self.escaped(value, is_escaped_in_value);
        self.raw(&["\""]);
    }

    /// Writes what may stand around the outermost element on a line of its own.
    fn aside(&mut self, pieces: &[&str], is_outside: bool, is_after: bool) {
        if is_outside && is_after {
            self.raw(&["\n"]);
        }
        self.raw(pieces);
        if is_outside && !is_after {
            self.raw(&["\n"]);
        }
    }

    fn escaped(&mut self, text: &str, is_escaped: fn(u8) -> bool) {
        let mut rest = text;
        while let Some(at) = rest.bytes().position(is_escaped) {
            self.raw(&[&rest[..at], name_of(rest.as_bytes()[at])]);
            rest = &rest[at + 1..];
        }
        self.raw(&[rest]);
    }
}

fn is_escaped_in_text(byte: u8) -> bool {
    matches!(byte, b'&' | b'<' | b'>' | b'\r')
}

fn is_escaped_in_value(byte: u8) -> bool {
    matches!(byte, b'&' | b'<' | b'"' | b'\t' | b'\n' | b'\r')
}

fn name_of(byte: u8) -> &'static str {
    match byte {
        b'&' => "&amp;",
        b'<' => "&lt;",
        b'>' => "&gt;",
        b'"' => "&quot;",
        b'\t' => "&#x9;",
        b'\n' => "&#xA;",
        _ => "&#xD;",
    }
}

fn undeclared(prefix: &str) -> String {
    format!("the prefix `{prefix}` is not declared")
}
