//! The outbox: queued once, claimed by one, and never sent again in doubt.

use quadra::store::{DeliveryPart, DeliveryState, NewDelivery, PartRole, Store};

use super::{at, fresh};

fn delivery(key: &str, channel: &str) -> NewDelivery {
    NewDelivery {
        delivery_key: key.to_owned(),
        channel: channel.to_owned(),
        address: "b@rossi.example".to_owned(),
        subject: "all is well".to_owned(),
        said: String::new(),
        parts: vec![DeliveryPart {
            role: PartRole::Text,
            file_name: String::new(),
            media_type: "text/plain".to_owned(),
            bytes: vec![0, 1, 255],
        }],
    }
}

async fn queue(store: &Store, delivery: &NewDelivery) -> bool {
    let mut tx = store.begin("test").await.unwrap();
    let run_id = tx.begin_run("night", "2026-02".parse().unwrap(), at(1)).await.unwrap();
    let is_new = tx.queue_delivery(run_id, delivery, at(1)).await.unwrap();
    tx.commit().await.unwrap();
    is_new
}

async fn keys(store: &Store, state: DeliveryState) -> Vec<String> {
    let found = store.deliveries(state).await.unwrap();
    found.into_iter().map(|one| one.delivery_key).collect()
}

#[tokio::test]
async fn same_key_is_queued_once() {
    let fresh = fresh().await;
    assert!(queue(&fresh.store, &delivery("a", "mail")).await);
    assert!(!queue(&fresh.store, &delivery("a", "mail")).await);
    let [stored] = &fresh.store.deliveries(DeliveryState::Queued).await.unwrap()[..] else {
        panic!("one delivery");
    };
    assert_eq!(stored.parts, delivery("a", "mail").parts);
    // Nor is one that was sent long ago.
    let mut tx = fresh.store.begin("test").await.unwrap();
    tx.set_delivery_state(stored.id, DeliveryState::Sent, "250 ok", at(2)).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!queue(&fresh.store, &delivery("a", "mail")).await);
}

#[tokio::test]
async fn delivery_is_claimed_by_one_only() {
    let fresh = fresh().await;
    queue(&fresh.store, &delivery("a", "mail")).await;
    let id = fresh.store.deliveries(DeliveryState::Queued).await.unwrap()[0].id;
    for is_first in [true, false] {
        let mut tx = fresh.store.begin("test").await.unwrap();
        assert_eq!(tx.claim_delivery(id, at(2)).await.unwrap(), is_first);
        tx.commit().await.unwrap();
    }
    assert_eq!(fresh.store.deliveries(DeliveryState::Sending).await.unwrap()[0].attempts, 1);
}

#[tokio::test]
async fn crash_makes_mails_unknown_and_folders_queued() {
    let fresh = fresh().await;
    for (key, channel) in [("m", "mail"), ("f", "folder"), ("waiting", "mail")] {
        queue(&fresh.store, &delivery(key, channel)).await;
    }
    let mut tx = fresh.store.begin("test").await.unwrap();
    for one in fresh.store.deliveries(DeliveryState::Queued).await.unwrap() {
        if one.delivery_key != "waiting" {
            assert!(tx.claim_delivery(one.id, at(2)).await.unwrap());
        }
    }
    tx.commit().await.unwrap();
    let mut tx = fresh.store.begin("test").await.unwrap();
    assert_eq!(tx.recover_deliveries(at(3)).await.unwrap(), 1, "only the mail is in doubt");
    tx.commit().await.unwrap();
    assert_eq!(keys(&fresh.store, DeliveryState::Unknown).await, ["m"]);
    assert_eq!(keys(&fresh.store, DeliveryState::Queued).await, ["f", "waiting"]);
}

#[tokio::test]
async fn outbox_is_locked_for_others_until_dropped() {
    let fresh = fresh().await;
    let lock = fresh.store.lock_outbox().await.unwrap();
    let wait = std::time::Duration::from_millis(200);
    assert!(tokio::time::timeout(wait, fresh.store.lock_outbox()).await.is_err());
    drop(lock);
    assert!(tokio::time::timeout(wait, fresh.store.lock_outbox()).await.is_ok());
}
