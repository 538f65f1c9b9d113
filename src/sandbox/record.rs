//! What the sandbox was asked and what it answered. Tokens never get in here.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use crate::support::clock::Timestamp;

/// How many requests are kept.
const MOST_REQUESTS: usize = 20_000;
/// How many bytes of bodies are kept; older requests lose theirs first.
const MOST_BODY_BYTES: usize = 64 * 1024 * 1024;

/// One request and its answer.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Recorded {
    /// The method as sent.
    pub method: String,
    /// Path and query as sent.
    pub path: String,
    /// Names in lower case; the value of `authorization` is replaced.
    pub request_headers: Vec<(String, String)>,
    /// Empty when there was none or bodies are not recorded.
    pub request_body: String,
    /// Whose token it was; None without one or with an unknown one.
    pub login: Option<String>,
    /// None when the connection was closed (or kept open) without an answer.
    pub status: Option<u16>,
    /// Headers of the answer.
    pub response_headers: Vec<(String, String)>,
    /// The whole answer, also when `truncate` sent only half of it.
    pub response_body: String,
    /// When the request arrived.
    pub at: Timestamp,
    /// Whether the simulated GitHub carried the request out (answered below 400), whatever became of the answer.
    pub applied: bool,
    /// The fault that hit the request, as the fault language writes it.
    pub fault: Option<String>,
    /// How many edits of [`Sandbox::history`](super::Sandbox::history) the answer knew of.
    pub moment: usize,
}

impl Recorded {
    /// Whether it may change something: anything but GET and HEAD, and of GraphQL's only the mutations.
    pub fn is_write(&self) -> bool {
        let asks = || {
            let body: Option<serde_json::Value> = serde_json::from_str(&self.request_body).ok();
            let query = body.as_ref().and_then(|b| b.get("query")).and_then(serde_json::Value::as_str);
            query.is_some_and(|query| !query.trim_start().starts_with("mutation"))
        };
        match self.method.as_str() {
            "GET" | "HEAD" => false,
            _ if self.path.ends_with("/graphql") => !asks(),
            _ => true,
        }
    }
}

/// The last requests, oldest first.
#[derive(Debug, Default)]
pub(super) struct Log {
    requests: VecDeque<Recorded>,
    body_bytes: usize,
    /// Requests before this one have lost their bodies.
    bodies_from: usize,
    pub(super) without_bodies: bool,
}

impl Log {
    pub(super) fn push(&mut self, mut recorded: Recorded) {
        if self.without_bodies {
            recorded.request_body.clear();
            recorded.response_body.clear();
        }
        self.body_bytes += size(&recorded);
        self.requests.push_back(recorded);
        if self.requests.len() > MOST_REQUESTS
            && let Some(oldest) = self.requests.pop_front()
        {
            self.body_bytes -= size(&oldest);
            self.bodies_from = self.bodies_from.saturating_sub(1);
        }
        while self.body_bytes > MOST_BODY_BYTES {
            let Some(oldest) = self.requests.get_mut(self.bodies_from) else { break };
            self.body_bytes -= size(oldest);
            oldest.request_body = String::new();
            oldest.response_body = String::new();
            self.bodies_from += 1;
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self { without_bodies: self.without_bodies, ..Self::default() };
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Recorded> {
        self.requests.iter()
    }

    /// One JSON object a line; requests that got no answer are left out.
    pub(super) fn jsonl(&self) -> String {
        let mut out = String::new();
        for recorded in &self.requests {
            let Some(status) = recorded.status else { continue };
            let body = Some(&recorded.request_body).filter(|body| !body.is_empty());
            let line = json!({
                "method": recorded.method,
                "path": recorded.path,
                "req_headers": object(&recorded.request_headers),
                "req_body": body,
                "status": status,
                "resp_headers": object(&recorded.response_headers),
                "resp_body": recorded.response_body,
            });
            out.push_str(&line.to_string());
            out.push('\n');
        }
        out
    }
}

fn size(recorded: &Recorded) -> usize {
    recorded.request_body.len() + recorded.response_body.len()
}

fn object(headers: &[(String, String)]) -> Map<String, Value> {
    headers.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect()
}
