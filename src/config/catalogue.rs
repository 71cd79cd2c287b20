//! Names every key of quadra.toml and of a job file, with its default.
//!
//! What a key means is said at the field that holds it (`sections`, `jobs`) and, for those
//! who write the files, in `quadra.example.toml` and `jobs/README.md`; tests keep the three
//! in step.

/// Names one key as it is written, and what holds when it is not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    /// `section.key`, or `key` alone at the top of the file.
    pub(super) name: &'static str,
    /// The text of the default as a variable would hold it.
    pub(super) default: Option<&'static str>,
    /// A secret is never shown and never taken from a file of settings.
    pub(super) is_secret: bool,
}

const fn key(name: &'static str) -> Key {
    Key { name, default: None, is_secret: false }
}

const fn with_default(name: &'static str, default: &'static str) -> Key {
    Key { name, default: Some(default), is_secret: false }
}

const fn secret(name: &'static str) -> Key {
    Key { name, default: None, is_secret: true }
}

/// The keys of quadra.toml, in the order in which they are shown.
pub(super) const CONFIG: &[Key] = &[
    with_default("api.base_url", "https://invoice.openapi.com"),
    secret("api.token"),
    key("api.token_file"),
    key("api.email"),
    secret("api.api_key"),
    key("api.api_key_file"),
    with_default("api.token_service", "v2"),
    key("api.token_url"),
    with_default("api.token_ttl_seconds", "2592000"),
    with_default("api.requests_per_second", "10"),
    with_default("api.daily_requests", "1000"),
    with_default("store.url", "sqlite://quadra.db"),
    key("mail.host"),
    key("mail.port"),
    with_default("mail.security", "starttls"),
    key("mail.username"),
    secret("mail.password"),
    key("mail.password_file"),
    key("mail.from"),
    key("mail.ca_file"),
    with_default("mail.attachment_max_kb", "10000"),
    with_default("webhook.listen", "127.0.0.1:8787"),
    key("webhook.public_url"),
    secret("webhook.secret"),
    key("webhook.secret_file"),
    with_default("prices.receipt", "0.019"),
    with_default("prices.invoice", "0.05"),
    with_default("prices.import", "0.05"),
    with_default("prices.configuration", "1.00"),
    with_default("report.language", "it"),
    with_default("report.out_dir", "out"),
    with_default("report.materiality", "0.00"),
    key("report.materiality_percent"),
    key("report.materiality_count"),
    with_default("report.materiality_kinds", ""),
    with_default("schedule.time_zone", "Europe/Rome"),
    with_default("watch.credit_minimum", "10.00"),
    key("watch.metrics_file"),
    key("watch.listen"),
    key("watch.ping_url"),
    with_default("retention.callbacks_days", "90"),
    with_default("retention.deliveries_days", "365"),
    with_default("retention.statements_days", "90"),
    with_default("retention.requests_days", "400"),
    with_default("jobs.dir", "jobs"),
    with_default("ledger.layouts_dir", "layouts"),
    with_default("rules.dir", "rules"),
    key("findings.decisions_file"),
];

/// The keys of a job file, in the order of `jobs/README.md`.
pub(super) const JOB: &[Key] = &[
    key("kind"),
    with_default("description", ""),
    key("inbox"),
    key("import_inbox"),
    key("import_max_cost"),
    with_default("companies", ""),
    with_default("period", "month_to_date"),
    with_default("steps", "inbox, pull, reconcile, report, deliver"),
    with_default("formats", "html, xlsx"),
    key("language"),
    key("materiality"),
    key("materiality_percent"),
    key("materiality_count"),
    key("materiality_kinds"),
    with_default("recipients", ""),
    with_default("mail_style", "report"),
    with_default("nothing_new", "short"),
    key("folder"),
    with_default("sweep", "monthly"),
    with_default("deadline_minutes", "120"),
    key("schedule.cron"),
    with_default("schedule.time_zone", "Europe/Rome"),
    with_default("schedule.catch_up", "latest"),
];

/// Returns the section of a key, empty at the top of the file.
pub(super) fn section(name: &str) -> &str {
    name.split_once('.').map_or("", |(section, _)| section)
}
