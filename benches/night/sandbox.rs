//! The well-behaved sandbox as a process of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::measured::{Started, command};

/// Serves documents until it is dropped.
pub(crate) struct Sandbox {
    pub(crate) base_url: String,
    _started: Started,
}

impl Sandbox {
    /// Starts a sandbox with one company and waits until it answers.
    pub(crate) fn start(folder: &Path, options: &[&str]) -> Self {
        let mut command = command(folder);
        command.args(["sandbox", "--port", "0", "--well-behaved", "--companies", "1", "--json"]);
        command.args(options).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut started = Started(command.spawn().expect("the binary can be run"));
        let stdout = started.0.stdout.take().expect("its stdout was piped");
        // The object runs over several lines; the address stands in quotes on one of them.
        let base_url = BufReader::new(stdout)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                line.split('"').find(|part| part.starts_with("http://")).map(Into::into)
            })
            .expect("the sandbox says where it listens");
        Self { base_url, _started: started }
    }
}

/// Returns the `data` of one answer of the sandbox.
pub(crate) fn data(base_url: &str, target: &str) -> Vec<Value> {
    let host = base_url.strip_prefix("http://").expect("the sandbox speaks HTTP");
    let mut stream = TcpStream::connect(host).expect("the sandbox accepts connections");
    // In the old version of HTTP an answer ends where the connection does.
    let request =
        format!("GET {target} HTTP/1.0\r\nHost: {host}\r\nAuthorization: Bearer any\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("the sandbox reads requests");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the sandbox answers whole");
    let (_, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    let mut envelope: Value = serde_json::from_str(body).expect("the sandbox answers in JSON");
    serde_json::from_value(envelope["data"].take()).expect("a list has a list of data")
}
