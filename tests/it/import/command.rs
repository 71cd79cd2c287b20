//! `quadra import` as a person types it.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use quadra::sandbox::{Fault, Faults, Options};
use serde_json::Value;

use crate::world::World;

fn world() -> World {
    World::with(Options { faults: Faults::none(), ..Options::demo() })
}

fn json(world: &World, arguments: &str) -> (i32, Value) {
    let ran = world.quadra(arguments);
    let value = serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("{arguments}: {error}: {} {}", ran.stdout, ran.stderr));
    (ran.code.unwrap(), value)
}

fn gather(world: &World) {
    for name in ["IT33401825030_00001.xml", "IT33401825030_00003.xml", "IT33401825030_0000A.xml"] {
        world.copy(&format!("samples/einvoices/{name}"), &format!("in/{name}"));
    }
    let signed = "signed/IT33401825030_P0002_ber.xml.p7m";
    world.copy(&format!("samples/einvoices/{signed}"), "in/IT33401825030_P0002.xml.p7m");
    world.copy("samples/einvoices/refused/cut.xml", "in/cut.xml");
    for name in ["N0003.xml", "N0003_MC_001.xml", "N0002.xml", "N0002_NS_001.xml"] {
        let name = format!("IT33401825030_{name}");
        world.copy(&format!("samples/einvoices/notices/{name}"), &format!("in/{name}"));
    }
}

#[test]
fn look_shows_what_would_be_done_and_changes_nothing() {
    let world = world();
    gather(&world);
    let (code, shown) = json(&world, "import in --dry-run --json");
    assert_eq!(code, 3, "a file is cut");
    assert!(world.handle().effects().is_empty());
    let documents = shown["documents"].as_array().unwrap();
    for key in ["path", "member", "body", "outcome", "reason", "type", "number", "taxable_cents"] {
        assert!(documents[0].get(key).is_some(), "{key}");
    }
    let of = |name: &str| {
        let path = format!("in/{name}");
        documents.iter().find(|one| one["path"] == path.as_str()).unwrap()["import"].clone()
    };
    assert_eq!(of("IT33401825030_00001.xml")["outcome"], "ready");
    assert_eq!(of("IT33401825030_00001.xml")["direction"], "outgoing");
    assert_eq!(of("IT33401825030_00003.xml")["outcome"], "put_aside");
    assert_eq!(of("IT33401825030_0000A.xml")["company"], "19044175016");
    assert_eq!(of("IT33401825030_N0002.xml")["outcome"], "put_aside");
    assert_eq!(of("IT33401825030_N0003.xml")["details"]["sdi_status"], "NOT_DELIVERED");
    // The signed file holds the document of the first one.
    assert_eq!(of("IT33401825030_P0002.xml.p7m")["outcome"], "already_there");
    assert_eq!(shown["summary"]["ready"], 3);
    assert_eq!(shown["cost"], "0.15");
}

#[test]
fn money_needs_a_word() {
    let world = world();
    gather(&world);
    let refused = world.quadra("import in");
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("3 invoices for € 0.15"), "{}", refused.stderr);
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    assert!(world.handle().effects().is_empty());
    let (code, done) = json(&world, "import in --yes --json");
    assert_eq!((code, done["spent"].as_str()), (3, Some("0.15")));
    assert_eq!(done["summary"]["imported"], 3);
    let (_, again) = json(&world, "import in --max-cost 1 --json");
    assert_eq!(again["summary"]["imported"], 0);
    assert_eq!(again["summary"]["already_there"], 4);
    assert_eq!(world.handle().bill().lines["invoice_import"].count, 3);
}

#[test]
fn imported_document_comes_back_with_the_next_pull() {
    let world = world();
    world.copy("samples/einvoices/notices/IT33401825030_N0003.xml", "in/IT33401825030_N0003.xml");
    let notice = "IT33401825030_N0003_MC_001.xml";
    world.copy(&format!("samples/einvoices/notices/{notice}"), &format!("in/{notice}"));
    assert_eq!(world.quadra("import in --yes").code, Some(0));
    assert_eq!(world.quadra("pull invoices --period 2025-03 --quiet").code, Some(0));
    let rows = world.sql("select number || ' ' || direction || ' ' || sdi_status from documents");
    assert!(rows.contains(&"31/A outgoing NOT_DELIVERED".to_owned()), "{rows:?}");
}

#[test]
fn look_without_an_account_says_what_is_missing() {
    let mut world = world();
    gather(&world);
    world.unset("QUADRA__API__TOKEN");
    let (code, shown) = json(&world, "import in/IT33401825030_00001.xml --dry-run --json");
    assert_eq!(code, 0);
    assert_eq!(shown["asked_provider"], false);
    let reason = shown["documents"][0]["import"]["reason"].as_str().unwrap();
    assert!(reason.contains("quadra pull configurations"), "{reason}");
    let refused = world.quadra("import in --yes");
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("no API token"), "{}", refused.stderr);
    assert_eq!(world.quadra("import nowhere --dry-run").code, Some(2));
}

#[test]
fn job_imports_its_inbox_within_its_limit() {
    let world = world();
    gather(&world);
    let job = |limit: &str| {
        format!(
            "kind = \"invoices\"\ninbox = \"../books\"\nimport_inbox = \"../in\"\n\
             {limit}steps = [\"import\", \"pull\"]\nperiod = \"2025-03\"\n"
        )
    };
    world.write("jobs/imports.toml", job(""));
    let refused = world.quadra("run imports");
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("import_max_cost"), "{}", refused.stderr);
    world.write("jobs/imports.toml", job("import_max_cost = \"0.10\"\n"));
    let ran = world.quadra("run imports");
    assert_eq!(ran.code, Some(3), "{ran}");
    assert!(ran.stdout.contains("2 imported for € 0.10"), "{}", ran.stdout);
    assert!(world.files("in").contains(&"rejected/cut.xml.txt".to_owned()));
    let again = world.quadra("run imports");
    assert!(again.stdout.contains("1 imported for € 0.05"), "{}", again.stdout);
    assert_eq!(world.handle().bill().lines["invoice_import"].count, 3);
}

#[test]
fn lot_is_split_when_asked_and_paid_once() {
    let world = world();
    let lot = "IT33401825030_00003.xml";
    world.copy(&format!("samples/einvoices/{lot}"), &format!("in/{lot}"));
    let (code, aside) = json(&world, "import in --yes --json");
    assert_eq!((code, &aside["summary"]["put_aside"]), (0, &Value::from(1)));
    let reason = aside["documents"][0]["import"]["reason"].as_str().unwrap();
    assert!(reason.contains("--split-lots"), "{reason}");
    let look = world.quadra("import in --split-lots --dry-run");
    assert!(look.stdout.contains("in/IT33401825030_00003.xml, document 2"), "{look}");
    assert!(look.stdout.contains("2 imports at € 0.05, € 0.10 in all"), "{look}");
    let (code, part) = json(&world, "import in --split-lots --max-cost 0.05 --json");
    assert_eq!((code, &part["summary"]["imported"]), (3, &Value::from(1)));
    let (code, rest) = json(&world, "import in --split-lots --yes --json");
    assert_eq!((code, &rest["summary"]["imported"]), (0, &Value::from(1)), "{rest:#}");
    let outcomes: Vec<&Value> =
        rest["documents"].as_array().unwrap().iter().map(|one| &one["import"]["outcome"]).collect();
    assert_eq!(outcomes, ["already_there", "imported"]);
    let (_, again) = json(&world, "import in --split-lots --yes --json");
    assert_eq!(again["summary"]["already_there"], 2);
    assert_eq!(world.handle().bill().lines["invoice_import"].count, 2);
    assert_eq!(world.quadra("pull invoices --period 2025-03 --quiet").code, Some(0));
    let lot = "select number from documents where number in ('14/A', '15/A') order by number";
    assert_eq!(world.sql(lot), ["14/A", "15/A"]);
}

/// Ends a process as a power cut would.
fn kill(id: u32) {
    assert!(Command::new("kill").args(["-9", &id.to_string()]).status().unwrap().success());
}

#[test]
fn killed_run_goes_on_with_the_rest() {
    const POST: &str = "POST /IT-invoices_import";
    for takes_effect in [true, false] {
        let world = world();
        let text = super::sample("IT33401825030_00001.xml");
        for number in 1..=3 {
            let text = text.replace(">12/A<", &format!(">{number}/M<"));
            world.write(&format!("in/{number}.xml"), text);
        }
        let id = Arc::new(AtomicU32::new(0));
        let killed = Arc::clone(&id);
        if !takes_effect {
            let reset = |handle: &quadra::sandbox::Handle| {
                handle.fail_next_on(POST, 1, Fault::Reset);
            };
            world.handle().before(POST, 1, reset);
        }
        world.handle().before(POST, 2, move |_| kill(killed.load(Ordering::SeqCst)));
        let mut command = world.command(env!("CARGO_BIN_EXE_quadra"));
        let mut child = command.args(["import", "in", "--yes", "--quiet"]).spawn().unwrap();
        id.store(child.id(), Ordering::SeqCst);
        assert_eq!(child.wait().unwrap().code(), None, "it was killed");
        // "Not there" is believed a minute after the cut.
        let resumed = world.quadra("import in --yes");
        let ran = if takes_effect {
            resumed
        } else {
            assert_eq!(resumed.code, Some(3), "{resumed}");
            world.execute("update intents set unclear_at = '2026-01-01T00:00:00.000000Z'");
            world.quadra("import in --yes")
        };
        assert_eq!(ran.code, Some(0), "{ran}");
        assert_eq!(world.handle().effects().len(), 3, "{takes_effect}");
        assert_eq!(world.handle().bill().lines["invoice_import"].count, 3);
    }
}
