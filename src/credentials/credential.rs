//! One person's credentials: how old, for whom, and whether they still work.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::{CompanyUse, Declared, Evidence, LIFE_DAYS, Signal, Source, WARNING_DAYS};
use crate::fiscal::{TaxId, date_in_rome, words};

words! {
    /// Tells how credentials stand, worst first.
    State {
        /// Ninety days are over.
        Expired = "expired",
        /// The tax portal refuses them before their time.
        Refused = "refused",
        /// The password was changed, and not every company of theirs has the new one.
        Behind = "behind",
        /// Nobody knows how old they are.
        Unknown = "unknown",
        /// They end within thirty days.
        Expiring = "expiring",
        /// They have more than thirty days left.
        Valid = "valid",
    }
}

/// Holds what is known of one person's credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The CodiceFiscale with which the tax portal knows the person.
    pub tax_code: String,
    /// The companies that they serve, by tax id.
    pub companies: Vec<CompanyUse>,
    /// The day of the last change, and how it is known.
    pub changed: Option<(NaiveDate, Source)>,
    /// When that was written down.
    pub stored_at: Option<DateTime<Utc>>,
    /// The first day on which they do not work any more.
    pub expires_on: Option<NaiveDate>,
    /// Days from today until then; negative after it.
    pub days_left: Option<i64>,
    /// The day since which the tax portal refuses them, if it does.
    pub refused_since: Option<NaiveDate>,
    /// The companies for which the provider still has an older password.
    pub behind: Vec<TaxId>,
    /// How they stand.
    pub state: State,
}

impl Credential {
    /// Returns how a company stands: only one that has the older password is behind.
    #[must_use]
    pub fn state_of(&self, company: &TaxId) -> State {
        if self.state == State::Behind && !self.behind.contains(company) {
            return by_days(self.days_left);
        }
        self.state
    }
}

/// How long after our own change the provider's callback may tell us of it.
const ECHO: TimeDelta = TimeDelta::hours(1);

/// Returns the credentials of each person who is used by a company, by tax code.
#[must_use]
pub fn watch(
    uses: &[CompanyUse],
    declared: &[Declared],
    evidence: &[Evidence],
    today: NaiveDate,
) -> Vec<Credential> {
    let mut people: BTreeMap<String, Vec<&CompanyUse>> = BTreeMap::new();
    for one in uses {
        people.entry(one.tax_code.trim().to_uppercase()).or_default().push(one);
    }
    people
        .into_iter()
        .map(|(tax_code, mut companies)| {
            companies.sort_by(|a, b| a.company.cmp(&b.company));
            credential(tax_code, &companies, declared, evidence, today)
        })
        .collect()
}

/// The last change that is known for one company.
struct Change {
    on: NaiveDate,
    at: DateTime<Utc>,
    source: Source,
}

fn credential(
    tax_code: String,
    companies: &[&CompanyUse],
    declared: &[Declared],
    evidence: &[Evidence],
    today: NaiveDate,
) -> Credential {
    let changes: Vec<(&TaxId, Option<Change>)> = companies
        .iter()
        .map(|one| (&one.company, last_change(&one.company, &tax_code, declared, evidence)))
        .collect();
    let newest = changes.iter().filter_map(|(_, change)| change.as_ref()).max_by_key(|one| one.on);
    let behind: Vec<TaxId> = changes
        .iter()
        .filter(|(_, change)| {
            change.as_ref().zip(newest).is_some_and(|(own, newest)| own.on < newest.on)
        })
        .map(|(company, _)| (*company).clone())
        .collect();
    let refused_since = changes
        .iter()
        // An older password is refused for being old: that is said otherwise.
        .filter(|(company, _)| !behind.contains(company))
        .filter_map(|(company, change)| refused(company, change.as_ref(), evidence))
        .min();
    let expires_on =
        newest.and_then(|one| one.on.checked_add_days(Days::new(LIFE_DAYS.cast_unsigned())));
    let days_left = expires_on.map(|day| (day - today).num_days());
    let state = match by_days(days_left) {
        State::Expired => State::Expired,
        _ if refused_since.is_some() => State::Refused,
        _ if !behind.is_empty() => State::Behind,
        other => other,
    };
    Credential {
        tax_code,
        companies: companies.iter().map(|one| (*one).clone()).collect(),
        changed: newest.map(|one| (one.on, one.source)),
        stored_at: newest.map(|one| one.at),
        expires_on,
        days_left,
        refused_since,
        behind,
        state,
    }
}

fn by_days(days_left: Option<i64>) -> State {
    match days_left {
        None => State::Unknown,
        Some(days) if days <= 0 => State::Expired,
        Some(days) if days <= WARNING_DAYS[0] => State::Expiring,
        Some(_) => State::Valid,
    }
}

/// Returns what was written down, or a change that a callback told of later.
fn last_change(
    company: &TaxId,
    tax_code: &str,
    declared: &[Declared],
    evidence: &[Evidence],
) -> Option<Change> {
    let written = declared
        .iter()
        .find(|one| one.company == *company && one.tax_code.eq_ignore_ascii_case(tax_code));
    let told = evidence
        .iter()
        .filter(|one| one.company == *company && one.signal == Signal::Renewed)
        .map(|one| one.at)
        .filter(|at| written.is_none_or(|written| *at > written.recorded_at + ECHO))
        .max()
        .map(|at| Change { on: date_in_rome(at), at, source: Source::Callback });
    told.or_else(|| {
        written.map(|one| Change { on: one.changed_on, at: one.recorded_at, source: one.source })
    })
}

/// Returns the day of the first refusal after the last sign that all was well.
fn refused(company: &TaxId, change: Option<&Change>, evidence: &[Evidence]) -> Option<NaiveDate> {
    let own = || evidence.iter().filter(|one| one.company == *company);
    let well = own()
        .filter(|one| one.signal != Signal::Refused)
        .map(|one| one.at)
        .chain(change.map(|change| change.at))
        .max();
    own()
        .filter(|one| one.signal == Signal::Refused && well.is_none_or(|well| one.at > well))
        .map(|one| date_in_rome(one.at))
        .min()
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;

    use super::*;

    fn id(number: u8) -> TaxId {
        TaxId::parse(&format!("company-{number}")).unwrap()
    }

    fn uses(numbers: &[u8]) -> Vec<CompanyUse> {
        let one = |number: &u8| CompanyUse {
            company: id(*number),
            name: format!("Company {number}"),
            tax_code: "RSSMRA80A01H501U".to_owned(),
        };
        numbers.iter().map(one).collect()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        Utc.from_utc_datetime(&day(text).and_hms_opt(10, 0, 0).unwrap())
    }

    fn declared(number: u8, changed_on: &str) -> Declared {
        Declared {
            company: id(number),
            tax_code: "rssmra80a01h501u".to_owned(),
            changed_on: day(changed_on),
            recorded_at: at(changed_on),
            source: Source::Declared,
        }
    }

    fn event(number: u8, when: &str, signal: Signal) -> Evidence {
        Evidence { company: id(number), at: at(when), signal }
    }

    fn state(declared: &[Declared], evidence: &[Evidence], today: &str) -> (State, Option<i64>) {
        let found = watch(&uses(&[1, 2]), declared, evidence, day(today));
        let [one] = &found[..] else { panic!("{found:?}") };
        (one.state, one.days_left)
    }

    #[test]
    fn ninety_days_count_from_the_change() {
        let both = [declared(1, "2026-01-01"), declared(2, "2026-01-01")];
        for (today, expected) in [
            ("2026-01-01", (State::Valid, Some(90))),
            ("2026-03-01", (State::Valid, Some(31))),
            ("2026-03-02", (State::Expiring, Some(30))),
            ("2026-03-31", (State::Expiring, Some(1))),
            ("2026-04-01", (State::Expired, Some(0))),
            ("2026-05-01", (State::Expired, Some(-30))),
        ] {
            assert_eq!(state(&both, &[], today), expected, "{today}");
        }
        assert_eq!(state(&[], &[], "2026-04-01"), (State::Unknown, None));
    }

    #[test]
    fn company_left_behind_is_named() {
        let found = watch(
            &uses(&[1, 2]),
            &[declared(1, "2026-03-01"), declared(2, "2026-01-05")],
            &[event(2, "2026-03-02", Signal::Refused)],
            day("2026-03-10"),
        );
        assert_eq!((found[0].state, found[0].behind.clone()), (State::Behind, vec![id(2)]));
        assert_eq!(found[0].state_of(&id(1)), State::Valid);
        assert_eq!(found[0].state_of(&id(2)), State::Behind);
    }

    #[test]
    fn refusal_counts_until_something_works_again() {
        let both = [declared(1, "2026-01-01"), declared(2, "2026-01-01")];
        let refused = event(1, "2026-01-20", Signal::Refused);
        assert_eq!(state(&both, std::slice::from_ref(&refused), "2026-01-21").0, State::Refused);
        for (later, signal) in [("2026-01-21", Signal::Worked), ("2026-01-22", Signal::Renewed)] {
            let events = [refused.clone(), event(1, later, signal)];
            assert_ne!(state(&both, &events, "2026-01-22").0, State::Refused, "{signal}");
        }
        // What failed before the change was written down is over.
        let newer = [declared(1, "2026-01-21"), declared(2, "2026-01-21")];
        assert_eq!(state(&newer, &[refused], "2026-01-22").0, State::Valid);
    }

    #[test]
    fn age_is_learned_from_a_callback() {
        let told = [event(1, "2026-02-01", Signal::Renewed)];
        let found = watch(&uses(&[1]), &[], &told, day("2026-02-11"));
        assert_eq!(found[0].changed, Some((day("2026-02-01"), Source::Callback)));
        assert_eq!(found[0].days_left, Some(80));
        // The echo of our own change tells nothing new.
        let ours = Declared { recorded_at: at("2026-02-01"), ..declared(1, "2026-01-20") };
        let found = watch(&uses(&[1]), &[ours], &told, day("2026-02-11"));
        assert_eq!(found[0].changed, Some((day("2026-01-20"), Source::Declared)));
    }
}
