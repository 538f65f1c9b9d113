//! Statuses and how to get to them: a workflow lets an issue go only where a transition leads from here, and some
//! transitions want fields filled in. What cannot be done is refused before anything is sent.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::JiraConnector;
use super::classify::About;
use super::client::refuse;
use super::hops::Route;
use super::screen::Filled;
use super::wire::{Transition, Transitions};
use crate::connector::{Asks, Failure, Move, Need, RemoteItem, RemoteRef};
use crate::domain::mapping::{OpenState, StateChange};
use crate::domain::moves::RESOLUTION;

impl JiraConnector {
    /// Where the issue can go now, and what each way needs.
    pub(super) async fn list_moves(&self, at: &RemoteRef) -> Result<Option<Vec<Move>>, Failure> {
        Ok(Some(moves(&self.transitions(at).await?)))
    }

    /// The transitions that carry out `change`, the first as it is sent; `None` where the status stays.
    pub(super) async fn planned_move(
        &self,
        seen: &RemoteItem,
        change: &StateChange,
    ) -> Result<Option<Route>, Failure> {
        if change.status.is_none() && change.state.is_none() {
            return Ok(None);
        }
        let all = self.transitions(&seen.at).await?;
        let leads_to = |wanted: &str| all.iter().any(|t| t.to.name.to_lowercase() == wanted.to_lowercase());
        if let Some(wanted) = change.status.as_deref().filter(|wanted| self.hops && !leads_to(wanted)) {
            return self.route(seen, change, wanted, all).await.map(Some);
        }
        let first = plan(seen, change, &all, self.api.is_cloud())?;
        Ok(Some(Route { first, over: Vec::new() }))
    }

    pub(super) async fn transitions(&self, at: &RemoteRef) -> Result<Vec<Transition>, Failure> {
        let url = self.api.at(at, &["transitions"], &[("expand", "transitions.fields")]);
        let all: Transitions = self.api.get(url, About::Item).await?;
        Ok(all.transitions.into_iter().filter(|t| t.is_available != Some(false)).collect())
    }
}

/// The statuses that can be reached, each by the way that needs least.
fn moves(all: &[Transition]) -> Vec<Move> {
    let mut by_status: BTreeMap<&str, Move> = BTreeMap::new();
    for transition in all {
        let needed = transition.fields.iter().filter(|(_, field)| field.is_needed());
        let needs: Vec<Need> = needed.map(|(key, field)| field.need(key)).collect();
        let (status, closes) = (transition.to.name.clone(), Some(transition.to.is_done()));
        let found = by_status.get(transition.to.name.as_str());
        if found.is_none_or(|known| needs.len() < known.needs.len()) {
            by_status.insert(&transition.to.name, Move { status, closes, needs });
        }
    }
    by_status.into_values().collect()
}

/// Chooses the transition and fills its screen.
fn plan(seen: &RemoteItem, change: &StateChange, all: &[Transition], cloud: bool) -> Result<Value, Failure> {
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
    let resolved = change.resolution.is_some() || change.given.keys().any(|k| k.to_lowercase() == RESOLUTION);
    ways.sort_by_key(|t| {
        let takes = t.fields.contains_key(RESOLUTION) == resolved;
        (!takes, t.fields.values().filter(|f| f.is_needed()).count())
    });
    let Some(way) = ways.first() else { return Err(no_way(seen, change, all)) };
    fill(way, change, cloud)
}

/// A transition with its screen filled in by what was given; what is missing is asked for.
pub(super) fn fill(way: &Transition, change: &StateChange, cloud: bool) -> Result<Value, Failure> {
    let (mut filled, mut missing, mut wrong) = (Filled::default(), Vec::new(), Vec::new());
    for (key, field) in &way.fields {
        let need = field.need(key);
        let mapped = change.resolution.as_deref().filter(|_| key == RESOLUTION);
        match need.given(&change.given).or(mapped) {
            Some(text) if filled.fill(key, field, text, cloud) => {}
            Some(text) => {
                wrong.push(unfit(text, &need, &way.to.name));
                missing.push(need);
            }
            None if field.is_needed() && !field.can_be_told() => {
                let words = format!("Jira wants the field `{}` to make it {}", need.name, way.to.name);
                return Err(refuse(words).with_help("it can be given in Jira alone: make the move there"));
            }
            None if field.is_needed() => missing.push(need),
            None => {}
        }
    }
    if missing.is_empty() {
        let mut body = json!({"transition": {"id": way.id}});
        filled.put_into(&mut body);
        return Ok(body);
    }
    let wanted: Vec<String> = missing.iter().map(ask).collect();
    let words = match wrong.as_slice() {
        [] => format!("Jira wants more to make it {}: {}", way.to.name, wanted.join("; ")),
        wrong => wrong.join("; "),
    };
    let help = "give it with the move, name a resolution in the status mapping, or make the move in Jira";
    let asks = Asks { status: way.to.name.clone(), needs: missing };
    Err(Failure { asks: Some(Box::new(asks)), ..refuse(words).with_help(help) })
}

/// Why a value was not taken.
fn unfit(text: &str, need: &Need, status: &str) -> String {
    let what = if need.key == RESOLUTION { "resolution" } else { need.name.as_str() };
    match need.values.as_slice() {
        [] => format!("`{text}` is no value of `{what}`"),
        values => format!("`{text}` is not a {what} for {status}; possible: {}", quoted(values)),
    }
}

/// A field that somebody must fill in, and with what.
fn ask(need: &Need) -> String {
    let Need { key, name, values } = need;
    match values.as_slice() {
        [] => format!("the field `{name}` ({key})"),
        values => format!("the field `{name}` ({key}), one of {}", quoted(values)),
    }
}

pub(super) fn no_way(seen: &RemoteItem, change: &StateChange, all: &[Transition]) -> Failure {
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

pub(super) fn quoted(names: &[impl AsRef<str>]) -> String {
    let all: Vec<String> = names.iter().map(|n| format!("`{}`", n.as_ref())).collect();
    all.join(", ")
}
