//! What changes a pull request: PUT, merge, decline, comments, each with the refusals Bitbucket has for it.
//!
//! Reports disagree on what becomes of a field that a PUT leaves out. Here it is dropped, but for the title, which must
//! be there, and the branches: who is kept safe by this simulation is safe either way.

use serde_json::{Map, Value};

use super::answer::{self, Said, invalid, ok, refused, root};
use super::{Obstacle, Pull, Repository};
use crate::sandbox::api::{Answer, Call};

/// The longest title Bitbucket takes.
const TITLE_MAX: usize = 255;

pub(super) fn put(call: &Call, repository: &mut Repository, number: u64) -> Answer {
    let Ok(body) = call.json() else { return refused(400, "Invalid JSON") };
    let Some(pull) = repository.pulls.get_mut(&number) else { return refused(404, "Not found") };
    if pull.state != "OPEN" {
        return refused(400, "Only open pull requests can be mutated.");
    }
    if let Err(refusal) = apply(pull, &body) {
        return refusal;
    }
    pull.updated = call.now.0;
    ok(&answer::pull(call, repository, number, true))
}

fn apply(pull: &mut Pull, body: &Map<String, Value>) -> Result<(), Answer> {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let Some(title) = text("title").map(str::trim).filter(|t| !t.is_empty()) else {
        return Err(invalid("title", "This field is required."));
    };
    if title.chars().count() > TITLE_MAX {
        return Err(invalid("title", "Ensure this value has at most 255 characters."));
    }
    let mut reviewers = Vec::new();
    for one in body.get("reviewers").and_then(Value::as_array).into_iter().flatten() {
        let uuid = one.get("uuid").and_then(Value::as_str).unwrap_or_default();
        let known = crate::sandbox::ACCOUNTS.iter().map(|a| a.login).find(|l| answer::uuid(l) == uuid);
        let Some(login) = known else { return Err(invalid("reviewers", "Malformed reviewers list")) };
        if login == pull.author {
            let what = format!("{login} is the author and cannot be included as a reviewer.");
            return Err(invalid("reviewers", &what));
        }
        reviewers.push(login.to_owned());
    }
    title.clone_into(&mut pull.title);
    text("description").unwrap_or_default().clone_into(&mut pull.description);
    pull.reviewers = reviewers;
    pull.close_source_branch = body.get("close_source_branch").and_then(Value::as_bool).unwrap_or(false);
    pull.draft = body.get("draft").and_then(Value::as_bool).unwrap_or(pull.draft);
    Ok(())
}

pub(super) fn merge(call: &Call, repository: &mut Repository, number: u64) -> Answer {
    let Ok(body) = call.json() else { return refused(400, "Invalid JSON") };
    let strategy = body.get("merge_strategy").and_then(Value::as_str).unwrap_or("merge_commit").to_owned();
    let name = repository.full_name;
    let Some(pull) = repository.pulls.get_mut(&number) else { return refused(404, "Not found") };
    if pull.state != "OPEN" {
        return refused(400, "This pull request is already closed.");
    }
    if pull.draft {
        return refused(400, "A draft pull request cannot be merged.");
    }
    match pull.obstacle.clone() {
        Some(Obstacle::Conflicts) => {
            return refused(400, "You can't merge until you resolve all merge conflicts.");
        }
        Some(Obstacle::Check(what)) => return refused(400, &format!("A merge check failed: {what}")),
        Some(Obstacle::Moved) => {
            return refused(
                409,
                "Unable to merge: one of the refs involved changed while attempting to merge.",
            );
        }
        Some(Obstacle::TooLong) => return refused(555, "The merge took too long and timed out."),
        Some(Obstacle::Slow { looks, succeeds }) => {
            pull.task = Some((looks, succeeds));
            pull.merged_by = Some(strategy);
            let task =
                format!("{}/repositories/{name}/pullrequests/{number}/merge/task-status/1", root(call));
            return Answer::new(202, String::new()).header("location", task);
        }
        None => {}
    }
    close(pull, "MERGED", call.login().unwrap_or_default(), call.now.0);
    pull.merged_by = Some(strategy);
    ok(&answer::pull(call, repository, number, true))
}

/// How a slow merge stands.
pub(super) fn task(call: &Call, repository: &mut Repository, number: u64) -> Answer {
    let Some(pull) = repository.pulls.get_mut(&number) else { return refused(404, "Not found") };
    match pull.task {
        None => refused(404, "No such task"),
        Some((looks, succeeds)) if looks > 0 => {
            pull.task = Some((looks - 1, succeeds));
            ok(
                &serde_json::json!({"task_status": "PENDING", "links": {"self": {"href": format!("{}{}", root(call), call.path)}}}),
            )
        }
        Some((_, false)) => {
            (pull.task, pull.merged_by) = (None, None);
            refused(400, "The merge failed: the branches have conflicts.")
        }
        Some((_, true)) => {
            close(pull, "MERGED", call.login().unwrap_or_default(), call.now.0);
            pull.task = None;
            let merged = answer::pull(call, repository, number, true);
            ok(&serde_json::json!({"task_status": "SUCCESS", "merge_result": merged}))
        }
    }
}

pub(super) fn decline(call: &Call, repository: &mut Repository, number: u64) -> Answer {
    let Some(pull) = repository.pulls.get_mut(&number) else { return refused(404, "Not found") };
    if pull.state != "OPEN" {
        return refused(400, "This pull request is already closed.");
    }
    close(pull, "DECLINED", call.login().unwrap_or_default(), call.now.0);
    ok(&answer::pull(call, repository, number, true))
}

pub(super) fn close(pull: &mut Pull, state: &'static str, by: &str, at: i64) {
    pull.state = state;
    pull.closed_by = Some(by.to_owned());
    pull.updated = at;
}

pub(super) fn comment(call: &Call, repository: &mut Repository, number: u64, last: &mut u64) -> Answer {
    let Ok(body) = call.json() else { return refused(400, "Invalid JSON") };
    let raw = body.get("content").and_then(|c| c.get("raw")).and_then(Value::as_str).unwrap_or_default();
    if raw.trim().is_empty() {
        return invalid("content", "This field is required.");
    }
    let name = repository.full_name;
    let Some(pull) = repository.pulls.get_mut(&number) else { return refused(404, "Not found") };
    *last += 1;
    let said = Said {
        id: *last,
        author: call.login().unwrap_or_default().to_owned(),
        raw: raw.to_owned(),
        at: call.now.0,
    };
    let at = format!("{}/repositories/{name}/pullrequests/{number}/comments/{}", root(call), said.id);
    let answer = Answer::new(201, answer::comment(&said).to_string()).header("location", at);
    pull.updated = call.now.0;
    pull.comments.push(said);
    answer
}
