//! Receives the provider's callbacks, and believes nothing of them but an identifier.
//!
//! In comes a POST that carries our secret; out goes a row of the store, committed before the
//! sender hears 200. What the body says of a document is never used: the next pull reads it
//! again with our own token, the documents that callbacks named first. So a callback that comes
//! twice, late, out of order or from somebody who learnt the secret does no harm: it costs one
//! request at most.
//!
//! The secret stands in the header `x-quadra-secret` or as a part of the path, and is compared
//! in constant time before anything of the body is read. A wrong one is answered 401 whatever
//! the path is. A body over [`BODY_BYTES_MAX`] is answered 413, one that does not arrive in ten
//! seconds 408, a store that cannot write 503, after which the provider tries again. An event
//! that nobody knows, or a body without an identifier, is stored all the same and answered 200:
//! sending it again would change nothing, and a person can look at it.
//!
//! Absent on purpose: reading documents, any judgement, TLS and limits on headers. A reverse
//! proxy in front has them; the receiver listens on loopback by default.

mod event;
mod message;
mod receive;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use secrecy::SecretString;
use thiserror::Error;
use tokio::net::TcpListener;

use crate::clock::Clock;
use crate::store::Store;

pub use event::Event;
pub use message::{Message, read};

/// The longest body that is taken: some fifty times a usual callback.
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// How long requests in hand may take after the receiver was asked to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Says where callbacks are received, and which secret they must carry.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address to listen on; port 0 is any free one.
    pub listen: SocketAddr,
    /// The secret that every callback carries.
    pub secret: SecretString,
}

/// Says why callbacks cannot be received.
#[derive(Debug, Error)]
pub enum Error {
    /// The address cannot be opened, mostly because somebody else has it.
    #[error("failed to listen for callbacks on `{address}`")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The accept loop ended by itself.
    #[error("failed to receive callbacks")]
    Serve(#[source] io::Error),
}

impl Error {
    /// Returns what a person can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Bind { .. } => Some("set `webhook.listen` to a free address".to_owned()),
            Self::Serve(_) => None,
        }
    }
}

/// Is a receiver whose port is open.
#[derive(Debug)]
pub struct Receiver {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
}

impl Receiver {
    /// Opens the port; nothing is answered before [`Receiver::serve`].
    pub async fn bind(settings: Settings, store: Store, clock: Clock) -> Result<Self, Error> {
        let bind = |source| Error::Bind { address: settings.listen, source };
        let listener = TcpListener::bind(settings.listen).await.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let router = receive::router(Arc::new(receive::Shared::new(&settings, store, clock)));
        Ok(Self { listener, address, router })
    }

    /// Returns the address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Receives callbacks until `stop` resolves, and finishes those in hand.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), Error> {
        let (asked, was_asked) = tokio::sync::oneshot::channel::<()>();
        let until = async move {
            stop.await;
            let _ = asked.send(());
        };
        let serving = axum::serve(self.listener, self.router).with_graceful_shutdown(until);
        let overdue = async move {
            if was_asked.await.is_err() {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(STOP_TIMEOUT).await;
        };
        tokio::select! {
            served = async { serving.await } => served.map_err(Error::Serve),
            () = overdue => {
                tracing::warn!("requests in hand took too long and were given up");
                Ok(())
            }
        }
    }
}
