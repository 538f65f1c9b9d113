//! Jira's shapes of fields, in both versions of its API, as far as they are read.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A field of the site, as `GET field` tells it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::connector::jira) struct Field {
    pub(super) id: String,
    pub(super) name: String,
    /// The name before it was put into the account's language; Cloud tells it of custom fields.
    #[serde(default)]
    pub(super) untranslated_name: Option<String>,
    /// A few system fields have none.
    #[serde(default)]
    pub(super) schema: Option<Schema>,
    /// Team-managed projects have fields of their own; those of others are told too.
    #[serde(default)]
    pub(super) scope: Option<Scope>,
}

impl Field {
    /// The project whose own field it is.
    pub(super) fn project(&self) -> Option<&str> {
        self.scope.as_ref()?.project.as_ref()?.id.as_str()
    }
}

/// What a field holds.
#[derive(Debug, Clone, Default, Deserialize)]
pub(in crate::connector::jira) struct Schema {
    #[serde(default, rename = "type")]
    pub(super) kind: String,
    /// What a list holds.
    #[serde(default)]
    pub(super) items: Option<String>,
    #[serde(default)]
    pub(super) custom: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(in crate::connector::jira) struct Scope {
    #[serde(default)]
    project: Option<OfProject>,
}

#[derive(Debug, Clone, Deserialize)]
struct OfProject {
    #[serde(default)]
    id: Value,
}

/// What can be edited on an issue now; each field is read on its own.
#[derive(Debug, Deserialize)]
pub(in crate::connector::jira) struct EditScreen {
    #[serde(default)]
    pub(in crate::connector::jira) fields: BTreeMap<String, Value>,
}

/// A page of what can be given to a new issue: Cloud says `fields`, Data Center `values`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::connector::jira) struct CreateScreen {
    #[serde(alias = "fields", default)]
    pub(super) values: Vec<Value>,
    #[serde(default)]
    pub(super) total: Option<u64>,
    #[serde(default)]
    pub(super) is_last: Option<bool>,
}

/// A field on a screen.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::connector::jira) struct OnScreen {
    /// Told by create screens, whose fields come as a list.
    #[serde(default)]
    pub(super) field_id: Option<String>,
    #[serde(default)]
    key: Option<String>,
    #[serde(default)]
    pub(super) required: bool,
    #[serde(default)]
    pub(super) operations: Vec<String>,
    #[serde(default)]
    allowed_values: Option<Vec<Value>>,
}

/// A value a field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::connector::jira) struct Allowed {
    pub(super) id: String,
    pub(super) name: String,
}

impl OnScreen {
    /// The field's id.
    pub(super) fn id(&self) -> Option<&str> {
        self.field_id.as_deref().or(self.key.as_deref())
    }

    /// The values it takes that can be told apart, without those that were switched off or archived.
    pub(super) fn allowed(&self) -> Vec<Allowed> {
        let usable = |v: &&Value| {
            let is = |name: &str| v.get(name).and_then(Value::as_bool) == Some(true);
            !is("disabled") && !is("archived")
        };
        let one = |v: &Value| {
            let name = ["value", "name"].iter().find_map(|k| v.get(k).and_then(Value::as_str))?;
            let id = v.get("id").and_then(Value::as_str)?;
            Some(Allowed { id: id.to_owned(), name: name.to_owned() })
        };
        self.allowed_values.iter().flatten().filter(usable).filter_map(one).collect()
    }
}
