//! The one way out: a shared HTTP client and, per host and credential, a gate that paces, refuses, waits and reports.
//!
//! Nothing here retries, and of the platforms nothing but their tables of [`Limits`] is here. Every request of every
//! connector goes through [`Port::send`], so that pacing, budgets, cool-downs, the read-only switch and observation
//! cannot be bypassed.

mod account;
mod bucket;
mod budget;
mod cooldown;
mod gate;
mod headers;
mod lane;
mod limits;
mod network;
mod tls;

pub use cooldown::CoolDownObserver;
pub use gate::{Gate, Gates, GatesOptions, Port};
pub use headers::{Links, links};
pub use limits::{Limits, Rule};
pub use tls::{ClientError, http_client, loopback_client};

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::Exchange;
use crate::domain::health::RequestClass;
use crate::support::clock::Timestamp;
use crate::support::hidden::Hidden;
use crate::support::text::{clip, one_line};

/// Is told of every exchange with a platform.
pub type ExchangeObserver = Arc<dyn Fn(Exchange) + Send + Sync>;

/// How much of a server's words is kept, in characters.
pub const WORDS_MAX: usize = 512;

/// What proves who we are: the header that carries it and its whole value.
#[derive(Debug, Clone)]
pub struct Credential {
    header: HeaderName,
    value: SecretString,
    hidden: Hidden,
}

impl Credential {
    /// `Authorization: Bearer <token>`.
    pub fn bearer(token: &SecretString) -> Self {
        Self {
            header: reqwest::header::AUTHORIZATION,
            value: SecretString::from(format!("Bearer {}", token.expose_secret())),
            hidden: Hidden::new(token),
        }
    }

    /// `Authorization: Basic` of a user and a token, as Atlassian's platforms take it.
    pub fn basic(user: &str, token: &SecretString) -> Self {
        let pair = BASE64.encode(format!("{user}:{}", token.expose_secret()));
        Self {
            header: reqwest::header::AUTHORIZATION,
            value: SecretString::from(format!("Basic {pair}")),
            hidden: Hidden::of_user(user, token),
        }
    }

    /// Whether both are the same credential.
    fn same(&self, other: &Self) -> bool {
        self.header == other.header && self.value.expose_secret() == other.value.expose_secret()
    }

    /// The header's value, marked so that no library prints it; `None` when the token holds what a header cannot.
    fn header_value(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(self.value.expose_secret()).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// `text` as it may be shown: without the secret, on one line, at most [`WORDS_MAX`] characters.
    pub fn words(&self, text: &str) -> String {
        let clean = self.hidden.redact(text);
        clip(one_line(clean.as_deref().unwrap_or(text)).trim(), WORDS_MAX)
    }

    /// Takes the secret out of headers that repeat it: request ids are kept, addresses are shown.
    fn clean_head(&self, head: &mut HeaderMap) {
        for value in head.values_mut() {
            if let Some(clean) = self.hidden.redact(&String::from_utf8_lossy(value.as_bytes())) {
                *value = HeaderValue::from_str(&clean).unwrap_or(HeaderValue::from_static("[redacted]"));
            }
        }
    }

    /// Takes the secret out of the body of a refusal.
    fn clean_body(&self, body: Vec<u8>) -> Vec<u8> {
        let clean = self.hidden.redact(&String::from_utf8_lossy(&body));
        clean.map_or(body, String::into_bytes)
    }
}

/// Who waits for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Priority {
    /// A person: an edit that is sent, a card that is opened.
    #[default]
    Interactive,
    /// Nobody: a pull that keeps the board up to date.
    Background,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Call {
    /// The method; anything but GET and HEAD is a mutation, unless it is a GraphQL query.
    pub method: Method,
    /// Where to; must be on the gate's own host.
    pub url: Url,
    /// Headers besides the credential.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// A JSON body.
    pub json: Option<serde_json::Value>,
    /// Which limits it counts against; the connector knows.
    pub class: RequestClass,
    /// Who waits for it.
    pub priority: Priority,
}

impl Call {
    /// A GET that a person waits for.
    pub fn get(url: Url) -> Self {
        Self {
            method: Method::GET,
            url,
            headers: Vec::new(),
            json: None,
            class: RequestClass::Read,
            priority: Priority::Interactive,
        }
    }

    /// Whether it may change something on the platform.
    pub fn is_mutation(&self) -> bool {
        !matches!(self.method, Method::GET | Method::HEAD) && !self.is_query()
    }

    /// Whether it is a GraphQL query: it travels as a POST and changes nothing. A document that so much as names a
    /// mutation is not taken for one.
    fn is_query(&self) -> bool {
        let document = self.json.as_ref().and_then(|json| json.get("query")).and_then(|q| q.as_str());
        self.class == RequestClass::Graphql
            && document.is_some_and(|d| d.trim_start().starts_with("query") && !d.contains("mutation"))
    }
}

/// A complete answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers, without our own secret.
    pub headers: HeaderMap,
    /// The whole body, bounded; that of a refusal without our own secret. What a good answer holds is data, and stays.
    pub body: Vec<u8>,
    /// Where it came from.
    pub url: Url,
    /// Whether it answers a mutation.
    pub mutation: bool,
    /// How long the server asks us to stay away, in milliseconds.
    pub retry_after_ms: Option<i64>,
}

impl Reply {
    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// The server's clock when it answered.
    pub fn date(&self) -> Option<Timestamp> {
        headers::date(&self.headers)
    }

    /// The platform's id of the request.
    pub fn request_id(&self) -> Option<String> {
        headers::request_id(&self.headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_graphql_query_is_a_read_and_whatever_else_is_posted_is_not() {
        let url = Url::parse("https://api.github.com/graphql").expect("an address");
        let call = |document: &str, class| Call {
            method: Method::POST,
            json: Some(json!({ "query": document })),
            class,
            ..Call::get(url.clone())
        };
        let graphql = RequestClass::Graphql;
        assert!(!call("query A { viewer { login } }", graphql).is_mutation());
        assert!(call("mutation B { x }", graphql).is_mutation());
        assert!(call("query A { a } mutation B { b }", graphql).is_mutation());
        assert!(call("query A { viewer { login } }", RequestClass::Write).is_mutation());
        assert!(Call { method: Method::POST, class: graphql, ..Call::get(url) }.is_mutation());
    }
}
