//! What a query can go on with where the cursor stands: qualifiers first, then the values there are on the board.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::Facts;
use super::ask::{Has, Is};
use super::parse::{QUALIFIERS, words};
use super::sort::SortKey;
use crate::domain::card::{Card, Kind};
use crate::domain::fields::{FieldName, Value};

/// How many completions are offered at once: every qualifier, and as many values as one would go through.
const MOST: usize = 24;
/// How many values of a further field are kept: one with more is not chosen from a list.
const FIELD_VALUES: usize = 100;

/// The values there are on a board, for completion.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Vocabulary {
    labels: BTreeSet<String>,
    assignees: BTreeSet<String>,
    milestones: BTreeSet<String>,
    statuses: Vec<String>,
    connections: BTreeSet<String>,
    priorities: Vec<String>,
    fields: BTreeMap<FieldName, BTreeSet<String>>,
}

impl Vocabulary {
    /// The values of `cards`, and those the board knows.
    pub fn of<'a>(cards: impl IntoIterator<Item = &'a Card>, facts: &Facts<'_>) -> Self {
        let mut out = Self {
            statuses: facts.columns.iter().map(|c| c.title.clone()).collect(),
            priorities: facts.priorities.iter().map(|&p| p.to_owned()).collect(),
            ..Self::default()
        };
        for card in cards {
            let add = |all: &mut BTreeSet<String>, name: &str| {
                if !all.contains(name) {
                    all.insert(name.to_owned());
                }
            };
            card.labels.iter().for_each(|name| add(&mut out.labels, name));
            card.assignees.iter().for_each(|name| add(&mut out.assignees, name));
            card.milestone.iter().for_each(|name| add(&mut out.milestones, name));
            card.links.iter().for_each(|link| add(&mut out.connections, link.connection.as_str()));
            for (name, value) in &card.extra {
                let values = out.fields.entry(*name).or_default();
                match value {
                    Value::Text(text) if values.len() < FIELD_VALUES => add(values, text),
                    Value::Set(all) if values.len() < FIELD_VALUES => {
                        all.iter().for_each(|one| add(values, one));
                    }
                    _ => {}
                }
            }
        }
        out
    }

    fn of_field(&self, name: &str) -> Vec<String> {
        let values = FieldName::new(name).and_then(|name| self.fields.get(&name));
        values.into_iter().flatten().cloned().collect()
    }

    fn values(&self, qualifier: &str) -> Vec<String> {
        let own = |all: &BTreeSet<String>| all.iter().cloned().collect::<Vec<_>>();
        let and_none = |mut all: Vec<String>| {
            all.push("none".to_owned());
            all
        };
        let list = |all: &[&str]| all.iter().map(|&v| v.to_owned()).collect();
        match qualifier {
            "is" => Is::ALL.iter().map(|(name, _)| (*name).to_owned()).collect(),
            "state" => list(&["open", "closed"]),
            "no" | "has" => Has::ALL.iter().map(|(name, _)| (*name).to_owned()).collect(),
            "label" => and_none(own(&self.labels)),
            "assignee" => {
                let mut all = vec!["@me".to_owned()];
                all.extend(self.assignees.iter().map(|a| format!("@{a}")));
                and_none(all)
            }
            "milestone" => and_none(own(&self.milestones)),
            "status" | "column" => self.statuses.clone(),
            "connection" => own(&self.connections),
            "kind" | "type" => Kind::ALL.iter().map(|k| k.as_str().to_owned()).collect(),
            "priority" => and_none(self.priorities.clone()),
            "due" => list(&["<7d", "today", "tomorrow", "overdue", "none"]),
            "updated" | "created" => list(&["<1d", "<7d", ">30d"]),
            "estimate" | "spent" => list(&["<3", ">3", "1..5", "none"]),
            "parent" => self.of_field(qualifier),
            // Keys are numbers: what can be chosen is on which connection.
            "key" => self.connections.iter().map(|name| format!("{name}#")).collect(),
            "field" => self.fields.keys().map(|f| format!("{f}=")).collect(),
            _ => Vec::new(),
        }
    }

    /// The orders; with their directions once one is named.
    fn orders(begun: &str) -> Vec<String> {
        let named = |k: &SortKey| begun.starts_with(k.as_str());
        let Some(key) = SortKey::ALL.into_iter().find(named) else {
            return SortKey::ALL.iter().map(|k| k.as_str().to_owned()).collect();
        };
        ["", "-asc", "-desc"].iter().map(|way| format!("{}{way}", key.as_str())).collect()
    }
}

/// One way to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What of the text it replaces, in bytes.
    pub at: Range<usize>,
    /// What it puts there.
    pub with: String,
    /// What it means, where that needs saying.
    pub about: &'static str,
}

/// The ways to go on at `cursor` (in bytes), the likeliest first.
pub fn complete(text: &str, cursor: usize, words_of: &Vocabulary) -> Vec<Completion> {
    let cursor = (0..=cursor.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let word = words(&text[..cursor]).find(|(at, _)| at.end == cursor).map_or(cursor..cursor, |(at, _)| at);
    let typed = &text[word.clone()];
    let body = typed.strip_prefix('-').unwrap_or(typed);
    let start = word.end - body.len();
    let Some((name, value)) = body.split_once(':') else { return qualifiers(body, start..cursor) };
    let name = name.to_lowercase();
    // Of several values the last one is being typed; a further field has its name before its values.
    let (field, value) = match value.split_once('=').filter(|_| name == "field") {
        Some((field, value)) => (Some(field), value),
        None => (None, value),
    };
    let last = value.rsplit(',').next().unwrap_or_default();
    let begun = last.trim_start_matches('"').to_lowercase();
    let at = cursor - last.len()..cursor;
    let (mut heads, mut within) = (Vec::new(), Vec::new());
    let known = match (field, name.as_str()) {
        (Some(field), _) => words_of.of_field(field),
        (None, "sort") => Vocabulary::orders(&begun),
        (None, name) => words_of.values(name),
    };
    for value in known {
        let lower = value.to_lowercase();
        let plain = lower.trim_start_matches('@');
        if lower.starts_with(&begun) || plain.starts_with(&begun) {
            heads.push(value);
        } else if lower.contains(&begun) {
            within.push(value);
        }
    }
    heads.extend(within);
    let there: Vec<String> = value.split(',').map(|v| v.trim_matches('"').to_lowercase()).collect();
    heads.retain(|value| !there.contains(&value.to_lowercase()));
    let with = |value: String| Completion { at: at.clone(), with: quoted(&value), about: "" };
    heads.into_iter().take(MOST).map(with).collect()
}

fn qualifiers(begun: &str, at: Range<usize>) -> Vec<Completion> {
    let begun = begun.to_lowercase();
    // `state` reads, and is offered by its other name.
    let offered = QUALIFIERS.iter().filter(|(name, _)| *name != "state" && name.starts_with(&begun));
    offered
        .take(MOST)
        .map(|(name, about)| Completion { at: at.clone(), with: format!("{name}:"), about })
        .collect()
}

fn quoted(value: &str) -> String {
    if value.contains([' ', ',']) { format!("\"{value}\"") } else { value.to_owned() }
}
