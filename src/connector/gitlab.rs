//! GitLab, gitlab.com and self-managed: issues of one project as a tracker. It knows nothing of the store or the board.

mod catalog;
mod classify;
mod client;
mod create;
mod further;
#[cfg(test)]
mod fuzz;
mod lines;
mod map;
mod probe;
mod pull;
mod status;
mod talk;
mod update;
mod wire;

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;

use tokio::sync::{Mutex, OnceCell, mpsc};
use url::Url;

use self::classify::About;
use self::client::Api;
use super::http::Port;
use super::{
    Answer, Capabilities, Class, Comment, Connector, Cursor, Draft, Failure, Fetched, Offers, Page, Patch,
    Probe, PullEnd, RemoteItem, RemoteRef, Scope, StatusModel, Tracker,
};
use crate::domain::fields::Field;
use crate::domain::link::LinkId;
use crate::support::clock::Timestamp;

/// How far a walk's cursor lies before its start, in milliseconds.
const OVERLAP_MS: i64 = 120_000;

/// What a connector needs.
#[derive(Debug, Clone)]
pub struct GitlabOptions {
    /// The instance, such as `https://gitlab.com` or `https://example.net/gitlab`; the API is below it.
    pub api_url: Url,
    /// The project's path, such as `group/sub/app`.
    pub project: String,
    /// The way out, which carries the token.
    pub port: Port,
}

/// GitLab, gitlab.com and self-managed: one connection.
#[derive(Debug)]
pub struct GitlabConnector {
    api: Api,
    /// Whose token it is, once asked.
    login: OnceCell<String>,
    /// Id and title of every milestone of the project and its groups, once asked.
    milestones: Mutex<Option<Vec<(u64, String)>>>,
    /// Labels in the project's spelling, once asked.
    labels: Mutex<Option<Vec<String>>>,
    /// Ids of people by their name in lower case, as far as asked.
    people: Mutex<HashMap<String, u64>>,
    /// GitLab's own statuses, once asked; empty where there are none.
    statuses: Mutex<Option<status::Statuses>>,
    /// The instance refused keyset paging of issues: it is older than 18.3.
    offset_only: AtomicBool,
    /// The further fields the connection's rules name.
    further: further::Wanted,
}

impl GitlabConnector {
    /// A connector for one project. Nothing is sent yet.
    ///
    /// # Errors
    /// The project is not a path below a group or user, or the address cannot have paths.
    pub fn new(options: GitlabOptions) -> Result<Self, Failure> {
        let wrong = |what: String| Failure::new(Class::Configuration, Scope::Connection, what);
        let parts: Vec<&str> = options.project.split('/').collect();
        let good = |p: &&str| !matches!(*p, "" | "." | "..") && !p.chars().any(char::is_whitespace);
        if parts.len() < 2 || !parts.iter().all(good) {
            return Err(wrong(format!("`{}` is not a project", options.project))
                .with_help("write its whole path, such as `group/app`"));
        }
        if options.api_url.cannot_be_a_base() {
            return Err(wrong(format!("`{}` is not the address of an instance", options.api_url)));
        }
        Ok(Self {
            api: Api::new(options.port, options.api_url, options.project),
            login: OnceCell::new(),
            milestones: Mutex::new(None),
            labels: Mutex::new(None),
            people: Mutex::default(),
            statuses: Mutex::new(None),
            offset_only: AtomicBool::new(false),
            further: further::Wanted::new(),
        })
    }

    /// The same with the further fields that the connection's rules name, such as `due_date`.
    #[must_use]
    pub fn with_further(mut self, names: Vec<String>) -> Self {
        self.further = further::wanted(names);
        self
    }

    /// Whose token it is; asked once.
    async fn login(&self) -> Result<&str, Failure> {
        let ask = || async {
            let user: wire::Me = self.api.get(self.api.url(&["user"], &[]), About::Container).await?;
            Ok(user.username)
        };
        self.login.get_or_try_init(ask).await.map(String::as_str)
    }
}

impl Connector for GitlabConnector {
    fn platform(&self) -> &'static str {
        "gitlab"
    }

    /// Several assignees need Premium; where an instance keeps only one, an update with two is a failure that says so.
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            creates: true,
            comments: true,
            writes: &Field::ALL,
            assignees: 200,
            status: StatusModel::Labels,
            reasons: &[],
            tells_deleted: false,
            follows_transfers: true,
            precision_ms: 1,
            list_lag_s: 0,
            further: true,
        }
    }

    fn probe(&self) -> Answer<'_, Probe> {
        Box::pin(self.probe_connection())
    }

    fn identity(&self) -> Answer<'_, Option<String>> {
        Box::pin(self.project_id())
    }

    fn clock_offset_ms(&self) -> Option<i64> {
        self.api.port().gate().clock_offset_ms()
    }

    fn tracker(&self) -> Option<&dyn Tracker> {
        Some(self)
    }
}

impl Tracker for GitlabConnector {
    fn pull<'a>(&'a self, from: &'a Cursor, pages: mpsc::Sender<Page>) -> Answer<'a, PullEnd> {
        Box::pin(async move { self.pull_since(from, &pages).await })
    }

    fn fetch<'a>(&'a self, at: &'a RemoteRef) -> Answer<'a, Fetched> {
        Box::pin(self.fetch_item(at))
    }

    fn create<'a>(&'a self, draft: &'a Draft) -> Answer<'a, RemoteItem> {
        Box::pin(self.create_item(draft))
    }

    fn find(&self, marker: LinkId, since: Timestamp) -> Answer<'_, Option<RemoteItem>> {
        Box::pin(self.find_marked(marker, since))
    }

    fn update<'a>(&'a self, seen: &'a RemoteItem, patch: &'a Patch) -> Answer<'a, RemoteItem> {
        Box::pin(self.update_item(seen, patch))
    }

    fn comments<'a>(&'a self, at: &'a RemoteRef) -> Answer<'a, Vec<Comment>> {
        Box::pin(self.list_comments(at))
    }

    fn comment<'a>(&'a self, at: &'a RemoteRef, body: &'a str, marker: uuid::Uuid) -> Answer<'a, Comment> {
        Box::pin(self.add_comment(at, body, marker))
    }

    fn offers(&self) -> Answer<'_, Offers> {
        Box::pin(self.list_offers())
    }
}
