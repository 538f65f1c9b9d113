//! The few questions and the one change in GraphQL that the simulation knows, told apart by what they ask for. A refusal
//! comes as 200 with words, as GraphQL has it.

use serde_json::{Value, json};

use super::route::{PLANNER, level};
use super::{By, STATUSES, World, answer};
use crate::sandbox::accounts::Role;
use crate::sandbox::api::{Answer, Call};

/// The version from which on issues have a status.
const SINCE: (u32, u32) = (18, 2);

/// Answers a question or carries a change out.
pub(super) fn answer(world: &mut World, call: &Call) -> Result<Answer, Answer> {
    if call.account().is_none() {
        return Err(answer::json(401, &json!({"errors": [{"message": "Invalid token"}]})));
    }
    let sent = if call.method == "GET" {
        let variables = serde_json::from_str(call.param("variables").unwrap_or("{}")).unwrap_or_default();
        (call.param("query").unwrap_or_default().to_owned(), variables)
    } else {
        let body = call.json()?;
        let document = body.get("query").and_then(Value::as_str).unwrap_or_default().to_owned();
        (document, body.get("variables").cloned().unwrap_or_default())
    };
    let (document, variables) = (sent.0.trim(), sent.1);
    let told = if document.starts_with("mutation") {
        if call.method == "GET" {
            Err("Mutations are forbidden in GET requests".to_owned())
        } else {
            give(world, call, &variables)
        }
    } else if document.contains("Status") && version(world) < SINCE {
        Err("No such type WorkItemWidgetStatus, so it can't be a fragment condition".to_owned())
    } else if document.contains("issue(id: $id)") {
        Ok(whereabouts(world, call, &variables))
    } else if document.contains("workItemTypes(") {
        Ok(allowed(world, call, &variables))
    } else if document.contains("workItems(iids: $iids") {
        Ok(worn(world, call, &variables))
    } else {
        Err("The simulation answers no such question".to_owned())
    };
    Ok(answer::json(
        200,
        &match told {
            Ok(data) => json!({"data": data}),
            Err(why) => json!({"errors": [{"message": why}]}),
        },
    ))
}

fn version(world: &World) -> (u32, u32) {
    let mut parts = world.version.split(|c: char| !c.is_ascii_digit()).map(|n| n.parse().unwrap_or_default());
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

/// The id of a status, by its place.
fn status(at: usize) -> Value {
    json!({"id": format!("gid://gitlab/WorkItems::Statuses::SystemDefined::Status/{}", at + 1), "name": STATUSES[at].0})
}

/// The project a question is about; GraphQL follows no former path.
fn project(world: &World, call: &Call, variables: &Value) -> Option<usize> {
    let path = variables["path"].as_str().filter(|_| call.role() > Role::None)?;
    world.projects.iter().position(|p| p.path.eq_ignore_ascii_case(path))
}

fn whereabouts(world: &World, call: &Call, variables: &Value) -> Value {
    let id = variables["id"].as_str().and_then(|gid| gid.strip_prefix("gid://gitlab/Issue/")?.parse().ok());
    let found = id.and_then(|id: u64| world.issue_by_id(id)).filter(|_| call.role() > Role::None);
    json!({"issue": found.map(|(at, iid)| json!({"iid": iid.to_string(), "projectId": world.projects[at].id}))})
}

fn allowed(world: &World, call: &Call, variables: &Value) -> Value {
    let all: Vec<Value> = (0..STATUSES.len()).map(status).collect();
    let mut widgets = vec![json!({"type": "ASSIGNEES"})];
    if world.premium {
        widgets.push(json!({"type": "STATUS", "allowedStatuses": all}));
    }
    let types = json!({"workItemTypes": {"nodes": [{"widgetDefinitions": widgets}]}});
    json!({"project": project(world, call, variables).map(|_| types)})
}

fn worn(world: &World, call: &Call, variables: &Value) -> Value {
    let found = project(world, call, variables).map(|at| {
        let wanted = variables["iids"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let issues = wanted.filter_map(|iid| world.projects[at].issues.get(&iid.parse().ok()?));
        let nodes: Vec<Value> = issues
            .filter(|issue| !issue.hidden)
            .map(|issue| {
                let mut widgets = vec![json!({"type": "ASSIGNEES"})];
                if world.premium {
                    widgets.push(json!({"type": "STATUS", "status": status(issue.status)}));
                }
                json!({"iid": issue.iid.to_string(), "widgets": widgets})
            })
            .collect();
        json!({"workItems": {"nodes": nodes}})
    });
    json!({"project": found})
}

fn give(world: &mut World, call: &Call, variables: &Value) -> Result<Value, String> {
    let hidden = "The resource that you are attempting to access does not exist or you don't have permission to \
                  perform this action";
    let id =
        variables["id"].as_str().and_then(|gid| gid.strip_prefix("gid://gitlab/WorkItem/")?.parse().ok());
    let found = id
        .and_then(|id: u64| world.issue_by_id(id))
        .filter(|_| level(call.role()) >= PLANNER && !call.read_only());
    let Some((at, iid)) = found else { return Err(hidden.to_owned()) };
    let to = (0..STATUSES.len()).find(|n| status(*n)["id"] == variables["status"]);
    let Some(to) = to.filter(|_| world.premium) else {
        return Ok(json!({"workItemUpdate": {"errors": ["Status not found"]}}));
    };
    world.set_status(at, iid, to, By { login: call.login().unwrap_or_default(), at: call.now.0 });
    Ok(json!({"workItemUpdate": {"errors": []}}))
}
