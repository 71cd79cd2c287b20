//! A small SMTP server that takes mail, and can be told where to misbehave.
//!
//! It shares nothing with the client under test. A place is a command's beginning (`MAIL`,
//! `RCPT TO:<b@…>`), `CONNECT` before the greeting, `BODY` after DATA was answered, or
//! `DOT` once the whole message has arrived.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the server does at a place instead of the usual.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    Say(&'static str),
    SayAfter(u64, &'static str),
    Cut,
    Hang,
}

/// What the server heard; a message without its final dot.
#[derive(Default, Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) commands: Vec<String>,
    pub(crate) messages: Vec<Vec<u8>>,
}

pub(crate) struct Sink {
    pub(crate) port: u16,
    heard: Arc<Mutex<Heard>>,
    task: JoinHandle<()>,
}

impl Sink {
    pub(crate) async fn start(acts: &[(&'static str, Act)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let (acts, ears) = (acts.to_vec(), Arc::clone(&heard));
        #[expect(clippy::disallowed_methods, reason = "the server of a test")]
        let task = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            // The client may hang up at any time: that ends the talk, not the test.
            let _ = Talk { stream: BufReader::new(stream), acts, heard: ears }.run().await;
        });
        Self { port, heard, task }
    }

    /// Listens for as many talks as come, one after the other or at once.
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let ears = Arc::clone(&heard);
        #[expect(clippy::disallowed_methods, reason = "the server of a test")]
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let talk =
                    Talk { stream: BufReader::new(stream), acts: vec![], heard: Arc::clone(&ears) };
                tokio::spawn(async move { drop(talk.run().await) });
            }
        });
        Self { port, heard, task }
    }

    /// Forgets what was heard.
    pub(crate) fn forget(&self) {
        *self.heard.lock().unwrap() = Heard::default();
    }

    /// Returns what was heard so far, without waiting for anybody.
    pub(crate) fn heard_so_far(&self) -> Heard {
        self.heard.lock().unwrap().clone()
    }

    /// Waits for the end of the talk and returns what was heard.
    pub(crate) async fn heard(self) -> Heard {
        self.task.await.unwrap();
        self.heard.lock().unwrap().clone()
    }

    /// Stops listening and returns the port, on which nobody answers now.
    pub(crate) async fn stop(self) -> u16 {
        self.task.abort();
        let _ = self.task.await;
        self.port
    }
}

const EHLO_REPLY: &str = "250-sink\r\n250 AUTH PLAIN LOGIN";

struct Talk {
    stream: BufReader<TcpStream>,
    acts: Vec<(&'static str, Act)>,
    heard: Arc<Mutex<Heard>>,
}

/// The talk is over, by the one side or the other.
struct Over;

impl From<std::io::Error> for Over {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

impl Talk {
    async fn run(mut self) -> Result<(), Over> {
        self.answer("CONNECT", "220 sink ready").await?;
        loop {
            let line = String::from_utf8_lossy(&self.line().await?).trim_end().to_owned();
            self.heard.lock().unwrap().commands.push(line.clone());
            match line.split([' ', ':']).next().unwrap_or_default() {
                "EHLO" => self.answer(&line, EHLO_REPLY).await?,
                "AUTH" => self.answer(&line, "235 welcome").await?,
                "DATA" => {
                    self.answer(&line, "354 go on").await?;
                    self.message().await?;
                }
                "QUIT" => return self.answer(&line, "221 goodbye").await,
                _ => self.answer(&line, "250 fine").await?,
            }
        }
    }

    async fn message(&mut self) -> Result<(), Over> {
        if self.acts.iter().any(|(place, _)| *place == "BODY") {
            return self.answer("BODY", "").await;
        }
        let mut message = Vec::new();
        loop {
            let line = self.line().await?;
            match line.as_slice() {
                b".\r\n" => break,
                [b'.', rest @ ..] => message.extend_from_slice(rest),
                line => message.extend_from_slice(line),
            }
        }
        // A message counts as taken unless it is refused in plain words.
        let place = self.acts.iter().find(|(place, _)| *place == "DOT");
        if !matches!(place, Some((_, Act::Say(reply))) if reply.starts_with(['4', '5'])) {
            self.heard.lock().unwrap().messages.push(message);
        }
        self.answer("DOT", "250 queued as 42").await
    }

    async fn line(&mut self) -> Result<Vec<u8>, Over> {
        let mut line = Vec::new();
        match self.stream.read_until(b'\n', &mut line).await? {
            0 => Err(Over),
            _ => Ok(line),
        }
    }

    /// Says the usual, or does what was asked for at this place.
    async fn answer(&mut self, place: &str, usual: &str) -> Result<(), Over> {
        let act = self.acts.iter().find(|(wanted, _)| place.starts_with(wanted));
        let reply = match act.map(|(_, act)| *act) {
            None => usual,
            Some(Act::Say(reply)) => reply,
            Some(Act::SayAfter(delay_ms, reply)) => {
                tokio::time::sleep(Duration::from_millis(delay_ms)).await;
                reply
            }
            Some(Act::Cut) => return Err(Over),
            Some(Act::Hang) => std::future::pending().await,
        };
        self.stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
        Ok(())
    }
}
