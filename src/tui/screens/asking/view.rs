//! How the question is drawn: what it is for, what is typed, the rows, and what enter would do.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{AskingScreen, HEAD, Purpose, Row};
use crate::config::keymap::Action;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Screen as _};
use crate::tui::screens::fuzzy;
use crate::tui::screens::pen::{self, Pen};

/// Cells before what is typed.
pub(super) const PROMPT: usize = 2;

impl AskingScreen {
    pub(super) fn draw(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let Some(want) = self.want() else { return };
        paint::frame(buf, ctx.area, &self.title(ctx), ctx.theme.border_focus, ctx);
        let inner = paint::inside(ctx.area);
        let of = if self.wants.len() > 1 {
            format!(" ({} of {})", self.at + 1, self.wants.len())
        } else {
            String::new()
        };
        let purpose = format!("to make {} {}{of}", self.subject(ctx), want.status);
        Pen::new(buf, ctx, inner, 0).put(&purpose, ctx.theme.dim);
        let mut prompt = Pen::new(buf, ctx, inner, 1);
        prompt.put(if ctx.glyphs.ascii { ">" } else { "›" }, ctx.theme.dim).skip(1);
        match (self.typed.is_empty(), want.need.values.is_empty()) {
            (false, _) => prompt.put(&self.typed, ctx.theme.text),
            (true, true) => prompt.skip(1).put("type it", ctx.theme.dim),
            (true, false) => prompt.skip(1).put("type to narrow", ctx.theme.dim),
        };
        if inner.height >= HEAD {
            paint::rule(buf, inner.x, inner.y + 2, inner.width, ctx.glyphs.rule, ctx.theme.border);
        }
        self.draw_rows(buf, ctx);
        if let Some(refusal) = self.refusal.as_ref().filter(|_| inner.height > HEAD + 1) {
            let mut pen = Pen::new(buf, ctx, inner, inner.height - 2);
            pen.put(ctx.glyphs.cross, ctx.theme.error).skip(1).put(refusal, ctx.theme.error);
        }
        self.draw_hints(buf, ctx, inner);
    }

    fn draw_rows(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let (top, area) = self.window(ctx.area);
        let rows = self.rows();
        if rows.is_empty() {
            Pen::new(buf, ctx, area, 0).skip(PROMPT as u16).put("nothing matches", ctx.theme.dim);
        }
        for (n, row) in rows.iter().enumerate().skip(top).take(usize::from(area.height)) {
            let at = Rect { y: area.y + (n - top) as u16, height: 1, ..area };
            let focused = n == self.focus;
            let style = if focused { ctx.theme.selection } else { ctx.theme.text };
            if focused {
                buf.set_style(at, style);
            }
            let mut pen = Pen::new(buf, ctx, at, 0);
            pen.skip(PROMPT as u16);
            match row {
                Row::Value(value, matched) => {
                    for (run, hit) in fuzzy::runs(value, matched) {
                        let marked = if focused { style.underlined() } else { ctx.theme.hit };
                        pen.put(&run, if hit { marked } else { style });
                    }
                }
                Row::Typed if self.typed.is_empty() => {
                    pen.put("any text", if focused { style } else { ctx.theme.dim });
                }
                Row::Typed => {
                    pen.put(&format!("give \"{}\"", self.typed.trim()), style);
                }
                Row::Back => {
                    let back =
                        if let Purpose::Waiting { back, .. } = &self.purpose { back.as_str() } else { "" };
                    let title = ctx.settings.columns.iter().find(|c| c.status.as_str() == back);
                    let title = title.map_or(back, |c| c.title.as_str());
                    let words = format!("take the move back to {title}, everywhere");
                    pen.put(&words, if focused { style } else { ctx.theme.warn });
                }
            }
        }
        pen::more(buf, Rect { width: area.width + 1, ..area }, ctx, top, rows.len());
    }

    fn draw_hints(&self, buf: &mut Buffer, ctx: &Ctx<'_>, inner: Rect) {
        let Some(row) = inner.height.checked_sub(1) else { return };
        let last = self.at + 1 == self.wants.len();
        let enter = match (self.rows().get(self.focus), &self.purpose) {
            (Some(Row::Back), _) => "take it back",
            (_, Purpose::Move(_)) if last => "move",
            (_, Purpose::Waiting { .. }) if last => "send",
            _ => "next",
        };
        let back = pen::key(ctx, Action::Back);
        let away = match (self.typed.is_empty(), &self.purpose) {
            (false, _) => "clear",
            (true, Purpose::Move(_)) => "do not move",
            (true, Purpose::Waiting { .. }) => "later",
        };
        Pen::new(buf, ctx, inner, row).hints(&[("enter", enter), (&back, away)]);
    }
}
