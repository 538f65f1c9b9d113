//! What became of a card: every version of every field, with who, when and where from. Pure.

use serde::Serialize;

use super::fields::{Field, Value};
use crate::support::clock::Timestamp;

/// How a version came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VersionKind {
    /// Somebody changed it.
    #[default]
    Edit,
    /// A change taken back.
    Undo,
    /// A change that was taken back, done again.
    Redo,
    /// An older version brought back.
    Restore,
    /// The losing side of a conflict: it never became the card's value, and is kept here.
    Lost,
    /// A text put together from both sides of a conflict.
    Merged,
}

impl VersionKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::Edit, Self::Undo, Self::Redo, Self::Restore, Self::Lost, Self::Merged];

    /// The word in the store and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::Undo => "undo",
            Self::Redo => "redo",
            Self::Restore => "restore",
            Self::Lost => "lost",
            Self::Merged => "merged",
        }
    }
}

impl std::str::FromStr for VersionKind {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|k| k.as_str() == s).ok_or_else(|| format!("`{s}` is no kind of version"))
    }
}

/// What a version is a version of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    /// A field.
    Field(Field),
    /// The card was made.
    Created,
    /// The card left the board.
    Archived,
    /// A comment was made here.
    Comment,
}

impl Serialize for What {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl What {
    /// The word in the store and on the screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Field(field) => field.as_str(),
            Self::Created => "created",
            Self::Archived => "archived",
            Self::Comment => "comment",
        }
    }
}

impl std::str::FromStr for What {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        [Self::Created, Self::Archived, Self::Comment]
            .into_iter()
            .find(|w| w.as_str() == s)
            .map_or_else(|| s.parse().map(Self::Field), Ok)
    }
}

/// One version: what changed, who did it, when, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Version {
    /// Its number; later ones are higher.
    pub seq: i64,
    /// When it reached this board.
    pub at: Timestamp,
    /// Who did it, when that is known: a platform's list of issues does not tell who changed them.
    pub actor: Option<String>,
    /// Where it came from: `local`, a connection's name, `mapping` or `rollback`.
    pub origin: String,
    /// How it came about.
    pub kind: VersionKind,
    /// What changed.
    pub what: What,
    /// The value before; for a lost one the value that won. [`Value::None`] where there was none.
    pub before: Value,
    /// The value after; for a lost one the value that lost.
    pub after: Value,
}
