//! Lets no request leave that nobody allowed.
//!
//! A day's requests past the free ones cost money, so they are granted a few at a time by
//! whoever counts them, before they are sent, retries included. A request without a grant
//! waits, and says that it does; those that left are let finish.

use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{Notify, Semaphore};

/// Holds the requests that may still leave.
#[derive(Debug)]
pub struct Allowance {
    granted: Semaphore,
    wanted: Notify,
    under_way: AtomicUsize,
    finished: Notify,
}

/// Is one request under way, until it is dropped.
#[derive(Debug)]
pub(super) struct UnderWay<'a>(&'a Allowance);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if self.0.under_way.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.finished.notify_one();
        }
    }
}

impl Default for Allowance {
    /// Returns an allowance of nothing.
    fn default() -> Self {
        Self {
            granted: Semaphore::const_new(0),
            wanted: Notify::new(),
            under_way: AtomicUsize::new(0),
            finished: Notify::new(),
        }
    }
}

impl Allowance {
    /// Lets so many more requests leave.
    pub fn grant(&self, requests: usize) {
        self.granted.add_permits(requests);
    }

    /// Returns once a request waits that nobody allowed yet.
    pub async fn wanted(&self) {
        loop {
            self.wanted.notified().await;
            // The word may be older than the last grant.
            if self.granted.available_permits() == 0 {
                return;
            }
        }
    }

    /// Returns once no request is under way.
    pub async fn all_finished(&self) {
        while self.under_way.load(Ordering::Acquire) > 0 {
            self.finished.notified().await;
        }
    }

    /// Waits until a request may leave, and takes it out of what is granted.
    pub(super) async fn take(&self) -> UnderWay<'_> {
        let permit = if let Ok(permit) = self.granted.try_acquire() {
            permit
        } else {
            self.wanted.notify_one();
            self.granted.acquire().await.expect("nobody closes the semaphore")
        };
        self.under_way.fetch_add(1, Ordering::AcqRel);
        permit.forget();
        UnderWay(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    #[test]
    fn only_granted_requests_leave() {
        let allowance = Allowance::default();
        assert!(allowance.wanted().now_or_never().is_none());
        allowance.grant(2);
        let first = allowance.take().now_or_never().unwrap();
        assert!(allowance.take().now_or_never().is_some());
        assert!(allowance.wanted().now_or_never().is_none());
        let mut third = Box::pin(allowance.take());
        assert!(third.as_mut().now_or_never().is_none());
        assert!(allowance.wanted().now_or_never().is_some());
        allowance.grant(1);
        assert!(third.now_or_never().is_some());
        assert!(allowance.all_finished().now_or_never().is_none());
        drop(first);
        assert!(allowance.all_finished().now_or_never().is_some());
    }
}
