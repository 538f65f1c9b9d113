//! The repository's milestones.

#![expect(
    clippy::option_option,
    reason = "a field that is absent, null or a value says three different things"
)]

use serde_json::{Map, Value};

use super::answer::{self, Answer};
use super::call::{Call, text_field};
use super::{Outcome, invalid, need, page};
use crate::sandbox::accounts::Role;
use crate::sandbox::render;
use crate::sandbox::world::{Milestone, World};

pub(super) fn route(world: &mut World, call: &Call, repo: usize, rest: &[&str]) -> Outcome {
    let method = call.method.as_str();
    if method != "GET" {
        need(call, Role::Write)?;
    }
    let number = match (method, rest) {
        ("GET", []) => return Ok(list(world, call, repo)),
        ("POST", []) => {
            let sent = Sent::of(&call.json()?)?;
            let Some(title) = sent.title.clone() else {
                return Err(answer::invalid_request("\"title\" wasn't supplied."));
            };
            free(world, repo, &title, None)?;
            let number = world.repos[repo].create_milestone(&title, &call.by());
            sent.apply(world, repo, number, call);
            return Ok(answer::created(&shown(world, repo, number)));
        }
        (_, [number]) | ("GET", [number, "labels"]) => number.parse().map_err(|_| answer::not_found())?,
        _ => return Err(answer::not_found()),
    };
    if !world.repos[repo].milestones.contains_key(&number) {
        return Err(answer::not_found());
    }
    match (method, rest) {
        ("GET", [_]) => {}
        ("GET", _) => return Ok(labels(world, call, repo, number)),
        ("PATCH", _) => {
            let sent = Sent::of(&call.json()?)?;
            if let Some(title) = &sent.title {
                free(world, repo, title, Some(number))?;
            }
            sent.apply(world, repo, number, call);
        }
        ("DELETE", _) => {
            world.repos[repo].delete_milestone(number);
            return Ok(answer::no_content());
        }
        _ => return Err(answer::not_found()),
    }
    Ok(answer::ok(shown(world, repo, number)))
}

fn list(world: &World, call: &Call, repo: usize) -> Answer {
    let here = &world.repos[repo];
    let state = call.param("state").unwrap_or("open");
    let fits = |m: &&Milestone| match state {
        "open" => m.open,
        "closed" => !m.open,
        _ => true,
    };
    let mut found: Vec<&Milestone> = here.milestones.values().filter(fits).collect();
    match call.param("sort") {
        Some("completeness") => found.sort_by_key(|m| (m.closed_issues, m.number)),
        _ => found.sort_by_key(|m| (m.due.is_none(), m.due.clone(), m.number)),
    }
    if call.param("direction") == Some("desc") {
        found.reverse();
    }
    let all = found.iter().map(|m| render::milestone(world, here, m)).collect();
    page::of_values(world, call, repo, "milestones", all)
}

/// The labels on a milestone's issues.
fn labels(world: &World, call: &Call, repo: usize, number: u64) -> Answer {
    let here = &world.repos[repo];
    let used = |id: u64| here.issues.values().any(|i| i.milestone == Some(number) && i.labels.contains(&id));
    let found = here.labels.values().filter(|label| used(label.id));
    let all = found.map(|label| render::label(&world.base, here, label)).collect();
    page::of_values(world, call, repo, &format!("milestones/{number}/labels"), all)
}

fn shown(world: &World, repo: usize, number: u64) -> Value {
    let here = &world.repos[repo];
    here.milestones.get(&number).map_or(Value::Null, |m| render::milestone(world, here, m))
}

fn free(world: &World, repo: usize, title: &str, own: Option<u64>) -> Result<(), Answer> {
    match world.repos[repo].milestone_titled(title) {
        Some(number) if Some(number) != own => Err(invalid("Milestone", "title", "already_exists")),
        _ => Ok(()),
    }
}

/// The fields of a milestone, checked.
struct Sent {
    title: Option<String>,
    description: Option<Option<String>>,
    open: Option<bool>,
    due: Option<Option<String>>,
}

impl Sent {
    fn of(body: &Map<String, Value>) -> Result<Self, Answer> {
        let title = text_field(body, "title")?.flatten();
        if title.as_ref().is_some_and(|title| title.trim().is_empty()) {
            return Err(invalid("Milestone", "title", "missing_field"));
        }
        let open = match text_field(body, "state")?.flatten().as_deref() {
            None => None,
            Some("open") => Some(true),
            Some("closed") => Some(false),
            Some(_) => return Err(invalid("Milestone", "state", "invalid")),
        };
        let due = match text_field(body, "due_on")? {
            Some(Some(text)) => Some(Some(day(&text)?)),
            other => other,
        };
        Ok(Self { title, description: text_field(body, "description")?, open, due })
    }

    fn apply(self, world: &mut World, repo: usize, number: u64, call: &Call) {
        let here = &mut world.repos[repo];
        here.revision += 1;
        let now = call.by().at.div_euclid(1000);
        let Some(milestone) = here.milestones.get_mut(&number) else { return };
        milestone.title = self.title.unwrap_or_else(|| milestone.title.clone());
        milestone.description = self.description.unwrap_or_else(|| milestone.description.clone());
        milestone.due = self.due.unwrap_or_else(|| milestone.due.clone());
        milestone.updated = now;
        if let Some(open) = self.open.filter(|open| *open != milestone.open) {
            milestone.open = open;
            milestone.closed = (!open).then_some(now);
        }
    }
}

/// Only the date of `due_on` survives; GitHub sets the hour.
fn day(text: &str) -> Result<String, Answer> {
    let at =
        chrono::DateTime::parse_from_rfc3339(text).map_err(|_| invalid("Milestone", "due_on", "invalid"))?;
    Ok(format!("{}T07:00:00Z", at.to_utc().format("%Y-%m-%d")))
}
