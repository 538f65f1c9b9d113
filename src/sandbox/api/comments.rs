//! Comments on an issue and in the whole repository.

use serde_json::Value;

use super::answer::{self, Answer};
use super::call::{Call, text_field};
use super::issues::too_long;
use super::{Outcome, invalid, page};
use crate::sandbox::accounts::Role;
use crate::sandbox::render;
use crate::sandbox::world::{Comment, Issue, World};

const LONGEST_BODY: usize = 65_536;

/// `GET` and `POST issues/N/comments`.
pub(super) fn on_issue(world: &mut World, call: &Call, repo: usize, number: u64) -> Outcome {
    match call.method.as_str() {
        "GET" => {
            let since = call.since()?;
            let here = &world.repos[repo];
            let issue = here.issues.get(&number).ok_or_else(answer::not_found)?;
            let fits = |comment: &&Comment| since.is_none_or(|since| comment.updated >= since);
            let shown =
                issue.comments.iter().filter(fits).map(|c| render::comment(world, here, issue, c)).collect();
            Ok(page::of_values(world, call, repo, &format!("issues/{number}/comments"), shown))
        }
        "POST" => {
            let body = sent_body(call)?;
            let added = world.repos[repo].add_comment(number, &body, &call.by());
            let value = added.and_then(|id| shown(world, repo, id)).ok_or_else(answer::not_found)?;
            Ok(answer::created(&value))
        }
        _ => Err(answer::not_found()),
    }
}

/// `issues/comments` and `issues/comments/ID`.
pub(super) fn in_repo(world: &mut World, call: &Call, repo: usize, rest: &[&str]) -> Outcome {
    let id = match rest {
        [] if call.method == "GET" => return list(world, call, repo),
        [id] => id.parse::<u64>().map_err(|_| answer::not_found())?,
        _ => return Err(answer::not_found()),
    };
    let number = world.repos[repo].issue_of_comment(id).ok_or_else(answer::not_found)?;
    if call.method != "GET" {
        may_edit(world, call, repo, number, id)?;
    }
    match call.method.as_str() {
        "GET" => {}
        "PATCH" => {
            let body = sent_body(call)?;
            world.repos[repo].edit_comment(number, id, &body, &call.by());
        }
        "DELETE" => {
            world.repos[repo].delete_comment(number, id, &call.by());
            return Ok(answer::no_content());
        }
        _ => return Err(answer::not_found()),
    }
    shown(world, repo, id).map(answer::ok).ok_or_else(answer::not_found)
}

fn may_edit(world: &World, call: &Call, repo: usize, number: u64, id: u64) -> Result<(), Answer> {
    let issue = world.repos[repo].issues.get(&number).ok_or_else(answer::not_found)?;
    let own = issue.comments.iter().any(|c| c.id == id && Some(c.author.as_str()) == call.login());
    if own { Ok(()) } else { super::need(call, Role::Write) }
}

fn list(world: &World, call: &Call, repo: usize) -> Outcome {
    let since = call.since()?;
    let here = &world.repos[repo];
    let mut found: Vec<(&Issue, &Comment)> =
        here.issues.values().flat_map(|issue| issue.comments.iter().map(move |c| (issue, c))).collect();
    found.retain(|(_, comment)| since.is_none_or(|since| comment.updated >= since));
    match call.param("sort") {
        Some("updated") => found.sort_by_key(|(_, c)| (c.updated, c.id)),
        Some("created") => found.sort_by_key(|(_, c)| (c.created, c.id)),
        _ => found.sort_by_key(|(_, c)| c.id),
    }
    if call.param("sort").is_some() && call.param("direction") != Some("asc") {
        found.reverse();
    }
    let shown = found.iter().map(|(issue, comment)| render::comment(world, here, issue, comment)).collect();
    Ok(page::of_values(world, call, repo, "issues/comments", shown))
}

fn shown(world: &World, repo: usize, id: u64) -> Option<Value> {
    let here = &world.repos[repo];
    let issue = here.issues.get(&here.issue_of_comment(id)?)?;
    let comment = issue.comments.iter().find(|comment| comment.id == id)?;
    Some(render::comment(world, here, issue, comment))
}

fn sent_body(call: &Call) -> Result<String, Answer> {
    match text_field(&call.json()?, "body")?.flatten() {
        None => Err(answer::invalid_request("\"body\" wasn't supplied.")),
        Some(body) if body.trim().is_empty() => Err(invalid("IssueComment", "body", "missing_field")),
        Some(body) if body.chars().count() > LONGEST_BODY => {
            Err(too_long("IssueComment", "body", LONGEST_BODY))
        }
        Some(body) => Ok(body),
    }
}
