//! Base64 as mail programs leave it: line breaks anywhere, padding or none.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::einvoice::Error;

/// Reads base64 with or without padding; stray bits at the end are no reason to refuse.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Decodes base64 text, blanks and line breaks left out.
pub(super) fn decode(text: &[u8]) -> Result<Vec<u8>, Error> {
    let compact: Vec<u8> = super::sniff::trim_start(text)
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace() && *byte != 0)
        .collect();
    LENIENT.decode(compact).map_err(Error::Base64)
}

/// Decodes the first block between `-----BEGIN …-----` and `-----END …-----`.
pub(super) fn decode_pem(text: &[u8]) -> Result<Vec<u8>, Error> {
    let body: Vec<u8> = text
        .split(|byte| *byte == b'\n' || *byte == b'\r')
        .skip_while(|line| !line.starts_with(b"-----BEGIN"))
        .skip(1)
        .take_while(|line| !line.starts_with(b"-----END"))
        // A header such as `Content-Type: …` may stand before the text.
        .filter(|line| !line.contains(&b':'))
        .flatten()
        .copied()
        .collect();
    decode(&body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pem_gives_first_block() {
        let pem = b"-----BEGIN PKCS7-----\r\nPD94\r\nbWw=\r\n-----END PKCS7-----\r\n";
        assert_eq!(decode_pem(pem).unwrap(), b"<?xml");
    }

    #[test]
    fn foreign_characters_are_refused() {
        assert!(matches!(decode(b"PD94*bWw="), Err(Error::Base64(_))));
    }

    proptest! {
        #[test]
        fn any_line_length_decodes_alike(
            bytes in proptest::collection::vec(any::<u8>(), 1..200), width in 1usize..80, pad: bool,
        ) {
            let mut text = LENIENT.encode(&bytes);
            if !pad {
                text = text.trim_end_matches('=').to_owned();
            }
            let broken: Vec<u8> = text
                .as_bytes()
                .chunks(width)
                .flat_map(|line| line.iter().copied().chain(*b"\r\n"))
                .collect();
            prop_assert_eq!(decode(&broken).unwrap(), bytes);
        }
    }
}
