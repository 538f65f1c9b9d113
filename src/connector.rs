//! The one seam to the platforms: what a connector can do, and how it fails. It knows nothing of the store.

pub mod bitbucket;
mod finding;
pub mod github;
pub mod gitlab;
pub mod http;
pub mod jira;
mod reading;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use serde::Serialize;
use tokio::sync::mpsc;

use crate::domain::fields::{Field, Fields, SetDelta, Value};
use crate::domain::link::LinkId;
use crate::domain::mapping::{CloseReason, StateChange};
use crate::support::clock::Timestamp;
use crate::sync::retry::Class;

pub use self::finding::{Finding, Stops, Trouble};
pub use crate::domain::moves::{Asks, Move, Need};
pub use crate::domain::remote::{
    BoardColumn, Comment, Cursor, Holds, Offers, PlatformBoard, PlatformBoards, PlatformField, RemoteItem,
    RemoteMilestone, RemoteRef, RichBody, Walk,
};

/// A future behind the trait seam.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// Why a request did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What kind of trouble it is.
    pub class: Class,
    /// How far it reaches.
    pub scope: Scope,
    /// For a person: the server's own words where there are any; sanitised, without secrets, at most 512 characters.
    pub message: String,
    /// What a person can do about it.
    pub help: Option<String>,
    /// HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// The server's word on when to come back, in milliseconds from now.
    pub retry_after_ms: Option<i64>,
    /// Whether the server may have applied the request although it failed for us.
    pub outcome: Outcome,
    /// The platform's id of the request, for its support.
    pub request_id: Option<String>,
    /// What it says of the connection, when it says something.
    pub trouble: Option<Trouble>,
    /// What the platform wants to be given first: with it the same would have been sent.
    pub asks: Option<Box<Asks>>,
}

impl Failure {
    /// A failure of which nothing more is known than this; certainly not applied.
    pub fn new(class: Class, scope: Scope, message: impl Into<String>) -> Self {
        Self {
            class,
            scope,
            message: message.into(),
            help: None,
            status: None,
            retry_after_ms: None,
            outcome: Outcome::NotApplied,
            request_id: None,
            trouble: None,
            asks: None,
        }
    }

    /// There is no connector to ask: the connection is not open, or not yet.
    pub fn offline() -> Self {
        Self::new(Class::Transient, Scope::Connection, "there is no connection to the platform yet")
            .with_help("see the health panel for the reason")
    }

    /// The same with a word on what a person can do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with what it says of the connection.
    #[must_use]
    pub fn with_trouble(mut self, trouble: Trouble) -> Self {
        self.trouble = Some(trouble);
        self
    }

    /// The same with a word on whether it was applied.
    #[must_use]
    pub fn with_outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }
}

/// How far a failure reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// This item.
    Item,
    /// The whole connection.
    Connection,
}

/// Whether a failed request was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Certainly not: refused, or never sent.
    NotApplied,
    /// Perhaps: the answer was lost.
    Unknown,
}

/// What a look at one item found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// It is there; when it was transferred, at its new address.
    Item(Box<RemoteItem>),
    /// The platform says that it was deleted.
    Deleted,
    /// The platform does not show it to us.
    Hidden,
    /// It is something else now, such as `a pull request`.
    Converted(&'static str),
}

/// An item to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Marks the item, so that it is found again when the answer is lost.
    pub marker: LinkId,
    /// Its fields; the status is in `state`.
    pub fields: Fields,
    /// The state it shall have, labels that stand for a status included.
    pub state: StateChange,
    /// Further fields by the platform's own names.
    pub raw: BTreeMap<String, Value>,
}

/// What shall change on an item. What is `None` or empty is not sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Patch {
    /// The new title.
    pub title: Option<String>,
    /// The new body, without marker.
    pub body: Option<String>,
    /// Open or close, and the labels that stand for a status.
    pub state: StateChange,
    /// Other labels, by delta.
    pub labels: SetDelta,
    /// Assignees, by delta.
    pub assignees: SetDelta,
    /// The new milestone by title; `Some(None)` clears it.
    pub milestone: Option<Option<String>>,
    /// Further fields by the platform's own names; [`Value::None`] clears one.
    pub raw: BTreeMap<String, Value>,
    /// What of the present body may be lost, in the words of [`body_losses`]: a person agreed to it. A body whose
    /// writing would lose anything else is refused.
    pub agreed: Vec<String>,
}

impl Patch {
    /// Whether nothing would be sent.
    pub fn is_empty(&self) -> bool {
        Self { agreed: Vec::new(), ..self.clone() } == Self::default()
    }

    /// Whether labels are changed: a platform may have to replace all of them for it.
    pub fn touches_labels(&self) -> bool {
        !self.labels.is_empty() || !self.state.labels.is_empty()
    }
}

/// What writing `body` would lose of the item's present body, because Markdown has no words for it; nothing where its
/// platform keeps Markdown. Pure: it needs no network and no open connection, but may take long for a long body.
pub fn body_losses(seen: &RemoteItem, body: &str) -> Vec<String> {
    // Jira is the only platform whose bodies hold more than Markdown.
    seen.rich.as_ref().map_or_else(Vec::new, |rich| jira::body_losses(&rich.source, body))
}

/// When an update without an answer was made, by the server's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubt {
    /// The item's last change as it was read before the update.
    pub from: Timestamp,
    /// After this moment nothing that happened can have been the update.
    pub until: Timestamp,
}

/// One page of a pull.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The items, in no promised order; one may come twice in a walk.
    pub items: Vec<RemoteItem>,
    /// How many items the whole walk will bring, at most, when the platform tells.
    pub total: Option<u64>,
    /// Items of this page that could not be understood, each named with what was wrong; the rest of the page holds.
    pub skipped: Vec<String>,
    /// Where a first walk that is interrupted after this page goes on: it reaches no further than what was handed on.
    pub walk: Option<Walk>,
}

/// How a pull ended. Only a complete walk ends so; a broken one is a [`Failure`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullEnd {
    /// Where the next one starts.
    pub cursor: Cursor,
    /// Nothing had changed: one conditional request, no page.
    pub unchanged: bool,
    /// There is nothing at all on the platform.
    pub empty: bool,
}

/// What a look at the connection found: for `doctor`, `init` and the health panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Probe {
    /// Whose token it is.
    pub login: String,
    /// The repository under its present name.
    pub repository: String,
    /// The platform's id of the repository: another one under the same name is another repository.
    pub repository_id: Option<String>,
    /// Whether we may write.
    pub can_write: bool,
    /// Whether issues are switched on.
    pub has_issues: bool,
    /// Whether the repository is archived.
    pub archived: bool,
    /// Scopes of a classic token; `None` when the platform does not tell.
    pub scopes: Option<Vec<String>>,
    /// When the token expires, when the platform tells.
    pub expires_at: Option<Timestamp>,
    /// The platform's clock minus ours, in milliseconds.
    pub clock_offset_ms: i64,
    /// What will not work, and why, in the platform's own words; empty where all is well.
    pub findings: Vec<Finding>,
}

/// What one exchange with a platform was like; the health panel's raw material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// `GET`, `PATCH`, ..
    pub method: String,
    /// The path without host and query.
    pub path: String,
    /// HTTP status; `None` when no answer came.
    pub status: Option<u16>,
    /// From sending to the last byte.
    pub latency_ms: u32,
    /// The platform's budget, when the answer told it.
    pub rate: Option<crate::domain::health::RateLimit>,
    /// Our own buckets after it; empty where nothing is limited.
    pub budgets: Vec<crate::domain::health::Budget>,
    /// The platform's id of the request.
    pub request_id: Option<String>,
}

/// What a platform calls a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusModel {
    /// Open or closed, with labels.
    Labels,
    /// Options of a project's field, beside open and closed.
    Options,
    /// A workflow: which statuses can be reached depends on the item.
    Workflow,
    /// Fixed states, of which some are final.
    States,
}

/// What a connector can do, as data: the board, the mapping editor and the docs read it, and nothing pretends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Capabilities {
    /// Items can be made.
    pub creates: bool,
    /// Comments can be added.
    pub comments: bool,
    /// The fields an update can change.
    pub writes: &'static [Field],
    /// How many people an item can be assigned to at once.
    pub assignees: u32,
    /// What a status is there.
    pub status: StatusModel,
    /// The reasons for closing it knows.
    pub reasons: &'static [CloseReason],
    /// A deleted item can be told from one that is hidden from us.
    pub tells_deleted: bool,
    /// An item that moved to another place is followed.
    pub follows_transfers: bool,
    /// The precision of its times, in milliseconds.
    pub precision_ms: u32,
    /// How far its lists may lag behind a write, in seconds.
    pub list_lag_s: u32,
    /// Its items have further fields that rules can name.
    pub further: bool,
}

/// Speaks one platform's API for one connection.
pub trait Connector: Send + Sync {
    /// The platform's name, such as `github`.
    fn platform(&self) -> &'static str;

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// Looks at token, permissions and repository.
    fn probe(&self) -> Answer<'_, Probe>;

    /// The platform's id of the repository that is at the connection's address now; `None` when it has none.
    fn identity(&self) -> Answer<'_, Option<String>>;

    /// The platform's clock minus ours, in milliseconds, once it has told its own.
    fn clock_offset_ms(&self) -> Option<i64> {
        None
    }

    /// The role of a tracker, when the platform has items to track.
    fn tracker(&self) -> Option<&dyn Tracker> {
        None
    }
}

/// A platform that has items with a state.
pub trait Tracker: Send + Sync {
    /// Walks everything that changed since `from` and hands it on page by page. Ends well only when complete.
    fn pull<'a>(&'a self, from: &'a Cursor, pages: mpsc::Sender<Page>) -> Answer<'a, PullEnd>;

    /// Looks at one item, freshly.
    fn fetch<'a>(&'a self, at: &'a RemoteRef) -> Answer<'a, Fetched>;

    /// Makes an item. An [`Outcome::Unknown`] failure must be followed by [`Tracker::find`], never by another create.
    fn create<'a>(&'a self, draft: &'a Draft) -> Answer<'a, RemoteItem>;

    /// Looks among the items made since `since` for the one with this marker, by listing, not by searching.
    fn find(&self, marker: LinkId, since: Timestamp) -> Answer<'_, Option<RemoteItem>>;

    /// Changes an item and returns it as the platform holds it afterwards. `seen` is the fresh state the patch was
    /// planned on. What the platform dropped silently is a failure that says so.
    fn update<'a>(&'a self, seen: &'a RemoteItem, patch: &'a Patch) -> Answer<'a, RemoteItem>;

    /// Puts right what an [`Tracker::update`] without an answer may have undone of other people's edits. `seen` is a
    /// fresh look, `doubt` when the update was made, `ours` the labels it meant to change. Does nothing where a
    /// platform's updates undo nothing.
    fn mend<'a>(&'a self, seen: &'a RemoteItem, doubt: Doubt, ours: &'a SetDelta) -> Answer<'a, ()> {
        let _ = (seen, doubt, ours);
        Box::pin(std::future::ready(Ok(())))
    }

    /// The statuses the item can be given now, and what each needs; `None`: every status, without asking.
    fn moves<'a>(&'a self, at: &'a RemoteRef) -> Answer<'a, Option<Vec<Move>>> {
        let _ = at;
        Box::pin(std::future::ready(Ok(None)))
    }

    /// An item's comments, oldest first.
    fn comments<'a>(&'a self, at: &'a RemoteRef) -> Answer<'a, Vec<Comment>>;

    /// Adds a comment that carries `marker`; when one with this marker is there already, that one is returned.
    fn comment<'a>(&'a self, at: &'a RemoteRef, body: &'a str, marker: uuid::Uuid) -> Answer<'a, Comment>;

    /// What the platform offers.
    fn offers(&self) -> Answer<'_, Offers>;

    /// The platform's own boards, as columns a mapping can take over. Where the account may not see them there are none,
    /// with a word; that is no failure.
    fn boards(&self) -> Answer<'_, PlatformBoards> {
        Box::pin(std::future::ready(Ok(PlatformBoards::default())))
    }
}
