//! A simulated Bitbucket Cloud below `/bitbucket`: its API is at `/bitbucket/2.0`. One workspace, `team`, with two
//! repositories of pull requests; the issue tracker answers 410, as it does since it was removed.

mod answer;
mod change;
mod list;
mod web;

use std::collections::BTreeMap;

use self::answer::{Said, gone, no_repository, refused, scopes_of, unauthorized};
use super::accounts::Role;
use super::api::{Answer, Call};
pub use web::{BitbucketWeb, NoPullRequest, Obstacle, PullRequestView};

/// The repository pull requests are played in.
pub const BITBUCKET_REPO: &str = "team/app";
/// A repository that once had an issue tracker, and says so still.
pub const BITBUCKET_OLD_REPO: &str = "team/old";
/// The branch everything is merged into.
const MAIN: &str = "main";

/// What is in it.
#[derive(Debug)]
pub(super) struct World {
    repositories: Vec<Repository>,
    /// The last number given to a comment.
    comments: u64,
}

/// One repository.
#[derive(Debug)]
struct Repository {
    full_name: &'static str,
    uuid: &'static str,
    has_issues: bool,
    /// How its branches are merged unless told otherwise.
    strategy: &'static str,
    pulls: BTreeMap<u64, Pull>,
}

/// One pull request.
#[derive(Debug, Clone)]
struct Pull {
    number: u64,
    title: String,
    description: String,
    /// `OPEN`, `MERGED`, `DECLINED` or `SUPERSEDED`.
    state: &'static str,
    draft: bool,
    author: String,
    reviewers: Vec<String>,
    close_source_branch: bool,
    created: i64,
    updated: i64,
    comments: Vec<Said>,
    closed_by: Option<String>,
    /// How it was merged.
    merged_by: Option<String>,
    /// What a merge of it meets.
    obstacle: Option<Obstacle>,
    /// The merge under way: how often it is still pending, and whether it comes to a good end.
    task: Option<(u32, bool)>,
}

impl Default for World {
    fn default() -> Self {
        let repository = |full_name, uuid, has_issues| Repository {
            full_name,
            uuid,
            has_issues,
            strategy: "squash",
            pulls: BTreeMap::new(),
        };
        let app = repository(BITBUCKET_REPO, "{0b8b6c5e-52fd-4a5f-9d7e-000000000001}", false);
        let old = repository(BITBUCKET_OLD_REPO, "{0b8b6c5e-52fd-4a5f-9d7e-000000000002}", true);
        Self { repositories: vec![app, old], comments: 0 }
    }
}

impl World {
    /// Answers one request and applies what it asks for.
    pub(super) fn handle(&mut self, call: &Call) -> Answer {
        let Some(scopes) = call.account().map(|_| scopes_of(call)) else { return unauthorized() };
        let path: Vec<&str> = call.segments.iter().map(String::as_str).collect();
        let answer = match path.as_slice() {
            ["bitbucket", "2.0", "user"] => answer::ok(&answer::user(call.login().unwrap_or_default())),
            ["bitbucket", "2.0", "repositories", "team"] if call.param("role").is_some() => {
                list::repositories(call, &self.repositories)
            }
            ["bitbucket", "2.0", "repositories", workspace, name, rest @ ..] => {
                self.in_repository(call, &format!("{workspace}/{name}"), rest)
            }
            _ => refused(404, "Resource not found"),
        };
        answer.header("x-oauth-scopes", scopes.join(", "))
    }

    fn in_repository(&mut self, call: &Call, name: &str, rest: &[&str]) -> Answer {
        let found = self.repositories.iter().position(|r| r.full_name.eq_ignore_ascii_case(name));
        let Some(at) = found.filter(|_| call.role() >= Role::Read) else { return no_repository(name) };
        if call.method != "GET"
            && let Some(refusal) = answer::may_not_write(call, rest)
        {
            return refusal;
        }
        let (repository, comments) = (&mut self.repositories[at], &mut self.comments);
        match (call.method.as_str(), rest) {
            ("GET", []) => answer::ok(&answer::repository(call, repository)),
            ("GET", ["pullrequests"]) => list::pull_requests(call, repository),
            (method, ["pullrequests", number, rest @ ..]) => {
                let found = number.parse().ok().and_then(|n: u64| repository.pulls.get(&n).map(|_| n));
                let Some(number) = found else {
                    return refused(404, &format!("Pull request {number} not found"));
                };
                match (method, rest) {
                    ("GET", []) => answer::ok(&answer::pull(call, repository, number, true)),
                    ("PUT", []) => change::put(call, repository, number),
                    ("POST", ["merge"]) => change::merge(call, repository, number),
                    ("GET", ["merge", "task-status", _]) => change::task(call, repository, number),
                    ("POST", ["decline"]) => change::decline(call, repository, number),
                    ("GET", ["comments"]) => list::comments(call, repository, number),
                    ("POST", ["comments"]) => change::comment(call, repository, number, comments),
                    _ => refused(404, "Resource not found"),
                }
            }
            (_, ["issues" | "milestones" | "versions" | "components", ..]) => gone(),
            _ => refused(404, "Resource not found"),
        }
    }
}
