//! Lists: which issues, in which order, and how a page leads to the next. Says nothing about what an issue looks like.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE;
use serde_json::{Value, json};

use super::answer;
use super::{GitlabPaging, Issue, World, further, render};
use crate::sandbox::api::{Answer, Call};

const MOST_PER_PAGE: usize = 100;
const DEFAULT_PER_PAGE: usize = 20;
/// Lists longer than this do not say how long they are.
const MOST_COUNTED: usize = 10_000;
/// How far into a list numbered pages reach.
const MOST_OFFSET: usize = 50_000;
const ORDERS: [&str; 10] = [
    "created_at",
    "due_date",
    "label_priority",
    "milestone_due",
    "popularity",
    "priority",
    "relative_position",
    "title",
    "updated_at",
    "weight",
];

type Outcome = Result<Answer, Answer>;

/// A moment in a query; 400 when it is none.
fn moment(call: &Call, name: &str) -> Result<Option<i64>, Answer> {
    let Some(text) = call.param(name) else { return Ok(None) };
    let at = chrono::DateTime::parse_from_rfc3339(text);
    at.map(|at| Some(at.timestamp_millis())).map_err(|_| answer::invalid(&format!("{name} is invalid")))
}

/// One of the words a parameter takes.
fn word<'a>(call: &'a Call, name: &str, all: &[&str], or: &'a str) -> Result<&'a str, Answer> {
    let word = call.param(name).unwrap_or(or);
    if all.contains(&word) {
        return Ok(word);
    }
    Err(answer::invalid(&format!("{name} does not have a valid value")))
}

fn per_page(call: &Call) -> usize {
    let asked = call.param("per_page").and_then(|n| n.parse::<usize>().ok()).filter(|n| *n > 0);
    asked.map_or(DEFAULT_PER_PAGE, |n| n.min(MOST_PER_PAGE))
}

/// `GET projects/:id/issues`.
pub(super) fn issues(world: &World, call: &Call, root: &str, at: usize) -> Outcome {
    let order = word(call, "order_by", &ORDERS, "created_at")?;
    let descending = word(call, "sort", &["asc", "desc"], "desc")? == "desc";
    let state = word(call, "state", &["opened", "closed", "all"], "all")?;
    word(call, "scope", &["created_by_me", "assigned_to_me", "all"], "all")?;
    let (after, created) = (moment(call, "updated_after")?, moment(call, "created_after")?);
    let fits = |issue: &&Issue| {
        further::is_seen(issue, call)
            && (state == "all" || (state == "opened") == issue.open)
            && after.is_none_or(|t| issue.updated >= t)
            && created.is_none_or(|t| issue.created >= t)
            && call.param("author_username").is_none_or(|login| issue.author == login)
            && call.lag_ms.is_none_or(|lag| issue.created <= call.now.0 - lag)
    };
    let key = |issue: &Issue| (if order == "updated_at" { issue.updated } else { issue.created }, issue.id);
    let mut found: Vec<&Issue> = world.projects[at].issues.values().filter(fits).collect();
    found.sort_by_key(|issue| key(issue));
    if descending {
        found.reverse();
    }
    let show = |issue: &&Issue| render::issue(world, root, at, issue);
    if call.param("pagination") != Some("keyset") || world.paging == GitlabPaging::Ignored {
        return numbered(call, root, found.len(), |range| found[range].iter().map(show).collect());
    }
    if world.paging == GitlabPaging::Refused {
        let why = "Keyset pagination is not yet available for this type of request";
        return Err(answer::json(405, &json!({"error": why})));
    }
    if let Some(cursor) = call.param("cursor") {
        let last = read_cursor(cursor).ok_or_else(|| answer::invalid("cursor is invalid"))?;
        found.retain(|issue| if descending { key(issue) < last } else { key(issue) > last });
    }
    let more = found.len() > per_page(call);
    found.truncate(per_page(call));
    let next = found.last().filter(|_| more).map(|issue| write_cursor(key(issue)));
    let mut page = answer::json(200, &page(call, found.iter().map(show).collect()));
    page = page.header("x-per-page", per_page(call).to_string());
    if let Some(cursor) = next {
        page = page.header("link", format!("<{}>; rel=\"next\"", address(call, root, "cursor", &cursor)));
    }
    Ok(page)
}

/// What is on a page; a scripted fault shows everything twice.
fn page(call: &Call, mut items: Vec<Value>) -> Value {
    if call.doubled {
        let again: Vec<Value> = items.iter().rev().cloned().collect();
        items.splice(0..0, again);
    }
    Value::Array(items)
}

fn write_cursor((at, id): (i64, u64)) -> String {
    BASE64_URL_SAFE.encode(json!({"at": at, "id": id, "_kd": "n"}).to_string())
}

fn read_cursor(cursor: &str) -> Option<(i64, u64)> {
    let json: Value = serde_json::from_slice(&BASE64_URL_SAFE.decode(cursor).ok()?).ok()?;
    Some((json["at"].as_i64()?, json["id"].as_u64()?))
}

/// The address of another page: GitLab repeats every parameter, the project's id among them.
fn address(call: &Call, root: &str, name: &str, value: &str) -> String {
    let path = call.path.strip_prefix("/gitlab").unwrap_or(&call.path);
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair(name, value);
    if let Some(id) = call.segments.get(4) {
        query.append_pair("id", id);
    }
    query.extend_pairs(call.query.iter().filter(|(n, _)| n != name && n != "id"));
    format!("{root}{path}?{}", query.finish())
}

/// A page of all there is of something.
pub(super) fn values(call: &Call, root: &str, all: &[Value]) -> Outcome {
    numbered(call, root, all.len(), |range| all[range].to_vec())
}

/// A page by its number.
fn numbered(
    call: &Call,
    root: &str,
    total: usize,
    show: impl FnOnce(std::ops::Range<usize>) -> Vec<Value>,
) -> Outcome {
    let number = call.param("page").and_then(|n| n.parse::<usize>().ok()).filter(|n| *n > 0).unwrap_or(1);
    let size = per_page(call);
    let start = (number - 1).saturating_mul(size);
    if start >= MOST_OFFSET {
        let why = format!(
            "Offset pagination has a maximum allowed offset of {MOST_OFFSET} for requests that return objects of type Issue."
        );
        return Err(answer::json(405, &json!({"error": why})));
    }
    let range = start.min(total)..(start + size).min(total);
    let (last, counted) = (total.div_ceil(size).max(1), total <= MOST_COUNTED);
    let mut links = Vec::new();
    let mut link = |n: usize, rel: &str| {
        links.push(format!("<{}>; rel=\"{rel}\"", address(call, root, "page", &n.to_string())));
    };
    if number > 1 {
        link(number - 1, "prev");
    }
    if number < last {
        link(number + 1, "next");
    }
    link(1, "first");
    if counted {
        link(last, "last");
    }
    let other = |n: usize, there: bool| if there { n.to_string() } else { String::new() };
    let mut answer = answer::json(200, &page(call, show(range)))
        .header("link", links.join(", "))
        .header("x-page", number.to_string())
        .header("x-per-page", size.to_string())
        .header("x-next-page", other(number + 1, number < last))
        .header("x-prev-page", other(number.saturating_sub(1), number > 1));
    if counted {
        answer = answer.header("x-total", total.to_string()).header("x-total-pages", last.to_string());
    }
    Ok(answer)
}
