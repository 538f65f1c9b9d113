//! Asks GitHub one thing at a time: addresses, headers, redirects, decoding. It decides nothing and retries nothing.
//!
//! octocrab's own client is not driven: it adds the token by host name and a `User-Agent` of its own, wants a running
//! reactor when it is built, and wraps failures so that "never sent" and "answer lost" cannot be told apart. Its
//! types are (see `wire`), and everything goes out through the gate's port.

use reqwest::Method;
use reqwest::header::{ACCEPT, HeaderName, HeaderValue, IF_NONE_MATCH};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::classify::{About, classify};
use crate::connector::http::{Call, Port, Priority, Reply, links};
use crate::connector::{Class, Failure, RemoteRef, Scope, Trouble, reading};
use crate::domain::health::RequestClass;

/// The version of the API all shapes are written for; supported until 2028-03-10.
const API_VERSION: &str = "2022-11-28";
/// How many moves of an address are followed.
const HOPS: usize = 3;
/// How many pages of one list are read before we say that it never ends: a million entries; fewer where a test sends
/// a list that does not end.
pub(super) const PAGES_MAX: usize = if cfg!(test) { 100 } else { 10_000 };
/// The most entries one page may have; GitHub's have a hundred at most.
const ENTRIES_MAX: usize = 1_000;
/// The longest list that is held in memory as a whole, in bytes as it came: 64 MiB.
const LIST_MAX: usize = 64 * 1024 * 1024;

/// A GitHub API as one connection sees it.
#[derive(Debug)]
pub(super) struct Api {
    port: Port,
    base: Url,
    /// `owner/name`.
    repository: String,
}

/// An answer, and whether it came from where it was asked.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) reply: Reply,
    /// The address had moved and was followed.
    pub(super) moved: bool,
}

impl Api {
    pub(super) fn new(port: Port, base: Url, repository: String) -> Self {
        Self { port, base, repository }
    }

    pub(super) fn port(&self) -> &Port {
        &self.port
    }

    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    pub(super) fn repository(&self) -> &str {
        &self.repository
    }

    /// An address below the API's base; every part is escaped, so `area/ui` stays one part.
    pub(super) fn url(&self, parts: &[&str], query: &impl Serialize) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(parts);
        }
        set_query(&mut url, query);
        url
    }

    /// An address below a repository.
    pub(super) fn in_repository(&self, repository: &str, parts: &[&str], query: &impl Serialize) -> Url {
        let (owner, name) = repository.split_once('/').unwrap_or((repository, ""));
        let all: Vec<&str> = ["repos", owner, name].into_iter().chain(parts.iter().copied()).collect();
        self.url(&all, query)
    }

    /// An address below this connection's repository.
    pub(super) fn here(&self, parts: &[&str], query: &impl Serialize) -> Url {
        self.in_repository(&self.repository, parts, query)
    }

    /// An address below an issue.
    pub(super) fn at(&self, at: &RemoteRef, parts: &[&str], query: &impl Serialize) -> Url {
        let number = at.number.to_string();
        let all: Vec<&str> = ["issues", &number].into_iter().chain(parts.iter().copied()).collect();
        self.in_repository(&at.repository, &all, query)
    }

    /// Reads what a person waits for; 304 counts as an answer when `etag` is given.
    pub(super) async fn read(&self, url: Url, etag: Option<&str>, about: About) -> Result<Answered, Failure> {
        self.read_as(Priority::Interactive, url, etag, about).await
    }

    /// Reads for a pull, behind whatever a person waits for.
    pub(super) async fn read_behind(&self, url: Url, etag: Option<&str>) -> Result<Answered, Failure> {
        self.read_as(Priority::Background, url, etag, About::Container).await
    }

    /// Reads with the priority given.
    pub(super) async fn read_as(
        &self,
        priority: Priority,
        url: Url,
        etag: Option<&str>,
        about: About,
    ) -> Result<Answered, Failure> {
        let mut call = Call { priority, class: class_of(&Method::GET, &url), ..Call::get(url) };
        if let Some(etag) = etag.and_then(|e| HeaderValue::from_str(e).ok()) {
            call.headers.push((IF_NONE_MATCH, etag));
        }
        self.ask(call, about).await
    }

    /// Reads and decodes.
    pub(super) async fn get<T: DeserializeOwned>(&self, url: Url, about: About) -> Result<T, Failure> {
        let answered = self.read(url, None, about).await?;
        self.decode(&answered.reply, about)
    }

    /// Writes.
    pub(super) async fn write(
        &self,
        method: Method,
        url: Url,
        body: Option<&(impl Serialize + Sync)>,
        about: About,
    ) -> Result<Reply, Failure> {
        let json = body.map(serde_json::to_value).transpose().map_err(|e| {
            Failure::new(Class::Permanent, Scope::Item, format!("the request cannot be written as JSON: {e}"))
        })?;
        let class = class_of(&method, &url);
        let call = Call { method, json, class, ..Call::get(url) };
        Ok(self.ask(call, about).await?.reply)
    }

    /// Posts a body with the priority given.
    pub(super) async fn post(
        &self,
        priority: Priority,
        url: Url,
        body: Value,
        about: About,
    ) -> Result<Reply, Failure> {
        let class = class_of(&Method::POST, &url);
        let call = Call { method: Method::POST, json: Some(body), class, priority, ..Call::get(url) };
        Ok(self.ask(call, about).await?.reply)
    }

    /// Every page of a list, following the answers' own links.
    pub(super) async fn all_pages(&self, url: Url, about: About) -> Result<Vec<Value>, Failure> {
        let mut all = Vec::new();
        let mut next = Some(url);
        let mut bytes = 0;
        for _ in 0..PAGES_MAX {
            let Some(url) = next.take() else { return Ok(all) };
            let answered = self.read(url.clone(), None, about).await?;
            bytes += answered.reply.body.len();
            if bytes > LIST_MAX {
                return Err(reading::unlike("a list on GitHub is longer than 64 MiB".to_owned()));
            }
            all.extend(self.entries(&answered.reply, about)?);
            next = links(&answered.reply.headers).next;
            if next.as_ref() == Some(&url) {
                return Err(endless());
            }
        }
        Err(endless())
    }

    async fn ask(&self, mut call: Call, about: About) -> Result<Answered, Failure> {
        call.headers.push((ACCEPT, HeaderValue::from_static("application/vnd.github+json")));
        call.headers
            .push((HeaderName::from_static("x-github-api-version"), HeaderValue::from_static(API_VERSION)));
        let mut moved = false;
        for _ in 0..=HOPS {
            let reply = self.port.send(call.clone()).await?;
            let conditional = reply.status.as_u16() == 304 && !reply.mutation;
            if reply.status.is_success() || conditional {
                return Ok(Answered { reply, moved });
            }
            // A 301 to a write is not followed: the issue was transferred, and the card must learn its new address first.
            match reading::destination(&reply) {
                Some(url) => call.url = url,
                None => return Err(self.refused(&reply, about)),
            }
            moved = true;
        }
        Err(Failure::new(Class::Configuration, Scope::Connection, "GitHub sends us in circles")
            .with_trouble(Trouble::Host)
            .with_help("check `api_url` and the repository's name"))
    }

    /// The failure for an answer that is no success.
    fn refused(&self, reply: &Reply, about: About) -> Failure {
        let mut classified = classify(reply, about, &self.repository, &|text| self.port.words(text));
        if classified.limited_without_a_word {
            classified.failure.retry_after_ms = Some(self.port.limited_without_a_word());
        }
        classified.failure
    }

    /// The entries of a list's page, each to be decoded on its own.
    pub(super) fn entries(&self, reply: &Reply, about: About) -> Result<Vec<Value>, Failure> {
        let all: Vec<Value> = self.decode(reply, about)?;
        within_a_page(all.len())?;
        Ok(all)
    }

    /// Decodes an answer; what does not fit is named by its path.
    pub(super) fn decode<T: DeserializeOwned>(&self, reply: &Reply, about: About) -> Result<T, Failure> {
        let scope = if about == About::Container { Scope::Connection } else { Scope::Item };
        reading::decode(&self.port, "GitHub", reply, scope)
    }
}

/// Which of GitHub's limits a request counts against. New issues and new comments are content; new labels and
/// milestones and what is put on an issue are changes.
fn class_of(method: &Method, url: &Url) -> RequestClass {
    let mut parts = url.path_segments().into_iter().flatten().rev().filter(|p| !p.is_empty());
    let (last, before) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let in_repository = parts.any(|part| part == "repos");
    match *method {
        Method::GET | Method::HEAD if before == "search" && !in_repository => RequestClass::Search,
        Method::GET | Method::HEAD => RequestClass::Read,
        Method::POST if last == "graphql" => RequestClass::Graphql,
        Method::POST if matches!(last, "issues" | "comments") => RequestClass::ContentCreate,
        _ => RequestClass::Write,
    }
}

/// Decodes one element of a list; the error names the element by its number and the path within.
pub(super) fn element<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    let name = value
        .get("number")
        .or_else(|| value.get("id"))
        .map_or_else(|| "an item".to_owned(), |n| format!("#{n}"));
    reading::element(&name, value)
}

/// Replaces an address's query; none leaves no question mark behind.
fn set_query(url: &mut Url, query: &impl Serialize) {
    let Ok(Value::Object(pairs)) = serde_json::to_value(query) else { return };
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    if !pairs.is_empty() {
        url.query_pairs_mut().clear().extend_pairs(pairs.iter().map(|(k, v)| (k, text(v))));
    }
}

/// Whether a page may have so many entries; one that has more would cost memory that nobody asked for.
pub(super) fn within_a_page(entries: usize) -> Result<(), Failure> {
    reading::within_a_page("GitHub", entries, ENTRIES_MAX)
}

/// A list was followed for longer than any list is.
pub(super) fn endless() -> Failure {
    reading::endless("GitHub")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_counts_against_the_limits_of_its_class() {
        use RequestClass::{ContentCreate, Graphql, Read, Search, Write};
        let table = [
            (Method::GET, "repos/o/r/issues?per_page=100", Read),
            (Method::GET, "repos/o/search", Read),
            (Method::GET, "repos/o/search/issues", Read),
            (Method::GET, "search/issues?q=x", Search),
            (Method::POST, "repos/o/r/issues", ContentCreate),
            (Method::POST, "repos/o/r/issues/7/comments", ContentCreate),
            (Method::POST, "repos/o/r/issues/7/labels", Write),
            (Method::POST, "repos/o/r/milestones", Write),
            (Method::PATCH, "repos/o/r/issues/7", Write),
            (Method::DELETE, "repos/o/r/issues/7/labels/issues", Write),
            (Method::POST, "graphql", Graphql),
        ];
        for base in ["https://api.github.com/", "https://git.example/api/v3/"] {
            for (method, path, want) in &table {
                let url = Url::parse(base).and_then(|b| b.join(path)).expect("an address");
                assert_eq!(class_of(method, &url), *want, "{method} {url}");
            }
        }
    }
}
