//! Tasks of one process, which begin together and end together.

use std::future::Future;
use std::pin::pin;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::cli::failure::Failure;

/// Holds the tasks of the process; none outlives it.
#[derive(Debug)]
pub(super) struct Tasks {
    stop: watch::Sender<bool>,
    running: JoinSet<(&'static str, Result<(), Failure>)>,
}

/// Tells a task when to come to its end.
#[derive(Debug, Clone)]
pub(super) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Resolves once the task is asked to finish what it has in hand, and to end.
    pub(super) async fn asked(mut self) {
        // A sender that is gone asks as well: the process is ending.
        let _ = self.0.wait_for(|is_asked| *is_asked).await;
    }
}

impl Default for Tasks {
    fn default() -> Self {
        Self { stop: watch::Sender::new(false), running: JoinSet::new() }
    }
}

impl Tasks {
    /// Starts a task, which ends when its [`Stop`] says so and not before.
    pub(super) fn start<F>(&mut self, name: &'static str, task: impl FnOnce(Stop) -> F)
    where
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        let task = task(Stop(self.stop.subscribe()));
        self.running.spawn(async move { (name, task.await) });
    }

    /// Waits for the stop, asks every task to end, and waits until all have.
    ///
    /// A task that ends by itself ends all: a process that does half of its work looks alive.
    /// Returns the first error.
    pub(super) async fn run_until(
        mut self,
        asked: impl Future<Output = ()>,
    ) -> Result<(), Failure> {
        let mut asked = pin!(asked);
        let mut first = Ok(());
        let mut is_asked = false;
        loop {
            let ended = tokio::select! {
                biased;
                () = &mut asked, if !is_asked => {
                    is_asked = true;
                    let _ = self.stop.send(true);
                    continue;
                }
                ended = self.running.join_next() => ended,
            };
            let Some(ended) = ended else { return first };
            let ended = match ended {
                Ok((_, Err(failure))) => Err(failure),
                Ok((name, Ok(()))) if !is_asked => Err(early(name, "it ended by itself")),
                Ok((_, Ok(()))) => Ok(()),
                Err(error) => Err(early("a task", &error.to_string())),
            };
            if first.is_ok() {
                first = ended;
            }
            is_asked = true;
            let _ = self.stop.send(true);
        }
    }
}

fn early(name: &str, reason: &str) -> Failure {
    Failure::Serve(format!("{name} stopped: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Starts tasks that count their ends.
    fn counting(tasks: &mut Tasks, count: usize) -> Arc<AtomicUsize> {
        let ends = Arc::new(AtomicUsize::new(0));
        for _ in 0..count {
            let ends = Arc::clone(&ends);
            tasks.start("counting", |stop| async move {
                stop.asked().await;
                ends.fetch_add(1, Ordering::Relaxed);
                Ok(())
            });
        }
        ends
    }

    #[tokio::test]
    async fn all_end_when_asked() {
        let mut tasks = Tasks::default();
        let ends = counting(&mut tasks, 3);
        assert!(tasks.run_until(ready(())).await.is_ok());
        assert_eq!(ends.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn one_that_ends_early_ends_all() {
        for is_panic in [false, true] {
            let mut tasks = Tasks::default();
            let ends = counting(&mut tasks, 2);
            tasks.start("the hasty one", move |_| async move {
                assert!(!is_panic, "on purpose");
                Ok(())
            });
            let ended = tasks.run_until(pending()).await.unwrap_err().to_string();
            assert!(ended.contains(if is_panic { "panicked" } else { "the hasty one" }), "{ended}");
            assert_eq!(ends.load(Ordering::Relaxed), 2);
        }
    }
}
