//! The schedule over ten years, against a table that another implementation made.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use quadra::schedule::Schedule;

/// Made by `fixtures/schedule/make.py`, which shares no code with ours.
const TABLE: &str = include_str!("fixtures/schedule/rome.txt");

fn minute(text: &str) -> DateTime<Utc> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%MZ").unwrap().and_utc()
}

/// The sections of the table: crontab text, and its due times written out.
fn sections() -> Vec<(String, Vec<DateTime<Utc>>)> {
    let mut sections: Vec<(String, Vec<DateTime<Utc>>)> = Vec::new();
    for line in TABLE.lines() {
        if let Some(text) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            sections.push((text.to_owned(), Vec::new()));
            continue;
        }
        let mut words = line.split(' ');
        let first = minute(words.next().unwrap());
        let step: i32 = words.next().unwrap().parse().unwrap();
        let count: i32 = words.next().unwrap().parse().unwrap();
        let times = (0..count).map(|place| first + Duration::minutes((step * place).into()));
        sections.last_mut().unwrap().1.extend(times);
    }
    sections
}

#[test]
fn ten_years_of_rome_match_another_implementation() {
    let from = "2025-12-31T22:59:59Z".parse().unwrap();
    let until = minute("2035-12-31T23:00Z");
    let sections = sections();
    assert_eq!(sections.len(), 8);
    for (text, expected) in sections {
        let crontab = text.parse().unwrap();
        let schedule = Schedule { crontab, time_zone: chrono_tz::Europe::Rome };
        let found: Vec<_> = schedule.due_after(from).take_while(|due| *due < until).collect();
        let odd = found.iter().zip(&expected).find(|(found, expected)| found != expected);
        assert_eq!(odd, None, "{text}: first difference");
        assert_eq!(found.len(), expected.len(), "{text}: how many");
    }
}
