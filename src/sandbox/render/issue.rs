//! An issue's JSON, written straight into a string and kept until something it shows changes, since lists of a
//! hundred of them are what clients read most.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use super::{label_at, milestone_at, reactions, repo_url, reshape, time};
use crate::sandbox::world::{Issue, Rendered, Repo, World};

/// Fields of an issue that follow the world even when the issue came from a file.
const LIVE: &[&str] = &[
    "url",
    "repository_url",
    "labels_url",
    "comments_url",
    "events_url",
    "timeline_url",
    "title",
    "body",
    "state",
    "state_reason",
    "labels",
    "assignee",
    "assignees",
    "milestone",
    "comments",
    "closed_at",
    "updated_at",
    "closed_by",
    "number",
    "user",
];

/// GitHub's `issue` with its hash. `modern` is API version 2026-03-10, which has no singular `assignee`. None when
/// there is no such issue.
pub(in crate::sandbox) fn issue(
    world: &mut World,
    repo: usize,
    number: u64,
    modern: bool,
) -> Option<(&str, u64)> {
    let seat = usize::from(modern);
    let repo_revision = world.repos[repo].revision;
    let issue = world.repos[repo].issues.get(&number)?;
    let fresh = issue.rendered[seat]
        .as_ref()
        .is_some_and(|r| r.issue_revision == issue.revision && r.repo_revision == repo_revision);
    if !fresh {
        let json = write(world, &world.repos[repo], issue, modern);
        let mut hasher = DefaultHasher::new();
        json.hash(&mut hasher);
        let hash = hasher.finish();
        let issue_revision = issue.revision;
        let issue = world.repos[repo].issues.get_mut(&number)?;
        issue.rendered[seat] = Some(Rendered { issue_revision, repo_revision, json, hash });
    }
    let kept = world.repos[repo].issues.get(&number)?.rendered[seat].as_ref()?;
    Some((&kept.json, kept.hash))
}

/// Writes one JSON object field by field.
struct Object(String);

impl Object {
    fn raw(&mut self, key: &str, json: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0.push('"');
        self.0.push_str(key);
        self.0.push_str("\":");
        self.0.push_str(json);
    }

    fn text(&mut self, key: &str, text: &str) {
        self.raw(key, &Value::from(text).to_string());
    }

    fn maybe_text(&mut self, key: &str, text: Option<&str>) {
        match text {
            Some(text) => self.text(key, text),
            None => self.raw(key, "null"),
        }
    }
}

fn write(world: &World, repo: &Repo, issue: &Issue, modern: bool) -> String {
    let mut out = Object(String::with_capacity(issue.body.as_ref().map_or(0, String::len) + 4096));
    addresses(&mut out, world, repo, issue);
    out.raw("id", &issue.id.to_string());
    out.text("node_id", &issue.node_id);
    out.raw("number", &issue.number.to_string());
    out.text("title", &issue.title);
    out.raw("user", world.people.json(issue.author.as_deref()));
    let url = repo_url(&world.base, repo);
    let labels = issue.labels.iter().filter_map(|id| repo.labels.get(id));
    out.raw("labels", &array(labels.map(|label| label_at(&url, label).to_string())));
    out.text("state", if issue.open { "open" } else { "closed" });
    out.maybe_text("state_reason", issue.state_reason.as_deref());
    out.raw("locked", "false");
    out.raw("active_lock_reason", "null");
    if !modern {
        out.raw("assignee", world.people.json(issue.assignees.first().map(String::as_str)));
    }
    let assignees = issue.assignees.iter().map(|login| world.people.json(Some(login)).to_owned());
    out.raw("assignees", &array(assignees));
    let milestone = issue.milestone.and_then(|number| repo.milestones.get(&number)).map(|m| {
        milestone_at(&world.base, &url, repo, m, world.people.value(m.creator.as_deref())).to_string()
    });
    out.raw("milestone", milestone.as_deref().unwrap_or("null"));
    out.raw("comments", &issue.comment_count().to_string());
    out.text("created_at", &time(issue.created));
    out.text("updated_at", &time(issue.updated));
    out.maybe_text("closed_at", issue.closed.map(time).as_deref());
    out.raw("closed_by", world.people.json(issue.closed_by.as_deref()));
    out.text("author_association", "MEMBER");
    out.maybe_text("body", issue.body.as_deref());
    out.raw("reactions", &reactions(&format!("{url}/issues/{}/reactions", issue.number)).to_string());
    out.raw("performed_via_github_app", "null");
    out.raw("sub_issues_summary", r#"{"total":0,"completed":0,"percent_completed":0}"#);
    out.raw(
        "issue_dependencies_summary",
        r#"{"blocked_by":0,"total_blocked_by":0,"blocking":0,"total_blocking":0}"#,
    );
    out.0.push('}');
    match &issue.shape {
        None => out.0,
        Some(shape) => as_in_the_file(&out.0, shape, modern),
    }
}

fn as_in_the_file(full: &str, shape: &super::Shape, modern: bool) -> String {
    let Ok(Value::Object(full)) = serde_json::from_str(full) else { return full.to_owned() };
    let mut out = reshape(full, shape, LIVE);
    if modern {
        out.remove("assignee");
    }
    Value::Object(out).to_string()
}

fn addresses(out: &mut Object, world: &World, repo: &Repo, issue: &Issue) {
    let repo_url = repo_url(&world.base, repo);
    let url = format!("{repo_url}/issues/{}", issue.number);
    let kind = if issue.pull_request { "pull" } else { "issues" };
    let web = format!("{}/{}/{}/{kind}/{}", world.base, repo.owner, repo.name, issue.number);
    out.text("url", &url);
    out.text("repository_url", &repo_url);
    out.text("labels_url", &format!("{url}/labels{{/name}}"));
    out.text("comments_url", &format!("{url}/comments"));
    out.text("events_url", &format!("{url}/events"));
    out.text("timeline_url", &format!("{url}/timeline"));
    out.text("html_url", &web);
    if issue.pull_request {
        let pull = serde_json::json!({
            "url": format!("{repo_url}/pulls/{}", issue.number), "html_url": web,
            "diff_url": format!("{web}.diff"), "patch_url": format!("{web}.patch"), "merged_at": null,
        });
        out.raw("draft", "false");
        out.raw("pull_request", &pull.to_string());
    }
}

fn array(items: impl Iterator<Item = String>) -> String {
    let mut out = String::from("[");
    for (at, item) in items.enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(&item);
    }
    out.push(']');
    out
}
