//! Tries a call: with a token, again after a wait, once more with a fresh token.

use super::{Answer, Call, Client, Error, Failure, Identity, Problem};
use crate::api::envelope;
use crate::api::retry::Next;
use crate::api::token::{self, Bearer};
use chrono::{DateTime, Utc};
use reqwest::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How a call ended when no further attempt follows.
pub(in crate::api) enum Ended {
    /// Something went wrong, and this is all that is known.
    Failed(Box<Failure>),
    /// The server named an instant at which to come back.
    Deferred(DateTime<Utc>, Box<Failure>),
}

impl Client {
    /// Makes a call with our token, and once more with a fresh one if it was refused.
    ///
    /// A call refused with 401 had no effect, so this holds for what has effects too.
    pub(in crate::api) async fn with_token<T, F>(
        &self,
        call: &Call,
        attempt: impl Fn(Call) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Ended>>,
    {
        let bearer = self.bearer(None).await?;
        match attempt(signed(call, &bearer, &self.known_secrets)).await {
            Err(Ended::Failed(failure)) if self.renews(&failure) => {
                tracing::info!("the token was refused: minting another one");
                let bearer = self.bearer(Some(&bearer)).await?;
                attempt(signed(call, &bearer, &self.known_secrets)).await.map_err(Error::of)
            }
            ended => ended.map_err(Error::of),
        }
    }

    fn renews(&self, failure: &Failure) -> bool {
        let is_minted = matches!(self.identity, Identity::Minted(_));
        is_minted && failure.problem == Problem::Status && failure.status == Some(401)
    }

    /// Returns the token to use, minting one where none is held or the held one was refused.
    async fn bearer(&self, refused: Option<&Bearer>) -> Result<Bearer, Error> {
        let minter = match &self.identity {
            Identity::Given(token) => return Ok(Bearer { token: token.clone() }),
            Identity::Minted(minter) => minter,
        };
        // Others wait here meanwhile, so that one refusal mints one token.
        let mut place = minter.held.lock().await;
        let known = place.as_ref().and_then(|held| {
            let is_other = refused.is_none_or(|refused| held.differs_from(refused));
            held.usable(self.clock.now()).filter(|_| is_other)
        });
        if let Some(bearer) = known {
            return Ok(bearer);
        }
        let call = token::mint_call(minter);
        let now = self.clock.now();
        let open = |call: &Call, answer: &Answer| {
            envelope::open_bare(call, answer)?;
            token::read_minted(call, answer, minter.minting.ttl_seconds, now)
        };
        // Two tokens minted where one was wanted do no harm: this may be repeated.
        let minted =
            self.repeat(call, open, Failure::is_transient).await.map_err(Error::of_mint)?;
        // Even a token that ends at once is tried: the clocks may differ.
        let bearer = minted.bearer();
        *place = Some(minted);
        Ok(bearer)
    }

    /// Tries a call until it succeeds, may not be repeated, or nothing is left to try.
    pub(in crate::api) async fn repeat<T>(
        &self,
        call: Call,
        open: impl Fn(&Call, &Answer) -> Result<T, Box<Failure>>,
        may_repeat: impl Fn(&Failure) -> bool,
    ) -> Result<T, Ended> {
        let started_at = Instant::now();
        let mut delays = self.patience.delays();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let time_left = self.deadline.saturating_sub(started_at.elapsed());
            let attempt = tokio::time::timeout(time_left, self.transport.send(&call)).await;
            let outcome = attempt
                .unwrap_or_else(|_| Err(Box::new(Failure::of(&call, Problem::Timeout))))
                .and_then(|answer| open(&call, &answer));
            let mut failure = match outcome {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            let elapsed = started_at.elapsed();
            failure.attempts = attempts;
            failure.elapsed_ms = millis(elapsed);
            let time_left = self.deadline.saturating_sub(elapsed);
            match self.patience.after(&failure, may_repeat(&failure), &mut delays, time_left) {
                Next::Wait(wait) => {
                    let wait_ms = millis(wait);
                    tracing::warn!(attempts, wait_ms, "will try again: {failure}");
                    self.retries.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(wait).await;
                }
                Next::Defer(until) => return Err(Ended::Deferred(until, failure)),
                Next::GiveUp(gave_up) => {
                    failure.gave_up = gave_up;
                    return Err(Ended::Failed(failure));
                }
            }
        }
    }
}

/// Returns the call with its token; no error of it will quote that, or another secret of ours.
fn signed(call: &Call, bearer: &Bearer, known_secrets: &[SecretString]) -> Call {
    let mut signed = call.clone();
    signed.headers.push((AUTHORIZATION, bearer.header()));
    signed.redaction.add(bearer.token.expose_secret());
    for secret in known_secrets {
        signed.redaction.add(secret.expose_secret());
    }
    signed
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
