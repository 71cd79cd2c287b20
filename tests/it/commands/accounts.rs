//! Companies and credentials by hand, and secrets that nothing shows.

use quadra::sandbox::{Collection, Effect, EffectKind, Fault, Faults, Options};
use serde_json::Value;

use crate::submit::write_private;
use crate::world::{TOKEN, World};

const HOOK_SECRET: &str = "w3bh00k-s3cret-11";
const PASSWORD: &str = "p0rtal-\"pass&word<1";
const PIN: &str = "9081726354";
const SIGN_USER: &str = "s1gn-user-77";
const SIGN_PASSWORD: &str = "s1gn-p4ss-88";
const API_KEY: &str = "ap1-k3y-5f5f5f";

/// A world whose callbacks go to this machine.
fn world() -> World {
    let mut world = World::small();
    world.configure("[webhook]\npublic_url = \"http://127.0.0.1:9/hook\"");
    world.set("QUADRA__WEBHOOK__SECRET", HOOK_SECRET);
    write_private(&world.path("portal"), &format!("{PASSWORD}\n{PIN}\n"));
    write_private(&world.path("signature"), &format!("{SIGN_USER}\n{SIGN_PASSWORD}\n"));
    world
}

fn configuration(world: &World, company: &str) -> Value {
    let all = world.handle().all(Collection::Configurations);
    let read = |raw: &String| serde_json::from_str::<Value>(raw).unwrap();
    all.iter().map(read).find(|one| one["fiscal_id"] == company).unwrap_or_default()
}

fn effects(world: &World, kind: EffectKind) -> usize {
    world.handle().effects().iter().filter(|effect| effect.kind == kind).count()
}

#[test]
fn company_is_registered_changed_and_removed() {
    let world = world();
    let add = "companies add 01234567897 --name Rossi --email a@rossi.example --receipts on --yes";
    let ran = world.quadra(add).expect(0);
    assert!(ran.stdout.starts_with("done: registration of Rossi"), "{ran}");
    assert!(ran.stderr.contains("callback: http://127.0.0.1:9/hook/receipt-credentials"), "{ran}");
    let stored = configuration(&world, "01234567897");
    let callbacks = stored["api_configurations"].as_array().unwrap();
    assert_eq!(callbacks.len(), 6);
    for one in callbacks {
        assert_eq!(one["callback"]["headers"]["x-quadra-secret"], HOOK_SECRET, "{one}");
    }
    let again = world.quadra(add).expect(2);
    assert!(again.stdout.contains("the provider has it already"), "{again}");
    let list = world.quadra("companies list").expect(0);
    assert!(list.stdout.contains("Rossi") && !list.stdout.contains(HOOK_SECRET), "{list}");
    let list = world.quadra("companies list --json").expect(0);
    assert!(list.stdout.contains("/hook/receipt") && !list.stdout.contains(HOOK_SECRET), "{list}");

    world.quadra("companies update 01234567897 --outgoing on --yes").expect(0);
    assert_eq!(configuration(&world, "01234567897")["customer_invoice"], true);
    let nothing = world.quadra("companies update 01234567897 --no-callbacks --yes").expect(2);
    assert!(nothing.stderr.contains("nothing is to be changed"), "{nothing}");
    let absent = world.quadra("companies update 09876543217 --outgoing on --yes").expect(2);
    assert!(absent.stderr.contains("`quadra companies add`"), "{absent}");
    world.quadra("companies remove 01234567897 --yes").expect(0);
    assert_eq!(configuration(&world, "01234567897"), Value::default());
    world.quadra("companies remove 01234567897 --yes").expect(2);
    // Gone by our own hand, it can be registered anew.
    world.quadra(add).expect(0);
    assert_eq!(effects(&world, EffectKind::ConfigurationCreated), 2);
}

#[test]
fn age_of_a_new_companys_credentials_is_said_or_unknown() {
    let world = world();
    let add = |company: &str, more: &str| {
        world.quadra(&format!(
            "companies add {company} --name N{company} --email a@rossi.example --receipts on \
             --tax-code rssmra80a01h501u --credentials portal --yes {more}"
        ))
    };
    let today = quadra::clock::Clock::System.today_in_rome();
    let changed = today - chrono::Days::new(12);
    let silent = add("01234567897", "").expect(0);
    assert!(silent.stderr.contains("the age of the password stays unknown"), "{silent}");
    let status =
        || world.quadra("credentials status --json").expect(0).json()["credentials"].clone();
    let of = |company: &str| {
        let all = status();
        let all = all.as_array().unwrap();
        all.iter().find(|one| one["company"] == company).cloned().unwrap_or_default()
    };
    assert_eq!(of("01234567897")["state"], "unknown");
    let told = add("09876543217", &format!("--changed-on {changed}")).expect(0);
    assert!(!told.stderr.contains("stays unknown"), "{told}");
    // It is the same person: what is known of one company's password is known of the other's.
    for company in ["01234567897", "09876543217"] {
        let one = of(company);
        assert_eq!(
            (one["days_left"].as_i64(), one["source"].as_str()),
            (Some(78), Some("declared"))
        );
        assert_eq!(one["tax_code"], "RSSMRA80A01H501U");
    }
    for (more, said) in [
        ("--changed-on 2999-01-01", "lies in the future"),
        ("--changed-on 31/01/2026", "invalid value"),
    ] {
        let ran = add("11223344555", more).expect(2);
        assert!(ran.stderr.contains(said), "{ran}");
    }
    assert_eq!(configuration(&world, "11223344555"), Value::default());
    // What was removed is watched no more, and cannot be declared.
    world.quadra("companies remove 09876543217 --yes").expect(0);
    assert_eq!(of("09876543217"), Value::default());
    let declare = format!("credentials declare RSSMRA80A01H501U --changed-on {changed}");
    let ran = world.quadra(&format!("{declare} --company 09876543217")).expect(2);
    assert!(ran.stderr.contains("does not use the credentials"), "{ran}");
    let ran = world.quadra(&declare).expect(0);
    assert!(ran.stdout.contains("for 1 company; expires on"), "{ran}");
    world.quadra("companies remove 01234567897 --yes").expect(0);
    world.quadra(&declare).expect(2);
}

#[test]
fn one_persons_password_reaches_every_company_and_no_other() {
    let world = world();
    let mut others = Vec::new();
    for (position, raw) in world.handle().all(Collection::Configurations).iter().enumerate() {
        let mut one: Value = serde_json::from_str(raw).unwrap();
        one["receipts_authentication"] = serde_json::json!({ "taxCode": "VRDNNA75B41F205X" });
        one["name"] = format!("Other {position}").into();
        world.handle().put(Collection::Configurations, &one.to_string()).unwrap();
        others.push(one["fiscal_id"].as_str().unwrap().to_owned());
    }
    // Valid numbers, ten of them: a firm whose one appointee issues for all its clients.
    let companies = [
        "00000010009",
        "00000020008",
        "00000030007",
        "00000040006",
        "00000050005",
        "00000060004",
        "00000070003",
        "00000080002",
        "00000090001",
        "00000100008",
    ];
    for company in companies {
        let add = format!(
            "companies add {company} --name N{company} --email a@rossi.example --receipts on \
             --tax-code RSSMRA80A01H501U --credentials portal --yes"
        );
        world.quadra(&add).expect(0);
    }
    let changed_before = effects(&world, EffectKind::ConfigurationChanged);
    let rotate = "credentials rotate RSSMRA80A01H501U --credentials portal --yes";
    let ran = world.quadra(rotate).expect(0);
    assert_eq!(ran.stdout.lines().filter(|line| line.starts_with("done: ")).count(), 10, "{ran}");
    assert_eq!(effects(&world, EffectKind::ConfigurationChanged) - changed_before, 10);
    let is_change = |effect: &&Effect| effect.kind == EffectKind::ConfigurationChanged;
    let all = world.handle().effects();
    let mut patched: Vec<&str> =
        all.iter().filter(is_change).map(|effect| effect.fiscal_id.as_str()).collect();
    patched.sort_unstable();
    assert_eq!(patched, companies, "each once, and nobody else's: {others:?}");
    let today = quadra::clock::Clock::System.today_in_rome().to_string();
    let known = world.sql("select distinct changed_on || ' ' || tax_code from portal_credentials");
    assert_eq!(known, [format!("{today} RSSMRA80A01H501U")]);
    // One warning for all of them, and one line of the watch a company.
    let status = world.quadra("credentials status --json").expect(0).json();
    let valid = status["credentials"].as_array().unwrap().iter();
    assert_eq!(valid.filter(|one| one["state"] == "valid").count(), 10);
}

#[test]
fn credentials_rotate_for_every_company_that_uses_them() {
    let world = world();
    for company in ["01234567897", "09876543217"] {
        let add = format!(
            "companies add {company} --name N{company} --email a@rossi.example --receipts on \
             --tax-code RSSMRA80A01H501U --credentials portal --yes"
        );
        world.quadra(&add).expect(0);
    }
    let rotate = "credentials rotate rssmra80a01h501u --credentials portal --changed-on 2026-02-01";
    let dry = world.quadra(&format!("{rotate} --dry-run")).expect(0);
    assert!(dry.stdout.contains("01234567897 N01234567897"), "{dry}");
    let before = effects(&world, EffectKind::ConfigurationChanged);
    let ran = world.quadra(&format!("{rotate} --yes")).expect(0);
    assert_eq!(ran.stdout.lines().count(), 2, "{ran}");
    assert_eq!(effects(&world, EffectKind::ConfigurationChanged) - before, 2);
    let kept = world.sql(
        "select company || ' ' || tax_code || ' ' || changed_on \
         from portal_credentials order by company",
    );
    assert_eq!(
        kept,
        ["01234567897 RSSMRA80A01H501U 2026-02-01", "09876543217 RSSMRA80A01H501U 2026-02-01"]
    );
    let unknown = world.quadra("credentials rotate BNCGVN70B02F205X --credentials portal --yes");
    assert!(unknown.stderr.contains("known are"), "{unknown}");
    assert_eq!(unknown.code, Some(2));
    let future = rotate.replace("2026-02-01", "2999-01-01");
    let future = world.quadra(&format!("{future} --yes")).expect(2);
    assert!(future.stderr.contains("lies in the future"), "{future}");
    let alone = world.quadra("credentials rotate RSSMRA80A01H501U --yes").expect(2);
    assert!(alone.stderr.contains("`--credentials FILE`"), "{alone}");
    world.bash("chmod 644 portal").expect(0);
    let open = world.quadra(&format!("{rotate} --yes")).expect(2);
    assert!(open.stderr.contains("chmod 600 portal"), "{open}");
}

#[test]
fn lost_answer_to_a_rotation_asks_for_the_secret_again() {
    let world = world();
    world
        .quadra(
            "companies add 01234567897 --name Rossi --email a@rossi.example \
             --tax-code RSSMRA80A01H501U --credentials portal --yes",
        )
        .expect(0);
    let rotate = "credentials rotate RSSMRA80A01H501U --credentials portal --yes";
    world.handle().fail_next_on("PATCH", 1, Fault::Reset);
    let ran = world.quadra(rotate).expect(3);
    assert!(ran.stdout.contains("its secret is not kept, so enter it again"), "{ran}");
    assert!(world.sql("select company from portal_credentials").is_empty());
    // Nobody can decide it, and nothing sends it again.
    world.quadra("submit").expect(3);
    world.quadra("submit").expect(3);
    let before = effects(&world, EffectKind::ConfigurationChanged);
    world.quadra(rotate).expect(0);
    assert_eq!(effects(&world, EffectKind::ConfigurationChanged) - before, 1);
    assert_eq!(world.quadra("submit list").expect(0).stdout, "nothing is open\n");
}

/// An answer that echoes what it was sent now, and what it was told before of ours, in every
/// place where an error quotes.
fn echo(status: u16, form: &str, sent: &[&str]) -> Fault {
    let said = [&[TOKEN, HOOK_SECRET], sent].concat().join(" ");
    let last = sent.last().unwrap_or(&TOKEN);
    let json = serde_json::json!({"success": false, "message": said, "error": last, "data": said});
    let (kind, body) = match form {
        "json" => ("application/json", json.to_string()),
        _ => ("text/html", format!("<p>{said}</p>")),
    };
    Fault::Status { status, headers: vec![("content-type".to_owned(), kind.to_owned())], body }
}

/// Runs commands that carry secrets, each into echoing refusals and then to its end.
fn printed_by_senders(world: &World) -> String {
    let portal: &[&str] = &[PASSWORD, PIN];
    let commands = [
        (
            "companies add 01234567897 --name Rossi --email a@rossi.example --receipts on \
         --outgoing on --tax-code RSSMRA80A01H501U --credentials portal --yes --verbose",
            portal,
        ),
        ("companies update 01234567897 --incoming on --yes --verbose --log-json", &[]),
        ("invoices send a.xml --signature signature --yes --verbose", &[SIGN_USER, SIGN_PASSWORD]),
        (
            "credentials rotate RSSMRA80A01H501U --company 01234567897 --credentials portal --yes \
         --verbose",
            portal,
        ),
    ];
    let mut printed = String::new();
    for (command, sent) in commands {
        for (status, form) in [(400, "json"), (422, "html")] {
            for method in ["POST", "PATCH"] {
                world.handle().fail_next_on(method, 1, echo(status, form, sent));
            }
            printed = format!("{printed}\n{}", world.quadra(command));
            world.handle().forget_faults();
        }
        printed = format!("{printed}\n{}", world.quadra(command).expect(0));
    }
    world.handle().fail_next_on("PATCH", 1, echo(200, "html", portal));
    format!("{printed}\n{}", world.quadra(commands[3].0).expect(3))
}

/// Mints a token of either service, and returns what was printed and the tokens' beginnings.
fn printed_by_minting(world: &mut World) -> (String, Vec<String>) {
    world.unset("QUADRA__API__TOKEN");
    world.set("QUADRA__API__API_KEY", API_KEY);
    let mut printed = String::new();
    for service in ["v1", "v2"] {
        let minted = format!(
            "companies list --verbose --set api.email=a@b.example --set api.token_service={service}"
        );
        printed = format!("{printed}\n{}", world.quadra(&minted).expect(0));
    }
    let effects = world.handle().effects().into_iter();
    let minted = effects.filter(|effect| effect.kind == EffectKind::TokenMinted);
    (printed, minted.map(|effect| effect.id).collect())
}

#[test]
fn no_command_shows_or_keeps_a_secret() {
    let mut world = world();
    let xml = include_str!("../fixtures/invoice.xml");
    world.write("a.xml", xml.replace("SELLER", "01234567897").replace("NUMBER", "1"));
    world.write("jobs/night.toml", "kind = \"invoices\"\ninbox = \"inbox\"\n");
    std::fs::create_dir_all(world.path("inbox")).unwrap();
    let mut printed = printed_by_senders(&world);
    assert!(printed.contains("[secret]"), "{printed}");
    for command in [
        "submit",
        "submit list --all --json",
        "check --verbose",
        "run night --verbose",
        "companies list --json",
        "report --period 2026-02 --out out",
    ] {
        printed = format!("{printed}\n{}", world.quadra(command));
    }
    let (minting, tokens) = printed_by_minting(&mut world);
    assert_eq!(tokens.len(), 2);
    let mut texts =
        vec![("what was printed".to_owned(), format!("{printed}{minting}").into_bytes())];
    for name in world.files(".").into_iter().filter(|name| name != "portal" && name != "signature")
    {
        let bytes = std::fs::read(world.path(&name)).unwrap();
        texts.push((name, bytes));
    }
    assert!(texts.iter().any(|(name, _)| name == "quadra.db"));
    let escaped = Value::from(PASSWORD).to_string();
    let mut secrets = vec![TOKEN, HOOK_SECRET, PASSWORD, PIN, SIGN_USER, SIGN_PASSWORD, API_KEY];
    secrets.push(escaped.trim_matches('"'));
    secrets.extend(tokens.iter().map(String::as_str));
    for (name, bytes) in texts {
        for secret in &secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "`{secret}` in {name}");
        }
    }
}

#[test]
fn minted_tokens_serve_every_command() {
    let mut world = World::with(Options {
        receipts: 5,
        invoices: 2,
        companies: 1,
        only_minted_tokens: true,
        account: Some(("a@b.example".to_owned(), API_KEY.to_owned())),
        faults: Faults::none(),
        ..Options::default()
    });
    world.unset("QUADRA__API__TOKEN");
    world.set("QUADRA__API__API_KEY", API_KEY);
    world.set("QUADRA__API__EMAIL", "a@b.example");
    for service in ["v1", "v2"] {
        world.set("QUADRA__API__TOKEN_SERVICE", service);
        world.quadra("receipts list").expect(0);
        world.quadra("pull all --period 2026-02").expect(0);
    }
    world.set("QUADRA__API__API_KEY", "wrong");
    let ran = world.quadra("receipts list").expect(2);
    assert!(ran.stderr.contains("check `api.email`"), "{ran}");
}

/// At a real terminal: what is typed is sent, and nothing of it is shown.
#[test]
fn typed_secrets_are_sent_and_not_shown() {
    let world = world();
    if !std::process::Command::new("python3")
        .arg("--version")
        .status()
        .is_ok_and(|one| one.success())
    {
        eprintln!("skipped: no python3 to open a terminal with");
        return;
    }
    world
        .quadra(
            "companies add 01234567897 --name Rossi --email a@rossi.example --receipts on \
             --tax-code RSSMRA80A01H501U --credentials portal --yes",
        )
        .expect(0);
    let script = crate::world::repository().join("tests/it/fixtures/terminal.py");
    let typing = |answers: &[String]| {
        let mut command = world.command("python3");
        command.arg(&script).args(answers).args(["--", env!("CARGO_BIN_EXE_quadra")]);
        command.args(["credentials", "rotate", "RSSMRA80A01H501U"]);
        crate::world::Ran::of(&command.output().unwrap())
    };
    let rotations =
        || world.handle().request_counts().get("PATCH /IT-configurations/{id}").copied();
    let before = rotations();
    let refused = typing(&["[y/N]=n".to_owned()]);
    assert_eq!((refused.code, rotations()), (Some(0), before), "{refused}");
    let typed = "typ3d-pass;word";
    let ran = typing(&[
        "[y/N]=y".to_owned(),
        format!("password of the tax portal: ={typed}"),
        format!("PIN of the tax portal: ={PIN}"),
    ]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(ran.stdout.contains("done: "), "{ran}");
    assert!(!ran.stdout.contains(typed) && !ran.stdout.contains(PIN), "{ran}");
    assert_eq!(rotations().unwrap_or_default(), before.unwrap_or_default() + 1);
    let empty = typing(&["[y/N]=y".to_owned(), "password of the tax portal: =".to_owned()]);
    assert_eq!(empty.code, Some(2), "{empty}");
    assert!(empty.stdout.contains("is empty: nothing was sent"), "{empty}");
}
