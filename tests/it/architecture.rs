//! The rooms of `src/` and what each may use, read from the source itself.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::world::repository;

/// A room, and the rooms it may name; its own name is always allowed.
///
/// Lower knows nothing of higher. Where a line is wider than one would think:
/// - `extract` and `normalize` read the wire types of `api`: that is what keeps the API's
///   field names from going further.
/// - `store` knows of `reconcile` only its `statement`, `report` also its `tables` (see [`NARROW`]).
/// - `config` names `deliver::mail` for what an address or a server is, and `report` for
///   the words of its formats, so that one list decides what is allowed.
/// - `cli` and `worker` see everything, but of SQL, HTTP and frames only their errors.
const MAY_USE: &[(&str, &[&str])] = &[
    ("fiscal", &[]),
    ("clock", &[]),
    // Its macro is everybody's; only `config` and `cli` name it.
    ("crash", &[]),
    ("telemetry", &[]),
    ("metrics", &[]),
    ("schedule", &[]),
    ("findings", &["fiscal"]),
    ("credentials", &["fiscal"]),
    ("api", &["clock"]),
    ("extract", &["api"]),
    ("normalize", &["api", "fiscal"]),
    ("ledger", &["fiscal"]),
    ("einvoice", &["fiscal"]),
    ("reconcile", &["findings", "fiscal"]),
    ("submit", &["api", "einvoice", "fiscal"]),
    ("store", &["api", "credentials", "findings", "fiscal", "reconcile", "submit"]),
    ("report", &["credentials", "findings", "fiscal", "reconcile"]),
    ("deliver", &[]),
    ("server", &[]),
    ("webhook", &["api", "clock", "server", "store"]),
    ("config", &["crash", "deliver", "findings", "fiscal", "report", "schedule"]),
    (
        "worker",
        &[
            "api",
            "clock",
            "config",
            "credentials",
            "deliver",
            "einvoice",
            "extract",
            "findings",
            "fiscal",
            "ledger",
            "metrics",
            "normalize",
            "reconcile",
            "report",
            "schedule",
            "store",
            "submit",
            "telemetry",
        ],
    ),
    ("health", &["config", "worker"]),
    ("sandbox", &["clock"]),
    (
        "cli",
        &[
            "api",
            "clock",
            "config",
            "crash",
            "credentials",
            "deliver",
            "einvoice",
            "extract",
            "findings",
            "fiscal",
            "health",
            "ledger",
            "reconcile",
            "report",
            "sandbox",
            "schedule",
            "server",
            "store",
            "submit",
            "telemetry",
            "webhook",
            "worker",
        ],
    ),
];

/// Rooms that may see only one part of another.
const NARROW: &[(&str, &str)] = &[
    ("store", "reconcile::statement"),
    ("report", "reconcile::statement|tables"),
    ("config", "deliver::mail"),
    ("normalize", "api::wire"),
    // What is to be done at the provider is stored as it will be sent.
    ("store", "api::Request"),
];

/// Words, and the only files or folders of `src/` that may hold them.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("sqlx", &["store/"]),
    ("rusqlite", &["store/"]),
    // The room's error carries the engine's own.
    ("polars", &["reconcile/frame.rs", "reconcile/mod.rs"]),
    ("reqwest", &["api/"]),
    ("std::env", &["config/mod.rs", "config/trials.rs"]),
    ("lettre", &["deliver/"]),
    ("calamine", &["ledger/"]),
    ("axum", &["health.rs", "sandbox/", "server/", "webhook/"]),
    ("hyper", &["server/"]),
    ("rust_xlsxwriter", &["report/"]),
    ("governor", &["api/"]),
    ("clap", &["cli/"]),
    ("Utc::now", &["clock.rs"]),
];

/// Rooms that compute: they wait for nothing, and what they say depends on their input only.
const PURE: &[&str] = &[
    "fiscal",
    "schedule",
    "normalize",
    "reconcile",
    "findings",
    "credentials",
    "report",
    "submit",
];

/// Rooms in which money is counted, so that no float may stand in them.
const EXACT: &[&str] = &["fiscal", "reconcile", "findings", "store", "normalize", "submit"];

/// One file of `src/`, its comments and its tests taken out.
struct Source {
    name: String,
    code: String,
}

impl Source {
    fn room(&self) -> &str {
        self.name.split('/').next().unwrap().trim_end_matches(".rs")
    }
}

fn sources() -> Vec<Source> {
    let root = repository().join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    assert!(files.len() > 150, "only {} files were found", files.len());
    files
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            Source { name, code: lines.collect::<Vec<_>>().join("\n") }
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Returns what follows `crate::` at every place, two words deep; a group is taken apart.
fn uses(code: &str) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut found = BTreeSet::new();
    for (position, _) in code.match_indices("crate::") {
        let rest = &code[position + "crate::".len()..];
        let heads: Vec<&str> = match rest.strip_prefix('{') {
            Some(group) => split_group(group),
            None => vec![rest],
        };
        for head in heads {
            let room = word(head);
            let after = head[room.len()..].strip_prefix("::").unwrap_or_default();
            let parts = match after.strip_prefix('{') {
                Some(group) => split_group(group).into_iter().map(word).collect(),
                None => vec![word(after)],
            };
            found.extend(parts.into_iter().map(|part| format!("{room}::{part}")));
        }
    }
    found
}

/// Returns the members of a group, up to its closing brace.
fn split_group(group: &str) -> Vec<&str> {
    let mut members = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (position, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                members.push(group[start..position].trim());
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                members.push(group[start..position].trim());
                start = position + 1;
            }
            _ => {}
        }
    }
    members.retain(|member| !member.is_empty());
    members
}

fn has_word(code: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(position, _)| {
        let before = code[..position].chars().next_back();
        let after = code[position + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[test]
fn groups_and_paths_are_read_as_written() {
    let code = "use crate::api::{Client, wire::Receipt};\nuse crate::{clock, store::Tx};\n\
                let x = crate::fiscal::Amount::of(1);";
    let expected = ["api::Client", "api::wire", "clock::", "fiscal::Amount", "store::Tx"];
    assert_eq!(uses(code).into_iter().collect::<Vec<_>>(), expected);
    assert!(has_word("let a: f64 = 1.0", "f64") && !has_word("as_f64()", "f64"));
}

#[test]
fn rooms_use_only_what_stands_below_them() {
    let table: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in sources() {
        let room = source.room().to_owned();
        if room == "lib" || room == "main" {
            continue;
        }
        let allowed = table.get(room.as_str());
        let allowed = allowed.unwrap_or_else(|| panic!("the table has no room `{room}`"));
        for path in uses(&source.code) {
            let (other, part) = path.split_once("::").unwrap();
            if other == room {
                continue;
            }
            assert!(allowed.contains(&other), "{} uses `{other}`", source.name);
            used.entry(room.clone()).or_default().insert(other.to_owned());
            for (narrow, only) in NARROW.iter().filter(|(narrow, _)| *narrow == room) {
                let (whole, piece) = only.split_once("::").unwrap();
                assert!(
                    other != whole || piece.split('|').any(|piece| part == piece),
                    "{} uses `{path}`, but `{narrow}` may see `{only}` only",
                    source.name
                );
            }
        }
    }
    // What a room does not need any more leaves the table.
    for (room, allowed) in MAY_USE {
        let used = used.remove(*room).unwrap_or_default();
        let idle: Vec<_> = allowed.iter().filter(|other| !used.contains(**other)).collect();
        assert!(idle.is_empty(), "`{room}` does not use {idle:?} any more");
    }
}

#[test]
fn rooms_stand_in_no_circle() {
    let table: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    while done.len() < table.len() {
        let ready: Vec<&str> = table
            .iter()
            .filter(|(room, below)| {
                !done.contains(*room) && below.iter().all(|other| done.contains(other))
            })
            .map(|(room, _)| *room)
            .collect();
        assert!(!ready.is_empty(), "a circle among all but {done:?}");
        done.extend(ready);
    }
}

#[test]
fn foreign_words_stay_in_their_rooms() {
    let sources = sources();
    for (word, places) in ONLY_IN {
        let holders: Vec<&str> = sources
            .iter()
            .filter(|source| has_word(&source.code, word))
            .map(|source| source.name.as_str())
            .collect();
        assert!(!holders.is_empty(), "nobody says `{word}`: the rule proves nothing");
        let strangers: Vec<&&str> = holders
            .iter()
            .filter(|name| !places.iter().any(|place| name.starts_with(place)))
            .collect();
        assert!(strangers.is_empty(), "`{word}` stands in {strangers:?}");
    }
}

#[test]
fn computing_rooms_never_await() {
    for source in sources().iter().filter(|source| PURE.contains(&source.room())) {
        for word in ["async", "await", "tokio", "Clock"] {
            assert!(!has_word(&source.code, word), "{} says `{word}`", source.name);
        }
    }
}

#[test]
fn no_float_touches_money() {
    for source in sources().iter().filter(|source| EXACT.contains(&source.room())) {
        for word in ["f64", "f32", "Float64", "Float32"] {
            assert!(!has_word(&source.code, word), "{} says `{word}`", source.name);
        }
    }
}

#[test]
fn raw_documents_and_ledger_rows_are_insert_only() {
    for source in sources().iter().filter(|source| source.room() == "store") {
        let code = source.code.to_lowercase();
        // A file's own facts are filled in by the transaction that stores its rows.
        for table in ["raw_documents", "ledger_parts", "rejected_rows", "finding_events"] {
            for verb in ["update", "delete from"] {
                let statement = format!("{verb} {table}");
                assert!(!code.contains(&statement), "{}: `{statement}`", source.name);
            }
        }
    }
}

#[test]
fn files_stay_readable() {
    for source in sources() {
        let path = repository().join("src").join(&source.name);
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.starts_with("//!"), "{} has no first word", source.name);
        let lines = text.lines().count();
        assert!(lines <= 400, "{} has {lines} lines", source.name);
    }
}
