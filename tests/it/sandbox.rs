//! The sandbox over HTTP: what it serves, how it refuses, how it misbehaves on command.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test may fail like the test"
)]

use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::{Duration, Instant};

use quadra::sandbox::{
    Collection, Dataset, DayZone, Error, Fault, Faults, Habits, Options, Running, start,
};
use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;

fn well_behaved() -> Options {
    Options {
        receipts: 400,
        invoices: 150,
        faults: Faults::none(),
        ..Options::default()
    }
}

/// A client that asks as `api` would, but without any of its code.
struct Client {
    http: reqwest::Client,
    base: String,
}

impl Client {
    fn of(sandbox: &Running) -> Self {
        Self {
            http: reqwest::Client::builder().build().unwrap(),
            base: sandbox.base_url(),
        }
    }

    async fn answer(&self, path: &str) -> reqwest::Response {
        self.request(path).send().await.unwrap()
    }

    fn request(&self, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.base);
        self.http.get(url).bearer_auth("any")
    }

    async fn json(&self, path: &str) -> Value {
        let response = self.answer(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    async fn rows(&self, path: &str) -> Vec<Value> {
        self.json(path).await["data"].as_array().unwrap().clone()
    }

    /// Reads a list page by page until a short page.
    async fn list(&self, path: &str) -> Vec<Value> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let mut all = Vec::new();
        loop {
            let page = self
                .rows(&format!("{path}{joint}limit=100&skip={}", all.len()))
                .await;
            let short = page.len() < 100;
            all.extend(page);
            if short {
                return all;
            }
        }
    }
}

fn ids(rows: &[Value]) -> BTreeSet<&str> {
    rows.iter().map(|row| row["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn pages_hold_every_document_once() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    for (path, count) in [("/IT-receipts", 400), ("/IT-invoices", 150)] {
        let rows = client.list(path).await;
        assert_eq!(rows.len(), count, "{path}");
        assert_eq!(ids(&rows).len(), count, "{path}");
    }
    assert_eq!(client.rows("/IT-receipts").await.len(), 20);
    sandbox.stop().await;
}

#[tokio::test]
async fn lists_run_from_newest_to_oldest() {
    let sandbox = start(well_behaved()).await.unwrap();
    let rows = Client::of(&sandbox).list("/IT-receipts").await;
    let moments: Vec<_> = rows
        .iter()
        .map(|row| row["create_timestamp"].as_i64().unwrap())
        .collect();
    assert!(moments.is_sorted_by(|left, right| left >= right));
}

#[tokio::test]
async fn filters_choose_what_they_say() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    let all = client.list("/IT-receipts").await;
    let one = all.iter().find(|row| row["status"] == "ready").unwrap();
    let company = one["fiscal_id"].as_str().unwrap();
    let number = one["document_number"].as_str().unwrap();
    let day = &one["created_at"].as_str().unwrap()[..10];
    let cases: Vec<(String, Box<dyn Fn(&Value) -> bool>)> = vec![
        (
            format!("fiscal_id={company},00000000000"),
            Box::new(|row| row["fiscal_id"] == company),
        ),
        (
            format!("document_number={number}"),
            Box::new(|row| row["document_number"] == number),
        ),
        (
            "status=voided,failed".into(),
            Box::new(|row| row["status"] == "voided" || row["status"] == "failed"),
        ),
        (
            "type=return,void".into(),
            Box::new(|row| row["type"] != "sale"),
        ),
        (
            format!("created_at={day}"),
            Box::new(|row| row["created_at"].as_str().unwrap().starts_with(day)),
        ),
        (
            format!("created_at%5Bbefore%5D={day}&type=sale"),
            Box::new(|row| {
                &row["created_at"].as_str().unwrap()[..10] <= day && row["type"] == "sale"
            }),
        ),
        (
            format!("document_date[after]={day}"),
            Box::new(|row| {
                row["document_date"]
                    .as_str()
                    .is_some_and(|date| &date[..10] >= day)
            }),
        ),
        ("page=2&per_page=10".into(), Box::new(|_| true)),
    ];
    for (query, rule) in cases {
        let found = client.list(&format!("/IT-receipts?{query}")).await;
        let expected: Vec<_> = all.iter().filter(|row| rule(row)).cloned().collect();
        assert!(!expected.is_empty(), "{query}");
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn children_are_found_by_parent() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    let voided = client.list("/IT-receipts?status=voided").await;
    assert!(!voided.is_empty());
    for parent in voided {
        let id = parent["id"].as_str().unwrap();
        let children = client
            .rows(&format!("/IT-receipts?parent_receipt_id={id}"))
            .await;
        assert_eq!(children.len(), 1);
        assert_eq!(children[0]["type"], "void");
        assert_eq!(children[0]["total_amount"], parent["total_amount"]);
    }
}

#[tokio::test]
async fn invoice_filters_choose_what_they_say() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    let all = client.list("/IT-invoices").await;
    for (query, field, values) in [
        ("state=RECEIVED,ERROR", "state", ["RECEIVED", "ERROR"]),
        ("direction=incoming", "direction", ["incoming", "incoming"]),
        ("type=TD04", "type", ["TD04", "TD04"]),
        (
            "issue_date=2026-02-10",
            "issue_date",
            ["2026-02-10", "2026-02-10"],
        ),
    ] {
        let found = client.list(&format!("/IT-invoices?{query}")).await;
        let expected: Vec<_> = all
            .iter()
            .filter(|row| values.iter().any(|value| row[field] == *value))
            .cloned()
            .collect();
        assert!(!expected.is_empty(), "{query}");
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn habits_turn_order_and_bounds() {
    let options = Options {
        habits: Habits {
            newest_first: false,
            bounds_inclusive: false,
            day_zone: DayZone::Rome,
            default_limit: 10,
        },
        ..well_behaved()
    };
    let sandbox = start(options).await.unwrap();
    let client = Client::of(&sandbox);
    assert_eq!(client.rows("/IT-receipts").await.len(), 10);
    let rows = client.list("/IT-receipts").await;
    let moments: Vec<_> = rows
        .iter()
        .map(|row| row["create_timestamp"].as_i64())
        .collect();
    assert!(moments.is_sorted());
    let after = client
        .list("/IT-invoices?issue_date[after]=2026-02-10&issue_date[before]=2026-02-12")
        .await;
    assert!(!after.is_empty());
    assert!(after.iter().all(|row| row["issue_date"] == "2026-02-11"));
}

#[tokio::test]
async fn impossible_values_are_refused() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    for query in [
        "/IT-receipts?limit=0",
        "/IT-receipts?limit=101",
        "/IT-receipts?limit=abc",
        "/IT-receipts?skip=-1",
        "/IT-receipts?status=done",
        "/IT-receipts?type=TD01",
        "/IT-receipts?created_at=2026-02-30",
        "/IT-invoices?state=DONE,ready",
        "/IT-invoices?direction=outoming",
        "/IT-invoices?issue_date[after]=10/02/2026",
    ] {
        let response = client.answer(query).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{query}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["success"], false, "{query}");
        assert_eq!(body["error"], 400, "{query}");
    }
}

#[tokio::test]
async fn missing_things_answer_as_documented() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    let response = client.answer("/IT-configurations/123").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    let body = response.text().await.unwrap();
    assert_eq!(
        body,
        r#"{"data":"null","success":true,"message":"Fiscal ID not found or not registered","error":111}"#
    );
    for path in ["/IT-receipts/abc", "/IT-invoices/abc"] {
        let response = client.answer(path).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(response.json::<Value>().await.unwrap()["data"], "null");
    }
}

#[tokio::test]
async fn wrong_token_path_and_method_look_alike() {
    let options = Options {
        token: Some("good".into()),
        ..well_behaved()
    };
    let sandbox = start(options).await.unwrap();
    let client = Client::of(&sandbox);
    let url = |path: &str| format!("{}{path}", sandbox.base_url());
    let requests = [
        client.http.get(url("/IT-receipts")),
        client.http.get(url("/IT-receipts")).bearer_auth("bad"),
        client.http.get(url("/IT/invoices")).bearer_auth("good"),
        client.http.post(url("/IT-invoices")).bearer_auth("good"),
    ];
    for request in requests {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        let body = response.text().await.unwrap();
        assert!(
            body.contains(r#""message":"Wrong Token","error":125.22"#),
            "{body}"
        );
    }
    let good = client.http.get(url("/IT-receipts")).bearer_auth("good");
    assert_eq!(good.send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn single_read_quotes_what_list_does_not() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    let rows = client.rows("/IT-receipts?status=ready&limit=1").await;
    let listed = &rows[0];
    let path = format!("/IT-receipts/{}", listed["id"].as_str().unwrap());
    let single = client.json(&path).await["data"].clone();
    let rate = listed["items"][0]["vat_rate"].as_str().unwrap();
    assert_eq!(single["items"][0]["vat_rate"], format!("'{rate}'"));
    assert_eq!(
        single["total_taxable_amount"],
        listed["total_taxable_amount"]
    );
    let invoices = client.rows("/IT-invoices?limit=1").await;
    let path = format!("/IT-invoices/{}", invoices[0]["id"].as_str().unwrap());
    assert_eq!(client.json(&path).await["data"], invoices[0]);
}

#[tokio::test]
async fn content_type_decides_for_paper() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    let rows = client.rows("/IT-receipts?status=ready&limit=1").await;
    let path = format!("/IT-receipts/{}", rows[0]["id"].as_str().unwrap());
    let request = client
        .request(&path)
        .header(CONTENT_TYPE, "application/pdf");
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()[CONTENT_TYPE], "application/pdf");
    let paper = response.text().await.unwrap();
    assert!(paper.starts_with("%PDF-1.4") && paper.ends_with("%%EOF\n"));
    // Each entry of the cross-reference table must point at its object.
    let table = &paper[paper.find("xref\n").unwrap()..];
    for (number, entry) in (1..=5).zip(table.lines().skip(3)) {
        let offset: usize = entry[..10].parse().unwrap();
        assert!(paper[offset..].starts_with(&format!("{number} 0 obj")));
    }
}

#[tokio::test]
async fn configurations_hide_their_secrets() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    let rows = client.rows("/IT-configurations").await;
    assert_eq!(rows.len(), 3);
    let fiscal_id = rows[0]["fiscal_id"].as_str().unwrap();
    let single = client
        .json(&format!("/IT-configurations/{fiscal_id}"))
        .await;
    assert_eq!(single["data"], rows[0]);
    let secrets = &rows[0]["receipts_authentication"];
    assert_eq!(secrets.as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn same_seed_serves_same_bytes() {
    let mut bodies = Vec::new();
    for seed in [9, 9, 10] {
        let options = Options {
            seed,
            ..well_behaved()
        };
        let sandbox = start(options).await.unwrap();
        let client = Client::of(&sandbox);
        let answer = client.answer("/IT-receipts?limit=100").await;
        bodies.push(answer.text().await.unwrap());
    }
    assert_eq!(bodies[0], bodies[1]);
    assert_ne!(bodies[0], bodies[2]);
}

#[tokio::test]
async fn other_addresses_are_refused() {
    let options = Options {
        address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        ..well_behaved()
    };
    assert!(matches!(start(options).await, Err(Error::NotLoopback(_))));
}

#[tokio::test]
async fn ordered_faults_come_in_order() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    let handle = sandbox.handle();
    handle.fail_next(1, Fault::too_many_requests("7"));
    handle.fail_next(1, Fault::Html200);
    handle.fail_next(1, Fault::Xml401);
    handle.fail_next(1, Fault::Empty200);
    handle.fail_next_on("/IT-invoices", 1, Fault::unavailable());

    let limited = client.answer("/IT-receipts").await;
    assert_eq!(limited.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(limited.headers()["retry-after"], "7");
    let page = client.answer("/IT-receipts").await;
    assert!(page.text().await.unwrap().starts_with("<!doctype html>"));
    let gateway = client.answer("/IT-receipts").await;
    assert_eq!(gateway.status(), StatusCode::UNAUTHORIZED);
    assert!(gateway.text().await.unwrap().starts_with("<?xml"));
    let empty = client.answer("/IT-receipts").await;
    assert_eq!(empty.bytes().await.unwrap().len(), 0);
    assert_eq!(client.rows("/IT-receipts").await.len(), 20);
    let other = client.answer("/IT-invoices").await;
    assert_eq!(other.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(client.rows("/IT-invoices").await.len(), 20);
    assert_eq!(sandbox.requests(), 7);
    assert_eq!(handle.asked()[5], "/IT-invoices");
}

#[tokio::test]
async fn cut_body_ends_in_the_middle() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    sandbox.handle().fail_next(1, Fault::CutBody);
    let response = client.answer("/IT-receipts").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.content_length().unwrap() > 1_000);
    assert!(response.bytes().await.is_err());
}

#[tokio::test]
async fn reset_and_slow_are_felt() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    sandbox.handle().fail_next(1, Fault::Reset);
    let answer = client.request("/IT-receipts").send().await;
    let broken = match answer {
        Err(_) => true,
        Ok(response) => response.bytes().await.is_err(),
    };
    assert!(broken);
    let delay = Duration::from_millis(60);
    sandbox.handle().fail_next(1, Fault::Slow(delay));
    let begin = Instant::now();
    client.rows("/IT-receipts").await;
    assert!(begin.elapsed() >= delay);
}

#[tokio::test]
async fn data_changes_while_it_runs() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    let handle = sandbox.handle();
    let newest = client.rows("/IT-receipts?limit=1").await;
    let id = newest[0]["id"].as_str().unwrap();
    assert!(handle.remove(Collection::Receipts, id));
    assert!(!handle.remove(Collection::Receipts, id));
    assert_eq!(client.list("/IT-receipts").await.len(), 399);
    let raw = r#"{"id":"f00","fiscal_id":"1","created_at":"2026-04-01T00:00:00.000Z","amount":"as text"}"#;
    handle.put(Collection::Receipts, raw).unwrap();
    let first = client.rows("/IT-receipts?limit=1").await;
    assert_eq!(first[0]["amount"], "as text");
    assert_eq!(handle.get(Collection::Receipts, "f00").unwrap(), raw);
    let changed = raw.replace("as text", "changed");
    handle.put(Collection::Receipts, &changed).unwrap();
    assert_eq!(client.list("/IT-receipts").await.len(), 400);
    assert!(handle.put(Collection::Receipts, "{}").is_err());
}

#[tokio::test]
async fn repeated_rows_lose_no_row() {
    let options = Options {
        faults: Faults {
            duplicate_per_mille: 50,
            ..Faults::none()
        },
        ..well_behaved()
    };
    let sandbox = start(options).await.unwrap();
    let rows = Client::of(&sandbox).list("/IT-receipts").await;
    assert!(rows.len() > 400);
    assert_eq!(ids(&rows).len(), 400);
}

#[tokio::test]
async fn shifted_list_shows_a_row_twice() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    sandbox.handle().set_faults(Faults {
        shift_per_mille: 1_000,
        ..Faults::none()
    });
    let first = client.rows("/IT-receipts?limit=50").await;
    let second = client.rows("/IT-receipts?limit=50&skip=50").await;
    assert_eq!(first[49], second[0]);
}

#[tokio::test]
async fn mild_misbehaviour_is_the_default() {
    let options = Options {
        receipts: 300,
        ..Options::default()
    };
    let sandbox = start(options).await.unwrap();
    let client = Client::of(&sandbox);
    let mut refused = 0;
    for _ in 0..100 {
        let answer = client.answer("/IT-receipts?limit=1").await;
        refused += u32::from(answer.status() == StatusCode::SERVICE_UNAVAILABLE);
    }
    assert!((1..=15).contains(&refused), "{refused} of 100");
}

#[tokio::test]
async fn month_in_another_year_works() {
    let options = Options {
        month: (2024, 12),
        ..well_behaved()
    };
    let sandbox = start(options).await.unwrap();
    let rows = Client::of(&sandbox).list("/IT-invoices").await;
    assert!(
        rows.iter()
            .all(|row| row["issue_date"].as_str().unwrap().starts_with("2024-12-"))
    );
    let impossible = Options {
        month: (2026, 13),
        ..well_behaved()
    };
    assert!(matches!(
        start(impossible).await,
        Err(Error::NoSuchMonth { .. })
    ));
}

/// The ledgers under `samples/` belong to these documents: they must not drift apart.
///
/// With `QUADRA_ACCEPT=1` the files are written instead of compared.
#[tokio::test]
async fn demo_data_is_the_same_as_shipped() {
    let options = Options::demo();
    assert_eq!(options.dataset, Dataset::Demo);
    let sandbox = start(options).await.unwrap();
    let client = Client::of(&sandbox);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/api");
    for (name, collection, path) in [
        ("receipts", Collection::Receipts, "/IT-receipts"),
        ("invoices", Collection::Invoices, "/IT-invoices"),
        (
            "configurations",
            Collection::Configurations,
            "/IT-configurations",
        ),
    ] {
        let texts = sandbox.handle().all(collection);
        let served = match collection {
            Collection::Configurations => client.rows(path).await,
            _ => client.list(path).await,
        };
        let kept: Vec<Value> = texts
            .iter()
            .map(|text| serde_json::from_str(text).unwrap())
            .collect();
        assert_eq!(served, kept, "{name}");
        // One document a line, so that a change shows as the lines it touches.
        let text = format!("[\n{}\n]\n", texts.join(",\n"));
        let file = folder.join(format!("demo-{name}.json"));
        #[expect(
            clippy::disallowed_methods,
            reason = "a test's own switch, not a setting"
        )]
        let accept = std::env::var("QUADRA_ACCEPT").is_ok();
        if accept {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&file, &text).unwrap();
        }
        let shipped = fs::read_to_string(&file).unwrap();
        assert!(
            shipped == text,
            "{} differs: run this test with QUADRA_ACCEPT=1, then samples/make_ledgers.py",
            file.display()
        );
    }
}
