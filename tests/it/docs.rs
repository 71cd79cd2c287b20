//! What a user reads names everything that a user meets.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use quadra::findings::Kind;
use quadra::report::{Format, render};

use crate::world::{World, repository};

fn jobs_readme() -> String {
    std::fs::read_to_string(repository().join("jobs/README.md")).unwrap()
}

/// Returns the keys that a job may have, as the program itself lists them.
fn job_keys() -> Vec<String> {
    let source = std::fs::read_to_string(repository().join("src/config/catalogue.rs")).unwrap();
    let jobs = source.split_once("JOB").unwrap().1;
    let quoted = jobs.split('"').skip(1).step_by(2);
    let is_key = |text: &&str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c == '.')
    };
    quoted.filter(is_key).map(ToOwned::to_owned).collect()
}

#[test]
fn every_job_key_has_its_row() {
    let readme = jobs_readme();
    let mut documented: Vec<&str> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(key, _)| key)
        .filter(|key| !key.starts_with('"'))
        .collect();
    documented.sort_unstable();
    let text = "kind = \"receipts\"\ninbox = \"in\"\n";
    let world = World::new();
    // Each documented key is taken, so a key that went must leave the table as well.
    for key in &documented {
        let wrong = format!("{text}{key} = {{}}\n");
        let wrong = if text.contains(&format!("{key} =")) { continue } else { wrong };
        world.write("jobs/a.toml", wrong);
        let ran = world.quadra("run a").expect(2);
        assert!(!ran.stderr.contains("unknown key"), "{key}: {ran}");
    }
    let mut known = job_keys();
    known.retain(|key| documented.contains(&key.as_str()) || key.contains('.') || key.len() > 3);
    for key in ["kind", "inbox", "deadline_minutes", "schedule.cron", "schedule.time_zone"] {
        assert!(known.iter().any(|one| one == key), "{key} is no key any more: {known:?}");
    }
    let missing: Vec<&String> =
        known.iter().filter(|key| !documented.contains(&key.as_str())).collect();
    assert!(missing.is_empty(), "keys without a row in jobs/README.md: {missing:?}");
}

#[test]
fn shipped_jobs_say_where_their_keys_are_explained() {
    for job in ["nightly-receipts.toml", "nightly-invoices.toml"] {
        let text = std::fs::read_to_string(repository().join("jobs").join(job)).unwrap();
        assert!(text.contains("README.md"), "{job}");
    }
}

#[test]
fn every_command_is_in_the_help() {
    let world = World::new();
    let help = world.quadra("--help").expect(0).stdout;
    let folder = std::fs::read_dir(repository().join("src/cli")).unwrap();
    let helpers = ["failure", "mod", "output", "progress", "select", "signals"];
    let mut commands = 0;
    for entry in folder {
        let name = entry.unwrap().file_name().to_string_lossy().replace(".rs", "");
        if helpers.contains(&name.as_str()) {
            continue;
        }
        commands += 1;
        let line = help.lines().find(|line| line.trim_start().starts_with(&format!("{name} ")));
        assert!(line.is_some_and(|line| line.trim().len() > name.len() + 20), "{name}: {help}");
    }
    assert!(commands >= 8, "{commands}");
}

#[test]
fn every_kind_of_finding_is_told_in_both_languages() {
    use quadra::fiscal::Language;
    // A finding of each kind is in the model that the reports are tested with; here each
    // kind must have words of its own, no bare snake_case, in what people read.
    let model = crate::report::every_kind();
    let kinds: std::collections::BTreeSet<&str> =
        model.findings.iter().map(|standing| standing.finding.kind.as_str()).collect();
    assert_eq!(kinds.len(), Kind::ALL.len());
    for language in [Language::It, Language::En] {
        let text = render(&model, Format::Text, language).unwrap().remove(0).bytes;
        let text = String::from_utf8(text).unwrap();
        for kind in Kind::ALL {
            assert!(
                !text.contains(kind.as_str()) || !kind.as_str().contains('_'),
                "{kind} stands bare in the report of {language:?}"
            );
        }
    }
}
