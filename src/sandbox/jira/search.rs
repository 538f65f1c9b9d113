//! Jira's search: the part of JQL a board needs, pages by token on Cloud and by offset at Data Center, and an index that may
//! be behind.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::issue::{Issue, State};
use super::{Asked, Outcome, World, flow, ok, refuse, render, visible};
use crate::sandbox::api::Answer;

/// A query that was understood.
#[derive(Debug, Default)]
struct Query {
    project: Option<&'static str>,
    updated_from: Option<i64>,
    created_from: Option<i64>,
    own: bool,
    status: Option<u64>,
    by_updated: bool,
    descending: bool,
}

impl World {
    pub(super) fn search_cloud(&self, asked: &Asked<'_>) -> Outcome {
        let call = asked.call;
        let query = query(asked)?;
        let named = call.query.iter().filter(|(k, _)| k == "reconcileIssues").map(|(_, v)| v.parse::<u64>());
        let named: Vec<u64> =
            named.collect::<Result<_, _>>().map_err(|_| refuse(400, "reconcileIssues: not a number"))?;
        if named.len() > 50 || named.iter().any(|id| !self.issues.contains_key(id)) {
            return Err(refuse(400, "The reconcileIssues parameter is not valid."));
        }
        let found = self.matching(asked, &query, &named);
        let after = match call.param("nextPageToken") {
            None => None,
            Some(token) => {
                Some(read_token(token).ok_or_else(|| refuse(400, "The nextPageToken is not valid."))?)
            }
        };
        let behind = |(at, id): (i64, u64)| {
            after.is_none_or(
                |(t, last)| if query.descending { (at, id) < (t, last) } else { (at, id) > (t, last) },
            )
        };
        let mut rest = found.into_iter().filter(|(issue, state)| behind(place(&query, issue, state)));
        let most = call.param("maxResults").and_then(|n| n.parse().ok()).unwrap_or(50_usize).min(100);
        let page: Vec<(&Issue, &State)> = rest.by_ref().take(most).collect();
        let last = rest.next().is_none();
        let properties = call.param("properties").is_some();
        let issues: Vec<Value> =
            page.iter().map(|(issue, state)| render::indexed(asked, issue, state, properties)).collect();
        let mut answer = json!({"issues": issues, "isLast": last});
        if let Some((issue, state)) = page.last().filter(|_| !last) {
            answer["nextPageToken"] = json!(token(place(&query, issue, state)));
        }
        Ok(ok(answer))
    }

    pub(super) fn search_server(&self, asked: &Asked<'_>) -> Outcome {
        let query = query(asked)?;
        let found = self.matching(asked, &query, &[]);
        let number =
            |name: &str, or: usize| asked.call.param(name).and_then(|n| n.parse().ok()).unwrap_or(or);
        let (start, most) = (number("startAt", 0), number("maxResults", 50).min(1_000));
        let page = found.iter().skip(start).take(most);
        let issues: Vec<Value> =
            page.map(|(issue, state)| render::indexed(asked, issue, state, false)).collect();
        Ok(ok(json!({"startAt": start, "maxResults": most, "total": found.len(), "issues": issues})))
    }

    /// Everything the query finds, in its order, as the index knows it; the issues named are known as they are.
    fn matching<'w>(
        &'w self,
        asked: &Asked<'_>,
        query: &Query,
        named: &[u64],
    ) -> Vec<(&'w Issue, &'w State)> {
        let behind = self.index_lag_ms.max(asked.call.lag_ms.unwrap_or(0));
        let until = asked.call.now.0.saturating_sub(behind);
        let known = |issue: &'w Issue| {
            if named.contains(&issue.id) { Some(&issue.now) } else { issue.as_indexed(until) }
        };
        let fits = |(issue, state): &(&Issue, &State)| {
            query.project.is_none_or(|p| issue.project == p)
                && query.updated_from.is_none_or(|t| state.updated >= t)
                && query.created_from.is_none_or(|t| issue.created >= t)
                && query.status.is_none_or(|s| state.status == s)
                && (!query.own || issue.creator == asked.login())
        };
        let all = self.issues.values().filter_map(|issue| known(issue).map(|state| (issue, state)));
        let mut found: Vec<(&Issue, &State)> = all.filter(fits).collect();
        found.sort_by_key(|(issue, state)| place(query, issue, state));
        if query.descending {
            found.reverse();
        }
        found
    }
}

/// Reads JQL.
fn query(asked: &Asked<'_>) -> Result<Query, Answer> {
    let jql = asked.call.param("jql").unwrap_or_default();
    let (conditions, order) = jql.split_once(" ORDER BY ").unwrap_or((jql, ""));
    let mut query = Query::default();
    for condition in conditions.split(" AND ").map(str::trim).filter(|c| !c.is_empty()) {
        let words: Vec<&str> = condition.split_whitespace().collect();
        let moment = |text: &str| {
            let wrong = || refuse(400, &format!("Date value '{text}' is invalid."));
            text.parse::<i64>().map_err(|_| wrong())
        };
        match words.as_slice() {
            ["project", "=", name] => {
                let name = name.trim_matches('"');
                let missing =
                    |_| refuse(400, &format!("The value '{name}' does not exist for the field 'project'."));
                query.project = Some(visible(asked, name).map_err(missing)?.1);
            }
            ["updated", ">=", at] => query.updated_from = Some(moment(at)?),
            ["created", ">=", at] => query.created_from = Some(moment(at)?),
            ["creator", "=", "currentUser()"] => query.own = true,
            ["status", "=", ..] => query.status = Some(status(value_of(condition))?),
            // Every issue here is of one type.
            ["issuetype", "=", ..] if value_of(condition) == "Task" => {}
            _ => {
                return Err(refuse(
                    400,
                    &format!("Error in the JQL Query: '{condition}' is not understood."),
                ));
            }
        }
    }
    if query.project.is_none() {
        return Err(refuse(
            400,
            "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.",
        ));
    }
    query.by_updated = order.starts_with("updated");
    query.descending = order.split(',').next().is_some_and(|first| first.ends_with("DESC"));
    Ok(query)
}

/// What stands behind the `=` of a condition, without its quotes.
fn value_of(condition: &str) -> &str {
    condition.split_once('=').map_or("", |(_, value)| value.trim().trim_matches('"'))
}

/// A status by its name, as JQL names it.
fn status(name: &str) -> Result<u64, Answer> {
    let found = flow::STATUSES.iter().find(|s| s.1.eq_ignore_ascii_case(name)).map(|s| s.0);
    found.ok_or_else(|| refuse(400, &format!("The value '{name}' does not exist for the field 'status'.")))
}

fn place(query: &Query, issue: &Issue, state: &State) -> (i64, u64) {
    (if query.by_updated { state.updated } else { issue.created }, issue.id)
}

fn token((at, id): (i64, u64)) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{at}/{id}"))
}

fn read_token(token: &str) -> Option<(i64, u64)> {
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let (at, id) = text.split_once('/')?;
    Some((at.parse().ok()?, id.parse().ok()?))
}
