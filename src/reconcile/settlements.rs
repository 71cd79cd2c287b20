//! What was paid electronically, by day, against what payment services settled.
//!
//! The left side is the electronic part of receipts; where the provider has none, of the
//! books' daily takings by tender. The right side are card transactions, with the day of the
//! sale and not of the payment to the bank. A day's gross must agree to the cent; fees never
//! explain a difference, they are told apart with the net. Inside its grace a day that does
//! not agree is pending, because services settle some working days later; after it the day
//! is a finding. Payouts are proved by their own transactions (`settlement_payouts`). Absent
//! on purpose: which receipt was paid by which transaction, because receipts do not say it.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::Days;

use crate::findings::{DaySettled, Evidence, Excluded, Finding, Kind, Lacking, Reason, Side};
use crate::fiscal::{Currency, Direction, Period, Tenders};
use crate::reconcile::coverage::Coverage;
use crate::reconcile::draft::Draft;
use crate::reconcile::prove::{Source, prove};
use crate::reconcile::receipts::{Line, Receipt, Told, under};
use crate::reconcile::record::Record;
use crate::reconcile::settlement_days::{Calendar, DayKey, Role, Sale, stretches};
use crate::reconcile::settlement_payouts::prove_payouts;
use crate::reconcile::statement::{Basis, Class};
use crate::reconcile::verdict::FindingMaker;
use crate::reconcile::{Error, Input, Outcome};

/// The class of each day's rows, and the reason that they share.
type Judged = BTreeMap<DayKey, (Class, Arc<Reason>)>;

/// A file that ends so shortly before the period shows that there should be one for it.
const DAYS_AROUND: u64 = 31;

/// Tells whether payment services' files speak of the period, or of the days around it.
pub(super) fn are_kept(input: &Input, lines: &[Line<'_>]) -> bool {
    let near = Period {
        from: input.period.from - Days::new(DAYS_AROUND),
        to: input.period.to + Days::new(DAYS_AROUND),
    };
    lines.iter().filter_map(|line| line.record.issue_date).any(|day| near.contains(day))
}

/// Compares electronic takings with card transactions.
pub(super) fn compare(
    input: &Input,
    receipts: &[Receipt<'_>],
    (takings, lines): (&[Line<'_>], &[Line<'_>]),
    told: &Told,
    general: &[Finding],
) -> Result<Outcome, Error> {
    let has_receipts =
        input.company.has_receipts || receipts.iter().any(|receipt| receipt.record.is_in_period);
    let receipts = &under(receipts, input.rules.settlements())[..];
    let sales = if has_receipts { of_receipts(receipts) } else { of_takings(takings) };
    let roles = roles(lines);
    let rules = input.rules.settlements();
    let desk = Desk {
        input,
        calendar: Calendar::new(&sales, (lines, &roles), &rules.tolerance)?,
        sales,
        lines,
        roles,
        is_of_books: !has_receipts,
        is_known: has_receipts || !takings.is_empty(),
        coverage: Coverage::of_rows(input, lines.iter().map(|line| &line.record), rules),
    };
    let mut make = FindingMaker::new(input, Direction::Outgoing);
    let mut draft = Draft::new(input, Direction::Outgoing, Basis::Settlements);
    let judge = |key: &DayKey| {
        let (class, reason) = desk.judge(*key);
        (*key, (class, Arc::new(reason)))
    };
    let judged: Judged = desk.calendar.days.keys().map(judge).collect();
    let mut counted: [Vec<Source<'_>>; 2] = [Vec::new(), Vec::new()];
    for sale in &desk.sales {
        counted[0].push(Source::counting(sale.record, Some(sale.cents)));
        if sale.record.is_in_period {
            let placed = place_sale(sale, &judged);
            draft.push_counting(Side::Left, sale.record, Some(sale.cents), placed);
        }
    }
    for (place, line) in desk.lines.iter().enumerate() {
        // What moves money to the bank, or pays for that, is no part of the takings.
        let cents = line.record.amount_cents.filter(|_| desk.roles[place] != Role::Movement);
        let cents = Some(cents.unwrap_or(0));
        counted[1].push(Source::counting(&line.record, cents));
        if line.record.is_in_period {
            let (class, reason) = desk.place_line(place, &judged);
            if class == Class::Duplicate {
                make.row(Kind::DuplicateInLedger, Side::Right, &line.record, &reason);
            }
            draft.push_counting(Side::Right, &line.record, cents, (class, reason));
        }
    }
    desk.note_days(&judged, &mut make);
    let settled = prove_payouts(desk.lines, &desk.roles, &mut make);
    let mut findings = make.into_findings();
    findings.extend(Lacking::ALL.iter().flat_map(|of| desk.uncovered(*of, &judged, told)));
    let all: Vec<Finding> = findings.iter().chain(general).cloned().collect();
    let mut statement = prove(draft, desk.coverage.covered(), &all, &counted)?;
    statement.statement.settled = settled;
    Ok(Outcome { statements: vec![statement], findings, ..Outcome::default() })
}

/// Returns the receipts that were paid electronically, wholly or in part.
fn of_receipts<'a>(receipts: &'a [Receipt<'_>]) -> Vec<Sale<'a>> {
    let sales = receipts.iter().map(|one| (&one.record, one.document.tenders, &one.left_out));
    paid_electronically(sales)
}

/// Returns the lines of daily takings that were paid electronically, wholly or in part.
fn of_takings<'a>(takings: &'a [Line<'_>]) -> Vec<Sale<'a>> {
    paid_electronically(takings.iter().map(|one| (&one.record, one.entry.tenders, &one.left_out)))
}

/// Returns what rows took electronically, those left out that took nothing so.
fn paid_electronically<'a>(
    rows: impl Iterator<Item = (&'a Record, Option<Tenders>, &'a Option<(Class, Reason)>)>,
) -> Vec<Sale<'a>> {
    let sales = rows.map(|(record, tenders, left_out)| Sale {
        record,
        cents: tenders.map_or(0, |tenders| tenders.electronic_cents),
        left_out: left_out.as_ref(),
    });
    sales.filter(|sale| sale.cents != 0).collect()
}

/// Says what each row of a payment service's file is; the first of equal rows counts.
fn roles(lines: &[Line<'_>]) -> Vec<Role> {
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by(|a, b| lines[*a].record.order().cmp(&lines[*b].record.order()));
    let mut known = BTreeMap::new();
    let mut roles = vec![Role::Counts; lines.len()];
    for place in order {
        let Line { entry, record, left_out } = &lines[place];
        let kind = entry.document_type.as_ref().map_or("", |kind| kind.as_str());
        let terminal = entry.settlement.as_deref().and_then(|one| one.terminal.as_deref());
        roles[place] = if matches!(kind, "payout" | "fee") {
            Role::Movement
        } else if matches!(record.reference.status.as_deref(), Some("failed" | "open")) {
            Role::NotDone
        } else if let Some(number) = record.number() {
            let is_out = left_out.is_some();
            let same = (number, kind, record.issue_date, record.amount_cents, terminal, is_out);
            let first: usize = *known.entry(same).or_insert(place);
            if first == place { Role::Counts } else { Role::Repeats(first) }
        } else {
            Role::Counts
        };
    }
    roles
}

/// Holds both sides while they are being judged.
struct Desk<'a> {
    input: &'a Input,
    sales: Vec<Sale<'a>>,
    lines: &'a [Line<'a>],
    roles: Vec<Role>,
    calendar: Calendar,
    is_of_books: bool,
    /// Whether anything says how customers paid.
    is_known: bool,
    coverage: Coverage,
}

impl Desk<'_> {
    fn told(&self, key: DayKey) -> DaySettled {
        let settlement = |place: usize| self.lines[place].entry.settlement.as_deref();
        self.calendar.told(key, self.is_of_books, settlement)
    }

    /// Says in which class a day's rows are.
    fn judge(&self, key: DayKey) -> (Class, Reason) {
        let told = self.told(key);
        let rules = self.input.rules.settlements();
        let day = key.1;
        let break_on = day + Days::new(rules.grace_days + 1);
        let (receipts, transactions) = (told.receipts, told.transactions);
        let is_unread = self.input.unsettled.iter().any(|span| span.contains(day));
        let class = if told.difference_cents() == 0 {
            Class::Matched
        } else if told.other_day.is_some()
            || rules.tolerance.is_gross_near(told.taken_cents, told.settled_cents)
        {
            Class::MatchedWithinTolerance
        } else if self.input.today < break_on {
            return (Class::Pending, Reason::Pending { break_on });
        } else if receipts == 0 && (is_unread || !self.is_known) {
            let lacking = if self.is_known { Lacking::Receipts } else { Lacking::Takings };
            return (Class::OutOfWindow, Reason::NotCompared { lacking, covered: None });
        } else if transactions == 0 {
            match self.coverage.excuse_day(self.input, day) {
                Some((class, Reason::OutOfWindow { covered })) => {
                    let lacking = Lacking::PaymentFile;
                    return (class, Reason::NotCompared { lacking, covered });
                }
                Some(excuse) => return excuse,
                None => Class::MissingRight,
            }
        } else if receipts == 0 {
            Class::MissingLeft
        } else {
            Class::Differing
        };
        (class, Reason::Settled { of: Box::new(told) })
    }

    fn place_line(&self, place: usize, judged: &Judged) -> (Class, Arc<Reason>) {
        if let Some((class, reason)) = self.lines[place].left_out.clone() {
            return (class, Arc::new(reason));
        }
        let excluded = |because| (Class::Excluded, Arc::new(Reason::Excluded { because }));
        match self.roles[place] {
            Role::Movement => excluded(Excluded::AccountMovement),
            Role::NotDone => excluded(Excluded::NotSettled),
            Role::Repeats(first) => {
                let of = Box::new(self.lines[first].record.told());
                (Class::Duplicate, Arc::new(Reason::Duplicate { of }))
            }
            Role::Counts => self.calendar.day_of[place]
                .and_then(|key| judged.get(&key).cloned())
                .unwrap_or_else(|| undated(Class::MissingLeft)),
        }
    }

    /// Adds a finding for each of the period's days that is a break.
    fn note_days(&self, judged: &Judged, make: &mut FindingMaker) {
        for (key, (class, _)) in judged {
            let kind = match class {
                Class::Differing => Kind::SettlementDiffers,
                Class::MissingRight => Kind::SettlementMissing,
                Class::MissingLeft => Kind::SettledWithoutTakings,
                _ => continue,
            };
            if !self.input.period.contains(key.1) {
                continue;
            }
            let day = &self.calendar.days[key];
            let mut of = self.told(*key);
            let difference = of.difference_cents();
            for place in &day.transactions {
                let Line { entry, record, .. } = &self.lines[*place];
                let terminal = entry.settlement.as_deref().and_then(|one| one.terminal.clone());
                if let Some(terminal) = terminal {
                    let sum: &mut i64 = of.terminals.entry(terminal).or_default();
                    *sum = sum.saturating_add(record.amount_cents.unwrap_or(0));
                }
            }
            let sales = day.sales.iter().map(|place| &self.sales[*place]);
            let transactions = day.transactions.iter().map(|place| &self.lines[*place].record);
            let alike: Vec<&Record> = sales
                .filter(|sale| sale.cents == difference)
                .map(|sale| sale.record)
                .chain(transactions.filter(|one| {
                    one.amount_cents.is_some_and(|cents| cents.checked_neg() == Some(difference))
                }))
                .collect();
            // Several of that amount say nothing, and where all lack it says nothing new.
            if let ([only], Class::Differing) = (&alike[..], class) {
                of.alike = Some(only.told());
            }
            let at_risk = difference.saturating_abs();
            make.push(kind, Evidence::Settled { of }, at_risk, key.0);
        }
    }

    /// Returns the findings that say on which days nothing could be compared for lack of this.
    ///
    /// Days that lack a payment file are one stretch as long as no day between them has one.
    fn uncovered(&self, of: Lacking, judged: &Judged, told: &Told) -> Vec<Finding> {
        let lacks = |reason: &Reason| matches!(reason, Reason::NotCompared { lacking, .. } if *lacking == of);
        let in_period = judged.iter().filter(|(key, _)| self.input.period.contains(key.1));
        let (lacking, others): (Vec<_>, Vec<_>) =
            in_period.partition(|(_, (_, reason))| lacks(reason));
        let between = others.iter().filter(|_| of == Lacking::PaymentFile).map(|(key, _)| key.1);
        let stretches = stretches(lacking.iter().map(|(key, _)| **key), &between.collect());
        stretches.iter().filter_map(|keys| self.uncovered_stretch(of, keys, told)).collect()
    }

    fn uncovered_stretch(&self, of: Lacking, keys: &[DayKey], told: &Told) -> Option<Finding> {
        let days = Period { from: keys.first()?.1, to: keys.last()?.1 };
        let at_risk_cents = keys
            .iter()
            .filter(|(currency, day)| *currency == Currency::EUR && !told.outside.contains(day))
            .map(|key| self.told(*key).difference_cents().saturating_abs())
            .fold(0_i64, i64::saturating_add);
        Some(Finding {
            kind: Kind::CoverageMissing,
            company: self.input.company.tax_id.clone(),
            document_kind: self.input.document_kind,
            direction: Direction::Outgoing,
            period: self.input.accounting_period,
            evidence: Evidence::Uncovered { days, lacking: Some(of) },
            at_risk_cents,
            currency: Currency::EUR,
        })
    }
}

fn place_sale(sale: &Sale<'_>, judged: &Judged) -> (Class, Arc<Reason>) {
    if let Some(left_out) = sale.left_out {
        let (class, reason) = left_out;
        return (*class, Arc::new(reason.clone()));
    }
    let day = sale.record.issue_date.map(|day| (sale.record.currency, day));
    day.and_then(|key| judged.get(&key).cloned()).unwrap_or_else(|| undated(Class::MissingRight))
}

/// A row without a day belongs to none.
fn undated(class: Class) -> (Class, Arc<Reason>) {
    (class, Arc::new(Reason::NoPartner { nearest: None }))
}
