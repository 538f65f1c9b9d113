//! Over several transitions to a status that one does not reach, where the connection's `multi_hop` allows it.
//!
//! Jira tells only the transitions of an issue's present status. What leads on from another status is learned from
//! another issue of the same type that is in it, before anything is sent; each step is then looked at anew.

use std::collections::{BTreeMap, VecDeque};

use reqwest::Method;
use serde_json::Value;

use super::JiraConnector;
use super::classify::About;
use super::moves::{fill, no_way, quoted};
use super::wire::{Found, Transition, Transitions};
use crate::connector::http::{Priority, WORDS_MAX};
use crate::connector::{Asks, Failure, Need, Outcome, RemoteItem};
use crate::domain::mapping::{PlatformState, StateChange};

/// The most transitions one move makes.
const STEPS: usize = 6;
/// How many statuses are looked into for one way.
const LOOKS: usize = 16;

/// A way over transitions: what is sent first, and the statuses one after the other.
#[derive(Debug)]
pub(super) struct Route {
    /// The first transition, as it is sent.
    pub(super) first: Value,
    /// The status it leads to, and those after it; empty when it is the only one.
    pub(super) over: Vec<String>,
}

impl JiraConnector {
    /// The shortest way to a status that no transition of the issue leads to. Everything the steps want is asked for
    /// together, before the first is made.
    pub(super) async fn route(
        &self,
        seen: &RemoteItem,
        change: &StateChange,
        wanted: &str,
        here: Vec<Transition>,
    ) -> Result<Route, Failure> {
        let from = seen.state.status.as_deref().unwrap_or_default();
        let refused = no_way(seen, change, &here);
        let Some(steps) = self.steps(seen, from, wanted, here).await? else { return Err(refused) };
        let mut needs: Vec<Need> = Vec::new();
        let mut bodies = Vec::new();
        for step in &steps {
            match fill(step, change, self.api.is_cloud()) {
                Ok(body) => bodies.push(body),
                Err(failure) => {
                    let Some(asks) = failure.asks else { return Err(failure) };
                    let new = |n: &Need| !needs.iter().any(|known| known.key == n.key);
                    let more: Vec<Need> = asks.needs.into_iter().filter(new).collect();
                    needs.extend(more);
                }
            }
        }
        let names: Vec<&str> = steps.iter().map(|s| s.to.name.as_str()).collect();
        if !needs.is_empty() {
            let asks = Asks { status: wanted.to_owned(), needs };
            let words = format!("Jira wants more on the way over {}: {}", quoted(&names), asks.names());
            return Err(Failure { asks: Some(Box::new(asks)), ..super::client::refuse(words) });
        }
        let over = names.iter().map(|name| (*name).to_owned()).collect();
        Ok(Route { first: bodies.into_iter().next().unwrap_or_default(), over })
    }

    /// The transitions of the shortest way, found breadth first.
    async fn steps(
        &self,
        seen: &RemoteItem,
        from: &str,
        wanted: &str,
        here: Vec<Transition>,
    ) -> Result<Option<Vec<Transition>>, Failure> {
        let wanted = wanted.to_lowercase();
        let mut ways: BTreeMap<String, Vec<Transition>> = [(from.to_lowercase(), Vec::new())].into();
        let mut open: VecDeque<(String, Vec<Transition>)> = [(from.to_lowercase(), here)].into();
        let mut looks = 0;
        while let Some((at, transitions)) = open.pop_front() {
            let so_far = ways.get(&at).cloned().unwrap_or_default();
            for transition in transitions {
                let next = transition.to.name.to_lowercase();
                if ways.contains_key(&next) || so_far.len() >= STEPS {
                    continue;
                }
                let mut way = so_far.clone();
                let name = transition.to.name.clone();
                way.push(transition);
                if next == wanted {
                    return Ok(Some(way));
                }
                ways.insert(next.clone(), way);
                if looks < LOOKS {
                    looks += 1;
                    open.push_back((next, self.leads_from(seen, &name).await?));
                }
            }
        }
        Ok(None)
    }

    /// Where issues of the same type can go from a status, as one that is in it shows; nothing when none is.
    async fn leads_from(&self, seen: &RemoteItem, status: &str) -> Result<Vec<Transition>, Failure> {
        let kind =
            seen.kind.as_deref().map(|k| format!(" AND issuetype = {}", worded(k))).unwrap_or_default();
        let jql = format!(
            "project = \"{}\" AND status = {}{kind} ORDER BY updated DESC",
            self.api.project(),
            worded(status)
        );
        let query = [("jql", jql.as_str()), ("fields", "status"), ("maxResults", "1")];
        let parts: &[&str] = if self.api.is_cloud() { &["search", "jql"] } else { &["search"] };
        let url = self.api.url(parts, &query);
        let reply = self.api.read(url, Priority::Interactive, About::Container).await?;
        let found: Found = self.api.decode(&reply, About::Container)?;
        let id = found.issues.first().and_then(|issue| issue.get("id")).and_then(Value::as_str);
        let Some(id) = id.filter(|id| !id.is_empty() && id.chars().all(|c| c.is_ascii_digit())) else {
            return Ok(Vec::new());
        };
        let url = self.api.url(&["issue", id, "transitions"], &[("expand", "transitions.fields")]);
        let all: Transitions = self.api.get(url, About::Item).await?;
        Ok(all.transitions.into_iter().filter(|t| t.is_available != Some(false)).collect())
    }

    /// Goes on over the rest of a route, each step looked at anew. Where it cannot go on it says where it stopped: the
    /// card then shows what Jira holds.
    pub(super) async fn go_on(
        &self,
        seen: &RemoteItem,
        change: &StateChange,
        over: &[String],
    ) -> Result<(), Failure> {
        for (at, next) in over.iter().zip(over.iter().skip(1)) {
            if let Err(failure) = self.step(seen, change, at, next).await {
                let target = over.last().map_or("", String::as_str);
                let message = format!("it stopped at `{at}` on its way to `{target}`: {}", failure.message);
                let message = crate::support::text::clip(&message, WORDS_MAX);
                return Err(Failure { message, asks: None, outcome: Outcome::Unknown, ..failure });
            }
        }
        Ok(())
    }

    async fn step(
        &self,
        seen: &RemoteItem,
        change: &StateChange,
        at: &str,
        next: &str,
    ) -> Result<(), Failure> {
        let all = self.transitions(&seen.at).await?;
        let leads = |t: &&Transition| t.to.name.to_lowercase() == next.to_lowercase();
        let Some(way) = all.iter().find(leads) else {
            let to = StateChange { status: Some(next.to_owned()), ..StateChange::default() };
            let state = PlatformState { status: Some(at.to_owned()), ..PlatformState::default() };
            return Err(no_way(&RemoteItem { state, ..seen.clone() }, &to, &all));
        };
        let body = fill(way, change, self.api.is_cloud())?;
        let url = self.api.at(&seen.at, &["transitions"], &[]);
        self.api.write(Method::POST, url, body, About::Item).await?;
        Ok(())
    }
}

/// A word as JQL reads it.
fn worded(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
