//! Why an action cannot be done now, said before it is tried. Reads the state and changes nothing; what is not named
//! here can always be tried.

use super::moving;
use crate::config::keymap::{Action, Layer};
use crate::domain::card::Card;
use crate::tui::layout::has_pane;
use crate::tui::moves::refusal;
use crate::tui::state::State;
use crate::tui::update::actions::column_of;

/// There is nothing to act on.
pub const NO_CARD: &str = "no card is focused";
const LOCAL: &str = "the board is local, there is no connection";

/// Why an action does nothing where keys are looked up in `layer`: it works elsewhere.
pub fn in_layer(action: Action, layer: Layer) -> Option<String> {
    if action.layers().contains(&layer) {
        return None;
    }
    let places: Vec<String> = action.layers().iter().map(|l| l.title().to_lowercase()).collect();
    Some(format!("works in: {}", places.join(", ")))
}

/// Why an action that works here cannot be done now.
pub fn now(state: &State, action: Action) -> Option<String> {
    let on_board = matches!(state.layer(), Layer::Board | Layer::Card);
    if on_board && needs_card(action) && state.subjects().is_empty() {
        return Some(NO_CARD.to_owned());
    }
    let said = |why: &str| Some(why.to_owned());
    match action {
        Action::Undo if state.undo.is_empty() => said("there is nothing to undo"),
        Action::Redo if state.redo.is_empty() => said("there is nothing to redo"),
        Action::Repeat if state.doing.last.is_none() => said("nothing was changed yet that can be repeated"),
        Action::WhyNot if state.doing.refused.is_none() => said("all that was asked for last was done"),
        Action::SyncNow | Action::SyncAll | Action::Retry | Action::Pause if state.health.is_empty() => {
            said(LOCAL)
        }
        Action::NextConnection | Action::PreviousConnection if state.health.len() < 2 => {
            said("there is no other connection")
        }
        Action::Link if state.settings.connections.is_empty() => said(LOCAL),
        Action::Answer if !asked(state) => said("nothing is asked"),
        Action::NextMatch | Action::PreviousMatch if state.filter.query.is_empty() => {
            said("nothing is filtered")
        }
        Action::SaveView if state.filter.text.trim().is_empty() => said("nothing is filtered"),
        Action::NextSavedView | Action::PreviousSavedView if state.settings.views.is_empty() => {
            said("there is no saved view")
        }
        Action::RemoveView if state.saved_view().is_none() => said("no saved view is shown"),
        Action::MoveLeft if on_board && first_column(state) == Some(0) => said("this is the first column"),
        Action::MoveRight if on_board && first_column(state).map(|n| n + 1) == Some(state.columns.len()) => {
            said("this is the last column")
        }
        Action::MoveUp | Action::MoveDown if on_board => {
            let sort = state.filter.query.sort()?;
            Some(format!("the cards are sorted by {}", sort.by.as_str()))
        }
        Action::FoldLane | Action::FoldLanes if !state.lanes.are_on() => said("there are no lanes"),
        Action::ShowColumns if state.look.hidden.is_empty() && state.look.narrow.is_empty() => {
            said("no column is hidden")
        }
        Action::OpenInBrowser | Action::CopyUrl => without_url(state),
        Action::PaneDown | Action::PaneUp if state.layer() == Layer::Board && !has_pane(state) => {
            said(super::pane::NOT_SHOWN)
        }
        _ => None,
    }
}

/// Why no card at hand can go into a column.
pub fn move_to(state: &State, column: usize) -> Option<String> {
    let cards = state.subjects();
    let Some(first) = cards.first() else { return Some(NO_CARD.to_owned()) };
    if cards.iter().all(|id| column_of(state, *id) == Some(column)) {
        return Some(if cards.len() == 1 { "it is there" } else { "they are there" }.to_owned());
    }
    if cards.len() == 1 { refusal(state, *first, column) } else { None }
}

fn needs_card(action: Action) -> bool {
    matches!(
        action,
        Action::Select
            | Action::SelectShown
            | Action::Open
            | Action::MoveLeft
            | Action::MoveRight
            | Action::MoveUp
            | Action::MoveDown
            | Action::MoveTo
            | Action::EditTitle
            | Action::EditBody
            | Action::EditInEditor
            | Action::Comment
            | Action::Labels
            | Action::Assignees
            | Action::Milestone
            | Action::Priority
            | Action::PartOf
            | Action::Due
            | Action::Estimate
            | Action::SelectRange
            | Action::SelectColumn
            | Action::Repeat
            | Action::Link
            | Action::CloseOrReopen
            | Action::Archive
            | Action::OpenInBrowser
            | Action::CopyUrl
            | Action::CopyKey
    )
}

fn asked(state: &State) -> bool {
    // Which cards wait is only known by looking at them: a connection with a question is told of, the card at hand too.
    state.health.iter().any(|h| h.question.is_some())
        || state.subjects().into_iter().any(|id| moving::asks(state, id))
        || moving::asks_now(state)
}

fn first_column(state: &State) -> Option<usize> {
    state.subjects().first().and_then(|id| column_of(state, *id))
}

fn without_url(state: &State) -> Option<String> {
    let card = state.subjects().first().and_then(|id| state.board.card(*id))?;
    let known = card.links.iter().any(|l| l.url.is_some());
    (!known).then(|| format!("{} is on no platform yet", Card::key(card)))
}
