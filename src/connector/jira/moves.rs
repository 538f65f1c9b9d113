//! Statuses and how to get to them: a workflow lets an issue go only where a transition leads from here, and some
//! transitions want fields filled in. What cannot be done is refused before anything is sent.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::JiraConnector;
use super::classify::About;
use super::client::refuse;
use super::wire::{ScreenField, Transition, Transitions};
use crate::connector::{Failure, Move, RemoteItem, RemoteRef};
use crate::domain::mapping::{OpenState, StateChange};

/// The field that says how an issue was resolved.
const RESOLUTION: &str = "resolution";

impl JiraConnector {
    /// Where the issue can go now, and what each way needs.
    pub(super) async fn list_moves(&self, at: &RemoteRef) -> Result<Option<Vec<Move>>, Failure> {
        Ok(Some(moves(&self.transitions(at).await?)))
    }

    /// The transition that carries out `change`, as it is sent; `None` where the status stays.
    pub(super) async fn planned_move(
        &self,
        seen: &RemoteItem,
        change: &StateChange,
    ) -> Result<Option<Value>, Failure> {
        if change.status.is_none() && change.state.is_none() {
            return Ok(None);
        }
        let all = self.transitions(&seen.at).await?;
        plan(seen, change, &all).map(Some)
    }

    async fn transitions(&self, at: &RemoteRef) -> Result<Vec<Transition>, Failure> {
        let url = self.api.at(at, &["transitions"], &[("expand", "transitions.fields")]);
        let all: Transitions = self.api.get(url, About::Item).await?;
        Ok(all.transitions.into_iter().filter(|t| t.is_available != Some(false)).collect())
    }
}

/// Whether a field must be given and nobody else gives it.
fn is_needed(field: &ScreenField) -> bool {
    field.required && !field.has_default_value
}

/// The statuses that can be reached, each by the way that needs least.
fn moves(all: &[Transition]) -> Vec<Move> {
    let mut by_status: BTreeMap<&str, Vec<(String, Vec<String>)>> = BTreeMap::new();
    for transition in all {
        let needs: Vec<(String, Vec<String>)> = transition
            .fields
            .iter()
            .filter(|(_, field)| is_needed(field))
            .map(|(key, field)| (key.clone(), field.values()))
            .collect();
        by_status
            .entry(&transition.to.name)
            .and_modify(|known| {
                if needs.len() < known.len() {
                    known.clone_from(&needs);
                }
            })
            .or_insert(needs);
    }
    by_status.into_iter().map(|(status, needs)| Move { status: status.to_owned(), needs }).collect()
}

/// Chooses the transition and fills its screen.
fn plan(seen: &RemoteItem, change: &StateChange, all: &[Transition]) -> Result<Value, Failure> {
    let leads_there = |t: &&Transition| match (&change.status, change.state) {
        (Some(wanted), _) => t.to.name.to_lowercase() == wanted.to_lowercase(),
        (None, Some(state)) => t.to.is_done() == (state == OpenState::Closed),
        (None, None) => false,
    };
    let mut ways: Vec<&Transition> = all.iter().filter(leads_there).collect();
    if change.status.is_none() && ways.iter().any(|t| t.to.name != ways[0].to.name) {
        let names: Vec<&str> = ways.iter().map(|t| t.to.name.as_str()).collect();
        let words = format!("it can be any of {}; name one in the status mapping", quoted(&names));
        return Err(refuse(words));
    }
    // Of several ways the one whose screen takes the resolution that is given, then the one that wants least.
    ways.sort_by_key(|t| {
        let takes = t.fields.contains_key(RESOLUTION) == change.resolution.is_some();
        (!takes, t.fields.values().filter(|f| is_needed(f)).count())
    });
    let Some(way) = ways.first() else { return Err(no_way(seen, change, all)) };
    let mut body = json!({"transition": {"id": way.id}});
    let resolution = way.fields.get(RESOLUTION).zip(change.resolution.as_deref());
    if let Some((field, wanted)) = resolution {
        let values = field.values();
        let spelt = values.iter().find(|v| v.to_lowercase() == wanted.to_lowercase());
        match spelt {
            Some(name) => body["fields"] = json!({ RESOLUTION: {"name": name} }),
            None if values.is_empty() => body["fields"] = json!({ RESOLUTION: {"name": wanted} }),
            None => {
                let words = format!(
                    "`{wanted}` is not a resolution for {}; possible: {}",
                    way.to.name,
                    quoted(&values)
                );
                return Err(refuse(words).with_help("name one of them as `resolution` in the status mapping"));
            }
        }
    }
    let given = |key: &str| key == RESOLUTION && change.resolution.is_some();
    let missing = way.fields.iter().filter(|(key, field)| is_needed(field) && !given(key));
    let missing: Vec<String> = missing.map(|(key, field)| ask(key, field)).collect();
    if missing.is_empty() {
        return Ok(body);
    }
    Err(refuse(format!("Jira wants more to make it {}: {}", way.to.name, missing.join("; ")))
        .with_help("give it with the move, or make the move in Jira"))
}

/// A field that somebody must fill in, and with what.
fn ask(key: &str, field: &ScreenField) -> String {
    let name = field.name.as_deref().unwrap_or(key);
    match field.values().as_slice() {
        [] => format!("the field `{name}` ({key})"),
        values => format!("the field `{name}` ({key}), one of {}", quoted(values)),
    }
}

fn no_way(seen: &RemoteItem, change: &StateChange, all: &[Transition]) -> Failure {
    let wanted = match (&change.status, change.state) {
        (Some(status), _) => format!("`{status}`"),
        (None, Some(OpenState::Closed)) => "a status that closes it".to_owned(),
        (None, _) => "a status that reopens it".to_owned(),
    };
    let from = seen.state.status.as_deref().unwrap_or("where it is");
    let mut names: Vec<&str> = all.iter().map(|t| t.to.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let possible = if names.is_empty() {
        "nothing is possible from here, or the account may not transition issues".to_owned()
    } else {
        format!("possible: {}", quoted(&names))
    };
    refuse(format!("the workflow leads from `{from}` not to {wanted}; {possible}"))
        .with_help("move it to one of the possible statuses first")
}

fn quoted(names: &[impl AsRef<str>]) -> String {
    let all: Vec<String> = names.iter().map(|n| format!("`{}`", n.as_ref())).collect();
    all.join(", ")
}
