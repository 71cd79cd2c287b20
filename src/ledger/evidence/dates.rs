//! Whether the days of a column come before its months.
//!
//! `03/02/2026` is the third of February in Italy and the second of March in a shop's
//! American export. One date above the twelfth settles its whole column, and the other
//! columns of the file with it. A column that shows both orders keeps the rows that can be
//! read in one way only. Where nothing shows it, the layout's order is assumed, and said.
//!
//! A spreadsheet of another country turns the dates that it can read into dates, day and
//! month swapped, and leaves the others as text. So real dates up to the twelfth beside
//! texts above it are suspicious; they cannot be told from honest ones, so it is said.

use chrono::Datelike as _;

use crate::ledger::convert::date::{Order, order};
use crate::ledger::layout::{DateForm, Field, Layout};
use crate::ledger::recognise::Column;
use crate::ledger::table::Cell;

/// Says how days in text are read in one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ledger) struct Dates {
    pub forms: Vec<DateForm>,
    /// Whether the column shows both orders, so that `03/02/2026` means nothing.
    pub is_mixed: bool,
}

/// Counts what the dates of one column look like.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    day_first: u64,
    month_first: u64,
    either: u64,
    /// Real dates up to the twelfth, and above it.
    low_days: u64,
    high_days: u64,
}

impl Tally {
    pub(super) fn add(&mut self, cell: &Cell) {
        match cell {
            Cell::Text(text) => match order(text.trim_matches('\'')) {
                Some(Order::DayFirst) => self.day_first += 1,
                Some(Order::MonthFirst) => self.month_first += 1,
                Some(Order::Either) => self.either += 1,
                None => {}
            },
            Cell::Moment(moment) if moment.day() <= 12 => self.low_days += 1,
            Cell::Moment(_) => self.high_days += 1,
            _ => {}
        }
    }

    /// Tells the trace of a spreadsheet that swapped what it could.
    fn is_half_turned(&self) -> bool {
        self.low_days > 1
            && self.high_days == 0
            && self.day_first + self.month_first > 1
            && self.either == 0
    }
}

/// Settles the order of every date column, and returns what is to be said of the file.
pub(super) fn settle(
    columns: &mut [Column],
    tallies: &[super::Tally],
    layout: &Layout,
) -> (Vec<Dates>, Vec<String>) {
    let usual = &layout.dates;
    // Not every layout has an order to choose: a shop's ISO dates have none.
    let has_order =
        usual.iter().any(|form| matches!(form, DateForm::DayFirst | DateForm::MonthFirst));
    let sum =
        |count: fn(&Tally) -> u64| tallies.iter().map(|tally| count(&tally.dates)).sum::<u64>();
    let of_file = match (sum(|tally| tally.day_first), sum(|tally| tally.month_first)) {
        (days, 0) if days > 0 => Some(DateForm::DayFirst),
        (0, months) if months > 0 => Some(DateForm::MonthFirst),
        _ => None,
    };
    let mut notes = Vec::new();
    let mut assumed: Vec<String> = Vec::new();
    let dates = columns
        .iter_mut()
        .zip(tallies)
        .map(|(column, tally)| {
            let tally = tally.dates;
            let heading = column.heading.trim();
            let is_date = column.field.is_some_and(Field::is_date);
            let order = match (tally.day_first, tally.month_first) {
                _ if !has_order || !is_date => None,
                (0, 0) => of_file,
                (days, months) if days >= months => Some(DateForm::DayFirst),
                _ => Some(DateForm::MonthFirst),
            };
            let is_mixed = has_order && tally.day_first > 0 && tally.month_first > 0;
            if is_mixed {
                column.note =
                    Some("its dates are written day first and month first".to_owned());
                notes.push(format!("the dates under `{heading}` are written day first and month first: those that can be read both ways are rejected"));
            } else if order == Some(DateForm::MonthFirst) && !usual.contains(&DateForm::MonthFirst) {
                column.note = Some("its dates are month first, as in the United States".to_owned());
                notes.push(format!("the dates under `{heading}` are month first (mm/dd/yyyy): the whole column shows it"));
            } else if order.is_none() && tally.either > 0 && has_order && !layout.has_certain_dates {
                assumed.push(format!("`{heading}`"));
                column.note = Some(format!("each of its dates can be read two ways: {}", words(usual)));
            }
            if tally.is_half_turned() {
                notes.push(format!("under `{heading}` the dates up to the 12th are dates and the others are text: a spreadsheet of another country may have swapped day and month in the former; export the file again without opening it there"));
            }
            Dates { forms: forms(usual, order), is_mixed }
        })
        .collect();
    if !assumed.is_empty() {
        notes.push(format!("no date under {} is above the 12th, so nothing shows the order of day and month: {} was assumed", assumed.join(", "), words(usual)));
    }
    (dates, notes)
}

fn words(usual: &[DateForm]) -> &'static str {
    if usual.contains(&DateForm::MonthFirst) { "month first" } else { "day first" }
}

/// Returns the layout's forms with its order replaced by the one that was shown.
fn forms(usual: &[DateForm], order: Option<DateForm>) -> Vec<DateForm> {
    let is_order = |form: &DateForm| matches!(form, DateForm::DayFirst | DateForm::MonthFirst);
    usual.iter().map(|form| order.filter(|_| is_order(form)).unwrap_or(*form)).collect()
}

#[cfg(test)]
mod tests {
    use crate::ledger::{LedgerFile, Upload, read};

    fn dated(days: &[&str]) -> LedgerFile {
        let mut text = "Numero;Data;Data registrazione;Totale\n".to_owned();
        text.extend(days.iter().map(|day| format!("1;{day};;1,00\n")));
        read(&Upload::new("x.csv", text.as_bytes())).unwrap()
    }

    fn issued(file: &LedgerFile) -> Vec<String> {
        file.entries.iter().filter_map(|entry| Some(entry.issue_date?.to_string())).collect()
    }

    #[test]
    fn one_day_above_the_twelfth_settles_its_column() {
        let italian = dated(&["03/02/2026", "28/02/2026"]);
        assert_eq!(issued(&italian), ["2026-02-03", "2026-02-28"]);
        let american = dated(&["03/02/2026", "02/28/2026"]);
        assert_eq!(issued(&american), ["2026-03-02", "2026-02-28"]);
        assert!(american.notes[0].contains("month first"), "{:?}", american.notes);
    }

    #[test]
    fn other_columns_of_the_file_settle_a_doubtful_one() {
        let text = "Numero;Data;Data registrazione;Totale\n1;03/02/2026;02/28/2026;1,00\n";
        let file = read(&Upload::new("x.csv", text.as_bytes())).unwrap();
        assert_eq!(issued(&file), ["2026-03-02"]);
    }

    #[test]
    fn column_without_evidence_is_assumed_and_said() {
        let file = dated(&["03/02/2026", "04/02/2026"]);
        assert_eq!(issued(&file), ["2026-02-03", "2026-02-04"]);
        assert!(file.notes[0].contains("day first was assumed"), "{:?}", file.notes);
    }

    #[test]
    fn column_of_both_orders_rejects_doubtful_cells() {
        let file = dated(&["28/02/2026", "27/02/2026", "02/26/2026", "03/02/2026"]);
        assert_eq!(issued(&file), ["2026-02-28", "2026-02-27"]);
        let reasons: Vec<&str> = file.rejected.iter().map(|row| row.reason.as_str()).collect();
        assert!(reasons[0].contains("impossible date"), "{reasons:?}");
        assert!(reasons[1].contains("both orders"), "{reasons:?}");
    }
}
