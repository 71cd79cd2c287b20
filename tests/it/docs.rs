//! What a user reads names everything that a user meets.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use quadra::findings::Kind;

use crate::world::{World, repository};

/// The subcommands, each of which is a file of `src/cli`.
const COMMANDS: [&str; 22] = [
    "check",
    "companies",
    "compare",
    "credentials",
    "demo",
    "export",
    "findings",
    "import",
    "inspect",
    "invoices",
    "jobs",
    "pull",
    "receipts",
    "reconcile",
    "report",
    "rules",
    "run",
    "sandbox",
    "serve",
    "store",
    "submit",
    "upload",
];

fn jobs_readme() -> String {
    std::fs::read_to_string(repository().join("jobs/README.md")).unwrap()
}

/// Returns the keys that a job may have, as the program's own list has them.
fn job_keys() -> Vec<String> {
    let source = std::fs::read_to_string(repository().join("src/config/catalogue.rs")).unwrap();
    let list = source.split_once("const JOB: &[Key] = &[").unwrap().1.split_once("];").unwrap().0;
    let first_text = |line: &str| Some(line.split_once('"')?.1.split_once('"')?.0.to_owned());
    list.lines().filter_map(first_text).collect()
}

#[test]
fn every_job_key_has_its_row() {
    let readme = jobs_readme();
    let table = readme.split_once("| key |").unwrap().1.split_once("\n\n").unwrap().0;
    let documented: Vec<&str> = table
        .lines()
        .filter_map(|line| Some(line.strip_prefix("| `")?.split_once('`')?.0))
        .collect();
    assert_eq!(documented, job_keys());
}

#[test]
fn steps_and_formats_are_the_ones_explained() {
    let readme = jobs_readme();
    let world = World::new();
    let row = |key: &str| {
        let start = format!("| `{key}` |");
        readme.lines().find(|line| line.starts_with(&start)).unwrap().to_owned()
    };
    for key in ["steps", "formats"] {
        let job = format!("kind = \"receipts\"\ninbox = \"in\"\n{key} = [\"x\"]\n");
        world.write("jobs/a.toml", job);
        let ran = world.quadra("run a").expect(2);
        let (_, allowed) = ran.stderr.split_once("allowed are ").unwrap();
        let words = allowed.lines().next().unwrap().split(['`', ',', ' ']);
        for word in words.filter(|word| !word.is_empty()) {
            assert!(row(key).contains(&format!("\"{word}\"")), "{key}: {word}");
        }
    }
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
    let helpers =
        ["failure", "hand", "mod", "output", "progress", "scheduled", "select", "signals"];
    let mut commands: Vec<String> = folder
        .map(|entry| entry.unwrap().file_name().to_string_lossy().replace(".rs", ""))
        .filter(|name| !helpers.contains(&name.as_str()))
        .collect();
    commands.sort();
    // A command may have a folder beside its file.
    commands.dedup();
    assert_eq!(commands, COMMANDS);
    for name in COMMANDS {
        let line = help.lines().find(|line| line.trim_start().starts_with(&format!("{name} ")));
        assert!(line.is_some_and(|line| line.trim().len() > name.len() + 20), "{name}: {help}");
    }
}

#[test]
fn every_kind_of_finding_is_explained() {
    let readme = jobs_readme();
    let section = readme.split_once("## What a run may find").unwrap().1;
    let rows: Vec<Vec<&str>> = section
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let documented: Vec<String> = rows.iter().map(|row| row[0].replace('`', "")).collect();
    let kinds: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(documented, kinds, "one row a kind, in the order of the program");
    for (row, kind) in rows.iter().zip(Kind::ALL) {
        let severity = kind.severity().to_string();
        let weight = if kind.means_incomplete() { "incomplete" } else { &severity };
        assert_eq!(row[2], weight, "{kind}");
        assert!(row[1].len() > 20, "{kind}");
    }
}

#[test]
fn readme_names_every_command() {
    let path = repository().join("README.md");
    let Ok(readme) = std::fs::read_to_string(&path) else {
        panic!("{} is missing: newcomers begin there", path.display());
    };
    for command in COMMANDS {
        let is_named =
            [format!("quadra {command}"), format!("`{command}`"), format!("-- {command}")]
                .iter()
                .any(|text| readme.contains(text.as_str()));
        assert!(is_named, "README.md does not name `{command}`");
    }
}
