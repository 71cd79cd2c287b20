//! Stands between client and sandbox and writes down when each request came.
//!
//! What goes through is not changed. The client sends the next request on a connection only
//! when it has the answer, and each fits into one packet, so one read is one request.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Forwards connections for as long as the benchmark runs.
pub(crate) struct Meter {
    pub(crate) base_url: String,
    arrived_at: Arc<Mutex<Vec<Instant>>>,
}

impl Meter {
    /// Returns a meter before the server at this address.
    pub(crate) fn start(base_url: &str) -> Self {
        let server = base_url.strip_prefix("http://").expect("the sandbox speaks HTTP").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound port has an address");
        let arrived_at = Arc::new(Mutex::new(Vec::new()));
        let stamps = Arc::clone(&arrived_at);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (server, stamps) = (server.clone(), Arc::clone(&stamps));
                thread::spawn(move || {
                    // A connection that breaks shows as a retry or a failure of the client.
                    drop(forward(&client, &server, &stamps));
                });
            }
        });
        Self { base_url: format!("http://{address}"), arrived_at }
    }

    fn stamps(&self) -> Vec<Instant> {
        self.arrived_at.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns how many requests came.
    pub(crate) fn requests(&self) -> usize {
        self.stamps().len()
    }

    /// Returns how much of a rate was used between the first and the last request.
    pub(crate) fn share_percent(&self, per_second: u32) -> f64 {
        let stamps = self.stamps();
        let gaps = u32::try_from(stamps.len() - 1).expect("there are few requests");
        let allowed = f64::from(gaps) / f64::from(per_second);
        let taken = stamps[stamps.len() - 1].duration_since(stamps[0]);
        100.0 * allowed / taken.as_secs_f64()
    }

    /// Returns the most requests that came within any one second.
    pub(crate) fn busiest_second(&self) -> usize {
        let stamps = self.stamps();
        let within = |from: usize| {
            let end = stamps[from] + Duration::from_secs(1);
            stamps[from..].iter().take_while(|at| **at < end).count()
        };
        (0..stamps.len()).map(within).max().unwrap_or_default()
    }
}

/// Carries one connection until either side ends it.
fn forward(client: &TcpStream, server: &str, stamps: &Mutex<Vec<Instant>>) -> std::io::Result<()> {
    let server = TcpStream::connect(server)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut answers, mut answered) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || {
        drop(std::io::copy(&mut answers, &mut answered));
        drop(answered.shutdown(Shutdown::Both));
    });
    let (mut from, mut to) = (client, &server);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut buffer)?;
        if length == 0 {
            return server.shutdown(Shutdown::Both);
        }
        if buffer.starts_with(b"GET ") {
            stamps.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
        }
        to.write_all(&buffer[..length])?;
    }
}
