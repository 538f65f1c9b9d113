//! Selecting cards: one by one, a range that the focus extends, a whole column, and a range that the pointer draws.

use std::collections::BTreeSet;

use super::actions;
use crate::domain::card::CardId;
use crate::tui::layout::Layout;
use crate::tui::state::{Ranging, State, Sweep, Tone};

/// Turns the focused card over and goes on to the next. While a range is being selected it ends that.
pub fn toggle(state: &mut State) {
    if state.doing.range.take().is_some() {
        return;
    }
    let Some(id) = state.focused() else { return };
    turn(state, id);
    actions::step(state, 1);
}

/// Turns one card over.
pub fn turn(state: &mut State, id: CardId) {
    state.doing.range = None;
    if !state.selected.remove(&id) {
        state.selected.insert(id);
    }
}

/// Begins a range at the focused card; ends it, and keeps what it holds, when one was begun.
pub fn range(state: &mut State) {
    if state.doing.range.take().is_some() {
        return;
    }
    let Some(anchor) = state.focused() else { return };
    let ranging = Ranging { anchor, column: state.focus, before: state.selected.clone() };
    state.doing.range = Some(ranging);
    state.selected.insert(anchor);
}

/// Makes the range reach from where it began to the focused card. It ends when the focus leaves its column, or when the
/// card where it began is not shown any more.
pub fn follow(state: &mut State) {
    let Some(range) = &state.doing.range else { return };
    let column = state.columns.get(range.column).filter(|_| range.column == state.focus);
    let from = column.and_then(|c| c.ids.iter().position(|id| *id == range.anchor));
    let (Some(column), Some(from)) = (column, from) else {
        state.doing.range = None;
        return;
    };
    let (first, last) = (from.min(column.at), from.max(column.at));
    let mut selected = range.before.clone();
    selected.extend(column.ids.iter().skip(first).take(last - first + 1).copied());
    state.selected = selected;
}

/// Selects every shown card of the focused column; deselects them when they all are selected.
pub fn column(state: &mut State) {
    state.doing.range = None;
    let Some(column) = state.columns.get(state.focus) else { return };
    if column.ids.is_empty() {
        return state.say(Tone::Info, "there is no card in this column to select");
    }
    let ids: BTreeSet<CardId> = column.ids.iter().copied().collect();
    if ids.is_subset(&state.selected) {
        state.selected.retain(|id| !ids.contains(id));
    } else {
        state.selected.extend(ids);
    }
}

/// Selects every card the filter lets through; all of them once more: none.
pub fn shown(state: &mut State) {
    let shown: BTreeSet<CardId> = state.columns.iter().flat_map(|c| c.ids.iter().copied()).collect();
    if shown.is_subset(&state.selected) {
        return state.deselect();
    }
    state.selected.extend(shown);
}

/// A press beside the cards of a column: where the pointer goes from here on is selected.
pub fn press(state: &mut State, column: usize, at: (u16, u16)) {
    state.doing.range = None;
    state.doing.sweep = Some(Sweep { column, origin: at, before: state.selected.clone() });
}

/// The pointer moved: what stands between the press and it is selected.
pub fn sweep(state: &mut State, layout: &Layout, at: (u16, u16)) {
    let Some(sweep) = &state.doing.sweep else { return };
    let (top, bottom) = (sweep.origin.1.min(at.1), sweep.origin.1.max(at.1));
    let shown = layout.columns.iter().filter(|c| c.index == sweep.column).flat_map(|c| &c.cards);
    let under = shown.filter(|c| c.area.y <= bottom && c.area.bottom() > top).map(|c| c.id);
    let mut selected = sweep.before.clone();
    selected.extend(under);
    state.selected = selected;
}
