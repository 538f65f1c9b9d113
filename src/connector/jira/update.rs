//! Changes an issue: only what differs, fields first and the status after them. Whatever can be known to fail is refused
//! before anything is sent.

mod further;

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::classify::About;
use super::client::refuse;
use super::hops::Route;
use super::{JiraConnector, adf, map};
use crate::connector::{Class, Failure, Fetched, Outcome, Patch, RemoteItem, Scope};
use crate::domain::fields::{SetDelta, contains};

/// The longest summary Jira takes, in characters.
const SUMMARY_MAX: usize = 255;

/// What is going to be sent.
#[derive(Default)]
struct Plan {
    fields: Map<String, Value>,
    update: Map<String, Value>,
    properties: Vec<Value>,
    route: Option<Route>,
}

impl Plan {
    fn edit(&self) -> Option<Value> {
        let mut body = Map::new();
        for (name, part) in [("fields", &self.fields), ("update", &self.update)] {
            if !part.is_empty() {
                body.insert(name.to_owned(), Value::Object(part.clone()));
            }
        }
        if !self.properties.is_empty() {
            body.insert("properties".to_owned(), json!(self.properties));
        }
        (!body.is_empty()).then_some(Value::Object(body))
    }
}

impl JiraConnector {
    /// Carries `patch` out. When the status fails after the fields were changed, the failure says that the outcome is
    /// unknown, and a fresh look tells.
    pub(super) async fn update_item(&self, seen: &RemoteItem, patch: &Patch) -> Result<RemoteItem, Failure> {
        let plan = self.plan(seen, patch).await?;
        let mut applied = false;
        if let Some(body) = plan.edit() {
            self.put(&seen.at, body, &patch.raw).await?;
            applied = true;
        }
        self.wrote(&seen.at.id);
        if let Some(Route { first, over }) = plan.route {
            let url = self.api.at(&seen.at, &["transitions"], &[]);
            let sent = self.api.write(Method::POST, url, first, About::Item).await;
            sent.map_err(|f| if applied { f.with_outcome(Outcome::Unknown) } else { f })?;
            self.go_on(seen, &patch.state, &over).await?;
        }
        let unsure = |f: Failure| f.with_outcome(Outcome::Unknown);
        match self.fetch_item(&seen.at).await.map_err(unsure)? {
            Fetched::Item(now) => match dropped(seen, patch, &now) {
                None => Ok(*now),
                // Perhaps somebody was quicker: it is looked at and planned again.
                Some(words) => Err(unsure(Failure::new(Class::Conflict, Scope::Item, words))),
            },
            _ => Err(unsure(Failure::new(
                Class::Conflict,
                Scope::Item,
                "the issue went away while it was changed",
            ))),
        }
    }

    async fn plan(&self, seen: &RemoteItem, patch: &Patch) -> Result<Plan, Failure> {
        let mut plan = Plan::default();
        let labels = label_delta(seen, patch);
        check_labels(labels.add.iter())?;
        if let Some(title) = &patch.title {
            check_title(title)?;
            plan.fields.insert("summary".to_owned(), json!(title));
        }
        if !labels.is_empty() {
            let add = labels.add.iter().map(|l| json!({"add": l}));
            let remove = labels.remove.iter().map(|l| json!({"remove": l}));
            plan.update.insert("labels".to_owned(), add.chain(remove).collect());
        }
        if !patch.assignees.is_empty() {
            let wanted = patch.assignees.apply(&seen.assignees);
            if wanted != seen.assignees {
                plan.fields.insert("assignee".to_owned(), self.person(one_person(&wanted)?));
            }
        }
        // The workflow is asked first: a status that cannot be reached must leave the rest unsent too.
        plan.route = self.planned_move(seen, &patch.state).await?;
        self.plan_further(seen, patch, &mut plan).await?;
        if patch.body.is_some() || patch.milestone.is_some() {
            self.plan_on_fresh(seen, patch, &mut plan).await?;
        }
        Ok(plan)
    }

    /// Plans what needs the issue as Jira holds it: its ADF, and all its fix versions.
    async fn plan_on_fresh(&self, seen: &RemoteItem, patch: &Patch, plan: &mut Plan) -> Result<(), Failure> {
        let issue = self.raw_issue(&seen.at).await?;
        if let Some(title) = &patch.milestone {
            let names: Vec<&str> = issue.fields.fix_versions.iter().map(|v| v.name.as_str()).collect();
            if names.len() > 1 {
                let words = format!(
                    "it has {} fix versions ({}), and a card holds one",
                    names.len(),
                    names.join(", ")
                );
                return Err(refuse(words).with_help("change its fix versions in Jira"));
            }
            let mut steps: Vec<Value> =
                issue.fields.fix_versions.iter().map(|v| json!({"remove": {"id": v.id}})).collect();
            if let Some(title) = title {
                steps.push(json!({"add": {"id": self.version_id(title).await?}}));
            }
            plan.update.insert("fixVersions".to_owned(), json!(steps));
        }
        let Some(body) = &patch.body else { return Ok(()) };
        if !self.api.is_cloud() {
            plan.fields.insert("description".to_owned(), json!(body));
            return Ok(());
        }
        let property = issue.properties.as_ref().and_then(|all| all.get(map::PROPERTY));
        let note = map::Note::of(property);
        let present = issue.fields.description.filter(|d| !d.is_null());
        if map::text(present.as_ref(), &note) != seen.body {
            let words = "the description was edited in Jira just now";
            return Err(Failure::new(Class::Conflict, Scope::Item, words));
        }
        let written = adf::document(body, present.as_ref());
        check_losses(&written.losses, &patch.agreed)?;
        if !written.losses.is_empty() && present.as_ref().and_then(adf::rich) != seen.rich {
            // What is given up is kept as it was read; that must be what is overwritten.
            let words = "what the description holds beyond its words was changed in Jira just now";
            return Err(Failure::new(Class::Conflict, Scope::Item, words));
        }
        let note = map::Note::new(seen.marker.map(|m| m.0), body, &written.document);
        let empty = body.is_empty();
        plan.fields.insert("description".to_owned(), if empty { Value::Null } else { written.document });
        let had_text = map::Note::of(property).text.is_some();
        if note.text.is_some() || had_text {
            plan.properties.push(note.property());
        }
        Ok(())
    }
}

/// Refuses losses that nobody agreed to.
fn check_losses(losses: &[String], agreed: &[String]) -> Result<(), Failure> {
    let unasked: Vec<&str> = losses.iter().filter(|l| !agreed.contains(l)).map(String::as_str).collect();
    if unasked.is_empty() {
        return Ok(());
    }
    Err(refuse(format!("the edit would lose what Markdown cannot hold: {}", unasked.join("; "))).with_help(
        "put the placeholders of what is named back, edit the description in Jira, or save the body here again and \
         agree to the loss",
    ))
}

/// The labels to add and to remove, those of a status with the others, as far as they are not so already.
fn label_delta(seen: &RemoteItem, patch: &Patch) -> SetDelta {
    let wanted = patch.labels.apply(&patch.state.labels.apply(&seen.state.labels));
    SetDelta::between(&seen.state.labels, &wanted)
}

/// Refuses labels Jira cannot hold.
pub(super) fn check_labels<'a>(mut labels: impl Iterator<Item = &'a String>) -> Result<(), Failure> {
    let unfit = |l: &&String| l.chars().any(char::is_whitespace) || l.chars().count() > 255 || l.is_empty();
    match labels.find(unfit) {
        Some(label) => {
            Err(refuse(format!("Jira cannot hold the label `{label}`: a label there has no blanks"))
                .with_help(format!(
                    "write it as `{}`",
                    label.split_whitespace().collect::<Vec<_>>().join("-")
                )))
        }
        None => Ok(()),
    }
}

/// Refuses titles Jira cannot hold.
pub(super) fn check_title(title: &str) -> Result<(), Failure> {
    if title.trim().is_empty() {
        return Err(refuse("Jira takes no issue without a title"));
    }
    let length = title.chars().count();
    if length > SUMMARY_MAX {
        return Err(refuse(format!("the title has {length} characters, and Jira takes {SUMMARY_MAX}")));
    }
    if title.contains(['\n', '\r']) {
        return Err(refuse("Jira takes no title of several lines"));
    }
    Ok(())
}

/// The one person an issue can have.
pub(super) fn one_person(people: &BTreeSet<String>) -> Result<Option<&str>, Failure> {
    if people.len() > 1 {
        let names: Vec<&str> = people.iter().map(String::as_str).collect();
        return Err(refuse(format!("a Jira issue has one assignee, and these are {}", names.join(", ")))
            .with_help("leave one of them"));
    }
    Ok(people.first().map(String::as_str))
}

/// What of a change is not so afterwards, in words.
fn dropped(seen: &RemoteItem, patch: &Patch, now: &RemoteItem) -> Option<String> {
    let mut lost = Vec::new();
    if patch.title.as_ref().is_some_and(|t| t.trim() != now.title.trim()) {
        lost.push("the title".to_owned());
    }
    let delta = label_delta(seen, patch);
    lost.extend(
        delta.add.iter().filter(|l| !contains(&now.state.labels, l)).map(|l| format!("the label `{l}`")),
    );
    let kept = delta.remove.iter().filter(|l| contains(&now.state.labels, l));
    lost.extend(kept.map(|l| format!("the removal of the label `{l}`")));
    if !patch.assignees.is_empty() && patch.assignees.apply(&seen.assignees) != now.assignees {
        lost.push("the assignee".to_owned());
    }
    let lower = |m: &Option<String>| m.as_ref().map(|m| m.trim().to_lowercase());
    if patch.milestone.as_ref().is_some_and(|m| lower(m) != lower(&now.milestone)) {
        lost.push("the fix version".to_owned());
    }
    lost.extend(further::lost(seen, patch, now));
    (!lost.is_empty()).then(|| format!("Jira took the change and does not show {}", lost.join(", ")))
}
