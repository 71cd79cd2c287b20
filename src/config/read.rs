//! Turns the texts that were found into types, and notes every one that is wrong.

use std::path::PathBuf;

use secrecy::SecretString;

use super::catalogue::Key;
use super::error::{Error, Problem};
use super::found::{Origin, Setting, Settings, Shape, variable};
use super::nearest::quoted;
use super::secret;

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
        let value = Value {
            setting,
            folder: self.settings.folder.clone(),
        };
        match parse(&value) {
            Ok(parsed) => Some(parsed),
            Err(allowed) => {
                let shown = if key.is_secret {
                    String::new()
                } else {
                    value.shown()
                };
                let origin = value.setting.origin.clone();
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
        let in_environment =
            |origin: Option<Origin>| matches!(origin, Some(Origin::Environment { .. }));
        let path = self.optional(file_key, Value::path);
        if in_environment(self.origin(key)) {
            if in_environment(self.origin(file_key)) {
                let origin = Origin::Environment {
                    variable: variable(file_key),
                };
                self.problem(
                    origin,
                    format!("both `{key}` and `{file_key}` are set: keep one"),
                );
            }
            return self.optional(key, |value| secret::checked(&value.text()?));
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
        self.settings
            .by_key
            .get(key)
            .map(|setting| setting.origin.clone())
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
        debug_assert!(
            read.is_some() || !problems.is_empty(),
            "what is not read has a problem"
        );
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
            Described {
                key: key.name,
                value,
                origin,
            }
        };
        self.settings.catalogue.iter().map(describe).collect()
    }

    fn key(&self, name: &str) -> &'static Key {
        let mut keys = self.settings.catalogue.iter();
        keys.find(|key| key.name == name)
            .expect("only keys of the catalogue are asked for")
    }
}

/// Offers one value in the type that is asked of it.
pub(super) struct Value {
    setting: Setting,
    folder: PathBuf,
}

impl Value {
    /// Returns the value as text, as it stands.
    pub(super) fn text(&self) -> Result<String, String> {
        match self.setting.shape {
            Shape::Bare | Shape::Text => Ok(self.setting.texts[0].clone()),
            Shape::Integer => Err("is a number; allowed is text, in quotes".to_owned()),
            Shape::List => Err("is a list; allowed is one text, in quotes".to_owned()),
            Shape::Other(name) => Err(format!("is {name}; allowed is text, in quotes")),
        }
    }

    /// Returns the value as text that is not blank.
    pub(super) fn filled(&self) -> Result<String, String> {
        let text = self.text()?;
        if text.trim().is_empty() {
            Err("is empty".to_owned())
        } else {
            Ok(text)
        }
    }

    /// Returns a whole number within the limits, both allowed.
    pub(super) fn number(&self, from: u32, to: u32) -> Result<u32, String> {
        let allowed = || format!("is not allowed: a whole number from {from} to {to}, unquoted");
        match self.setting.shape {
            Shape::Bare | Shape::Integer => self.setting.texts[0]
                .parse()
                .ok()
                .filter(|number| (from..=to).contains(number))
                .ok_or_else(allowed),
            _ => Err(allowed()),
        }
    }

    /// Returns the members of a list; in a variable they stand between commas.
    pub(super) fn list(&self) -> Result<Vec<String>, String> {
        let members: Vec<String> = match self.setting.shape {
            Shape::List => self.setting.texts.clone(),
            Shape::Bare => {
                let text = self.setting.texts[0].as_str();
                let members = text.split(',').map(|member| member.trim().to_owned());
                if text.is_empty() {
                    Vec::new()
                } else {
                    members.collect()
                }
            }
            _ => return Err("is not a list; allowed is a list of texts: [\"…\"]".to_owned()),
        };
        for (position, member) in members.iter().enumerate() {
            if member.trim().is_empty() {
                return Err("has an empty member".to_owned());
            }
            if members[..position].contains(member) {
                return Err(format!("has `{member}` twice"));
            }
        }
        Ok(members)
    }

    /// Returns an amount of euros, not negative, in cents.
    pub(super) fn cents(&self) -> Result<i64, String> {
        let allowed = "is not allowed: euros with a point and up to two decimals, in quotes, \
                       like \"12.50\"";
        let text = self.text().map_err(|_| allowed.to_owned())?;
        parse_cents(&text).ok_or_else(|| allowed.to_owned())
    }

    /// Returns one of the words allowed.
    pub(super) fn choice<T: Copy>(&self, allowed: &[(&str, T)]) -> Result<T, String> {
        find(&self.text()?, allowed)
            .ok_or_else(|| format!("is not allowed: one of {}", names(allowed)))
    }

    /// Returns a list of the words allowed, each at most once.
    pub(super) fn choices<T: Copy>(&self, allowed: &[(&str, T)]) -> Result<Vec<T>, String> {
        let one = |member: &String| {
            find(member, allowed)
                .ok_or_else(|| format!("has `{member}`: allowed are {}", names(allowed)))
        };
        self.list()?.iter().map(one).collect()
    }

    /// Returns a path; from a file (or by default) relative to the file's folder.
    pub(super) fn path(&self) -> Result<PathBuf, String> {
        let path = PathBuf::from(self.filled()?);
        Ok(match self.setting.origin {
            Origin::File { .. } | Origin::Default => self.folder.join(path),
            Origin::Environment { .. } | Origin::Flag { .. } => path,
        })
    }

    /// Resolves a path that is part of the value as `path` does.
    pub(super) fn resolve(&self, path: &str) -> PathBuf {
        match self.setting.origin {
            Origin::File { .. } | Origin::Default => self.folder.join(path),
            Origin::Environment { .. } | Origin::Flag { .. } => PathBuf::from(path),
        }
    }

    fn shown(&self) -> String {
        let texts = &self.setting.texts;
        match self.setting.shape {
            Shape::List => format!(" = [{}]", quoted(texts.iter().map(String::as_str))),
            _ => texts
                .first()
                .map_or_else(String::new, |text| format!(" = `{}`", masked(text))),
        }
    }
}

/// Hides the name and password that an address may carry before its host.
fn masked(text: &str) -> String {
    match text.split_once("://").zip(text.rsplit_once('@')) {
        Some(((scheme, _), (_, host))) => format!("{scheme}://…@{host}"),
        None => text.to_owned(),
    }
}

fn find<T: Copy>(text: &str, allowed: &[(&str, T)]) -> Option<T> {
    allowed
        .iter()
        .find(|(name, _)| *name == text)
        .map(|(_, value)| *value)
}

fn names<T>(allowed: &[(&str, T)]) -> String {
    quoted(allowed.iter().map(|(name, _)| *name))
}

/// Reads digits only; no float is involved and nothing is rounded.
fn parse_cents(text: &str) -> Option<i64> {
    let (euros, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(euros) || !digits(decimals) || decimals.len() > 2 {
        return None;
    }
    let cents: i64 = format!("{decimals:0<2}").parse().ok()?;
    euros
        .parse::<i64>()
        .ok()?
        .checked_mul(100)?
        .checked_add(cents)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn password_inside_address_is_masked() {
        assert_eq!(
            masked("postgres://me:s3cr@t@db/quadra"),
            "postgres://…@db/quadra"
        );
        assert_eq!(masked("https://a.example"), "https://a.example");
    }

    #[test]
    fn only_plain_decimal_text_becomes_cents() {
        for (text, cents) in [("0", 0), ("12", 1200), ("12.5", 1250), ("0.05", 5)] {
            assert_eq!(parse_cents(text), Some(cents), "{text}");
        }
        for wrong in [
            "",
            ".",
            "1.",
            ".5",
            "1,50",
            "-1",
            "1.505",
            "1e3",
            "€ 1",
            "99999999999999999",
        ] {
            assert_eq!(parse_cents(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn written_cents_read_back(cents in 0..=i64::MAX) {
            let text = format!("{}.{:02}", cents / 100, cents % 100);
            prop_assert_eq!(parse_cents(&text), Some(cents));
        }
    }
}
