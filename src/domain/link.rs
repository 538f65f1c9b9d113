//! The link: one card on one connection.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::support::kept::kept;

/// The name a person gave a connection in the config, kept once for the life of the process.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionName(&'static str);

impl ConnectionName {
    /// Wraps a name that the config has already checked.
    pub fn new(name: impl Into<String>) -> Self {
        Self(kept(&name.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        self.0
    }
}

impl Serialize for ConnectionName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for ConnectionName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(kept(&std::borrow::Cow::<'de, str>::deserialize(deserializer)?)))
    }
}

impl fmt::Display for ConnectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// Names a link; it is also the marker by which a created remote item is found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LinkId(pub Uuid);

impl LinkId {
    /// A new, random id.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }
}

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(f)
    }
}

impl FromStr for LinkId {
    type Err = uuid::Error;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(s).map(Self)
    }
}

/// How far a link is in step; the four words other tools read in `feature_issue_links.sync_status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncStatus {
    /// Both sides agreed at `last_synced`.
    Synced,
    /// A local change waits to be sent or confirmed.
    Pending,
    /// The platform refused; a person must look.
    Failed,
    /// Set aside on purpose: a conflict waits for a decision, or the remote item is gone.
    Manual,
}

impl SyncStatus {
    /// The word in the store and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Synced => "synced",
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::Manual => "manual",
        }
    }
}

impl FromStr for SyncStatus {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        [Self::Synced, Self::Pending, Self::Failed, Self::Manual]
            .into_iter()
            .find(|x| x.as_str() == s)
            .ok_or_else(|| format!("`{s}` is not a sync status"))
    }
}

/// What the board shows of a link. Base snapshots stay in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The link's name.
    pub id: LinkId,
    /// The connection it is on.
    pub connection: ConnectionName,
    /// The remote number, once the item exists there.
    pub number: Option<u64>,
    /// The item's web address, once it exists.
    pub url: Option<String>,
    /// How far it is in step.
    pub sync: SyncStatus,
    /// Why it is failed or manual, in words for a person; the server's own where there are any.
    pub note: Option<String>,
    /// Whether a field that was changed on both sides waits for a person.
    pub conflict: bool,
    /// Whether a request for it is under way now.
    pub sending: bool,
    /// Whether the platform asks something about a move, which waits until a person answers.
    pub asks: bool,
    /// Whether the platform's state is one the mapping names; if not, the column was assumed.
    pub mapped: bool,
}

impl Link {
    /// `core#142`, once the remote item exists.
    pub fn key(&self) -> Option<String> {
        self.number.map(|n| format!("{}#{n}", self.connection))
    }
}
