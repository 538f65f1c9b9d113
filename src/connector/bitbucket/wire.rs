//! Bitbucket's shapes, as far as they are read; it maps and decides nothing. Real answers are full of nulls where the
//! description allows none, so nearly everything may be missing.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::connector::reading;

/// Somebody's account, or an app's or a token's.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Account {
    pub(super) uuid: Option<String>,
    #[serde(rename = "account_id")]
    pub(super) atlassian_id: Option<String>,
    pub(super) nickname: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) username: Option<String>,
}

impl Account {
    /// What to call it: people are named by nickname, apps and access tokens only by their display name.
    pub(super) fn name(self) -> Option<String> {
        let all = [self.nickname, self.username, self.display_name, self.atlassian_id, self.uuid];
        all.into_iter().flatten().find(|name| !name.trim().is_empty())
    }
}

/// A text and what Bitbucket made of it; only the text as typed counts.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Rendered {
    pub(super) raw: Option<String>,
}

/// One address.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Href {
    pub(super) href: Option<String>,
}

/// The addresses of a thing.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Links {
    pub(super) html: Option<Href>,
}

/// A branch, with how it is merged into when that was asked for.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Branch {
    pub(super) default_merge_strategy: Option<String>,
}

/// One end of a pull request.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Endpoint {
    pub(super) branch: Option<Branch>,
}

/// A pull request.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct PullRequest {
    #[serde(deserialize_with = "number")]
    pub(super) id: u64,
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) summary: Option<Rendered>,
    /// Kept as text: a word nobody knows yet must not cost the page.
    pub(super) state: String,
    pub(super) draft: Option<bool>,
    pub(super) author: Option<Account>,
    /// Only in the answer about one pull request; lists leave it out.
    pub(super) reviewers: Option<Vec<Account>>,
    pub(super) close_source_branch: Option<bool>,
    pub(super) destination: Option<Endpoint>,
    pub(super) comment_count: Option<u32>,
    pub(super) created_on: DateTime<Utc>,
    pub(super) updated_on: DateTime<Utc>,
    pub(super) links: Option<Links>,
}

/// What a walk must know of a pull request even when the rest of it cannot be understood.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Stub {
    pub(super) updated_on: DateTime<Utc>,
}

/// A comment on a pull request.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) content: Option<Rendered>,
    pub(super) user: Option<Account>,
    pub(super) created_on: DateTime<Utc>,
    /// A deleted comment stays in the list while others answer it.
    pub(super) deleted: Option<bool>,
    /// Part of a review that was not published yet.
    pub(super) pending: Option<bool>,
}

/// A page of a list, whose entries are decoded one by one.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Listing {
    pub(super) values: Vec<Value>,
    pub(super) next: Option<String>,
    pub(super) size: Option<u64>,
}

/// The repository.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Repository {
    pub(super) uuid: Option<String>,
    pub(super) full_name: Option<String>,
    /// Left over from the issue tracker that was removed.
    pub(super) has_issues: Option<bool>,
}

/// How a merge that takes longer stands.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct MergeTask {
    pub(super) task_status: Option<String>,
}

/// A refusal.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Refusal {
    pub(super) error: Trouble,
}

/// What a refusal says. `detail` is text, or an object with the scopes that were required and granted.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Trouble {
    pub(super) message: Option<String>,
    pub(super) detail: Option<Value>,
    pub(super) fields: Option<Value>,
}

/// Somebody by id, as a request names them.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Named {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) uuid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account_id: Option<String>,
}

/// The whole of what can be changed: what a PUT leaves out may be dropped, so all of it is always sent.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Put {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) title: String,
    pub(super) description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reviewers: Option<Vec<Named>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) close_source_branch: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) draft: Option<bool>,
}

/// A pull request's number: one that other tools can count with.
fn number<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let number = u64::deserialize(from)?;
    if number > reading::NUMBER_MAX {
        return Err(serde::de::Error::custom(format_args!("{number} is no pull request's number")));
    }
    Ok(number)
}
