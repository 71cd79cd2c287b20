//! Meets every fault of a single call: what is tried again, what is said.

use super::server::{Fault, Server, TOKEN, rows};
use quadra::api::{Client, Error, Filter, GaveUp, Page, Problem, Resource, Settings};
use quadra::clock::Clock;
use std::time::{Duration, Instant};

async fn list(client: &Client) -> Result<Page, Error> {
    client.list(Resource::Receipts, &Filter::default(), 0, 100).await
}

/// Sends one call into the faults; returns its outcome and how many requests it took.
async fn meet(faults: impl IntoIterator<Item = Fault>) -> (Result<Page, Error>, usize) {
    let server = Server::start(rows(3)).await;
    server.then(faults);
    let client = server.client();
    let outcome = list(&client).await;
    assert_eq!(client.tally().requests, u64::try_from(server.requests()).unwrap());
    assert_eq!(client.tally().retries, client.tally().requests - 1);
    (outcome, server.requests())
}

async fn fails_at_once(fault: Fault) -> Error {
    let (outcome, requests) = meet([fault]).await;
    assert_eq!(requests, 1);
    outcome.unwrap_err()
}

#[tokio::test]
async fn busy_answers_are_tried_again() {
    for status in [408, 425, 429, 500, 502, 503, 504] {
        let (outcome, requests) = meet([Fault::json(status, "{}")]).await;
        assert_eq!((outcome.unwrap().rows, requests), (3, 2), "{status}");
    }
}

#[tokio::test]
async fn retry_after_in_seconds_is_waited_for() {
    let started = Instant::now();
    let (outcome, requests) = meet([Fault::busy(429, "1")]).await;
    assert_eq!((outcome.unwrap().rows, requests), (3, 2));
    assert!(started.elapsed() >= Duration::from_millis(990), "{:?}", started.elapsed());
}

#[tokio::test]
async fn retry_after_as_date_is_waited_for() {
    let started = Instant::now();
    let at = Clock::System.now() + chrono::TimeDelta::seconds(2);
    let (outcome, requests) = meet([Fault::busy(503, &at.to_rfc2822())]).await;
    assert_eq!((outcome.unwrap().rows, requests), (3, 2));
    // A date has whole seconds, so up to one of the two is lost.
    assert!(started.elapsed() >= Duration::from_millis(900), "{:?}", started.elapsed());
}

#[tokio::test]
async fn long_retry_after_defers() {
    let error = fails_at_once(Fault::busy(429, "86400")).await;
    let Error::Deferred { until, .. } = &error else { panic!("{error}") };
    let wait = *until - Clock::System.now();
    assert!((86_390..=86_400).contains(&wait.num_seconds()), "{wait}");
    assert!(error.to_string().contains("HTTP 429: `busy`"), "{error}");
    assert!(error.is_transient() && !error.is_terminal());
}

#[tokio::test]
async fn attempts_are_limited() {
    let (outcome, requests) = meet(vec![Fault::json(503, ""); 9]).await;
    let error = outcome.unwrap_err();
    assert_eq!(requests, 3);
    let failure = error.failure().unwrap();
    assert_eq!((failure.attempts, failure.gave_up), (3, GaveUp::AttemptsSpent));
    assert!(error.is_transient(), "{error}");
}

#[tokio::test]
async fn retries_of_a_run_are_limited() {
    let server = Server::start(Vec::new()).await;
    server.script().always = Some(Fault::json(503, ""));
    let settings = Settings { retries_per_run_max: 3, ..server.settings() };
    let client = Client::new(settings, Clock::System).unwrap();
    for requests in [3, 5, 6, 7] {
        let error = list(&client).await.unwrap_err();
        assert_eq!(server.requests(), requests, "{error}");
    }
    let error = list(&client).await.unwrap_err();
    assert!(error.to_string().ends_with("the retries of this run are spent)"), "{error}");
}

#[tokio::test]
async fn deadline_ends_a_hanging_call() {
    let server = Server::start(Vec::new()).await;
    server.script().always = Some(Fault::Hang);
    let settings = Settings { deadline_ms: 1_500, timeout_ms: 50, ..server.settings() };
    let client = Client::new(Settings { attempts_max: 99, ..settings }, Clock::System).unwrap();
    let started = Instant::now();
    let error = list(&client).await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    let failure = error.failure().unwrap();
    assert_eq!((failure.problem, failure.gave_up), (Problem::Timeout, GaveUp::DeadlineNear));
    assert!(failure.attempts >= 2, "{error}");
}

#[tokio::test]
async fn nobody_listening_is_transient() {
    let server = Server::start(Vec::new()).await;
    let settings = server.settings();
    drop(server);
    tokio::time::sleep(Duration::from_millis(20)).await;
    let client = Client::new(settings, Clock::System).unwrap();
    let error = list(&client).await.unwrap_err();
    let failure = error.failure().unwrap();
    assert_eq!((failure.problem, failure.attempts), (Problem::Connect, 3), "{error}");
}

#[tokio::test]
async fn closed_connection_is_tried_again() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let server = Server::start(Vec::new()).await;
    let settings = Settings { base_url, ..server.settings() };
    let client = Client::new(settings, Clock::System).unwrap();
    let error = tokio::select! {
        outcome = list(&client) => outcome.unwrap_err(),
        () = async { loop { drop(listener.accept().await) } } => unreachable!("it never ends"),
    };
    assert!(matches!(error, Error::Unavailable(_)), "{error}");
    assert_eq!(error.failure().unwrap().attempts, 3);
}

#[tokio::test]
async fn cut_bodies_are_tried_again() {
    for off in [7, -7] {
        let (outcome, requests) = meet([Fault::WrongLength(off)]).await;
        assert_eq!((outcome.unwrap().rows, requests), (3, 2), "{off}");
        let (outcome, requests) = meet(vec![Fault::WrongLength(off); 3]).await;
        let error = outcome.unwrap_err();
        assert_eq!((error.failure().unwrap().problem, requests), (Problem::CutBody, 3), "{off}");
    }
}

#[tokio::test]
async fn refused_token_is_terminal() {
    let json = r#"{"data":null,"success":false,"message":"Wrong Token","error":125.22}"#;
    let error = fails_at_once(Fault::json(401, json)).await;
    assert!(matches!(error, Error::Unauthorized(_)) && error.is_terminal());
    assert!(error.to_string().contains("vendor error 125.22, `Wrong Token`"), "{error}");
    assert!(error.hint().unwrap().contains("scope"));

    let xml = "<ams:fault><ams:code>900902</ams:code></ams:fault>";
    let error = fails_at_once(Fault::answer(401, "application/xml", xml)).await;
    assert!(matches!(error, Error::Unauthorized(_)));
    assert!(error.to_string().contains("<ams:code>900902"), "{error}");
}

#[tokio::test]
async fn empty_wallet_is_terminal() {
    let json = r#"{"data":null,"success":false,"message":"Insufficient Credit","error":610}"#;
    let error = fails_at_once(Fault::json(402, json)).await;
    assert!(matches!(error, Error::OutOfCredit(_)) && error.is_terminal());
    assert!(error.hint().unwrap().contains("wallet"));
}

#[tokio::test]
async fn strange_successes_are_named() {
    let html = "<!DOCTYPE html><html><body>Maintenance</body></html>";
    for (fault, problem) in [
        (Fault::answer(200, "text/html", html), Problem::Markup),
        (Fault::answer(200, "application/json", html), Problem::Markup),
        (Fault::answer(200, "text/plain", "OK"), Problem::ContentType),
        (Fault::json(200, ""), Problem::EmptyBody),
        (Fault::json(200, r#"{"data":"null","success":true}"#), Problem::Malformed),
        (Fault::json(200, r#"{"data":{"id":"a"},"success":true}"#), Problem::Malformed),
        (Fault::json(200, "OK"), Problem::Malformed),
    ] {
        let error = fails_at_once(fault).await;
        let failure = error.failure().unwrap();
        assert_eq!((failure.problem, failure.status), (problem, Some(200)), "{error}");
        assert!(matches!(error, Error::Unreadable(_)), "{error}");
        assert!(error.to_string().starts_with("GET `/IT-receipts?skip=0&limit=100` gave"));
    }
}

#[tokio::test]
async fn unsuccessful_success_is_refused() {
    let json = r#"{"data":[],"success":false,"message":"no such thing","error":"305"}"#;
    let error = fails_at_once(Fault::json(200, json)).await;
    assert!(matches!(error, Error::Refused(_)) && !error.is_terminal(), "{error}");
    assert!(error.to_string().contains("vendor error 305, `no such thing`"), "{error}");
}

#[tokio::test]
async fn redirect_is_not_followed() {
    let headers = vec![("location", "https://elsewhere.example/".to_owned())];
    let error = fails_at_once(Fault::Answer(302, headers, String::new())).await;
    assert_eq!(error.failure().unwrap().status, Some(302));
}

#[tokio::test]
async fn long_body_is_cut_off() {
    let server = Server::start(rows(50)).await;
    let settings = Settings { body_bytes_max: 1_000, ..server.settings() };
    let client = Client::new(settings, Clock::System).unwrap();
    let error = list(&client).await.unwrap_err();
    assert_eq!(error.failure().unwrap().problem, Problem::TooLarge);
    assert!(error.to_string().contains("over 1000 bytes"), "{error}");
}

#[tokio::test]
async fn token_is_nowhere_to_read() {
    let server = Server::start(Vec::new()).await;
    let client = server.client();
    let mut said = format!("{client:?} {:?} ", server.settings());
    for fault in [
        Fault::json(401, &format!(r#"{{"message":"Wrong Token {TOKEN}","error":"{TOKEN}"}}"#)),
        Fault::answer(403, "text/html", &format!("<p>Bearer {TOKEN}</p>")),
        Fault::json(200, &format!(r#"{{"data":"{TOKEN}"}}"#)),
        Fault::answer(200, TOKEN, TOKEN),
    ] {
        server.then([fault]);
        let error = list(&client).await.unwrap_err();
        said = format!("{said} {error} {error:?} {:?}", error.hint());
    }
    assert!(said.contains("[secret]"), "{said}");
    assert!(!said.contains(TOKEN), "{said}");
}

#[tokio::test]
async fn single_document_is_read_raw() {
    let server = Server::start(Vec::new()).await;
    let client = server.client();
    let body = r#"{"data":{"id":"a1", "total_amount":90.16393442},"success":true}"#;
    server.then([Fault::json(200, body)]);
    let item = client.get(Resource::Receipts, "a1").await.unwrap();
    assert_eq!(item.body, r#"{"id":"a1", "total_amount":90.16393442}"#);
    assert_eq!(server.script().requests, ["/IT-receipts/a1"]);

    server.then([Fault::json(404, r#"{"data":"null","success":true,"message":"gone"}"#)]);
    let error = client.get(Resource::Invoices, "a1").await.unwrap_err();
    assert!(matches!(error, Error::NotFound(_)), "{error}");
    for id in ["", "../IT-configurations", "a?b", "a/b", "a%2Fb"] {
        let error = client.get(Resource::Receipts, id).await.unwrap_err();
        assert_eq!(error.failure().unwrap().problem, Problem::BadId, "{id}");
    }
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn configurations_come_in_one_answer() {
    let server = Server::start(rows(2)).await;
    let page = server.client().configurations().await.unwrap();
    assert_eq!(page.items.len(), 2);
    assert_eq!(server.script().requests, ["/IT-configurations"]);
}
