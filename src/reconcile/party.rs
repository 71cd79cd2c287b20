//! Who the other party of a row is, and how well two rows agree on it.
//!
//! An identifier outweighs a name: namesakes with two tax ids are two parties. A name
//! speaks where one of the rows has no id, or only an id of another form (a VAT number
//! here, a personal tax code there), which contradicts nothing.

use std::collections::HashMap;
use std::hash::BuildHasher as _;
use std::sync::Arc;

use foldhash::fast::{FixedState, RandomState};

use crate::fiscal::{SharedText, TaxId};

/// Holds everything that names the other party of one row.
#[derive(Debug, Clone, Default)]
pub(super) struct Party {
    /// VAT number, then tax code, each without what programs write differently.
    ids: Vec<Id>,
    /// The name without blanks, punctuation and case.
    name: Option<String>,
    /// What a row of the same party may be found under.
    keys: Vec<Box<str>>,
    /// The hash of each of these, as [`hash`] makes it.
    hashes: Vec<u64>,
}

/// Holds one identifier as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Id {
    key: String,
    form: u8,
}

impl Id {
    /// Foreign numbers are written with and without their country and its punctuation; one
    /// without it, of few digits, was padded like an Italian number that lost its zeros.
    fn of(id: &TaxId) -> Self {
        let written = id.as_str();
        let form = form(written);
        let country = written.get(..2).filter(|two| two.bytes().all(|b| b.is_ascii_alphabetic()));
        let rest = match country {
            Some(country) if form == 2 => &written[country.len()..],
            _ if form == 0 && written.starts_with("00") => written,
            _ => return Self { key: written.to_owned(), form },
        };
        let plain: String = rest.chars().filter(char::is_ascii_alphanumeric).collect();
        let key = plain.trim_start_matches('0');
        let is_number = key.bytes().any(|byte| byte.is_ascii_digit());
        Self { key: if is_number { key.to_owned() } else { written.to_owned() }, form }
    }
}

/// Tells how well two rows agree on the other party, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum PartyTier {
    /// They share an identifier.
    SameId,
    /// They share the name, and no identifier contradicts it.
    SameName,
    /// Nothing can be compared: one row names nobody, or names in another way.
    Unknown,
    /// The names differ, and no identifiers can be compared.
    OtherName,
    /// They have identifiers of the same form, and share none.
    OtherId,
}

impl Party {
    /// Returns the party of these identifiers and this name.
    pub(super) fn new(ids: [Option<&TaxId>; 2], name: Option<&str>) -> Self {
        let real = ids.into_iter().flatten().filter(|id| !is_placeholder(id.as_str()));
        let mut known: Vec<Id> = real.map(Id::of).collect();
        known.dedup();
        let folded: String = name
            .unwrap_or_default()
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        let mut keys: Vec<Box<str>> =
            known.iter().map(|id| format!("id:{}", id.key).into()).collect();
        if !folded.is_empty() {
            keys.push(format!("name:{folded}").into());
        }
        let hashes = keys.iter().map(|key| hash(key)).collect();
        Self { ids: known, name: (!folded.is_empty()).then_some(folded), keys, hashes }
    }

    /// Returns every key under which a row of the same party may be found.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| &**key)
    }

    /// Returns the hash of each of those keys.
    pub(super) fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// Returns the first identifier, or the name where there is none.
    pub(super) fn most_reliable(&self) -> Option<&str> {
        self.ids.first().map(|id| &id.key).or(self.name.as_ref()).map(String::as_str)
    }

    /// Returns how well two rows agree on the other party; the order of them is the same.
    pub(super) fn tier(&self, other: &Self) -> PartyTier {
        if self.shares_id(other) {
            return PartyTier::SameId;
        }
        let contradicts =
            self.ids.iter().any(|id| other.ids.iter().any(|rival| id.form == rival.form));
        match (&self.name, &other.name) {
            _ if contradicts => PartyTier::OtherId,
            (Some(a), Some(b)) if a == b => PartyTier::SameName,
            (Some(_), Some(_)) => PartyTier::OtherName,
            _ => PartyTier::Unknown,
        }
    }

    /// Tells whether the names resemble each other: at most one letter in five is another.
    ///
    /// `None` where one of the rows has no name.
    pub(super) fn has_like_name(&self, other: &Self) -> Option<bool> {
        let (a, b) = (self.name.as_deref()?, other.name.as_deref()?);
        let longest = a.chars().count().max(b.chars().count());
        Some(a == b || strsim::osa_distance(a, b) * 5 <= longest)
    }

    /// Tells whether the rows share an identifier or, contradicted or not, the name.
    pub(super) fn shares_key(&self, other: &Self) -> bool {
        self.shares_id(other) || (self.name.is_some() && self.name == other.name)
    }

    fn shares_id(&self, other: &Self) -> bool {
        // Parties are given out, so that the same one is mostly the very same.
        if std::ptr::eq(self, other) {
            return !self.ids.is_empty();
        }
        self.ids.iter().any(|id| other.ids.iter().any(|one| one.key == id.key))
    }
}

/// Returns the hash of a key under which rows meet.
pub(super) fn hash(key: &str) -> u64 {
    FixedState::default().hash_one(key)
}

/// Gives out parties so that equal ones are one: a million rows have a few thousand.
#[derive(Debug, Default)]
pub(super) struct Parties {
    known: HashMap<Box<str>, Named, RandomState>,
    /// What names the party that is looked for; kept for its memory only.
    named: String,
}

/// Holds a party with the words that people know it by.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) party: Arc<Party>,
    /// The first identifier that is given.
    pub(super) id: Option<SharedText>,
    pub(super) name: Option<SharedText>,
}

impl Parties {
    /// Returns the party of these identifiers and this name.
    pub(super) fn of(&mut self, ids: [Option<&TaxId>; 2], name: Option<&str>) -> Named {
        self.named.clear();
        for part in ids.map(|id| id.map(TaxId::as_str)).into_iter().chain([name]) {
            // What is not given is not what is given empty: people are shown the difference.
            self.named.push_str(part.unwrap_or("\u{1e}"));
            self.named.push('\u{1f}');
        }
        if let Some(known) = self.known.get(self.named.as_str()) {
            return known.clone();
        }
        let id = ids.into_iter().flatten().next().map(|id| id.as_str().into());
        let party = Arc::new(Party::new(ids, name));
        let new = Named { party, id, name: name.map(Into::into) };
        self.known.insert(self.named.as_str().into(), new.clone());
        new
    }
}

impl Parties {
    /// Returns which parties of others are the same as ours, written alike, by their address.
    pub(super) fn in_common(&self, others: &Self) -> HashMap<usize, Arc<Party>, RandomState> {
        let same = others.known.iter().filter_map(|(written, its)| {
            Some((Arc::as_ptr(&its.party).addr(), self.known.get(written)?.party.clone()))
        });
        same.collect()
    }
}

/// Tells whether an id names nobody: programs ask for one where a foreigner or a private has none.
///
/// One digit or X all through, as in `00000000000`, `XXXXXXX` and the SdI's `OO99999999999`.
fn is_placeholder(id: &str) -> bool {
    let letters = id.bytes().filter(u8::is_ascii_alphanumeric).collect::<Vec<u8>>();
    let rest = match letters[..] {
        [a, b, ref rest @ ..] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => rest,
        _ => &letters[..],
    };
    let is_one = |byte: u8| matches!(byte, b'0' | b'9' | b'X' | b'x');
    rest.first().is_none_or(|first| is_one(*first) && rest.iter().all(|byte| byte == first))
}

/// Tells apart a PartitaIva, a personal CodiceFiscale and anything foreign.
fn form(id: &str) -> u8 {
    match id.len() {
        11 if id.bytes().all(|byte| byte.is_ascii_digit()) => 0,
        16 if id.bytes().all(|byte| byte.is_ascii_alphanumeric()) => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(id: &str, name: &str) -> Party {
        Party::new([TaxId::parse(id).as_ref(), None], Some(name))
    }

    #[test]
    fn identifier_outweighs_the_name() {
        let (rossi, namesake) =
            (party("01234567897", "Mario Rossi"), party("09876543217", "ROSSI, mario"));
        assert_eq!(rossi.tier(&namesake), PartyTier::OtherId);
        assert_eq!(rossi.tier(&party("01234567897", "Rossi Mario")), PartyTier::SameId);
    }

    #[test]
    fn foreign_numbers_agree_with_and_without_country() {
        let german = party("DE123456789", "Bau GmbH");
        for written in ["DE 123 456 789", "DE-123456789", "123456789"] {
            assert_eq!(german.tier(&party(written, "Bau")), PartyTier::SameId, "{written}");
        }
        assert_eq!(german.tier(&party("DE123456780", "Bau GmbH")), PartyTier::OtherId);
        let italian = party("00159560366", "Auto S.p.A.");
        assert_eq!(italian.tier(&party("01234567897", "Auto S.p.A.")), PartyTier::OtherId);
        assert_eq!(italian.tier(&party("159560366", "Auto")), PartyTier::SameId);
    }

    #[test]
    fn placeholders_name_nobody() {
        for id in ["00000000000", "99999999999", "0000000", "OO99999999999", "XXXXXXX", "DE000000"]
        {
            let (tokyo, smith) = (party(id, "Tokyo Trading KK"), party(id, "John Smith Ltd"));
            assert_eq!(tokyo.tier(&smith), PartyTier::OtherName, "{id}");
            assert!(!tokyo.shares_key(&smith), "{id}");
            assert_eq!(tokyo.tier(&party(id, "tokyo trading kk")), PartyTier::SameName, "{id}");
        }
        assert_eq!(party("DE999999998", "A").tier(&party("DE999999998", "B")), PartyTier::SameId);
    }

    #[test]
    fn vat_group_is_known_by_its_members_code() {
        let both = |vat: &str, code: &str| {
            Party::new([TaxId::parse(vat).as_ref(), TaxId::parse(code).as_ref()], None)
        };
        let document = both("09876543217", "01234567897");
        assert_eq!(document.tier(&both("01234567897", "")), PartyTier::SameId);
        assert_eq!(document.tier(&both("19044175016", "01234567897")), PartyTier::SameId);
    }

    #[test]
    fn parties_are_given_out_as_they_are_written() {
        let mut parties = Parties::default();
        let id = TaxId::parse("01234567897");
        let one = parties.of([id.as_ref(), None], Some("Rossi"));
        let same = parties.of([id.as_ref(), None], Some("Rossi"));
        assert!(Arc::ptr_eq(&one.party, &same.party));
        assert_eq!(parties.of([None, id.as_ref()], None).name, None);
        assert_eq!(parties.of([None, id.as_ref()], Some("")).name.as_deref(), Some(""));
    }

    #[test]
    fn name_speaks_where_ids_cannot() {
        let rossi = party("01234567897", "Mario Rossi");
        assert_eq!(rossi.tier(&party("", "mario rossi")), PartyTier::SameName);
        assert_eq!(rossi.tier(&party("RSSMRA85T10A562S", "MARIO ROSSI")), PartyTier::SameName);
        assert_eq!(rossi.tier(&party("RSSMRA85T10A562S", "M. Rossi")), PartyTier::OtherName);
        assert_eq!(rossi.tier(&party("", "")), PartyTier::Unknown);
    }
}
