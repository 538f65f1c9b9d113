//! What happened while nobody was asked: kept until it can be read out between two lines, and no more than can be listened
//! to. Pure.

use std::collections::VecDeque;
use std::fmt::Write as _;

use super::words;
use crate::domain::board::Board;
use crate::domain::card::Card;
use crate::domain::health::Health;
use crate::domain::link::SyncStatus;
use crate::support::text::one_line;

/// How many lines are kept; of what comes beyond only the number is.
const KEPT: usize = 20;

/// What is to be read out.
#[derive(Debug, Default)]
pub(super) struct News {
    lines: VecDeque<String>,
    missed: usize,
}

impl News {
    /// Keeps a line.
    pub(super) fn add(&mut self, line: String) {
        if self.lines.len() < KEPT {
            self.lines.push_back(line);
        } else {
            self.missed += 1;
        }
    }

    /// All that was kept, a line each; nothing is kept any more.
    pub(super) fn take(&mut self) -> String {
        let mut out = String::new();
        for line in self.lines.drain(..) {
            let _ = writeln!(out, "News: {line}");
        }
        if self.missed > 0 {
            let _ = writeln!(out, "News: and {} more; `list` tells how it is now.", self.missed);
            self.missed = 0;
        }
        out
    }
}

/// What differs for a person between a card as it was and as it is; `None` when nothing does.
pub(super) fn differs(board: &Board, before: Option<&Card>, now: &Card) -> Option<String> {
    let Some(before) = before else { return Some(format!("new: {}", words::card(board, now))) };
    let mut said = Vec::new();
    if before.status != now.status {
        said.push(format!("it is in {} now", words::column(board, now)));
    }
    if before.title != now.title {
        said.push(format!("it is called {} now", one_line(&now.title)));
    }
    for (what, was, is) in
        [("labels", &before.labels, &now.labels), ("assignees", &before.assignees, &now.assignees)]
    {
        if was != is {
            let all = is.iter().map(|n| one_line(n)).collect::<Vec<_>>().join(", ");
            said.push(format!("its {what} are {}", if all.is_empty() { "none" } else { &all }));
        }
    }
    if before.milestone != now.milestone {
        let milestone = now.milestone.as_deref().map_or_else(|| "none".to_owned(), one_line);
        said.push(format!("its milestone is {milestone}"));
    }
    for link in &now.links {
        let was = before.links.iter().find(|l| l.id == link.id);
        let on = one_line(link.connection.as_str());
        if link.sync == SyncStatus::Failed && was.is_none_or(|l| l.sync != SyncStatus::Failed) {
            let note = link.note.as_deref().map(|n| format!(": {}", one_line(n))).unwrap_or_default();
            said.push(format!("{on} refused it{note}"));
        }
        if link.conflict && was.is_none_or(|l| !l.conflict) {
            said.push(format!("it is in conflict with {on}"));
        }
    }
    if said.is_empty() {
        return None;
    }
    Some(format!("{} {}: {}.", now.key(), one_line(&now.title), said.join("; ")))
}

/// What a person should know of a connection's health that was otherwise before.
pub(super) fn of_health(before: Option<&Health>, now: &Health) -> Option<String> {
    let name = one_line(now.connection.as_str());
    let asked = |health: &Health| health.question.as_ref().map(|q| q.id);
    if let Some(question) = &now.question
        && before.and_then(asked) != Some(question.id)
    {
        return Some(format!("{name} asks: {} `state` tells more.", one_line(&question.text)));
    }
    let was_down = before.is_some_and(Health::is_down);
    match (was_down, now.is_down()) {
        (false, true) => {
            let why = now.reason.as_deref().map(|r| format!(": {}", one_line(r))).unwrap_or_default();
            Some(format!("{name} cannot be reached{why}. Changes are kept."))
        }
        (true, false) => Some(format!("{name} is well again.")),
        _ => None,
    }
}
