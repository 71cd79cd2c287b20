//! Numbers that a seller used twice in a year.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher as _, Hash as _, Hasher as _};

use chrono::Datelike as _;
use foldhash::fast::FixedState;

use crate::findings::{Evidence, Kind, Reason, Side};
use crate::fiscal::{Direction, Lifecycle};
use crate::reconcile::invoice_sides::InvoiceSide;
use crate::reconcile::record::Record;
use crate::reconcile::verdict::FindingMaker;

/// Adds a finding for each valid document of the period whose number another one bears.
///
/// To the SdI a number as written is used once by a seller in a year, invoices and credit
/// notes apart: `FPR 6/26` and `6/2026` are two. Copies of one content are duplicates, and
/// told as such.
pub(super) fn find_repeats(direction: Direction, left: &InvoiceSide, make: &mut FindingMaker) {
    let named = || {
        let chosen =
            left.rows.iter().enumerate().filter(|(row, _)| !left.left_out.contains_key(row));
        chosen.filter_map(|(_, record)| Some((name(direction, record)?, record)))
    };
    // Nearly every name stands once: hashes tell which do, and cost eight bytes each.
    let mut hashes: Vec<u64> = named().map(|(name, _)| hash(&name)).collect();
    hashes.sort_unstable();
    let several: HashSet<u64> =
        hashes.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    let mut groups: BTreeMap<Name<'_>, Vec<&Record>> = BTreeMap::new();
    for (name, record) in named().filter(|(name, _)| several.contains(&hash(name))) {
        groups.entry(folded(&name)).or_default().push(record);
    }
    for mut records in groups.into_values().filter(|records| records.len() > 1) {
        records.sort_unstable_by(|a, b| a.order().cmp(&b.order()));
        let first = records[0];
        for record in &records[1..] {
            if record.content != first.content && record.is_in_period {
                let of = Box::new(first.told());
                let evidence = Evidence::Row {
                    side: Side::Left,
                    record: record.told(),
                    reason: Reason::Duplicate { of },
                };
                make.push(Kind::NumberRepeated, evidence, 0, record.currency);
            }
        }
    }
}

/// Names an invoice to the SdI: the seller, whether it is a credit note, the year, the number.
type Name<'a> = (Option<&'a str>, bool, i32, Cow<'a, str>);

/// Returns the name that nobody else may bear, of a document that counts.
///
/// The letters of a number are still small or large, as they are written.
fn name(direction: Direction, record: &Record) -> Option<Name<'_>> {
    if matches!(record.lifecycle, Some(Lifecycle::NeverIssued | Lifecycle::Refused)) {
        return None;
    }
    let seller = match direction {
        Direction::Outgoing => None,
        // Who the seller is must be known to say that the number is his.
        Direction::Incoming => Some(record.party.most_reliable()?),
    };
    let is_credit = record.is_credit() || record.amount_cents.is_some_and(|cents| cents < 0);
    let year = record.issue_date?.year();
    Some((seller, is_credit, year, record.number()?.into()))
}

/// Returns the name with the letters of its number large.
fn folded<'a>((seller, is_credit, year, number): &Name<'a>) -> Name<'a> {
    (*seller, *is_credit, *year, number.to_uppercase().into())
}

/// Hashes a name whatever the case of its letters, of millions without a copy.
fn hash(name: &Name<'_>) -> u64 {
    let (seller, is_credit, year, number) = name;
    let mut hasher = FixedState::default().build_hasher();
    (seller, is_credit, year).hash(&mut hasher);
    let upper = if number.is_ascii() { number.clone() } else { number.to_uppercase().into() };
    for part in upper.as_bytes().chunks(32) {
        let mut bytes = [0; 32];
        let bytes = &mut bytes[..part.len()];
        bytes.copy_from_slice(part);
        bytes.make_ascii_uppercase();
        hasher.write(bytes);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_of_letters_is_no_other_name() {
        let name = |number: &'static str| (None, false, 2026, Cow::Borrowed(number));
        for (one, other) in [("12/a", "12/A"), ("è1", "È1"), ("straße", "STRASSE")] {
            assert_eq!(hash(&name(one)), hash(&name(other)));
            assert_eq!(folded(&name(one)), folded(&name(other)));
        }
        assert_ne!(hash(&name("12/a")), hash(&name("12/b")));
    }
}
