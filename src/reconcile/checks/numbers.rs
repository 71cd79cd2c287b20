//! Numbers of sent invoices, sorted into the series in which they count.
//!
//! A number is cut into its runs of digits. Of the numbers that look alike otherwise the run
//! that takes most values counts; the others, a section or a year, name the series, and so
//! does the year of issue.
//!
//! A prefix such as `FPR` is dressing where all invoices share one counter, and a series of
//! its own where two prefixes bear the same numbers on other days.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Datelike as _, NaiveDate};
use foldhash::fast::FixedState;

/// So many numbers on different days under two prefixes are two series, not a slip of the books.
const CLASHES_MIN: usize = 2;

/// Holds one number as it counts; a year may have millions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbered<'a> {
    /// The number without its runs of digits, by its place among the known ones.
    shape: u32,
    /// Where its runs of digits begin among all.
    runs_from: usize,
    pub(super) day: NaiveDate,
    pub(super) written: &'a str,
    /// The letters before the number that normalising dropped, by their place.
    prefix: u32,
    is_booked: bool,
    /// Whether the books wrote it, and without a prefix: an invoice of any of them.
    is_open: bool,
}

/// Holds numbers in parts that many of them share.
#[derive(Default)]
pub(super) struct Numbers<'a> {
    all: Vec<Numbered<'a>>,
    runs: Vec<u64>,
    shapes: Words,
    prefixes: Words,
    /// The shape that is looked for; kept for its memory only.
    shape: String,
}

/// Gives each different text a place, the empty one always the first.
#[derive(Default)]
struct Words(HashMap<Box<str>, u32, FixedState>);

impl Words {
    fn place(&mut self, word: &str) -> u32 {
        // Most prefixes are empty, and an empty text takes a processor longest to compare.
        if word.is_empty() {
            return 0;
        }
        if let Some(place) = self.0.get(word) {
            return *place;
        }
        let place = u32::try_from(self.0.len() + 1).unwrap_or(u32::MAX);
        self.0.insert(word.into(), place);
        place
    }

    /// Returns the places in the order of their texts, which no order of rows changes.
    fn in_order(&self) -> Vec<u32> {
        let mut words: Vec<(&str, u32)> =
            self.0.iter().map(|(word, place)| (&**word, *place)).collect();
        words.sort_unstable();
        std::iter::once(0).chain(words.into_iter().map(|(_, place)| place)).collect()
    }
}

impl<'a> Numbers<'a> {
    /// Adds a number, unless it has no run of digits that may count.
    pub(super) fn push(&mut self, normal: &str, written: &'a str, day: NaiveDate, is_booked: bool) {
        let runs_from = self.runs.len();
        self.shape.clear();
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
                self.shape.push('#');
            }
            self.shape.push_str(letters);
        }
        if self.runs.len() == runs_from {
            return;
        }
        let written = written.trim();
        let letters = written.chars().take_while(|letter| letter.is_alphabetic());
        let mut prefix: String = letters.flat_map(char::to_uppercase).collect();
        if !prefix.is_empty() && normal.starts_with(&prefix) {
            prefix.clear();
        }
        let is_open = is_booked && prefix.is_empty();
        let (shape, prefix) = (self.shapes.place(&self.shape), self.prefixes.place(&prefix));
        self.all.push(Numbered { shape, runs_from, day, written, prefix, is_booked, is_open });
    }

    /// Returns each counter of its own, in order, with the number that bears it first.
    pub(super) fn counters(&self) -> impl Iterator<Item = Vec<(u64, Numbered<'a>)>> {
        let prefixes = self.prefixes.in_order();
        self.series().into_iter().flat_map(move |one| by_prefix(one, &prefixes))
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
    // The provider's writing first: both mostly write the same, and texts take long to compare.
    numbers.sort_unstable_by_key(|(counter, one)| (*counter, one.day, one.is_booked, one.written));
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
