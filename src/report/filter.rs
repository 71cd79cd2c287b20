//! What one recipient wants to read of a report: some companies, some kinds, from an amount on.
//!
//! A filter chooses what is listed, never what is true: the verdict is that of the companies
//! chosen, what was not looked at passes every filter, and what is left out is counted.

use std::borrow::Cow;

use super::model::{Model, verdict_of};
use crate::credentials::Subject;
use crate::findings::{FindingState, Kind, RollForward, Standing, Tally};
use crate::fiscal::TaxId;

/// Says what one recipient wants to read.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Filter {
    /// The companies, by tax id; empty means all.
    pub companies: Vec<TaxId>,
    /// The kinds of finding; empty means all.
    pub kinds: Vec<Kind>,
    /// Findings with fewer cents at risk are left out.
    pub minimum_cents: i64,
}

impl Filter {
    /// Tells whether it lets everything through.
    #[must_use]
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }

    fn passes(&self, standing: &Standing) -> bool {
        let finding = &standing.finding;
        finding.kind.means_incomplete()
            || (self.kinds.is_empty() || self.kinds.contains(&finding.kind))
                && finding.at_risk_cents >= self.minimum_cents
    }
}

/// Returns the report as a recipient wants to read it, and how much of it is left out.
///
/// Left out are open findings of the companies chosen; other companies are not theirs to read.
#[must_use]
pub fn filtered<'m>(model: &'m Model, filter: &Filter) -> (Cow<'m, Model>, Tally) {
    if filter.is_open() {
        return (Cow::Borrowed(model), Tally::default());
    }
    let mut own = model.clone();
    if !filter.companies.is_empty() {
        let is_own = |company: &TaxId| filter.companies.contains(company);
        own.companies.retain(|one| is_own(&one.tax_id));
        own.statements.retain(|one| is_own(&one.statement.company));
        own.findings.retain(|one| is_own(&one.finding.company));
        own.cleared.retain(|one| is_own(&one.finding.company));
        own.sources.retain(|one| one.company.as_ref().is_none_or(is_own));
        own.alerts.retain(|alert| match &alert.subject {
            Subject::Portal(one) => one.companies.iter().any(|one| is_own(&one.company)),
            Subject::Token { .. } | Subject::Credit { .. } => true,
        });
        own.verdict = verdict_of(&own.statements, &own.findings);
    }
    let mut hidden = Tally::default();
    own.findings.retain(|standing| {
        let passes = filter.passes(standing);
        if !passes && standing.state == FindingState::Open {
            hidden.rows += 1;
            hidden.at_risk_cents += standing.finding.at_risk_cents;
        }
        passes
    });
    own.cleared.retain(|standing| filter.passes(standing));
    own.roll_forward = roll_forward(&own);
    (Cow::Owned(own), hidden)
}

/// Accounts for what is left: what was open before is worked out from the other three.
fn roll_forward(model: &Model) -> RollForward {
    let tally = |standings: &mut dyn Iterator<Item = &Standing>| {
        let mut sum = Tally::default();
        for one in standings.filter(|one| one.finding.currency == model.currency) {
            sum.rows += 1;
            sum.at_risk_cents += one.finding.at_risk_cents;
        }
        sum
    };
    let open = |one: &&Standing| one.state == FindingState::Open;
    let closing = tally(&mut model.findings.iter().filter(open));
    let new = tally(&mut model.findings.iter().filter(open).filter(|one| one.is_new));
    let cleared = tally(&mut model.cleared.iter());
    let opening = Tally {
        rows: closing.rows + cleared.rows - new.rows,
        at_risk_cents: closing.at_risk_cents + cleared.at_risk_cents - new.at_risk_cents,
    };
    RollForward { opening, new, cleared, closing }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::tests::small;

    #[test]
    fn strange_company_sees_nothing_of_others() {
        let model = small();
        let stranger = TaxId::parse("09876543217").unwrap();
        let filter = Filter { companies: vec![stranger], ..Filter::default() };
        let (own, hidden) = filtered(&model, &filter);
        assert!(own.companies.is_empty() && own.statements.is_empty() && own.findings.is_empty());
        assert_eq!((hidden.rows, own.roll_forward.ties_out()), (0, true));
        assert_eq!(*filtered(&model, &Filter::default()).0, model);
    }
}
