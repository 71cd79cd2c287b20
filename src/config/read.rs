//! Turns the texts that were found into types, and notes every one that is wrong.

use secrecy::SecretString;

use super::catalogue::Key;
use super::error::{Error, Problem};
use super::found::{Setting, Settings, Shape};
use super::origin::Origin;
use super::secret;
use super::value::Value;

/// Shows one setting as it holds, for `quadra check`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// The key as it is written, `section.key`.
    pub key: &'static str,
    /// The value as it was written; for a secret only whether it is set.
    pub value: String,
    /// Where the value was found.
    pub origin: Origin,
}

/// Reads settings one by one; what is wrong is gathered, and told by `finish`.
pub(super) struct Reader {
    settings: Settings,
}

impl Reader {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings }
    }

    /// Returns the value of a key that must have one.
    ///
    /// None means that a problem was noted: absent without a default, or wrong.
    pub(super) fn required<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<T> {
        let key = self.key(key);
        if key.default.is_none() && !self.settings.by_key.contains_key(key.name) {
            let origin = self.settings.whole.clone();
            self.problem(origin, format!("`{}` is missing", key.name));
            return None;
        }
        self.optional(key.name, parse)
    }

    /// Returns the value of a key that may be absent, or its default.
    pub(super) fn optional<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<T> {
        let key = self.key(key);
        let default = key.default.map(|text| Setting {
            origin: Origin::Default,
            shape: Shape::Bare,
            texts: vec![text.to_owned()],
        });
        let setting = self.settings.by_key.get(key.name).cloned().or(default)?;
        let value = Value::new(setting, self.settings.folder.clone());
        match parse(&value) {
            Ok(parsed) => Some(parsed),
            Err(allowed) => {
                let shown = if key.is_secret { String::new() } else { value.shown() };
                let origin = value.origin().clone();
                self.problem(origin, format!("`{}`{shown} {allowed}", key.name));
                None
            }
        }
    }

    /// Returns a secret from its variable or from the file named beside it.
    ///
    /// `key` is the secret's own key, `file_key` the one that names a file of mode 0600.
    pub(super) fn secret(
        &mut self,
        key: &'static str,
        file_key: &'static str,
    ) -> Option<SecretString> {
        let path = self.optional(file_key, Value::path);
        match (self.origin(key), self.origin(file_key)) {
            (Some(_), Some(origin @ Origin::Environment { .. })) => {
                let message = format!("both `{key}` and `{file_key}` are set: keep one");
                self.problem(origin, message);
                return None;
            }
            // A flag beats a variable, also where it names the other of the two keys.
            (Some(_), Some(Origin::Flag { .. })) | (None, _) => {}
            (Some(_), _) => return self.optional(key, |value| secret::checked(&value.text()?)),
        }
        let path = path?;
        match secret::from_file(&path) {
            Ok(found) => Some(found),
            Err((message, hint)) => {
                let origin = self.origin(file_key).unwrap_or(Origin::Default);
                let message = format!("`{file_key}` = `{}` {message}", path.display());
                self.settings.wrong(origin, message, hint);
                None
            }
        }
    }

    /// Tells where a key was set, if anywhere.
    pub(super) fn origin(&self, key: &'static str) -> Option<Origin> {
        self.settings.by_key.get(key).map(|setting| setting.origin.clone())
    }

    /// Returns the place where a key that stands nowhere is missed.
    pub(super) fn whole(&self) -> Origin {
        self.settings.whole.clone()
    }

    /// Notes something that is wrong between keys.
    pub(super) fn problem(&mut self, origin: Origin, message: String) {
        self.settings.wrong(origin, message, None);
    }

    /// Notes that a key is missing, where the key stands that makes it needed.
    pub(super) fn missing(&mut self, what: &str, because: &'static str) {
        let origin = self.origin(because).unwrap_or(Origin::Default);
        self.problem(origin, format!("{what} is missing, and `{because}` is set"));
    }

    /// Returns what was read, or everything that is wrong.
    pub(super) fn finish<T>(self, read: Option<T>) -> Result<T, Error> {
        let (read, problems) = self.take(read);
        match read {
            Some(read) if problems.is_empty() => Ok(read),
            _ => Err(Error::Wrong { problems }),
        }
    }

    /// Returns what was read beside everything that is wrong.
    pub(super) fn take<T>(self, read: Option<T>) -> (Option<T>, Vec<Problem>) {
        let mut problems = self.settings.problems;
        problems.sort_by_key(|problem| match &problem.origin {
            Origin::File { line, .. } if *line > 0 => (0, *line),
            Origin::File { .. } | Origin::Default => (1, 0),
            Origin::Environment { .. } => (2, 0),
            Origin::Flag { .. } => (3, 0),
        });
        debug_assert!(read.is_some() || !problems.is_empty(), "what is not read has a problem");
        (read, problems)
    }

    /// Shows every key of the catalogue, in its order.
    pub(super) fn describe(&self) -> Vec<Described> {
        let describe = |key: &Key| {
            let setting = self.settings.by_key.get(key.name);
            let value = match (setting, key.default) {
                (Some(_), _) if key.is_secret => "set (not shown)".to_owned(),
                (Some(setting), _) => setting.texts.join(", "),
                (None, Some(default)) => default.to_owned(),
                (None, None) => "not set".to_owned(),
            };
            let origin = setting.map_or(Origin::Default, |setting| setting.origin.clone());
            Described { key: key.name, value, origin }
        };
        self.settings.catalogue.iter().map(describe).collect()
    }

    fn key(&self, name: &str) -> &'static Key {
        let mut keys = self.settings.catalogue.iter();
        keys.find(|key| key.name == name).expect("only keys of the catalogue are asked for")
    }
}
