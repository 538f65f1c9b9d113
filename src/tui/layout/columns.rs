//! Where the columns stand and the cards in them: which of them fit, how wide each is, and how far it is scrolled. Pure.

use ratatui::layout::Rect;

use super::card::card_height;
use super::{CardBox, ColumnBox, Layout, lanes, take_top};
use crate::tui::paint;
use crate::tui::state::State;

/// The least cells a column gets, its gutter included.
pub const COLUMN_MIN: u16 = 20;
/// The cells of a column that is collapsed, its gutter included.
pub const COLLAPSED: u16 = 5;
/// The most cells a column gets.
const COLUMN_MAX: u16 = 56;
/// Below this width one column is shown at a time, with a strip of the others.
pub const NARROW: u16 = 60;

/// What the board itself has when all the rest is laid out.
pub(super) fn board(state: &State, mut area: Rect, cards: bool, out: &mut Layout) {
    let shown = state.shown_columns();
    if shown.is_empty() || area.is_empty() {
        return;
    }
    out.single = is_single(area.width, shown.len());
    if out.single && area.height >= 3 {
        let strip = take_top(&mut area, 1);
        out.strip = strip_boxes(state, &shown, strip);
    }
    let widths = if out.single {
        vec![(state.focus, area.width)]
    } else {
        window(state, &shown, area.width, state.first_column)
    };
    let mut x = area.x;
    for (index, width) in widths {
        let column = Rect { x, width, ..area };
        x += width;
        let titled = !out.single || out.strip.is_empty();
        let collapsed = !out.single && state.is_collapsed(index);
        out.columns.push(column_box(index, column, titled, collapsed));
    }
    if !cards {
        return;
    }
    if state.lanes.are_on() {
        lanes::lay(state, out);
    } else {
        for column in &mut out.columns {
            lay_cards(state, out.roomy, column);
        }
    }
}

/// Whether so many columns are shown one at a time in a width.
fn is_single(width: u16, columns: usize) -> bool {
    width < NARROW && columns > 1
}

/// The columns that fit side by side from `first` on, with their widths; as many before it as there is room for when
/// the last one is reached.
fn window(state: &State, shown: &[usize], width: u16, first: usize) -> Vec<(usize, u16)> {
    let need = |n: usize| if state.is_collapsed(n) { COLLAPSED } else { COLUMN_MIN };
    let mut from = shown.iter().position(|n| *n >= first).unwrap_or(shown.len() - 1);
    let (mut to, mut used) = (from, 0_u16);
    while to < shown.len() && (to == from || used + need(shown[to]) <= width) {
        used += need(shown[to]);
        to += 1;
    }
    while from > 0 && used.saturating_add(need(shown[from - 1])) <= width {
        from -= 1;
        used += need(shown[from]);
    }
    let open = shown[from..to].iter().filter(|n| !state.is_collapsed(**n)).count() as u16;
    let free = width.saturating_sub(((to - from) as u16 - open) * COLLAPSED);
    let each = free.checked_div(open).unwrap_or(0).min(COLUMN_MAX);
    let mut spare = if each == COLUMN_MAX { 0 } else { free - each * open };
    let mut wide = |n: usize| {
        if state.is_collapsed(n) {
            return COLLAPSED.min(width);
        }
        let more = u16::from(spare > 0);
        spare -= more;
        each + more
    };
    shown[from..to].iter().map(|n| (*n, wide(*n))).collect()
}

/// The first column to show so that the focused one is on the screen, given the one that is now.
pub fn revealing_first(state: &State, width: u16) -> usize {
    let shown = state.shown_columns();
    if shown.is_empty() || is_single(width, shown.len()) {
        return state.focus;
    }
    let starts = shown.iter().copied().filter(|n| *n > state.first_column.min(state.focus));
    let mut tries = std::iter::once(state.first_column.min(state.focus)).chain(starts);
    let fits = |first: &usize| window(state, &shown, width, *first).iter().any(|(n, _)| *n == state.focus);
    tries.find(fits).unwrap_or(state.focus)
}

fn strip_boxes(state: &State, shown: &[usize], strip: Rect) -> Vec<(usize, Rect)> {
    let label = |n: usize| paint::width(&strip_label(state, n)) as u16 + 2;
    let at = shown.iter().position(|n| *n == state.focus).unwrap_or(0);
    // The focused title is always whole: begin so that it fits.
    let mut first = 0;
    while first < at && shown[first..=at].iter().map(|n| label(*n)).sum::<u16>() > strip.width {
        first += 1;
    }
    let mut x = strip.x;
    let mut out = Vec::new();
    for n in &shown[first..] {
        let width = label(*n).min(strip.right().saturating_sub(x));
        if width > 0 {
            out.push((*n, Rect { x, width, ..strip }));
        }
        x += width;
    }
    out
}

/// A column's title and count in the strip.
pub fn strip_label(state: &State, column: usize) -> String {
    let Some(c) = state.columns.get(column) else { return String::new() };
    format!("{} {}", paint::clean(state.board.title_of(&c.status)), c.passing)
}

fn column_box(index: usize, area: Rect, titled: bool, collapsed: bool) -> ColumnBox {
    let mut rest = area;
    let header = match rest.height {
        _ if collapsed => Rect { height: 0, ..rest },
        0..=1 => Rect { height: 0, ..rest },
        2..=5 => take_top(&mut rest, u16::from(titled)),
        _ => take_top(&mut rest, 1 + u16::from(titled)),
    };
    let foot = u16::from(rest.height >= 6 && !collapsed);
    rest.height -= foot;
    let foot = Rect { y: rest.bottom(), height: foot, ..rest };
    ColumnBox { index, area, header, body: rest, foot, collapsed, cards: Vec::new(), above: 0, below: 0 }
}

/// Puts the cards that are on the screen into a column's box.
fn lay_cards(state: &State, roomy: bool, out: &mut ColumnBox) {
    let Some(column) = state.columns.get(out.index).filter(|_| !out.collapsed) else { return };
    let top = column.top.min(column.ids.len());
    let (_, whole) = stack(state, roomy, out, &column.ids, top, out.body.y);
    out.above = top;
    out.below = column.ids.len() - top - whole;
}

/// Puts cards one below the other into a column's box from a row on, as far as its body goes; `from` is the first one's
/// place. Returns the row after the last, and how many of them are whole.
pub(super) fn stack(
    state: &State,
    roomy: bool,
    out: &mut ColumnBox,
    ids: &[crate::domain::card::CardId],
    from: usize,
    mut y: u16,
) -> (u16, usize) {
    let (rest, gap) = (out.body, gap(state, out.body.height));
    let mut whole = 0;
    for (id, index) in ids[from.min(ids.len())..].iter().zip(from..) {
        let Some(card) = state.board.card(*id) else { continue };
        if y >= rest.bottom() {
            break;
        }
        let height = card_height(state, card, rest.width, roomy);
        let area = Rect { y, height: height.min(rest.bottom() - y), ..rest };
        whole += usize::from(area.height == height);
        out.cards.push(CardBox { id: *id, index, area });
        y = y.saturating_add(height + gap);
    }
    (y, whole)
}

/// The blank rows between two cards.
pub(super) fn gap(state: &State, body_height: u16) -> u16 {
    let dense = state.look.density == crate::tui::state::look::Density::Compact;
    u16::from(body_height >= 12 && !dense)
}

/// The first card to draw so that the focused card is whole in a column's body, given the first one drawn now; no card
/// is hidden above while there is room for it below the last one. Walks no further than a screen.
pub fn revealing_top(state: &State, column: &ColumnBox, roomy: bool) -> usize {
    let Some(c) = state.columns.get(column.index) else { return 0 };
    let at = c.at.min(c.ids.len().saturating_sub(1));
    let top = c.top.min(c.ids.len().saturating_sub(1));
    let height = |n: usize| {
        let card = c.ids.get(n).and_then(|id| state.board.card(*id));
        card.map_or(0, |card| card_height(state, card, column.body.width, roomy))
    };
    let (room, gap) = (column.body.height, gap(state, column.body.height));
    let (mut first, mut used) = (at, height(at));
    while first > top && used + height(first - 1) + gap <= room {
        first -= 1;
        used += height(first) + gap;
    }
    for below in at + 1..c.ids.len() {
        used += height(below) + gap;
        if used > room {
            return first;
        }
    }
    while first > 0 && used + height(first - 1) + gap <= room {
        first -= 1;
        used += height(first) + gap;
    }
    first
}
