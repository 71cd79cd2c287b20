//! Rules mined from what is left over: what each would gain, and the risk it carries.
//!
//! A document and an entry of one party, with the same amount and near dates, are often one
//! whose number a program writes otherwise. When the same letters before or after the
//! number stand between several such pairs of a party, that is a rule worth knowing:
//! "this supplier's numbers end in /V3 in the books". Pairs that an identifier confirmed and
//! whose numbers differ speak for it as well. Nothing is ever applied by itself.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::findings::{Affix, Evidence, Finding, Kind, RecordRef, Side};
use crate::fiscal::{Direction, TaxId};

/// Days within which two dates are near.
const DAYS_NEAR: i64 = 31;

/// Fewer pairs than these are chance.
const PAIRS_MIN: usize = 2;

/// Holds one rule that would pair rows which nothing pairs now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// Whose books.
    pub company: TaxId,
    /// Issued or received.
    pub direction: Direction,
    /// The other party, by id, else by name.
    pub counterparty: String,
    /// What stands between the numbers.
    pub affix: Affix,
    /// Pairs that it would make.
    pub pairs: usize,
    /// Pairs confirmed otherwise, by an identifier or a rule, whose numbers differ just so.
    pub confirmed: usize,
    /// Cents of the documents in them.
    pub cents: i64,
    /// Rows for which it would make several partners: they would become ambiguous.
    pub ambiguous: usize,
    /// One pair of numbers, document and entry, to look at.
    pub example: (String, String),
}

/// Returns the rules that open findings suggest, the dearest first.
#[must_use]
pub fn suggestions<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<Suggestion> {
    type Place<'a> = (&'a TaxId, Direction, String);
    let mut heaps: BTreeMap<Place<'_>, [Vec<&RecordRef>; 2]> = BTreeMap::new();
    let mut confirmed: BTreeMap<(Place<'_>, Affix), Vec<(&RecordRef, &RecordRef)>> =
        BTreeMap::new();
    for finding in findings {
        if let Evidence::Pair { left, right, .. } = &finding.evidence
            && finding.kind == Kind::NumberDiffers
            && let Some(party) = party(left).or_else(|| party(right))
            && let Some(affix) = affix(number(left), number(right))
        {
            let place = (&finding.company, finding.direction, party);
            confirmed.entry((place, affix)).or_default().push((left, right));
        }
        let Evidence::Row { side, record, .. } = &finding.evidence else {
            continue;
        };
        let is_left_over = matches!(
            finding.kind,
            Kind::MissingInLedger | Kind::MissingAtProvider | Kind::SelfInvoiceUnmatched
        );
        if let (true, Some(party)) = (is_left_over, party(record)) {
            let heap = heaps.entry((&finding.company, finding.direction, party)).or_default();
            heap[usize::from(*side == Side::Right)].push(record);
        }
    }
    // A party whose rows all found their partner has no heap of its own yet.
    let places: Vec<Place<'_>> = confirmed.keys().map(|(place, _)| place.clone()).collect();
    for place in places {
        heaps.entry(place).or_default();
    }
    let mut found: Vec<Suggestion> = heaps
        .into_iter()
        .flat_map(|((company, direction, counterparty), [left, right])| {
            let place = (company, direction, counterparty.clone());
            let mut known = known_of(&mut confirmed, &place);
            let mut all = of_party(&left, &right);
            for affix in known.keys() {
                all.entry(affix.clone()).or_default();
            }
            let suggestions = all.into_iter().map(|(affix, pairs)| {
                let known = known.remove(&affix).unwrap_or_default();
                let rows = |hand: fn(&(&RecordRef, &RecordRef)) -> String| {
                    pairs.iter().map(hand).collect::<BTreeSet<String>>().len()
                };
                let distinct = rows(|pair| pair.0.id.clone()).min(rows(|pair| pair.1.id.clone()));
                Suggestion {
                    company: company.clone(),
                    direction,
                    counterparty: counterparty.clone(),
                    affix,
                    pairs: distinct,
                    cents: pairs.iter().filter_map(|pair| amount(pair.0)).map(i64::abs).sum(),
                    ambiguous: pairs.len() - distinct,
                    confirmed: known.len(),
                    example: example(pairs.first().or(known.first())),
                }
            });
            suggestions.collect::<Vec<_>>()
        })
        .filter(|one| one.pairs + one.confirmed >= PAIRS_MIN)
        .collect();
    found.sort_by(|a, b| {
        let key = |one: &Suggestion| (std::cmp::Reverse(one.cents), one.counterparty.clone());
        key(a).cmp(&key(b)).then_with(|| a.affix.cmp(&b.affix))
    });
    found
}

/// Takes the confirmed pairs of one place out of all, by what stands between their numbers.
fn known_of<'a, P: Clone + Ord>(
    confirmed: &mut BTreeMap<(P, Affix), Vec<(&'a RecordRef, &'a RecordRef)>>,
    place: &P,
) -> BTreeMap<Affix, Vec<(&'a RecordRef, &'a RecordRef)>> {
    let keys: Vec<(P, Affix)> =
        confirmed.keys().filter(|(other, _)| other == place).cloned().collect();
    keys.into_iter().filter_map(|key| Some((key.1.clone(), confirmed.remove(&key)?))).collect()
}

fn example(pair: Option<&(&RecordRef, &RecordRef)>) -> (String, String) {
    pair.map_or_else(Default::default, |(left, right)| {
        (number(left).to_owned(), number(right).to_owned())
    })
}

/// Returns what stands between the numbers of one party's likely pairs.
fn of_party<'a>(
    left: &[&'a RecordRef],
    right: &[&'a RecordRef],
) -> BTreeMap<Affix, Vec<(&'a RecordRef, &'a RecordRef)>> {
    let mut by_amount: BTreeMap<i64, Vec<&RecordRef>> = BTreeMap::new();
    for entry in right {
        by_amount.entry(amount(entry).unwrap_or(i64::MIN)).or_default().push(entry);
    }
    let mut found: BTreeMap<Affix, Vec<_>> = BTreeMap::new();
    for document in left {
        let Some(entries) = amount(document).and_then(|cents| by_amount.get(&cents)) else {
            continue;
        };
        for entry in entries.iter().filter(|entry| is_near(document, entry)) {
            if let Some(affix) = affix(number(document), number(entry)) {
                found.entry(affix).or_default().push((*document, *entry));
            }
        }
    }
    found
}

fn affix(document: &str, entry: &str) -> Option<Affix> {
    let between = |long: &str, short: &str| -> Option<(bool, String)> {
        // A number is left over on both sides of the rule.
        if !short.bytes().any(|byte| byte.is_ascii_digit()) || long.len() == short.len() {
            return None;
        }
        let before = long.strip_suffix(short).map(|rest| (true, rest.to_owned()));
        before.or_else(|| long.strip_prefix(short).map(|rest| (false, rest.to_owned())))
    };
    match (between(entry, document), between(document, entry)) {
        (Some((true, rest)), _) => Some(Affix::BooksPrefix(rest)),
        (Some((false, rest)), _) => Some(Affix::BooksSuffix(rest)),
        (_, Some((true, rest))) => Some(Affix::DocumentsPrefix(rest)),
        (_, Some((false, rest))) => Some(Affix::DocumentsSuffix(rest)),
        _ => None,
    }
}

fn number(record: &RecordRef) -> &str {
    record.number.as_deref().unwrap_or_default().trim()
}

fn amount(record: &RecordRef) -> Option<i64> {
    record.gross_cents.or_else(|| record.taxable_cents?.checked_add(record.vat_cents?))
}

fn party(record: &RecordRef) -> Option<String> {
    let name = record.counterparty_tax_id.as_ref().or(record.counterparty_name.as_ref());
    name.map(ToString::to_string)
}

fn is_near(document: &RecordRef, entry: &RecordRef) -> bool {
    match (document.issue_date, entry.issue_date) {
        (Some(a), Some(b)) => (a - b).num_days().abs() <= DAYS_NEAR,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Reason;
    use crate::fiscal::{Currency, DocumentKind, Period};

    fn finding(side: Side, number: &str, cents: i64) -> Finding {
        let kind = if side == Side::Left { Kind::MissingInLedger } else { Kind::MissingAtProvider };
        let record = RecordRef {
            id: format!("{side}{number}"),
            number: Some(number.to_owned()),
            issue_date: "2026-02-10".parse().ok(),
            counterparty_tax_id: Some("09876543217".into()),
            gross_cents: Some(cents),
            ..RecordRef::default()
        };
        Finding {
            kind,
            company: TaxId::parse("01234567897").unwrap(),
            document_kind: DocumentKind::Invoice,
            direction: Direction::Incoming,
            period: Period::month(2026, 2).unwrap(),
            evidence: Evidence::Row { side, record, reason: Reason::NoPartner { nearest: None } },
            at_risk_cents: cents,
            currency: Currency::EUR,
        }
    }

    fn found(left: &[(&str, i64)], right: &[(&str, i64)]) -> Vec<(Affix, usize, i64, usize)> {
        let findings: Vec<Finding> = left
            .iter()
            .map(|(number, cents)| finding(Side::Left, number, *cents))
            .chain(right.iter().map(|(number, cents)| finding(Side::Right, number, *cents)))
            .collect();
        let found = suggestions(findings.iter());
        found.into_iter().map(|one| (one.affix, one.pairs, one.cents, one.ambiguous)).collect()
    }

    #[test]
    fn what_stands_between_several_numbers_is_a_rule() {
        let books = [("77/V3", 100), ("78/V3", 200), ("79/V4", 300)];
        assert_eq!(
            found(&[("77", 100), ("78", 200), ("79", 300)], &books),
            [(Affix::BooksSuffix("/V3".to_owned()), 2, 300, 0)]
        );
        let documents = [("VEN-77", 100), ("VEN-78", 200)];
        assert_eq!(
            found(&documents, &[("77", 100), ("78", 200)]),
            [(Affix::DocumentsPrefix("VEN-".to_owned()), 2, 300, 0)]
        );
    }

    #[test]
    fn confirmed_pairs_teach_a_rule() {
        let pair = |number: &str| {
            let record = |number: String| RecordRef {
                number: Some(number),
                counterparty_tax_id: Some("09876543217".into()),
                ..RecordRef::default()
            };
            let evidence = Evidence::Pair {
                left: record(number.to_owned()),
                right: record(format!("{number}/V3")),
                pass: crate::findings::Pass::Id,
                difference: crate::findings::Difference {
                    field: crate::findings::Field::Number,
                    left: None,
                    right: None,
                    difference_cents: None,
                    explanation: None,
                },
            };
            Finding { kind: Kind::NumberDiffers, evidence, ..finding(Side::Left, number, 0) }
        };
        let findings = [pair("77"), pair("78"), pair("79")];
        let found = suggestions(findings.iter());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].affix, Affix::BooksSuffix("/V3".to_owned()));
        assert_eq!((found[0].pairs, found[0].confirmed), (0, 3));
        assert_eq!(found[0].example, ("77".to_owned(), "77/V3".to_owned()));
        assert!(suggestions(findings[..1].iter()).is_empty());
    }

    #[test]
    fn one_pair_and_other_amounts_are_no_rule() {
        assert!(found(&[("77", 100)], &[("77/V3", 100)]).is_empty());
        assert!(found(&[("77", 100), ("78", 200)], &[("77/V3", 101), ("78/V3", 201)]).is_empty());
        assert!(found(&[("77", 100), ("78", 200)], &[("12", 100), ("13", 200)]).is_empty());
    }

    #[test]
    fn risk_counts_what_would_be_ambiguous() {
        let books = [("77/A", 100), ("177/A", 100), ("78/A", 200)];
        let told = found(&[("77", 100), ("78", 200)], &books);
        assert_eq!(told, [(Affix::BooksSuffix("/A".to_owned()), 2, 300, 0)]);
        let twice = [("77/A", 100), ("77/A", 100), ("78/A", 200)];
        let told = found(&[("77", 100), ("78", 200)], &twice);
        assert_eq!(told[0].1, 2);
    }
}
