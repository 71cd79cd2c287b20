//! Says which of the missed due times are made good.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};

use super::Schedule;

/// Says what happens to due times that passed while nothing ran.
///
/// In text: `none`, `latest`, or `all(max 7)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatchUp {
    /// They are lost: the next run is the next due time.
    None,
    /// The last of them runs, and stands for those before it.
    Latest,
    /// Each runs, oldest first, at most the newest so many.
    All(NonZeroU32),
}

/// A due time younger than this is not missed but begun late.
///
/// A machine that was busy at the very minute has not been off for a night.
pub const ON_TIME: TimeDelta = TimeDelta::minutes(5);

impl CatchUp {
    /// Returns the due times to run now, oldest first.
    ///
    /// `last` is the last due time that was begun or given up; what lies up to it is never
    /// returned again. Besides what is missed, a due time of the last five minutes counts as
    /// on time under every rule.
    #[must_use]
    pub fn due(
        self,
        schedule: &Schedule,
        last: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Vec<DateTime<Utc>> {
        let passed: Vec<DateTime<Utc>> =
            schedule.due_after(last).take_while(|due| *due <= now).collect();
        let kept = match self {
            Self::None => {
                let is_on_time = |due: &&DateTime<Utc>| now - **due < ON_TIME;
                return passed.iter().rev().take(1).filter(is_on_time).copied().collect();
            }
            Self::Latest => 1,
            Self::All(most) => usize::try_from(most.get()).unwrap_or(usize::MAX),
        };
        passed[passed.len().saturating_sub(kept)..].to_vec()
    }
}

impl FromStr for CatchUp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => return Ok(Self::None),
            "latest" => return Ok(Self::Latest),
            _ => {}
        }
        let most = text.strip_prefix("all(max ").and_then(|rest| rest.strip_suffix(')'));
        most.and_then(|most| most.parse().ok())
            .filter(|most: &NonZeroU32| most.get() <= 366)
            .map(Self::All)
            .ok_or_else(|| {
                "is not allowed: `none`, `latest`, or `all(max 7)` with 1 to 366".to_owned()
            })
    }
}

impl fmt::Display for CatchUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Latest => f.write_str("latest"),
            Self::All(most) => write!(f, "all(max {most})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Europe::Rome;

    fn days(rule: &str, last: &str, now: &str) -> Vec<String> {
        let schedule = Schedule { crontab: "0 5 * * *".parse().unwrap(), time_zone: Rome };
        let rule: CatchUp = rule.parse().unwrap();
        let due = rule.due(&schedule, last.parse().unwrap(), now.parse().unwrap());
        due.iter().map(|due| due.format("%d %H:%M").to_string()).collect()
    }

    const LAST: &str = "2026-02-10T04:00:00Z";

    #[test]
    fn nights_off_are_made_good_by_rule() {
        let noon_of_14th = "2026-02-14T11:00:00Z";
        assert_eq!(days("none", LAST, noon_of_14th), [""; 0]);
        assert_eq!(days("latest", LAST, noon_of_14th), ["14 04:00"]);
        assert_eq!(days("all(max 3)", LAST, noon_of_14th), ["12 04:00", "13 04:00", "14 04:00"]);
        assert_eq!(days("all(max 9)", LAST, noon_of_14th).len(), 4);
    }

    #[test]
    fn due_minute_runs_under_every_rule() {
        for rule in ["none", "latest", "all(max 3)"] {
            assert_eq!(days(rule, LAST, "2026-02-11T04:00:00Z"), ["11 04:00"], "{rule}");
            assert_eq!(days(rule, LAST, "2026-02-11T03:59:59Z"), [""; 0], "{rule}");
        }
    }

    #[test]
    fn what_was_begun_is_not_due_again() {
        assert_eq!(days("all(max 3)", "2026-02-14T04:00:00Z", "2026-02-14T04:00:30Z"), [""; 0]);
    }

    #[test]
    fn rule_keeps_its_text() {
        for text in ["none", "latest", "all(max 7)"] {
            assert_eq!(text.parse::<CatchUp>().unwrap().to_string(), text);
        }
        for text in ["all", "all(max 0)", "all(max 367)", "all(7)", "Latest"] {
            assert!(text.parse::<CatchUp>().is_err(), "{text}");
        }
    }
}
