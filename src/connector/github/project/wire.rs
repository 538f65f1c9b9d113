//! GitHub's GraphQL shapes of a project, as far as they are read; it decides nothing.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value as Json;

/// Answer to a question about a project.
#[derive(Debug, Deserialize)]
pub(super) struct Owned {
    pub(super) owner: Option<Owner>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Owner {
    pub(super) project_v2: Option<Project>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Project {
    pub(super) id: String,
    #[serde(default)]
    pub(super) title: String,
    #[serde(default)]
    pub(super) closed: bool,
    #[serde(default)]
    pub(super) viewer_can_update: bool,
    #[serde(default)]
    pub(super) field: Option<Field>,
}

/// A field; one of another kind than single select comes as an empty object.
#[derive(Debug, Deserialize)]
pub(super) struct Field {
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) options: Vec<FieldOption>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct FieldOption {
    pub(super) id: String,
    pub(super) name: String,
}

/// Answer to a question about a project's fields.
#[derive(Debug, Deserialize)]
pub(super) struct AllFields {
    pub(super) node: Option<WithFields>,
}

#[derive(Debug, Deserialize)]
pub(super) struct WithFields {
    pub(super) fields: Fields,
}

#[derive(Debug, Deserialize)]
pub(super) struct Fields {
    #[serde(default)]
    pub(super) nodes: Vec<Option<Further>>,
}

/// A field of any kind; one that GitHub's schema had not when this was written comes as an empty object.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Further {
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) data_type: String,
    #[serde(default)]
    pub(super) options: Vec<FieldOption>,
    #[serde(default)]
    pub(super) configuration: Option<Iterations>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Iterations {
    /// Current and upcoming.
    #[serde(default)]
    pub(super) iterations: Vec<Iteration>,
    #[serde(default)]
    pub(super) completed_iterations: Vec<Iteration>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Iteration {
    pub(super) id: String,
    pub(super) title: String,
}

/// Answer to a page of the board.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BoardPage {
    pub(super) repository: Option<Named>,
    pub(super) node: Option<Board>,
    #[serde(default)]
    pub(super) rate_limit: Option<RateLimit>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RateLimit {
    pub(super) cost: u32,
    pub(super) remaining: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Named {
    pub(super) name_with_owner: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Board {
    pub(super) items: Items,
    /// The further fields that were asked for, by alias.
    #[serde(flatten)]
    pub(super) rest: BTreeMap<String, Json>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Items {
    pub(super) page_info: PageInfo,
    pub(super) nodes: Vec<Option<Item>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageInfo {
    pub(super) has_next_page: bool,
    #[serde(default)]
    pub(super) end_cursor: Option<String>,
}

/// An item of the board, without its words.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item {
    #[serde(default, rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) field_value_by_name: Option<Value>,
    /// Null for what we may not see; empty for what is no issue.
    #[serde(default)]
    pub(super) content: Option<Content>,
    /// The values of further fields by alias, among other things.
    #[serde(flatten)]
    pub(super) rest: BTreeMap<String, Json>,
}

/// A value of the Status field; a field of another kind leaves it empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Value {
    #[serde(default)]
    pub(super) option_id: Option<String>,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) updated_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Content {
    #[serde(default)]
    pub(super) number: Option<u64>,
    #[serde(default)]
    pub(super) repository: Option<Named>,
}

/// Answer to a question about one issue.
#[derive(Debug, Deserialize)]
pub(super) struct IssuePlaces {
    pub(super) repository: Option<WithIssue>,
    /// The project, with the further fields that were asked for, by alias.
    #[serde(default)]
    pub(super) node: Option<BTreeMap<String, Json>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct WithIssue {
    pub(super) issue: Option<Issue>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Issue {
    pub(super) id: String,
    pub(super) project_items: Places,
}

#[derive(Debug, Deserialize)]
pub(super) struct Places {
    #[serde(default)]
    pub(super) nodes: Vec<Option<Place>>,
}

/// An issue's item in one project.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Place {
    pub(super) id: String,
    #[serde(default)]
    pub(super) is_archived: bool,
    pub(super) project: Id,
    #[serde(default)]
    pub(super) field_value_by_name: Option<Value>,
    /// The values of further fields, by alias.
    #[serde(flatten)]
    pub(super) rest: BTreeMap<String, Json>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Id {
    pub(super) id: String,
}

/// Answer to an addition.
#[derive(Debug, Deserialize)]
pub(super) struct Added {
    #[serde(rename = "addProjectV2ItemById")]
    pub(super) payload: Option<AddedItem>,
}

#[derive(Debug, Deserialize)]
pub(super) struct AddedItem {
    pub(super) item: Option<Place>,
}

/// Answer to several values that were written, by alias.
pub(super) type Written = BTreeMap<String, Option<MovedItem>>;

/// Answer to a move.
#[derive(Debug, Deserialize)]
pub(super) struct Moved {
    #[serde(rename = "updateProjectV2ItemFieldValue")]
    pub(super) payload: Option<MovedItem>,
}

#[derive(Debug, Deserialize)]
pub(super) struct MovedItem {
    #[serde(rename = "projectV2Item")]
    pub(super) item: Option<Standing>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Standing {
    #[serde(default)]
    pub(super) field_value_by_name: Option<Value>,
    /// The values of further fields, by alias.
    #[serde(flatten)]
    pub(super) rest: BTreeMap<String, Json>,
}
