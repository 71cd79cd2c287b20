//! `quadra sandbox`: the provider's API as a local server that misbehaves.

use std::net::IpAddr;
use std::process::ExitCode;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::signals::Signals;
use crate::cli::{Global, output};
use crate::clock::Clock;
use crate::fiscal::Period;
use crate::sandbox::{self, Dataset, Faults, Habits, Options};

/// Serve the Invoice API on this machine, from invented data
///
/// It misbehaves mildly by default: 5 % of requests answered 503, up to 50 ms of delay, a
/// duplicated row a hundred. It holds everything in memory, listens on loopback only, and
/// forgets all when it stops. What is sent to it lives on: receipts become ready, invoices
/// reach the SdI, callbacks to this machine are delivered. Tokens are minted at /token and
/// /tokens of the same port.
///
/// The control, on a port of its own, moves the clock, changes documents, orders faults by
/// name and tells what requests changed and cost: `curl` its address to see how. What the
/// sandbox assumes where the vendor's documents are silent stands in
/// src/sandbox/ASSUMPTIONS.md.
#[derive(Debug, Args)]
pub(super) struct Sandbox {
    /// The port; 0 takes any free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The port of the control; 0 takes any free one [default: the port and one]
    #[arg(long)]
    control_port: Option<u16>,
    /// The address; loopback only
    #[arg(long, default_value = "127.0.0.1")]
    address: IpAddr,
    /// Decides every document and every fault
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many receipts
    #[arg(long, default_value_t = 1_000)]
    receipts: usize,
    /// How many invoices
    #[arg(long, default_value_t = 200)]
    invoices: usize,
    /// How many companies
    #[arg(long, default_value_t = 3)]
    companies: usize,
    /// The month in which the documents fall, such as 2026-02
    #[arg(long, default_value = "2026-02")]
    month: String,
    /// The sandbox's today; what is recent is not yet final [default: two days after the month]
    #[arg(long)]
    today: Option<NaiveDate>,
    /// The only bearer token that is good, beside minted ones; without it any is
    #[arg(long)]
    token: Option<String>,
    /// Only tokens minted at /token or /tokens are good
    #[arg(long)]
    only_minted: bool,
    /// The time it starts from, such as 2026-03-02T09:00:00Z, and stands at until moved
    #[arg(long, value_name = "TIME")]
    clock: Option<DateTime<Utc>>,
    /// A company that can neither be registered nor found; may be repeated
    #[arg(long, value_name = "ID")]
    ghost: Vec<String>,
    /// What is in the wallet, in thousandths of a euro; without it enough
    #[arg(long, value_name = "MILLS")]
    wallet: Option<i64>,
    /// A choice of ASSUMPTIONS.md, such as newest_first=false or already_exists=conflict409
    #[arg(long, value_name = "NAME=VALUE")]
    habit: Vec<String>,
    /// Serve the demo's three companies instead of generated ones
    #[arg(long)]
    demo: bool,
    /// No faults, no delay
    #[arg(long)]
    well_behaved: bool,
    /// Requests in a thousand answered 503
    #[arg(long, value_name = "N")]
    unavailable: Option<u16>,
    /// Requests in a thousand answered 429, with Retry-After in both forms
    #[arg(long, value_name = "N")]
    too_many: Option<u16>,
    /// Requests in a thousand answered 200 with a web page
    #[arg(long, value_name = "N")]
    html: Option<u16>,
    /// Requests in a thousand whose body is cut
    #[arg(long, value_name = "N")]
    cut_body: Option<u16>,
    /// Documents in a thousand that a list names twice
    #[arg(long, value_name = "N")]
    duplicates: Option<u16>,
    /// Pages in a thousand after which a document is inserted
    #[arg(long, value_name = "N")]
    shifts: Option<u16>,
    /// Writes in a thousand that take effect although they are answered 503
    #[arg(long, value_name = "N")]
    unclear: Option<u16>,
    /// The longest delay of an answer, in milliseconds
    #[arg(long, value_name = "MS")]
    delay: Option<u64>,
}

impl Sandbox {
    pub(super) async fn run(self, global: &Global, signals: &Signals) -> Result<ExitCode, Failure> {
        let running = sandbox::start(self.options()?).await?;
        if global.json {
            output::json(&serde_json::json!({
                "base_url": running.base_url(),
                "control_url": running.control_url(),
            }))?;
        } else {
            output::line(&format!("sandbox at {}", running.base_url()))?;
            if let Some(control) = running.control_url() {
                output::line(&format!("control at {control} (curl it to see how)"))?;
            }
            output::line(&format!(
                "try: QUADRA__API__TOKEN=any quadra pull all --set api.base_url={} \
                 --period {}",
                running.base_url(),
                self.month
            ))?;
        }
        signals.stopped().await;
        let served = running.requests();
        running.stop().await;
        tracing::info!(served, "sandbox stopped; everything is forgotten");
        Ok(ExitCode::SUCCESS)
    }

    /// Reads the habits as the lines of a TOML file, in which words may stand without quotes.
    fn habits(&self) -> Result<Habits, Failure> {
        let line = |habit: &String| {
            let (name, value) = habit.split_once('=').unwrap_or((habit, ""));
            let is_word = value.parse::<i64>().is_err() && value.parse::<bool>().is_err();
            if is_word { format!("{name} = {value:?}\n") } else { format!("{name} = {value}\n") }
        };
        let lines: String = self.habit.iter().map(line).collect();
        toml::from_str(&lines).map_err(|error| Failure::Usage {
            message: format!("--habit: {}", error.message()),
            hint: Some("src/sandbox/ASSUMPTIONS.md lists them".into()),
        })
    }

    fn control_port(&self) -> u16 {
        // Any free port stays any free port, and the last one has no next one.
        let next = if self.port == 0 { 0 } else { self.port.checked_add(1).unwrap_or_default() };
        self.control_port.unwrap_or(next)
    }

    fn options(&self) -> Result<Options, Failure> {
        let month: Period = self
            .month
            .parse()
            .map_err(|error| Failure::Usage { message: format!("--month: {error}"), hint: None })?;
        let behaved = if self.well_behaved { Faults::none() } else { Faults::default() };
        let faults = Faults {
            unavailable_per_mille: self.unavailable.unwrap_or(behaved.unavailable_per_mille),
            delay_ms_max: self.delay.unwrap_or(behaved.delay_ms_max),
            duplicate_per_mille: self.duplicates.unwrap_or(behaved.duplicate_per_mille),
            html_per_mille: self.html.unwrap_or(behaved.html_per_mille),
            cut_body_per_mille: self.cut_body.unwrap_or(behaved.cut_body_per_mille),
            too_many_requests_per_mille: self
                .too_many
                .unwrap_or(behaved.too_many_requests_per_mille),
            shift_per_mille: self.shifts.unwrap_or(behaved.shift_per_mille),
            unclear_per_mille: self.unclear.unwrap_or(behaved.unclear_per_mille),
        };
        Ok(Options {
            address: self.address,
            port: self.port,
            seed: self.seed,
            receipts: self.receipts,
            invoices: self.invoices,
            companies: self.companies,
            month: (month.from.year(), month.from.month()),
            today: self.today.unwrap_or(month.to + chrono::Days::new(2)),
            control_port: Some(self.control_port()),
            token: self.token.clone(),
            only_minted_tokens: self.only_minted,
            clock: self.clock.map_or(Clock::System, Clock::Fixed),
            ghosts: self.ghost.clone(),
            wallet_mills: self.wallet,
            faults,
            habits: self.habits()?,
            dataset: if self.demo { Dataset::Demo } else { Dataset::Generated },
            ..Options::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::sandbox::AlreadyExists;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        sandbox: Sandbox,
    }

    fn habits(given: &[&str]) -> Result<Habits, Failure> {
        let words = ["sandbox"].into_iter().chain(given.iter().flat_map(|one| ["--habit", *one]));
        Line::parse_from(words).sandbox.habits()
    }

    #[test]
    fn habits_are_read_by_name() {
        let given = ["newest_first=false", "already_exists=conflict409", "pace.ready_after_s=60"];
        let habits = habits(&given).ok().unwrap();
        assert!(!habits.newest_first && habits.bounds_inclusive);
        assert_eq!(habits.already_exists, AlreadyExists::Conflict409);
        assert_eq!((habits.pace.ready_after_s, habits.pace.submitted_after_s), (60, 3));
    }

    #[test]
    fn unknown_habits_are_refused() {
        for given in ["newest=false", "newest_first=perhaps", "newest_first", "already_exists=7"] {
            assert!(habits(&[given]).is_err(), "{given}");
        }
    }
}
