//! The board: columns, cards, what is being dragged, and what stands there when there is nothing.

use ratatui::buffer::Buffer;

use crate::tui::layout::{ColumnBox, Layout, strip_label};
use crate::tui::paint;
use crate::tui::state::State;

mod card;
mod empty;
mod header;
mod lanes;

/// The least rows of a column whose edge shows which part of it is on the screen.
const THUMB_HEIGHT: u16 = 16;
/// The least cells of one.
const THUMB_WIDTH: u16 = 24;

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
        // All lanes scroll together: one mark is enough for them.
        let last = layout.columns.last().is_some_and(|c| c.index == column.index);
        if layout.lanes.is_empty() || last {
            thumb(state, column, buf);
        }
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

/// Says below a column how many cards there are beyond its end.
fn edges(state: &State, column: &ColumnBox, buf: &mut Buffer) {
    if column.below > 0 && column.foot.height > 0 {
        let more = format!("{} {} more", state.glyphs.below, column.below);
        let room = column.foot.width.saturating_sub(3);
        let foot = column.foot;
        paint::text(buf, foot.x + 2, foot.y, room, &more, state.theme.dim, &state.glyphs);
    }
}

/// Draws at a column's edge which part of its cards is on the screen, where there is room for more than the numbers
/// that say so.
fn thumb(state: &State, column: &ColumnBox, buf: &mut Buffer) {
    let body = column.body;
    let all = state.columns.get(column.index).map_or(0, |c| c.ids.len());
    let shown = all.saturating_sub(column.above + column.below).max(1);
    if shown >= all || body.height < THUMB_HEIGHT || body.width < THUMB_WIDTH {
        return;
    }
    let rows = usize::from(body.height);
    let length = (rows * shown / all).clamp(1, rows - 2);
    let free = rows - length;
    // It touches an end only when that end is on the screen.
    let start = match (column.above, column.below) {
        (0, _) => 0,
        (_, 0) => free,
        (above, _) => (free * above / (all - shown).max(1)).clamp(1, free - 1),
    };
    for y in (body.y..body.bottom()).skip(start).take(length) {
        paint::text(buf, body.right() - 1, y, 1, state.glyphs.bar, state.theme.border, &state.glyphs);
    }
}

/// The card at the pointer.
fn ghost(state: &State, buf: &mut Buffer) {
    // Where nothing shall move, the marked column and the status bar tell where the card would land.
    let Some(drag) = state.drag.as_ref().filter(|d| d.moving && state.settings.ui.motion) else { return };
    let Some(card) = state.board.card(drag.card) else { return };
    let label = match drag.cards.len() {
        0 | 1 => format!(" {} {} ", card.key(), paint::clean(&card.title)),
        _ => format!(" {} ", super::picked::dragged(state, drag)),
    };
    let (x, y) = (drag.at.0.saturating_add(1), drag.at.1);
    if x >= buf.area.right() || y >= buf.area.bottom() {
        return;
    }
    let most = if drag.cards.len() > 1 { u16::MAX } else { 26 };
    let width = most.min(buf.area.right() - x).min(paint::width(&label) as u16);
    for edge in [x, x + width] {
        paint::cut(buf, edge, y);
    }
    paint::text(buf, x, y, width, &label, state.theme.ghost, &state.glyphs);
}
