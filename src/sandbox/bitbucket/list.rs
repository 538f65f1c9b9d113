//! Lists: filtered, sorted, and paged by a `next` that the answer carries.

use chrono::DateTime;
use serde_json::{Value, json};

use super::answer::{self, ok, refused, root};
use super::{Pull, Repository};
use crate::sandbox::accounts::Role;
use crate::sandbox::api::{Answer, Call};

/// The states a list can be asked for.
const STATES: [&str; 4] = ["OPEN", "MERGED", "DECLINED", "SUPERSEDED"];

/// What `q` asks of `updated_on`.
#[derive(Debug, Clone, Copy)]
struct Since {
    ms: i64,
    inclusive: bool,
}

/// The repositories in which the caller has a role, of those that `q` names.
pub(super) fn repositories(call: &Call, all: &[Repository]) -> Answer {
    let least = match call.param("role") {
        Some("member") => Role::Read,
        Some("contributor") => Role::Write,
        Some("admin") => Role::Admin,
        other => return refused(400, &format!("Invalid role: {}", other.unwrap_or_default())),
    };
    let named = call.param("q").and_then(|q| q.strip_prefix("full_name=\"")?.strip_suffix('"'));
    let fits = |r: &&Repository| call.role() >= least && named.is_none_or(|n| r.full_name == n);
    let values: Vec<Value> = all.iter().filter(fits).map(|r| answer::repository(call, r)).collect();
    ok(&json!({"pagelen": 10, "size": values.len(), "page": 1, "values": values}))
}

/// Pull requests: the open ones, unless states are named.
pub(super) fn pull_requests(call: &Call, repository: &Repository) -> Answer {
    let mut states: Vec<&str> =
        call.query.iter().filter(|(name, _)| name == "state").map(|(_, value)| value.as_str()).collect();
    if states.is_empty() {
        states.push("OPEN");
    }
    if let Some(unknown) = states.iter().find(|s| !STATES.contains(s)) {
        return refused(400, &format!("Invalid state: {unknown}"));
    }
    let since = match call.param("q").map(query).transpose() {
        Ok(since) => since,
        Err(why) => return refused(400, &why),
    };
    let fits = |pull: &&Pull| {
        let late = since.is_none_or(|s| if s.inclusive { pull.updated >= s.ms } else { pull.updated > s.ms });
        let old = call.lag_ms.is_none_or(|lag| pull.created <= call.now.0 - lag);
        states.contains(&pull.state) && late && old
    };
    let mut found: Vec<&Pull> = repository.pulls.values().filter(fits).collect();
    let sort = call.param("sort").unwrap_or("-created_on");
    let (descending, key) = sort.strip_prefix('-').map_or((false, sort), |key| (true, key));
    match key {
        "updated_on" => found.sort_by_key(|p| (p.updated, p.number)),
        "created_on" => found.sort_by_key(|p| (p.created, p.number)),
        "id" => found.sort_by_key(|p| p.number),
        other => return refused(400, &format!("Invalid field name: {other}")),
    }
    if descending {
        found.reverse();
    }
    let values = found.iter().map(|p| answer::pull(call, repository, p.number, false)).collect();
    page(call, &format!("{}/pullrequests", repository.full_name), values, 50)
}

/// Comments, oldest first.
pub(super) fn comments(call: &Call, repository: &Repository, number: u64) -> Answer {
    let said = repository.pulls.get(&number).map(|p| p.comments.as_slice()).unwrap_or_default();
    let values = said.iter().map(answer::comment).collect();
    page(call, &format!("{}/pullrequests/{number}/comments", repository.full_name), values, 100)
}

fn page(call: &Call, path: &str, values: Vec<Value>, most: usize) -> Answer {
    let number = |name: &str, or: usize| call.param(name).map_or(Some(or), |text| text.parse().ok());
    let (Some(length), Some(page)) = (number("pagelen", 10), number("page", 1)) else {
        return refused(400, "Invalid page");
    };
    if length == 0 || length > most || page == 0 {
        return refused(400, "Invalid pagelen");
    }
    let size = values.len();
    let here: Vec<Value> = values.into_iter().skip((page - 1) * length).take(length).collect();
    let mut body = json!({"values": here, "pagelen": length, "size": size, "page": page});
    if page * length < size {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(call.query.iter().filter(|(name, _)| name != "page"));
        query.append_pair("page", &(page + 1).to_string());
        body["next"] = json!(format!("{}/repositories/{path}?{}", root(call), query.finish()));
    }
    ok(&body)
}

/// The part of Bitbucket's query language that is understood: `updated_on>"TIME"` and `updated_on>="TIME"`.
fn query(text: &str) -> Result<Since, String> {
    let wrong = || format!("Invalid query: {text}");
    let rest = text.trim().strip_prefix("updated_on").ok_or_else(wrong)?.trim_start();
    let (inclusive, rest) = match rest.strip_prefix(">=") {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix('>').ok_or_else(wrong)?),
    };
    let quoted = rest.trim().strip_prefix('"').and_then(|r| r.strip_suffix('"')).ok_or_else(wrong)?;
    let at = DateTime::parse_from_rfc3339(quoted).map_err(|_| wrong())?;
    Ok(Since { ms: at.timestamp_millis(), inclusive })
}
