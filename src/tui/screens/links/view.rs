//! How the picker of links is drawn: what is typed, the rows under their headings, what is under way, and what enter
//! would do.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::list::{MOST, Row, Rows, What};
use super::{HEAD, LinksScreen};
use crate::config::keymap::Action;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Screen as _};
use crate::tui::screens::pen::{self, Pen};
use crate::tui::screens::shape::{clip, grouped};

/// Cells before what is typed.
pub(super) const PROMPT: usize = 2;
/// The widest a key is set.
const KEYS: usize = 18;

/// A line of the list: a heading, or the row with this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    Heading(&'static str),
    Row(usize),
}

/// The rows with a heading above the first of each kind.
pub(super) fn lines(rows: &[Row]) -> Vec<Line> {
    let mut out = Vec::new();
    for (n, row) in rows.iter().enumerate() {
        let heading = row.what.heading();
        if n == 0 || rows[n - 1].what.heading() != heading {
            out.push(Line::Heading(heading));
        }
        out.push(Line::Row(n));
    }
    out
}

impl LinksScreen {
    pub(super) fn draw(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        paint::frame(buf, ctx.area, &self.title(ctx), ctx.theme.border_focus, ctx);
        let inner = paint::inside(ctx.area);
        let mut prompt = Pen::new(buf, ctx, inner, 0);
        prompt.put(if ctx.glyphs.ascii { ">" } else { "›" }, ctx.theme.dim).skip(1);
        if self.typed.is_empty() {
            prompt.skip(1).put("type a number or words of a title", ctx.theme.dim);
        } else {
            prompt.put(&self.typed, ctx.theme.text);
        }
        if inner.height > 1 {
            paint::rule(buf, inner.x, inner.y + 1, inner.width, ctx.glyphs.rule, ctx.theme.border);
        }
        let rows = self.rows(ctx);
        self.draw_rows(buf, ctx, &rows);
        self.draw_state(buf, ctx, inner, &rows);
        self.draw_hints(buf, ctx, inner, &rows);
    }

    fn draw_rows(&self, buf: &mut Buffer, ctx: &Ctx<'_>, rows: &Rows) {
        let (top, area, lines) = self.window(ctx.area, &rows.rows);
        if rows.rows.is_empty() {
            let text = match (self.typed.is_empty(), ctx.loading) {
                (false, _) => "nothing matches",
                (true, true) => "the board is being read",
                (true, false) => "there is no other connection, and no card on one",
            };
            Pen::new(buf, ctx, area, 0).skip(PROMPT as u16).put(text, ctx.theme.dim);
        }
        let keys = rows.rows.iter().map(|r| paint::width(&r.key)).max().unwrap_or(0).clamp(4, KEYS);
        let focus = self.at(&rows.rows);
        for (n, line) in lines.iter().enumerate().skip(top).take(usize::from(area.height)) {
            let at = Rect { y: area.y + (n - top) as u16, height: 1, ..area };
            match line {
                Line::Heading(text) => {
                    Pen::new(buf, ctx, at, 0).put(text, ctx.theme.heading);
                }
                Line::Row(row) => {
                    let focused = *row == focus;
                    if focused {
                        buf.set_style(at, ctx.theme.selection);
                    }
                    draw_row(buf, ctx, at, &rows.rows[*row], keys as u16, focused);
                }
            }
        }
        pen::more(buf, Rect { width: area.width + 1, ..area }, ctx, top, lines.len());
    }

    /// One line on what is under way, or was refused.
    fn draw_state(&self, buf: &mut Buffer, ctx: &Ctx<'_>, inner: Rect, rows: &Rows) {
        if inner.height <= HEAD + 1 {
            return;
        }
        let mut pen = Pen::new(buf, ctx, inner, inner.height - 2);
        if let Some(refusal) = &self.refusal {
            pen.put(ctx.glyphs.cross, ctx.theme.error).skip(1).put(refusal, ctx.theme.error);
        } else if self.compared.is_some() {
            pen.put(&format!("reading both cards{}", ctx.glyphs.ellipsis), ctx.theme.dim);
        } else if self.twins.is_none() {
            pen.put(&format!("looking for the same work elsewhere{}", ctx.glyphs.ellipsis), ctx.theme.dim);
        } else if let Some(row) =
            rows.rows.get(self.at(&rows.rows)).filter(|r| matches!(r.what, What::Twin(_)))
        {
            // On the row itself the reasons may be cut.
            pen.put(&format!("{}: {}", row.key, row.note), ctx.theme.dim);
        } else if rows.more > 0 {
            let (shown, more) = (grouped(MOST as u64), grouped(rows.more as u64));
            pen.put(&format!("the first {shown} cards; typing finds the other {more}"), ctx.theme.dim);
        }
    }

    fn draw_hints(&self, buf: &mut Buffer, ctx: &Ctx<'_>, inner: Rect, rows: &Rows) {
        let Some(row) = inner.height.checked_sub(1) else { return };
        let focused = rows.rows.get(self.at(&rows.rows));
        let enter = focused.map(|row| match &row.what {
            What::On(name) => format!("take it off {name}"),
            What::New(name) => format!("make it on {name}"),
            What::Twin(_) | What::Card(_) => format!("link {}", clip(&row.key, KEYS, ctx.glyphs.ellipsis)),
        });
        let back = pen::key(ctx, Action::Back);
        let mut hints: Vec<(&str, &str)> = enter.iter().map(|what| ("enter", what.as_str())).collect();
        if focused.is_some_and(|row| matches!(row.what, What::Twin(_))) {
            hints.push(("ctrl-x", "not the same"));
        }
        hints.push((&back, if self.typed.is_empty() { "close" } else { "clear" }));
        Pen::new(buf, ctx, inner, row).hints(&hints);
    }
}

fn draw_row(buf: &mut Buffer, ctx: &Ctx<'_>, at: Rect, row: &Row, keys: u16, focused: bool) {
    // On the focus bar every colour but the text's own would be unreadable somewhere.
    let styled = |style: Style| if focused { ctx.theme.selection } else { style };
    let note = clip(&row.note, usize::from(at.width / 2), ctx.glyphs.ellipsis);
    let left = at.x + (keys + 6).min(at.width);
    let right = paint::text_right(buf, left, at.right(), at.y, &note, styled(ctx.theme.dim), ctx.glyphs);
    let room = right.saturating_sub(at.x + u16::from(right < at.right()) * 2);
    let mut pen = Pen::new(buf, ctx, Rect { width: room, ..at }, 0);
    let (mark, style) = match &row.what {
        What::On(_) => match row.mark {
            Some(mark) => (ctx.glyphs.mark(mark), ctx.theme.mark(mark)),
            None => (ctx.glyphs.check, ctx.theme.ok),
        },
        What::New(_) => ("+", ctx.theme.dim),
        What::Twin(_) => (ctx.glyphs.selected, ctx.theme.marked),
        What::Card(_) => (" ", ctx.theme.text),
    };
    pen.put(mark, styled(style)).skip(1);
    let (hits, after) = (row.matched.as_slice(), row.key.chars().count() + 1);
    let short = clip(&row.key, usize::from(keys), ctx.glyphs.ellipsis);
    put(&mut pen, &short, 0, hits, ctx, focused);
    pen.skip(keys.saturating_sub(paint::width(&short) as u16) + 2);
    put(&mut pen, &row.text, after, hits, ctx, focused);
}

/// Writes a text; characters that answer what is typed stand out. `from` is the place of its first one.
fn put(pen: &mut Pen<'_>, text: &str, from: usize, hits: &[usize], ctx: &Ctx<'_>, focused: bool) {
    let mut run = (String::new(), false);
    let style = |hit: bool| match (focused, hit) {
        (true, true) => ctx.theme.selection.underlined(),
        (true, false) => ctx.theme.selection,
        (false, true) => ctx.theme.hit,
        (false, false) => ctx.theme.text,
    };
    for (n, c) in text.chars().enumerate() {
        let hit = hits.binary_search(&(from + n)).is_ok();
        if hit != run.1 && !run.0.is_empty() {
            pen.put(&std::mem::take(&mut run.0), style(run.1));
        }
        run.0.push(c);
        run.1 = hit;
    }
    pen.put(&run.0, style(run.1));
}
