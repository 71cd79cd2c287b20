//! What is known about credentials, fact by fact.

use chrono::{DateTime, NaiveDate, Utc};

use crate::fiscal::{TaxId, words};

/// Names a company and whose credentials the provider has for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyUse {
    /// The company.
    pub company: TaxId,
    /// Its name, for people.
    pub name: String,
    /// The CodiceFiscale of whoever's credentials they are.
    pub tax_code: String,
}

words! {
    /// Tells how the day of a change is known.
    Source {
        /// `credentials rotate` stored the new password at the provider.
        Rotated = "rotated",
        /// A person said it: `credentials declare`.
        Declared = "declared",
        /// A callback told of a change that somebody else made: at the latest then.
        Callback = "callback",
    }
}

/// Says when the password was changed that the provider has for a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The company.
    pub company: TaxId,
    /// The CodiceFiscale of whoever's credentials they are.
    pub tax_code: String,
    /// The day of the change at the tax portal.
    pub changed_on: NaiveDate,
    /// When this was written down: what failed before says nothing about it.
    pub recorded_at: DateTime<Utc>,
    /// How it is known.
    pub source: Source,
}

words! {
    /// Tells what an event says about a company's credentials.
    Signal {
        /// The tax portal did not take them.
        Refused = "refused",
        /// They were stored anew at the provider.
        Renewed = "renewed",
        /// A receipt went through with them.
        Worked = "worked",
    }
}

/// Holds one event that says something about a company's credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The company.
    pub company: TaxId,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What it says.
    pub signal: Signal,
}

/// Tells whether the words of a failed receipt are about its login, not about the sale.
///
/// The vendor publishes no list of the portal's errors: a 401 in the code, or a word about
/// credentials in the text, Italian or English.
#[must_use]
pub fn is_about_login(code: Option<&str>, message: Option<&str>) -> bool {
    let words = [
        "credenzial",
        "credential",
        "password",
        "autentica",
        "authenticat",
        "login",
        "accesso negato",
    ];
    let says = |text: &str| {
        let text = text.to_lowercase();
        words.iter().any(|word| text.contains(word))
    };
    let digits: String = code.unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    digits == "401" || code.is_some_and(says) || message.is_some_and(says)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn login_errors_are_told_from_others() {
        for (code, message) in [
            (Some("AE-401"), None),
            (Some("401"), Some("")),
            (None, Some("Credenziali del portale scadute")),
            (None, Some("Authentication failed for the tax portal")),
            (Some("invalid_credentials"), None),
        ] {
            assert!(is_about_login(code, message), "{code:?} {message:?}");
        }
        for (code, message) in [
            (Some("AE-503"), Some("Portale non raggiungibile")),
            (Some("AE-4010"), Some("Aliquota non valida")),
            (None, None),
        ] {
            assert!(!is_about_login(code, message), "{code:?} {message:?}");
        }
    }
}
