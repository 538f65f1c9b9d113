//! The rows between the lanes: what each is called, how many cards it has, and whether it is folded.

use ratatui::buffer::Buffer;

use crate::tui::layout::{LaneBox, Layout};
use crate::tui::paint;
use crate::tui::state::State;
use crate::tui::state::lanes::Lane;

/// Draws the lanes' rows; the cards between them are drawn by whoever draws cards.
pub(super) fn draw(state: &State, layout: &Layout, buf: &mut Buffer) {
    for at in &layout.lanes {
        if let Some(lane) = state.lanes.all.get(at.index) {
            row(state, layout, at, lane, buf);
        }
    }
}

fn row(state: &State, layout: &Layout, at: &LaneBox, lane: &Lane, buf: &mut Buffer) {
    let (theme, glyphs, y) = (&state.theme, &state.glyphs, at.header.y);
    let drag = state.drag.as_ref().filter(|d| d.moving).and_then(|d| d.target.as_ref());
    let aimed = drag.is_some_and(|target| target.lane == Some(at.index));
    let focused = state.focused().is_some_and(|id| state.lane_of(id) == Some(at.index));
    let style = match (aimed, focused) {
        (true, _) => theme.target,
        (false, true) => theme.column_focus,
        (false, false) => theme.column,
    };
    let open = || layout.columns.iter().filter(|c| !c.collapsed);
    let Some(first) = open().next() else { return };
    for column in open().filter(|_| !lane.folded) {
        paint::rule(buf, column.area.x, y, column.area.width.saturating_sub(1), glyphs.rule, theme.border);
    }
    let mut left = first.area.right();
    if lane.folded {
        for column in open() {
            let cards = state.columns.get(column.index).map_or(0, |c| c.in_lane(at.index));
            let (x, end) = (column.area.x + 2, column.area.right().saturating_sub(1));
            let said = if cards == 0 { glyphs.dot.to_owned() } else { cards.to_string() };
            let from = paint::text_right(buf, x.min(end), end, y, &said, theme.dim, glyphs);
            if column.index == first.index {
                left = from;
            }
        }
    } else {
        left = at.header.right();
    }
    let glyph = if lane.folded { glyphs.right } else { glyphs.below };
    let all: usize = state.columns.iter().map(|c| c.in_lane(at.index)).sum();
    let count = if lane.folded { String::new() } else { format!(" {} {all}", glyphs.dot) };
    // Not beyond the first collapsed column: there the row is another's.
    let next = layout.columns.iter().find(|c| c.collapsed && c.area.x > first.area.x);
    let end = next.map_or(left, |c| left.min(c.area.x)).saturating_sub(1);
    let room = usize::from(end.saturating_sub(at.header.x + 2));
    let name = paint::clean(&lane.name);
    let (name, _) = if paint::width(&name) + paint::width(&count) + 2 > room {
        (cut(&name, room.saturating_sub(paint::width(&count) + 2), glyphs.ellipsis), 0)
    } else {
        (name.into_owned(), 0)
    };
    let said = format!("{glyph} {name}{count} ");
    paint::text(buf, at.header.x, y, end.saturating_sub(at.header.x), &said, style, glyphs);
}

fn cut(text: &str, room: usize, ellipsis: &str) -> String {
    let (head, _) = paint::fit(text, room.saturating_sub(1));
    format!("{}{ellipsis}", head.trim_end())
}
