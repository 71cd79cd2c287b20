//! `quadra serve` as a process of its own, for the tests of what it does all day.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::world::World;

/// A process that serves until it is told to end; dropped, it is killed.
pub(super) struct Serving {
    child: Child,
    /// What it said it serves, a line each.
    pub(super) said: Vec<String>,
}

/// What a process left behind when it ended.
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    /// Starts it as of a clock, and waits until it said what it serves.
    pub(super) fn start(world: &World, clock: &str) -> Self {
        let mut command = world.command("bash");
        // A file over a limit is an error to the process, and not its end.
        command.args(["-c", "trap '' XFSZ; exec \"$QUADRA_BINARY\" serve"]);
        command.env("QUADRA_CLOCK", clock);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = Vec::new();
        let stdout = child.stdout.as_mut().unwrap();
        // The jobs are named last. Nothing is read ahead, so that the rest is there at the end.
        while said.last().is_none_or(|line: &String| !line.starts_with("schedule of ")) {
            let mut line = String::new();
            while !line.ends_with('\n') {
                let mut byte = [0];
                stdout.read_exact(&mut byte).unwrap_or_else(|_| panic!("it ended: {said:?}"));
                line.push(char::from(byte[0]));
            }
            said.push(line.trim_end().to_owned());
        }
        Self { child, said }
    }

    /// Returns the address that it told, without a path.
    pub(super) fn address(&self) -> String {
        let line = self.said.iter().find(|line| line.starts_with("/healthz and /metrics at "));
        line.unwrap().rsplit_once(' ').unwrap().1.to_owned()
    }

    /// Kills it as a power cut does.
    pub(super) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Lets no file of the process grow beyond so many bytes, as on a full disk.
    pub(super) fn limit_files(&self, bytes: &str) {
        let (id, limit) = (self.child.id().to_string(), format!("--fsize={bytes}:unlimited"));
        let set = Command::new("prlimit").args(["--pid", &id, &limit]).status().unwrap();
        assert!(set.success());
    }

    /// Sends a signal by its name.
    pub(super) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// Asks it to stop and waits for its end, which must come soon.
    pub(super) fn stop(mut self) -> Ended {
        self.signal("-TERM");
        let started = Instant::now();
        let code = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status.code();
            }
            assert!(started.elapsed() < Duration::from_secs(10), "it does not stop");
            std::thread::sleep(Duration::from_millis(10));
        };
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        Ended { code, stdout, stderr }
    }
}

/// Waits until something holds.
pub(super) fn until(what: &str, holds: impl Fn() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(30), "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
