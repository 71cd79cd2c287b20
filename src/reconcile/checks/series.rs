//! Numbers of sent invoices: gaps in a series, and numbers that stand twice.
//!
//! A number is cut into its runs of digits. Of the numbers that look alike otherwise the run
//! that takes most values counts; the others, a section or a year, name the series, and so
//! does the year of issue. A number is missing when neither side has it: what only one side
//! has is told as a missing document or a missing booking already.
//!
//! A prefix such as `FPR` is dressing where all invoices share one counter, and a series of its own
//! where two prefixes bear the same numbers on other days.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::BuildHasher as _;

use chrono::{Datelike as _, Days, NaiveDate};
use foldhash::fast::FixedState;

use crate::findings::{Evidence, Kind, Reason, Side};
use crate::fiscal::{Currency, Direction, Lifecycle, SentNumber, normalise_number};
use crate::reconcile::Input;
use crate::reconcile::invoice_sides::InvoiceSide;
use crate::reconcile::record::Record;
use crate::reconcile::verdict::FindingMaker;

/// Fewer numbers than these are no series.
const NUMBERS_MIN: usize = 3;

/// How far before the period documents are read: what lies further back is asked for by number.
const DAYS_BEFORE: u64 = 62;

/// So many numbers on different days under two prefixes are two series, not a slip of the books.
const CLASHES_MIN: usize = 2;

/// Holds one number as it counts.
#[derive(Clone)]
struct Numbered {
    shape: String,
    runs: Vec<u64>,
    year: i32,
    day: NaiveDate,
    written: String,
    /// The letters before the number that normalising dropped; mostly none.
    prefix: String,
    is_booked: bool,
}

/// Names a series: what the numbers look like, their fixed runs, the year.
type Series = (String, Vec<u64>, i32);

/// Adds a finding for each gap whose end lies in the period.
///
/// Returns the numbers when a series may go on before the days that were read: with those of
/// earlier in the year, `find_gaps_of_year` tells its gaps.
pub(super) fn find_gaps(
    input: &Input,
    sides: &[[InvoiceSide; 2]; 2],
    make: &mut FindingMaker,
) -> Option<Vec<SentNumber>> {
    let wants_older = note_gaps(input, numbers(sides), false, make);
    wants_older.then(|| {
        let told = numbers(sides).into_iter().map(|one| SentNumber {
            number: one.written,
            day: one.day,
            is_booked: one.is_booked,
        });
        let mut told: Vec<SentNumber> = told.collect();
        told.sort_unstable();
        told
    })
}

/// Adds a finding for each gap of the year whose end lies in the period.
pub(in crate::reconcile) fn find_gaps_of_year<'a>(
    input: &Input,
    numbers: impl Iterator<Item = &'a SentNumber>,
    make: &mut FindingMaker,
) {
    let numbers = numbers.filter_map(|one| Numbered::of(&one.number, one.day, one.is_booked));
    note_gaps(input, numbers.collect(), true, make);
}

/// Adds the gaps; tells whether a series may go on before the days that were read.
fn note_gaps(
    input: &Input,
    numbers: Vec<Numbered>,
    is_year: bool,
    make: &mut FindingMaker,
) -> bool {
    let mut wants_older = false;
    for numbers in series(numbers).into_values().flat_map(by_prefix) {
        let counters: Vec<u64> = numbers.keys().copied().collect();
        let (Some(first), Some(last)) = (counters.first(), counters.last()) else {
            continue;
        };
        // The first number that was read is not the first of its series.
        wants_older |= *first > 1 && input.period.contains(numbers[first].day);
        let present = counters.len() as u64;
        let missing = last - first + 1 - present;
        // A sparse list counts something else, orders or customers, and has no gaps.
        if counters.len() < NUMBERS_MIN || missing > present {
            continue;
        }
        for pair in counters.windows(2).filter(|pair| pair[1] > pair[0] + 1) {
            let (before, after) = (&numbers[&pair[0]], &numbers[&pair[1]]);
            if !input.period.contains(after.day) {
                continue;
            }
            let is_near = before.day + Days::new(DAYS_BEFORE) >= input.period.from;
            wants_older |= !is_near;
            if is_near || is_year {
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
    wants_older
}

/// Returns the numbers under which the company sent invoices, on either side.
///
/// A discarded invoice leaves no gap: it is on record at the provider, number and all.
/// What the company sent to itself stands among what it received, and bears its numbers.
fn numbers(sides: &[[InvoiceSide; 2]; 2]) -> Vec<Numbered> {
    let rows = sides.iter().flat_map(|direction| direction.iter().enumerate());
    let sent = rows.flat_map(|(hand, side)| side.rows.iter().map(move |row| (hand, row)));
    sent.filter(|(_, row)| row.sort.is_sent && !row.sort.is_notice)
        .filter_map(|(hand, row)| {
            Numbered::of(row.reference.number.as_deref()?, row.issue_date?, hand == 1)
        })
        .collect()
}

impl Numbered {
    fn of(number: &str, day: NaiveDate, is_booked: bool) -> Option<Self> {
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
        let letters = written.chars().take_while(|letter| letter.is_alphabetic());
        let mut prefix: String = letters.flat_map(char::to_uppercase).collect();
        if normal.starts_with(&prefix) {
            prefix.clear();
        }
        let year = day.year();
        let known = Self { shape, runs, year, day, written, prefix, is_booked };
        (!known.runs.is_empty()).then_some(known)
    }
}

/// Sorts numbers into series, each with its counter.
fn series(numbers: Vec<Numbered>) -> BTreeMap<Series, Vec<(u64, Numbered)>> {
    let mut values: BTreeMap<(String, usize), Vec<BTreeSet<u64>>> = BTreeMap::new();
    for one in &numbers {
        let sets = values
            .entry((one.shape.clone(), one.runs.len()))
            .or_insert_with(|| vec![BTreeSet::new(); one.runs.len()]);
        for (set, run) in sets.iter_mut().zip(&one.runs) {
            set.insert(*run);
        }
    }
    let mut found: BTreeMap<Series, Vec<(u64, Numbered)>> = BTreeMap::new();
    for one in numbers {
        let sets = &values[&(one.shape.clone(), one.runs.len())];
        let counting = (0..sets.len()).max_by_key(|place| sets[*place].len()).unwrap_or(0);
        let mut fixed = one.runs.clone();
        let counter = fixed.remove(counting);
        found.entry((one.shape.clone(), fixed, one.year)).or_default().push((counter, one));
    }
    found
}

/// Parts the numbers of a series whose prefixes count by themselves, each counter with its first day.
///
/// What the books write without a prefix may be an invoice of any of them.
fn by_prefix(numbers: Vec<(u64, Numbered)>) -> Vec<BTreeMap<u64, Numbered>> {
    let is_open = |one: &Numbered| one.is_booked && one.prefix.is_empty();
    let mut days: BTreeMap<String, BTreeMap<u64, BTreeSet<NaiveDate>>> = BTreeMap::new();
    for (counter, one) in numbers.iter().filter(|(_, one)| !is_open(one)) {
        let of_prefix = match days.get_mut(&one.prefix) {
            Some(known) => known,
            None => days.entry(one.prefix.clone()).or_default(),
        };
        of_prefix.entry(*counter).or_default().insert(one.day);
    }
    let clashes = |a: &String, b: &String| {
        let other = |(counter, own): &(&u64, &BTreeSet<NaiveDate>)| {
            days[b].get(counter).is_some_and(|known| known.is_disjoint(own))
        };
        days[a].iter().filter(other).count() >= CLASHES_MIN
    };
    let mut clusters: Vec<Vec<&String>> = Vec::new();
    for prefix in days.keys() {
        let free = clusters.iter().position(|all| !all.iter().any(|one| clashes(one, prefix)));
        match free {
            Some(place) => clusters[place].push(prefix),
            None => clusters.push(vec![prefix]),
        }
    }
    let mut parts = vec![BTreeMap::new(); clusters.len().max(1)];
    for (counter, one) in numbers {
        for (place, part) in parts.iter_mut().enumerate() {
            let is_own = clusters.get(place).is_none_or(|all| all.contains(&&one.prefix));
            if is_own || is_open(&one) {
                insert_earliest(part, counter, &one);
            }
        }
    }
    parts
}

fn insert_earliest(part: &mut BTreeMap<u64, Numbered>, counter: u64, one: &Numbered) {
    let is_earlier = part
        .get(&counter)
        .is_none_or(|known| (one.day, &one.written) < (known.day, &known.written));
    if is_earlier {
        part.insert(counter, one.clone());
    }
}

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
        groups.entry(name).or_default().push(record);
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
type Name<'a> = (Option<&'a str>, bool, i32, String);

/// Returns the name that nobody else may bear, of a document that counts.
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
    Some((seller, is_credit, year, record.number.as_deref()?.to_uppercase()))
}

fn hash(name: &Name<'_>) -> u64 {
    FixedState::default().hash_one(name)
}
