//! One reference of an XML signature: what it is over, and whether its digest is right.

use ring::digest;

use super::canonical::{self, Method, Part};
use super::document::Document;
use super::{Certainty, DSIG, keys};

const FILTER: &str = "http://www.w3.org/2002/06/xmldsig-filter2";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const XPATH: &str = "http://www.w3.org/TR/1999/REC-xpath-19991116";
/// Transforms of one reference that are done at most.
const TRANSFORMS_MAX: usize = 8;

/// Holds what came of a reference.
pub(super) struct Checked {
    /// What it is over, when it can be told.
    pub over: Over,
    pub verdict: Certainty,
    /// The part that was digested, to try it without other signatures.
    pub plan: Option<Plan>,
}

/// Tells what a reference is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// The document, but for signatures.
    Document,
    /// One element within it.
    Element(u32),
    /// Nothing that was found.
    Nothing,
}

/// Holds how the bytes of a reference are made, and what their digest should be.
pub(super) struct Plan {
    pub part: Part,
    method: Method,
    hash: &'static digest::Algorithm,
    stated: Vec<u8>,
}

/// Counts the bytes that may still be written in canonical form for one file.
pub(super) struct Budget(pub u64);

/// Checks a reference of a signature, which stand at these places.
pub(super) fn check(
    document: &Document<'_>,
    signature: u32,
    reference: u32,
    budget: &mut Budget,
) -> Checked {
    let over = match target(document, reference) {
        Ok(over) => over,
        Err(why) => {
            let verdict = Certainty::NotChecked(why);
            return Checked { over: Over::Nothing, verdict, plan: None };
        }
    };
    match plan(document, signature, reference, over) {
        Ok(plan) => {
            let verdict = plan.verdict(document, budget);
            Checked { over, verdict, plan: Some(plan) }
        }
        Err(why) => Checked { over, verdict: Certainty::NotChecked(why), plan: None },
    }
}

/// Finds what a reference names: the whole file, or the one element with an id.
fn target(document: &Document<'_>, reference: u32) -> Result<Over, String> {
    let Some(name) = document.attribute(reference, "URI") else {
        return Err("a reference does not say what it is over".to_owned());
    };
    let pointed = name.strip_prefix("#xpointer(id(").and_then(|rest| rest.strip_suffix("))"));
    let id = match (name, pointed) {
        ("" | "#xpointer(/)", _) => return Ok(Over::Document),
        (_, Some(quoted)) => quoted.trim_matches(['\'', '"']),
        _ => name
            .strip_prefix('#')
            .ok_or_else(|| format!("it signs `{name}`, which is outside the file"))?,
    };
    let bears = |place: &u32| {
        document.tag(*place).is_some_and(|tag| {
            document
                .attributes(tag)
                .iter()
                .any(|one| matches!(&*one.name, "Id" | "ID" | "id" | "xml:id") && &*one.value == id)
        })
    };
    let mut bearers = document.elements().filter(bears);
    match (bearers.next(), bearers.next()) {
        (Some(place), None) if document.root() == Some(place) => Ok(Over::Document),
        (Some(place), None) => Ok(Over::Element(place)),
        (Some(_), Some(_)) => Err(format!("the id `{id}` stands twice in the file")),
        (None, _) => Err(format!("nothing in the file has the id `{id}`")),
    }
}

fn plan(
    document: &Document<'_>,
    signature: u32,
    reference: u32,
    over: Over,
) -> Result<Plan, String> {
    let named = document.attribute(reference, "URI").unwrap_or_default();
    let element = match over {
        Over::Element(place) => Some(place),
        // An id on the outermost element leaves out what stands around it.
        _ if named.is_empty() || named == "#xpointer(/)" => None,
        _ => document.root(),
    };
    let mut part = Part { element, without: Vec::new() };
    let mut method = None;
    if let Some(list) = document.child(reference, DSIG, "Transforms") {
        let steps: Vec<u32> = document.within(list, DSIG, "Transform").collect();
        if steps.len() > TRANSFORMS_MAX {
            return Err(format!("it has more than {TRANSFORMS_MAX} transforms"));
        }
        for step in steps {
            let name = document.attribute(step, "Algorithm").unwrap_or_default();
            if method.is_some() {
                return Err(format!(
                    "the transform `{name}` after a canonical form is not known here"
                ));
            }
            match name {
                ENVELOPED => part.without.push(signature),
                FILTER | XPATH => part.without.extend(left_out(document, signature, step, name)?),
                _ => method = Some(canonical_method(document, step)?),
            }
        }
    }
    let mut method = method.unwrap_or_default();
    // Only a pointer names comments too; all other names of parts leave them out.
    method.keeps_comments &= named.starts_with("#xpointer(");
    let stated = document.child(reference, DSIG, "DigestValue");
    let stated = stated.and_then(|place| keys::base64(&document.compact_text(place)));
    let algorithm = document.child(reference, DSIG, "DigestMethod");
    let algorithm =
        algorithm.and_then(|place| document.attribute(place, "Algorithm")).unwrap_or_default();
    let hash = keys::hash_named(algorithm)
        .ok_or_else(|| format!("the digest `{algorithm}` is not known here"))?;
    let stated = stated.ok_or("a reference states no digest")?;
    Ok(Plan { part, method, hash, stated })
}

/// Returns the method that an element names, with the prefixes that it lists.
pub(super) fn canonical_method(document: &Document<'_>, place: u32) -> Result<Method, String> {
    let name = document.attribute(place, "Algorithm").unwrap_or_default();
    let mut method = Method::named(name).ok_or_else(|| format!("`{name}` is not known here"))?;
    if let Some(list) = document.child(place, EXCLUSIVE, "InclusiveNamespaces") {
        let list = document.attribute(list, "PrefixList").unwrap_or_default();
        method.prefixes = list.split_ascii_whitespace().map(str::to_owned).collect();
    }
    Ok(method)
}

/// Returns the signatures that an XPath takes out; other paths are not worked out.
fn left_out(
    document: &Document<'_>,
    signature: u32,
    step: u32,
    kind: &str,
) -> Result<Vec<u32>, String> {
    let namespace = if kind == FILTER { FILTER } else { DSIG };
    let paths: Vec<u32> = document.within(step, namespace, "XPath").collect();
    if paths.is_empty() {
        return Err("a filter without a path".to_owned());
    }
    let mut out = Vec::new();
    for place in paths {
        let path = document.compact_text(place);
        let mode = document.attribute(place, "Filter").unwrap_or("subtract");
        let unknown = || format!("the path `{path}` ({mode}) is not worked out here");
        let (name, is_own) = match kind {
            FILTER => filtered(&path),
            _ => path
                .strip_prefix("not(ancestor-or-self::")
                .and_then(|rest| rest.strip_suffix(')'))
                .map(|name| (name, false)),
        }
        .filter(|_| mode == "subtract")
        .ok_or_else(unknown)?;
        let prefix = name.strip_suffix(":Signature").ok_or_else(unknown)?;
        if document.namespace(place, prefix) != Some(DSIG) {
            return Err(unknown());
        }
        if is_own {
            out.push(signature);
        } else {
            out.extend(document.elements().filter(|one| document.is(*one, DSIG, "Signature")));
        }
    }
    Ok(out)
}

/// Returns the name that a filter's path ends with, and whether it means its own signature.
fn filtered(path: &str) -> Option<(&str, bool)> {
    if let Some(rest) = path.strip_prefix("here()/ancestor::") {
        return Some((rest.strip_suffix("[1]")?, true));
    }
    ["/descendant::", "/descendant-or-self::", "//", "descendant::"]
        .iter()
        .find_map(|axis| path.strip_prefix(axis))
        .map(|name| (name, false))
}

impl Plan {
    /// Returns the plan with other signatures left out.
    pub(super) fn with(&self, part: Part) -> Self {
        Self { part, method: self.method.clone(), hash: self.hash, stated: self.stated.clone() }
    }

    /// Holds the digest of the part against the one that is stated.
    pub(super) fn verdict(&self, document: &Document<'_>, budget: &mut Budget) -> Certainty {
        match canonical_digest(document, &self.part, &self.method, self.hash, budget) {
            Ok(actual) if actual.as_ref() == self.stated => Certainty::Valid,
            Ok(_) => Certainty::Invalid,
            Err(why) => Certainty::NotChecked(why),
        }
    }
}

fn canonical_digest(
    document: &Document<'_>,
    part: &Part,
    method: &Method,
    hash: &'static digest::Algorithm,
    budget: &mut Budget,
) -> Result<digest::Digest, String> {
    let mut context = digest::Context::new(hash);
    canonical::write(document, part, method, &mut |bytes| {
        budget.0 = budget
            .0
            .checked_sub(bytes.len() as u64)
            .ok_or("its references ask for more than can be worked out")?;
        context.update(bytes);
        Ok(())
    })?;
    Ok(context.finish())
}
