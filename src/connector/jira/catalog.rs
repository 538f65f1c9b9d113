//! What the project offers: labels, versions, people, issue types; and the version of a title, since issues name
//! versions by id.

use reqwest::Method;
use serde_json::{Value, json};

use super::classify::About;
use super::client::{element, refuse};
use super::{JiraConnector, map, wire};
use crate::connector::{Class, Failure, Offers};

/// How many pages of labels are read: a site's labels are those of all its projects.
const LABEL_PAGES: usize = 5;

impl JiraConnector {
    /// Reads the lists. An entry that cannot be understood is left out and logged.
    pub(super) async fn list_offers(&self) -> Result<Offers, Failure> {
        let people = [("project", self.api.project()), ("maxResults", "1000")];
        let people = self.api.url(&["user", "assignable", "search"], &people);
        let (labels, versions, statuses, fields, people) = futures::try_join!(
            self.labels(),
            self.versions(),
            self.statuses(),
            self.offered_fields(),
            self.api.get::<Vec<Value>>(people, About::Container),
        )?;
        let open = |v: &wire::Version| !v.released && !v.archived;
        let person = |u: wire::User| u.handle().filter(|_| u.active != Some(false) && is_human(&u));
        Ok(Offers {
            labels,
            milestones: versions.into_iter().filter(open).map(map::milestone).collect(),
            assignable: understood::<wire::User>(people).filter_map(person).collect(),
            statuses,
            fields,
        })
    }

    /// The statuses of the project's workflows by name, in the order they come; each is told once.
    async fn statuses(&self) -> Result<Vec<String>, Failure> {
        let mut names: Vec<String> = Vec::new();
        for status in self.workflow_statuses().await? {
            if !names.contains(&status.name) {
                names.push(status.name);
            }
        }
        Ok(names)
    }

    /// The statuses of the project's workflows in the order they come; one that several types of issue have comes for
    /// each of them.
    pub(super) async fn workflow_statuses(&self) -> Result<Vec<wire::Status>, Failure> {
        let url = self.api.url(&["project", self.api.project(), "statuses"], &[]);
        let types = self.api.get::<Vec<Value>>(url, About::Container).await?;
        Ok(understood::<wire::TypeStatuses>(types).flat_map(|of_type| of_type.statuses).collect())
    }

    /// Labels of the whole site; Data Center has no list of them.
    async fn labels(&self) -> Result<Vec<String>, Failure> {
        let mut all: Vec<String> = Vec::new();
        while self.api.is_cloud() && all.len() < LABEL_PAGES * 1_000 {
            let start = all.len().to_string();
            let url = self.api.url(&["label"], &[("startAt", &start), ("maxResults", "1000")]);
            let page: wire::Labels = self.api.get(url, About::Container).await?;
            let ended = page.values.is_empty() || page.is_last != Some(false);
            all.extend(page.values);
            if ended {
                break;
            }
        }
        Ok(all)
    }

    async fn versions(&self) -> Result<Vec<wire::Version>, Failure> {
        let url = self.api.url(&["project", self.api.project(), "versions"], &[]);
        Ok(understood(self.api.get::<Vec<Value>>(url, About::Container).await?).collect())
    }

    /// The id of the version with this title; one that is in no list yet is made.
    pub(super) async fn version_id(&self, title: &str) -> Result<String, Failure> {
        let wanted = title.trim().to_lowercase();
        let all = self.versions().await?;
        if let Some(known) = all.into_iter().find(|v| v.name.trim().to_lowercase() == wanted) {
            return Ok(known.id);
        }
        let project: wire::Project =
            self.api.get(self.api.url(&["project", self.api.project()], &[]), About::Container).await?;
        let id: u64 = project.id.parse().map_err(|_| refuse("the project has no number"))?;
        let url = self.api.url(&["version"], &[]);
        let made = self.api.write(Method::POST, url, json!({"name": title, "projectId": id}), About::NewItem);
        match made.await {
            Ok(reply) => Ok(self.api.decode::<wire::Version>(&reply, About::NewItem)?.id),
            Err(f) if f.class == Class::Transient => Err(f),
            Err(f) => {
                Err(refuse(format!("there is no version `{title}`, and it could not be made: {}", f.message))
                    .with_help("a project's administrator can make the version in Jira"))
            }
        }
    }

    /// The type new issues get: a task, or else the first usual one.
    pub(super) async fn issue_type(&self) -> Result<&str, Failure> {
        let ask = || async {
            let url = self.api.url(&["issue", "createmeta", self.api.project(), "issuetypes"], &[]);
            let all: wire::IssueTypes = self.api.get(url, About::NewItem).await?;
            choose_type(all.values).ok_or_else(|| {
                refuse(format!("no type of issue can be made in {}", self.api.project()))
                    .with_help("the account needs the permission to create issues in the project")
            })
        };
        self.issue_type.get_or_try_init(ask).await.map(String::as_str)
    }
}

fn choose_type(all: Vec<wire::IssueType>) -> Option<String> {
    let is_epic = |t: &wire::IssueType| {
        t.hierarchy_level.is_some_and(|l| l != 0) || t.name.eq_ignore_ascii_case("epic")
    };
    let usual: Vec<wire::IssueType> = all.into_iter().filter(|t| !t.subtask && !is_epic(t)).collect();
    let task = usual.iter().find(|t| t.name.eq_ignore_ascii_case("task"));
    task.or(usual.first()).map(|t| t.id.clone())
}

fn is_human(user: &wire::User) -> bool {
    user.account_type.as_deref().is_none_or(|t| t == "atlassian")
}

pub(super) fn understood<T: serde::de::DeserializeOwned>(all: Vec<Value>) -> impl Iterator<Item = T> {
    all.into_iter().filter_map(|value| {
        element::<T>(value)
            .inspect_err(|why| tracing::warn!(%why, "an entry of a list on Jira was left out"))
            .ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_issue_is_a_task_and_never_an_epic_or_a_subtask() {
        let types = |json: Value| {
            let all: wire::IssueTypes = serde_json::from_value(json).unwrap();
            choose_type(all.values)
        };
        let epic = json!({"id": "1", "name": "Epic", "hierarchyLevel": 1});
        let sub = json!({"id": "2", "name": "Sub-task", "subtask": true, "hierarchyLevel": -1});
        let story = json!({"id": "3", "name": "Story", "hierarchyLevel": 0});
        let task = json!({"id": "4", "name": "Task"});
        assert_eq!(types(json!({"issueTypes": [epic, sub, story, task]})).as_deref(), Some("4"));
        assert_eq!(types(json!({"values": [epic, sub, story]})).as_deref(), Some("3"));
        assert_eq!(types(json!({"values": [epic, sub]})), None);
    }
}
