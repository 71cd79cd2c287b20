//! Who gets a job's mail, and what each wants to read.

use crate::config::nearest::{nearest, quoted};
use crate::config::value::{Value, parse_cents};
use crate::deliver::mail;
use crate::findings::Kind;
use crate::fiscal::TaxId;
use crate::report::Filter;

/// Names one recipient of a job's mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// `name@host` or `Name <name@host>`.
    pub address: String,
    /// What of the report they want to read.
    pub filter: Filter,
}

/// Says in which form a report is mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailStyle {
    /// Every finding up to a limit, company by company.
    Report,
    /// A line a company, for firms that have many.
    Digest,
}

/// Says what is mailed on a night that found nothing new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NothingNew {
    /// The same as on any night.
    Full,
    /// One short mail that says so.
    Short,
    /// Nothing.
    None,
}

pub(super) const STYLES: [(&str, MailStyle); 2] =
    [("report", MailStyle::Report), ("digest", MailStyle::Digest)];

pub(super) const NOTHING_NEW: [(&str, NothingNew); 3] =
    [("full", NothingNew::Full), ("short", NothingNew::Short), ("none", NothingNew::None)];

/// Reads `address | companies ID ID | kinds KIND KIND | minimum EUR`, each part at most once.
pub(super) fn recipients(value: &Value) -> Result<Vec<Recipient>, String> {
    value
        .list()?
        .iter()
        .map(|text| recipient(text).map_err(|reason| format!("has `{text}`: {reason}")))
        .collect()
}

fn recipient(text: &str) -> Result<Recipient, String> {
    let mut parts = text.split('|').map(str::trim);
    let address = parts.next().unwrap_or_default().to_owned();
    mail::check_address(&address)?;
    let mut filter = Filter::default();
    let mut seen = Vec::new();
    for part in parts {
        let (word, values) = part.split_once(char::is_whitespace).unwrap_or((part, ""));
        let values: Vec<&str> = values.split_whitespace().collect();
        if seen.contains(&word) {
            return Err(format!("`{word}` stands twice"));
        }
        seen.push(word);
        if values.is_empty() {
            return Err(format!("nothing follows `{word}`"));
        }
        match word {
            "companies" => {
                filter.companies = values.iter().filter_map(|id| TaxId::parse(id)).collect();
            }
            "kinds" => {
                filter.kinds = values.iter().map(|kind| kind_of(kind)).collect::<Result<_, _>>()?;
            }
            "minimum" => {
                filter.minimum_cents = match values[..] {
                    [euros] => parse_cents(euros),
                    _ => None,
                }
                .ok_or("`minimum` wants euros with a point, like 12.50")?;
            }
            other => {
                let near = nearest(other, ["companies", "kinds", "minimum"].into_iter());
                let near = near.map_or(String::new(), |near| format!(", did you mean `{near}`?"));
                return Err(format!("`{other}` is none of `companies`, `kinds`, `minimum`{near}"));
            }
        }
    }
    Ok(Recipient { address, filter })
}

fn kind_of(text: &str) -> Result<Kind, String> {
    text.parse().map_err(|_| {
        let all = || Kind::ALL.iter().map(|kind| kind.as_str());
        match nearest(text, all()) {
            Some(near) => format!("no kind of finding is `{text}`, did you mean `{near}`?"),
            None => format!("no kind of finding is `{text}`; allowed are {}", quoted(all())),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filter_follows_the_address() {
        let read = recipient(
            "Anna <a@b.example> | companies 01234567897 09876543217 | kinds amount_differs | minimum 100.00",
        )
        .unwrap();
        assert_eq!(read.address, "Anna <a@b.example>");
        assert_eq!(read.filter.companies.len(), 2);
        assert_eq!(read.filter.kinds, [Kind::AmountDiffers]);
        assert_eq!(read.filter.minimum_cents, 10_000);
        assert!(recipient("a@b.example").unwrap().filter.is_open());
    }

    #[test]
    fn wrong_filters_are_named() {
        for (text, told) in [
            ("a@b.example | minimum 1,50", "euros with a point"),
            ("a@b.example | kind x", "did you mean `kinds`?"),
            ("a@b.example | kinds amount_difers", "did you mean `amount_differs`?"),
            ("a@b.example | companies", "nothing follows"),
            ("a@b.example | minimum 1 | minimum 2", "stands twice"),
            ("nobody | minimum 1", "it is not a mail address"),
        ] {
            let error = recipient(text).unwrap_err();
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
