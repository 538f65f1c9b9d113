//! How the board is arranged: lanes, density, columns collapsed and hidden, and where the focus goes among them. Whatever
//! is chosen is remembered, and said.

use super::reveal;
use crate::config::keymap::Action;
use crate::tui::effect::Effect;
use crate::tui::layout::layout;
use crate::tui::screens::Modal;
use crate::tui::screens::question::{Answer, Choice, Question};
use crate::tui::state::look::{KEPT_AS, LaneBy};
use crate::tui::state::{State, Tone};

/// Shows the board as it is arranged now, and remembers that.
fn rearranged(state: &mut State, told: impl Into<String>) -> Vec<Effect> {
    state.drag = None;
    state.rebuild_columns();
    reveal(state);
    state.say(Tone::Info, told);
    vec![Effect::Remember(KEPT_AS, state.look.written())]
}

fn hint(state: &State, action: Action) -> String {
    state.key_of(action)
}

/// Asks what the lanes shall stand for; one key answers.
pub fn ask_lanes(state: &mut State) {
    let choice = |by: LaneBy| Choice {
        key: by.key(),
        text: by.word().to_owned(),
        note: (by == state.look.lanes).then(|| "now".to_owned()),
        answer: Answer::Lanes(by),
    };
    let at = LaneBy::ALL.iter().position(|by| *by == state.look.lanes).unwrap_or(0);
    let question = Question::new("Lanes by", vec![], LaneBy::ALL.into_iter().map(choice).collect(), at);
    state.modals.push(Modal::Question(question));
}

/// Cuts the board into lanes, or into none.
pub fn set_lanes(state: &mut State, by: LaneBy) -> Vec<Effect> {
    if by != state.look.lanes {
        state.look.folded.clear();
    }
    state.look.lanes = by;
    let focused = state.focused();
    let effects = rearranged(state, "");
    if let Some(id) = focused {
        state.focus_card(id);
        reveal(state);
    }
    let told = match (by, state.lanes.all.len()) {
        (LaneBy::Nothing, _) => "no lanes".to_owned(),
        (by, 1) => format!("lanes by {}: all cards are in one", by.word()),
        (by, n) => format!("lanes by {}: {n}", by.word()),
    };
    state.say(Tone::Info, told);
    effects
}

/// Folds a lane to a row, or unfolds it.
pub fn fold(state: &mut State, lane: usize) -> Vec<Effect> {
    let Some((key, name)) = state.lanes.all.get(lane).map(|l| (l.key.clone(), l.name.clone())) else {
        return vec![];
    };
    let folded = !state.look.folded.remove(&key);
    if folded {
        state.look.folded.insert(key);
    }
    let back = hint(state, Action::FoldLanes);
    let told = if folded {
        format!("folded {name}: a click or {back} unfolds it")
    } else {
        format!("unfolded {name}")
    };
    let effects = rearranged(state, told);
    land(state);
    effects
}

/// Folds the lane of the focused card.
pub fn fold_focused(state: &mut State) -> Vec<Effect> {
    if !state.lanes.are_on() {
        let key = hint(state, Action::Lanes);
        state.say(Tone::Info, format!("there are no lanes: {key} makes some"));
        return vec![];
    }
    match state.focused().and_then(|id| state.lane_of(id)) {
        Some(lane) => fold(state, lane),
        None => fold_all(state),
    }
}

/// Unfolds all lanes; where none is folded, folds all.
pub fn fold_all(state: &mut State) -> Vec<Effect> {
    if !state.lanes.are_on() {
        return fold_focused(state);
    }
    let told = if state.look.folded.is_empty() {
        state.look.folded = state.lanes.all.iter().map(|l| l.key.clone()).collect();
        format!("all lanes folded: {} unfolds them", hint(state, Action::FoldLanes))
    } else {
        state.look.folded.clear();
        "all lanes unfolded".to_owned()
    };
    let effects = rearranged(state, told);
    land(state);
    effects
}

/// Shows more or less of each card.
pub fn next_density(state: &mut State) -> Vec<Effect> {
    state.look.density = state.look.density.next();
    let told = format!("cards: {}", state.look.density.word());
    rearranged(state, told)
}

/// Makes a column a narrow strip, or a column again.
pub fn collapse(state: &mut State, column: usize) -> Vec<Effect> {
    let Some(status) = state.columns.get(column).map(|c| c.status.clone()) else { return vec![] };
    let title = state.board.title_of(&status).to_owned();
    let collapsed = !state.look.narrow.remove(&status);
    if collapsed {
        state.look.narrow.insert(status);
    }
    let back = hint(state, Action::CollapseColumn);
    let told = if collapsed {
        format!("{title} is collapsed: {back} or a click expands it")
    } else {
        format!("{title} is expanded")
    };
    rearranged(state, told)
}

/// Hides the focused column, as long as another is left.
pub fn hide(state: &mut State) -> Vec<Effect> {
    if state.shown_columns().len() < 2 {
        state.say(Tone::Info, "the last column stays");
        return vec![];
    }
    let Some(status) = state.columns.get(state.focus).map(|c| c.status.clone()) else { return vec![] };
    let title = state.board.title_of(&status).to_owned();
    state.look.hidden.insert(status);
    let back = hint(state, Action::ShowColumns);
    rearranged(state, format!("{title} is hidden: {back} shows all columns"))
}

/// Shows all columns, expanded.
pub fn show_all(state: &mut State) -> Vec<Effect> {
    if state.look.hidden.is_empty() && state.look.narrow.is_empty() {
        state.say(Tone::Info, "no column is hidden");
        return vec![];
    }
    state.look.hidden.clear();
    state.look.narrow.clear();
    rearranged(state, "all columns are shown")
}

/// Puts the focus on a column by its place on the board.
pub fn focus_column(state: &mut State, column: usize) {
    if state.is_hidden(column) {
        let title = state.board.status_at(column).map_or("", |s| state.board.title_of(s)).to_owned();
        let back = hint(state, Action::ShowColumns);
        state.say(Tone::Info, format!("{title} is hidden: {back} shows all columns"));
        return;
    }
    if column >= state.columns.len() || column == state.focus {
        return;
    }
    let from = state.columns.get(state.focus).filter(|c| state.lanes.are_on() && !c.ids.is_empty());
    let here = from.map(|c| (c.lane_at(c.at), c.at - c.lane(c.lane_at(c.at)).0));
    state.focus = column;
    if let Some((lane, row)) = here {
        // Sideways one stays in the lane.
        let c = &mut state.columns[column];
        let (start, end) = c.lane(lane);
        c.at =
            if start < end { (start + row).min(end - 1) } else { start.min(c.ids.len().saturating_sub(1)) };
    }
}

/// Puts the focus on the next column to a side that is not hidden.
pub fn focus_beside(state: &mut State, right: bool) {
    let mut beside = state.shown_columns().into_iter();
    let next = if right { beside.find(|n| *n > state.focus) } else { beside.rfind(|n| *n < state.focus) };
    if let Some(column) = next {
        focus_column(state, column);
    }
}

/// Stands where a card is, when none is left under the focus.
fn land(state: &mut State) {
    if state.focused().is_none()
        && let Some(n) = state.columns.iter().position(|c| !c.ids.is_empty())
    {
        state.focus = n;
        reveal(state);
    }
}

/// Where a card stands that cannot be seen, in words; `None` when it is shown.
pub fn whereabouts(state: &State, card: crate::domain::card::CardId) -> Option<String> {
    let data = state.board.card(card)?;
    let column = state.board.column_index(&data.status)?;
    let title = state.board.title_of(&data.status);
    if state.columns.get(column)?.ids.contains(&card) {
        return None;
    }
    Some(if state.is_hidden(column) {
        format!("{title}, which is hidden: {} shows it", hint(state, Action::ShowColumns))
    } else if state.is_collapsed(column) {
        format!("{title}, which is collapsed")
    } else if let Some(lane) = state.lane_of(card).and_then(|n| state.lanes.all.get(n)).filter(|l| l.folded) {
        format!("{title}, in the folded lane {}", lane.name)
    } else {
        format!("{title}, where the filter hides it")
    })
}

/// Scrolls the lanes by one step.
pub fn scroll_lanes(state: &mut State, down: bool) -> bool {
    let layout = layout(state);
    let next = if down {
        crate::tui::layout::below(state, &layout)
    } else {
        crate::tui::layout::above(state, &layout)
    };
    if let Some(top) = next {
        (state.lanes.top, state.lanes.row) = top;
    }
    next.is_some()
}
