//! The whole way: the sandbox tells, `quadra serve` keeps, the next pull reads.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use quadra::sandbox::{Callback, Collection};
use serde_json::{Value, json};
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use super::SECRET;
use crate::sandbox::{BUYER, invoice_file};
use crate::world::World;

/// `quadra serve` under way in a world, with a company whose callbacks reach it.
struct Serving {
    world: World,
    company: String,
    port: u16,
    child: Child,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    /// Registers the callbacks by the command that people use, and pulls once.
    fn start() -> Self {
        let mut world = World::small();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        world.configure(&format!(
            "[webhook]\nlisten = \"127.0.0.1:{port}\"\npublic_url = \"http://127.0.0.1:{port}/hook\""
        ));
        world.set("QUADRA__WEBHOOK__SECRET", SECRET);
        let all = world.handle().all(Collection::Configurations);
        let first: Value = serde_json::from_str(&all[0]).unwrap();
        let company = first["fiscal_id"].as_str().unwrap().to_owned();
        world.quadra(&format!("companies update {company} --incoming on --yes")).expect(0);
        world.quadra("pull all --period 2026-02").expect(0);
        let child = serve(&world);
        Self { world, company, port, child }
    }

    /// Sends a receipt as somebody else's program would; returns its id.
    fn sale(&self, tag: &str) -> String {
        let body = json!({
            "fiscal_id": self.company, "cash_payment_amount": 3, "tags": [tag],
            "items": [{"quantity": 2, "description": "Pane", "unit_price": 1.5, "vat_rate_code": "4"}],
        });
        let answer = self.world.ask(reqwest::Method::POST, "IT-receipts", &body);
        answer["data"]["id"].as_str().unwrap().to_owned()
    }

    /// Lets the sandbox's time pass, and waits until what is due was attempted.
    fn pass(&self, time: chrono::Duration) {
        self.world.handle().advance(time);
        self.world.runtime().block_on(self.world.handle().callbacks_settled());
    }

    /// Returns the callbacks to us, without those that the sandbox's own companies have.
    fn told(&self) -> Vec<Callback> {
        let all = self.world.handle().callbacks();
        all.into_iter().filter(|one| one.url.contains(&self.port.to_string())).collect()
    }

    /// Returns what was kept: event, identifier, state; sorted.
    fn kept(&self) -> Vec<String> {
        self.world.sql("select event || ' ' || source_id || ' ' || state from callbacks order by 1")
    }

    /// Pulls, and returns the documents that were asked for by their identifier; sorted.
    fn pull(&self) -> Vec<String> {
        let before = self.world.handle().asked().len();
        self.world.quadra("pull all --period 2026-02").expect(0);
        let asked = self.world.handle().asked();
        let single = asked[before..].iter().filter(|path| path.matches('/').count() > 1);
        let mut ids: Vec<String> =
            single.filter_map(|path| Some(path.rsplit_once('/')?.1.to_owned())).collect();
        ids.sort();
        ids
    }

    /// Holds the store's write lock for the length of a closure.
    fn while_locked(&self, work: impl FnOnce()) {
        let options = SqliteConnectOptions::new().filename(self.world.path("quadra.db"));
        let runtime = self.world.runtime();
        let mut lock = runtime.block_on(async {
            let mut lock = SqliteConnection::connect_with(&options).await.unwrap();
            sqlx::query("begin immediate").execute(&mut lock).await.unwrap();
            lock
        });
        work();
        runtime.block_on(async {
            sqlx::query("rollback").execute(&mut lock).await.unwrap();
            lock.close().await.unwrap();
        });
    }

    fn end(&mut self, signal: &str) -> ExitStatus {
        let id = self.child.id().to_string();
        let sent = std::process::Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap()
    }
}

/// Starts the process and waits until it listens.
fn serve(world: &World) -> Child {
    let mut command = world.command(env!("CARGO_BIN_EXE_quadra"));
    command.args(["serve", "--quiet"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("callbacks at http://127.0.0.1:"), "{line}");
    child
}

fn statuses(callback: &Callback) -> Vec<Option<u16>> {
    callback.attempts.iter().map(|attempt| attempt.status).collect()
}

fn minutes(count: i64) -> chrono::Duration {
    chrono::Duration::minutes(count)
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

#[test]
fn told_documents_are_what_the_next_pull_reads() {
    let serving = Serving::start();
    let (world, handle) = (&serving.world, serving.world.handle());
    // One comes twice, two come the wrong way round.
    handle.callbacks_twice(1);
    let first = serving.sale("a");
    serving.pass(minutes(6));
    handle.callbacks_reversed(2);
    let (second, third) = (serving.sale("b"), serving.sale("c"));
    let xml = invoice_file(BUYER, &serving.company, "77", "FPR12", "PIC7CPS");
    let invoice = handle.receive_invoice(xml.as_bytes()).unwrap();
    serving.pass(minutes(6));
    // The other shape by the other way: a form, and the secret in the path.
    let by_form = json!({"api_configurations": [{"event": "receipt", "callback": {
        "url": format!("http://127.0.0.1:{}/{SECRET}/receipt", serving.port), "method": "POST",
    }}]});
    let path = format!("IT-configurations/{}", serving.company);
    world.ask(reqwest::Method::PATCH, &path, &by_form);
    let fourth = serving.sale("d");
    serving.pass(minutes(6));

    let told = serving.told();
    assert!(told.iter().all(|one| statuses(one).iter().all(|status| *status == Some(200))));
    let receipts = [&first, &second, &third, &fourth];
    let mut expected: Vec<String> =
        receipts.iter().map(|id| format!("receipt {id} waiting")).collect();
    expected.push(format!("receipt {first} waiting"));
    expected.push(format!("supplier-invoice {invoice} waiting"));
    assert_eq!(serving.kept(), sorted(expected.clone()));
    let kinds = world.sql("select content_type from callbacks group by 1 order by 1");
    assert_eq!(kinds, ["application/json", "application/x-www-form-urlencoded"]);

    let mut asked: Vec<String> = receipts.map(String::clone).to_vec();
    asked.push(invoice.clone());
    assert_eq!(serving.pull(), sorted(asked), "each once, and no other");
    let read = expected.iter().map(|line| line.replace("waiting", "read")).collect();
    assert_eq!(serving.kept(), sorted(read));
    let stored = world.sql(&format!(
        "select count(*) from documents where source_id in ('{first}', '{second}', '{third}', \
         '{fourth}', '{invoice}')"
    ));
    assert_eq!(stored, ["5"]);
    assert_eq!(serving.pull(), [""; 0], "what was told once is not read again");
}

#[test]
fn refused_callback_is_told_again() {
    let serving = Serving::start();
    let forbid = "create trigger full before insert on callbacks \
                  begin select raise(abort, 'no room'); end";
    serving.world.execute(forbid);
    let id = serving.sale("a");
    serving.pass(minutes(6));
    assert_eq!(statuses(&serving.told()[0]), [Some(503)]);
    assert!(serving.kept().is_empty());
    serving.world.execute("drop trigger full");
    serving.pass(chrono::Duration::seconds(10));
    assert_eq!(statuses(&serving.told()[0]), [Some(503), Some(200)]);
    assert_eq!(serving.kept(), [format!("receipt {id} waiting")]);
}

#[test]
fn killed_before_its_commit_it_has_not_answered() {
    let mut serving = Serving::start();
    let id = serving.sale("a");
    let options = SqliteConnectOptions::new().filename(serving.world.path("quadra.db"));
    let mut lock = serving.world.runtime().block_on(async {
        let mut lock = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::query("begin immediate").execute(&mut lock).await.unwrap();
        lock
    });
    serving.world.handle().advance(minutes(6));
    // The callback is in hand, and waits for the store.
    std::thread::sleep(Duration::from_millis(300));
    assert!(serving.told()[0].attempts.is_empty());
    serving.end("-KILL");
    serving.world.runtime().block_on(async {
        sqlx::query("rollback").execute(&mut lock).await.unwrap();
        lock.close().await.unwrap();
        serving.world.handle().callbacks_settled().await;
    });
    assert_eq!(statuses(&serving.told()[0]), [None]);
    assert!(serving.kept().is_empty());

    serving.child = serve(&serving.world);
    serving.pass(chrono::Duration::seconds(10));
    assert_eq!(statuses(&serving.told()[0]), [None, Some(200)]);
    assert_eq!(serving.kept(), [format!("receipt {id} waiting")]);
}

#[test]
fn asked_to_stop_it_answers_what_it_has() {
    let mut serving = Serving::start();
    let id = serving.sale("a");
    let child = serving.child.id().to_string();
    serving.while_locked(|| {
        serving.world.handle().advance(minutes(6));
        std::thread::sleep(Duration::from_millis(300));
        let sent = std::process::Command::new("kill").args(["-TERM", &child]).status().unwrap();
        assert!(sent.success());
        std::thread::sleep(Duration::from_millis(100));
    });
    let started = Instant::now();
    assert_eq!(serving.child.wait().unwrap().code(), Some(0));
    assert!(started.elapsed() < Duration::from_secs(5));
    serving.pass(chrono::Duration::zero());
    assert_eq!(statuses(&serving.told()[0]), [Some(200)]);
    assert_eq!(serving.kept(), [format!("receipt {id} waiting")]);
}

#[test]
fn without_secret_or_port_it_does_not_start() {
    let mut world = World::new();
    let ran = world.quadra("serve").expect(2);
    assert!(ran.stderr.contains("QUADRA__WEBHOOK__SECRET"), "{ran}");
    world.set("QUADRA__WEBHOOK__SECRET", "sh0rt-s3cret");
    let ran = world.quadra("serve").expect(2);
    assert!(ran.stderr.contains("16 letters") && !ran.stderr.contains("sh0rt"), "{ran}");
    world.set("QUADRA__WEBHOOK__SECRET", SECRET);
    let ran = world.quadra("serve --set webhook.listen=localhost").expect(2);
    assert!(ran.stderr.contains("like `127.0.0.1:8787`"), "{ran}");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let ran = world.quadra(&format!("serve --set webhook.listen={address}")).expect(2);
    assert!(ran.stderr.contains(&format!("failed to listen on `{address}`")), "{ran}");
    assert!(ran.stderr.contains("hint: ") && !ran.stderr.contains(SECRET), "{ran}");
}
