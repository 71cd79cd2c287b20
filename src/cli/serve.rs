//! `quadra serve`: what runs all day in one process.

mod tasks;

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::cli::failure::Failure;
use crate::cli::signals::Signals;
use crate::cli::{Global, output};
use crate::clock::Clock;
use crate::config::Config;
use crate::server::{Limits, Server};
use crate::webhook;
use crate::worker::Context;
use tasks::Tasks;

/// Receive the provider's callbacks, until asked to stop
///
/// It listens on `webhook.listen` and takes what carries `webhook.secret`, in the header
/// `x-quadra-secret` or as a part of the path. A callback is stored as it came before it is
/// answered 200; of what it says only the document's id is believed, and the next pull reads
/// that document first, with our own token. `quadra companies update ID` registers the
/// addresses.
///
/// SIGTERM and SIGINT end it with 0, after the requests in hand were answered.
#[derive(Debug, Args)]
pub(super) struct Serve {}

impl Serve {
    pub(super) async fn run(self, global: &Global, signals: &Signals) -> Result<ExitCode, Failure> {
        let config = global.load()?;
        check(&config)?;
        let ctx = Context::open(config, Clock::System).await?;
        let mut tasks = Tasks::default();
        let callbacks = receive_callbacks(&ctx, &mut tasks).await?;
        tell(global, &ctx.config, &callbacks)?;
        let ended = tasks.run_until(signals.stopped()).await;
        ctx.store.close().await;
        ended.map(|()| ExitCode::SUCCESS)
    }
}

/// A process that would serve nothing does not start.
fn check(config: &Config) -> Result<(), Failure> {
    if config.webhook.secret.is_some() {
        return Ok(());
    }
    Err(Failure::Usage {
        message: "there is nothing to serve: the callbacks' secret is not set".to_owned(),
        hint: Some(
            "set QUADRA__WEBHOOK__SECRET, or `webhook.secret_file` to a file of mode 0600"
                .to_owned(),
        ),
    })
}

/// Opens the receiver's port and returns its address.
async fn receive_callbacks(ctx: &Context, tasks: &mut Tasks) -> Result<String, Failure> {
    let webhook = &ctx.config.webhook;
    let secret = webhook.secret.clone().unwrap_or_default();
    let limits = Limits::default();
    let server = Server::bind(webhook.listen, limits).await?;
    let address = format!("http://{}", server.address());
    let router = webhook::router(&secret, limits, ctx.store.clone(), ctx.clock);
    tasks.start("the receiver of callbacks", |stop| async move {
        server.serve(router, stop.asked()).await;
        Ok(())
    });
    Ok(address)
}

/// Says what is served where, once it is.
fn tell(global: &Global, config: &Config, callbacks: &str) -> Result<(), Failure> {
    let public_url = config.webhook.public_url.as_deref();
    if global.json {
        return output::json(&json!({ "callbacks": callbacks, "public_url": public_url }));
    }
    output::line(&format!("callbacks at {callbacks}"))?;
    output::line(&match public_url {
        Some(url) => format!("registered as {url}/EVENT by `quadra companies add` and `update`"),
        None => "none is registered: set `webhook.public_url`, then `quadra companies update ID`"
            .to_owned(),
    })
}
