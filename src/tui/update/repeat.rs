//! Doing the last change again, on the cards at hand: the same labels, the same column, the same priority.

use super::{edit, moving, telling};
use crate::domain::board::Place;
use crate::domain::card::CardId;
use crate::domain::command::Command;
use crate::tui::effect::Effect;
use crate::tui::state::{Repeat, State, Tone};

/// Does the last change again: on the selected cards, on the focused one, or on as many as `count` says from it on.
pub fn again(state: &mut State, count: Option<usize>) -> Vec<Effect> {
    let Some(last) = state.doing.last.clone() else {
        state.say(Tone::Info, "nothing to repeat: no card was moved, labelled or assigned yet");
        return vec![];
    };
    let cards = subjects(state, count);
    if cards.is_empty() {
        return vec![];
    }
    let before = state.undo.last().map(|done| done.token);
    let effects = match &last {
        Repeat::Move(to) => moving::move_to(state, &cards, to, Place::Top),
        other => {
            let commands: Vec<Command> = cards.iter().map(|id| other.command(*id)).collect();
            edit::run_each(state, commands).unwrap_or_else(|reject| {
                state.say(Tone::Warn, format!("not repeated: {reject}"));
                vec![]
            })
        }
    };
    let done = state.undo.last().filter(|done| Some(done.token) != before);
    match done.map(|done| telling::did(state, &done.changes)) {
        // What could not be done is told already, and matters more.
        Some(words) if state.message.as_ref().is_none_or(|m| m.tone == Tone::Info) => {
            state.say(Tone::Info, format!("repeated: {words}"));
        }
        None if state.message.is_none() => state.say(Tone::Info, "it is so already"),
        _ => {}
    }
    effects
}

fn subjects(state: &State, count: Option<usize>) -> Vec<CardId> {
    let column = state.columns.get(state.focus);
    match (count, column) {
        (Some(count), Some(column)) if state.selected.is_empty() && state.modals.is_empty() => {
            column.ids.iter().skip(column.at).take(count).copied().collect()
        }
        _ => state.subjects(),
    }
}
