//! Takes secrets out of whatever an error quotes, before it is cut.
//!
//! A server may echo what it was sent, and not always as it was sent: inside JSON a quote
//! gains a backslash, inside HTML an ampersand becomes a word. All these spellings go.

use secrecy::{ExposeSecret, SecretString};

/// What an error shows in place of a secret.
const SECRET_STANDS_HERE: &str = "[secret]";

/// Knows the secrets of one call in every spelling. No `Debug`, on purpose.
#[derive(Clone, Default)]
pub(super) struct Redaction {
    spellings: Vec<String>,
}

impl Redaction {
    /// Returns a redaction of these secrets; empty ones are none.
    pub(super) fn of<'a>(secrets: impl IntoIterator<Item = &'a SecretString>) -> Self {
        let mut redaction = Self::default();
        for secret in secrets {
            redaction.add(secret.expose_secret());
        }
        redaction
    }

    /// Adds one secret.
    pub(super) fn add(&mut self, secret: &str) {
        if secret.is_empty() {
            return;
        }
        let json = serde_json::Value::from(secret).to_string();
        let json = json.trim_start_matches('"');
        let json = json.strip_suffix('"').unwrap_or(json).to_owned();
        let html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let quoted_html = html.replace('"', "&quot;").replace('\'', "&#39;");
        self.spellings.extend([secret.to_owned(), json, html, quoted_html]);
        // The longest first: a short one inside it would leave the rest standing.
        self.spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
        self.spellings.dedup();
    }

    /// Returns the text without any secret.
    pub(super) fn clean(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for spelling in &self.spellings {
            if text.contains(spelling.as_str()) {
                text = text.replace(spelling.as_str(), SECRET_STANDS_HERE);
            }
        }
        text
    }

    /// Returns the length of the longest spelling in bytes.
    pub(super) fn longest(&self) -> usize {
        self.spellings.first().map_or(0, String::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_secret_goes() {
        let secret = SecretString::from("p\"a<s&s\\w");
        let redaction = Redaction::of([&secret]);
        for echoed in [
            "no p\"a<s&s\\w here",
            r#"{"password":"p\"a<s&s\\w"}"#,
            "<b>p\"a&lt;s&amp;s\\w</b>",
            "<b>p&quot;a&lt;s&amp;s\\w</b>",
        ] {
            let cleaned = redaction.clean(echoed);
            assert!(cleaned.contains(SECRET_STANDS_HERE) && !cleaned.contains("\\w"), "{cleaned}");
        }
    }

    #[test]
    fn nothing_is_hidden_without_a_secret() {
        let redaction = Redaction::of([&SecretString::from("")]);
        assert_eq!((redaction.clean("a b"), redaction.longest()), ("a b".to_owned(), 0));
    }
}
