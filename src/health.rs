//! Tells machines how the house is: `/healthz` for an orchestrator, `/metrics` for Prometheus.
//!
//! What comes in are GETs on an address of their own, which a proxy need not show to anybody:
//! the figures name companies by tax id. What goes out is read from the store at that moment;
//! nothing is kept between two questions. Absent on purpose: anything that changes something.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::config::jobs;
use crate::worker::{self, Context};

/// Returns the two paths, which answer out of the context's store.
pub fn router(ctx: Context) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/metrics", get(metrics))
        .with_state(Arc::new(ctx))
}

/// Answers 200 while the store and the jobs can be read: with a wrong job nothing is started.
async fn healthz(State(ctx): State<Arc<Context>>) -> Response {
    if let Err(error) = ctx.store.requests_on(ctx.today()).await {
        return unavailable("the store cannot be read", &error);
    }
    let folder = &ctx.config.jobs.dir;
    match if folder.is_dir() { jobs::load_all(folder).map(drop) } else { Ok(()) } {
        Ok(()) => "ok\n".into_response(),
        Err(error) => unavailable("the jobs cannot be read", &error),
    }
}

async fn metrics(State(ctx): State<Arc<Context>>) -> Response {
    match worker::figures(&ctx).await {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
            .into_response(),
        Err(error) => unavailable("the metrics were not counted", &error),
    }
}

/// The reason stands in the log; who asks learns only that there is one.
fn unavailable(what: &'static str, error: &dyn std::error::Error) -> Response {
    tracing::error!(error = worker::causes(error), "{what}");
    (StatusCode::SERVICE_UNAVAILABLE, what).into_response()
}
