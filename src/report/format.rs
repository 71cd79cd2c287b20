//! Numbers, money, dates and plurals as people of each language write them.
//!
//! Everything works on whole cents and calendar dates; nothing here passes through a
//! float. Italian is `€ 1.284,10` and `20/11/2026`, English `€1,284.10` and `20 Nov 2026`.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use chrono_tz::Europe::Rome;

use crate::findings::Field;
use crate::fiscal::{Amount, Currency, Language, Period};

const MONTHS_IT: [&str; 12] = [
    "gennaio",
    "febbraio",
    "marzo",
    "aprile",
    "maggio",
    "giugno",
    "luglio",
    "agosto",
    "settembre",
    "ottobre",
    "novembre",
    "dicembre",
];

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Writes cents with their currency's sign, as the language does.
pub(crate) fn money(cents: i64, currency: Currency, language: Language) -> String {
    let (minus, digits) = (sign(cents), plain_money(cents.unsigned_abs(), language));
    let code = match currency.as_str() {
        "EUR" => "€",
        other => other,
    };
    let gap = if language == Language::It || code != "€" { " " } else { "" };
    format!("{minus}{code}{gap}{digits}")
}

/// Writes a difference with its sign, a plus included.
pub(crate) fn signed_money(cents: i64, currency: Currency, language: Language) -> String {
    let plus = if cents > 0 { "+" } else { "" };
    format!("{plus}{}", money(cents, currency, language))
}

/// Writes a whole number with the language's thousands mark.
pub(crate) fn count(number: u64, language: Language) -> String {
    let mark = if language == Language::It { '.' } else { ',' };
    group(&number.to_string(), mark)
}

/// Writes a number followed by its noun, singular or plural.
pub(crate) fn counted(number: u64, one: &str, many: &str, language: Language) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{} {noun}", count(number, language))
}

/// Writes a calendar date, the year always with four digits.
pub(crate) fn date(day: NaiveDate, language: Language) -> String {
    match language {
        Language::It => format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year()),
        Language::En => format!("{} {} {:04}", day.day(), &month(day, language)[..3], day.year()),
    }
}

/// Writes an Italian date after its article or preposition: `dal 7`, but `dall'8`.
///
/// *Otto* and *undici* begin with a vowel, before which Italian drops the article's own.
pub(crate) fn italian_date(article: &str, day: NaiveDate) -> String {
    let written = date(day, Language::It);
    if !matches!(day.day(), 8 | 11) {
        return format!("{article} {written}");
    }
    match article {
        "il" => format!("l'{written}"),
        other => format!("{other}l'{written}"),
    }
}

/// Writes an instant as a date and time of Rome.
pub(crate) fn instant(instant: DateTime<Utc>, language: Language) -> String {
    let local = instant.with_timezone(&Rome);
    format!("{} {}", date(local.date_naive(), language), local.format("%H:%M"))
}

/// Writes a period in words: a month, one day, or two dates.
pub(crate) fn period(period: Period, language: Language) -> String {
    let Period { from, to } = period;
    if Period::month(from.year(), from.month()) == Some(period) {
        return format!("{} {}", month(from, language), from.year());
    }
    if from == to {
        return date(from, language);
    }
    match language {
        Language::It => format!("{} {}", italian_date("dal", from), italian_date("al", to)),
        Language::En => format!("{} to {}", date(from, language), date(to, language)),
    }
}

/// Returns the word for a day's month.
fn month(day: NaiveDate, language: Language) -> &'static str {
    let names = match language {
        Language::It => &MONTHS_IT,
        Language::En => &MONTHS_EN,
    };
    names[day.month0() as usize]
}

/// Writes a field's machine text for people: an amount, a date, or as it stands.
pub(crate) fn value(field: Field, text: &str, currency: Currency, language: Language) -> String {
    match field {
        Field::Gross | Field::Taxable | Field::Vat | Field::Sign => {
            Amount::cents_from_decimal(text)
                .map_or_else(|_| text.to_owned(), |cents| money(cents, currency, language))
        }
        Field::IssueDate | Field::RegistrationDate | Field::TransmissionDate => {
            text.parse().map_or_else(|_| text.to_owned(), |day| date(day, language))
        }
        Field::Counterparty | Field::Number | Field::Status => text.to_owned(),
    }
}

fn sign(cents: i64) -> &'static str {
    if cents < 0 { "-" } else { "" }
}

fn plain_money(cents: u64, language: Language) -> String {
    let (thousands, decimal) = match language {
        Language::It => ('.', ','),
        Language::En => (',', '.'),
    };
    let whole = group(&(cents / 100).to_string(), thousands);
    format!("{whole}{decimal}{:02}", cents % 100)
}

/// Puts a mark between each three digits, counted from the right.
fn group(digits: &str, mark: char) -> String {
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(mark);
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn money_follows_the_language() {
        for (cents, it, en) in [
            (128_410, "€ 1.284,10", "€1,284.10"),
            (-5, "-€ 0,05", "-€0.05"),
            (100_000_000, "€ 1.000.000,00", "€1,000,000.00"),
            (0, "€ 0,00", "€0.00"),
        ] {
            assert_eq!(money(cents, Currency::EUR, Language::It), it);
            assert_eq!(money(cents, Currency::EUR, Language::En), en);
        }
        let dollars = "USD".parse().unwrap();
        assert_eq!(money(1_050, dollars, Language::En), "USD 10.50");
        assert_eq!(signed_money(1_050, dollars, Language::It), "+USD 10,50");
        assert_eq!(money(i64::MIN, Currency::EUR, Language::It), "-€ 92.233.720.368.547.758,08");
    }

    #[test]
    fn dates_and_periods_follow_the_language() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 3).unwrap();
        assert_eq!(date(day, Language::It), "03/11/2026");
        assert_eq!(date(day, Language::En), "3 Nov 2026");
        let shown = |text: &str, language| period(text.parse().unwrap(), language);
        assert_eq!(shown("2026-11", Language::It), "novembre 2026");
        assert_eq!(shown("2026-11", Language::En), "November 2026");
        assert_eq!(shown("2026-11-03", Language::It), "03/11/2026");
        assert_eq!(shown("2026-11-01..2026-11-15", Language::It), "dal 01/11/2026 al 15/11/2026");
        assert_eq!(shown("2026-11-08..2026-11-11", Language::It), "dall'08/11/2026 all'11/11/2026");
        assert_eq!(italian_date("il", day.with_day(11).unwrap()), "l'11/11/2026");
    }

    #[test]
    fn one_is_singular_and_none_is_plural() {
        let shown = |number| counted(number, "differenza", "differenze", Language::It);
        assert_eq!(shown(0), "0 differenze");
        assert_eq!(shown(1), "1 differenza");
        assert_eq!(shown(10_001), "10.001 differenze");
    }

    #[test]
    fn unreadable_value_stays_as_written() {
        let shown = |field, text| value(field, text, Currency::EUR, Language::It);
        assert_eq!(shown(Field::Gross, "1284.10"), "€ 1.284,10");
        assert_eq!(shown(Field::Gross, "n/a"), "n/a");
        assert_eq!(shown(Field::IssueDate, "2026-02-01"), "01/02/2026");
        assert_eq!(shown(Field::Number, "2026-02-01"), "2026-02-01");
    }

    proptest! {
        #[test]
        fn money_reads_back_to_its_cents(cents in any::<i64>()) {
            for (language, thousands, decimal) in [(Language::It, '.', ','), (Language::En, ',', '.')] {
                let shown = money(cents, Currency::EUR, language);
                let plain: String = shown
                    .chars()
                    .filter(|c| *c != thousands && *c != '€' && *c != ' ')
                    .map(|c| if c == decimal { '.' } else { c })
                    .collect();
                prop_assert_eq!(Amount::cents_from_decimal(&plain), Ok(cents));
            }
        }
    }
}
