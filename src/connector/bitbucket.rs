//! Bitbucket Cloud: pull requests of one repository as a tracker. It knows nothing of the store or the board.
//!
//! Bitbucket's issue tracker and its API were removed on 2026-08-20, so what is tracked is the pull request. One needs
//! two branches, so none is made here; and nothing leads back from a state that is final.

mod classify;
mod client;
pub mod export;
#[cfg(test)]
mod fuzz;
mod map;
mod merge;
mod probe;
mod pull;
mod talk;
mod update;
mod wire;

use tokio::sync::mpsc;
use url::Url;

use self::classify::About;
use self::client::Api;
use super::http::Port;
use super::{
    Answer, Capabilities, Class, Comment, Connector, Cursor, Draft, Failure, Fetched, Move, Offers, Page,
    Patch, Probe, PullEnd, RemoteItem, RemoteRef, Scope, StatusModel, Tracker,
};
use crate::domain::fields::Field;
use crate::domain::link::LinkId;
use crate::support::clock::Timestamp;

/// What a connector needs.
#[derive(Debug, Clone)]
pub struct BitbucketOptions {
    /// Base of the API, such as `https://api.bitbucket.org/2.0`.
    pub api_url: Url,
    /// `workspace/name`.
    pub repository: String,
    /// The way out, which carries the token.
    pub port: Port,
}

/// Bitbucket Cloud: one connection.
#[derive(Debug)]
pub struct BitbucketConnector {
    api: Api,
}

impl BitbucketConnector {
    /// A connector. Nothing is sent yet.
    ///
    /// # Errors
    /// The repository is not `workspace/name`, or the address cannot have paths.
    pub fn new(options: BitbucketOptions) -> Result<Self, Failure> {
        let wrong = |what: String| Failure::new(Class::Configuration, Scope::Connection, what);
        let parts: Vec<&str> = options.repository.split('/').collect();
        let good = |p: &&str| !matches!(*p, "" | "." | "..") && !p.chars().any(char::is_whitespace);
        if parts.len() != 2 || !parts.iter().all(good) {
            return Err(wrong(format!("`{}` is not a repository", options.repository))
                .with_help("write it as `workspace/name`"));
        }
        if options.api_url.cannot_be_a_base() {
            return Err(wrong(format!("`{}` is not the address of an API", options.api_url)));
        }
        Ok(Self { api: Api::new(options.port, options.api_url, options.repository) })
    }
}

impl Connector for BitbucketConnector {
    fn platform(&self) -> &'static str {
        "bitbucket"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            creates: false,
            comments: true,
            // Reviewers are no assignees: lists leave them out, and their nicknames are neither unique nor lasting.
            writes: &[Field::Title, Field::Body, Field::Status],
            assignees: 0,
            status: StatusModel::States,
            reasons: &[],
            tells_deleted: false,
            follows_transfers: false,
            // Microseconds there; ours are milliseconds.
            precision_ms: 1,
            list_lag_s: 0,
            further: false,
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

impl Tracker for BitbucketConnector {
    fn pull<'a>(&'a self, from: &'a Cursor, pages: mpsc::Sender<Page>) -> Answer<'a, PullEnd> {
        Box::pin(async move { self.pull_since(from, &pages).await })
    }

    fn fetch<'a>(&'a self, at: &'a RemoteRef) -> Answer<'a, Fetched> {
        Box::pin(self.fetch_item(at))
    }

    fn create<'a>(&'a self, draft: &'a Draft) -> Answer<'a, RemoteItem> {
        let words = format!("a pull request cannot be made from a card (\"{}\")", draft.fields.title);
        let refused = Failure::new(Class::Permanent, Scope::Item, self.api.port().words(&words))
            .with_help("it needs two branches: push one, open it on Bitbucket, and its card comes by itself");
        Box::pin(std::future::ready(Err(refused)))
    }

    fn find(&self, _marker: LinkId, _since: Timestamp) -> Answer<'_, Option<RemoteItem>> {
        // Nothing is ever made, so nothing is to be found.
        Box::pin(std::future::ready(Ok(None)))
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
        // No labels, no milestones, nobody can be assigned, and the states are fixed: nothing is asked for.
        let statuses = crate::config::settings::BITBUCKET_STATES.map(str::to_owned).to_vec();
        Box::pin(std::future::ready(Ok(Offers { statuses, ..Offers::default() })))
    }
}
