//! What the simulated Jira holds: issues with what they were before, comments, versions.

use std::collections::BTreeMap;

use serde_json::Value;

use super::flow::TO_DO;
use crate::support::clock::Timestamp;

/// How many earlier states of an issue are kept for a search that is behind.
const PAST: usize = 20;

/// An issue.
#[derive(Debug, Clone)]
pub(super) struct Issue {
    pub(super) id: u64,
    pub(super) project: String,
    pub(super) number: u64,
    /// Keys it had in other projects.
    pub(super) former: Vec<String>,
    pub(super) creator: String,
    pub(super) created: i64,
    pub(super) now: State,
    /// What it was, oldest first, for a search whose index is behind.
    pub(super) past: Vec<State>,
    pub(super) comments: Vec<Comment>,
}

/// Everything about an issue that changes.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) summary: String,
    /// ADF, or text at Data Center.
    pub(super) description: Value,
    pub(super) status: u64,
    pub(super) resolution: Option<String>,
    pub(super) labels: Vec<String>,
    pub(super) assignee: Option<String>,
    /// Ids and names.
    pub(super) versions: Vec<(u64, String)>,
    pub(super) verified_by: Option<String>,
    pub(super) properties: BTreeMap<String, Value>,
    /// What it holds in further fields, by id; what is empty is not here.
    pub(super) further: BTreeMap<String, Value>,
    pub(super) updated: i64,
}

/// A comment.
#[derive(Debug, Clone)]
pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) author: String,
    pub(super) body: Value,
    pub(super) created: i64,
    pub(super) properties: Vec<Value>,
}

/// A version.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub(super) id: u64,
    pub(super) project: u64,
    pub(super) name: String,
}

impl Issue {
    pub(super) fn new(id: u64, project: &str, number: u64, creator: &str, at: i64) -> Self {
        Self {
            id,
            project: project.to_owned(),
            number,
            former: Vec::new(),
            creator: creator.to_owned(),
            created: at,
            now: State { status: TO_DO, updated: at, ..State::default() },
            past: Vec::new(),
            comments: Vec::new(),
        }
    }

    pub(super) fn key(&self) -> String {
        format!("{}-{}", self.project, self.number)
    }

    /// Changes it, and keeps what it was.
    pub(super) fn change(&mut self, at: i64, edit: impl FnOnce(&mut State)) {
        self.past.push(self.now.clone());
        if self.past.len() > PAST {
            self.past.remove(0);
        }
        edit(&mut self.now);
        self.now.updated = at.max(self.now.updated);
    }

    /// What a search that knows nothing younger than `until` holds of it.
    pub(super) fn as_indexed(&self, until: i64) -> Option<&State> {
        std::iter::once(&self.now).chain(self.past.iter().rev()).find(|s| s.updated <= until)
    }
}

/// An issue as a person sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct JiraIssueView {
    /// Its id.
    pub id: String,
    /// Its key, such as `ABC-12`.
    pub key: String,
    /// Its title.
    pub summary: String,
    /// Its description: ADF, or text at Data Center; null when there is none.
    pub description: Value,
    /// Its status by name.
    pub status: String,
    /// How it was resolved.
    pub resolution: Option<String>,
    /// Its labels.
    pub labels: Vec<String>,
    /// Whom it is assigned to, by login.
    pub assignee: Option<String>,
    /// Its fix versions by name.
    pub versions: Vec<String>,
    /// Its entity properties.
    pub properties: BTreeMap<String, Value>,
    /// Its comments' bodies, oldest first.
    pub comments: Vec<Value>,
    /// When it last changed.
    pub updated: Timestamp,
}
