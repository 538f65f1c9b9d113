//! What each field of the schema holds here: only those a board needs. Reads; changes nothing.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::Refusal;
use super::answer::Args;
use super::world::{Content, Projects, place};
use crate::sandbox::accounts::Role;
use crate::sandbox::api::Call;
use crate::sandbox::world::World;

/// Something fields are asked of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Query,
    Mutation,
    /// An organisation or a user, as the address of projects begins.
    Owner(String),
    /// By index.
    Project(usize),
    /// By project and index.
    Item(usize, usize),
    /// By repository and number.
    Issue(usize, u64),
    Repository(usize),
    /// Entries, and what to say of the page.
    Connection(&'static str, Vec<Node>, Value),
    /// What a mutation answers: one thing, under this name.
    Payload(&'static str, &'static str, Box<Node>),
    /// Something that is whole already.
    Plain(&'static str, Value),
}

/// What a field holds.
pub(super) enum Out {
    Null,
    Leaf(Value),
    Node(Node),
    List(Vec<Node>),
}

type Found = Option<Result<Out, Refusal>>;

impl Node {
    /// The type's name.
    pub(super) fn kind(&self) -> &str {
        match self {
            Self::Query => "Query",
            Self::Mutation => "Mutation",
            Self::Owner(address) if address.starts_with("orgs/") => "Organization",
            Self::Owner(_) => "User",
            Self::Project(_) => "ProjectV2",
            Self::Item(..) => "ProjectV2Item",
            Self::Issue(..) => "Issue",
            Self::Repository(_) => "Repository",
            Self::Connection(kind, ..) | Self::Payload(kind, ..) | Self::Plain(kind, _) => kind,
        }
    }
}

/// A field's content; `None` when the type has no such field.
pub(super) fn look_up(
    projects: &Projects,
    world: &World,
    call: &Call,
    node: &Node,
    name: &str,
    args: &Args,
) -> Found {
    if name == "__typename" {
        return Some(Ok(Out::Leaf(json!(node.kind()))));
    }
    match node {
        Node::Query => query(projects, world, call, name, args),
        Node::Owner(address) => match name {
            "login" => Some(Ok(leaf(address.split('/').nth(1)))),
            "projectV2" => Some(project(projects, call, address, args)),
            _ => None,
        },
        Node::Project(at) => of_project(projects, call, *at, name, args),
        Node::Item(project, at) => of_item(projects, world, call, *project, *at, name, args),
        Node::Issue(repo, number) => of_issue(projects, world, *repo, *number, name, args),
        Node::Repository(at) => match name {
            "id" => Some(Ok(leaf(format!("R_sandbox{}", world.repos[*at].id)))),
            "nameWithOwner" => Some(Ok(leaf(world.repos[*at].full_name()))),
            "issue" => {
                let number = args.get("number").and_then(Value::as_u64).unwrap_or_default();
                let there = world.repos[*at].issues.get(&number).is_some_and(|i| !i.pull_request);
                let missing = || {
                    missing(format!(
                        "Could not resolve to an issue or pull request with the number of {number}."
                    ))
                };
                Some(if there { Ok(Out::Node(Node::Issue(*at, number))) } else { Err(missing()) })
            }
            _ => None,
        },
        Node::Connection(_, nodes, page) => match name {
            "nodes" => Some(Ok(Out::List(nodes.clone()))),
            "totalCount" => Some(Ok(leaf(page.get("totalCount")))),
            "pageInfo" => Some(Ok(Out::Node(Node::Plain("PageInfo", page.clone())))),
            _ => None,
        },
        Node::Payload(_, field, inner) => (name == *field).then(|| Ok(Out::Node((**inner).clone()))),
        Node::Plain(_, value) => value.get(name).map(|value| Ok(plain(name, value))),
        Node::Mutation => None,
    }
}

fn plain(name: &str, value: &Value) -> Out {
    let kind = match name {
        "configuration" => "ProjectV2IterationFieldConfiguration",
        "iterations" | "completedIterations" => "ProjectV2IterationFieldIteration",
        _ => "ProjectV2SingleSelectFieldOption",
    };
    match value {
        Value::Null => Out::Null,
        Value::Array(all) => Out::List(all.iter().map(|value| Node::Plain(kind, value.clone())).collect()),
        value @ Value::Object(_) => Out::Node(Node::Plain(kind, value.clone())),
        value => Out::Leaf(value.clone()),
    }
}

/// A field that holds a word, a number or the like.
fn leaf(value: impl serde::Serialize) -> Out {
    Out::Leaf(json!(value))
}

/// GitHub's words for what is not there, or not to be seen.
pub(super) fn missing(message: impl Into<String>) -> Refusal {
    Refusal::new("NOT_FOUND", message)
}

/// Refuses a classic token without a scope for projects; a fine-grained one cannot see those of users.
pub(super) fn may_see(call: &Call, address: &str) -> Result<(), Refusal> {
    match call.account().and_then(|account| account.scopes) {
        Some(scopes) if scopes.contains("project") => Ok(()),
        Some(scopes) => Err(Refusal::new(
            "INSUFFICIENT_SCOPES",
            format!(
                "Your token has not been granted the required scopes to execute this query. The 'projectV2' field \
                 requires one of the following scopes: ['read:project'], but your token has only been granted the: \
                 [{scopes}] scopes."
            ),
        )),
        None if address.starts_with("users/") => {
            Err(Refusal::new("FORBIDDEN", "Resource not accessible by personal access token"))
        }
        None => Ok(()),
    }
}

fn query(projects: &Projects, world: &World, call: &Call, name: &str, args: &Args) -> Found {
    let text = |name: &str| args.get(name).and_then(Value::as_str).unwrap_or_default();
    let owner = |kind: &str| {
        let address = format!("{kind}/{}", text("login"));
        let known = projects
            .all
            .iter()
            .any(|p| p.address.to_lowercase().starts_with(&format!("{}/", address.to_lowercase())));
        let words = || missing(format!("Could not resolve to a login of '{}'.", text("login")));
        if known { Ok(Out::Node(Node::Owner(address))) } else { Err(words()) }
    };
    Some(match name {
        "organization" => owner("orgs"),
        "user" => owner("users"),
        "viewer" => Ok(Out::Node(Node::Plain("User", json!({"login": call.login()})))),
        "node" => match projects.by_id(text("id")) {
            Some(at) => may_see(call, &projects.all[at].address).map(|()| Out::Node(Node::Project(at))),
            None => {
                Err(missing(format!("Could not resolve to a node with the global id of '{}'", text("id"))))
            }
        },
        "repository" => {
            let full_name = format!("{}/{}", text("owner"), text("name"));
            let renamed = || world.renamed.get(&full_name.to_lowercase()).copied();
            let found = world.repo_named(&full_name).or_else(renamed).filter(|_| call.role() > Role::None);
            let words = || missing(format!("Could not resolve to a Repository with the name '{full_name}'."));
            found.map(|at| Out::Node(Node::Repository(at))).ok_or_else(words)
        }
        _ => return None,
    })
}

fn project(projects: &Projects, call: &Call, owner: &str, args: &Args) -> Result<Out, Refusal> {
    may_see(call, owner)?;
    let number = args.get("number").and_then(Value::as_u64).unwrap_or_default();
    let found = projects.at(&format!("{owner}/projects/{number}")).filter(|_| call.role() > Role::None);
    let words = || missing(format!("Could not resolve to a ProjectV2 with the number {number}."));
    found.map(|at| Out::Node(Node::Project(at))).ok_or_else(words)
}

fn of_project(projects: &Projects, call: &Call, at: usize, name: &str, args: &Args) -> Found {
    let project = &projects.all[at];
    match name {
        "id" => Some(Ok(leaf(&project.id))),
        "title" => Some(Ok(leaf(&project.title))),
        "closed" => Some(Ok(leaf(project.closed))),
        "viewerCanUpdate" => Some(Ok(leaf(call.role() >= Role::Write && !call.read_only()))),
        "field" => Some(Ok(project
            .field_named(args.get("name").and_then(Value::as_str))
            .map_or(Out::Null, Out::Node))),
        "fields" => {
            let all = project.all_fields();
            Some(page("ProjectV2FieldConfigurationConnection", args, all.len(), |n| all[n].clone()))
        }
        "items" => Some(page("ProjectV2ItemConnection", args, project.items.len(), |n| Node::Item(at, n))),
        _ => None,
    }
}

/// A page of a list by its place in it, as opaque as GitHub's.
fn page(kind: &'static str, args: &Args, total: usize, node: impl Fn(usize) -> Node) -> Result<Out, Refusal> {
    let first = args.get("first").and_then(Value::as_u64).unwrap_or_default();
    if !(1..=100).contains(&first) {
        let words = "Requesting records on the connection exceeds the `first` limit of 100 records.";
        return Err(Refusal::new("EXCESSIVE_PAGINATION", words));
    }
    let start = match args.get("after").and_then(Value::as_str) {
        None => 0,
        Some(cursor) => {
            let read = BASE64_STANDARD.decode(cursor).ok().and_then(|b| String::from_utf8(b).ok());
            let read = read.and_then(|t| t.parse::<usize>().ok());
            read.ok_or_else(|| Refusal {
                kind: None,
                message: format!("`{cursor}` does not appear to be a valid cursor."),
            })?
        }
    };
    let end = total.min(start.saturating_add(first as usize));
    let nodes = (start..end).map(node).collect();
    let page = json!({
        "totalCount": total, "hasNextPage": end < total, "endCursor": BASE64_STANDARD.encode(end.to_string()),
    });
    Ok(Out::Node(Node::Connection(kind, nodes, page)))
}

fn of_item(
    projects: &Projects,
    world: &World,
    call: &Call,
    project: usize,
    at: usize,
    name: &str,
    args: &Args,
) -> Found {
    let (board, item) = (&projects.all[project], &projects.all[project].items[at]);
    let at = place(world, &item.content).filter(|_| call.role() > Role::None);
    match name {
        "id" => Some(Ok(leaf(&item.id))),
        "isArchived" => Some(Ok(leaf(item.archived))),
        "updatedAt" => Some(Ok(leaf(time(item.updated)))),
        "project" => Some(Ok(Out::Node(Node::Project(project)))),
        "type" => Some(Ok(leaf(match &item.content {
            Content::Draft(_) => "DRAFT_ISSUE",
            Content::Issue { .. } if at.is_some() => "ISSUE",
            _ => "REDACTED",
        }))),
        "fieldValueByName" => {
            let wanted = args.get("name").and_then(Value::as_str).unwrap_or_default();
            Some(Ok(board.value_of(item, wanted).map_or(Out::Null, Out::Node)))
        }
        "content" => Some(Ok(match (&item.content, at) {
            (Content::Draft(title), _) => Out::Node(Node::Plain("DraftIssue", json!({"title": title}))),
            (_, Some((repo, number))) => Out::Node(Node::Issue(repo, number)),
            _ => Out::Null,
        })),
        _ => None,
    }
}

fn of_issue(projects: &Projects, world: &World, repo: usize, number: u64, name: &str, args: &Args) -> Found {
    let issue = &world.repos[repo].issues[&number];
    match name {
        "id" => Some(Ok(leaf(&issue.node_id))),
        "fullDatabaseId" => Some(Ok(leaf(issue.id.to_string()))),
        "number" => Some(Ok(leaf(number))),
        "title" => Some(Ok(leaf(&issue.title))),
        "repository" => Some(Ok(Out::Node(Node::Repository(repo)))),
        "projectItems" => {
            let archived = args.get("includeArchived").and_then(Value::as_bool).unwrap_or(true);
            let all: Vec<Node> = projects
                .all
                .iter()
                .enumerate()
                .flat_map(|(p, project)| {
                    project.items.iter().enumerate().map(move |(at, item)| (p, at, item))
                })
                .filter(|(_, _, item)| archived || !item.archived)
                .filter(|(_, _, item)| matches!(item.content, Content::Issue { id, .. } if id == issue.id))
                .map(|(p, at, _)| Node::Item(p, at))
                .collect();
            Some(page("ProjectV2ItemConnection", args, all.len(), |n| all[n].clone()))
        }
        _ => None,
    }
}

pub(super) fn time(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
