//! GitLab's REST shapes, as far as they are read; it maps and decides nothing. Old and new instances are taken alike:
//! what a card can do without may be missing.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::Value;

use crate::connector::reading;

/// The token's own account.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Me {
    pub(super) username: String,
    /// Told to administrators of the instance alone.
    #[serde(default)]
    pub(super) is_admin: Option<bool>,
}

/// Somebody's account, as issues, notes and lists of members show it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct User {
    #[serde(default)]
    pub(super) id: Option<u64>,
    #[serde(default)]
    pub(super) username: Option<String>,
    /// `active`, `blocked`, ..; old answers leave it out.
    #[serde(default)]
    pub(super) state: Option<String>,
}

/// A label: its name, or an object where details were asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Label {
    /// As issues have it.
    Name(String),
    /// As the list of labels has it.
    Object {
        /// The label's name.
        name: String,
    },
}

impl Label {
    /// Its name.
    pub(super) fn into_name(self) -> String {
        match self {
            Self::Name(name) | Self::Object { name } => name,
        }
    }
}

/// A milestone of the project or of a group above it. Issues refer to it by `id`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Milestone {
    pub(super) id: u64,
    pub(super) title: String,
    #[serde(default)]
    pub(super) state: Option<String>,
    #[serde(default)]
    pub(super) due_date: Option<NaiveDate>,
}

/// How an issue is referred to.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct References {
    /// `group/app#7`.
    #[serde(default)]
    pub(super) full: Option<String>,
}

/// An issue.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Issue {
    /// Unique on the instance.
    pub(super) id: u64,
    /// The number people use, within the project.
    #[serde(deserialize_with = "reading::number")]
    pub(super) iid: u64,
    pub(super) title: String,
    #[serde(default)]
    pub(super) description: Option<String>,
    /// `opened` or `closed`; kept as text, since a third word must not cost the page.
    pub(super) state: String,
    #[serde(default)]
    pub(super) labels: Option<Vec<Label>>,
    #[serde(default)]
    pub(super) milestone: Option<Titled>,
    #[serde(default)]
    pub(super) assignees: Option<Vec<User>>,
    /// Deprecated; very old instances have nothing else.
    #[serde(default)]
    pub(super) assignee: Option<User>,
    #[serde(default)]
    pub(super) author: Option<User>,
    #[serde(default)]
    pub(super) user_notes_count: Option<u32>,
    #[serde(default, rename = "issue_type")]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) web_url: Option<String>,
    #[serde(default)]
    pub(super) references: Option<References>,
    /// The issue's `id` at its new place, once it was moved.
    #[serde(default)]
    pub(super) moved_to_id: Option<u64>,
    /// A day. Of the following each is `None` where the answer has it not, and null where it has it empty; they are
    /// kept as they come, since one that is odd must not cost the issue.
    #[serde(default, deserialize_with = "present")]
    pub(super) due_date: Option<Value>,
    /// A number, where the plan has weights.
    #[serde(default, deserialize_with = "present")]
    pub(super) weight: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    pub(super) confidential: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    pub(super) time_stats: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    pub(super) epic: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    pub(super) iteration: Option<Value>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
}

/// Tells what is there and null from what is not there.
fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

/// Something with a title: the milestone on an issue.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Titled {
    pub(super) title: String,
}

/// What a walk must know of an issue even when the rest of it cannot be understood.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Stub {
    #[serde(rename = "iid", deserialize_with = "reading::number")]
    pub(super) _number: u64,
    pub(super) updated_at: DateTime<Utc>,
}

/// A note on an issue.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Note {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) body: Option<String>,
    #[serde(default)]
    pub(super) author: Option<User>,
    /// Written by GitLab as the issue's history.
    #[serde(default)]
    pub(super) system: bool,
    pub(super) created_at: DateTime<Utc>,
}

/// A project, as far as a look at the connection needs it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Project {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) path_with_namespace: Option<String>,
    #[serde(default)]
    pub(super) archived: Option<bool>,
    /// Replaced by `issues_access_level`, and still told.
    #[serde(default)]
    pub(super) issues_enabled: Option<bool>,
    /// `disabled`, `private` or `enabled`.
    #[serde(default)]
    pub(super) issues_access_level: Option<String>,
    #[serde(default)]
    pub(super) permissions: Option<Permissions>,
}

/// What the token's account is in a project.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Permissions {
    #[serde(default)]
    pub(super) project_access: Option<Access>,
    #[serde(default)]
    pub(super) group_access: Option<Access>,
}

/// 10 Guest, 15 Planner, 20 Reporter, 30 Developer, 40 Maintainer, 50 Owner.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Access {
    pub(super) access_level: u32,
}

/// The instance's version.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Version {
    /// Such as `18.5.1-ee`.
    pub(super) version: String,
}

/// The token itself.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Token {
    #[serde(default)]
    pub(super) scopes: Option<Vec<String>>,
    /// The day on which it stops working.
    #[serde(default)]
    pub(super) expires_at: Option<NaiveDate>,
}

/// An answer in GraphQL.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Graph<T> {
    #[serde(default = "none")]
    pub(super) data: Option<T>,
    #[serde(default)]
    pub(super) errors: Option<Vec<Complaint>>,
}

/// Why a question in GraphQL was not answered.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Complaint {
    pub(super) message: String,
}

fn none<T>() -> Option<T> {
    None
}

/// One of GitLab's own statuses.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Status {
    pub(super) id: String,
    pub(super) name: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Nodes<T> {
    nodes: Vec<Option<T>>,
}

/// The kinds of work items of a project, and which statuses each allows.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Types {
    project: Option<TypesOf>,
}

#[derive(Debug, Clone, Deserialize)]
struct TypesOf {
    #[serde(rename = "workItemTypes")]
    types: Nodes<Type>,
}

#[derive(Debug, Clone, Deserialize)]
struct Type {
    #[serde(rename = "widgetDefinitions")]
    widgets: Vec<Definition>,
}

#[derive(Debug, Clone, Deserialize)]
struct Definition {
    #[serde(default, rename = "allowedStatuses")]
    statuses: Option<Vec<Status>>,
}

impl Types {
    /// Every status an issue may have.
    pub(super) fn statuses(self) -> Vec<Status> {
        let types = self.project.map(|p| p.types.nodes).unwrap_or_default().into_iter().flatten();
        types.flat_map(|t| t.widgets).filter_map(|w| w.statuses).flatten().collect()
    }
}

/// The statuses that issues of a project have.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Worn {
    project: Option<WornIn>,
}

#[derive(Debug, Clone, Deserialize)]
struct WornIn {
    #[serde(rename = "workItems")]
    items: Nodes<Wearer>,
}

#[derive(Debug, Clone, Deserialize)]
struct Wearer {
    iid: String,
    widgets: Vec<Option<Widget>>,
}

#[derive(Debug, Clone, Deserialize)]
struct Widget {
    #[serde(default)]
    status: Option<Status>,
}

impl Worn {
    /// The name of each issue's status by the issue's number.
    pub(super) fn by_number(self) -> HashMap<String, String> {
        let items = self.project.map(|p| p.items.nodes).unwrap_or_default().into_iter().flatten();
        items
            .filter_map(|item| {
                let status = item.widgets.into_iter().flatten().find_map(|w| w.status)?;
                Some((item.iid, status.name))
            })
            .collect()
    }
}

/// What became of a status that was set.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Given {
    #[serde(default, rename = "workItemUpdate")]
    pub(super) given: Option<Errors>,
}

/// What GitLab found wrong with a change.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Errors {
    #[serde(default)]
    pub(super) errors: Vec<String>,
}

/// Where an issue is, asked for by its id.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Whereabouts {
    #[serde(default)]
    pub(super) issue: Option<Address>,
}

/// An issue's address.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Address {
    /// A number, in quotes.
    pub(super) iid: String,
    #[serde(rename = "projectId")]
    pub(super) project_id: u64,
}
