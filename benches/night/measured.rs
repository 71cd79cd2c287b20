//! Runs the binary as its own process and measures what it took.
//!
//! Time is from start to exit. CPU seconds and peak memory are the kernel's own counts, read
//! from `/proc` while the process runs and once more when it has ended and was not yet
//! reaped; where there is no `/proc` they stay unknown.

use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, FixedOffset};
use serde_json::Value;

/// How often a running process is looked at; its peak memory only grows.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// The kernel's ticks a second in `/proc/…/stat`, on every machine that Linux runs on today.
const TICKS_PER_SECOND: f64 = 100.0;

/// Holds what one process took and said.
pub(crate) struct Measured {
    pub(crate) wall: Duration,
    pub(crate) cpu_seconds: Option<f64>,
    pub(crate) peak_kib: Option<u64>,
    pub(crate) is_success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Ends a process that was started here when nobody waits for it any more.
pub(crate) struct Started(pub(crate) Child);

impl Drop for Started {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

static BINARY: OnceLock<PathBuf> = OnceLock::new();

/// Says which binary is measured; the first word counts.
pub(crate) fn use_binary(path: &Path) {
    let path = path.canonicalize().expect("the binary is there");
    BINARY.get_or_init(|| path);
}

/// Returns the binary that is measured.
pub(crate) fn binary() -> &'static Path {
    BINARY.get().expect("the benchmark begins by saying which")
}

/// Returns the binary, to be run in a folder with nothing in its environment but a token.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(binary());
    command.current_dir(folder).env_clear().env("QUADRA__API__TOKEN", "benchmark");
    command.stdin(Stdio::null());
    command
}

/// Runs the binary with these arguments to its end, with its store in the folder.
pub(crate) fn quadra(folder: &Path, base_url: &str, arguments: &[&str]) -> Measured {
    let file = |name: &str| File::create(folder.join(name)).expect("the folder can be written to");
    let mut command = command(folder);
    command.args(arguments).arg("--set").arg(format!("api.base_url={base_url}"));
    command.stdout(file("stdout.txt")).stderr(file("stderr.txt"));
    let began = Instant::now();
    let mut started = Started(command.spawn().expect("the binary can be run"));
    let (cpu_seconds, peak_kib) = watch(started.0.id());
    let status = started.0.wait().expect("a child can be waited for");
    let wall = began.elapsed();
    let text = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
    Measured {
        wall,
        cpu_seconds,
        peak_kib,
        // 3 is part of the work done: a comparison of a period that is not closed.
        is_success: matches!(status.code(), Some(0 | 3)),
        stdout: text("stdout.txt"),
        stderr: text("stderr.txt"),
    }
}

/// Looks at a child until it has ended, and returns its CPU seconds and its peak memory.
fn watch(id: u32) -> (Option<f64>, Option<u64>) {
    let mut peak_kib = None;
    while let Ok(status) = fs::read_to_string(format!("/proc/{id}/status")) {
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|line| line.split_whitespace().next())
        };
        peak_kib = field("VmHWM:").and_then(|text| text.parse().ok()).or(peak_kib);
        if field("State:") == Some("Z") {
            break;
        }
        thread::sleep(LOOK_EVERY);
    }
    (cpu_seconds(id), peak_kib)
}

/// Returns the CPU seconds of this process so far.
pub(crate) fn own_cpu_seconds() -> Option<f64> {
    cpu_seconds(std::process::id())
}

fn cpu_seconds(id: u32) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name stands in brackets and may hold blanks; what follows is counted from there.
    let (_, fields) = stat.rsplit_once(") ")?;
    let ticks: Vec<&str> = fields.split_whitespace().collect();
    let seconds = |index: usize| Some(ticks.get(index)?.parse::<f64>().ok()? / TICKS_PER_SECOND);
    Some(seconds(11)? + seconds(12)?)
}

impl Measured {
    /// Returns the one JSON object that the command printed.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).expect("with `--json` commands print one object")
    }

    /// Returns a count in the printed object.
    pub(crate) fn count(&self, field: &str) -> u64 {
        self.json()[field].as_u64().expect("the field is a count")
    }

    /// Returns a count in the printed object, as a figure.
    pub(crate) fn count_f64(&self, field: &str) -> f64 {
        self.json()[field].as_f64().expect("the field is a count")
    }

    /// Returns the time from the first request for a page to the last page stored, by the log.
    pub(crate) fn reading_seconds(&self) -> Duration {
        let moments = |message: &str| -> Vec<DateTime<FixedOffset>> {
            let lines = self.stderr.lines().filter_map(|line| serde_json::from_str(line).ok());
            let said: Vec<Value> =
                lines.filter(|line: &Value| line["message"] == message).collect();
            let moment = |line: &Value| line["timestamp"].as_str().and_then(|at| at.parse().ok());
            said.iter().filter_map(moment).collect()
        };
        let first = moments("reading").into_iter().min();
        let last = moments("window read").into_iter().max();
        let span = first.zip(last).map(|(first, last)| last - first);
        span.and_then(|span| span.to_std().ok()).expect("the log names begin and end of windows")
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} s", self.wall.as_secs_f64())?;
        if let Some(seconds) = self.cpu_seconds {
            write!(f, ", CPU {seconds:.2} s")?;
        }
        Ok(())
    }
}
