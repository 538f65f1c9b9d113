//! What the actions do that no screen has taken: the board's own, and those that hold everywhere.

use std::collections::BTreeSet;

use super::{edit, filtering, looking, moving, pane, views};
use crate::config::keymap::Action;
use crate::domain::board::Place;
use crate::domain::card::{Card, CardId};
use crate::domain::command::Command;
use crate::domain::link::ConnectionName;
use crate::domain::mapping::Status;
use crate::tui::effect::{Effect, Purpose};
use crate::tui::layout::layout;
use crate::tui::screens::Modal;
use crate::tui::screens::card::CardScreen;
use crate::tui::screens::editor::{EditorScreen, NewCardScreen};
use crate::tui::screens::help::HelpScreen;
use crate::tui::screens::links::LinksScreen;
use crate::tui::screens::mapping::MappingScreen;
use crate::tui::screens::picker::{PickerKind, PickerScreen};
use crate::tui::screens::question::{Answer, Choice, Question};
use crate::tui::state::{State, Tone, View, WantedBody};
use crate::tui::tour;

/// Does an action.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    if let Some(column) = action.column() {
        looking::focus_column(state, column);
        return vec![];
    }
    match action {
        Action::FocusLeft => looking::focus_beside(state, false),
        Action::FocusRight => looking::focus_beside(state, true),
        Action::FocusDown => step(state, 1),
        Action::FocusUp => step(state, -1),
        Action::FocusTop => step(state, isize::MIN),
        Action::FocusBottom => step(state, isize::MAX),
        Action::HalfPageDown => step(state, half_page(state)),
        Action::HalfPageUp => step(state, -half_page(state)),
        Action::Select => select(state),
        Action::Sort
        | Action::NextSavedView
        | Action::PreviousSavedView
        | Action::SaveView
        | Action::RemoveView => {
            views::act(state, action);
        }
        Action::SelectShown => select_shown(state),
        Action::Palette => super::palette::open(state),
        Action::NextMatch => filtering::next_match(state, true),
        Action::PreviousMatch => filtering::next_match(state, false),
        Action::Filter if state.modals.is_empty() && state.view == View::Board => filtering::begin(state),
        Action::Back => back(state),
        Action::Tour => tour::toggle(state),
        Action::HealthPanel => state.docked = !state.docked,
        Action::Pane => return pane::toggle(state),
        Action::PaneDown | Action::PaneUp => pane::scroll(state, action),
        Action::Parent => return pane::go_to_parent(state),
        Action::Help => state.modals.push(Modal::Help(HelpScreen::new(state.layer()))),
        Action::Quit => return quit(state),
        Action::Suspend => return vec![Effect::Suspend],
        Action::Redraw => return vec![Effect::Redraw],
        Action::ToggleMouse => {
            state.mouse = !state.mouse;
            let now = if state.mouse { "the mouse moves cards" } else { "the mouse selects text" };
            state.say(Tone::Info, now);
            return vec![Effect::SetMouse(state.mouse)];
        }
        Action::ViewBoard => return go(state, View::Board),
        Action::ViewMappings => return go(state, View::Mappings),
        Action::ViewHealth => return go(state, View::Health),
        Action::ViewActivity => return go(state, View::Activity),
        Action::ViewConflicts => return go(state, View::Conflicts),
        Action::NextView => return go(state, neighbour(state.view, 1)),
        Action::PreviousView => return go(state, neighbour(state.view, View::ALL.len() - 1)),
        Action::SyncAll => return sync(state, None),
        Action::Answer => return ask(state),
        Action::Lanes => looking::ask_lanes(state),
        Action::FoldLane => return looking::fold_focused(state),
        Action::FoldLanes => return looking::fold_all(state),
        Action::Density => return looking::next_density(state),
        Action::CollapseColumn => return looking::collapse(state, state.focus),
        Action::HideColumn => return looking::hide(state),
        Action::ShowColumns => return looking::show_all(state),
        Action::Undo => return edit::undo(state, false),
        Action::Redo => return edit::undo(state, true),
        other => return on_cards(state, other),
    }
    vec![]
}

/// Goes to a view.
pub fn go(state: &mut State, view: View) -> Vec<Effect> {
    // The card one comes from: the open one, which gives way to the view, or the focused one of the board.
    let from = state.open_card().or_else(|| state.focused().filter(|_| state.view == View::Board));
    state.modals.retain(|m| !matches!(m, Modal::Card(_)));
    state.view = view;
    state.drag = None;
    state.filter.leave();
    if view == View::Mappings && state.mapping.is_none() {
        let mut screen = MappingScreen::new(&state.settings);
        let cards = screen.came_from(from, &state.board);
        let questions = screen.questions().into_iter().chain(cards).collect();
        state.mapping = Some(screen);
        return questions;
    }
    match view {
        View::Activity => state.activity.opened(state.now),
        View::Conflicts => state.conflicts.opened(from),
        View::Mappings => state.mapping.as_mut().map_or_else(Vec::new, |m| m.came_from(from, &state.board)),
        View::Board | View::Health => vec![],
    }
}

fn neighbour(view: View, by: usize) -> View {
    let at = View::ALL.iter().position(|v| *v == view).unwrap_or(0);
    View::ALL[(at + by) % View::ALL.len()]
}

fn step(state: &mut State, by: isize) {
    if let Some(column) = state.columns.get_mut(state.focus) {
        let last = column.ids.len().saturating_sub(1);
        column.at = column.at.saturating_add_signed(by).min(last);
    }
}

fn half_page(state: &State) -> isize {
    let shown = layout(state).column(state.focus).map_or(2, |c| c.cards.len());
    (shown / 2).max(1) as isize
}

fn select(state: &mut State) {
    let Some(id) = state.focused() else { return };
    if !state.selected.remove(&id) {
        state.selected.insert(id);
    }
    step(state, 1);
    if !state.selected.is_empty() {
        state.say(Tone::Info, format!("{} selected", state.selected.len()));
    }
}

/// Selects every card the filter lets through; all of them once more: none.
fn select_shown(state: &mut State) {
    let shown: BTreeSet<CardId> = state.columns.iter().flat_map(|c| c.ids.iter().copied()).collect();
    state.selected = if shown.is_subset(&state.selected) { BTreeSet::new() } else { shown };
    state.say(Tone::Info, format!("{} selected", state.selected.len()));
}

/// Goes back by one: the drag, the selection, the filter. It never quits.
fn back(state: &mut State) {
    if state.drag.take().is_some() {
        state.say(Tone::Info, "the move was cancelled");
    } else if !state.selected.is_empty() {
        state.selected.clear();
    } else if state.view == View::Board && state.tour.is_some() && !state.filter.is_shown() {
        tour::toggle(state);
    } else if state.view == View::Board {
        filtering::clear(state);
    } else {
        state.view = View::Board;
    }
}

fn quit(state: &mut State) -> Vec<Effect> {
    let typed = state.modals.iter().any(|m| m.screen().unsaved())
        || state.mapping.as_ref().is_some_and(crate::tui::screen::Screen::unsaved)
        || crate::tui::screen::Screen::unsaved(&state.conflicts);
    let unsent = state.unsent();
    let mut lines = Vec::new();
    if typed {
        lines.push("What was typed is not saved.".to_owned());
    }
    if unsent > 0 && !state.sent_elsewhere() {
        lines.push(match unsent {
            1 => "One change is not sent. It is kept, and sent at the next start.".to_owned(),
            n => format!("{n} changes are not sent. They are kept, and sent at the next start."),
        });
    }
    if lines.is_empty() {
        return state.leave();
    }
    let choices = vec![
        Choice { key: 'q', text: "quit".into(), note: None, answer: Answer::Effects(vec![Effect::Quit]) },
        Choice { key: 's', text: "stay".into(), note: None, answer: Answer::Nothing },
    ];
    state.modals.push(Modal::Question(Question::new("Quit?", lines, choices, 0)));
    vec![]
}

fn sync(state: &mut State, only: Option<ConnectionName>) -> Vec<Effect> {
    if state.health.is_empty() {
        state.say(Tone::Info, "this board is local: there is no connection");
        return vec![];
    }
    let what = only.as_ref().map_or("all connections".to_owned(), ToString::to_string);
    state.say(Tone::Info, format!("syncing {what}"));
    vec![Effect::SyncNow(only)]
}

/// Opens what is asked: about the card at hand, by the first connection that asks, about any card.
pub fn ask(state: &mut State) -> Vec<Effect> {
    if let Some(card) = state.subjects().into_iter().find(|id| moving::asks(state, *id)) {
        return vec![Effect::FetchAsked(card)];
    }
    let open = state.modals.iter().any(|m| matches!(m, Modal::Question(q) if q.asked().is_some()));
    match state.health.iter().find_map(Question::of) {
        Some(question) if !open => state.modals.push(Modal::Question(question)),
        Some(_) => {}
        None => {
            let waiting = state.board.cards().find(|c| c.links.iter().any(|l| l.asks)).map(|c| c.id);
            if let Some(card) = waiting {
                state.focus_card(card);
                return vec![Effect::FetchAsked(card)];
            }
            state.say(Tone::Info, "no connection asks anything");
        }
    }
    vec![]
}

/// Actions that are about cards.
fn on_cards(state: &mut State, action: Action) -> Vec<Effect> {
    let cards = state.subjects();
    if action == Action::NewCard {
        return new_card(state);
    }
    let Some(&first) = cards.first() else {
        if matches!(action, Action::SyncNow) {
            return sync(state, None);
        }
        return vec![];
    };
    match action {
        Action::Open => open(state, first),
        Action::MoveLeft => move_by(state, &cards, -1),
        Action::MoveRight => move_by(state, &cards, 1),
        Action::MoveUp => reorder(state, first, false),
        Action::MoveDown => reorder(state, first, true),
        Action::MoveTo => moving::ask_column(state, &cards),
        Action::CloseOrReopen => close_or_reopen(state, &cards),
        Action::Archive => ask_archive(state, &cards),
        Action::EditTitle => {
            let title = state.board.card(first).map_or_else(String::new, |c| c.title.clone());
            type_in(state, Purpose::Title(first), title)
        }
        Action::Comment => type_in(state, Purpose::Comment(first), String::new()),
        Action::EditBody | Action::EditInEditor => {
            state.wanted = Some(WantedBody { card: first, outside: action == Action::EditInEditor });
            vec![Effect::OpenCard(first)]
        }
        Action::Labels => pick(state, PickerKind::Labels, cards),
        Action::Assignees => pick(state, PickerKind::Assignees, cards),
        Action::Milestone => pick(state, PickerKind::Milestone, cards),
        Action::Priority => pick(state, PickerKind::Priority, cards),
        Action::Link => links(state),
        Action::SyncNow => {
            let link = state.board.card(first).and_then(|c| c.links.first());
            let name = link.map(|l| l.connection.clone());
            sync(state, name)
        }
        Action::OpenInBrowser | Action::CopyUrl | Action::CopyKey => hand_out(state, action, first),
        _ => vec![],
    }
}

fn hand_out(state: &mut State, action: Action, card: CardId) -> Vec<Effect> {
    let Some(card) = state.board.card(card) else { return vec![] };
    if action == Action::CopyKey {
        return vec![Effect::Copy(card.key())];
    }
    match card.links.iter().find_map(|l| l.url.clone()) {
        Some(url) if action == Action::CopyUrl => vec![Effect::Copy(url)],
        Some(url) => vec![Effect::OpenUrl(url)],
        None => {
            let key = card.key();
            state.say(Tone::Warn, format!("{key} is on no platform yet: it has no URL"));
            vec![]
        }
    }
}

/// Opens a card.
pub fn open(state: &mut State, card: CardId) -> Vec<Effect> {
    if state.open_card() == Some(card) {
        return vec![];
    }
    state.modals.push(Modal::Card(CardScreen::new(card)));
    vec![Effect::OpenCard(card)]
}

/// Opens the links of the card that is open, or focused: a selection is not linked at once.
fn links(state: &mut State) -> Vec<Effect> {
    let Some(card) = state.open_card().or_else(|| state.focused()) else { return vec![] };
    state.modals.push(Modal::Links(LinksScreen::new(card)));
    vec![LinksScreen::asks(card)]
}

fn type_in(state: &mut State, purpose: Purpose, text: String) -> Vec<Effect> {
    state.modals.push(Modal::Editor(EditorScreen::new(purpose, text)));
    vec![]
}

fn new_card(state: &mut State) -> Vec<Effect> {
    let Some(status) = state.columns.get(state.focus).map(|c| c.status.clone()) else { return vec![] };
    let screen = NewCardScreen::new(status, &state.ctx(state.area));
    state.modals.push(Modal::NewCard(screen));
    unknown_offers(state)
}

/// Asks the platforms that have not been asked yet what they offer.
fn unknown_offers(state: &State) -> Vec<Effect> {
    let asked = |name: &ConnectionName| matches!(state.offers.get(name), Some(Ok(_)));
    let names = state.settings.connections.iter().map(|c| &c.name);
    names.filter(|n| !asked(n)).map(|n| Effect::FetchOffers(n.clone())).collect()
}

fn pick(state: &mut State, kind: PickerKind, cards: Vec<CardId>) -> Vec<Effect> {
    let screen = PickerScreen::new(kind, cards, &state.ctx(state.area));
    state.modals.push(Modal::Picker(screen));
    unknown_offers(state)
}

pub fn column_of(state: &State, card: CardId) -> Option<usize> {
    state.board.column_index(&state.board.card(card)?.status)
}

/// Moves cards one column to the side; all to the neighbour of the first one's column.
fn move_by(state: &mut State, cards: &[CardId], by: isize) -> Vec<Effect> {
    let Some(from) = cards.first().and_then(|id| column_of(state, *id)) else { return vec![] };
    let to = from.checked_add_signed(by).and_then(|n| state.board.status_at(n).cloned());
    if let Some(to) = to {
        return moving::move_to(state, cards, &to, Place::Top);
    }
    let side = if by < 0 { "first" } else { "last" };
    state.say(Tone::Info, format!("this is the {side} column"));
    vec![]
}

/// Puts a card above its upper neighbour, or below its lower one, among those that are shown.
fn reorder(state: &mut State, card: CardId, down: bool) -> Vec<Effect> {
    if let Some(sort) = state.filter.query.sort() {
        state.say(
            Tone::Warn,
            format!("the cards are sorted by {}: without that they can be put in order", sort.by.as_str()),
        );
        return vec![];
    }
    let Some(column) = state.columns.iter().find(|c| c.ids.contains(&card)) else { return vec![] };
    let Some(at) = column.ids.iter().position(|id| *id == card) else { return vec![] };
    let place = if down {
        match (column.ids.get(at + 1), column.ids.get(at + 2)) {
            (None, _) => return vec![],
            (Some(_), Some(after)) => Place::Before(*after),
            (Some(_), None) => Place::Bottom,
        }
    } else {
        match at.checked_sub(1).and_then(|n| column.ids.get(n)) {
            Some(above) => Place::Before(*above),
            None => return vec![],
        }
    };
    let next = if down { column.ids.get(at + 1) } else { at.checked_sub(1).and_then(|n| column.ids.get(n)) };
    if state.lanes.are_on() && next.is_some_and(|id| state.lane_of(*id) != state.lane_of(card)) {
        let end = if down { "last" } else { "first" };
        state.say(Tone::Info, format!("this is the {end} card of its lane here"));
        return vec![];
    }
    let to = column.status.clone();
    moving::move_to(state, &[card], &to, place)
}

fn close_or_reopen(state: &mut State, cards: &[CardId]) -> Vec<Effect> {
    let is_closed = |id: &CardId| state.board.card(*id).is_some_and(|c| state.closed().contains(&c.status));
    let reopen = cards.iter().all(is_closed);
    let columns: Vec<Status> = state.board.columns().map(|(s, _)| s.clone()).collect();
    let to = columns.into_iter().find(|s| state.closed().contains(s) != reopen);
    if let Some(to) = to {
        return moving::move_to(state, cards, &to, Place::Top);
    }
    let word = if reopen { "open" } else { "closed" };
    state.say(Tone::Warn, format!("no column stands for {word}: see the mappings"));
    vec![]
}

fn ask_archive(state: &mut State, cards: &[CardId]) -> Vec<Effect> {
    let what = match cards {
        [one] => state.board.card(*one).map_or_else(String::new, Card::key),
        several => format!("{} cards", several.len()),
    };
    let commands = cards.iter().map(|card| Command::Archive { card: *card }).collect();
    let choices = vec![
        Choice { key: 'y', text: "take off".into(), note: None, answer: Answer::Commands(commands) },
        Choice { key: 'n', text: "keep".into(), note: None, answer: Answer::Nothing },
    ];
    let lines = vec!["The platforms keep theirs.".to_owned()];
    let title = format!("Take {what} off the board?");
    state.modals.push(Modal::Question(Question::new(title, lines, choices, 1)));
    vec![]
}
