//! The dialogs over the sheet: a title, a new status, a target, and the two questions. What is wrong is said while
//! it is typed.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::{Dialog, MappingScreen};
use crate::config::keymap::Action;
use crate::config::mapping_draft::{MappingProblem, status_problem, title_problem};
use crate::config::{Cell, MappingDraft};
use crate::domain::mapping::Status;
use crate::support::text::one_line;
use crate::tui::paint;
use crate::tui::screen::{Ctx, centred};
use crate::tui::screens::mapping::NewStatus;
use crate::tui::screens::mapping::target::{Known, LabelRow, TargetEditor};
use crate::tui::screens::pen::{self, Pen};
use crate::tui::screens::shape::{count, window};

/// Cells of the names before the fields.
const NAMES: u16 = 8;

impl MappingScreen {
    fn dialog_area(&self, ctx: &Ctx<'_>) -> Option<Rect> {
        let (width, height) = match &self.dialog {
            Dialog::None => return None,
            Dialog::Add(_) => (64, 6),
            Dialog::Target(editor) => (64, editor.rows().len().clamp(6, 12) as u16 + 7),
            Dialog::Title(_) | Dialog::Remove | Dialog::Leave => (64, 5),
        };
        Some(centred(ctx.area, width, height))
    }

    pub(super) fn draw_dialog(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let Some(area) = self.dialog_area(ctx) else { return };
        for position in area.intersection(buf.area).positions() {
            buf[position].reset();
            buf[position].set_style(ctx.theme.text);
        }
        paint::frame(buf, area, &self.dialog_title(ctx), ctx.theme.border_focus, ctx);
        let inner = paint::inside(area);
        let back = pen::key(ctx, Action::Back);
        let enter: &[(&str, &str)] = &[("enter", "take over"), (&back, "cancel")];
        match &self.dialog {
            Dialog::None => {}
            Dialog::Title(field) => {
                field.render(buf, one_row(inner, 0), ctx);
                wrong(buf, ctx, inner, 1, self.title_wrong(&field.text()).as_deref());
                Pen::new(buf, ctx, inner, 2).hints(enter);
            }
            Dialog::Add(new) => self.draw_new(buf, ctx, inner, new, &back),
            Dialog::Target(editor) => self.draw_target(buf, ctx, inner, editor, &back),
            Dialog::Remove => {
                let cards = self.sheet.status().map_or(0, |s| ctx.board.count_in(s));
                let text = if cards == 0 {
                    "No card stands there.".to_owned()
                } else {
                    format!("{} would stand in a column that is assumed.", count(cards, "card", "cards"))
                };
                Pen::new(buf, ctx, inner, 0).put(&text, ctx.theme.text);
                Pen::new(buf, ctx, inner, 2).hints(&[("y", "remove"), ("any other key", "keep")]);
            }
            Dialog::Leave => {
                Pen::new(buf, ctx, inner, 0).put("They are not saved.", ctx.theme.text);
                Pen::new(buf, ctx, inner, 2).hints(&[("y", "give them up"), ("any other key", "go on")]);
            }
        }
    }

    fn draw_new(&self, buf: &mut Buffer, ctx: &Ctx<'_>, inner: Rect, new: &NewStatus, back: &str) {
        for (row, name, focused) in [(0, "Title", !new.on_name), (1, "Status", new.on_name)] {
            let style = if focused { ctx.theme.title } else { ctx.theme.dim };
            Pen::new(buf, ctx, inner, row).put(name, style);
        }
        new.title.render(buf, value(inner, 0), ctx);
        match &new.name {
            Some(field) => field.render(buf, value(inner, 1), ctx),
            None => {
                Pen::new(buf, ctx, value(inner, 1), 0).put(&new.name(), ctx.theme.dim);
            }
        }
        let name = new.name();
        let taken = self.sheet.draft().row(&Status::new(name.clone())).is_some();
        let problem = match title_problem(&new.title.text()) {
            // An untouched form is not told that it is empty.
            Some(_) if new.title.text().is_empty() && new.name.is_none() => None,
            Some(problem) => Some(problem),
            None if taken => Some(format!("there is already a status `{name}`")),
            None => status_problem(&name).map(|(m, _)| m),
        };
        wrong(buf, ctx, inner, 2, problem.as_deref());
        Pen::new(buf, ctx, inner, 3).hints(&[("enter", "add"), ("tab", "next field"), (back, "cancel")]);
    }

    fn draw_target(&self, buf: &mut Buffer, ctx: &Ctx<'_>, inner: Rect, editor: &TargetEditor, back: &str) {
        Pen::new(buf, ctx, inner, 0)
            .field("State", NAMES, ctx.theme.dim)
            .put(ctx.glyphs.left, ctx.theme.dim)
            .skip(1)
            .put(editor.state.word(), ctx.theme.title)
            .skip(1)
            .put(ctx.glyphs.right, ctx.theme.dim);
        let mut label = Pen::new(buf, ctx, inner, 1);
        let (one, many) = editor.by.words();
        label.field(editor.by.head(), NAMES, ctx.theme.dim);
        if editor.typed.is_empty() {
            label.skip(1).put("type to narrow, or a new one", ctx.theme.dim);
        } else {
            label.put(&editor.typed, ctx.theme.input);
        }
        let list = Rect { y: inner.y + 2.min(inner.height), height: inner.height.saturating_sub(5), ..inner };
        let rows = editor.rows();
        let top = window(0, editor.focus(), usize::from(list.height), rows.len());
        for (n, row) in rows.iter().enumerate().skip(top).take(usize::from(list.height)) {
            let focused = n == editor.focus();
            let at = Rect { y: list.y + (n - top) as u16, height: 1, ..list };
            let style = if focused { ctx.theme.selection } else { ctx.theme.text };
            if focused {
                buf.set_style(at, style);
            }
            let mut pen = Pen::new(buf, ctx, at, 0);
            pen.skip(NAMES);
            match row {
                LabelRow::None => pen.put("no ", style).put(one, style),
                LabelRow::Known(label) => pen.put(label, style),
                LabelRow::New(label) => pen.put("+ ", style).put(label, style).put("  (new)", style),
            };
        }
        pen::more(buf, Rect { width: list.width + 1, ..list }, ctx, top, rows.len());
        let foot = inner.height.saturating_sub(3);
        match &editor.known {
            Known::Asked => {
                let text = format!("asking which {many} there are{}", ctx.glyphs.ellipsis);
                Pen::new(buf, ctx, inner, foot).put(&text, ctx.theme.dim);
            }
            Known::Failed(why) => {
                let text = format!("the {many} could not be had: {}", one_line(why));
                Pen::new(buf, ctx, inner, foot)
                    .put(ctx.glyphs.warn, ctx.theme.warn)
                    .skip(1)
                    .put(&text, ctx.theme.warn);
            }
            Known::Labels(_) => {}
        }
        wrong(buf, ctx, inner, foot + 1, self.target_wrong(editor).as_deref());
        let hints = [("enter", "take over"), ("tab", "state"), ("up down", one), (back, "cancel")];
        Pen::new(buf, ctx, inner, foot + 2).hints(&hints);
    }

    /// What would be wrong with the cell under the cursor if this title were taken over.
    fn title_wrong(&self, title: &str) -> Option<String> {
        let row = self.sheet.cursor().0;
        let with = |d: &mut MappingDraft| d.rename(row, title.trim());
        self.tried(with, |p| p.at == Cell::Title(row))
    }

    fn target_wrong(&self, editor: &TargetEditor) -> Option<String> {
        let status = self.sheet.status()?;
        let connection = self.sheet.connection(self.sheet.cursor().1)?;
        let with = |d: &mut MappingDraft| d.set_target(connection, status, editor.target());
        let about = |p: &MappingProblem| match &p.at {
            Cell::Target(c, _) | Cell::Connection(c) => c == connection,
            Cell::Board | Cell::Status(_) | Cell::Title(_) => false,
        };
        self.tried(with, about)
    }

    fn tried(
        &self,
        with: impl Fn(&mut MappingDraft),
        about: impl Fn(&MappingProblem) -> bool,
    ) -> Option<String> {
        let mut draft = self.sheet.draft().clone();
        with(&mut draft);
        draft.problems().into_iter().find(about).map(|p| p.message)
    }

    pub(in crate::tui::screens::mapping) fn cursor_in_dialog(&self, ctx: &Ctx<'_>) -> Option<Position> {
        let inner = paint::inside(self.dialog_area(ctx)?);
        match &self.dialog {
            Dialog::Title(field) => field.cursor(one_row(inner, 0)),
            Dialog::Add(new) if !new.on_name => new.title.cursor(value(inner, 0)),
            Dialog::Add(new) => new.name.as_ref().and_then(|f| f.cursor(value(inner, 1))),
            Dialog::Target(editor) => {
                let area = value(inner, 1);
                let x = area.x + paint::width(&editor.typed) as u16;
                area.contains(Position::new(x, area.y)).then(|| Position::new(x, area.y))
            }
            Dialog::None | Dialog::Remove | Dialog::Leave => None,
        }
    }
}

fn wrong(buf: &mut Buffer, ctx: &Ctx<'_>, area: Rect, row: u16, message: Option<&str>) {
    if let Some(message) = message {
        Pen::new(buf, ctx, area, row)
            .put(ctx.glyphs.cross, ctx.theme.error)
            .skip(1)
            .put(message, ctx.theme.error);
    }
}

fn one_row(area: Rect, row: u16) -> Rect {
    if row < area.height { Rect { y: area.y + row, height: 1, ..area } } else { Rect { height: 0, ..area } }
}

/// A row without the name before it.
fn value(area: Rect, row: u16) -> Rect {
    let names = NAMES.min(area.width);
    let row = one_row(area, row);
    Rect { x: row.x + names, width: row.width - names, ..row }
}
