//! How GitLab shows things, in the shapes of its REST API.

use serde_json::{Value, json};

use super::{GROUP, Issue, Label, Milestone, Note, Project, World, person_id};
use crate::support::clock::Timestamp;

/// A moment in milliseconds, as GitLab writes it.
pub(super) fn time(at: i64) -> String {
    Timestamp(at).to_utc().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// A person. `root` is the instance's address.
pub(super) fn user(root: &str, login: &str) -> Value {
    json!({
        "id": person_id(login).unwrap_or_default(), "username": login, "name": login, "state": "active",
        "locked": false, "avatar_url": null, "web_url": format!("{root}/{login}"),
    })
}

pub(super) fn label(label: &Label, of_project: bool) -> Value {
    json!({
        "id": label.id, "name": label.name, "color": "#6699cc", "text_color": "#FFFFFF", "description": null,
        "description_html": "", "subscribed": false, "priority": null, "is_project_label": of_project,
    })
}

/// A milestone of `project`, or of the group where there is none.
pub(super) fn milestone(root: &str, milestone: &Milestone, project: Option<&Project>) -> Value {
    let place = project.map_or("groups/octo", |p| p.path.as_str());
    let mut out = json!({
        "id": milestone.id, "iid": milestone.iid, "title": milestone.title, "description": "", "state": "active",
        "created_at": time(milestone.at), "updated_at": time(milestone.at), "due_date": null, "start_date": null,
        "expired": false, "web_url": format!("{root}/{place}/-/milestones/{}", milestone.iid),
    });
    match project {
        Some(project) => out["project_id"] = json!(project.id),
        None => out["group_id"] = json!(GROUP),
    }
    out
}

/// The milestone with that id, the project's or the group's.
fn milestone_of(world: &World, root: &str, project: &Project, id: u64) -> Option<Value> {
    let own = project.own.milestones.iter().find(|m| m.id == id).map(|m| milestone(root, m, Some(project)));
    own.or_else(|| world.group.milestones.iter().find(|m| m.id == id).map(|m| milestone(root, m, None)))
}

pub(super) fn issue(world: &World, root: &str, at: usize, issue: &Issue) -> Value {
    let project = &world.projects[at];
    let mut labels: Vec<&str> =
        world.labels(at).filter(|l| issue.labels.contains(&l.id)).map(|l| l.name.as_str()).collect();
    labels.sort_unstable();
    let people: Vec<Value> = issue.assignees.iter().map(|login| user(root, login)).collect();
    let (path, iid) = (&project.path, issue.iid);
    let mut out = json!({
        "id": issue.id, "iid": iid, "project_id": project.id, "title": issue.title,
        "description": issue.description, "state": if issue.open { "opened" } else { "closed" },
        "created_at": time(issue.created), "updated_at": time(issue.updated), "closed_at": issue.closed.map(time),
        "labels": labels, "milestone": issue.milestone.and_then(|id| milestone_of(world, root, project, id)),
        "assignees": people, "assignee": people.first(), "author": user(root, issue.author),
        "type": "ISSUE", "issue_type": "issue", "severity": "UNKNOWN", "discussion_locked": null, "upvotes": 0, "downvotes": 0, "merge_requests_count": 0,
        "user_notes_count": issue.notes.iter().filter(|n| !n.system).count(), "has_tasks": false,
        "web_url": format!("{root}/{path}/-/issues/{iid}"),
        "references": {"short": format!("#{iid}"), "relative": format!("#{iid}"), "full": format!("{path}#{iid}")},
        "task_completion_status": {"count": 0, "completed_count": 0}, "moved_to_id": issue.moved_to,
        "_links": {"self": format!("{root}/api/v4/projects/{}/issues/{iid}", project.id)},
    });
    issue.further.show(&mut out, world.premium);
    out
}

pub(super) fn note(root: &str, issue: &Issue, note: &Note) -> Value {
    json!({
        "id": note.id, "type": null, "body": note.body, "attachment": null, "author": user(root, note.author),
        "created_at": time(note.at), "updated_at": time(note.at), "system": note.system, "noteable_id": issue.id,
        "noteable_iid": issue.iid, "noteable_type": "Issue", "resolvable": false, "confidential": false,
        "internal": false,
    })
}

/// A project, with what the caller is in it.
pub(super) fn project(root: &str, project: &Project, level: u32) -> Value {
    let access = json!({"access_level": level, "notification_level": 3});
    json!({
        "id": project.id, "name": project.path.rsplit('/').next(), "path_with_namespace": project.path,
        "web_url": format!("{root}/{}", project.path), "archived": project.archived, "visibility": "private",
        "issues_enabled": project.issues_enabled,
        "issues_access_level": if project.issues_enabled { "enabled" } else { "disabled" },
        "permissions": {"project_access": null, "group_access": access},
    })
}
