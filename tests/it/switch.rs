//! A dead-man's switch on this machine: answers every request with a success, and remembers it.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::world::World;

/// A switch that listens as long as its world's runtime lives.
pub(crate) struct Switch {
    pub(crate) port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Switch {
    pub(crate) fn open(world: &World) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ears = Arc::clone(&heard);
        let listener = world.runtime().block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        world.runtime().spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut bytes = vec![0; 4_096];
                // Whoever hangs up before it asked has asked nothing.
                let Ok(length) = stream.read(&mut bytes).await else { continue };
                let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
                ears.lock().unwrap().push(text);
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nOK";
                let _ = stream.write_all(answer).await;
            }
        });
        Self { port, heard }
    }

    /// Returns the requests that were heard, heads included.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// Forgets what was heard.
    pub(crate) fn forget(&self) {
        self.heard.lock().unwrap().clear();
    }
}
