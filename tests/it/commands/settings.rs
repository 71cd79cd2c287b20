//! Help, unknown words, and which of flag, variable and file wins.

use crate::world::{World, with_filters};

#[test]
fn help_of_each_command_is_stable() {
    let world = World::new();
    let commands = [
        "",
        "demo",
        "check",
        "run",
        "jobs",
        "pull",
        "upload",
        "inspect",
        "import",
        "reconcile",
        "report",
        "export",
        "sandbox",
    ];
    let all: Vec<String> =
        commands.iter().map(|command| world.shown(&format!("{command} --help"))).collect();
    with_filters(|| insta::assert_snapshot!(all.join("\n\n")));
}

#[test]
fn unknown_key_names_the_nearest() {
    let world = World::new();
    world.configure("[api]\nbase_ulr = \"https://a.example\"\n[stroe]\nurl = \"sqlite://a.db\"");
    with_filters(|| insta::assert_snapshot!(world.shown("pull all")));
    assert!(!world.path("quadra.db").exists());
}

#[test]
fn unknown_words_are_exit_2() {
    let world = World::new();
    for wrong in ["", "puul", "pull", "pull everything", "run", "--verbos check", "check --set x"] {
        let ran = world.quadra(wrong).expect(2);
        assert!(ran.stdout.is_empty() && !ran.stderr.is_empty(), "{wrong}: {ran}");
    }
    let ran = world.quadra("report --format pdf").expect(2);
    assert!(ran.stderr.contains("html, xlsx, csv, json, text"), "{ran}");
    let ran = world.quadra("pull all --period 2026-13").expect(2);
    assert!(ran.stderr.contains("2026-13"), "{ran}");
    assert!(!world.path("quadra.db").exists(), "a wrong word makes no store");
}

#[test]
fn unknown_job_names_the_nearest() {
    let world = World::demo();
    with_filters(|| insta::assert_snapshot!(world.shown("run nightly-reciepts")));
}

#[test]
fn recipients_without_mail_server_are_wrong_use() {
    let world = World::demo();
    let job = world.read("jobs/nightly-receipts.toml");
    let job = job.replace("[schedule]", "recipients = [\"a@rossi.example\"]\n[schedule]");
    world.write("jobs/nightly-receipts.toml", job);
    with_filters(|| insta::assert_snapshot!(world.shown("run nightly-receipts")));
    assert_eq!(world.files("inbox").len(), 7, "nothing was taken in");
}

#[test]
fn flag_beats_variable_beats_file() {
    let mut world = World::new();
    let store = |world: &World, arguments: &str| {
        let ran = world.quadra(&format!("check --offline --json {arguments}"));
        let checks = ran.json()["checks"].clone();
        let checks = checks.as_array().unwrap().clone();
        let store = checks.into_iter().find(|check| check["what"] == "store").unwrap();
        store["detail"].as_str().unwrap().to_owned()
    };
    assert!(store(&world, "").ends_with("quadra.db"));
    world.configure("[store]\nurl = \"sqlite://file.db\"");
    assert!(store(&world, "").ends_with("file.db"));
    world.set("QUADRA__STORE__URL", "sqlite://variable.db");
    assert!(store(&world, "").ends_with("variable.db"));
    assert!(store(&world, "--set store.url=sqlite://flag.db").ends_with("flag.db"));
}

#[test]
fn named_file_replaces_the_default_one() {
    let world = World::new();
    world.write("other/settings.toml", "[store]\nurl = \"sqlite://mine.db\"\n");
    world.quadra("check --offline --config other/settings.toml");
    assert!(world.path("other/mine.db").exists() && !world.path("quadra.db").exists());
    let ran = world.quadra("check --config nowhere.toml").expect(2);
    assert!(ran.stdout.contains("nowhere.toml"), "{ran}");
}

#[test]
fn secret_in_file_or_flag_is_refused_unseen() {
    let world = World::new();
    world.configure("[api]\ntoken = \"s3cr3t-t0k3n\"");
    let ran = world.quadra("pull all --set mail.password=s3cr3t-w0rd").expect(2);
    assert!(ran.stderr.contains("api.token") && ran.stderr.contains("mail.password"), "{ran}");
    assert!(!format!("{ran}").contains("s3cr3t"), "{ran}");
}
