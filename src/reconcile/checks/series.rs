//! Numbers of sent invoices: gaps in a series, and numbers that stand twice.
//!
//! A number is cut into its runs of digits. Of the numbers that look alike otherwise the run
//! that takes most values counts; the others, a section or a year, name the series, and so
//! does the year of issue. A number is missing when neither side has it: what only one side
//! has is told as a missing document or a missing booking already.
//!
//! A prefix such as `FPR` is dressing where all invoices share one counter, and a series of its own
//! where two prefixes bear the same numbers on other days.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
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

/// Holds one number as it counts; a year may have millions.
#[derive(Debug, Clone, Copy)]
struct Numbered<'a> {
    /// The number without its runs of digits, by its place among the known ones.
    shape: u32,
    /// Where its runs of digits begin among all.
    runs_from: usize,
    day: NaiveDate,
    written: &'a str,
    /// The letters before the number that normalising dropped, by their place.
    prefix: u32,
    /// Whether the books wrote it, and without a prefix: an invoice of any of them.
    is_open: bool,
}

/// Holds numbers in parts that many of them share.
#[derive(Default)]
struct Numbers<'a> {
    all: Vec<Numbered<'a>>,
    runs: Vec<u64>,
    shapes: Words,
    prefixes: Words,
}

/// Gives each different text a place.
#[derive(Default)]
struct Words(HashMap<Box<str>, u32, FixedState>);

impl Words {
    fn place(&mut self, word: &str) -> u32 {
        if let Some(place) = self.0.get(word) {
            return *place;
        }
        let place = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.insert(word.into(), place);
        place
    }

    /// Returns the places in the order of their texts, which no order of rows changes.
    fn in_order(&self) -> Vec<u32> {
        let mut words: Vec<(&str, u32)> =
            self.0.iter().map(|(word, place)| (&**word, *place)).collect();
        words.sort_unstable();
        words.into_iter().map(|(_, place)| place).collect()
    }
}

/// Adds a finding for each gap whose end lies in the period.
///
/// Returns the numbers when a series may go on before the days that were read: with those of
/// earlier in the year, `find_gaps_of_year` tells its gaps.
pub(super) fn find_gaps(
    input: &Input,
    sides: &[[InvoiceSide; 2]; 2],
    make: &mut FindingMaker,
) -> Option<Vec<SentNumber>> {
    let wants_older = note_gaps(input, &numbers(sides), false, make);
    wants_older.then(|| {
        let told = sent(sides).map(|(_, written, day, is_booked)| SentNumber {
            number: written.trim().to_owned(),
            day,
            is_booked,
        });
        let mut told: Vec<SentNumber> = told.collect();
        told.sort_unstable();
        told
    })
}

/// Adds a finding for each gap of the year whose end lies in the period.
pub(in crate::reconcile) fn find_gaps_of_year<'a>(
    input: &Input,
    sent: impl Iterator<Item = &'a SentNumber>,
    make: &mut FindingMaker,
) {
    let mut numbers = Numbers::default();
    for one in sent {
        let normal = normalise_number(&one.number, Some(one.day.year()));
        numbers.push(&normal, &one.number, one.day, one.is_booked);
    }
    note_gaps(input, &numbers, true, make);
}

/// Adds the gaps; tells whether a series may go on before the days that were read.
fn note_gaps(input: &Input, numbers: &Numbers<'_>, is_year: bool, make: &mut FindingMaker) -> bool {
    let mut wants_older = false;
    let prefixes = numbers.prefixes.in_order();
    let series = numbers.series().into_iter().flat_map(|one| by_prefix(one, &prefixes));
    for counted in series {
        let (Some((first, earliest)), Some((last, _))) = (counted.first(), counted.last()) else {
            continue;
        };
        // The first number that was read is not the first of its series.
        wants_older |= *first > 1 && input.period.contains(earliest.day);
        let present = counted.len() as u64;
        let missing = last - first + 1 - present;
        // A sparse list counts something else, orders or customers, and has no gaps.
        if counted.len() < NUMBERS_MIN || missing > present {
            continue;
        }
        for pair in counted.windows(2).filter(|pair| pair[1].0 > pair[0].0 + 1) {
            let (before, after) = (pair[0].1, pair[1].1);
            if !input.period.contains(after.day) {
                continue;
            }
            let is_near = before.day + Days::new(DAYS_BEFORE) >= input.period.from;
            wants_older |= !is_near;
            if is_near || is_year {
                let evidence = Evidence::Gap {
                    before: before.written.to_owned(),
                    after: after.written.to_owned(),
                    day: after.day,
                    missing: pair[1].0 - pair[0].0 - 1,
                };
                make.push(Kind::NumberGap, evidence, 0, Currency::EUR);
            }
        }
    }
    wants_older
}

/// Returns the rows that the company sent, on either side, with number and day.
///
/// A discarded invoice leaves no gap: it is on record at the provider, number and all.
/// What the company sent to itself stands among what it received, and bears its numbers.
fn sent(sides: &[[InvoiceSide; 2]; 2]) -> impl Iterator<Item = (&Record, &str, NaiveDate, bool)> {
    let rows = sides.iter().flat_map(|direction| direction.iter().enumerate());
    rows.flat_map(|(hand, side)| side.rows.iter().map(move |row| (row, hand == 1)))
        .filter(|(row, _)| row.sort.is_sent && !row.sort.is_notice)
        .filter_map(|(row, is_booked)| {
            Some((row, row.reference.number.as_deref()?, row.issue_date?, is_booked))
        })
}

fn numbers(sides: &[[InvoiceSide; 2]; 2]) -> Numbers<'_> {
    let mut numbers = Numbers::default();
    for (row, written, day, is_booked) in sent(sides) {
        match &row.normalised {
            Some(normal) if row.number_rule.is_none() => {
                numbers.push(normal, written, day, is_booked);
            }
            _ => {
                let normal = normalise_number(written, Some(day.year()));
                numbers.push(&normal, written, day, is_booked);
            }
        }
    }
    numbers
}

impl<'a> Numbers<'a> {
    /// Adds a number, unless it has no run of digits that may count.
    fn push(&mut self, normal: &str, written: &'a str, day: NaiveDate, is_booked: bool) {
        let runs_from = self.runs.len();
        let mut shape = String::with_capacity(normal.len());
        for part in normal.split_inclusive(|letter: char| !letter.is_ascii_digit()) {
            let letters = part.trim_start_matches(|letter: char| letter.is_ascii_digit());
            let digits = &part[..part.len() - letters.len()];
            if !digits.is_empty() {
                // A number of more digits than any counter has is an identifier.
                let Some(run) = digits.parse().ok().filter(|run| *run < 1_000_000_000_000) else {
                    self.runs.truncate(runs_from);
                    return;
                };
                self.runs.push(run);
                shape.push('#');
            }
            shape.push_str(letters);
        }
        if self.runs.len() == runs_from {
            return;
        }
        let written = written.trim();
        let letters = written.chars().take_while(|letter| letter.is_alphabetic());
        let mut prefix: String = letters.flat_map(char::to_uppercase).collect();
        if normal.starts_with(&prefix) {
            prefix.clear();
        }
        let is_open = is_booked && prefix.is_empty();
        let (shape, prefix) = (self.shapes.place(&shape), self.prefixes.place(&prefix));
        self.all.push(Numbered { shape, runs_from, day, written, prefix, is_open });
    }

    /// Sorts numbers into series, each number with its counter.
    ///
    /// A series is what the numbers look like, their fixed runs, the year.
    fn series(&self) -> Vec<Vec<(u64, Numbered<'a>)>> {
        let counting = self.counting();
        let mut places: HashMap<Vec<u64>, usize, FixedState> = HashMap::default();
        let mut found: Vec<Vec<(u64, Numbered<'a>)>> = Vec::new();
        let mut name: Vec<u64> = Vec::new();
        for (one, runs) in self.with_runs() {
            let place = counting.get(&one.shape).copied().unwrap_or(0);
            name.clear();
            name.push(u64::from(one.shape));
            name.push(u64::from(one.day.year().unsigned_abs()));
            name.extend(runs.iter().enumerate().filter(|(at, _)| *at != place).map(|(_, run)| run));
            let series = if let Some(series) = places.get(&name) {
                *series
            } else {
                found.push(Vec::new());
                places.insert(name.clone(), found.len() - 1);
                found.len() - 1
            };
            found[series].push((runs[place], *one));
        }
        found
    }

    /// Returns which run counts in each shape of several: the one that takes most values.
    fn counting(&self) -> HashMap<u32, usize> {
        let mut values: HashMap<u32, Vec<Vec<u64>>> = HashMap::new();
        for (one, runs) in self.with_runs().filter(|(_, runs)| runs.len() > 1) {
            let lists = values.entry(one.shape).or_insert_with(|| vec![Vec::new(); runs.len()]);
            for (list, run) in lists.iter_mut().zip(runs) {
                list.push(*run);
            }
        }
        let different = |list: &mut Vec<u64>| {
            list.sort_unstable();
            list.dedup();
            list.len()
        };
        let most = |(shape, lists): (u32, Vec<Vec<u64>>)| {
            let sizes = lists.into_iter().map(|mut list| different(&mut list));
            let most = sizes.enumerate().max_by_key(|(_, size)| *size);
            (shape, most.map_or(0, |(place, _)| place))
        };
        values.into_iter().map(most).collect()
    }

    fn with_runs(&self) -> impl Iterator<Item = (&Numbered<'a>, &[u64])> {
        let ends = self.all.iter().skip(1).map(|next| next.runs_from).chain([self.runs.len()]);
        self.all.iter().zip(ends).map(|(one, end)| (one, &self.runs[one.runs_from..end]))
    }
}

/// Parts the numbers of a series whose prefixes count by themselves, each counter with its first day.
///
/// What the books write without a prefix may be an invoice of any of them.
fn by_prefix<'a>(
    mut numbers: Vec<(u64, Numbered<'a>)>,
    prefixes: &[u32],
) -> Vec<Vec<(u64, Numbered<'a>)>> {
    numbers.sort_unstable_by_key(|(counter, one)| (*counter, one.day, one.written));
    let clusters = clusters(&numbers, prefixes);
    if clusters.len() < 2 {
        numbers.dedup_by_key(|(counter, _)| *counter);
        return vec![numbers];
    }
    let parts = clusters.iter().map(|cluster| {
        let own = numbers.iter().filter(|(_, one)| one.is_open || cluster.contains(&one.prefix));
        let mut own: Vec<(u64, Numbered<'_>)> = own.copied().collect();
        own.dedup_by_key(|(counter, _)| *counter);
        own
    });
    parts.collect()
}

/// Puts prefixes together that share one counter.
fn clusters(numbers: &[(u64, Numbered<'_>)], in_order: &[u32]) -> Vec<Vec<u32>> {
    let named = || numbers.iter().filter(|(_, one)| !one.is_open);
    let used: BTreeSet<u32> = named().map(|(_, one)| one.prefix).collect();
    if used.len() < 2 {
        return vec![used.into_iter().collect()];
    }
    let mut days: BTreeMap<u32, BTreeMap<u64, BTreeSet<NaiveDate>>> = BTreeMap::new();
    for (counter, one) in named() {
        days.entry(one.prefix).or_default().entry(*counter).or_default().insert(one.day);
    }
    let clashes = |a: u32, b: u32| {
        let other = |(counter, own): &(&u64, &BTreeSet<NaiveDate>)| {
            days[&b].get(counter).is_some_and(|known| known.is_disjoint(own))
        };
        days[&a].iter().filter(other).count() >= CLASHES_MIN
    };
    let mut clusters: Vec<Vec<u32>> = Vec::new();
    for prefix in in_order.iter().copied().filter(|prefix| used.contains(prefix)) {
        let free = clusters.iter().position(|all| !all.iter().any(|one| clashes(*one, prefix)));
        match free {
            Some(place) => clusters[place].push(prefix),
            None => clusters.push(vec![prefix]),
        }
    }
    clusters
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
