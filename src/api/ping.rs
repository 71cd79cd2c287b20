//! Tells a dead-man's switch that all went well.
//!
//! It is no call of the Invoice API, but this room is where HTTP clients are made: without the
//! token, with limits, and without a word about the address, which is a secret of its kind.

use std::time::Duration;

/// How long the other side may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How often it is tried.
const TRIES: u32 = 3;
/// The wait before another try.
const WAIT: Duration = Duration::from_secs(1);

/// Asks an address once more until it answers with a success.
///
/// # Errors
/// What the last try met, in words, without the address.
pub async fn ping(url: &str) -> Result<(), String> {
    let http = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent(concat!("quadra/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| error.without_url().to_string())?;
    let mut reason = String::new();
    for attempt in 0..TRIES {
        if attempt > 0 {
            tokio::time::sleep(WAIT).await;
        }
        match http.get(url).send().await {
            Ok(answer) if answer.status().is_success() => return Ok(()),
            Ok(answer) => reason = format!("it answered {}", answer.status()),
            Err(error) => reason = error.without_url().to_string(),
        }
    }
    Err(reason)
}
