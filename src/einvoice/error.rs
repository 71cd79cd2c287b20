//! Why a file, or a member of one, is put aside.

use thiserror::Error;

/// Says why nothing could be read from a file; the others go on.
#[derive(Debug, Error)]
pub enum Error {
    /// The file is larger than any invoice may be.
    #[error("the content has {size} bytes, more than the {limit} that are read")]
    TooLarge {
        /// Bytes found, or promised by a header.
        size: u64,
        /// Bytes that are read at most.
        limit: u64,
    },
    /// The file holds nothing.
    #[error("the file is empty")]
    Empty,
    /// Neither XML nor a wrapper of it.
    #[error("not an electronic invoice: {found}")]
    NotInvoice {
        /// What was found instead.
        found: String,
    },
    /// A signature without the signed file.
    #[error("a detached signature: the signed invoice is not inside")]
    Detached,
    /// A CMS message that is no signature.
    #[error("a CMS message of type `{content_type}`, which holds no signed invoice")]
    NotSigned {
        /// The object identifier of the message's type.
        content_type: String,
    },
    /// The signed file ends before its content does.
    #[error("the signed file is truncated: it ends before its content does")]
    Truncated {
        /// What the reader of CMS said.
        #[source]
        source: Cause,
    },
    /// The signed file's structure is broken.
    #[error("the signed file is damaged: {why}")]
    Damaged {
        /// What was seen.
        why: String,
        /// What the reader of CMS said, where it got that far.
        #[source]
        source: Option<Cause>,
    },
    /// Base64 text that cannot be decoded.
    #[error("the base64 text is damaged")]
    Base64(#[source] base64::DecodeError),
    /// Wrapped again and again.
    #[error("wrapped more than {limit} times over")]
    Nesting {
        /// The layers that are taken off at most.
        limit: usize,
    },
    /// A zip that cannot be read, or that is larger than its limits allow.
    #[error("the zip archive is refused: {why}")]
    Archive {
        /// What was seen.
        why: String,
        /// What the reader of zip archives said.
        #[source]
        source: Option<zip::result::ZipError>,
    },
    /// The bytes are text in no encoding that is known here.
    #[error("the text cannot be decoded as {encoding}")]
    Encoding {
        /// The encoding that was tried.
        encoding: &'static str,
    },
    /// The XML is not well formed.
    #[error("the XML is broken at byte {position}")]
    Xml {
        /// Where, counted from the beginning of the decoded text.
        position: u64,
        /// What the reader of XML said.
        #[source]
        source: quick_xml::Error,
    },
    /// The XML is well formed but of no use, or dangerous.
    #[error("the XML is refused: {why}")]
    RefusedXml {
        /// What was seen.
        why: String,
    },
    /// An invoice without a body.
    #[error("the invoice has a header but no body: there is no document in it")]
    NoBody,
}

/// Holds what a library said.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

impl Error {
    /// Returns what a person can do about it, where something helps.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Detached => "ask for the invoice itself, or sign it with the content enclosed",
            Self::Truncated { .. } => "fetch or copy the file again: its end is missing",
            Self::Damaged { .. } | Self::Base64(_) => {
                "fetch the file again as binary: mail and text-mode copies change bytes"
            }
            Self::Archive { .. } => "unpack it by hand and give the folder",
            Self::NotInvoice { .. } | Self::NotSigned { .. } => {
                "give invoices (XML, P7M), SdI notifications, or folders and zips of them"
            }
            Self::Nesting { .. } => "take the outer wrappers off by hand and give what is inside",
            Self::TooLarge { .. } => "give the invoice alone: the SdI takes five megabytes",
            Self::Empty
            | Self::NoBody
            | Self::Encoding { .. }
            | Self::Xml { .. }
            | Self::RefusedXml { .. } => {
                "fetch the file again; if it is the same, ask who made it for the file as sent"
            }
        };
        Some(hint.to_owned())
    }

    /// Returns the official code under which the SdI rejects such a file.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "00003",
            Self::Empty
            | Self::Truncated { .. }
            | Self::Damaged { .. }
            | Self::Base64(_)
            | Self::Nesting { .. }
            | Self::Archive { .. } => "00106",
            Self::Detached | Self::NotSigned { .. } => "00102",
            Self::NotInvoice { .. }
            | Self::Encoding { .. }
            | Self::Xml { .. }
            | Self::RefusedXml { .. }
            | Self::NoBody => "00200",
        }
    }

    /// Returns the message and its causes in one line.
    #[must_use]
    pub fn reason(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            // The reader of CMS names its codec with every layer of its message.
            let said = error.to_string().replace(" (Codec: BER)", "");
            // Some libraries repeat the cause in their own text.
            if !text.ends_with(&said) {
                text.push_str(": ");
                text.push_str(&said);
            }
            cause = error.source();
        }
        text
    }
}
