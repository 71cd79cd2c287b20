//! Invented companies, customers and suppliers, with check digits that hold.
//!
//! Every PartitaIva here has a digit group at the place of the tax office (the 8th to 10th
//! digit) that no office ever had, so none of them belongs to anybody.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::wire::{Authentication, Callback, Configuration, Party, Subscription, text};

/// Is a company whose documents the API holds.
#[derive(Clone, Debug)]
pub(super) struct Company {
    pub(super) party: Contact,
    pub(super) receipts: bool,
    pub(super) customer_invoice: bool,
    pub(super) supplier_invoice: bool,
}

/// Is somebody who sends or gets an invoice.
#[derive(Clone, Debug)]
pub(super) struct Contact {
    pub(super) name: String,
    /// Digits without prefix; empty for a person without one.
    pub(super) vat_id: String,
    /// Empty where the vendor leaves it empty.
    pub(super) tax_code: String,
    pub(super) street: &'static str,
    pub(super) city: &'static str,
    pub(super) zip: &'static str,
    pub(super) province: &'static str,
    pub(super) country: &'static str,
    /// Whether the vendor shows the id with its country in front.
    pub(super) prefixed: bool,
}

impl Contact {
    pub(super) fn italian(name: &str, vat_id: String, place: Place) -> Self {
        let (street, zip, city, province) = place;
        Self {
            name: name.into(),
            tax_code: vat_id.clone(),
            vat_id,
            street,
            city,
            zip,
            province,
            country: "IT",
            prefixed: false,
        }
    }

    pub(super) fn person(name: &str, tax_code: &str, place: Place) -> Self {
        Self { tax_code: tax_code.into(), ..Self::italian(name, String::new(), place) }
    }

    pub(super) fn foreign(name: &str, country: &'static str, vat_id: &str) -> Self {
        let place = ("Industriestr. 12", "80939", "München", "EE");
        Self {
            country,
            tax_code: String::new(),
            prefixed: true,
            ..Self::italian(name, vat_id.into(), place)
        }
    }

    pub(super) fn wire(&self) -> Party<'_> {
        let prefix = if self.prefixed { self.country } else { "" };
        Party {
            name: &self.name,
            vat_id: format!("{prefix}{}", self.vat_id),
            tax_code: &self.tax_code,
            street: self.street,
            city: self.city,
            zip: self.zip,
            province: self.province,
            country_code: self.country,
            phone: None,
            email: None,
        }
    }
}

/// Street, postal code, town and province.
pub(super) type Place = (&'static str, &'static str, &'static str, &'static str);

/// Towns to spread contacts over.
pub(super) const PLACES: [Place; 6] = [
    ("Via Garibaldi, 14", "16124", "Genova", "GE"),
    ("Via dell'Artigianato, 3", "52025", "Montevarchi", "AR"),
    ("Corso Italia, 88", "40121", "Bologna", "BO"),
    ("Viale della Stazione, 5", "39100", "Bolzano", "BZ"),
    ("Via Roma, 210", "80133", "Napoli", "NA"),
    ("Piazza San Marco, 1", "50121", "Firenze", "FI"),
];

impl Company {
    /// Returns the configuration by which the API knows this company.
    pub(super) fn configuration(&self, created: DateTime<Utc>, id: String) -> String {
        let wanted = [
            (self.receipts, "receipt"),
            (self.receipts, "receipt-error"),
            (self.customer_invoice, "customer-invoice"),
            (self.supplier_invoice, "supplier-invoice"),
        ];
        let fiscal_id = &self.party.vat_id;
        let subscription = |event| Subscription {
            event,
            callback: Callback {
                method: "JSON",
                url: format!("https://quadra.example/callbacks/{fiscal_id}"),
                user_id: "",
                username: "",
                field: "data",
                headers: BTreeMap::new(),
                data: BTreeMap::new(),
                retry: 3,
                scope: None,
                domain: None,
                custom: None,
            },
        };
        text(&Configuration {
            fiscal_id,
            name: &self.party.name,
            email: &format!("fatture+{fiscal_id}@quadra.example"),
            receipts_authentication: self
                .receipts
                .then_some(Authentication { tax_code: &self.party.tax_code }),
            api_configurations: wanted
                .into_iter()
                .filter(|(wants, _)| *wants)
                .map(|(_, event)| subscription(event))
                .collect(),
            receipts: self.receipts,
            customer_invoice: self.customer_invoice,
            supplier_invoice: self.supplier_invoice,
            active: true,
            create_timestamp: created.timestamp(),
            id,
        })
    }
}

/// Returns the PartitaIva of this running number, with its check digit.
///
/// The digits 8 to 10 are `office`, which callers take from 200 to 799: never assigned.
pub(super) fn partita_iva(number: u32, office: u32) -> String {
    let digits = format!("{:07}{office:03}", number % 10_000_000);
    let sum: u32 = digits
        .bytes()
        .zip(1..)
        .map(|(digit, place): (u8, u32)| {
            let value = u32::from(digit - b'0');
            match (place % 2, value * 2) {
                (1, _) => value,
                (_, twice) if twice > 9 => twice - 9,
                (_, twice) => twice,
            }
        })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// Tells whether eleven digits end in their check digit.
pub(in crate::sandbox) fn partita_iva_holds(text: &str) -> bool {
    let is_number = text.len() == 11 && text.bytes().all(|digit| digit.is_ascii_digit());
    is_number
        && match (text[..7].parse(), text[7..10].parse()) {
            (Ok(number), Ok(office)) => partita_iva(number, office) == text,
            _ => false,
        }
}

/// Returns the companies and contacts of generated data, as many as asked for.
pub(super) fn invented(count: usize, office: u32, first: u32) -> Vec<Contact> {
    const TRADES: [&str; 8] = [
        "Alimentari",
        "Ferramenta",
        "Tipografia",
        "Carpenteria",
        "Vivaio",
        "Trasporti",
        "Panificio",
        "Elettronica",
    ];
    const NAMES: [&str; 7] =
        ["Aurora", "Bellini", "Cascata", "del Borgo", "Etrusca", "Fortuna", "Girasole"];
    (first..)
        .take(count)
        .map(|number| {
            let at = number as usize;
            let name = format!(
                "{} {} {number} S.r.l.",
                TRADES[at % TRADES.len()],
                NAMES[at % NAMES.len()]
            );
            let vat_id = partita_iva(1_000_000 + number * 37, office);
            let place = PLACES[at % PLACES.len()];
            Contact { prefixed: number % 3 == 0, ..Contact::italian(&name, vat_id, place) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digit_follows_the_rule() {
        // The example that textbooks print.
        assert_eq!(partita_iva(764_352, 56), "07643520567");
        assert!(partita_iva_holds("07643520567"));
        assert!(!partita_iva_holds("07643520568"));
        assert!(!partita_iva_holds("0764352056"));
    }

    #[test]
    fn invented_ids_do_not_repeat() {
        let contacts = invented(500, 510, 0);
        let ids: std::collections::BTreeSet<_> = contacts.iter().map(|one| &one.vat_id).collect();
        assert_eq!(ids.len(), 500);
    }
}
