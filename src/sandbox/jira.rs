//! A simulated Jira site below `/jira`: Cloud's API at `/jira/rest/api/3`, Data Center's at `/jira/rest/api/2`. Who asks,
//! may they, which route; what is in it is kept in its modules.

mod board;
mod edit;
mod fields;
mod flow;
mod issue;
mod past;
mod render;
mod search;
mod web;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Past;
use super::accounts::{ACCOUNTS, Role, SCOPELESS_TOKEN};
use super::api::{Answer, Call};

pub use issue::JiraIssueView;
pub use web::JiraWeb;

use issue::{Issue, Version};

/// The project the sandbox starts with, and another one issues can be moved to.
const PROJECTS: [(u64, &str); 2] = [(10_000, "ABC"), (10_001, "OPS")];

/// A handler's outcome: refusals travel as errors, so that handlers can use `?`.
type Outcome = Result<Answer, Answer>;

/// What is in it.
#[derive(Debug, Default)]
pub(super) struct World {
    issues: BTreeMap<u64, Issue>,
    versions: Vec<Version>,
    last_id: u64,
    /// The last number given in each project.
    numbers: BTreeMap<String, u64>,
    /// How far the search is behind, in milliseconds.
    index_lag_ms: i64,
    /// Data Center's version, when another one than the present is played.
    server_version: Option<[u32; 3]>,
    /// Every status can be reached from every other one, as in a simplified workflow.
    free_workflow: bool,
    /// Every edit of an issue, oldest first; None when nobody asked for it.
    past: Option<Vec<Past>>,
    /// It is Cloud, whichever API is asked.
    cloud_alone: bool,
    /// Permissions that nobody has, by Jira's key.
    denied: BTreeSet<String>,
    /// Projects in the archive.
    archived: BTreeSet<String>,
    /// The fields issues have beside those every card has.
    fields: Arc<Vec<fields::Field>>,
    boards: Vec<board::Board>,
    /// Nobody may see boards.
    boards_refused: bool,
}

/// One request as the handlers see it.
struct Asked<'c> {
    call: &'c Call,
    /// Data Center's API was asked.
    server: bool,
    /// `http://HOST/jira`.
    root: String,
    fields: Arc<Vec<fields::Field>>,
}

impl Asked<'_> {
    fn login(&self) -> &'static str {
        self.call.login().unwrap_or("guest")
    }

    fn body(&self) -> Result<Map<String, Value>, Answer> {
        self.call.json().map_err(|_| {
            refuse(400, "There was an error parsing JSON. Check that your request body is valid.")
        })
    }
}

impl World {
    /// Answers one request and applies what it asks for.
    pub(super) fn handle(&mut self, call: &Call) -> Answer {
        let segments: Vec<&str> = call.segments.iter().skip(1).map(String::as_str).collect();
        let root = format!("http://{}/jira", call.header("host").unwrap_or("127.0.0.1"));
        let answer = match segments.as_slice() {
            ["_edge", "tenant_info"] => Ok(ok(json!({"cloudId": "11111111-2222-4333-8444-555555555555"}))),
            ["browse", key] => self.page(key),
            ["rest", "api", version @ ("2" | "3"), rest @ ..] => {
                let fields = self.known_fields();
                self.api(&Asked { call, server: *version == "2", root, fields }, rest)
            }
            ["rest", "agile", "1.0", rest @ ..] => self.agile(call, &root, rest),
            ["ex", "jira", _, "rest", "agile", "1.0", rest @ ..] => {
                self.agile_at_the_gateway(call, &root, rest)
            }
            ["ex", "jira", _, "rest", "api", "3", rest @ ..] => {
                let fields = self.known_fields();
                self.at_the_gateway(&Asked { call, server: false, root, fields }, rest)
            }
            _ => Err(Answer::new(404, "<html><body>Oops, you've found a dead link</body></html>".to_owned())),
        };
        answer.unwrap_or_else(|refusal| refusal)
    }

    /// The gateway knows the scopes of tokens, and wants them for everything.
    fn at_the_gateway(&mut self, asked: &Asked<'_>, rest: &[&str]) -> Outcome {
        if asked.call.account().is_some_and(|account| account.token == SCOPELESS_TOKEN) {
            return Err(no_scope());
        }
        self.api(asked, rest)
    }

    fn api(&mut self, asked: &Asked<'_>, rest: &[&str]) -> Outcome {
        let call = asked.call;
        let method = call.method.as_str();
        if let ("GET", ["serverInfo"]) = (method, rest) {
            return Ok(ok(self.server_info(asked)));
        }
        if call.bad_credentials || call.login().is_none() {
            return Err(refuse(401, "Client must be authenticated to access this resource."));
        }
        match (method, rest) {
            ("GET", ["myself"]) => Ok(ok(render::user(asked, asked.login()))),
            ("GET", ["mypermissions"]) => Ok(ok(self.permissions(asked))),
            ("GET", ["project", key]) => {
                let (id, key) = visible(asked, key)?;
                Ok(ok(json!({
                    "self": format!("{}/rest/api/3/project/{id}", asked.root), "id": id.to_string(), "key": key,
                    "name": format!("Project {key}"), "archived": self.archived.contains(key), "projectTypeKey": "software",
                })))
            }
            ("GET", ["project", key, "versions"]) => {
                let (id, _) = visible(asked, key)?;
                let all = self.versions.iter().filter(|v| v.project == id);
                Ok(ok(all.map(|v| render::version(asked, v)).collect()))
            }
            ("POST", ["version"]) => self.create_version(asked),
            ("GET", ["issue", "createmeta", key, "issuetypes"]) => {
                visible(asked, key)?;
                Ok(ok(render::issue_types(asked)))
            }
            ("GET", ["issue", "createmeta", key, "issuetypes", kind]) => {
                visible(asked, key)?;
                fields::create_screen(asked, kind)
            }
            ("GET", ["field"]) => Ok(ok(fields::list(asked))),
            ("GET", ["project", key, "statuses"]) => {
                visible(asked, key)?;
                Ok(ok(flow::of_project(&asked.root)))
            }
            ("GET", ["user", "assignable", "search"]) => {
                visible(asked, call.param("project").unwrap_or_default())?;
                Ok(ok(people().map(|login| render::user(asked, login)).collect()))
            }
            ("GET", ["label"]) if !asked.server => Ok(ok(self.labels())),
            ("GET", ["search", "jql"]) if !asked.server => self.search_cloud(asked),
            ("GET", ["search"]) if asked.server => self.search_server(asked),
            ("GET" | "POST", ["search"]) => Err(refuse(
                410,
                "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.",
            )),
            ("POST", ["issue"]) => self.create(asked),
            (_, ["issue", name, rest @ ..]) => self.on_issue(asked, name, rest),
            _ => Err(refuse(404, "null for uri")),
        }
    }

    fn on_issue(&mut self, asked: &Asked<'_>, name: &str, rest: &[&str]) -> Outcome {
        let id = self.find(asked, name)?;
        let method = asked.call.method.as_str();
        if method != "GET" && !may_write(asked) {
            return Err(refuse(403, "You do not have permission to edit issues in this project."));
        }
        match (method, rest) {
            ("GET", []) => {
                Ok(ok(render::issue(asked, &self.issues[&id], asked.call.param("properties").is_some())))
            }
            ("PUT", []) => self.edit(asked, id),
            ("GET", ["editmeta"]) => Ok(ok(fields::edit_screen(asked))),
            ("GET", ["transitions"]) => Ok(ok(self.transitions(asked, id))),
            ("POST", ["transitions"]) => self.transition(asked, id),
            ("GET", ["comment"]) => Ok(ok(self.comments(asked, id))),
            ("POST", ["comment"]) => self.comment(asked, id),
            ("GET", ["properties", key]) => {
                let value = self.issues[&id].now.properties.get(*key);
                let missing = || refuse(404, "The property with the given key was not found.");
                value.map(|v| ok(json!({"key": key, "value": v}))).ok_or_else(missing)
            }
            _ => Err(refuse(405, "Method Not Allowed")),
        }
    }

    /// The issue of an id or key; one that was moved answers to its old keys too.
    fn find(&self, asked: &Asked<'_>, name: &str) -> Result<u64, Answer> {
        let by_id = name.parse::<u64>().ok().filter(|id| self.issues.contains_key(id));
        let by_key = || {
            let has = |i: &&Issue| i.key().eq_ignore_ascii_case(name) || i.former.iter().any(|k| k == name);
            self.issues.values().find(has).map(|i| i.id)
        };
        let found = by_id.or_else(by_key).filter(|_| asked.call.role() > Role::None);
        found.ok_or_else(|| refuse(404, "Issue does not exist or you do not have permission to see it."))
    }

    fn server_info(&self, asked: &Asked<'_>) -> Value {
        let server = asked.server && !self.cloud_alone;
        let numbers = if server { self.server_version.unwrap_or([9, 12, 4]) } else { [1001, 0, 0] };
        let time = render::time(asked.call.now.0);
        let version: Vec<String> = numbers.iter().map(u32::to_string).collect();
        json!({
            "baseUrl": asked.root, "version": version.join("."), "versionNumbers": numbers, "buildNumber": 100_281,
            "deploymentType": if server { "Server" } else { "Cloud" }, "serverTime": time, "serverTitle": "Sandbox",
        })
    }

    /// What the account may do.
    fn permissions(&self, asked: &Asked<'_>) -> Value {
        let writes = may_write(asked);
        let all = asked.call.param("permissions").unwrap_or_default();
        let one = |key: &str| {
            let by_role = writes || matches!(key, "BROWSE_PROJECTS" | "ADD_COMMENTS");
            let have = asked.call.role() > Role::None && by_role && !self.denied.contains(key);
            let shown =
                json!({"id": "10", "key": key, "name": key, "type": "PROJECT", "havePermission": have});
            (key.to_owned(), shown)
        };
        let all: Map<String, Value> = all.split(',').filter(|k| !k.is_empty()).map(one).collect();
        json!({"permissions": all})
    }

    fn labels(&self) -> Value {
        let mut all: Vec<&String> = self.issues.values().flat_map(|i| &i.now.labels).collect();
        all.sort();
        all.dedup();
        json!({"maxResults": 1000, "startAt": 0, "total": all.len(), "isLast": true, "values": all})
    }

    /// What a browser shows at an issue's address.
    fn page(&self, key: &str) -> Outcome {
        let found = self.issues.values().find(|i| i.key() == key);
        let issue = found
            .ok_or_else(|| refuse(404, "Issue does not exist or you do not have permission to see it."))?;
        let text = issue.now.summary.replace('&', "&amp;").replace('<', "&lt;");
        Ok(Answer::new(
            200,
            format!("<!doctype html><meta charset=\"utf-8\"><h1>{text} <small>{key}</small></h1>"),
        ))
    }
}

/// Everybody who can be assigned.
fn people() -> impl Iterator<Item = &'static str> {
    let mut all: Vec<&'static str> = ACCOUNTS.iter().map(|a| a.login).filter(|l| *l != "guest").collect();
    all.sort_unstable();
    all.dedup();
    all.into_iter()
}

fn may_write(asked: &Asked<'_>) -> bool {
    asked.call.role() >= Role::Triage && !asked.call.read_only()
}

/// A project by key or id, for somebody who may see it.
fn visible(asked: &Asked<'_>, name: &str) -> Result<(u64, &'static str), Answer> {
    let found = PROJECTS.iter().find(|(id, key)| key.eq_ignore_ascii_case(name) || id.to_string() == name);
    let missing = || refuse(404, &format!("No project could be found with key '{name}'."));
    found.copied().filter(|_| asked.call.role() > Role::None).ok_or_else(missing)
}

fn ok(value: Value) -> Answer {
    Answer::new(200, value.to_string())
}

/// The gateway's refusal of a token without the scope.
fn no_scope() -> Answer {
    Answer::new(401, json!({"code": 401, "message": "Unauthorized; scope does not match"}).to_string())
}

/// Jira's refusal, in one line of words.
fn refuse(status: u16, message: &str) -> Answer {
    Answer::new(status, json!({"errorMessages": [message], "errors": {}}).to_string())
}

/// Jira's refusal of one field.
fn refuse_field(field: &str, message: &str) -> Answer {
    Answer::new(400, json!({"errorMessages": [], "errors": {field: message}}).to_string())
}
