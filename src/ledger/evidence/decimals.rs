//! Which decimal mark each column of amounts uses.
//!
//! It is the one its cells show. A column that shows none takes the mark that the file's
//! other amounts show, then the layout's. A column that shows both takes the commoner, and
//! its doubtful cells are rejected, never guessed.

use crate::ledger::convert::amount::Hint;
use crate::ledger::layout::DecimalMark;
use crate::ledger::recognise::Column;

/// Says how the amounts of one column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ledger) struct Decimals {
    pub mark: DecimalMark,
    /// Whether the column shows both marks, so that `1.234` means nothing.
    pub is_mixed: bool,
}

/// Counts the marks that the cells of one column show.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    comma: u64,
    dot: u64,
}

impl Tally {
    pub(super) fn add(&mut self, hint: Hint) {
        match hint {
            Hint::Comma => self.comma += 1,
            Hint::Dot => self.dot += 1,
            Hint::Either | Hint::Nothing => {}
        }
    }
}

/// Settles the mark of every amount column, with a note where it was not shown alone.
pub(super) fn settle(
    columns: &mut [Column],
    tallies: &[super::Tally],
    usual: DecimalMark,
) -> Vec<Decimals> {
    let sum =
        |count: fn(&Tally) -> u64| tallies.iter().map(|tally| count(&tally.decimals)).sum::<u64>();
    let of_file = match (sum(|tally| tally.comma), sum(|tally| tally.dot)) {
        (comma, 0) if comma > 0 => DecimalMark::Comma,
        (0, dot) if dot > 0 => DecimalMark::Dot,
        _ => usual,
    };
    columns
        .iter_mut()
        .zip(tallies)
        .map(|(column, tally)| {
            let Tally { comma, dot } = tally.decimals;
            let mark = match (comma, dot) {
                (0, 0) => of_file,
                (comma, dot) if comma == dot => usual,
                (comma, dot) if comma > dot => DecimalMark::Comma,
                _ => DecimalMark::Dot,
            };
            let is_mixed = comma > 0 && dot > 0;
            if is_mixed {
                column.note =
                    Some("its amounts use both the comma and the point as decimal mark".to_owned());
            } else if comma + dot > 0 && mark != usual {
                let name = if mark == DecimalMark::Dot { "point" } else { "comma" };
                column.note = Some(format!("its amounts use the decimal {name}"));
            }
            Decimals { mark, is_mixed }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::ledger::{LedgerFile, Upload, read};

    fn read_text(text: &str) -> LedgerFile {
        read(&Upload::new("x.csv", text.as_bytes())).unwrap()
    }

    #[test]
    fn other_columns_settle_a_doubtful_one() {
        let head = "Numero;Data;Imponibile;IVA\n";
        let dot = read_text(&format!("{head}1;01/02/2026;1.234;271.48\n"));
        assert_eq!(dot.entries[0].taxable_cents, Some(123));
        let comma = read_text(&format!("{head}1;01/02/2026;1.234;271,48\n"));
        assert_eq!(comma.entries[0].taxable_cents, Some(123_400));
        let usual = read_text(&format!("{head}1;01/02/2026;1.234;271\n"));
        assert_eq!(usual.entries[0].taxable_cents, Some(123_400));
    }

    #[test]
    fn mixed_column_rejects_doubtful_cells() {
        let file = read_text(
            "Numero;Data;Totale\n1;01/02/2026;1,50\n2;01/02/2026;2,50\n3;01/02/2026;3.50\n4;01/02/2026;1.234\n",
        );
        assert_eq!(file.entries.len(), 2);
        assert_eq!(file.rejected.len(), 2);
        assert!(file.rejected[1].reason.contains("1234 or 1.234"), "{:?}", file.rejected[1]);
    }
}
