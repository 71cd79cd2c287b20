//! Empties the outbox: each delivery is marked as being sent before it is sent.
//!
//! A mail whose acceptance was not heard is `unknown`: shown, never repeated in silence.
//! A folder is written again without harm.

use std::path::{Path, PathBuf};

use crate::deliver::mail::{self, Attachment, Message, Outcome};
use crate::deliver::{self, folder};
use crate::store::{Delivery, DeliveryPart, DeliveryState, PartRole};
use crate::worker::publish::BETWEEN_RECIPIENTS;
use crate::worker::{Context, Error};

/// Counts what became of the deliveries that were waiting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Posted {
    /// Confirmed by the other side.
    pub sent: u64,
    /// Refused for good, or not tried because no mail server is set.
    pub refused: u64,
    /// Still waiting: the next run tries again.
    pub waiting: u64,
    /// May or may not have arrived.
    pub unknown: u64,
    /// Files written to folders.
    pub files: Vec<PathBuf>,
    /// What went wrong, a line each.
    pub problems: Vec<String>,
}

impl Posted {
    /// Tells whether everything that was waiting has arrived.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.refused == 0 && self.waiting == 0 && self.unknown == 0
    }
}

/// Sends everything that is queued; one failure never stops the others.
///
/// One process at a time: what is found in `sending` was left by one that died.
pub async fn post(ctx: &Context) -> Result<Posted, Error> {
    let _lock = ctx.store.lock_outbox().await?;
    let mut tx = ctx.store.begin("recover_deliveries").await?;
    let lost = tx.recover_deliveries(ctx.clock.now()).await?;
    tx.commit().await?;
    let mut posted = Posted { unknown: lost, ..Posted::default() };
    if lost > 0 {
        posted.problems.push(format!(
            "mails under way when an earlier run died: {lost}; they may have arrived"
        ));
    }
    for delivery in ctx.store.deliveries(DeliveryState::Queued).await? {
        if !claim(ctx, &delivery).await? {
            continue;
        }
        let (state, reply) = match delivery.channel.as_str() {
            "mail" => send_mail(ctx, &delivery).await,
            _ => write_folder(&delivery, &mut posted),
        };
        count(&mut posted, &delivery, state, &reply);
        set_state(ctx, &delivery, state, &reply).await?;
    }
    Ok(posted)
}

fn count(posted: &mut Posted, delivery: &Delivery, state: DeliveryState, reply: &str) {
    let counter = match state {
        DeliveryState::Sent => &mut posted.sent,
        DeliveryState::Refused => &mut posted.refused,
        DeliveryState::Unknown => &mut posted.unknown,
        DeliveryState::Queued | DeliveryState::Sending => &mut posted.waiting,
    };
    *counter += 1;
    if state == DeliveryState::Sent {
        tracing::info!(delivery = delivery.delivery_key, "report delivered");
    } else {
        let address = delivery.address.replace(BETWEEN_RECIPIENTS, ", ");
        posted.problems.push(format!("{} to {address}: {reply}", delivery.channel));
    }
}

async fn send_mail(ctx: &Context, delivery: &Delivery) -> (DeliveryState, String) {
    let Some(settings) = &ctx.config.mail else {
        let reply = "no `[mail]` server is set: set `mail.host` and `mail.from`".to_owned();
        return (DeliveryState::Queued, reply);
    };
    let body = |role: PartRole| {
        let part = delivery.parts.iter().find(|part| part.role == role);
        part.map(|part| String::from_utf8_lossy(&part.bytes).into_owned()).unwrap_or_default()
    };
    let message = Message {
        delivery_key: delivery.delivery_key.clone(),
        from: settings.from.clone(),
        recipients: delivery.address.split(BETWEEN_RECIPIENTS).map(ToOwned::to_owned).collect(),
        subject: delivery.subject.clone(),
        text: body(PartRole::Text),
        html: body(PartRole::Html),
        attachments: delivery
            .parts
            .iter()
            .filter(|part| part.role == PartRole::Attachment)
            .map(attachment)
            .collect(),
        sent_at: delivery.created_at,
    };
    crashpoint!("before send", "mail");
    let outcome = mail::send(&settings.server, &message).await;
    crashpoint!("after send", "mail");
    match outcome {
        Outcome::Sent { server_reply, left_out } if left_out.is_empty() => {
            (DeliveryState::Sent, server_reply)
        }
        Outcome::Sent { left_out, .. } => {
            let names: Vec<String> = left_out
                .iter()
                .map(|one| format!("{} ({} {})", one.address, one.code, one.reply))
                .collect();
            (DeliveryState::Refused, format!("sent, but refused for {}", names.join(", ")))
        }
        Outcome::Refused { reply, .. } => (DeliveryState::Refused, reply),
        Outcome::TryLater { reason } => (DeliveryState::Queued, reason),
        Outcome::Unknown { reason } => (DeliveryState::Unknown, reason),
    }
}

fn attachment(part: &DeliveryPart) -> Attachment {
    Attachment {
        file_name: part.file_name.clone(),
        media_type: part.media_type.clone(),
        bytes: part.bytes.clone(),
    }
}

fn write_folder(delivery: &Delivery, posted: &mut Posted) -> (DeliveryState, String) {
    let files: Vec<(&str, &[u8])> = delivery
        .parts
        .iter()
        .map(|part| (part.file_name.as_str(), part.bytes.as_slice()))
        .collect();
    match folder::write(Path::new(&delivery.address), &files) {
        Ok(written) => {
            let reply = format!("{} files written", written.len());
            posted.files.extend(written);
            (DeliveryState::Sent, reply)
        }
        Err(error) => (DeliveryState::Queued, explain(&error)),
    }
}

fn explain(error: &deliver::Error) -> String {
    let causes = crate::worker::error::causes(error);
    match error.hint() {
        Some(hint) => format!("{causes} ({hint})"),
        None => causes,
    }
}

async fn claim(ctx: &Context, delivery: &Delivery) -> Result<bool, Error> {
    let mut tx = ctx.store.begin("claim_delivery").await?;
    let is_ours = tx.claim_delivery(delivery.id, ctx.clock.now()).await?;
    tx.commit().await?;
    Ok(is_ours)
}

async fn set_state(
    ctx: &Context,
    delivery: &Delivery,
    state: DeliveryState,
    reply: &str,
) -> Result<(), Error> {
    let mut tx = ctx.store.begin("set_delivery_state").await?;
    tx.set_delivery_state(delivery.id, state, reply, ctx.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}
