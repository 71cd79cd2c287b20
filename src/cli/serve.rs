//! `quadra serve`: what runs all day in one process.

mod schedule;
mod tasks;

use std::pin::pin;
use std::process::ExitCode;

use clap::Args;
use futures::future::{self, Either};
use serde_json::json;

use crate::cli::failure::Failure;
use crate::cli::signals::Signals;
use crate::cli::{Global, clock, output};
use crate::config::Config;
use crate::config::jobs::Job;
use crate::health;
use crate::server::{Limits, Server};
use crate::webhook;
use crate::worker::Context;
use tasks::Tasks;

/// Keep the jobs' schedule and receive the provider's callbacks, until asked to stop
///
/// Every minute it does what `quadra run --due` does: each due time once, whoever else looks.
/// Job files are read anew each time.
///
/// It listens on `webhook.listen` and takes what carries `webhook.secret`, in the header
/// `x-quadra-secret` or as a part of the path. A callback is stored as it came before it is
/// answered 200; of what it says only the document's id is believed, and the next pull reads
/// that document first, with our own token. `quadra companies update ID` registers the
/// addresses.
///
/// With `watch.listen` it answers `/healthz` and `/metrics` there. SIGTERM and SIGINT end it
/// with 0, after the requests in hand were answered and the step in hand was done; a run that was
/// not at its end goes on with the next start.
#[derive(Debug, Args)]
pub(super) struct Serve {}

impl Serve {
    pub(super) async fn run(self, global: &Global, signals: &Signals) -> Result<ExitCode, Failure> {
        let config = global.load()?;
        let ctx = Context::open(config, clock()).await?;
        let jobs = schedule::known(&ctx)?;
        check(&ctx.config, &jobs)?;
        let mut tasks = Tasks::default();
        let callbacks = receive_callbacks(&ctx, &mut tasks).await?;
        let health = answer_machines(&ctx, &mut tasks).await?;
        let has_port = callbacks.is_some() || health.is_some();
        tell(global, &ctx.config, &Served { callbacks, health, jobs: &jobs })?;
        let mut running = pin!(async {
            // Without a port there is no task, and the schedule alone lives until the stop.
            if has_port {
                return tasks.run_until(signals.stopped()).await;
            }
            signals.stopped().await;
            Ok(())
        });
        let mut keeping = pin!(schedule::keep(&ctx, global, signals));
        let ended = match future::select(running.as_mut(), keeping.as_mut()).await {
            // A task that failed ends the process; the run in hand is resumed by the next one.
            Either::Left((ended, _)) if !signals.is_asked() => ended,
            Either::Left((ended, keeping)) => {
                keeping.await;
                ended
            }
            Either::Right(((), running)) => running.await,
        };
        ctx.store.clone().close().await;
        ended.map(|()| ExitCode::SUCCESS)
    }
}

/// A process that would serve nothing does not start.
fn check(config: &Config, jobs: &[Job]) -> Result<(), Failure> {
    if config.webhook.secret.is_some() || !jobs.is_empty() || config.watch.listen.is_some() {
        return Ok(());
    }
    Err(Failure::Usage {
        message: "there is nothing to serve: no job has a schedule, and the callbacks' secret \
                  is not set"
            .to_owned(),
        hint: Some(format!(
            "give a job in `{}` a `[schedule]`, or set QUADRA__WEBHOOK__SECRET, or \
                 `webhook.secret_file` to a file of mode 0600, or `watch.listen`",
            config.jobs.dir.display()
        )),
    })
}

/// Opens the receiver's port and returns its address.
async fn receive_callbacks(ctx: &Context, tasks: &mut Tasks) -> Result<Option<String>, Failure> {
    let webhook = &ctx.config.webhook;
    let Some(secret) = webhook.secret.clone() else { return Ok(None) };
    let limits = Limits::default();
    let server = Server::bind(webhook.listen, limits).await?;
    let address = format!("http://{}", server.address());
    let router = webhook::router(&secret, limits, ctx.store.clone(), ctx.clock);
    tasks.start("the receiver of callbacks", |stop| async move {
        server.serve(router, stop.asked()).await;
        Ok(())
    });
    Ok(Some(address))
}

/// Opens the port for machines that watch, if the settings name one.
async fn answer_machines(ctx: &Context, tasks: &mut Tasks) -> Result<Option<String>, Failure> {
    let Some(listen) = ctx.config.watch.listen else { return Ok(None) };
    let server = Server::bind(listen, Limits::default()).await?;
    let address = format!("http://{}", server.address());
    let router = health::router(ctx.clone());
    tasks.start("the answers to machines", |stop| async move {
        server.serve(router, stop.asked()).await;
        Ok(())
    });
    Ok(Some(address))
}

/// Holds what is served, and where.
struct Served<'a> {
    callbacks: Option<String>,
    health: Option<String>,
    jobs: &'a [Job],
}

/// Says what is served where, once it is.
fn tell(global: &Global, config: &Config, served: &Served<'_>) -> Result<(), Failure> {
    let public_url = config.webhook.public_url.as_deref();
    let jobs: Vec<&str> = served.jobs.iter().map(|job| job.name.as_str()).collect();
    if global.json {
        return output::json(&json!({
            "callbacks": served.callbacks, "public_url": public_url, "health": served.health,
            "jobs": jobs,
        }));
    }
    if let Some(callbacks) = &served.callbacks {
        output::line(&format!("callbacks at {callbacks}"))?;
        output::line(&match public_url {
            Some(url) => {
                format!("registered as {url}/EVENT by `quadra companies add` and `update`")
            }
            None => {
                "none is registered: set `webhook.public_url`, then `quadra companies update ID`"
                    .to_owned()
            }
        })?;
    }
    if let Some(health) = &served.health {
        output::line(&format!("/healthz and /metrics at {health}"))?;
    }
    if !jobs.is_empty() {
        output::line(&format!("schedule of {}", jobs.join(", ")))?;
    }
    Ok(())
}
