//! Jira's shapes over what is held.

use serde_json::{Value, json};

use super::Asked;
use super::flow;
use super::issue::{Comment, Issue, State, Version};
use crate::support::clock::Timestamp;

/// A time as Jira writes it.
pub(super) fn time(at: i64) -> String {
    Timestamp(at).to_utc().format("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
}

/// The account id of a login on Cloud.
pub(super) fn account_id(login: &str) -> String {
    format!("712020:{login}")
}

/// A person: by account id on Cloud, by name at Data Center.
pub(super) fn user(asked: &Asked<'_>, login: &str) -> Value {
    let mut shown = json!({
        "self": format!("{}/rest/api/3/user?accountId={}", asked.root, account_id(login)),
        "displayName": login, "active": true, "timeZone": "Etc/UTC",
    });
    if asked.server {
        shown["name"] = json!(login);
        shown["key"] = json!(login);
    } else {
        shown["accountId"] = json!(account_id(login));
        shown["accountType"] = json!("atlassian");
    }
    shown
}

/// A version.
pub(super) fn version(asked: &Asked<'_>, version: &Version) -> Value {
    json!({
        "self": format!("{}/rest/api/3/version/{}", asked.root, version.id), "id": version.id.to_string(),
        "name": version.name, "archived": false, "released": false, "projectId": version.project,
    })
}

/// The types an issue can have.
pub(super) fn issue_types(asked: &Asked<'_>) -> Value {
    let one = |id: &str, name: &str, subtask: bool, level: i32| {
        let mut shown = json!({
            "self": format!("{}/rest/api/3/issuetype/{id}", asked.root), "id": id, "name": name, "subtask": subtask,
        });
        if !asked.server {
            shown["hierarchyLevel"] = json!(level);
        }
        shown
    };
    let all = [
        one("10000", "Epic", false, 1),
        one("10001", "Story", false, 0),
        one("10002", "Task", false, 0),
        one("10003", "Sub-task", true, -1),
    ];
    let list = if asked.server { "values" } else { "issueTypes" };
    json!({list: all, "maxResults": 50, "startAt": 0, "total": 4})
}

/// An issue as it is now.
pub(super) fn issue(asked: &Asked<'_>, issue: &Issue, properties: bool) -> Value {
    indexed(asked, issue, &issue.now, properties)
}

/// An issue as a search knows it.
pub(super) fn indexed(asked: &Asked<'_>, issue: &Issue, state: &State, properties: bool) -> Value {
    let person = |login: &Option<String>| login.as_ref().map_or(Value::Null, |l| user(asked, l));
    let mut fields = json!({
        "summary": state.summary,
        "description": state.description,
        "status": flow::shown(&asked.root, state.status),
        "labels": state.labels,
        "assignee": person(&state.assignee),
        "creator": user(asked, &issue.creator),
        "reporter": user(asked, &issue.creator),
        "resolution": state.resolution.as_ref().map(|r| flow::resolution(&asked.root, r)),
        "issuetype": {"id": "10002", "name": "Task", "subtask": false},
        "fixVersions": state.versions.iter().map(|(id, name)| json!({
            "self": format!("{}/rest/api/3/version/{id}", asked.root), "id": id.to_string(), "name": name,
            "archived": false, "released": false,
        })).collect::<Vec<_>>(),
        "created": time(issue.created),
        "updated": time(state.updated),
    });
    if let Some(asked_for) = asked.call.param("fields")
        && let Some(map) = fields.as_object_mut()
    {
        map.retain(|key, _| asked_for.split(',').any(|f| f == key));
    }
    super::fields::show(asked, state, &mut fields);
    let mut shown = json!({
        "expand": "renderedFields,names,schema,operations,editmeta,changelog", "id": issue.id.to_string(),
        "self": format!("{}/rest/api/3/issue/{}", asked.root, issue.id), "key": issue.key(), "fields": fields,
    });
    if properties {
        shown["properties"] = json!(state.properties);
    }
    shown
}

/// A comment.
pub(super) fn comment(asked: &Asked<'_>, issue: &Issue, comment: &Comment) -> Value {
    let mut shown = json!({
        "self": format!("{}/rest/api/3/issue/{}/comment/{}", asked.root, issue.id, comment.id),
        "id": comment.id.to_string(), "author": user(asked, &comment.author), "body": comment.body,
        "updateAuthor": user(asked, &comment.author), "created": time(comment.created),
        "updated": time(comment.created), "jsdPublic": true,
    });
    if asked.call.param("expand") == Some("properties") {
        shown["properties"] = json!(comment.properties);
    }
    shown
}
