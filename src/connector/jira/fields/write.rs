//! A card's value as a request gives it to Jira, checked against the screen of the issue. Pure.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde_json::{Value as Json, json};

use super::catalogue::{By, Kind, Known};
use super::read;
use super::shape::OnScreen;
use crate::connector::Failure;
use crate::connector::jira::client::refuse;
use crate::domain::fields::{SetDelta, Value};

/// How many values a refusal names.
const NAMED_MAX: usize = 20;

/// What is sent for a field.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::connector::jira) enum Sent {
    /// The whole value.
    Whole(Json),
    /// Single steps, so that what somebody else adds or removes meanwhile stays so.
    Steps(Vec<Json>),
}

/// What is sent to give `field` this value, where it is `on` the screen; `seen` is what it holds.
///
/// # Errors
/// It is only read, or takes another kind of value; the words name the field and what it takes.
pub(in crate::connector::jira) fn sent(
    field: &Known,
    on: &OnScreen,
    seen: Option<&Value>,
    value: &Value,
    cloud: bool,
) -> Result<Sent, Failure> {
    settable(field)?;
    if value.is_empty() && on.required {
        return Err(refuse(format!("Jira wants a value in {}", field.shown())).with_help("give it a value"));
    }
    let steps = ["add", "remove"].iter().all(|step| on.operations.iter().any(|o| o == step));
    match (field.kind, seen) {
        (Kind::Many(_) | Kind::Words, Some(seen)) if steps => {
            let delta = SetDelta::between(&names(seen), &names(value));
            let add = delta.add.iter().map(|name| Ok(json!({"add": member(field, on, name, cloud)?})));
            // What is taken off need not be among the values that can be given any more.
            let remove = delta.remove.iter().map(|name| {
                let known = member(field, on, name, cloud).unwrap_or_else(|_| bare(field.kind, name, cloud));
                Ok(json!({"remove": known}))
            });
            add.chain(remove).collect::<Result<Vec<Json>, Failure>>().map(Sent::Steps)
        }
        (Kind::Many(_) | Kind::Words, _) => {
            let all = names(value).into_iter().map(|name| member(field, on, &name, cloud));
            all.collect::<Result<Vec<Json>, Failure>>().map(|all| Sent::Whole(json!(all)))
        }
        _ if value.is_empty() => Ok(Sent::Whole(Json::Null)),
        _ => single(field, on, value, cloud).map(Sent::Whole),
    }
}

/// Whether an edit may set it at all.
pub(in crate::connector::jira) fn settable(field: &Known) -> Result<(), Failure> {
    if field.writable {
        return Ok(());
    }
    let words = format!("Jira's field {} is only read", field.shown());
    Err(refuse(words).with_help("change it in Jira"))
}

fn single(field: &Known, on: &OnScreen, value: &Value, cloud: bool) -> Result<Json, Failure> {
    let Some(text) = value.as_text() else {
        return Err(refuse(format!("{} holds one value, and these are `{value}`", field.shown())));
    };
    let wrong = |what: &str| Err(refuse(format!("`{text}` is no {what} for {}", field.shown())));
    let trimmed = text.trim();
    match field.kind {
        Kind::Number => match trimmed.parse::<f64>() {
            Ok(n) if n.is_finite() => {
                Ok(trimmed.parse::<i64>().map_or_else(|_| json!(n), |whole| json!(whole)))
            }
            _ => wrong("number"),
        },
        Kind::Date => match trimmed.parse::<NaiveDate>() {
            Ok(day) => Ok(json!(day.to_string())),
            Err(_) => wrong("day (such as 2026-11-30)"),
        },
        Kind::Moment => match read::moment(trimmed) {
            Some(at) => Ok(json!(at.format("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string())),
            None => wrong("moment (such as 2026-11-30T09:00:00Z)"),
        },
        Kind::One(_) => member(field, on, trimmed, cloud),
        _ => Ok(json!(text)),
    }
}

/// One thing of a list, by its id where the screen tells it.
fn member(field: &Known, on: &OnScreen, name: &str, cloud: bool) -> Result<Json, Failure> {
    let allowed = match field.kind {
        Kind::One(By::Name | By::Value) | Kind::Many(By::Name | By::Value) => on.allowed(),
        _ => Vec::new(),
    };
    if allowed.is_empty() {
        return Ok(bare(field.kind, name, cloud));
    }
    let same = |own: &str| own.trim().to_lowercase() == name.trim().to_lowercase();
    if let Some(found) = allowed.iter().find(|a| a.name == name).or(allowed.iter().find(|a| same(&a.name))) {
        return Ok(json!({"id": found.id}));
    }
    let mut possible: Vec<String> = allowed.iter().map(|a| format!("`{}`", a.name)).collect();
    if possible.len() > NAMED_MAX {
        let more = format!("and {} more", possible.len() - NAMED_MAX);
        possible.truncate(NAMED_MAX);
        possible.push(more);
    }
    let words = format!("`{name}` is nothing {} can be; possible: {}", field.shown(), possible.join(", "));
    Err(refuse(words).with_help("choose one of them, or let somebody add the value in Jira"))
}

/// One thing by its name alone.
fn bare(kind: Kind, name: &str, cloud: bool) -> Json {
    match kind {
        Kind::One(By::Person) | Kind::Many(By::Person) if cloud => json!({"accountId": name}),
        Kind::One(By::Person | By::Name) | Kind::Many(By::Person | By::Name) => json!({"name": name}),
        Kind::One(By::Value) | Kind::Many(By::Value) => json!({"value": name}),
        _ => json!(name),
    }
}

fn names(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Set(names) => names.clone(),
        Value::Text(name) if !name.is_empty() => BTreeSet::from([name.clone()]),
        Value::Text(_) | Value::None => BTreeSet::new(),
    }
}

/// Whether a field that held `seen` and was given `wanted` shows so `now`. Jira keeps numbers its own way, and moments
/// to the minute in some of its fields; what others add to a list meanwhile is theirs.
pub(in crate::connector::jira) fn is_so(seen: Option<&Value>, wanted: &Value, now: &Value) -> bool {
    if let (Value::Set(_), _) | (_, Value::Set(_)) = (wanted, now) {
        let delta = SetDelta::between(&seen.map(names).unwrap_or_default(), &names(wanted));
        return SetDelta::between(&names(now), &delta.apply(&names(now))).is_empty();
    }
    if wanted.is_empty() || now.is_empty() {
        return wanted.is_empty() && now.is_empty();
    }
    let (Some(wanted), Some(now)) = (wanted.as_text(), now.as_text()) else { return false };
    let (wanted, now) = (wanted.trim(), now.trim());
    if let (Some(wanted), Some(now)) = (read::moment(wanted), read::moment(now)) {
        return wanted.timestamp().div_euclid(60) == now.timestamp().div_euclid(60);
    }
    let same_number = match (wanted.parse::<f64>(), now.parse::<f64>()) {
        (Ok(wanted), Ok(now)) => (wanted - now).abs() <= f64::EPSILON * wanted.abs(),
        _ => false,
    };
    same_number || wanted.replace("\r\n", "\n").to_lowercase() == now.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::Catalogue;
    use super::*;

    fn known(schema: &Json) -> Known {
        let all = json!([{"id": "customfield_7", "name": "Field", "schema": schema}]);
        let all = Catalogue::new(serde_json::from_value(all).expect("fields"), None, true);
        all.all[0].clone()
    }

    fn screen(json: Json) -> OnScreen {
        serde_json::from_value(json).expect("a field on a screen")
    }

    fn text(value: &str) -> Value {
        Value::Text(value.to_owned())
    }

    #[test]
    fn every_kind_of_value_is_sent_as_jira_takes_it() {
        let options = screen(json!({"allowedValues": [
            {"id": "1", "value": "Minor"}, {"id": "2", "value": "Major"}, {"id": "3", "value": "Old", "disabled": true}
        ]}));
        let plain = OnScreen::default();
        for (schema, on, value, expected) in [
            (json!({"type": "number"}), &plain, "3", json!(3)),
            (json!({"type": "number"}), &plain, "0.5", json!(0.5)),
            (json!({"type": "date"}), &plain, "2026-12-01", json!("2026-12-01")),
            (
                json!({"type": "datetime"}),
                &plain,
                "2026-12-01T10:00:00+01:00",
                json!("2026-12-01T09:00:00.000+0000"),
            ),
            (json!({"type": "option"}), &options, "major", json!({"id": "2"})),
            (json!({"type": "option"}), &plain, "major", json!({"value": "major"})),
            (json!({"type": "priority"}), &plain, "High", json!({"name": "High"})),
            (json!({"type": "user"}), &plain, "712020:ana", json!({"accountId": "712020:ana"})),
            (json!({"type": "string"}), &plain, " as it is ", json!(" as it is ")),
            (json!({"type": "array", "items": "string"}), &plain, "one", json!(["one"])),
        ] {
            let got = sent(&known(&schema), on, None, &text(value), true).expect("taken");
            assert_eq!(got, Sent::Whole(expected), "{schema}");
        }
        let emptied = sent(&known(&json!({"type": "option"})), &options, None, &Value::None, true);
        assert_eq!(emptied.expect("emptied"), Sent::Whole(Json::Null));
    }

    #[test]
    fn what_jira_would_refuse_is_refused_with_what_it_would_take() {
        let options = screen(json!({"required": true, "allowedValues": [
            {"id": "2", "value": "Major"}, {"id": "3", "value": "Old", "disabled": true}
        ]}));
        for (schema, value, says) in [
            (json!({"type": "option"}), text("Old"), "possible: `Major`"),
            (json!({"type": "option"}), Value::None, "wants a value"),
            (json!({"type": "number"}), text("many"), "`many` is no number"),
            (json!({"type": "number"}), text("inf"), "is no number"),
            (json!({"type": "date"}), text("2026-02-30"), "is no day"),
            (json!({"type": "datetime"}), text("2026-12-01"), "is no moment"),
            (json!({"type": "string"}), Value::Set(["a".into(), "b".into()].into()), "one value"),
            (json!({"type": "any"}), text("x"), "only read"),
        ] {
            let told = sent(&known(&schema), &options, None, &value, true).expect_err("refused");
            assert!(told.message.contains(says) && told.message.contains("customfield_7"), "{told}");
        }
    }

    #[test]
    fn a_list_is_changed_step_by_step_where_jira_lets_us() {
        let on = screen(json!({"operations": ["add", "set", "remove"], "allowedValues": [
            {"id": "1", "value": "a"}, {"id": "2", "value": "b"}
        ]}));
        let field = known(&json!({"type": "array", "items": "option"}));
        let set = |names: &[&str]| Value::Set(names.iter().map(|&n| n.to_owned()).collect());
        let steps = sent(&field, &on, Some(&set(&["a", "retired"])), &set(&["a", "b"]), true).expect("steps");
        let expected = vec![json!({"add": {"id": "2"}}), json!({"remove": {"value": "retired"}})];
        assert_eq!(steps, Sent::Steps(expected));
        let whole =
            sent(&field, &OnScreen::default(), Some(&set(&["a"])), &set(&["b"]), true).expect("whole");
        assert_eq!(whole, Sent::Whole(json!([{"value": "b"}])));
        assert!(is_so(Some(&set(&["a"])), &set(&["b"]), &set(&["b", "somebody's"])));
        assert!(!is_so(Some(&set(&["a"])), &set(&["b"]), &set(&["a", "b"])));
        assert!(is_so(Some(&set(&["a"])), &Value::None, &Value::None));
    }

    #[test]
    fn what_jira_keeps_its_own_way_is_still_so() {
        assert!(is_so(None, &text("3.0"), &text("3")) && !is_so(None, &text("3"), &text("4")));
        assert!(is_so(None, &text("2026-12-01T10:00:30+01:00"), &text("2026-12-01T09:00:00Z")));
        assert!(is_so(None, &text("high"), &text("High")) && !is_so(None, &text("High"), &Value::None));
        assert!(!is_so(Some(&text("x")), &Value::None, &text("x")));
    }
}
