//! Typing the filter: it holds with every key. What stands in bodies and comments comes a moment later.

use std::collections::HashSet;

use super::reveal;
use crate::config::keymap::{Key, Press};
use crate::domain::card::CardId;
use crate::tui::effect::Effect;
use crate::tui::filter::REMEMBERED;
use crate::tui::state::{State, Tone};

/// Keys go into the filter from now on.
pub fn begin(state: &mut State) {
    let mut line = std::mem::take(&mut state.filter);
    line.edit(state.board.cards(), &state.facts());
    state.filter = line;
}

/// A key while the filter is typed.
pub fn on_key(state: &mut State, press: Press) -> Vec<Effect> {
    match press.key {
        Key::Esc => clear(state),
        Key::Enter => state.filter.leave(),
        Key::Tab => {
            if let Some(text) = state.filter.completed() {
                set(state, text);
            }
        }
        Key::Down => state.filter.choose(true),
        Key::Up | Key::BackTab => state.filter.choose(false),
        Key::Char('c') if press.ctrl => clear(state),
        Key::Char('u') if press.ctrl => set(state, String::new()),
        Key::Char('w') if press.ctrl => {
            let text = state.filter.text.trim_end();
            let cut = text.rfind(' ').map_or(0, |at| at + 1);
            set(state, text[..cut].to_owned());
        }
        Key::Backspace => {
            let mut text = state.filter.text.clone();
            if text.pop().is_none() {
                state.filter.leave();
            }
            set(state, text);
        }
        Key::Char(c) if press.is_text() => set(state, format!("{}{c}", state.filter.text)),
        _ => {}
    }
    vec![]
}

/// Text pasted while the filter is typed.
pub fn paste(state: &mut State, text: &str) {
    let line = crate::support::text::one_line(text.trim());
    set(state, format!("{}{line}", state.filter.text));
}

/// Shows every card again.
pub fn clear(state: &mut State) {
    state.filter.leave();
    set(state, String::new());
}

fn set(state: &mut State, text: String) {
    if !state.filter.set(text, state.now) {
        return;
    }
    state.drag = None;
    let focused = state.focused();
    state.rebuild_columns();
    if focused.is_none_or(|id| state.focused() != Some(id)) {
        stand(state);
    }
}

/// The focused card is hidden, or there was none: stands where there is one.
fn stand(state: &mut State) {
    let here = state.columns.get(state.focus).is_some_and(|c| !c.ids.is_empty());
    if !here && let Some(n) = state.columns.iter().position(|c| !c.ids.is_empty()) {
        state.focus = n;
    }
}

/// What the filter asks of others after an event: to be remembered when it was left, and where its texts stand when
/// that is due.
pub fn settle(state: &mut State) -> Vec<Effect> {
    if state.leaving {
        state.filter.leave();
    }
    let view = state.saved_view().and_then(|n| state.settings.views.get(n));
    if !state.filter.editing && state.filter.text.is_empty() && view.is_some_and(|v| !v.query.is_empty()) {
        // Every card is shown: that is no view.
        state.filter.view = None;
    }
    let mut effects = Vec::new();
    effects.extend(state.filter.to_remember().map(|left| Effect::Remember(REMEMBERED, left)));
    if state.filter.found.due().is_some_and(|due| due <= state.now) {
        let token = state.token();
        effects.push(Effect::Search { token, texts: state.filter.found.ask(token) });
    }
    effects
}

/// Filters by this text.
pub fn put(state: &mut State, text: String) {
    state.filter.leave();
    set(state, text);
    reveal(state);
}

/// Takes where the texts stand.
pub fn found(state: &mut State, token: u64, found: Result<Vec<HashSet<CardId>>, String>) {
    let cards = match found {
        Ok(cards) => Some(cards),
        Err(why) => {
            state.say(Tone::Error, why);
            None
        }
    };
    if state.filter.found.answered(token, cards) {
        let none = state.focused().is_none();
        state.rebuild_columns();
        if none {
            stand(state);
        }
        reveal(state);
    }
}

/// Goes to the next card that matches, over the columns and round the end.
pub fn next_match(state: &mut State, forward: bool) {
    if state.filter.query.is_empty() {
        let key = state.key_of(crate::config::keymap::Action::Filter);
        return state.say(Tone::Info, format!("nothing is filtered: {key} sets a filter"));
    }
    let total: usize = state.columns.iter().map(|c| c.ids.len()).sum();
    if total == 0 {
        return;
    }
    let before: usize = state.columns[..state.focus].iter().map(|c| c.ids.len()).sum();
    let here = before + state.columns[state.focus].at;
    let mut next = if forward { (here + 1) % total } else { (here + total - 1) % total };
    for n in 0..state.columns.len() {
        let len = state.columns[n].ids.len();
        if next < len {
            state.focus = n;
            state.columns[n].at = next;
            return;
        }
        next -= len;
    }
}
