//! What `deploy/` starts: commands that the program knows, jobs that exist, files that parse.
//!
//! The real readers (systemd-analyze, Python's yaml) are asked where they are; the commands
//! inside the files are always held against the built binary.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::process::Command;

use serde_json::Value;

use crate::world::{World, repository};

fn file(name: &str) -> String {
    std::fs::read_to_string(repository().join("deploy").join(name)).unwrap()
}

/// Returns whether a tool answers; says so on stderr when it does not.
fn is_there(program: &str, arguments: &[&str]) -> bool {
    let is_there =
        Command::new(program).args(arguments).output().is_ok_and(|ran| ran.status.success());
    if !is_there {
        eprintln!("skipped: {program} {} does not answer", arguments.join(" "));
    }
    is_there
}

/// Holds a command line, without the program's name, against the built binary.
fn is_known(world: &World, arguments: &[&str]) {
    world.quadra(&format!("{} --help", arguments.join(" "))).expect(0);
}

#[test]
fn service_starts_a_known_command() {
    let service = file("systemd/quadra.service");
    let start = service.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let words: Vec<&str> = start.split_whitespace().collect();
    assert_eq!(words[0], "/usr/local/bin/quadra");
    is_known(&World::new(), &words[1..]);
}

#[test]
fn systemd_accepts_service_and_timer() {
    if !is_there("systemd-analyze", &["--version"]) {
        return;
    }
    let world = World::new();
    let units = ["service", "timer"].map(|kind| {
        let unit =
            file(&format!("systemd/quadra.{kind}")).replace("/usr/local/bin/quadra", "/bin/true");
        world.write(&format!("quadra.{kind}"), unit)
    });
    let ran = Command::new("systemd-analyze")
        .args(["verify", "--man=no", "--recursive-errors=no"])
        .args(units)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    let about_ours: Vec<&str> = said.lines().filter(|line| line.contains("quadra.")).collect();
    assert!(ran.status.success() && about_ours.is_empty(), "{said}");
}

#[test]
fn container_starts_known_commands() {
    let container = file("container/Containerfile");
    let world = World::new();
    let array = |instruction: &str| -> Vec<String> {
        let line = container.lines().find(|line| line.starts_with(instruction)).unwrap();
        serde_json::from_str(&line[line.find('[').unwrap()..]).unwrap()
    };
    let [entry, command, health] = ["ENTRYPOINT", "CMD", "HEALTHCHECK"].map(array);
    assert_eq!([&entry[0], &health[0]], ["quadra", "quadra"]);
    let started: Vec<&str> = entry[1..].iter().chain(&command).map(String::as_str).collect();
    is_known(&world, &started);
    is_known(&world, &health[1..].iter().map(String::as_str).collect::<Vec<_>>());
    let pinned = std::fs::read_to_string(repository().join("rust-toolchain.toml")).unwrap();
    assert!(pinned.contains("1.95"), "the image builds with the toolchain of the repository");
}

#[test]
fn cron_job_does_what_is_due() {
    if !is_there("python3", &["-c", "import yaml"]) {
        return;
    }
    let ran = Command::new("python3")
        .args([
            "-c",
            "import json,sys,yaml; json.dump(list(yaml.safe_load_all(sys.stdin)), sys.stdout)",
        ])
        .stdin(std::fs::File::open(repository().join("deploy/kubernetes/quadra.yaml")).unwrap())
        .output()
        .unwrap();
    let documents: Vec<Value> = serde_json::from_slice(&ran.stdout).unwrap();
    let cron_jobs: Vec<&Value> =
        documents.iter().filter(|document| document["kind"] == "CronJob").collect();
    assert!(!cron_jobs.is_empty());
    let world = World::new();
    for job in cron_jobs {
        let container = &job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0];
        let arguments = container["args"].as_array().unwrap();
        let arguments: Vec<&str> = arguments.iter().map(|word| word.as_str().unwrap()).collect();
        is_known(&world, &arguments);
        assert_eq!(arguments[arguments.len() - 2..], ["run", "--due"]);
        let schedule: &str = job["spec"]["schedule"].as_str().unwrap();
        assert!(schedule.parse::<quadra::schedule::Crontab>().is_ok(), "{schedule}");
        assert_eq!(job["spec"]["timeZone"], "Europe/Rome");
    }
}
