//! Numbers of sent invoices: gaps in a series, and numbers that stand twice.
//!
//! A number is cut into its runs of digits. Of the numbers that look alike otherwise the run
//! that takes most values counts; the others, a section or a year, name the series, and so
//! does the year of issue. A number is missing when neither side has it: what only one side
//! has is told as a missing document or a missing booking already.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, Days, NaiveDate};

use crate::findings::{Evidence, Kind, Reason, Side};
use crate::fiscal::{Currency, Direction, DocumentType, EntryKind, Lifecycle, normalise_number};
use crate::reconcile::Input;
use crate::reconcile::invoice_sides::InvoiceSide;
use crate::reconcile::record::Record;
use crate::reconcile::verdict::FindingMaker;

/// Fewer numbers than these are no series.
const NUMBERS_MIN: usize = 3;

/// How far before the period the number before a gap may lie.
const DAYS_BEFORE: u64 = 31;

/// Holds one number as it counts.
struct Numbered {
    shape: String,
    runs: Vec<u64>,
    year: i32,
    day: NaiveDate,
    written: String,
}

/// Names a series: what the numbers look like, their fixed runs, the year.
type Series = (String, Vec<u64>, i32);

/// Adds a finding for each gap whose end lies in the period.
pub(super) fn find_gaps(input: &Input, make: &mut FindingMaker) {
    for numbers in series(numbers(input)).into_values() {
        let counters: Vec<u64> = numbers.keys().copied().collect();
        let (Some(first), Some(last)) = (counters.first(), counters.last()) else {
            continue;
        };
        let present = counters.len() as u64;
        let missing = last - first + 1 - present;
        // A sparse list counts something else, orders or customers, and has no gaps.
        if counters.len() < NUMBERS_MIN || missing > present {
            continue;
        }
        for pair in counters.windows(2).filter(|pair| pair[1] > pair[0] + 1) {
            let (before, after) = (&numbers[&pair[0]], &numbers[&pair[1]]);
            let is_near = before.day + Days::new(DAYS_BEFORE) >= input.period.from;
            if input.period.contains(after.day) && is_near {
                let evidence = Evidence::Gap {
                    before: before.written.clone(),
                    after: after.written.clone(),
                    day: after.day,
                    missing: pair[1] - pair[0] - 1,
                };
                make.push(Kind::NumberGap, evidence, 0, Currency::EUR);
            }
        }
    }
}

/// Returns the numbers under which the company sent invoices, on either side.
///
/// A discarded invoice leaves no gap: it is on record at the provider, number and all.
fn numbers(input: &Input) -> Vec<Numbered> {
    let issued = input.documents.iter().filter(|document| {
        document.direction == Direction::Outgoing && !document.document_type.is_notice()
    });
    let booked = input.entries.iter().map(|(_, entry)| entry).filter(|entry| {
        entry.kind == EntryKind::Invoice
            && entry.direction == Some(Direction::Outgoing)
            && !entry.document_type.as_ref().is_some_and(DocumentType::is_notice)
    });
    let of_documents = issued.map(|one| (one.number.as_deref(), one.issue_date));
    let of_entries = booked.map(|one| (one.number.as_deref(), one.issue_date));
    of_documents.chain(of_entries).filter_map(|(number, day)| Numbered::of(number?, day?)).collect()
}

impl Numbered {
    fn of(number: &str, day: NaiveDate) -> Option<Self> {
        let normal = normalise_number(number, Some(day.year()));
        let mut shape = String::with_capacity(normal.len());
        let mut runs = Vec::new();
        let mut digits = String::new();
        for letter in normal.chars().chain(['\0']) {
            if letter.is_ascii_digit() {
                digits.push(letter);
                continue;
            }
            if !digits.is_empty() {
                // A number of more digits than any counter has is an identifier.
                runs.push(digits.parse().ok().filter(|run: &u64| *run < 1_000_000_000_000)?);
                shape.push('#');
                digits.clear();
            }
            shape.push(letter);
        }
        let written = number.trim().to_owned();
        (!runs.is_empty()).then_some(Self { shape, runs, year: day.year(), day, written })
    }
}

/// Sorts numbers into series, each counter with its first day.
fn series(numbers: Vec<Numbered>) -> BTreeMap<Series, BTreeMap<u64, Numbered>> {
    let mut values: BTreeMap<(String, usize), Vec<BTreeSet<u64>>> = BTreeMap::new();
    for one in &numbers {
        let sets = values
            .entry((one.shape.clone(), one.runs.len()))
            .or_insert_with(|| vec![BTreeSet::new(); one.runs.len()]);
        for (set, run) in sets.iter_mut().zip(&one.runs) {
            set.insert(*run);
        }
    }
    let mut found: BTreeMap<Series, BTreeMap<u64, Numbered>> = BTreeMap::new();
    for one in numbers {
        let sets = &values[&(one.shape.clone(), one.runs.len())];
        let counting = (0..sets.len()).max_by_key(|place| sets[*place].len()).unwrap_or(0);
        let mut fixed = one.runs.clone();
        let counter = fixed.remove(counting);
        let of_series = found.entry((one.shape.clone(), fixed, one.year)).or_default();
        let is_earlier = of_series
            .get(&counter)
            .is_none_or(|known| (one.day, &one.written) < (known.day, &known.written));
        if is_earlier {
            of_series.insert(counter, one);
        }
    }
    found
}

/// Adds a finding for each valid document of the period whose number another one bears.
///
/// To the SdI a number as written is used once by a seller in a year, invoices and credit
/// notes apart: `FPR 6/26` and `6/2026` are two. Copies of one content are duplicates, and
/// told as such.
pub(super) fn find_repeats(direction: Direction, left: &InvoiceSide, make: &mut FindingMaker) {
    type Key<'a> = (Option<&'a str>, bool, i32, String);
    let mut groups: BTreeMap<Key<'_>, Vec<&Record>> = BTreeMap::new();
    for (index, record) in left.rows.iter().enumerate() {
        let is_dead = matches!(record.lifecycle, Some(Lifecycle::NeverIssued | Lifecycle::Refused));
        let (Some(number), Some(day)) = (record.number.as_deref(), record.issue_date) else {
            continue;
        };
        if is_dead || left.left_out.contains_key(&index) {
            continue;
        }
        let seller = match direction {
            Direction::Outgoing => None,
            Direction::Incoming => record.party.most_reliable(),
        };
        let is_credit = record.is_credit() || record.amount_cents.is_some_and(|cents| cents < 0);
        // Who the seller is must be known to say that the number is his.
        if direction == Direction::Outgoing || seller.is_some() {
            let key = (seller, is_credit, day.year(), number.to_uppercase());
            groups.entry(key).or_default().push(record);
        }
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
