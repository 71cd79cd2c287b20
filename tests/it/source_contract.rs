//! What a source of documents must do, whoever plays the provider.
//!
//! Each rule is held against the sandbox, which computes its answers, and against recorded
//! bodies: the shipped samples, and those of the vendor's specification where it is there.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

mod recorded;

use std::future::pending;

use chrono::NaiveDate;
use quadra::api::{Client, Error, Filter, Resource, Settings};
use quadra::clock::Clock;
use quadra::config::Config;
use quadra::extract::{Window, WindowState, plan};
use quadra::fiscal::{DocumentKind, Period};
use quadra::normalize;
use quadra::sandbox::{Collection, Fault, Faults, Options, Running, start};
use quadra::store::Store;
use quadra::worker::{Context, PullOutcome, PullRequest, Sweep, pull_from};
use serde_json::{Value, json};

use crate::pull::memory::{Memory, Unwatched};
use recorded::Recorded;

/// The only token that is good.
const TOKEN: &str = "5ec2e77074ca11ab1e000007";

/// A store in a folder that goes with it.
struct Kept {
    store: Store,
    _folder: tempfile::TempDir,
}

/// Whoever plays the provider.
enum Side {
    Sandbox(Running),
    Recorded(Recorded),
}

/// Returns everybody who plays the provider, by name.
async fn sides() -> Vec<(&'static str, Side)> {
    let options = Options {
        receipts: 230,
        invoices: 40,
        today: day(2026, 4, 30),
        token: Some(TOKEN.to_owned()),
        faults: Faults::none(),
        ..Options::default()
    };
    let mut sides = vec![
        ("sandbox", Side::Sandbox(start(options).await.unwrap())),
        ("samples", Side::Recorded(Recorded::samples(TOKEN).await)),
    ];
    match Recorded::specification(TOKEN).await {
        Some(recorded) => sides.push(("specification", Side::Recorded(recorded))),
        None => eprintln!("skipped: the vendor's specification is not at ../shared/oas"),
    }
    sides
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

impl Side {
    fn base_url(&self) -> String {
        match self {
            Self::Sandbox(running) => running.base_url(),
            Self::Recorded(recorded) => recorded.base_url(),
        }
    }

    fn client(&self, token: &str) -> Client {
        let settings = Settings {
            base_url: self.base_url(),
            token: token.to_owned().into(),
            requests_per_second: std::num::NonZeroU32::new(10_000),
            backoff_ms: 1,
            ..Settings::default()
        };
        Client::new(settings, Clock::System).unwrap()
    }

    /// Answers the next request for a list with this body.
    fn next_list(&self, body: &str) {
        match self {
            Self::Sandbox(running) => {
                let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
                let fault = Fault::Status { status: 200, headers, body: body.to_owned() };
                running.handle().fail_next_on("GET /IT-receipts?fiscal_id", 1, fault);
            }
            Self::Recorded(recorded) => recorded.next_list(body),
        }
    }

    /// Replaces a document.
    fn put(&self, resource: Resource, body: &Value) {
        match self {
            Self::Sandbox(running) => {
                let collection = match resource {
                    Resource::Receipts => Collection::Receipts,
                    _ => Collection::Invoices,
                };
                running.handle().put(collection, &body.to_string()).unwrap();
            }
            Self::Recorded(recorded) => recorded.put(resource, body),
        }
    }
}

/// Returns windows over all days that any of the documents has.
fn windows(resource: Resource) -> Vec<Window> {
    plan(resource, &[], day(2024, 12, 1), day(2026, 12, 31), 31)
}

/// Pulls the receipts of these days into a new store.
async fn pulled(
    side: &Side,
    client: &Client,
    period: Period,
) -> (Kept, Result<PullOutcome, String>) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("q.db").display());
    let store = Store::open(&url).await.unwrap();
    let settings = [("api.base_url".to_owned(), side.base_url())];
    let clock = Clock::Fixed(day(2026, 6, 1).and_hms_opt(4, 0, 0).unwrap().and_utc());
    let config = Config::without_file(&settings).unwrap();
    let ctx = Context { config, store: store.clone(), clock };
    let request = PullRequest {
        resources: vec![Resource::Receipts],
        companies: Vec::new(),
        period,
        looks_back: false,
        sweep: Sweep::Never,
        deadline: None,
        skips_unknown: false,
    };
    let outcome = pull_from(&ctx, client, &request, &Unwatched, pending::<()>).await;
    (Kept { store, _folder: folder }, outcome.map_err(|error| error.to_string()))
}

#[tokio::test]
async fn bad_token_is_terminal() {
    for (name, side) in sides().await {
        let client = side.client("wrong");
        let error = client.list(Resource::Receipts, &Filter::default(), 0, 1).await.unwrap_err();
        assert!(matches!(error, Error::Unauthorized(_)) && error.is_terminal(), "{name}: {error}");
        assert!(error.hint().unwrap().contains("token"), "{name}");
        let before = client.tally().requests;
        let period = Period { from: day(2026, 1, 1), to: day(2026, 5, 1) };
        let (kept, outcome) = pulled(&side, &client, period).await;
        assert!(outcome.is_err(), "{name}");
        assert_eq!(client.tally().requests - before, 1, "{name}: nothing is tried again");
        assert_eq!(kept.store.count_documents(DocumentKind::Receipt).await.unwrap(), 0);
    }
    // The gateway says so in XML.
    let recorded = Recorded::samples(TOKEN).await;
    recorded.refuse_in_xml();
    let side = Side::Recorded(recorded);
    assert!(side.client("wrong").configurations().await.unwrap_err().is_terminal());
}

#[tokio::test]
async fn two_reads_of_a_frozen_set_are_equal() {
    for (name, side) in sides().await {
        let client = side.client(TOKEN);
        for resource in [Resource::Receipts, Resource::Invoices] {
            let (windows, mut first, mut second) =
                (windows(resource), Memory::default(), Memory::default());
            let tally = first.pull(&client, &windows).await.unwrap();
            assert!(tally.is_complete() && !first.documents.is_empty(), "{name}");
            second.pull(&client, &windows).await.unwrap();
            assert_eq!(first.documents, second.documents, "{name}");
            let writes = first.writes;
            let again = first.pull(&client, &windows).await.unwrap();
            assert!(again.windows.iter().all(|window| window.unchanged), "{name}");
            assert_eq!(first.writes, writes, "{name}: nothing is written for nothing new");
        }
    }
}

#[tokio::test]
async fn future_cursor_is_empty() {
    for (name, side) in sides().await {
        let client = side.client(TOKEN);
        for resource in [Resource::Receipts, Resource::Invoices] {
            let beyond = client.list(resource, &Filter::default(), 1_000_000, 100).await.unwrap();
            assert_eq!(beyond.rows, 0, "{name}");
            let later = Filter { after: Some(day(2099, 1, 1)), ..Filter::default() };
            assert_eq!(client.list(resource, &later, 0, 100).await.unwrap().rows, 0, "{name}");
            let mut memory = Memory::default();
            let windows = plan(resource, &[], day(2099, 1, 1), day(2099, 1, 31), 31);
            let tally = memory.pull(&client, &windows).await.unwrap();
            assert_eq!(tally.windows[0].state, WindowState::Settled, "{name}");
            assert_eq!((tally.documents_seen, tally.windows[0].rows), (0, 0), "{name}");
        }
    }
}

#[tokio::test]
async fn unknown_fields_pass() {
    for (name, side) in sides().await {
        let client = side.client(TOKEN);
        for resource in [Resource::Receipts, Resource::Invoices] {
            let read = |body: &str| match resource {
                Resource::Receipts => normalize::receipt(body),
                _ => normalize::invoice(body),
            };
            let page = client.list(resource, &Filter::default(), 0, 1).await.unwrap();
            let (id, before) = (page.items[0].id.clone(), page.items[0].body.clone());
            let mut body: Value = serde_json::from_str(&before).unwrap();
            body["zz_rail"] = json!({"deep": [1, {"id": "other"}]});
            body["stores"] = json!(null);
            if let Some(item) = body.pointer_mut("/items/0") {
                item["zz_item"] = json!("x");
            }
            side.put(resource, &body);
            let page = client.list(resource, &Filter::default(), 0, 100).await.unwrap();
            assert!(page.put_aside.is_empty(), "{name}");
            let item = page.items.iter().find(|item| item.id == id).unwrap();
            assert!(item.body.contains("zz_rail"), "{name}: it is kept");
            assert_eq!(read(&item.body).unwrap(), read(&before).unwrap(), "{name}: it is not read");
        }
    }
}

#[tokio::test]
async fn missing_field_puts_the_row_aside() {
    for (name, side) in sides().await {
        let client = side.client(TOKEN);
        let page = client.list(Resource::Receipts, &Filter::default(), 0, 100).await.unwrap();
        let mut rows: Vec<Value> =
            page.items.iter().map(|item| serde_json::from_str(&item.body).unwrap()).collect();
        let whole = rows.len();
        let without = |field: &str| {
            let mut row = rows[0].clone();
            row.as_object_mut().unwrap().remove(field);
            if field != "id" {
                row["id"] = json!(format!("without-{field}"));
            }
            row
        };
        let torn = [without("id"), without("fiscal_id")];
        rows.extend(torn);
        side.next_list(&json!({"data": rows, "success": true, "error": null}).to_string());
        // One window, so that the torn page is the page that is read.
        let period = Period { from: day(2026, 2, 1), to: day(2026, 2, 1) };
        let (kept, outcome) = pulled(&side, &client, period).await;
        let outcome = outcome.unwrap();
        assert!(!outcome.is_complete(), "{name}: what cannot be read is said");
        let aside = kept.store.unreadable_documents().await.unwrap();
        let ids: Vec<&str> = aside.iter().map(|one| one.source_id.as_str()).collect();
        assert_eq!(ids, ["", "without-fiscal_id"], "{name}");
        assert!(aside.iter().all(|one| !one.reason.is_empty()), "{name}: {aside:?}");
        let stored = kept.store.count_documents(DocumentKind::Receipt).await.unwrap();
        assert!(stored >= i64::try_from(whole).unwrap(), "{name}: the others are kept");
    }
}
