//! What a stranger cannot do: fill the process, or hold it up.

use std::time::Duration;

use quadra::server::Limits;
use reqwest::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Receiver, SECRET};

/// Limits that a test can wait for.
fn short() -> Limits {
    Limits {
        connections_max: 2,
        head_timeout: Duration::from_millis(200),
        body_timeout: Duration::from_millis(200),
        body_bytes_max: 1_000,
        connection_timeout: Duration::from_secs(5),
        stop_timeout: Duration::from_secs(1),
    }
}

/// Writes this, and returns what is answered until the other side closes.
async fn exchange(receiver: &Receiver, sent: &str) -> String {
    let mut stream = TcpStream::connect(receiver.address).await.unwrap();
    let _ = stream.write_all(sent.as_bytes()).await;
    let mut answer = Vec::new();
    let reading = stream.read_to_end(&mut answer);
    let _ = tokio::time::timeout(Duration::from_secs(10), reading).await.expect("it is closed");
    String::from_utf8_lossy(&answer).into_owned()
}

fn head(more: &str) -> String {
    format!("POST /receipt HTTP/1.1\r\nhost: x\r\nx-quadra-secret: {SECRET}\r\n{more}")
}

#[tokio::test]
async fn long_bodies_are_refused() {
    let receiver = Receiver::start(short()).await;
    let body = |length: usize| format!(r#"{{"id":"a1","note":"{}"}}"#, "x".repeat(length));
    let fits = 1_000 - body(0).len();
    assert_eq!(receiver.tell("/receipt", &body(fits)).await, StatusCode::OK);
    assert_eq!(receiver.tell("/receipt", &body(fits + 1)).await, StatusCode::PAYLOAD_TOO_LARGE);
    // Without a length that would tell beforehand.
    let chunk = "x".repeat(0x400);
    let sent = head(&format!("transfer-encoding: chunked\r\n\r\n400\r\n{chunk}\r\n0\r\n\r\n"));
    let answer = exchange(&receiver, &sent).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert_eq!(receiver.kept().await.len(), 1);
}

#[tokio::test]
async fn slow_bodies_are_given_up() {
    let receiver = Receiver::start(short()).await;
    let answer = exchange(&receiver, &head("content-length: 100\r\n\r\n{\"id\":")).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(receiver.kept().await.is_empty());
}

#[tokio::test]
async fn slow_and_long_heads_are_given_up() {
    let receiver = Receiver::start(short()).await;
    // Nothing at all, the beginning of a line, and a head without its end.
    for sent in ["", "POST /rec", head("x-more: 1\r\n").as_str()] {
        let answer = exchange(&receiver, sent).await;
        assert!(!answer.contains(" 200 "), "{answer}");
    }
    let long = head(&format!("x-long: {}\r\n\r\n", "y".repeat(40_000)));
    let answer = exchange(&receiver, &long).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    assert!(receiver.kept().await.is_empty());
}

#[tokio::test]
async fn idle_connections_do_not_keep_others_out() {
    let receiver = Receiver::start(short()).await;
    let mut idle = Vec::new();
    for _ in 0..2 * short().connections_max {
        idle.push(TcpStream::connect(receiver.address).await.unwrap());
    }
    assert_eq!(receiver.tell("/receipt", r#"{"id":"a1"}"#).await, StatusCode::OK);
    drop(idle);
    assert_eq!(receiver.kept().await.len(), 1);
}
