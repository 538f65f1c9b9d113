//! The pane beside the board: it follows the focus, scrolls, and is switched on and off.

use crate::config::keymap::Action;
use crate::domain::card::CardId;
use crate::engine::Update;
use crate::support::clock::Timestamp;
use crate::tui::effect::Effect;
use crate::tui::ink::Inks;
use crate::tui::layout::{bare_layout, has_pane, pane_fits};
use crate::tui::screens::Modal;
use crate::tui::screens::card::{SidePane, parent};
use crate::tui::state::{State, Tone};

use super::actions;

/// The name under which it is kept whether a person wants the pane.
pub const KEPT: &str = "pane";

/// Why it cannot be scrolled.
pub const NOT_SHOWN: &str = "no card is shown beside the board";

/// Turns the pane to the card that has the focus; what it wants to read goes out when the focus rests.
pub fn follow(state: &mut State) -> Vec<Effect> {
    if !has_pane(state) {
        return vec![];
    }
    let (focused, now) = (state.focused(), state.now);
    state.pane.follow(focused, now).map(Effect::Glance).into_iter().collect()
}

/// When the pane wants to be asked: at once when it shows another card than the one that has the focus.
pub fn next_wake(state: &State) -> Option<Timestamp> {
    if !has_pane(state) {
        return None;
    }
    if state.pane.card() == state.focused() { state.pane.next_wake() } else { Some(state.now) }
}

/// Takes a fact from the engine.
pub fn tell(state: &mut State, told: &Update) -> Vec<Effect> {
    with(state, |pane, ctx| pane.take(told, ctx))
}

/// Takes what the parts of pieces of code are, wherever they are shown.
pub fn take_inks(state: &mut State, inks: &Inks) {
    state.pane.take_inks(inks);
    for modal in &mut state.modals {
        if let Modal::Card(screen) = modal {
            screen.take_inks(inks);
        }
    }
}

/// Switches it on or off. Where there is no room for it, the card is opened instead.
pub fn toggle(state: &mut State) -> Vec<Effect> {
    if !pane_fits(state) {
        let Some(card) = state.focused() else { return vec![] };
        let effects = actions::open(state, card);
        state.say(Tone::Info, "there is no room beside the board: the card is opened");
        return effects;
    }
    state.pane.on = !state.pane.on;
    let kept = if state.pane.on { "on" } else { "off" };
    if !state.pane.on {
        state.pane = SidePane::default();
    }
    vec![Effect::Remember(KEPT, kept.to_owned())]
}

/// Scrolls it by half a page, or by lines.
pub fn scroll(state: &mut State, action: Action) {
    if !has_pane(state) {
        return state.say(Tone::Info, NOT_SHOWN);
    }
    let half = isize::try_from(bare_layout(state).pane.height / 2).unwrap_or(1).max(1);
    scroll_by(state, if action == Action::PaneUp { -half } else { half });
}

/// Scrolls it by lines.
pub fn scroll_by(state: &mut State, lines: isize) {
    with(state, |pane, ctx| pane.scroll(lines, ctx));
}

/// The card a click on the pane opens.
pub fn card_at(state: &State, at: (u16, u16)) -> Option<CardId> {
    let ctx = state.ctx(bare_layout(state).pane);
    state.pane.card_at(at.into(), &ctx)
}

/// Goes to the card that the card at hand belongs to: on the board when it is shown there, else it is opened.
pub fn go_to_parent(state: &mut State) -> Vec<Effect> {
    let card = state.focused().and_then(|id| state.board.card(id));
    let Some(up) = card.and_then(|card| parent(card, &state.board)) else {
        state.say(Tone::Info, "it belongs to no card on this board");
        return vec![];
    };
    if state.focus_card(up) { vec![] } else { actions::open(state, up) }
}

/// Lends the pane out together with what it may look at.
fn with<T>(state: &mut State, act: impl FnOnce(&mut SidePane, &crate::tui::screen::Ctx<'_>) -> T) -> T {
    let area = bare_layout(state).pane;
    let mut pane = std::mem::take(&mut state.pane);
    let out = act(&mut pane, &state.ctx(area));
    state.pane = pane;
    out
}
