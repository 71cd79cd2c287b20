//! The receiver of callbacks: what it takes, what it refuses, and what the next pull makes of it.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

mod limits;
mod receiver;
mod serve;

use std::net::SocketAddr;

use quadra::clock::Clock;
use quadra::server::{Limits, Server};
use quadra::store::Store;
use quadra::webhook::router;
use reqwest::{Method, StatusCode};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tempfile::TempDir;

/// The secret that every callback of these tests carries.
const SECRET: &str = "w3bh00k-s3cret-0123456789";

/// A receiver on a port of its own, with a store that can be looked into.
struct Receiver {
    address: SocketAddr,
    eyes: SqlitePool,
    _folder: TempDir,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    async fn start(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("quadra.db");
        let store = Store::open(&format!("sqlite://{}", path.display())).await.unwrap();
        let clock = Clock::Fixed("2026-03-02T09:00:00Z".parse().unwrap());
        let server = Server::bind("127.0.0.1:0".parse().unwrap(), limits).await.unwrap();
        let address = server.address();
        let router = router(&SECRET.to_owned().into(), limits, store, clock);
        #[expect(clippy::disallowed_methods, reason = "a server of this test")]
        let task = tokio::spawn(server.serve(router, std::future::pending()));
        let options = SqliteConnectOptions::new().filename(path);
        let eyes = SqlitePool::connect_with(options).await.unwrap();
        Self { address, eyes, _folder: folder, task }
    }

    /// Sends a request and returns the status of its answer.
    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> StatusCode {
        let http = reqwest::Client::builder().build().unwrap();
        let url = format!("http://{}{path}", self.address);
        let request = http.request(method, url).body(body.to_owned());
        let request =
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.send().await.unwrap().status()
    }

    /// Sends JSON with the right secret.
    async fn tell(&self, path: &str, body: &str) -> StatusCode {
        let headers = [("x-quadra-secret", SECRET), ("content-type", "application/json")];
        self.send(Method::POST, path, &headers, body).await
    }

    /// Returns event, list, identifier, state and body of everything that was kept.
    async fn kept(&self) -> Vec<[String; 5]> {
        let sql = "select event, resource, source_id, state, cast(body as text) \
                   from callbacks order by id";
        let rows = sqlx::query(sql).fetch_all(&self.eyes).await.unwrap();
        rows.iter().map(|row| [0, 1, 2, 3, 4].map(|column| row.get(column))).collect()
    }
}
