//! Where every row of either side ends: exactly one class each.

use crate::reconcile::statement::Class;
use crate::reconcile::tables::error::Error;
use crate::reconcile::tables::plan::SIDES;
use crate::reconcile::tables::scan::Aside;
use crate::reconcile::tables::value::Decimal;

/// Marks a row that has no class yet.
const OPEN: u8 = u8::MAX;

/// Holds one pair of rows, by place from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) left: u32,
    pub(super) right: u32,
    pub(super) class: Class,
    /// 0 for the keys, then the passes, then the groups.
    pub(super) pass: u16,
}

/// Says why a row has no partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Why {
    NoPartner { nearest: Option<Near> },
    NoKey,
    Suggested { row: u32, pass: u16 },
    Duplicate { of: u32 },
    Ambiguous { alternatives: u64 },
    Pending { break_on: i32 },
    OutOfWindow,
    Aside(Aside),
}

/// Points at the row of the other side that came nearest, and by which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Near {
    pub(super) row: u32,
    pub(super) way: NearWay,
}

/// Says by what a row without partner came near another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NearWay {
    /// The key is the same; the other row has another partner.
    Taken,
    /// The key is the same but for its way of writing.
    KeyWritten,
    /// What is compared is the same; the key is another.
    Content,
    /// The amount is the same.
    Amount,
}

/// Holds one row without partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Single {
    pub(super) hand: usize,
    pub(super) row: u32,
    pub(super) class: Class,
    pub(super) why: Why,
}

/// Gathers pairs and rows without partner, and knows which rows are still open.
#[derive(Debug)]
pub(super) struct Board {
    classes: [Vec<u8>; 2],
    pub(super) pairs: Vec<Pair>,
    pub(super) singles: Vec<Single>,
    pub(super) groups: Vec<Grouped>,
}

/// Holds one group: so many rows of one side that answer a row of the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grouped {
    pub(super) many: usize,
    pub(super) rows: usize,
    pub(super) one: u32,
    pub(super) sum: Decimal,
    pub(super) class: Class,
    pub(super) pass: u16,
}

impl Board {
    pub(super) fn new(rows: [usize; 2]) -> Self {
        let classes = rows.map(|rows| vec![OPEN; rows]);
        Self { classes, pairs: Vec::new(), singles: Vec::new(), groups: Vec::new() }
    }

    /// Returns the open rows of a side, in order of place.
    pub(super) fn open_rows(&self, hand: usize) -> Vec<u32> {
        (0u32..)
            .zip(&self.classes[hand])
            .filter(|(_, class)| **class == OPEN)
            .map(|(row, _)| row)
            .collect()
    }

    /// Adds a pair; its rows must be open.
    pub(super) fn pair(&mut self, pair: Pair) -> Result<(), Error> {
        self.set(0, pair.left, pair.class)?;
        self.set(1, pair.right, pair.class)?;
        self.pairs.push(pair);
        Ok(())
    }

    /// Takes over what the join found; its rows must be open.
    pub(super) fn take(&mut self, pairs: Vec<Pair>, singles: Vec<Single>) -> Result<(), Error> {
        for pair in &pairs {
            self.set(0, pair.left, pair.class)?;
            self.set(1, pair.right, pair.class)?;
        }
        self.pairs = pairs;
        singles.into_iter().try_for_each(|single| self.single(single))
    }

    /// Adds a row without partner; it must be open.
    pub(super) fn single(&mut self, single: Single) -> Result<(), Error> {
        self.set(single.hand, single.row, single.class)?;
        self.singles.push(single);
        Ok(())
    }

    /// Pairs several rows of one side with one row of the other.
    pub(super) fn group(
        &mut self,
        many: usize,
        rows: &[u32],
        (one, sum): (u32, Decimal),
        class: Class,
        pass: u16,
    ) -> Result<(), Error> {
        self.groups.push(Grouped { many, rows: rows.len(), one, sum, class, pass });
        self.set(1 - many, one, class)?;
        for row in rows {
            self.set(many, *row, class)?;
            let (left, right) = if many == 0 { (*row, one) } else { (one, *row) };
            self.pairs.push(Pair { left, right, class, pass });
        }
        Ok(())
    }

    fn set(&mut self, hand: usize, row: u32, class: Class) -> Result<(), Error> {
        let place = &mut self.classes[hand][row as usize];
        if *place != OPEN {
            let row = u64::from(row) + 1;
            return Err(Error::RowNotInOneClass { side: SIDES[hand], row, classes: "two" });
        }
        *place = class as u8;
        Ok(())
    }

    /// Returns the class of each row of a side; every row must have one.
    pub(super) fn classes(&self, hand: usize) -> Result<impl Iterator<Item = Class>, Error> {
        if let Some(row) = self.classes[hand].iter().position(|class| *class == OPEN) {
            let row = row as u64 + 1;
            return Err(Error::RowNotInOneClass { side: SIDES[hand], row, classes: "none" });
        }
        Ok(self.classes[hand].iter().map(|class| Class::ALL[usize::from(*class)]))
    }
}
