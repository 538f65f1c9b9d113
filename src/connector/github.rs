//! GitHub and GitHub Enterprise Server: repositories' issues as a tracker, and a project's columns when the connection
//! names one. It knows nothing of the store or the board.

mod catalog;
mod classify;
mod client;
mod create;
mod first;
#[cfg(test)]
mod fuzz;
mod graphql;
pub(super) mod map;
mod probe;
mod project;
mod pull;
#[cfg(test)]
mod recorded;
mod talk;
mod update;
mod wire;

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::{Mutex, OnceCell, mpsc};
use url::Url;

use self::classify::About;
use self::client::Api;
use self::project::Project;
use super::http::Port;
use super::{
    Answer, Capabilities, Class, Comment, Connector, Cursor, Doubt, Draft, Failure, Fetched, Offers, Page,
    Patch, PlatformBoards, Probe, PullEnd, RemoteItem, RemoteRef, Scope, StatusModel, Tracker,
};
use crate::domain::fields::{Field, SetDelta, Value};
use crate::domain::link::LinkId;
use crate::domain::mapping::CloseReason;
use crate::support::clock::Timestamp;

/// How far a walk's cursor lies before its start, unless told otherwise.
pub const OVERLAP: Duration = Duration::from_mins(2);

/// What a connector needs.
#[derive(Debug, Clone)]
pub struct GithubOptions {
    /// Base of the API, such as `https://api.github.com` or `https://HOST/api/v3`.
    pub api_url: Url,
    /// `owner/name`.
    pub repository: String,
    /// The project whose Status field holds the columns, such as `orgs/octo/projects/3`.
    pub project: Option<String>,
    /// The way out, which carries the token.
    pub port: Port,
    /// How far back each pull reaches before the last one's start; [`OVERLAP`] is right for GitHub.
    pub overlap: Duration,
}

/// One repository on GitHub.
#[derive(Debug)]
pub struct GithubConnector {
    api: Api,
    overlap_ms: i64,
    /// Whose token it is, once asked.
    login: OnceCell<String>,
    /// Number and title of every milestone, once asked; read again when a title is not among them.
    milestones: Mutex<Option<Vec<(u64, String)>>>,
    /// The project whose Status options are the columns.
    project: Option<Box<Project>>,
}

impl GithubConnector {
    /// A connector for one repository. Nothing is sent yet.
    ///
    /// # Errors
    /// The repository is not `owner/name`, the project is no project's address, or the API's address cannot have paths.
    pub fn new(options: GithubOptions) -> Result<Self, Failure> {
        let wrong = |what: String| Failure::new(Class::Configuration, Scope::Connection, what);
        let parts: Vec<&str> = options.repository.split('/').collect();
        let good = |p: &&str| !matches!(*p, "" | "." | "..") && !p.chars().any(char::is_whitespace);
        if parts.len() != 2 || !parts.iter().all(good) {
            return Err(wrong(format!("`{}` is not a repository", options.repository))
                .with_help("write it as `owner/name`"));
        }
        if options.api_url.cannot_be_a_base() {
            return Err(wrong(format!("`{}` is not the address of an API", options.api_url)));
        }
        let project = options.project.as_deref().map(Project::new).transpose()?.map(Box::new);
        Ok(Self {
            api: Api::new(options.port, options.api_url, options.repository),
            overlap_ms: i64::try_from(options.overlap.as_millis()).unwrap_or(i64::MAX),
            login: OnceCell::new(),
            milestones: Mutex::new(None),
            project,
        })
    }

    /// The same with the further fields that rules name, by their names in the project or by their ids there. Issues
    /// without a project have none.
    #[must_use]
    pub fn with_further(mut self, names: Vec<String>) -> Self {
        self.project = self.project.map(|project| Box::new(project.with_further(names)));
        self
    }

    /// Refuses values where there is nothing that holds them.
    ///
    /// # Errors
    /// Values are given.
    fn without_further(values: &BTreeMap<String, Value>) -> Result<(), Failure> {
        if values.is_empty() {
            return Ok(());
        }
        let words = "issues on GitHub have no further fields; name a `project`";
        Err(Failure::new(Class::Configuration, Scope::Item, words).with_help(
            "the fields are those of a project: add `project` to the connection, or take the rule out",
        ))
    }

    /// Whose token it is; asked once.
    async fn login(&self) -> Result<&str, Failure> {
        let ask = || async {
            let user: wire::User = self.api.get(self.api.url(&["user"], &()), About::Container).await?;
            Ok(user.login)
        };
        self.login.get_or_try_init(ask).await.map(String::as_str)
    }
}

impl Connector for GithubConnector {
    fn platform(&self) -> &'static str {
        "github"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            creates: true,
            comments: true,
            writes: &Field::ALL,
            assignees: 10,
            status: if self.project.is_some() { StatusModel::Options } else { StatusModel::Labels },
            reasons: &CloseReason::ALL,
            tells_deleted: true,
            follows_transfers: true,
            precision_ms: 1_000,
            list_lag_s: 60,
            further: self.project.is_some(),
        }
    }

    fn probe(&self) -> Answer<'_, Probe> {
        Box::pin(self.probe_connection())
    }

    fn identity(&self) -> Answer<'_, Option<String>> {
        Box::pin(self.repository_id())
    }

    fn clock_offset_ms(&self) -> Option<i64> {
        self.api.port().gate().clock_offset_ms()
    }

    fn tracker(&self) -> Option<&dyn Tracker> {
        Some(self)
    }
}

impl Tracker for GithubConnector {
    fn pull<'a>(&'a self, from: &'a Cursor, pages: mpsc::Sender<Page>) -> Answer<'a, PullEnd> {
        Box::pin(async move {
            match &self.project {
                Some(project) => self.pull_with_board(project, from, &pages).await,
                None => self.pull_since(from, &pages).await,
            }
        })
    }

    fn fetch<'a>(&'a self, at: &'a RemoteRef) -> Answer<'a, Fetched> {
        match &self.project {
            Some(project) => Box::pin(self.fetch_on_board(project, at)),
            None => Box::pin(self.fetch_item(at)),
        }
    }

    fn create<'a>(&'a self, draft: &'a Draft) -> Answer<'a, RemoteItem> {
        match &self.project {
            Some(project) => Box::pin(self.create_on_board(project, draft)),
            None => Box::pin(async move {
                Self::without_further(&draft.raw)?;
                self.create_item(draft).await
            }),
        }
    }

    fn find(&self, marker: LinkId, since: Timestamp) -> Answer<'_, Option<RemoteItem>> {
        match &self.project {
            Some(project) => Box::pin(self.find_on_board(project, marker, since)),
            None => Box::pin(self.find_marked(marker, since)),
        }
    }

    fn update<'a>(&'a self, seen: &'a RemoteItem, patch: &'a Patch) -> Answer<'a, RemoteItem> {
        match &self.project {
            Some(project) => Box::pin(self.update_on_board(project, seen, patch)),
            None => Box::pin(async move {
                Self::without_further(&patch.raw)?;
                self.update_item(seen, patch).await
            }),
        }
    }

    fn mend<'a>(&'a self, seen: &'a RemoteItem, doubt: Doubt, ours: &'a SetDelta) -> Answer<'a, ()> {
        Box::pin(self.mend_labels(seen, doubt, ours))
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

    fn boards(&self) -> Answer<'_, PlatformBoards> {
        Box::pin(self.list_boards())
    }
}
