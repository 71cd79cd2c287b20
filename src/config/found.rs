//! Collects what the file, the environment and the flags say, unjudged.
//!
//! Only two questions are settled here: whether a key is known, and which place wins.
//! Values stay texts, with the shape they were written in, until `read` asks for them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::catalogue::{self, Key};
use super::error::{Error, Problem};
use super::nearest::{nearest, suggestion};
use super::origin::{Origin, PREFIX, variable};

/// Tells the shape in which a value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// In a variable, a flag or a default, where everything is text.
    Bare,
    Text,
    Integer,
    List,
    /// A TOML shape that no key has, by its name.
    Other(&'static str),
}

/// Holds a value as it was found. No `Debug`: it may be a secret.
#[derive(Clone)]
pub(super) struct Setting {
    pub(super) origin: Origin,
    pub(super) shape: Shape,
    /// One text, or the members of a list.
    pub(super) texts: Vec<String>,
}

/// Holds what all places say about the keys of one catalogue.
pub(super) struct Settings {
    pub(super) catalogue: &'static [Key],
    pub(super) by_key: BTreeMap<&'static str, Setting>,
    pub(super) problems: Vec<Problem>,
    /// What paths in the file, and default paths, are relative to.
    pub(super) folder: PathBuf,
    /// Where a key that stands nowhere is missed.
    pub(super) whole: Origin,
}

impl Settings {
    pub(super) fn new(catalogue: &'static [Key]) -> Self {
        Self {
            catalogue,
            by_key: BTreeMap::new(),
            problems: Vec::new(),
            folder: PathBuf::new(),
            whole: Origin::Default,
        }
    }

    /// Adds what a TOML file says. Later places win over earlier ones.
    pub(super) fn add_file(&mut self, path: &Path) -> Result<(), Error> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| Error::Unreadable { path: path.to_owned(), source })?;
        self.folder = path.parent().map(Path::to_owned).unwrap_or_default();
        self.whole = Origin::File { path: path.to_owned(), line: 0 };
        let (table, errors) = DeTable::parse_recoverable(&text);
        let file = File { path, text: &text };
        for error in &errors {
            // Only the parser's own words: the line itself may hold a secret.
            let start = error.span().map_or(0, |span| span.start);
            self.wrong(file.origin(start), format!("not TOML: {}", error.message()), None);
        }
        if errors.is_empty() {
            self.add_table(&file, "", table.get_ref());
        }
        Ok(())
    }

    fn add_table(&mut self, file: &File<'_>, section: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let origin = file.origin(name.span().start);
            let full = match section {
                "" => name.get_ref().to_string(),
                section => format!("{section}.{}", name.get_ref()),
            };
            let is_section = section.is_empty() && self.sections().any(|known| known == full);
            match (self.known(&full), value.get_ref()) {
                (Some(key), _) if key.is_secret => self.wrong(
                    origin,
                    format!("`{full}` is a secret and is not taken from this file"),
                    Some(format!(
                        "remove it, and set {} or name a file of mode 0600 in `{full}_file`",
                        variable(&full)
                    )),
                ),
                (Some(key), value) => self.put(key.name, origin, value),
                (None, DeValue::Table(inner)) if is_section => self.add_table(file, &full, inner),
                (None, _) if is_section => {
                    let message = format!("`{full}` is a section: write `[{full}]`");
                    self.wrong(origin, message, None);
                }
                (None, DeValue::Table(_)) if section.is_empty() => {
                    let near = suggestion(&full, self.sections());
                    self.wrong(origin, format!("unknown section `{full}`, {near}"), None);
                }
                (None, _) => {
                    let near = self.nearest_key(&full);
                    self.wrong(origin, format!("unknown key `{full}`, {near}"), None);
                }
            }
        }
    }

    fn put(&mut self, key: &'static str, origin: Origin, value: &DeValue<'_>) {
        let (shape, texts) = match value {
            DeValue::String(text) => (Shape::Text, vec![text.to_string()]),
            DeValue::Integer(number) => (Shape::Integer, vec![number.to_string()]),
            DeValue::Array(members) => match texts(members) {
                Some(texts) => (Shape::List, texts),
                None => (Shape::Other("a list of something else than texts"), vec![]),
            },
            DeValue::Float(number) => (Shape::Other("a number"), vec![number.to_string()]),
            DeValue::Boolean(value) => (Shape::Other("a truth value"), vec![value.to_string()]),
            DeValue::Datetime(date) => (Shape::Other("a date"), vec![date.to_string()]),
            DeValue::Table(_) => (Shape::Other("a section"), vec![]),
        };
        self.by_key.insert(key, Setting { origin, shape, texts });
    }

    /// Adds the variables that begin with `QUADRA__`; others are none of ours.
    pub(super) fn add_environment(
        &mut self,
        environment: impl IntoIterator<Item = (String, String)>,
    ) {
        let sorted: BTreeMap<String, String> =
            environment.into_iter().filter(|(name, _)| name.starts_with(PREFIX)).collect();
        for (name, value) in sorted {
            let origin = Origin::Environment { variable: name.clone() };
            if let Some(key) = self.catalogue.iter().find(|key| variable(key.name) == name) {
                self.put_bare(key.name, origin, value);
            } else {
                let asked = name[PREFIX.len()..].to_lowercase().replace("__", ".");
                let near = nearest(&asked, self.catalogue.iter().map(|key| key.name));
                let message = match near {
                    Some(key) => format!("unknown variable, did you mean `{}`?", variable(key)),
                    None => format!(
                        "unknown variable, known are `{PREFIX}SECTION__KEY` for the keys of quadra.toml"
                    ),
                };
                self.wrong(origin, message, None);
            }
        }
    }

    /// Adds what the command line sets. A secret there could be read by every user.
    pub(super) fn add_flags(&mut self, overrides: &[(String, String)]) {
        for (name, value) in overrides {
            let origin = Origin::Flag { key: name.clone() };
            match self.known(name) {
                Some(key) if key.is_secret => self.wrong(
                    origin,
                    "a secret is not taken from the command line".to_owned(),
                    Some(format!("set {} instead", variable(name))),
                ),
                Some(key) => self.put_bare(key.name, origin, value.clone()),
                None => {
                    let near = self.nearest_key(name);
                    self.wrong(origin, format!("unknown key `{name}`, {near}"), None);
                }
            }
        }
    }

    fn put_bare(&mut self, key: &'static str, origin: Origin, value: String) {
        if value.is_empty() {
            self.wrong(origin, format!("`{key}` is empty: give it a value or unset it"), None);
        } else if value.contains(char::REPLACEMENT_CHARACTER) {
            self.wrong(origin, format!("the value of `{key}` is not UTF-8"), None);
        } else {
            self.by_key.insert(key, Setting { origin, shape: Shape::Bare, texts: vec![value] });
        }
    }

    pub(super) fn wrong(&mut self, origin: Origin, message: String, hint: Option<String>) {
        self.problems.push(Problem { origin, message, hint });
    }

    fn known(&self, name: &str) -> Option<&'static Key> {
        self.catalogue.iter().find(|key| key.name == name)
    }

    fn sections(&self) -> impl Iterator<Item = &'static str> + Clone + use<> {
        let mut names: Vec<&str> = self.catalogue.iter().map(|key| section(key)).collect();
        names.dedup();
        names.into_iter().filter(|name| !name.is_empty())
    }

    /// Names the nearest key, or those of the section, so that the list stays short.
    fn nearest_key(&self, name: &str) -> String {
        let all = self.catalogue.iter().map(|key| key.name);
        let own = all.clone().filter(|key| catalogue::section(key) == catalogue::section(name));
        if nearest(name, all.clone()).is_none() && own.clone().next().is_some() {
            return suggestion(name, own);
        }
        suggestion(name, all)
    }
}

fn section(key: &Key) -> &'static str {
    catalogue::section(key.name)
}

fn texts(members: &[Spanned<DeValue<'_>>]) -> Option<Vec<String>> {
    members.iter().map(|member| member.get_ref().as_str().map(str::to_owned)).collect()
}

struct File<'a> {
    path: &'a Path,
    text: &'a str,
}

impl File<'_> {
    /// Turns a place in the text into a line, counted from 1.
    fn origin(&self, start: usize) -> Origin {
        let before = self.text.get(..start).unwrap_or(self.text);
        let line = 1 + before.matches('\n').count();
        Origin::File { path: self.path.to_owned(), line }
    }
}
