//! `quadra run`: the two shipped jobs, from their inboxes to the report.

use crate::world::{World, with_filters};

const RECEIPTS: &str = "run nightly-receipts --period 2026-02";
const INVOICES: &str = "run nightly-invoices --period 2026-02";

/// Returns the summary after the report, with the folders it left.
fn night(world: &World, command: &str) -> String {
    let ran = world.quadra(&format!("{command} --quiet"));
    let code = ran.code.unwrap();
    let files = [world.files("inbox").join("\n"), world.files("out").join("\n")].join("\n");
    let summary = ran.since_line("run ");
    world.mask(&format!("$ quadra {command}\nexit code: {code}\n{summary}\n{files}"))
}

#[test]
fn shipped_jobs_go_from_inbox_to_report() {
    let world = World::demo();
    let shown = [night(&world, RECEIPTS), night(&world, INVOICES)].join("\n\n");
    with_filters(|| insta::assert_snapshot!(shown));
    assert_eq!(
        world.sql(
            "select group_concat(name || ' ' || outcome, ', ') from run_steps group by run_id"
        ),
        ["inbox done, pull done, reconcile done, report done, deliver done"; 2]
    );
    assert_eq!(world.sql("select verdict from runs"), ["breaks", "incomplete"]);
}

#[test]
fn second_night_changes_nothing() {
    let world = World::demo();
    world.quadra(RECEIPTS).expect(0);
    let (books, asked) = (world.books(), world.requests());
    let events = world.sql("select count(*) from finding_events");
    let shown = night(&world, RECEIPTS);
    with_filters(|| insta::assert_snapshot!(shown));
    assert_eq!(world.books(), books);
    assert_eq!(world.sql("select count(*) from finding_events"), events);
    assert!(world.requests() - asked < 15, "{}", world.requests() - asked);
}

#[test]
fn refused_file_waits_with_its_reason_until_corrected() {
    let world = World::demo();
    let inbox = "inbox/invoices/19044175016";
    world.write(&format!("{inbox}/registro-iva-vendite-2026-02.csv"), "Colonna A;Colonna B\n1;2\n");
    let refused = night(&world, INVOICES);
    let why =
        world.read("inbox/invoices/rejected/19044175016/registro-iva-vendite-2026-02.csv.txt");
    with_filters(|| insta::assert_snapshot!(format!("{refused}\n--- why\n{why}")));
    assert_eq!(world.sql("select verdict from runs"), ["incomplete"]);
    let state = "select state from findings where kind = 'file_rejected'";
    assert_eq!(world.sql(state), ["open"]);
    // The accountant leaves a good one of the same name.
    world.copy(
        "samples/ledgers/demo/19044175016/registro-iva-vendite-2026-02.csv",
        &format!("{inbox}/registro-iva-vendite-2026-02.csv"),
    );
    // The demo's books lack what one company received, so the night stays incomplete.
    world.quadra(INVOICES).expect(3);
    assert_eq!(world.sql(state), ["resolved"]);
    let open = "select kind from findings where kind like '%missing' and state = 'open'";
    assert_eq!(world.sql(open), ["ledger_missing"]);
}

#[test]
fn refused_file_of_nobody_is_resolved_too() {
    let world = World::demo();
    world.write("inbox/invoices/21177305022.csv", "");
    world.quadra(INVOICES).expect(3);
    let state = "select company || ' ' || state from findings where kind = 'file_rejected'";
    assert_eq!(world.sql(state), ["— open"]);
    // Its rows name their company, so the corrected one needs no folder.
    std::fs::rename(
        world.path("inbox/invoices/done/21177305022/ricevute-2026-02.csv"),
        world.path("inbox/invoices/21177305022.csv"),
    )
    .unwrap();
    world.quadra(INVOICES).expect(3);
    assert_eq!(world.sql(state), ["— resolved"]);
    assert_eq!(world.sql("select count(*) from refused_files where resolved_at is null"), ["0"]);
}

#[test]
fn same_empty_file_in_two_folders_is_refused_twice() {
    let world = World::demo();
    world.write("inbox/receipts/19044175016/vuoto.csv", "");
    world.write("inbox/receipts/21177305022/vuoto.csv", "");
    let ran = world.quadra(RECEIPTS).expect(3);
    assert!(ran.since_line("run ").contains("2 refused"), "{ran}");
    assert_eq!(
        world.sql("select company from findings where kind = 'file_rejected' order by 1"),
        ["19044175016", "21177305022"]
    );
}

#[test]
fn unknown_companies_never_stop_the_others() {
    let world = World::demo();
    let job = world.read("jobs/nightly-receipts.toml");
    let ids = "companies = [\"19044175016\", \"12345678903\"]\n[schedule]";
    world.write("jobs/nightly-receipts.toml", job.replace("[schedule]", ids));
    let ran = world.quadra(RECEIPTS).expect(3);
    assert_eq!(world.sql("select verdict from runs"), ["incomplete"], "{ran}");
    assert_eq!(
        world.sql("select kind from findings where company = '12345678903'"),
        ["coverage_missing"]
    );
    let others = world.sql("select count(*) from findings where company = '19044175016'");
    assert!(others[0].parse::<u32>().unwrap() > 5);
}

#[test]
fn night_without_api_is_never_good() {
    let mut world = World::demo();
    world.quadra(RECEIPTS).expect(0);
    let findings = world.sql("select count(*) from findings where state = 'open'");
    world.stop_sandbox();
    let ran = world.quadra(RECEIPTS).expect(3);
    let told = ran.since_line("run ");
    assert!(told.contains("pull: failed") && told.contains("hint: run again later"), "{ran}");
    assert_eq!(world.sql("select verdict from runs"), ["breaks", "incomplete"]);
    // Not having looked clears nothing.
    assert_eq!(world.sql("select count(*) from finding_events where event = 'resolved'"), ["0"]);
    let now: u32 =
        world.sql("select count(*) from findings where state = 'open'")[0].parse().unwrap();
    assert!(now > findings[0].parse().unwrap());
}

#[test]
fn first_night_without_api_is_never_good() {
    let mut world = World::demo();
    world.stop_sandbox();
    world.quadra(INVOICES).expect(3);
    assert_eq!(world.sql("select verdict from runs"), ["incomplete"]);
}

#[test]
fn dry_run_keeps_nothing() {
    let world = World::demo();
    world.quadra(RECEIPTS).expect(0);
    let (rows, asked) = (world.rows(), world.requests());
    world.copy("samples/errors/bad-amount.csv", "inbox/receipts/new.csv");
    let ran = world.quadra(&format!("{RECEIPTS} --dry-run --json")).expect(0);
    assert_eq!(ran.json()["verdict"], "breaks");
    assert_eq!(world.rows(), rows);
    assert_eq!(world.requests(), asked);
    assert!(world.path("inbox/receipts/new.csv").exists());
}

#[test]
fn two_jobs_share_an_inbox() {
    let world = World::demo();
    for job in ["nightly-receipts.toml", "nightly-invoices.toml"] {
        let text = world.read(&format!("jobs/{job}"));
        let text =
            text.replace("../inbox/receipts", "../all").replace("../inbox/invoices", "../all");
        world.write(&format!("jobs/{job}"), text);
    }
    std::fs::create_dir(world.path("all")).unwrap();
    for from in ["inbox/receipts/19044175016", "inbox/invoices/21177305022"] {
        let company = from.rsplit('/').next().unwrap();
        std::fs::rename(world.path(from), world.path("all").join(company)).unwrap();
    }
    let both = format!(
        "\"$QUADRA_BINARY\" {RECEIPTS} --quiet > one.txt & \
         \"$QUADRA_BINARY\" {INVOICES} --quiet > two.txt; two=$?; wait $!; echo $? $two"
    );
    let ran = world.bash(&both);
    assert!(!ran.stdout.contains('2'), "{ran}");
    assert_eq!(world.sql("select count(*) from ledger_files"), ["5"]);
    assert_eq!(world.files("all").len(), 5);
    assert!(world.files("all").iter().all(|file| file.starts_with("done/")));
}

#[test]
fn deadline_ends_the_asking_and_not_the_report() {
    use quadra::config::{Config, jobs::Job};
    use quadra::worker::{self, Context, Stopped};

    struct Silent;
    impl quadra::extract::Progress for Silent {
        fn window_started(&self, _: &quadra::extract::Window) {}
        fn page_read(&self, _: &quadra::extract::Window, _: quadra::extract::PageTally, _: u64) {}
        fn window_done(&self, _: &quadra::extract::WindowTally) {}
    }

    let world = World::demo();
    let token = ("QUADRA__API__TOKEN".to_owned(), "any".to_owned());
    let config = Config::load(Some(&world.path("quadra.toml")), [token], &[]).unwrap();
    let mut job = Job::load(&world.path("jobs/nightly-receipts.toml")).unwrap();
    // No file can say it, but it is the shortest deadline there is.
    job.deadline_minutes = 0;
    let outcome = world.runtime().block_on(async {
        let ctx = Context::open(config, quadra::clock::Clock::System).await.unwrap();
        let period = "2026-02".parse().unwrap();
        let never = || std::future::pending::<()>();
        let outcome = worker::run(&ctx, &job, period, &Silent, never).await.unwrap();
        ctx.store.close().await;
        outcome
    });
    let pulled = outcome.pull.unwrap();
    assert_eq!(pulled.stopped, Some(Stopped::Deadline { minutes: 0 }));
    assert!(!outcome.is_interrupted && !pulled.is_complete());
    assert_eq!(world.requests(), 0);
    assert_eq!(outcome.model.unwrap().verdict.as_str(), "incomplete");
    assert_eq!(outcome.posted.unwrap().sent, 1);
}

#[test]
fn file_still_being_written_stays_for_the_next_night() {
    let world = World::demo();
    let path = world.path("inbox/receipts/19044175016/incassi-2026-02.csv");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let writing = std::thread::spawn({
        let (path, whole) = (path.clone(), whole.clone());
        move || {
            for end in (whole.len() / 2..whole.len()).step_by(1.max(whole.len() / 60)) {
                std::fs::write(&path, &whole[..end]).unwrap();
                std::thread::sleep(std::time::Duration::from_millis(60));
            }
            std::fs::write(&path, &whole).unwrap();
        }
    });
    let ran = world.quadra(RECEIPTS).expect(3);
    writing.join().unwrap();
    let told = ran.since_line("run ");
    assert!(told.contains("left `incassi-2026-02.csv`: somebody is still writing it"), "{ran}");
    assert!(path.exists());
    world.quadra(RECEIPTS).expect(0);
    assert!(!path.exists());
}

#[test]
fn file_that_cannot_be_read_never_stops_the_others() {
    let world = World::demo();
    // A link to itself: there, and readable for nobody, not even for root.
    std::os::unix::fs::symlink("giro.csv", world.path("inbox/receipts/giro.csv")).unwrap();
    let ran = world.quadra(RECEIPTS).expect(3);
    let told = ran.since_line("run ");
    assert!(told.contains("3 files taken") && told.contains("left `giro.csv`"), "{ran}");
    assert_eq!(world.sql("select finished_at is null from runs"), ["0"]);
}

#[test]
fn company_that_fails_stops_no_other() {
    let world = World::demo();
    let night = |world: &World| {
        let ran = world.quadra(INVOICES);
        let open = "select company || ' ' || count(*) from findings where state = 'open' \
                    and kind <> 'coverage_missing' group by company order by 1";
        (ran, world.sql(open))
    };
    let (_, before) = night(&world);
    // Sums that no number of cents can hold: a proof of that company cannot be made.
    let ids = "select id from documents where kind = 'invoice' and company = '21177305022' \
               and direction = 'outgoing' and issue_date like '2026-02%' and lifecycle = 'issued' \
               order by id limit 2";
    let kept =
        world.sql(&format!("select id || ' ' || gross_cents from documents where id in ({ids})"));
    world.execute(&format!(
        "update documents set gross_cents = 9223372036854775807 where id in ({ids})"
    ));
    let (ran, during) = night(&world);
    assert_eq!(ran.code, Some(3), "{ran}");
    assert!(
        ran.stdout.contains("Officine Meccaniche Valdarno") && ran.stdout.contains("INCOMPLETO"),
        "{ran}"
    );
    assert!(ran.stdout.contains("too large to be money"), "{ran}");
    // Nobody looked whether its findings are over; those of the others are brought up to date.
    assert_eq!(during, before);
    let failed = "select company from findings where kind = 'coverage_missing' and state = 'open' \
                  and company = '21177305022'";
    assert_eq!(world.sql(failed), ["21177305022"]);
    assert_eq!(
        world.sql("select count(*) from statements where run_id = 2 and company = '21177305022'"),
        ["0"]
    );
    assert_ne!(world.sql("select count(*) from statements where run_id = 2"), ["0"]);
    for one in kept {
        let (id, cents) = one.split_once(' ').unwrap();
        world.execute(&format!("update documents set gross_cents = {cents} where id = {id}"));
    }
    let (_, after) = night(&world);
    assert_eq!(after, before);
    assert_eq!(world.sql(failed), [""; 0]);
    assert_eq!(world.sql("select distinct first_seen_on from findings").len(), 1);
}

#[test]
fn folder_of_an_unknown_company_is_never_passed_over() {
    let world = World::demo();
    std::fs::rename(
        world.path("inbox/receipts/19044175016"),
        world.path("inbox/receipts/12345678903"),
    )
    .unwrap();
    let ran = world.quadra(RECEIPTS).expect(3);
    assert!(ran.since_line("run ").contains("3 files taken"), "{ran}");
    assert_eq!(
        world.sql("select kind from findings where company = '12345678903'"),
        ["coverage_missing"]
    );
}

#[test]
fn crash_between_commit_and_move_is_mended() {
    let world = World::demo();
    let company = "19044175016";
    let name = "registro-iva-vendite-2026-02.csv";
    // Committed, not yet moved: what a crash leaves behind.
    world.quadra(&format!("upload inbox/invoices/{company}/{name} --company {company}")).expect(0);
    let entries = "select count(*) from ledger_entries where company = '19044175016'";
    let before = world.sql(entries);
    world.quadra(INVOICES).expect(3);
    assert_eq!(world.sql(entries), before);
    assert!(world.path(format!("inbox/invoices/done/{company}/{name}")).exists());
}

#[test]
fn nights_of_clock_changes_are_due_once() {
    let world = World::demo();
    let spring = "jobs next nightly-receipts --count 3 --after 2027-03-27T00:00:00Z";
    let autumn = "jobs next --count 2 --after 2026-10-24T12:00:00Z";
    let shown = [world.shown(spring), world.shown(autumn)].join("\n\n");
    with_filters(|| insta::assert_snapshot!(shown));
    let json = world.quadra(&format!("{spring} --json")).expect(0).json();
    assert_eq!(json["jobs"][0]["due"].as_array().unwrap().len(), 3);
}

#[test]
fn job_without_schedule_has_no_next() {
    let world = World::demo();
    let job = world.read("jobs/nightly-receipts.toml");
    world.write("jobs/nightly-receipts.toml", job.split("[schedule]").next().unwrap());
    with_filters(|| insta::assert_snapshot!(world.shown("jobs next nightly-receipts")));
    let listed = world.quadra("jobs list --json").expect(0).json();
    assert_eq!(listed["jobs"][1]["next"], serde_json::Value::Null);
}

#[test]
fn history_tells_each_step_and_why() {
    let mut world = World::demo();
    assert_eq!(world.quadra("jobs history").expect(0).stdout.trim(), "No run is on record yet.");
    world.quadra(RECEIPTS).expect(0);
    world.set("QUADRA__API__BASE_URL", "http://127.0.0.1:9");
    world.quadra(RECEIPTS).expect(3);
    let json = world.quadra("jobs history nightly-receipts --json").expect(0).json();
    let runs = json["runs"].as_array().unwrap();
    assert_eq!([&runs[0]["verdict"], &runs[1]["verdict"]], ["incomplete", "breaks"]);
    let pull = &runs[0]["steps"][1];
    assert_eq!([&pull["step"], &pull["outcome"]], ["pull", "failed"]);
    let shown = world.quadra("jobs history --count 1").expect(0).stdout;
    assert!(shown.contains("INCOMPLETE") && shown.contains("failed to connect"), "{shown}");
    let slip = world.quadra("jobs history nightly-receits").expect(2);
    assert!(slip.stderr.contains("nightly-receipts"), "{slip}");
}
