//! The hints of the status bar, drawn where the layout has put them.

use ratatui::buffer::Buffer;

use crate::tui::layout::Layout;
use crate::tui::paint;
use crate::tui::state::State;

/// Draws the hints; with a chord that was begun, the ways it can go on, over the rows they need.
pub(super) fn draw(state: &State, layout: &Layout, buf: &mut Buffer) {
    let (theme, glyphs) = (&state.theme, &state.glyphs);
    if !state.keys.is_empty() {
        let status = layout.status;
        let top = layout.hints.iter().map(|h| h.area.y).min().unwrap_or(status.y);
        for y in top..status.bottom().min(buf.area.bottom()) {
            for x in status.left()..status.right().min(buf.area.right()) {
                buf[(x, y)].reset();
                buf[(x, y)].set_style(theme.text);
            }
        }
        let begun = format!("{} ..", state.keys.shown());
        let room = status.width.saturating_sub(1);
        paint::text(buf, status.x + 1, top, room, &begun, theme.key, glyphs);
    }
    for hint in &layout.hints {
        let at = hint.area;
        let end = paint::text(buf, at.x, at.y, at.width, &hint.key, theme.key, glyphs);
        let room = at.right().saturating_sub(end + 1);
        paint::text(buf, end + 1, at.y, room, &hint.word, theme.dim, glyphs);
    }
}
