//! Jira's shapes as far as they are read, in both versions of its API. What is not needed is not read, and what may
//! be missing is optional.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Something with a name.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Named {
    pub(super) name: String,
}

/// A person: Cloud tells `accountId`, Data Center `name`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub(super) account_id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) email_address: Option<String>,
    /// `atlassian`, `app` or `customer` on Cloud.
    pub(super) account_type: Option<String>,
    pub(super) active: Option<bool>,
}

impl User {
    /// What the person is called in an item: exact and for ever the same, which no display name is.
    pub(super) fn handle(&self) -> Option<String> {
        self.account_id.clone().or_else(|| self.name.clone()).filter(|h| !h.is_empty())
    }
}

/// A status category's key: `new`, `indeterminate` or `done`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Category {
    pub(super) key: Option<String>,
}

/// The statuses of one issue type of a project.
#[derive(Debug, Deserialize)]
pub(super) struct TypeStatuses {
    #[serde(default)]
    pub(super) statuses: Vec<Status>,
}

/// A status.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Status {
    pub(super) id: Option<String>,
    pub(super) name: String,
    #[serde(rename = "statusCategory")]
    pub(super) category: Option<Category>,
}

impl Status {
    /// Whether an issue in it is closed.
    pub(super) fn is_done(&self) -> bool {
        self.category.as_ref().and_then(|c| c.key.as_deref()) == Some("done")
    }
}

/// A version of a project.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Version {
    pub(super) id: String,
    pub(super) name: String,
    #[serde(default)]
    pub(super) released: bool,
    #[serde(default)]
    pub(super) archived: bool,
    pub(super) release_date: Option<String>,
}

/// An issue.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Issue {
    pub(super) id: String,
    pub(super) key: String,
    pub(super) fields: Fields,
    /// Entity properties that were asked for.
    pub(super) properties: Option<BTreeMap<String, Value>>,
}

/// An issue's fields.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fields {
    #[serde(default)]
    pub(super) summary: Option<String>,
    #[serde(default)]
    pub(super) description: Option<Value>,
    pub(super) status: Status,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) labels: Vec<String>,
    #[serde(default)]
    pub(super) assignee: Option<User>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) fix_versions: Vec<Version>,
    #[serde(default)]
    pub(super) resolution: Option<Named>,
    #[serde(default)]
    pub(super) issuetype: Option<Named>,
    #[serde(default)]
    pub(super) creator: Option<User>,
    #[serde(default)]
    pub(super) reporter: Option<User>,
    #[serde(deserialize_with = "time")]
    pub(super) created: DateTime<Utc>,
    #[serde(deserialize_with = "time")]
    pub(super) updated: DateTime<Utc>,
}

/// A page of a search: Cloud's with a token, Data Center's with a total.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Found {
    pub(super) issues: Vec<Value>,
    pub(super) next_page_token: Option<String>,
    pub(super) is_last: Option<bool>,
    pub(super) total: Option<u64>,
}

/// The answer to a create.
#[derive(Debug, Deserialize)]
pub(super) struct Created {
    pub(super) id: String,
    pub(super) key: String,
}

/// The transitions an issue has now.
#[derive(Debug, Deserialize)]
pub(super) struct Transitions {
    pub(super) transitions: Vec<Transition>,
}

/// One of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Transition {
    pub(super) id: String,
    pub(super) to: Status,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) fields: BTreeMap<String, ScreenField>,
    pub(super) is_available: Option<bool>,
}

/// A field on a transition's screen.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScreenField {
    #[serde(default)]
    pub(super) required: bool,
    #[serde(default)]
    pub(super) has_default_value: bool,
    pub(super) name: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) schema: FieldKind,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) allowed_values: Vec<Value>,
}

/// What sort of value a field holds.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct FieldKind {
    /// `string`, `option`, `array`, ..
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    /// What a list is a list of.
    pub(super) items: Option<String>,
    /// The field's type, when it is one of the site's own.
    pub(super) custom: Option<String>,
    /// Its name, when it is one of Jira's own.
    pub(super) system: Option<String>,
}

/// A page of comments.
#[derive(Debug, Deserialize)]
pub(super) struct Comments {
    pub(super) comments: Vec<Value>,
    pub(super) total: Option<u64>,
}

/// A comment.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Comment {
    pub(super) id: String,
    #[serde(default)]
    pub(super) author: Option<User>,
    #[serde(default)]
    pub(super) body: Option<Value>,
    #[serde(deserialize_with = "time")]
    pub(super) created: DateTime<Utc>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) properties: Vec<Property>,
}

/// An entity property.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Property {
    pub(super) key: String,
    pub(super) value: Value,
}

/// The types a new issue can have: Cloud says `issueTypes`, Data Center `values`.
#[derive(Debug, Deserialize)]
pub(super) struct IssueTypes {
    #[serde(alias = "issueTypes")]
    pub(super) values: Vec<IssueType>,
}

/// One of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IssueType {
    pub(super) id: String,
    pub(super) name: String,
    #[serde(default)]
    pub(super) subtask: bool,
    /// 1 an epic, 0 a usual one, -1 a subtask; not told by Data Center.
    pub(super) hierarchy_level: Option<i32>,
}

/// A project.
#[derive(Debug, Deserialize)]
pub(super) struct Project {
    pub(super) id: String,
    pub(super) key: String,
    #[serde(default)]
    pub(super) archived: bool,
}

/// What the server says of itself.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServerInfo {
    pub(super) base_url: Option<String>,
    /// `Cloud` or `Server`.
    pub(super) deployment_type: Option<String>,
    pub(super) version: Option<String>,
    #[serde(default)]
    pub(super) version_numbers: Vec<u32>,
}

/// What we may do.
#[derive(Debug, Deserialize)]
pub(super) struct Permissions {
    #[serde(default)]
    pub(super) permissions: BTreeMap<String, Permission>,
}

/// One permission.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Permission {
    #[serde(default)]
    pub(super) have_permission: bool,
}

/// A page of labels.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Labels {
    #[serde(default)]
    pub(super) values: Vec<String>,
    pub(super) is_last: Option<bool>,
}

/// Which site an address is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tenant {
    pub(super) cloud_id: String,
}

/// A refusal: lists of words, words by field, or the gateway's single message.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Refusal {
    #[serde(default)]
    pub(super) error_messages: Vec<String>,
    #[serde(default)]
    pub(super) errors: BTreeMap<String, Value>,
    pub(super) message: Option<String>,
}

/// A null reads as nothing.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

/// Jira writes `2020-12-03T14:05:20.974+0100`, without a colon in the offset.
fn time<'de, D: Deserializer<'de>>(from: D) -> Result<DateTime<Utc>, D::Error> {
    let text = String::deserialize(from)?;
    let read = DateTime::parse_from_rfc3339(&text)
        .or_else(|_| DateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f%z"));
    read.map(|t| t.to_utc()).map_err(|e| serde::de::Error::custom(format!("`{text}` is no time: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_time_are_the_same_moment() {
        #[derive(Deserialize)]
        struct At(#[serde(deserialize_with = "time")] DateTime<Utc>);
        let read = |text: &str| serde_json::from_value::<At>(text.into()).map(|t| t.0.timestamp_millis());
        let moment = read("2020-12-03T14:05:20.974+0100").unwrap();
        assert_eq!(read("2020-12-03T13:05:20.974Z").unwrap(), moment);
        assert_eq!(read("2020-12-03T13:05:20.974+00:00").unwrap(), moment);
        assert!(read("03/Dec/20 2:05 PM").is_err());
    }
}
