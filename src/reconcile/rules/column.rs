//! What a row knows, under the names that rules use for it.

use std::borrow::Cow;

use chrono::{Datelike as _, NaiveDate};

use crate::fiscal::cents_to_decimal;
use crate::reconcile::party::hash;
use crate::reconcile::record::Record;
use crate::reconcile::rules::RuleSort;
use crate::reconcile::tables::plan::{Column, Reading};
use crate::reconcile::tables::tolerance::Form;
use crate::reconcile::tables::value::{Decimal, Value};

/// Names one thing that a row knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reconcile) enum RowColumn {
    /// Identifiers: the SdI's, a file's, an order's, a batch's, a payout's; several a row.
    Reference,
    /// The other party: its tax identifiers and its name; several a row.
    Party,
    Name,
    Number,
    /// The number without prefix, leading zeros and year.
    PlainNumber,
    /// `credit` or `invoice`.
    Sort,
    IssueDate,
    /// The day on which the provider took the document in; what the books call its reception.
    ReceptionDate,
    /// The day of registration in the books.
    RegistrationDate,
    TransmissionDate,
    Taxable,
    Vat,
    Gross,
    Status,
    /// The VAT rate or the tender of takings.
    Slice,
}

use RowColumn::{
    Gross, IssueDate, Name, Number, Party, PlainNumber, ReceptionDate, Reference, RegistrationDate,
    Slice, Sort, Status, Taxable, TransmissionDate, Vat,
};

const BOTH: [(&str, RowColumn); 12] = [
    ("reference", Reference),
    ("party", Party),
    ("name", Name),
    ("number", Number),
    ("plain_number", PlainNumber),
    ("sort", Sort),
    ("issue_date", IssueDate),
    ("reception_date", ReceptionDate),
    ("taxable", Taxable),
    ("vat", Vat),
    ("gross", Gross),
    ("status", Status),
];
const ENTRIES: [(&str, RowColumn); 2] =
    [("registration_date", RegistrationDate), ("transmission_date", TransmissionDate)];
const TAKINGS: [(&str, RowColumn); 5] = [
    ("issue_date", IssueDate),
    ("slice", Slice),
    ("gross", Gross),
    ("taxable", Taxable),
    ("vat", Vat),
];

const SETTLEMENTS: [(&str, RowColumn); 2] = [("issue_date", IssueDate), ("gross", Gross)];

/// Returns what rows of a sort know, the documents' side first.
pub(super) fn known(sort: RuleSort) -> [Vec<(&'static str, RowColumn)>; 2] {
    match sort {
        RuleSort::Takings => [TAKINGS.to_vec(), TAKINGS.to_vec()],
        RuleSort::Settlements => [SETTLEMENTS.to_vec(), SETTLEMENTS.to_vec()],
        _ => [BOTH.to_vec(), [&BOTH[..], &ENTRIES[..]].concat()],
    }
}

/// Points at what two rows are held against each other by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reconcile) struct RowPair {
    /// What it is called on either side.
    pub(in crate::reconcile) at: [RowColumn; 2],
    pub(in crate::reconcile) reading: Reading,
}

impl RowPair {
    /// Returns what a column of a plan points at.
    pub(super) fn of(column: &Column, known: &[Vec<(&'static str, RowColumn)>; 2]) -> Self {
        let at = [0, 1].map(|hand: usize| known[hand][column.at[hand]].1);
        let reading = match (at[0].kind(), column.reading) {
            // Nobody need say how an amount or a date is to be read here.
            (Kind::Amount, Reading::Text(_)) => Reading::Number,
            (Kind::Date, Reading::Text(_)) => Reading::Day,
            (_, reading) => reading,
        };
        Self { at, reading }
    }

    /// Tells whether the column can be read as the rule wants it.
    pub(super) fn is_readable(self) -> bool {
        let [left, right] = self.at.map(RowColumn::kind);
        left == right
            && match self.reading {
                Reading::Text(_) => left == Kind::Text,
                Reading::Number | Reading::Size => left == Kind::Amount,
                Reading::Day | Reading::Month => left == Kind::Date,
            }
    }

    /// Returns what a row of a side (0 left, 1 right) says there.
    pub(in crate::reconcile) fn value(self, hand: usize, row: &Record) -> Value<'_> {
        let day = |day: Option<NaiveDate>| match (day, self.reading) {
            (None, _) => Value::Blank,
            (Some(day), Reading::Month) => {
                Value::Day(day.num_days_from_ce() - i32::try_from(day.day0()).unwrap_or(0))
            }
            (Some(day), _) => Value::Day(day.num_days_from_ce()),
        };
        let amount = |cents: Option<i64>| match (cents, self.reading) {
            (None, _) => Value::Blank,
            (Some(cents), Reading::Size) => Value::Number(Decimal::new(cents.into(), 2).abs()),
            (Some(cents), _) => Value::Number(Decimal::new(cents.into(), 2)),
        };
        match self.at[hand] {
            IssueDate => day(row.issue_date),
            ReceptionDate | RegistrationDate | TransmissionDate => day(self.at[hand].day(row)),
            Taxable => amount(row.reference.taxable_cents),
            Vat => amount(row.reference.vat_cents),
            Gross => amount(row.amount_cents),
            text => match (text.texts(row).next(), self.reading) {
                (Some(text), Reading::Text(form)) => {
                    let written = Cow::Borrowed(text.as_bytes());
                    Value::Text(Cow::Owned(form.of(&written).into_owned()))
                }
                _ => Value::Blank,
            },
        }
    }

    /// Returns every text under which a row can be found by this column.
    pub(in crate::reconcile) fn keys(self, hand: usize, row: &Record) -> Vec<String> {
        let Reading::Text(form) = self.reading else {
            return match self.value(hand, row) {
                Value::Blank => Vec::new(),
                Value::Number(number) => vec![number.to_string()],
                Value::Day(day) => vec![day.to_string()],
                Value::Text(text) => vec![String::from_utf8_lossy(&text).into_owned()],
            };
        };
        if form == Form::Exact {
            return self.at[hand].texts(row).map(ToOwned::to_owned).collect();
        }
        let formed = |text: &str| {
            let bytes = Cow::Borrowed(text.as_bytes());
            String::from_utf8_lossy(&form.of(&bytes)).into_owned()
        };
        self.at[hand].texts(row).map(formed).filter(|key| !key.is_empty()).collect()
    }

    /// Hands on the hash of each of those keys, most of them without writing them.
    pub(in crate::reconcile) fn hashes(self, hand: usize, row: &Record, take: impl FnMut(u64)) {
        match self.at[hand] {
            _ if self.reading != Reading::Text(Form::Exact) => {
                self.keys(hand, row).iter().map(|key| hash(key)).for_each(take);
            }
            Party => row.party.hashes().iter().copied().for_each(take),
            Reference => row.references().map(hash).for_each(take),
            one => one.word(row).map(hash).into_iter().for_each(take),
        }
    }

    /// Tells whether two rows have a key of this column in common.
    pub(in crate::reconcile) fn is_shared(self, left: &Record, right: &Record) -> bool {
        if self.reading == Reading::Text(Form::Exact) {
            if self.at == [Party, Party] {
                return left.party.shares_key(&right.party);
            }
            if !self.at.contains(&Party) && !self.at.contains(&Reference) {
                let (own, its) = (self.at[0].word(left), self.at[1].word(right));
                return own.is_some() && own == its;
            }
            let mut own = self.at[0].texts(left);
            return own.any(|one| self.at[1].texts(right).any(|its| one == its));
        }
        let other = self.keys(1, right);
        self.keys(0, left).iter().any(|key| other.contains(key))
    }
}

/// Tells apart how things can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Amount,
    Date,
}

impl RowColumn {
    pub(super) fn kind(self) -> Kind {
        match self {
            IssueDate | ReceptionDate | RegistrationDate | TransmissionDate => Kind::Date,
            Taxable | Vat | Gross => Kind::Amount,
            _ => Kind::Text,
        }
    }

    /// Tells whether this is a date.
    pub(super) fn is_date(self) -> bool {
        self.kind() == Kind::Date
    }

    /// Returns a row's date; of its issue where the row does not have the one wanted.
    pub(in crate::reconcile) fn day_or_issue(self, row: &Record) -> Option<NaiveDate> {
        self.day(row).or(row.issue_date)
    }

    fn day(self, row: &Record) -> Option<NaiveDate> {
        match self {
            ReceptionDate => row.reception_date,
            RegistrationDate => row.registration_date,
            TransmissionDate => row.transmission_date,
            _ => row.issue_date,
        }
    }

    /// Returns everything that a row says there, as text: decimals, ISO dates, words.
    pub(super) fn says(self, row: &Record) -> Box<dyn Iterator<Item = String> + '_> {
        let cents = match self {
            Taxable => row.reference.taxable_cents,
            Vat => row.reference.vat_cents,
            Gross => row.amount_cents,
            _ => None,
        };
        match self.kind() {
            // A party's keys say which of them is an id and which a name; people do not.
            Kind::Text => Box::new(self.texts(row).map(move |text| {
                let bare = text.strip_prefix("id:").or_else(|| text.strip_prefix("name:"));
                bare.filter(|_| self == Party).unwrap_or(text).to_owned()
            })),
            Kind::Date => Box::new(self.day(row).map(|day| day.to_string()).into_iter()),
            Kind::Amount => Box::new(cents.map(cents_to_decimal).into_iter()),
        }
    }

    /// Returns what a row says in words; a party and references are several.
    fn texts(self, row: &Record) -> impl Iterator<Item = &str> {
        let references = (self == Reference).then(|| row.references()).into_iter().flatten();
        let parties = (self == Party).then(|| row.party.keys()).into_iter().flatten();
        references.chain(parties).chain(self.word(row))
    }

    /// Returns the one word that a row says in a column of words.
    fn word(self, row: &Record) -> Option<&str> {
        match self {
            Name => row.reference.counterparty_name.as_deref(),
            Number => row.number(),
            PlainNumber => row.normalised.as_deref(),
            Status => row.reference.status.as_deref(),
            Sort => {
                let is_negative = || row.amount_cents.is_some_and(|cents| cents < 0);
                let is_credit = if row.has_type() { row.is_credit() } else { is_negative() };
                Some(if is_credit { "credit" } else { "invoice" })
            }
            _ => None,
        }
    }
}
