//! An item as a platform holds it, in canonical form, before any mapping is applied.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::fields::{Fields, Value};
use super::link::{ConnectionName, LinkId};
use super::mapping::{PlatformState, StatusMapping, Target};
use crate::support::clock::Timestamp;

/// A remote item's address for its connector.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RemoteRef {
    /// The platform's immutable id (GitHub: the issue's `id`).
    pub id: String,
    /// The number people use.
    pub number: u64,
    /// The repository it is in, as `owner/name`: a transfer changes it.
    pub repository: String,
}

/// What a body holds on its platform that Markdown has no words for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RichBody {
    /// In words with their numbers, such as `2 mentions`.
    pub holds: Vec<String>,
    /// The body as the platform holds it (Jira: the document as JSON); by it is told what an edit would lose.
    pub source: String,
}

/// What of the body of one of a card's items is meant: what it holds beyond Markdown, or what an edit would lose of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beyond {
    /// The link to the item.
    pub link: LinkId,
    /// The link's connection.
    pub connection: ConnectionName,
    /// In words, such as `2 mentions` or `a mention (@ana)`.
    pub things: Vec<String>,
}

/// A remote item as the platform returned it, in canonical form; the mapping has not been applied yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteItem {
    /// Where it is.
    pub at: RemoteRef,
    /// Its web address.
    pub url: String,
    /// The title.
    pub title: String,
    /// The body in canonical form, without our marker.
    pub body: String,
    /// The marker found in the body.
    pub marker: Option<LinkId>,
    /// State, reason and all labels.
    pub state: PlatformState,
    /// Logins.
    pub assignees: BTreeSet<String>,
    /// The milestone's title.
    pub milestone: Option<String>,
    /// Further fields by the platform's own names, as far as the connection's rules name them; one that is empty there
    /// is [`Value::None`], one that was not read is not here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub raw: BTreeMap<String, Value>,
    /// The platform's own kind, such as an issue type's name.
    pub kind: Option<String>,
    /// Who made it.
    pub author: Option<String>,
    /// How many comments it has.
    pub comments: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed, in the server's precision.
    pub updated_at: Timestamp,
    /// What its body holds beyond Markdown, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rich: Option<RichBody>,
}

impl RemoteItem {
    /// Its fields as `mapping` reads them, and whether the mapping names its state.
    pub fn fields(&self, mapping: &StatusMapping) -> (Fields, bool) {
        let (mut fields, mapped) = self.common_fields(mapping);
        mapping.rules().read(&mut fields, &self.raw, None);
        (fields, mapped)
    }

    /// The fields every item has, as `mapping` reads them but for its field rules, and whether it names its state.
    pub fn common_fields(&self, mapping: &StatusMapping) -> (Fields, bool) {
        let reading = mapping.read(&self.state);
        let fields = Fields {
            title: self.title.clone(),
            body: self.body.clone(),
            status: reading.status,
            labels: mapping.names().labels_here(&reading.labels),
            assignees: mapping.names().people_here(&self.assignees),
            milestone: mapping.names().milestone_here(self.milestone.as_deref()),
            extra: BTreeMap::new(),
        };
        (fields, reading.mapped)
    }
}

/// Where a pull goes on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cursor {
    /// Everything that changed at or after this moment of the server's clock has not been seen; `None`: nothing has.
    pub since: Option<Timestamp>,
    /// The validator of the probe that tells "nothing changed".
    pub etag: Option<String>,
    /// A first walk that was interrupted, and how far it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub walk: Option<Walk>,
}

/// How far a first walk has come: everything before this point was handed on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Walk {
    /// What the cursor's `since` will be at the end: when the walk began, however often it was interrupted.
    pub since: Option<Timestamp>,
    /// What the cursor's validator will be at the end.
    pub etag: Option<String>,
    /// The last page that was handed on with all before it.
    pub page: u64,
    /// That page's address, where the platform's pages have no numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The highest number met so far.
    pub last: u64,
    /// Entries read so far.
    pub done: u64,
    /// Entries there are at most, when the platform tells.
    pub total: Option<u64>,
    /// Whether the numbers could not tell what slipped over a page's border, so that all is walked by change too.
    #[serde(default)]
    pub unsure: bool,
    /// How far that second walk has come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_change: Option<Timestamp>,
}

/// A comment on an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// The platform's id.
    pub id: String,
    /// Who wrote it.
    pub author: String,
    /// What it says, in canonical form, without our marker.
    pub body: String,
    /// When.
    pub at: Timestamp,
}

/// What the platform offers: for the mapping editor, pickers and validation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Offers {
    /// Labels there are, in the platform's spelling.
    pub labels: Vec<String>,
    /// Open milestones by title.
    pub milestones: Vec<RemoteMilestone>,
    /// People who can be assigned.
    pub assignable: Vec<String>,
    /// The platform's own statuses by name, in its order: a GitHub project's Status options.
    #[serde(default)]
    pub statuses: Vec<String>,
    /// The further fields its items have: a Jira project's custom fields, the fields of a GitHub project.
    #[serde(default)]
    pub fields: Vec<PlatformField>,
}

/// A further field of a platform's items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformField {
    /// What people call it; rules name it so.
    pub name: String,
    /// The platform's id of it, where that is another; a rule may name it so too.
    pub id: Option<String>,
    /// What it holds.
    pub holds: Holds,
    /// The values it takes, where they are a list.
    pub options: Vec<String>,
    /// Whether it can be written.
    pub writable: bool,
}

/// What a platform's field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// Any text.
    Text,
    /// A number; it travels in its shortest decimal form.
    Number,
    /// A day; it travels as `YYYY-MM-DD`.
    Date,
    /// A moment; it travels as RFC 3339.
    Time,
    /// One of a list of values, by name.
    Option,
    /// Several names.
    List,
    /// Something else, which is shown by its name and cannot be written.
    Other,
}

/// The boards a platform has of its own for what a connection connects.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PlatformBoards {
    /// The boards, in the platform's order.
    pub boards: Vec<PlatformBoard>,
    /// Why there is none, or why some are missing, for a person: it says nothing against the connection.
    pub word: Option<String>,
}

impl PlatformBoards {
    /// No boards, for the words' reason.
    pub fn none(word: impl Into<String>) -> Self {
        Self { boards: Vec::new(), word: Some(word.into()) }
    }
}

/// A board of a platform.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PlatformBoard {
    /// Its name.
    pub name: String,
    /// Its columns, in board order.
    pub columns: Vec<BoardColumn>,
    /// What of the board as a whole no mapping can say, one sentence each.
    pub notes: Vec<String>,
}

/// A column of a platform's board.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BoardColumn {
    /// Its title there.
    pub title: String,
    /// What stands in it on the platform. The first is what a card moved here becomes; none: a mapping cannot say it.
    pub target: Vec<Target>,
    /// Why a mapping cannot say it, or what else there is to know.
    pub note: Option<String>,
}

/// A milestone on a platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteMilestone {
    /// The platform's id (GitHub: the number within the repository).
    pub id: String,
    /// Its title.
    pub title: String,
    /// The day it is due.
    pub due: Option<chrono::NaiveDate>,
    /// Whether it is still open.
    pub open: bool,
}
