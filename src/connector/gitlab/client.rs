//! Asks GitLab one thing at a time: addresses, redirects, pages, decoding. It decides nothing and retries nothing.

use reqwest::Method;
use reqwest::header::{ACCEPT, HeaderValue, IF_NONE_MATCH};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::classify::{About, classify};
use crate::connector::http::{Call, Port, Priority, Reply, links};
use crate::connector::{Class, Failure, RemoteRef, Scope, Trouble, reading};
use crate::domain::health::RequestClass;

/// How many moves of an address are followed.
const HOPS: usize = 3;
/// How many pages of one list are read before we say that it never ends; fewer where a test sends such a list.
pub(super) const PAGES_MAX: usize = if cfg!(test) { 100 } else { 10_000 };
/// The most entries one page may have; GitLab's have a hundred at most.
const ENTRIES_MAX: usize = 1_000;
/// The longest list that is held in memory as a whole, in bytes as it came: 64 MiB.
const LIST_MAX: usize = 64 * 1024 * 1024;

/// The pairs of a query.
pub(super) type Query<'a> = &'a [(&'a str, &'a str)];

/// A GitLab instance as one connection sees it.
#[derive(Debug)]
pub(super) struct Api {
    port: Port,
    /// The instance, without `/api/v4`.
    base: Url,
    project: String,
}

impl Api {
    /// `base` may carry the `/api/v4` that people copy along.
    pub(super) fn new(port: Port, mut base: Url, project: String) -> Self {
        let parts: Vec<String> =
            base.path_segments().into_iter().flatten().filter(|p| !p.is_empty()).map(str::to_owned).collect();
        if parts.ends_with(&["api".to_owned(), "v4".to_owned()])
            && let Ok(mut path) = base.path_segments_mut()
        {
            path.pop_if_empty().pop().pop();
        }
        Self { port, base, project }
    }

    pub(super) fn port(&self) -> &Port {
        &self.port
    }

    pub(super) fn project(&self) -> &str {
        &self.project
    }

    /// An address below `/api/v4`; every part is escaped, so a project's path stays one part.
    pub(super) fn url(&self, parts: &[&str], query: Query<'_>) -> Url {
        let all: Vec<&str> = ["api", "v4"].into_iter().chain(parts.iter().copied()).collect();
        self.below(&all, query)
    }

    /// A question in GraphQL. Questions may go by GET, so that they count as reads.
    pub(super) fn question(&self, document: &str, variables: &Value) -> Url {
        self.below(&["api", "graphql"], &[("query", document), ("variables", &variables.to_string())])
    }

    /// Where changes in GraphQL go.
    pub(super) fn graphql(&self) -> Url {
        self.below(&["api", "graphql"], &[])
    }

    fn below(&self, parts: &[&str], query: Query<'_>) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(parts);
        }
        if !query.is_empty() {
            url.query_pairs_mut().clear().extend_pairs(query);
        }
        url
    }

    /// An address below a project, which is named by its path or its id.
    pub(super) fn in_project(&self, project: &str, parts: &[&str], query: Query<'_>) -> Url {
        let all: Vec<&str> = ["projects", project].into_iter().chain(parts.iter().copied()).collect();
        self.url(&all, query)
    }

    /// An address below this connection's project.
    pub(super) fn here(&self, parts: &[&str], query: Query<'_>) -> Url {
        self.in_project(&self.project, parts, query)
    }

    /// An address below an issue.
    pub(super) fn at(&self, at: &RemoteRef, parts: &[&str], query: Query<'_>) -> Url {
        let number = at.number.to_string();
        let all: Vec<&str> = ["issues", &number].into_iter().chain(parts.iter().copied()).collect();
        self.in_project(&at.repository, &all, query)
    }

    /// Reads what a person waits for.
    pub(super) async fn read(&self, url: Url, about: About) -> Result<Reply, Failure> {
        self.ask(Call { class: class_of(&Method::GET, &url), ..Call::get(url) }, about).await
    }

    /// Reads for a pull, behind whatever a person waits for; 304 counts as an answer when `etag` is given.
    pub(super) async fn read_behind(&self, url: Url, etag: Option<&str>) -> Result<Reply, Failure> {
        let mut call = Call { priority: Priority::Background, ..Call::get(url) };
        if let Some(etag) = etag.and_then(|e| HeaderValue::from_str(e).ok()) {
            call.headers.push((IF_NONE_MATCH, etag));
        }
        self.ask(call, About::Container).await
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
        body: Value,
        about: About,
    ) -> Result<Reply, Failure> {
        let class = class_of(&method, &url);
        self.ask(Call { method, json: Some(body), class, ..Call::get(url) }, about).await
    }

    /// Every page of a list, following the answers' own links.
    pub(super) async fn all_pages(&self, url: Url, about: About) -> Result<Vec<Value>, Failure> {
        let (mut all, mut next, mut bytes) = (Vec::new(), Some(url), 0);
        for _ in 0..PAGES_MAX {
            let Some(url) = next.take() else { return Ok(all) };
            let reply = self.read(url.clone(), about).await?;
            bytes += reply.body.len();
            if bytes > LIST_MAX {
                return Err(reading::unlike("a list on GitLab is longer than 64 MiB".to_owned()));
            }
            all.extend(self.entries(&reply, about)?);
            next = next_page(&reply);
            if next.as_ref() == Some(&url) {
                return Err(endless());
            }
        }
        Err(endless())
    }

    async fn ask(&self, mut call: Call, about: About) -> Result<Reply, Failure> {
        call.headers.push((ACCEPT, HeaderValue::from_static("application/json")));
        for _ in 0..=HOPS {
            let reply = self.port.send(call.clone()).await?;
            let conditional = reply.status.as_u16() == 304 && !reply.mutation;
            if reply.status.is_success() || conditional {
                return Ok(reply);
            }
            match destination(&reply) {
                Some(url) => call.url = url,
                None => return Err(self.refused(&reply, about)),
            }
        }
        Err(Failure::new(Class::Configuration, Scope::Connection, "GitLab sends us in circles")
            .with_trouble(Trouble::Host)
            .with_help("check `api_url` and the project's path"))
    }

    /// The failure for an answer that is no success.
    fn refused(&self, reply: &Reply, about: About) -> Failure {
        let mut classified = classify(reply, about, &self.project, &|text| self.port.words(text));
        if classified.limited_without_a_word {
            classified.failure.retry_after_ms = Some(self.port.limited_without_a_word());
        }
        classified.failure
    }

    /// The entries of a list's page, each to be decoded on its own.
    pub(super) fn entries(&self, reply: &Reply, about: About) -> Result<Vec<Value>, Failure> {
        let all: Vec<Value> = self.decode(reply, about)?;
        reading::within_a_page("GitLab", all.len(), ENTRIES_MAX)?;
        Ok(all)
    }

    /// Decodes an answer; what does not fit is named by its path.
    pub(super) fn decode<T: DeserializeOwned>(&self, reply: &Reply, about: About) -> Result<T, Failure> {
        reading::decode(&self.port, "GitLab", reply, about.scope())
    }
}

/// Which of GitLab's limits a request counts against: new issues and new notes have limits of their own.
fn class_of(method: &Method, url: &Url) -> RequestClass {
    let last = url.path_segments().into_iter().flatten().rfind(|p| !p.is_empty()).unwrap_or_default();
    match *method {
        _ if last == "graphql" => RequestClass::Graphql,
        Method::GET | Method::HEAD => RequestClass::Read,
        Method::POST if matches!(last, "issues" | "notes") => RequestClass::ContentCreate,
        _ => RequestClass::Write,
    }
}

/// Decodes one element of a list; the error names the element by its number and the path within.
pub(super) fn element<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    let number = value.get("iid").or_else(|| value.get("id"));
    let name = number.map_or_else(|| "an item".to_owned(), |n| format!("#{n}"));
    reading::element(&name, value)
}

/// The next page of a list. Of GitLab's own link only the query counts: behind a proxy an instance may believe to be at
/// another address than the one it was reached at.
pub(super) fn next_page(reply: &Reply) -> Option<Url> {
    let link = links(&reply.headers).next?;
    let mut next = reply.url.clone();
    next.set_query(Some(link.query()?));
    Some(next)
}

/// Where a redirect leads, when it may be followed. The page where people sign in is no answer.
fn destination(reply: &Reply) -> Option<Url> {
    reading::destination(reply).filter(|url| !url.path().ends_with("/users/sign_in"))
}

/// A list was followed for longer than any list is.
pub(super) fn endless() -> Failure {
    reading::endless("GitLab")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::gitlab::fuzz::{api, reply};

    #[test]
    fn every_request_counts_against_the_limits_of_its_class() {
        use RequestClass::{ContentCreate, Graphql, Read, Write};
        let table = [
            (Method::GET, "api/v4/projects/o%2Fr/issues?per_page=100", Read),
            (Method::GET, "api/graphql?query=x", Graphql),
            (Method::POST, "api/graphql", Graphql),
            (Method::POST, "api/v4/projects/o%2Fr/issues", ContentCreate),
            (Method::POST, "api/v4/projects/o%2Fr/issues/7/notes", ContentCreate),
            (Method::POST, "api/v4/projects/o%2Fr/milestones", Write),
            (Method::PUT, "api/v4/projects/o%2Fr/issues/7", Write),
        ];
        for (method, path, want) in &table {
            let url = Url::parse("https://gitlab.com/").and_then(|b| b.join(path)).expect("an address");
            assert_eq!(class_of(method, &url), *want, "{method} {url}");
        }
    }

    #[test]
    fn a_projects_path_is_one_part_of_an_address_wherever_the_instance_is() {
        let at = RemoteRef { id: "1".into(), number: 7, repository: "group/sub/app".into() };
        for (instance, want) in [
            ("https://gitlab.com", "https://gitlab.com/api/v4/"),
            ("https://example.net/gitlab/", "https://example.net/gitlab/api/v4/"),
            ("https://example.net/gitlab/api/v4", "https://example.net/gitlab/api/v4/"),
        ] {
            let url = api(instance).at(&at, &["notes"], &[("sort", "asc")]);
            assert_eq!(url.as_str(), format!("{want}projects/group%2Fsub%2Fapp/issues/7/notes?sort=asc"));
        }
    }

    #[test]
    fn the_next_page_is_asked_for_where_the_first_one_was() {
        let link = "<http://internal:8080/api/v4/projects/1/issues?cursor=abc>; rel=\"next\"";
        let mut list = reply(200, &[("link".into(), link.into())], b"[]".to_vec(), false);
        list.url = "https://example.net/gitlab/api/v4/projects/o%2Fr/issues?a=b".parse().expect("an address");
        let next = next_page(&list).expect("a next page");
        assert_eq!(next.as_str(), "https://example.net/gitlab/api/v4/projects/o%2Fr/issues?cursor=abc");
    }

    #[test]
    fn nobody_follows_to_the_page_where_people_sign_in() {
        let to = |location: &str, mutation| {
            destination(&reply(302, &[("location".into(), location.into())], Vec::new(), mutation))
        };
        assert_eq!(to("/users/sign_in", false), None);
        assert!(to("/api/v4/projects/7/issues", false).is_some());
        assert_eq!(to("/api/v4/projects/7/issues", true), None, "a write is not sent elsewhere");
    }
}
