//! `/healthz` and `/metrics` as `quadra serve` answers them, healthy and not.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use super::serving::Serving;
use crate::world::World;

const JOB: &str = "kind = 'receipts'\nperiod = '2026-02'\nsteps = ['reconcile']\n\
                   [schedule]\ncron = '15 5 * * *'\n";

struct Answer {
    status: u16,
    media_type: String,
    body: String,
}

fn ask(world: &World, method: reqwest::Method, url: &str) -> Answer {
    world.runtime().block_on(async {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = http.request(method, url).send().await.unwrap();
        let media_type = answer.headers().get("content-type");
        Answer {
            status: answer.status().as_u16(),
            media_type: media_type.map_or_else(String::new, |one| one.to_str().unwrap().to_owned()),
            body: answer.text().await.unwrap(),
        }
    })
}

/// A world after a night, and a process that answers on a port of the system's choice.
fn serving() -> (World, Serving) {
    let mut world = World::demo();
    world.set("QUADRA_CLOCK", "2026-03-10T05:00:00Z");
    world.quadra("run nightly-receipts --period 2026-02 --quiet").expect(0);
    world.quadra("run nightly-invoices --period 2026-02 --quiet").expect(3);
    world.configure("[watch]\nlisten = \"127.0.0.1:0\"");
    world.write("jobs/idle.toml", JOB);
    let serving = Serving::start(&world, "2026-03-10T05:00:00Z");
    (world, serving)
}

/// Reads Prometheus' text format as its description says, and returns the samples' names.
///
/// Each family: `# HELP`, `# TYPE`, then all its samples; names and labels by their grammar,
/// values finite, no sample twice.
fn read(text: &str) -> BTreeSet<String> {
    assert!(text.ends_with('\n'), "the last line ends too");
    let (mut families, mut samples) = (BTreeSet::new(), BTreeSet::new());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let (name, help) = line.strip_prefix("# HELP ").unwrap().split_once(' ').unwrap();
        assert!(help.len() > 10 && is_name(name), "{line}");
        let kind = lines.next().unwrap().strip_prefix(&format!("# TYPE {name} ")).unwrap();
        assert!(["gauge", "counter"].contains(&kind), "{name}: {kind}");
        assert!(families.insert(name.to_owned()), "`{name}` comes twice");
        while let Some(line) = lines.next_if(|line| !line.starts_with('#')) {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().unwrap().is_finite(), "{line}");
            let rest = sample.strip_prefix(name).unwrap();
            if !rest.is_empty() {
                let labels = rest.strip_prefix('{').unwrap().strip_suffix('}').unwrap();
                for label in labels.split("\",") {
                    let (key, value) = label.split_once("=\"").unwrap();
                    assert!(is_name(key) && !key.starts_with("__"), "{line}");
                    assert!(!value.trim_end_matches('"').is_empty(), "{line}");
                }
            }
            assert!(samples.insert(sample.to_owned()), "`{sample}` comes twice");
        }
    }
    families
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Lets Prometheus' own reader for Python read it, where that is installed.
fn read_by_prometheus(text: &str) -> Option<usize> {
    let script = "import sys\nfrom prometheus_client.parser import text_string_to_metric_families as read\n\
                  print(sum(len(family.samples) for family in read(sys.stdin.read())))";
    let mut python = Command::new("python3");
    let python = python.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = python.stderr(Stdio::null()).spawn().ok()?;
    // Without the library it ends before it reads.
    let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
    let output = child.wait_with_output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

#[test]
fn metrics_are_read_by_prometheus() {
    let (world, serving) = serving();
    let answer = ask(&world, reqwest::Method::GET, &format!("{}/metrics", serving.address()));
    assert_eq!(
        (answer.status, &*answer.media_type),
        (200, "text/plain; version=0.0.4; charset=utf-8")
    );
    let families = read(&answer.body);
    for name in [
        "quadra_job_last_success_timestamp_seconds",
        "quadra_job_last_end_timestamp_seconds",
        "quadra_job_last_verdict_info",
        "quadra_requests_today",
        "quadra_requests_budget",
        "quadra_documents",
        "quadra_findings_open",
        "quadra_findings_at_risk_euros",
        "quadra_outbox_age_seconds",
        "quadra_outbox_deliveries",
        "quadra_intents_open",
        "quadra_credential_days_left",
        "quadra_credential_usable",
    ] {
        assert!(families.contains(name), "no `{name}` in {}", answer.body);
    }
    let samples = answer.body.lines().filter(|line| !line.starts_with('#')).count();
    match read_by_prometheus(&answer.body) {
        Some(read) => assert_eq!(read, samples),
        None => eprintln!("metrics: skipped, python3 has no `prometheus_client`"),
    }
    // What is served is what is in the file, at the same moment.
    world.configure("metrics_file = \"quadra.prom\"");
    world.quadra("run nightly-receipts --period 2026-02 --quiet");
    let now = ask(&world, reqwest::Method::GET, &format!("{}/metrics", serving.address()));
    assert_eq!(now.body, world.read("quadra.prom"));
    assert_eq!(serving.stop().code, Some(0));
}

#[test]
fn health_falls_with_store_and_jobs_and_comes_back() {
    let (world, serving) = serving();
    let address = serving.address();
    let health = || ask(&world, reqwest::Method::GET, &format!("{address}/healthz"));
    assert_eq!((health().status, &*health().body), (200, "ok\n"));
    world.execute("alter table request_days rename to hidden");
    let ill = health();
    assert_eq!((ill.status, &*ill.body), (503, "the store cannot be read"));
    let blind = ask(&world, reqwest::Method::GET, &format!("{address}/metrics"));
    assert_eq!((blind.status, &*blind.body), (503, "the metrics were not counted"));
    world.execute("alter table hidden rename to request_days");
    assert_eq!(health().status, 200);
    // With a wrong job nothing is started any more: that is no good health.
    world.write("jobs/wrong.toml", "kind = 'recipts'\n");
    let ill = health();
    assert_eq!((ill.status, &*ill.body), (503, "the jobs cannot be read"));
    std::fs::remove_file(world.path("jobs/wrong.toml")).unwrap();
    assert_eq!(health().status, 200);
    for (method, path, status) in [
        (reqwest::Method::GET, "", 404),
        (reqwest::Method::GET, "/metrics/", 404),
        (reqwest::Method::POST, "/metrics", 405),
        (reqwest::Method::DELETE, "/healthz", 405),
    ] {
        assert_eq!(ask(&world, method, &format!("{address}{path}")).status, status, "{path}");
    }
    let ended = serving.stop();
    assert_eq!(ended.code, Some(0));
    // The reason stands in the log, for those who may read it.
    assert!(ended.stderr.contains("request_days"), "{}", ended.stderr);
}
