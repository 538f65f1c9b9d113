//! Bitbucket's JSON: people, repositories, pull requests, comments, refusals. Holds no logic about when to use them.

use serde_json::{Value, json};

use super::{MAIN, Pull, Repository};
use crate::sandbox::accounts::Role;
use crate::sandbox::api::{Answer, Call};
use crate::support::clock::Timestamp;

/// A comment.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) id: u64,
    pub(super) author: String,
    pub(super) raw: String,
    pub(super) at: i64,
}

pub(super) fn ok(value: &Value) -> Answer {
    Answer::new(200, value.to_string())
}

/// Bitbucket's plain refusal.
pub(super) fn refused(status: u16, message: &str) -> Answer {
    Answer::new(status, json!({"type": "error", "error": {"message": message}}).to_string())
}

/// A refusal of single fields.
pub(super) fn invalid(field: &str, what: &str) -> Answer {
    let message = format!("{field}: {what}");
    let body = json!({"type": "error", "error": {"fields": {field: [what]}, "message": message}});
    Answer::new(400, body.to_string())
}

/// 401, as it comes: with nothing to read.
pub(super) fn unauthorized() -> Answer {
    Answer::new(401, String::new())
        .header("www-authenticate", "Basic realm=\"Bitbucket.org HTTP\"".to_owned())
}

pub(super) fn no_repository(name: &str) -> Answer {
    refused(404, &format!("Repository {name} not found"))
}

/// The issue tracker is no more.
pub(super) fn gone() -> Answer {
    refused(410, "This API has been removed: Bitbucket Cloud no longer has an issue tracker.")
}

/// The scopes of the caller's token.
pub(super) fn scopes_of(call: &Call) -> Vec<&'static str> {
    let mut scopes = vec!["read:user:bitbucket", "read:repository:bitbucket", "read:pullrequest:bitbucket"];
    if call.role() > Role::Read && !call.read_only() {
        scopes.push("write:pullrequest:bitbucket");
    }
    scopes
}

/// The refusal of a write: for want of a scope, or of write access to the repository.
pub(super) fn may_not_write(call: &Call, rest: &[&str]) -> Option<Answer> {
    let granted = scopes_of(call);
    if !granted.contains(&"write:pullrequest:bitbucket") {
        let body = json!({"type": "error", "error": {
            "message": "Your credentials lack one or more required privilege scopes.",
            "detail": {"required": ["write:pullrequest:bitbucket"], "granted": granted},
        }});
        return Some(Answer::new(403, body.to_string()));
    }
    let comments = rest.last() == Some(&"comments");
    (call.role() < Role::Write && !comments)
        .then(|| refused(403, "You don't have write access to this repository."))
}

/// The API's root as the caller sees it.
pub(super) fn root(call: &Call) -> String {
    format!("http://{}/bitbucket/2.0", call.header("host").unwrap_or("127.0.0.1"))
}

/// A moment in Bitbucket's microseconds.
pub(super) fn time(ms: i64) -> String {
    Timestamp(ms).to_utc().format("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}

/// The uuid of an account: the same for the same login.
pub(super) fn uuid(login: &str) -> String {
    let number = login.bytes().fold(7_u64, |n, b| n.wrapping_mul(31).wrapping_add(u64::from(b)));
    format!("{{5c0ffee0-0000-4000-8000-{:012x}}}", number & 0xffff_ffff_ffff)
}

pub(super) fn user(login: &str) -> Value {
    let uuid = uuid(login);
    json!({
        "type": "user", "nickname": login, "display_name": login, "account_id": format!("557058:{login}"), "uuid": uuid,
        "links": {"html": {"href": format!("https://bitbucket.org/{login}/")}},
    })
}

pub(super) fn repository(call: &Call, repository: &Repository) -> Value {
    let name = repository.full_name;
    let here = format!("{}/repositories/{name}", root(call));
    json!({
        "type": "repository", "uuid": repository.uuid, "full_name": name,
        "name": name.rsplit('/').next().unwrap_or(name), "is_private": true, "scm": "git",
        "has_issues": repository.has_issues, "has_wiki": false, "fork_policy": "no_public_forks",
        "created_on": time(1_577_836_800_000), "updated_on": time(1_577_836_800_000), "size": 117_206, "language": "rust",
        "mainbranch": {"type": "branch", "name": MAIN},
        "links": {
            "self": {"href": here}, "html": {"href": format!("https://bitbucket.org/{name}")},
            "pullrequests": {"href": format!("{here}/pullrequests")},
        },
    })
}

/// A pull request; in a list its people are left out.
pub(super) fn pull(call: &Call, repository: &Repository, number: u64, whole: bool) -> Value {
    let Some(pull) = repository.pulls.get(&number) else { return Value::Null };
    let mut value = body(call, repository, pull);
    if whole {
        let reviewers: Vec<Value> = pull.reviewers.iter().map(|login| user(login)).collect();
        let part = |login: &String| json!({"type": "participant", "role": "REVIEWER", "approved": false, "user": user(login)});
        value["participants"] = pull.reviewers.iter().map(part).collect();
        value["reviewers"] = Value::from(reviewers);
    }
    let fields = call.param("fields").unwrap_or_default();
    if fields.split(',').any(|f| f == "+destination.branch.default_merge_strategy") {
        value["destination"]["branch"]["default_merge_strategy"] = json!(repository.strategy);
    }
    if let Some(login) = &pull.closed_by {
        value["closed_by"] = user(login);
    }
    if pull.merged_by.is_some() {
        value["merge_commit"] = json!({"type": "commit", "hash": format!("{number:012x}")});
    }
    value
}

fn body(call: &Call, repository: &Repository, pull: &Pull) -> Value {
    let here = format!("{}/repositories/{}/pullrequests/{}", root(call), repository.full_name, pull.number);
    let rendered = |raw: &str| json!({"type": "rendered", "raw": raw, "markup": "markdown", "html": ""});
    let end = |branch: &str| {
        json!({
            "branch": {"name": branch},
            "commit": {"type": "commit", "hash": format!("{:012x}", pull.number)},
            "repository": {
                "type": "repository", "full_name": repository.full_name, "uuid": repository.uuid,
                "name": repository.full_name.rsplit('/').next(),
            },
        })
    };
    json!({
        "type": "pullrequest", "id": pull.number, "title": pull.title, "description": pull.description,
        "summary": rendered(&pull.description),
        "rendered": {"title": rendered(&pull.title), "description": rendered(&pull.description)},
        "state": pull.state, "draft": pull.draft, "author": user(&pull.author),
        "comment_count": pull.comments.len(), "task_count": 0, "reason": "",
        "close_source_branch": pull.close_source_branch,
        "created_on": time(pull.created), "updated_on": time(pull.updated),
        "source": end(&format!("work/{}", pull.number)), "destination": end(MAIN),
        "links": {
            "self": {"href": here},
            "html": {"href": format!("https://bitbucket.org/{}/pull-requests/{}", repository.full_name, pull.number)},
            "comments": {"href": format!("{here}/comments")},
            "merge": {"href": format!("{here}/merge")},
            "decline": {"href": format!("{here}/decline")},
        },
    })
}

pub(super) fn comment(said: &Said) -> Value {
    json!({
        "type": "pullrequest_comment", "id": said.id, "user": user(&said.author), "deleted": false, "pending": false,
        "content": {"type": "rendered", "raw": said.raw, "markup": "markdown", "html": ""},
        "created_on": time(said.at), "updated_on": time(said.at),
    })
}
