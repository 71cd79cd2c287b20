//! Says what is watched beside the books, and who is told.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::read::Reader;
use super::value::Value;
use super::webhook::listen;
use crate::deliver::mail::is_loopback;

/// Says what is watched beside the books, and where that is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// Credit at the provider below which is warned, in cents. Default 10 euros.
    pub credit_minimum_cents: i64,
    /// File that gets the metrics after every run, for the textfile collector of a Prometheus
    /// node_exporter. None by default.
    pub metrics_file: Option<PathBuf>,
    /// Where `quadra serve` answers `/healthz` and `/metrics`. None by default.
    pub listen: Option<SocketAddr>,
    /// Address that is asked after every run that did all it should: a dead-man's switch.
    ///
    /// `https`, or `http` on this machine. None by default.
    pub ping_url: Option<String>,
}

pub(super) fn build(reader: &mut Reader) -> Option<Watch> {
    let credit_minimum_cents = reader.required("watch.credit_minimum", Value::cents);
    let metrics_file = reader.optional("watch.metrics_file", metrics_file);
    let listen = reader.optional("watch.listen", listen);
    let ping_url = reader.optional("watch.ping_url", ping_url);
    Some(Watch { credit_minimum_cents: credit_minimum_cents?, metrics_file, listen, ping_url })
}

/// The collector reads files of one ending only; another one would be silence.
fn metrics_file(value: &Value) -> Result<PathBuf, String> {
    let path = value.path()?;
    let is_read = path.extension().is_some_and(|extension| extension == "prom");
    if is_read { Ok(path) } else { Err("is not allowed: a file that ends in `.prom`".to_owned()) }
}

fn ping_url(value: &Value) -> Result<String, String> {
    let allowed = "is not allowed: like `https://ping.rossi.example/4f1c`, without blank";
    let url = value.text()?;
    let (scheme, rest) = url.split_once("://").ok_or(allowed)?;
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok_and(|port| port > 0) => host,
        _ => authority,
    };
    if host.is_empty() || authority.contains('@') || !url.chars().all(|c| c.is_ascii_graphic()) {
        return Err(allowed.to_owned());
    }
    match scheme {
        "https" => Ok(url),
        "http" if is_loopback(host) => Ok(url),
        "http" => Err("is not allowed: `http` is for this machine only, use `https`".to_owned()),
        _ => Err(allowed.to_owned()),
    }
}
