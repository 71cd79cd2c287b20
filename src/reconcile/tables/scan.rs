//! One walk over a side: for each row its key, what it says, and its money.
//!
//! Values are read once, to hash them; of a row nothing is kept but the two hashes, its
//! cents and where it stands. A pair of equal hashes needs no second look, and in most
//! comparisons nearly all pairs are such.

use crate::reconcile::tables::error::Error;
use crate::reconcile::tables::hash::{Hash, Hasher};
use crate::reconcile::tables::plan::{Column, Plan, SIDES};
use crate::reconcile::tables::record::Cell;
use crate::reconcile::tables::source::Source;
use crate::reconcile::tables::value::Value;

/// The hash of a row without a key: it never meets another row by key.
pub(super) const NO_KEY: Hash = [0; 2];

/// The cents of a row whose money column holds no amount.
pub(super) const NO_CENTS: i64 = i64::MIN;

/// The day of a row without a date.
pub(super) const NO_DAY: i32 = i32::MIN;

/// Says why a row takes no part in the comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aside {
    /// It has more cells than there are headings.
    TooManyCells {
        /// How many.
        cells: usize,
        /// How many headings there are.
        headings: usize,
    },
    /// A rule leaves it out.
    Rule {
        /// Why, in the words of whoever wrote the rule.
        because: String,
    },
    /// The reader of the file could not read it.
    Refused {
        /// Why.
        because: String,
    },
}

impl Aside {
    /// Tells whether somebody decided it, and not the state of the row.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        matches!(self, Self::Rule { .. })
    }
}

/// Holds what one walk over a side found.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub(super) starts: Vec<u64>,
    pub(super) keys: Vec<Hash>,
    pub(super) contents: Vec<Hash>,
    /// Empty when no column is the money.
    pub(super) cents: Vec<i64>,
    /// Empty when all rows are in euro.
    pub(super) currencies: Vec<u16>,
    pub(super) currency_names: Vec<String>,
    /// Empty when rows are not placed in time.
    pub(super) days: Vec<i32>,
    pub(super) aside: Vec<(u32, Aside)>,
}

impl Scan {
    pub(super) fn rows(&self) -> usize {
        self.starts.len()
    }

    pub(super) fn currency(&self, row: usize) -> &str {
        match self.currencies.get(row) {
            Some(index) => &self.currency_names[usize::from(*index)],
            None => EURO,
        }
    }
}

const EURO: &str = "EUR";

/// Walks over all rows of a side.
pub(super) fn scan(source: &mut Source, plan: &Plan) -> Result<Scan, Error> {
    let mut scan = Scan::default();
    // Rows are some forty bytes long; a vector that doubles at its end would hold twice.
    let expected = source.bytes().len() / 48 + 16;
    scan.starts.reserve(expected);
    scan.keys.reserve(expected);
    scan.contents.reserve(expected);
    let learned: Vec<&Column> = learned_columns(plan);
    let mut cells: Vec<Cell> = Vec::new();
    let mut at = source.first_row();
    while at < source.bytes().len() {
        let next = source.split(at, &mut cells);
        for column in &learned {
            source.learn(at, &cells, column)?;
        }
        let row = u32::try_from(scan.rows()).ok().filter(|row| *row < u32::MAX);
        let Some(row) = row else {
            let most = u64::from(u32::MAX);
            return Err(Error::TooManyRows { side: SIDES[source.hand], most });
        };
        take_row(&mut scan, source, plan, &cells, row);
        scan.starts.push(at as u64);
        at = next;
    }
    Ok(scan)
}

/// Returns the columns whose way of writing must be found out.
fn learned_columns(plan: &Plan) -> Vec<&Column> {
    let compared = plan.compare.iter().map(|one| &one.column);
    let of_passes = plan
        .passes
        .iter()
        .flat_map(|pass| pass.on.iter().chain(pass.within.iter().map(|one| &one.column)));
    let of_groups = plan.groups.iter().flat_map(|group| group.on.iter().chain([&group.sum]));
    let others = plan.amount.iter().chain(plan.cover.iter().map(|cover| &cover.date));
    let all = plan.keys.iter().chain(compared).chain(of_passes).chain(of_groups).chain(others);
    let mut found: Vec<&Column> = Vec::new();
    for column in all.filter(|column| column.reading.needs_learning()) {
        if !found.iter().any(|known| known.at == column.at) {
            found.push(column);
        }
    }
    found
}

fn take_row(scan: &mut Scan, source: &Source, plan: &Plan, cells: &[Cell], row: u32) {
    let aside = aside(source, plan, cells);
    let currency = plan.currency.as_ref().map(|column| {
        let written = source.written(cells, column.at[source.hand]);
        let name = String::from_utf8_lossy(written.trim_ascii()).to_uppercase();
        let name = if name.is_empty() { EURO.to_owned() } else { name };
        let index = scan.currency_names.iter().position(|known| *known == name);
        let index = index.unwrap_or_else(|| {
            scan.currency_names.push(name.clone());
            scan.currency_names.len() - 1
        });
        scan.currencies.push(u16::try_from(index).unwrap_or(u16::MAX));
        name
    });
    let mut amount = None;
    let mut content = Hasher::new();
    for compared in &plan.compare {
        let value = source.value(cells, &compared.column);
        value.hash_into(&mut content);
        if let (Value::Number(number), Some(money)) = (&value, &plan.amount)
            && money.at == compared.column.at
        {
            amount = Some(*number);
        }
    }
    if let Some(money) = &plan.amount {
        if amount.is_none()
            && let Value::Number(number) = source.value(cells, money)
        {
            amount = Some(number);
        }
        scan.cents.push(amount.and_then(super::value::Decimal::cents).unwrap_or(NO_CENTS));
    }
    if let Some(cover) = &plan.cover {
        let day = source.value(cells, &cover.date);
        scan.days.push(if let Value::Day(day) = day { day } else { NO_DAY });
    }
    let key = if aside.is_some() {
        NO_KEY
    } else {
        key(source, cells, &plan.keys, currency.as_deref()).unwrap_or(NO_KEY)
    };
    if let Some(aside) = aside {
        scan.aside.push((row, aside));
    }
    scan.keys.push(key);
    scan.contents.push(content.finish());
}

/// Hashes what rows must have equal to meet; a blank meets nothing, not even a blank.
///
/// The currency is part of every key: different currencies never meet.
#[inline]
pub(super) fn key(
    source: &Source,
    cells: &[Cell],
    columns: &[Column],
    currency: Option<&str>,
) -> Option<Hash> {
    if columns.is_empty() {
        return None;
    }
    let mut hasher = Hasher::new();
    for column in columns {
        let value = source.value(cells, column);
        if value == Value::Blank {
            return None;
        }
        value.hash_into(&mut hasher);
    }
    if let Some(currency) = currency {
        hasher.text(currency.as_bytes());
    }
    Some(hasher.finish())
}

fn aside(source: &Source, plan: &Plan, cells: &[Cell]) -> Option<Aside> {
    let headings = source.headings.len();
    let is_blank = |at: usize| source.written(cells, at).trim_ascii().is_empty();
    if cells.len() > headings && !(headings..cells.len()).all(is_blank) {
        return Some(Aside::TooManyCells { cells: cells.len(), headings });
    }
    let rule = plan.exclude.iter().filter(|rule| rule.hand == source.hand).find(|rule| {
        let text = source.written(cells, rule.at);
        rule.is.iter().any(|value| value.as_bytes() == text.trim_ascii())
    })?;
    Some(Aside::Rule { because: rule.because.clone() })
}
