//! Reads a secret from a file that only its owner can read.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use secrecy::SecretString;

use super::Error;

/// A token is short; who names a larger file named the wrong one.
const SECRET_BYTES_MAX: u64 = 4096;

/// Returns the file's content without the line end, or a problem and its hint.
pub(super) fn from_file(path: &Path) -> Result<SecretString, (String, Option<String>)> {
    let text = private_text(path)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    checked(line.strip_suffix('\r').unwrap_or(line)).map_err(|reason| (reason, None))
}

/// Returns the secrets of a file that only its owner can read, one a line.
///
/// # Errors
/// When others may read the file, or a line is empty; never with a word of its content.
pub fn lines(path: &Path) -> Result<Vec<SecretString>, Error> {
    let wrong = |(reason, hint)| Error::SecretFile { path: path.to_owned(), reason, hint };
    let text = private_text(path).map_err(wrong)?;
    text.lines().map(|line| checked(line).map_err(|reason| wrong((reason, None)))).collect()
}

/// Returns the text of a private file.
///
/// The mode is asked of the open file, so that it cannot be another one that is read.
fn private_text(path: &Path) -> Result<String, (String, Option<String>)> {
    let hint = "name a file of yours with mode 0600, a secret a line";
    let unreadable =
        |error: std::io::Error| (format!("cannot be read: {error}"), Some(hint.to_owned()));
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(("is not a file".to_owned(), None));
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err((
            format!("has mode {mode:04o}, so others than its owner may read the secret"),
            Some(format!("run `chmod 600 {}`", path.display())),
        ));
    }
    if metadata.len() > SECRET_BYTES_MAX {
        return Err((format!("is larger than {SECRET_BYTES_MAX} bytes"), None));
    }
    let mut text = String::new();
    file.take(SECRET_BYTES_MAX).read_to_string(&mut text).map_err(unreadable)?;
    Ok(text)
}

/// Refuses what cannot be a token or a password, without showing it.
pub(super) fn checked(text: &str) -> Result<SecretString, String> {
    if text.trim().is_empty() {
        return Err("is empty".to_owned());
    }
    if text.chars().any(char::is_control) {
        return Err("has more than one line, or a control character".to_owned());
    }
    Ok(SecretString::from(text.to_owned()))
}
