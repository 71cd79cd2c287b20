//! What the sandbox does where the vendor's documents are silent, and what it charges.
//!
//! Each choice is argued in `ASSUMPTIONS.md`; a client's tests should run under several.

use serde::Deserialize;

/// Decides what the vendor's documents leave open, so that no client relies on it.
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Habits {
    /// Lists run from the newest document to the oldest, or the other way round.
    pub newest_first: bool,
    /// `[before]` and `[after]` include the day they name.
    pub bounds_inclusive: bool,
    /// The zone in which a moment belongs to a day of a filter.
    pub day_zone: DayZone,
    /// How many rows a page has when `limit` is not given.
    pub default_limit: usize,
    /// What a second registration of the same company is answered.
    pub already_exists: AlreadyExists,
    /// What a second import of the same invoice is answered.
    pub duplicate_import: DuplicateImport,
    /// A PATCH replaces all callbacks of a company instead of those of the events it names.
    pub patch_replaces_callbacks: bool,
    /// A callback to another machine is refused at registration instead of never called.
    pub foreign_callbacks_refused: bool,
    /// A receipt whose payments do not add up to its items is refused.
    pub payments_must_balance: bool,
    /// A single read shows item ids and rates within quotes, as the vendor's samples do.
    pub quoted_items: bool,
    /// A sale is `voided` as soon as its void is taken, not when the void is issued.
    pub voided_at_once: bool,
    /// The SdI discards a second invoice with the sender, year and number of another.
    pub sdi_discards_repeats: bool,
    /// The newer token service wraps a token into the envelope, against its specification.
    pub tokens_in_envelope: bool,
    /// How long a new configuration cannot be read yet, in milliseconds.
    pub configuration_visible_after_ms: u32,
    /// How fast documents live.
    pub pace: Pace,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            newest_first: true,
            bounds_inclusive: true,
            day_zone: DayZone::Utc,
            default_limit: 20,
            already_exists: AlreadyExists::Unprocessable112,
            duplicate_import: DuplicateImport::Refused,
            patch_replaces_callbacks: false,
            foreign_callbacks_refused: true,
            payments_must_balance: false,
            quoted_items: true,
            voided_at_once: false,
            sdi_discards_repeats: true,
            tokens_in_envelope: false,
            configuration_visible_after_ms: 0,
            pace: Pace::default(),
        }
    }
}

/// Names the zone in which the days of filters are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayZone {
    /// Days begin at midnight UTC.
    Utc,
    /// Days begin at midnight in Italy.
    Rome,
}

/// Names the forms in which "already exists" was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlreadyExists {
    /// 422 with error 112.
    Unprocessable112,
    /// 404 with error 111, the number of "not found".
    NotFound111,
    /// 409 without a number.
    Conflict409,
    /// 410 without a number.
    Gone410,
}

impl AlreadyExists {
    /// All forms, for tests that go through them.
    pub const ALL: [Self; 4] =
        [Self::Unprocessable112, Self::NotFound111, Self::Conflict409, Self::Gone410];
}

/// Names what a second import of the same invoice may be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateImport {
    /// 400 with a text that says so.
    Refused,
    /// 409 with a text that says so.
    Conflict,
    /// 200 with the invoice that is there already; nothing is charged.
    SameAgain,
}

/// Says how fast documents live, on the sandbox's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pace {
    /// From taking a receipt to handing it to the tax portal.
    pub submitted_after_s: u32,
    /// From handing it over to its number.
    pub ready_after_s: u32,
    /// From a failed attempt to the next one; each next gap is as much longer.
    pub retry_after_s: u32,
    /// From taking an invoice to handing it to the SdI.
    pub invoice_sent_after_s: u32,
    /// From handing it over to the answer of the SdI.
    pub invoice_delivered_after_s: u32,
    /// From delivery to a public body to its answer.
    pub public_body_answers_after_s: u32,
    /// From delivery to the day on which the terms of a public body expire.
    pub terms_expire_after_s: u32,
    /// From one round of invoice callbacks to the next.
    pub callback_sweep_s: u32,
    /// From a failed callback to its first repetition; each next gap is twice as long.
    pub callback_retry_after_s: u32,
}

impl Default for Pace {
    fn default() -> Self {
        const DAY: u32 = 86_400;
        Self {
            submitted_after_s: 3,
            ready_after_s: 5,
            retry_after_s: 300,
            invoice_sent_after_s: 60,
            invoice_delivered_after_s: 60,
            public_body_answers_after_s: 3 * DAY,
            terms_expire_after_s: 15 * DAY,
            callback_sweep_s: 60,
            callback_retry_after_s: 10,
        }
    }
}

/// Says what requests cost, in thousandths of a euro.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prices {
    /// GETs that are free on each day in UTC.
    pub free_gets_a_day: u64,
    /// Each GET beyond those.
    pub get_mills: i64,
    /// Companies registered for free on each day in UTC.
    pub free_configurations_a_day: u64,
    /// Each company beyond those.
    pub configuration_mills: i64,
    /// A receipt, and a return or a void as well.
    pub receipt_mills: i64,
    /// An invoice sent.
    pub invoice_mills: i64,
    /// An invoice imported.
    pub import_mills: i64,
    /// The vendor's own signature under an invoice to a public body.
    pub signature_mills: i64,
}

impl Default for Prices {
    fn default() -> Self {
        Self {
            free_gets_a_day: 1_000,
            get_mills: 1,
            free_configurations_a_day: 10,
            configuration_mills: 1_000,
            receipt_mills: 19,
            invoice_mills: 50,
            import_mills: 50,
            signature_mills: 100,
        }
    }
}
