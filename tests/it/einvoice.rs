//! Electronic invoices in every wrapper: samples against expectations, bombs, damage.
//!
//! `QUADRA_ACCEPT=1 cargo test --test it einvoice` writes the `.expected.json` files anew.
//! The public sample files are read when `QUADRA_SHARED`, or `../shared`, has them.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod bombs;
mod corpus;
mod hostile;
mod signed;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/einvoices")
}

/// Runs `inspect --json` in a folder; returns the exit code and the object.
fn inspect(folder: &Path, paths: &[&str]) -> (i32, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_quadra"))
        .current_dir(folder)
        .args(["inspect", "--json"])
        .args(paths)
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stderr);
    let value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("`inspect {paths:?}` printed no JSON: {error}; stderr: {shown}")
    });
    (output.status.code().unwrap(), value)
}

/// Compares with the expectation beside a sample, or writes it when asked to.
fn compare(name: &str, found: &Value) -> Result<(), String> {
    let path = samples().join(format!("{name}.expected.json"));
    if std::env::var_os("QUADRA_ACCEPT").is_some() {
        fs::write(&path, format!("{found:#}\n")).unwrap();
        return Ok(());
    }
    let text = fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
    let expected: Value = serde_json::from_str(&text).unwrap();
    if expected == *found {
        return Ok(());
    }
    Err(format!("{name}: found {found:#}"))
}

fn names_below(folder: &Path, before: &str, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{before}{}", path.file_name().unwrap().to_string_lossy());
        if path.is_dir() {
            if name != "notices" {
                names_below(&path, &format!("{name}/"), names);
            }
        } else if !name.ends_with(".expected.json") {
            names.push(name);
        }
    }
}

#[test]
fn every_sample_reads_as_expected() {
    let mut names = Vec::new();
    names_below(&samples(), "", &mut names);
    names.sort();
    assert!(names.len() > 40, "only {} samples are there", names.len());
    let mut wrong = Vec::new();
    for name in &names {
        let (code, found) = inspect(&samples(), &[name]);
        wrong.extend(compare(name, &found).err());
        // What is meant to be refused says so by its place or its name.
        if name.contains("refused") {
            assert_eq!(code, 2, "{name} is the only input and unreadable");
        } else {
            assert_ne!(code, 2, "{name} reads");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn notices_find_their_files() {
    let (code, found) = inspect(&samples(), &["notices"]);
    assert_eq!(code, 0);
    compare("notices", &found).unwrap();
    let documents = found["documents"].as_array().unwrap();
    let codes = |name: &str| -> Vec<String> {
        let path = format!("notices/IT33401825030_{name}.xml");
        let document = documents.iter().find(|one| one["path"] == path.as_str()).unwrap();
        let checks = document["checks"].as_array().unwrap().iter();
        checks.map(|check| check["code"].as_str().unwrap().to_owned()).collect()
    };
    // Received on the eighteenth day; the term is twelve.
    assert_eq!(codes("N0001"), ["late"]);
    // N0002 was discarded, so N0003 with the same number is no duplicate.
    assert_eq!(codes("N0003"), Vec::<String>::new());
    // N0004 was refused by the public body, so N0005 may bear its number again.
    assert_eq!(codes("N0005"), Vec::<String>::new());
    let unmatched = found["notifications"].as_array().unwrap().iter();
    assert_eq!(unmatched.filter(|one| one["file"].is_null()).count(), 1);
}

#[test]
fn one_bad_file_never_stops_the_others() {
    let paths = ["refused/cut.xml", "IT33401825030_00001.xml", "nowhere.xml"];
    let (code, found) = inspect(&samples(), &paths);
    assert_eq!(code, 3);
    let outcomes: Vec<&str> = found["documents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes.iter().filter(|one| **one == "ok").count(), 1);
    assert_eq!(outcomes.iter().filter(|one| **one == "rejected").count(), 2);
}
