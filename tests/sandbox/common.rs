//! A small HTTP client for the tests and a sandbox to talk to.

use std::sync::Arc;
use std::time::Duration;

use corkboard::sandbox::{ADMIN_TOKEN, Sandbox, SandboxOptions, Seed};
use corkboard::support::clock::{ManualClock, Timestamp};
use reqwest::Method;
use serde_json::Value;

/// Longer than anything here takes; a test that reaches it has failed.
pub const DEADLINE: Duration = Duration::from_secs(10);
/// Where the manual clock of the tests starts: 2026-03-01T12:00:00Z.
pub const START: Timestamp = Timestamp(1_772_366_400_000);

/// One answer, read to its end.
#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("no JSON ({e}): {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Numbers of a list of issues.
    pub fn numbers(&self) -> Vec<u64> {
        self.json().as_array().unwrap().iter().map(|one| one["number"].as_u64().unwrap()).collect()
    }

    /// The address of that relation in `Link`.
    pub fn link(&self, rel: &str) -> Option<String> {
        let found = self.header("link").split(", ").find(|part| part.ends_with(&format!("rel=\"{rel}\"")))?;
        Some(found.split(['<', '>']).nth(1)?.to_owned())
    }
}

pub struct Client {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Client {
    pub fn new(sandbox: &Sandbox, token: &str) -> Self {
        let _already = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .user_agent("corkboard-tests")
            .redirect(reqwest::redirect::Policy::none())
            .timeout(DEADLINE)
            .build()
            .unwrap();
        Self { http, url: sandbox.url().to_owned(), token: token.to_owned() }
    }

    /// A request with the token; `path` may be a whole address.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.url) };
        let request = self.http.request(method, url);
        if self.token.is_empty() { request } else { request.bearer_auth(&self.token) }
    }

    pub async fn try_send(request: reqwest::RequestBuilder) -> Result<Got, reqwest::Error> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Got { status, headers, text: response.text().await? })
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Got {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        Self::try_send(request).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Got {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Got {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Got {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Got {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Got {
        self.send(Method::DELETE, path, None).await
    }
}

/// A sandbox whose clock stands still until told otherwise, with `count` issues.
pub async fn still(count: usize) -> (Sandbox, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(START));
    let options = SandboxOptions { seed: Seed::Count(count), clock: clock.clone(), ..Default::default() };
    (Sandbox::start(options).await.unwrap(), clock)
}

/// A sandbox of `count` issues and its administrator.
pub async fn admin(count: usize) -> (Sandbox, Client) {
    let (sandbox, _) = still(count).await;
    let client = Client::new(&sandbox, ADMIN_TOKEN);
    (sandbox, client)
}

pub const ISSUES: &str = "/repos/octo/app/issues";

pub fn faults(spec: &str) -> corkboard::sandbox::Faults {
    spec.parse().unwrap()
}
