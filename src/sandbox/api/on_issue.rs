//! What hangs on one issue: labels, assignees, events.

use serde_json::{Value, json};

use super::answer::{self, Answer};
use super::call::{Call, names};
use super::issues::{label_for, label_names};
use super::{Outcome, invalid, need, page};
use crate::sandbox::accounts::Role;
use crate::sandbox::render;
use crate::sandbox::world::edit::MOST_ASSIGNEES;
use crate::sandbox::world::{Issue, World};

pub(super) fn route(world: &mut World, call: &Call, repo: usize, number: u64, rest: &[&str]) -> Outcome {
    match (call.method.as_str(), rest) {
        ("GET", ["labels"]) => {
            let path = format!("issues/{number}/labels");
            Ok(page::of_values(world, call, repo, &path, labels_of(world, repo, number)?))
        }
        ("POST" | "PUT", ["labels"]) => {
            need(call, Role::Triage)?;
            let ids = sent_labels(world, call, repo)?;
            let mut all =
                if call.method == "PUT" { Vec::new() } else { issue(world, repo, number)?.labels.clone() };
            all.extend(ids);
            world.repos[repo].set_labels(number, &all, &call.by());
            Ok(answer::ok(Value::Array(labels_of(world, repo, number)?)))
        }
        ("DELETE", ["labels"]) => {
            need(call, Role::Triage)?;
            world.repos[repo].set_labels(number, &[], &call.by());
            Ok(answer::no_content())
        }
        ("DELETE", ["labels", name]) => {
            need(call, Role::Triage)?;
            let missing = || answer::error(404, "Label does not exist");
            let id = world.repos[repo].label_named(name).ok_or_else(missing)?;
            let before = &issue(world, repo, number)?.labels;
            let left: Vec<u64> = before.iter().copied().filter(|one| *one != id).collect();
            if left.len() == before.len() {
                return Err(missing());
            }
            world.repos[repo].set_labels(number, &left, &call.by());
            Ok(answer::ok(Value::Array(labels_of(world, repo, number)?)))
        }
        ("POST" | "DELETE", ["assignees"]) => assignees(world, call, repo, number),
        ("GET", ["assignees", login]) => match world.people.get(login).filter(|person| person.assignable) {
            Some(_) => Ok(answer::no_content()),
            None => Err(answer::not_found()),
        },
        ("GET", ["events"]) => {
            let here = &world.repos[repo];
            let events = issue(world, repo, number)?.events.iter();
            let events = events.map(|event| render::event(world, here, event)).collect();
            Ok(page::of_values(world, call, repo, &format!("issues/{number}/events"), events))
        }
        _ => Err(answer::not_found()),
    }
}

fn issue(world: &World, repo: usize, number: u64) -> Result<&Issue, Answer> {
    world.repos[repo].issues.get(&number).ok_or_else(answer::not_found)
}

fn labels_of(world: &World, repo: usize, number: u64) -> Result<Vec<Value>, Answer> {
    let here = &world.repos[repo];
    let labels = issue(world, repo, number)?.labels.iter().filter_map(|id| here.labels.get(id));
    Ok(labels.map(|label| render::label(&world.base, here, label)).collect())
}

/// The labels of the body, which GitHub takes as `{"labels": [..]}` and as a bare list.
fn sent_labels(world: &mut World, call: &Call, repo: usize) -> Result<Vec<u64>, Answer> {
    let sent = call.raw_json()?;
    let list = if sent.is_array() { &sent } else { sent.get("labels").unwrap_or(&Value::Null) };
    if list.is_null() && call.method == "POST" {
        return Err(answer::invalid_request("\"labels\" wasn't supplied."));
    }
    let names = if list.is_null() { Vec::new() } else { label_names(list, "labels")? };
    let here = &mut world.repos[repo];
    Ok(names.iter().filter_map(|name| label_for(here, name, call.role())).collect())
}

/// Adds or removes people; those who may not be assigned, and everybody when the caller may not assign, are dropped
/// without a word.
fn assignees(world: &mut World, call: &Call, repo: usize, number: u64) -> Outcome {
    let sent = call.json()?;
    let logins = sent.get("assignees").map(|value| names(value, "assignees", "login")).transpose()?;
    let logins = logins.unwrap_or_default();
    if logins.len() > MOST_ASSIGNEES {
        return Err(invalid("Issue", "assignees", "invalid"));
    }
    let person = |login: &String| world.people.get(login).filter(|p| p.assignable).map(|p| p.login.clone());
    let known: Vec<String> = logins.iter().filter_map(person).collect();
    let mut all = issue(world, repo, number)?.assignees.clone();
    let adding = call.method == "POST";
    if adding {
        all.extend(known);
    } else {
        all.retain(|login| !known.contains(login));
    }
    if call.role() >= Role::Triage {
        world.repos[repo].set_assignees(number, &all, &call.by());
    }
    let (json, _) = render::issue(world, repo, number, call.modern()).ok_or_else(answer::not_found)?;
    Ok(Answer::new(if adding { 201 } else { 200 }, json.to_owned()))
}

/// `GET issues/events`: everything that happened in the repository, newest first.
pub(super) fn all_events(world: &mut World, call: &Call, repo: usize) -> Answer {
    let here = &world.repos[repo];
    let mut found: Vec<(i64, u64, u64)> = Vec::new();
    for issue in here.issues.values() {
        found.extend(issue.events.iter().map(|event| (event.at, event.id, issue.number)));
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    let page = page::Page::of(call);
    let link = page::link(world, call, repo, "issues/events", page, found.len());
    let mut shown = Vec::new();
    for (_, id, number) in &found[page.range(found.len())] {
        let text = render::issue(world, repo, *number, call.modern()).map(|(json, _)| json.to_owned());
        let here = &world.repos[repo];
        let event =
            here.issues.get(number).and_then(|issue| issue.events.iter().find(|event| event.id == *id));
        if let (Some(text), Some(event)) = (text, event) {
            let mut value = render::event(world, here, event);
            value["issue"] = serde_json::from_str(&text).unwrap_or(json!(null));
            shown.push(value);
        }
    }
    let answer = answer::ok(Value::Array(shown));
    match link {
        Some(link) => answer.header("link", link),
        None => answer,
    }
}
