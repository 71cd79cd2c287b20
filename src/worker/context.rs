//! What every step needs: settings, the store, the clock.

use std::collections::BTreeSet;

use chrono::{Datelike as _, NaiveDate};

use crate::clock::Clock;
use crate::config::Config;
use crate::fiscal::{Company, Period, TaxId};
use crate::store::Store;
use crate::worker::Error;

/// Holds what every step needs; made once at the door.
#[derive(Debug, Clone)]
pub struct Context {
    /// Every setting of the process.
    pub config: Config,
    /// The opened store.
    pub store: Store,
    /// The time.
    pub clock: Clock,
}

impl Context {
    /// Opens the store that the settings name.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, Error> {
        let store = Store::open(&format!("sqlite://{}", config.store.path.display())).await?;
        Ok(Self { config, store, clock })
    }

    /// Returns the companies asked for, or all that the provider named so far.
    ///
    /// An id that the provider does not know is an error with the known ones.
    pub async fn companies(&self, wanted: &[String]) -> Result<Vec<Company>, Error> {
        let (companies, unknown) = self.known_companies(wanted).await?;
        let blank = wanted.iter().find(|id| TaxId::parse(id).is_none()).cloned();
        match unknown.first().map(ToString::to_string).or(blank) {
            None => Ok(companies),
            Some(company) => Err(Error::UnknownCompany { company, known: self.ids().await? }),
        }
    }

    /// Returns the companies asked for, or all, beside the ids that nobody knows.
    pub(super) async fn known_companies(
        &self,
        wanted: &[String],
    ) -> Result<(Vec<Company>, Vec<TaxId>), Error> {
        let mut companies = self.store.companies().await?;
        if wanted.is_empty() {
            return Ok((companies, Vec::new()));
        }
        let mut unknown: BTreeSet<TaxId> =
            wanted.iter().filter_map(|id| TaxId::parse(id)).collect();
        companies.retain(|company| unknown.remove(&company.tax_id));
        Ok((companies, unknown.into_iter().collect()))
    }

    async fn ids(&self) -> Result<Vec<String>, Error> {
        let known = self.store.companies().await?;
        Ok(known.iter().map(|company| company.tax_id.to_string()).collect())
    }

    /// Returns today's business day.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.clock.today_in_rome()
    }
}

/// Cuts a period at month ends; each part comes with its calendar month.
pub(super) fn months(period: Period) -> Vec<(Period, Period)> {
    let mut parts = Vec::new();
    let mut from = period.from;
    while from <= period.to {
        let month =
            Period::month(from.year(), from.month()).expect("the month of an existing day exists");
        let to = month.to.min(period.to);
        parts.push((Period { from, to }, month));
        let Some(next) = month.to.succ_opt() else {
            break;
        };
        from = next;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_cut_at_month_ends() {
        let parts = months("2026-01-30..2026-03-02".parse().unwrap());
        let shown: Vec<String> = parts
            .iter()
            .map(|(part, month)| format!("{}..{} of {month}", part.from, part.to))
            .collect();
        assert_eq!(
            shown,
            [
                "2026-01-30..2026-01-31 of 2026-01",
                "2026-02-01..2026-02-28 of 2026-02",
                "2026-03-01..2026-03-02 of 2026-03",
            ]
        );
    }
}
