//! Whatever happens on the way, every invoice takes effect once and costs once.

use quadra::clock::Clock;
use quadra::sandbox::{DuplicateImport, Fault, Habits};
use quadra::submit::IntentState;
use quadra::worker::{Limits, Lots, api_client, import};

use super::{Stage, hasty, sample, up_to, words};

const POST: &str = "POST /IT-invoices_import";

#[tokio::test]
async fn second_run_sends_nothing() {
    let stage = Stage::start(Habits::default()).await;
    for number in 1..=3 {
        stage.write(&format!("in/{number}.xml"), &format!("{number}/I"));
    }
    let folder = stage.folder.path().join("in");
    let (plan, end) = stage.import(&folder, &hasty()).await;
    assert_eq!(words(&plan), ["imported"; 3]);
    assert_eq!((end.charged, end.spent.to_string().as_str()), (3, "0.15"));
    let before = stage.sandbox.requests();
    let (plan, end) = stage.import(&folder, &hasty()).await;
    assert_eq!(words(&plan), ["already_there"; 3]);
    assert_eq!(end.charged, 0);
    // Companies only: by content everything is known.
    assert_eq!(stage.sandbox.requests() - before, 1);
    assert_eq!(stage.imported(), ["1/I", "2/I", "3/I"]);
    assert_eq!(stage.handle().bill().lines["invoice_import"].count, 3);
}

#[tokio::test]
async fn every_fault_leaves_one_effect() {
    for (name, fault) in Fault::every(chrono::DateTime::UNIX_EPOCH) {
        if name.starts_with("page") || name.starts_with("slow") {
            continue;
        }
        let mut stage = Stage::start(Habits::default()).await;
        let path = stage.write("one.xml", "1/F");
        stage.handle().fail_next_on(POST, 1, fault);
        // Some faults end the run (no credit, a wrong token), some only this file.
        let _ = stage.try_import(&path, &hasty()).await;
        stage.handle().forget_faults();
        // Where the provider asked for patience, it has passed by then.
        stage.ctx.clock = Clock::Fixed("2099-01-01T00:00:00Z".parse().unwrap());
        let (plan, _) = stage.import(&path, &hasty()).await;
        let word = words(&plan)[0];
        assert!(matches!(word, "already_there" | "imported"), "{name}: {word}");
        assert_eq!(stage.imported(), ["1/F"], "{name}");
        assert_eq!(stage.handle().bill().lines["invoice_import"].count, 1, "{name}");
    }
}

#[tokio::test]
async fn unclear_end_is_looked_up_at_once() {
    let stage = Stage::start(Habits::default()).await;
    let path = stage.write("one.xml", "1/U");
    stage.handle().fail_next_on(POST, 1, Fault::Reset.after_effect());
    let (plan, end) = stage.import(&path, &hasty()).await;
    assert_eq!((words(&plan), end.charged), (vec!["imported"], 1));
    assert!(plan.items[0].outcome.provider_id().is_some());
}

#[tokio::test]
async fn state_left_by_a_crash_is_resumed() {
    // Claimed and the end not kept; kept as unclear; and a store from before the sending.
    for state in [IntentState::Sending, IntentState::Unknown, IntentState::Prepared] {
        let stage = Stage::start(Habits::default()).await;
        let path = stage.write("one.xml", "1/C");
        stage.import(&path, &hasty()).await;
        let intent = stage.ctx.store.intents(1).await.unwrap().remove(0);
        let mut tx = stage.ctx.store.begin("test").await.unwrap();
        let end = quadra::store::IntentEnd::of(state);
        tx.settle_intent(intent.id, &end, stage.ctx.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        let (plan, _) = stage.import(&path, &hasty()).await;
        let word = words(&plan)[0];
        assert!(matches!(word, "imported" | "already_there"), "{state}: {word}");
        assert_eq!(stage.imported(), ["1/C"], "{state}");
    }
}

#[tokio::test]
async fn duplicates_in_every_form_are_already_there() {
    for habit in [DuplicateImport::Refused, DuplicateImport::Conflict, DuplicateImport::SameAgain] {
        let habits = Habits { duplicate_import: habit, ..Habits::default() };
        let stage = Stage::start(habits).await;
        let path = stage.write("one.xml", "1/D");
        stage.import(&path, &hasty()).await;
        // Another store knows nothing, and the list that it asks is empty: a race.
        let other = tempfile::tempdir().unwrap();
        let ctx = super::open(&other, &stage.sandbox.base_url()).await;
        let client = api_client(&ctx).unwrap();
        let asking = quadra::worker::Asking::Provider(&client);
        let empty = r#"{"data":[],"success":true,"message":"","error":null}"#;
        let empty = Fault::Status {
            status: 200,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: empty.to_owned(),
        };
        stage.handle().fail_next_on("GET /IT-invoices?", 1, empty);
        let mut plan =
            quadra::worker::plan_import(&ctx, super::inspected(&path), Lots::PutAside, asking)
                .await
                .unwrap();
        assert_eq!(words(&plan), ["ready"], "{habit:?}");
        let never = std::future::pending::<()>;
        let end = import(&ctx, &client, &mut plan, &hasty(), |_| {}, never).await.unwrap();
        assert_eq!(words(&plan), ["already_there"], "{habit:?}: {:?}", plan.items[0].outcome);
        assert_eq!(end.charged, 0, "{habit:?}");
        assert_eq!(stage.imported(), ["1/D"], "{habit:?}");
    }
}

#[tokio::test]
async fn limit_of_money_is_exact() {
    let stage = Stage::start(Habits::default()).await;
    for number in 1..=5 {
        stage.write(&format!("in/{number}.xml"), &format!("{number}/L"));
    }
    let folder = stage.folder.path().join("in");
    let (plan, end) = stage.import(&folder, &up_to("0.14")).await;
    assert_eq!(words(&plan), ["imported", "imported", "left", "left", "left"]);
    assert_eq!(end.spent.to_string(), "0.10");
    assert!(plan.items[2].outcome.reason().unwrap().contains("0.14"));
    let (plan, end) = stage.import(&folder, &up_to("0.15")).await;
    assert_eq!(
        words(&plan),
        ["already_there", "already_there", "imported", "imported", "imported"]
    );
    assert_eq!(end.spent.to_string(), "0.15");
    assert_eq!(stage.handle().bill().lines["invoice_import"].count, 5);
    let none = stage.write("in/6.xml", "6/L");
    let (plan, _) = stage.import(&none, &up_to("0")).await;
    assert_eq!(words(&plan), ["left"]);
}

#[tokio::test]
async fn empty_wallet_ends_the_run_and_the_rest_waits() {
    let stage = Stage::start(Habits::default()).await;
    for number in 1..=3 {
        stage.write(&format!("in/{number}.xml"), &format!("{number}/W"));
    }
    let folder = stage.folder.path().join("in");
    stage.handle().set_wallet(Some(60));
    let (plan, end) = stage.import(&folder, &hasty()).await;
    assert_eq!(words(&plan), ["imported", "left", "left"]);
    assert!(end.error.is_some());
    stage.handle().set_wallet(None);
    let (plan, _) = stage.import(&folder, &hasty()).await;
    assert_eq!(words(&plan), ["already_there", "imported", "imported"]);
    assert_eq!(stage.imported(), ["1/W", "2/W", "3/W"]);
}

#[tokio::test]
async fn stop_leaves_the_rest_for_the_next_run() {
    let stage = Stage::start(Habits::default()).await;
    for number in 1..=3 {
        stage.write(&format!("in/{number}.xml"), &format!("{number}/S"));
    }
    let folder = stage.folder.path().join("in");
    let client = api_client(&stage.ctx).unwrap();
    let mut plan = stage.plan(&folder).await;
    let sent = std::sync::atomic::AtomicUsize::new(0);
    let each = |_| {
        sent.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    };
    let cancel = || {
        let is_asked = sent.load(std::sync::atomic::Ordering::Relaxed) >= 2;
        async move {
            if !is_asked {
                std::future::pending::<()>().await;
            }
        }
    };
    let limits = Limits::default();
    let end = import(&stage.ctx, &client, &mut plan, &limits, each, cancel).await.unwrap();
    assert!(end.is_interrupted);
    assert_eq!(words(&plan), ["imported", "imported", "left"]);
    let (plan, _) = stage.import(&folder, &hasty()).await;
    assert_eq!(words(&plan), ["already_there", "already_there", "imported"]);
}

#[tokio::test]
async fn same_document_in_other_bytes_is_known() {
    let stage = Stage::start(Habits::default()).await;
    let first = stage.write("first.xml", "1/B");
    stage.import(&first, &hasty()).await;
    // Signed, in base64, and with another line end: three wrappers of one document.
    let text = sample("IT33401825030_00001.xml").replace(">12/A<", ">1/B<");
    let folder = stage.folder.path().join("copies");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("a.xml"), text.replace('\n', "\r\n")).unwrap();
    std::fs::write(folder.join("b.xml"), format!("{text}\n\n")).unwrap();
    let (plan, _) = stage.import(&folder, &hasty()).await;
    assert_eq!(words(&plan), ["already_there", "already_there"]);
    assert_eq!(stage.imported(), ["1/B"]);
}

#[tokio::test]
async fn what_the_provider_has_is_found_in_few_requests() {
    let stage = Stage::start(Habits::default()).await;
    let mut known = Vec::new();
    for number in 1..=30 {
        known.push(stage.write(&format!("in/{number:02}.xml"), &format!("{number}/P")));
    }
    let folder = stage.folder.path().join("in");
    stage.import(&folder, &hasty()).await;
    // Another store: the list of these days answers for all, with the companies' request.
    let other = tempfile::tempdir().unwrap();
    let ctx = super::open(&other, &stage.sandbox.base_url()).await;
    let client = api_client(&ctx).unwrap();
    let before = stage.sandbox.requests();
    let asking = quadra::worker::Asking::Provider(&client);
    let plan = quadra::worker::plan_import(&ctx, super::inspected(&folder), Lots::PutAside, asking)
        .await
        .unwrap();
    assert_eq!(words(&plan), ["already_there"; 30]);
    assert_eq!(stage.sandbox.requests() - before, 2);
}
