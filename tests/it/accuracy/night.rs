//! The same two sides through a night's engine, by the shipped rules.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{Days, NaiveDate};
use quadra::findings::Side;
use quadra::fiscal::{
    Company, Direction, Document, DocumentKind, DocumentType, EntryKind, LedgerEntry, Lifecycle,
    Period, TaxId,
};
use quadra::reconcile::rules::Rulebook;
use quadra::reconcile::{GivenDocuments, GivenEntries, Input, compare};

use super::generator::{Made, Paper, generate};
use super::score::{judge, score};
use super::{SEED, rows};

fn day(paper: &Paper) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(2020, 1, 1).unwrap().checked_add_days(Days::new(paper.day))
}

fn party(paper: &Paper) -> Option<TaxId> {
    (paper.party != 0).then(|| TaxId::parse(&format!("{:011}", paper.party)).unwrap())
}

fn number(paper: &Paper) -> Option<String> {
    Some(paper.number.clone()).filter(|number| !number.is_empty())
}

fn references(paper: &Paper) -> Vec<String> {
    [&paper.order, &paper.batch].into_iter().filter(|one| !one.is_empty()).cloned().collect()
}

fn kind(paper: &Paper) -> DocumentType {
    DocumentType::new(if paper.is_credit { "TD04" } else { "TD01" })
}

fn document(paper: &Paper, place: usize, company: &Company) -> Document {
    Document {
        kind: DocumentKind::Invoice,
        source_id: format!("d{place}"),
        company: company.tax_id.clone(),
        direction: direction(company),
        document_type: kind(paper),
        status: "DONE".to_owned(),
        sdi_status: None,
        lifecycle: Lifecycle::Issued,
        error_message: None,
        number: number(paper),
        issue_date: day(paper),
        counterparty_tax_id: party(paper),
        counterparty_tax_code: None,
        counterparty_name: None,
        currency: paper.currency.parse().unwrap(),
        taxable_cents: None,
        vat_cents: None,
        gross_cents: Some(paper.gross),
        tenders: None,
        vat_lines: Vec::new(),
        parent_id: None,
        references: references(paper),
        created_at: None,
    }
}

fn entry(paper: &Paper, place: usize, company: &Company) -> LedgerEntry {
    LedgerEntry {
        kind: EntryKind::Invoice,
        row: place as u64 + 1,
        company: None,
        direction: Some(direction(company)),
        document_type: Some(kind(paper)),
        number: number(paper),
        issue_date: day(paper),
        registration_date: None,
        reception_date: None,
        transmission_date: None,
        counterparty_tax_id: party(paper),
        counterparty_tax_code: None,
        counterparty_name: None,
        currency: paper.currency.parse().unwrap(),
        taxable_cents: None,
        vat_cents: None,
        gross_cents: Some(paper.gross),
        vat_rate: None,
        tenders: None,
        has_stamp_duty: false,
        status: None,
        references: references(paper),
        settlement: None,
    }
}

/// Returns the one direction whose invoices a company has here.
fn direction(company: &Company) -> Direction {
    if company.has_incoming_invoices { Direction::Incoming } else { Direction::Outgoing }
}

/// Returns the pairs that a night confirms, groups as a pair for each of the many.
fn confirmed(made: &Made, direction: Direction) -> BTreeSet<(usize, usize)> {
    let company = Company {
        tax_id: TaxId::parse("19044175016").unwrap(),
        name: "Bottega del Porto S.r.l.".to_owned(),
        has_receipts: false,
        has_outgoing_invoices: direction == Direction::Outgoing,
        has_incoming_invoices: direction == Direction::Incoming,
    };
    let period = Period {
        from: NaiveDate::from_ymd_opt(2020, 1, 1).unwrap(),
        to: NaiveDate::from_ymd_opt(2040, 12, 31).unwrap(),
    };
    let input = Input {
        company: company.clone(),
        document_kind: DocumentKind::Invoice,
        period,
        accounting_period: period,
        today: period.to,
        unsettled: Vec::new(),
        rules: Arc::new(Rulebook::default()),
    };
    let mut documents = GivenDocuments::new(&input, made.sides[0].len());
    for (place, one) in made.sides[0].iter().enumerate() {
        documents.take(document(one, place, &company));
    }
    let mut entries = GivenEntries::new(&input, made.sides[1].len());
    for (place, one) in made.sides[1].iter().enumerate() {
        entries.take("book.csv", entry(one, place, &company));
    }
    let outcome = compare(&input, documents, entries).unwrap();
    let place = |side: Side, id: &str| match side {
        Side::Left => id[1..].parse::<usize>().unwrap(),
        Side::Right => id.rsplit_once('#').unwrap().1.parse::<usize>().unwrap() - 1,
    };
    let mut pairs = BTreeSet::new();
    for one in &outcome.statements {
        assert_eq!(one.statement.imbalance(), None);
        for row in &one.rows {
            if let Some(partner) = row.partner_id() {
                pairs.insert(match row.side {
                    Side::Left => (place(Side::Left, &row.record.id), place(Side::Right, partner)),
                    Side::Right => (place(Side::Left, partner), place(Side::Right, &row.record.id)),
                });
            }
        }
    }
    pairs
}

#[test]
fn a_night_confirms_the_true_ones_only() {
    let made = generate(rows(), SEED);
    for (what, direction) in [
        ("night, issued invoices", Direction::Outgoing),
        ("night, received invoices", Direction::Incoming),
    ] {
        let pairs = confirmed(&made, direction);
        judge(what, &score(&made, pairs.into_iter()), 0.9975);
    }
}
