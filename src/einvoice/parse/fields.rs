//! Single values out of elements, each with a warning where it cannot be read.

use std::str::FromStr as _;

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Europe::Rome;
use rust_decimal::Decimal;

use super::tree::Element;
use crate::einvoice::{Adjustment, Vat, Warning};
use crate::fiscal::{Amount, TaxId};

/// Reads values and collects what was odd about them.
#[derive(Default)]
pub(super) struct Fields {
    warnings: Vec<Warning>,
    untold: usize,
}

/// Warnings told one by one of a document; a broken file has no end of them.
const WARNINGS_MAX: usize = 200;

impl Fields {
    /// Remembers something odd about an element.
    pub(super) fn warn(&mut self, element: Element<'_>, message: String) {
        if self.warnings.len() < WARNINGS_MAX {
            self.warnings.push(Warning { path: Some(element.path()), message });
        } else {
            self.untold += 1;
        }
    }

    /// Returns what was odd, and how much more there was.
    pub(super) fn into_warnings(mut self) -> Vec<Warning> {
        if self.untold > 0 {
            self.warnings.push(Warning::of_file(format!("… and {} more of these", self.untold)));
        }
        self.warnings
    }

    /// Returns the text at a path.
    #[expect(clippy::unused_self, reason = "reads as its sisters do")]
    pub(super) fn text(&self, element: Element<'_>, path: &str) -> Option<String> {
        element.text(path).map(str::to_owned)
    }

    /// Returns whole cents; digits past the second decimal are rounded, with a warning.
    pub(super) fn cents(&mut self, element: Element<'_>, path: &str) -> Option<i64> {
        let text = element.text(path)?;
        let Ok(cents) = Amount::cents_from_decimal(text) else {
            self.warn_at(element, path, format!("`{text}` is not an amount: taken as unknown"));
            return None;
        };
        let decimals = text.split_once('.').map_or("", |(_, decimals)| decimals);
        if decimals.trim_end_matches('0').len() > 2 {
            self.warn_at(element, path, format!("`{text}` has more than two decimals: rounded"));
        } else if decimals.len() != 2 {
            self.warn_at(element, path, format!("`{text}` is not written with two decimals"));
        }
        Some(cents)
    }

    /// Returns an exact decimal number.
    pub(super) fn decimal(&mut self, element: Element<'_>, path: &str) -> Option<Decimal> {
        let text = element.text(path)?;
        let plain = text.strip_prefix(['-', '+']).unwrap_or(text);
        let is_plain = plain.starts_with(|first: char| first.is_ascii_digit())
            && plain.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let number = is_plain.then(|| Decimal::from_str(text).ok()).flatten();
        if number.is_none() {
            self.warn_at(element, path, format!("`{text}` is not a number: taken as unknown"));
        }
        number
    }

    /// Returns a rate in hundredths of a per cent.
    pub(super) fn rate(&mut self, element: Element<'_>, path: &str) -> Option<u32> {
        let text = element.text(path)?;
        let hundredths = Amount::cents_from_decimal(text).ok().and_then(|h| u32::try_from(h).ok());
        match hundredths {
            Some(rate) if rate <= 10_000 => Some(rate),
            _ => {
                self.warn_at(element, path, format!("`{text}` is not a rate: taken as unknown"));
                None
            }
        }
    }

    /// Returns a day: the first ten characters, whatever zone or hour follows.
    pub(super) fn date(&mut self, element: Element<'_>, path: &str) -> Option<NaiveDate> {
        let text = element.text(path)?;
        let day = text.get(..10).and_then(|day| day.parse::<NaiveDate>().ok());
        if day.is_none() {
            self.warn_at(element, path, format!("`{text}` is not a day: taken as unknown"));
        }
        day
    }

    /// Returns a small whole number.
    pub(super) fn number(&mut self, element: Element<'_>, path: &str) -> Option<u32> {
        let text = element.text(path)?;
        let number = text.parse().ok();
        if number.is_none() {
            self.warn_at(element, path, format!("`{text}` is not a whole number"));
        }
        number
    }

    /// Returns a tax code.
    #[expect(clippy::unused_self, reason = "reads as its sisters do")]
    pub(super) fn tax_code(&self, element: Element<'_>, path: &str) -> Option<TaxId> {
        element.text(path).and_then(TaxId::parse)
    }

    /// Returns rate and nature.
    pub(super) fn vat(&mut self, element: Element<'_>, rate: &str, nature: &str) -> Vat {
        Vat { rate: self.rate(element, rate), nature: element.text(nature).map(str::to_uppercase) }
    }

    /// Returns the discounts and surcharges of an element.
    pub(super) fn adjustments(&mut self, element: Element<'_>) -> Vec<Adjustment> {
        element
            .all("ScontoMaggiorazione")
            // Some programs write empty blocks; one with a type but no value is a mistake.
            .filter(|one| one.each().next().is_some())
            .map(|one| Adjustment {
                is_surcharge: one.text("Tipo").is_some_and(|kind| kind.eq_ignore_ascii_case("MG")),
                percentage: self.decimal(one, "Percentuale"),
                amount: self.decimal(one, "Importo"),
            })
            .collect()
    }

    fn warn_at(&mut self, element: Element<'_>, path: &str, message: String) {
        self.warn(element.first(path).unwrap_or(element), message);
    }
}

/// Reads an instant; one without a zone is of the clock in Rome.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    let in_rome = || {
        let naive = text.parse::<NaiveDateTime>().ok()?;
        naive.and_local_timezone(Rome).earliest().map(|local| local.to_utc())
    };
    let instant = text.parse::<DateTime<Utc>>().ok().or_else(in_rome)?;
    // Years such as 221019 are met; no SdI was there before 2014.
    (2014..2100).contains(&instant.year()).then_some(instant)
}

/// Tells whether a switch of the format is on.
pub(super) fn is_yes(element: Element<'_>, path: &str) -> bool {
    element.text(path).is_some_and(|text| text.eq_ignore_ascii_case("SI"))
}
