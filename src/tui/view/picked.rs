//! What is at hand for the next key: how much is selected, a count that is typed, what letting go of a drag would do.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::parts::Parts;
use crate::domain::card::{Card, CardId};
use crate::tui::paint;
use crate::tui::state::{Drag, State, View};
use crate::tui::update::mouse::warning;
use crate::tui::update::moving::{barred_of, wants_in_words};

/// Puts how many cards are selected and the count that is typed at the left end of the status bar; returns the cell after
/// them.
pub(super) fn bar(state: &State, area: Rect, out: &mut Parts) -> u16 {
    if state.view != View::Board {
        return area.x;
    }
    let mut x = area.x;
    let mut put = |text: &str, style: Style| {
        x = out.text(x, area.right().saturating_sub(x), text, style);
    };
    if let Some(count) = state.doing.count {
        put(&format!(" {count}{} ", state.glyphs.ellipsis), state.theme.key);
    }
    if !state.selected.is_empty() {
        put(&format!(" {} {} ", state.glyphs.selected, selected(state)), state.theme.marked);
    }
    x
}

/// `5 selected`, with what of them the filter hides: actions leave that alone.
fn selected(state: &State) -> String {
    let word = if state.doing.range.is_some() { "selecting" } else { "selected" };
    match state.doing.hidden {
        0 => format!("{} {word}", state.selected.len()),
        hidden => format!("{} {word}, {hidden} hidden", state.selected.len()),
    }
}

/// What is dragged, in a word or two: a card's key, or how many cards.
pub(super) fn dragged(state: &State, drag: &Drag) -> String {
    match drag.cards.len() {
        0 | 1 => state.board.card(drag.card).map_or_else(String::new, Card::key),
        n => format!("{n} cards"),
    }
}

/// What letting go would do.
pub(super) fn drag_line(state: &State, drag: &Drag) -> (String, Style) {
    let what = dragged(state, drag);
    let Some(target) = &drag.target else {
        let where_to = if state.lanes.are_on() { "another column or lane" } else { "another column" };
        return (format!("Move {what}: release on {where_to}"), state.theme.info);
    };
    let title = state.columns.get(target.column).map_or("", |c| state.board.title_of(&c.status));
    let own = |id: &CardId| state.board.card(*id).and_then(|c| state.board.column_index(&c.status));
    let stays = drag.cards.iter().all(|id| own(id) == Some(target.column));
    let place = match (target.lane.map(|lane| state.lane_words(lane)), stays) {
        (None, _) => title.to_owned(),
        (Some(lane), true) => lane,
        (Some(lane), false) => format!("{title}, {lane}"),
    };
    let place = paint::clean(&place);
    match barred_of(state, &drag.cards, target) {
        Some((stay, why)) if stay == drag.cards.len() => {
            return (format!("{} {why}", state.glyphs.cross), state.theme.error);
        }
        Some((stay, why)) => {
            let text = format!("{} Move {what} to {place}: {stay} of them stay: {why}", state.glyphs.warn);
            return (text, state.theme.warn);
        }
        None => {}
    }
    let asks = state.board.status_at(target.column).and_then(|to| wants_in_words(state, drag.card, to));
    match warning(state, drag.card, target.column).filter(|_| !stays) {
        None if asks.is_some() => {
            let asks = asks.unwrap_or_default();
            (format!("Move {what} to {place}: release, then {asks}"), state.theme.info)
        }
        Some(why) => (format!("{} Move {what} to {place}: {why}", state.glyphs.warn), state.theme.warn),
        None => (format!("Move {what} to {place}: release to move"), state.theme.info),
    }
}
