//! Saved views: going through them, saving the filter as one, removing one; and the order of the cards. A view is a
//! query under a name; what is shown is always what the filter's text says.

use super::filtering;
use crate::config::keymap::Action;
use crate::config::{Choice, SavedView};
use crate::domain::query::name_of;
use crate::tui::effect::Effect;
use crate::tui::screens::Modal;
use crate::tui::screens::question::{self, Answer, Question};
use crate::tui::screens::save_view::SaveViewScreen;
use crate::tui::screens::sort::SortScreen;
use crate::tui::state::{State, Tone};

/// Does what an action about views says.
pub fn act(state: &mut State, action: Action) {
    match action {
        Action::NextSavedView => step(state, true),
        Action::PreviousSavedView => step(state, false),
        Action::SaveView => save(state),
        Action::RemoveView => remove(state),
        _ => state.modals.push(Modal::Sort(SortScreen::new(&state.filter.text))),
    }
}

/// Shows a saved view, or all cards.
pub fn go(state: &mut State, view: Option<usize>) {
    let view = view.and_then(|n| state.settings.views.get(n)).cloned();
    state.filter.leave();
    state.filter.view = view.as_ref().map(|v| v.name.clone());
    filtering::put(state, view.map_or_else(String::new, |v| v.query));
}

fn step(state: &mut State, forward: bool) {
    let all = state.settings.views.len() + 1;
    if all == 1 {
        let key = state.keymap.hint(Action::SaveView).unwrap_or_default();
        return state.say(Tone::Info, format!("there is no saved view: {key} saves the filter as one"));
    }
    let here = state.saved_view().map_or(0, |n| n + 1);
    let next = if forward { here + 1 } else { here + all - 1 } % all;
    go(state, next.checked_sub(1));
}

fn save(state: &mut State) {
    let text = state.filter.text.trim().to_owned();
    if text.is_empty() {
        let key = state.keymap.hint(Action::Filter).unwrap_or_default();
        return state.say(Tone::Info, format!("nothing is filtered: {key} sets a filter"));
    }
    if let Some(mistake) = state.filter.query.mistakes().first() {
        let why = format!("the filter cannot be saved: {}", mistake.why);
        return state.say(Tone::Warn, why);
    }
    let present = state.saved_view().and_then(|n| state.settings.views.get(n)).map(|v| v.name.clone());
    let name = present.unwrap_or_else(|| name_of(&text));
    state.modals.push(Modal::SaveView(SaveViewScreen::new(&name, &text)));
}

fn remove(state: &mut State) {
    let Some(view) = state.saved_view().and_then(|n| state.settings.views.get(n)) else {
        let key = state.keymap.hint(Action::NextSavedView).unwrap_or_default();
        return state.say(Tone::Info, format!("no saved view is shown: {key} goes to one"));
    };
    let SavedView { name, query } = view.clone();
    let lines = vec![format!("It shows: {query}"), "The cards and the filter stay as they are.".to_owned()];
    let choice = |key, text: &str, answer| question::Choice { key, text: text.into(), note: None, answer };
    let forget = Answer::Effects(vec![Effect::Keep(Choice::ForgetView(name.clone()))]);
    let choices = vec![choice('y', "remove it", forget), choice('n', "keep it", Answer::Nothing)];
    state.modals.push(Modal::Question(Question::new(format!("Remove the view {name}?"), lines, choices, 1)));
}
