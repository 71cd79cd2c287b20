//! What is counted for Prometheus, and telling those who watch: the file and the ping.

use std::collections::BTreeMap;
use std::path::Path;

use crate::api;
use crate::credentials::State;
use crate::deliver::folder;
use crate::findings::Kind;
use crate::fiscal::date_in_rome;
use crate::metrics::Exposition;
use crate::worker::error::causes;
use crate::worker::{Context, Error, watched};

/// Returns the figures of the store, in Prometheus' text format.
///
/// Companies go by tax id; no name, person's code or address is in it.
pub async fn figures(ctx: &Context) -> Result<String, Error> {
    let mut all = Exposition::default();
    jobs(ctx, &mut all).await?;
    counts(ctx, &mut all).await?;
    outbox(ctx, &mut all).await?;
    credentials(ctx, &mut all).await?;
    Ok(all.into_text())
}

/// Tells those who watch how a run ended: the metrics file always, the ping when all was done.
///
/// Nobody's deafness ends a run: what goes wrong here is logged.
pub async fn tell_watchers(ctx: &Context, did_all: bool) {
    let settings = &ctx.config.watch;
    if let Some(path) = &settings.metrics_file {
        match figures(ctx).await {
            Ok(text) => {
                if let Err(error) = put(path, &text) {
                    tracing::warn!(error = causes(&error), "the metrics were not written");
                }
            }
            Err(error) => tracing::warn!(error = causes(&error), "the metrics were not counted"),
        }
    }
    if let (Some(url), true) = (&settings.ping_url, did_all) {
        crashpoint!("before send", "ping");
        let heard = api::ping(url).await;
        crashpoint!("after send", "ping");
        if let Err(reason) = heard {
            tracing::warn!(reason, "the ping after the run was not heard");
        }
    }
}

/// Writes the file under a hidden name and renames it: no collector reads half of it.
fn put(path: &Path, text: &str) -> Result<(), Error> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    folder::write(folder.unwrap_or(Path::new(".")), &[(&name, text.as_bytes())])?;
    Ok(())
}

async fn jobs(ctx: &Context, all: &mut Exposition) -> Result<(), Error> {
    let jobs = ctx.store.job_figures().await?;
    let name = "quadra_job_last_success_timestamp_seconds";
    all.family(name, "When a run of the job last ended with every step done wholly.");
    for job in &jobs {
        if let Some(at) = job.succeeded_at {
            all.sample(name, &[("job", &job.job)], at.timestamp());
        }
    }
    let name = "quadra_job_last_end_timestamp_seconds";
    all.family(name, "When a run of the job last ended, however.");
    for job in &jobs {
        all.sample(name, &[("job", &job.job)], job.ended_at.timestamp());
    }
    let name = "quadra_job_last_verdict_info";
    all.family(name, "The verdict of the job's last run.");
    for job in &jobs {
        if let Some(verdict) = job.verdict {
            all.sample(name, &[("job", &job.job), ("verdict", verdict.as_str())], 1);
        }
    }
    Ok(())
}

async fn counts(ctx: &Context, all: &mut Exposition) -> Result<(), Error> {
    let name = "quadra_requests_today";
    all.family(name, "Requests to the provider on this business day, retries included.");
    all.sample(name, &[], ctx.store.requests_on(ctx.today()).await?);
    let name = "quadra_requests_budget";
    all.family(name, "Requests that a day may take.");
    all.sample(name, &[], i64::from(ctx.config.api.daily_requests));
    let name = "quadra_documents";
    all.family(name, "Documents of the provider in the store.");
    for count in ctx.store.document_counts().await? {
        all.sample(name, &[("kind", &count.word)], count.number);
    }
    let open: BTreeMap<String, (i64, i64)> = ctx
        .store
        .open_finding_counts()
        .await?
        .into_iter()
        .map(|count| (count.word, (count.number, count.cents)))
        .collect();
    let of = |kind: &Kind| open.get(kind.as_str()).copied().unwrap_or_default();
    let name = "quadra_findings_open";
    all.family(name, "Open findings by kind.");
    // A kind at zero is a line too: an alert on it must see it fall.
    for kind in Kind::ALL {
        all.sample(name, &[("kind", kind.as_str())], of(kind).0);
    }
    let name = "quadra_findings_at_risk_euros";
    all.family(name, "Euros at risk in open findings by kind.");
    for kind in Kind::ALL {
        all.euros(name, &[("kind", kind.as_str())], of(kind).1);
    }
    Ok(())
}

async fn outbox(ctx: &Context, all: &mut Exposition) -> Result<(), Error> {
    let name = "quadra_outbox_age_seconds";
    all.family(name, "Age of the oldest delivery that still waits; 0 when none does.");
    let now = ctx.clock.now();
    let oldest = ctx.store.oldest_waiting().await?;
    all.sample(name, &[], oldest.map_or(0, |at| (now - at).num_seconds().max(0)));
    let name = "quadra_outbox_deliveries";
    all.family(name, "Deliveries that have not arrived, as far as is known, by state.");
    for count in ctx.store.undelivered_counts().await? {
        all.sample(name, &[("state", &count.word)], count.number);
    }
    let name = "quadra_intents_open";
    all.family(name, "Things begun at the provider whose end is open.");
    let open = ctx.store.open_intents().await?.len();
    all.sample(name, &[], i64::try_from(open).unwrap_or(i64::MAX));
    Ok(())
}

async fn credentials(ctx: &Context, all: &mut Exposition) -> Result<(), Error> {
    let (watched, today) = (watched(ctx, false).await?, ctx.today());
    let rows = || {
        watched.credentials.iter().flat_map(|credential| {
            credential.companies.iter().map(move |company| (credential, &company.company))
        })
    };
    let name = "quadra_credential_days_left";
    all.family(
        name,
        "Days until the company's credentials of the tax portal end; none when unknown.",
    );
    for (credential, company) in rows() {
        if let Some(days) = credential.days_left {
            all.sample(name, &[("company", company.as_str())], days);
        }
    }
    let name = "quadra_credential_usable";
    all.family(name, "0 when the credentials are over, refused, left behind or of unknown age.");
    for (credential, company) in rows() {
        let is_good = matches!(credential.state_of(company), State::Valid | State::Expiring);
        all.sample(name, &[("company", company.as_str())], i64::from(is_good));
    }
    if let Some((_, Some(ends_at))) = watched.account.token {
        let name = "quadra_token_days_left";
        all.family(name, "Days until the API token ends.");
        all.sample(name, &[], (date_in_rome(ends_at) - today).num_days());
    }
    if let Some((_, cents)) = watched.account.credit {
        let name = "quadra_credit_euros";
        all.family(name, "The account's credit at the provider, when last asked.");
        all.euros(name, &[], cents);
    }
    Ok(())
}
