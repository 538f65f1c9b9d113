//! A server on a stage, and GitHub, which sends it webhooks.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use corkboard::engine::Engine;
use corkboard::sandbox::Seed;
use corkboard::server::{Server, ServerOptions};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::stage::*;

/// What the webhooks of the one connection are signed with.
pub const SECRET: &str = "what-only-we-and-github-know";

pub struct Desk {
    pub stage: Stage,
    pub engine: Engine,
    pub server: Server,
    pub client: reqwest::Client,
}

impl Desk {
    /// A board that has pulled once, and that polls so rarely that only a hint makes it look again.
    pub async fn new(seed: Seed) -> Self {
        Self::polling(seed, Duration::from_hours(1)).await
    }

    pub async fn polling(seed: Seed, interval: Duration) -> Self {
        let mut stage = Stage::new(seed).await;
        stage.settings.connections[0].interval = interval;
        Self::on(stage, SECRET).await
    }

    /// A board on the one connection of a stage that has pulled once, and takes webhooks with `secret`.
    pub async fn on(stage: Stage, secret: &str) -> Self {
        let engine = stage.engine().await;
        drop(engine.updates());
        engine.start();
        let mut health = engine.health();
        let pulled = health.wait_for(|all| all[0].last_good.is_some());
        tokio::time::timeout(DEADLINE, pulled).await.expect("in time").expect("watched");
        let options = ServerOptions {
            engine: engine.clone(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            allow_remote: false,
            secrets: HashMap::from([(stage.settings.connections[0].name.clone(), secret.to_owned().into())]),
        };
        let server = Server::start(options).await.expect("a server");
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { stage, engine, server, client }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address())
    }

    /// A webhook as GitHub sends it, signed with `secret`.
    pub async fn deliver(&self, id: &str, event: &str, secret: &str) -> (u16, serde_json::Value) {
        let body = br#"{"action":"edited"}"#.to_vec();
        self.send(
            "core",
            &body,
            &[
                ("x-hub-signature-256", &sign(secret, &body)),
                ("x-github-delivery", id),
                ("x-github-event", event),
            ],
        )
        .await
    }

    pub async fn send(&self, name: &str, body: &[u8], headers: &[(&str, &str)]) -> (u16, serde_json::Value) {
        let mut request = self.client.post(self.url(&format!("/webhooks/{name}"))).body(body.to_vec());
        for (key, value) in headers {
            request = request.header(*key, *value);
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json().await.expect("JSON"))
    }

    /// How often the board asked GitHub for its issues.
    pub fn looks(&self) -> usize {
        self.stage
            .sandbox
            .requests()
            .iter()
            .filter(|r| r.method == "GET" && r.path.contains("/issues"))
            .count()
    }

    pub async fn close(self) {
        self.server.shutdown().await;
        self.engine.shutdown().await;
    }
}

pub fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}
