//! Every fault × every endpoint: the right recovery, and each intent takes effect at most once.
//!
//! The sandbox counts effects, not requests. A cell sends one intent into one fault, then the
//! same intent again once the fault is over, and then lets everything open be carried on.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use quadra::api::wire::{
    ConfigurationChange, DecimalText, ImportDetails, NewConfiguration, NewImport, NewReceipt,
    Receipt, ReturnedItem,
};
use quadra::api::{self, Client, Confidential, PortalSecrets, Request, Resource, Settings};
use quadra::clock::Clock;
use quadra::config::Config;
use quadra::fiscal::TaxId;
use quadra::sandbox::{self, Effect, EffectKind, Fault, Faults, Options};
use quadra::submit::propose::{self, InvoiceFacts};
use quadra::submit::{Clue, IntentState, Kind, NewIntent};
use quadra::worker::{Context, Outbox};
use tempfile::TempDir;

use super::provider::hasty;

/// Longer than every answer, also on a busy machine, but those of `slow`: they are given up.
const TIMEOUT_MS: u64 = 1_500;
const SLOW_MS: u64 = 4_000;

/// Returns every fault of the sandbox, `slow` slower than our patience.
fn every_fault() -> Vec<(&'static str, Fault)> {
    let slow = |name: &str| Fault::named(&format!("{name}={SLOW_MS}"), noon()).unwrap();
    let slower = |(name, fault)| match name {
        "slow" | "slow-after" => (name, slow(name)),
        _ => (name, fault),
    };
    Fault::every(noon()).into_iter().map(slower).collect()
}

fn noon() -> DateTime<Utc> {
    "2026-03-02T11:00:00Z".parse().unwrap()
}

/// One sandbox and one store for all faults of one kind of intent.
struct Table {
    sandbox: sandbox::Running,
    _folder: TempDir,
    ctx: Context,
    company: TaxId,
    sales: Vec<Receipt>,
}

impl Table {
    async fn start() -> Self {
        let options = Options {
            receipts: 120,
            invoices: 4,
            companies: 1,
            clock: Clock::Fixed(noon()),
            faults: Faults::none(),
            ..Options::default()
        };
        let sandbox = sandbox::start(options).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let store = format!("sqlite://{}", folder.path().join("quadra.db").display());
        let config = Config::without_file(&[("store.url".to_owned(), store)]).unwrap();
        let ctx = Context::open(config, Clock::Fixed(noon())).await.unwrap();
        let client = client(&sandbox, noon());
        let companies = client.configurations().await.unwrap();
        let company: serde_json::Value = serde_json::from_str(&companies.items[0].body).unwrap();
        let company = TaxId::parse(company["fiscal_id"].as_str().unwrap()).unwrap();
        let handle = sandbox.handle();
        let sales = handle
            .all(sandbox::Collection::Receipts)
            .iter()
            .filter_map(|body| Receipt::parse(body).ok())
            .filter(|one| one.receipt_type.as_deref() == Some("sale"))
            .filter(|one| one.status.as_deref() == Some("ready"))
            .filter(|one| one.items.iter().any(|item| item.id.is_some()))
            .filter(|one| one.items.iter().all(is_whole))
            .collect();
        Self { sandbox, _folder: folder, ctx, company, sales }
    }

    fn effects(&self) -> Vec<Effect> {
        self.sandbox.handle().effects()
    }

    /// Sends an intent as a process of its own would at this instant.
    async fn send(
        &self,
        intent: &NewIntent,
        secrets: &Confidential,
        at: DateTime<Utc>,
    ) -> Result<IntentState, String> {
        let ctx = Context { clock: Clock::Fixed(at), ..self.ctx.clone() };
        let client = client(&self.sandbox, at);
        let outbox = Outbox::open(&ctx, &client).await.unwrap().with_pace(hasty());
        let submitted = outbox.submit(intent, secrets).await;
        submitted.map(|one| one.intent.state).map_err(|error| error.to_string())
    }
}

/// Tells whether one of an item may still come back.
fn is_whole(item: &quadra::api::wire::ReceiptItem) -> bool {
    let number = |value: Option<&DecimalText>| value.and_then(|text| text.plain().parse().ok());
    let left = number(item.quantity.as_ref()).unwrap_or(0.0)
        - number(item.returned_quantity.as_ref()).unwrap_or(0.0);
    left >= 1.0_f64
}

fn client(sandbox: &sandbox::Running, at: DateTime<Utc>) -> Client {
    let settings = Settings {
        base_url: sandbox.base_url(),
        token: "t0ken".into(),
        requests_per_second: NonZeroU32::new(5_000),
        timeout_ms: TIMEOUT_MS,
        backoff_ms: 1,
        backoff_cap_ms: 2,
        jitter_seed: Some(1),
        ..Settings::default()
    };
    Client::new(settings, Clock::Fixed(at)).unwrap()
}

/// What a fault leaves behind when it hits something that is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// The provider's answer says that it was done, or a look finds it.
    Done,
    /// It ended unclearly, and a look finds that it had no effect.
    Absent,
    /// The provider asked for patience.
    Asked,
    /// Nothing can be done at all: a person must act.
    Stopped,
}

fn expected(fault: &str) -> Left {
    match fault {
        "402" | "401" | "401-xml" => Left::Stopped,
        "429" | "429-date" | "429-after" => Left::Asked,
        "503" | "503-seconds" | "503-date" | "500" | "502" | "html" | "empty" | "reset" => {
            Left::Absent
        }
        // The last two are about pages; a write does not notice them.
        "slow" | "cut" | "wrong-length" | "page-again" | "page-shifted" => Left::Done,
        after if after.ends_with("-after") => Left::Done,
        other => panic!("the sandbox has a fault that the matrix does not know: {other}"),
    }
}

fn receipt(table: &Table, number: usize) -> NewIntent {
    let company = &table.company;
    let written = format!(
        r#"{{"fiscal_id":"{company}","cash_payment_amount":{number}.5,
        "items":[{{"quantity":1,"description":"x","unit_price":{number}.5,"vat_rate_code":"22"}}]}}"#
    );
    let receipt = NewReceipt::parse(&written).unwrap();
    propose::receipt(&receipt, company, written.as_bytes(), 0, 1)
}

fn returned(table: &Table, number: usize) -> NewIntent {
    let sale = &table.sales[number];
    let item = sale.items.iter().find_map(|item| item.id.clone()).unwrap();
    let quantity = DecimalText::parse("1").unwrap();
    propose::returned(sale, &[ReturnedItem { id: item, quantity }], 1).unwrap()
}

/// Voids a sale of this morning: an older one would be refused.
fn voided(table: &Table, number: usize) -> NewIntent {
    let handle = table.sandbox.handle();
    let raw = handle.get(sandbox::Collection::Receipts, &table.sales[number].id).unwrap();
    let mut sale: serde_json::Value = serde_json::from_str(&raw).unwrap();
    sale["id"] = format!("5a1e{number:020}").into();
    sale["created_at"] = "2026-03-02T09:00:00.000Z".into();
    handle.put(sandbox::Collection::Receipts, &sale.to_string()).unwrap();
    propose::voided(&Receipt::parse(&sale.to_string()).unwrap()).unwrap()
}

fn xml(table: &Table, number: usize) -> Vec<u8> {
    let path = crate::world::repository().join("tests/it/fixtures/invoice.xml");
    let text = std::fs::read_to_string(path).unwrap();
    text.replace("SELLER", table.company.as_str())
        .replace("NUMBER", &format!("M/{number}"))
        .into_bytes()
}

fn invoice(table: &Table, number: usize) -> NewIntent {
    let facts = InvoiceFacts {
        company: table.company.clone(),
        number: format!("M/{number}"),
        issue_date: NaiveDate::from_ymd_opt(2026, 3, 1).unwrap(),
        document_type: Some("TD01".to_owned()),
    };
    propose::invoice(&facts, xml(table, number), false)
}

fn import(table: &Table, number: usize) -> NewIntent {
    let xml = xml(table, number);
    NewIntent {
        key: NewIntent::key_of(Kind::InvoiceImport, &[&xml]),
        kind: Kind::InvoiceImport,
        company: table.company.clone(),
        subject: format!("invoice M/{number}"),
        request: Request::import_invoice(&NewImport::new(&xml, ImportDetails::default())),
        needs_secret: false,
        clue: Clue::Invoice {
            number: format!("M/{number}"),
            issue_date: NaiveDate::from_ymd_opt(2026, 3, 1).unwrap(),
            direction: "outgoing".to_owned(),
            document_type: Some("TD01".to_owned()),
        },
    }
}

fn new_company(number: usize) -> (TaxId, NewConfiguration) {
    let company = TaxId::parse(&format!("9{number:010}")).unwrap();
    let new = NewConfiguration {
        fiscal_id: company.to_string(),
        name: format!("Company {number}"),
        email: "a@rossi.example".to_owned(),
        settings: ConfigurationChange::default(),
    };
    (company, new)
}

fn company_added(_table: &Table, number: usize) -> NewIntent {
    let (company, new) = new_company(number);
    propose::company_added(&company, &new, noon())
}

fn company_changed(_table: &Table, number: usize) -> NewIntent {
    let (company, _) = new_company(number);
    let change =
        ConfigurationChange { sends_invoices: Some(true), ..ConfigurationChange::default() };
    propose::company_changed(&company, &change, noon())
}

fn company_removed(_table: &Table, number: usize) -> NewIntent {
    propose::company_removed(&new_company(number).0, noon())
}

fn credentials(_table: &Table, number: usize) -> NewIntent {
    propose::credentials(&new_company(number).0, "RSSMRA80A01H501U", noon())
}

/// One row of the matrix.
#[derive(Clone, Copy)]
struct Row {
    /// What stands in method and path of its request.
    on: &'static str,
    kind: EffectKind,
    intent: fn(&Table, usize) -> NewIntent,
    /// Whether a company of the intent's number must be there before.
    needs_company: bool,
    /// Whether its effect cannot be seen at the provider.
    is_invisible: bool,
}

async fn all_faults(row: Row) {
    let table = Table::start().await;
    let handle = table.sandbox.handle();
    let secrets = Confidential {
        portal: Some(PortalSecrets { password: "p4ss".into(), pin: "12345".into() }),
        ..Confidential::default()
    };
    let mut seen: BTreeMap<&str, String> = BTreeMap::new();
    for (number, (name, fault)) in every_fault().into_iter().enumerate() {
        if row.needs_company {
            let request = Request::create_configuration(&new_company(number).1);
            let free = client(&table.sandbox, noon());
            free.submit(&request, &Confidential::default()).await.unwrap();
        }
        let count = |effects: &[Effect]| effects.iter().filter(|one| one.kind == row.kind).count();
        let before = count(&table.effects());
        let took_effect = || count(&table.effects()) - before;
        let intent = (row.intent)(&table, number);
        handle.fail_next_on(row.on, 1, fault);
        let first = table.send(&intent, &secrets, noon()).await;
        assert!(handle.waiting_faults().is_empty(), "{name}: the fault was not met");
        assert!(took_effect() <= 1, "{name}: {} effects, {first:?}", took_effect());
        let left = expected(name);
        let is_right = match (left, &first) {
            (Left::Stopped, Err(_)) | (Left::Absent, Ok(IntentState::Prepared)) => {
                took_effect() == 0
            }
            (Left::Asked, Ok(IntentState::Waiting)) => true,
            (Left::Done, Ok(IntentState::Done)) => took_effect() == 1,
            // What cannot be seen is never sent again by itself.
            (_, Ok(IntentState::Unknown | IntentState::Dropped)) => row.is_invisible,
            _ => false,
        };
        assert!(is_right, "{name}: {left:?}, but {first:?} with {} effects", took_effect());
        // The same again once the fault is over, and once more when all waits are over.
        let again = table.send(&intent, &secrets, noon() + TimeDelta::minutes(10)).await;
        assert!(took_effect() <= 1, "{name}: {} effects at the second try", took_effect());
        let last = table.send(&intent, &secrets, noon() + TimeDelta::minutes(20)).await;
        assert_eq!(last, again, "{name}");
        match last {
            Ok(IntentState::Done) => assert_eq!(took_effect(), 1, "{name}"),
            Ok(IntentState::Unknown) => assert!(row.is_invisible, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
        seen.insert(name, format!("{first:?} then {last:?}"));
    }
    assert_eq!(seen.len(), Fault::names().len());
}

/// What an answer to a write can hide: that it was done, or that it was not.
const UNCLEAR: [&str; 2] = ["reset-after", "reset"];

/// A fault on the write, and then a fault on the request that looks what became of it.
///
/// By itself it tries a few; `QUADRA_MATRIX=all` tries every fault, which takes minutes.
async fn all_faults_of_the_look(row: Row) {
    let table = Table::start().await;
    let handle = table.sandbox.handle();
    let secrets = Confidential {
        portal: Some(PortalSecrets { password: "p4ss".into(), pin: "12345".into() }),
        ..Confidential::default()
    };
    let few = ["401", "html", "empty", "cut", "page-shifted"];
    let is_long = std::env::var_os("QUADRA_MATRIX").is_some_and(|value| value == "all");
    let looks = || every_fault().into_iter().filter(|(name, _)| is_long || few.contains(name));
    let cells = UNCLEAR.into_iter().flat_map(|write| looks().map(move |look| (write, look)));
    for (number, (write, (look, fault))) in cells.enumerate() {
        if row.needs_company {
            let request = Request::create_configuration(&new_company(number).1);
            let free = client(&table.sandbox, noon());
            free.submit(&request, &Confidential::default()).await.unwrap();
        }
        let count = |effects: &[Effect]| effects.iter().filter(|one| one.kind == row.kind).count();
        let before = count(&table.effects());
        let took_effect = || count(&table.effects()) - before;
        let intent = (row.intent)(&table, number);
        let at = format!("{write}, then {look} at the look");
        handle.fail_next_on(row.on, 1, Fault::named(write, noon()).unwrap());
        handle.before(row.on, 1, move |handle| handle.fail_next_on("GET /IT-", 1, fault));
        let first = table.send(&intent, &secrets, noon()).await;
        assert!(handle.waiting_faults().is_empty(), "{at}: nobody looked: {first:?}");
        assert!(took_effect() <= 1, "{at}: {} effects, {first:?}", took_effect());
        let is_right = match &first {
            Ok(IntentState::Done) => took_effect() == 1,
            Ok(IntentState::Prepared) => took_effect() == 0 && write == "reset",
            // Nobody could tell, or nothing may be asked any more: it stands as unknown.
            Ok(IntentState::Unknown) | Err(_) => true,
            Ok(IntentState::Dropped) => row.is_invisible,
            Ok(_) => false,
        };
        assert!(is_right, "{at}: {first:?} with {} effects", took_effect());
        let last = table.send(&intent, &secrets, noon() + TimeDelta::minutes(10)).await;
        assert!(took_effect() <= 1, "{at}: {} effects at the second try", took_effect());
        // What lost its secret is closed, and done when the secret is entered again.
        let last = match last {
            Ok(IntentState::Dropped) if row.is_invisible => {
                table.send(&intent, &secrets, noon() + TimeDelta::minutes(20)).await
            }
            other => other,
        };
        match last {
            Ok(IntentState::Done) => assert_eq!(took_effect(), 1, "{at}"),
            Ok(IntentState::Unknown) => assert!(row.is_invisible, "{at}"),
            other => panic!("{at}: {other:?}"),
        }
    }
}

const RECEIPT: Row = Row {
    on: "POST /IT-receipts",
    kind: EffectKind::ReceiptCreated,
    intent: receipt,
    needs_company: false,
    is_invisible: false,
};

#[tokio::test]
async fn receipts_take_effect_once() {
    all_faults(RECEIPT).await;
    all_faults_of_the_look(RECEIPT).await;
}

#[tokio::test]
async fn returns_take_effect_once() {
    let (on, kind) = ("PATCH /IT-receipts", EffectKind::ReturnCreated);
    let row = Row { on, kind, intent: returned, ..RECEIPT };
    all_faults(row).await;
    all_faults_of_the_look(row).await;
}

#[tokio::test]
async fn voids_take_effect_once() {
    let (on, kind) = ("DELETE /IT-receipts", EffectKind::VoidCreated);
    let row = Row { on, kind, intent: voided, ..RECEIPT };
    all_faults(row).await;
    all_faults_of_the_look(row).await;
}

#[tokio::test]
async fn invoices_are_sent_once() {
    let (on, kind) = ("POST /IT-invoices", EffectKind::InvoiceSent);
    let row = Row { on, kind, intent: invoice, ..RECEIPT };
    all_faults(row).await;
    all_faults_of_the_look(row).await;
}

#[tokio::test]
async fn invoices_are_imported_once() {
    let (on, kind) = ("POST /IT-invoices_import", EffectKind::InvoiceImported);
    let row = Row { on, kind, intent: import, ..RECEIPT };
    all_faults(row).await;
    all_faults_of_the_look(row).await;
}

#[tokio::test]
async fn companies_are_registered_once() {
    let (on, kind) = ("POST /IT-configurations", EffectKind::ConfigurationCreated);
    let row = Row { on, kind, intent: company_added, ..RECEIPT };
    all_faults(row).await;
    all_faults_of_the_look(row).await;
}

#[tokio::test]
async fn companies_are_changed_once() {
    let (on, kind) = ("PATCH /IT-configurations", EffectKind::ConfigurationChanged);
    let row = Row { on, kind, intent: company_changed, needs_company: true, ..RECEIPT };
    all_faults(row).await;
    all_faults_of_the_look(row).await;
}

#[tokio::test]
async fn companies_are_removed_once() {
    let (on, kind) = ("DELETE /IT-configurations", EffectKind::ConfigurationDeleted);
    let row = Row { on, kind, intent: company_removed, needs_company: true, ..RECEIPT };
    all_faults(row).await;
    all_faults_of_the_look(row).await;
}

#[tokio::test]
async fn credentials_are_stored_once_or_asked_for_again() {
    let row = Row {
        on: "PATCH /IT-configurations",
        kind: EffectKind::ConfigurationChanged,
        intent: credentials,
        needs_company: true,
        is_invisible: true,
    };
    all_faults(row).await;
    all_faults_of_the_look(row).await;
}

/// Where a document is read, and what stands in method and path of its request.
const READS: [(&str, &str); 6] = [
    ("receipts", "GET /IT-receipts?"),
    ("invoices", "GET /IT-invoices?"),
    ("companies", "GET /IT-configurations"),
    ("company", "GET /IT-configurations/"),
    ("receipt", "GET /IT-receipts/"),
    ("pdf", "GET /IT-receipts/"),
];

#[tokio::test]
async fn reading_recovers_or_says_why() {
    // A Retry-After is waited for, so all wait together.
    futures::future::join_all(READS.map(|(what, on)| all_faults_of_a_read(what, on))).await;
}

async fn all_faults_of_a_read(what: &str, on: &str) {
    let table = Table::start().await;
    for (name, fault) in every_fault() {
        table.sandbox.handle().fail_next_on(on, 1, fault);
        let client = client(&table.sandbox, noon());
        let ended = read(&client, what, &table).await;
        let at = format!("{name} at {what}: {ended:?}");
        assert!(table.sandbox.handle().waiting_faults().is_empty(), "{at}");
        match name {
            "401" | "401-xml" => {
                assert!(matches!(ended, Err(api::Error::Unauthorized(_))), "{at}");
            }
            "402" => assert!(matches!(ended, Err(api::Error::OutOfCredit(_))), "{at}"),
            "html" | "html-after" | "empty" | "empty-after" => {
                assert!(matches!(ended, Err(api::Error::Unreadable(_))), "{at}");
            }
            _ => {
                assert!(ended.is_ok(), "{at}");
                // More than once where the machine is slow.
                let is_retried = !matches!(name, "page-again" | "page-shifted");
                assert!(client.tally().retries >= u64::from(is_retried), "{at}");
            }
        }
    }
}

async fn read(client: &Client, what: &str, table: &Table) -> Result<(), api::Error> {
    let (all, sale) = (api::Filter::default(), table.sales[0].id.as_str());
    match what {
        "receipts" => client.list(Resource::Receipts, &all, 0, 50).await.map(drop),
        "invoices" => client.list(Resource::Invoices, &all, 0, 50).await.map(drop),
        "companies" => client.configurations().await.map(drop),
        "company" => client.get(Resource::Configurations, table.company.as_str()).await.map(drop),
        "receipt" => client.get(Resource::Receipts, sale).await.map(drop),
        _ => client.receipt_pdf(sale).await.map(drop),
    }
}
