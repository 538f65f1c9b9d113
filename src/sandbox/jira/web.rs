//! Somebody at Jira's own pages: edits from outside, past tokens and faults.

use std::sync::Arc;

use serde_json::Value;

use super::issue::{Comment, Issue, JiraIssueView, State};
use super::{PROJECTS, World, flow};
use crate::sandbox::Past;
use crate::sandbox::inner::{Inner, locked};
use crate::support::clock::Timestamp;

/// Who edits there.
const SOMEBODY: &str = "ana";

/// What people do at Jira's pages, and what they see there. Issues are named by key.
#[derive(Debug, Clone)]
pub struct JiraWeb {
    pub(in crate::sandbox) inner: Arc<Inner>,
}

impl JiraWeb {
    pub(super) fn world<T>(&self, edit: impl FnOnce(&mut World, i64) -> T) -> T {
        let now = self.inner.clock.now().0;
        let done = edit(&mut locked(&self.inner.jira), now);
        self.inner.wake();
        done
    }

    pub(super) fn change(&self, key: &str, edit: impl FnOnce(&mut State)) -> bool {
        self.world(|world, now| match by_key(world, key).map(|issue| issue.id) {
            Some(id) => {
                world.change(id, now, SOMEBODY, edit);
                true
            }
            None => false,
        })
    }

    /// Makes an issue in `ABC` and gives its key.
    pub fn create_issue(&self, login: &str, summary: &str) -> String {
        self.world(|world, now| {
            let id = world.add("ABC", login, now, State { summary: summary.to_owned(), ..State::default() });
            world.issues[&id].key()
        })
    }

    /// Gives it another title; false when there is no such issue.
    pub fn set_summary(&self, key: &str, summary: &str) -> bool {
        self.change(key, |state| summary.clone_into(&mut state.summary))
    }

    /// Gives it another description: ADF, or text as at Data Center.
    pub fn set_description(&self, key: &str, description: Value) -> bool {
        self.change(key, |state| state.description = description)
    }

    /// Puts a label on.
    pub fn add_label(&self, key: &str, label: &str) -> bool {
        self.change(key, |state| state.labels.push(label.to_owned()))
    }

    /// Takes a label off.
    pub fn remove_label(&self, key: &str, label: &str) -> bool {
        self.change(key, |state| state.labels.retain(|l| l != label))
    }

    /// Assigns it to somebody by login, or to nobody.
    pub fn assign(&self, key: &str, login: Option<&str>) -> bool {
        self.change(key, |state| state.assignee = login.map(str::to_owned))
    }

    /// Says something below it, as a document.
    pub fn comment(&self, key: &str, body: Value) -> bool {
        self.world(|world, now| {
            let id = world.fresh_id();
            let Some(issue) = by_key(world, key) else { return false };
            let author = SOMEBODY.to_owned();
            issue.comments.push(Comment { id, author, body, created: now, properties: Vec::new() });
            issue.change(now, |_| {});
            true
        })
    }

    /// Gives it one fix version, or none.
    pub fn set_version(&self, key: &str, name: Option<&str>) -> bool {
        let versions = name.map(|name| (self.create_version(name), name.to_owned()));
        self.change(key, |state| state.versions = versions.into_iter().collect())
    }

    /// Lets every status be reached from every other one, as a simplified workflow does.
    pub fn set_free_workflow(&self, free: bool) {
        self.world(|world, _| world.free_workflow = free);
    }

    /// Every edit of an issue, oldest first, when the sandbox was told to keep them: `body` as JSON; `standing` is the
    /// status, the resolution and the labels, one a line.
    pub fn history(&self) -> Vec<Past> {
        self.world(|world, _| world.past.clone().unwrap_or_default())
    }

    /// Gives it a status by name, past the workflow. A resolution goes with a status that is done.
    pub fn resolve(&self, key: &str, status: &str, resolution: &str) -> bool {
        let found = flow::STATUSES.iter().find(|s| s.1 == status).map(|s| s.0);
        found.is_some_and(|id| {
            self.change(key, |state| {
                (state.status, state.resolution) = (id, Some(resolution.to_owned()));
            })
        })
    }

    /// Gives it a status by name, past the workflow.
    pub fn set_status(&self, key: &str, status: &str) -> bool {
        let found = flow::STATUSES.iter().find(|s| s.1 == status).map(|s| s.0);
        found.is_some_and(|id| {
            self.change(key, |state| {
                state.status = id;
                if flow::status(id).2 != "done" {
                    state.resolution = None;
                }
            })
        })
    }

    /// Adds a version to its fix versions, which is made when there is none of that name.
    pub fn add_version(&self, key: &str, name: &str) -> bool {
        let id = self.create_version(name);
        self.change(key, |state| state.versions.push((id, name.to_owned())))
    }

    /// Makes a version in `ABC` unless there is one of that name; its id.
    pub fn create_version(&self, name: &str) -> u64 {
        self.world(|world, _| {
            let known = world.versions.iter().find(|v| v.name == name).map(|v| v.id);
            known.unwrap_or_else(|| world.add_version(PROJECTS[0].0, name).id)
        })
    }

    /// Deletes it.
    pub fn delete(&self, key: &str) -> bool {
        self.world(|world, _| {
            let id = by_key(world, key).map(|issue| issue.id);
            id.is_some_and(|id| world.issues.remove(&id).is_some())
        })
    }

    /// Moves it to another project; it keeps its id and gets another key.
    pub fn move_to(&self, key: &str, project: &str) -> bool {
        self.world(|world, now| {
            let number = world.numbers.entry(project.to_owned()).or_default();
            *number += 1;
            let number = *number;
            let Some(issue) = by_key(world, key) else { return false };
            issue.former.push(key.to_owned());
            project.clone_into(&mut issue.project);
            issue.number = number;
            issue.change(now, |_| {});
            true
        })
    }

    /// Lets the search be so far behind, in milliseconds.
    pub fn set_index_lag(&self, ms: i64) {
        self.world(|world, _| world.index_lag_ms = ms);
    }

    /// Lets the site be Jira Cloud whichever of its APIs is asked, as a real one is.
    pub fn set_cloud_alone(&self) {
        self.world(|world, _| world.cloud_alone = true);
    }

    /// Takes a permission from everybody, by Jira's key such as `ADD_COMMENTS`. `mypermissions` says so; what asks for it
    /// is refused by role alone.
    pub fn deny(&self, permission: &str) {
        self.world(|world, _| world.denied.insert(permission.to_owned()));
    }

    /// Puts a project into the archive.
    pub fn archive(&self, project: &str) {
        self.world(|world, _| world.archived.insert(project.to_owned()));
    }

    /// Lets Data Center's API say that it is of another version.
    pub fn set_server_version(&self, version: [u32; 3]) {
        self.world(|world, _| world.server_version = Some(version));
    }

    /// One issue, when it is there.
    pub fn issue(&self, key: &str) -> Option<JiraIssueView> {
        self.world(|world, _| by_key(world, key).map(|issue| view(issue)))
    }

    /// All issues, oldest first.
    pub fn issues(&self) -> Vec<JiraIssueView> {
        self.world(|world, _| world.issues.values().map(view).collect())
    }
}

fn by_key<'w>(world: &'w mut World, key: &str) -> Option<&'w mut Issue> {
    world.issues.values_mut().find(|i| i.key() == key)
}

fn view(issue: &Issue) -> JiraIssueView {
    let now = &issue.now;
    JiraIssueView {
        id: issue.id.to_string(),
        key: issue.key(),
        summary: now.summary.clone(),
        description: now.description.clone(),
        status: flow::status(now.status).1.to_owned(),
        resolution: now.resolution.clone(),
        labels: now.labels.clone(),
        assignee: now.assignee.clone(),
        versions: now.versions.iter().map(|(_, name)| name.clone()).collect(),
        properties: now.properties.clone(),
        comments: issue.comments.iter().map(|c| c.body.clone()).collect(),
        updated: Timestamp(now.updated),
    }
}
