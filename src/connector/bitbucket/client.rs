//! Asks Bitbucket one thing at a time: addresses, redirects, decoding. It decides nothing and retries nothing.

use std::collections::HashSet;

use reqwest::Method;
use reqwest::header::{ACCEPT, HeaderValue};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::classify::{About, classify};
use super::wire;
use crate::connector::http::{Call, Port, Priority, Reply};
use crate::connector::{Class, Failure, Scope, Trouble, reading};
use crate::domain::health::RequestClass;

/// How many moves of an address are followed.
const HOPS: usize = 3;
/// How many pages of one list are read before we say that it never ends; fewer where a test sends such a list.
pub(super) const PAGES_MAX: usize = if cfg!(test) { 100 } else { 10_000 };
/// The most entries one page may have; Bitbucket's have a hundred at most.
const ENTRIES_MAX: usize = 1_000;
/// The most entries of a list that is held in memory as a whole.
const LIST_MAX: usize = 100_000;

/// Bitbucket's API as one connection sees it.
#[derive(Debug)]
pub(super) struct Api {
    port: Port,
    base: Url,
    /// `workspace/name`.
    repository: String,
}

impl Api {
    pub(super) fn new(port: Port, base: Url, repository: String) -> Self {
        Self { port, base, repository }
    }

    pub(super) fn port(&self) -> &Port {
        &self.port
    }

    pub(super) fn repository(&self) -> &str {
        &self.repository
    }

    /// An address below the API's base; every part is escaped.
    pub(super) fn url(&self, parts: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(parts);
        }
        if !query.is_empty() {
            url.query_pairs_mut().clear().extend_pairs(query);
        }
        url
    }

    /// An address below this connection's repository.
    pub(super) fn here(&self, parts: &[&str], query: &[(&str, &str)]) -> Url {
        let (workspace, name) = self.repository.split_once('/').unwrap_or((&self.repository, ""));
        let all: Vec<&str> =
            ["repositories", workspace, name].into_iter().chain(parts.iter().copied()).collect();
        self.url(&all, query)
    }

    /// An address below a pull request.
    pub(super) fn at(&self, number: u64, parts: &[&str], query: &[(&str, &str)]) -> Url {
        let number = number.to_string();
        let all: Vec<&str> = ["pullrequests", &number].into_iter().chain(parts.iter().copied()).collect();
        self.here(&all, query)
    }

    /// Reads what a person waits for.
    pub(super) async fn read(&self, url: Url, about: About) -> Result<Reply, Failure> {
        self.ask(Call::get(url), about).await
    }

    /// Reads for a pull, behind whatever a person waits for.
    pub(super) async fn read_behind(&self, url: Url) -> Result<Reply, Failure> {
        self.ask(Call { priority: Priority::Background, ..Call::get(url) }, About::Container).await
    }

    /// Reads and decodes.
    pub(super) async fn get<T: DeserializeOwned>(&self, url: Url, about: About) -> Result<T, Failure> {
        let reply = self.read(url, about).await?;
        self.decode(&reply, about)
    }

    /// Writes.
    pub(super) async fn write(
        &self,
        method: Method,
        url: Url,
        json: Option<Value>,
        about: About,
    ) -> Result<Reply, Failure> {
        let content = method == Method::POST && url.path().ends_with("/comments");
        let class = if content { RequestClass::ContentCreate } else { RequestClass::Write };
        self.ask(Call { method, json, class, ..Call::get(url) }, about).await
    }

    /// Every entry of a list, following the answers' own `next`.
    pub(super) async fn all_pages(&self, url: Url, about: About) -> Result<Vec<Value>, Failure> {
        let (mut all, mut asked, mut next) = (Vec::new(), HashSet::new(), Some(url));
        for _ in 0..PAGES_MAX {
            let Some(url) = next.take() else { return Ok(all) };
            if !asked.insert(url.to_string()) {
                return Err(endless());
            }
            let reply = self.read(url, about).await?;
            let listing = self.listing(&reply, about)?;
            next = next_page(&reply, &listing)?;
            all.extend(listing.values);
            if all.len() > LIST_MAX {
                return Err(endless());
            }
        }
        Err(endless())
    }

    async fn ask(&self, mut call: Call, about: About) -> Result<Reply, Failure> {
        call.headers.push((ACCEPT, HeaderValue::from_static("application/json")));
        for _ in 0..=HOPS {
            let reply = self.port.send(call.clone()).await?;
            if reply.status.is_success() {
                return Ok(reply);
            }
            match reading::destination(&reply) {
                Some(url) => call.url = url,
                None => return Err(classify(&reply, about, &self.repository, &|t| self.port.words(t))),
            }
        }
        Err(Failure::new(Class::Configuration, Scope::Connection, "Bitbucket sends us in circles")
            .with_trouble(Trouble::Host)
            .with_help("check `api_url` and the repository's name"))
    }

    /// A page of a list.
    pub(super) fn listing(&self, reply: &Reply, about: About) -> Result<wire::Listing, Failure> {
        let listing: wire::Listing = self.decode(reply, about)?;
        reading::within_a_page("Bitbucket", listing.values.len(), ENTRIES_MAX)?;
        Ok(listing)
    }

    /// Decodes an answer; what does not fit is named by its path.
    pub(super) fn decode<T: DeserializeOwned>(&self, reply: &Reply, about: About) -> Result<T, Failure> {
        let scope = if about == About::Container { Scope::Connection } else { Scope::Item };
        reading::decode(&self.port, "Bitbucket", reply, scope)
    }
}

/// Decodes one element of a list; the error names the element by its number and the path within.
pub(super) fn element<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    let name = value.get("id").map_or_else(|| "a pull request".to_owned(), |n| format!("#{n}"));
    reading::element(&name, value)
}

/// The page a list goes on with, as the answer names it. One that cannot be an address would end the walk too early.
pub(super) fn next_page(reply: &Reply, listing: &wire::Listing) -> Result<Option<Url>, Failure> {
    let Some(next) = &listing.next else { return Ok(None) };
    let url = reply.url.join(next);
    url.map(Some).map_err(|_| {
        Failure::new(
            Class::Transient,
            Scope::Connection,
            "Bitbucket's list goes on at something that is no address",
        )
    })
}

/// A list was followed for longer than any list is.
pub(super) fn endless() -> Failure {
    let words = "a list on Bitbucket does not end; its pages point in circles";
    Failure::new(Class::Transient, Scope::Connection, words)
}

#[cfg(test)]
mod tests {
    use super::super::fuzz::reply;
    use super::*;

    fn moved(status: u16, to: &str, mutation: bool) -> Option<String> {
        let mut reply = reply(status, Vec::new(), mutation);
        reply.url.set_query(Some("state=OPEN&state=MERGED"));
        reply.headers.insert(reqwest::header::LOCATION, HeaderValue::from_str(to).expect("a header"));
        reading::destination(&reply).map(|url| url.to_string())
    }

    #[test]
    fn a_read_follows_a_renamed_repository_with_its_question_and_a_write_does_not() {
        let new = "https://api.bitbucket.org/2.0/repositories/team/new/pullrequests";
        let asked = format!("{new}?state=OPEN&state=MERGED");
        assert_eq!(moved(301, new, false), Some(asked.clone()));
        assert_eq!(moved(302, "/2.0/repositories/team/new/pullrequests", false), Some(asked.clone()));
        assert_eq!(moved(301, new, true), None);
        assert_eq!(moved(308, new, true), Some(asked));
        assert_eq!(moved(404, new, false), None);
    }

    #[test]
    fn the_next_page_is_taken_as_the_answer_has_it() {
        let listing = |next: Option<&str>| wire::Listing {
            values: Vec::new(),
            next: next.map(str::to_owned),
            size: None,
        };
        let next = |text| next_page(&reply(200, Vec::new(), false), &listing(text));
        let opaque =
            "https://api.bitbucket.org/2.0/repositories/%7B1%7D/%7B2%7D/pullrequests?ctx=a%2Bb&page=2";
        assert_eq!(next(Some(opaque)).expect("an address").map(|u| u.to_string()).as_deref(), Some(opaque));
        assert_eq!(next(None).expect("the end"), None);
        assert!(next(Some("https://[")).is_err(), "a walk does not end at what is no address");
    }
}
