//! Makes and changes issues, comments and versions as Jira does, with its refusals.

use serde_json::{Map, Value, json};

use super::issue::{Comment, Issue, State, Version};
use super::{Asked, Outcome, World, fields, may_write, people, refuse, refuse_field, render, visible};
use crate::sandbox::accounts::Role;
use crate::sandbox::api::Answer;

impl World {
    pub(super) fn fresh_id(&mut self) -> u64 {
        self.last_id = self.last_id.max(10_099) + 1;
        self.last_id
    }

    /// Puts a new issue into a project.
    pub(super) fn add(&mut self, project: &str, creator: &str, at: i64, state: State) -> u64 {
        let id = self.fresh_id();
        let number = self.numbers.entry(project.to_owned()).or_default();
        *number += 1;
        let mut issue = Issue::new(id, project, *number, creator, at);
        issue.now = State { status: issue.now.status, updated: at, ..state };
        self.issues.insert(id, issue);
        self.note(id, None, creator);
        id
    }

    pub(super) fn create(&mut self, asked: &Asked<'_>) -> Outcome {
        let body = asked.body()?;
        let fields = body.get("fields").and_then(Value::as_object).cloned().unwrap_or_default();
        let named = fields.get("project").and_then(|p| p.get("key").or_else(|| p.get("id")));
        let name =
            named.and_then(Value::as_str).ok_or_else(|| refuse_field("project", "project is required"))?;
        let (_, project) = visible(asked, name)?;
        if !may_write(asked) {
            return Err(refuse_field(
                "project",
                "You do not have permission to create issues in this project.",
            ));
        }
        let kind = fields.get("issuetype").and_then(|t| t.get("id")).and_then(Value::as_str);
        if !matches!(kind, Some("10001" | "10002")) {
            return Err(refuse_field("issuetype", "Specify a valid issue type"));
        }
        if !fields.contains_key("summary") {
            return Err(refuse_field("summary", "You must specify a summary of the issue."));
        }
        let mut state = State::default();
        let mut known = fields;
        known.remove("project");
        known.remove("issuetype");
        self.set(asked, &mut state, &known, true)?;
        properties(&mut state, &body)?;
        let id = self.add(project, asked.login(), asked.call.now.0, state);
        let key = self.issues[&id].key();
        let made = json!({"id": id.to_string(), "key": key, "self": format!("{}/rest/api/3/issue/{id}", asked.root)});
        Ok(Answer::new(201, made.to_string()))
    }

    pub(super) fn edit(&mut self, asked: &Asked<'_>, id: u64) -> Outcome {
        let body = asked.body()?;
        let part = |name: &str| body.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
        let (fields, update) = (part("fields"), part("update"));
        if let Some(twice) = fields.keys().find(|k| update.contains_key(*k)) {
            return Err(refuse_field(twice, "Field cannot be both in fields and update."));
        }
        let mut state = self.issues[&id].now.clone();
        self.set(asked, &mut state, &fields, false)?;
        for (name, steps) in &update {
            for step in steps.as_array().into_iter().flatten() {
                self.step(asked, &mut state, name, step)?;
            }
        }
        properties(&mut state, &body)?;
        self.change(id, asked.call.now.0, asked.login(), |now| *now = state);
        Ok(Answer { headers: Vec::new(), ..Answer::new(204, String::new()) })
    }

    /// Sets whole fields, of a new issue or of one that is there.
    fn set(
        &self,
        asked: &Asked<'_>,
        state: &mut State,
        given: &Map<String, Value>,
        new: bool,
    ) -> Result<(), Answer> {
        for (name, value) in given {
            match name.as_str() {
                "summary" => {
                    let text = value.as_str().map(str::trim).unwrap_or_default();
                    if text.is_empty() {
                        return Err(refuse_field(name, "You must specify a summary of the issue."));
                    }
                    if text.chars().count() > 255 {
                        return Err(refuse_field(name, "Summary must be less than 255 characters."));
                    }
                    text.clone_into(&mut state.summary);
                }
                "description" => state.description = description(asked, value)?,
                "labels" => {
                    state.labels.clear();
                    for label in value.as_array().into_iter().flatten() {
                        state.labels.push(checked_label(label)?);
                    }
                }
                "assignee" => state.assignee = person(asked, value)?,
                "fixVersions" => {
                    state.versions.clear();
                    for version in value.as_array().into_iter().flatten() {
                        state.versions.push(self.version(version)?);
                    }
                }
                // Jira takes it and does nothing: a status goes by transitions.
                "status" => {}
                other => fields::set(asked, state, other, value, new)?,
            }
        }
        Ok(())
    }

    /// Adds to a field or takes from it.
    fn step(&self, asked: &Asked<'_>, state: &mut State, name: &str, step: &Value) -> Result<(), Answer> {
        match (name, step.get("add"), step.get("remove")) {
            ("labels", Some(label), _) => {
                let label = checked_label(label)?;
                if !state.labels.contains(&label) {
                    state.labels.push(label);
                }
            }
            ("labels", _, Some(label)) => state.labels.retain(|l| Some(l.as_str()) != label.as_str()),
            ("fixVersions", Some(version), _) => {
                let version = self.version(version)?;
                if !state.versions.contains(&version) {
                    state.versions.push(version);
                }
            }
            ("fixVersions", _, Some(version)) => {
                let version = self.version(version)?;
                state.versions.retain(|v| *v != version);
            }
            _ => fields::step(asked, state, name, step)?,
        }
        Ok(())
    }

    fn version(&self, named: &Value) -> Result<(u64, String), Answer> {
        let id = named.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let found = self.versions.iter().find(|v| Some(v.id) == id);
        let missing = || refuse_field("fixVersions", &format!("Version {named} is not valid"));
        found.map(|v| (v.id, v.name.clone())).ok_or_else(missing)
    }

    pub(super) fn create_version(&mut self, asked: &Asked<'_>) -> Outcome {
        let body = asked.body()?;
        if asked.call.role() < Role::Write {
            return Err(refuse(
                403,
                "You must have global or project administrator rights in order to modify versions.",
            ));
        }
        let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
        let project = body.get("projectId").and_then(Value::as_u64).unwrap_or_default();
        if self.versions.iter().any(|v| v.project == project && v.name == name) {
            return Err(refuse_field("name", "A version with this name already exists in this project."));
        }
        let version = self.add_version(project, name);
        Ok(Answer::new(201, render::version(asked, &version).to_string()))
    }

    pub(super) fn add_version(&mut self, project: u64, name: &str) -> Version {
        let version = Version { id: self.fresh_id(), project, name: name.to_owned() };
        self.versions.push(version.clone());
        version
    }

    pub(super) fn comments(&self, asked: &Asked<'_>, id: u64) -> Value {
        let issue = &self.issues[&id];
        let number =
            |name: &str, or: usize| asked.call.param(name).and_then(|n| n.parse().ok()).unwrap_or(or);
        let (start, most) = (number("startAt", 0), number("maxResults", 50).min(100));
        let page = issue.comments.iter().skip(start).take(most);
        let page: Vec<Value> = page.map(|c| render::comment(asked, issue, c)).collect();
        let total = issue.comments.len();
        json!({"comments": page, "maxResults": most, "startAt": start, "total": total})
    }

    pub(super) fn comment(&mut self, asked: &Asked<'_>, id: u64) -> Outcome {
        let body = asked.body()?;
        let text = description(asked, body.get("body").unwrap_or(&Value::Null))?;
        if text.is_null() {
            return Err(refuse_field("comment", "Comment body can not be empty!"));
        }
        let properties = body.get("properties").and_then(Value::as_array).cloned().unwrap_or_default();
        let (comment_id, at) = (self.fresh_id(), asked.call.now.0);
        let made =
            Comment { id: comment_id, author: asked.login().to_owned(), body: text, created: at, properties };
        let Some(issue) = self.issues.get_mut(&id) else { return Err(refuse(404, "gone")) };
        issue.change(at, |_| {});
        let shown = render::comment(asked, issue, &made);
        issue.comments.push(made);
        Ok(Answer::new(201, shown.to_string()))
    }
}

/// ADF on Cloud, text at Data Center. Jira refuses a document that is none.
pub(super) fn description(asked: &Asked<'_>, value: &Value) -> Result<Value, Answer> {
    let wrong = || {
        refuse_field(
            "description",
            "Operation value must be an Atlassian Document (see the Atlassian Document Format)",
        )
    };
    match value {
        Value::Null => Ok(Value::Null),
        Value::String(text) if asked.server => Ok(if text.is_empty() { Value::Null } else { json!(text) }),
        Value::Object(_) if !asked.server => {
            let whole = value.get("type") == Some(&json!("doc")) && value.get("version") == Some(&json!(1));
            if whole && sound(value, "") { Ok(value.clone()) } else { Err(refuse(400, "INVALID_INPUT")) }
        }
        _ => Err(wrong()),
    }
}

/// Whether every node has a type, no text is empty, and blocks stand where they may.
fn sound(node: &Value, parent: &str) -> bool {
    let Some(kind) = node.get("type").and_then(Value::as_str) else { return false };
    let placed = match parent {
        "bulletList" | "orderedList" => kind == "listItem",
        "taskList" => matches!(kind, "taskItem" | "taskList"),
        "table" => kind == "tableRow",
        "tableRow" => matches!(kind, "tableCell" | "tableHeader"),
        "blockquote" => matches!(
            kind,
            "paragraph"
                | "bulletList"
                | "orderedList"
                | "codeBlock"
                | "mediaSingle"
                | "mediaGroup"
                | "extension"
        ),
        "listItem" => matches!(
            kind,
            "paragraph"
                | "bulletList"
                | "orderedList"
                | "taskList"
                | "codeBlock"
                | "mediaSingle"
                | "extension"
        ),
        "panel" => !matches!(kind, "panel" | "table" | "blockquote" | "expand" | "text"),
        "doc" => !matches!(kind, "text" | "listItem" | "taskItem" | "tableRow" | "tableCell" | "tableHeader"),
        "paragraph" | "heading" | "taskItem" => !matches!(
            kind,
            "paragraph"
                | "heading"
                | "table"
                | "panel"
                | "bulletList"
                | "orderedList"
                | "taskList"
                | "codeBlock"
        ),
        "codeBlock" => kind == "text",
        _ => true,
    };
    let text = kind != "text" || node.get("text").and_then(Value::as_str).is_some_and(|t| !t.is_empty());
    let inside = node.get("content").and_then(Value::as_array);
    let holds = matches!(
        kind,
        "listItem" | "blockquote" | "panel" | "bulletList" | "orderedList" | "tableRow" | "tableCell"
    );
    let filled = !holds || inside.is_some_and(|all| !all.is_empty());
    placed && text && filled && inside.is_none_or(|all| all.iter().all(|child| sound(child, kind)))
}

fn checked_label(value: &Value) -> Result<String, Answer> {
    let label = value.as_str().unwrap_or_default();
    if label.is_empty() || label.chars().any(char::is_whitespace) || label.chars().count() > 255 {
        return Err(refuse_field(
            "labels",
            &format!("The label '{label}' contains spaces which is invalid."),
        ));
    }
    Ok(label.to_owned())
}

pub(super) fn person(asked: &Asked<'_>, value: &Value) -> Result<Option<String>, Answer> {
    let name = if asked.server {
        value.get("name").and_then(Value::as_str)
    } else {
        value.get("accountId").and_then(Value::as_str)
    };
    let Some(name) = name else { return Ok(None) };
    let login = if asked.server { Some(name) } else { name.strip_prefix("712020:") };
    let known = login.and_then(|l| people().find(|p| *p == l));
    let missing = || refuse_field("assignee", &format!("User '{name}' cannot be assigned issues."));
    known.map(|l| Some(l.to_owned())).ok_or_else(missing)
}

fn properties(state: &mut State, body: &Map<String, Value>) -> Result<(), Answer> {
    for property in body.get("properties").and_then(Value::as_array).into_iter().flatten() {
        let key = property.get("key").and_then(Value::as_str);
        let key = key.ok_or_else(|| refuse(400, "The property key is required."))?;
        let value = property.get("value").cloned().unwrap_or_default();
        if value.to_string().chars().count() > 32_768 {
            return Err(refuse(400, "The property value cannot be longer than 32768 characters."));
        }
        state.properties.insert(key.to_owned(), value);
    }
    Ok(())
}
