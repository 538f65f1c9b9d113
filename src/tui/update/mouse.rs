//! The mouse. A press arms and focuses; the drag starts when the pointer leaves the cell; letting go decides. Mouse
//! and keys end in the same command.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use super::{actions, moving, outcomes, reveal, views};
use crate::config::keymap::Action;
use crate::domain::board::Place;
use crate::domain::card::CardId;
use crate::tui::effect::Effect;
use crate::tui::input::event_of;
use crate::tui::layout::{Hit, Layout, Tap, columns_shown, layout};
use crate::tui::moves::ask_for;
use crate::tui::screen::Input;
use crate::tui::state::{Drag, DropTarget, State, Tone, View};
use crate::tui::tour;
use crate::tui::view::modal_area;

/// Two presses on a card within this many milliseconds open it.
const DOUBLE: i64 = 400;

/// A mouse event.
pub fn on_mouse(state: &mut State, event: MouseEvent) -> Vec<Effect> {
    let layout = layout(state);
    let pressed = event.kind == MouseEventKind::Down(MouseButton::Left);
    if let Some(tap) = layout.hint(event.column, event.row).filter(|_| pressed) {
        return tapped(state, tap);
    }
    if let Some(top) = state.modals.last() {
        // Under a dialog nothing is hit.
        let area = modal_area(top, state, &layout);
        let inside = area.contains(ratatui::layout::Position::new(event.column, event.row));
        return if inside { outcomes::input(state, &Input::Mouse(event)) } else { vec![] };
    }
    let at = (event.column, event.row);
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => press(state, &layout, at, event),
        MouseEventKind::Drag(MouseButton::Left) => {
            drag(state, &layout, at);
            vec![]
        }
        // The older mouse encoding does not say which button was let go.
        MouseEventKind::Up(_) => release(state, at),
        MouseEventKind::ScrollDown => wheel(state, &layout, event, true),
        MouseEventKind::ScrollUp => wheel(state, &layout, event, false),
        _ => view_input(state, &layout, event),
    }
}

/// A click on a hint: what its key does, wherever the key would do it.
fn tapped(state: &mut State, tap: Tap) -> Vec<Effect> {
    match tap {
        Tap::Press(press) => super::on_key(state, event_of(press)),
        Tap::Action(action) => {
            state.message = None;
            state.last_press = None;
            let effects = outcomes::act(state, action);
            reveal(state);
            effects
        }
    }
}

fn view_input(state: &mut State, layout: &Layout, event: MouseEvent) -> Vec<Effect> {
    if layout.hit(event.column, event.row) == Some(Hit::View) && state.view != View::Board {
        return outcomes::input(state, &Input::Mouse(event));
    }
    vec![]
}

fn press(state: &mut State, layout: &Layout, at: (u16, u16), event: MouseEvent) -> Vec<Effect> {
    state.message = None;
    state.keys.clear();
    if state.drag.take().is_some_and(|d| d.moving) {
        // A second press without a release: the release was lost.
        return vec![];
    }
    let Some(hit) = layout.hit(at.0, at.1) else { return vec![] };
    if hit != Hit::Filter {
        state.filter.leave();
    }
    match hit {
        Hit::Tab(view) => return actions::go(state, view),
        Hit::Saved(view) => views::go(state, view),
        Hit::Filter => super::filtering::begin(state),
        Hit::Header(column) | Hit::Column(column) => {
            state.focus = column;
            state.last_press = None;
        }
        Hit::Card { id, .. } => return press_card(state, id, at),
        Hit::Status if state.health.iter().any(|h| h.question.is_some()) || moving::asks_now(state) => {
            return actions::ask(state);
        }
        Hit::Docked | Hit::Status => return actions::go(state, View::Health),
        Hit::Hint(tap) => return tapped(state, tap),
        Hit::View => return view_input(state, layout, event),
    }
    vec![]
}

fn press_card(state: &mut State, id: CardId, at: (u16, u16)) -> Vec<Effect> {
    state.focus_card(id);
    let again = state.last_press.is_some_and(|(then, card)| card == id && state.now.since(then) <= DOUBLE);
    if again {
        state.last_press = None;
        return actions::open(state, id);
    }
    state.last_press = Some((state.now, id));
    state.drag = Some(Drag { card: id, origin: at, at, moving: false, target: None });
    // Until the card is let go the answer may be here.
    ask_for(state, &[id])
}

fn drag(state: &mut State, layout: &Layout, at: (u16, u16)) {
    let target = state.drag.as_ref().map(|d| d.card).and_then(|card| target_at(state, layout, card, at));
    let Some(drag) = &mut state.drag else { return };
    drag.at = at;
    drag.moving |= at != drag.origin;
    if drag.moving {
        drag.target = target;
        state.last_press = None;
    }
}

/// Where a card would land that is let go at a cell; `None` over its own column, and outside.
fn target_at(state: &State, layout: &Layout, card: CardId, at: (u16, u16)) -> Option<DropTarget> {
    let (column, before, top) = match layout.hit(at.0, at.1)? {
        Hit::Header(column) => (column, None, true),
        Hit::Column(column) => (column, None, false),
        Hit::Card { column, id } => (column, Some(id), false),
        _ => return None,
    };
    let own = state.board.card(card).and_then(|c| state.board.column_index(&c.status));
    (own != Some(column)).then_some(DropTarget { column, before, top })
}

fn release(state: &mut State, at: (u16, u16)) -> Vec<Effect> {
    let layout = layout(state);
    // The release decides, not the last motion seen.
    drag(state, &layout, at);
    let Some(drag) = state.drag.take() else { return vec![] };
    if !drag.moving {
        return vec![];
    }
    let Some(target) = drag.target else {
        state.say(Tone::Info, "not moved");
        return vec![];
    };
    let Some(to) = state.columns.get(target.column).map(|c| c.status.clone()) else { return vec![] };
    let place = match (target.top, target.before) {
        (true, _) => Place::Top,
        (false, Some(card)) => Place::Before(card),
        (false, None) => Place::Bottom,
    };
    let effects = moving::move_to(state, &[drag.card], &to, place);
    tour::saw(state, Action::MoveTo);
    reveal(state);
    effects
}

/// Why a move into a column would not reach every platform: said before the card is let go.
pub fn warning(state: &State, card: CardId, column: usize) -> Option<String> {
    let status = state.board.status_at(column)?;
    let card = state.board.card(card)?;
    card.links.iter().find_map(|link| {
        let connection = state.settings.connection(link.connection.as_str())?;
        if !connection.direction.pushes() {
            return Some(format!("{} is only read, it stays here", link.connection));
        }
        let mapped = connection.targets.contains_key(status);
        (!mapped).then(|| format!("not mapped on {}, it stays here", link.connection))
    })
}

fn wheel(state: &mut State, layout: &Layout, event: MouseEvent, down: bool) -> Vec<Effect> {
    match layout.hit(event.column, event.row) {
        Some(Hit::Header(column) | Hit::Column(column) | Hit::Card { column, .. }) => {
            scroll(state, layout, column, down);
            if state.drag.as_ref().is_some_and(|d| d.moving) {
                retarget(state);
            }
            vec![]
        }
        _ => view_input(state, layout, event),
    }
}

/// Scrolls a column by a card, no further than its last card.
fn scroll(state: &mut State, layout: &Layout, column: usize, down: bool) -> bool {
    let Some(shown) = layout.column(column) else { return false };
    let whole = shown.cards.last().is_some_and(|last| last.area.bottom() < shown.body.bottom());
    let Some(c) = state.columns.get_mut(column) else { return false };
    let end = shown.cards.last().is_none_or(|last| last.index + 1 >= c.ids.len()) && whole;
    if down && !end && c.top + 1 < c.ids.len() {
        c.top += 1;
        return true;
    }
    if !down && c.top > 0 {
        c.top -= 1;
        return true;
    }
    false
}

/// Which way the pointer's place scrolls while something is dragged: columns sideways, or a column's cards.
enum Edge {
    Left,
    Right,
    Up(usize),
    Down(usize),
}

fn edge(state: &State) -> Option<Edge> {
    let drag = state.drag.as_ref().filter(|d| d.moving)?;
    let layout = layout(state);
    let (x, y) = drag.at;
    let (first, last) = (layout.columns.first()?, layout.columns.last()?);
    if x <= layout.body.x + 1 && first.index > 0 {
        return Some(Edge::Left);
    }
    if x + 2 >= layout.body.right() && last.index + 1 < state.columns.len() {
        return Some(Edge::Right);
    }
    let under = layout.columns.iter().find(|c| x >= c.area.x && x < c.area.right())?;
    let column = state.columns.get(under.index)?;
    // The header is a target, so the rows next to it scroll.
    if y == under.body.y && column.top > 0 {
        return Some(Edge::Up(under.index));
    }
    let more = under.cards.last().is_some_and(|c| c.index + 1 < column.ids.len());
    (more && y + 1 >= under.body.bottom()).then_some(Edge::Down(under.index))
}

/// Whether the pointer drags at an edge that can still scroll.
pub fn at_edge(state: &State) -> bool {
    edge(state).is_some()
}

/// Scrolls one step when the pointer drags at an edge.
pub fn scroll_at_edge(state: &mut State) {
    let shown = columns_shown(layout(state).body.width, state.columns.len());
    match edge(state) {
        // In the one-column mode the focus is what is shown.
        Some(Edge::Left) if shown == 1 => state.focus = state.focus.saturating_sub(1),
        Some(Edge::Right) if shown == 1 => state.focus += 1,
        Some(Edge::Left) => state.first_column = state.first_column.saturating_sub(1),
        Some(Edge::Right) => state.first_column += 1,
        Some(Edge::Up(column)) => {
            scroll(state, &layout(state), column, false);
        }
        Some(Edge::Down(column)) => {
            scroll(state, &layout(state), column, true);
        }
        None => return,
    }
    retarget(state);
}

/// What is under the pointer moved: looks again where the card would land.
fn retarget(state: &mut State) {
    if let Some(at) = state.drag.as_ref().map(|d| d.at) {
        let layout = layout(state);
        drag(state, &layout, at);
    }
}
