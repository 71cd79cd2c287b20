//! Rules about the numbers of one party, switched on by whoever keeps the file.

use std::collections::HashMap;

use chrono::Datelike as _;
use serde::Deserialize;

use crate::findings::{Affix, NumberRule, Side};
use crate::fiscal::{Direction, TaxId, normalise_number};
use crate::reconcile::party::Party;
use crate::reconcile::record::Record;
use crate::reconcile::tables::{Error, nearest_name};

/// Holds the rules about numbers, found by party.
#[derive(Debug, Clone, Default)]
pub(in crate::reconcile) struct NumberRules {
    rules: Vec<(NumberRule, Option<Direction>)>,
    by_party: HashMap<String, Vec<u16>>,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    number: Vec<Written>,
}

#[derive(Deserialize)]
struct Written {
    party: String,
    direction: Option<Direction>,
    because: Option<String>,
    books_prefix: Option<String>,
    books_suffix: Option<String>,
    documents_prefix: Option<String>,
    documents_suffix: Option<String>,
}

const KEYS: [&str; 7] = [
    "party",
    "direction",
    "because",
    "books_prefix",
    "books_suffix",
    "documents_prefix",
    "documents_suffix",
];

impl NumberRules {
    /// Reads the rules of a file.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let not_toml = |source: toml::de::Error| Error::NotToml {
            message: source.message().to_owned(),
            line: source
                .span()
                .and_then(|span| text.get(..span.start))
                .map_or(1, |before| before.matches('\n').count() + 1),
        };
        let table: toml::Table = toml::from_str(text).map_err(not_toml)?;
        refuse_unknown(&table, "", &["number"])?;
        let rules = table.get("number").and_then(toml::Value::as_array);
        for rule in rules.into_iter().flatten().filter_map(toml::Value::as_table) {
            refuse_unknown(rule, "number.", &KEYS)?;
        }
        let file: File = toml::from_str(text).map_err(not_toml)?;
        let mut all = Self::default();
        for written in file.number {
            all.add(written)?;
        }
        Ok(all)
    }

    fn add(&mut self, written: Written) -> Result<(), Error> {
        let mut affixes: Vec<Affix> = [
            written.books_prefix.map(Affix::BooksPrefix),
            written.books_suffix.map(Affix::BooksSuffix),
            written.documents_prefix.map(Affix::DocumentsPrefix),
            written.documents_suffix.map(Affix::DocumentsSuffix),
        ]
        .into_iter()
        .flatten()
        .collect();
        let party = written.party.trim().to_owned();
        let keys: Vec<String> = Party::new([TaxId::parse(&party).as_ref(), None], Some(&party))
            .keys()
            .map(ToOwned::to_owned)
            .collect();
        let (Some(affix), true) = (affixes.pop(), affixes.is_empty() && !keys.is_empty()) else {
            return Err(Error::NotUnderstood {
                place: "number".to_owned(),
                value: party,
                expected: "a `party` and one of books_prefix, books_suffix, documents_prefix, documents_suffix"
                    .to_owned(),
            });
        };
        if affix.text().is_empty() {
            return Err(Error::NotUnderstood {
                place: format!("number.{}", affix.key()),
                value: String::new(),
                expected: "the letters that stand before or after the number".to_owned(),
            });
        }
        let index =
            u16::try_from(self.rules.len()).map_err(|_| Error::TooLarge(i128::from(u16::MAX)))?;
        for key in keys {
            self.by_party.entry(key).or_default().push(index);
        }
        let rule = NumberRule { party, affix, because: written.because };
        self.rules.push((rule, written.direction));
        Ok(())
    }

    /// Tells whether there is no rule, which costs nobody anything.
    pub(in crate::reconcile) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Returns a rule by its place.
    pub(in crate::reconcile) fn rule(&self, place: u16) -> Option<&NumberRule> {
        self.rules.get(usize::from(place)).map(|(rule, _)| rule)
    }

    /// Lets a row be found by its number without what its party's rule takes off.
    pub(in crate::reconcile) fn apply(&self, side: Side, direction: Direction, row: &mut Record) {
        let Some(number) = row.number() else {
            return;
        };
        let places = row.party.keys().filter_map(|key| self.by_party.get(key)).flatten();
        let mut places: Vec<u16> = places.copied().collect();
        places.sort_unstable();
        let found = places.into_iter().find_map(|place| {
            let (rule, only) = &self.rules[usize::from(place)];
            let is_of_side = match rule.affix {
                Affix::BooksPrefix(_) | Affix::BooksSuffix(_) => side == Side::Right,
                Affix::DocumentsPrefix(_) | Affix::DocumentsSuffix(_) => side == Side::Left,
            };
            let is_meant = is_of_side && only.is_none_or(|only| only == direction);
            let bare = rule.affix.strip(number).filter(|_| is_meant)?;
            Some((place, normalise_number(bare, row.issue_date.map(|day| day.year()))))
        });
        if let Some((place, normalised)) = found {
            row.normalised = Some(normalised.into());
            row.number_rule = Some(place);
        }
    }
}

fn refuse_unknown(table: &toml::Table, path: &str, known: &[&str]) -> Result<(), Error> {
    match table.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(Error::UnknownKey {
            key: format!("{path}{key}"),
            nearest: nearest_name(key, known.iter().copied()),
            known: known.iter().map(|known| (*known).to_owned()).collect(),
        }),
        None => Ok(()),
    }
}
