//! A field that was changed on both sides to different values, and how that was or will be decided. Pure.

use serde::{Deserialize, Serialize};

use super::card::CardId;
use super::fields::{Field, Value};
use super::link::ConnectionName;
use crate::support::clock::Timestamp;

/// What becomes of a field in conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// The value here; it is sent.
    Local,
    /// The value there; it is taken.
    Remote,
    /// A value put together from both; it is sent.
    Merged(Value),
}

impl Choice {
    /// The word in the store and in JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Remote => "remote",
            Self::Merged(_) => "merged",
        }
    }
}

/// How a conflict was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// What was chosen. The value of a merged one is the card's at that time.
    pub choice: Choice,
    /// Who decided: a person's name, or `policy`.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A field that was changed on both sides to different values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// Its number.
    pub id: i64,
    /// Of which card.
    pub card: CardId,
    /// What people call it: `core#142`.
    pub key: String,
    /// The card's title now.
    pub title: String,
    /// On which connection.
    pub connection: ConnectionName,
    /// The other connection of the card from which the value here came; `None` when it was made on this board.
    pub source: Option<ConnectionName>,
    /// Which field.
    pub field: Field,
    /// What both sides agreed on before.
    pub base: Value,
    /// The value here.
    pub local: Value,
    /// The value there.
    pub remote: Value,
    /// When it was found.
    pub found_at: Timestamp,
    /// How it was decided; `None` while it waits for a person.
    pub decided: Option<Decided>,
}

impl Conflict {
    /// What the side here is called: the connection its value came from, else `here`.
    pub fn here(&self) -> &str {
        self.source.as_ref().map_or("here", ConnectionName::as_str)
    }

    /// The value of the side here, for a sentence: `the one here`, `ops's`.
    pub fn ours(&self) -> String {
        self.source.as_ref().map_or_else(|| "the one here".to_owned(), |name| format!("{name}'s"))
    }
}

/// A person's decision of one conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Which conflict.
    pub conflict: i64,
    /// What becomes of the field.
    pub choice: Choice,
}
