//! The mutations a board needs: adding an issue, bringing an item back, giving it a Status.

use serde_json::Value;

use super::Refusal;
use super::answer::Args;
use super::fields::{Node, Out, may_see, missing};
use super::world::{Content, Projects};
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
        "updateProjectV2ItemFieldValue" => Some(give(projects, call, &input)),
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

fn give(projects: &mut Projects, call: &Call, input: &Value) -> Result<Out, Refusal> {
    let project = writable(projects, call, input)?;
    let at = item(projects, project, input)?;
    let board = &mut projects.all[project];
    if text(input, "fieldId") != board.field {
        return Err(missing(format!(
            "Could not resolve to a node with the global id of '{}'",
            text(input, "fieldId")
        )));
    }
    if board.items[at].archived {
        return Err(Refusal::new("UNPROCESSABLE", "The item is archived and cannot be updated."));
    }
    let option = input.get("value").and_then(|v| v.get("singleSelectOptionId")).and_then(Value::as_str);
    let known = option.filter(|id| board.option_name(id).is_some());
    let Some(option) = known else {
        let words = "The single select option Id does not belong to the field";
        return Err(Refusal { kind: Some("VALIDATION"), message: words.to_owned() });
    };
    board.items[at].set(Some(option.to_owned()), call.now);
    // What was late comes after the answer.
    board.items[at].due = std::mem::take(&mut board.items[at].pending);
    Ok(payload("UpdateProjectV2ItemFieldValuePayload", "projectV2Item", Node::Item(project, at)))
}
