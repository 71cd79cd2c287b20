//! A store that cannot be opened, and disks that are full or closed.

use crate::world::{World, with_filters};

#[test]
fn file_that_is_no_store_is_left_alone() {
    let world = World::small();
    let text = "this is no database, but a text of some length\n".repeat(40);
    world.write("quadra.db", &text);
    with_filters(|| insta::assert_snapshot!(world.shown("pull all")));
    assert_eq!(world.read("quadra.db"), text);
    assert_eq!(world.requests(), 0);
}

#[test]
fn store_of_a_newer_quadra_is_left_alone() {
    let world = World::small();
    world.quadra("pull configurations").expect(0);
    world.execute(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
         values (9999, 'from the future', 1, x'00', 1)",
    );
    let before = world.rows();
    with_filters(|| insta::assert_snapshot!(world.shown("pull all")));
    assert_eq!(world.rows(), before);
}

#[test]
fn missing_folder_of_the_store_is_named() {
    let world = World::small();
    let shown = world.shown("pull all --set store.url=sqlite://nowhere/quadra.db");
    with_filters(|| insta::assert_snapshot!(shown));
}

/// Runs a command whose files may not grow past so many KiB.
fn with_small_disk(world: &World, kib: u32, command: &str) -> crate::world::Ran {
    world.bash(&format!("trap '' XFSZ; ulimit -f {kib}; exec \"$QUADRA_BINARY\" {command}"))
}

#[test]
fn full_disk_in_a_pull_keeps_whole_pages() {
    let world = World::small();
    world.quadra("pull configurations").expect(0);
    // Well below what a pull writes: at the store's own size it once found room for everything.
    let limit = std::fs::metadata(world.path("quadra.db")).unwrap().len() / 1024 / 2;
    let ran = with_small_disk(&world, u32::try_from(limit).unwrap(), "pull all --period 2026-02");
    assert_eq!(ran.code, Some(3), "{ran}");
    assert!(ran.stderr.contains("the disk is full"), "{ran}");
    assert!(ran.stderr.contains("hint: free some space"), "{ran}");
    // A document is there with its raw body or not at all.
    let integrity = "select integrity_check from pragma_integrity_check";
    assert_eq!(world.sql(integrity), ["ok"]);
    world.quadra("pull all --period 2026-02").expect(0);
    assert_eq!(world.sql("select count(*) from documents"), ["72"]);
    assert_eq!(
        world.sql("select count(*) from raw_documents where resource <> 'configurations'"),
        ["72"]
    );
}

#[test]
fn full_disk_at_an_upload_stores_nothing_of_it() {
    let world = World::new();
    world.quadra("check --offline");
    let before = world.rows();
    let mut text =
        "Numero documento;Data documento;Partita IVA;Cliente;Imponibile;IVA;Totale documento\n"
            .to_owned();
    let row = ";03/02/2026;20041115203;Trattoria da Gigi;100,00;22,00;122,00\n";
    text.extend((1..4_000).map(|number| number.to_string() + row));
    world.write("vendite.csv", text);
    let limit = std::fs::metadata(world.path("quadra.db")).unwrap().len() / 1024 + 100;
    let upload = "upload vendite.csv --company 01234567897";
    let ran = with_small_disk(&world, u32::try_from(limit).unwrap(), upload);
    assert_eq!(ran.code, Some(3), "{ran}");
    assert!(ran.stderr.contains("the disk is full"), "{ran}");
    assert_eq!(world.rows(), before);
    world.quadra(upload).expect(0);
    assert_eq!(world.sql("select count(*) from ledger_entries"), ["3999"]);
}

#[test]
fn new_store_on_a_full_disk_is_told() {
    let world = World::small();
    let ran = with_small_disk(&world, 0, "pull all");
    assert_eq!(ran.code, Some(3), "{ran}");
    assert!(ran.stderr.contains("the disk is full"), "{ran}");
    world.quadra("pull all --period 2026-02").expect(0);
}

#[test]
fn reports_into_a_full_disk_wait_for_the_next_run() {
    let world = World::demo();
    let job = "run nightly-receipts --period 2026-02 --quiet";
    // A disk of 64 KiB, seen by this one command only.
    let script = format!(
        "mkdir -p out && unshare --user --map-root-user --mount bash -c \
         'mount -t tmpfs -o size=64k tmpfs out || exit 77; exec \"$QUADRA_BINARY\" {job}'"
    );
    let ran = world.bash(&script);
    if matches!(ran.code, Some(1 | 77)) {
        eprintln!("full disk: skipped, no small disk can be mounted here: {ran}");
        return;
    }
    assert_eq!(ran.code, Some(3), "{ran}");
    assert!(ran.since_line("run ").contains("no space is left"), "{ran}");
    assert_eq!(world.sql("select state from deliveries"), ["queued"]);
    world.quadra(job);
    assert_eq!(world.sql("select distinct state from deliveries"), ["sent"]);
    assert!(!world.files("out").is_empty());
}

#[test]
fn night_on_a_full_disk_fails_and_the_next_start_completes_it() {
    let due = "select state || ' ' || fence from due_runs where fence > 0";
    let facts = |world: &World| {
        [
            world.sql("select kind || ' ' || count(*) from documents group by kind"),
            world.sql("select count(*) from raw_documents"),
            world.sql("select file_name || ' ' || rows_stored from ledger_files order by 1"),
            world.sql("select fingerprint || state || at_risk_cents from findings order by 1"),
            world.sql("select verdict from runs order by id desc limit 1"),
            world.sql("select channel || ' ' || state from deliveries"),
        ]
    };
    let night = |world: &mut World, clock: &str| {
        world.set("QUADRA_CLOCK", clock);
        world.quadra("run nightly-receipts --due --quiet")
    };
    let mut clean = World::demo();
    night(&mut clean, "2026-02-28T12:00:00Z").expect(0);
    night(&mut clean, "2026-03-01T04:15:10Z").expect(0);
    let mut world = World::demo();
    night(&mut world, "2026-02-28T12:00:00Z").expect(0);
    // Each try gets further than the one before, and no file may grow beyond so many KiB; a
    // quarter of an hour lies between them.
    let began = u32::try_from(std::fs::metadata(world.path("quadra.db")).unwrap().len()).unwrap();
    let mut said = Vec::new();
    for (minutes, more) in [("04:15", 8), ("04:31", 100), ("04:47", 600)] {
        world.set("QUADRA_CLOCK", &format!("2026-03-01T{minutes}:10Z"));
        let kib = began / 1_024 + more;
        let ran = with_small_disk(&world, kib, "run nightly-receipts --due --quiet");
        assert_eq!(ran.code, Some(3), "{ran}");
        let told = ran.to_string();
        assert!(told.contains("the disk is full") || told.contains("no space is left"), "{ran}");
        assert!(told.contains("free some space"), "{ran}");
        said.push(told);
        let state = world.sql(due);
        eprintln!("full disk: with {kib} KiB the due time is {state:?}");
        world.quadra("store verify").expect(0);
    }
    let after = night(&mut world, "2026-03-01T05:03:10Z").expect(0);
    let due = world.sql(due);
    assert!(due[0].starts_with("done"), "{due:?} {after}");
    assert_eq!(facts(&world), facts(&clean), "{said:?}");
    assert_eq!(world.files("out"), clean.files("out"));
    assert_eq!(world.files("inbox"), clean.files("inbox"));
    assert_eq!(night(&mut world, "2026-03-01T06:55:10Z").expect(0).stdout, "Nothing is due.\n");
    world.quadra("store verify").expect(0);
}

#[test]
fn output_folder_that_is_a_file_is_named() {
    let world = World::small();
    world.quadra("pull all --period 2026-02 --quiet").expect(0);
    world.write("taken", "a file");
    let shown = world.shown("report --period 2026-02 --kind receipts --out taken");
    with_filters(|| insta::assert_snapshot!(shown));
}
