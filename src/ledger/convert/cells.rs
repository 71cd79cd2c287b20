//! The cells of one row as values of one field: dates, amounts, ids, words.

use chrono::NaiveDate;

use crate::fiscal::{CheckDigits, Currency, Direction, DocumentType, EntryKind, TaxId, VatRate};
use crate::ledger::convert::amount::{self, Hint};
use crate::ledger::convert::date::{Order, order};
use crate::ledger::convert::row::Reject;
use crate::ledger::convert::{Reading, date, identifier, phrases};
use crate::ledger::error::clipped;
use crate::ledger::layout::{DecimalMark, Field, fold};
use crate::ledger::table::{Cell, Row};

/// How many phrases for document types are remembered.
const TYPES_KEPT_MAX: usize = 1000;

impl Reading<'_> {
    /// Returns the cell of a field and its column, `None` when the file has no such column.
    pub(super) fn cell<'r>(&self, row: &Row<'r>, field: Field) -> Option<(usize, Cell<'r>)> {
        let index = self.columns.index(field)?;
        Some((index, row.cell(index)))
    }

    pub(super) fn fault(cell: &Cell, index: usize, reason: String) -> Reject {
        Reject { column: Some(index), value: clipped(&cell.shown()), reason, hint: None }
    }

    pub(super) fn text(&self, row: &Row, field: Field) -> Option<String> {
        let (_, cell) = self.cell(row, field)?;
        let text = cell.shown();
        let bare = identifier::unwrap(&text);
        (!bare.is_empty() && !bare.eq_ignore_ascii_case("non presente")).then(|| bare.to_owned())
    }

    fn read_date(&self, cell: &Cell, index: usize) -> Result<NaiveDate, date::Fault> {
        let dates = &self.columns.dates[index];
        match cell {
            Cell::Text(text) if dates.is_mixed && order(text) == Some(Order::Either) => {
                Err(date::Fault::Order)
            }
            Cell::Moment(moment) => Ok(moment.date()),
            Cell::Number(text) => date::from_serial(text).ok_or(date::Fault::Year),
            Cell::Text(text) => {
                date::parse_at(text.trim_matches('\''), &dates.forms, self.layout.has_utc_times)
            }
            Cell::Empty | Cell::Fault(_) => Err(date::Fault::Shape),
        }
    }

    pub(super) fn date(&self, row: &Row, field: Field) -> Result<Option<NaiveDate>, Reject> {
        let Some((index, cell)) = self.cell(row, field) else {
            return Ok(None);
        };
        if cell.is_empty() {
            return Ok(None);
        }
        let shown = clipped(&cell.shown());
        let heading = self.heading(index);
        self.read_date(&cell, index).map(Some).map_err(|fault| {
            let why = match fault {
                date::Fault::Shape => {
                    "no date: expected a day such as `03/02/2026` or `2026-02-03`"
                }
                date::Fault::Order => {
                    "a date that can be read two ways, and its column shows both orders of day and month"
                }
                date::Fault::Impossible => "an impossible date: no calendar has this day",
                date::Fault::Year => "no date of a document: its year is not between 1990 and 2100",
            };
            Self::fault(&cell, index, format!("`{shown}` under `{heading}` is {why}"))
        })
    }

    pub(super) fn amount(&mut self, row: &Row, field: Field) -> Result<Option<i64>, Reject> {
        let Some((index, cell)) = self.cell(row, field) else {
            return Ok(None);
        };
        let decimals = self.columns.decimals[index];
        let parsed = match &cell {
            Cell::Empty => return Ok(None),
            Cell::Number(text) => amount::parse(text, DecimalMark::Dot),
            Cell::Text(text) if decimals.is_mixed && amount::hint(text) == Hint::Either => {
                let plain: String = text.chars().filter(char::is_ascii_digit).collect();
                let point = text.replace(',', ".");
                let reason = format!(
                    "`{text}` under `{}` may be {plain} or {point}: the column uses both the comma and the point as decimal mark",
                    self.heading(index)
                );
                return Err(Self::fault(&cell, index, reason));
            }
            Cell::Text(text) => amount::parse(text.trim_matches('\''), decimals.mark),
            Cell::Moment(_) | Cell::Fault(_) => None,
        };
        let Some(parsed) = parsed else {
            let expected = match (&cell, decimals.mark) {
                (Cell::Moment(_), _) => "the cell holds a date; expected an amount",
                (Cell::Fault(_), _) => "the cell holds a spreadsheet error; expected an amount",
                (_, DecimalMark::Comma) => {
                    "expected digits with a decimal comma, such as `1.234,56`"
                }
                (_, DecimalMark::Dot) => "expected digits with a decimal point, such as `1,234.56`",
            };
            let reason = format!(
                "`{}` under `{}` is no amount: {expected}",
                clipped(&cell.shown()),
                self.heading(index)
            );
            return Err(Self::fault(&cell, index, reason));
        };
        if parsed.is_rounded {
            self.warn(
                row,
                index,
                "more than two decimals: rounded to the cent, half away from zero".to_owned(),
            );
        }
        Ok(Some(parsed.cents))
    }

    /// Returns the cents of a cell when it is an amount, without a word when it is none.
    pub(super) fn glance_cents(&self, row: &Row, index: usize) -> Option<i64> {
        let parsed = match &row.cell(index) {
            Cell::Number(text) => amount::parse(text, DecimalMark::Dot),
            Cell::Text(text) => amount::parse(text, self.columns.decimals[index].mark),
            _ => None,
        };
        parsed.map(|parsed| parsed.cents)
    }

    pub(super) fn document_type(&mut self, row: &Row) -> Option<DocumentType> {
        if let Some(fixed) = &self.layout.document_type {
            return Some(DocumentType::new(fixed));
        }
        let phrase = self.text(row, Field::DocumentType)?;
        let (document_type, is_known) = if let Some(known) = self.types.get(&phrase) {
            known.clone()
        } else {
            let own = self.layout.document_types.get(&fold(&phrase));
            let meaning = own.map_or_else(
                || phrases::document_type(&phrase),
                |code| (DocumentType::new(code), true),
            );
            // Phrases are few, unless the column holds something else.
            if self.types.len() < TYPES_KEPT_MAX {
                self.types.insert(phrase, meaning.clone());
            }
            meaning
        };
        if let (false, Some(index)) = (is_known, self.columns.index(Field::DocumentType)) {
            self.warn_once(row, index, || {
                "no known document type: kept as written, amounts keep their sign; said once"
                    .to_owned()
            });
        }
        Some(document_type)
    }

    /// Returns whether the row's document was issued or received, where anything says it.
    pub(super) fn direction(&self, row: &Row) -> Option<Direction> {
        self.direction.or_else(|| {
            let phrase = self.text(row, Field::DocumentType)?;
            self.layout.directions.get(&fold(&phrase)).copied()
        })
    }

    /// Returns the document's number: the supplier's own for what was received.
    pub(super) fn number(&mut self, row: &Row, direction: Option<Direction>) -> Option<String> {
        let of_supplier = self
            .cell(row, Field::SupplierNumber)
            .filter(|(_, cell)| direction == Some(Direction::Incoming) && !cell.is_empty());
        let (index, cell) = of_supplier.or_else(|| self.cell(row, Field::Number))?;
        let mut doubtful = identifier::number(&cell);
        if let (Some(number), Some(series)) = (&doubtful.value, self.text(row, Field::Series)) {
            doubtful.value = Some(identifier::with_series(number, &series));
        }
        if let Some(warning) = doubtful.warning {
            self.warn(row, index, warning.to_owned());
        } else if doubtful.value.is_none() && self.layout.kind == EntryKind::Invoice {
            self.warn(row, index, "the document has no number".to_owned());
        }
        doubtful.value
    }

    pub(super) fn tax_id(&mut self, row: &Row, field: Field) -> Option<TaxId> {
        let (index, cell) = self.cell(row, field)?;
        let doubtful = identifier::tax_id(&cell);
        if let Some(warning) = doubtful.warning {
            self.warn(row, index, warning.to_owned());
        }
        let has_wrong_digits =
            doubtful.value.as_ref().is_some_and(|id| id.check_digits() == CheckDigits::Wrong);
        if has_wrong_digits {
            self.warn_once(row, index, || {
                "its check digit is wrong: kept as written; said once".to_owned()
            });
        }
        doubtful.value
    }

    pub(super) fn references(&self, row: &Row, number: Option<&str>) -> Vec<String> {
        let own = number.filter(|_| self.layout.number_is_reference).map(str::to_owned);
        let others = self
            .columns
            .all(Field::Reference)
            .map(|index| identifier::unwrap(&row.cell(index).shown()).to_owned())
            .filter(|text| !text.is_empty());
        own.into_iter().chain(others).collect()
    }

    pub(super) fn currency(&self, row: &Row) -> Result<Currency, Reject> {
        let Some((index, cell)) =
            self.cell(row, Field::Currency).filter(|(_, cell)| !cell.is_empty())
        else {
            return Ok(Currency::EUR);
        };
        match cell.shown().as_ref() {
            "€" | "Euro" | "euro" | "EURO" => Ok(Currency::EUR),
            shown => shown.parse().map_err(|_| {
                let shown = clipped(shown);
                let reason = format!(
                    "`{shown}` under `{}` is no currency: expected a code such as `EUR`",
                    self.heading(index)
                );
                Self::fault(&cell, index, reason)
            }),
        }
    }

    pub(super) fn vat_rate(&self, row: &Row) -> Result<Option<VatRate>, Reject> {
        let Some((index, cell)) =
            self.cell(row, Field::VatRate).filter(|(_, cell)| !cell.is_empty())
        else {
            return Ok(None);
        };
        let shown = cell.shown();
        phrases::vat_rate(&shown).map(Some).map_err(|_| {
            let shown = clipped(&shown);
            let reason = format!(
                "`{shown}` under `{}` is no VAT rate: expected a rate such as `22` or a nature such as `N4`",
                self.heading(index)
            );
            Self::fault(&cell, index, reason)
        })
    }
}
