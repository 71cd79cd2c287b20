//! Offers one found value in the type that a key asks for.
//!
//! Each method returns the value or what is allowed instead, as the rest of a sentence that
//! begins with the key and the value.

use std::path::PathBuf;

use super::found::{Setting, Shape};
use super::nearest::quoted;
use super::origin::Origin;
use crate::fiscal::Price;

/// Holds one value until its type is asked for.
pub(super) struct Value {
    setting: Setting,
    folder: PathBuf,
}

impl Value {
    /// Returns a value whose paths, if a file says them, begin at the folder.
    pub(super) fn new(setting: Setting, folder: PathBuf) -> Self {
        Self { setting, folder }
    }

    /// Tells where the value was found.
    pub(super) fn origin(&self) -> &Origin {
        &self.setting.origin
    }

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
        if text.trim().is_empty() { Err("is empty".to_owned()) } else { Ok(text) }
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
                if text.is_empty() { Vec::new() } else { members.collect() }
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

    /// Returns hundredths of a per cent, from 0.01 to 100.
    pub(super) fn hundredths(&self) -> Result<u32, String> {
        let allowed = "is not allowed: a percentage from 0.01 to 100 with up to two decimals, in \
                       quotes, like \"0.5\"";
        let text = self.text().map_err(|_| allowed.to_owned())?;
        let hundredths = parse_cents(&text).and_then(|number| u32::try_from(number).ok());
        hundredths.filter(|number| (1..=10_000).contains(number)).ok_or_else(|| allowed.to_owned())
    }

    /// Returns a price in euros, not negative, of up to four decimals.
    pub(super) fn price(&self) -> Result<Price, String> {
        let allowed = "is not allowed: euros with a point and up to four decimals, in quotes, \
                       like \"0.019\"";
        self.text().ok().and_then(|text| Price::parse(&text)).ok_or_else(|| allowed.to_owned())
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

    /// Returns the value as a message shows it, with ` = ` before it.
    pub(super) fn shown(&self) -> String {
        let texts = &self.setting.texts;
        match self.setting.shape {
            Shape::List => format!(" = [{}]", quoted(texts.iter().map(String::as_str))),
            _ => texts.first().map_or_else(String::new, |text| format!(" = `{}`", masked(text))),
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
    allowed.iter().find(|(name, _)| *name == text).map(|(_, value)| *value)
}

fn names<T>(allowed: &[(&str, T)]) -> String {
    quoted(allowed.iter().map(|(name, _)| *name))
}

/// Reads digits only; no float is involved and nothing is rounded.
pub(super) fn parse_cents(text: &str) -> Option<i64> {
    let (euros, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(euros) || !digits(decimals) || decimals.len() > 2 {
        return None;
    }
    let cents: i64 = format!("{decimals:0<2}").parse().ok()?;
    euros.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn password_inside_address_is_masked() {
        assert_eq!(masked("postgres://me:s3cr@t@db/quadra"), "postgres://…@db/quadra");
        assert_eq!(masked("https://a.example"), "https://a.example");
    }

    #[test]
    fn only_plain_decimal_text_becomes_cents() {
        for (text, cents) in [("0", 0), ("12", 1200), ("12.5", 1250), ("0.05", 5)] {
            assert_eq!(parse_cents(text), Some(cents), "{text}");
        }
        for wrong in ["", ".", "1.", ".5", "1,50", "-1", "1.505", "1e3", "€ 1", "99999999999999999"]
        {
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
