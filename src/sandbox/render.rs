//! How the world looks in GitHub's JSON. Reads the world only, except for the rendered issues it keeps.

mod issue;

use serde_json::{Value, json};

pub(super) use issue::issue;

use super::accounts::Role;
use super::world::{Comment, Event, EventKind, Issue, Label, Milestone, Repo, Shape, World};
use crate::support::clock::Timestamp;

/// Seconds since the epoch as GitHub writes them.
pub(super) fn time(seconds: i64) -> String {
    Timestamp(seconds.saturating_mul(1000)).to_rfc3339()
}

fn maybe_time(seconds: Option<i64>) -> Value {
    seconds.map_or(Value::Null, |at| Value::String(time(at)))
}

/// `https://host/repos/owner/name`.
pub(super) fn repo_url(base: &str, repo: &Repo) -> String {
    format!("{base}/repos/{}/{}", repo.owner, repo.name)
}

/// `full` in the shape a seed file had: only the fields it had, those that cannot change as they were, those it had
/// and we do not know untouched. A field it lacked appears when it has come to mean something.
fn reshape(mut full: Shape, shape: &Shape, live: &[&str]) -> Shape {
    let mut out = shape.clone();
    for (key, place) in &mut out {
        if live.contains(&key.as_str())
            && let Some(value) = full.remove(key)
        {
            *place = value;
        }
    }
    let empty = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    for key in live.iter().filter(|key| !key.ends_with("url")) {
        if let Some(value) = full.remove(*key).filter(|value| !empty(value)) {
            out.entry(*key).or_insert(value);
        }
    }
    out
}

/// GitHub's `label`.
pub(super) fn label(base: &str, repo: &Repo, label: &Label) -> Value {
    label_at(&repo_url(base, repo), label)
}

fn label_at(repo_url: &str, label: &Label) -> Value {
    let full = json!({
        "id": label.id,
        "node_id": format!("LA_sandbox{}", label.id),
        "url": format!("{repo_url}/labels/{}", percent(&label.name)),
        "name": label.name,
        "description": label.description,
        "color": label.color,
        "default": label.default,
    });
    match (full, &label.shape) {
        (Value::Object(full), Some(shape)) => {
            Value::Object(reshape(full, shape, &["url", "name", "description", "color"]))
        }
        (full, _) => full,
    }
}

/// A name as it stands in a path.
fn percent(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend([byte >> 4, byte & 15].map(|n| char::from(b"0123456789ABCDEF"[usize::from(n)])));
        }
    }
    out
}

/// GitHub's `milestone`.
pub(super) fn milestone(world: &World, repo: &Repo, milestone: &Milestone) -> Value {
    let creator = world.people.value(milestone.creator.as_deref());
    milestone_at(&world.base, &repo_url(&world.base, repo), repo, milestone, creator)
}

fn milestone_at(base: &str, repo_url: &str, repo: &Repo, milestone: &Milestone, creator: Value) -> Value {
    let url = format!("{repo_url}/milestones/{}", milestone.number);
    let full = json!({
        "labels_url": format!("{url}/labels"),
        "url": url,
        "html_url": format!("{base}/{}/{}/milestone/{}", repo.owner, repo.name, milestone.number),
        "id": milestone.id,
        "node_id": format!("MI_sandbox{}", milestone.id),
        "number": milestone.number,
        "title": milestone.title,
        "description": milestone.description,
        "creator": creator,
        "open_issues": milestone.open_issues,
        "closed_issues": milestone.closed_issues,
        "state": if milestone.open { "open" } else { "closed" },
        "created_at": time(milestone.created),
        "updated_at": time(milestone.updated),
        "due_on": milestone.due,
        "closed_at": maybe_time(milestone.closed),
    });
    let live = [
        "url",
        "labels_url",
        "title",
        "description",
        "open_issues",
        "closed_issues",
        "state",
        "updated_at",
        "due_on",
        "closed_at",
    ];
    match (full, &milestone.shape) {
        (Value::Object(full), Some(shape)) => Value::Object(reshape(full, shape, &live)),
        (full, _) => full,
    }
}

/// GitHub's `issue-comment`.
pub(super) fn comment(world: &World, repo: &Repo, issue: &Issue, comment: &Comment) -> Value {
    let url = repo_url(&world.base, repo);
    json!({
        "id": comment.id,
        "node_id": format!("IC_sandbox{}", comment.id),
        "url": format!("{url}/issues/comments/{}", comment.id),
        "html_url": format!(
            "{}/{}/{}/issues/{}#issuecomment-{}",
            world.base, repo.owner, repo.name, issue.number, comment.id
        ),
        "issue_url": format!("{url}/issues/{}", issue.number),
        "body": comment.body,
        "user": world.people.value(Some(&comment.author)),
        "created_at": time(comment.created),
        "updated_at": time(comment.updated),
        "author_association": "MEMBER",
        "performed_via_github_app": null,
        "reactions": reactions(&format!("{url}/issues/comments/{}/reactions", comment.id)),
    })
}

fn reactions(url: &str) -> Value {
    json!({
        "url": url, "total_count": 0, "+1": 0, "-1": 0, "laugh": 0, "hooray": 0, "confused": 0, "heart": 0,
        "rocket": 0, "eyes": 0,
    })
}

/// GitHub's `issue-event-for-issue`.
pub(super) fn event(world: &World, repo: &Repo, event: &Event) -> Value {
    let mut out = json!({
        "id": event.id,
        "node_id": format!("EV_sandbox{}", event.id),
        "url": format!("{}/issues/events/{}", repo_url(&world.base, repo), event.id),
        "actor": world.people.value(Some(&event.actor)),
        "commit_id": null,
        "commit_url": null,
        "created_at": time(event.at),
        "performed_via_github_app": null,
    });
    let (name, key, value) = match &event.kind {
        EventKind::Labeled { name, color } => ("labeled", "label", json!({"name": name, "color": color})),
        EventKind::Unlabeled { name, color } => ("unlabeled", "label", json!({"name": name, "color": color})),
        EventKind::Closed { reason } => ("closed", "state_reason", json!(reason)),
        EventKind::Reopened => ("reopened", "state_reason", Value::Null),
        EventKind::Assigned(login) => ("assigned", "assignee", world.people.value(Some(login))),
        EventKind::Unassigned(login) => ("unassigned", "assignee", world.people.value(Some(login))),
        EventKind::Milestoned(title) => ("milestoned", "milestone", json!({"title": title})),
        EventKind::Demilestoned(title) => ("demilestoned", "milestone", json!({"title": title})),
        EventKind::Renamed { from, to } => ("renamed", "rename", json!({"from": from, "to": to})),
    };
    out["event"] = json!(name);
    out[key] = value;
    if key == "assignee" {
        out["assigner"] = world.people.value(Some(&event.actor));
    }
    out
}

/// GitHub's `full-repository` as an account of `role` sees it.
pub(super) fn repository(world: &World, repo: &Repo, role: Role) -> Value {
    let (base, url) = (&world.base, repo_url(&world.base, repo));
    let open = repo.open_issues();
    let web = format!("{base}/{}/{}", repo.owner, repo.name);
    let mut out = json!({
        "id": repo.id, "node_id": format!("R_sandbox{}", repo.id), "name": repo.name,
        "full_name": repo.full_name(), "owner": owner(world, repo), "private": true, "html_url": web,
        "description": repo.description, "fork": false, "url": url, "git_url": format!("{web}.git"),
        "ssh_url": format!("{web}.git"), "clone_url": format!("{web}.git"), "svn_url": web,
        "mirror_url": null, "homepage": null, "language": "Rust", "default_branch": "main",
        "pushed_at": time(repo.created), "created_at": time(repo.created), "updated_at": time(repo.created),
        "permissions": {
            "admin": role >= Role::Admin, "maintain": role >= Role::Admin, "push": role >= Role::Write,
            "triage": role >= Role::Triage, "pull": role >= Role::Read,
        },
    });
    let facts = json!({
        "forks": 0, "forks_count": 0, "stargazers_count": 0, "watchers": 0, "watchers_count": 0, "size": 4096,
        "open_issues": open, "open_issues_count": open, "is_template": false, "topics": [],
        "has_issues": repo.has_issues, "has_projects": true, "has_wiki": false, "has_pages": false,
        "has_downloads": true, "has_discussions": false, "archived": repo.archived, "disabled": false,
        "visibility": "private", "license": null, "network_count": 0, "subscribers_count": 0,
    });
    if let (Value::Object(out), Value::Object(facts)) = (&mut out, facts) {
        out.extend(facts);
    }
    for name in REPO_LINKS {
        let (key, path) = name.split_once(' ').unwrap_or((name, ""));
        out[format!("{key}_url")] = json!(format!("{url}/{path}"));
    }
    out
}

/// Addresses of a repository: the name before `_url`, and the path.
const REPO_LINKS: &[&str] = &[
    "archive {archive_format}{/ref}",
    "assignees assignees{/user}",
    "blobs git/blobs{/sha}",
    "branches branches{/branch}",
    "collaborators collaborators{/collaborator}",
    "comments comments{/number}",
    "commits commits{/sha}",
    "compare compare/{base}...{head}",
    "contents contents/{+path}",
    "contributors contributors",
    "deployments deployments",
    "downloads downloads",
    "events events",
    "forks forks",
    "git_commits git/commits{/sha}",
    "git_refs git/refs{/sha}",
    "git_tags git/tags{/sha}",
    "hooks hooks",
    "issue_comment issues/comments{/number}",
    "issue_events issues/events{/number}",
    "issues issues{/number}",
    "keys keys{/key_id}",
    "labels labels{/name}",
    "languages languages",
    "merges merges",
    "milestones milestones{/number}",
    "notifications notifications{?since,all,participating}",
    "pulls pulls{/number}",
    "releases releases{/id}",
    "stargazers stargazers",
    "statuses statuses/{sha}",
    "subscribers subscribers",
    "subscription subscription",
    "tags tags",
    "teams teams",
    "trees git/trees{/sha}",
];

fn owner(world: &World, repo: &Repo) -> Value {
    let mut owner = world.people.value(Some(&repo.owner));
    if owner.is_object() {
        owner["type"] = json!("Organization");
    }
    owner
}

/// GitHub's `private-user`: who the token belongs to.
pub(super) fn user(world: &World, login: &str) -> Value {
    let mut out = world.people.value(Some(login));
    let more = json!({
        "user_view_type": "private", "name": login, "company": null, "blog": "", "location": null, "email": null, "hireable": null,
        "bio": null, "public_repos": 0, "public_gists": 0, "followers": 0, "following": 0, "private_gists": 0,
        "total_private_repos": world.repos.len(), "owned_private_repos": 0, "disk_usage": 0, "collaborators": 0,
        "two_factor_authentication": true, "created_at": time(1_500_000_000), "updated_at": time(1_700_000_000),
    });
    if let (Value::Object(out), Value::Object(more)) = (&mut out, more) {
        out.extend(more);
    }
    out
}
