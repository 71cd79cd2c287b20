//! Columns that bear the same heading: one is read, and a difference is said.

use crate::ledger::layout::fold;
use crate::ledger::recognise::Column;
use crate::ledger::table::Row;

/// Holds the columns whose heading a column that is read bears too.
pub(super) struct Twins {
    pairs: Vec<Pair>,
}

struct Pair {
    read: usize,
    other: usize,
    rows_that_differ: u64,
}

impl Twins {
    /// Finds them among the columns of a file.
    pub(super) fn among(columns: &[Column]) -> Self {
        let mut pairs = Vec::new();
        for (read, column) in columns.iter().enumerate().filter(|(_, one)| one.field.is_some()) {
            let heading = fold(&column.heading);
            let others = columns.iter().enumerate().filter(|(other, one)| {
                *other != read && one.field.is_none() && fold(&one.heading) == heading
            });
            pairs.extend(others.map(|(other, _)| Pair { read, other, rows_that_differ: 0 }));
        }
        Self { pairs }
    }

    /// Compares the columns in a row.
    pub(super) fn at(&mut self, row: &Row) {
        for pair in &mut self.pairs {
            pair.rows_that_differ += u64::from(row.cell(pair.read) != row.cell(pair.other));
        }
    }

    /// Says which columns were left out although they hold something else.
    pub(super) fn notes(&self, columns: &[Column]) -> impl Iterator<Item = String> {
        self.pairs.iter().filter(|pair| pair.rows_that_differ > 0).map(|pair| {
            let Column { heading, field, .. } = &columns[pair.read];
            let field = field.map_or_else(String::new, |field| format!(" for {field}"));
            format!(
                "the heading `{}` stands over the columns {} and {}, which differ in {} rows: the \
                 first is read{field}, the other is not",
                heading.trim(),
                pair.read + 1,
                pair.other + 1,
                pair.rows_that_differ
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::ledger::{Upload, read};

    fn notes(second: &str) -> Vec<String> {
        let text = format!("Numero;Data;Cliente;Totale;Totale\n1;13/02/2026;Alfa;1,00;{second}\n");
        read(&Upload::new("x.csv", text.as_bytes())).unwrap().notes
    }

    #[test]
    fn columns_that_differ_under_one_heading_are_said() {
        assert_eq!(notes("1,00"), Vec::<String>::new());
        let said = notes("2,00");
        assert_eq!(said.len(), 1);
        assert!(said[0].contains("`Totale` stands over the columns 4 and 5"), "{said:?}");
    }
}
