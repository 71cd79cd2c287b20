//! The two formats as data, read once from the text beside this file.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::value::Form;

/// Holds the types of one format.
pub(super) struct Grammar {
    types: Vec<Content>,
    file: Sequence,
}

/// Tells what an element may hold.
pub(super) enum Content {
    /// Elements in an order.
    Elements(Sequence),
    /// A value of a form.
    Value(Form),
    /// Whatever it likes.
    Anything,
}

/// Holds elements in their order.
#[derive(Clone, Default)]
pub(super) struct Sequence {
    parts: Vec<Part>,
    /// Where a choice stands, and what may stand there.
    choice: Option<(usize, Vec<Vec<Part>>)>,
}

/// Holds one element of a sequence.
#[derive(Clone)]
pub(super) struct Part {
    pub name: &'static str,
    pub is_optional: bool,
    pub is_many: bool,
    /// The type's place in the grammar.
    kind: usize,
}

impl Grammar {
    pub(super) fn ordinary() -> &'static Self {
        static GRAMMAR: OnceLock<Grammar> = OnceLock::new();
        GRAMMAR.get_or_init(|| read(include_str!("ordinary.txt")))
    }

    pub(super) fn simplified() -> &'static Self {
        static GRAMMAR: OnceLock<Grammar> = OnceLock::new();
        GRAMMAR.get_or_init(|| read(include_str!("simplified.txt")))
    }

    /// Returns what the root holds.
    pub(super) fn file(&self) -> &Sequence {
        &self.file
    }

    /// Returns what an element of a sequence holds.
    pub(super) fn content(&self, part: &Part) -> &Content {
        &self.types[part.kind]
    }
}

impl Sequence {
    /// Returns the elements in order, with the branch of a choice that the file took.
    ///
    /// When it took none, the first branch is what is missing.
    pub(super) fn parts(&self, is_there: impl Fn(&str) -> bool) -> Vec<&Part> {
        let Some((at, branches)) = &self.choice else {
            return self.parts.iter().collect();
        };
        let taken = branches.iter().find(|branch| branch.iter().any(|part| is_there(part.name)));
        let branch = taken.or_else(|| branches.first()).map_or(&[][..], Vec::as_slice);
        self.parts[..*at].iter().chain(branch).chain(&self.parts[*at..]).collect()
    }
}

/// Gives every type name a place, in order of its first use.
#[derive(Default)]
struct Names {
    places: HashMap<&'static str, usize>,
}

impl Names {
    fn place(&mut self, name: &'static str) -> usize {
        let next = self.places.len();
        *self.places.entry(name).or_insert(next)
    }
}

fn read(text: &'static str) -> Grammar {
    let mut names = Names::default();
    let mut defined: HashMap<&'static str, Content> = HashMap::new();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    for line in lines {
        if let Some((name, words)) = line.split_once(" := ") {
            let form = Form::OneOf(words.split(' ').collect());
            defined.insert(name, Content::Value(form));
        } else if let Some((name, parts)) = line.split_once(" = ") {
            defined.insert(name, Content::Elements(sequence(parts, &mut names)));
        }
    }
    let Some(Content::Elements(file)) = defined.remove("file") else {
        unreachable!("the grammars are constants and begin with `file`");
    };
    let mut types: Vec<(usize, Content)> = names
        .places
        .into_iter()
        .map(|(name, place)| {
            let content = defined.remove(name).unwrap_or_else(|| match name {
                "anything" => Content::Anything,
                _ => Content::Value(Form::named(name)),
            });
            (place, content)
        })
        .collect();
    types.sort_by_key(|(place, _)| *place);
    Grammar { types: types.into_iter().map(|(_, content)| content).collect(), file }
}

fn sequence(text: &'static str, names: &mut Names) -> Sequence {
    let mut sequence = Sequence::default();
    for word in text.split(' ') {
        match word.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
            Some(inner) => {
                let branches = inner
                    .split('|')
                    .map(|branch| branch.split(',').map(|one| part(one, names)).collect())
                    .collect();
                sequence.choice = Some((sequence.parts.len(), branches));
            }
            None => sequence.parts.push(part(word, names)),
        }
    }
    sequence
}

fn part(word: &'static str, names: &mut Names) -> Part {
    let plain = word.trim_end_matches(['?', '+', '*']);
    let often = &word[plain.len()..];
    let (name, kind) = plain.split_once(':').expect("a part is written `Element:type`");
    Part {
        name,
        is_optional: matches!(often, "?" | "*"),
        is_many: matches!(often, "+" | "*"),
        kind: names.place(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_grammars_read_whole() {
        for (grammar, types) in [(Grammar::ordinary(), 60), (Grammar::simplified(), 25)] {
            assert!(grammar.types.len() > types, "{} types", grammar.types.len());
            assert_eq!(grammar.file().parts.len(), 3);
        }
    }

    #[test]
    fn choices_follow_the_file() {
        let mut names = Names::default();
        let sequence = sequence("A:x (B:x|C:x,D:x) E:x?", &mut names);
        let of = |there: &[&str]| -> String {
            sequence.parts(|name| there.contains(&name)).iter().map(|part| part.name).collect()
        };
        assert_eq!(of(&["A", "D"]), "ACDE");
        assert_eq!(of(&["B", "C"]), "ABE");
        assert_eq!(of(&[]), "ABE");
    }
}
