//! The canonical form against libxml2's, and the laws that it follows.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::Value;

use super::canonical::{Method, Part, write};
use super::document::{Document, with_plain_line_ends};

fn written(text: &str, part: &Part, method: &Method) -> Result<String, String> {
    let plain = with_plain_line_ends(text);
    let document = Document::read(&plain)?;
    let mut out = Vec::new();
    write(&document, part, method, &mut |bytes| {
        out.extend_from_slice(bytes);
        Ok(())
    })?;
    Ok(String::from_utf8(out).unwrap())
}

fn canonical(text: &str, method: &Method) -> String {
    written(text, &Part::default(), method).unwrap_or_else(|why| panic!("{why}: {text}"))
}

/// The forms were written by libxml2 (`samples/make_xades.py`).
#[test]
fn forms_of_libxml2_are_met() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/canonical.json");
    let forms: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let forms = forms.as_array().unwrap();
    assert!(forms.len() > 60);
    for form in forms {
        let flag = |name: &str| form[name].as_bool().unwrap();
        let prefixes = form["prefixes"].as_array().unwrap();
        let method = Method {
            is_exclusive: flag("is_exclusive"),
            is_newer: false,
            keeps_comments: flag("keeps_comments"),
            prefixes: prefixes.iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
        };
        let text = form["text"].as_str().unwrap();
        assert_eq!(canonical(text, &method), form["canonical"].as_str().unwrap(), "{form:#}");
    }
}

#[test]
fn part_takes_over_what_is_around_it() {
    let text = "<a xmlns='u:0' xmlns:z='u:z' xmlns:y='u:y' xml:lang='it' xml:id='i' z:no='1'><b y:c='2'>x</b></a>";
    let of = |method: &Method| written(text, &Part { element: Some(1), without: vec![] }, method);
    let inclusive = Method::default();
    assert_eq!(
        of(&inclusive).unwrap(),
        r#"<b xmlns="u:0" xmlns:y="u:y" xmlns:z="u:z" xml:id="i" xml:lang="it" y:c="2">x</b>"#
    );
    let newer = Method { is_newer: true, ..Method::default() };
    assert!(!of(&newer).unwrap().contains("xml:id"));
    let exclusive = Method { is_exclusive: true, ..Method::default() };
    assert_eq!(of(&exclusive).unwrap(), r#"<b xmlns="u:0" xmlns:y="u:y" y:c="2">x</b>"#);
    let listed = Method { prefixes: vec!["z".to_owned()], ..exclusive };
    assert!(of(&listed).unwrap().contains(r#"xmlns:z="u:z""#));
}

#[test]
fn what_has_no_canonical_form_says_why() {
    let why = |text: &str| written(text, &Part::default(), &Method::default()).unwrap_err();
    assert!(why("<a b='1' b='2'/>").contains("strict reader"));
    assert_eq!(why("<a><x:b/></a>"), "the prefix `x` is not declared");
    assert_eq!(why("<?xml version='1.1'?><a/>"), "it is not XML 1.0");
    assert_eq!(why("<!DOCTYPE a><a/>"), "it has a DOCTYPE");
    let many: String =
        (0..300).flat_map(|at| [" xmlns:n".to_owned(), format!("{at}='u'")]).collect();
    assert!(why(&format!("<a{many}/>")).contains("more than 256 namespaces"));
}

#[test]
fn methods_are_told_by_their_names() {
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let old = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    let of = |name: &str| Method::named(name).map(|one| (one.is_exclusive, one.keeps_comments));
    assert_eq!(of(exclusive), Some((true, false)));
    assert_eq!(of(&format!("{exclusive}WithComments")), Some((true, true)));
    assert_eq!(of(old), Some((false, false)));
    assert_eq!(of(&format!("{old}#WithComments")), Some((false, true)));
    assert_eq!(of("http://www.w3.org/2010/xml-c14n2"), None);
}

/// Holds an element that can be written in several ways.
#[derive(Debug, Clone)]
struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    inner: Vec<Inner>,
}

#[derive(Debug, Clone)]
enum Inner {
    Text(String),
    Element(Element),
}

fn any_element() -> impl Strategy<Value = Element> {
    let name = || prop::sample::select(vec!["a", "p:b", "q:c", "d"]);
    let text = || "[ a-z&<>\"'\\t\\nè€\\]]{0,8}";
    let attributes = move || {
        let key = prop::sample::select(vec!["x", "p:x", "q:x", "y", "xml:lang", "xmlns:r"]);
        prop::collection::btree_map(key, text(), 0..4)
    };
    let leaf = (name(), attributes()).prop_map(|(name, attributes)| Element {
        name,
        // A namespace that means nothing may be declared for no prefix.
        attributes: attributes
            .into_iter()
            .filter(|(key, value)| !(key.starts_with("xmlns") && value.is_empty()))
            .collect(),
        inner: vec![],
    });
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let leaf = (name(), attributes()).prop_map(|(name, attributes)| (name, attributes));
        let inner = prop_oneof![inner.prop_map(Inner::Element), text().prop_map(Inner::Text),];
        (leaf, prop::collection::vec(inner, 0..5)).prop_map(|((name, attributes), inner)| Element {
            name,
            attributes: attributes
                .into_iter()
                .filter(|(key, value)| !(key.starts_with("xmlns") && value.is_empty()))
                .collect(),
            inner,
        })
    })
}

/// Writes an element in one of many ways that mean the same; `way` draws them.
fn dressed(element: &Element, way: &mut u64, is_root: bool) -> String {
    let mut draw = |count: u64| {
        *way = way.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*way >> 33) % count
    };
    let mut attributes: Vec<(String, String)> =
        element.attributes.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    if is_root {
        attributes.extend(
            [("xmlns:p", "u:p"), ("xmlns:q", "u:q"), ("xmlns", "u:0")]
                .map(|(key, value)| (key.to_owned(), value.to_owned())),
        );
    }
    if !attributes.is_empty() {
        let first = usize::try_from(draw(attributes.len() as u64)).unwrap();
        attributes.rotate_left(first);
    }
    let mut text = format!("<{}", element.name);
    for (key, value) in attributes {
        let quote = ['"', '\''][usize::try_from(draw(2)).unwrap()];
        let blank = [" ", "\n", " \t"][usize::try_from(draw(3)).unwrap()];
        let value: String = value
            .chars()
            .map(|one| match one {
                '&' => "&amp;".to_owned(),
                '<' => "&lt;".to_owned(),
                '\t' | '\n' => format!("&#{};", u32::from(one)),
                one if one == quote || draw(4) == 0 => format!("&#x{:x};", u32::from(one)),
                one => one.to_string(),
            })
            .collect();
        write!(text, "{blank}{key} = {quote}{value}{quote}").unwrap();
    }
    if element.inner.is_empty() && draw(2) == 0 {
        return text + " />";
    }
    text.push('>');
    for inner in &element.inner {
        match inner {
            Inner::Element(inner) => text.push_str(&dressed(inner, way, false)),
            Inner::Text(piece) => {
                *way = way.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                if *way >> 63 == 0 && !piece.contains("]]>") {
                    write!(text, "<![CDATA[{piece}]]>").unwrap();
                } else {
                    let piece =
                        piece.replace('&', "&#38;").replace('<', "&lt;").replace('>', "&gt;");
                    text.push_str(&piece.replace('\n', "\r\n"));
                }
                text.push_str("<!-- aside -->");
            }
        }
    }
    text + &format!("</{} >", element.name)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn ways_that_mean_the_same_have_one_form(element in any_element(), ways: [u64; 2], is_exclusive: bool) {
        let method = Method { is_exclusive, ..Method::default() };
        let [one, other] = ways.map(|mut way| canonical(&dressed(&element, &mut way, true), &method));
        prop_assert_eq!(&one, &other);
        // The canonical form of a canonical form is itself.
        prop_assert_eq!(&canonical(&one, &method), &one);
    }
}
