//! Hands what is read over to a thread of its own, which takes it in row by row.
//!
//! Comes in: texts of many rows each, as SQLite gives them. Goes out: what was made of all of
//! them. Reading a text and making something of its rows takes longer than fetching it, and
//! memory is given back soonest by the thread that took it: so one thread does both, while
//! the next texts are fetched. Two of these run beside each other where two sides are read.

use std::pin::pin;

use futures::{Stream, StreamExt as _};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::store::Error;

/// How many texts may wait for the thread that takes them in.
const PARTS_AHEAD: usize = 8;

/// Takes texts in, in order, and returns what they were made into.
pub(super) async fn fold<P: Send + 'static, S: Send + 'static>(
    parts: impl Stream<Item = Result<P, Error>>,
    mut state: S,
    mut take: impl FnMut(&mut S, P) -> Result<(), Error> + Send + 'static,
) -> Result<S, Error> {
    let (sender, mut receiver) = mpsc::channel(PARTS_AHEAD);
    let taking = tokio::task::spawn_blocking(move || {
        while let Some(part) = receiver.blocking_recv() {
            take(&mut state, part)?;
        }
        Ok(state)
    });
    let mut parts = pin!(parts);
    let mut fetched = Ok(());
    while let Some(part) = parts.next().await {
        match part {
            // Whoever takes in stops at what it cannot read, and says so below.
            Ok(part) => {
                if sender.send(part).await.is_err() {
                    break;
                }
            }
            Err(error) => {
                fetched = Err(error);
                break;
            }
        }
    }
    drop(sender);
    fetched.and(ended(taking).await)
}

/// Waits for a thread to end; its panic goes on in the one that waits.
pub(super) async fn ended<T>(thread: JoinHandle<T>) -> T {
    match thread.await {
        Ok(made) => made,
        Err(stopped) => std::panic::resume_unwind(stopped.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    fn damaged(value: u32) -> Error {
        Error::Damaged { value: value.to_string(), expected: "a number below fifty" }
    }

    #[tokio::test]
    async fn parts_are_taken_in_order() {
        let parts = stream::iter((0..100).map(Ok));
        let push = |taken: &mut Vec<u32>, part| {
            taken.push(part);
            Ok(())
        };
        let taken = fold(parts, Vec::new(), push).await.unwrap();
        assert_eq!(taken, (0..100).collect::<Vec<u32>>());
    }

    #[tokio::test]
    async fn first_part_that_cannot_be_read_ends_it() {
        let refuse = |sum: &mut u32, part: u32| {
            *sum += part;
            if part < 50 { Ok(()) } else { Err(damaged(part)) }
        };
        let ended = fold(stream::iter((0..10_000).map(Ok)), 0, refuse).await.unwrap_err();
        assert!(matches!(ended, Error::Damaged { value, .. } if value == "50"));
    }

    #[tokio::test]
    async fn part_that_cannot_be_fetched_ends_it() {
        let parts = stream::iter([Ok(1), Err(damaged(7)), Ok(2)]);
        let ended = fold(parts, (), |(), _| Ok(())).await.unwrap_err();
        assert!(matches!(ended, Error::Damaged { value, .. } if value == "7"));
    }
}
