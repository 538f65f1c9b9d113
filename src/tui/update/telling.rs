//! What was done, in words: of one card by its key, of several by their number, and what of it could not be done.

use std::collections::BTreeSet;

use crate::config::keymap::Action;
use crate::domain::card::{Card, CardId};
use crate::domain::command::{Change, Report};
use crate::domain::fields::{FieldName, SetDelta, Value};
use crate::tui::screens::shape::count;
use crate::tui::state::{Refused, State, Tone};

/// Names after which a list goes on with how many more there are.
const NAMED: usize = 3;

/// What changes did: `core#12 moved to Done`, `5 cards labelled bug`.
pub fn did(state: &State, changes: &[Change]) -> String {
    // What was agreed to or given beside an edit is no act of its own.
    let own = |c: &&Change| !matches!(c, Change::Agreed { .. } | Change::Answered { .. });
    let changes: Vec<&Change> = changes.iter().filter(own).collect();
    let cards: BTreeSet<CardId> = changes.iter().filter_map(|c| c.card()).collect();
    let key = |id: &CardId| state.board.card(*id).map_or_else(|| "the card".to_owned(), Card::key);
    let who = match cards.len() {
        1 => cards.first().map(key).unwrap_or_default(),
        n => count(n, "card", "cards"),
    };
    format!("{who} {}", verb(state, &changes))
}

fn verb(state: &State, changes: &[&Change]) -> String {
    let Some(first) = changes.first() else { return "unchanged".to_owned() };
    let alike = changes.iter().all(|c| std::mem::discriminant(*c) == std::mem::discriminant(*first));
    if !alike {
        return "changed".to_owned();
    }
    match first {
        Change::Moved { .. } => moved(state, changes),
        Change::Labelled { .. } => {
            let (add, remove) = names(changes.iter().filter_map(|c| delta(c)));
            by_names("labelled", &add, "rid of the label", &remove)
        }
        Change::Assigned { .. } => {
            let (add, remove) = names(changes.iter().filter_map(|c| delta(c)));
            by_names("assigned to", &add, "taken from", &remove)
        }
        Change::Milestoned { after, .. } => match after {
            Some(_)
                if changes
                    .iter()
                    .any(|c| !matches!(c, Change::Milestoned { after: a, .. } if a == after)) =>
            {
                "given other milestones".to_owned()
            }
            Some(name) => format!("put on milestone {name}"),
            None => "taken off the milestone".to_owned(),
        },
        Change::FieldSet { field, after, .. } => field_set(*field, after, changes),
        Change::Created { .. } => "made".to_owned(),
        Change::Retitled { .. } => "renamed".to_owned(),
        Change::Rewritten { .. } => "rewritten".to_owned(),
        Change::Commented { .. } => "commented on".to_owned(),
        Change::Archived { .. } => "taken off the board".to_owned(),
        Change::Returned { .. } => "put back on the board".to_owned(),
        Change::Agreed { .. } | Change::Answered { .. } => "changed".to_owned(),
    }
}

fn moved(state: &State, changes: &[&Change]) -> String {
    let targets: BTreeSet<_> = changes
        .iter()
        .filter_map(|c| match c {
            Change::Moved { from, to, .. } if from != to => Some(to),
            _ => None,
        })
        .collect();
    match targets.first() {
        None => "put elsewhere in the column".to_owned(),
        Some(to) if targets.len() == 1 => format!("moved to {}", state.board.title_of(to)),
        Some(_) => "moved".to_owned(),
    }
}

fn delta(change: &Change) -> Option<&SetDelta> {
    match change {
        Change::Labelled { delta, .. } | Change::Assigned { delta, .. } => Some(delta),
        _ => None,
    }
}

fn names<'a>(deltas: impl Iterator<Item = &'a SetDelta>) -> (Vec<&'a str>, Vec<&'a str>) {
    let (mut add, mut remove) = (BTreeSet::new(), BTreeSet::new());
    for delta in deltas {
        add.extend(delta.add.iter().map(String::as_str));
        remove.extend(delta.remove.iter().map(String::as_str));
    }
    (add.into_iter().collect(), remove.into_iter().collect())
}

fn by_names(with: &str, add: &[&str], without: &str, remove: &[&str]) -> String {
    let parts = [(with, add), (without, remove)].into_iter().filter(|(_, names)| !names.is_empty());
    parts.map(|(word, names)| format!("{word} {}", listed(names))).collect::<Vec<_>>().join(" and ")
}

fn listed(names: &[&str]) -> String {
    let more = names.len().saturating_sub(NAMED);
    let named = names[..names.len() - more].join(", ");
    if more > 0 { format!("{named} and {more} more") } else { named }
}

fn field_set(field: FieldName, after: &Value, changes: &[&Change]) -> String {
    let same = changes.iter().all(|c| matches!(c, Change::FieldSet { after: a, .. } if a == after));
    match after {
        _ if !same => format!("given another {field}"),
        Value::None => format!("rid of the {field}"),
        value => format!("given {field} {value}"),
    }
}

/// Says what came of an act on several cards: how many it changed, and of those that stayed the first reason, with the key
/// that shows all of them.
pub fn tell(state: &mut State, report: Report) {
    let done = if report.changes.is_empty() {
        let so = count(report.done.len(), "card is so already", "cards are so already");
        if report.done.is_empty() { "nothing done".to_owned() } else { so }
    } else {
        did(state, &report.changes)
    };
    if report.refused.is_empty() {
        state.doing.refused = None;
        state.say(Tone::Info, done);
        return;
    }
    let not = reasons(state, &report.refused);
    state.say(Tone::Warn, format!("{done}, {not}"));
    state.doing.refused = Some(Refused { done, cards: report.refused });
}

/// How many were not done, and why: the reason of one, and the key that shows those of several.
pub fn reasons(state: &State, refused: &[(CardId, crate::domain::Reject)]) -> String {
    let Some((card, why)) = refused.first() else { return String::new() };
    let key = state.board.card(*card).map_or_else(|| card.short(), Card::key);
    let all = match (refused.len(), state.keymap.hint(Action::WhyNot)) {
        // Before the reason, which may be longer than the line.
        (2.., Some(hint)) => format!(" ({hint} tells all)"),
        _ => String::new(),
    };
    format!("{} not{all}: {key} {why}", refused.len())
}
