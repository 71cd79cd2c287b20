//! Decides what an end means: over, again later, or look first.

use chrono::{DateTime, TimeDelta, Utc};

use super::Intent;
use crate::api;

/// How long after an unclear end "not there" is believed.
///
/// The request that we gave up may still be at work on the other side: a gateway answers
/// 504 while the service behind it goes on.
pub const SETTLE_SECONDS: i64 = 60;

/// How long to wait where the provider asks for patience without saying how much.
const PATIENCE: TimeDelta = TimeDelta::minutes(1);

/// Says what follows an error of the API for the intent that met it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nothing left, or nothing was taken: it stands as before, to be sent later.
    Later,
    /// The provider asked for patience until then: look for it, and only then send it again.
    Wait(DateTime<Utc>),
    /// It may have taken effect: look for it.
    Look,
    /// What it would make is there already: ours if it was sent before.
    AlreadyThere,
    /// It was refused, without effect.
    Refused,
}

/// Returns what an error of sending means.
#[must_use]
pub fn after(error: &api::Error, now: DateTime<Utc>) -> Next {
    match error {
        api::Error::Settings { .. }
        | api::Error::NotMinted(_)
        | api::Error::Unauthorized(_)
        | api::Error::OutOfCredit(_)
        | api::Error::NotSent(_) => Next::Later,
        api::Error::Deferred { until, .. } => Next::Wait(*until),
        api::Error::Unavailable(_) => Next::Wait(now + PATIENCE),
        api::Error::Unclear(_) | api::Error::Unreadable(_) => Next::Look,
        api::Error::AlreadyThere(_) => Next::AlreadyThere,
        api::Error::NotFound(_) | api::Error::Refused(_) => Next::Refused,
    }
}

/// Tells whether "not there" may be believed now, so many seconds after the unclear end.
#[must_use]
pub fn is_settled(intent: &Intent, settle_seconds: i64, now: DateTime<Utc>) -> bool {
    intent.unclear_at.is_none_or(|at| now >= at + TimeDelta::seconds(settle_seconds))
}
