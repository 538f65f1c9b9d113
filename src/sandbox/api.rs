//! GitHub's REST API over the world: who asks, may they, which route. Each answer is a plain value; sockets and
//! faults are `serve`'s work.

pub(super) mod answer;
mod call;
mod comments;
mod issues;
mod labels;
mod limits;
mod milestones;
mod on_issue;
mod page;

use serde_json::json;

pub(super) use answer::{Answer, error, html, secondary, secondary_silent};
pub(super) use call::Call;
pub(super) use limits::Limits;

use super::accounts::{METADATA_TOKEN, Role};
use super::render;
use super::world::{Gone, Repo, World};

/// A handler's outcome: GitHub's refusals travel as errors, so that handlers can use `?`.
type Outcome = Result<Answer, Answer>;

/// Answers one request and applies what it asks for.
pub(super) fn handle(world: &mut World, limits: &mut Limits, call: &Call) -> Answer {
    if call.header("user-agent").is_none_or(str::is_empty) {
        return answer::no_user_agent();
    }
    let answer = answer_call(world, limits, call).unwrap_or_else(|refusal| refusal);
    let answer = limits.finish(call, answer);
    match &world.enterprise {
        Some(version) => answer.header("x-github-enterprise-version", version.clone()),
        None => answer,
    }
}

fn answer_call(world: &mut World, limits: &mut Limits, call: &Call) -> Outcome {
    if call.bad_credentials {
        return Err(answer::error(401, "Bad credentials"));
    }
    if let Some(version) = call.header("x-github-api-version")
        && !call::VERSIONS.contains(&version)
    {
        return Err(answer::error(400, &format!("The API version {version} is not supported.")));
    }
    limits.admit(call)?;
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", ["rate_limit"]) => Ok(limits.overview(call)),
        ("GET", ["user"]) => match call.login() {
            Some(login) => Ok(answer::ok(render::user(world, login))),
            None => Err(answer::error(401, "Requires authentication")),
        },
        ("GET", ["users", login]) if world.people.get(login).is_some() => {
            Ok(answer::ok(world.people.value(Some(login))))
        }
        (_, ["repos", owner, name, rest @ ..]) => {
            let repo = named_repo(world, call, owner, name, rest)?;
            in_repo(world, call, repo, rest)
        }
        (_, ["repositories", id, rest @ ..]) => {
            let found = id.parse().ok().and_then(|id| world.repo_by_id(id));
            let repo = found.filter(|_| call.role() > Role::None).ok_or_else(answer::not_found)?;
            in_repo(world, call, repo, rest)
        }
        ("GET", [_, _, "issues" | "pull", number]) => web_page(world, call, number),
        _ => Err(answer::not_found()),
    }
}

/// The repository of that name; a former name answers with a redirect to the numeric address, as GitHub does.
fn named_repo(world: &World, call: &Call, owner: &str, name: &str, rest: &[&str]) -> Result<usize, Answer> {
    if call.role() == Role::None {
        return Err(answer::not_found());
    }
    let full_name = format!("{owner}/{name}");
    if let Some(found) = world.repo_named(&full_name) {
        return Ok(found);
    }
    let moved = world.renamed.get(&full_name.to_lowercase()).ok_or_else(answer::not_found)?;
    let mut url = format!("{}/repositories/{}", call.root(world), world.repos[*moved].id);
    for segment in rest {
        url.push('/');
        url.push_str(segment);
    }
    let status = if call.method == "GET" { 301 } else { 307 };
    Err(answer::moved(status, &url))
}

fn in_repo(world: &mut World, call: &Call, repo: usize, rest: &[&str]) -> Outcome {
    let method = call.method.as_str();
    if method != "GET" {
        may_write(call, &world.repos[repo])?;
    }
    let in_it = matches!(rest.first(), Some(&("issues" | "labels" | "milestones" | "assignees")));
    if in_it && call.account().is_some_and(|account| account.token == METADATA_TOKEN) {
        let refusal = answer::error(403, "Resource not accessible by personal access token");
        return Err(refusal.header("x-accepted-github-permissions", "issues=read".to_owned()));
    }
    if rest.first() == Some(&"issues") && !world.repos[repo].has_issues {
        return Err(answer::error(410, "Issues are disabled for this repo"));
    }
    match (method, rest) {
        ("GET", []) => Ok(answer::ok(render::repository(world, &world.repos[repo], call.role()))),
        ("GET", ["assignees"]) => {
            let all: Vec<_> = world.people.assignable().map(|p| world.people.value(Some(&p.login))).collect();
            Ok(page::of_values(world, call, repo, "assignees", all))
        }
        ("GET", ["assignees", login]) => match world.people.get(login).filter(|person| person.assignable) {
            Some(_) => Ok(answer::no_content()),
            None => Err(answer::not_found()),
        },
        (_, ["labels", rest @ ..]) => labels::route(world, call, repo, rest),
        (_, ["milestones", rest @ ..]) => milestones::route(world, call, repo, rest),
        ("GET", ["issues"]) => issues::list(world, call, repo),
        ("POST", ["issues"]) => issues::create(world, call, repo),
        ("GET", ["issues", "events"]) => Ok(on_issue::all_events(world, call, repo)),
        (_, ["issues", "comments", rest @ ..]) => comments::in_repo(world, call, repo, rest),
        (_, ["issues", number, rest @ ..]) => {
            let number = find_issue(world, call, repo, number, rest)?;
            match (method, rest) {
                ("GET", []) => issues::get(world, call, repo, number),
                ("PATCH", []) => issues::update(world, call, repo, number),
                (_, ["comments"]) => comments::on_issue(world, call, repo, number),
                (_, rest) => on_issue::route(world, call, repo, number, rest),
            }
        }
        _ => Err(answer::not_found()),
    }
}

/// Refuses what no role allows: anonymous writes, writes of a read-only token, writes to an archived repository.
fn may_write(call: &Call, repo: &Repo) -> Result<(), Answer> {
    if call.login().is_none() {
        return Err(answer::error(401, "Requires authentication"));
    }
    if call.read_only() {
        let refusal = answer::error(403, "Resource not accessible by personal access token");
        return Err(refusal.header("x-accepted-github-permissions", "issues=write".to_owned()));
    }
    if repo.archived {
        return Err(answer::error(403, "Repository was archived so is read-only."));
    }
    Ok(())
}

/// Refuses an account below `role`.
fn need(call: &Call, role: Role) -> Result<(), Answer> {
    if call.role() >= role {
        return Ok(());
    }
    Err(answer::error(403, "Must have admin rights to Repository."))
}

/// The number of an issue that is here; one that was deleted or transferred answers 410 or 301.
fn find_issue(world: &World, call: &Call, repo: usize, number: &str, rest: &[&str]) -> Result<u64, Answer> {
    let number: u64 = number.parse().map_err(|_| answer::not_found())?;
    let here = &world.repos[repo];
    if here.issues.contains_key(&number) {
        return Ok(number);
    }
    match here.gone.get(&number) {
        None | Some(Gone::Hidden(_)) => Err(answer::not_found()),
        Some(Gone::Discussion) => Err(answer::error(410, "This issue was converted to a discussion")),
        Some(Gone::Deleted) => Err(answer::error(410, "This issue was deleted")),
        Some(Gone::Transferred { repo_id, number }) => {
            let mut url = format!("{}/repositories/{repo_id}/issues/{number}", call.root(world));
            for segment in rest {
                url.push('/');
                url.push_str(segment);
            }
            Err(answer::moved(301, &url))
        }
    }
}

/// What a browser shows at an issue's `html_url`: enough to see that the link led to the right place.
fn web_page(world: &World, call: &Call, number: &str) -> Outcome {
    let full_name = format!("{}/{}", call.segments[0], call.segments[1]);
    let repo = world.repo_named(&full_name).ok_or_else(answer::not_found)?;
    let number: u64 = number.parse().map_err(|_| answer::not_found())?;
    let issue = world.repos[repo].issues.get(&number).ok_or_else(answer::not_found)?;
    let text = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let state = if issue.open { "open" } else { "closed" };
    Ok(answer::page(&format!(
        "<!doctype html><meta charset=\"utf-8\"><title>#{number}</title><h1>{} <small>#{number}, {state}</small></h1>\
         <p>Corkboard's simulated GitHub, {}</p><pre>{}</pre>",
        text(&issue.title),
        text(&full_name),
        text(issue.body.as_deref().unwrap_or_default()),
    )))
}

/// The list of errors of a 422 with one entry.
fn invalid(resource: &str, field: &str, code: &str) -> Answer {
    answer::validation(&json!([{"resource": resource, "field": field, "code": code}]))
}
