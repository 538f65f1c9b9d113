//! What a picker picks from and what is picked: names, where they come from, what is typed, what is on. Pure; knows
//! neither keys nor drawing.

use std::collections::{BTreeMap, BTreeSet};

use crate::connector::Offers;
use crate::domain::fields::{SetDelta, contains};
use crate::domain::link::ConnectionName;
use crate::tui::screens::fuzzy;

/// What is picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PickerKind {
    /// Labels, any number.
    Labels,
    /// Assignees, any number.
    Assignees,
    /// A milestone, or none.
    Milestone,
    /// A priority, or none.
    Priority,
}

impl PickerKind {
    /// Whether any number of rows can be on.
    pub fn is_set(self) -> bool {
        matches!(self, Self::Labels | Self::Assignees)
    }

    /// One of them, for a sentence.
    pub fn one(self) -> &'static str {
        match self {
            Self::Labels => "label",
            Self::Assignees => "assignee",
            Self::Milestone => "milestone",
            Self::Priority => "priority",
        }
    }
}

/// How many of the chosen cards have a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Has {
    /// None of them.
    #[default]
    No,
    /// Some, not all.
    Some,
    /// All of them.
    Yes,
}

/// What one connection offers, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offered {
    /// Asked, no answer yet.
    Loading,
    /// The names.
    Ready(BTreeSet<String>),
    /// No answer, and why.
    Failed(String),
}

/// A row as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The name, or what was typed.
    pub name: RowName,
    /// Which characters of the name answer what was typed.
    pub matched: Vec<usize>,
    /// How many cards had it when the picker opened.
    pub before: Has,
    /// How it shall be.
    pub after: Has,
    /// A remark: where the name comes from, how many cards a column has.
    pub note: String,
}

/// What a row stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowName {
    /// A name there is.
    Known(String),
    /// What was typed, which is no name yet.
    New(String),
    /// Nothing: no milestone, no priority.
    Nothing,
}

/// The list: candidates, what is typed, what is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    kind: PickerKind,
    /// Every name with what is said beside it, in the order in which they were added.
    names: Vec<(String, String)>,
    before: BTreeMap<String, Has>,
    changed: BTreeMap<String, bool>,
    /// What is typed.
    pub typed: String,
    focus: usize,
    /// What each connection offers.
    pub offered: Vec<(ConnectionName, Offered)>,
    /// Names that are never offered: labels that stand for a status.
    hidden: BTreeSet<String>,
}

impl List {
    /// A list of names that several cards have or not; `cards` are the sets of the chosen cards.
    pub fn of_sets(
        kind: PickerKind,
        cards: &[BTreeSet<String>],
        known: &BTreeSet<String>,
        hidden: BTreeSet<String>,
    ) -> Self {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for name in cards.iter().flatten() {
            *counts.entry(name.clone()).or_default() += 1;
        }
        let has = |n: usize| if n == cards.len() { Has::Yes } else { Has::Some };
        let before: BTreeMap<String, Has> = counts.into_iter().map(|(name, n)| (name, has(n))).collect();
        let mut list = Self::empty(kind, hidden);
        // What is on stands first, so that it is seen without a key pressed.
        before.keys().for_each(|n| list.add(n, ""));
        known.iter().for_each(|n| list.add(n, ""));
        list.before = before;
        list
    }

    /// A list of which one is chosen; `now` is what each of the cards has.
    pub fn of_one(kind: PickerKind, now: &[Option<&str>], known: impl IntoIterator<Item = String>) -> Self {
        let mut list = Self::empty(kind, BTreeSet::new());
        let mut has = BTreeMap::new();
        for name in now.iter().flatten() {
            *has.entry((*name).to_owned()).or_insert(0) += 1;
        }
        // Priorities stand in their order, whichever the cards have; of milestones theirs come first.
        if kind == PickerKind::Milestone {
            has.keys().for_each(|name| list.add(name, ""));
        }
        for (name, count) in has {
            list.before.insert(name, if count == now.len() { Has::Yes } else { Has::Some });
        }
        known.into_iter().for_each(|n| list.add(&n, ""));
        list.focus = list.rows().iter().position(|r| r.before == Has::Yes).unwrap_or(0);
        list
    }

    fn empty(kind: PickerKind, hidden: BTreeSet<String>) -> Self {
        Self {
            kind,
            names: Vec::new(),
            before: BTreeMap::new(),
            changed: BTreeMap::new(),
            typed: String::new(),
            focus: 0,
            offered: Vec::new(),
            hidden,
        }
    }

    fn add(&mut self, name: &str, note: &str) {
        let known = self.names.iter().any(|(n, _)| n.to_lowercase() == name.to_lowercase());
        if !known && !name.is_empty() && !contains(&self.hidden, name) {
            self.names.push((name.to_owned(), note.to_owned()));
        }
    }

    /// Says that `connection` has been asked.
    pub fn ask(&mut self, connection: ConnectionName) {
        self.offered.push((connection, Offered::Loading));
    }

    /// Takes a connection's answer. One that was not asked for changes nothing. The focused row stays focused.
    pub fn answer(&mut self, connection: &ConnectionName, offers: &Result<Offers, String>) {
        let Some(at) = self.offered.iter().position(|(c, _)| c == connection) else { return };
        let focused = self.focused().map(|r| r.name);
        let names: Result<Vec<(String, String)>, &String> = offers.as_ref().map(|o| match self.kind {
            PickerKind::Labels => plain(&o.labels),
            PickerKind::Assignees => plain(&o.assignable),
            PickerKind::Milestone => o
                .milestones
                .iter()
                .filter(|m| m.open)
                .map(|m| (m.title.clone(), m.due.map(|d| format!("due {d}")).unwrap_or_default()))
                .collect(),
            PickerKind::Priority => Vec::new(),
        });
        self.offered[at].1 = match names {
            Err(reason) => Offered::Failed(reason.clone()),
            Ok(names) => {
                names.iter().for_each(|(n, note)| self.add(n, note));
                Offered::Ready(names.into_iter().map(|(n, _)| n).collect())
            }
        };
        if let Some(row) = focused.and_then(|name| self.rows().iter().position(|r| r.name == name)) {
            self.focus = row;
        }
    }

    /// Whether a typed name may be added: a label anywhere; the others only where no platform could refuse them.
    fn takes_new(&self) -> bool {
        match self.kind {
            PickerKind::Labels | PickerKind::Priority => true,
            PickerKind::Assignees | PickerKind::Milestone => self.offered.is_empty(),
        }
    }

    /// The rows that answer what is typed, best first; as they were added when nothing is typed.
    pub fn rows(&self) -> Vec<Row> {
        let typed = self.typed.trim();
        let mut found: Vec<(i32, Row)> = self
            .names
            .iter()
            .filter_map(|(name, note)| {
                let found = fuzzy::matches(typed, name)?;
                Some((found.score, self.row(name, note, found.at)))
            })
            .collect();
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        let mut rows: Vec<Row> = found.into_iter().map(|(_, row)| row).collect();
        if !self.kind.is_set() && typed.is_empty() {
            rows.insert(0, self.nothing());
        }
        let exact = self.names.iter().any(|(n, _)| n.to_lowercase() == typed.to_lowercase());
        if self.takes_new() && !typed.is_empty() && !exact && !contains(&self.hidden, typed) {
            rows.push(Row {
                name: RowName::New(typed.to_owned()),
                matched: Vec::new(),
                before: Has::No,
                after: Has::No,
                note: format!("new {}", self.kind.one()),
            });
        }
        rows
    }

    fn row(&self, name: &str, note: &str, matched: Vec<usize>) -> Row {
        let before = self.before.get(name).copied().unwrap_or_default();
        let after = match self.changed.get(name) {
            Some(true) => Has::Yes,
            Some(false) => Has::No,
            None => before,
        };
        Row { name: RowName::Known(name.to_owned()), matched, before, after, note: note.to_owned() }
    }

    fn nothing(&self) -> Row {
        let before = if self.before.is_empty() { Has::Yes } else { Has::No };
        Row { name: RowName::Nothing, matched: Vec::new(), before, after: before, note: String::new() }
    }

    /// The place of the focus among the rows.
    pub fn focus(&self) -> usize {
        self.focus
    }

    /// The focused row.
    pub fn focused(&self) -> Option<Row> {
        self.rows().into_iter().nth(self.focus)
    }

    /// Moves the focus by `by` rows, as far as there are rows.
    pub fn step(&mut self, by: isize) {
        let last = self.rows().len().saturating_sub(1);
        self.focus = self.focus.saturating_add_signed(by).min(last);
    }

    /// Puts the focus on a row, as far as there is one.
    pub fn go(&mut self, row: usize) {
        self.focus = row;
        self.step(0);
    }

    /// Types characters; control characters are no part of a name.
    pub fn type_text(&mut self, text: &str) {
        self.typed.extend(text.chars().filter(|c| !c.is_control()));
        self.focus = 0;
    }

    /// Takes the last typed character back.
    pub fn erase(&mut self) {
        self.typed.pop();
        self.focus = 0;
    }

    /// Takes everything typed back; says whether there was anything.
    pub fn clear(&mut self) -> bool {
        self.focus = 0;
        !std::mem::take(&mut self.typed).is_empty()
    }

    /// Turns the focused row of a set on or off. A row that some cards have is first put on all.
    pub fn toggle(&mut self) {
        let Some(row) = self.focused().filter(|_| self.kind.is_set()) else { return };
        match row.name {
            RowName::Known(name) => {
                let on = row.after != Has::Yes;
                let as_before = row.before == if on { Has::Yes } else { Has::No };
                if as_before {
                    self.changed.remove(&name);
                } else {
                    self.changed.insert(name, on);
                }
            }
            RowName::New(name) => {
                self.names.insert(0, (name.clone(), format!("new {}", self.kind.one())));
                self.changed.insert(name, true);
                self.clear();
            }
            RowName::Nothing => {}
        }
    }

    /// Turns the focused row over unless it was turned before.
    pub fn toggle_once(&mut self) {
        let turned = |r: &Row| matches!(&r.name, RowName::Known(n) if self.changed.contains_key(n));
        if self.focused().is_some_and(|r| !turned(&r)) {
            self.toggle();
        }
    }

    /// What would change on the chosen cards.
    pub fn delta(&self) -> SetDelta {
        let with =
            |on: bool| self.changed.iter().filter(|(_, v)| **v == on).map(|(n, _)| n.clone()).collect();
        SetDelta { add: with(true), remove: with(false) }
    }

    /// What is picked.
    pub fn kind(&self) -> PickerKind {
        self.kind
    }
}

fn plain(names: &[String]) -> Vec<(String, String)> {
    names.iter().map(|n| (n.clone(), String::new())).collect()
}

#[cfg(test)]
mod tests;
