//! One row: what it is, and its entry.

use chrono::NaiveDate;

use crate::fiscal::{
    CheckDigits, Currency, DocumentType, EntryKind, LedgerEntry, TaxId, Tenders, VatRate,
};
use crate::ledger::SkipReason;
use crate::ledger::convert::amount::{self, Hint};
use crate::ledger::convert::{Reading, date, identifier, phrases};
use crate::ledger::layout::{DecimalMark, Field, fold};
use crate::ledger::table::{Cell, Row};

/// Says what one row is.
pub(super) enum Outcome {
    Entry(Box<LedgerEntry>),
    Skip(SkipReason),
}

/// Says why one row cannot be an entry.
#[derive(Debug)]
pub(super) struct Reject {
    /// The column at fault, `None` when it is the row as a whole.
    pub column: Option<usize>,
    pub value: String,
    pub reason: String,
    pub hint: Option<String>,
}

impl Reject {
    pub(super) fn row(reason: String) -> Self {
        Self {
            column: None,
            value: String::new(),
            reason,
            hint: None,
        }
    }
}

/// Holds the amounts of one row before its type has given them a sign.
struct Amounts {
    taxable: Option<i64>,
    vat: Option<i64>,
    gross: Option<i64>,
}

impl Reading<'_> {
    /// Reads one row, or says which cell stands in the way.
    pub(super) fn read_row(&mut self, row: &Row) -> Result<Outcome, Reject> {
        if let Some(reason) = self.skip_reason(row) {
            return Ok(Outcome::Skip(reason));
        }
        self.check_shape(row)?;
        let issue_date = self.date(row, Field::IssueDate)?;
        let registration_date = self.date(row, Field::RegistrationDate)?;
        let transmission_date = self.date(row, Field::TransmissionDate)?;
        let amounts = self.amounts(row)?;
        let tenders = self.tenders(row, amounts.gross)?;
        self.check_needed(row)?;
        let document_type = self.document_type(row);
        let sign = |cents: i64| {
            document_type
                .as_ref()
                .map_or(cents, |kind| kind.signed(cents))
        };
        let number = self.number(row);
        let company = self
            .tax_id(row, Field::CompanyTaxId)
            .or(self.tax_id(row, Field::CompanyTaxCode))
            .or_else(|| self.upload.company.clone());
        let references = self.references(row, number.as_deref());
        let entry = LedgerEntry {
            kind: self.layout.kind,
            row: self.rows_read,
            company,
            direction: self.direction,
            number,
            issue_date,
            registration_date,
            transmission_date,
            counterparty_tax_id: self.tax_id(row, Field::CounterpartyTaxId),
            counterparty_tax_code: self.tax_id(row, Field::CounterpartyTaxCode),
            counterparty_name: self.text(row, Field::CounterpartyName),
            currency: self.currency(row)?,
            taxable_cents: amounts.taxable.map(sign),
            vat_cents: amounts.vat.map(sign),
            gross_cents: amounts.gross.map(sign),
            vat_rate: self.vat_rate(row)?,
            tenders,
            has_stamp_duty: self.text(row, Field::StampDuty).is_some_and(|text| {
                !matches!(fold(&text).as_str(), "no" | "n" | "0" | "000" | "false")
            }),
            status: self.status(row)?,
            references,
            document_type,
        };
        Ok(Outcome::Entry(Box::new(entry)))
    }

    /// Tells rows that are no entries from those that are.
    fn skip_reason(&mut self, row: &Row) -> Option<SkipReason> {
        if row.cells().all(|cell| cell.is_empty()) {
            return Some(SkipReason::Blank);
        }
        if let Some(rule) = self.layout.continuation {
            let key = self.text(row, rule.same);
            let is_same = key.is_some() && key == self.previous_key;
            let is_blank = self
                .cell(row, rule.blank)
                .is_none_or(|(_, cell)| cell.is_empty());
            self.previous_key = key;
            if is_same && is_blank {
                return Some(SkipReason::Continuation);
            }
        }
        let dates = [Field::IssueDate, Field::RegistrationDate];
        let is_dated = dates
            .iter()
            .filter_map(|field| self.cell(row, *field))
            .any(|(_, cell)| self.read_date(&cell).is_ok());
        if is_dated {
            return None;
        }
        let is_heading =
            dates
                .iter()
                .filter_map(|field| self.cell(row, *field))
                .any(|(index, cell)| {
                    !cell.is_empty()
                        && fold(&cell.shown()) == fold(&self.columns.meanings[index].heading)
                });
        if is_heading {
            return Some(SkipReason::RepeatedHeading);
        }
        let begins_total = |text: &str| {
            let first: String = text
                .chars()
                .take_while(|c| c.is_alphabetic() || *c == ' ')
                .collect();
            let first = first.trim().to_lowercase();
            self.layout.skip_words.iter().any(|word| {
                first
                    .strip_prefix(word.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
            })
        };
        let is_total = row
            .cells()
            .any(|cell| matches!(cell, Cell::Text(text) if begins_total(text)));
        is_total.then_some(SkipReason::Total)
    }

    /// Refuses a row whose cells do not stand under the headings.
    fn check_shape(&self, row: &Row) -> Result<(), Reject> {
        let open_quote = if row.lines > 1 {
            format!(
                "; the row runs over {} lines, so a quotation mark may be missing",
                row.lines
            )
        } else {
            String::new()
        };
        let extra = (self.width..row.len()).find(|index| !row.cell(*index).is_empty());
        if let Some(index) = extra {
            return Err(Reject {
                column: None,
                value: row.cell(index).shown().into_owned(),
                reason: format!(
                    "the row has {} cells where the heading has {}: its values do not stand under their headings{open_quote}",
                    row.len(),
                    self.width
                ),
                hint: Some(
                    "a delimiter inside a value must stand between quotation marks".to_owned(),
                ),
            });
        }
        if row.is_cut_before(self.width) {
            return Err(Reject::row(format!(
                "the row has {} cells where the heading has {}: the line is cut short{open_quote}",
                row.len(),
                self.width
            )));
        }
        Ok(())
    }

    /// Refuses a row that lacks a value without which it says nothing.
    fn check_needed(&self, row: &Row) -> Result<(), Reject> {
        for group in &self.layout.needed {
            let is_there = |field: &Field| {
                self.cell(row, *field)
                    .is_some_and(|(_, cell)| !cell.is_empty())
            };
            if !group.iter().any(is_there) {
                let column = group.iter().find_map(|field| self.columns.index(*field));
                let names: Vec<String> = group
                    .iter()
                    .filter_map(|field| self.columns.index(*field))
                    .map(|index| format!("`{}`", self.heading(index)))
                    .collect();
                return Err(Reject {
                    column,
                    value: String::new(),
                    reason: format!("the row has no value under {}", names.join(" or ")),
                    hint: None,
                });
            }
        }
        Ok(())
    }

    /// Returns the cell of a field and its column, `None` when the file has no such column.
    fn cell<'r>(&self, row: &Row<'r>, field: Field) -> Option<(usize, Cell<'r>)> {
        let index = self.columns.index(field)?;
        Some((index, row.cell(index)))
    }

    fn fault(cell: &Cell, index: usize, reason: String) -> Reject {
        Reject {
            column: Some(index),
            value: cell.shown().into_owned(),
            reason,
            hint: None,
        }
    }

    fn text(&self, row: &Row, field: Field) -> Option<String> {
        let (_, cell) = self.cell(row, field)?;
        let text = cell.shown();
        let bare = identifier::unwrap(&text);
        (!bare.is_empty() && !bare.eq_ignore_ascii_case("non presente")).then(|| bare.to_owned())
    }

    fn read_date(&self, cell: &Cell) -> Result<NaiveDate, date::Fault> {
        match cell {
            Cell::Moment(moment) => Ok(moment.date()),
            Cell::Number(text) => date::from_serial(text).ok_or(date::Fault::Year),
            Cell::Text(text) => date::parse(text.trim_matches('\''), &self.layout.dates),
            Cell::Empty | Cell::Fault(_) => Err(date::Fault::Shape),
        }
    }

    fn date(&self, row: &Row, field: Field) -> Result<Option<NaiveDate>, Reject> {
        let Some((index, cell)) = self.cell(row, field) else {
            return Ok(None);
        };
        if cell.is_empty() {
            return Ok(None);
        }
        let shown = cell.shown();
        let heading = self.heading(index);
        self.read_date(&cell).map(Some).map_err(|fault| {
            let why = match fault {
                date::Fault::Shape => {
                    "no date: expected a day such as `03/02/2026` or `2026-02-03`"
                }
                date::Fault::Impossible => "an impossible date: no calendar has this day",
                date::Fault::Year => "no date of a document: its year is not between 1990 and 2100",
            };
            Self::fault(
                &cell,
                index,
                format!("`{shown}` under `{heading}` is {why}"),
            )
        })
    }

    fn amount(&mut self, row: &Row, field: Field) -> Result<Option<i64>, Reject> {
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
                cell.shown(),
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

    fn amounts(&mut self, row: &Row) -> Result<Amounts, Reject> {
        let taxable = self.amount(row, Field::Taxable)?;
        let vat = self.amount(row, Field::Vat)?;
        let mut gross = self.amount(row, Field::Gross)?;
        if self.layout.gross_is_taxable_plus_vat && gross.is_none() {
            gross = taxable
                .zip(vat)
                .and_then(|(taxable, vat)| taxable.checked_add(vat));
        }
        if let (Some(sales), Some(taxable), Some(gross)) =
            (self.amount(row, Field::Sales)?, taxable, gross)
        {
            let index = self.columns.index(Field::Sales).unwrap_or_default();
            match (sales == taxable, sales == gross) {
                (true, true) => self.sales.is_both += 1,
                (true, false) => self.sales.is_taxable += 1,
                (false, true) => self.sales.is_gross += 1,
                (false, false) => {
                    self.sales.is_neither += 1;
                    self.warn(
                        row,
                        index,
                        "neither the taxable amount nor taxable + VAT".to_owned(),
                    );
                }
            }
        }
        if let Some(refunded) = self
            .amount(row, Field::Refunded)?
            .filter(|cents| *cents != 0)
        {
            let index = self.columns.index(Field::Refunded).unwrap_or_default();
            let message = format!(
                "{} was refunded; the export does not say when, so the amounts stay as sold",
                crate::fiscal::cents_to_decimal(refunded)
            );
            self.warn(row, index, message);
        }
        Ok(Amounts {
            taxable,
            vat,
            gross,
        })
    }

    fn tenders(&mut self, row: &Row, gross: Option<i64>) -> Result<Option<Tenders>, Reject> {
        let fields = [
            Field::Cash,
            Field::Electronic,
            Field::Vouchers,
            Field::Uncollected,
        ];
        let mut cents = [None; 4];
        for (value, field) in cents.iter_mut().zip(fields) {
            *value = self.amount(row, field)?;
        }
        if cents.iter().all(Option::is_none) {
            return Ok(None);
        }
        let [
            cash_cents,
            electronic_cents,
            vouchers_cents,
            uncollected_cents,
        ] = cents.map(Option::unwrap_or_default);
        let paid = cash_cents + electronic_cents + vouchers_cents + uncollected_cents;
        if let (Some(gross), Some(index)) = (gross, self.columns.index(Field::Gross))
            && gross != paid
        {
            let message = format!(
                "the tenders add up to {}",
                crate::fiscal::cents_to_decimal(paid)
            );
            self.warn(row, index, message);
        }
        Ok(Some(Tenders {
            cash_cents,
            electronic_cents,
            vouchers_cents,
            uncollected_cents,
        }))
    }

    fn document_type(&mut self, row: &Row) -> Option<DocumentType> {
        if let Some(fixed) = &self.layout.document_type {
            return Some(DocumentType::new(fixed));
        }
        let phrase = self.text(row, Field::DocumentType)?;
        let (document_type, is_known) = phrases::document_type(&phrase);
        if let (false, Some(index)) = (is_known, self.columns.index(Field::DocumentType)) {
            self.warn_once(row, index, || {
                "no known document type: kept as written, amounts keep their sign; said once"
                    .to_owned()
            });
        }
        Some(document_type)
    }

    fn number(&mut self, row: &Row) -> Option<String> {
        let (index, cell) = self.cell(row, Field::Number)?;
        let doubtful = identifier::number(&cell);
        if let Some(warning) = doubtful.warning {
            self.warn(row, index, warning.to_owned());
        } else if doubtful.value.is_none() && self.layout.kind == EntryKind::Invoice {
            self.warn(row, index, "the document has no number".to_owned());
        }
        doubtful.value
    }

    fn tax_id(&mut self, row: &Row, field: Field) -> Option<TaxId> {
        let (index, cell) = self.cell(row, field)?;
        let doubtful = identifier::tax_id(&cell);
        if let Some(warning) = doubtful.warning {
            self.warn(row, index, warning.to_owned());
        }
        let has_wrong_digits = doubtful
            .value
            .as_ref()
            .is_some_and(|id| id.check_digits() == CheckDigits::Wrong);
        if has_wrong_digits {
            self.warn_once(row, index, || {
                "its check digit is wrong: kept as written; said once".to_owned()
            });
        }
        doubtful.value
    }

    fn references(&self, row: &Row, number: Option<&str>) -> Vec<String> {
        let own = number
            .filter(|_| self.layout.number_is_reference)
            .map(str::to_owned);
        let others = self
            .columns
            .all(Field::Reference)
            .map(|index| identifier::unwrap(&row.cell(index).shown()).to_owned())
            .filter(|text| !text.is_empty());
        own.into_iter().chain(others).collect()
    }

    fn currency(&self, row: &Row) -> Result<Currency, Reject> {
        let Some((index, cell)) = self
            .cell(row, Field::Currency)
            .filter(|(_, cell)| !cell.is_empty())
        else {
            return Ok(Currency::EUR);
        };
        match cell.shown().as_ref() {
            "€" | "Euro" | "euro" | "EURO" => Ok(Currency::EUR),
            shown => shown.parse().map_err(|_| {
                let reason = format!(
                    "`{shown}` under `{}` is no currency: expected a code such as `EUR`",
                    self.heading(index)
                );
                Self::fault(&cell, index, reason)
            }),
        }
    }

    fn vat_rate(&self, row: &Row) -> Result<Option<VatRate>, Reject> {
        let Some((index, cell)) = self
            .cell(row, Field::VatRate)
            .filter(|(_, cell)| !cell.is_empty())
        else {
            return Ok(None);
        };
        let shown = cell.shown();
        phrases::vat_rate(&shown).map(Some).map_err(|_| {
            let reason = format!(
                "`{shown}` under `{}` is no VAT rate: expected a rate such as `22` or a nature such as `N4`",
                self.heading(index)
            );
            Self::fault(&cell, index, reason)
        })
    }

    /// Returns the source's word for the state, or what stands for one.
    fn status(&mut self, row: &Row) -> Result<Option<String>, Reject> {
        if let Some(from) = self.date(row, Field::InactiveFrom)? {
            let to = self.date(row, Field::InactiveTo)?;
            return Ok(Some(match to {
                Some(to) => format!("inattivo {from}..{to}"),
                None => format!("inattivo {from}.."),
            }));
        }
        let status = self
            .text(row, Field::Status)
            .map(|text| text.to_lowercase());
        let is_refund = status
            .as_ref()
            .is_some_and(|word| word.contains("refunded"));
        if self.date(row, Field::CancelledAt)?.is_some() && !is_refund {
            return Ok(Some("cancelled".to_owned()));
        }
        Ok(status)
    }
}
