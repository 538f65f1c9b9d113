//! What tests and the demo see of the world: copies in plain words, without GitHub's JSON.

use super::world::{EventKind, Issue, Repo};
use crate::support::clock::Timestamp;

/// An issue as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueView {
    /// GitHub's database id.
    pub id: u64,
    /// Number within the repository.
    pub number: u64,
    /// The title.
    pub title: String,
    /// The body; None when it was never set.
    pub body: Option<String>,
    /// Whether it is open.
    pub open: bool,
    /// `completed`, `not_planned`, `duplicate`, `reopened` or nothing.
    pub state_reason: Option<String>,
    /// Names of its labels, in order.
    pub labels: Vec<String>,
    /// Logins, in order.
    pub assignees: Vec<String>,
    /// Title of its milestone.
    pub milestone: Option<String>,
    /// Who opened it; None for somebody who left.
    pub author: Option<String>,
    /// Its comments, oldest first.
    pub comments: Vec<CommentView>,
    /// What happened to it, oldest first.
    pub events: Vec<EventView>,
    /// Whole seconds, as GitHub keeps them.
    pub created_at: Timestamp,
    /// Whole seconds, as GitHub keeps them.
    pub updated_at: Timestamp,
    /// When it was closed, if it is.
    pub closed_at: Option<Timestamp>,
    /// Whether it is a pull request.
    pub pull_request: bool,
}

/// One comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentView {
    /// GitHub's database id.
    pub id: u64,
    /// Who wrote it.
    pub author: String,
    /// Its text.
    pub body: String,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventView {
    /// Who did it.
    pub actor: String,
    /// GitHub's name and what it was about, as in `labeled bug` or `closed completed`.
    pub what: String,
}

impl IssueView {
    /// Whether it has that label, letter case ignored.
    pub fn has_label(&self, name: &str) -> bool {
        self.labels.iter().any(|label| label.eq_ignore_ascii_case(name))
    }

    pub(super) fn of(repo: &Repo, issue: &Issue) -> Self {
        let at = |seconds: i64| Timestamp(seconds * 1000);
        let label = |id: &u64| repo.labels.get(id).map(|label| label.name.clone());
        let comments = issue.comments.iter().map(|comment| CommentView {
            id: comment.id,
            author: comment.author.clone(),
            body: comment.body.clone(),
        });
        let events = issue.events.iter();
        Self {
            id: issue.id,
            number: issue.number,
            title: issue.title.clone(),
            body: issue.body.clone(),
            open: issue.open,
            state_reason: issue.state_reason.clone(),
            labels: issue.labels.iter().filter_map(label).collect(),
            assignees: issue.assignees.clone(),
            milestone: issue.milestone.and_then(|n| repo.milestones.get(&n)).map(|m| m.title.clone()),
            author: issue.author.clone(),
            comments: comments.collect(),
            events: events.map(|e| EventView { actor: e.actor.clone(), what: what(&e.kind) }).collect(),
            created_at: at(issue.created),
            updated_at: at(issue.updated),
            closed_at: issue.closed.map(at),
            pull_request: issue.pull_request,
        }
    }
}

fn what(kind: &EventKind) -> String {
    match kind {
        EventKind::Labeled { name, .. } => format!("labeled {name}"),
        EventKind::Unlabeled { name, .. } => format!("unlabeled {name}"),
        EventKind::Closed { reason } => format!("closed {}", reason.as_deref().unwrap_or_default()),
        EventKind::Reopened => "reopened".to_owned(),
        EventKind::Assigned(login) => format!("assigned {login}"),
        EventKind::Unassigned(login) => format!("unassigned {login}"),
        EventKind::Milestoned(title) => format!("milestoned {title}"),
        EventKind::Demilestoned(title) => format!("demilestoned {title}"),
        EventKind::Renamed { from, to } => format!("renamed {from} -> {to}"),
    }
}
