//! The mouse. A press arms and focuses; the drag starts when the pointer leaves the cell; letting go decides. Mouse
//! and keys end in the same command.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::{actions, edit, looking, moving, outcomes, pane, reveal, selecting, views};
use crate::config::keymap::Action;
use crate::domain::board::Place;
use crate::domain::card::CardId;
use crate::domain::command::{Command, Reject};
use crate::tui::effect::Effect;
use crate::tui::input::event_of;
use crate::tui::layout::{Hit, Layout, Tap, layout};
use crate::tui::moves::{ask_for, barred};
use crate::tui::screen::Input;
use crate::tui::screens::asking::Moving;
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
            selecting::sweep(state, &layout, at);
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
    state.doing.sweep = None;
    match hit {
        Hit::Tab(view) => return actions::go(state, view),
        Hit::Saved(view) => views::go(state, view),
        Hit::Filter => super::filtering::begin(state),
        Hit::Header(column) => {
            state.focus = column;
            state.last_press = None;
            if !layout.single && state.is_collapsed(column) {
                return looking::collapse(state, column);
            }
        }
        Hit::Lane(lane) => return looking::fold(state, lane),
        Hit::Column(column) => {
            state.focus = column;
            state.last_press = None;
            selecting::press(state, column, at);
        }
        Hit::Card { id, .. } if event.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::SHIFT) => {
            state.focus_card(id);
            state.last_press = None;
            selecting::turn(state, id);
        }
        Hit::Card { column, id } if in_gutter(layout, column, at) => {
            state.focus_card(id);
            state.last_press = None;
            selecting::press(state, column, at);
        }
        Hit::Card { id, .. } => return press_card(state, id, at),
        Hit::Status if state.health.iter().any(|h| h.question.is_some()) || moving::asks_now(state) => {
            return actions::ask(state);
        }
        Hit::Pane => {
            let card = pane::card_at(state, at);
            return card.map_or_else(Vec::new, |card| actions::open(state, card));
        }
        Hit::Docked | Hit::Status => return actions::go(state, View::Health),
        Hit::Hint(tap) => return tapped(state, tap),
        Hit::View => return view_input(state, layout, event),
    }
    vec![]
}

/// Whether a cell is beside a column's cards: at its left edge, where the focus is marked.
fn in_gutter(layout: &Layout, column: usize, at: (u16, u16)) -> bool {
    layout.column(column).is_some_and(|c| at.0 == c.body.x && c.body.width > 4)
}

fn press_card(state: &mut State, id: CardId, at: (u16, u16)) -> Vec<Effect> {
    state.focus_card(id);
    let again = state.last_press.is_some_and(|(then, card)| card == id && state.now.since(then) <= DOUBLE);
    if again {
        state.last_press = None;
        return actions::open(state, id);
    }
    state.last_press = Some((state.now, id));
    state.doing.range = None;
    let cards = if state.selected.contains(&id) { state.subjects() } else { vec![id] };
    // Until the card is let go the answer may be here.
    let asked = ask_for(state, &cards);
    state.drag = Some(Drag { card: id, cards, origin: at, at, moving: false, target: None });
    asked
}

fn drag(state: &mut State, layout: &Layout, at: (u16, u16)) {
    let target = state.drag.as_ref().and_then(|drag| target_at(state, layout, drag, at));
    let Some(drag) = &mut state.drag else { return };
    drag.at = at;
    drag.moving |= at != drag.origin;
    if drag.moving {
        drag.target = target;
        state.last_press = None;
    }
}

/// Where cards would land that are let go at a cell; `None` where all of them stand already, and outside.
fn target_at(state: &State, layout: &Layout, drag: &Drag, at: (u16, u16)) -> Option<DropTarget> {
    let lane = layout.lane_at(at.1);
    let (column, before, top, lane) = match layout.hit(at.0, at.1)? {
        Hit::Header(column) => (column, None, true, None),
        Hit::Lane(lane) => (layout.column_at(at.0)?, None, true, Some(lane)),
        Hit::Column(column) => (column, None, false, lane),
        Hit::Card { column, id } => (column, Some(id), false, lane),
        _ => return None,
    };
    let own = |id: &CardId| state.board.card(*id).and_then(|c| state.board.column_index(&c.status));
    let elsewhere = drag.cards.iter().any(|id| own(id) != Some(column));
    let lane = lane.filter(|lane| drag.cards.iter().any(|id| state.lane_of(*id) != Some(*lane)));
    // None of those that are dragged stands where it is dropped.
    let before = before.filter(|id| !drag.cards.contains(id));
    (elsewhere || lane.is_some()).then_some(DropTarget { column, before, top, lane })
}

fn release(state: &mut State, at: (u16, u16)) -> Vec<Effect> {
    let layout = layout(state);
    // The release decides, not the last motion seen.
    if let Some(sweep) = state.doing.sweep.clone() {
        if sweep.origin != at || state.selected != sweep.before {
            selecting::sweep(state, &layout, at);
        }
        state.doing.sweep = None;
        return vec![];
    }
    drag(state, &layout, at);
    let Some(drag) = state.drag.take() else { return vec![] };
    if !drag.moving {
        return vec![];
    }
    let Some(target) = drag.target else {
        state.say(Tone::Info, "not moved");
        return vec![];
    };
    if let [card] = *drag.cards
        && let Some(why) = barred(state, card, &target)
    {
        state.say(Tone::Warn, why);
        return vec![];
    }
    let effects = drop_on(state, &drag.cards, &target);
    tour::saw(state, Action::MoveTo);
    reveal(state);
    effects
}

/// Lets cards go on a target: the moves and what the lane stands for are one act. What the lane does not take stays.
fn drop_on(state: &mut State, cards: &[CardId], target: &DropTarget) -> Vec<Effect> {
    let Some(to) = state.columns.get(target.column).map(|c| c.status.clone()) else { return vec![] };
    let (mut going, mut also, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for card in cards {
        match target.lane.map_or(Ok(Vec::new()), |lane| state.into_lane(*card, lane)) {
            Ok(more) => {
                going.push(*card);
                also.extend(more);
            }
            Err(why) => refused.push((*card, Reject::Barred(why))),
        }
    }
    let stay = cards.iter().all(|id| state.board.card(*id).is_some_and(|c| c.status == to));
    if stay && refused.is_empty() && (target.before.is_none() || state.filter.query.sort().is_some()) {
        return into_lane(state, cards, also);
    }
    let place = match (target.top, target.before) {
        (true, _) => Place::Top,
        (false, Some(card)) => Place::Before(card),
        (false, None) => Place::Bottom,
    };
    moving::make(state, &Moving { cards: going, to, place, given: Vec::new(), refused, also })
}

/// Changes cards to what a lane stands for, where they are in its column already.
fn into_lane(state: &mut State, cards: &[CardId], also: Vec<Command>) -> Vec<Effect> {
    let done = if cards.len() > 1 { edit::run_each(state, also) } else { edit::run_all(state, also) };
    let effects = done.unwrap_or_else(|reject| {
        state.say(Tone::Warn, reject.to_string());
        vec![]
    });
    if let Some(first) = cards.first()
        && !state.focus_card(*first)
        && let Some(place) = looking::whereabouts(state, *first)
    {
        state.say(Tone::Info, format!("it is in {place}"));
    }
    effects
}

/// Why a move into a column would not reach every platform, or be one too many there: said before the card is let go.
pub fn warning(state: &State, card: CardId, column: usize) -> Option<String> {
    let status = state.board.status_at(column)?;
    let card = state.board.card(card)?;
    let unreached = card.links.iter().find_map(|link| {
        let connection = state.settings.connection(link.connection.as_str())?;
        if !connection.direction.pushes() {
            return Some(format!("{} is only read, it stays here", link.connection));
        }
        let mapped = connection.targets.contains_key(status);
        (!mapped).then(|| format!("not mapped on {}, it stays here", link.connection))
    });
    unreached.or_else(|| {
        let (limit, cards) = (state.board.limit_of(status)?, state.board.count_in(status) + 1);
        let over = card.status != *status && limit.is_over(cards);
        over.then(|| format!("over its limit then, {cards}/{}", limit.most))
    })
}

fn wheel(state: &mut State, layout: &Layout, event: MouseEvent, down: bool) -> Vec<Effect> {
    match layout.hit(event.column, event.row) {
        Some(Hit::Lane(_) | Hit::Header(_) | Hit::Column(_) | Hit::Card { .. }) => {
            if let Some(column) = layout.column_at(event.column) {
                scroll(state, layout, column, down);
            }
            if state.drag.as_ref().is_some_and(|d| d.moving) {
                retarget(state);
            }
            vec![]
        }
        Some(Hit::Pane) => {
            pane::scroll_by(state, if down { 3 } else { -3 });
            vec![]
        }
        _ => view_input(state, layout, event),
    }
}

/// Scrolls a column by a card, no further than its last card; all together where there are lanes.
fn scroll(state: &mut State, layout: &Layout, column: usize, down: bool) -> bool {
    if state.lanes.are_on() {
        return looking::scroll_lanes(state, down);
    }
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
    let shown = state.shown_columns();
    if x <= layout.body.x + 1 && shown.first().is_some_and(|n| *n < first.index) {
        return Some(Edge::Left);
    }
    if x + 2 >= layout.body.right() && shown.last().is_some_and(|n| *n > last.index) {
        return Some(Edge::Right);
    }
    let under = layout.columns.iter().find(|c| x >= c.area.x && x < c.area.right() && !c.collapsed)?;
    let (above, below) = if state.lanes.are_on() {
        (state.lanes.top > 0 || state.lanes.row > 0, !layout.lanes_end)
    } else {
        let column = state.columns.get(under.index)?;
        (column.top > 0, under.cards.last().is_some_and(|c| c.index + 1 < column.ids.len()))
    };
    // The header is a target, so the rows next to it scroll.
    if y == under.body.y && above {
        return Some(Edge::Up(under.index));
    }
    (below && y + 1 >= under.body.bottom()).then_some(Edge::Down(under.index))
}

/// Whether the pointer drags at an edge that can still scroll.
pub fn at_edge(state: &State) -> bool {
    edge(state).is_some()
}

/// Scrolls one step when the pointer drags at an edge.
pub fn scroll_at_edge(state: &mut State) {
    let now = layout(state);
    let Some(first) = now.columns.first().map(|c| c.index) else { return };
    let mut beside = state.shown_columns().into_iter();
    let found = edge(state);
    let next = match found {
        Some(Edge::Left) => beside.rfind(|n| *n < first),
        Some(Edge::Right) => beside.find(|n| *n > first),
        _ => None,
    };
    match found {
        Some(Edge::Left | Edge::Right) => {
            let Some(next) = next else { return };
            // In the one-column mode the focus is what is shown.
            if now.single {
                state.focus = next;
            } else {
                state.first_column = next;
            }
        }
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
