//! What is known of one signature; it never decides whether the content is read.

use chrono::{DateTime, Utc};

/// Tells what came of checking something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certainty {
    /// It was checked and is right.
    Valid,
    /// It was checked and is wrong.
    Invalid,
    /// It was not checked, for this reason.
    NotChecked(String),
}

/// Holds the verdict on one signature of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The layer that it signs: 1 is the outermost.
    pub layer: usize,
    /// The signer's name, as the certificate states it.
    pub signer: Option<String>,
    /// The name of the authority that issued the certificate.
    pub issuer: Option<String>,
    /// When the signer says to have signed.
    pub signed_at: Option<DateTime<Utc>>,
    /// First and last instant of the certificate.
    pub certificate_valid: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Whether the content is the one that was signed.
    pub digest: Certainty,
    /// Whether the certificate's key made the signature.
    pub signature: Certainty,
    /// Whether the certificate is one to trust; no list of authorities is kept here.
    pub certificate: Certainty,
}

impl Certainty {
    /// Returns the word for files and pages.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::NotChecked(_) => "not_checked",
        }
    }

    /// Returns why it was not checked.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::NotChecked(why) => Some(why),
            Self::Valid | Self::Invalid => None,
        }
    }
}

impl Signature {
    /// Tells whether the signer's block could be read at all.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.digest.why().is_none() || self.signature.why().is_none()
    }

    /// Tells whether the content was altered, or the signature is not the signer's.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.digest == Certainty::Invalid || self.signature == Certainty::Invalid
    }
}
