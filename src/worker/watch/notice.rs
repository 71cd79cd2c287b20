//! Gives warnings: written down and queued as one mail, in one transaction.

use sha2::{Digest as _, Sha256};

use crate::config::jobs::Job;
use crate::credentials::Alert;
use crate::report;
use crate::store::{DeliveryPart, NewDelivery, PartRole};
use crate::worker::publish::BETWEEN_RECIPIENTS;
use crate::worker::{Context, Error};

/// Writes the warnings down and queues their mail, if the job has somebody to mail to.
///
/// With enough credit again, what was said about too little of it is forgotten. Returns how
/// many mails were queued.
pub(super) async fn give(
    ctx: &Context,
    job: &Job,
    run_id: i64,
    new: &[Alert],
    credit_is_enough: Option<bool>,
) -> Result<u64, Error> {
    let now = ctx.clock.now();
    let mut tx = ctx.store.begin("give_warnings").await?;
    if credit_is_enough == Some(true) {
        tx.forget_warnings("credit").await?;
    }
    let mut queued = 0;
    for alert in new {
        let (name, life) = (alert.name(), alert.life());
        tx.record_warning(run_id, (&name, &life, alert.level), now).await?;
    }
    if !new.is_empty() && !job.recipients.is_empty() {
        let delivery = mail(ctx, job, new);
        queued += u64::from(tx.queue_delivery(run_id, &delivery, now).await?);
    }
    tx.commit().await?;
    Ok(queued)
}

fn mail(ctx: &Context, job: &Job, new: &[Alert]) -> NewDelivery {
    let language = job.language.unwrap_or(ctx.config.report.language);
    let addresses: Vec<&str> = job.recipients.iter().map(|one| one.address.as_str()).collect();
    let address = addresses.join(BETWEEN_RECIPIENTS);
    let notice = report::notice(new, language, ctx.today());
    let mut hasher = Sha256::new();
    hasher.update(&address);
    for alert in new {
        hasher.update(format!("{} {} {}", alert.name(), alert.life(), alert.level));
    }
    let digest = hex::encode(&hasher.finalize()[..8]);
    let part = |role, media_type: &str, text: String| DeliveryPart {
        role,
        file_name: String::new(),
        media_type: media_type.to_owned(),
        bytes: text.into_bytes(),
    };
    NewDelivery {
        delivery_key: format!("{}.{}.credentials.{digest}", job.name, ctx.today()),
        channel: "mail".to_owned(),
        address,
        subject: notice.subject,
        said: String::new(),
        parts: vec![
            part(PartRole::Text, "text/plain; charset=utf-8", notice.text),
            part(PartRole::Html, "text/html; charset=utf-8", notice.html),
        ],
    }
}
