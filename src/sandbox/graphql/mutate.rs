//! The mutations a board needs: adding an issue, bringing an item back, giving it a Status or another field's value.

use serde_json::Value;

use super::Refusal;
use super::answer::Args;
use super::custom;
use super::fields::{Node, Out, may_see, missing};
use super::world::{Content, Project, Projects};
use crate::sandbox::accounts::Role;
use crate::sandbox::api::Call;
use crate::sandbox::world::World;

/// Carries a mutation out; `None` when there is none of that name.
pub(super) fn carry_out(
    projects: &mut Projects,
    world: &World,
    call: &Call,
    name: &str,
    args: &Args,
) -> Option<Result<Out, Refusal>> {
    let input = args.get("input").cloned().unwrap_or_default();
    match name {
        "addProjectV2ItemById" => Some(add(projects, world, call, &input)),
        "unarchiveProjectV2Item" => Some(unarchive(projects, call, &input)),
        "updateProjectV2ItemFieldValue" => {
            Some(give(projects, call, &input, "UpdateProjectV2ItemFieldValuePayload", input.get("value")))
        }
        "clearProjectV2ItemFieldValue" => {
            Some(give(projects, call, &input, "ClearProjectV2ItemFieldValuePayload", None))
        }
        _ => None,
    }
}

fn text<'a>(input: &'a Value, name: &str) -> &'a str {
    input.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The project of a mutation, when the caller may write to it.
fn writable(projects: &Projects, call: &Call, input: &Value) -> Result<usize, Refusal> {
    let id = text(input, "projectId");
    let at = projects.by_id(id).filter(|_| call.role() > Role::None);
    let at =
        at.ok_or_else(|| missing(format!("Could not resolve to a node with the global id of '{id}'")))?;
    if call.read_only() {
        return Err(Refusal::new("FORBIDDEN", "Resource not accessible by personal access token"));
    }
    may_see(call, &projects.all[at].address)?;
    let scopes = call.account().and_then(|account| account.scopes);
    if let Some(scopes) = scopes.filter(|all| !all.split(", ").any(|s| s == "project")) {
        let words = format!(
            "Your token has not been granted the required scopes to execute this query. It requires one of the \
             following scopes: ['project'], but your token has only been granted the: [{scopes}] scopes."
        );
        return Err(Refusal::new("INSUFFICIENT_SCOPES", words));
    }
    if call.role() < Role::Write {
        let words =
            format!("{} does not have permission to update this project", call.login().unwrap_or_default());
        return Err(Refusal::new("FORBIDDEN", words));
    }
    Ok(at)
}

fn item(projects: &Projects, project: usize, input: &Value) -> Result<usize, Refusal> {
    let id = text(input, "itemId");
    let found = projects.all[project].items.iter().position(|item| item.id == id);
    found.ok_or_else(|| missing(format!("Could not resolve to a node with the global id of '{id}'")))
}

fn payload(kind: &'static str, name: &'static str, node: Node) -> Out {
    Out::Node(Node::Payload(kind, name, Box::new(node)))
}

fn add(projects: &mut Projects, world: &World, call: &Call, input: &Value) -> Result<Out, Refusal> {
    let project = writable(projects, call, input)?;
    let wanted = text(input, "contentId");
    let issues = world.repos.iter().flat_map(|repo| repo.issues.values().map(move |issue| (repo.id, issue)));
    let found = issues.into_iter().find(|(_, issue)| issue.node_id == wanted);
    let (repo, issue) = found
        .ok_or_else(|| missing(format!("Could not resolve to a node with the global id of '{wanted}'")))?;
    let content = Content::Issue { id: issue.id, repo, number: issue.number };
    let at = projects.add(project, content, issue.open, call.now);
    Ok(payload("AddProjectV2ItemByIdPayload", "item", Node::Item(project, at)))
}

fn unarchive(projects: &mut Projects, call: &Call, input: &Value) -> Result<Out, Refusal> {
    let project = writable(projects, call, input)?;
    let at = item(projects, project, input)?;
    projects.all[project].items[at].archived = false;
    Ok(payload("UnarchiveProjectV2ItemPayload", "item", Node::Item(project, at)))
}

/// Gives a field a value, or clears it.
fn give(
    projects: &mut Projects,
    call: &Call,
    input: &Value,
    kind: &'static str,
    value: Option<&Value>,
) -> Result<Out, Refusal> {
    let project = writable(projects, call, input)?;
    let at = item(projects, project, input)?;
    let id = text(input, "fieldId");
    let board = &mut projects.all[project];
    let field = board.fields.iter().find(|f| f.id == id).cloned();
    if id != board.field && field.is_none() {
        return Err(missing(format!("Could not resolve to a node with the global id of '{id}'")));
    }
    if board.items[at].archived {
        return Err(Refusal::new("UNPROCESSABLE", "The item is archived and cannot be updated."));
    }
    if let Some(field) = field {
        let held = field.taken(value)?;
        board.items[at].hold(&field.id, held, call.now);
    } else {
        let option = value.map(|value| option_of(board, value)).transpose()?;
        board.items[at].set(option, call.now);
        // What was late comes after the answer.
        board.items[at].due = std::mem::take(&mut board.items[at].pending);
    }
    Ok(payload(kind, "projectV2Item", Node::Item(project, at)))
}

/// The Status option of a value.
fn option_of(board: &Project, value: &Value) -> Result<String, Refusal> {
    let Some(option) = value.get("singleSelectOptionId").and_then(Value::as_str) else {
        return Err(custom::wrong_type("single select option Id", "single_select"));
    };
    if board.option_name(option).is_none() {
        return Err(custom::foreign("single select option"));
    }
    Ok(option.to_owned())
}
