//! The way of one intent, with every kind of end.

use quadra::api::wire::NewReceipt;
use quadra::api::{Confidential, Request};
use quadra::fiscal::TaxId;
use quadra::store::IntentEnd;
use quadra::submit::{Clue, IntentState, Kind, NewIntent, receipt_tag};
use quadra::worker::{Context, Error, Outbox, Submitted, api_client};

use super::provider::{Fault, Provider, hasty};

const NOON: &str = "2026-02-03T11:00:00Z";

fn receipt(name: &str) -> NewIntent {
    let written = r#"{"fiscal_id":"01234567897","cash_payment_amount":10,"tags":[],
        "items":[{"quantity":1,"unit_price":10.00,"vat_rate_code":"22","description":"x"}]}"#;
    let key = NewIntent::key_of(Kind::ReceiptSend, &[name.as_bytes()]);
    let tag = receipt_tag(&key);
    NewIntent {
        kind: Kind::ReceiptSend,
        company: TaxId::parse("01234567897").unwrap(),
        subject: "a receipt".to_owned(),
        request: Request::create_receipt(NewReceipt::parse(written).unwrap().body(&tag)),
        needs_secret: false,
        clue: Clue::Tag { tag },
        key,
    }
}

async fn submit(ctx: &Context, intent: &NewIntent) -> Result<Submitted, Error> {
    let client = api_client(ctx)?;
    let outbox = Outbox::open(ctx, &client).await?.with_pace(hasty());
    outbox.submit(intent, &Confidential::default()).await
}

async fn pass(ctx: &Context) -> Vec<Submitted> {
    let client = api_client(ctx).unwrap();
    let outbox = Outbox::open(ctx, &client).await.unwrap().with_pace(hasty());
    outbox.pass().await.unwrap().submitted
}

#[tokio::test]
async fn same_key_takes_effect_once() {
    let provider = Provider::start().await;
    let (_folder, ctx) = provider.context(NOON).await;
    let first = submit(&ctx, &receipt("a")).await.unwrap();
    assert_eq!((first.intent.state, first.is_new), (IntentState::Done, true));
    let again = submit(&ctx, &receipt("a")).await.unwrap();
    assert_eq!((again.intent.state, again.is_new), (IntentState::Done, false));
    assert_eq!(again.intent.provider_id.as_deref(), Some("r0"));
    submit(&ctx, &receipt("b")).await.unwrap();
    assert_eq!(provider.script().receipts.len(), 2);
}

#[tokio::test]
async fn unclear_end_that_took_effect_is_found() {
    for fault in [Fault::DoThenFail(500), Fault::DoThenFail(504), Fault::DoThenPage] {
        let provider = Provider::start().await;
        let (_folder, ctx) = provider.context(NOON).await;
        provider.script().faults.push_back(fault);
        let submitted = submit(&ctx, &receipt("a")).await.unwrap();
        assert_eq!(submitted.intent.state, IntentState::Done, "{fault:?}");
        assert_eq!(submitted.intent.provider_id.as_deref(), Some("r0"));
        assert_eq!(provider.script().receipts.len(), 1);
    }
}

#[tokio::test]
async fn unclear_end_without_effect_is_sent_again_later() {
    let provider = Provider::start().await;
    let (_folder, ctx) = provider.context(NOON).await;
    provider.script().faults.push_back(Fault::Refuse(503));
    let submitted = submit(&ctx, &receipt("a")).await.unwrap();
    assert_eq!(submitted.intent.state, IntentState::Prepared, "{submitted:?}");
    assert!(submitted.intent.last_reply.unwrap().contains("it had no effect"));
    let done = pass(&ctx).await;
    assert_eq!(done[0].intent.state, IntentState::Done);
    assert_eq!((done[0].intent.attempts, provider.script().receipts.len()), (2, 1));
}

#[tokio::test]
async fn absence_is_not_believed_too_early() {
    let provider = Provider::start().await;
    let (_folder, ctx) = provider.context(NOON).await;
    provider.script().faults.push_back(Fault::Refuse(503));
    let client = api_client(&ctx).unwrap();
    let patient = quadra::worker::Pace { settle_seconds: 60, ..hasty() };
    let outbox = Outbox::open(&ctx, &client).await.unwrap().with_pace(patient.clone());
    let new = receipt("a");
    let submitted = outbox.submit(&new, &Confidential::default()).await.unwrap();
    assert_eq!(submitted.intent.state, IntentState::Unknown);
    let again = outbox.submit(&new, &Confidential::default()).await.unwrap();
    assert_eq!(again.intent.state, IntentState::Unknown);
    drop(outbox);
    let posts = |provider: &Provider| {
        provider.script().requests.iter().filter(|one| one.starts_with("POST")).count()
    };
    assert_eq!(posts(&provider), 1);
    // A minute later what is not there is not there.
    let later = Context {
        clock: quadra::clock::Clock::Fixed("2026-02-03T11:01:00Z".parse().unwrap()),
        ..ctx
    };
    let outbox = Outbox::open(&later, &client).await.unwrap().with_pace(patient);
    let done = outbox.submit(&new, &Confidential::default()).await.unwrap();
    assert_eq!((done.intent.state, posts(&provider)), (IntentState::Done, 2));
}

#[tokio::test]
async fn crash_between_any_two_steps_resumes() {
    // Written and not claimed; claimed and not sent; sent and the answer not kept.
    for (is_claimed, is_sent) in [(false, false), (true, false), (true, true)] {
        let provider = Provider::start().await;
        let (_folder, ctx) = provider.context(NOON).await;
        let new = receipt("a");
        let mut tx = ctx.store.begin("test").await.unwrap();
        tx.prepare_intent(&new, ctx.clock.now()).await.unwrap();
        if is_claimed {
            assert!(tx.claim_intent(1, &new.clue, ctx.clock.now()).await.unwrap());
        }
        tx.commit().await.unwrap();
        if is_sent {
            let client = api_client(&ctx).unwrap();
            client.submit(&new.request, &Confidential::default()).await.unwrap();
        }
        let resumed = pass(&ctx).await;
        assert_eq!(resumed[0].intent.state, IntentState::Done, "{is_claimed} {is_sent}");
        assert_eq!(provider.script().receipts.len(), 1, "{is_claimed} {is_sent}");
        assert!(pass(&ctx).await.is_empty());
    }
}

#[tokio::test]
async fn two_processes_send_one_intent_once() {
    let provider = Provider::start().await;
    let (_folder, ctx) = provider.context(NOON).await;
    let new = receipt("a");
    let (one, other) = tokio::join!(submit(&ctx, &new), submit(&ctx, &new));
    assert_eq!(one.unwrap().intent.state, IntentState::Done);
    assert_eq!(other.unwrap().intent.state, IntentState::Done);
    assert_eq!(provider.script().receipts.len(), 1);
}

#[tokio::test]
async fn receipts_wait_through_the_quiet_minutes() {
    let provider = Provider::start().await;
    let (folder, ctx) = provider.context("2026-02-03T22:56:00Z").await;
    let waiting = submit(&ctx, &receipt("a")).await.unwrap();
    assert_eq!(waiting.intent.state, IntentState::Waiting);
    assert_eq!(waiting.intent.not_before.unwrap().to_rfc3339(), "2026-02-03T23:00:00+00:00");
    assert!(provider.script().receipts.is_empty());
    let still = pass(&ctx).await;
    assert_eq!(still[0].intent.state, IntentState::Waiting);
    let later = provider.context_in(&folder, "2026-02-03T23:00:00Z").await;
    assert_eq!(pass(&later).await[0].intent.state, IntentState::Done);
    assert_eq!(provider.script().receipts.len(), 1);
}

#[tokio::test]
async fn refusals_keep_the_vendors_words_and_reopen() {
    let provider = Provider::start().await;
    let (_folder, ctx) = provider.context(NOON).await;
    provider.script().faults.push_back(Fault::Refuse(422));
    let refused = submit(&ctx, &receipt("a")).await.unwrap();
    assert_eq!(refused.intent.state, IntentState::Refused);
    assert_eq!(refused.intent.vendor_error.as_deref(), Some("422"));
    // Mended at the provider's: the same command is worth another try.
    let done = submit(&ctx, &receipt("a")).await.unwrap();
    assert_eq!((done.intent.state, provider.script().receipts.len()), (IntentState::Done, 1));
}

#[tokio::test]
async fn asked_wait_is_obeyed_without_a_second_request() {
    let provider = Provider::start().await;
    let (_folder, ctx) = provider.context(NOON).await;
    provider.script().faults.push_back(Fault::Refuse(429));
    let waiting = submit(&ctx, &receipt("a")).await.unwrap();
    assert_eq!(waiting.intent.state, IntentState::Waiting);
    let still = submit(&ctx, &receipt("a")).await.unwrap();
    assert_eq!(still.intent.state, IntentState::Waiting);
    assert_eq!(provider.script().requests.len(), 1);
}

#[tokio::test]
async fn no_credit_stops_and_keeps_the_intent() {
    let provider = Provider::start().await;
    let (_folder, ctx) = provider.context(NOON).await;
    provider.script().faults.push_back(Fault::Refuse(402));
    let error = submit(&ctx, &receipt("a")).await.unwrap_err();
    assert!(error.to_string().contains("HTTP 402"), "{error}");
    assert_eq!(ctx.store.open_intents().await.unwrap()[0].state, IntentState::Prepared);
    assert_eq!(pass(&ctx).await[0].intent.state, IntentState::Done);
}

#[tokio::test]
async fn connection_that_never_came_leaves_it_prepared() {
    let provider = Provider::start().await;
    let (_folder, mut ctx) = provider.context(NOON).await;
    // A port that was free a moment ago has nobody behind it.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let there = std::mem::replace(&mut ctx.config.api.base_url, format!("http://{free}"));
    let settings = quadra::api::Settings {
        base_url: ctx.config.api.base_url.clone(),
        token: "t".into(),
        backoff_ms: 1,
        ..quadra::api::Settings::default()
    };
    let client = quadra::api::Client::new(settings, quadra::clock::Clock::System).unwrap();
    let outbox = Outbox::open(&ctx, &client).await.unwrap().with_pace(hasty());
    let left = outbox.submit(&receipt("a"), &Confidential::default()).await.unwrap();
    assert_eq!(left.intent.state, IntentState::Prepared, "{left:?}");
    assert_eq!(client.tally().retries, 4);
    drop(outbox);
    ctx.config.api.base_url = there;
    assert_eq!(pass(&ctx).await[0].intent.state, IntentState::Done);
}

#[tokio::test]
async fn intent_with_a_lost_secret_is_never_replayed() {
    let provider = Provider::start().await;
    let (_folder, ctx) = provider.context(NOON).await;
    let new = NewIntent { needs_secret: true, ..receipt("a") };
    let mut tx = ctx.store.begin("test").await.unwrap();
    tx.prepare_intent(&new, ctx.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(pass(&ctx).await[0].intent.state, IntentState::Dropped);
    // Found sending after a crash: looked up, and closed where it had no effect.
    let mut tx = ctx.store.begin("test").await.unwrap();
    tx.settle_intent(1, &IntentEnd::of(IntentState::Sending), ctx.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(pass(&ctx).await[0].intent.state, IntentState::Dropped);
    let posts = provider.script().requests.iter().filter(|one| one.starts_with("POST")).count();
    assert_eq!(posts, 0);
}
