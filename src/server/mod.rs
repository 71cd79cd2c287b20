//! Serves HTTP to whoever may come, within limits.
//!
//! In comes a router, out go answers, until somebody asks to stop; then nothing new is taken and
//! what is in hand is answered. A stranger can neither hold the process up nor fill it: so many
//! connections at once and no more, a head that must be there in time and fit its buffer, and an
//! end for every connection. A connection serves one request: who calls us calls seldom, and a
//! connection that is kept open is one that somebody else cannot have.
//!
//! Absent on purpose: TLS and names of hosts, which a reverse proxy in front has, and any path.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// The longest head of a request, which is refused with 431 beyond.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// How long nothing is taken after the system had no file descriptor left.
const PAUSE: Duration = Duration::from_secs(1);

/// Says how much of the process a stranger can have.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at once; more wait in the system's queue.
    pub connections_max: usize,
    /// How long a request's head may take to arrive.
    pub head_timeout: Duration,
    /// How long a body may take to arrive; the router sees to it, and to its length.
    pub body_timeout: Duration,
    /// The longest body: some fifty times a usual callback.
    pub body_bytes_max: usize,
    /// How long a connection may last, from its first byte to the last one of its answer.
    pub connection_timeout: Duration,
    /// How long requests in hand may take once the server was asked to stop.
    pub stop_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 64,
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            body_bytes_max: 256 * 1024,
            connection_timeout: Duration::from_mins(1),
            stop_timeout: Duration::from_secs(10),
        }
    }
}

/// Says why nothing can be served.
#[derive(Debug, Error)]
pub enum Error {
    /// The address cannot be opened, mostly because somebody else has it.
    #[error("failed to listen on `{address}`")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// Is a server whose port is open.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    limits: Limits,
}

impl Server {
    /// Opens the port; nothing is answered before [`Server::serve`].
    pub async fn bind(address: SocketAddr, limits: Limits) -> Result<Self, Error> {
        let bind = |source| Error::Bind { address, source };
        let listener = TcpListener::bind(address).await.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        Ok(Self { listener, address, limits })
    }

    /// Returns the address that it listens on, with the port that it got.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until `stop` resolves, and then those in hand.
    pub async fn serve(self, router: Router, stop: impl Future<Output = ()>) {
        let limits = self.limits;
        let permits = Arc::new(Semaphore::new(limits.connections_max));
        let (tell, told) = watch::channel(false);
        let mut connections = JoinSet::new();
        let mut stop = pin!(stop);
        loop {
            let (stream, permit) = tokio::select! {
                biased;
                () = &mut stop => break,
                Some(_) = connections.join_next() => continue,
                accepted = self.accept(&permits) => accepted,
            };
            let (router, told) = (router.clone(), told.clone());
            connections.spawn(async move {
                let _held_until_its_end = permit;
                converse(stream, router, limits, told).await;
            });
        }
        drop(self.listener);
        let _ = tell.send(true);
        let all = async { while connections.join_next().await.is_some() {} };
        if timeout(limits.stop_timeout, all).await.is_err() {
            tracing::warn!("requests in hand took too long and were given up");
        }
    }

    /// Takes the next connection once there is room for it.
    async fn accept(&self, permits: &Arc<Semaphore>) -> (TcpStream, OwnedSemaphorePermit) {
        let permit = Arc::clone(permits).acquire_owned().await.expect("nobody closes it");
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => return (stream, permit),
                // Whoever went away while waiting is no trouble of ours.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    tracing::warn!("no connection can be taken: {error}");
                    sleep(PAUSE).await;
                }
            }
        }
    }
}

/// Answers the one request of a connection.
async fn converse(
    stream: TcpStream,
    router: Router,
    limits: Limits,
    mut told: watch::Receiver<bool>,
) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .max_buf_size(HEAD_BYTES_MAX)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = pin!(connection);
    let answered = async {
        tokio::select! {
            biased;
            ended = connection.as_mut() => return ended,
            _ = told.wait_for(|is_asked| *is_asked) => {}
        }
        connection.as_mut().graceful_shutdown();
        connection.await
    };
    match timeout(limits.connection_timeout, answered).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!("a connection broke off: {error}"),
        Err(_) => tracing::debug!("a connection took too long and was closed"),
    }
}
