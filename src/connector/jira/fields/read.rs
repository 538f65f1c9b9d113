//! What an issue holds in a field, as a card holds it. Pure; what cannot be read is not taken for empty.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde_json::Value as Json;

use super::catalogue::{By, Kind};
use crate::connector::jira::adf;
use crate::domain::fields::{Value, canonical_body};

/// The value of a field of this kind; `None` when it cannot be read.
pub(in crate::connector::jira) fn value(kind: Kind, json: &Json) -> Option<Value> {
    if json.is_null() {
        return Some(Value::None);
    }
    match kind {
        Kind::Text => json.as_str().map(text),
        Kind::Prose => match json {
            Json::String(prose) => Some(text(&canonical_body(prose))),
            Json::Object(_) => Some(text(&canonical_body(&adf::markdown(json)))),
            _ => None,
        },
        Kind::Number => json.as_number().and_then(number).map(Value::Text),
        Kind::Date => json.as_str()?.parse::<NaiveDate>().ok().map(|day| Value::Text(day.to_string())),
        Kind::Moment => {
            moment(json.as_str()?).map(|at| Value::Text(at.to_rfc3339_opts(SecondsFormat::AutoSi, true)))
        }
        Kind::One(by) => name(by, json).map(|name| text(&name)),
        Kind::Many(by) => many(json, |one| name(by, one)),
        Kind::Words => many(json, |one| one.as_str().map(str::to_owned)),
        Kind::Sprint => sprints(json),
        Kind::Issue => json.as_str().or_else(|| json.get("key")?.as_str()).map(text),
        Kind::Other => other(json).map(|words| text(&words)),
    }
}

fn text(text: &str) -> Value {
    if text.is_empty() { Value::None } else { Value::Text(text.to_owned()) }
}

/// A number in its shortest decimal form.
pub(super) fn number(number: &serde_json::Number) -> Option<String> {
    if let Some(whole) = number.as_i64() {
        return Some(whole.to_string());
    }
    // Zero with a sign is zero.
    let value = number.as_f64().filter(|n| n.is_finite())?;
    Some(if value == 0.0 { "0".to_owned() } else { value.to_string() })
}

/// Jira writes `2020-12-03T14:05:20.974+0100`, without a colon in the offset; it takes and we read both.
pub(super) fn moment(text: &str) -> Option<DateTime<Utc>> {
    let read = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .ok()?;
    // A year that RFC 3339 cannot write is none.
    (0..=9_999).contains(&chrono::Datelike::year(&read.to_utc())).then(|| read.to_utc())
}

fn name(by: By, json: &Json) -> Option<String> {
    let words: &[&str] = match by {
        By::Person => &["accountId", "name"],
        By::Name | By::Value => &["value", "name"],
    };
    let named = words.iter().find_map(|word| json.get(word)?.as_str());
    named.or_else(|| json.as_str()).filter(|name| !name.is_empty()).map(str::to_owned)
}

fn many(json: &Json, name: impl Fn(&Json) -> Option<String>) -> Option<Value> {
    let all = json.as_array()?;
    let names: std::collections::BTreeSet<String> =
        all.iter().filter_map(name).filter(|name| !name.is_empty()).collect();
    Some(if names.is_empty() { Value::None } else { Value::Set(names) })
}

/// The sprints by name, the closed ones first and the active one last.
fn sprints(json: &Json) -> Option<Value> {
    let mut all: Vec<(u8, String)> = json.as_array()?.iter().filter_map(sprint).collect();
    all.sort_by_key(|(place, _)| *place);
    let names: Vec<String> = all.into_iter().map(|(_, name)| name).collect();
    Some(text(&names.join(", ")))
}

/// A sprint's place and name. Data Center writes `..Sprint@1f[id=7,state=ACTIVE,name=Sprint 7,startDate=..]`.
fn sprint(json: &Json) -> Option<(u8, String)> {
    let (state, name) = if let Some(text) = json.as_str() {
        let inside = text.split_once('[')?.1;
        let part = |name: &str| {
            let start = inside.find(name)? + name.len();
            inside.get(start..)
        };
        let name = part("name=")?;
        // A name may hold a comma; what follows it in the list is one of these.
        let ends = [",startDate=", ",goal=", ",endDate=", "]"];
        let end = ends.iter().filter_map(|end| name.find(end)).min().unwrap_or(name.len());
        let state = part("state=").and_then(|s| s.split(',').next()).unwrap_or_default();
        (state.to_lowercase(), name[..end].trim().to_owned())
    } else {
        let state = json.get("state").and_then(Json::as_str).unwrap_or_default();
        (state.to_lowercase(), json.get("name")?.as_str()?.trim().to_owned())
    };
    let place = match state.as_str() {
        "closed" => 0,
        "active" => 2,
        _ => 1,
    };
    (!name.is_empty()).then_some((place, name))
}

/// Whatever has a name: `Area / Part` of an option below an option, the names of a list.
fn other(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(n) => number(n),
        Json::Bool(yes) => Some(yes.to_string()),
        Json::Array(all) => {
            let names: Option<Vec<String>> =
                all.iter().map(|one| if one.is_array() { None } else { other(one) }).collect();
            names.map(|names| names.join(", "))
        }
        Json::Object(_) => {
            let words = ["value", "name", "displayName", "title", "key"];
            let named = words.iter().find_map(|word| json.get(word)?.as_str())?;
            let below = json.get("child").and_then(|child| child.get("value")).and_then(Json::as_str);
            Some(below.map_or_else(|| named.to_owned(), |below| format!("{named} / {below}")))
        }
        Json::Null => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(kind: Kind, json: &Json) -> Option<String> {
        value(kind, json).map(|v| v.to_string())
    }

    #[test]
    fn every_kind_of_value_reads_as_people_say_it() {
        let person = json!({"accountId": "712020:3f2a", "displayName": "Ana"});
        for (kind, value, expected) in [
            (Kind::Number, json!(13.0), "13"),
            (Kind::Number, json!(0.5), "0.5"),
            (Kind::Number, json!(-0.0), "0"),
            (Kind::Date, json!("2026-12-01"), "2026-12-01"),
            (Kind::Moment, json!("2020-12-03T14:05:20.974+0100"), "2020-12-03T13:05:20.974Z"),
            (Kind::Moment, json!("2020-12-03T14:05:00.000+0000"), "2020-12-03T14:05:00Z"),
            (Kind::One(By::Name), json!({"id": "2", "name": "High"}), "High"),
            (Kind::One(By::Value), json!({"id": "1", "value": "Major"}), "Major"),
            (Kind::One(By::Person), person, "712020:3f2a"),
            (Kind::One(By::Person), json!({"name": "ana", "key": "JIRAUSER1"}), "ana"),
            (Kind::Many(By::Name), json!([{"name": "web"}, {"name": "api"}]), "api, web"),
            (Kind::Words, json!(["x", "a"]), "a, x"),
            (Kind::Issue, json!({"id": "1", "key": "ABC-7"}), "ABC-7"),
            (Kind::Issue, json!("ABC-7"), "ABC-7"),
            (Kind::Other, json!({"value": "Area", "child": {"value": "Part"}}), "Area / Part"),
            (Kind::Text, json!(""), "none"),
            (Kind::Many(By::Value), json!([]), "none"),
            (Kind::Prose, adf::document("one\n\n- two", None).document, "one\n\n- two"),
        ] {
            assert_eq!(shown(kind, &value).as_deref(), Some(expected), "{kind:?} {value}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_taken_for_empty() {
        for (kind, odd) in [
            (Kind::Number, json!("3")),
            (Kind::Date, json!("2026-02-30")),
            (Kind::Moment, json!("soon")),
            (Kind::One(By::Name), json!({"id": "2"})),
            (Kind::Many(By::Name), json!({"name": "web"})),
            (Kind::Text, json!({})),
            (Kind::Other, json!({"progress": 3})),
        ] {
            assert_eq!(value(kind, &odd), None, "{kind:?} {odd}");
        }
    }

    #[test]
    fn the_active_sprint_comes_last_in_both_ways_jira_writes_sprints() {
        let cloud = json!([
            {"id": 3, "name": "Sprint 3", "state": "active"}, {"id": 4, "name": "Sprint 4", "state": "future"},
            {"id": 2, "name": "Sprint 2, again", "state": "closed"},
        ]);
        assert_eq!(shown(Kind::Sprint, &cloud).as_deref(), Some("Sprint 2, again, Sprint 4, Sprint 3"));
        let text = |state: &str, name: &str| {
            format!(
                "com.atlassian.greenhopper.service.sprint.Sprint@1bf75fd[id=1,rapidViewId=1,state={state},name={name},\
                 startDate=2016-06-06T21:30:53.537+10:00,endDate=<null>,completeDate=<null>,sequence=1]"
            )
        };
        let server = json!([text("ACTIVE", "Sprint 3"), text("CLOSED", "Sprint 2, again")]);
        assert_eq!(shown(Kind::Sprint, &server).as_deref(), Some("Sprint 2, again, Sprint 3"));
        assert_eq!(shown(Kind::Sprint, &json!([])).as_deref(), Some("none"));
    }
}
