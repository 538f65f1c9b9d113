//! Events in, effects out: the only place that changes the state. No IO, no clock but the event's own moment.

use std::sync::Arc;

use crossterm::event::{KeyEvent, KeyEventKind, MouseEvent};
use ratatui::layout::Rect;

use super::effect::{Effect, Purpose};
use super::ink::Inks;
use super::input::press_of;
use super::layout::{bare_layout, revealing_first, revealing_lane, revealing_top};
use super::screens::{Modal, address::AddressScreen};
use super::state::{State, Tone, View};
use crate::config::keymap::Action;
use crate::domain::health::Health;
use crate::engine::Update;
use crate::support::clock::Timestamp;

mod actions;
mod bulk;
mod counting;
mod edit;
mod facts;
mod filtering;
mod looking;
pub mod mouse;
pub mod moving;
mod outcomes;
mod palette;
mod pane;
mod repeat;
mod selecting;
mod telling;
mod unavailable;
mod views;

/// How long a snapshot that looks old is held back, in milliseconds.
const HOLD: i64 = 2_000;
/// Time between two steps of scrolling at an edge while dragging, in milliseconds.
const EDGE_STEP: i64 = 120;

/// A fact that enters the front end.
#[derive(Debug, Clone)]
pub enum Event {
    /// A key.
    Key(KeyEvent),
    /// A pasted text.
    Paste(String),
    /// The mouse.
    Mouse(MouseEvent),
    /// The terminal has this many columns and rows now.
    Resize(u16, u16),
    /// The engine tells.
    Engine(Box<Update>),
    /// The connections' health.
    Health(Vec<Health>),
    /// The person's own editor is done: the new text, `None` when nothing was changed, or why it failed.
    Edited {
        /// What it was for.
        purpose: Purpose,
        /// What came of it.
        text: Result<Option<String>, String>,
    },
    /// A moment that [`next_wake`] asked for.
    Wake,
    /// What the parts of pieces of code are.
    Inked(Inks),
    /// Something outside the state happened that a person should know.
    Told(Tone, String),
    /// There is no browser here for an address.
    NoBrowser {
        /// The address.
        url: String,
        /// What became of it on the clipboard.
        told: String,
    },
}

/// Takes one event. `now` is its moment.
pub fn update(state: &mut State, now: Timestamp, event: Event) -> Vec<Effect> {
    state.now = now;
    let effects = take(state, event);
    settled(state, effects)
}

/// Does an action as if its key had been pressed, where nobody presses any.
pub fn perform(state: &mut State, action: Action) -> Vec<Effect> {
    let effects = outcomes::act(state, action);
    let all = settled(state, effects);
    reveal(state);
    all
}

/// What follows from any event.
fn settled(state: &mut State, effects: Vec<Effect>) -> Vec<Effect> {
    // First: what comes after a request to leave is not carried out.
    let mut all = filtering::settle(state);
    all.extend(effects);
    all.extend(pane::follow(state));
    state.dress();
    all
}

fn take(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::Key(key) => on_key(state, key),
        Event::Paste(text) => outcomes::paste(state, text),
        Event::Mouse(event) => mouse::on_mouse(state, event),
        Event::Resize(width, height) => {
            state.area = Rect::new(0, 0, width, height);
            state.drag = None;
            reveal(state);
            vec![]
        }
        Event::Engine(told) => facts::on_update(state, *told),
        Event::Health(health) => facts::on_health(state, health),
        Event::Edited { purpose, text } => edit::edited_outside(state, purpose, text),
        Event::Wake => on_wake(state),
        Event::Inked(inks) => {
            pane::take_inks(state, &inks);
            vec![]
        }
        Event::Told(tone, text) => {
            state.say(tone, text);
            vec![]
        }
        Event::NoBrowser { url, told } => {
            state.modals.push(Modal::Address(AddressScreen::new(url, told)));
            vec![]
        }
    }
}

fn on_key(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return vec![];
    }
    let Some(press) = press_of(&key) else { return vec![] };
    state.message = None;
    let effects = if state.filter.editing && state.modals.is_empty() {
        filtering::on_key(state, press)
    } else {
        outcomes::key(state, press, key)
    };
    selecting::follow(state);
    reveal(state);
    effects
}

fn on_wake(state: &mut State) -> Vec<Effect> {
    if state.held_since.is_some_and(|since| state.now.since(since) >= HOLD) {
        state.overlay.release(&mut state.board);
        state.held_since = None;
        state.rebuild_columns();
    }
    mouse::scroll_at_edge(state);
    vec![]
}

/// When the state wants [`Event::Wake`]: the picture will be different then although nothing happened. `None` when
/// it can sleep for ever.
pub fn next_wake(state: &State) -> Option<Timestamp> {
    let ages = state.health.iter().filter_map(|h| h.last_good);
    let ages = ages.map(|at| super::view::next_age_change(state.now, at)).min();
    let shown = (state.view == View::Activity).then(|| state.activity.next_change(state.now)).flatten();
    let moving = state.settings.ui.motion;
    let second = moving.then(|| super::screens::health::next_second(&state.health, state.now)).flatten();
    let held = state.held_since.map(|since| since.plus_ms(HOLD));
    let edge = mouse::at_edge(state).then(|| state.now.plus_ms(EDGE_STEP));
    let (search, pane) = (state.filter.found.due(), pane::next_wake(state));
    [ages, shown, second, held, edge, search, pane].into_iter().flatten().min()
}

/// Scrolls so that the focused card and its column are on the screen.
pub fn reveal(state: &mut State) {
    if state.view != View::Board || state.columns.is_empty() {
        return;
    }
    state.first_column = revealing_first(state, bare_layout(state).body.width);
    let layout = bare_layout(state);
    if state.lanes.are_on() {
        (state.lanes.top, state.lanes.row) = revealing_lane(state, &layout);
    } else if let Some(column) = layout.column(state.focus) {
        let top = revealing_top(state, column, layout.roomy);
        let index = column.index;
        state.columns[index].top = top;
    }
}

/// Shares settings with whoever holds them.
fn take_settings(state: &mut State, settings: Arc<crate::config::Settings>) {
    state.set_settings(settings);
    state.drag = None;
    reveal(state);
}

#[cfg(test)]
mod tests;
