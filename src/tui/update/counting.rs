//! Counts typed before a motion or a change: `alt-3 j` is three cards down. Digits with alt begin one, as in a shell's
//! line; plain digits go on with it, and begin one too where the config says so.

use crate::config::keymap::{Key, Layer, Press};
use crate::config::settings::Digits;
use crate::tui::state::State;

/// The highest count; more is a slip of the finger.
const MOST: usize = 9_999;

/// Whether a key belongs to a count: a digit that begins it or goes on with it, or the escape that gives it up.
pub fn takes(state: &mut State, layer: Layer, press: Press) -> bool {
    if !matches!(layer, Layer::Board | Layer::Card) || !state.keys.is_empty() {
        return false;
    }
    let begun = state.doing.count;
    if press.key == Key::Esc && begun.is_some() {
        state.doing.count = None;
        return true;
    }
    let Key::Char(c @ '0'..='9') = press.key else { return false };
    if press.ctrl || (c == '0' && begun.is_none()) {
        return false;
    }
    let plain_counts = begun.is_some() || state.settings.ui.digits == Digits::Counts;
    if (!press.alt && !plain_counts) || (press.alt && is_bound(state, layer, press)) {
        return false;
    }
    let digit = c as usize - '0' as usize;
    state.doing.count = Some((begun.unwrap_or(0) * 10 + digit).min(MOST));
    true
}

/// Whether something else has this key: what a person binds goes before a count.
fn is_bound(state: &State, layer: Layer, press: Press) -> bool {
    let begins = |chord: &crate::config::keymap::Chord| chord.presses().first() == Some(&press);
    state.keymap.in_layer(layer).any(|(_, chords)| chords.iter().any(begins))
}

/// The count that was typed, which is used up with it.
pub fn take(state: &mut State) -> Option<usize> {
    state.doing.count.take()
}
