//! Listing, reading, creating and updating issues.

#![expect(
    clippy::option_option,
    reason = "a field that is absent, null or a value says three different things"
)]

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value, json};

use super::answer::{self, Answer};
use super::call::{Call, names, not_a, text_field};
use super::page::{Page, link};
use super::{Outcome, invalid};
use crate::sandbox::accounts::Role;
use crate::sandbox::render;
use crate::sandbox::world::edit::{By, MOST_ASSIGNEES};
use crate::sandbox::world::{Issue, Repo, World};

const LONGEST_TITLE: usize = 256;
const LONGEST_BODY: usize = 65_536;
const LONGEST_LABEL: usize = 50;

/// What a list asks for.
struct Filter<'a> {
    state: &'a str,
    since: Option<i64>,
    /// None when a label is asked for that the repository does not have, so that nothing fits.
    labels: Option<Vec<u64>>,
    assignee: Option<&'a str>,
    creator: Option<&'a str>,
    milestone: Option<&'a str>,
    created_until_ms: Option<i64>,
}

impl<'a> Filter<'a> {
    fn of(call: &'a Call, repo: &Repo) -> Result<Self, Answer> {
        let state = call.param("state").unwrap_or("open");
        if !matches!(state, "open" | "closed" | "all") {
            return Err(invalid("Issue", "state", "invalid"));
        }
        let wanted = call.param("labels").unwrap_or_default();
        let labels = wanted.split(',').map(str::trim).filter(|name| !name.is_empty());
        Ok(Self {
            state,
            since: call.since()?,
            labels: labels.map(|name| repo.label_named(name)).collect(),
            assignee: call.param("assignee"),
            creator: call.param("creator"),
            milestone: call.param("milestone"),
            created_until_ms: call.lag_ms.map(|lag| call.now.0 - lag),
        })
    }

    fn fits(&self, issue: &Issue) -> bool {
        let state = match self.state {
            "open" => issue.open,
            "closed" => !issue.open,
            _ => true,
        };
        let named = |wanted: &str, login: &String| login.eq_ignore_ascii_case(wanted);
        state
            && self.since.is_none_or(|since| issue.updated >= since)
            && self.created_until_ms.is_none_or(|until| issue.created_ms <= until)
            && self.labels.as_ref().is_some_and(|labels| labels.iter().all(|id| issue.labels.contains(id)))
            && match self.assignee {
                None => true,
                Some("*") => !issue.assignees.is_empty(),
                Some("none") => issue.assignees.is_empty(),
                Some(login) => issue.assignees.iter().any(|one| named(login, one)),
            }
            && self.creator.is_none_or(|login| issue.author.as_ref().is_some_and(|one| named(login, one)))
            && match self.milestone {
                None => true,
                Some("*") => issue.milestone.is_some(),
                Some("none") => issue.milestone.is_none(),
                Some(number) => issue.milestone.is_some_and(|one| one.to_string() == number),
            }
    }
}

/// `GET issues`.
pub(super) fn list(world: &mut World, call: &Call, repo: usize) -> Outcome {
    let numbers = matching(call, &world.repos[repo])?;
    let page = Page::of(call);
    let link = link(world, call, repo, "issues", page, numbers.len());
    let has_next = page.number < page.last(numbers.len());
    let shown = &numbers[page.range(numbers.len())];
    let walk = shown.first().filter(|_| has_next).map(|number| (repo, *number));
    let (mut body, mut hasher) = (String::from("["), DefaultHasher::new());
    let again = shown.iter().rev().filter(|_| call.doubled);
    for number in again.chain(shown) {
        let Some((json, hash)) = render::issue(world, repo, *number, call.modern()) else { continue };
        if body.len() > 1 {
            body.push(',');
        }
        body.push_str(json);
        hash.hash(&mut hasher);
    }
    body.push(']');
    let mut answer = Answer::new(200, body);
    answer.hash = Some(hasher.finish());
    answer.walk = walk;
    if let Some(link) = link {
        answer = answer.header("link", link);
    }
    Ok(answer)
}

/// Numbers of the issues that fit, in the order asked for.
fn matching(call: &Call, repo: &Repo) -> Result<Vec<u64>, Answer> {
    let filter = Filter::of(call, repo)?;
    let descending = call.param("direction") != Some("asc");
    let pick = |number: u64| repo.issues.get(&number).filter(|issue| filter.fits(issue)).map(|_| number);
    let mut numbers: Vec<u64> = match call.param("sort") {
        Some("updated") => {
            let from = (filter.since.unwrap_or(i64::MIN), 0);
            repo.by_updated.range(from..).filter_map(|(_, number)| pick(*number)).collect()
        }
        Some("comments") => {
            let mut fitting: Vec<u64> = repo.issues.keys().filter_map(|number| pick(*number)).collect();
            fitting.sort_by_key(|number| (repo.issues.get(number).map(Issue::comment_count), *number));
            fitting
        }
        None | Some("created") => repo.by_created.iter().filter_map(|(_, number)| pick(*number)).collect(),
        Some(_) => return Err(invalid("Issue", "sort", "invalid")),
    };
    if descending {
        numbers.reverse();
    }
    Ok(numbers)
}

/// `GET issues/N`.
pub(super) fn get(world: &mut World, call: &Call, repo: usize, number: u64) -> Outcome {
    let (json, _) = render::issue(world, repo, number, call.modern()).ok_or_else(answer::not_found)?;
    Ok(Answer::new(200, json.to_owned()))
}

/// What a create or an update asks for, checked; None for fields that were not sent.
struct Wish {
    title: Option<String>,
    body: Option<Option<String>>,
    open: Option<bool>,
    reason: Option<String>,
    labels: Option<Vec<String>>,
    assignees: Option<Vec<String>>,
    milestone: Option<Option<u64>>,
}

impl Wish {
    fn of(world: &World, repo: &Repo, sent: &Map<String, Value>) -> Result<Self, Answer> {
        let title = match text_field(sent, "title")? {
            Some(Some(title)) if title.trim().is_empty() => {
                return Err(invalid("Issue", "title", "missing_field"));
            }
            Some(Some(title)) if title.chars().count() > LONGEST_TITLE => {
                return Err(too_long("Issue", "title", LONGEST_TITLE));
            }
            sent => sent.flatten(),
        };
        let body = text_field(sent, "body")?;
        if body.iter().flatten().any(|body| body.chars().count() > LONGEST_BODY) {
            return Err(too_long("Issue", "body", LONGEST_BODY));
        }
        let open = match text_field(sent, "state")?.flatten().as_deref() {
            None => None,
            Some("open") => Some(true),
            Some("closed") => Some(false),
            Some(_) => return Err(invalid("Issue", "state", "invalid")),
        };
        let reason = text_field(sent, "state_reason")?.flatten();
        let reasons = ["completed", "not_planned", "duplicate", "reopened"];
        if reason.as_deref().is_some_and(|reason| !reasons.contains(&reason)) {
            return Err(invalid("Issue", "state_reason", "invalid"));
        }
        let labels = sent.get("labels").map(|value| label_names(value, "labels")).transpose()?;
        let assignees = sent.get("assignees").map(|value| names(value, "assignees", "login")).transpose()?;
        let assignees = assignees.map(|logins| known_assignees(world, logins)).transpose()?;
        let milestone = sent.get("milestone").map(|value| known_milestone(repo, value)).transpose()?;
        Ok(Self { title, body, open, reason, labels, assignees, milestone })
    }

    /// Takes out what a token of `role` may not set: dropped without a word, as GitHub does.
    fn reduced(mut self, role: Role, own: bool) -> Self {
        if role < Role::Triage {
            (self.labels, self.assignees, self.milestone) = (None, None, None);
            if !own {
                self.open = None;
            }
        }
        self
    }

    fn apply(self, repo: &mut Repo, number: u64, role: Role, by: &By) {
        if let Some(title) = &self.title {
            repo.set_title(number, title, by);
        }
        if let Some(body) = &self.body {
            repo.set_body(number, body.as_deref(), by);
        }
        if let Some(names) = &self.labels {
            let ids: Vec<u64> = names.iter().filter_map(|name| label_for(repo, name, role)).collect();
            repo.set_labels(number, &ids, by);
        }
        if let Some(logins) = &self.assignees {
            repo.set_assignees(number, logins, by);
        }
        if let Some(milestone) = self.milestone {
            repo.set_milestone(number, milestone, by);
        }
        if let Some(open) = self.open {
            repo.set_open(number, open, self.reason.as_deref(), by);
        }
    }
}

/// The label of that name. Who may push makes it on the fly; for others an unknown one is dropped (GitHub's answer to
/// a triager is not verified).
pub(super) fn label_for(repo: &mut Repo, name: &str, role: Role) -> Option<u64> {
    if role >= Role::Write { Some(repo.ensure_label(name)) } else { repo.label_named(name) }
}

/// Names of labels, checked.
pub(super) fn label_names(value: &Value, field: &str) -> Result<Vec<String>, Answer> {
    let names = names(value, field, "name")?;
    if names.iter().any(|name| name.trim().is_empty()) {
        return Err(invalid("Label", "name", "missing_field"));
    }
    if names.iter().any(|name| name.chars().count() > LONGEST_LABEL) {
        return Err(too_long("Label", "name", LONGEST_LABEL));
    }
    Ok(names)
}

/// 422 for a text that is too long.
pub(super) fn too_long(resource: &str, field: &str, most: usize) -> Answer {
    let message = format!("{field} is too long (maximum is {most} characters)");
    answer::validation(&json!([{"resource": resource, "code": "custom", "field": field, "message": message}]))
}

fn known_assignees(world: &World, logins: Vec<String>) -> Result<Vec<String>, Answer> {
    let person = |login: &String| world.people.get(login).filter(|person| person.assignable);
    let unknown: Vec<&String> = logins.iter().filter(|login| person(login).is_none()).collect();
    if !unknown.is_empty() {
        let error = json!([{"resource": "Issue", "field": "assignees", "code": "invalid", "value": unknown}]);
        return Err(answer::validation(&error));
    }
    if logins.len() > MOST_ASSIGNEES {
        return Err(invalid("Issue", "assignees", "invalid"));
    }
    Ok(logins.iter().filter_map(|login| person(login).map(|person| person.login.clone())).collect())
}

fn known_milestone(repo: &Repo, value: &Value) -> Result<Option<u64>, Answer> {
    let number = match value {
        Value::Null => return Ok(None),
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    };
    match number.filter(|number| repo.milestones.contains_key(number)) {
        Some(number) => Ok(Some(number)),
        None if value.is_number() || value.is_string() => {
            let error =
                json!([{"resource": "Issue", "field": "milestone", "code": "invalid", "value": value}]);
            Err(answer::validation(&error))
        }
        None => Err(not_a("milestone", value, "integer")),
    }
}

/// `POST issues`.
pub(super) fn create(world: &mut World, call: &Call, repo: usize) -> Outcome {
    let sent = call.json()?;
    if sent.get("title").is_none_or(Value::is_null) {
        return Err(answer::invalid_request("\"title\" wasn't supplied."));
    }
    let wish = Wish::of(world, &world.repos[repo], &sent)?.reduced(call.role(), false);
    let (here, by) = (&mut world.repos[repo], call.by());
    let title = wish.title.clone().unwrap_or_default();
    let body = wish.body.clone().flatten();
    let number = here.open_issue(&title, body.as_deref(), &by);
    let wish = Wish { title: None, body: None, open: None, ..wish };
    wish.apply(here, number, call.role(), &by);
    let url = format!("{}/issues/{number}", render::repo_url(&world.base, &world.repos[repo]));
    let (json, _) = render::issue(world, repo, number, call.modern()).ok_or_else(answer::not_found)?;
    Ok(Answer::new(201, json.to_owned()).header("location", url))
}

/// `PATCH issues/N`. Everything is checked before anything changes.
pub(super) fn update(world: &mut World, call: &Call, repo: usize, number: u64) -> Outcome {
    let wish = Wish::of(world, &world.repos[repo], &call.json()?)?;
    let issue = world.repos[repo].issues.get(&number).ok_or_else(answer::not_found)?;
    let own = issue.author.as_deref() == call.login();
    if call.role() < Role::Write && !own && (wish.title.is_some() || wish.body.is_some()) {
        return Err(answer::error(403, "Must have admin rights to Repository."));
    }
    wish.reduced(call.role(), own).apply(&mut world.repos[repo], number, call.role(), &call.by());
    get(world, call, repo, number)
}
