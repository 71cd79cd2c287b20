//! Reads five-field Unix cron text, as crontab(5) means it.

use std::fmt;
use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime};
use croner::parser::{CronParser, Seconds, Year};

/// Holds one crontab expression of five fields.
///
/// Weekdays count from 0 or 7, both Sunday, or go by name. When both day fields are
/// restricted a day of either counts; when one begins with `*`, a day must be of both.
#[derive(Debug, Clone)]
pub struct Crontab {
    text: String,
    cron: croner::Cron,
}

impl Crontab {
    /// Returns the wall-clock times after one, in order, without end.
    pub(super) fn times_after(
        &self,
        wall: NaiveDateTime,
    ) -> impl Iterator<Item = NaiveDateTime> + use<> {
        self.cron.iter_after(wall)
    }

    /// Returns the expression as an English phrase, for lists.
    #[must_use]
    pub fn description(&self) -> String {
        self.cron.describe()
    }
}

impl PartialEq for Crontab {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Crontab {}

impl fmt::Display for Crontab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Names and smallest and largest number of the five fields, in their order.
const FIELDS: [(&str, u32, u32); 5] = [
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of month", 1, 31),
    ("month", 1, 12),
    ("day of week", 0, 7),
];

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

impl FromStr for Crontab {
    type Err = String;

    /// Reads the text; the error says what is wrong with which field.
    fn from_str(text: &str) -> Result<Self, String> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        if fields.len() != FIELDS.len() {
            return Err(format!(
                "has {} fields where crontab has five, like `30 5 * * *`",
                fields.len()
            ));
        }
        for (field, (name, least, most)) in fields.iter().zip(FIELDS) {
            check_field(field, name, least..=most)?;
        }
        let text = fields.join(" ");
        let cron = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .dom_and_dow(is_star(fields[2]) || is_star(fields[4]))
            .build()
            .parse(&text)
            .map_err(|error| format!("is not allowed: {error}"))?;
        let from = NaiveDate::from_ymd_opt(2024, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0));
        let from = from.expect("a date of the calendar");
        if cron.find_next_occurrence(&from, true).is_err() {
            return Err(format!("names a day that never comes: `{} {}`", fields[2], fields[3]));
        }
        Ok(Self { text, cron })
    }
}

/// Tells whether a day field leaves the choice to the other one.
fn is_star(field: &str) -> bool {
    field.starts_with('*')
}

/// Looks at each part of a field, since the library also takes what crontab does not.
fn check_field(
    field: &str,
    name: &str,
    allowed: std::ops::RangeInclusive<u32>,
) -> Result<(), String> {
    for part in field.split(',') {
        let (range, step) = part.split_once('/').map_or((part, None), |(a, b)| (a, Some(b)));
        if let Some(step) = step {
            let is_step =
                step.parse::<u32>().is_ok_and(|step| (1..=*allowed.end()).contains(&step));
            if !is_step || !(range == "*" || range.contains('-')) {
                return Err(format!("has a step for {name} that crontab does not know: `{part}`"));
            }
        }
        if range == "*" {
            continue;
        }
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let ends = [number(first, name), number(last, name)];
        match ends {
            [Some(first), Some(last)]
                if first <= last && allowed.contains(&first) && allowed.contains(&last) => {}
            _ => {
                let (least, most) = allowed.into_inner();
                return Err(format!(
                    "has a value for {name} that is not allowed: `{part}`; the numbers go from {least} to {most}"
                ));
            }
        }
    }
    Ok(())
}

/// Reads a number, or a name where the field has names.
fn number(text: &str, field: &str) -> Option<u32> {
    let place = |names: &[&str]| names.iter().position(|name| text.eq_ignore_ascii_case(name));
    let named = match field {
        "month" => place(&MONTHS).map(|place| place + 1),
        "day of week" => place(&WEEKDAYS),
        _ => None,
    };
    if let Some(number) = named {
        return u32::try_from(number).ok();
    }
    let is_number = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(text: &str, from: &str, count: usize) -> Vec<String> {
        let crontab: Crontab = text.parse().unwrap();
        let from =
            NaiveDate::parse_from_str(from, "%Y-%m-%d").unwrap().and_hms_opt(0, 0, 0).unwrap();
        crontab
            .times_after(from)
            .take(count)
            .map(|time| time.format("%a %d %b").to_string())
            .collect()
    }

    fn refusal(text: &str) -> String {
        text.parse::<Crontab>().unwrap_err()
    }

    #[test]
    fn both_day_fields_join_with_or() {
        let found = days("0 5 13 * 5", "2026-02-01", 5);
        assert_eq!(found, ["Fri 06 Feb", "Fri 13 Feb", "Fri 20 Feb", "Fri 27 Feb", "Fri 06 Mar"]);
        let found = days("0 5 10 * mon", "2026-02-01", 4);
        assert_eq!(found, ["Mon 02 Feb", "Mon 09 Feb", "Tue 10 Feb", "Mon 16 Feb"]);
    }

    #[test]
    fn day_field_with_star_joins_with_and() {
        // The star counts by the field's first character, as in Vixie's cron.
        let found = days("0 5 */2 * 1", "2026-02-01", 3);
        assert_eq!(found, ["Mon 09 Feb", "Mon 23 Feb", "Mon 09 Mar"]);
    }

    #[test]
    fn sunday_is_zero_and_seven() {
        let expected = ["Sun 01 Feb", "Sun 08 Feb"];
        for text in ["0 5 * * 0", "0 5 * * 7", "0 5 * * sun"] {
            assert_eq!(days(text, "2026-01-31", 2), expected, "{text}");
        }
        assert_eq!(
            days("0 5 * * 5-7", "2026-02-01", 3),
            ["Sun 01 Feb", "Fri 06 Feb", "Sat 07 Feb"]
        );
    }

    #[test]
    fn refusal_names_field_and_part() {
        assert_eq!(refusal("0 5 * *"), "has 4 fields where crontab has five, like `30 5 * * *`");
        assert_eq!(
            refusal("0 24 * * *"),
            "has a value for hour that is not allowed: `24`; the numbers go from 0 to 23"
        );
        for text in [
            "0 5 L * *",
            "0 5 * * 5#2",
            "0 5 ? * *",
            "0 5 * * 1-",
            "5/10 * * * *",
            "*/0 * * * *",
            "@daily",
            "0 0 * * 6-2",
            "-1 0 * * *",
            "0 0 * foo *",
        ] {
            assert!(!refusal(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn day_that_never_comes_is_refused() {
        assert_eq!(refusal("0 0 31 2 *"), "names a day that never comes: `31 2`");
        assert!("0 0 29 2 *".parse::<Crontab>().is_ok());
    }
}
