//! SIGINT and SIGTERM: heard once, then the step in hand is finished.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Tells whether somebody asked the process to stop.
#[derive(Debug, Clone)]
pub(super) struct Signals {
    asked: watch::Receiver<bool>,
}

impl Signals {
    /// Starts to listen; a second signal ends the process at once.
    pub(super) fn listen() -> Self {
        let (tell, asked) = watch::channel(false);
        let (Ok(mut interrupt), Ok(mut terminate)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            tracing::warn!("signals cannot be heard: a stop will end the process at once");
            return Self { asked };
        };
        let listening = async move {
            let mut times = 0;
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                times += 1;
                if times > 1 {
                    std::process::exit(i32::from(super::failure::INTERRUPTED));
                }
                tracing::warn!("asked to stop: finishing the step in hand");
                let _ = tell.send(true);
            }
        };
        #[expect(clippy::disallowed_methods, reason = "the door's own listener, ends with it")]
        tokio::spawn(listening);
        Self { asked }
    }

    /// Resolves once somebody asked to stop.
    pub(super) async fn stopped(&self) {
        let mut asked = self.asked.clone();
        if asked.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Tells whether somebody asked to stop.
    pub(super) fn is_asked(&self) -> bool {
        *self.asked.borrow()
    }
}
