//! Writing along one row, piece by piece, and putting ready lines into an area. Never leaves what it was given.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Widget as _;

use crate::config::keymap::Action;
use crate::tui::paint;
use crate::tui::screen::Ctx;

/// A place on a row that moves right as it writes.
pub struct Pen<'a> {
    buf: &'a mut Buffer,
    ctx: &'a Ctx<'a>,
    x: u16,
    y: u16,
    right: u16,
}

impl<'a> Pen<'a> {
    /// A pen at the left end of a row of `area`; one that writes nothing when the area has no such row.
    pub fn new(buf: &'a mut Buffer, ctx: &'a Ctx<'a>, area: Rect, row: u16) -> Self {
        let right = if row < area.height { area.right() } else { area.x };
        Self { buf, ctx, x: area.x, y: area.y.saturating_add(row), right }
    }

    /// Cells left on the row.
    pub fn room(&self) -> u16 {
        self.right.saturating_sub(self.x)
    }

    /// Writes a text, made harmless and cut where the row ends.
    pub fn put(&mut self, text: &str, style: Style) -> &mut Self {
        let room = self.room();
        if room > 0 {
            self.x = paint::text(self.buf, self.x, self.y, room, text, style, self.ctx.glyphs);
        }
        self
    }

    /// Writes a text into a field of `cells`, cut or followed by blanks.
    pub fn field(&mut self, text: &str, cells: u16, style: Style) -> &mut Self {
        let cells = cells.min(self.room());
        if cells > 0 {
            paint::text(self.buf, self.x, self.y, cells, text, style, self.ctx.glyphs);
        }
        self.skip(cells)
    }

    /// Goes right over cells as they are.
    pub fn skip(&mut self, cells: u16) -> &mut Self {
        self.x = self.x.saturating_add(cells).min(self.right.max(self.x));
        self
    }

    /// Writes hints: each key with what it does.
    pub fn hints(&mut self, hints: &[(&str, &str)]) -> &mut Self {
        for (n, (key, what)) in hints.iter().enumerate() {
            if n > 0 {
                self.skip(3);
            }
            let (key_style, dim) = (self.ctx.theme.key, self.ctx.theme.dim);
            let needed = paint::width(key) + 1 + paint::width(what);
            // Half a hint says nothing.
            if usize::from(self.room()) < needed {
                break;
            }
            self.put(key, key_style).skip(1).put(what, dim);
        }
        self
    }
}

/// Draws lines from the one numbered `top` on, as many as the area has rows.
pub fn lines(buf: &mut Buffer, area: Rect, lines: &[Line<'_>], top: usize) {
    for (line, y) in lines.iter().skip(top).zip(area.y..area.bottom()) {
        line.render(Rect { y, height: 1, ..area }, buf);
    }
}

/// Marks at the right edge of an area that there is more above or below what is shown.
pub fn more(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, top: usize, total: usize) {
    let (Some(x), Some(bottom)) = (area.right().checked_sub(1), area.bottom().checked_sub(1)) else { return };
    if area.is_empty() {
        return;
    }
    if top > 0 {
        paint::text(buf, x, area.y, 1, ctx.glyphs.above, ctx.theme.dim, ctx.glyphs);
    }
    if top + usize::from(area.height) < total {
        paint::text(buf, x, bottom, 1, ctx.glyphs.below, ctx.theme.dim, ctx.glyphs);
    }
}

/// The key of an action as it is bound now; the action's name when it has none.
pub fn key(ctx: &Ctx<'_>, action: Action) -> String {
    ctx.keymap.hint_in(ctx.layer, action).unwrap_or_else(|| format!(":{action}"))
}
