//! The task that delivers callbacks: one after the other, each in thirty seconds at most.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::callbacks::{Attempt, Callback, address};
use super::life;
use super::state::Shared;

/// How long a receiver may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How often documents are looked at while some of them live.
const TICK: Duration = Duration::from_millis(200);

/// The longest head of an answer that is read.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Delivers what is due, for as long as the server runs.
pub(super) async fn run(shared: Arc<Shared>) {
    loop {
        life::settle(&shared);
        let next = shared.books().outgoing.next_due(shared.now());
        if let Some(callback) = next {
            let attempt = attempt(&shared, &callback).await;
            let gap = shared.habits().pace.callback_retry_after_s;
            let gap = chrono::Duration::seconds(gap.into());
            shared.books().outgoing.attempted(&callback.id, attempt, gap);
            continue;
        }
        // A server in which nothing lives and nothing waits must not be woken for nothing.
        if shared.books().is_still() {
            shared.wake.notified().await;
        } else {
            drop(tokio::time::timeout(TICK, shared.wake.notified()).await);
        }
    }
}

async fn attempt(shared: &Shared, callback: &Callback) -> Attempt {
    let at = shared.now();
    let begin = Instant::now();
    let (status, error) = match tokio::time::timeout(TIMEOUT, post(callback)).await {
        Ok(Ok(status)) => (Some(status), None),
        Ok(Err(error)) => (None, Some(error.to_string())),
        Err(_) => (None, Some("no answer within 30 seconds".into())),
    };
    let elapsed_ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
    Attempt { at, status, error, elapsed_ms }
}

/// Sends one request over plain HTTP and returns the status of the answer.
async fn post(callback: &Callback) -> std::io::Result<u16> {
    let wrong = |what: &str| std::io::Error::new(std::io::ErrorKind::InvalidData, what);
    let (host, path) = address(&callback.url).ok_or_else(|| wrong("the address is none"))?;
    let mut stream = TcpStream::connect(host.as_str()).await?;
    stream.write_all(&request(callback, &host, &path)).await?;
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < HEAD_BYTES_MAX {
        if stream.read_buf(&mut head).await? == 0 {
            break;
        }
    }
    String::from_utf8_lossy(&head)
        .strip_prefix("HTTP/1.")
        .and_then(|rest| rest.split(' ').nth(1)?.get(..3)?.parse().ok())
        .ok_or_else(|| wrong("the answer is not HTTP"))
}

fn request(callback: &Callback, host: &str, path: &str) -> Vec<u8> {
    let (kind, body) = if callback.method == "POST" {
        let body = format!("{}={}", encoded(&callback.field), encoded(&callback.payload));
        ("application/x-www-form-urlencoded", body)
    } else {
        ("application/json", callback.payload.clone())
    };
    let mut head = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\
         user-agent: quadra-sandbox\r\nconnection: close\r\n",
        body.len()
    );
    for (name, value) in &callback.headers {
        // A header that would break out of its line is left out.
        let is_name = !name.is_empty()
            && name.bytes().all(|one| one.is_ascii_alphanumeric() || b"-_.".contains(&one));
        if is_name && !value.contains(['\r', '\n', '\0']) {
            head.extend([name.as_str(), ": ", value.as_str(), "\r\n"]);
        }
    }
    head.push_str("\r\n");
    [head.into_bytes(), body.into_bytes()].concat()
}

/// Writes a text as forms do.
fn encoded(text: &str) -> String {
    let mut form = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b' ' => form.push('+'),
            _ if byte.is_ascii_alphanumeric() || b"-_.*".contains(&byte) => {
                form.push(char::from(byte));
            }
            _ => form.extend(format!("%{byte:02X}").chars()),
        }
    }
    form
}
