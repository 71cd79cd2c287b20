//! Says whom to trust when a connection is protected.

use lettre::transport::smtp::client::{Certificate, TlsParameters};

use super::{Security, Server};
use crate::deliver::Error;

/// Returns what TLS needs to know, or nothing when there is no TLS.
pub(super) fn parameters(server: &Server) -> Result<Option<TlsParameters>, Error> {
    let fail = |reason: String| Error::Server { host: server.host.clone(), reason };
    if server.security == Security::None {
        return Ok(None);
    }
    let host = server.host.trim_start_matches('[').trim_end_matches(']');
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(pem) = &server.root_certificates_pem {
        builder = builder.add_root_certificate(certificate(pem).map_err(fail)?);
    }
    builder.build().map(Some).map_err(|error| fail(error.to_string()))
}

/// Reads root certificates as PEM, at least one.
fn certificate(pem: &[u8]) -> Result<Certificate, String> {
    // The PEM reader passes over what it does not know: nothing at all is an error.
    if !String::from_utf8_lossy(pem).contains("-----BEGIN CERTIFICATE-----") {
        return Err("there is no PEM certificate in it".to_owned());
    }
    Certificate::from_pem(pem).map_err(|error| error.to_string())
}

/// Reads the certificates and tries them as roots.
pub(super) fn check_root_certificates(pem: &[u8]) -> Result<(), String> {
    let builder = TlsParameters::builder("localhost".to_owned());
    let builder = builder.add_root_certificate(certificate(pem)?);
    builder.build().map(|_| ()).map_err(|error| error.to_string())
}
