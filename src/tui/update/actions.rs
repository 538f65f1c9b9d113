//! What the actions do that no screen has taken: the board's own, and those that hold everywhere.

use ratatui::layout::Position;

use super::{bulk, counting, filtering, looking, moving, pane, repeat, selecting, views};
use crate::config::keymap::Action;
use crate::domain::board::Place;
use crate::domain::card::CardId;
use crate::domain::link::ConnectionName;
use crate::domain::mapping::Status;
use crate::tui::effect::{Effect, Purpose};
use crate::tui::layout::{bare_layout, layout};
use crate::tui::screens::Modal;
use crate::tui::screens::card::CardScreen;
use crate::tui::screens::editor::{EditorScreen, NewCardScreen};
use crate::tui::screens::help::HelpScreen;
use crate::tui::screens::links::LinksScreen;
use crate::tui::screens::mapping::MappingScreen;
use crate::tui::screens::picker::{ParentScreen, PickerKind, PickerScreen, TypedKind, TypedScreen};
use crate::tui::screens::question::{Answer, Choice, Question};
use crate::tui::screens::quick::QuickScreen;
use crate::tui::screens::themes::ThemesScreen;
use crate::tui::state::{State, Tone, View, WantedBody};
use crate::tui::tour;

/// Does an action.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    if let Some(column) = action.column() {
        looking::focus_column(state, column);
        return vec![];
    }
    let count = counting::take(state);
    if motion(state, action, count) {
        return vec![];
    }
    // A range is there to be acted on: what is no motion ends it and keeps what it holds.
    if !matches!(action, Action::Select | Action::SelectRange | Action::Back) {
        state.doing.range = None;
    }
    match action {
        Action::Sort
        | Action::NextSavedView
        | Action::PreviousSavedView
        | Action::SaveView
        | Action::RemoveView => {
            views::act(state, action);
        }
        Action::Select => selecting::toggle(state),
        Action::SelectRange => selecting::range(state),
        Action::SelectColumn => selecting::column(state),
        Action::SelectShown => selecting::shown(state),
        Action::WhyNot => bulk::why_not(state),
        Action::Palette => super::palette::open(state),
        Action::Filter if state.modals.is_empty() && state.view == View::Board => filtering::begin(state),
        Action::Back => back(state),
        Action::Tour => tour::toggle(state),
        Action::HealthPanel => state.docked = !state.docked,
        Action::Pane => return pane::toggle(state),
        Action::PaneDown | Action::PaneUp => pane::scroll(state, action),
        Action::Parent => return pane::go_to_parent(state),
        Action::Help => state.modals.push(Modal::Help(HelpScreen::new(state.layer()))),
        Action::Themes => state.modals.push(Modal::Themes(ThemesScreen::new(&state.settings, state.depth))),
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
        Action::Undo => return bulk::undo(state, false, count),
        Action::Redo => return bulk::undo(state, true, count),
        Action::Repeat => return repeat::again(state, count),
        other => return on_cards(state, other, count),
    }
    vec![]
}

/// Moves the focus, as often as a count says; whether the action is one that does.
fn motion(state: &mut State, action: Action, count: Option<usize>) -> bool {
    let times = count.unwrap_or(1);
    let by = isize::try_from(times).unwrap_or(isize::MAX);
    let last = state.columns.len().saturating_sub(1);
    let to_card = |n: usize, state: &mut State| {
        step(state, isize::MIN);
        step(state, isize::try_from(n.saturating_sub(1)).unwrap_or(isize::MAX));
    };
    match action {
        Action::FocusLeft | Action::FocusRight => {
            for _ in 0..times.min(state.columns.len()) {
                looking::focus_beside(state, action == Action::FocusRight);
            }
        }
        Action::GoToColumn => looking::focus_column(state, (times - 1).min(last)),
        Action::FocusDown => step(state, by),
        Action::FocusUp => step(state, -by),
        Action::FocusTop => to_card(times, state),
        Action::FocusBottom => match count {
            Some(n) => to_card(n, state),
            None => step(state, isize::MAX),
        },
        Action::HalfPageDown => step(state, half_page(state).saturating_mul(by)),
        Action::HalfPageUp => step(state, -half_page(state).saturating_mul(by)),
        Action::NextMatch | Action::PreviousMatch => {
            for _ in 0..times {
                filtering::next_match(state, action == Action::NextMatch);
            }
        }
        _ => return false,
    }
    true
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

pub(super) fn step(state: &mut State, by: isize) {
    if let Some(column) = state.columns.get_mut(state.focus) {
        let last = column.ids.len().saturating_sub(1);
        column.at = column.at.saturating_add_signed(by).min(last);
    }
}

fn half_page(state: &State) -> isize {
    let shown = layout(state).column(state.focus).map_or(2, |c| c.cards.len());
    (shown / 2).max(1) as isize
}

/// Goes back by one: the drag, the range that is being selected, the selection, the filter. It never quits.
fn back(state: &mut State) {
    if state.drag.take().is_some() {
        state.say(Tone::Info, "the move was cancelled");
    } else if let Some(sweep) = state.doing.sweep.take() {
        state.selected = sweep.before;
    } else if state.doing.range.take().is_some() {
        // What it holds stays selected.
    } else if !state.selected.is_empty() {
        state.deselect();
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

pub(super) fn sync(state: &mut State, only: Option<ConnectionName>) -> Vec<Effect> {
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
fn on_cards(state: &mut State, action: Action, count: Option<usize>) -> Vec<Effect> {
    let cards = state.subjects();
    let far = isize::try_from(count.unwrap_or(1)).unwrap_or(isize::MAX);
    match action {
        Action::NewCard => return new_card(state),
        Action::NewCardForm => return new_card_form(state),
        _ => {}
    }
    let Some(&first) = cards.first() else {
        if matches!(action, Action::SyncNow) {
            return sync(state, None);
        }
        return vec![];
    };
    match action {
        Action::Open => open(state, first),
        Action::MoveLeft => move_by(state, &cards, -far),
        Action::MoveRight => move_by(state, &cards, far),
        Action::MoveUp => reorder(state, &cards, false, far.unsigned_abs()),
        Action::MoveDown => reorder(state, &cards, true, far.unsigned_abs()),
        Action::MoveTo => moving::ask_column(state, &cards),
        Action::CloseOrReopen => close_or_reopen(state, &cards),
        Action::Archive => bulk::ask_archive(state, &cards),
        Action::EditTitle => {
            let card = at_hand(state).unwrap_or(first);
            let title = state.board.card(card).map_or_else(String::new, |c| c.title.clone());
            type_in(state, Purpose::Title(card), title)
        }
        Action::Comment if cards.len() > 1 => type_in(state, Purpose::CommentAll(cards), String::new()),
        Action::Comment => type_in(state, Purpose::Comment(first), String::new()),
        Action::EditBody | Action::EditInEditor => {
            let card = at_hand(state).unwrap_or(first);
            state.wanted = Some(WantedBody { card, outside: action == Action::EditInEditor });
            vec![Effect::OpenCard(card)]
        }
        Action::Labels => pick(state, PickerKind::Labels, cards),
        Action::Assignees => pick(state, PickerKind::Assignees, cards),
        Action::Milestone => pick(state, PickerKind::Milestone, cards),
        Action::Priority => pick(state, PickerKind::Priority, cards),
        Action::PartOf => {
            let screen = ParentScreen::new(cards, &state.ctx(state.area));
            state.modals.push(Modal::Parent(screen));
            vec![]
        }
        Action::Due => type_value(state, TypedKind::Due, cards),
        Action::Estimate => type_value(state, TypedKind::Estimate, cards),
        Action::Link => links(state),
        Action::SyncNow => bulk::sync(state, &cards),
        Action::OpenInBrowser | Action::CopyUrl | Action::CopyKey => bulk::hand_out(state, action, &cards),
        _ => vec![],
    }
}

/// The card that is open, or focused: for what is done to one card alone, whatever is selected.
fn at_hand(state: &State) -> Option<CardId> {
    state.open_card().or_else(|| state.focused())
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
    let Some(card) = at_hand(state) else { return vec![] };
    state.modals.push(Modal::Links(LinksScreen::new(card)));
    vec![LinksScreen::asks(card)]
}

fn type_in(state: &mut State, purpose: Purpose, text: String) -> Vec<Effect> {
    state.modals.push(Modal::Editor(EditorScreen::new(purpose, text)));
    vec![]
}

fn type_value(state: &mut State, kind: TypedKind, cards: Vec<CardId>) -> Vec<Effect> {
    state.modals.push(Modal::Typed(TypedScreen::new(kind, cards)));
    vec![]
}

/// Opens the line of a new card at the focused column.
fn new_card(state: &mut State) -> Vec<Effect> {
    let Some(status) = state.columns.get(state.focus).map(|c| c.status.clone()) else { return vec![] };
    let layout = bare_layout(state);
    let column = layout.column(state.focus);
    let at = column.map_or(Position::ORIGIN, |c| Position::new(c.area.x, c.body.y));
    let screen = QuickScreen::new(status, at, &state.ctx(state.area));
    state.modals.push(Modal::Quick(screen));
    unknown_offers(state)
}

fn new_card_form(state: &mut State) -> Vec<Effect> {
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

/// Moves cards some columns to the side, counted from the first one's column, and no further than the last column.
fn move_by(state: &mut State, cards: &[CardId], by: isize) -> Vec<Effect> {
    let Some(from) = cards.first().and_then(|id| column_of(state, *id)) else { return vec![] };
    let last = state.board.columns().len().saturating_sub(1);
    let to = from.saturating_add_signed(by).min(last);
    if let Some(to) = state.board.status_at(to).filter(|_| to != from).cloned() {
        return moving::move_to(state, cards, &to, Place::Top);
    }
    let side = if by < 0 { "first" } else { "last" };
    state.say(Tone::Info, format!("this is the {side} column"));
    vec![]
}

/// Puts a card some places up or down among those that are shown, and no further than the end.
fn reorder(state: &mut State, cards: &[CardId], down: bool, places: usize) -> Vec<Effect> {
    let [card] = *cards else {
        state.say(Tone::Warn, "one card at a time is put in order: nothing was moved");
        return vec![];
    };
    if let Some(sort) = state.filter.query.sort() {
        state.say(
            Tone::Warn,
            format!("the cards are sorted by {}: without that they can be put in order", sort.by.as_str()),
        );
        return vec![];
    }
    let Some(column) = state.columns.iter().find(|c| c.ids.contains(&card)) else { return vec![] };
    let Some(at) = column.ids.iter().position(|id| *id == card) else { return vec![] };
    // Within its lane a card goes one place at a time: beyond its end there is another lane.
    let places = if state.lanes.are_on() { 1 } else { places };
    let last = column.ids.len() - 1;
    let to = if down { at.saturating_add(places).min(last) } else { at.saturating_sub(places) };
    if to == at {
        return vec![];
    }
    let next = column.ids.get(to);
    if state.lanes.are_on() && next.is_some_and(|id| state.lane_of(*id) != state.lane_of(card)) {
        let end = if down { "last" } else { "first" };
        state.say(Tone::Info, format!("this is the {end} card of its lane here"));
        return vec![];
    }
    // Going down the card leaves a gap: it lands above the one after its place.
    let place = column.ids.get(if down { to + 1 } else { to }).map_or(Place::Bottom, |id| Place::Before(*id));
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
