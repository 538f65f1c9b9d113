//! The names of a card's further fields: priority, estimate, due, and whatever a team names in its field rules.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::support::kept::kept;

/// The priorities as people call them, the highest first.
pub const PRIORITIES: [&str; 8] =
    ["urgent", "blocker", "highest", "high", "medium", "normal", "low", "lowest"];

/// Longest name, in characters.
const NAME_MAX: usize = 32;

/// Names that mean something else: the fields every card has, and the other things a card's history tells of.
const TAKEN: [&str; 11] = [
    "title",
    "body",
    "status",
    "labels",
    "assignees",
    "milestone",
    "created",
    "archived",
    "comment",
    "place",
    "default",
];

/// The name of a further field: a lower-case letter, then lower-case letters, digits and `_`, at most 32 in all.
///
/// A name is kept once for the life of the process: names come from the config and from what the config once wrote.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldName(&'static str);

impl FieldName {
    /// How much it matters: one of the board's priorities.
    pub const PRIORITY: Self = Self("priority");
    /// How much work it is, as a number: points or hours, as the team counts.
    pub const ESTIMATE: Self = Self("estimate");
    /// How much work went into it, in the same unit.
    pub const SPENT: Self = Self("spent");
    /// The day it is due, `YYYY-MM-DD`.
    pub const DUE: Self = Self("due");
    /// The key of what it is part of.
    pub const PARENT: Self = Self("parent");

    /// The names that mean the same on every board, in the order they are shown.
    pub const KNOWN: [Self; 5] = [Self::PRIORITY, Self::ESTIMATE, Self::SPENT, Self::DUE, Self::PARENT];

    /// The field of this name; `None` when it cannot be one.
    pub fn new(name: &str) -> Option<Self> {
        Self::is_valid(name).then(|| Self(kept(name)))
    }

    /// The field that stands for a platform's own field `target` where a rule only sends it: no card has a field of this
    /// name, and nobody can type it.
    pub fn sent_to(target: &str) -> Self {
        Self(kept(&format!("→{target}")))
    }

    /// Whether it stands for what a rule only sends (see [`FieldName::sent_to`]).
    pub fn is_sent_only(self) -> bool {
        self.0.starts_with('→')
    }

    /// Whether a further field can be called so.
    pub fn is_valid(name: &str) -> bool {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let fits = name.starts_with(|c: char| c.is_ascii_lowercase()) && name.len() <= NAME_MAX;
        fits && name.chars().all(plain) && !TAKEN.contains(&name)
    }

    /// The name as text.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Debug for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FieldName({})", self.0)
    }
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl Serialize for FieldName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for FieldName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let sent = name.strip_prefix('→').map(Self::sent_to);
        sent.or_else(|| Self::new(&name))
            .ok_or_else(|| serde::de::Error::custom(format!("`{name}` is not a field")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_lower_case_letters_digits_and_underscores() {
        for good in ["due", "story_points", "p2"] {
            assert_eq!(FieldName::new(good).map(FieldName::as_str), Some(good));
        }
        for bad in ["", "2p", "Story", "a b", "a-b", "_a", "→a", "title", "created", &"a".repeat(33)] {
            assert_eq!(FieldName::new(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_same_name_is_the_same_field_and_survives_json() {
        assert_eq!(FieldName::new("due"), Some(FieldName::DUE));
        for name in [FieldName::DUE, FieldName::sent_to("Story Points")] {
            let json = serde_json::to_string(&name).expect("a text");
            assert_eq!(serde_json::from_str::<FieldName>(&json).expect("the same"), name);
        }
        assert!(serde_json::from_str::<FieldName>("\"Not one\"").is_err());
    }
}
