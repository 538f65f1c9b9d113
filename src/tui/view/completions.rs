//! The ways a filter can go on, below it while it is typed: the chosen one is put in by tab.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::layout::Layout;
use crate::tui::paint;
use crate::tui::screens::pen;
use crate::tui::state::{State, View};

/// Rows at most; fewer where there is no room for so many and three rows of the board.
const ROWS: u16 = 8;
/// Cells at most.
const WIDTH: u16 = 56;

/// Draws them over the board.
pub(super) fn draw(state: &State, layout: &Layout, buf: &mut Buffer) {
    let line = &state.filter;
    if !line.editing || line.offered.is_empty() || state.view != View::Board || layout.filter.height == 0 {
        return;
    }
    let rows = ROWS.min(layout.body.height.saturating_sub(3)).min(line.offered.len() as u16);
    let named = line.offered.iter().map(|c| paint::width(&c.with)).max().unwrap_or(0);
    let told = line.offered.iter().map(|c| paint::width(c.about)).max().unwrap_or(0);
    let wanted = 3 + named + if told > 0 { told + 2 } else { 0 };
    let width = (wanted as u16).min(WIDTH).min(layout.filter.width.saturating_sub(2));
    if rows == 0 || width < 5 {
        return;
    }
    // Below the word it would complete, as far as there is room to the right.
    let before = line.offered.first().and_then(|c| line.text.get(..c.at.start)).map_or(0, paint::width);
    let x = layout.filter.x + 2 + (before as u16).min(layout.filter.width.saturating_sub(width + 2));
    let area = Rect { x, y: layout.filter.bottom(), width, height: rows };
    let first = line.chosen.saturating_sub(usize::from(rows) - 1);
    for (row, (n, offered)) in line.offered.iter().enumerate().skip(first).take(usize::from(rows)).enumerate()
    {
        let y = area.y + row as u16;
        let chosen = n == line.chosen;
        let style = if chosen { state.theme.selection } else { state.theme.input };
        paint::cut(buf, area.x, y);
        for x in area.left()..area.right().min(buf.area.right()) {
            buf[(x, y)].reset();
            buf[(x, y)].set_style(style);
        }
        // A glyph, not a colour alone, says which one is chosen.
        let mark = if chosen { state.glyphs.focus } else { " " };
        let end = paint::text(buf, area.x, y, 1, mark, style, &state.glyphs);
        let end = paint::text(buf, end + 1, y, width.saturating_sub(2), &offered.with, style, &state.glyphs);
        let about = (area.x + 2 + named as u16 + 2).max(end + 2);
        let room = area.right().saturating_sub(about + 1);
        paint::text(buf, about, y, room, offered.about, style.patch(state.theme.dim), &state.glyphs);
    }
    // There may be more ways than rows.
    pen::more(buf, area, &state.ctx(area), first, line.offered.len());
}
