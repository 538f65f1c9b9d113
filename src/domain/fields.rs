//! The fields a card shares with its platforms, and the differences between two states of them.

mod name;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::mapping::Status;

pub use name::{FieldName, PRIORITIES};

/// A field that synchronises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The title.
    Title,
    /// The Markdown body.
    Body,
    /// The canonical status.
    Status,
    /// The labels, as a set.
    Labels,
    /// The assignees, as a set.
    Assignees,
    /// The milestone, by title.
    Milestone,
    /// A further field, by name; what it is called on a platform says a rule of the connection.
    Extra(FieldName),
}

impl Field {
    /// The fields every card has, in the order they are shown.
    pub const ALL: [Self; 6] =
        [Self::Title, Self::Body, Self::Status, Self::Labels, Self::Assignees, Self::Milestone];

    /// The name used in the config, the store and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Body => "body",
            Self::Status => "status",
            Self::Labels => "labels",
            Self::Assignees => "assignees",
            Self::Milestone => "milestone",
            Self::Extra(name) => name.as_str(),
        }
    }

    /// The further field of this name, or the one every card has; `None` when `name` cannot be a field.
    pub fn named(name: &str) -> Option<Self> {
        let common = Self::ALL.into_iter().find(|f| f.as_str() == name);
        common.or_else(|| FieldName::new(name).map(Self::Extra))
    }
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Field {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::named(s).ok_or_else(|| format!("`{s}` is not a field"))
    }
}

impl Serialize for Field {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::IntoDeserializer;
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let common = Self::ALL.into_iter().find(|f| f.as_str() == name);
        common.map_or_else(|| FieldName::deserialize(name.into_deserializer()).map(Self::Extra), Ok)
    }
}

/// The synchronised fields of one item, in canonical form (see [`canonical_body`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fields {
    /// The title.
    pub title: String,
    /// The body: line feeds only, no marker, no blank end.
    pub body: String,
    /// The canonical status.
    pub status: Status,
    /// Labels without those that stand for a status.
    pub labels: BTreeSet<String>,
    /// Logins.
    pub assignees: BTreeSet<String>,
    /// The milestone's title.
    pub milestone: Option<String>,
    /// Further fields by name; one without a value is not here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<FieldName, Value>,
}

impl Fields {
    /// One field's value, for showing and for keeping the loser of a conflict.
    pub fn value(&self, field: Field) -> Value {
        match field {
            Field::Title => Value::Text(self.title.clone()),
            Field::Body => Value::Text(self.body.clone()),
            Field::Status => Value::Text(self.status.to_string()),
            Field::Labels => Value::Set(self.labels.clone()),
            Field::Assignees => Value::Set(self.assignees.clone()),
            Field::Milestone => self.milestone.clone().map_or(Value::None, Value::Text),
            Field::Extra(name) => self.extra.get(&name).cloned().unwrap_or(Value::None),
        }
    }

    /// Gives a further field a value; none takes it away.
    pub fn set_extra(&mut self, name: FieldName, value: Value) {
        set_extra(&mut self.extra, name, value);
    }

    /// Every field that one of `all` has, each once.
    pub fn all_of<'f>(all: impl IntoIterator<Item = &'f Self>) -> BTreeSet<Field> {
        let further = all.into_iter().flat_map(|fields| fields.extra.keys().copied().map(Field::Extra));
        Field::ALL.into_iter().chain(further).collect()
    }

    /// Replaces one field by `other`'s.
    pub fn take(&mut self, field: Field, other: &Self) {
        match field {
            Field::Title => self.title.clone_from(&other.title),
            Field::Body => self.body.clone_from(&other.body),
            Field::Status => self.status.clone_from(&other.status),
            Field::Labels => self.labels.clone_from(&other.labels),
            Field::Assignees => self.assignees.clone_from(&other.assignees),
            Field::Milestone => self.milestone.clone_from(&other.milestone),
            Field::Extra(name) => self.set_extra(name, other.value(field)),
        }
    }

    /// Empties a field; a title and a status, which nothing is without, stay.
    pub fn clear(&mut self, field: Field) {
        match field {
            Field::Title | Field::Status => {}
            Field::Body => self.body.clear(),
            Field::Labels => self.labels.clear(),
            Field::Assignees => self.assignees.clear(),
            Field::Milestone => self.milestone = None,
            Field::Extra(name) => self.set_extra(name, Value::None),
        }
    }

    /// Whether `field` is equal in both; labels and logins are compared without regard to case, as platforms do.
    pub fn same(&self, other: &Self, field: Field) -> bool {
        match field {
            Field::Labels => SetDelta::between(&self.labels, &other.labels).is_empty(),
            Field::Assignees => SetDelta::between(&self.assignees, &other.assignees).is_empty(),
            _ => self.value(field) == other.value(field),
        }
    }

    /// The fields in which the two differ.
    pub fn differing(&self, other: &Self) -> Vec<Field> {
        Self::all_of([self, other]).into_iter().filter(|f| !self.same(other, *f)).collect()
    }
}

/// Gives a further field a value; an empty one takes it away.
pub fn set_extra(extra: &mut BTreeMap<FieldName, Value>, name: FieldName, value: Value) {
    if value.is_empty() {
        extra.remove(&name);
    } else {
        extra.insert(name, value);
    }
}

/// A field's value, whatever the field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A set of names.
    Set(BTreeSet<String>),
    /// A text.
    Text(String),
    /// Nothing: a card without a milestone.
    None,
}

impl Value {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Set(names) => names.is_empty(),
            Self::Text(text) => text.is_empty(),
            Self::None => true,
        }
    }

    /// The text, of a value that is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Set(_) | Self::None => None,
        }
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(t) => f.pad(t),
            Self::None => f.pad("none"),
            Self::Set(s) if s.is_empty() => f.pad("none"),
            Self::Set(s) => f.pad(&s.iter().map(String::as_str).collect::<Vec<_>>().join(", ")),
        }
    }
}

/// What to add to a set and what to take from it. Names are matched without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SetDelta {
    /// Names to add.
    pub add: BTreeSet<String>,
    /// Names to remove.
    pub remove: BTreeSet<String>,
}

impl SetDelta {
    /// What turns `from` into `to`.
    pub fn between(from: &BTreeSet<String>, to: &BTreeSet<String>) -> Self {
        let missing = |a: &BTreeSet<String>, b: &BTreeSet<String>| {
            a.iter().filter(|x| !contains(b, x)).cloned().collect::<BTreeSet<_>>()
        };
        Self { add: missing(to, from), remove: missing(from, to) }
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }

    /// `set` with the additions and without the removals; the spelling already in `set` stays.
    pub fn apply(&self, set: &BTreeSet<String>) -> BTreeSet<String> {
        let mut out: BTreeSet<String> = set.iter().filter(|x| !contains(&self.remove, x)).cloned().collect();
        for name in &self.add {
            if !contains(&out, name) {
                out.insert(name.clone());
            }
        }
        out
    }
}

/// Whether `set` holds `name`, without regard to case.
pub fn contains(set: &BTreeSet<String>, name: &str) -> bool {
    set.contains(name) || set.iter().any(|x| x.to_lowercase() == name.to_lowercase())
}

/// The form of a body in which two bodies are compared: CRLF and CR become LF, blanks at the end go.
///
/// GitHub's web form stores CRLF, its API stores what it is given; neither is an edit.
pub fn canonical_body(body: &str) -> String {
    body.replace("\r\n", "\n").replace('\r', "\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&s| s.to_owned()).collect()
    }

    #[test]
    fn a_label_in_another_case_is_the_same_label() {
        assert!(SetDelta::between(&set(&["Bug"]), &set(&["bug"])).is_empty());
    }

    #[test]
    fn applying_a_delta_gives_the_target() {
        let (from, to) = (set(&["a", "B", "c"]), set(&["b", "d"]));
        let delta = SetDelta::between(&from, &to);
        assert_eq!(delta, SetDelta { add: set(&["d"]), remove: set(&["a", "c"]) });
        assert_eq!(delta.apply(&from), set(&["B", "d"]));
    }

    #[test]
    fn line_endings_and_a_blank_end_are_not_an_edit() {
        assert_eq!(canonical_body("a\r\nb\r\n\r\n"), canonical_body("a\nb"));
        assert_ne!(canonical_body("  a"), canonical_body("a"));
    }
}
