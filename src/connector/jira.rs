//! Jira Cloud and Data Center: issues of one project as a tracker. It knows nothing of the store or the board.
//!
//! With a user the connection is a Cloud one: API v3, bodies as ADF. Without one it is Data Center: API v2, bodies as
//! the text that is stored there.

mod adf;
mod boards;
mod catalog;
mod classify;
mod client;
mod create;
mod fields;
#[cfg(test)]
mod fuzz;
mod hops;
mod map;
mod moves;
mod probe;
mod pull;
mod screen;
mod talk;
mod update;
mod wire;

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use tokio::sync::{OnceCell, mpsc};
use url::Url;

use self::client::Api;
use super::http::Port;
use super::{
    Answer, Capabilities, Class, Comment, Connector, Cursor, Draft, Failure, Fetched, Move, Offers, Page,
    Patch, PlatformBoards, Probe, PullEnd, RemoteItem, RemoteRef, Scope, StatusModel, Tracker,
};
use crate::domain::fields::Field;
use crate::domain::link::LinkId;
use crate::support::clock::Timestamp;

/// How many ids written lately are named in a search, so that it shows them as they are; Jira takes 50.
const RECONCILED: usize = 50;

/// What writing `body` would lose of a description that holds more than Markdown can say; `source` is the description
/// as JSON. Pure.
pub(super) fn body_losses(source: &str, body: &str) -> Vec<String> {
    let Ok(original) = serde_json::from_str(source) else { return Vec::new() };
    adf::document(body, Some(&original)).losses
}

/// What a connector needs.
#[derive(Debug, Clone)]
pub struct JiraOptions {
    /// The site, or the gateway's address of it; the API is below it.
    pub api_url: Url,
    /// The project's key, such as `ABC`.
    pub project: String,
    /// Whether a user was given: a token with a user is a Cloud token, one without is a Data Center one.
    pub user: Option<String>,
    /// The way out, which carries the token.
    pub port: Port,
}

/// Jira Cloud and Data Center: one connection.
#[derive(Debug)]
pub struct JiraConnector {
    api: Api,
    /// Where the site's pages are, once asked; the gateway's address shows none.
    site: OnceCell<String>,
    /// The type new issues get, once asked.
    issue_type: OnceCell<String>,
    /// Ids of issues written lately, the last one at the end.
    written: Mutex<VecDeque<u64>>,
    /// The further fields of the connection's rules.
    book: fields::Book,
    /// Whether a move may go over several transitions.
    hops: bool,
}

impl JiraConnector {
    /// A connector for one project. Nothing is sent yet.
    ///
    /// # Errors
    /// The project is not a key, or the address cannot have paths.
    pub fn new(options: JiraOptions) -> Result<Self, Failure> {
        let wrong = |what: String| Failure::new(Class::Configuration, Scope::Connection, what);
        let key = options.project.trim().to_uppercase();
        let named = key.chars().next().is_some_and(|c| c.is_ascii_alphabetic())
            && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !named {
            return Err(wrong(format!("`{}` is not a project's key", options.project))
                .with_help("write the letters in front of an issue's number, such as `ABC`"));
        }
        if options.api_url.cannot_be_a_base() {
            return Err(wrong(format!("`{}` is not the address of a Jira", options.api_url)));
        }
        Ok(Self {
            api: Api::new(options.port, options.api_url, key, options.user.is_some()),
            site: OnceCell::new(),
            issue_type: OnceCell::new(),
            written: Mutex::default(),
            book: fields::Book::default(),
            hops: false,
        })
    }

    /// The same with moves over several transitions, or without.
    #[must_use]
    pub fn with_hops(self, hops: bool) -> Self {
        Self { hops, ..self }
    }

    /// Remembers an issue we wrote: the search shows it as it is only when it is named.
    fn wrote(&self, id: &str) {
        let Ok(id) = id.parse::<u64>() else { return };
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.retain(|known| *known != id);
        written.push_back(id);
        if written.len() > RECONCILED {
            written.pop_front();
        }
    }

    /// The issues written lately.
    fn lately_written(&self) -> Vec<u64> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }

    /// Forgets them, when Jira does not take one of them any more.
    fn forget_written(&self) {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Connector for JiraConnector {
    fn platform(&self) -> &'static str {
        "jira"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            creates: true,
            comments: true,
            writes: &Field::ALL,
            assignees: 1,
            status: StatusModel::Workflow,
            reasons: &[],
            tells_deleted: false,
            follows_transfers: true,
            precision_ms: 1,
            list_lag_s: 600,
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

impl Tracker for JiraConnector {
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

    fn moves<'a>(&'a self, at: &'a RemoteRef) -> Answer<'a, Option<Vec<Move>>> {
        Box::pin(self.list_moves(at))
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
