//! One night that does everything, in a world that can be laid out again and again.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use quadra::sandbox::Collection;
use serde_json::Value;

use crate::smtp::Sink;
use crate::switch::Switch;
use crate::world::{Ran, World, repository};

/// Due at six in Rome; a process that died is followed once its lease of three minutes is over.
const DUE: &str = "2026-03-10T05:00:30Z";
const LATER: [&str; 4] = [
    "2026-03-10T05:05:00Z",
    "2026-03-10T05:25:00Z",
    "2026-03-10T05:45:00Z",
    "2026-03-10T06:05:00Z",
];

const JOB: &str = r#"
kind = "invoices"
inbox = "../inbox/invoices"
import_inbox = "../inbox/import"
import_max_cost = "1.00"
steps = ["inbox", "import", "pull", "credentials", "reconcile", "report", "deliver", "prune"]
period = "2026-02"
formats = ["text", "html", "csv"]
recipients = ["anna@rossi.example"]
[schedule]
cron = "0 6 * * *"
"#;

/// A second job that ends well, so that the dead-man's switch is told.
const TIDY: &str = "kind = 'invoices'\nsteps = ['prune']\n[schedule]\ncron = '0 6 * * *'\n";

/// What a night leaves behind, without times and handles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct End {
    pub(super) store: Vec<String>,
    pub(super) files: Vec<String>,
    pub(super) report: String,
    pub(super) effects: BTreeMap<String, usize>,
    pub(super) mails: Vec<String>,
    pub(super) metrics: Vec<String>,
    pub(super) is_pinged: bool,
    pub(super) is_doubt_said: bool,
}

impl End {
    pub(super) fn is_mail_unknown(&self) -> bool {
        self.store.iter().any(|line| line.starts_with("delivery mail unknown"))
    }

    /// Tells whether an import was claimed and nobody knows whether it left.
    pub(super) fn is_import_unknown(&self) -> bool {
        self.store.iter().any(|line| line.starts_with("intent ") && line.ends_with(" unknown"))
    }

    /// Leaves out what says how the mail ended.
    pub(super) fn without_mail_state(mut self) -> Self {
        self.store
            .retain(|line| !line.starts_with("delivery mail") && !line.starts_with("step deliver"));
        self.metrics.retain(|line| !line.contains("outbox"));
        self
    }
}

pub(super) struct Night {
    world: World,
    sink: Sink,
    switch: Switch,
    company: String,
}

impl Night {
    pub(super) fn new() -> Self {
        let mut world = World::small();
        let sink = world.runtime().block_on(Sink::open());
        world.set("QUADRA__MAIL__HOST", "127.0.0.1");
        world.set("QUADRA__MAIL__PORT", &sink.port.to_string());
        world.set("QUADRA__MAIL__SECURITY", "none");
        world.set("QUADRA__MAIL__FROM", "quadra@rossi.example");
        let raw = world.handle().all(Collection::Configurations).remove(0);
        let one: Value = serde_json::from_str(&raw).unwrap();
        let company = one["fiscal_id"].as_str().unwrap().to_owned();
        world.write("jobs/night.toml", JOB);
        world.write("jobs/tidy.toml", TIDY);
        let switch = Switch::open(&world);
        world.configure(&format!(
            "[watch]\nmetrics_file = \"metrics/quadra.prom\"\n\
             ping_url = \"http://127.0.0.1:{}/done\"",
            switch.port
        ));
        Self { world, sink, switch, company }
    }

    /// Lays everything out as before the night.
    pub(super) fn begin(&mut self) {
        for folder in ["inbox", "out", "metrics"] {
            let _ = std::fs::remove_dir_all(self.world.path(folder));
        }
        for name in self.world.files(".") {
            if name.starts_with("quadra.db") {
                std::fs::remove_file(self.world.path(name)).unwrap();
            }
        }
        self.world.handle().forget().unwrap();
        self.sink.forget();
        self.switch.forget();
        let books = "samples/ledgers/demo/19044175016/registro-iva-vendite-2026-02.csv";
        self.lay(&format!("inbox/invoices/{}/registro.csv", self.company), |world, name| {
            world.copy(books, name)
        });
        self.lay("inbox/invoices/vuoto.csv", |world, name| world.write(name, ""));
        let sample = repository().join("samples/einvoices/IT33401825030_00001.xml");
        let invoice = std::fs::read_to_string(sample).unwrap();
        let invoice = invoice.replace("33401825030", &self.company).replace(">12/A<", ">900/X<");
        self.lay("inbox/import/one.xml", |world, name| world.write(name, &invoice));
        // The job is seen for the first time the evening before: from then on it is due.
        self.start("2026-03-09T20:00:00Z", &[]).expect(0);
    }

    /// Writes a file that is old enough to be whole.
    fn lay(&self, name: &str, write: impl FnOnce(&World, &str) -> PathBuf) {
        let file = std::fs::File::open(write(&self.world, name)).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000))
            .unwrap();
    }

    fn start(&self, clock: &str, orders: &[(&str, &str)]) -> Ran {
        let mut command = self.world.command(env!("CARGO_BIN_EXE_quadra"));
        command.args(["run", "--due", "--quiet"]).env("QUADRA_CLOCK", clock);
        command.envs(orders.iter().copied());
        Ran::of(&command.output().unwrap())
    }

    /// Runs a night to its end; returns what it leaves and every place it passes.
    pub(super) fn clean(&mut self) -> (End, Vec<String>) {
        self.begin();
        let log = self.world.path("places");
        let _ = std::fs::remove_file(&log);
        let ran = self.start(DUE, &[("QUADRA_CRASH_LOG", log.to_str().unwrap())]);
        assert!(ran.stdout.contains("run 1:"), "{ran}");
        let places = std::fs::read_to_string(&log).unwrap();
        let end = self.go_on();
        // The warning of the watch and the report.
        assert_eq!(end.mails.len(), 2, "{ran}");
        assert_eq!(end.effects.len(), 1, "{:?}", end.effects);
        (end, places.lines().map(str::to_owned).collect())
    }

    pub(super) fn die_at(&self, place: &str) -> Ran {
        self.start(DUE, &[("QUADRA_CRASH_AT", place)])
    }

    /// Kills the process after a while; false when it had ended by then.
    pub(super) fn kill_after(&self, moment: Duration) -> bool {
        let mut command = self.world.command(env!("CARGO_BIN_EXE_quadra"));
        command.args(["run", "--due", "--quiet"]).env("QUADRA_CLOCK", DUE);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(moment);
        let is_alive = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        child.wait().unwrap();
        is_alive
    }

    /// Starts again as the timer would, until nothing is due.
    pub(super) fn go_on(&self) -> End {
        let mut said = String::new();
        for clock in LATER {
            let ran = self.start(clock, &[]);
            if ran.stdout.contains("Nothing is due.") {
                return self.end(said.contains("may have arrived"));
            }
            said.push_str(&ran.to_string());
        }
        panic!("it never ended: {said}");
    }

    /// Asks after what is open as the next runs do, a few minutes apart.
    pub(super) fn ask_again(&self) -> End {
        for clock in ["2026-03-10T06:10:00Z", "2026-03-10T06:20:00Z", "2026-03-10T06:30:00Z"] {
            let mut command = self.world.command(env!("CARGO_BIN_EXE_quadra"));
            command.args(["submit"]).env("QUADRA_CLOCK", clock).output().unwrap();
        }
        self.end(false)
    }

    fn end(&self, is_doubt_said: bool) -> End {
        let world = &self.world;
        let store = [
            "select 'raw ' || resource || ' ' || count(*) from raw_documents group by resource",
            "select 'document ' || kind || ' ' || coalesce(number, '') || ' ' || status || ' ' || coalesce(gross_cents, '') from documents order by 1",
            // How the days are cut into windows is left to what was read when; that all are read is not.
            "select 'windows ' || resource || ' ' || min(from_on) || ' ' || max(to_on) || ' ' || group_concat(distinct state) from windows group by resource",
            "select 'ledger ' || file_name || ' ' || rows_stored || ' ' || (select count(*) from ledger_entries as e where e.file_id = f.id) from ledger_files as f order by 1",
            "select 'refused ' || file_name || ' ' || coalesce(resolved_at, '') from refused_files order by 1",
            "select 'finding ' || kind || ' ' || state || ' ' || at_risk_cents from findings order by 1",
            "select 'event ' || f.kind || ' ' || e.event || ' ' || e.at_risk_cents from finding_events as e join findings as f on f.id = e.finding_id order by 1",
            "select 'run ' || job || ' ' || coalesce(verdict, '') || ' ' || (finished_at is not null) from runs order by id",
            "select 'step ' || name || ' ' || outcome from run_steps order by run_id, position",
            "select 'statement ' || kind || direction || basis || ' ' || verdict from statements order by 1",
            "select 'delivery ' || channel || ' ' || state || ' ' || subject from deliveries order by 1",
            "select 'intent ' || kind || ' ' || state from intents order by 1",
            "select 'import ' || number || ' ' || direction from imports order by 1",
            "select 'due ' || job || ' ' || state || ' ' || due_at from due_runs order by 1",
            "select 'warning ' || subject || ' ' || level from warnings order by 1",
        ];
        // Times and the day's requests differ, since a death has its price.
        let metrics = world.read("metrics/quadra.prom");
        let is_same = |line: &&str| !line.contains("timestamp") && !line.contains("requests");
        let metrics = metrics.lines().filter(is_same).map(str::to_owned).collect();
        assert!(self.switch.heard().len() <= 2, "told thrice: {:?}", self.switch.heard());
        let report = world.read("out/quadra-night-2026-02.txt");
        let report: Vec<&str> =
            report.lines().filter(|line| !line.starts_with("Eseguita il")).collect();
        let mut effects = BTreeMap::new();
        for effect in world.handle().effects() {
            *effects.entry(format!("{:?} {}", effect.kind, effect.key)).or_default() += 1;
        }
        let subject = |mail: &Vec<u8>| {
            let text = String::from_utf8_lossy(mail).into_owned();
            text.lines().find(|line| line.starts_with("Subject:")).unwrap_or_default().to_owned()
        };
        let mut mails: Vec<String> =
            self.sink.heard_so_far().messages.iter().map(subject).collect();
        mails.sort();
        End {
            store: store.iter().flat_map(|query| world.sql(query)).collect(),
            files: ["out", "inbox", "metrics"].map(|folder| world.files(folder)).concat(),
            report: report.join("\n"),
            effects,
            mails,
            metrics,
            is_pinged: !self.switch.heard().is_empty(),
            is_doubt_said,
        }
    }

    /// Copies the store in a process of its own; returns how it ended and the places it passed.
    pub(super) fn backup(&self, orders: &[(&str, &str)]) -> (Ran, Vec<String>) {
        let _ = std::fs::remove_file(self.world.path("copy.db"));
        let log = self.world.path("places");
        let _ = std::fs::remove_file(&log);
        let mut command = self.world.command(env!("CARGO_BIN_EXE_quadra"));
        command.args(["store", "backup", "copy.db"]).env("QUADRA_CRASH_LOG", &log);
        let ran = Ran::of(&command.envs(orders.iter().copied()).output().unwrap());
        let places = std::fs::read_to_string(&log).unwrap();
        (ran, places.lines().map(str::to_owned).collect())
    }

    /// Kills a backup after a while, and tells whether there is none then.
    pub(super) fn kill_backup_after(&self, moment: Duration) -> bool {
        let _ = std::fs::remove_file(self.world.path("copy.db"));
        let mut command = self.world.command(env!("CARGO_BIN_EXE_quadra"));
        command.args(["store", "backup", "copy.db"]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        std::thread::sleep(moment);
        child.kill().unwrap();
        child.wait().unwrap();
        let is_there = self.world.path("copy.db").exists();
        self.backup_is_whole_or_missing(is_there);
        !is_there
    }

    /// Holds that the copy is there whole, or not at all, and that the next backup succeeds.
    pub(super) fn backup_is_whole_or_missing(&self, is_there: bool) {
        let copy = self.world.path("copy.db");
        assert_eq!(copy.exists(), is_there);
        if is_there {
            self.world.quadra("store verify --set store.url=sqlite://copy.db").expect(0);
            std::fs::remove_file(&copy).unwrap();
        }
        self.world.quadra("store backup copy.db").expect(0);
        assert!(!self.world.path("copy.db.partial").exists());
        self.world.quadra("store verify --set store.url=sqlite://copy.db").expect(0);
        self.world.quadra("store verify").expect(0);
    }
}
