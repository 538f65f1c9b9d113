//! A status mapping while it is being edited: columns, titles and targets, and what is wrong with them right now.
//!
//! Pure: the text of a config file is made of a draft in [`super::edit`], which also saves it.

use std::fmt;

use indexmap::IndexMap;

use super::settings::Settings;
use crate::domain::fields::SetDelta;
use crate::domain::link::ConnectionName;
use crate::domain::mapping::{CloseReason, OpenState, PlatformState, Status, StatusMapping, Target};
use crate::support::text;

/// Longest column title, in characters.
pub const TITLE_MAX: usize = 60;
/// Longest label name, in characters: what GitHub takes.
pub const LABEL_MAX: usize = 50;

/// The part of the mapping a problem is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Cell {
    /// The board as a whole.
    Board,
    /// The canonical name in a row.
    Status(usize),
    /// The column title in a row.
    Title(usize),
    /// What a status is on a connection.
    Target(ConnectionName, Status),
    /// A connection as a whole.
    Connection(ConnectionName),
}

/// Something that keeps a draft from being saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingProblem {
    /// Where it is.
    pub at: Cell,
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: &'static str,
}

impl fmt::Display for MappingProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The columns of a board and what each is on every connection, free to be wrong while it is edited.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MappingDraft {
    /// Canonical status and column title, in board order.
    pub columns: Vec<(Status, String)>,
    /// Per connection, what each status is on its platform. Every connection of the settings has an entry.
    pub targets: IndexMap<ConnectionName, IndexMap<Status, Target>>,
}

impl MappingDraft {
    /// The mapping as `settings` has it.
    pub fn of(settings: &Settings) -> Self {
        Self {
            columns: settings.columns.iter().map(|c| (c.status.clone(), c.title.clone())).collect(),
            targets: settings.connections.iter().map(|c| (c.name.clone(), c.targets.clone())).collect(),
        }
    }

    /// The row of a status.
    pub fn row(&self, status: &Status) -> Option<usize> {
        self.columns.iter().position(|(s, _)| s == status)
    }

    /// What a status is on a connection.
    pub fn target(&self, connection: &ConnectionName, status: &Status) -> Option<&Target> {
        self.targets.get(connection)?.get(status)
    }

    /// Gives a column another title.
    pub fn rename(&mut self, row: usize, title: impl Into<String>) {
        if let Some((_, old)) = self.columns.get_mut(row) {
            *old = title.into();
        }
    }

    /// Puts a new column at `row`, or at the end when there are fewer.
    pub fn add(&mut self, row: usize, status: Status, title: impl Into<String>) {
        self.columns.insert(row.min(self.columns.len()), (status, title.into()));
    }

    /// Takes a column out, with what every connection maps it to.
    pub fn remove(&mut self, row: usize) -> Option<(Status, String)> {
        if row >= self.columns.len() {
            return None;
        }
        let gone = self.columns.remove(row);
        for targets in self.targets.values_mut() {
            targets.shift_remove(&gone.0);
        }
        Some(gone)
    }

    /// Moves a column from one row to another; the others close up.
    pub fn reorder(&mut self, from: usize, to: usize) {
        if from < self.columns.len() && to < self.columns.len() {
            let column = self.columns.remove(from);
            self.columns.insert(to, column);
        }
    }

    /// Says what a status is on a connection, or that it is nothing there. A connection the draft does not know is
    /// left alone.
    pub fn set_target(&mut self, connection: &ConnectionName, status: &Status, target: Option<Target>) {
        let Some(targets) = self.targets.get_mut(connection) else { return };
        match target {
            Some(target) => {
                targets.insert(status.clone(), target);
            }
            None => {
                targets.shift_remove(status);
            }
        }
    }

    /// A connection's mapping as it would read and write; for a preview, whether or not the draft can be saved.
    pub fn mapping(&self, connection: &ConnectionName) -> Option<StatusMapping> {
        let targets = self.targets.get(connection)?;
        Some(StatusMapping::new(self.columns.iter().map(|(s, _)| s), targets))
    }

    /// Everything that keeps the draft from being saved, columns first.
    pub fn problems(&self) -> Vec<MappingProblem> {
        let mut out = Vec::new();
        if self.columns.is_empty() {
            out.push(problem(Cell::Board, "a board needs at least one column", "add a column"));
        }
        for (row, (status, title)) in self.columns.iter().enumerate() {
            let earlier = &self.columns[..row];
            if let Some((message, help)) = status_problem(status.as_str()) {
                out.push(problem(Cell::Status(row), message, help));
            } else if earlier.iter().any(|(s, _)| s == status) {
                let message = format!("there is already a status `{status}`");
                out.push(problem(Cell::Status(row), message, "give it another name"));
            }
            if let Some(message) = title_problem(title) {
                out.push(problem(Cell::Title(row), message, "write a short title, such as \"In Progress\""));
            } else if earlier.iter().any(|(_, t)| t.to_lowercase() == title.to_lowercase()) {
                let message = format!("another column is titled \"{title}\" too");
                out.push(problem(Cell::Title(row), message, "give each column a title of its own"));
            }
        }
        for (connection, targets) in &self.targets {
            self.target_problems(connection, targets, &mut out);
        }
        out
    }

    fn target_problems(
        &self,
        connection: &ConnectionName,
        targets: &IndexMap<Status, Target>,
        out: &mut Vec<MappingProblem>,
    ) {
        if targets.is_empty() {
            let message = format!("`{connection}` maps no status: nothing could be moved there");
            out.push(problem(Cell::Connection(connection.clone()), message, "map at least one status"));
        }
        let before = out.len();
        for (status, target) in targets {
            let at = || Cell::Target(connection.clone(), status.clone());
            if self.row(status).is_none() {
                let message = format!("the board has no status `{status}`");
                out.push(problem(at(), message, "add it to [status_mapping] or take it out here"));
            } else if let Some((message, help)) = target_problem(target) {
                out.push(problem(at(), message, help));
            }
        }
        // Whether two statuses can be told apart is asked only of targets that are good each by itself.
        if out.len() == before {
            out.extend(self.mix_ups(connection));
        }
    }

    /// Statuses of one connection that a platform would give back as another one.
    fn mix_ups(&self, connection: &ConnectionName) -> Vec<MappingProblem> {
        let Some(mapping) = self.mapping(connection) else { return Vec::new() };
        let mut out = Vec::new();
        for (status, target) in mapping.targets() {
            let Some(other) = mistaken_for(&mapping, status) else { continue };
            let same = mapping.target(&other).is_some_and(|t| same_state(t, target));
            let message = if same {
                format!("`{status}` and `{other}` are the same on `{connection}`: {target}")
            } else {
                format!("a card moved to `{status}` would come back from `{connection}` as `{other}`")
            };
            let help = "give each status a label or a close reason of its own";
            let cell = |s: &Status| Cell::Target(connection.clone(), s.clone());
            // A pair that is equal shows up from both ends or from one: told once, at the later of the two.
            let at = if self.row(&other) > self.row(status) { cell(&other) } else { cell(status) };
            if !out.iter().any(|p: &MappingProblem| p.at == at) {
                out.push(problem(at, message, help));
            }
        }
        out
    }
}

fn problem(at: Cell, message: impl Into<String>, help: &'static str) -> MappingProblem {
    MappingProblem { at, message: message.into(), help }
}

/// What is wrong with a canonical status' name.
pub fn status_problem(name: &str) -> Option<(String, &'static str)> {
    if Status::is_valid(name) {
        return None;
    }
    let help = "use lower-case letters, digits, `_` and `-`, at most 64";
    let shown = text::clip(&text::one_line(name), 64);
    let message = if name.is_empty() {
        "a status needs a name".into()
    } else {
        format!("`{shown}` cannot be a status")
    };
    Some((message, help))
}

/// What is wrong with a column's title.
pub fn title_problem(title: &str) -> Option<String> {
    if title.trim().is_empty() {
        Some("a column needs a title".to_owned())
    } else if title.chars().count() > TITLE_MAX {
        Some(format!("a column title has at most {TITLE_MAX} characters"))
    } else if title.chars().any(text::is_unsafe) {
        Some("a column title cannot hold control or invisible characters".to_owned())
    } else {
        None
    }
}

/// What is wrong with a label's name.
pub fn label_problem(label: &str) -> Option<String> {
    if label.trim().is_empty() {
        Some("a label cannot be empty".to_owned())
    } else if label.trim() != label {
        Some("a label cannot begin or end with a blank: the platform would take it away".to_owned())
    } else if label.chars().count() > LABEL_MAX {
        Some(format!("a label has at most {LABEL_MAX} characters"))
    } else if label.chars().any(text::is_unsafe) {
        Some("a label cannot hold control or invisible characters".to_owned())
    } else {
        None
    }
}

/// What is wrong with a target by itself.
pub fn target_problem(target: &Target) -> Option<(String, &'static str)> {
    if *target == Target::default() {
        let help = "say `{ label = \"..\" }`, `{ state = \"closed\", reason = \"completed\" }` or both";
        return Some(("this status is mapped to nothing".to_owned(), help));
    }
    if target.reason.is_some() && target.open_state() != OpenState::Closed {
        let help = "add `state = \"closed\"`, or take the reason out";
        return Some(("only a closed item has a reason".to_owned(), help));
    }
    let help = "write the label's name as the platform shows it";
    target.label.as_deref().and_then(label_problem).map(|message| (message, help))
}

fn same_state(a: &Target, b: &Target) -> bool {
    let label = |t: &Target| t.label.as_deref().map(str::to_lowercase);
    let named = |t: &Target| {
        let lower = |name: &Option<String>| name.as_deref().map(str::to_lowercase);
        (lower(&t.status), lower(&t.resolution))
    };
    a.open_state() == b.open_state() && a.reason == b.reason && label(a) == label(b) && named(a) == named(b)
}

/// The other status an item would be read as after it was moved to `to`, from anywhere it can stand.
///
/// Tried out rather than reasoned about: the mapping writes, the platform's own habits are applied, the mapping
/// reads. A platform that is told to close without a reason says `completed` (GitHub's REST description).
fn mistaken_for(mapping: &StatusMapping, to: &Status) -> Option<Status> {
    let bare = |state, reason| PlatformState { state, reason, ..PlatformState::default() };
    let open = bare(OpenState::Open, None);
    let closed = CloseReason::ALL.map(|r| bare(OpenState::Closed, Some(r)));
    let fresh = mapping.targets().filter_map(|(s, _)| after(mapping, &open, s));
    let starts: Vec<PlatformState> = std::iter::once(open.clone()).chain(closed).chain(fresh).collect();
    starts
        .iter()
        .filter_map(|start| after(mapping, start, to))
        .map(|state| mapping.read(&state).status)
        .find(|read| read != to)
}

fn after(mapping: &StatusMapping, at: &PlatformState, to: &Status) -> Option<PlatformState> {
    let change = mapping.write(at, to)?;
    let (state, reason) = match change.state {
        Some(OpenState::Open) => (OpenState::Open, None),
        Some(OpenState::Closed) => (OpenState::Closed, Some(change.reason.unwrap_or(CloseReason::Completed))),
        None => (at.state, at.reason),
    };
    let labels = SetDelta::apply(&change.labels, &at.labels);
    let (status, resolution) = match change.status {
        Some(status) => (Some(status), change.resolution),
        None => (at.status.clone(), at.resolution.clone()),
    };
    Some(PlatformState { state, reason, labels, status, resolution })
}

#[cfg(test)]
mod tests;
