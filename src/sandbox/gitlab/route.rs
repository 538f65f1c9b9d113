//! GitLab's API over the world: who asks, may they, which route, and what a request holds.

use serde_json::{Map, Value, json};

use super::edit::Wish;
use super::further::{self, Asked};
use super::{By, PEOPLE, World, answer, board, graph, list, person, render};
use crate::sandbox::accounts::{ACCOUNTS, Account, Role, SCOPELESS_TOKEN};
use crate::sandbox::api::{Answer, Call, html};

type Outcome = Result<Answer, Answer>;

const LONGEST_TITLE: usize = 255;
const LONGEST_TEXT: usize = 1_048_576;
/// From here on a role may edit what others wrote, label and assign.
pub(super) const PLANNER: u32 = 15;

/// Answers one request; refusals travel as errors.
pub(super) fn answer(world: &mut World, call: &Call) -> Outcome {
    let parts: Vec<&str> = call.segments.iter().skip(1).map(String::as_str).collect();
    let root = format!("http://{}/gitlab", call.header("host").unwrap_or("127.0.0.1"));
    match parts.as_slice() {
        ["api", "v4", rest @ ..] => {
            let account = *call.account().ok_or_else(|| answer::token(call.bad_credentials))?;
            api(world, call, account, &root, rest)
        }
        ["api", "graphql"] => graph::answer(world, call),
        [.., "-", "issues", _] => Ok(html(200, "<!doctype html><title>Corkboard's simulated GitLab</title>")),
        _ => Ok(html(404, "<!doctype html><title>The page could not be found (404)</title>")),
    }
}

fn api(world: &mut World, call: &Call, account: Account, root: &str, rest: &[&str]) -> Outcome {
    if call.method != "GET" && call.read_only() {
        return Err(answer::scope());
    }
    match (call.method.as_str(), rest) {
        ("GET", ["user"]) => Ok(answer::json(200, &render::user(root, account.login))),
        ("GET", ["users"]) => {
            let found =
                PEOPLE.iter().filter(|p| call.param("username").is_none_or(|n| n.eq_ignore_ascii_case(p)));
            let found: Vec<Value> = found.map(|p| render::user(root, p)).collect();
            list::values(call, root, &found)
        }
        _ if account.token == SCOPELESS_TOKEN && rest != ["personal_access_tokens", "self"] => {
            Err(answer::scope())
        }
        ("GET", ["version"]) => {
            Ok(answer::json(200, &json!({"version": world.version, "revision": "4e963fe"})))
        }
        ("GET", ["personal_access_tokens", "self"]) => Ok(answer::json(200, &token(call, account))),
        (method, ["projects", id, rest @ ..]) => {
            let at = project(world, call, root, id, rest)?;
            let writes = method != "GET";
            if writes && world.projects[at].archived {
                return Err(answer::forbidden());
            }
            in_project(world, call, account, root, at, rest)
        }
        _ => Err(answer::json(404, &json!({"error": "404 Not Found"}))),
    }
}

fn token(call: &Call, account: Account) -> Value {
    let scope = match call.account() {
        Some(account) if account.token == SCOPELESS_TOKEN => "read_user",
        _ if call.read_only() => "read_api",
        _ => "api",
    };
    let ends = account.expires_in_days.map(|days| call.now.plus_ms(days * 86_400_000).to_utc().date_naive());
    json!({"id": 5, "name": "sandbox", "revoked": false, "active": true, "scopes": [scope], "expires_at": ends})
}

/// The project of that path or id. A former path leads reads on and refuses writes.
fn project(world: &World, call: &Call, root: &str, id: &str, rest: &[&str]) -> Result<usize, Answer> {
    let missing = || answer::not_found("Project ");
    if call.role() == Role::None {
        return Err(missing());
    }
    if let Some(at) = world.project(id) {
        return Ok(at);
    }
    let moved = world.renamed.get(&id.to_lowercase()).ok_or_else(missing)?;
    if call.method != "GET" {
        return Err(answer::refuse(405, "Non GET methods are not allowed for moved projects"));
    }
    let mut url = format!("{root}/api/v4/projects/{moved}");
    for part in rest {
        url.push('/');
        url.push_str(part);
    }
    if let Some((_, query)) = call.path.split_once('?') {
        url = format!("{url}?{query}");
    }
    Err(answer::refuse(301, "Moved Permanently").header("location", url))
}

/// The role as GitLab counts it.
pub(super) fn level(role: Role) -> u32 {
    match role {
        Role::None => 0,
        Role::Read => 10,
        Role::Triage => 20,
        Role::Write => 30,
        Role::Admin => 50,
    }
}

fn in_project(
    world: &mut World,
    call: &Call,
    account: Account,
    root: &str,
    at: usize,
    rest: &[&str],
) -> Outcome {
    let by = By { login: account.login, at: call.now.0 };
    let manage = level(account.role) >= PLANNER;
    if matches!(rest.first(), Some(&("issues" | "boards"))) && !world.projects[at].issues_enabled {
        return Err(answer::forbidden());
    }
    match (call.method.as_str(), rest) {
        ("GET", []) => {
            Ok(answer::json(200, &render::project(root, &world.projects[at], level(account.role))))
        }
        ("GET", ["members", "all"]) => {
            let mut seen: Vec<Value> = Vec::new();
            for one in ACCOUNTS.iter().filter(|a| a.role > Role::None) {
                let mut user = render::user(root, one.login);
                user["access_level"] = json!(level(one.role));
                if !seen.iter().any(|s| s["id"] == user["id"]) {
                    seen.push(user);
                }
            }
            list::values(call, root, &seen)
        }
        ("GET", ["labels"]) => {
            let own = world.projects[at].own.labels.iter().map(|l| render::label(l, true));
            let group =
                world.group.labels.iter().filter(|_| call.param("include_ancestor_groups") != Some("false"));
            let all: Vec<Value> = own.chain(group.map(|l| render::label(l, false))).collect();
            list::values(call, root, &all)
        }
        ("GET", ["milestones"]) => {
            let project = &world.projects[at];
            let own = project.own.milestones.iter().map(|m| render::milestone(root, m, Some(project)));
            let above =
                world.group.milestones.iter().filter(|_| call.param("include_ancestors") == Some("true"));
            let all: Vec<Value> = own.chain(above.map(|m| render::milestone(root, m, None))).collect();
            list::values(call, root, &all)
        }
        ("GET", ["boards"]) => list::values(call, root, &board::shown(world, root, at)),
        ("POST", ["milestones"]) if manage => new_milestone(world, call, root, at),
        ("GET", ["issues"]) => list::issues(world, call, root, at),
        ("POST", ["issues"]) => create(world, call, root, at, by, manage),
        (method, ["issues", iid, rest @ ..]) => {
            let iid: u64 = iid.parse().map_err(|_| answer::invalid("issue_iid is invalid"))?;
            let found = world.projects[at].issues.get(&iid).filter(|issue| further::is_seen(issue, call));
            let author = found.ok_or_else(|| answer::not_found(""))?.author;
            match (method, rest) {
                ("GET", []) => Ok(shown(world, root, at, iid, 200)),
                ("PUT", []) if manage || author == account.login => {
                    let wish = wish(world, at, &call.json()?, true)?;
                    world.apply(at, iid, wish, manage, by);
                    Ok(shown(world, root, at, iid, 200))
                }
                ("GET", ["notes"]) => notes(world, call, root, at, iid),
                ("POST", ["notes"]) => new_note(world, call, root, at, iid, by),
                ("PUT", []) => Err(answer::forbidden()),
                _ => Err(answer::json(404, &json!({"error": "404 Not Found"}))),
            }
        }
        ("POST", ["milestones"]) => Err(answer::forbidden()),
        _ => Err(answer::json(404, &json!({"error": "404 Not Found"}))),
    }
}

fn shown(world: &World, root: &str, at: usize, iid: u64, status: u16) -> Answer {
    match world.projects[at].issues.get(&iid) {
        Some(issue) => answer::json(status, &render::issue(world, root, at, issue)),
        None => answer::not_found(""),
    }
}

fn new_milestone(world: &mut World, call: &Call, root: &str, at: usize) -> Outcome {
    let sent = call.json()?;
    let title = text(&sent, "title")?.ok_or_else(|| answer::invalid("title is missing"))?;
    if world.milestones(at).any(|m| m.title == title) {
        return Err(answer::unfit("title", "already being used for another group or project milestone."));
    }
    let id = world.add_milestone(Some(at), &title, call.now.0);
    let project = &world.projects[at];
    let made = project.own.milestones.iter().find(|m| m.id == id);
    made.map(|m| answer::json(201, &render::milestone(root, m, Some(project))))
        .ok_or_else(|| answer::not_found(""))
}

fn create(world: &mut World, call: &Call, root: &str, at: usize, by: By, manage: bool) -> Outcome {
    let sent = call.json()?;
    if !sent.contains_key("title") {
        return Err(answer::invalid("title is missing"));
    }
    let wish = wish(world, at, &sent, false)?;
    let iid = world.open_issue(at, wish.title.as_deref().unwrap_or_default(), by);
    world.apply(at, iid, wish, manage, by);
    Ok(shown(world, root, at, iid, 201))
}

fn notes(world: &World, call: &Call, root: &str, at: usize, iid: u64) -> Outcome {
    let Some(issue) = world.projects[at].issues.get(&iid) else { return Err(answer::not_found("")) };
    let comments = call.param("activity_filter") == Some("only_comments");
    let mut all: Vec<Value> = issue
        .notes
        .iter()
        .filter(|n| !(comments && n.system))
        .map(|n| render::note(root, issue, n))
        .collect();
    if call.param("sort") != Some("asc") {
        all.reverse();
    }
    list::values(call, root, &all)
}

fn new_note(world: &mut World, call: &Call, root: &str, at: usize, iid: u64, by: By) -> Outcome {
    let body = text(&call.json()?, "body")?.ok_or_else(|| answer::invalid("body is missing"))?;
    if body.trim().is_empty() {
        return Err(answer::refuse(400, "400 Bad request - Note {:note=>[\"can't be blank\"]}"));
    }
    let id = world.add_note(at, iid, &body, by).ok_or_else(|| answer::not_found(""))?;
    let issue = world.projects[at].issues.get(&iid).ok_or_else(|| answer::not_found(""))?;
    let made = issue.notes.iter().find(|n| n.id == id);
    made.map(|n| answer::json(201, &render::note(root, issue, n))).ok_or_else(|| answer::not_found(""))
}

/// What a create or an update asks for, checked. Milestones and people that do not exist are dropped without a word, as
/// GitLab does.
fn wish(world: &World, at: usize, sent: &Map<String, Value>, update: bool) -> Result<Wish, Answer> {
    if update && sent.is_empty() {
        let why = "title, description, assignee_ids, milestone_id, labels, add_labels, remove_labels, state_event \
                   are missing, at least one parameter must be provided";
        return Err(answer::invalid(why));
    }
    let title = text(sent, "title")?;
    if title.as_ref().is_some_and(|t| t.trim().is_empty()) {
        return Err(answer::unfit("title", "can't be blank"));
    }
    if title.as_ref().is_some_and(|t| t.chars().count() > LONGEST_TITLE) {
        return Err(answer::unfit("title", "is too long (maximum is 255 characters)"));
    }
    let description = text(sent, "description")?;
    if description.as_ref().is_some_and(|t| t.len() > LONGEST_TEXT) {
        return Err(answer::unfit(
            "description",
            "is too long (1048577). The maximum size is 1048576 characters.",
        ));
    }
    let close = match text(sent, "state_event")?.as_deref() {
        None => None,
        Some("close") if update => Some(true),
        Some("reopen") if update => Some(false),
        Some(_) => return Err(answer::invalid("state_event does not have a valid value")),
    };
    let people = sent.get("assignee_ids").map(|value| match value {
        Value::Array(ids) => {
            ids.iter().filter_map(Value::as_u64).filter_map(person).filter(|p| *p != "guest").collect()
        }
        _ => Vec::new(),
    });
    let milestone = sent.get("milestone_id").map(|id| id.as_u64().unwrap_or_default());
    let known = |id: u64| world.milestones(at).any(|m| m.id == id);
    Ok(Wish {
        title,
        description,
        close,
        labels: sent.get("labels").map(names),
        add: sent.get("add_labels").map(names).unwrap_or_default(),
        remove: sent.get("remove_labels").map(names).unwrap_or_default(),
        assignees: people,
        further: Asked::read(sent)?,
        milestone: milestone.filter(|id| *id == 0 || known(*id)).map(|id| Some(id).filter(|id| *id != 0)),
    })
}

/// Names with commas between them, in one text or in a list of texts.
fn names(value: &Value) -> Vec<String> {
    let texts: Vec<&str> = match value {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().into_iter().collect(),
    };
    let each = texts.into_iter().flat_map(|t| t.split(','));
    each.map(str::trim).filter(|n| !n.is_empty()).map(str::to_owned).collect()
}

fn text(sent: &Map<String, Value>, name: &str) -> Result<Option<String>, Answer> {
    match sent.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(answer::invalid(&format!("{name} is invalid"))),
    }
}
