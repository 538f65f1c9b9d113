//! Issues from a file, as GitHub's REST API returned them, old answers included. What the file says of people, labels,
//! milestones and the repository is taken from it; what it lacks stays lacking.

use std::path::Path;

use serde_json::Value;

use crate::sandbox::SandboxError;
use crate::sandbox::seed::DEMO_REPO;
use crate::sandbox::world::edit::DEFAULT_COLOR;
use crate::sandbox::world::{Issue, Label, Milestone, Repo, Shape, World};
use crate::support::clock::Timestamp;

/// Fills the main repository from the file at `path`.
pub(super) fn fill(world: &mut World, path: &Path, now: Timestamp) -> Result<(), SandboxError> {
    let source = |source| SandboxError::ReadSeed { path: path.to_owned(), source };
    let text = std::fs::read_to_string(path).map_err(source)?;
    let value: Value = serde_json::from_str(&text)
        .map_err(|source| SandboxError::ParseSeed { path: path.to_owned(), source })?;
    let shape =
        |problem: &str| SandboxError::SeedShape { path: path.to_owned(), problem: problem.to_owned() };
    let (issues, repo_id) = match &value {
        Value::Array(items) => (items.iter().filter_map(as_issue).collect(), None),
        Value::Object(object) => {
            let exchanges = object.get("exchanges").and_then(Value::as_array);
            from_exchanges(exchanges.ok_or_else(|| shape("an object without `exchanges`"))?)
        }
        _ => return Err(shape("neither a list nor an object")),
    };
    let first = issues.first();
    if first.is_none() && value != Value::Array(Vec::new()) {
        return Err(shape("nothing in it has a number, a title and a state"));
    }
    let name = first.and_then(|issue| repository_name(issue)).unwrap_or_else(|| DEMO_REPO.to_owned());
    if let Some(other) = issues.iter().filter_map(|issue| repository_name(issue)).find(|other| *other != name)
    {
        return Err(shape(&format!("it mixes issues of `{name}` and `{other}`; keep one repository")));
    }
    let repo_id = repo_id.or_else(|| first?.get("repository")?.get("id")?.as_u64()).unwrap_or(1);
    let oldest = issues.iter().filter_map(|issue| seconds(issue, "created_at")).min();
    let mut repo = Repo::new(repo_id, &name, oldest.unwrap_or(now.0.div_euclid(1000)));
    for issue in issues {
        load(world, &mut repo, issue, now);
    }
    let milestones: Vec<u64> = repo.milestones.keys().copied().collect();
    for number in milestones {
        repo.recount(number);
    }
    world.repos.push(repo);
    Ok(())
}

fn as_issue(value: &Value) -> Option<&Shape> {
    let object = value.as_object()?;
    let complete = object.get("number").is_some_and(Value::is_u64)
        && object.get("title").is_some_and(Value::is_string)
        && object.get("state").is_some_and(Value::is_string)
        && (object.contains_key("comments_url") || object.contains_key("comments"));
    complete.then_some(object)
}

/// The issues in the answers of recorded exchanges, the last answer about an issue winning, and the repository's
/// numeric id when an address shows it.
fn from_exchanges(exchanges: &[Value]) -> (Vec<&Shape>, Option<u64>) {
    let mut found: Vec<&Shape> = Vec::new();
    let mut repo_id = None;
    for exchange in exchanges {
        let url = exchange["request"]["url"].as_str().unwrap_or_default();
        if let Some((_, rest)) = url.split_once("/repositories/") {
            repo_id = rest.split('/').next().and_then(|id| id.parse().ok()).or(repo_id);
        }
        let body = &exchange["response"]["body"];
        let issues: Vec<&Shape> = match body {
            Value::Array(items) => items.iter().filter_map(as_issue).collect(),
            one => as_issue(one).into_iter().collect(),
        };
        for issue in issues {
            found.retain(|other| other.get("url") != issue.get("url") || other["number"] != issue["number"]);
            found.push(issue);
        }
    }
    (found, repo_id)
}

/// `owner/name` from `repository_url` or `url`.
fn repository_name(issue: &Shape) -> Option<String> {
    let url = ["repository_url", "url"].iter().find_map(|key| issue.get(*key)?.as_str())?;
    let mut parts = url.split_once("/repos/")?.1.split('/');
    Some(format!("{}/{}", parts.next()?, parts.next()?))
}

fn text(object: &Shape, key: &str) -> Option<String> {
    object.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn seconds(object: &Shape, key: &str) -> Option<i64> {
    let at = chrono::DateTime::parse_from_rfc3339(object.get(key)?.as_str()?).ok()?;
    Some(at.timestamp())
}

fn load(world: &mut World, repo: &mut Repo, shape: &Shape, now: Timestamp) {
    let number = shape.get("number").and_then(Value::as_u64).unwrap_or(repo.next_number);
    if repo.issues.contains_key(&number) {
        repo.remove(number);
    }
    let id = shape.get("id").and_then(Value::as_u64).unwrap_or_else(|| repo.fresh_id());
    let created = seconds(shape, "created_at").unwrap_or(now.0.div_euclid(1000));
    let title = text(shape, "title").unwrap_or_default();
    let mut issue = Issue::new(id, number, title, "", created * 1000);
    issue.node_id = text(shape, "node_id").unwrap_or(issue.node_id);
    issue.author = person(world, shape.get("user"), false);
    issue.body = text(shape, "body");
    issue.open = shape.get("state").and_then(Value::as_str) != Some("closed");
    issue.state_reason = text(shape, "state_reason");
    issue.updated = seconds(shape, "updated_at").unwrap_or(created);
    issue.closed = seconds(shape, "closed_at");
    issue.closed_by = person(world, shape.get("closed_by"), false);
    issue.unseen_comments = shape.get("comments").and_then(Value::as_u64).unwrap_or(0);
    issue.pull_request = shape.contains_key("pull_request");
    let list = |key: &str| shape.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    issue.labels = list("labels").iter().filter_map(|one| label(repo, one)).collect();
    let mut assignees = list("assignees");
    if assignees.is_empty() {
        assignees.extend(shape.get("assignee").cloned());
    }
    issue.assignees = assignees.iter().filter_map(|one| person(world, Some(one), true)).collect();
    issue.milestone = milestone(world, repo, shape.get("milestone"), created);
    issue.shape = Some(Box::new(shape.clone()));
    repo.insert(issue);
}

fn person(world: &mut World, value: Option<&Value>, assignable: bool) -> Option<String> {
    world.people.register_shape(value?.as_object()?, assignable)
}

/// A label is an object, or in some answers only its name.
fn label(repo: &mut Repo, value: &Value) -> Option<u64> {
    if let Some(name) = value.as_str() {
        return Some(repo.ensure_label(name));
    }
    let shape = value.as_object()?;
    let name = text(shape, "name")?;
    if let Some(known) = repo.label_named(&name) {
        return Some(known);
    }
    let id = shape.get("id").and_then(Value::as_u64).unwrap_or_else(|| repo.fresh_id());
    let label = Label {
        id,
        name,
        color: text(shape, "color").unwrap_or_else(|| DEFAULT_COLOR.to_owned()),
        description: text(shape, "description"),
        default: shape.get("default").and_then(Value::as_bool).unwrap_or(false),
        shape: Some(Box::new(shape.clone())),
    };
    repo.labels.insert(id, label);
    Some(id)
}

fn milestone(world: &mut World, repo: &mut Repo, value: Option<&Value>, created: i64) -> Option<u64> {
    let shape = value?.as_object()?;
    let number = shape.get("number").and_then(Value::as_u64)?;
    if repo.milestones.contains_key(&number) {
        return Some(number);
    }
    let created = seconds(shape, "created_at").unwrap_or(created);
    let milestone = Milestone {
        id: shape.get("id").and_then(Value::as_u64).unwrap_or_else(|| repo.fresh_id()),
        number,
        title: text(shape, "title").unwrap_or_default(),
        description: text(shape, "description"),
        open: shape.get("state").and_then(Value::as_str) != Some("closed"),
        due: text(shape, "due_on"),
        creator: person(world, shape.get("creator"), false),
        created,
        updated: seconds(shape, "updated_at").unwrap_or(created),
        closed: seconds(shape, "closed_at"),
        open_issues: 0,
        closed_issues: 0,
        shape: Some(Box::new(shape.clone())),
    };
    repo.next_milestone = repo.next_milestone.max(number + 1);
    repo.milestones.insert(number, milestone);
    Some(number)
}
