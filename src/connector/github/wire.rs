//! GitHub's REST shapes, as far as they are read and written; it maps and decides nothing.
//!
//! octocrab's types are used where they take old, new and Enterprise Server payloads alike: the repository with its
//! permissions, the words for state, reason, sorting and direction, and the typed ids. Its `Issue`, `Comment`,
//! `Label`, `Milestone` and `Author` are not: they demand `node_id`, `gravatar_id` and a user that is not null
//! (a deleted account's is), and an unknown `state_reason` fails them. A test holds recorded answers against both.

use octocrab::models::issues::IssueStateReason;
use octocrab::models::{CommentId, IssueId, IssueState};
use serde::{Deserialize, Serialize};

use crate::connector::reading;

/// Somebody's account.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct User {
    pub(super) login: String,
}

/// A label on an issue: an object, or in old answers its bare name.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Label {
    /// As it comes today.
    Object {
        /// Null in the description, never in practice.
        name: Option<String>,
    },
    /// As the description still allows.
    Name(String),
}

impl Issue {
    /// The part of it a walk must know.
    pub(super) fn stub(&self) -> Stub {
        Stub { number: self.number, updated_at: self.updated_at, pull_request: self.pull_request }
    }
}

impl Label {
    /// Its name.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Object { name } => name.as_deref(),
            Self::Name(name) => Some(name),
        }
    }
}

/// A milestone; issues refer to it by number.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Milestone {
    pub(super) number: u64,
    pub(super) title: String,
    #[serde(default)]
    pub(super) state: Option<String>,
    /// A timestamp of which only the day counts.
    #[serde(default)]
    pub(super) due_on: Option<chrono::DateTime<chrono::Utc>>,
}

/// Something with a number of its own: a repository, of which nothing else is asked. Old servers leave out much of it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Numbered {
    pub(super) id: u64,
}

/// Something with a name: an issue type, a label in the repository's list.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Named {
    pub(super) name: String,
}

/// An issue.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Issue {
    pub(super) id: IssueId,
    #[serde(deserialize_with = "reading::number")]
    pub(super) number: u64,
    pub(super) html_url: String,
    #[serde(default)]
    pub(super) repository_url: Option<String>,
    pub(super) title: String,
    #[serde(default)]
    pub(super) body: Option<String>,
    /// `open` or `closed`; kept as text, since a third word must not cost the page.
    pub(super) state: String,
    #[serde(default)]
    pub(super) state_reason: Option<String>,
    #[serde(default)]
    pub(super) user: Option<User>,
    #[serde(default)]
    pub(super) labels: Vec<Label>,
    #[serde(default)]
    pub(super) assignee: Option<User>,
    #[serde(default)]
    pub(super) assignees: Option<Vec<User>>,
    #[serde(default)]
    pub(super) milestone: Option<Milestone>,
    #[serde(default, rename = "type")]
    pub(super) kind: Option<Named>,
    #[serde(default)]
    pub(super) comments: u32,
    pub(super) created_at: chrono::DateTime<chrono::Utc>,
    pub(super) updated_at: chrono::DateTime<chrono::Utc>,
    /// There when the "issue" is a pull request.
    #[serde(default)]
    pub(super) pull_request: Option<serde::de::IgnoredAny>,
}

/// What a walk must know of an item even when the rest of it cannot be understood.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Stub {
    #[serde(deserialize_with = "reading::number")]
    pub(super) number: u64,
    pub(super) updated_at: chrono::DateTime<chrono::Utc>,
    /// There when the "issue" is a pull request.
    #[serde(default)]
    pub(super) pull_request: Option<serde::de::IgnoredAny>,
}

/// A comment.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Comment {
    pub(super) id: CommentId,
    #[serde(default)]
    pub(super) body: Option<String>,
    #[serde(default)]
    pub(super) user: Option<User>,
    pub(super) created_at: chrono::DateTime<chrono::Utc>,
}

/// An entry of an issue's history, as far as labels go.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Event {
    pub(super) id: u64,
    #[serde(rename = "event")]
    pub(super) what: String,
    #[serde(default)]
    pub(super) actor: Option<User>,
    pub(super) created_at: chrono::DateTime<chrono::Utc>,
    #[serde(default)]
    pub(super) label: Option<Named>,
}

/// The body of a refusal.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Refusal {
    #[serde(default)]
    pub(super) message: Option<String>,
    #[serde(default)]
    pub(super) errors: Option<serde_json::Value>,
}

/// The body of `POST /issues`.
#[derive(Debug, Serialize)]
pub(super) struct NewIssue<'a> {
    pub(super) title: &'a str,
    pub(super) body: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) labels: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) assignees: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) milestone: Option<u64>,
}

/// The body of `PATCH /issues/{n}`: only what changes.
#[derive(Debug, Default, Serialize)]
pub(super) struct IssuePatch {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<IssueState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state_reason: Option<IssueStateReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) labels: Option<Vec<String>>,
    /// A number, or `null`, which clears.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) milestone: Option<serde_json::Value>,
}

impl IssuePatch {
    /// Whether nothing would change.
    pub(super) fn is_empty(&self) -> bool {
        self.title.is_none()
            && self.body.is_none()
            && self.state.is_none()
            && self.labels.is_none()
            && self.milestone.is_none()
    }
}

#[cfg(test)]
mod tests;
