//! How the picker is drawn: what is typed, the rows, what the platforms say, and what enter would do.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::list::{Has, Offered, Row, RowName};
use super::{HEAD, PickerKind, PickerScreen};
use crate::config::keymap::Action;
use crate::support::text::one_line;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Screen as _};
use crate::tui::screens::fuzzy;
use crate::tui::screens::pen::{self, Pen};

/// Cells before what is typed.
pub(super) const PROMPT: usize = 2;

impl PickerScreen {
    pub(super) fn draw(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        paint::frame(buf, ctx.area, &self.title(ctx), ctx.theme.border_focus, ctx);
        let inner = paint::inside(ctx.area);
        let typed = &self.list.typed;
        let mut prompt = Pen::new(buf, ctx, inner, 0);
        prompt.put(if ctx.glyphs.ascii { ">" } else { "›" }, ctx.theme.dim).skip(1);
        if typed.is_empty() {
            prompt.skip(1).put("type to narrow", ctx.theme.dim);
        } else {
            prompt.put(typed, ctx.theme.text);
        }
        if inner.height > 1 {
            paint::rule(buf, inner.x, inner.y + 1, inner.width, ctx.glyphs.rule, ctx.theme.border);
        }
        self.draw_rows(buf, ctx);
        self.draw_sources(buf, ctx, inner);
        self.draw_hints(buf, ctx, inner);
    }

    fn draw_rows(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let (top, area) = self.window(ctx.area);
        let rows = self.list.rows();
        if rows.is_empty() {
            let text = if self.list.typed.is_empty() { self.nothing() } else { "nothing matches".to_owned() };
            Pen::new(buf, ctx, area, 0).skip(PROMPT as u16).put(&text, ctx.theme.dim);
        }
        for (n, row) in rows.iter().enumerate().skip(top).take(usize::from(area.height)) {
            let at = Rect { y: area.y + (n - top) as u16, height: 1, ..area };
            let focused = n == self.list.focus();
            if focused {
                buf.set_style(at, ctx.theme.selection);
            }
            draw_row(buf, ctx, at, row, focused);
        }
        pen::more(buf, Rect { width: area.width + 1, ..area }, ctx, top, rows.len());
    }

    fn nothing(&self) -> String {
        let many = match self.list.kind() {
            PickerKind::Labels => "labels",
            PickerKind::Assignees => "people",
            PickerKind::Milestone => "milestones",
            PickerKind::Priority => "priorities",
        };
        let asking = self.list.offered.iter().any(|(_, o)| *o == Offered::Loading);
        if asking { format!("asking for {many}") } else { format!("no {many} yet: type a name") }
    }

    /// One line on what is not known: a failure before a question that is still open.
    fn draw_sources(&self, buf: &mut Buffer, ctx: &Ctx<'_>, inner: Rect) {
        if inner.height <= HEAD + 1 {
            return;
        }
        let row = inner.height - 2;
        let mut pen = Pen::new(buf, ctx, inner, row);
        if let Some(refusal) = &self.refusal {
            let _ = pen.put(ctx.glyphs.cross, ctx.theme.error).skip(1).put(refusal, ctx.theme.error);
            return;
        }
        let failed = self.list.offered.iter().find_map(|(c, o)| match o {
            Offered::Failed(reason) => Some((c, reason)),
            _ => None,
        });
        if let Some((connection, reason)) = failed {
            let text = format!("{connection} does not say what it offers: {}", one_line(reason));
            pen.put(ctx.glyphs.warn, ctx.theme.warn).skip(1).put(&text, ctx.theme.warn);
        } else if let Some((connection, _)) = self.list.offered.iter().find(|(_, o)| *o == Offered::Loading) {
            pen.put(&format!("asking {connection} what it offers{}", ctx.glyphs.ellipsis), ctx.theme.dim);
        }
    }

    fn draw_hints(&self, buf: &mut Buffer, ctx: &Ctx<'_>, inner: Rect) {
        let Some(row) = inner.height.checked_sub(1) else { return };
        let enter = self.enter_does();
        let back = pen::key(ctx, Action::Back);
        let away = if self.list.typed.is_empty() { "cancel" } else { "clear" };
        let mut hints = vec![("enter", enter.as_str())];
        if self.list.kind().is_set() {
            hints.push(("tab", "on or off"));
        }
        hints.push((&back, away));
        Pen::new(buf, ctx, inner, row).hints(&hints);
    }

    /// What enter would do now, in words.
    fn enter_does(&self) -> String {
        let delta = self.list.delta();
        if self.list.kind().is_set() && !delta.is_empty() && self.list.typed.is_empty() {
            return match (delta.add.len(), delta.remove.len()) {
                (add, 0) => format!("add {add}"),
                (0, remove) => format!("take off {remove}"),
                (add, remove) => format!("add {add}, take off {remove}"),
            };
        }
        let set = self.list.kind().is_set();
        let Some(row) = self.list.focused().filter(|_| !set || self.enter_turns()) else {
            return "close".to_owned();
        };
        match (row.name, row.after) {
            (RowName::Nothing, _) => format!("no {}", self.list.kind().one()),
            (RowName::Known(name), Has::Yes) if set => format!("take off {}", short(&name)),
            (RowName::Known(name) | RowName::New(name), _) if set => format!("add {}", short(&name)),
            (RowName::Known(name), Has::Yes) => format!("keep {}", short(&name)),
            (RowName::Known(name) | RowName::New(name), _) => format!("set {}", short(&name)),
        }
    }
}

fn short(name: &str) -> String {
    crate::tui::screens::shape::clip(name, 20, "…")
}

fn draw_row(buf: &mut Buffer, ctx: &Ctx<'_>, at: Rect, row: &Row, focused: bool) {
    // On the reversed focus bar every colour but the text's own would be unreadable somewhere.
    let styled = |style: Style| if focused { ctx.theme.selection } else { style };
    let mark = match row.after {
        Has::Yes => ctx.glyphs.check,
        Has::Some => "-",
        Has::No => " ",
    };
    let (name, new) = match &row.name {
        RowName::Known(name) => (name.as_str(), false),
        RowName::New(name) => (name.as_str(), true),
        RowName::Nothing => ("none", false),
    };
    let note = match (row.before, row.after) {
        (Has::No | Has::Some, Has::Yes) if row.before != row.after => "add",
        (Has::Yes | Has::Some, Has::No) => "take off",
        (Has::Some, Has::Some) => "on some",
        _ => row.note.as_str(),
    };
    let room = at.width.saturating_sub(paint::width(note) as u16 + 3);
    let mut pen = Pen::new(buf, ctx, Rect { width: room.max(6).min(at.width), ..at }, 0);
    pen.put(mark, styled(ctx.theme.ok)).skip(1);
    if new {
        pen.put("+ ", styled(ctx.theme.dim));
    }
    for (run, hit) in fuzzy::runs(name, &row.matched) {
        let plain = if hit { ctx.theme.hit } else { ctx.theme.text };
        pen.put(&run, if focused && hit { ctx.theme.selection.underlined() } else { styled(plain) });
    }
    paint::text_right(buf, at.x + 2, at.right(), at.y, note, styled(ctx.theme.dim), ctx.glyphs);
}
