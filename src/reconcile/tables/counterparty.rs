//! The other party of a fiscal row as one text, and whether two such texts name one party.
//!
//! Identifiers decide where both sides have one of the same form; else names, of which at
//! most one letter in five may be another. Who is not named contradicts nobody.

use crate::fiscal::TaxId;
use crate::reconcile::party::{Party, PartyTier};

/// What stands between name and identifier.
const BETWEEN: &str = " · ";

/// Digits by which a lone text is taken for an identifier.
const DIGITS_MIN: usize = 5;

/// Returns a party as one text: `Rossi S.r.l. · 01234567897`.
#[must_use]
pub fn counterparty_text(name: Option<&str>, id: Option<&TaxId>) -> String {
    let id = id.map(TaxId::as_str);
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    name.into_iter().chain(id).collect::<Vec<_>>().join(BETWEEN)
}

/// Tells how two such texts agree: whether they name one party, and whether wholly.
pub(super) fn names_one_party(left: &str, right: &str) -> (bool, bool) {
    let (a, b) = (party(left), party(right));
    match a.tier(&b) {
        PartyTier::OtherId => (false, false),
        PartyTier::OtherName => (a.has_like_name(&b) == Some(true), false),
        PartyTier::SameId | PartyTier::SameName | PartyTier::Unknown => (true, true),
    }
}

fn party(text: &str) -> Party {
    let is_id = |text: &str| {
        !text.contains(' ') && text.bytes().filter(u8::is_ascii_digit).count() >= DIGITS_MIN
    };
    let (name, id) = match text.rsplit_once(BETWEEN) {
        Some((name, id)) => (Some(name), Some(id)),
        None if is_id(text) => (None, Some(text)),
        None => (Some(text), None),
    };
    Party::new([id.and_then(TaxId::parse).as_ref(), None], name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_decide_and_names_where_there_are_none() {
        let of = |name: &str, id: &str| {
            counterparty_text(Some(name), TaxId::parse(id).filter(|_| !id.is_empty()).as_ref())
        };
        for (left, right, expected) in [
            (of("Alfa S.r.l.", "01234567897"), of("Altra", "01234567897"), (true, true)),
            (of("Alfa S.r.l.", "01234567897"), of("Alfa S.r.l.", "09876543217"), (false, false)),
            (of("Rossi Consulenze", "01234567897"), of("Studio Verdi", ""), (false, false)),
            (of("Rossi Consulenze", "01234567897"), of("rossi  consulenza", ""), (true, false)),
            (of("Rossi", "01234567897"), of("", ""), (true, true)),
            (of("", "01234567897"), of("", "01234567897"), (true, true)),
            (of("Carlo Neri", "00000000000"), of("Giulio Verdi", "00000000000"), (false, false)),
        ] {
            assert_eq!(names_one_party(&left, &right), expected, "{left} {right}");
            assert_eq!(names_one_party(&right, &left), expected, "{right} {left}");
        }
    }
}
