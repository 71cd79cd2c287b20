//! Secrets from a person: typed without echo, or from a file that only its owner can read.

use std::io::IsTerminal as _;
use std::path::Path;

use secrecy::SecretString;

use crate::cli::failure::Failure;
use crate::config;

/// Says what is asked for and where it may come from.
pub(in crate::cli) struct Source<'a> {
    /// The two names, as a person is asked for them.
    pub(in crate::cli) names: [&'a str; 2],
    /// The file, if one was named: a secret a line, in that order.
    pub(in crate::cli) file: Option<&'a Path>,
    /// The option that names the file.
    pub(in crate::cli) option: &'a str,
}

/// Returns two secrets from the file or from the terminal.
pub(in crate::cli) fn ask_pair(source: &Source<'_>) -> Result<[SecretString; 2], Failure> {
    let [first, second] = source.names;
    if let Some(path) = source.file {
        let lines = config::secret_lines(path)?;
        return <[SecretString; 2]>::try_from(lines).map_err(|lines| Failure::Usage {
            message: format!(
                "`{}` has {} lines, and two are due: {first}, then {second}",
                path.display(),
                lines.len()
            ),
            hint: None,
        });
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Usage {
            message: format!("nobody can be asked for {first} and {second} here"),
            hint: Some(format!(
                "name a file of mode 0600 with {first} on the first line and {second} on the \
                 second: `{} FILE`",
                source.option
            )),
        });
    }
    Ok([typed(first)?, typed(second)?])
}

/// Asks on the terminal; what is typed is not shown.
fn typed(name: &str) -> Result<SecretString, Failure> {
    let wrong = |message: String| Failure::Usage { message, hint: None };
    let text = rpassword::prompt_password(format!("{name}: "))
        .map_err(|error| wrong(format!("failed to ask for {name}: {error}")))?;
    if text.trim().is_empty() {
        return Err(wrong(format!("{name} is empty: nothing was sent")));
    }
    Ok(SecretString::from(text))
}
