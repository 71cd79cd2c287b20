//! One thing at the provider, by hand: what is sent, refused, known, waiting and unknown.

use quadra::sandbox::{Collection, EffectKind, Fault};
use serde_json::Value;

use crate::world::World;

fn company(world: &World) -> String {
    let all = world.handle().all(Collection::Configurations);
    let first: Value = serde_json::from_str(&all[0]).unwrap();
    first["fiscal_id"].as_str().unwrap().to_owned()
}

fn receipt(world: &World, name: &str, change: &str) {
    let company = company(world);
    world.write(
        name,
        format!(
            r#"{{"fiscal_id":"{company}","cash_payment_amount":20.00,"tags":["till 1"],
            "items":[{{"quantity":2,"description":"caffè","unit_price":10,"vat_rate_code":"22"}}]
            {change}}}"#
        ),
    );
}

fn invoice(world: &World, name: &str, number: &str) {
    let text = include_str!("../fixtures/invoice.xml");
    world.write(name, text.replace("SELLER", &company(world)).replace("NUMBER", number));
}

fn effects(world: &World, kind: EffectKind) -> usize {
    world.handle().effects().iter().filter(|effect| effect.kind == kind).count()
}

/// Receipts wait from 23:55 to midnight in Rome, and tests may run then.
fn is_quiet() -> bool {
    quadra::submit::quiet_minutes_end(quadra::clock::Clock::System.now()).is_some()
}

/// Returns the id of a sale that is ready, with numbered items.
fn ready_sale(world: &World) -> (String, String) {
    let all = world.handle().all(Collection::Receipts);
    let sale = all.iter().find_map(|raw| {
        let one: Value = serde_json::from_str(raw).ok()?;
        let is_ready = one["status"] == "ready" && one["type"] == "sale";
        let item = one["items"][0]["id"].as_str().filter(|_| is_ready)?;
        Some((one["id"].as_str()?.to_owned(), item.trim_matches('\'').to_owned()))
    });
    sale.unwrap()
}

#[test]
fn receipt_is_shown_agreed_to_and_issued_once() {
    let world = World::small();
    receipt(&world, "caffe.json", "");
    let dry = world.quadra("receipts send caffe.json --dry-run").expect(0);
    assert!(dry.stdout.contains("2 × caffè at 10, VAT 22"), "{dry}");
    assert!(dry.stdout.contains("price: about 0.019 EUR"), "{dry}");
    let alone = world.quadra("receipts send caffe.json").expect(2);
    assert!(alone.stderr.contains("`--yes` was not given: nothing was sent"), "{alone}");
    assert_eq!(effects(&world, EffectKind::ReceiptCreated), 0);
    if is_quiet() {
        let ran = world.quadra("receipts send caffe.json --yes").expect(3);
        assert!(ran.stdout.starts_with("waiting until"), "{ran}");
        return;
    }
    let sent = world.quadra("receipts send caffe.json --yes").expect(0);
    assert!(sent.stdout.starts_with("done: receipt of 20.00 EUR, provider id "), "{sent}");
    let known = world.quadra("receipts send caffe.json --yes").expect(0);
    assert!(known.stdout.starts_with("done before, on "), "{known}");
    assert!(known.stdout.contains("`--again` does it once more"), "{known}");
    assert_eq!(effects(&world, EffectKind::ReceiptCreated), 1);
    let again = world.quadra("receipts send caffe.json --yes --again --json").expect(0).json();
    assert_eq!(again["intents"][0]["state"], "done");
    assert_eq!(again["preview"]["price"], "0.019");
    assert_eq!(effects(&world, EffectKind::ReceiptCreated), 2);
    assert_eq!(world.quadra("submit list").expect(0).stdout, "nothing is open\n");
    assert_eq!(world.sql("select count(*) from intents"), ["2"]);
}

#[test]
fn wrong_receipts_name_every_field_and_send_nothing() {
    let world = World::small();
    receipt(&world, "wrong.json", r#","lottery_code":"A1","discount":-1"#);
    let ran = world.quadra("receipts send wrong.json --yes").expect(2);
    for said in [
        "`discount` = `-1` is negative",
        "`lottery_code` = `A1` is not 8 letters and digits",
        "`lottery_code` = `A1` needs a wholly electronic payment, 20.00 is paid otherwise",
        "nothing was sent",
    ] {
        assert!(ran.stderr.contains(said), "{said}: {ran}");
    }
    world.write("broken.json", "{\"items\": [}");
    let ran = world.quadra("receipts send broken.json --yes").expect(2);
    assert!(ran.stderr.contains("`broken.json`: failed to read the receipt's body"), "{ran}");
    let ran = world.quadra("receipts send nowhere.json --yes").expect(2);
    assert!(ran.stderr.contains("nowhere.json"), "{ran}");
    assert_eq!(world.requests(), 0);
}

#[test]
fn receipts_are_listed_shown_printed_and_returned() {
    let world = World::small();
    let (id, item) = ready_sale(&world);
    let list = world.quadra("receipts list --limit 5 --from 2026-02-01 --to 2026-02-28").expect(0);
    assert!(list.stdout.contains("the first 5; `--limit N` shows more"), "{list}");
    let listed = world.quadra("receipts list --limit 500 --json").expect(0).json();
    let all = world.handle().all(Collection::Receipts).len();
    assert_eq!(listed["receipts"].as_array().unwrap().len(), all);
    let shown = world.quadra(&format!("receipts show {id}")).expect(0);
    assert!(shown.stdout.contains(&format!("item {item}: ")), "{shown}");
    let absent = world.quadra("receipts show 0123456789abcdef01234567").expect(2);
    assert!(absent.stderr.contains("HTTP 404"), "{absent}");
    world.quadra(&format!("receipts pdf {id} --out a.pdf")).expect(0);
    assert!(world.read("a.pdf").starts_with("%PDF"));

    let too_many = world.quadra(&format!("receipts return {id} --item {item}=999 --yes")).expect(2);
    assert!(too_many.stderr.contains("left to return"), "{too_many}");
    let unknown = world.quadra(&format!("receipts return {id} --item 1=1 --yes")).expect(2);
    assert!(unknown.stderr.contains("its items are `"), "{unknown}");
    let words = world.quadra(&format!("receipts return {id} --item all --yes")).expect(2);
    assert!(words.stderr.contains("such as `--item 200170=2`"), "{words}");
    if is_quiet() {
        return;
    }
    let returned = world.quadra(&format!("receipts return {id} --all --yes")).expect(0);
    assert!(returned.stdout.starts_with("done: return of "), "{returned}");
    assert_eq!(effects(&world, EffectKind::ReturnCreated), 1);
}

#[test]
fn late_void_warns_and_the_provider_decides() {
    let world = World::small();
    let (id, _) = ready_sale(&world);
    let ran = world.quadra(&format!("receipts void {id} --dry-run")).expect(0);
    assert!(ran.stdout.contains("warning: it was created more than 24 hours ago"), "{ran}");
    if is_quiet() {
        return;
    }
    let ran = world.quadra(&format!("receipts void {id} --yes")).expect(2);
    assert!(ran.stdout.starts_with("refused: void of receipt "), "{ran}");
    assert_eq!(effects(&world, EffectKind::VoidCreated), 0);
}

#[test]
fn invoice_is_sent_once_whatever_the_answer() {
    let world = World::small();
    invoice(&world, "a.xml", "FPR 1/26");
    let dry = world.quadra("invoices send a.xml --dry-run --json").expect(0).json();
    assert_eq!(dry["preview"]["document"]["number"], "FPR 1/26");
    assert_eq!(dry["preview"]["price"], "0.05");
    world.handle().fail_next_on("POST /IT-invoices", 1, Fault::Reset.after_effect());
    let sent = world.quadra("invoices send a.xml --yes").expect(0);
    assert!(sent.stdout.starts_with("done: invoice FPR 1/26 of 2026-03-01"), "{sent}");
    world.quadra("invoices send a.xml --yes").expect(0);
    // The same number in another file is somebody's other sending.
    let other = world.read("a.xml").replace("Consulenza", "Altro");
    world.write("b.xml", other);
    let refused = world.quadra("invoices send b.xml --yes").expect(2);
    assert!(refused.stdout.contains("the provider has it already, by other hands"), "{refused}");
    assert_eq!(effects(&world, EffectKind::InvoiceSent), 1);
    let listed = world.quadra("invoices list --number FPR&1/26 --json");
    assert_eq!(listed.code, Some(0), "{listed}");
    let id = world.sql("select provider_id from intents where state = 'done'").remove(0);
    let shown = world.quadra(&format!("invoices show {id}")).expect(0);
    assert!(shown.stdout.contains("TD01 FPR 1/26 of 2026-03-01, total 122"), "{shown}");
}

#[test]
fn what_is_no_plain_invoice_is_not_sent() {
    let world = World::small();
    world.write("a.txt", "hello");
    let ran = world.quadra("invoices send a.txt --yes").expect(2);
    assert!(ran.stderr.contains("`a.txt` cannot be sent"), "{ran}");
    invoice(&world, "a.xml", "1");
    let base64 = world.bash("base64 a.xml > b.xml").expect(0);
    assert_eq!(base64.stderr, "");
    let ran = world.quadra("invoices send b.xml --yes").expect(2);
    assert!(ran.stderr.contains("it is signed or encoded already"), "{ran}");
    let ran = world.quadra("invoices send a.xml --company 01234567897 --yes").expect(2);
    assert!(ran.stderr.contains("is an invoice of"), "{ran}");
    let ran = world.quadra("invoices send a.xml --sign --yes").expect(2);
    assert!(ran.stderr.contains("nobody can be asked for user of the signature service"), "{ran}");
    assert_eq!(effects(&world, EffectKind::InvoiceSent), 0);
}

#[test]
fn killed_while_sending_is_looked_up() {
    let world = World::small();
    invoice(&world, "a.xml", "FPR 9/26");
    let slow = Fault::Slow(std::time::Duration::from_mins(1));
    world.handle().fail_next_on("POST /IT-invoices", 1, slow);
    let mut child = world
        .command(env!("CARGO_BIN_EXE_quadra"))
        .args(["invoices", "send", "a.xml", "--yes", "--quiet"])
        .spawn()
        .unwrap();
    while effects(&world, EffectKind::InvoiceSent) == 0 {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was killed");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let listed = world.quadra("submit list --json").expect(0).json();
    assert_eq!(listed["intents"][0]["state"], "sending");
    let check = world.quadra("check --offline");
    assert!(check.stdout.contains("sending 1: invoice FPR 9/26"), "{check}");
    let ran = world.quadra("submit").expect(0);
    assert!(ran.stdout.starts_with("done before"), "{ran}");
    assert_eq!(effects(&world, EffectKind::InvoiceSent), 1);
    assert_eq!(world.quadra("submit").expect(0).stdout, "nothing is open\n");
}

#[test]
fn what_nobody_knows_is_shown_until_somebody_says() {
    let world = World::small();
    invoice(&world, "a.xml", "FPR 7/26");
    // Not sent at all, and the list cannot be read either.
    world.handle().fail_next_on("GET /IT-invoices?", 100, Fault::Html200);
    let kept = world.quadra("invoices send a.xml --yes").expect(3);
    assert!(kept.stdout.starts_with("kept, not sent: invoice FPR 7/26"), "{kept}");
    let open = world.quadra("submit").expect(3);
    assert!(open.stdout.contains("kept, not sent"), "{open}");
    let check = world.quadra("check --offline");
    assert!(check.stdout.contains("prepared 1: invoice FPR 7/26 of 2026-03-01"), "{check}");
    let ran = world.quadra("report --period 2026-02 --format json --out out");
    let files = world.files("out");
    let mut reports = files.iter().map(|name| world.read(&format!("out/{name}")));
    assert!(reports.any(|text| text.contains("invoice FPR 7/26 of 2026-03-01")), "{ran}");
    let closed = world.quadra("submit close 1 --no-effect").expect(0);
    assert_eq!(closed.stdout, "dropped: invoice FPR 7/26 of 2026-03-01 (intent 1)\n");
    world.quadra("submit close 1 --no-effect").expect(2);
    assert_eq!(world.quadra("submit list").expect(0).stdout, "nothing is open\n");
}

/// Tells what a run of a job says of what was open before it.
#[test]
fn nightly_run_carries_on_what_is_open() {
    let world = World::small();
    world.write("jobs/night.toml", "kind = \"invoices\"\ninbox = \"inbox\"\n");
    std::fs::create_dir_all(world.path("inbox")).unwrap();
    invoice(&world, "a.xml", "FPR 8/26");
    world.handle().fail_next_on("GET /IT-invoices?", 1, Fault::Html200);
    world.quadra("invoices send a.xml --yes").expect(3);
    let ran = world.quadra("run night --period 2026-02");
    assert!(ran.stdout.contains("done: invoice FPR 8/26"), "{ran}");
    assert_eq!(effects(&world, EffectKind::InvoiceSent), 1);
}

#[test]
fn days_requests_hold_for_a_person_too() {
    let world = World::small();
    invoice(&world, "a.xml", "FPR 5/26");
    let one = "--set api.daily_requests=1";
    world.quadra(&format!("companies list {one}")).expect(0);
    let asked = world.requests();
    for command in ["companies list", "receipts list", "receipts show 0123456789abcdef01234567"] {
        let ran = world.quadra(&format!("{command} {one}")).expect(3);
        assert!(ran.stderr.contains("api.daily_requests"), "{ran}");
    }
    let kept = world.quadra(&format!("invoices send a.xml --yes {one}")).expect(3);
    assert!(kept.stdout.starts_with("kept, not sent: invoice FPR 5/26"), "{kept}");
    world.quadra(&format!("submit {one}")).expect(3);
    assert_eq!(world.requests(), asked, "nothing was asked");
    let listing = world.quadra("receipts list --limit 500 --set api.daily_requests=2").expect(0);
    assert!(!listing.stdout.is_empty());
    assert_eq!(world.sql("select requests from request_days"), ["2"]);
    let sent = world.quadra("submit").expect(0);
    assert!(sent.stdout.starts_with("done: invoice FPR 5/26"), "{sent}");
    assert_eq!(effects(&world, EffectKind::InvoiceSent), 1);
}
