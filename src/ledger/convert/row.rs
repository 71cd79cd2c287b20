//! One row: what it is, and its entry.

use crate::fiscal::{Direction, LedgerEntry, Tenders};
use crate::ledger::SkipReason;
use crate::ledger::convert::{Amounts, Reading};
use crate::ledger::error::clipped;
use crate::ledger::layout::{Field, fold};
use crate::ledger::table::Row;

/// Says what one row is.
pub(super) enum Outcome {
    /// An entry without its signed amounts, and the amounts as the row says them.
    Entry(Box<LedgerEntry>, Amounts),
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
        Self { column: None, value: String::new(), reason, hint: None }
    }
}

impl Reading<'_> {
    /// Reads one row, or says which cell stands in the way.
    pub(super) fn read_row(&mut self, row: &Row) -> Result<Outcome, Reject> {
        if let Some(reason) = self.skip_reason(row) {
            return Ok(Outcome::Skip(reason));
        }
        if let Some(line) = self.add_line(row) {
            return line.map(Outcome::Skip);
        }
        self.check_shape(row)?;
        let issue_date = self.date(row, Field::IssueDate)?;
        let registration_date = self.date(row, Field::RegistrationDate)?;
        let reception_date = self.date(row, Field::ReceptionDate)?;
        let transmission_date = self.date(row, Field::TransmissionDate)?;
        let amounts = self.amounts(row)?.turned(self.is_turned(row));
        let tenders = self.tenders(row, amounts.gross)?;
        let settlement = self.settlement(row)?;
        let currency = self.currency(row)?;
        let vat_rate = self.vat_rate(row)?;
        let status = self.status(row)?;
        self.check_needed(row)?;
        // From here on nothing rejects the row, so what is said once is not lost with it.
        let document_type = self.document_type(row);
        let direction = self.direction(row);
        let number = self.number(row, direction);
        let company = self
            .tax_id(row, Field::CompanyTaxId)
            .or(self.tax_id(row, Field::CompanyTaxCode))
            .or_else(|| self.upload.company.clone());
        let references = self.references(row, number.as_deref());
        let entry = LedgerEntry {
            kind: self.layout.kind,
            row: self.rows_read,
            company,
            direction,
            number,
            issue_date,
            registration_date,
            reception_date,
            transmission_date,
            counterparty_tax_id: self.tax_id(row, Field::CounterpartyTaxId),
            counterparty_tax_code: self.tax_id(row, Field::CounterpartyTaxCode),
            counterparty_name: self.text(row, Field::CounterpartyName),
            currency,
            // Signed when it is known that no further row belongs to the document.
            taxable_cents: None,
            vat_cents: None,
            gross_cents: None,
            vat_rate,
            tenders,
            has_stamp_duty: self.text(row, Field::StampDuty).is_some_and(|text| {
                !matches!(fold(&text).as_str(), "no" | "n" | "0" | "000" | "false")
            }),
            status,
            references,
            document_type,
            settlement,
        };
        Ok(Outcome::Entry(Box::new(entry), amounts))
    }

    /// Refuses a row whose cells do not stand under the headings.
    pub(super) fn check_shape(&self, row: &Row) -> Result<(), Reject> {
        let open_quote = if row.lines > 1 {
            format!("; the row runs over {} lines, so a quotation mark may be missing", row.lines)
        } else {
            String::new()
        };
        let extra = (self.width..row.len()).find(|index| !row.is_blank(*index));
        if let Some(index) = extra {
            return Err(Reject {
                column: None,
                value: clipped(&row.cell(index).shown()),
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
                self.columns.index(*field).is_some_and(|index| !row.is_blank(index))
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

    pub(super) fn amounts(&mut self, row: &Row) -> Result<Amounts, Reject> {
        let taxable = self.amount(row, Field::Taxable)?;
        let vat = self.amount(row, Field::Vat)?;
        let mut gross = self.amount(row, Field::Gross)?;
        if self.layout.gross_is_taxable_plus_vat && gross.is_none() {
            gross = taxable.zip(vat).and_then(|(taxable, vat)| taxable.checked_add(vat));
        }
        if let (Some(sales), Some(taxable), Some(gross)) =
            (self.amount(row, Field::Sales)?, taxable, gross)
        {
            let index = self.columns.index(Field::Sales).unwrap_or_default();
            match (sales == taxable, sales == gross) {
                (true, true) => self.sales.both += 1,
                (true, false) => self.sales.taxable += 1,
                (false, true) => self.sales.gross += 1,
                (false, false) => {
                    self.sales.neither += 1;
                    self.warn(
                        row,
                        index,
                        "neither the taxable amount nor taxable + VAT".to_owned(),
                    );
                }
            }
        }
        if let Some(refunded) = self.amount(row, Field::Refunded)?.filter(|cents| *cents != 0) {
            let index = self.columns.index(Field::Refunded).unwrap_or_default();
            let message = format!(
                "{} was refunded; the export does not say when, so the amounts stay as sold",
                crate::fiscal::cents_to_decimal(refunded)
            );
            self.warn(row, index, message);
        }
        Ok(Amounts { taxable, vat, gross })
    }

    fn tenders(&mut self, row: &Row, gross: Option<i64>) -> Result<Option<Tenders>, Reject> {
        let fields = [Field::Cash, Field::Electronic, Field::Vouchers, Field::Uncollected];
        let mut cents = [None; 4];
        for (value, field) in cents.iter_mut().zip(fields) {
            *value = self.amount(row, field)?;
        }
        if cents.iter().all(Option::is_none) {
            return Ok(None);
        }
        let [cash_cents, electronic_cents, vouchers_cents, uncollected_cents] =
            cents.map(Option::unwrap_or_default);
        let paid = cash_cents + electronic_cents + vouchers_cents + uncollected_cents;
        if let (Some(gross), Some(index)) = (gross, self.columns.index(Field::Gross))
            && gross != paid
        {
            let message =
                format!("the tenders add up to {}", crate::fiscal::cents_to_decimal(paid));
            self.warn(row, index, message);
        }
        Ok(Some(Tenders { cash_cents, electronic_cents, vouchers_cents, uncollected_cents }))
    }

    /// Tells whether the program wrote the row's amounts with the opposite sign.
    fn is_turned(&self, row: &Row) -> bool {
        self.layout.received_is_negative && self.direction(row) == Some(Direction::Incoming)
    }

    /// Returns the source's word for the state, or what stands for one.
    fn status(&self, row: &Row) -> Result<Option<String>, Reject> {
        if let Some(from) = self.date(row, Field::InactiveFrom)? {
            let to = self.date(row, Field::InactiveTo)?;
            return Ok(Some(match to {
                Some(to) => format!("inattivo {from}..{to}"),
                None => format!("inattivo {from}.."),
            }));
        }
        let status = self.text(row, Field::Status).map(|text| {
            let meaning = self.layout.statuses.get(&fold(&text));
            meaning.cloned().unwrap_or_else(|| text.to_lowercase())
        });
        let status = status.filter(|text| !text.is_empty());
        // These words already say that the sale does not stand.
        let is_undone =
            status.as_ref().is_some_and(|word| word.contains("refunded") || word == "voided");
        if self.date(row, Field::CancelledAt)?.is_some() && !is_undone {
            return Ok(Some("cancelled".to_owned()));
        }
        Ok(status)
    }
}
