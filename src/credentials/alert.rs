//! What is to be said, and that each thing is said once.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{Credential, State};
use crate::fiscal::words;

/// The days before an end at which is warned; then once more when it has come.
pub const WARNING_DAYS: [i64; 5] = [30, 14, 7, 3, 1];

words! {
    /// Names one thing to say about a subject; the first six follow each other.
    Level {
        /// Thirty days or fewer are left.
        Days30 = "30_days",
        /// Fourteen or fewer.
        Days14 = "14_days",
        /// Seven or fewer.
        Days7 = "7_days",
        /// Three or fewer.
        Days3 = "3_days",
        /// One.
        Day1 = "1_day",
        /// It is over.
        Expired = "expired",
        /// The tax portal refuses the credentials before their time.
        Refused = "refused",
        /// A company of theirs still has an older password.
        Behind = "behind",
        /// Nobody knows how old the credentials are.
        Unknown = "unknown",
        /// The account has less credit than wanted.
        CreditLow = "credit_low",
        /// The account has none left.
        CreditSpent = "credit_spent",
    }
}

impl Level {
    /// Tells whether something does not work any more.
    #[must_use]
    pub fn is_grave(self) -> bool {
        matches!(self, Self::Expired | Self::Refused | Self::Behind | Self::CreditSpent)
    }
}

/// Says what an alert is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// One person's credentials of the tax portal, for all their companies.
    Portal(Credential),
    /// The token with which the API is asked.
    Token {
        /// The day on which it ends, in Rome.
        expires_on: NaiveDate,
        /// Days from today until then.
        days_left: i64,
    },
    /// The account's credit at the provider.
    Credit {
        /// What is left, in cents.
        left_cents: i64,
        /// What should be left at least, in cents.
        minimum_cents: i64,
    },
}

/// Holds one thing that people must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// What it is about.
    pub subject: Subject,
    /// What there is to say.
    pub level: Level,
    /// Whether it was not said before.
    pub is_new: bool,
}

/// The levels that were said about each subject in its present life.
pub type Given = BTreeSet<(String, String, Level)>;

impl Alert {
    /// Returns what there is to say about one person's credentials, if anything.
    #[must_use]
    pub fn of_credential(credential: Credential, given: &Given) -> Option<Self> {
        let level = match credential.state {
            State::Valid => return None,
            State::Expired | State::Expiring => level_of_days(credential.days_left?)?,
            State::Refused => Level::Refused,
            State::Behind => Level::Behind,
            State::Unknown => Level::Unknown,
        };
        Some(Self::of(Subject::Portal(credential), level, given))
    }

    /// Returns what there is to say about the token, if anything.
    #[must_use]
    pub fn of_token(expires_on: NaiveDate, today: NaiveDate, given: &Given) -> Option<Self> {
        let days_left = (expires_on - today).num_days();
        let level = level_of_days(days_left)?;
        Some(Self::of(Subject::Token { expires_on, days_left }, level, given))
    }

    /// Returns what there is to say about the account's credit, if anything.
    #[must_use]
    pub fn of_credit(left_cents: i64, minimum_cents: i64, given: &Given) -> Option<Self> {
        let level = match left_cents {
            cents if cents <= 0 => Level::CreditSpent,
            cents if cents < minimum_cents => Level::CreditLow,
            _ => return None,
        };
        Some(Self::of(Subject::Credit { left_cents, minimum_cents }, level, given))
    }

    fn of(subject: Subject, level: Level, given: &Given) -> Self {
        let mut alert = Self { subject, level, is_new: true };
        alert.is_new = is_due(&alert.name(), &alert.life(), level, given);
        alert
    }

    /// Returns the subject's name in the store.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.subject {
            Subject::Portal(credential) => format!("portal {}", credential.tax_code),
            Subject::Token { .. } => "token".to_owned(),
            Subject::Credit { .. } => "credit".to_owned(),
        }
    }

    /// Returns what names the subject's present life: after a change all is said anew.
    #[must_use]
    pub fn life(&self) -> String {
        match &self.subject {
            Subject::Portal(credential) => match (self.level, credential.refused_since) {
                (Level::Refused, Some(day)) => format!("refused since {day}"),
                _ => credential.changed.map(|(day, _)| day.to_string()).unwrap_or_default(),
            },
            Subject::Token { expires_on, .. } => expires_on.to_string(),
            // What was said about the credit is forgotten once there is enough again.
            Subject::Credit { .. } => String::new(),
        }
    }
}

/// Returns the level of so many days, or none while there are more than thirty.
#[must_use]
pub fn level_of_days(days_left: i64) -> Option<Level> {
    let passed = WARNING_DAYS.iter().filter(|days| days_left <= **days).count();
    let over = usize::from(days_left <= 0);
    (passed + over).checked_sub(1).map(|position| Level::ALL[position])
}

/// Tells whether a level is still to be said.
///
/// A missed night costs nothing: the next one says the level that holds then, and those
/// between are not said after it.
#[must_use]
pub fn is_due(subject: &str, life: &str, level: Level, given: &Given) -> bool {
    let said = given.iter().filter(|(name, in_life, _)| name == subject && in_life == life);
    let mut said = said.map(|(_, _, level)| *level);
    if level <= Level::Expired {
        return !said.any(|said| (level..=Level::Expired).contains(&said));
    }
    !said.any(|said| said == level || (level, said) == (Level::CreditLow, Level::CreditSpent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn levels_are_those_of_the_days() {
        let expected = [
            (91, None),
            (31, None),
            (30, Some(Level::Days30)),
            (15, Some(Level::Days30)),
            (14, Some(Level::Days14)),
            (7, Some(Level::Days7)),
            (4, Some(Level::Days7)),
            (3, Some(Level::Days3)),
            (2, Some(Level::Days3)),
            (1, Some(Level::Day1)),
            (0, Some(Level::Expired)),
            (-400, Some(Level::Expired)),
        ];
        for (days, level) in expected {
            assert_eq!(level_of_days(days), level, "{days}");
        }
    }

    #[test]
    fn credit_is_said_once_and_once_more_when_spent() {
        let mut given = Given::new();
        let mut said = Vec::new();
        for cents in [900, 800, 0, -5, 300] {
            let alert = Alert::of_credit(cents, 1_000, &given).unwrap();
            if alert.is_new {
                said.push(alert.level);
                given.insert((alert.name(), alert.life(), alert.level));
            }
        }
        assert_eq!(said, [Level::CreditLow, Level::CreditSpent]);
        assert_eq!(Alert::of_credit(1_000, 1_000, &given), None);
    }

    proptest! {
        /// Whatever nights are missed: no level twice, never a lighter one after a graver,
        /// and what holds on a night was said by that night.
        #[test]
        fn each_level_is_said_once_on_any_nights(nights in prop::collection::btree_set(0_i64..120, 1..60)) {
            let (mut given, mut said) = (Given::new(), Vec::new());
            for night in nights {
                let Some(level) = level_of_days(90 - night) else { continue };
                if is_due("portal x", "2026-01-01", level, &given) {
                    given.insert(("portal x".to_owned(), "2026-01-01".to_owned(), level));
                    said.push(level);
                }
                prop_assert_eq!(said.last(), Some(&level));
            }
            prop_assert!(said.is_sorted() && said.windows(2).all(|pair| pair[0] != pair[1]));
        }
    }
}
