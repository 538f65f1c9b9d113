//! Boards of Jira Software below `/rest/agile/1.0`: their columns and statuses, and the hands of somebody who makes one.

use serde_json::{Value, json};

use super::{Outcome, PROJECTS, World, flow, no_scope, ok, refuse};
use crate::sandbox::accounts::{Role, SCOPELESS_TOKEN};
use crate::sandbox::api::{Answer, Call};
use crate::sandbox::jira::JiraWeb;

/// Most boards on one page; few, so that somebody who reads only the first page is found out.
const PAGE: usize = 2;

/// A board of `ABC`.
#[derive(Debug)]
pub(super) struct Board {
    id: u64,
    name: String,
    /// `scrum`, `kanban` or `simple`.
    kind: String,
    /// Titles, with the ids of the statuses in each.
    columns: Vec<(String, Vec<u64>)>,
}

impl JiraWeb {
    /// Makes a board of `ABC` of this kind (`scrum`, `kanban`, `simple`) and gives its id. A column's statuses go by name;
    /// one that is a number is the status of another project.
    pub fn create_board(&self, name: &str, kind: &str, columns: &[(&str, &[&str])]) -> u64 {
        let id_of = |status: &&str| {
            let known = flow::STATUSES.iter().find(|s| s.1 == *status).map(|s| s.0);
            known.or_else(|| status.parse().ok())
        };
        let columns = columns
            .iter()
            .map(|(title, of)| ((*title).to_owned(), of.iter().filter_map(id_of).collect()))
            .collect();
        self.world(|world, _| {
            let id = world.boards.len() as u64 + 1;
            world.boards.push(Board { id, name: name.to_owned(), kind: kind.to_owned(), columns });
            id
        })
    }

    /// Keeps boards from everybody: at the site for want of a licence, at the gateway for want of a scope.
    pub fn refuse_boards(&self) {
        self.world(|world, _| world.boards_refused = true);
    }
}

impl World {
    /// Answers one request to Jira Software.
    pub(super) fn agile(&self, call: &Call, root: &str, rest: &[&str]) -> Outcome {
        if call.bad_credentials || call.login().is_none() {
            return Err(refuse(401, "Client must be authenticated to access this resource."));
        }
        if self.boards_refused {
            return Err(refuse(403, "The user does not have a valid license."));
        }
        match (call.method.as_str(), rest) {
            ("GET", ["board"]) => self.boards(call, root),
            ("GET", ["board", id, "configuration"]) => {
                let board = self.boards.iter().find(|b| b.id.to_string() == *id);
                let board = board.filter(|_| call.role() > Role::None);
                let missing = || refuse(404, "Board does not exist or you do not have permission to see it.");
                Ok(ok(configuration(board.ok_or_else(missing)?, root)))
            }
            _ => Err(refuse(404, "null for uri")),
        }
    }

    /// The same at the gateway, which wants scopes of their own for boards.
    pub(super) fn agile_at_the_gateway(&self, call: &Call, root: &str, rest: &[&str]) -> Outcome {
        if self.boards_refused || call.account().is_some_and(|account| account.token == SCOPELESS_TOKEN) {
            return Err(no_scope());
        }
        self.agile(call, root, rest)
    }

    fn boards(&self, call: &Call, root: &str) -> Outcome {
        let (project, key) = PROJECTS[0];
        let wanted = call.param("projectKeyOrId");
        let known = PROJECTS
            .iter()
            .any(|(id, key)| wanted.is_none_or(|w| w.eq_ignore_ascii_case(key) || w == id.to_string()));
        if !known || call.role() == Role::None {
            return Err(no_project(wanted.unwrap_or_default()));
        }
        let ours = wanted.is_none_or(|w| w.eq_ignore_ascii_case(key) || w == project.to_string());
        let all: Vec<Value> =
            self.boards.iter().filter(|_| ours).map(|board| listed(board, root, project, key)).collect();
        let number = |name: &str| call.param(name).and_then(|n| n.parse::<usize>().ok());
        let start = number("startAt").unwrap_or(0).min(all.len());
        let end = (start + number("maxResults").unwrap_or(PAGE).min(PAGE)).min(all.len());
        Ok(ok(json!({
            "maxResults": PAGE, "startAt": start, "total": all.len(), "isLast": end == all.len(),
            "values": all[start..end],
        })))
    }
}

fn no_project(name: &str) -> Answer {
    refuse(400, &format!("No project could be found with key or id '{name}'."))
}

fn listed(board: &Board, root: &str, project: u64, key: &str) -> Value {
    let id = board.id;
    json!({
        "id": id, "self": format!("{root}/rest/agile/1.0/board/{id}"), "name": board.name, "type": board.kind,
        "location": {
            "projectId": project, "displayName": format!("Project {key} ({key})"),
            "projectName": format!("Project {key}"), "projectKey": key, "projectTypeKey": "software",
            "name": format!("Project {key} ({key})"),
        },
    })
}

/// What its columns are.
fn configuration(board: &Board, root: &str) -> Value {
    let status = |id: &u64| json!({"id": id.to_string(), "self": format!("{root}/rest/api/2/status/{id}")});
    let column = |(title, of): &(String, Vec<u64>)| json!({"name": title, "statuses": of.iter().map(status).collect::<Vec<_>>()});
    let id = board.id;
    json!({
        "id": id, "name": board.name, "type": board.kind,
        "self": format!("{root}/rest/agile/1.0/board/{id}/configuration"),
        "filter": {"id": "10001", "self": format!("{root}/rest/api/2/filter/10001")},
        "columnConfig": {
            "columns": board.columns.iter().map(column).collect::<Vec<_>>(), "constraintType": "issueCount",
        },
        "ranking": {"rankCustomFieldId": 10_019},
    })
}
