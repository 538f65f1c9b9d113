//! Asks Jira one thing at a time: addresses, decoding. It decides nothing and retries nothing.

use reqwest::Method;
use reqwest::header::{ACCEPT, HeaderName, HeaderValue};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use url::Url;

use super::classify::{About, classify};
use crate::connector::http::{Call, Port, Priority, Reply};
use crate::connector::{Class, Failure, RemoteRef, Scope, reading};
use crate::domain::health::RequestClass;

/// How many pages of one list are read before we say that it never ends.
pub(super) const PAGES_MAX: usize = if cfg!(test) { 100 } else { 10_000 };
/// The most entries one page may have; Jira's have five thousand at most.
const ENTRIES_MAX: usize = 5_000;

/// A Jira as one connection sees it.
#[derive(Debug)]
pub(super) struct Api {
    port: Port,
    base: Url,
    /// The project's key.
    project: String,
    cloud: bool,
}

impl Api {
    pub(super) fn new(port: Port, base: Url, project: String, cloud: bool) -> Self {
        Self { port, base, project, cloud }
    }

    pub(super) fn port(&self) -> &Port {
        &self.port
    }

    pub(super) fn project(&self) -> &str {
        &self.project
    }

    pub(super) fn is_cloud(&self) -> bool {
        self.cloud
    }

    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    /// An address below the site; every part is escaped.
    pub(super) fn on_site(&self, parts: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(parts);
        }
        url
    }

    /// An address below the API.
    pub(super) fn url(&self, parts: &[&str], query: &[(&str, &str)]) -> Url {
        let version = if self.cloud { "3" } else { "2" };
        let all: Vec<&str> = ["rest", "api", version].into_iter().chain(parts.iter().copied()).collect();
        let mut url = self.on_site(&all);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// An address below an issue. Its id stays when it is moved and gets another key.
    pub(super) fn at(&self, at: &RemoteRef, parts: &[&str], query: &[(&str, &str)]) -> Url {
        let key = format!("{}-{}", at.repository, at.number);
        let name = if at.id.is_empty() { key.as_str() } else { at.id.as_str() };
        let all: Vec<&str> = ["issue", name].into_iter().chain(parts.iter().copied()).collect();
        self.url(&all, query)
    }

    /// Reads.
    pub(super) async fn read(&self, url: Url, priority: Priority, about: About) -> Result<Reply, Failure> {
        let class = if url.path().contains("/search") { RequestClass::Search } else { RequestClass::Read };
        self.ask(Call { class, priority, ..Call::get(url) }, about).await
    }

    /// Reads what a person waits for, and decodes it.
    pub(super) async fn get<T: DeserializeOwned>(&self, url: Url, about: About) -> Result<T, Failure> {
        let reply = self.read(url, Priority::Interactive, about).await?;
        self.decode(&reply, about)
    }

    /// Writes.
    pub(super) async fn write(
        &self,
        method: Method,
        url: Url,
        body: Value,
        about: About,
    ) -> Result<Reply, Failure> {
        let content =
            method == Method::POST && (url.path().ends_with("/issue") || url.path().ends_with("/comment"));
        let class = if content { RequestClass::ContentCreate } else { RequestClass::Write };
        let reply = self.ask(Call { method, json: Some(body), class, ..Call::get(url) }, about).await?;
        // Most writes are answered by nothing. A page, as the sign-in of a network gives it, is no answer.
        if !reply.body.is_empty() {
            self.decode::<IgnoredAny>(&reply, about)?;
        }
        Ok(reply)
    }

    async fn ask(&self, mut call: Call, about: About) -> Result<Reply, Failure> {
        call.headers.push((ACCEPT, HeaderValue::from_static("application/json")));
        // Data Center takes a program for a browser without it, and refuses its writes.
        call.headers
            .push((HeaderName::from_static("x-atlassian-token"), HeaderValue::from_static("no-check")));
        let reply = self.port.send(call).await?;
        if reply.status.is_success() { Ok(reply) } else { Err(self.refused(&reply, about)) }
    }

    fn refused(&self, reply: &Reply, about: About) -> Failure {
        let mut failure = classify(reply, about, self, &|text| self.port.words(text));
        if reply.status.as_u16() == 429 && failure.retry_after_ms.is_none() {
            failure.retry_after_ms = Some(self.port.limited_without_a_word());
        }
        failure
    }

    /// Decodes an answer; what does not fit is named by its path.
    pub(super) fn decode<T: DeserializeOwned>(&self, reply: &Reply, about: About) -> Result<T, Failure> {
        let scope = if about == About::Container { Scope::Connection } else { Scope::Item };
        reading::decode(&self.port, "Jira", reply, scope)
    }
}

/// Decodes one element of a list; the error names the element by its key and the path within.
pub(super) fn element<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    let name = value
        .get("key")
        .or_else(|| value.get("id"))
        .and_then(Value::as_str)
        .map_or_else(|| "an item".to_owned(), str::to_owned);
    reading::element(&name, value)
}

/// Whether a page may have so many entries; one that has more would cost memory that nobody asked for.
pub(super) fn within_a_page(entries: usize) -> Result<(), Failure> {
    reading::within_a_page("Jira", entries, ENTRIES_MAX)
}

/// A list was followed for longer than any list is.
pub(super) fn endless() -> Failure {
    reading::endless("Jira")
}

/// A change that is refused before anything is sent, for the words' reason.
pub(super) fn refuse(words: impl Into<String>) -> Failure {
    let words: String = words.into();
    let words = crate::support::text::clip(
        &crate::support::text::one_line(&words),
        crate::connector::http::WORDS_MAX,
    );
    Failure::new(Class::Permanent, Scope::Item, words)
}
