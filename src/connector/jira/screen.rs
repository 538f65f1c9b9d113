//! The fields on a transition's screen: what is asked of a person for one, and what a person's words are as Jira takes
//! them. Pure.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::adf;
use super::wire::ScreenField;
use crate::connector::Need;

/// A comment that a transition wants goes another way than the fields.
const COMMENT: &str = "comment";
/// Fields that no single line of text can fill in.
const UNTOLD: [&str; 5] = ["attachment", "issuelinks", "worklog", "timetracking", "progress"];

/// What is sent with a transition.
#[derive(Debug, Default)]
pub(super) struct Filled {
    fields: Map<String, Value>,
    comment: Option<Value>,
}

impl Filled {
    /// Puts what was filled in into the body of a transition.
    pub(super) fn put_into(self, body: &mut Value) {
        if !self.fields.is_empty() {
            body["fields"] = Value::Object(self.fields);
        }
        if let Some(comment) = self.comment {
            body["update"] = json!({ COMMENT: [{"add": {"body": comment}}] });
        }
    }

    /// Fills a field in; false when it does not take the text.
    pub(super) fn fill(&mut self, key: &str, field: &ScreenField, text: &str, cloud: bool) -> bool {
        if key == COMMENT {
            let filled = !text.trim().is_empty();
            if filled {
                self.comment = Some(long_text(text, cloud));
            }
            return filled;
        }
        let value = field.value(text, cloud);
        let takes = value.is_some();
        self.fields.extend(value.map(|value| (key.to_owned(), value)));
        takes
    }
}

/// Text of several lines: a document on Cloud.
fn long_text(text: &str, cloud: bool) -> Value {
    if cloud { adf::document(text, None).document } else { text.into() }
}

impl ScreenField {
    /// Whether it must be given and nobody else gives it.
    pub(super) fn is_needed(&self) -> bool {
        self.required && !self.has_default_value
    }

    /// Whether a person can give it from here.
    pub(super) fn can_be_told(&self) -> bool {
        let of = |kind: &str| UNTOLD.contains(&kind);
        !of(&self.schema.kind) && !self.schema.items.as_deref().is_some_and(of)
    }

    /// What is asked of a person for it.
    pub(super) fn need(&self, key: &str) -> Need {
        let name = self.name.as_deref().filter(|n| !n.is_empty()).unwrap_or(key);
        Need { key: key.to_owned(), name: name.to_owned(), values: self.values() }
    }

    /// The values it takes, by name.
    pub(super) fn values(&self) -> Vec<String> {
        self.allowed_values.iter().filter_map(|v| shown(v).map(|(_, name)| name.to_owned())).collect()
    }

    /// A person's words as Jira takes them; `None` when the field does not take them.
    fn value(&self, text: &str, cloud: bool) -> Option<Value> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        if self.schema.kind != "array" {
            return self.one(&self.schema.kind, text, cloud);
        }
        let items = self.schema.items.as_deref().unwrap_or("string");
        // A value may have a comma in its own name.
        if let Some(whole) = self.one(items, text, cloud).filter(|_| !self.allowed_values.is_empty()) {
            return Some(json!([whole]));
        }
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| self.one(items, part, cloud)).collect::<Option<Vec<Value>>>().map(Value::Array)
    }

    fn one(&self, kind: &str, text: &str, cloud: bool) -> Option<Value> {
        if !self.allowed_values.is_empty() {
            let spelt = self.allowed_values.iter().filter_map(shown);
            let found = spelt.into_iter().find(|(_, name)| name.to_lowercase() == text.to_lowercase());
            return found.map(|(key, name)| if key.is_empty() { json!(name) } else { json!({ key: name }) });
        }
        match kind {
            "number" => {
                let whole = text.parse::<i64>().ok().map(Value::from);
                whole.or_else(|| {
                    text.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(Value::from)
                })
            }
            "date" => text.parse::<NaiveDate>().ok().map(|_| text.into()),
            "user" if cloud => Some(json!({ "accountId": text })),
            "user" | "resolution" | "priority" | "version" | "component" | "group" => {
                Some(json!({ "name": text }))
            }
            "option" => Some(json!({ "value": text })),
            _ if self.is_long() => Some(long_text(text, cloud)),
            _ => Some(text.into()),
        }
    }

    /// Whether it holds a text of several lines.
    fn is_long(&self) -> bool {
        self.schema.custom.as_deref().is_some_and(|c| c.ends_with(":textarea"))
            || matches!(self.schema.system.as_deref(), Some("description" | "environment"))
    }
}

/// How an allowed value is named: by which key of it, and what it says.
fn shown(value: &Value) -> Option<(&'static str, &str)> {
    let by = |key: &'static str| value.get(key).and_then(Value::as_str).map(|name| (key, name));
    by("name").or_else(|| by("value")).or_else(|| value.as_str().map(|name| ("", name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(screen: Value) -> ScreenField {
        serde_json::from_value(screen).expect("a field")
    }

    fn filled(key: &str, screen: Value, text: &str) -> Option<Value> {
        let (mut out, mut body) = (Filled::default(), json!({}));
        out.fill(key, &field(screen), text, true).then(|| {
            out.put_into(&mut body);
            body
        })
    }

    #[test]
    fn each_sort_of_field_is_sent_in_its_own_shape() {
        let of = |kind: &str| json!({"required": true, "name": "It", "schema": {"type": kind}});
        let sent = |kind: &str, text: &str| filled("k", of(kind), text).map(|b| b["fields"]["k"].clone());
        assert_eq!(sent("string", " plain "), Some(json!("plain")));
        assert_eq!(sent("number", "3"), Some(json!(3)));
        assert_eq!(sent("number", "2.5"), Some(json!(2.5)));
        assert_eq!(sent("number", "many"), None);
        assert_eq!(sent("date", "2026-11-21"), Some(json!("2026-11-21")));
        assert_eq!(sent("date", "tomorrow"), None);
        assert_eq!(sent("user", "712020:cy"), Some(json!({"accountId": "712020:cy"})));
        assert_eq!(sent("string", "  "), None);
        let long = json!({"schema": {"type": "string", "custom": "a:textarea"}});
        assert_eq!(filled("k", long, "why").expect("taken")["fields"]["k"]["type"], "doc");
        let words = json!({"schema": {"type": "array", "items": "string"}});
        assert_eq!(filled("k", words, "a, b").expect("taken")["fields"]["k"], json!(["a", "b"]));
        let comment = json!({"schema": {"type": "comments-page"}});
        let body = filled("comment", comment, "done with it").expect("taken");
        assert_eq!(body["update"]["comment"][0]["add"]["body"]["type"], "doc");
    }

    #[test]
    fn a_value_is_taken_as_the_screen_spells_it_and_no_other_is() {
        let versions = json!({
            "schema": {"type": "array", "items": "version"},
            "allowedValues": [{"id": "1", "name": "v1.2"}, {"id": "2", "name": "one, two"}],
        });
        assert_eq!(
            filled("k", versions.clone(), "V1.2").expect("taken")["fields"]["k"],
            json!([{"name": "v1.2"}])
        );
        let whole = filled("k", versions.clone(), "one, two").expect("taken");
        assert_eq!(whole["fields"]["k"], json!([{"name": "one, two"}]), "a comma in its own name");
        assert_eq!(filled("k", versions, "v9"), None);
        let option = json!({"schema": {"type": "option"}, "allowedValues": [{"id": "5", "value": "High"}]});
        assert_eq!(filled("k", option, "high").expect("taken")["fields"]["k"], json!({"value": "High"}));
    }
}
