//! The Invoice API as a local server that misbehaves by default.
//!
//! In comes [`Options`]; out comes a server on the loopback interface that answers the
//! vendor's API (configurations, receipts, invoices) from data made up out of a seed: the
//! same seed gives the same bytes on every machine. What is sent to it lives on by the
//! sandbox's own clock, which can be moved: receipts become ready or fail, invoices reach
//! the SdI, credentials expire. With it a developer meets on the first day what others meet
//! in their third year: rows that move between two pages, a 503 for no reason, an answer
//! that never comes although the request took effect. It counts effects, not requests.
//!
//! It is written from the vendor's documents alone and shares no type with `api`: a word
//! that is wrong there must not be wrong here too, or no test would see it. Where the
//! documents are silent it picks an answer, listed in `ASSUMPTIONS.md` beside this file;
//! the picks that matter most are switches ([`Habits`]).
//!
//! Absent on purpose: nothing is written to disk, and no other address than loopback is
//! ever bound or called.

mod habits;
mod options;
mod time;

mod data;
mod document;
mod json;
mod money;
mod shelf;

mod fault;
mod faults;
mod gate;
mod orders;
mod routes;

mod body;
mod configurations;
mod fattura;
mod filter;
mod invoice_text;
mod invoices;
mod receipts;
mod sale;
mod subscription;

mod books;
mod effects;
mod life;

mod callbacks;
mod deliver;
mod tokens;

mod answer;
mod broken;
mod paper;

mod control;
mod handle;
mod state;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use books::{InvoiceFate, ReceiptFate};
pub use callbacks::{Attempt, Callback};
pub use effects::{Bill, BillLine, Effect, EffectKind};
pub use fault::Fault;
pub use faults::Faults;
pub use habits::{AlreadyExists, DayZone, DuplicateImport, Habits, Pace, Prices};
pub use handle::Handle;
pub use options::{Dataset, Options};
pub use state::Collection;

use state::Shared;

/// How long [`Running::stop`] waits for answers that are still under way.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// Starts the sandbox and returns once it accepts connections.
///
/// The data is made before the port is opened, so the first request is as fast as any.
pub async fn start(options: Options) -> Result<Running, Error> {
    if !options.address.is_loopback() {
        return Err(Error::NotLoopback(options.address));
    }
    let address = SocketAddr::new(options.address, options.port);
    let control_port = options.control_port;
    let shared = Arc::new(Shared::new(options)?);
    let bind = |source| Error::Bind { address, source };
    let listener = TcpListener::bind(address).await.map_err(bind)?;
    let address = listener.local_addr().map_err(bind)?;
    shared.address.get_or_init(|| address);
    // Small answers must not wait for the next packet; a socket that refuses is only slower.
    let listener = listener.tap_io(|socket| drop(socket.set_nodelay(true)));
    let (stop, stopped) = oneshot::channel::<()>();
    let router = routes::router(Arc::clone(&shared));
    let (control, control_address) = control(&shared, control_port).await?;
    let callbacks = deliver::run(Arc::clone(&shared));
    let serve = async move {
        let until_stopped = async move { drop(stopped.await) };
        let api = axum::serve(listener, router).with_graceful_shutdown(until_stopped);
        tokio::select! {
            ended = api.into_future() => ended,
            ended = control => ended,
            () = callbacks => Ok(()),
        }
    };
    #[expect(clippy::disallowed_methods, reason = "a server starts its own accept loop")]
    let task = tokio::spawn(serve);
    Ok(Running { address, control_address, shared, stop, task })
}

/// Opens the port of the control, if there is to be one.
async fn control(
    shared: &Arc<Shared>,
    port: Option<u16>,
) -> Result<(impl Future<Output = io::Result<()>> + use<>, Option<SocketAddr>), Error> {
    let listener = match port {
        Some(port) => {
            let address = SocketAddr::new(shared.options().address, port);
            let bind = |source| Error::Bind { address, source };
            let listener = TcpListener::bind(address).await.map_err(bind)?;
            let address = listener.local_addr().map_err(bind)?;
            Some((listener, address))
        }
        None => None,
    };
    let address = listener.as_ref().map(|(_, address)| *address);
    let router = control::router(Arc::clone(shared));
    let serve = async move {
        match listener {
            Some((listener, _)) => axum::serve(listener, router).await,
            None => std::future::pending().await,
        }
    };
    Ok((serve, address))
}

/// Is a sandbox that answers until stopped or dropped.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    control_address: Option<SocketAddr>,
    shared: Arc<Shared>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

impl Running {
    /// Returns the address on which the sandbox listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address as clients want it, without trailing slash.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the address of the control, if there is one.
    pub fn control_url(&self) -> Option<String> {
        self.control_address.map(|address| format!("http://{address}"))
    }

    /// Returns how many requests were received so far.
    pub fn requests(&self) -> u64 {
        self.shared.requests()
    }

    /// Returns the control of data and faults while it runs.
    pub fn handle(&self) -> Handle {
        Handle::new(Arc::clone(&self.shared))
    }

    /// Stops accepting, lets answers under way finish, and returns.
    ///
    /// An answer that takes longer than two seconds is given up.
    pub async fn stop(self) {
        drop(self.stop);
        let abort = self.task.abort_handle();
        if tokio::time::timeout(STOP_TIMEOUT, self.task).await.is_err() {
            abort.abort();
        }
    }
}

/// Says why the sandbox did not start, or refused a document.
#[derive(Debug, Error)]
pub enum Error {
    /// The address is not a loopback address: the sandbox serves this machine only.
    #[error("start sandbox on `{0}`: only a loopback address is allowed")]
    NotLoopback(IpAddr),
    /// The month of the documents does not exist.
    #[error("start sandbox with documents of month `{year}-{month:02}`: no such month")]
    NoSuchMonth {
        /// The year asked for.
        year: i32,
        /// The month asked for, which is not 1 to 12.
        month: u32,
    },
    /// Documents were asked for, but no company to own them.
    #[error("start sandbox with documents but without companies")]
    NoCompanies,
    /// The port cannot be opened, mostly because somebody else has it.
    #[error("bind sandbox to `{address}`")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// What should arrive from the SdI is no invoice.
    #[error("receive invoice: the file is no FatturaPA with parties, type, number and date")]
    NoInvoice,
    /// The buyer of an invoice that should arrive does not want it.
    #[error("receive invoice: its buyer is no company that wants suppliers' invoices")]
    NoBuyer,
    /// A document handed to the sandbox lacks what it is listed by.
    #[error("read document for the sandbox")]
    Document(#[source] serde_json::Error),
}

impl Error {
    /// Returns what a person can do about it, if anything.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotLoopback(_) => Some("use 127.0.0.1 or ::1".into()),
            Self::Bind { .. } => Some("choose another port, or 0 for any free one".into()),
            Self::NoCompanies => Some("ask for at least one company".into()),
            Self::NoBuyer => Some("register the company with `supplier_invoice: true`".into()),
            Self::NoSuchMonth { .. } | Self::NoInvoice | Self::Document(_) => None,
        }
    }
}
