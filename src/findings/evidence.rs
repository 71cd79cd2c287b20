//! The values that prove a finding, and the rows that they come from.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::findings::{DaySettled, Kind, Pass, PayoutSettled, Reason, Staleness};
use crate::fiscal::{Period, SharedText, Tender, VatRate, words};

words! {
    /// Names a side of the comparison.
    Side {
        /// The provider's documents.
        Left = "left",
        /// The books.
        Right = "right",
    }
}

words! {
    /// Names a field that two paired rows may disagree on.
    Field {
        /// Gross total.
        Gross = "gross",
        /// Taxable amount.
        Taxable = "taxable",
        /// VAT amount.
        Vat = "vat",
        /// Issue date.
        IssueDate = "issue_date",
        /// The other party's tax identifier.
        Counterparty = "counterparty",
        /// Document number.
        Number = "number",
        /// Sign of the amounts.
        Sign = "sign",
        /// State of the document.
        Status = "status",
        /// Day of registration.
        RegistrationDate = "registration_date",
        /// Day of transmission to the SdI.
        TransmissionDate = "transmission_date",
    }
}

words! {
    /// Says what is lacking to compare card settlements, or beside them.
    Lacking {
        /// Transactions are there; neither receipts nor takings by tender say what was taken.
        Takings = "takings",
        /// Transactions are there; the receipts of those days were not read whole.
        Receipts = "receipts",
        /// Electronic takings are there; no payment file covers their day.
        PaymentFile = "payment_file",
        /// A payment file is there; no register of takings and no export of orders.
        Register = "register",
    }
}

words! {
    /// Says why two values differ, where a known cause fits.
    Explanation {
        /// The difference is the 2.00 stamp duty.
        StampDuty = "stamp_duty",
        /// Day and month changed places.
        DayMonthSwapped = "day_month_swapped",
        /// Two neighbouring digits changed places.
        DigitsTransposed = "digits_transposed",
        /// At most five cents: rounding.
        Rounding = "rounding",
        /// The difference is the VAT: one side has the net.
        VatOnly = "vat_only",
        /// A receipt was voided and its void was not booked.
        VoidNotBooked = "void_not_booked",
        /// What one tender has too much, another has too little.
        TendersSwapped = "tenders_swapped",
        /// The buyer pays the VAT to the state: the total is the taxable amount.
        SplitPayment = "split_payment",
        /// The buyer withholds part of the taxable amount.
        Withholding = "withholding",
        /// A pension fund's surcharge stands in the total only.
        PensionFund = "pension_fund",
    }
}

/// Points at one row of either side, with the values that people recognise it by.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RecordRef {
    /// The provider's id, or `file#row` of the books.
    pub id: String,
    /// Document number as written.
    pub number: Option<String>,
    /// Document type code.
    pub document_type: Option<SharedText>,
    /// Day of issue.
    pub issue_date: Option<NaiveDate>,
    /// The other party's tax identifier.
    pub counterparty_tax_id: Option<SharedText>,
    /// The other party's name.
    pub counterparty_name: Option<SharedText>,
    /// Signed taxable amount, in cents.
    pub taxable_cents: Option<i64>,
    /// Signed VAT amount, in cents.
    pub vat_cents: Option<i64>,
    /// Signed gross amount, in cents.
    pub gross_cents: Option<i64>,
    /// The source's word for the state.
    pub status: Option<SharedText>,
    /// Ledger file name, for rows of the books.
    pub file: Option<SharedText>,
    /// Data row in that file, from 1.
    pub row: Option<u64>,
    /// The day by which the row counts, where a rule says another one than its issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_on: Option<NaiveDate>,
}

impl RecordRef {
    /// Returns the day by which the row counts: of its issue, or what a rule says.
    #[must_use]
    pub fn day(&self) -> Option<NaiveDate> {
        self.counted_on.or(self.issue_date)
    }
}

/// Holds one disagreement between two paired rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The field in question.
    pub field: Field,
    /// The left value as plain text: decimal, ISO date, identifier.
    pub left: Option<String>,
    /// The right value, likewise.
    pub right: Option<String>,
    /// Left minus right in cents, for amounts.
    pub difference_cents: Option<i64>,
    /// A known cause that fits.
    pub explanation: Option<Explanation>,
}

/// Names the part of a day's takings that was compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slice {
    /// One VAT rate or nature.
    Rate(VatRate),
    /// One way of paying.
    Tender(Tender),
}

/// Holds what proves a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "evidence", rename_all = "snake_case")]
pub enum Evidence {
    /// One row of one side.
    Row {
        /// Which side.
        side: Side,
        /// The row.
        record: RecordRef,
        /// Why it is in its class.
        reason: Reason,
    },
    /// Two paired rows that disagree.
    Pair {
        /// The document.
        left: RecordRef,
        /// The ledger entry.
        right: RecordRef,
        /// The pass that paired them.
        pass: Pass,
        /// What differs.
        difference: Difference,
    },
    /// A day's receipts against the books.
    Takings {
        /// The business day.
        day: NaiveDate,
        /// The VAT rate or the tender.
        slice: Slice,
        /// Receipts in the group.
        receipts: u64,
        /// The receipts' gross, in cents.
        left_cents: i64,
        /// The books' gross, in cents; zero when no line stands there.
        right_cents: i64,
        /// The ledger line, when there is one.
        line: Option<RecordRef>,
        /// A known cause that fits.
        explanation: Option<Explanation>,
    },
    /// A day's electronic takings against card transactions.
    Settled {
        /// Both sides of the day.
        of: DaySettled,
    },
    /// A payout that is not what its transactions make.
    Payout {
        /// The payout and its parts.
        of: PayoutSettled,
    },
    /// A stretch of days that was not looked at.
    Uncovered {
        /// The days without cover.
        days: Period,
        /// What is lacking, where that is about card settlements.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lacking: Option<Lacking>,
    },
    /// A file that was refused, or some rows of it.
    File {
        /// The file's name.
        file: String,
        /// Why, in the words of the error.
        reason: String,
        /// Rows refused; zero when the whole file was.
        rows: u64,
    },
    /// One row that fails a check by itself.
    Check {
        /// Which side.
        side: Side,
        /// The row.
        record: RecordRef,
        /// What should stand there (left), and what does (right).
        difference: Difference,
    },
    /// Numbers of a series that nobody has.
    Gap {
        /// The number before them, as written.
        before: String,
        /// The number after them.
        after: String,
        /// The day of the number after them.
        day: NaiveDate,
        /// How many numbers are missing.
        missing: u64,
    },
    /// A decision that does not fit any more.
    Decision {
        /// The finding on which it was taken.
        fingerprint: String,
        /// What was found wrong then.
        kind: Kind,
        /// What people know that finding by.
        subject: String,
        /// Who took it.
        owner: String,
        /// Why it was taken.
        reason: String,
        /// The day on which it was taken.
        decided_on: NaiveDate,
        /// Its last day, if it has one.
        until: Option<NaiveDate>,
        /// The cents at risk that were accepted.
        accepted_cents: i64,
        /// The cents at risk now, when the finding is still there.
        now_cents: Option<i64>,
        /// Why it does not fit.
        why: Staleness,
    },
}
