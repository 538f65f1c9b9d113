//! The board: columns, cards, what is being dragged, and what stands there when there is nothing.

use ratatui::buffer::Buffer;

use crate::tui::layout::{ColumnBox, Layout, strip_label};
use crate::tui::paint;
use crate::tui::state::State;

mod card;
mod empty;
mod header;
mod lanes;

/// Draws the board view.
pub fn draw(state: &State, layout: &Layout, buf: &mut Buffer) {
    strip(state, layout, buf);
    for column in &layout.columns {
        if column.collapsed {
            header::collapsed(state, column, buf);
            continue;
        }
        header::draw(state, layout, column, buf);
        for card in &column.cards {
            if let Some(data) = state.board.card(card.id) {
                card::draw(state, column, card, data, layout.roomy, buf);
            }
        }
        edges(state, column, buf);
        if column.cards.is_empty() && (layout.lanes.is_empty() || state.is_collapsed(column.index)) {
            empty::column(state, column, buf);
        }
    }
    lanes::draw(state, layout, buf);
    empty::board(state, layout, buf);
    ghost(state, buf);
}

fn strip(state: &State, layout: &Layout, buf: &mut Buffer) {
    for (n, area) in &layout.strip {
        let style = if *n == state.focus { state.theme.selection } else { state.theme.column };
        buf.set_style(*area, style);
        let label = strip_label(state, *n);
        paint::text(buf, area.x + 1, area.y, area.width.saturating_sub(1), &label, style, &state.glyphs);
    }
}

/// Says below a column how many cards there are beyond its end, and beside it which part of them is on the screen.
fn edges(state: &State, column: &ColumnBox, buf: &mut Buffer) {
    let (theme, glyphs, body) = (&state.theme, &state.glyphs, column.body);
    if column.below > 0 && column.foot.height > 0 {
        let more = format!("{} {} more", glyphs.below, column.below);
        let room = column.foot.width.saturating_sub(3);
        paint::text(buf, column.foot.x + 2, column.foot.y, room, &more, theme.dim, glyphs);
    }
    let all = state.columns.get(column.index).map_or(0, |c| c.ids.len());
    let shown = all.saturating_sub(column.above + column.below).max(1);
    if shown >= all || body.height < 6 || body.width < 8 {
        return;
    }
    let rows = usize::from(body.height);
    let length = (rows * shown / all).clamp(1, rows - 1);
    // It stands at an end only when that end is on the screen.
    let hidden = all - shown;
    let free = rows - length;
    let start = match (column.above.min(hidden), column.below) {
        (0, _) => 0,
        (_, 0) => free,
        (above, _) => (free * above / hidden).clamp(1.min(free), free.saturating_sub(1).max(1.min(free))),
    };
    for y in (body.y..body.bottom()).skip(start).take(length) {
        paint::text(buf, body.right() - 1, y, 1, glyphs.thumb, theme.border, glyphs);
    }
}

/// The card at the pointer.
fn ghost(state: &State, buf: &mut Buffer) {
    let Some(drag) = state.drag.as_ref().filter(|d| d.moving) else { return };
    let Some(card) = state.board.card(drag.card) else { return };
    let label = format!(" {} {} ", card.key(), paint::clean(&card.title));
    let (x, y) = (drag.at.0.saturating_add(1), drag.at.1);
    if x >= buf.area.right() || y >= buf.area.bottom() {
        return;
    }
    let width = 26.min(buf.area.right() - x);
    blank_cut_wide(buf, x, y, width);
    paint::text(buf, x, y, width, &label, state.theme.ghost, &state.glyphs);
}

/// Blanks wide characters that the ghost's edges would cut in two.
fn blank_cut_wide(buf: &mut Buffer, x: u16, y: u16, width: u16) {
    for edge in [x.checked_sub(1), Some(x + width - 1)].into_iter().flatten() {
        if paint::width(buf[(edge, y)].symbol()) > 1 {
            buf[(edge, y)].set_symbol(" ");
        }
    }
}
