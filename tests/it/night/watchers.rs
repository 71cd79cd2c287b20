//! Those who watch a night: Prometheus by its file, a dead-man's switch, whoever reads the log.

use crate::switch::Switch;
use crate::world::{TOKEN, World};

const NIGHT: &str = "run nightly-receipts --period 2026-02";

#[test]
fn good_night_is_pinged_and_a_bad_one_is_not() {
    let mut world = World::demo();
    let switch = Switch::open(&world);
    let port = switch.port;
    world.configure(&format!("[watch]\nping_url = \"http://127.0.0.1:{port}/4f1c?job=x\""));
    world.quadra(NIGHT).expect(0);
    let pings = switch.heard();
    assert_eq!(pings.len(), 1, "{pings:?}");
    assert!(pings[0].starts_with("GET /4f1c?job=x HTTP/1.1"), "{}", pings[0]);
    assert!(!pings[0].contains(TOKEN) && !pings[0].to_lowercase().contains("authorization"));
    world.stop_sandbox();
    world.quadra(NIGHT).expect(3);
    assert_eq!(switch.heard().len(), 1);
}

#[test]
fn deaf_switch_and_wrong_folder_end_no_run() {
    let world = World::demo();
    world.write("file", "");
    world.configure(
        "[watch]\nping_url = \"http://127.0.0.1:9/s3cr3t\"\nmetrics_file = \"file/q.prom\"",
    );
    let ran = world.quadra(NIGHT).expect(0);
    assert!(ran.stderr.contains("the ping after the run was not heard"), "{ran}");
    assert!(ran.stderr.contains("the metrics were not written"), "{ran}");
    assert!(!ran.stderr.contains("s3cr3t"), "{ran}");
}

#[test]
fn metrics_file_says_how_the_night_went() {
    let mut world = World::demo();
    world.set("QUADRA_CLOCK", "2026-03-10T05:00:00Z");
    world.configure("[watch]\nmetrics_file = \"metrics/quadra.prom\"");
    world.quadra(NIGHT).expect(0);
    assert_eq!(world.files("metrics"), ["quadra.prom"]);
    let text = world.read("metrics/quadra.prom");
    let value = |sample: &str| {
        let found = text.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
        found.unwrap_or_else(|| panic!("no `{sample}` in {text}")).to_owned()
    };
    let success = "quadra_job_last_success_timestamp_seconds{job=\"nightly-receipts\"}";
    assert_eq!(value(success), "1773118800");
    let verdict = "quadra_job_last_verdict_info{job=\"nightly-receipts\",verdict=\"breaks\"}";
    assert_eq!(value(verdict), "1");
    let documents = world.sql("select count(*) from documents").remove(0);
    assert_eq!(value("quadra_documents{kind=\"receipt\"}"), documents);
    let open = world.sql(
        "select count(*) || ' ' || sum(at_risk_cents) from findings where kind = 'takings_differ'",
    );
    let (number, cents) = open[0].split_once(' ').unwrap();
    assert_eq!(value("quadra_findings_open{kind=\"takings_differ\"}"), number);
    let euros = value("quadra_findings_at_risk_euros{kind=\"takings_differ\"}");
    assert_eq!(euros.replace('.', ""), cents);
    assert_eq!(value("quadra_findings_open{kind=\"sign_differs\"}"), "0");
    assert_eq!(value("quadra_requests_budget"), "1000");
    assert_eq!(value("quadra_requests_today"), world.sql("select requests from request_days")[0]);
    assert_eq!(value("quadra_outbox_age_seconds"), "0");
    // Of unknown age: no days, and not usable.
    assert!(text.contains("quadra_credential_usable{company=\""), "{text}");
    for line in text.lines() {
        let is_sample = line.starts_with("quadra_")
            && line.rsplit_once(' ').is_some_and(|(_, value)| value.parse::<f64>().is_ok());
        assert!(line.starts_with("# ") || is_sample, "{line}");
    }
    // A night that failed leaves the last success as it was.
    world.stop_sandbox();
    world.set("QUADRA_CLOCK", "2026-03-11T05:00:00Z");
    world.quadra(NIGHT).expect(3);
    let later = world.read("metrics/quadra.prom");
    assert!(later.contains(&format!("{success} 1773118800")), "{later}");
    let end = "quadra_job_last_end_timestamp_seconds{job=\"nightly-receipts\"} 1773205200";
    assert!(later.contains(end), "{later}");
}

#[test]
fn json_log_has_the_run_and_no_personal_data() {
    let world = World::demo();
    let job = world.read("jobs/nightly-invoices.toml");
    let steps = "steps = [\"inbox\", \"pull\", \"credentials\", \"reconcile\", \"report\", \
                 \"deliver\"]\n[schedule]";
    world.write("jobs/nightly-invoices.toml", job.replace("[schedule]", steps));
    let ran = world.quadra("run nightly-invoices --period 2026-02 --log-json --verbose").expect(3);
    let lines: Vec<serde_json::Value> =
        ran.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.len() > 10, "{ran}");
    let is_inside = |line: &&serde_json::Value| line["spans"][0]["name"] == "run";
    let inside: Vec<_> = lines.iter().filter(is_inside).collect();
    assert!(inside.len() > 8, "{ran}");
    let with_number = inside.iter().filter(|line| line["spans"][0]["run_id"] == 1).count();
    assert_eq!(with_number, inside.len(), "every event of the run has its number: {ran}");
    // Names, codes and numbers of the other side, of people and of documents stay out.
    let mut secrets = vec![TOKEN.to_owned()];
    for query in [
        "select distinct counterparty_name from documents where counterparty_name is not null",
        "select distinct counterparty_tax_id from documents where counterparty_tax_id is not null",
        "select distinct counterparty_tax_code from documents where counterparty_tax_code is not null",
        "select distinct number from documents where length(number) > 5",
        "select distinct source_id from documents",
        "select name from companies",
    ] {
        secrets.extend(world.sql(query));
    }
    assert!(secrets.len() > 100, "{}", secrets.len());
    for secret in secrets.iter().filter(|secret| secret.len() > 4) {
        assert!(!ran.stderr.contains(secret.as_str()), "`{secret}` in {ran}");
    }
}
