//! The watch over credentials: one warning a person and level, whatever night was missed.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use chrono::{DateTime, TimeDelta, Utc};
use quadra::config::jobs;
use quadra::credentials::{Level, State};
use quadra::sandbox::{Collection, Options};
use quadra::worker;
use serde_json::Value;

use super::due::at;
use crate::pull::memory::Unwatched;
use crate::world::{World, repository};

pub(super) const CODE: &str = "RSSMRA80A01H501U";

/// The demo's three companies, two of whom use one person's credentials.
pub(super) fn world() -> World {
    let world = World::with(Options::demo());
    watch_job(&world);
    for raw in world.handle().all(Collection::Configurations) {
        let mut one: Value = serde_json::from_str(&raw).unwrap();
        let code = if one["fiscal_id"] == "33401825030" { "VRDNNA75B41F205X" } else { CODE };
        one["receipts_authentication"] = serde_json::json!({ "taxCode": code });
        world.handle().put(Collection::Configurations, &one.to_string()).unwrap();
    }
    world
}

fn watch_job(world: &World) {
    let job = std::fs::read_to_string(repository().join("jobs/credential-watch.toml")).unwrap();
    let recipients = "recipients = ['a@rossi.example']\n[schedule]";
    world.write("jobs/credential-watch.toml", job.replace("[schedule]", recipients));
}

/// Runs the watch on a day; returns what it said that was new.
pub(super) fn night(world: &World, now: DateTime<Utc>) -> Vec<(String, Level)> {
    let ctx = at(world, now);
    let job = jobs::find(&ctx.config.jobs.dir, "credential-watch").unwrap();
    let period = "2026-02".parse().unwrap();
    let running = worker::run(&ctx, &job, period, &Unwatched, std::future::pending::<()>);
    let outcome = world.runtime().block_on(running).unwrap();
    let watched = outcome.watched.unwrap();
    assert_eq!(watched.problem, None);
    let new = watched.alerts.iter().filter(|alert| alert.is_new);
    new.map(|alert| (alert.name(), alert.level)).collect()
}

fn seen(world: &World, now: DateTime<Utc>) -> Vec<(String, State, Option<i64>)> {
    let ctx = at(world, now);
    let watched = world.runtime().block_on(worker::watched(&ctx, false)).unwrap();
    watched.credentials.iter().map(|one| (one.tax_code.clone(), one.state, one.days_left)).collect()
}

pub(super) fn day(text: &str) -> DateTime<Utc> {
    format!("{text}T05:00:00Z").parse().unwrap()
}

fn mails(world: &World) -> Vec<String> {
    world.sql("select subject from deliveries where channel = 'mail' order by id")
}

#[test]
fn each_warning_is_one_mail_though_nights_are_missed() {
    let world = world();
    let first = night(&world, day("2026-03-01"));
    let portal = |code: &str| format!("portal {code}");
    assert_eq!(
        first,
        [(portal(CODE), Level::Unknown), (portal("VRDNNA75B41F205X"), Level::Unknown)]
    );
    assert_eq!(night(&world, day("2026-03-02")), []);
    let ctx = at(&world, day("2026-03-02"));
    let changed_on = "2026-03-01".parse().unwrap();
    let declared = world.runtime().block_on(worker::declare(&ctx, CODE, &[], changed_on)).unwrap();
    assert_eq!(declared.len(), 2);
    let mut said = Vec::new();
    // The 90 days end on 30 May. The nights of 8 to 26 May were missed.
    let mut now = day("2026-03-03");
    while now < day("2026-06-20") {
        if now < day("2026-05-08") || now > day("2026-05-26") {
            let new = night(&world, now);
            said.extend(
                new.into_iter()
                    .map(|(name, level)| format!("{} {name} {level}", now.format("%m-%d"))),
            );
        }
        now += TimeDelta::days(1);
    }
    let expected = ["04-30 portal", "05-27 portal", "05-29 portal", "05-30 portal"]
        .iter()
        .zip(["30_days", "3_days", "1_day", "expired"])
        .map(|(night, level)| format!("{night} {CODE} {level}"));
    assert_eq!(said, expected.collect::<Vec<_>>());
    let mails = mails(&world);
    assert_eq!(mails.len(), 5, "{mails:?}");
    assert_eq!(
        mails[0],
        "Scadenza sconosciuta: credenziali del portale (e 1 altro avviso) – 01/03/2026"
    );
    assert_eq!(mails[4], format!("Scaduto: credenziali del portale – {CODE} – 30/05/2026"));
    assert_eq!(world.sql("select count(*) from deliveries where state = 'sent'"), ["0"]);
}

#[test]
fn failing_receipts_and_callbacks_tell_of_refusal() {
    let world = world();
    night(&world, day("2026-03-01"));
    let ctx = at(&world, day("2026-03-01"));
    let changed_on = "2026-02-20".parse().unwrap();
    world.runtime().block_on(worker::declare(&ctx, CODE, &[], changed_on)).unwrap();
    assert_eq!(seen(&world, day("2026-03-02"))[0], (CODE.to_owned(), State::Valid, Some(80)));
    let mut receipt: Value =
        serde_json::from_str(&world.handle().all(Collection::Receipts)[0]).unwrap();
    let company = receipt["fiscal_id"].as_str().unwrap().to_owned();
    receipt["id"] = "f00d".into();
    receipt["status"] = "failed".into();
    receipt["error_code"] = "AE-401".into();
    receipt["error_message"] = "Credenziali del portale scadute".into();
    receipt["created_at"] = "2026-03-02T09:00:00.000Z".into();
    world.handle().put(Collection::Receipts, &receipt.to_string()).unwrap();
    let uses = world.sql(&format!(
        "select body from raw_documents where resource = 'configurations' and body like '%{company}%'"
    ));
    assert!(uses[0].contains(CODE), "the failing company uses the watched credentials");
    world.quadra("pull receipts --from 2026-03-01 --to 2026-03-03").expect(0);
    assert_eq!(seen(&world, day("2026-03-03"))[0].1, State::Refused);
    assert_eq!(night(&world, day("2026-03-03")), [(format!("portal {CODE}"), Level::Refused)]);
    assert_eq!(night(&world, day("2026-03-04")), []);
    // Somebody stores the new password elsewhere, and the provider tells us.
    world.execute(&format!(
        "insert into callbacks (received_at, event, resource, source_id, content_type, body, state) \
         values ('2026-03-05T08:00:00.000Z', 'receipt-credentials', 'configurations', '{company}', \
         'application/json', '{{\"data\":{{\"status\":\"updated\"}}}}', 'waiting')"
    ));
    let now = &seen(&world, day("2026-03-06"))[0];
    // The other company of the same person has the older password still.
    assert_eq!((now.1, now.2), (State::Behind, Some(89)));
}

#[test]
fn token_and_credit_are_watched_with_the_accounts_key() {
    let mut world = world();
    world.configure("[watch]\ncredit_minimum = \"20.00\"");
    world.handle().set_wallet(Some(12_340));
    world.handle().set_now(day("2026-03-01"));
    // A token of the account that ends in ten days; the sandbox mints it as the vendor does.
    let port = world.configured_port();
    let base = format!("http://127.0.0.1:{port}");
    let minted = world.bash(&format!(
        "curl -s -u a@b.example:k3y {base}/tokens -d '{{\"scopes\":[\"GET:127.0.0.1:{port}/IT-configurations\"],\"ttl\":864000}}'"
    ));
    let minted: Value = serde_json::from_str(&minted.stdout).unwrap();
    let data = if minted["data"].is_object() { &minted["data"] } else { &minted };
    world.set("QUADRA__API__TOKEN", data["token"].as_str().unwrap());
    let text = world.read("quadra.toml");
    world.write("quadra.toml", text.replace("[api]", "[api]\nemail = \"a@b.example\""));
    world.set("QUADRA__API__API_KEY", "k3y");
    let job = std::fs::read_to_string(repository().join("jobs/credential-watch.toml")).unwrap();
    world.write("jobs/credential-watch.toml", job);
    let ran = world.quadra("run credential-watch --quiet").expect(0);
    assert!(ran.stdout.contains("watched"), "{ran}");
    let status = world.quadra("credentials status --json").expect(0).json();
    assert_eq!(status["token"]["expires_on"], "2026-03-11");
    assert_eq!(status["credit"]["left_cents"], 1_234);
    assert_eq!(status["credit"]["is_enough"], false);
    assert_eq!(status["credentials"].as_array().unwrap().len(), 3);
    world.quadra("credentials status --exit-code").expect(1);
    let shown = world.quadra("credentials status").expect(0).stdout;
    assert!(shown.contains("Credit: € 12.34 – below `watch.credit_minimum`"), "{shown}");
    let levels =
        world.sql("select level from warnings where subject in ('token', 'credit') order by 1");
    assert!(levels.contains(&"credit_low".to_owned()), "{levels:?}");
}
