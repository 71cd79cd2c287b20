//! Secrets of a whole night: in no file, log or output.

use quadra::sandbox::Collection;

use crate::smtp::Sink;
use crate::world::{TOKEN, World};

const PASSWORD: &str = "m4il-p4ssw0rd-9f2c";
const CALLBACK: &str = "c4llb4ck-h34d3r-77aa";

#[test]
fn whole_night_keeps_its_secrets() {
    let mut world = World::demo();
    let handle = world.handle();
    for raw in handle.all(Collection::Configurations) {
        let mut configuration: serde_json::Value = serde_json::from_str(&raw).unwrap();
        for one in configuration["api_configurations"].as_array_mut().unwrap() {
            one["callback"]["headers"] = serde_json::json!({ "Authorization": CALLBACK });
        }
        handle.put(Collection::Configurations, &configuration.to_string()).unwrap();
    }
    let job = world.read("jobs/nightly-receipts.toml");
    let recipients = "recipients = [\"b@rossi.example\"]\n[schedule]";
    world.write("jobs/nightly-receipts.toml", job.replace("[schedule]", recipients));
    let sink = world.runtime().block_on(Sink::start(&[]));
    world.set("QUADRA__MAIL__HOST", "127.0.0.1");
    world.set("QUADRA__MAIL__PORT", &sink.port.to_string());
    world.set("QUADRA__MAIL__SECURITY", "none");
    world.set("QUADRA__MAIL__USERNAME", "quadra");
    world.set("QUADRA__MAIL__PASSWORD", PASSWORD);
    world.set("QUADRA__MAIL__FROM", "quadra@rossi.example");
    let ran = world.quadra("run nightly-receipts --period 2026-02 --verbose");
    let heard = sink.heard_so_far();
    world.runtime().block_on(sink.stop());
    // The test would prove nothing if the secrets had not been used.
    assert_eq!(heard.messages.len(), 1, "{ran}");
    assert!(heard.commands.iter().any(|command| command.starts_with("AUTH")), "{heard:?}");
    assert!(handle.all(Collection::Configurations).iter().any(|raw| raw.contains(CALLBACK)));
    let mut texts = vec![("what was printed".to_owned(), format!("{ran}").into_bytes())];
    for name in world.files(".") {
        texts.push((name.clone(), std::fs::read(world.path(&name)).unwrap()));
    }
    assert!(texts.iter().any(|(name, _)| name == "quadra.db"));
    // The mail's commands hold the password, its bodies must not.
    texts.push(("the mail".to_owned(), heard.messages[0].clone()));
    for (name, bytes) in texts {
        for secret in [TOKEN, PASSWORD, CALLBACK] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "`{secret}` in {name}");
        }
    }
}

#[test]
fn files_of_the_store_are_their_owners_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::small();
    let ran = world.bash("umask 000; \"$QUADRA_BINARY\" pull all --period 2026-02");
    assert_eq!(ran.code, Some(0), "{ran}");
    let mode =
        |name: &str| std::fs::metadata(world.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("quadra.db"), 0o600);
    // Beside it, while somebody holds it open, the log of writes.
    let pool = world.hold_store();
    for name in world.files(".").iter().filter(|name| name.starts_with("quadra.db")) {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    drop(pool);
}
