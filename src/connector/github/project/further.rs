//! A project's further fields: what each holds, how its values are read, and how they are written. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value as Json, json};

use super::wire;
use crate::connector::{Holds, PlatformField};
use crate::domain::fields::Value;
use crate::support::clock::Timestamp;

/// What a card has of its own on GitHub, whatever project it is in: a project's fields of these kinds only show it.
const OF_THE_ISSUE: [&str; 5] = ["TITLE", "ASSIGNEES", "LABELS", "MILESTONE", "REPOSITORY"];

/// A field of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Date,
    /// The options.
    Single(Vec<Choice>),
    /// The iterations: current and upcoming ones first, then those that are over.
    Iteration(Vec<Choice>),
    /// What only shows something of the issue.
    Issue,
    /// Something else, which is neither read nor written.
    Other,
}

/// A value out of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) id: String,
    pub(super) name: String,
}

/// Whether a field that says it holds this has values that can be read.
pub(super) fn is_readable(data_type: &str) -> bool {
    matches!(data_type, "TEXT" | "NUMBER" | "DATE" | "SINGLE_SELECT" | "ITERATION")
}

impl Field {
    /// A field as GitHub tells it; `None` for what has no name.
    pub(super) fn of(told: wire::Further) -> Option<Self> {
        let choices = |all: Vec<wire::Iteration>| all.into_iter().map(|i| Choice { id: i.id, name: i.title });
        let kind = match told.data_type.as_str() {
            "TEXT" => Kind::Text,
            "NUMBER" => Kind::Number,
            "DATE" => Kind::Date,
            "SINGLE_SELECT" => {
                Kind::Single(told.options.into_iter().map(|o| Choice { id: o.id, name: o.name }).collect())
            }
            "ITERATION" => {
                let all = told.configuration.unwrap_or_default();
                Kind::Iteration(choices(all.iterations).chain(choices(all.completed_iterations)).collect())
            }
            kind if OF_THE_ISSUE.contains(&kind) => Kind::Issue,
            _ => Kind::Other,
        };
        Some(Self { id: told.id?, name: told.name?, kind })
    }

    /// The field as it is offered to rules; `None` for what cards have anyway.
    pub(super) fn offered(&self) -> Option<PlatformField> {
        let (holds, options): (Holds, &[Choice]) = match &self.kind {
            Kind::Text => (Holds::Text, &[]),
            Kind::Number => (Holds::Number, &[]),
            Kind::Date => (Holds::Date, &[]),
            Kind::Single(all) | Kind::Iteration(all) => (Holds::Option, all),
            Kind::Other => (Holds::Other, &[]),
            Kind::Issue => return None,
        };
        Some(PlatformField {
            name: self.name.clone(),
            id: Some(self.id.clone()),
            holds,
            options: options.iter().map(|o| o.name.clone()).collect(),
            writable: holds != Holds::Other,
        })
    }

    /// What GitHub must be given for `value`.
    ///
    /// # Errors
    /// The field does not take it; in words, with what it takes.
    pub(super) fn given(&self, value: &Value) -> Result<Given, String> {
        let name = &self.name;
        if matches!(self.kind, Kind::Issue | Kind::Other) {
            return Err(format!("the project's field `{name}` cannot be written"));
        }
        if is_blank(value) {
            return Ok(Given::Clear);
        }
        let Some(text) = value.as_text() else {
            return Err(format!("the project's field `{name}` takes one value, not a list"));
        };
        match &self.kind {
            Kind::Text => Ok(Given::Text(text.to_owned())),
            Kind::Number => number(text)
                .map(Given::Number)
                .ok_or_else(|| format!("the project's field `{name}` takes a number, not `{text}`")),
            Kind::Date => date(text).map(Given::Date).ok_or_else(|| {
                format!("the project's field `{name}` takes a day as YYYY-MM-DD, not `{text}`")
            }),
            Kind::Single(all) => choice(all, name, "option", text).map(Given::Option),
            Kind::Iteration(all) => choice(all, name, "iteration", text).map(Given::Iteration),
            Kind::Issue | Kind::Other => Err(format!("the project's field `{name}` cannot be written")),
        }
    }

    /// Whether the field holds, by `there`, what it was given: GitHub has its own spelling of numbers and options, and
    /// takes blanks off a text.
    pub(super) fn holds(&self, there: &Value, wanted: &Value) -> bool {
        if is_blank(wanted) || is_blank(there) {
            return is_blank(wanted) == is_blank(there);
        }
        let (Some(there), Some(wanted)) = (there.as_text(), wanted.as_text()) else { return false };
        match self.kind {
            Kind::Number => number(there) == number(wanted),
            Kind::Text => there.split_whitespace().eq(wanted.split_whitespace()),
            _ => same(there, wanted),
        }
    }
}

/// The field that is called this: by its id, by its exact name, or by the same name in another case.
pub(super) fn named<'a>(all: &'a [Field], name: &str) -> Option<&'a Field> {
    let by_id = || all.iter().find(|f| f.id == name);
    let exact = all.iter().find(|f| f.name == name).or_else(by_id);
    exact.or_else(|| all.iter().find(|f| same(&f.name, name)))
}

/// Whether nothing is left of a value once the blanks are off it.
fn is_blank(value: &Value) -> bool {
    value.is_empty() || value.as_text().is_some_and(|t| t.trim().is_empty())
}

fn same(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

fn choice(all: &[Choice], field: &str, what: &str, wanted: &str) -> Result<String, String> {
    let found = all.iter().find(|c| c.name == wanted).or_else(|| all.iter().find(|c| same(&c.name, wanted)));
    found.map(|c| c.id.clone()).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|c| c.name.as_str()).collect();
        let has = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        format!("the project's field `{field}` has no {what} `{wanted}`; it has {has}")
    })
}

/// A number that GitHub can hold, a float.
fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|n| n.is_finite())
}

/// A number in its shortest decimal form.
fn decimal(number: f64) -> String {
    // Zero has no sign here.
    if number == 0.0 { "0".to_owned() } else { number.to_string() }
}

/// A day, and nothing else: of a moment, the day it begins with.
fn date(text: &str) -> Option<String> {
    let day = text.trim().get(..10)?;
    let read = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?.to_string();
    let ends = text.trim().get(10..)?;
    (read == day && (ends.is_empty() || ends.starts_with('T'))).then_some(read)
}

/// What a field is given.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Given {
    Clear,
    Text(String),
    Number(f64),
    Date(String),
    /// By id.
    Option(String),
    /// By id.
    Iteration(String),
}

impl Given {
    /// What GitHub calls it, its type there, and the value; nothing when the field is cleared.
    pub(super) fn wire(&self) -> Option<(&'static str, &'static str, Json)> {
        Some(match self {
            Self::Clear => return None,
            Self::Text(text) => ("text", "String", json!(text)),
            Self::Number(number) => ("number", "Float", json!(number)),
            Self::Date(day) => ("date", "Date", json!(day)),
            Self::Option(id) => ("singleSelectOptionId", "String", json!(id)),
            Self::Iteration(id) => ("iterationId", "String", json!(id)),
        })
    }
}

/// A value that is to be written.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    /// What the rule calls the field.
    pub(super) rule: String,
    pub(super) field: Field,
    pub(super) value: Value,
    pub(super) given: Given,
}

/// The fields that are asked for, in the order of the documents' names.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    /// What a rule calls the field, and its name in the project.
    pub(super) names: Vec<(String, String)>,
}

/// Which of the fields that were asked for a project has, by the same answer.
pub(super) type Known = Vec<bool>;

impl Asked {
    /// Puts the names where the documents want them.
    pub(super) fn put_in(&self, variables: &mut Json) {
        for (n, (_, name)) in self.names.iter().enumerate() {
            variables[format!("n{n}")] = json!(name);
        }
    }

    /// Which of them the answer about a project shows with values that can be read.
    pub(super) fn known(&self, project: &BTreeMap<String, Json>) -> Known {
        let readable = |n: usize| {
            let told = project.get(&format!("k{n}")).and_then(|k| k.get("dataType")).and_then(Json::as_str);
            told.is_some_and(is_readable)
        };
        (0..self.names.len()).map(readable).collect()
    }

    /// An item's values, by the rules' names, and when the newest was set. What is not known or not understood is left
    /// out; it was not read.
    pub(super) fn values(
        &self,
        known: &[bool],
        item: &BTreeMap<String, Json>,
    ) -> (BTreeMap<String, Value>, Option<Timestamp>) {
        let (mut out, mut newest) = (BTreeMap::new(), None);
        for (n, (rule, _)) in self.names.iter().enumerate().filter(|(n, _)| known.get(*n) == Some(&true)) {
            let Some(told) = item.get(&format!("v{n}")) else { continue };
            if let Some(value) = read(told) {
                newest = newest.max(set_at(told));
                out.insert(rule.clone(), value);
            }
        }
        (out, newest)
    }

    /// The values of an issue that is not in the project: it has none.
    pub(super) fn blank(&self, known: &[bool]) -> BTreeMap<String, Value> {
        let names = self.names.iter().zip(known).filter(|(_, known)| **known);
        names.map(|((rule, _), _)| (rule.clone(), Value::None)).collect()
    }
}

/// A value as GitHub tells it; `None` when it is none that can be read.
pub(super) fn read(told: &Json) -> Option<Value> {
    let told = match told {
        Json::Null => return Some(Value::None),
        Json::Object(told) => told,
        _ => return None,
    };
    let word = |key: &str| match told.get(key)? {
        Json::String(text) if !text.trim().is_empty() => Some(Value::Text(text.clone())),
        Json::String(_) | Json::Null => Some(Value::None),
        _ => None,
    };
    if let Some(value) = ["text", "name", "title"].into_iter().find_map(word) {
        return Some(value);
    }
    one(told, "date", |v| v.as_str().and_then(date))
        .or_else(|| one(told, "number", |v| v.as_f64().filter(|n| n.is_finite()).map(decimal)))
}

fn one(told: &Map<String, Json>, key: &str, read: impl Fn(&Json) -> Option<String>) -> Option<Value> {
    match told.get(key)? {
        Json::Null => Some(Value::None),
        value => read(value).map(Value::Text),
    }
}

/// When a value was set.
fn set_at(told: &Json) -> Option<Timestamp> {
    time(told.get("updatedAt"))
}

/// A time that need not be there.
pub(super) fn time(told: Option<&Json>) -> Option<Timestamp> {
    told.and_then(Json::as_str).and_then(|t| t.parse::<DateTime<Utc>>().ok()).map(Timestamp::from)
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
