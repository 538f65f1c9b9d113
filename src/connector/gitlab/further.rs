//! Further fields of an issue: which there are, how each reads, and how it is written. Pure: GitLab gives them all with
//! every issue, so nothing is asked for them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Map, Value as Json, json};

use super::wire;
use crate::connector::http::WORDS_MAX;
use crate::connector::{Class, Failure, Holds, PlatformField, RemoteItem, Scope};
use crate::domain::fields::Value;
use crate::support::text::{clip, one_line};

/// A field an issue may have, by the name GitLab's API gives it (`https://docs.gitlab.com/api/issues/`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    DueDate,
    /// Premium; elsewhere no answer has it.
    Weight,
    Confidential,
    /// Seconds, zero when there is none.
    TimeEstimate,
    TimeSpent,
    /// Premium.
    Epic,
    /// Premium.
    Iteration,
}

/// The fields a connection's rules name, each under the rule's own spelling.
pub(super) type Wanted = Vec<(String, Known)>;

impl Known {
    pub(super) const ALL: [Self; 7] = [
        Self::DueDate,
        Self::Weight,
        Self::Confidential,
        Self::TimeEstimate,
        Self::TimeSpent,
        Self::Epic,
        Self::Iteration,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::DueDate => "due_date",
            Self::Weight => "weight",
            Self::Confidential => "confidential",
            Self::TimeEstimate => "time_estimate",
            Self::TimeSpent => "total_time_spent",
            Self::Epic => "epic",
            Self::Iteration => "iteration",
        }
    }

    /// The field of that name; `Due date` is `due_date` too.
    fn named(name: &str) -> Option<Self> {
        let plain = name.trim().to_lowercase().replace([' ', '-'], "_");
        Self::ALL.into_iter().find(|f| f.name() == plain)
    }

    fn is_writable(self) -> bool {
        matches!(self, Self::DueDate | Self::Weight | Self::Confidential)
    }

    /// What it is as something on offer.
    pub(super) fn offer(self) -> PlatformField {
        let holds = match self {
            Self::DueDate => Holds::Date,
            Self::Weight | Self::TimeEstimate | Self::TimeSpent => Holds::Number,
            Self::Confidential => Holds::Option,
            Self::Epic | Self::Iteration => Holds::Text,
        };
        let options: &[&str] = if self == Self::Confidential { &["false", "true"] } else { &[] };
        PlatformField {
            name: self.name().to_owned(),
            id: None,
            holds,
            options: options.iter().map(|&o| o.to_owned()).collect(),
            writable: self.is_writable(),
        }
    }

    /// Its value on an issue; `None` when the answer does not have it, or as something that cannot be read.
    pub(super) fn read(self, issue: &wire::Issue) -> Option<Value> {
        let seconds = |name: &str| match issue.time_stats.as_ref()?.get(name)?.as_u64()? {
            0 => Some(Value::None),
            some => Some(Value::Text(some.to_string())),
        };
        match self {
            Self::DueDate => day(issue.due_date.as_ref()?),
            Self::Weight => match issue.weight.as_ref()? {
                Json::Null => Some(Value::None),
                weight => weight.as_u64().map(|w| Value::Text(w.to_string())),
            },
            Self::Confidential => issue.confidential.as_ref()?.as_bool().map(|c| Value::Text(c.to_string())),
            Self::TimeEstimate => seconds("time_estimate"),
            Self::TimeSpent => seconds("total_time_spent"),
            Self::Epic => titled(issue.epic.as_ref()?),
            Self::Iteration => titled(issue.iteration.as_ref()?),
        }
    }

    /// A value as a request gives it.
    fn sent(self, value: &Value) -> Result<Json, Failure> {
        let name = self.name();
        let text = match value {
            Value::Text(text) => text.trim(),
            Value::None => "",
            Value::Set(_) => return Err(refuse(format!("GitLab's {name} is one value, not several"))),
        };
        match self {
            Self::Confidential => match text.to_lowercase().as_str() {
                "true" => Ok(json!(true)),
                "false" | "" => Ok(json!(false)),
                _ => Err(refuse(format!("`{text}` is nothing {name} can be; possible: `true`, `false`"))),
            },
            Self::DueDate | Self::Weight if text.is_empty() => Ok(Json::Null),
            Self::DueDate => match text.parse::<NaiveDate>() {
                Ok(day) => Ok(json!(day.to_string())),
                Err(_) => Err(refuse(format!("`{text}` is no day for {name}: write it as 2026-11-30"))),
            },
            Self::Weight => match text.parse::<u32>() {
                Ok(weight) => Ok(json!(weight)),
                Err(_) => Err(refuse(format!("`{text}` is no {name}: GitLab takes whole numbers from 0 on"))),
            },
            Self::TimeEstimate | Self::TimeSpent | Self::Epic | Self::Iteration => {
                Err(refuse(format!("GitLab's {name} is only read")).with_help("change it in GitLab"))
            }
        }
    }
}

/// The fields that names mean; a name that means none is left out and logged.
pub(super) fn wanted(names: Vec<String>) -> Wanted {
    let known = |name: String| {
        let field = Known::named(&name);
        if field.is_none() {
            tracing::warn!(field = %one_line(&name), "GitLab's issues have no such field");
        }
        Some((name, field?))
    };
    names.into_iter().filter_map(known).collect()
}

/// What an issue holds of the fields that are wanted.
pub(super) fn read(wanted: &Wanted, issue: &wire::Issue) -> BTreeMap<String, Value> {
    wanted.iter().filter_map(|(name, field)| Some((name.clone(), field.read(issue)?))).collect()
}

/// What a request gives for these fields. `seen` is the issue before: what it has not, the plan does not allow.
pub(super) fn sent(
    wanted: &Wanted,
    raw: &BTreeMap<String, Value>,
    seen: Option<&RemoteItem>,
) -> Result<Map<String, Json>, Failure> {
    let mut out = Map::new();
    for (name, value) in raw {
        let field = wanted.iter().find(|(n, _)| n == name).map(|(_, field)| *field);
        let field = field.ok_or_else(|| nothing_of_that_name(name))?;
        let sent = field.sent(value)?;
        if seen.is_some_and(|seen| !seen.raw.contains_key(name)) {
            let words = format!("the issues of this project have no {}", field.name());
            let help = "it needs GitLab Premium; take the field out of the connection's rules";
            return Err(Failure::new(Class::Configuration, Scope::Item, words).with_help(help));
        }
        out.insert(field.name().to_owned(), sent);
    }
    Ok(out)
}

/// What of a change its answer does not show, in words.
pub(super) fn dropped(wanted: &Wanted, raw: &BTreeMap<String, Value>, now: &RemoteItem) -> Vec<String> {
    let shown = |field: Known, value: Option<&Value>| match value {
        Some(value) => field.sent(value).ok(),
        None => None,
    };
    let lost = raw.iter().filter_map(|(name, value)| {
        let field = wanted.iter().find(|(n, _)| n == name)?.1;
        (shown(field, Some(value)) != shown(field, now.raw.get(name))).then_some(field)
    });
    lost.map(|field| format!("GitLab took the change but dropped the {}", field.name())).collect()
}

fn day(value: &Json) -> Option<Value> {
    match value {
        Json::Null => Some(Value::None),
        Json::String(text) => text.parse::<NaiveDate>().ok().map(|day| Value::Text(day.to_string())),
        _ => None,
    }
}

/// The title of an epic or iteration. Iterations that follow a rhythm have none and are named by their days.
fn titled(value: &Json) -> Option<Value> {
    if value.is_null() {
        return Some(Value::None);
    }
    let word = |name: &str| value.get(name).and_then(Json::as_str).filter(|t| !t.trim().is_empty());
    let title = word("title").map(str::to_owned);
    let days = || Some(format!("{} – {}", word("start_date")?, word("due_date")?));
    title.or_else(days).map(Value::Text)
}

fn nothing_of_that_name(name: &str) -> Failure {
    let names: Vec<String> =
        Known::ALL.iter().filter(|f| f.is_writable()).map(|f| format!("`{}`", f.name())).collect();
    let words = clip(&one_line(&format!("this connection knows no field `{name}` of GitLab's")), WORDS_MAX);
    Failure::new(Class::Configuration, Scope::Item, words)
        .with_help(format!("GitLab's fields that can be written are {}", names.join(", ")))
}

fn refuse(words: String) -> Failure {
    Failure::new(Class::Permanent, Scope::Item, clip(&one_line(&words), WORDS_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issue(extra: &Json) -> wire::Issue {
        let mut all = json!({
            "id": 76, "iid": 7, "title": "t", "state": "opened",
            "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z",
        });
        for (key, value) in extra.as_object().expect("an object") {
            all[key] = value.clone();
        }
        serde_json::from_value(all).expect("an issue")
    }

    fn all() -> Wanted {
        wanted(Known::ALL.iter().map(|f| f.name().to_owned()).collect())
    }

    fn text(value: &str) -> Value {
        Value::Text(value.to_owned())
    }

    #[test]
    fn what_is_empty_is_told_from_what_is_not_there() {
        let full = read(
            &all(),
            &issue(&json!({
                "due_date": "2026-12-01", "weight": 3, "confidential": true,
                "time_stats": {"time_estimate": 5400, "total_time_spent": 0},
                "epic": {"id": 1, "title": "Checkout"},
                "iteration": {"id": 2, "title": null, "start_date": "2026-11-02", "due_date": "2026-11-15"},
            })),
        );
        let expected = [
            ("due_date", text("2026-12-01")),
            ("weight", text("3")),
            ("confidential", text("true")),
            ("time_estimate", text("5400")),
            ("total_time_spent", Value::None),
            ("epic", text("Checkout")),
            ("iteration", text("2026-11-02 – 2026-11-15")),
        ];
        assert_eq!(full, expected.map(|(name, value)| (name.to_owned(), value)).into());
        let empty = read(&all(), &issue(&json!({"due_date": null, "weight": null, "epic": null})));
        assert!(empty.len() == 3 && empty.values().all(|v| *v == Value::None), "{empty:?}");
        assert!(read(&all(), &issue(&json!({}))).is_empty());
        let odd =
            issue(&json!({"due_date": 7, "weight": "x", "confidential": "no", "time_stats": [], "epic": 1}));
        assert!(read(&all(), &odd).is_empty(), "what cannot be read is not taken for empty");
    }

    #[test]
    fn a_rule_may_spell_a_name_as_people_do() {
        let wanted = wanted(vec!["Due date".into(), "nonsense".into(), "WEIGHT".into()]);
        assert_eq!(wanted, [("Due date".to_owned(), Known::DueDate), ("WEIGHT".to_owned(), Known::Weight)]);
    }

    #[test]
    fn what_gitlab_would_quietly_misread_is_refused_before_it_is_sent() {
        let one = |name: &str, value: &str| sent(&all(), &[(name.to_owned(), text(value))].into(), None);
        for (name, value) in [
            ("due_date", "tomorrow"),
            ("due_date", "2026-02-30"),
            ("weight", "0.5"),
            ("weight", "-1"),
            ("confidential", "perhaps"),
            ("epic", "Checkout"),
            ("time_estimate", "60"),
        ] {
            let refused = one(name, value).unwrap_err();
            assert!(refused.class == Class::Permanent && refused.message.contains(name), "{refused:?}");
        }
        assert_eq!(Json::from(one("due_date", "2026-12-01").unwrap()), json!({"due_date": "2026-12-01"}));
        assert_eq!(Json::from(one("weight", "").unwrap()), json!({"weight": null}));
        let unknown = one("severity", "x").unwrap_err();
        assert!(unknown.help.is_some_and(|h| h.contains("`due_date`")));
    }
}
