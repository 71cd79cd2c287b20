//! Invoices, document by document: passes, classes, findings.

use std::collections::{BTreeMap, BTreeSet};

use crate::findings::{Finding, Side};
use crate::fiscal::{Company, Direction};
use crate::reconcile::coverage::{self, Coverage};
use crate::reconcile::draft::Draft;
use crate::reconcile::invoice_sides::{InvoiceRows, InvoiceSide, sent_again, whole};
use crate::reconcile::judgement::{Judgement, Reasons, Standing};
use crate::reconcile::one_pass::pair_up;
use crate::reconcile::pairing::Pairing;
use crate::reconcile::prove::{Source, prove};
use crate::reconcile::record::Names;
use crate::reconcile::rules::{PassRule, RuleSet};
use crate::reconcile::statement::Basis;
use crate::reconcile::verdict::FindingMaker;
use crate::reconcile::{Error, Input, Outcome, checks, groups, self_invoices};

/// Compares sent and received invoices, a statement each.
pub(super) fn compare_invoices(
    input: &Input,
    documents: (InvoiceRows, &Names),
    entries: (InvoiceRows, &Names),
) -> Result<Outcome, Error> {
    let sides = whole(input, documents, entries);
    let mut outcome = Outcome::default();
    for direction in [Direction::Outgoing, Direction::Incoming] {
        if let Some(one) = compare_direction(input, &sides, direction)? {
            outcome.statements.extend(one.statements);
            outcome.findings.extend(one.findings);
            outcome.sent_numbers = outcome.sent_numbers.or(one.sent_numbers);
        }
    }
    // Millions of rows take their time to go, and nobody has to wait for them.
    rayon::spawn(move || drop(sides));
    Ok(outcome)
}

fn compare_direction(
    input: &Input,
    sides: &[[InvoiceSide; 2]; 2],
    direction: Direction,
) -> Result<Option<Outcome>, Error> {
    let [left, right] = &sides[direction as usize];
    let has_rows = left.rows.iter().chain(&right.rows).any(|record| record.is_in_period);
    if !has_rows && !is_enabled(&input.company, direction) {
        return Ok(None);
    }
    let rules = input.rules.invoices(direction);
    let coverage = Coverage::of_rows(input, right.rows.iter(), rules);
    // The checks ask nothing about pairs, and take as long as these.
    let (judged, (checked, sent_numbers)) = rayon::join(
        || judge(input, direction, [left, right], &coverage),
        || checks::check_invoices(input, direction, sides),
    );
    let (draft, mut findings) = judged?;
    findings.extend(checked);
    findings.extend(coverage.findings(input, direction, &draft.rows[0], &BTreeSet::new()));
    findings.extend(coverage::unsettled_findings(input, direction));
    let sources = [left, right].map(|side| side.rows.iter().map(Source::of).collect());
    let proved = prove(draft, coverage.covered(), &findings, &sources)?;
    Ok(Some(Outcome { statements: vec![proved], findings, sent_numbers }))
}

/// Pairs the rows of a direction and places each in its class.
fn judge(
    input: &Input,
    direction: Direction,
    [left, right]: [&InvoiceSide; 2],
    coverage: &Coverage,
) -> Result<(Draft, Vec<Finding>), Error> {
    let rules = input.rules.invoices(direction);
    let pairing = pair(left, right, rules)?;
    let mut judgement = Judgement {
        input,
        direction,
        rules,
        left,
        right,
        pairing: &pairing,
        coverage,
        make: FindingMaker::new(input, direction),
        draft: Draft::new(input, direction, Basis::Documents),
        reasons: Reasons::default(),
    };
    judgement.take_pairs();
    judgement.take_groups();
    judgement.take_singles(Side::Left, &sent_again(&left.rows, &left.left_out));
    judgement.take_singles(Side::Right, &BTreeMap::new());
    Ok((judgement.draft, judgement.make.into_findings()))
}

/// Runs the passes, most precise first, and marks what repeats.
///
/// An identifier decides whatever the document's state. A number does not: a discarded or
/// refused invoice is sent again under its own, so valid documents choose first.
fn pair(left: &InvoiceSide, right: &InvoiceSide, rules: &RuleSet) -> Result<Pairing, Error> {
    const STATES: [Option<Standing>; 3] =
        [Some(Standing::Valid), Some(Standing::Refused), Some(Standing::NeverIssued)];
    // Most sides have valid documents only: what is not there needs no turn.
    let is_there = |standing: &&Option<Standing>| {
        left.rows.iter().any(|row| Some(Standing::of(row)) == **standing)
    };
    let states: Vec<Option<Standing>> = STATES.iter().filter(is_there).copied().collect();
    let mut pairing = Pairing::default();
    let sides = (&left.rows[..], &right.rows[..]);
    let rows = |side: Side| if side == Side::Left { sides.0 } else { sides.1 };
    let is_left_out = |side: Side, index: usize| match side {
        Side::Left => left.left_out.contains_key(&index),
        Side::Right => right.left_out.contains_key(&index),
    };
    // What is not valid is told by its own row, which must stay one.
    let may_group = |side: Side, index: usize| {
        !is_left_out(side, index)
            && (side == Side::Right || Standing::of(&left.rows[index]) == Standing::Valid)
    };
    // What the books lost or mistyped comes after all that a number says, whatever the state.
    for passes in rules.passes.chunk_by(PassRule::is_like) {
        let is_of_the_rest = passes[0].is_of_the_rest();
        let copies = [Side::Left, Side::Right].map(|side| {
            let among = if is_of_the_rest { rows(side) } else { &[] };
            pairing.copies(side, among, |index| may_group(side, index))
        });
        let turns = if passes[0].is_by_identifier() { &[None][..] } else { &states[..] };
        for standing in turns {
            // Nobody books what was never issued, but by its number: a likeness accuses nobody.
            if is_of_the_rest && *standing == Some(Standing::NeverIssued) {
                continue;
            }
            let is_turn =
                |index: usize| standing.is_none_or(|one| one == Standing::of(&left.rows[index]));
            let is_open = |side: Side, index: usize| {
                !is_left_out(side, index)
                    && !copies[side as usize].contains(&index)
                    && (side == Side::Right || is_turn(index))
            };
            for turn in passes.chunk_by(|_, next| next.is_together) {
                pair_up(turn, sides, (is_open, may_group), &rules.tolerance, &mut pairing)?;
            }
        }
    }
    self_invoices::pair_up(left, right, &mut pairing);
    for rule in &rules.groups {
        groups::search(rule, [sides.0, sides.1], may_group, &mut pairing);
    }
    for side in [Side::Left, Side::Right] {
        pairing.find_duplicates(side, rows(side), |index| may_group(side, index));
    }
    Ok(pairing)
}

fn is_enabled(company: &Company, direction: Direction) -> bool {
    match direction {
        Direction::Outgoing => company.has_outgoing_invoices,
        Direction::Incoming => company.has_incoming_invoices,
    }
}
