//! How a person has arranged the board: lanes, how dense the cards are, columns made narrow or hidden. Kept over the end
//! of the program, not in the config: it is nobody else's business. What cannot be read is the look of a new board.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::mapping::Status;

/// The name under which it is kept.
pub const KEPT_AS: &str = "look";

/// What the lanes stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LaneBy {
    /// There are none.
    #[default]
    Nothing,
    /// Who works on it.
    Assignee,
    /// What it is part of.
    Epic,
    /// The milestone.
    Milestone,
    /// The priority.
    Priority,
    /// The platform it came from.
    Connection,
}

impl LaneBy {
    /// Every way, in the order they are offered.
    pub const ALL: [Self; 6] =
        [Self::Assignee, Self::Epic, Self::Milestone, Self::Priority, Self::Connection, Self::Nothing];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::Assignee => "assignee",
            Self::Epic => "epic",
            Self::Milestone => "milestone",
            Self::Priority => "priority",
            Self::Connection => "connection",
        }
    }

    /// The key that chooses it where it is asked for.
    pub fn key(self) -> char {
        self.word().chars().next().unwrap_or('n')
    }

    /// What the lane of the cards without one is called.
    pub fn without(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Assignee => "no assignee",
            Self::Epic => "no epic",
            Self::Milestone => "no milestone",
            Self::Priority => "no priority",
            Self::Connection => "only here",
        }
    }
}

/// How much of a card is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Density {
    /// One line: key, title and mark.
    Compact,
    /// A title of two lines, the key with what fits beside it, and facts where there is room.
    #[default]
    Normal,
    /// A title of three lines, every label, every fact.
    Full,
}

impl Density {
    /// The next one round.
    pub fn next(self) -> Self {
        match self {
            Self::Normal => Self::Full,
            Self::Full => Self::Compact,
            Self::Compact => Self::Normal,
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Compact => "compact",
            Self::Normal => "normal",
            Self::Full => "full",
        }
    }
}

/// How a person has arranged the board.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Look {
    /// What the lanes stand for.
    pub lanes: LaneBy,
    /// How much of a card is shown.
    pub density: Density,
    /// Columns that are a narrow strip.
    pub narrow: BTreeSet<Status>,
    /// Columns that are not shown.
    pub hidden: BTreeSet<Status>,
    /// The lanes that are only a row, by key; they are those of `lanes`.
    pub folded: BTreeSet<String>,
}

impl Look {
    /// Reads what was kept.
    pub fn read(kept: Option<&String>) -> Self {
        kept.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// What is kept.
    pub fn written(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_reads_back_as_it_was_kept_and_anything_else_is_a_new_one() {
        let look = Look {
            lanes: LaneBy::Milestone,
            density: Density::Compact,
            narrow: [Status::new("done")].into(),
            hidden: [Status::new("review")].into(),
            folded: ["v1.2".to_owned(), String::new()].into(),
        };
        assert_eq!(Look::read(Some(&look.written())), look);
        for odd in ["", "wide", "{\"lanes\":7}", "[]"] {
            assert_eq!(Look::read(Some(&odd.to_owned())), Look::default(), "{odd}");
        }
        assert_eq!(Look::read(Some(&"{\"density\":\"full\",\"later\":1}".to_owned())).density, Density::Full);
    }

    #[test]
    fn each_way_of_lanes_has_a_key_of_its_own() {
        let keys: BTreeSet<char> = LaneBy::ALL.into_iter().map(LaneBy::key).collect();
        assert_eq!(keys.len(), LaneBy::ALL.len());
    }
}
