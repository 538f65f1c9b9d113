//! The card: the local item a person sees and moves.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::fields::{FieldName, Value};
use super::link::Link;
use super::mapping::Status;
use crate::support::clock::Timestamp;
use crate::support::shared::Shared;

/// Names a card for good, whatever its links become.
///
/// Random (UUID v4), so that a short prefix tells cards apart even when thousands were imported at once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CardId(pub Uuid);

impl CardId {
    /// A new, random id.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// The first eight hexadecimal digits: enough to show, and usually enough to type.
    pub fn short(self) -> String {
        self.0.simple().to_string()[..8].to_owned()
    }

    /// What people call it on a connection: `core#142` once its item there has a number, else the short id.
    pub fn key_on(self, connection: impl fmt::Display, number: Option<impl fmt::Display>) -> String {
        number.map_or_else(|| self.short(), |n| format!("{connection}#{n}"))
    }
}

impl fmt::Display for CardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(f)
    }
}

impl fmt::Debug for CardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardId({self})")
    }
}

impl FromStr for CardId {
    type Err = uuid::Error;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(s).map(Self)
    }
}

/// What sort of work a card is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A body of work that other cards belong to.
    Epic,
    /// A feature, a bug, a chore: one tracked item.
    #[default]
    Issue,
    /// A step of an issue.
    Task,
}

impl Kind {
    /// Every kind, in the order people list them.
    pub const ALL: [Self; 3] = [Self::Epic, Self::Issue, Self::Task];

    /// The name used in the store, on the command line and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Epic => "epic",
            Self::Issue => "issue",
            Self::Task => "task",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|k| k.as_str() == s)
            .ok_or_else(|| format!("`{s}` is not a kind; use epic, issue or task"))
    }
}

/// One card as the board holds it. The body is not here: it is loaded when a card is opened. Cards that have the same
/// labels, people or further fields share them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The card's name for good.
    pub id: CardId,
    /// What sort of work it is.
    pub kind: Kind,
    /// The title, as it was written; not yet sanitised for a terminal.
    pub title: String,
    /// The column it stands in.
    pub status: Status,
    /// Place within the column, ascending from the top; gaps are wide so that a card can be put between two.
    pub rank: i64,
    /// Labels, without those that stand for a status.
    pub labels: Shared<BTreeSet<String>>,
    /// Logins of the people it is assigned to.
    pub assignees: Shared<BTreeSet<String>>,
    /// Title of its milestone.
    pub milestone: Option<String>,
    /// Further fields by name: priority, estimate, due and others; one without a value is not here.
    pub extra: Shared<BTreeMap<FieldName, Value>>,
    /// Rises by one with every local change; the outbox is acknowledged by it.
    pub revision: i64,
    /// When it was first seen.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Where it stands on each connection.
    pub links: Vec<Link>,
}

impl Card {
    /// The key people call it by: `core#142` for a linked card, else the short id.
    pub fn key(&self) -> String {
        self.links.iter().find_map(Link::key).unwrap_or_else(|| self.id.short())
    }

    /// The text of a further field.
    pub fn extra(&self, name: FieldName) -> Option<&str> {
        self.extra.get(&name).and_then(Value::as_text)
    }

    /// The link on `connection`, if it has one.
    pub fn link_on(&self, connection: &str) -> Option<&Link> {
        self.links.iter().find(|l| l.connection.as_str() == connection)
    }
}
