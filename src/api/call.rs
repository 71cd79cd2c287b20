//! Holds one call as it is tried, and what errors may say of it.

use super::redaction::Redaction;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, Url};

/// What kind of body a call asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The envelope, in JSON.
    Json,
    /// A document for people.
    Pdf,
}

impl Wanted {
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Pdf => "application/pdf",
        }
    }
}

/// One call as it is tried: where to, with what, and what errors may say of it.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) shown_path: String,
    /// The type of the body; a GET may have one without a body, which asks for a PDF.
    pub(super) content_type: Option<&'static str>,
    pub(super) body: Option<Vec<u8>>,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) wanted: Wanted,
    /// The secrets inside this call; the token joins them when it is known.
    pub(super) redaction: Redaction,
}

impl Call {
    /// Returns a GET for JSON.
    pub(super) fn get(url: Url, shown_path: String) -> Self {
        Self {
            method: Method::GET,
            url,
            shown_path,
            content_type: None,
            body: None,
            headers: Vec::new(),
            wanted: Wanted::Json,
            redaction: Redaction::default(),
        }
    }
}
