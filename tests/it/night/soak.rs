//! Many nights in a row over a sandbox that misbehaves: each planted difference is told once.
//!
//! Every day three invoices are issued and the month's register is exported anew, with a few
//! differences planted on purpose and some of them mended later. The machine is off for some
//! nights, and its clock goes back after each run. The provider answers 503, 429 and web pages, cuts
//! bodies, lists rows twice, and now and then an invoice is added to a list while it is read, which
//! the books have from the next day on. After each night the open differences, their ages and
//! which of them are new are held against what was planted. `QUADRA_NIGHTS=100` is the long run.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Datelike as _, Days, NaiveDate, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Europe::Rome;
use quadra::config::jobs;
use quadra::findings::{Finding, FindingState, Kind};
use quadra::sandbox::{Collection, Faults, Options};
use quadra::worker::{self, Context, PullOutcome, RunOutcome};
use serde_json::{Value, json};

use super::due::at;
use crate::pull::memory::Unwatched;
use crate::world::World;

const JOB: &str = "kind = 'invoices'\ninbox = '../inbox'\nformats = ['json']\nsweep = 'never'\n\
                   [schedule]\ncron = '15 5 * * *'\n";
const HEADING: &str =
    "Numero documento;Data documento;Cliente;Partita IVA;Imponibile;IVA;Totale documento";

/// One difference between the provider and the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Planted {
    kind: Kind,
    /// The day of the invoice.
    day: NaiveDate,
    /// The first day whose register is right again.
    mended_on: Option<NaiveDate>,
}

struct Soak {
    world: World,
    company: String,
    /// What stands in the sandbox: number, day, cents.
    invoices: Vec<(String, NaiveDate, i64)>,
    planted: BTreeMap<String, Planted>,
    first_seen: BTreeMap<String, NaiveDate>,
    /// How many were added while a list was read.
    added: usize,
    /// How many were issued by `trade`.
    issued: i64,
}

impl Soak {
    fn start() -> Self {
        let faults = Faults {
            unavailable_per_mille: 50,
            delay_ms_max: 2,
            duplicate_per_mille: 10,
            html_per_mille: 10,
            cut_body_per_mille: 10,
            too_many_requests_per_mille: 20,
            shift_per_mille: 30,
            ..Faults::none()
        };
        let options =
            Options { receipts: 0, invoices: 0, companies: 1, faults, ..Options::default() };
        let world = World::with(options);
        let raw = world.handle().all(Collection::Configurations).remove(0);
        let mut company: Value = serde_json::from_str(&raw).unwrap();
        // Its books hold what it sends, and nothing else is compared.
        company["supplier_invoice"] = false.into();
        world.handle().put(Collection::Configurations, &company.to_string()).unwrap();
        let company = company["fiscal_id"].as_str().unwrap().to_owned();
        world.write("jobs/soak.toml", JOB);
        Self {
            world,
            company,
            invoices: Vec::new(),
            planted: BTreeMap::new(),
            first_seen: BTreeMap::new(),
            added: 0,
            issued: 0,
        }
    }

    /// Issues the day's invoices, and decides which of them the books get wrong.
    fn trade(&mut self, day: NaiveDate) {
        for position in 0..3_i64 {
            self.issued += 1;
            let count = self.issued;
            let number = format!("{count}/S");
            let cents = 12_200 + 122 * count;
            self.issue(&number, day, cents);
            // One in ten has the wrong amount, one in seventeen is forgotten.
            let kind = match (count % 10, count % 17) {
                (3, _) => Some(Kind::AmountDiffers),
                // What is forgotten at a month's end breaks when nobody looks at it any more.
                (_, 5) if day.day() <= 20 => Some(Kind::MissingInLedger),
                _ => None,
            };
            if let Some(kind) = kind {
                let is_mended = position != 1 && day.day() <= 20;
                let mended_on = is_mended.then(|| day + Days::new(6));
                self.planted.insert(number.clone(), Planted { kind, day, mended_on });
            }
            self.invoices.push((number, day, cents));
        }
    }

    /// Learns of the invoices that were added while the list was read; the books will have them.
    ///
    /// One that bears an old day breaks in the night that saw it, if it was read in time.
    fn adopt(&mut self, (outcome, _): &(RunOutcome, BTreeSet<String>), morning: NaiveDate) {
        let findings = outcome.model.iter().flat_map(|model| &model.findings);
        let seen: BTreeSet<String> = findings.map(|one| number_of(&one.finding)).collect();
        for raw in self.world.handle().all(Collection::Invoices) {
            let one: Value = serde_json::from_str(&raw).unwrap();
            let number = one["document_number"].as_str().unwrap();
            if self.invoices.iter().any(|(known, ..)| known == number) {
                continue;
            }
            let day: NaiveDate = one["issue_date"].as_str().unwrap().parse().unwrap();
            if seen.contains(number) {
                let late = Planted { kind: Kind::MissingInLedger, day, mended_on: Some(morning) };
                self.planted.insert(number.to_owned(), late);
            }
            let gross = one["total_gross_amount"].to_string();
            let (euros, cents) = gross.split_once('.').unwrap_or((&gross, "0"));
            let cents: i64 = format!("{euros}{cents:0<2}").parse().unwrap();
            self.invoices.push((number.to_owned(), day, cents));
            self.added += 1;
        }
    }

    fn issue(&self, number: &str, day: NaiveDate, cents: i64) {
        let id = format!("50ak{:020}", self.issued);
        let party = |name: &str, vat_id: &str| {
            json!({"name": name, "vat_id": vat_id, "tax_code": vat_id, "street": "Via Roma, 1",
                   "city": "Napoli", "zip": "80133", "province": "NA", "country_code": "IT",
                   "phone": null, "email": null})
        };
        let gross: Value =
            serde_json::from_str(&format!("{}.{:02}", cents / 100, cents % 100)).unwrap();
        let invoice = json!({
            "id": id, "state": "DONE", "direction": "outgoing", "fiscal_id": self.company,
            "type": "TD01", "document_number": number, "issue_date": day,
            "total_gross_amount": gross, "sender": party("Venditore", &self.company),
            "recipient": party("Cliente S.r.l.", "20041115203"),
            "details": {"sdi_id": id, "sdi_filename": null, "sdi_status": "DELIVERED",
                        "sdi_message": "", "sdi_update_date": null, "invoice_date": day},
            "create_at": format!("{day} 18:00:00 +00:00"),
            "updated_at": format!("{day} 18:00:00 +00:00"),
        });
        self.world.handle().put(Collection::Invoices, &invoice.to_string()).unwrap();
    }

    /// Exports the register of the month as it stands on an evening.
    fn export(&self, today: NaiveDate) {
        let mut lines = vec![HEADING.to_owned()];
        for (number, day, cents) in &self.invoices {
            if (day.year(), day.month()) != (today.year(), today.month()) {
                continue;
            }
            let wrong = self.planted.get(number);
            let wrong = wrong.filter(|one| one.mended_on.is_none_or(|mended| today < mended));
            let cents = match wrong.map(|one| one.kind) {
                Some(Kind::MissingInLedger) => continue,
                Some(_) => cents + 1_220,
                None => *cents,
            };
            let (taxable, gross) = (cents * 100 / 122, cents);
            let money = |cents: i64| format!("{},{:02}", cents / 100, cents % 100);
            lines.push(format!(
                "{number};{};Cliente S.r.l.;20041115203;{};{};{}",
                day.format("%d/%m/%Y"),
                money(taxable),
                money(gross - taxable),
                money(gross)
            ));
        }
        let name = format!("inbox/{}/registro-{}.csv", self.company, today.format("%Y-%m"));
        let file = std::fs::File::open(self.world.write(&name, lines.join("\n"))).unwrap();
        let old = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        file.set_modified(old).unwrap();
    }

    fn open(&self, now: DateTime<Utc>) -> (Context, jobs::Job) {
        let ctx = at(&self.world, now);
        let job = jobs::find(&ctx.config.jobs.dir, "soak").unwrap();
        (ctx, job)
    }

    /// Does what is due, again after a while where the provider was not to be had.
    ///
    /// Returns the last outcome, and what any of them called new.
    fn night(&self, mut now: DateTime<Utc>) -> (RunOutcome, BTreeSet<String>) {
        let mut new = BTreeSet::new();
        for _ in 0..4 {
            let (ctx, job) = self.open(now);
            let done = self.world.runtime().block_on(async {
                let claim =
                    worker::claim_next(&ctx, &job, "soak").await.unwrap().expect("it is due");
                let never = std::future::pending::<()>;
                let outcome =
                    worker::run_claimed(&ctx, &job, &claim, &Unwatched, never).await.unwrap();
                ctx.store.close().await;
                outcome
            });
            let is_read = done.pull_error.is_none()
                && done.pull.as_ref().is_none_or(PullOutcome::is_complete);
            let findings = done.model.iter().flat_map(|model| &model.findings);
            new.extend(findings.filter(|one| one.is_new).map(|one| number_of(&one.finding)));
            if is_read {
                return (done, new);
            }
            now += TimeDelta::minutes(16);
        }
        panic!("the night of {now} never got through");
    }

    fn is_nothing_due(&self, now: DateTime<Utc>) -> bool {
        let (ctx, job) = self.open(now);
        self.world.runtime().block_on(worker::claim_next(&ctx, &job, "soak")).unwrap().is_none()
    }

    /// Holds a night's findings against what was planted.
    fn check(&mut self, (outcome, new): &(RunOutcome, BTreeSet<String>), morning: NaiveDate) {
        let model = outcome.model.as_ref().unwrap();
        let yesterday = morning - Days::new(1);
        let is_due = |one: &Planted| {
            let breaks_on = match one.kind {
                // Three days of grace to book it.
                Kind::MissingInLedger => one.day + Days::new(4),
                _ => one.day,
            };
            (one.day.year(), one.day.month()) == (yesterday.year(), yesterday.month())
                && one.day <= yesterday
                && breaks_on <= morning
                && one.mended_on.is_none_or(|mended| yesterday < mended)
        };
        let mut expected = BTreeMap::new();
        for (number, one) in self.planted.iter().filter(|(_, one)| is_due(one)) {
            let first = *self.first_seen.entry(number.clone()).or_insert(morning);
            let age = (morning - first).num_days();
            expected.insert(number.clone(), (one.kind, age, first == morning));
        }
        let open = model.findings.iter().filter(|one| one.state == FindingState::Open);
        let found: BTreeMap<_, _> = open
            .map(|one| {
                let number = number_of(&one.finding);
                let is_new = new.contains(&number);
                (number, (one.finding.kind, one.age_days, is_new))
            })
            .collect();
        assert_eq!(found, expected, "on {morning}");
        assert!(model.roll_forward.ties_out());
    }
}

/// Returns the document's number, on whichever side of the evidence it stands.
fn number_of(finding: &Finding) -> String {
    let evidence = serde_json::to_value(&finding.evidence).unwrap();
    let places = ["/record/number", "/left/number"];
    let found = places.iter().find_map(|place| evidence.pointer(place)?.as_str());
    found.map_or_else(|| format!("{finding:?}"), str::to_owned)
}

fn rome(day: NaiveDate, hour: u32) -> DateTime<Utc> {
    Rome.from_local_datetime(&day.and_hms_opt(hour, 15, 20).unwrap()).unwrap().to_utc()
}

fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

#[test]
fn every_planted_difference_is_told_once() {
    let nights: u64 =
        std::env::var_os("QUADRA_NIGHTS").map_or(8, |text| text.to_string_lossy().parse().unwrap());
    let first = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
    let mut soak = Soak::start();
    assert!(soak.is_nothing_due(rome(first, 20)), "the job is seen for the first time");
    let mut memory = Vec::new();
    for night in 0..nights {
        let day = first + Days::new(night);
        soak.trade(day);
        soak.export(day);
        let morning = day + Days::new(1);
        // The machine is off for one night in the first week, and for three in each month.
        if night == 4 || matches!(night % 30, 17..20) {
            continue;
        }
        let outcome = soak.night(rome(morning, 5));
        soak.adopt(&outcome, morning);
        soak.check(&outcome, morning);
        // The clock goes back after the run, and the timer fires again.
        assert!(soak.is_nothing_due(rome(morning, 5) - TimeDelta::hours(3)));
        assert!(soak.is_nothing_due(rome(morning, 5) + TimeDelta::hours(1)));
        memory.push(resident_kb());
    }
    let events = |name: &str| {
        let query = format!(
            "select f.kind || ' ' || count(*) from finding_events as e join findings as f \
             on f.id = e.finding_id where e.event = '{name}' and f.kind <> 'coverage_missing' \
             group by f.kind order by 1"
        );
        soak.world.sql(&query)
    };
    let mut opened: BTreeMap<Kind, usize> = BTreeMap::new();
    for number in soak.first_seen.keys() {
        *opened.entry(soak.planted[number].kind).or_default() += 1;
    }
    let mut expected: Vec<String> =
        opened.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    expected.sort();
    assert_eq!(events("opened"), expected);
    assert_eq!(events("reopened"), [""; 0]);
    let early = memory[memory.len() / 3];
    let late = memory[memory.len() - 1];
    eprintln!(
        "soak: {nights} nights, {} invoices, {} of them added while a list was read, {} differences \
         planted and seen once each, {} requests; resident {early} kB after a third of the nights, {late} kB at the end",
        soak.invoices.len(),
        soak.added,
        soak.first_seen.len(),
        soak.world.requests()
    );
    // Other tests share the process of a short run.
    if nights >= 50 {
        assert!(late < early + 32 * 1_024, "it grows: {memory:?}");
    }
}
